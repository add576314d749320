/*
 * http_parser.c - any bytes: never a read beyond them, never an endless loop, and the same events
 * whether they come at once or in pieces whose sizes the input itself chooses.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "net/http_parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void note(struct buf *out, const struct http_event *event, const struct http_parser *parser)
{
	static const char names[] = "mLFHBER";

	if (event->kind == HTTP_BODY) { /* how a body is cut is free */
		buf_put(out, event->value.data, event->value.len);
		return;
	}
	buf_print(out, "\n%c%d%d%d", names[event->kind], parser->keep_alive, parser->chunked,
		  parser->refused_status);
	buf_put(out, event->name.data, event->name.len);
	buf_text(out, "=");
	buf_put(out, event->value.data, event->value.len);
}

/* Offers the bytes in pieces of 1 to `piece` bytes (0: all at once), each from its own heap block.
 */
static void run(const uint8_t *data, size_t len, size_t piece, struct buf *out)
{
	struct http_parser parser;
	struct http_event event = { 0 };
	size_t at = 0, end = 0, steps = 0;

	http_parser_init(&parser, 4096);
	while (end < len && event.kind != HTTP_REFUSED) {
		end = piece == 0 ? len : end + 1 + data[end] % piece;
		end = end < len ? end : len;
		do {
			size_t given = end - at, taken;
			uint8_t *copy = memcpy(malloc(given + 1), data + at, given);

			taken = http_parser_step(&parser, copy, given, &event);
			assert(taken <= given && ++steps <= 4 * len + 8);
			if (event.kind == HTTP_BODY)
				assert(event.value.len == taken || parser.chunked);
			if (event.kind != HTTP_MORE)
				note(out, &event, &parser);
			at += taken;
			free(copy);
		} while (event.kind != HTTP_MORE && event.kind != HTTP_REFUSED);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO_BUF whole = { 0 }, pieces = { 0 }, bytes = { 0 };

	run(data, len, 0, &whole);
	run(data, len, 1, &bytes);
	run(data, len, 16, &pieces);
	assert(whole.len == bytes.len && whole.len == pieces.len);
	assert(whole.len == 0 || memcmp(whole.data, bytes.data, whole.len) == 0);
	assert(whole.len == 0 || memcmp(whole.data, pieces.data, whole.len) == 0);
	return 0;
}
