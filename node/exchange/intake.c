/*
 * intake.c - the parts of an answer.
 *
 * Checking the signatures of many small changesets takes as long as merging them, so the taking in is cut
 * into parts as well.  A part that is lost with the power comes again: the cursor is where it was, and what
 * is here already is a duplicate.
 */
#include "base/log.h"
#include "exchange/feed.h"
#include "exchange/intake.h"
#include "exchange/outgoing.h"
#include "exchange/settle.h"

struct intake {
	struct party *party;
	const struct sync_peer *from;
	const uint8_t *at, *end;
	uint64_t cursor;
	struct intake_result result;
	bool more;
};

/* Unless it was set back while we asked. */
static bool cursor_move(struct intake *in, struct err *e)
{
	AUTO_RESET q = { 0 };

	if (!db_statement(in->party->db, "UPDATE simpul_peer SET cursor = ?2 WHERE no = ?1 AND cursor = ?3",
			  &q, e))
		return false;
	stmt_int(&q, 1, in->from->no);
	stmt_int(&q, 2, (int64_t)in->cursor);
	stmt_int(&q, 3, (int64_t)in->from->cursor);
	return stmt_done(&q, e);
}

static void note_refusal(struct intake *in, const struct err *problem)
{
	enum err_code code = problem->code;

	log_once(LOG_WARNING, "sync", err_slug(code), "%s sent a changeset that is refused: %s",
		 in->from->url, problem->text);
	if (code == ERR_HASH || code == ERR_SIGNATURE || code == ERR_MALFORMED)
		err_set(&in->result.damage, code,
			"%s sent a changeset that is not what its author signed: %s", in->from->url,
			problem->text);
}

static bool take(struct intake *in, struct err *e)
{
	struct inbox_result result;
	struct feed_entry entry;
	bool ok;

	if (!feed_next(&in->at, in->end, &entry, &in->more, e))
		return false;
	if (!in->more)
		return cursor_move(in, e);
	in->party->from_hub = in->from->is_hub;
	ok = party_accept(in->party, entry.frame, entry.len, &result, e);
	in->party->from_hub = false;
	if (!ok)
		return false;
	in->result.accepted += result.state == INBOX_ACCEPTED;
	if (result.state == INBOX_REFUSED)
		note_refusal(in, &result.problem);
	return !in->from->is_hub || outgoing_at_hub(in->party->db, &result.id, e);
}

static bool take_part(struct intake *in, struct err *e)
{
	struct party *p = in->party;
	AUTO_TXN txn = { 0 };

	if (!txn_begin(&txn, p->db, e))
		return false;
	turn_begin(&p->turn, p->world);
	do {
		if (!take(in, e))
			return false;
	} while (in->more && !turn_over(&p->turn, p->world));
	if (p->hub != NULL && !p->hub->append(p, e))
		return false;
	turn_worked(&p->turn, p->world, 0);
	return txn_commit(&txn, e) && (p->hub == NULL || p->hub->sign(p, e));
}

bool intake_feed(struct party *p, const struct sync_peer *from, struct bytes feed, uint64_t cursor,
		 struct intake_result *ret, struct err *e)
{
	const uint8_t *at = feed.data;
	struct intake in = { .party = p, .from = from, .at = at, .end = at + feed.len, .cursor = cursor,
			     .more = true };

	while (in.more) {
		bool ok;

		party_lock(p);
		ok = take_part(&in, e);
		party_unlock(p);
		*ret = in.result;
		if (!ok || !settle_pause(p, e))
			return false;
	}
	return settle_parts(p, e);
}
