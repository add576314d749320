/*
 * worksheet.h - seeded data for benchmarks, simulations and tests: a planning worksheet and its
 *edits.
 *
 * 20,000 rows of 12 columns with UUIDv7 text keys; 10,000 updates of 2 or 3 columns within three
 * working days, on about 6,700 distinct rows.  Words follow a Zipf distribution; three of five
 *distinct words are names and terms made from syllables, which the preset dictionary cannot know.
 * Integers only, own generator: one seed gives the same data on every machine.
 *
 *	struct worksheet *w = worksheet_new(1);
 *	const struct worksheet_update *u = worksheet_update(w, 0);
 *
 * Memory: all values borrow from the worksheet.
 */
#ifndef TESTS_WORKSHEET_H
#define TESTS_WORKSHEET_H

#include "simpul/value.h"

#define WORKSHEET_ROWS		  20000u
#define WORKSHEET_COLUMNS	  12u
#define WORKSHEET_UPDATES	  10000u
#define WORKSHEET_UPDATED_COLUMNS 3u /* at most, in one update */

extern const char worksheet_sql[];			      /* CREATE TABLE worksheet(...) */
extern const char *const worksheet_column[WORKSHEET_COLUMNS]; /* their names; 0 is the key */

struct worksheet_update {
	uint64_t ms; /* since 1970; ascending from update to update */
	uint32_t row;
	uint8_t columns;			   /* 2 or 3 */
	uint8_t column[WORKSHEET_UPDATED_COLUMNS]; /* ascending */
	struct value value[WORKSHEET_UPDATED_COLUMNS];
};

struct worksheet;
struct worksheet *worksheet_new(uint64_t seed);
void worksheet_free(struct worksheet *w);
/* The row as first inserted: WORKSHEET_COLUMNS values in declared order. */
const struct value *worksheet_row(const struct worksheet *w, uint32_t row);
uint64_t worksheet_row_ms(const struct worksheet *w, uint32_t row); /* when it was inserted */
const struct worksheet_update *worksheet_update(const struct worksheet *w, uint32_t i);
/* The words that texts are drawn from, most frequent first; NULL after the last. */
const char *worksheet_word(const struct worksheet *w, uint32_t rank);

#endif
