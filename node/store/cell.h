/*
 * cell.h - what a cell shows, and the values that stand beside it: listed, none lost.
 *
 * proto/PROTOCOL.md ("Merge") says what each policy shows and lists.  simpul_sibling has a row per listed
 * value; of several writes that agree only the greatest is.  The list is a function of the version row
 * and the frames; cell_settle brings it up to date.
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
/*
 * The value that a column shows, by its policy; it lives until the next call.  False in *ret_found: the
 * column's default is shown, because no write stands in it, people have to choose first (manual), or the
 * frame is gone.
 */
MUST_USE bool cell_shown(struct history *h, const struct cell_row *row, int column_no, struct value *ret,
			 bool *ret_found, struct err *e);
/* The writes that cell_settle would have listed in a column, into ret[row->n]. */
MUST_USE bool cell_listed(struct history *h, const struct cell_row *row, int column_no,
			  const struct merge_entry **ret, size_t *ret_n, struct err *e);

/*
 * What an author writes so that a counter comes to `want`: an UPDATE as its chain's tally, an INSERT as its
 * plain value.  False in *ret_fits: that is no 64-bit integer, or what it adds to is no number.
 */
struct cell_count {
	int column_no;
	uint32_t chain; /* of the UPDATE; 0: an INSERT */
	int64_t want;
};
MUST_USE bool cell_count(struct history *h, const struct cell_row *row, const struct cell_count *count,
			 int64_t *ret, bool *ret_fits, struct err *e);

#endif
