/*
 * branch.h - another's chain forked, and the hub took the other branch than this node did.
 *
 * Two copies of one file wrote changesets with one number.  A neighbour may have had one branch directly
 * before the hub refused it.  Once the hub itself sends the other one, that one counts here as well: what
 * was here of the chain from there on is void, its effects are taken out of the tables, its frames stay as
 * evidence (simpul_held, `fork`), and the chain goes on where both were one.  What the hub's branch holds
 * is fetched again from the beginning.  The office whose branch it was seals it anew itself (anew.h).
 *
 *	simpul_chain.frozen = BRANCH_FROZEN + seq: the hub's changeset seq is another than ours
 */
#ifndef MERGE_BRANCH_H
#define MERGE_BRANCH_H

#include "store/db.h"

#define BRANCH_FROZEN 2

/* In the merge's transaction, before takeback_run: what is to go is marked for it. */
MUST_USE bool branch_mark(struct db *db, struct err *e);
/* After it: out of the log, and the chain set back. */
MUST_USE bool branch_leave(struct db *db, struct err *e);

#endif
