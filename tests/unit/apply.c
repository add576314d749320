/*
 * apply.c - frames become rows: two nodes and a hub that get the same frames in different orders.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "merge/conflict.h"
#include "taker.h"
#include "tap.h"

static void a_row_travels(void)
{
	struct err e;
	AUTO_TAKER n = { 0 };
	AUTO_TAKER h = { 0 };

	ledger_begin();
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=NULL", NULL, 10);
	taker_write(&ann, CHANGE_UPDATE, "x", "b=3", NULL, 11);
	CHECK_OK(taker_open(&n, "node", &e) && taker_open(&h, "hub", &e), &e);
	CHECK_OK(taker_all(&n, 0, &e) && taker_all(&h, 0, &e), &e);
	CHECK(strcmp(taker_rows(&n), "'x'|'1'|'3'|NULL;") == 0);
	CHECK(strcmp(taker_rows(&h), "'x'|'1'|'3'|NULL;") == 0);
	CHECK(taker_count(&h, "SELECT count(*) FROM tab WHERE simpul_scope = '13.73'") == 1);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_log") ==
	      0); /* not captured as a local change */
	CHECK(taker_count(&n, "SELECT min(state) FROM simpul_changeset") == 1);
	CHECK(taker_count(&n, "SELECT max(n) - count(*) FROM simpul_changeset") == 0);
	taker_write(&ann, CHANGE_DELETE, "x", "", NULL, 12);
	CHECK_OK(taker_all(&n, post.n - 1, &e), &e);
	CHECK(strcmp(taker_rows(&n), "") == 0);
	taker_write(&ann, CHANGE_INSERT, "x", "a=7 b=NULL c=8", NULL, 13);
	CHECK_OK(taker_all(&n, post.n - 1, &e), &e);
	CHECK(strcmp(taker_rows(&n), "'x'|'7'|NULL|'8';") == 0);
}

static void the_loser_stays_visible(void)
{
	struct err e;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=1 c=1", NULL, 10);
	taker_write(&ben, CHANGE_UPDATE, "x", "a=ben b=ben", &ann, 20);
	taker_write(&ann, CHANGE_UPDATE, "x", "a=ann c=ann", NULL, 30); /* has not seen ben's */
	CHECK_OK(taker_open(&n, "node", &e) && taker_all(&n, 0, &e), &e);
	CHECK(strcmp(taker_rows(&n), "'x'|'ann'|'ben'|'ann';") == 0);
	CHECK(strcmp(taker_siblings(&n), "a='ben';") == 0);
	taker_write(&ben, CHANGE_UPDATE, "x", "a=both", &ann,
		    5); /* has seen both; its clock is behind */
	CHECK_OK(taker_all(&n, post.n - 1, &e), &e);
	CHECK(strcmp(taker_rows(&n), "'x'|'both'|'ben'|'ann';") == 0);
	CHECK(strcmp(taker_siblings(&n), "") == 0);
	CHECK(taker_count(&n,
			  "SELECT count(*) FROM simpul_sibling WHERE superseded_n IS NOT NULL") ==
	      1);
}

/* A write may take away the one that is shown without being the greatest of the rest. */
static void a_third_write_may_be_shown(void)
{
	struct author cem;
	struct err e;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	author_begin(&cem, 4, "13.73", &post);
	author_grant(&hub, &cem, ROLE_WRITER, &post);
	author_schema(&cem, author_table(), &post);
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=1 c=1", NULL, 10);
	taker_write(&ben, CHANGE_UPDATE, "x", "a=ben", &ann, 20);
	taker_write(&ann, CHANGE_UPDATE, "x", "a=ann", NULL, 30);
	CHECK_OK(taker_open(&n, "node", &e) && taker_all(&n, 0, &e), &e);
	CHECK(strcmp(taker_rows(&n), "'x'|'ann'|'1'|'1';") == 0);
	taker_write(&cem, CHANGE_UPDATE, "x", "a=cem b=cem", &ann,
		    15); /* has seen ann's, not ben's */
	CHECK_OK(taker_all(&n, post.n - 1, &e), &e);
	CHECK(strcmp(taker_rows(&n), "'x'|'ben'|'cem'|'1';") == 0);
	CHECK(strcmp(taker_siblings(&n), "a='cem';") == 0);
}

static void equal_values_are_one_value(void)
{
	struct err e;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	taker_write(&ann, CHANGE_INSERT, "x", "a=same b=NULL c=ann", NULL, 10);
	taker_write(&ben, CHANGE_INSERT, "x", "a=same b=NULL c=ben", NULL, 11);
	CHECK_OK(taker_open(&n, "node", &e) && taker_all(&n, 0, &e), &e);
	CHECK(strcmp(taker_rows(&n), "'x'|'same'|NULL|'ben';") == 0);
	CHECK(strcmp(taker_siblings(&n), "c='ann';") == 0);
}

static void a_null_can_be_a_sibling(void)
{
	struct err e;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=1 c=1", NULL, 10);
	taker_write(&ben, CHANGE_UPDATE, "x", "a=NULL", &ann, 12);
	taker_write(&ann, CHANGE_UPDATE, "x", "a=9", NULL, 30);
	CHECK_OK(taker_open(&n, "node", &e) && taker_all(&n, 0, &e), &e);
	CHECK(strcmp(taker_siblings(&n), "a=NULL;") == 0);
}

static void an_edit_brings_the_row_back_with_its_old_values(void)
{
	struct err e;
	AUTO_TAKER n = { 0 };
	AUTO_TAKER m = { 0 };

	ledger_begin();
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	taker_write(&ben, CHANGE_UPDATE, "x", "b=edit", &ann, 20);
	taker_write(&ann, CHANGE_DELETE, "x", "", NULL, 30);
	CHECK_OK(taker_open(&n, "node", &e) && taker_open(&m, "node", &e), &e);
	CHECK_OK(taker_all(&n, 0, &e), &e);
	CHECK(strcmp(taker_rows(&n), "'x'|'1'|'edit'|'3';") == 0);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_sibling") == 0);
	for (size_t i = 0; i + 2 < post.n; i++) /* here the delete comes first, and is merged */
		CHECK_OK(taker_give(&m, &post.letter[i],
				    i == 1 || i == 2 ? INBOX_HELD : INBOX_ACCEPTED, &e),
			 &e);
	CHECK_OK(taker_all(&m, post.n - 1, &e), &e);
	CHECK(strcmp(taker_rows(&m), "") == 0);
	CHECK_OK(taker_all(&m, 0, &e), &e);
	CHECK(strcmp(taker_rows(&m), "'x'|'1'|'edit'|'3';") == 0);
	CHECK(strcmp(taker_digest(&n), taker_digest(&m)) == 0);
}

static uint64_t random_state;

static unsigned pick(unsigned below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(random_state >> 33) % below;
}

static bool shuffled(struct taker *n, struct err *e)
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

		if (!inbox_accept(&n->inbox, post.letter[at[i]].bytes, post.letter[at[i]].len, &r,
				  e))
			return false;
		if (r.state == INBOX_REFUSED) {
			*e = r.problem;
			return false;
		}
		if (pick(4) == 0 && !taker_merge(n, &stats, e))
			return false;
	}
	return taker_merge(n, &stats, e);
}

/* Two authors, five rows, clocks that mean nothing; two nodes and a hub, each with its own order.
 */
static void all_orders_lead_to_one_state(void)
{
	static const char *const ids[] = { "v", "w", "x", "y", "z" };
	static const char *const values[] = { "a=1", "b=2", "a=3 c=3", "c=NULL", "a=5 b=5 c=5" };
	int64_t conflicts = 0;
	struct err e;

	for (unsigned seed = 1; seed <= 25; seed++) {
		AUTO_TAKER a = { 0 };
		AUTO_TAKER b = { 0 };
		AUTO_TAKER h = { 0 };

		random_state = seed;
		ledger_begin();
		for (int i = 0; i < 40; i++) {
			struct author *by = pick(2) ? &ann : &ben,
				      *other = by == &ann ? &ben : &ann;
			enum change_op op = pick(3) == 0   ? CHANGE_INSERT
					    : pick(4) == 0 ? CHANGE_DELETE
							   : CHANGE_UPDATE;
			const char *v = op == CHANGE_INSERT ? values[4] : values[pick(5)];

			taker_write(by, op, ids[pick(5)], op == CHANGE_DELETE ? "" : v,
				    pick(3) == 0 ? other : NULL, 10 + pick(30));
		}
		CHECK_OK(taker_open(&a, "node", &e) && taker_open(&b, "node", &e) &&
				 taker_open(&h, "hub", &e),
			 &e);
		CHECK_OK(taker_all(&a, 0, &e) && shuffled(&b, &e) && shuffled(&h, &e), &e);
		CHECK(taker_count(&b, "SELECT count(*) FROM simpul_changeset WHERE state <> 1") ==
		      0);
		if (strcmp(taker_rows(&a), taker_rows(&b)) != 0)
			tap_note("seed %u: %s and %s", seed, taker_rows(&a), taker_rows(&b));
		CHECK(strcmp(taker_digest(&a), taker_digest(&b)) == 0 &&
		      strcmp(taker_digest(&a), taker_digest(&h)) == 0);
		CHECK(strcmp(taker_rows(&a), taker_rows(&b)) == 0 &&
		      strcmp(taker_rows(&a), taker_rows(&h)) == 0);
		CHECK(strcmp(taker_siblings(&a), taker_siblings(&b)) == 0);
		CHECK(strcmp(taker_siblings(&a), taker_siblings(&h)) == 0);
		conflicts += taker_count(
			&a, "SELECT count(*) FROM simpul_sibling WHERE superseded_n IS NULL");
	}
	CHECK(conflicts > 25); /* or nothing was concurrent */
}

static void what_is_not_merged_does_not_move_the_digest(void)
{
	char before[HEX_SIZE(32)];
	struct author eve;
	struct inbox_result r;
	struct err e;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	CHECK_OK(taker_open(&n, "node", &e) && taker_all(&n, 0, &e), &e);
	snprintf(before, sizeof(before), "%s", taker_digest(&n));
	author_begin(&eve, 9, "13.73", &post);
	author_grant(&hub, &eve, ROLE_READER, &post);
	author_schema(&eve, author_table(), &post);
	taker_write(&eve, CHANGE_DELETE, "x", "", &ann, 99);
	CHECK_OK(taker_all(&n, post.n - 4, &e), &e);
	CHECK(strcmp(before, taker_digest(&n)) == 0);
	taker_write(&ann, CHANGE_UPDATE, "x", "a=2", NULL, 20);
	post.letter[post.n - 1].bytes[60] ^= 1;
	CHECK(inbox_accept(&n.inbox, post.letter[post.n - 1].bytes, post.letter[post.n - 1].len, &r,
			   &e));
	CHECK(r.state == INBOX_REFUSED && strcmp(before, taker_digest(&n)) == 0);
	post.letter[post.n - 1].bytes[60] ^= 1;
	CHECK_OK(taker_all(&n, post.n - 1, &e), &e);
	CHECK(strcmp(before, taker_digest(&n)) != 0); /* and this does */
}

static void describe_value(struct buf *text, const struct conflict_value *v)
{
	char id[HEX_SIZE(32)];

	hex_encode(v->write.id.bytes, 4, id);
	buf_print(text, "%s%.*s by %s at %d", v->shown ? "" : ", not ", (int)v->value[0]->len,
		  (const char *)v->value[0]->bytes, v->write.node, (int)(v->write.hlc >> 16));
	if (v->write.n == 0 || strcmp(id, "00000000") == 0)
		buf_text(text, " in what?");
}

static bool describe_conflict(void *text, const struct conflict *c)
{
	buf_print(text, "%s %s %.*s %s: ", c->scope, c->table->name, (int)c->key[0].len,
		  (const char *)c->key[0].bytes, c->column[0]);
	for (size_t i = 0; i < c->values; i++)
		describe_value(text, &c->value[i]);
	buf_text(text, ";");
	return true;
}

static void conflicts_are_told_with_who_and_when(void)
{
	AUTO_BUF told = { 0 };
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;
	struct err e;
	AUTO_TAKER h = { 0 };

	ledger_begin();
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=1 c=1", NULL, 10);
	taker_write(&ben, CHANGE_UPDATE, "x", "a=ben b=ben", &ann, 20);
	taker_write(&ann, CHANGE_UPDATE, "x", "a=ann c=ann", NULL, 30);
	CHECK_OK(taker_open(&h, "hub", &e) && taker_all(&h, 0, &e), &e);
	CHECK_OK(catalog_load(&h.db, &arena, &catalog, &e), &e);
	CHECK_OK(conflict_list(&h.db, &catalog, describe_conflict, &told, &e), &e);
	CHECK(strcmp(buf_string(&told),
		     "13.73 tab x a: ann by granted at 30, not ben by granted at 20;") == 0);
	taker_write(&ann, CHANGE_DELETE, "x", "", &ben, 40);
	CHECK_OK(taker_all(&h, post.n - 1, &e), &e);
	buf_reset(&told);
	CHECK_OK(conflict_list(&h.db, &catalog, describe_conflict, &told, &e), &e);
	CHECK(told.len == 0);
}

static void of_two_rows_that_a_rule_forbids_the_lesser_waits(void)
{
	static const char sql[] = "CREATE TABLE tab(id TEXT PRIMARY KEY, a UNIQUE, b NOT NULL,"
				  " c CHECK(c < 5))";
	struct err e;

	for (int turn = 0; turn < 2; turn++) {
		struct author *first = turn ? &ann : &ben, *second = turn ? &ben : &ann;
		AUTO_TAKER n = { 0 };

		ledger_begin();
		CHECK_OK(taker_attach(&n, sql, false, &e) && taker_all(&n, 0, &e), &e);
		taker_write(first, CHANGE_INSERT, turn ? "x" : "y", "a=1 b=2 c=9", NULL,
			    turn ? 10 : 11);
		CHECK_OK(taker_all(&n, post.n - 1, &e), &e);
		taker_write(second, CHANGE_INSERT, turn ? "y" : "x", "a=1 b=2 c=9", NULL,
			    turn ? 11 : 10);
		CHECK_OK(taker_all(&n, post.n - 1, &e), &e);
		CHECK(strcmp(taker_rows(&n), "'y'|'1'|'2'|'9';") ==
		      0); /* y is later, in either order */
		CHECK(taker_count(
			      &n,
			      "SELECT count(*) FROM simpul_violation WHERE reason = 'unique'") ==
		      1);
		taker_write(&ben, CHANGE_UPDATE, "y", "a=3", NULL, 12);
		if (turn == 0) /* ben wrote y in both turns */
			CHECK_OK(taker_all(&n, post.n - 1, &e), &e);
		else
			CHECK_OK(taker_all(&n, 0, &e), &e);
		CHECK(strcmp(taker_rows(&n), "'x'|'1'|'2'|'9';'y'|'3'|'2'|'9';") == 0);
		CHECK(taker_count(&n, "SELECT count(*) FROM simpul_violation") == 0);
		taker_write(&ben, CHANGE_UPDATE, "y", "b=NULL", NULL, 13);
		CHECK_OK(taker_all(&n, post.n - 1, &e), &e);
		CHECK(strcmp(taker_rows(&n), "'x'|'1'|'2'|'9';") == 0);
		taker_write(&ben, CHANGE_UPDATE, "y", "b=4", NULL, 14);
		CHECK_OK(taker_all(&n, post.n - 1, &e), &e);
		CHECK(strcmp(taker_rows(&n), "'x'|'1'|'2'|'9';'y'|'3'|'4'|'9';") == 0);
	}
}

static void unique_values_may_swap(void)
{
	struct err e;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	CHECK_OK(taker_attach(&n, "CREATE TABLE tab(id TEXT PRIMARY KEY, a UNIQUE, b, c)", false,
			      &e),
		 &e);
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	taker_write(&ann, CHANGE_INSERT, "y", "a=2 b=2 c=3", NULL, 11);
	CHECK_OK(taker_all(&n, 0, &e), &e);
	taker_write(&ann, CHANGE_UPDATE, "x", "a=9", NULL, 12);
	taker_write(&ann, CHANGE_UPDATE, "y", "a=1", NULL, 13);
	taker_write(&ann, CHANGE_UPDATE, "x", "a=2", NULL, 14);
	CHECK_OK(taker_all(&n, post.n - 3, &e), &e);
	CHECK(strcmp(taker_rows(&n), "'x'|'2'|'2'|'3';'y'|'1'|'2'|'3';") == 0);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_violation") == 0);
}

static void columns_that_are_newer_than_the_table_wait_in_the_versions(void)
{
	struct err e;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	CHECK_OK(taker_attach(&n, "CREATE TABLE tab(id TEXT PRIMARY KEY, a, b)", false, &e), &e);
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=new", NULL, 10);
	taker_write(&ann, CHANGE_UPDATE, "x", "a=3 c=newer", NULL, 11);
	CHECK_OK(taker_all(&n, 0, &e), &e);
	CHECK(taker_count(&n, "SELECT count(*) FROM tab WHERE a = '3' AND b = '2'") == 1);
	CHECK(taker_count(&n,
			  "SELECT count(*) FROM simpul_column WHERE name = 'c' AND at IS NULL") ==
	      1);
	{
		AUTO_TAKER full = { 0 };

		CHECK_OK(taker_open(&full, "node", &e) && taker_all(&full, 0, &e), &e);
		CHECK(strcmp(taker_digest(&n), taker_digest(&full)) == 0);
	}
}

/* Computed by an independent program from the text of the protocol. */
static void the_digest_has_a_golden_vector(void)
{
	struct err e;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	taker_write(&ben, CHANGE_UPDATE, "x", "b=5", &ann, 20);
	taker_write(&ann, CHANGE_DELETE, "x", "", NULL, 30);
	taker_write(&ann, CHANGE_INSERT, "0191c2a0-1111-7abc-8def-0123456789ab", "a=1 b=2 c=3",
		    NULL, 40);
	CHECK_OK(taker_open(&n, "node", &e) && taker_all(&n, 0, &e), &e);
	CHECK(strcmp(taker_digest(&n),
		     "cac0e9c65cbebe14b5f2b359eea9383a16d4b552d356b0c948df73bed16e03d8") == 0);
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
		TAP(all_orders_lead_to_one_state),
		TAP(what_is_not_merged_does_not_move_the_digest),
		TAP(conflicts_are_told_with_who_and_when),
		TAP(of_two_rows_that_a_rule_forbids_the_lesser_waits),
		TAP(unique_values_may_swap),
		TAP(columns_that_are_newer_than_the_table_wait_in_the_versions),
		TAP(the_digest_has_a_golden_vector),
	};
	int failures = tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));

	post_done(&post);
	return failures;
}
