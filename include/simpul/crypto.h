/*
 * crypto.h - SHA-256, Ed25519 and SHA-256-based MACs: the one door to OpenSSL's EVP.
 *
 * One-shot verify only, never batch.  Small-order and non-canonical public keys are refused (OpenSSL
 * 3.0 verifies under them: with the identity point one signature fits every message).
 * Memory: nothing to free but a hasher.  Threads: safe from any thread.
 */
#ifndef SIMPUL_CRYPTO_H
#define SIMPUL_CRYPTO_H

#include "simpul/ident.h"

struct bytes { /* a borrowed run of bytes */
	const void *data;
	size_t len;
};

void crypto_sha256(const void *data, size_t len, struct hash *ret_hash);
/* The hash of the concatenation of n runs. */
void crypto_sha256_parts(const struct bytes *parts, size_t n, struct hash *ret_hash);

/* SHA-256 of bytes that come one piece after the other; crypto_hasher_done frees, at any time. */
struct crypto_hasher {
	void *state; /* NULL: not begun */
};
void crypto_hasher_add(struct crypto_hasher *h, const void *data, size_t len); /* begins if need be */
void crypto_hasher_end(struct crypto_hasher *h, struct hash *ret_hash);	       /* and is done */
void crypto_hasher_done(struct crypto_hasher *h);

void crypto_public_key(const struct secret_key *secret, struct public_key *ret_public);
void crypto_sign(const struct secret_key *secret, const void *message, size_t len,
		 struct signature *ret_signature);
/* ERR_SIGNATURE, or ERR_WEAK_KEY for a key that crypto_key_check refuses. */
MUST_USE bool crypto_verify(const struct public_key *key, const void *message, size_t len,
			    const struct signature *signature, struct err *e);
/* ERR_WEAK_KEY for small-order points and encodings with y >= p. */
MUST_USE bool crypto_key_check(const struct public_key *key, struct err *e);

/* DSSE pre-authentication encoding: "DSSEv1" SP len(type) SP type SP len(body) SP body, signed as one. */
void crypto_sign_dsse(const struct secret_key *secret, const char *type, const void *body, size_t len,
		      struct signature *ret_signature);
MUST_USE bool crypto_verify_dsse(const struct public_key *key, const char *type, const void *body,
				 size_t len, const struct signature *signature, struct err *e);

/*
 * scrypt (RFC 7914) with N = 2^cost, r = 8 and this p: what makes guessing a password dear.  Takes
 * 2^cost KiB of memory while it runs.  cost 1..20.
 */
struct crypto_scrypt {
	unsigned cost;
	unsigned p;
	struct bytes password;
	struct bytes salt;
};
void crypto_scrypt(const struct crypto_scrypt *how, void *ret_key, size_t len);

/* A private copy of a secret leaves memory: overwritten in a way the compiler keeps. */
void crypto_wipe(void *secret, size_t len);
/* Equality in constant time, for tokens. */
bool crypto_equal(const void *a, const void *b, size_t len);

#endif
