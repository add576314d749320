/*
 * query.h - the filters, search, order and page of a list, as SQL with bound values.
 *
 *	?col=v  ?col.in=a,b  ?col.null=1|0  ?col.min=v  ?col.max=v  ?q=words  ?order=col,-col2
 *	?limit=N  ?after=CURSOR  ?total=1
 *
 * Names are looked up among the relation's columns and never come into SQL as they were given; an
 *unknown one is a fault.  A cursor holds the last row's place in the order, so rows that come or go
 *meanwhile neither repeat nor hide others; views, which have no key, are paged by count.
 *
 * Memory: the request's arena.
 */
#ifndef WEB_QUERY_H
#define WEB_QUERY_H

#include "web/field.h"

#define QUERY_LIMIT	 500
#define QUERY_LIMIT_MAX	 1000
#define QUERY_VALUES_MAX 600 /* bound in one list */
#define QUERY_ORDER_MAX	 4

struct query_order {
	int column;
	bool descending;
};

struct query {
	const struct relation *relation;
	struct buf where; /* "" or " WHERE ..." without the cursor */
	struct buf sql;	  /* all columns, limit + 1 rows */
	struct value value[QUERY_VALUES_MAX];
	int values;	/* of where */
	int all_values; /* of sql: where's first */
	struct query_order order[QUERY_ORDER_MAX + RELATION_KEYS_MAX];
	int orders;
	int64_t limit;
	int64_t offset; /* of a view */
	bool total;
};

#define AUTO_QUERY __attribute__((cleanup(query_done))) struct query

/*
 * Faults of single parameters: ERR_INVALID.  all: no limit and no page (for an export).  *q must be
 * zeroed.
 */
MUST_USE bool query_open(struct serve_job *job, const struct relation *relation, bool all,
			 struct query *q, struct err *e);
void query_done(struct query *q);
void query_bind(const struct query *q, struct stmt *s, int values);
/* The cursor behind this row (values by column). */
json_t *query_cursor(const struct query *q, const struct value *row);

#endif
