/* enrol.c - invitations: once, one device, one scope, in time; a failed try leaves nothing at the node. */
#include <stdio.h>
#include <string.h>

#include "cluster.h"
#include "exchange/enrol.h"
#include "store/tables.h"
#include "tap.h"

#define HOUR_MS UINT64_C(3600000)

/* An invitation for a scope, as it is read from a sheet of paper. */
static bool invite(struct cluster *c, const char *scope, uint64_t valid_ms, struct invitation *ret,
		   struct err *e)
{
	struct invitation_text text;

	*ret = (struct invitation){ .role = ROLE_WRITER };
	snprintf(ret->url, sizeof(ret->url), "%s", c->member[0].url);
	return scope_parse(scope, strlen(scope), &ret->scope, e) &&
	       hub_invite(&c->member[0].party, ret, valid_ms, &text, e) &&
	       invitation_decode(text.text, strlen(text.text), ret, e);
}

static bool region_open(struct cluster *c, struct err *e)
{
	cluster_begin(c, 1);
	return cluster_add(c, "hub", NULL, e) && cluster_add(c, "ayu", "13.7", e) &&
	       cluster_add(c, "budi", "13.7", e);
}

static bool enrol(struct cluster *c, unsigned no, const struct invitation *invitation, struct err *e)
{
	return enrol_at_hub(&c->member[no].party, &c->member[no].transport, invitation, e);
}

static int64_t number(struct member *m, const char *sql)
{
	struct err e;
	int64_t n;

	return db_int(&m->db, sql, 0, &n, &e) ? n : -1;
}

/* Nothing of the hub is on file at a node that was turned away, so it can turn to another. */
static bool is_new(struct member *m)
{
	return m->party.origin[0] == '\0' && number(m, "SELECT count(*) FROM simpul_peer") == 0 &&
	       number(m, "SELECT count(*) FROM simpul_chain") == 0 &&
	       number(m, "SELECT count(*) FROM simpul_changeset") == 0;
}

static const char grants[] = "SELECT count(*) FROM simpul_grant";

static void who_was_made_for_one_scope_joins_that_first(void)
{
	AUTO_CLUSTER c = { 0 };
	struct invitation other, own;
	struct err e;

	CHECK_OK(region_open(&c, &e) && invite(&c, "13.8", HOUR_MS, &other, &e) &&
		 invite(&c, "13.7", HOUR_MS, &own, &e), &e);
	CHECK_OK(meta_put_text(&c.member[1].db, "scope", "13.7", &e), &e);
	CHECK(!enrol(&c, 1, &other, &e) && e.code == ERR_INVITATION && is_new(&c.member[1]));
	CHECK(strstr(e.text, "13.7") != NULL && strstr(e.text, "13.8") != NULL);
	CHECK_OK(enrol(&c, 1, &own, &e), &e);
	CHECK_OK(enrol(&c, 1, &other, &e), &e);
}

/* The request of `no` for 13.7, answered if `approve` is not NULL; what asking again says then. */
static bool ask_and_answer(struct cluster *c, unsigned no, const bool *approve, struct err *e)
{
	struct hub_answer answer = { .role = ROLE_WRITER, .valid_ms = HOUR_MS };
	struct transport *t = &c->member[no].transport;
	struct party *p = &c->member[no].party;
	char words[INVITATION_WORDS_SIZE];
	struct invitation mine;
	struct err pending;

	invitation_words(&p->key, words);
	answer.words = words;
	answer.approve = approve != NULL && *approve;
	if (!enrol_meet(p, t, c->member[0].url, &mine, e) || !scope_parse("13.7", 4, &mine.scope, e) ||
	    !enrol_ask_put(p, &mine, e))
		return false;
	for (int i = 0; i < 3; i++) /* the same question again is one question */
		if (enrol_ask_again(p, t, &pending) || pending.code != ERR_PENDING)
			return err_set(e, ERR_INTERNAL, "not pending: %s", pending.text);
	if (approve != NULL && !hub_request_answer(&c->member[0].party, &answer, e))
		return false;
	return enrol_ask_again(p, t, e);
}

static bool count_waiting(void *state, const struct hub_request *r)
{
	*(int *)state += r->waiting;
	return true;
}

static void who_has_no_invitation_asks(void)
{
	static const bool yes = true, no = false;
	AUTO_CLUSTER c = { 0 };
	int waiting = 0;
	bool asks;
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK(!ask_and_answer(&c, 1, NULL, &e) && e.code == ERR_PENDING && is_new(&c.member[1]));
	CHECK_OK(hub_request_list(&c.member[0].party, count_waiting, &waiting, &e), &e);
	CHECK(waiting == 1 && number(&c.member[0], grants) == 0);
	CHECK_OK(ask_and_answer(&c, 1, &yes, &e), &e);
	CHECK(number(&c.member[0], grants) == 1 && number(&c.member[1], grants) == 1);
	CHECK_OK(enrol_asks(&c.member[1].party, &asks, &e), &e);
	CHECK(!asks);
	CHECK_OK(cluster_write(&c.member[1], "INSERT INTO plan(id, title) VALUES('x', 'y')", &e) &&
		 cluster_sync(&c, 1, 0, &e), &e);

	CHECK(!ask_and_answer(&c, 2, &no, &e) && e.code == ERR_FORBIDDEN && is_new(&c.member[2]));
	CHECK(!enrol_ask_again(&c.member[2].party, &c.member[2].transport, &e) && e.code == ERR_FORBIDDEN);
}

static void an_approval_is_for_that_device_and_in_time(void)
{
	struct hub_answer answer = { .approve = true, .role = ROLE_WRITER, .valid_ms = HOUR_MS };
	AUTO_CLUSTER c = { 0 };
	char words[INVITATION_WORDS_SIZE];
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK(!ask_and_answer(&c, 1, NULL, &e) && !ask_and_answer(&c, 2, NULL, &e));
	answer.words = "lusab-babad-gutih-tugad-mudof-sakat";
	CHECK(!hub_request_answer(&c.member[0].party, &answer, &e) && e.code == ERR_NOT_FOUND);
	invitation_words(&c.member[1].party.key, words);
	answer.words = words;
	CHECK_OK(hub_request_answer(&c.member[0].party, &answer, &e), &e);
	CHECK(!enrol_ask_again(&c.member[2].party, &c.member[2].transport, &e) && e.code == ERR_PENDING);
	CHECK(!hub_request_answer(&c.member[0].party, &answer, &e) && e.code == ERR_NOT_FOUND); /* answered */
	c.now_ms += 2 * HOUR_MS;
	CHECK(!enrol_ask_again(&c.member[1].party, &c.member[1].transport, &e) && e.code == ERR_PENDING);
	CHECK_OK(hub_request_answer(&c.member[0].party, &answer, &e), &e);
	CHECK_OK(enrol_ask_again(&c.member[1].party, &c.member[1].transport, &e), &e);
	answer.role = ROLE_HUB;
	CHECK(!hub_request_answer(&c.member[0].party, &answer, &e) && e.code == ERR_USAGE);
}

static void an_invitation_works_once(void)
{
	AUTO_CLUSTER c = { 0 };
	struct invitation invitation;
	struct err e;

	CHECK_OK(region_open(&c, &e) && invite(&c, "13.7", HOUR_MS, &invitation, &e), &e);
	CHECK_OK(enrol(&c, 1, &invitation, &e), &e);
	CHECK(number(&c.member[0], grants) == 1);
	CHECK(number(&c.member[1], "SELECT count(*) FROM simpul_chain WHERE own AND role = 1") == 1);
	CHECK(!enrol(&c, 2, &invitation, &e) && e.code == ERR_INVITATION);
	CHECK(is_new(&c.member[2]) && number(&c.member[0], grants) == 1);
}

static bool lose_the_answer(struct cluster *c, struct member *from, struct member *to,
			    const struct transport_call *call, struct http_response *ret, struct err *e)
{
	bool *lost = c->arg;

	if (!cluster_deliver(from, to, call, ret, e))
		return false;
	if (strcmp(call->method, "POST") != 0 || *lost)
		return true;
	*lost = true;
	http_response_done(ret);
	return err_set(e, ERR_NETWORK, "the answer was lost");
}

/* The hub has granted, the node does not know: the same words again must give the same grant. */
static void a_lost_answer_is_asked_for_again(void)
{
	AUTO_CLUSTER c = { 0 };
	struct invitation invitation;
	bool lost = false;
	struct err e;

	CHECK_OK(region_open(&c, &e) && invite(&c, "13.7", HOUR_MS, &invitation, &e), &e);
	c.call = lose_the_answer;
	c.arg = &lost;
	CHECK(!enrol(&c, 1, &invitation, &e) && e.code == ERR_NETWORK && lost);
	CHECK(is_new(&c.member[1]) && number(&c.member[0], grants) == 1);
	CHECK_OK(enrol(&c, 1, &invitation, &e), &e);
	CHECK(number(&c.member[0], grants) == 1);
	CHECK(number(&c.member[0], "SELECT count(*) FROM simpul_chain WHERE scope = '13.7'") == 1);
	CHECK_OK(cluster_write(&c.member[1], "INSERT INTO plan(id, title) VALUES('a', 'satu')", &e) &&
		 cluster_sync(&c, 1, 0, &e), &e);
	CHECK(number(&c.member[0], "SELECT count(*) FROM plan") == 1);
}

static void time_runs_out(void)
{
	AUTO_CLUSTER c = { 0 };
	struct invitation invitation;
	struct err e;

	CHECK_OK(region_open(&c, &e) && invite(&c, "13.7", HOUR_MS, &invitation, &e), &e);
	c.now_ms += HOUR_MS + 1000;
	CHECK(!enrol(&c, 1, &invitation, &e) && e.code == ERR_INVITATION && is_new(&c.member[1]));
	/* A node that pretends it is earlier is told the hub's time by the hub itself. */
	invitation.expires_ms += 100 * HOUR_MS;
	CHECK(!enrol(&c, 1, &invitation, &e) && e.code == ERR_INVITATION && is_new(&c.member[1]));
	CHECK(number(&c.member[0], grants) == 0);
}

/* What stands on the paper counts for nothing against what the hub noted beside the token. */
static void a_paper_that_was_altered_opens_nothing(void)
{
	AUTO_CLUSTER c = { 0 };
	struct invitation true_one, altered;
	struct err e;

	CHECK_OK(region_open(&c, &e) && invite(&c, "13.7", HOUR_MS, &true_one, &e), &e);
	altered = true_one;
	CHECK_OK(scope_parse("13.73", 5, &altered.scope, &e), &e);
	CHECK(!enrol(&c, 1, &altered, &e) && e.code == ERR_INVITATION && is_new(&c.member[1]));
	altered = true_one;
	altered.token[0] ^= 1;
	CHECK(!enrol(&c, 1, &altered, &e) && e.code == ERR_INVITATION && is_new(&c.member[1]));
	altered = true_one;
	altered.hub.bytes[0] ^= 1; /* somebody else answers in the hub's place */
	CHECK(!enrol(&c, 1, &altered, &e) && e.code == ERR_PIN && is_new(&c.member[1]));
	CHECK(number(&c.member[0], grants) == 0);
	altered = true_one;
	altered.role = ROLE_READER; /* a lesser role is not taken from the paper either */
	CHECK_OK(enrol(&c, 1, &altered, &e), &e);
	CHECK(number(&c.member[0], "SELECT role FROM simpul_grant") == ROLE_WRITER);
}

static void a_second_scope_and_a_second_hub(void)
{
	AUTO_CLUSTER c = { 0 };
	struct invitation first, second;
	struct err e;

	CHECK_OK(region_open(&c, &e) && invite(&c, "13.7", HOUR_MS, &first, &e) &&
		 invite(&c, "13.73", HOUR_MS, &second, &e), &e);
	CHECK_OK(enrol(&c, 1, &first, &e) && enrol(&c, 1, &second, &e), &e);
	CHECK(number(&c.member[1], "SELECT count(*) FROM simpul_chain WHERE own") == 2);
	CHECK(number(&c.member[1], "SELECT count(*) FROM simpul_peer") == 1);
	second.hub.bytes[5] ^= 1;
	CHECK(!enrol(&c, 1, &second, &e));
	CHECK(!enrol(&c, 0, &first, &e) && e.code == ERR_USAGE); /* a hub has no hub */
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(an_invitation_works_once), TAP(who_was_made_for_one_scope_joins_that_first),
		TAP(who_has_no_invitation_asks), TAP(an_approval_is_for_that_device_and_in_time),
		TAP(a_lost_answer_is_asked_for_again),
		TAP(time_runs_out),
		TAP(a_paper_that_was_altered_opens_nothing),
		TAP(a_second_scope_and_a_second_hub),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
