/*
 * obey.h - does a change keep to the rules of its table?
 *
 * Two halves.  obey_change looks at the change alone: groups whole, counters whole numbers, the right scope.
 * obey_row looks at the row as the change's author had seen it: its state, and whether it was there.  Both
 * are functions of the changeset and its ancestors (store/rules.h), so every node comes to the same
 * verdict.  A changeset with one change that does not obey is void as a whole.
 *
 * Memory: nothing is kept.
 */
#ifndef MERGE_OBEY_H
#define MERGE_OBEY_H

#include "store/cell.h"
#include "store/rules.h"

/* False: *why says which rule.  d: the table as the changeset's own document has it; it is here. */
MUST_USE bool obey_change(const struct rules_table *rules, const struct document_table *d,
			  const struct change *c, const struct scope *scope, struct err *why);

/* Does the verdict depend on the row? */
bool obey_needs_row(const struct rules_table *rules);

struct obey_row {
	const struct rules_table *rules;
	const struct document_table *document; /* the changeset's own */
	int role;
	const struct change *change;
	const struct merge_change *merge;
	const struct merge_context *context;
	const struct scope *scope;
	struct cell_row row; /* its version before the change */
	int64_t n;	     /* of the changeset */
};
/* *ret_obeys false: *why says which rule, and who may.  False only if the storage failed. */
MUST_USE bool obey_row(struct history *h, const struct obey_row *row, bool *ret_obeys, struct err *why,
		       struct err *e);

#endif
