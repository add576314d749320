/*
 * attach.h - begin and end the replication of an application's tables.
 *
 * Attaching changes nothing of a table but its triggers; its present rows become the first cut.  It
 * is all or nothing, and when it refuses it names every reason at once.  Detaching leaves the schema
 * byte for byte, and the data, as if the table had never been attached.
 *
 *	struct attach_request request = { .scope = "13.73", .world = world };
 *	AUTO_ATTACH_REPORT report = { 0 };
 *
 *	if (!attach_tables(db, names, 2, &request, &report, e))
 *		puts(buf_string(&report.reasons));
 *
 * Memory: the caller owns the report.
 */
#ifndef CAPTURE_ATTACH_H
#define CAPTURE_ATTACH_H

#include "base/buf.h"
#include "base/world.h"
#include "store/db.h"

struct attach_request {
	const char *scope;	  /* all rows belong to this scope, or */
	const char *scope_column; /* each row to the scope named in this column: exactly one of them */
	bool made;		  /* Simpul made the table; its key may begin with simpul_scope */
	const struct world *world;
};

struct attach_report {
	struct buf reasons;  /* why not, one line each */
	struct buf warnings; /* one line each */
	int reason_count;
	enum err_code code;  /* of the first reason */
	int64_t rows;	     /* in the first cut */
};

#define AUTO_ATTACH_REPORT __attribute__((cleanup(attach_report_done))) struct attach_report
void attach_report_done(struct attach_report *report);

/*
 * ERR_NO_KEY, ERR_NULL_KEY, ERR_CANNOT_ATTACH, ERR_NOT_FOUND, ERR_EXISTS with the first reason in *e and
 * all of them in the report; nothing has changed then.  *report is filled in both cases.
 */
MUST_USE bool attach_tables(struct db *db, const char *const *names, int count,
			    const struct attach_request *request, struct attach_report *report,
			    struct err *e);

/*
 * ERR_UNSENT while a change of this node has no receipt yet, unless abandon; ERR_NOT_FOUND for a table
 * that is not attached.  All or nothing.
 */
MUST_USE bool detach_tables(struct db *db, const char *const *names, int count, bool abandon,
			    struct err *e);

#endif
