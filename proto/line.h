/*
 * line.h - reading line-based texts strictly: notes, checkpoints, receipts.
 *
 * Every line ends in a newline, the last one too.  Memory: lines borrow from the text.  Threads:
 * pure.
 */
#ifndef PROTO_LINE_H
#define PROTO_LINE_H

#include "bytes.h"
#include "simpul/err.h"

struct line { /* without its newline */
	const char *text;
	size_t len;
};

/* False, and the reader failed, if no complete line is left. */
MUST_USE bool line_take(struct reader *r, struct line *ret_line);
/* Moves the start of the line behind `prefix`; false if it starts differently. */
MUST_USE bool line_skip(struct line *line, const char *prefix);
/* Decimal digits without leading zeros, below 2^63. */
MUST_USE bool line_decimal(const struct line *line, uint64_t *ret_value);
/* Valid UTF-8 that holds no control characters but newlines. */
bool line_text_valid(const char *text, size_t len);
void line_put(struct writer *w, const char *text);
void line_put_decimal(struct writer *w, uint64_t value);
/* The bytes as padded base64 and a newline. */
void line_put_base64(struct writer *w, const void *bytes, size_t len);

#endif
