/* seal.c - frames: round trips, every cut, every flipped bit, lengths that lie, bombs. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "dictionary.h"
#include "golden.h"
#include "simpul/seal.h"
#include "tap.h"

static const struct secret_key secret = { { 7, 1, 2 } };

static struct changeset data_header(void)
{
	struct changeset c = {
		.kind = CHANGESET_DATA, .seq = 2, .changes = 1, .hlc_min = 5, .hlc_max = 9
	};

	memset(&c.chain, 0xc1, sizeof(c.chain));
	memset(&c.prev, 0x99, sizeof(c.prev));
	return c;
}

struct sealed {
	uint8_t bytes[8192];
	size_t len;
	struct hash id;
	struct public_key key;
};

static bool sealed_make(struct sealed *s, const void *body, size_t len, struct err *e)
{
	struct changeset c = data_header();

	crypto_public_key(&secret, &s->key);
	return seal_make(&c, body, len, &secret, s->bytes, sizeof(s->bytes), &s->len, &s->id, e);
}

/* The whole way in, as a receiver goes it. */
static bool accept(const struct sealed *s, const uint8_t *bytes, size_t len, uint8_t *body,
		   size_t cap, struct frame *ret)
{
	struct err e;

	return seal_open(bytes, len, ret, &e) && seal_verify(ret, &s->key, &e) &&
	       seal_unpack(ret, body, cap, &e);
}

static const char text[] = "Pembangunan jalan lingkungan kelurahan, pembangunan jalan lingkungan "
			   "kecamatan, pembangunan jembatan";

static void round_trip(void)
{
	struct sealed s;
	struct frame f;
	uint8_t body[256];
	size_t frame_len;
	struct err e;

	CHECK_OK(sealed_make(&s, text, sizeof(text), &e), &e);
	CHECK(accept(&s, s.bytes, s.len, body, sizeof(body), &f));
	CHECK(f.codec == SEAL_CODEC_DICTIONARY);
	CHECK(f.changeset.body_len == sizeof(text) && memcmp(body, text, sizeof(text)) == 0);
	CHECK(hash_equal(&f.id, &s.id));
	CHECK(seal_length(s.bytes, sizeof(s.bytes), &frame_len, &e) && frame_len == s.len);
	CHECK(!seal_unpack(&f, body, sizeof(text) - 1, &e) && e.code == ERR_TOO_LARGE);
}

static void incompressible_and_empty_bodies(void)
{
	struct sealed s;
	struct frame f;
	uint8_t noise[64], body[64];
	struct err e;

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)(i * i * 167 + i * 31 + (i << 3) + 91);
	CHECK(sealed_make(&s, noise, sizeof(noise), &e));
	CHECK(accept(&s, s.bytes, s.len, body, sizeof(body), &f));
	CHECK(f.codec == SEAL_CODEC_NONE && memcmp(noise, body, sizeof(noise)) == 0);
	CHECK(sealed_make(&s, "", 0, &e));
	CHECK(accept(&s, s.bytes, s.len, body, 0, &f));
	CHECK(f.codec == SEAL_CODEC_NONE && f.packed_len == 0);
}

static void every_cut_is_refused(void)
{
	struct sealed s;
	struct frame f;
	struct err e;
	size_t len;

	CHECK(sealed_make(&s, text, sizeof(text), &e));
	for (size_t cut = 0; cut < s.len; cut++) {
		CHECK(!seal_open(s.bytes, cut, &f, &e) && e.code == ERR_MALFORMED);
		CHECK(seal_length(s.bytes, cut, &len, &e) && (len == 0 || len == s.len));
	}
	s.bytes[s.len] = 0;
	CHECK(!seal_open(s.bytes, s.len + 1, &f, &e) && e.code == ERR_MALFORMED);
}

/*
 * In header and signature each bit counts.  Packed bytes are not signed: a flip there may inflate
 * to the same body by another way, and then it is the same changeset; any other is refused.
 */
static void every_flipped_bit_is_refused(void)
{
	struct sealed s, bad;
	struct frame f, good;
	uint8_t body[256];
	struct err e;

	CHECK(sealed_make(&s, text, sizeof(text), &e));
	CHECK(seal_open(s.bytes, s.len, &good, &e));
	for (size_t bit = 0; bit < 8 * s.len; bit++) {
		bad = s;
		bad.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (!accept(&s, bad.bytes, s.len, body, sizeof(body), &f))
			continue;
		CHECK(&bad.bytes[bit / 8] >= bad.bytes + (good.packed - s.bytes));
		CHECK(hash_equal(&f.id, &s.id) && memcmp(body, text, sizeof(text)) == 0);
	}
}

static void every_flipped_bit_of_a_plain_frame_is_refused(void)
{
	struct sealed s;
	struct frame f;
	uint8_t body[64];
	struct err e;

	CHECK(sealed_make(&s, "\x84\x80\x80\x00\x80", 5, &e));
	CHECK(accept(&s, s.bytes, s.len, body, sizeof(body), &f) && f.codec == SEAL_CODEC_NONE);
	for (size_t bit = 0; bit < 8 * s.len; bit++) {
		s.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CHECK(!accept(&s, s.bytes, s.len, body, sizeof(body), &f));
		s.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static void another_key_is_refused(void)
{
	static const struct secret_key other = { { 8 } };
	struct sealed s;
	struct frame f;
	struct err e;

	CHECK(sealed_make(&s, text, sizeof(text), &e));
	crypto_public_key(&other, &s.key);
	CHECK(seal_open(s.bytes, s.len, &f, &e));
	CHECK(!seal_verify(&f, &s.key, &e) && e.code == ERR_SIGNATURE);
}

/* A frame whose packed body is `packed` by `codec`, under the header that was signed for text. */
static size_t repack(const struct sealed *s, uint8_t codec, const uint8_t *packed, size_t len,
		     uint8_t *out)
{
	struct frame f;
	struct err e;
	size_t at;

	if (!seal_open(s->bytes, s->len, &f, &e))
		return 0;
	at = (size_t)(f.packed - s->bytes) - 5;
	memcpy(out, s->bytes, at);
	out[at] = codec;
	out[at + 1] = (uint8_t)(len >> 24);
	out[at + 2] = (uint8_t)(len >> 16);
	out[at + 3] = (uint8_t)(len >> 8);
	out[at + 4] = (uint8_t)len;
	memcpy(out + at + 5, packed, len);
	return at + 5 + len;
}

static size_t squeeze(const void *body, size_t len, bool dictionary, uint8_t *out, size_t cap)
{
	z_stream z = { 0 };

	if (deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return 0;
	if (dictionary)
		deflateSetDictionary(&z, (const Bytef *)dictionary_1, (uInt)dictionary_1_len);
	z.next_in = (Bytef *)(uintptr_t)body;
	z.avail_in = (uInt)len;
	z.next_out = out;
	z.avail_out = (uInt)cap;
	deflate(&z, Z_FINISH);
	deflateEnd(&z);
	return cap - z.avail_out;
}

static void bodies_that_are_too_long_or_short_or_followed(void)
{
	struct sealed s;
	struct frame f;
	uint8_t packed[512], frame[1024], body[256];
	char longer[sizeof(text) + 1];
	size_t n;
	struct err e;

	CHECK(sealed_make(&s, text, sizeof(text), &e));
	memcpy(longer, text, sizeof(text));
	longer[sizeof(text)] = 0;
	n = squeeze(text, sizeof(text), false, packed, sizeof(packed));
	CHECK(accept(&s, frame, repack(&s, SEAL_CODEC_DEFLATE, packed, n, frame), body, 256, &f));
	packed[n] = 0;
	CHECK(!accept(&s, frame, repack(&s, SEAL_CODEC_DEFLATE, packed, n + 1, frame), body, 256,
		      &f));
	CHECK(!accept(&s, frame, repack(&s, SEAL_CODEC_DEFLATE, packed, n - 1, frame), body, 256,
		      &f));
	CHECK(!accept(&s, frame, repack(&s, SEAL_CODEC_NONE, packed, n, frame), body, 256, &f));
	n = squeeze(longer, sizeof(longer), false, packed, sizeof(packed));
	CHECK(!accept(&s, frame, repack(&s, SEAL_CODEC_DEFLATE, packed, n, frame), body, 256, &f));
	n = squeeze(text, sizeof(text) - 1, false, packed, sizeof(packed));
	CHECK(!accept(&s, frame, repack(&s, SEAL_CODEC_DEFLATE, packed, n, frame), body, 256, &f));
	CHECK(!seal_open(frame, repack(&s, 3, packed, n, frame), &f, &e) &&
	      e.code == ERR_UNSUPPORTED);
	n = repack(&s, SEAL_CODEC_NONE, (const uint8_t *)text, sizeof(text), frame);
	CHECK(accept(&s, frame, n, body, sizeof(body), &f));
	frame[n - 2] ^= 1;
	CHECK(seal_open(frame, n, &f, &e) && !seal_unpack(&f, body, sizeof(body), &e) &&
	      e.code == ERR_HASH);
}

static void bomb_stops_at_the_signed_length(void)
{
	struct sealed s;
	struct frame f;
	static uint8_t zeros[1 << 16], packed[512], frame[1024];
	uint8_t body[128];
	size_t n;
	struct err e;

	CHECK(sealed_make(&s, text, sizeof(text), &e));
	n = squeeze(zeros, sizeof(zeros), true, packed, sizeof(packed));
	CHECK(n > 0 && n < sizeof(text));
	memset(body, 0xee, sizeof(body));
	n = repack(&s, SEAL_CODEC_DICTIONARY, packed, n, frame);
	CHECK(seal_open(frame, n, &f, &e));
	CHECK(!seal_unpack(&f, body, sizeof(text), &e) && e.code == ERR_HASH);
	CHECK(body[sizeof(text)] == 0xee);
}

static void limits_of_the_frame(void)
{
	uint8_t frame[8 + 2 + LIMIT_HEADER_BYTES + 64 + 5] = { 'S',  'M',  'P',	 1,
							       0x0d, 0x0a, 0x1a, 0x0a };
	size_t len;
	struct err e;

	frame[8] = LIMIT_HEADER_BYTES >> 8;
	frame[8 + 2 + LIMIT_HEADER_BYTES + 64 + 1 + 1] = LIMIT_BODY_PACKED_BYTES >> 16;
	CHECK_OK(seal_length(frame, sizeof(frame), &len, &e), &e);
	CHECK(len == sizeof(frame) + LIMIT_BODY_PACKED_BYTES);
	frame[sizeof(frame) - 1] = 1;
	CHECK(!seal_length(frame, sizeof(frame), &len, &e) && e.code == ERR_TOO_LARGE);
	frame[9] = 1;
	CHECK(!seal_length(frame, 10, &len, &e) && e.code == ERR_TOO_LARGE);
	CHECK(seal_length(frame, 9, &len, &e) && len == 0);
	frame[5] = 0x0d; /* as a text-mode copy leaves it */
	CHECK(!seal_length(frame, 6, &len, &e) && e.code == ERR_MALFORMED);
}

static void limits_of_the_body(void)
{
	size_t cap = seal_size_max(LIMIT_BODY_BYTES + 1), len;
	uint8_t *body = calloc(1, LIMIT_BODY_BYTES + 1), *out = malloc(cap);
	struct changeset c = data_header();
	struct frame f;
	struct hash id;
	struct err e;
	bool exact, over, unpacked, noisy;

	exact = seal_make(&c, body, LIMIT_BODY_BYTES, &secret, out, cap, &len, &id, &e);
	unpacked =
		exact && seal_open(out, len, &f, &e) && seal_unpack(&f, body, LIMIT_BODY_BYTES, &e);
	over = seal_make(&c, body, LIMIT_BODY_BYTES + 1, &secret, out, cap, &len, &id, &e);
	for (uint32_t i = 0, x = 1; i < LIMIT_BODY_BYTES; i++, x = x * 1664525 + 1013904223)
		body[i] = (uint8_t)(x >> 24);
	noisy = seal_make(&c, body, LIMIT_BODY_PACKED_BYTES, &secret, out, cap, &len, &id, &e) &&
		!seal_make(&c, body, LIMIT_BODY_PACKED_BYTES + 1, &secret, out, cap, &len, &id, &e);
	free(body);
	free(out);
	CHECK(exact && unpacked && !over && noisy && e.code == ERR_TOO_LARGE);
}

static void too_little_room(void)
{
	struct changeset c = data_header();
	struct sealed s;
	struct err e;

	CHECK(sealed_make(&s, text, sizeof(text), &e));
	for (size_t cap = 0; cap < s.len; cap++) {
		CHECK(!seal_make(&c, (const uint8_t *)text, sizeof(text), &secret, s.bytes, cap,
				 &s.len, &s.id, &e));
		CHECK(e.code == ERR_TOO_LARGE);
	}
	c.seq = 0;
	CHECK(!seal_make(&c, (const uint8_t *)text, sizeof(text), &secret, s.bytes, sizeof(s.bytes),
			 &s.len, &s.id, &e));
	CHECK(e.code == ERR_MALFORMED);
}

static void *seal_in_a_thread(void *arg)
{
	struct sealed *s = arg;
	struct err e;

	return sealed_make(s, text, sizeof(text), &e) ? s : NULL;
}

/* Each thread has zlib streams of its own and frees them as it ends; the bytes are the same. */
static void threads(void)
{
	struct sealed here, there;
	pthread_t thread;
	void *done;
	struct err e;

	CHECK(sealed_make(&here, text, sizeof(text), &e));
	CHECK(pthread_create(&thread, NULL, seal_in_a_thread, &there) == 0);
	CHECK(pthread_join(thread, &done) == 0 && done == &there);
	CHECK(there.len == here.len && memcmp(there.bytes, here.bytes, here.len) == 0);
}

/* Numbers, hashes and dictionaries never change under a number: this one is in PROTOCOL.md. */
static void dictionary_is_frozen(void)
{
	struct hash hash;
	char hex[HEX_SIZE(32)];

	crypto_sha256(dictionary_1, dictionary_1_len, &hash);
	hex_encode(&hash, sizeof(hash), hex);
	tap_note("dictionary 1: %zu bytes, SHA-256 %s", dictionary_1_len, hex);
	CHECK(strcmp(hex, "768e4ceff98913a5a977eae06773a6e9ae449922e2d955a2c8e89dc6eae9825f") == 0);
}

/* A chain as it travels: genesis, then two changesets that link back; the last has an odd body. */
static size_t golden_chain(uint8_t *out, size_t cap)
{
	static const char *const bodies[] = { "", text, "\x84\x80\x80\x00\x80" };
	static const size_t lens[] = { 0, sizeof(text) - 1, 5 };
	struct genesis g = { .scope = { "13.73" }, .nonce = { 1 }, .name = "Kantor" };
	struct changeset c = { 0 };
	struct hash id = { 0 };
	size_t at = 0, len;
	struct err e;

	crypto_public_key(&secret, &g.key);
	genesis_fill(&g, &c);
	for (size_t i = 0; i < 3; i++) {
		c.prev = id;
		if (!seal_make(&c, (const uint8_t *)bodies[i], lens[i], &secret, out + at, cap - at,
			       &len, &id, &e))
			return 0;
		at += len;
		c.kind = CHANGESET_DATA;
		c.seq++;
		c.exts = 0;
	}
	return at;
}

static json_t *golden_frame(const uint8_t *bytes, size_t len)
{
	uint8_t body[256];
	struct frame f;
	struct err e;

	if (!seal_open(bytes, len, &f, &e) || !seal_unpack(&f, body, sizeof(body), &e))
		return NULL;
	return json_pack("{so so so si so so}", "bytes", golden_hex(bytes, len), "header",
			 golden_hex(f.header, f.header_len), "signature",
			 golden_hex(&f.signature, 64), "codec", f.codec, "body",
			 golden_hex(body, f.changeset.body_len), "id",
			 golden_hex(&f.id, sizeof(f.id)));
}

static json_t *vectors(void)
{
	json_t *frames = json_array();
	uint8_t chain[2048];
	size_t len = golden_chain(chain, sizeof(chain)), frame_len;
	struct public_key key;
	struct err e;

	for (size_t at = 0; at < len; at += frame_len) {
		if (!seal_length(chain + at, len - at, &frame_len, &e) || frame_len == 0)
			return NULL;
		json_array_append_new(frames, golden_frame(chain + at, frame_len));
	}
	crypto_public_key(&secret, &key);
	return json_pack("{so so so so}", "seed", golden_hex(&secret, 32), "public",
			 golden_hex(&key, 32), "dictionary",
			 golden_text(dictionary_1, dictionary_1_len), "frames", frames);
}

static void golden(void)
{
	AUTO_JSON *built = vectors();

	CHECK(built != NULL && golden_matches("seal", built));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(round_trip),
		TAP(incompressible_and_empty_bodies),
		TAP(every_cut_is_refused),
		TAP(every_flipped_bit_is_refused),
		TAP(every_flipped_bit_of_a_plain_frame_is_refused),
		TAP(another_key_is_refused),
		TAP(bodies_that_are_too_long_or_short_or_followed),
		TAP(bomb_stops_at_the_signed_length),
		TAP(limits_of_the_frame),
		TAP(limits_of_the_body),
		TAP(too_little_room),
		TAP(threads),
		TAP(dictionary_is_frozen),
		TAP(golden),
	};

	if (argc > 1 && strcmp(argv[1], "--write") == 0)
		return golden_write("seal", vectors());

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
