/*
 * outbox.h - from the change log to sealed changesets, and which of them the hub has not acknowledged.
 *
 * A change enters once, in the transaction that takes its hints from the log, and a changeset counts as
 * unsent until a receipt for it is filed.  A crash at any point neither loses nor repeats one.  There is
 * no list of what waits: simpul_changeset.custody says it of each.
 *
 *	AUTO_TXN txn = { 0 };
 *
 *	if (!txn_begin(&txn, db, e) || !outbox_seal(db, &catalog, &author, &result, e))
 *		return false;
 *	... merge what came from elsewhere, in the same transaction ...
 *	return txn_commit(&txn, e);
 *
 * Memory: nothing to free.  Threads: those of the connection.
 */
#ifndef OUTBOX_OUTBOX_H
#define OUTBOX_OUTBOX_H

#include "base/world.h"
#include "simpul/changeset.h"
#include "store/catalog.h"

#define OUTBOX_CHANGES 1000		    /* per changeset, if the author does not say */
#define OUTBOX_BODY_BYTES (256u << 10)	    /* per changeset, about */
#define OUTBOX_ROW_BYTES (LIMIT_BODY_PACKED_BYTES - (64u << 10)) /* one row must fit in a changeset */

struct outbox_author {
	const struct secret_key *key;
	const struct world *world;
	const char *name;     /* of the node, for a genesis */
	uint32_t changes_max; /* per changeset; 0: OUTBOX_CHANGES */
	int64_t hints_max;    /* to take, the oldest first; 0: all */
};

/*
 * Opens a chain of this node for a scope with a genesis changeset, without rights until a grant sets
 * its role.  predecessor NULL, or the number of our chain that it continues.  In the caller's transaction.
 */
MUST_USE bool outbox_open_chain(struct db *db, const struct outbox_author *author,
				const struct scope *scope, const int64_t *predecessor,
				int64_t *ret_chain_no, struct err *e);

struct outbox_result {
	int64_t changes;
	int64_t changesets;
	int64_t bytes;	   /* of frames */
	int64_t too_large; /* rows over a limit: listed in simpul_violation, still in the log */
	int64_t no_scope;  /* rows whose scope column holds no scope: likewise */
	int64_t null_key;  /* rows with NULL in their primary key: likewise */
	int64_t not_allowed; /* changes that the node's role or its table's rules forbid: likewise */
	int64_t no_count;  /* rows whose counters cannot be told as what was added: likewise */
	int64_t no_right;  /* rows of scopes for which this node has no chain with a right to write */
	int64_t upto;	   /* hints up to this seq were taken; INT64_MAX: as many as can be, now */
};

/*
 * Seals what the log holds, each scope into its own chain, in the caller's transaction.  Rows that
 * cannot be sealed stay in the log and hold up nothing else.  Before any grant nothing is sealed; what a
 * reader or a relay changes counts as not allowed.  The catalog must be fresh (catalog_stale).  Only after
 * all hints were taken may anything be merged in the same transaction, and only then do the changesets
 * tell one state of the file.
 */
MUST_USE bool outbox_seal(struct db *db, const struct catalog *catalog,
			  const struct outbox_author *author, struct outbox_result *ret, struct err *e);

struct outbox_pending {
	int64_t hints;		    /* in the log, not sealed yet */
	int64_t oldest_hint_ms;	    /* 0: none */
	int64_t unsent;		    /* changesets without a receipt, own and relayed */
	int64_t unsent_own;
	int64_t oldest_unsent_ms;   /* when it was sealed or arrived; 0: none */
};
MUST_USE bool outbox_pending(struct db *db, struct outbox_pending *ret, struct err *e);

/* The caller has verified the proof.  Filing it again changes nothing.  ERR_NOT_FOUND for an unknown n. */
struct outbox_receipt {
	int64_t n;
	int64_t log_index;
	int64_t checkpoint_no;
	const void *proof;
	size_t proof_len;
};
MUST_USE bool outbox_file_receipt(struct db *db, const struct outbox_receipt *receipt,
				  const struct world *world, struct err *e);

#endif
