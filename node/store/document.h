/*
 * document.h - schema documents on file, with their numbers translated into this file's.
 *
 * A changeset speaks of tables and columns by their position in its schema document.  Here a position
 * becomes a catalog table and a stable column number.  A column that the table here does not have (its
 * author runs a newer version) gets a number too: its writes are remembered and shown after an upgrade.
 *
 * Memory: everything lives in the arena of the set.  A set is good for one catalog.
 */
#ifndef STORE_DOCUMENT_H
#define STORE_DOCUMENT_H

#include "simpul/merge.h"
#include "store/catalog.h"

struct document_table {
	const char *name;
	const struct schema_table *schema;
	const struct catalog_table *table; /* NULL: no replicated table of that name here */
	bool same_key;			   /* its key columns are the document's, in order */
	int16_t *column_no;		   /* [schema->columns] stable numbers, -1: none is left */
	struct column_set keys;		   /* stable numbers of the key columns */
	struct column_set *counters;	   /* of its columns whose policy is counter; NULL: none */
};

struct document {
	struct document *next;
	uint8_t prefix[8];
	struct schema schema;
	struct document_table *table; /* [schema.tables] */
};

struct document_set {
	struct db *db;
	const struct catalog *catalog;
	struct arena *arena;
	struct document *first;
};

/* ERR_NOT_FOUND if no document with this prefix is on file. */
MUST_USE bool document_find(struct document_set *set, const uint8_t prefix[8],
			    const struct document **ret, struct err *e);
/* Is there one?  Nothing is decoded. */
MUST_USE bool document_known(struct db *db, const uint8_t prefix[8], bool *ret, struct err *e);
/* Files a document; harmless if it is there.  The caller has decoded it once. */
MUST_USE bool document_put(struct db *db, const uint8_t *bytes, size_t len, struct err *e);

#endif
