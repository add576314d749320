/*
 * receipt.h - the hub's proof that a changeset is in its log: c2sp.org/tlog-proof@v1 text.
 *
 * One text file, useful by itself: the changeset's id (in the `extra` line), its index, the
 * inclusion hashes and the signed checkpoint.  Whoever has it and the hub's public key can check
 * it, offline and for ever.  The id is the leaf hash, so the inclusion proof is what authenticates
 * it.
 *
 *	struct receipt_expect expect = { .hub = &hub_key, .id = &changeset_id };
 *
 *	if (!receipt_verify(&text, &expect, &details, e))
 *		return err_wrap(e, "receipt");
 *
 * Memory: a decoded receipt borrows the checkpoint from the text.  Threads: pure.
 */
#ifndef SIMPUL_RECEIPT_H
#define SIMPUL_RECEIPT_H

#include "simpul/note.h"

struct receipt {
	struct hash id; /* of the changeset */
	uint64_t index;
	struct tree_proof proof;
	struct bytes checkpoint; /* the signed note, borrowed */
};

struct receipt_text { /* not NUL-terminated */
	size_t len;
	char text[LIMIT_RECEIPT_BYTES];
};

struct receipt_expect {
	const struct public_key *hub;
	const struct hash *id; /* NULL: whichever the receipt names */
	const char *origin;    /* NULL: any origin of that hub (a restored hub has a new one) */
};

struct receipt_details { /* what a verified receipt proves */
	struct hash id;
	uint64_t index;
	struct checkpoint checkpoint;
};

MUST_USE bool receipt_encode(const struct receipt *receipt, struct receipt_text *ret_text,
			     struct err *e);
/* The form only; verifies nothing.  ERR_MALFORMED, ERR_TOO_LARGE. */
MUST_USE bool receipt_decode(const struct bytes *text, struct receipt *ret_receipt, struct err *e);
/*
 * ERR_MALFORMED, ERR_TOO_LARGE; ERR_SIGNATURE: not this hub's checkpoint, or altered; ERR_PROOF:
 * the changeset is not in that log, or the receipt is for another changeset or origin.
 */
MUST_USE bool receipt_verify(const struct bytes *text, const struct receipt_expect *expect,
			     struct receipt_details *ret_details, struct err *e);

#endif
