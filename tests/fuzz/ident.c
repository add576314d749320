/* ident.c - any bytes as a scope, a name, hex: what is taken reads back the same. */
#include <stdlib.h>
#include <string.h>

#include "simpul/ident.h"

#define MUST(condition) \
	do { if (!(condition)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void try_scope(const char *text, size_t len)
{
	struct scope scope, again;
	struct err e;

	if (!scope_parse(text, len, &scope, &e)) {
		MUST(e.code == ERR_USAGE && e.text[0] != '\0');
		return;
	}
	MUST(strlen(scope.name) == len && memcmp(scope.name, text, len) == 0);
	MUST(name_valid(text, len));
	MUST(scope_parse(scope.name, len, &again, &e) && scope_equal(&scope, &again));
}

static void try_hex(const char *text, size_t len)
{
	uint8_t bytes[128], back[128];
	char printed[HEX_SIZE(sizeof(bytes))];

	if (len / 2 > sizeof(bytes) || !hex_decode(text, len, bytes, len / 2))
		return;
	MUST(len % 2 == 0);
	hex_encode(bytes, len / 2, printed);
	MUST(hex_decode(printed, len, back, len / 2) && memcmp(bytes, back, len / 2) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;

	try_scope(text, len);
	try_hex(text, len);
	MUST(!name_valid(text, len) || utf8_valid(data, len));
	return 0;
}
