/*
 * enrol.c - a node's first contact with its hub.
 *
 * Nothing is written before the hub has answered, and then all of it in one transaction.  The genesis is
 * made from the token, so a repeated enrolment after a broken link brings the very same
 * genesis, which the hub answers again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base64.h"
#include "exchange/enrol.h"
#include "exchange/feed.h"
#include "exchange/outgoing.h"
#include "exchange/sync.h"
#include "simpul/seal.h"
#include "store/tables.h"

#define ASKING "asking" /* in simpul_meta: the invitation that we made */
#define ASK_VALID_MS (UINT64_C(3650) * 24 * 3600 * 1000) /* the hub says how long it is good */

struct enrolment {
	struct party *party;
	const struct invitation *invitation;
	bool asks; /* its token is our own */
	uint8_t frame[2 * LIMIT_HEADER_BYTES];
	size_t frame_len;
	struct chain_id chain;
	struct hash pin;
	bool has_pin;
	struct http_response response;
};

static bool genesis_make(struct enrolment *en, struct err *e)
{
	struct genesis g = { .key = en->party->key, .scope = en->invitation->scope };
	struct changeset c = { 0 };
	struct hash nonce, id;

	crypto_sha256(en->invitation->token, sizeof(en->invitation->token), &nonce);
	memcpy(g.nonce, nonce.bytes, sizeof(g.nonce));
	memcpy(g.name, en->party->name, sizeof(g.name));
	genesis_fill(&g, &c);
	/* No time in it: the same token must give the same bytes. */
	en->chain = c.chain;
	return seal_make(&c, (const uint8_t *)"", 0, &en->party->secret, en->frame,
			 sizeof(en->frame), &en->frame_len, &id, e);
}

static bool ask(struct enrolment *en, struct transport *transport, int64_t clock_offset_ms,
		struct err *e)
{
	char text[BASE64_LEN(sizeof(en->frame))], url[INVITATION_URL_MAX + 16];
	struct transport_call c = { .method = "POST", .url = url };
	struct http_fields fields = { 0 };
	AUTO_JSON json = json_object();
	AUTO_BUF body = { 0 };
	bool ok;

	snprintf(url, sizeof(url), "%s/v1/enrol", en->invitation->url);
	json_put_hex(json, "token", en->invitation->token, sizeof(en->invitation->token));
	if (en->asks)
		json_object_set_new(json, "ask", json_true());
	json_object_set_new(json, "genesis",
			    json_stringn(text, base64_encode(BASE64, en->frame, en->frame_len, text)));
	json_write(json, &body);
	c.body = (struct bytes){ body.data, body.len };
	c.fields = &fields;
	c.pin = en->has_pin ? &en->pin : NULL;
	ok = party_sign_request(en->party, &c, clock_offset_ms, &fields, e) &&
	     transport->call(transport->state, &c, &en->response, e) &&
	     party_problem_read(&en->response, e);
	http_fields_done(&fields);
	return ok;
}

static bool accept_all(struct enrolment *en, struct err *e)
{
	const uint8_t *at = en->response.body.data, *end = at + en->response.body.len;
	struct party *p = en->party;
	struct inbox_result result;
	bool more;

	for (;;) {
		struct feed_entry entry;

		if (!feed_next(&at, end, &entry, &more, e))
			return false;
		if (!more)
			break;
		if (!party_accept(p, entry.frame, entry.len, &result, e))
			return false;
		if (!outgoing_at_hub(p->db, &result.id, e))
			return false;
		if (result.state == INBOX_REFUSED)
			return err_set(e, ERR_PROOF, "the hub's own chain does not hold: %s",
				       result.problem.text);
	}
	if (!party_accept(p, en->frame, en->frame_len, &result, e))
		return false;
	if (result.state != INBOX_ACCEPTED && result.state != INBOX_DUPLICATE)
		return err_set(e, ERR_INVITATION, "the hub's answer holds no grant for this node: %s",
			       result.problem.text);
	return outgoing_at_hub(p->db, &result.id, e);
}

static bool own_chain(struct enrolment *en, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(en->party->db, "UPDATE simpul_chain SET own = 1 WHERE id = ?1", &s, e))
		return false;
	stmt_blob(&s, 1, en->chain.bytes, sizeof(en->chain.bytes));
	return stmt_done(&s, e);
}

/* With a second scope the feed begins anew: what we read of it before left that scope out. */
static bool peer_put(struct enrolment *en, struct err *e)
{
	static const char put[] =
		"INSERT INTO simpul_peer(no, url, key, pin, is_hub) VALUES(1, ?1, ?2, ?3, 1)"
		" ON CONFLICT(no) DO UPDATE SET url = ?1, key = ?2, pin = ?3, cursor = 0";
	AUTO_RESET s = { 0 };

	if (!db_statement(en->party->db, put, &s, e))
		return false;
	stmt_text(&s, 1, en->invitation->url);
	stmt_blob(&s, 2, en->invitation->hub.bytes, sizeof(en->invitation->hub.bytes));
	if (en->has_pin)
		stmt_blob(&s, 3, en->pin.bytes, sizeof(en->pin.bytes));
	return stmt_done(&s, e);
}

/* The inbox knows the hub's key from the settings: look again. */
static bool party_again(struct party *p)
{
	party_close(p);
	return true;
}

static bool file_all(struct enrolment *en, struct err *e)
{
	struct party *p = en->party;
	char hex[HEX_SIZE(sizeof(en->invitation->hub.bytes))];
	AUTO_TXN txn = { 0 };

	hex_encode(en->invitation->hub.bytes, sizeof(en->invitation->hub.bytes), hex);
	return txn_begin(&txn, p->db, e) && meta_put_text(p->db, "hub_key", hex, e) &&
	       meta_put_text(p->db, "origin", en->invitation->origin, e) && party_again(p) &&
	       accept_all(en, e) && own_chain(en, e) && peer_put(en, e) &&
	       meta_put_text(p->db, ASKING, "", e) && txn_commit(&txn, e);
}

/* A node that was made for one scope joins that one first. */
static bool check_scope(struct party *p, const struct invitation *invitation, struct err *e)
{
	char scope[LIMIT_SCOPE_BYTES + 1];
	int64_t chains, practice;
	bool ok;

	party_lock(p);
	ok = meta_get_text(p->db, "scope", scope, sizeof(scope), e) &&
	     db_int(p->db, "SELECT count(*) FROM simpul_chain WHERE own = 1", 0, &chains, e) &&
	     meta_get_int(p->db, "practice", 0, &practice, e);
	party_unlock(p);
	if (ok && practice != 0)
		return err_set(e, ERR_FORBIDDEN, "this file is for practice: make another one for real work");
	if (!ok || scope[0] == '\0' || chains > 0 || strcmp(scope, invitation->scope.name) == 0)
		return ok;
	return err_set(e, ERR_INVITATION, "this node was made for scope %s, the invitation is for %s", scope,
		       invitation->scope.name);
}

static bool enrol(struct party *p, struct transport *transport, const struct invitation *invitation,
		  bool asks, struct err *e)
{
	struct enrolment en = { .party = p, .invitation = invitation, .asks = asks };
	struct sync_peer hub = { .is_hub = true, .has_key = true, .key = invitation->hub };
	struct sync greeting;
	bool ok;

	if (p->hub != NULL)
		return err_set(e, ERR_USAGE, "a hub is not enrolled elsewhere");
	if (p->origin[0] != '\0' && !key_equal(&p->hub_key, &invitation->hub))
		return err_set(e, ERR_EXISTS, "this node belongs to the hub %s already", p->origin);
	if (!check_scope(p, invitation, e))
		return false;
	memcpy(hub.url, invitation->url, strnlen(invitation->url, sizeof(hub.url) - 1));
	sync_init(&greeting, p, transport, &hub);
	/* The token goes to nobody but who holds the key that the invitation names. */
	if (!sync_greet(&greeting, e))
		return false;
	/* By the hub's clock: ours may be years off. */
	if ((int64_t)invitation->expires_ms <
	    (int64_t)world_now_ms(p->world) + greeting.clock_offset_ms)
		return err_set(e, ERR_INVITATION, "the invitation has expired");
	en.pin = greeting.peer.pin;
	en.has_pin = greeting.peer.has_pin;
	ok = genesis_make(&en, e) && ask(&en, transport, greeting.clock_offset_ms, e);
	if (ok) {
		party_lock(p);
		ok = file_all(&en, e);
		party_unlock(p);
	}
	http_response_done(&en.response);
	if (!ok)
		return false;
	p->hub_key = invitation->hub;
	memcpy(p->origin, invitation->origin, sizeof(p->origin));
	return true;
}

bool enrol_at_hub(struct party *p, struct transport *transport, const struct invitation *invitation,
		  struct err *e)
{
	return enrol(p, transport, invitation, false, e);
}

bool enrol_meet(struct party *p, struct transport *transport, const char *url, struct invitation *ret,
		struct err *e)
{
	struct sync_peer hub = { .is_hub = true };
	struct sync greeting;
	size_t len = strlen(url);

	memset(ret, 0, sizeof(*ret));
	while (len > 0 && url[len - 1] == '/')
		len--;
	if (len >= sizeof(hub.url))
		return err_set(e, ERR_USAGE, "the hub's address has at most %zu bytes", sizeof(hub.url) - 1);
	memcpy(hub.url, url, len);
	sync_init(&greeting, p, transport, &hub);
	if (!sync_greet(&greeting, e))
		return false;
	memcpy(ret->url, hub.url, len + 1);
	memcpy(ret->origin, greeting.origin, sizeof(ret->origin));
	ret->hub = greeting.peer.key;
	return true;
}

bool enrol_ask_put(struct party *p, struct invitation *invitation, struct err *e)
{
	struct invitation_text text;

	if (p->hub != NULL)
		return err_set(e, ERR_USAGE, "a hub is not enrolled elsewhere");
	if (!check_scope(p, invitation, e))
		return false;
	invitation->role = ROLE_WRITER; /* the hub decides */
	invitation->expires_ms = world_now_ms(p->world) + ASK_VALID_MS;
	world_random(p->world, invitation->token, sizeof(invitation->token));
	if (!invitation_encode(invitation, &text, e))
		return false;
	PARTY_LOCKED(p);
	return meta_put_text(p->db, ASKING, text.text, e);
}

bool enrol_ask_again(struct party *p, struct transport *transport, struct err *e)
{
	struct invitation_text text;
	struct invitation invitation;
	bool ok;

	party_lock(p);
	ok = meta_get_text(p->db, ASKING, text.text, sizeof(text.text), e);
	party_unlock(p);
	if (!ok)
		return false;
	if (text.text[0] == '\0')
		return err_set(e, ERR_NOT_FOUND, "this node has asked no hub");
	return invitation_decode(text.text, strlen(text.text), &invitation, e) &&
	       enrol(p, transport, &invitation, true, e);
}

bool enrol_asks(struct party *p, bool *ret, struct err *e)
{
	struct invitation_text text;
	PARTY_LOCKED(p);

	if (!meta_get_text(p->db, ASKING, text.text, sizeof(text.text), e))
		return false;
	*ret = text.text[0] != '\0';
	return true;
}
