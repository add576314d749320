/*
 * help.h - what --help prints and what the manual pages say: one text per command, from command.h.
 *
 * A help text is paragraphs with an empty line between them.  A line that ends in ':' and stands alone
 * opens a section; within one, a line of two spaces and a word explains that word, after two more spaces
 * or on further lines that are indented deeper; "  $ ..." is an example to type,
 * and "  {..." begins one of a file: both go on in lines that are indented deeper.
 */
#ifndef HELP_H
#define HELP_H

#include "command.h"

void help_overview(FILE *out);
/* usage, summary, text, and the exit statuses from the error table. */
void help_text(FILE *out, const struct command *command);
/* The same as a manual page (troff, man macros). */
void help_man(FILE *out, const struct command *command);
/* The manual page of the program: all commands with their summaries. */
void help_man_overview(FILE *out);

#endif
