/* changeset.c - headers: one encoding each, limits on both sides, and what a genesis must prove. */
#include <string.h>

#include "golden.h"
#include "simpul/changeset.h"
#include "simpul/hlc.h"
#include "tap.h"

static const struct secret_key secret = { { 1, 2, 3 } };

static struct changeset full(void)
{
	struct changeset c = { .kind = CHANGESET_DATA,
			       .seq = 77,
			       .body_len = 1234,
			       .changes = 100,
			       .hlc_min = hlc_make(1750000000000, 0),
			       .hlc_max = hlc_make(1750000900000, 3),
			       .seen = true,
			       .seen_size = 123456,
			       .cut_left = 2,
			       .exts = 2 };

	memset(&c.chain, 0xc1, sizeof(c.chain));
	memset(&c.prev, 0x99, sizeof(c.prev));
	memset(&c.body_hash, 0xb0, sizeof(c.body_hash));
	memset(&c.seen_root, 0x55, sizeof(c.seen_root));
	memset(c.schema, 0x5c, sizeof(c.schema));
	c.ext[0] = (struct changeset_ext_field){ EXT_NAME, true, (const uint8_t *)"kantor", 6 };
	c.ext[1] = (struct changeset_ext_field){ 900, false, (const uint8_t *)"later", 5 };
	return c;
}

static struct changeset lone(void)
{
	struct changeset c = { .kind = CHANGESET_DATA, .seq = 2 };

	c.prev.bytes[31] = 1;
	return c;
}

static bool same_ext(const struct changeset *a, const struct changeset *b)
{
	for (size_t i = 0; i < a->exts; i++)
		if (a->ext[i].id != b->ext[i].id || a->ext[i].critical != b->ext[i].critical ||
		    a->ext[i].len != b->ext[i].len ||
		    memcmp(a->ext[i].bytes, b->ext[i].bytes, a->ext[i].len) != 0)
			return false;
	return a->exts == b->exts;
}

static bool same(const struct changeset *a, const struct changeset *b)
{
	return a->kind == b->kind && chain_compare(&a->chain, &b->chain) == 0 && a->seq == b->seq &&
	       hash_equal(&a->prev, &b->prev) && hash_equal(&a->body_hash, &b->body_hash) &&
	       a->body_len == b->body_len && a->changes == b->changes && a->hlc_min == b->hlc_min &&
	       a->hlc_max == b->hlc_max && memcmp(a->schema, b->schema, 8) == 0 &&
	       a->seen == b->seen && a->seen_size == b->seen_size &&
	       hash_equal(&a->seen_root, &b->seen_root) && a->cut_left == b->cut_left &&
	       same_ext(a, b);
}

static void round_trips(void)
{
	struct changeset in[] = { full(), lone() }, out;
	uint8_t bytes[LIMIT_HEADER_BYTES];
	size_t len;
	struct err e;

	for (size_t i = 0; i < 2; i++) {
		CHECK_OK(changeset_encode(&in[i], bytes, sizeof(bytes), &len, &e), &e);
		CHECK_OK(changeset_decode(bytes, len, &out, &e), &e);
		CHECK(same(&in[i], &out));
		for (size_t cut = 0; cut < len; cut++) {
			CHECK(!changeset_decode(bytes, cut, &out, &e));
			CHECK(!changeset_encode(&in[i], bytes, cut, &(size_t){ 0 }, &e));
			CHECK(e.code == ERR_TOO_LARGE);
			CHECK(changeset_encode(&in[i], bytes, sizeof(bytes), &len, &e));
		}
		bytes[len] = 0;
		CHECK(!changeset_decode(bytes, len + 1, &out, &e) && e.code == ERR_MALFORMED);
	}
}

/* Whatever one changed byte decodes to, encoding it again gives those bytes and no others. */
static void one_encoding_each(void)
{
	struct changeset in[] = { full(), lone() }, out;
	uint8_t bytes[LIMIT_HEADER_BYTES], again[LIMIT_HEADER_BYTES];
	size_t len, again_len, read = 0;
	struct err e;

	for (size_t i = 0; i < 2; i++) {
		CHECK(changeset_encode(&in[i], bytes, sizeof(bytes), &len, &e));
		for (size_t at = 0; at < len; at++) {
			uint8_t was = bytes[at];

			for (int v = 0; v < 256; v++) {
				bytes[at] = (uint8_t)v;
				if (!changeset_decode(bytes, len, &out, &e))
					continue;
				read++;
				CHECK_OK(changeset_encode(&out, again, sizeof(again), &again_len,
							  &e),
					 &e);
				CHECK(again_len == len && memcmp(bytes, again, len) == 0);
			}
			bytes[at] = was;
		}
	}
	CHECK(read > 10000);
}

static enum err_code encode_code(const struct changeset *c)
{
	uint8_t bytes[2 * LIMIT_HEADER_BYTES];
	struct changeset out;
	size_t len;
	struct err e = { 0 };

	if (!changeset_encode(c, bytes, sizeof(bytes), &len, &e))
		return e.code;
	return changeset_decode(bytes, len, &out, &e) && same(c, &out) ? ERR_OK : ERR_INTERNAL;
}

static void limits(void)
{
	struct changeset c = full();

#define BOTH(field, in, out, code)                                                                 \
	c = full();                                                                                \
	c.field = (in);                                                                            \
	CHECK(encode_code(&c) == ERR_OK);                                                          \
	c.field = (out);                                                                           \
	CHECK(encode_code(&c) == (code))
	BOTH(kind, CHANGESET_SCHEMA, (enum changeset_kind)(CHANGESET_SCHEMA + 1), ERR_UNSUPPORTED);
	BOTH(seq, INT64_MAX, (uint64_t)INT64_MAX + 1, ERR_MALFORMED);
	BOTH(seq, 2, 1, ERR_MALFORMED);
	BOTH(seq, 2, 0, ERR_MALFORMED);
	BOTH(body_len, LIMIT_BODY_BYTES, LIMIT_BODY_BYTES + 1, ERR_TOO_LARGE);
	BOTH(changes, LIMIT_CHANGES, LIMIT_CHANGES + 1, ERR_TOO_LARGE);
	BOTH(hlc_max, HLC_MAX, HLC_MAX + 1, ERR_MALFORMED);
	BOTH(hlc_max, c.hlc_min, c.hlc_min - 1, ERR_MALFORMED);
	BOTH(seen_size, INT64_MAX, (uint64_t)INT64_MAX + 1, ERR_MALFORMED);
	BOTH(ext[1].id, EXT_NAME + 1, EXT_NAME, ERR_MALFORMED);
	BOTH(ext[1].critical, false, true, ERR_UNSUPPORTED);
	c = full();
	memset(&c.prev, 0, sizeof(c.prev));
	CHECK(encode_code(&c) == ERR_MALFORMED);
	c = lone();
	c.kind = CHANGESET_GENESIS;
	CHECK(encode_code(&c) == ERR_MALFORMED);
	c.seq = 1;
	CHECK(encode_code(&c) == ERR_OK);
}

static void limits_of_extensions(void)
{
	static const uint8_t big[LIMIT_EXT_BYTES + 1] = { 1 };
	struct changeset c = lone();

	for (size_t i = 0; i < LIMIT_EXTS; i++)
		c.ext[c.exts++] =
			(struct changeset_ext_field){ (uint32_t)(100 + i), false, big, 1 };
	CHECK(encode_code(&c) == ERR_OK);
	c.exts++;
	CHECK(encode_code(&c) == ERR_TOO_LARGE);
	c.exts = 1;
	c.ext[0].len = LIMIT_EXT_BYTES;
	CHECK(encode_code(&c) == ERR_OK);
	c.ext[0].len++;
	CHECK(encode_code(&c) == ERR_TOO_LARGE);
	/* Five large ones are nearly what a header holds: grow one by bytes to meet the limit. */
	c.exts = 5;
	for (size_t i = 0; i < 5; i++)
		c.ext[i].len = 170;
	for (; encode_code(&c) == ERR_OK; c.ext[4].len++)
		CHECK(c.ext[4].len < LIMIT_EXT_BYTES);
	CHECK(encode_code(&c) == ERR_TOO_LARGE);
}

static void other_versions(void)
{
	struct changeset c = full(), out;
	uint8_t bytes[LIMIT_HEADER_BYTES] = { 0x82, 0x02, 0x00 };
	size_t len;
	struct err e;

	CHECK(!changeset_decode(bytes, 3, &out, &e) && e.code == ERR_UNSUPPORTED);
	CHECK(changeset_encode(&c, bytes, sizeof(bytes), &len, &e));
	bytes[1] = 0;
	CHECK(!changeset_decode(bytes, len, &out, &e) && e.code == ERR_MALFORMED);
	bytes[1] = 2;
	CHECK(!changeset_decode(bytes, len, &out, &e) && e.code == ERR_UNSUPPORTED);
	CHECK(!changeset_decode(bytes, LIMIT_HEADER_BYTES + 1, &out, &e) &&
	      e.code == ERR_TOO_LARGE);
}

static struct genesis genesis_sample(void)
{
	struct genesis g = { .scope = { "13.73" },
			     .nonce = { 9, 8, 7 },
			     .name = "Kantor Sawahlunto" };

	crypto_public_key(&secret, &g.key);
	return g;
}

static enum err_code genesis_code(const struct changeset *c)
{
	uint8_t bytes[LIMIT_HEADER_BYTES];
	struct changeset out;
	struct genesis g;
	size_t len;
	struct err e = { 0 };

	if (!changeset_encode(c, bytes, sizeof(bytes), &len, &e) ||
	    !changeset_decode(bytes, len, &out, &e))
		return ERR_INTERNAL;
	return genesis_read(&out, &g, &e) ? ERR_OK : e.code;
}

static void genesis_round_trip(void)
{
	struct genesis g = genesis_sample(), back;
	struct changeset c = { 0 };
	struct err e;

	genesis_fill(&g, &c);
	CHECK(genesis_code(&c) == ERR_OK);
	CHECK(genesis_read(&c, &back, &e));
	CHECK(key_equal(&g.key, &back.key) && scope_equal(&g.scope, &back.scope));
	CHECK(strcmp(g.name, back.name) == 0 && memcmp(g.nonce, back.nonce, 16) == 0);
	CHECK(!back.has_predecessor);
	c.prev.bytes[0] = 1;
	CHECK(genesis_code(&c) == ERR_MALFORMED); /* continues what it does not name */
	g.has_predecessor = true;
	memset(&g.predecessor, 0x77, sizeof(g.predecessor));
	genesis_fill(&g, &c);
	CHECK(genesis_code(&c) == ERR_OK);
	CHECK(genesis_read(&c, &back, &e) && back.has_predecessor);
	CHECK(chain_compare(&back.predecessor, &g.predecessor) == 0);
}

static void genesis_with_a_false_name_or_weak_key(void)
{
	static const uint8_t weak[][32] = {
		{ 0 },
		{ 1 },
		{ 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
		{ 0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	};
	struct genesis g = genesis_sample();
	struct changeset c = { 0 };

	genesis_fill(&g, &c);
	c.chain.bytes[15] ^= 1;
	CHECK(genesis_code(&c) == ERR_CHAIN);
	for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++) {
		memcpy(g.key.bytes, weak[i], 32);
		genesis_fill(&g, &c);
		CHECK(genesis_code(&c) == ERR_WEAK_KEY);
	}
}

static void genesis_with_a_wrong_field(void)
{
	struct genesis g = genesis_sample(), back;
	struct changeset good = { 0 }, c;
	struct err e;

	g.has_predecessor = true;
	genesis_fill(&g, &good);
	for (size_t i = 0; i + 1 < good.exts;
	     i++) { /* each field but the predecessor must be there */
		c = good;
		memmove(&c.ext[i], &c.ext[i + 1], (good.exts - i - 1) * sizeof(c.ext[0]));
		c.exts--;
		CHECK(genesis_code(&c) == ERR_MALFORMED);
	}
	for (size_t i = 0; i < good.exts; i++) {
		c = good;
		c.ext[i].len = i == 3 ? 0 : c.ext[i].len - 1;
		CHECK(genesis_code(&c) == (i == 0 ? ERR_CHAIN : ERR_MALFORMED));
	}
	c = good;
	c.ext[0].bytes = (const uint8_t *)"13 73";
	CHECK(genesis_code(&c) == ERR_MALFORMED);
	c = good;
	c.ext[3].bytes = (const uint8_t *)"Kantor\nSawahlunto";
	CHECK(genesis_code(&c) == ERR_MALFORMED);
	c = good;
	c.kind = CHANGESET_DATA;
	CHECK(!genesis_read(&c, &back, &e) && e.code == ERR_MALFORMED);
}

static json_t *golden_header(const struct changeset *c)
{
	uint8_t bytes[LIMIT_HEADER_BYTES];
	json_t *exts = json_array(), *seen = json_null();
	struct hash id;
	size_t len;
	struct err e;

	if (!changeset_encode(c, bytes, sizeof(bytes), &len, &e))
		return NULL;
	changeset_id(bytes, len, &id);
	for (size_t i = 0; i < c->exts; i++)
		json_array_append_new(exts, json_pack("{si sb so}", "id", c->ext[i].id, "critical",
						      c->ext[i].critical, "bytes",
						      golden_hex(c->ext[i].bytes, c->ext[i].len)));
	if (c->seen)
		seen = json_pack("[Io]", (json_int_t)c->seen_size, golden_hex(&c->seen_root, 32));
	return json_pack("{si so sI so so si si sI sI so so si so so so}", "kind", (int)c->kind,
			 "chain", golden_hex(&c->chain, 16), "seq", (json_int_t)c->seq, "prev",
			 golden_hex(&c->prev, 32), "body_hash", golden_hex(&c->body_hash, 32),
			 "body_len", c->body_len, "changes", c->changes, "hlc_min",
			 (json_int_t)c->hlc_min, "hlc_max", (json_int_t)c->hlc_max, "schema",
			 golden_hex(c->schema, 8), "seen", seen, "cut_left", c->cut_left, "ext",
			 exts, "bytes", golden_hex(bytes, len), "id", golden_hex(&id, 32));
}

static json_t *vectors(void)
{
	struct genesis g = genesis_sample(), heir = genesis_sample();
	struct changeset first = { 0 }, second = { 0 };

	heir.has_predecessor = true;
	genesis_fill(&g, &first);
	heir.predecessor = first.chain;
	heir.nonce[0] = 1;
	genesis_fill(&heir, &second);
	memset(&second.prev, 0x44, sizeof(second.prev));
	return json_pack("{s[oooo]}", "headers", golden_header(&(struct changeset[]){ full() }[0]),
			 golden_header(&(struct changeset[]){ lone() }[0]), golden_header(&first),
			 golden_header(&second));
}

static void golden(void)
{
	AUTO_JSON *built = vectors();

	CHECK(built != NULL && golden_matches("changeset", built));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(round_trips),
		TAP(one_encoding_each),
		TAP(limits),
		TAP(limits_of_extensions),
		TAP(other_versions),
		TAP(genesis_round_trip),
		TAP(genesis_with_a_false_name_or_weak_key),
		TAP(genesis_with_a_wrong_field),
		TAP(golden),
	};

	if (argc > 1 && strcmp(argv[1], "--write") == 0)
		return golden_write("changeset", vectors());
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
