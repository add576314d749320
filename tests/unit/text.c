/*
 * text.c - the text merge: cases that a person can check, and a slow reference made of the same words.
 *
 * The reference computes the distances of all pairs of rests by the textbook table and knows nothing of
 * diagonals; on small texts both must give the same bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simpul/text.h"
#include "tap.h"

#define SMALL 12 /* lines of the texts that the reference takes */

static void *work;
static uint8_t out[LIMIT_TEXT_BYTES], other[LIMIT_TEXT_BYTES];
static uint64_t state;

static unsigned pick(unsigned below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % below;
}

static struct bytes of(const char *text)
{
	return (struct bytes){ text, strlen(text) };
}

static bool merge(const char *base, const char *a, const char *b, size_t *ret_len)
{
	return text_merge(&(struct text_edits){ of(base), of(a), of(b) }, work, out, ret_len);
}

/* The merge both ways round; NULL: a conflict, "?": the two ways differ. */
static const char *merged(const char *base, const char *a, const char *b)
{
	size_t len, len_other;
	static char text[4096];
	bool clean = merge(base, b, a, &len_other);

	if (clean)
		memcpy(other, out, len_other);
	if (merge(base, a, b, &len) != clean)
		return "?";
	if (!clean)
		return NULL;
	if (len != len_other || memcmp(out, other, len) != 0)
		return "?";
	memcpy(text, out, len);
	text[len] = '\0';
	return text;
}

static bool gives(const char *base, const char *a, const char *b, const char *want)
{
	const char *got = merged(base, a, b);

	if (want == NULL || got == NULL)
		return want == got;
	if (strcmp(got, want) != 0)
		tap_note("got '%s'", got);
	return strcmp(got, want) == 0;
}

static void edits_in_different_places_are_both_kept(void)
{
	CHECK(gives("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n"));
	CHECK(gives("a\nb\nc\n", "b\nc\n", "a\nb\nc\nd\n", "b\nc\nd\n"));
	CHECK(gives("a\nb\nc\n", "a\nx\nb\nc\n", "a\nb\ny\nc\n", "a\nx\nb\ny\nc\n"));
	CHECK(gives("a\nb\nc\nd\n", "a\nd\n", "a\nb\nc\nd\ne", "a\nd\ne"));
	CHECK(gives("1\n2\n3\n4\n5\n", "1\n2\n3\n4\nfive\nsix\n", "0\n1\n2\n3\n4\n5\n",
		    "0\n1\n2\n3\n4\nfive\nsix\n"));
}

static void edits_in_the_same_place_conflict_unless_equal(void)
{
	CHECK(gives("a\nb\nc\n", "a\nx\nc\n", "a\ny\nc\n", NULL));
	CHECK(gives("a\nb\nc\n", "a\nx\nc\n", "a\nx\nc\nd\n", "a\nx\nc\nd\n"));
	CHECK(gives("a\nb\n", "A\nb\n", "a\nB\n", NULL)); /* neighbours: nothing between them is common */
	CHECK(gives("a\nb\nc\n", "a\nc\n", "a\nB\nc\n", NULL));
	CHECK(gives("", "x\n", "y\n", NULL));
	CHECK(gives("a\n", "", "b\n", NULL));
	CHECK(gives("one line", "one line, longer", "one line", "one line, longer"));
}

static void line_ends_stay_as_they_are(void)
{
	CHECK(gives("a\r\nb\r\nc", "A\r\nb\r\nc", "a\r\nb\r\nc\r\n", "A\r\nb\r\nc\r\n"));
	CHECK(gives("a\nb\nc", "A\nb\nc", "a\nb\nC", "A\nb\nC"));
	CHECK(gives("a\nb\nc\n", "A\nb\nc\n", "a\nb\nc", "A\nb\nc"));
	CHECK(gives("a\nb\nc", "a\nb\nc\n", "a\nb\nc\r\n", NULL));
	CHECK(gives("\n\n\n", "x\n\n\n\n", "\n\n\ny", "x\n\n\n\ny"));
	CHECK(gives("a\nb\n", "a\r\nb\n", "a\nb\nc\n", "a\r\nb\nc\n"));
}

static void one_side_unchanged_gives_the_other(void)
{
	size_t len;

	CHECK(gives("a\nb", "a\nb", "x", "x") && gives("a\nb", "x", "a\nb", "x"));
	CHECK(gives("a", "b\nc", "b\nc", "b\nc") && gives("", "", "", "") && gives("x", "", "x", ""));
	/* Even where lines or edits are too many to compare. */
	memset(other, '\n', sizeof(other));
	CHECK(text_merge(&(struct text_edits){ { "", 0 }, { other, sizeof(other) }, { "", 0 } }, work, out,
			 &len) && len == sizeof(other));
}

/* Lines "<number>\n" from..to. */
static size_t numbers(char *to, unsigned from, unsigned upto, unsigned replaced)
{
	size_t len = 0;

	for (unsigned i = from; i < upto; i++)
		len += (size_t)sprintf(to + len, i < from + replaced ? "x%u\n" : "%u\n", i);
	return len;
}

static void limits_are_exact(void)
{
	static char base[LIMIT_TEXT_BYTES], a[LIMIT_TEXT_BYTES], b[LIMIT_TEXT_BYTES];
	struct text_edits edits = { { base, numbers(base, 0, 2000, 0) }, { a, 0 }, { b, 0 } };
	size_t len;

	edits.b.len = numbers(b, 0, 2001, 0);
	edits.a.len = numbers(a, 0, 2000, TEXT_EDITS_MAX / 2);
	CHECK(text_merge(&edits, work, out, &len) && len == edits.a.len + 5);
	edits.a.len = numbers(a, 0, 2000, TEXT_EDITS_MAX / 2 + 1);
	CHECK(!text_merge(&edits, work, out, &len));
	memset(base, '\n', sizeof(base));
	memset(a, '\n', sizeof(a));
	memset(b, '\n', sizeof(b));
	b[0] = 'b';
	edits.base.len = TEXT_LINES_MAX - 1;
	edits.a.len = TEXT_LINES_MAX;
	edits.b.len = TEXT_LINES_MAX; /* its first line has two bytes */
	CHECK(text_merge(&edits, work, out, &len) && len == TEXT_LINES_MAX + 1 && out[0] == 'b');
	edits.a.len++;
	CHECK(!text_merge(&edits, work, out, &len));
}

static void a_result_may_not_be_longer_than_a_cell(void)
{
	static char base[LIMIT_TEXT_BYTES], a[LIMIT_TEXT_BYTES], b[LIMIT_TEXT_BYTES];
	struct text_edits edits = { { base, 100002 }, { a, LIMIT_TEXT_BYTES }, { b, 100003 } };
	size_t len;

	memset(base, 'm', sizeof(base));
	memset(a, 'a', sizeof(a));
	base[0] = base[100001] = '\n'; /* an empty line, a line of 100,000 and its end */
	memcpy(a, base, 100002);
	memcpy(b, base, 100003);
	b[0] = 'b';
	b[1] = '\n';
	memcpy(b + 2, base + 1, 100001);
	CHECK(!text_merge(&edits, work, out, &len));
	edits.a.len--;
	CHECK(text_merge(&edits, work, out, &len) && len == LIMIT_TEXT_BYTES && out[0] == 'b');
}

/* Texts of one-letter lines. */
struct small {
	char text[2 * SMALL + 1];
	int n;
};

static void small_make(struct small *s, const struct small *from)
{
	s->n = 0;
	for (int i = 0; from != NULL && i < from->n && s->n < SMALL; i++) {
		unsigned what = pick(8);

		if (what == 0)
			continue;
		if (what == 1)
			s->text[2 * s->n++] = (char)('a' + pick(4));
		if (what != 2 && s->n < SMALL)
			s->text[2 * s->n++] = from->text[2 * i];
	}
	for (int i = (int)pick(SMALL); from == NULL && i > 0; i--)
		s->text[2 * s->n++] = (char)('a' + pick(4));
	for (int i = 0; i < s->n; i++)
		s->text[2 * i + 1] = '\n';
	s->text[2 * s->n] = '\0';
}

/* pair[i]: the side's line of the base's line i, or -1.  By the words of PROTOCOL.md. */
static void small_pair(const struct small *base, const struct small *x, int pair[SMALL + 1])
{
	int d[SMALL + 2][SMALL + 2];

	for (int i = base->n; i >= 0; i--)
		for (int j = x->n; j >= 0; j--) {
			bool ends = i == base->n || j == x->n;

			if (ends)
				d[i][j] = base->n - i + x->n - j;
			else if (base->text[2 * i] == x->text[2 * j])
				d[i][j] = d[i + 1][j + 1];
			else
				d[i][j] = 1 + (d[i + 1][j] < d[i][j + 1] ? d[i + 1][j] : d[i][j + 1]);
		}
	for (int i = 0; i <= base->n; i++)
		pair[i] = -1;
	for (int i = 0, j = 0; i < base->n && j < x->n;)
		if (base->text[2 * i] == x->text[2 * j])
			pair[i++] = j++;
		else if (d[i + 1][j] < d[i][j])
			i++;
		else
			j++;
	pair[base->n] = x->n;
}

static bool run_same(const struct small *x, int from, int to, const struct small *y, int at, int end)
{
	size_t len = 2 * (size_t)(to - from);

	return to - from == end - at && memcmp(x->text + 2 * from, y->text + 2 * at, len) == 0;
}

/* NULL: a conflict. */
static const char *small_merge(const struct small *base, const struct small *a, const struct small *b)
{
	static char text[8 * SMALL];
	int pa[SMALL + 1], pb[SMALL + 1], i0 = 0, a0 = 0, b0 = 0;
	size_t len = 0;

	small_pair(base, a, pa);
	small_pair(base, b, pb);
	for (int i = 0; i <= base->n; i++) {
		const struct small *from = a;
		int at = a0, to = pa[i];

		if (pa[i] < 0 || pb[i] < 0)
			continue;
		if (!run_same(a, a0, pa[i], b, b0, pb[i]) && !run_same(b, b0, pb[i], base, i0, i)) {
			if (!run_same(a, a0, pa[i], base, i0, i))
				return NULL;
			from = b;
			at = b0;
			to = pb[i];
		}
		memcpy(text + len, from->text + 2 * at, 2 * (size_t)(to - at));
		len += 2 * (size_t)(to - at);
		memcpy(text + len, base->text + 2 * i, i < base->n ? 2 : 0);
		len += i < base->n ? 2 : 0;
		i0 = i + 1;
		a0 = pa[i] + 1;
		b0 = pb[i] + 1;
	}
	text[len] = '\0';
	return text;
}

static void small_texts_agree_with_the_reference(void)
{
	unsigned clean = 0, conflicts = 0;

	for (unsigned seed = 1; seed <= 30000; seed++) {
		struct small base, a, b;

		state = seed;
		small_make(&base, NULL);
		small_make(&a, pick(4) == 0 ? NULL : &base);
		small_make(&b, pick(4) == 0 ? &a : &base);
		if (strcmp(a.text, b.text) == 0 || strcmp(a.text, base.text) == 0 ||
		    strcmp(b.text, base.text) == 0)
			continue;
		if (!gives(base.text, a.text, b.text, small_merge(&base, &a, &b)))
			tap_note("seed %u", seed);
		CHECK(gives(base.text, a.text, b.text, small_merge(&base, &a, &b)));
		*(small_merge(&base, &a, &b) == NULL ? &conflicts : &clean) += 1;
	}
	CHECK(clean > 3000 && conflicts > 3000);
}

/* The worst that the limits let through comes to an end. */
static void hostile_texts_come_to_an_end(void)
{
	static char base[LIMIT_TEXT_BYTES], a[LIMIT_TEXT_BYTES], b[LIMIT_TEXT_BYTES];
	struct text_edits edits = { { base, 0 }, { a, 0 }, { b, 0 } };
	size_t len;

	for (unsigned i = 0; i + 1 < TEXT_LINES_MAX; i++) {
		base[edits.base.len++] = (char)('a' + i % 2);
		base[edits.base.len++] = '\n';
		a[edits.a.len++] = (char)(i % 31 == 0 ? 'c' : 'a' + i % 2);
		a[edits.a.len++] = '\n';
		b[edits.b.len++] = (char)(i % 37 == 0 ? 'd' : 'b' - i % 2);
		b[edits.b.len++] = '\n';
	}
	CHECK(!text_merge(&edits, work, out, &len));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(edits_in_different_places_are_both_kept),
		TAP(edits_in_the_same_place_conflict_unless_equal),
		TAP(line_ends_stay_as_they_are), TAP(one_side_unchanged_gives_the_other),
		TAP(limits_are_exact), TAP(a_result_may_not_be_longer_than_a_cell),
		TAP(small_texts_agree_with_the_reference), TAP(hostile_texts_come_to_an_end),
	};
	int failed;

	work = malloc(text_memory());
	failed = work == NULL ? 1 : tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
	free(work);
	return failed;
}
