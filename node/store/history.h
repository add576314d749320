/*
 * history.h - what a changeset on file wrote: reading frames back, and the value of one cell.
 *
 *	AUTO_HISTORY h = { 0 };
 *
 *	if (!history_open(&h, db, &catalog, e) || !history_change(&h, &want, &change, e))
 *		return false;
 *
 * Memory: a few unpacked changesets are kept; what is returned lives until the next call but three.
 */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "simpul/seal.h"
#include "store/document.h"

#define HISTORY_SETS 8

/* One changeset, unpacked: its changes copied so that they outlive the reader. */
struct history_set {
	struct arena arena;
	uint32_t chain;
	uint64_t seq;
	const struct document *document;
	size_t pairs;
	struct context_pair *pair;
	size_t changes;
	struct change *change; /* in the body's order */
	struct change **sorted; /* by table, then key; NULL until somebody looks one up */
};

struct history {
	struct db *db;
	struct arena arena; /* documents, chain ids */
	struct document_set documents;
	size_t chains;
	struct chain_id *id; /* [chains] by simpul_chain.no */
	struct history_set set[HISTORY_SETS];
	unsigned turn;
};

#define AUTO_HISTORY __attribute__((cleanup(history_close))) struct history

/* The catalog must outlive it. */
MUST_USE bool history_open(struct history *h, struct db *db, const struct catalog *catalog,
			   struct err *e);
void history_close(struct history *h);
/* Reads the chains again: after one was added. */
MUST_USE bool history_chains(struct history *h, struct err *e);

/*
 * Unpacks a frame that was checked when it was accepted, into *ret (zeroed, or done).  ERR_MALFORMED if
 * the body is not what change_check lets through; ERR_NOT_FOUND: its schema document is not here.
 */
MUST_USE bool history_unpack(struct document_set *documents, const uint8_t *frame, size_t len,
			     struct history_set *ret, struct err *e);
void history_set_done(struct history_set *set);

struct history_cell {
	uint32_t chain; /* of the write */
	uint64_t seq;
	uint64_t hlc;
	const struct catalog_table *table;
	const struct value *key; /* table->keys of them, without a scope in front */
	int column_no;
};
/* *ret_found is false if that changeset is not here or never wrote the cell. */
MUST_USE bool history_value(struct history *h, const struct history_cell *cell, struct value *ret,
			    bool *ret_found, struct err *e);

#endif
