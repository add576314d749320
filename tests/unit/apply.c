/*
 * apply.c - frames become rows: two nodes and a hub that get the same frames in different orders.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "author.h"
#include "base/buf.h"
#include "capture/attach.h"
#include "merge/apply.h"
#include "merge/digest.h"
#include "merge/inbox.h"
#include "merge/sibling.h"
#include "store/tables.h"
#include "tap.h"

struct node {
	struct db db;
	struct inbox inbox;
};

static struct author hub, ann, ben;
static struct post post;

static bool node_open(struct node *n, const char *role, struct err *e)
{
	char hex[HEX_SIZE(32)];

	*n = (struct node){ 0 };
	hex_encode(hub.key.bytes, sizeof(hub.key.bytes), hex);
	return db_open(&n->db, ":memory:", DB_NODE, true, e) && tables_create(&n->db, e) &&
	       meta_put_text(&n->db, "hub_key", hex, e) && meta_put_text(&n->db, "role", role, e) &&
	       inbox_open(&n->inbox, &n->db, world_real(), e);
}

static void node_close(struct node *n)
{
	inbox_close(&n->inbox);
	if (n->db.handle != NULL)
		db_close(&n->db);
}

#define AUTO_NODE __attribute__((cleanup(node_close))) struct node

static bool give(struct node *n, const struct letter *letter, enum inbox_state want, struct err *e)
{
	struct inbox_result result;

	if (!inbox_accept(&n->inbox, letter->bytes, letter->len, &result, e))
		return false;
	if (result.state == want)
		return true;
	if (result.state != INBOX_ACCEPTED && result.state != INBOX_DUPLICATE)
		*e = result.problem;
	return err_wrap(e, "state %d instead of %d", result.state, want);
}

static bool merge(struct node *n, struct apply_stats *stats, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;

	return catalog_load(&n->db, &arena, &catalog, e) &&
	       apply_ready(&n->db, &catalog, world_real(), stats, e);
}

/* All of the post from `from` on, then a merge. */
static bool give_all(struct node *n, size_t from, struct err *e)
{
	struct apply_stats stats;

	for (size_t i = from; i < post.n; i++) {
		struct inbox_result result;

		if (!inbox_accept(&n->inbox, post.letter[i].bytes, post.letter[i].len, &result, e))
			return false;
		if (result.state == INBOX_REFUSED) {
			*e = result.problem;
			return false;
		}
	}
	return merge(n, &stats, e);
}

/* The rows as one text: id|a|b|c; ordered. */
static bool rows(struct node *n, char *ret, size_t cap, struct err *e)
{
	AUTO_BUF text = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(&n->db, "SELECT quote(id)||'|'||quote(a)||'|'||quote(b)||'|'||quote(c) FROM tab"
				" ORDER BY id", &s, e))
		return false;
	while (stmt_row(&s, &row, e) && row)
		buf_print(&text, "%s;", stmt_get_text(&s, 0));
	snprintf(ret, cap, "%s", buf_string(&text));
	return true;
}

static bool siblings(struct node *n, char *ret, size_t cap, struct err *e)
{
	AUTO_BUF text = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(&n->db, "SELECT c.name || '=' || quote(value) FROM simpul_sibling s"
				" JOIN simpul_column c ON c.table_no = s.table_no AND c.no = s.column_no"
				" WHERE superseded_n IS NULL ORDER BY 1", &s, e))
		return false;
	while (stmt_row(&s, &row, e) && row)
		buf_print(&text, "%s;", stmt_get_text(&s, 0));
	snprintf(ret, cap, "%s", buf_string(&text));
	return true;
}

static const char *rows_of(struct node *n)
{
	static char text[2][4096];
	static int turn;
	struct err e;

	turn = !turn;
	return rows(n, text[turn], sizeof(text[0]), &e) ? text[turn] : e.text;
}

static const char *siblings_of(struct node *n)
{
	static char text[2][4096];
	static int turn;
	struct err e;

	turn = !turn;
	return siblings(n, text[turn], sizeof(text[0]), &e) ? text[turn] : e.text;
}

static int64_t count(struct node *n, const char *sql)
{
	struct err e;
	int64_t v;

	return db_int(&n->db, sql, -1, &v, &e) ? v : -2;
}

/* The digest of 13.73 in hex. */
static const char *digest_of(struct node *n)
{
	static char text[4][HEX_SIZE(32)];
	static unsigned turn;
	const struct scope scope = { "13.73" };
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;
	struct hash hash;
	struct err e;
	int64_t rows_seen;

	turn = (turn + 1) % 4;
	if (!catalog_load(&n->db, &arena, &catalog, &e) ||
	    !digest_scope(&n->db, &catalog, &scope, &hash, &rows_seen, &e)) {
		tap_note("%s", e.text);
		return "";
	}
	hex_encode(hash.bytes, sizeof(hash.bytes), text[turn]);
	return text[turn];
}

/* hub, ann and ben of one scope, granted, with the table's document. */
static void begin(void)
{
	post_done(&post);
	author_begin(&hub, 1, "national", &post);
	author_begin(&ann, 2, "13.73", &post);
	author_begin(&ben, 3, "13.73", &post);
	author_grant(&hub, &ann, ROLE_WRITER, &post);
	author_grant(&hub, &ben, ROLE_WRITER, &post);
	author_schema(&ann, author_table(), &post);
	author_schema(&ben, author_table(), &post);
}

static struct value text(const char *s)
{
	return (struct value){ .type = VALUE_TEXT, .len = (uint32_t)strlen(s), .bytes = (const uint8_t *)s };
}

/* One change of the row with this key; values by column letter: "a=1 c=x". */
static void write_seen(struct author *by, enum change_op op, struct value key, const char *values,
		       const struct author *seen, uint64_t ms)
{
	static const uint8_t numbers[] = { 1, 2, 3 };
	struct value value[3];
	uint8_t column[3];
	struct change c = { .op = op, .hlc = ms << 16, .seen_own = CHANGE_SEEN_ALL, .keys = 1,
			    .column = column, .value = value };
	struct context_pair pair;
	static char parts[3][32];

	c.key[0] = key;
	for (const char *p = values; *p != '\0'; p += strcspn(p, " "), p += *p == ' ') {
		uint16_t i = c.columns++;

		column[i] = numbers[p[0] - 'a'];
		snprintf(parts[i], sizeof(parts[i]), "%.*s", (int)strcspn(p + 2, " "), p + 2);
		value[i] = text(parts[i]);
		if (strcmp(parts[i], "NULL") == 0)
			value[i] = (struct value){ .type = VALUE_NULL };
	}
	if (seen != NULL)
		pair = (struct context_pair){ .chain = seen->chain, .seq = seen->seq };
	author_write(by, &c, 1, &pair, seen != NULL, &post);
}

static void write_at(struct author *by, enum change_op op, const char *id, const char *values,
		     const struct author *seen, uint64_t ms)
{
	write_seen(by, op, text(id), values, seen, ms);
}

static void write_key(struct author *by, enum change_op op, struct value key, const char *values,
		      uint64_t ms)
{
	write_seen(by, op, key, values, NULL, ms);
}

static void a_row_travels(void)
{
	struct err e;
	AUTO_NODE n = { 0 };
	AUTO_NODE h = { 0 };

	begin();
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=NULL", NULL, 10);
	write_at(&ann, CHANGE_UPDATE, "x", "b=3", NULL, 11);
	CHECK_OK(node_open(&n, "node", &e) && node_open(&h, "hub", &e), &e);
	CHECK_OK(give_all(&n, 0, &e) && give_all(&h, 0, &e), &e);
	CHECK(strcmp(rows_of(&n), "'x'|'1'|'3'|NULL;") == 0);
	CHECK(strcmp(rows_of(&h), "'x'|'1'|'3'|NULL;") == 0);
	CHECK(count(&h, "SELECT count(*) FROM tab WHERE simpul_scope = '13.73'") == 1);
	CHECK(count(&n, "SELECT count(*) FROM simpul_log") == 0); /* not captured as a local change */
	CHECK(count(&n, "SELECT min(state) FROM simpul_changeset") == 1);
	CHECK(count(&n, "SELECT max(n) - count(*) FROM simpul_changeset") == 0);
	write_at(&ann, CHANGE_DELETE, "x", "", NULL, 12);
	CHECK_OK(give_all(&n, post.n - 1, &e), &e);
	CHECK(strcmp(rows_of(&n), "") == 0);
	write_at(&ann, CHANGE_INSERT, "x", "a=7 b=NULL c=8", NULL, 13);
	CHECK_OK(give_all(&n, post.n - 1, &e), &e);
	CHECK(strcmp(rows_of(&n), "'x'|'7'|NULL|'8';") == 0);
}

static void the_loser_stays_visible(void)
{
	struct err e;
	AUTO_NODE n = { 0 };

	begin();
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=1 c=1", NULL, 10);
	write_at(&ben, CHANGE_UPDATE, "x", "a=ben b=ben", &ann, 20);
	write_at(&ann, CHANGE_UPDATE, "x", "a=ann c=ann", NULL, 30); /* has not seen ben's */
	CHECK_OK(node_open(&n, "node", &e) && give_all(&n, 0, &e), &e);
	CHECK(strcmp(rows_of(&n), "'x'|'ann'|'ben'|'ann';") == 0);
	CHECK(strcmp(siblings_of(&n), "a='ben';") == 0);
	write_at(&ben, CHANGE_UPDATE, "x", "a=both", &ann, 5); /* has seen both; its clock is behind */
	CHECK_OK(give_all(&n, post.n - 1, &e), &e);
	CHECK(strcmp(rows_of(&n), "'x'|'both'|'ben'|'ann';") == 0);
	CHECK(strcmp(siblings_of(&n), "") == 0);
	CHECK(count(&n, "SELECT count(*) FROM simpul_sibling WHERE superseded_n IS NOT NULL") == 1);
}

/* A write may take away the one that is shown without being the greatest of the rest. */
static void a_third_write_may_be_shown(void)
{
	struct author cem;
	struct err e;
	AUTO_NODE n = { 0 };

	begin();
	author_begin(&cem, 4, "13.73", &post);
	author_grant(&hub, &cem, ROLE_WRITER, &post);
	author_schema(&cem, author_table(), &post);
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=1 c=1", NULL, 10);
	write_at(&ben, CHANGE_UPDATE, "x", "a=ben", &ann, 20);
	write_at(&ann, CHANGE_UPDATE, "x", "a=ann", NULL, 30);
	CHECK_OK(node_open(&n, "node", &e) && give_all(&n, 0, &e), &e);
	CHECK(strcmp(rows_of(&n), "'x'|'ann'|'1'|'1';") == 0);
	write_at(&cem, CHANGE_UPDATE, "x", "a=cem b=cem", &ann, 15); /* has seen ann's, not ben's */
	CHECK_OK(give_all(&n, post.n - 1, &e), &e);
	CHECK(strcmp(rows_of(&n), "'x'|'ben'|'cem'|'1';") == 0);
	CHECK(strcmp(siblings_of(&n), "a='cem';") == 0);
}

static void equal_values_are_one_value(void)
{
	struct err e;
	AUTO_NODE n = { 0 };

	begin();
	write_at(&ann, CHANGE_INSERT, "x", "a=same b=NULL c=ann", NULL, 10);
	write_at(&ben, CHANGE_INSERT, "x", "a=same b=NULL c=ben", NULL, 11);
	CHECK_OK(node_open(&n, "node", &e) && give_all(&n, 0, &e), &e);
	CHECK(strcmp(rows_of(&n), "'x'|'same'|NULL|'ben';") == 0);
	CHECK(strcmp(siblings_of(&n), "c='ann';") == 0);
}

static void a_null_can_be_a_sibling(void)
{
	struct err e;
	AUTO_NODE n = { 0 };

	begin();
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=1 c=1", NULL, 10);
	write_at(&ben, CHANGE_UPDATE, "x", "a=NULL", &ann, 12);
	write_at(&ann, CHANGE_UPDATE, "x", "a=9", NULL, 30);
	CHECK_OK(node_open(&n, "node", &e) && give_all(&n, 0, &e), &e);
	CHECK(strcmp(siblings_of(&n), "a=NULL;") == 0);
}

static void an_edit_brings_the_row_back_with_its_old_values(void)
{
	struct err e;
	AUTO_NODE n = { 0 };
	AUTO_NODE m = { 0 };

	begin();
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	write_at(&ben, CHANGE_UPDATE, "x", "b=edit", &ann, 20);
	write_at(&ann, CHANGE_DELETE, "x", "", NULL, 30);
	CHECK_OK(node_open(&n, "node", &e) && node_open(&m, "node", &e), &e);
	CHECK_OK(give_all(&n, 0, &e), &e);
	CHECK(strcmp(rows_of(&n), "'x'|'1'|'edit'|'3';") == 0);
	CHECK(count(&n, "SELECT count(*) FROM simpul_sibling") == 0);
	for (size_t i = 0; i + 2 < post.n; i++) /* here the delete comes first, and is merged */
		CHECK_OK(give(&m, &post.letter[i], i == 1 || i == 2 ? INBOX_HELD : INBOX_ACCEPTED, &e), &e);
	CHECK_OK(give_all(&m, post.n - 1, &e), &e);
	CHECK(strcmp(rows_of(&m), "") == 0);
	CHECK_OK(give_all(&m, 0, &e), &e);
	CHECK(strcmp(rows_of(&m), "'x'|'1'|'edit'|'3';") == 0);
	CHECK(strcmp(digest_of(&n), digest_of(&m)) == 0);
}

static void held_frames_come_in_by_themselves(void)
{
	struct inbox_result r;
	struct err e;
	AUTO_NODE n = { 0 };

	begin();
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	write_at(&ben, CHANGE_UPDATE, "x", "a=2", &ann, 20);
	CHECK_OK(node_open(&n, "node", &e), &e);
	for (size_t i = post.n; i-- > 1;) { /* backwards, without the hub's genesis */
		CHECK_OK(inbox_accept(&n.inbox, post.letter[i].bytes, post.letter[i].len, &r, &e), &e);
		CHECK(r.state == INBOX_HELD);
	}
	CHECK(count(&n, "SELECT count(*) FROM simpul_changeset") == 0);
	CHECK_OK(inbox_accept(&n.inbox, post.letter[0].bytes, post.letter[0].len, &r, &e), &e);
	CHECK(r.state == INBOX_ACCEPTED && r.released == (int64_t)post.n - 1);
	CHECK(count(&n, "SELECT count(*) FROM simpul_held") == 0);
	CHECK_OK(give_all(&n, 0, &e), &e); /* all duplicates now */
	CHECK(count(&n, "SELECT count(*) FROM simpul_changeset") == (int64_t)post.n);
	CHECK(strcmp(rows_of(&n), "'x'|'2'|'2'|'3';") == 0);
}

static void damaged_frames_are_refused(void)
{
	struct err e;
	AUTO_NODE n = { 0 };
	struct letter *last;
	size_t accepted = 0;

	begin();
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	CHECK_OK(node_open(&n, "node", &e), &e);
	for (size_t i = 0; i + 1 < post.n; i++) {
		struct inbox_result r;

		CHECK(inbox_accept(&n.inbox, post.letter[i].bytes, post.letter[i].len, &r, &e));
	}
	last = &post.letter[post.n - 1];
	for (size_t i = 0; i < last->len; i++) {
		struct inbox_result r;

		CHECK_OK(inbox_accept(&n.inbox, last->bytes, i, &r, &e), &e);
		CHECK(r.state == INBOX_REFUSED);
		last->bytes[i] ^= 0x10;
		CHECK_OK(inbox_accept(&n.inbox, last->bytes, last->len, &r, &e), &e);
		accepted += r.state == INBOX_ACCEPTED || r.state == INBOX_DUPLICATE;
		last->bytes[i] ^= 0x10;
	}
	CHECK(accepted == 0);
	CHECK(count(&n, "SELECT count(*) FROM simpul_changeset") == (int64_t)post.n - 1);
	CHECK(count(&n, "SELECT sum(count) FROM simpul_refused") > (int64_t)last->len);
	CHECK(count(&n, "SELECT frozen FROM simpul_chain") == 0);
	CHECK_OK(give(&n, last, INBOX_ACCEPTED, &e), &e); /* the true copy is not barred */
}

static void a_fork_freezes_the_chain(void)
{
	struct author twin;
	struct err e;
	AUTO_NODE n = { 0 };
	size_t at;

	begin();
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	CHECK_OK(node_open(&n, "node", &e) && give_all(&n, 0, &e), &e);
	twin = ann;
	write_at(&ann, CHANGE_UPDATE, "x", "a=2", NULL, 20);
	write_at(&twin, CHANGE_UPDATE, "x", "a=3", NULL, 21);
	write_at(&ann, CHANGE_UPDATE, "x", "a=4", NULL, 22);
	at = post.n - 3;
	CHECK_OK(give(&n, &post.letter[at], INBOX_ACCEPTED, &e), &e);
	CHECK_OK(give(&n, &post.letter[at + 1], INBOX_REFUSED, &e), &e);
	CHECK(count(&n, "SELECT count(*) FROM simpul_held WHERE missing = 'fork'") == 1);
	CHECK_OK(give(&n, &post.letter[at + 2], INBOX_REFUSED, &e), &e);
	CHECK_OK(give(&n, &post.letter[at], INBOX_DUPLICATE, &e), &e);
}

static void a_reader_writes_nothing(void)
{
	struct author eve;
	struct err e;
	AUTO_NODE n = { 0 };

	begin();
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	author_begin(&eve, 9, "13.73", &post);
	author_grant(&hub, &eve, ROLE_READER, &post);
	author_schema(&eve, author_table(), &post);
	write_at(&eve, CHANGE_UPDATE, "x", "a=eve", &ann, 99);
	write_at(&ann, CHANGE_UPDATE, "x", "b=on", NULL, 11);
	CHECK_OK(node_open(&n, "node", &e) && give_all(&n, 0, &e), &e);
	CHECK(strcmp(rows_of(&n), "'x'|'1'|'on'|'3';") == 0);
	CHECK(count(&n, "SELECT count(*) FROM simpul_changeset WHERE state = 2") == 1);
	CHECK(count(&n, "SELECT n FROM simpul_changeset WHERE state = 0") == -1);
}

static void another_scope_cannot_reach_a_row_by_its_key(void)
{
	struct author eve;
	struct err e;
	AUTO_NODE h = { 0 };

	begin();
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	author_begin(&eve, 9, "13.75", &post);
	author_grant(&hub, &eve, ROLE_WRITER, &post);
	author_schema(&eve, author_table(), &post);
	write_at(&eve, CHANGE_UPDATE, "x", "a=eve", NULL, 99);
	write_at(&eve, CHANGE_DELETE, "x", "", NULL, 99);
	CHECK_OK(node_open(&h, "hub", &e) && give_all(&h, 0, &e), &e);
	CHECK(count(&h, "SELECT count(*) FROM tab WHERE simpul_scope = '13.73' AND a = '1'") == 1);
	CHECK(count(&h, "SELECT count(*) FROM tab") == 1);
	write_at(&eve, CHANGE_INSERT, "y", "a=eve b=NULL c=NULL", &ann, 99); /* names a foreign chain */
	CHECK_OK(give_all(&h, post.n - 1, &e), &e);
	CHECK(count(&h, "SELECT count(*) FROM simpul_changeset WHERE state = 2") == 1);
}

static void a_revoked_chain_ends(void)
{
	struct err e;
	AUTO_NODE n = { 0 };

	begin();
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	CHECK_OK(node_open(&n, "node", &e) && give_all(&n, 0, &e), &e);
	author_revoke(&hub, &ann, ann.seq, &post);
	CHECK_OK(give(&n, &post.letter[post.n - 1], INBOX_ACCEPTED, &e), &e);
	write_at(&ann, CHANGE_UPDATE, "x", "a=thief", NULL, 99);
	CHECK_OK(give(&n, &post.letter[post.n - 1], INBOX_REFUSED, &e), &e);
	author_revoke(&ben, &ann, 0, &post); /* only the hub revokes */
	CHECK_OK(give(&n, &post.letter[post.n - 1], INBOX_ACCEPTED, &e), &e);
	CHECK(count(&n, "SELECT state FROM simpul_changeset ORDER BY n DESC LIMIT 1") == 2);
	CHECK(count(&n, "SELECT count(*) FROM simpul_chain WHERE void_after = 0") == 0);
}

static void a_table_that_is_not_attached_is_left_alone(void)
{
	struct apply_stats stats;
	struct err e;
	AUTO_NODE n = { 0 };

	begin();
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	CHECK_OK(node_open(&n, "node", &e), &e);
	CHECK(db_exec(&n.db, "CREATE TABLE tab(id TEXT PRIMARY KEY, a, b, c)", &e));
	CHECK_OK(give_all(&n, 0, &e) && merge(&n, &stats, &e), &e);
	CHECK(stats.waiting == 1 && strcmp(rows_of(&n), "") == 0);
	CHECK(count(&n, "SELECT count(*) FROM simpul_changeset WHERE state = 0 AND reason IS NOT NULL") == 1);
}

static void a_cut_is_merged_as_one(void)
{
	struct apply_stats stats;
	struct err e;
	AUTO_NODE n = { 0 };

	begin();
	CHECK_OK(node_open(&n, "node", &e) && give_all(&n, 0, &e), &e);
	ann.cut_left = 1;
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	ann.cut_left = 0;
	write_at(&ann, CHANGE_INSERT, "y", "a=1 b=2 c=3", NULL, 11);
	CHECK_OK(give(&n, &post.letter[post.n - 2], INBOX_ACCEPTED, &e) && merge(&n, &stats, &e), &e);
	CHECK(stats.merged == 0);
	CHECK_OK(give(&n, &post.letter[post.n - 1], INBOX_ACCEPTED, &e) && merge(&n, &stats, &e), &e);
	CHECK(stats.merged == 2 && stats.changes == 2);
}

static uint64_t random_state;

static unsigned pick(unsigned below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(random_state >> 33) % below;
}

static bool shuffled(struct node *n, struct err *e)
{
	AUTO_BUF order = { 0 };
	size_t *at = (size_t *)(void *)buf_reserve(&order, post.n * sizeof(*at));
	struct apply_stats stats;

	for (size_t i = 0; i < post.n; i++) {
		size_t k = pick((unsigned)i + 1);

		at[i] = at[k];
		at[k] = i;
	}
	for (size_t i = 0; i < post.n; i++) {
		struct inbox_result r;

		if (!inbox_accept(&n->inbox, post.letter[at[i]].bytes, post.letter[at[i]].len, &r, e))
			return false;
		if (r.state == INBOX_REFUSED) {
			*e = r.problem;
			return false;
		}
		if (pick(4) == 0 && !merge(n, &stats, e))
			return false;
	}
	return merge(n, &stats, e);
}

/* Two authors, five rows, clocks that mean nothing; two nodes and a hub, each with its own order. */
static void all_orders_lead_to_one_state(void)
{
	static const char *const ids[] = { "v", "w", "x", "y", "z" };
	static const char *const values[] = { "a=1", "b=2", "a=3 c=3", "c=NULL", "a=5 b=5 c=5" };
	int64_t conflicts = 0;
	struct err e;

	for (unsigned seed = 1; seed <= 25; seed++) {
		AUTO_NODE a = { 0 };
		AUTO_NODE b = { 0 };
		AUTO_NODE h = { 0 };

		random_state = seed;
		begin();
		for (int i = 0; i < 40; i++) {
			struct author *by = pick(2) ? &ann : &ben, *other = by == &ann ? &ben : &ann;
			enum change_op op = pick(3) == 0 ? CHANGE_INSERT : pick(4) == 0 ? CHANGE_DELETE :
											  CHANGE_UPDATE;
			const char *v = op == CHANGE_INSERT ? values[4] : values[pick(5)];

			write_at(by, op, ids[pick(5)], op == CHANGE_DELETE ? "" : v,
				 pick(3) == 0 ? other : NULL, 10 + pick(30));
		}
		CHECK_OK(node_open(&a, "node", &e) && node_open(&b, "node", &e) &&
				 node_open(&h, "hub", &e),
			 &e);
		CHECK_OK(give_all(&a, 0, &e) && shuffled(&b, &e) && shuffled(&h, &e), &e);
		CHECK(count(&b, "SELECT count(*) FROM simpul_changeset WHERE state <> 1") == 0);
		if (strcmp(rows_of(&a), rows_of(&b)) != 0)
			tap_note("seed %u: %s and %s", seed, rows_of(&a), rows_of(&b));
		CHECK(strcmp(digest_of(&a), digest_of(&b)) == 0 && strcmp(digest_of(&a), digest_of(&h)) == 0);
		CHECK(strcmp(rows_of(&a), rows_of(&b)) == 0 && strcmp(rows_of(&a), rows_of(&h)) == 0);
		CHECK(strcmp(siblings_of(&a), siblings_of(&b)) == 0);
		CHECK(strcmp(siblings_of(&a), siblings_of(&h)) == 0);
		conflicts += count(&a, "SELECT count(*) FROM simpul_sibling WHERE superseded_n IS NULL");
	}
	CHECK(conflicts > 25); /* or nothing was concurrent */
}

static void what_is_not_merged_does_not_move_the_digest(void)
{
	char before[HEX_SIZE(32)];
	struct author eve;
	struct inbox_result r;
	struct err e;
	AUTO_NODE n = { 0 };

	begin();
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	CHECK_OK(node_open(&n, "node", &e) && give_all(&n, 0, &e), &e);
	snprintf(before, sizeof(before), "%s", digest_of(&n));
	author_begin(&eve, 9, "13.73", &post);
	author_grant(&hub, &eve, ROLE_READER, &post);
	author_schema(&eve, author_table(), &post);
	write_at(&eve, CHANGE_DELETE, "x", "", &ann, 99);
	CHECK_OK(give_all(&n, post.n - 4, &e), &e);
	CHECK(strcmp(before, digest_of(&n)) == 0);
	write_at(&ann, CHANGE_UPDATE, "x", "a=2", NULL, 20);
	post.letter[post.n - 1].bytes[60] ^= 1;
	CHECK(inbox_accept(&n.inbox, post.letter[post.n - 1].bytes, post.letter[post.n - 1].len, &r, &e));
	CHECK(r.state == INBOX_REFUSED && strcmp(before, digest_of(&n)) == 0);
	post.letter[post.n - 1].bytes[60] ^= 1;
	CHECK_OK(give_all(&n, post.n - 1, &e), &e);
	CHECK(strcmp(before, digest_of(&n)) != 0); /* and this does */
}

static bool describe_sibling(void *text, const struct sibling *s)
{
	char key[32] = "", id[HEX_SIZE(32)];

	snprintf(key, sizeof(key), "%.*s", (int)s->key[0].len, (const char *)s->key[0].bytes);
	hex_encode(s->other.id.bytes, 4, id);
	buf_print(text, "%s %s %s %s: %.*s by %s at %d, not %.*s by %s at %d;", s->scope, s->table->name, key,
		  s->column, (int)s->shown.value.len, (const char *)s->shown.value.bytes, s->shown.node,
		  (int)(s->shown.hlc >> 16), (int)s->other.value.len, (const char *)s->other.value.bytes,
		  s->other.node, (int)(s->other.hlc >> 16));
	return s->other.n > 0 && s->shown.n > 0 && strcmp(id, "00000000") != 0;
}

static void conflicts_are_told_with_who_and_when(void)
{
	AUTO_BUF told = { 0 };
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;
	struct err e;
	AUTO_NODE h = { 0 };

	begin();
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=1 c=1", NULL, 10);
	write_at(&ben, CHANGE_UPDATE, "x", "a=ben b=ben", &ann, 20);
	write_at(&ann, CHANGE_UPDATE, "x", "a=ann c=ann", NULL, 30);
	CHECK_OK(node_open(&h, "hub", &e) && give_all(&h, 0, &e), &e);
	CHECK_OK(catalog_load(&h.db, &arena, &catalog, &e), &e);
	CHECK_OK(sibling_list(&h.db, &catalog, describe_sibling, &told, &e), &e);
	CHECK(strcmp(buf_string(&told),
		     "13.73 tab x a: ann by granted at 30, not ben by granted at 20;") == 0);
	write_at(&ann, CHANGE_DELETE, "x", "", &ben, 40);
	CHECK_OK(give_all(&h, post.n - 1, &e), &e);
	buf_reset(&told);
	CHECK_OK(sibling_list(&h.db, &catalog, describe_sibling, &told, &e), &e);
	CHECK(told.len == 0);
}

/* A node whose table is its own, replicated for 13.73, or by its column `c`. */
static bool attached_open(struct node *n, const char *sql, bool by_column, struct err *e)
{
	const struct attach_request request = { .scope = by_column ? NULL : "13.73",
						.scope_column = by_column ? "c" : NULL,
						.world = world_real() };
	const char *const names[] = { "tab" };
	AUTO_ATTACH_REPORT report = { 0 };

	return node_open(n, "node", e) && db_exec(&n->db, sql, e) &&
	       attach_tables(&n->db, names, 1, &request, &report, e);
}

static void of_two_rows_that_a_rule_forbids_the_lesser_waits(void)
{
	static const char sql[] = "CREATE TABLE tab(id TEXT PRIMARY KEY, a UNIQUE, b NOT NULL,"
				  " c CHECK(c < 5))";
	struct err e;

	for (int turn = 0; turn < 2; turn++) {
		struct author *first = turn ? &ann : &ben, *second = turn ? &ben : &ann;
		AUTO_NODE n = { 0 };

		begin();
		CHECK_OK(attached_open(&n, sql, false, &e) && give_all(&n, 0, &e), &e);
		write_at(first, CHANGE_INSERT, turn ? "x" : "y", "a=1 b=2 c=9", NULL, turn ? 10 : 11);
		CHECK_OK(give_all(&n, post.n - 1, &e), &e);
		write_at(second, CHANGE_INSERT, turn ? "y" : "x", "a=1 b=2 c=9", NULL, turn ? 11 : 10);
		CHECK_OK(give_all(&n, post.n - 1, &e), &e);
		CHECK(strcmp(rows_of(&n), "'y'|'1'|'2'|'9';") == 0); /* y is later, in either order */
		CHECK(count(&n, "SELECT count(*) FROM simpul_violation WHERE reason = 'unique'") == 1);
		write_at(&ben, CHANGE_UPDATE, "y", "a=3", NULL, 12);
		if (turn == 0) /* ben wrote y in both turns */
			CHECK_OK(give_all(&n, post.n - 1, &e), &e);
		else
			CHECK_OK(give_all(&n, 0, &e), &e);
		CHECK(strcmp(rows_of(&n), "'x'|'1'|'2'|'9';'y'|'3'|'2'|'9';") == 0);
		CHECK(count(&n, "SELECT count(*) FROM simpul_violation") == 0);
		write_at(&ben, CHANGE_UPDATE, "y", "b=NULL", NULL, 13);
		CHECK_OK(give_all(&n, post.n - 1, &e), &e);
		CHECK(strcmp(rows_of(&n), "'x'|'1'|'2'|'9';") == 0);
		write_at(&ben, CHANGE_UPDATE, "y", "b=4", NULL, 14);
		CHECK_OK(give_all(&n, post.n - 1, &e), &e);
		CHECK(strcmp(rows_of(&n), "'x'|'1'|'2'|'9';'y'|'3'|'4'|'9';") == 0);
	}
}

static void a_row_that_the_table_cannot_hold_holds_up_nothing(void)
{
	char digest[HEX_SIZE(32)];
	struct err e;
	AUTO_NODE n = { 0 };
	AUTO_NODE free = { 0 };

	begin();
	CHECK_OK(attached_open(&n, "CREATE TABLE tab(id INTEGER PRIMARY KEY, a, b, c);"
				   "CREATE INDEX by_b ON tab(a LIKE 'x' ESCAPE b)", false, &e), &e);
	CHECK_OK(node_open(&free, "node", &e), &e);
	CHECK_OK(give_all(&n, 0, &e), &e);
	write_key(&ann, CHANGE_INSERT, (struct value){ .type = VALUE_INT, .integer = 7 }, "a=1 b=2 c=3", 10);
	write_at(&ann, CHANGE_INSERT, "abc", "a=1 b=2 c=3", NULL, 11);
	write_at(&ann, CHANGE_INSERT, "7", "a=another b=2 c=3", NULL, 12);
	write_at(&ann, CHANGE_UPDATE, "7", "a=again", NULL, 13);
	write_key(&ann, CHANGE_INSERT, (struct value){ .type = VALUE_REAL, .real = 7 }, "a=real b=2 c=3", 14);
	write_key(&ben, CHANGE_INSERT, (struct value){ .type = VALUE_INT, .integer = 8 }, "a=1 b=no c=3", 15);
	write_key(&ben, CHANGE_INSERT, (struct value){ .type = VALUE_INT, .integer = 9 }, "a=1 b=2 c=3", 16);
	CHECK_OK(give_all(&n, 0, &e) && give_all(&free, 0, &e), &e);
	CHECK(strcmp(rows_of(&n), "7|'1'|'2'|'3';9|'1'|'2'|'3';") == 0);
	CHECK(count(&n, "SELECT count(*) FROM simpul_violation WHERE reason = 'key'") == 3);
	CHECK(count(&n, "SELECT count(*) FROM simpul_violation WHERE reason = 'rule'") == 1);
	CHECK(count(&n, "SELECT count(*) FROM simpul_changeset WHERE state <> 1") == 0);
	snprintf(digest, sizeof(digest), "%s", digest_of(&n));
	CHECK(strcmp(digest, digest_of(&free)) == 0); /* which withheld nothing */
	write_at(&ann, CHANGE_DELETE, "7", "", NULL, 20);
	write_key(&ben, CHANGE_UPDATE, (struct value){ .type = VALUE_INT, .integer = 8 }, "b=2", 21);
	CHECK_OK(give_all(&n, post.n - 2, &e), &e);
	CHECK(strcmp(rows_of(&n), "7|'1'|'2'|'3';8|'1'|'2'|'3';9|'1'|'2'|'3';") == 0);
	CHECK(count(&n, "SELECT count(*) FROM simpul_violation") == 2);
}

/* One row of a table of eve's own with these types; her chain may go on. */
static void write_table(struct author *eve, const char *name, const char *type, uint8_t flags)
{
	struct schema_column column[2] = { { .name = { "id", 2 }, .type = { "INTEGER", 7 } },
					   { .name = { "z", 1 } } };
	struct schema_table table = { .name = { name, (uint32_t)strlen(name) }, .flags = flags,
				      .columns = 2, .column = column, .keys = 1 };
	const struct schema schema = { .tables = 1, .table = &table };

	column[1].type = (struct schema_text){ type, (uint32_t)strlen(type) };
	author_schema(eve, &schema, &post);
	write_key(eve, CHANGE_INSERT, (struct value){ .type = VALUE_INT, .integer = 1 }, "a=1", 10);
}

static void a_table_that_cannot_be_made_holds_up_nothing(void)
{
	static const char *const type[] = { "TEXT REFERENCES t", "TEXT UNIQUE", "NOT NULL", "VARCHAR(9)",
					    "TEXT COLLATE NOCASE", "PRIMARY KEY" };
	char name[16];
	struct author eve;
	struct err e;
	AUTO_NODE n = { 0 };
	AUTO_NODE h = { 0 };

	begin();
	author_begin(&eve, 9, "13.73", &post);
	author_grant(&hub, &eve, ROLE_WRITER, &post);
	for (size_t i = 0; i < 6; i++) {
		snprintf(name, sizeof(name), "odd%zu", i);
		write_table(&eve, name, type[i], 0);
	}
	write_table(&eve, "strict", "VARCHAR(9)", SCHEMA_TABLE_STRICT);
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 20);
	CHECK_OK(node_open(&n, "node", &e) && node_open(&h, "hub", &e), &e);
	CHECK_OK(give_all(&n, 0, &e) && give_all(&h, 0, &e), &e);
	CHECK(strcmp(rows_of(&n), "'x'|'1'|'2'|'3';") == 0 && strcmp(rows_of(&h), rows_of(&n)) == 0);
	for (size_t i = 0; i < 6; i++) {
		char sql[64];

		snprintf(sql, sizeof(sql), "SELECT count(*) FROM odd%zu WHERE z = 1", i);
		CHECK(count(&n, sql) == 1 && count(&h, sql) == 1);
	}
	CHECK(count(&n, "SELECT count(*) FROM pragma_index_list('odd1') WHERE origin = 'u'") == 0);
	CHECK(count(&n, "SELECT count(*) FROM sqlite_schema WHERE name = 'strict'") == 0);
	CHECK(count(&h, "SELECT count(*) FROM simpul_changeset WHERE state = 0") == 1);
	CHECK(count(&n, "SELECT count(*) FROM simpul_changeset WHERE state = 0 AND reason LIKE"
			" 'table strict cannot be made here: %'") == 1);
}

static void unique_values_may_swap(void)
{
	struct err e;
	AUTO_NODE n = { 0 };

	begin();
	CHECK_OK(attached_open(&n, "CREATE TABLE tab(id TEXT PRIMARY KEY, a UNIQUE, b, c)", false, &e), &e);
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	write_at(&ann, CHANGE_INSERT, "y", "a=2 b=2 c=3", NULL, 11);
	CHECK_OK(give_all(&n, 0, &e), &e);
	write_at(&ann, CHANGE_UPDATE, "x", "a=9", NULL, 12);
	write_at(&ann, CHANGE_UPDATE, "y", "a=1", NULL, 13);
	write_at(&ann, CHANGE_UPDATE, "x", "a=2", NULL, 14);
	CHECK_OK(give_all(&n, post.n - 3, &e), &e);
	CHECK(strcmp(rows_of(&n), "'x'|'2'|'2'|'3';'y'|'1'|'2'|'3';") == 0);
	CHECK(count(&n, "SELECT count(*) FROM simpul_violation") == 0);
}

static void the_scope_column_must_say_the_scope(void)
{
	struct author eve;
	struct err e;
	AUTO_NODE n = { 0 };

	begin();
	author_begin(&eve, 9, "13.75", &post);
	author_grant(&hub, &eve, ROLE_WRITER, &post);
	author_schema(&eve, author_table(), &post);
	CHECK_OK(attached_open(&n, "CREATE TABLE tab(id TEXT PRIMARY KEY, a, b, c)", true, &e), &e);
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=13.73", NULL, 10);
	write_at(&eve, CHANGE_INSERT, "z", "a=1 b=2 c=13.75", NULL, 10);
	CHECK_OK(give_all(&n, 0, &e), &e);
	CHECK(strcmp(rows_of(&n), "'x'|'1'|'2'|'13.73';'z'|'1'|'2'|'13.75';") == 0);
	write_at(&eve, CHANGE_UPDATE, "z", "c=13.73", NULL, 11); /* pushes a row into ann's scope */
	write_at(&eve, CHANGE_UPDATE, "x", "a=eve", NULL, 99);	  /* ann's key */
	write_at(&eve, CHANGE_INSERT, "x", "a=eve b=eve c=13.75", NULL, 99);
	write_at(&eve, CHANGE_DELETE, "x", "", NULL, 99);
	write_at(&eve, CHANGE_UPDATE, "z", "a=on", NULL, 100);
	CHECK_OK(give_all(&n, post.n - 5, &e), &e);
	CHECK(strcmp(rows_of(&n), "'x'|'1'|'2'|'13.73';'z'|'on'|'2'|'13.75';") == 0);
	CHECK(count(&n, "SELECT count(*) FROM simpul_changeset WHERE state = 2") == 1);
}

static void columns_that_are_newer_than_the_table_wait_in_the_versions(void)
{
	struct err e;
	AUTO_NODE n = { 0 };

	begin();
	CHECK_OK(attached_open(&n, "CREATE TABLE tab(id TEXT PRIMARY KEY, a, b)", false, &e), &e);
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=new", NULL, 10);
	write_at(&ann, CHANGE_UPDATE, "x", "a=3 c=newer", NULL, 11);
	CHECK_OK(give_all(&n, 0, &e), &e);
	CHECK(count(&n, "SELECT count(*) FROM tab WHERE a = '3' AND b = '2'") == 1);
	CHECK(count(&n, "SELECT count(*) FROM simpul_column WHERE name = 'c' AND at IS NULL") == 1);
	{
		AUTO_NODE full = { 0 };

		CHECK_OK(node_open(&full, "node", &e) && give_all(&full, 0, &e), &e);
		CHECK(strcmp(digest_of(&n), digest_of(&full)) == 0);
	}
}

/* Computed by an independent program from the text of the protocol. */
static void the_digest_has_a_golden_vector(void)
{
	struct err e;
	AUTO_NODE n = { 0 };

	begin();
	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	write_at(&ben, CHANGE_UPDATE, "x", "b=5", &ann, 20);
	write_at(&ann, CHANGE_DELETE, "x", "", NULL, 30);
	write_at(&ann, CHANGE_INSERT, "0191c2a0-1111-7abc-8def-0123456789ab", "a=1 b=2 c=3", NULL, 40);
	CHECK_OK(node_open(&n, "node", &e) && give_all(&n, 0, &e), &e);
	CHECK(strcmp(digest_of(&n), "cac0e9c65cbebe14b5f2b359eea9383a16d4b552d356b0c948df73bed16e03d8") ==
	      0);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(a_row_travels),
		TAP(the_loser_stays_visible),
		TAP(a_third_write_may_be_shown),
		TAP(equal_values_are_one_value),
		TAP(a_null_can_be_a_sibling),
		TAP(an_edit_brings_the_row_back_with_its_old_values),
		TAP(held_frames_come_in_by_themselves),
		TAP(damaged_frames_are_refused),
		TAP(a_fork_freezes_the_chain),
		TAP(a_reader_writes_nothing),
		TAP(another_scope_cannot_reach_a_row_by_its_key),
		TAP(a_revoked_chain_ends),
		TAP(a_table_that_is_not_attached_is_left_alone),
		TAP(a_cut_is_merged_as_one),
		TAP(all_orders_lead_to_one_state),
		TAP(what_is_not_merged_does_not_move_the_digest),
		TAP(the_digest_has_a_golden_vector),
		TAP(of_two_rows_that_a_rule_forbids_the_lesser_waits),
		TAP(a_row_that_the_table_cannot_hold_holds_up_nothing),
		TAP(a_table_that_cannot_be_made_holds_up_nothing),
		TAP(unique_values_may_swap),
		TAP(the_scope_column_must_say_the_scope),
		TAP(columns_that_are_newer_than_the_table_wait_in_the_versions),
		TAP(conflicts_are_told_with_who_and_when),
	};
	int failures = tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));

	post_done(&post);
	return failures;
}
