/*
 * control.h - the local door of a running node: commands come in by a socket only its owner can open.
 *
 * FILE.simpul/control is a unix stream socket, 0600.  One connection is one command: a line of JSON
 * {"argv":[...],"directory":PATH,"terminal":B,"colour":B,"width":N,"english":B,"who":USER} in, a line
 * {"exit":N,"out":TEXT,"err":TEXT} back.
 *
 * Threads: the door has one of its own; a command holds the party's lock unless it calls others.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include "node.h"
#include "screen.h"

struct control;
struct engine;

MUST_USE bool control_open(struct node *node, struct engine *engine, struct control **ret,
			   struct err *e);
void control_close(struct control *control);

/* Does a node answer at this file's door? */
bool control_running(const char *file);
/*
 * node_open, for a process that may come while another one is starting or ending on the file: as long as
 * nobody answers at the door it tries again for CONTROL_PATIENCE_MS.  ERR_RUNNING with control_running:
 * a node runs; without: another command keeps the file for longer.
 */
#define CONTROL_PATIENCE_MS 10000
MUST_USE bool control_node_open(struct node *node, const char *file, const struct world *world,
				struct err *e);
/* Runs the command there; prints what it printed; its exit status. */
int control_forward(const char *file, int argc, char **argv, const struct screen *s);

#endif
