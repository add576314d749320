/* http.c - targets, queries and fields: what is decoded, what is refused. */
#include <stdio.h>
#include <string.h>

#include "net/http.h"
#include "tap.h"

#define AUTO_REQUEST __attribute__((cleanup(http_request_done))) struct http_request

static void target_is_taken_apart(void)
{
	AUTO_REQUEST request = { 0 };
	char value[16];
	struct err e;

	CHECK_OK(http_request_init(&request, "GET", "/a%20b/c+d?x=1&y=%26+z&y=2&flag&=e", &e), &e);
	CHECK(strcmp(request.method, "GET") == 0 && strcmp(request.path, "/a b/c+d") == 0);
	CHECK(strcmp(request.query, "x=1&y=%26+z&y=2&flag&=e") == 0);
	CHECK(http_query(&request, "x", value, sizeof(value)) && strcmp(value, "1") == 0);
	CHECK(http_query(&request, "y", value, sizeof(value)) && strcmp(value, "& z") == 0);
	CHECK(http_query(&request, "flag", value, sizeof(value)) && strcmp(value, "") == 0);
	CHECK(!http_query(&request, "z", value, sizeof(value)) && strcmp(value, "") == 0);
	CHECK(!http_query(&request, "fla", value, sizeof(value)));
}

static void query_values_are_bounded(void)
{
	AUTO_REQUEST request = { 0 };
	char value[4];
	struct err e;

	CHECK_OK(http_request_init(&request, "GET", "/?a=123&b=1234&c=%00&d=%zz", &e), &e);
	CHECK(http_query(&request, "a", value, sizeof(value)) && strcmp(value, "123") == 0);
	CHECK(!http_query(&request, "b", value, sizeof(value)) && strcmp(value, "") == 0);
	CHECK(!http_query(&request, "c", value, sizeof(value)));
	CHECK(!http_query(&request, "d", value, sizeof(value)));
}

static void bad_targets(void)
{
	static const char *const bad[] = { "",	     "a",	"*",	 "/%00",    "/a%2fb",
					   "/a%2Fb", "/%",	"/%4",	 "/%zz",    "/.",
					   "/..",    "/a/../b", "/./a",	 "/%2e%2E", "/a/%2e",
					   "/a b",   "/a#b",	"/a\nb", "/a\x80" };
	static const char *const good[] = { "/",       "/...", "/.a",  "/a..",
					    "/a/.b/c", "//",   "/%25", "/?/../%00" };
	struct err e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		AUTO_REQUEST request = { 0 };

		if (http_request_init(&request, "GET", bad[i], &e))
			tap_note("%s was accepted", bad[i]);
		CHECK(request.target == NULL && e.code == ERR_MALFORMED);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		AUTO_REQUEST request = { 0 };

		CHECK_OK(http_request_init(&request, "GET", good[i], &e), &e);
	}
}

static void fields_cannot_break_the_message(void)
{
	AUTO_REQUEST request = { 0 };
	struct http_fields *fields = &request.fields;

	CHECK(http_fields_put(fields, "X-A", "1"));
	CHECK(!http_fields_put(fields, "X-B", "1\r\nX-C: 2") &&
	      !http_fields_put(fields, "X-B", "\x7f"));
	CHECK(!http_fields_put(fields, "X B", "1") && !http_fields_put(fields, "", "1"));
	CHECK(!http_fields_put(fields, "X:B", "1") && !http_fields_join(fields, "X-A", "2\n"));
	CHECK(http_fields_join(fields, "x-a", "2") && http_fields_join(fields, "X-D", "\t3"));
	CHECK(fields->n == 2);
	CHECK(strcmp(http_request_header(&request, "X-a"), "1, 2") == 0);
	CHECK(http_request_header(&request, "X-B") == NULL);
	for (char name[8] = "X-0"; fields->n < LIMIT_HTTP_FIELDS;)
		CHECK(http_fields_put(fields, name, "y"));
	CHECK(!http_fields_put(fields, "X-Z", "y") && http_fields_join(fields, "X-A", "3"));
}

static void response_body_is_replaced(void)
{
	struct http_response response = { 0 };
	bool ok;

	http_response_print(&response, 200, "text/plain", "%s-%d", "long text", 1234567);
	http_response_set(&response, 404, "text/html", "no", 2);
	ok = response.status == 404 && response.body.len == 2 &&
	     memcmp(response.body.data, "no", 2) == 0 &&
	     strcmp(response.content_type, "text/html") == 0;
	http_response_done(&response);
	CHECK(ok);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = { TAP(target_is_taken_apart),
						 TAP(query_values_are_bounded), TAP(bad_targets),
						 TAP(fields_cannot_break_the_message),
						 TAP(response_body_is_replaced) };

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
