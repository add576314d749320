/* anew.c - what a fork left in one file is sealed anew: all of it or nothing, wherever it is interrupted. */
#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "merge/anew.h"
#include "merge/compare.h"
#include "office.h"
#include "tap.h"

#define ITEM  "CREATE TABLE item(id TEXT PRIMARY KEY, name TEXT, note TEXT)"
#define COUNT "SELECT count(*) FROM simpul_changeset WHERE "

static int64_t count(struct office *o, const char *sql)
{
	struct err e;
	int64_t n;

	return db_int(&o->node, sql, -1, &n, &e) ? n : -2;
}

static bool write_and_seal(struct office *o, const char *sql, struct err *e)
{
	struct outbox_result result;

	o->now_ms += 1000;
	return db_exec(&o->app, sql, e) && office_seal(o, &result, e);
}

/*
 * Chain 1 to the fork, at the hub; then a stale write that had not seen the last of it, a delete, a new
 * row and an update that had not seen it, which the hub refused; chain 2 of the new enrolment; and a write
 * that waits.
 */
static bool forked(struct office *o, const char *name, struct err *e)
{
	return office_open(o, name, ITEM, e) && office_attach(o, "item", "13.73", e) &&
	       office_enrol(o, "13.73", e) &&
	       write_and_seal(o, "INSERT INTO item VALUES('a', 'satu', NULL), ('b', 'dua', NULL)", e) &&
	       write_and_seal(o, "UPDATE item SET name = 'baru' WHERE id = 'a'", e) &&
	       db_exec(&o->node, "UPDATE simpul_changeset SET custody = 2", e) &&
	       db_exec(&o->app, "UPDATE item SET name = 'basi' WHERE id = 'a'", e) &&
	       db_exec(&o->node, "UPDATE simpul_log SET o = 3", e) && write_and_seal(o, "SELECT 1", e) &&
	       write_and_seal(o, "DELETE FROM item WHERE id = 'b'", e) &&
	       write_and_seal(o, "INSERT INTO item VALUES('c', 'tiga', NULL)", e) &&
	       db_exec(&o->app, "UPDATE item SET name = 'empat' WHERE id = 'c'", e) &&
	       db_exec(&o->node, "UPDATE simpul_log SET o = 6", e) && write_and_seal(o, "SELECT 1", e) &&
	       db_exec(&o->node, "UPDATE simpul_chain SET frozen = 1", e) && office_enrol(o, "13.73", e) &&
	       db_exec(&o->app, "UPDATE item SET note = 'menunggu' WHERE id IN ('a', 'c')", e);
}

static bool mend(struct office *o, int64_t *ret, struct err *e)
{
	const struct outbox_author author = { .key = &o->key, .world = &o->world, .name = "office" };
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;
	AUTO_TXN txn = { 0 };

	return txn_begin(&txn, &o->node, e) && catalog_load(&o->node, &arena, &catalog, e) &&
	       anew_run(&o->node, &catalog, &author, ret, e) && txn_commit(&txn, e);
}

static void tell(void *state, const struct difference *d)
{
	(void)state;
	tap_note("%s %lld: %s", d->kind, (long long)d->n, d->text);
}

static int64_t differences(struct office *o)
{
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;
	AUTO_COMPARISON c = { .db = &o->node, .catalog = &catalog, .call = tell };
	struct err e;

	if (!catalog_load(&o->node, &arena, &catalog, &e) || !compare_frames(&c, &e) ||
	    !compare_rows(&c, &e))
		return -1;
	return c.differences;
}

/* Rows as they were, with what waits; two values where a stale write stood beside the other. */
static void check_rows(struct office *o)
{
	CHECK(count(o, "SELECT count(*) FROM item") == 2);
	CHECK(count(o, "SELECT count(*) FROM item WHERE id = 'a' AND name IN ('basi', 'baru')") == 1);
	CHECK(count(o, "SELECT count(*) FROM item WHERE id = 'c' AND name = 'empat'") == 1);
	CHECK(count(o, "SELECT count(*) FROM item WHERE note = 'menunggu'") == 2);
	CHECK(count(o, "SELECT count(*) FROM simpul_sibling WHERE superseded_n IS NULL") == 2);
	CHECK(differences(o) == 0);
}

static void check_mended(struct office *o)
{
	CHECK(count(o, COUNT "chain_no = 1 AND (custody = 0 OR seq > 4)") == 0);
	CHECK(count(o, COUNT "chain_no = 2 AND kind = 1 AND custody = 0 AND state = 1") == 4);
	CHECK(count(o, "SELECT count(*) FROM simpul_held WHERE missing = 'fork'") == 4);
	CHECK(count(o, "SELECT count(*) FROM simpul_act WHERE what = 'discard'") == 4);
	CHECK(count(o, "SELECT head_seq FROM simpul_chain WHERE no = 1 AND frozen = 2") == 4);
	/* The stale write comes first and had seen the old chain up to 3; the next names 4. */
	CHECK(count(o, "SELECT seq FROM simpul_context WHERE chain_no = 2 AND about_no = 1") == 4);
	check_rows(o);
}

static void what_was_refused_goes_out_on_the_new_chain(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result result;
	struct err e;
	int64_t n;

	CHECK_OK(forked(&o, "fork", &e), &e);
	CHECK(count(&o, "SELECT head_seq FROM simpul_chain WHERE no = 1") == 8);
	check_rows(&o);
	CHECK_OK(mend(&o, &n, &e), &e);
	CHECK(n == 5); /* and the document before them */
	check_mended(&o);
	CHECK_OK(mend(&o, &n, &e), &e);
	CHECK(n == 0);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 2);
	CHECK(count(&o, "SELECT count(*) FROM simpul_log") == 0);
	check_rows(&o);
}

/* A form that was read before the fork, sealed on the new chain: its number is the old chain's. */
static void what_was_seen_of_the_old_chain_is_nothing_of_the_new_chain(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result result;
	struct err e;
	int64_t n;

	CHECK_OK(office_open(&o, "form", ITEM, &e) && office_attach(&o, "item", "13.73", &e) &&
		 office_enrol(&o, "13.73", &e) &&
		 write_and_seal(&o, "INSERT INTO item VALUES('a', 'satu', NULL)", &e) &&
		 db_exec(&o.node, "UPDATE simpul_changeset SET custody = 2", &e) &&
		 write_and_seal(&o, "UPDATE item SET name = 'rekan'", &e), &e); /* changeset 4 */
	CHECK_OK(db_exec(&o.app, "UPDATE item SET name = 'basi'", &e) &&
		 db_exec(&o.node, "UPDATE simpul_log SET o = 3", &e) && /* had not seen it */
		 db_exec(&o.node, "UPDATE simpul_chain SET frozen = 1", &e) &&
		 office_enrol(&o, "13.73", &e) &&
		 mend(&o, &n, &e), &e);
	CHECK(count(&o, "SELECT head_seq FROM simpul_chain WHERE no = 2") == 3); /* the colleague's */
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 1);
	CHECK(count(&o, "SELECT count(*) FROM simpul_sibling WHERE superseded_n IS NULL") == 1);
	CHECK(differences(&o) == 0);
}

static void without_a_new_chain_nothing_moves(void)
{
	AUTO_OFFICE o = { 0 };
	struct err e;
	int64_t n;

	CHECK_OK(forked(&o, "waits", &e), &e);
	CHECK_OK(db_exec(&o.node, "UPDATE simpul_chain SET role = 3 WHERE no = 2", &e), &e); /* a reader */
	CHECK_OK(mend(&o, &n, &e), &e);
	CHECK(n == 0 && count(&o, COUNT "chain_no = 1 AND custody = 0") == 4);
	CHECK_OK(db_exec(&o.node, "UPDATE simpul_chain SET role = 1 WHERE no = 2;"
				  "UPDATE simpul_chain SET frozen = 1 WHERE no = 2", &e), &e);
	CHECK_OK(mend(&o, &n, &e), &e);
	CHECK(n == 0);
	CHECK_OK(db_exec(&o.node, "UPDATE simpul_chain SET frozen = 0", &e), &e); /* it did not fork */
	CHECK_OK(mend(&o, &n, &e), &e);
	CHECK(n == 0);
	check_rows(&o);
}

static void set_up(void *state)
{
	AUTO_OFFICE o = { 0 };
	struct err e;

	(void)state;
	CHECK_OK(forked(&o, "swept", &e), &e);
}

static bool act(void *state)
{
	AUTO_OFFICE o = { .durable = true };
	struct err e;
	int64_t n;

	(void)state;
	return office_reopen(&o, "swept", &e) && mend(&o, &n, &e);
}

static void check(void *state, enum fault_outcome outcome)
{
	AUTO_OFFICE o = { 0 };
	struct err e;
	int64_t before, n;

	(void)state;
	CHECK_OK(office_reopen(&o, "swept", &e), &e);
	before = count(&o, COUNT "chain_no = 1 AND custody = 0");
	CHECK(before == 0 || (before == 4 && outcome != FAULT_DONE));
	CHECK_OK(mend(&o, &n, &e), &e);
	CHECK(n == (before == 0 ? 0 : 5));
	check_mended(&o);
}

static const struct fault_sweep sweep = { .setup = set_up, .act = act, .check = check, .stride = 3,
					  .first = 0 };

static void a_call_fails(void)
{
	CHECK(fault_sweep(&sweep, FAULT_FAIL, NULL));
}

static void the_process_ends(void)
{
	CHECK(fault_sweep(&sweep, FAULT_CRASH, NULL));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(what_was_refused_goes_out_on_the_new_chain),
		TAP(what_was_seen_of_the_old_chain_is_nothing_of_the_new_chain),
		TAP(without_a_new_chain_nothing_moves),
		TAP(a_call_fails),
		TAP(the_process_ends),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
