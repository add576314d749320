/*
 * isolation.c - what is refused, what waits and what is void; and that nothing else suffers by it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "taker.h"
#include "tap.h"

static void held_frames_come_in_by_themselves(void)
{
	struct inbox_result r;
	struct err e;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	taker_write(&ben, CHANGE_UPDATE, "x", "a=2", &ann, 20);
	CHECK_OK(taker_open(&n, "node", &e), &e);
	for (size_t i = post.n; i-- > 1;) { /* backwards, without the hub's genesis */
		CHECK_OK(inbox_accept(&n.inbox, post.letter[i].bytes, post.letter[i].len, &r, &e),
			 &e);
		CHECK(r.state == INBOX_HELD);
	}
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_changeset") == 0);
	CHECK_OK(inbox_accept(&n.inbox, post.letter[0].bytes, post.letter[0].len, &r, &e), &e);
	CHECK(r.state == INBOX_ACCEPTED && r.released == (int64_t)post.n - 1);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_held") == 0);
	CHECK_OK(taker_all(&n, 0, &e), &e); /* all duplicates now */
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_changeset") == (int64_t)post.n);
	CHECK(strcmp(taker_rows(&n), "'x'|'2'|'2'|'3';") == 0);
}

static void damaged_frames_are_refused(void)
{
	struct err e;
	AUTO_TAKER n = { 0 };
	struct letter *last;
	size_t accepted = 0;

	ledger_begin();
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	CHECK_OK(taker_open(&n, "node", &e), &e);
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
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_changeset") == (int64_t)post.n - 1);
	CHECK(taker_count(&n, "SELECT sum(count) FROM simpul_refused") > (int64_t)last->len);
	CHECK(taker_count(&n, "SELECT frozen FROM simpul_chain") == 0);
	CHECK_OK(taker_give(&n, last, INBOX_ACCEPTED, &e), &e); /* the true copy is not barred */
}

static void a_fork_freezes_the_chain(void)
{
	struct author twin;
	struct err e;
	AUTO_TAKER n = { 0 };
	size_t at;

	ledger_begin();
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	CHECK_OK(taker_open(&n, "node", &e) && taker_all(&n, 0, &e), &e);
	twin = ann;
	taker_write(&ann, CHANGE_UPDATE, "x", "a=2", NULL, 20);
	taker_write(&twin, CHANGE_UPDATE, "x", "a=3", NULL, 21);
	taker_write(&ann, CHANGE_UPDATE, "x", "a=4", NULL, 22);
	at = post.n - 3;
	CHECK_OK(taker_give(&n, &post.letter[at], INBOX_ACCEPTED, &e), &e);
	CHECK_OK(taker_give(&n, &post.letter[at + 1], INBOX_REFUSED, &e), &e);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_held WHERE missing = 'fork'") == 1);
	CHECK_OK(taker_give(&n, &post.letter[at + 2], INBOX_REFUSED, &e), &e);
	CHECK_OK(taker_give(&n, &post.letter[at], INBOX_DUPLICATE, &e), &e);
}

static void a_reader_writes_nothing(void)
{
	struct author eve;
	struct err e;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	author_begin(&eve, 9, "13.73", &post);
	author_grant(&hub, &eve, ROLE_READER, &post);
	author_schema(&eve, author_table(), &post);
	taker_write(&eve, CHANGE_UPDATE, "x", "a=eve", &ann, 99);
	taker_write(&ann, CHANGE_UPDATE, "x", "b=on", NULL, 11);
	CHECK_OK(taker_open(&n, "node", &e) && taker_all(&n, 0, &e), &e);
	CHECK(strcmp(taker_rows(&n), "'x'|'1'|'on'|'3';") == 0);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_changeset WHERE state = 2") == 1);
	CHECK(taker_count(&n, "SELECT n FROM simpul_changeset WHERE state = 0") == -1);
}

static void another_scope_cannot_reach_a_row_by_its_key(void)
{
	struct author eve;
	struct err e;
	AUTO_TAKER h = { 0 };

	ledger_begin();
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	author_begin(&eve, 9, "13.75", &post);
	author_grant(&hub, &eve, ROLE_WRITER, &post);
	author_schema(&eve, author_table(), &post);
	taker_write(&eve, CHANGE_UPDATE, "x", "a=eve", NULL, 99);
	taker_write(&eve, CHANGE_DELETE, "x", "", NULL, 99);
	CHECK_OK(taker_open(&h, "hub", &e) && taker_all(&h, 0, &e), &e);
	CHECK(taker_count(&h,
			  "SELECT count(*) FROM tab WHERE simpul_scope = '13.73' AND a = '1'") ==
	      1);
	CHECK(taker_count(&h, "SELECT count(*) FROM tab") == 1);
	taker_write(&eve, CHANGE_INSERT, "y", "a=eve b=NULL c=NULL", &ann,
		    99); /* names a foreign chain */
	CHECK_OK(taker_all(&h, post.n - 1, &e), &e);
	CHECK(taker_count(&h, "SELECT count(*) FROM simpul_changeset WHERE state = 2") == 1);
}

static void a_revoked_chain_ends(void)
{
	struct err e;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	CHECK_OK(taker_open(&n, "node", &e) && taker_all(&n, 0, &e), &e);
	author_revoke(&hub, &ann, ann.seq, &post);
	CHECK_OK(taker_give(&n, &post.letter[post.n - 1], INBOX_ACCEPTED, &e), &e);
	taker_write(&ann, CHANGE_UPDATE, "x", "a=thief", NULL, 99);
	CHECK_OK(taker_give(&n, &post.letter[post.n - 1], INBOX_REFUSED, &e), &e);
	author_revoke(&ben, &ann, 0, &post); /* only the hub revokes */
	CHECK_OK(taker_give(&n, &post.letter[post.n - 1], INBOX_ACCEPTED, &e), &e);
	CHECK(taker_count(&n, "SELECT state FROM simpul_changeset ORDER BY n DESC LIMIT 1") == 2);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_chain WHERE void_after = 0") == 0);
}

static void a_table_that_is_not_attached_is_left_alone(void)
{
	struct apply_stats stats;
	struct err e;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	CHECK_OK(taker_open(&n, "node", &e), &e);
	CHECK(db_exec(&n.db, "CREATE TABLE tab(id TEXT PRIMARY KEY, a, b, c)", &e));
	CHECK_OK(taker_all(&n, 0, &e) && taker_merge(&n, &stats, &e), &e);
	CHECK(stats.waiting == 1 && strcmp(taker_rows(&n), "") == 0);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_changeset WHERE state = 0 AND reason IS "
			      "NOT NULL") == 1);
}

static void a_cut_is_merged_as_one(void)
{
	struct apply_stats stats;
	struct err e;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	CHECK_OK(taker_open(&n, "node", &e) && taker_all(&n, 0, &e), &e);
	ann.cut_left = 1;
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	ann.cut_left = 0;
	taker_write(&ann, CHANGE_INSERT, "y", "a=1 b=2 c=3", NULL, 11);
	CHECK_OK(taker_give(&n, &post.letter[post.n - 2], INBOX_ACCEPTED, &e) &&
			 taker_merge(&n, &stats, &e),
		 &e);
	CHECK(stats.merged == 0);
	CHECK_OK(taker_give(&n, &post.letter[post.n - 1], INBOX_ACCEPTED, &e) &&
			 taker_merge(&n, &stats, &e),
		 &e);
	CHECK(stats.merged == 2 && stats.changes == 2);
}

/* One part more than are merged as one: each is merged as it comes, the last ones too. */
static void a_long_cut_is_merged_part_by_part(void)
{
	struct apply_stats stats;
	char key[16];
	struct err e;
	size_t first;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	CHECK_OK(taker_open(&n, "node", &e) && taker_all(&n, 0, &e), &e);
	first = post.n;
	for (unsigned left = LIMIT_CUT_ATOMIC_PARTS + 1; left-- > 0;) {
		ann.cut_left = left;
		snprintf(key, sizeof(key), "k%u", left);
		taker_write(&ann, CHANGE_INSERT, key, "a=1 b=2 c=3", NULL, 99 - left);
	}
	for (size_t i = first; i < post.n; i++) {
		CHECK_OK(taker_give(&n, &post.letter[i], INBOX_ACCEPTED, &e) &&
				 taker_merge(&n, &stats, &e),
			 &e);
		CHECK(stats.merged == 1);
	}
	for (unsigned left = LIMIT_CUT_ATOMIC_PARTS; left-- > 0;) { /* one part less */
		ann.cut_left = left;
		snprintf(key, sizeof(key), "l%u", left);
		taker_write(&ann, CHANGE_INSERT, key, "a=1 b=2 c=3", NULL, 199 - left);
		CHECK_OK(taker_give(&n, &post.letter[post.n - 1], INBOX_ACCEPTED, &e) &&
				 taker_merge(&n, &stats, &e),
			 &e);
		CHECK(stats.merged == (left > 0 ? 0 : LIMIT_CUT_ATOMIC_PARTS));
	}
}

static void a_row_that_the_table_cannot_hold_holds_up_nothing(void)
{
	char digest[HEX_SIZE(32)];
	struct err e;
	AUTO_TAKER n = { 0 };
	AUTO_TAKER free = { 0 };

	ledger_begin();
	CHECK_OK(taker_attach(&n,
			      "CREATE TABLE tab(id INTEGER PRIMARY KEY, a, b, c);"
			      "CREATE INDEX by_b ON tab(a LIKE 'x' ESCAPE b)",
			      false, &e),
		 &e);
	CHECK_OK(taker_open(&free, "node", &e), &e);
	CHECK_OK(taker_all(&n, 0, &e), &e);
	taker_write_key(&ann, CHANGE_INSERT, (struct value){ .type = VALUE_INT, .integer = 7 },
			"a=1 b=2 c=3", 10);
	taker_write(&ann, CHANGE_INSERT, "abc", "a=1 b=2 c=3", NULL, 11);
	taker_write(&ann, CHANGE_INSERT, "7", "a=another b=2 c=3", NULL, 12);
	taker_write(&ann, CHANGE_UPDATE, "7", "a=again", NULL, 13);
	taker_write_key(&ann, CHANGE_INSERT, (struct value){ .type = VALUE_REAL, .real = 7 },
			"a=real b=2 c=3", 14);
	taker_write_key(&ben, CHANGE_INSERT, (struct value){ .type = VALUE_INT, .integer = 8 },
			"a=1 b=no c=3", 15);
	taker_write_key(&ben, CHANGE_INSERT, (struct value){ .type = VALUE_INT, .integer = 9 },
			"a=1 b=2 c=3", 16);
	CHECK_OK(taker_all(&n, 0, &e) && taker_all(&free, 0, &e), &e);
	CHECK(strcmp(taker_rows(&n), "7|'1'|'2'|'3';9|'1'|'2'|'3';") == 0);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_violation WHERE reason = 'key'") == 3);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_violation WHERE reason = 'rule'") == 1);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_changeset WHERE state <> 1") == 0);
	snprintf(digest, sizeof(digest), "%s", taker_digest(&n));
	CHECK(strcmp(digest, taker_digest(&free)) == 0); /* which withheld nothing */
	taker_write(&ann, CHANGE_DELETE, "7", "", NULL, 20);
	taker_write_key(&ben, CHANGE_UPDATE, (struct value){ .type = VALUE_INT, .integer = 8 },
			"b=2", 21);
	CHECK_OK(taker_all(&n, post.n - 2, &e), &e);
	CHECK(strcmp(taker_rows(&n), "7|'1'|'2'|'3';8|'1'|'2'|'3';9|'1'|'2'|'3';") == 0);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_violation") == 2);
}

/* One row of a table of eve's own with these types; her chain may go on. */
static void write_table(struct author *eve, const char *name, const char *type, uint8_t flags)
{
	struct schema_column column[2] = { { .name = { "id", 2 }, .type = { "INTEGER", 7 } },
					   { .name = { "z", 1 } } };
	struct schema_table table = { .name = { name, (uint32_t)strlen(name) },
				      .flags = flags,
				      .columns = 2,
				      .column = column,
				      .keys = 1 };
	const struct schema schema = { .tables = 1, .table = &table };

	column[1].type = (struct schema_text){ type, (uint32_t)strlen(type) };
	author_schema(eve, &schema, &post);
	taker_write_key(eve, CHANGE_INSERT, (struct value){ .type = VALUE_INT, .integer = 1 },
			"a=1", 10);
}

static void a_table_that_cannot_be_made_holds_up_nothing(void)
{
	static const char *const type[] = {
		"TEXT REFERENCES t", "TEXT UNIQUE",	    "NOT NULL",
		"VARCHAR(9)",	     "TEXT COLLATE NOCASE", "PRIMARY KEY"
	};
	char name[16];
	struct author eve;
	struct err e;
	AUTO_TAKER n = { 0 };
	AUTO_TAKER h = { 0 };

	ledger_begin();
	author_begin(&eve, 9, "13.73", &post);
	author_grant(&hub, &eve, ROLE_WRITER, &post);
	for (size_t i = 0; i < 6; i++) {
		snprintf(name, sizeof(name), "odd%zu", i);
		write_table(&eve, name, type[i], 0);
	}
	write_table(&eve, "strict", "VARCHAR(9)", SCHEMA_TABLE_STRICT);
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 20);
	CHECK_OK(taker_open(&n, "node", &e) && taker_open(&h, "hub", &e), &e);
	CHECK_OK(taker_all(&n, 0, &e) && taker_all(&h, 0, &e), &e);
	CHECK(strcmp(taker_rows(&n), "'x'|'1'|'2'|'3';") == 0 &&
	      strcmp(taker_rows(&h), taker_rows(&n)) == 0);
	for (size_t i = 0; i < 6; i++) {
		char sql[64];

		snprintf(sql, sizeof(sql), "SELECT count(*) FROM odd%zu WHERE z = 1", i);
		CHECK(taker_count(&n, sql) == 1 && taker_count(&h, sql) == 1);
	}
	CHECK(taker_count(&n,
			  "SELECT count(*) FROM pragma_index_list('odd1') WHERE origin = 'u'") ==
	      0);
	CHECK(taker_count(&n, "SELECT count(*) FROM sqlite_schema WHERE name = 'strict'") == 0);
	CHECK(taker_count(&h, "SELECT count(*) FROM simpul_changeset WHERE state = 0") == 1);
	CHECK(taker_count(&n,
			  "SELECT count(*) FROM simpul_changeset WHERE state = 0 AND reason LIKE"
			  " 'table strict cannot be made here: %'") == 1);
}

static void the_scope_column_must_say_the_scope(void)
{
	struct author eve;
	struct err e;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	author_begin(&eve, 9, "13.75", &post);
	author_grant(&hub, &eve, ROLE_WRITER, &post);
	author_schema(&eve, author_table(), &post);
	CHECK_OK(taker_attach(&n, "CREATE TABLE tab(id TEXT PRIMARY KEY, a, b, c)", true, &e), &e);
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=13.73", NULL, 10);
	taker_write(&eve, CHANGE_INSERT, "z", "a=1 b=2 c=13.75", NULL, 10);
	CHECK_OK(taker_all(&n, 0, &e), &e);
	CHECK(strcmp(taker_rows(&n), "'x'|'1'|'2'|'13.73';'z'|'1'|'2'|'13.75';") == 0);
	taker_write(&eve, CHANGE_UPDATE, "z", "c=13.73", NULL,
		    11); /* pushes a row into ann's scope */
	taker_write(&eve, CHANGE_UPDATE, "x", "a=eve", NULL, 99); /* ann's key */
	taker_write(&eve, CHANGE_INSERT, "x", "a=eve b=eve c=13.75", NULL, 99);
	taker_write(&eve, CHANGE_DELETE, "x", "", NULL, 99);
	taker_write(&eve, CHANGE_UPDATE, "z", "a=on", NULL, 100);
	CHECK_OK(taker_all(&n, post.n - 5, &e), &e);
	CHECK(strcmp(taker_rows(&n), "'x'|'1'|'2'|'13.73';'z'|'on'|'2'|'13.75';") == 0);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_changeset WHERE state = 2") == 1);
}

/* An index whose expression fails for some rows: a fault that no check foresees. */
static const char fails_at_row[] =
	"CREATE INDEX planted ON simpul_version_1(CASE WHEN"
	" instr(key, CAST('poison' AS BLOB)) > 0 THEN abs(-9223372036854775808) END)";

static void one_that_fails_alone_waits_alone(void)
{
	struct apply_stats stats;
	struct err e;
	AUTO_TAKER n = { 0 };
	AUTO_TAKER clean = { 0 };

	ledger_begin();
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	CHECK_OK(taker_open(&n, "node", &e) && taker_all(&n, 0, &e), &e);
	CHECK_OK(db_exec(&n.db, fails_at_row, &e), &e);
	taker_write(&ann, CHANGE_UPDATE, "x", "a=before", NULL, 11);
	taker_write(&ann, CHANGE_INSERT, "poison", "a=1 b=2 c=3", NULL, 12);
	taker_write(&ann, CHANGE_UPDATE, "x", "a=behind", NULL, 13);
	taker_write(&ben, CHANGE_UPDATE, "x", "b=other", NULL, 14);
	taker_write(&ben, CHANGE_UPDATE, "x", "c=seen", &ann, 15); /* after what failed */
	CHECK_OK(taker_all(&n, post.n - 5, &e), &e);
	CHECK(strcmp(taker_rows(&n), "'x'|'before'|'other'|'3';") == 0);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_changeset WHERE state = 0") == 3);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_changeset WHERE state = 0"
			      " AND reason LIKE 'could not be merged: %integer overflow%'") == 1);
	CHECK_OK(taker_merge(&n, &stats, &e), &e);
	CHECK(stats.waiting == 1 && stats.merged == 0 && stats.changes == 0);
	CHECK_OK(db_exec(&n.db, "DROP INDEX planted", &e),
		 &e); /* the fault is gone: it comes in by itself */
	CHECK_OK(taker_merge(&n, &stats, &e), &e);
	CHECK(stats.waiting == 0 && stats.merged == 3);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_changeset WHERE state = 0 OR reason IS "
			      "NOT NULL") == 0);
	CHECK_OK(taker_open(&clean, "node", &e) && taker_all(&clean, 0, &e), &e);
	CHECK(strcmp(taker_rows(&n), taker_rows(&clean)) == 0 &&
	      strcmp(taker_digest(&n), taker_digest(&clean)) == 0);
}

static void a_cut_that_fails_waits_as_one(void)
{
	struct apply_stats stats;
	struct err e;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	CHECK_OK(taker_open(&n, "node", &e) && taker_all(&n, 0, &e), &e);
	CHECK_OK(db_exec(&n.db, fails_at_row, &e), &e);
	ann.cut_left = 1;
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	taker_write(&ben, CHANGE_INSERT, "y", "a=1 b=2 c=3", NULL, 10);
	ann.cut_left = 0;
	taker_write(&ann, CHANGE_INSERT, "poison", "a=1 b=2 c=3", NULL, 11);
	taker_write(&ben, CHANGE_UPDATE, "y", "a=2", NULL, 12);
	CHECK_OK(taker_all(&n, post.n - 4, &e), &e);
	CHECK(strcmp(taker_rows(&n), "'y'|'2'|'2'|'3';") == 0);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_changeset WHERE state = 0") == 2);
	CHECK_OK(db_exec(&n.db, "DROP INDEX planted", &e) && taker_merge(&n, &stats, &e), &e);
	CHECK(stats.merged == 2 && stats.changes == 2 && stats.waiting == 0);
}

/* A context that cannot be written: the first thing a changeset does in a merge. */
static void one_that_fails_early_leaves_nothing(void)
{
	static const char planted[] =
		"CREATE INDEX planted ON simpul_context(CASE WHEN about_no > 0"
		" AND seq = 2 THEN abs(-9223372036854775808) END)";
	struct apply_stats stats;
	struct err e;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	CHECK_OK(taker_open(&n, "node", &e) && taker_all(&n, 0, &e), &e);
	CHECK_OK(db_exec(&n.db, planted, &e), &e);
	taker_write(&ben, CHANGE_INSERT, "x", "a=1 b=2 c=3", &ann,
		    99); /* ann's genesis and schema: 2 */
	taker_write(&ann, CHANGE_INSERT, "y", "a=1 b=2 c=3", NULL, 11);
	CHECK_OK(taker_give(&n, &post.letter[post.n - 2], INBOX_ACCEPTED, &e) &&
			 taker_give(&n, &post.letter[post.n - 1], INBOX_ACCEPTED, &e) &&
			 taker_merge(&n, &stats, &e),
		 &e);
	CHECK(stats.merged == 1 && stats.waiting == 1 && stats.changes == 1 && stats.rows == 1);
	CHECK(strcmp(taker_rows(&n), "'y'|'1'|'2'|'3';") == 0);
	CHECK(taker_count(&n, "SELECT count(*) FROM simpul_context") == 0);
	CHECK(taker_count(&n, "SELECT value >> 16 FROM simpul_meta WHERE key = 'hlc'") == 11);
}

/* A damaged version row is the file's fault: nothing is merged, nobody is blamed. */
static void a_damaged_file_blames_no_changeset(void)
{
	struct apply_stats stats;
	struct err e;
	AUTO_TAKER n = { 0 };

	ledger_begin();
	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	CHECK_OK(taker_open(&n, "node", &e) && taker_all(&n, 0, &e), &e);
	CHECK_OK(db_exec(&n.db, "UPDATE simpul_version_1 SET v = x'ff'", &e), &e);
	taker_write(&ben, CHANGE_INSERT, "y", "a=1 b=2 c=3", NULL, 11);
	taker_write(&ann, CHANGE_UPDATE, "x", "a=2", NULL, 12);
	CHECK_OK(taker_give(&n, &post.letter[post.n - 2], INBOX_ACCEPTED, &e) &&
			 taker_give(&n, &post.letter[post.n - 1], INBOX_ACCEPTED, &e),
		 &e);
	CHECK(!taker_merge(&n, &stats, &e) && e.code == ERR_CORRUPT);
	CHECK(taker_count(
		      &n,
		      "SELECT count(*) FROM simpul_changeset WHERE state = 0 AND reason IS NULL") ==
	      2);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(held_frames_come_in_by_themselves),
		TAP(damaged_frames_are_refused),
		TAP(a_fork_freezes_the_chain),
		TAP(a_reader_writes_nothing),
		TAP(another_scope_cannot_reach_a_row_by_its_key),
		TAP(a_revoked_chain_ends),
		TAP(a_table_that_is_not_attached_is_left_alone),
		TAP(a_cut_is_merged_as_one),
		TAP(a_long_cut_is_merged_part_by_part),
		TAP(a_row_that_the_table_cannot_hold_holds_up_nothing),
		TAP(a_table_that_cannot_be_made_holds_up_nothing),
		TAP(the_scope_column_must_say_the_scope),
		TAP(one_that_fails_alone_waits_alone),
		TAP(a_cut_that_fails_waits_as_one),
		TAP(one_that_fails_early_leaves_nothing),
		TAP(a_damaged_file_blames_no_changeset),
	};
	int failures = tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));

	post_done(&post);
	return failures;
}
