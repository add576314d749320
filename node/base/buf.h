/*
 * buf.h - a byte buffer that grows; owned by whoever holds it.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data; /* NULL while empty */
	size_t len;
	size_t cap;
};

#define AUTO_BUF __attribute__((cleanup(buf_done))) struct buf

/* A zeroed struct buf is ready for use. */
void buf_put(struct buf *buf, const void *bytes, size_t len);
void buf_text(struct buf *buf, const char *text);
void buf_print(struct buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
uint8_t *buf_reserve(struct buf *buf, size_t more); /* room for `more` bytes at data + len */
/* The bytes as a C string: a NUL stands behind data[len], uncounted. */
const char *buf_string(struct buf *buf);
void buf_reset(struct buf *buf);
void buf_done(struct buf *buf);

#endif
