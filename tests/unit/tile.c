/* tile.c - the log's tree in SQLite: same roots and proofs as a tree in memory, tiles as published.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hub/tile.h"
#include "tap.h"

#define LEAVES 70000u

static struct hash *leaves; /* of leaf i: SHA-256(00 || i as four bytes) */

static bool log_open(struct db *db)
{
	static unsigned serial;
	char path[128];
	struct err e;

	if (leaves == NULL) {
		leaves = calloc(LEAVES, sizeof(*leaves));
		for (uint32_t i = 0; i < LEAVES; i++)
			tree_leaf_hash(&i, sizeof(i), &leaves[i]);
	}
	snprintf(path, sizeof(path), "%s/log%u", tap_directory(), serial++);
	return db_open(db, path, DB_NODE, true, &e) &&
	       db_exec(db, "CREATE TABLE simpul_tile (id INTEGER PRIMARY KEY, data BLOB NOT NULL)",
		       &e);
}

static bool append(struct db *db, uint64_t first, size_t n)
{
	AUTO_TXN txn = { 0 };
	struct err e;

	if (txn_begin(&txn, db, &e) && tile_append(db, first, leaves + first, n, &e) &&
	    txn_commit(&txn, &e))
		return true;
	tap_note("%s", e.text);
	return false;
}

/* Appends of every kind: one by one over a tile's edge, in bulk over many tiles. */
static void appends_agree_with_the_edge(void)
{
	static const size_t steps[] = { 1, 254, 1, 1, 255, 256, 257, 1000, 3, 65000, 511, 2 };
	AUTO_DB db = { 0 };
	struct tree_edge edge = { 0 };
	struct hash added[63], root;
	struct tree_head head;
	uint64_t size = 0, stored;
	struct err e;

	CHECK(log_open(&db));
	CHECK_OK(tile_root(&db, 0, &root, &e), &e);
	for (size_t s = 0; s < sizeof(steps) / sizeof(steps[0]); s++) {
		CHECK(append(&db, size, steps[s]));
		for (size_t i = 0; i < steps[s]; i++)
			tree_edge_add(&edge, &leaves[size + i], added);
		size += steps[s];
		tree_edge_head(&edge, &head);
		CHECK_OK(tile_root(&db, size, &root, &e), &e);
		CHECK(hash_equal(&root, &head.root));
		CHECK_OK(tile_size(&db, &stored, &e), &e);
		CHECK(stored == size);
	}
	CHECK_OK(tile_append(&db, size, NULL, 0, &e), &e);
}

static void proofs_verify(void)
{
	AUTO_DB db = { 0 };
	struct tree_head old, head;
	struct tree_proof proof;
	struct err e;

	CHECK(log_open(&db));
	CHECK(append(&db, 0, LEAVES));
	AUTO_TILE_VIEW view = tile_view_new(&db);
	struct tree_source source = tile_source(view);

	head.size = LEAVES;
	CHECK_OK(tree_root(&source, head.size, &head.root, &e), &e);
	for (uint64_t i = 0; i < LEAVES; i += 611) {
		CHECK_OK(tree_inclusion(&source, i, LEAVES, &proof, &e), &e);
		CHECK_OK(tree_verify_inclusion(&leaves[i], i, &head, &proof, &e), &e);
		old.size = i;
		CHECK_OK(tree_root(&source, i, &old.root, &e), &e);
		CHECK_OK(tree_consistency(&source, i, LEAVES, &proof, &e), &e);
		CHECK_OK(tree_verify_consistency(&old, &head, &proof, &e), &e);
	}
	CHECK_OK(tile_inclusion(&db, 69999, LEAVES, &proof, &e), &e);
	CHECK_OK(tree_verify_inclusion(&leaves[69999], 69999, &head, &proof, &e), &e);
	CHECK_OK(tile_consistency(&db, old.size, LEAVES, &proof, &e), &e);
	CHECK_OK(tree_verify_consistency(&old, &head, &proof, &e), &e);
	CHECK(!tile_root(&db, LEAVES + 1, &head.root, &e) && e.code == ERR_CORRUPT);
}

/* The example of the format's text: 70,000 leaves are 273 full tiles, 112 hashes, 1 full, 17, 1. */
static void widths_as_published(void)
{
	static const struct {
		struct tile_name name;
		bool there;
	} cases[] = {
		{ { 0, 0, 256 }, true },   { { 0, 272, 256 }, true },
		{ { 0, 273, 112 }, true }, { { 0, 273, 113 }, false },
		{ { 0, 273, 1 }, true },   { { 0, 274, 1 }, false },
		{ { 1, 0, 256 }, true },   { { 1, 1, 17 }, true },
		{ { 1, 1, 18 }, false },   { { 2, 0, 1 }, true },
		{ { 2, 0, 2 }, false },	   { { 3, 0, 1 }, false },
		{ { 0, 0, 0 }, false },	   { { 0, 0, 257 }, false },
		{ { 6, 0, 1 }, false },	   { { 0, TILE_SIZE_MAX, 1 }, false },
	};
	AUTO_DB db = { 0 };
	uint8_t bytes[TILE_BYTES];
	struct err e;
	size_t len;

	CHECK(log_open(&db));
	CHECK(append(&db, 0, LEAVES));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool there = tile_read(&db, &cases[i].name, bytes, &len, &e);

		CHECK(there == cases[i].there);
		CHECK(there ? len == cases[i].name.width * 32 : e.code == ERR_NOT_FOUND);
		if (there && cases[i].name.level == 0)
			CHECK(memcmp(bytes, leaves + cases[i].name.index * 256, len) == 0);
	}
}

static void wrong_place_is_refused(void)
{
	AUTO_DB db = { 0 };
	struct hash root, before;
	uint64_t size;
	struct err e;

	CHECK(log_open(&db));
	CHECK(append(&db, 0, 300));
	CHECK_OK(tile_root(&db, 300, &before, &e), &e);
	CHECK(!tile_append(&db, 299, leaves, 1, &e) && e.code == ERR_INTERNAL);
	CHECK(!tile_append(&db, 301, leaves, 1, &e) && e.code == ERR_INTERNAL);
	CHECK(!tile_append(&db, TILE_SIZE_MAX, leaves, 1, &e) && e.code == ERR_TOO_LARGE);
	CHECK(!tile_append(&db, TILE_SIZE_MAX - 1, leaves, 1, &e) && e.code == ERR_TOO_LARGE);
	CHECK_OK(tile_size(&db, &size, &e), &e);
	CHECK(size == 300);
	CHECK_OK(tile_root(&db, 300, &root, &e), &e);
	CHECK(hash_equal(&root, &before));
}

/* An append that is rolled back leaves the log as it was. */
static void rollback(void)
{
	AUTO_DB db = { 0 };
	struct hash before, after;
	uint64_t size;
	struct err e;

	CHECK(log_open(&db));
	CHECK(append(&db, 0, 500));
	CHECK_OK(tile_root(&db, 500, &before, &e), &e);
	{
		AUTO_TXN txn = { 0 };

		CHECK_OK(txn_begin(&txn, &db, &e), &e);
		CHECK_OK(tile_append(&db, 500, leaves + 500, 600, &e), &e);
	}
	CHECK_OK(tile_size(&db, &size, &e), &e);
	CHECK_OK(tile_root(&db, 500, &after, &e), &e);
	CHECK(size == 500 && hash_equal(&before, &after));
}

static void damage_is_noticed(void)
{
	static const char *const damage[] = {
		"UPDATE simpul_tile SET data = substr(data, 1, 31) WHERE id = 1",
		"UPDATE simpul_tile SET data = x'' WHERE id = 1",
		"UPDATE simpul_tile SET data = zeroblob(8224) WHERE id = 1",
		"UPDATE simpul_tile SET data = substr(data, 1, 64) WHERE id = 1",
		"DELETE FROM simpul_tile WHERE id = 0",
		"DELETE FROM simpul_tile WHERE id = 1 << 48",
	};
	struct hash root;
	struct tree_proof proof;
	struct err e;

	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		AUTO_DB db = { 0 };

		CHECK(log_open(&db));
		CHECK(append(&db, 0, 300));
		CHECK_OK(db_exec(&db, damage[i], &e), &e);
		bool ok = tile_root(&db, 300, &root, &e) && tile_inclusion(&db, 3, 300, &proof, &e);
		CHECK(!ok && e.code == ERR_CORRUPT);
	}
	/* The upper level must be there when a tile below becomes full. */
	AUTO_DB db = { 0 };

	CHECK(log_open(&db));
	CHECK(append(&db, 0, 300));
	CHECK_OK(db_exec(&db, "DELETE FROM simpul_tile WHERE id = 1 << 48", &e), &e);
	CHECK(!tile_append(&db, 300, leaves + 300, 300, &e) && e.code == ERR_CORRUPT);
}

/* A view that stays open sees the log grow. */
static void view_follows_appends(void)
{
	AUTO_DB db = { 0 };
	struct hash root, expected;
	struct err e;

	CHECK(log_open(&db));
	AUTO_TILE_VIEW view = tile_view_new(&db);
	struct tree_source source = tile_source(view);

	for (uint64_t size = 1; size <= 600; size++) {
		CHECK(append(&db, size - 1, 1));
		CHECK_OK(tree_root(&source, size, &root, &e), &e);
		CHECK_OK(tile_root(&db, size, &expected, &e), &e);
		CHECK(hash_equal(&root, &expected));
	}
}

static const struct {
	const char *path;
	struct tile_name name;
} good_paths[] = {
	{ "0/000", { 0, 0, 256 } },
	{ "0/999", { 0, 999, 256 } },
	{ "0/x001/000", { 0, 1000, 256 } },
	{ "5/x001/x234/067", { 5, 1234067, 256 } },
	{ "1/x001/x234/067.p/1", { 1, 1234067, 1 } },
	{ "1/273.p/255", { 1, 273, 255 } },
};

static void paths(void)
{
	static const char *const bad[] = {
		"",
		"0",
		"0/",
		"/000",
		"00/000",
		"6/000",
		"0/0",
		"0/00",
		"0/0000",
		"0/x000/001",
		"0/x001",
		"0/x001/",
		"0/001/002",
		"0/000.p/0",
		"0/000.p/256",
		"0/000.p/",
		"0/000.p/01",
		"0/000.p",
		"0/000.p/1/",
		"0/000/",
		"0/ 00",
		"0/-01",
		"0/00a",
		"-1/000",
		"0/X001/000",
		"64/000",
		"0/000.p/1000",
		"0/x1/000",
		"0/000.q/1",
		"0/x001x/000",
		"0/x999/x999/x999/x999/x999/999",
		"0/x999/x999/x999/x999/999",
		"entries/000",
	};
	struct tile_name name;
	char path[TILE_PATH_MAX + 1];
	struct err e;

	for (size_t i = 0; i < sizeof(good_paths) / sizeof(good_paths[0]); i++) {
		CHECK_OK(
			tile_path_decode(good_paths[i].path, strlen(good_paths[i].path), &name, &e),
			&e);
		CHECK(name.level == good_paths[i].name.level &&
		      name.index == good_paths[i].name.index);
		CHECK(name.width == good_paths[i].name.width);
		tile_path_encode(&name, path);
		CHECK(strcmp(path, good_paths[i].path) == 0);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		bool ok = tile_path_decode(bad[i], strlen(bad[i]), &name, &e);

		if (ok)
			tap_note("accepted %s", bad[i]);
		CHECK(!ok && e.code == ERR_NOT_FOUND);
	}
	name = (struct tile_name){ 5, TILE_SIZE_MAX / 256 - 1, 255 };
	tile_path_encode(&name, path);
	CHECK_OK(tile_path_decode(path, strlen(path), &name, &e), &e);
	CHECK(name.index == TILE_SIZE_MAX / 256 - 1);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(appends_agree_with_the_edge), TAP(proofs_verify), TAP(widths_as_published),
		TAP(wrong_place_is_refused),	  TAP(rollback),      TAP(damage_is_noticed),
		TAP(view_follows_appends),	  TAP(paths),
	};
	int status = tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));

	free(leaves);
	return status;
}
