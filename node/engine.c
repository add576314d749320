/*
 * engine.c - queue, group commit, parked long polls, and the merge behind them.
 *
 * A batch is answered when it is durable and logged; what it brought is merged afterwards, in parts.  So who
 * sends has the receipts early and sends on meanwhile, and the parts of several batches become large ones.
 * What is not merged when the process ends is merged when it begins again.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/memory.h"
#include "engine.h"
#include "exchange/settle.h"
#include "merge/apply.h"

#define TICK_MS 500 /* how late a long poll may end */
#define PARTS_BETWEEN 2 /* parts of the merge between two batches */
#define MERGE_AGAIN_MS 5000 /* after it failed */

struct waiting { /* a request in the engine's hands */
	struct waiting *next;
	struct http_exchange *exchange;
	struct http_response response;
	struct serve_job job;
};

struct engine {
	struct node *node;
	pthread_t thread;
	pthread_mutex_t mutex; /* of the queue */
	pthread_cond_t filled;
	struct waiting *first, **last;
	unsigned queued;
	bool news;
	bool stop;
	struct waiting *parked; /* the engine thread's own, as all that follows */
	unsigned parked_count;
	struct apply_part part;	/* of the merge; part.more: something may wait for it */
	uint64_t merge_ms;	/* monotonic: not before */
};

static void answer(struct waiting *w)
{
	serve_done(&w->job);
	http_server_answer(w->exchange, &w->response);
	memory_free(&w);
}

void engine_submit(void *arg, struct http_exchange *exchange)
{
	const struct serve_job job = { .request = &exchange->request };

	engine_submit_job(arg, exchange, &job);
}

void engine_submit_job(void *arg, struct http_exchange *exchange, const struct serve_job *job)
{
	struct engine *engine = arg;
	struct waiting *w = memory_new(sizeof(*w));
	struct err e;
	bool full;

	w->exchange = exchange;
	w->job = *job;
	if (job->response != NULL) { /* what was prepared goes along */
		w->response = *job->response;
		*job->response = (struct http_response){ 0 };
	}
	w->job.response = &w->response;
	pthread_mutex_lock(&engine->mutex);
	full = engine->queued >= ENGINE_QUEUE_MAX || engine->stop;
	if (!full) {
		*engine->last = w;
		engine->last = &w->next;
		engine->queued++;
		pthread_cond_signal(&engine->filled);
	}
	pthread_mutex_unlock(&engine->mutex);
	if (full) {
		err_set(&e, ERR_OVERLOADED, "too many requests wait");
		serve_fail(&w->job, &e);
		answer(w);
	}
}

void engine_wake(struct engine *engine)
{
	pthread_mutex_lock(&engine->mutex);
	engine->news = true;
	pthread_cond_signal(&engine->filled);
	pthread_mutex_unlock(&engine->mutex);
}

/* What is queued, up to the batch's size; waits a tick if there is nothing to do.  *ret_stop: time to end. */
static struct waiting *take_batch(struct engine *engine, bool idle, bool *ret_news, bool *ret_stop)
{
	struct waiting *batch, **end = &batch;
	struct timespec tick;
	size_t bytes = 0;
	unsigned jobs = 0;

	pthread_mutex_lock(&engine->mutex);
	world_deadline(TICK_MS, &tick);
	while (idle && engine->first == NULL && !engine->news && !engine->stop)
		if (pthread_cond_timedwait(&engine->filled, &engine->mutex, &tick) == ETIMEDOUT)
			break;
	while (engine->first != NULL && jobs < ENGINE_JOBS && bytes < ENGINE_BYTES) {
		struct waiting *w = engine->first;

		engine->first = w->next;
		bytes += w->job.request->body.len;
		jobs++;
		*end = w;
		end = &w->next;
	}
	*end = NULL;
	if (engine->first == NULL)
		engine->last = &engine->first;
	engine->queued -= jobs;
	*ret_news = engine->news;
	*ret_stop = engine->stop && engine->first == NULL;
	engine->news = false;
	pthread_mutex_unlock(&engine->mutex);
	return batch;
}

/* Without the party's lock.  What could not be written is answered with the reason. */
static void write_batch(struct engine *engine, struct serve_job *const *job, size_t jobs)
{
	struct party *p = &engine->node->party;
	bool more = true, ok = true;
	struct err e;

	while (more && ok) {
		party_lock(p);
		ok = serve_part(p, job, jobs, &more, &e);
		party_unlock(p);
		ok = ok && (!more || settle_pause(p, &e));
	}
	if (ok)
		return;
	log_once(LOG_ERROR, "engine", err_slug(e.code), "a batch was not committed: %s", e.text);
	for (size_t i = 0; i < jobs; i++)
		if (!job[i]->done && job[i]->writes && !job[i]->written)
			serve_fail(job[i], &e);
}

/* Answers are given with the lock released; what must wait is parked. */
static void finish_all(struct engine *engine, struct waiting *list)
{
	struct party *p = &engine->node->party;
	struct waiting *ready = NULL;

	party_lock(p);
	while (list != NULL) {
		struct waiting *w = list;

		list = w->next;
		serve_finish(p, &w->job);
		if (w->job.parked && engine->parked_count < ENGINE_PARKED_MAX &&
		    http_exchange_alive(w->exchange)) {
			w->next = engine->parked;
			engine->parked = w;
			engine->parked_count++;
			continue;
		}
		if (w->job.parked) { /* gone, or too many: an empty answer now */
			w->job.wait_until_ms = 0;
			serve_finish(p, &w->job);
		}
		w->next = ready;
		ready = w;
	}
	party_unlock(p);
	while (ready != NULL) {
		struct waiting *next = ready->next;

		answer(ready);
		ready = next;
	}
}

static void serve_batch(struct engine *engine, struct waiting *batch, bool *ret_wrote)
{
	const struct serve_route *more = engine->node->is_hub ? hub_routes() : NULL;
	struct party *p = &engine->node->party;
	struct serve_job *job[ENGINE_JOBS];
	bool settles = false;
	size_t jobs = 0;
	struct err e;

	party_lock(p);
	for (struct waiting *w = batch; w != NULL; w = w->next) {
		serve_begin(p, more, &w->job);
		if (w->job.done || !w->job.writes)
			continue;
		job[jobs++] = &w->job;
	}
	party_unlock(p);
	if (jobs > 0)
		write_batch(engine, job, jobs);
	/* After the write, which may decide it: else rows that people typed are sealed together. */
	for (size_t i = 0; i < jobs; i++)
		settles |= job[i]->settles;
	finish_all(engine, batch);
	if (jobs == 0)
		return;
	*ret_wrote = true;
	if (settles)
		engine->part = (struct apply_part){ .more = true };
	if (!settle_pause(p, &e))
		log_once(LOG_WARNING, "engine", err_slug(e.code), "%s", e.text);
}

static bool merge_due(const struct engine *engine)
{
	return engine->part.more &&
	       world_monotonic_ms(engine->node->party.world) >= engine->merge_ms;
}

/* Some of what was accepted: all of it if no request comes in between. */
static void merge_some(struct engine *engine)
{
	struct party *p = &engine->node->party;
	struct err e;

	for (int i = 0; i < PARTS_BETWEEN && merge_due(engine); i++) {
		if (settle_some(p, &engine->part, &e))
			continue;
		log_once(LOG_ERROR, "engine", err_slug(e.code), "what was accepted is not merged: %s",
			 e.text);
		engine->part = (struct apply_part){ .more = true };
		engine->merge_ms = world_monotonic_ms(p->world) + MERGE_AGAIN_MS;
	}
}

/* Parked ones look again when there is news; those whose time is over get their answer. */
static void look_again(struct engine *engine, bool news, bool stop)
{
	uint64_t now_ms = world_monotonic_ms(engine->node->party.world);
	struct waiting *list = engine->parked, *due = NULL, *keep = NULL;
	unsigned kept = 0;

	while (list != NULL) {
		struct waiting *w = list;
		bool over = stop || now_ms >= w->job.wait_until_ms ||
			    !http_exchange_alive(w->exchange);

		list = w->next;
		if (over)
			w->job.wait_until_ms = 0;
		if (over || news || w->job.restless) {
			w->next = due;
			due = w;
		} else {
			w->next = keep;
			keep = w;
			kept++;
		}
	}
	engine->parked = keep;
	engine->parked_count = kept;
	if (due != NULL)
		finish_all(engine, due);
}

/* Work is over for now: what it needed goes back to the system, or a hub keeps tens of MB for nothing. */
static void give_back_memory(struct engine *engine)
{
	struct party *p = &engine->node->party;

	party_lock(p);
	db_release_memory(p->db);
	party_unlock(p);
	malloc_trim(0);
}

static void *work(void *arg)
{
	struct engine *engine = arg;
	bool news, stop = false, wrote, worked = true, merges = false;

	while (!stop) {
		struct waiting *batch = take_batch(engine, !merges, &news, &stop);

		wrote = merges; /* with the merge, what local programs wrote is sealed */
		if (batch == NULL && !news && !merges && worked)
			give_back_memory(engine);
		worked = batch != NULL || news || merges;
		if (batch != NULL)
			serve_batch(engine, batch, &wrote);
		look_again(engine, news || wrote, stop);
		merges = merge_due(engine);
		if (merges)
			merge_some(engine);
	}
	return NULL;
}

bool engine_open(struct node *node, struct engine **ret, struct err *e)
{
	struct engine *engine = memory_new(sizeof(*engine));
	pthread_condattr_t monotonic;

	engine->node = node;
	engine->last = &engine->first;
	engine->part.more = node->is_hub; /* a node asks its hub before it seals: background.c */
	pthread_mutex_init(&engine->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&engine->filled, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&engine->thread, NULL, work, engine) != 0) {
		memory_free(&engine);
		return err_set(e, ERR_STORAGE, "the system gives no more threads");
	}
	*ret = engine;
	return true;
}

void engine_close(struct engine *engine)
{
	if (engine == NULL)
		return;
	pthread_mutex_lock(&engine->mutex);
	engine->stop = true;
	pthread_cond_signal(&engine->filled);
	pthread_mutex_unlock(&engine->mutex);
	pthread_join(engine->thread, NULL);
	pthread_cond_destroy(&engine->filled);
	pthread_mutex_destroy(&engine->mutex);
	memory_free(&engine);
}
