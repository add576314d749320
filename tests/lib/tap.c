/* tap.c - runs cases, prints TAP, watches for leaked descriptors and SQLite memory. */
#include <dirent.h>
#include <ftw.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "refusal.h"
#include "simpul/err.h"
#include "tap.h"

#define REFUSED_SECONDS 60

static bool failed, failure_expected;
static bool told; /* an error was shown, by the first check that failed or before */
static char first_failure[256];
static char directory[64];

bool tap_check(bool ok, const char *file, int line, const char *condition)
{
	if (!ok) {
		if (!failed)
			snprintf(first_failure, sizeof(first_failure), "%s:%d: %s", file, line, condition);
		failed = true;
		if (!failure_expected)
			printf("# %s:%d: %s\n", file, line, condition);
	}
	return ok;
}

bool tap_check_ok(bool ok, const char *file, int line, const char *condition, const struct err *e)
{
	bool first = !failed;

	if (tap_check(ok, file, line, condition))
		return true;
	told |= first;
	if (!failure_expected)
		printf("#   %s: %s\n", err_slug(e->code), e->text);
	return false;
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

	told = true;
	if (failure_expected)
		return;
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

/* True if it left nothing behind; whether it passed is another question. */
static bool run_clean(const struct tap_case *c)
{
	int descriptors = tap_descriptors();
	sqlite3_int64 memory = sqlite3_memory_used();

	failed = told = false;
	c->run();
	if (tap_descriptors() != descriptors)
		return tap_check(false, c->name, 0, "a file descriptor leaked");
	return sqlite3_memory_used() <= memory ||
	       tap_check(false, c->name, 0, "a statement or connection leaked");
}

/* For whoever reads why a sweep ended early. */
static const char *sweeping;
static size_t sweeping_at;

static void died(int signal_no)
{
	printf("# died of signal %d: %s, refused at place %zu\n", signal_no, sweeping, sweeping_at);
	fflush(stdout);
	signal(signal_no, SIG_DFL);
	raise(signal_no);
}

/* The case again, for each place that it came to first, refused there: it may fail, and must clean up. */
static bool sweep(const struct tap_case *c, enum refusal refusal, size_t from, const char *how)
{
	size_t hits = 0, silent = 0;
	bool clean = true, quiet;

	signal(SIGABRT, died);
	signal(SIGALRM, died);
	sweeping = c->name;
	for (size_t i = from; i < refusal_places() && clean; i++) {
		sweeping_at = i;
		tap_expect_failure(true);
		refusal_arm(refusal, i);
		alarm(REFUSED_SECONDS);
		clean = run_clean(c);
		alarm(0);
		hits += refusal_was_hit();
		refusal_end();
		quiet = failed && !told;
		silent += quiet;
		tap_expect_failure(false);
		if (!clean || (quiet && strstr(how, "verbose") != NULL))
			tap_note("refused at place %zu: %s", i, first_failure);
	}
	tap_note("refused at %zu places; %zu failed by what came of it only", hits, silent);
	return clean;
}

static bool run_case(const struct tap_case *c)
{
	const char *how = getenv("SIMPUL_REFUSE");
	size_t known = refusal_places();
	bool ok;

	if (how != NULL)
		refusal_watch();
	ok = run_clean(c) && !failed;
	if (how == NULL)
		return ok;
	refusal_end();
	return ok && sweep(c, strncmp(how, "io", 2) == 0 ? REFUSAL_IO : REFUSAL_ERROR, known, how);
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
