/* value.c - comparing values by storage class and bytes. */
#include <string.h>

#include "simpul/value.h"

static uint64_t real_bits(double real)
{
	uint64_t bits;

	memcpy(&bits, &real, sizeof(bits));
	return bits;
}

int value_compare(const struct value *a, const struct value *b)
{
	uint32_t shorter;
	int order;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	switch (a->type) {
	case VALUE_NULL:
		return 0;
	case VALUE_INT:
		return (a->integer > b->integer) - (a->integer < b->integer);
	case VALUE_REAL:
		return (real_bits(a->real) > real_bits(b->real)) -
		       (real_bits(a->real) < real_bits(b->real));
	case VALUE_TEXT:
	case VALUE_BLOB:
		break;
	}
	shorter = a->len < b->len ? a->len : b->len;
	order = shorter == 0 ? 0 : memcmp(a->bytes, b->bytes, shorter);
	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

bool value_equal(const struct value *a, const struct value *b)
{
	return value_compare(a, b) == 0;
}
