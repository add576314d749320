/*
 * memory.h - heap that cannot fail, and arenas for everything that lives as long as one task.
 *
 * Out of memory ends the process (SQLite transactions are the recovery), so no caller checks.
 * Ownership: `const T *` is borrowed; `ret_x` is owned by the caller; arena memory goes with the arena.
 * Threads: an arena belongs to one thread at a time.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

#define NEVER_NULL __attribute__((returns_nonnull))

NEVER_NULL void *memory_new(size_t size); /* zeroed */
NEVER_NULL void *memory_resize(void *p, size_t size);
NEVER_NULL char *memory_text(const char *text); /* a copy, owned */
void memory_free(void *pointer_to_pointer); /* frees *pp and sets it NULL; for scope clean-up */

#define AUTO_MEMORY __attribute__((cleanup(memory_free)))

struct arena_block;
struct arena {
	struct arena_block *block;
};

#define AUTO_ARENA __attribute__((cleanup(arena_done))) struct arena

void arena_init(struct arena *arena);
NEVER_NULL void *arena_take(struct arena *arena, size_t size); /* aligned to 16, not zeroed */
NEVER_NULL void *arena_copy(struct arena *arena, const void *bytes, size_t len);
NEVER_NULL char *arena_text(struct arena *arena, const char *text);
NEVER_NULL char *arena_print(struct arena *arena, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void arena_reset(struct arena *arena); /* keeps one block for reuse */
void arena_done(struct arena *arena);

#endif
