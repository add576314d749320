/*
 * part.h - a file that is being received: which of its blocks are here and proven, and what is still missing.
 *
 * Its sender tells first how long it is and the SHA-256 of each block (BLOB_BLOCK_BYTES, the last may be
 * shorter).  Bytes come in pieces, the pieces of a block in order; a block whose last piece has come is
 * compared with the list, and kept or forgotten.  When all are here, the whole must have the SHA-256 that is
 * its name: only that makes it a file of the store.
 *
 * What is here is not written down but looked up: when a part is opened, each block on disk is compared with
 * the list.  So a power cut, a torn write or a bad sector costs the blocks that it hit, and no order of
 * writes has to be kept up.
 *
 *	struct blob_part *part;
 *
 *	if (!blob_part_open(&store, &hash, &plan, &part, e) ||
 *	    !blob_part_put(part, offset, bytes, len, e))
 *		return false;
 *	if (blob_part_full(part))
 *		ok = blob_part_check(part, e) && blob_part_adopt(part, e);
 *	blob_part_close(&part);
 *
 * Memory: 130 KiB for the longest list.  Threads: a part is one thread's, and open once at a time.
 */
#ifndef BLOB_PART_H
#define BLOB_PART_H

#include "blob/store.h"

#define BLOB_PART_NAME (HEX_SIZE(sizeof(struct hash)) + 1 + LIMIT_SCOPE_BYTES)

struct blob_plan {
	uint64_t size;
	uint32_t blocks; /* blob_blocks(size) */
	struct hash *list;
};

struct blob_part {
	const struct blob_store *store;
	struct hash hash;
	struct blob_plan plan;
	struct hash plan_hash;		    /* blob_plan_hash */
	uint8_t have[BLOB_BLOCKS_MAX / 8]; /* bit 0x80 of byte 0 is block 0 */
	uint32_t have_n;
	uint32_t filling;	/* the block that is being filled, */
	uint32_t filled_bytes;	/* and how far; 0: none */
	int fd, directory;
	char name[BLOB_PART_NAME];
};

/* u64 size, big-endian, then the list: as it travels, and as its hash is made. */
void blob_plan_encode(const struct blob_plan *plan, struct buf *out);
/* ERR_MALFORMED, ERR_TOO_LARGE.  *ret_plan owns its list (memory_free). */
MUST_USE bool blob_plan_decode(const void *bytes, size_t len, struct blob_plan *ret_plan, struct err *e);
void blob_plan_hash(const struct blob_plan *plan, struct hash *ret);
/* Of a complete file; it is read once. */
MUST_USE bool blob_plan_make(const struct blob_reader *r, struct blob_plan *ret_plan, struct err *e);

/*
 * Begins, or goes on with what is there: blocks that fit this plan count.  Takes over plan->list.  A plan
 * NULL means the one that came last; ERR_NOT_FOUND if there is none.  scope: for whom it is received; NULL:
 * for this node.  Parts of one file for two scopes are two, so that neither learns of the other.
 */
MUST_USE bool blob_part_open(const struct blob_store *s, const struct hash *hash,
			     const struct scope *scope, struct blob_plan *plan, struct blob_part **ret,
			     struct err *e);
/* How long the file of this hash will be, if some of it was received; else BLOB_ABSENT. */
MUST_USE bool blob_part_size(const struct blob_store *s, const struct hash *hash,
			     const struct scope *scope, int64_t *ret, struct err *e);
bool blob_part_has(const struct blob_part *part, uint32_t block);
bool blob_part_full(const struct blob_part *part);
/* Of the pieces that are missing the first, at most max bytes and within one block; false: none is. */
bool blob_part_next(const struct blob_part *part, size_t max, uint64_t *ret_offset, size_t *ret_len);
/*
 * A piece, within one block.  One that is here already is fine.  ERR_MALFORMED: not the next of its block;
 * ERR_HASH: the block is complete and wrong, and is forgotten.
 */
MUST_USE bool blob_part_put(struct blob_part *part, uint64_t offset, const void *bytes, size_t len,
			    struct err *e);
/* All blocks are here: the whole is compared.  ERR_HASH: the list was of another file; the part is gone. */
MUST_USE bool blob_part_check(struct blob_part *part, struct err *e);
/* After that: a file of the store, for good. */
MUST_USE bool blob_part_adopt(struct blob_part *part, struct err *e);
void blob_part_close(struct blob_part **part);

#endif
