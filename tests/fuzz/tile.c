/* tile.c - any bytes as a tile path and as base64: what is taken is written back as the same text.
 */
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "hub/tile.h"

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void as_base64(enum base64_kind kind, const char *text, size_t len)
{
	uint8_t bytes[256];
	char made[BASE64_LEN(sizeof(bytes))];
	size_t n;

	if (base64_decode(kind, text, len, bytes, sizeof(bytes), &n)) {
		MUST(n <= sizeof(bytes));
		MUST(base64_encode(kind, bytes, n, made) == len && memcmp(made, text, len) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	char path[TILE_PATH_MAX + 1];
	struct tile_name name;
	struct err e;

	as_base64(BASE64, text, len);
	as_base64(BASE64_URL, text, len);
	if (tile_path_decode(text, len, &name, &e)) {
		tile_path_encode(&name, path);
		MUST(strlen(path) == len && memcmp(path, text, len) == 0);
	} else {
		MUST(e.code == ERR_NOT_FOUND);
	}
	return 0;
}
