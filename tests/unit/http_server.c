/* http_server.c - real TLS on 127.0.0.1: what clients do well, badly, and half. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/http_client.h"
#include "net/http_server.h"
#include "tap.h"

/* What the handler does is chosen by path; parked exchanges wait here for the test to answer them.
 */
struct bench {
	struct http_server *server;
	struct http_client *client;
	char url[64];
	struct hash pin;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct http_exchange *parked[8];
	size_t n_parked;
	bool gate_open;
	unsigned in_gate;
	atomic_uint handled;
};

/* A clock that the test moves. */
static atomic_uint_least64_t shift_ms;

static uint64_t shifted_monotonic_ms(void *state)
{
	(void)state;
	return world_monotonic_ms(world_real()) + atomic_load(&shift_ms);
}

static uint64_t shifted_now_ms(void *state)
{
	(void)state;
	return world_now_ms(world_real());
}

static const struct world shifted_world = { shifted_now_ms, shifted_monotonic_ms, NULL, NULL };

static void park(struct bench *bench, struct http_exchange *exchange)
{
	pthread_mutex_lock(&bench->lock);
	bench->parked[bench->n_parked++] = exchange;
	pthread_cond_broadcast(&bench->changed);
	pthread_mutex_unlock(&bench->lock);
}

static struct http_exchange *parked_wait(struct bench *bench)
{
	struct http_exchange *exchange;

	pthread_mutex_lock(&bench->lock);
	while (bench->n_parked == 0)
		pthread_cond_wait(&bench->changed, &bench->lock);
	exchange = bench->parked[--bench->n_parked];
	pthread_mutex_unlock(&bench->lock);
	return exchange;
}

static void gate_pass(struct bench *bench)
{
	pthread_mutex_lock(&bench->lock);
	bench->in_gate++;
	pthread_cond_broadcast(&bench->changed);
	while (!bench->gate_open)
		pthread_cond_wait(&bench->changed, &bench->lock);
	pthread_mutex_unlock(&bench->lock);
}

static void handle(void *arg, struct http_exchange *exchange)
{
	const struct http_request *request = &exchange->request;
	struct http_response response = { 0 };
	struct bench *bench = arg;

	atomic_fetch_add(&bench->handled, 1);
	if (strcmp(request->path, "/park") == 0) {
		park(bench, exchange);
		return;
	}
	if (strcmp(request->path, "/gate") == 0)
		gate_pass(bench);
	if (strcmp(request->path, "/big") == 0) {
		buf_reserve(&response.body, 3u << 20);
		memset(response.body.data, 'b', 3u << 20);
		response.body.len = 3u << 20;
		response.status = 200;
	} else if (request->body.len > 0) {
		http_response_set(&response, 201, "application/octet-stream", request->body.data,
				  request->body.len);
	} else {
		http_response_print(&response, 200, "text/plain", "%s %s", request->method,
				    request->path);
	}
	http_fields_put(&response.fields, "X-Echo",
			http_request_header(request, "X-Ask") != NULL
				? http_request_header(request, "X-Ask")
				: "-");
	http_server_answer(exchange, &response);
}

static void answer_parked(struct bench *bench, const char *text)
{
	struct http_response response = { 0 };

	http_response_print(&response, 200, "text/plain", "%s", text);
	http_server_answer(parked_wait(bench), &response);
}

static bool bench_open_config(struct bench *bench, struct http_server_config config)
{
	struct http_client_config client = { .user_agent = "test" };
	struct err e;

	*bench = (struct bench){ 0 };
	atomic_store(&shift_ms, 0);
	pthread_mutex_init(&bench->lock, NULL);
	pthread_cond_init(&bench->changed, NULL);
	if (config.listen == NULL)
		config.listen = "127.0.0.1:0";
	config.handler = handle;
	config.arg = bench;
	config.drain_silent_ms = 1;
	if (!http_server_open(&config, &bench->server, &e) ||
	    !http_client_open(&client, &bench->client, &e)) {
		tap_note("%s", e.text);
		return false;
	}
	http_server_pin(bench->server, &bench->pin);
	snprintf(bench->url, sizeof(bench->url), "%s://127.0.0.1:%u",
		 config.tls_directory != NULL ? "https" : "http", http_server_port(bench->server));
	return true;
}

static bool bench_open(struct bench *bench)
{
	return bench_open_config(bench,
				 (struct http_server_config){ .tls_directory = tap_directory() });
}

static bool bench_open_plain(struct bench *bench)
{
	return bench_open_config(bench, (struct http_server_config){ 0 });
}

static void bench_done(struct bench *bench)
{
	http_client_close(bench->client);
	http_server_close(bench->server);
	pthread_mutex_destroy(&bench->lock);
	pthread_cond_destroy(&bench->changed);
}

#define AUTO_BENCH    __attribute__((cleanup(bench_done))) struct bench
#define AUTO_RESPONSE __attribute__((cleanup(http_response_done))) struct http_response
#define AUTO_FD	      __attribute__((cleanup(descriptor_close))) int

static void descriptor_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static _Thread_local struct http_call_stats last; /* of the call before */

/* GET, or POST if there is a body. */
static bool call(const struct bench *bench, struct http_client *client, const char *path,
		 struct bytes body, struct http_response *ret, struct err *e)
{
	char url[128];
	struct http_call call = {
		.method = body.len > 0 ? "POST" : "GET",
		.url = url,
		.trust = bench->url[4] == 's' ? HTTP_TRUST_PIN : HTTP_TRUST_ANY,
		.pin = bench->pin,
		.body = body,
	};
	bool ok;

	snprintf(url, sizeof(url), "%s%s", bench->url, path);
	http_fields_put(&call.fields, "X-Ask", "what?");
	ok = http_client_call(client, &call, ret, &last, e);
	http_fields_done(&call.fields);
	return ok;
}

static bool body_is(const struct http_response *response, const char *text)
{
	return response->body.len == strlen(text) &&
	       memcmp(response->body.data, text, response->body.len) == 0;
}

static int plain_connect(const struct bench *bench)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port =
					       htons((in_port_t)http_server_port(bench->server)) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		abort();
	return fd;
}

static void send_text(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text))
		tap_note("send: %s", strerror(errno));
}

/* Reads until the other side closes, or until `until` has come; returns what came. */
static const char *receive(int fd, const char *until, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	while (len + 1 < size && (until == NULL || strstr(out, until) == NULL)) {
		ssize_t n = recv(fd, out + len, size - 1 - len, 0);

		if (n <= 0)
			break;
		len += (size_t)n;
		out[len] = '\0';
	}
	return out;
}

/* Moves the clock on until the server has something to say; it may look at the clock late. */
static void time_passes(int fd, uint64_t step_ms)
{
	struct pollfd readable = { fd, POLLIN, 0 };

	do
		atomic_fetch_add(&shift_ms, step_ms);
	while (poll(&readable, 1, 300) == 0);
}

static unsigned count_of(const char *text, const char *what)
{
	unsigned n = 0;

	for (text = strstr(text, what); text != NULL; text = strstr(text + 1, what))
		n++;
	return n;
}

static void get_and_post_on_one_connection(void)
{
	AUTO_BENCH bench;
	struct http_call_stats first, second;
	struct err e;

	CHECK(bench_open(&bench));
	{
		AUTO_RESPONSE got = { 0 };

		CHECK_OK(call(&bench, bench.client, "/a%20b", (struct bytes){ 0 }, &got, &e), &e);
		first = last;
		CHECK(got.status == 200 && body_is(&got, "GET /a b"));
		CHECK(strcmp(http_response_header(&got, "x-echo"), "what?") == 0);
		CHECK(strcmp(got.content_type, "text/plain") == 0);
		CHECK(!first.reused && first.handshake_sent_bytes > 100 &&
		      first.handshake_received_bytes > 300);
		CHECK(hash_equal(&first.spki, &bench.pin));
	}
	{
		AUTO_RESPONSE posted = { 0 };

		CHECK_OK(call(&bench, bench.client, "/post", (struct bytes){ "data", 4 }, &posted,
			      &e),
			 &e);
		second = last;
		CHECK(posted.status == 201 && body_is(&posted, "data"));
		CHECK(second.reused && second.handshake_sent_bytes == 0);
		CHECK(hash_equal(&second.spki, &bench.pin));
		CHECK(second.sent_bytes == first.sent_bytes + strlen("Content-Length: 4\r\n") + 4);
	}
}

static void large_bodies_both_ways(void)
{
	AUTO_BENCH bench;
	AUTO_RESPONSE echoed = { 0 }, big = { 0 }, refused = { 0 };
	AUTO_BUF body = { 0 };
	struct http_server_counts counts;
	struct err e;

	CHECK(bench_open(&bench));
	memset(buf_reserve(&body, LIMIT_REQUEST_BYTES + 1), 'x', LIMIT_REQUEST_BYTES + 1);
	CHECK_OK(call(&bench, bench.client, "/", (struct bytes){ body.data, LIMIT_REQUEST_BYTES },
		      &echoed, &e),
		 &e);
	CHECK(echoed.status == 201 && echoed.body.len == LIMIT_REQUEST_BYTES);
	CHECK(memcmp(echoed.body.data, body.data, echoed.body.len) == 0);
	CHECK_OK(call(&bench, bench.client, "/big", (struct bytes){ 0 }, &big, &e), &e);
	CHECK(big.status == 200 && big.body.len == 3u << 20);
	CHECK_OK(call(&bench, bench.client, "/",
		      (struct bytes){ body.data, LIMIT_REQUEST_BYTES + 1 }, &refused, &e),
		 &e);
	CHECK(refused.status == 413);
	http_server_counts(bench.server, &counts);
	CHECK(counts.buffered_bytes == 0 && atomic_load(&bench.handled) == 2);
}

static void pipelined_requests_keep_their_order(void)
{
	AUTO_BENCH bench;
	AUTO_FD fd = -1;
	char text[4096];

	CHECK(bench_open_plain(&bench));
	fd = plain_connect(&bench);
	send_text(fd, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: "
		      "a\r\nContent-Length: 3\r\n\r\nabc"
		      "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
		      "GET /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /5 "
		      "HTTP/1.1\r\nHost: a\r\n\r\n");
	receive(fd, NULL, text, sizeof(text));
	CHECK(count_of(text, "HTTP/1.1 ") == 4);
	CHECK(strstr(text, "GET /1") < strstr(text, "abc") &&
	      strstr(text, "abc") < strstr(text, "ok\n"));
	CHECK(strstr(text, "ok\n") < strstr(text, "GET /4") && strstr(text, "GET /5") == NULL);
}

static void head_has_no_body(void)
{
	AUTO_BENCH bench;
	AUTO_FD fd = -1;
	char text[1024];

	CHECK(bench_open_plain(&bench));
	fd = plain_connect(&bench);
	send_text(fd, "HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	receive(fd, NULL, text, sizeof(text));
	CHECK(strstr(text, "Content-Length: 7\r\n") != NULL);
	CHECK(strcmp(strstr(text, "\r\n\r\n"), "\r\n\r\n") == 0);
}

static void framing_error_closes(void)
{
	AUTO_BENCH bench;
	AUTO_FD fd = -1;
	char text[1024];

	CHECK(bench_open_plain(&bench));
	fd = plain_connect(&bench);
	send_text(fd, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: "
		      "chunked\r\n\r\n0\r\n\r\n"
		      "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
	receive(fd, NULL, text, sizeof(text));
	CHECK(strncmp(text, "HTTP/1.1 400 ", 13) == 0 &&
	      strstr(text, "Connection: close\r\n") != NULL);
	CHECK(count_of(text, "HTTP/1.1 ") == 1 && atomic_load(&bench.handled) == 0);
}

static void expect_continue_is_answered(void)
{
	AUTO_BENCH bench;
	AUTO_FD fd = -1;
	char text[1024];

	CHECK(bench_open_plain(&bench));
	fd = plain_connect(&bench);
	send_text(fd, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: "
		      "chunked\r\n\r\n");
	CHECK(strcmp(receive(fd, "\r\n\r\n", text, sizeof(text)),
		     "HTTP/1.1 100 Continue\r\n\r\n") == 0);
	send_text(fd, "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
	CHECK(strstr(receive(fd, "hello", text, sizeof(text)), "HTTP/1.1 201 ") == text);
}

struct parallel {
	struct bench *bench;
	unsigned good;
	pthread_t thread;
};

static void *parallel_run(void *arg)
{
	struct parallel *parallel = arg;
	struct http_client_config config = { 0 };
	struct http_client *client;
	struct err e;

	if (!http_client_open(&config, &client, &e))
		return NULL;
	for (int i = 0; i < 10; i++) {
		AUTO_RESPONSE response = { 0 };
		char body[32];

		snprintf(body, sizeof(body), "%p %d", (void *)parallel, i);
		if (call(parallel->bench, client, "/", (struct bytes){ body, strlen(body) },
			 &response, &e) &&
		    body_is(&response, body))
			parallel->good++;
	}
	http_client_close(client);
	return NULL;
}

static void sixty_four_clients_at_once(void)
{
	AUTO_BENCH bench;
	struct parallel parallel[64] = { 0 };
	unsigned good = 0;

	/* All come from one address: the cap on half-open ones must leave them room. */
	CHECK(bench_open(&bench));
	for (size_t i = 0; i < 64; i++) {
		parallel[i].bench = &bench;
		pthread_create(&parallel[i].thread, NULL, parallel_run, &parallel[i]);
	}
	for (size_t i = 0; i < 64; i++) {
		pthread_join(parallel[i].thread, NULL);
		good += parallel[i].good;
	}
	CHECK(good == 640);
}

static void counts_wait(struct bench *bench, bool (*reached)(const struct http_server_counts *))
{
	struct http_server_counts counts;

	for (http_server_counts(bench->server, &counts); !reached(&counts);
	     http_server_counts(bench->server, &counts))
		poll(NULL, 0, 5);
}

static bool nobody_connected(const struct http_server_counts *counts)
{
	return counts->connections == 0;
}

static bool one_vanished(const struct http_server_counts *counts)
{
	return counts->vanished == 1;
}

static bool eight_half_open(const struct http_server_counts *counts)
{
	return counts->half_open == 8;
}

static void half_open_are_capped_oldest_first(void)
{
	AUTO_BENCH bench;
	struct http_server_config config = { .tls_directory = tap_directory(),
					     .half_open_address_max = 8 };
	struct http_server_counts counts;
	AUTO_RESPONSE response = { 0 };
	int fds[12];
	struct err e;
	char byte;

	CHECK(bench_open_config(&bench, config));
	for (size_t i = 0; i < 12; i++)
		fds[i] = plain_connect(&bench); /* no handshake ever */
	for (size_t i = 0; i < 4; i++)
		CHECK(recv(fds[i], &byte, 1, 0) <= 0); /* the oldest four were closed */
	counts_wait(&bench, eight_half_open);
	CHECK_OK(call(&bench, bench.client, "/", (struct bytes){ 0 }, &response, &e), &e);
	CHECK(response.status == 200);
	http_server_counts(bench.server, &counts);
	CHECK(counts.half_open == 7 && counts.connections == 8 && counts.refused == 5);
	for (size_t i = 0; i < 12; i++)
		close(fds[i]);
}

static void slow_head_is_ended_and_a_fast_client_is_served(void)
{
	AUTO_BENCH bench;
	struct http_server_config config = { .world = &shifted_world };
	AUTO_RESPONSE response = { 0 };
	AUTO_FD fd = -1;
	char text[1024];
	struct err e;

	CHECK(bench_open_config(&bench, config));
	fd = plain_connect(&bench);
	send_text(fd, "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ");
	CHECK_OK(call(&bench, bench.client, "/", (struct bytes){ 0 }, &response, &e), &e);
	CHECK(response.status == 200);
	for (int i = 0; i < 6;
	     i++) { /* one byte every ten seconds does not extend the head's time */
		atomic_fetch_add(&shift_ms, 10001);
		send(fd, "x", 1, MSG_NOSIGNAL);
	}
	CHECK(strncmp(receive(fd, NULL, text, sizeof(text)), "HTTP/1.1 408 ", 13) == 0);
}

static void slow_body_lives_by_progress(void)
{
	AUTO_BENCH bench;
	struct http_server_config config = { .world = &shifted_world };
	static const char chunk[1100] = { [0 ... 1099] = 'x' };
	AUTO_FD fd = -1;
	char text[2048];

	CHECK(bench_open_config(&bench, config));
	fd = plain_connect(&bench);
	send_text(fd, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n");
	for (size_t sent = 1; sent <= 3; sent++) {
		struct http_server_counts counts;

		send(fd, chunk, sizeof(chunk), MSG_NOSIGNAL);
		do
			http_server_counts(bench.server, &counts);
		while (counts.buffered_bytes < sent * sizeof(chunk));
		atomic_fetch_add(&shift_ms, 60001);
		poll(NULL, 0, 600); /* several sweeps: the deadline is looked at and moved on */
		http_server_counts(bench.server, &counts);
		CHECK(counts.refused == 0 && counts.connections == 1);
	}
	time_passes(fd, 60001); /* and now nothing comes */
	CHECK(strncmp(receive(fd, NULL, text, sizeof(text)), "HTTP/1.1 408 ", 13) == 0);
}

static void idle_connection_is_closed_in_the_end(void)
{
	AUTO_BENCH bench;
	struct http_server_config config = { .world = &shifted_world };
	AUTO_FD fd = -1;
	char text[1024];

	CHECK(bench_open_config(&bench, config));
	fd = plain_connect(&bench);
	send_text(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	receive(fd, "GET /", text, sizeof(text));
	time_passes(fd, 15 * 60000 + 1);
	CHECK(strcmp(receive(fd, NULL, text, sizeof(text)), "") == 0);
}

static void client_vanishes_while_the_handler_holds_the_exchange(void)
{
	AUTO_BENCH bench;
	struct http_response response = { 0 };
	struct http_exchange *exchange;
	int fd;

	CHECK(bench_open_plain(&bench));
	fd = plain_connect(&bench);
	send_text(fd, "GET /park HTTP/1.1\r\nHost: a\r\n\r\n");
	exchange = parked_wait(&bench);
	CHECK(http_exchange_alive(exchange));
	close(fd);
	counts_wait(&bench, nobody_connected);
	CHECK(!http_exchange_alive(exchange));
	http_response_print(&response, 200, "text/plain", "too late");
	http_server_answer(exchange, &response);
	counts_wait(&bench, one_vanished);
}

/* The slot is taken by another client in the meantime: the late answer must not reach that one. */
static void late_answer_does_not_reach_the_next_client(void)
{
	AUTO_BENCH bench;
	struct http_response response = { 0 };
	struct http_exchange *exchange;
	AUTO_FD next = -1;
	char text[1024];
	int fd;

	CHECK(bench_open_plain(&bench));
	fd = plain_connect(&bench);
	send_text(fd, "GET /park HTTP/1.1\r\nHost: a\r\n\r\n");
	exchange = parked_wait(&bench);
	close(fd);
	counts_wait(&bench, nobody_connected);
	next = plain_connect(&bench);
	send_text(next, "GET /park HTTP/1.1\r\nHost: a\r\n\r\n");
	http_response_print(&response, 200, "text/plain", "secret");
	http_server_answer(exchange, &response);
	answer_parked(&bench, "yours");
	receive(next, "yours", text, sizeof(text));
	CHECK(strstr(text, "yours") != NULL && strstr(text, "secret") == NULL);
}

static void body_of_a_vanished_client_stays_counted(void)
{
	AUTO_BENCH bench;
	struct http_response response = { 0 };
	struct http_server_counts counts;
	struct http_exchange *exchange;
	int fd;

	CHECK(bench_open_plain(&bench));
	fd = plain_connect(&bench);
	send_text(fd, "POST /park HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345");
	exchange = parked_wait(&bench);
	close(fd);
	counts_wait(&bench, nobody_connected);
	http_server_counts(bench.server, &counts);
	CHECK(counts.buffered_bytes == 5);
	http_server_answer(exchange, &response);
	counts_wait(&bench, one_vanished);
}

static void full_queue_refuses_before_the_body(void)
{
	AUTO_BENCH bench;
	struct http_server_config config = { .workers = 1, .queue_max = 1 };
	AUTO_FD stuck = -1, waits = -1, refused = -1, health = -1;
	char text[1024];

	CHECK(bench_open_config(&bench, config));
	stuck = plain_connect(&bench);
	send_text(stuck, "GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
	pthread_mutex_lock(&bench.lock);
	while (bench.in_gate == 0)
		pthread_cond_wait(&bench.changed, &bench.lock);
	pthread_mutex_unlock(&bench.lock);
	waits = plain_connect(&bench);
	/* Two in one go: the second is looked at only after the first is answered, so this one is
	 * queued. */
	send_text(waits, "GET /queued HTTP/1.1\r\nHost: a\r\n\r\n");
	for (struct http_server_counts counts = { 0 }; counts.requests < 2;)
		http_server_counts(bench.server, &counts);
	poll(NULL, 0, 50);
	refused = plain_connect(&bench);
	send_text(refused, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
	receive(refused, NULL, text, sizeof(text));
	CHECK(strncmp(text, "HTTP/1.1 503 ", 13) == 0 && strstr(text, "Retry-After: ") != NULL);
	health = plain_connect(&bench);
	send_text(health, "GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
	CHECK(strncmp(receive(health, "ok\n", text, sizeof(text)), "HTTP/1.1 200 ", 13) == 0);
	pthread_mutex_lock(&bench.lock);
	bench.gate_open = true;
	pthread_cond_broadcast(&bench.changed);
	pthread_mutex_unlock(&bench.lock);
	CHECK(strstr(receive(waits, "/queued", text, sizeof(text)), "/queued") != NULL);
}

static void buffered_bytes_are_capped(void)
{
	AUTO_BENCH bench;
	struct http_server_config config = { .buffered_bytes_max = 4000 };
	AUTO_FD first = -1, second = -1;
	struct http_server_counts counts;
	static const char half[3000] = { [0 ... 2999] = 'x' };
	char text[1024];

	CHECK(bench_open_config(&bench, config));
	first = plain_connect(&bench);
	send_text(first, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6000\r\n\r\n");
	send(first, half, sizeof(half), MSG_NOSIGNAL);
	do
		http_server_counts(bench.server, &counts);
	while (counts.buffered_bytes < sizeof(half));
	second = plain_connect(&bench);
	send_text(second, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n");
	CHECK(strncmp(receive(second, NULL, text, sizeof(text)), "HTTP/1.1 503 ", 13) == 0);
	send(first, half, sizeof(half), MSG_NOSIGNAL);
	CHECK(strncmp(receive(first, NULL, text, sizeof(text)), "HTTP/1.1 503 ", 13) == 0);
	http_server_counts(bench.server, &counts);
	CHECK(counts.buffered_bytes == 0 && atomic_load(&bench.handled) == 0);
}

static void *close_run(void *arg)
{
	http_server_close(arg);
	return NULL;
}

static void drain_answers_what_is_under_way(void)
{
	AUTO_BENCH bench;
	AUTO_FD fd = -1, idle = -1;
	pthread_t closer;
	char text[1024];
	struct http_exchange *exchange;
	struct http_response response = { 0 };

	CHECK(bench_open_plain(&bench));
	idle = plain_connect(&bench);
	fd = plain_connect(&bench);
	send_text(fd, "GET /park HTTP/1.1\r\nHost: a\r\n\r\n");
	exchange = parked_wait(&bench);
	pthread_create(&closer, NULL, close_run, bench.server);
	CHECK(strcmp(receive(idle, NULL, text, sizeof(text)), "") ==
	      0); /* the silent one is closed */
	CHECK(!http_exchange_alive(exchange));
	http_response_print(&response, 200, "text/plain", "done");
	http_server_answer(exchange, &response);
	receive(fd, NULL, text, sizeof(text));
	close(fd);
	fd = -1;
	pthread_join(closer, NULL);
	bench.server = NULL;
	CHECK(strncmp(text, "HTTP/1.1 200 ", 13) == 0 &&
	      strstr(text, "Connection: close\r\n") != NULL);
	CHECK(strstr(text, "done") != NULL);
}

static void exchange_outlives_the_server(void)
{
	AUTO_BENCH bench;
	struct http_server_config config = { .drain_max_ms = 1 };
	struct http_response response = { 0 };
	struct http_exchange *exchange;
	AUTO_FD fd = -1;

	CHECK(bench_open_config(&bench, config));
	fd = plain_connect(&bench);
	send_text(fd, "GET /park HTTP/1.1\r\nHost: a\r\n\r\n");
	exchange = parked_wait(&bench);
	http_server_close(bench.server);
	bench.server = NULL;
	CHECK(!http_exchange_alive(exchange));
	http_response_print(&response, 200, "text/plain", "for nobody");
	http_server_answer(exchange, &response); /* the sanitizer watches */
}

static void port_in_use_is_named(void)
{
	AUTO_BENCH bench;
	struct http_server *second = NULL;
	struct http_server_config config = { .handler = handle };
	char address[32];
	struct err e;

	CHECK(bench_open_plain(&bench));
	snprintf(address, sizeof(address), "127.0.0.1:%u", http_server_port(bench.server));
	config.listen = address;
	CHECK(!http_server_open(&config, &second, &e));
	CHECK(e.code == ERR_PORT && strstr(e.text, address) != NULL);
}

static void listen_addresses_are_checked(void)
{
	static const char *const bad[] = { "",
					   "127.0.0.1",
					   "127.0.0.1:",
					   "127.0.0.1:65536",
					   "127.0.0.1:1x",
					   "localhost:1",
					   "::1:80",
					   "[::1:80",
					   "unix:",
					   "0.0.0.0:0",
					   "[::]:0",
					   "127.0.0.1:-1" };
	struct http_server_config config = { .handler = handle };
	struct http_server *server = NULL;
	struct err e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		config.listen = bad[i];
		if (http_server_open(&config, &server, &e))
			tap_note("%s was accepted", bad[i]);
		CHECK(server == NULL && e.code == ERR_USAGE);
	}
	config.listen = "0.0.0.0:0";
	config.plain_anywhere = true;
	CHECK_OK(http_server_open(&config, &server, &e), &e);
	http_server_close(server);
}

static void local_socket_and_its_leftover(void)
{
	AUTO_BENCH bench;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct http_server_config config = { 0 };
	AUTO_FD fd = -1, leftover = -1;
	char listen_text[160], text[1024];
	struct http_server *second;
	struct stat st;
	struct err e;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", tap_directory());
	snprintf(listen_text, sizeof(listen_text), "unix:%s", address.sun_path);
	leftover = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bind(leftover, (struct sockaddr *)&address,
	     sizeof(address)); /* never listens: as after a crash */
	config.listen = listen_text;
	CHECK(bench_open_config(&bench, config));
	config.handler = handle;
	CHECK(!http_server_open(&config, &second, &e) && e.code == ERR_PORT);
	CHECK(stat(address.sun_path, &st) == 0 && (st.st_mode & 0777) == 0660);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	send_text(fd, "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	CHECK(strstr(receive(fd, NULL, text, sizeof(text)), "GET /x") != NULL);
	close(fd);
	fd = -1;
	http_server_close(bench.server);
	bench.server = NULL;
	CHECK(stat(address.sun_path, &st) != 0 && errno == ENOENT);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(get_and_post_on_one_connection),
		TAP(large_bodies_both_ways),
		TAP(pipelined_requests_keep_their_order),
		TAP(head_has_no_body),
		TAP(framing_error_closes),
		TAP(expect_continue_is_answered),
		TAP(sixty_four_clients_at_once),
		TAP(half_open_are_capped_oldest_first),
		TAP(slow_head_is_ended_and_a_fast_client_is_served),
		TAP(slow_body_lives_by_progress),
		TAP(idle_connection_is_closed_in_the_end),
		TAP(client_vanishes_while_the_handler_holds_the_exchange),
		TAP(late_answer_does_not_reach_the_next_client),
		TAP(body_of_a_vanished_client_stays_counted),
		TAP(full_queue_refuses_before_the_body),
		TAP(buffered_bytes_are_capped),
		TAP(drain_answers_what_is_under_way),
		TAP(exchange_outlives_the_server),
		TAP(port_in_use_is_named),
		TAP(listen_addresses_are_checked),
		TAP(local_socket_and_its_leftover),
	};

	/* A proxy of the surroundings has no business here. */
	setenv("NO_PROXY", "*", 1);
	setenv("no_proxy", "*", 1);
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
