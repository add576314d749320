/* outgoing.c - what another party lacks, while rounds with several parties are under way. */
#include <stdio.h>

#include "exchange/outgoing.h"
#include "ledger.h"
#include "tap.h"

static bool heads(struct ledger *l, int64_t peer, const struct author *of, uint64_t seq, struct err *e)
{
	char hex[HEX_SIZE(sizeof(of->chain.bytes))], text[200];
	AUTO_JSON json = NULL;

	hex_encode(of->chain.bytes, sizeof(of->chain.bytes), hex);
	snprintf(text, sizeof(text), "[{\"chain\":\"%s\",\"seq\":%llu}]", hex, (unsigned long long)seq);
	json = json_loads(text, 0, NULL);
	return outgoing_heads_take(&l->db, peer, json, e);
}

/* How many changesets of 13.73 the peer lacks. */
static size_t lacks(struct ledger *l, int64_t peer)
{
	struct outgoing_part part = { .peer = peer, .bytes_max = 1 << 20 };
	AUTO_BUF out = { 0 };
	struct err e;

	return outgoing_missing(&l->db, "13.73", &part, &out, &e) ? part.frames : 999;
}

static bool fill(struct ledger *l, struct err *e)
{
	ledger_begin();
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1", NULL, 10);
	ledger_write(&ann, CHANGE_UPDATE, "x", "a=2", NULL, 11);
	return ledger_open(l, "node", e) && ledger_take(l, 0, post.n, e);
}

static void the_heads_of_one_peer_are_not_anothers(void)
{
	AUTO_LEDGER l = { 0 };
	struct err e;
	size_t all;

	CHECK_OK(fill(&l, &e) && heads(&l, 1, &hub, 1, &e), &e);
	all = lacks(&l, 1);
	CHECK(all == ann.seq + ben.seq);
	CHECK_OK(heads(&l, 1, &ann, ann.seq, &e) && heads(&l, 2, &ann, 1, &e), &e);
	CHECK(lacks(&l, 1) == ben.seq); /* though the second told its own meanwhile */
	CHECK(lacks(&l, 2) == all - 1);
	CHECK_OK(heads(&l, 1, &ben, ben.seq, &e), &e);
	CHECK(lacks(&l, 1) == ann.seq);
	CHECK(lacks(&l, 2) == all - 1);
}

static void more_of_our_own_chain_is_told_by_the_peer_that_has_it(void)
{
	AUTO_LEDGER l = { 0 };
	struct err e;
	bool behind;

	CHECK_OK(fill(&l, &e) &&
		 db_exec(&l.db, "UPDATE simpul_chain SET own = 1 WHERE head_seq > 3", &e), &e);
	CHECK_OK(heads(&l, 1, &ann, ann.seq, &e) && heads(&l, 2, &ann, ann.seq + 1, &e), &e);
	CHECK(outgoing_behind(&l.db, 1, &behind, &e) && !behind);
	CHECK(outgoing_behind(&l.db, 2, &behind, &e) && behind);
	CHECK_OK(db_exec(&l.db, "UPDATE simpul_chain SET frozen = 2 WHERE own = 1", &e), &e);
	CHECK(outgoing_behind(&l.db, 2, &behind, &e) && !behind); /* that branch was set aside */
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(the_heads_of_one_peer_are_not_anothers),
		TAP(more_of_our_own_chain_is_told_by_the_peer_that_has_it),
	};
	int failures = tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));

	post_done(&post);
	return failures;
}
