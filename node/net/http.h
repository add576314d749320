/*
 * http.h - one HTTP request and one answer as plain values, with or without a socket.
 *
 * The server fills a request and sends an answer, the client does the reverse, and a simulator
 *hands both over by function call.  Nothing here does I/O.
 *
 *	struct http_request request;
 *	if (!http_request_init(&request, "GET", "/feed?after=12", e))
 *		return false;
 *	http_fields_put(&request.fields, "Accept", "application/json");
 *	...
 *	http_request_done(&request);
 *
 * Memory: every string and the body are owned by the struct and go with its _done; getters lend.  A
 * zeroed struct is an empty one, and _done leaves one.  Threads: a value belongs to one at a time.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "base/buf.h"
#include "simpul/err.h"
#include "simpul/limits.h"

#define HTTP_METHOD_SIZE 8
#define HTTP_REMOTE_SIZE 64

struct http_field {
	char *name; /* as sent; name and value share one heap block */
	char *value;
};

struct http_fields {
	struct http_field at[LIMIT_HTTP_FIELDS];
	size_t n;
};

struct http_request {
	char method[HTTP_METHOD_SIZE]; /* capitals */
	char *target;		       /* as sent, origin form: "/a%20b?c=d" */
	char *path;		       /* percent-decoded: "/a b" */
	char *query;		       /* still encoded: "c=d"; "" if there is none */
	struct http_fields fields;
	struct buf body;
	char remote[HTTP_REMOTE_SIZE]; /* the peer's numeric address, "unix" for a local socket */
	bool secure;		       /* came over TLS */
};

struct http_response {
	int status;
	char content_type[96]; /* "" leaves the field out */
	struct http_fields fields;
	struct buf body;
	int file; /* open, if file_bytes > 0: what follows the body; see http_response_file */
	uint64_t file_from, file_bytes;
};

/*
 * Takes apart a target in origin form.  ERR_MALFORMED if it does not begin with '/', holds a byte
 * that a URI cannot, a bad percent escape, %00, %2F, or a "." or ".." segment: whoever routes by
 * `path` need not think of any of these.
 */
MUST_USE bool http_request_init(struct http_request *request, const char *method,
				const char *target, struct err *e);
void http_request_done(struct http_request *request);
/* NULL if absent.  Names compare without case. */
const char *http_request_header(const struct http_request *request, const char *name);
/*
 * The decoded value ('+' is a space) of a query parameter as a C string.  False if it is absent,
 * does not fit in size, or is not validly escaped; out is "" then.  The first of several counts.
 */
bool http_query(const struct http_request *request, const char *name, char *out, size_t size);

/* Replaces status, type and body; fields stay. */
void http_response_set(struct http_response *response, int status, const char *content_type,
		       const void *body, size_t len);
/* The same with a formatted body. */
void http_response_print(struct http_response *response, int status, const char *content_type,
			 const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/*
 * So many bytes of an open file from there on, which must stay as they are: sent behind the body without
 * ever being in memory as a whole.  Takes the descriptor over.  Only a server sends it.
 */
void http_response_file(struct http_response *response, int fd, uint64_t from, uint64_t bytes);
const char *http_response_header(const struct http_response *response, const char *name);
void http_response_done(struct http_response *response);

/*
 * Adds a field; false (and nothing added) when the table is full or a byte of it could break the
 * message's framing (control characters, anything but token characters in a name).
 */
bool http_fields_put(struct http_fields *fields, const char *name, const char *value);
/* As put, but a name that is there already gets ", value" appended (RFC 9110, 5.3). */
bool http_fields_join(struct http_fields *fields, const char *name, const char *value);
const char *http_fields_get(const struct http_fields *fields, const char *name);
void http_fields_done(struct http_fields *fields);

/* "Not Found" for 404; "Status" for one that has no name here. */
const char *http_reason(int status);

#endif
