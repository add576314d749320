/* files.c - a queue and a thread. */
#include <string.h>

#include "base/memory.h"
#include "blob/writer.h"
#include "files.h"

struct files_waiting {
	struct files_waiting *next;
	struct http_exchange *exchange;
};

struct files {
	struct node *node;
	struct engine *engine;
	struct blob_store store;
	struct files_server server;
	pthread_t thread;
	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t filled;
	struct files_waiting *first, **last;
	unsigned queued;
	bool stop;
};

static void refuse(struct http_exchange *exchange)
{
	struct http_response response = { 0 };
	struct err e;

	err_set(&e, ERR_OVERLOADED, "too many requests for files wait");
	party_problem(&response, &e);
	http_server_answer(exchange, &response);
}

void files_submit(void *arg, struct http_exchange *exchange)
{
	struct files *files = arg;
	struct files_waiting *w;
	bool full;

	/* A node that is not the hub knows not for which scope a file came to it: it gives none away. */
	if (!files->node->is_hub ||
	    strncmp(exchange->request.path, FILES_PREFIX, strlen(FILES_PREFIX)) != 0) {
		engine_submit(files->engine, exchange);
		return;
	}
	w = memory_new(sizeof(*w));
	w->exchange = exchange;
	pthread_mutex_lock(&files->mutex);
	full = files->queued >= FILES_QUEUE_MAX || files->stop;
	if (!full) {
		*files->last = w;
		files->last = &w->next;
		files->queued++;
		pthread_cond_signal(&files->filled);
	}
	pthread_mutex_unlock(&files->mutex);
	if (full) {
		memory_free(&w);
		refuse(exchange);
	}
}

/* NULL: it is time to end, and nothing waits. */
static struct files_waiting *take(struct files *files)
{
	struct files_waiting *w;

	pthread_mutex_lock(&files->mutex);
	while (files->first == NULL && !files->stop)
		pthread_cond_wait(&files->filled, &files->mutex);
	w = files->first;
	if (w != NULL) {
		files->first = w->next;
		files->queued--;
		if (files->first == NULL)
			files->last = &files->first;
	}
	pthread_mutex_unlock(&files->mutex);
	return w;
}

static void *work(void *arg)
{
	struct files *files = arg;
	struct files_waiting *w;

	blob_writer_sweep(&files->store);
	while ((w = take(files)) != NULL) {
		struct http_response response = { 0 };

		files_serve(&files->server, &w->exchange->request, &response);
		http_server_answer(w->exchange, &response);
		memory_free(&w);
	}
	return NULL;
}

bool files_open(struct node *node, struct engine *engine, struct files **ret, struct err *e)
{
	struct files *files = memory_new(sizeof(*files));

	files->node = node;
	files->engine = engine;
	files->last = &files->first;
	if (!blob_open(&files->store, node->path, true, node->party.world, e)) {
		memory_free(&files);
		return false;
	}
	files_serve_open(&files->server, &node->party, &files->store);
	pthread_mutex_init(&files->mutex, NULL);
	pthread_cond_init(&files->filled, NULL);
	if (pthread_create(&files->thread, NULL, work, files) != 0) {
		blob_close(&files->store);
		memory_free(&files);
		return err_set(e, ERR_STORAGE, "the system gives no more threads");
	}
	*ret = files;
	return true;
}

void files_close(struct files *files)
{
	if (files == NULL)
		return;
	pthread_mutex_lock(&files->mutex);
	files->stop = true;
	pthread_cond_signal(&files->filled);
	pthread_mutex_unlock(&files->mutex);
	pthread_join(files->thread, NULL);
	files_serve_close(&files->server);
	blob_close(&files->store);
	pthread_cond_destroy(&files->filled);
	pthread_mutex_destroy(&files->mutex);
	memory_free(&files);
}
