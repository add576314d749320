/*
 * policy.h - a policy that comes later takes effect in what was contested before it.
 *
 * What a cell shows and lists is a function of the writes that stand in it and of the policy that its
 * column has here now (store/cell.h).  Merging brings the cells up to date that it writes; this does it for
 * the others, when rules came, went or changed.
 */
#ifndef MERGE_POLICY_H
#define MERGE_POLICY_H

#include "merge/table.h"

/*
 * In the merge's transaction, with a catalog that was loaded in it.  Looks at all rows of the tables in
 * which a policy is another than when this was last asked, and at none otherwise.  *ret_rows: how many
 * were written.
 */
MUST_USE bool policy_catch_up(struct history *h, const struct catalog *catalog, struct table_set *tables,
			      int64_t *ret_rows, struct err *e);

#endif
