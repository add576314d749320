/*
 * merge.c - the merge rules against a reference that knows no order of arrival.
 *
 * Random histories of one row; every order that respects causality must leave exactly the writes that
 * the definitions in proto/merge.c name, read off the whole set at once.
 */
#include <stdlib.h>
#include <string.h>

#include "simpul/merge.h"
#include "tap.h"

#define CHAINS 4 /* 1..3 write */
#define COLUMNS 6 /* 0 is the key; 5 is a counter, 4 one by some changesets' rules */
#define WRITES_MAX 40

struct history {
	size_t n;
	struct merge_change change[WRITES_MAX];
	uint64_t seen[WRITES_MAX][CHAINS];
};

static const struct column_set one_counter = { { 1 << 5 } }, two_counters = { { 3 << 4 } };
static const struct chain_id ids[CHAINS] = { { { 0 } }, { { 9, 1 } }, { { 3 } }, { { 9, 2 } } };
static uint64_t state;

static unsigned pick(unsigned below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % below;
}

static void history_make(struct history *h, size_t n)
{
	uint64_t head[CHAINS] = { 0 };

	memset(h, 0, sizeof(*h));
	h->n = n;
	for (size_t i = 0; i < n; i++) {
		struct merge_change *c = &h->change[i];

		c->chain = 1 + pick(CHAINS - 1);
		if (i == 0 || c->chain != h->change[i - 1].chain || pick(4) > 0)
			head[c->chain]++; /* else: a second change of the same changeset */
		c->seq = head[c->chain];
		for (uint32_t k = 1; k < CHAINS; k++)
			h->seen[i][k] = k == c->chain ? c->seq - 1 : pick((unsigned)head[k] + 1);
		if (i > 0 && c->seq == h->change[i - 1].seq && c->chain == h->change[i - 1].chain)
			memcpy(h->seen[i], h->seen[i - 1], sizeof(h->seen[i]));
		c->op = pick(5) == 0 ? CHANGE_DELETE : pick(3) == 0 ? CHANGE_INSERT : CHANGE_UPDATE;
		c->hlc = (uint64_t)pick(4) << 16 | pick(2); /* clocks mean nothing, ties happen */
		c->seen_own = pick(4) == 0 && c->seq > 1 ? pick((unsigned)c->seq) : CHANGE_SEEN_ALL;
		for (unsigned k = 1; k < COLUMNS && c->op != CHANGE_DELETE; k++)
			if (pick(2))
				column_set_add(&c->columns, k);
		if (c->op == CHANGE_INSERT)
			column_set_add(&c->columns, 0);
		c->counters = c->seq % 3 == 0 ? &two_counters : &one_counter;
	}
}

static bool is_tally(const struct merge_change *c, unsigned column)
{
	return c->op == CHANGE_UPDATE && c->counters != NULL && column_set_has(c->counters, column);
}

/* Is b in what a had seen?  By the words of change.h. */
static bool has_seen(const struct history *h, size_t a, size_t b)
{
	const struct merge_change *x = &h->change[a], *y = &h->change[b];

	if (x->chain != y->chain)
		return y->seq <= h->seen[a][y->chain];
	if (x->seq == y->seq)
		return b < a;
	if (y->seq > x->seq)
		return false;
	return x->seen_own == CHANGE_SEEN_ALL || y->seq <= x->seen_own;
}

static bool must_precede(const struct history *h, size_t b, size_t a)
{
	const struct merge_change *x = &h->change[a], *y = &h->change[b];

	if (x->chain == y->chain)
		return b < a;
	return y->seq <= h->seen[a][y->chain];
}

/* A tally stands until its chain writes another. */
static bool tally_stands(const struct history *h, size_t w, unsigned column)
{
	for (size_t i = w + 1; i < h->n; i++)
		if (h->change[i].chain == h->change[w].chain && is_tally(&h->change[i], column) &&
		    column_set_has(&h->change[i].columns, column))
			return false;
	return true;
}

static bool stands(const struct history *h, size_t w, unsigned column)
{
	if (h->change[w].op == CHANGE_DELETE || !column_set_has(&h->change[w].columns, column))
		return false;
	if (is_tally(&h->change[w], column))
		return tally_stands(h, w, column);
	for (size_t i = 0; i < h->n; i++)
		if (i != w && has_seen(h, i, w) && h->change[i].op != CHANGE_DELETE &&
		    (h->change[i].op == CHANGE_INSERT ||
		     (column_set_has(&h->change[i].columns, column) && !is_tally(&h->change[i], column))))
			return false;
	return true;
}

static bool is_dead(const struct history *h, size_t w)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->change[i].op == CHANGE_DELETE && has_seen(h, i, w))
			return true;
	return false;
}

static const struct merge_entry *entry_of(const struct merge_entry *entries, size_t n,
					  const struct merge_change *c, unsigned column)
{
	for (size_t i = 0; i < n; i++)
		if (entries[i].chain == c->chain && entries[i].seq == c->seq &&
		    entries[i].hlc == c->hlc && entries[i].tally == is_tally(c, column) &&
		    column_set_has(&entries[i].columns, column))
			return &entries[i];
	return NULL;
}

static bool later(const struct merge_change *a, const struct merge_change *b)
{
	int order = memcmp(&ids[a->chain], &ids[b->chain], sizeof(ids[0]));

	if (a->hlc != b->hlc)
		return a->hlc > b->hlc;
	return order != 0 ? order > 0 : a->seq > b->seq;
}

/* Does the outcome say what the definitions say? */
static bool fits_reference(const struct history *h, const struct merge_entry *entries, size_t n)
{
	bool alive = false;
	size_t cells = 0, expected = 0;

	for (unsigned k = 0; k < COLUMNS; k++) {
		const struct merge_entry *shown = merge_shown(entries, n, k, ids);
		const struct merge_change *best = NULL;

		for (size_t w = 0; w < h->n; w++) {
			const struct merge_entry *found;

			if (!stands(h, w, k))
				continue;
			expected++;
			found = entry_of(entries, n, &h->change[w], k);
			if (found == NULL || found->dead != is_dead(h, w))
				return false;
			alive |= !found->dead;
			if (!found->tally && (best == NULL || later(&h->change[w], best)))
				best = &h->change[w];
		}
		if ((best == NULL) != (shown == NULL))
			return false;
		if (best != NULL && (shown->chain != best->chain || shown->seq != best->seq))
			return false;
		for (size_t i = 0; i < n; i++)
			cells += column_set_has(&entries[i].columns, k);
	}
	return cells == expected && merge_alive(entries, n) == alive;
}

static bool apply(const struct history *h, const size_t *order)
{
	struct merge_entry entries[2 * WRITES_MAX + MERGE_ADDS];
	uint8_t packed[128 * WRITES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++) {
		const struct merge_context context = { h->seen[order[i]], CHAINS, ids };
		const struct merge_change *c = &h->change[order[i]];
		struct merge_result result;
		bool tallied = false;
		size_t len;

		merge_apply(entries, n, c, &context, &result);
		for (unsigned k = 0; k < COLUMNS; k++) {
			const struct merge_entry *shown = merge_shown(entries, result.n, k, ids);
			bool wrote = c->op != CHANGE_DELETE && column_set_has(&c->columns, k);
			bool mine = wrote && !is_tally(c, k) && shown->chain == c->chain &&
				    shown->seq == c->seq;

			if (column_set_has(&result.won, k) != mine)
				return false;
			tallied |= wrote && merge_tallied(entries, result.n, k);
		}
		if (result.tallied != tallied)
			return false;
		len = merge_encode(entries, result.n, packed);
		memset(entries, 0xaa, sizeof(entries));
		if (len > merge_size_max(result.n) || result.n > merge_count_max(len) ||
		    !merge_decode(packed, len, entries, &n) || n != result.n)
			return false;
	}
	return fits_reference(h, entries, n);
}

/* All orders that respect causality; counts them. */
static bool all_orders(const struct history *h, size_t *order, size_t at, unsigned used, size_t *count)
{
	if (at == h->n) {
		++*count;
		return apply(h, order);
	}
	for (size_t i = 0; i < h->n; i++) {
		bool ready = !(used >> i & 1);

		for (size_t b = 0; b < h->n && ready; b++)
			ready = b == i || used >> b & 1 || !must_precede(h, b, i);
		order[at] = i;
		if (ready && !all_orders(h, order, at + 1, used | 1u << i, count))
			return false;
	}
	return true;
}

static void every_causal_order_up_to_six(void)
{
	struct history h;
	size_t count = 0;

	for (unsigned seed = 1; seed <= 4000; seed++) {
		size_t order[WRITES_MAX];

		state = seed;
		history_make(&h, 1 + seed % 6);
		if (!all_orders(&h, order, 0, 0, &count))
			tap_note("seed %u", seed);
		CHECK(all_orders(&h, order, 0, 0, &count));
	}
	CHECK(count > 20000); /* or the histories were hardly concurrent */
}

static void shuffled_long_histories(void)
{
	struct history h;

	for (unsigned seed = 1; seed <= 600; seed++) {
		size_t order[WRITES_MAX], n = 0;
		uint64_t used = 0;

		state = seed * 77;
		history_make(&h, 6 + seed % (WRITES_MAX - 6));
		while (n < h.n) {
			size_t i = pick((unsigned)h.n);
			bool ready = !(used >> i & 1);

			for (size_t b = 0; b < h.n && ready; b++)
				ready = b == i || used >> b & 1 || !must_precede(&h, b, i);
			if (!ready)
				continue;
			used |= UINT64_C(1) << i;
			order[n++] = i;
		}
		if (!apply(&h, order))
			tap_note("seed %u", seed);
		CHECK(apply(&h, order));
	}
}

static struct merge_change change_of(enum change_op op, uint32_t chain, uint64_t seq, uint64_t ms,
				     unsigned column)
{
	struct merge_change c = { .op = op, .chain = chain, .seq = seq, .hlc = ms << 16,
				  .seen_own = CHANGE_SEEN_ALL };

	if (op == CHANGE_INSERT)
		column_set_add(&c.columns, 0);
	if (op != CHANGE_DELETE)
		column_set_add(&c.columns, column);
	return c;
}

static void edit_beats_concurrent_delete(void)
{
	const uint64_t saw_insert[CHAINS] = { 0, 1, 0, 0 }, saw_all[CHAINS] = { 0, 2, 1, 0 };
	const struct merge_context mid = { saw_insert, CHAINS, ids }, end = { saw_all, CHAINS, ids };
	struct merge_change insert = change_of(CHANGE_INSERT, 1, 1, 10, 1);
	struct merge_change delete = change_of(CHANGE_DELETE, 1, 2, 99, 0);
	struct merge_change edit = change_of(CHANGE_UPDATE, 2, 1, 11, 2);
	struct merge_change last = change_of(CHANGE_DELETE, 3, 1, 1, 0);
	struct merge_entry entries[8];
	struct merge_result r;

	merge_apply(entries, 0, &insert, &mid, &r);
	CHECK(r.n == 1 && !r.alive_before && r.alive);
	merge_apply(entries, r.n, &delete, &mid, &r);
	CHECK(r.n == 1 && r.alive_before && !r.alive);
	merge_apply(entries, r.n, &edit, &mid, &r);
	CHECK(r.n == 2 && !r.alive_before && r.alive);
	CHECK(merge_shown(entries, r.n, 1, ids)->chain == 1); /* the old value of column 1 is back */
	merge_apply(entries, r.n, &last, &end, &r);
	CHECK(r.alive_before && !r.alive);
}

static void tallies_add_up_and_never_contend(void)
{
	const uint64_t saw_insert[CHAINS] = { 0, 1, 0, 0 }, saw_all[CHAINS] = { 0, 2, 2, 0 };
	const struct merge_context mid = { saw_insert, CHAINS, ids }, end = { saw_all, CHAINS, ids };
	struct merge_change insert = change_of(CHANGE_INSERT, 1, 1, 10, 5);
	struct merge_change ann = change_of(CHANGE_UPDATE, 1, 2, 11, 5);
	struct merge_change ben = change_of(CHANGE_UPDATE, 2, 1, 12, 5);
	struct merge_change again = change_of(CHANGE_UPDATE, 2, 2, 13, 5);
	struct merge_change anew = change_of(CHANGE_INSERT, 3, 1, 14, 5);
	struct merge_entry entries[16];
	struct merge_result r;

	ann.counters = ben.counters = again.counters = anew.counters = &one_counter;
	column_set_add(&again.columns, 1);
	merge_apply(entries, 0, &insert, &mid, &r);
	CHECK(r.n == 1 && !r.tallied && column_set_has(&r.won, 5));
	merge_apply(entries, r.n, &ann, &mid, &r);
	CHECK(r.n == 2 && r.tallied && column_set_empty(&r.won));
	merge_apply(entries, r.n, &ben, &mid, &r);
	CHECK(r.n == 3 && r.tallied && column_set_empty(&r.conflict));
	again.seen_own = 0; /* a stale form: even so, of two totals of one chain the later one counts */
	merge_apply(entries, r.n, &again, &mid, &r);
	CHECK(r.n == 4 && entries[2].columns.word[0] == 2 && !entries[2].tally);
	CHECK(entries[3].tally && entries[3].seq == 2 && r.won.word[0] == 2);
	merge_apply(entries, r.n, &anew, &end, &r);
	CHECK(r.n == 3 && r.tallied && merge_tallied(entries, r.n, 5) && !merge_tallied(entries, r.n, 1));
	CHECK(merge_shown(entries, r.n, 5, ids)->chain == 3); /* the new base, with both tallies on it */
}

static void tallies_are_packed_into_sizes_left_over(void)
{
	struct merge_entry e = { .chain = 3, .tally = true, .seq = 100, .hlc = UINT64_MAX << 16 };
	struct merge_entry back[4];
	uint8_t bytes[64];
	size_t len, n;

	for (unsigned column = 0; column < LIMIT_COLUMNS; column += 51) {
		e.columns = (struct column_set){ 0 };
		column_set_add(&e.columns, column);
		len = merge_encode(&e, 1, bytes);
		CHECK((bytes[0] & 0x3f) == (column / 8 + 1 + 32) % 64);
		CHECK(merge_decode(bytes, len, back, &n) && n == 1 && back[0].tally && !back[0].dead);
		CHECK(column_set_has(&back[0].columns, column) && back[0].seq == 100);
		for (size_t cut = 1; cut < len; cut++)
			CHECK(!merge_decode(bytes, cut, back, &n));
	}
	CHECK(len == 9 + 32 && (bytes[0] & 0x3f) == 0);
}

static void packed_form_is_small_and_strict(void)
{
	struct merge_entry e = { .chain = 3, .seq = 100, .hlc = UINT64_C(1763800000000) << 16 }, back[4];
	uint8_t bytes[64];
	size_t len, n;

	e.columns.word[0] = 0xfff;
	len = merge_encode(&e, 1, bytes);
	CHECK(len == 11);
	for (size_t cut = 1; cut < len; cut++)
		CHECK(!merge_decode(bytes, cut, back, &n));
	bytes[0] = 0x80 | 33;
	CHECK(!merge_decode(bytes, len, back, &n));
	bytes[0] = 0x80;
	CHECK(!merge_decode(bytes, len, back, &n));
	memset(bytes, 0xff, sizeof(bytes));
	CHECK(!merge_decode(bytes, sizeof(bytes), back, &n));
}

static void an_empty_context_means_everything(void)
{
	static const struct merge_context all = { 0 };
	struct merge_entry entries[8] = { { .chain = 7, .seq = 9, .hlc = UINT64_MAX } };
	struct merge_change c = change_of(CHANGE_UPDATE, 2, 5, 1, 1);
	struct merge_result r;

	entries[0].columns.word[0] = 6;
	merge_apply(entries, 1, &c, &all, &r);
	CHECK(r.n == 2 && entries[0].columns.word[0] == 4 && column_set_empty(&r.conflict));
	c.seq = 8;
	c.seen_own = 4; /* a stale form: concurrent with the author's own number 5 */
	merge_apply(entries, r.n, &c, &all, &r);
	CHECK(r.n == 3 && column_set_has(&r.conflict, 1) && !column_set_has(&r.conflict, 2));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(every_causal_order_up_to_six), TAP(shuffled_long_histories),
		TAP(edit_beats_concurrent_delete), TAP(tallies_add_up_and_never_contend),
		TAP(tallies_are_packed_into_sizes_left_over), TAP(packed_form_is_small_and_strict),
		TAP(an_empty_context_means_everything),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
