/*
 * outgoing.h - what another party lacks of what we hold, as frames ready to send.
 *
 * To the hub goes everything that it may lack, ours and others': so a node relays for its neighbours.  To a
 * neighbour goes what its heads lack.  Frames go out as they came in, byte for byte; one that the disk has
 * altered since does not go out.
 */
#ifndef EXCHANGE_OUTGOING_H
#define EXCHANGE_OUTGOING_H

#include "base/buf.h"
#include "base/json.h"
#include "simpul/ident.h"
#include "store/db.h"

/* "national,13.73": the scopes of our own chains and the hub's; except: those chains, in hex. */
MUST_USE bool outgoing_scopes(struct db *db, struct buf *out, struct buf *except, struct err *e);

/* The next frames of a list, for one request. */
struct outgoing_part {
	int64_t peer;	   /* whose heads count: simpul_peer.no; 0 for the hub's list */
	uint64_t after;	   /* n of the last one: moves */
	size_t bytes_max;  /* about so many, but at least one frame */
	size_t frames;	   /* out: 0 when nothing is left */
	struct err damage; /* out: a frame that is not what was accepted is left out; else untouched */
};

/* Appends frames with n > after that the hub may lack, in order, LIMIT_REQUEST_FRAMES at most. */
MUST_USE bool outgoing_unsent(struct db *db, struct outgoing_part *part, struct buf *out, struct err *e);

/*
 * A peer's heads, from its answer's list of {"chain":HEX,"seq":N}; replaces the last ones that it told.  They
 * stay while others' come: rounds with several peers share one connection.
 */
MUST_USE bool outgoing_heads_take(struct db *db, int64_t peer, const json_t *heads, struct err *e);
/* Does it hold more of a chain of ours than we do? */
MUST_USE bool outgoing_behind(struct db *db, int64_t peer, bool *ret, struct err *e);
/* As outgoing_unsent: frames of the scope list "a,b" beyond those heads, in our order of acceptance. */
MUST_USE bool outgoing_missing(struct db *db, const char *scopes, struct outgoing_part *part, struct buf *out,
			       struct err *e);

/* It came from the hub: no need to send it there.  One of ours still wants its receipt. */
MUST_USE bool outgoing_at_hub(struct db *db, const struct hash *id, struct err *e);

struct outgoing_waiting { /* a chain of ours with changesets that have no receipt */
	struct chain_id chain;
	struct scope scope;
	uint64_t after_seq;
};
MUST_USE bool outgoing_waiting(struct db *db, struct outgoing_waiting *ret, size_t cap, size_t *ret_n,
			       struct err *e);

#endif
