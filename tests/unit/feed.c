/* feed.c - what a puller is given, where its cursor stands after it, and streams that are no stream. */
#include <stdio.h>
#include <string.h>

#include "cluster.h"
#include "exchange/feed.h"
#include "simpul/seal.h"
#include "tap.h"

/* A hub that holds its own chain and, one after the other, changesets of two offices in two scopes. */
static bool region_open(struct cluster *c, struct err *e)
{
	cluster_begin(c, 1);
	if (!cluster_add(c, "hub", NULL, e) || !cluster_add(c, "ayu", "13.7", e) ||
	    !cluster_add(c, "budi", "13.73", e) || !cluster_enrol(c, 1, e) || !cluster_enrol(c, 2, e))
		return false;
	for (unsigned i = 0; i < 4; i++) {
		char sql[80];

		snprintf(sql, sizeof(sql), "INSERT INTO plan(id, title) VALUES('%u', 'x')", i);
		if (!cluster_write(&c->member[1 + i % 2], sql, e) || !cluster_sync(c, 1 + i % 2, 0, e))
			return false;
	}
	return true;
}

static struct feed_query query_of(const char *a, const char *b)
{
	struct feed_query q = { .scopes = 1, .bytes_max = 1 << 20 };

	snprintf(q.scope[0].name, sizeof(q.scope[0].name), "%s", a);
	if (b != NULL)
		snprintf(q.scope[q.scopes++].name, sizeof(q.scope[1].name), "%s", b);
	return q;
}

/* Every entry is a whole frame that opens, with numbers that rise up to the cursor; -1 if not. */
static int entries(const struct buf *body, const struct feed_result *r, uint64_t after)
{
	const uint8_t *at = body->data, *end = body->data + body->len;
	uint64_t last = after;
	bool more = true;
	struct err e;
	int n = 0;

	for (;;) {
		struct feed_entry entry;
		struct frame frame;

		if (!feed_next(&at, end, &entry, &more, &e))
			return -1;
		if (!more)
			return last <= r->cursor ? n : -1;
		if (entry.n <= last || !seal_open(entry.frame, entry.len, &frame, &e))
			return -1;
		last = entry.n;
		n++;
	}
}

static void a_scope_gets_its_own_and_the_cursor_passes_the_rest(void)
{
	AUTO_CLUSTER c = { 0 };
	struct feed_query q = query_of("13.7", NULL), both = query_of("13.7", "13.73");
	AUTO_BUF one = { 0 };
	AUTO_BUF two = { 0 };
	AUTO_BUF none = { 0 };
	struct feed_result a, b, rest;
	int64_t head;
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(db_int(&c.member[0].db, "SELECT max(n) FROM simpul_changeset", 0, &head, &e), &e);
	CHECK_OK(feed_collect(&c.member[0].db, &q, &one, &a, &e), &e);
	CHECK_OK(feed_collect(&c.member[0].db, &both, &two, &b, &e), &e);
	CHECK(!a.more && a.cursor == (uint64_t)head && entries(&one, &a, 0) == (int)a.frames);
	CHECK(!b.more && b.cursor == (uint64_t)head && entries(&two, &b, 0) == (int)b.frames);
	CHECK(a.frames >= 3 && b.frames > a.frames);
	q.after = a.cursor;
	CHECK_OK(feed_collect(&c.member[0].db, &q, &none, &rest, &e), &e);
	CHECK(rest.frames == 0 && rest.cursor == a.cursor && !rest.more && none.len == 0);
	q.after = INT64_MAX; /* as far as a request can ask */
	CHECK_OK(feed_collect(&c.member[0].db, &q, &none, &rest, &e), &e);
	CHECK(rest.frames == 0 && rest.cursor == INT64_MAX);
}

/* Piece by piece, however small the pieces are, it is the same stream. */
static void pieces_make_the_whole(void)
{
	AUTO_CLUSTER c = { 0 };
	struct feed_query q = query_of("national", "13.7");
	struct feed_result all, r;
	AUTO_BUF whole = { 0 };
	AUTO_BUF pieces = { 0 };
	struct err e;
	unsigned asked = 0;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(feed_collect(&c.member[0].db, &q, &whole, &all, &e), &e);
	q.bytes_max = 1; /* one frame at least, or nobody with a large frame would ever get it */
	do {
		size_t before = pieces.len;

		CHECK_OK(feed_collect(&c.member[0].db, &q, &pieces, &r, &e), &e);
		CHECK(r.frames == 1 || !r.more);
		CHECK(pieces.len > before || !r.more);
		q.after = r.cursor;
		asked++;
	} while (r.more);
	CHECK(asked >= all.frames && r.cursor == all.cursor);
	CHECK(pieces.len == whole.len && memcmp(pieces.data, whole.data, whole.len) == 0);
}

static void a_chain_is_left_out_on_request(void)
{
	AUTO_CLUSTER c = { 0 };
	struct feed_query q = query_of("13.7", NULL);
	struct feed_result all, less;
	AUTO_BUF whole = { 0 };
	AUTO_BUF rest = { 0 };
	AUTO_RESET s = { 0 };
	const void *id;
	struct err e;
	size_t len;
	bool row;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(feed_collect(&c.member[0].db, &q, &whole, &all, &e), &e);
	CHECK_OK(db_statement(&c.member[0].db, "SELECT id FROM simpul_chain WHERE scope = '13.7'", &s,
			      &e), &e);
	CHECK_OK(stmt_row(&s, &row, &e), &e);
	CHECK(row);
	id = stmt_get_blob(&s, 0, &len);
	CHECK(len == sizeof(q.except[0]));
	memcpy(&q.except[0], id, len);
	q.excepts = 1;
	stmt_reset(&s);
	CHECK_OK(feed_collect(&c.member[0].db, &q, &rest, &less, &e), &e);
	CHECK(less.frames == 0 && less.cursor == all.cursor && rest.len == 0);
}

static void a_cut_stream_is_noticed_wherever_it_is_cut(void)
{
	AUTO_CLUSTER c = { 0 };
	struct feed_query q = query_of("13.7", NULL);
	struct feed_result r;
	AUTO_BUF whole = { 0 };
	struct err e;
	size_t ends = 0;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(feed_collect(&c.member[0].db, &q, &whole, &r, &e), &e);
	for (size_t len = 0; len < whole.len; len++) {
		AUTO_BUF copy = { 0 }; /* reading past it is found by the sanitizer */
		const uint8_t *at, *end;
		bool ok = true, more = true;
		struct feed_entry entry;

		buf_put(&copy, whole.data, len);
		at = copy.data;
		end = copy.data + len;
		while (ok && more)
			ok = feed_next(&at, end, &entry, &more, &e);
		ends += ok;
		CHECK(ok || e.code == ERR_MALFORMED);
	}
	CHECK(ends == r.frames); /* only between two entries, the start included */
}

static void bytes_that_are_no_feed_are_refused(void)
{
	static const uint8_t zeros[64], ones[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
						   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
						   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	const uint8_t *at = zeros;
	struct feed_entry entry;
	struct err e;
	bool more;

	CHECK(!feed_next(&at, zeros + sizeof(zeros), &entry, &more, &e) && at == zeros);
	at = ones;
	CHECK(!feed_next(&at, ones + sizeof(ones), &entry, &more, &e) && at == ones);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(a_scope_gets_its_own_and_the_cursor_passes_the_rest),
		TAP(pieces_make_the_whole),
		TAP(a_chain_is_left_out_on_request),
		TAP(a_cut_stream_is_noticed_wherever_it_is_cut),
		TAP(bytes_that_are_no_feed_are_refused),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
