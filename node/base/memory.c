/* memory.c - allocation that ends the process instead of failing; block arenas. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define ARENA_BLOCK_BYTES (64u << 10)

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	_Alignas(16) uint8_t bytes[];
};

static _Noreturn void memory_out(void)
{
	fputs("simpul: out of memory; nothing accepted is lost, start again\n", stderr);
	abort();
}

void *memory_new(size_t size)
{
	void *p = calloc(1, size == 0 ? 1 : size);

	if (p == NULL)
		memory_out();
	return p;
}

void *memory_resize(void *p, size_t size)
{
	p = realloc(p, size == 0 ? 1 : size);
	if (p == NULL)
		memory_out();
	return p;
}

char *memory_text(const char *text)
{
	size_t len = strlen(text) + 1;

	return memcpy(memory_new(len), text, len);
}

void memory_free(void *pointer_to_pointer)
{
	void **pp = pointer_to_pointer;

	free(*pp);
	*pp = NULL;
}

void arena_init(struct arena *arena)
{
	arena->block = NULL;
}

void *arena_take(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->block;
	size_t want = (size + 15) & ~(size_t)15;

	if (want < size)
		memory_out();
	if (block == NULL || block->size - block->used < want) {
		size_t bytes = want > ARENA_BLOCK_BYTES ? want : ARENA_BLOCK_BYTES;

		block = malloc(sizeof(*block) + bytes);
		if (block == NULL)
			memory_out();
		block->next = arena->block;
		block->used = 0;
		block->size = bytes;
		arena->block = block;
	}
	block->used += want;
	return block->bytes + block->used - want;
}

void *arena_copy(struct arena *arena, const void *bytes, size_t len)
{
	void *p = arena_take(arena, len);

	if (len > 0)
		memcpy(p, bytes, len);
	return p;
}

char *arena_text(struct arena *arena, const char *text)
{
	return arena_copy(arena, text, strlen(text) + 1);
}

char *arena_print(struct arena *arena, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		memory_out();
	text = arena_take(arena, (size_t)len + 1);
	va_start(ap, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return text;
}

void arena_reset(struct arena *arena)
{
	struct arena_block *block = arena->block;

	if (block == NULL)
		return;
	while (block->next != NULL) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
	block->used = 0;
	arena->block = block;
}

void arena_done(struct arena *arena)
{
	arena_reset(arena);
	free(arena->block);
	arena->block = NULL;
}
