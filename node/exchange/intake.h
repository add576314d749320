/*
 * intake.h - an answer's changesets onto the file: custody first, then the merge, both in parts.
 *
 * Between two parts other programs write (turn.h).  The cursor moves in the transaction that takes the last
 * changeset; what was taken and is not merged when the node ends is merged when it starts again.
 */
#ifndef EXCHANGE_INTAKE_H
#define EXCHANGE_INTAKE_H

#include "exchange/party.h"
#include "exchange/sync.h"

/* The caller holds neither the party's lock nor a transaction.  *ret_accepted: how many were new. */
MUST_USE bool intake_feed(struct party *p, const struct sync_peer *from, struct bytes feed, uint64_t cursor,
			  uint64_t *ret_accepted, struct err *e);

#endif
