/* writer.c - unfinished files under random names. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blob/writer.h"
#include "simpul/crypto.h"

#define DIRECTORY "new"

bool blob_writer_begin(const struct blob_store *s, struct blob_writer *ret, struct err *e)
{
	struct blob_writer w = { .store = s, .fd = -1, .directory = -1 };
	uint8_t random[16];

	world_random(s->world, random, sizeof(random));
	hex_encode(random, sizeof(random), w.id);
	if (!blob_directory(s, DIRECTORY, &w.directory, e))
		return false;
	w.fd = openat(w.directory, w.id, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (w.fd < 0) {
		blob_failed(e, "make", w.id);
		blob_writer_close(&w);
		return false;
	}
	*ret = w;
	return true;
}

bool blob_writer_resume(const struct blob_store *s, const char *id, struct blob_writer *ret, struct err *e)
{
	struct blob_writer w = { .store = s, .fd = -1, .directory = -1 };
	uint8_t bytes[16];
	struct stat st;

	if (!hex_decode(id, strlen(id), bytes, sizeof(bytes)))
		return err_set(e, ERR_NOT_FOUND, "there is no unfinished file of that number");
	hex_encode(bytes, sizeof(bytes), w.id);
	if (!blob_directory(s, DIRECTORY, &w.directory, e))
		return false;
	w.fd = openat(w.directory, w.id, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (w.fd < 0 || fstat(w.fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		blob_writer_close(&w);
		return err_set(e, ERR_NOT_FOUND, "there is no unfinished file of that number");
	}
	w.size = (uint64_t)st.st_size;
	*ret = w;
	return true;
}

bool blob_writer_append(struct blob_writer *w, const void *bytes, size_t len, struct err *e)
{
	if (len > BLOB_BYTES_MAX - w->size)
		return err_set(e, ERR_TOO_LARGE, "an attachment has at most 1 GiB");
	if (!blob_write_all(w->fd, bytes, len, w->size, e)) {
		/* Where it stands is told by its length: half a piece would be a wrong place. */
		if (ftruncate(w->fd, (off_t)w->size) != 0)
			return err_wrap(e, "and cannot be cut back");
		return false;
	}
	w->size += len;
	return true;
}

bool blob_writer_finish(struct blob_writer *w, struct hash *ret_hash, uint64_t *ret_size, struct err *e)
{
	struct blob_reader reader = { .fd = w->fd, .size = w->size };
	struct hash hash;

	if (!blob_reader_hash(&reader, NULL, &hash, e))
		return false;
	if (fsync(w->fd) != 0)
		return blob_failed(e, "sync", w->id);
	if (!blob_own_put(w->store, &hash, e) || !blob_adopt(w->store, w->directory, w->id, &hash, e))
		return false;
	*ret_hash = hash;
	*ret_size = w->size;
	blob_writer_close(w);
	return true;
}

void blob_writer_abandon(struct blob_writer *w)
{
	if (w->fd >= 0)
		(void)unlinkat(w->directory, w->id, 0);
	blob_writer_close(w);
}

void blob_writer_close(struct blob_writer *w)
{
	if (w->store == NULL)
		return;
	blob_descriptor_close(&w->fd);
	blob_descriptor_close(&w->directory);
	w->store = NULL;
}

static void list_close(DIR **list)
{
	if (*list != NULL)
		closedir(*list);
}

void blob_writer_sweep(const struct blob_store *s)
{
	__attribute__((cleanup(list_close))) DIR *list = NULL;
	int64_t before_s = (int64_t)(world_now_ms(s->world) / 1000) - (int64_t)BLOB_WRITER_HOURS * 3600;
	const struct dirent *entry;
	struct stat st;
	struct err e;
	int fd;

	if (s->directory < 0 || !blob_directory(s, DIRECTORY, &fd, &e))
		return;
	list = fdopendir(fd);
	if (list == NULL) {
		close(fd);
		return;
	}
	while ((entry = readdir(list)) != NULL)
		if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
		    st.st_mtime < before_s)
			(void)unlinkat(fd, entry->d_name, 0);
}
