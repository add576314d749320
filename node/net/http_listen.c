/*
 * http_listen.c - parsing an address and binding it.
 *
 * A local socket that a dead process left behind is removed, but only after nobody answered on it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/http_listen.h"

#define BACKLOG 1024

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

static bool port_parse(const char *text, in_port_t *ret_port)
{
	char *end;
	long port = strtol(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || port > 65535)
		return false;
	*ret_port = htons((in_port_t)port);
	return true;
}

static bool address_parse(const char *text, union address *ret, socklen_t *ret_len, struct err *e)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon == NULL ? 0 : (size_t)(colon - text);
	char host[INET6_ADDRSTRLEN + 2];

	*ret = (union address){ 0 };
	if (colon == NULL || len >= sizeof(host))
		return err_set(e, ERR_USAGE, "%.100s is not ADDRESS:PORT", text);
	memcpy(host, text, len);
	host[len] = '\0';
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		ret->v6.sin6_family = AF_INET6;
		*ret_len = sizeof(ret->v6);
		if (inet_pton(AF_INET6, host + 1, &ret->v6.sin6_addr) == 1 &&
		    port_parse(colon + 1, &ret->v6.sin6_port))
			return true;
	} else {
		ret->v4.sin_family = AF_INET;
		*ret_len = sizeof(ret->v4);
		if (inet_pton(AF_INET, host, &ret->v4.sin_addr) == 1 &&
		    port_parse(colon + 1, &ret->v4.sin_port))
			return true;
	}
	return err_set(e, ERR_USAGE,
		       "%.100s is not ADDRESS:PORT (a numeric address, [..] around IPv6)", text);
}

static bool address_is_ours_alone(const union address *address)
{
	if (address->any.sa_family == AF_INET)
		return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
}

static bool bind_and_listen(int fd, const union address *address, socklen_t len)
{
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return bind(fd, &address->any, len) == 0 && listen(fd, BACKLOG) == 0;
}

/* True once nothing is in the way of a socket at this path. */
static bool local_clear(const union address *address, socklen_t len)
{
	struct stat st;
	int fd, rc, error;

	if (lstat(address->local.sun_path, &st) != 0)
		return errno == ENOENT;
	if (!S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	rc = fd < 0 ? 0 : connect(fd, &address->any, len);
	error = errno;
	if (fd >= 0)
		close(fd);
	return rc != 0 && error == ECONNREFUSED && unlink(address->local.sun_path) == 0;
}

static bool local_open(const char *path, struct http_listen *ret, struct err *e)
{
	union address address = { .local = { .sun_family = AF_UNIX } };
	mode_t mask;
	bool ok;

	if (*path == '\0' || strlen(path) >= sizeof(address.local.sun_path))
		return err_set(e, ERR_USAGE, "unix:%.120s is empty or too long for a socket", path);
	strcpy(address.local.sun_path, path);
	if (!local_clear(&address, sizeof(address.local)))
		return err_set(e, ERR_PORT, "unix:%s is in use", path);
	ret->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ret->fd < 0)
		return err_set(e, ERR_INTERNAL, "socket: %s", strerror(errno));
	mask = umask(0117); /* 0660: owner and the gateway's group */
	ok = bind_and_listen(ret->fd, &address, sizeof(address.local));
	umask(mask);
	if (!ok) {
		err_set(e, errno == EADDRINUSE ? ERR_PORT : ERR_USAGE, "unix:%s: %s", path,
			strerror(errno));
		close(ret->fd);
		return false;
	}
	strcpy(ret->path, path);
	return true;
}

bool http_listen_open(const char *text, bool strangers, struct http_listen *ret_listen,
		      struct err *e)
{
	struct http_listen made = { .fd = -1 };
	union address address;
	socklen_t len;

	if (strncmp(text, "unix:", 5) == 0) {
		if (!local_open(text + 5, &made, e))
			return false;
		*ret_listen = made;
		return true;
	}
	if (!address_parse(text, &address, &len, e))
		return false;
	if (!strangers && !address_is_ours_alone(&address))
		return err_set(e, ERR_USAGE, "%s: plain HTTP only on this machine's own address",
			       text);
	made.fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (made.fd < 0)
		return err_set(e, ERR_USAGE, "%s: %s", text, strerror(errno));
	if (!bind_and_listen(made.fd, &address, len) ||
	    getsockname(made.fd, &address.any, &len) != 0) {
		if (errno == EADDRINUSE)
			err_set(e, ERR_PORT, "%s is in use by another program", text);
		else
			err_set(e, ERR_USAGE, "%s: %s", text, strerror(errno));
		close(made.fd);
		return false;
	}
	made.port = ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port
							   : address.v6.sin6_port);
	*ret_listen = made;
	return true;
}
