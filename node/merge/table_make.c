/*
 * table_make.c - a table made from a schema document: names, types and keys are data, never SQL text.
 *
 * A hub holds many scopes, whose keys may be equal: there simpul_scope comes first in the primary key.
 * UNIQUE rules, CHECKs and foreign keys are not in the document: merged tables are not their judge.
 *
 * A table made here has no application that would add a column to it, so it grows with the documents.  It
 * never shrinks: what an older document does not have, a newer node may still write.
 */
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "capture/attach.h"
#include "capture/repair.h"
#include "merge/table.h"
#include "store/tables.h"

static void put_name(struct buf *sql, const struct schema_text *name)
{
	char text[LIMIT_NAME_BYTES + 1];

	memcpy(text, name->text, name->len);
	text[name->len] = '\0';
	sql_quote(sql, text);
}

static bool type_has(const struct schema_text *type, const char *part)
{
	uint32_t len = (uint32_t)strlen(part);

	for (uint32_t at = 0; at + len <= type->len; at++)
		if (sqlite3_strnicmp(type->text + at, part, (int)len) == 0)
			return true;
	return false;
}

/* A type of the affinity that SQLite gives to this one, by its rules in their order. */
static const char *type_plain(const struct schema_text *type)
{
	static const struct {
		const char *part, *plain;
	} rule[] = {
		{ "INT", "INT" }, { "CHAR", "TEXT" }, { "CLOB", "TEXT" }, { "TEXT", "TEXT" },
		{ "BLOB", "BLOB" }, { "REAL", "REAL" }, { "FLOA", "REAL" }, { "DOUB", "REAL" },
	};

	for (size_t i = 0; i < sizeof(rule) / sizeof(rule[0]); i++)
		if (type_has(type, rule[i].part))
			return rule[i].plain;
	return "NUMERIC";
}

static bool type_has_keyword(const struct schema_text *type)
{
	for (uint32_t from = 0, at = 0; at < type->len && type->text[from] != '('; from = at) {
		while (from < type->len && type->text[from] == ' ')
			from++;
		for (at = from; at < type->len && type->text[at] != ' ' && type->text[at] != '('; at++)
			;
		if (at > from && sqlite3_keyword_check(type->text + from, (int)(at - from)))
			return true;
		if (at < type->len && type->text[at] == '(')
			break;
	}
	return false;
}

/*
 * schema_decode let nothing through but words and "(n,m)".  A word that is a keyword (REFERENCES, UNIQUE)
 * would begin a rule, and quoted it would make the type one that no document carries.
 */
static void put_type(struct buf *sql, const struct schema_text *type)
{
	buf_text(sql, " ");
	if (type_has_keyword(type))
		buf_text(sql, type_plain(type));
	else
		buf_put(sql, type->text, type->len);
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

static struct schema_text text_of(const char *s)
{
	return (struct schema_text){ s, (uint32_t)strlen(s) };
}

/* NOT NULL wants a default, for the rows that are there. */
static bool add_column(struct db *db, const struct catalog_table *table, const struct schema_column *column,
		       struct err *e)
{
	const struct schema_text name = text_of(table->name);
	struct schema_column c = *column;
	AUTO_BUF sql = { 0 };

	if (!literal_fits(&c.fallback))
		c.flags &= (uint8_t)~SCHEMA_COLUMN_NOT_NULL;
	buf_text(&sql, "ALTER TABLE ");
	put_name(&sql, &name);
	buf_text(&sql, " ADD COLUMN ");
	put_column(&sql, &c);
	return db_exec(db, buf_string(&sql), e);
}

/* Is there such a column, whether it is replicated or not? */
static bool has_column(struct db *db, const struct catalog_table *table, const struct schema_text *name,
		       bool *ret, struct err *e)
{
	const struct value text = { .type = VALUE_TEXT, .len = name->len,
				    .bytes = (const uint8_t *)name->text };
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "SELECT 1 FROM pragma_table_xinfo(?1) WHERE name = ?2 COLLATE NOCASE", &s, e))
		return false;
	stmt_text(&s, 1, table->name);
	stmt_value(&s, 2, &text);
	return stmt_row(&s, ret, e);
}

/* In a savepoint, so that a column that cannot be added stops nothing else: its values wait in the frames. */
static bool grow_by(struct db *db, const struct catalog_table *table, const struct schema_column *column,
		    bool *ret_grown, struct err *e)
{
	AUTO_TXN txn = { 0 };
	struct err why;

	if (!txn_begin(&txn, db, e))
		return false;
	if (add_column(db, table, column, &why)) {
		*ret_grown = true;
		return txn_commit(&txn, e);
	}
	*e = why;
	if (db_storage_failed(&why) || !txn_alive(&txn, e))
		return false;
	log_once(LOG_WARNING, "merge", err_slug(why.code), "column %.*s cannot be added to %s: %s",
		 (int)column->name.len, column->name.text, table->name, why.text);
	return true;
}

bool table_make_columns(struct db *db, const struct document_table *document,
			const struct world *world, bool *ret_grown, struct err *e)
{
	const struct schema_table *schema = document->schema;
	const struct catalog_table *table = document->table;
	AUTO_BUF report = { 0 };

	*ret_grown = false;
	for (uint16_t i = 0; i < schema->columns; i++) {
		bool there = document->column_no[i] < 0 ||
			     catalog_column_by_no(table, document->column_no[i]) != NULL;

		if (!there && !has_column(db, table, &schema->column[i].name, &there, e))
			return false;
		if (!there && !grow_by(db, table, &schema->column[i], ret_grown, e))
			return false;
	}
	if (!*ret_grown)
		return true;
	if (!repair_run(db, world, &report, e))
		return false;
	log_line(LOG_NOTICE, "merge", "%s", buf_string(&report));
	return true;
}
