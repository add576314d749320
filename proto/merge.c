/*
 * merge.c - standing writes, and why every node that holds the same changesets shows the same row.
 *
 * Let S be the set of changes merged so far.  w "covers" v if v is in w's context (its changeset's
 * context vector, lowered for the own chain by seen_own; an earlier change of the same changeset is
 * always covered).  In counter columns an UPDATE is a tally; all else that writes a column is a plain
 * write.  Define, without regard to any order of arrival:
 *
 *	stands(w, column)  of a plain write: w wrote the column, and no v in S that covers w wrote it
 *			   plainly or is an INSERT
 *	stands(t, column)  of a tally: t wrote the column, and no later tally of t's chain did
 *	dead(w)		   some DELETE in S covers w
 *	alive(row)	   some w stands in some column and is not dead
 *	shown(column)	   the plain write standing there with the greatest (HLC, chain id, seq); where
 *			   tallies stand, the exact sum of its value and theirs
 *
 * All five depend on the set S alone, so nodes with equal sets agree.  merge_apply computes them one
 * change at a time, which is the same thing because delivery is causal: whatever w covers is in S when
 * w arrives, hence no v that is in S already can cover w.  So (1) w stands in every column that it
 * wrote; (2) what w covers among the entries stops standing, for good; (3) entries that are gone can
 * be forgotten, since `stands` never becomes true again; (4) a DELETE finds all that it covers either
 * among the entries or gone.  No step asks in which order two concurrent changes came.
 *
 * For tallies the same four steps hold with "is a later change of the same chain" in the place of
 * "covers": a chain arrives in its own order, so an arriving tally is the latest of its chain and
 * stands (1), and those of its chain among the entries are earlier and go for good (2, 3).  seen_own
 * does not matter here: a tally is a running total, and of two totals only the later one counts.
 *
 * Whether a change of a column is a tally must not depend on S: it is decided by the rules in effect for
 * its changeset, which are a function of that changeset's ancestors.  Plain writes and tallies never
 * supersede each other, therefore a column whose policy changed keeps both, and converges as well.
 *
 * "Covers" need not be transitive: an author whose context vector is not closed harms no agreement.
 *
 * Packed form, one entry after the other, in order of arrival:
 *	u8	bits 0-5 size, bit 6 dead, bit 7 the HLC counter is zero
 *	varint	chain (seven bits at a time, lowest first, high bit: more follow)
 *	varint	seq
 *	6 or 8	HLC, big-endian; without its counter if that is zero
 *	n	column set, lowest byte first, last byte not zero
 *
 * n is 1..32.  size is n, and for a tally (n + 32) modulo 64, which uses the values that are left over:
 * 33..63 and 0.  So entries written before there were tallies mean what they meant.
 */
#include <assert.h>
#include <string.h>

#include "bytes.h"
#include "simpul/hlc.h"
#include "simpul/merge.h"

#define ENTRY_BYTES_MIN (1 + 1 + 1 + 6 + 1)
#define ENTRY_BYTES_MAX (1 + 5 + 10 + 8 + LIMIT_COLUMNS / 8)
#define SIZE 0x3f
#define TALLY 0x20 /* is added to the size, modulo 64 */
#define DEAD 0x40
#define NO_COUNTER 0x80

static_assert(LIMIT_COLUMNS / 8 == TALLY, "a plain entry's size is at most TALLY");

static bool covers(const struct merge_context *context, const struct merge_change *c,
		   const struct merge_entry *w)
{
	if (w->chain != c->chain)
		return context->seen == NULL ||
		       w->seq <= (w->chain < context->chains ? context->seen[w->chain] : 0);
	if (w->seq == c->seq)
		return true;
	return w->seq < c->seq && (c->seen_own == CHANGE_SEEN_ALL || w->seq <= c->seen_own);
}

/* Total, because no two standing writes share chain, seq and column. */
bool merge_beats(const struct merge_entry *a, const struct merge_entry *b, const struct chain_id *id)
{
	int order;

	if (a->hlc != b->hlc)
		return a->hlc > b->hlc;
	order = a->chain == b->chain ? 0 : chain_compare(&id[a->chain], &id[b->chain]);
	return order != 0 ? order > 0 : a->seq > b->seq;
}

static void set_union(struct column_set *to, const struct column_set *a, const struct column_set *b,
		      bool minus)
{
	for (size_t i = 0; i < COLUMN_SET_WORDS; i++)
		to->word[i] |= minus ? a->word[i] & ~b->word[i] : a->word[i] & b->word[i];
}

/* Columns in which more than one plain entry stands are added to *many. */
static void find_conflicts(const struct merge_entry *entries, size_t n, struct column_set *many)
{
	struct column_set once = { 0 };

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < COLUMN_SET_WORDS && !entries[i].tally; k++) {
			many->word[k] |= once.word[k] & entries[i].columns.word[k];
			once.word[k] |= entries[i].columns.word[k];
		}
}

static size_t mark_dead(struct merge_entry *entries, size_t n, const struct merge_change *c,
			const struct merge_context *context)
{
	for (size_t i = 0; i < n; i++)
		if (covers(context, c, &entries[i]))
			entries[i].dead = true;
	return n;
}

/* A change that writes a row, taken apart. */
struct write {
	const struct merge_change *change;
	const struct merge_context *context;
	struct merge_entry plain, tally;
	struct column_set lost; /* columns in which a greater write stands beside it */
};

static void write_init(struct write *x, const struct merge_change *c, const struct merge_context *context)
{
	*x = (struct write){ .change = c, .context = context };
	x->plain = (struct merge_entry){ .chain = c->chain, .seq = c->seq, .hlc = c->hlc };
	if (c->op != CHANGE_UPDATE || c->counters == NULL) {
		x->plain.columns = c->columns;
		return;
	}
	x->tally = x->plain;
	x->tally.tally = true;
	set_union(&x->plain.columns, &c->columns, c->counters, true);
	set_union(&x->tally.columns, &c->columns, c->counters, false);
}

/* Takes from an entry what the change supersedes of it. */
static void supersede(struct write *x, struct merge_entry *w)
{
	struct column_set left = { 0 };

	if (w->tally) {
		if (w->chain != x->change->chain)
			return;
		set_union(&left, &w->columns, &x->tally.columns, true);
		w->columns = left;
	} else if (covers(x->context, x->change, w)) {
		if (x->change->op == CHANGE_UPDATE)
			set_union(&left, &w->columns, &x->plain.columns, true);
		w->columns = left;
	} else if (merge_beats(w, &x->plain, x->context->id)) {
		set_union(&x->lost, &w->columns, &x->plain.columns, false);
	}
}

static bool meets(const struct merge_entry *w, const struct column_set *columns)
{
	struct column_set both = { 0 };

	set_union(&both, &w->columns, columns, false);
	return !column_set_empty(&both);
}

static size_t write_row(struct merge_entry *entries, size_t n, const struct merge_change *c,
			const struct merge_context *context, struct merge_result *ret)
{
	struct write x;
	size_t kept = 0;

	write_init(&x, c, context);
	for (size_t i = 0; i < n; i++) {
		supersede(&x, &entries[i]);
		ret->tallied |= entries[i].tally && meets(&entries[i], &c->columns);
		if (!column_set_empty(&entries[i].columns))
			entries[kept++] = entries[i];
	}
	if (!column_set_empty(&x.plain.columns))
		entries[kept++] = x.plain;
	if (!column_set_empty(&x.tally.columns)) {
		entries[kept++] = x.tally;
		ret->tallied = true;
	}
	set_union(&ret->won, &x.plain.columns, &x.lost, true);
	return kept;
}

void merge_apply(struct merge_entry *entries, size_t n, const struct merge_change *change,
		 const struct merge_context *context, struct merge_result *ret)
{
	*ret = (struct merge_result){ .n_before = n, .alive_before = merge_alive(entries, n) };
	assert(context->seen == NULL || change->chain < context->chains);
	if (n > 1)
		find_conflicts(entries, n, &ret->conflict);
	if (change->op == CHANGE_DELETE)
		ret->n = mark_dead(entries, n, change, context);
	else
		ret->n = write_row(entries, n, change, context, ret);
	if (ret->n > 1)
		find_conflicts(entries, ret->n, &ret->conflict);
	ret->alive = merge_alive(entries, ret->n);
}

const struct merge_entry *merge_shown(const struct merge_entry *entries, size_t n, unsigned column,
				      const struct chain_id *id)
{
	const struct merge_entry *best = NULL;

	for (size_t i = 0; i < n; i++)
		if (!entries[i].tally && column_set_has(&entries[i].columns, column) &&
		    (best == NULL || merge_beats(&entries[i], best, id)))
			best = &entries[i];
	return best;
}

bool merge_tallied(const struct merge_entry *entries, size_t n, unsigned column)
{
	for (size_t i = 0; i < n; i++)
		if (entries[i].tally && column_set_has(&entries[i].columns, column))
			return true;
	return false;
}

bool merge_alive(const struct merge_entry *entries, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!entries[i].dead)
			return true;
	return false;
}

size_t merge_size_max(size_t n)
{
	return n * ENTRY_BYTES_MAX;
}

size_t merge_count_max(size_t len)
{
	return len / ENTRY_BYTES_MIN;
}

static uint8_t *put_varint(uint8_t *p, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		*p++ = (uint8_t)(v | 0x80);
	*p++ = (uint8_t)v;
	return p;
}

static uint64_t get_varint(struct reader *r)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		const uint8_t *p = reader_take(r, 1);

		if (p == NULL)
			return 0;
		v |= (uint64_t)(*p & 0x7f) << shift;
		if (*p < 0x80)
			return v;
	}
	r->failed = true;
	return 0;
}

static size_t set_bytes(const struct column_set *s)
{
	size_t k = COLUMN_SET_WORDS;

	while (k > 0 && s->word[k - 1] == 0)
		k--;
	return k == 0 ? 0 : 8 * k - (size_t)__builtin_clzll(s->word[k - 1]) / 8;
}

size_t merge_encode(const struct merge_entry *entries, size_t n, uint8_t *out)
{
	uint8_t *p = out;

	for (size_t i = 0; i < n; i++) {
		const struct merge_entry *w = &entries[i];
		size_t bytes = set_bytes(&w->columns);
		bool counter = (w->hlc & 0xffff) != 0;
		size_t size = w->tally ? (bytes + TALLY) & SIZE : bytes;

		assert(bytes > 0);
		*p++ = (uint8_t)(size | (w->dead ? DEAD : 0) | (counter ? 0 : NO_COUNTER));
		p = put_varint(p, w->chain);
		p = put_varint(p, w->seq);
		for (int shift = 56; shift >= (counter ? 0 : 16); shift -= 8)
			*p++ = (uint8_t)(w->hlc >> shift);
		for (size_t k = 0; k < bytes; k++)
			*p++ = (uint8_t)(w->columns.word[k / 8] >> 8 * (k % 8));
	}
	return (size_t)(p - out);
}

static bool decode_entry(struct reader *r, struct merge_entry *w)
{
	uint64_t first = reader_uint(r, 1), chain = get_varint(r);
	size_t size = first & SIZE, bytes = size;
	const uint8_t *set;

	*w = (struct merge_entry){ .chain = (uint32_t)chain, .dead = first & DEAD };
	w->tally = size == 0 || size > TALLY;
	if (w->tally)
		bytes = (size + TALLY) & SIZE;
	w->seq = get_varint(r);
	w->hlc = first & NO_COUNTER ? reader_uint(r, 6) << 16 : reader_uint(r, 8);
	if (chain > UINT32_MAX)
		return false;
	set = reader_take(r, bytes);
	if (set == NULL || set[bytes - 1] == 0)
		return false;
	for (size_t k = 0; k < bytes; k++)
		w->columns.word[k / 8] |= (uint64_t)set[k] << 8 * (k % 8);
	return true;
}

bool merge_decode(const uint8_t *bytes, size_t len, struct merge_entry *ret, size_t *ret_n)
{
	struct reader r = { .p = bytes, .end = bytes + len };
	size_t n = 0;

	while (reader_left(&r) >= ENTRY_BYTES_MIN)
		if (!decode_entry(&r, &ret[n++]))
			return false;
	if (r.failed || reader_left(&r) != 0)
		return false;
	*ret_n = n;
	return true;
}
