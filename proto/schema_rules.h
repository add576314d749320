/*
 * schema_rules.h - the rules of a table within a schema document: checked, written and read.
 *
 * The parts of schema.c that format 2 adds.  Memory: decoding fills the caller's block.
 */
#ifndef PROTO_SCHEMA_RULES_H
#define PROTO_SCHEMA_RULES_H

#include "cbor.h"
#include "simpul/schema.h"

#define SCHEMA_RULES_ITEMS 7 /* that the rules add to a table's array */
#define SCHEMA_MEMORY_PER_BYTE 16 /* of a document, at most */

/* The front of the memory that decoding fills. */
struct schema_block {
	uint8_t *p;
	size_t left;
	bool failed;
};

/* Zeroed and aligned; NULL and failed when it is used up. */
void *schema_block_take(struct schema_block *b, size_t size);
void schema_take_text(struct reader *r, struct schema_text *ret);

/* The table's columns and key have been checked. */
MUST_USE bool schema_rules_check(const struct schema_table *t, struct err *e);
void schema_rules_put(struct writer *w, const struct schema_table *t);
void schema_rules_take(struct reader *r, struct schema_table *t, struct schema_block *b);

#endif
