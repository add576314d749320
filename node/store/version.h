/*
 * version.h - one version row per replicated row: who wrote what of it, and whether it is deleted.
 *
 * simpul_version_<table no>(k INTEGER PRIMARY KEY, key BLOB, v BLOB).  Identity is (scope, table, key).
 * A version row is never removed, so a deleted row is still known.  version.c has the formats.
 *
 *	version_find(&t, key, NULL, &found, e) ... read the base row, decide on insert, update or delete ...
 *	return version_seal(&t, &found, &change, &ret, e);
 *
 * Memory: a version_table owns its statements; what it returns lives until its next call.
 */
#ifndef STORE_VERSION_H
#define STORE_VERSION_H

#include "base/buf.h"
#include "base/world.h"
#include "simpul/merge.h"
#include "store/catalog.h"

#define VERSION_KEYS_MAX (LIMIT_KEY_COLUMNS + 1) /* a made table may have simpul_scope before its key */

enum version_scope {
	VERSION_SCOPE_FIXED,  /* the whole table belongs to one scope */
	VERSION_SCOPE_KEY,    /* one of the key columns is the scope */
	VERSION_SCOPE_COLUMN, /* another column is the scope: one key may have lived in several */
};

struct version_shape {
	int no;		      /* simpul_table.no */
	uint16_t keys;	      /* key columns of the base table, in key order */
	bool integer_key;     /* the only key column is the INTEGER PRIMARY KEY */
	enum version_scope by;
	uint16_t scope_key;   /* VERSION_SCOPE_KEY: which of the key columns, from 0 */
	struct scope scope;   /* VERSION_SCOPE_FIXED */
};

/* The shape of a replicated table.  Where simpul_scope is in its key, it is the first key value. */
void version_shape_of(const struct catalog_table *table, struct version_shape *ret);

enum version_state { VERSION_NONE, VERSION_DEAD, VERSION_ALIVE };

/* Where a row's version is, as far as its key tells; k moves on while other keys sit there. */
struct version_key {
	int64_t k;
	const uint8_t *packed; /* NULL: k is the key itself */
	size_t len;
};

struct version_table {
	struct db *db;
	struct version_shape shape;
	uint8_t salt[16];
	struct stmt find, put, insert, update;
	struct merge_entry *entry;
	size_t cap;
	struct buf packed, blob;
	struct version_key at; /* where the last version_find ended */
};

#define AUTO_VERSION __attribute__((cleanup(version_close))) struct version_table

struct version {
	enum version_state state;
	int64_t k;	    /* of simpul_version_<no>; VERSION_NONE: where it would go */
	struct scope scope; /* that the row belongs to, or last belonged to; "" if in none it ever did */
	const struct merge_entry *entry;
	size_t n;
};

/* Makes the version table (and, once per file, the secret that its hashes are keyed with). */
MUST_USE bool version_table_create(struct db *db, int no, const struct world *world, struct err *e);
MUST_USE bool version_table_drop(struct db *db, int no, struct err *e);

MUST_USE bool version_open(struct version_table *t, struct db *db, const struct version_shape *shape,
			   struct err *e);
void version_close(struct version_table *t);

/* The version of the row with this key.  scope NULL: in whatever scope it lives, else last lived. */
MUST_USE bool version_find(struct version_table *t, const struct value *key, const struct scope *scope,
			   struct version *ret, struct err *e);

/*
 * A change made on this node, in the scope at->scope: it supersedes all that was merged so far (but for
 * seen_own).  `at` is what the last version_find on this table said.  columns of an INSERT include the
 * key columns.  ret->conflict names columns with siblings, if any: for those the caller calls cell_settle
 * (store/cell.h) once the changeset is stored.
 */
MUST_USE bool version_seal(struct version_table *t, const struct version *at,
			   const struct merge_change *change, struct merge_result *ret, struct err *e);

/* The row whose version is at k, with its key: for lists and digests.  k must be there. */
struct version_row {
	struct version version;
	struct value key[VERSION_KEYS_MAX]; /* shape.keys of them; borrow from the table and from here */
	char uuid[VERSION_KEYS_MAX + 1][37];
};
MUST_USE bool version_at(struct version_table *t, int64_t k, struct version_row *ret, struct err *e);

/* For whoever merges many: packed bytes are appended to *out. */
void version_key_make(const struct version_table *t, const struct value *key,
		      const struct scope *scope, struct buf *out, struct version_key *ret);
/* Reads, changes and writes one version row in one statement. */
struct version_edit {
	const struct merge_change *change;
	const struct merge_context *context;
	struct merge_result result;
};
MUST_USE bool version_edit(struct version_table *t, struct version_key *key, struct version_edit *edit,
			   struct err *e);

/* These entries instead of what the row has; none: as if nobody had ever written it (merge/replay.h). */
MUST_USE bool version_put(struct version_table *t, struct version_key *key,
			  const struct merge_entry *entry, size_t n, struct err *e);
/* A key or scope as bytes; for digests and lists as well.  Unpack: false on damage; values borrow. */
void version_pack(const struct value *values, size_t n, struct buf *out);
MUST_USE bool version_unpack(const uint8_t *bytes, size_t len, struct value *ret, size_t cap,
			     char (*uuid)[37], size_t *ret_n);

#endif
