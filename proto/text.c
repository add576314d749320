/*
 * text.c - the three-way merge of lines.
 *
 * Each side is paired with the base by a longest common subsequence of lines.  There are often several;
 * which one is taken decides the bytes of the result, so it is fixed by a rule that speaks of distances
 * only (PROTOCOL.md, "Text merge") and not by the steps of an algorithm:
 *
 *	at (i, j): equal lines are paired; else the base's line is left out if that lowers the distance
 *	of the rests, D(i + 1, j) < D(i, j); else the side's line is.
 *
 * The distances come from Myers' algorithm ("An O(ND) Difference Algorithm", 1986), run from the end of
 * both texts: reach[d][k] is how many of the base's last lines can be covered on diagonal k with d edits.
 * As the distance never falls on the way back along a diagonal, D(i, j) <= d is one comparison:
 * n - i <= reach[d][(n - i) - (m - j)].  The rows of all d are kept, 1 MiB for the most edits allowed.
 *
 * Hostile texts: lines become numbers by sorting (heapsort: n log n comparisons whatever the input; no
 * hash to collide), then a comparison is that of two numbers.  Each diagonal is walked once, so one side
 * costs at most (2 * TEXT_EDITS_MAX + 1) * TEXT_LINES_MAX steps.
 */
#include <assert.h>
#include <string.h>

#include "simpul/text.h"

#define REACH_ALL ((TEXT_EDITS_MAX + 1) * (TEXT_EDITS_MAX + 2) / 2)
#define NOWHERE UINT16_MAX

static_assert(3 * TEXT_LINES_MAX < NOWHERE, "line numbers and reaches fit 16 bits");

struct lines {
	const uint8_t *text;
	uint32_t n;
	uint32_t start[TEXT_LINES_MAX + 1];
	uint16_t id[TEXT_LINES_MAX]; /* equal lines have equal ids, in all three texts */
};

enum { BASE, A, B, TEXTS };

struct work {
	struct lines lines[TEXTS];
	uint16_t order[TEXTS * TEXT_LINES_MAX]; /* text * TEXT_LINES_MAX + line */
	uint16_t reach[REACH_ALL];
	uint16_t pair[TEXTS][TEXT_LINES_MAX]; /* by the base's line: that of the side + 1; 0: none */
};

struct run {
	uint32_t from, to; /* lines */
};

struct output {
	uint8_t *out;
	size_t len;
};

size_t text_memory(void)
{
	return sizeof(struct work);
}

static bool same(const struct bytes *x, const struct bytes *y)
{
	return x->len == y->len && (x->len == 0 || memcmp(x->data, y->data, x->len) == 0);
}

static bool split(const struct bytes *text, struct lines *ret)
{
	size_t at = 0;

	ret->text = text->data;
	ret->n = 0;
	if (text->len > LIMIT_TEXT_BYTES)
		return false;
	while (at < text->len) {
		const uint8_t *end = memchr(ret->text + at, '\n', text->len - at);

		if (ret->n == TEXT_LINES_MAX)
			return false;
		ret->start[ret->n++] = (uint32_t)at;
		at = end == NULL ? text->len : (size_t)(end - ret->text) + 1;
	}
	ret->start[ret->n] = (uint32_t)at;
	return true;
}

/* Any total order in which equal lines are neighbours. */
static int line_compare(const struct work *w, uint16_t x, uint16_t y)
{
	const struct lines *p = &w->lines[x / TEXT_LINES_MAX], *q = &w->lines[y / TEXT_LINES_MAX];
	uint32_t i = x % TEXT_LINES_MAX, j = y % TEXT_LINES_MAX;
	uint32_t len = p->start[i + 1] - p->start[i], other = q->start[j + 1] - q->start[j];

	if (len != other)
		return len < other ? -1 : 1;
	return memcmp(p->text + p->start[i], q->text + q->start[j], len);
}

static void sift(struct work *w, size_t at, size_t n)
{
	uint16_t moved = w->order[at];

	for (size_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
		if (child + 1 < n && line_compare(w, w->order[child], w->order[child + 1]) < 0)
			child++;
		if (line_compare(w, moved, w->order[child]) >= 0)
			break;
		w->order[at] = w->order[child];
		at = child;
	}
	w->order[at] = moved;
}

static void number_lines(struct work *w)
{
	size_t n = 0;
	uint16_t id = 0;

	for (uint32_t t = 0; t < TEXTS; t++)
		for (uint32_t i = 0; i < w->lines[t].n; i++)
			w->order[n++] = (uint16_t)(t * TEXT_LINES_MAX + i);
	for (size_t i = n / 2; i > 0; i--)
		sift(w, i - 1, n);
	for (size_t left = n; left > 1; left--) {
		uint16_t greatest = w->order[0];

		w->order[0] = w->order[left - 1];
		w->order[left - 1] = greatest;
		sift(w, 0, left - 1);
	}
	for (size_t i = 0; i < n; i++) {
		uint16_t line = w->order[i];

		if (i > 0 && line_compare(w, w->order[i - 1], line) != 0)
			id++;
		w->lines[line / TEXT_LINES_MAX].id[line % TEXT_LINES_MAX] = id;
	}
}

/* Where reach[d][k] is kept: k = -d, -d + 2, .. d. */
static uint16_t *reach_at(struct work *w, int d, int k)
{
	return &w->reach[(size_t)d * ((size_t)d + 1) / 2 + (size_t)((k + d) / 2)];
}

static int reach(struct work *w, int d, int k)
{
	uint16_t u;

	if (d < 0 || k < -d || k > d)
		return -1;
	u = *reach_at(w, d, k);
	return u == NOWHERE ? -1 : u;
}

/* Of the base's last u lines and the side's last u - k: as far as d edits go on diagonal k. */
static int advance(struct work *w, const struct lines *x, int d, int k)
{
	const struct lines *base = &w->lines[BASE];
	int n = (int)base->n, m = (int)x->n, u = reach(w, d - 2, k), by;

	by = reach(w, d - 1, k - 1); /* one line of the base left out */
	if (by >= 0 && by < n && by + 1 > u)
		u = by + 1;
	by = reach(w, d - 1, k + 1); /* one line of the side left out */
	if (by >= 0 && by - k <= m && by > u)
		u = by;
	if (d == 0)
		u = 0;
	if (u < 0)
		return -1;
	while (u < n && u - k < m && base->id[n - 1 - u] == x->id[m - 1 - (u - k)])
		u++;
	return u;
}

/* The distance of base and side; -1 if it is over the limit. */
static int distance(struct work *w, const struct lines *x)
{
	int n = (int)w->lines[BASE].n, m = (int)x->n;

	for (int d = 0; d <= (int)TEXT_EDITS_MAX; d++)
		for (int k = -d; k <= d; k += 2) {
			int u = advance(w, x, d, k);

			*reach_at(w, d, k) = u < 0 ? NOWHERE : (uint16_t)u;
			if (k == n - m && u == n)
				return d;
		}
	return -1;
}

static bool pair_lines(struct work *w, int side)
{
	const struct lines *base = &w->lines[BASE], *x = &w->lines[side];
	int n = (int)base->n, m = (int)x->n, i = 0, j = 0, d;

	memset(w->pair[side], 0, base->n * sizeof(w->pair[side][0]));
	if (n - m > (int)TEXT_EDITS_MAX || m - n > (int)TEXT_EDITS_MAX)
		return false;
	d = distance(w, x);
	if (d < 0)
		return false;
	while (i < n && j < m) {
		if (base->id[i] == x->id[j]) {
			w->pair[side][i++] = (uint16_t)++j;
			continue;
		}
		d--;
		if (reach(w, d, (n - i - 1) - (m - j)) >= n - i - 1)
			i++;
		else
			j++;
	}
	return true;
}

static bool put(struct output *o, const struct lines *x, struct run run)
{
	uint32_t from = x->start[run.from], len = x->start[run.to] - from;

	if (len > LIMIT_TEXT_BYTES - o->len)
		return false;
	if (len > 0)
		memcpy(o->out + o->len, x->text + from, len);
	o->len += len;
	return true;
}

static bool run_equal(const struct lines *x, struct run r, const struct lines *y, struct run s)
{
	uint32_t n = r.to - r.from;

	return n == s.to - s.from && memcmp(&x->id[r.from], &y->id[s.from], n * sizeof(x->id[0])) == 0;
}

/* The lines between two anchors. */
static bool put_runs(struct output *o, const struct work *w, const struct run run[TEXTS])
{
	const struct lines *x = w->lines;

	if (run_equal(&x[A], run[A], &x[B], run[B]) || run_equal(&x[B], run[B], &x[BASE], run[BASE]))
		return put(o, &x[A], run[A]);
	return run_equal(&x[A], run[A], &x[BASE], run[BASE]) && put(o, &x[B], run[B]);
}

static bool combine(const struct work *w, struct output *o)
{
	struct run run[TEXTS] = { { 0, 0 } };

	for (uint32_t i = 0; i < w->lines[BASE].n; i++) {
		if (w->pair[A][i] == 0 || w->pair[B][i] == 0)
			continue;
		run[BASE].to = i;
		run[A].to = w->pair[A][i] - 1u;
		run[B].to = w->pair[B][i] - 1u;
		if (!put_runs(o, w, run) || !put(o, &w->lines[BASE], (struct run){ i, i + 1 }))
			return false;
		for (int t = BASE; t < TEXTS; t++)
			run[t].from = run[t].to + 1;
	}
	for (int t = BASE; t < TEXTS; t++)
		run[t].to = w->lines[t].n;
	return put_runs(o, w, run);
}

static bool take(const struct bytes *text, uint8_t *out, size_t *ret_len)
{
	if (text->len > LIMIT_TEXT_BYTES)
		return false;
	if (text->len > 0)
		memcpy(out, text->data, text->len);
	*ret_len = text->len;
	return true;
}

bool text_merge(const struct text_edits *edits, void *work, uint8_t *out, size_t *ret_len)
{
	struct work *w = work;
	struct output o = { .out = out };

	if (same(&edits->a, &edits->b) || same(&edits->b, &edits->base))
		return take(&edits->a, out, ret_len);
	if (same(&edits->a, &edits->base))
		return take(&edits->b, out, ret_len);
	if (!split(&edits->base, &w->lines[BASE]) || !split(&edits->a, &w->lines[A]) ||
	    !split(&edits->b, &w->lines[B]))
		return false;
	number_lines(w);
	if (!pair_lines(w, A) || !pair_lines(w, B) || !combine(w, &o))
		return false;
	*ret_len = o.len;
	return true;
}
