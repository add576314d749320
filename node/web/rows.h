/*
 * rows.h - rows as the API shows them: {"key": [...], "values": {...}, "state": {...}}.
 */
#ifndef WEB_ROWS_H
#define WEB_ROWS_H

#include "web/query.h"
#include "web/state.h"

/* One row from the values of its columns.  state NULL: without one. */
MUST_USE bool rows_row(struct state *state, const struct relation *relation,
		       const struct value *values, json_t **ret, struct err *e);
/* The row with this key; JSON's null if there is none. */
MUST_USE bool rows_find(struct party *p, struct serve_job *job, const struct relation *relation,
			const struct value *key, json_t **ret, struct err *e);

#endif
