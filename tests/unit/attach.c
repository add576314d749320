/* attach.c - which tables can be replicated, and that attaching leaves no trace once undone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/attach.h"
#include "office.h"
#include "tap.h"

/* The application's part of the schema, as `.schema` shows it, and our tables as they are without any. */
static bool schema_text(struct db *db, struct buf *ret, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	buf_reset(ret);
	if (!db_prepare(db, "SELECT name || '|' || coalesce(sql, '') FROM sqlite_schema"
			    " ORDER BY name", &s, e))
		return false;
	while (true) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		buf_print(ret, "%s\n", stmt_get_text(&s, 0));
	}
}

static bool attach_reasons(struct office *o, const char *table, struct attach_report *report,
			   enum err_code *ret_code)
{
	struct attach_request request = { .scope = "13.73", .world = &o->world };
	struct err e = { 0 };
	bool ok = attach_tables(&o->node, &table, 1, &request, report, &e);

	*ret_code = ok ? ERR_OK : e.code;
	return ok;
}

static void refuses_by_name(void)
{
	static const struct {
		const char *table, *sql;
		enum err_code code;
		const char *words;
	} bad[] = {
		{ "gone", "SELECT 1", ERR_NOT_FOUND, "no such table" },
		{ "t", "CREATE TABLE t(a, b)", ERR_NO_KEY, "PRIMARY KEY" },
		{ "t", "CREATE TABLE t(a TEXT PRIMARY KEY, b); INSERT INTO t VALUES(NULL, 1), (NULL, 2)",
		  ERR_NULL_KEY, "2 rows have NULL in key column a" },
		{ "t", "CREATE TABLE t(a TEXT COLLATE NOCASE PRIMARY KEY)", ERR_CANNOT_ATTACH, "NOCASE" },
		{ "t", "CREATE TABLE t(a TEXT COLLATE RTRIM PRIMARY KEY)", ERR_CANNOT_ATTACH, "RTRIM" },
		{ "t", "CREATE TABLE t(a,b,c,d,e, PRIMARY KEY(a,b,c,d,e))", ERR_CANNOT_ATTACH,
		  "5 key columns" },
		{ "t", "CREATE TABLE s(a PRIMARY KEY); CREATE VIEW t AS SELECT * FROM s", ERR_CANNOT_ATTACH,
		  "view" },
		{ "t", "CREATE VIRTUAL TABLE t USING fts5(a)", ERR_CANNOT_ATTACH, "virtual table" },
		{ "t_content", "CREATE VIRTUAL TABLE t USING fts5(a)", ERR_CANNOT_ATTACH, "virtual table" },
		{ "simpul_meta", "SELECT 1", ERR_CANNOT_ATTACH, "simpul_" },
		{ "sqlite_schema", "SELECT 1", ERR_CANNOT_ATTACH, "sqlite_" },
		{ "t", "CREATE TABLE t(a PRIMARY KEY, simpul_x)", ERR_CANNOT_ATTACH, "simpul_x" },
		{ "t", "CREATE TABLE t(a PRIMARY KEY, \"b\nc\")", ERR_CANNOT_ATTACH, "column" },
		{ "t", "CREATE TABLE t(a PRIMARY KEY, b \"odd'type\")", ERR_CANNOT_ATTACH, "type" },
		{ "t", "CREATE TABLE t(simpul_scope TEXT, a, PRIMARY KEY(simpul_scope, a))",
		  ERR_CANNOT_ATTACH, "simpul_scope" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		AUTO_OFFICE o = { 0 };
		AUTO_ATTACH_REPORT report = { 0 };
		AUTO_BUF before = { 0 };
		AUTO_BUF after = { 0 };
		enum err_code code;
		struct err e;

		CHECK_OK(office_open(&o, "refuse", bad[i].sql, &e), &e);
		CHECK_OK(schema_text(&o.node, &before, &e), &e);
		CHECK(!attach_reasons(&o, bad[i].table, &report, &code));
		if (code != bad[i].code || strstr(buf_string(&report.reasons), bad[i].words) == NULL)
			tap_note("%s: %s: %s", bad[i].sql, err_slug(code), buf_string(&report.reasons));
		CHECK(code == bad[i].code && strstr(buf_string(&report.reasons), bad[i].words) != NULL);
		CHECK_OK(schema_text(&o.node, &after, &e), &e);
		CHECK(strcmp(buf_string(&before), buf_string(&after)) == 0);
	}
}

/* Made with a function and a collation that this program does not have. */
static void refuses_what_it_cannot_compute(void)
{
	AUTO_OFFICE o = { 0 };
	AUTO_ATTACH_REPORT report = { 0 };
	enum err_code code;
	struct err e;

	CHECK_OK(office_open(&o, "compute",
			     "CREATE TABLE f(a PRIMARY KEY, b); CREATE TABLE c(a PRIMARY KEY, b)", &e), &e);
	CHECK(sqlite3_db_config(o.app.handle, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL) == SQLITE_OK);
	CHECK_OK(db_exec(&o.app,
			 "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql ="
			 " 'CREATE TABLE f(a PRIMARY KEY, b CHECK(no_such_function(b)))' WHERE name = 'f';"
			 "UPDATE sqlite_schema SET sql ="
			 " 'CREATE TABLE c(a PRIMARY KEY, b COLLATE indonesian)'"
			 " WHERE name = 'c'; PRAGMA schema_version = 1000", &e), &e);
	CHECK(!attach_reasons(&o, "f", &report, &code) && code == ERR_CANNOT_ATTACH);
	CHECK(strstr(buf_string(&report.reasons), "no_such_function") != NULL);
	CHECK(!attach_reasons(&o, "c", &report, &code) && code == ERR_CANNOT_ATTACH);
	CHECK(strstr(buf_string(&report.reasons), "indonesian") != NULL);
}

static void names_every_reason_at_once(void)
{
	static const char *const names[] = { "none", "a", "good", "b" };
	AUTO_OFFICE o = { 0 };
	AUTO_ATTACH_REPORT report = { 0 };
	struct attach_request request = { .scope = "13.73", .world = &o.world };
	int64_t n;
	struct err e;

	CHECK_OK(office_open(&o, "every", "CREATE TABLE a(x); CREATE TABLE good(id PRIMARY KEY);"
					  "CREATE TABLE b(x TEXT COLLATE NOCASE, y TEXT COLLATE RTRIM,"
					  " PRIMARY KEY(x, y))", &e), &e);
	CHECK(!attach_tables(&o.node, names, 4, &request, &report, &e) && e.code == ERR_NOT_FOUND);
	CHECK(report.reason_count == 4 && strstr(e.text, "3 more") != NULL);
	CHECK_OK(db_int(&o.node, "SELECT count(*) FROM simpul_table", 0, &n, &e), &e);
	CHECK(n == 0);
}

static void scope_columns(void)
{
	AUTO_OFFICE o = { 0 };
	struct attach_request request = { .scope_column = "s", .world = &o.world };
	static const char *const names[] = { "t" };
	static const char *const bad[] = { "NULL", "'Not A Scope'", "1", "x'31'", "''" };
	struct err e;

	CHECK_OK(office_open(&o, "scope", "CREATE TABLE t(a PRIMARY KEY, s, g AS (a) STORED)", &e), &e);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		AUTO_ATTACH_REPORT report = { 0 };
		char sql[128];

		snprintf(sql, sizeof(sql), "INSERT OR REPLACE INTO t VALUES(1, %s), (2, '13.73')", bad[i]);
		CHECK_OK(db_exec(&o.node, sql, &e), &e);
		CHECK(!attach_tables(&o.node, names, 1, &request, &report, &e));
		CHECK(e.code == ERR_CANNOT_ATTACH && report.reason_count == 1);
	}
	CHECK_OK(db_exec(&o.node, "UPDATE t SET s = '32.04'", &e), &e);
	for (int i = 0; i < 3; i++) {
		AUTO_ATTACH_REPORT report = { 0 };

		request.scope_column = i == 0 ? "g" : i == 1 ? "none" : NULL;
		CHECK(!attach_tables(&o.node, names, 1, &request, &report, &e));
	}
	CHECK_OK(office_attach_by(&o, "T", "S", &e), &e);
	CHECK(!office_attach_by(&o, "t", "s", &e) && e.code == ERR_EXISTS);
}

/* Both sides of the limits, and every odd name that SQL allows; written and read back. */
static void odd_names(void)
{
	static const char *const names[] = { "select", "a b", "say \"so\"", "it's", "UPPER", "[x]", "`y`",
					     "per;cent%s", "na\xc3\xafve \xe6\x97\xa5\xe6\x9c\xac", "-- x",
					     "1st", NULL };
	char longest[LIMIT_NAME_BYTES + 1], over[LIMIT_NAME_BYTES + 2];
	struct err e;

	for (size_t i = 0; i < LIMIT_NAME_BYTES; i += 2)
		memcpy(longest + i, "\xc3\xa9", 2);
	longest[LIMIT_NAME_BYTES] = '\0';
	memset(over, 'x', sizeof(over) - 1);
	over[sizeof(over) - 1] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *name = names[i] == NULL ? longest : names[i];
		AUTO_OFFICE o = { 0 };
		AUTO_BUF sql = { 0 };

		buf_text(&sql, "CREATE TABLE ");
		sql_quote(&sql, name);
		buf_text(&sql, "(\"key\" TEXT PRIMARY KEY, ");
		sql_quote(&sql, name);
		buf_text(&sql, " UNIQUE, \"order\" BLOB)");
		CHECK_OK(office_open(&o, "names", buf_string(&sql), &e), &e);
		CHECK_OK(office_attach(&o, name, "13.73", &e), &e);
		CHECK_OK(office_enrol(&o, "13.73", &e), &e);
		buf_reset(&sql);
		buf_text(&sql, "INSERT INTO ");
		sql_quote(&sql, name);
		buf_text(&sql, " VALUES('a', 1, 2), ('b', 2, x''); UPDATE ");
		sql_quote(&sql, name);
		buf_text(&sql, " SET ");
		sql_quote(&sql, name);
		buf_text(&sql, " = 5, \"order\" = 7 WHERE key = 'a'");
		CHECK_OK(db_exec(&o.app, buf_string(&sql), &e), &e);
		CHECK_OK(office_agrees(&o, name, &e), &e);
	}
	AUTO_OFFICE o = { 0 };
	AUTO_BUF sql = { 0 };

	buf_print(&sql, "CREATE TABLE t(a PRIMARY KEY, %s); CREATE TABLE %s(a PRIMARY KEY)", over, over);
	CHECK_OK(office_open(&o, "over", buf_string(&sql), &e), &e);
	CHECK(!office_attach(&o, "t", "13.73", &e) && e.code == ERR_CANNOT_ATTACH);
	CHECK(!office_attach(&o, over, "13.73", &e) && e.code == ERR_CANNOT_ATTACH);
}

static void column_limits(void)
{
	struct err e;

	for (int columns = 255; columns <= 257; columns++) {
		AUTO_OFFICE o = { 0 };
		AUTO_BUF sql = { 0 };

		buf_text(&sql, "CREATE TABLE t(a PRIMARY KEY");
		for (int i = 1; i < columns; i++)
			buf_print(&sql, ", c%d%s", i, i % 3 == 0 ? " BLOB" : "");
		buf_text(&sql, ")");
		CHECK_OK(office_open(&o, "columns", buf_string(&sql), &e), &e);
		CHECK(office_attach(&o, "t", "13.73", &e) == (columns <= 256));
		if (columns > 256)
			continue;
		CHECK_OK(office_enrol(&o, "13.73", &e), &e);
		CHECK_OK(db_exec(&o.app, "INSERT INTO t(a, c61, c62, c254) VALUES(1, 2, 3, 4)", &e), &e);
		CHECK_OK(office_agrees(&o, "t", &e), &e);
		CHECK_OK(db_exec(&o.app, "UPDATE t SET c61 = 9; UPDATE t SET c254 = 8", &e), &e);
		CHECK_OK(office_agrees(&o, "t", &e), &e);
		CHECK_OK(db_exec(&o.app, "UPDATE t SET c62 = 9, c63 = 4, c250 = 'x'", &e), &e);
		CHECK_OK(office_agrees(&o, "t", &e), &e);
	}
}

static void warns(void)
{
	AUTO_OFFICE o = { 0 };
	AUTO_ATTACH_REPORT report = { 0 };
	enum err_code code;
	struct err e;

	CHECK_OK(office_open(&o, "warn",
			     "CREATE TABLE t(a PRIMARY KEY, b, c); CREATE TABLE other(x);"
			     "CREATE UNIQUE INDEX part ON t(b) WHERE c = 1;"
			     "CREATE UNIQUE INDEX expr ON t(abs(c));"
			     "CREATE TRIGGER app AFTER INSERT ON other BEGIN UPDATE t SET b = 1; END",
			     &e), &e);
	CHECK(attach_reasons(&o, "t", &report, &code));
	CHECK(strstr(buf_string(&report.warnings), "partial UNIQUE index part") != NULL);
	CHECK(strstr(buf_string(&report.warnings), "expression UNIQUE index expr") != NULL);
	CHECK(strstr(buf_string(&report.warnings), "trigger app on other may write t") != NULL);
}

static void detach_leaves_no_trace(void)
{
	static const char *const names[] = { "t", "u" };
	AUTO_OFFICE o = { 0 };
	AUTO_BUF before = { 0 };
	AUTO_BUF after = { 0 };
	struct outbox_result result;
	int64_t n;
	struct err e;

	CHECK_OK(office_open(&o, "detach",
			     "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT, b BLOB, c UNIQUE,"
			     " g AS (b || c)); CREATE INDEX i ON t(b);"
			     "CREATE TABLE u(a, b, PRIMARY KEY(b, a)) WITHOUT ROWID;"
			     "CREATE TRIGGER app AFTER DELETE ON t BEGIN DELETE FROM u WHERE a = OLD.a; END;"
			     "INSERT INTO t(b, c) VALUES(1, 2), (3, 4); INSERT INTO u VALUES(1, 1)", &e), &e);
	CHECK_OK(schema_text(&o.node, &before, &e), &e);
	CHECK_OK(office_attach(&o, "t", "13.73", &e), &e);
	CHECK_OK(office_attach(&o, "u", "13.73", &e), &e);
	CHECK(!detach_tables(&o.node, names, 2, false, &e) && e.code == ERR_UNSENT);
	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(!detach_tables(&o.node, names, 2, false, &e) && e.code == ERR_UNSENT);
	for (int64_t i = 1; i <= 2 + result.changesets - 1; i++) {
		struct outbox_receipt receipt = { .n = i, .proof = "", .log_index = i - 1 };

		CHECK_OK(outbox_file_receipt(&o.node, &receipt, &o.world, &e), &e);
	}
	static const char *const wrong[] = { "t", "none" };

	CHECK(!detach_tables(&o.node, wrong, 2, false, &e) && e.code == ERR_NOT_FOUND);
	CHECK_OK(db_int(&o.node, "SELECT count(*) FROM simpul_table", 0, &n, &e), &e);
	CHECK(n == 2);
	CHECK_OK(detach_tables(&o.node, names, 2, false, &e), &e);
	CHECK_OK(schema_text(&o.node, &after, &e), &e);
	CHECK(strcmp(buf_string(&before), buf_string(&after)) == 0);
	CHECK_OK(db_exec(&o.app, "DELETE FROM t", &e), &e);
	CHECK_OK(office_hints(&o, &n, &e), &e);
	CHECK(n == 0);
	CHECK_OK(office_attach(&o, "t", "13.73", &e), &e);
	CHECK_OK(db_exec(&o.app, "INSERT INTO t(b) VALUES(7)", &e), &e);
	CHECK(!detach_tables(&o.node, names, 1, false, &e) && e.code == ERR_UNSENT);
	CHECK_OK(detach_tables(&o.node, names, 1, true, &e), &e);
	CHECK_OK(schema_text(&o.node, &after, &e), &e);
	CHECK(strcmp(buf_string(&before), buf_string(&after)) == 0);
}

static void made_tables_carry_their_scope(void)
{
	static const char *const names[] = { "t" };
	AUTO_OFFICE o = { 0 };
	AUTO_ATTACH_REPORT report = { 0 };
	struct attach_request request = { .scope_column = "simpul_scope", .made = true,
					  .world = &o.world };
	struct outbox_result result;
	int64_t n;
	struct err e;

	CHECK_OK(office_open(&o, "made", "CREATE TABLE t(simpul_scope TEXT NOT NULL, id INTEGER, v,"
					 " PRIMARY KEY(simpul_scope, id))", &e), &e);
	CHECK_OK(attach_tables(&o.node, names, 1, &request, &report, &e), &e);
	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
	CHECK_OK(office_enrol(&o, "32.04", &e), &e);
	CHECK_OK(db_exec(&o.app, "INSERT INTO t VALUES('13.73', 1, 'a'), ('32.04', 1, 'b')", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 2 && result.changesets == 4);
	CHECK_OK(db_exec(&o.app, "UPDATE t SET v = 'c' WHERE simpul_scope = '32.04'", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 1 && result.changesets == 1);
	CHECK_OK(db_exec(&o.app, "UPDATE t SET simpul_scope = '32.04', id = 2 WHERE v = 'a';"
				 "DELETE FROM t WHERE id = 1", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 3 && result.changesets == 2);
	CHECK_OK(office_hints(&o, &n, &e), &e);
	CHECK(n == 0);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(refuses_by_name), TAP(refuses_what_it_cannot_compute), TAP(names_every_reason_at_once),
		TAP(scope_columns),   TAP(odd_names),			   TAP(column_limits),
		TAP(warns),	      TAP(detach_leaves_no_trace),	   TAP(made_tables_carry_their_scope),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
