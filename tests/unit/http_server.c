/* http_server.c - real TLS on 127.0.0.1: calls, drain, addresses. */
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

static void get_and_post_on_one_connection(void)
{
	AUTO_BENCH bench;
	struct http_call_stats first, second;
	struct err e;

	CHECK(bench_open(&bench));
	{
		AUTO_RESPONSE got = { 0 };

		CHECK_OK(bench_call(&bench, bench.client, "/a%20b", (struct bytes){ 0 }, &got, &e),
			 &e);
		first = bench_last;
		CHECK(got.status == 200 && bench_body_is(&got, "GET /a b"));
		CHECK(strcmp(http_response_header(&got, "x-echo"), "what?") == 0);
		CHECK(strcmp(got.content_type, "text/plain") == 0);
		CHECK(!first.reused && first.handshake_sent_bytes > 100 &&
		      first.handshake_received_bytes > 300);
		CHECK(hash_equal(&first.spki, &bench.pin));
	}
	{
		AUTO_RESPONSE posted = { 0 };

		CHECK_OK(bench_call(&bench, bench.client, "/post", (struct bytes){ "data", 4 },
				    &posted, &e),
			 &e);
		second = bench_last;
		CHECK(posted.status == 201 && bench_body_is(&posted, "data"));
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
	CHECK_OK(bench_call(&bench, bench.client, "/",
			    (struct bytes){ body.data, LIMIT_REQUEST_BYTES }, &echoed, &e),
		 &e);
	CHECK(echoed.status == 201 && echoed.body.len == LIMIT_REQUEST_BYTES);
	CHECK(memcmp(echoed.body.data, body.data, echoed.body.len) == 0);
	CHECK_OK(bench_call(&bench, bench.client, "/big", (struct bytes){ 0 }, &big, &e), &e);
	CHECK(big.status == 200 && big.body.len == 3u << 20);
	CHECK_OK(bench_call(&bench, bench.client, "/",
			    (struct bytes){ body.data, LIMIT_REQUEST_BYTES + 1 }, &refused, &e),
		 &e);
	CHECK(refused.status == 413);
	http_server_counts(bench.server, &counts);
	CHECK(counts.buffered_bytes == 0 && atomic_load(&bench.handled) == 2);
}

static void a_file_follows_the_head(void)
{
	AUTO_BENCH bench;
	AUTO_RESPONSE got = { 0 }, next = { 0 };
	struct http_server_counts counts;
	bool same = true;
	struct err e;

	CHECK(bench_open(&bench));
	CHECK_OK(bench_call(&bench, bench.client, "/file", (struct bytes){ 0 }, &got, &e), &e);
	CHECK(got.status == 200 && got.body.len == (3u << 20) - 1000);
	for (uint32_t i = 250; i < 3u << 18; i++)
		same &= memcmp(got.body.data + (i - 250) * sizeof(i), &i, sizeof(i)) == 0;
	CHECK(same);
	CHECK_OK(bench_call(&bench, bench.client, "/a", (struct bytes){ 0 }, &next, &e), &e);
	CHECK(bench_last.reused && bench_body_is(&next, "GET /a"));
	http_server_counts(bench.server, &counts);
	CHECK(counts.buffered_bytes == 0);
}

static void pipelined_requests_keep_their_order(void)
{
	AUTO_BENCH bench;
	AUTO_FD fd = -1;
	char text[4096];

	CHECK(bench_open_plain(&bench));
	fd = bench_connect(&bench);
	bench_send(fd, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: "
		       "a\r\nContent-Length: 3\r\n\r\nabc"
		       "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
		       "GET /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /5 "
		       "HTTP/1.1\r\nHost: a\r\n\r\n");
	bench_receive(fd, NULL, text, sizeof(text));
	CHECK(bench_count(text, "HTTP/1.1 ") == 4);
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
	fd = bench_connect(&bench);
	bench_send(fd, "HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	bench_receive(fd, NULL, text, sizeof(text));
	CHECK(strstr(text, "Content-Length: 7\r\n") != NULL);
	CHECK(strcmp(strstr(text, "\r\n\r\n"), "\r\n\r\n") == 0);
}

static void framing_error_closes(void)
{
	AUTO_BENCH bench;
	AUTO_FD fd = -1;
	char text[1024];

	CHECK(bench_open_plain(&bench));
	fd = bench_connect(&bench);
	bench_send(fd, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: "
		       "chunked\r\n\r\n0\r\n\r\n"
		       "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
	bench_receive(fd, NULL, text, sizeof(text));
	CHECK(strncmp(text, "HTTP/1.1 400 ", 13) == 0 &&
	      strstr(text, "Connection: close\r\n") != NULL);
	CHECK(bench_count(text, "HTTP/1.1 ") == 1 && atomic_load(&bench.handled) == 0);
}

static void expect_continue_is_answered(void)
{
	AUTO_BENCH bench;
	AUTO_FD fd = -1;
	char text[1024];

	CHECK(bench_open_plain(&bench));
	fd = bench_connect(&bench);
	bench_send(fd, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: "
		       "chunked\r\n\r\n");
	CHECK(strcmp(bench_receive(fd, "\r\n\r\n", text, sizeof(text)),
		     "HTTP/1.1 100 Continue\r\n\r\n") == 0);
	bench_send(fd, "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
	CHECK(strstr(bench_receive(fd, "hello", text, sizeof(text)), "HTTP/1.1 201 ") == text);
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
		if (bench_call(parallel->bench, client, "/", (struct bytes){ body, strlen(body) },
			       &response, &e) &&
		    bench_body_is(&response, body))
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

/* For servers that must not open. */
static void handle(void *arg, struct http_exchange *exchange)
{
	(void)arg;
	(void)exchange;
	abort();
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
	idle = bench_connect(&bench);
	fd = bench_connect(&bench);
	bench_send(fd, "GET /park HTTP/1.1\r\nHost: a\r\n\r\n");
	exchange = bench_parked(&bench);
	pthread_create(&closer, NULL, close_run, bench.server);
	CHECK(strcmp(bench_receive(idle, NULL, text, sizeof(text)), "") ==
	      0); /* the silent one is closed */
	CHECK(!http_exchange_alive(exchange));
	http_response_print(&response, 200, "text/plain", "done");
	http_server_answer(exchange, &response);
	bench_receive(fd, NULL, text, sizeof(text));
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
	fd = bench_connect(&bench);
	bench_send(fd, "GET /park HTTP/1.1\r\nHost: a\r\n\r\n");
	exchange = bench_parked(&bench);
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
	bench_send(fd, "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	CHECK(strstr(bench_receive(fd, NULL, text, sizeof(text)), "GET /x") != NULL);
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
		TAP(a_file_follows_the_head),
		TAP(pipelined_requests_keep_their_order),
		TAP(head_has_no_body),
		TAP(framing_error_closes),
		TAP(expect_continue_is_answered),
		TAP(sixty_four_clients_at_once),
		TAP(drain_answers_what_is_under_way),
		TAP(exchange_outlives_the_server),
		TAP(port_in_use_is_named),
		TAP(listen_addresses_are_checked),
		TAP(local_socket_and_its_leftover),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
