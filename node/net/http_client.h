/*
 * http_client.h - calls to an HTTPS server over links that are slow and break.
 *
 * One client is one thread's and keeps its connection between calls.  HTTP/1.1 over TLS 1.3, no
 * redirects, no content encodings, no total timeout: a call goes on as long as at least one byte
 * moves in three minutes.
 *
 *	struct http_call call = { .method = "POST", .url = url, .trust = HTTP_TRUST_PIN, .pin = pin,
 *				  .body = { data, len } };
 *	http_fields_put(&call.fields, "Content-Type", "application/cbor");
 *	if (!http_client_call(client, &call, &response, &stats, e))
 *		...
 *	http_fields_done(&call.fields);
 *
 * Any status is a success of the call; what a status means is the caller's.  Memory: *ret_response
 * is owned by the caller.  Threads: one client, one thread; only the abort flag is shared.
 */
#ifndef NET_HTTP_CLIENT_H
#define NET_HTTP_CLIENT_H

#include <stdatomic.h>

#include "net/http.h"
#include "simpul/crypto.h"

struct http_client;

enum http_trust {
	HTTP_TRUST_ANY, /* take any certificate and report its pin: the caller verifies by signature
			 */
	HTTP_TRUST_PIN, /* exactly this public key; else ERR_PIN and nothing of the request is sent
			 */
	HTTP_TRUST_WEBPKI, /* certificate authorities and host name, as browsers do */
};

struct http_call {
	const char *method;
	const char *url; /* https://; http:// only to this machine (a gateway, a test) */
	struct http_fields fields;
	struct bytes body; /* borrowed during the call */
	enum http_trust trust;
	struct hash pin;	   /* for HTTP_TRUST_PIN */
	unsigned connect_ms_max;   /* 0: 60,000 */
	unsigned silent_s_max;	   /* less than a byte a second for so long ends the call; 0: 180 */
	size_t response_bytes_max; /* 0: LIMIT_REQUEST_BYTES and 64 KiB */
	const atomic_bool *abort;  /* set it from any thread: the call ends within about a second */
};

struct http_call_stats {
	uint64_t sent_bytes; /* HTTP head and body; handshake and TLS records not counted */
	uint64_t received_bytes;
	uint64_t handshake_sent_bytes; /* 0 when a connection was used again */
	uint64_t handshake_received_bytes;
	struct hash spki; /* the key of who answered; zero without TLS */
	bool reused;	  /* over the connection of an earlier call */
	int status;
};

struct http_client_config {
	const char *ca_file;	/* for HTTP_TRUST_WEBPKI; NULL: the system's */
	const char *user_agent; /* NULL: none sent */
};

MUST_USE bool http_client_open(const struct http_client_config *config,
			       struct http_client **ret_client, struct err *e);
void http_client_close(struct http_client *client); /* NULL is fine */
/*
 * ERR_NETWORK (the text says what: not found, refused, timed out, cut, no TLS 1.3, aborted),
 * ERR_PIN, ERR_TOO_LARGE, ERR_USAGE for a URL that is not allowed.  *ret_stats is filled in every
 * case; NULL is fine.  After ERR_NETWORK nobody knows whether the server has seen the request.
 */
MUST_USE bool http_client_call(struct http_client *client, const struct http_call *call,
			       struct http_response *ret_response,
			       struct http_call_stats *ret_stats, struct err *e);

#endif
