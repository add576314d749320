/*
 * hello.h - the first word of a party: who it is, its clock, its TLS key and the head of its log.
 *
 * GET /v1/hello?nonce=NONCE answers JSON, signed (RFC 9421) by the party's Ed25519 key with the nonce of
 * the asker.  Because the answer names the pin of the TLS key, whoever trusts the Ed25519 key knows that
 * nobody sits in between; a captive portal cannot fake it.
 */
#ifndef EXCHANGE_HELLO_H
#define EXCHANGE_HELLO_H

#include "exchange/party.h"
#include "simpul/note.h"

#define HELLO_PROTOCOL 1

struct hello {
	int protocol;
	bool is_hub;
	char name[LIMIT_NAME_BYTES + 1];
	struct public_key key;
	char origin[LIMIT_NAME_BYTES + 1]; /* of the log that the party answers for, "" if it has none */
	uint64_t time_ms;
	struct hash pin;   /* zeros behind a gateway */
	uint64_t head;	   /* highest n: whether there is something to pull */
	struct note checkpoint; /* len 0: none yet */
};

/* Fills in a signed answer.  The nonce is checked for form only. */
MUST_USE bool hello_answer(struct party *p, const char *nonce, struct http_response *response,
			   struct err *e);
/*
 * Checks form, signature and nonce; the key is the one in the answer, so the caller compares it with
 * whom it meant to reach.  ERR_PIN for anything that is not a hello at all (a login page).
 */
MUST_USE bool hello_read(const struct http_response *response, const char *nonce, struct hello *ret,
			 struct err *e);

#endif
