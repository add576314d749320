/* message.c - digests and signed messages: published vectors, then everything that must be refused.
 */
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "golden.h"
#include "simpul/message.h"
#include "tap.h"

#define NONCE "q1w2e3r4t5y6u7i8"
#define URI   "https://hub.example/v1/changesets"

static const struct secret_key node = { { 1, 2, 3 } }, hub = { { 7 } };
static const struct message_stamp stamp = { 1767225600, NONCE };

/* RFC 9530 appendix B and RFC 9421 B.2. */
static void published_digests(void)
{
	static const char body[] = "{\"hello\": \"world\"}";
	static const char both[] =
		"sha-512=:WZDPaVn/"
		"7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwE"
		"mTHWXvJwew==:, sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:";
	char digest[MESSAGE_DIGEST_SIZE];
	struct err e;

	message_digest(body, strlen(body), digest);
	CHECK(strcmp(digest, "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:") == 0);
	CHECK_OK(message_digest_check(digest, body, strlen(body), &e), &e);
	CHECK_OK(message_digest_check(both, body, strlen(body), &e), &e);
	CHECK(!message_digest_check(digest, body, strlen(body) - 1, &e) && e.code == ERR_HASH);
}

static void ill_formed_digests(void)
{
#define GOOD "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="
	static const char *const bad[] = {
		"",
		"sha-256",
		"sha-256=",
		"sha-256=:",
		"sha-256=" GOOD,
		"sha-256=:" GOOD,
		"sha-256=:" GOOD ": ",
		" sha-256=:" GOOD ":",
		"SHA-256=:" GOOD ":",
		"sha-256=:" GOOD ":,",
		"sha-256=:" GOOD ":, sha-256=:" GOOD ":",
		"sha-256=:" GOOD ":; x",
		"sha-256=:AAAA:",
		"sha-256=:AAAA",
		"sha-256=:AAAA:sha-512=:AAAA:",
		"sha-256=::",
		"sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBP==:",
		"sha-256=:" GOOD ":\n\"@x\": y",
	};
	char large[600];
	struct hash hash;
	struct err e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!message_digest_decode(bad[i], &hash, &e) && e.code == ERR_MALFORMED);
	CHECK(!message_digest_decode("sha-512=:AAAA:", &hash, &e) && e.code == ERR_UNSUPPORTED);
	memset(large, 'a', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	CHECK(!message_digest_decode(large, &hash, &e) && e.code == ERR_TOO_LARGE);
}

/* RFC 9421 B.2.6: its key, its components, its base and its signature. */
static void rfc_9421_ed25519(void)
{
	static const struct message_component parts[] = {
		{ "date", "Tue, 20 Apr 2021 02:07:55 GMT" },
		{ "@method", "POST" },
		{ "@path", "/foo" },
		{ "@authority", "example.com" },
		{ "content-type", "application/json" },
		{ "content-length", "18" },
	};
	static const char params[] = "(\"date\" \"@method\" \"@path\" \"@authority\" "
				     "\"content-type\" \"content-length\")"
				     ";created=1618884473;keyid=\"test-key-ed25519\"";
	static const char expected[] =
		"\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n"
		"\"@authority\": example.com\n\"content-type\": application/json\n"
		"\"content-length\": 18\n\"@signature-params\": (\"date\" \"@method\" \"@path\" "
		"\"@authority\" \"content-type\" \"content-length\");created=1618884473;"
		"keyid=\"test-key-ed25519\"";
	struct secret_key secret;
	struct public_key key, derived;
	struct signature published, made;
	char base[1024];
	struct err e;
	size_t len;

	CHECK(base64_decode_exact("n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=", 44, &secret, 32));
	CHECK(base64_decode_exact("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=", 44, &key, 32));
	CHECK(base64_decode_exact("wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgw"
				  "UPiu4A0w6vuQv5lIp5WPpBKRCw==",
				  88, &published, 64));
	crypto_public_key(&secret, &derived);
	CHECK(key_equal(&key, &derived));
	len = message_base(parts, 6, params, base, sizeof(base));
	CHECK(len == strlen(expected) && strcmp(base, expected) == 0);
	CHECK_OK(crypto_verify(&key, base, len, &published, &e), &e);
	crypto_sign(&secret, base, len, &made);
	CHECK(memcmp(&made, &published, sizeof(made)) == 0);
	CHECK(message_base(parts, 6, params, base, len) == 0);
	CHECK(message_base(parts, 6, params, base, len + 1) == len);
}

static void requests_round_trip(void)
{
	char digest[MESSAGE_DIGEST_SIZE];
	struct message_request with = { "POST", URI, digest }, without = { "GET", URI, NULL };
	struct message_signer signer;
	struct message_seal seal;
	struct public_key key;
	struct err e;

	message_digest("body", 4, digest);
	crypto_public_key(&node, &key);
	CHECK_OK(message_request_sign(&with, &node, &stamp, &seal, &e), &e);
	CHECK_OK(message_request_verify(&with, seal.input, seal.signature, &signer, &e), &e);
	CHECK(key_equal(&signer.key, &key) && signer.stamp.created_s == stamp.created_s);
	CHECK(strcmp(signer.stamp.nonce, NONCE) == 0);
	/* A signature over fewer or other components is not one over these. */
	CHECK(!message_request_verify(&without, seal.input, seal.signature, &signer, &e));
	CHECK(e.code == ERR_UNSUPPORTED);
	CHECK_OK(message_request_sign(&without, &node, &stamp, &seal, &e), &e);
	CHECK_OK(message_request_verify(&without, seal.input, seal.signature, &signer, &e), &e);
	with.method = "GET";
	CHECK(!message_request_verify(&with, seal.input, seal.signature, &signer, &e));
	CHECK(e.code == ERR_UNSUPPORTED);
}

static void every_covered_value_is_bound(void)
{
	char digest[MESSAGE_DIGEST_SIZE], other[MESSAGE_DIGEST_SIZE];
	struct message_request request = { "POST", URI, digest };
	struct message_request changed[] = { { "PUT", URI, digest },
					     { "POST", URI "?x", digest },
					     { "POST", "http://hub.example/v1/changesets", digest },
					     { "POST", URI, other } };
	struct message_signer signer;
	struct message_seal seal;
	struct err e;

	message_digest("body", 4, digest);
	message_digest("Body", 4, other);
	CHECK_OK(message_request_sign(&request, &node, &stamp, &seal, &e), &e);
	for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
		CHECK(!message_request_verify(&changed[i], seal.input, seal.signature, &signer,
					      &e));
		CHECK(e.code == ERR_SIGNATURE);
	}
}

/* No altered bit in either header field verifies; what parses is bound by the signature. */
static void every_changed_bit_is_refused(void)
{
	char digest[MESSAGE_DIGEST_SIZE];
	struct message_request request = { "POST", URI, digest };
	struct message_signer signer;
	struct message_seal seal;
	struct err e;
	size_t bits;

	message_digest("body", 4, digest);
	CHECK_OK(message_request_sign(&request, &node, &stamp, &seal, &e), &e);
	bits = strlen(seal.input) * 8;
	for (size_t bit = 0; bit < bits; bit++) {
		seal.input[bit / 8] ^= (char)(1u << bit % 8);
		CHECK(!message_request_verify(&request, seal.input, seal.signature, &signer, &e));
		seal.input[bit / 8] ^= (char)(1u << bit % 8);
	}
	bits = strlen(seal.signature) * 8;
	for (size_t bit = 0; bit < bits; bit++) {
		seal.signature[bit / 8] ^= (char)(1u << bit % 8);
		CHECK(!message_request_verify(&request, seal.input, seal.signature, &signer, &e));
		seal.signature[bit / 8] ^= (char)(1u << bit % 8);
	}
	CHECK_OK(message_request_verify(&request, seal.input, seal.signature, &signer, &e), &e);
}

/* Signs any parameters, as an attacker with a key of his own could. */
static bool sign_as(const char *params, char input[512], char value[MESSAGE_SIGNATURE_SIZE])
{
	static const struct message_component parts[] = { { "@method", "GET" },
							  { "@target-uri", URI } };
	struct signature signature;
	char base[2048], text[89];
	size_t len = message_base(parts, 2, params, base, sizeof(base));

	crypto_sign(&node, base, len, &signature);
	text[base64_encode(BASE64, &signature, 64, text)] = '\0';
	snprintf(value, MESSAGE_SIGNATURE_SIZE, "simpul=:%s:", text);
	snprintf(input, 512, "simpul=%s", params);
	return len > 0;
}

static enum err_code verdict(const char *format)
{
	struct message_request request = { "GET", URI, NULL };
	struct message_signer signer;
	char input[512], value[MESSAGE_SIGNATURE_SIZE];
	struct public_key key;
	char hex[65], params[480];
	struct err e = { 0 };
	size_t n = 0;

	crypto_public_key(&node, &key);
	hex_encode(&key, 32, hex);
	for (const char *p = format; *p != '\0'; p++)
		n += (size_t)(*p == 'K' ? snprintf(params + n, sizeof(params) - n, "%s", hex)
					: snprintf(params + n, sizeof(params) - n, "%c", *p));
	if (!sign_as(params, input, value))
		return ERR_INTERNAL;
	if (message_request_verify(&request, input, value, &signer, &e))
		return ERR_OK;
	return e.code;
}

#define LIST	"(\"@method\" \"@target-uri\")"
#define CREATED ";created=1"
#define NONCE_P ";nonce=\"" NONCE "\""
#define KEY	";keyid=\"K\""
#define ALG	";alg=\"ed25519\""
#define TAG	";tag=\"simpul\""

/* Validly signed, but not in the one accepted form. */
static void parameters_are_strict(void)
{
	static const char *const malformed[] = {
		LIST CREATED NONCE_P KEY ALG,
		LIST CREATED NONCE_P KEY TAG,
		LIST CREATED NONCE_P ALG TAG,
		LIST CREATED KEY ALG TAG,
		LIST NONCE_P KEY ALG TAG,
		LIST CREATED NONCE_P KEY ALG TAG TAG,
		LIST CREATED CREATED NONCE_P KEY ALG TAG,
		LIST CREATED NONCE_P KEY ALG TAG ";expires=9",
		LIST CREATED NONCE_P KEY ALG TAG ";",
		LIST CREATED NONCE_P KEY ALG TAG " ",
		LIST CREATED NONCE_P KEY ALG TAG ", sig1=()",
		LIST "; created=1" NONCE_P KEY ALG TAG,
		LIST ";created=01" NONCE_P KEY ALG TAG,
		LIST ";created=-1" NONCE_P KEY ALG TAG,
		LIST ";created=1.0" NONCE_P KEY ALG TAG,
		LIST ";created=\"1\"" NONCE_P KEY ALG TAG,
		LIST ";created=253402300800" NONCE_P KEY ALG TAG,
		LIST CREATED ";nonce=\"short\"" KEY ALG TAG,
		LIST CREATED ";nonce=\"with space in it\"" KEY ALG TAG,
		LIST CREATED ";nonce=\"q1w2e3r4t5y6\\\"i8\"" KEY ALG TAG,
		LIST CREATED ";nonce=\"" NONCE NONCE NONCE NONCE "x\"" KEY ALG TAG,
		LIST CREATED NONCE_P ";keyid=\"K0\"" ALG TAG,
		LIST CREATED NONCE_P ";keyid=\"node\"" ALG TAG,
		LIST CREATED NONCE_P KEY ";alg=\"hmac-sha256\"" TAG,
		LIST CREATED NONCE_P KEY ";alg=ed25519" TAG,
		LIST CREATED NONCE_P KEY ALG ";tag=\"other\"",
		"\"@method\"" CREATED NONCE_P KEY ALG TAG,
	};
	static const char *const unsupported[] = {
		"(\"@method\")" CREATED NONCE_P KEY ALG TAG,
		"(\"@target-uri\" \"@method\")" CREATED NONCE_P KEY ALG TAG,
		"()" CREATED NONCE_P KEY ALG TAG,
		"(\"@method\"  \"@target-uri\")" CREATED NONCE_P KEY ALG TAG,
		"(\"@method\" \"@target-uri\" \"date\")" CREATED NONCE_P KEY ALG TAG,
	};

	CHECK(verdict(LIST CREATED NONCE_P KEY ALG TAG) == ERR_OK);
	char large[400] = LIST;

	memset(large + strlen(large), ';', sizeof(large) - 1 - strlen(large));
	CHECK(verdict(large) == ERR_TOO_LARGE);
	CHECK(verdict(LIST TAG ALG KEY NONCE_P CREATED) == ERR_OK);
	CHECK(verdict(LIST ";created=253402300799" NONCE_P KEY ALG TAG) == ERR_OK);
	CHECK(verdict(LIST CREATED ";nonce=\"" NONCE NONCE NONCE NONCE "\"" KEY ALG TAG) == ERR_OK);
	for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
		enum err_code code = verdict(malformed[i]);

		if (code != ERR_MALFORMED)
			tap_note("%s: %s", malformed[i], err_slug(code));
		CHECK(code == ERR_MALFORMED);
	}
	for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++)
		CHECK(verdict(unsupported[i]) == ERR_UNSUPPORTED);
}

/* With the identity point as key, one signature fits every message under OpenSSL 3.0. */
static void weak_key_is_refused(void)
{
	static const char input[] =
		"simpul=" LIST CREATED NONCE_P ";keyid=\"01000000000000000000000000000000000000"
		"00000000000000000000000000\"" ALG TAG;
	struct message_request request = { "GET", URI, NULL };
	struct signature forged = { { 1 } };
	struct message_signer signer;
	char text[89], value[MESSAGE_SIGNATURE_SIZE];
	struct err e;

	text[base64_encode(BASE64, &forged, 64, text)] = '\0';
	snprintf(value, sizeof(value), "simpul=:%s:", text);
	CHECK(!message_request_verify(&request, input, value, &signer, &e));
	CHECK(e.code == ERR_WEAK_KEY);
}

static void what_cannot_be_signed(void)
{
	static const struct message_request bad[] = {
		{ "get", URI, NULL },
		{ "", URI, NULL },
		{ "GET\n", URI, NULL },
		{ "ABCDEFGHIJKLMNOPQ", URI, NULL },
		{ "GET", "/v1/hello", NULL },
		{ "GET", "ftp://hub", NULL },
		{ "GET", "https://hub/a b", NULL },
		{ "GET", "https://hub/\n\"@method\": PUT", NULL },
		{ "GET", "https://hub/\xc3\xa9", NULL },
	};
	static const char *const nonces[] = { "", "fifteen-chars-x", "with space in it",
					      "q1w2e3r4t5y6u7i8\"", "q1w2e3r4t5y6u7i8\n" };
	char uri[MESSAGE_URI_MAX + 2] = "https://";
	struct message_request request = { "GET", uri, NULL };
	struct message_stamp other = stamp;
	struct message_signer signer;
	struct message_seal seal;
	struct err e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(!message_request_sign(&bad[i], &node, &stamp, &seal, &e));
		CHECK(e.code == ERR_USAGE);
		CHECK(!message_request_verify(&bad[i], "x", "x", &signer, &e));
		CHECK(e.code == ERR_MALFORMED);
	}
	memset(uri + 8, 'a', MESSAGE_URI_MAX - 8);
	CHECK_OK(message_request_sign(&request, &node, &stamp, &seal, &e), &e);
	CHECK_OK(message_request_verify(&request, seal.input, seal.signature, &signer, &e), &e);
	uri[MESSAGE_URI_MAX] = 'a';
	CHECK(!message_request_sign(&request, &node, &stamp, &seal, &e));
	request.target_uri = URI;
	for (size_t i = 0; i < sizeof(nonces) / sizeof(nonces[0]); i++) {
		snprintf(other.nonce, sizeof(other.nonce), "%s", nonces[i]);
		CHECK(!message_request_sign(&request, &node, &other, &seal, &e));
	}
	other = stamp;
	other.created_s = UINT64_C(253402300800);
	CHECK(!message_request_sign(&request, &node, &other, &seal, &e));
	request.digest = "sha-256=:x:";
	CHECK(!message_request_sign(&request, &node, &stamp, &seal, &e));
}

static void responses(void)
{
	char digest[MESSAGE_DIGEST_SIZE];
	struct message_response response = { 200, digest };
	struct message_request request = { "GET", URI, digest };
	struct message_signer signer;
	struct message_seal seal;
	struct public_key key, other;
	struct err e;

	message_digest("", 0, digest);
	crypto_public_key(&hub, &key);
	crypto_public_key(&node, &other);
	CHECK_OK(message_response_sign(&response, &hub, &stamp, &seal, &e), &e);
	CHECK_OK(message_response_verify(&response, seal.input, seal.signature, &signer, &e), &e);
	CHECK_OK(message_signer_check(&signer, &key, NONCE, &e), &e);
	CHECK(!message_signer_check(&signer, &other, NONCE, &e) && e.code == ERR_PIN);
	CHECK(!message_signer_check(&signer, &key, NONCE "x", &e) && e.code == ERR_SIGNATURE);
	/* Neither another status nor a request can use it. */
	response.status = 201;
	CHECK(!message_response_verify(&response, seal.input, seal.signature, &signer, &e));
	CHECK(e.code == ERR_SIGNATURE);
	CHECK(!message_request_verify(&request, seal.input, seal.signature, &signer, &e));
	CHECK(e.code == ERR_UNSUPPORTED);
	response.status = 99;
	CHECK(!message_response_sign(&response, &hub, &stamp, &seal, &e) && e.code == ERR_USAGE);
	CHECK(!message_response_verify(&response, "", "", &signer, &e) && e.code == ERR_MALFORMED);
	response.status = 1000;
	CHECK(!message_response_sign(&response, &hub, &stamp, &seal, &e) && e.code == ERR_USAGE);
}

static json_t *vector(const char *method, unsigned status, const char *body)
{
	char digest[MESSAGE_DIGEST_SIZE];
	struct message_request request = { method, URI, body == NULL ? NULL : digest };
	struct message_response response = { status, digest };
	const struct secret_key *secret = method == NULL ? &hub : &node;
	struct message_seal seal;
	struct public_key key;
	struct err e;
	bool ok;

	message_digest(body, body == NULL ? 0 : strlen(body), digest);
	crypto_public_key(secret, &key);
	ok = method == NULL ? message_response_sign(&response, secret, &stamp, &seal, &e)
			    : message_request_sign(&request, secret, &stamp, &seal, &e);
	return json_pack("{s:b, s:s?, s:s?, s:i, s:s?, s:s?, s:o, s:o, s:I, s:s, s:s, s:s}", "ok",
			 ok, "method", method, "target_uri", method == NULL ? NULL : URI, "status",
			 (int)status, "body", body, "digest", body == NULL ? NULL : digest, "seed",
			 golden_hex(secret, 32), "public", golden_hex(&key, 32), "created",
			 (json_int_t)stamp.created_s, "nonce", NONCE, "input", seal.input,
			 "signature", seal.signature);
}

static json_t *vectors(void)
{
	return json_pack("{s:[o,o,o,o]}", "messages", vector("GET", 0, NULL),
			 vector("POST", 0, "{\"hello\": \"world\"}"), vector(NULL, 200, "[]"),
			 vector(NULL, 403, ""));
}

static void golden(void)
{
	AUTO_JSON *built = vectors();

	CHECK(built != NULL && golden_matches("message", built));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(published_digests),
		TAP(ill_formed_digests),
		TAP(rfc_9421_ed25519),
		TAP(requests_round_trip),
		TAP(every_covered_value_is_bound),
		TAP(every_changed_bit_is_refused),
		TAP(parameters_are_strict),
		TAP(weak_key_is_refused),
		TAP(what_cannot_be_signed),
		TAP(responses),
		TAP(golden),
	};

	if (argc > 1 && strcmp(argv[1], "--write") == 0)
		return golden_write("message", vectors());
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
