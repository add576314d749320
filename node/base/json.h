/*
 * json.h - jansson, bounded: parsing foreign JSON and taking typed members out of it.
 *
 * The caller has capped the bytes; duplicates, NUL in strings and bare scalars are refused.
 * Memory: AUTO_JSON drops the reference; members are borrowed from their object.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>

#include "base/buf.h"
#include "simpul/err.h"

#define AUTO_JSON __attribute__((cleanup(json_drop))) json_t *

void json_drop(json_t **json);

/* ERR_MALFORMED says where. */
MUST_USE bool json_parse(const void *bytes, size_t len, json_t **ret_json, struct err *e);
/* Appends compact JSON in insertion order. */
void json_write(const json_t *json, struct buf *out);

/* Members of an object; ERR_MALFORMED names the missing or mistyped one.  Borrowed. */
MUST_USE bool json_member_text(const json_t *object, const char *name, const char **ret, struct err *e);
MUST_USE bool json_member_int(const json_t *object, const char *name, int64_t *ret, struct err *e);
MUST_USE bool json_member_array(const json_t *object, const char *name, const json_t **ret,
				struct err *e);
/* Hex text of exactly len bytes. */
MUST_USE bool json_member_hex(const json_t *object, const char *name, void *ret_bytes, size_t len,
			      struct err *e);
/* "" or 0 if the member is missing or of another type. */
const char *json_text_or_empty(const json_t *object, const char *name);
int64_t json_int_or_zero(const json_t *object, const char *name);

/* Sets a member to hex text. */
void json_put_hex(json_t *object, const char *name, const void *bytes, size_t len);

#endif
