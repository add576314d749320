/*
 * diff.h - what of a table no longer agrees with what was sealed and merged.
 *
 * For when captured writes may have escaped.  Every changeset on file is read once; where one's write is
 * the one that a cell should show, the cell is compared with it.
 */
#ifndef CAPTURE_DIFF_H
#define CAPTURE_DIFF_H

#include "base/buf.h"
#include "base/world.h"
#include "store/catalog.h"

/* simpul_violation.reason of a row that is alive by its version, and not in the table. */
#define DIFF_MISSING "missing"

/*
 * Adds a hint per row that differs or is unknown; and a line to the report.  A row that is gone without
 * a captured DELETE is listed as DIFF_MISSING: others keep it, and the next merge puts it back.
 */
MUST_USE bool diff_table(struct db *db, const struct catalog *catalog, const struct catalog_table *table,
			 const struct world *world, struct buf *report, struct err *e);

#endif
