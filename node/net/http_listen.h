/*
 * http_listen.h - "ADDRESS:PORT" or "unix:PATH" to a listening socket.
 */
#ifndef NET_HTTP_LISTEN_H
#define NET_HTTP_LISTEN_H

#include "simpul/err.h"

struct http_listen {
	int fd;
	unsigned port;	/* 0 for a local socket */
	char path[108]; /* of a local socket; else "" */
};

/*
 * Binds and listens, never blocking.  strangers = false: refuse an address that other machines can
 * reach.  ERR_PORT if it is in use, ERR_USAGE if it cannot be parsed or is refused.
 */
MUST_USE bool http_listen_open(const char *address, bool strangers, struct http_listen *ret_listen,
			       struct err *e);

#endif
