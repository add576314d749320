/*
 * repair.h - after the schema moved: follow renames and new columns, put lost triggers back.
 *
 * Run on open and whenever catalog_stale() says so, before the log is drained.  SQLite carries triggers
 * through ALTER TABLE, but the usual way to rebuild a table (make anew, copy, drop, rename) and DROP TABLE
 * remove them without a word.  Then writes may have escaped, so every row is compared with what was
 * sealed and merged, and what differs gets a hint as if it had just been written.  Rows that are not there
 * any more are not taken as deleted but put back: see diff.h.
 *
 * Memory: *report grows by one line per finding; empty afterwards means that all was in order.
 */
#ifndef CAPTURE_REPAIR_H
#define CAPTURE_REPAIR_H

#include "base/buf.h"
#include "base/world.h"
#include "store/db.h"

/* In a transaction of its own, or a savepoint within the caller's. */
MUST_USE bool repair_run(struct db *db, const struct world *world, struct buf *report, struct err *e);

#endif
