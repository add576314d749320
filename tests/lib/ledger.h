/*
 * ledger.h - a file that takes in authors' letters: for tests of what a log of changesets comes to.
 *
 * The hub, ann and ben have chains; ann and ben write for 13.73, each with the document of author_table().
 *
 *	AUTO_LEDGER l = { 0 };
 *
 *	ledger_begin();
 *	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=NULL", NULL, 10);
 *	CHECK_OK(ledger_open(&l, "node", &e) && ledger_take(&l, 0, post.n, &e), &e);
 */
#ifndef TESTS_LEDGER_H
#define TESTS_LEDGER_H

#include "author.h"
#include "base/memory.h"
#include "merge/inbox.h"
#include "store/catalog.h"

struct ledger {
	struct db db;
	struct inbox inbox;
	struct world world;
	uint64_t now_ms; /* when letters arrive: 1,000 ms after the one before */
	struct arena arena;
	struct catalog catalog; /* as of the last ledger_take */
};

#define AUTO_LEDGER __attribute__((cleanup(ledger_close))) struct ledger

extern struct author hub, ann, ben;
extern struct post post; /* all letters, in the order written */

void ledger_begin(void); /* new chains, an empty post but for grants and documents */
/* role: "node" or "hub"; ":memory:". */
MUST_USE bool ledger_open(struct ledger *l, const char *role, struct err *e);
void ledger_close(struct ledger *l);
/*
 * One change of the row with this key; values by column: "a=1 c=x", NULL for NULL.  seen: a chain that
 * the author has seen all of.
 */
void ledger_write(struct author *by, enum change_op op, const char *id, const char *values,
		  const struct author *seen, uint64_t ms);
/* Takes in post.letter[from..to), then merges. */
MUST_USE bool ledger_take(struct ledger *l, size_t from, size_t to, struct err *e);

/* Static text, good for a few calls: "id|a|b|c;" of each row; "a=value;" of each sibling; hex. */
const char *ledger_rows(struct ledger *l);
const char *ledger_siblings(struct ledger *l);
const char *ledger_digest(struct ledger *l);
int64_t ledger_count(struct ledger *l, const char *sql); /* -1: NULL, -2: an error */

#endif
