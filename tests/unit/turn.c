/*
 * turn.c - a slow merge blocks local writers: it must not.  Parts, pauses, and who gets in between them.
 *
 * The clock is the test's: nothing here waits or measures.
 */
#include <stdio.h>

#include "cluster.h"
#include "exchange/settle.h"
#include "merge/apply.h"
#include "tap.h"

#define ROWS 3000

static uint64_t now_ms = 5000;

static uint64_t clock_ms(void *state)
{
	(void)state;
	return now_ms;
}

static const struct world slow_world = { .monotonic_ms = clock_ms };

/* A part of so many ms. */
static unsigned part(struct turn *t, struct db *db, uint64_t took_ms)
{
	unsigned pause_ms = 0;
	struct err e;

	turn_begin(t, &slow_world);
	now_ms += took_ms;
	turn_worked(t, &slow_world, t->changes_max);
	if (!turn_end(t, db, &slow_world, &pause_ms, &e))
		return 999999;
	now_ms += pause_ms;
	return pause_ms;
}

static bool open_two(struct db *ours, struct db *theirs, const char *name, struct err *e)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s.db", tap_directory(), name);
	return db_open(ours, path, DB_NODE, true, e) && db_exec(ours, "CREATE TABLE t(a)", e) &&
	       db_open(theirs, path, DB_APP, false, e);
}

static void nobody_writes_and_parts_are_long(void)
{
	AUTO_DB ours = { 0 };
	AUTO_DB theirs = { 0 };
	struct turn t = { 0 };
	struct err e;
	uint64_t paused_ms = 0;

	CHECK_OK(open_two(&ours, &theirs, "nobody", &e), &e);
	for (int i = 0; now_ms - t.others_ms < TURN_SEEN_MS || i == 0; i++) { /* nobody knows yet */
		CHECK(part(&t, &ours, 10) > 0);
		CHECK(i < TURN_FIRST_MS / 10);
	}
	for (int i = 0; i < 10; i++)
		CHECK(part(&t, &ours, 10) == 0);
	CHECK(t.changes_max == TURN_CHANGES_MAX);
	for (int i = 0; i < 100; i++) { /* ours alone: our commits are not others' */
		CHECK_OK(db_exec(&ours, "INSERT INTO t VALUES(1)", &e), &e);
		paused_ms += part(&t, &ours, TURN_LONG_MS);
	}
	CHECK(now_ms - t.others_ms > TURN_SEEN_MS);
	/* Whoever waits unseen gets in: a pause longer than any sleep, at least each second. */
	CHECK(paused_ms >= 100 * TURN_LONG_MS / (TURN_LONGEST_MS + TURN_LONG_MS) * TURN_PAUSE_MS);
}

static void others_write_and_parts_are_short(void)
{
	AUTO_DB ours = { 0 };
	AUTO_DB theirs = { 0 };
	struct turn t = { 0 };
	size_t before;
	struct err e;

	CHECK_OK(open_two(&ours, &theirs, "others", &e), &e);
	part(&t, &ours, TURN_SHORT_MS);
	now_ms += TURN_SEEN_MS;
	for (int i = 0; i < 5; i++)
		part(&t, &ours, 10);
	part(&t, &ours, TURN_LONG_MS);
	before = t.changes_max;
	CHECK_OK(db_exec(&theirs, "INSERT INTO t VALUES(1)", &e), &e);
	CHECK(part(&t, &ours, TURN_LONG_MS) > 0);
	CHECK(t.others && t.changes_max < before / 10);
	CHECK(part(&t, &ours, TURN_SHORT_MS) >= TURN_SHORT_MS / 2);
	turn_begin(&t, &slow_world);
	CHECK(!turn_over(&t, &slow_world));
	now_ms += TURN_SHORT_MS;
	CHECK(turn_over(&t, &slow_world));
	now_ms += TURN_SEEN_MS; /* they have stopped */
	turn_begin(&t, &slow_world);
	now_ms += TURN_SHORT_MS;
	CHECK(!turn_over(&t, &slow_world));
}

/* When a program that began to wait wait_ms before the end of a part asks SQLite again, after that end. */
static uint64_t asks_after_ms(uint64_t wait_ms)
{
	static const unsigned sleep_ms[] = { 1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100 };
	uint64_t asked_ms = 0;

	for (size_t i = 0; asked_ms <= wait_ms; i++)
		asked_ms += sleep_ms[i < 12 ? i : 11];
	return asked_ms - wait_ms;
}

static void who_waited_for_a_part_gets_in_after_it(void)
{
	AUTO_DB ours = { 0 };
	AUTO_DB theirs = { 0 };
	struct turn t = { 0 };
	struct err e;

	CHECK_OK(open_two(&ours, &theirs, "waited", &e), &e);
	for (uint64_t took_ms = 1; took_ms < 300; took_ms++) {
		unsigned pause_ms;

		CHECK_OK(db_exec(&theirs, "INSERT INTO t VALUES(1)", &e), &e);
		pause_ms = part(&t, &ours, took_ms);
		for (uint64_t wait_ms = 0; wait_ms < took_ms; wait_ms++)
			CHECK(asks_after_ms(wait_ms) < pause_ms);
	}
}

/* Where a commit takes long, parts do not shrink to nothing but commits. */
static void a_slow_disk_gets_longer_parts(void)
{
	AUTO_DB ours = { 0 };
	AUTO_DB theirs = { 0 };
	struct turn t = { 0 };
	unsigned pause_ms;
	struct err e;

	CHECK_OK(open_two(&ours, &theirs, "slow", &e), &e);
	for (int i = 0; i < 30; i++) {
		CHECK_OK(db_exec(&theirs, "INSERT INTO t VALUES(1)", &e), &e);
		turn_begin(&t, &slow_world);
		now_ms += t.changes_max / 50; /* 20 us a change */
		turn_worked(&t, &slow_world, t.changes_max);
		now_ms += 60;
		CHECK_OK(turn_end(&t, &ours, &slow_world, &pause_ms, &e), &e);
	}
	CHECK(t.changes_max >= 2000 && t.changes_max <= 4000);
	turn_begin(&t, &slow_world);
	now_ms += TURN_SHORT_MS;
	CHECK(!turn_over(&t, &slow_world));
	now_ms += 60 - TURN_SHORT_MS;
	CHECK(turn_over(&t, &slow_world));
}

/* A part that found little to do says nothing against large ones. */
static void a_part_with_little_to_do_teaches_its_speed_only(void)
{
	AUTO_DB ours = { 0 };
	AUTO_DB theirs = { 0 };
	struct turn t = { 0 };
	unsigned pause_ms;
	struct err e;

	CHECK_OK(open_two(&ours, &theirs, "little", &e), &e);
	for (size_t changes = 10; changes > 0; changes--) { /* and none at all, nothing */
		size_t before = t.changes_max;

		turn_begin(&t, &slow_world);
		turn_worked(&t, &slow_world, changes - 1);
		CHECK_OK(turn_end(&t, &ours, &slow_world, &pause_ms, &e), &e);
		CHECK(changes > 1 || t.changes_max == before);
	}
	CHECK(t.changes_max >= TURN_CHANGES_MIN);
}

static void a_part_is_never_nothing(void)
{
	AUTO_DB ours = { 0 };
	AUTO_DB theirs = { 0 };
	struct turn t = { 0 };
	struct err e;

	CHECK_OK(open_two(&ours, &theirs, "nothing", &e), &e);
	for (int i = 0; i < 30; i++)
		CHECK(part(&t, &ours, 3600000) <= TURN_PAUSE_MS);
	CHECK(t.changes_max == TURN_CHANGES_MIN);
}

/* The office's program: writes whenever the node pauses, and does not wait for it. */
struct program {
	struct member *m;
	unsigned writes;
	unsigned amid; /* while a part of the backlog, not all of it, stood in the table */
	struct err problem;
};

static void program_writes(void *state, unsigned ms)
{
	struct program *p = state;
	AUTO_BUF sql = { 0 };
	int64_t rows;

	now_ms += ms;
	buf_print(&sql, "INSERT INTO visit VALUES('sela', %u, 'program')", p->writes++);
	if (p->problem.code == ERR_OK &&
	    (!cluster_write(p->m, buf_string(&sql), &p->problem) ||
	     !db_int(&p->m->app, "SELECT count(*) FROM plan", 0, &rows, &p->problem)))
		return;
	p->amid += rows > 0 && rows < ROWS;
}

static uint64_t passing_ms(void *state)
{
	(void)state;
	return now_ms += 2000; /* each look at the clock finds it much later: a slow machine */
}

static bool take_all(struct member *from, struct member *to, struct err *e)
{
	AUTO_TXN txn = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	if (!txn_begin(&txn, &to->db, e) ||
	    !db_prepare(&from->db, "SELECT frame FROM simpul_changeset ORDER BY n", &s, e))
		return false;
	for (;;) {
		struct inbox_result result;
		const void *frame;
		size_t len;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return txn_commit(&txn, e);
		frame = stmt_get_blob(&s, 0, &len);
		if (!party_accept(&to->party, frame, len, &result, e))
			return false;
	}
}

static void local_programs_write_while_a_backlog_is_merged(void)
{
	static const char rows[] =
		"WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
		" INSERT INTO plan(id, title) SELECT 'p' || i, 'rencana' FROM n";
	AUTO_CLUSTER c = { 0 };
	struct program program = { 0 };
	struct member *ayu, *budi;
	struct world world;
	int64_t n;
	struct err e;

	cluster_begin(&c, 13);
	CHECK_OK(cluster_add(&c, "hub", NULL, &e) && cluster_add(&c, "ayu", "13.73", &e) &&
			 cluster_add(&c, "budi", "13.73", &e),
		 &e);
	CHECK_OK(cluster_enrol(&c, 1, &e) && cluster_enrol(&c, 2, &e) && cluster_settle(&c, &e), &e);
	ayu = &c.member[1];
	budi = &c.member[2];
	ayu->party.changes_max = 10;
	CHECK_OK(cluster_write(ayu, rows, &e) && cluster_sync(&c, 1, 0, &e), &e);
	CHECK_OK(take_all(&c.member[0], budi, &e), &e);
	CHECK_OK(db_int(&budi->db, "SELECT count(*) FROM simpul_changeset WHERE state = 0", 0, &n, &e), &e);
	CHECK(n >= ROWS / 10);
	CHECK_OK(db_exec(&budi->app, "PRAGMA busy_timeout = 0", &e), &e);
	world = budi->world;
	world.monotonic_ms = passing_ms;
	world.pause = program_writes;
	program.m = budi;
	world.state = &program;
	world.now_ms = slow_world.monotonic_ms;
	budi->party.world = &world;
	budi->party.turn = (struct turn){ 0 };
	CHECK_OK(settle_parts(&budi->party, &e), &e);
	budi->party.world = &budi->world;
	CHECK_OK(program.problem.code == ERR_OK, &program.problem);
	tap_note("%u writes, %u of them amid the merge", program.writes, program.amid);
	CHECK(program.amid >= 5);
	CHECK_OK(cluster_settle(&c, &e), &e); /* and what they wrote travels like anything */
	CHECK_OK(db_int(&ayu->db, "SELECT count(*) FROM visit WHERE place = 'sela'", 0, &n, &e), &e);
	CHECK(n == program.writes);
	CHECK_OK(db_int(&budi->db, "SELECT count(*) FROM plan", 0, &n, &e), &e);
	CHECK(n == ROWS);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(nobody_writes_and_parts_are_long),
		TAP(others_write_and_parts_are_short),
		TAP(who_waited_for_a_part_gets_in_after_it),
		TAP(a_slow_disk_gets_longer_parts),
		TAP(a_part_with_little_to_do_teaches_its_speed_only),
		TAP(a_part_is_never_nothing),
		TAP(local_programs_write_while_a_backlog_is_merged),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
