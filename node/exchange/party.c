/* party.c - identity, authentication and the one order of seal, merge and log. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "capture/repair.h"
#include "exchange/answer.h"
#include "exchange/approve.h"
#include "exchange/contact.h"
#include "exchange/party.h"
#include "merge/anew.h"
#include "merge/apply.h"
#include "outbox/outbox.h"
#include "simpul/hlc.h"
#include "simpul/seal.h"

void party_lock(struct party *p)
{
	if (p->lock != NULL)
		pthread_mutex_lock(p->lock);
}

void party_unlock(struct party *p)
{
	/* What is left open here would be closed in the middle of the next one's work. */
	assert(p->db == NULL || db_idle(p->db));
	if (p->lock != NULL)
		pthread_mutex_unlock(p->lock);
}

void party_unlock_at(struct party **p)
{
	party_unlock(*p);
}

bool party_accept(struct party *p, const uint8_t *bytes, size_t len, struct inbox_result *ret,
		  struct err *e)
{
	if (!p->inbox_ready && !inbox_open(&p->inbox, p->db, p->world, e))
		return false;
	p->inbox_ready = true;
	p->inbox.from_hub = p->from_hub;
	return inbox_accept(&p->inbox, bytes, len, ret, e);
}

void party_close(struct party *p)
{
	contact_close(p);
	if (p->inbox_ready)
		inbox_close(&p->inbox);
	p->inbox_ready = false;
	nonces_done(&p->nonces);
}

bool party_catalog(struct party *p, const struct catalog **ret_catalog, struct err *e)
{
	bool stale = true;

	if (p->catalog_loaded && !catalog_stale(p->db, p->catalog, &stale, e))
		return false;
	if (stale) {
		AUTO_BUF report = { 0 };

		if (!repair_run(p->db, p->world, &report, e))
			return false;
		if (report.len > 0)
			log_line(LOG_WARNING, "repair", "%s", buf_string(&report));
		p->catalog_loaded = false;
		arena_reset(p->catalog_arena);
		if (!catalog_load(p->db, p->catalog_arena, p->catalog, e))
			return false;
		p->catalog_loaded = true;
	}
	*ret_catalog = p->catalog;
	return true;
}

static struct outbox_author author_of(const struct party *p)
{
	return (struct outbox_author){ .key = &p->secret, .world = p->world, .name = p->name,
				       .changes_max = p->changes_max };
}

/* A fork that was mended by a new enrolment: what it left here only is ready to go. */
static bool mend(struct party *p, const struct catalog *catalog, struct err *e)
{
	struct outbox_author author = author_of(p);
	int64_t changesets;

	if (p->hub != NULL)
		return true;
	if (!anew_run(p->db, catalog, &author, &changesets, e))
		return false;
	if (changesets > 0)
		log_line(LOG_WARNING, "fork", "%lld changesets sealed anew, which the hub had refused",
			 (long long)changesets);
	return true;
}

/* Rules that waited for a table which this part made; they are merged at once. */
static bool approve_arrived(struct party *p, struct apply_part *part, struct err *e)
{
	const struct catalog *catalog;
	struct apply_stats merged;
	bool any;

	if (p->hub == NULL || part->more)
		return true;
	if (!approve_waiting(p, &any, e))
		return false;
	return !any || (party_catalog(p, &catalog, e) &&
			apply_part(p->db, catalog, p->world, part, &merged, e));
}

/* The log's numbers begin anew when its last hint is sealed: whoever remembers one asks p->seals. */
static bool seal(struct party *p, const struct catalog *catalog, const struct outbox_author *author,
		 struct outbox_result *ret, struct err *e)
{
	int64_t before, after;

	if (!db_int(p->db, "SELECT max(seq) FROM simpul_log", 0, &before, e) ||
	    !outbox_seal(p->db, catalog, author, ret, e) ||
	    !db_int(p->db, "SELECT max(seq) FROM simpul_log", 0, &after, e))
		return false;
	p->seals += after < before;
	return true;
}

bool party_settle_part(struct party *p, struct apply_part *part, struct err *e)
{
	struct outbox_author author = author_of(p);
	struct outbox_result sealed;
	const struct catalog *catalog;
	struct apply_stats merged;

	if (p->behind) /* what is merged must be sealed before, and sealing has to wait */
		return true;
	return party_catalog(p, &catalog, e) && mend(p, catalog, e) &&
	       seal(p, catalog, &author, &sealed, e) &&
	       db_int(p->db, "SELECT max(seq) FROM simpul_log", 0, &p->log_left, e) &&
	       apply_part(p->db, catalog, p->world, part, &merged, e) && approve_arrived(p, part, e) &&
	       (p->hub == NULL || (p->hub->append(p, e) && contact_file(p, false, e)));
}

bool party_seal_some(struct party *p, int64_t hints, int64_t *ret_upto, struct err *e)
{
	struct outbox_author author = author_of(p);
	struct outbox_result sealed;
	const struct catalog *catalog;
	AUTO_TXN txn = { 0 };

	author.hints_max = hints;
	if (!txn_begin(&txn, p->db, e) || !party_catalog(p, &catalog, e) ||
	    !mend(p, catalog, e) || !seal(p, catalog, &author, &sealed, e) ||
	    !txn_commit(&txn, e))
		return false;
	*ret_upto = sealed.upto;
	return true;
}

bool party_settle(struct party *p, struct err *e)
{
	struct apply_part all = { .changes_max = SIZE_MAX };

	return party_settle_part(p, &all, e) && db_grow_cache(p->db, false, e);
}

/* The head of our national chain, as what a next changeset links to. */
static bool national_head(struct party *p, struct changeset *c, struct err *e)
{
	AUTO_RESET s = { 0 };
	const void *id, *head;
	size_t id_len, head_len;
	bool row;

	if (!db_statement(p->db, "SELECT id, head_seq, head_id, head_hlc FROM simpul_chain"
				 " WHERE own = 1 AND scope = 'national'", &s, e) ||
	    !stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_FORBIDDEN, "this node has no national chain: it is not a hub");
	id = stmt_get_blob(&s, 0, &id_len);
	head = stmt_get_blob(&s, 2, &head_len);
	if (id_len != sizeof(c->chain.bytes) || head_len != sizeof(c->prev.bytes))
		return err_set(e, ERR_CORRUPT, "the national chain has no head");
	memcpy(c->chain.bytes, id, id_len);
	memcpy(c->prev.bytes, head, head_len);
	c->seq = (uint64_t)stmt_get_int(&s, 1) + 1;
	c->hlc_min = hlc_next((uint64_t)stmt_get_int(&s, 3), world_now_ms(p->world));
	c->hlc_max = c->hlc_min;
	return true;
}

/* Accepted like anybody's, so that a grant takes effect in one place. */
bool party_record(struct party *p, enum changeset_kind kind, const void *body, size_t len,
		  struct err *e)
{
	struct changeset c = { .kind = kind };
	struct inbox_result result;
	AUTO_BUF frame = { 0 };
	struct hash id;

	if (!national_head(p, &c, e) ||
	    !seal_make(&c, body, len, &p->secret, buf_reserve(&frame, seal_size_max(len)),
		       seal_size_max(len), &frame.len, &id, e) ||
	    !party_accept(p, frame.data, frame.len, &result, e))
		return false;
	if (result.state != INBOX_ACCEPTED || result.quarantined)
		return err_set(e, ERR_INTERNAL, "our own record was not accepted: %.200s",
			       result.problem.text);
	return true;
}

/* The absolute URI that the client signed: what it called, or what the gateway was called by. */
static bool target_uri(const struct party *p, const struct http_request *request, char *out,
		       size_t size, struct err *e)
{
	const char *host = http_request_header(request, "Host");
	int n;

	if (p->public_url[0] != '\0')
		n = snprintf(out, size, "%s%s", p->public_url, request->target);
	else
		n = snprintf(out, size, "%s://%s%s", request->secure ? "https" : "http",
			     host == NULL ? "" : host, request->target);
	if (n < 0 || (size_t)n >= size)
		return err_set(e, ERR_TOO_LARGE, "the request's URI is too long");
	return true;
}

/* Has it any right here?  Else each request is refused, also one that is sent again. */
static bool key_known(struct party *p, const struct public_key *key, bool *ret, struct err *e)
{
	AUTO_RESET s = { 0 };

	*ret = key_equal(key, &p->hub_key);
	if (*ret)
		return true;
	if (!db_statement(p->db, "SELECT 1 FROM simpul_grant WHERE key = ?1 LIMIT 1", &s, e))
		return false;
	stmt_blob(&s, 1, key->bytes, sizeof(key->bytes));
	return stmt_row(&s, ret, e);
}

static bool fresh(struct party *p, const struct message_signer *signer, struct err *e)
{
	uint64_t now_s = world_now_ms(p->world) / 1000, created_s = signer->stamp.created_s;
	uint64_t apart_s = now_s > created_s ? now_s - created_s : created_s - now_s;
	const struct nonces_time time = { created_s, now_s, PARTY_CREATED_S_MAX };
	bool known;

	if (apart_s > PARTY_CREATED_S_MAX)
		return err_set(e, ERR_CLOCK, "the request was signed %llu s away from this clock",
			       (unsigned long long)apart_s);
	return key_known(p, &signer->key, &known, e) &&
	       (!known || nonces_take(&p->nonces, &signer->key, signer->stamp.nonce, &time, e));
}

bool party_authenticate(struct party *p, const struct http_request *request,
			struct public_key *ret_key, struct err *e)
{
	const char *input = http_request_header(request, "Signature-Input");
	const char *signature = http_request_header(request, "Signature");
	const char *digest = http_request_header(request, "Content-Digest");
	struct message_request message = { .method = request->method };
	struct message_signer signer;
	char uri[MESSAGE_URI_MAX];

	if (input == NULL || signature == NULL)
		return err_set(e, ERR_FORBIDDEN, "the request is not signed");
	if (!target_uri(p, request, uri, sizeof(uri), e))
		return false;
	message.target_uri = uri;
	if (request->body.len > 0) {
		if (digest == NULL)
			return err_set(e, ERR_MALFORMED, "the request has no Content-Digest");
		if (!message_digest_check(digest, request->body.data, request->body.len, e))
			return false;
		message.digest = digest;
	}
	if (!message_request_verify(&message, input, signature, &signer, e) ||
	    !fresh(p, &signer, e))
		return false;
	*ret_key = signer.key;
	return true;
}

bool party_authorize(struct party *p, const struct public_key *key, const char *scope,
		     enum role *ret_role, struct err *e)
{
	static const char find[] =
		"SELECT role, void_after IS NOT NULL FROM simpul_grant WHERE key = ?1"
		" AND (scope = ?2 OR ?2 = 'national') ORDER BY void_after IS NOT NULL LIMIT 1";
	AUTO_RESET s = { 0 };
	bool row;

	if (key_equal(key, &p->hub_key)) {
		*ret_role = ROLE_HUB;
		return true;
	}
	if (!db_statement(p->db, find, &s, e))
		return false;
	stmt_blob(&s, 1, key->bytes, sizeof(key->bytes));
	stmt_text(&s, 2, scope);
	if (!stmt_row(&s, &row, e))
		return false;
	/* One answer for a scope that is not there and one that is another's. */
	if (!row)
		return err_set(e, ERR_FORBIDDEN, "no right to this scope");
	if (stmt_get_int(&s, 1) != 0)
		return err_set(e, ERR_REVOKED, "the grant was revoked");
	*ret_role = (enum role)stmt_get_int(&s, 0);
	return true;
}

bool party_heed_forks(struct party *p, const struct answer *answer, struct err *e)
{
	static const char freeze[] = "UPDATE simpul_chain SET frozen = 1 WHERE own = 1 AND no ="
				     " (SELECT chain_no FROM simpul_changeset WHERE id = ?1)";

	for (size_t i = 0; i < answer->items; i++) {
		const struct answer_item *item = &answer->item[i];
		AUTO_RESET s = { 0 };

		if (item->problem != ERR_FORK)
			continue;
		if (!db_statement(p->db, freeze, &s, e))
			return false;
		stmt_blob(&s, 1, item->id.bytes, sizeof(item->id.bytes));
		if (!stmt_done(&s, e))
			return false;
	}
	return true;
}

static void nonce_make(struct party *p, char out[MESSAGE_NONCE_MAX + 1])
{
	uint8_t bytes[16];

	world_random(p->world, bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), out);
}

static bool seal_put(struct http_fields *fields, const struct message_seal *seal, const char *digest,
		     struct err *e)
{
	if (!http_fields_put(fields, "Signature-Input", seal->input) ||
	    !http_fields_put(fields, "Signature", seal->signature) ||
	    (digest != NULL && !http_fields_put(fields, "Content-Digest", digest)))
		return err_set(e, ERR_INTERNAL, "no room for the signature fields");
	return true;
}

bool party_sign_request(struct party *p, const struct transport_call *call, int64_t clock_offset_ms,
			struct http_fields *fields, struct err *e)
{
	char digest[MESSAGE_DIGEST_SIZE];
	struct message_request request = { .method = call->method, .target_uri = call->url };
	struct message_stamp stamp;
	struct message_seal seal;

	if (call->body.len > 0) {
		message_digest(call->body.data, call->body.len, digest);
		request.digest = digest;
	}
	stamp.created_s = (uint64_t)((int64_t)world_now_ms(p->world) + clock_offset_ms) / 1000;
	nonce_make(p, stamp.nonce);
	return message_request_sign(&request, &p->secret, &stamp, &seal, e) &&
	       seal_put(fields, &seal, request.digest, e);
}

bool party_sign_response(struct party *p, const char *nonce, struct http_response *response,
			 struct err *e)
{
	char digest[MESSAGE_DIGEST_SIZE];
	struct message_response message = { .status = (unsigned)response->status, .digest = digest };
	struct message_stamp stamp = { .created_s = world_now_ms(p->world) / 1000 };
	struct message_seal seal;

	message_digest(response->body.data, response->body.len, digest);
	snprintf(stamp.nonce, sizeof(stamp.nonce), "%s", nonce);
	return message_response_sign(&message, &p->secret, &stamp, &seal, e) &&
	       seal_put(&response->fields, &seal, digest, e);
}

void party_problem(struct http_response *response, const struct err *problem)
{
	AUTO_JSON json = json_object();
	struct buf body = { 0 };
	char type[64];

	snprintf(type, sizeof(type), "urn:simpul:problem:%s", err_slug(problem->code));
	json_object_set_new(json, "type", json_string(type));
	json_object_set_new(json, "status", json_integer(err_http_status(problem->code)));
	json_object_set_new(json, "title", json_string(err_advice_en(problem->code)));
	json_object_set_new(json, "title_id", json_string(err_advice_id(problem->code)));
	json_object_set_new(json, "detail", json_string(problem->text));
	json_write(json, &body);
	http_response_set(response, err_http_status(problem->code), "application/problem+json",
			  body.data, body.len);
	if (err_retry(problem->code))
		http_fields_put(&response->fields, "Retry-After", "5");
	buf_done(&body);
}

/* A problem document as our error; anything else that is not 200, or the part that was asked for, says so. */
bool party_problem_read(const struct http_response *response, struct err *e)
{
	AUTO_JSON json = NULL;
	struct err why;

	if (response->status == 200 || response->status == 206)
		return true;
	if (strcmp(response->content_type, "application/problem+json") == 0 &&
	    json_parse(response->body.data, response->body.len, &json, &why)) {
		const char *type = json_text_or_empty(json, "type");
		const char *slug = strrchr(type, ':');

		return err_set(e, err_from_slug(slug == NULL ? type : slug + 1), "the other side: %s",
			       json_text_or_empty(json, "detail"));
	}
	return err_set(e, ERR_NETWORK, "the other side answered HTTP %d", response->status);
}
