/*
 * drain.h - the change log as a list of rows to look at, each once per author.
 *
 * What one person did to a row stays apart from what another did (capture/actor.h), and what was done on
 * an older view of it from the rest.  A column belongs to whoever wrote it last: the value that stands in
 * the table is theirs.  The entries of one row are to be looked at in separate rounds, in this order.
 *
 * Taking hints and deleting them happen in the caller's one transaction, together with whatever becomes
 * of them: a crash in between leaves them where they were.
 *
 * Memory: rows live in the arena.
 */
#ifndef CAPTURE_DRAIN_H
#define CAPTURE_DRAIN_H

#include "store/catalog.h"

struct drain_row {
	const struct catalog_table *table;
	struct value key[LIMIT_KEY_COLUMNS]; /* table->keys of them */
	struct value scope_key;		     /* simpul_scope, in tables whose key has it */
	bool inserted;			     /* all columns may be new */
	int64_t mask;			     /* else these: trigger.h */
	uint64_t ms;			     /* of the last hint; 0: hints that carry no time */
	int64_t actor;			     /* simpul_actor.no; 0: an application */
	bool stale;			     /* of the own chain the author had seen no more than this: */
	uint64_t seen_own;
	int64_t seq;			     /* of the last hint */
	uint32_t round;
	bool look;			     /* a hint without columns: it may have been deleted */
};

struct drain {
	size_t rows;
	uint32_t rounds;	     /* 1 unless several authors touched one row */
	struct drain_row *row; /* ascending by table, then key */
	int64_t last_seq;      /* of the hints taken; 0: none */
	int64_t skipped;       /* hints of tables that are not in the catalog: they stay in the log */
};

struct drain_range {
	int64_t after;
	int64_t upto;
	int64_t most;
};

/* At most `most` hints with after < seq <= upto, oldest first. */
MUST_USE bool drain_take(struct db *db, struct arena *arena, const struct catalog *catalog,
			 const struct drain_range *range, struct drain *ret, struct err *e);
/* Deletes the hints that drain_take saw in this range, but for the skipped ones. */
MUST_USE bool drain_drop(struct db *db, const struct catalog *catalog, int64_t after, int64_t upto,
			 struct err *e);
/* Is there a hint of the row (its table, key and scope_key)? */
MUST_USE bool drain_has(struct db *db, const struct drain_row *row, bool *ret, struct err *e);
/* Back into the log, as one hint of the same author. */
MUST_USE bool drain_put_back(struct db *db, const struct drain_row *row, struct err *e);

#endif
