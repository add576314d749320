/*
 * http_server.h - an HTTP/1.1 server: one loop thread for the network, a few workers for the
 *handler.
 *
 * The handler gets a complete request in a worker thread and must see to it that it is answered
 * exactly once: at once, or later from any thread (a writer that commits in groups, a long poll
 *that waits for news).  The answer of a client that has gone away in the meantime is dropped.
 *
 *	static void handle(void *arg, struct http_exchange *exchange)
 *	{
 *		struct http_response response = { 0 };
 *		http_response_print(&response, 200, "text/plain", "hello %s\n",
 *exchange->request.remote); http_server_answer(exchange, &response);
 *	}
 *
 *	struct http_server_config config = { .listen = "0.0.0.0:8443", .tls_directory = dir,
 *					     .handler = handle, .arg = arg };
 *	if (!http_server_open(&config, &server, e))
 *		...
 *	http_server_close(server);
 *
 * GET /health is answered by the loop itself, so it works while every worker is stuck.  No state of
 * a client survives its connection.  What a stranger can hold is bounded: heads in time and bytes,
 * bodies by progress, half-open connections in all and per address, buffered bytes over everything.
 *
 * Memory: an exchange is lent to the handler until it is answered.  Threads: http_server_answer and
 * http_exchange_alive from any; open and close from the owner's.
 */
#ifndef NET_HTTP_SERVER_H
#define NET_HTTP_SERVER_H

#include "base/world.h"
#include "net/http.h"
#include "simpul/ident.h"

struct http_server;

struct http_exchange {
	struct http_request request; /* read it; the body may be taken over (zero it then) */

	/* Private to the server. */
	struct http_response response;
	struct http_server *server;
	struct http_exchange *next;
	size_t charged_bytes;
	uint32_t slot;
	uint32_t generation;
};

struct http_server_config {
	const char *listen; /* "ADDRESS:PORT", "[::1]:PORT", "unix:PATH"; port 0: any free one */
	const char *tls_directory; /* NULL: plain HTTP, for a gateway on this machine */
	const char *tls_names;	   /* see tls_server_open */
	bool plain_anywhere;	   /* allow plain HTTP on an address that others can reach */
	void (*handler)(void *arg, struct http_exchange *exchange);
	void *arg;
	const struct world *world; /* clock for the deadlines; NULL: the real one */

	/* 0 means the default. */
	unsigned workers;		/* one per core */
	unsigned queue_max;		/* requests waiting for a worker: 1024 */
	unsigned connections_max;	/* from RLIMIT_NOFILE */
	unsigned half_open_max;		/* connections without one complete head yet: 4096 */
	unsigned half_open_address_max; /* of these from one address: 64 */
	size_t buffered_bytes_max;	/* request and answer bodies in memory: 128 MiB */
	unsigned drain_silent_ms;	/* at close, connections that send nothing: 2,000 */
	unsigned drain_max_ms;		/* at close, all others: 30,000 */
};

/*
 * Binds and starts the threads.  ERR_PORT names the address in use; ERR_USAGE for an address that
 * cannot be parsed or plain HTTP on one that strangers reach.  The config's strings are copied.
 */
MUST_USE bool http_server_open(const struct http_server_config *config,
			       struct http_server **ret_server, struct err *e);
unsigned http_server_port(const struct http_server *server);
/* What clients pin; false without TLS. */
bool http_server_pin(const struct http_server *server, struct hash *ret_pin);
/*
 * Stops accepting, answers what is under way with "Connection: close", waits for the workers and
 * returns.  Exchanges that the layer above has parked should be answered now: see
 * http_exchange_alive; one that is answered later still is dropped and freed.
 */
void http_server_close(struct http_server *server); /* NULL is fine */

/* Takes over the contents of *response (left zeroed) and ends the caller's use of the exchange. */
void http_server_answer(struct http_exchange *exchange, struct http_response *response);
/* False once the client is gone or the server is closing: stop waiting, answer anything. */
bool http_exchange_alive(const struct http_exchange *exchange);

struct http_server_counts {
	uint64_t accepted;
	uint64_t requests; /* complete heads */
	uint64_t refused;  /* malformed, too large, too slow, over a cap */
	uint64_t vanished; /* answers that found nobody */
	unsigned connections;
	unsigned half_open;
	size_t buffered_bytes;
};
void http_server_counts(const struct http_server *server, struct http_server_counts *ret_counts);

#endif
