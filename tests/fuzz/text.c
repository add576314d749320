/*
 * text.c - any three texts merged.
 *
 * Whatever they are: the sides may change places, and a side that did nothing gives way to the other.
 */
#include <stdlib.h>
#include <string.h>

#include "simpul/text.h"

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static uint8_t one[LIMIT_TEXT_BYTES], two[LIMIT_TEXT_BYTES];

static bool merge(struct bytes base, struct bytes a, struct bytes b, uint8_t *out, size_t *ret_len)
{
	static void *work;

	if (work == NULL)
		work = calloc(1, text_memory());
	MUST(work != NULL);
	return text_merge(&(struct text_edits){ base, a, b }, work, out, ret_len);
}

static void gives(struct bytes base, struct bytes a, struct bytes b, struct bytes want)
{
	size_t len;

	MUST(merge(base, a, b, one, &len));
	MUST(len == want.len && (len == 0 || memcmp(one, want.data, len) == 0));
}

/* The three texts are cut at the first two bytes 0xff. */
static struct bytes next(const uint8_t **p, const uint8_t *end)
{
	struct bytes text = { *p, (size_t)(end - *p) };
	const uint8_t *cut = text.len == 0 ? NULL : memchr(*p, 0xff, text.len);

	if (cut != NULL)
		text.len = (size_t)(cut - *p);
	*p = cut == NULL ? end : cut + 1;
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *p = data, *end = data + len;
	struct bytes base = next(&p, end), a = next(&p, end), b = { p, (size_t)(end - p) };
	size_t n, m;
	bool clean;

	if (len > LIMIT_TEXT_BYTES)
		return 0;
	clean = merge(base, a, b, one, &n);
	MUST(merge(base, b, a, two, &m) == clean);
	MUST(!clean || (n == m && (n == 0 || memcmp(one, two, n) == 0)));
	gives(base, base, b, b);
	gives(base, a, base, a);
	gives(base, a, a, a);
	return 0;
}
