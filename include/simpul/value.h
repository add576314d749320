/*
 * value.h - one SQLite value with its storage class, borrowed from whoever holds the bytes.
 *
 * A value never owns memory: `bytes` points into a decoded body, a statement's row or an arena and
 * lives as long as that.  TEXT is any bytes with a text tag; SQLite does not promise UTF-8.
 */
#ifndef SIMPUL_VALUE_H
#define SIMPUL_VALUE_H

#include <stdbool.h>
#include <stdint.h>

enum value_type { VALUE_NULL, VALUE_INT, VALUE_REAL, VALUE_TEXT, VALUE_BLOB };

struct value {
	enum value_type type;
	uint32_t len; /* bytes of TEXT or BLOB */
	union {
		int64_t integer;
		double real; /* never NaN: SQLite stores NaN as NULL */
		const uint8_t *bytes;
	};
};

/* Equal in type and value; REAL by bits, so -0.0 and 0.0 differ. */
bool value_equal(const struct value *a, const struct value *b);
/* Total order: NULL < INT < REAL < TEXT < BLOB, then by value (REAL by bits, bytes by memcmp). */
int value_compare(const struct value *a, const struct value *b);

#endif
