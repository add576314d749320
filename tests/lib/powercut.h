/*
 * powercut.h - a disk in memory that loses power: what was not synced survives by chance.
 *
 * A SQLite VFS named "powercut".  Of each file it keeps what the program wrote and what the platter
 * holds; xSync moves the one to the other.  When power is cut, each sector (512 or 4096 bytes, by the
 * seed) with unsynced bytes becomes, independently, old, new, torn in the middle or garbage; a
 * changed size becomes old, new or the smallest in between; a file made or removed since its
 * directory was last synced is there or not.  Garbage touches only bytes that were being written,
 * which is what SQLite's unix VFS assumes of disks as well ("powersafe overwrite").
 *
 *	static const struct powercut_trial trial = { .setup = lay_out, .act = commit_many,
 *						      .check = nothing_lost, .state = &bench };
 *	struct powercut_tally tally;
 *
 *	CHECK_OK(powercut_run(&trial, seed, 2000, NULL, &tally, &e), &e);
 *
 * In act, a commit that returned true is acknowledged: remember it in state.  Any path without a
 * default-VFS file behind it will do as a name ("/disk/node.db"); code that opens files by other
 * means than SQLite does not see this disk.  Everything runs in one process, about a thousand cuts a
 * second, and the same seed gives the same run.
 *
 * Memory: the disk lives until powercut_run returns, or the next powercut_format.  Threads: one.
 */
#ifndef TESTS_POWERCUT_H
#define TESTS_POWERCUT_H

#include <stdbool.h>
#include <stdint.h>

#include "simpul/err.h"

#define POWERCUT_VFS "powercut"

struct powercut_trial {
	/* Power is on and stays on: lays out the files. */
	bool (*setup)(void *state, struct err *e);
	/* Works until done, or until calls begin to fail; closes what it opened.  Must do the same in
	 * each run as far as it gets: the cut is placed by the number of writes and syncs. */
	void (*act)(void *state);
	/* Power is back: opens the files and says what is missing.  May also be called while power
	 * fails a second time; its answer does not count then. */
	bool (*check)(void *state, struct err *e);
	void *state;
};

struct powercut_tally {
	unsigned cuts;	 /* power was cut inside act */
	unsigned double_cuts; /* ... and again during recovery */
	unsigned losses; /* check said no */
	uint64_t first_loss_seed;
};

/*
 * `runs` trials, each with a cut at a random write or sync; seeds seed, seed + 1, ...  planted_sql is
 * run by every db_open ("PRAGMA synchronous=OFF"), NULL for none.  False and the first loss in *e if
 * any check failed or no cut fell inside act; *ret_tally is filled either way.
 */
MUST_USE bool powercut_run(const struct powercut_trial *trial, uint64_t seed, unsigned runs,
			   const char *planted_sql, struct powercut_tally *ret_tally, struct err *e);

/* The parts, for harnesses of another shape. */
void powercut_format(uint64_t seed);  /* an empty disk, power on; registers the VFS at first use */
void powercut_at(unsigned nth);	      /* cut power at the nth write, sync, truncate or unlink from now */
unsigned powercut_operations(void);   /* such calls since powercut_format or powercut_at */
bool powercut_is_off(void);
void powercut_recover(void);	      /* the platter as it survived, power on; connections are closed */
void powercut_unplug(void);	      /* frees the disk */

#endif
