/*
 * write.h - rows that people write by the web: checked field by field, marked as theirs, all or
 *none.
 *
 *	struct write_batch batch = { .job = job, .token = token };
 *
 *	... write_add(p, &batch, &head, key, values, e) for each ...
 *	return write_run(p, &batch, e);
 *
 * What is wrong with any of them becomes faults of the request (request.h): no such table or
 *column, no right, wrong type, NULL, CHECK, rows that may only be added, the table's rules, what
 *the workspace says must hold (must_hold in app.json).  The rows are checked and written in order,
 *in the route's savepoint; before the first one, what others wrote in the same cells is sealed
 *(capture/actor.h).
 *
 * Memory: the request's arena.
 */
#ifndef WEB_WRITE_H
#define WEB_WRITE_H

#include "web/field.h"
#include "web/seen.h"

#define WRITE_BATCH_MAX 2000

enum write_op { WRITE_INSERT, WRITE_UPDATE, WRITE_PUT, WRITE_DELETE };

struct write {
	int index;	  /* in the batch; -1: it is the request */
	enum write_op op; /* a put becomes an insert or update */
	const struct relation *relation;
	struct value key[RELATION_KEYS_MAX]; /* if keyed */
	bool keyed;
	const struct value **value;  /* [relation->columns]; NULL: not given */
	const struct value **before; /* the row as it stood; NULL: there was none */
	enum seen seen;
	uint64_t seen_own;
	bool wrong; /* it has faults */
};

struct write_batch {
	struct serve_job *job;
	struct seen_token token;
	bool dry; /* each alone, and nothing is kept */
	struct write *write;
	size_t writes, cap;
	bool moved; /* a write is on top of what was merged since it was read */
};

/* What a request says of one write.  values, key: NULL if not given. */
struct write_said {
	int index;
	enum write_op op;
	const char *table;
	const json_t *key;
	const json_t *values;
};
/* What is wrong becomes a fault; false: an error. */
MUST_USE bool write_add(struct party *p, struct write_batch *b, const struct write_said *said,
			struct err *e);
/* ERR_INVALID with faults; ERR_CHANGED if b->moved and that is all; all written else. */
MUST_USE bool write_run(struct party *p, struct write_batch *b, struct err *e);

/* Reads the row with this key: values in the order of the relation's columns; *ret NULL: there is
 * none. */
MUST_USE bool write_read(struct party *p, struct serve_job *job, const struct relation *relation,
			 const struct value *key, const struct value ***ret, struct err *e);

#endif
