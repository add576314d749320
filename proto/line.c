/* line.c - lines out of a bounded reader, and the few things that stand in them. */
#include <assert.h>
#include <stdio.h>

#include "base64.h"
#include "line.h"
#include "simpul/ident.h"

bool line_take(struct reader *r, struct line *ret_line)
{
	const uint8_t *end =
		r->failed || reader_left(r) == 0 ? NULL : memchr(r->p, '\n', reader_left(r));

	if (end == NULL) {
		r->failed = true;
		return false;
	}
	ret_line->text = (const char *)r->p;
	ret_line->len = (size_t)(end - r->p);
	r->p = end + 1;
	return true;
}

bool line_skip(struct line *line, const char *prefix)
{
	size_t len = strlen(prefix);

	if (line->len < len || memcmp(line->text, prefix, len) != 0)
		return false;
	line->text += len;
	line->len -= len;
	return true;
}

bool line_decimal(const struct line *line, uint64_t *ret_value)
{
	uint64_t v = 0;

	if (line->len == 0 || line->len > 19 || (line->text[0] == '0' && line->len > 1))
		return false;
	for (size_t i = 0; i < line->len; i++) {
		if (line->text[i] < '0' || line->text[i] > '9')
			return false;
		v = 10 * v + (uint64_t)(line->text[i] - '0'); /* 19 digits fit in 64 bits */
	}
	if (v > INT64_MAX)
		return false;
	*ret_value = v;
	return true;
}

bool line_text_valid(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((uint8_t)text[i] < 0x20 && text[i] != '\n')
			return false;
	return utf8_valid((const uint8_t *)text, len);
}

void line_put(struct writer *w, const char *text)
{
	writer_put(w, text, strlen(text));
}

void line_put_decimal(struct writer *w, uint64_t value)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);

	writer_put(w, digits, (size_t)n);
}

void line_put_base64(struct writer *w, const void *bytes, size_t len)
{
	char text[BASE64_LEN(96) + 1];
	size_t n;

	assert(len <= 96);
	n = base64_encode(BASE64, bytes, len, text);
	text[n++] = '\n';
	writer_put(w, text, n);
}
