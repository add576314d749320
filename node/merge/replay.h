/*
 * replay.h - the log played again in memory: what every row came to, up to any changeset.
 *
 * Accepted changesets are merged in the order of acceptance, each in its own context, by the same pure
 * rules as into the file (simpul/merge.h).  What is void or quarantined is left out.  The file's version
 * rows, base tables and list of siblings must come to the same; this is what they are checked against,
 * made anew from and, for a time that is past, replaced by.
 *
 *	AUTO_REPLAY r = { 0 };
 *
 *	if (!replay_open(&r, db, &catalog, &plan, e) || !replay_run(&r, e))
 *		return false;
 *	for (row = r.first; row != NULL; row = row->next)
 *		... replay_key(row, &key); replay_shown(&r, row, column_no, &value, &found, e) ...
 *
 * Memory: everything lives in the replay, the unpacked bodies too: about 200 bytes per change besides.
 */
#ifndef MERGE_REPLAY_H
#define MERGE_REPLAY_H

#include "store/cell.h"

struct replay_set { /* a changeset that was played */
	int64_t n;
	uint32_t chain;
	uint64_t seq;
	size_t actors;
	const struct schema_text *actor; /* names, by replay_write.actor - 1 */
};

struct replay_write { /* one change of one row */
	const struct replay_write *older;
	const struct replay_set *set;
	uint64_t hlc;
	uint8_t op; /* enum change_op */
	uint16_t actor;
	uint16_t columns;
	const struct column_set *counters; /* in which an UPDATE is a tally; NULL: none */
	const int16_t *column; /* stable numbers; -1: none is left */
	const struct value *value;
};

struct replay_row {
	struct replay_row *next; /* in order of appearance */
	struct replay_row *chained; /* in the hash table */
	const struct catalog_table *table;
	const struct scope *scope;
	const uint8_t *key; /* packed (store/version.h), without a scope in front */
	size_t key_len;
	struct merge_entry *entry;
	size_t n, cap;
	const struct replay_write *newest; /* all that was ever written, newest first */
	int64_t k; /* for whoever goes through the rows */
};

struct replay_plan {
	int64_t upto;  /* n of the last changeset to play; 0: all */
	bool as_then;  /* what was revoked later counts, as it did at that time */
	const struct catalog_table *const *table; /* only these; NULL: all */
	size_t tables;
	const uint64_t *seen; /* [simpul_chain.no]: only what this context covers; NULL: all */
};

struct replay {
	struct db *db;
	const struct catalog *catalog;
	struct replay_plan plan;
	struct history history; /* documents and chains; its values come from here */
	struct arena arena;
	struct replay_chain *chain; /* by simpul_chain.no */
	struct replay_row *first, *last, *current;
	struct replay_row **bucket;
	size_t buckets, rows;
	bool only_wanted;
	uint64_t secret;
	struct buf packed;
	int64_t changesets, changes;
};

#define AUTO_REPLAY __attribute__((cleanup(replay_close))) struct replay

/* The catalog must outlive it. */
MUST_USE bool replay_open(struct replay *r, struct db *db, const struct catalog *catalog,
			  const struct replay_plan *plan, struct err *e);
void replay_close(struct replay *r);
/* From now on only rows that somebody wanted are played.  The key is without a scope in front. */
struct replay_row *replay_want(struct replay *r, const struct catalog_table *table,
			       const struct scope *scope, const struct value *key);
/*
 * Plays everything, once.  In one transaction with whatever it is compared with.  A changeset that cannot
 * be read is an error: without it all that follows would be wrong.
 */
MUST_USE bool replay_run(struct replay *r, struct err *e);

/* NULL if nobody ever wrote it. */
struct replay_row *replay_find(struct replay *r, const struct catalog_table *table,
			       const struct scope *scope, const struct value *key);
struct replay_key {
	struct value value[LIMIT_KEY_COLUMNS]; /* borrow from the row and from here */
	char uuid[LIMIT_KEY_COLUMNS][37];
};
void replay_key(const struct replay_row *row, struct replay_key *ret);
/* The value that a column shows; false in *ret_found if no write stands in it. */
MUST_USE bool replay_shown(struct replay *r, struct replay_row *row, int column_no, struct value *ret,
			   bool *ret_found, struct err *e);
/* The write that an entry of the row stands for in a column, and its value. */
const struct replay_write *replay_write_of(const struct replay_row *row, const struct merge_entry *entry,
					   int column_no, const struct value **ret_value);
/* The number of the last changeset accepted at that time (ms since 1970); 0: none. */
MUST_USE bool replay_moment(struct db *db, uint64_t ms, int64_t *ret_n, struct err *e);

#endif
