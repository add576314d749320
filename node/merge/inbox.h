/*
 * inbox.h - frames from elsewhere: taken into custody, kept waiting, or refused.  Not yet merged.
 *
 * Acceptance depends on the frame and its ancestors only, never on this node's clock or settings.
 *	accepted   valid signature, link and grant: in simpul_changeset from now on.  One that breaks the
 *		   rules (wrong scope, forbidden kind, malformed body) is accepted too, as quarantined:
 *		   its chain goes on, and the hub can give a receipt for it
 *	held	   an ancestor, grant or schema is missing: kept, and tried again by itself when that comes
 *	refused	   forged, damaged, of a void or frozen chain: nothing is kept but a counter
 *
 *	AUTO_INBOX in = { 0 };
 *
 *	inbox_open(&in, db, world);
 *	if (!txn_begin(&txn, db, e) || !inbox_accept(&in, bytes, len, &result, e) || ...)
 *		return false;
 *
 * Memory: an inbox owns its buffers.  Threads: those of its connection.
 */
#ifndef MERGE_INBOX_H
#define MERGE_INBOX_H

#include "base/buf.h"
#include "base/world.h"
#include "simpul/seal.h"
#include "store/db.h"

#define INBOX_UNKNOWN_MAX 1000 /* frames held of chains that nobody has granted anything yet */
#define INBOX_UNKNOWN_BYTES (16 << 20) /* and their bytes: nobody has vouched for them */

struct inbox {
	struct db *db;
	const struct world *world;
	struct buf body, queue;
	bool from_hub; /* what comes is what the hub accepted: of a fork, its branch counts */
	bool has_hub_key;
	struct public_key hub_key;
};

#define AUTO_INBOX __attribute__((cleanup(inbox_close))) struct inbox

enum inbox_state { INBOX_ACCEPTED, INBOX_DUPLICATE, INBOX_HELD, INBOX_REFUSED };

struct inbox_result {
	enum inbox_state state;
	struct hash id;	    /* zeros if the frame could not even be opened */
	int64_t n;	    /* accepted or duplicate: its number in simpul_changeset */
	bool quarantined;   /* accepted, but void for the merge */
	struct err problem; /* held: what is missing; refused: why; quarantined: why */
	int64_t released;   /* held frames that this one let in */
};

/* Reads the pinned hub key (simpul_meta hub_key, hex); a file without one holds whatever it gets. */
MUST_USE bool inbox_open(struct inbox *in, struct db *db, const struct world *world, struct err *e);
void inbox_close(struct inbox *in);

/* In the caller's transaction.  False only if the storage failed: then roll back. */
MUST_USE bool inbox_accept(struct inbox *in, const uint8_t *bytes, size_t len,
			   struct inbox_result *ret, struct err *e);
/* Looks again at a frame that is held, by its id in simpul_held.  ERR_NOT_FOUND; evidence of a fork stays. */
MUST_USE bool inbox_retry(struct inbox *in, const struct hash *id, struct inbox_result *ret, struct err *e);

#endif
