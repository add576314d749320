/*
 * keys.c - key files that are whole or absent, and readable by nobody else.
 *
 * The key file is 64 hexadecimal digits of the Ed25519 seed (RFC 8032) and a newline.  A file is written
 * under a temporary name, synced, renamed, and the directory synced: a power cut leaves the old
 * state or the new one.  Files are opened relative to the directory's descriptor with O_NOFOLLOW, and
 * checked through the descriptor, so that nothing can be exchanged between check and use.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "simpul/crypto.h"
#include "store/keys.h"

#define KEY_FILE "node.key"
#define LOCK_FILE "lock"
#define KEY_FILE_BYTES (2 * sizeof(struct secret_key) + 1)

#define AUTO_CLOSE __attribute__((cleanup(close_descriptor))) int

static void close_descriptor(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static bool failed(struct err *e, const char *doing, const char *path)
{
	enum err_code code = errno == ENOSPC || errno == EDQUOT ? ERR_DISK_FULL :
			     errno == EACCES || errno == EPERM || errno == EROFS ? ERR_READ_ONLY :
			     errno == ENOENT ? ERR_NOT_FOUND :
			     errno == EEXIST ? ERR_EXISTS :
			     errno == ELOOP || errno == ENOTDIR ? ERR_PERMISSIONS : ERR_STORAGE;

	return err_set(e, code, "%s %s: %s", doing, path, strerror(errno));
}

bool keys_path(const char *file, const char *name, char *out, size_t cap, struct err *e)
{
	int n = snprintf(out, cap, "%s" KEYS_DIRECTORY_SUFFIX "/%s", file, name);

	if (n < 0 || (size_t)n >= cap)
		return err_set(e, ERR_USAGE, "the path of %s is too long", file);
	return true;
}

static bool check_private(int fd, const char *path, bool directory, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return failed(e, "look at", path);
	if (directory ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode))
		return err_set(e, ERR_PERMISSIONS, "%s is not a %s", path,
			       directory ? "directory" : "plain file");
	if (st.st_uid != geteuid())
		return err_set(e, ERR_PERMISSIONS, "%s belongs to user %u, not %u", path,
			       (unsigned)st.st_uid, (unsigned)geteuid());
	if (st.st_mode & (directory ? 0077 : 0177))
		return err_set(e, ERR_PERMISSIONS, "%s has mode %04o, wider than %04o", path,
			       (unsigned)st.st_mode & 07777, directory ? 0700u : 0600u);
	return true;
}

/* A new directory is lasting only when its parent has been synced. */
static bool make_directory(const char *path, struct err *e)
{
	char parent[PATH_MAX];
	AUTO_CLOSE fd = -1;
	char *slash;

	if (mkdir(path, 0700) != 0)
		return errno == EEXIST || failed(e, "make", path);
	snprintf(parent, sizeof(parent), "%s", path);
	slash = strrchr(parent, '/');
	if (slash == NULL)
		snprintf(parent, sizeof(parent), ".");
	else
		slash[slash == parent] = '\0';
	fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		return failed(e, "sync", parent);
	return true;
}

static bool open_directory(const char *file, bool make, int *ret_fd, struct err *e)
{
	char path[PATH_MAX];
	size_t len;
	int fd;

	if (!keys_path(file, "", path, sizeof(path), e))
		return false;
	len = strlen(path);
	path[len - 1] = '\0'; /* without the slash O_NOFOLLOW means the directory itself */
	if (make && !make_directory(path, e))
		return false;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return failed(e, "open", path);
	if (!check_private(fd, path, true, e)) {
		close(fd);
		return false;
	}
	*ret_fd = fd;
	return true;
}

static bool write_all(int fd, const void *bytes, size_t len)
{
	const char *p = bytes;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* once: fail with ERR_EXISTS where the name is taken; link() decides that atomically. */
static bool write_file(const char *file, const char *name, const struct bytes *content, bool once,
		       struct err *e)
{
	AUTO_CLOSE directory = -1;
	AUTO_CLOSE fd = -1;
	char path[PATH_MAX], temporary[NAME_MAX];
	bool written;

	if (!keys_path(file, name, path, sizeof(path), e) ||
	    !open_directory(file, true, &directory, e))
		return false;
	snprintf(temporary, sizeof(temporary), "%s.new.%ld", name, (long)getpid());
	(void)unlinkat(directory, temporary, 0);
	fd = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return failed(e, "make", path);
	written = fchmod(fd, 0600) == 0 && write_all(fd, content->data, content->len) &&
		  fsync(fd) == 0 &&
		  (once ? linkat(directory, temporary, directory, name, 0) :
			  renameat(directory, temporary, directory, name)) == 0;
	if (!written)
		failed(e, "write", path);
	if (!written || once)
		(void)unlinkat(directory, temporary, 0);
	if (!written)
		return false;
	return fsync(directory) == 0 || failed(e, "sync", path);
}

bool keys_write(const char *file, const char *name, const void *bytes, size_t len, struct err *e)
{
	struct bytes content = { bytes, len };

	return write_file(file, name, &content, false, e);
}

bool keys_read(const char *file, const char *name, void *ret_bytes, size_t cap, size_t *ret_len,
	       struct err *e)
{
	AUTO_CLOSE directory = -1;
	AUTO_CLOSE fd = -1;
	char path[PATH_MAX];
	uint8_t *p = ret_bytes;
	size_t len = 0;
	ssize_t n;

	if (!keys_path(file, name, path, sizeof(path), e) ||
	    !open_directory(file, false, &directory, e))
		return false;
	fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return failed(e, "open", path);
	if (!check_private(fd, path, false, e))
		return false;
	while (len < cap) {
		n = read(fd, p + len, cap - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return failed(e, "read", path);
		if (n == 0) {
			*ret_len = len;
			return true;
		}
		len += (size_t)n;
	}
	return err_set(e, ERR_TOO_LARGE, "%s has more than %zu bytes", path, cap - 1);
}

bool keys_make(const char *file, const struct world *world, struct secret_key *ret, struct err *e)
{
	char text[KEY_FILE_BYTES + 1];
	struct bytes content = { text, KEY_FILE_BYTES };
	struct secret_key key;
	bool ok;

	world_random(world, key.bytes, sizeof(key.bytes));
	hex_encode(key.bytes, sizeof(key.bytes), text);
	text[KEY_FILE_BYTES - 1] = '\n';
	ok = write_file(file, KEY_FILE, &content, true, e);
	if (ok)
		*ret = key;
	crypto_wipe(&key, sizeof(key));
	crypto_wipe(text, sizeof(text));
	return ok;
}

bool keys_load(const char *file, struct secret_key *ret, struct err *e)
{
	char text[KEY_FILE_BYTES + 1];
	struct secret_key key;
	size_t len = 0;
	bool ok;

	if (!keys_read(file, KEY_FILE, text, sizeof(text), &len, e))
		return false;
	ok = len == KEY_FILE_BYTES && text[len - 1] == '\n' &&
	     hex_decode(text, len - 1, key.bytes, sizeof(key.bytes));
	if (ok)
		*ret = key;
	else
		err_set(e, ERR_MALFORMED, "%s" KEYS_DIRECTORY_SUFFIX "/" KEY_FILE " is not a key", file);
	crypto_wipe(&key, sizeof(key));
	crypto_wipe(text, sizeof(text));
	return ok;
}

bool keys_lock(const char *file, int *ret_lock, struct err *e)
{
	AUTO_CLOSE directory = -1;
	char text[32] = "";
	int fd, len;

	if (!open_directory(file, true, &directory, e))
		return false;
	fd = openat(directory, LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return failed(e, "open the lock of", file);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK)
			failed(e, "lock", file);
		else if (pread(fd, text, sizeof(text) - 1, 0) > 0)
			err_set(e, ERR_RUNNING, "%s: process %ld holds it", file, strtol(text, NULL, 10));
		else
			err_set(e, ERR_RUNNING, "%s: another process holds it", file);
		close(fd);
		return false;
	}
	/* The number is for people; the lock itself is the kernel's and ends with the process. */
	len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)len, 0) != len) {
		failed(e, "write the lock of", file);
		close(fd);
		return false;
	}
	*ret_lock = fd;
	return true;
}

void keys_unlock(int lock)
{
	if (lock >= 0)
		close(lock); /* unlocks */
}
