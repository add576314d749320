/* tap.c - runs cases, prints TAP, watches for leaked descriptors and SQLite memory. */
#include <dirent.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "simpul/err.h"
#include "tap.h"

static bool failed, failure_expected;
static char directory[64];

bool tap_check(bool ok, const char *file, int line, const char *condition)
{
	if (!ok) {
		failed = true;
		if (!failure_expected)
			printf("# %s:%d: %s\n", file, line, condition);
	}
	return ok;
}

bool tap_check_ok(bool ok, const char *file, int line, const char *condition, const struct err *e)
{
	if (!tap_check(ok, file, line, condition) && !failure_expected)
		printf("#   %s: %s\n", err_slug(e->code), e->text);
	return ok;
}

bool tap_failed(void)
{
	return failed;
}

void tap_expect_failure(bool expected)
{
	failure_expected = expected;
	failed = false;
}

void tap_note(const char *fmt, ...)
{
	va_list ap;

	printf("# ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void directory_remove(void)
{
	nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *tap_directory(void)
{
	if (directory[0] != '\0')
		return directory;
	snprintf(directory, sizeof(directory), "%s/simpul-test-XXXXXX",
		 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(directory) == NULL) {
		perror("mkdtemp");
		exit(1);
	}
	atexit(directory_remove);
	return directory;
}

int tap_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	if (dir == NULL)
		return 0;
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static bool run_case(const struct tap_case *c)
{
	int descriptors = tap_descriptors();
	sqlite3_int64 memory = sqlite3_memory_used();

	failed = false;
	c->run();
	if (tap_descriptors() != descriptors)
		tap_check(false, c->name, 0, "a file descriptor leaked");
	if (sqlite3_memory_used() > memory)
		tap_check(false, c->name, 0, "a statement or connection leaked");
	return !failed;
}

int tap_main(int argc, char **argv, const struct tap_case *cases, size_t n)
{
	size_t number = 0, failures = 0;
	const char *only = argc > 1 ? argv[1] : "";

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < n; i++) {
		bool ok;

		if (strstr(cases[i].name, only) == NULL)
			continue;
		ok = run_case(&cases[i]);
		failures += !ok;
		printf("%sok %zu - %s\n", ok ? "" : "not ", ++number, cases[i].name);
	}
	printf("1..%zu\n", number);
	return failures > 0 || number == 0;
}
