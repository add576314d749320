/*
 * nonces.h - which requests were used lately, so that none is served twice.
 *
 * A request counts as used until its `created` is too old to be served at all.  Each key has room of its own,
 * NONCES_EACH requests.  Who uses it up forgets its own oldest request, and what it signed no later than that
 * one is refused from then on: so a flood makes no room for a replay, and is in nobody else's way.
 *
 * Memory: 12 bytes per request, given back when a key has been silent for long and another one comes;
 * nonces_done frees the rest.  All zeros is empty.
 */
#ifndef EXCHANGE_NONCES_H
#define EXCHANGE_NONCES_H

#include "simpul/err.h"
#include "simpul/ident.h"

#define NONCES_EACH 4096

struct nonces_key;
struct nonces {
	struct nonces_key *key;
	size_t keys;
};

void nonces_done(struct nonces *n);

/*
 * apart_s: how far from now_s a request's `created` may be; the caller has checked that this one's is not
 * farther, and that the key has a right here, for what others send is refused anyway.
 * ERR_FORBIDDEN: used before.  ERR_BUSY: that cannot be told any more; a request signed now will do.
 */
struct nonces_time {
	uint64_t created_s, now_s, apart_s;
};
MUST_USE bool nonces_take(struct nonces *n, const struct public_key *key, const char *nonce,
			  const struct nonces_time *time, struct err *e);

#endif
