/*
 * capture.c - random statements of ordinary programs, other programs' writes, kills: nothing escapes.
 *
 * Each seed makes tables of random shape, runs random statements through a connection that knows nothing of
 * Simpul, seals now and then, tells all changesets to an empty model and compares.  `SEEDS=5000` runs
 * more; `SEED=17` one alone.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "office.h"
#include "replay.h"
#include "tap.h"

#define SEEDS 200

static uint64_t state;

static uint32_t draw(uint32_t below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % below;
}

static const char *pick(const char *const *of, uint32_t n)
{
	return of[draw(n)];
}

#define PICK(array) pick(array, sizeof(array) / sizeof((array)[0]))

static const char *const values[] = {
	"NULL", "0", "1", "2", "-1", "1.0", "0.0", "3.5", "1e300", "-2.5e-9", "9223372036854775807",
	"-9223372036854775808", "''", "'a'", "'A'", "'b'", "'1'", "'kota \xc3\xa9'", "x''", "x'00'",
	"zeroblob(300)", "'it''s'", "CAST(x'c328' AS TEXT)", "char(0, 97)",
};
static const char *const keys[] = { "1", "2", "3", "4", "5", "6", "7", "8" };
static const char *const text_keys[] = { "'a'", "'b'", "'A'", "''", "'\xc3\xa9'", "'1'", "'z'", "'y'" };
static const char *const shapes[] = {
	"CREATE TABLE t(k INTEGER PRIMARY KEY, a, b TEXT, c BLOB, u UNIQUE)",
	"CREATE TABLE t(k TEXT PRIMARY KEY, a INT, b COLLATE NOCASE, c BLOB, u TEXT COLLATE NOCASE UNIQUE)",
	"CREATE TABLE t(k, a REAL, b, c, u, PRIMARY KEY(k)) WITHOUT ROWID",
	"CREATE TABLE t(k TEXT NOT NULL, j TEXT DEFAULT 'j', a, b NUMERIC, c, u, PRIMARY KEY(j, k),"
	" UNIQUE(u, a))",
	"CREATE TABLE t(k INT PRIMARY KEY DESC, a, b, c DEFAULT 5, u, g AS (a) STORED UNIQUE)",
	"CREATE TABLE t(k TEXT PRIMARY KEY, a ANY, b TEXT, c BLOB, u INT UNIQUE) STRICT, WITHOUT ROWID",
};
static const char *const conflict[] = { "", "", "OR REPLACE", "OR IGNORE", "OR FAIL", "OR ABORT",
					"OR ROLLBACK" };
static const char *const columns[] = { "a", "b", "c", "u" };

static bool text_key;

static const char *a_key(void)
{
	return text_key ? PICK(text_keys) : PICK(keys);
}

static void insert(struct buf *sql)
{
	buf_print(sql, "INSERT %s INTO t(k, a, b, c, u) VALUES", PICK(conflict));
	for (uint32_t i = 0, n = 1 + draw(3); i < n; i++)
		buf_print(sql, "%s(%s, %s, %s, %s, %s)", i == 0 ? "" : ",", a_key(), PICK(values),
			  PICK(values), PICK(values), PICK(values));
	if (draw(4) == 0)
		buf_print(sql, " ON CONFLICT DO %s",
			  draw(2) ? "NOTHING" : "UPDATE SET a = excluded.b, u = 9");
}

static void update(struct buf *sql)
{
	buf_print(sql, "UPDATE %s t SET %s = %s", PICK(conflict), PICK(columns), PICK(values));
	if (draw(3) == 0)
		buf_print(sql, ", a = %s", PICK(values));
	if (draw(4) == 0)
		buf_print(sql, ", k = %s", a_key());
	if (draw(6) == 0)
		buf_text(sql, ", b = b || 'x'");
	if (draw(4) != 0)
		buf_print(sql, " WHERE k %s %s", draw(2) ? "=" : "<", a_key());
}

static void statement(struct buf *sql)
{
	buf_reset(sql);
	switch (draw(12)) {
	case 0: case 1: case 2: case 3:
		insert(sql);
		break;
	case 4: case 5: case 6: case 7:
		update(sql);
		break;
	case 8:
		buf_print(sql, "DELETE FROM t WHERE k = %s", a_key());
		break;
	case 9:
		buf_print(sql, draw(8) == 0 ? "DELETE FROM t" : "DELETE FROM t WHERE a IS %s", PICK(values));
		break;
	case 10:
		buf_print(sql, "INSERT OR REPLACE INTO child VALUES(%u, %s, %s)", draw(9), a_key(),
			  PICK(values));
		break;
	default:
		buf_text(sql, draw(3) == 0 ? "ROLLBACK" : draw(2) ? "COMMIT" : "BEGIN");
		break;
	}
}

/* Most are refused now and then; what counts is what took effect. */
static bool attempt(struct office *o, const char *sql)
{
	struct err refused;

	return db_exec(&o->app, sql, &refused);
}

/* NULL in a key is for another test: such rows are listed, not sealed. */
static bool seed_open(struct office *o, struct err *e)
{
	AUTO_BUF sql = { 0 };
	uint32_t shape = draw(sizeof(shapes) / sizeof(shapes[0]));

	text_key = shape == 1 || shape == 3 || shape == 5;
	buf_print(&sql, "%s; CREATE TABLE child(id INTEGER PRIMARY KEY, up %s, v);", shapes[shape],
		  shape == 3 ? "" : "REFERENCES t(k) ON DELETE CASCADE ON UPDATE CASCADE");
	if (draw(3) == 0)
		buf_text(&sql, "CREATE TRIGGER app AFTER DELETE ON child BEGIN"
			       " UPDATE t SET a = 1 WHERE k = OLD.up; END;");
	if (!office_open(o, "random", buf_string(&sql), e))
		return false;
	o->changes_max = 1 + draw(20);
	return db_exec(&o->app, draw(2) ? "PRAGMA foreign_keys=ON" : "SELECT 1", e) &&
	       db_exec(&o->app, draw(2) ? "PRAGMA recursive_triggers=ON" : "SELECT 1", e);
}

static bool seed_run(uint64_t seed, int64_t *ret_done, struct err *e)
{
	AUTO_OFFICE o = { 0 };
	AUTO_BUF sql = { 0 };

	state = seed * 0x9e3779b97f4a7c15u + 1;
	if (!seed_open(&o, e))
		return false;
	for (uint32_t i = draw(12); i > 0; i--) {
		buf_reset(&sql);
		insert(&sql);
		attempt(&o, buf_string(&sql));
	}
	if (!office_attach(&o, "t", "13.73", e) || !office_attach(&o, "child", "13.73", e) ||
	    !office_enrol(&o, "13.73", e))
		return false;
	for (uint32_t i = 0, n = 60 + draw(200); i < n; i++) {
		statement(&sql);
		*ret_done += attempt(&o, buf_string(&sql));
		if (draw(40) != 0)
			continue;
		attempt(&o, "COMMIT");
		if (!office_agrees(&o, "t", e) || !office_agrees(&o, "child", e))
			return false;
	}
	attempt(&o, "COMMIT");
	return office_agrees(&o, "t", e) && office_agrees(&o, "child", e);
}

static void random_statements(void)
{
	const char *one = getenv("SEED"), *many = getenv("SEEDS");
	uint64_t first = one == NULL ? 1 : strtoull(one, NULL, 10);
	uint64_t last = one != NULL ? first : many == NULL ? SEEDS : strtoull(many, NULL, 10);
	int64_t done = 0;

	for (uint64_t seed = first; seed <= last; seed++) {
		struct err e = { 0 };

		if (!seed_run(seed, &done, &e)) {
			tap_note("SEED=%llu: %s", (unsigned long long)seed, e.text);
			CHECK(!"every seed agrees");
		}
	}
	tap_note("%lld statements took effect", (long long)done);
	CHECK(done > (int64_t)(last - first)); /* else nothing was tested */
}

#define ITEM "CREATE TABLE item(id TEXT PRIMARY KEY, name TEXT COLLATE NOCASE, qty INT, sku UNIQUE)"

/* Runs a program with the file and a script as arguments; true if it ended well. */
static bool run_program(const char *program, const char *option, const struct office *o, const char *script)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (option == NULL)
			execlp(program, program, o->path, script, (char *)NULL);
		else
			execlp(program, program, option, script, o->path, (char *)NULL);
		_exit(127);
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static void other_programs_are_captured(void)
{
	static const char python[] =
		"import sqlite3, sys\n"
		"c = sqlite3.connect(sys.argv[1])\n"
		"c.execute('INSERT INTO item VALUES(?, ?, ?, ?)',"
		" ('p1', 'Python', 2**63 - 1, b'\\x00\\xff'))\n"
		"c.executemany('INSERT INTO item(id, qty) VALUES(?, ?)',"
		" [('p%d' % i, i) for i in range(2, 50)])\n"
		"c.execute('UPDATE item SET name = upper(name)')\n"
		"c.execute('DELETE FROM item WHERE qty BETWEEN 10 AND 20')\n"
		"c.execute('REPLACE INTO item VALUES(?, ?, ?, ?)', ('p99', 'evicts p1', 1, b'\\x00\\xff'))\n"
		"c.commit()\n";
	AUTO_OFFICE o = { 0 };
	struct outbox_result result;
	struct err e;

	CHECK_OK(office_open(&o, "programs", ITEM, &e), &e);
	CHECK_OK(office_attach(&o, "item", "13.73", &e), &e);
	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
	CHECK(run_program("python3", "-c", &o, python));
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 1 + 48 - 11); /* with p99 instead of p1 */
	CHECK_OK(office_agrees(&o, "item", &e), &e);
	CHECK(run_program("sqlite3", NULL, &o, "INSERT INTO item(id, name) VALUES('shell', 'sqlite3');"
					       "UPDATE item SET name = 'NAME' WHERE id = 'p99';"
					       "UPDATE item SET name = 'name' WHERE id = 'p99';"
					       "UPDATE item SET id = 'moved' WHERE id = 'p30';"));
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 4);
	CHECK_OK(office_agrees(&o, "item", &e), &e);
	CHECK(run_program("sqlite3", NULL, &o, "UPDATE item SET name = 'NAME' WHERE id = 'p99'"));
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 1); /* only the case changed, in a NOCASE column */
	CHECK_OK(office_agrees(&o, "item", &e), &e);
}

static void a_rowid_is_a_key_by_any_name(void)
{
	AUTO_OFFICE o = { 0 };
	struct err e;

	CHECK_OK(office_open(&o, "rowid", "CREATE TABLE t(id INTEGER PRIMARY KEY, v);"
					  "INSERT INTO t VALUES(1, 'a'), (2, 'b')", &e), &e);
	CHECK_OK(office_attach(&o, "t", "13.73", &e), &e);
	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
	CHECK_OK(office_agrees(&o, "t", &e), &e);
	CHECK_OK(db_exec(&o.app, "UPDATE t SET rowid = 9 WHERE id = 1; UPDATE t SET oid = 8 WHERE id = 2;"
				 "INSERT INTO t(v) VALUES('c')", &e), &e);
	CHECK_OK(office_agrees(&o, "t", &e), &e);
}

static void views_with_triggers_are_captured(void)
{
	AUTO_OFFICE o = { 0 };
	struct err e;

	CHECK_OK(office_open(&o, "views", "CREATE TABLE t(id INTEGER PRIMARY KEY, v);"
					  "CREATE VIEW w AS SELECT * FROM t;"
					  "CREATE TRIGGER wi INSTEAD OF INSERT ON w BEGIN"
					  " INSERT INTO t VALUES(NEW.id, NEW.v); END;"
					  "CREATE TRIGGER wd INSTEAD OF DELETE ON w BEGIN"
					  " DELETE FROM t WHERE id = OLD.id; END", &e), &e);
	CHECK_OK(office_attach(&o, "t", "13.73", &e), &e);
	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
	CHECK_OK(db_exec(&o.app, "INSERT INTO w VALUES(1, 2), (3, 4); DELETE FROM w WHERE id = 1", &e), &e);
	CHECK_OK(office_agrees(&o, "t", &e), &e);
}

/* A writer killed at any moment: what it committed has hints, what it did not has none. */
static void killed_writers_lose_nothing(void)
{
	struct err e;

	for (int round = 0; round < 20; round++) {
		AUTO_OFFICE o = { 0 };
		pid_t child;
		int status;

		CHECK_OK(office_open(&o, "killed", ITEM, &e), &e);
		CHECK_OK(office_attach(&o, "item", "13.73", &e), &e);
		CHECK_OK(office_enrol(&o, "13.73", &e), &e);
		CHECK_OK(db_exec(&o.app, "INSERT INTO item(id) VALUES('first')", &e), &e);
		child = fork();
		if (child == 0) {
			struct db own = { 0 };
			char sql[160];

			if (!db_open(&own, o.path, DB_APP, false, &e))
				_exit(1);
			for (unsigned i = 0;; i++) {
				snprintf(sql, sizeof(sql), "BEGIN; INSERT OR REPLACE INTO item(id, qty)"
					 " VALUES(%u, %u); UPDATE item SET qty = qty + 1 WHERE id = '%u';"
					 "COMMIT", i % 50, i, i % 7);
				if (!db_exec(&own, sql, &e))
					_exit(1);
			}
		}
		CHECK(child > 0);
		usleep((useconds_t)(2000 + round * 700));
		CHECK(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child);
		CHECK(WIFSIGNALED(status));
		CHECK_OK(office_agrees(&o, "item", &e), &e);
	}
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(random_statements),		  TAP(other_programs_are_captured),
		TAP(a_rowid_is_a_key_by_any_name), TAP(views_with_triggers_are_captured),
		TAP(killed_writers_lose_nothing),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
