/*
 * tree.c - RFC 6962 Merkle trees (RFC 9162 2.1 has the same trees and the clearer algorithms).
 *
 *	leaf  = SHA-256(00 || data)            node = SHA-256(01 || left || right)
 *	MTH(n leaves) = node(MTH(first k), MTH(the other n - k)), k the largest power of two below n
 *
 * So a tree of n leaves is a row of complete subtrees, one for each 1 bit of n, folded from the
 * right. Every hash that a proof needs is either one complete subtree or, once per proof, the fold
 * of the subtrees at the right edge: that is why a source that knows complete subtrees is enough.
 */
#include <assert.h>
#include <string.h>

#include "simpul/crypto.h"
#include "simpul/tree.h"

/* Sizes stay below 2^63, so a consistency proof has at most 62 levels and one hash more. */
static_assert(LIMIT_PROOF_HASHES >= 64, "a proof of the largest tree must fit");

void tree_leaf_hash(const void *data, size_t len, struct hash *ret_hash)
{
	const struct bytes parts[] = { { "\x00", 1 }, { data, len } };

	crypto_sha256_parts(parts, 2, ret_hash);
}

void tree_node_hash(const struct hash *left, const struct hash *right, struct hash *ret_hash)
{
	uint8_t node[1 + 2 * sizeof(struct hash)] = { 1 };

	memcpy(node + 1, left, sizeof(*left));
	memcpy(node + 1 + sizeof(*left), right, sizeof(*right));
	crypto_sha256(node, sizeof(node), ret_hash);
}

void tree_empty_root(struct hash *ret_root)
{
	crypto_sha256("", 0, ret_root);
}

static unsigned low_zeros(uint64_t v)
{
	return (unsigned)__builtin_ctzll(v);
}

/* The largest power of two smaller than n; n >= 2. */
static uint64_t split(uint64_t n)
{
	return UINT64_C(1) << (63 - __builtin_clzll(n - 1));
}

/*
 * MTH of leaves [start, start + n), where start is a multiple of a power of two that is at least n:
 * the complete subtrees of the 1 bits of n, smallest and rightmost first.
 */
static bool range_hash(const struct tree_source *source, uint64_t start, uint64_t n,
		       struct hash *ret_hash, struct err *e)
{
	struct hash sum, left;
	unsigned level = low_zeros(n);

	n -= UINT64_C(1) << level;
	if (!source->hash(source->owner, level, (start + n) >> level, &sum, e))
		return false;
	while (n > 0) {
		level = low_zeros(n);
		n -= UINT64_C(1) << level;
		if (!source->hash(source->owner, level, (start + n) >> level, &left, e))
			return false;
		tree_node_hash(&left, &sum, &sum);
	}
	*ret_hash = sum;
	return true;
}

bool tree_root(const struct tree_source *source, uint64_t size, struct hash *ret_root,
	       struct err *e)
{
	if (size > TREE_SIZE_MAX)
		return err_set(e, ERR_USAGE, "a log has at most 2^62 leaves");
	if (size > 0)
		return range_hash(source, 0, size, ret_root, e);
	tree_empty_root(ret_root);
	return true;
}

/* The walk goes from the root to the leaf, a proof from the leaf to the root. */
static void reverse(struct tree_proof *proof)
{
	for (uint32_t i = 0, j = proof->count; i + 1 < j; i++) {
		struct hash swap = proof->hashes[i];

		proof->hashes[i] = proof->hashes[--j];
		proof->hashes[j] = swap;
	}
}

static bool push(const struct tree_source *source, uint64_t start, uint64_t n,
		 struct tree_proof *proof, struct err *e)
{
	assert(proof->count < LIMIT_PROOF_HASHES);
	return range_hash(source, start, n, &proof->hashes[proof->count++], e);
}

/* RFC 9162 2.1.3.1, as a loop: at each split, the half without the leaf enters the proof. */
bool tree_inclusion(const struct tree_source *source, uint64_t index, uint64_t size,
		    struct tree_proof *ret_proof, struct err *e)
{
	struct tree_proof proof = { 0 };
	uint64_t start = 0, n = size;

	if (size > TREE_SIZE_MAX || index >= size)
		return err_set(e, ERR_USAGE, "no entry %llu in a log of %llu",
			       (unsigned long long)index, (unsigned long long)size);
	while (n > 1) {
		uint64_t k = split(n);
		bool right = index - start >= k;

		if (!push(source, right ? start : start + k, right ? k : n - k, &proof, e))
			return false;
		start += right ? k : 0;
		n = right ? n - k : k;
	}
	reverse(&proof);
	*ret_proof = proof;
	return true;
}

/*
 * RFC 9162 2.1.4.1, as a loop: walk to the right edge of the old tree.  `whole` is its "b": as long
 * as the walk only went left, the old tree is itself a subtree of the new one, whose hash the
 * verifier has.
 */
bool tree_consistency(const struct tree_source *source, uint64_t old_size, uint64_t size,
		      struct tree_proof *ret_proof, struct err *e)
{
	struct tree_proof proof = { 0 };
	uint64_t start = 0, n = size;
	bool whole = true;

	if (size > TREE_SIZE_MAX || old_size > size)
		return err_set(e, ERR_USAGE, "a log of %llu cannot be extended to %llu",
			       (unsigned long long)old_size, (unsigned long long)size);
	while (old_size > 0 && old_size - start != n) {
		uint64_t k = split(n);
		bool right = old_size - start > k;

		if (!push(source, right ? start : start + k, right ? k : n - k, &proof, e))
			return false;
		start += right ? k : 0;
		n = right ? n - k : k;
		whole &= !right;
	}
	if (!whole && !push(source, start, n, &proof, e))
		return false;
	reverse(&proof);
	*ret_proof = proof;
	return true;
}

/*
 * A position on the way up, for both checks: `node` is the index of our subtree at the present
 * level, `last` that of the level's last one.  True if the next proof hash belongs to the left of
 * it.
 */
struct climb {
	uint64_t node, last;
};

static bool climb_is_right(const struct climb *c)
{
	return (c->node & 1) != 0 || c->node == c->last;
}

static void climb_up(struct climb *c)
{
	/* A last node without a sibling moves up unchanged until it is a right child. */
	if (climb_is_right(c))
		while ((c->node & 1) == 0 && c->node != 0) {
			c->node >>= 1;
			c->last >>= 1;
		}
	c->node >>= 1;
	c->last >>= 1;
}

/* RFC 9162 2.1.3.2. */
bool tree_verify_inclusion(const struct hash *leaf, uint64_t index, const struct tree_head *head,
			   const struct tree_proof *proof, struct err *e)
{
	struct climb c = { index, head->size - 1 };
	struct hash sum = *leaf;

	if (head->size > TREE_SIZE_MAX || index >= head->size)
		return err_set(e, ERR_PROOF, "no entry %llu in a log of %llu",
			       (unsigned long long)index, (unsigned long long)head->size);
	for (uint32_t i = 0; i < proof->count; i++) {
		if (c.last == 0 || i >= LIMIT_PROOF_HASHES)
			return err_set(e, ERR_PROOF, "the inclusion proof is too long");
		if (climb_is_right(&c))
			tree_node_hash(&proof->hashes[i], &sum, &sum);
		else
			tree_node_hash(&sum, &proof->hashes[i], &sum);
		climb_up(&c);
	}
	if (c.last != 0)
		return err_set(e, ERR_PROOF, "the inclusion proof is too short");
	if (!hash_equal(&sum, &head->root))
		return err_set(e, ERR_PROOF, "the inclusion proof does not lead to the log's root");
	return true;
}

/* The two cases that RFC 9162 2.1.4 leaves out: nothing before, and nothing new. */
static bool verify_without_proof(const struct tree_head *old, const struct tree_head *head,
				 const struct tree_proof *proof, struct err *e)
{
	struct hash empty;

	tree_empty_root(&empty);
	if (proof->count != 0)
		return err_set(e, ERR_PROOF, "the consistency proof is too long");
	if (old->size == 0 && !hash_equal(&old->root, &empty))
		return err_set(e, ERR_PROOF, "an empty log with the root of another");
	if (old->size == head->size && !hash_equal(&old->root, &head->root))
		return err_set(e, ERR_PROOF, "two roots for a log of %llu entries",
			       (unsigned long long)old->size);
	return true;
}

/* RFC 9162 2.1.4.2: the proof must lead to the old root and to the new one at once. */
bool tree_verify_consistency(const struct tree_head *old, const struct tree_head *head,
			     const struct tree_proof *proof, struct err *e)
{
	struct climb c = { old->size - 1, head->size - 1 };
	struct hash old_sum, sum;
	uint32_t i = 0;

	if (head->size > TREE_SIZE_MAX || old->size > head->size)
		return err_set(e, ERR_PROOF, "the log shrank from %llu to %llu entries",
			       (unsigned long long)old->size, (unsigned long long)head->size);
	if (old->size == 0 || old->size == head->size)
		return verify_without_proof(old, head, proof, e);
	while ((c.node & 1) != 0) {
		c.node >>= 1;
		c.last >>= 1;
	}
	/* An old tree of 2^k leaves is a subtree of the new one: the way starts at its root. */
	if (c.node != 0 && proof->count == 0)
		return err_set(e, ERR_PROOF, "the consistency proof is too short");
	old_sum = sum = c.node == 0 ? old->root : proof->hashes[i++];
	for (; i < proof->count; i++) {
		if (c.last == 0 || i >= LIMIT_PROOF_HASHES)
			return err_set(e, ERR_PROOF, "the consistency proof is too long");
		if (climb_is_right(&c)) {
			tree_node_hash(&proof->hashes[i], &old_sum, &old_sum);
			tree_node_hash(&proof->hashes[i], &sum, &sum);
		} else {
			tree_node_hash(&sum, &proof->hashes[i], &sum);
		}
		climb_up(&c);
	}
	if (c.last != 0)
		return err_set(e, ERR_PROOF, "the consistency proof is too short");
	if (!hash_equal(&old_sum, &old->root) || !hash_equal(&sum, &head->root))
		return err_set(e, ERR_PROOF,
			       "the log of %llu entries does not continue that of %llu",
			       (unsigned long long)head->size, (unsigned long long)old->size);
	return true;
}

bool tree_edge_load(const struct tree_source *source, uint64_t size, struct tree_edge *ret_edge,
		    struct err *e)
{
	struct tree_edge edge = { .size = size };

	if (size > TREE_SIZE_MAX)
		return err_set(e, ERR_USAGE, "a log has at most 2^62 leaves");
	for (uint64_t left = size; left > 0;) {
		unsigned level = low_zeros(left);

		left -= UINT64_C(1) << level;
		if (!source->hash(source->owner, level, left >> level, &edge.hashes[level], e))
			return false;
	}
	*ret_edge = edge;
	return true;
}

unsigned tree_edge_add(struct tree_edge *edge, const struct hash *leaf, struct hash ret_hashes[63])
{
	unsigned level = 0;

	assert(edge->size < TREE_SIZE_MAX);
	ret_hashes[0] = *leaf;
	for (; (edge->size >> level & 1) != 0; level++)
		tree_node_hash(&edge->hashes[level], &ret_hashes[level], &ret_hashes[level + 1]);
	edge->hashes[level] = ret_hashes[level];
	edge->size++;
	return level + 1;
}

void tree_edge_head(const struct tree_edge *edge, struct tree_head *ret_head)
{
	uint64_t left = edge->size;
	struct hash sum;

	ret_head->size = edge->size;
	if (left == 0) {
		tree_empty_root(&ret_head->root);
		return;
	}
	sum = edge->hashes[low_zeros(left)];
	for (left &= left - 1; left > 0; left &= left - 1)
		tree_node_hash(&edge->hashes[low_zeros(left)], &sum, &sum);
	ret_head->root = sum;
}
