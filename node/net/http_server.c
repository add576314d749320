/*
 * http_server.c - one loop thread, the workers, and the way answers come back.
 *
 * An answer is put on a list under a lock, and the loop is woken through an eventfd when the list
 * was empty.  libevent itself is used without locks: its objects never leave the loop thread.
 *
 * The server's memory outlives http_server_close for as long as somebody still holds an exchange:
 * each counts as a holder, the owner is one more, and the last to let go frees it.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/listener.h>

#include "base/log.h"
#include "base/memory.h"
#include "net/http_connection.h"
#include "net/http_listen.h"

#define QUEUE_MAX	      1024
#define HALF_OPEN_MAX	      4096
#define HALF_OPEN_ADDRESS_MAX 64
#define BUFFERED_BYTES_MAX    ((size_t)128 << 20)
#define DRAIN_SILENT_MS	      2000
#define DRAIN_MAX_MS	      30000
#define DESCRIPTORS_RESERVED  64 /* database, log, keys, our own */
#define CONNECTIONS_MOST      65536
#define TRIM_PEAK_MIN	      256
#define TRIM_CALM_SWEEPS      10 /* libevent frees what it has closed some rounds later */
#define SWEEP_MS	      200

struct http_server {
	struct http_loop loop;
	struct http_listen listen;
	struct evconnlistener *listener;
	struct event *sweep;
	struct event *wake;
	int wake_fd;
	unsigned connections_peak; /* since memory was last given back */
	unsigned connections_last; /* at the last sweep */
	unsigned calm_sweeps;	   /* since connections last became fewer */
	pthread_t thread;
	atomic_bool closing;
	atomic_uint holders;

	pthread_mutex_t lock;
	struct http_exchange *answers;
	struct http_exchange **answers_tail;
	bool loop_ended; /* answers are dropped from now on */
};

static void server_release(struct http_server *server)
{
	if (atomic_fetch_sub(&server->holders, 1) > 1)
		return;
	pthread_mutex_destroy(&server->lock);
	memory_free(&server->loop.slots); /* late exchanges still ask them who is there */
	memory_free(&server);
}

struct http_exchange *http_server_exchange_new(struct http_server *server)
{
	struct http_exchange *exchange = memory_new(sizeof(*exchange));

	exchange->server = server;
	atomic_fetch_add(&server->holders, 1);
	return exchange;
}

void http_server_exchange_free(struct http_exchange *exchange)
{
	struct http_server *server = exchange->server;

	atomic_fetch_sub(&server->loop.buffered_bytes, exchange->charged_bytes);
	http_request_done(&exchange->request);
	http_response_done(&exchange->response);
	memory_free(&exchange);
	server_release(server);
}

static void loop_wake(struct http_server *server)
{
	uint64_t one = 1;
	ssize_t n;

	do
		n = write(server->wake_fd, &one, sizeof(one));
	while (n < 0 && errno == EINTR);
}

void http_server_answer(struct http_exchange *exchange, struct http_response *response)
{
	struct http_server *server = exchange->server;
	bool ended;

	exchange->response = *response;
	*response = (struct http_response){ 0 };
	exchange->next = NULL;
	pthread_mutex_lock(&server->lock);
	ended = server->loop_ended;
	if (!ended) {
		bool first = server->answers == NULL;

		*server->answers_tail = exchange;
		server->answers_tail = &exchange->next;
		/* Under the lock: after it the loop may end and close the descriptor. */
		if (first)
			loop_wake(server);
	}
	pthread_mutex_unlock(&server->lock);
	if (ended)
		http_server_exchange_free(exchange);
}

bool http_exchange_alive(const struct http_exchange *exchange)
{
	struct http_server *server = exchange->server;

	return !atomic_load(&server->closing) &&
	       atomic_load(&server->loop.slots[exchange->slot].generation) == exchange->generation;
}

static struct http_exchange *answers_take(struct http_server *server)
{
	struct http_exchange *exchange;

	pthread_mutex_lock(&server->lock);
	exchange = server->answers;
	server->answers = NULL;
	server->answers_tail = &server->answers;
	pthread_mutex_unlock(&server->lock);
	return exchange;
}

static void drain_start(struct http_server *server)
{
	server->loop.draining = true;
	server->loop.drain_from_ms = world_monotonic_ms(server->loop.world);
	evconnlistener_free(server->listener);
	server->listener = NULL;
	if (server->listen.path[0] != '\0')
		unlink(server->listen.path);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *server = arg;
	struct http_exchange *exchange, *next;
	uint64_t count;
	ssize_t n = read(fd, &count, sizeof(count));

	(void)n;
	(void)what;
	for (exchange = answers_take(server); exchange != NULL; exchange = next) {
		next = exchange->next;
		http_connection_answer(&server->loop, exchange);
	}
	if (atomic_load(&server->closing) && !server->loop.draining)
		drain_start(server);
}

static void tickets_renew(struct http_loop *loop)
{
	struct err e;

	if (loop->tls != NULL && !tls_server_renew(loop->tls, world_now_ms(loop->world), &e))
		log_once(LOG_WARNING, "http", "tickets", "the ticket keys stay as they are: %s",
			 e.text);
}

/*
 * After many connections have gone, give their memory back: glibc keeps what lies between blocks
 * that are still in use.  (10,000 TLS connections cut at once left 250 MB; 33 MB with this.)
 */
static void memory_return(struct http_server *server)
{
	unsigned connections = atomic_load(&server->loop.connections);

	server->calm_sweeps = connections < server->connections_last ? 0 : server->calm_sweeps + 1;
	server->connections_last = connections;
	if (connections > server->connections_peak)
		server->connections_peak = connections;
	if (server->calm_sweeps < TRIM_CALM_SWEEPS || server->connections_peak < TRIM_PEAK_MIN ||
	    connections > server->connections_peak / 2)
		return;
	malloc_trim(0);
	server->connections_peak = connections;
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct http_server *server = arg;

	(void)fd;
	(void)what;
	http_connection_sweep(&server->loop);
	tickets_renew(&server->loop);
	memory_return(server);
	if (server->listener != NULL)
		evconnlistener_enable(server->listener);
	if (server->loop.draining && atomic_load(&server->loop.connections) == 0)
		event_base_loopbreak(server->loop.base);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
		      int len, void *arg)
{
	struct http_server *server = arg;
	char remote[HTTP_REMOTE_SIZE] = "unix";

	(void)listener;
	(void)len;
	if (address->sa_family == AF_INET)
		inet_ntop(AF_INET, &((struct sockaddr_in *)(void *)address)->sin_addr, remote,
			  sizeof(remote));
	else if (address->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &((struct sockaddr_in6 *)(void *)address)->sin6_addr, remote,
			  sizeof(remote));
	http_connection_open(&server->loop, fd, remote);
}

/* Out of descriptors, mostly: pause until the next sweep instead of spinning. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	(void)arg;
	log_once(LOG_WARNING, "http", "accept", "cannot accept connections: %s", strerror(errno));
	evconnlistener_disable(listener);
}

static void *loop_run(void *arg)
{
	struct http_server *server = arg;

	event_base_loop(server->loop.base, EVLOOP_NO_EXIT_ON_EMPTY);
	http_connection_stop(&server->loop);
	return NULL;
}

static unsigned connections_from_rlimit(void)
{
	struct rlimit limit;
	rlim_t n;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 1024 - DESCRIPTORS_RESERVED;
	n = limit.rlim_cur < 2 * DESCRIPTORS_RESERVED ? DESCRIPTORS_RESERVED
						      : limit.rlim_cur - DESCRIPTORS_RESERVED;
	return n > CONNECTIONS_MOST ? CONNECTIONS_MOST : (unsigned)n;
}

static void default_to(unsigned *value, unsigned fallback)
{
	if (*value == 0)
		*value = fallback;
}

static void limits_fill(struct http_server_config *limits)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	default_to(&limits->workers, cores > 0 ? (unsigned)cores : 1);
	default_to(&limits->queue_max, QUEUE_MAX);
	default_to(&limits->connections_max, connections_from_rlimit());
	default_to(&limits->half_open_max, HALF_OPEN_MAX);
	default_to(&limits->half_open_address_max, HALF_OPEN_ADDRESS_MAX);
	default_to(&limits->drain_silent_ms, DRAIN_SILENT_MS);
	default_to(&limits->drain_max_ms, DRAIN_MAX_MS);
	if (limits->buffered_bytes_max == 0)
		limits->buffered_bytes_max = BUFFERED_BYTES_MAX;
	/* Borrowed strings: not needed beyond open. */
	limits->listen = limits->tls_directory = limits->tls_names = NULL;
}

static void loop_start(struct http_server *server)
{
	struct timeval sweep = { 0, SWEEP_MS * 1000 };
	struct http_loop *loop = &server->loop;

	loop->base = event_base_new();
	server->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert(loop->base != NULL && server->wake_fd >= 0);
	server->wake =
		event_new(loop->base, server->wake_fd, EV_READ | EV_PERSIST, on_wake, server);
	server->sweep = event_new(loop->base, -1, EV_PERSIST, on_sweep, server);
	server->listener = evconnlistener_new(loop->base, on_accept, server,
					      LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0,
					      server->listen.fd);
	assert(server->wake != NULL && server->sweep != NULL && server->listener != NULL);
	evconnlistener_set_error_cb(server->listener, on_accept_error);
	event_add(server->wake, NULL);
	event_add(server->sweep, &sweep);
	http_connection_start(loop);
}

static void thread_start(struct http_server *server)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all); /* signals are the main thread's; SIGPIPE becomes EPIPE here */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&server->thread, NULL, loop_run, server);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	assert(rc == 0);
}

bool http_server_open(const struct http_server_config *config, struct http_server **ret_server,
		      struct err *e)
{
	bool strangers = config->tls_directory != NULL || config->plain_anywhere;
	struct http_server *server;
	struct http_listen listen;
	struct tls_server *tls = NULL;

	if (!http_listen_open(config->listen, strangers, &listen, e))
		return err_wrap(e, "listening");
	if (config->tls_directory != NULL &&
	    !tls_server_open(config->tls_directory, config->tls_names, &tls, e)) {
		close(listen.fd);
		return false;
	}
	server = memory_new(sizeof(*server));
	atomic_init(&server->holders, 1);
	pthread_mutex_init(&server->lock, NULL);
	server->answers_tail = &server->answers;
	server->listen = listen;
	server->loop.server = server;
	server->loop.tls = tls;
	server->loop.limits = *config;
	server->loop.world = config->world != NULL ? config->world : world_real();
	limits_fill(&server->loop.limits);
	tickets_renew(&server->loop);
	server->loop.workers =
		http_workers_open(server->loop.limits.workers, server->loop.limits.queue_max,
				  config->handler, config->arg);
	loop_start(server);
	thread_start(server);
	*ret_server = server;
	return true;
}

unsigned http_server_port(const struct http_server *server)
{
	return server->listen.port;
}

bool http_server_pin(const struct http_server *server, struct hash *ret_pin)
{
	if (server->loop.tls == NULL)
		return false;
	tls_server_pin(server->loop.tls, ret_pin);
	return true;
}

void http_server_counts(const struct http_server *server, struct http_server_counts *ret_counts)
{
	const struct http_loop *loop = &server->loop;

	*ret_counts = (struct http_server_counts){
		.accepted = atomic_load(&loop->accepted),
		.requests = atomic_load(&loop->requests),
		.refused = atomic_load(&loop->refused),
		.vanished = atomic_load(&loop->vanished),
		.connections = atomic_load(&loop->connections),
		.half_open = atomic_load(&loop->half_open_n),
		.buffered_bytes = atomic_load(&loop->buffered_bytes),
	};
}

void http_server_close(struct http_server *server)
{
	struct http_exchange *exchange, *next;

	if (server == NULL)
		return;
	atomic_store(&server->closing, true);
	loop_wake(server);
	pthread_join(server->thread, NULL);
	http_workers_close(server->loop.workers);
	pthread_mutex_lock(&server->lock);
	server->loop_ended = true;
	pthread_mutex_unlock(&server->lock);
	for (exchange = answers_take(server); exchange != NULL; exchange = next) {
		next = exchange->next;
		http_server_exchange_free(exchange);
	}
	event_free(server->wake);
	event_free(server->sweep);
	event_base_free(server->loop.base);
	close(server->wake_fd);
	tls_server_close(server->loop.tls);
	server_release(server);
}
