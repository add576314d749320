/*
 * act.h - what people decided by command: a value chosen, a row put back, a changeset dismissed.
 *
 * An act is written in the transaction of what it did, and never changed.  Dismissing takes something
 * off the open lists and deletes nothing: it is the act alone.
 */
#ifndef STORE_ACT_H
#define STORE_ACT_H

#include "base/world.h"
#include "store/db.h"

#define ACT_CHOOSE   "choose"
#define ACT_PUT_BACK "put-back"
#define ACT_RETRY    "retry"
#define ACT_DISCARD  "discard"
#define ACT_ALTER    "alter"
#define ACT_APPROVE  "approve"
#define ACT_REFUSE   "refuse"

struct act {
	int64_t no;	    /* for act_put: not used */
	int64_t at_ms;	    /* for act_put: not used */
	const char *who;    /* of the operating system's users */
	const char *what;   /* ACT_ */
	const char *object; /* changeset: its id in hex; row: table and key as text; alter: the SQL;
			     * approve, refuse: the six words of who asked to be enrolled */
	const char *reason; /* "" for none */
};

/* In the caller's transaction. */
MUST_USE bool act_put(struct db *db, const struct world *world, const struct act *act, struct err *e);
/* Newest first; the callback returns false to stop.  What it is lent lives until it returns. */
MUST_USE bool act_list(struct db *db, bool (*call)(void *state, const struct act *act), void *state,
		       struct err *e);

/* SQL: true if the changeset or frame whose id is the column `id` was dismissed. */
#define ACT_DISMISSED(id)                                                                            \
	"EXISTS (SELECT 1 FROM simpul_act WHERE what = '" ACT_DISCARD "' AND object = lower(hex(" id ")))"

#endif
