/* serve.c - the routes of every node, in steps around the shared commit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "exchange/hello.h"
#include "exchange/proof.h"
#include "exchange/contact.h"
#include "exchange/serve.h"
#include "exchange/settle.h"
#include "simpul/seal.h"

static bool hello_finish(struct party *p, struct serve_job *job, struct err *e)
{
	char nonce[MESSAGE_NONCE_MAX + 1];

	if (!http_query(job->request, "nonce", nonce, sizeof(nonce)))
		nonce[0] = '\0';
	return hello_answer(p, nonce, job->response, e);
}

/* The scopes of ?scope=a,b with a right to each; and the chains of ?except=. */
static bool query_scopes(struct party *p, struct serve_job *job, struct err *e)
{
	char list[FEED_SCOPES_MAX * (LIMIT_SCOPE_BYTES + 1)], *save = NULL;
	enum role role;

	if (!http_query(job->request, "scope", list, sizeof(list)))
		return err_set(e, ERR_MALFORMED, "the request needs ?scope=");
	for (char *name = strtok_r(list, ",", &save); name != NULL;
	     name = strtok_r(NULL, ",", &save)) {
		if (job->feed.scopes == FEED_SCOPES_MAX)
			return err_set(e, ERR_TOO_LARGE, "more than %d scopes", FEED_SCOPES_MAX);
		if (!scope_parse(name, strlen(name), &job->feed.scope[job->feed.scopes], e) ||
		    !party_authorize(p, &job->key, name, &role, e))
			return false;
		job->feed.scopes++;
	}
	return true;
}

static bool query_excepts(struct serve_job *job, struct err *e)
{
	char list[FEED_EXCEPT_MAX * HEX_SIZE(sizeof(struct chain_id))], *save = NULL;

	if (!http_query(job->request, "except", list, sizeof(list)))
		return true;
	for (char *hex = strtok_r(list, ",", &save); hex != NULL; hex = strtok_r(NULL, ",", &save)) {
		if (job->feed.excepts == FEED_EXCEPT_MAX ||
		    !hex_decode(hex, strlen(hex), job->feed.except[job->feed.excepts].bytes,
				sizeof(struct chain_id)))
			return err_set(e, ERR_MALFORMED, "?except= is not a list of chains");
		job->feed.excepts++;
	}
	return true;
}

static uint64_t query_int(const struct http_request *request, const char *name, uint64_t missing)
{
	char text[24];

	if (!http_query(request, name, text, sizeof(text)) || text[0] < '0' || text[0] > '9')
		return missing;
	return strtoull(text, NULL, 10);
}

static bool feed_begin(struct party *p, struct serve_job *job, struct err *e)
{
	uint64_t wait_ms = query_int(job->request, "wait", 0) * 1000;

	job->feed.after = query_int(job->request, "after", 0);
	if (job->feed.after > INT64_MAX)
		return err_set(e, ERR_MALFORMED, "?after= is out of range");
	job->feed.bytes_max = query_int(job->request, "bytes", SERVE_FEED_BYTES);
	if (job->feed.bytes_max > LIMIT_REQUEST_BYTES / 2)
		job->feed.bytes_max = LIMIT_REQUEST_BYTES / 2;
	if (wait_ms > SERVE_WAIT_MS_MAX)
		wait_ms = SERVE_WAIT_MS_MAX;
	job->wait_until_ms = world_monotonic_ms(p->world) + wait_ms;
	return query_scopes(p, job, e) && query_excepts(job, e);
}

/* A request waits up to a minute: by then its grant may have been taken back. */
static bool still_authorized(struct party *p, const struct serve_job *job, struct err *e)
{
	enum role role;

	for (size_t i = 0; i < job->feed.scopes; i++)
		if (!party_authorize(p, &job->key, job->feed.scope[i].name, &role, e))
			return false;
	return true;
}

static bool feed_finish(struct party *p, struct serve_job *job, struct err *e)
{
	struct buf body = { 0 };
	struct feed_result result;
	char number[24];

	if (job->parked && !still_authorized(p, job, e))
		return false;
	job->parked = false;
	if (!feed_collect(p->db, &job->feed, &body, &result, e)) {
		buf_done(&body);
		return false;
	}
	if (result.frames == 0 && world_monotonic_ms(p->world) < job->wait_until_ms) {
		job->feed.after = result.cursor;
		job->parked = true;
		return true;
	}
	http_response_set(job->response, 200, FEED_TYPE, body.data, body.len);
	buf_done(&body);
	snprintf(number, sizeof(number), "%llu", (unsigned long long)result.cursor);
	if (!http_fields_put(&job->response->fields, "Simpul-Cursor", number) ||
	    !http_fields_put(&job->response->fields, "Simpul-More", result.more ? "1" : "0"))
		return err_set(e, ERR_INTERNAL, "no room for the feed's fields");
	return true;
}

/* ?chain=a,b narrows the heads to these; absent, all of the scopes are told. */
static bool head_wanted(const char *list, const void *chain, size_t len)
{
	char hex[HEX_SIZE(sizeof(struct chain_id))];

	if (list[0] == '\0' || len != sizeof(struct chain_id))
		return list[0] == '\0';
	hex_encode(chain, len, hex);
	return strstr(list, hex) != NULL;
}

static bool heads_finish(struct party *p, struct serve_job *job, struct err *e)
{
	char only[FEED_EXCEPT_MAX * HEX_SIZE(sizeof(struct chain_id))];
	AUTO_JSON json = json_object();
	AUTO_BUF body = { 0 };
	json_t *heads = json_array();

	http_query(job->request, "chain", only, sizeof(only));
	json_object_set_new(json, "heads", heads);
	for (size_t i = 0; i < job->feed.scopes; i++) {
		AUTO_RESET s = { 0 };
		bool row;

		if (!db_statement(p->db, "SELECT id, head_seq, head_id FROM simpul_chain"
					 " WHERE scope = ?1 AND head_seq > 0", &s, e))
			return false;
		stmt_text(&s, 1, job->feed.scope[i].name);
		for (;;) {
			json_t *head;
			size_t len;
			const void *bytes;

			if (!stmt_row(&s, &row, e))
				return false;
			if (!row)
				break;
			bytes = stmt_get_blob(&s, 0, &len);
			if (!head_wanted(only, bytes, len))
				continue;
			head = json_object();
			json_put_hex(head, "chain", bytes, len);
			json_object_set_new(head, "seq", json_integer(stmt_get_int(&s, 1)));
			bytes = stmt_get_blob(&s, 2, &len);
			json_put_hex(head, "id", bytes, len);
			json_array_append_new(heads, head);
		}
	}
	json_write(json, &body);
	http_response_set(job->response, 200, "application/json", body.data, body.len);
	return true;
}

/* Anyone with a grant may bring changesets: they carry their own authority. */
static bool push_begin(struct party *p, struct serve_job *job, struct err *e)
{
	enum role role;

	if (job->request->body.len == 0)
		return err_set(e, ERR_MALFORMED, "no changesets in the request");
	return party_authorize(p, &job->key, SCOPE_NATIONAL, &role, e);
}

static void push_result(struct answer_item *item, const struct inbox_result *result)
{
	item->id = result->id;
	item->index = (uint64_t)result->n - 1;
	switch (result->state) {
	case INBOX_ACCEPTED:
	case INBOX_DUPLICATE:
		item->state = ANSWER_KEPT;
		return;
	case INBOX_HELD:
		item->state = ANSWER_HELD;
		break;
	case INBOX_REFUSED:
		item->state = ANSWER_REFUSED;
		break;
	}
	item->problem = result->problem.code;
	snprintf(item->detail, sizeof(item->detail), "%.*s", (int)sizeof(item->detail) - 1,
		 result->problem.text);
}

static bool push_write(struct party *p, struct serve_job *job, struct err *e)
{
	const uint8_t *at = job->request->body.data, *end = at + job->request->body.len;

	job->more = false;
	for (at += job->at; at < end && !job->more;) {
		struct inbox_result result;
		size_t len;

		if (!seal_length(at, (size_t)(end - at), &len, e))
			return false;
		if (len == 0 || len > (size_t)(end - at))
			return err_set(e, ERR_MALFORMED, "the last changeset is cut off");
		if (job->answer.items == LIMIT_REQUEST_FRAMES)
			return err_set(e, ERR_TOO_LARGE, "more than %u changesets in one request",
				       LIMIT_REQUEST_FRAMES);
		if (!party_accept(p, at, len, &result, e))
			return false;
		push_result(answer_add(&job->answer), &result);
		at += len;
		job->at += len;
		job->more = at < end && turn_over(&p->turn, p->world);
	}
	return true;
}

static bool push_finish(struct party *p, struct serve_job *job, struct err *e)
{
	AUTO_BUF body = { 0 };

	if (!proof_fill(p, &job->answer, e))
		return false;
	answer_encode(&job->answer, &body);
	http_response_set(job->response, 200, "application/json", body.data, body.len);
	return true;
}

/* Receipts of one chain after a seq, for whoever may read its scope: how they travel by a neighbour. */
static bool receipts_finish(struct party *p, struct serve_job *job, struct err *e)
{
	/* From the scope's own chains: one of another scope costs no more than one that is nowhere. */
	static const char find[] =
		"WITH own AS MATERIALIZED (SELECT no, id FROM simpul_chain WHERE scope = ?2)"
		" SELECT cs.id FROM own JOIN simpul_changeset cs ON cs.chain_no = own.no"
		" WHERE own.id = ?1 AND cs.seq > ?3 ORDER BY cs.seq LIMIT 500";
	char hex[HEX_SIZE(sizeof(struct chain_id))];
	struct chain_id chain;
	AUTO_RESET s = { 0 };
	bool row;

	if (!http_query(job->request, "chain", hex, sizeof(hex)) ||
	    !hex_decode(hex, strlen(hex), chain.bytes, sizeof(chain.bytes)))
		return err_set(e, ERR_MALFORMED, "the request needs ?chain=");
	if (!db_statement(p->db, find, &s, e))
		return false;
	stmt_blob(&s, 1, chain.bytes, sizeof(chain.bytes));
	stmt_text(&s, 2, job->feed.scopes > 0 ? job->feed.scope[0].name : "");
	stmt_int(&s, 3, (int64_t)query_int(job->request, "after", 0));
	for (;;) {
		struct answer_item *item;
		size_t len;
		const void *id;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		item = answer_add(&job->answer);
		id = stmt_get_blob(&s, 0, &len);
		memcpy(item->id.bytes, id, sizeof(item->id.bytes));
		item->state = ANSWER_KEPT;
	}
	return push_finish(p, job, e);
}

static const struct serve_route routes[] = {
	{ "GET", "/v1/hello", .open = true, .finish = hello_finish },
	{ "GET", "/v1/changesets", .begin = feed_begin, .finish = feed_finish },
	{ "GET", "/v1/heads", .begin = query_scopes, .finish = heads_finish },
	{ "GET", "/v1/receipts", .begin = query_scopes, .finish = receipts_finish },
	{ "POST", "/v1/changesets", .writes = true, .begin = push_begin, .write = push_write,
	  .finish = push_finish },
	{ .path = NULL },
};

const struct serve_route *serve_find(const struct serve_route *table, const char *method, const char *path,
				     bool *path_known)
{
	for (; table != NULL && table->path != NULL; table++) {
		size_t len = strlen(table->path);
		bool prefix = table->path[len - 1] == '*';

		if (prefix ? strncmp(table->path, path, len - 1) != 0 : strcmp(table->path, path) != 0)
			continue;
		*path_known = true;
		if (strcmp(table->method, method) == 0)
			return table;
	}
	return NULL;
}

void serve_fail(struct serve_job *job, const struct err *e)
{
	if (e->code == ERR_INTERNAL || err_http_status(e->code) == 507)
		log_once(LOG_ERROR, "serve", err_slug(e->code), "%s %s: %s", job->request->method,
			 job->request->path, e->text);
	if (job->door != NULL)
		job->door->refuse(job, e);
	else
		party_problem(job->response, e);
	job->done = true;
	job->parked = false;
}

static bool admit(struct party *p, struct serve_job *job, struct err *e)
{
	if (job->door != NULL)
		return job->door->admit(p, job, e);
	return job->route->open || (party_authenticate(p, job->request, &job->key, e) &&
				    contact_note(p, &job->key, job->request, e));
}

void serve_begin(struct party *p, const struct serve_route *more, struct serve_job *job)
{
	const char *method = job->request->method, *path = job->request->path;
	bool path_known = false;
	struct err e;

	if (job->route == NULL)
		job->route = serve_find(routes, method, path, &path_known);
	if (job->route == NULL)
		job->route = serve_find(more, method, path, &path_known);
	if (job->route == NULL) {
		err_set(&e, path_known ? ERR_METHOD : ERR_NOT_FOUND, "%s %s", method, path);
		serve_fail(job, &e);
		return;
	}
	job->writes = job->route->writes;
	job->settles = job->writes && job->door == NULL;
	if (!admit(p, job, &e) ||
	    (job->route->begin != NULL && !job->route->begin(p, job, &e)))
		serve_fail(job, &e);
}

void serve_write(struct party *p, struct serve_job *job)
{
	AUTO_TXN txn = { 0 };
	struct err e;

	if (job->done || job->route->write == NULL)
		return;
	if (!txn_begin(&txn, p->db, &e) || !job->route->write(p, job, &e) || !txn_commit(&txn, &e))
		serve_fail(job, &e);
}

void serve_finish(struct party *p, struct serve_job *job)
{
	struct err e;

	if (job->done)
		return;
	if (!job->route->finish(p, job, &e))
		serve_fail(job, &e);
	job->done = !job->parked;
}

void serve_done(struct serve_job *job)
{
	answer_done(&job->answer);
	if (job->door != NULL)
		job->door->done(job);
	job->state = NULL;
}

/* Writes, and counts those whose last write this was. */
static bool write_some(struct party *p, const struct txn *txn, struct serve_job *const *job, size_t jobs,
		       size_t *ret_upto, struct err *e)
{
	size_t i = 0;

	for (bool over = false; i < jobs && !over; i++) {
		if (job[i]->done || !job[i]->writes || job[i]->written)
			continue;
		serve_write(p, job[i]);
		if (!txn_alive(txn, e))
			return false;
		over = turn_over(&p->turn, p->world);
		if (job[i]->more && !job[i]->done)
			break;
	}
	*ret_upto = i;
	return true;
}

bool serve_part(struct party *p, struct serve_job *const *job, size_t jobs, bool *ret_more, struct err *e)
{
	AUTO_TXN txn = { 0 };
	size_t upto;

	if (!txn_begin(&txn, p->db, e))
		return false;
	turn_begin(&p->turn, p->world);
	if (!write_some(p, &txn, job, jobs, &upto, e) || (p->hub != NULL && !p->hub->append(p, e)))
		return false;
	turn_worked(&p->turn, p->world, 0);
	if (!txn_commit(&txn, e) || (p->hub != NULL && !p->hub->sign(p, e)))
		return false;
	for (size_t i = 0; i < upto; i++)
		job[i]->written = true;
	*ret_more = upto < jobs;
	return true;
}

static bool write_alone(struct party *p, struct serve_job *job, struct err *e)
{
	bool more = true;

	while (more)
		if (!serve_part(p, &job, 1, &more, e) || !settle_pause(p, e))
			return false;
	return true;
}

void serve_alone(struct party *p, const struct serve_route *more, const struct http_request *request,
		 struct http_response *response)
{
	struct serve_job job = { .request = request, .response = response };

	serve_job_alone(p, more, &job);
}

void serve_job_alone(struct party *p, const struct serve_route *more, struct serve_job *job)
{
	bool settles;
	struct err e;

	serve_begin(p, more, job);
	settles = !job->done && job->settles;
	if (!job->done && job->writes && !write_alone(p, job, &e)) {
		serve_fail(job, &e);
		settles = false;
	}
	serve_finish(p, job);
	if (job->parked) {
		job->wait_until_ms = 0;
		serve_finish(p, job);
	}
	serve_done(job);
	if (settles && !settle_parts(p, &e))
		log_once(LOG_ERROR, "serve", err_slug(e.code), "what was accepted is not merged: %s", e.text);
}
