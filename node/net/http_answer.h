/*
 * http_answer.h - an answer as bytes on their way out.
 */
#ifndef NET_HTTP_ANSWER_H
#define NET_HTTP_ANSWER_H

#include <stdatomic.h>

#include "net/http.h"

struct evbuffer;

struct http_answer_options {
	bool close;	 /* this is the connection's last answer */
	bool head_only;	 /* to a HEAD request */
	uint64_t now_ms; /* for the Date field */
	atomic_size_t
		*charge; /* grows by what stays in memory until it is sent, shrinks when it is */
};

/* Takes over the contents of *response. */
void http_answer_put(struct evbuffer *out, struct http_response *response,
		     const struct http_answer_options *options);

#endif
