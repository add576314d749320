/*
 * answer.h - what a receiver says of pushed changesets, and receipts on the wire: JSON, both sides.
 *
 *	{"results":[{"id":HEX,"state":"logged","index":7,"proof":[0,2]},
 *	            {"id":HEX,"state":"held","problem":"held","detail":TEXT}],
 *	 "hashes":[BASE64...], "checkpoint":NOTE}
 *
 * The inclusion proofs of neighbours in the log share most of their hashes, so each hash is sent once
 * and the proofs name them by position.  State: logged (kept, with a receipt if the answerer is the
 * hub), kept (a neighbour without a log), held, refused.
 *
 * Memory: struct answer owns its array; answer_done frees.  Threads: values.
 */
#ifndef EXCHANGE_ANSWER_H
#define EXCHANGE_ANSWER_H

#include "base/buf.h"
#include "simpul/note.h"

enum answer_state { ANSWER_LOGGED, ANSWER_KEPT, ANSWER_HELD, ANSWER_REFUSED };

struct answer_item {
	struct hash id;
	enum answer_state state;
	enum err_code problem; /* ERR_OK unless held or refused */
	char detail[160];
	bool proven; /* index and proof are there */
	uint64_t index;
	struct tree_proof proof;
};

struct answer {
	struct answer_item *item; /* owned */
	size_t items;
	size_t cap;
	struct note checkpoint; /* len 0: none */
};

#define AUTO_ANSWER __attribute__((cleanup(answer_done))) struct answer

/* A zeroed struct answer is ready.  The item is zeroed and stays valid until the next _add. */
struct answer_item *answer_add(struct answer *answer);
void answer_done(struct answer *answer);
void answer_encode(const struct answer *answer, struct buf *out);
MUST_USE bool answer_decode(const void *bytes, size_t len, struct answer *ret, struct err *e);

#endif
