/* golden.c - golden vectors as JSON files; tests run in the project's directory. */
#include <stdio.h>
#include <stdlib.h>

#include "golden.h"
#include "simpul/ident.h"
#include "tap.h"

void golden_free(json_t **json)
{
	json_decref(*json);
}

json_t *golden_hex(const void *bytes, size_t len)
{
	char text[HEX_SIZE(4096)];

	if (len > 4096)
		abort();
	hex_encode(bytes, len, text);
	return json_string(text);
}

json_t *golden_text(const char *text, size_t len)
{
	return json_stringn(text, len);
}

json_t *golden_value(const struct value *v)
{
	static const char *const names[] = { "null", "int", "real", "text", "blob" };
	char text[32] = "";

	switch (v->type) {
	case VALUE_NULL:
		return json_pack("[s]", names[v->type]);
	case VALUE_INT:
		snprintf(text, sizeof(text), "%lld", (long long)v->integer);
		break;
	case VALUE_REAL:
		for (size_t i = 0; i < sizeof(v->real); i++) /* little endian in memory, as on x86, ARM */
			snprintf(text + 2 * i, 3, "%02x", ((const uint8_t *)&v->real)[7 - i]);
		break;
	case VALUE_TEXT:
	case VALUE_BLOB:
		return json_pack("[so]", names[v->type], golden_hex(v->bytes, v->len));
	}
	return json_pack("[ss]", names[v->type], text);
}

static void path_of(const char *name, char path[128])
{
	snprintf(path, 128, "proto/vectors/%s.json", name);
}

bool golden_matches(const char *name, const json_t *built)
{
	AUTO_JSON *stored = NULL;
	json_error_t error;
	const char *key;
	json_t *value;
	char path[128];

	path_of(name, path);
	stored = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (stored == NULL) {
		tap_note("%s: %s", path, error.text);
		return false;
	}
	if (json_equal(stored, built))
		return true;
	json_object_foreach(stored, key, value) if (!json_equal(value, json_object_get(built, key)))
		tap_note("%s: %s differs", path, key);
	return false;
}

int golden_write(const char *name, json_t *built)
{
	AUTO_JSON *json = built;
	char path[128];

	path_of(name, path);
	if (json_dump_file(json, path, JSON_INDENT(1) | JSON_PRESERVE_ORDER) == 0) {
		FILE *file = fopen(path, "a");

		if (file != NULL && fputc('\n', file) != EOF && fclose(file) == 0)
			return 0;
	}
	perror(path);
	return 1;
}
