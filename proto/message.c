/*
 * message.c - HTTP message signatures, in the one profile that Simpul speaks.
 *
 * What is signed (RFC 9421 2.5), lines joined by newlines, no newline at the end:
 *
 *	"@method": POST
 *	"@target-uri": https://hub.example/v1/changesets
 *	"content-digest": sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:
 *	"@signature-params": ("@method" "@target-uri" "content-digest");created=1767225600;
 *	    nonce="...";keyid="<64 hex digits>";alg="ed25519";tag="simpul"      (one line)
 *
 * What is sent: Signature-Input: simpul=<the value of @signature-params>, Signature:
 * simpul=:<base64>:. The verifier takes the parameters verbatim from the input, and accepts only
 * their canonical form (no spaces, no escapes), so what it parsed is what was signed.  Values enter
 * the base only after a check that they hold no line breaks: else a value could pose as another
 * component.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "line.h"
#include "simpul/message.h"

#define LABEL		 "simpul="
#define REQUEST_BARE	 "(\"@method\" \"@target-uri\")"
#define REQUEST_BODY	 "(\"@method\" \"@target-uri\" \"content-digest\")"
#define RESPONSE	 "(\"@status\" \"content-digest\")"
#define CONSTANT_PARAMS	 "alg=\"ed25519\";tag=\"simpul\""
#define DIGEST_VALUE_MAX 512
#define BASE_SIZE	 3584 /* the longest values, their names and the parameters */
#define CREATED_MAX	 UINT64_C(253402300799) /* year 9999: sums of times cannot overflow */

static_assert(MESSAGE_URI_MAX + DIGEST_VALUE_MAX + MESSAGE_INPUT_SIZE + 128 <= BASE_SIZE,
	      "a signature base with the longest values must fit");
static_assert(sizeof("sha-256=::") + BASE64_LEN(32) <= MESSAGE_DIGEST_SIZE, "a digest must fit");
static_assert(sizeof(LABEL "::") + BASE64_LEN(64) <= MESSAGE_SIGNATURE_SIZE,
	      "a signature must fit");
static_assert(sizeof(LABEL REQUEST_BODY ";created=;nonce=\"\";keyid=\"\";" CONSTANT_PARAMS) + 20 +
			      MESSAGE_NONCE_MAX + 64 <=
		      MESSAGE_INPUT_SIZE,
	      "the longest parameters must fit");

void message_digest_of(const struct hash *sha256, char ret_value[MESSAGE_DIGEST_SIZE])
{
	char text[BASE64_LEN(sizeof(sha256->bytes)) + 1];

	text[base64_encode(BASE64, sha256->bytes, sizeof(sha256->bytes), text)] = '\0';
	snprintf(ret_value, MESSAGE_DIGEST_SIZE, "sha-256=:%s:", text);
}

void message_digest(const void *body, size_t len, char ret_value[MESSAGE_DIGEST_SIZE])
{
	struct hash hash;

	crypto_sha256(body, len, &hash);
	message_digest_of(&hash, ret_value);
}

static bool key_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* One `algorithm=:base64:` of the list; moves p behind it. */
static bool digest_member(const char **p, struct line *ret_name, struct line *ret_base64)
{
	const char *at = *p, *end;

	while (key_char(*at))
		at++;
	*ret_name = (struct line){ *p, (size_t)(at - *p) };
	if (ret_name->len == 0 || at[0] != '=' || at[1] != ':')
		return false;
	at += 2;
	end = strchr(at, ':');
	if (end == NULL)
		return false;
	*ret_base64 = (struct line){ at, (size_t)(end - at) };
	*p = end + 1;
	return true;
}

bool message_digest_decode(const char *value, struct hash *ret_sha256, struct err *e)
{
	const char *p = value;
	struct hash found;
	uint8_t other[DIGEST_VALUE_MAX];
	size_t len, seen = 0;

	if (strlen(value) > DIGEST_VALUE_MAX)
		return err_set(e, ERR_TOO_LARGE, "Content-Digest has at most %u bytes",
			       DIGEST_VALUE_MAX);
	for (;;) {
		struct line name, base64;

		if (!digest_member(&p, &name, &base64) ||
		    !base64_decode(BASE64, base64.text, base64.len, other, sizeof(other), &len))
			return err_set(e, ERR_MALFORMED, "an ill-formed Content-Digest");
		if (name.len == 7 && memcmp(name.text, "sha-256", 7) == 0) {
			if (seen++ > 0 || len != sizeof(found.bytes))
				return err_set(e, ERR_MALFORMED, "an ill-formed Content-Digest");
			memcpy(found.bytes, other, sizeof(found.bytes));
		}
		if (*p == '\0')
			break;
		if (*p++ != ',')
			return err_set(e, ERR_MALFORMED, "an ill-formed Content-Digest");
		p += strspn(p, " \t");
	}
	if (seen == 0)
		return err_set(e, ERR_UNSUPPORTED, "Content-Digest without sha-256");
	*ret_sha256 = found;
	return true;
}

bool message_digest_check(const char *value, const void *body, size_t len, struct err *e)
{
	struct hash named, found;

	if (!message_digest_decode(value, &named, e))
		return false;
	crypto_sha256(body, len, &found);
	if (!hash_equal(&named, &found))
		return err_set(e, ERR_HASH, "the body does not fit its Content-Digest");
	return true;
}

size_t message_base(const struct message_component *components, size_t n, const char *params,
		    char *out, size_t size)
{
	struct writer w = { (uint8_t *)out, 0, size, false };

	for (size_t i = 0; i < n; i++) {
		line_put(&w, "\"");
		line_put(&w, components[i].name);
		line_put(&w, "\": ");
		line_put(&w, components[i].value);
		line_put(&w, "\n");
	}
	line_put(&w, "\"@signature-params\": ");
	line_put(&w, params);
	writer_put(&w, "", 1);
	return w.failed ? 0 : w.len - 1;
}

static bool method_valid(const char *method)
{
	size_t len = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return len > 0 && len <= 16 && method[len] == '\0';
}

static bool uri_valid(const char *uri)
{
	size_t len = strlen(uri);

	if (len > MESSAGE_URI_MAX ||
	    (strncmp(uri, "https://", 8) != 0 && strncmp(uri, "http://", 7) != 0))
		return false;
	for (size_t i = 0; i < len; i++)
		if (uri[i] <= 0x20 || uri[i] >= 0x7f)
			return false;
	return true;
}

static bool nonce_valid(const char *nonce, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!(nonce[i] >= 'A' && nonce[i] <= 'Z') &&
		    !(nonce[i] >= 'a' && nonce[i] <= 'z') &&
		    !(nonce[i] >= '0' && nonce[i] <= '9') && nonce[i] != '_' && nonce[i] != '-')
			return false;
	return len >= MESSAGE_NONCE_MIN && len <= MESSAGE_NONCE_MAX;
}

/* What is covered, in its order, and the list that says so. */
struct covered {
	struct message_component parts[3];
	size_t n;
	const char *list;
	char status[4];
};

/* ERR_USAGE here is the caller's mistake; to a verifier the same is a malformed message. */
static bool cover_request(const struct message_request *request, struct covered *ret, struct err *e)
{
	struct hash unused;

	if (!method_valid(request->method))
		return err_set(e, ERR_USAGE, "an HTTP method that cannot be signed");
	if (!uri_valid(request->target_uri))
		return err_set(e, ERR_USAGE, "a target URI that cannot be signed");
	*ret = (struct covered){
		.parts = { { "@method", request->method },
			   { "@target-uri", request->target_uri },
			   { "content-digest", request->digest } },
		.n = request->digest == NULL ? 2 : 3,
		.list = request->digest == NULL ? REQUEST_BARE : REQUEST_BODY,
	};
	return request->digest == NULL || message_digest_decode(request->digest, &unused, e);
}

static bool cover_response(const struct message_response *response, struct covered *ret,
			   struct err *e)
{
	struct hash unused;

	if (response->status < 100 || response->status > 999)
		return err_set(e, ERR_USAGE, "a status that cannot be signed");
	*ret = (struct covered){ .n = 2, .list = RESPONSE };
	snprintf(ret->status, sizeof(ret->status), "%u", response->status % 1000);
	ret->parts[0] = (struct message_component){ "@status", ret->status };
	ret->parts[1] = (struct message_component){ "content-digest", response->digest };
	return message_digest_decode(response->digest, &unused, e);
}

static bool seal(const struct covered *covered, const struct secret_key *secret,
		 const struct message_stamp *stamp, struct message_seal *ret_seal, struct err *e)
{
	char base[BASE_SIZE], hex[HEX_SIZE(32)], text[BASE64_LEN(64) + 1];
	struct public_key key;
	struct signature signature;
	size_t len;

	if (!nonce_valid(stamp->nonce, strnlen(stamp->nonce, sizeof(stamp->nonce))))
		return err_set(e, ERR_USAGE, "a nonce has %u to %u of A-Z a-z 0-9 _ -",
			       MESSAGE_NONCE_MIN, MESSAGE_NONCE_MAX);
	if (stamp->created_s > CREATED_MAX)
		return err_set(e, ERR_USAGE, "a time after the year 9999");
	crypto_public_key(secret, &key);
	hex_encode(key.bytes, sizeof(key.bytes), hex);
	snprintf(ret_seal->input, sizeof(ret_seal->input),
		 LABEL "%s;created=%llu;nonce=\"%s\";keyid=\"%s\";" CONSTANT_PARAMS, covered->list,
		 (unsigned long long)stamp->created_s, stamp->nonce, hex);
	len = message_base(covered->parts, covered->n, ret_seal->input + strlen(LABEL), base,
			   sizeof(base));
	assert(len > 0);
	crypto_sign(secret, base, len, &signature);
	text[base64_encode(BASE64, signature.bytes, sizeof(signature.bytes), text)] = '\0';
	snprintf(ret_seal->signature, sizeof(ret_seal->signature), LABEL ":%s:", text);
	return true;
}

/* The inside of "..." at the start of rest, which moves behind it. */
static bool take_string(struct line *rest, struct line *ret_string)
{
	const char *end;

	if (!line_skip(rest, "\"") || (end = memchr(rest->text, '"', rest->len)) == NULL)
		return false;
	*ret_string = (struct line){ rest->text, (size_t)(end - rest->text) };
	rest->len -= ret_string->len + 1;
	rest->text = end + 1;
	return true;
}

static bool take_created(struct line *rest, uint64_t *ret_created)
{
	struct line digits = { rest->text, 0 };

	while (digits.len < rest->len && digits.text[digits.len] != ';')
		digits.len++;
	rest->text += digits.len;
	rest->len -= digits.len;
	return line_decimal(&digits, ret_created) && *ret_created <= CREATED_MAX;
}

static bool take_key(struct line *rest, struct public_key *ret_key)
{
	struct line hex;

	if (!take_string(rest, &hex))
		return false;
	for (size_t i = 0; i < hex.len; i++)
		if (hex.text[i] >= 'A' && hex.text[i] <= 'F')
			return false;
	return hex_decode(hex.text, hex.len, ret_key->bytes, sizeof(ret_key->bytes));
}

static bool take_nonce(struct line *rest, char ret_nonce[MESSAGE_NONCE_MAX + 1])
{
	struct line nonce;

	if (!take_string(rest, &nonce) || !nonce_valid(nonce.text, nonce.len))
		return false;
	memcpy(ret_nonce, nonce.text, nonce.len);
	ret_nonce[nonce.len] = '\0';
	return true;
}

/* One parameter; *seen has a bit for each, so that none comes twice. */
static bool take_parameter(struct line *rest, unsigned *seen, struct message_signer *signer)
{
	unsigned bit;
	bool ok;

	if (line_skip(rest, ";created=")) {
		bit = 1;
		ok = take_created(rest, &signer->stamp.created_s);
	} else if (line_skip(rest, ";nonce=")) {
		bit = 2;
		ok = take_nonce(rest, signer->stamp.nonce);
	} else if (line_skip(rest, ";keyid=")) {
		bit = 4;
		ok = take_key(rest, &signer->key);
	} else if (line_skip(rest, ";alg=\"ed25519\"")) {
		bit = 8;
		ok = true;
	} else if (line_skip(rest, ";tag=\"simpul\"")) {
		bit = 16;
		ok = true;
	} else {
		return false;
	}
	ok = ok && (*seen & bit) == 0;
	*seen |= bit;
	return ok;
}

static bool parse_input(const char *input, const char *list, struct message_signer *ret_signer,
			struct err *e)
{
	struct line rest = { input, strlen(input) };
	unsigned seen = 0;

	if (rest.len >= MESSAGE_INPUT_SIZE)
		return err_set(e, ERR_TOO_LARGE, "Signature-Input has at most %u bytes",
			       MESSAGE_INPUT_SIZE - 1);
	if (!line_skip(&rest, LABEL) || rest.len == 0 || rest.text[0] != '(')
		return err_set(e, ERR_MALFORMED, "not a Signature-Input of Simpul");
	if (!line_skip(&rest, list))
		return err_set(e, ERR_UNSUPPORTED, "the signature does not cover %s", list);
	while (rest.len > 0)
		if (!take_parameter(&rest, &seen, ret_signer))
			return err_set(e, ERR_MALFORMED, "an ill-formed signature parameter");
	if (seen != 31)
		return err_set(e, ERR_MALFORMED, "a signature parameter is missing");
	return true;
}

static bool unseal(const struct covered *covered, const char *input, const char *value,
		   struct message_signer *ret_signer, struct err *e)
{
	struct line rest = { value, strnlen(value, MESSAGE_SIGNATURE_SIZE) };
	struct message_signer signer = { 0 };
	struct signature signature;
	char base[BASE_SIZE];
	size_t len;

	if (!parse_input(input, covered->list, &signer, e))
		return false;
	if (!line_skip(&rest, LABEL ":") || rest.len != BASE64_LEN(64) + 1 ||
	    rest.text[rest.len - 1] != ':' ||
	    !base64_decode_exact(rest.text, rest.len - 1, signature.bytes, sizeof(signature.bytes)))
		return err_set(e, ERR_MALFORMED, "an ill-formed Signature");
	len = message_base(covered->parts, covered->n, input + strlen(LABEL), base, sizeof(base));
	assert(len > 0);
	if (!crypto_verify(&signer.key, base, len, &signature, e))
		return false;
	*ret_signer = signer;
	return true;
}

bool message_request_sign(const struct message_request *request, const struct secret_key *secret,
			  const struct message_stamp *stamp, struct message_seal *ret_seal,
			  struct err *e)
{
	struct covered covered;

	return cover_request(request, &covered, e) && seal(&covered, secret, stamp, ret_seal, e);
}

bool message_response_sign(const struct message_response *response, const struct secret_key *secret,
			   const struct message_stamp *stamp, struct message_seal *ret_seal,
			   struct err *e)
{
	struct covered covered;

	return cover_response(response, &covered, e) && seal(&covered, secret, stamp, ret_seal, e);
}

bool message_request_verify(const struct message_request *request, const char *input,
			    const char *signature, struct message_signer *ret_signer, struct err *e)
{
	struct covered covered;

	if (!cover_request(request, &covered, e)) {
		e->code = e->code == ERR_USAGE ? ERR_MALFORMED : e->code;
		return false;
	}
	return unseal(&covered, input, signature, ret_signer, e);
}

bool message_response_verify(const struct message_response *response, const char *input,
			     const char *signature, struct message_signer *ret_signer,
			     struct err *e)
{
	struct covered covered;

	if (!cover_response(response, &covered, e)) {
		e->code = e->code == ERR_USAGE ? ERR_MALFORMED : e->code;
		return false;
	}
	return unseal(&covered, input, signature, ret_signer, e);
}

bool message_signer_check(const struct message_signer *signer, const struct public_key *key,
			  const char *nonce, struct err *e)
{
	if (!key_equal(&signer->key, key))
		return err_set(e, ERR_PIN, "the answer is signed with another key");
	if (strcmp(signer->stamp.nonce, nonce) != 0)
		return err_set(e, ERR_SIGNATURE, "the answer belongs to another request");
	return true;
}
