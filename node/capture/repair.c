/*
 * repair.c - numbers follow names, triggers follow numbers.
 *
 *	in the table now	recorded			so
 *	its name		is a column's			that one
 *	where it stands		of a column that is gone,	that one, renamed: ALTER TABLE RENAME COLUMN
 *				and the triggers are there	keeps triggers, rebuilding a table loses them
 *	its name		is of a column that others	that number; what waited for it is
 *				have, or that was here once	shown (fill.h)
 *	else							a new number
 *
 * Numbers are never given twice, because version rows and log masks speak of them.  A renamed column or
 * table goes on being replicated under its old name: others have not renamed theirs, and two names would
 * be two columns whose values never meet.
 */
#include <string.h>

#include "capture/check.h"
#include "capture/diff.h"
#include "capture/fill.h"
#include "capture/repair.h"
#include "capture/shape.h"
#include "capture/trigger.h"

struct known_column {
	int no;
	int at; /* -1: not a column of the table; a former one, or one that others' documents have */
	const char *name;
	const char *replicated; /* = name unless it was renamed */
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
	bool triggered;		     /* the triggers are there, as ALTER TABLE leaves them */
	int64_t new_bits;	     /* of columns that the old triggers did not know */
	struct column_set *appeared; /* columns that had a number before they were here */
};

static bool read_known(struct numbering *n, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	n->knowns = n->next_no = 0;
	if (!db_prepare(n->db, "SELECT no, coalesce(at, -1), name, coalesce(replicated, name)"
			       " FROM simpul_column WHERE table_no = ?1 ORDER BY at IS NULL, no", &s, e))
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
				.replicated = arena_text(n->arena, stmt_get_text(&s, 3)),
			};
	}
}

struct placing { /* a row of simpul_column */
	int no, at;
	const char *name, *replicated;
};

static bool put_column(struct numbering *n, const struct placing *p, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(n->db, "INSERT OR REPLACE INTO simpul_column(table_no, no, name, at, replicated)"
				 " VALUES(?1, ?2, ?3, ?4, nullif(?5, ?3))", &s, e))
		return false;
	stmt_int(&s, 1, n->table->no);
	stmt_int(&s, 2, p->no);
	stmt_text(&s, 3, p->name);
	p->at < 0 ? stmt_null(&s, 4) : stmt_int(&s, 4, p->at);
	stmt_text(&s, 5, p->replicated);
	return stmt_done(&s, e);
}

/* One that is here by the name it has here, or one that is not by the name others call it. */
static struct known_column *known_by_name(struct numbering *n, const char *name, bool here)
{
	for (int k = 0; k < n->knowns; k++) {
		const struct known_column *c = &n->known[k];

		if (!c->taken && (c->at >= 0) == here &&
		    sqlite3_stricmp(here ? c->name : c->replicated, name) == 0)
			return &n->known[k];
	}
	return NULL;
}

static bool has_column(const struct numbering *n, const char *name)
{
	return catalog_column_by_name(n->table, name, strlen(name)) != NULL;
}

/* The one that stood at this position, and whose name is nowhere any more. */
static struct known_column *known_by_place(struct numbering *n, int at)
{
	for (int k = 0; k < n->knowns && n->triggered; k++)
		if (!n->known[k].taken && n->known[k].at == at && !has_column(n, n->known[k].name))
			return &n->known[k];
	return NULL;
}

/* Others know a column that is here under another name by this one. */
static bool name_in_use(const struct numbering *n, const char *name)
{
	for (int k = 0; k < n->knowns; k++)
		if (n->known[k].at >= 0 && sqlite3_stricmp(n->known[k].replicated, name) == 0 &&
		    sqlite3_stricmp(n->known[k].name, name) != 0 && has_column(n, n->known[k].name))
			return true;
	return false;
}

static bool may_add(const struct numbering *n, const struct catalog_column *c, int no, struct err *why)
{
	if (!check_column(c, why))
		return false;
	if (no >= (int)LIMIT_COLUMNS)
		return err_set(why, ERR_TOO_LARGE, "a table has at most %u columns in its life",
			       LIMIT_COLUMNS);
	if (name_in_use(n, c->name))
		return err_set(why, ERR_EXISTS, "a renamed column is still replicated under that name");
	return true;
}

static bool add_column(struct numbering *n, int at, int no, struct err *e)
{
	const struct catalog_column *c = &n->table->column[at];
	const struct placing p = { no, at, c->name, c->name };
	struct err why;

	if (!may_add(n, c, no, &why)) {
		buf_print(n->report, "%s: new column %s is not replicated: %s\n", n->table->name,
			  c->name, why.text);
		return true;
	}
	buf_print(n->report, "%s: new column %s is replicated from now on\n", n->table->name, c->name);
	return put_column(n, &p, e);
}

/* The scope column is known by its name. */
static bool rename_scope(struct numbering *n, const char *from, const char *to, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(n->db, "UPDATE simpul_table SET scope_column = ?3 WHERE no = ?1"
				 " AND scope_column = ?2 COLLATE NOCASE", &s, e))
		return false;
	stmt_int(&s, 1, n->table->no);
	stmt_text(&s, 2, from);
	stmt_text(&s, 3, to);
	return stmt_done(&s, e);
}

/* A column that was here stays what it was, wherever it stands and however it is called now. */
static bool keep_column(struct numbering *n, struct known_column *k, int at, struct err *e)
{
	const char *name = n->table->column[at].name;
	const struct placing p = { k->no, at, name, k->replicated };

	k->taken = true;
	if (strcmp(k->name, name) == 0)
		return k->at == at || put_column(n, &p, e);
	if (strcmp(k->replicated, name) == 0)
		buf_print(n->report, "%s: column %s is called %s again\n", n->table->name, k->name, name);
	else
		buf_print(n->report, "%s: column %s is called %s now; it is replicated as %s\n",
			  n->table->name, k->name, name, k->replicated);
	return rename_scope(n, k->name, name, e) && put_column(n, &p, e);
}

static bool number_column(struct numbering *n, int at, struct err *e)
{
	const struct catalog_column *c = &n->table->column[at];
	struct known_column *k = known_by_name(n, c->name, true);

	if (k == NULL)
		k = known_by_place(n, at);
	if (k != NULL)
		return keep_column(n, k, at, e);
	k = known_by_name(n, c->name, false);
	if (k != NULL) {
		k->taken = true;
		if (k->no < (int)LIMIT_COLUMNS)
			column_set_add(n->appeared, (unsigned)k->no);
		return add_column(n, at, k->no, e);
	}
	n->new_bits |= trigger_bit(n->next_no);
	return add_column(n, at, n->next_no++, e);
}

static bool number_columns(struct numbering *n, struct err *e)
{
	if (!read_known(n, e))
		return false;
	for (int i = 0; i < n->table->columns; i++)
		if (!number_column(n, i, e))
			return false;
	for (int k = 0; k < n->knowns; k++) {
		const struct known_column *c = &n->known[k];
		const struct placing p = { c->no, -1, c->name, c->replicated };

		if (c->taken || c->at < 0)
			continue;
		buf_print(n->report, "%s: column %s is gone\n", n->table->name, c->name);
		if (!put_column(n, &p, e))
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
	bool triggered;
	struct column_set appeared;
};

static bool list_tables(struct db *db, struct arena *arena, struct found_table **ret, int *ret_count,
			struct err *e)
{
	AUTO_STMT s = { 0 };
	int64_t count;
	int n = 0;
	bool row;

	if (!db_int(db, "SELECT count(*) FROM simpul_table", 0, &count, e) ||
	    !db_prepare(db, "SELECT no, name, coalesce(sits, name), sits IS NOT NULL FROM"
			    " (SELECT t.no, t.name, (SELECT s.tbl_name FROM sqlite_schema s"
			    " WHERE s.type = 'trigger' AND s.name GLOB 'simpul_' || t.no || '_[iukd]'"
			    " LIMIT 1) AS sits"
			    " FROM simpul_table t) ORDER BY no", &s, e))
		return false;
	*ret = arena_take(arena, ((size_t)count + 1) * sizeof(**ret));
	while (true) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		(*ret)[n++] = (struct found_table){ .no = (int)stmt_get_int(&s, 0),
						    .recorded = arena_text(arena, stmt_get_text(&s, 1)),
						    .name = arena_text(arena, stmt_get_text(&s, 2)),
						    .triggered = stmt_get_int(&s, 3) };
	}
	*ret_count = n;
	return true;
}

static bool rename_table(struct db *db, int no, const char *name, bool final, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, final ? "UPDATE simpul_table SET name = ?2,"
				      " replicated = nullif(replicated, ?2) WHERE no = ?1" :
				      "UPDATE simpul_table SET replicated = coalesce(replicated, name),"
				      " name = ?2 WHERE no = ?1", &s, e))
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
				buf_print(report, "%s: is called %s now; it is replicated under the name that"
						  " it had\n", found[i].recorded, name);
			if (!rename_table(db, found[i].no, name, round == 1, e))
				return false;
		}
	return true;
}

static bool put_aside(struct db *db, int no, const char *why, bool *ret_news, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "UPDATE simpul_table SET aside = nullif(?2, '') WHERE no = ?1"
			      " AND coalesce(aside, '') <> ?2", &s, e))
		return false;
	stmt_int(&s, 1, no);
	stmt_text(&s, 2, why);
	if (!stmt_done(&s, e))
		return false;
	*ret_news = db_changed_rows(db) > 0;
	return true;
}

/* Left out while its key is not what it was: nothing else has to wait for it. */
static bool check_shape(struct db *db, struct arena *arena, const struct found_table *found,
			struct buf *report, struct err *e)
{
	AUTO_BUF why = { 0 };
	bool news;

	if (!shape_check(db, arena, found->no, found->name, &why, e) ||
	    !put_aside(db, found->no, buf_string(&why), &news, e))
		return false;
	if (!news)
		return true;
	if (why.len == 0)
		buf_print(report, "%s: is as it was again, and replicated\n", found->name);
	else
		buf_print(report, "%s: put aside, %s; its changes wait and all other tables go on.  Give it"
				  " the key that it had (simpul alter); or detach it, rename it and attach it"
				  " under its new name\n",
			  found->name, buf_string(&why));
	return true;
}

static bool number_table(struct db *db, struct arena *arena, struct found_table *found,
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
	table.no = found->no;
	n = arena_take(arena, sizeof(*n));
	*n = (struct numbering){ .db = db, .arena = arena, .report = report, .table = &table,
				 .triggered = found->triggered, .appeared = &found->appeared };
	return number_columns(n, e) && widen_hints(n, e) && check_shape(db, arena, found, report, e);
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

struct repair {
	struct db *db;
	struct arena *arena;
	const struct world *world;
	struct buf *report;
	struct catalog catalog;
};

static bool repair_table(struct repair *r, const struct catalog_table *table,
			 const struct column_set *appeared, struct err *e)
{
	const struct fill_plan plan = { &r->catalog, table, appeared, r->world };
	bool escaped;

	if (!renew_triggers(r->db, r->arena, table, r->report, &escaped, e))
		return false;
	/* Before anything is compared: what waited is no difference. */
	if (!column_set_empty(appeared) && !fill_columns(r->db, &plan, r->report, e))
		return false;
	return !escaped || diff_table(r->db, &r->catalog, table, r->world, r->report, e);
}

bool repair_run(struct db *db, const struct world *world, struct buf *report, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	AUTO_TXN txn = { 0 };
	struct repair r = { .db = db, .arena = &arena, .world = world, .report = report };
	struct found_table *found;
	int count;

	if (!txn_begin(&txn, db, e) || !list_tables(db, &arena, &found, &count, e) ||
	    !follow_names(db, &arena, found, count, report, e))
		return false;
	for (int i = 0; i < count; i++)
		if (!number_table(db, &arena, &found[i], report, e))
			return err_wrap(e, "repair %s", found[i].name);
	if (!catalog_load(db, &arena, &r.catalog, e))
		return false;
	for (int i = 0; i < count; i++) {
		const struct catalog_table *table = catalog_by_no(&r.catalog, found[i].no);

		if (table != NULL && !repair_table(&r, table, &found[i].appeared, e))
			return err_wrap(e, "repair %s", found[i].name);
	}
	return txn_commit(&txn, e);
}
