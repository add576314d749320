/*
 * question.h - SQL that a workspace's app.json brings along, asked of the file: rows as JSON objects.
 *
 *	const struct question q = { .sql = sql, .bind = { { ":scope", "13.73" }, { ":code", "B1" } } };
 *	AUTO_JSON rows = NULL;
 *
 *	if (!question_all(db, &q, &rows, e))
 *		return false;
 *
 * It only reads.  A value is what JSON has for it; a BLOB, a text that is no UTF-8, and a number that JSON
 * has no word for stand as {"hex": "..."} and {"real": "inf"}.
 *
 * Memory: returned JSON is owned by the caller.
 */
#ifndef WEB_QUESTION_H
#define WEB_QUESTION_H

#include "base/json.h"
#include "store/db.h"

#define QUESTION_BINDS 6
#define QUESTION_ROWS 1000000

struct question {
	const char *sql;
	struct {
		const char *name; /* with its colon; NULL: none */
		const char *text;
	} bind[QUESTION_BINDS];
};

/* The row is the callee's to keep a reference of; false stops with an error. */
typedef bool question_row(void *state, json_t *row, struct err *e);

/* ERR_USAGE: it would write, or is more than one statement; ERR_TOO_LARGE: more than QUESTION_ROWS. */
MUST_USE bool question_ask(struct db *db, const struct question *q, question_row *call, void *state,
			   struct err *e);
/* Adds the rows to *ret, an array (NULL: a new one). */
MUST_USE bool question_all(struct db *db, const struct question *q, json_t **ret, struct err *e);
/* The first row; NULL if there is none. */
MUST_USE bool question_one(struct db *db, const struct question *q, json_t **ret, struct err *e);

json_t *question_value(const struct value *value);
/*
 * One text for one value: members ascending by the bytes of their names, no spaces, text in UTF-8 with only
 * ", \ and control characters escaped, numbers as C prints them (%.17g).
 */
void question_canonical(const json_t *json, struct buf *out);

#endif
