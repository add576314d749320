/* branch.c - a node had one branch of a fork, the hub the other: both end up the same. */
#include <string.h>

#include "ledger.h"
#include "tap.h"

static size_t common, refused, taken; /* letters: up to the fork; the refused branch; the hub's */

/* Both copies of ann's file write; ben builds on what they had in common. */
static void fork_ann(void)
{
	struct author twin;

	ledger_begin();
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	ledger_write(&ben, CHANGE_UPDATE, "x", "b=ben", &ann, 20);
	common = post.n;
	twin = ann;
	ledger_write(&twin, CHANGE_UPDATE, "x", "a=twin c=twin", &ben, 30);
	ledger_write(&twin, CHANGE_INSERT, "w", "a=twin b=0 c=0", NULL, 31);
	ledger_write(&twin, CHANGE_DELETE, "x", "", NULL, 32);
	refused = post.n;
	ledger_write(&ann, CHANGE_UPDATE, "x", "a=ann b=ann", NULL, 33); /* had not seen ben's */
	ledger_write(&ann, CHANGE_INSERT, "y", "a=ann b=0 c=0", NULL, 34);
	taken = post.n;
}

static bool take(struct ledger *l, bool from_hub, size_t from, size_t to, struct err *e)
{
	l->inbox.from_hub = from_hub;
	return ledger_take(l, from, to, e);
}

#define SAME(l, other)                                                           \
	do {                                                                     \
		CHECK(strcmp(ledger_rows(&(l)), ledger_rows(&(other))) == 0);         \
		CHECK(strcmp(ledger_siblings(&(l)), ledger_siblings(&(other))) == 0); \
		CHECK(strcmp(ledger_digest(&(l)), ledger_digest(&(other))) == 0);     \
	} while (0)

static bool of_the_hub(struct ledger *l, struct err *e)
{
	return ledger_open(l, "node", e) && take(l, true, 0, common, e) && take(l, true, refused, taken, e);
}

static void the_branch_of_the_hub_counts_wherever_it_comes_last(void)
{
	AUTO_LEDGER node = { 0 };
	AUTO_LEDGER other = { 0 };
	struct err e;

	fork_ann();
	CHECK_OK(of_the_hub(&other, &e), &e);
	CHECK(strcmp(ledger_rows(&other), "x|ann|ann|3;y|ann|0|0;") == 0);
	CHECK_OK(ledger_open(&node, "node", &e) && take(&node, false, 0, refused, &e), &e);
	CHECK(strcmp(ledger_rows(&node), "w|twin|0|0;") == 0);
	CHECK_OK(take(&node, true, refused, taken, &e), &e); /* the fork is seen */
	CHECK(ledger_count(&node, "SELECT sum(frozen) FROM simpul_chain") == 0);
	CHECK_OK(take(&node, true, 0, common, &e) && take(&node, true, refused, taken, &e), &e);
	SAME(node, other);
	CHECK(ledger_count(&node, "SELECT count(*) FROM simpul_held WHERE missing = 'fork'") == 3);
	CHECK(ledger_count(&node, "SELECT count(*) FROM simpul_changeset WHERE state <> 1") == 0);
	/* The refused branch comes again from the twin itself: evidence, and the hub's goes on. */
	CHECK_OK(take(&node, false, common, refused, &e), &e);
	ledger_write(&ann, CHANGE_UPDATE, "y", "b=more", NULL, 40);
	CHECK_OK(take(&node, true, taken, post.n, &e) && take(&other, true, taken, post.n, &e), &e);
	CHECK(strcmp(ledger_rows(&other), "x|ann|ann|3;y|ann|more|0;") == 0);
	SAME(node, other);
}

static void of_a_neighbour_the_first_branch_counts(void)
{
	AUTO_LEDGER node = { 0 };
	struct err e;

	fork_ann();
	CHECK_OK(ledger_open(&node, "node", &e) && take(&node, false, 0, refused, &e) &&
		 take(&node, false, refused, taken, &e), &e);
	CHECK(strcmp(ledger_rows(&node), "w|twin|0|0;") == 0);
	CHECK(ledger_count(&node, "SELECT sum(frozen) FROM simpul_chain") == 1);
}

/* Whoever heard of the fork before, by a neighbour, is not stuck with that. */
static void a_chain_that_is_frozen_already_goes_over_too(void)
{
	AUTO_LEDGER node = { 0 };
	AUTO_LEDGER other = { 0 };
	struct err e;

	fork_ann();
	CHECK_OK(of_the_hub(&other, &e), &e);
	CHECK_OK(ledger_open(&node, "node", &e) && take(&node, false, 0, taken, &e) &&
		 take(&node, true, 0, common, &e) && take(&node, true, refused, taken, &e) &&
		 take(&node, true, 0, common, &e) && take(&node, true, refused, taken, &e), &e);
	SAME(node, other);
}

/* Our own chain is for anew.h: what only this file has is not to be thrown out. */
static void a_chain_of_our_own_stays(void)
{
	AUTO_LEDGER node = { 0 };
	struct err e;

	fork_ann();
	CHECK_OK(ledger_open(&node, "node", &e) && take(&node, false, 0, refused, &e) &&
		 db_exec(&node.db, "UPDATE simpul_chain SET own = 1 WHERE head_seq = 6", &e) &&
		 take(&node, true, refused, taken, &e), &e);
	CHECK(ledger_count(&node, "SELECT frozen FROM simpul_chain WHERE own = 1") == 1);
	CHECK(strcmp(ledger_rows(&node), "w|twin|0|0;") == 0);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(the_branch_of_the_hub_counts_wherever_it_comes_last),
		TAP(of_a_neighbour_the_first_branch_counts),
		TAP(a_chain_that_is_frozen_already_goes_over_too),
		TAP(a_chain_of_our_own_stays),
	};
	int failures = tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));

	post_done(&post);
	return failures;
}
