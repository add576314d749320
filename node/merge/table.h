/*
 * table.h - writing merged rows into the application's tables.
 *
 * One statement per (operation, column set), prepared once per merge.  A write that a rule of the
 * table forbids (NOT NULL, UNIQUE) is not an error here: it is told, and the caller decides.
 *
 * Memory: a table_set owns its statements.
 */
#ifndef MERGE_TABLE_H
#define MERGE_TABLE_H

#include "store/cell.h"

#define TABLE_STATEMENTS 64 /* buckets */
#define TABLE_STATEMENTS_MAX 512

struct table_statement;
struct table {
	const struct catalog_table *table;
	struct version_table versions;
	struct table_statement *bucket[TABLE_STATEMENTS];
	size_t statements;
	struct column_set columns; /* stable numbers of its columns */
	struct column_set keys;
	struct column_set contested; /* columns whose policy shows more than the greatest of several writes */
	int16_t at[LIMIT_COLUMNS]; /* stable number -> index in catalog_table.column, or -1 */
};

struct table_set {
	struct db *db;
	size_t tables;
	struct table *table;
};

#define AUTO_TABLES __attribute__((cleanup(table_close_all))) struct table_set

enum table_outcome {
	TABLE_WRITTEN,
	TABLE_MISSING,	/* there is no such row, or it belongs to another scope */
	TABLE_FORBIDDEN, /* by a rule of the table, or the key cannot exist in it */
};

struct table_row {
	const struct scope *scope;
	const struct value *key; /* as in the document: without simpul_scope */
	struct column_set columns; /* stable numbers to write; keys are left out */
	const struct value *value[LIMIT_COLUMNS]; /* by stable number */
};

MUST_USE bool table_open_all(struct table_set *set, struct db *db, const struct catalog *catalog,
			     struct err *e);
void table_close_all(struct table_set *set);
struct table *table_find(struct table_set *set, const struct catalog_table *table);

/* The key with simpul_scope in front where the table has it; scope_value must outlive ret. */
void table_version_key(const struct table *t, const struct scope *scope, const struct value *key,
		       struct value ret[VERSION_KEYS_MAX]);

MUST_USE bool table_update(struct table *t, const struct table_row *row, enum table_outcome *ret,
			   struct err *e);
/* Makes the row, or overwrites the columns of the one that is there. */
MUST_USE bool table_upsert(struct table *t, const struct table_row *row, enum table_outcome *ret,
			   struct err *e);
MUST_USE bool table_delete(struct table *t, const struct table_row *row, enum table_outcome *ret,
			   struct err *e);

/*
 * Makes the table that a document describes, and replicates it: for many scopes on a hub, else for
 * `scope`.  ERR_CANNOT_ATTACH.
 */
struct world;
MUST_USE bool table_make(struct db *db, const struct schema_table *schema, const struct scope *scope,
			 const struct world *world, struct err *e);
/*
 * Adds the columns that a document has and a table made here lacks, with all that waited for them: then
 * the catalog is stale.  A column that cannot be added is logged, and its values go on waiting.
 */
MUST_USE bool table_make_columns(struct db *db, const struct document_table *document,
			const struct world *world, bool *ret_grown, struct err *e);

#endif
