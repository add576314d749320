/*
 * check.h - can this table be replicated?  Every reason why not, and what its owner should know.
 */
#ifndef CAPTURE_CHECK_H
#define CAPTURE_CHECK_H

#include "capture/attach.h"
#include "store/catalog.h"

/*
 * Adds to the report's reasons and warnings.  *ret_table is filled as far as the table could be
 * described (ret->name == NULL if not at all).
 */
MUST_USE bool check_table(struct db *db, struct arena *arena, const char *name,
			  const struct attach_request *request, struct attach_report *report,
			  struct catalog_table *ret_table, struct err *e);
/* What concerns the whole file: its journal mode and the application's own triggers. */
MUST_USE bool check_file(struct db *db, struct attach_report *report, struct err *e);
/* A column that the schema document can hold; else the reason, as text. */
const char *check_column(const struct catalog_table *table, const struct catalog_column *column);

#endif
