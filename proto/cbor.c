/*
 * cbor.c - reading and writing the strict CBOR subset.
 *
 * A head is one byte, major type in the upper 3 bits; its lower 5 bits are the argument up to 23,
 * or 24..27 for an argument in the 1, 2, 4 or 8 bytes that follow.  A longer form than needed is
 * refused: two encodings of one value would give two hashes for one content.
 */
#include "cbor.h"
#include "simpul/ident.h"

enum major { UINT = 0, NEGATIVE = 1, BYTES = 2, TEXT = 3, ARRAY = 4, SIMPLE = 7 };

#define HEAD_NULL    0xf6
#define HEAD_FLOAT64 0xfb

static void put_head(struct writer *w, enum major major, uint64_t n)
{
	uint8_t head = (uint8_t)(major << 5);

	if (n < 24) {
		writer_uint(w, head | n, 1);
	} else if (n <= UINT8_MAX) {
		writer_uint(w, (uint64_t)(head | 24) << 8 | n, 2);
	} else if (n <= UINT16_MAX) {
		writer_uint(w, (uint64_t)(head | 25) << 16 | n, 3);
	} else if (n <= UINT32_MAX) {
		writer_uint(w, (uint64_t)(head | 26) << 32 | n, 5);
	} else {
		writer_uint(w, head | 27, 1);
		writer_uint(w, n, 8);
	}
}

void cbor_put_uint(struct writer *w, uint64_t v)
{
	put_head(w, UINT, v);
}

void cbor_put_int(struct writer *w, int64_t v)
{
	if (v < 0)
		put_head(w, NEGATIVE, (uint64_t)(-1 - v));
	else
		put_head(w, UINT, (uint64_t)v);
}

void cbor_put_bytes(struct writer *w, const void *bytes, size_t len)
{
	put_head(w, BYTES, len);
	writer_put(w, bytes, len);
}

void cbor_put_text(struct writer *w, const void *text, size_t len)
{
	put_head(w, TEXT, len);
	writer_put(w, text, len);
}

void cbor_put_array(struct writer *w, uint64_t items)
{
	put_head(w, ARRAY, items);
}

void cbor_put_null(struct writer *w)
{
	writer_uint(w, HEAD_NULL, 1);
}

uint8_t *cbor_put_space(struct writer *w, size_t len)
{
	uint8_t *space;

	put_head(w, BYTES, len);
	if (w->failed || w->cap - w->len < len) {
		w->failed = true;
		return NULL;
	}
	space = w->p + w->len;
	w->len += len;
	return space;
}

static void put_value_text(struct writer *w, const struct value *v)
{
	uint8_t uuid[16];

	if (cbor_uuid_pack(v, uuid)) {
		cbor_put_array(w, 1);
		cbor_put_bytes(w, uuid, sizeof(uuid));
	} else if (utf8_valid(v->bytes, v->len)) {
		cbor_put_text(w, v->bytes, v->len);
	} else {
		cbor_put_array(w, 2);
		cbor_put_null(w);
		cbor_put_bytes(w, v->bytes, v->len);
	}
}

static void put_value_real(struct writer *w, double real)
{
	uint64_t bits;

	if (real != real)
		w->failed = true;
	memcpy(&bits, &real, sizeof(bits));
	writer_uint(w, HEAD_FLOAT64, 1);
	writer_uint(w, bits, 8);
}

void cbor_put_value(struct writer *w, const struct value *v)
{
	switch (v->type) {
	case VALUE_NULL:
		cbor_put_null(w);
		break;
	case VALUE_INT:
		cbor_put_int(w, v->integer);
		break;
	case VALUE_REAL:
		put_value_real(w, v->real);
		break;
	case VALUE_TEXT:
		put_value_text(w, v);
		break;
	case VALUE_BLOB:
		cbor_put_bytes(w, v->bytes, v->len);
		break;
	}
}

/* The head of the next item, of a major type that has an argument; false and failed for any other.
 */
static bool head(struct reader *r, enum major *ret_major, uint64_t *ret_n)
{
	static const uint64_t least[] = { 24, UINT64_C(1) << 8, UINT64_C(1) << 16,
					  UINT64_C(1) << 32 };
	const uint8_t *p = reader_take(r, 1);
	unsigned info;

	if (p == NULL)
		return false;
	*ret_major = (enum major)(*p >> 5);
	info = *p & 31;
	if (info < 24) {
		*ret_n = info;
	} else if (info < 28) {
		*ret_n = reader_uint(r, (size_t)1 << (info - 24));
		r->failed |= *ret_n < least[info - 24];
	} else {
		r->failed = true;
	}
	return !r->failed;
}

/* The argument of an item that must be of one major type and at most max. */
static uint64_t expect(struct reader *r, enum major wanted, uint64_t max)
{
	enum major major;
	uint64_t n;

	if (!head(r, &major, &n))
		return 0;
	if (major != wanted || n > max) {
		r->failed = true;
		return 0;
	}
	return n;
}

bool cbor_is_null(struct reader *r)
{
	if (r->failed || r->p == r->end || *r->p != HEAD_NULL)
		return false;
	r->p++;
	return true;
}

uint64_t cbor_uint(struct reader *r, uint64_t max)
{
	return expect(r, UINT, max);
}

uint64_t cbor_array(struct reader *r, uint64_t max)
{
	return expect(r, ARRAY, max);
}

const uint8_t *cbor_bytes(struct reader *r, size_t max, size_t *ret_len)
{
	size_t len = (size_t)expect(r, BYTES, max);
	const uint8_t *bytes = reader_take(r, len);

	*ret_len = bytes == NULL ? 0 : len;
	return bytes;
}

void cbor_fixed(struct reader *r, uint8_t *out, size_t size)
{
	size_t len;
	const uint8_t *bytes = cbor_bytes(r, size, &len);

	if (bytes != NULL && len == size)
		memcpy(out, bytes, size);
	else
		r->failed = true;
}

const uint8_t *cbor_text(struct reader *r, size_t max, size_t *ret_len)
{
	size_t len = (size_t)expect(r, TEXT, max);
	const uint8_t *text = reader_take(r, len);

	if (text != NULL && !utf8_valid(text, len)) {
		r->failed = true;
		text = NULL;
	}
	*ret_len = text == NULL ? 0 : len;
	return text;
}

static bool value_real(struct reader *r, struct value *ret)
{
	uint64_t bits = reader_uint(r, 8);

	memcpy(&ret->real, &bits, sizeof(bits));
	ret->type = VALUE_REAL;
	ret->len = 0;
	r->failed |= ret->real != ret->real;
	return !r->failed;
}

static bool value_string(struct reader *r, enum value_type type, uint32_t len, struct value *ret)
{
	const uint8_t *bytes = reader_take(r, len);

	if (bytes == NULL || (type == VALUE_TEXT && !utf8_valid(bytes, len))) {
		r->failed = true;
		return false;
	}
	ret->type = type;
	ret->len = len;
	ret->bytes = bytes;
	return true;
}

/* The two forms of TEXT that are not a text string: see cbor.h. */
static bool value_array(struct reader *r, uint64_t items, size_t max, char *uuid, struct value *ret)
{
	const uint8_t *bytes;
	size_t len;

	if (items == 1) {
		bytes = cbor_bytes(r, 16, &len);
		if (bytes == NULL || len != 16) {
			r->failed = true;
			return false;
		}
		cbor_uuid_print(bytes, uuid);
		*ret = (struct value){ VALUE_TEXT, CBOR_UUID_TEXT, { .bytes = (uint8_t *)uuid } };
		return true;
	}
	if (items != 2 || !cbor_is_null(r)) {
		r->failed = true;
		return false;
	}
	bytes = cbor_bytes(r, max, &len);
	if (bytes == NULL || utf8_valid(bytes, len)) {
		r->failed = true;
		return false;
	}
	*ret = (struct value){ VALUE_TEXT, (uint32_t)len, { .bytes = bytes } };
	return true;
}

static bool value_int(struct reader *r, enum major major, uint64_t n, struct value *ret)
{
	if (n > INT64_MAX) {
		r->failed = true;
		return false;
	}
	ret->type = VALUE_INT;
	ret->len = 0;
	ret->integer = major == UINT ? (int64_t)n : -1 - (int64_t)n;
	return true;
}

bool cbor_value(struct reader *r, uint32_t max, char uuid[CBOR_UUID_TEXT], struct value *ret_value)
{
	enum major major;
	uint64_t n;

	if (cbor_is_null(r)) {
		*ret_value = (struct value){ .type = VALUE_NULL };
		return true;
	}
	if (!r->failed && r->p < r->end && *r->p == HEAD_FLOAT64) {
		r->p++;
		return value_real(r, ret_value);
	}
	if (!head(r, &major, &n))
		return false;
	if (major == UINT || major == NEGATIVE)
		return value_int(r, major, n, ret_value);
	if (major == ARRAY)
		return value_array(r, n, max, uuid, ret_value);
	if ((major == BYTES || major == TEXT) && n <= max)
		return value_string(r, major == TEXT ? VALUE_TEXT : VALUE_BLOB, (uint32_t)n,
				    ret_value);
	r->failed = true;
	return false;
}

void cbor_value_skip(struct reader *r)
{
	enum major major;
	uint64_t n;

	if (cbor_is_null(r))
		return;
	if (!r->failed && r->p < r->end && *r->p == HEAD_FLOAT64) {
		reader_take(r, 9);
		return;
	}
	if (!head(r, &major, &n))
		return;
	if (major == ARRAY && n == 2 && cbor_is_null(r))
		n = expect(r, BYTES, UINT32_MAX);
	else if (major == ARRAY)
		n = expect(r, BYTES, 16);
	else if (major == UINT || major == NEGATIVE)
		n = 0;
	else
		r->failed |= major != BYTES && major != TEXT;
	if (n > reader_left(r))
		r->failed = true;
	reader_take(r, (size_t)n);
}

static bool uuid_dash(int i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

bool cbor_uuid_pack(const struct value *v, uint8_t ret_bytes[16])
{
	return v->type == VALUE_TEXT && uuid_parse(v->bytes, v->len, ret_bytes);
}

void cbor_uuid_print(const uint8_t bytes[16], char ret_text[CBOR_UUID_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	int n = 0;

	for (int i = 0; i < CBOR_UUID_TEXT; i += 2, n++) {
		if (uuid_dash(i))
			ret_text[i++] = '-';
		ret_text[i] = digits[bytes[n] >> 4];
		ret_text[i + 1] = digits[bytes[n] & 15];
	}
}
