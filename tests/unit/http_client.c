/*
 * http_client.c - whom it talks to, and what it tells those it does not trust: nothing.
 *
 * The servers that lie are threads of this test: OpenSSL with TLS 1.2, and plain sockets with a
 * canned answer, each recording every byte that it was sent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "http_bench.h"
#include "tap.h"

#define SECRET "the-body-that-must-not-leak"

/* Accepts one connection, plays its part, records what it was told (after TLS, if it speaks it). */
struct liar {
	int fd;
	unsigned port;
	const char
		*answer; /* over plain TCP; NULL: TLS 1.2 with the certificate in tap_directory() */
	bool dawdle;	 /* send nothing, wait for the end */
	char heard[1024];
	pthread_t thread;
};

static size_t read_some(int fd, char *out, size_t size)
{
	ssize_t n = recv(fd, out, size - 1, 0);

	out[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

static void liar_tls12(struct liar *liar, int fd)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	char path[256];
	SSL *ssl;
	int n;

	SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
	snprintf(path, sizeof(path), "%s/tls-cert.pem", tap_directory());
	SSL_CTX_use_certificate_file(context, path, SSL_FILETYPE_PEM);
	snprintf(path, sizeof(path), "%s/tls-key.pem", tap_directory());
	SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM);
	ssl = SSL_new(context);
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1) {
		n = SSL_read(ssl, liar->heard, sizeof(liar->heard) - 1);
		liar->heard[n > 0 ? n : 0] = '\0';
	}
	SSL_free(ssl);
	SSL_CTX_free(context);
}

static void *liar_run(void *arg)
{
	struct liar *liar = arg;
	int fd = accept(liar->fd, NULL, NULL);

	if (fd < 0)
		return NULL;
	if (liar->answer == NULL) {
		liar_tls12(liar, fd);
	} else {
		size_t len = read_some(fd, liar->heard, sizeof(liar->heard));

		if (!liar->dawdle)
			send(fd, liar->answer, strlen(liar->answer), MSG_NOSIGNAL);
		else
			read_some(fd, liar->heard + len, sizeof(liar->heard) - len);
	}
	shutdown(fd, SHUT_RDWR);
	close(fd);
	return NULL;
}

static void liar_open(struct liar *liar, const char *answer, bool dawdle)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);

	*liar = (struct liar){ .answer = answer, .dawdle = dawdle };
	liar->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(liar->fd, (struct sockaddr *)&address, len) != 0 || listen(liar->fd, 8) != 0 ||
	    getsockname(liar->fd, (struct sockaddr *)&address, &len) != 0)
		abort();
	liar->port = ntohs(address.sin_port);
	pthread_create(&liar->thread, NULL, liar_run, liar);
}

static void liar_done(struct liar *liar)
{
	shutdown(liar->fd, SHUT_RDWR);
	pthread_join(liar->thread, NULL);
	close(liar->fd);
}

static void client_close(struct http_client **client)
{
	http_client_close(*client);
}

#define AUTO_CLIENT __attribute__((cleanup(client_close))) struct http_client *

/* POSTs the secret; the rest of the call is the caller's. */
static bool post_secret(struct http_client *client, struct http_call call, struct err *e)
{
	AUTO_RESPONSE response = { 0 };

	call.method = "POST";
	call.body = (struct bytes){ SECRET, strlen(SECRET) };
	return http_client_call(client, &call, &response, &bench_last, e);
}

static const char *url_of(const char *scheme, unsigned port)
{
	static char url[64];

	snprintf(url, sizeof(url), "%s://127.0.0.1:%u/", scheme, port);
	return url;
}

static struct http_client *client_new(void)
{
	struct http_client_config config = { 0 };
	struct http_client *client = NULL;
	struct err e;

	if (!http_client_open(&config, &client, &e))
		abort();
	return client;
}

static void wrong_pin_fails_closed(void)
{
	AUTO_BENCH bench;
	struct http_server_counts counts;
	struct http_call call = { .url = bench.url, .trust = HTTP_TRUST_PIN };
	struct err e;

	CHECK(bench_open(&bench));
	call.pin = bench.pin;
	call.pin.bytes[31] ^= 1;
	CHECK(!post_secret(bench.client, call, &e) && e.code == ERR_PIN);
	CHECK(bench_last.sent_bytes == 0 && bench_last.received_bytes == 0 &&
	      bench_last.status == 0);
	http_server_counts(bench.server, &counts);
	CHECK(counts.requests == 0 && atomic_load(&bench.handled) == 0);
	call.pin = bench.pin;
	CHECK_OK(post_secret(bench.client, call, &e), &e); /* and the right one works */
	CHECK(bench_last.status == 201);
}

/* The connection is there and was good for another pin: it must not be used. */
static void wrong_pin_fails_closed_on_a_kept_connection(void)
{
	AUTO_BENCH bench;
	struct http_call call = { .url = bench.url, .trust = HTTP_TRUST_ANY };
	struct err e;

	CHECK(bench_open(&bench));
	CHECK_OK(post_secret(bench.client, call, &e), &e);
	CHECK_OK(post_secret(bench.client, call, &e), &e);
	CHECK(bench_last.reused && hash_equal(&bench_last.spki, &bench.pin));
	call.trust = HTTP_TRUST_PIN;
	CHECK(!post_secret(bench.client, call, &e) && e.code == ERR_PIN &&
	      bench_last.sent_bytes == 0);
	call.trust = HTTP_TRUST_WEBPKI; /* self-signed: no authority knows it */
	CHECK(!post_secret(bench.client, call, &e) && e.code == ERR_PIN &&
	      bench_last.sent_bytes == 0);
	CHECK(atomic_load(&bench.handled) == 2);
}

static void tls12_server_is_refused(void)
{
	AUTO_CLIENT client = client_new();
	struct liar liar;
	struct http_call call = { .trust = HTTP_TRUST_ANY };
	bool ok;
	struct err e;
	AUTO_BENCH bench;

	CHECK(bench_open(&bench)); /* makes the certificate */
	liar_open(&liar, NULL, false);
	call.url = url_of("https", liar.port);
	ok = post_secret(client, call, &e);
	liar_done(&liar);
	CHECK(!ok && e.code == ERR_NETWORK && strstr(e.text, "TLS 1.3") != NULL);
	CHECK(liar.heard[0] == '\0' && bench_last.sent_bytes == 0);
}

static void captive_portal_is_refused(void)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlogin",
		"HTTP/1.1 302 Found\r\nLocation: http://login.wifi/\r\nContent-Length: 0\r\n\r\n",
		"",
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		AUTO_CLIENT client = client_new();
		struct http_call call = { .trust = HTTP_TRUST_ANY };
		struct liar liar;
		bool ok;
		struct err e;

		liar_open(&liar, answers[i], false);
		call.url = url_of("https", liar.port);
		ok = post_secret(client, call, &e);
		liar_done(&liar);
		CHECK(!ok && e.code == ERR_NETWORK);
		tap_note("%s", e.text);
		/* Who hangs up is no login page: a hub that ends does that. */
		CHECK((strstr(e.text, "login page") != NULL) == (answers[i][0] != '\0'));
		CHECK(liar.heard[0] == 0x16 &&
		      strstr(liar.heard, "POST") == NULL); /* a TLS hello, no more */
		CHECK(bench_last.sent_bytes == 0);
	}
}

static void redirects_are_not_followed(void)
{
	AUTO_CLIENT client = client_new();
	AUTO_RESPONSE response = { 0 };
	struct http_call call = { .method = "GET", .trust = HTTP_TRUST_ANY };
	struct liar liar;
	bool ok;
	struct err e;

	liar_open(&liar,
		  "HTTP/1.1 303 See Other\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: "
		  "2\r\n\r\nhi",
		  false);
	call.url = url_of("http", liar.port);
	ok = http_client_call(client, &call, &response, NULL, &e);
	liar_done(&liar);
	CHECK_OK(ok, &e);
	CHECK(response.status == 303 && bench_body_is(&response, "hi"));
	CHECK(strcmp(http_response_header(&response, "location"), "http://127.0.0.1:1/") == 0);
}

/* Answers that are cut, or say what they should not. */
static void answers_that_are_wrong(void)
{
	static const struct {
		const char *answer;
		enum err_code code;
	} wrongs[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\ncut", ERR_NETWORK },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ncut", ERR_NETWORK },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nmore than 10", ERR_TOO_LARGE },
		{ "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", ERR_NETWORK },
		{ "login page without any head", ERR_NETWORK },
		{ "HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 0\r\n\r\n", ERR_NETWORK },
		{ "HTTP/1.1 200 OK\r\n", ERR_NETWORK },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", ERR_NETWORK },
		{ "HTTP/1.1 200 OK\r\n\r\nuntil", ERR_NETWORK },
		{ "", ERR_NETWORK },
	};

	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		AUTO_CLIENT client = client_new();
		struct http_call call = { .trust = HTTP_TRUST_ANY, .response_bytes_max = 10 };
		struct liar liar;
		bool ok;
		struct err e = { 0 };

		liar_open(&liar, wrongs[i].answer, false);
		call.url = url_of("http", liar.port);
		ok = post_secret(client, call, &e);
		liar_done(&liar);
		if (ok || e.code != wrongs[i].code)
			tap_note("case %zu: %s", i, ok ? "accepted" : e.text);
		CHECK(!ok && e.code == wrongs[i].code);
	}
}

static void nobody_there(void)
{
	AUTO_CLIENT client = client_new();
	struct http_call call = { .trust = HTTP_TRUST_ANY };
	char url[100];
	struct liar liar;
	struct err e;

	liar_open(&liar, "", false);
	liar_done(&liar); /* now nobody listens at its port */
	snprintf(url, sizeof(url), "%s/v1/hello?nonce=0123456789abcdef", url_of("https", liar.port));
	call.url = url;
	CHECK(!post_secret(client, call, &e) && e.code == ERR_NETWORK &&
	      strstr(e.text, "nobody answers") != NULL);
	/* It names the server, not the request. */
	CHECK(strncmp(e.text, "https://127.0.0.1:", 18) == 0 && strstr(e.text, "nonce") == NULL);
	call.url = "https://name.invalid/";
	CHECK(!post_secret(client, call, &e) && e.code == ERR_NETWORK &&
	      strstr(e.text, "resolved") != NULL);
}

static void urls_are_checked(void)
{
	static const char *const bad[] = { "",
					   "ftp://a/",
					   "file:///etc/passwd",
					   "http://example.org/",
					   "https://",
					   "https://user:word@a/",
					   "http://127.0.0.1.example.org/",
					   "http://localhost@example.org/",
					   "127.0.0.1:1" };
	AUTO_CLIENT client = client_new();
	struct http_call call = { .trust = HTTP_TRUST_ANY };
	struct err e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		call.url = bad[i];
		CHECK(!post_secret(client, call, &e) && e.code == ERR_USAGE);
	}
	call.url = "http://127.0.0.1:1/";
	call.trust = HTTP_TRUST_PIN;
	CHECK(!post_secret(client, call, &e) && e.code == ERR_USAGE);
}

static void *abort_later(void *arg)
{
	usleep(50000);
	atomic_store((atomic_bool *)arg, true);
	return NULL;
}

static void call_can_be_aborted(void)
{
	AUTO_CLIENT client = client_new();
	atomic_bool stop = false;
	struct http_call call = { .trust = HTTP_TRUST_ANY, .abort = &stop };
	struct liar liar;
	pthread_t thread;
	bool ok;
	struct err e;

	liar_open(&liar, "", true);
	call.url = url_of("http", liar.port);
	pthread_create(&thread, NULL, abort_later, &stop);
	ok = post_secret(client, call, &e);
	pthread_join(thread, NULL);
	liar_done(&liar);
	CHECK(!ok && e.code == ERR_NETWORK && strstr(e.text, "aborted") != NULL);
}

static void methods_follow_each_other(void)
{
	static const char *const methods[] = { "POST", "GET",  "HEAD", "DELETE", "GET",
					       "PUT",  "HEAD", "POST", "GET" };
	AUTO_BENCH bench;
	struct err e;

	CHECK(bench_open(&bench));
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		AUTO_RESPONSE response = { 0 };
		struct http_call call = { .method = methods[i],
					  .url = bench.url,
					  .trust = HTTP_TRUST_PIN,
					  .pin = bench.pin };
		char expected[16];

		snprintf(expected, sizeof(expected), "%s%s", methods[i], " /");
		CHECK_OK(http_client_call(bench.client, &call, &response, &bench_last, &e), &e);
		CHECK(bench_body_is(&response, strcmp(methods[i], "HEAD") == 0 ? "" : expected));
		CHECK(bench_last.reused == (i > 0));
	}
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(wrong_pin_fails_closed),
		TAP(wrong_pin_fails_closed_on_a_kept_connection),
		TAP(tls12_server_is_refused),
		TAP(captive_portal_is_refused),
		TAP(redirects_are_not_followed),
		TAP(answers_that_are_wrong),
		TAP(nobody_there),
		TAP(urls_are_checked),
		TAP(call_can_be_aborted),
		TAP(methods_follow_each_other),
	};

	setenv("NO_PROXY", "*", 1);
	setenv("no_proxy", "*", 1);
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
