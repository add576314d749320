/*
 * proof.h - receipts as a party holds them: proofs into answers, answers into filed receipts.
 *
 * The hub computes proofs from its tree against its newest checkpoint; a node hands on those that it has
 * filed.  Whoever receives a receipt verifies it against the hub's key before it is filed.
 */
#ifndef EXCHANGE_PROOF_H
#define EXCHANGE_PROOF_H

#include "exchange/answer.h"
#include "exchange/party.h"
#include "simpul/receipt.h"

/* Adds index, proof and checkpoint to every item whose changeset is provably in the hub's log. */
MUST_USE bool proof_fill(struct party *p, struct answer *answer, struct err *e);

/*
 * Verifies the answer's checkpoint and proofs and files a receipt for each changeset that we hold, in the
 * caller's transaction.  *ret_filed counts.  ERR_PROOF, ERR_SIGNATURE: nothing is filed.
 */
MUST_USE bool proof_file(struct party *p, const struct answer *answer, size_t *ret_filed,
			 struct err *e);

/* The receipt of changeset n as text, useful by itself.  ERR_NOT_FOUND if none is filed. */
MUST_USE bool proof_receipt(struct party *p, uint64_t n, struct receipt_text *ret, struct err *e);

/*
 * A checkpoint of our hub that arrived somehow: signature and origin are checked, and that the hub never
 * signed another log of the same size.  *ret_known is the newest proven one (size 0: none).  Where the
 * sizes differ, either way, the caller asks the hub for a consistency proof between them: a hub that can
 * give none to the larger has gone back.  ERR_PROOF is evidence against the hub.
 */
MUST_USE bool proof_checkpoint_offer(struct party *p, const struct note *note,
				     struct checkpoint *ret_checkpoint, struct tree_head *ret_known,
				     struct err *e);
/* Was there ever a head of a log of this name on file? */
MUST_USE bool proof_origin_known(struct party *p, const char *origin, bool *ret, struct err *e);
/* The newest head of our hub's log on file, as it was signed; len 0 if there is none. */
MUST_USE bool proof_newest_note(struct party *p, struct note *ret, struct err *e);
/* The oldest head on file with at least `least` entries, and its size; else len 0 and *size untouched. */
MUST_USE bool proof_oldest_note(struct party *p, uint64_t least, struct note *ret, uint64_t *size,
				struct err *e);
/*
 * By when the hub had what a head on file holds, as it signed that: seconds since 1970 UTC, 0 if it did not
 * say.  `no` is the row of the head; 0: none.
 */
MUST_USE bool proof_time(struct party *p, int64_t no, uint64_t *ret_time, struct err *e);
/* The same of changeset n; 0 also if it has no receipt here. */
MUST_USE bool proof_received(struct party *p, uint64_t n, uint64_t *ret_time, struct err *e);
/* The size of the newest head of our hub's log on file; 0 if there is none. */
MUST_USE bool proof_newest_size(struct party *p, uint64_t *ret_size, struct err *e);
/*
 * Files a checkpoint; *ret_no is its row.  consistent: proven to continue what we knew; those that came
 * without a proof (by stick, by neighbour) are checked at the next contact with the hub.
 */
MUST_USE bool proof_checkpoint_put(struct party *p, const struct note *note,
				   const struct checkpoint *checkpoint, bool consistent,
				   int64_t *ret_no, struct err *e);

/*
 * Checkpoints without a proof yet that must lead to the newest proven one: their heads, oldest first.
 * Whoever verified that says so with _proven.
 */
#define PROOF_BATCH 50
MUST_USE bool proof_unproven(struct party *p, struct tree_head *ret_newest, struct tree_head *ret_old,
			     size_t cap, size_t *ret_n, struct err *e);
MUST_USE bool proof_proven(struct party *p, const struct tree_head *old, size_t n, struct err *e);

#endif
