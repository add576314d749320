/* http_connection.c - clients that are slow, silent, many, or gone before their answer. */
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

#include "http_bench.h"
#include "tap.h"

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
		fds[i] = bench_connect(&bench); /* no handshake ever */
	for (size_t i = 0; i < 4; i++)
		CHECK(recv(fds[i], &byte, 1, 0) <= 0); /* the oldest four were closed */
	bench_wait(&bench, eight_half_open);
	CHECK_OK(bench_call(&bench, bench.client, "/", (struct bytes){ 0 }, &response, &e), &e);
	CHECK(response.status == 200);
	http_server_counts(bench.server, &counts);
	CHECK(counts.half_open == 7 && counts.connections == 8 && counts.refused == 5);
	for (size_t i = 0; i < 12; i++)
		close(fds[i]);
}

static void slow_head_is_ended_and_a_fast_client_is_served(void)
{
	AUTO_BENCH bench;
	struct http_server_config config = { .world = &bench_shifted_world };
	AUTO_RESPONSE response = { 0 };
	AUTO_FD fd = -1;
	char text[1024];
	struct err e;

	CHECK(bench_open_config(&bench, config));
	fd = bench_connect(&bench);
	bench_send(fd, "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ");
	CHECK_OK(bench_call(&bench, bench.client, "/", (struct bytes){ 0 }, &response, &e), &e);
	CHECK(response.status == 200);
	for (int i = 0; i < 6;
	     i++) { /* one byte every ten seconds does not extend the head's time */
		atomic_fetch_add(&bench_shift_ms, 10001);
		send(fd, "x", 1, MSG_NOSIGNAL);
	}
	CHECK(strncmp(bench_receive(fd, NULL, text, sizeof(text)), "HTTP/1.1 408 ", 13) == 0);
}

static void slow_body_lives_by_progress(void)
{
	AUTO_BENCH bench;
	struct http_server_config config = { .world = &bench_shifted_world };
	static const char chunk[1100] = { [0 ... 1099] = 'x' };
	AUTO_FD fd = -1;
	char text[2048];

	CHECK(bench_open_config(&bench, config));
	fd = bench_connect(&bench);
	bench_send(fd, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n");
	for (size_t sent = 1; sent <= 3; sent++) {
		struct http_server_counts counts;

		send(fd, chunk, sizeof(chunk), MSG_NOSIGNAL);
		do
			http_server_counts(bench.server, &counts);
		while (counts.buffered_bytes < sent * sizeof(chunk));
		atomic_fetch_add(&bench_shift_ms, 60001);
		poll(NULL, 0, 600); /* several sweeps: the deadline is looked at and moved on */
		http_server_counts(bench.server, &counts);
		CHECK(counts.refused == 0 && counts.connections == 1);
	}
	bench_time_passes(fd, 60001); /* and now nothing comes */
	CHECK(strncmp(bench_receive(fd, NULL, text, sizeof(text)), "HTTP/1.1 408 ", 13) == 0);
}

static void idle_connection_is_closed_in_the_end(void)
{
	AUTO_BENCH bench;
	struct http_server_config config = { .world = &bench_shifted_world };
	AUTO_FD fd = -1;
	char text[1024];

	CHECK(bench_open_config(&bench, config));
	fd = bench_connect(&bench);
	bench_send(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	bench_receive(fd, "GET /", text, sizeof(text));
	bench_time_passes(fd, 15 * 60000 + 1);
	CHECK(strcmp(bench_receive(fd, NULL, text, sizeof(text)), "") == 0);
}

static void client_vanishes_while_the_handler_holds_the_exchange(void)
{
	AUTO_BENCH bench;
	struct http_response response = { 0 };
	struct http_exchange *exchange;
	int fd;

	CHECK(bench_open_plain(&bench));
	fd = bench_connect(&bench);
	bench_send(fd, "GET /park HTTP/1.1\r\nHost: a\r\n\r\n");
	exchange = bench_parked(&bench);
	CHECK(http_exchange_alive(exchange));
	close(fd);
	bench_wait(&bench, nobody_connected);
	CHECK(!http_exchange_alive(exchange));
	http_response_print(&response, 200, "text/plain", "too late");
	http_server_answer(exchange, &response);
	bench_wait(&bench, one_vanished);
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
	fd = bench_connect(&bench);
	bench_send(fd, "GET /park HTTP/1.1\r\nHost: a\r\n\r\n");
	exchange = bench_parked(&bench);
	close(fd);
	bench_wait(&bench, nobody_connected);
	next = bench_connect(&bench);
	bench_send(next, "GET /park HTTP/1.1\r\nHost: a\r\n\r\n");
	http_response_print(&response, 200, "text/plain", "secret");
	http_server_answer(exchange, &response);
	bench_answer_parked(&bench, "yours");
	bench_receive(next, "yours", text, sizeof(text));
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
	fd = bench_connect(&bench);
	bench_send(fd, "POST /park HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345");
	exchange = bench_parked(&bench);
	close(fd);
	bench_wait(&bench, nobody_connected);
	http_server_counts(bench.server, &counts);
	CHECK(counts.buffered_bytes == 5);
	http_server_answer(exchange, &response);
	bench_wait(&bench, one_vanished);
}

static void full_queue_refuses_before_the_body(void)
{
	AUTO_BENCH bench;
	struct http_server_config config = { .workers = 1, .queue_max = 1 };
	AUTO_FD stuck = -1, waits = -1, refused = -1, health = -1;
	char text[1024];

	CHECK(bench_open_config(&bench, config));
	stuck = bench_connect(&bench);
	bench_send(stuck, "GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
	pthread_mutex_lock(&bench.lock);
	while (bench.in_gate == 0)
		pthread_cond_wait(&bench.changed, &bench.lock);
	pthread_mutex_unlock(&bench.lock);
	waits = bench_connect(&bench);
	/* Two in one go: the second is looked at only after the first is answered, so this one is
	 * queued. */
	bench_send(waits, "GET /queued HTTP/1.1\r\nHost: a\r\n\r\n");
	for (struct http_server_counts counts = { 0 }; counts.requests < 2;)
		http_server_counts(bench.server, &counts);
	poll(NULL, 0, 50);
	refused = bench_connect(&bench);
	bench_send(refused, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
	bench_receive(refused, NULL, text, sizeof(text));
	CHECK(strncmp(text, "HTTP/1.1 503 ", 13) == 0 && strstr(text, "Retry-After: ") != NULL);
	health = bench_connect(&bench);
	bench_send(health, "GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
	CHECK(strncmp(bench_receive(health, "ok\n", text, sizeof(text)), "HTTP/1.1 200 ", 13) == 0);
	pthread_mutex_lock(&bench.lock);
	bench.gate_open = true;
	pthread_cond_broadcast(&bench.changed);
	pthread_mutex_unlock(&bench.lock);
	CHECK(strstr(bench_receive(waits, "/queued", text, sizeof(text)), "/queued") != NULL);
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
	first = bench_connect(&bench);
	bench_send(first, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6000\r\n\r\n");
	send(first, half, sizeof(half), MSG_NOSIGNAL);
	do
		http_server_counts(bench.server, &counts);
	while (counts.buffered_bytes < sizeof(half));
	second = bench_connect(&bench);
	bench_send(second, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n");
	CHECK(strncmp(bench_receive(second, NULL, text, sizeof(text)), "HTTP/1.1 503 ", 13) == 0);
	send(first, half, sizeof(half), MSG_NOSIGNAL);
	CHECK(strncmp(bench_receive(first, NULL, text, sizeof(text)), "HTTP/1.1 503 ", 13) == 0);
	http_server_counts(bench.server, &counts);
	CHECK(counts.buffered_bytes == 0 && atomic_load(&bench.handled) == 0);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(half_open_are_capped_oldest_first),
		TAP(slow_head_is_ended_and_a_fast_client_is_served),
		TAP(slow_body_lives_by_progress),
		TAP(idle_connection_is_closed_in_the_end),
		TAP(client_vanishes_while_the_handler_holds_the_exchange),
		TAP(late_answer_does_not_reach_the_next_client),
		TAP(body_of_a_vanished_client_stays_counted),
		TAP(full_queue_refuses_before_the_body),
		TAP(buffered_bytes_are_capped),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
