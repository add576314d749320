/*
 * seen.h - what a person had before their eyes: a token that is read with rows and comes back with
 *a write.
 *
 * It says up to where of the log of hints, and up to which changeset, the rows showed everything.
 *Of the cells that are to be written:
 *
 *	SEEN_ALL	nobody else wrote them since: the write takes the place of what stands there
 *	SEEN_STALE	somebody else on this node did: both are kept (capture/actor.h), the write
 *has seen no more of the own chain than *ret_own SEEN_MOVED	somebody elsewhere did, and it was
 *merged since: the form is to show both first
 *
 * A node that is not enrolled has no chain: there SEEN_STALE is SEEN_MOVED.
 *
 * One's own earlier writes always count as seen.  Between two seals the order of hints tells
 *exactly what came after the token; what was sealed meanwhile is told apart by time, and in doubt
 *counts as not seen. Known limit: a changeset that was accepted before the token and merged after
 *it counts as seen.
 */
#ifndef WEB_SEEN_H
#define WEB_SEEN_H

#include "capture/actor.h"
#include "web/relation.h"

#define SEEN_SIZE 120

enum seen { SEEN_ALL, SEEN_STALE, SEEN_MOVED };

struct seen_token {
	bool given; /* false: no token came: everything was seen */
	bool same_boot;
	uint64_t seals; /* party.seals */
	int64_t hint;
	int64_t changeset;
	uint64_t ms;
};

/* The token of what is read now. */
MUST_USE bool seen_now(struct party *p, const struct web *web, char out[SEEN_SIZE], struct err *e);
/* NULL or "": none.  ERR_MALFORMED. */
MUST_USE bool seen_parse(const struct web *web, const char *text, struct seen_token *ret,
			 struct err *e);

struct seen_write {
	const struct catalog_table *table;
	const struct value *key;       /* table->keys of them */
	const struct value *scope_key; /* NULL: the table has none */
	const char *scope;	       /* of the row */
	int64_t mask;		       /* trigger.h: whole groups; -1 all columns */
	const char *name;	       /* who writes */
};
MUST_USE bool seen_judge(struct party *p, const struct seen_token *token,
			 const struct seen_write *write, enum seen *ret, uint64_t *ret_own,
			 struct err *e);

#endif
