/*
 * tap.h - the test harness: TAP output for prove, CHECK that returns, leaks that fail.
 *
 * A test is a function `static void name(void)`; CHECK reports the expression and RETURNS from it, so
 * scope clean-up always runs.  After each test the harness compares open descriptors and SQLite's
 * memory with what was there before: a leaked descriptor, statement or connection fails the test
 * (leaked heap is the sanitizer's to find).
 *
 *	int main(int argc, char **argv)
 *	{
 *		static const struct tap_case cases[] = { TAP(round_trip), TAP(refuses_short_input) };
 *		return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
 *	}
 *
 * `program crash` runs only the cases whose name contains "crash".
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdbool.h>
#include <stddef.h>

struct tap_case {
	const char *name;
	void (*run)(void);
};

#define TAP(function) { #function, function }

#define CHECK(condition)                                                                            \
	do {                                                                                        \
		if (!tap_check((condition), __FILE__, __LINE__, #condition))                        \
			return;                                                                     \
	} while (0)
/* For calls that take &e: on failure prints the error as well. */
#define CHECK_OK(condition, e)                                                                      \
	do {                                                                                        \
		if (!tap_check_ok((condition), __FILE__, __LINE__, #condition, (e)))                \
			return;                                                                     \
	} while (0)

struct err;
bool tap_check(bool ok, const char *file, int line, const char *condition);
bool tap_check_ok(bool ok, const char *file, int line, const char *condition, const struct err *e);
bool tap_failed(void); /* the current case has failed: for helpers that cannot return from the case */
void tap_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/*
 * Around a planted bug that a harness must find: while true, failed checks do not print and do not
 * fail the case; tap_failed() still tells.  Switching it off forgets them.
 */
void tap_expect_failure(bool expected);
int tap_descriptors(void); /* open file descriptors, for before-and-after */
/* An empty directory for this program, removed at the end; on /dev/shm where there is one. */
const char *tap_directory(void);
int tap_main(int argc, char **argv, const struct tap_case *cases, size_t n);

#endif
