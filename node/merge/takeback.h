/*
 * takeback.h - a revocation that came late: what the void changesets did is taken out of the tables.
 *
 * Every row that one of them touched becomes what it would be had they never come: computed again from
 * the frames that are kept.  What others wrote over a void write stays; what a void write had pushed
 * aside comes back.  So the order in which a revocation and a changeset arrive makes no difference.
 */
#ifndef MERGE_TAKEBACK_H
#define MERGE_TAKEBACK_H

#include "merge/table.h"

/*
 * In the merge's transaction, before anything new is merged.  *ret_rows: how many were made anew.
 * *ret_judge: where rules look at rows, what came after the void changesets was judged by what they had
 * done.  It waits to be merged and judged again, in this same transaction.
 */
MUST_USE bool takeback_run(struct db *db, const struct catalog *catalog, struct table_set *tables,
			   int64_t *ret_rows, bool *ret_judge, struct err *e);

/*
 * Every row that the changesets under this SQL condition touch, made anew from what counts now; they must
 * be merged, or not count at all.
 */
MUST_USE bool takeback_rows(struct db *db, const struct catalog *catalog, struct table_set *tables,
			    const char *which, int64_t *ret_rows, struct err *e);
/* Their versions and siblings only: the base rows show the right values already, or what is not sealed. */
MUST_USE bool takeback_versions(struct db *db, const struct catalog *catalog, struct table_set *tables,
				const char *which, int64_t *ret_rows, struct err *e);

#endif
