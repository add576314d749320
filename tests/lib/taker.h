/*
 * taker.h - a file that takes in what the authors of ledger.h write, step by step: for tests of
 * each step.
 *
 *	ledger_begin();
 *	taker_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
 *	CHECK_OK(taker_open(&n, "node", &e) && taker_all(&n, 0, &e), &e);
 *	CHECK(strcmp(taker_rows(&n), "'x'|'1'|'2'|'3';") == 0);
 *
 * Memory: texts live until the call after next; the post until ledger_begin or post_done.
 */
#ifndef TESTS_TAKER_H
#define TESTS_TAKER_H

#include "ledger.h"
#include "merge/apply.h"
#include "merge/inbox.h"

struct taker {
	struct db db;
	struct inbox inbox;
};

#define AUTO_TAKER __attribute__((cleanup(taker_close))) struct taker

struct value taker_text(const char *s);
/* One change of the row with this key; values by column letter: "a=1 c=x". */
void taker_write_seen(struct author *by, enum change_op op, struct value key, const char *values,
		      const struct author *seen, uint64_t ms);
void taker_write(struct author *by, enum change_op op, const char *id, const char *values,
		 const struct author *seen, uint64_t ms);
void taker_write_key(struct author *by, enum change_op op, struct value key, const char *values,
		     uint64_t ms);

MUST_USE bool taker_open(struct taker *n, const char *role, struct err *e);
void taker_close(struct taker *n);
/* A node whose table is its own, replicated for 13.73, or by its column `c`. */
MUST_USE bool taker_attach(struct taker *n, const char *sql, bool by_column, struct err *e);
MUST_USE bool taker_give(struct taker *n, const struct letter *letter, enum inbox_state want,
			 struct err *e);
MUST_USE bool taker_merge(struct taker *n, struct apply_stats *stats, struct err *e);
/* All of the post from `from` on, then a merge. */
MUST_USE bool taker_all(struct taker *n, size_t from, struct err *e);

const char *taker_rows(struct taker *n);     /* id|a|b|c; in order of id */
const char *taker_siblings(struct taker *n); /* column=value; */
int64_t taker_count(struct taker *n, const char *sql);
const char *taker_digest(struct taker *n); /* of 13.73, in hex */

#endif
