/* http_parser.c - every rule of the grammar, both sides of each limit, whole and byte by byte. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "net/http_parser.h"
#include "tap.h"

#define BODY_MAX 1000
#define HOST	 "Host: a\r\n"
#define GET	 "GET / HTTP/1.1\r\n"

/*
 * Feeds the input in pieces of `step` bytes from fresh heap memory each (so that the sanitizer sees
 * a read beyond them) and writes what happened as text: "L GET / F Host=a H B(abc) E", "R400".
 */
static void trace(const char *in, size_t len, size_t step, struct buf *out)
{
	struct http_parser parser;
	struct http_event event = { 0 };
	size_t at = 0, end = 0;
	bool in_body = false;

	http_parser_init(&parser, BODY_MAX);
	while (end < len) {
		end = end + step < len ? end + step : len;
		do {
			char *copy = memcpy(malloc(end - at + 1), in + at, end - at);

			at += http_parser_step(&parser, copy, end - at, &event);
			if (in_body && event.kind != HTTP_BODY && event.kind != HTTP_MORE) {
				buf_text(out, ") ");
				in_body = false;
			}
			if (event.kind == HTTP_LINE)
				buf_print(out, "L %.*s %.*s ", (int)event.name.len,
					  (const char *)event.name.data, (int)event.value.len,
					  (const char *)event.value.data);
			else if (event.kind == HTTP_FIELD)
				buf_print(out, "F %.*s=%.*s ", (int)event.name.len,
					  (const char *)event.name.data, (int)event.value.len,
					  (const char *)event.value.data);
			else if (event.kind == HTTP_HEAD)
				buf_print(out, "H%s%s ", parser.keep_alive ? "" : "!",
					  parser.expects_continue ? "?" : "");
			else if (event.kind == HTTP_END)
				buf_text(out, "E ");
			else if (event.kind == HTTP_REFUSED)
				buf_print(out, "R%d", parser.refused_status);
			if (event.kind == HTTP_BODY) {
				buf_text(out, in_body ? "" : "B(");
				buf_put(out, event.value.data, event.value.len);
				in_body = true;
			}
			free(copy);
		} while (event.kind != HTTP_MORE && event.kind != HTTP_REFUSED);
		if (event.kind == HTTP_REFUSED)
			break;
	}
}

/* True if every way of cutting the input gives this trace. */
static bool traced(const char *in, size_t len, const char *expected)
{
	static const size_t steps[] = { 1, 2, 3, 7, 100, 1 << 20 };
	bool ok = true;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		AUTO_BUF out = { 0 };
		bool same;

		trace(in, len, steps[i], &out);
		same = strcmp(buf_string(&out), expected) == 0;
		if (!same)
			tap_note("in pieces of %zu: %.200s instead of %.200s", steps[i],
				 buf_string(&out), expected);
		ok &= same;
	}
	return ok;
}

static bool gives(const char *in, const char *expected)
{
	return traced(in, strlen(in), expected);
}

/* The status it is refused with, however it is cut; 0 if it is not, -1 if that depends on the cuts.
 */
static int refused(const char *in, size_t len)
{
	AUTO_BUF whole = { 0 }, bytes = { 0 };
	const char *mark;

	trace(in, len, len, &whole);
	trace(in, len, 1, &bytes);
	if (strcmp(buf_string(&whole), buf_string(&bytes)) != 0)
		return -1;
	mark = strrchr(buf_string(&whole), 'R');
	return mark != NULL && strlen(mark) == 4 ? atoi(mark + 1) : 0;
}

static void requests_that_are_right(void)
{
	CHECK(gives(GET HOST "\r\n", "L GET / F Host=a H E "));
	CHECK(gives("POST /a%20b?c=%41&d HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc",
		    "L POST /a%20b?c=%41&d F Host=a F Content-Length=3 H B(abc) E "));
	CHECK(gives("PUT /x HTTP/1.1\r\n" HOST
		    "transfer-ENCODING: Chunked\r\n\r\n3\r\nabc\r\n0A\r\n0123456789\r\n0\r\n\r\n",
		    "L PUT /x F Host=a F transfer-ENCODING=Chunked H B(abc0123456789) E "));
	CHECK(gives(GET HOST "Content-Length: 0\r\n\r\n",
		    "L GET / F Host=a F Content-Length=0 H E "));
	CHECK(gives("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		    "L POST / F Host=a F Transfer-Encoding=chunked H E "));
	CHECK(gives(GET "Host:\t[::1]:80 \t\r\nX-Empty:\r\nX-Blank:  \r\nX: a b\tc\xc3\xa9\r\n\r\n",
		    "L GET / F Host=[::1]:80 F X-Empty= F X-Blank= F X=a b\tc\xc3\xa9 H E "));
}

static void pipelined_and_state_between(void)
{
	CHECK(gives(GET HOST "\r\nPOST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\nx" GET HOST
			     "\r\n",
		    "L GET / F Host=a H E L POST / F Host=a F Content-Length=1 H B(x) E L GET / F "
		    "Host=a H E "));
	/* Nothing of the first request's framing may live on in the second. */
	CHECK(gives(
		"POST / HTTP/1.1\r\n" HOST
		"Connection: close\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx" GET HOST
		"\r\n",
		"L POST / F Host=a F Connection=close F Expect=100-continue F Content-Length=1 H!? "
		"B(x) E "
		"L GET / F Host=a H E "));
}

static void connection_options(void)
{
	CHECK(gives(GET HOST "Connection: keep-alive\r\n\r\n",
		    "L GET / F Host=a F Connection=keep-alive H E "));
	CHECK(gives(GET HOST "Connection: x, CLOSE\r\n\r\n",
		    "L GET / F Host=a F Connection=x, CLOSE H! E "));
	CHECK(gives(GET HOST "Connection: closed\r\n\r\n",
		    "L GET / F Host=a F Connection=closed H E "));
	CHECK(gives(GET HOST "Connection: ,,close\r\n\r\n",
		    "L GET / F Host=a F Connection=,,close H! E "));
}

struct wrong {
	int status;
	const char *in;
};

static void refused_lines_and_fields(void)
{
	static const struct wrong wrongs[] = {
		/* request line */
		{ 400, "\r\n" GET HOST "\r\n" },
		{ 400, "GET / HTTP/1.1 \r\n" HOST "\r\n" },
		{ 400, "GET  / HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, " GET / HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "GET\t/ HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "GET /\r\n" HOST "\r\n" },
		{ 400, "GET\r\n" HOST "\r\n" },
		{ 400, "get / HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "G=T / HTTP/1.1\r\n" HOST "\r\n" },
		{ 501, "PROPFIND / HTTP/1.1\r\n" HOST "\r\n" },
		{ 505, "GET / HTTP/1.0\r\n" HOST "\r\n" },
		{ 505, "GET / HTTP/2.0\r\n" HOST "\r\n" },
		{ 505, "GET / HTTP/1.2\r\n" HOST "\r\n" },
		{ 400, "GET / HTTP/1.10\r\n" HOST "\r\n" },
		{ 400, "GET / http/1.1\r\n" HOST "\r\n" },
		{ 400, "GET / HTTP/11\r\n" HOST "\r\n" },
		{ 400, "GET / XTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "GET http://a/ HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "OPTIONS * HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "CONNECT a:80 HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "GET /a#b HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "GET /\"a HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "GET /a\\b HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "GET /%4 HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "GET /%zz HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n" },
		{ 400, "\x16\x03\x01\x02" }, /* a TLS hello at the plain door */
		/* line ends and controls */
		{ 400, "GET / HTTP/1.1\n" HOST "\r\n" },
		{ 400, GET "Host: a\n\r\n" },
		{ 400, GET HOST "\n" },
		{ 400, GET "Host: a\rX: b\r\n\r\n" },
		{ 400, GET HOST "X: a\r\r\n\r\n" },
		{ 400, GET HOST "X: a\x01\r\n\r\n" },
		{ 400, GET HOST "X: a\x7f\r\n\r\n" },
		/* fields */
		{ 400, GET HOST "X : a\r\n\r\n" },
		{ 400, GET HOST " X: a\r\n\r\n" },
		{ 400, GET HOST "X: a\r\n folded\r\n\r\n" },
		{ 400, GET HOST "X: a\r\n\tfolded\r\n\r\n" },
		{ 400, GET HOST "X\r\n\r\n" },
		{ 400, GET HOST ": a\r\n\r\n" },
		{ 400, GET HOST "X(: a\r\n\r\n" },
		{ 400, GET HOST "X\xc3\xa9: a\r\n\r\n" },
		/* Host */
		{ 400, GET "\r\n" },
		{ 400, GET HOST HOST "\r\n" },
		{ 400, GET HOST "hOST: b\r\n\r\n" },
		{ 400, GET "Host:\r\n\r\n" },
		{ 400, GET "Host: a b\r\n\r\n" },
		{ 400, GET "Host: a,b\r\n\r\n" },
		{ 400, GET "Host: a/b\r\n\r\n" },
		{ 400, GET "Host: u@a\r\n\r\n" },
		{ 417, GET HOST "Expect: miracles\r\n\r\n" },
	};

	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		int status = refused(wrongs[i].in, strlen(wrongs[i].in));

		if (status != wrongs[i].status)
			tap_note("%d instead of %d for case %zu: %s", status, wrongs[i].status, i,
				 wrongs[i].in);
		CHECK(status == wrongs[i].status);
	}
	CHECK(refused(GET HOST "X: a\0b\r\n\r\n", strlen(GET HOST) + 10) == 400);
}

#define POST	"POST / HTTP/1.1\r\n" HOST
#define CHUNKED "Transfer-Encoding: chunked\r\n"

static void refused_framing(void)
{
	static const struct wrong wrongs[] = {
		{ 400, POST "Content-Length: 1\r\n" CHUNKED "\r\n" },
		{ 400, POST CHUNKED "Content-Length: 1\r\n\r\n" },
		{ 400, POST CHUNKED "Content-Length: 0\r\n\r\n" },
		{ 400, POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n" },
		{ 400, POST "Content-Length: 0\r\nContent-Length: 1\r\n\r\n" },
		{ 400, POST "Content-Length: 1, 1\r\n\r\n" },
		{ 400, POST "Content-Length: +1\r\n\r\n" },
		{ 400, POST "Content-Length: -1\r\n\r\n" },
		{ 400, POST "Content-Length: 0x1\r\n\r\n" },
		{ 400, POST "Content-Length: 1 \t1\r\n\r\n" },
		{ 400, POST "Content-Length:\r\n\r\n" },
		{ 413, POST "Content-Length: 1001\r\n\r\n" },
		{ 413, POST "Content-Length: 18446744073709551617\r\n\r\n" },
		{ 413, POST "Content-Length: 999999999999999999\r\n\r\n" },
		{ 400, POST CHUNKED CHUNKED "\r\n" },
		{ 501, POST "Transfer-Encoding: gzip, chunked\r\n\r\n" },
		{ 501, POST "Transfer-Encoding: chunked, identity\r\n\r\n" },
		{ 501, POST "Transfer-Encoding: xchunked\r\n\r\n" },
		{ 400, POST "Transfer-Encoding: \x0b"
			    "chunked\r\n\r\n" },
		{ 501, POST "Transfer-Encoding:\r\n\r\n" },
		{ 400, POST CHUNKED "\r\n\r\n" },
		{ 400, POST CHUNKED "\r\nx\r\n" },
		{ 400, POST CHUNKED "\r\n-1\r\n" },
		{ 400, POST CHUNKED "\r\n0x1\r\n" },
		{ 400, POST CHUNKED "\r\n1 \r\na\r\n" },
		{ 400, POST CHUNKED "\r\n1;ext=1\r\na\r\n" },
		{ 400, POST CHUNKED "\r\n1\na\r\n" },
		{ 400, POST CHUNKED "\r\n000000001\r\na\r\n" },
		{ 413, POST CHUNKED "\r\nffffffff\r\n" },
		{ 413, POST CHUNKED "\r\n3e9\r\n" },
		{ 400, POST CHUNKED "\r\n1\r\nab\r\n" },
		{ 400, POST CHUNKED "\r\n1\r\na\n" },
		{ 400, POST CHUNKED "\r\n1\r\na0\r\n\r\n" },
		{ 400, POST CHUNKED "\r\n0\r\nTrailer: x\r\n\r\n" },
		{ 400, POST CHUNKED "\r\n0\r\n" GET },
	};

	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		int status = refused(wrongs[i].in, strlen(wrongs[i].in));

		if (status != wrongs[i].status)
			tap_note("%d instead of %d for case %zu: %s", status, wrongs[i].status, i,
				 wrongs[i].in);
		CHECK(status == wrongs[i].status);
	}
}

static void body_limit_both_sides(void)
{
	AUTO_BUF in = { 0 }, out = { 0 };

	buf_text(&in, POST "Content-Length: 1000\r\n\r\n");
	for (int i = 0; i < BODY_MAX; i++)
		buf_text(&in, "x");
	CHECK(refused((const char *)in.data, in.len) == 0);
	buf_reset(&in);
	buf_text(&in, POST CHUNKED
		 "\r\n000003E7\r\n"); /* 999 in 8 digits, then one more, then too many */
	for (int i = 0; i < BODY_MAX - 1; i++)
		buf_text(&in, "x");
	buf_text(&in, "\r\n1\r\ny\r\n");
	trace((const char *)in.data, in.len, in.len, &out);
	CHECK(strchr(buf_string(&out), 'R') == NULL && strstr(buf_string(&out), "xy") != NULL);
	buf_text(&in, "1\r\n");
	CHECK(refused((const char *)in.data, in.len) == 413);
}

static void head_limit_both_sides(void)
{
	AUTO_BUF in = { 0 };
	size_t fixed;

	buf_text(&in, GET HOST "X: ");
	fixed = in.len + strlen("\r\n\r\n");
	while (in.len + strlen("\r\n\r\n") < LIMIT_HTTP_HEAD_BYTES)
		buf_text(&in, "x");
	CHECK(fixed < in.len);
	buf_text(&in, "\r\n\r\n");
	CHECK(in.len == LIMIT_HTTP_HEAD_BYTES && refused((const char *)in.data, in.len) == 0);
	in.len -= 4;
	buf_text(&in, "x\r\n\r\n");
	CHECK(refused((const char *)in.data, in.len) == 431);
	/* A line without an end is refused when it is too long, not when it ends. */
	in.len = LIMIT_HTTP_HEAD_BYTES - 1;
	CHECK(refused((const char *)in.data, in.len) == 0);
	buf_text(&in, "x");
	CHECK(refused((const char *)in.data, in.len) == 431);
}

static void field_limit_both_sides(void)
{
	AUTO_BUF in = { 0 };

	buf_text(&in, GET HOST);
	for (unsigned i = 1; i < LIMIT_HTTP_FIELDS; i++)
		buf_print(&in, "X%u: y\r\n", i);
	buf_text(&in, "\r\n");
	CHECK(refused((const char *)in.data, in.len) == 0);
	in.len -= 2;
	buf_text(&in, "One: more\r\n\r\n");
	CHECK(refused((const char *)in.data, in.len) == 431);
}

static void refusal_is_final(void)
{
	struct http_parser parser;
	struct http_event event;

	http_parser_init(&parser, BODY_MAX);
	http_parser_step(&parser, "\n", 1, &event);
	CHECK(event.kind == HTTP_REFUSED);
	CHECK(http_parser_step(&parser, GET HOST "\r\n", strlen(GET HOST) + 2, &event) == 0);
	CHECK(event.kind == HTTP_REFUSED && parser.refused_status == 400);
}

static void idle_only_between_requests(void)
{
	struct http_parser parser;
	struct http_event event;
	const char *in = GET HOST "\r\n";
	size_t at = 0;

	http_parser_init(&parser, BODY_MAX);
	CHECK(http_parser_idle(&parser));
	http_parser_step(&parser, in, 1, &event);
	CHECK(event.kind == HTTP_MORE && !http_parser_idle(&parser));
	do
		at += http_parser_step(&parser, in + at, strlen(in) - at, &event);
	while (event.kind != HTTP_END);
	CHECK(at == strlen(in) && http_parser_idle(&parser));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(requests_that_are_right), TAP(pipelined_and_state_between),
		TAP(connection_options),      TAP(refused_lines_and_fields),
		TAP(refused_framing),	      TAP(body_limit_both_sides),
		TAP(head_limit_both_sides),   TAP(field_limit_both_sides),
		TAP(refusal_is_final),	      TAP(idle_only_between_requests),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
