/*
 * policy.c - what cells show and list by their policy: frames of four authors, in every order that
 * matters, on nodes that must all come to the same rows, lists and digests.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "author.h"
#include "base/buf.h"
#include "merge/apply.h"
#include "merge/digest.h"
#include "merge/inbox.h"
#include "merge/replay.h"
#include "store/tables.h"
#include "tap.h"

#define ORDERS 12

struct node {
	struct db db;
	struct inbox inbox;
};

static struct author hub, ann, ben, cem;
static struct post post;
static size_t begun; /* letters of begin() */

static void node_close(struct node *n)
{
	inbox_close(&n->inbox);
	if (n->db.handle != NULL)
		db_close(&n->db);
}

#define AUTO_NODE __attribute__((cleanup(node_close))) struct node

static bool node_open(struct node *n, struct err *e)
{
	char hex[HEX_SIZE(32)];

	*n = (struct node){ 0 };
	hex_encode(hub.key.bytes, sizeof(hub.key.bytes), hex);
	return db_open(&n->db, ":memory:", DB_NODE, true, e) && tables_create(&n->db, e) &&
	       meta_put_text(&n->db, "hub_key", hex, e) && meta_put_text(&n->db, "role", "node", e) &&
	       inbox_open(&n->inbox, &n->db, world_real(), e);
}

static bool merge(struct node *n, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;
	struct apply_stats stats;

	return catalog_load(&n->db, &arena, &catalog, e) &&
	       apply_ready(&n->db, &catalog, world_real(), &stats, e);
}

static bool give(struct node *n, size_t letter, struct err *e)
{
	struct inbox_result result;

	if (!inbox_accept(&n->inbox, post.letter[letter].bytes, post.letter[letter].len, &result, e))
		return false;
	if (result.state != INBOX_REFUSED)
		return true;
	*e = result.problem;
	return false;
}

/* id TEXT, note TEXT (text), pick TEXT DEFAULT 'open' (manual), stock INTEGER (counter), free TEXT. */
static const struct schema *memo_table(void)
{
	static struct schema_rules rules = { .state = -1 };
	static struct schema_column columns[] = {
		{ .name = { "id", 2 }, .type = { "TEXT", 4 } },
		{ .name = { "note", 4 }, .type = { "TEXT", 4 }, .policy = POLICY_TEXT },
		{ .name = { "pick", 4 }, .type = { "TEXT", 4 }, .policy = POLICY_MANUAL,
		  .fallback = { .type = VALUE_TEXT, .len = 4, .bytes = (const uint8_t *)"open" } },
		{ .name = { "stock", 5 }, .type = { "INTEGER", 7 }, .policy = POLICY_COUNTER },
		{ .name = { "free", 4 }, .type = { "TEXT", 4 } },
	};
	static struct schema_table table = { .name = { "memo", 4 }, .columns = 5, .keys = 1, .key = { 0 },
					     .column = columns, .rules = &rules };
	static const struct schema schema = { .tables = 1, .table = &table };

	return &schema;
}

/* The same columns, with rules that say nothing, or without any. */
static const struct schema *plain_table(bool rules)
{
	static struct schema_column columns[5];
	static struct schema_table table;
	static const struct schema schema = { .tables = 1, .table = &table };

	table = memo_table()->table[0];
	table.rules = rules ? table.rules : NULL;
	memcpy(columns, table.column, sizeof(columns));
	for (int i = 0; i < 5; i++)
		columns[i].policy = POLICY_LWW;
	table.column = columns;
	return &schema;
}

static void begin_with(const struct schema *schema)
{
	struct author *const all[] = { &ann, &ben, &cem };

	post_done(&post);
	author_begin(&hub, 1, "national", &post);
	for (uint8_t i = 0; i < 3; i++) {
		author_begin(all[i], (uint8_t)(2 + i), "13.73", &post);
		author_grant(&hub, all[i], ROLE_WRITER, &post);
		author_schema(all[i], schema, &post);
	}
	author_schema(&hub, schema, &post); /* after the table was made for 13.73; rules are approved by it */
	begun = post.n;
}

static void begin(void)
{
	begin_with(memo_table());
}

/* Whom the author of the next change has seen, up to their present heads. */
static struct context_pair seen[3];
static size_t seens;

static void sees(const struct author *a)
{
	size_t at = seens++;

	for (; at > 0 && chain_compare(&seen[at - 1].chain, &a->chain) > 0; at--)
		seen[at] = seen[at - 1];
	seen[at] = (struct context_pair){ .chain = a->chain, .seq = a->seq };
}

/* The value of a column: NULL for nothing to write. */
struct cells {
	const char *note, *pick;
	int64_t stock;
	bool counts;
	const char *free;
};

static void put(struct author *by, enum change_op op, uint64_t ms, const struct cells *cells)
{
	struct value value[4];
	uint8_t column[4];
	struct change c = { .op = op, .hlc = ms << 16, .seen_own = CHANGE_SEEN_ALL, .keys = 1,
			    .column = column, .value = value };
	const char *const texts[] = { cells->note, cells->pick, NULL, cells->free };

	c.key[0] = (struct value){ .type = VALUE_TEXT, .len = 1, .bytes = (const uint8_t *)"k" };
	for (uint8_t i = 0; i < 4; i++) {
		if (i == 2 ? !cells->counts : texts[i] == NULL)
			continue;
		column[c.columns] = (uint8_t)(i + 1);
		value[c.columns++] = i == 2 ? (struct value){ .type = VALUE_INT, .integer = cells->stock } :
					      (struct value){ .type = VALUE_TEXT,
							      .len = (uint32_t)strlen(texts[i]),
							      .bytes = (const uint8_t *)texts[i] };
	}
	author_write(by, &c, 1, seen, seens, &post);
	seens = 0;
}

#define PUT(by, op, ms, ...) put(by, op, ms, &(struct cells){ __VA_ARGS__ })

/* "note|pick|stock|free / column=value ..." : the row and what is listed. */
static bool describe(struct node *n, struct buf *out, struct err *e)
{
	AUTO_STMT rows = { 0 };
	AUTO_STMT listed = { 0 };
	bool row;

	if (!db_prepare(&n->db, "SELECT quote(note)||'|'||quote(pick)||'|'||quote(stock)||'|'||quote(free)"
				" FROM memo", &rows, e) ||
	    !db_prepare(&n->db, "SELECT ' ' || c.name || '=' || quote(value) FROM simpul_sibling s"
				" JOIN simpul_column c ON c.table_no = s.table_no AND c.no = s.column_no"
				" WHERE superseded_n IS NULL ORDER BY 1", &listed, e))
		return false;
	while (stmt_row(&rows, &row, e) && row)
		buf_text(out, stmt_get_text(&rows, 0));
	while (stmt_row(&listed, &row, e) && row)
		buf_text(out, stmt_get_text(&listed, 0));
	return true;
}

/* Does the log, played again in memory, show what the table shows? */
static bool replay_agrees(struct node *n, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	AUTO_REPLAY r = { 0 };
	const struct replay_plan plan = { 0 };
	struct catalog catalog;

	if (!catalog_load(&n->db, &arena, &catalog, e) || !replay_open(&r, &n->db, &catalog, &plan, e) ||
	    !replay_run(&r, e))
		return false;
	for (struct replay_row *row = r.first; row != NULL; row = row->next) {
		AUTO_STMT s = { 0 };
		bool there;

		if (!db_prepare(&n->db, "SELECT * FROM memo", &s, e) || !stmt_row(&s, &there, e))
			return false;
		for (int i = 1; there && i < row->table->columns; i++) {
			struct value v = stmt_get_value(&s, i), want;
			bool found;

			if (!replay_shown(&r, row, row->table->column[i].no, &want, &found, e))
				return false;
			if (!value_equal(&v, found ? &want : &row->table->column[i].fallback))
				return err_set(e, ERR_CORRUPT, "replayed, column %d differs", i);
		}
	}
	return true;
}

static bool digest(struct node *n, struct hash *ret, struct err *e)
{
	const struct scope scope = { "13.73" };
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;
	int64_t rows;

	return catalog_load(&n->db, &arena, &catalog, e) &&
	       digest_scope(&n->db, &catalog, &scope, ret, &rows, e);
}

/* The letters after begin() in some order; how: 0 in theirs, 1 the other way round, else at random. */
static void shuffle(size_t *order, size_t n, unsigned how)
{
	uint64_t state = how;

	for (size_t i = 0; i < n; i++)
		order[i] = begun + (how == 1 ? n - 1 - i : i);
	for (size_t i = n; how > 1 && i > 1; i--) {
		size_t k, kept = order[i - 1];

		state = state * 6364136223846793005u + 1442695040888963407u;
		k = (size_t)(state >> 33) % i;
		order[i - 1] = order[k];
		order[k] = kept;
	}
}

/* One node, letters in that order, merged after each (or all at once).  Notes what differs from want. */
static bool one_order(unsigned how, const char *want, struct hash *ret, struct err *e)
{
	AUTO_NODE n = { 0 };
	AUTO_BUF text = { 0 };
	size_t order[64], letters = post.n - begun;

	shuffle(order, letters, how);
	if (!node_open(&n, e))
		return false;
	for (size_t i = 0; i < begun; i++)
		if (!give(&n, i, e))
			return false;
	if (!merge(&n, e))
		return false;
	for (size_t i = 0; i < letters; i++)
		if (!give(&n, order[i], e) || (how % 3 != 0 && !merge(&n, e)))
			return false;
	if (!merge(&n, e) || !describe(&n, &text, e) || !digest(&n, ret, e) || !replay_agrees(&n, e))
		return false;
	if (strcmp(buf_string(&text), want) == 0)
		return true;
	return err_set(e, ERR_CORRUPT, "order %u: '%s' instead of '%s'", how, buf_string(&text), want);
}

static bool comes_to(const char *want)
{
	struct hash first, hash;
	struct err e = { .text = "another digest" };

	for (unsigned how = 0; how < ORDERS; how++)
		if (!one_order(how, want, how == 0 ? &first : &hash, &e) ||
		    (how > 0 && !hash_equal(&first, &hash))) {
			tap_note("%s", e.text);
			return false;
		}
	return true;
}

static void counters_add_up(void)
{
	begin();
	PUT(&ann, CHANGE_INSERT, 10, "n", "p", 5, true, "f");
	CHECK(comes_to("'n'|'p'|5|'f'"));
	sees(&ann);
	PUT(&ben, CHANGE_UPDATE, 20, .stock = 3, .counts = true); /* 5 -> 8 */
	PUT(&ann, CHANGE_UPDATE, 21, .stock = -1, .counts = true); /* 5 -> 4 */
	CHECK(comes_to("'n'|'p'|7|'f'"));
	sees(&ann);
	PUT(&ben, CHANGE_UPDATE, 1, .stock = 13, .counts = true, .free = "g"); /* ten more */
	CHECK(comes_to("'n'|'p'|17|'g'"));
	sees(&ann);
	sees(&ben);
	PUT(&cem, CHANGE_DELETE, 30, 0);
	CHECK(comes_to(""));
	sees(&ben);
	PUT(&ann, CHANGE_UPDATE, 25, .stock = 0, .counts = true); /* one more; had not seen the delete */
	CHECK(comes_to("'n'|'p'|18|'g'"));
	PUT(&cem, CHANGE_INSERT, 31, "m", "q", 100 - 12, true, "h"); /* had seen -1 and 13: it set 100 */
	CHECK(comes_to("'m'|'q'|101|'h'"));
}

static void a_sum_is_exact_and_then_clamped(void)
{
	begin();
	PUT(&ann, CHANGE_INSERT, 10, "n", "p", INT64_MAX, true, "f");
	sees(&ann);
	PUT(&ben, CHANGE_UPDATE, 20, .stock = INT64_MAX, .counts = true);
	CHECK(comes_to("'n'|'p'|9223372036854775807|'f'"));
	sees(&ann);
	PUT(&cem, CHANGE_UPDATE, 21, .stock = INT64_MIN, .counts = true);
	CHECK(comes_to("'n'|'p'|9223372036854775806|'f'"));
	PUT(&ann, CHANGE_UPDATE, 22, .stock = INT64_MIN, .counts = true);
	CHECK(comes_to("'n'|'p'|-2|'f'"));
}

static void two_bases_contend_until_somebody_counts_on(void)
{
	begin();
	PUT(&ann, CHANGE_INSERT, 10, "n", "p", 5, true, "f");
	PUT(&ben, CHANGE_INSERT, 11, "n", "p", 7, true, "f");
	CHECK(comes_to("'n'|'p'|7|'f' stock=5"));
	PUT(&ben, CHANGE_UPDATE, 12, .stock = 1, .counts = true); /* has not seen ann's */
	CHECK(comes_to("'n'|'p'|8|'f' stock=5"));
	sees(&ann);
	sees(&ben);
	PUT(&cem, CHANGE_UPDATE, 13, .stock = 1, .counts = true);
	CHECK(comes_to("'n'|'p'|9|'f'"));
}

static void a_manual_column_waits_for_a_person(void)
{
	begin();
	PUT(&ann, CHANGE_INSERT, 10, "n", "p", 5, true, "f");
	sees(&ann);
	PUT(&ben, CHANGE_UPDATE, 20, .pick = "ben");
	CHECK(comes_to("'n'|'ben'|5|'f'"));
	PUT(&ann, CHANGE_UPDATE, 21, .pick = "ann");
	CHECK(comes_to("'n'|'open'|5|'f' pick='ann' pick='ben'"));
	sees(&ann);
	PUT(&cem, CHANGE_UPDATE, 22, .pick = "cem", .free = "g"); /* has not seen ben's */
	CHECK(comes_to("'n'|'open'|5|'g' pick='ben' pick='cem'"));
	sees(&cem);
	sees(&ann);
	PUT(&ben, CHANGE_UPDATE, 1, .pick = "done");
	CHECK(comes_to("'n'|'done'|5|'g'"));
	PUT(&cem, CHANGE_UPDATE, 40, .pick = "done");
	CHECK(comes_to("'n'|'done'|5|'g'")); /* two who agree leave nothing to decide */
}

static void texts_are_merged_by_lines(void)
{
	begin();
	PUT(&ann, CHANGE_INSERT, 10, "a\nb\nc\nd\ne", "p", 5, true, "f");
	sees(&ann);
	PUT(&ben, CHANGE_UPDATE, 20, .note = "A\nb\nc\nd\ne");
	PUT(&ann, CHANGE_UPDATE, 21, .note = "a\nb\nC\nd\ne");
	CHECK(comes_to("'A\nb\nC\nd\ne'|'p'|5|'f'"));
	seen[0] = (struct context_pair){ .chain = ann.chain, .seq = ann.seq - 1 };
	seens = 1;
	PUT(&cem, CHANGE_UPDATE, 19, .note = "a\nb\nc\nd\nE");
	CHECK(comes_to("'A\nb\nC\nd\nE'|'p'|5|'f'"));
	PUT(&ann, CHANGE_UPDATE, 31, .note = "a\nb\nC\nd\nx"); /* the line that cem changed */
	CHECK(comes_to("'a\nb\nC\nd\nx'|'p'|5|'f' note='A\nb\nc\nd\ne' note='a\nb\nc\nd\nE'"));
	sees(&ann);
	sees(&ben);
	PUT(&cem, CHANGE_UPDATE, 2, .note = "A\nb\nC\nd\nxE");
	CHECK(comes_to("'A\nb\nC\nd\nxE'|'p'|5|'f'"));
	PUT(&ben, CHANGE_UPDATE, 50, .note = ""); /* had seen ann's first only: against its own */
	CHECK(comes_to("''|'p'|5|'f' note='A\nb\nC\nd\nxE'"));
}

/* Edits from different beginnings: what all had seen is not one text, or no text at all. */
static void texts_without_a_common_beginning_conflict(void)
{
	begin();
	PUT(&ann, CHANGE_INSERT, 10, "a\nb\nc", "p", 5, true, "f");
	PUT(&ben, CHANGE_INSERT, 11, "a\nb\nc\nd", "p", 5, true, "f");
	CHECK(comes_to("'a\nb\nc\nd'|'p'|5|'f' note='a\nb\nc'"));
	sees(&ann); /* both have seen both beginnings */
	PUT(&ben, CHANGE_UPDATE, 20, .note = "A\nb\nc\nd");
	seen[0] = (struct context_pair){ .chain = ben.chain, .seq = ben.seq - 1 };
	seens = 1;
	PUT(&ann, CHANGE_UPDATE, 21, .note = "a\nb\nc\nD");
	CHECK(comes_to("'a\nb\nc\nD'|'p'|5|'f' note='A\nb\nc\nd'"));
	sees(&ann);
	sees(&ben);
	PUT(&cem, CHANGE_UPDATE, 30, .note = "1\n2\n3");
	sees(&cem);
	PUT(&ben, CHANGE_UPDATE, 31, .note = "1\n2\n3\n4");
	sees(&cem);
	PUT(&ann, CHANGE_UPDATE, 32, .note = "0\n1\n2\n3");
	CHECK(comes_to("'0\n1\n2\n3\n4'|'p'|5|'f'")); /* one beginning again */
}

static void columns_of_all_policies_in_one_change(void)
{
	begin();
	PUT(&ann, CHANGE_INSERT, 10, "a\nb\nc", "p", 5, true, "f");
	sees(&ann);
	PUT(&ben, CHANGE_UPDATE, 20, "a\nb\nC", "ben", 2, true, "ben");
	PUT(&ann, CHANGE_UPDATE, 21, "A\nb\nc", "ann", 4, true, "ann");
	CHECK(comes_to("'A\nb\nC'|'open'|11|'ann' free='ben' pick='ann' pick='ben'"));
	sees(&ann);
	sees(&ben);
	PUT(&cem, CHANGE_DELETE, 22, 0);
	sees(&ben);
	PUT(&ann, CHANGE_UPDATE, 23, .free = "kept");
	CHECK(comes_to("'A\nb\nC'|'open'|11|'kept' pick='ann' pick='ben'"));
}

/* The second vector of PROTOCOL.md, "State digest": flags 0 to 3. */
/* Whether the rules come before what they are about, between, or after it: the same is shown and listed. */
static void a_policy_that_comes_later_takes_effect(void)
{
	begin_with(plain_table(false));
	PUT(&ann, CHANGE_INSERT, 10, "a\nb\nc\nd\ne", "p", 5, true, "f");
	sees(&ann);
	PUT(&ben, CHANGE_UPDATE, 20, .note = "A\nb\nc\nd\ne", .pick = "ben", .free = "ben");
	PUT(&ann, CHANGE_UPDATE, 21, .note = "a\nb\nC\nd\ne", .pick = "ann", .free = "ann");
	CHECK(comes_to("'a\nb\nC\nd\ne'|'ann'|5|'ann' free='ben' note='A\nb\nc\nd\ne' pick='ben'"));
	author_schema(&hub, memo_table(), &post);
	CHECK(comes_to("'A\nb\nC\nd\ne'|'open'|5|'ann' free='ben' pick='ann' pick='ben'"));
	author_schema(&hub, plain_table(true), &post);
	author_schema(&hub, memo_table(), &post);
	CHECK(comes_to("'A\nb\nC\nd\ne'|'open'|5|'ann' free='ben' pick='ann' pick='ben'"));
}

/* The ledger says who superseded what: a policy is nobody. */
static void a_policy_that_goes_leaves_nothing_in_the_ledger(void)
{
	struct err e = { 0 };
	int64_t listed = -1;
	AUTO_NODE n = { 0 };

	begin();
	PUT(&ann, CHANGE_INSERT, 10, "n", "ann", 5, true, "f");
	PUT(&ben, CHANGE_INSERT, 11, "n", "ben", 5, true, "f");
	author_schema(&hub, plain_table(true), &post);
	CHECK_OK(node_open(&n, &e), &e);
	for (size_t i = 0; i + 1 < post.n; i++)
		CHECK_OK(give(&n, i, &e), &e);
	CHECK_OK(merge(&n, &e) && db_int(&n.db, "SELECT count(*) FROM simpul_sibling", 0, &listed, &e), &e);
	CHECK(listed == 2);
	CHECK_OK(give(&n, post.n - 1, &e) && merge(&n, &e) &&
			 db_int(&n.db, "SELECT count(*) FROM simpul_sibling", 0, &listed, &e), &e);
	CHECK(listed == 1);
	CHECK_OK(db_int(&n.db, "SELECT count(*) FROM memo WHERE pick = 'ben'", 0, &listed, &e), &e);
	CHECK(listed == 1);
}

static void the_digest_of_tallies_has_a_golden_vector(void)
{
	AUTO_NODE n = { 0 };
	char hex[HEX_SIZE(32)];
	struct hash hash;
	struct err e;

	begin();
	PUT(&ann, CHANGE_INSERT, 10, .stock = 5, .counts = true);
	sees(&ann);
	PUT(&ben, CHANGE_UPDATE, 20, .stock = 3, .counts = true);
	sees(&ann);
	sees(&ben);
	PUT(&cem, CHANGE_DELETE, 30, 0);
	PUT(&ann, CHANGE_UPDATE, 21, .stock = -1, .counts = true, .free = "f");
	CHECK_OK(node_open(&n, &e), &e);
	for (size_t i = 0; i < post.n; i++)
		CHECK_OK(give(&n, i, &e), &e);
	CHECK_OK(merge(&n, &e) && digest(&n, &hash, &e), &e);
	hex_encode(hash.bytes, sizeof(hash.bytes), hex);
	CHECK(strcmp(hex, "31d5de6d4efaddeb8caa0be149bd10451371812d8796878db830a596f32e1778") == 0);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(counters_add_up), TAP(a_sum_is_exact_and_then_clamped),
		TAP(two_bases_contend_until_somebody_counts_on), TAP(a_manual_column_waits_for_a_person),
		TAP(texts_are_merged_by_lines), TAP(texts_without_a_common_beginning_conflict),
		TAP(columns_of_all_policies_in_one_change),
		TAP(a_policy_that_comes_later_takes_effect),
		TAP(a_policy_that_goes_leaves_nothing_in_the_ledger),
		TAP(the_digest_of_tallies_has_a_golden_vector),
	};
	int failed = tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));

	post_done(&post);
	return failed;
}
