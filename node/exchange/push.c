/* push.c - requests of frames, two in hand: one under way, one being made. */
#include <string.h>

#include "base/json.h"
#include "exchange/call.h"
#include "exchange/outgoing.h"
#include "exchange/proof.h"
#include "exchange/push.h"

#define BYTES_LEAST (4u << 10)
#define BYTES_MOST (2u << 20)
#define MS_AIM 10000
/*
 * Receivers merge up to 10,000 changes as one, so a part must not be shorter; the longer it is, the less
 * often the same pages are read, and the later its request leaves: so the first is short.
 */
#define SLICE_HINTS_FIRST 10000
#define SLICE_HINTS 25000
#define SLICE_BYTES (512u << 10) /* with so much ready to send there is no hurry to seal more */

struct backlog { /* seqs of hints */
	int64_t upto;	/* sealed so far */
	int64_t newest; /* 0: nothing to seal */
};

static void count_answer(struct sync *s, const struct answer *answer)
{
	for (size_t i = 0; i < answer->items; i++) {
		const struct answer_item *item = &answer->item[i];

		s->stats.sent += item->state <= ANSWER_KEPT;
		s->stats.held += item->state == ANSWER_HELD;
		s->stats.refused += item->state == ANSWER_REFUSED;
		if (item->problem != ERR_OK)
			err_set(&s->trouble, item->problem, "%s", item->detail);
	}
	if (s->progress != NULL)
		s->progress(s->progress_arg, &s->stats);
}

bool push_file(struct sync *s, const struct answer *answer, struct err *e)
{
	PARTY_LOCKED(s->party);
	AUTO_TXN txn = { 0 };
	size_t filed;

	if (!txn_begin(&txn, s->party->db, e) || !proof_file(s->party, answer, &filed, e) ||
	    (s->peer.is_hub && !party_heed_forks(s->party, answer, e)) || !txn_commit(&txn, e))
		return false;
	s->stats.receipts += filed;
	return true;
}

void push_adapt(struct sync *s, uint64_t took_ms)
{
	size_t bytes = s->request_bytes;

	if (took_ms == PUSH_FAILED)
		bytes /= 2;
	else if (took_ms < MS_AIM / 16)
		bytes *= 8;
	else if (took_ms < MS_AIM / 2)
		bytes *= 2;
	else if (took_ms > MS_AIM)
		bytes /= 2;
	s->request_bytes = bytes > BYTES_MOST ? BYTES_MOST : bytes < BYTES_LEAST ? BYTES_LEAST : bytes;
}

/* Sends the frames, which it takes over. */
static bool depart(struct sync *s, struct call *c, struct buf *frames, struct err *e)
{
	call_done(c);
	c->body = *frames;
	*frames = (struct buf){ 0 };
	return call_begin(c, s, "POST", "/v1/changesets", e);
}

/* The answer to what is under way. */
static bool arrive(struct sync *s, struct call *c, struct answer *ret, struct err *e)
{
	if (!call_end(c, e)) {
		push_adapt(s, PUSH_FAILED);
		return false;
	}
	push_adapt(s, c->took_ms);
	return answer_decode(c->response.body.data, c->response.body.len, ret, e);
}

static bool take_answer(struct sync *s, const struct answer *answer, struct err *e)
{
	if (!push_file(s, answer, e))
		return false;
	if (answer->checkpoint.len > 0)
		s->unproven = answer->checkpoint;
	count_answer(s, answer);
	return true;
}

static void note_damage(struct sync *s, const struct outgoing_part *part)
{
	if (s->damage.code == ERR_OK)
		s->damage = part->damage;
}

/* The next request.  Seals one part more if there is little to send, for nothing to send several. */
static bool next_frames(struct sync *s, struct backlog *backlog, uint64_t *after, struct buf *frames,
			struct err *e)
{
	size_t enough = s->request_bytes / 2 < SLICE_BYTES ? s->request_bytes / 2 : SLICE_BYTES;

	for (bool sealed = false;; sealed = true) {
		PARTY_LOCKED(s->party);
		struct outgoing_part part = { .after = *after, .bytes_max = s->request_bytes };

		buf_reset(frames);
		if (!outgoing_unsent(s->party->db, &part, frames, e))
			return false;
		note_damage(s, &part);
		if (frames->len >= (sealed ? 1 : enough) || backlog->upto >= backlog->newest) {
			*after = part.after;
			return true;
		}
		if (!party_seal_some(s->party, backlog->upto == 0 ? SLICE_HINTS_FIRST : SLICE_HINTS,
				     &backlog->upto, e))
			return false;
	}
}

static bool push_unsent(struct sync *s, struct backlog *backlog, struct err *e)
{
	AUTO_CALL c = { 0 };
	uint64_t after = 0;

	for (;;) {
		AUTO_BUF frames = { 0 };
		AUTO_ANSWER answer = { 0 };
		bool arrived = c.sync != NULL, departs;

		if (!next_frames(s, backlog, &after, &frames, e) || (arrived && !arrive(s, &c, &answer, e)))
			return false;
		departs = frames.len > 0;
		if ((departs && !depart(s, &c, &frames, e)) || (arrived && !take_answer(s, &answer, e)))
			return false;
		if (!departs)
			return true;
	}
}

bool push_backlog(struct sync *s, struct err *e)
{
	struct backlog backlog = { 0 };
	int64_t hints;

	if (!s->peer.is_hub || s->resend || s->party->behind)
		return true;
	{
		PARTY_LOCKED(s->party);
		if (!db_int(s->party->db, "SELECT count(*) FROM simpul_log", 0, &hints, e) ||
		    !db_int(s->party->db, "SELECT max(seq) FROM simpul_log", 0, &backlog.newest, e))
			return false;
	}
	return hints <= SLICE_HINTS || push_unsent(s, &backlog, e);
}

static bool push_frames(struct sync *s, struct buf *frames, struct err *e)
{
	AUTO_ANSWER answer = { 0 };
	AUTO_CALL c = { 0 };

	return depart(s, &c, frames, e) && arrive(s, &c, &answer, e) && take_answer(s, &answer, e);
}

/* What the other side's heads lack, chain by chain: for neighbours, and for a hub that lost something. */
static bool push_missing(struct sync *s, const char *scopes, struct err *e)
{
	AUTO_RESPONSE response = { 0 };
	AUTO_JSON json = NULL;
	const json_t *heads;
	AUTO_BUF target = { 0 };
	struct outgoing_part part = { .peer = s->peer.no };

	buf_print(&target, "/v1/heads?scope=%s", scopes);
	if (!call_now(s, "GET", buf_string(&target), NULL, &response, e) ||
	    !json_parse(response.body.data, response.body.len, &json, e) ||
	    !json_member_array(json, "heads", &heads, e))
		return false;
	{
		PARTY_LOCKED(s->party);
		if (!outgoing_heads_take(s->party->db, s->peer.no, heads, e))
			return false;
	}
	for (;;) {
		AUTO_BUF frames = { 0 };

		{
			PARTY_LOCKED(s->party);
			part.bytes_max = s->request_bytes;
			if (!outgoing_missing(s->party->db, scopes, &part, &frames, e))
				return false;
		}
		note_damage(s, &part);
		if (frames.len == 0)
			return true;
		if (!push_frames(s, &frames, e))
			return false;
	}
}

/* Of our scopes those that the other side has a right to: a neighbour need not hold the same. */
static bool scopes_shared(struct sync *s, struct buf *out, struct err *e)
{
	AUTO_BUF all = { 0 }, except = { 0 };
	char *save = NULL, *list;
	AUTO_ARENA arena = { 0 };

	PARTY_LOCKED(s->party);
	if (!outgoing_scopes(s->party->db, &all, &except, e))
		return false;
	list = arena_text(&arena, buf_string(&all));
	for (char *scope = strtok_r(list, ",", &save); scope != NULL;
	     scope = strtok_r(NULL, ",", &save)) {
		enum role role;
		struct err why;

		if (party_authorize(s->party, &s->peer.key, scope, &role, &why))
			buf_print(out, "%s%s", out->len > 0 ? "," : "", scope);
		else if (why.code != ERR_FORBIDDEN && why.code != ERR_REVOKED)
			return err_set(e, why.code, "%s", why.text);
	}
	return true;
}

bool push_all(struct sync *s, struct err *e)
{
	struct backlog nothing = { 0 };
	AUTO_BUF scopes = { 0 };

	if (s->peer.is_hub && !s->resend)
		return push_unsent(s, &nothing, e);
	if (!scopes_shared(s, &scopes, e))
		return false;
	if (scopes.len == 0)
		return true;
	if (!push_missing(s, buf_string(&scopes), e))
		return false;
	s->resend = false;
	return true;
}
