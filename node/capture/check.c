/* check.c - the conditions for replicating a table, and the words for each. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "capture/check.h"

static void reason(struct attach_report *report, enum err_code code, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

static void reason(struct attach_report *report, enum err_code code, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (report->reason_count++ == 0)
		report->code = code;
	buf_print(&report->reasons, "%s\n", text);
}

static bool reserved(const char *name)
{
	return sqlite3_strnicmp(name, "sqlite_", 7) == 0 || sqlite3_strnicmp(name, "simpul_", 7) == 0;
}

/* By encoding a document of this column alone, so that there is one definition of what it can hold. */
bool check_column(const struct catalog_column *column, struct err *why)
{
	struct schema_column c = {
		.name = { column->name, (uint32_t)strlen(column->name) },
		.type = { column->type, (uint32_t)strlen(column->type) },
		.fallback = column->fallback,
	};
	struct schema_table t = { .name = { "t", 1 }, .columns = 1, .keys = 1, .column = &c };
	struct schema schema = { .tables = 1, .table = &t };
	size_t cap = 256 + c.name.len + c.type.len +
		     (c.fallback.type >= VALUE_TEXT ? c.fallback.len : 0), len;
	AUTO_MEMORY uint8_t *out = memory_new(cap);

	return schema_encode(&schema, out, cap, &len, why);
}

static bool known_collation(const char *name)
{
	return sqlite3_stricmp(name, "BINARY") == 0 || sqlite3_stricmp(name, "NOCASE") == 0 ||
	       sqlite3_stricmp(name, "RTRIM") == 0;
}

/* What kind of thing the name is, where it is no ordinary table. */
static bool check_kind(struct db *db, const char *name, struct attach_report *report, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(db, "SELECT type FROM pragma_table_list(?1) WHERE schema = 'main'", &s, e))
		return false;
	stmt_text(&s, 1, name);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		reason(report, ERR_NOT_FOUND, "%s: there is no such table", name);
	else if (strcmp(stmt_get_text(&s, 0), "view") == 0)
		reason(report, ERR_CANNOT_ATTACH, "%s: is a view; attach the tables under it", name);
	else if (strcmp(stmt_get_text(&s, 0), "virtual") == 0)
		reason(report, ERR_CANNOT_ATTACH,
		       "%s: is a virtual table; attach the table that holds its content", name);
	else
		reason(report, ERR_CANNOT_ATTACH, "%s: belongs to a virtual table", name);
	return true;
}

static bool check_attached(struct db *db, const char *name, struct attach_report *report,
			   struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT 1 FROM simpul_table WHERE name = ?1 COLLATE NOCASE", &s, e))
		return false;
	stmt_text(&s, 1, name);
	if (!stmt_row(&s, &row, e))
		return false;
	if (row)
		reason(report, ERR_EXISTS, "%s: is attached already", name);
	return true;
}

static void check_columns(const struct catalog_table *table, struct attach_report *report)
{
	if (table->columns > (int)LIMIT_COLUMNS)
		reason(report, ERR_CANNOT_ATTACH, "%s: has %d columns, at most %u can be replicated",
		       table->name, table->columns, LIMIT_COLUMNS);
	for (int i = 0; i < table->columns; i++) {
		const struct catalog_column *c = &table->column[i];
		struct err why;

		if (!check_column(c, &why))
			reason(report, ERR_CANNOT_ATTACH, "%s: column %.140s: %s", table->name, c->name,
			       why.text);
		if (catalog_is_key(table, i) &&
		    (c->flags & (SCHEMA_COLUMN_NOCASE | SCHEMA_COLUMN_RTRIM)))
			reason(report, ERR_CANNOT_ATTACH,
			       "%s: key column %s has COLLATE %s; a key must compare bytes", table->name,
			       c->name, c->flags & SCHEMA_COLUMN_NOCASE ? "NOCASE" : "RTRIM");
	}
}

static bool check_null_keys(struct db *db, const struct catalog_table *table,
			    struct attach_report *report, struct err *e)
{
	if (table->without_rowid || table->integer_key)
		return true; /* SQLite itself refuses NULL there */
	for (int i = 0; i < table->keys; i++) {
		const char *name = table->column[table->key[i]].name;
		AUTO_BUF sql = { 0 };
		int64_t nulls;

		buf_text(&sql, "SELECT count(*) FROM ");
		sql_quote(&sql, table->name);
		buf_text(&sql, " WHERE ");
		sql_quote(&sql, name);
		buf_text(&sql, " IS NULL");
		if (!db_int(db, buf_string(&sql), 0, &nulls, e))
			return false;
		if (nulls > 0)
			reason(report, ERR_NULL_KEY, "%s: %lld rows have NULL in key column %s", table->name,
			       (long long)nulls, name);
	}
	return true;
}

static bool check_collations(struct db *db, const struct catalog_table *table,
			     struct attach_report *report, struct err *e)
{
	static const char find[] =
		"SELECT l.name, x.coll, l.\"unique\", l.partial, x.cid < 0, l.origin, l.seq"
		" FROM pragma_index_list(?1) l, pragma_index_xinfo(l.name) x WHERE x.key = 1"
		" ORDER BY l.name";
	char warned[LIMIT_NAME_BYTES * 4] = "";
	AUTO_STMT s = { 0 };
	bool row;

	for (int i = 0; i < table->columns; i++) {
		const char *type, *coll;
		int not_null, key, automatic;

		if (sqlite3_table_column_metadata(db->handle, "main", table->name, table->column[i].name,
						  &type, &coll, &not_null, &key, &automatic) != SQLITE_OK)
			return db_error(db, e, "describe column");
		if (!known_collation(coll))
			reason(report, ERR_CANNOT_ATTACH, "%s: column %s needs the collation %s",
			       table->name, table->column[i].name, coll);
	}
	if (!db_prepare(db, find, &s, e))
		return false;
	stmt_text(&s, 1, table->name);
	while (true) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		if (!known_collation(stmt_get_text(&s, 1)))
			reason(report, ERR_CANNOT_ATTACH, "%s: index %s needs the collation %s",
			       table->name, stmt_get_text(&s, 0), stmt_get_text(&s, 1));
		if (!stmt_get_int(&s, 2) || strcmp(warned, stmt_get_text(&s, 0)) == 0 ||
		    !(stmt_get_int(&s, 3) || stmt_get_int(&s, 4)))
			continue;
		snprintf(warned, sizeof(warned), "%s", stmt_get_text(&s, 0));
		buf_print(&report->warnings,
			  "%s: rows that INSERT OR REPLACE evicts through the %s UNIQUE index %s are not"
			  " noticed as deleted\n", table->name,
			  stmt_get_int(&s, 3) ? "partial" : "expression", stmt_get_text(&s, 0));
	}
}

/* Compiling a write compiles CHECKs, generated columns and index expressions: what they need, we need. */
static bool check_compiles(struct db *db, const struct catalog_table *table,
			   struct attach_report *report)
{
	static const char *const forms[] = { "SELECT * FROM ", "INSERT INTO ", "DELETE FROM " };
	bool ok = true;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		AUTO_BUF sql = { 0 };
		AUTO_STMT s = { 0 };
		struct err why;

		buf_text(&sql, forms[i]);
		sql_quote(&sql, table->name);
		if (i == 1)
			buf_text(&sql, " DEFAULT VALUES");
		if (ok && !db_prepare(db, buf_string(&sql), &s, &why)) {
			reason(report, ERR_CANNOT_ATTACH, "%s: %s", table->name, why.text);
			ok = false;
		}
	}
	return ok;
}

/* Each value of the scope column must be a scope, before a row's place depends on it. */
static bool check_scope_values(struct db *db, const struct catalog_table *table, const char *column,
			       struct attach_report *report, struct err *e)
{
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	buf_text(&sql, "SELECT ");
	sql_quote(&sql, column);
	buf_text(&sql, ", count(*) FROM ");
	sql_quote(&sql, table->name);
	buf_text(&sql, " GROUP BY 1");
	if (!db_prepare(db, buf_string(&sql), &s, e))
		return false;
	while (true) {
		struct scope scope;
		struct value v;
		struct err why;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		v = stmt_get_value(&s, 0);
		if (v.type == VALUE_NULL)
			reason(report, ERR_CANNOT_ATTACH, "%s: %lld rows have no scope (NULL in %s)",
			       table->name, (long long)stmt_get_int(&s, 1), column);
		else if (v.type != VALUE_TEXT)
			reason(report, ERR_CANNOT_ATTACH,
			       "%s: %lld rows have a scope in %s that is not TEXT", table->name,
			       (long long)stmt_get_int(&s, 1), column);
		else if (!scope_parse((const char *)v.bytes, v.len, &scope, &why))
			reason(report, ERR_CANNOT_ATTACH, "%s: scope '%.70s' in %s: %s", table->name,
			       stmt_get_text(&s, 0), column, why.text);
	}
}

static bool check_scope(struct db *db, const struct catalog_table *table,
			const struct attach_request *request, struct attach_report *report,
			struct err *e)
{
	const char *column = request->scope_column;
	struct scope scope;
	struct err why;

	if ((request->scope == NULL) == (column == NULL)) {
		reason(report, ERR_USAGE, "%s: needs either a scope or a scope column", table->name);
		return true;
	}
	if (request->scope != NULL) {
		if (!scope_parse(request->scope, strlen(request->scope), &scope, &why))
			reason(report, ERR_USAGE, "%s: %s", table->name, why.text);
		if (table->scope_in_key)
			reason(report, ERR_CANNOT_ATTACH, "%s: has " CATALOG_SCOPE_COLUMN
			       " in its key, which must be the scope column", table->name);
		return true;
	}
	if (table->scope_in_key && sqlite3_stricmp(column, CATALOG_SCOPE_COLUMN) == 0)
		return check_scope_values(db, table, column, report, e);
	if (catalog_column_by_name(table, column, strlen(column)) == NULL) {
		reason(report, ERR_CANNOT_ATTACH, "%s: has no ordinary column %s to take the scope from",
		       table->name, column);
		return true;
	}
	return check_scope_values(db, table, column, report, e);
}

bool check_table(const struct check *check, const char *name, struct catalog_table *ret_table,
		 struct err *e)
{
	const struct attach_request *request = check->request;
	struct attach_report *report = check->report;
	struct db *db = check->db;
	int keys;

	*ret_table = (struct catalog_table){ 0 };
	if (!name_valid(name, strlen(name)) || reserved(name)) {
		reason(report, ERR_CANNOT_ATTACH,
		       "%.140s: a name has 1 to 128 bytes of UTF-8 and does not begin with sqlite_ or"
		       " simpul_", name);
		return true;
	}
	if (!check_attached(db, name, report, e))
		return false;
	if (!catalog_describe(db, check->arena, name, ret_table, &keys, e))
		return e->code == ERR_NOT_FOUND && check_kind(db, name, report, e);
	if (keys == 0)
		reason(report, ERR_NO_KEY, "%s: has no PRIMARY KEY; rowids alone are not lasting", name);
	if (keys > (int)LIMIT_KEY_COLUMNS)
		reason(report, ERR_CANNOT_ATTACH, "%s: has %d key columns, at most %u can be replicated",
		       name, keys, LIMIT_KEY_COLUMNS);
	if (ret_table->scope_in_key && !request->made)
		reason(report, ERR_CANNOT_ATTACH, "%s: column " CATALOG_SCOPE_COLUMN " has a reserved name",
		       name);
	check_columns(ret_table, report);
	if (!check_compiles(db, ret_table, report))
		return true; /* what follows would run the same missing functions */
	return check_collations(db, ret_table, report, e) &&
	       check_null_keys(db, ret_table, report, e) &&
	       check_scope(db, ret_table, request, report, e);
}

static bool check_triggers(struct db *db, struct attach_report *report, struct err *e)
{
	static const char find[] =
		"SELECT DISTINCT g.name, g.tbl_name, t.name FROM sqlite_schema g, simpul_table t"
		" WHERE g.type = 'trigger' AND g.name NOT GLOB 'simpul_*'"
		" AND instr(lower(substr(g.sql, instr(upper(g.sql), 'BEGIN'))), lower(t.name)) > 0"
		" ORDER BY 1, 3";
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(db, find, &s, e))
		return false;
	while (true) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		buf_print(&report->warnings,
			  "trigger %s on %s may write %s: its writes are sent like any other, and it does"
			  " not run when other nodes' changes are merged\n",
			  stmt_get_text(&s, 0), stmt_get_text(&s, 1), stmt_get_text(&s, 2));
	}
}

/* SQLite 3.7.0 to 3.51.2, but for two fixed ones, can damage a WAL file that two programs write. */
static bool wal_is_safe(int version)
{
	return version < 3007000 || version > 3051002 || version == 3044006 || version == 3050007;
}

bool check_file(struct db *db, struct attach_report *report, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(db, "PRAGMA journal_mode", &s, e) || !stmt_row(&s, &row, e))
		return false;
	if (row && sqlite3_stricmp(stmt_get_text(&s, 0), "wal") == 0 &&
	    !wal_is_safe(sqlite3_libversion_number()))
		buf_print(&report->warnings,
			  "%s is in WAL mode, and this SQLite (%s) can damage such a file when two programs"
			  " write it; close the other programs and run PRAGMA journal_mode=TRUNCATE\n",
			  db->path, sqlite3_libversion());
	return check_triggers(db, report, e);
}
