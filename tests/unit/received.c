/* received.c - by when the hub had a changeset: what its receipts say, whoever asks and whenever. */
#include <stdio.h>
#include <string.h>

#include "cluster.h"
#include "exchange/proof.h"
#include "tap.h"

#define HOUR_MS 3600000
#define EPOCH_S (CLUSTER_EPOCH_MS / 1000)

/* An answer that carries receipts does not arrive. */
static bool lose_answers(struct cluster *c, struct member *from, struct member *to,
			 const struct transport_call *call, struct http_response *ret, struct err *e)
{
	(void)c;
	if (!cluster_deliver(from, to, call, ret, e))
		return false;
	if (strcmp(call->method, "POST") != 0 && strstr(call->url, "/v1/receipts") == NULL)
		return true;
	http_response_done(ret);
	return err_set(e, ERR_NETWORK, "the answer is lost");
}

static bool offices(struct cluster *c, struct err *e)
{
	cluster_begin(c, 5);
	return cluster_add(c, "hub", NULL, e) && cluster_add(c, "ayu", "13.73", e) &&
	       cluster_add(c, "budi", "13.73", e) && cluster_enrol(c, 1, e) && cluster_enrol(c, 2, e) &&
	       cluster_settle(c, e);
}

static uint64_t newest_own(struct member *m)
{
	struct err e;
	int64_t n;

	return db_int(&m->db, "SELECT max(c.n) FROM simpul_changeset c JOIN simpul_chain h ON"
			      " h.no = c.chain_no WHERE h.own = 1", -1, &n, &e) ? (uint64_t)n : 0;
}

/* Seconds after the beginning by which the hub had m's changeset n, as a receipt says; -1: none. */
static int64_t received(struct member *m, uint64_t n)
{
	const struct receipt_expect expect = { .hub = &m->party.hub_key };
	struct receipt_details details;
	struct receipt_text text;
	struct err e;

	if (!proof_receipt(&m->party, n, &text, &e))
		return -1;
	if (!receipt_verify(&(struct bytes){ text.text, text.len }, &expect, &details, &e) ||
	    details.checkpoint.time == 0) {
		tap_note("%s", e.text);
		return -2;
	}
	return (int64_t)details.checkpoint.time - (int64_t)EPOCH_S;
}

/* The same entry as the hub counts it. */
static int64_t at_hub(struct cluster *c, struct member *m, uint64_t n)
{
	struct stmt s = { 0 };
	int64_t found = -1;
	bool row = false;
	struct err e;

	if (db_prepare(&m->db, "SELECT id FROM simpul_changeset WHERE n = ?1", &s, &e)) {
		struct stmt hub = { 0 };
		const void *id;
		size_t len;

		stmt_int(&s, 1, (int64_t)n);
		if (stmt_row(&s, &row, &e) && row &&
		    db_prepare(&c->member[0].db, "SELECT n FROM simpul_changeset WHERE id = ?1", &hub, &e)) {
			id = stmt_get_blob(&s, 0, &len);
			stmt_blob(&hub, 1, id, len);
			if (stmt_row(&hub, &row, &e) && row)
				found = stmt_get_int(&hub, 0);
		}
		stmt_close(&hub);
	}
	stmt_close(&s);
	return found < 0 ? -1 : received(&c->member[0], (uint64_t)found);
}

static void when_it_arrived(void)
{
	AUTO_CLUSTER c = { 0 };
	struct member *ayu = &c.member[1];
	struct err e;
	uint64_t n;

	CHECK_OK(offices(&c, &e), &e);
	ayu->skew_ms = -3 * INT64_C(86400000); /* the office's own clock has no say */
	CHECK_OK(cluster_restart(ayu, &e), &e); /* and asks the hub for the time anew */
	c.now_ms += HOUR_MS;
	CHECK_OK(cluster_write(ayu, "INSERT INTO plan(id, title) VALUES('p', 'satu')", &e), &e);
	CHECK_OK(cluster_sync(&c, 1, 0, &e), &e);
	n = newest_own(ayu);
	CHECK(received(ayu, n) == 3600);
	CHECK(at_hub(&c, ayu, n) == 3600);
}

/* The line breaks after the hub has it, and others write meanwhile: it was there when it was there. */
static void an_answer_lost_makes_nobody_late(void)
{
	AUTO_CLUSTER c = { 0 };
	struct member *ayu = &c.member[1], *budi = &c.member[2];
	struct err e;
	uint64_t n;

	CHECK_OK(offices(&c, &e), &e);
	c.now_ms += HOUR_MS;
	CHECK_OK(cluster_write(ayu, "INSERT INTO plan(id, title) VALUES('p', 'satu')", &e), &e);
	c.call = lose_answers;
	CHECK(!cluster_sync(&c, 1, 0, &e));
	c.call = NULL;
	n = newest_own(ayu);
	CHECK(received(ayu, n) == -1);
	for (int i = 0; i < 3; i++) {
		c.now_ms += HOUR_MS;
		CHECK_OK(cluster_write(budi, "INSERT INTO plan(id, title) VALUES(hex(randomblob(4)), 'x')",
				       &e), &e);
		CHECK_OK(cluster_sync(&c, 2, 0, &e), &e);
	}
	CHECK_OK(cluster_sync(&c, 1, 0, &e), &e);
	CHECK(received(ayu, n) == 3600);
	CHECK(at_hub(&c, ayu, n) == 3600);
	CHECK(received(budi, newest_own(budi)) == 4 * 3600);
}

/* The hub's clock is set back, and it starts again: what it signs goes on from where it was. */
static void the_time_never_goes_back(void)
{
	AUTO_CLUSTER c = { 0 };
	struct member *ayu = &c.member[1], *hub = &c.member[0];
	struct err e;

	CHECK_OK(offices(&c, &e), &e);
	c.now_ms += 2 * HOUR_MS;
	CHECK_OK(cluster_write(ayu, "INSERT INTO plan(id, title) VALUES('p', 'satu')", &e), &e);
	CHECK_OK(cluster_sync(&c, 1, 0, &e), &e);
	CHECK(received(ayu, newest_own(ayu)) == 2 * 3600);
	hub->skew_ms = -HOUR_MS;
	CHECK_OK(cluster_restart(ayu, &e), &e);
	CHECK_OK(cluster_write(ayu, "UPDATE plan SET title = 'dua'", &e), &e);
	CHECK_OK(cluster_sync(&c, 1, 0, &e), &e);
	CHECK(received(ayu, newest_own(ayu)) == 2 * 3600);
	CHECK_OK(cluster_restart(hub, &e), &e);
	CHECK_OK(cluster_write(ayu, "UPDATE plan SET title = 'tiga'", &e), &e);
	CHECK_OK(cluster_sync(&c, 1, 0, &e), &e);
	CHECK(received(ayu, newest_own(ayu)) == 2 * 3600);
	c.now_ms += 2 * HOUR_MS;
	CHECK_OK(cluster_write(ayu, "UPDATE plan SET title = 'empat'", &e), &e);
	CHECK_OK(cluster_sync(&c, 1, 0, &e), &e);
	CHECK(received(ayu, newest_own(ayu)) == 3 * 3600);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(when_it_arrived),
		TAP(an_answer_lost_makes_nobody_late),
		TAP(the_time_never_goes_back),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
