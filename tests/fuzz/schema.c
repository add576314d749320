/*
 * schema.c - any bytes as a schema document: what decodes, from no more memory than promised,
 * encodes again and decodes the same.
 */
#include <stdlib.h>
#include <string.h>

#include "simpul/schema.h"

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void again(const struct schema *s, size_t len)
{
	uint8_t *bytes = malloc(len), *twice = malloc(len);
	void *memory = malloc(schema_memory(len));
	struct schema back;
	size_t bytes_len, twice_len;
	struct err e;

	/* Never longer: a UUID sent as plain text becomes packed. */
	MUST(schema_encode(s, bytes, len, &bytes_len, &e));
	MUST(schema_decode(bytes, bytes_len, memory, schema_memory(bytes_len), &back, &e));
	MUST(schema_encode(&back, twice, len, &twice_len, &e));
	MUST(twice_len == bytes_len && memcmp(bytes, twice, bytes_len) == 0);
	free(bytes);
	free(twice);
	free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	void *memory = malloc(schema_memory(len));
	struct schema s;
	struct err e;

	if (schema_decode(data, len, memory, schema_memory(len), &s, &e))
		again(&s, len);
	else
		MUST(e.code == ERR_MALFORMED || e.code == ERR_TOO_LARGE ||
		     e.code == ERR_UNSUPPORTED);
	free(memory);
	return 0;
}
