/*
 * alter.h - SQL that changes replicated tables, in one transaction with all that has to follow it.
 *
 * SQLite's own ALTER TABLE refuses to drop a column that a trigger reads, and a table rebuilt by hand loses
 * its triggers.  Here what was written before is sealed first, then the SQL runs, then triggers and
 * numbers are renewed and all rows compared, and what came of it is sealed.  Either all of it or nothing.
 */
#ifndef COMMAND_ALTER_H
#define COMMAND_ALTER_H

#include "exchange/party.h"

/*
 * In the caller's transaction.  ERR_USAGE: the SQL is wrong, or is none that may run here.  ERR_FORBIDDEN:
 * it would take a table, its key or rows away; or columns, unless `yes`.  *report: what was found.
 */
MUST_USE bool alter_run(struct party *p, const char *sql, bool yes, struct buf *report, struct err *e);

#endif
