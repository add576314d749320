/*
 * refusal.h - SQLite that refuses a call: at every place of the program that calls it, one after the other.
 *
 * sqlite3_prepare_v3, _step and _exec are replaced by symbol.  A place is where the program calls one of
 * them: the call and who called it, REFUSAL_FRAMES deep.  tap.h sweeps every case of a program over all its
 * places when the environment says so:
 *
 *	SIMPUL_REFUSE=io build/test/unit/takeback	# the disk fails: all of the transaction is gone
 *	SIMPUL_REFUSE=error build/test/unit/takeback	# the statement fails alone
 *
 * The case may fail then, and mostly does.  It may not end in a crash or an assert, hang, or leave
 * a descriptor, a statement or a connection open.
 *
 * Threads: one.  Nothing is replaced while neither watching nor armed.
 */
#ifndef TESTS_REFUSAL_H
#define TESTS_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>

#define REFUSAL_FRAMES 4
#define REFUSAL_PLACES_MAX 20000

enum refusal {
	REFUSAL_ERROR, /* SQLITE_ERROR; what was done before stays */
	REFUSAL_IO,    /* SQLITE_IOERR; SQLite rolls back the whole transaction, also for a failed read */
};

/* From here on each place that was not known is noted. */
void refusal_watch(void);
size_t refusal_places(void);
/* The next call from this place is refused, once.  It ends the watch. */
void refusal_arm(enum refusal refusal, size_t place);
bool refusal_was_hit(void);
void refusal_end(void);

#endif
