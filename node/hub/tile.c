/*
 * tile.c - the rows of simpul_tile: id = level << 48 | tile index, data = up to 256 hashes of 32
 * bytes.
 *
 * Appending touches only the right edge: the last tile of level 0, and a level above for each tile
 * that became full (one in 256).  A full tile's root goes up; what lies between two tile levels is
 * never stored, a view hashes it anew: 255 hashes for a tile, about 0.1 ms.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "hub/tile.h"

#define TILE_NODES (2 * TILE_WIDTH - 1) /* all complete subtrees within a tile */
#define INDEX_BITS 48

struct tile {
	bool loaded;
	uint64_t index;
	unsigned width;
	struct hash nodes[TILE_NODES]; /* the tile's hashes, their 128 parents, ... the root */
};

/* The two tiles last asked for: a proof needs the leaf's side and the right edge in turn. */
struct tile_pair {
	struct tile tiles[2];
	unsigned recent;
};

struct tile_view {
	struct db *db;
	struct tile_pair levels[TILE_LEVELS];
};

static_assert(sizeof(struct hash) == 32, "a tile is hashes without gaps");
static_assert(8 * TILE_LEVELS == INDEX_BITS, "the levels must span TILE_SIZE_MAX");

static int64_t row_id(unsigned level, uint64_t index)
{
	return (int64_t)((uint64_t)level << INDEX_BITS | index);
}

/* *ret_width is 0 if there is no such tile. */
static bool tile_load(struct db *db, unsigned level, uint64_t index, struct hash *ret_hashes,
		      unsigned *ret_width, struct err *e)
{
	AUTO_RESET s = { 0 };
	const void *data;
	size_t len;
	bool row;

	if (!db_statement(db, "SELECT data FROM simpul_tile WHERE id = ?1", &s, e))
		return false;
	stmt_int(&s, 1, row_id(level, index));
	if (!stmt_row(&s, &row, e))
		return false;
	*ret_width = 0;
	if (!row)
		return true;
	data = stmt_get_blob(&s, 0, &len);
	if (len == 0 || len > TILE_BYTES || len % sizeof(struct hash) != 0)
		return err_set(e, ERR_CORRUPT, "log tile %u/%llu has %zu bytes", level,
			       (unsigned long long)index, len);
	memcpy(ret_hashes, data, len);
	*ret_width = (unsigned)(len / sizeof(struct hash));
	return true;
}

static bool tile_store(struct db *db, unsigned level, uint64_t index, const struct hash *hashes,
		       unsigned width, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db,
			  "INSERT INTO simpul_tile (id, data) VALUES (?1, ?2)"
			  " ON CONFLICT (id) DO UPDATE SET data = excluded.data",
			  &s, e))
		return false;
	stmt_int(&s, 1, row_id(level, index));
	stmt_blob(&s, 2, hashes, width * sizeof(struct hash));
	return stmt_done(&s, e);
}

/* The number of hashes stored at one level, from its last row. */
static bool level_size(struct db *db, unsigned level, uint64_t *ret_size, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db,
			  "SELECT id, length(data) FROM simpul_tile WHERE id BETWEEN ?1 AND ?2"
			  " ORDER BY id DESC LIMIT 1",
			  &s, e))
		return false;
	stmt_int(&s, 1, row_id(level, 0));
	stmt_int(&s, 2, row_id(level, TILE_SIZE_MAX - 1));
	if (!stmt_row(&s, &row, e))
		return false;
	*ret_size = 0;
	if (row)
		*ret_size =
			((uint64_t)stmt_get_int(&s, 0) - (uint64_t)row_id(level, 0)) * TILE_WIDTH +
			(uint64_t)stmt_get_int(&s, 1) / sizeof(struct hash);
	return true;
}

bool tile_size(struct db *db, uint64_t *ret_size, struct err *e)
{
	return level_size(db, 0, ret_size, e);
}

/* The root of 256 hashes, in place of them. */
static void tile_fold(struct hash *hashes)
{
	for (unsigned n = TILE_WIDTH; n > 1; n /= 2)
		for (unsigned i = 0; i < n / 2; i++)
			tree_node_hash(&hashes[2 * i], &hashes[2 * i + 1], &hashes[i]);
}

/* Hashes to append at one level. */
struct run {
	uint64_t first;
	const struct hash *hashes;
	size_t n;
};

/*
 * Appends a run to one level.  *roots gets the roots of the tiles that became full; it may be the
 * very array that is appended, as a root is written only after 256 hashes were read.
 */
static bool level_append(struct db *db, unsigned level, struct run run, struct hash *roots,
			 struct err *e)
{
	struct hash tile[TILE_WIDTH];
	unsigned width = 0, expected = run.first % TILE_WIDTH;
	uint64_t index = run.first / TILE_WIDTH;

	if (expected > 0 && !tile_load(db, level, index, tile, &width, e))
		return false;
	if (width != expected)
		return err_set(e, ERR_CORRUPT, "log tile %u/%llu has %u hashes, not %u", level,
			       (unsigned long long)index, width, expected);
	while (run.n > 0) {
		size_t take = run.n < TILE_WIDTH - width ? run.n : TILE_WIDTH - width;

		memcpy(tile + width, run.hashes, take * sizeof(*run.hashes));
		width += (unsigned)take;
		if (!tile_store(db, level, index, tile, width, e))
			return false;
		if (width == TILE_WIDTH) {
			tile_fold(tile);
			*roots++ = tile[0];
			width = 0;
			index++;
		}
		run.hashes += take;
		run.n -= take;
	}
	return true;
}

bool tile_append(struct db *db, uint64_t first_index, const struct hash *leaves, size_t n,
		 struct err *e)
{
	AUTO_MEMORY struct hash *roots = NULL;
	struct run run = { first_index, leaves, n };
	uint64_t size;

	if (n == 0)
		return true;
	if (first_index >= TILE_SIZE_MAX || n >= TILE_SIZE_MAX - first_index)
		return err_set(e, ERR_TOO_LARGE, "the log is full");
	if (!tile_size(db, &size, e))
		return false;
	if (size != first_index)
		return err_set(e, ERR_INTERNAL, "append at %llu to a log of %llu entries",
			       (unsigned long long)first_index, (unsigned long long)size);
	roots = memory_new((n / TILE_WIDTH + 1) * sizeof(*roots));
	for (unsigned level = 0; run.n > 0 && level < TILE_LEVELS; level++) {
		if (!level_append(db, level, run, roots, e))
			return false;
		run.n = (size_t)((run.first + run.n) / TILE_WIDTH - run.first / TILE_WIDTH);
		run.first /= TILE_WIDTH;
		run.hashes = roots;
	}
	return true;
}

struct tile_view *tile_view_new(struct db *db)
{
	struct tile_view *view = memory_new(sizeof(*view));

	view->db = db;
	return view;
}

void tile_view_free(struct tile_view **view)
{
	memory_free(view);
}

/* Where the hashes of height h start in struct tile's nodes: 0, 256, 384, ... */
static unsigned height_start(unsigned height)
{
	return 2 * TILE_WIDTH - (2 * TILE_WIDTH >> height);
}

static bool expand(struct db *db, unsigned level, uint64_t index, struct tile *t, struct err *e)
{
	t->loaded = false;
	if (!tile_load(db, level, index, t->nodes, &t->width, e))
		return false;
	for (unsigned height = 1; height <= 8; height++) {
		struct hash *below = t->nodes + height_start(height - 1);
		struct hash *here = t->nodes + height_start(height);

		for (unsigned i = 0; i < t->width >> height; i++)
			tree_node_hash(&below[2 * i], &below[2 * i + 1], &here[i]);
	}
	t->index = index;
	t->loaded = true;
	return true;
}

/* The tile with at least `needed` hashes. */
static bool view_tile(struct tile_view *view, unsigned level, uint64_t index, unsigned needed,
		      struct tile **ret_tile, struct err *e)
{
	struct tile_pair *pair = &view->levels[level];
	struct tile *t = &pair->tiles[pair->recent];

	if (!t->loaded || t->index != index) {
		pair->recent ^= 1;
		t = &pair->tiles[pair->recent];
	}
	if ((!t->loaded || t->index != index || t->width < needed) &&
	    !expand(view->db, level, index, t, e))
		return false;
	if (t->width < needed)
		return err_set(e, ERR_CORRUPT, "log tile %u/%llu has %u hashes, not %u", level,
			       (unsigned long long)index, t->width, needed);
	*ret_tile = t;
	return true;
}

/* The complete subtree of 2^level leaves: it lies in the tile of level / 8, at height level % 8. */
static bool view_hash(void *owner, unsigned level, uint64_t index, struct hash *ret_hash,
		      struct err *e)
{
	struct tile_view *view = owner;
	unsigned height = level % 8, at = (unsigned)(index % (TILE_WIDTH >> height));
	struct tile *t;

	if (level >= 8 * TILE_LEVELS)
		return err_set(e, ERR_INTERNAL, "no subtree of level %u", level);
	if (!view_tile(view, level / 8, index >> (8 - height), (at + 1) << height, &t, e))
		return false;
	*ret_hash = t->nodes[height_start(height) + at];
	return true;
}

struct tree_source tile_source(struct tile_view *view)
{
	return (struct tree_source){ view_hash, view };
}

bool tile_root(struct db *db, uint64_t size, struct hash *ret_root, struct err *e)
{
	AUTO_TILE_VIEW view = tile_view_new(db);
	struct tree_source source = tile_source(view);

	return tree_root(&source, size, ret_root, e);
}

bool tile_inclusion(struct db *db, uint64_t index, uint64_t size, struct tree_proof *ret_proof,
		    struct err *e)
{
	AUTO_TILE_VIEW view = tile_view_new(db);
	struct tree_source source = tile_source(view);

	return tree_inclusion(&source, index, size, ret_proof, e);
}

bool tile_consistency(struct db *db, uint64_t old_size, uint64_t size, struct tree_proof *ret_proof,
		      struct err *e)
{
	AUTO_TILE_VIEW view = tile_view_new(db);
	struct tree_source source = tile_source(view);

	return tree_consistency(&source, old_size, size, ret_proof, e);
}

static bool no_tile(struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "no such tile");
}

bool tile_read(struct db *db, const struct tile_name *name, uint8_t ret_bytes[TILE_BYTES],
	       size_t *ret_len, struct err *e)
{
	struct hash hashes[TILE_WIDTH];
	unsigned width;

	if (name->level >= TILE_LEVELS || name->index >= TILE_SIZE_MAX / TILE_WIDTH ||
	    name->width < 1 || name->width > TILE_WIDTH)
		return no_tile(e);
	if (!tile_load(db, name->level, name->index, hashes, &width, e))
		return false;
	if (width < name->width)
		return no_tile(e);
	*ret_len = name->width * sizeof(struct hash);
	memcpy(ret_bytes, hashes, *ret_len);
	return true;
}

/* One or more decimal digits without leading zeros, at most 999; moves *p behind them. */
static bool take_number(const char **p, const char *end, unsigned *ret_value)
{
	const char *at = *p;
	unsigned v = 0;

	while (at < end && at - *p < 3 && *at >= '0' && *at <= '9')
		v = 10 * v + (unsigned)(*at++ - '0');
	if (at == *p || (**p == '0' && at - *p > 1))
		return false;
	*p = at;
	*ret_value = v;
	return true;
}

/* Exactly three digits. */
static bool take_group(const char **p, const char *end, unsigned *ret_value)
{
	unsigned v = 0;

	if (end - *p < 3)
		return false;
	for (int i = 0; i < 3; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		v = 10 * v + (unsigned)(**p - '0');
	}
	*ret_value = v;
	return true;
}

/* x001/x234/067 is 1234067; 000 may only stand alone, so that each index has one spelling. */
static bool take_index(const char **p, const char *end, uint64_t *ret_index)
{
	uint64_t index = 0;

	for (unsigned groups = 0; groups < 5; groups++) {
		bool more = *p < end && **p == 'x';
		unsigned v;

		*p += more;
		if (!take_group(p, end, &v) || (more && groups == 0 && v == 0))
			return false;
		index = 1000 * index + v;
		if (!more) {
			*ret_index = index;
			return true;
		}
		if (*p == end || *(*p)++ != '/')
			return false;
	}
	return false;
}

bool tile_path_decode(const char *path, size_t len, struct tile_name *ret_name, struct err *e)
{
	struct tile_name name = { .width = TILE_WIDTH };
	const char *p = path, *end = path + len;

	if (len > TILE_PATH_MAX || !take_number(&p, end, &name.level) || p == end || *p++ != '/' ||
	    !take_index(&p, end, &name.index))
		return no_tile(e);
	if (p < end) {
		if (end - p < 3 || memcmp(p, ".p/", 3) != 0)
			return no_tile(e);
		p += 3;
		if (!take_number(&p, end, &name.width) || p != end || name.width < 1 ||
		    name.width >= TILE_WIDTH)
			return no_tile(e);
	}
	if (name.level >= TILE_LEVELS || name.index >= TILE_SIZE_MAX / TILE_WIDTH)
		return no_tile(e);
	*ret_name = name;
	return true;
}

void tile_path_encode(const struct tile_name *name, char ret_path[TILE_PATH_MAX + 1])
{
	size_t len = (size_t)snprintf(ret_path, TILE_PATH_MAX + 1, "%u/", name->level);
	uint64_t divisor = 1;

	while (name->index / divisor >= 1000)
		divisor *= 1000;
	for (; divisor > 1; divisor /= 1000)
		len += (size_t)snprintf(ret_path + len, TILE_PATH_MAX + 1 - len, "x%03u/",
					(unsigned)(name->index / divisor % 1000));
	len += (size_t)snprintf(ret_path + len, TILE_PATH_MAX + 1 - len, "%03u",
				(unsigned)(name->index % 1000));
	if (name->width < TILE_WIDTH)
		snprintf(ret_path + len, TILE_PATH_MAX + 1 - len, ".p/%u", name->width);
}
