/*
 * fill.h - values that were here before their column was.
 *
 * A column that others had first has a number and standing writes here, but no place to show them
 * (store/document.h).  When it appears, each row gets what the column should show, and nothing of that
 * counts as a local write.
 */
#ifndef CAPTURE_FILL_H
#define CAPTURE_FILL_H

#include "base/buf.h"
#include "base/world.h"
#include "store/cell.h"

struct fill_plan {
	const struct catalog *catalog;
	const struct catalog_table *table;
	const struct column_set *appeared; /* numbers of columns that are here now */
	const struct world *world;
};

/*
 * Writes what these columns should show into rows that hold their default.  What is neither the default
 * nor that value was written here since: it gets a hint.  Adds lines to the report.
 */
MUST_USE bool fill_columns(struct db *db, const struct fill_plan *plan, struct buf *report, struct err *e);

#endif
