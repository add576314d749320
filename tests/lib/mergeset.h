/*
 * mergeset.h - a set of changesets read from lines of text, and the table that all of them write to.
 *
 * For tests/merge/driver.c, which says what the lines are.  Call strtok on a line first, to take its first
 * word; the functions read on from there.  A line that is not well formed is an assertion.
 *
 * Memory: values live until mergeset_reset.
 */
#ifndef TESTS_MERGESET_H
#define TESTS_MERGESET_H

#include "base/memory.h"
#include "simpul/change.h"

#define MERGESET_CHAINS 4
#define MERGESET_SETS 64 /* changesets of one set */
#define MERGESET_CHANGES 16
#define MERGESET_ROWS 4
#define MERGESET_COLUMNS 15

struct mergeset_item { /* a changeset */
	unsigned chain, rules, names, revoked, changes;
	uint64_t seq, seen[MERGESET_CHAINS], context[MERGESET_CHAINS];
	bool tells_rules;
	bool is_void;
	struct change change[MERGESET_CHANGES];
	unsigned row[MERGESET_CHANGES];
	uint8_t column[MERGESET_CHANGES][MERGESET_COLUMNS];
	struct value value[MERGESET_CHANGES][MERGESET_COLUMNS];
};

extern struct mergeset {
	struct mergeset_item item[MERGESET_SETS];
	size_t items;
	struct arena memory;
} mergeset;

void mergeset_reset(void);
char *mergeset_word(void);
uint64_t mergeset_number(void);
struct value mergeset_text(void); /* from hex */
void mergeset_changeset(void);
void mergeset_change(void); /* of the changeset read last */

/* The document: "memo", by the first rules (0) or the second (1); it lives until the next call. */
const struct schema *mergeset_schema(unsigned rules_no);
const char *mergeset_column(unsigned column);
bool mergeset_counts(unsigned column, unsigned rules_no); /* is it a counter by these rules? */

#endif
