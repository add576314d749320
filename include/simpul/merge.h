/*
 * merge.h - which writes of a row are still standing: the pure rules, and the packed form they keep.
 *
 * A row's version is a list of entries.  One entry is the stamp of one write (chain, seq, HLC) with the
 * set of columns in which that write stands: in which no later write has superseded it.  A column with
 * one standing write is a plain value.  With several (they were concurrent) the greatest (HLC, chain id)
 * is shown and the others are siblings.  A DELETE marks what it has seen as dead; a row is alive while
 * some standing write is not dead, so an edit beats a concurrent delete.  merge.c proves convergence.
 *
 * An INSERT stands in all columns that it lists and in the key columns: the key columns' entries are
 * the row's mere existence, which keeps a row of which nothing but the key was ever written.
 *
 * In a counter column an UPDATE is a tally: the sum of what its chain has added so far.  Tallies of
 * different chains are summed, so they never contend; each replaces the one before it in its chain.
 *
 * Memory: everything borrowed; merge_apply works in place and needs room for MERGE_ADDS entries more.
 */
#ifndef SIMPUL_MERGE_H
#define SIMPUL_MERGE_H

#include "simpul/change.h"

#define COLUMN_SET_WORDS (LIMIT_COLUMNS / 64)
#define MERGE_ADDS 2 /* entries that one change adds at most: its writes and its tallies */

struct column_set { /* of stable column numbers, 0..LIMIT_COLUMNS - 1 */
	uint64_t word[COLUMN_SET_WORDS];
};

struct merge_entry {
	uint32_t chain; /* this file's number of the chain */
	bool dead;	/* a delete has seen this write */
	bool tally;	/* it stands in counter columns only, as what its chain adds to them */
	uint64_t seq;
	uint64_t hlc;
	struct column_set columns; /* where it stands; never empty */
};

/*
 * What one changeset had seen: seen[chain] = the last seq of that chain; of chains from `chains` up
 * nothing.  All zeros: everything (a change made here, on top of all that was merged).
 */
struct merge_context {
	const uint64_t *seen;
	size_t chains;
	const struct chain_id *id; /* [chains]: for the tie-break */
};

struct merge_change {
	enum change_op op;
	uint32_t chain; /* < context.chains, if that is not 0 */
	uint64_t seq;
	uint64_t hlc;
	uint64_t seen_own; /* change.h; lowers the context for the change's own chain */
	struct column_set columns; /* UPDATE: written; INSERT: written and key columns; DELETE: unused */
	const struct column_set *counters; /* columns in which an UPDATE is a tally; NULL: none */
};

struct merge_result {
	size_t n_before;	    /* entries before */
	size_t n;		    /* entries now */
	bool alive_before;
	bool alive;
	bool tallied;		    /* tallies stand in a column of this change: it shows a sum */
	struct column_set won;	    /* columns of this change in which it is the shown write now */
	struct column_set conflict; /* columns that had or have more than one standing write, tallies aside */
};

/*
 * Applies one change to entries[0..n); room for n + MERGE_ADDS.  The context must be causal:
 * whatever it names has been applied before.  Keeps entries in order of arrival.
 */
void merge_apply(struct merge_entry *entries, size_t n, const struct merge_change *change,
		 const struct merge_context *context, struct merge_result *ret);
/* The greatest write in a column, tallies aside: what lww shows, what tallies add to; or NULL. */
const struct merge_entry *merge_shown(const struct merge_entry *entries, size_t n, unsigned column,
				      const struct chain_id *id);
/* Is a shown rather than b?  A total order of the writes of one cell. */
bool merge_beats(const struct merge_entry *a, const struct merge_entry *b, const struct chain_id *id);
/* Do tallies stand in the column? */
bool merge_tallied(const struct merge_entry *entries, size_t n, unsigned column);
bool merge_alive(const struct merge_entry *entries, size_t n);

/* The packed form, merge.c.  decode: false on damage; *ret_n <= merge_count_max(len). */
size_t merge_size_max(size_t n);
size_t merge_count_max(size_t len);
size_t merge_encode(const struct merge_entry *entries, size_t n, uint8_t *out); /* [merge_size_max] */
MUST_USE bool merge_decode(const uint8_t *bytes, size_t len, struct merge_entry *ret, size_t *ret_n);

static inline void column_set_add(struct column_set *s, unsigned column)
{
	s->word[column / 64] |= UINT64_C(1) << column % 64;
}

static inline bool column_set_has(const struct column_set *s, unsigned column)
{
	return s->word[column / 64] >> column % 64 & 1;
}

static inline bool column_set_empty(const struct column_set *s)
{
	return (s->word[0] | s->word[1] | s->word[2] | s->word[3]) == 0;
}

#endif
