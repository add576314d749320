/*
 * ancestor.c - causality read back from the frames.
 *
 * The log's order n is causal, so of all changesets that every standing write covers, the last one that
 * wrote the cell is covered by no other: it is maximal.  It is the only maximal one if it covers the rest.
 * What it does not cover lies behind its context in some chain, mostly nothing; only that is searched
 * after it.
 */
#include <string.h>

#include "store/ancestor.h"

/* What a chain had seen when it wrote its changeset seq; the sum of what its frames tell. */
struct history_context {
	struct history_context *next;
	uint32_t chain;
	uint64_t seq;
	size_t chains;
	uint64_t *seen;
};

static uint32_t chain_number(const struct history *h, const struct chain_id *id)
{
	for (size_t i = 1; i < h->chains; i++)
		if (chain_compare(&h->id[i], id) == 0)
			return (uint32_t)i;
	return 0;
}

static void add_pairs(const struct history *h, const struct history_set *set, uint64_t *seen)
{
	for (size_t i = 0; i < set->pairs; i++) {
		uint32_t about = chain_number(h, &set->pair[i].chain);

		if (about != 0 && seen[about] < set->pair[i].seq)
			seen[about] = set->pair[i].seq;
	}
}

/* Adds the frames after..upto of a chain to its context. */
static bool sum_context(struct history *h, struct history_context *context, uint64_t upto, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(h->db, "SELECT seq FROM simpul_changeset WHERE chain_no = ?1 AND seq > ?2"
				 " AND seq <= ?3 AND kind = 1 AND state = 1 ORDER BY seq", &s, e))
		return false;
	stmt_int(&s, 1, context->chain);
	stmt_int(&s, 2, (int64_t)context->seq);
	stmt_int(&s, 3, (int64_t)upto);
	while (true) {
		const struct history_set *set;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		if (!history_set_find(h, context->chain, (uint64_t)stmt_get_int(&s, 0), &set, e))
			return false;
		if (set != NULL)
			add_pairs(h, set, context->seen);
	}
	context->seq = upto;
	return true;
}

/* The nearest context known that is not beyond seq, to go on from. */
static const struct history_context *nearest(const struct history *h, uint32_t chain, uint64_t seq)
{
	const struct history_context *best = NULL;

	for (const struct history_context *c = h->contexts; c != NULL; c = c->next)
		if (c->chain == chain && c->seq <= seq && c->chains == h->chains &&
		    (best == NULL || c->seq > best->seq))
			best = c;
	return best;
}

static bool context_of(struct history *h, uint32_t chain, uint64_t seq, const uint64_t **ret,
		       struct err *e)
{
	const struct history_context *from = nearest(h, chain, seq);
	struct history_context *context;
	size_t bytes = h->chains * sizeof(**ret);

	if (from != NULL && from->seq == seq) {
		*ret = from->seen;
		return true;
	}
	context = arena_take(&h->arena, sizeof(*context));
	*context = (struct history_context){ .chain = chain, .seq = from == NULL ? 0 : from->seq,
					     .chains = h->chains };
	context->seen = arena_take(&h->arena, bytes);
	if (from == NULL)
		memset(context->seen, 0, bytes);
	else
		memcpy(context->seen, from->seen, bytes);
	if (!sum_context(h, context, seq, e))
		return false;
	context->next = h->contexts;
	h->contexts = context;
	*ret = context->seen;
	return true;
}

bool ancestor_write(struct history *h, const struct cell_row *row, const struct merge_entry *entry,
		    int column_no, struct ancestor_write *ret, struct err *e)
{
	const struct history_cell cell = { .chain = entry->chain, .seq = entry->seq, .hlc = entry->hlc,
					   .tally = entry->tally, .table = row->table, .key = row->key,
					   .column_no = column_no };
	const struct history_set *set;
	const struct change *change;
	const struct value *ignored;

	*ret = (struct ancestor_write){ .chain = entry->chain, .seq = entry->seq,
					.seen_own = CHANGE_SEEN_ALL };
	if (!history_set_find(h, entry->chain, entry->seq, &set, e))
		return false;
	change = set == NULL ? NULL : history_change(set, &cell, &ignored);
	if (change != NULL)
		ret->seen_own = change->seen_own;
	return context_of(h, entry->chain, entry->seq, &ret->seen, e);
}

/* Up to which seq of a chain w's author had seen it. */
static uint64_t seen_upto(const struct ancestor_write *w, uint32_t chain)
{
	if (chain != w->chain)
		return w->seen[chain];
	return w->seen_own < w->seq ? w->seen_own : w->seq - 1;
}

bool ancestor_covers(const struct ancestor_write *w, uint32_t chain, uint64_t seq)
{
	return seq <= seen_upto(w, chain);
}

struct search {
	struct history *h;
	const struct ancestor_question *q;
	uint64_t *common; /* [h->chains] the last seq that all standing writes cover */
	bool found, rival;
	struct ancestor_write best;
	struct value value;
	struct arena *arena;
};

static bool look_into(struct search *s, uint32_t chain, uint64_t seq, struct err *e)
{
	const struct history_cell cell = { .table = s->q->row->table, .key = s->q->row->key,
					   .column_no = s->q->column_no };
	const struct history_set *set;
	const struct change *change;
	const struct value *value;

	if (!history_set_find(s->h, chain, seq, &set, e))
		return false;
	change = set == NULL ? NULL : history_last_write(set, &cell, &value);
	if (change == NULL)
		return true;
	if (s->found) {
		s->rival = true; /* best does not cover it */
		return true;
	}
	s->found = true;
	s->best = (struct ancestor_write){ .chain = chain, .seq = seq, .seen_own = change->seen_own };
	if (value != NULL) {
		s->value = *value;
		if (value->type >= VALUE_TEXT)
			s->value.bytes = arena_copy(s->arena, value->bytes, value->len);
	}
	return context_of(s->h, chain, seq, &s->best.seen, e);
}

/* Backwards through the scope's log to the last write that all cover. */
static bool find_last(struct search *s, struct err *e)
{
	AUTO_RESET st = { 0 };
	bool row;

	if (!db_statement(s->h->db, "SELECT chain_no, seq FROM simpul_changeset WHERE scope ="
				    " (SELECT scope FROM simpul_chain WHERE no = ?1) AND kind = 1"
				    " AND state = 1 ORDER BY n DESC", &st, e))
		return false;
	stmt_int(&st, 1, s->q->entry[0]->chain);
	while (!s->found) {
		uint32_t chain;
		uint64_t seq;

		if (!stmt_row(&st, &row, e))
			return false;
		if (!row)
			return true;
		chain = (uint32_t)stmt_get_int(&st, 0);
		seq = (uint64_t)stmt_get_int(&st, 1);
		if (seq <= s->common[chain] && !look_into(s, chain, seq, e))
			return false;
	}
	return true;
}

/* What all cover and the one found does not. */
static bool find_rival(struct search *s, uint32_t chain, struct err *e)
{
	AUTO_RESET st = { 0 };
	uint64_t from = seen_upto(&s->best, chain);
	bool row;

	if (from >= s->common[chain])
		return true;
	if (!db_statement(s->h->db, "SELECT seq FROM simpul_changeset WHERE chain_no = ?1 AND seq > ?2"
				    " AND seq <= ?3 AND kind = 1 AND state = 1", &st, e))
		return false;
	stmt_int(&st, 1, chain);
	stmt_int(&st, 2, (int64_t)from);
	stmt_int(&st, 3, (int64_t)s->common[chain]);
	while (!s->rival) {
		uint64_t seq;

		if (!stmt_row(&st, &row, e))
			return false;
		if (!row)
			return true;
		seq = (uint64_t)stmt_get_int(&st, 0);
		if ((chain != s->best.chain || seq != s->best.seq) && !look_into(s, chain, seq, e))
			return false;
	}
	return true;
}

static bool find_common(struct search *s, struct err *e)
{
	s->common = arena_take(s->arena, s->h->chains * sizeof(*s->common));
	memset(s->common, 0xff, s->h->chains * sizeof(*s->common));
	for (size_t i = 0; i < s->q->n; i++) {
		struct ancestor_write w;

		if (!ancestor_write(s->h, s->q->row, s->q->entry[i], s->q->column_no, &w, e))
			return false;
		for (uint32_t k = 0; k < s->h->chains; k++)
			if (seen_upto(&w, k) < s->common[k])
				s->common[k] = seen_upto(&w, k);
	}
	return true;
}

bool ancestor_text(struct history *h, const struct ancestor_question *q, struct arena *arena,
		   struct value *ret, bool *ret_found, struct err *e)
{
	struct search s = { .h = h, .q = q, .arena = arena };

	*ret_found = false;
	if (!find_common(&s, e) || !find_last(&s, e))
		return false;
	for (uint32_t chain = 1; s.found && !s.rival && chain < h->chains; chain++)
		if (!find_rival(&s, chain, e))
			return false;
	*ret_found = s.found && !s.rival && s.value.type == VALUE_TEXT;
	*ret = s.value;
	return true;
}
