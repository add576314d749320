/*
 * powercut.c - which journal settings keep an acknowledged commit through a power cut.
 *
 * The settings we ship must lose nothing in thousands of cuts; the settings that are known to be too
 * weak must lose something in the same harness, else the harness proves nothing.
 */
#include <stdio.h>

#include "powercut.h"
#include "store/db.h"
#include "tap.h"

#define PATH "/disk/node.db"
#define COMMITS 6
#define CUTS 2000
#define CUTS_PLANTED 300
#define SEED 20261122

struct bench {
	int64_t acknowledged; /* the last commit that returned true */
};

static bool lay_out(void *state, struct err *e)
{
	struct bench *bench = state;
	AUTO_DB db = { 0 };

	bench->acknowledged = 0;
	return db_open(&db, PATH, DB_NODE, true, e) &&
	       db_exec(&db,
		       "CREATE TABLE t (id INTEGER PRIMARY KEY, fill BLOB);"
		       "CREATE INDEX by_fill ON t (fill)",
		       e);
}

static bool commit_one(struct db *db, int64_t number, struct err *e)
{
	AUTO_TXN txn = { 0 };
	struct stmt s;

	if (!txn_begin(&txn, db, e) ||
	    !db_statement(db, "INSERT INTO t VALUES (?1, randomblob(?2))", &s, e))
		return false;
	stmt_int(&s, 1, number);
	stmt_int(&s, 2, number % 2 == 0 ? 5000 : 50); /* with and without overflow pages */
	return stmt_done(&s, e) && txn_commit(&txn, e);
}

static void commit_many(void *state)
{
	struct bench *bench = state;
	AUTO_DB db = { 0 };
	struct err e;

	if (!db_open(&db, PATH, DB_NODE, false, &e))
		return;
	for (int64_t number = 1; number <= COMMITS; number++) {
		if (!commit_one(&db, number, &e))
			return;
		bench->acknowledged = number;
	}
}

static bool nothing_lost(void *state, struct err *e)
{
	static const char integrity[] = "SELECT integrity_check = 'ok' FROM pragma_integrity_check";
	struct bench *bench = state;
	AUTO_DB db = { 0 };
	int64_t rows, last, sound;

	if (!db_open(&db, PATH, DB_NODE, false, e) || !db_int(&db, integrity, 0, &sound, e) ||
	    !db_int(&db, "SELECT count(*) FROM t", -1, &rows, e) ||
	    !db_int(&db, "SELECT max(id) FROM t", 0, &last, e))
		return false;
	if (sound != 1)
		return err_set(e, ERR_CORRUPT, "integrity_check");
	if (last < bench->acknowledged)
		return err_set(e, ERR_STORAGE, "commit %lld was acknowledged, the last one here is %lld",
			       (long long)bench->acknowledged, (long long)last);
	if (last > bench->acknowledged + 1 || rows != last)
		return err_set(e, ERR_STORAGE, "%lld rows up to %lld after commit %lld", (long long)rows,
			       (long long)last, (long long)bench->acknowledged);
	return true;
}

static struct bench bench;
static const struct powercut_trial trial = {
	.setup = lay_out, .act = commit_many, .check = nothing_lost, .state = &bench
};

static void must_hold(const char *settings)
{
	struct powercut_tally tally;
	struct err e;

	CHECK_OK(powercut_run(&trial, SEED, CUTS, settings, &tally, &e), &e);
	tap_note("%u cuts, %u of them twice", tally.cuts, tally.double_cuts);
	CHECK(tally.cuts > CUTS * 9 / 10 && tally.double_cuts > CUTS / 50);
}

static void must_lose(const char *settings)
{
	struct powercut_tally tally;
	struct err e;

	CHECK(!powercut_run(&trial, SEED, CUTS_PLANTED, settings, &tally, &e));
	tap_note("%u of %u lost, first: %s", tally.losses, tally.cuts, e.text);
	CHECK(tally.losses > 0);
}

static void as_opened_loses_nothing(void)
{
	must_hold(NULL);
}

static void truncate_full_loses_nothing(void)
{
	must_hold("PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL");
}

static void delete_extra_loses_nothing(void)
{
	must_hold("PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA");
}

static void wal_full_loses_nothing(void)
{
	must_hold("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
}

static void wal_full_with_checkpoints_loses_nothing(void)
{
	must_hold("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=3");
}

static void planted_wal_normal_is_found(void)
{
	must_lose("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL");
}

static void planted_synchronous_off_is_found(void)
{
	must_lose("PRAGMA synchronous=OFF");
}

/* The directory is not synced: the deleted journal can come back and undo a commit. */
static void planted_delete_full_is_found(void)
{
	must_lose("PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL");
}

static void same_seed_is_the_same_run(void)
{
	static const char weak[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL";
	struct powercut_tally one, two, other;
	struct err e, e2;

	CHECK(!powercut_run(&trial, 7, 50, weak, &one, &e));
	CHECK(!powercut_run(&trial, 7, 50, weak, &two, &e2));
	CHECK(!powercut_run(&trial, 1007, 50, weak, &other, &e2));
	CHECK(one.losses == two.losses && one.first_loss_seed == two.first_loss_seed);
	CHECK(one.double_cuts == two.double_cuts && other.first_loss_seed >= 1007);
}

/* The disk keeps two connections apart as files do; else no program with two could be tried on it. */
static void two_connections_as_on_files(const char *settings)
{
	AUTO_DB one = { 0 };
	AUTO_DB two = { 0 };
	struct err e;
	int64_t seen;

	powercut_format(SEED);
	db_set_vfs(POWERCUT_VFS, settings);
	CHECK_OK(lay_out(&bench, &e), &e);
	CHECK_OK(db_open(&one, PATH, DB_NODE, false, &e), &e);
	CHECK_OK(db_open(&two, PATH, DB_NODE, false, &e), &e);
	CHECK_OK(db_exec(&two, "PRAGMA busy_timeout=0", &e), &e);
	AUTO_TXN txn = { 0 };
	AUTO_TXN refused = { 0 };

	CHECK_OK(txn_begin(&txn, &one, &e), &e);
	CHECK_OK(db_exec(&one, "INSERT INTO t VALUES (1, 'x')", &e), &e);
	CHECK(!txn_begin(&refused, &two, &e) && e.code == ERR_BUSY);
	CHECK_OK(db_int(&two, "SELECT count(*) FROM t", -1, &seen, &e), &e);
	CHECK(seen == 0);
	CHECK_OK(txn_commit(&txn, &e), &e);
	CHECK_OK(db_int(&two, "SELECT count(*) FROM t", -1, &seen, &e), &e);
	CHECK(seen == 1);
	CHECK_OK(commit_one(&two, 2, &e), &e);
	CHECK_OK(db_int(&one, "SELECT count(*) FROM t", -1, &seen, &e), &e);
	CHECK(seen == 2);
}

static void two_connections(void)
{
	two_connections_as_on_files(NULL);
	if (!tap_failed())
		two_connections_as_on_files("PRAGMA journal_mode=WAL");
	db_set_vfs(NULL, NULL);
	powercut_unplug();
}

/* A reader in a transaction keeps a rollback-journal writer from committing, and then lets it. */
static void reader_holds_a_commit_back(void)
{
	AUTO_DB one = { 0 };
	AUTO_DB two = { 0 };
	struct err e;

	powercut_format(SEED);
	db_set_vfs(POWERCUT_VFS, "PRAGMA busy_timeout=0");
	bool ready = lay_out(&bench, &e) && db_open(&one, PATH, DB_NODE, false, &e) &&
		     db_open(&two, PATH, DB_NODE, false, &e);
	db_set_vfs(NULL, NULL);
	CHECK_OK(ready, &e);
	CHECK_OK(db_exec(&two, "BEGIN; SELECT count(*) FROM t", &e), &e);
	CHECK(!commit_one(&one, 1, &e) && e.code == ERR_BUSY);
	CHECK_OK(db_exec(&two, "COMMIT", &e), &e);
	CHECK_OK(commit_one(&one, 1, &e), &e);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(as_opened_loses_nothing),
		TAP(truncate_full_loses_nothing),
		TAP(delete_extra_loses_nothing),
		TAP(wal_full_loses_nothing),
		TAP(wal_full_with_checkpoints_loses_nothing),
		TAP(planted_wal_normal_is_found),
		TAP(planted_synchronous_off_is_found),
		TAP(planted_delete_full_is_found),
		TAP(same_seed_is_the_same_run),
		TAP(two_connections),
		TAP(reader_holds_a_commit_back),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
