/* keys.c - key files: whole, private, never overwritten; one lock per file. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/keys.h"
#include "tap.h"

static char file[256], directory[300], key_path[320];

static void fresh(const char *name)
{
	snprintf(file, sizeof(file), "%s/%s.db", tap_directory(), name);
	snprintf(directory, sizeof(directory), "%s.simpul", file);
	snprintf(key_path, sizeof(key_path), "%s/node.key", directory);
}

static void round_trip(void)
{
	struct secret_key made, loaded;
	struct stat st;
	struct err e;
	mode_t mask = umask(0);

	fresh("round");
	CHECK_OK(keys_make(file, world_real(), &made, &e), &e);
	umask(mask);
	CHECK_OK(keys_load(file, &loaded, &e), &e);
	CHECK(memcmp(&made, &loaded, sizeof(made)) == 0);
	CHECK(stat(directory, &st) == 0 && (st.st_mode & 07777) == 0700);
	CHECK(stat(key_path, &st) == 0 && (st.st_mode & 07777) == 0600 && st.st_size == 65);
	CHECK(!keys_make(file, world_real(), &made, &e) && e.code == ERR_EXISTS);
	CHECK_OK(keys_load(file, &made, &e), &e);
	CHECK(memcmp(&made, &loaded, sizeof(made)) == 0);
}

static void refuses_what_others_can_read(void)
{
	static const mode_t wide[] = { 0640, 0604, 0620, 0602, 0610, 0700, 0666 };
	static const mode_t wide_directory[] = { 0750, 0705, 0770, 0701 };
	struct secret_key key;
	struct err e;

	fresh("wide");
	CHECK(!keys_load(file, &key, &e) && e.code == ERR_NOT_FOUND);
	CHECK_OK(keys_make(file, world_real(), &key, &e), &e);
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		CHECK(chmod(key_path, wide[i]) == 0);
		CHECK(!keys_load(file, &key, &e) && e.code == ERR_PERMISSIONS);
	}
	CHECK(chmod(key_path, 0400) == 0);
	CHECK_OK(keys_load(file, &key, &e), &e);
	for (size_t i = 0; i < sizeof(wide_directory) / sizeof(wide_directory[0]); i++) {
		CHECK(chmod(directory, wide_directory[i]) == 0);
		CHECK(!keys_load(file, &key, &e) && e.code == ERR_PERMISSIONS);
	}
	CHECK(chmod(directory, 0700) == 0);
	CHECK_OK(keys_load(file, &key, &e), &e);
}

static void refuses_links_and_oddities(void)
{
	struct secret_key key;
	char other[340];
	struct err e;

	fresh("links");
	CHECK_OK(keys_make(file, world_real(), &key, &e), &e);
	snprintf(other, sizeof(other), "%s/real.key", directory);
	CHECK(rename(key_path, other) == 0 && symlink(other, key_path) == 0);
	CHECK(!keys_load(file, &key, &e) && e.code == ERR_PERMISSIONS);
	CHECK(unlink(key_path) == 0 && mkfifo(key_path, 0600) == 0);
	CHECK(!keys_load(file, &key, &e) && e.code == ERR_PERMISSIONS);
	CHECK(unlink(key_path) == 0 && rename(other, key_path) == 0);
	CHECK_OK(keys_load(file, &key, &e), &e);
	snprintf(other, sizeof(other), "%s.moved", directory);
	CHECK(rename(directory, other) == 0 && symlink(other, directory) == 0);
	CHECK(!keys_load(file, &key, &e) && e.code == ERR_PERMISSIONS);
	CHECK(!keys_make(file, world_real(), &key, &e));
}

static void refuses_damage(void)
{
	static const char *const bad[] = { "", "zz", "00", "0123456789012345678901234567890123456789"
					   "012345678901234567890123\n\n" };
	struct secret_key key;
	struct err e;

	fresh("damage");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_OK(keys_write(file, "node.key", bad[i], strlen(bad[i]), &e), &e);
		CHECK(!keys_load(file, &key, &e) &&
		      (e.code == ERR_MALFORMED || e.code == ERR_TOO_LARGE));
	}
}

static void other_secrets(void)
{
	char back[8];
	struct err e;
	size_t len;

	fresh("other");
	CHECK_OK(keys_write(file, "tls.key", "one", 3, &e), &e);
	CHECK_OK(keys_write(file, "tls.key", "second", 6, &e), &e);
	CHECK_OK(keys_read(file, "tls.key", back, sizeof(back), &len, &e), &e);
	CHECK(len == 6 && memcmp(back, "second", 6) == 0);
	CHECK(!keys_read(file, "tls.key", back, 6, &len, &e) && e.code == ERR_TOO_LARGE);
	CHECK(!keys_read(file, "none", back, sizeof(back), &len, &e) && e.code == ERR_NOT_FOUND);
}

static void one_lock(void)
{
	struct err e = { 0 };
	char pid_text[32];
	int lock, status, ready[2], hold[2];
	pid_t child;
	char byte;

	fresh("lock");
	CHECK(pipe(ready) == 0 && pipe(hold) == 0);
	child = fork();
	if (child == 0) {
		if (!keys_lock(file, &lock, &e) || write(ready[1], "x", 1) != 1)
			_exit(1);
		if (read(hold[0], &byte, 1) != 1) /* until killed */
			_exit(2);
		_exit(0);
	}
	CHECK(child > 0 && read(ready[0], &byte, 1) == 1);
	CHECK(!keys_lock(file, &lock, &e) && e.code == ERR_RUNNING);
	snprintf(pid_text, sizeof(pid_text), "process %ld ", (long)child);
	CHECK(strstr(e.text, pid_text) != NULL);
	CHECK(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child);
	CHECK_OK(keys_lock(file, &lock, &e), &e);
	keys_unlock(lock);
	CHECK_OK(keys_lock(file, &lock, &e), &e);
	keys_unlock(lock);
	for (int i = 0; i < 2; i++)
		CHECK(close(ready[i]) == 0 && close(hold[i]) == 0);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = { TAP(round_trip), TAP(refuses_what_others_can_read),
						 TAP(refuses_links_and_oddities), TAP(refuses_damage),
						 TAP(other_secrets), TAP(one_lock) };

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
