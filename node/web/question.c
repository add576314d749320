/* question.c - rows as JSON, and JSON in the one form that is hashed. */
#include <math.h>
#include <string.h>

#include "simpul/ident.h"
#include "web/question.h"

static json_t *hex_json(const void *bytes, size_t len)
{
	json_t *json = json_object();

	json_put_hex(json, "hex", bytes, len);
	return json;
}

json_t *question_value(const struct value *value)
{
	json_t *text;

	switch (value->type) {
	case VALUE_INT:
		return json_integer(value->integer);
	case VALUE_REAL:
		return isfinite(value->real) ? json_real(value->real) :
					       json_pack("{s:s}", "real", value->real < 0 ? "-inf" : "inf");
	case VALUE_TEXT:
		text = json_stringn((const char *)value->bytes, value->len);
		return text != NULL ? text : hex_json(value->bytes, value->len);
	case VALUE_BLOB:
		return hex_json(value->bytes, value->len);
	default:
		return json_null();
	}
}

static json_t *row_json(struct stmt *s)
{
	json_t *row = json_object();

	for (int i = 0; i < stmt_columns(s); i++) {
		struct value value = stmt_get_value(s, i);

		json_object_set_new(row, stmt_column(s, i), question_value(&value));
	}
	return row;
}

bool question_ask(struct db *db, const struct question *q, question_row *call, void *state, struct err *e)
{
	AUTO_STMT s = { 0 };
	int64_t rows = 0;
	bool row;

	if (!db_prepare(db, q->sql, &s, e))
		return err_wrap(e, "the workspace's SQL");
	if (!stmt_reads_only(&s))
		return err_set(e, ERR_USAGE, "the workspace's SQL is no query");
	for (int i = 0; i < QUESTION_BINDS && q->bind[i].name != NULL; i++)
		stmt_text_named(&s, q->bind[i].name, q->bind[i].text);
	for (;;) {
		AUTO_JSON json = NULL;

		if (!stmt_row(&s, &row, e))
			return err_wrap(e, "the workspace's SQL");
		if (!row)
			return true;
		if (++rows > QUESTION_ROWS)
			return err_set(e, ERR_TOO_LARGE, "more than %d rows", QUESTION_ROWS);
		json = row_json(&s);
		if (!call(state, json, e))
			return false;
	}
}

static bool append(void *state, json_t *row, struct err *e)
{
	(void)e;
	json_array_append(state, row);
	return true;
}

bool question_all(struct db *db, const struct question *q, json_t **ret, struct err *e)
{
	if (*ret == NULL)
		*ret = json_array();
	return question_ask(db, q, append, *ret, e);
}

static bool keep_first(void *state, json_t *row, struct err *e)
{
	json_t **kept = state;

	(void)e;
	if (*kept == NULL)
		*kept = json_incref(row);
	return true;
}

bool question_one(struct db *db, const struct question *q, json_t **ret, struct err *e)
{
	AUTO_JSON row = NULL;

	if (!question_ask(db, q, keep_first, &row, e))
		return false;
	*ret = row;
	row = NULL;
	return true;
}

static int put(const char *bytes, size_t len, void *out)
{
	buf_put(out, bytes, len);
	return 0;
}

void question_canonical(const json_t *json, struct buf *out)
{
	(void)!json_dump_callback(json, put, out, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
}
