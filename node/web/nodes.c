/* nodes.c - /api/hub: the nodes of a hub, who asks to be one, invitations, and taking rights back. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "exchange/contact.h"
#include "hub/hub.h"
#include "simpul/grant.h"
#include "simpul/invitation.h"
#include "store/act.h"
#include "store/tables.h"
#include "web/request.h"
#include "web/routes.h"

#define HOUR_MS	    3600000ull
#define HOURS_VALID 24
#define HOURS_MAX   720

/* Who may enrol may see the nodes; who may only read the hub may see them too, but change nothing. */
static bool at_hub(struct party *p, struct serve_job *job, struct err *e)
{
	const struct access *access = &request_of(job)->access;

	if (p->hub == NULL)
		return err_set(e, ERR_NOT_FOUND, "this node is not a hub");
	return strcmp(job->request->method, "GET") == 0 || access_may(access, "enrol") ||
	       access_may(access, "manage") ||
	       err_set(e, ERR_NO_RIGHT, "this account may not let nodes in or out");
}

/* What one node has done so far; ?1 its key. */
static const char sums_sql[] =
	"SELECT min(CASE WHEN cs.kind = 0 THEN cs.arrived_ms END), max(cs.arrived_ms),"
	" coalesce(sum(cs.state = 2), 0) FROM simpul_chain ch JOIN simpul_changeset cs ON cs.chain_no = ch.no"
	" WHERE ch.key = ?1";

static bool sums_tell(struct party *p, const struct public_key *key, json_t *json, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(p->db, sums_sql, &s, e))
		return false;
	stmt_blob(&s, 1, key->bytes, sizeof(key->bytes));
	if (!stmt_row(&s, &row, e))
		return false;
	json_object_set_new(json, "enrolled", request_time((uint64_t)stmt_get_int(&s, 0)));
	json_object_set_new(json, "last_changeset", request_time((uint64_t)stmt_get_int(&s, 1)));
	json_object_set_new(json, "quarantined", json_integer(stmt_get_int(&s, 2)));
	return true;
}

/* Cells in which this node's value stands beside another, open. */
static bool contested_tell(struct party *p, const struct public_key *key, json_t *json, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(p->db, "SELECT count(*) FROM simpul_sibling s JOIN simpul_chain c ON"
				 " c.no = s.chain_no WHERE c.key = ?1 AND s.superseded_n IS NULL", &s, e))
		return false;
	stmt_blob(&s, 1, key->bytes, sizeof(key->bytes));
	if (!stmt_row(&s, &row, e))
		return false;
	json_object_set_new(json, "contested", json_integer(row ? stmt_get_int(&s, 0) : 0));
	return true;
}

static bool contact_put(struct party *p, const struct public_key *key, json_t *json, struct err *e)
{
	struct contact contact;

	if (!contact_find(p, key, &contact, e))
		return false;
	json_object_set_new(json, "last_contact", request_time(contact.at_ms));
	json_object_set_new(json, "version", contact.version[0] == '\0' ? json_null() :
			    json_string(contact.version));
	json_object_set_new(json, "clock_skew_ms", contact.skewed ? json_integer(contact.skew_ms) :
			    json_null());
	/* How much waits at a node only the node knows. */
	json_object_set_new(json, "oldest_unsent", json_null());
	return true;
}

static json_t *node_begin(const struct public_key *key, const char *name)
{
	char words[INVITATION_WORDS_SIZE];
	json_t *json = json_pack("{s:s,s:[],s:b}", "name", name, "scopes", "revoked", 1);

	invitation_words(key, words);
	json_object_set_new(json, "words", json_string(words));
	json_put_hex(json, "key", key, sizeof(*key));
	return json;
}

/* A chain of the node: a scope that it has a right to. */
static void scope_add(json_t *node, struct stmt *s)
{
	const bool revoked = !stmt_get_null(s, 4);
	json_t *scope = json_pack("{s:s,s:s,s:I,s:b}", "scope", stmt_get_text(s, 1), "role",
				  role_name((enum role)stmt_get_int(s, 2)), "seq",
				  (json_int_t)stmt_get_int(s, 6), "revoked", revoked);
	const void *chain;
	size_t len;

	chain = stmt_get_blob(s, 5, &len);
	json_put_hex(scope, "chain", chain, len);
	if (revoked) {
		json_object_set_new(scope, "after", json_integer(stmt_get_int(s, 4)));
		json_object_set_new(scope, "reason", json_string(stmt_get_text(s, 7)));
	} else {
		json_object_set_new(node, "revoked", json_false());
	}
	json_array_append_new(json_object_get(node, "scopes"), scope);
}

static bool nodes_read(struct party *p, json_t *list, struct err *e)
{
	static const char sql[] =
		"SELECT g.key, g.scope, g.role, g.name, g.void_after, g.chain, coalesce(c.head_seq, 0),"
		" coalesce(g.reason, '') FROM simpul_grant g LEFT JOIN simpul_chain c ON c.id = g.chain"
		" ORDER BY g.key, g.scope, c.no";
	struct public_key key = { 0 };
	json_t *node = NULL;
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(p->db, sql, &s, e))
		return false;
	for (;;) {
		const void *bytes;
		size_t len;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		bytes = stmt_get_blob(&s, 0, &len);
		if (len != sizeof(key.bytes) || memcmp(bytes, p->key.bytes, len) == 0)
			continue; /* the hub itself */
		if (node == NULL || memcmp(bytes, key.bytes, len) != 0) {
			memcpy(key.bytes, bytes, len);
			node = node_begin(&key, stmt_get_text(&s, 3));
			json_array_append_new(list, node);
			if (!sums_tell(p, &key, node, e) || !contested_tell(p, &key, node, e) ||
			    !contact_put(p, &key, node, e))
				return false;
		}
		scope_add(node, &s);
	}
}

static bool nodes_finish(struct party *p, struct serve_job *job, struct err *e)
{
	AUTO_JSON list = json_array();

	if (!nodes_read(p, list, e))
		return false;
	request_answer(job, 200, json_pack("{s:O}", "nodes", list));
	return true;
}

/* Where others reach this hub; "" if nobody said and it listens on every address. */
static bool own_url(struct party *p, char *out, size_t size, struct err *e)
{
	char url[256], address[128];

	if (!meta_get_text(p->db, "url", url, sizeof(url), e) ||
	    !meta_get_text(p->db, "address", address, sizeof(address), e))
		return false;
	if (address[0] == '\0' && !meta_get_text(p->db, "listen", address, sizeof(address), e))
		return false;
	if (url[0] != '\0')
		snprintf(out, size, "%s", url);
	else if (address[0] == '\0' || strncmp(address, "0.0.0.0:", 8) == 0 ||
		 strncmp(address, "[::]:", 5) == 0)
		out[0] = '\0';
	else
		snprintf(out, size, "https://%s", address);
	return true;
}

static void field_wrong(struct serve_job *job, const char *column, const char *id, const char *en)
{
	request_fault(job, &(struct request_fault){ -1, column, "choice", id, en });
}

/* Scope, role and hours of the body; what is wrong is a fault. */
static uint64_t right_read(struct serve_job *job, struct scope *scope, enum role *role)
{
	const char *scope_text = request_text(job, &(struct request_text){ "scope", 1, LIMIT_SCOPE_BYTES });
	const char *role_text = request_text(job, &(struct request_text){ "role", 1, 16 });
	const json_t *hours = json_object_get(request_of(job)->body, "hours");
	struct err ignored;

	if (scope_text != NULL && !scope_parse(scope_text, strlen(scope_text), scope, &ignored))
		field_wrong(job, "scope", "Bukan nama lingkup.", "This is no scope.");
	if (role_text != NULL && (!role_parse(role_text, role, &ignored) || *role == ROLE_HUB))
		field_wrong(job, "role", "Peran: writer, reviewer, reader atau relay.",
			    "A role: writer, reviewer, reader or relay.");
	if (hours == NULL)
		return HOURS_VALID * HOUR_MS;
	if (!json_is_integer(hours) || json_integer_value(hours) < 1 || json_integer_value(hours) > HOURS_MAX)
		field_wrong(job, "hours", "Antara 1 dan 720 jam.", "From 1 to 720 hours.");
	return (uint64_t)json_integer_value(hours) * HOUR_MS;
}

static bool invite_write(struct party *p, struct serve_job *job, struct err *e)
{
	struct invitation invitation = { 0 };
	struct invitation_text text;
	enum role role = ROLE_WRITER;
	uint64_t valid_ms = right_read(job, &invitation.scope, &role);
	const char *url = request_text(job, &(struct request_text){ "url", 0, 255 });

	if (!request_valid(job, e))
		return false;
	invitation.role = (uint8_t)role;
	if (url != NULL)
		snprintf(invitation.url, sizeof(invitation.url), "%s", url);
	else if (!own_url(p, invitation.url, sizeof(invitation.url), e))
		return false;
	if (invitation.url[0] == '\0') {
		field_wrong(job, "url", "Sebutkan alamat pusat bagi daerah: https://...",
			    "Say where offices reach this hub: https://...");
		return request_valid(job, e);
	}
	if (!hub_invite(p, &invitation, valid_ms, &text, e))
		return false;
	request_result(job, 201, json_pack("{s:s,s:s,s:s,s:s,s:o}", "invitation", text.text, "scope",
					   invitation.scope.name, "role", role_name(role), "url",
					   invitation.url, "expires", request_time(invitation.expires_ms)));
	return true;
}

/* {"chain", "after", "reason"}: what came after is void everywhere; sealed, logged and signed at once. */
static bool revoke_write(struct party *p, struct serve_job *job, struct err *e)
{
	const char *chain = request_text(job, &(struct request_text){ "chain", 32, 32 });
	const char *reason = request_text(job, &(struct request_text){ "reason", 3, 200 });
	const json_t *after = json_object_get(request_of(job)->body, "after");
	struct revocation r = { 0 };
	uint8_t body[GRANT_BYTES_MAX];
	size_t len;

	if (chain != NULL && !hex_decode(chain, strlen(chain), r.chain.bytes, sizeof(r.chain.bytes)))
		field_wrong(job, "chain", "Rantai adalah 32 angka heksa.", "A chain is 32 hex digits.");
	if (!json_is_integer(after) || json_integer_value(after) < 0)
		field_wrong(job, "after", "Nomor terakhir yang masih berlaku.",
			    "The last number that is good.");
	if (!request_valid(job, e))
		return false;
	r.last_good_seq = (uint64_t)json_integer_value(after);
	snprintf(r.reason, sizeof(r.reason), "%s", reason);
	if (!revocation_encode(&r, body, sizeof(body), &len, e) ||
	    !party_record(p, CHANGESET_REVOKE, body, len, e))
		return false;
	job->settles = true;
	request_result(job, 200, json_pack("{s:s,s:I}", "chain", chain, "after",
					   json_integer_value(after)));
	return true;
}

static bool add_request(void *state, const struct hub_request *r)
{
	json_array_append_new(state, json_pack("{s:s,s:s,s:s,s:o,s:b,s:b}", "words", r->words, "scope",
					       r->scope, "name", r->name, "asked", request_time(r->asked_ms),
					       "waiting", r->waiting, "approved", r->approved));
	return true;
}

static bool requests_finish(struct party *p, struct serve_job *job, struct err *e)
{
	AUTO_JSON list = json_array();

	if (!hub_request_list(p, add_request, list, e))
		return false;
	request_answer(job, 200, json_pack("{s:O}", "requests", list));
	return true;
}

/* {"words", "approve", "scope"?, "role"?}: the words were compared by telephone. */
static bool answer_write(struct party *p, struct serve_job *job, struct err *e)
{
	const struct web_request *r = request_of(job);
	const char *words = request_text(job, &(struct request_text){ "words", 5, INVITATION_WORDS_SIZE });
	const char *role = request_text(job, &(struct request_text){ "role", 0, 16 });
	struct hub_answer answer = { .words = words, .role = ROLE_WRITER, .valid_ms = HOURS_MAX * HOUR_MS };
	const json_t *approve = json_object_get(r->body, "approve");
	struct act act = { .who = r->who.name, .object = words, .reason = "" };
	struct err ignored;

	answer.scope = request_text(job, &(struct request_text){ "scope", 0, LIMIT_SCOPE_BYTES });
	if (role != NULL && (!role_parse(role, &answer.role, &ignored) || answer.role == ROLE_HUB))
		field_wrong(job, "role", "Peran: writer, reviewer, reader atau relay.",
			    "A role: writer, reviewer, reader or relay.");
	if (!json_is_boolean(approve))
		field_wrong(job, "approve", "Terima atau tolak.", "Approve or refuse.");
	if (!request_valid(job, e))
		return false;
	answer.approve = json_is_true(approve);
	act.what = answer.approve ? ACT_APPROVE : ACT_REFUSE;
	if (!hub_request_answer(p, &answer, e) || !act_put(p->db, p->world, &act, e))
		return false;
	request_result(job, 200, json_pack("{s:s,s:b}", "words", words, "approved", answer.approve));
	return true;
}

const struct serve_route nodes_routes[] = {
	{ "GET", "/api/hub/nodes", .begin = at_hub, .finish = nodes_finish },
	{ "GET", "/api/hub/requests", .begin = at_hub, .finish = requests_finish },
	{ "POST", "/api/hub/requests", .writes = true, .begin = at_hub, .write = answer_write,
	  .finish = request_finish },
	{ "POST", "/api/hub/invitations", .writes = true, .begin = at_hub, .write = invite_write,
	  .finish = request_finish },
	{ "POST", "/api/hub/revoke", .writes = true, .begin = at_hub, .write = revoke_write,
	  .finish = request_finish },
	{ .path = NULL },
};
