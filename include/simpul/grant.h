/*
 * grant.h - rights: the bodies of GRANT and REVOKE changesets on the hub's national chain.
 *
 * A grant names one chain and what it may do in its scope; anyone who holds the national chain
 * checks it offline.  A revocation voids a chain from a sequence number, never from a time.
 * Encoding: strict CBOR.  grant = [1, chain, public key, scope, role, name]; revoke = [1, chain,
 * last good seq, reason].
 */
#ifndef SIMPUL_GRANT_H
#define SIMPUL_GRANT_H

#include "simpul/ident.h"

enum role { ROLE_WRITER = 1, ROLE_REVIEWER = 2, ROLE_READER = 3, ROLE_RELAY = 4, ROLE_HUB = 5 };

#define GRANT_BYTES_MAX 512

struct grant {
	struct chain_id chain;
	struct public_key key;
	struct scope scope;
	enum role role;
	char name[LIMIT_NAME_BYTES + 1]; /* of the node, as enrolled */
};

struct revocation {
	struct chain_id chain;
	uint64_t last_good_seq; /* changesets after it are void; 0 voids the whole chain */
	char reason[LIMIT_NAME_BYTES + 1];
};

const char *role_name(enum role role);
MUST_USE bool role_parse(const char *text, enum role *ret_role, struct err *e);

MUST_USE bool grant_encode(const struct grant *g, uint8_t *out, size_t cap, size_t *ret_len,
			   struct err *e);
MUST_USE bool grant_decode(const uint8_t *bytes, size_t len, struct grant *ret, struct err *e);
MUST_USE bool revocation_encode(const struct revocation *r, uint8_t *out, size_t cap,
				size_t *ret_len, struct err *e);
MUST_USE bool revocation_decode(const uint8_t *bytes, size_t len, struct revocation *ret,
				struct err *e);

#endif
