/*
 * digest.h - one hash over the state of a scope: equal on all nodes that merged the same changesets.
 *
 * It covers versions (who wrote what stands, dead or not) and so the siblings; not the base tables, which
 * a rule of the application may keep a row out of.  Independent of the order of arrival and of this
 * file's numbers for chains, tables and columns.  proto/PROTOCOL.md has the bytes.
 *
 * Memory: 32 bytes per row while it runs.
 */
#ifndef MERGE_DIGEST_H
#define MERGE_DIGEST_H

#include "store/catalog.h"

MUST_USE bool digest_scope(struct db *db, const struct catalog *catalog, const struct scope *scope,
			   struct hash *ret, int64_t *ret_rows, struct err *e);
/* The same over one table, whatever the scopes of its rows: to compare before and after in one file. */
MUST_USE bool digest_table(struct db *db, const struct catalog *catalog, const struct catalog_table *table,
			   struct hash *ret, int64_t *ret_rows, struct err *e);

#endif
