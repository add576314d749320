/* ident.c - hex, names, scopes: both sides of each limit. */
#include <string.h>

#include "simpul/ident.h"
#include "tap.h"

static void hex_round_trip(void)
{
	uint8_t bytes[3] = { 0x00, 0x9f, 0xff }, back[3];
	char text[HEX_SIZE(3)];

	hex_encode(bytes, sizeof(bytes), text);
	CHECK(strcmp(text, "009fff") == 0);
	CHECK(hex_decode("009FfF", 6, back, 3));
	CHECK(memcmp(bytes, back, 3) == 0);
	CHECK(!hex_decode("009ff", 5, back, 3));
	CHECK(!hex_decode("009ffg", 6, back, 3));
}

/* Whatever byte stands at whatever place: only 0-9, a-f and the dashes where they belong are a UUID. */
static void uuid_each_byte(void)
{
	static const char good[] = "01930000-9abc-7def-8012-3456789abcde";
	uint8_t text[UUID_TEXT_BYTES], bytes[16], back[16];

	memcpy(text, good, sizeof(text));
	CHECK(uuid_parse(text, sizeof(text), bytes));
	CHECK(hex_decode("019300009abc7def80123456789abcde", 32, back, 16));
	CHECK(memcmp(bytes, back, 16) == 0);
	CHECK(!uuid_parse(text, sizeof(text) - 1, bytes));
	for (size_t at = 0; at < sizeof(text); at++) {
		for (int c = 0; c < 256; c++) {
			bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');

			text[at] = (uint8_t)c;
			CHECK(uuid_parse(text, sizeof(text), bytes) == (good[at] == '-' ? c == '-' : digit));
		}
		text[at] = (uint8_t)good[at];
	}
}

static void scope_limits(void)
{
	struct scope scope;
	struct err e;
	char longest[LIMIT_SCOPE_BYTES + 2];

	memset(longest, 'a', sizeof(longest));
	CHECK_OK(scope_parse("13.73", 5, &scope, &e), &e);
	CHECK(strcmp(scope.name, "13.73") == 0);
	CHECK(scope_parse(longest, LIMIT_SCOPE_BYTES, &scope, &e));
	CHECK(!scope_parse(longest, LIMIT_SCOPE_BYTES + 1, &scope, &e));
	CHECK(!scope_parse("", 0, &scope, &e));
	CHECK(!scope_parse("13 73", 5, &scope, &e) && e.code == ERR_USAGE);
	CHECK(!scope_parse("A", 1, &scope, &e));
}

static void utf8_is_strict(void)
{
	static const char *const bad[] = { "\x80", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
					   "\xf4\x90\x80\x80", "\xc3", "\xf5\x80\x80\x80", "a\xff" };
	static const char *const good[] = { "", "kota", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8c\x8f" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!utf8_valid((const uint8_t *)bad[i], strlen(bad[i])));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK(utf8_valid((const uint8_t *)good[i], strlen(good[i])));
}

static void names(void)
{
	char longest[LIMIT_NAME_BYTES + 1];

	memset(longest, 'n', sizeof(longest));
	CHECK(name_valid("Kota Sawahlunto \"x\"", 19));
	CHECK(name_valid(longest, LIMIT_NAME_BYTES));
	CHECK(!name_valid(longest, LIMIT_NAME_BYTES + 1));
	CHECK(!name_valid("", 0));
	CHECK(!name_valid("a\nb", 3));
	CHECK(!name_valid("a\x7f", 2));
	CHECK(!name_valid("a\xc2\x85", 3));
	CHECK(!name_valid("a\0b", 3));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = { TAP(hex_round_trip), TAP(uuid_each_byte), TAP(scope_limits),
						 TAP(utf8_is_strict), TAP(names) };

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
