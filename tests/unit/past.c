/* past.c - the tables as they were, between any two letters. */
#include <stdio.h>
#include <string.h>

#include "ledger.h"
#include "merge/past.h"
#include "store/tables.h"
#include "tap.h"

#define ALL "SELECT id||'|'||ifnull(a,'-')||'|'||ifnull(b,'-')||'|'||ifnull(c,'-') FROM tab ORDER BY id"

/* What the query says of the state at ms: "x|1|2|3;", or the slug of the error. */
static const char *then(struct ledger *l, uint64_t ms, const char *sql)
{
	static char text[2048];
	AUTO_PAST p = { 0 };
	AUTO_STMT s = { 0 };
	AUTO_BUF out = { 0 };
	bool row = true;
	struct err e;

	if (!past_open(&p, &l->db, &l->catalog, ms, &e) || !past_query(&p, sql, &s, &e))
		return err_slug(e.code);
	while (stmt_row(&s, &row, &e) && row)
		buf_print(&out, "%s;", stmt_get_text(&s, 0));
	snprintf(text, sizeof(text), "%s", buf_string(&out));
	return text;
}

static void any_prefix_of_the_log(void)
{
	AUTO_LEDGER l = { 0 };
	char was[40][256];
	uint64_t at[40];
	struct err e;

	ledger_begin();
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=NULL", NULL, 10);
	ledger_write(&ben, CHANGE_UPDATE, "x", "b=ben", &ann, 20);
	ledger_write(&ann, CHANGE_UPDATE, "x", "b=ann", NULL, 15); /* concurrent, and the lesser */
	ledger_write(&ann, CHANGE_INSERT, "y", "a=7 b=8 c=9", NULL, 30);
	ledger_write(&ben, CHANGE_DELETE, "x", "", &ann, 40);
	ledger_write(&ben, CHANGE_INSERT, "x", "a=again b=0 c=0", NULL, 50);
	CHECK_OK(ledger_open(&l, "node", &e), &e);
	for (size_t i = 0; i < post.n; i++) {
		CHECK_OK(ledger_take(&l, i, i + 1, &e), &e);
		at[i] = l.now_ms;
		snprintf(was[i], sizeof(was[i]), "%s",
			 ledger_count(&l, "SELECT count(*) FROM simpul_table") > 0 ? ledger_rows(&l) : "");
	}
	CHECK(strcmp(was[post.n - 1], "x|again|0|0;y|7|8|9;") == 0);
	for (size_t i = 0; i < post.n; i++)
		CHECK(strcmp(then(&l, at[i], ALL), was[i]) == 0);
	CHECK(strcmp(then(&l, UINT32_MAX, ALL), was[post.n - 1]) == 0);
	CHECK(strcmp(then(&l, 1, ALL), "not-found") == 0); /* before the first */
}

static void a_hub_has_many_scopes(void)
{
	AUTO_LEDGER l = { 0 };
	struct author eve;
	struct err e;

	ledger_begin();
	author_begin(&eve, 9, "13.75", &post);
	author_grant(&hub, &eve, ROLE_WRITER, &post);
	author_schema(&eve, author_table(), &post);
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	ledger_write(&eve, CHANGE_INSERT, "x", "a=4 b=5 c=6", NULL, 10);
	CHECK_OK(ledger_open(&l, "hub", &e) && ledger_take(&l, 0, post.n, &e), &e);
	CHECK(strcmp(then(&l, l.now_ms, "SELECT simpul_scope || a FROM tab ORDER BY 1"),
		     "13.731;13.754;") == 0);
}

static void what_was_revoked_later_counted_then(void)
{
	AUTO_LEDGER l = { 0 };
	struct err e;
	uint64_t before;

	ledger_begin();
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	ledger_write(&ben, CHANGE_UPDATE, "x", "a=thief", &ann, 20);
	CHECK_OK(ledger_open(&l, "node", &e) && ledger_take(&l, 0, post.n, &e), &e);
	before = l.now_ms;
	author_revoke(&hub, &ben, 2, &post);
	CHECK_OK(ledger_take(&l, post.n - 1, post.n, &e), &e);
	CHECK(strcmp(ledger_rows(&l), "x|1|2|3;") == 0);
	CHECK(strcmp(then(&l, before, ALL), "x|thief|2|3;") == 0);
	CHECK(strcmp(then(&l, l.now_ms, ALL), "x|1|2|3;") == 0);
}

static void a_cut_counts_as_one(void)
{
	AUTO_LEDGER l = { 0 };
	struct err e;
	uint64_t half;

	ledger_begin();
	CHECK_OK(ledger_open(&l, "node", &e) && ledger_take(&l, 0, post.n, &e), &e);
	ann.cut_left = 1;
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	ann.cut_left = 0;
	ledger_write(&ann, CHANGE_INSERT, "y", "a=1 b=2 c=3", NULL, 11);
	CHECK_OK(ledger_take(&l, post.n - 2, post.n - 1, &e), &e);
	half = l.now_ms;
	CHECK_OK(ledger_take(&l, post.n - 1, post.n, &e), &e);
	CHECK(strcmp(then(&l, half, ALL), "") == 0);
	CHECK(strcmp(then(&l, l.now_ms, ALL), "x|1|2|3;y|1|2|3;") == 0);
}

static void it_only_reads(void)
{
	static const char *const bad[] = {
		"", "-- nothing", "DELETE FROM tab", "SELECT 1; SELECT 2", "SELEC 1", "SELECT * FROM nowhere",
		"ATTACH '/tmp/x' AS y", "PRAGMA user_version = 3", "CREATE TABLE z(a)",
		"SELECT nope FROM tab",
		"INSERT INTO tab(id) VALUES(1) RETURNING id", "VACUUM INTO '/tmp/y'", "BEGIN",
	};
	AUTO_LEDGER l = { 0 };
	struct err e;

	ledger_begin();
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	CHECK_OK(ledger_open(&l, "node", &e) && ledger_take(&l, 0, post.n, &e), &e);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		tap_note("%s", bad[i]);
		CHECK(strcmp(then(&l, l.now_ms, bad[i]), "usage") == 0);
	}
	CHECK(strcmp(then(&l, l.now_ms, "SELECT count(*) FROM TAB; -- done\n"), "1;") == 0);
	CHECK(strcmp(then(&l, l.now_ms, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
					" WHERE i < 3) SELECT sum(i) FROM n"), "6;") == 0);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(any_prefix_of_the_log), TAP(a_hub_has_many_scopes),
		TAP(what_was_revoked_later_counted_then), TAP(a_cut_counts_as_one), TAP(it_only_reads),
	};
	int status = tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));

	post_done(&post);
	return status;
}
