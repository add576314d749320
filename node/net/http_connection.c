/*
 * http_connection.c - the life of a connection:
 *
 *	HANDSHAKE -> IDLE -> HEAD -> BODY -> WAITING -> WRITING -> IDLE ...
 *	                                                       \-> LINGER -> closed
 *
 * One request at a time: while its answer is awaited, whatever else the client sends stays in the
 * socket (after at most one read).  The last answer is followed by a short LINGER in which input is
 * thrown away, because closing a socket with unread input sends a reset that can overtake the
 *answer. A client that closes its sending side while it waits counts as gone.
 *
 * Deadlines are one number per connection and a sweep: cheaper in memory than a timer each, and
 * simulated time can drive them.  No read high-watermark is used: libevent 2.1 stops reading with
 * decrypted bytes still inside OpenSSL then, and does not look there again until the socket stirs.
 */
#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>

#include "base/memory.h"
#include "net/http_answer.h"
#include "net/http_connection.h"
#include "net/http_parser.h"

#define HANDSHAKE_MS   60000
#define HEAD_MS	       60000
#define BODY_MS	       60000 /* at least BODY_BYTES in each */
#define BODY_BYTES     1024
#define WRITE_STALL_MS 120000
#define IDLE_MS	       (15 * 60000)
#define LINGER_MS      2000
#define SLOT_NONE      UINT32_MAX
#define NEVER	       UINT64_MAX
#define RETRY_AFTER_S  "10"

enum state { HANDSHAKE, IDLE, HEAD, BODY, WAITING, WRITING, LINGER, DEAD };

struct http_connection {
	struct http_loop *loop;
	struct bufferevent *bev;
	TAILQ_ENTRY(http_connection) link; /* in half_open or dead */
	struct http_parser parser;
	struct http_exchange *exchange; /* being read; WAITING ones belong to the handler */
	uint64_t deadline_ms;
	size_t progress; /* bytes at the last look: received in BODY, left to send in WRITING */
	uint32_t slot;
	uint8_t state;
	bool half_open; /* no complete head so far */
	bool head_only;
	bool close_after; /* this answer is the last */
	char remote[HTTP_REMOTE_SIZE];
};

static uint64_t now_ms(const struct http_loop *loop)
{
	return world_monotonic_ms(loop->world);
}

static void state_set(struct http_connection *c, enum state state, uint64_t within_ms)
{
	c->state = (uint8_t)state;
	c->deadline_ms = within_ms == NEVER ? NEVER : now_ms(c->loop) + within_ms;
}

static void half_open_leave(struct http_connection *c)
{
	if (!c->half_open)
		return;
	c->half_open = false;
	TAILQ_REMOVE(&c->loop->half_open, c, link);
	atomic_fetch_sub(&c->loop->half_open_n, 1);
}

static void exchange_drop(struct http_connection *c)
{
	if (c->exchange != NULL)
		http_server_exchange_free(c->exchange);
	c->exchange = NULL;
}

/* From here on nobody finds the connection; the reaper frees it when no callback of it can be
 * running. */
static void connection_close(struct http_connection *c)
{
	struct http_loop *loop = c->loop;
	struct http_slot *slot = &loop->slots[c->slot];
	struct timeval now = { 0, 0 };

	if (c->state == DEAD)
		return;
	c->state = DEAD;
	half_open_leave(c);
	bufferevent_setcb(c->bev, NULL, NULL, NULL, NULL);
	bufferevent_disable(c->bev, EV_READ | EV_WRITE);
	exchange_drop(c);
	slot->connection = NULL;
	atomic_fetch_add(&slot->generation, 1);
	slot->next_free = loop->free_slot;
	loop->free_slot = c->slot;
	atomic_fetch_sub(&loop->connections, 1);
	TAILQ_INSERT_TAIL(&loop->dead, c, link);
	evtimer_add(loop->reaper, &now);
}

static void reap(evutil_socket_t fd, short what, void *arg)
{
	struct http_loop *loop = arg;
	struct http_connection *c;

	(void)fd;
	(void)what;
	while ((c = TAILQ_FIRST(&loop->dead)) != NULL) {
		TAILQ_REMOVE(&loop->dead, c, link);
		bufferevent_free(c->bev);
		memory_free(&c);
	}
}

static void answer_write(struct http_connection *c, struct http_response *response)
{
	struct http_answer_options options = {
		.close = c->close_after || c->loop->draining,
		.head_only = c->head_only,
		.now_ms = world_now_ms(c->loop->world),
		.charge = &c->loop->buffered_bytes,
	};
	struct evbuffer *out = bufferevent_get_output(c->bev);

	c->close_after = options.close;
	http_answer_put(out, response, &options);
	c->progress = evbuffer_get_length(out);
	state_set(c, WRITING, WRITE_STALL_MS);
}

/* The network layer's own answer; the connection closes after it. */
static void refuse(struct http_connection *c, int status, const char *reason)
{
	struct http_response response = { 0 };

	atomic_fetch_add(&c->loop->refused, 1);
	exchange_drop(c);
	http_response_print(&response, status, "text/plain; charset=utf-8", "%s\n", reason);
	if (status == 503)
		http_fields_put(&response.fields, "Retry-After", RETRY_AFTER_S);
	c->close_after = true;
	answer_write(c, &response);
}

static void line_take(struct http_connection *c, const struct http_event *event)
{
	char method[HTTP_METHOD_SIZE], target[LIMIT_HTTP_HEAD_BYTES];
	struct http_exchange *exchange = http_server_exchange_new(c->loop->server);
	struct err e;

	/* The parser has held both within these sizes. */
	snprintf(method, sizeof(method), "%.*s", (int)event->name.len,
		 (const char *)event->name.data);
	snprintf(target, sizeof(target), "%.*s", (int)event->value.len,
		 (const char *)event->value.data);
	c->exchange = exchange;
	c->head_only = strcmp(method, "HEAD") == 0;
	if (!http_request_init(&exchange->request, method, target, &e)) {
		refuse(c, err_http_status(e.code), e.text);
		return;
	}
	snprintf(exchange->request.remote, sizeof(exchange->request.remote), "%s", c->remote);
	exchange->request.secure = c->loop->tls != NULL;
}

static void field_take(struct http_connection *c, const struct http_event *event)
{
	char text[LIMIT_HTTP_HEAD_BYTES + 2];
	char *value = text + event->name.len + 1;

	memcpy(text, event->name.data, event->name.len);
	text[event->name.len] = '\0';
	memcpy(value, event->value.data, event->value.len);
	value[event->value.len] = '\0';
	if (!http_fields_join(&c->exchange->request.fields, text, value))
		refuse(c, 400, "a field that cannot be");
}

/* 503 before a body is read: cheaper for both than after it. */
static bool admit(struct http_connection *c)
{
	struct http_loop *loop = c->loop;
	size_t high = loop->limits.buffered_bytes_max / 4 * 3;

	if (!http_workers_full(loop->workers) && atomic_load(&loop->buffered_bytes) < high)
		return true;
	refuse(c, 503, "overloaded, try again later");
	return false;
}

static void health_answer(struct http_connection *c)
{
	struct http_response response = { 0 };

	http_response_print(&response, c->loop->draining ? 503 : 200, "text/plain; charset=utf-8",
			    c->loop->draining ? "closing\n" : "ok\n");
	exchange_drop(c);
	answer_write(c, &response);
}

static void head_take(struct http_connection *c)
{
	const struct http_request *request = &c->exchange->request;
	bool health = strcmp(request->path, "/health") == 0 && !c->parser.has_body &&
		      (c->head_only || strcmp(request->method, "GET") == 0);

	half_open_leave(c);
	atomic_fetch_add(&c->loop->requests, 1);
	c->close_after = !c->parser.keep_alive;
	c->progress = 0;
	state_set(c, BODY, BODY_MS);
	if (!health && !admit(c))
		return;
	if (c->parser.expects_continue && c->parser.has_body)
		evbuffer_add_printf(bufferevent_get_output(c->bev),
				    "HTTP/1.1 100 Continue\r\n\r\n");
}

static void body_take(struct http_connection *c, const struct http_event *event)
{
	size_t before = atomic_fetch_add(&c->loop->buffered_bytes, event->value.len);

	c->exchange->charged_bytes += event->value.len;
	if (before + event->value.len > c->loop->limits.buffered_bytes_max) {
		refuse(c, 503, "overloaded, try again later");
		return;
	}
	buf_put(&c->exchange->request.body, event->value.data, event->value.len);
}

static void request_take(struct http_connection *c)
{
	struct http_exchange *exchange = c->exchange;

	if (strcmp(exchange->request.path, "/health") == 0 && exchange->request.body.len == 0 &&
	    (c->head_only || strcmp(exchange->request.method, "GET") == 0)) {
		health_answer(c);
		return;
	}
	exchange->slot = c->slot;
	exchange->generation = atomic_load(&c->loop->slots[c->slot].generation);
	c->exchange = NULL;
	state_set(c, WAITING, NEVER);
	http_workers_put(c->loop->workers, exchange);
}

static void event_take(struct http_connection *c, const struct http_event *event)
{
	switch (event->kind) {
	case HTTP_MORE:
		break;
	case HTTP_LINE:
		line_take(c, event);
		break;
	case HTTP_FIELD:
		field_take(c, event);
		break;
	case HTTP_HEAD:
		head_take(c);
		break;
	case HTTP_BODY:
		body_take(c, event);
		break;
	case HTTP_END:
		request_take(c);
		break;
	case HTTP_REFUSED:
		refuse(c, c->parser.refused_status, c->parser.refused_reason);
		break;
	}
}

/* One parser step on the input; false when it needs more bytes. */
static bool input_step(struct http_connection *c, struct evbuffer *in)
{
	size_t len = evbuffer_get_contiguous_space(in), taken;
	struct http_event event;

	taken = http_parser_step(&c->parser,
				 len == 0 ? (const void *)"" : evbuffer_pullup(in, (ev_ssize_t)len),
				 len, &event);
	if (event.kind == HTTP_MORE && taken == 0 && evbuffer_get_length(in) > len) {
		/* A line that lies across two pieces. */
		len = evbuffer_get_length(in);
		taken = http_parser_step(&c->parser, evbuffer_pullup(in, -1), len, &event);
	}
	event_take(c, &event);
	evbuffer_drain(in, taken);
	return event.kind != HTTP_MORE || (taken > 0 && evbuffer_get_length(in) > 0);
}

static void input_process(struct http_connection *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);

	if (c->state == IDLE && evbuffer_get_length(in) > 0) {
		/* The first head's time runs from the handshake on; the others' from their first
		 * byte. */
		uint64_t deadline_ms = c->deadline_ms;

		state_set(c, HEAD, HEAD_MS);
		if (c->half_open && deadline_ms < c->deadline_ms)
			c->deadline_ms = deadline_ms;
	}
	while ((c->state == HEAD || c->state == BODY) && input_step(c, in))
		continue;
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct http_connection *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);

	if (c->state == LINGER) {
		c->progress += evbuffer_get_length(in);
		evbuffer_drain(in, evbuffer_get_length(in));
		if (c->progress > LIMIT_REQUEST_BYTES)
			connection_close(c);
	} else if (c->state == WAITING || c->state == WRITING) {
		if (!c->close_after)
			bufferevent_disable(bev, EV_READ);
	} else {
		input_process(c);
	}
}

static void linger(struct http_connection *c)
{
	SSL *ssl = bufferevent_openssl_get_ssl(c->bev);
	struct evbuffer *in = bufferevent_get_input(c->bev);

	if (ssl != NULL)
		tls_shutdown(ssl);
	shutdown(bufferevent_getfd(c->bev), SHUT_WR);
	evbuffer_drain(in, evbuffer_get_length(in));
	c->progress = 0;
	state_set(c, LINGER, LINGER_MS);
	bufferevent_enable(c->bev, EV_READ);
}

/* The output is empty. */
static void on_write(struct bufferevent *bev, void *arg)
{
	struct http_connection *c = arg;

	if (c->state != WRITING || evbuffer_get_length(bufferevent_get_output(bev)) > 0)
		return;
	if (c->close_after) {
		linger(c);
		return;
	}
	state_set(c, IDLE, IDLE_MS);
	bufferevent_enable(bev, EV_READ);
	input_process(c);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct http_connection *c = arg;

	(void)bev;
	if (what & BEV_EVENT_CONNECTED) {
		state_set(c, IDLE, HEAD_MS);
		return;
	}
	if (c->state == HANDSHAKE)
		atomic_fetch_add(&c->loop->refused, 1);
	connection_close(c);
}

/* The oldest half-open one; only those from `remote` if it is given. */
static struct http_connection *half_open_oldest(struct http_loop *loop, const char *remote,
						unsigned *ret_n)
{
	struct http_connection *c, *oldest = NULL;

	*ret_n = 0;
	TAILQ_FOREACH(c, &loop->half_open, link)
	{
		if (remote != NULL && strcmp(c->remote, remote) != 0)
			continue;
		if (oldest == NULL)
			oldest = c;
		++*ret_n;
	}
	return oldest;
}

static struct http_connection *idle_longest(struct http_loop *loop)
{
	struct http_connection *longest = NULL;

	for (uint32_t i = 0; i < loop->limits.connections_max; i++) {
		struct http_connection *c = loop->slots[i].connection;

		if (c != NULL && c->state == IDLE &&
		    (longest == NULL || c->deadline_ms < longest->deadline_ms))
			longest = c;
	}
	return longest;
}

static void evict(struct http_connection *c)
{
	if (c == NULL)
		return;
	atomic_fetch_add(&c->loop->refused, 1);
	connection_close(c);
}

/* A gateway on this machine is all clients at once, so no cap per address on plain HTTP. */
static void make_room(struct http_loop *loop, const char *remote)
{
	struct http_connection *oldest;
	unsigned n;

	if (loop->tls != NULL &&
	    atomic_load(&loop->half_open_n) >= loop->limits.half_open_address_max) {
		oldest = half_open_oldest(loop, remote, &n);
		if (n >= loop->limits.half_open_address_max)
			evict(oldest);
	}
	if (atomic_load(&loop->half_open_n) >= loop->limits.half_open_max)
		evict(TAILQ_FIRST(&loop->half_open));
	if (loop->free_slot == SLOT_NONE) {
		oldest = TAILQ_FIRST(&loop->half_open);
		evict(oldest != NULL ? oldest : idle_longest(loop));
	}
}

static void slot_take(struct http_loop *loop, struct http_connection *c)
{
	c->slot = loop->free_slot;
	loop->free_slot = loop->slots[c->slot].next_free;
	loop->slots[c->slot].connection = c;
	TAILQ_INSERT_TAIL(&loop->half_open, c, link);
	c->half_open = true;
	atomic_fetch_add(&loop->half_open_n, 1);
	atomic_fetch_add(&loop->connections, 1);
}

void http_connection_open(struct http_loop *loop, int fd, const char *remote)
{
	struct http_connection *c;
	int on = 1;

	atomic_fetch_add(&loop->accepted, 1);
	make_room(loop, remote);
	if (loop->free_slot == SLOT_NONE) {
		atomic_fetch_add(&loop->refused, 1);
		close(fd);
		return;
	}
	c = memory_new(sizeof(*c));
	c->loop = loop;
	snprintf(c->remote, sizeof(c->remote), "%s", remote);
	http_parser_init(&c->parser, LIMIT_REQUEST_BYTES);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
		   sizeof(on)); /* fails on a local socket: fine */
	if (loop->tls != NULL) {
		c->bev = bufferevent_openssl_socket_new(
			loop->base, fd, tls_server_session(loop->tls), BUFFEREVENT_SSL_ACCEPTING,
			BEV_OPT_CLOSE_ON_FREE);
		assert(c->bev != NULL);
		bufferevent_openssl_set_allow_dirty_shutdown(c->bev, 1);
		state_set(c, HANDSHAKE, HANDSHAKE_MS);
	} else {
		c->bev = bufferevent_socket_new(loop->base, fd, BEV_OPT_CLOSE_ON_FREE);
		assert(c->bev != NULL);
		state_set(c, IDLE, HEAD_MS);
	}
	slot_take(loop, c);
	bufferevent_setcb(c->bev, on_read, on_write, on_event, c);
	bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

void http_connection_answer(struct http_loop *loop, struct http_exchange *exchange)
{
	struct http_slot *slot = &loop->slots[exchange->slot];
	struct http_connection *c = slot->connection;

	if (c == NULL || atomic_load(&slot->generation) != exchange->generation) {
		atomic_fetch_add(&loop->vanished, 1);
	} else {
		assert(c->state == WAITING); /* else the handler has answered twice */
		answer_write(c, &exchange->response);
	}
	http_server_exchange_free(exchange);
}

/* True if the time it had is not over yet, or was used well. */
static bool deadline_moves(struct http_connection *c)
{
	size_t left = evbuffer_get_length(bufferevent_get_output(c->bev));

	if (c->state == BODY && c->exchange->request.body.len >= c->progress + BODY_BYTES) {
		c->progress = c->exchange->request.body.len;
		state_set(c, BODY, BODY_MS);
		return true;
	}
	if (c->state == WRITING && left < c->progress) {
		c->progress = left;
		state_set(c, WRITING, WRITE_STALL_MS);
		return true;
	}
	return false;
}

static bool drain_is_over(const struct http_connection *c, uint64_t now)
{
	const struct http_loop *loop = c->loop;
	uint64_t since_ms = now - loop->drain_from_ms;

	if (!loop->draining)
		return false;
	return since_ms >= loop->limits.drain_max_ms ||
	       (since_ms >= loop->limits.drain_silent_ms &&
		(c->state == IDLE || c->state == HANDSHAKE));
}

void http_connection_sweep(struct http_loop *loop)
{
	uint64_t now = now_ms(loop);

	for (uint32_t i = 0;
	     i < loop->limits.connections_max && atomic_load(&loop->connections) > 0; i++) {
		struct http_connection *c = loop->slots[i].connection;

		if (c == NULL)
			continue;
		if (drain_is_over(c, now)) {
			connection_close(c);
		} else if (now >= c->deadline_ms && !deadline_moves(c)) {
			if (c->state == HEAD || c->state == BODY)
				refuse(c, 408, "too slow");
			else
				connection_close(c);
		}
	}
}

void http_connection_start(struct http_loop *loop)
{
	uint32_t n = loop->limits.connections_max;

	loop->slots = memory_new(n * sizeof(loop->slots[0]));
	loop->free_slot = SLOT_NONE;
	for (uint32_t i = n; i-- > 0;) {
		loop->slots[i].next_free = loop->free_slot;
		loop->free_slot = i;
	}
	TAILQ_INIT(&loop->half_open);
	TAILQ_INIT(&loop->dead);
	loop->reaper = evtimer_new(loop->base, reap, loop);
	assert(loop->reaper != NULL);
}

void http_connection_stop(struct http_loop *loop)
{
	for (uint32_t i = 0; i < loop->limits.connections_max; i++)
		if (loop->slots[i].connection != NULL)
			connection_close(loop->slots[i].connection);
	reap(-1, 0, loop);
	event_free(loop->reaper);
}
