/*
 * cbor.h - the strict subset of CBOR (RFC 8949) that everything signed is written in.
 *
 * Unsigned and negative integers, byte and text strings, arrays, null, float64.  No maps, tags,
 * booleans, indefinite lengths, shorter floats, integers or lengths longer than they must be.  So a
 * value has exactly one encoding, and a walk needs no more memory than the call stack.
 *
 * Both directions use the sticky failure of bytes.h: read or write a whole structure, check once.
 * A failed read returns 0, NULL or false.  Memory: strings borrow from the input.
 */
#ifndef PROTO_CBOR_H
#define PROTO_CBOR_H

#include "bytes.h"
#include "simpul/value.h"

#define CBOR_UUID_TEXT 36 /* characters of a UUID's text form */

void cbor_put_uint(struct writer *w, uint64_t v);
void cbor_put_int(struct writer *w, int64_t v);
void cbor_put_bytes(struct writer *w, const void *bytes, size_t len);
void cbor_put_text(struct writer *w, const void *text,
		   size_t len); /* valid UTF-8: the caller knows */
void cbor_put_array(struct writer *w, uint64_t items);
void cbor_put_null(struct writer *w);
/* The head of a byte string whose len bytes the caller fills in; NULL when there is no room. */
uint8_t *cbor_put_space(struct writer *w, size_t len);

/*
 * A value of a cell.  INT, REAL, BLOB and NULL are themselves; TEXT is a text string, but for two
 * forms: [16 bytes] is a UUID in its canonical lower-case text form, [null, bytes] is text that is
 * not valid UTF-8.  A NaN, which SQLite does not store, fails the writer.
 */
void cbor_put_value(struct writer *w, const struct value *v);

bool cbor_is_null(
	struct reader *r); /* true: it was null and is consumed; false: nothing consumed */
uint64_t cbor_uint(struct reader *r, uint64_t max);
const uint8_t *cbor_bytes(struct reader *r, size_t max, size_t *ret_len);
const uint8_t *cbor_text(struct reader *r, size_t max, size_t *ret_len); /* valid UTF-8, checked */
/* A byte string of exactly size bytes, copied to out; untouched on failure. */
void cbor_fixed(struct reader *r, uint8_t *out, size_t size);
uint64_t cbor_array(struct reader *r, uint64_t max);
/* uuid receives the characters of a UUID, which ret_value then borrows.  At most max bytes a cell.
 */
bool cbor_value(struct reader *r, uint32_t max, char uuid[CBOR_UUID_TEXT], struct value *ret_value);
/* The same walk without a look at what is inside strings. */
void cbor_value_skip(struct reader *r);

/* The 16 bytes of a UUID in canonical form: 36 characters, lower-case hex.  False for any other
 * text. */
bool cbor_uuid_pack(const struct value *v, uint8_t ret_bytes[16]);
void cbor_uuid_print(const uint8_t bytes[16], char ret_text[CBOR_UUID_TEXT]);

#endif
