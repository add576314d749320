/*
 * ancestor.h - who had seen what, looked up in the frames; and what concurrent texts began with.
 *
 *	struct ancestor_write w;
 *
 *	if (!ancestor_write(h, &row, entry, column_no, &w, e))
 *		return false;
 *	if (ancestor_covers(&w, other->chain, other->seq)) ... w's author had seen the other ...
 *
 * Slow: contexts are summed up from a chain's first frame on, and an ancestor is searched backwards in
 * the scope's log.  Only contested cells ask.
 *
 * Memory: what is returned lives as long as the history.
 */
#ifndef STORE_ANCESTOR_H
#define STORE_ANCESTOR_H

#include "store/cell.h"

struct ancestor_write {
	uint32_t chain;
	uint64_t seq;
	uint64_t seen_own;    /* change.h */
	const uint64_t *seen; /* [h->chains] the context of its changeset */
};

/* What the author of a standing write had seen. */
MUST_USE bool ancestor_write(struct history *h, const struct cell_row *row, const struct merge_entry *entry,
			     int column_no, struct ancestor_write *ret, struct err *e);
/* Of another changeset than its own: had w's author seen it? */
bool ancestor_covers(const struct ancestor_write *w, uint32_t chain, uint64_t seq);

/*
 * The TEXT that all n standing writes of a column began with: that of the one write which all of them
 * cover and which covers all others of that kind.  *ret_found is false if there is no such one.
 */
struct ancestor_question {
	const struct cell_row *row;
	int column_no;
	const struct merge_entry *const *entry;
	size_t n;
};
MUST_USE bool ancestor_text(struct history *h, const struct ancestor_question *q, struct arena *arena,
			    struct value *ret, bool *ret_found, struct err *e);

#endif
