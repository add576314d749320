/* constraint.c - what breaks a CHECK or a foreign key, compared with what SQLite itself says of it. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "merge/constraint.h"
#include "tap.h"

struct found {
	struct buf rows; /* "rule key;" each */
	struct buf details;
	int n, stop_at;
};

static void found_done(struct found *f)
{
	buf_done(&f->rows);
	buf_done(&f->details);
}

#define AUTO_FOUND __attribute__((cleanup(found_done))) struct found

static void put_value(struct buf *out, const struct value *v)
{
	if (v->type == VALUE_INT)
		buf_print(out, "%lld", (long long)v->integer);
	else if (v->type == VALUE_TEXT)
		buf_print(out, "%.*s", (int)v->len, (const char *)v->bytes);
	else
		buf_text(out, "?");
}

static bool collect(void *state, const struct constraint_breach *b)
{
	struct found *f = state;

	buf_print(&f->rows, "%s", b->rule);
	for (int i = 0; b->key != NULL && i < b->table->keys; i++) {
		buf_text(&f->rows, i == 0 ? " " : ",");
		put_value(&f->rows, &b->key[i]);
	}
	buf_print(&f->rows, "%s%s;", b->scope[0] == '\0' ? "" : "@", b->scope);
	buf_print(&f->details, "%s;", b->detail);
	f->n++;
	return f->n != f->stop_at;
}

/* Runs the SQL with CHECK switched off, then looks for what is broken in table t. */
static bool find(struct db *db, struct arena *arena, const char *sql, const char *scope, struct found *f,
		 struct err *e)
{
	struct catalog_table table;
	int keys;

	if (!db_open(db, ":memory:", DB_NODE, true, e) ||
	    !db_exec(db, "PRAGMA ignore_check_constraints=ON", e) || !db_exec(db, sql, e) ||
	    !catalog_describe(db, arena, "t", &table, &keys, e))
		return false;
	table.scope = scope;
	for (int i = 0; scope == NULL && i < table.columns; i++)
		if (strcmp(table.column[i].name, "scope") == 0)
			table.scope_at = i;
	return constraint_find(db, &table, collect, f, NULL, e);
}

#define FIND(sql, scope)                                                                             \
	AUTO_DB db = { 0 };                                                                          \
	AUTO_ARENA arena = { 0 };                                                                    \
	AUTO_FOUND f = { 0 };                                                                        \
	struct err e;                                                                                \
	CHECK_OK(find(&db, &arena, sql, scope, &f, &e), &e)

static void a_check_is_broken_where_it_is_false(void)
{
	FIND("CREATE TABLE t(id INTEGER PRIMARY KEY, n INT CHECK (n BETWEEN 0 AND 100));"
	     "INSERT INTO t VALUES (1, 5), (2, 101), (3, NULL), (4, -1), (5, 100)", "13.73");

	CHECK(strcmp(buf_string(&f.rows), "check 2@13.73;check 4@13.73;") == 0);
	CHECK(strcmp(buf_string(&f.details),
		     "CHECK (n BETWEEN 0 AND 100);CHECK (n BETWEEN 0 AND 100);") == 0);
}

static void a_row_is_told_for_each_rule_and_with_all_of_its_key(void)
{
	FIND("CREATE TABLE t(a TEXT, n INT CHECK (n > 0), b INT, m INT, CONSTRAINT \"more (\" CHECK (m > n),"
	     " PRIMARY KEY(b, a)) WITHOUT ROWID;"
	     "INSERT INTO t VALUES ('x', -1, 7, -2), ('y', 1, 7, 2), ('x', 3, 1, 2)", "13.73");

	CHECK(strcmp(buf_string(&f.rows), "check 7,x@13.73;check 1,x@13.73;check 7,x@13.73;") == 0);
}

static void the_scope_is_that_of_the_row(void)
{
	FIND("CREATE TABLE t(id PRIMARY KEY, scope, n CHECK (n <> 1));"
	     "INSERT INTO t VALUES ('a', '13.73', 1), ('b', '13.71', 1), ('c', NULL, 1)", NULL);

	CHECK(strcmp(buf_string(&f.rows), "check a@13.73;check b@13.71;check c;") == 0);
}

static void text_that_only_looks_like_a_check(void)
{
	FIND("CREATE TABLE t(id INTEGER PRIMARY KEY, -- CHECK (n > 0)\n"
	     " n INT /* CHECK (n > 0) */ DEFAULT 'CHECK (n > 0)', \"check\" INT, [check (] INT, "
	     "`Check )` INT,"
	     " checked INT, recheck TEXT DEFAULT ')',"
	     " CHECK -- here ' it is\n /* ( */ (n <> 2 OR recheck = ') it''s'));"
	     "INSERT INTO t(id, n, recheck) VALUES (1, -1, ''), (2, 2, ''), (3, 2, ') it''s')",
	     "13.73");

	CHECK(strcmp(buf_string(&f.rows), "check 2@13.73;") == 0);
}

static void a_string_in_double_quotes_is_read_as_in_the_table(void)
{
	FIND("CREATE TABLE t(id INTEGER PRIMARY KEY, s TEXT CHECK (s <> \"merah\"));"
	     "INSERT INTO t VALUES (1, 'merah'), (2, 'biru')", "13.73");

	CHECK(strcmp(buf_string(&f.rows), "check 1@13.73;") == 0);
	CHECK(!db_exec(&db, "SELECT \"merah\"", &e)); /* and nowhere else */
}

static void a_rule_that_cannot_be_evaluated_is_told_once(void)
{
	FIND("CREATE TABLE t(id INTEGER PRIMARY KEY, s INT CHECK (abs(s) > 1), n INT CHECK (n > 0));"
	     "INSERT INTO t VALUES (1, -9223372036854775807 - 1, 0)", "13.73");

	CHECK(strcmp(buf_string(&f.rows), "check@13.73;check 1@13.73;") == 0);
	CHECK(strstr(buf_string(&f.details), "cannot be evaluated here") != NULL);
}

static void children_without_a_parent(void)
{
	FIND("CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
	     "CREATE TABLE t(id TEXT PRIMARY KEY, p_id REFERENCES p) WITHOUT ROWID;"
	     "INSERT INTO t VALUES ('a', 1), ('b', '1'), ('c', NULL), ('d', 2), ('e', 'x''y')", "13.73");

	CHECK(strcmp(buf_string(&f.rows), "foreign-key d@13.73;foreign-key e@13.73;") == 0);
	CHECK(strcmp(buf_string(&f.details), "p_id = 2 is not in p(id);p_id = 'x''y' is not in p(id);") == 0);
}

static void keys_of_several_columns_and_parents_that_are_not_there(void)
{
	FIND("CREATE TABLE p(a, b TEXT COLLATE NOCASE, UNIQUE(a, b)); INSERT INTO p VALUES (1, 'Satu');"
	     "CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, c, FOREIGN KEY(a, b) REFERENCES p(a, b),"
	     " FOREIGN KEY(c) REFERENCES \"it's gone\"(x));"
	     "INSERT INTO t VALUES (1, 1, 'SATU', NULL), (2, 1, 'dua', NULL), (3, 1, NULL, NULL),"
	     " (4, NULL, NULL, 4)", "13.73");

	CHECK(strcmp(buf_string(&f.rows), "foreign-key 2@13.73;foreign-key 4@13.73;") == 0);
	CHECK(strstr(buf_string(&f.details), "a = 1, b = 'dua' is not in p(a, b);") != NULL);
	CHECK(strstr(buf_string(&f.details), "c = 4 is not in it's gone, which is not there;") != NULL);
}

static void a_table_that_refers_to_itself(void)
{
	FIND("CREATE TABLE t(id INTEGER PRIMARY KEY, up INT REFERENCES t(id));"
	     "INSERT INTO t VALUES (1, NULL), (2, 1), (3, 9)", "13.73");

	CHECK(strcmp(buf_string(&f.rows), "foreign-key 3@13.73;") == 0);
}

static void it_stops_when_told(void)
{
	AUTO_DB db = { 0 };
	AUTO_ARENA arena = { 0 };
	AUTO_FOUND f = { .stop_at = 2 };
	struct err e;

	CHECK_OK(find(&db, &arena,
		      "CREATE TABLE t(id INTEGER PRIMARY KEY, n CHECK (n > 0), m CHECK (m > 0) REFERENCES t);"
		      "INSERT INTO t VALUES (1, 0, 0), (2, 0, 0), (3, 0, 0)", "13.73", &f, &e), &e);
	CHECK(f.n == 2);
}

/* What SQLite says when it is asked row by row: those that an UPDATE lets through keep their checks. */
static bool oracle_checks(struct db *db, struct buf *ret, struct err *e)
{
	AUTO_TXN txn = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_exec(db, "PRAGMA ignore_check_constraints=OFF", e) || !txn_begin(&txn, db, e) ||
	    !db_exec(db, "CREATE TEMP TABLE good(id)", e) ||
	    !db_prepare(db, "UPDATE OR IGNORE t SET c = c RETURNING id", &s, e))
		return false;
	for (;;) {
		AUTO_STMT put = { 0 };

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		if (!db_prepare(db, "INSERT INTO good VALUES(?1)", &put, e))
			return false;
		stmt_int(&put, 1, stmt_get_int(&s, 0));
		if (!stmt_done(&put, e))
			return false;
	}
	stmt_close(&s);
	if (!db_prepare(db, "SELECT id FROM t WHERE id NOT IN (SELECT id FROM good) ORDER BY id", &s, e))
		return false;
	while (stmt_row(&s, &row, e) && row)
		buf_print(ret, "check %lld@13.73;", (long long)stmt_get_int(&s, 0));
	return true;
}

static bool oracle_foreign(struct db *db, struct buf *ret, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(db, "SELECT rowid FROM pragma_foreign_key_check('t') ORDER BY 1", &s, e))
		return false;
	while (stmt_row(&s, &row, e) && row)
		buf_print(ret, "foreign-key %lld@13.73;", (long long)stmt_get_int(&s, 0));
	return true;
}

static void sqlite_agrees(void)
{
	static const char *const columns[] = {
		"c INT CHECK (c)", "c TEXT CHECK (c > 1)", "c CHECK (typeof(c) = 'integer')",
		"c REAL CHECK (c IS NOT 2.0)", "c CHECK (NOT c)", "c CHECK (c = 1 OR c = '2')",
		"c INT REFERENCES p(i)", "c TEXT REFERENCES p(i)", "c REFERENCES p(s)",
		"c INT REFERENCES p(s)", "c TEXT REFERENCES p(x)", "c REFERENCES p(x)", "c REFERENCES p(r)",
		"c COLLATE NOCASE REFERENCES p(s)", "c INT REFERENCES p(x)",
	};

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		AUTO_BUF sql = { 0 };
		AUTO_BUF want = { 0 };

		tap_note("%s", columns[i]);
		buf_print(&sql,
			  "CREATE TABLE p(i INTEGER PRIMARY KEY, s TEXT UNIQUE, x UNIQUE, r REAL "
			  "UNIQUE);"
			  "INSERT INTO p VALUES (1, '1', 1, 1.0), (2, '02', '2', 2.5), (3, 'a', "
			  "x'61', 3);"
			  "CREATE TABLE t(id INTEGER PRIMARY KEY, %s);"
			  "INSERT INTO t(c) VALUES (0), (1), (2), (3), ('0'), ('1'), ('2'), "
			  "('02'), ('a'),"
			  " ('A'), (x'61'), (1.0), (2.5), (NULL), (''), ('1.0'), (3.0)",
			  columns[i]);
		{
			FIND(buf_string(&sql), "13.73");

			CHECK_OK((strstr(columns[i], "CHECK") != NULL ? oracle_checks : oracle_foreign)(
					 &db, &want, &e), &e);
			tap_note("%s", buf_string(&want));
			CHECK(want.len > 0);
			CHECK(strcmp(buf_string(&f.rows), buf_string(&want)) == 0);
		}
	}
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(a_check_is_broken_where_it_is_false),
		TAP(a_row_is_told_for_each_rule_and_with_all_of_its_key), TAP(the_scope_is_that_of_the_row),
		TAP(text_that_only_looks_like_a_check),
		TAP(a_string_in_double_quotes_is_read_as_in_the_table),
		TAP(a_rule_that_cannot_be_evaluated_is_told_once), TAP(children_without_a_parent),
		TAP(keys_of_several_columns_and_parents_that_are_not_there),
		TAP(a_table_that_refers_to_itself), TAP(it_stops_when_told), TAP(sqlite_agrees),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
