/* change.c - bodies: random round trips over all value types, limits, and bytes that are not
 * bodies. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cbor.h"
#include "golden.h"
#include "simpul/change.h"
#include "simpul/hlc.h"
#include "tap.h"

static uint64_t state;

static uint32_t dice(uint32_t sides)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % sides;
}

#define TEXT(literal)                                                                              \
	{                                                                                          \
		VALUE_TEXT, sizeof(literal) - 1,                                                   \
		{                                                                                  \
			.bytes = (const uint8_t *)(literal)                                        \
		}                                                                                  \
	}
#define UUID "0190f5fe-7c00-7a00-8000-00000000abcd"

static const struct value samples[] = {
	{ .type = VALUE_NULL },
	{ VALUE_INT, 0, { .integer = 0 } },
	{ VALUE_INT, 0, { .integer = 23 } },
	{ VALUE_INT, 0, { .integer = 24 } },
	{ VALUE_INT, 0, { .integer = 255 } },
	{ VALUE_INT, 0, { .integer = 256 } },
	{ VALUE_INT, 0, { .integer = 65536 } },
	{ VALUE_INT, 0, { .integer = INT64_C(1) << 32 } },
	{ VALUE_INT, 0, { .integer = -1 } },
	{ VALUE_INT, 0, { .integer = -25 } },
	{ VALUE_INT, 0, { .integer = INT64_MAX } },
	{ VALUE_INT, 0, { .integer = INT64_MIN } },
	{ VALUE_REAL, 0, { .real = 0.0 } },
	{ VALUE_REAL, 0, { .real = -0.0 } },
	{ VALUE_REAL, 0, { .real = 1.0 / 3 } },
	{ VALUE_REAL, 0, { .real = INFINITY } },
	{ VALUE_REAL, 0, { .real = -INFINITY } },
	TEXT(""),
	TEXT("Jembatan gantung"),
	TEXT("na\xc3\xafve \xf0\x9f\x8c\x8f"),
	TEXT("not \xff utf-8"),
	TEXT("\xed\xa0\x80"),
	TEXT("sixteen bytes\xff\xff\xff"),
	TEXT("with\0inside"),
	TEXT(UUID),
	TEXT("0190F5FE-7C00-7A00-8000-00000000ABCD"),
	TEXT("0190f5fe-7c00-7a00-8000-00000000abc"),
	TEXT("0190f5fe-7c00-7a00-8000+00000000abcd"),
	{ VALUE_BLOB, 0, { .bytes = (const uint8_t *)"" } },
	{ VALUE_BLOB, 3, { .bytes = (const uint8_t *)"\0\x01\xff" } },
};

#define SAMPLES (sizeof(samples) / sizeof(samples[0]))
#define CHANGES 60

struct batch {
	struct change change[CHANGES];
	struct value value[CHANGES][LIMIT_COLUMNS];
	uint8_t column[CHANGES][LIMIT_COLUMNS];
	char uuid[CHANGES][CBOR_UUID_TEXT];
	struct context_pair context[5];
	struct schema_text actor[3];
	struct change_body body;
	size_t n;
	uint8_t bytes[1 << 18];
	size_t len;
};

static struct batch batch; /* large, so not on the stack */

static void random_key(struct batch *b, size_t i, bool uuids)
{
	struct change *c = &b->change[i];
	uint8_t bytes[16];

	for (size_t k = 0; k < c->keys; k++)
		do
			c->key[k] = samples[dice(SAMPLES)];
		while (c->key[k].type == VALUE_NULL);
	if (!uuids)
		return;
	for (size_t k = 0; k < sizeof(bytes); k++)
		bytes[k] = (uint8_t)dice(256);
	cbor_uuid_print(bytes, b->uuid[i]);
	c->key[0] = (struct value){ VALUE_TEXT,
				    CBOR_UUID_TEXT,
				    { .bytes = (const uint8_t *)b->uuid[i] } };
}

static void random_change(struct batch *b, size_t i, bool uuids)
{
	struct change *c = &b->change[i];
	uint32_t density = dice(4);

	*c = (struct change){ .table = (uint16_t)dice(3),
			      .op = (enum change_op)dice(3),
			      .hlc = hlc_make(UINT64_C(1750000000000) + dice(1u << (dice(4) * 8)),
					      (uint16_t)(dice(2) == 0 ? 0 : dice(65536))),
			      .seen_own = dice(4) == 0 ? dice(3) : CHANGE_SEEN_ALL,
			      .actor = (uint16_t)dice((uint32_t)b->body.actors + 1),
			      .keys = (uint16_t)(1 + dice(LIMIT_KEY_COLUMNS)),
			      .column = b->column[i],
			      .value = b->value[i] };
	random_key(b, i, uuids);
	if (c->op == CHANGE_DELETE)
		return;
	for (size_t k = 0; k < (density == 3 ? LIMIT_COLUMNS : 20); k++) {
		if (dice(4) < density) {
			b->column[i][c->columns] = (uint8_t)k;
			b->value[i][c->columns++] = samples[dice(SAMPLES)];
		}
	}
}

static int compare(const void *a, const void *b)
{
	return change_group_compare(a, b);
}

static void random_batch(struct batch *b, uint64_t seed)
{
	static const char *const names[] = { "Siti Rahmawati", "Joko", "\xc3\x89lan" };

	state = seed;
	b->body = (struct change_body){ b->context, dice(6), b->actor, dice(4) };
	memset(b->context, 0, sizeof(b->context));
	for (size_t i = 0; i < 5; i++) {
		b->context[i].chain.bytes[0] = (uint8_t)(1 + i);
		b->context[i].seq = 1 + dice(100000);
	}
	for (size_t i = 0; i < 3; i++)
		b->actor[i] = (struct schema_text){ names[i], (uint32_t)strlen(names[i]) };
	b->n = dice(CHANGES + 1);
	for (size_t i = 0; i < b->n; i++)
		random_change(b, i, seed % 2 == 0);
	qsort(b->change, b->n, sizeof(b->change[0]), compare);
}

static bool same_change(const struct change *a, const struct change *b)
{
	if (a->table != b->table || a->op != b->op || a->hlc != b->hlc ||
	    a->seen_own != b->seen_own || a->actor != b->actor || a->keys != b->keys ||
	    a->columns != b->columns)
		return false;
	for (size_t i = 0; i < a->keys; i++)
		if (!value_equal(&a->key[i], &b->key[i]))
			return false;
	for (size_t i = 0; i < a->columns; i++)
		if (a->column[i] != b->column[i] || !value_equal(&a->value[i], &b->value[i]))
			return false;
	return true;
}

static void random_round_trips(void)
{
	struct change_reader r;
	struct context_pair pair;
	struct schema_text name;
	struct change c;
	uint32_t n;
	struct err e;

	for (uint64_t seed = 1; seed <= 400; seed++) {
		random_batch(&batch, seed);
		CHECK_OK(change_encode(&batch.body, batch.change, batch.n, batch.bytes,
				       sizeof(batch.bytes), &batch.len, &e),
			 &e);
		CHECK_OK(change_check(batch.bytes, batch.len, &n, &e), &e);
		CHECK(n == batch.n);
		CHECK(change_reader_open(&r, batch.bytes, batch.len, &e));
		for (size_t i = 0; i < batch.body.pairs; i++) {
			CHECK(change_reader_pair(&r, &pair) && pair.seq == batch.context[i].seq);
			CHECK(chain_compare(&pair.chain, &batch.context[i].chain) == 0);
		}
		CHECK(!change_reader_pair(&r, &pair));
		for (size_t i = 0; i < batch.body.actors; i++) {
			CHECK(change_reader_actor(&r, &name) && name.len == batch.actor[i].len);
			CHECK(memcmp(name.text, batch.actor[i].text, name.len) == 0);
		}
		CHECK(!change_reader_actor(&r, &name));
		for (size_t i = 0; i < batch.n; i++)
			CHECK(change_reader_next(&r, &c) && same_change(&c, &batch.change[i]));
		CHECK(!change_reader_next(&r, &c) && !change_reader_next(&r, &c));
		CHECK_OK(change_reader_done(&r, &e), &e);
	}
}

static void every_cut_is_refused(void)
{
	uint32_t n;
	struct err e;

	for (uint64_t seed = 1; seed <= 6; seed++) {
		random_batch(&batch, seed);
		CHECK(change_encode(&batch.body, batch.change, batch.n < 9 ? batch.n : 9,
				    batch.bytes, sizeof(batch.bytes), &batch.len, &e));
		for (size_t cut = 0; cut < batch.len; cut++) {
			/* A copy of exactly that size, so that the sanitizer sees a read past it.
			 */
			uint8_t *copy = malloc(cut + 1);
			bool ok;

			memcpy(copy, batch.bytes, cut);
			ok = change_check(copy, cut, &n, &e);
			free(copy);
			CHECK(!ok && e.code == ERR_MALFORMED);
		}
		batch.bytes[batch.len] = 0;
		CHECK(!change_check(batch.bytes, batch.len + 1, &n, &e));
	}
}

/* No byte can be changed into one that crashes the reader; a reader stays ended once it failed. */
static void any_changed_byte_is_read_or_refused(void)
{
	AUTO_MEMORY uint8_t *exact = NULL; /* of the body's size: the sanitizer sees a read past it */
	struct change_reader r;
	struct change c;
	uint32_t n;
	struct err e;
	size_t refused = 0;

	random_batch(&batch, 12);
	CHECK(change_encode(&batch.body, batch.change, 8, batch.bytes, sizeof(batch.bytes),
			    &batch.len, &e));
	exact = memory_new(batch.len);
	memcpy(exact, batch.bytes, batch.len);
	for (size_t i = 0; i < batch.len; i++) {
		for (int v = 0; v < 256; v++) {
			uint8_t was = exact[i];

			exact[i] = (uint8_t)v;
			if (!change_check(exact, batch.len, &n, &e)) {
				refused++;
				if (change_reader_open(&r, exact, batch.len, &e))
					while (change_reader_next(&r, &c))
						;
				CHECK(!change_reader_done(&r, &e) || !change_reader_next(&r, &c));
			}
			exact[i] = was;
		}
	}
	CHECK(refused > 0);
}

static struct change one_change(struct value *value)
{
	static const uint8_t column[LIMIT_COLUMNS] = { 3 };

	*value = samples[2];
	return (struct change){ .table = 1,
				.op = CHANGE_UPDATE,
				.hlc = 1,
				.seen_own = CHANGE_SEEN_ALL,
				.keys = 1,
				.columns = 1,
				.key = { samples[1] },
				.column = column,
				.value = value };
}

static enum err_code encode_one(const struct change *c)
{
	static uint8_t out[LIMIT_TEXT_BYTES + 64];
	const struct change_body body = { 0 };
	uint32_t n;
	size_t len;
	struct err e = { 0 };

	if (!change_encode(&body, c, 1, out, sizeof(out), &len, &e))
		return e.code;
	return change_check(out, len, &n, &e) && n == 1 ? ERR_OK : ERR_INTERNAL;
}

static void limits_of_a_change(void)
{
	static uint8_t big[LIMIT_TEXT_BYTES + 1];
	struct value value;
	struct change c = one_change(&value), good = c;

	CHECK(encode_one(&c) == ERR_OK);
	c.table = LIMIT_TABLES - 1;
	CHECK(encode_one(&c) == ERR_OK);
	c.table = LIMIT_TABLES;
	CHECK(encode_one(&c) == ERR_USAGE);
	c = good;
	c.hlc = HLC_MAX;
	CHECK(encode_one(&c) == ERR_OK);
	c.hlc = HLC_MAX + 1;
	CHECK(encode_one(&c) == ERR_USAGE);
	c = good;
	c.actor = 1;
	CHECK(encode_one(&c) == ERR_USAGE);
	c = good;
	c.seen_own = INT64_MAX;
	CHECK(encode_one(&c) == ERR_OK);
	c.seen_own++;
	CHECK(encode_one(&c) == ERR_USAGE);
	c = good;
	c.op = CHANGE_DELETE;
	CHECK(encode_one(&c) == ERR_USAGE);
	c.columns = 0;
	CHECK(encode_one(&c) == ERR_OK);
	c.keys = 0;
	CHECK(encode_one(&c) == ERR_USAGE);
	c.keys = LIMIT_KEY_COLUMNS + 1;
	CHECK(encode_one(&c) == ERR_USAGE);
	c = good;
	c.key[0] = samples[0];
	CHECK(encode_one(&c) == ERR_NULL_KEY);
	c = good;
	memset(big, 'x', sizeof(big));
	value = (struct value){ VALUE_TEXT, LIMIT_TEXT_BYTES, { .bytes = big } };
	CHECK(encode_one(&c) == ERR_OK);
	value.len++;
	CHECK(encode_one(&c) == ERR_TOO_LARGE);
	value = (struct value){ VALUE_REAL, 0, { .real = NAN } };
	CHECK(encode_one(&c) == ERR_USAGE);
	value = samples[1];
	c.key[0] = (struct value){ VALUE_BLOB, LIMIT_TEXT_BYTES + 1, { .bytes = big } };
	CHECK(encode_one(&c) == ERR_TOO_LARGE);
	c = good;
	c.columns = 2;
	c.column = (const uint8_t[]){ 3, 3 };
	c.value = (struct value[]){ samples[1], samples[1] };
	CHECK(encode_one(&c) == ERR_USAGE);
}

static void all_columns(void)
{
	static struct value values[LIMIT_COLUMNS];
	static uint8_t columns[LIMIT_COLUMNS];
	struct value value;
	struct change c = one_change(&value);

	for (size_t i = 0; i < LIMIT_COLUMNS; i++) {
		columns[i] = (uint8_t)i;
		values[i] = samples[i % SAMPLES];
	}
	c.columns = LIMIT_COLUMNS;
	c.column = columns;
	c.value = values;
	CHECK(encode_one(&c) == ERR_OK);
	c.columns++;
	CHECK(encode_one(&c) == ERR_USAGE);
}

static void limits_of_a_body(void)
{
	static struct change changes[LIMIT_CHANGES + 1];
	static struct context_pair pairs[LIMIT_CONTEXT_PAIRS + 1];
	static struct schema_text actors[LIMIT_ACTORS + 1];
	static uint8_t out[1 << 20];
	struct change_body body = { .context = pairs, .actor = actors };
	struct value value;
	uint32_t n;
	size_t len;
	struct err e;

	for (size_t i = 0; i <= LIMIT_CHANGES; i++) {
		changes[i] = one_change(&value);
		changes[i].key[0].integer = (int64_t)i;
	}
	for (size_t i = 0; i <= LIMIT_CONTEXT_PAIRS; i++) {
		pairs[i].chain.bytes[0] = (uint8_t)(1 + i / 256);
		pairs[i].chain.bytes[1] = (uint8_t)(i % 256);
		pairs[i].seq = 1;
	}
	for (size_t i = 0; i <= LIMIT_ACTORS; i++)
		actors[i] = (struct schema_text){ "Ana", 3 };
	body.pairs = LIMIT_CONTEXT_PAIRS;
	body.actors = LIMIT_ACTORS;
	changes[5].actor = LIMIT_ACTORS;
	CHECK_OK(change_encode(&body, changes, LIMIT_CHANGES, out, sizeof(out), &len, &e), &e);
	CHECK_OK(change_check(out, len, &n, &e), &e);
	CHECK(n == LIMIT_CHANGES);
	CHECK(!change_encode(&body, changes, LIMIT_CHANGES, out, len - 1, &len, &e));
	CHECK(e.code == ERR_TOO_LARGE);
	CHECK(!change_encode(&body, changes, LIMIT_CHANGES + 1, out, sizeof(out), &len, &e));
	CHECK(e.code == ERR_TOO_LARGE);
	body.pairs++;
	CHECK(!change_encode(&body, changes, 1, out, sizeof(out), &len, &e) &&
	      e.code == ERR_TOO_LARGE);
	body.pairs = 2;
	body.actors++;
	CHECK(!change_encode(&body, changes, 1, out, sizeof(out), &len, &e) &&
	      e.code == ERR_TOO_LARGE);
	body.actors = 1;
	actors[0].len = 0;
	CHECK(!change_encode(&body, changes, 1, out, sizeof(out), &len, &e) && e.code == ERR_USAGE);
	CHECK(!change_check(out, LIMIT_BODY_BYTES + 1, &n, &e) && e.code == ERR_TOO_LARGE);
	body.actors = 0;
	changes[0].key[0] = (struct value){ VALUE_REAL, 0, { .real = NAN } };
	CHECK(!change_encode(&body, changes, 1, out, sizeof(out), &len, &e) && e.code == ERR_USAGE);
	changes[0].key[0] = samples[1];
	pairs[1].chain = pairs[0].chain;
	CHECK(!change_encode(&body, changes, 1, out, sizeof(out), &len, &e) && e.code == ERR_USAGE);
}

/* Bodies by hand, each wrong in one place. */
#define GROUP	    "\x8b\x01\x01\xf6\x01\x41\x03\x40\x40\x40\x40"
#define BODY(group) "\x84\x80\x80\x00\x81" group
#define CASE(ok, body)                                                                             \
	{                                                                                          \
		ok, sizeof(body) - 1, body                                                         \
	}
static const struct {
	bool ok;
	size_t len;
	const char *bytes;
} by_hand[] = {
	CASE(true, "\x84\x80\x80\x00\x80"),
	CASE(true, BODY(GROUP "\x81\x05"
			      "\x81\x07")),
	CASE(true, BODY(GROUP "\x81\x05"
			      "\x81\xf6")),
	CASE(false, BODY(GROUP "\x81\xf6"
			       "\x81\x07")), /* NULL key */
	CASE(false, BODY(GROUP "\x82\x05\x05"
			       "\x81\x07")), /* two keys, one row */
	CASE(false, BODY(GROUP "\x81\x05"
			       "\x80")), /* no value */
	CASE(false, BODY(GROUP "\x81\x05"
			       "\x81\x18\x07")), /* 7 in a longer form */
	CASE(false, BODY(GROUP "\x81\x05"
			       "\x81\xf5")), /* true */
	CASE(false, BODY(GROUP "\x81\x05"
			       "\x81\xa0")), /* a map */
	CASE(false, BODY(GROUP "\x81\x05"
			       "\x81\xc0\x07")), /* a tag */
	CASE(false, BODY(GROUP "\x81\x05"
			       "\x9f\x07\xff")), /* indefinite */
	CASE(false, BODY(GROUP "\x81\x05"
			       "\x81\xfa\0\0\0\0")), /* float32 */
	CASE(true, BODY(GROUP "\x81\x05"
			      "\x81\xfb\0\0\0\0\0\0\0\0")),
	CASE(false, BODY(GROUP "\x81\x05"
			       "\x81\xfb\x7f\xf8\0\0\0\0\0\0")), /* NaN */
	CASE(false, BODY(GROUP "\x81\x05"
			       "\x81\x1b\x80\0\0\0\0\0\0\0")), /* 2^63 */
	CASE(false, BODY(GROUP "\x81\x05"
			       "\x81\x61\xff")), /* text not UTF-8 */
	CASE(true, BODY(GROUP "\x81\x05"
			      "\x81\x82\xf6\x41\xff")),
	CASE(false, BODY(GROUP "\x81\x05"
			       "\x81\x82\xf6\x41\x41")), /* UTF-8 in its stead */
	CASE(false, BODY(GROUP "\x81\x05"
			       "\x81\x81\x41\x41")), /* UUID of 1 byte */
	CASE(false, BODY(GROUP "\x81\x05"
			       "\x81\x80")),
	CASE(false, BODY(GROUP "\x81\x05"
			       "\x81\x07\x00")), /* trailing */
	CASE(false, "\x84\x80\x80\x00\x82" GROUP "\x81\x05"
		    "\x81\x07"),
	CASE(false, "\x84\x81\x50\x80\x00\x80"), /* a chain without number */
	CASE(false, BODY("\x8b\x01\x01\xf6\x00\x41\x03\x40\x40\x40\x40\x80\x80")), /* no rows */
	CASE(false, BODY("\x8a\x01\x01\xf6\x01\x41\x03\x40\x40\x40\x40\x81\x05")), /* no key */
	CASE(false, BODY("\x8b\x01\x02\xf6\x01\x41\x03\x40\x40\x40\x40\x81\x05\x81\x07")),
	CASE(true, BODY("\x8b\x01\x01\xf6\x01\x41\x03\x41\x01\x40\x40\x40\x81\x05\x81\x07")),
	CASE(false, BODY("\x8b\x01\x01\xf6\x01\x41\x03\x41\x03\x40\x40\x40\x81\x05\x81\x07")),
	CASE(false, BODY("\x8b\x01\x01\xf6\x01\x41\x03\x41\x00\x40\x40\x40\x81\x05\x81\x07")),
	CASE(false, BODY("\x8b\x01\x01\xf6\x01\x41\x03\x42\x01\x01\x40\x40\x40\x81\x05\x81\x07")),
	CASE(true, BODY("\x8b\x01\x01\xf6\x01\x41\x03\x40\x41\x01\x41\x09\x40\x81\x05\x81\x07")),
	CASE(false, BODY("\x8b\x01\x01\xf6\x01\x41\x03\x40\x42\x00\x01\x40\x40\x81\x05\x81\x07")),
	CASE(false, BODY("\x8b\x01\x01\xf6\x01\x41\x03\x40\x40\x40\x41\x01\x81\x05\x81\x07")),
	CASE(false, BODY("\x8c\x01\x01\xf6\x01\x42\x03\x03\x40\x40\x40\x40\x81\x05\x81\x07"
			 "\x81\x07")),
	CASE(false, "\x84\x80\x80\x1b\x00\x00\x7f\xff\xff\xff\xff\xff\x81"
		    "\x8b\x01\x01\xf6\x01\x41\x03\x40\x41\x01\x40\x40\x81\x05\x81\x07"),
	CASE(true, "\x84\x80\x80\x1b\x00\x00\x7f\xff\xff\xff\xff\xfe\x81"
		   "\x8b\x01\x01\xf6\x01\x41\x03\x40\x41\x01\x40\x40\x81\x05\x81\x07"),
	/* planes of 2 bytes for 17 rows, at the very end */
	CASE(false, "\x84\x80\x80\x00\x81\x8c\x00\x00\xf6\x11\x40\x40\x42\x00\x00"),
	CASE(false, "\x84\x80\x81\x61\x0a\x00\x80"), /* a name with a line end */
	CASE(true, "\x84\x80\x81\x61"
		   "a\x00\x80"),
};

static void hand_made_bodies(void)
{
	uint32_t n;
	struct err e;

	for (size_t i = 0; i < sizeof(by_hand) / sizeof(by_hand[0]); i++) {
		AUTO_MEMORY uint8_t *exact = memory_new(by_hand[i].len);
		bool ok;

		memcpy(exact, by_hand[i].bytes, by_hand[i].len);
		ok = change_check(exact, by_hand[i].len, &n, &e);

		if (ok != by_hand[i].ok)
			tap_note("case %zu", i);
		CHECK(ok == by_hand[i].ok);
	}
}

static json_t *golden_change(const struct change *c)
{
	json_t *keys = json_array(), *columns = json_array(), *seen = json_null();

	for (size_t i = 0; i < c->keys; i++)
		json_array_append_new(keys, golden_value(&c->key[i]));
	for (size_t i = 0; i < c->columns; i++)
		json_array_append_new(columns,
				      json_pack("[io]", c->column[i], golden_value(&c->value[i])));
	if (c->seen_own != CHANGE_SEEN_ALL)
		seen = json_integer((json_int_t)c->seen_own);
	return json_pack("{si si sI so si so so}", "table", c->table, "op", (int)c->op, "hlc",
			 (json_int_t)c->hlc, "seen_own", seen, "actor", c->actor, "key", keys,
			 "columns", columns);
}

static json_t *golden_body(const struct batch *b, size_t n)
{
	json_t *context = json_array(), *actors = json_array(), *changes = json_array();

	for (size_t i = 0; i < b->body.pairs; i++)
		json_array_append_new(context,
				      json_pack("[oI]", golden_hex(&b->context[i].chain, 16),
						(json_int_t)b->context[i].seq));
	for (size_t i = 0; i < b->body.actors; i++)
		json_array_append_new(actors, golden_text(b->actor[i].text, b->actor[i].len));
	for (size_t i = 0; i < n; i++)
		json_array_append_new(changes, golden_change(&b->change[i]));
	return json_pack("{so so so so}", "context", context, "actors", actors, "changes", changes,
			 "bytes", golden_hex(b->bytes, b->len));
}

static json_t *vectors(void)
{
	json_t *bodies = json_array();
	struct err e;

	for (uint64_t seed = 1; seed <= 40; seed++) {
		size_t n;

		random_batch(&batch, seed);
		n = batch.n < 2 + seed % 7 ? batch.n : 2 + seed % 7;
		if (!change_encode(&batch.body, batch.change, n, batch.bytes, sizeof(batch.bytes),
				   &batch.len, &e))
			return NULL;
		if (batch.len <= 600)
			json_array_append_new(bodies, golden_body(&batch, n));
	}
	return json_pack("{so}", "bodies", bodies);
}

static void golden(void)
{
	AUTO_JSON *built = vectors();

	CHECK(built != NULL && golden_matches("change", built));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(random_round_trips),
		TAP(every_cut_is_refused),
		TAP(any_changed_byte_is_read_or_refused),
		TAP(limits_of_a_change),
		TAP(all_columns),
		TAP(limits_of_a_body),
		TAP(hand_made_bodies),
		TAP(golden),
	};

	if (argc > 1 && strcmp(argv[1], "--write") == 0)
		return golden_write("change", vectors());

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
