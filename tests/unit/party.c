/* party.c - who asked, whether they may, and that a refusal can be read by the other side. */
#include <stdio.h>
#include <string.h>

#include "cluster.h"
#include "exchange/answer.h"
#include "exchange/settle.h"
#include "tap.h"

static void response_free(struct http_response *r)
{
	http_response_done(r);
}

#define AUTO_RESPONSE __attribute__((cleanup(response_free))) struct http_response

static void request_free(struct http_request *r)
{
	http_request_done(r);
}

#define AUTO_REQUEST __attribute__((cleanup(request_free))) struct http_request

static bool region_open(struct cluster *c, struct err *e)
{
	cluster_begin(c, 1);
	return cluster_add(c, "hub", NULL, e) && cluster_add(c, "ayu", "13.7", e) &&
	       cluster_add(c, "budi", "13.73", e) && cluster_enrol(c, 1, e) && cluster_enrol(c, 2, e);
}

/* A request as `from` signs it for this URL, as it arrives with this Host. */
static bool ask(struct party *from, const char *url, const char *target, const char *host,
		struct http_request *ret, struct err *e)
{
	struct http_fields fields = { 0 };
	struct transport_call call = { .method = "GET", .url = url };
	bool ok = party_sign_request(from, &call, 0, &fields, e) &&
		  http_request_init(ret, "GET", target, e) && http_fields_put(&ret->fields, "Host", host);

	ret->secure = true;
	for (size_t i = 0; ok && i < fields.n; i++)
		ok = http_fields_put(&ret->fields, fields.at[i].name, fields.at[i].value);
	http_fields_done(&fields);
	return ok;
}

static void the_signer_is_known_by_its_key(void)
{
	AUTO_CLUSTER c = { 0 };
	AUTO_REQUEST r = { 0 };
	struct public_key key;
	struct party *hub, *ayu;
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	hub = &c.member[0].party;
	ayu = &c.member[1].party;
	CHECK_OK(ask(ayu, "https://hub.test/v1/heads?scope=13.7", "/v1/heads?scope=13.7", "hub.test", &r, &e),
		 &e);
	CHECK_OK(party_authenticate(hub, &r, &key, &e), &e);
	CHECK(key_equal(&key, &ayu->key));
	CHECK(!party_authenticate(hub, &r, &key, &e) && e.code == ERR_FORBIDDEN); /* once, not twice */
}

/* Behind a gateway the request's own Host says nothing: what clients call decides. */
static void a_gateway_is_named_by_the_public_url(void)
{
	AUTO_CLUSTER c = { 0 };
	AUTO_REQUEST right = { 0 };
	AUTO_REQUEST wrong = { 0 };
	struct public_key key;
	struct party *hub, *ayu;
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	hub = &c.member[0].party;
	ayu = &c.member[1].party;
	snprintf(hub->public_url, sizeof(hub->public_url), "https://sync.example.go.id");
	CHECK_OK(ask(ayu, "https://sync.example.go.id/v1/heads", "/v1/heads", "127.0.0.1:80", &right, &e),
		 &e);
	CHECK_OK(party_authenticate(hub, &right, &key, &e), &e);
	CHECK_OK(ask(ayu, "https://evil.example/v1/heads", "/v1/heads", "evil.example", &wrong, &e), &e);
	CHECK(!party_authenticate(hub, &wrong, &key, &e) && e.code == ERR_SIGNATURE);
}

static bool sends(struct party *hub, struct party *from, struct err *e)
{
	struct public_key key;
	AUTO_REQUEST r = { 0 };

	return ask(from, "https://hub.test/v1/heads", "/v1/heads", "hub.test", &r, e) &&
	       party_authenticate(hub, &r, &key, e);
}

/* Also when all the room is used up, at once or one second after the other: nobody else is refused for it. */
static void a_flood_makes_no_room_for_a_replay(void)
{
	AUTO_CLUSTER c = { 0 };
	AUTO_REQUEST first = { 0 };
	struct public_key key;
	struct party *hub, *ayu, *budi;
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	hub = &c.member[0].party;
	ayu = &c.member[1].party;
	budi = &c.member[2].party;
	CHECK_OK(ask(ayu, "https://hub.test/v1/heads", "/v1/heads", "hub.test", &first, &e), &e);
	CHECK_OK(party_authenticate(hub, &first, &key, &e), &e);
	for (unsigned i = 1; i < NONCES_EACH; i++)
		CHECK_OK(sends(hub, ayu, &e), &e);
	CHECK(!sends(hub, ayu, &e) && e.code == ERR_BUSY);
	CHECK(!party_authenticate(hub, &first, &key, &e) && e.code == ERR_FORBIDDEN);
	c.now_ms += 1000;
	for (unsigned i = 0; i < NONCES_EACH; i++)
		CHECK_OK(sends(hub, ayu, &e), &e);
	CHECK(!party_authenticate(hub, &first, &key, &e) && e.code == ERR_BUSY);
	CHECK_OK(sends(hub, budi, &e), &e);
	c.now_ms += (PARTY_CREATED_S_MAX + 1) * 1000;
	CHECK(!party_authenticate(hub, &first, &key, &e) && e.code == ERR_CLOCK);
	CHECK_OK(sends(hub, ayu, &e), &e);
}

/* Keys without a right use no memory: anybody can make as many of them as it likes. */
static void strangers_leave_no_trace(void)
{
	AUTO_CLUSTER c = { 0 };
	struct party stranger = { 0 };
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	stranger = c.member[1].party;
	for (uint8_t i = 1; i < 50; i++) {
		memset(stranger.secret.bytes, 100 + i, sizeof(stranger.secret.bytes));
		crypto_public_key(&stranger.secret, &stranger.key);
		CHECK_OK(sends(&c.member[0].party, &stranger, &e), &e);
	}
	CHECK(c.member[0].party.nonces.keys <= 2); /* those two that were enrolled */
}

static void a_right_is_to_one_scope(void)
{
	AUTO_CLUSTER c = { 0 };
	struct public_key stranger = { { 9 } };
	struct party *hub;
	enum role role;
	struct err e, other;

	CHECK_OK(region_open(&c, &e), &e);
	hub = &c.member[0].party;
	CHECK_OK(party_authorize(hub, &c.member[1].party.key, "13.7", &role, &e), &e);
	CHECK(role == ROLE_WRITER);
	CHECK_OK(party_authorize(hub, &c.member[1].party.key, "national", &role, &e), &e);
	CHECK_OK(party_authorize(&c.member[1].party, &hub->key, "13.73", &role, &e), &e);
	CHECK(role == ROLE_HUB);
	/* What is another's and what is not there look the same; 13.7 is no prefix of a right to 13.73. */
	CHECK(!party_authorize(hub, &c.member[1].party.key, "13.73", &role, &e) && e.code == ERR_FORBIDDEN);
	CHECK(!party_authorize(hub, &c.member[1].party.key, "13.99", &role, &other));
	CHECK(other.code == e.code && strcmp(other.text, e.text) == 0);
	CHECK(!party_authorize(hub, &c.member[2].party.key, "13.7", &role, &e));
	CHECK(!party_authorize(hub, &stranger, "national", &role, &e) && e.code == ERR_FORBIDDEN);
}

static void a_problem_is_read_as_it_was_written(void)
{
	for (int code = ERR_OK + 1; code < ERR_COUNT; code++) {
		AUTO_RESPONSE r = { 0 };
		struct err said, heard;

		err_set(&said, (enum err_code)code, "apa yang terjadi: \"%s\"", "x\n");
		party_problem(&r, &said);
		CHECK(r.status == err_http_status((enum err_code)code));
		if (r.status == 200)
			continue;
		CHECK(!party_problem_read(&r, &heard) && heard.code == said.code);
		CHECK(strstr(heard.text, "apa yang terjadi") != NULL);
		CHECK((http_response_header(&r, "Retry-After") != NULL) == err_retry((enum err_code)code));
	}
}

static void any_other_answer_is_a_failed_line(void)
{
	static const struct {
		int status;
		const char *type, *body;
	} wrong[] = {
		{ 302, "text/html", "<html>" },
		{ 500, "application/problem+json", "" },
		{ 500, "application/problem+json", "[7]x" },
		{ 503, "application/json", "{}" },
		{ 204, "", "" },
	};
	struct err e;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		AUTO_RESPONSE r = { 0 };

		http_response_set(&r, wrong[i].status, wrong[i].type, wrong[i].body, strlen(wrong[i].body));
		CHECK(!party_problem_read(&r, &e) && e.code == ERR_NETWORK);
	}
}

/* Only the chain that the hub names, only if it is ours, only for a fork. */
static void a_fork_at_the_hub_freezes_our_chain(void)
{
	static const char frozen[] = "SELECT count(*) FROM simpul_chain WHERE frozen";
	AUTO_CLUSTER c = { 0 };
	AUTO_ANSWER answer = { 0 };
	struct answer_item *item;
	struct party *ayu;
	int64_t n, sealed;
	AUTO_RESET s = { 0 };
	struct err e;
	size_t len;
	bool row;

	CHECK_OK(region_open(&c, &e) && cluster_settle(&c, &e), &e);
	ayu = &c.member[1].party;
	answer_add(&answer)->problem = ERR_FORK; /* of a changeset that is not here */
	CHECK_OK(party_heed_forks(ayu, &answer, &e) && db_int(ayu->db, frozen, -1, &n, &e), &e);
	CHECK(n == 0);
	CHECK_OK(db_statement(ayu->db, "SELECT cs.id FROM simpul_changeset cs JOIN simpul_chain ch ON"
				       " ch.no = cs.chain_no WHERE ch.own = 1", &s, &e) &&
		 stmt_row(&s, &row, &e), &e);
	CHECK(row);
	item = answer_add(&answer);
	memcpy(item->id.bytes, stmt_get_blob(&s, 0, &len), sizeof(item->id.bytes));
	stmt_reset(&s);
	item->problem = ERR_HELD;
	CHECK_OK(party_heed_forks(ayu, &answer, &e) && db_int(ayu->db, frozen, -1, &n, &e), &e);
	CHECK(n == 0);
	item->problem = ERR_FORK;
	CHECK_OK(party_heed_forks(ayu, &answer, &e) && db_int(ayu->db, frozen, -1, &n, &e), &e);
	CHECK(n == 1);
	/* From now on nothing is sealed onto it, and nothing is lost. */
	CHECK_OK(cluster_write(&c.member[1], "INSERT INTO plan(id, title) VALUES('f', 'menunggu')", &e), &e);
	CHECK_OK(settle_parts(ayu, &e), &e);
	CHECK_OK(db_int(ayu->db, "SELECT count(*) FROM simpul_changeset WHERE custody = 0", -1, &sealed,
			&e) && db_int(ayu->db, "SELECT count(*) FROM simpul_log", -1, &n, &e), &e);
	CHECK(sealed == 0 && n == 1);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(the_signer_is_known_by_its_key),
		TAP(a_gateway_is_named_by_the_public_url),
		TAP(a_flood_makes_no_room_for_a_replay),
		TAP(strangers_leave_no_trace),
		TAP(a_right_is_to_one_scope),
		TAP(a_problem_is_read_as_it_was_written),
		TAP(any_other_answer_is_a_failed_line),
		TAP(a_fork_at_the_hub_freezes_our_chain),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
