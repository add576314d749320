/*
 * hub.h - what a hub does beyond a node: the transparency log, receipts, invitations and grants.
 *
 *	struct hub hub;
 *
 *	if (!hub_open(&hub, &party, e))      sets party.hub
 *		return false;
 *	serve_begin(&party, hub_routes(), &job);
 *
 * Memory: the party borrows the hub until hub_close.  Threads: those of the party.
 */
#ifndef HUB_HUB_H
#define HUB_HUB_H

#include "exchange/serve.h"
#include "hub/tile.h"
#include "simpul/invitation.h"

struct hub {
	struct party_hub ops; /* first member: party.hub points here */
	struct party *party;
	struct tile_view *tiles;  /* for proofs */
	struct checkpoint signed_head; /* size 0: nothing signed yet */
	struct note note;
	uint64_t time; /* of the last signature, in seconds: the next one is not before it */
	bool unsaved; /* the note is not in simpul_checkpoint yet: the next append saves it */
};

/* Signs at once if the file holds more than was signed before. */
MUST_USE bool hub_open(struct hub *hub, struct party *p, struct err *e);
void hub_close(struct hub *hub);
const struct serve_route *hub_routes(void);

/*
 * A one-use invitation, valid for valid_ms.  The caller says its scope, its role and the url where the hub
 * is reached; the rest is filled in.  In a transaction of its own.  Only the hash of the token is kept.
 */
MUST_USE bool hub_invite(struct party *p, struct invitation *invitation, uint64_t valid_ms,
			 struct invitation_text *ret, struct err *e);
/* Takes back a chain's rights behind a seq: a signed entry on the national chain. */
MUST_USE bool hub_revoke(struct party *p, const struct chain_id *chain, uint64_t last_good_seq,
			 const char *reason, struct err *e);

/* POST /v1/enrol, in steps of serve.h. */
MUST_USE bool hub_enrol_begin(struct party *p, struct serve_job *job, struct err *e);
MUST_USE bool hub_enrol_write(struct party *p, struct serve_job *job, struct err *e);
MUST_USE bool hub_enrol_finish(struct party *p, struct serve_job *job, struct err *e);

#endif
