/*
 * table_make.c - a table made from a schema document: names, types and keys are data, never SQL text.
 *
 * A hub holds many scopes, whose keys may be equal: there simpul_scope comes first in the primary key.
 * UNIQUE rules, CHECKs and foreign keys are not in the document: merged tables are not their judge.
 */
#include <string.h>

#include "base/buf.h"
#include "capture/attach.h"
#include "merge/table.h"
#include "store/tables.h"

static void put_name(struct buf *sql, const struct schema_text *name)
{
	char text[LIMIT_NAME_BYTES + 1];

	memcpy(text, name->text, name->len);
	text[name->len] = '\0';
	sql_quote(sql, text);
}

/* Words that are keywords are quoted; schema_decode let nothing through but words and "(n,m)". */
static void put_type(struct buf *sql, const struct schema_text *type)
{
	uint32_t at = 0;

	while (at < type->len) {
		uint32_t from = at;
		bool keyword;

		while (at < type->len && type->text[at] != ' ' && type->text[at] != '(')
			at++;
		keyword = at > from && sqlite3_keyword_check(type->text + from, (int)(at - from));
		buf_text(sql, keyword ? " \"" : " ");
		buf_put(sql, type->text + from, at - from);
		buf_text(sql, keyword ? "\"" : "");
		while (at < type->len && type->text[at] == ' ')
			at++;
		if (at < type->len && type->text[at] == '(') {
			buf_put(sql, type->text + at, type->len - at);
			return;
		}
	}
}

static void put_literal(struct buf *sql, const struct value *v)
{
	switch (v->type) {
	case VALUE_NULL:
		buf_text(sql, "NULL");
		return;
	case VALUE_INT:
		buf_print(sql, "%lld", (long long)v->integer);
		return;
	case VALUE_REAL:
		buf_print(sql, "%.17e", v->real);
		return;
	case VALUE_BLOB:
		buf_text(sql, "x'");
		for (uint32_t i = 0; i < v->len; i++)
			buf_print(sql, "%02x", v->bytes[i]);
		buf_text(sql, "'");
		return;
	case VALUE_TEXT:
		buf_text(sql, "'");
		for (uint32_t i = 0; i < v->len; i++) {
			buf_put(sql, &v->bytes[i], 1);
			if (v->bytes[i] == '\'')
				buf_text(sql, "'");
		}
		buf_text(sql, "'");
		return;
	}
}

static bool literal_fits(const struct value *v)
{
	if (v->type == VALUE_REAL) /* infinity has no literal */
		return v->real - v->real == 0;
	return v->type != VALUE_NULL &&
	       !(v->type == VALUE_TEXT && v->len > 0 && memchr(v->bytes, '\0', v->len) != NULL);
}

static void put_column(struct buf *sql, const struct schema_column *c)
{
	put_name(sql, &c->name);
	put_type(sql, &c->type);
	if (c->flags & SCHEMA_COLUMN_NOT_NULL)
		buf_text(sql, " NOT NULL");
	if (c->flags & SCHEMA_COLUMN_NOCASE)
		buf_text(sql, " COLLATE NOCASE");
	if (c->flags & SCHEMA_COLUMN_RTRIM)
		buf_text(sql, " COLLATE RTRIM");
	if (literal_fits(&c->fallback)) {
		buf_text(sql, " DEFAULT ");
		put_literal(sql, &c->fallback);
	}
}

static void put_table(struct buf *sql, const struct schema_table *schema, bool many_scopes)
{
	const char *separator = "";

	buf_text(sql, "CREATE TABLE ");
	put_name(sql, &schema->name);
	buf_text(sql, "(");
	if (many_scopes)
		buf_text(sql, CATALOG_SCOPE_COLUMN " TEXT NOT NULL, ");
	for (uint16_t i = 0; i < schema->columns; i++) {
		buf_text(sql, separator);
		put_column(sql, &schema->column[i]);
		separator = ", ";
	}
	buf_text(sql, ", PRIMARY KEY(");
	if (many_scopes)
		buf_text(sql, CATALOG_SCOPE_COLUMN ", ");
	for (uint8_t i = 0; i < schema->keys; i++) {
		buf_text(sql, i > 0 ? ", " : "");
		put_name(sql, &schema->column[schema->key[i]].name);
	}
	buf_text(sql, "))");
	if (schema->flags & SCHEMA_TABLE_WITHOUT_ROWID)
		buf_text(sql, " WITHOUT ROWID");
	if (schema->flags & SCHEMA_TABLE_STRICT)
		buf_text(sql, schema->flags & SCHEMA_TABLE_WITHOUT_ROWID ? ", STRICT" : " STRICT");
}

bool table_make(struct db *db, const struct schema_table *schema, const struct scope *scope,
		const struct world *world, struct err *e)
{
	struct attach_request request = { .made = true, .world = world };
	AUTO_ATTACH_REPORT report = { 0 };
	AUTO_BUF sql = { 0 };
	char role[16], name[LIMIT_NAME_BYTES + 1];
	const char *names[] = { name };
	bool hub;

	if (!meta_get_text(db, "role", role, sizeof(role), e))
		return false;
	hub = strcmp(role, "hub") == 0;
	request.scope = hub ? NULL : scope->name;
	request.scope_column = hub ? CATALOG_SCOPE_COLUMN : NULL;
	memcpy(name, schema->name.text, schema->name.len);
	name[schema->name.len] = '\0';
	put_table(&sql, schema, hub);
	return db_exec(db, buf_string(&sql), e) &&
	       attach_tables(db, names, 1, &request, &report, e);
}
