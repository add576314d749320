/*
 * bytes.h - the bounded reader and writer: the only way proto/ touches foreign bytes.
 *
 * Both carry a sticky failure: after the first read past the end or write past the capacity every
 * further call is a no-op, so a codec checks once at the end.  Integers are big-endian.
 * Memory: borrowed on both sides.  Threads: pure.
 */
#ifndef PROTO_BYTES_H
#define PROTO_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct reader {
	const uint8_t *p;
	const uint8_t *end;
	bool failed;
};

struct writer {
	uint8_t *p;
	size_t len;
	size_t cap;
	bool failed;
};

static inline size_t reader_left(const struct reader *r)
{
	return (size_t)(r->end - r->p);
}

/* Borrows the next len bytes; NULL and failed if there are fewer. */
static inline const uint8_t *reader_take(struct reader *r, size_t len)
{
	const uint8_t *p = r->p;

	if (r->failed || reader_left(r) < len) {
		r->failed = true;
		return NULL;
	}
	r->p += len;
	return p;
}

static inline uint64_t reader_uint(struct reader *r, size_t bytes)
{
	const uint8_t *p = reader_take(r, bytes);
	uint64_t v = 0;

	for (size_t i = 0; p != NULL && i < bytes; i++)
		v = v << 8 | p[i];
	return v;
}

static inline void writer_put(struct writer *w, const void *bytes, size_t len)
{
	if (w->failed || w->cap - w->len < len) {
		w->failed = true;
		return;
	}
	if (len > 0)
		memcpy(w->p + w->len, bytes, len);
	w->len += len;
}

static inline void writer_uint(struct writer *w, uint64_t v, size_t bytes)
{
	uint8_t be[8];

	for (size_t i = 0; i < bytes; i++)
		be[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
	writer_put(w, be, bytes);
}

#endif
