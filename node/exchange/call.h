/*
 * call.h - one signed request to the peer of a sync, which may be under way while its caller does other work.
 *
 *	AUTO_CALL c = { 0 };
 *
 *	buf_put(&c.body, ...);
 *	if (!call_begin(&c, sync, "POST", "/v1/changesets", e))
 *		return false;
 *	... what needs neither the transport nor the answer ...
 *	if (!call_end(&c, e))
 *		return false;
 *	... c.response ...
 *
 * Over a transport that is not `concurrent` the call is over when call_begin returns.  After call_done a
 * call may begin anew.  The party's lock is not held by a call.
 *
 * Memory: call_done frees all, and waits for the end before.  Threads: one call of a transport at a time.
 */
#ifndef EXCHANGE_CALL_H
#define EXCHANGE_CALL_H

#include "base/buf.h"
#include "exchange/sync.h"

struct call {
	struct sync *sync; /* NULL: not begun, or over */
	struct transport_call request;
	char url[MESSAGE_URI_MAX];
	struct http_fields fields;
	struct buf body;
	struct http_response response;
	struct transport_bytes before;
	uint64_t took_ms;
	bool threaded;
	pthread_t thread;
	bool ok;
	struct err problem;
};

#define AUTO_CALL __attribute__((cleanup(call_done))) struct call
#define AUTO_RESPONSE __attribute__((cleanup(call_response_done))) struct http_response

MUST_USE bool call_begin(struct call *c, struct sync *s, const char *method, const char *target,
			 struct err *e);
/* True for an answer of HTTP 200; else a problem document as our error. */
MUST_USE bool call_end(struct call *c, struct err *e);
void call_done(struct call *c);

/* Begins and ends one.  body NULL: none. */
MUST_USE bool call_now(struct sync *s, const char *method, const char *target, const struct buf *body,
		       struct http_response *ret, struct err *e);
void call_response_done(struct http_response *response);

#endif
