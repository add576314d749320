/*
 * cell.h - cells that hold more than one standing write: their values listed, none lost.
 *
 * simpul_sibling has a row per value that stands but is not shown.  Writes of the same type and value
 * as the shown one are not listed, and of several that agree only the greatest is.  The list is a
 * function of the version row and the frames; cell_settle brings it up to date.
 */
#ifndef STORE_CELL_H
#define STORE_CELL_H

#include "store/history.h"
#include "store/version.h"

struct cell_row {
	const struct catalog_table *table;
	const struct value *key; /* table->keys of them, without a scope in front */
	int64_t k;		 /* of simpul_version_<no> */
	const struct merge_entry *entry;
	size_t n;
};

/*
 * To be called for the columns in `conflict` of each change that merge_apply found some in, after the
 * changeset is in simpul_changeset as number n.  What is not listed any more is superseded by n.
 */
MUST_USE bool cell_settle(struct history *h, const struct cell_row *row,
			  const struct column_set *conflict, int64_t n, struct err *e);
/* The value that a column shows; false in *ret_found if no write stands in it or its frame is gone. */
MUST_USE bool cell_shown(struct history *h, const struct cell_row *row, int column_no, struct value *ret,
			 bool *ret_found, struct err *e);

#endif
