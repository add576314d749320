/*
 * store.c - directories, names, and reading.
 *
 * Everything is opened relative to the store's descriptor, by names made of hex digits only, and without
 * following a link in the last part: no text from outside ever becomes a path.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/memory.h"
#include "blob/store.h"
#include "simpul/crypto.h"
#include "store/keys.h"

#define SPARE_BYTES (64u << 20) /* the database needs room as well */
#define HASH_NAME HEX_SIZE(sizeof(struct hash))

#undef blob_failed
bool blob_failed(struct err *e, const char *doing, const char *name)
{
	enum err_code code = errno == ENOSPC || errno == EDQUOT	     ? ERR_DISK_FULL :
			     errno == EACCES || errno == EPERM || errno == EROFS ? ERR_READ_ONLY :
			     errno == ENOENT			     ? ERR_NOT_FOUND :
								       ERR_STORAGE;

	return err_set(e, code, "%s the attachment %s: %s", doing, name, strerror(errno));
}
#define blob_failed(...) err_false(blob_failed(__VA_ARGS__))

void blob_descriptor_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* A new directory is lasting only when the one above has been synced. */
static bool directory_open(int above, const char *name, bool make, int *ret_fd, struct err *e)
{
	bool made = make && mkdirat(above, name, 0700) == 0;

	if (make && !made && errno != EEXIST)
		return blob_failed(e, "make a directory for", name);
	if (made && above >= 0) {
		AUTO_BLOB_FD parent = openat(above, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (parent < 0 || fsync(parent) != 0)
			return blob_failed(e, "sync the directory of", name);
	}
	*ret_fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *ret_fd >= 0 || blob_failed(e, "open the directory of", name);
}

bool blob_open(struct blob_store *s, const char *file, bool make, const struct world *world, struct err *e)
{
	char path[PATH_MAX];
	AUTO_BLOB_FD above = -1;

	*s = (struct blob_store){ .directory = -1, .world = world };
	if (!keys_path(file, "", path, sizeof(path), e))
		return false;
	above = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (above < 0)
		return (errno == ENOENT && !make) || blob_failed(e, "open the directory of", path);
	if (!make && faccessat(above, "files", F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return true;
	return directory_open(above, "files", make, &s->directory, e);
}

void blob_close(struct blob_store *s)
{
	blob_descriptor_close(&s->directory);
}

bool blob_directory(const struct blob_store *s, const char *name, int *ret_fd, struct err *e)
{
	if (s->directory < 0)
		return err_set(e, ERR_NOT_FOUND, "there are no attachments here");
	return directory_open(s->directory, name, true, ret_fd, e);
}

/* "ab/abcd..." */
static void path_of(const struct hash *hash, char out[HASH_NAME + 3])
{
	hex_encode(hash->bytes, sizeof(hash->bytes), out + 3);
	memcpy(out, out + 3, 2);
	out[2] = '/';
}

bool blob_size(const struct blob_store *s, const struct hash *hash, int64_t *ret, struct err *e)
{
	char path[HASH_NAME + 3];
	struct stat st;

	*ret = BLOB_ABSENT;
	if (s->directory < 0)
		return true;
	path_of(hash, path);
	if (fstatat(s->directory, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT || blob_failed(e, "look for", path + 3);
	if (S_ISREG(st.st_mode))
		*ret = st.st_size;
	return true;
}

static void own_path(const struct hash *hash, char out[HASH_NAME + 4])
{
	memcpy(out, "own/", 4);
	hex_encode(hash->bytes, sizeof(hash->bytes), out + 4);
}

bool blob_own(const struct blob_store *s, const struct hash *hash, bool *ret, struct err *e)
{
	char path[HASH_NAME + 4];

	own_path(hash, path);
	*ret = s->directory >= 0 && faccessat(s->directory, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	return *ret || s->directory < 0 || errno == ENOENT || blob_failed(e, "look for", path);
}

bool blob_own_put(const struct blob_store *s, const struct hash *hash, struct err *e)
{
	AUTO_BLOB_FD directory = -1;
	AUTO_BLOB_FD fd = -1;
	char path[HASH_NAME + 4];

	own_path(hash, path);
	if (!blob_directory(s, "own", &directory, e))
		return false;
	fd = openat(directory, path + 4, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return (fd >= 0 && fsync(directory) == 0) || blob_failed(e, "note", path);
}

bool blob_room(const struct blob_store *s, uint64_t bytes, struct err *e)
{
	struct statvfs vfs;

	if (fstatvfs(s->directory, &vfs) != 0)
		return blob_failed(e, "ask for room for", "");
	if ((uint64_t)vfs.f_bavail * vfs.f_frsize < bytes + SPARE_BYTES)
		return err_set(e, ERR_DISK_FULL, "no room for an attachment of %llu bytes",
			       (unsigned long long)bytes);
	return true;
}

bool blob_reader_open(const struct blob_store *s, const struct hash *hash, struct blob_reader *ret,
		      struct err *e)
{
	char path[HASH_NAME + 3];
	AUTO_BLOB_FD fd = -1;
	struct stat st;

	path_of(hash, path);
	if (s->directory >= 0)
		fd = openat(s->directory, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && (s->directory < 0 || errno == ENOENT))
		return err_set(e, ERR_NOT_FOUND, "the attachment %s is not here", path + 3);
	if (fd < 0 || fstat(fd, &st) != 0)
		return blob_failed(e, "open", path + 3);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_STORAGE, "the attachment %s is not a file", path + 3);
	*ret = (struct blob_reader){ .fd = fd, .size = (uint64_t)st.st_size };
	fd = -1;
	return true;
}

void blob_reader_close(struct blob_reader *r)
{
	blob_descriptor_close(&r->fd);
}

bool blob_reader_read(const struct blob_reader *r, uint64_t offset, void *ret_bytes, size_t len,
		      struct err *e)
{
	uint8_t *p = ret_bytes;

	while (len > 0) {
		ssize_t n = pread(r->fd, p, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return blob_failed(e, "read", "");
		if (n == 0)
			return err_set(e, ERR_CORRUPT, "an attachment ends %zu bytes before its end", len);
		p += n;
		offset += (size_t)n;
		len -= (size_t)n;
	}
	return true;
}

uint32_t blob_blocks(uint64_t size)
{
	return (uint32_t)((size + BLOB_BLOCK_BYTES - 1) / BLOB_BLOCK_BYTES);
}

bool blob_reader_hash(const struct blob_reader *r, struct hash *list, struct hash *ret_whole,
		      struct err *e)
{
	AUTO_MEMORY uint8_t *block = memory_new(BLOB_BLOCK_BYTES);
	struct crypto_hasher hasher = { 0 };

	for (uint64_t at = 0; at < r->size; at += BLOB_BLOCK_BYTES) {
		size_t len = r->size - at < BLOB_BLOCK_BYTES ? (size_t)(r->size - at) : BLOB_BLOCK_BYTES;

		if (!blob_reader_read(r, at, block, len, e)) {
			crypto_hasher_done(&hasher);
			return false;
		}
		crypto_hasher_add(&hasher, block, len);
		if (list != NULL)
			crypto_sha256(block, len, &list[at / BLOB_BLOCK_BYTES]);
	}
	crypto_hasher_end(&hasher, ret_whole);
	return true;
}

bool blob_write_all(int fd, const void *bytes, size_t len, uint64_t offset, struct err *e)
{
	const uint8_t *p = bytes;

	while (len > 0) {
		ssize_t n = pwrite(fd, p, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return blob_failed(e, "write", "");
		p += n;
		offset += (size_t)n;
		len -= (size_t)n;
	}
	return true;
}

bool blob_adopt(const struct blob_store *s, int from, const char *name, const struct hash *hash,
		struct err *e)
{
	char path[HASH_NAME + 3], shard[3] = "";
	AUTO_BLOB_FD directory = -1;

	path_of(hash, path);
	memcpy(shard, path, 2);
	if (!blob_directory(s, shard, &directory, e))
		return false;
	/* Whatever has that name already has the same bytes. */
	if (renameat(from, name, directory, path + 3) != 0)
		return blob_failed(e, "name", path + 3);
	return fsync(directory) == 0 || blob_failed(e, "sync", path + 3);
}
