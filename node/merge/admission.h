/*
 * admission.h - may this verified changeset be accepted?  Its content against what is on file.
 *
 * The signature, the link and the body's hash have been checked.  Memory: a verdict is a value.
 */
#ifndef MERGE_ADMISSION_H
#define MERGE_ADMISSION_H

#include "simpul/grant.h"
#include "simpul/seal.h"
#include "store/db.h"

struct chain_state { /* a row of simpul_chain */
	int no;
	struct chain_id id;
	struct scope scope;
	struct public_key key;
	int role; /* enum role */
	uint64_t head_seq;
	struct hash head_id;
	int64_t void_after; /* -1: not revoked */
	bool frozen;
	bool leaves; /* our branch: the hub has another (branch.h) */
	bool ours_aside; /* a branch of ours is set aside: anew.h */
};

/*
 * How the reason of a void changeset begins whose effects were in the tables.  Its state is 4 until they
 * are taken out again (merge/takeback.h), then 3.
 */
#define ADMISSION_VOID_MERGED "revoked after it was merged: "
#define ADMISSION_TAKEBACK "takeback" /* simpul_meta: 1 while there is such a changeset */

enum admission { ADMIT, ADMIT_HOLD, ADMIT_QUARANTINE };

struct verdict {
	enum admission admission;
	const char *missing; /* hold: "ancestor", "grant", "schema" */
	uint8_t need[16];    /* hold: what for, and how many bytes of it */
	size_t need_len;
	uint64_t need_seq;
	struct err problem; /* hold, quarantine: in words */
};

/* *ret_found is false if the chain is not here. */
MUST_USE bool admission_chain(struct db *db, const struct chain_id *id, struct chain_state *ret,
			 bool *ret_found, struct err *e);
/* Fills *v as a hold; returns true for use in return statements. */
bool admission_hold(struct verdict *v, const char *missing, const void *need, size_t need_len,
		  uint64_t need_seq);

/*
 * chain: the state before this changeset.  hub_chain: it is the chain of the hub itself.  False only if
 * the storage failed.
 */
MUST_USE bool admission_check(struct db *db, const struct frame *f, const uint8_t *body,
			      const struct chain_state *chain, struct verdict *ret, struct err *e);

#endif
