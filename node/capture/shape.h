/*
 * shape.h - the key that a table's version rows and triggers were made for, and whether it still has it.
 *
 * A version row is found by its key.  A table that another program rebuilt with another primary key, or
 * with one that no document can hold, cannot be captured or merged into; it is put aside (repair.h).
 */
#ifndef CAPTURE_SHAPE_H
#define CAPTURE_SHAPE_H

#include "base/buf.h"
#include "store/catalog.h"

/* simpul_table.key, from the stable numbers of the table's columns. */
void shape_text(const struct catalog_table *table, struct buf *ret);

/*
 * Is the table as it was attached, its columns numbered in simpul_column?  *ret_why is empty then, else
 * one line that says what is wrong.  A file of an older version gets its key recorded.
 */
MUST_USE bool shape_check(struct db *db, struct arena *arena, int table_no, const char *name,
			  struct buf *ret_why, struct err *e);

#endif
