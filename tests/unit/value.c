/* value.c - values: equality by type and bytes, and a total order. */
#include <math.h>
#include <string.h>

#include "simpul/value.h"
#include "tap.h"

#define INT(v) { .type = VALUE_INT, .integer = (v) }
#define REAL(v) { .type = VALUE_REAL, .real = (v) }
#define TEXT(s) { .type = VALUE_TEXT, .len = sizeof(s) - 1, .bytes = (const uint8_t *)(s) }
#define BLOB(s) { .type = VALUE_BLOB, .len = sizeof(s) - 1, .bytes = (const uint8_t *)(s) }

/* All different; the pairs that a careless comparison takes for equal are here. */
static const struct value all[] = {
	{ .type = VALUE_NULL },
	INT(INT64_MIN), INT(-1), INT(0), INT(1), INT((INT64_C(1) << 53) + 1), INT(INT64_MAX),
	REAL(0.0), REAL(-0.0), REAL(1.0), REAL(-1.0), REAL(9007199254740993.0), 
	REAL(INFINITY), REAL(-INFINITY),
	TEXT(""), TEXT("1"), TEXT("a"), TEXT("a\0"), TEXT("a\0b"), TEXT("b"), TEXT("\xff"),
	BLOB(""), BLOB("1"), BLOB("a"), BLOB("a\0"), BLOB("\xff"),
};
#define ALL (sizeof(all) / sizeof(all[0]))

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void only_equal_to_itself(void)
{
	for (size_t i = 0; i < ALL; i++)
		for (size_t k = 0; k < ALL; k++)
			CHECK(value_equal(&all[i], &all[k]) == (i == k));
}

static void order_is_total(void)
{
	for (size_t i = 0; i < ALL; i++) {
		for (size_t k = 0; k < ALL; k++) {
			int order = value_compare(&all[i], &all[k]);

			CHECK(sign(order) == -sign(value_compare(&all[k], &all[i])));
			for (size_t m = 0; m < ALL; m++)
				CHECK(!(order < 0 && value_compare(&all[k], &all[m]) < 0) ||
				      value_compare(&all[i], &all[m]) < 0);
		}
	}
}

static void types_come_in_order(void)
{
	for (size_t i = 0; i < ALL; i++)
		for (size_t k = 0; k < ALL; k++)
			if (all[i].type < all[k].type)
				CHECK(value_compare(&all[i], &all[k]) < 0);
}

static void bytes_are_compared_not_pointers(void)
{
	uint8_t one[] = "kota", two[] = "kota";
	struct value a = { .type = VALUE_TEXT, .len = 4, .bytes = one };
	struct value b = { .type = VALUE_TEXT, .len = 4, .bytes = two };

	CHECK(value_equal(&a, &b));
	two[3] = 'b';
	CHECK(value_compare(&a, &b) < 0);
	b.len = 3;
	CHECK(value_compare(&a, &b) > 0);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = { TAP(only_equal_to_itself), TAP(order_is_total),
						 TAP(types_come_in_order),
						 TAP(bytes_are_compared_not_pointers) };

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
