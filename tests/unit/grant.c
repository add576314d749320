/* grant.c - grants and revocations: round trips, one encoding each, what they may not say. */
#include <string.h>

#include "golden.h"
#include "simpul/crypto.h"
#include "simpul/grant.h"
#include "tap.h"

static struct grant grant_sample(void)
{
	static const struct secret_key secret = { { 5 } };
	struct grant g = { .scope = { "13.73" }, .role = ROLE_REVIEWER, .name = "Kantor" };

	memset(&g.chain, 0xc1, sizeof(g.chain));
	crypto_public_key(&secret, &g.key);
	return g;
}

static struct revocation revocation_sample(void)
{
	struct revocation r = { .last_good_seq = 300, .reason = "Laptop hilang" };

	memset(&r.chain, 0xc1, sizeof(r.chain));
	return r;
}

static void round_trips(void)
{
	struct grant g = grant_sample(), g2;
	struct revocation r = revocation_sample(), r2;
	uint8_t bytes[GRANT_BYTES_MAX], again[GRANT_BYTES_MAX];
	size_t len, again_len;
	struct err e;

	CHECK_OK(grant_encode(&g, bytes, sizeof(bytes), &len, &e), &e);
	CHECK_OK(grant_decode(bytes, len, &g2, &e), &e);
	CHECK(grant_encode(&g2, again, sizeof(again), &again_len, &e));
	CHECK(again_len == len && memcmp(bytes, again, len) == 0);
	CHECK(strcmp(g.name, g2.name) == 0 && g.role == g2.role && key_equal(&g.key, &g2.key));
	for (size_t cut = 0; cut < len; cut++) {
		CHECK(!grant_decode(bytes, cut, &g2, &e) && e.code == ERR_MALFORMED);
		CHECK(!grant_encode(&g, again, cut, &again_len, &e) && e.code == ERR_TOO_LARGE);
	}
	CHECK(!grant_decode(bytes, len + 1, &g2, &e));
	CHECK_OK(revocation_encode(&r, bytes, sizeof(bytes), &len, &e), &e);
	CHECK_OK(revocation_decode(bytes, len, &r2, &e), &e);
	CHECK(r2.last_good_seq == 300 && strcmp(r.reason, r2.reason) == 0);
	for (size_t cut = 0; cut < len; cut++) {
		CHECK(!revocation_decode(bytes, cut, &r2, &e) && e.code == ERR_MALFORMED);
		CHECK(!revocation_encode(&r, again, cut, &again_len, &e) &&
		      e.code == ERR_TOO_LARGE);
	}
	CHECK(!grant_decode(bytes, len, &g2, &e));
}

static void one_encoding_each(void)
{
	struct grant g = grant_sample(), out;
	uint8_t bytes[GRANT_BYTES_MAX], again[GRANT_BYTES_MAX];
	size_t len, again_len, read = 0;
	struct err e;

	CHECK(grant_encode(&g, bytes, sizeof(bytes), &len, &e));
	for (size_t at = 0; at < len; at++) {
		uint8_t was = bytes[at];

		for (int v = 0; v < 256; v++) {
			bytes[at] = (uint8_t)v;
			if (!grant_decode(bytes, len, &out, &e))
				continue;
			read++;
			CHECK(grant_encode(&out, again, sizeof(again), &again_len, &e));
			CHECK(again_len == len && memcmp(bytes, again, len) == 0);
		}
		bytes[at] = was;
	}
	CHECK(read > 5000);
	bytes[1] = 2;
	CHECK(!grant_decode(bytes, len, &out, &e) && e.code == ERR_UNSUPPORTED);
}

static void what_they_may_not_say(void)
{
	struct grant g = grant_sample();
	struct revocation r = revocation_sample();
	uint8_t bytes[GRANT_BYTES_MAX];
	size_t len;
	struct err e;

	memset(g.name, 'n', LIMIT_NAME_BYTES);
	memset(g.scope.name, 's', LIMIT_SCOPE_BYTES);
	CHECK(grant_encode(&g, bytes, sizeof(bytes), &len, &e));
	g.name[3] = '\n';
	CHECK(!grant_encode(&g, bytes, sizeof(bytes), &len, &e) && e.code == ERR_USAGE);
	g = grant_sample();
	g.role = (enum role)0;
	CHECK(!grant_encode(&g, bytes, sizeof(bytes), &len, &e) && e.code == ERR_USAGE);
	g.role = (enum role)(ROLE_HUB + 1);
	CHECK(!grant_encode(&g, bytes, sizeof(bytes), &len, &e) && e.code == ERR_USAGE);
	g = grant_sample();
	g.scope.name[0] = 'A';
	CHECK(!grant_encode(&g, bytes, sizeof(bytes), &len, &e) && e.code == ERR_USAGE);
	g = grant_sample();
	CHECK(grant_encode(&g, bytes, sizeof(bytes), &len, &e));
	memset(bytes + 3 + 16 + 2, 0, 32); /* the key */
	CHECK(!grant_decode(bytes, len, &g, &e) && e.code == ERR_WEAK_KEY);
	g = grant_sample();
	memset(&g.key, 0, sizeof(g.key));
	CHECK(!grant_encode(&g, bytes, sizeof(bytes), &len, &e) && e.code == ERR_WEAK_KEY);
	r.last_good_seq = INT64_MAX;
	CHECK(revocation_encode(&r, bytes, sizeof(bytes), &len, &e));
	r.last_good_seq++;
	CHECK(!revocation_encode(&r, bytes, sizeof(bytes), &len, &e));
	r = revocation_sample();
	r.reason[0] = '\0';
	CHECK(!revocation_encode(&r, bytes, sizeof(bytes), &len, &e));
}

static void role_names(void)
{
	enum role role;
	struct err e;

	for (int i = ROLE_WRITER; i <= ROLE_HUB; i++)
		CHECK(role_parse(role_name((enum role)i), &role, &e) && role == (enum role)i);
	CHECK(!role_parse("root", &role, &e) && e.code == ERR_USAGE);
	CHECK(strcmp(role_name((enum role)9), "unknown") == 0);
}

static json_t *vectors(void)
{
	struct grant g = grant_sample();
	struct revocation r = revocation_sample();
	uint8_t grant[GRANT_BYTES_MAX], revocation[GRANT_BYTES_MAX];
	size_t grant_len, revocation_len;
	struct err e;

	if (!grant_encode(&g, grant, sizeof(grant), &grant_len, &e) ||
	    !revocation_encode(&r, revocation, sizeof(revocation), &revocation_len, &e))
		return NULL;
	return json_pack("{s[{so so ss si ss so}] s[{so sI ss so}]}", "grants", "chain",
			 golden_hex(&g.chain, 16), "key", golden_hex(&g.key, 32), "scope",
			 g.scope.name, "role", (int)g.role, "name", g.name, "bytes",
			 golden_hex(grant, grant_len), "revocations", "chain",
			 golden_hex(&r.chain, 16), "last_good_seq", (json_int_t)r.last_good_seq,
			 "reason", r.reason, "bytes", golden_hex(revocation, revocation_len));
}

static void golden(void)
{
	AUTO_JSON *built = vectors();

	CHECK(built != NULL && golden_matches("grant", built));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = { TAP(round_trips), TAP(one_encoding_each),
						 TAP(what_they_may_not_say), TAP(role_names),
						 TAP(golden) };

	if (argc > 1 && strcmp(argv[1], "--write") == 0)
		return golden_write("grant", vectors());
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
