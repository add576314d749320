/*
 * events.h - what changed: a number per table that grows when one of its rows did, whoever did it.
 *
 * Three things tell: hints of local programs, the web among them (simpul_log), version rows that a merge or a
 * seal touched (a callback on the party's connection), and for tables that stay on this node the web's own
 * writes.  One more number is for the state of sending.  Numbers live as long as the program: a cursor of an
 * earlier start finds everything changed.
 *
 * Threads: the party's lock.
 */
#ifndef WEB_EVENTS_H
#define WEB_EVENTS_H

#include "web/web.h"

MUST_USE bool events_open(struct web *web, struct err *e);
void events_close(struct web *web);
/* A table that stays on this node was written. */
void events_local(struct web *web, const char *table);

#endif
