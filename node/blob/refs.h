/*
 * refs.h - which rows refer to which files, and which files a scope may have: as data.
 *
 * An application says so in its app.json (workspace/workspace.h):
 *
 *	"files": [{"table": "document", "hash": "sha256", "bytes": "byte_size", "type": "media_type"}],
 *	"file_limits": [{"scope": "13.73", "types": ["text/plain", "application/pdf"], "bytes_max": 52428800,
 *			 "scope_bytes_max": 21474836480}, {"bytes_max": 1073741824}]
 *
 * hash: a TEXT column with 64 lower-case hex digits; bytes and type may be absent.  Of the limits the first
 * whose scope fits, or that has none, holds.  The scope of a file is that of the row: whoever may read a row
 * may read the file.  A table that is not replicated here refers to nothing.
 *
 * Memory: blob_refs_close frees.  Threads: as the database.
 */
#ifndef BLOB_REFS_H
#define BLOB_REFS_H

#include "base/memory.h"
#include "blob/store.h"
#include "store/db.h"

#define BLOB_TYPE_BYTES 128

struct blob_ref_table;
struct blob_limit;
struct blob_refs {
	struct arena arena;
	struct blob_ref_table *table;
	size_t tables;
	struct blob_limit *limit;
	size_t limits;
};

#define AUTO_BLOB_REFS __attribute__((cleanup(blob_refs_close))) struct blob_refs

struct blob_ref {
	struct hash hash;
	struct scope scope;
	int64_t size;		    /* as the row says; -1: it does not */
	char type[BLOB_TYPE_BYTES]; /* likewise; "" */
	const char *table;	    /* as declared; lives as long as the refs */
};

/* None where there is no such declaration; ERR_MALFORMED for one that is wrong.  *ret zeroed or closed. */
MUST_USE bool blob_refs_load(struct blob_refs *ret, struct db *db, struct err *e);
void blob_refs_close(struct blob_refs *refs);

/* The nth table with files, as declared; NULL: there are no more. */
const char *blob_refs_table(const struct blob_refs *refs, size_t n);
/* A row of ref->scope, or of any, that refers to ref->hash: fills in the rest of *ref. */
MUST_USE bool blob_refs_find(const struct blob_refs *refs, struct db *db, struct blob_ref *ref,
			     bool any_scope, bool *ret_found, struct err *e);
typedef bool blob_ref_take(void *arg, const struct blob_ref *ref, struct err *e);
/* Each (file, scope), once per table; take must not write to the database. */
MUST_USE bool blob_refs_each(const struct blob_refs *refs, struct db *db, blob_ref_take *take, void *arg,
			     struct err *e);

/* May a file of this size and type be kept for this scope?  ERR_FILE_REFUSED says what is against it. */
MUST_USE bool blob_refs_allow(const struct blob_refs *refs, const struct scope *scope, const char *type,
			      uint64_t size, struct err *e);
/* And does it still fit into what the scope may have here in all?  At the hub. */
MUST_USE bool blob_refs_quota(const struct blob_refs *refs, struct db *db, const struct blob_store *s,
			      const struct blob_ref *ref, uint64_t size, struct err *e);

struct blob_tally {
	uint64_t files;	 /* that rows refer to, each once */
	uint64_t here;	 /* of these */
	uint64_t at_hub; /* of these, as far as the hub has said so under this log */
	uint64_t refused;
};
MUST_USE bool blob_refs_tally(const struct blob_refs *refs, struct db *db, const struct blob_store *s,
			      const char *origin, struct blob_tally *ret, struct err *e);
/* What the hub said of one file.  *ret_problem: "", or what it has against it. */
MUST_USE bool blob_refs_at_hub(struct db *db, const struct hash *hash, const char *origin, bool *ret,
			       char ret_problem[BLOB_TYPE_BYTES], struct err *e);

#endif
