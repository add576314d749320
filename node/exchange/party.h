/*
 * party.h - one node as a party in exchanges: who it is, what it holds, and who may ask it what.
 *
 * The same whether it serves or calls, runs behind sockets or in a simulation.  Whoever uses its database
 * holds its lock; with one thread there is none to hold.
 *
 * Memory: borrowed members outlive the party; party_close frees the rest. */
#ifndef EXCHANGE_PARTY_H
#define EXCHANGE_PARTY_H

#include <pthread.h>

#include "base/world.h"
#include "exchange/transport.h"
#include "exchange/turn.h"
#include "merge/inbox.h"
#include "net/http.h"
#include "simpul/changeset.h"
#include "exchange/nonces.h"
#include "simpul/grant.h"
#include "simpul/message.h"
#include "store/catalog.h"

#define PARTY_CREATED_S_MAX 300 /* a request's `created` may be so far from our clock */

struct answer;
struct apply_part;
struct party;
/* What a hub does beyond a node; NULL members of struct party on a node. */
struct party_hub {
	/* In the transaction that accepted changesets: append all new ones to the log. */
	bool (*append)(struct party *p, struct err *e);
	/* After its commit: sign the head over what is on disk. */
	bool (*sign)(struct party *p, struct err *e);
	/* Fills in index and proof of each item that is logged, and the checkpoint. */
	bool (*prove)(struct party *p, struct answer *answer, struct err *e);
};

struct party {
	struct db *db;
	const struct world *world;
	struct secret_key secret;
	struct public_key key;
	char name[LIMIT_NAME_BYTES + 1];
	char origin[LIMIT_NAME_BYTES + 1]; /* of the hub's log: our own, or our hub's; "" if none */
	struct public_key hub_key;	   /* ours if we are the hub; zeros before enrolment */
	const struct party_hub *hub;	   /* NULL: a node */
	struct hash pin;		   /* of our TLS key; zeros if we do not listen */
	char public_url[256];		   /* behind a gateway: what clients call; "" else */
	pthread_mutex_t *lock;		   /* NULL: single-threaded */
	struct catalog *catalog;	   /* reloaded when the schema moved: party_catalog */
	struct arena *catalog_arena;
	bool catalog_loaded;
	int64_t clock_offset_ms;	   /* of the hub's clock to ours, as last heard */
	int64_t log_left;		   /* last hint that stayed when the log was sealed last, 0 none */
	uint64_t seals;			   /* how often numbers of hints began anew since the start */
	struct contacts *contacts;	   /* of a hub: contact.h; NULL: nobody spoke yet */
	bool behind;			   /* others hold more of our own chains: accept only, seal nothing */
	uint32_t changes_max;		   /* per changeset sealed here; 0: as the outbox thinks best */
	struct turn turn;		   /* with other programs, in long jobs */
	struct inbox inbox;
	bool inbox_ready, from_hub;	   /* from_hub: what is accepted now was sent by the hub */
	struct nonces nonces;		   /* of requests seen lately: a replay is refused */
};

void party_lock(struct party *p);
void party_unlock(struct party *p); /* transactions and statements are closed before */
/* To the end of the block; stands before its transactions and statements, whose clean-ups then run first. */
#define PARTY_LOCKED(p) party_lock(p);                                                              \
	__attribute__((cleanup(party_unlock_at), unused)) struct party *party_locked = (p)
void party_unlock_at(struct party **p);

/* The present catalog, reloaded if the tables changed; repairs triggers that a rebuild lost. */
MUST_USE bool party_catalog(struct party *p, const struct catalog **ret_catalog, struct err *e);

/* inbox_accept with this party's inbox, in the caller's transaction. */
MUST_USE bool party_accept(struct party *p, const uint8_t *bytes, size_t len, struct inbox_result *ret,
			   struct err *e);
/* Frees what the party holds; also when the hub's key has changed, before it accepts again. */
void party_close(struct party *p);

/*
 * Seals what local programs wrote and merges what was accepted, in the caller's transaction; at the hub
 * also appends to the log.  This is the one order of these steps, for server, client and simulator.
 */
MUST_USE bool party_settle(struct party *p, struct err *e);
/* The same with a part of the merge: for settle.h. */
MUST_USE bool party_settle_part(struct party *p, struct apply_part *part, struct err *e);
/*
 * Seals the oldest `hints` hints in a transaction of its own and merges nothing: for a log that is sent while
 * the rest of it is sealed.  *ret_upto: none up to there is left that can be sealed.
 */
MUST_USE bool party_seal_some(struct party *p, int64_t hints, int64_t *ret_upto, struct err *e);
/* Seals a record (grant, revocation) of ours onto our national chain, in the caller's transaction. */
MUST_USE bool party_record(struct party *p, enum changeset_kind kind, const void *body, size_t len,
			   struct err *e);

/* The hub refuses forked chains.  Ours are frozen here too; what a new enrolment mends: merge/anew.h. */
MUST_USE bool party_heed_forks(struct party *p, const struct answer *answer, struct err *e);

/* Who signed a request: ERR_SIGNATURE, ERR_CLOCK (created too far from our clock), ERR_FORBIDDEN (replay). */
MUST_USE bool party_authenticate(struct party *p, const struct http_request *request,
				 struct public_key *ret_key, struct err *e);
/* ERR_FORBIDDEN unless a grant lets the key take part in the scope; ERR_REVOKED if it was taken back. */
MUST_USE bool party_authorize(struct party *p, const struct public_key *key, const char *scope,
			      enum role *ret_role, struct err *e);

/* Signs an outgoing request: the call's method, URL and body; adds the three fields. */
MUST_USE bool party_sign_request(struct party *p, const struct transport_call *call,
				 int64_t clock_offset_ms, struct http_fields *fields, struct err *e);
/* Signs an answer with the nonce of its request. */
MUST_USE bool party_sign_response(struct party *p, const char *nonce, struct http_response *response,
				  struct err *e);

/* An RFC 9457 problem document in both languages. */
void party_problem(struct http_response *response, const struct err *problem);
/* True for HTTP 200 and 206; else the answer's problem document as our error. */
MUST_USE bool party_problem_read(const struct http_response *response, struct err *e);

#endif
