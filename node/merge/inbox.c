/*
 * inbox.c - the order of trust, step by step.
 *
 * 1 the frame's parts, by bounds alone.  2 the chain's key: from its row, or for a genesis from itself
 * plus a grant (or the pinned hub key).  3 the signature over the raw header.  4 the link to the chain.
 * 5 the body's length and hash.  6 its content (admission.c).  7 one row in simpul_changeset.
 *
 * A frame that cannot be verified because its chain is unknown is held unverified, up to a limit, and
 * goes through all of this when its genesis is here.
 */
#include <assert.h>
#include <string.h>

#include "base/log.h"
#include "merge/admission.h"
#include "merge/branch.h"
#include "merge/inbox.h"
#include "store/document.h"
#include "store/tables.h"

bool inbox_open(struct inbox *in, struct db *db, const struct world *world, struct err *e)
{
	char hex[HEX_SIZE(32)];

	*in = (struct inbox){ .db = db, .world = world };
	if (!meta_get_text(db, "hub_key", hex, sizeof(hex), e))
		return false;
	in->has_hub_key = hex_decode(hex, strlen(hex), in->hub_key.bytes, sizeof(in->hub_key.bytes));
	return true;
}

void inbox_close(struct inbox *in)
{
	buf_done(&in->body);
	buf_done(&in->queue);
	*in = (struct inbox){ 0 };
}

static bool refuse(struct inbox *in, struct inbox_result *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	const char *slug = err_slug(ret->problem.code);

	ret->state = INBOX_REFUSED;
	log_once(LOG_WARNING, "inbox", slug, "frame refused: %s", ret->problem.text);
	if (!db_statement(in->db, "INSERT INTO simpul_refused(problem, count, last_ms, last_text)"
				  " VALUES(?1, 1, ?2, ?3) ON CONFLICT(problem) DO UPDATE SET"
				  " count = count + 1, last_ms = ?2, last_text = ?3", &s, e))
		return false;
	stmt_text(&s, 1, slug);
	stmt_int(&s, 2, (int64_t)world_now_ms(in->world));
	stmt_text(&s, 3, ret->problem.text);
	return stmt_done(&s, e);
}

static bool refuse_for(struct inbox *in, struct inbox_result *ret, enum err_code code, const char *why,
		       struct err *e)
{
	err_set(&ret->problem, code, "%s", why);
	return refuse(in, ret, e);
}

/* May one more frame of this chain be kept waiting? */
static bool hold_has_room(struct inbox *in, const struct frame *f, bool *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(in->db, "SELECT count(*), total(length(frame)) FROM simpul_held WHERE chain = ?1",
			  &s, e))
		return false;
	stmt_blob(&s, 1, f->changeset.chain.bytes, sizeof(f->changeset.chain.bytes));
	if (!stmt_row(&s, &row, e))
		return false;
	*ret = stmt_get_int(&s, 0) < (int64_t)LIMIT_PENDING_CHANGESETS &&
	       stmt_get_int(&s, 1) + (int64_t)f->len <= (int64_t)LIMIT_PENDING_BYTES;
	return true;
}

/*
 * A verified frame is filed under its id.  An unverified one under the hash of all its bytes: else a
 * damaged copy, whose header gives the same id, could take the place of the true one.
 */
static bool hold_put(struct inbox *in, const struct frame *f, const struct verdict *v, bool verified,
		     struct err *e)
{
	struct hash id = f->id;
	AUTO_RESET s = { 0 };

	if (!verified)
		crypto_sha256(f->bytes, f->len, &id);

	if (!db_statement(in->db, "INSERT OR REPLACE INTO simpul_held(id, chain, seq, missing, detail,"
				  " arrived_ms, frame, need, need_seq)"
				  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", &s, e))
		return false;
	stmt_blob(&s, 1, id.bytes, sizeof(id.bytes));
	stmt_blob(&s, 2, f->changeset.chain.bytes, sizeof(f->changeset.chain.bytes));
	stmt_int(&s, 3, (int64_t)f->changeset.seq);
	stmt_text(&s, 4, v->missing);
	stmt_text(&s, 5, v->problem.text);
	stmt_int(&s, 6, (int64_t)world_now_ms(in->world));
	stmt_blob(&s, 7, f->bytes, f->len);
	if (v->need_len > 0)
		stmt_blob(&s, 8, v->need, v->need_len);
	else
		stmt_null(&s, 8);
	stmt_int(&s, 9, (int64_t)v->need_seq);
	return stmt_done(&s, e);
}

static bool hold(struct inbox *in, const struct frame *f, const struct verdict *v,
		 struct inbox_result *ret, struct err *e)
{
	bool room;

	if (!hold_has_room(in, f, &room, e))
		return false;
	if (!room)
		return refuse_for(in, ret, ERR_TOO_LARGE, "too many frames of this chain are waiting", e);
	ret->state = INBOX_HELD;
	ret->problem = v->problem;
	return hold_put(in, f, v, strcmp(v->missing, "chain") != 0, e);
}

/* Of a chain that is not here: nothing of it can be verified yet. */
static bool hold_unverified(struct inbox *in, const struct frame *f, struct inbox_result *ret,
			    struct err *e)
{
	struct verdict v = { 0 };
	static const char count[] = "SELECT count(*) FROM simpul_held h WHERE NOT EXISTS (SELECT 1 FROM"
				    " simpul_chain c WHERE c.id = h.chain)";
	static const char bytes[] = "SELECT sum(length(frame)) FROM simpul_held h WHERE NOT EXISTS"
				    " (SELECT 1 FROM simpul_chain c WHERE c.id = h.chain)";
	int64_t waiting, waiting_bytes;

	if (!db_int(in->db, count, 0, &waiting, e) || !db_int(in->db, bytes, 0, &waiting_bytes, e))
		return false;
	if (waiting >= INBOX_UNKNOWN_MAX || waiting_bytes + (int64_t)f->len > INBOX_UNKNOWN_BYTES)
		return refuse_for(in, ret, ERR_FORBIDDEN, "too many frames of unknown chains are waiting", e);
	admission_hold(&v, "chain", f->changeset.chain.bytes, sizeof(f->changeset.chain.bytes),
		       f->changeset.seq - 1);
	return hold(in, f, &v, ret, e);
}

static bool unpack(struct inbox *in, const struct frame *f, struct err *ret_why)
{
	buf_reset(&in->body);
	return seal_unpack(f, buf_reserve(&in->body, f->changeset.body_len + 1), f->changeset.body_len,
			   ret_why);
}

static bool put_changeset(struct inbox *in, const struct frame *f, const struct chain_state *chain,
			  const struct verdict *v, struct inbox_result *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool bad = v->admission == ADMIT_QUARANTINE, row;

	if (!db_statement(in->db, "INSERT INTO simpul_changeset(n, id, chain_no, seq, scope, kind, state,"
				  " changes, hlc, arrived_ms, reason, frame) SELECT coalesce(max(n), 0) + 1,"
				  " ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM simpul_changeset"
				  " RETURNING n", &s, e))
		return false;
	stmt_blob(&s, 1, f->id.bytes, sizeof(f->id.bytes));
	stmt_int(&s, 2, chain->no);
	stmt_int(&s, 3, (int64_t)f->changeset.seq);
	stmt_text(&s, 4, chain->scope.name);
	stmt_int(&s, 5, f->changeset.kind);
	stmt_int(&s, 6, bad ? 2 : 0);
	stmt_int(&s, 7, f->changeset.changes);
	stmt_int(&s, 8, (int64_t)f->changeset.hlc_max);
	stmt_int(&s, 9, (int64_t)world_now_ms(in->world));
	if (bad)
		stmt_text(&s, 10, v->problem.text);
	else
		stmt_null(&s, 10);
	stmt_blob(&s, 11, f->bytes, f->len);
	if (!stmt_row(&s, &row, e))
		return false;
	ret->n = stmt_get_int(&s, 0);
	ret->state = INBOX_ACCEPTED;
	ret->quarantined = bad;
	ret->problem = v->problem;
	return true;
}

static bool advance_chain(struct inbox *in, const struct frame *f, const struct chain_state *chain,
			  struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(in->db, "UPDATE simpul_chain SET head_seq = ?2, head_id = ?3,"
				  " head_hlc = max(head_hlc, ?4) WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, chain->no);
	stmt_int(&s, 2, (int64_t)f->changeset.seq);
	stmt_blob(&s, 3, f->id.bytes, sizeof(f->id.bytes));
	stmt_int(&s, 4, (int64_t)f->changeset.hlc_max);
	return stmt_done(&s, e);
}

/* Held frames that wait for `need` up to seq join the queue. */
static bool queue_waiting(struct inbox *in, const void *need, size_t len, uint64_t seq, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(in->db, "SELECT id FROM simpul_held WHERE need = ?1 AND need_seq <= ?2"
				  " ORDER BY need_seq DESC", &s, e))
		return false;
	stmt_blob(&s, 1, need, len);
	stmt_int(&s, 2, (int64_t)seq);
	while (true) {
		const void *id;
		size_t id_len;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		id = stmt_get_blob(&s, 0, &id_len);
		if (id_len == sizeof(struct hash))
			buf_put(&in->queue, id, id_len);
	}
}

static bool queue_followers(struct inbox *in, const struct frame *f, const struct chain_state *chain,
			    struct err *e)
{
	struct hash document;
	struct revocation r;
	struct grant g;
	struct err ignored;
	const uint8_t *body = in->body.data;
	size_t len = f->changeset.body_len;

	if (!queue_waiting(in, chain->id.bytes, sizeof(chain->id.bytes), f->changeset.seq, e))
		return false;
	switch (f->changeset.kind) {
	case CHANGESET_SCHEMA:
		crypto_sha256(body, len, &document);
		return queue_waiting(in, document.bytes, sizeof(f->changeset.schema), 0, e);
	case CHANGESET_GRANT:
		return !grant_decode(body, len, &g, &ignored) ||
		       queue_waiting(in, g.chain.bytes, sizeof(g.chain.bytes), 0, e);
	case CHANGESET_REVOKE:
		return !revocation_decode(body, len, &r, &ignored) ||
		       queue_waiting(in, r.chain.bytes, sizeof(r.chain.bytes), INT64_MAX, e);
	default:
		return true;
	}
}

/* Steps 5 to 7, for a verified frame that is the next of its chain. */
static bool admit(struct inbox *in, const struct frame *f, const struct chain_state *chain,
		  struct inbox_result *ret, struct err *e)
{
	struct verdict v;

	if (!unpack(in, f, &ret->problem))
		return refuse(in, ret, e);
	if (!admission_check(in->db, f, in->body.data, chain, &v, e))
		return false;
	if (v.admission == ADMIT_HOLD)
		return hold(in, f, &v, ret, e);
	return put_changeset(in, f, chain, &v, ret, e) && advance_chain(in, f, chain, e) &&
	       queue_followers(in, f, chain, e);
}

static bool put_chain(struct inbox *in, const struct genesis *g, struct chain_state *chain,
		      const char *name, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(in->db, "INSERT INTO simpul_chain(id, scope, key, name, role, void_after)"
				  " VALUES(?1, ?2, ?3, ?4, ?5, ?6)", &s, e))
		return false;
	stmt_blob(&s, 1, chain->id.bytes, sizeof(chain->id.bytes));
	stmt_text(&s, 2, g->scope.name);
	stmt_blob(&s, 3, g->key.bytes, sizeof(g->key.bytes));
	stmt_text(&s, 4, name);
	stmt_int(&s, 5, chain->role);
	if (chain->void_after >= 0)
		stmt_int(&s, 6, chain->void_after);
	else
		stmt_null(&s, 6);
	if (!stmt_done(&s, e))
		return false;
	chain->no = (int)db_last_rowid(in->db);
	return true;
}

/* What the hub's national chain says about this chain: role 0 if nothing. */
static bool find_grant(struct inbox *in, const struct genesis *g, struct chain_state *chain,
		       char name[LIMIT_NAME_BYTES + 1], struct err *e)
{
	AUTO_RESET s = { 0 };
	const void *key;
	size_t len;
	bool row;

	if (!db_statement(in->db, "SELECT key, scope, role, name, coalesce(void_after, -1) FROM simpul_grant"
				  " WHERE chain = ?1", &s, e))
		return false;
	stmt_blob(&s, 1, chain->id.bytes, sizeof(chain->id.bytes));
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return true;
	chain->void_after = stmt_get_int(&s, 4);
	key = stmt_get_blob(&s, 0, &len);
	if (len != sizeof(g->key.bytes) || memcmp(key, g->key.bytes, len) != 0 ||
	    strcmp(stmt_get_text(&s, 1), g->scope.name) != 0)
		return true;
	chain->role = (int)stmt_get_int(&s, 2);
	memccpy(name, stmt_get_text(&s, 3), '\0', LIMIT_NAME_BYTES);
	name[LIMIT_NAME_BYTES] = '\0';
	return true;
}

/* A chain that is not here begins: its key signs itself, its right comes from the hub. */
static bool begin_chain(struct inbox *in, const struct frame *f, struct inbox_result *ret,
			struct err *e)
{
	struct chain_state chain = { .id = f->changeset.chain, .void_after = -1 };
	char name[LIMIT_NAME_BYTES + 1];
	struct genesis g;

	if (!genesis_read(&f->changeset, &g, &ret->problem) ||
	    !seal_verify(f, &g.key, &ret->problem) || !unpack(in, f, &ret->problem))
		return refuse(in, ret, e);
	chain.scope = g.scope;
	chain.key = g.key;
	memcpy(name, g.name, sizeof(name));
	if (strcmp(g.scope.name, SCOPE_NATIONAL) == 0 && in->has_hub_key && key_equal(&g.key, &in->hub_key))
		chain.role = ROLE_HUB;
	else if (!find_grant(in, &g, &chain, name, e))
		return false;
	if (chain.void_after == 0)
		return refuse_for(in, ret, ERR_REVOKED, "the chain is revoked as a whole", e);
	if (chain.role == 0) {
		struct verdict v = { 0 };

		admission_hold(&v, "grant", chain.id.bytes, sizeof(chain.id.bytes), 0);
		return hold(in, f, &v, ret, e);
	}
	return put_chain(in, &g, &chain, name, e) && admit(in, f, &chain, ret, e);
}

/* A number that the chain has already: the same changeset again, or a fork. */
static bool meet_again(struct inbox *in, const struct frame *f, const struct chain_state *chain,
		       struct inbox_result *ret, struct err *e)
{
	struct verdict evidence = { .missing = "fork" };
	AUTO_RESET s = { 0 };
	AUTO_RESET freeze = { 0 };
	const void *id;
	size_t len;
	bool row;

	if (!db_statement(in->db, "SELECT n, id FROM simpul_changeset WHERE chain_no = ?1 AND seq = ?2", &s,
			  e))
		return false;
	stmt_int(&s, 1, chain->no);
	stmt_int(&s, 2, (int64_t)f->changeset.seq);
	if (!stmt_row(&s, &row, e))
		return false;
	id = row ? stmt_get_blob(&s, 1, &len) : NULL;
	if (row && len == sizeof(f->id) && memcmp(id, f->id.bytes, len) == 0) {
		ret->state = INBOX_DUPLICATE;
		ret->n = stmt_get_int(&s, 0);
		return true;
	}
	if (!seal_verify(f, &chain->key, &ret->problem))
		return refuse(in, ret, e);
	err_set(&evidence.problem, ERR_FORK, "a second changeset %llu of this chain, by the same key",
		(unsigned long long)f->changeset.seq);
	ret->problem = evidence.problem;
	if (!db_statement(in->db, "UPDATE simpul_chain SET frozen = CASE WHEN ?2 AND NOT own AND frozen > 2"
				  " THEN min(frozen, ?3) WHEN ?2 AND NOT own THEN ?3 WHEN frozen > 2 THEN"
				  " frozen ELSE 1 END WHERE no = ?1", &freeze, e))
		return false;
	stmt_int(&freeze, 1, chain->no);
	stmt_int(&freeze, 2, in->from_hub);
	stmt_int(&freeze, 3, BRANCH_FROZEN + (int64_t)f->changeset.seq);
	return stmt_done(&freeze, e) && hold_put(in, f, &evidence, true, e) && refuse(in, ret, e);
}

/* One of our own that were sealed anew on another chain: neighbours may have had it from us. */
static bool is_aside(struct inbox *in, const struct frame *f, bool *ret, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(in->db, "SELECT 1 FROM simpul_held WHERE id = ?1 AND missing = 'fork' AND"
				  " need IS NOT NULL", &s, e))
		return false;
	stmt_blob(&s, 1, f->id.bytes, sizeof(f->id.bytes));
	return stmt_row(&s, ret, e);
}

static bool continue_chain(struct inbox *in, const struct frame *f, const struct chain_state *chain,
			   struct inbox_result *ret, struct err *e)
{
	struct verdict v = { 0 };
	bool aside = false;

	if (chain->ours_aside && !is_aside(in, f, &aside, e))
		return false;
	if (aside)
		return refuse_for(in, ret, ERR_FORK, "it is set aside: sealed anew on another chain", e);
	if (f->changeset.seq <= chain->head_seq)
		return meet_again(in, f, chain, ret, e);
	if (!seal_verify(f, &chain->key, &ret->problem))
		return refuse(in, ret, e);
	if (chain->void_after >= 0 && f->changeset.seq > (uint64_t)chain->void_after)
		return refuse_for(in, ret, ERR_REVOKED, "the chain is revoked before this changeset", e);
	if (chain->frozen && (!in->from_hub || chain->leaves)) /* the hub takes no more of it than it gave */
		return refuse_for(in, ret, ERR_FORK, "the chain is frozen: it was seen to fork", e);
	if (f->changeset.seq > chain->head_seq + 1) {
		admission_hold(&v, "ancestor", chain->id.bytes, sizeof(chain->id.bytes),
			     f->changeset.seq - 1);
		if (!unpack(in, f, &ret->problem))
			return refuse(in, ret, e);
		return hold(in, f, &v, ret, e);
	}
	if (!hash_equal(&f->changeset.prev, &chain->head_id))
		return refuse_for(in, ret, ERR_CHAIN, "it does not follow what the chain has here", e);
	return admit(in, f, chain, ret, e);
}

static bool accept_one(struct inbox *in, const uint8_t *bytes, size_t len, struct inbox_result *ret,
		       struct err *e)
{
	struct chain_state chain;
	struct frame f;
	bool found;

	*ret = (struct inbox_result){ 0 };
	if (!seal_open(bytes, len, &f, &ret->problem))
		return refuse(in, ret, e);
	ret->id = f.id;
	if (f.changeset.seq == 0 || f.changeset.seq > INT64_MAX || f.changeset.hlc_max > INT64_MAX)
		return refuse_for(in, ret, ERR_MALFORMED, "a number in the header is out of range", e);
	if (!admission_chain(in->db, &f.changeset.chain, &chain, &found, e))
		return false;
	if (found)
		return continue_chain(in, &f, &chain, ret, e);
	if (f.changeset.kind == CHANGESET_GENESIS)
		return begin_chain(in, &f, ret, e);
	return hold_unverified(in, &f, ret, e);
}

/* Takes a held frame out; *ret_frame stays empty if it is not there any more. */
static bool hold_take(struct inbox *in, const struct hash *id, struct buf *ret_frame, struct err *e)
{
	AUTO_RESET get = { 0 };
	AUTO_RESET drop = { 0 };
	const void *frame;
	size_t len;
	bool row;

	if (!db_statement(in->db, "SELECT frame FROM simpul_held WHERE id = ?1 AND missing <> 'fork'", &get,
			  e))
		return false;
	stmt_blob(&get, 1, id->bytes, sizeof(id->bytes));
	if (!stmt_row(&get, &row, e))
		return false;
	if (!row)
		return true;
	frame = stmt_get_blob(&get, 0, &len);
	buf_put(ret_frame, frame, len);
	stmt_reset(&get);
	if (!db_statement(in->db, "DELETE FROM simpul_held WHERE id = ?1", &drop, e))
		return false;
	stmt_blob(&drop, 1, id->bytes, sizeof(id->bytes));
	return stmt_done(&drop, e);
}

/*
 * A frame is queued only when what it waited for has come, and each round takes one frame out of
 * simpul_held for good or puts it back without queueing it: so this ends.
 */
static bool release(struct inbox *in, int64_t *ret_released, struct err *e)
{
	AUTO_BUF frame = { 0 };

	while (in->queue.len > 0) {
		struct inbox_result result;
		struct hash id;

		in->queue.len -= sizeof(id);
		memcpy(&id, in->queue.data + in->queue.len, sizeof(id));
		buf_reset(&frame);
		if (!hold_take(in, &id, &frame, e))
			return false;
		if (frame.len == 0)
			continue;
		if (!accept_one(in, frame.data, frame.len, &result, e))
			return false;
		*ret_released += result.state == INBOX_ACCEPTED;
	}
	return true;
}

bool inbox_accept(struct inbox *in, const uint8_t *bytes, size_t len, struct inbox_result *ret,
		  struct err *e)
{
	buf_reset(&in->queue);
	return accept_one(in, bytes, len, ret, e) && release(in, &ret->released, e);
}

bool inbox_retry(struct inbox *in, const struct hash *id, struct inbox_result *ret, struct err *e)
{
	AUTO_BUF frame = { 0 };

	buf_reset(&in->queue);
	if (!hold_take(in, id, &frame, e))
		return false;
	if (frame.len == 0)
		return err_set(e, ERR_NOT_FOUND, "it is not held, or kept as evidence of a fork");
	return accept_one(in, frame.data, frame.len, ret, e) && release(in, &ret->released, e);
}
