/*
 * seal.c - capture and sealing: the disk fails, fills up, the process dies, at every call.
 *
 * A run takes a tenth of a second, so `make test` hits every STRIDE-th call, each kind of fault from another
 * one on; SEED=n shifts them, and FULL=1 hits every call.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"
#include "office.h"
#include "replay.h"
#include "tap.h"

#define ROWS_BEFORE 30
#define STRIDE 3

struct bench {
	struct outbox_result sealed;
};

static void lay_out(void *state)
{
	AUTO_OFFICE o = { 0 };
	char journal[300];
	struct err e;

	(void)state;
	snprintf(journal, sizeof(journal), "%s/fault.db-journal", tap_directory());
	unlink(journal);
	CHECK_OK(office_open(&o, "fault", "CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, fill BLOB)",
			     &e), &e);
	CHECK_OK(office_attach(&o, "item", "13.73", &e), &e);
	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
	CHECK_OK(db_exec(&o.app, "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30)"
				 " INSERT INTO item SELECT i, 'name ' || i, zeroblob(500) FROM n", &e), &e);
}

/* Two writes of an application, each acknowledged by itself, then a seal in several changesets. */
static bool write_and_seal(void *state)
{
	struct bench *bench = state;
	AUTO_OFFICE o = { .durable = true };
	struct err e;

	o.changes_max = 10;
	return office_reopen(&o, "fault", &e) &&
	       db_exec(&o.app, "UPDATE item SET name = 'written ' || id WHERE id % 3 = 0", &e) &&
	       db_exec(&o.app, "DELETE FROM item WHERE id = 7", &e) &&
	       office_seal(&o, &bench->sealed, &e);
}

/*
 * Whatever happened: the numbers have no gap, what the table holds is sealed or still has hints, and
 * sealing the rest tells the whole truth.
 */
static void nothing_lost(void *state, enum fault_outcome outcome)
{
	AUTO_OFFICE o = { 0 };
	int64_t sound, gaps, hints, changesets, written;
	struct err e;

	(void)state;
	CHECK_OK(office_reopen(&o, "fault", &e), &e);
	CHECK_OK(db_int(&o.node, "SELECT integrity_check = 'ok' FROM pragma_integrity_check", 0, &sound, &e),
		 &e);
	CHECK(sound == 1);
	CHECK_OK(db_int(&o.node, "SELECT max(n) - count(*) FROM simpul_changeset", -1, &gaps, &e), &e);
	CHECK(gaps == 0);
	CHECK_OK(office_hints(&o, &hints, &e), &e);
	CHECK_OK(db_int(&o.node, "SELECT count(*) FROM simpul_changeset", 0, &changesets, &e), &e);
	CHECK_OK(db_int(&o.node, "SELECT count(*) FROM item WHERE name LIKE 'written%'", 0, &written,
			&e), &e);
	CHECK(written == 0 || written == 10);
	CHECK((changesets == 1 && hints >= ROWS_BEFORE) || (changesets == 5 && hints == 0));
	CHECK(outcome != FAULT_DONE || (changesets == 5 && written == 10));
	CHECK_OK(office_agrees(&o, "item", &e), &e);
	CHECK_OK(office_hints(&o, &hints, &e), &e);
	CHECK(hints == 0);
}

static const struct fault_sweep sweep = { .setup = lay_out,
					  .act = write_and_seal,
					  .check = nothing_lost };

static bool swept(enum fault fault, void *state)
{
	const char *full = getenv("FULL"), *seed = getenv("SEED");
	struct fault_sweep some = sweep;

	if (full == NULL || strcmp(full, "1") != 0) {
		some.stride = STRIDE;
		some.first = ((unsigned)fault + (seed == NULL ? 0 : (unsigned)atoi(seed))) % STRIDE;
	}
	return fault_sweep(&some, fault, state);
}

static void failing_disk(void)
{
	struct bench bench;

	CHECK(swept(FAULT_FAIL, &bench));
}

static void full_disk(void)
{
	struct bench bench;

	CHECK(swept(FAULT_DISK_FULL, &bench));
}

static void killed_process(void)
{
	struct bench bench;

	CHECK(swept(FAULT_CRASH, &bench));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = { TAP(failing_disk), TAP(full_disk), TAP(killed_process) };

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
