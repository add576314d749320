/*
 * takeback.c - a revocation before or after what it voids: the same rows, siblings, versions and digest.
 */
#include <string.h>

#include "ledger.h"
#include "store/tables.h"
#include "tap.h"

/*
 * One node gets the revocation (the last letter) after everything, the other before ben's letters from
 * `first_void` on.  *late is the first.
 */
static bool both_orders(struct ledger *late, struct ledger *early, size_t first_void, const char *role,
			struct err *e)
{
	return ledger_open(late, role, e) && ledger_open(early, role, e) &&
	       ledger_take(late, 0, post.n - 1, e) && ledger_take(late, post.n - 1, post.n, e) &&
	       ledger_take(early, 0, first_void, e) && ledger_take(early, post.n - 1, post.n, e) &&
	       ledger_take(early, first_void, post.n - 1, e);
}

#define SAME(late, early, want)                                                                     \
	do {                                                                                        \
		CHECK(strcmp(ledger_rows(&(late)), (want)) == 0);                                   \
		CHECK(strcmp(ledger_rows(&(early)), (want)) == 0);                                  \
		CHECK(strcmp(ledger_siblings(&(late)), ledger_siblings(&(early))) == 0);            \
		CHECK(strcmp(ledger_digest(&(late)), ledger_digest(&(early))) == 0);                \
		CHECK(ledger_count(&(late), "SELECT count(*) FROM simpul_changeset WHERE state = 4") == 0); \
	} while (0)

static void what_it_pushed_aside_comes_back(void)
{
	AUTO_LEDGER late = { 0 };
	AUTO_LEDGER early = { 0 };
	struct err e;
	size_t first;

	ledger_begin();
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	ledger_write(&ann, CHANGE_INSERT, "y", "a=1 b=2 c=3", NULL, 10);
	first = post.n;
	ledger_write(&ben, CHANGE_UPDATE, "x", "a=thief b=thief", &ann, 20);
	ledger_write(&ben, CHANGE_DELETE, "y", "", NULL, 21);
	ledger_write(&ben, CHANGE_INSERT, "z", "a=thief b=0 c=0", NULL, 22);
	author_revoke(&hub, &ben, 2, &post);
	CHECK_OK(both_orders(&late, &early, first, "node", &e), &e);
	SAME(late, early, "x|1|2|3;y|1|2|3;");
	CHECK(ledger_count(&late, "SELECT count(*) FROM simpul_changeset WHERE state = 3") == 3);
}

static void what_others_wrote_over_it_stays(void)
{
	AUTO_LEDGER late = { 0 };
	AUTO_LEDGER early = { 0 };
	struct err e;
	size_t first;

	ledger_begin();
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	first = post.n;
	ledger_write(&ben, CHANGE_UPDATE, "x", "a=thief b=thief", &ann, 20);
	ledger_write(&ann, CHANGE_UPDATE, "x", "a=ann", &ben, 30); /* has seen ben's */
	ledger_write(&ann, CHANGE_UPDATE, "w", "b=alone", NULL, 31);
	author_revoke(&hub, &ben, 2, &post);
	CHECK_OK(both_orders(&late, &early, first, "node", &e), &e);
	SAME(late, early, "w|-|alone|-;x|ann|2|3;");
}

static void a_row_that_others_only_edited(void)
{
	AUTO_LEDGER late = { 0 };
	AUTO_LEDGER early = { 0 };
	struct err e;
	size_t first;

	ledger_begin();
	first = post.n;
	ledger_write(&ben, CHANGE_INSERT, "z", "a=thief b=thief c=thief", NULL, 20);
	ledger_write(&ann, CHANGE_UPDATE, "z", "b=ann", &ben, 30);
	author_revoke(&hub, &ben, 2, &post);
	CHECK_OK(both_orders(&late, &early, first, "node", &e), &e);
	SAME(late, early, "z|-|ann|-;");
}

static void siblings_are_settled(void)
{
	AUTO_LEDGER late = { 0 };
	AUTO_LEDGER early = { 0 };
	struct err e;
	size_t first;

	ledger_begin();
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	ledger_write(&ben, CHANGE_UPDATE, "x", "c=good", &ann, 15);
	ledger_write(&ann, CHANGE_UPDATE, "x", "b=ann c=ann", NULL, 30); /* has not seen ben's */
	first = post.n;
	ledger_write(&ben, CHANGE_UPDATE, "x", "a=thief b=thief", NULL, 40); /* has not seen ann's second */
	author_revoke(&hub, &ben, 3, &post);
	CHECK_OK(ledger_open(&late, "node", &e) && ledger_take(&late, 0, post.n - 1, &e), &e);
	CHECK(strcmp(ledger_siblings(&late), "b='ann';c='good';") == 0);
	ledger_close(&late);
	CHECK_OK(both_orders(&late, &early, first, "node", &e), &e);
	SAME(late, early, "x|1|ann|ann;");
	CHECK(strcmp(ledger_siblings(&late), "c='good';") == 0);
}

static void a_second_revocation_reaches_further_back(void)
{
	AUTO_LEDGER late = { 0 };
	AUTO_LEDGER early = { 0 };
	struct err e;
	size_t first;

	ledger_begin();
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	first = post.n;
	ledger_write(&ben, CHANGE_UPDATE, "x", "a=one", &ann, 20);
	ledger_write(&ben, CHANGE_UPDATE, "x", "b=two", NULL, 21);
	author_revoke(&hub, &ben, 3, &post);
	CHECK_OK(ledger_open(&late, "node", &e) && ledger_take(&late, 0, post.n, &e), &e);
	CHECK(strcmp(ledger_rows(&late), "x|one|2|3;") == 0);
	ledger_close(&late);
	author_revoke(&hub, &ben, 2, &post);
	CHECK_OK(ledger_open(&late, "hub", &e) && ledger_take(&late, 0, post.n - 2, &e) &&
		 ledger_take(&late, post.n - 2, post.n - 1, &e) &&
		 ledger_take(&late, post.n - 1, post.n, &e), &e);
	CHECK_OK(ledger_open(&early, "hub", &e) && ledger_take(&early, 0, first, &e) &&
		 ledger_take(&early, post.n - 2, post.n, &e) &&
		 ledger_take(&early, first, post.n - 2, &e), &e);
	SAME(late, early, "x|1|2|3;");
}

static void it_waits_for_the_merge(void)
{
	AUTO_LEDGER l = { 0 };
	struct inbox_result result;
	struct err e;

	ledger_begin();
	ledger_write(&ben, CHANGE_INSERT, "z", "a=thief b=0 c=0", NULL, 20);
	author_revoke(&hub, &ben, 2, &post);
	CHECK_OK(ledger_open(&l, "node", &e) && ledger_take(&l, 0, post.n - 1, &e), &e);
	CHECK_OK(inbox_accept(&l.inbox, post.letter[post.n - 1].bytes, post.letter[post.n - 1].len, &result,
			      &e), &e);
	CHECK(ledger_count(&l, "SELECT count(*) FROM simpul_changeset WHERE state = 4") == 1);
	CHECK(strcmp(ledger_rows(&l), "z|thief|0|0;") == 0);
	CHECK_OK(ledger_take(&l, post.n, post.n, &e), &e); /* the next merge, whenever that is */
	CHECK(ledger_count(&l, "SELECT count(*) FROM simpul_changeset WHERE state = 4") == 0);
	CHECK(strcmp(ledger_rows(&l), "") == 0);
}

static void the_row_can_be_made_again(void)
{
	AUTO_LEDGER late = { 0 };
	AUTO_LEDGER early = { 0 };
	struct err e;
	size_t first, revoked;

	ledger_begin();
	first = post.n;
	ledger_write(&ben, CHANGE_INSERT, "z", "a=thief b=0 c=0", NULL, 20);
	author_revoke(&hub, &ben, 2, &post);
	revoked = post.n - 1;
	ledger_write(&ann, CHANGE_INSERT, "z", "a=ann b=1 c=1", NULL, 5);
	CHECK_OK(ledger_open(&late, "hub", &e) && ledger_take(&late, 0, revoked, &e) &&
		 ledger_take(&late, revoked, revoked + 1, &e) &&
		 ledger_take(&late, revoked + 1, post.n, &e), &e);
	CHECK_OK(ledger_open(&early, "hub", &e) && ledger_take(&early, 0, first, &e) &&
		 ledger_take(&early, revoked, post.n, &e), &e);
	SAME(late, early, "z|ann|1|1;");
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(what_it_pushed_aside_comes_back),
		TAP(what_others_wrote_over_it_stays),
		TAP(a_row_that_others_only_edited),
		TAP(siblings_are_settled),
		TAP(a_second_revocation_reaches_further_back),
		TAP(it_waits_for_the_merge),
		TAP(the_row_can_be_made_again),
	};
	int status = tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));

	post_done(&post);
	return status;
}
