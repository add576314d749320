/*
 * store.h - attachments: files named by their SHA-256, in FILE.simpul/files beside the database.
 *
 *	FILE.simpul/files/ab/<64 hex digits>	a complete file; ab are the first two digits
 *	FILE.simpul/files/new/<32 hex digits>	one that is being written here (writer.h)
 *	FILE.simpul/files/part/<64 hex digits>	one that is being received (part.h), and its .list
 *	FILE.simpul/files/own/<64 hex digits>	empty: people at this node put that file here
 *
 * A name under ab/ is a promise: all bytes are there, they were on disk before the name was, and they have
 * that SHA-256.  So the directory needs no index, and a crash or power cut at any point leaves a complete
 * file under its name, or none.  Nothing is ever deleted from there: rows of the past refer to it as well.
 *
 *	AUTO_BLOB_STORE store = { .directory = -1 };
 *
 *	if (!blob_open(&store, "office.db", true, world, e) || !blob_size(&store, &hash, &size, e))
 *		return false;
 *
 * Memory: blob_close and blob_reader_close free.  Threads: a store may be used by several, as may the
 * directory by several processes; a reader belongs to one.
 */
#ifndef BLOB_STORE_H
#define BLOB_STORE_H

#include "base/buf.h"
#include "base/world.h"
#include "simpul/ident.h"

#define BLOB_BLOCK_BYTES (256u << 10)
#define BLOB_BYTES_MAX (UINT64_C(1) << 30)
#define BLOB_BLOCKS_MAX 4096u
#define BLOB_ABSENT (-1)

struct blob_store {
	int directory; /* -1: there is none yet */
	const struct world *world;
};

#define AUTO_BLOB_STORE __attribute__((cleanup(blob_close))) struct blob_store

/* file: the node's database.  make: the directories too; else a store that is not there is an empty one. */
MUST_USE bool blob_open(struct blob_store *s, const char *file, bool make, const struct world *world,
			struct err *e);
void blob_close(struct blob_store *s);

/* How long the file is; BLOB_ABSENT: not complete here. */
MUST_USE bool blob_size(const struct blob_store *s, const struct hash *hash, int64_t *ret, struct err *e);
/* Did people at this node put it here, or did others bring it? */
MUST_USE bool blob_own(const struct blob_store *s, const struct hash *hash, bool *ret, struct err *e);
MUST_USE bool blob_own_put(const struct blob_store *s, const struct hash *hash, struct err *e);
/* Is there free space for so many bytes, and some to spare?  ERR_DISK_FULL. */
MUST_USE bool blob_room(const struct blob_store *s, uint64_t bytes, struct err *e);

struct blob_reader {
	int fd;
	uint64_t size;
};

#define AUTO_BLOB_READER __attribute__((cleanup(blob_reader_close))) struct blob_reader

/* ERR_NOT_FOUND if it is not complete here.  A reader that is { .fd = -1 } is closed. */
MUST_USE bool blob_reader_open(const struct blob_store *s, const struct hash *hash, struct blob_reader *ret,
			       struct err *e);
/* Exactly len bytes from offset on; ERR_CORRUPT if the file ends before. */
MUST_USE bool blob_reader_read(const struct blob_reader *r, uint64_t offset, void *ret_bytes, size_t len,
			       struct err *e);
void blob_reader_close(struct blob_reader *r);
/*
 * Reads all of it once: the SHA-256 of each block into list (BLOB_BLOCKS_MAX entries; NULL: not wanted) and
 * of the whole.
 */
MUST_USE bool blob_reader_hash(const struct blob_reader *r, struct hash *list, struct hash *ret_whole,
			       struct err *e);
uint32_t blob_blocks(uint64_t size); /* how many blocks a file of this size has */

/* For the other files of this directory. */
MUST_USE bool blob_directory(const struct blob_store *s, const char *name, int *ret_fd, struct err *e);
/* Puts the synced file `name` of `from` under its hash, for good. */
MUST_USE bool blob_adopt(const struct blob_store *s, int from, const char *name, const struct hash *hash,
			 struct err *e);
MUST_USE bool blob_write_all(int fd, const void *bytes, size_t len, uint64_t offset, struct err *e);
bool blob_failed(struct err *e, const char *doing, const char *name); /* errno as our error; false */
#define blob_failed(...) err_false(blob_failed(__VA_ARGS__))
void blob_descriptor_close(int *fd);
#define AUTO_BLOB_FD __attribute__((cleanup(blob_descriptor_close))) int

#endif
