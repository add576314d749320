/* document.c - schema documents: filed by hash, looked up by the prefix that headers carry. */
#include <string.h>

#include "simpul/crypto.h"
#include "store/document.h"

static const char find_sql[] = "SELECT document FROM simpul_schema WHERE hash >= ?1 AND hash < ?2";

/* All hashes that begin with the prefix: from prefix 00.. up to before prefix FF.. FF */
static bool find_begin(struct db *db, const uint8_t prefix[8], uint8_t range[2][33], struct stmt *s,
		       struct err *e)
{
	if (!db_statement(db, find_sql, s, e))
		return false;
	memset(range[1], 0xff, 33);
	memcpy(range[0], prefix, 8);
	memcpy(range[1], prefix, 8);
	stmt_blob(s, 1, range[0], 8);
	stmt_blob(s, 2, range[1], 33);
	return true;
}

bool document_known(struct db *db, const uint8_t prefix[8], bool *ret, struct err *e)
{
	uint8_t range[2][33];
	AUTO_RESET s = { 0 };

	return find_begin(db, prefix, range, &s, e) && stmt_row(&s, ret, e);
}

bool document_put(struct db *db, const uint8_t *bytes, size_t len, struct err *e)
{
	struct hash hash;
	AUTO_RESET s = { 0 };

	crypto_sha256(bytes, len, &hash);
	if (!db_statement(db, "INSERT OR IGNORE INTO simpul_schema(hash, document) VALUES(?1, ?2)", &s, e))
		return false;
	stmt_blob(&s, 1, hash.bytes, sizeof(hash.bytes));
	stmt_blob(&s, 2, bytes, len);
	return stmt_done(&s, e);
}

/*
 * The stable number of a column by its replicated name; a new one if this file has none yet; -1 when none is
 * left.  Then it is not noted either: else anybody who is enrolled could fill the file with names.
 */
static bool column_number(struct db *db, int table_no, const struct schema_text *name, int16_t *ret,
			  struct err *e)
{
	const struct value text = { .type = VALUE_TEXT, .len = name->len,
				    .bytes = (const uint8_t *)name->text };
	AUTO_RESET find = { 0 };
	AUTO_RESET add = { 0 };
	int64_t no;
	bool row;

	if (!db_statement(db, "SELECT no FROM simpul_column WHERE table_no = ?1"
			      " AND coalesce(replicated, name) = ?2 COLLATE NOCASE"
			      " ORDER BY at IS NULL, no DESC LIMIT 1", &find, e))
		return false;
	stmt_int(&find, 1, table_no);
	stmt_value(&find, 2, &text);
	if (!stmt_row(&find, &row, e))
		return false;
	if (row) {
		no = stmt_get_int(&find, 0);
		*ret = no < (int64_t)LIMIT_COLUMNS ? (int16_t)no : -1;
		return true;
	}
	if (!db_statement(db, "INSERT INTO simpul_column(table_no, no, name)"
			      " SELECT ?1, coalesce(max(no) + 1, 0), ?2 FROM simpul_column"
			      " WHERE table_no = ?1 HAVING coalesce(max(no), 0) < ?3 RETURNING no", &add, e))
		return false;
	stmt_int(&add, 1, table_no);
	stmt_value(&add, 2, &text);
	stmt_int(&add, 3, LIMIT_COLUMNS - 1);
	if (!stmt_row(&add, &row, e))
		return false;
	*ret = row ? (int16_t)stmt_get_int(&add, 0) : -1;
	return true;
}

static bool same_name(const struct schema_text *a, const char *b)
{
	return strlen(b) == a->len && sqlite3_strnicmp(a->text, b, (int)a->len) == 0;
}

static bool key_is_same(const struct schema_table *schema, const struct catalog_table *table)
{
	if (schema->keys != table->keys)
		return false;
	for (int i = 0; i < table->keys; i++)
		if (!same_name(&schema->column[schema->key[i]].name,
			       table->column[table->key[i]].replicated))
			return false;
	return true;
}

static void add_counter(struct document_set *set, struct document_table *table, int16_t no)
{
	if (table->counters == NULL) {
		table->counters = arena_take(set->arena, sizeof(*table->counters));
		*table->counters = (struct column_set){ 0 };
	}
	column_set_add(table->counters, (unsigned)no);
}

static bool map_table(struct document_set *set, const struct schema_table *schema,
		      struct document_table *ret, struct err *e)
{
	*ret = (struct document_table){ .schema = schema };
	ret->name = arena_print(set->arena, "%.*s", (int)schema->name.len, schema->name.text);
	ret->table = catalog_by_replicated(set->catalog, ret->name);
	ret->column_no = arena_take(set->arena, schema->columns * sizeof(*ret->column_no));
	if (ret->table == NULL)
		return true;
	ret->same_key = key_is_same(schema, ret->table);
	for (uint16_t i = 0; i < schema->columns; i++)
		if (!column_number(set->db, ret->table->no, &schema->column[i].name, &ret->column_no[i], e))
			return false;
	for (uint16_t i = 0; i < schema->columns; i++)
		if (schema->column[i].policy == POLICY_COUNTER && ret->column_no[i] >= 0)
			add_counter(set, ret, ret->column_no[i]);
	for (uint8_t i = 0; i < schema->keys; i++)
		if (ret->column_no[schema->key[i]] >= 0)
			column_set_add(&ret->keys, (unsigned)ret->column_no[schema->key[i]]);
	return true;
}

static bool document_load(struct document_set *set, const uint8_t prefix[8], struct document *d,
			  struct err *e)
{
	uint8_t range[2][33];
	AUTO_RESET s = { 0 };
	const void *bytes;
	size_t len, cap;
	bool row;

	if (!find_begin(set->db, prefix, range, &s, e) || !stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "a schema document is not here yet");
	bytes = stmt_get_blob(&s, 0, &len);
	bytes = arena_copy(set->arena, bytes, len);
	cap = schema_memory(len);
	return schema_decode(bytes, len, arena_take(set->arena, cap), cap, &d->schema, e);
}

bool document_find(struct document_set *set, const uint8_t prefix[8], const struct document **ret,
		   struct err *e)
{
	struct document *d;

	for (d = set->first; d != NULL; d = d->next)
		if (memcmp(d->prefix, prefix, 8) == 0) {
			*ret = d;
			return true;
		}
	d = arena_take(set->arena, sizeof(*d));
	*d = (struct document){ .next = set->first };
	memcpy(d->prefix, prefix, 8);
	if (!document_load(set, prefix, d, e))
		return false;
	d->table = arena_take(set->arena, d->schema.tables * sizeof(*d->table));
	for (uint16_t i = 0; i < d->schema.tables; i++)
		if (!map_table(set, &d->schema.table[i], &d->table[i], e))
			return false;
	set->first = d;
	*ret = d;
	return true;
}
