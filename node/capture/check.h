/*
 * check.h - can this table be replicated?  Every reason why not, and what its owner should know.
 */
#ifndef CAPTURE_CHECK_H
#define CAPTURE_CHECK_H

#include "capture/attach.h"
#include "store/catalog.h"

struct check {
	struct db *db;
	struct arena *arena; /* of what is described */
	const struct attach_request *request;
	struct attach_report *report;
};

/*
 * Adds to the report's reasons and warnings.  *ret_table is filled as far as the table could be
 * described (ret->name == NULL if not at all).
 */
MUST_USE bool check_table(const struct check *check, const char *name, struct catalog_table *ret_table,
			  struct err *e);
/* What concerns the whole file: its journal mode and the application's own triggers. */
MUST_USE bool check_file(struct db *db, struct attach_report *report, struct err *e);
/* Can the schema document hold this column?  *why is the reason if not. */
bool check_column(const struct catalog_column *column, struct err *why);

#endif
