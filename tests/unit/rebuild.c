/* rebuild.c - what can be mended is mended; nothing else moves; what cannot be is refused. */
#include <stdio.h>
#include <string.h>

#include "ledger.h"
#include "merge/compare.h"
#include "merge/rebuild.h"
#include "store/tables.h"
#include "tap.h"

static bool rebuild(struct ledger *l, struct rebuild_result *ret, struct err *e)
{
	const struct rebuild_plan plan = { .world = &l->world };
	static struct arena arena;
	AUTO_TXN txn = { 0 };

	arena_done(&arena);
	return txn_begin(&txn, &l->db, e) && rebuild_run(&l->db, &l->catalog, &plan, &arena, ret, e) &&
	       txn_commit(&txn, e);
}

static int64_t differences(struct ledger *l)
{
	AUTO_COMPARISON c = { .db = &l->db, .catalog = &l->catalog };
	struct err e;

	return compare_frames(&c, &e) && compare_rows(&c, &e) ? c.differences : -1;
}

static bool fill(struct ledger *l, const char *role, struct err *e)
{
	ledger_begin();
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=NULL", NULL, 10);
	ledger_write(&ben, CHANGE_UPDATE, "x", "b=ben", &ann, 20);
	ledger_write(&ann, CHANGE_UPDATE, "x", "b=ann c=ann", NULL, 15);
	ledger_write(&ben, CHANGE_UPDATE, "x", "c=ben", NULL, 16);
	ledger_write(&ann, CHANGE_UPDATE, "x", "c=both", &ben, 17); /* settles column c */
	ledger_write(&ann, CHANGE_INSERT, "y", "a=7 b=8 c=9", NULL, 30);
	ledger_write(&ann, CHANGE_INSERT, "z", "a=7 b=8 c=9", NULL, 30);
	ledger_write(&ann, CHANGE_DELETE, "z", "", NULL, 31);
	return ledger_open(l, role, e) && ledger_take(l, 0, post.n - 4, e) &&
	       ledger_take(l, post.n - 4, post.n, e); /* listed, then settled */
}

static void a_sound_file_stays(void)
{
	static const char *const roles[] = { "node", "hub" };

	for (size_t i = 0; i < 2; i++) {
		AUTO_LEDGER l = { 0 };
		struct rebuild_result r;
		char digest[HEX_SIZE(32)];
		struct err e;
		int64_t settled;

		CHECK_OK(fill(&l, roles[i], &e), &e);
		snprintf(digest, sizeof(digest), "%s", ledger_digest(&l));
		settled = ledger_count(&l, "SELECT count(*) FROM simpul_sibling WHERE superseded_n > 0");
		CHECK(settled > 0);
		CHECK_OK(rebuild(&l, &r, &e), &e);
		CHECK(r.same && r.versions == 3 && r.rows == 0 && r.kept == 0 && r.withheld == 0);
		CHECK(strcmp(ledger_digest(&l), digest) == 0);
		CHECK(strcmp(ledger_siblings(&l), "b='ann';") == 0);
		CHECK(ledger_count(&l, "SELECT count(*) FROM simpul_sibling WHERE superseded_n > 0") ==
		      settled);
		CHECK(strcmp(ledger_rows(&l), "x|1|ben|both;y|7|8|9;") == 0);
		CHECK(differences(&l) == 0);
	}
}

static void damage_is_mended(void)
{
	static const struct {
		const char *sql;
		bool same; /* the digest covers versions, not base rows or the list */
	} cases[] = {
		{ "UPDATE tab SET a = 'other', c = NULL", true },
		{ "DELETE FROM tab", true },
		{ "DELETE FROM simpul_sibling WHERE superseded_n IS NULL", true },
		{ "UPDATE simpul_sibling SET value = 'forged' WHERE superseded_n IS NULL", true },
		{ "UPDATE simpul_version_1 SET v = substr(v, 1, 5) WHERE key = x'030179'", false },
		{ "UPDATE simpul_version_1 SET v = substr(v, 1, 2) || x'63' || substr(v, 4)", false },
		{ "DELETE FROM simpul_version_1", false },
		{ "UPDATE simpul_version_1 SET k = k + 1; DELETE FROM tab", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO_LEDGER l = { 0 };
		struct rebuild_result r;
		char digest[HEX_SIZE(32)];
		struct err e;

		tap_note("%s", cases[i].sql);
		CHECK_OK(fill(&l, "node", &e), &e);
		snprintf(digest, sizeof(digest), "%s", ledger_digest(&l));
		CHECK_OK(db_exec(&l.db, cases[i].sql, &e) && rebuild(&l, &r, &e), &e);
		CHECK(r.same == cases[i].same);
		CHECK(strcmp(ledger_digest(&l), digest) == 0);
		CHECK(strcmp(ledger_siblings(&l), "b='ann';") == 0);
		CHECK(strcmp(ledger_rows(&l), "x|1|ben|both;y|7|8|9;") == 0);
		CHECK(differences(&l) == 0);
	}
}

static void a_row_of_nobody_is_kept(void)
{
	AUTO_LEDGER l = { 0 };
	struct rebuild_result r;
	struct err e;

	CHECK_OK(fill(&l, "node", &e) &&
		 db_exec(&l.db, "INSERT INTO tab VALUES('new', 1, 2, 3), ('z', 1, 2, 3)", &e), &e);
	CHECK_OK(rebuild(&l, &r, &e), &e);
	CHECK(r.same && r.kept == 2);
	CHECK(strcmp(ledger_rows(&l), "new|1|2|3;x|1|ben|both;y|7|8|9;z|1|2|3;") == 0);
	CHECK(ledger_count(&l, "SELECT count(*) FROM simpul_log WHERE m = -1 AND k1 IN ('new', 'z')") == 2);
	CHECK(!rebuild(&l, &r, &e) && e.code == ERR_NOT_ENROLLED); /* they are noted, and not sealed */
}

static void a_damaged_changeset_is_refused(void)
{
	AUTO_LEDGER l = { 0 };
	struct rebuild_result r;
	struct err e;

	CHECK_OK(fill(&l, "node", &e), &e);
	CHECK_OK(db_exec(&l.db, "UPDATE simpul_changeset SET frame = substr(frame, 1, length(frame) - 1)"
				" WHERE n = 9", &e), &e);
	CHECK(!rebuild(&l, &r, &e) && e.code == ERR_CORRUPT);
	CHECK(strcmp(ledger_rows(&l), "x|1|ben|both;y|7|8|9;") == 0);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(a_sound_file_stays),
		TAP(damage_is_mended),
		TAP(a_row_of_nobody_is_kept),
		TAP(a_damaged_changeset_is_refused),
	};
	int status = tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));

	post_done(&post);
	return status;
}
