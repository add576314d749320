/*
 * http_answer.c - head and body into an evbuffer.
 *
 * A small answer is copied into one contiguous piece, so that it leaves as one TLS record and
 * mostly one packet.  A large body is lent to the evbuffer and freed when it has been sent.  A file is sent
 * by the kernel, or, encrypted, from pages that the kernel may take back at any time.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <event2/buffer.h>

#include "base/memory.h"
#include "net/http_answer.h"

#define COPY_BYTES_MAX (12u << 10)

struct lent { /* a body that libevent still needs */
	struct buf body;
	atomic_size_t *charge;
};

static void lent_free(const void *data, size_t len, void *arg)
{
	struct lent *lent = arg;

	(void)data;
	atomic_fetch_sub(lent->charge, len);
	buf_done(&lent->body);
	memory_free(&lent);
}

static void date_put(struct buf *head, uint64_t now_ms)
{
	time_t now = (time_t)(now_ms / 1000);
	char text[40];
	struct tm tm;

	gmtime_r(&now, &tm);
	/* "C" locale: the program never sets another. */
	strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	buf_print(head, "Date: %s\r\n", text);
}

static void head_put(struct buf *head, const struct http_response *response,
		     const struct http_answer_options *options, bool has_body)
{
	buf_print(head, "HTTP/1.1 %d %s\r\n", response->status, http_reason(response->status));
	date_put(head, options->now_ms);
	if (response->content_type[0] != '\0')
		buf_print(head, "Content-Type: %s\r\n", response->content_type);
	for (size_t i = 0; i < response->fields.n; i++)
		buf_print(head, "%s: %s\r\n", response->fields.at[i].name,
			  response->fields.at[i].value);
	if (has_body)
		buf_print(head, "Content-Length: %llu\r\n",
			  (unsigned long long)(response->body.len + response->file_bytes));
	if (options->close)
		buf_text(head, "Connection: close\r\n");
	buf_text(head, "\r\n");
}

/* Behind the body; libevent owns the descriptor from here on, unless it cannot take it at all. */
static void file_put(struct evbuffer *out, struct http_response *response)
{
	int rc = evbuffer_add_file(out, response->file, (ev_off_t)response->file_from,
				   (ev_off_t)response->file_bytes);

	assert(rc == 0); /* memory ran out */
	response->file_bytes = 0;
}

static void answer_put(struct evbuffer *out, struct http_response *response,
		       const struct http_answer_options *options)
{
	bool has_body =
		response->status >= 200 && response->status != 204 && response->status != 304;
	size_t body_len = has_body && !options->head_only ? response->body.len : 0;
	AUTO_BUF head = { 0 };
	struct lent *lent;
	int rc;

	head_put(&head, response, options, has_body);
	if (body_len <= COPY_BYTES_MAX) {
		buf_put(&head, response->body.data, body_len);
		rc = evbuffer_add(out, head.data, head.len);
		assert(rc == 0);
		return;
	}
	rc = evbuffer_add(out, head.data, head.len);
	assert(rc == 0);
	lent = memory_new(sizeof(*lent));
	lent->body = response->body;
	lent->charge = options->charge;
	response->body = (struct buf){ 0 };
	atomic_fetch_add(lent->charge, body_len);
	rc = evbuffer_add_reference(out, lent->body.data, body_len, lent_free, lent);
	assert(rc == 0);
}

void http_answer_put(struct evbuffer *out, struct http_response *response,
		     const struct http_answer_options *options)
{
	bool has_body =
		response->status >= 200 && response->status != 204 && response->status != 304;

	answer_put(out, response, options);
	if (has_body && !options->head_only && response->file_bytes > 0)
		file_put(out, response);
	http_response_done(response);
}
