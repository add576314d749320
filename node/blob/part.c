/* part.c - the list of blocks, the file that is filled, and the last test. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "blob/part.h"
#include "bytes.h"
#include "simpul/crypto.h"

#define DIRECTORY "part"
#define LIST_SUFFIX ".list"
#define PLAN_HEAD_BYTES 8
#define PLAN_BYTES_MAX (PLAN_HEAD_BYTES + BLOB_BLOCKS_MAX * sizeof(struct hash))

void blob_plan_encode(const struct blob_plan *plan, struct buf *out)
{
	struct writer w = { .p = buf_reserve(out, PLAN_HEAD_BYTES), .cap = PLAN_HEAD_BYTES };

	writer_uint(&w, plan->size, PLAN_HEAD_BYTES);
	out->len += PLAN_HEAD_BYTES;
	buf_put(out, plan->list, plan->blocks * sizeof(plan->list[0]));
}

bool blob_plan_decode(const void *bytes, size_t len, struct blob_plan *ret_plan, struct err *e)
{
	struct reader r = { .p = bytes, .end = (const uint8_t *)bytes + len };
	struct blob_plan plan = { .size = reader_uint(&r, PLAN_HEAD_BYTES) };

	if (r.failed)
		return err_set(e, ERR_MALFORMED, "a list of blocks begins with the size");
	if (plan.size > BLOB_BYTES_MAX)
		return err_set(e, ERR_TOO_LARGE, "an attachment has at most 1 GiB");
	plan.blocks = blob_blocks(plan.size);
	if (len != PLAN_HEAD_BYTES + plan.blocks * sizeof(struct hash))
		return err_set(e, ERR_MALFORMED, "the list of blocks is not as long as the size says");
	plan.list = memory_new(plan.blocks * sizeof(struct hash) + 1);
	memcpy(plan.list, (const uint8_t *)bytes + PLAN_HEAD_BYTES, plan.blocks * sizeof(struct hash));
	*ret_plan = plan;
	return true;
}

void blob_plan_hash(const struct blob_plan *plan, struct hash *ret)
{
	AUTO_BUF text = { 0 };

	blob_plan_encode(plan, &text);
	crypto_sha256(text.data, text.len, ret);
}

bool blob_plan_make(const struct blob_reader *r, struct blob_plan *ret_plan, struct err *e)
{
	struct blob_plan plan = { .size = r->size, .blocks = blob_blocks(r->size) };
	struct hash whole;

	if (r->size > BLOB_BYTES_MAX)
		return err_set(e, ERR_TOO_LARGE, "an attachment has at most 1 GiB");
	plan.list = memory_new(plan.blocks * sizeof(struct hash) + 1);
	if (!blob_reader_hash(r, plan.list, &whole, e)) {
		memory_free(&plan.list);
		return false;
	}
	*ret_plan = plan;
	return true;
}

static uint32_t block_bytes(const struct blob_plan *plan, uint32_t block)
{
	uint64_t left = plan->size - (uint64_t)block * BLOB_BLOCK_BYTES;

	return left < BLOB_BLOCK_BYTES ? (uint32_t)left : BLOB_BLOCK_BYTES;
}

bool blob_part_has(const struct blob_part *part, uint32_t block)
{
	return (part->have[block / 8] & 0x80 >> block % 8) != 0;
}

bool blob_part_full(const struct blob_part *part)
{
	return part->have_n == part->plan.blocks;
}

/* Compares a block on disk with the list; a read that fails is a block that is not here. */
static bool block_check(struct blob_part *part, uint32_t block, uint8_t *room)
{
	struct blob_reader reader = { .fd = part->fd, .size = part->plan.size };
	uint32_t len = block_bytes(&part->plan, block);
	struct hash hash;
	struct err ignored;

	if (!blob_reader_read(&reader, (uint64_t)block * BLOB_BLOCK_BYTES, room, len, &ignored))
		return false;
	crypto_sha256(room, len, &hash);
	if (!hash_equal(&hash, &part->plan.list[block]))
		return false;
	part->have[block / 8] |= (uint8_t)(0x80 >> block % 8);
	part->have_n++;
	return true;
}

/* Which blocks are here.  Holes are passed over unread: a part that has just begun is one. */
static void look(struct blob_part *part)
{
	AUTO_MEMORY uint8_t *room = memory_new(BLOB_BLOCK_BYTES);

	for (uint32_t block = 0; block < part->plan.blocks; block++) {
		off_t at = (off_t)block * BLOB_BLOCK_BYTES, data = lseek(part->fd, at, SEEK_DATA);

		if (data < 0 && errno == ENXIO)
			return; /* a hole up to the end */
		if (data < at + (off_t)BLOB_BLOCK_BYTES)
			block_check(part, block, room);
	}
}

/* A torn or lost list is one that is not there, or one that no block fits: the sender tells it again. */
static bool plan_load(struct blob_part *part, struct err *e)
{
	char name[sizeof(part->name) + sizeof(LIST_SUFFIX)];
	AUTO_MEMORY uint8_t *bytes = memory_new(PLAN_BYTES_MAX + 1);
	AUTO_BLOB_FD fd = -1;
	size_t len = 0;
	ssize_t n = 1;

	snprintf(name, sizeof(name), "%s" LIST_SUFFIX, part->name);
	fd = openat(part->directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return blob_failed(e, "find the list of", part->name);
	while (n > 0 && len <= PLAN_BYTES_MAX) {
		n = read(fd, bytes + len, PLAN_BYTES_MAX + 1 - len);
		if (n < 0)
			return blob_failed(e, "read the list of", part->name);
		len += (size_t)n;
	}
	return blob_plan_decode(bytes, len, &part->plan, e) ||
	       err_set(e, ERR_NOT_FOUND, "the list of %s is damaged", part->name);
}

static bool plan_save(struct blob_part *part, struct err *e)
{
	char name[sizeof(part->name) + sizeof(LIST_SUFFIX)];
	AUTO_BLOB_FD fd = -1;
	AUTO_BUF text = { 0 };

	snprintf(name, sizeof(name), "%s" LIST_SUFFIX, part->name);
	blob_plan_encode(&part->plan, &text);
	fd = openat(part->directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return blob_failed(e, "write the list of", part->name);
	return blob_write_all(fd, text.data, text.len, 0, e);
}

static bool prepare(struct blob_part *part, struct blob_plan *plan, struct err *e)
{
	if (!blob_directory(part->store, DIRECTORY, &part->directory, e))
		return false;
	if (plan == NULL) {
		if (!plan_load(part, e))
			return false;
	} else {
		part->plan = *plan;
		plan->list = NULL;
		if (!blob_room(part->store, part->plan.size, e) || !plan_save(part, e))
			return false;
	}
	part->fd = openat(part->directory, part->name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (part->fd < 0 || ftruncate(part->fd, (off_t)part->plan.size) != 0)
		return blob_failed(e, "begin", part->name);
	blob_plan_hash(&part->plan, &part->plan_hash);
	look(part);
	return true;
}

/* "HASH" or "HASH.scope": both are made of characters that a name may have, and no more. */
static void name_part(const struct hash *hash, const struct scope *scope, char out[BLOB_PART_NAME])
{
	char hex[HEX_SIZE(sizeof(*hash))];

	hex_encode(hash->bytes, sizeof(hash->bytes), hex);
	snprintf(out, BLOB_PART_NAME, "%s%s%.64s", hex, scope == NULL ? "" : ".",
		 scope == NULL ? "" : scope->name);
}

bool blob_part_open(const struct blob_store *s, const struct hash *hash, const struct scope *scope,
		    struct blob_plan *plan, struct blob_part **ret, struct err *e)
{
	struct blob_part *part = memory_new(sizeof(*part));

	part->store = s;
	part->hash = *hash;
	part->fd = part->directory = -1;
	name_part(hash, scope, part->name);
	if (!prepare(part, plan, e)) {
		blob_part_close(&part);
		return false;
	}
	*ret = part;
	return true;
}

void blob_part_close(struct blob_part **part)
{
	if (*part == NULL)
		return;
	blob_descriptor_close(&(*part)->fd);
	blob_descriptor_close(&(*part)->directory);
	memory_free(&(*part)->plan.list);
	memory_free(part);
}

bool blob_part_next(const struct blob_part *part, size_t max, uint64_t *ret_offset, size_t *ret_len)
{
	uint32_t block = 0, from = part->filled_bytes;

	if (from > 0)
		block = part->filling;
	else
		while (block < part->plan.blocks && blob_part_has(part, block))
			block++;
	if (block == part->plan.blocks)
		return false;
	*ret_offset = (uint64_t)block * BLOB_BLOCK_BYTES + from;
	*ret_len = block_bytes(&part->plan, block) - from;
	if (*ret_len > max)
		*ret_len = max;
	return true;
}

bool blob_part_size(const struct blob_store *s, const struct hash *hash, const struct scope *scope,
		    int64_t *ret, struct err *e)
{
	char path[sizeof(DIRECTORY) + BLOB_PART_NAME] = DIRECTORY "/";
	struct stat st;

	*ret = BLOB_ABSENT;
	name_part(hash, scope, path + sizeof(DIRECTORY));
	if (s->directory < 0)
		return true;
	if (fstatat(s->directory, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
		*ret = st.st_size;
	else if (errno != ENOENT)
		return blob_failed(e, "look for", path);
	return true;
}

bool blob_part_put(struct blob_part *part, uint64_t offset, const void *bytes, size_t len, struct err *e)
{
	AUTO_MEMORY uint8_t *room = NULL;
	uint32_t block, from, all;

	if (len == 0 || len > BLOB_BLOCK_BYTES || offset >= part->plan.size)
		return err_set(e, ERR_MALFORMED, "a piece lies within the file and has at most %u bytes",
			       BLOB_BLOCK_BYTES);
	block = (uint32_t)(offset / BLOB_BLOCK_BYTES);
	from = (uint32_t)(offset % BLOB_BLOCK_BYTES);
	all = block_bytes(&part->plan, block);
	if (len > all - from)
		return err_set(e, ERR_MALFORMED, "a piece lies within one block");
	if (blob_part_has(part, block))
		return true;
	if (from != (part->filling == block ? part->filled_bytes : 0) && from != 0)
		return err_set(e, ERR_MALFORMED, "not the next piece of its block");
	if (!blob_write_all(part->fd, bytes, len, offset, e))
		return false;
	part->filling = block;
	part->filled_bytes = from + (uint32_t)len;
	if (part->filled_bytes < all)
		return true;
	part->filled_bytes = 0;
	room = memory_new(BLOB_BLOCK_BYTES);
	if (!block_check(part, block, room))
		return err_set(e, ERR_HASH, "block %u is not what the list says", block);
	/* To the disk by and by, so that the sync at the end has little left to do. */
	(void)sync_file_range(part->fd, (off_t)block * BLOB_BLOCK_BYTES, all, SYNC_FILE_RANGE_WRITE);
	return true;
}

static void forget(struct blob_part *part, bool data_too)
{
	char name[sizeof(part->name) + sizeof(LIST_SUFFIX)];

	snprintf(name, sizeof(name), "%s" LIST_SUFFIX, part->name);
	(void)unlinkat(part->directory, name, 0);
	if (data_too)
		(void)unlinkat(part->directory, part->name, 0);
}

bool blob_part_check(struct blob_part *part, struct err *e)
{
	struct blob_reader reader = { .fd = part->fd, .size = part->plan.size };
	struct hash whole;

	if (!blob_part_full(part))
		return err_set(e, ERR_INCOMPLETE, "%u of %u blocks are here", part->have_n,
			       part->plan.blocks);
	if (!blob_reader_hash(&reader, NULL, &whole, e))
		return false;
	if (hash_equal(&whole, &part->hash))
		return true;
	forget(part, true);
	return err_set(e, ERR_HASH, "the blocks fit their list, but the whole is another file");
}

bool blob_part_adopt(struct blob_part *part, struct err *e)
{
	if (fsync(part->fd) != 0)
		return blob_failed(e, "sync", part->name);
	if (!blob_adopt(part->store, part->directory, part->name, &part->hash, e))
		return false;
	forget(part, false);
	return true;
}
