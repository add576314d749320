/*
 * tree.c - Merkle trees: published roots and proofs, every size to 70, every change of a proof
 * refused.
 *
 * The model is the definition of RFC 6962 2.1, recursive and slow.
 */
#include <string.h>

#include "golden.h"
#include "simpul/tree.h"
#include "tap.h"

#define SIZES 70u

/* The eight leaves that Certificate Transparency's implementations test with. */
static const struct {
	const char *data;
	size_t len;
} published[8] = {
	{ "", 0 },
	{ "\x00", 1 },
	{ "\x10", 1 },
	{ "\x20\x21", 2 },
	{ "\x30\x31", 2 },
	{ "\x40\x41\x42\x43", 4 },
	{ "\x50\x51\x52\x53\x54\x55\x56\x57", 8 },
	{ "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16 },
};

static const char *const published_roots[9] = {
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static struct hash leaves[SIZES];

/* RFC 6962 2.1, word for word. */
static void model_root(const struct hash *leaf, size_t n, struct hash *ret)
{
	struct hash left, right;
	size_t k = 1;

	if (n == 0) {
		tree_empty_root(ret);
		return;
	}
	if (n == 1) {
		*ret = leaf[0];
		return;
	}
	while (2 * k < n)
		k *= 2;
	model_root(leaf, k, &left);
	model_root(leaf + k, n - k, &right);
	tree_node_hash(&left, &right, ret);
}

static unsigned asked;

static bool leaves_hash(void *owner, unsigned level, uint64_t index, struct hash *ret,
			struct err *e)
{
	size_t size = *(const size_t *)owner;

	asked++;
	if (level > 6 || (index + 1) << level > size)
		return err_set(e, ERR_INTERNAL, "subtree %u/%llu is not complete", level,
			       (unsigned long long)index);
	model_root(leaves + (index << level), (size_t)1 << level, ret);
	return true;
}

static struct tree_source source_of(const size_t *size)
{
	return (struct tree_source){ leaves_hash, (void *)(uintptr_t)size };
}

static void fill_leaves(void)
{
	for (uint8_t i = 0; i < SIZES; i++) {
		uint8_t data[2] = { i, (uint8_t)(i * 7) };

		tree_leaf_hash(data, sizeof(data), &leaves[i]);
	}
}

static void fill_published(void)
{
	for (size_t i = 0; i < 8; i++)
		tree_leaf_hash(published[i].data, published[i].len, &leaves[i]);
}

static bool hash_is(const struct hash *hash, const char *hex)
{
	char text[HEX_SIZE(32)];

	hex_encode(hash->bytes, sizeof(hash->bytes), text);
	return strcmp(text, hex) == 0;
}

static void published_vectors(void)
{
	static const size_t size = 8;
	struct tree_source source = source_of(&size);
	struct tree_proof proof;
	struct hash root;
	struct err e;

	fill_published();
	for (size_t n = 0; n <= 8; n++) {
		CHECK_OK(tree_root(&source, n, &root, &e), &e);
		CHECK(hash_is(&root, published_roots[n]));
	}
	CHECK_OK(tree_inclusion(&source, 5, 8, &proof, &e), &e);
	CHECK(proof.count == 3);
	CHECK(hash_is(&proof.hashes[0],
		      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"));
	CHECK(hash_is(&proof.hashes[1],
		      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"));
	CHECK(hash_is(&proof.hashes[2],
		      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"));
	CHECK_OK(tree_consistency(&source, 6, 8, &proof, &e), &e);
	CHECK(proof.count == 3);
	CHECK(hash_is(&proof.hashes[0],
		      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"));
	CHECK(hash_is(&proof.hashes[1],
		      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"));
	CHECK(hash_is(&proof.hashes[2],
		      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"));
}

/* The root of every size by three ways: model, source, edge; the edge adds just what is complete.
 */
static void roots_agree(void)
{
	struct tree_edge edge = { 0 }, loaded;
	struct err e;

	fill_leaves();
	for (size_t n = 0; n <= SIZES; n++) {
		struct tree_source source = source_of(&n);
		struct hash model, root, added[63], subtree;
		struct tree_head head;

		model_root(leaves, n, &model);
		CHECK_OK(tree_root(&source, n, &root, &e), &e);
		tree_edge_head(&edge, &head);
		CHECK(hash_equal(&model, &root) && hash_equal(&model, &head.root));
		CHECK(head.size == n);
		CHECK_OK(tree_edge_load(&source, n, &loaded, &e), &e);
		tree_edge_head(&loaded, &head);
		CHECK(head.size == n && hash_equal(&model, &head.root));
		if (n == SIZES)
			break;
		unsigned count = tree_edge_add(&edge, &leaves[n], added);

		CHECK(count == 1u + (unsigned)__builtin_ctzll(~(uint64_t)n));
		for (unsigned level = 0; level < count; level++) {
			size_t width = (size_t)1 << level;

			model_root(leaves + (n >> level << level), width, &subtree);
			CHECK(hash_equal(&subtree, &added[level]));
		}
	}
}

static bool inclusion_refused(const struct hash *leaf, uint64_t index, const struct tree_head *head,
			      const struct tree_proof *proof)
{
	struct err e = { 0 };

	return !tree_verify_inclusion(leaf, index, head, proof, &e) && e.code == ERR_PROOF;
}

/* Everything near a right proof is wrong. */
static bool inclusion_mutants_refused(size_t index, const struct tree_head *head,
				      const struct tree_proof *good)
{
	struct tree_proof bad = *good;
	struct tree_head other = *head;
	struct hash leaf = leaves[index];

	for (size_t bit = 0; bit < good->count * 256u; bit++) {
		bad.hashes[bit / 256].bytes[bit % 256 / 8] ^= (uint8_t)(1u << bit % 8);
		if (!inclusion_refused(&leaf, index, head, &bad))
			return false;
		bad = *good;
	}
	bad.count++;
	bad.hashes[good->count] = leaf;
	if (!inclusion_refused(&leaf, index, head, &bad))
		return false;
	for (bad.count = 0; bad.count < good->count; bad.count++)
		if (!inclusion_refused(&leaf, index, head, &bad))
			return false;
	if (!inclusion_refused(&leaf, index + 1, head, good) ||
	    (index > 0 && !inclusion_refused(&leaf, index - 1, head, good)))
		return false;
	for (size_t bit = 0; bit < 256; bit++) {
		other.root.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		leaf.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (!inclusion_refused(&leaves[index], index, &other, good) ||
		    !inclusion_refused(&leaf, index, head, good))
			return false;
		other = *head;
		leaf = leaves[index];
	}
	/* A proof for another size with that size's root must not fit this one's. */
	other.size = index; /* the leaf would be outside */
	return inclusion_refused(&leaf, index, &other, good);
}

static void inclusion_all_sizes(void)
{
	struct tree_proof proof;
	struct tree_head head;
	struct err e;

	fill_leaves();
	for (size_t n = 1; n <= SIZES; n++) {
		struct tree_source source = source_of(&n);

		head.size = n;
		model_root(leaves, n, &head.root);
		for (size_t i = 0; i < n; i++) {
			asked = 0;
			CHECK_OK(tree_inclusion(&source, i, n, &proof, &e), &e);
			CHECK(asked <= 2 * 7);
			CHECK_OK(tree_verify_inclusion(&leaves[i], i, &head, &proof, &e), &e);
			if (n <= 9 || n == 33)
				CHECK(inclusion_mutants_refused(i, &head, &proof));
		}
		CHECK(!tree_inclusion(&source, n, n, &proof, &e) && e.code == ERR_USAGE);
	}
	CHECK(!tree_inclusion(&(struct tree_source){ leaves_hash, NULL }, 0, 0, &proof, &e));
}

/* With the right root for a wrong size: the number of hashes, or their sides, must give it away. */
static void inclusion_size_is_bound(void)
{
	struct tree_proof proof;
	struct err e;

	fill_leaves();
	for (size_t n = 2; n <= SIZES; n++) {
		struct tree_source source = source_of(&n);
		struct tree_head head = { .size = n };

		model_root(leaves, n, &head.root);
		CHECK_OK(tree_inclusion(&source, n - 1, n, &proof, &e), &e);
		head.size = n - 1;
		CHECK(inclusion_refused(&leaves[n - 1], n - 1, &head, &proof));
		head.size = UINT64_MAX;
		CHECK(inclusion_refused(&leaves[n - 1], n - 1, &head, &proof));
		/* A last leaf has a shorter way than its level's others: one more leaf, and it is
		 * not. */
		head.size = n + 1;
		if (n % 2 == 1)
			CHECK(inclusion_refused(&leaves[n - 1], n - 1, &head, &proof));
	}
}

static bool consistency_refused(const struct tree_head *old, const struct tree_head *head,
				const struct tree_proof *proof)
{
	struct err e = { 0 };

	return !tree_verify_consistency(old, head, proof, &e) && e.code == ERR_PROOF;
}

static bool consistency_mutants_refused(const struct tree_head *old, const struct tree_head *head,
					const struct tree_proof *good)
{
	struct tree_proof bad = *good;
	struct tree_head other_old = *old, other = *head;

	for (size_t bit = 0; bit < good->count * 256u; bit++) {
		bad.hashes[bit / 256].bytes[bit % 256 / 8] ^= (uint8_t)(1u << bit % 8);
		if (!consistency_refused(old, head, &bad))
			return false;
		bad = *good;
	}
	bad.count++;
	bad.hashes[good->count] = leaves[0];
	if (!consistency_refused(old, head, &bad))
		return false;
	for (bad.count = 0; bad.count < good->count; bad.count++)
		if (!consistency_refused(old, head, &bad))
			return false;
	for (size_t bit = 0; bit < 256; bit++) {
		other_old.root.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		other.root.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (!consistency_refused(&other_old, head, good) ||
		    (old->size > 0 && !consistency_refused(old, &other, good)))
			return false;
		other_old = *old;
		other = *head;
	}
	if (old->size == head->size || old->size == 0)
		return true;
	return consistency_refused(head, old, good); /* a log never shrinks */
}

static void consistency_all_sizes(void)
{
	struct tree_proof proof;
	struct tree_head old, head;
	struct err e;

	fill_leaves();
	for (size_t n = 0; n <= SIZES; n++) {
		struct tree_source source = source_of(&n);

		head.size = n;
		model_root(leaves, n, &head.root);
		for (size_t m = 0; m <= n; m++) {
			old.size = m;
			model_root(leaves, m, &old.root);
			CHECK_OK(tree_consistency(&source, m, n, &proof, &e), &e);
			CHECK(proof.count == 0 || (m > 0 && m < n));
			CHECK_OK(tree_verify_consistency(&old, &head, &proof, &e), &e);
			if (n <= 9 || n == 33)
				CHECK(consistency_mutants_refused(&old, &head, &proof));
		}
		CHECK(!tree_consistency(&source, n + 1, n, &proof, &e) && e.code == ERR_USAGE);
	}
}

/* A history that was rewritten, even with all hashes recomputed honestly, has no proof. */
static void rewritten_history_is_refused(void)
{
	static const size_t size = SIZES;
	struct tree_source source = source_of(&size);
	struct tree_proof proof;
	struct tree_head old, head;
	struct err e;

	for (size_t m = 1; m < SIZES; m++) {
		fill_leaves();
		old.size = m;
		model_root(leaves, m, &old.root);
		leaves[m / 2].bytes[0] ^= 1;
		head.size = SIZES;
		model_root(leaves, SIZES, &head.root);
		CHECK_OK(tree_consistency(&source, m, SIZES, &proof, &e), &e);
		CHECK(consistency_refused(&old, &head, &proof));
	}
}

static bool failing_hash(void *owner, unsigned level, uint64_t index, struct hash *ret,
			 struct err *e)
{
	unsigned *left = owner;

	(void)level;
	(void)index;
	if ((*left)-- == 0)
		return err_set(e, ERR_STORAGE, "planted");
	memset(ret, 0, sizeof(*ret));
	return true;
}

/* Whichever call of the source fails, its error comes out. */
static void source_errors_come_out(void)
{
	struct tree_proof proof;
	struct tree_edge edge;
	struct hash root;

	for (unsigned left = 0; left < 4; left++) {
		unsigned count = left;
		struct tree_source source = { failing_hash, &count };
		struct err e = { 0 };

		CHECK(!tree_root(&source, 15, &root, &e) && e.code == ERR_STORAGE);
		count = left;
		CHECK(!tree_inclusion(&source, 7, 15, &proof, &e) && e.code == ERR_STORAGE);
		count = left;
		CHECK(!tree_consistency(&source, 7, 15, &proof, &e) && e.code == ERR_STORAGE);
		count = left;
		CHECK(!tree_edge_load(&source, 15, &edge, &e) && e.code == ERR_STORAGE);
	}
}

static void limits(void)
{
	unsigned never = 1000;
	struct tree_source source = { failing_hash, &never };
	struct tree_proof proof;
	struct tree_edge edge;
	struct tree_head head = { .size = TREE_SIZE_MAX };
	struct hash root;
	struct err e;

	CHECK_OK(tree_root(&source, TREE_SIZE_MAX, &root, &e), &e);
	CHECK(!tree_root(&source, TREE_SIZE_MAX + 1, &root, &e) && e.code == ERR_USAGE);
	CHECK_OK(tree_inclusion(&source, 0, TREE_SIZE_MAX, &proof, &e), &e);
	CHECK(proof.count == 62);
	CHECK_OK(tree_inclusion(&source, TREE_SIZE_MAX - 2, TREE_SIZE_MAX - 1, &proof, &e), &e);
	CHECK(proof.count == 61);
	CHECK(!tree_inclusion(&source, 0, TREE_SIZE_MAX + 1, &proof, &e));
	CHECK_OK(tree_consistency(&source, TREE_SIZE_MAX - 1, TREE_SIZE_MAX, &proof, &e), &e);
	CHECK(proof.count == 63);
	CHECK(!tree_consistency(&source, 1, TREE_SIZE_MAX + 1, &proof, &e));
	CHECK(!tree_edge_load(&source, TREE_SIZE_MAX + 1, &edge, &e));
	proof.count = UINT32_MAX; /* a caller's mistake must not be read past the array */
	CHECK(inclusion_refused(&leaves[0], 0, &head, &proof));
	CHECK(consistency_refused(&(struct tree_head){ .size = 3 }, &head, &proof));
}

static json_t *json_proof(const char *from, size_t a, size_t b, const struct tree_proof *proof)
{
	json_t *hashes = json_array();

	for (uint32_t i = 0; i < proof->count; i++)
		json_array_append_new(hashes, golden_hex(&proof->hashes[i], 32));
	return json_pack("{s:I, s:I, s:o}", from, (json_int_t)a, "size", (json_int_t)b, "proof",
			 hashes);
}

/* Inputs: the published leaves, and two-byte leaves (i, 7 i mod 256) for the long list of roots. */
static json_t *vectors(void)
{
	json_t *data = json_array(), *eight = json_array(), *seventy = json_array();
	json_t *inclusion = json_array(), *consistency = json_array();
	struct tree_proof proof;
	struct hash root;
	struct err e;
	bool ok = true;

	fill_published();
	for (size_t i = 0; i < 8; i++)
		json_array_append_new(data, golden_hex(published[i].data, published[i].len));
	for (size_t n = 0; n <= 8; n++) {
		struct tree_source source = source_of(&n);

		model_root(leaves, n, &root);
		json_array_append_new(eight, golden_hex(&root, 32));
		for (size_t i = 0; i < n; i++) {
			ok = ok && tree_inclusion(&source, i, n, &proof, &e);
			json_array_append_new(inclusion, json_proof("index", i, n, &proof));
			ok = ok && tree_consistency(&source, i + 1, n, &proof, &e);
			json_array_append_new(consistency, json_proof("old", i + 1, n, &proof));
		}
	}
	fill_leaves();
	for (size_t n = 0; n <= SIZES; n++) {
		struct tree_source source = source_of(&n);

		ok = ok && tree_root(&source, n, &root, &e);
		json_array_append_new(seventy, golden_hex(&root, 32));
	}
	return json_pack("{s:b, s:o, s:o, s:o, s:o, s:o}", "complete", ok, "leaves", data, "roots",
			 eight, "inclusion", inclusion, "consistency", consistency, "roots_70",
			 seventy);
}

static void golden(void)
{
	AUTO_JSON *built = vectors();

	CHECK(golden_matches("tree", built));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(published_vectors),
		TAP(roots_agree),
		TAP(inclusion_all_sizes),
		TAP(inclusion_size_is_bound),
		TAP(consistency_all_sizes),
		TAP(rewritten_history_is_refused),
		TAP(source_errors_come_out),
		TAP(limits),
		TAP(golden),
	};

	if (argc > 1 && strcmp(argv[1], "--write") == 0)
		return golden_write("tree", vectors());
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
