/* invitation.c - invitations and fingerprints: round trips, typing errors, limits on both sides. */
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "golden.h"
#include "simpul/hlc.h"
#include "simpul/invitation.h"
#include "tap.h"

static const struct secret_key hub = { { 7 } };

static struct invitation sample(void)
{
	struct invitation i = {
		.url = "https://hub.example/simpul",
		.origin = "hub.example/simpul/1",
		.token = { 0, 1, 2, 0xff },
		.scope = { "13.73" },
		.role = 2,
		.expires_ms = 1767225600000,
	};

	crypto_public_key(&hub, &i.hub);
	return i;
}

static bool same(const struct invitation *a, const struct invitation *b)
{
	return strcmp(a->url, b->url) == 0 && strcmp(a->origin, b->origin) == 0 &&
	       key_equal(&a->hub, &b->hub) && memcmp(a->token, b->token, sizeof(a->token)) == 0 &&
	       scope_equal(&a->scope, &b->scope) && a->role == b->role &&
	       a->expires_ms == b->expires_ms;
}

static void round_trip(void)
{
	struct invitation i = sample(), back;
	struct invitation_text text;
	char padded[LIMIT_INVITATION_BYTES];
	struct err e;
	size_t len;

	CHECK_OK(invitation_encode(&i, &text, &e), &e);
	CHECK_OK(invitation_decode(text.text, strlen(text.text), &back, &e), &e);
	CHECK(same(&i, &back));
	len = (size_t)snprintf(padded, sizeof(padded), " \r\n%s\t\n", text.text);
	CHECK_OK(invitation_decode(padded, len, &back, &e), &e);
	CHECK(same(&i, &back));
	i.url[0] = '\0'; /* by stick only */
	CHECK_OK(invitation_encode(&i, &text, &e), &e);
	CHECK_OK(invitation_decode(text.text, strlen(text.text), &back, &e), &e);
	CHECK(same(&i, &back));
}

/* Every character replaced by every other printable one, every cut, every swap of neighbours. */
static void typing_errors_are_caught(void)
{
	struct invitation i = sample(), back;
	struct invitation_text text;
	struct err e;
	size_t len;

	CHECK_OK(invitation_encode(&i, &text, &e), &e);
	len = strlen(text.text);
	for (size_t at = 0; at < len; at++) {
		char was = text.text[at], next = text.text[at + 1];

		for (char c = 0x21; c < 0x7f; c++) {
			text.text[at] = c;
			if (c != was)
				CHECK(!invitation_decode(text.text, len, &back, &e));
		}
		text.text[at] = was;
		CHECK(!invitation_decode(text.text, at, &back, &e) && e.code == ERR_MALFORMED);
		if (at + 1 == len || was == next)
			continue;
		text.text[at] = next;
		text.text[at + 1] = was;
		CHECK(!invitation_decode(text.text, len, &back, &e));
		text.text[at] = was;
		text.text[at + 1] = next;
	}
	CHECK_OK(invitation_decode(text.text, len, &back, &e), &e);
	text.text[len] = 'A';
	CHECK(!invitation_decode(text.text, len + 1, &back, &e) && e.code == ERR_MALFORMED);
}

static void versions(void)
{
	struct invitation back;
	struct err e;

	CHECK(!invitation_decode("simpul2:AAAA", 12, &back, &e) && e.code == ERR_UNSUPPORTED);
	CHECK(!invitation_decode("simpul10:AAA", 12, &back, &e) && e.code == ERR_UNSUPPORTED);
	CHECK(!invitation_decode("simpul:AAAAA", 12, &back, &e) && e.code == ERR_MALFORMED);
	CHECK(!invitation_decode("simpul12345", 11, &back, &e) && e.code == ERR_MALFORMED);
	CHECK(!invitation_decode("simpul1:", 8, &back, &e) && e.code == ERR_MALFORMED);
	CHECK(!invitation_decode("", 0, &back, &e) && e.code == ERR_MALFORMED);
	CHECK(!invitation_decode(" \n", 2, &back, &e) && e.code == ERR_MALFORMED);
}

static void urls(void)
{
	static const char *const good[] = { "", "http://h", "https://10.0.0.1:8443",
					    "https://hub.example/a/b", "https://[::1]:8443" };
	static const char *const bad[] = { "hub.example",      "ftp://hub",	 "https://",
					   "https:///x",       "https://:1",	 "https://hub/",
					   "https://a b",      "https://hub?x",	 "https://hub#x",
					   "https://u@hub",    "https://hub\\x", "HTTPS://hub",
					   "https://h\xc3\xa9" };
	struct invitation i = sample(), back;
	struct invitation_text text;
	struct err e;

	for (size_t k = 0; k < sizeof(good) / sizeof(good[0]); k++) {
		snprintf(i.url, sizeof(i.url), "%s", good[k]);
		CHECK_OK(invitation_encode(&i, &text, &e), &e);
		CHECK_OK(invitation_decode(text.text, strlen(text.text), &back, &e), &e);
	}
	for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
		snprintf(i.url, sizeof(i.url), "%s", bad[k]);
		CHECK(!invitation_encode(&i, &text, &e) && e.code == ERR_USAGE);
	}
}

static void limits(void)
{
	struct invitation i = sample(), back;
	struct invitation_text text;
	char large[LIMIT_INVITATION_BYTES + 1];
	struct err e;

	memset(i.url + 8, 'u', INVITATION_URL_MAX - 8);
	memset(i.origin, 'o', LIMIT_NAME_BYTES);
	memset(i.scope.name, 's', LIMIT_SCOPE_BYTES);
	i.expires_ms = HLC_MS_MAX;
	i.role = 255;
	CHECK_OK(invitation_encode(&i, &text, &e), &e);
	CHECK_OK(invitation_decode(text.text, strlen(text.text), &back, &e), &e);
	CHECK(same(&i, &back));
	i = sample();
	i.role = 0;
	CHECK(!invitation_encode(&i, &text, &e) && e.code == ERR_USAGE);
	i = sample();
	i.expires_ms = 0;
	CHECK(!invitation_encode(&i, &text, &e) && e.code == ERR_USAGE);
	i.expires_ms = HLC_MS_MAX + 1;
	CHECK(!invitation_encode(&i, &text, &e) && e.code == ERR_USAGE);
	i = sample();
	i.scope.name[0] = 'X';
	CHECK(!invitation_encode(&i, &text, &e) && e.code == ERR_USAGE);
	i = sample();
	i.origin[0] = '+';
	CHECK(!invitation_encode(&i, &text, &e) && e.code == ERR_USAGE);
	i = sample();
	memset(&i.hub, 0, sizeof(i.hub));
	CHECK(!invitation_encode(&i, &text, &e) && e.code == ERR_WEAK_KEY);
	memset(large, 'A', sizeof(large));
	memcpy(large, INVITATION_PREFIX, strlen(INVITATION_PREFIX));
	CHECK(!invitation_decode(large, sizeof(large), &back, &e) && e.code == ERR_TOO_LARGE);
	CHECK(!invitation_decode(large, sizeof(large) - 1, &back, &e) && e.code == ERR_MALFORMED);
}

/* A right check over bad content: what a hostile invitation may hold. */
static enum err_code crafted(const uint8_t *packed, size_t len)
{
	uint8_t all[1024];
	char text[2048] = INVITATION_PREFIX;
	struct bytes parts[] = { { INVITATION_PREFIX, 8 }, { packed, len } };
	struct invitation back;
	struct hash hash;
	struct err e = { 0 };

	crypto_sha256_parts(parts, 2, &hash);
	memcpy(all, packed, len);
	memcpy(all + len, hash.bytes, 4);
	len = 8 + base64_encode(BASE64_URL, all, len + 4, text + 8);
	return invitation_decode(text, len, &back, &e) ? ERR_OK : e.code;
}

static void hostile_content(void)
{
	uint8_t packed[256], good[256];
	struct public_key key;
	size_t len = 0;

	crypto_public_key(&hub, &key);
	memset(good, 0, sizeof(good));
	good[len++] = 2;
	good[len + 7] = 9; /* expires_ms */
	len += 8;
	memcpy(good + len, &key, 32);
	len += 32 + 16;
	memcpy(good + len, "\001s\001o\000\010http://h", 14);
	len += 14;
	CHECK(crafted(good, len) == ERR_OK);
	CHECK(crafted(good, len - 1) == ERR_MALFORMED);
	CHECK(crafted(good, len + 1) == ERR_MALFORMED);
	for (size_t at = 57; at < len; at++) { /* lengths that lie, NULs, bad characters */
		memcpy(packed, good, len);
		packed[at] = at >= 61 && at <= 62 ? 0xff : 0;
		CHECK(crafted(packed, len) == ERR_MALFORMED);
	}
	memcpy(packed, good, len);
	packed[58] = 'S'; /* scopes are lower case */
	CHECK(crafted(packed, len) == ERR_MALFORMED);
	memcpy(packed, good, len);
	packed[0] = 0;
	CHECK(crafted(packed, len) == ERR_MALFORMED);
	memcpy(packed, good, len);
	packed[1] = 1;
	CHECK(crafted(packed, len) == ERR_MALFORMED);
	memcpy(packed, good, len);
	memset(packed + 9, 0, 32);
	CHECK(crafted(packed, len) == ERR_WEAK_KEY);
	CHECK(crafted(good, 0) == ERR_MALFORMED);
}

static void fingerprints(void)
{
	static const struct public_key zero;
	char groups[INVITATION_FINGERPRINT_SIZE], words[INVITATION_WORDS_SIZE];

	/* SHA-256 of 32 zero bytes = 66687aad f862bd77 6c8fc18b 8e9f8e20 ... */
	invitation_fingerprint(&zero, groups);
	CHECK(strcmp(groups, "6668 7aad f862 bd77 6c8f c18b 8e9f 8e20") == 0);
	/* By the published rule, on paper: 0x6668 = 0110 01 1001 10 1000. */
	invitation_words(&zero, words);
	CHECK(strncmp(words, "kinom-", 6) == 0);
	CHECK(strlen(words) == INVITATION_WORDS_SIZE - 1);
}

static json_t *vector(const char *url, const char *scope, uint8_t role)
{
	struct invitation i = sample();
	struct invitation_text text = { "" };
	char groups[INVITATION_FINGERPRINT_SIZE], words[INVITATION_WORDS_SIZE];
	struct err e;

	snprintf(i.url, sizeof(i.url), "%s", url);
	snprintf(i.scope.name, sizeof(i.scope.name), "%s", scope);
	i.role = role;
	if (!invitation_encode(&i, &text, &e))
		return NULL;
	invitation_fingerprint(&i.hub, groups);
	invitation_words(&i.hub, words);
	return json_pack("{s:s, s:s, s:o, s:o, s:s, s:i, s:I, s:s, s:s, s:s}", "url", i.url,
			 "origin", i.origin, "hub", golden_hex(&i.hub, 32), "token",
			 golden_hex(i.token, sizeof(i.token)), "scope", i.scope.name, "role", role,
			 "expires_ms", (json_int_t)i.expires_ms, "text", text.text, "fingerprint",
			 groups, "words", words);
}

static json_t *vectors(void)
{
	return json_pack("{s:[o,o,o]}", "invitations", vector("https://hub.example", "13.73", 1),
			 vector("", "national", 2),
			 vector("http://10.0.0.1:8080/x", "a-b_c.9", 255));
}

static void golden(void)
{
	AUTO_JSON *built = vectors();

	CHECK(built != NULL && golden_matches("invitation", built));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(round_trip), TAP(typing_errors_are_caught), TAP(versions),	   TAP(urls),
		TAP(limits),	 TAP(hostile_content),		TAP(fingerprints), TAP(golden),
	};

	if (argc > 1 && strcmp(argv[1], "--write") == 0)
		return golden_write("invitation", vectors());
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
