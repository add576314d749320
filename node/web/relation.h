/*
 * relation.h - a table or view of the application, as the API sees it: columns, key, what its
 * CHECKs say.
 *
 * There are: the replicated tables; those that access.json names as local; the application's views.
 * All else in the file, Simpul's own tables first of all, is not there.  Names from outside are
 * only ever compared with these; what goes into SQL is the name found.
 *
 * Memory: everything lives in the request's arena, or is the catalog's.
 */
#ifndef WEB_RELATION_H
#define WEB_RELATION_H

#include "web/request.h"

#define RELATION_KEYS_MAX (LIMIT_KEY_COLUMNS + 1)

/* What a CHECK over this one column says, as far as it is of a simple kind; for forms, and for
 * clear words. */
struct relation_limit {
	size_t choices; /* CHECK (c IN (...)) */
	const char **choice;
	bool has_min, has_max, of_length; /* BETWEEN, >=, <=; of_length: length(c) */
	int64_t min, max;
};

struct relation_column {
	const char *name;
	const char *type; /* TEXT, INTEGER, REAL, BLOB, or "" for any */
	bool not_null;
	bool has_default;
	bool hidden;			 /* CATALOG_SCOPE_COLUMN: cannot be written */
	const struct catalog_column *of; /* NULL: of a view, or hidden */
	struct relation_limit limit;
};

struct relation {
	const char *name;
	const struct catalog_table *table; /* NULL: a view */
	bool local;			   /* stays on this node */
	int columns;
	struct relation_column *column;
	int keys; /* of the key as the API has it: CATALOG_SCOPE_COLUMN first where there is one */
	int key[RELATION_KEYS_MAX];
};

/* By the name in a request, for whoever may read it.  ERR_NOT_FOUND for all else, whatever the
 * reason. */
MUST_USE bool relation_table(struct party *p, struct serve_job *job, const char *name,
			     const struct relation **ret, struct err *e);
MUST_USE bool relation_view(struct party *p, struct serve_job *job, const char *name,
			    const struct relation **ret, struct err *e);
/* All tables that the account may read, then all views; for the callback's time. */
MUST_USE bool relation_each(struct party *p, struct serve_job *job,
			    void (*call)(void *state, const struct relation *relation), void *state,
			    struct err *e);

/* The index of a column; -1: there is none. */
int relation_column(const struct relation *relation, const char *name);
bool relation_is_key(const struct relation *relation, int column);
/* Appends " WHERE key1 IS ?first AND ..." */
void relation_where_key(const struct relation *relation, int first, struct buf *sql);

#endif
