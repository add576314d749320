/*
 * window.h - which accepted changesets are merged together, and their changes as one array.
 *
 * A window is causally closed: whatever a changeset in it has seen is merged or in it, before it.  The
 * parts of a cut of up to LIMIT_CUT_ATOMIC_PARTS are in one window or not at all; those of a longer one are
 * taken one by one, so that no part of a merge has to be as long as the end of a long cut.
 *
 * Memory: what window_fill took lives until the next call.
 */
#ifndef MERGE_WINDOW_H
#define MERGE_WINDOW_H

#include "base/world.h"
#include "merge/table.h"
#include "store/history.h"
#include "store/rules.h"

#define WINDOW_FAILED "could not be merged: " /* how the reason of one begins that is taken alone */

struct window_item { /* one change */
	struct table *table;
	const struct document_table *document;
	const struct change *change;
	const struct scope *scope;
	int64_t n; /* of its changeset */
	size_t order;
	const struct merge_context *context;
	const struct rules_table *rules; /* by which it is judged */
	int role;
	struct merge_change merge;
	struct version_key key;
	struct merge_result result;
};

struct window_chain { /* what the picking knows of a chain, by simpul_chain.no */
	struct scope scope;
	int role;
	uint64_t head;
	uint64_t next; /* the least seq that is neither merged nor void; head + 1 if all are */
	int64_t void_after;
	uint64_t cut_left; /* parts of an open cut that are still to be taken */
	uint64_t *seen;    /* context of the last changeset taken, [chains]; NULL: not loaded */
};

struct window_guilt { /* a changeset that breaks a rule, found while it was merged */
	struct window_guilt *next;
	int64_t n;
	char reason[480];
};

struct window_mark { /* where the picking is, and what came of it so far */
	size_t at;
	uint64_t hlc_max;
	int64_t merged, quarantined, waiting; /* changesets */
};

struct window {
	struct db *db;
	const struct world *world;
	struct history *history;
	struct table_set *tables;
	struct arena arena; /* what picking knows */
	struct arena work;  /* the changes taken last */
	size_t chains;
	struct window_chain *chain;
	int64_t *candidate; /* numbers of accepted changesets, ascending; negative: taken with a cut */
	size_t candidates;
	bool failed; /* the candidates are those that failed before; else all others */
	int64_t first, last; /* the first changeset taken, and the last one looked at, by window_fill */
	struct window_item *item;
	size_t items, cap;
	size_t open_cuts;
	bool catalog_moved; /* a table was made or has grown: load the catalog again */
	const struct document_table *stunted; /* the last one whose table could not grow */
	struct window_mark now, mark; /* mark: before the last window_fill */
	struct rules rules;
	struct window_guilt *guilty; /* quarantined when they are taken again */
};

#define AUTO_WINDOW __attribute__((cleanup(window_done))) struct window

/* Reads the chains and what waits to be merged: what failed before, or everything else. */
MUST_USE bool window_open(struct window *w, struct history *history, struct table_set *tables,
			  const struct world *world, bool failed, struct err *e);
/*
 * Takes changesets until there are `most` changes or nothing is ready; 0: one changeset, or one cut.
 * *ret_any: took any.
 */
MUST_USE bool window_fill(struct window *w, size_t most, bool *ret_any, struct err *e);
/* After the file was rolled back to where it was before the last window_fill: so is the window. */
MUST_USE bool window_undo(struct window *w, struct err *e);
/* After window_undo: the changeset that was taken first waits, for the reason told, and is passed by. */
MUST_USE bool window_fail(struct window *w, const struct err *why, struct err *e);
/* Changeset n is to be quarantined: after window_undo, when it is taken again. */
void window_condemn(struct window *w, int64_t n, const struct err *why);
void window_done(struct window *w);

#endif
