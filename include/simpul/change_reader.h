/*
 * change_reader.h - the state of a walk over a DATA body; change.h has the functions.
 *
 * About 20 KiB, on the stack of whoever reads.  The fields belong to proto/change_reader.c.
 */
#ifndef SIMPUL_CHANGE_READER_H
#define SIMPUL_CHANGE_READER_H

#include "simpul/ident.h"
#include "simpul/value.h"

/* n numbers of `width` bytes: all first bytes, then all second bytes...; borrowed. */
struct change_planes {
	const uint8_t *bytes;
	uint8_t width;
};

struct change_reader {
	const uint8_t *at; /* what is not read yet, but for the open group: its end */
	const uint8_t *end;
	const char *fault; /* why the body is malformed, NULL while it is not */
	uint32_t pairs_left;
	uint32_t actors;
	uint32_t actors_left;
	bool in_groups; /* base time and number of groups are read */
	uint32_t groups_left;
	uint64_t base_ms;
	uint32_t changes;      /* given out so far, and those of the open group */
	struct chain_id chain; /* of the last pair: they ascend */

	/* the open group */
	uint16_t table;
	uint8_t op;
	uint64_t seen_own;
	uint32_t rows;
	uint32_t row;
	uint16_t keys;
	uint16_t columns;
	const uint8_t *numbers; /* [columns] their numbers */
	struct change_planes
		sets; /* a bit per column, the first one lowest in the first byte; width 0: all */
	struct change_planes times;
	struct change_planes counters;
	struct change_planes actor;
	bool key_packed[LIMIT_KEY_COLUMNS]; /* 16 bytes of UUID per row instead of items */
	const uint8_t *key_at[LIMIT_KEY_COLUMNS];
	const uint8_t *value_at[LIMIT_COLUMNS];
	uint16_t values_left[LIMIT_COLUMNS];

	/* what the last change borrows */
	uint8_t column[LIMIT_COLUMNS];
	struct value value[LIMIT_COLUMNS];
	char key_text[LIMIT_KEY_COLUMNS][36];
	char text[LIMIT_COLUMNS][36];
};

#endif
