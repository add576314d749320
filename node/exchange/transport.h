/*
 * transport.h - how a party calls another: over HTTPS, or by function call in a simulation.
 *
 * A transport moves one request and its answer, or says ERR_NETWORK; it knows nothing of their meaning.
 */
#ifndef EXCHANGE_TRANSPORT_H
#define EXCHANGE_TRANSPORT_H

#include "net/http.h"
#include "simpul/crypto.h"

struct transport_call {
	const char *method;
	const char *url; /* absolute */
	const struct http_fields *fields;
	struct bytes body;
	const struct hash *pin; /* TLS key that must answer; NULL: any, told in ret_pin */
	struct hash *ret_pin;	/* NULL: not wanted */
	unsigned silent_s_max;	/* without a byte for so long the call has failed; 0: three minutes */
};

struct transport_bytes { /* counted on the wire as far as the transport can see */
	uint64_t sent;
	uint64_t received;
};

struct transport {
	bool (*call)(void *state, const struct transport_call *call, struct http_response *ret,
		     struct err *e);
	void *state;
	struct transport_bytes bytes; /* totals so far */
	bool concurrent; /* a call may run in a thread of its own, one at a time */
};

#endif
