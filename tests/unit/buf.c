/* buf.c - the growing buffer: empty, small steps, large steps, text. */
#include <string.h>

#include "base/buf.h"
#include "tap.h"

static void empty_is_ready(void)
{
	AUTO_BUF buf = { 0 };

	buf_put(&buf, NULL, 0);
	CHECK(buf.len == 0 && buf.data == NULL);
	CHECK(strcmp(buf_string(&buf), "") == 0);
	CHECK(buf.len == 0);
}

static void grows_and_keeps(void)
{
	AUTO_BUF buf = { 0 };

	for (unsigned i = 0; i < 100000; i++) {
		uint8_t byte = (uint8_t)(i * 7);

		buf_put(&buf, &byte, 1);
	}
	CHECK(buf.len == 100000);
	for (unsigned i = 0; i < 100000; i++)
		CHECK(buf.data[i] == (uint8_t)(i * 7));
}

static void reserve_gives_that_much(void)
{
	static const size_t more[] = { 0, 1, 255, 256, 257, 511, 4096, 1000003 };

	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		AUTO_BUF buf = { 0 };
		uint8_t *room;

		buf_text(&buf, "before");
		room = buf_reserve(&buf, more[i]);
		CHECK(room == buf.data + 6);
		CHECK(buf.cap - buf.len >= more[i]);
		memset(room, 0xaa, more[i]);
		CHECK(buf.len == 6 && memcmp(buf.data, "before", 6) == 0);
	}
}

static void print_and_string(void)
{
	AUTO_BUF buf = { 0 };
	char wide[3000];

	memset(wide, 'w', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	buf_print(&buf, "%d-%s", -5, "x");
	buf_print(&buf, "%s", "");
	buf_print(&buf, "%s", wide);
	CHECK(buf.len == 4 + sizeof(wide) - 1);
	CHECK(strncmp(buf_string(&buf), "-5-xww", 6) == 0);
	CHECK(strlen(buf_string(&buf)) == buf.len);
	buf_reset(&buf);
	CHECK(buf.len == 0 && buf.cap > 0);
	CHECK(strcmp(buf_string(&buf), "") == 0);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = { TAP(empty_is_ready), TAP(grows_and_keeps),
						 TAP(reserve_gives_that_much), TAP(print_and_string) };

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
