/*
 * https.h - the transport over HTTPS: one http_client, one thread, bytes counted.
 */
#ifndef EXCHANGE_HTTPS_H
#define EXCHANGE_HTTPS_H

#include <stdatomic.h>

#include "exchange/transport.h"

struct http_client;
struct https {
	struct transport transport; /* hand this to sync */
	struct http_client *client;
	const atomic_bool *abort; /* ends a call from another thread; NULL: never */
};

MUST_USE bool https_open(struct https *h, const atomic_bool *abort, struct err *e);
void https_close(struct https *h);

#define AUTO_HTTPS __attribute__((cleanup(https_close))) struct https

#endif
