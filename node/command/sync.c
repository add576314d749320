/* sync.c - `simpul sync`: one round with everybody, now. */
#include <inttypes.h>
#include <string.h>

#include "command.h"
#include "exchange/files_sync.h"
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
		return err_set(e, ERR_INCOMPLETE, "%" PRId64 " changes could not be sealed: simpul violations"
						  " and simpul status say why", hints);
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

/* Attachments go behind the changesets; a running node moves them by itself. */
static bool files_with(struct command_call *call, struct sync *hub, uint64_t *ret_left, struct err *e)
{
	AUTO_BLOB_STORE store = { .directory = -1 };
	struct files_sync files;
	bool ok;

	if (call->running)
		return true;
	if (!blob_open(&store, call->node->path, true, call->world, e))
		return false;
	files_sync_init(&files, hub, &store);
	ok = files_sync_round(&files, e);
	files_sync_done(&files);
	if (files.sent + files.fetched + files.left > 0)
		screen_print(&call->screen, SCREEN_PLAIN, "%s: files sent %" PRIu64 ", fetched %" PRIu64
			     ", left %" PRIu64 "\n", hub->peer.url, files.sent, files.fetched, files.left);
	if (files.trouble.code != ERR_OK)
		screen_print(&call->screen, SCREEN_WARN, "%s\n", files.trouble.text);
	*ret_left = files.left;
	return ok;
}

/* The first failure is what the command ends with: of one peer it is said once. */
static void tell_failure(struct command_call *call, const struct sync_peer *peer, size_t peers,
			 const struct err *e)
{
	bool named = strncmp(e->text, peer->url, strlen(peer->url)) == 0;

	if (peers > 1)
		screen_print(&call->screen, SCREEN_WARN, "%s%s%s\n", named ? "" : peer->url,
			     named ? "" : ": ", e->text);
}

struct outcome {
	size_t reached;	     /* peers whose round worked */
	struct sync hub;     /* zeroed if there is none */
	uint64_t files_left; /* attachments that could move and have not */
	struct err first;    /* what went wrong first; ERR_OK */
};

/* One round with each. */
static void rounds(struct command_call *call, struct https *https, const struct sync_peer *peers, size_t n,
		   struct outcome *ret)
{
	for (size_t i = 0; i < n; i++) {
		struct sync sync;
		struct err e;

		sync_init(&sync, &call->node->party, &https->transport, &peers[i]);
		if (round_with(call, &sync, &e) &&
		    (!peers[i].is_hub || files_with(call, &sync, &ret->files_left, &e))) {
			ret->reached++;
		} else {
			tell_failure(call, &peers[i], n, &e);
			if (ret->first.code == ERR_OK)
				ret->first = e;
		}
		if (ret->first.code == ERR_OK)
			ret->first = sync.damage;
		if (peers[i].is_hub)
			ret->hub = sync;
	}
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
	struct outcome outcome = { 0 };
	const struct err *first = &outcome.first;
	uint32_t before;
	size_t n;
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
	rounds(call, &https, peers, n, &outcome);
	changes_max_set(p, before);
	/* "Complete" is worth nothing if nobody was asked, or if somebody objects. */
	ok = first->code == ERR_OK || (outcome.reached > 0 && err_retry(first->code));
	if (complete(p, n > 0 && outcome.hub.party != NULL ? &outcome.hub : NULL, e) && ok) {
		if (outcome.files_left == 0)
			return true;
		return err_set(e, ERR_INCOMPLETE, "%" PRIu64 " attachments are not through yet: see simpul"
						  " files", outcome.files_left);
	}
	if (first->code != ERR_OK)
		*e = *first;
	return false;
}
