/*
 * actor.h - on whose behalf a program of this node writes, and how much that person had seen.
 *
 * Triggers note what changed, not for whom.  A program that serves several people says it afterwards, in
 * the transaction of the write, and asks whether a value would be lost that nobody sealed yet:
 *
 *	AUTO_TXN txn = { 0 };
 *	int64_t since;
 *	bool must;
 *
 *	if (!txn_begin(&txn, db, e) || !actor_begin(db, "Ana", &actor, e) ||
 *	    !actor_must_seal(db, &write, &actor, &must, e) ||
 *	    (must && !outbox_seal(db, ...)) ||
 *	    !actor_since(db, &since, e) || ... the write, with triggers on ... ||
 *	    !actor_mark(db, since, &actor, e))
 *		return false;
 *	return txn_commit(&txn, e);
 *
 * Two people who edit one cell before it is sealed would leave one value.  actor_must_seal says so, the
 * earlier value is sealed first and stays in the log.  Whether the later one then supersedes it or stands
 * beside it depends on what its author had seen: a form hands out the head of the own chain of the row's
 * scope when it is read (actor_seen), and gives it back with the write.  What was in the table then but not
 * sealed counts as not seen.  So a form should be filled in after sealing, or people see conflicts with
 * what was before their eyes; nothing is lost either way.  Changes of other nodes that were merged while
 * the form was open do count as seen: only the own chain can be told apart.
 *
 * All that nobody marks is written by "an application on this node".
 */
#ifndef CAPTURE_ACTOR_H
#define CAPTURE_ACTOR_H

#include "capture/drain.h"
#include "simpul/schema.h"

struct actor {
	int64_t no;	   /* simpul_actor.no */
	bool stale;	   /* had seen no more of the own chain than this: */
	uint64_t seen_own;
};

/* The person of that name, who has seen everything; noted when new.  ERR_USAGE: no valid name. */
MUST_USE bool actor_begin(struct db *db, const char *name, struct actor *ret, struct err *e);
/* For a form that is read now: the head of our chain for the scope; 0 without one. */
MUST_USE bool actor_seen(struct db *db, const char *scope, uint64_t *ret, struct err *e);

/*
 * Would a write take the place of what another person (or the same on another view of it) wrote and nobody
 * sealed?  Of `write` these count: table, key, scope_key, inserted, look (a delete), mask.
 */
MUST_USE bool actor_must_seal(struct db *db, const struct drain_row *write, const struct actor *actor,
			      bool *ret_must, struct err *e);
/* The same of what was written since, for whoever cannot tell before: then roll back, seal, write again. */
MUST_USE bool actor_met_others(struct db *db, const struct catalog *catalog, int64_t since,
			       const struct actor *actor, bool *ret_met, struct err *e);

/* The last hint in the log, to be asked before the write. */
MUST_USE bool actor_since(struct db *db, int64_t *ret, struct err *e);
/* All hints after that one are this person's.  In the transaction that left them. */
MUST_USE bool actor_mark(struct db *db, int64_t since, const struct actor *actor, struct err *e);

/* The name lives in the arena. */
MUST_USE bool actor_name(struct db *db, int64_t no, struct arena *arena, struct schema_text *ret,
			 struct err *e);

#endif
