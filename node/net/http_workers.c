/* http_workers.c - a linked queue under one lock; n threads take from its head. */
#include <assert.h>
#include <pthread.h>
#include <signal.h>

#include "base/memory.h"
#include "base/world.h"
#include "net/http_server.h"
#include "net/http_workers.h"

/*
 * glibc before 2.41 can lose a signal when several threads wait (its bug 25847): a request must not sleep
 * until the next one comes.
 */
#define LOOK_MS 500

struct http_workers {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct http_exchange *head;
	struct http_exchange **tail;
	unsigned waiting;
	unsigned queue_max;
	bool closing;
	http_handler *handler;
	void *arg;
	unsigned n;
	pthread_t threads[];
};

static struct http_exchange *queue_take(struct http_workers *workers)
{
	struct http_exchange *exchange;
	struct timespec look;

	pthread_mutex_lock(&workers->lock);
	while (workers->head == NULL && !workers->closing) {
		world_deadline(LOOK_MS, &look);
		pthread_cond_timedwait(&workers->more, &workers->lock, &look);
	}
	exchange = workers->head;
	if (exchange != NULL) {
		workers->head = exchange->next;
		if (workers->head == NULL)
			workers->tail = &workers->head;
		workers->waiting--;
		exchange->next = NULL;
	}
	pthread_mutex_unlock(&workers->lock);
	return exchange;
}

static void *worker_run(void *arg)
{
	struct http_workers *workers = arg;
	struct http_exchange *exchange;

	while ((exchange = queue_take(workers)) != NULL)
		workers->handler(workers->arg, exchange);
	return NULL;
}

struct http_workers *http_workers_open(unsigned threads, unsigned queue_max, http_handler *handler,
				       void *arg)
{
	struct http_workers *workers =
		memory_new(sizeof(*workers) + threads * sizeof(workers->threads[0]));
	pthread_condattr_t monotonic;
	sigset_t all, before;

	pthread_mutex_init(&workers->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&workers->more, &monotonic);
	pthread_condattr_destroy(&monotonic);
	workers->tail = &workers->head;
	workers->queue_max = queue_max;
	workers->handler = handler;
	workers->arg = arg;
	workers->n = threads;
	/* Signals are the main thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (unsigned i = 0; i < threads; i++) {
		int rc = pthread_create(&workers->threads[i], NULL, worker_run, workers);

		assert(rc == 0);
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return workers;
}

bool http_workers_full(struct http_workers *workers)
{
	bool full;

	pthread_mutex_lock(&workers->lock);
	full = workers->waiting >= workers->queue_max;
	pthread_mutex_unlock(&workers->lock);
	return full;
}

void http_workers_put(struct http_workers *workers, struct http_exchange *exchange)
{
	exchange->next = NULL;
	pthread_mutex_lock(&workers->lock);
	*workers->tail = exchange;
	workers->tail = &exchange->next;
	workers->waiting++;
	pthread_cond_signal(&workers->more);
	pthread_mutex_unlock(&workers->lock);
}

void http_workers_close(struct http_workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	workers->closing = true;
	pthread_cond_broadcast(&workers->more);
	pthread_mutex_unlock(&workers->lock);
	for (unsigned i = 0; i < workers->n; i++)
		pthread_join(workers->threads[i], NULL);
	pthread_cond_destroy(&workers->more);
	pthread_mutex_destroy(&workers->lock);
	memory_free(&workers);
}
