/*
 * change.h - one row's insert, update or delete; and the body of a DATA changeset that holds many.
 *
 * Body, strict CBOR: [context, actors, base time, [group...]].  context = the (chain, seq) pairs
 *whose merged head advanced since this chain's previous changeset, so the full context is a closed
 *vector. A group holds the changes of one (table, operation, seen_own), column by column.
 * proto/PROTOCOL.md gives the bytes.
 *
 * Writing: the caller sorts changes by change_group_compare and encodes at once.  (Any order
 *encodes correctly; this one makes the fewest groups and deflates best.) Reading walks without
 *allocating:
 *
 *	struct change_reader r;
 *	struct change c;
 *
 *	if (!change_reader_open(&r, body, len, e))
 *		return false;
 *	while (change_reader_pair(&r, &pair)) ...
 *	while (change_reader_next(&r, &c)) ...
 *	return change_reader_done(&r, e);
 *
 * change_check() has walked the whole body once before anything of it is used: after it, a reader
 *on the same bytes cannot fail.  Memory: values borrow from the body (UUID keys: from the reader,
 *until its next call).
 */
#ifndef SIMPUL_CHANGE_H
#define SIMPUL_CHANGE_H

#include "simpul/ident.h"
#include "simpul/schema.h"
#include "simpul/value.h"

enum change_op { CHANGE_INSERT = 0, CHANGE_UPDATE = 1, CHANGE_DELETE = 2 };

#define CHANGE_SEEN_ALL                                                                            \
	UINT64_MAX /* the context of a change is that of its changeset, own chain too */

struct change {
	uint16_t table; /* number within the schema document */
	enum change_op op;
	uint64_t hlc;	   /* hlc.h */
	uint64_t seen_own; /* CHANGE_SEEN_ALL, or the last own seq that the author had seen */
	uint16_t actor;	   /* 0: an application on this node; else 1.. into actors */
	uint16_t keys;	   /* key columns, in key order */
	uint16_t columns;  /* columns written, key columns not among them; 0 for DELETE */
	struct value key[LIMIT_KEY_COLUMNS];
	const uint8_t *column; /* [columns] column numbers, ascending */
	struct value *value;   /* [columns] */
};

struct context_pair {
	struct chain_id chain;
	uint64_t seq;
};

struct change_body {			    /* what encoding needs beside the changes */
	const struct context_pair *context; /* ascending by chain, no duplicates */
	size_t pairs;
	const struct schema_text *actor; /* people's names as shown */
	size_t actors;
};

/* Order for grouping: (table, op, seen_own, column set), then by key so that equal prefixes meet.
 */
int change_group_compare(const struct change *a, const struct change *b);

/*
 * Encodes n changes sorted by change_group_compare.  ERR_TOO_LARGE when cap or a limit is exceeded
 * (the caller splits the cut and tries again); ERR_NULL_KEY; ERR_USAGE for a change that breaks the
 * rules of struct change.
 */
MUST_USE bool change_encode(const struct change_body *body, const struct change *changes, size_t n,
			    uint8_t *out, size_t cap, size_t *ret_len, struct err *e);

/*
 * Walks the whole body: structure, limits, column numbers ascending, no trailing bytes.
 * *ret_changes must equal the count in the header.  ERR_MALFORMED, ERR_TOO_LARGE.
 */
MUST_USE bool change_check(const uint8_t *body, size_t len, uint32_t *ret_changes, struct err *e);

#include "simpul/change_reader.h"

MUST_USE bool change_reader_open(struct change_reader *r, const uint8_t *body, size_t len,
				 struct err *e);
bool change_reader_pair(struct change_reader *r, struct context_pair *ret_pair);
/* Actor names, after the pairs and before the changes; optional to read. */
bool change_reader_actor(struct change_reader *r, struct schema_text *ret_name);
/* False at the end or on malformed bytes; the latter is what _done reports. */
bool change_reader_next(struct change_reader *r, struct change *ret_change);
MUST_USE bool change_reader_done(const struct change_reader *r, struct err *e);

#endif
