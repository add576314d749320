/* grant.c - any bytes as a grant and as a revocation: what decodes encodes to the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "simpul/crypto.h"
#include "simpul/grant.h"

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t bytes[GRANT_BYTES_MAX];
	struct revocation r;
	struct grant g;
	size_t bytes_len;
	struct err e;

	if (grant_decode(data, len, &g, &e)) {
		MUST(crypto_key_check(&g.key, &e));
		MUST(grant_encode(&g, bytes, sizeof(bytes), &bytes_len, &e));
		MUST(bytes_len == len && memcmp(bytes, data, len) == 0);
	}
	if (revocation_decode(data, len, &r, &e)) {
		MUST(revocation_encode(&r, bytes, sizeof(bytes), &bytes_len, &e));
		MUST(bytes_len == len && memcmp(bytes, data, len) == 0);
	}
	return 0;
}
