/* cbor.c - the strict subset: shortest forms and nothing else, at each boundary of each form. */
#include <math.h>
#include <string.h>

#include "cbor.h"
#include "tap.h"

struct sample {
	uint64_t n;
	size_t len;
	const char *bytes;
};

/* RFC 8949 appendix A. */
static const struct sample uints[] = {
	{ 0, 1, "\x00" },
	{ 23, 1, "\x17" },
	{ 24, 2, "\x18\x18" },
	{ 255, 2, "\x18\xff" },
	{ 256, 3, "\x19\x01\x00" },
	{ 65535, 3, "\x19\xff\xff" },
	{ 65536, 5, "\x1a\x00\x01\x00\x00" },
	{ UINT32_MAX, 5, "\x1a\xff\xff\xff\xff" },
	{ UINT64_C(1) << 32, 9, "\x1b\x00\x00\x00\x01\x00\x00\x00\x00" },
	{ UINT64_MAX, 9, "\x1b\xff\xff\xff\xff\xff\xff\xff\xff" },
};

#define UINTS (sizeof(uints) / sizeof(uints[0]))

static struct reader reader_on(const char *bytes, size_t len)
{
	return (struct reader){ .p = (const uint8_t *)bytes, .end = (const uint8_t *)bytes + len };
}

static void integers_in_the_shortest_form(void)
{
	uint8_t out[16];

	for (size_t i = 0; i < UINTS; i++) {
		struct writer w = { .p = out, .cap = sizeof(out) };
		struct reader r = reader_on(uints[i].bytes, uints[i].len);

		cbor_put_uint(&w, uints[i].n);
		CHECK(w.len == uints[i].len && memcmp(out, uints[i].bytes, w.len) == 0);
		CHECK(cbor_uint(&r, UINT64_MAX) == uints[i].n && !r.failed && reader_left(&r) == 0);
		for (size_t cut = 0; cut < uints[i].len; cut++) {
			r = reader_on(uints[i].bytes, cut);
			CHECK(cbor_uint(&r, UINT64_MAX) == 0 && r.failed);
		}
		if (uints[i].n == 0)
			continue;
		r = reader_on(uints[i].bytes, uints[i].len);
		CHECK(cbor_uint(&r, uints[i].n - 1) == 0 && r.failed);
	}
}

static void longer_forms_are_refused(void)
{
	static const struct sample longer[] = {
		{ 0, 2, "\x18\x17" },
		{ 0, 3, "\x19\x00\xff" },
		{ 0, 5, "\x1a\x00\x00\xff\xff" },
		{ 0, 9, "\x1b\x00\x00\x00\x00\xff\xff\xff\xff" },
		{ 0, 1, "\x1c" },
		{ 0, 1, "\x1f" },
	};

	for (size_t i = 0; i < sizeof(longer) / sizeof(longer[0]); i++) {
		struct reader r = reader_on(longer[i].bytes, longer[i].len);
		struct value v;
		char uuid[CBOR_UUID_TEXT];

		CHECK(cbor_uint(&r, UINT64_MAX) == 0 && r.failed);
		r = reader_on(longer[i].bytes, longer[i].len);
		CHECK(!cbor_value(&r, 100, uuid, &v) && r.failed);
		r = reader_on(longer[i].bytes, longer[i].len);
		cbor_value_skip(&r);
		CHECK(r.failed);
	}
}

struct form {
	bool ok;
	size_t len;
	const char *bytes;
};

#define FORM(ok, literal)                                                                          \
	{                                                                                          \
		ok, sizeof(literal) - 1, literal                                                   \
	}

static const struct form by_hand[] = {
	FORM(true, "\xf6"),
	FORM(true, "\x20"),
	FORM(true, "\x3b\x7f\xff\xff\xff\xff\xff\xff\xff"),
	FORM(false, "\x3b\x80\x00\x00\x00\x00\x00\x00\x00"),
	FORM(true, "\x1b\x7f\xff\xff\xff\xff\xff\xff\xff"),
	FORM(false, "\x1b\x80\x00\x00\x00\x00\x00\x00\x00"),
	FORM(true, "\x40"),
	FORM(true, "\x42\x00\xff"),
	FORM(false, "\x42\x00"),
	FORM(true, "\x62\xc3\xa9"),
	FORM(false, "\x61\xc3"),
	FORM(false, "\x62\xc3"),
	FORM(true, "\x65"
		   "12345"),
	FORM(false, "\x66"
		    "123456"), /* over the caller's limit of 5 */
	FORM(false, "\x46"
		    "123456"),
	FORM(true, "\x82\xf6\x45\xff"
		   "2345"),
	FORM(false, "\x82\xf6\x46\xff"
		    "23456"),
	FORM(false, "\x82\xf6\x41"
		    "a"),
	FORM(false, "\x82\x41\xff\xf6"),
	FORM(false, "\x82\xf6\xf6"),
	FORM(true, "\x81\x50"
		   "0123456789abcdef"),
	FORM(false, "\x81\x4f"
		    "0123456789abcde"),
	FORM(false, "\x81\x51"
		    "0123456789abcdefg"),
	FORM(false, "\x81\xf6"),
	FORM(false, "\x80"),
	FORM(false, "\x83\xf6\xf6\xf6"),
	FORM(false, "\xa0"),
	FORM(false, "\xc0\x00"),
	FORM(false, "\xf4"),
	FORM(false, "\xf7"),
	FORM(false, "\xf9\x00\x00"),
	FORM(false, "\xff"),
	FORM(false, "\x5f\xff"),
	FORM(true, "\xfb\x7f\xf0\x00\x00\x00\x00\x00\x00"),
	FORM(false, "\xfb\x7f\xf0\x00\x00\x00\x00\x00\x01"),
	FORM(false, "\xfb\xff\xf8\x00\x00\x00\x00\x00\x00"),
	FORM(false, "\xfb\x00\x00\x00\x00\x00\x00\x00"),
	FORM(false, ""),
};

static void values_by_hand(void)
{
	for (size_t i = 0; i < sizeof(by_hand) / sizeof(by_hand[0]); i++) {
		struct reader r = reader_on(by_hand[i].bytes, by_hand[i].len), skip = r;
		struct writer w;
		uint8_t out[64];
		char uuid[CBOR_UUID_TEXT];
		struct value v;
		bool ok = cbor_value(&r, 5, uuid, &v);

		if (ok != by_hand[i].ok)
			tap_note("form %zu", i);
		CHECK(ok == by_hand[i].ok && r.failed == !ok);
		cbor_value_skip(&skip);
		if (!ok)
			continue;
		CHECK(!skip.failed && skip.p == r.p && reader_left(&r) == 0);
		w = (struct writer){ .p = out, .cap = sizeof(out) };
		cbor_put_value(&w, &v);
		CHECK(!w.failed && w.len == by_hand[i].len &&
		      memcmp(out, by_hand[i].bytes, w.len) == 0);
	}
}

static void skipping_stops_at_the_end(void)
{
	static const struct form forms[] = {
		FORM(false, "\x45"
			    "1234"),
		FORM(false, "\x5b\xff\xff\xff\xff\xff\xff\xff\xff"),
		FORM(false, "\x82\xf6\x42\xff"),
		FORM(false, "\x81\x50"
			    "012"),
		FORM(false, "\xa0"),
		FORM(false, "\xfb\x00"),
		FORM(false, "\x82\x00\x00"),
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct reader r = reader_on(forms[i].bytes, forms[i].len);

		cbor_value_skip(&r);
		CHECK(r.failed && r.p <= r.end);
		cbor_value_skip(&r);
		CHECK(r.failed && !cbor_is_null(&r));
	}
}

static void strings_of_fixed_size(void)
{
	struct reader r = reader_on("\x42\x01\x02\x41\x01", 5);
	uint8_t out[2] = { 9, 9 };
	size_t len;

	cbor_fixed(&r, out, 2);
	CHECK(!r.failed && out[0] == 1 && out[1] == 2);
	cbor_fixed(&r, out, 2);
	CHECK(r.failed && out[0] == 1);
	CHECK(cbor_bytes(&r, 100, &len) == NULL && len == 0);
	r = reader_on("\x61\xff", 2);
	CHECK(cbor_text(&r, 100, &len) == NULL && len == 0 && r.failed);
	r = reader_on("\x83", 1);
	CHECK(cbor_array(&r, 3) == 3 && !r.failed);
	r = reader_on("\x83", 1);
	CHECK(cbor_array(&r, 2) == 0 && r.failed);
}

static void no_room_to_write(void)
{
	uint8_t out[8];

	for (size_t cap = 0; cap < sizeof(out); cap++) {
		struct writer w = { .p = out, .cap = cap };

		CHECK((cbor_put_space(&w, 4) != NULL) == (cap >= 5));
		CHECK(w.failed == (cap < 5));
		w = (struct writer){ .p = out, .cap = cap };
		cbor_put_text(&w, "abcdef", 6);
		CHECK(w.failed == (cap < 7) && w.len <= cap);
	}
}

static void uuids(void)
{
	static const char good[] = "0190f5fe-7c00-7a00-8fff-00000000abcd";
	struct value v = { VALUE_TEXT, 36, { .bytes = (const uint8_t *)good } };
	uint8_t bytes[16];
	char text[CBOR_UUID_TEXT], bad[CBOR_UUID_TEXT];

	CHECK(cbor_uuid_pack(&v, bytes) && bytes[0] == 0x01 && bytes[8] == 0x8f &&
	      bytes[15] == 0xcd);
	cbor_uuid_print(bytes, text);
	CHECK(memcmp(text, good, sizeof(text)) == 0);
	v.bytes = (const uint8_t *)bad;
	for (size_t i = 0; i < sizeof(bad); i++) {
		static const char wrong[] = { 'A', 'g', '-', '0', ' ', '\0', '\xff' };

		for (size_t k = 0; k < sizeof(wrong); k++) {
			memcpy(bad, good, sizeof(bad));
			bad[i] = wrong[k];
			if (!cbor_uuid_pack(&v, bytes)) /* what is packed comes back as it was */
				continue;
			cbor_uuid_print(bytes, text);
			CHECK(memcmp(text, bad, sizeof(text)) == 0);
		}
	}
	v.bytes = (const uint8_t *)good;
	v.len = 35;
	CHECK(!cbor_uuid_pack(&v, bytes));
	v = (struct value){ VALUE_BLOB, 36, { .bytes = (const uint8_t *)good } };
	CHECK(!cbor_uuid_pack(&v, bytes));
}

static void nan_is_not_written(void)
{
	uint8_t out[16];
	struct writer w = { .p = out, .cap = sizeof(out) };
	struct value v = { VALUE_REAL, 0, { .real = NAN } };

	cbor_put_value(&w, &v);
	CHECK(w.failed);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(integers_in_the_shortest_form),
		TAP(longer_forms_are_refused),
		TAP(values_by_hand),
		TAP(skipping_stops_at_the_end),
		TAP(strings_of_fixed_size),
		TAP(no_room_to_write),
		TAP(uuids),
		TAP(nan_is_not_written),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
