/*
 * row.h - the truth about one row: what its table holds now against what was last sealed or merged.
 *
 * Memory: what row_look returns borrows from the row_source until its next call.
 */
#ifndef OUTBOX_ROW_H
#define OUTBOX_ROW_H

#include "capture/drain.h"
#include "simpul/merge.h"
#include "store/version.h"

#define ROW_SELECTS 256 /* a power of two */

struct row_select { /* reads the key, the scope if it is a column, and some of the other columns */
	int64_t mask; /* which: bits as in trigger.h, or ROW_ALL */
	struct stmt stmt;
	uint8_t *column; /* their numbers, ascending */
	uint16_t columns;
};

struct row_source { /* one table, while a cut is taken */
	const struct catalog_table *table;
	struct db *db;
	struct arena *arena;
	struct row_select all;	   /* prepared when first needed, as are those by mask */
	struct row_select *select; /* [ROW_SELECTS], a hash table */
	struct row_select *at;	   /* what the last look read with */
	struct version_table versions;
	struct column_set counters; /* stable numbers */
	bool counts;	      /* there are any */
	int keys;	      /* key values as versions count them: simpul_scope in front where it is */
	struct rules_table *rules; /* NULL: not asked for yet */
	uint8_t *column;      /* of the change at hand */
	struct value *value;  /* of the change at hand */
};

MUST_USE bool row_open(struct row_source *source, struct db *db, struct arena *arena,
		       const struct catalog_table *table, struct err *e);
void row_close(struct row_source *source);

enum row_finding {
	ROW_UNCHANGED, /* nothing to tell */
	ROW_CHANGED,
	ROW_TOO_LARGE, /* a cell or the row is over a limit */
	ROW_NO_SCOPE,  /* its scope column holds no scope */
	ROW_NULL_KEY,  /* written after attach; nothing can name such a row */
	ROW_NO_RIGHT,	/* this node was never enrolled for its scope */
	ROW_NOT_ALLOWED, /* by the rules of the table: allow.h */
	ROW_NO_COUNT,  /* a counter holds no whole number, or what would have to be added does not fit */
};

struct row_look {
	enum row_finding finding;
	bool leaves;		   /* first a delete in the scope that it left: `from` */
	struct scope from;
	bool writes;		   /* then op in `scope`, with these columns */
	enum change_op op;
	struct scope scope;
	uint16_t columns;
	const uint8_t *column;	   /* numbers within the document, ascending */
	const struct value *value;
	struct value key[VERSION_KEYS_MAX]; /* for the version functions */
	struct column_set zero;	   /* by number within the document: outbox/counter.h */
	struct version version;	   /* of the row as it was found, in any scope */
};

MUST_USE bool row_look(struct row_source *source, const struct drain_row *row, struct row_look *ret,
		       struct err *e);

#endif
