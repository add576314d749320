/* engine.c - queue, group commit, parked long polls. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/memory.h"
#include "engine.h"

#define TICK_MS 500 /* how late a long poll may end */

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
	struct waiting *parked; /* the engine thread's own */
	unsigned parked_count;
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

/* What is queued, up to the batch's size; waits a tick if there is nothing.  *ret_stop: time to end. */
static struct waiting *take_batch(struct engine *engine, bool *ret_news, bool *ret_stop)
{
	struct waiting *batch, **end = &batch;
	struct timespec tick;
	size_t bytes = 0;
	unsigned jobs = 0;

	pthread_mutex_lock(&engine->mutex);
	world_deadline(TICK_MS, &tick);
	while (engine->first == NULL && !engine->news && !engine->stop)
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

static bool write_batch(struct engine *engine, struct waiting *batch, struct err *e)
{
	struct party *p = &engine->node->party;
	AUTO_TXN txn = { 0 };
	bool settle = false;

	if (!txn_begin(&txn, p->db, e))
		return false;
	for (struct waiting *w = batch; w != NULL; w = w->next)
		if (!w->job.done && w->job.writes) {
			serve_write(p, &w->job);
			if (!txn_alive(&txn, e))
				return false;
			settle |= w->job.settles;
		}
	if (!settle) /* rows that people typed are sealed together, when they pause */
		return txn_commit(&txn, e);
	return party_settle(p, e) && txn_commit(&txn, e) && (p->hub == NULL || p->hub->sign(p, e));
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
	bool writes = false;
	struct err e;

	party_lock(p);
	for (struct waiting *w = batch; w != NULL; w = w->next) {
		serve_begin(p, more, &w->job);
		writes |= !w->job.done && w->job.writes;
	}
	if (writes && !write_batch(engine, batch, &e)) {
		log_once(LOG_ERROR, "engine", err_slug(e.code), "a batch was not committed: %s", e.text);
		for (struct waiting *w = batch; w != NULL; w = w->next)
			if (!w->job.done && w->job.writes)
				serve_fail(&w->job, &e);
	}
	party_unlock(p);
	*ret_wrote = writes;
	finish_all(engine, batch);
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
	bool news, stop = false, wrote, worked = true;

	while (!stop) {
		struct waiting *batch = take_batch(engine, &news, &stop);

		wrote = false;
		if (batch == NULL && !news && worked)
			give_back_memory(engine);
		worked = batch != NULL || news;
		if (batch != NULL)
			serve_batch(engine, batch, &wrote);
		look_again(engine, news || wrote, stop);
	}
	return NULL;
}

bool engine_open(struct node *node, struct engine **ret, struct err *e)
{
	struct engine *engine = memory_new(sizeof(*engine));
	pthread_condattr_t monotonic;

	engine->node = node;
	engine->last = &engine->first;
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
