/*
 * constraint.h - rows that break a CHECK or FOREIGN KEY of their table, found by reading alone.
 *
 * Merging asks neither: a value is never refused because of a rule of the application, for nodes would
 * come to different ends.  So what breaks one is computed from the rows, equal rows give equal answers,
 * and a later write that mends the row mends the list.
 *
 * Memory: what the callback is lent lives until it returns.
 */
#ifndef MERGE_CONSTRAINT_H
#define MERGE_CONSTRAINT_H

#include "store/catalog.h"

#define CONSTRAINT_CHECK       "check"
#define CONSTRAINT_FOREIGN_KEY "foreign-key"

struct constraint_breach {
	const struct catalog_table *table;
	const char *scope;	 /* that the row says it belongs to; "" if that is no text */
	const struct value *key; /* table->keys of them; NULL: the rule itself cannot be evaluated here */
	const char *rule;	 /* CONSTRAINT_ */
	const char *detail;
};

/*
 * Each breach of this table, rule by rule, rows in order of the key; a row once per rule that it breaks.
 * The callback returns false to stop; *ret_stopped (may be NULL) says that it did.  Writes nothing: works
 * on a read-only connection beside a running node.  Without such rules it costs nothing, else one pass
 * over the table for each.
 */
MUST_USE bool constraint_find(struct db *db, const struct catalog_table *table,
			      bool (*call)(void *state, const struct constraint_breach *breach),
			      void *state, bool *ret_stopped, struct err *e);

#endif
