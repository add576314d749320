/*
 * tree.h - the hub's log as an RFC 6962 / RFC 9162 Merkle tree: roots, proofs, and checking them.
 *
 * Whoever stores the log hands over a tree_source, which returns the hash of a complete subtree;
 * from that come root, inclusion and consistency proofs in O(log size) calls.  A tree_edge is the
 * opposite: it needs no storage, takes leaves one by one and knows the root after each.  Checking a
 * proof needs neither.  A proof of the wrong length, for the wrong index or for the wrong size is
 * refused.
 *
 *	struct tree_proof proof;
 *
 *	if (!tree_inclusion(&source, index, head.size, &proof, e) ||
 *	    !tree_verify_inclusion(&leaf, index, &head, &proof, e))
 *		return false;
 *
 * Memory: values, nothing to free.  Threads: pure.
 */
#ifndef SIMPUL_TREE_H
#define SIMPUL_TREE_H

#include "simpul/ident.h"

#define TREE_SIZE_MAX (UINT64_C(1) << 62) /* leaves; a proof then has at most 63 hashes */

struct tree_head {
	uint64_t size;
	struct hash root;
};

struct tree_proof { /* from the leaf upwards */
	uint32_t count;
	struct hash hashes[LIMIT_PROOF_HASHES];
};

/*
 * hash() returns the root of the 2^level leaves that begin at leaf `index << level`.  It is only
 * asked for subtrees that are complete within the size that the caller named.
 */
struct tree_source {
	bool (*hash)(void *owner, unsigned level, uint64_t index, struct hash *ret_hash,
		     struct err *e);
	void *owner;
};

/* The complete subtrees at a tree's right edge: hashes[level] counts where size has bit `level`. */
struct tree_edge {
	uint64_t size;
	struct hash hashes[63];
};

/* SHA-256(00 || data), SHA-256(01 || left || right), SHA-256 of nothing. */
void tree_leaf_hash(const void *data, size_t len, struct hash *ret_hash);
void tree_node_hash(const struct hash *left, const struct hash *right, struct hash *ret_hash);
void tree_empty_root(struct hash *ret_root);

/* The root of the first `size` leaves. */
MUST_USE bool tree_root(const struct tree_source *source, uint64_t size, struct hash *ret_root,
			struct err *e);
/* ERR_USAGE unless index < size. */
MUST_USE bool tree_inclusion(const struct tree_source *source, uint64_t index, uint64_t size,
			     struct tree_proof *ret_proof, struct err *e);
/* ERR_USAGE unless old_size <= size.  Empty for old_size 0 and old_size == size. */
MUST_USE bool tree_consistency(const struct tree_source *source, uint64_t old_size, uint64_t size,
			       struct tree_proof *ret_proof, struct err *e);

/* ERR_PROOF unless the leaf is at `index` in the tree that head names. */
MUST_USE bool tree_verify_inclusion(const struct hash *leaf, uint64_t index,
				    const struct tree_head *head, const struct tree_proof *proof,
				    struct err *e);
/*
 * ERR_PROOF unless `old` is a prefix of `head`.  Size 0 is a prefix of every tree, with the empty
 * root and an empty proof; equal sizes need equal roots and an empty proof.
 */
MUST_USE bool tree_verify_consistency(const struct tree_head *old, const struct tree_head *head,
				      const struct tree_proof *proof, struct err *e);

/* A new tree_edge is all zeroes; or it takes up an existing log at `size`. */
MUST_USE bool tree_edge_load(const struct tree_source *source, uint64_t size,
			     struct tree_edge *ret_edge, struct err *e);
/*
 * Appends a leaf.  ret_hashes[0..result-1] are the complete subtrees that it adds: [k] is the one
 * of level k with index `(size before) >> k`; [0] is the leaf.  At most 63.
 */
unsigned tree_edge_add(struct tree_edge *edge, const struct hash *leaf, struct hash ret_hashes[63]);
void tree_edge_head(const struct tree_edge *edge, struct tree_head *ret_head);

#endif
