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

struct intake_result {
	uint64_t accepted; /* how many were new */
	struct err damage; /* one whose bytes are not what its author signed; the others were taken */
};

/* The caller holds neither the party's lock nor a transaction.  *ret counts also when it fails. */
MUST_USE bool intake_feed(struct party *p, const struct sync_peer *from, struct bytes feed, uint64_t cursor,
			  struct intake_result *ret, struct err *e);

#endif
