/*
 * request.c - offices that ask to be enrolled, and the operator's answer.
 *
 * Who asks brings a token of its own making.  Approving makes an invitation of that token, so from then on
 * all is as with an invitation that the hub gave: it works once, for one device, for a while.
 */
#include <stdio.h>
#include <string.h>

#include "hub/hub.h"

bool hub_request_put(struct party *p, const struct hash *token_hash, const struct genesis *genesis,
		     struct err *e)
{
	/* One device asks once for one scope: a newer token replaces the older one, and a refusal stays. */
	static const char put[] =
		"INSERT INTO simpul_request(key, scope, token_hash, name, asked_ms)"
		" VALUES(?1, ?2, ?3, ?4, ?5)"
		" ON CONFLICT(key, scope) DO UPDATE SET token_hash = ?3, name = ?4, asked_ms = ?5,"
		" answered_ms = NULL"; /* approved, and not fetched in time */
	AUTO_RESET s = { 0 };
	int64_t waiting;

	if (!db_int(p->db, "SELECT count(*) FROM simpul_request WHERE answered_ms IS NULL", 0, &waiting, e))
		return false;
	if (waiting >= HUB_REQUESTS_MAX)
		return err_set(e, ERR_OVERLOADED, "%d offices wait to be enrolled already", HUB_REQUESTS_MAX);
	if (!db_statement(p->db, put, &s, e))
		return false;
	stmt_blob(&s, 1, genesis->key.bytes, sizeof(genesis->key.bytes));
	stmt_text(&s, 2, genesis->scope.name);
	stmt_blob(&s, 3, token_hash->bytes, sizeof(token_hash->bytes));
	stmt_text(&s, 4, genesis->name);
	stmt_int(&s, 5, (int64_t)world_now_ms(p->world));
	return stmt_done(&s, e);
}

bool hub_request_list(struct party *p, bool (*call)(void *state, const struct hub_request *request),
		      void *state, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(p->db, "SELECT key, scope, name, asked_ms, answered_ms, approved"
				 " FROM simpul_request ORDER BY answered_ms IS NOT NULL, asked_ms DESC",
			  &s, e))
		return false;
	for (;;) {
		struct hub_request r = { 0 };
		const void *key;
		size_t len;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		key = stmt_get_blob(&s, 0, &len);
		if (len != sizeof(r.key.bytes))
			return err_set(e, ERR_CORRUPT, "a request to be enrolled has no key");
		memcpy(r.key.bytes, key, len);
		invitation_words(&r.key, r.words);
		r.scope = stmt_get_text(&s, 1);
		r.name = stmt_get_text(&s, 2);
		r.asked_ms = (uint64_t)stmt_get_int(&s, 3);
		r.waiting = stmt_get_null(&s, 4);
		r.approved = stmt_get_int(&s, 5) != 0;
		if (!call(state, &r))
			return true;
	}
}

struct search {
	const char *words, *scope;
	bool found, many;
	struct public_key key;
	char found_scope[LIMIT_SCOPE_BYTES + 1];
};

static bool compare(void *state, const struct hub_request *r)
{
	struct search *search = state;

	if (!r->waiting || strcmp(r->words, search->words) != 0 ||
	    (search->scope != NULL && strcmp(search->scope, r->scope) != 0))
		return true;
	search->many = search->found;
	search->found = true;
	search->key = r->key;
	snprintf(search->found_scope, sizeof(search->found_scope), "%s", r->scope);
	return !search->many;
}

static bool invite_token(struct party *p, const struct search *which, enum role role, uint64_t valid_ms,
			 struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(p->db, "INSERT OR REPLACE INTO"
				 " simpul_invitation(token_hash, scope, role, expires_ms)"
				 " SELECT token_hash, scope, ?3, ?4 FROM simpul_request"
				 " WHERE key = ?1 AND scope = ?2", &s, e))
		return false;
	stmt_blob(&s, 1, which->key.bytes, sizeof(which->key.bytes));
	stmt_text(&s, 2, which->found_scope);
	stmt_int(&s, 3, role);
	stmt_int(&s, 4, (int64_t)(world_now_ms(p->world) + valid_ms));
	return stmt_done(&s, e);
}

bool hub_request_answer(struct party *p, const struct hub_answer *answer, struct err *e)
{
	struct search search = { .words = answer->words, .scope = answer->scope };
	AUTO_TXN txn = { 0 };
	AUTO_RESET s = { 0 };

	if (answer->role == ROLE_HUB)
		return err_set(e, ERR_USAGE, "the role hub cannot be given away");
	if (!txn_begin(&txn, p->db, e) || !hub_request_list(p, compare, &search, e))
		return false;
	if (!search.found)
		return err_set(e, ERR_NOT_FOUND, "no office with the words %s waits", answer->words);
	if (search.many)
		return err_set(e, ERR_USAGE, "%s asks for several scopes: say which", answer->words);
	if (answer->approve && !invite_token(p, &search, answer->role, answer->valid_ms, e))
		return false;
	if (!db_statement(p->db, "UPDATE simpul_request SET answered_ms = ?3, approved = ?4"
				 " WHERE key = ?1 AND scope = ?2", &s, e))
		return false;
	stmt_blob(&s, 1, search.key.bytes, sizeof(search.key.bytes));
	stmt_text(&s, 2, search.found_scope);
	stmt_int(&s, 3, (int64_t)world_now_ms(p->world));
	stmt_int(&s, 4, answer->approve);
	return stmt_done(&s, e) && txn_commit(&txn, e);
}

bool hub_request_refused(struct party *p, const struct genesis *genesis, bool *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(p->db, "SELECT 1 FROM simpul_request WHERE key = ?1 AND scope = ?2"
				 " AND answered_ms IS NOT NULL AND approved = 0", &s, e))
		return false;
	stmt_blob(&s, 1, genesis->key.bytes, sizeof(genesis->key.bytes));
	stmt_text(&s, 2, genesis->scope.name);
	if (!stmt_row(&s, &row, e))
		return false;
	*ret = row;
	return true;
}
