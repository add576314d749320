/*
 * rebuild.h - version rows, the list of siblings and base tables made anew from the log.
 *
 * In the caller's transaction, after this node's own changes were sealed.  The log itself is never
 * touched, and a row that the log does not know is left where it is, and noted as a local change: it is
 * sealed with the next ones, as repair does it.
 *
 *	if (!txn_begin(&txn, db, e) || !outbox_seal(...) || !rebuild_run(db, &catalog, &plan, &result, e))
 *		return false;
 *	return result.same || force ? txn_commit(&txn, e) : refuse
 */
#ifndef MERGE_REBUILD_H
#define MERGE_REBUILD_H

#include "base/world.h"
#include "store/catalog.h"

struct rebuild_table { /* the state digest of one table */
	const struct catalog_table *table;
	bool readable; /* before: else its version rows were damaged */
	struct hash before, after;
	int64_t rows;
};

struct rebuild_plan {
	const struct world *world;
	void (*progress)(void *state, uint64_t done, uint64_t total); /* rows; NULL */
	void *state;
};

struct rebuild_result {
	struct rebuild_table *table; /* [catalog->tables], in the arena that was given */
	bool same;	  /* all digests are as before */
	int64_t versions; /* version rows written */
	int64_t rows;	  /* base rows that did not show what they should */
	int64_t kept;	  /* base rows that the log does not know: noted as local changes */
	int64_t withheld; /* rows that a rule of their table keeps out */
};

/*
 * ERR_INCOMPLETE, ERR_NOT_ENROLLED: changes are noted that are not sealed.  ERR_CORRUPT: a changeset
 * cannot be read, and making the tables without it would lose what it wrote.
 */
MUST_USE bool rebuild_run(struct db *db, const struct catalog *catalog, const struct rebuild_plan *plan,
			  struct arena *arena, struct rebuild_result *ret, struct err *e);

#endif
