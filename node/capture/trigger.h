/*
 * trigger.h - the triggers that note each change of a table in simpul_log, whoever makes it.
 *
 * They are plain old SQL, without any function of ours, so that every SQLite tool can go on writing.  They
 * append hints ("look at this row, these columns"), never values: sealing reads the truth from the row.
 * So a hint too many is harmless, and one too few is what repair (repair.h) looks for.
 *
 * Memory: results live in the given arena.
 */
#ifndef CAPTURE_TRIGGER_H
#define CAPTURE_TRIGGER_H

#include "store/catalog.h"

#define TRIGGER_MASK_INSERTED (-1) /* simpul_log.m: all columns */
#define TRIGGER_BIT_LAST 62	   /* stands for every column number from here up */

/*
 * SQL: simpul_log.ts in ms since 1970, NULL where a hint carries no time.  Triggers write a Julian day,
 * this program and triggers of older versions write ms; the least of those is far above any day.
 */
#define TRIGGER_MS \
	"CASE WHEN ts < 1e8 THEN CAST(round((ts - 2440587.5) * 86400000.0) AS INT) ELSE ts END"

/* The same for whoever has ts at hand. */
#define TRIGGER_DAY_MAX 100000000
#define TRIGGER_DAY_1970 2440587.5
#define TRIGGER_DAY_MS 86400000.0

struct trigger {
	const char *name;
	const char *sql; /* as SQLite stores it in sqlite_schema */
};

struct trigger_set {
	int triggers;
	struct trigger *trigger;
};

/* The bit of a column number in simpul_log.m. */
static inline int64_t trigger_bit(int column_no)
{
	return (int64_t)1 << (column_no > TRIGGER_BIT_LAST ? TRIGGER_BIT_LAST : column_no);
}

/* The mask with all members of each group that it touches: they travel, win and lose together. */
int64_t trigger_whole_groups(const struct catalog_table *table, int64_t mask);

/* The triggers that `table` must have, from its columns and UNIQUE indexes. */
MUST_USE bool trigger_plan(struct db *db, struct arena *arena, const struct catalog_table *table,
			   struct trigger_set *ret, struct err *e);

/* What is there against the plan: how many are gone, and how many are not as planned or not planned. */
struct trigger_state {
	int missing;
	int different;
	bool escaped; /* one of those that every table has is gone: writes may have gone unnoticed */
};
MUST_USE bool trigger_compare(struct db *db, int table_no, const struct trigger_set *plan,
			      struct trigger_state *ret, struct err *e);

/* Drops what is there and makes what is planned. */
MUST_USE bool trigger_install(struct db *db, int table_no, const struct trigger_set *plan,
			      struct err *e);
MUST_USE bool trigger_drop(struct db *db, int table_no, struct err *e);

/*
 * Appends the SQL that adds one hint per row of the table, with this mask; `where` is SQL or NULL.  The
 * statement has one parameter: the time in ms.
 */
void trigger_look_again(struct buf *sql, const struct catalog_table *table, int64_t mask,
			const char *where);

#endif
