/*
 * http_connection.h - one client's connection, and what all connections of a loop thread share.
 *
 * Private to the server.  Everything here runs in the loop thread.  Other threads hold a slot
 * number and a generation, never a pointer: when the client goes, the slot's generation moves on
 * and their answer finds nobody.
 */
#ifndef NET_HTTP_CONNECTION_H
#define NET_HTTP_CONNECTION_H

#include <stdatomic.h>
#include <sys/queue.h>

#include "net/http_server.h"
#include "net/http_workers.h"
#include "net/tls.h"

struct event;
struct event_base;
struct http_connection;

struct http_slot {
	struct http_connection *connection; /* NULL: free */
	atomic_uint_least32_t generation;
	uint32_t next_free;
};

TAILQ_HEAD(http_connection_list, http_connection);

struct http_loop {
	struct event_base *base;
	struct event *reaper;	/* frees dead connections outside of their own callbacks */
	struct tls_server *tls; /* NULL: plain */
	struct http_workers *workers;
	struct http_server *server;
	const struct world *world;
	struct http_server_config limits; /* every default filled in */

	struct http_slot *slots;	       /* limits.connections_max of them */
	uint32_t free_slot;		       /* head of the list; SLOT_NONE: all taken */
	struct http_connection_list half_open; /* oldest first */
	struct http_connection_list dead;
	bool draining;
	uint64_t drain_from_ms;

	atomic_uint_least64_t accepted, requests, refused, vanished;
	atomic_uint connections, half_open_n;
	atomic_size_t buffered_bytes;
};

void http_connection_start(struct http_loop *loop);
/* Closes and frees all connections; the slots stay for http_exchange_alive. */
void http_connection_stop(struct http_loop *loop);
/* Takes over fd.  Makes room first by the caps, at the expense of the oldest half-open one. */
void http_connection_open(struct http_loop *loop, int fd, const char *remote);
/* Writes exchange->response to its connection if that still exists; frees the exchange. */
void http_connection_answer(struct http_loop *loop, struct http_exchange *exchange);
/* Deadlines; call it a few times a second. */
void http_connection_sweep(struct http_loop *loop);

/* In http_server.c: an exchange exists from its request line until it is freed. */
struct http_exchange *http_server_exchange_new(struct http_server *server);
void http_server_exchange_free(struct http_exchange *exchange);

#endif
