/*
 * journey.c - a change from one office to the other, while I/O fails, processes die, disks fill, power goes.
 *
 * write -> capture -> seal -> push -> accept, log and sign at the hub -> receipt -> pull -> merge at the
 * other office.  Wherever it breaks: what a program was told is saved is there, what has a receipt is at
 * the hub, and the next round completes what is missing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"
#include "base/buf.h"
#include "base/log.h"
#include "cluster.h"
#include "fault.h"
#include "powercut.h"
#include "tap.h"

#define STRIDE 97 /* of all calls in the normal run */
#define OFFICES 3 /* the hub is one of the members */

static struct cluster region;
static struct buf before[OFFICES]; /* the files, laid out once */

static bool lay_out(struct cluster *c, struct err *e)
{
	return cluster_add(c, "hub", NULL, e) && cluster_add(c, "ayu", "13.7", e) &&
	       cluster_add(c, "budi", "13.7", e) && cluster_enrol(c, 1, e) && cluster_enrol(c, 2, e) &&
	       cluster_write(&c->member[2], "INSERT INTO plan(id, title) VALUES('old', 'old')", e) &&
	       cluster_settle(c, e);
}

static void close_all(struct cluster *c)
{
	for (unsigned i = 0; i < c->members; i++)
		cluster_close(&c->member[i]);
}

static bool open_all(struct cluster *c, struct err *e)
{
	for (unsigned i = 0; i < c->members; i++)
		if (!cluster_open(&c->member[i], e))
			return err_wrap(e, "open %s", c->member[i].name);
	return true;
}

/* The work under test.  *ret_saved: a program was told that its row is saved. */
static bool travel(struct cluster *c, unsigned *ret_saved, struct err *e)
{
	if (!open_all(c, e) ||
	    !cluster_write(&c->member[1], "INSERT INTO plan(id, title) VALUES('new', 'new')", e))
		return false;
	*ret_saved = 1;
	if (!cluster_sync(c, 1, 0, e) || !cluster_sync(c, 2, 0, e) ||
	    !cluster_write(&c->member[2], "UPDATE plan SET note = 'seen' WHERE id = 'new'", e))
		return false;
	*ret_saved = 2;
	return cluster_sync(c, 2, 0, e) && cluster_sync(c, 1, 0, e);
}

static bool saved_rows(struct cluster *c, unsigned saved, struct err *e)
{
	if (!audit_count(&c->member[2], "SELECT count(*) FROM plan WHERE id = 'old' AND title = 'old'", 1,
			 "old rows", e))
		return false;
	for (unsigned i = 0; i < OFFICES; i++)
		if (saved > 0 && !audit_count(&c->member[i], "SELECT count(*) FROM plan WHERE id = 'new' AND"
							     " title = 'new'", 1, "new rows", e))
			return false;
	for (unsigned i = 0; i < OFFICES; i++)
		if (saved > 1 && !audit_count(&c->member[i], "SELECT count(*) FROM plan WHERE"
							     " note = 'seen'", 1, "notes", e))
			return false;
	return true;
}

/* Receipts first: what they say must hold before any further round. */
static bool all_is_well(struct cluster *c, unsigned saved, struct err *e)
{
	struct hash digest;

	for (unsigned i = 0; i < OFFICES; i++)
		if (!audit_count(&c->member[i],
				 "SELECT integrity_check <> 'ok' FROM pragma_integrity_check", 0,
				 "damage", e))
			return false;
	if (!audit_filed(c, e) || !cluster_settle(c, e) || !cluster_settle(c, e) ||
	    !saved_rows(c, saved, e))
		return false;
	for (unsigned i = 0; i < OFFICES; i++)
		if (!audit_done(&c->member[i], e))
			return false;
	return audit_same(c, 1, false, &digest, e) && audit_same(c, 2, false, &digest, e) &&
	       audit_log(c, e) && audit_receipts(c, e);
}

/* Files on /dev/shm, under I/O faults. */

static bool file_read(const char *path, struct buf *ret)
{
	FILE *f = fopen(path, "rb");
	uint8_t part[65536];
	size_t n;

	if (f == NULL)
		return false;
	buf_reset(ret);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_put(ret, part, n);
	fclose(f);
	return true;
}

static void put_back(void *state)
{
	(void)state;
	for (unsigned i = 0; i < OFFICES; i++) {
		char journal[300];
		FILE *f = fopen(region.member[i].path, "wb");

		snprintf(journal, sizeof(journal), "%s-journal", region.member[i].path);
		unlink(journal);
		if (f == NULL || fwrite(before[i].data, 1, before[i].len, f) != before[i].len)
			abort();
		fclose(f);
	}
}

/* The child has no other way to say what it saw. */
static void tell_saved(unsigned saved)
{
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/saved", region.directory);
	f = fopen(path, "wb");
	if (f == NULL || fwrite(&saved, sizeof(saved), 1, f) != 1)
		abort();
	fclose(f);
}

static bool travel_child(void *state)
{
	unsigned saved = 0;
	struct err e;
	bool ok;

	(void)state;
	ok = travel(&region, &saved, &e);
	fault_disarm();
	tell_saved(saved);
	close_all(&region);
	return ok;
}

static void check_files(void *state, enum fault_outcome outcome)
{
	unsigned saved = 0;
	AUTO_BUF told = { 0 };
	char path[300];
	struct err e;
	bool ok;

	(void)state;
	snprintf(path, sizeof(path), "%s/saved", region.directory);
	if (outcome != FAULT_CRASHED && file_read(path, &told) && told.len == sizeof(saved))
		memcpy(&saved, told.data, sizeof(saved));
	unlink(path);
	ok = open_all(&region, &e) && all_is_well(&region, saved, &e);
	close_all(&region);
	CHECK_OK(ok, &e);
	CHECK(outcome != FAULT_DONE || saved == 2);
}

/* A part of the calls in the normal run; EVERY=1 takes them all. */
static void sweep(enum fault fault, unsigned first)
{
	const char *every = getenv("EVERY");
	const struct fault_sweep journey = { .setup = put_back, .act = travel_child, .check = check_files,
					     .first = first,
					     .stride = every == NULL ? STRIDE : (unsigned)atoi(every) };
	struct err e;
	bool ok;

	cluster_begin(&region, 7);
	ok = lay_out(&region, &e);
	close_all(&region);
	for (unsigned i = 0; ok && i < OFFICES; i++)
		ok = file_read(region.member[i].path, &before[i]);
	if (ok)
		ok = fault_sweep(&journey, fault, NULL);
	for (unsigned i = 0; i < OFFICES; i++)
		buf_done(&before[i]);
	cluster_end(&region);
	CHECK(ok);
}

static void any_call_fails(void)
{
	sweep(FAULT_FAIL, 3);
}

static void any_call_is_the_last(void)
{
	sweep(FAULT_CRASH, 7);
}

static void the_disk_is_full(void)
{
	sweep(FAULT_DISK_FULL, 5);
}

/* A disk in memory that loses power. */

struct trial {
	unsigned saved;
};

static bool disk_setup(void *state, struct err *e)
{
	bool ok;

	((struct trial *)state)->saved = 0;
	cluster_begin(&region, 7);
	region.vfs = POWERCUT_VFS;
	snprintf(region.directory, sizeof(region.directory), "/disk");
	ok = lay_out(&region, e);
	close_all(&region);
	return ok;
}

static void disk_act(void *state)
{
	struct err cut;
	bool done = travel(&region, &((struct trial *)state)->saved, &cut);

	(void)done;
	close_all(&region);
}

static bool disk_check(void *state, struct err *e)
{
	bool ok = open_all(&region, e) && all_is_well(&region, ((struct trial *)state)->saved, e);

	close_all(&region);
	return ok;
}

static bool cut_power(unsigned runs, const char *planted_sql, struct err *e)
{
	struct trial state = { 0 };
	const struct powercut_trial trial = { .setup = disk_setup, .act = disk_act, .check = disk_check,
					      .state = &state };
	struct powercut_tally tally;
	bool ok = powercut_run(&trial, 1, runs, planted_sql, &tally, e);

	tap_note("%u cuts, %u of them twice, %u losses", tally.cuts, tally.double_cuts, tally.losses);
	memset(&region, 0, sizeof(region));
	return ok;
}

static void the_power_goes(void)
{
	const char *asked = getenv("CUTS");
	struct err e;

	CHECK_OK(cut_power(asked == NULL ? 16 : (unsigned)atoi(asked), NULL, &e), &e);
}

/* The harness must see what a disk without syncing does. */
static void finds_a_database_that_does_not_sync(void)
{
	struct err e;

	CHECK(!cut_power(10, "PRAGMA synchronous=OFF", &e));
	tap_note("found: %s", e.text);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(any_call_fails),
		TAP(any_call_is_the_last),
		TAP(the_disk_is_full),
		TAP(the_power_goes),
		TAP(finds_a_database_that_does_not_sync),
	};

	log_set_level(LOG_ERROR);
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
