/*
 * merge.c - standing writes, and why every node that holds the same changesets shows the same row.
 *
 * Let S be the set of changes merged so far.  w "covers" v if v is in w's context (its changeset's
 * context vector, lowered for the own chain by seen_own; an earlier change of the same changeset is
 * always covered).  Define, without regard to any order of arrival:
 *
 *	stands(w, column)  w wrote the column, and no v in S that covers w wrote it or is an INSERT
 *	dead(w)		   some DELETE in S covers w
 *	alive(row)	   some w stands in some column and is not dead
 *	shown(column)	   the standing write with the greatest (HLC, chain id, seq)
 *
 * All four depend on the set S alone, so nodes with equal sets agree.  merge_apply computes them one
 * change at a time, which is the same thing because delivery is causal: whatever w covers is in S when
 * w arrives, hence no v that is in S already can cover w.  So (1) w stands in every column that it
 * wrote; (2) what w covers among the entries stops standing, for good; (3) entries that are gone can
 * be forgotten, since `stands` never becomes true again; (4) a DELETE finds all that it covers either
 * among the entries or gone.  No step asks in which order two concurrent changes came.
 *
 * "Covers" need not be transitive: an author whose context vector is not closed harms no agreement.
 *
 * Packed form, one entry after the other, in order of arrival:
 *	u8	bits 0-5 bytes of the column set (1..32), bit 6 dead, bit 7 the HLC counter is zero
 *	varint	chain (seven bits at a time, lowest first, high bit: more follow)
 *	varint	seq
 *	6 or 8	HLC, big-endian; without its counter if that is zero
 *	n	column set, lowest byte first, last byte not zero
 */
#include <assert.h>
#include <string.h>

#include "bytes.h"
#include "simpul/hlc.h"
#include "simpul/merge.h"

#define ENTRY_BYTES_MIN (1 + 1 + 1 + 6 + 1)
#define ENTRY_BYTES_MAX (1 + 5 + 10 + 8 + LIMIT_COLUMNS / 8)
#define SET_BYTES 0x3f
#define DEAD 0x40
#define NO_COUNTER 0x80

static bool covers(const struct merge_context *context, const struct merge_change *c,
		   const struct merge_entry *w)
{
	uint64_t upto = w->chain < context->chains ? context->seen[w->chain] : 0;

	if (w->chain != c->chain)
		return context->seen == NULL || w->seq <= upto;
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

/* Columns in which more than one entry stands are added to *many. */
static void find_conflicts(const struct merge_entry *entries, size_t n, struct column_set *many)
{
	struct column_set once = { 0 };

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < COLUMN_SET_WORDS; k++) {
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

static size_t write_row(struct merge_entry *entries, size_t n, const struct merge_change *c,
			const struct merge_context *context, struct merge_result *ret)
{
	struct merge_entry mine = { .chain = c->chain, .seq = c->seq, .hlc = c->hlc,
				    .columns = c->columns };
	struct column_set lost = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct merge_entry *w = &entries[i];

		if (covers(context, c, w)) {
			struct column_set left = { 0 };

			if (c->op == CHANGE_UPDATE)
				set_union(&left, &w->columns, &c->columns, true);
			w->columns = left;
		} else if (merge_beats(w, &mine, context->id)) {
			set_union(&lost, &w->columns, &c->columns, false);
		}
		if (!column_set_empty(&w->columns))
			entries[kept++] = *w;
	}
	if (!column_set_empty(&mine.columns))
		entries[kept++] = mine;
	set_union(&ret->won, &c->columns, &lost, true);
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
		if (column_set_has(&entries[i].columns, column) &&
		    (best == NULL || merge_beats(&entries[i], best, id)))
			best = &entries[i];
	return best;
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

		assert(bytes > 0);
		*p++ = (uint8_t)(bytes | (w->dead ? DEAD : 0) | (counter ? 0 : NO_COUNTER));
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
	size_t bytes = first & SET_BYTES;
	const uint8_t *set;

	*w = (struct merge_entry){ .chain = (uint32_t)chain, .dead = first & DEAD };
	w->seq = get_varint(r);
	w->hlc = first & NO_COUNTER ? reader_uint(r, 6) << 16 : reader_uint(r, 8);
	if (bytes == 0 || bytes > LIMIT_COLUMNS / 8 || chain > UINT32_MAX)
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
