/* sync.c - `simpul sync`: one round with everybody, now. */
#include <inttypes.h>
#include <string.h>

#include "command.h"
#include "exchange/https.h"
#include "exchange/sync.h"
#include "store/tables.h"

static void show_progress(void *arg, const struct sync_stats *stats)
{
	screen_progress(arg, "changesets", stats->sent + stats->received, 0);
}

static bool not_merged(struct party *p, int64_t n, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(p->db, "SELECT name, aside FROM simpul_table WHERE aside IS NOT NULL", &s, e) ||
	    !stmt_row(&s, &row, e))
		return false;
	if (row)
		return err_set(e, ERR_INCOMPLETE,
			       "%" PRId64 " changesets are not merged: table %s is put aside, %s: see simpul"
			       " status", n, stmt_get_text(&s, 0), stmt_get_text(&s, 1));
	return err_set(e, ERR_INCOMPLETE, "%" PRId64 " changesets are not merged: see simpul status", n);
}

/* What is still not done, as the first thing that a person can act on. */
static bool complete(struct party *p, const struct sync *hub, struct err *e)
{
	int64_t unsent, held, unmerged, hints;
	bool ok;

	party_lock(p);
	ok = db_int(p->db, "SELECT count(*) FROM simpul_changeset cs JOIN simpul_chain ch ON"
			   " ch.no = cs.chain_no WHERE custody < 2 AND ch.own = 1", 0, &unsent, e) &&
	     db_int(p->db, "SELECT count(*) FROM simpul_held WHERE missing <> 'fork'", 0, &held, e) &&
	     db_int(p->db, "SELECT count(*) FROM simpul_changeset WHERE state = 0 AND"
			   " chain_no NOT IN " TABLES_CARRIED, 0, &unmerged, e) &&
	     db_int(p->db, "SELECT count(*) FROM simpul_log", 0, &hints, e);
	party_unlock(p);
	if (!ok)
		return false;
	if (hub != NULL && hub->trouble.code != ERR_OK) {
		*e = hub->trouble;
		return err_wrap(e, "the hub does not take all");
	}
	if (unsent > 0)
		return err_set(e, ERR_INCOMPLETE, "%" PRId64 " changesets have no receipt yet", unsent);
	if (held > 0)
		return err_set(e, ERR_HELD, "%" PRId64 " changesets wait for an earlier part", held);
	if (unmerged > 0)
		return not_merged(p, unmerged, e);
	if (hints > 0)
		return err_set(e, ERR_INCOMPLETE, "%" PRId64 " changes could not be sealed: see simpul "
						  "status", hints);
	return true;
}

static bool round_with(struct command_call *call, struct sync *sync, struct err *e)
{
	const struct screen *s = &call->screen;
	bool ok;

	if (s->terminal && !s->json) {
		sync->progress = show_progress;
		sync->progress_arg = &call->screen;
	}
	ok = sync_round(sync, e);
	if (sync->progress != NULL)
		screen_progress_end(s);
	if (ok)
		screen_print(s, SCREEN_PLAIN, "%s: sent %" PRIu64 ", received %" PRIu64 ", receipts %"
			     PRIu64 " (%" PRIu64 " bytes out, %" PRIu64 " in)\n", sync->peer.url,
			     sync->stats.sent, sync->stats.received, sync->stats.receipts,
			     sync->stats.sent_bytes, sync->stats.received_bytes);
	return ok;
}

/* One round with each; the number of those that worked.  *ret_hub stays zeroed if there is no hub. */
static size_t rounds(struct command_call *call, struct https *https, const struct sync_peer *peers,
		     size_t n, struct sync *ret_hub, struct err *first)
{
	size_t reached = 0;

	for (size_t i = 0; i < n; i++) {
		struct sync sync;
		struct err e;

		sync_init(&sync, &call->node->party, &https->transport, &peers[i]);
		if (!round_with(call, &sync, &e)) {
			screen_print(&call->screen, SCREEN_WARN, "%s: %s\n", peers[i].url, e.text);
			if (first->code == ERR_OK)
				*first = e;
		} else {
			reached++;
		}
		if (first->code == ERR_OK)
			*first = sync.damage;
		if (peers[i].is_hub)
			*ret_hub = sync;
	}
	return reached;
}

/* How many changes go into a changeset, for this command: inside a running node the old size returns. */
static uint32_t changes_max_set(struct party *p, uint32_t changes_max)
{
	uint32_t before;

	party_lock(p);
	before = p->changes_max;
	p->changes_max = changes_max;
	party_unlock(p);
	return before;
}

bool command_sync(struct command_call *call, struct err *e)
{
	struct party *p = &call->node->party;
	int64_t changes_max = p->changes_max;
	AUTO_HTTPS https = { 0 };
	AUTO_ARENA arena = { 0 };
	struct sync_peer *peers;
	struct sync hub = { 0 };
	struct err first = { 0 };
	uint32_t before;
	size_t n, reached;
	bool ok;

	if (!options_int(&call->options, "--changes-max", 1, LIMIT_CHANGES, &changes_max, e) ||
	    !options_rest(&call->options, 1, 1, e))
		return false;
	party_lock(p);
	ok = sync_peers(p, &arena, &peers, &n, e);
	party_unlock(p);
	if (!ok)
		return false;
	if (p->hub == NULL && p->origin[0] == '\0')
		return err_set(e, ERR_NOT_ENROLLED, "%s has no hub yet", call->file);
	if (!https_open(&https, NULL, e))
		return false;
	before = changes_max_set(p, (uint32_t)changes_max);
	reached = rounds(call, &https, peers, n, &hub, &first);
	changes_max_set(p, before);
	/* "Complete" is worth nothing if nobody was asked, or if somebody objects. */
	ok = first.code == ERR_OK || (reached > 0 && err_retry(first.code));
	if (complete(p, n > 0 && hub.party != NULL ? &hub : NULL, e) && ok)
		return true;
	if (first.code != ERR_OK)
		*e = first;
	return false;
}
