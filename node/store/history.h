/*
 * history.h - what a changeset on file wrote: reading frames back, and the value of one cell.
 *
 *	AUTO_HISTORY h = { 0 };
 *
 *	if (!history_open(&h, db, &catalog, e) || !history_value(&h, &cell, &value, &found, e))
 *		return false;
 *
 * Memory: a few unpacked changesets are kept; what is returned lives until the next call but three.
 */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "base/buf.h"
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
	size_t actors;
	struct schema_text *actor; /* names, by change.actor - 1 */
};

struct history_cell {
	uint32_t chain; /* of the write */
	uint64_t seq;
	uint64_t hlc;
	bool tally; /* what an UPDATE adds to a counter; else a plain write */
	const struct catalog_table *table;
	const struct value *key; /* table->keys of them, without a scope in front */
	int column_no;
};

/* Who knows the values already (merge/replay.h), so that no frame has to be read for them. */
struct history_source {
	bool (*value)(void *owner, const struct history_cell *cell, struct value *ret);
	void *owner;
};

struct history {
	struct db *db;
	struct arena arena; /* documents, chain ids */
	struct document_set documents;
	size_t chains;
	struct chain_id *id; /* [chains] by simpul_chain.no */
	struct history_set set[HISTORY_SETS];
	unsigned turn;
	struct history_source source; /* value NULL: the frames themselves */
	struct history_context *contexts; /* store/ancestor.c */
	struct buf made; /* the value that cell_shown made last */
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
/*
 * How many changesets are to be merged with this one, as one: what its cut has behind it.  0 in a cut of more
 * than LIMIT_CUT_ATOMIC_PARTS, of which each part is merged as it comes.
 */
MUST_USE bool history_cut_rest(struct db *db, uint32_t chain, const struct changeset *header, uint64_t *ret,
			       struct err *e);
/* Copies what the reader wrote out itself (UUIDs); bytes that lie in the body stay there. */
void history_keep(struct arena *arena, struct value *value, const struct change_reader *r);
/* The changeset of that chain and number, unpacked; NULL in *ret if it is not here. */
MUST_USE bool history_set_find(struct history *h, uint32_t chain, uint64_t seq,
			       const struct history_set **ret, struct err *e);
/* Its change of a row that wrote this cell at that time; NULL: none did. */
const struct change *history_change(const struct history_set *set, const struct history_cell *cell,
				    const struct value **ret_value);
/* The last of its changes that is an INSERT of the row or writes the column (else *ret_value is NULL). */
const struct change *history_last_write(const struct history_set *set, const struct history_cell *cell,
					const struct value **ret_value);

/* *ret_found is false if that changeset is not here or never wrote the cell. */
MUST_USE bool history_value(struct history *h, const struct history_cell *cell, struct value *ret,
			    bool *ret_found, struct err *e);

#endif
