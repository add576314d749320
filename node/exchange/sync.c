/* sync.c - the round with one other party. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "exchange/call.h"
#include "exchange/feed.h"
#include "exchange/intake.h"
#include "exchange/outgoing.h"
#include "exchange/proof.h"
#include "exchange/push.h"
#include "exchange/settle.h"
#include "exchange/sync.h"
#include "store/tables.h"

#define POLL_GRACE_S 20 /* what an answer to a long poll may take beyond its wait */
#define PROVE_MS (10u * 60u * 1000u)

void sync_init(struct sync *s, struct party *party, struct transport *transport,
	       const struct sync_peer *peer)
{
	memset(s, 0, sizeof(*s));
	s->party = party;
	s->transport = transport;
	s->peer = *peer;
	s->request_bytes = PUSH_BYTES_FIRST;
}

bool sync_peers(struct party *p, struct arena *arena, struct sync_peer **ret_peers, size_t *ret_n,
		struct err *e)
{
	struct sync_peer *peers;
	AUTO_RESET s = { 0 };
	int64_t count;
	size_t n = 0;
	bool row;

	if (!db_int(p->db, "SELECT count(*) FROM simpul_peer", 0, &count, e) ||
	    !db_statement(p->db, "SELECT no, url, is_hub, key, pin, cursor FROM simpul_peer"
				 " ORDER BY is_hub DESC, no", &s, e))
		return false;
	peers = arena_take(arena, (size_t)(count + 1) * sizeof(*peers));
	for (;;) {
		struct sync_peer *peer = &peers[n];
		const void *bytes;
		size_t len;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row || n == (size_t)count)
			break;
		memset(peer, 0, sizeof(*peer));
		peer->no = stmt_get_int(&s, 0);
		snprintf(peer->url, sizeof(peer->url), "%s", stmt_get_text(&s, 1));
		peer->is_hub = stmt_get_int(&s, 2) != 0;
		bytes = stmt_get_blob(&s, 3, &len);
		peer->has_key = len == sizeof(peer->key.bytes);
		if (peer->has_key)
			memcpy(peer->key.bytes, bytes, len);
		bytes = stmt_get_blob(&s, 4, &len);
		peer->has_pin = len == sizeof(peer->pin.bytes);
		if (peer->has_pin)
			memcpy(peer->pin.bytes, bytes, len);
		peer->cursor = (uint64_t)stmt_get_int(&s, 5);
		n++;
	}
	*ret_peers = peers;
	*ret_n = n;
	return true;
}

/* Asks the hub to prove that `new` continues each of n older heads. */
static bool consistency(struct sync *s, const struct tree_head *old, size_t n,
			const struct tree_head *new, struct err *e)
{
	AUTO_RESPONSE response = { 0 };
	AUTO_ANSWER answer = { 0 };
	AUTO_BUF target = { 0 };

	buf_text(&target, "/v1/consistency?from=");
	for (size_t i = 0; i < n; i++)
		buf_print(&target, "%s%llu", i > 0 ? "," : "", (unsigned long long)old[i].size);
	buf_print(&target, "&to=%llu", (unsigned long long)new->size);
	if (!call_now(s, "GET", buf_string(&target), NULL, &response, e) ||
	    !answer_decode(response.body.data, response.body.len, &answer, e))
		return false;
	if (answer.items != n)
		return err_set(e, ERR_PROOF, "the hub gave no consistency proof");
	for (size_t i = 0; i < n; i++)
		if (!answer.item[i].proven ||
		    !tree_verify_consistency(&old[i], new, &answer.item[i].proof, e))
			return err_set(e, ERR_PROOF, "the hub's log of %llu entries does not continue that of"
						     " %llu", (unsigned long long)new->size,
				       (unsigned long long)old[i].size);
	return true;
}

static bool checkpoint_take(struct sync *s, const struct note *note, struct err *e)
{
	struct checkpoint checkpoint;
	struct tree_head known;
	bool fine;
	int64_t no;

	{
		PARTY_LOCKED(s->party);
		if (!proof_checkpoint_offer(s->party, note, &checkpoint, &known, e))
			return false;
	}
	fine = known.size == 0 || known.size == checkpoint.head.size;
	if (!fine && !(checkpoint.head.size < known.size ?
			       consistency(s, &checkpoint.head, 1, &known, e) :
			       consistency(s, &known, 1, &checkpoint.head, e)))
		return false;
	{
		PARTY_LOCKED(s->party);
		return proof_checkpoint_put(s->party, note, &checkpoint, true, &no, e);
	}
}

static bool newest_size(struct sync *s, uint64_t *ret, struct err *e)
{
	PARTY_LOCKED(s->party);
	return proof_newest_size(s->party, ret, e);
}

/*
 * What the hub calls its newest head must not be older than one that was on file when it was asked; those
 * that other threads have filed since then say nothing about it.
 */
static bool checkpoint_greet(struct sync *s, const struct note *note, uint64_t newest, struct err *e)
{
	struct checkpoint checkpoint;
	struct tree_head known;

	{
		PARTY_LOCKED(s->party);
		if (!proof_checkpoint_offer(s->party, note, &checkpoint, &known, e))
			return false;
	}
	if (checkpoint.head.size < newest)
		return err_set(e, ERR_PROOF, "the hub's log went back from %llu to %llu entries; if it was "
					     "restored, its operator runs simpul restored",
			       (unsigned long long)newest, (unsigned long long)checkpoint.head.size);
	return checkpoint_take(s, note, e);
}

static bool known_neighbour(struct sync *s, const struct hello *hello, struct err *e)
{
	enum role role;

	if (s->peer.has_key && !key_equal(&s->peer.key, &hello->key))
		return err_set(e, ERR_PIN, "%s answers with another key than expected", s->peer.url);
	if (s->peer.is_hub || s->peer.has_key)
		return true;
	PARTY_LOCKED(s->party);
	return party_authorize(s->party, &hello->key, SCOPE_NATIONAL, &role, e) ||
	       err_wrap(e, "%s is not a node that the hub knows", s->peer.url);
}

static bool peer_save(struct sync *s, struct err *e)
{
	PARTY_LOCKED(s->party);
	AUTO_RESET q = { 0 };

	if (s->peer.is_hub)
		s->party->clock_offset_ms = s->clock_offset_ms;
	if (s->peer.no == 0)
		return true;
	if (!db_statement(s->party->db, "UPDATE simpul_peer SET key = ?2, pin = ?3 WHERE no = ?1", &q, e))
		return false;
	stmt_int(&q, 1, s->peer.no);
	stmt_blob(&q, 2, s->peer.key.bytes, sizeof(s->peer.key.bytes));
	stmt_blob(&q, 3, s->peer.pin.bytes, sizeof(s->peer.pin.bytes));
	return stmt_done(&q, e);
}

/*
 * The hub was restored from a backup and says so with a new origin, under the same key.  It may lack what
 * it once had, so everything is offered again; old receipts stay as they are, under the old origin.
 */
static bool new_epoch(struct sync *s, const struct hello *hello, struct err *e)
{
	struct party *p = s->party;
	PARTY_LOCKED(p);
	AUTO_TXN txn = { 0 };
	bool was;

	if (!proof_origin_known(p, hello->origin, &was, e))
		return false;
	if (was)
		return err_set(e, ERR_PROOF, "the hub shows its log %s again, which it had left for %s",
			       hello->origin, p->origin);
	log_line(LOG_WARNING, "sync", "the hub was restored: its log is now %s, was %s", hello->origin,
		 p->origin);
	if (!txn_begin(&txn, p->db, e) || !meta_put_text(p->db, "origin", hello->origin, e) ||
	    !db_exec(p->db, "UPDATE simpul_peer SET cursor = 0 WHERE is_hub = 1", e) ||
	    !txn_commit(&txn, e))
		return false;
	memcpy(p->origin, hello->origin, sizeof(p->origin));
	s->peer.cursor = 0;
	s->resend = true;
	return true;
}

bool sync_greet(struct sync *s, struct err *e)
{
	static const struct hash zeros;
	struct transport_call c = { .method = "GET" };
	struct http_fields fields = { 0 };
	AUTO_RESPONSE response = { 0 };
	uint8_t random[16];
	char nonce[HEX_SIZE(sizeof(random))], url[320];
	struct hash pin = { 0 };
	struct hello hello;
	uint64_t newest;

	if (!newest_size(s, &newest, e))
		return false;
	world_random(s->party->world, random, sizeof(random));
	hex_encode(random, sizeof(random), nonce);
	snprintf(url, sizeof(url), "%s/v1/hello?nonce=%s", s->peer.url, nonce);
	c.url = url;
	c.fields = &fields;
	c.ret_pin = &pin;
	/* The key decides, not the pin: a hub may have renewed its TLS key. */
	if (!s->transport->call(s->transport->state, &c, &response, e) ||
	    !hello_read(&response, nonce, &hello, e) || !known_neighbour(s, &hello, e))
		return false;
	if (!hash_equal(&hello.pin, &pin) && !hash_equal(&hello.pin, &zeros))
		return err_set(e, ERR_PIN, "somebody sits between this node and %s", s->peer.url);
	s->clock_offset_ms = (int64_t)hello.time_ms - (int64_t)world_now_ms(s->party->world);
	s->peer.key = hello.key;
	s->peer.has_key = true;
	s->peer.pin = pin;
	s->peer.has_pin = !hash_equal(&hello.pin, &zeros);
	s->greeted = true;
	memcpy(s->origin, hello.origin, sizeof(s->origin));
	if (!peer_save(s, e))
		return false;
	if (!s->peer.is_hub || s->party->origin[0] == '\0') /* not the hub, or not ours yet */
		return true;
	if (strcmp(hello.origin, s->party->origin) != 0) {
		if (!new_epoch(s, &hello, e))
			return false;
		newest = 0;
	}
	return hello.checkpoint.len == 0 || checkpoint_greet(s, &hello.checkpoint, newest, e);
}

/*
 * Does the other side hold more of our own chains than we do?  Then this file was restored from a backup:
 * sealing now would give one number to two changesets.  So nothing is sealed until all of ours is back.
 */
static bool own_heads(struct sync *s, struct err *e)
{
	AUTO_BUF scopes = { 0 }, except = { 0 }, target = { 0 };
	AUTO_RESPONSE response = { 0 };
	AUTO_JSON json = NULL;
	const json_t *heads;
	bool behind;

	{
		PARTY_LOCKED(s->party);
		if (!outgoing_scopes(s->party->db, &scopes, &except, e))
			return false;
	}
	buf_print(&target, "/v1/heads?scope=%s&chain=%s", buf_string(&scopes), buf_string(&except));
	if (!call_now(s, "GET", buf_string(&target), NULL, &response, e) ||
	    !json_parse(response.body.data, response.body.len, &json, e) ||
	    !json_member_array(json, "heads", &heads, e))
		return false;
	PARTY_LOCKED(s->party);
	if (!outgoing_heads_take(s->party->db, s->peer.no, heads, e) ||
	    !outgoing_behind(s->party->db, s->peer.no, &behind, e))
		return false;
	if (behind)
		log_line(LOG_WARNING, "sync", "this file is older than what %s has of it: restored from a "
					      "backup; fetching the rest before anything is sealed",
			 s->peer.url);
	s->party->behind = behind;
	s->own_known = true;
	return true;
}

/* Seals what local programs wrote and merges what waits. */
static bool settle(struct sync *s, struct err *e)
{
	return settle_parts(s->party, e);
}

/* The file knows best: others may pull as well, and an enrolment sets it back. */
static bool cursor_load(struct sync *s, struct err *e)
{
	AUTO_RESET q = { 0 };
	bool row;

	if (!db_statement(s->party->db, "SELECT cursor FROM simpul_peer WHERE no = ?1", &q, e))
		return false;
	stmt_int(&q, 1, s->peer.no);
	if (!stmt_row(&q, &row, e))
		return false;
	if (row)
		s->peer.cursor = (uint64_t)stmt_get_int(&q, 0);
	return true;
}

/* One GET of the feed.  wait_s: how long the other side may hold it until there is something. */
static bool pull_once(struct sync *s, unsigned wait_s, bool *ret_more, struct err *e)
{
	AUTO_BUF scopes = { 0 }, except = { 0 }, target = { 0 };
	AUTO_RESPONSE response = { 0 };
	const char *cursor, *more;
	struct intake_result taken = { 0 };
	uint64_t at, begun_ms;
	bool ok;

	{
		PARTY_LOCKED(s->party);
		if (!outgoing_scopes(s->party->db, &scopes, &except, e) || !cursor_load(s, e))
			return false;
	}
	buf_print(&target, "/v1/changesets?scope=%s&after=%llu&bytes=%zu", buf_string(&scopes),
		  (unsigned long long)s->peer.cursor, s->request_bytes);
	/* Ours are all here, as the heads said; else they are what is fetched. */
	if (s->own_known && !s->party->behind && except.len > 0)
		buf_print(&target, "&except=%s", buf_string(&except));
	if (wait_s > 0)
		buf_print(&target, "&wait=%u", wait_s);
	/* A line that died without a word must not keep the poll for longer than the poll itself. */
	s->silent_s_max = wait_s > 0 ? wait_s + POLL_GRACE_S : 0;
	begun_ms = world_monotonic_ms(s->party->world);
	if (!call_now(s, "GET", buf_string(&target), NULL, &response, e)) {
		push_adapt(s, PUSH_FAILED);
		return false;
	}
	if (wait_s == 0 && response.body.len >= s->request_bytes / 2) /* else it tells nothing of the line */
		push_adapt(s, world_monotonic_ms(s->party->world) - begun_ms);
	cursor = http_response_header(&response, "Simpul-Cursor");
	more = http_response_header(&response, "Simpul-More");
	if (cursor == NULL || more == NULL || cursor[0] < '0' || cursor[0] > '9')
		return err_set(e, ERR_MALFORMED, "the feed has no cursor");
	at = strtoull(cursor, NULL, 10);
	*ret_more = more[0] == '1';
	if (response.body.len == 0 && at == s->peer.cursor)
		return true;
	ok = intake_feed(s->party, &s->peer, (struct bytes){ response.body.data, response.body.len }, at,
			 &taken, e);
	s->stats.received += taken.accepted;
	if (s->damage.code == ERR_OK)
		s->damage = taken.damage;
	if (!ok)
		return false;
	s->peer.cursor = at;
	if (s->progress != NULL)
		s->progress(s->progress_arg, &s->stats);
	return true;
}

static bool pull(struct sync *s, struct err *e)
{
	bool more = true;

	while (more)
		if (!pull_once(s, 0, &more, e))
			return false;
	s->caught_up = true;
	return true;
}

/* Receipts of ours that are not here yet: the hub has them, or a neighbour saw them come by. */
static bool pull_receipts(struct sync *s, struct err *e)
{
	struct outgoing_waiting waiting[FEED_SCOPES_MAX];
	size_t n;

	{
		PARTY_LOCKED(s->party);
		if (!outgoing_waiting(s->party->db, waiting, FEED_SCOPES_MAX, &n, e))
			return false;
	}
	for (size_t i = 0; i < n; i++) {
		char hex[HEX_SIZE(sizeof(struct chain_id))], target[256];
		AUTO_RESPONSE response = { 0 };
		AUTO_ANSWER answer = { 0 };

		hex_encode(waiting[i].chain.bytes, sizeof(waiting[i].chain.bytes), hex);
		snprintf(target, sizeof(target), "/v1/receipts?scope=%s&chain=%s&after=%llu",
			 waiting[i].scope.name, hex, (unsigned long long)waiting[i].after_seq);
		if (!call_now(s, "GET", target, NULL, &response, e) ||
		    !answer_decode(response.body.data, response.body.len, &answer, e) ||
		    !push_file(s, &answer, e))
			return false;
	}
	return true;
}

/* Known to each other, and sure that this file is not behind itself. */
static bool meet(struct sync *s, struct err *e)
{
	if (!s->greeted && !sync_greet(s, e))
		return false;
	if (!s->own_known && !own_heads(s, e))
		return false;
	if (!s->party->behind)
		return true;
	if (!pull(s, e))
		return false;
	s->party->behind = false;
	return true;
}

static bool contact_note(struct sync *s, const struct err *problem)
{
	static const char note[] =
		"UPDATE simpul_peer SET try_ms = ?2, contact_ms = CASE WHEN ?3 IS NULL THEN ?2 ELSE"
		" contact_ms END, error = ?3, error_text = ?4, sent_bytes = sent_bytes + ?5,"
		" received_bytes = received_bytes + ?6 WHERE no = ?1";
	PARTY_LOCKED(s->party);
	AUTO_RESET q = { 0 };
	struct err ignored;

	if (!db_statement(s->party->db, note, &q, &ignored))
		return false;
	stmt_int(&q, 1, s->peer.no);
	stmt_int(&q, 2, (int64_t)world_now_ms(s->party->world));
	if (problem != NULL) {
		stmt_text(&q, 3, err_slug(problem->code));
		stmt_text(&q, 4, problem->text);
	} else {
		stmt_null(&q, 3);
		stmt_null(&q, 4);
	}
	stmt_int(&q, 5, (int64_t)s->stats.sent_bytes);
	stmt_int(&q, 6, (int64_t)s->stats.received_bytes);
	return stmt_done(&q, &ignored);
}

/*
 * Receipts stand on the checkpoints of their time, and others came by stick or neighbour: each must lead
 * to the newest, else the hub could show this node a log of its own in between.
 */
static bool prove_passed(struct sync *s, struct err *e)
{
	for (;;) {
		struct tree_head newest, old[PROOF_BATCH];
		size_t n;

		{
			PARTY_LOCKED(s->party);
			if (!proof_unproven(s->party, &newest, old, PROOF_BATCH, &n, e))
				return false;
		}
		if (n == 0)
			return true;
		if (!consistency(s, old, n, &newest, e))
			return false;
		{
			PARTY_LOCKED(s->party);
			if (!proof_proven(s->party, old, n, e))
				return false;
		}
	}
}

/*
 * The receipts' checkpoint must continue the one that we knew.  Proving that costs a request, so in the
 * background it is asked for now and then, not at each change; a round that a person asked for always ends
 * with it.
 */
static bool prove_checkpoint(struct sync *s, bool now, struct err *e)
{
	uint64_t now_ms = world_monotonic_ms(s->party->world);

	if (!s->peer.is_hub || (!now && s->unproven.len == 0) ||
	    (!now && s->proven_ms != 0 && now_ms - s->proven_ms < PROVE_MS))
		return true;
	if (s->unproven.len > 0 && !checkpoint_take(s, &s->unproven, e))
		return false;
	if (!prove_passed(s, e))
		return false;
	s->unproven.len = 0;
	s->proven_ms = now_ms;
	return true;
}

bool sync_round(struct sync *s, struct err *e)
{
	bool ok;

	memset(&s->stats, 0, sizeof(s->stats));
	err_clear(&s->trouble);
	err_clear(&s->damage);
	ok = meet(s, e) && push_backlog(s, e) && settle(s, e) && push_all(s, e) && pull(s, e) &&
	     push_all(s, e) && pull_receipts(s, e) && prove_checkpoint(s, true, e);
	contact_note(s, ok ? NULL : e);
	if (!ok)
		s->greeted = false;
	return ok;
}

bool sync_send(struct sync *s, struct err *e)
{
	bool ok;

	memset(&s->stats, 0, sizeof(s->stats));
	err_clear(&s->trouble);
	err_clear(&s->damage);
	ok = meet(s, e) && push_backlog(s, e) && settle(s, e) && push_all(s, e) &&
	     pull_receipts(s, e) && prove_checkpoint(s, false, e);
	contact_note(s, ok ? NULL : e);
	if (!ok)
		s->greeted = false;
	return ok;
}

bool sync_wait(struct sync *s, unsigned wait_s, struct err *e)
{
	bool more = false, ok;

	memset(&s->stats, 0, sizeof(s->stats));
	ok = meet(s, e) && pull_once(s, wait_s, &more, e) &&
	     (!more || pull(s, e));
	s->caught_up |= ok;
	contact_note(s, ok ? NULL : e);
	if (!ok)
		s->greeted = false;
	return ok;
}
