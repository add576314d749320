/*
 * past.h - the tables as this node had them at a time that is past, for SQL to look at.
 *
 *	AUTO_PAST p = { 0 };
 *
 *	if (!past_open(&p, db, &catalog, ms, e) || !past_query(&p, sql, &s, e))
 *		return false;
 *	while (stmt_row(&s, &row, e) && row) ...
 *
 * Names and columns are those that the tables have now.  A row that a rule of its table kept out at that
 * time is there: rules are not part of it.  Memory: a database in memory, owned by the past.
 */
#ifndef MERGE_PAST_H
#define MERGE_PAST_H

#include "merge/replay.h"

struct past {
	struct db *from;
	const struct catalog *catalog;
	uint64_t ms;
	int64_t upto; /* the last changeset accepted by then */
	struct db db;
	bool *used; /* [catalog->tables]: named in the SQL */
};

#define AUTO_PAST __attribute__((cleanup(past_close))) struct past

/* ERR_NOT_FOUND: nothing had been accepted by then; says since when there is something. */
MUST_USE bool past_open(struct past *p, struct db *from, const struct catalog *catalog, uint64_t ms,
			struct err *e);
void past_close(struct past *p);
/*
 * One statement that reads; only the tables that it names are made.  ERR_USAGE: it is not one, or it is
 * wrong.  *ret is for AUTO_STMT, and must be closed before the past.
 */
MUST_USE bool past_query(struct past *p, const char *sql, struct stmt *ret, struct err *e);

int past_columns(const struct stmt *s);
const char *past_column(const struct stmt *s, int column); /* its name */

/* The replay of what had been accepted by then, of these tables only: no row, if nothing had been. */
MUST_USE bool past_replay(struct replay *r, struct db *db, const struct catalog *catalog,
			  const struct replay_plan *plan, uint64_t ms, struct err *e);

#endif
