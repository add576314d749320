/*
 * apply.h - accepted changesets become rows: versions first, then the winners into the base tables.
 *
 * The caller has a transaction open on a DB_NODE connection and has sealed this node's own changes in it,
 * so that no local write can claim to have seen what it had not.
 *
 *	if (!txn_begin(&txn, db, e) || !outbox_seal(...) || !apply_ready(db, &catalog, world, &stats, e))
 *		return false;
 *	return txn_commit(&txn, e);
 *
 * A table that a document describes and that is not here is made; if stats.tables_made, load the catalog
 * again afterwards.
 */
#ifndef MERGE_APPLY_H
#define MERGE_APPLY_H

#include "base/world.h"
#include "store/catalog.h"

#define APPLY_WINDOW_CHANGES 100000u /* at least so many are merged as one sorted batch, if there are */

struct apply_stats {
	int64_t merged, quarantined; /* changesets */
	int64_t waiting;	     /* for a table that is not replicated here */
	int64_t changes;
	int64_t rows;		     /* base rows written or deleted */
	int64_t conflicts;	     /* rows with siblings that came or went */
	int64_t withheld;	     /* rows that a rule of their table keeps out */
	int64_t tables_made;
};

MUST_USE bool apply_ready(struct db *db, const struct catalog *catalog, const struct world *world,
			  struct apply_stats *ret, struct err *e);

struct apply_part {
	size_t changes_max; /* the part ends with the changeset or the cut that reaches so many */
	bool tried;	    /* what failed before was tried again; false before the first part */
	bool more;	    /* out: there may be more for another part */
	size_t changes;	    /* out: merged in this part */
};

/*
 * The same, a part at a time: a long merge gives the file free between two transactions.  Each part
 * begins like apply_ready: in a transaction in which this node's own changes were just sealed.  After the
 * last one the caller gives the memory back (db_grow_cache): the next part has use for the pages.
 */
MUST_USE bool apply_part(struct db *db, const struct catalog *catalog, const struct world *world,
			 struct apply_part *part, struct apply_stats *ret, struct err *e);

#endif
