/*
 * http_bench.h - a server with a client and a handler for tests, and raw sockets to misbehave with.
 *
 * The handler by path: /park keeps the exchange for bench_parked, /gate blocks its worker until
 * gate_open, /big answers 3 MiB; all others answer "METHOD PATH", or the request's body with 201.
 */
#ifndef TESTS_HTTP_BENCH_H
#define TESTS_HTTP_BENCH_H

#include <pthread.h>
#include <stdatomic.h>

#include "net/http_client.h"
#include "net/http_server.h"

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

#define AUTO_BENCH    __attribute__((cleanup(bench_done))) struct bench
#define AUTO_RESPONSE __attribute__((cleanup(http_response_done))) struct http_response
#define AUTO_FD	      __attribute__((cleanup(bench_descriptor_close))) int

/* A clock that the test moves: put it into the server's config. */
extern const struct world bench_shifted_world;
extern atomic_uint_least64_t bench_shift_ms;

bool bench_open(struct bench *bench); /* TLS */
bool bench_open_plain(struct bench *bench);
bool bench_open_config(struct bench *bench, struct http_server_config config);
void bench_done(struct bench *bench);

/* GET, or POST if there is a body, by a pinned client; bench_last then has its numbers. */
bool bench_call(const struct bench *bench, struct http_client *client, const char *path,
		struct bytes body, struct http_response *ret, struct err *e);
extern _Thread_local struct http_call_stats bench_last;
bool bench_body_is(const struct http_response *response, const char *text);

struct http_exchange *bench_parked(struct bench *bench); /* waits for one */
void bench_answer_parked(struct bench *bench, const char *text);
void bench_wait(struct bench *bench, bool (*reached)(const struct http_server_counts *));

int bench_connect(const struct bench *bench);
void bench_send(int fd, const char *text);
/* Reads until the other side closes, or until `until` has come; returns what came. */
const char *bench_receive(int fd, const char *until, char *out, size_t size);
/* Moves the clock on until the server has something to say; it may look at the clock late. */
void bench_time_passes(int fd, uint64_t step_ms);
void bench_descriptor_close(int *fd);
unsigned bench_count(const char *text, const char *what);

#endif
