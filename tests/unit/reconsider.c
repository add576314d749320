/* reconsider.c - out of quarantine: as if the changeset had always counted, whatever came after it. */
#include <string.h>

#include "ledger.h"
#include "merge/apply.h"
#include "merge/reconsider.h"
#include "tap.h"

/*
 * A node whose older program put letter `at` into quarantine; all others are merged.  *ret: its id.
 */
static bool take_with_old_program(struct ledger *l, size_t at, struct hash *ret, struct err *e)
{
	struct inbox_result result;

	if (!ledger_open(l, "node", e) || !ledger_take(l, 0, at, e) ||
	    !inbox_accept(&l->inbox, post.letter[at].bytes, post.letter[at].len, &result, e) ||
	    !db_exec(&l->db, "UPDATE simpul_changeset SET state = 2, reason = 'not known to this version'"
			     " WHERE n = (SELECT max(n) FROM simpul_changeset)", e))
		return false;
	*ret = result.id;
	return ledger_take(l, at + 1, post.n, e);
}

static bool reconsider(struct ledger *l, const struct hash *id, struct reconsider_result *ret,
		       struct err *e)
{
	struct apply_stats stats;
	AUTO_TXN txn = { 0 };
	struct err why;
	bool good;

	*ret = (struct reconsider_result){ .outcome = RECONSIDER_QUARANTINED };
	if (!txn_begin(&txn, &l->db, e) || !reconsider_begin(&l->db, id, &good, &why, e))
		return false;
	if (good && (!apply_ready(&l->db, &l->catalog, &l->world, &stats, e) ||
		     !reconsider_end(&l->db, &l->catalog, id, ret, e)))
		return false;
	return txn_commit(&txn, e);
}

static void later_writes_stand_above_it(void)
{
	AUTO_LEDGER old = { 0 };
	AUTO_LEDGER new = { 0 };
	struct reconsider_result result;
	struct hash id;
	struct err e;
	size_t at;

	ledger_begin();
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	at = post.n;
	ledger_write(&ben, CHANGE_UPDATE, "x", "a=ben b=ben c=ben", &ann, 20);
	ledger_write(&ben, CHANGE_UPDATE, "x", "a=later", NULL, 5);	/* its chain went on */
	ledger_write(&ann, CHANGE_UPDATE, "x", "b=seen", &ben, 6);	/* had seen it */
	ledger_write(&ann, CHANGE_INSERT, "w", "a=0 b=0 c=0", NULL, 31);
	CHECK_OK(ledger_open(&new, "node", &e) && ledger_take(&new, 0, post.n, &e), &e);
	CHECK_OK(take_with_old_program(&old, at, &id, &e), &e);
	CHECK(strcmp(ledger_rows(&old), ledger_rows(&new)) != 0);
	CHECK(strcmp(ledger_digest(&old), ledger_digest(&new)) != 0);
	CHECK_OK(reconsider(&old, &id, &result, &e), &e);
	CHECK(result.outcome == RECONSIDER_MERGED);
	CHECK(strcmp(ledger_rows(&new), "w|0|0|0;x|later|seen|ben;") == 0);
	CHECK(strcmp(ledger_rows(&old), ledger_rows(&new)) == 0);
	CHECK(strcmp(ledger_siblings(&old), ledger_siblings(&new)) == 0);
	CHECK(strcmp(ledger_digest(&old), ledger_digest(&new)) == 0);
	CHECK(ledger_count(&old, "SELECT count(*) FROM simpul_changeset WHERE state <> 1") == 0);
	CHECK(!reconsider(&old, &id, &result, &e) && e.code == ERR_NOT_FOUND);
}

static void concurrent_writes_become_siblings(void)
{
	AUTO_LEDGER old = { 0 };
	AUTO_LEDGER new = { 0 };
	struct reconsider_result result;
	struct hash id;
	struct err e;
	size_t at;

	ledger_begin();
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	at = post.n;
	ledger_write(&ben, CHANGE_UPDATE, "x", "a=ben", &ann, 20);
	ledger_write(&ann, CHANGE_UPDATE, "x", "a=ann", NULL, 30);
	CHECK_OK(ledger_open(&new, "node", &e) && ledger_take(&new, 0, post.n, &e), &e);
	CHECK_OK(take_with_old_program(&old, at, &id, &e), &e);
	CHECK(strcmp(ledger_siblings(&old), "") == 0);
	CHECK_OK(reconsider(&old, &id, &result, &e), &e);
	CHECK(strcmp(ledger_rows(&old), "x|ann|2|3;") == 0);
	CHECK(strcmp(ledger_siblings(&old), ledger_siblings(&new)) == 0);
	CHECK(strcmp(ledger_siblings(&old), "") != 0);
	CHECK(strcmp(ledger_digest(&old), ledger_digest(&new)) == 0);
}

static void what_still_breaks_a_rule_stays(void)
{
	AUTO_LEDGER l = { 0 };
	struct reconsider_result result;
	struct inbox_result taken;
	struct author reader;
	struct err e;
	size_t at;

	ledger_begin();
	author_begin(&reader, 77, "13.73", &post);
	author_grant(&hub, &reader, ROLE_READER, &post);
	author_schema(&reader, author_table(), &post);
	at = post.n;
	ledger_write(&reader, CHANGE_INSERT, "z", "a=1 b=1 c=1", NULL, 10);
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	CHECK_OK(ledger_open(&l, "node", &e) && ledger_take(&l, 0, at, &e) &&
		 inbox_accept(&l.inbox, post.letter[at].bytes, post.letter[at].len, &taken, &e) &&
		 ledger_take(&l, at + 1, post.n, &e), &e);
	CHECK(taken.quarantined);
	CHECK_OK(reconsider(&l, &taken.id, &result, &e), &e);
	CHECK(result.outcome == RECONSIDER_QUARANTINED);
	CHECK(ledger_count(&l, "SELECT count(*) FROM simpul_changeset WHERE state = 2") == 1);
	CHECK(ledger_count(&l, "SELECT count(*) FROM simpul_changeset WHERE state = 2 AND"
			       " reason LIKE '%may read but not write%'") == 1);
	CHECK(strcmp(ledger_rows(&l), "x|1|2|3;") == 0);
}

static void what_is_not_in_quarantine_is_not_touched(void)
{
	AUTO_LEDGER l = { 0 };
	struct reconsider_result result;
	struct inbox_result taken;
	struct err e;

	ledger_begin();
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	CHECK_OK(ledger_open(&l, "node", &e) && ledger_take(&l, 0, post.n, &e) &&
		 inbox_accept(&l.inbox, post.letter[post.n - 1].bytes, post.letter[post.n - 1].len, &taken,
			      &e), &e);
	CHECK(taken.state == INBOX_DUPLICATE);
	CHECK(!reconsider(&l, &taken.id, &result, &e) && e.code == ERR_NOT_FOUND);
	CHECK(strcmp(ledger_rows(&l), "x|1|2|3;") == 0);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(later_writes_stand_above_it), TAP(concurrent_writes_become_siblings),
		TAP(what_still_breaks_a_rule_stays), TAP(what_is_not_in_quarantine_is_not_touched),
	};
	int status = tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));

	post_done(&post);
	return status;
}
