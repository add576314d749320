/*
 * fault.c - SQLite's system calls, and pread, pwrite, fsync and rename of our own, each of which can be made
 * to fail.
 *
 * Only calls with which a disk can fail are counted; taking a lock is one (network disks), giving it
 * back is not.  /dev/urandom is left alone, so that call n is the same call in every run.
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault.h"
#include "tap.h"

#define CRASH_STATUS 99
#define REFUSED_STATUS 98
#define LEAKED_STATUS 97
#define CHECK_STATUS 96
#define CHILD_SECONDS 60
#define RUNS_MAX 100000

/* Present only under the sanitizers. */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));
/* Present only where coverage is counted. */
extern void __gcov_dump(void) __attribute__((weak));

static enum fault armed;
static unsigned armed_nth, calls;
static bool hit, installed;

static _Noreturn void leave(int status)
{
	armed = FAULT_NONE;
	if (__gcov_dump != NULL)
		__gcov_dump();
	_exit(status);
}

/* Counts one call; true if it must fail, with errno set. */
static bool fails(bool grows)
{
	if (armed == FAULT_DISK_FULL && !grows)
		return false;
	calls++;
	switch (armed) {
	case FAULT_CRASH:
		if (calls == armed_nth)
			leave(CRASH_STATUS);
		return false;
	case FAULT_FAIL:
		if (calls != armed_nth)
			return false;
		hit = true;
		errno = EIO;
		return true;
	case FAULT_DISK_FULL:
		if (calls < armed_nth)
			return false;
		hit = true;
		errno = ENOSPC;
		return true;
	case FAULT_NONE:
		break;
	}
	return false;
}

static int fault_open(const char *path, int flags, int mode)
{
	if (strncmp(path, "/dev/", 5) == 0 && strncmp(path, "/dev/shm/", 9) != 0)
		return open(path, flags, mode);
	return fails((flags & O_CREAT) && access(path, F_OK) != 0) ? -1 : open(path, flags, mode);
}

static int fault_open_directory(const char *file, int *ret_fd)
{
	char directory[512];
	char *slash;

	snprintf(directory, sizeof(directory), "%s", file);
	slash = strrchr(directory, '/');
	if (slash != NULL)
		*slash = '\0';
	*ret_fd = fails(false) ? -1 : open(directory, O_RDONLY | O_CLOEXEC);
	return *ret_fd >= 0 ? SQLITE_OK : SQLITE_CANTOPEN;
}

static ssize_t fault_read(int fd, void *to, size_t len)
{
	return fails(false) ? -1 : read(fd, to, len);
}

static ssize_t fault_pread(int fd, void *to, size_t len, off_t at)
{
	return fails(false) ? -1 : (ssize_t)syscall(SYS_pread64, fd, to, len, at);
}

static ssize_t fault_write(int fd, const void *from, size_t len)
{
	return fails(true) ? -1 : write(fd, from, len);
}

static ssize_t fault_pwrite(int fd, const void *from, size_t len, off_t at)
{
	return fails(true) ? -1 : (ssize_t)syscall(SYS_pwrite64, fd, from, len, at);
}

static int fault_ftruncate(int fd, off_t len)
{
	return fails(false) ? -1 : ftruncate(fd, len);
}

static int fault_fallocate(int fd, off_t at, off_t len)
{
	if (fails(true))
		return errno; /* posix_fallocate returns its error */
	return posix_fallocate(fd, at, len);
}

static int fault_unlink(const char *path)
{
	return fails(false) ? -1 : unlink(path);
}

static int fault_fcntl(int fd, int command, ...)
{
	struct flock *lock;
	va_list ap;
	void *arg;

	va_start(ap, command);
	arg = va_arg(ap, void *);
	va_end(ap);
	lock = arg;
	if (command == F_SETLK && lock->l_type != F_UNLCK && fails(false))
		return -1;
	return fcntl(fd, command, arg);
}

/* These stand before libc's for the whole program, so our own file writing is swept as well. */
int fsync(int fd)
{
	return fails(false) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return fails(false) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int rename(const char *from, const char *to)
{
	return fails(false) ? -1 : (int)syscall(SYS_rename, from, to);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	return fails(false) ? -1 : (int)syscall(SYS_renameat, from_fd, from, to_fd, to);
}

ssize_t pread(int fd, void *to, size_t len, off_t at)
{
	return fault_pread(fd, to, len, at);
}

ssize_t pwrite(int fd, const void *from, size_t len, off_t at)
{
	return fault_pwrite(fd, from, len, at);
}

static void install(void)
{
	static const struct {
		const char *name;
		sqlite3_syscall_ptr call;
	} table[] = {
		{ "open", (sqlite3_syscall_ptr)fault_open },
		{ "openDirectory", (sqlite3_syscall_ptr)fault_open_directory },
		{ "read", (sqlite3_syscall_ptr)fault_read },
		{ "pread", (sqlite3_syscall_ptr)fault_pread },
		{ "pread64", (sqlite3_syscall_ptr)fault_pread },
		{ "write", (sqlite3_syscall_ptr)fault_write },
		{ "pwrite", (sqlite3_syscall_ptr)fault_pwrite },
		{ "pwrite64", (sqlite3_syscall_ptr)fault_pwrite },
		{ "ftruncate", (sqlite3_syscall_ptr)fault_ftruncate },
		{ "fallocate", (sqlite3_syscall_ptr)fault_fallocate },
		{ "unlink", (sqlite3_syscall_ptr)fault_unlink },
		{ "fcntl", (sqlite3_syscall_ptr)fault_fcntl },
	};
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	if (installed)
		return;
	installed = true;
	/* A library built without one of them answers SQLITE_NOTFOUND: then it does not use it either. */
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		vfs->xSetSystemCall(vfs, table[i].name, table[i].call);
}

void fault_arm(enum fault fault, unsigned nth)
{
	install();
	armed = fault;
	armed_nth = nth;
	calls = 0;
	hit = false;
}

unsigned fault_calls(void)
{
	return calls;
}

bool fault_was_hit(void)
{
	return hit;
}

void fault_disarm(void)
{
	armed = FAULT_NONE;
}

/* In the child: act, then look for what it left behind; the exit status is the result. */
static _Noreturn void child_run(const struct fault_sweep *sweep, enum fault fault, unsigned nth,
				void *state, int hit_fd)
{
	int descriptors = tap_descriptors();
	sqlite3_int64 memory = sqlite3_memory_used();
	bool done, leaked;
	char was_hit;

	alarm(CHILD_SECONDS);
	fault_arm(fault, nth);
	done = sweep->act(state);
	fault_disarm();
	was_hit = hit;
	if (write(hit_fd, &was_hit, 1) != 1)
		leave(CHECK_STATUS);
	leaked = tap_descriptors() != descriptors || sqlite3_memory_used() > memory ||
		 (__lsan_do_recoverable_leak_check != NULL && __lsan_do_recoverable_leak_check() != 0);
	fflush(stdout);
	leave(tap_failed() ? CHECK_STATUS : leaked ? LEAKED_STATUS : done ? 0 : REFUSED_STATUS);
}

/* One run; false if the child ended in no expected way. */
static bool run_child(const struct fault_sweep *sweep, enum fault fault, unsigned nth, void *state,
		      enum fault_outcome *ret_outcome, bool *ret_hit)
{
	int status, end[2];
	char was_hit = 1;
	pid_t pid;

	fflush(stdout);
	if (pipe2(end, O_CLOEXEC) != 0)
		return false;
	pid = fork();
	if (pid == 0)
		child_run(sweep, fault, nth, state, end[1]);
	close(end[1]);
	if (pid > 0 && read(end[0], &was_hit, 1) < 0)
		was_hit = 1;
	close(end[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	*ret_hit = was_hit != 0;
	if (!WIFEXITED(status)) {
		tap_note("call %u: the child died of signal %d", nth, WTERMSIG(status));
		return false;
	}
	switch (WEXITSTATUS(status)) {
	case 0:
		*ret_outcome = FAULT_DONE;
		return true;
	case REFUSED_STATUS:
		*ret_outcome = FAULT_REFUSED;
		return true;
	case CRASH_STATUS:
		*ret_outcome = FAULT_CRASHED;
		return fault == FAULT_CRASH;
	case LEAKED_STATUS:
		tap_note("call %u: a descriptor, SQLite memory or heap leaked", nth);
		return false;
	default:
		tap_note("call %u: the child ended with status %d", nth, WEXITSTATUS(status));
		return false;
	}
}

bool fault_once(const struct fault_sweep *sweep, void *state)
{
	enum fault_outcome outcome;
	bool was_hit;

	sqlite3_initialize();
	sweep->setup(state);
	if (tap_failed() || !run_child(sweep, FAULT_NONE, 0, state, &outcome, &was_hit))
		return false;
	sweep->check(state, outcome);
	return !tap_failed();
}

bool fault_sweep(const struct fault_sweep *sweep, enum fault fault, void *state)
{
	unsigned runs_max = sweep->runs_max != 0 ? sweep->runs_max : RUNS_MAX;
	enum fault_outcome outcome;
	unsigned stride = sweep->stride != 0 ? sweep->stride : 1, runs;
	bool was_hit = true;

	sqlite3_initialize();
	install();
	for (runs = 0; was_hit && runs < runs_max; runs++) {
		unsigned nth = 1 + sweep->first + runs * stride;

		sweep->setup(state);
		if (tap_failed() || !run_child(sweep, fault, nth, state, &outcome, &was_hit))
			return false;
		if (!was_hit && outcome != FAULT_DONE) {
			tap_note("call %u: no fault was hit, yet act failed", nth);
			return false;
		}
		sweep->check(state, outcome);
		if (tap_failed()) {
			tap_note("failed with the fault at call %u", nth);
			return false;
		}
	}
	tap_note("%u runs", runs);
	if (was_hit || runs == 1)
		tap_note("%s", was_hit ? "the sweep did not come to its end" : "no call was ever hit");
	return !was_hit && runs > 1;
}
