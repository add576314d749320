/* invitation.c - any bytes as an invitation, and as its content under a right check. */
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "simpul/invitation.h"

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What is taken is written back as the same text. */
static void decode(const char *text, size_t len)
{
	struct invitation i;
	struct invitation_text made;
	struct err e;

	if (!invitation_decode(text, len, &i, &e)) {
		MUST(e.code == ERR_MALFORMED || e.code == ERR_TOO_LARGE ||
		     e.code == ERR_UNSUPPORTED || e.code == ERR_WEAK_KEY);
		return;
	}
	MUST(invitation_encode(&i, &made, &e));
	MUST(memmem(text, len, made.text, strlen(made.text)) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t packed[700];
	char text[1024] = INVITATION_PREFIX;
	struct hash hash;

	decode((const char *)data, len);
	if (len > sizeof(packed) - 4)
		return 0;
	if (len > 0)
		memcpy(packed, data, len);
	const struct bytes parts[] = { { INVITATION_PREFIX, 8 }, { packed, len } };

	crypto_sha256_parts(parts, 2, &hash);
	memcpy(packed + len, &hash, 4);
	decode(text, 8 + base64_encode(BASE64_URL, packed, len + 4, text + 8));
	return 0;
}
