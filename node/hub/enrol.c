/*
 * enrol.c - invitations, grants, revocations: who may write for which scope.
 *
 * A token is kept as its SHA-256 only.  It works once, but answers the same genesis again: a node whose
 * link broke before the answer arrived repeats the request and gets the same grant.
 */
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base64.h"
#include "exchange/proof.h"
#include "hub/hub.h"
#include "outbox/outbox.h"
#include "simpul/seal.h"

bool hub_invite(struct party *p, struct invitation *invitation, uint64_t valid_ms,
		struct invitation_text *ret, struct err *e)
{
	struct hash token_hash;
	AUTO_RESET s = { 0 };

	invitation->hub = p->key;
	memcpy(invitation->origin, p->origin, sizeof(invitation->origin));
	invitation->expires_ms = world_now_ms(p->world) + valid_ms;
	world_random(p->world, invitation->token, sizeof(invitation->token));
	if (!invitation_encode(invitation, ret, e))
		return false;
	crypto_sha256(invitation->token, sizeof(invitation->token), &token_hash);
	if (!db_statement(p->db, "INSERT INTO simpul_invitation(token_hash, scope, role, expires_ms)"
				 " VALUES(?1, ?2, ?3, ?4)", &s, e))
		return false;
	stmt_blob(&s, 1, token_hash.bytes, sizeof(token_hash.bytes));
	stmt_text(&s, 2, invitation->scope.name);
	stmt_int(&s, 3, invitation->role);
	stmt_int(&s, 4, (int64_t)invitation->expires_ms);
	return stmt_done(&s, e);
}

bool hub_revoke(struct party *p, const struct chain_id *chain, uint64_t last_good_seq,
		const char *reason, struct err *e)
{
	struct revocation r = { .chain = *chain, .last_good_seq = last_good_seq };
	uint8_t body[GRANT_BYTES_MAX];
	AUTO_TXN txn = { 0 };
	size_t len;

	snprintf(r.reason, sizeof(r.reason), "%s", reason);
	return revocation_encode(&r, body, sizeof(body), &len, e) && txn_begin(&txn, p->db, e) &&
	       party_record(p, CHANGESET_REVOKE, body, len, e) && party_settle(p, e) &&
	       txn_commit(&txn, e) && p->hub->sign(p, e);
}

bool hub_enrol_begin(struct party *p, struct serve_job *job, struct err *e)
{
	(void)p;
	if (job->request->body.len == 0 || job->request->body.len > 4 * LIMIT_INVITATION_BYTES)
		return err_set(e, ERR_MALFORMED, "an enrolment is a small JSON object");
	return true;
}

/* The invitation of this token; used_by is filled if it was used. */
static bool invitation_find(struct party *p, const struct hash *token_hash, struct grant *ret_grant,
			    bool *ret_used, struct chain_id *ret_used_by, struct err *e)
{
	AUTO_RESET s = { 0 };
	const void *used_by;
	const char *scope;
	size_t len;
	bool row;

	if (!db_statement(p->db, "SELECT scope, role, expires_ms, used_by FROM simpul_invitation"
				 " WHERE token_hash = ?1", &s, e))
		return false;
	stmt_blob(&s, 1, token_hash->bytes, sizeof(token_hash->bytes));
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_INVITATION, "there is no such invitation");
	used_by = stmt_get_blob(&s, 3, &len);
	*ret_used = used_by != NULL && len == sizeof(ret_used_by->bytes);
	if (*ret_used)
		memcpy(ret_used_by->bytes, used_by, len);
	else if ((uint64_t)stmt_get_int(&s, 2) < world_now_ms(p->world))
		return err_set(e, ERR_INVITATION, "the invitation has expired");
	ret_grant->role = (enum role)stmt_get_int(&s, 1);
	scope = stmt_get_text(&s, 0);
	return scope_parse(scope, strlen(scope), &ret_grant->scope, e);
}

static bool invitation_use(struct party *p, const struct hash *token_hash,
			   const struct chain_id *chain, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(p->db, "UPDATE simpul_invitation SET used_ms = ?2, used_by = ?3"
				 " WHERE token_hash = ?1", &s, e))
		return false;
	stmt_blob(&s, 1, token_hash->bytes, sizeof(token_hash->bytes));
	stmt_int(&s, 2, (int64_t)world_now_ms(p->world));
	stmt_blob(&s, 3, chain->bytes, sizeof(chain->bytes));
	return stmt_done(&s, e);
}

struct enrolment {
	struct hash token_hash;
	bool asks; /* the token is its own: for the operator to approve */
	uint8_t frame[2 * LIMIT_HEADER_BYTES];
	size_t frame_len;
	struct genesis genesis;
	struct chain_id chain;
};

static bool enrolment_read(struct serve_job *job, struct enrolment *ret, struct err *e)
{
	uint8_t token[INVITATION_TOKEN_BYTES];
	AUTO_JSON json = NULL;
	struct frame frame;
	const char *text;

	if (!json_parse(job->request->body.data, job->request->body.len, &json, e) ||
	    !json_member_hex(json, "token", token, sizeof(token), e) ||
	    !json_member_text(json, "genesis", &text, e))
		return false;
	if (!base64_decode(BASE64, text, strlen(text), ret->frame, sizeof(ret->frame),
			   &ret->frame_len))
		return err_set(e, ERR_MALFORMED, "the genesis is not base64 of a changeset");
	crypto_sha256(token, sizeof(token), &ret->token_hash);
	ret->asks = json_is_true(json_object_get(json, "ask"));
	if (!seal_open(ret->frame, ret->frame_len, &frame, e))
		return err_wrap(e, "genesis");
	if (frame.changeset.kind != CHANGESET_GENESIS || frame.changeset.seq != 1)
		return err_set(e, ERR_MALFORMED, "not a genesis");
	if (!genesis_read(&frame.changeset, &ret->genesis, e) ||
	    !seal_verify(&frame, &ret->genesis.key, e))
		return err_wrap(e, "genesis");
	ret->chain = frame.changeset.chain;
	if (!key_equal(&ret->genesis.key, &job->key))
		return err_set(e, ERR_FORBIDDEN, "the request is signed by another key than the genesis");
	return true;
}

/* Filed for the operator; the answer is that it waits, or that it was turned down. */
static bool ask_operator(struct party *p, struct serve_job *job, const struct enrolment *en, struct err *e)
{
	struct err answer;
	bool refused;

	if (!hub_request_refused(p, &en->genesis, &refused, e))
		return false;
	if (refused)
		return err_set(e, ERR_FORBIDDEN, "the hub's operator has refused this device");
	if (!hub_request_put(p, &en->token_hash, &en->genesis, e))
		return false;
	err_set(&answer, ERR_PENDING, "the hub's operator has not answered yet");
	serve_fail(job, &answer);
	return true;
}

bool hub_enrol_write(struct party *p, struct serve_job *job, struct err *e)
{
	struct enrolment en;
	struct inbox_result result;
	struct chain_id used_by;
	uint8_t body[GRANT_BYTES_MAX];
	struct grant grant = { 0 };
	size_t len;
	bool used;

	if (!enrolment_read(job, &en, e))
		return false;
	if (!invitation_find(p, &en.token_hash, &grant, &used, &used_by, e))
		return en.asks && e->code == ERR_INVITATION && ask_operator(p, job, &en, e);
	if (used && chain_compare(&used_by, &en.chain) != 0)
		return err_set(e, ERR_INVITATION, "the invitation was used by another device");
	if (used)
		return true;
	if (!scope_equal(&grant.scope, &en.genesis.scope))
		return err_set(e, ERR_INVITATION, "the invitation is for scope %s, not %s",
			       grant.scope.name, en.genesis.scope.name);
	grant.chain = en.chain;
	grant.key = en.genesis.key;
	memcpy(grant.name, en.genesis.name, sizeof(grant.name));
	if (!grant_encode(&grant, body, sizeof(body), &len, e) ||
	    !party_record(p, CHANGESET_GRANT, body, len, e) ||
	    !invitation_use(p, &en.token_hash, &en.chain, e) ||
	    !party_accept(p, en.frame, en.frame_len, &result, e))
		return false;
	if (result.state != INBOX_ACCEPTED && result.state != INBOX_DUPLICATE)
		return err_set(e, ERR_CHAIN, "the genesis was not accepted: %s", result.problem.text);
	return true;
}

/* The whole national chain: the node can check every neighbour offline from now on. */
bool hub_enrol_finish(struct party *p, struct serve_job *job, struct err *e)
{
	struct feed_query query = { .scopes = 1, .bytes_max = LIMIT_REQUEST_BYTES / 2 };
	AUTO_BUF body = { 0 };
	struct feed_result result;

	snprintf(query.scope[0].name, sizeof(query.scope[0].name), "%s", SCOPE_NATIONAL);
	if (!feed_collect(p->db, &query, &body, &result, e))
		return false;
	http_response_set(job->response, 200, FEED_TYPE, body.data, body.len);
	return true;
}
