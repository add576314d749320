/*
 * embedded.h - files that are part of the program: workspaces, and what the web app needs.
 *
 * The list is made by tools/embed when the program is built; names are paths such as
 * "workspace/masterplan/schema.sql".
 *
 * Memory: the program's own; never freed.
 */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct embedded_file {
	const char *name;
	const uint8_t *from, *to; /* a zero byte stands at *to */
};

extern const struct embedded_file embedded_files[];
extern const size_t embedded_count;

/* NULL if there is none. */
const struct embedded_file *embedded_find(const char *name);

#endif
