/* db.c - a commit on a disk that fails, fills up, or under a process that dies, at every call. */
#include <stdio.h>
#include <unistd.h>

#include "fault.h"
#include "store/db.h"
#include "tap.h"

#define ROWS_BEFORE 3
#define BIG_ROWS 40

struct bench {
	char path[128];
};

static void lay_out(void *state)
{
	struct bench *bench = state;
	char journal[160];
	struct err e;
	AUTO_DB db = { 0 };

	snprintf(bench->path, sizeof(bench->path), "%s/db.sqlite", tap_directory());
	snprintf(journal, sizeof(journal), "%s-journal", bench->path);
	unlink(bench->path);
	unlink(journal);
	CHECK_OK(db_open(&db, bench->path, DB_NODE, true, &e), &e);
	CHECK_OK(db_exec(&db,
			 "CREATE TABLE t (id INTEGER PRIMARY KEY, fill BLOB);"
			 "INSERT INTO t VALUES (1, NULL), (2, NULL), (3, NULL);",
			 &e), &e);
}

/* One transaction of several pages with a nested one inside: all of it or nothing. */
static bool put_rows(void *state)
{
	struct bench *bench = state;
	AUTO_DB db = { 0 };
	struct err e;

	if (!db_open(&db, bench->path, DB_NODE, false, &e))
		return false;
	AUTO_TXN txn = { 0 };
	struct stmt s;

	if (!txn_begin(&txn, &db, &e) ||
	    !db_statement(&db, "INSERT INTO t (fill) VALUES (zeroblob(1000))", &s, &e))
		return false;
	for (int i = 0; i < BIG_ROWS; i++) {
		AUTO_TXN inner = { 0 };

		if (!txn_begin(&inner, &db, &e) || !stmt_done(&s, &e) || !txn_commit(&inner, &e))
			return false;
	}
	return txn_commit(&txn, &e);
}

static void all_or_nothing(void *state, enum fault_outcome outcome)
{
	struct bench *bench = state;
	AUTO_DB db = { 0 };
	struct err e;
	int64_t rows, sound;

	CHECK_OK(db_open(&db, bench->path, DB_NODE, false, &e), &e);
	CHECK_OK(db_int(&db, "SELECT count(*) FROM t", -1, &rows, &e), &e);
	CHECK_OK(db_int(&db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check", 0, &sound, &e),
		 &e);
	CHECK(sound == 1);
	CHECK(rows == ROWS_BEFORE || rows == ROWS_BEFORE + BIG_ROWS);
	CHECK(outcome != FAULT_DONE || rows == ROWS_BEFORE + BIG_ROWS);
}

static const struct fault_sweep sweep = { .setup = lay_out, .act = put_rows, .check = all_or_nothing };

static void failing_disk(void)
{
	struct bench bench;

	CHECK(fault_sweep(&sweep, FAULT_FAIL, &bench));
}

static void full_disk(void)
{
	struct bench bench;

	CHECK(fault_sweep(&sweep, FAULT_DISK_FULL, &bench));
}

static void dying_process(void)
{
	struct bench bench;

	CHECK(fault_sweep(&sweep, FAULT_CRASH, &bench));
}

/* A full disk is reported as such, and once there is room again the same connection goes on. */
static void full_disk_heals(void)
{
	struct bench bench;
	AUTO_DB db = { 0 };
	struct err e;

	lay_out(&bench);
	CHECK_OK(db_open(&db, bench.path, DB_NODE, false, &e), &e);
	fault_arm(FAULT_DISK_FULL, 1);
	CHECK(!db_exec(&db, "INSERT INTO t (fill) VALUES (zeroblob(100000))", &e));
	fault_disarm();
	CHECK(fault_was_hit() && e.code == ERR_DISK_FULL);
	CHECK_OK(db_exec(&db, "INSERT INTO t (fill) VALUES (zeroblob(100000))", &e), &e);
}

/* Someone who believes a commit that was never made must be caught by the sweep. */
static bool pretends(void *state)
{
	put_rows(state);
	return true;
}

static void planted_false_acknowledgement_is_found(void)
{
	static const struct fault_sweep planted = { .setup = lay_out, .act = pretends,
						    .check = all_or_nothing };
	struct bench bench;

	tap_expect_failure(true);
	bool green = fault_sweep(&planted, FAULT_FAIL, &bench);
	tap_expect_failure(false);
	CHECK(!green);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(failing_disk), TAP(full_disk), TAP(dying_process), TAP(full_disk_heals),
		TAP(planted_false_acknowledgement_is_found),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
