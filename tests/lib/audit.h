/*
 * audit.h - is everything where it belongs?  Checks of a whole cluster at peace.
 *
 * Each says false with the first thing that is wrong.  They read the files' tables and compute for
 * themselves what can be computed another way (the root of the log, the texts of receipts).
 */
#ifndef TESTS_AUDIT_H
#define TESTS_AUDIT_H

#include "cluster.h"

/* Nothing waits: no hint, nothing held, unmerged, frozen, unproven, without a receipt. */
MUST_USE bool audit_done(struct member *m, struct err *e);
/* The query's one number is the one wanted. */
MUST_USE bool audit_count(struct member *m, const char *sql, int64_t want, const char *what,
			  struct err *e);
/* A node shows what the hub shows of its scope.  verbose: prints both where they differ. */
MUST_USE bool audit_same(struct cluster *c, unsigned no, bool verbose, struct hash *ret, struct err *e);
/* The hub's signed head is the root over its changesets. */
MUST_USE bool audit_log(struct cluster *c, struct err *e);
/* Each own changeset but the genesis has a receipt that verifies as text, and is at the hub. */
MUST_USE bool audit_receipts(struct cluster *c, struct err *e);
/* Each receipt that is filed verifies as text, and its changeset is at the hub.  Holds at any time. */
MUST_USE bool audit_filed(struct cluster *c, struct err *e);
/* All text values on the member's chains, each between bars: "|a||b|". */
MUST_USE bool audit_values(struct member *m, struct buf *out, struct err *e);

#endif
