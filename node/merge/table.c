/*
 * table.c - statements for merged rows.
 *
 * The scope column stands in every WHERE, so that a row of one scope is out of reach for the writers of
 * another even where both use the same key.
 */
#include <string.h>

#include "merge/table.h"

enum write { WRITE_UPDATE, WRITE_UPSERT, WRITE_DELETE };

struct table_statement {
	struct table_statement *next;
	enum write write;
	struct column_set columns;
	struct stmt stmt;
};

static bool table_open(struct table *t, struct db *db, const struct catalog_table *table, struct err *e)
{
	struct version_shape shape;

	memset(t, 0, sizeof(*t));
	t->table = table;
	memset(t->at, 0xff, sizeof(t->at));
	for (int i = 0; i < table->columns; i++) {
		if (table->column[i].no >= (int)LIMIT_COLUMNS)
			continue;
		t->at[table->column[i].no] = (int16_t)i;
		column_set_add(&t->columns, (unsigned)table->column[i].no);
		if (table->column[i].policy == POLICY_MANUAL || table->column[i].policy == POLICY_TEXT)
			column_set_add(&t->contested, (unsigned)table->column[i].no);
		if (catalog_is_key(table, i))
			column_set_add(&t->keys, (unsigned)table->column[i].no);
	}
	version_shape_of(table, &shape);
	return version_open(&t->versions, db, &shape, e);
}

bool table_open_all(struct table_set *set, struct db *db, const struct catalog *catalog, struct err *e)
{
	*set = (struct table_set){ .db = db };
	set->table = memory_new((size_t)catalog->tables * sizeof(*set->table));
	for (int i = 0; i < catalog->tables; i++) {
		if (!table_open(&set->table[i], db, &catalog->table[i], e)) {
			table_close_all(set);
			return false;
		}
		set->tables++;
	}
	return true;
}

static void forget_statements(struct table *t)
{
	for (size_t i = 0; i < TABLE_STATEMENTS; i++)
		while (t->bucket[i] != NULL) {
			struct table_statement *next = t->bucket[i]->next;

			stmt_close(&t->bucket[i]->stmt);
			memory_free(&t->bucket[i]);
			t->bucket[i] = next;
		}
	t->statements = 0;
}

void table_close_all(struct table_set *set)
{
	for (size_t i = 0; i < set->tables; i++) {
		forget_statements(&set->table[i]);
		version_close(&set->table[i].versions);
	}
	memory_free(&set->table);
	set->tables = 0;
}

struct table *table_find(struct table_set *set, const struct catalog_table *table)
{
	for (size_t i = 0; i < set->tables; i++)
		if (set->table[i].table == table)
			return &set->table[i];
	return NULL;
}

static struct value scope_value(const struct scope *scope)
{
	return (struct value){ .type = VALUE_TEXT, .len = (uint32_t)strlen(scope->name),
			       .bytes = (const uint8_t *)scope->name };
}

void table_version_key(const struct table *t, const struct scope *scope, const struct value *key,
		       struct value ret[VERSION_KEYS_MAX])
{
	int at = 0;

	if (t->table->scope_in_key)
		ret[at++] = scope_value(scope);
	memcpy(&ret[at], key, (size_t)t->table->keys * sizeof(*key));
}

static const char *column_name(const struct table *t, unsigned no)
{
	return t->table->column[t->at[no]].name;
}

/* The next column at or after *no that is in the set; false at the end. */
static bool next_column(const struct column_set *set, unsigned *no)
{
	while (*no < LIMIT_COLUMNS && !column_set_has(set, *no))
		*no += set->word[*no / 64] >> *no % 64 == 0 ? 64 - *no % 64 : 1;
	return *no < LIMIT_COLUMNS;
}

/* " WHERE key = ?.. AND scope = ?": parameters after those of the columns. */
static void put_where(struct buf *sql, const struct table *t, int parameter)
{
	for (int i = 0; i < t->table->keys; i++) {
		buf_text(sql, i == 0 ? " WHERE " : " AND ");
		sql_quote(sql, t->table->column[t->table->key[i]].name);
		buf_print(sql, " = ?%d", parameter++);
	}
	if (t->table->scope_in_key) {
		buf_text(sql, " AND ");
		sql_quote(sql, CATALOG_SCOPE_COLUMN);
		buf_print(sql, " = ?%d", parameter);
	} else if (t->table->scope_at >= 0 && t->versions.shape.by == VERSION_SCOPE_COLUMN) {
		buf_text(sql, " AND ");
		sql_quote(sql, t->table->column[t->table->scope_at].name);
		buf_print(sql, " = ?%d", parameter);
	}
}

static int put_assignments(struct buf *sql, const struct table *t, const struct column_set *columns,
			   bool excluded)
{
	int parameter = 1;

	for (unsigned no = 0; next_column(columns, &no); no++) {
		buf_text(sql, parameter == 1 ? "" : ", ");
		sql_quote(sql, column_name(t, no));
		buf_text(sql, " = ");
		if (excluded) {
			buf_text(sql, "excluded.");
			sql_quote(sql, column_name(t, no));
		} else {
			buf_print(sql, "?%d", parameter);
		}
		parameter++;
	}
	return parameter;
}

/* Parameters: columns, then keys, then scope, as for the others. */
static void put_upsert(struct buf *sql, const struct table *t, const struct column_set *columns)
{
	AUTO_BUF keys = { 0 };
	int parameters = 0;

	for (int i = 0; i < t->table->keys; i++) {
		buf_text(&keys, i == 0 ? "" : ", ");
		sql_quote(&keys, t->table->column[t->table->key[i]].name);
		parameters++;
	}
	if (t->table->scope_in_key) {
		buf_text(&keys, ", ");
		sql_quote(&keys, CATALOG_SCOPE_COLUMN);
		parameters++;
	}
	buf_text(sql, "INSERT INTO ");
	sql_quote(sql, t->table->name);
	buf_text(sql, "(");
	for (unsigned no = 0; next_column(columns, &no); no++) {
		sql_quote(sql, column_name(t, no));
		buf_text(sql, ", ");
		parameters++;
	}
	buf_print(sql, "%s) VALUES(", buf_string(&keys));
	for (int i = 1; i <= parameters; i++)
		buf_print(sql, i == 1 ? "?%d" : ", ?%d", i);
	buf_print(sql, ") ON CONFLICT(%s) DO ", buf_string(&keys));
	if (column_set_empty(columns)) {
		buf_text(sql, "NOTHING");
		return;
	}
	buf_text(sql, "UPDATE SET ");
	put_assignments(sql, t, columns, true);
	if (t->versions.shape.by == VERSION_SCOPE_COLUMN && t->table->scope_at >= 0) {
		AUTO_BUF name = { 0 };

		sql_quote(&name, t->table->column[t->table->scope_at].name);
		buf_print(sql, " WHERE excluded.%s = ", buf_string(&name));
		sql_quote(sql, t->table->name);
		buf_print(sql, ".%s", buf_string(&name));
	}
}

static bool prepare(struct table *t, enum write write, const struct column_set *columns,
		    struct stmt *ret, struct err *e)
{
	AUTO_BUF sql = { 0 };

	if (write == WRITE_UPSERT) {
		put_upsert(&sql, t, columns);
	} else {
		int parameter = 1;

		buf_text(&sql, write == WRITE_UPDATE ? "UPDATE " : "DELETE FROM ");
		sql_quote(&sql, t->table->name);
		if (write == WRITE_UPDATE) {
			buf_text(&sql, " SET ");
			parameter = put_assignments(&sql, t, columns, false);
		}
		put_where(&sql, t, parameter);
	}
	return db_prepare(t->versions.db, buf_string(&sql), ret, e);
}

static bool statement(struct table *t, enum write write, const struct column_set *columns,
		      struct stmt **ret, struct err *e)
{
	uint64_t hash = write;
	struct table_statement *s;
	size_t at;

	for (size_t i = 0; i < COLUMN_SET_WORDS; i++)
		hash = (hash ^ columns->word[i]) * 0x9e3779b97f4a7c15u;
	at = hash >> 58;
	for (s = t->bucket[at]; s != NULL; s = s->next)
		if (s->write == write && s->stmt.handle != NULL &&
		    memcmp(&s->columns, columns, sizeof(*columns)) == 0) {
			*ret = &s->stmt;
			return true;
		}
	if (t->statements >= TABLE_STATEMENTS_MAX)
		forget_statements(t);
	s = memory_new(sizeof(*s));
	s->write = write;
	s->columns = *columns;
	s->next = t->bucket[at];
	t->bucket[at] = s;
	t->statements++;
	*ret = &s->stmt;
	return prepare(t, write, columns, &s->stmt, e);
}

/*
 * Does the failure speak of this row only?  MISMATCH: a value that the column cannot hold; ERROR: an
 * expression of an index or a generated column refuses the value (LIKE with an ESCAPE of two characters),
 * or uses a function that is not here.  Everything else is the disk's, memory's or the lock's, and ends
 * the merge.
 */
static bool row_is_at_fault(const struct table *t)
{
	switch (sqlite3_errcode(t->versions.db->handle) & 0xff) {
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_TOOBIG:
	case SQLITE_ERROR:
		return true;
	default:
		return false;
	}
}

/*
 * An alias of the rowid holds integers and takes what looks like one ('7', 7.0) for it: such a key would
 * reach the row of another key.
 */
static bool key_impossible(const struct table *t, const struct value *key)
{
	return t->table->integer_key && key->type != VALUE_INT;
}

static bool run(struct table *t, enum write write, const struct table_row *row,
		enum table_outcome *ret, struct err *e)
{
	struct value scope = scope_value(row->scope);
	struct column_set columns = { 0 };
	struct stmt *s;
	int at = 1;

	for (size_t i = 0; i < COLUMN_SET_WORDS && write != WRITE_DELETE; i++)
		columns.word[i] = row->columns.word[i] & t->columns.word[i] & ~t->keys.word[i];
	if (write == WRITE_UPDATE && column_set_empty(&columns)) {
		*ret = TABLE_WRITTEN;
		return true;
	}
	if (key_impossible(t, row->key)) {
		*ret = write == WRITE_UPSERT ? TABLE_FORBIDDEN : TABLE_MISSING;
		return true;
	}
	if (!statement(t, write, &columns, &s, e)) {
		*ret = TABLE_FORBIDDEN;
		return row_is_at_fault(t);
	}
	for (unsigned no = 0; next_column(&columns, &no); no++)
		stmt_value(s, at++, row->value[no]);
	for (int i = 0; i < t->table->keys; i++)
		stmt_value(s, at++, &row->key[i]);
	if (at <= sqlite3_bind_parameter_count(s->handle))
		stmt_value(s, at, &scope);
	if (!stmt_done(s, e)) {
		*ret = TABLE_FORBIDDEN;
		return row_is_at_fault(t);
	}
	*ret = TABLE_WRITTEN;
	if (!(write == WRITE_UPSERT && column_set_empty(&columns)) &&
	    db_changed_rows(t->versions.db) == 0)
		*ret = TABLE_MISSING;
	return true;
}

bool table_update(struct table *t, const struct table_row *row, enum table_outcome *ret, struct err *e)
{
	return run(t, WRITE_UPDATE, row, ret, e);
}

bool table_upsert(struct table *t, const struct table_row *row, enum table_outcome *ret, struct err *e)
{
	return run(t, WRITE_UPSERT, row, ret, e);
}

bool table_delete(struct table *t, const struct table_row *row, enum table_outcome *ret, struct err *e)
{
	return run(t, WRITE_DELETE, row, ret, e);
}
