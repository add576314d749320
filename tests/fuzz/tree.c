/* tree.c - any bytes as sizes and proofs: refused or right, and never read past their end. */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "simpul/tree.h"

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A log of `size` leaves of which leaf i is the hash of i; small, so that right proofs are in
 * reach. */
static bool source_hash(void *owner, unsigned level, uint64_t index, struct hash *ret,
			struct err *e)
{
	struct hash left, right;

	if (level == 0) {
		tree_leaf_hash(&index, sizeof(index), ret);
		return true;
	}
	if (!source_hash(owner, level - 1, 2 * index, &left, e) ||
	    !source_hash(owner, level - 1, 2 * index + 1, &right, e))
		return false;
	tree_node_hash(&left, &right, ret);
	return true;
}

/* A right proof with some of its bits changed by the input verifies only if nothing was changed. */
static void mutated(struct reader *r)
{
	const struct tree_source source = { source_hash, NULL };
	struct tree_proof good, proof;
	struct tree_head old, head;
	struct hash leaf;
	struct err e;

	head.size = reader_uint(r, 1) % 64 + 1;
	old.size = reader_uint(r, 1) % (head.size + 1);
	uint64_t index = reader_uint(r, 1) % head.size, claimed = index;

	MUST(tree_root(&source, head.size, &head.root, &e));
	MUST(tree_root(&source, old.size, &old.root, &e));
	source_hash(NULL, 0, index, &leaf, &e);
	MUST(tree_inclusion(&source, index, head.size, &good, &e));
	proof = good;
	claimed ^= reader_uint(r, 1);
	for (uint32_t i = 0; i < proof.count; i++)
		proof.hashes[i].bytes[i] ^= (uint8_t)reader_uint(r, 1);
	proof.count = (proof.count + (uint32_t)reader_uint(r, 1)) % (LIMIT_PROOF_HASHES + 1);
	bool same = claimed == index && proof.count == good.count &&
		    memcmp(proof.hashes, good.hashes, good.count * sizeof(struct hash)) == 0;
	MUST(tree_verify_inclusion(&leaf, claimed, &head, &proof, &e) == same);

	MUST(tree_consistency(&source, old.size, head.size, &good, &e));
	proof = good;
	for (uint32_t i = 0; i < proof.count; i++)
		proof.hashes[i].bytes[i] ^= (uint8_t)reader_uint(r, 1);
	same = memcmp(proof.hashes, good.hashes, good.count * sizeof(struct hash)) == 0;
	MUST(tree_verify_consistency(&old, &head, &proof, &e) == same);
}

static void arbitrary(struct reader *r)
{
	struct tree_head old = { .size = reader_uint(r, 8) }, head = { .size = reader_uint(r, 8) };
	struct tree_proof proof = { .count = (uint32_t)reader_uint(r, 4) };
	uint64_t index = reader_uint(r, 8);
	struct err e;

	for (uint32_t i = 0; i < LIMIT_PROOF_HASHES && reader_left(r) >= 32; i++)
		memcpy(&proof.hashes[i], reader_take(r, 32), 32);
	head.root.bytes[0] = 1;
	MUST(!tree_verify_inclusion(&old.root, index, &head, &proof, &e) && e.code == ERR_PROOF);
	MUST(!tree_verify_consistency(&old, &head, &proof, &e) && e.code == ERR_PROOF);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct reader r = { data, data + len, false }, again = r;

	mutated(&r);
	arbitrary(&again);
	return 0;
}
