/*
 * feed.h - the stream of accepted changesets that a puller reads, in the order of acceptance.
 *
 * application/vnd.simpul.feed: any number of (u64 n, frame).  n is the sender's number of the changeset;
 * the puller keeps the last one as its cursor, so the sender keeps no state about anybody.  Simpul-Cursor
 * tells how far the sender looked (also past what it left out), Simpul-More whether more waits.
 */
#ifndef EXCHANGE_FEED_H
#define EXCHANGE_FEED_H

#include "base/buf.h"
#include "simpul/ident.h"
#include "store/db.h"

#define FEED_TYPE "application/vnd.simpul.feed"
#define FEED_SCOPES_MAX 16
#define FEED_EXCEPT_MAX 16

struct feed_query {
	struct scope scope[FEED_SCOPES_MAX];
	size_t scopes;
	struct chain_id except[FEED_EXCEPT_MAX]; /* chains that the puller writes itself */
	size_t excepts;
	uint64_t after;
	size_t bytes_max; /* stop after so many; at least one frame is sent */
};

struct feed_result {
	uint64_t cursor;
	bool more;
	size_t frames;
};

MUST_USE bool feed_collect(struct db *db, const struct feed_query *query, struct buf *out,
			   struct feed_result *ret, struct err *e);

struct feed_entry {
	uint64_t n;
	const uint8_t *frame;
	size_t len;
};

/* Takes the next entry from *at; *ret_more is false at the end.  ERR_MALFORMED for a cut stream. */
MUST_USE bool feed_next(const uint8_t **at, const uint8_t *end, struct feed_entry *ret, bool *ret_more,
			struct err *e);

#endif
