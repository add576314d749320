/* crypto.c - SHA-256 and Ed25519 through OpenSSL's EVP; the only file that includes it in proto/. */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "simpul/crypto.h"

/* The longest DSSE body is a changeset header or a hello; the PAE is built on the stack. */
#define PAE_BYTES_MAX 8192

static EVP_MD *sha256;
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

/* Fetched once: an implicit fetch at each call costs more than hashing a header. */
static void fetch(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	assert(sha256 != NULL);
}

static void md_free(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

static void pkey_free(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

#define AUTO_MD __attribute__((cleanup(md_free))) EVP_MD_CTX *
#define AUTO_PKEY __attribute__((cleanup(pkey_free))) EVP_PKEY *

void crypto_sha256(const void *data, size_t len, struct hash *ret_hash)
{
	struct bytes part = { data, len };

	crypto_sha256_parts(&part, 1, ret_hash);
}

void crypto_sha256_parts(const struct bytes *parts, size_t n, struct hash *ret_hash)
{
	AUTO_MD ctx = EVP_MD_CTX_new();
	int ok;

	pthread_once(&fetched, fetch);
	ok = ctx != NULL && EVP_DigestInit_ex2(ctx, sha256, NULL) == 1;
	for (size_t i = 0; i < n && ok; i++)
		ok = EVP_DigestUpdate(ctx, parts[i].data, parts[i].len) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, ret_hash->bytes, NULL) == 1;
	assert(ok); /* memory ran out: the process ends, SQLite transactions are the recovery */
}

void crypto_hasher_add(struct crypto_hasher *h, const void *data, size_t len)
{
	int ok = 1;

	pthread_once(&fetched, fetch);
	if (h->state == NULL) {
		h->state = EVP_MD_CTX_new();
		ok = h->state != NULL && EVP_DigestInit_ex2(h->state, sha256, NULL) == 1;
	}
	ok = ok && EVP_DigestUpdate(h->state, data, len) == 1;
	assert(ok);
}

void crypto_hasher_end(struct crypto_hasher *h, struct hash *ret_hash)
{
	int ok;

	crypto_hasher_add(h, "", 0);
	ok = EVP_DigestFinal_ex(h->state, ret_hash->bytes, NULL) == 1;
	assert(ok);
	crypto_hasher_done(h);
}

void crypto_hasher_done(struct crypto_hasher *h)
{
	EVP_MD_CTX_free(h->state);
	h->state = NULL;
}

void crypto_public_key(const struct secret_key *secret, struct public_key *ret_public)
{
	AUTO_PKEY key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret->bytes,
						     sizeof(secret->bytes));
	size_t len = sizeof(ret_public->bytes);
	int ok = key != NULL && EVP_PKEY_get_raw_public_key(key, ret_public->bytes, &len) == 1;

	assert(ok && len == sizeof(ret_public->bytes));
}

/*
 * OpenSSL derives the public half whenever a private key is loaded, which takes longer than signing.  A
 * node signs with one key all its life, so each thread keeps the last one it used.
 */
struct signer {
	struct secret_key secret;
	EVP_PKEY *key;
};

static pthread_key_t signer_slot;
static pthread_once_t signer_ready = PTHREAD_ONCE_INIT;

static void signer_free(void *slot)
{
	struct signer *signer = slot;

	EVP_PKEY_free(signer->key);
	OPENSSL_clear_free(signer, sizeof(*signer));
}

/* Thread-specific data is not freed for the main thread. */
static void signer_free_last(void)
{
	struct signer *signer = pthread_getspecific(signer_slot);

	if (signer != NULL)
		signer_free(signer);
	pthread_setspecific(signer_slot, NULL);
}

static void signer_init(void)
{
	int failed = pthread_key_create(&signer_slot, signer_free) != 0 ||
		     atexit(signer_free_last) != 0;

	assert(!failed);
}

static EVP_PKEY *signer_key(const struct secret_key *secret)
{
	struct signer *signer;

	pthread_once(&signer_ready, signer_init);
	signer = pthread_getspecific(signer_slot);
	if (signer == NULL) {
		signer = OPENSSL_zalloc(sizeof(*signer));
		assert(signer != NULL && pthread_setspecific(signer_slot, signer) == 0);
	}
	if (signer->key == NULL || CRYPTO_memcmp(&signer->secret, secret, sizeof(*secret)) != 0) {
		EVP_PKEY_free(signer->key);
		signer->secret = *secret;
		signer->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret->bytes,
							   sizeof(secret->bytes));
	}
	return signer->key;
}

void crypto_sign(const struct secret_key *secret, const void *message, size_t len,
		 struct signature *ret_signature)
{
	EVP_PKEY *key = signer_key(secret); /* borrowed */
	AUTO_MD ctx = EVP_MD_CTX_new();
	size_t out = sizeof(ret_signature->bytes);
	int ok = key != NULL && ctx != NULL && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
		 EVP_DigestSign(ctx, ret_signature->bytes, &out, message, len) == 1;

	assert(ok && out == sizeof(ret_signature->bytes));
}

bool crypto_verify(const struct public_key *key, const void *message, size_t len,
		   const struct signature *signature, struct err *e)
{
	AUTO_PKEY pkey = NULL;
	AUTO_MD ctx = NULL;

	if (!crypto_key_check(key, e))
		return false;
	pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->bytes, sizeof(key->bytes));
	ctx = EVP_MD_CTX_new();
	if (pkey == NULL || ctx == NULL || EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) != 1)
		return err_set(e, ERR_WEAK_KEY, "the public key is not a point of Ed25519");
	if (EVP_DigestVerify(ctx, signature->bytes, sizeof(signature->bytes), message, len) != 1)
		return err_set(e, ERR_SIGNATURE, "the signature does not fit the content");
	return true;
}

/* y coordinates (little endian, sign bit cleared) of the points whose order divides 8. */
static const uint8_t small_order[][32] = {
	{ 0 },
	{ 1 },
	{ 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
	  0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 },
	{ 0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
	  0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a },
	{ 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
};

bool crypto_key_check(const struct public_key *key, struct err *e)
{
	uint8_t y[32];
	bool canonical = false;

	memcpy(y, key->bytes, sizeof(y));
	y[31] &= 0x7f;
	/* y < p = 2^255 - 19: below it unless all upper bytes are ff and the lowest is ed or more. */
	for (int i = 1; i < 31; i++)
		canonical |= y[i] != 0xff;
	canonical |= y[31] != 0x7f || y[0] < 0xed;
	if (!canonical)
		return err_set(e, ERR_WEAK_KEY, "the public key is not in canonical form");
	for (size_t i = 0; i < sizeof(small_order) / sizeof(small_order[0]); i++)
		if (memcmp(y, small_order[i], sizeof(y)) == 0)
			return err_set(e, ERR_WEAK_KEY, "the public key has a small order");
	return true;
}

static size_t pae(const char *type, const void *body, size_t len, uint8_t *out)
{
	int head = snprintf((char *)out, PAE_BYTES_MAX, "DSSEv1 %zu %s %zu ", strlen(type), type, len);

	assert(head > 0 && (size_t)head + len <= PAE_BYTES_MAX);
	memcpy(out + head, body, len);
	return (size_t)head + len;
}

void crypto_sign_dsse(const struct secret_key *secret, const char *type, const void *body, size_t len,
		      struct signature *ret_signature)
{
	uint8_t message[PAE_BYTES_MAX];

	crypto_sign(secret, message, pae(type, body, len, message), ret_signature);
}

bool crypto_verify_dsse(const struct public_key *key, const char *type, const void *body, size_t len,
			const struct signature *signature, struct err *e)
{
	uint8_t message[PAE_BYTES_MAX];

	return crypto_verify(key, message, pae(type, body, len, message), signature, e);
}

void crypto_scrypt(const struct crypto_scrypt *how, void *ret_key, size_t len)
{
	const uint64_t n = (uint64_t)1 << how->cost, r = 8;
	int ok;

	assert(how->cost >= 1 && how->cost <= 20 && how->p >= 1 && how->p <= 16);
	ok = EVP_PBE_scrypt(how->password.data, how->password.len, how->salt.data, how->salt.len, n, r,
			    how->p, 128 * r * (n + how->p + 2), ret_key, len);
	assert(ok == 1); /* memory ran out */
}

void crypto_wipe(void *secret, size_t len)
{
	OPENSSL_cleanse(secret, len);
}

bool crypto_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
