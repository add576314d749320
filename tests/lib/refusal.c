/*
 * refusal.c - who calls SQLite, told by the frames of the stack, and the answer that it gets.
 *
 * The tests are built with frame pointers, but SQLite is not: a chain that leads out of the stack or
 * downwards ends there.  A place is the hash of the return addresses; two places with one hash are one.
 *
 * An I/O error in a transaction rolls all of it back, as sqlite3VdbeHalt does; one while a statement is
 * prepared does not.
 */
#include <assert.h>
#include <dlfcn.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "refusal.h"

#define SLOTS (4 * REFUSAL_PLACES_MAX)

extern void *__libc_stack_end;

static enum { OFF, WATCHING, ARMED } mode;
static enum refusal armed;
static uint64_t armed_place, place[REFUSAL_PLACES_MAX], slot[SLOTS];
static size_t places;
static bool hit;
static int depth;   /* SQLite calls itself */
static int refused; /* the code that it would tell now; 0: its own */

static int (*real_prepare)(sqlite3 *, const char *, int, unsigned, sqlite3_stmt **, const char **);
static int (*real_step)(sqlite3_stmt *);
static int (*real_exec)(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);
static int (*real_errcode)(sqlite3 *);
static int (*real_errno)(sqlite3 *);
static const char *(*real_errmsg)(sqlite3 *);

static __attribute__((constructor)) void find_real(void)
{
	*(void **)&real_prepare = dlsym(RTLD_NEXT, "sqlite3_prepare_v3");
	*(void **)&real_step = dlsym(RTLD_NEXT, "sqlite3_step");
	*(void **)&real_exec = dlsym(RTLD_NEXT, "sqlite3_exec");
	*(void **)&real_errcode = dlsym(RTLD_NEXT, "sqlite3_extended_errcode");
	*(void **)&real_errno = dlsym(RTLD_NEXT, "sqlite3_system_errno");
	*(void **)&real_errmsg = dlsym(RTLD_NEXT, "sqlite3_errmsg");
}

static __attribute__((noinline, no_sanitize("address", "undefined"))) uint64_t place_here(void)
{
	void **frame = __builtin_frame_address(0);
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (int i = 0; i < 2 + REFUSAL_FRAMES; i++) {
		void **next = frame[0];

		if (i >= 2) /* from the caller of SQLite on */
			hash = (hash ^ (uint64_t)(uintptr_t)frame[1]) * UINT64_C(0x100000001b3);
		if (next <= frame || (void *)next >= __libc_stack_end || ((uintptr_t)next & 7) != 0)
			break;
		frame = next;
	}
	return hash | 1;
}

static void note(uint64_t here)
{
	size_t at = here % SLOTS;

	while (slot[at] != 0 && slot[at] != here)
		at = (at + 1) % SLOTS;
	if (slot[at] == here || places == REFUSAL_PLACES_MAX)
		return;
	slot[at] = here;
	place[places++] = here;
}

/* Is this call to be refused? */
static __attribute__((noinline)) bool refuses(void)
{
	if (depth > 0)
		return false;
	refused = 0;
	if (mode == WATCHING) {
		note(place_here());
		return false;
	}
	if (hit || place_here() != armed_place)
		return false;
	hit = true;
	return true;
}

static int refuse(sqlite3 *db, bool rolls_back)
{
	refused = armed == REFUSAL_IO ? SQLITE_IOERR_READ : SQLITE_ERROR;
	depth++;
	if (armed == REFUSAL_IO && rolls_back && !sqlite3_get_autocommit(db))
		real_exec(db, "ROLLBACK", NULL, NULL, NULL);
	depth--;
	return refused;
}

int sqlite3_prepare_v3(sqlite3 *db, const char *sql, int len, unsigned flags, sqlite3_stmt **ret,
		       const char **tail)
{
	int rc;

	if (mode == OFF)
		return real_prepare(db, sql, len, flags, ret, tail);
	if (refuses())
		return refuse(db, false);
	depth++;
	rc = real_prepare(db, sql, len, flags, ret, tail);
	depth--;
	return rc;
}

int sqlite3_step(sqlite3_stmt *s)
{
	int rc;

	if (mode == OFF)
		return real_step(s);
	if (refuses())
		return refuse(sqlite3_db_handle(s), true);
	depth++;
	rc = real_step(s);
	depth--;
	return rc;
}

int sqlite3_exec(sqlite3 *db, const char *sql, int (*call)(void *, int, char **, char **), void *state,
		 char **ret_why)
{
	int rc;

	if (mode == OFF)
		return real_exec(db, sql, call, state, ret_why);
	/* A rollback does not fail: the journal is there, and is played back by whoever opens the file. */
	if (strncmp(sql, "ROLLBACK", 8) != 0 && refuses())
		return refuse(db, true);
	depth++;
	rc = real_exec(db, sql, call, state, ret_why);
	depth--;
	return rc;
}

int sqlite3_extended_errcode(sqlite3 *db)
{
	return refused != 0 ? refused : real_errcode(db);
}

int sqlite3_errcode(sqlite3 *db)
{
	return sqlite3_extended_errcode(db) & 0xff;
}

int sqlite3_system_errno(sqlite3 *db)
{
	return refused != 0 ? 5 : real_errno(db);
}

const char *sqlite3_errmsg(sqlite3 *db)
{
	return refused != 0 ? "refused by the test" : real_errmsg(db);
}

void refusal_watch(void)
{
	mode = WATCHING;
}

size_t refusal_places(void)
{
	return places;
}

void refusal_arm(enum refusal refusal, size_t at)
{
	assert(at < places);
	armed = refusal;
	armed_place = place[at];
	hit = false;
	mode = ARMED;
}

bool refusal_was_hit(void)
{
	return hit;
}

void refusal_end(void)
{
	mode = OFF;
	refused = 0;
}
