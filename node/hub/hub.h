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
#include "simpul/grant.h"
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

/* An office that asks to be enrolled without having an invitation. */
#define HUB_REQUESTS_MAX 1000 /* that wait: more than there are regions */

struct hub_request {
	struct public_key key;
	char words[INVITATION_WORDS_SIZE]; /* of the key: compared by telephone */
	const char *scope;
	const char *name; /* as it calls itself */
	uint64_t asked_ms;
	bool waiting;  /* nobody has answered */
	bool approved; /* if answered */
};

/* Files what was asked; in the caller's transaction.  ERR_OVERLOADED: too many wait. */
MUST_USE bool hub_request_put(struct party *p, const struct hash *token_hash, const struct genesis *genesis,
			      struct err *e);
MUST_USE bool hub_request_refused(struct party *p, const struct genesis *genesis, bool *ret, struct err *e);
/* Those that wait come first, newest first; the callback returns false to stop. */
MUST_USE bool hub_request_list(struct party *p, bool (*call)(void *state, const struct hub_request *request),
			       void *state, struct err *e);

struct hub_answer {
	const char *words; /* as compared */
	const char *scope; /* NULL: the one that it asks for */
	bool approve;	   /* else it is refused, and told so */
	enum role role;
	uint64_t valid_ms; /* it must come back within */
};
/*
 * In a transaction of its own.  ERR_NOT_FOUND: nobody with these words waits; ERR_USAGE: for several scopes.
 * A refused office that asks again stays refused.
 */
MUST_USE bool hub_request_answer(struct party *p, const struct hub_answer *answer, struct err *e);

/* POST /v1/enrol, in steps of serve.h. */
MUST_USE bool hub_enrol_begin(struct party *p, struct serve_job *job, struct err *e);
MUST_USE bool hub_enrol_write(struct party *p, struct serve_job *job, struct err *e);
MUST_USE bool hub_enrol_finish(struct party *p, struct serve_job *job, struct err *e);

#endif
