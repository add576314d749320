/*
 * serve.c - what a hub answers to requests that are wrong in one way each, and that nothing comes of them.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "cluster.h"
#include "exchange/feed.h"
#include "exchange/settle.h"
#include "simpul/seal.h"
#include "tap.h"

static struct cluster region;

struct ask {
	const char *method;
	const char *target;
	const void *body;
	size_t body_len;
	const char *host;	    /* NULL: the hub's */
	const char *signed_target;  /* NULL: the same */
	const char *signed_method;  /* NULL: the same */
	int64_t clock_ms;	    /* of the signature, less the hub's */
	const struct party *signer; /* NULL: nobody */
	const char *drop;	    /* a field that is left out */
	const char *digest;	    /* NULL: the true one */
	bool as_signed_before;	    /* with the fields of the last ask */
};

static struct http_fields last_fields;

static bool put_fields(const struct ask *ask, struct http_request *request, struct err *e)
{
	struct http_fields *made = &last_fields;
	char url[256];
	struct transport_call call = {
		.method = ask->signed_method == NULL ? ask->method : ask->signed_method,
		.url = url,
		.body = { request->body.data, request->body.len },
	};

	snprintf(url, sizeof(url), "https://%s%s", ask->host == NULL ? "hub.test" : ask->host,
		 ask->signed_target == NULL ? ask->target : ask->signed_target);
	if (!ask->as_signed_before) {
		http_fields_done(made);
		if (ask->signer != NULL &&
		    !party_sign_request((struct party *)(uintptr_t)ask->signer, &call, ask->clock_ms, made,
					e))
			return false;
	}
	for (size_t i = 0; i < made->n; i++) {
		const char *name = made->at[i].name, *value = made->at[i].value;

		if (ask->drop != NULL && strcmp(name, ask->drop) == 0)
			continue;
		if (ask->digest != NULL && strcmp(name, "Content-Digest") == 0)
			value = ask->digest;
		if (!http_fields_put(&request->fields, name, value))
			return err_set(e, ERR_INTERNAL, "no room for %s", name);
	}
	return true;
}

/* The status; the body's problem type without its prefix in slug. */
static int answer_to(const struct ask *ask, char slug[64], struct http_response *response)
{
	struct http_request request = { 0 };
	AUTO_JSON json = NULL;
	struct err e;

	slug[0] = '\0';
	if (!http_request_init(&request, ask->method, ask->target, &e))
		return -1;
	request.secure = true;
	buf_put(&request.body, ask->body, ask->body_len);
	if (!http_fields_put(&request.fields, "Host", ask->host == NULL ? "hub.test" : ask->host) ||
	    !put_fields(ask, &request, &e)) {
		http_request_done(&request);
		return -1;
	}
	serve_alone(&region.member[0].party, hub_routes(), &request, response);
	http_request_done(&request);
	if (strcmp(response->content_type, "application/problem+json") == 0 &&
	    json_parse(response->body.data, response->body.len, &json, &e)) {
		const char *type = json_text_or_empty(json, "type"), *colon = strrchr(type, ':');

		snprintf(slug, 64, "%s", colon == NULL ? type : colon + 1);
	}
	return response->status;
}

static bool says(const struct ask *ask, int status, const char *slug)
{
	struct http_response response = { 0 };
	char got[64];
	int code = answer_to(ask, got, &response);
	bool ok = code == status && strcmp(got, slug) == 0;

	if (!ok)
		tap_note("%s %s: %d %s, not %d %s: %.*s", ask->method, ask->target, code, got, status, slug,
			 (int)response.body.len, buf_string(&response.body));
	http_response_done(&response);
	return ok;
}

static struct ask a_push(const void *body, size_t len, const struct party *signer)
{
	return (struct ask){ .method = "POST", .target = "/v1/changesets", .body = body, .body_len = len,
			     .signer = signer };
}

static bool says_push(const struct buf *frames, unsigned member, int status, const char *slug)
{
	struct ask ask = a_push(frames->data, frames->len, &region.member[member].party);

	return says(&ask, status, slug);
}

static void finish(int *unused)
{
	(void)unused;
	http_fields_done(&last_fields);
	cluster_end(&region);
}

#define REGION __attribute__((cleanup(finish), unused)) int ends = 0

/* A hub, an enrolled node with one unsent changeset, another in another scope. */
static bool begin(struct err *e)
{
	cluster_begin(&region, 1);
	return cluster_add(&region, "hub", NULL, e) && cluster_add(&region, "ayu", "13.7", e) &&
	       cluster_add(&region, "budi", "13.73", e) && cluster_enrol(&region, 1, e) &&
	       cluster_enrol(&region, 2, e) && cluster_settle(&region, e) &&
	       cluster_write(&region.member[1], "INSERT INTO plan(id, title) VALUES('a', 'one')", e);
}

/* What ayu would send: sealed, and read from its file. */
static bool unsent(struct buf *frames, struct err *e)
{
	struct member *m = &region.member[1];
	AUTO_RESET s = { 0 };
	AUTO_TXN txn = { 0 };
	bool row = true;

	if (!txn_begin(&txn, &m->db, e) || !party_settle(&m->party, e) || !txn_commit(&txn, e) ||
	    !db_statement(&m->db, "SELECT frame FROM simpul_changeset WHERE custody = 0 ORDER BY n", &s, e))
		return false;
	while (row) {
		const void *frame;
		size_t len;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		frame = stmt_get_blob(&s, 0, &len);
		buf_put(frames, frame, len);
	}
	return frames->len > 0 || err_set(e, ERR_NOT_FOUND, "nothing was sealed");
}

static int64_t held_at_hub(void)
{
	struct err e;
	int64_t n = -1;

	return db_int(&region.member[0].db, "SELECT (SELECT count(*) FROM simpul_changeset) * 1000 +"
					    " (SELECT count(*) FROM simpul_held)", -1, &n, &e) ? n : -1;
}

static void unsigned_and_ill_signed(void)
{
	REGION;
	struct err e;
	AUTO_BUF frames = { 0 };
	struct ask good = { .method = "POST", .target = "/v1/changesets" }, ask;
	int64_t before;

	CHECK_OK(begin(&e), &e);
	CHECK_OK(unsent(&frames, &e), &e);
	before = held_at_hub();
	good.body = frames.data;
	good.body_len = frames.len;
	good.signer = &region.member[1].party;

	ask = good, ask.signer = NULL;
	CHECK(says(&ask, 403, "forbidden"));
	ask = good, ask.drop = "Signature";
	CHECK(says(&ask, 403, "forbidden"));
	ask = good, ask.drop = "Signature-Input";
	CHECK(says(&ask, 403, "forbidden"));
	ask = good, ask.signed_target = "/v1/heads?scope=13.7";
	CHECK(says(&ask, 403, "signature"));
	ask = good, ask.signed_method = "PUT";
	CHECK(says(&ask, 403, "signature"));
	CHECK(held_at_hub() == before);
	CHECK(says(&good, 200, ""));
	CHECK(held_at_hub() > before);
}

/* A request signed for one hub is not good at another. */
static void signed_for_another_host(void)
{
	REGION;
	struct transport_call call = { .method = "GET", .url = "https://other.test/v1/heads?scope=13.7" };
	struct http_request request = { 0 };
	struct http_response response = { 0 };
	struct http_fields fields = { 0 };
	struct err e;
	bool put;
	int status;

	CHECK_OK(begin(&e), &e);
	CHECK_OK(party_sign_request(&region.member[1].party, &call, 0, &fields, &e), &e);
	CHECK_OK(http_request_init(&request, "GET", "/v1/heads?scope=13.7", &e), &e);
	request.secure = true;
	put = http_fields_put(&request.fields, "Host", "hub.test");
	for (size_t i = 0; i < fields.n; i++)
		put &= http_fields_put(&request.fields, fields.at[i].name, fields.at[i].value);
	serve_alone(&region.member[0].party, hub_routes(), &request, &response);
	status = response.status;
	http_fields_done(&fields);
	http_request_done(&request);
	http_response_done(&response);
	CHECK(put);
	CHECK(status == 403);
}

static void bodies_that_are_not_what_was_signed(void)
{
	REGION;
	struct err e;
	AUTO_BUF frames = { 0 };
	struct ask good = { .method = "POST", .target = "/v1/changesets" }, ask;
	char digest[MESSAGE_DIGEST_SIZE];
	int64_t before;

	CHECK_OK(begin(&e), &e);
	CHECK_OK(unsent(&frames, &e), &e);
	before = held_at_hub();
	good.body = frames.data;
	good.body_len = frames.len;
	good.signer = &region.member[1].party;

	ask = good, ask.drop = "Content-Digest";
	CHECK(says(&ask, 400, "malformed"));
	ask = good, ask.digest = "sha-256=:AAAA:";
	CHECK(says(&ask, 400, "malformed"));
	/* The digest of another body: it fits neither the body nor, made to fit, the signature. */
	message_digest("x", 1, digest);
	ask = good, ask.digest = digest;
	CHECK(says(&ask, 400, "hash-mismatch"));
	CHECK(held_at_hub() == before);
	CHECK(says(&good, 200, ""));
	ask = good, ask.as_signed_before = true, ask.body = "x", ask.body_len = 1, ask.digest = digest;
	CHECK(says(&ask, 403, "signature"));
}

static void replays_and_wrong_clocks(void)
{
	REGION;
	struct err e;
	struct ask good = { .method = "GET", .target = "/v1/heads?scope=13.7" }, ask;

	CHECK_OK(begin(&e), &e);
	good.signer = &region.member[1].party;
	CHECK(says(&good, 200, ""));
	ask = good, ask.as_signed_before = true;
	CHECK(says(&ask, 403, "forbidden"));
	ask = good, ask.clock_ms = PARTY_CREATED_S_MAX * 1000;
	CHECK(says(&ask, 200, ""));
	ask = good, ask.clock_ms = (PARTY_CREATED_S_MAX + 1) * 1000;
	CHECK(says(&ask, 400, "clock"));
	ask = good, ask.clock_ms = -PARTY_CREATED_S_MAX * 1000;
	CHECK(says(&ask, 200, ""));
	ask = good, ask.clock_ms = -(PARTY_CREATED_S_MAX + 1) * 1000;
	CHECK(says(&ask, 400, "clock"));
	/* Too old a request stays refused when the hub has forgotten it. */
	CHECK(says(&good, 200, ""));
	region.now_ms += (PARTY_CREATED_S_MAX + 1) * 1000;
	nonces_done(&region.member[0].party.nonces);
	ask = good, ask.as_signed_before = true;
	CHECK(says(&ask, 400, "clock"));
}

/* The same answer, byte for byte but the scope: nobody learns which scopes there are. */
static void a_foreign_scope_looks_like_none(void)
{
	REGION;
	static const char *const paths[] = { "/v1/heads?scope=", "/v1/changesets?scope=",
					     "/v1/receipts?scope=" };
	struct err e;

	CHECK_OK(begin(&e), &e);
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct http_response there = { 0 }, nowhere = { 0 };
		char slug[64], target[64];
		struct ask ask = { .method = "GET", .target = target, .signer = &region.member[1].party };
		bool same;
		int a, b;

		snprintf(target, sizeof(target), "%s13.73", paths[i]);
		a = answer_to(&ask, slug, &there);
		snprintf(target, sizeof(target), "%s99.99", paths[i]);
		b = answer_to(&ask, slug, &nowhere);
		same = a == 403 && b == 403 && there.body.len == nowhere.body.len &&
		       memcmp(there.body.data, nowhere.body.data, there.body.len) == 0;
		http_response_done(&there);
		http_response_done(&nowhere);
		CHECK(same);
	}
}

static void who_has_no_grant(void)
{
	REGION;
	struct err e;
	struct party stranger;
	AUTO_BUF frames = { 0 };
	struct ask ask = { .method = "GET", .target = "/v1/heads?scope=national", .signer = &stranger };
	int64_t before;

	CHECK_OK(begin(&e), &e);
	CHECK_OK(unsent(&frames, &e), &e);
	before = held_at_hub();
	stranger = region.member[1].party;
	memset(stranger.secret.bytes, 99, sizeof(stranger.secret.bytes));
	CHECK(says(&ask, 403, "forbidden"));
	ask.target = "/v1/changesets?scope=national";
	CHECK(says(&ask, 403, "forbidden"));
	ask = a_push(frames.data, frames.len, &stranger);
	CHECK(says(&ask, 403, "forbidden"));
	CHECK(held_at_hub() == before);
}

static void queries_that_make_no_sense(void)
{
	REGION;
	static const char *const targets[] = {
		"/v1/heads", "/v1/heads?scope=UPPER", "/v1/heads?scope=%2e%2e%00", "/v1/changesets",
		"/v1/changesets?scope=13.7&after=18446744073709551615",
		"/v1/changesets?scope=13.7&except=zz", "/v1/receipts?scope=13.7",
		"/v1/receipts?scope=13.7&chain=0123", "/v1/consistency?to=1",
	};
	struct err e;

	CHECK_OK(begin(&e), &e);
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		struct ask ask = { .method = "GET", .target = targets[i], .signer = &region.member[1].party };
		struct http_response response = { 0 };
		char slug[64];
		int status = answer_to(&ask, slug, &response);

		http_response_done(&response);
		if (status != 400)
			tap_note("%s: %d", targets[i], status);
		CHECK(status == 400);
	}
}

static void routes_that_are_not_there(void)
{
	REGION;
	struct err e;
	struct ask ask = { .method = "GET", .target = "/v1/nothing" };

	CHECK_OK(begin(&e), &e);
	CHECK(says(&ask, 404, "not-found"));
	ask = (struct ask){ .method = "DELETE", .target = "/v1/changesets" };
	CHECK(says(&ask, 405, "method"));
	ask = (struct ask){ .method = "GET", .target = "/v1/hello" };
	CHECK(says(&ask, 400, "malformed"));
	ask = (struct ask){ .method = "GET", .target = "/v1/hello?nonce=short" };
	CHECK(says(&ask, 400, "malformed"));
}

/* Cut anywhere, or followed by something: the request is refused as a whole. */
static void frames_that_are_cut(void)
{
	REGION;
	struct err e;
	AUTO_BUF frames = { 0 };
	int64_t before;

	CHECK_OK(begin(&e), &e);
	CHECK_OK(unsent(&frames, &e), &e);
	before = held_at_hub();
	for (size_t len = 0; len < frames.len; len += 1 + frames.len / 97) {
		struct ask ask = a_push(frames.data, len, &region.member[1].party);
		struct http_response response = { 0 };
		char slug[64];
		int status;
		size_t first;

		/* The whole of the first frame is a good request. */
		CHECK_OK(seal_length(frames.data, frames.len, &first, &e), &e);
		if (len == first)
			continue;
		status = answer_to(&ask, slug, &response);
		http_response_done(&response);
		CHECK(status == 400);
		CHECK(held_at_hub() == before);
	}
	buf_put(&frames, "SMP", 3);
	CHECK(says_push(&frames, 1, 400, "malformed"));
	CHECK(held_at_hub() == before);
}

/* A frame that is damaged is refused, the others of its request are not. */
static void one_bad_frame_among_good(void)
{
	REGION;
	struct err e;
	AUTO_BUF frames = { 0 };
	struct http_response response = { 0 };
	AUTO_ANSWER answer = { 0 };
	struct ask ask = { .method = "POST", .target = "/v1/changesets", .signer = &region.member[1].party };
	char slug[64];
	size_t first;
	bool ok;

	CHECK_OK(begin(&e), &e);
	CHECK_OK(unsent(&frames, &e), &e);
	CHECK_OK(seal_length(frames.data, frames.len, &first, &e), &e);
	CHECK(first < frames.len); /* the schema document, then the data */
	frames.data[frames.len - 1] ^= 1;
	ask.body = frames.data;
	ask.body_len = frames.len;
	ok = answer_to(&ask, slug, &response) == 200 &&
	     answer_decode(response.body.data, response.body.len, &answer, &e);
	http_response_done(&response);
	CHECK(ok);
	CHECK(answer.items == 2);
	CHECK(answer.item[0].state == ANSWER_LOGGED && answer.item[0].proven);
	CHECK(answer.item[1].state == ANSWER_REFUSED && !answer.item[1].proven);
	CHECK(answer.checkpoint.len > 0);
}

/* Sent ten times, each time freshly signed: the hub holds it once and proves the same index. */
static void the_same_again(void)
{
	REGION;
	struct err e;
	AUTO_BUF frames = { 0 };
	int64_t once = 0;
	uint64_t index = 0;

	CHECK_OK(begin(&e), &e);
	CHECK_OK(unsent(&frames, &e), &e);
	for (int i = 0; i < 10; i++) {
		struct ask ask = a_push(frames.data, frames.len, &region.member[1].party);
		struct http_response response = { 0 };
		AUTO_ANSWER answer = { 0 };
		char slug[64];
		bool ok = answer_to(&ask, slug, &response) == 200 &&
			  answer_decode(response.body.data, response.body.len, &answer, &e);

		http_response_done(&response);
		CHECK(ok && answer.items == 2 && answer.item[1].state == ANSWER_LOGGED);
		if (i == 0) {
			once = held_at_hub();
			index = answer.item[1].index;
		}
		CHECK(held_at_hub() == once);
		CHECK(answer.item[1].index == index);
	}
}

static void revoked_at_the_door(void)
{
	REGION;
	struct err e;
	struct chain_id chain;
	AUTO_BUF frames = { 0 };
	AUTO_STMT s = { 0 };
	const void *id;
	size_t len;
	bool row;
	int64_t before;

	CHECK_OK(begin(&e), &e);
	CHECK_OK(unsent(&frames, &e), &e);
	CHECK_OK(db_prepare(&region.member[1].db, "SELECT id, head_seq FROM simpul_chain WHERE own", &s, &e),
		 &e);
	CHECK_OK(stmt_row(&s, &row, &e), &e);
	id = stmt_get_blob(&s, 0, &len);
	CHECK(row && len == sizeof(chain.bytes));
	memcpy(chain.bytes, id, len);
	CHECK_OK(hub_revoke(&region.member[0].party, &chain, 1, "stolen", &e), &e);
	before = held_at_hub();
	CHECK(says_push(&frames, 1, 403, "revoked"));
	CHECK(says(&(struct ask){ .method = "GET", .target = "/v1/changesets?scope=13.7",
				  .signer = &region.member[1].party }, 403, "revoked"));
	CHECK(held_at_hub() == before);
	/* Carried in by somebody else: looked at, and refused one by one. */
	CHECK(says_push(&frames, 2, 200, ""));
	CHECK(held_at_hub() == before);
}

/* As a full disk does: it rolls back the whole transaction, not only the request's part. */
static bool write_and_lose_all(struct party *p, struct serve_job *job, struct err *e)
{
	(void)job;
	return db_exec(p->db, "CREATE TEMP TABLE once(n UNIQUE); INSERT INTO once VALUES(1);"
			      " INSERT OR ROLLBACK INTO once VALUES(1)", e);
}

/* What comes after in the same batch must not be committed piece by piece. */
static void a_lost_transaction_ends_the_batch(void)
{
	REGION;
	static const struct serve_route routes[] = {
		{ "POST", "/lose", .writes = true, .open = true, .write = write_and_lose_all },
		{ .path = NULL },
	};
	static const char state[] = "SELECT (SELECT count(*) FROM simpul_log) * 1000 +"
				    " (SELECT count(*) FROM simpul_changeset)";
	struct member *m = &region.member[1];
	struct http_request request = { 0 };
	struct http_response response = { 0 };
	int64_t before, after;
	struct err e;
	int status;

	CHECK_OK(begin(&e), &e);
	CHECK_OK(db_int(&m->db, state, 0, &before, &e), &e);
	CHECK(before >= 1000); /* something waits to be sealed */
	CHECK_OK(http_request_init(&request, "POST", "/lose", &e), &e);
	serve_alone(&m->party, routes, &request, &response);
	status = response.status;
	http_request_done(&request);
	http_response_done(&response);
	CHECK(status == 500);
	CHECK_OK(db_int(&m->db, state, 0, &after, &e), &e);
	CHECK(after == before);
}

/* A request that ayu would send, signed, as a job at the hub that was begun. */
static bool job_begin(const struct buf *frames, struct http_request *request, struct serve_job *job,
		      struct err *e)
{
	struct ask ask = a_push(frames->data, frames->len, &region.member[1].party);

	if (!http_request_init(request, ask.method, ask.target, e))
		return false;
	request->secure = true;
	buf_put(&request->body, frames->data, frames->len);
	job->request = request;
	if (!http_fields_put(&request->fields, "Host", "hub.test") || !put_fields(&ask, request, e))
		return false;
	serve_begin(&region.member[0].party, hub_routes(), job);
	return !job->done || err_set(e, ERR_INTERNAL, "the request was refused");
}

static int64_t count_at_hub(const char *sql)
{
	struct err e;
	int64_t n;

	return db_int(&region.member[0].db, sql, -1, &n, &e) ? n : -1;
}

static bool answered_with_receipts(const struct http_response *response, size_t items)
{
	AUTO_ANSWER answer = { 0 };
	struct err e;

	if (response->status != 200 ||
	    !answer_decode(response->body.data, response->body.len, &answer, &e) || answer.items != items)
		return false;
	for (size_t i = 0; i < items; i++)
		if (answer.item[i].state != ANSWER_LOGGED || !answer.item[i].proven)
			return false;
	return true;
}

static const char waiting[] = "SELECT count(*) FROM simpul_changeset WHERE state = 0";
static const char merged[] = "SELECT count(*) FROM plan";

/* Custody is not merge: the receipts are there before, and a hub that ends in between goes on later. */
static void answered_before_it_is_merged(void)
{
	REGION;
	struct member *hub = &region.member[0];
	struct http_response response = { 0 };
	struct http_request request = { 0 };
	struct serve_job job = { .response = &response }, *jobs[] = { &job };
	AUTO_BUF frames = { 0 };
	bool more = true, answered;
	struct err e;

	CHECK_OK(begin(&e) && unsent(&frames, &e) && job_begin(&frames, &request, &job, &e), &e);
	CHECK_OK(serve_part(&hub->party, jobs, 1, &more, &e), &e);
	CHECK(!more && job.written);
	serve_finish(&hub->party, &job);
	answered = answered_with_receipts(&response, job.answer.items);
	serve_done(&job);
	http_request_done(&request);
	http_response_done(&response);
	CHECK(answered);
	CHECK(count_at_hub(waiting) > 0 && count_at_hub(merged) < 1); /* no table yet */
	CHECK_OK(cluster_restart(hub, &e) && settle_parts(&hub->party, &e), &e);
	CHECK(count_at_hub(waiting) == 0 && count_at_hub(merged) == 1);
}

static uint64_t late_ms;

static uint64_t always_later(void *state)
{
	(void)state;
	return late_ms += 2000;
}

/* Where one changeset takes a turn's time, others get the file in between; the answer is of all of them. */
static void a_request_is_taken_in_in_parts(void)
{
	REGION;
	struct member *hub = &region.member[0], *ayu = &region.member[1];
	struct http_response response = { 0 };
	struct http_request request = { 0 };
	struct serve_job job = { .response = &response }, *jobs[] = { &job };
	struct world slow;
	AUTO_BUF frames = { 0 };
	bool more = true, answered;
	int64_t parts = 0, before;
	struct err e;

	CHECK_OK(begin(&e), &e);
	ayu->party.changes_max = 1;
	CHECK_OK(cluster_write(ayu, "INSERT INTO plan(id, title) VALUES('b', 'two'), ('c', 'three')", &e) &&
			 unsent(&frames, &e) && job_begin(&frames, &request, &job, &e),
		 &e);
	slow = hub->world;
	slow.monotonic_ms = always_later;
	hub->party.world = &slow;
	before = count_at_hub("SELECT count(*) FROM simpul_changeset");
	for (; more; parts++) {
		CHECK_OK(serve_part(&hub->party, jobs, 1, &more, &e), &e);
		CHECK(count_at_hub("SELECT count(*) FROM simpul_changeset") == before + parts + 1);
		CHECK(job.written == !more && db_idle(&hub->db));
	}
	hub->party.world = &hub->world;
	serve_finish(&hub->party, &job);
	answered = answered_with_receipts(&response, (size_t)parts);
	serve_done(&job);
	http_request_done(&request);
	http_response_done(&response);
	CHECK(parts >= 3 && answered);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(unsigned_and_ill_signed),
		TAP(signed_for_another_host),
		TAP(bodies_that_are_not_what_was_signed),
		TAP(replays_and_wrong_clocks),
		TAP(a_foreign_scope_looks_like_none),
		TAP(who_has_no_grant),
		TAP(queries_that_make_no_sense),
		TAP(routes_that_are_not_there),
		TAP(frames_that_are_cut),
		TAP(one_bad_frame_among_good),
		TAP(the_same_again),
		TAP(revoked_at_the_door),
		TAP(a_lost_transaction_ends_the_batch),
		TAP(answered_before_it_is_merged),
		TAP(a_request_is_taken_in_in_parts),
	};

	log_set_level(LOG_ERROR);
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
