/*
 * row.h - one row of a base table brought in line with its version; and rows that a rule keeps out.
 *
 * Memory: nothing is kept.
 */
#ifndef MERGE_ROW_H
#define MERGE_ROW_H

#include "merge/table.h"

struct row {
	struct table *table;
	const struct scope *scope;
	const struct value *key; /* without simpul_scope */
	int64_t k;		 /* of its version */
};

/*
 * Writes the whole row from its version and the frames, or deletes it if it is dead.  A rule of the
 * table that it breaks keeps it out (simpul_violation); of two rows that a UNIQUE rule will not have
 * together, the one with the smaller (HLC, chain) is kept out.  *ret_withheld: this one is.
 */
MUST_USE bool row_rebuild(struct history *h, const struct row *row, bool *ret_withheld, struct err *e);
/* Settles the siblings of the columns in `conflict` after changeset n. */
MUST_USE bool row_settle(struct history *h, const struct row *row, const struct column_set *conflict,
			 int64_t n, struct err *e);
/* Tries the rows in simpul_violation again; *ret_withheld: how many are still kept out. */
MUST_USE bool row_retry_withheld(struct history *h, struct table_set *tables, int64_t *ret_withheld,
				 struct err *e);

#endif
