/* json.c - the one file that knows how jansson reports errors. */
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "simpul/ident.h"

void json_drop(json_t **json)
{
	json_decref(*json);
	*json = NULL;
}

bool json_parse(const void *bytes, size_t len, json_t **ret_json, struct err *e)
{
	json_error_t why;
	json_t *json = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &why);

	if (json == NULL)
		return err_set(e, ERR_MALFORMED, "JSON, line %d: %s", why.line, why.text);
	*ret_json = json;
	return true;
}

static int append(const char *text, size_t len, void *out)
{
	buf_put(out, text, len);
	return 0;
}

void json_write(const json_t *json, struct buf *out)
{
	json_dump_callback(json, append, out, JSON_COMPACT);
}

static bool missing(struct err *e, const char *name, const char *kind)
{
	return err_set(e, ERR_MALFORMED, "JSON: \"%s\" is not %s", name, kind);
}

bool json_member_text(const json_t *object, const char *name, const char **ret, struct err *e)
{
	const json_t *member = json_object_get(object, name);

	if (!json_is_string(member))
		return missing(e, name, "a text");
	*ret = json_string_value(member);
	return true;
}

bool json_member_int(const json_t *object, const char *name, int64_t *ret, struct err *e)
{
	const json_t *member = json_object_get(object, name);

	if (!json_is_integer(member))
		return missing(e, name, "a whole number");
	*ret = json_integer_value(member);
	return true;
}

bool json_member_array(const json_t *object, const char *name, const json_t **ret, struct err *e)
{
	const json_t *member = json_object_get(object, name);

	if (!json_is_array(member))
		return missing(e, name, "a list");
	*ret = member;
	return true;
}

bool json_member_hex(const json_t *object, const char *name, void *ret_bytes, size_t len,
		     struct err *e)
{
	const char *text;

	if (!json_member_text(object, name, &text, e))
		return false;
	if (!hex_decode(text, strlen(text), ret_bytes, len))
		return err_set(e, ERR_MALFORMED, "JSON: \"%s\" is not %zu bytes in hex", name, len);
	return true;
}

const char *json_text_or_empty(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text == NULL ? "" : text;
}

int64_t json_int_or_zero(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

void json_put_hex(json_t *object, const char *name, const void *bytes, size_t len)
{
	char *text = memory_new(HEX_SIZE(len));

	hex_encode(bytes, len, text);
	json_object_set_new(object, name, json_string(text));
	memory_free(&text);
}
