/*
 * compare.h - does the file agree with its own log?  Every difference, in words.
 *
 *	frame	  a changeset on file is not what was accepted: altered, its signature or its link is wrong
 *	version	  a version row is not what the log comes to
 *	row	  a row of a base table does not show what it should, or is not there, or nobody wrote it
 *	sibling	  the list of concurrent values is not complete, or has one too many
 *	receipt	  a receipt does not prove what it is filed for
 *
 * What a person changed and the node has not sealed yet is no difference, nor is a row that is listed as
 * kept out by a rule.  Reads only.  Memory: what the callback is lent lives until it returns.
 */
#ifndef MERGE_COMPARE_H
#define MERGE_COMPARE_H

#include "merge/replay.h"

struct difference {
	const char *kind;
	int64_t n; /* of the changeset; 0: not about one */
	const struct catalog_table *table; /* NULL: not about a row */
	const char *scope;
	const struct value *key; /* table->keys of them; NULL: it cannot be read */
	const char *column; /* NULL: the row as a whole */
	const char *text;
};

struct comparison {
	struct db *db;
	const struct catalog *catalog;
	void (*call)(void *state, const struct difference *d); /* NULL: only counts */
	void (*progress)(void *state, uint64_t done, uint64_t total); /* of the frames; NULL */
	void *state;
	struct replay replay;
	int64_t changesets, rows, differences;
	int64_t damaged; /* changesets that cannot be replayed: without them no row can be compared */
};

#define AUTO_COMPARISON __attribute__((cleanup(compare_close))) struct comparison

/* Fill in db, catalog and the calls first.  In one transaction, so that nothing moves in between. */
MUST_USE bool compare_frames(struct comparison *c, struct err *e);
/* After compare_frames; nothing is compared if a changeset is damaged. */
MUST_USE bool compare_rows(struct comparison *c, struct err *e);
MUST_USE bool compare_receipts(struct comparison *c, struct err *e);
/* A difference about a changeset, told and counted: for further checks of the same file. */
void compare_tell(struct comparison *c, const char *kind, int64_t n, const char *text);
void compare_close(struct comparison *c);

/*
 * Does the base table show this row of the log?  NULL in *ret_column: yes.  "": it is missing, or there
 * though it is deleted.  Else the name of the first column that differs.
 */
MUST_USE bool compare_base(struct replay *r, struct replay_row *row, const char **ret_column,
			   struct err *e);
/* The keys of all rows of a base table, and the scope that each says it has. */
struct compare_walk {
	struct value key[LIMIT_KEY_COLUMNS]; /* until the next one */
	struct scope scope;
};
MUST_USE bool compare_keys(struct db *db, const struct catalog_table *table, struct stmt *ret,
			   struct err *e);
MUST_USE bool compare_key_next(struct stmt *s, const struct catalog_table *table, struct compare_walk *ret,
			       bool *ret_more, struct err *e);

#endif
