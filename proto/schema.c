/*
 * schema.c - the schema document: tables, columns and keys as data.
 *
 * Nodes make tables from these documents, so what a document may say is kept narrow: nothing in it
 * can carry SQL.  Both directions run the same check.  Decoding fills one block of memory from the
 * front: the tables, then each table's columns; no more than the bytes of the document can call
 * for, since every table and column takes bytes there too.
 *
 * Format 2 is format 1 with more items per table: the scope column or null, then, if rules were filed
 * for the table, those (schema_rules.c).  A document that format 1 can hold is written in it, so that
 * there is one encoding, and one hash, for one content.
 */
#include <assert.h>
#include <stdalign.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "schema_rules.h"

#define FORMAT_TABLES 1
#define FORMAT_RULES  2
#define TABLE_FLAGS  (SCHEMA_TABLE_STRICT | SCHEMA_TABLE_WITHOUT_ROWID)
#define COLUMN_FLAGS (SCHEMA_COLUMN_NOT_NULL | SCHEMA_COLUMN_NOCASE | SCHEMA_COLUMN_RTRIM)

/* What a table or a column takes of a document at the least, names of one byte. */
#define TABLE_BYTES_MIN	 13
#define COLUMN_BYTES_MIN 6
static_assert(sizeof(struct schema_table) + 2 * alignof(max_align_t) <=
		      TABLE_BYTES_MIN * SCHEMA_MEMORY_PER_BYTE,
	      "a table fits its share");
static_assert(sizeof(struct schema_column) <= COLUMN_BYTES_MIN * SCHEMA_MEMORY_PER_BYTE,
	      "a column fits its share");

static bool starts_with(const struct schema_text *t, const char *prefix)
{
	size_t len = strlen(prefix);

	return t->len >= len && strncasecmp(t->text, prefix, len) == 0;
}

const char *schema_policy_name(enum schema_policy policy)
{
	static const char *const name[] = { "lww", "manual", "counter", "text" };

	return (unsigned)policy < sizeof(name) / sizeof(name[0]) ? name[policy] : "unknown";
}

bool schema_type_integer(const struct schema_text *type)
{
	for (uint32_t i = 0; i + 3 <= type->len; i++)
		if (strncasecmp(type->text + i, "INT", 3) == 0)
			return true;
	return false;
}

bool schema_type_text(const struct schema_text *type)
{
	for (uint32_t i = 0; i + 4 <= type->len; i++)
		if (strncasecmp(type->text + i, "CHAR", 4) == 0 ||
		    strncasecmp(type->text + i, "CLOB", 4) == 0 ||
		    strncasecmp(type->text + i, "TEXT", 4) == 0)
			return !schema_type_integer(type);
	return false;
}

int schema_text_compare(const struct schema_text *a, const struct schema_text *b)
{
	uint32_t len = a->len < b->len ? a->len : b->len;
	int c = len == 0 ? 0 : memcmp(a->text, b->text, len);

	return c != 0 ? c : (a->len > b->len) - (a->len < b->len);
}

/* Without regard to ASCII case, as SQLite compares names. */
static bool same_name(const struct schema_text *a, const struct schema_text *b)
{
	return a->len == b->len && strncasecmp(a->text, b->text, a->len) == 0;
}

static size_t run_of(const struct schema_text *t, size_t at, const char *set)
{
	size_t n = 0;

	while (at + n < t->len && t->text[at + n] != '\0' && strchr(set, t->text[at + n]) != NULL)
		n++;
	return n;
}

/* "", or words, then perhaps "(n)" or "(n,m)": see schema.h. */
static bool type_valid(const struct schema_text *t)
{
	static const char digits[] = "0123456789";
	static const char word[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
	size_t at, n;

	if (t->len == 0 || t->len > LIMIT_NAME_BYTES)
		return t->len == 0;
	at = run_of(t, 0, word);
	if (at == 0)
		return false;
	while (at < t->len && t->text[at] == ' ' && (n = run_of(t, at + 1, word)) > 0)
		at += 1 + n;
	if (at == t->len)
		return true;
	if (t->text[at] != '(' || (n = run_of(t, at + 1, digits)) == 0)
		return false;
	at += 1 + n;
	if (at < t->len && t->text[at] == ',' && (n = run_of(t, at + 1, digits)) > 0)
		at += 1 + n;
	return at + 1 == t->len && t->text[at] == ')';
}

static bool check_column(const struct schema_table *t, size_t i, struct err *e)
{
	const struct schema_column *c = &t->column[i];

	if (!name_valid(c->name.text, c->name.len) || starts_with(&c->name, "simpul_"))
		return err_set(e, ERR_CANNOT_ATTACH, "column %zu has a name that cannot be used",
			       i);
	if (!type_valid(&c->type))
		return err_set(e, ERR_CANNOT_ATTACH,
			       "column \"%.*s\" has a type that cannot be carried",
			       (int)c->name.len, c->name.text);
	if ((c->flags & ~COLUMN_FLAGS) != 0 ||
	    (c->flags & SCHEMA_COLUMN_NOCASE && c->flags & SCHEMA_COLUMN_RTRIM))
		return err_set(e, ERR_CANNOT_ATTACH, "column \"%.*s\" has unknown flags",
			       (int)c->name.len, c->name.text);
	if (c->fallback.type >= VALUE_TEXT && c->fallback.len > LIMIT_TEXT_BYTES)
		return err_set(e, ERR_TOO_LARGE, "column \"%.*s\" has too long a default",
			       (int)c->name.len, c->name.text);
	for (size_t k = 0; k < i; k++)
		if (same_name(&t->column[k].name, &c->name))
			return err_set(e, ERR_CANNOT_ATTACH, "two columns are named \"%.*s\"",
				       (int)c->name.len, c->name.text);
	return true;
}

static bool check_key(const struct schema_table *t, struct err *e)
{
	if (t->keys == 0)
		return err_set(e, ERR_NO_KEY, "the table has no primary key");
	if (t->keys > LIMIT_KEY_COLUMNS)
		return err_set(e, ERR_CANNOT_ATTACH,
			       "keys of more than %u columns are not replicated",
			       LIMIT_KEY_COLUMNS);
	for (size_t i = 0; i < t->keys; i++) {
		if (t->key[i] >= t->columns)
			return err_set(e, ERR_CANNOT_ATTACH, "the key names no column");
		if (t->column[t->key[i]].flags & (SCHEMA_COLUMN_NOCASE | SCHEMA_COLUMN_RTRIM))
			return err_set(e, ERR_CANNOT_ATTACH, "a key column must compare bytes");
		for (size_t k = 0; k < i; k++)
			if (t->key[k] == t->key[i])
				return err_set(e, ERR_CANNOT_ATTACH,
					       "the key names a column twice");
	}
	return true;
}

static bool check_table(const struct schema *s, size_t i, struct err *e)
{
	const struct schema_table *t = &s->table[i];

	if (!name_valid(t->name.text, t->name.len) || starts_with(&t->name, "sqlite_") ||
	    starts_with(&t->name, "simpul_"))
		return err_set(e, ERR_CANNOT_ATTACH, "table %zu has a name that cannot be used", i);
	for (size_t k = 0; k < i; k++)
		if (same_name(&s->table[k].name, &t->name))
			return err_set(e, ERR_CANNOT_ATTACH, "two tables are named alike");
	if ((t->flags & ~(TABLE_FLAGS | SCHEMA_TABLE_SCOPED)) != 0)
		return err_set(e, ERR_CANNOT_ATTACH, "unknown flags");
	if (t->columns == 0)
		return err_set(e, ERR_CANNOT_ATTACH, "no columns");
	if (t->columns > LIMIT_COLUMNS)
		return err_set(e, ERR_TOO_LARGE, "%u columns are over the limit", t->columns);
	for (size_t c = 0; c < t->columns; c++)
		if (!check_column(t, c, e))
			return false;
	if (t->flags & SCHEMA_TABLE_SCOPED && t->scope >= t->columns)
		return err_set(e, ERR_CANNOT_ATTACH, "the scope names no column");
	return check_key(t, e) && schema_rules_check(t, e);
}

bool schema_check(const struct schema *s, struct err *e)
{
	if (s->tables == 0)
		return err_set(e, ERR_CANNOT_ATTACH, "a schema document without tables");
	if (s->tables > LIMIT_TABLES)
		return err_set(e, ERR_TOO_LARGE, "%u tables are over the limit", s->tables);
	for (size_t i = 0; i < s->tables; i++)
		if (!check_table(s, i, e))
			return err_wrap(e, "table \"%.*s\"", (int)s->table[i].name.len,
					s->table[i].name.text);
	return true;
}

static bool needs_rules(const struct schema *s)
{
	for (size_t i = 0; i < s->tables; i++)
		if (s->table[i].flags & SCHEMA_TABLE_SCOPED || s->table[i].rules != NULL)
			return true;
	return false;
}

static void put_table(struct writer *w, const struct schema_table *t, unsigned format)
{
	cbor_put_array(w, format == FORMAT_TABLES ? 4 : t->rules == NULL ? 5 : 5 + SCHEMA_RULES_ITEMS);
	cbor_put_text(w, t->name.text, t->name.len);
	cbor_put_uint(w, t->flags & TABLE_FLAGS);
	cbor_put_array(w, t->columns);
	for (size_t i = 0; i < t->columns; i++) {
		const struct schema_column *c = &t->column[i];

		cbor_put_array(w, 4);
		cbor_put_text(w, c->name.text, c->name.len);
		cbor_put_text(w, c->type.text, c->type.len);
		cbor_put_uint(w, c->flags);
		cbor_put_value(w, &c->fallback);
	}
	cbor_put_array(w, t->keys);
	for (size_t i = 0; i < t->keys; i++)
		cbor_put_uint(w, t->key[i]);
	if (format == FORMAT_TABLES)
		return;
	if (t->flags & SCHEMA_TABLE_SCOPED)
		cbor_put_uint(w, t->scope);
	else
		cbor_put_null(w);
	if (t->rules != NULL)
		schema_rules_put(w, t);
}

bool schema_encode(const struct schema *schema, uint8_t *out, size_t cap, size_t *ret_len,
		   struct err *e)
{
	struct writer w = { .p = out, .cap = cap < LIMIT_BODY_BYTES ? cap : LIMIT_BODY_BYTES };
	unsigned format;

	if (!schema_check(schema, e))
		return false;
	format = needs_rules(schema) ? FORMAT_RULES : FORMAT_TABLES;
	cbor_put_array(&w, 1 + (uint64_t)schema->tables);
	cbor_put_uint(&w, format);
	for (size_t i = 0; i < schema->tables; i++)
		put_table(&w, &schema->table[i], format);
	if (w.failed)
		return err_set(e, ERR_TOO_LARGE, "the schema document does not fit in %zu bytes",
			       w.cap);
	*ret_len = w.len;
	return true;
}

size_t schema_memory(size_t bytes)
{
	return bytes * SCHEMA_MEMORY_PER_BYTE + 64;
}

void *schema_block_take(struct schema_block *b, size_t size)
{
	uint8_t *p = b->p;

	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (b->left < size) {
		b->failed = true;
		return NULL;
	}
	memset(p, 0, size);
	b->p += size;
	b->left -= size;
	return p;
}

void schema_take_text(struct reader *r, struct schema_text *ret)
{
	size_t len;

	ret->text = (const char *)cbor_text(r, LIMIT_NAME_BYTES, &len);
	ret->len = (uint32_t)len;
	if (ret->text == NULL)
		ret->text = "";
}

static void take_column(struct reader *r, struct schema_column *c, struct schema_block *b)
{
	char uuid[CBOR_UUID_TEXT], *kept;

	r->failed |= cbor_array(r, 4) != 4;
	schema_take_text(r, &c->name);
	schema_take_text(r, &c->type);
	c->flags = (uint8_t)cbor_uint(r, COLUMN_FLAGS);
	if (!cbor_value(r, LIMIT_TEXT_BYTES, uuid, &c->fallback))
		return;
	if (c->fallback.type != VALUE_TEXT || c->fallback.bytes != (const uint8_t *)uuid)
		return;
	kept = schema_block_take(b, sizeof(uuid));
	if (kept == NULL)
		return;
	memcpy(kept, uuid, sizeof(uuid));
	c->fallback.bytes = (const uint8_t *)kept;
}

static void take_table(struct reader *r, struct schema_table *t, unsigned format,
		       struct schema_block *b)
{
	uint64_t items = cbor_array(r, 5 + SCHEMA_RULES_ITEMS);

	r->failed |= format == FORMAT_TABLES ? items != 4 :
					       items != 5 && items != 5 + SCHEMA_RULES_ITEMS;
	schema_take_text(r, &t->name);
	t->flags = (uint8_t)cbor_uint(r, TABLE_FLAGS);
	t->columns = (uint16_t)cbor_array(r, LIMIT_COLUMNS);
	if (t->columns * COLUMN_BYTES_MIN > reader_left(r)) {
		r->failed = true;
		return;
	}
	t->column = schema_block_take(b, t->columns * sizeof(*t->column));
	for (size_t i = 0; i < t->columns && !r->failed && !b->failed; i++)
		take_column(r, &t->column[i], b);
	t->keys = (uint8_t)cbor_array(r, LIMIT_KEY_COLUMNS);
	for (size_t i = 0; i < t->keys; i++)
		t->key[i] = (uint16_t)cbor_uint(r, LIMIT_COLUMNS - 1);
	if (items < 5 || r->failed || b->failed)
		return;
	if (!cbor_is_null(r)) {
		t->flags |= SCHEMA_TABLE_SCOPED;
		t->scope = (uint16_t)cbor_uint(r, LIMIT_COLUMNS - 1);
	}
	if (items > 5)
		schema_rules_take(r, t, b);
}

bool schema_decode(const uint8_t *bytes, size_t len, void *memory, size_t cap,
		   struct schema *ret_schema, struct err *e)
{
	struct reader r = { .p = bytes, .end = bytes + len };
	struct schema_block b = { .p = memory, .left = cap };
	struct schema s = { 0 };
	uint64_t items = cbor_array(&r, UINT32_MAX), version = cbor_uint(&r, UINT32_MAX);

	if (!r.failed && version > FORMAT_RULES)
		return err_set(e, ERR_UNSUPPORTED, "schema format %u is newer than this program",
			       (unsigned)version);
	if (r.failed || version < FORMAT_TABLES || items > 1 + LIMIT_TABLES ||
	    (items - 1) * TABLE_BYTES_MIN > reader_left(&r))
		return err_set(e, ERR_MALFORMED, "not a schema document");
	s.tables = (uint16_t)(items - 1);
	s.table = schema_block_take(&b, s.tables * sizeof(*s.table));
	for (size_t i = 0; i < s.tables && !r.failed && !b.failed; i++)
		take_table(&r, &s.table[i], (unsigned)version, &b);
	if (b.failed)
		return err_set(e, ERR_TOO_LARGE, "no memory for a schema document of %zu bytes",
			       len);
	if (r.failed || reader_left(&r) != 0)
		return err_set(e, ERR_MALFORMED, "the schema document is malformed");
	if (version == FORMAT_RULES && !needs_rules(&s))
		return err_set(e, ERR_MALFORMED, "a schema document without rules in the format for rules");
	if (!schema_check(&s, e)) {
		e->code = e->code == ERR_TOO_LARGE ? ERR_TOO_LARGE : ERR_MALFORMED;
		return false;
	}
	*ret_schema = s;
	return true;
}
