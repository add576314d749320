/*
 * invitation.h - what a hub operator hands to a new office: one line of text, or the same as a QR
 * code.
 *
 * It says where the hub is, which key it has, for which scope and role, until when, and carries a
 * token that works once.  Whoever holds it can enrol, so it travels like a password.  A checksum
 * catches typing errors before anything is sent.  Fingerprints let two people compare a key by
 * voice.
 *
 * Memory: values.  Threads: pure.
 */
#ifndef SIMPUL_INVITATION_H
#define SIMPUL_INVITATION_H

#include "simpul/crypto.h"

#define INVITATION_PREFIX	    "simpul1:"
#define INVITATION_URL_MAX	    256 /* bytes */
#define INVITATION_TOKEN_BYTES	    16
#define INVITATION_FINGERPRINT_SIZE 40 /* 8 groups of 4 hex digits, 7 spaces, NUL */
#define INVITATION_WORDS_SIZE	    36 /* 6 words of 5 letters, 5 hyphens, NUL */

struct invitation {
	char url[INVITATION_URL_MAX + 1];  /* of the hub, no final slash; "": only by file */
	char origin[LIMIT_NAME_BYTES + 1]; /* of the hub's log, as in its checkpoints */
	struct public_key hub;
	uint8_t token[INVITATION_TOKEN_BYTES];
	struct scope scope;
	uint8_t role;	     /* enum grant_role; not 0 */
	uint64_t expires_ms; /* since 1970 UTC; the caller compares with the clock */
};

struct invitation_text {
	char text[LIMIT_INVITATION_BYTES + 1]; /* NUL-terminated */
};

/* ERR_USAGE for an ill-formed url, origin or scope; ERR_WEAK_KEY. */
MUST_USE bool invitation_encode(const struct invitation *invitation,
				struct invitation_text *ret_text, struct err *e);
/*
 * Surrounding white space is ignored, line breaks inside are not.  ERR_MALFORMED, ERR_TOO_LARGE,
 * ERR_UNSUPPORTED (a later version), ERR_WEAK_KEY.  Does not look at the clock.
 */
MUST_USE bool invitation_decode(const char *text, size_t len, struct invitation *ret_invitation,
				struct err *e);

/* "1a2b 3c4d ...": the first 16 bytes of the key's SHA-256. */
void invitation_fingerprint(const struct public_key *key,
			    char ret_text[INVITATION_FINGERPRINT_SIZE]);
/* Six proquints ("lusab-babad-..."), words that can be said: the first 12 bytes of the same. */
void invitation_words(const struct public_key *key, char ret_text[INVITATION_WORDS_SIZE]);

#endif
