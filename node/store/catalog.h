/*
 * catalog.h - the replicated tables as they are now, and the schema document that describes them.
 *
 * Columns and tables have two numbers.  `no` is this file's own: given once, kept through renames, used
 * in the change log, in version rows, never sent.  `document_no` is the position within the current
 * schema document: what a changeset of ours uses.  Tables stand in the order of their names, so that two
 * nodes with the same tables have the same document.
 *
 * A catalog is a snapshot.  When catalog_stale() says that the schema moved, run repair (capture/repair.h:
 * it gives numbers to new columns and follows renames), then load again:
 *
 *	if (!catalog_stale(db, &catalog, &stale, e))
 *		return false;
 *	if (stale && (!repair_run(...) || !catalog_load(db, arena, &catalog, e)))
 *		return false;
 *
 * A table that is not in the file any more or that repair put aside, and a column that repair has not
 * numbered yet, are left out.  What was renamed here has two names: `name` is the file's, `replicated` the
 * one by which documents and digests know it.
 * Memory: everything lives in the arena that catalog_load was given.
 */
#ifndef STORE_CATALOG_H
#define STORE_CATALOG_H

#include "base/memory.h"
#include "simpul/schema.h"
#include "store/db.h"

#define CATALOG_SCOPE_COLUMN "simpul_scope" /* in the key of tables that Simpul made for many scopes */

struct catalog_column {
	int no;		       /* simpul_column.no: stable */
	int document_no;       /* = index in catalog_table.column */
	const char *name;
	const char *replicated; /* = name unless it was renamed here */
	const char *type;      /* as declared, spaces made plain; "" for none */
	uint8_t flags;	       /* SCHEMA_COLUMN_ */
	struct value fallback; /* literal DEFAULT, VALUE_NULL if none */
	uint8_t policy;	       /* enum schema_policy: how its values come together for display */
	uint8_t group;	       /* schema.h; 0: none */
	uint16_t labels;
	struct schema_label *label;
};

struct catalog_table {
	int no;			  /* simpul_table.no: stable */
	int document_no;	  /* = index in catalog.table */
	const char *name;
	const char *replicated;	  /* = name unless it was renamed here */
	const char *scope;	  /* fixed scope, or NULL */
	const char *scope_column; /* name of the scope column, or NULL; may be CATALOG_SCOPE_COLUMN */
	int scope_at;		  /* its index in column; -1 for none and for CATALOG_SCOPE_COLUMN */
	bool scope_in_key;	  /* has CATALOG_SCOPE_COLUMN in front of its primary key */
	int columns;		  /* generated columns and CATALOG_SCOPE_COLUMN left out */
	struct catalog_column *column;
	int keys;
	int key[LIMIT_KEY_COLUMNS]; /* indexes into column, in key order; CATALOG_SCOPE_COLUMN left out */
	struct schema_rules *rules; /* the hub's, else those filed here (store/adopt.h); NULL: none */
	bool approved;		    /* its rules are the hub's */
	bool made;		    /* by Simpul, from a schema document */
	bool strict;
	bool without_rowid;
	bool integer_key;	    /* the one key column is an alias of the rowid */
};

struct catalog {
	int tables;
	struct catalog_table *table; /* ascending by replicated name */
	struct hash schema_hash;     /* of the document; zeros and no document without tables */
	const uint8_t *document;     /* schema.h */
	size_t document_len;
	int64_t schema_version;	     /* PRAGMA schema_version when it was loaded */
	int64_t rules_version;	     /* of the rules: store/adopt.h */
};

MUST_USE bool catalog_load(struct db *db, struct arena *arena, struct catalog *ret, struct err *e);
/* True in *ret_stale if a table, column, index or trigger was made or dropped, or rules came, since. */
MUST_USE bool catalog_stale(struct db *db, const struct catalog *catalog, bool *ret_stale,
			    struct err *e);

/* NULL if there is none.  Names as SQLite compares them: without regard to ASCII case. */
const struct catalog_table *catalog_by_name(const struct catalog *catalog, const char *name);
const struct catalog_table *catalog_by_replicated(const struct catalog *catalog, const char *name);
const struct catalog_table *catalog_by_no(const struct catalog *catalog, int no);
const struct catalog_column *catalog_column_by_name(const struct catalog_table *table, const char *name,
						    size_t len);
const struct catalog_column *catalog_column_by_no(const struct catalog_table *table, int no);
/* The table as a schema document describes it; what it points to lives in the arena and the catalog. */
void catalog_schema(const struct catalog_table *table, struct arena *arena, struct schema_table *ret);
bool catalog_is_key(const struct catalog_table *table, int column); /* column: index */

/*
 * SQL that reads all columns of the row with the key ?1.. (CATALOG_SCOPE_COLUMN first where the key has
 * it).  NULL in a key is found too.
 */
struct buf;
void catalog_select_row(const struct catalog_table *table, struct buf *sql);
/* Its end, from " FROM" on. */
void catalog_where_key(const struct catalog_table *table, struct buf *sql);

/*
 * Describes one table of the file, attached or not, with columns numbered by position: for attach,
 * before anything is written.  ERR_NOT_FOUND if there is no ordinary table of that name.  Scope fields
 * stay empty but for scope_in_key; keys is 0 without a declared primary key and may exceed nothing:
 * *ret_keys tells how many key columns there really are.
 */
MUST_USE bool catalog_describe(struct db *db, struct arena *arena, const char *name,
			       struct catalog_table *ret, int *ret_keys, struct err *e);

#endif
