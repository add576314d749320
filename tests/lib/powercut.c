/*
 * powercut.c - the disk model, and the SQLite VFS in front of it.
 *
 * A file has two images, `now` (what the program reads back) and `platter` (what is certain), and per
 * 512-byte sector the hull of the bytes written since the last sync.  A name has two inodes the same
 * way.  A directory sync, which SQLite does on deleting a journal (EXTRA) and on the first sync of a
 * new journal or WAL, makes all names certain: there is one directory.
 *
 * Locks and the WAL index work between connections of this one process.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "powercut.h"
#include "store/db.h"

#define SECTOR 512u
#define NAME_BYTES 128
#define SHM_LOCKS SQLITE_SHM_NLOCK
#define SHM_REGIONS 32

struct image {
	uint8_t *bytes;
	size_t len;
	size_t cap;
};

struct hull { /* bytes [from, to) of one sector were written and not synced; empty: from == to */
	uint16_t from;
	uint16_t to;
};

struct inode {
	struct inode *next;
	struct image now;
	struct image platter;
	struct hull *dirty; /* by sector */
	size_t sectors;
	size_t len_min; /* the shortest it was since the last sync */
	unsigned readers;
	struct file *reserved; /* the connection that will write, if any */
	bool pending;
	bool exclusive;
	uint8_t *shm[SHM_REGIONS];
	unsigned shm_shared[SHM_LOCKS];
	bool shm_exclusive[SHM_LOCKS];
	unsigned shm_users;
};

struct name {
	struct name *next;
	char text[NAME_BYTES];
	struct inode *now; /* NULL: no such file */
	struct inode *platter;
};

struct file { /* SQLite allocates it */
	sqlite3_file base;
	struct inode *inode;
	int lock;
	bool sync_directory; /* new journal: the first sync makes its name certain too */
	bool shm_used;
	uint16_t shm_shared;
	uint16_t shm_exclusive;
};

static struct {
	struct inode *inodes;
	struct name *names;
	uint64_t random;
	unsigned operations;
	unsigned cut_at; /* 0: never */
	bool off;
	sqlite3_vfs *host;
} disk;

/* splitmix64: all chance in a run comes from the seed. */
static uint64_t chance(void)
{
	uint64_t z = disk.random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static bool powered(void)
{
	return !disk.off;
}

/* Counts an operation that changes the disk; false once the power is gone. */
static bool operation(void)
{
	if (disk.off)
		return false;
	disk.operations++;
	if (disk.cut_at != 0 && disk.operations >= disk.cut_at)
		disk.off = true;
	return true; /* the write during which power fails may still arrive, like any unsynced one */
}

static void image_resize(struct image *image, size_t len)
{
	if (len > image->cap) {
		image->cap = len + len / 2 + 4096;
		image->bytes = memory_resize(image->bytes, image->cap);
	}
	if (len > image->len)
		memset(image->bytes + image->len, 0, len - image->len);
	image->len = len;
}

static void mark_dirty(struct inode *inode, size_t from, size_t to)
{
	size_t sectors = (to + SECTOR - 1) / SECTOR;

	if (sectors > inode->sectors) {
		inode->dirty = memory_resize(inode->dirty, sectors * sizeof(*inode->dirty));
		memset(inode->dirty + inode->sectors, 0,
		       (sectors - inode->sectors) * sizeof(*inode->dirty));
		inode->sectors = sectors;
	}
	for (size_t at = from; at < to;) {
		size_t sector = at / SECTOR, start = sector * SECTOR;
		size_t end = start + SECTOR < to ? start + SECTOR : to;
		struct hull *hull = &inode->dirty[sector];
		uint16_t first = (uint16_t)(at - start), last = (uint16_t)(end - start);

		if (hull->from == hull->to) {
			*hull = (struct hull){ first, last };
		} else {
			hull->from = first < hull->from ? first : hull->from;
			hull->to = last > hull->to ? last : hull->to;
		}
		at = end;
	}
}

static void make_certain(struct inode *inode)
{
	image_resize(&inode->platter, inode->now.len);
	for (size_t i = 0; i < inode->sectors; i++) {
		struct hull *hull = &inode->dirty[i];
		size_t at = i * SECTOR, len = SECTOR;

		if (hull->from < hull->to && at < inode->now.len) {
			if (len > inode->now.len - at)
				len = inode->now.len - at;
			memcpy(inode->platter.bytes + at, inode->now.bytes + at, len);
		}
		*hull = (struct hull){ 0, 0 };
	}
	inode->len_min = inode->now.len;
}

static void make_names_certain(void)
{
	for (struct name *name = disk.names; name != NULL; name = name->next)
		name->platter = name->now;
}

/* Puts one sector's unsynced bytes on the platter, or not, or damaged. */
static void settle_sector(struct inode *inode, size_t sector, unsigned fate)
{
	struct hull hull = inode->dirty[sector];
	size_t from = sector * SECTOR + hull.from, to = sector * SECTOR + hull.to;
	size_t end = to < inode->platter.len ? to : inode->platter.len;
	size_t torn = to;

	if (fate == 0 || from >= end)
		return;
	if (fate == 3) {
		for (size_t at = from; at < end; at++)
			inode->platter.bytes[at] = (uint8_t)chance();
		return;
	}
	if (fate == 2)
		torn = from + chance() % (to - from);
	for (size_t at = from; at < end && at < torn; at++)
		inode->platter.bytes[at] = at < inode->now.len ? inode->now.bytes[at] : 0;
}

static void settle_inode(struct inode *inode, unsigned group)
{
	static const unsigned fates[8] = { 0, 0, 0, 1, 1, 1, 2, 3 };
	size_t lens[3] = { inode->platter.len, inode->now.len, inode->len_min };
	unsigned fate = 0;

	image_resize(&inode->platter, lens[chance() % 3]);
	for (size_t i = 0; i < inode->sectors; i++) {
		if (i % group == 0 || fate == 2)
			fate = fates[chance() % 8];
		if (inode->dirty[i].from < inode->dirty[i].to)
			settle_sector(inode, i, fate);
	}
}

static void inode_free(struct inode *inode)
{
	for (int i = 0; i < SHM_REGIONS; i++)
		free(inode->shm[i]);
	free(inode->now.bytes);
	free(inode->platter.bytes);
	free(inode->dirty);
	free(inode);
}

/* After a cut: the program sees what survived, no lock is held, no index is in memory. */
static void inode_restart(struct inode *inode)
{
	image_resize(&inode->now, inode->platter.len);
	if (inode->platter.len > 0)
		memcpy(inode->now.bytes, inode->platter.bytes, inode->platter.len);
	if (inode->sectors > 0)
		memset(inode->dirty, 0, inode->sectors * sizeof(*inode->dirty));
	inode->len_min = inode->now.len;
	inode->readers = inode->shm_users = 0;
	inode->reserved = NULL;
	inode->pending = inode->exclusive = false;
	memset(inode->shm_shared, 0, sizeof(inode->shm_shared));
	memset(inode->shm_exclusive, 0, sizeof(inode->shm_exclusive));
	for (int i = 0; i < SHM_REGIONS; i++)
		memory_free(&inode->shm[i]);
}

void powercut_recover(void)
{
	unsigned group = chance() % 2 == 0 ? 1 : 4096 / SECTOR;

	for (struct name *name = disk.names; name != NULL; name = name->next) {
		if (name->now != name->platter && chance() % 2 == 0)
			name->platter = name->now;
		name->now = name->platter;
	}
	for (struct inode *inode = disk.inodes; inode != NULL; inode = inode->next) {
		settle_inode(inode, group);
		inode_restart(inode);
	}
	disk.off = false;
	powercut_at(0);
}

void powercut_unplug(void)
{
	while (disk.inodes != NULL) {
		struct inode *next = disk.inodes->next;

		inode_free(disk.inodes);
		disk.inodes = next;
	}
	while (disk.names != NULL) {
		struct name *next = disk.names->next;

		free(disk.names);
		disk.names = next;
	}
}

void powercut_at(unsigned nth)
{
	disk.operations = 0;
	disk.cut_at = nth;
}

unsigned powercut_operations(void)
{
	return disk.operations;
}

bool powercut_is_off(void)
{
	return disk.off;
}

/* ---- the VFS ---- */

static struct inode *inode_of(sqlite3_file *f)
{
	return ((struct file *)f)->inode;
}

static int pc_unlock(sqlite3_file *f, int level)
{
	struct file *file = (struct file *)f;
	struct inode *inode = file->inode;

	if (file->lock <= level)
		return SQLITE_OK;
	if (inode->reserved == file) {
		inode->reserved = NULL;
		inode->pending = inode->exclusive = false;
	}
	if (level == SQLITE_LOCK_NONE && file->lock >= SQLITE_LOCK_SHARED && inode->readers > 0)
		inode->readers--;
	file->lock = level;
	return SQLITE_OK;
}

static int pc_lock(sqlite3_file *f, int level)
{
	struct file *file = (struct file *)f;
	struct inode *inode = file->inode;

	if (file->lock >= level)
		return SQLITE_OK;
	if (inode->reserved != NULL && inode->reserved != file &&
	    (level > SQLITE_LOCK_SHARED || inode->pending || inode->exclusive))
		return SQLITE_BUSY;
	if (file->lock == SQLITE_LOCK_NONE)
		inode->readers++;
	if (level >= SQLITE_LOCK_RESERVED)
		inode->reserved = file;
	if (level == SQLITE_LOCK_EXCLUSIVE) {
		inode->pending = true;
		if (inode->readers > 1) {
			file->lock = SQLITE_LOCK_PENDING;
			return SQLITE_BUSY;
		}
		inode->exclusive = true;
	}
	file->lock = level;
	return SQLITE_OK;
}

static int pc_check_reserved(sqlite3_file *f, int *ret)
{
	*ret = inode_of(f)->reserved != NULL;
	return SQLITE_OK;
}

static int pc_close(sqlite3_file *f)
{
	return pc_unlock(f, SQLITE_LOCK_NONE);
}

static int pc_read(sqlite3_file *f, void *to, int len, sqlite3_int64 at)
{
	struct image *now = &inode_of(f)->now;
	size_t from = (size_t)at, want = (size_t)len, have = 0;

	if (!powered())
		return SQLITE_IOERR_READ;
	if (from < now->len)
		have = now->len - from < want ? now->len - from : want;
	if (have > 0)
		memcpy(to, now->bytes + from, have);
	memset((uint8_t *)to + have, 0, want - have);
	return have == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int pc_write(sqlite3_file *f, const void *from, int len, sqlite3_int64 at)
{
	struct inode *inode = inode_of(f);
	size_t start = (size_t)at, end = start + (size_t)len;

	if (!operation())
		return SQLITE_IOERR_WRITE;
	if (end > inode->now.len) {
		mark_dirty(inode, inode->now.len < start ? inode->now.len : start, end);
		image_resize(&inode->now, end);
	}
	memcpy(inode->now.bytes + start, from, (size_t)len);
	mark_dirty(inode, start, end);
	return powered() ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

static int pc_truncate(sqlite3_file *f, sqlite3_int64 len)
{
	struct inode *inode = inode_of(f);

	if (!operation())
		return SQLITE_IOERR_TRUNCATE;
	image_resize(&inode->now, (size_t)len);
	if ((size_t)len < inode->len_min)
		inode->len_min = (size_t)len;
	return powered() ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int pc_sync(sqlite3_file *f, int flags)
{
	struct file *file = (struct file *)f;

	(void)flags;
	if (!operation() || !powered())
		return SQLITE_IOERR_FSYNC;
	make_certain(file->inode);
	if (file->sync_directory) {
		if (!operation() || !powered())
			return SQLITE_IOERR_DIR_FSYNC;
		make_names_certain();
		file->sync_directory = false;
	}
	return SQLITE_OK;
}

static int pc_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	*ret = (sqlite3_int64)inode_of(f)->now.len;
	return powered() ? SQLITE_OK : SQLITE_IOERR_FSTAT;
}

static int pc_control(sqlite3_file *f, int op, void *arg)
{
	(void)f;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int pc_sector_size(sqlite3_file *f)
{
	(void)f;
	return 4096;
}

static int pc_characteristics(sqlite3_file *f)
{
	(void)f;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE; /* what the unix VFS says */
}

static int pc_shm_map(sqlite3_file *f, int region, int size, int extend, void volatile **ret)
{
	struct file *file = (struct file *)f;
	struct inode *inode = file->inode;

	*ret = NULL;
	if (!powered() || region >= SHM_REGIONS)
		return SQLITE_IOERR_SHMMAP;
	if (!file->shm_used) {
		file->shm_used = true;
		inode->shm_users++;
	}
	if (inode->shm[region] == NULL && extend)
		inode->shm[region] = memory_new((size_t)size);
	*ret = inode->shm[region];
	return SQLITE_OK;
}

static int pc_shm_lock(sqlite3_file *f, int first, int n, int flags)
{
	struct file *file = (struct file *)f;
	struct inode *inode = file->inode;
	bool exclusive = flags & SQLITE_SHM_EXCLUSIVE;

	for (int i = first; i < first + n && (flags & SQLITE_SHM_LOCK); i++) {
		bool mine = file->shm_shared >> i & 1;

		if (inode->shm_exclusive[i] && !(file->shm_exclusive >> i & 1))
			return SQLITE_BUSY;
		if (exclusive && inode->shm_shared[i] > (mine ? 1u : 0u))
			return SQLITE_BUSY;
	}
	for (int i = first; i < first + n; i++) {
		uint16_t bit = (uint16_t)(1u << i);
		bool lock = flags & SQLITE_SHM_LOCK;

		if (exclusive) {
			inode->shm_exclusive[i] = lock;
			file->shm_exclusive = lock ? file->shm_exclusive | bit : file->shm_exclusive & ~bit;
		} else if (lock != (bool)(file->shm_shared & bit)) {
			inode->shm_shared[i] += lock ? 1u : -1u;
			file->shm_shared ^= bit;
		}
	}
	return SQLITE_OK;
}

static void pc_shm_barrier(sqlite3_file *f)
{
	(void)f;
}

static int pc_shm_unmap(sqlite3_file *f, int delete)
{
	struct file *file = (struct file *)f;
	struct inode *inode = file->inode;

	(void)delete;
	if (file->shm_used && inode->shm_users > 0 && --inode->shm_users == 0)
		for (int i = 0; i < SHM_REGIONS; i++)
			memory_free(&inode->shm[i]);
	file->shm_used = false;
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = pc_close,
	.xRead = pc_read,
	.xWrite = pc_write,
	.xTruncate = pc_truncate,
	.xSync = pc_sync,
	.xFileSize = pc_size,
	.xLock = pc_lock,
	.xUnlock = pc_unlock,
	.xCheckReservedLock = pc_check_reserved,
	.xFileControl = pc_control,
	.xSectorSize = pc_sector_size,
	.xDeviceCharacteristics = pc_characteristics,
	.xShmMap = pc_shm_map,
	.xShmLock = pc_shm_lock,
	.xShmBarrier = pc_shm_barrier,
	.xShmUnmap = pc_shm_unmap,
};

static struct name *name_find(const char *text)
{
	struct name *name;

	for (name = disk.names; name != NULL; name = name->next)
		if (strcmp(name->text, text) == 0)
			break;
	return name;
}

static struct inode *inode_new(void)
{
	struct inode *inode = memory_new(sizeof(*inode));

	inode->next = disk.inodes;
	disk.inodes = inode;
	return inode;
}

static int pc_open(sqlite3_vfs *vfs, const char *text, sqlite3_file *f, int flags, int *ret_flags)
{
	static const int dir_synced =
		SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
	struct name *name = text == NULL ? NULL : name_find(text);
	struct file *file = (struct file *)f;

	(void)vfs;
	*file = (struct file){ .base.pMethods = NULL };
	if (!powered())
		return SQLITE_CANTOPEN;
	if (text != NULL && (name == NULL || name->now == NULL)) {
		if (!(flags & SQLITE_OPEN_CREATE) || strlen(text) >= NAME_BYTES)
			return SQLITE_CANTOPEN;
		if (name == NULL) {
			name = memory_new(sizeof(*name));
			memcpy(name->text, text, strlen(text));
			name->next = disk.names;
			disk.names = name;
		}
		name->now = inode_new();
		file->sync_directory = flags & dir_synced;
	}
	file->inode = name == NULL ? inode_new() : name->now;
	file->base.pMethods = &methods;
	if (ret_flags != NULL)
		*ret_flags = flags;
	return SQLITE_OK;
}

static int pc_delete(sqlite3_vfs *vfs, const char *text, int sync_directory)
{
	struct name *name = name_find(text);

	(void)vfs;
	if (!operation())
		return SQLITE_IOERR_DELETE;
	if (name == NULL || name->now == NULL)
		return SQLITE_IOERR_DELETE_NOENT;
	name->now = NULL;
	if (!powered())
		return SQLITE_IOERR_DELETE;
	if (sync_directory) {
		if (!operation() || !powered())
			return SQLITE_IOERR_DIR_FSYNC;
		make_names_certain();
	}
	return SQLITE_OK;
}

static int pc_access(sqlite3_vfs *vfs, const char *text, int flags, int *ret)
{
	struct name *name = name_find(text);

	(void)vfs;
	*ret = name != NULL && name->now != NULL && (flags != SQLITE_ACCESS_EXISTS || name->now->now.len > 0);
	return powered() ? SQLITE_OK : SQLITE_IOERR_ACCESS;
}

static int pc_full_name(sqlite3_vfs *vfs, const char *text, int size, char *ret)
{
	(void)vfs;
	sqlite3_snprintf(size, ret, "%s", text);
	return SQLITE_OK;
}

static int pc_random(sqlite3_vfs *vfs, int len, char *ret)
{
	(void)vfs;
	for (int i = 0; i < len; i++)
		ret[i] = (char)chance();
	return len;
}

static int pc_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	return us; /* nobody else runs meanwhile */
}

static int pc_time(sqlite3_vfs *vfs, sqlite3_int64 *ret)
{
	(void)vfs;
	return disk.host->xCurrentTimeInt64(disk.host, ret);
}

void powercut_format(uint64_t seed)
{
	static sqlite3_vfs vfs = {
		.iVersion = 2,
		.szOsFile = sizeof(struct file),
		.mxPathname = NAME_BYTES - 16,
		.zName = POWERCUT_VFS,
		.xOpen = pc_open,
		.xDelete = pc_delete,
		.xAccess = pc_access,
		.xFullPathname = pc_full_name,
		.xRandomness = pc_random,
		.xSleep = pc_sleep,
		.xCurrentTimeInt64 = pc_time,
	};

	if (disk.host == NULL) {
		disk.host = sqlite3_vfs_find(NULL);
		sqlite3_vfs_register(&vfs, 0);
	}
	powercut_unplug();
	disk.random = seed;
	disk.off = false;
	powercut_at(0);
}

/* ---- trials ---- */

/* One cut (and sometimes a second while recovering); false if the check said no. */
static bool run_one(const struct powercut_trial *trial, uint64_t seed, unsigned operations,
		    struct powercut_tally *tally, struct err *e)
{
	struct err ignored;

	powercut_format(seed);
	chance();
	powercut_at(0);
	if (!trial->setup(trial->state, e))
		return err_wrap(e, "setup");
	powercut_at(1 + (unsigned)(chance() % operations));
	trial->act(trial->state);
	if (!disk.off) /* it did less than in the rehearsal: all of it is acknowledged, cut now */
		disk.off = true;
	else
		tally->cuts++;
	powercut_recover();
	if (chance() % 4 == 0) {
		powercut_at(1 + (unsigned)(chance() % 8));
		(void)!trial->check(trial->state, &ignored);
		tally->double_cuts += disk.off;
		powercut_recover();
	}
	return trial->check(trial->state, e);
}

bool powercut_run(const struct powercut_trial *trial, uint64_t seed, unsigned runs,
		  const char *planted_sql, struct powercut_tally *ret_tally, struct err *e)
{
	struct powercut_tally *tally = ret_tally;
	unsigned operations;
	struct err loss;
	bool ok;

	*tally = (struct powercut_tally){ 0 };
	powercut_format(seed);
	db_set_vfs(POWERCUT_VFS, planted_sql);
	ok = trial->setup(trial->state, e);
	powercut_at(0);
	if (ok)
		trial->act(trial->state); /* the rehearsal: how many operations there are to cut at */
	operations = powercut_operations();
	for (unsigned i = 0; ok && operations > 0 && i < runs; i++) {
		if (run_one(trial, seed + i, operations, tally, &loss))
			continue;
		if (tally->losses++ == 0) {
			tally->first_loss_seed = seed + i;
			*e = loss;
			err_wrap(e, "seed %llu", (unsigned long long)tally->first_loss_seed);
		}
	}
	db_set_vfs(NULL, NULL);
	powercut_unplug();
	if (ok && tally->losses == 0 && tally->cuts == 0)
		return err_set(e, ERR_INTERNAL, "no cut fell inside the work: nothing was tested");
	return ok && tally->losses == 0;
}
