/*
 * field.h - values of the database as JSON, and back, with what is wrong said so that a person can
 * mend it.
 *
 * TEXT is a string, INTEGER and REAL are numbers, NULL is null; BLOB, and text that is no UTF-8,
 * are
 * {"hex": "00ff"}.
 */
#ifndef WEB_FIELD_H
#define WEB_FIELD_H

#include "web/relation.h"

json_t *field_json(const struct value *value);

/*
 * The value that a column is to have; bytes borrow from the JSON or live in the arena.  False:
 * *ret_fault says why not: wrong type, NULL where none may be, against a CHECK that is understood,
 * too large.
 */
struct field_fault {
	const char *code;
	char id[200], en[200];
};
bool field_value(const struct relation_column *column, const json_t *json, struct arena *arena,
		 struct value *ret, struct field_fault *ret_fault);
/* The same of a key, from a JSON array.  ERR_MALFORMED. */
MUST_USE bool field_key(const struct relation *relation, const json_t *key, struct arena *arena,
			struct value ret[RELATION_KEYS_MAX], struct err *e);
/* ?key=["13.73","id"] of a request. */
MUST_USE bool field_query_key(struct serve_job *job, const struct relation *relation,
			      struct value ret[RELATION_KEYS_MAX], struct err *e);
json_t *field_key_json(const struct value *key, int keys);

/* A copy that lives in the arena. */
struct value field_keep(struct arena *arena, const struct value *value);

#endif
