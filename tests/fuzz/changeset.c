/*
 * changeset.c - any bytes as a signed header, and as the genesis that it may be.
 *
 * A header that decodes encodes to the same bytes; signed by the right key it is accepted in a
 * frame, so what stands behind the signature is reached with every header that decodes.
 */
#include <stdlib.h>
#include <string.h>

#include "simpul/seal.h"

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct secret_key secret = { { 0x66, 0x75, 0x7a } };

/* The header with a body of its own, signed anew: opens, verifies, unpacks; under another key not.
 */
static void sealed(struct changeset c)
{
	static const uint8_t body[] = "a body, a body, a body";
	static const struct public_key other = { { 9 } };
	uint8_t frame[LIMIT_HEADER_BYTES + 256], back[sizeof(body)];
	struct public_key key;
	struct hash id;
	struct frame f;
	size_t len;
	struct err e;

	crypto_public_key(&secret, &key);
	if (!seal_make(&c, body, sizeof(body), &secret, frame, sizeof(frame), &len, &id, &e))
		return; /* body_len takes more bytes than the header has left */
	MUST(seal_open(frame, len, &f, &e) && seal_verify(&f, &key, &e));
	MUST(seal_unpack(&f, back, sizeof(back), &e) && memcmp(body, back, sizeof(body)) == 0);
	MUST(hash_equal(&f.id, &id) && !seal_verify(&f, &other, &e));
}

/* The same fields under our own key, with the chain's name made to fit, are a genesis. */
static void as_genesis(const struct changeset *c)
{
	struct changeset own = { .prev = c->prev };
	struct genesis g, back;
	struct chain_id chain;
	struct err e;

	if (!genesis_read(c, &g, &e)) {
		MUST(e.code == ERR_MALFORMED || e.code == ERR_CHAIN || e.code == ERR_WEAK_KEY);
		return;
	}
	genesis_chain(&g.key, &g.scope, g.nonce, &chain);
	MUST(chain_compare(&chain, &c->chain) == 0 && crypto_key_check(&g.key, &e));
	genesis_fill(&g, &own);
	MUST(genesis_read(&own, &back, &e) && strcmp(g.name, back.name) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t bytes[LIMIT_HEADER_BYTES];
	struct changeset c;
	size_t bytes_len;
	struct err e;

	if (!changeset_decode(data, len, &c, &e)) {
		MUST(e.code == ERR_MALFORMED || e.code == ERR_TOO_LARGE ||
		     e.code == ERR_UNSUPPORTED);
		return 0;
	}
	MUST(changeset_encode(&c, bytes, sizeof(bytes), &bytes_len, &e));
	MUST(bytes_len == len && memcmp(bytes, data, len) == 0);
	as_genesis(&c);
	sealed(c);
	return 0;
}
