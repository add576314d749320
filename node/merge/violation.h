/*
 * violation.h - rows that break a rule: kept out of their table, not sealed, or there all the same.
 *
 * Three sorts in one list.  Merging keeps a row out of its table that the table cannot hold (UNIQUE, NOT
 * NULL).  Sealing keeps a change here that may not travel (too large, no scope, not allowed).  And rows
 * that stand in their tables against a CHECK or FOREIGN KEY are computed anew each time (constraint.h).
 * None of them stops an exchange; whoever submits something as finished asks violation_count first.
 *
 * Memory: what the callback is lent lives until it returns.
 */
#ifndef MERGE_VIOLATION_H
#define MERGE_VIOLATION_H

#include "base/buf.h"
#include "store/catalog.h"

struct violation {
	const char *table;
	const struct catalog_table *of; /* NULL: not in this file any more */
	const char *scope;		/* "" if it is not known */
	const struct value *key;	/* of->keys of them; NULL: not known */
	const char *rule;   /* unique, not-null, too-large, not-allowed, check ...: violation_remedy */
	const char *detail;
	bool local; /* a change made here that is not sealed: violation_put_back takes it back */
};

/* Reads only.  The callback returns false to stop. */
MUST_USE bool violation_list(struct db *db, const struct catalog *catalog,
			     bool (*call)(void *state, const struct violation *violation), void *state,
			     struct err *e);
/* How many concern this scope; NULL: all. */
MUST_USE bool violation_count(struct db *db, const struct catalog *catalog, const struct scope *scope,
			      int64_t *ret, struct err *e);
/* What a person can do about it. */
const char *violation_remedy(const char *rule, bool english);

/*
 * A changed row that cannot be sealed becomes what it was when it was last sealed or merged: its version
 * is written into the table, or it goes if it has none; its hints are dropped.  In the caller's
 * transaction, on a DB_NODE connection.  word[]: the key's values as text, in key order.  *ret_object
 * (a buffer): "table key".  ERR_NOT_FOUND: no such row is listed as a local change.
 */
struct violation_name {
	const char *table;
	const char *const *word;
	int words;
};
MUST_USE bool violation_put_back(struct db *db, const struct catalog *catalog,
				 const struct violation_name *name, struct buf *ret_object, struct err *e);

#endif
