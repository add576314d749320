/* compare.c - planted damage: each is found and named; a sound file has none. */
#include <stdio.h>
#include <string.h>

#include "ledger.h"
#include "merge/compare.h"
#include "store/tables.h"
#include "tap.h"

static void note(void *state, const struct difference *d)
{
	struct buf *out = state;

	buf_print(out, "%s", d->kind);
	if (d->n > 0)
		buf_print(out, " n%lld", (long long)d->n);
	if (d->key != NULL)
		buf_print(out, " %.*s", (int)d->key[0].len, (const char *)d->key[0].bytes);
	if (d->column != NULL)
		buf_print(out, ".%s", d->column);
	buf_text(out, ";");
}

/* "row x.a;frame n7;" */
static const char *compared(struct ledger *l)
{
	static char text[2048];
	AUTO_BUF out = { 0 };
	AUTO_COMPARISON c = { .db = &l->db, .catalog = &l->catalog, .call = note, .state = &out };
	struct err e;

	if (!compare_frames(&c, &e) || !compare_rows(&c, &e) || !compare_receipts(&c, &e))
		buf_print(&out, "failed: %s", e.text);
	snprintf(text, sizeof(text), "%s", buf_string(&out));
	return text;
}

/* Letters with rows alive and deleted, a conflict, an INSERT after a DELETE. */
static bool fill(struct ledger *l, const char *role, struct err *e)
{
	ledger_begin();
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=NULL", NULL, 10);
	ledger_write(&ben, CHANGE_UPDATE, "x", "b=ben", &ann, 20);
	ledger_write(&ann, CHANGE_UPDATE, "x", "b=ann", NULL, 15);
	ledger_write(&ann, CHANGE_INSERT, "y", "a=7 b=8 c=9", NULL, 30);
	ledger_write(&ann, CHANGE_INSERT, "z", "a=7 b=8 c=9", NULL, 30);
	ledger_write(&ann, CHANGE_DELETE, "z", "", NULL, 31);
	ledger_write(&ann, CHANGE_INSERT, "w", "a=1 b=1 c=1", NULL, 32);
	ledger_write(&ann, CHANGE_DELETE, "w", "", NULL, 33);
	ledger_write(&ann, CHANGE_INSERT, "w", "a=2 b=2 c=2", NULL, 34);
	return ledger_open(l, role, e) && ledger_take(l, 0, post.n, e);
}

static void a_sound_file(void)
{
	AUTO_LEDGER node = { 0 };
	AUTO_LEDGER whole = { 0 };
	struct err e;

	CHECK_OK(fill(&node, "node", &e), &e);
	CHECK(strcmp(ledger_rows(&node), "w|2|2|2;x|1|ben|-;y|7|8|9;") == 0);
	CHECK(strcmp(ledger_siblings(&node), "b='ann';") == 0);
	CHECK(strcmp(compared(&node), "") == 0);
	author_revoke(&hub, &ben, 2, &post);
	CHECK_OK(ledger_take(&node, post.n - 1, post.n, &e), &e);
	CHECK(strcmp(compared(&node), "") == 0);
	CHECK_OK(fill(&whole, "hub", &e), &e);
	CHECK(strcmp(compared(&whole), "") == 0);
}

/* What one statement of damage comes to. */
static void planted(void)
{
	static const struct {
		const char *sql, *want;
	} cases[] = {
		{ "UPDATE tab SET a = 'other' WHERE id = 'y'", "row y.a;" },
		{ "UPDATE tab SET b = 'ann' WHERE id = 'x'", "row x.b;" },
		{ "UPDATE tab SET c = 0 WHERE id = 'x'", "row x.c;" },
		{ "DELETE FROM tab WHERE id = 'y'", "row y;" },
		{ "INSERT INTO tab VALUES('z', 7, 8, 9)", "row z;" },
		{ "INSERT INTO tab VALUES('new', 7, 8, 9)", "row new;" },
		{ "DELETE FROM simpul_sibling", "sibling x.b;" },
		{ "INSERT INTO simpul_sibling(table_no, vkey, column_no, chain_no, seq, hlc, value) SELECT"
		  " table_no, vkey, column_no, chain_no, seq + 1, hlc, 'b' FROM simpul_sibling",
		  "sibling x;" },
		{ "UPDATE simpul_changeset SET frame = substr(frame, 1, 40) WHERE n = 8", "frame n8;" },
		{ "UPDATE simpul_changeset SET frame = (SELECT frame FROM simpul_changeset WHERE n = 9)"
		  " WHERE n = 8", "frame n8;" },
		{ "UPDATE simpul_chain SET key = zeroblob(32) WHERE no = 1", "frame n1;frame n2;frame n4;" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO_LEDGER l = { 0 };
		struct err e;
		const char *found;

		CHECK_OK(fill(&l, "node", &e) && db_exec(&l.db, cases[i].sql, &e), &e);
		found = compared(&l);
		tap_note("%s: %s", cases[i].sql, found);
		CHECK(strcmp(found, cases[i].want) == 0);
	}
}

static void a_damaged_version(void)
{
	static const struct {
		const char *sql, *want;
	} cases[] = {
		/* The second byte of an entry is its chain, the third its seq. */
		{ "UPDATE simpul_version_1 SET v = substr(v, 1, 2) || x'63' || substr(v, 4)", "version y;" },
		{ "UPDATE simpul_version_1 SET v = substr(v, 1, 5)", "version;version y;" },
		{ "DELETE FROM simpul_version_1", "version y;" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO_LEDGER l = { 0 };
		char sql[200];
		struct err e;

		CHECK_OK(fill(&l, "node", &e), &e);
		CHECK(l.catalog.table[0].no == 1);
		snprintf(sql, sizeof(sql), "%s WHERE key = x'030179'", cases[i].sql); /* TEXT, 1 byte, 'y' */
		CHECK_OK(db_exec(&l.db, sql, &e), &e);
		CHECK(db_changed_rows(&l.db) == 1);
		tap_note("%s: %s", sql, compared(&l));
		CHECK(strcmp(compared(&l), cases[i].want) == 0);
	}
}

static void every_byte_of_a_frame(void)
{
	AUTO_LEDGER l = { 0 };
	struct err e;
	int64_t len;

	CHECK_OK(fill(&l, "node", &e), &e);
	len = ledger_count(&l, "SELECT length(frame) FROM simpul_changeset WHERE n = 9");
	CHECK(len > 100 && db_exec(&l.db, "CREATE TABLE saved AS SELECT frame FROM simpul_changeset"
					  " WHERE n = 9", &e));
	for (int64_t at = 0; at < len; at++) {
		AUTO_BUF frame = { 0 };
		AUTO_STMT s = { 0 };
		const void *bytes;
		size_t n;
		bool row;

		CHECK(db_prepare(&l.db, "SELECT frame FROM saved", &s, &e) && stmt_row(&s, &row, &e) && row);
		bytes = stmt_get_blob(&s, 0, &n);
		buf_put(&frame, bytes, n);
		frame.data[at] ^= 0x10;
		stmt_close(&s);
		CHECK(db_prepare(&l.db, "UPDATE simpul_changeset SET frame = ?1 WHERE n = 9", &s, &e));
		stmt_blob(&s, 1, frame.data, frame.len);
		CHECK(stmt_done(&s, &e));
		if (strncmp(compared(&l), "frame n9;", 9) != 0)
			tap_note("byte %lld of %lld: %s", (long long)at, (long long)len, compared(&l));
		CHECK(strncmp(compared(&l), "frame n9;", 9) == 0);
	}
}

static void what_waits_is_no_difference(void)
{
	AUTO_LEDGER l = { 0 };
	char sql[200];
	struct err e;

	CHECK_OK(fill(&l, "node", &e), &e);
	snprintf(sql, sizeof(sql), "INSERT INTO simpul_log(t, m, ts, k1) VALUES(%d, 2, 1, 'y')",
		 l.catalog.table[0].no);
	CHECK_OK(db_exec(&l.db, "UPDATE tab SET a = 'mine' WHERE id = 'y'", &e), &e);
	CHECK_OK(db_exec(&l.db, sql, &e), &e);
	CHECK(strcmp(compared(&l), "") == 0);
	CHECK_OK(db_exec(&l.db, "DELETE FROM simpul_log", &e), &e);
	CHECK(strcmp(compared(&l), "row y.a;") == 0);
}

static void a_type_that_turns_values(void)
{
	AUTO_LEDGER l = { 0 };
	struct err e;

	ledger_begin();
	CHECK_OK(ledger_open(&l, "node", &e), &e);
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	CHECK_OK(ledger_take(&l, 0, post.n, &e), &e);
	/* The same table with other types: an office that declared them otherwise. */
	CHECK_OK(db_exec(&l.db, "ALTER TABLE tab RENAME TO old; CREATE TABLE tab(id TEXT PRIMARY KEY, a INT,"
				" b REAL, c TEXT); INSERT INTO tab SELECT * FROM old; DROP TABLE old", &e) &&
		 ledger_take(&l, 0, 0, &e), &e);
	CHECK(ledger_count(&l, "SELECT count(*) FROM tab WHERE typeof(a) = 'integer'") == 1);
	CHECK(strcmp(compared(&l), "") == 0);
	CHECK_OK(db_exec(&l.db, "UPDATE tab SET a = 2", &e), &e);
	CHECK(strcmp(compared(&l), "row x.a;") == 0);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(a_sound_file), TAP(planted), TAP(a_damaged_version), TAP(every_byte_of_a_frame),
		TAP(what_waits_is_no_difference), TAP(a_type_that_turns_values),
	};
	int status = tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));

	post_done(&post);
	return status;
}
