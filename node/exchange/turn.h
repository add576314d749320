/*
 * turn.h - taking turns with the other programs that write this machine's file.
 *
 * SQLite has no queue for its write lock: who waits asks again after 1, 2, 5 ... and at last every 100 ms,
 * and gives up after its own timeout, often 5 s.  So a long job is done in parts, each a transaction of its
 * own, with pauses in between.  While others are seen to write, or nothing is known of them yet, parts are
 * short (TURN_SHORT_MS, commit included) and the pause after each lets in whoever waited for it.  While
 * nobody is seen, parts are long and every TURN_LONGEST_MS one pause is longer than any waiting program
 * sleeps.
 *
 *	party_lock(p);
 *	... txn_begin() ...
 *	turn_begin(&p->turn, p->world);
 *	... turn.changes_max changes, or until turn_over() ...
 *	turn_worked(&p->turn, p->world, changes);
 *	... txn_commit() ...
 *	ok = turn_end(&p->turn, p->db, p->world, &pause_ms, e);
 *	party_unlock(p);
 *	world_pause(p->world, pause_ms);
 */
#ifndef EXCHANGE_TURN_H
#define EXCHANGE_TURN_H

#include "base/world.h"
#include "store/db.h"

#define TURN_SHORT_MS 20     /* a part, while others write */
#define TURN_LONG_MS 400     /* a part, while nobody else does */
#define TURN_SEEN_MS 2000    /* for how long after their last commit others count as writing */
#define TURN_FIRST_MS 300    /* for how long they do before it is known whether there are any */
#define TURN_LONGEST_MS 1000 /* without a pause for those whom nobody has seen */
#define TURN_PAUSE_MS 110    /* that pause */
#define TURN_CHANGES_MIN 100u
#define TURN_CHANGES_FIRST 1000u
#define TURN_CHANGES_MAX 100000u

struct turn { /* zeroed before the first part */
	size_t changes_max;   /* for the part that was begun: about as many as its time allows */
	size_t changes;	      /* that it merged */
	int64_t data_version; /* of the file, at the end of the last part; 0: not known */
	bool others;	      /* somebody was seen, */
	uint64_t others_ms;   /* the last time at */
	uint64_t begun_ms;
	uint64_t worked_ms;   /* when all but the commit was done */
	uint64_t commit_ms;   /* how long commits take, lately */
	uint64_t ended_ms;    /* of the last part, with its pause */
	uint64_t paused_ms;   /* when there last was time enough for anybody */
};

/* A part's transaction is open.  All times are of the world's monotonic clock. */
void turn_begin(struct turn *t, const struct world *world);
bool turn_over(const struct turn *t, const struct world *world); /* has this part taken its time? */
/* Before its commit; changes: how many were merged, 0 if it did something else. */
void turn_worked(struct turn *t, const struct world *world, size_t changes);
/* After its commit.  *ret_pause_ms: how long to leave the file alone now. */
MUST_USE bool turn_end(struct turn *t, struct db *db, const struct world *world, unsigned *ret_pause_ms,
		       struct err *e);

#endif
