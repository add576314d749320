/*
 * tables.h - Simpul's own tables in the application's file, and their migrations.
 *
 * All names start with simpul_; they live in the same file because the note of a change must commit
 * with the change.  tables.c holds the DDL with a comment per column: the place to learn the model.
 */
#ifndef STORE_TABLES_H
#define STORE_TABLES_H

#include "store/db.h"

#define TABLES_VERSION 10

/* True in *ret if the file holds a node. */
MUST_USE bool tables_exist(struct db *db, bool *ret, struct err *e);
/* Makes all tables, in the caller's transaction.  ERR_EXISTS if the file is a node already. */
MUST_USE bool tables_create(struct db *db, struct err *e);
/* Brings an older file up to date; ERR_NOT_SIMPUL, ERR_UNSUPPORTED for a newer file.  *db: for writing. */
MUST_USE bool tables_upgrade(struct db *db, struct err *e);
/* Does the file wait for tables_upgrade?  Works on a read-only connection. */
MUST_USE bool tables_old(struct db *db, bool *ret, struct err *e);
/* Drops all tables, triggers and indexes whose names start with simpul_. */
MUST_USE bool tables_drop(struct db *db, struct err *e);

/* Named values of the node (simpul_meta): texts and integers by key. */
MUST_USE bool meta_put_text(struct db *db, const char *key, const char *value, struct err *e);
MUST_USE bool meta_put_int(struct db *db, const char *key, int64_t value, struct err *e);
/* Copies at most cap - 1 bytes; *ret_text is "" if the key is missing. */
MUST_USE bool meta_get_text(struct db *db, const char *key, char *ret_text, size_t cap, struct err *e);
MUST_USE bool meta_get_int(struct db *db, const char *key, int64_t missing, int64_t *ret, struct err *e);

/* Reasons in simpul_violation that sealing gives; each sealing finds them anew.  Others are of merging. */
#define TABLES_UNSEALED "('too-large', 'no-scope', 'null-key', 'counter', 'not-allowed')"
/* Chains of the scopes that this node only carries for others: nothing of theirs is merged here. */
#define TABLES_CARRIED                                                                              \
	"(SELECT no FROM simpul_chain WHERE scope IN (SELECT scope FROM simpul_chain WHERE own = 1" \
	" GROUP BY scope HAVING min(role) = 4 AND max(role) = 4))"

#endif
