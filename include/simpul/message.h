/*
 * message.h - signed HTTP: RFC 9530 Content-Digest and RFC 9421 signatures, as header field values.
 *
 * A request covers "@method" "@target-uri" and, if it has a body, "content-digest"; a response
 * covers "@status" "content-digest" and repeats the nonce of its request, which ties the two
 * together.  So both survive a gateway that ends TLS.  Only these component lists are accepted,
 * with the parameters created, nonce, keyid (the public key in hex), alg and tag, each once, in any
 * order.
 *
 * A verified request proves possession of *key*, nothing more: the caller asks whose key it is, and
 * whether `created` and `nonce` are fresh.
 *
 *	struct message_request request = { "POST", "https://hub/v1/changesets", digest };
 *	struct message_seal seal;
 *
 *	message_digest(body, len, digest);
 *	if (!message_request_sign(&request, &secret, &stamp, &seal, e))
 *		return false;
 *	header("Signature-Input", seal.input), header("Signature", seal.signature);
 *
 * Memory: strings are NUL-terminated and the caller's.  Threads: pure.
 */
#ifndef SIMPUL_MESSAGE_H
#define SIMPUL_MESSAGE_H

#include "simpul/crypto.h"

#define MESSAGE_NONCE_MAX      64 /* characters [A-Za-z0-9_-], at least MESSAGE_NONCE_MIN */
#define MESSAGE_NONCE_MIN      16
#define MESSAGE_URI_MAX	       2048 /* bytes of @target-uri */
#define MESSAGE_DIGEST_SIZE    56   /* "sha-256=:" 44 ":" NUL, rounded up */
#define MESSAGE_INPUT_SIZE     384  /* Signature-Input value with NUL */
#define MESSAGE_SIGNATURE_SIZE 112  /* Signature value with NUL */

struct message_request {
	const char *method;	/* upper case */
	const char *target_uri; /* absolute, as the client sees it: https://hub.example/v1/hello */
	const char *digest; /* Content-Digest value; NULL: no body.  Refuse a body without it! */
};

struct message_response {
	unsigned status;    /* 100..999 */
	const char *digest; /* Content-Digest value, also for an empty body */
};

struct message_stamp {
	uint64_t created_s; /* seconds since 1970 UTC */
	char nonce[MESSAGE_NONCE_MAX + 1];
};

struct message_seal { /* the two header values */
	char input[MESSAGE_INPUT_SIZE];
	char signature[MESSAGE_SIGNATURE_SIZE];
};

struct message_signer { /* what a verified signature says */
	struct public_key key;
	struct message_stamp stamp;
};

/* "sha-256=:BASE64:" */
void message_digest(const void *body, size_t len, char ret_value[MESSAGE_DIGEST_SIZE]);
/* As message_digest, of a hash computed while the body streamed by. */
void message_digest_of(const struct hash *sha256, char ret_value[MESSAGE_DIGEST_SIZE]);
/* The sha-256 of a Content-Digest value; other algorithms beside it are ignored.  ERR_MALFORMED. */
MUST_USE bool message_digest_decode(const char *value, struct hash *ret_sha256, struct err *e);
/* ERR_HASH unless value fits the body. */
MUST_USE bool message_digest_check(const char *value, const void *body, size_t len, struct err *e);

/* ERR_USAGE for a method, URI, digest or nonce that cannot be signed. */
MUST_USE bool message_request_sign(const struct message_request *request,
				   const struct secret_key *secret,
				   const struct message_stamp *stamp, struct message_seal *ret_seal,
				   struct err *e);
/* ERR_MALFORMED, ERR_UNSUPPORTED (other components or algorithm), ERR_SIGNATURE, ERR_WEAK_KEY. */
MUST_USE bool message_request_verify(const struct message_request *request, const char *input,
				     const char *signature, struct message_signer *ret_signer,
				     struct err *e);
MUST_USE bool message_response_sign(const struct message_response *response,
				    const struct secret_key *secret,
				    const struct message_stamp *stamp,
				    struct message_seal *ret_seal, struct err *e);
/* As for a request; the caller compares key (else ERR_PIN) and nonce with message_signer_check. */
MUST_USE bool message_response_verify(const struct message_response *response, const char *input,
				      const char *signature, struct message_signer *ret_signer,
				      struct err *e);
/* ERR_PIN unless signed by `key`; ERR_SIGNATURE unless it answers the request with `nonce`. */
MUST_USE bool message_signer_check(const struct message_signer *signer,
				   const struct public_key *key, const char *nonce, struct err *e);

struct message_component {
	const char *name; /* without quotes */
	const char *value;
};
/* The signature base of RFC 9421 2.5, NUL-terminated; 0 if it does not fit. */
size_t message_base(const struct message_component *components, size_t n, const char *params,
		    char *out, size_t size);

#endif
