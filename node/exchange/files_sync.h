/*
 * files_sync.h - attachments to and from the hub: sends what it lacks, fetches what is missing here.
 *
 *	struct files_sync f;
 *
 *	files_sync_init(&f, &sync, &store);
 *	if (!files_sync_round(&f, e))
 *		...
 *	files_sync_done(&f);
 *
 * A round asks about all files that rows refer to and that the hub has not confirmed yet, a thousand in a
 * request, then moves them, short ones first.  A round that breaks off anywhere has lost less than one block:
 * pieces are as long as about two seconds of the link, a block at most, and the next round goes on behind the
 * last one that arrived.
 *
 * Changesets go first: before each piece the round asks `busy`, and waits as long as it says so.
 *
 * Memory: a block and a list of blocks, whatever the size of a file; borrows sync and store.  Threads: one,
 * with a sync (and a connection) of its own.
 */
#ifndef EXCHANGE_FILES_SYNC_H
#define EXCHANGE_FILES_SYNC_H

#include "blob/part.h"
#include "blob/refs.h"
#include "exchange/sync.h"

#define FILES_PIECE_MIN (4u << 10)
#define FILES_PIECE_MS 2000	    /* what a piece should take */
#define FILES_REFUSED_MS 3600000    /* what the hub refused is offered again after an hour */

struct files_sync {
	struct sync *sync; /* with the hub */
	struct blob_store *store;
	bool (*busy)(void *arg); /* NULL: never */
	bool (*stop)(void *arg); /* NULL: never; ends a round between two pieces with ERR_NETWORK */
	void *arg;
	size_t piece_bytes;
	struct blob_part *part; /* of a fetch that broke off */
	uint64_t sent, fetched; /* files, in the last round */
	uint64_t left;		/* here or at the hub only, and not moved in the last round */
	uint64_t nowhere;	/* neither here nor at the hub */
	struct err trouble;	/* the last refusal of one file; ERR_OK if none */
};

void files_sync_init(struct files_sync *f, struct sync *sync, struct blob_store *store);
void files_sync_done(struct files_sync *f);
MUST_USE bool files_sync_round(struct files_sync *f, struct err *e);

#endif
