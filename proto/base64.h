/*
 * base64.h - base64 (RFC 4648 4, padded) and base64url (5, unpadded), strict: one text for each
 * value.
 *
 * Refused: other characters, white space, missing or extra padding, unused bits that are not zero.
 * Memory: the caller's.  Threads: pure.
 */
#ifndef PROTO_BASE64_H
#define PROTO_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "simpul/err.h"

enum base64_kind { BASE64, BASE64_URL };

#define BASE64_LEN(bytes) (((bytes) + 2) / 3 * 4) /* characters; base64url has at most as many */

/* Writes the text without NUL; returns its length. */
size_t base64_encode(enum base64_kind kind, const void *bytes, size_t len, char *out);
/* False if the text is not the encoding of at most `cap` bytes; ret_bytes is then undefined. */
MUST_USE bool base64_decode(enum base64_kind kind, const char *text, size_t text_len,
			    void *ret_bytes, size_t cap, size_t *ret_len);
/* Exactly len bytes. */
MUST_USE bool base64_decode_exact(const char *text, size_t text_len, void *ret_bytes, size_t len);

#endif
