/*
 * repair.c - numbers follow names, triggers follow numbers.
 *
 * A column is recognised by its name; one whose name is new but that stands where a vanished one stood is
 * that one, renamed.  Numbers are never given twice, because version rows and log masks speak of them.
 */
#include <string.h>

#include "capture/check.h"
#include "capture/diff.h"
#include "capture/repair.h"
#include "capture/trigger.h"

struct known_column {
	int no;
	int at; /* -1: not a column of the table; a former one, or one that others' documents have */
	const char *name;
	bool taken;
};

struct numbering {
	struct db *db;
	struct arena *arena;
	struct buf *report;
	struct catalog_table *table; /* as described: its column numbers are positions */
	struct known_column known[LIMIT_COLUMNS];
	int knowns;
	int next_no;
	int64_t new_bits; /* of columns that the old triggers did not know */
};

static bool read_known(struct numbering *n, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	n->knowns = n->next_no = 0;
	if (!db_prepare(n->db, "SELECT no, coalesce(at, -1), name FROM simpul_column WHERE table_no = ?1"
			       " ORDER BY at IS NULL, no", &s, e))
		return false;
	stmt_int(&s, 1, n->table->no);
	while (true) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		if (stmt_get_int(&s, 0) >= n->next_no)
			n->next_no = (int)stmt_get_int(&s, 0) + 1;
		if (n->knowns < (int)LIMIT_COLUMNS)
			n->known[n->knowns++] = (struct known_column){
				.no = (int)stmt_get_int(&s, 0),
				.at = (int)stmt_get_int(&s, 1),
				.name = arena_text(n->arena, stmt_get_text(&s, 2)),
			};
	}
}

static bool put_column(struct numbering *n, int no, const char *name, int at, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(n->db, "INSERT OR REPLACE INTO simpul_column(table_no, no, name, at)"
				 " VALUES(?1, ?2, ?3, ?4)", &s, e))
		return false;
	stmt_int(&s, 1, n->table->no);
	stmt_int(&s, 2, no);
	stmt_text(&s, 3, name);
	at < 0 ? stmt_null(&s, 4) : stmt_int(&s, 4, at);
	return stmt_done(&s, e);
}

static struct known_column *known_by_name(struct numbering *n, const char *name)
{
	for (int k = 0; k < n->knowns; k++)
		if (!n->known[k].taken && sqlite3_stricmp(n->known[k].name, name) == 0)
			return &n->known[k];
	return NULL;
}

static bool has_column(const struct numbering *n, const char *name)
{
	return catalog_column_by_name(n->table, name, strlen(name)) != NULL;
}

/* The one that stood at this position, and whose name is nowhere any more. */
static struct known_column *known_by_place(struct numbering *n, int at)
{
	for (int k = 0; k < n->knowns; k++)
		if (!n->known[k].taken && n->known[k].at == at && !has_column(n, n->known[k].name))
			return &n->known[k];
	return NULL;
}

static bool add_column(struct numbering *n, const struct catalog_column *c, int at, int no,
		       struct err *e)
{
	struct err why;
	bool fits = check_column(c, &why);

	if (fits && no >= (int)LIMIT_COLUMNS)
		fits = err_set(&why, ERR_TOO_LARGE, "a table has at most %u columns in its life",
			       LIMIT_COLUMNS);
	if (!fits) {
		buf_print(n->report, "%s: new column %s is not replicated: %s\n", n->table->name,
			  c->name, why.text);
		return true;
	}
	buf_print(n->report, "%s: new column %s is replicated from now on\n", n->table->name, c->name);
	n->new_bits |= trigger_bit(no);
	return put_column(n, no, c->name, at, e);
}

static bool number_column(struct numbering *n, int at, struct err *e)
{
	const struct catalog_column *c = &n->table->column[at];
	struct known_column *k = known_by_name(n, c->name);

	if (k == NULL)
		k = known_by_place(n, at);
	if (k == NULL)
		return add_column(n, c, at, n->next_no++, e);
	k->taken = true;
	if (k->at < 0)
		return add_column(n, c, at, k->no, e);
	if (strcmp(k->name, c->name) != 0)
		buf_print(n->report, "%s: column %s is called %s now\n", n->table->name, k->name, c->name);
	else if (k->at == at)
		return true;
	return put_column(n, k->no, c->name, at, e);
}

static bool number_columns(struct numbering *n, struct err *e)
{
	if (!read_known(n, e))
		return false;
	for (int i = 0; i < n->table->columns; i++)
		if (!number_column(n, i, e))
			return false;
	for (int k = 0; k < n->knowns; k++) {
		if (n->known[k].taken || n->known[k].at < 0)
			continue;
		buf_print(n->report, "%s: column %s is gone\n", n->table->name, n->known[k].name);
		if (!put_column(n, n->known[k].no, n->known[k].name, -1, e))
			return false;
	}
	return true;
}

/*
 * A hint of the old triggers says nothing about a column that they did not know; the row may hold a new
 * value there all the same.
 */
static bool widen_hints(const struct numbering *n, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (n->new_bits == 0)
		return true;
	if (!db_statement(n->db, "UPDATE simpul_log SET m = m | ?2 WHERE t = ?1 AND m >= 0", &s, e))
		return false;
	stmt_int(&s, 1, n->table->no);
	stmt_int(&s, 2, n->new_bits);
	return stmt_done(&s, e);
}

struct found_table {
	int no;
	const char *recorded; /* name in simpul_table */
	const char *name;     /* where its triggers sit, else as recorded */
};

static bool list_tables(struct db *db, struct arena *arena, struct found_table **ret, int *ret_count,
			struct err *e)
{
	AUTO_STMT s = { 0 };
	int64_t count;
	int n = 0;
	bool row;

	if (!db_int(db, "SELECT count(*) FROM simpul_table", 0, &count, e) ||
	    !db_prepare(db, "SELECT t.no, t.name, coalesce((SELECT s.tbl_name FROM sqlite_schema s"
			    " WHERE s.type = 'trigger' AND s.name GLOB 'simpul_' || t.no || '_[iukd]'"
			    " LIMIT 1), t.name) FROM simpul_table t ORDER BY t.no", &s, e))
		return false;
	*ret = arena_take(arena, ((size_t)count + 1) * sizeof(**ret));
	while (true) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		(*ret)[n++] = (struct found_table){ (int)stmt_get_int(&s, 0),
						    arena_text(arena, stmt_get_text(&s, 1)),
						    arena_text(arena, stmt_get_text(&s, 2)) };
	}
	*ret_count = n;
	return true;
}

static bool rename_table(struct db *db, int no, const char *name, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "UPDATE simpul_table SET name = ?2 WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, no);
	stmt_text(&s, 2, name);
	return stmt_done(&s, e);
}

/* In two rounds, since two tables may have exchanged their names. */
static bool follow_names(struct db *db, struct arena *arena, const struct found_table *found, int count,
			 struct buf *report, struct err *e)
{
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < count; i++) {
			const char *name = found[i].name;

			if (strcmp(found[i].recorded, name) == 0)
				continue;
			if (round == 0)
				name = arena_print(arena, "\n%d", found[i].no);
			else
				buf_print(report, "%s: is called %s now\n", found[i].recorded, name);
			if (!rename_table(db, found[i].no, name, e))
				return false;
		}
	return true;
}

static bool number_table(struct db *db, struct arena *arena, const struct found_table *found,
			 struct buf *report, struct err *e)
{
	struct catalog_table table;
	struct numbering *n;
	int keys;

	if (!catalog_describe(db, arena, found->name, &table, &keys, e)) {
		if (e->code == ERR_NOT_FOUND)
			buf_print(report, "%s: the table is gone; its rows are not taken as deleted\n",
				  found->name);
		return e->code == ERR_NOT_FOUND;
	}
	if (keys == 0 || keys > (int)LIMIT_KEY_COLUMNS) {
		buf_print(report, "%s: its primary key cannot be replicated any more\n", found->name);
		return true;
	}
	table.no = found->no;
	n = arena_take(arena, sizeof(*n));
	*n = (struct numbering){ .db = db, .arena = arena, .report = report, .table = &table };
	return number_columns(n, e) && widen_hints(n, e);
}

static bool renew_triggers(struct db *db, struct arena *arena, const struct catalog_table *table,
			   struct buf *report, bool *ret_escaped, struct err *e)
{
	struct trigger_state state;
	struct trigger_set plan;

	*ret_escaped = false;
	if (!trigger_plan(db, arena, table, &plan, e) ||
	    !trigger_compare(db, table->no, &plan, &state, e))
		return false;
	if (state.missing == 0 && state.different == 0)
		return true;
	*ret_escaped = state.escaped;
	if (state.escaped)
		buf_print(report, "%s: its triggers were gone; they are back\n", table->name);
	return trigger_install(db, table->no, &plan, e);
}

bool repair_run(struct db *db, const struct world *world, struct buf *report, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	AUTO_TXN txn = { 0 };
	struct found_table *found;
	struct catalog catalog;
	int count;
	bool escaped;

	if (!txn_begin(&txn, db, e) || !list_tables(db, &arena, &found, &count, e) ||
	    !follow_names(db, &arena, found, count, report, e))
		return false;
	for (int i = 0; i < count; i++)
		if (!number_table(db, &arena, &found[i], report, e))
			return err_wrap(e, "repair %s", found[i].name);
	if (!catalog_load(db, &arena, &catalog, e))
		return false;
	for (int i = 0; i < catalog.tables; i++) {
		const struct catalog_table *table = &catalog.table[i];

		if (!renew_triggers(db, &arena, table, report, &escaped, e) ||
		    (escaped && !diff_table(db, &catalog, table, world, report, e)))
			return err_wrap(e, "repair %s", table->name);
	}
	return txn_commit(&txn, e);
}
