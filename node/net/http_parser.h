/*
 * http_parser.h - a strict HTTP/1.1 request parser: bytes in, events out.
 *
 * Pure: no allocation, no I/O, no copy.  Offer the bytes that are there; it takes some and says
 *what they were; offer what it did not take again, together with what has come since.
 *
 *	struct http_parser parser;
 *	http_parser_init(&parser, LIMIT_REQUEST_BYTES);
 *	do {
 *		taken = http_parser_step(&parser, bytes, len, &event);
 *		bytes += taken, len -= taken;
 *	} while (event.kind != HTTP_MORE && event.kind != HTTP_REFUSED);
 *
 * Order of events: LINE, FIELD*, HEAD, BODY*, END, and again.  How the bytes were cut into pieces
 * changes nothing but how many BODY events a body has.
 *
 * What two programs could read in two ways is refused, never repaired (request smuggling lives on
 * repair): both Transfer-Encoding and Content-Length, two lengths, bare CR or LF, folded fields,
 *NUL and other controls, no or two Hosts, versions other than 1.1, trailers, chunk extensions.
 * Memory: event slices point into the caller's bytes.  Threads: one parser, one thread.
 */
#ifndef NET_HTTP_PARSER_H
#define NET_HTTP_PARSER_H

#include "simpul/crypto.h"

enum http_event_kind {
	HTTP_MORE,  /* what is there is not enough */
	HTTP_LINE,  /* name = method, value = target */
	HTTP_FIELD, /* name, value without the blanks around it */
	HTTP_HEAD, /* the head is complete and valid: keep_alive, expects_continue, has_body hold */
	HTTP_BODY, /* value = the next bytes of the body */
	HTTP_END,  /* the request is complete */
	HTTP_REFUSED, /* refused_status, refused_reason; final, the connection must close */
};

struct http_event {
	enum http_event_kind kind;
	struct bytes name;
	struct bytes value;
};

struct http_parser {
	/* Results, valid from the HEAD event to the next LINE. */
	bool keep_alive;
	bool expects_continue; /* the client waits for "100 Continue" before its body */
	bool has_body;
	bool chunked;
	int refused_status;
	const char *refused_reason;

	/* Private. */
	int state;
	uint32_t scanned;    /* bytes of the present line already looked at */
	uint32_t head_bytes; /* taken by complete lines of this head */
	uint16_t fields;
	uint8_t hosts;
	bool has_length;
	uint64_t left;	     /* of the body or the chunk */
	uint64_t body_bytes; /* announced so far */
	uint64_t body_max;
};

void http_parser_init(struct http_parser *parser, uint64_t body_max);
/* Looks at up to len bytes, returns how many it took. */
size_t http_parser_step(struct http_parser *parser, const void *bytes, size_t len,
			struct http_event *ret_event);
/* True between requests: no byte of the next one has been seen. */
bool http_parser_idle(const struct http_parser *parser);

#endif
