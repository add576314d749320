/*
 * screen.h - what people see: tables, colours and progress on a terminal, plain text in a pipe.
 *
 * Names and values come from other people, so no control character of theirs reaches a terminal: every
 * text printed here is escaped ("\\x1b", "\\u202e").  That is why a format may end in newlines but has
 * none inside: a newline inside came from somebody else.
 *
 * Memory: a screen borrows its streams.  Colour needs a terminal, and NO_COLOR unset.  Widths are right
 * once the program has set a UTF-8 LC_CTYPE.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/json.h"

struct screen {
	FILE *out;
	FILE *err;
	bool terminal; /* out is one: progress, tables that fit */
	bool colour;   /* and it may be coloured */
	bool english;  /* language of what is said: LANG, or SIMPUL_LANG=id|en; English by default */
	bool json;     /* --json was given */
	unsigned width;
};

enum screen_colour { SCREEN_PLAIN, SCREEN_BOLD, SCREEN_FAINT, SCREEN_GOOD, SCREEN_WARN, SCREEN_BAD };

void screen_init(struct screen *s, FILE *out, FILE *err);
void screen_print(const struct screen *s, enum screen_colour colour, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* What is said in the screen's language. */
__attribute__((format_arg(2), format_arg(3))) static inline const char *
screen_say(const struct screen *s, const char *id, const char *en)
{
	return s->english ? en : id;
}
/* The value as JSON, indented; with nothing but ASCII on a terminal. */
void screen_json(const struct screen *s, const json_t *json);
/* Appends the text with control, bidirectional and invalid characters made visible. */
void screen_escape(const void *text, size_t len, struct buf *out);
/* How many columns of a terminal an escaped text takes. */
size_t screen_columns(const char *text);
/* "simpul: what; why" and the advice, in both languages; exit status of the code. */
int screen_error(const struct screen *s, const struct err *e);

/* A table: columns as wide as they need, shortened to the terminal; tab-separated in a pipe. */
#define SCREEN_COLUMNS_MAX 12
struct screen_table;
struct screen_table *screen_table_new(const struct screen *s, const char *const *titles, int columns);
void screen_table_cell(struct screen_table *t, enum screen_colour colour, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void screen_table_print(struct screen_table **t); /* prints and frees */
void screen_table_free(struct screen_table **t);  /* for scope clean-up; NULL is fine */

/* One line that is rewritten in place; nothing in a pipe.  done/total in units; total 0: unknown. */
void screen_progress(const struct screen *s, const char *what, uint64_t done, uint64_t total);
void screen_progress_end(const struct screen *s);

/* Texts of their own making: "3 min ago", "1.4 MB", "2026-11-22 16:04 WIB"; out has size bytes. */
void screen_ago(char *out, size_t size, uint64_t then_ms, uint64_t now_ms);
void screen_bytes(char *out, size_t size, uint64_t bytes);
void screen_time(char *out, size_t size, uint64_t ms);

#endif
