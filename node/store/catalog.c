/*
 * catalog.c - reading the application's tables through SQLite's own descriptions of them.
 *
 * Nothing here parses SQL but default values, and of those only plain literals: a default that is an
 * expression is not part of the document, because another node's clock or version would give another value.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "simpul/crypto.h"
#include "store/adopt.h"
#include "store/catalog.h"

#define HIDDEN_GENERATED 2 /* pragma table_xinfo: 2 virtual, 3 stored; 1 is a virtual table's */

static struct value value_text(enum value_type type, const char *bytes, size_t len)
{
	return (struct value){ .type = type, .len = (uint32_t)len, .bytes = (const uint8_t *)bytes };
}

/* 'it''s' and "it''s": the text between the quotes, doubled quotes once. */
static bool literal_text(struct arena *arena, const char *text, struct value *ret)
{
	size_t len = strlen(text), n = 0;
	char quote = text[0];
	char *out = arena_take(arena, len + 1);

	if (len < 2 || text[len - 1] != quote)
		return false;
	for (size_t i = 1; i + 1 < len; i++) {
		if (text[i] == quote && (i + 2 >= len || text[++i] != quote))
			return false;
		out[n++] = text[i];
	}
	*ret = value_text(VALUE_TEXT, out, n);
	return true;
}

static bool literal_blob(struct arena *arena, const char *text, struct value *ret)
{
	size_t len = strlen(text);
	size_t bytes;
	char *out;

	if (len < 3 || text[1] != '\'' || text[len - 1] != '\'' || len % 2 == 0)
		return false;
	bytes = (len - 3) / 2;
	out = arena_take(arena, bytes + 1);
	if (!hex_decode(text + 2, len - 3, out, bytes))
		return false;
	*ret = value_text(VALUE_BLOB, out, bytes);
	return true;
}

static bool literal_number(const char *text, struct value *ret)
{
	char *end;
	long long integer;
	double real;

	if (strpbrk(text, "xXnN") != NULL) /* hexadecimal, nan, inf: rare, and read differently by C */
		return false;
	errno = 0;
	integer = strtoll(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0') {
		*ret = (struct value){ .type = VALUE_INT, .integer = integer };
		return true;
	}
	real = strtod(text, &end);
	if (end == text || *end != '\0')
		return false;
	*ret = (struct value){ .type = VALUE_REAL, .real = real };
	return true;
}

static struct value literal(struct arena *arena, const char *text)
{
	struct value v = { .type = VALUE_NULL };

	if (text[0] == '\'')
		(void)literal_text(arena, text, &v);
	else if (text[0] == 'x' || text[0] == 'X')
		(void)literal_blob(arena, text, &v);
	else if (sqlite3_stricmp(text, "true") == 0 || sqlite3_stricmp(text, "false") == 0)
		v = (struct value){ .type = VALUE_INT, .integer = (text[0] | 32) == 't' };
	else
		(void)literal_number(text, &v);
	return v;
}

/* "VARCHAR (10, 2)" as "VARCHAR(10,2)": documents hold types in one form. */
static char *plain_type(struct arena *arena, const char *type)
{
	char *out = arena_take(arena, strlen(type) + 1), *to = out;

	for (const char *p = type; *p != '\0'; p++) {
		bool space = *p == ' ' || *p == '\t' || *p == '\n' || *p == '\r';

		if (space && (to == out || strchr(" (,", to[-1]) != NULL))
			continue;
		if (strchr("(,)", *p) != NULL && to > out && to[-1] == ' ')
			to--;
		*to++ = space ? ' ' : *p;
	}
	if (to > out && to[-1] == ' ')
		to--;
	*to = '\0';
	return out;
}

static bool describe_flags(struct db *db, const char *table, struct catalog_column *column,
			   struct err *e)
{
	const char *type, *collation;
	int not_null, key, autoincrement;

	if (sqlite3_table_column_metadata(db->handle, "main", table, column->name, &type, &collation,
					  &not_null, &key, &autoincrement) != SQLITE_OK)
		return db_error(db, e, "describe column");
	if (not_null)
		column->flags |= SCHEMA_COLUMN_NOT_NULL;
	if (sqlite3_stricmp(collation, "NOCASE") == 0)
		column->flags |= SCHEMA_COLUMN_NOCASE;
	if (sqlite3_stricmp(collation, "RTRIM") == 0)
		column->flags |= SCHEMA_COLUMN_RTRIM;
	return true;
}

static bool describe_columns(struct db *db, struct arena *arena, struct catalog_table *table,
			     int *ret_keys, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	*ret_keys = 0;
	if (!db_prepare(db, "SELECT name, type, dflt_value, pk, hidden FROM pragma_table_xinfo(?1)"
			    " ORDER BY cid", &s, e))
		return false;
	stmt_text(&s, 1, table->name);
	while (true) {
		struct catalog_column *column = &table->column[table->columns];
		int64_t key;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		if (stmt_get_int(&s, 4) >= HIDDEN_GENERATED)
			continue;
		key = stmt_get_int(&s, 3);
		if (key > 0 && strcmp(stmt_get_text(&s, 0), CATALOG_SCOPE_COLUMN) == 0) {
			table->scope_in_key = true;
			continue;
		}
		*column = (struct catalog_column){
			.no = table->columns,
			.document_no = table->columns,
			.name = arena_text(arena, stmt_get_text(&s, 0)),
			.type = plain_type(arena, stmt_get_text(&s, 1)),
			.fallback = literal(arena, stmt_get_text(&s, 2)),
		};
		column->replicated = column->name;
		if (!describe_flags(db, table->name, column, e))
			return false;
		if (key > 0) { /* kept in key order: counting starts at 1, the scope column is first */
			int64_t at = key - 1 - table->scope_in_key;

			*ret_keys += 1;
			if (at >= 0 && at < (int64_t)LIMIT_KEY_COLUMNS)
				table->key[at] = table->columns;
		}
		table->columns++;
	}
}

bool catalog_describe(struct db *db, struct arena *arena, const char *name,
		      struct catalog_table *ret, int *ret_keys, struct err *e)
{
	struct catalog_table table = { .scope_at = -1 };
	AUTO_STMT s = { 0 };
	int64_t rowid_key;
	int keys;
	bool row;

	if (!db_prepare(db, "SELECT name, ncol, wr, strict, NOT EXISTS (SELECT 1 FROM pragma_index_list(?1)"
			    " WHERE origin = 'pk') FROM pragma_table_list(?1)"
			    " WHERE schema = 'main' AND type = 'table'", &s, e))
		return false;
	stmt_text(&s, 1, name);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "there is no ordinary table %s", name);
	table.name = table.replicated = arena_text(arena, stmt_get_text(&s, 0));
	table.without_rowid = stmt_get_int(&s, 2);
	table.strict = stmt_get_int(&s, 3);
	rowid_key = stmt_get_int(&s, 4);
	/* ncol counts generated columns too, and the description ends in one spare slot. */
	table.column = arena_take(arena, ((size_t)stmt_get_int(&s, 1) + 1) * sizeof(*table.column));
	stmt_reset(&s);
	if (!describe_columns(db, arena, &table, &keys, e))
		return false;
	table.keys = keys > (int)LIMIT_KEY_COLUMNS ? (int)LIMIT_KEY_COLUMNS : keys;
	table.integer_key = keys == 1 && !table.without_rowid && !table.scope_in_key && rowid_key;
	*ret = table;
	*ret_keys = keys;
	return true;
}

/* Keeps the columns that have a number in simpul_column, and moves the indexes of the key along. */
static bool number_columns(struct db *db, struct arena *arena, struct catalog_table *table,
			   bool *ret_whole_key, struct err *e)
{
	AUTO_RESET s = { 0 };
	int kept = 0, keys_kept = 0;
	bool row;

	if (!db_statement(db, "SELECT no, replicated FROM simpul_column WHERE table_no = ?1"
			      " AND at IS NOT NULL AND name = ?2 COLLATE NOCASE", &s, e))
		return false;
	for (int i = 0; i < table->columns; i++) {
		stmt_int(&s, 1, table->no);
		stmt_text(&s, 2, table->column[i].name);
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			continue;
		table->column[i].no = (int)stmt_get_int(&s, 0);
		if (!stmt_get_null(&s, 1))
			table->column[i].replicated = arena_text(arena, stmt_get_text(&s, 1));
		table->column[i].document_no = kept;
		stmt_reset(&s);
		for (int k = 0; k < table->keys; k++)
			if (table->key[k] == i) {
				table->key[k] = kept;
				keys_kept++;
			}
		table->column[kept++] = table->column[i];
	}
	table->columns = kept;
	*ret_whole_key = keys_kept == table->keys;
	return true;
}

/*
 * The name of a table is that on which its triggers sit, which SQLite keeps right through ALTER TABLE
 * RENAME; the recorded name counts where there are none.
 */
static bool load_table(struct db *db, struct arena *arena, struct stmt *s, struct catalog_table *ret,
		       bool *ret_found, struct err *e)
{
	struct catalog_table table;
	int keys;
	bool whole_key;

	*ret_found = false;
	if (!catalog_describe(db, arena, stmt_get_text(s, 1), &table, &keys, e))
		return e->code == ERR_NOT_FOUND;
	table.no = (int)stmt_get_int(s, 0);
	table.scope = stmt_get_null(s, 2) ? NULL : arena_text(arena, stmt_get_text(s, 2));
	table.scope_column = stmt_get_null(s, 3) ? NULL : arena_text(arena, stmt_get_text(s, 3));
	table.made = stmt_get_int(s, 4);
	if (!stmt_get_null(s, 5))
		table.replicated = arena_text(arena, stmt_get_text(s, 5));
	if (!number_columns(db, arena, &table, &whole_key, e))
		return false;
	for (int i = 0; i < table.columns && table.scope_column != NULL; i++)
		if (sqlite3_stricmp(table.column[i].name, table.scope_column) == 0)
			table.scope_at = i;
	*ret_found = whole_key && keys > 0 && keys <= (int)LIMIT_KEY_COLUMNS;
	*ret = table;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct catalog_table *)a)->replicated,
		      ((const struct catalog_table *)b)->replicated);
}

static struct schema_text schema_text_of(const char *text)
{
	return (struct schema_text){ .text = text, .len = (uint32_t)strlen(text) };
}

void catalog_schema(const struct catalog_table *table, struct arena *arena, struct schema_table *ret)
{
	*ret = (struct schema_table){
		.name = schema_text_of(table->replicated),
		.flags = (table->strict ? SCHEMA_TABLE_STRICT : 0) |
			 (table->without_rowid ? SCHEMA_TABLE_WITHOUT_ROWID : 0) |
			 (table->scope_at >= 0 ? SCHEMA_TABLE_SCOPED : 0),
		.scope = (uint16_t)(table->scope_at >= 0 ? table->scope_at : 0),
		.rules = table->rules,
		.columns = (uint16_t)table->columns,
		.keys = (uint8_t)table->keys,
		.column = arena_take(arena, (size_t)table->columns * sizeof(*ret->column)),
	};
	for (int i = 0; i < table->keys; i++)
		ret->key[i] = (uint16_t)table->key[i];
	for (int i = 0; i < table->columns; i++)
		ret->column[i] = (struct schema_column){
			.name = schema_text_of(table->column[i].replicated),
			.type = schema_text_of(table->column[i].type),
			.flags = table->column[i].flags,
			.fallback = table->column[i].fallback,
			.policy = table->column[i].policy,
			.group = table->column[i].group,
			.labels = table->column[i].labels,
			.label = table->column[i].label,
		};
}

static bool make_document(struct arena *arena, struct catalog *catalog, struct err *e)
{
	AUTO_BUF out = { 0 };
	struct schema schema = { .tables = (uint16_t)catalog->tables };

	schema.table = arena_take(arena, (size_t)catalog->tables * sizeof(*schema.table) + 1);
	for (int i = 0; i < catalog->tables; i++)
		catalog_schema(&catalog->table[i], arena, &schema.table[i]);
	if (!adopt_encode(&schema, &out, e))
		return err_wrap(e, "schema document");
	catalog->document = arena_copy(arena, out.data, out.len);
	catalog->document_len = out.len;
	crypto_sha256(out.data, out.len, &catalog->schema_hash);
	return true;
}

bool catalog_load(struct db *db, struct arena *arena, struct catalog *ret, struct err *e)
{
	struct catalog catalog = { 0 };
	AUTO_STMT s = { 0 };
	int64_t count;
	bool row, found;

	if (!db_int(db, "PRAGMA schema_version", 0, &catalog.schema_version, e) ||
	    !db_int(db, "SELECT count(*) FROM simpul_table", 0, &count, e) ||
	    !db_prepare(db, "SELECT t.no, coalesce(s.tbl_name, t.name), t.scope, t.scope_column, t.made,"
			    " t.replicated FROM simpul_table t LEFT JOIN sqlite_schema s"
			    " ON s.type = 'trigger' AND s.name = 'simpul_' || t.no || '_i'"
			    " WHERE t.aside IS NULL", &s, e))
		return false;
	catalog.table = arena_take(arena, ((size_t)count + 1) * sizeof(*catalog.table));
	while (true) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		if (!load_table(db, arena, &s, &catalog.table[catalog.tables], &found, e))
			return false;
		catalog.tables += found;
	}
	qsort(catalog.table, (size_t)catalog.tables, sizeof(*catalog.table), by_name);
	for (int i = 0; i < catalog.tables; i++)
		catalog.table[i].document_no = i;
	if (!adopt_rules(db, arena, &catalog, e))
		return false;
	if (catalog.tables > 0 && !make_document(arena, &catalog, e))
		return false;
	*ret = catalog;
	return true;
}

bool catalog_stale(struct db *db, const struct catalog *catalog, bool *ret_stale, struct err *e)
{
	AUTO_RESET s = { 0 };
	int64_t rules;
	bool row;

	if (!db_statement(db, "PRAGMA schema_version", &s, e) || !stmt_row(&s, &row, e) ||
	    !adopt_version(db, &rules, e))
		return false;
	*ret_stale = stmt_get_int(&s, 0) != catalog->schema_version || rules != catalog->rules_version;
	return true;
}

const struct catalog_table *catalog_by_name(const struct catalog *catalog, const char *name)
{
	for (int i = 0; i < catalog->tables; i++)
		if (sqlite3_stricmp(catalog->table[i].name, name) == 0)
			return &catalog->table[i];
	return NULL;
}

const struct catalog_table *catalog_by_replicated(const struct catalog *catalog, const char *name)
{
	for (int i = 0; i < catalog->tables; i++)
		if (sqlite3_stricmp(catalog->table[i].replicated, name) == 0)
			return &catalog->table[i];
	return NULL;
}

const struct catalog_table *catalog_by_no(const struct catalog *catalog, int no)
{
	for (int i = 0; i < catalog->tables; i++)
		if (catalog->table[i].no == no)
			return &catalog->table[i];
	return NULL;
}

const struct catalog_column *catalog_column_by_name(const struct catalog_table *table, const char *name,
						    size_t len)
{
	for (int i = 0; i < table->columns; i++)
		if (strlen(table->column[i].name) == len &&
		    sqlite3_strnicmp(table->column[i].name, name, (int)len) == 0)
			return &table->column[i];
	return NULL;
}

const struct catalog_column *catalog_column_by_no(const struct catalog_table *table, int no)
{
	for (int i = 0; i < table->columns; i++)
		if (table->column[i].no == no)
			return &table->column[i];
	return NULL;
}

bool catalog_is_key(const struct catalog_table *table, int column)
{
	for (int i = 0; i < table->keys; i++)
		if (table->key[i] == column)
			return true;
	return false;
}

void catalog_select_row(const struct catalog_table *table, struct buf *sql)
{
	for (int i = 0; i < table->columns; i++) {
		buf_text(sql, i == 0 ? "SELECT " : ",");
		sql_quote(sql, table->column[i].name);
	}
	catalog_where_key(table, sql);
}

void catalog_where_key(const struct catalog_table *table, struct buf *sql)
{
	int parameter = 1;

	buf_text(sql, " FROM ");
	sql_quote(sql, table->name);
	if (table->scope_in_key)
		buf_print(sql, " WHERE " CATALOG_SCOPE_COLUMN "=?%d", parameter++);
	for (int i = 0; i < table->keys; i++) {
		buf_text(sql, parameter == 1 ? " WHERE " : " AND ");
		sql_quote(sql, table->column[table->key[i]].name);
		buf_print(sql, " IS ?%d", parameter++);
	}
}
