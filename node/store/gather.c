/*
 * gather.c - a VFS that is the one below it in everything but how a main journal is written.
 *
 * Why this loses nothing: SQLite counts on what it wrote to a journal only after xSync has returned, and
 * writes no page of the database before.  Here xSync first hands down what is kept.  A process that is
 * killed before has not touched the database, so its journal does not matter.
 *
 * What is kept is one run of bytes; a read sees it.  If handing down fails (the disk is full) it stays
 * kept, so that the roll-back, which reads the journal, finds everything, and then truncates it away.
 */
#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "store/gather.h"

#define ROOM (64 << 10)

struct gathered { /* an open journal */
	sqlite3_file file; /* first: SQLite knows it by this */
	sqlite3_file *real;
	uint8_t *kept; /* NULL: never used, or emptied */
	sqlite3_int64 at;
	int len;
	bool direct; /* may only be read: the error has to come from the write itself, by name */
};

struct layer {
	sqlite3_vfs vfs; /* first */
	sqlite3_vfs *real;
	char name[64];
	struct layer *next;
};

static struct layer *layers;
static pthread_mutex_t layers_mutex = PTHREAD_MUTEX_INITIALIZER;

static struct gathered *gathered_of(sqlite3_file *file)
{
	return (struct gathered *)file;
}

static int hand_down(struct gathered *g)
{
	int rc = SQLITE_OK;

	if (g->len > 0)
		rc = g->real->pMethods->xWrite(g->real, g->kept, g->len, g->at);
	if ((rc & 0xff) == SQLITE_IOERR && errno == EDQUOT)
		rc = SQLITE_FULL; /* by the time that somebody asks, errno speaks of something else */
	if (rc == SQLITE_OK)
		g->len = 0;
	return rc;
}

static void forget(struct gathered *g)
{
	g->len = 0;
	memory_free(&g->kept);
}

static int journal_close(sqlite3_file *file)
{
	struct gathered *g = gathered_of(file);
	int rc = hand_down(g), closed = g->real->pMethods->xClose(g->real);

	forget(g);
	memory_free(&g->real);
	return rc == SQLITE_OK ? closed : rc;
}

static int journal_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	struct gathered *g = gathered_of(file);

	if (g->len > 0 && (at != g->at + g->len || n > ROOM - g->len)) {
		int rc = hand_down(g);

		if (rc != SQLITE_OK)
			return rc;
	}
	if (g->direct || n > ROOM)
		return g->real->pMethods->xWrite(g->real, bytes, n, at);
	if (g->kept == NULL)
		g->kept = memory_new(ROOM);
	if (g->len == 0)
		g->at = at;
	memcpy(g->kept + g->len, bytes, (size_t)n);
	g->len += n;
	return SQLITE_OK;
}

/* The part before what is kept, the part in it, the part behind it. */
static int journal_read(sqlite3_file *file, void *bytes, int n, sqlite3_int64 at)
{
	struct gathered *g = gathered_of(file);
	sqlite3_int64 end = g->at + g->len;
	uint8_t *to = bytes;
	int rc = SQLITE_OK, part;

	if (g->len == 0 || at >= end || at + n <= g->at)
		return g->real->pMethods->xRead(g->real, bytes, n, at);
	if (at < g->at) {
		part = (int)(g->at - at);
		rc = g->real->pMethods->xRead(g->real, to, part, at);
		to += part;
		n -= part;
		at = g->at;
	}
	part = n < end - at ? n : (int)(end - at);
	memcpy(to, g->kept + (at - g->at), (size_t)part);
	if (rc == SQLITE_OK && n > part)
		rc = g->real->pMethods->xRead(g->real, to + part, n - part, at + part);
	return rc;
}

static int journal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct gathered *g = gathered_of(file);

	if (size <= g->at)
		forget(g);
	else if (size < g->at + g->len)
		g->len = (int)(size - g->at);
	return g->real->pMethods->xTruncate(g->real, size);
}

static int journal_sync(sqlite3_file *file, int flags)
{
	struct gathered *g = gathered_of(file);
	int rc = hand_down(g);

	return rc == SQLITE_OK ? g->real->pMethods->xSync(g->real, flags) : rc;
}

static int journal_size(sqlite3_file *file, sqlite3_int64 *ret)
{
	struct gathered *g = gathered_of(file);
	int rc = g->real->pMethods->xFileSize(g->real, ret);

	if (rc == SQLITE_OK && g->len > 0 && g->at + g->len > *ret)
		*ret = g->at + g->len;
	return rc;
}

static int journal_lock(sqlite3_file *file, int lock)
{
	return gathered_of(file)->real->pMethods->xLock(gathered_of(file)->real, lock);
}

static int journal_unlock(sqlite3_file *file, int lock)
{
	return gathered_of(file)->real->pMethods->xUnlock(gathered_of(file)->real, lock);
}

static int journal_check_lock(sqlite3_file *file, int *ret)
{
	return gathered_of(file)->real->pMethods->xCheckReservedLock(gathered_of(file)->real, ret);
}

static int journal_control(sqlite3_file *file, int what, void *arg)
{
	return gathered_of(file)->real->pMethods->xFileControl(gathered_of(file)->real, what, arg);
}

static int journal_sector(sqlite3_file *file)
{
	return gathered_of(file)->real->pMethods->xSectorSize(gathered_of(file)->real);
}

static int journal_device(sqlite3_file *file)
{
	return gathered_of(file)->real->pMethods->xDeviceCharacteristics(gathered_of(file)->real);
}

static const sqlite3_io_methods journal_methods = {
	.iVersion = 1,
	.xClose = journal_close,
	.xRead = journal_read,
	.xWrite = journal_write,
	.xTruncate = journal_truncate,
	.xSync = journal_sync,
	.xFileSize = journal_size,
	.xLock = journal_lock,
	.xUnlock = journal_unlock,
	.xCheckReservedLock = journal_check_lock,
	.xFileControl = journal_control,
	.xSectorSize = journal_sector,
	.xDeviceCharacteristics = journal_device,
};

/* All but journals are opened by the VFS below, and are its own from then on. */
static int layer_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *ret_flags)
{
	struct layer *layer = (struct layer *)vfs;
	struct gathered *g = gathered_of(file);
	int opened = 0, rc;

	if (!(flags & SQLITE_OPEN_MAIN_JOURNAL))
		return layer->real->xOpen(layer->real, name, file, flags, ret_flags);
	*g = (struct gathered){ .real = memory_new((size_t)layer->real->szOsFile) };
	rc = layer->real->xOpen(layer->real, name, g->real, flags, &opened);
	if (ret_flags != NULL)
		*ret_flags = opened;
	if (rc == SQLITE_OK) {
		file->pMethods = &journal_methods;
		g->direct = opened & SQLITE_OPEN_READONLY;
		return rc;
	}
	if (g->real->pMethods != NULL)
		g->real->pMethods->xClose(g->real);
	memory_free(&g->real);
	return rc;
}

static sqlite3_vfs *below(sqlite3_vfs *vfs)
{
	return ((struct layer *)vfs)->real;
}

static int layer_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	return below(vfs)->xDelete(below(vfs), name, sync);
}

static int layer_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
	return below(vfs)->xAccess(below(vfs), name, flags, ret);
}

static int layer_full_path(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	return below(vfs)->xFullPathname(below(vfs), name, size, out);
}

static int layer_random(sqlite3_vfs *vfs, int n, char *out)
{
	return below(vfs)->xRandomness(below(vfs), n, out);
}

static int layer_sleep(sqlite3_vfs *vfs, int us)
{
	return below(vfs)->xSleep(below(vfs), us);
}

static int layer_time(sqlite3_vfs *vfs, double *ret)
{
	return below(vfs)->xCurrentTime(below(vfs), ret);
}

static int layer_last_error(sqlite3_vfs *vfs, int size, char *out)
{
	return below(vfs)->xGetLastError(below(vfs), size, out);
}

static int layer_time_ms(sqlite3_vfs *vfs, sqlite3_int64 *ret)
{
	return below(vfs)->xCurrentTimeInt64(below(vfs), ret);
}

/* Libraries are not loaded through it: no xDlOpen, and the program never asks for one. */
static struct layer *layer_make(sqlite3_vfs *real)
{
	struct layer *layer = memory_new(sizeof(*layer));

	snprintf(layer->name, sizeof(layer->name), "simpul-%.40s", real->zName);
	layer->real = real;
	layer->vfs = (sqlite3_vfs){
		.iVersion = real->iVersion >= 2 ? 2 : 1,
		.szOsFile = (int)sizeof(struct gathered),
		.mxPathname = real->mxPathname,
		.zName = layer->name,
		.xOpen = layer_open,
		.xDelete = layer_delete,
		.xAccess = layer_access,
		.xFullPathname = layer_full_path,
		.xRandomness = layer_random,
		.xSleep = layer_sleep,
		.xCurrentTime = real->xCurrentTime == NULL ? NULL : layer_time,
		.xGetLastError = real->xGetLastError == NULL ? NULL : layer_last_error,
		.xCurrentTimeInt64 = layer_time_ms,
	};
	if (real->szOsFile > layer->vfs.szOsFile)
		layer->vfs.szOsFile = real->szOsFile;
	sqlite3_vfs_register(&layer->vfs, 0);
	layer->next = layers;
	layers = layer;
	return layer;
}

const char *gather_vfs(const char *real)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(real);
	struct layer *layer;

	if (vfs == NULL)
		return NULL;
	pthread_mutex_lock(&layers_mutex);
	for (layer = layers; layer != NULL && layer->real != vfs; layer = layer->next)
		;
	if (layer == NULL)
		layer = layer_make(vfs);
	pthread_mutex_unlock(&layers_mutex);
	return layer->name;
}
