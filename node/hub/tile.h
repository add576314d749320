/*
 * tile.h - the log's Merkle tree in SQLite, in the shape that c2sp.org/tlog-tiles serves.
 *
 * A tile is up to 256 consecutive hashes of one level; tile level L holds the hashes of complete
 * subtrees of 256^L leaves.  Each is one row of simpul_tile; only the right edge is ever rewritten.
 *  The tree never lies about its size: appending anywhere but at the end is an error.
 *
 * For many proofs at once (a batch of receipts) keep a view: it expands each tile once.
 *
 *	AUTO_TILE_VIEW view = tile_view_new(db);
 *	struct tree_source source = tile_source(view);
 *
 *	if (!tile_append(db, first, leaves, n, e) || !tree_root(&source, first + n, &root, e))
 *		return false;
 *	for (i = 0; i < n; i++)
 *		if (!tree_inclusion(&source, first + i, first + n, &proof, e)) ...
 *
 * Memory: a view is owned (about 192 KiB).  Threads: as struct db.
 */
#ifndef HUB_TILE_H
#define HUB_TILE_H

#include "simpul/tree.h"
#include "store/db.h"

#define TILE_WIDTH    256u /* hashes in a full tile */
#define TILE_LEVELS   6u   /* 256^6 leaves */
#define TILE_SIZE_MAX (UINT64_C(1) << 48)
#define TILE_BYTES    (TILE_WIDTH * sizeof(struct hash))
#define TILE_PATH_MAX 64 /* "5/x001/x234/067.p/255", without NUL */

struct tile_name {
	unsigned level;
	uint64_t index;
	unsigned width; /* 1..256; 256 is a full tile */
};

/*
 * Appends n leaves within the caller's transaction; first_index must be the log's present size.
 * ERR_INTERNAL if it is not, ERR_CORRUPT if the stored edge does not fit it.
 */
MUST_USE bool tile_append(struct db *db, uint64_t first_index, const struct hash *leaves, size_t n,
			  struct err *e);
/* The number of leaves stored. */
MUST_USE bool tile_size(struct db *db, uint64_t *ret_size, struct err *e);

/* One-shot tree_root, tree_inclusion, tree_consistency.  ERR_CORRUPT if a tile is missing. */
MUST_USE bool tile_root(struct db *db, uint64_t size, struct hash *ret_root, struct err *e);
MUST_USE bool tile_inclusion(struct db *db, uint64_t index, uint64_t size,
			     struct tree_proof *ret_proof, struct err *e);
MUST_USE bool tile_consistency(struct db *db, uint64_t old_size, uint64_t size,
			       struct tree_proof *ret_proof, struct err *e);

/* Sees what is appended after it was made; must not outlive a rollback of what it read. */
struct tile_view;
struct tile_view *tile_view_new(struct db *db);
void tile_view_free(struct tile_view **view);
struct tree_source tile_source(struct tile_view *view);
#define AUTO_TILE_VIEW __attribute__((cleanup(tile_view_free))) struct tile_view *

/*
 * The bytes of a tile for GET: exactly name->width hashes.  ERR_NOT_FOUND if it is not that wide
 * yet. A partial width is served for any size up to the present one.
 */
MUST_USE bool tile_read(struct db *db, const struct tile_name *name, uint8_t ret_bytes[TILE_BYTES],
			size_t *ret_len, struct err *e);
/* "<L>/<N>" or "<L>/<N>.p/<W>", what follows "/tile/": one spelling each.  ERR_NOT_FOUND else. */
MUST_USE bool tile_path_decode(const char *path, size_t len, struct tile_name *ret_name,
			       struct err *e);
/* NUL-terminated. */
void tile_path_encode(const struct tile_name *name, char ret_path[TILE_PATH_MAX + 1]);

#endif
