/* field.c - values and JSON. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "web/field.h"

json_t *field_json(const struct value *value)
{
	char *hex;
	json_t *json;

	switch (value->type) {
	case VALUE_INT:
		return json_integer(value->integer);
	case VALUE_REAL:
		json = json_real(value->real);
		return json == NULL ? json_null() : json; /* infinity is no JSON */
	case VALUE_TEXT:
		json = json_stringn((const char *)value->bytes, value->len);
		if (json != NULL && memchr(value->bytes, '\0', value->len) == NULL)
			return json;
		json_decref(json);
		break;
	case VALUE_BLOB:
		break;
	case VALUE_NULL:
		return json_null();
	}
	hex = memory_new(HEX_SIZE((size_t)value->len));
	hex_encode(value->bytes, value->len, hex);
	json = json_pack("{s:s}", "hex", hex);
	memory_free(&hex);
	return json;
}

static bool fault(struct field_fault *f, const char *code, const char *id, const char *en)
{
	f->code = code;
	snprintf(f->id, sizeof(f->id), "%s", id);
	snprintf(f->en, sizeof(f->en), "%s", en);
	return false;
}

static bool wrong_type(const struct relation_column *column, struct field_fault *f)
{
	if (strcmp(column->type, "INTEGER") == 0)
		return fault(f, "type", "Harus bilangan bulat.", "Must be a whole number.");
	if (strcmp(column->type, "REAL") == 0)
		return fault(f, "type", "Harus angka.", "Must be a number.");
	if (strcmp(column->type, "TEXT") == 0)
		return fault(f, "type", "Harus teks.", "Must be text.");
	return fault(f, "type", "Jenis isian ini tidak dikenal.",
		     "A value of this kind is not known here.");
}

static bool hex_value(const json_t *json, struct arena *arena, struct value *ret)
{
	const char *hex = json_string_value(json_object_get(json, "hex"));
	size_t len = hex == NULL ? 0 : strlen(hex);
	uint8_t *bytes = arena_take(arena, len / 2 + 1);

	if (hex == NULL || json_object_size(json) != 1 || len % 2 != 0 ||
	    !hex_decode(hex, len, bytes, len / 2))
		return false;
	*ret = (struct value){ .type = VALUE_BLOB, .len = (uint32_t)(len / 2), .bytes = bytes };
	return true;
}

static bool convert(const struct relation_column *column, const json_t *json, struct arena *arena,
		    struct value *ret)
{
	const bool integer = strcmp(column->type, "INTEGER") == 0,
		   text = strcmp(column->type, "TEXT") == 0;
	const bool real = strcmp(column->type, "REAL") == 0, any = column->type[0] == '\0';
	double d;

	if (json_is_string(json) && (text || any)) {
		*ret = (struct value){ .type = VALUE_TEXT,
				       .len = (uint32_t)json_string_length(json),
				       .bytes = (const uint8_t *)json_string_value(json) };
		return true;
	}
	if (json_is_integer(json) && (integer || real || any)) {
		*ret = (struct value){ .type = VALUE_INT, .integer = json_integer_value(json) };
		return true;
	}
	if (json_is_real(json) && (integer || real || any)) {
		d = json_real_value(json);
		*ret = (struct value){ .type = VALUE_REAL, .real = d };
		if (integer && d == floor(d) && fabs(d) < 9e15)
			*ret = (struct value){ .type = VALUE_INT, .integer = (int64_t)d };
		return !integer || ret->type == VALUE_INT;
	}
	return !integer && !real && !text && hex_value(json, arena, ret);
}

static bool among(const struct relation_limit *limit, const struct value *v)
{
	char digits[24];
	const char *text = digits;
	size_t len;

	if (v->type == VALUE_TEXT) {
		text = (const char *)v->bytes;
		len = v->len;
	} else {
		len = (size_t)snprintf(digits, sizeof(digits), "%lld",
				       v->type == VALUE_INT ? (long long)v->integer : 0LL);
	}
	for (size_t i = 0; i < limit->choices; i++)
		if (strlen(limit->choice[i]) == len && memcmp(limit->choice[i], text, len) == 0)
			return true;
	return false;
}

/* As SQLite's length(): characters of text. */
static int64_t length_of(const struct value *v)
{
	int64_t n = 0;

	for (uint32_t i = 0; i < v->len; i++)
		n += (v->bytes[i] & 0xc0) != 0x80;
	return n;
}

static bool within(const struct relation_limit *limit, const struct value *v, struct field_fault *f)
{
	const bool length = limit->of_length;
	double at = length		   ? (double)length_of(v)
		    : v->type == VALUE_INT ? (double)v->integer
					   : v->real;
	char low[32] = "", high[32] = "";

	if ((!limit->has_min || at >= (double)limit->min) &&
	    (!limit->has_max || at <= (double)limit->max))
		return true;
	if (limit->has_min)
		snprintf(low, sizeof(low), "%lld", (long long)limit->min);
	if (limit->has_max)
		snprintf(high, sizeof(high), "%lld", (long long)limit->max);
	f->code = length ? "length" : "range";
	if (limit->has_min && limit->has_max) {
		snprintf(f->id, sizeof(f->id), "%s antara %s dan %s.",
			 length ? "Panjangnya" : "Harus", low, high);
		snprintf(f->en, sizeof(f->en), "%s from %s to %s.",
			 length ? "Its length is" : "Must be", low, high);
	} else {
		snprintf(f->id, sizeof(f->id), "%s %s %s.", length ? "Panjangnya" : "Harus",
			 limit->has_min ? "paling sedikit" : "paling banyak",
			 limit->has_min ? low : high);
		snprintf(f->en, sizeof(f->en), "%s at %s %s.", length ? "Its length is" : "Must be",
			 limit->has_min ? "least" : "most", limit->has_min ? low : high);
	}
	return false;
}

static bool keeps_limits(const struct relation_column *column, const struct value *v,
			 struct field_fault *f)
{
	const struct relation_limit *limit = &column->limit;
	const bool measured = limit->of_length ? v->type == VALUE_TEXT
					       : v->type == VALUE_INT || v->type == VALUE_REAL;

	if (v->type >= VALUE_TEXT && v->len > LIMIT_TEXT_BYTES)
		return fault(f, "too-large", "Lebih dari 256 KiB; simpan sebagai lampiran.",
			     "More than 256 KiB; keep it as a file.");
	if (limit->choices > 0 && !among(limit, v))
		return fault(f, "choice", "Pilih salah satu yang ada di daftar.",
			     "Choose one of those in the list.");
	return !measured || (!limit->has_min && !limit->has_max) || within(limit, v, f);
}

bool field_value(const struct relation_column *column, const json_t *json, struct arena *arena,
		 struct value *ret, struct field_fault *ret_fault)
{
	if (json_is_null(json)) {
		*ret = (struct value){ .type = VALUE_NULL };
		return !column->not_null ||
		       fault(ret_fault, "required", "Harus diisi.", "Must be given.");
	}
	if (!convert(column, json, arena, ret))
		return wrong_type(column, ret_fault);
	return keeps_limits(column, ret, ret_fault);
}

bool field_key(const struct relation *relation, const json_t *key, struct arena *arena,
	       struct value ret[RELATION_KEYS_MAX], struct err *e)
{
	if (!json_is_array(key) || json_array_size(key) != (size_t)relation->keys)
		return err_set(e, ERR_MALFORMED, "the key of %.100s is a JSON array of %d",
			       relation->name, relation->keys);
	for (int i = 0; i < relation->keys; i++) {
		const struct relation_column *column = &relation->column[relation->key[i]];

		if (!convert(column, json_array_get(key, (size_t)i), arena, &ret[i]))
			return err_set(e, ERR_MALFORMED,
				       "%.100s in the key of %.100s is of another type",
				       column->name, relation->name);
	}
	return true;
}

bool field_query_key(struct serve_job *job, const struct relation *relation,
		     struct value ret[RELATION_KEYS_MAX], struct err *e)
{
	struct arena *arena = &request_of(job)->arena;
	char *text = arena_take(arena, LIMIT_HTTP_HEAD_BYTES);
	AUTO_JSON key = NULL;

	if (!http_query(job->request, "key", text, LIMIT_HTTP_HEAD_BYTES))
		return err_set(e, ERR_MALFORMED, "the request needs ?key=[...]");
	if (!json_parse(text, strlen(text), &key, e))
		return err_wrap(e, "?key=");
	if (!field_key(relation, key, arena, ret, e))
		return false;
	for (int i = 0; i < relation->keys; i++)
		ret[i] = field_keep(arena, &ret[i]);
	return true;
}

json_t *field_key_json(const struct value *key, int keys)
{
	json_t *json = json_array();

	for (int i = 0; i < keys; i++)
		json_array_append_new(json, field_json(&key[i]));
	return json;
}

struct value field_keep(struct arena *arena, const struct value *value)
{
	struct value kept = *value;

	if (kept.type >= VALUE_TEXT)
		kept.bytes = arena_copy(arena, value->len > 0 ? value->bytes : (const uint8_t *)"",
					value->len);
	return kept;
}
