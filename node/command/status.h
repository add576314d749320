/*
 * status.h - how a node stands, in three steps: the facts, why nothing moves, the screen.
 *
 * The facts are one JSON object with stable keys (`simpul status --help` names them); the other steps
 * read from it, so that people and programs are told the same.
 */
#ifndef COMMAND_STATUS_H
#define COMMAND_STATUS_H

#include "command.h"

/* Calls take for each row of the query. */
typedef void status_row(void *arg, struct stmt *s);
MUST_USE bool status_rows(struct db *db, const char *sql, status_row *take, void *arg, struct err *e);
/* Adds to status["why"] a {code, text, advice} for everything that keeps work from moving. */
MUST_USE bool status_why(struct db *db, json_t *status, uint64_t now_ms, struct err *e);
/* What to do about a frame that is held for this. */
const char *status_why_held(const char *missing, bool english);
/* The one line of state, in the screen's language; *ret_colour: good, waiting, bad. */
void status_screen_line(const struct screen *s, const json_t *status, struct buf *out,
		 enum screen_colour *ret_colour);
void status_screen_print(const struct screen *s, const json_t *status, uint64_t now_ms);

#endif
