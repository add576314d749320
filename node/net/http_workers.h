/*
 * http_workers.h - a queue of exchanges and the threads that run the handler on them.
 *
 * The loop thread asks http_workers_full before it reads a body and puts what is complete; so the
 * queue may run over its bound by the requests whose bodies were admitted before it filled.
 * Threads: put and full from the loop, close from the owner after the loop has ended.
 */
#ifndef NET_HTTP_WORKERS_H
#define NET_HTTP_WORKERS_H

#include <stdbool.h>

struct http_exchange;
struct http_workers;

typedef void http_handler(void *arg, struct http_exchange *exchange);

struct http_workers *http_workers_open(unsigned threads, unsigned queue_max, http_handler *handler,
				       void *arg);
bool http_workers_full(struct http_workers *workers);
void http_workers_put(struct http_workers *workers, struct http_exchange *exchange);
/* Runs the queue dry, then ends the threads. */
void http_workers_close(struct http_workers *workers);

#endif
