/*
 * trigger.c - the text of the triggers.
 *
 * Per table, where 1 is its number and 0, 2 its columns' numbers:
 *
 *	simpul_1_i	after insert: all columns of this row
 *	simpul_1_u	after update: a bit per changed column.  No column list: a column that ALTER TABLE
 *			added later must still leave a hint
 *	simpul_1_k	after the key changed: look at the old key, all columns of the new one
 *	simpul_1_d	after delete: look at this key
 *	simpul_1_b2	after update of column 2, declared BLOB: comparing it in simpul_1_u would read large
 *			values that the statement never touched
 *	simpul_1_x0i	before insert, and x0u before update: INSERT OR REPLACE evicts rows that hold the
 *			same value of a UNIQUE index, and fires no delete trigger for them
 *
 * Any function call in a trigger makes SQLite open a statement journal and copy each page that the
 * statement touches, and no other text gives the time.  Inserts into a table with a UNIQUE key have that
 * journal anyway, as soon as there is any trigger; updates pay for it.  Deletes carry no time, and stay
 * cheap.  The time is kept as julianday() gives it: making milliseconds of it is the reader's work.
 *
 * Where an update's cost goes, in instructions of SQLite 3.40 per row of 12 columns: 12,400 the update
 * itself, 4,600 the hint, 8,100 the mask, 5,600 the time with its journal.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "capture/trigger.h"

#define NOW "julianday()"
#define TRIGGERS_ALWAYS 4 /* i, u, k, d: first in each plan */
#define TRIGGERS_MAX (4 + (int)LIMIT_COLUMNS + 2 * (int)LIMIT_COLUMNS)

struct plan {
	struct arena *arena;
	const struct catalog_table *table;
	struct trigger_set set;
};

static void quoted(struct buf *sql, const char *before, const char *name)
{
	buf_text(sql, before);
	sql_quote(sql, name);
}

static const char *key_name(const struct catalog_table *table, int key)
{
	return table->column[table->key[key]].name;
}

/* k1,k2 and, where the key holds the scope, s */
static void key_targets(struct buf *sql, const struct catalog_table *table)
{
	for (int i = 0; i < table->keys; i++)
		buf_print(sql, ",k%d", i + 1);
	if (table->scope_in_key)
		buf_text(sql, ",s");
}

static void key_values(struct buf *sql, const struct catalog_table *table, const char *row)
{
	for (int i = 0; i < table->keys; i++) {
		buf_text(sql, ",");
		quoted(sql, row, key_name(table, i));
	}
	if (table->scope_in_key) {
		buf_text(sql, ",");
		quoted(sql, row, CATALOG_SCOPE_COLUMN);
	}
}

/* OLD."x" IS NOT NEW."x", by bytes whatever the column's collation. */
static void differs(struct buf *sql, const char *column)
{
	quoted(sql, "OLD.", column);
	quoted(sql, " IS NOT NEW.", column);
	buf_text(sql, " COLLATE BINARY");
}

static void begin(struct buf *sql, struct plan *plan, const char *suffix, const char *event)
{
	buf_print(sql, "CREATE TRIGGER simpul_%d_%s %s", plan->table->no, suffix, event);
}

static void on_table(struct buf *sql, const struct plan *plan)
{
	quoted(sql, " ON ", plan->table->name);
}

static void add(struct plan *plan, const char *suffix, struct buf *sql)
{
	plan->set.trigger[plan->set.triggers++] = (struct trigger){
		.name = arena_print(plan->arena, "simpul_%d_%s", plan->table->no, suffix),
		.sql = arena_text(plan->arena, buf_string(sql)),
	};
}

static void plan_insert(struct plan *plan)
{
	AUTO_BUF sql = { 0 };

	begin(&sql, plan, "i", "AFTER INSERT");
	on_table(&sql, plan);
	buf_text(&sql, " BEGIN INSERT INTO simpul_log(t,m,ts");
	key_targets(&sql, plan->table);
	buf_print(&sql, ") VALUES(%d,%d,%s", plan->table->no, TRIGGER_MASK_INSERTED, NOW);
	key_values(&sql, plan->table, "NEW.");
	buf_text(&sql, "); END");
	add(plan, "i", &sql);
}

static bool is_blob(const struct catalog_column *column)
{
	for (const char *p = column->type; *p != '\0'; p++)
		if (sqlite3_strnicmp(p, "blob", 4) == 0)
			return true;
	return false;
}

/*
 * To IS, 1 and 1.0 are the same, and a column that converts neither can hold both.  Their texts differ.  A
 * cast is no function to SQLite, and it leaves text as it is.
 */
static void same(struct buf *sql, const struct catalog_column *c)
{
	quoted(sql, "OLD.", c->name);
	quoted(sql, " IS NEW.", c->name);
	buf_text(sql, " COLLATE BINARY");
	if (c->type[0] != '\0' && !is_blob(c) && sqlite3_stricmp(c->type, "any") != 0)
		return;
	quoted(sql, " AND CAST(OLD.", c->name);
	quoted(sql, " AS TEXT) IS CAST(NEW.", c->name);
	buf_text(sql, " AS TEXT)");
}

/*
 * A sum of CASEs, not of shifted comparisons: those jump over what is equal, which is most, and took a
 * fifth off the trigger's time.
 */
static void mask(struct buf *sql, const struct catalog_table *table)
{
	const char *joint = "";

	for (int i = 0; i < table->columns; i++) {
		const struct catalog_column *c = &table->column[i];

		if (catalog_is_key(table, i) || is_blob(c))
			continue;
		buf_print(sql, "%sCASE WHEN ", joint);
		same(sql, c);
		buf_print(sql, " THEN 0 ELSE %lld END", (long long)trigger_bit(c->no));
		joint = "|";
	}
	if (joint[0] == '\0')
		buf_text(sql, "0");
}

static void plan_update(struct plan *plan)
{
	AUTO_BUF sql = { 0 };

	begin(&sql, plan, "u", "AFTER UPDATE");
	on_table(&sql, plan);
	buf_text(&sql, " BEGIN INSERT INTO simpul_log(t,m,ts");
	key_targets(&sql, plan->table);
	buf_print(&sql, ") VALUES(%d,", plan->table->no);
	mask(&sql, plan->table);
	buf_text(&sql, "," NOW);
	key_values(&sql, plan->table, "NEW.");
	buf_text(&sql, "); END");
	add(plan, "u", &sql);
}

static void plan_blob(struct plan *plan, const struct catalog_column *column)
{
	AUTO_BUF sql = { 0 };
	char suffix[16];

	snprintf(suffix, sizeof(suffix), "b%d", column->no);
	begin(&sql, plan, suffix, "AFTER UPDATE OF ");
	sql_quote(&sql, column->name);
	on_table(&sql, plan);
	buf_text(&sql, " WHEN NOT (");
	same(&sql, column);
	buf_text(&sql, ") BEGIN INSERT INTO simpul_log(t,m,ts");
	key_targets(&sql, plan->table);
	buf_print(&sql, ") VALUES(%d,%lld," NOW, plan->table->no,
		  (long long)trigger_bit(column->no));
	key_values(&sql, plan->table, "NEW.");
	buf_text(&sql, "); END");
	add(plan, suffix, &sql);
}

/*
 * A rowid alias can be changed as "rowid" too, which "UPDATE OF id" does not see: there the trigger has
 * no column list.
 */
static void plan_key(struct plan *plan)
{
	const struct catalog_table *table = plan->table;
	AUTO_BUF sql = { 0 };

	begin(&sql, plan, "k", "AFTER UPDATE");
	for (int i = 0; i < table->keys && !table->integer_key; i++)
		quoted(&sql, i == 0 ? " OF " : ",", key_name(table, i));
	if (table->scope_in_key)
		quoted(&sql, ",", CATALOG_SCOPE_COLUMN);
	on_table(&sql, plan);
	for (int i = 0; i < table->keys; i++) {
		buf_text(&sql, i == 0 ? " WHEN " : " OR ");
		differs(&sql, key_name(table, i));
	}
	if (table->scope_in_key) {
		buf_text(&sql, " OR ");
		differs(&sql, CATALOG_SCOPE_COLUMN);
	}
	buf_text(&sql, " BEGIN INSERT INTO simpul_log(t,m");
	key_targets(&sql, table);
	buf_print(&sql, ") VALUES(%d,0", table->no);
	key_values(&sql, table, "OLD.");
	buf_print(&sql, "),(%d,%d", table->no, TRIGGER_MASK_INSERTED);
	key_values(&sql, table, "NEW.");
	buf_text(&sql, "); END");
	add(plan, "k", &sql);
}

static void plan_delete(struct plan *plan)
{
	AUTO_BUF sql = { 0 };

	begin(&sql, plan, "d", "AFTER DELETE");
	on_table(&sql, plan);
	buf_text(&sql, " BEGIN INSERT INTO simpul_log(t,m");
	key_targets(&sql, plan->table);
	buf_print(&sql, ") VALUES(%d,0", plan->table->no);
	key_values(&sql, plan->table, "OLD.");
	buf_text(&sql, "); END");
	add(plan, "d", &sql);
}

struct unique { /* a UNIQUE index beside the key */
	struct buf where; /* "a"=NEW."a" COLLATE "c" AND ... */
	struct buf list;  /* of its columns */
	bool plain;	  /* without expressions */
	bool generated;	  /* with a generated column: "UPDATE OF" it never happens */
};

static void unique_done(struct unique *u)
{
	buf_done(&u->where);
	buf_done(&u->list);
}

#define AUTO_UNIQUE __attribute__((cleanup(unique_done))) struct unique

static bool unique_read(struct db *db, const struct catalog_table *table, const char *index,
			struct unique *u, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	u->plain = true;
	if (!db_prepare(db, "SELECT cid, name, coll FROM pragma_index_xinfo(?1) WHERE key = 1"
			    " ORDER BY seqno", &s, e))
		return false;
	stmt_text(&s, 1, index);
	while (true) {
		const char *name;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		if (stmt_get_int(&s, 0) < 0) { /* an expression, or the rowid */
			u->plain = false;
			continue;
		}
		name = stmt_get_text(&s, 1);
		u->generated |= catalog_column_by_name(table, name, strlen(name)) == NULL &&
				strcmp(name, CATALOG_SCOPE_COLUMN) != 0;
		quoted(&u->where, "", name);
		quoted(&u->where, "=NEW.", name);
		quoted(&u->where, " COLLATE ", stmt_get_text(&s, 2));
		buf_text(&u->where, " AND ");
		quoted(&u->list, u->list.len == 0 ? " OF " : ",", name);
	}
}

static void plan_unique(struct plan *plan, int number, struct unique *u, bool insert)
{
	const struct catalog_table *table = plan->table;
	AUTO_BUF sql = { 0 };
	char suffix[16];

	snprintf(suffix, sizeof(suffix), "x%d%c", number, insert ? 'i' : 'u');
	begin(&sql, plan, suffix, insert ? "BEFORE INSERT" : "BEFORE UPDATE");
	if (!insert && !u->generated)
		buf_text(&sql, buf_string(&u->list));
	on_table(&sql, plan);
	buf_text(&sql, " BEGIN INSERT INTO simpul_log(t,m");
	key_targets(&sql, table);
	buf_print(&sql, ") SELECT %d,0", table->no);
	key_values(&sql, table, "");
	quoted(&sql, " FROM ", table->name);
	buf_print(&sql, " WHERE %s(", buf_string(&u->where));
	for (int i = 0; i < table->keys; i++) {
		quoted(&sql, i == 0 ? "" : " OR ", key_name(table, i));
		quoted(&sql, insert ? " IS NOT NEW." : " IS NOT OLD.", key_name(table, i));
	}
	if (table->scope_in_key) {
		quoted(&sql, " OR ", CATALOG_SCOPE_COLUMN);
		quoted(&sql, insert ? " IS NOT NEW." : " IS NOT OLD.", CATALOG_SCOPE_COLUMN);
	}
	buf_text(&sql, "); END");
	add(plan, suffix, &sql);
}

static bool plan_uniques(struct db *db, struct plan *plan, struct err *e)
{
	AUTO_STMT s = { 0 };
	int number = 0;
	bool row;

	if (!db_prepare(db, "SELECT name FROM pragma_index_list(?1) WHERE \"unique\" = 1"
			    " AND origin <> 'pk' AND partial = 0 ORDER BY name", &s, e))
		return false;
	stmt_text(&s, 1, plan->table->name);
	while (plan->set.triggers + 2 <= TRIGGERS_MAX) {
		AUTO_UNIQUE u = { 0 };

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		if (!unique_read(db, plan->table, stmt_get_text(&s, 0), &u, e))
			return false;
		if (!u.plain)
			continue;
		plan_unique(plan, number, &u, true);
		plan_unique(plan, number, &u, false);
		number++;
	}
	return err_set(e, ERR_CANNOT_ATTACH, "table %s has too many UNIQUE indexes", plan->table->name);
}

bool trigger_plan(struct db *db, struct arena *arena, const struct catalog_table *table,
		  struct trigger_set *ret, struct err *e)
{
	struct plan plan = { .arena = arena, .table = table };

	plan.set.trigger = arena_take(arena, TRIGGERS_MAX * sizeof(*plan.set.trigger));
	plan_insert(&plan);
	plan_update(&plan);
	plan_key(&plan);
	plan_delete(&plan);
	for (int i = 0; i < table->columns; i++)
		if (!catalog_is_key(table, i) && is_blob(&table->column[i]))
			plan_blob(&plan, &table->column[i]);
	if (!plan_uniques(db, &plan, e))
		return false;
	*ret = plan.set;
	return true;
}

static bool find_triggers(struct db *db, int table_no, struct stmt *ret, struct err *e)
{
	char pattern[48];

	if (!db_prepare(db, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
			    " AND name GLOB ?1 ORDER BY rowid", ret, e))
		return false;
	snprintf(pattern, sizeof(pattern), "simpul_%d_*", table_no);
	stmt_text(ret, 1, pattern);
	return true;
}

bool trigger_compare(struct db *db, int table_no, const struct trigger_set *plan,
		     struct trigger_state *ret, struct err *e)
{
	struct trigger_state state = { .missing = plan->triggers };
	AUTO_STMT s = { 0 };
	int always = 0;
	bool row;

	if (!find_triggers(db, table_no, &s, e))
		return false;
	while (true) {
		int i;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		for (i = 0; i < plan->triggers; i++)
			if (strcmp(plan->trigger[i].name, stmt_get_text(&s, 0)) == 0)
				break;
		state.missing -= i < plan->triggers;
		always += i < TRIGGERS_ALWAYS;
		state.different += i == plan->triggers ||
				   strcmp(plan->trigger[i].sql, stmt_get_text(&s, 1)) != 0;
	}
	state.escaped = always < TRIGGERS_ALWAYS;
	*ret = state;
	return true;
}

bool trigger_drop(struct db *db, int table_no, struct err *e)
{
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	if (!find_triggers(db, table_no, &s, e))
		return false;
	do {
		if (!stmt_row(&s, &row, e))
			return false;
		if (row) {
			quoted(&sql, "DROP TRIGGER ", stmt_get_text(&s, 0));
			buf_text(&sql, ";");
		}
	} while (row);
	stmt_close(&s);
	return db_exec(db, buf_string(&sql), e);
}

bool trigger_install(struct db *db, int table_no, const struct trigger_set *plan, struct err *e)
{
	if (!trigger_drop(db, table_no, e))
		return false;
	for (int i = 0; i < plan->triggers; i++)
		if (!db_exec(db, plan->trigger[i].sql, e))
			return err_wrap(e, "trigger %s", plan->trigger[i].name);
	return true;
}

void trigger_look_again(struct buf *sql, const struct catalog_table *table, int64_t mask_bits,
			const char *where)
{
	buf_text(sql, "INSERT INTO simpul_log(t,m,ts");
	key_targets(sql, table);
	buf_print(sql, ") SELECT %d,%lld,?1", table->no, (long long)mask_bits);
	key_values(sql, table, "");
	quoted(sql, " FROM ", table->name);
	if (where != NULL)
		buf_print(sql, " WHERE %s", where);
}

int64_t trigger_whole_groups(const struct catalog_table *table, int64_t mask)
{
	int64_t wide = mask;

	for (int i = 0; i < table->columns; i++)
		for (int k = 0; table->column[i].group != 0 && k < table->columns; k++)
			if (table->column[k].group == table->column[i].group &&
			    (mask & trigger_bit(table->column[k].no)) != 0)
				wide |= trigger_bit(table->column[i].no);
	return wide;
}
