/*
 * scopes.c - what a party learns of a scope that is not its own: nothing, by any route, at the hub or at a
 * neighbour.
 *
 * Each request is made twice: about what there is in scope 13.73, and about what there is nowhere.  The two
 * answers must be the same bytes, and must cost the other side the same statements.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cluster.h"
#include "exchange/bundle.h"
#include "simpul/seal.h"
#include "tap.h"

enum { HUB, OWNER, READER, RELAY, NEIGHBOUR };

#define FOREIGN "13.73"
#define NOWHERE "13.99"
#define OWN "13.76"
#define SECRET_NAME "sawahlunto"
#define SECRET_VALUE "rahasia"

static struct cluster region;

/* What there is in the foreign scope, in hex and as bytes. */
static struct chain_id chain;
static struct hash changeset;
static char chain_hex[HEX_SIZE(16)], changeset_hex[HEX_SIZE(32)];

static struct cost {
	unsigned statements;
	uint64_t steps;
} cost;

struct reply {
	int status;
	struct buf text; /* all that is not signature, with names of this request put out */
	struct cost cost;
};

static void reply_done(struct reply *reply)
{
	buf_done(&reply->text);
}

#define AUTO_REPLY __attribute__((cleanup(reply_done))) struct reply

static void finish(int *unused)
{
	(void)unused;
	cluster_end(&region);
}

#define REGION __attribute__((cleanup(finish), unused)) int ends = 0

static bool read_secret(struct member *m, struct err *e)
{
	AUTO_RESET s = { 0 };
	const void *bytes;
	size_t len;
	bool row;

	if (!db_statement(&m->db, "SELECT ch.id, cs.id FROM simpul_chain ch JOIN simpul_changeset cs ON"
				  " cs.chain_no = ch.no WHERE ch.own AND cs.kind = 1 ORDER BY cs.n DESC",
			  &s, e) ||
	    !stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "nothing was sealed");
	bytes = stmt_get_blob(&s, 0, &len);
	memcpy(chain.bytes, bytes, sizeof(chain.bytes));
	bytes = stmt_get_blob(&s, 1, &len);
	memcpy(changeset.bytes, bytes, sizeof(changeset.bytes));
	hex_encode(chain.bytes, sizeof(chain.bytes), chain_hex);
	hex_encode(changeset.bytes, sizeof(changeset.bytes), changeset_hex);
	return true;
}

/* The neighbour is of the foreign scope too, and holds all of it, as the hub does. */
static bool begin(struct err *e)
{
	static const struct {
		const char *name, *scope;
		enum role role;
	} party[] = {
		{ SECRET_NAME, FOREIGN, ROLE_WRITER }, { "baca", OWN, ROLE_READER },
		{ "kurir", OWN, ROLE_RELAY }, { "tetangga", FOREIGN, ROLE_WRITER },
	};

	cluster_begin(&region, 7);
	if (!cluster_add(&region, "hub", NULL, e))
		return false;
	for (unsigned i = 0; i < sizeof(party) / sizeof(*party); i++)
		if (!cluster_add(&region, party[i].name, party[i].scope, e) ||
		    !cluster_enrol_as(&region, i + 1, party[i].role, e))
			return false;
	return cluster_write(&region.member[OWNER], "INSERT INTO plan(id, title) VALUES('" SECRET_VALUE
						    "', '" SECRET_VALUE "')", e) &&
	       cluster_settle(&region, e) && read_secret(&region.member[OWNER], e);
}

static int count_cost(unsigned what, void *arg, void *statement, void *unused)
{
	struct cost *c = arg;

	(void)what, (void)unused;
	c->statements++;
	c->steps += (uint64_t)sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
	return 0;
}

/* Problems and routes repeat what was asked for: that is put out, wherever it stands. */
static void put_without(struct buf *out, const void *bytes, size_t len, const char *name)
{
	const char *p = bytes, *end = p + len;
	size_t n = strlen(name);

	while (p < end) {
		const char *hit = n == 0 ? NULL : memmem(p, (size_t)(end - p), name, n);

		buf_put(out, p, (size_t)((hit == NULL ? end : hit) - p));
		if (hit != NULL)
			buf_text(out, "<what was asked for>");
		p = hit == NULL ? end : hit + n;
	}
}

static bool is_signature(const char *name)
{
	return strcmp(name, "Signature") == 0 || strcmp(name, "Signature-Input") == 0 ||
	       strcmp(name, "Content-Digest") == 0 || strcmp(name, "Date") == 0;
}

struct question {
	unsigned from, to;
	bool stranger;	   /* with a key that nobody has granted anything */
	const char *form;  /* GET target with %s for the name */
	const void *frame; /* POST to /v1/changesets instead */
	size_t len;
};

static bool ask(const struct question *q, const char *name, struct reply *ret, struct err *e)
{
	struct member *from = &region.member[q->from], *to = &region.member[q->to];
	struct http_response response = { 0 };
	struct http_fields fields = { 0 };
	struct party party = from->party;
	char target[400], url[500];
	struct transport_call call = { .method = q->frame == NULL ? "GET" : "POST", .url = url,
				       .body = { q->frame, q->len }, .fields = &fields };
	bool ok;

	snprintf(target, sizeof(target), "%.*s%s%s", (int)strcspn(q->form, "%"), q->form, name,
		 q->form + strcspn(q->form, "%") + 2);
	snprintf(url, sizeof(url), "%s%s", to->url, target);
	if (q->stranger)
		memset(party.secret.bytes, 99, sizeof(party.secret.bytes));
	crypto_public_key(&party.secret, &party.key);
	cost = (struct cost){ 0 };
	sqlite3_trace_v2(to->db.handle, SQLITE_TRACE_PROFILE, count_cost, &cost);
	ok = party_sign_request(&party, &call, 0, &fields, e) &&
	     cluster_deliver(from, to, &call, &response, e);
	sqlite3_trace_v2(to->db.handle, 0, NULL, NULL);
	ret->cost = cost;
	ret->status = response.status;
	buf_reset(&ret->text);
	buf_print(&ret->text, "%d %s\n", response.status, response.content_type);
	for (size_t i = 0; i < response.fields.n; i++)
		if (!is_signature(response.fields.at[i].name))
			buf_print(&ret->text, "%s: %s\n", response.fields.at[i].name,
				  response.fields.at[i].value);
	put_without(&ret->text, response.body.data, response.body.len, name);
	http_fields_done(&fields);
	http_response_done(&response);
	return ok;
}

/* What must be in no answer to others: names, values, ids in both spellings. */
static bool tells(const struct buf *text)
{
	const struct bytes secret[] = {
		{ FOREIGN, strlen(FOREIGN) },
		{ SECRET_NAME, strlen(SECRET_NAME) },
		{ SECRET_VALUE, strlen(SECRET_VALUE) },
		{ chain_hex, strlen(chain_hex) },
		{ changeset_hex, strlen(changeset_hex) },
		{ chain.bytes, sizeof(chain.bytes) },
		{ changeset.bytes, sizeof(changeset.bytes) },
	};

	for (size_t i = 0; i < sizeof(secret) / sizeof(*secret); i++)
		if (memmem(text->data, text->len, secret[i].data, secret[i].len) != NULL)
			return true;
	return false;
}

static bool same(const struct reply *a, const struct reply *b)
{
	return a->text.len == b->text.len && memcmp(a->text.data, b->text.data, a->text.len) == 0 &&
	       a->cost.statements == b->cost.statements && a->cost.steps == b->cost.steps;
}

static bool alike(const struct question *q, const char *there, const char *nowhere)
{
	AUTO_REPLY a = { 0 };
	AUTO_REPLY b = { 0 };
	struct err e;

	/* Once before: a statement's first use counts what it did for others until then. */
	if (!ask(q, there, &a, &e) || !ask(q, there, &a, &e) || !ask(q, nowhere, &b, &e)) {
		tap_note("%s: %s", q->form, e.text);
		return false;
	}
	if (same(&a, &b) && !tells(&a.text))
		return true;
	tap_note("%s from %u to %u: %u statements, %llu steps: %s", q->form, q->from, q->to,
		 a.cost.statements, (unsigned long long)a.cost.steps, buf_string(&a.text));
	tap_note("and of nothing: %u statements, %llu steps: %s", b.cost.statements,
		 (unsigned long long)b.cost.steps, buf_string(&b.text));
	return false;
}

/* Of everybody who may not read the scope, at both who hold it. */
static bool alike_for_all(const char *form, const char *there, const char *nowhere)
{
	static const unsigned asker[] = { READER, RELAY };
	bool ok = true;

	for (unsigned to = HUB; to <= NEIGHBOUR; to += NEIGHBOUR)
		for (unsigned i = 0; i < 4; i++)
			ok &= alike(&(struct question){ .from = asker[i % 2], .to = to, .stranger = i > 1,
							.form = form }, there, nowhere);
	return ok;
}

static void scopes_by_name(void)
{
	REGION;
	static const char *const forms[] = {
		"/v1/changesets?scope=%s", "/v1/changesets?scope=" OWN ",%s",
		"/v1/changesets?after=1&scope=%s", "/v1/changesets?bytes=1&wait=1&scope=%s",
		"/v1/changesets?scope=national,%s", "/v1/heads?scope=%s", "/v1/heads?scope=" OWN ",%s",
		"/v1/heads?scope=%s,national", "/v1/receipts?scope=%s",
		"/v1/receipts?chain=00112233445566778899aabbccddeeff&scope=%s",
		"/v1/receipts?chain=00112233445566778899aabbccddeeff&scope=" OWN ",%s",
		"/v1/scope/%s", "/v1/consistency?from=1&to=2&scope=%s",
		"/v1/hello?nonce=0123456789abcdef&scope=%s",
	};
	struct err e;

	CHECK_OK(begin(&e), &e);
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		CHECK(alike_for_all(forms[i], FOREIGN, NOWHERE));
}

static void chains_and_changesets_by_id(void)
{
	REGION;
	static const char *const chains[] = {
		"/v1/heads?scope=" OWN "&chain=%s", "/v1/heads?scope=" FOREIGN "&chain=%s",
		"/v1/receipts?scope=" OWN "&chain=%s", "/v1/receipts?scope=" OWN "&chain=%s&after=1",
		"/v1/receipts?scope=" FOREIGN "&chain=%s", "/v1/changesets?scope=" OWN "&except=%s",
		"/v1/chains/%s",
	};
	static const char *const changesets[] = {
		"/v1/receipts/%s", "/v1/changesets/%s", "/v1/tile/%s", "/v1/tile/0/%s",
		"/v1/receipts?scope=" OWN "&chain=%s", "/v1/heads?scope=" OWN "&chain=%s",
	};
	static const char nobody[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	struct err e;

	CHECK_OK(begin(&e), &e);
	for (size_t i = 0; i < sizeof(chains) / sizeof(*chains); i++)
		CHECK(alike_for_all(chains[i], chain_hex, nobody + 32));
	for (size_t i = 0; i < sizeof(changesets) / sizeof(*changesets); i++)
		CHECK(alike_for_all(changesets[i], changeset_hex, nobody));
}

/* The comparison can fail: whoever has the right sees a difference. */
static void who_may_read_is_told(void)
{
	REGION;
	static const char *const forms[] = { "/v1/changesets?scope=%s", "/v1/heads?scope=%s" };
	struct err e;

	CHECK_OK(begin(&e), &e);
	for (size_t i = 0; i < 2; i++) {
		struct question q = { .from = NEIGHBOUR, .to = HUB, .form = forms[i] };
		AUTO_REPLY a = { 0 };
		AUTO_REPLY b = { 0 };

		CHECK_OK(ask(&q, FOREIGN, &a, &e) && ask(&q, NOWHERE, &b, &e), &e);
		CHECK(a.status == 200 && b.status == 403);
		CHECK(!same(&a, &b) && tells(&a.text));
	}
}

/*
 * Pushing a forgery tells nothing but that the signature is wrong: not how far the chain is, not whether
 * this number is taken.
 */
static void a_forgery_finds_out_no_numbers(void)
{
	REGION;
	static const uint64_t numbers[] = { 2, 3, 4, 5, 1000 };
	struct secret_key secret;
	struct err e;

	CHECK_OK(begin(&e), &e);
	memset(secret.bytes, 42, sizeof(secret.bytes));
	for (unsigned to = HUB; to <= NEIGHBOUR; to += NEIGHBOUR) {
		AUTO_REPLY first = { 0 };

		for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
			struct changeset c = { .kind = CHANGESET_DATA, .chain = chain, .seq = numbers[i],
					       .prev = changeset, .changes = 1, .hlc_min = 1,
					       .hlc_max = 1 };
			struct question q = { .from = READER, .to = to, .form = "/v1/changesets%s" };
			char id_hex[HEX_SIZE(32)];
			uint8_t out[2 * LIMIT_HEADER_BYTES];
			AUTO_REPLY reply = { 0 };
			struct hash id;

			q.frame = out;
			CHECK_OK(seal_make(&c, (const uint8_t *)"x", 1, &secret, out, sizeof(out), &q.len,
					   &id, &e), &e);
			CHECK_OK(ask(&q, "", &reply, &e), &e);
			hex_encode(id.bytes, sizeof(id.bytes), id_hex);
			/* Its own id is the only thing that may differ. */
			{
				AUTO_BUF plain = { 0 };

				put_without(&plain, reply.text.data, reply.text.len, id_hex);
				buf_reset(&reply.text);
				buf_put(&reply.text, plain.data, plain.len);
			}
			CHECK(strstr(buf_string(&reply.text), "refused") != NULL);
			CHECK(!tells(&reply.text));
			if (i == 0)
				buf_put(&first.text, reply.text.data, reply.text.len);
			CHECK(reply.text.len == first.text.len &&
			      memcmp(reply.text.data, first.text.data, first.text.len) == 0);
		}
	}
}

/* Its own feed, heads and bundles hold nothing of others; grants alone are for all, on the national chain. */
static void ones_own_answers_hold_nothing_of_others(void)
{
	REGION;
	static const char *const forms[] = {
		"/v1/changesets?scope=%s", "/v1/heads?scope=%s", "/v1/heads?scope=national,%s",
		"/v1/hello?nonce=0123456789abcdef%s", "/v1/checkpoint?%s",
	};
	struct err e;

	CHECK_OK(begin(&e), &e);
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct question q = { .from = READER, .to = HUB, .form = forms[i] };
		AUTO_REPLY reply = { 0 };

		CHECK_OK(ask(&q, OWN, &reply, &e), &e);
		CHECK(reply.status == 200 || (i == 3 && reply.status == 400));
		CHECK(!tells(&reply.text));
	}
}

/* The hub's bundle for one scope: no frame, no receipt, no id of another's. */
static void a_bundle_of_a_scope_holds_that_scope_only(void)
{
	REGION;
	struct bundle_stats stats;
	AUTO_BUNDLE_READER r = { 0 };
	struct bundle_section section;
	char path[300];
	struct err e;
	FILE *file;
	bool more = true;

	CHECK_OK(begin(&e), &e);
	snprintf(path, sizeof(path), "%s/own.simpul", tap_directory());
	CHECK_OK(bundle_export(&region.member[HUB].party, &(struct bundle_plan){ .scope = OWN }, path, &stats,
			       &e), &e);
	file = fopen(path, "rbe");
	CHECK(file != NULL && bundle_reader_open(&r, file, &e));
	while (more && bundle_reader_next(&r, &section, &more, &e) && more) {
		struct buf bytes = { .data = (uint8_t *)(uintptr_t)section.bytes, .len = section.len };
		struct frame f;

		if (section.type != BUNDLE_FRAME) {
			CHECK(!tells(&bytes));
			continue;
		}
		CHECK_OK(seal_open(section.bytes, section.len, &f, &e), &e);
		CHECK(chain_compare(&f.changeset.chain, &chain) != 0);
		CHECK(f.changeset.kind == CHANGESET_GRANT || !tells(&bytes));
	}
	fclose(file);
	CHECK(r.ended && stats.frames > 3);
}

/* A relay hands on what it has, and has nothing of it in its tables. */
static void a_relay_carries_and_does_not_read(void)
{
	REGION;
	struct member *relay = &region.member[RELAY];
	int64_t frames, rows;
	struct err e;

	CHECK_OK(begin(&e), &e);
	CHECK_OK(cluster_add(&region, "penulis", OWN, &e) && cluster_enrol(&region, 5, &e) &&
		 cluster_write(&region.member[5], "INSERT INTO plan(id, title) VALUES('x', 'y')", &e) &&
		 cluster_settle(&region, &e), &e);
	CHECK_OK(db_int(&relay->db, "SELECT count(*) FROM simpul_changeset cs JOIN simpul_chain ch ON"
				    " ch.no = cs.chain_no WHERE cs.kind = 1 AND ch.own = 0 AND ch.scope = '"
				    OWN "'", 0, &frames, &e), &e);
	CHECK(frames == 1);
	CHECK_OK(db_int(&relay->db, "SELECT count(*) FROM plan", -1, &rows, &e), &e);
	CHECK(rows == 0);
	CHECK_OK(db_int(&region.member[READER].db, "SELECT count(*) FROM plan", -1, &rows, &e), &e);
	CHECK(rows == 1);
	/* And it serves them to who may read. */
	{
		struct question q = { .from = READER, .to = RELAY, .form = "/v1/changesets?scope=%s" };
		AUTO_REPLY reply = { 0 };

		CHECK_OK(ask(&q, OWN, &reply, &e), &e);
		CHECK(reply.status == 200 && reply.text.len > 200);
	}
}

/* What a reader or a relay writes is listed, stays with it, and is nobody else's. */
static void readers_and_relays_send_nothing(void)
{
	REGION;
	static const char listed[] = "SELECT count(*) FROM simpul_violation WHERE reason = 'not-allowed'"
				     " AND detail LIKE '%writers and reviewers may change it'";
	static const char sealed[] = "SELECT count(*) FROM simpul_changeset WHERE kind <> 0 AND chain_no IN"
				     " (SELECT no FROM simpul_chain WHERE own = 1)";
	struct err e;

	CHECK_OK(begin(&e), &e);
	for (unsigned i = READER; i <= RELAY; i++) {
		struct member *m = &region.member[i];
		int64_t n;

		CHECK_OK(cluster_write(m, "INSERT INTO plan(id, title) VALUES('mine', 1)", &e), &e);
		CHECK_OK(cluster_settle(&region, &e), &e);
		CHECK_OK(db_int(&m->db, listed, -1, &n, &e), &e);
		CHECK(n == 1);
		CHECK_OK(db_int(&m->db, sealed, -1, &n, &e), &e);
		CHECK(n == 0);
		CHECK_OK(db_int(&m->db, "SELECT count(*) FROM simpul_log", -1, &n, &e), &e);
		CHECK(n == 1);
		CHECK_OK(db_int(&region.member[HUB].db, "SELECT count(*) FROM plan WHERE id = 'mine'", -1, &n,
				&e), &e);
		CHECK(n == 0);
		/* Taken back by hand, it is not listed any more. */
		CHECK_OK(cluster_write(m, "DELETE FROM plan WHERE id = 'mine'", &e), &e);
		CHECK_OK(cluster_settle(&region, &e), &e);
		CHECK_OK(db_int(&m->db, listed, -1, &n, &e), &e);
		CHECK(n == 0);
	}
}

/* As a node waits for news: the answer is held back until there is some. */
static bool wait_begin(struct member *m, struct http_request *request, struct serve_job *job, struct err *e)
{
	static const char target[] = "/v1/changesets?scope=national," OWN "&after=1000&wait=50";
	char url[200];
	struct transport_call call = { .method = "GET", .url = url };
	struct http_fields fields = { 0 };
	bool ok;

	snprintf(url, sizeof(url), "%s%s", region.member[HUB].url, target);
	ok = http_request_init(request, "GET", target, e) &&
	     http_fields_put(&request->fields, "Host", "hub.test") &&
	     party_sign_request(&m->party, &call, 0, &fields, e);
	request->secure = true;
	for (size_t i = 0; ok && i < fields.n; i++)
		ok = http_fields_put(&request->fields, fields.at[i].name, fields.at[i].value);
	http_fields_done(&fields);
	if (!ok)
		return false;
	job->request = request;
	serve_begin(&region.member[HUB].party, hub_routes(), job);
	serve_finish(&region.member[HUB].party, job);
	return true;
}

static bool revoke(struct member *m, struct err *e)
{
	struct chain_id own;
	const void *id;
	size_t len;
	bool row;
	AUTO_RESET s = { 0 };

	if (!db_statement(&m->db, "SELECT id FROM simpul_chain WHERE own = 1", &s, e) ||
	    !stmt_row(&s, &row, e) || !row)
		return false;
	id = stmt_get_blob(&s, 0, &len);
	memcpy(own.bytes, id, sizeof(own.bytes));
	return hub_revoke(&region.member[HUB].party, &own, 1, "stolen", e);
}

/* It was let in, and its grant taken back while it waited: it gets nothing any more. */
static void a_waiting_reader_is_revoked(void)
{
	REGION;
	struct member *hub = &region.member[HUB], *reader = &region.member[READER];
	struct http_response response = { 0 };
	struct http_request request = { 0 };
	struct serve_job job = { .response = &response };
	bool parked;
	int status;
	struct err e;

	CHECK_OK(begin(&e) && wait_begin(reader, &request, &job, &e), &e);
	parked = job.parked && !job.done;
	serve_finish(&hub->party, &job);
	parked &= job.parked && !job.done; /* nothing new, and still welcome */
	CHECK_OK(revoke(reader, &e), &e);
	serve_finish(&hub->party, &job);
	status = response.status;
	serve_done(&job);
	http_request_done(&request);
	http_response_done(&response);
	CHECK(parked && job.done && status == 403);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(scopes_by_name),
		TAP(chains_and_changesets_by_id),
		TAP(who_may_read_is_told),
		TAP(a_forgery_finds_out_no_numbers),
		TAP(ones_own_answers_hold_nothing_of_others),
		TAP(a_bundle_of_a_scope_holds_that_scope_only),
		TAP(a_relay_carries_and_does_not_read),
		TAP(readers_and_relays_send_nothing),
		TAP(a_waiting_reader_is_revoked),
	};

	log_set_level(LOG_ERROR);
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
