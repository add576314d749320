/*
 * ident.h - the names of things: hashes, chains, keys, scopes; and their text forms.
 *
 * All are plain bytes compared in constant layout.  Text form is lower-case hex, except scopes, which
 * are text already.  Memory: values, nothing to free.  Threads: pure.
 */
#ifndef SIMPUL_IDENT_H
#define SIMPUL_IDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "simpul/err.h"
#include "simpul/limits.h"

struct hash { /* SHA-256; the id of a changeset = its RFC 6962 leaf hash */
	uint8_t bytes[32];
};
struct chain_id { /* first 16 bytes of SHA-256(public key || scope || nonce) */
	uint8_t bytes[16];
};
struct public_key { /* Ed25519, RFC 8032 */
	uint8_t bytes[32];
};
struct secret_key { /* Ed25519 seed, RFC 8032 */
	uint8_t bytes[32];
};
struct signature { /* Ed25519 */
	uint8_t bytes[64];
};
struct scope { /* 1..LIMIT_SCOPE_BYTES bytes of [0-9a-z._-], NUL-terminated */
	char name[LIMIT_SCOPE_BYTES + 1];
};

#define SCOPE_NATIONAL "national"
#define HEX_SIZE(bytes) (2 * (bytes) + 1)

bool hash_equal(const struct hash *a, const struct hash *b);
int chain_compare(const struct chain_id *a, const struct chain_id *b);
bool key_equal(const struct public_key *a, const struct public_key *b);

/* ERR_USAGE for an empty, too long or ill-formed name. */
MUST_USE bool scope_parse(const char *text, size_t len, struct scope *ret_scope, struct err *e);
bool scope_equal(const struct scope *a, const struct scope *b);

/* Writes 2 * len hex digits and a NUL to out. */
void hex_encode(const void *bytes, size_t len, char *out);
/* Exactly 2 * len lower- or upper-case digits; false else, ret_bytes then undefined. */
MUST_USE bool hex_decode(const char *text, size_t text_len, void *ret_bytes, size_t len);

#define UUID_TEXT_BYTES 36
/* Text that is a UUID in lower case, as its bytes; false, and ret_bytes anything, for all else. */
bool uuid_parse(const uint8_t *text, size_t len, uint8_t ret_bytes[16]);

/* A name fit for tables, columns, nodes: 1..LIMIT_NAME_BYTES bytes of UTF-8, no control characters. */
bool name_valid(const char *text, size_t len);
bool utf8_valid(const uint8_t *text, size_t len);

#endif
