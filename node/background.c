/* background.c - when to seal, when to call whom, when to try again. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "background.h"
#include "base/log.h"
#include "base/memory.h"
#include "exchange/enrol.h"
#include "exchange/files_sync.h"
#include "exchange/https.h"
#include "exchange/settle.h"
#include "exchange/sync.h"

#define LOOK_MS 250
#define WORKERS_MAX 64

enum duty { DUTY_SEAL, DUTY_SEND, DUTY_WAIT, DUTY_NEIGHBOUR, DUTY_ASK, DUTY_FILES };

struct worker {
	struct background *background;
	enum duty duty;
	struct sync_peer peer;
	pthread_t thread;
	struct https https;
	struct sync sync;
	uint64_t retry_ms;	 /* the present pause */
	uint64_t next_ms;	 /* monotonic: not before */
	bool down;		 /* the last try failed */
	int64_t data_version;	 /* of the file: moves when another program commits */
	bool stale;		 /* tables or triggers are not as the catalog has them */
	uint64_t stale_first_ms; /* since when */
	uint64_t stale_last_ms;	 /* when a program last committed since */
	int64_t log_seq;	 /* last hint seen, 0 none */
	int64_t log_left;	 /* last hint that the last sealing left: it cannot be sealed now */
	uint64_t unsent_ms;	 /* monotonic: what the other side does not take is not offered before */
	uint64_t first_ms;	 /* when the first unsealed hint was seen, 0 none */
	uint64_t last_ms;	 /* when the newest was */
	int64_t hints;
	struct files_sync files; /* of DUTY_FILES, and the rest as well */
	int64_t files_n;	 /* changesets here when it looked last */
	uint64_t files_left_ms;	 /* pause while some cannot be moved yet */
};

struct background {
	struct node *node;
	struct engine *engine;
	struct blob_store store;
	atomic_bool stop;
	atomic_bool sending; /* changesets: files wait */
	struct worker *worker[WORKERS_MAX];
	int workers;
};

static uint64_t monotonic_ms(const struct worker *w)
{
	return world_monotonic_ms(w->background->node->party.world);
}

static void pause_ms(unsigned ms)
{
	struct timespec ts = { ms / 1000, (long)(ms % 1000) * 1000000L };

	nanosleep(&ts, NULL);
}

/* 1, 2, 4 s ... each a quarter more or less by chance. */
static void failed(struct worker *w, const struct err *e)
{
	uint64_t most = e->code == ERR_OVERLOADED ? BACKGROUND_BUSY_MS : BACKGROUND_RETRY_MS_MAX;
	uint8_t chance;

	world_random(w->background->node->party.world, &chance, 1);
	w->retry_ms = w->retry_ms == 0 ? 1000 : w->retry_ms * 2;
	if (w->retry_ms > most || e->code == ERR_OVERLOADED)
		w->retry_ms = most;
	if (!err_retry(e->code)) /* no hurry: a person must act */
		w->retry_ms = BACKGROUND_BUSY_MS;
	w->next_ms = monotonic_ms(w) + w->retry_ms * 3 / 4 + w->retry_ms * chance / 512;
	if (!w->down || !err_retry(e->code))
		log_once(LOG_WARNING, "sync", err_slug(e->code), "%s: %s", w->peer.url, e->text);
	w->down = true;
}

static void worked(struct worker *w)
{
	const struct sync_stats *stats = &w->sync.stats;

	if (w->down)
		log_line(LOG_NOTICE, "sync", "%s: works again", w->peer.url);
	w->down = false;
	w->retry_ms = 0;
	if (stats->sent + stats->received + stats->receipts > 0) {
		log_line(LOG_NOTICE, "sync", "%s: sent %llu, received %llu, receipts %llu", w->peer.url,
			 (unsigned long long)stats->sent, (unsigned long long)stats->received,
			 (unsigned long long)stats->receipts);
		engine_wake(w->background->engine);
	}
	if (w->sync.trouble.code != ERR_OK)
		log_once(LOG_WARNING, "sync", err_slug(w->sync.trouble.code), "%s does not take all: %s",
			 w->peer.url, w->sync.trouble.text);
}

/* Looks whether local programs wrote, without a lock on the file; counts only up to what matters. */
static bool look_at_log(struct worker *w, bool *ret_unsent, struct err *e)
{
	struct party *p = &w->background->node->party;
	int64_t seq = 0, hints = 0, unsent = 0;
	bool ok;

	party_lock(p);
	ok = db_int(p->db, "SELECT max(seq) FROM simpul_log", 0, &seq, e) &&
	     db_int(p->db, "SELECT count(*) FROM (SELECT 1 FROM simpul_log LIMIT 100)", 0, &hints, e) &&
	     db_int(p->db, "SELECT EXISTS(SELECT 1 FROM simpul_changeset WHERE custody < 2)", 0,
		    &unsent, e);
	w->log_left = p->log_left;
	party_unlock(p);
	if (!ok)
		return false;
	if (seq != w->log_seq) {
		w->last_ms = monotonic_ms(w);
		if (w->first_ms == 0)
			w->first_ms = w->last_ms;
	}
	if (seq == 0)
		w->first_ms = 0;
	w->log_seq = seq;
	w->hints = hints;
	*ret_unsent = unsent != 0;
	return true;
}

static bool seal_due(const struct worker *w)
{
	uint64_t now_ms = monotonic_ms(w);

	if (w->log_seq == 0 || w->log_seq == w->log_left)
		return false;
	return w->hints >= BACKGROUND_SEAL_CHANGES ||
	       now_ms - w->last_ms >= BACKGROUND_SEAL_QUIET_MS ||
	       now_ms - w->first_ms >= BACKGROUND_SEAL_LATEST_MS;
}

/* True if something was done; the pause between looks is the caller's. */
static bool send_duty(struct worker *w, struct err *e, bool *ret_due)
{
	bool unsent = false, moved, ok;

	*ret_due = false;
	if (!look_at_log(w, &unsent, e))
		return false;
	/* A link that was down is tried even with nothing to send: people look at the last contact. */
	unsent = unsent && monotonic_ms(w) >= w->unsent_ms;
	*ret_due = seal_due(w) || unsent || w->down || !w->sync.greeted;
	if (!*ret_due)
		return true;
	w->log_seq = 0; /* numbers begin anew once the log is empty */
	w->first_ms = 0;
	atomic_store(&w->background->sending, true);
	ok = sync_send(&w->sync, e);
	atomic_store(&w->background->sending, false);
	if (!ok)
		return false;
	moved = w->sync.stats.sent + w->sync.stats.receipts > 0;
	w->unsent_ms = moved ? 0 : monotonic_ms(w) + BACKGROUND_BUSY_MS;
	return true;
}

/* A commit elsewhere is the only way that a schema moves without this process knowing. */
static bool look_at_schema(struct worker *w, struct party *p, struct err *e)
{
	bool stale = true;
	int64_t version;

	if (!db_int(p->db, "PRAGMA data_version", 0, &version, e))
		return false;
	if (version == w->data_version)
		return true;
	if (p->catalog_loaded && !catalog_stale(p->db, p->catalog, &stale, e))
		return false;
	w->data_version = version;
	w->stale_last_ms = monotonic_ms(w);
	if (stale && !w->stale)
		w->stale_first_ms = w->stale_last_ms;
	w->stale = stale;
	return true;
}

/*
 * Lost triggers leave no hint that would make a cut due, so the schema is looked at by itself.  Somebody
 * who is in the middle of making a table anew and filling it is given the time to come to an end.
 */
static bool heed_schema(struct worker *w, struct err *e)
{
	struct party *p = &w->background->node->party;
	uint64_t now_ms;
	bool ok, due;

	party_lock(p);
	ok = look_at_schema(w, p, e);
	party_unlock(p);
	now_ms = monotonic_ms(w);
	due = ok && w->stale && (now_ms - w->stale_last_ms >= BACKGROUND_SEAL_QUIET_MS ||
				 now_ms - w->stale_first_ms >= BACKGROUND_SEAL_LATEST_MS);
	if (!due)
		return ok;
	ok = settle_parts(p, e);
	w->stale = !ok;
	w->stale_first_ms = w->stale_last_ms = now_ms;
	if (ok) /* it may have sealed, and others wait for that */
		engine_wake(w->background->engine);
	return ok;
}

/* At the hub, which sends to nobody: what its own programs wrote is sealed, and long polls hear of it. */
static bool seal_duty(struct worker *w, struct err *e, bool *ret_due)
{
	struct party *p = &w->background->node->party;
	bool unsent = false, ok;

	*ret_due = false;
	if (!look_at_log(w, &unsent, e))
		return false;
	if (!seal_due(w))
		return true;
	*ret_due = true;
	w->log_seq = 0;
	w->first_ms = 0;
	ok = settle_parts(p, e);
	engine_wake(w->background->engine);
	return ok;
}

/* Not enrolled, but asked to be: again and again until the hub's operator has answered. */
static bool ask_duty(struct worker *w, struct err *e, bool *ret_due)
{
	struct party *p = &w->background->node->party;
	bool asks;

	w->next_ms = monotonic_ms(w) + BACKGROUND_ASK_MS;
	if (!enrol_asks(p, &asks, e))
		return false;
	*ret_due = asks;
	if (!asks)
		return true;
	if (!enrol_ask_again(p, &w->https.transport, e))
		return e->code == ERR_PENDING;
	log_line(LOG_NOTICE, "sync", "the hub's operator has approved: enrolled at %s", p->origin);
	return true;
}

static bool files_busy(void *arg)
{
	const struct worker *w = arg;

	return atomic_load(&w->background->sending);
}

static bool files_stop(void *arg)
{
	const struct worker *w = arg;

	return atomic_load(&w->background->stop);
}

/*
 * A row that refers to a file is in a changeset, here or at the hub, before the file can go: so there is
 * news when there is a new one.  What cannot be moved yet is tried again after 1, 2, 4 ... 60 s.
 */
static bool files_duty(struct worker *w, struct err *e, bool *ret_due)
{
	struct party *p = &w->background->node->party;
	uint64_t now_ms = monotonic_ms(w);
	int64_t n;
	bool ok;

	*ret_due = false;
	party_lock(p);
	ok = db_int(p->db, "SELECT max(n) FROM simpul_changeset", 0, &n, e);
	party_unlock(p);
	if (!ok)
		return false;
	if (n == w->files_n && now_ms < w->unsent_ms)
		return true;
	*ret_due = true;
	if (n != w->files_n)
		w->files_left_ms = 0;
	if (!files_sync_round(&w->files, e))
		return false;
	w->files_n = n;
	w->files_left_ms = w->files_left_ms == 0 ? 1000 : w->files_left_ms * 2;
	if (w->files_left_ms > BACKGROUND_FILES_MS || w->files.left + w->files.nowhere == 0)
		w->files_left_ms = BACKGROUND_FILES_MS;
	w->unsent_ms = monotonic_ms(w) + w->files_left_ms;
	if (w->files.sent + w->files.fetched > 0)
		log_line(LOG_NOTICE, "files", "%s: sent %llu, fetched %llu, left %llu", w->peer.url,
			 (unsigned long long)w->files.sent, (unsigned long long)w->files.fetched,
			 (unsigned long long)w->files.left);
	return true;
}

static bool duty(struct worker *w, struct err *e, bool *ret_due)
{
	switch (w->duty) {
	case DUTY_SEAL:
		return seal_duty(w, e, ret_due);
	case DUTY_SEND:
		return send_duty(w, e, ret_due);
	case DUTY_WAIT:
		*ret_due = true;
		return sync_wait(&w->sync, w->sync.caught_up ? BACKGROUND_WAIT_S : 0, e);
	case DUTY_NEIGHBOUR:
		*ret_due = true;
		w->next_ms = monotonic_ms(w) + BACKGROUND_NEIGHBOUR_MS;
		return sync_round(&w->sync, e);
	case DUTY_ASK:
		return ask_duty(w, e, ret_due);
	case DUTY_FILES:
		return files_duty(w, e, ret_due);
	}
	return true;
}

static void *work(void *arg)
{
	struct worker *w = arg;

	while (!atomic_load(&w->background->stop)) {
		struct err e = { 0 };
		bool due = false, ok;

		if (w->duty <= DUTY_SEND && !heed_schema(w, &e))
			log_once(LOG_WARNING, "repair", err_slug(e.code), "%s", e.text);
		if (monotonic_ms(w) < w->next_ms) {
			pause_ms(LOOK_MS);
			continue;
		}
		ok = duty(w, &e, &due);
		if (!ok && !atomic_load(&w->background->stop))
			failed(w, &e);
		else if (ok && due)
			worked(w);
		if (!due || w->duty <= DUTY_SEND)
			pause_ms(LOOK_MS);
	}
	return NULL;
}

static void start(struct background *b, enum duty duty, const struct sync_peer *peer)
{
	struct worker *w;
	struct err e;

	for (int i = 0; i < b->workers; i++)
		if (b->worker[i]->duty == duty && b->worker[i]->peer.no == peer->no)
			return;
	if (b->workers == WORKERS_MAX)
		return;
	w = memory_new(sizeof(*w));
	w->background = b;
	w->duty = duty;
	w->peer = *peer;
	if (!https_open(&w->https, &b->stop, &e)) {
		log_once(LOG_ERROR, "sync", "client", "%s", e.text);
		memory_free(&w);
		return;
	}
	sync_init(&w->sync, &b->node->party, &w->https.transport, peer);
	files_sync_init(&w->files, &w->sync, &b->store);
	w->files.busy = files_busy;
	w->files.stop = files_stop;
	w->files.arg = w;
	if (pthread_create(&w->thread, NULL, work, w) != 0) {
		https_close(&w->https);
		memory_free(&w);
		return;
	}
	b->worker[b->workers++] = w;
}

void background_tend(struct background *b)
{
	static const struct sync_peer nobody = { .url = "sealing" }, hub = { .url = "asking the hub" };
	struct party *p = &b->node->party;
	AUTO_ARENA arena = { 0 };
	struct sync_peer *peers;
	struct err e;
	size_t n = 0;
	bool ok;

	party_lock(p);
	ok = sync_peers(p, &arena, &peers, &n, &e);
	party_unlock(p);
	if (!ok) {
		log_once(LOG_WARNING, "sync", "peers", "%s", e.text);
		return;
	}
	if (b->node->is_hub)
		start(b, DUTY_SEAL, &nobody);
	else if (p->origin[0] == '\0')
		start(b, DUTY_ASK, &hub);
	for (size_t i = 0; i < n; i++) {
		if (peers[i].is_hub) {
			start(b, DUTY_SEND, &peers[i]);
			start(b, DUTY_WAIT, &peers[i]);
			start(b, DUTY_FILES, &peers[i]);
		} else {
			start(b, DUTY_NEIGHBOUR, &peers[i]);
		}
	}
}

bool background_open(struct node *node, struct engine *engine, struct background **ret, struct err *e)
{
	struct background *b = memory_new(sizeof(*b));

	b->node = node;
	b->engine = engine;
	if (!blob_open(&b->store, node->path, true, node->party.world, e)) {
		memory_free(&b);
		return false;
	}
	*ret = b;
	background_tend(b);
	return true;
}

void background_close(struct background *b)
{
	if (b == NULL)
		return;
	atomic_store(&b->stop, true);
	for (int i = 0; i < b->workers; i++) {
		pthread_join(b->worker[i]->thread, NULL);
		https_close(&b->worker[i]->https);
		files_sync_done(&b->worker[i]->files);
		memory_free(&b->worker[i]);
	}
	blob_close(&b->store);
	memory_free(&b);
}
