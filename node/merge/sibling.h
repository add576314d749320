/*
 * sibling.h - the list of conflicts for people: what is shown, what else stands, who wrote it and when.
 *
 *	static bool print(void *state, const struct sibling *s) { ... return true; }
 *
 *	return sibling_list(db, &catalog, print, state, e);
 *
 * Rows that are deleted are left out.  Choosing a value is an ordinary write: it supersedes all of them.
 * Memory: everything lent to the callback lives until it returns.
 */
#ifndef MERGE_SIBLING_H
#define MERGE_SIBLING_H

#include "store/catalog.h"

struct sibling_write {
	struct value value;
	const char *node; /* as enrolled */
	uint64_t hlc;
	int64_t n;	  /* of its changeset in simpul_changeset; 0: not here */
	struct hash id;	  /* of its changeset; zeros: not here */
};

struct sibling {
	const struct catalog_table *table;
	const char *scope;
	const struct value *key; /* table->keys of them */
	const char *column;
	struct sibling_write shown;
	struct sibling_write other; /* one call per value that is not shown */
};

/* In order of table, row, column.  The callback returns false to stop early. */
MUST_USE bool sibling_list(struct db *db, const struct catalog *catalog,
			   bool (*call)(void *state, const struct sibling *sibling), void *state,
			   struct err *e);
/* How many values wait for a person; deleted rows included. */
MUST_USE bool sibling_count(struct db *db, int64_t *ret, struct err *e);

#endif
