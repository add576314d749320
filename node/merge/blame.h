/*
 * blame.h - who wrote what stands in a row: per column the value shown, and those that stand beside it.
 *
 * Each is looked up in its changeset's frame, and the frame's signature is verified again, so the answer
 * rests on the log and not on a list.  Cost: a few frames, however long the log is.
 */
#ifndef MERGE_BLAME_H
#define MERGE_BLAME_H

#include "store/cell.h"

enum blame_receipt {
	BLAME_NO_RECEIPT,
	BLAME_RECEIPT, /* filed here, or this is the hub, whose log it is in */
};

struct blame_write {
	int64_t n;	     /* of its changeset in this file */
	struct hash id;	     /* of its changeset */
	struct chain_id chain;
	uint64_t seq;
	const char *node;    /* as enrolled */
	bool own;	     /* by this node */
	struct schema_text actor; /* who at that node; len 0: an application */
	enum change_op op;
	uint64_t hlc;
	bool signature_ok;
	enum blame_receipt receipt;
	int64_t log_index;
};

struct blame { /* one standing write of one column */
	const char *column;
	bool shown; /* else it stands beside the one that is */
	bool dead;  /* a delete has seen it */
	struct value value;
	struct blame_write by;
};

struct blame_row {
	const struct catalog_table *table;
	const struct scope *scope; /* NULL: in whatever scope it lives */
	const struct value *key;   /* table->keys of them, simpul_scope not among them */
	int column_no;		   /* for blame_cell */
};

/* Was the row written here by a change that is not sealed yet?  Then it has no author that is proved. */
MUST_USE bool blame_unsealed(struct db *db, const struct blame_row *row, bool *ret, struct err *e);

/*
 * In the order of columns, the shown one first.  ERR_NOT_FOUND: nobody ever wrote that row; ERR_INCOMPLETE:
 * it was written here and is not sealed yet.  What the
 * callback is lent lives until it returns; false stops.
 */
MUST_USE bool blame_row(struct db *db, const struct catalog *catalog, const struct blame_row *row,
			bool (*call)(void *state, const struct blame *b), void *state, struct err *e);

/* Every write of one cell that the log has, newest accepted first: found by reading all of the log. */
struct blame_past {
	bool stands;
	bool written; /* false: a DELETE, or an INSERT that does not list the column */
	struct value value;
	struct blame_write by;
};
MUST_USE bool blame_cell(struct db *db, const struct catalog *catalog, const struct blame_row *row,
			 bool (*call)(void *state, const struct blame_past *b), void *state, struct err *e);

#endif
