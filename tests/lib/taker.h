/*
 * taker.h - a file that takes in what the authors of ledger.h write, step by step: for tests of each step.
 *
 *	ledger_begin();
 *	write_at(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
 *	CHECK_OK(node_open(&n, "node", &e) && give_all(&n, 0, &e), &e);
 *	CHECK(strcmp(rows_of(&n), "'x'|'1'|'2'|'3';") == 0);
 *
 * Memory: texts live until the call after next; the post until ledger_begin or post_done.
 */
#ifndef TESTS_TAKER_H
#define TESTS_TAKER_H

#include "ledger.h"
#include "merge/apply.h"
#include "merge/inbox.h"

struct node {
	struct db db;
	struct inbox inbox;
};

#define AUTO_NODE __attribute__((cleanup(node_close))) struct node

struct value text(const char *s);
/* One change of the row with this key; values by column letter: "a=1 c=x". */
void write_seen(struct author *by, enum change_op op, struct value key, const char *values,
		const struct author *seen, uint64_t ms);
void write_at(struct author *by, enum change_op op, const char *id, const char *values,
	      const struct author *seen, uint64_t ms);
void write_key(struct author *by, enum change_op op, struct value key, const char *values, uint64_t ms);

MUST_USE bool node_open(struct node *n, const char *role, struct err *e);
void node_close(struct node *n);
/* A node whose table is its own, replicated for 13.73, or by its column `c`. */
MUST_USE bool attached_open(struct node *n, const char *sql, bool by_column, struct err *e);
MUST_USE bool give(struct node *n, const struct letter *letter, enum inbox_state want, struct err *e);
MUST_USE bool merge(struct node *n, struct apply_stats *stats, struct err *e);
/* All of the post from `from` on, then a merge. */
MUST_USE bool give_all(struct node *n, size_t from, struct err *e);

const char *rows_of(struct node *n);	 /* id|a|b|c; in order of id */
const char *siblings_of(struct node *n); /* column=value; */
int64_t count(struct node *n, const char *sql);
const char *digest_of(struct node *n); /* of 13.73, in hex */

#endif
