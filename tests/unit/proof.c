/* proof.c - what a node believes of its hub's checkpoints, and what it asks a proof for. */
#include <stdio.h>
#include <string.h>

#include "exchange/proof.h"
#include "store/tables.h"
#include "tap.h"

#define ORIGIN "pusat/00112233"

static const struct secret_key hub = { { 1, 2, 3 } }, stranger = { { 4, 5, 6 } };

struct bench {
	struct db db;
	struct party party;
};

static void bench_done(struct bench *b)
{
	db_close(&b->db);
}

#define AUTO_BENCH __attribute__((cleanup(bench_done))) struct bench

static bool bench_open(struct bench *b, struct err *e)
{
	static int number;
	char path[256];

	snprintf(path, sizeof(path), "%s/%d.db", tap_directory(), number++);
	b->party.db = &b->db;
	crypto_public_key(&hub, &b->party.hub_key);
	snprintf(b->party.origin, sizeof(b->party.origin), "%s", ORIGIN);
	return db_open(&b->db, path, DB_NODE, true, e) && tables_create(&b->db, e);
}

/* A signed head of this size; the root is made of `fill`. */
static bool note_make(const struct secret_key *key, uint64_t size, uint8_t fill, struct note *ret,
		      struct err *e)
{
	struct checkpoint c = { .origin = ORIGIN, .head = { .size = size } };

	memset(c.head.root.bytes, fill, sizeof(c.head.root.bytes));
	return note_checkpoint_sign(&c, key, ret, e);
}

static bool put(struct bench *b, uint64_t size, uint8_t fill, bool consistent, struct err *e)
{
	struct checkpoint c = { .origin = ORIGIN, .head = { .size = size } };
	struct note note;
	int64_t no;

	memset(c.head.root.bytes, fill, sizeof(c.head.root.bytes));
	return note_make(&hub, size, fill, &note, e) &&
	       proof_checkpoint_put(&b->party, &note, &c, consistent, &no, e);
}

static bool offer(struct bench *b, uint64_t size, uint8_t fill, uint64_t *ret_known, struct err *e)
{
	struct checkpoint c;
	struct tree_head known;
	struct note note;

	if (!note_make(&hub, size, fill, &note, e) ||
	    !proof_checkpoint_offer(&b->party, &note, &c, &known, e))
		return false;
	*ret_known = known.size;
	return true;
}

static void the_first_is_taken_as_it_is(void)
{
	AUTO_BENCH b = { 0 };
	uint64_t known = 1;
	struct err e;

	CHECK_OK(bench_open(&b, &e), &e);
	CHECK_OK(offer(&b, 5, 5, &known, &e), &e);
	CHECK(known == 0);
}

static void a_size_seen_before_is_no_excuse_for_going_back(void)
{
	AUTO_BENCH b = { 0 };
	uint64_t known = 0;
	struct err e;

	CHECK_OK(bench_open(&b, &e), &e);
	CHECK_OK(put(&b, 5, 5, true, &e) && put(&b, 7, 7, true, &e), &e);
	CHECK_OK(offer(&b, 5, 5, &known, &e), &e);
	CHECK(known == 7);
}

static void filed_without_a_proof_is_not_proven(void)
{
	AUTO_BENCH b = { 0 };
	uint64_t known = 0;
	struct err e;

	CHECK_OK(bench_open(&b, &e), &e);
	CHECK_OK(put(&b, 5, 5, true, &e) && put(&b, 7, 7, false, &e), &e);
	CHECK_OK(offer(&b, 7, 7, &known, &e), &e);
	CHECK(known == 5);
}

static void two_logs_of_one_size_are_evidence(void)
{
	AUTO_BENCH b = { 0 };
	uint64_t known;
	struct err e;

	CHECK_OK(bench_open(&b, &e), &e);
	CHECK_OK(put(&b, 5, 5, true, &e) && put(&b, 7, 7, false, &e), &e);
	CHECK(!offer(&b, 5, 6, &known, &e) && e.code == ERR_PROOF);
	CHECK(!offer(&b, 7, 6, &known, &e) && e.code == ERR_PROOF);
}

static void others_cannot_sign_for_the_hub(void)
{
	AUTO_BENCH b = { 0 };
	struct checkpoint c;
	struct tree_head known;
	struct note note;
	struct err e;

	CHECK_OK(bench_open(&b, &e), &e);
	CHECK_OK(note_make(&stranger, 5, 5, &note, &e), &e);
	CHECK(!proof_checkpoint_offer(&b.party, &note, &c, &known, &e) && e.code == ERR_SIGNATURE);
	CHECK_OK(note_make(&hub, 5, 5, &note, &e), &e);
	snprintf(b.party.origin, sizeof(b.party.origin), "pusat/another");
	CHECK(!proof_checkpoint_offer(&b.party, &note, &c, &known, &e));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(the_first_is_taken_as_it_is),
		TAP(a_size_seen_before_is_no_excuse_for_going_back),
		TAP(filed_without_a_proof_is_not_proven),
		TAP(two_logs_of_one_size_are_evidence),
		TAP(others_cannot_sign_for_the_hub),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
