/*
 * fault.h - I/O that fails, a disk that fills up, a process that dies: at the nth call, for every n.
 *
 * SQLite's unix VFS lets a program replace its system calls (xSetSystemCall); fsync, fdatasync and
 * rename, which are not in that table, are replaced by symbol, in our own code too.  So real files,
 * real locks, no VFS of ours.
 * A process that dies loses nothing the kernel has; for power cuts see powercut.h.
 *
 *	static const struct fault_sweep sweep = { .setup = lay_out, .act = put_one, .check = nothing_lost };
 *
 *	CHECK(fault_sweep(&sweep, FAULT_CRASH, NULL));
 *
 * Memory: nothing to free.  Threads: one thread; the sweep forks, so no other thread may be running.
 */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include <stdbool.h>

enum fault {
	FAULT_NONE,	 /* only count */
	FAULT_FAIL,	 /* the nth call fails once with EIO */
	FAULT_DISK_FULL, /* from the nth growing call on, all fail with ENOSPC, until fault_disarm */
	FAULT_CRASH,	 /* the process ends before the nth call */
};

enum fault_outcome {
	FAULT_DONE,    /* act returned true: what it did is acknowledged */
	FAULT_REFUSED, /* act returned false: an error was reported */
	FAULT_CRASHED, /* the process ended in the middle */
};

void fault_arm(enum fault fault, unsigned nth); /* nth counts from 1 */
unsigned fault_calls(void);			/* calls since fault_arm that the fault could hit */
bool fault_was_hit(void);
void fault_disarm(void);

struct fault_sweep {
	/* In the parent, nothing armed: makes the files anew.  Leaves no connection open. */
	void (*setup)(void *state);
	/* In a child, armed: false if an error was reported.  Must close what it opens. */
	bool (*act)(void *state);
	/* In the parent, nothing armed: opens the files again and CHECKs.  Nothing the child had in
	 * memory is here; what it acknowledged is told by the outcome. */
	void (*check)(void *state, enum fault_outcome outcome);
	unsigned runs_max; /* 0: 100,000 */
	unsigned first;	   /* the fault at call first + 1, then at each stride-th after it; 0, 0: at each */
	unsigned stride;
};

/*
 * setup, act, check with the fault at call 1, 2, 3, ... until act runs through unhit.  False, with a
 * note of the n, if a check failed, the child died of something else (a sanitizer, an assert, 60 s)
 * or, where it survived, leaked a descriptor, SQLite memory or heap.  Returns false too if the fault
 * was never hit at all: a sweep that tests nothing.
 */
bool fault_sweep(const struct fault_sweep *sweep, enum fault fault, void *state);
/* setup, act in a child without a fault, check: for acts that change the process (its user, limits). */
bool fault_once(const struct fault_sweep *sweep, void *state);

#endif
