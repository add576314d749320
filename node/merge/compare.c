/*
 * compare.c - the log replayed, beside what the file holds.
 *
 * The order of a version's entries is that in which they came, so they are compared as a set.  A value
 * that differs from the base table's may still be the same one: the column's type may have turned '5'
 * into 5 when it was written.  So before a difference is told, the value goes through a column of the same
 * type in a scratch database.
 */
#include <stdio.h>
#include <string.h>

#include "merge/compare.h"
#include "merge/table.h"

struct walk { /* one table */
	struct comparison *c;
	const struct catalog_table *table;
	struct version_table versions;
	struct stmt select;
};

#define AUTO_WALK __attribute__((cleanup(walk_done))) struct walk

static void walk_done(struct walk *w)
{
	version_close(&w->versions);
	stmt_close(&w->select);
}

void compare_close(struct comparison *c)
{
	replay_close(&c->replay);
}

void compare_tell(struct comparison *c, const char *kind, int64_t n, const char *text)
{
	const struct difference d = { .kind = kind, .n = n, .text = text };

	c->differences++;
	if (c->call != NULL)
		c->call(c->state, &d);
}

static void tell(struct walk *w, const char *kind, const struct scope *scope, const struct value *key,
		 const char *column, const char *text)
{
	const struct difference d = { .kind = kind, .table = w->table, .scope = scope->name, .key = key,
				      .column = column, .text = text };

	w->c->differences++;
	if (w->c->call != NULL)
		w->c->call(w->c->state, &d);
}

static void tell_row(struct walk *w, const char *kind, const struct replay_row *row, const char *column,
		     const char *text)
{
	struct replay_key key;

	replay_key(row, &key);
	tell(w, kind, row->scope, key.value, column, text);
}

static bool same_entry(const struct merge_entry *a, const struct merge_entry *b)
{
	return a->chain == b->chain && a->seq == b->seq && a->hlc == b->hlc && a->dead == b->dead &&
	       a->tally == b->tally && memcmp(&a->columns, &b->columns, sizeof(a->columns)) == 0;
}

static bool same_entries(const struct version *v, const struct replay_row *row)
{
	if (v->n != row->n)
		return false;
	for (size_t i = 0; i < row->n; i++) {
		size_t k = 0;

		while (k < v->n && !same_entry(&v->entry[k], &row->entry[i]))
			k++;
		if (k == v->n)
			return false;
	}
	return true;
}

static bool compare_version(struct walk *w, int64_t k, struct err *e)
{
	struct scope nowhere = { "" };
	struct replay_row *row;
	struct version_row v;
	const struct value *key;
	struct err why;

	if (!version_at(&w->versions, k, &v, &why)) {
		if (why.code != ERR_CORRUPT) {
			*e = why;
			return false;
		}
		stmt_reset(&w->versions.find);
		tell(w, "version", &nowhere, NULL, NULL, why.text);
		return true;
	}
	key = v.key + w->table->scope_in_key;
	row = replay_find(&w->c->replay, w->table, &v.version.scope, key);
	w->c->rows++;
	if (row != NULL)
		row->k = 1; /* seen */
	if (row == NULL && v.version.n > 0)
		tell(w, "version", &v.version.scope, key, NULL, "the log knows no such row");
	else if (row != NULL && !same_entries(&v.version, row))
		tell(w, "version", &v.version.scope, key, NULL, "it is not what the log comes to");
	return true;
}

static bool compare_versions(struct walk *w, struct err *e)
{
	AUTO_STMT s = { 0 };
	char sql[80];
	bool more;

	snprintf(sql, sizeof(sql), "SELECT k FROM simpul_version_%d", w->table->no);
	if (!db_prepare(w->c->db, sql, &s, e))
		return false;
	while (true) {
		if (!stmt_row(&s, &more, e))
			return false;
		if (!more)
			break;
		if (!compare_version(w, stmt_get_int(&s, 0), e))
			return false;
	}
	for (struct replay_row *row = w->c->replay.first; row != NULL; row = row->next)
		if (row->table == w->table && row->n > 0 && row->k == 0)
			tell_row(w, "version", row, NULL, "it is missing");
	return true;
}

/* What a column of this type makes of the value. */
static bool as_stored(const struct catalog_column *column, const struct value *value,
		      const struct value *base, bool *ret_same, struct err *e)
{
	AUTO_DB scratch = { 0 };
	AUTO_STMT put = { 0 };
	AUTO_STMT get = { 0 };
	AUTO_BUF sql = { 0 };
	struct value stored;
	bool row;

	buf_print(&sql, "CREATE TABLE one(c %s)", column->type);
	if (!db_open(&scratch, ":memory:", DB_NODE, true, e) || !db_exec(&scratch, buf_string(&sql), e) ||
	    !db_prepare(&scratch, "INSERT INTO one VALUES(?1)", &put, e))
		return false;
	stmt_value(&put, 1, value);
	if (!stmt_done(&put, e) || !db_prepare(&scratch, "SELECT c FROM one", &get, e) ||
	    !stmt_row(&get, &row, e))
		return false;
	stored = stmt_get_value(&get, 0);
	*ret_same = row && value_equal(&stored, base);
	stmt_close(&put);
	stmt_close(&get);
	return true;
}

static bool same_cell(struct replay *r, struct replay_row *row, int column, const struct value *base,
		      bool *ret_same, struct err *e)
{
	const struct catalog_column *c = &row->table->column[column];
	struct value shown;
	bool found;

	*ret_same = true;
	if (catalog_is_key(row->table, column) || c->no >= (int)LIMIT_COLUMNS)
		return true;
	if (!replay_shown(r, row, c->no, &shown, &found, e))
		return false;
	if (!found)
		shown = c->fallback;
	*ret_same = value_equal(&shown, base);
	return *ret_same || as_stored(c, &shown, base, ret_same, e);
}

static bool base_row(struct replay *r, struct stmt *select, struct replay_row *row, const char **ret_column,
		     struct err *e)
{
	const struct catalog_table *t = row->table;
	bool there, alive = merge_alive(row->entry, row->n), same = true;
	struct replay_key key;

	replay_key(row, &key);
	*ret_column = NULL;
	stmt_reset(select);
	if (t->scope_in_key)
		stmt_text(select, 1, row->scope->name);
	for (int i = 0; i < t->keys; i++)
		stmt_value(select, i + 1 + t->scope_in_key, &key.value[i]);
	if (!stmt_row(select, &there, e))
		return false;
	if (there && t->scope_at >= 0 && !alive) { /* one key may live in another scope now */
		struct value scope = stmt_get_value(select, t->scope_at);

		there = scope.type == VALUE_TEXT && scope.len == strlen(row->scope->name) &&
			memcmp(scope.bytes, row->scope->name, scope.len) == 0;
	}
	if (there != alive)
		*ret_column = "";
	for (int i = 0; there && alive && same && i < t->columns; i++) {
		struct value base = stmt_get_value(select, i);

		if (!same_cell(r, row, i, &base, &same, e))
			return false;
		if (!same)
			*ret_column = t->column[i].name;
	}
	stmt_reset(select);
	return true;
}

static bool select_open(struct db *db, const struct catalog_table *t, struct stmt *ret, struct err *e)
{
	AUTO_BUF sql = { 0 };

	catalog_select_row(t, &sql);
	return db_statement(db, buf_string(&sql), ret, e);
}

bool compare_base(struct replay *r, struct replay_row *row, const char **ret_column, struct err *e)
{
	AUTO_RESET select = { 0 };

	return select_open(r->db, row->table, &select, e) && base_row(r, &select, row, ret_column, e);
}

/* Is it known why the row is otherwise: a change that waits to be sealed, or a rule that keeps it out? */
static bool excused(struct walk *w, const struct scope *scope, const struct value *key, bool *ret,
		    struct err *e)
{
	AUTO_RESET s = { 0 };
	AUTO_RESET listed = { 0 };
	struct value whole[VERSION_KEYS_MAX];
	const struct table t = { .table = w->table };
	struct version v;

	if (!db_statement(w->c->db, "SELECT 1 FROM simpul_log WHERE t = ?1 AND k1 IS ?2 AND k2 IS ?3"
				    " AND k3 IS ?4 AND k4 IS ?5", &s, e))
		return false;
	stmt_int(&s, 1, w->table->no);
	for (int i = 0; i < (int)LIMIT_KEY_COLUMNS; i++)
		if (i < w->table->keys)
			stmt_value(&s, 2 + i, &key[i]);
		else
			stmt_null(&s, 2 + i);
	if (!stmt_row(&s, ret, e))
		return false;
	if (*ret)
		return true;
	table_version_key(&t, scope, key, whole);
	if (!version_find(&w->versions, whole, scope, &v, e))
		return e->code == ERR_CORRUPT; /* told already, as a damaged version */
	if (v.state == VERSION_NONE)
		return true;
	if (!db_statement(w->c->db, "SELECT 1 FROM simpul_violation WHERE table_no = ?1 AND vkey = ?2",
			  &listed, e))
		return false;
	stmt_int(&listed, 1, w->table->no);
	stmt_int(&listed, 2, v.k);
	return stmt_row(&listed, ret, e);
}

static bool compare_base_rows(struct walk *w, struct err *e)
{
	for (struct replay_row *row = w->c->replay.first; row != NULL; row = row->next) {
		struct replay_key key;
		const char *column;
		bool known;

		if (row->table != w->table)
			continue;
		if (!base_row(&w->c->replay, &w->select, row, &column, e))
			return false;
		if (column == NULL)
			continue;
		replay_key(row, &key);
		if (!excused(w, row->scope, key.value, &known, e))
			return false;
		if (known)
			continue;
		if (column[0] != '\0')
			tell(w, "row", row->scope, key.value, column, "it shows another value than the log");
		else if (merge_alive(row->entry, row->n))
			tell(w, "row", row->scope, key.value, NULL, "it is missing from the table");
		else
			tell(w, "row", row->scope, key.value, NULL, "it is deleted, and in the table");
	}
	return true;
}

bool compare_keys(struct db *db, const struct catalog_table *t, struct stmt *ret, struct err *e)
{
	AUTO_BUF sql = { 0 };

	buf_text(&sql, t->scope_in_key ? "SELECT " CATALOG_SCOPE_COLUMN : "SELECT ");
	for (int i = 0; i < t->keys; i++) {
		buf_text(&sql, i > 0 || t->scope_in_key ? ", " : "");
		sql_quote(&sql, t->column[t->key[i]].name);
	}
	if (t->scope_at >= 0) {
		buf_text(&sql, ", ");
		sql_quote(&sql, t->column[t->scope_at].name);
	}
	buf_text(&sql, " FROM ");
	sql_quote(&sql, t->name);
	return db_prepare(db, buf_string(&sql), ret, e);
}

bool compare_key_next(struct stmt *s, const struct catalog_table *t, struct compare_walk *ret,
		      bool *ret_more, struct err *e)
{
	const char *scope = t->scope;

	if (!stmt_row(s, ret_more, e))
		return false;
	if (!*ret_more)
		return true;
	for (int i = 0; i < t->keys; i++)
		ret->key[i] = stmt_get_value(s, i + t->scope_in_key);
	if (t->scope_in_key)
		scope = stmt_get_text(s, 0);
	else if (t->scope_at >= 0)
		scope = stmt_get_text(s, t->keys);
	snprintf(ret->scope.name, sizeof(ret->scope.name), "%s", scope);
	return true;
}

/* Rows of the table that nobody ever wrote, as far as the log knows. */
static bool compare_unknown(struct walk *w, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool more, known;

	if (!compare_keys(w->c->db, w->table, &s, e))
		return false;
	while (true) {
		struct compare_walk at;

		if (!compare_key_next(&s, w->table, &at, &more, e))
			return false;
		if (!more)
			return true;
		/* One that the log knows has been compared, deleted or not. */
		if (replay_find(&w->c->replay, w->table, &at.scope, at.key) != NULL)
			continue;
		if (!excused(w, &at.scope, at.key, &known, e))
			return false;
		if (!known)
			tell(w, "row", &at.scope, at.key, NULL, "the log knows no such row");
	}
}

static bool listed(struct walk *w, int64_t k, int column_no, const struct merge_entry *entry, bool *ret,
		   struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(w->c->db, "SELECT 1 FROM simpul_sibling WHERE table_no = ?1 AND vkey = ?2"
				    " AND column_no = ?3 AND chain_no = ?4 AND seq = ?5 AND hlc = ?6"
				    " AND superseded_n IS NULL", &s, e))
		return false;
	stmt_int(&s, 1, w->table->no);
	stmt_int(&s, 2, k);
	stmt_int(&s, 3, column_no);
	stmt_int(&s, 4, entry->chain);
	stmt_int(&s, 5, (int64_t)entry->seq);
	stmt_int(&s, 6, (int64_t)entry->hlc);
	return stmt_row(&s, ret, e);
}

/* Every value of the row that is to be listed is; *ret_n counts them. */
static bool row_listed(struct walk *w, const struct replay_row *row, int64_t k, int64_t *ret_n, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	const struct merge_entry **want = arena_take(&arena, row->n * sizeof(struct merge_entry *) + 1);
	struct replay_key key;
	const struct cell_row cells = { .table = w->table, .key = key.value, .k = k, .entry = row->entry,
					.n = row->n };

	*ret_n = 0;
	replay_key(row, &key);
	for (int c = 0; c < w->table->columns && row->n > 1; c++) {
		const struct catalog_column *column = &w->table->column[c];
		bool there = true;
		size_t n;

		if (catalog_is_key(w->table, c) || column->no >= (int)LIMIT_COLUMNS)
			continue;
		if (!cell_listed(&w->c->replay.history, &cells, column->no, want, &n, e))
			return false;
		*ret_n += (int64_t)n;
		for (size_t i = 0; i < n && there; i++)
			if (!listed(w, k, column->no, want[i], &there, e))
				return false;
		if (!there)
			tell_row(w, "sibling", row, column->name, "a concurrent value is not listed");
	}
	return true;
}

static bool listed_count(struct walk *w, int64_t k, int64_t *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(w->c->db, "SELECT count(*) FROM simpul_sibling s JOIN simpul_column c"
				    " ON c.table_no = s.table_no AND c.no = s.column_no AND c.at IS NOT NULL"
				    " WHERE s.table_no = ?1 AND vkey = ?2 AND superseded_n IS NULL", &s, e))
		return false;
	stmt_int(&s, 1, w->table->no);
	stmt_int(&s, 2, k);
	if (!stmt_row(&s, &row, e))
		return false;
	*ret = stmt_get_int(&s, 0);
	return true;
}

static bool compare_siblings(struct walk *w, struct err *e)
{
	const struct table t = { .table = w->table };

	for (struct replay_row *row = w->c->replay.first; row != NULL; row = row->next) {
		struct value whole[VERSION_KEYS_MAX];
		struct replay_key key;
		int64_t want, have;
		struct version v;
		struct err why;

		if (row->table != w->table)
			continue;
		replay_key(row, &key);
		table_version_key(&t, row->scope, key.value, whole);
		if (!version_find(&w->versions, whole, row->scope, &v, &why) || v.state == VERSION_NONE)
			continue; /* told already */
		if (!row_listed(w, row, v.k, &want, e) || !listed_count(w, v.k, &have, e))
			return false;
		if (have > want)
			tell_row(w, "sibling", row, NULL, "a value is listed that does not stand any more");
	}
	return true;
}

bool compare_rows(struct comparison *c, struct err *e)
{
	const struct replay_plan plan = { 0 };

	if (c->damaged > 0)
		return true;
	if (!replay_open(&c->replay, c->db, c->catalog, &plan, e) || !replay_run(&c->replay, e))
		return false;
	for (int i = 0; i < c->catalog->tables; i++) {
		AUTO_WALK w = { .c = c, .table = &c->catalog->table[i] };
		struct version_shape shape;
		AUTO_BUF sql = { 0 };

		catalog_select_row(w.table, &sql);
		version_shape_of(w.table, &shape);
		if (!version_open(&w.versions, c->db, &shape, e) ||
		    !db_prepare(c->db, buf_string(&sql), &w.select, e) || !compare_versions(&w, e) ||
		    !compare_base_rows(&w, e) || !compare_unknown(&w, e) || !compare_siblings(&w, e))
			return false;
	}
	return true;
}
