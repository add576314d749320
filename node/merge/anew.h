/*
 * anew.h - what a forked chain of ours left in this file only is sealed again on its successor.
 *
 * Two copies of one file wrote changesets with one number; the hub has the first, and takes no more of
 * that chain from either.  Once this node may write onto a newer chain of the same scope, each changeset
 * that the hub does not have is sealed there again: same changes, same times, in the same context, so
 * nothing that the other copy wrote is claimed to have been seen.  The frames that were refused stay as
 * evidence (simpul_held, `fork`) off the open lists, and the old chain here ends where both copies were
 * one: from there on it is what the hub has of it, fetched like anybody's.
 */
#ifndef MERGE_ANEW_H
#define MERGE_ANEW_H

#include "outbox/outbox.h"

/*
 * In the caller's transaction, before anything is sealed or merged.  Base rows and the log stay as they
 * are: what waits there is sealed on top.  *ret_changesets: how many were sealed anew.
 */
MUST_USE bool anew_run(struct db *db, const struct catalog *catalog, const struct outbox_author *author,
		       int64_t *ret_changesets, struct err *e);

#endif
