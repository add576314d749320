/*
 * state.h - how a row stands: when and by whom it was last written, whether that was sent, what
 *contends.
 *
 *	{"at": RFC 3339 | null, "by": name | null, "sent": "unsent" | "sent" | "receipted",
 *	 "contested": [columns]}
 *
 * For a list of one table: what is unsealed and what is contested is read once.  The name of
 *whoever wrote a row is in a changeset's frame; of a list at most STATE_FRAMES are opened, then
 *`by` is null.
 *
 * Memory: owned by the state; AUTO_STATE.
 */
#ifndef WEB_STATE_H
#define WEB_STATE_H

#include "store/history.h"
#include "store/version.h"
#include "web/relation.h"

#define STATE_FRAMES 32

struct state_hint {
	struct buf key; /* version_pack of the whole key */
	size_t order;	/* 0: the newest */
	uint64_t ms;
	char name[LIMIT_NAME_BYTES + 1];
};

struct state_open_cell {
	int64_t k;
	int column_no;
};

struct state_writer { /* of a changeset, asked before */
	int64_t chain, seq;
	int custody;
	bool own;
	char node[LIMIT_NAME_BYTES + 1];
};

struct state {
	struct party *p;
	const struct catalog_table *table; /* NULL: a local table or view: no state */
	const struct value *only; /* the key of the one row that is asked for; NULL: a list */
	struct version_table versions;
	struct history history;
	int frames;
	struct state_hint *hint;
	size_t hints;
	struct state_open_cell *cell;
	size_t cells;
	struct state_writer writer[64];
	unsigned turn;
};

#define AUTO_STATE __attribute__((cleanup(state_close))) struct state

MUST_USE bool state_open(struct state *s, struct party *p, const struct relation *relation,
			 struct err *e);
void state_close(struct state *s);
/* key: as the relation has it.  JSON's null for what has no state. */
MUST_USE bool state_of(struct state *s, const struct value *key, json_t **ret, struct err *e);

#endif
