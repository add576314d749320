/*
 * invitation.c - the invitation line, and key fingerprints for people.
 *
 *	"simpul1:" base64url (no padding) of
 *	role u8 · expires_ms u64 · hub key (32) · token (16) · u8 length, scope ·
 *	u8 length, origin · u16 length, url ·
 *	check (4) = the first bytes of SHA-256("simpul1:" || all of the above)
 *
 * The digit in the prefix is the version; another layout gets another one.  The check is against
 * typing errors, not against forgery: an invitation is as trustworthy as the way on which it came,
 * and for that way there are the fingerprints.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "bytes.h"
#include "simpul/hlc.h"
#include "simpul/invitation.h"
#include "simpul/note.h"

#define CHECK_BYTES 4
#define PACKED_MAX                                                                                 \
	(1 + 8 + 32 + INVITATION_TOKEN_BYTES + 1 + LIMIT_SCOPE_BYTES + 1 + LIMIT_NAME_BYTES + 2 +  \
	 INVITATION_URL_MAX + CHECK_BYTES)

static_assert(sizeof(INVITATION_PREFIX) + BASE64_LEN(PACKED_MAX) <= LIMIT_INVITATION_BYTES,
	      "the longest invitation must fit");

/* "" or http(s)://host[:port][/path], without user, query, fragment or final slash. */
static bool url_valid(const char *url, size_t len)
{
	static const char refused[] = " \"#<>?@\\^`{|}";
	size_t host;

	if (len == 0)
		return true;
	if (len >= 8 && memcmp(url, "https://", 8) == 0)
		host = 8;
	else if (len >= 7 && memcmp(url, "http://", 7) == 0)
		host = 7;
	else
		return false;
	if (len > INVITATION_URL_MAX || len == host || url[host] == '/' || url[host] == ':' ||
	    url[len - 1] == '/')
		return false;
	for (size_t i = 0; i < len; i++)
		if (url[i] <= 0x20 || url[i] >= 0x7f || strchr(refused, url[i]) != NULL)
			return false;
	return true;
}

static bool content_check(const struct invitation *i, enum err_code code, struct err *e)
{
	if (i->role == 0)
		return err_set(e, code, "an invitation without a role");
	if (i->expires_ms == 0 || i->expires_ms > HLC_MS_MAX)
		return err_set(e, code, "an invitation without a proper end");
	if (!url_valid(i->url, strnlen(i->url, sizeof(i->url))))
		return err_set(e, code,
			       "a hub address is http:// or https://, a host, and no more "
			       "than %u bytes",
			       INVITATION_URL_MAX);
	if (!note_name_valid(i->origin, strnlen(i->origin, sizeof(i->origin))))
		return err_set(e, code, "an ill-formed log origin");
	return crypto_key_check(&i->hub, e);
}

static void check_of(const uint8_t *packed, size_t len, uint8_t ret_check[CHECK_BYTES])
{
	const struct bytes parts[] = { { INVITATION_PREFIX, strlen(INVITATION_PREFIX) },
				       { packed, len } };
	struct hash hash;

	crypto_sha256_parts(parts, 2, &hash);
	memcpy(ret_check, hash.bytes, CHECK_BYTES);
}

static void put_text(struct writer *w, const char *text, size_t length_bytes)
{
	writer_uint(w, strlen(text), length_bytes);
	writer_put(w, text, strlen(text));
}

bool invitation_encode(const struct invitation *invitation, struct invitation_text *ret_text,
		       struct err *e)
{
	uint8_t packed[PACKED_MAX], check[CHECK_BYTES];
	struct writer w = { packed, 0, sizeof(packed), false };
	struct scope scope;
	size_t len = strlen(INVITATION_PREFIX);

	if (!content_check(invitation, ERR_USAGE, e) ||
	    !scope_parse(invitation->scope.name,
			 strnlen(invitation->scope.name, sizeof(invitation->scope.name)), &scope,
			 e))
		return false;
	writer_uint(&w, invitation->role, 1);
	writer_uint(&w, invitation->expires_ms, 8);
	writer_put(&w, invitation->hub.bytes, sizeof(invitation->hub.bytes));
	writer_put(&w, invitation->token, sizeof(invitation->token));
	put_text(&w, scope.name, 1);
	put_text(&w, invitation->origin, 1);
	put_text(&w, invitation->url, 2);
	check_of(packed, w.len, check);
	writer_put(&w, check, sizeof(check));
	memcpy(ret_text->text, INVITATION_PREFIX, len);
	len += base64_encode(BASE64_URL, packed, w.len, ret_text->text + len);
	ret_text->text[len] = '\0';
	return true;
}

static void get_bytes(struct reader *r, void *ret_bytes, size_t len)
{
	const uint8_t *p = reader_take(r, len);

	if (p != NULL)
		memcpy(ret_bytes, p, len);
}

/* A length and that many bytes, none of them NUL, at most max. */
static bool get_text(struct reader *r, size_t length_bytes, char *ret_text, size_t max)
{
	size_t len = (size_t)reader_uint(r, length_bytes);
	const uint8_t *p = reader_take(r, len);

	if (p == NULL || len > max || memchr(p, 0, len) != NULL)
		return false;
	memcpy(ret_text, p, len);
	ret_text[len] = '\0';
	return true;
}

static bool unpack(const uint8_t *packed, size_t len, struct invitation *ret, struct err *e)
{
	struct reader r = { packed, packed + len, false };
	struct invitation i = { 0 };
	char scope[LIMIT_SCOPE_BYTES + 1];
	struct err unused;

	i.role = (uint8_t)reader_uint(&r, 1);
	i.expires_ms = reader_uint(&r, 8);
	get_bytes(&r, i.hub.bytes, sizeof(i.hub.bytes));
	get_bytes(&r, i.token, sizeof(i.token));
	if (r.failed || !get_text(&r, 1, scope, LIMIT_SCOPE_BYTES) ||
	    !get_text(&r, 1, i.origin, LIMIT_NAME_BYTES) ||
	    !get_text(&r, 2, i.url, INVITATION_URL_MAX) || reader_left(&r) != 0)
		return err_set(e, ERR_MALFORMED, "an ill-formed invitation");
	if (!scope_parse(scope, strlen(scope), &i.scope, &unused))
		return err_set(e, ERR_MALFORMED, "an invitation for an ill-formed scope");
	if (!content_check(&i, ERR_MALFORMED, e))
		return false;
	*ret = i;
	return true;
}

/* Whether the text starts like an invitation of another version: "simpul", digits, ":". */
static bool other_version(const char *text, size_t len)
{
	size_t at = 6;

	if (len < 8 || memcmp(text, INVITATION_PREFIX, at) != 0)
		return false;
	while (at < len && text[at] >= '0' && text[at] <= '9')
		at++;
	return at > 6 && at < len && text[at] == ':';
}

static bool space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool invitation_decode(const char *text, size_t len, struct invitation *ret_invitation,
		       struct err *e)
{
	uint8_t packed[PACKED_MAX], check[CHECK_BYTES];
	size_t prefix = strlen(INVITATION_PREFIX), packed_len;

	for (; len > 0 && space(*text); len--)
		text++;
	while (len > 0 && space(text[len - 1]))
		len--;
	if (len > LIMIT_INVITATION_BYTES)
		return err_set(e, ERR_TOO_LARGE, "an invitation has at most %u bytes",
			       LIMIT_INVITATION_BYTES);
	if (len < prefix || memcmp(text, INVITATION_PREFIX, prefix) != 0) {
		if (other_version(text, len))
			return err_set(e, ERR_UNSUPPORTED, "an invitation of another version");
		return err_set(e, ERR_MALFORMED, "an invitation starts with " INVITATION_PREFIX);
	}
	if (!base64_decode(BASE64_URL, text + prefix, len - prefix, packed, sizeof(packed),
			   &packed_len) ||
	    packed_len < CHECK_BYTES)
		return err_set(e, ERR_MALFORMED, "an invitation with a typing error or cut off");
	packed_len -= CHECK_BYTES;
	check_of(packed, packed_len, check);
	if (memcmp(check, packed + packed_len, CHECK_BYTES) != 0)
		return err_set(e, ERR_MALFORMED, "an invitation with a typing error or cut off");
	return unpack(packed, packed_len, ret_invitation, e);
}

void invitation_fingerprint(const struct public_key *key,
			    char ret_text[INVITATION_FINGERPRINT_SIZE])
{
	struct hash hash;

	crypto_sha256(key->bytes, sizeof(key->bytes), &hash);
	for (int group = 0; group < 8; group++)
		snprintf(ret_text + 5 * group, 6, group < 7 ? "%02x%02x " : "%02x%02x",
			 hash.bytes[2 * group], hash.bytes[2 * group + 1]);
}

/* Proquints (Wilkerson 2009): 16 bits as consonant, vowel, consonant, vowel, consonant. */
void invitation_words(const struct public_key *key, char ret_text[INVITATION_WORDS_SIZE])
{
	static const char consonants[] = "bdfghjklmnprstvz", vowels[] = "aiou";
	struct hash hash;
	char *out = ret_text;

	crypto_sha256(key->bytes, sizeof(key->bytes), &hash);
	for (int word = 0; word < 6; word++) {
		unsigned v = (unsigned)hash.bytes[2 * word] << 8 | hash.bytes[2 * word + 1];

		*out++ = consonants[v >> 12];
		*out++ = vowels[v >> 10 & 3];
		*out++ = consonants[v >> 6 & 15];
		*out++ = vowels[v >> 4 & 3];
		*out++ = consonants[v & 15];
		*out++ = word < 5 ? '-' : '\0';
	}
}
