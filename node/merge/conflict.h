/*
 * conflict.h - cells and groups of columns in which several values stand: all of them side by side, and
 * a person's choice.
 *
 * A conflict has a number: that of any of its open rows in simpul_sibling.  Numbers are never given
 * again, so an old number finds nothing rather than another conflict.  A value is named by the changeset
 * that wrote it (simpul_changeset.n), which does not move either while others arrive.
 *
 * Memory: what a callback is lent lives until it returns.
 */
#ifndef MERGE_CONFLICT_H
#define MERGE_CONFLICT_H

#include "base/world.h"
#include "store/catalog.h"

struct conflict_write {
	const char *node; /* as enrolled */
	const char *scope; /* of its chain */
	const char *actor; /* who at that node; "": an application, or its frame is gone */
	uint64_t hlc;
	int64_t n;	  /* of its changeset; 0: not here */
	struct hash id;	  /* of its changeset; zeros: not here */
};

struct conflict_value {
	struct conflict_write write;
	bool shown;			  /* it is what the table shows */
	const struct value *const *value; /* [columns]; NULL: not written by it, or its frame is gone */
};

struct conflict {
	int64_t no;
	const struct catalog_table *table;
	int64_t k; /* of simpul_version_<no> */
	const char *scope;
	const struct value *key; /* table->keys of them */
	size_t columns;		 /* one, or the columns of a group */
	const int *column_no;
	const char *const *column;
	size_t values; /* two or more, the greatest first */
	const struct conflict_value *value;
};

typedef bool conflict_call(void *state, const struct conflict *conflict);

/* All open conflicts of rows that are alive, by table, row, column.  The callback returns false to stop. */
MUST_USE bool conflict_list(struct db *db, const struct catalog *catalog, conflict_call *call, void *state,
			    struct err *e);
/* How many conflict_list would hand out: what a person has to choose. */
MUST_USE bool conflict_count(struct db *db, const struct catalog *catalog, int64_t *ret, struct err *e);
/* The one with this number.  ERR_NOT_FOUND: there is none, or it is settled. */
MUST_USE bool conflict_find(struct db *db, const struct catalog *catalog, int64_t no, conflict_call *call,
			    void *state, struct err *e);

/* A choice: what changeset n wrote, or values given as text (NULL: SQL's NULL). */
struct conflict_setting {
	const char *column; /* NULL: the one column of the conflict */
	const char *text;
};
struct conflict_choice {
	int64_t no;
	int64_t n; /* 0: by the settings */
	const struct conflict_setting *setting;
	size_t settings;
};
/*
 * Writes what was chosen into the table as an ordinary program does, all columns of a group together,
 * with a hint for each of them, so that it supersedes the others also where the value stays as it is.
 * In the caller's transaction on a DB_APP connection.  *ret_object (a buffer): "table key".
 * ERR_FORBIDDEN if this node may not write in the row's scope, ERR_NOT_FOUND if no such value stands or
 * the row is kept out of its table.
 */
MUST_USE bool conflict_choose(struct db *app, const struct catalog *catalog, const struct world *world,
			      const struct conflict_choice *choice, struct buf *ret_object, struct err *e);

/* A value that stood without being shown, until a changeset superseded it. */
struct conflict_past {
	const char *table;
	const char *scope;
	const struct catalog_table *of; /* NULL: not in this file any more; key is NULL then */
	const struct value *key;
	const char *column;
	const struct value *value;
	struct conflict_write write;
	struct conflict_write by; /* who superseded it */
};
/* Those superseded last come first. */
MUST_USE bool conflict_ledger(struct db *db, const struct catalog *catalog,
			      bool (*call)(void *state, const struct conflict_past *past), void *state,
			      struct err *e);

#endif
