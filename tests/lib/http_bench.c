/* http_bench.c - the handler, the parked exchanges, and raw sockets. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "http_bench.h"
#include "tap.h"

/* A clock that the test moves. */
atomic_uint_least64_t bench_shift_ms;

static uint64_t shifted_monotonic_ms(void *state)
{
	(void)state;
	return world_monotonic_ms(world_real()) + atomic_load(&bench_shift_ms);
}

static uint64_t shifted_now_ms(void *state)
{
	(void)state;
	return world_now_ms(world_real());
}

const struct world bench_shifted_world = { shifted_now_ms, shifted_monotonic_ms, NULL, NULL,
					   NULL };

static void park(struct bench *bench, struct http_exchange *exchange)
{
	pthread_mutex_lock(&bench->lock);
	bench->parked[bench->n_parked++] = exchange;
	pthread_cond_broadcast(&bench->changed);
	pthread_mutex_unlock(&bench->lock);
}

struct http_exchange *bench_parked(struct bench *bench)
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
	if (strcmp(request->path, "/file") == 0) { /* 3 MiB, of which all but the first 1,000 bytes */
		int fd = memfd_create("file", MFD_CLOEXEC);

		for (uint32_t i = 0; i < 3u << 18; i++)
			if (write(fd, &i, sizeof(i)) != sizeof(i))
				abort();
		http_response_set(&response, 200, "text/plain", NULL, 0);
		http_response_file(&response, fd, 1000, (3u << 20) - 1000);
		http_server_answer(exchange, &response);
		return;
	}
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

void bench_answer_parked(struct bench *bench, const char *text)
{
	struct http_response response = { 0 };

	http_response_print(&response, 200, "text/plain", "%s", text);
	http_server_answer(bench_parked(bench), &response);
}

bool bench_open_config(struct bench *bench, struct http_server_config config)
{
	struct http_client_config client = { .user_agent = "test" };
	struct err e;

	/* A proxy of the surroundings has no business here. */
	setenv("NO_PROXY", "*", 1);
	setenv("no_proxy", "*", 1);
	*bench = (struct bench){ 0 };
	atomic_store(&bench_shift_ms, 0);
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

bool bench_open(struct bench *bench)
{
	return bench_open_config(bench,
				 (struct http_server_config){ .tls_directory = tap_directory() });
}

bool bench_open_plain(struct bench *bench)
{
	return bench_open_config(bench, (struct http_server_config){ 0 });
}

void bench_done(struct bench *bench)
{
	http_client_close(bench->client);
	http_server_close(bench->server);
	pthread_mutex_destroy(&bench->lock);
	pthread_cond_destroy(&bench->changed);
}

void bench_descriptor_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

_Thread_local struct http_call_stats bench_last; /* of the call before */

/* GET, or POST if there is a body. */
bool bench_call(const struct bench *bench, struct http_client *client, const char *path,
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
	ok = http_client_call(client, &call, ret, &bench_last, e);
	http_fields_done(&call.fields);
	return ok;
}

bool bench_body_is(const struct http_response *response, const char *text)
{
	size_t len = strlen(text);

	return response->body.len == len && (len == 0 || memcmp(response->body.data, text, len) == 0);
}

int bench_connect(const struct bench *bench)
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

void bench_send(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text))
		tap_note("send: %s", strerror(errno));
}

/* Reads until the other side closes, or until `until` has come; returns what came. */
const char *bench_receive(int fd, const char *until, char *out, size_t size)
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
void bench_time_passes(int fd, uint64_t step_ms)
{
	struct pollfd readable = { fd, POLLIN, 0 };

	do
		atomic_fetch_add(&bench_shift_ms, step_ms);
	while (poll(&readable, 1, 300) == 0);
}

unsigned bench_count(const char *text, const char *what)
{
	unsigned n = 0;

	for (text = strstr(text, what); text != NULL; text = strstr(text + 1, what))
		n++;
	return n;
}

void bench_wait(struct bench *bench, bool (*reached)(const struct http_server_counts *))
{
	struct http_server_counts counts;

	for (http_server_counts(bench->server, &counts); !reached(&counts);
	     http_server_counts(bench->server, &counts))
		poll(NULL, 0, 5);
}
