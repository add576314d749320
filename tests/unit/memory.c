/* memory.c - zeroed heap, arenas: alignment, blocks larger than a block, reuse after reset. */
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "tap.h"

static void new_is_zeroed(void)
{
	AUTO_MEMORY uint8_t *p = memory_new(5000);

	for (int i = 0; i < 5000; i++)
		CHECK(p[i] == 0);
	p = memory_resize(p, 10000);
	CHECK(p[4999] == 0);
}

static void zero_bytes_are_a_block(void)
{
	AUTO_MEMORY void *p = memory_new(0);
	AUTO_MEMORY void *q = memory_resize(NULL, 0);

	CHECK(p != NULL && q != NULL);
	memory_free(&p);
	CHECK(p == NULL);
}

static void text_is_a_copy(void)
{
	char text[] = "Padang";
	AUTO_MEMORY char *copy = memory_text(text);

	text[0] = 'X';
	CHECK(strcmp(copy, "Padang") == 0);
}

/* A child asks for more than the address space has: it must end, not get NULL. */
static void out_of_memory_ends_the_process(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		volatile size_t size = SIZE_MAX / 2;
		struct arena arena = { 0 };

		close(STDERR_FILENO);
		arena_take(&arena, size * 2 + 1 - 3); /* rounds over the end of size_t */
		_exit(0);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
}

static void arena_is_aligned_and_separate(void)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 1000, 65536, 65537, 300000 };
	AUTO_ARENA arena = { 0 };
	uint8_t *taken[200];
	size_t n = 0;

	arena_init(&arena);
	for (int round = 0; round < 20; round++) {
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			uint8_t *p = arena_take(&arena, sizes[i]);

			CHECK((uintptr_t)p % 16 == 0);
			memset(p, (int)n, sizes[i]);
			taken[n++] = p;
		}
	}
	for (size_t k = 0; k < n; k++) {
		size_t size = sizes[k % (sizeof(sizes) / sizeof(sizes[0]))];

		for (size_t i = 0; i < size; i++)
			CHECK(taken[k][i] == (uint8_t)k);
	}
}

static void arena_reset_keeps_one_block(void)
{
	AUTO_ARENA arena = { 0 };
	void *first, *again;

	arena_init(&arena);
	arena_reset(&arena); /* nothing there yet */
	first = arena_take(&arena, 100);
	arena_reset(&arena);
	again = arena_take(&arena, 100);
	CHECK(first == again);
	for (int i = 0; i < 50; i++)
		arena_take(&arena, 60000);
	arena_reset(&arena);
	CHECK(arena_take(&arena, 16) != NULL);
}

static void arena_copies(void)
{
	AUTO_ARENA arena = { 0 };
	char text[] = "kota";
	char *copy, *printed;

	arena_init(&arena);
	copy = arena_text(&arena, text);
	printed = arena_print(&arena, "%s/%05d", text, 42);
	text[0] = 'X';
	CHECK(strcmp(copy, "kota") == 0);
	CHECK(strcmp(printed, "kota/00042") == 0);
	CHECK(arena_copy(&arena, NULL, 0) != NULL);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(new_is_zeroed),
		TAP(zero_bytes_are_a_block),
		TAP(text_is_a_copy),
		TAP(out_of_memory_ends_the_process),
		TAP(arena_is_aligned_and_separate),
		TAP(arena_reset_keeps_one_block),
		TAP(arena_copies),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
