/*
 * message.c - any bytes as Content-Digest, Signature-Input and Signature; and as parameters we
 * sign.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "simpul/message.h"

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct secret_key secret = { { 1, 2, 3 } };
static const char uri[] = "https://hub/v1/hello";

static void as_digest(const char *text)
{
	struct hash hash, again;
	char value[MESSAGE_DIGEST_SIZE];
	struct err e;

	if (!message_digest_decode(text, &hash, &e))
		return;
	message_digest_of(&hash, value);
	MUST(message_digest_decode(value, &again, &e) && hash_equal(&hash, &again));
}

static void as_fields(const char *input, const char *signature)
{
	struct message_request request = { "GET", uri, NULL };
	struct message_signer signer;
	struct err e;

	MUST(!message_request_verify(&request, input, signature, &signer, &e));
	request.method = input;
	request.target_uri = signature;
	MUST(!message_request_verify(&request, input, signature, &signer, &e));
}

/* The text as parameters after the right list, with a signature over it that fits. */
static void as_params(const char *text)
{
	struct message_request request = { "GET", uri, NULL };
	const struct message_component parts[] = { { "@method", "GET" }, { "@target-uri", uri } };
	char params[2048], input[2048 + 16], base[4096], value[128], digits[89];
	struct message_signer signer;
	struct signature signature;
	struct err e;
	size_t len;

	snprintf(params, sizeof(params), "(\"@method\" \"@target-uri\")%s", text);
	len = message_base(parts, 2, params, base, sizeof(base));
	crypto_sign(&secret, base, len, &signature);
	digits[base64_encode(BASE64, &signature, 64, digits)] = '\0';
	snprintf(input, sizeof(input), "simpul=%s", params);
	snprintf(value, sizeof(value), "simpul=:%s:", digits);
	if (message_request_verify(&request, input, value, &signer, &e)) {
		struct public_key key;

		crypto_public_key(&secret, &key);
		MUST(key_equal(&key, &signer.key));
		MUST(strlen(signer.stamp.nonce) >= MESSAGE_NONCE_MIN);
	} else {
		MUST(e.code == ERR_MALFORMED || e.code == ERR_TOO_LARGE || e.code == ERR_WEAK_KEY ||
		     e.code == ERR_SIGNATURE);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = calloc(1, len + 1), *second;

	MUST(text != NULL);
	if (len > 0)
		memcpy(text, data, len);
	second = strchr(text, '\n');
	as_digest(text);
	as_params(text);
	if (second != NULL)
		*second++ = '\0';
	as_fields(text, second == NULL ? text : second);
	free(text);
	return 0;
}
