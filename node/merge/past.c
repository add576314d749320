/*
 * past.c - the SQL is prepared twice: first over empty tables, which tells the tables that it reads, then
 * over these with their rows.
 *
 * The SQL is the operator's own, but it comes from a script as often as from a hand, so SQLite's
 * authorizer lets nothing through that does more than read.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "merge/past.h"

static bool nothing_yet(struct db *db, uint64_t ms, struct err *e)
{
	char text[32] = "";
	int64_t first;
	struct tm tm;
	time_t t;

	if (!db_int(db, "SELECT min(arrived_ms) FROM simpul_changeset", 0, &first, e))
		return false;
	if (first == 0)
		return err_set(e, ERR_NOT_FOUND, "nothing was ever accepted here");
	t = (time_t)(first / 1000);
	localtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	return err_set(e, ERR_NOT_FOUND, "nothing had been accepted here by then; the first changeset came"
					 " at %s, %lld s later", text,
		       (long long)((first - (int64_t)ms + 999) / 1000));
}

bool past_replay(struct replay *r, struct db *db, const struct catalog *catalog,
		 const struct replay_plan *plan, uint64_t ms, struct err *e)
{
	struct replay_plan then = *plan;

	then.as_then = true;
	if (!replay_moment(db, ms, &then.upto, e))
		return false;
	if (then.upto == 0) { /* nothing had been accepted yet; to a replay it would mean all */
		then.upto = 1;
		return replay_open(r, db, catalog, &then, e);
	}
	return replay_open(r, db, catalog, &then, e) && replay_run(r, e);
}

static bool table_make_empty(struct past *p, const struct catalog_table *t, struct err *e)
{
	AUTO_BUF sql = { 0 };

	buf_text(&sql, "CREATE TABLE ");
	sql_quote(&sql, t->name);
	buf_text(&sql, t->scope_in_key ? "(" CATALOG_SCOPE_COLUMN " TEXT, " : "(");
	for (int i = 0; i < t->columns; i++) {
		buf_text(&sql, i > 0 ? ", " : "");
		sql_quote(&sql, t->column[i].name);
		buf_print(&sql, " %s%s", t->column[i].type,
			  t->column[i].flags & SCHEMA_COLUMN_NOCASE ? " COLLATE NOCASE" :
			  t->column[i].flags & SCHEMA_COLUMN_RTRIM  ? " COLLATE RTRIM" :
								      "");
	}
	buf_text(&sql, ")");
	return db_exec(&p->db, buf_string(&sql), e);
}

bool past_open(struct past *p, struct db *from, const struct catalog *catalog, uint64_t ms, struct err *e)
{
	*p = (struct past){ .from = from, .catalog = catalog, .ms = ms };
	if (!replay_moment(from, ms, &p->upto, e) || (p->upto == 0 && !nothing_yet(from, ms, e)) ||
	    !db_open(&p->db, ":memory:", DB_APP, true, e))
		return false;
	p->used = memory_new((size_t)catalog->tables * sizeof(bool) + 1);
	for (int i = 0; i < catalog->tables; i++)
		if (!table_make_empty(p, &catalog->table[i], e))
			return false;
	return true;
}

void past_close(struct past *p)
{
	if (p->db.handle != NULL)
		db_close(&p->db);
	memory_free(&p->used);
}

static int authorize(void *state, int action, const char *a, const char *b, const char *database,
		     const char *by)
{
	struct past *p = state;

	(void)b, (void)database, (void)by;
	for (int i = 0; action == SQLITE_READ && i < p->catalog->tables; i++)
		if (sqlite3_stricmp(a, p->catalog->table[i].name) == 0)
			p->used[i] = true;
	return action == SQLITE_READ || action == SQLITE_SELECT || action == SQLITE_FUNCTION ||
	       action == SQLITE_RECURSIVE ? SQLITE_OK : SQLITE_DENY;
}

static bool wrong(struct past *p, struct err *e)
{
	return err_set(e, ERR_USAGE, "the SQL: %s", sqlite3_errmsg(p->db.handle));
}

/* Prepares under the authorizer; *ret NULL for text without a statement. */
static bool prepare(struct past *p, const char *sql, sqlite3_stmt **ret, const char **ret_tail,
		    struct err *e)
{
	int rc;

	*ret = NULL;
	sqlite3_set_authorizer(p->db.handle, authorize, p);
	rc = sqlite3_prepare_v2(p->db.handle, sql, -1, ret, ret_tail);
	sqlite3_set_authorizer(p->db.handle, NULL, NULL);
	if (rc == SQLITE_AUTH)
		return err_set(e, ERR_USAGE, "the SQL may only read, and only replicated tables");
	return rc == SQLITE_OK || wrong(p, e);
}

static bool prepare_one(struct past *p, const char *sql, struct stmt *ret, struct err *e)
{
	AUTO_STMT second = { 0 };
	const char *tail, *end;

	if (!prepare(p, sql, &ret->handle, &tail, e))
		return false;
	ret->db = &p->db;
	if (ret->handle == NULL)
		return err_set(e, ERR_USAGE, "there is no SQL");
	if (sqlite3_column_count(ret->handle) == 0 || !sqlite3_stmt_readonly(ret->handle))
		return err_set(e, ERR_USAGE, "the SQL may only read");
	if (!prepare(p, tail, &second.handle, &end, e))
		return false;
	return second.handle == NULL || err_set(e, ERR_USAGE, "one SQL statement at a time");
}

static bool insert_sql(struct past *p, const struct catalog_table *t, struct stmt *ret, struct err *e)
{
	int columns = t->columns + t->scope_in_key;
	AUTO_BUF sql = { 0 };

	buf_text(&sql, "INSERT INTO ");
	sql_quote(&sql, t->name);
	for (int i = 0; i < columns; i++)
		buf_print(&sql, "%s?%d", i > 0 ? ", " : " VALUES(", i + 1);
	buf_text(&sql, ")");
	return db_prepare(&p->db, buf_string(&sql), ret, e);
}

static bool put_row(struct replay *r, struct replay_row *row, struct stmt *s, struct err *e)
{
	const struct catalog_table *t = row->table;
	struct replay_key key;
	struct value value;
	int at = 1;

	replay_key(row, &key);
	if (t->scope_in_key)
		stmt_text(s, at++, row->scope->name);
	for (int i = 0; i < t->columns; i++, at++) {
		bool found = false;

		for (int k = 0; k < t->keys && !found; k++)
			if (t->key[k] == i) {
				value = key.value[k];
				found = true;
			}
		if (!found && !replay_shown(r, row, t->column[i].no, &value, &found, e))
			return false;
		if (!found)
			value = t->column[i].fallback;
		stmt_value(s, at, &value);
	}
	return stmt_done(s, e);
}

static bool fill_table(struct past *p, struct replay *r, const struct catalog_table *t, struct err *e)
{
	AUTO_STMT s = { 0 };

	if (!insert_sql(p, t, &s, e))
		return false;
	for (struct replay_row *row = r->first; row != NULL; row = row->next)
		if (row->table == t && merge_alive(row->entry, row->n) && !put_row(r, row, &s, e))
			return false;
	return true;
}

static bool fill(struct past *p, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	size_t size = (size_t)p->catalog->tables * sizeof(struct catalog_table *);
	const struct catalog_table **table = arena_take(&arena, size + 1);
	struct replay_plan plan = { .upto = p->upto, .as_then = true, .table = table };
	AUTO_REPLAY r = { 0 };
	AUTO_TXN txn = { 0 };

	for (int i = 0; i < p->catalog->tables; i++)
		if (p->used[i])
			table[plan.tables++] = &p->catalog->table[i];
	if (plan.tables == 0)
		return true;
	if (!replay_open(&r, p->from, p->catalog, &plan, e) || !replay_run(&r, e) ||
	    !txn_begin(&txn, &p->db, e))
		return false;
	for (size_t i = 0; i < plan.tables; i++)
		if (!fill_table(p, &r, table[i], e))
			return false;
	return txn_commit(&txn, e);
}

bool past_query(struct past *p, const char *sql, struct stmt *ret, struct err *e)
{
	memset(p->used, 0, (size_t)p->catalog->tables * sizeof(bool));
	if (!prepare_one(p, sql, ret, e))
		return false;
	/* The statement stays good: tables were filled, not changed. */
	return fill(p, e);
}

int past_columns(const struct stmt *s)
{
	return sqlite3_column_count(s->handle);
}

const char *past_column(const struct stmt *s, int column)
{
	return sqlite3_column_name(s->handle, column);
}
