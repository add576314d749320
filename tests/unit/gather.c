/* gather.c - what is kept is seen by whoever reads, and is on disk once synced. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/gather.h"
#include "tap.h"

#define LARGE (100 << 10)

struct journal {
	char path[64], database[64];
	sqlite3_file *file;
};

static void journal_done(struct journal *j)
{
	if (j->file != NULL && j->file->pMethods != NULL)
		j->file->pMethods->xClose(j->file);
	free(j->file);
	unlink(j->path);
	unlink(j->database);
}

#define AUTO_JOURNAL __attribute__((cleanup(journal_done))) struct journal

static bool journal_open(struct journal *j, int flags)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(gather_vfs(NULL));

	/* A journal takes its permissions from its database, which it finds by name. */
	snprintf(j->database, sizeof(j->database), "/tmp/simpul-gather-%d", (int)getpid());
	snprintf(j->path, sizeof(j->path), "/tmp/simpul-gather-%d-journal", (int)getpid());
	close(open(j->database, O_CREAT | O_RDWR, 0600));
	unlink(j->path);
	j->file = calloc(1, (size_t)vfs->szOsFile);
	return vfs->xOpen(vfs, j->path, j->file, flags | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			  NULL) == SQLITE_OK;
}

static bool put(struct journal *j, const char *text, sqlite3_int64 at)
{
	return j->file->pMethods->xWrite(j->file, text, (int)strlen(text), at) == SQLITE_OK;
}

/* Is that what the file holds there? */
static bool holds(struct journal *j, const char *text, sqlite3_int64 at)
{
	char found[64] = { 0 };

	return j->file->pMethods->xRead(j->file, found, (int)strlen(text), at) == SQLITE_OK &&
	       strcmp(found, text) == 0;
}

static long on_disk(const struct journal *j)
{
	struct stat st;

	return stat(j->path, &st) == 0 ? (long)st.st_size : -1;
}

static sqlite3_int64 size_of(struct journal *j)
{
	sqlite3_int64 size;

	return j->file->pMethods->xFileSize(j->file, &size) == SQLITE_OK ? size : -1;
}

static void small_writes_are_kept_until_synced(void)
{
	AUTO_JOURNAL j = { 0 };

	CHECK(journal_open(&j, SQLITE_OPEN_MAIN_JOURNAL));
	CHECK(put(&j, "one ", 0) && put(&j, "two ", 4) && put(&j, "three", 8));
	CHECK(on_disk(&j) == 0 && size_of(&j) == 13);
	CHECK(holds(&j, "one two three", 0) && holds(&j, "two", 4));
	CHECK(j.file->pMethods->xSync(j.file, SQLITE_SYNC_FULL) == SQLITE_OK);
	CHECK(on_disk(&j) == 13 && size_of(&j) == 13 && holds(&j, "one two three", 0));
}

static void a_write_elsewhere_hands_down_the_run(void)
{
	AUTO_JOURNAL j = { 0 };

	CHECK(journal_open(&j, SQLITE_OPEN_MAIN_JOURNAL));
	CHECK(put(&j, "abcdefghij", 0) && put(&j, "CD", 2));
	CHECK(on_disk(&j) == 10);
	CHECK(holds(&j, "abCDefghij", 0) && holds(&j, "bC", 1) && holds(&j, "De", 3));
	CHECK(put(&j, "EF", 4) && put(&j, "kl", 10) && holds(&j, "abCDEFghijkl", 0));
	CHECK(on_disk(&j) == 10 && size_of(&j) == 12);
}

static void what_is_cut_off_is_gone(void)
{
	AUTO_JOURNAL j = { 0 };

	CHECK(journal_open(&j, SQLITE_OPEN_MAIN_JOURNAL));
	CHECK(put(&j, "abcdefghij", 0));
	CHECK(j.file->pMethods->xTruncate(j.file, 4) == SQLITE_OK && size_of(&j) == 4);
	CHECK(holds(&j, "abcd", 0) && !holds(&j, "abcde", 0));
	CHECK(j.file->pMethods->xTruncate(j.file, 0) == SQLITE_OK && size_of(&j) == 0);
	CHECK(put(&j, "new", 0) && j.file->pMethods->xSync(j.file, SQLITE_SYNC_FULL) == SQLITE_OK);
	CHECK(on_disk(&j) == 3 && holds(&j, "new", 0));
}

static void more_than_fits_goes_through(void)
{
	static char large[LARGE], found[LARGE];
	AUTO_JOURNAL j = { 0 };

	memset(large, 'x', sizeof(large));
	CHECK(journal_open(&j, SQLITE_OPEN_MAIN_JOURNAL));
	CHECK(put(&j, "head", 0));
	CHECK(j.file->pMethods->xWrite(j.file, large, LARGE, 4) == SQLITE_OK);
	CHECK(on_disk(&j) == LARGE + 4);
	for (int i = 0; i < 100; i++) /* 100 KB in small pieces */
		CHECK(j.file->pMethods->xWrite(j.file, large, 1000, 4 + LARGE + i * 1000) == SQLITE_OK);
	CHECK(on_disk(&j) > LARGE + 4 && on_disk(&j) < size_of(&j));
	CHECK(size_of(&j) == 4 + LARGE + 100000);
	CHECK(j.file->pMethods->xRead(j.file, found, LARGE, 4 + 100000) == SQLITE_OK);
	CHECK(memcmp(found, large, LARGE) == 0);
}

static void other_files_are_left_alone(void)
{
	AUTO_JOURNAL j = { 0 };

	CHECK(journal_open(&j, SQLITE_OPEN_MAIN_DB));
	CHECK(put(&j, "page", 0) && on_disk(&j) == 4);
	CHECK(gather_vfs("no-such-vfs") == NULL);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(small_writes_are_kept_until_synced), TAP(a_write_elsewhere_hands_down_the_run),
		TAP(what_is_cut_off_is_gone),		 TAP(more_than_fits_goes_through),
		TAP(other_files_are_left_alone),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
