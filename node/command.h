/*
 * command.h - the command line: one table of commands, from which dispatch, --help and man pages come.
 *
 * A command that writes takes the node's lock; if a node is running on the file, the whole command is
 * handed to it over the control socket (control.h) and runs there, so there is never a second writer.
 * So a command touches the world only through its call: arguments, out, err, node.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdio.h>

#include "base/world.h"
#include "exchange/contact.h"
#include "node.h"
#include "options.h"
#include "screen.h"

#define COMMAND_VERSION CONTACT_VERSION

enum command_access {
	COMMAND_NONE,  /* opens no node: init, inspect, verify */
	COMMAND_VIEW,  /* call->node is opened for reading */
	COMMAND_WRITE, /* call->node is opened for writing, here or in the running node */
	COMMAND_SYNC,  /* as COMMAND_WRITE, but takes the party's lock itself: calls others, or takes long */
	COMMAND_REVIEW, /* VIEW, but WRITE to choose, retry, discard or --put-back */
	COMMAND_EDIT,  /* VIEW with FILE alone, WRITE with more words: peers, receipts, requests */
	COMMAND_RUN,   /* opens the node itself and stays: run */
};

struct command_call {
	struct options options; /* what follows the command's name, FILE included */
	struct screen screen;	/* where and how to print: colour, width, json */
	const struct world *world;
	struct node *node;	/* by access; NULL for COMMAND_NONE and COMMAND_RUN */
	const char *file;	/* FILE as given; NULL for COMMAND_NONE without one */
	const char *who;	/* types it: a user of the operating system */
	bool running;		/* this runs inside `simpul run` */
};

struct command {
	const char *name;
	enum command_access access;
	const char *usage;   /* "FILE TABLE... --scope S | --scope-column C" */
	const char *summary; /* one line */
	const char *help;    /* paragraphs, options, examples: shown by --help, and the man page's body */
	bool (*run)(struct command_call *call, struct err *e);
};

extern const struct command command_table[]; /* ends with name NULL */
const struct command *command_find(const char *name);
/* An option of this command has a value (from its usage: "--name NAME"). */
bool command_takes_value(const struct command *command, const char *option);
/* argv[0] is the command's name.  Returns the exit status; errors are printed to the screen's err. */
int command_main(int argc, char **argv);
/* The same inside a running node, for the control socket: `node` is open for writing. */
int command_forwarded(int argc, char **argv, struct screen *screen, struct node *node, const char *who);
/* The user of this process: "andi", or "simpul (sudo andi)". */
#define COMMAND_WHO 100
void command_who(char out[COMMAND_WHO]);

/* One per file in node/command/. */
bool command_init(struct command_call *call, struct err *e);
bool command_attach(struct command_call *call, struct err *e);
bool command_detach(struct command_call *call, struct err *e);
bool command_alter(struct command_call *call, struct err *e);
bool command_invite(struct command_call *call, struct err *e);
bool command_restored(struct command_call *call, struct err *e);
bool command_requests(struct command_call *call, struct err *e);
bool command_enrol(struct command_call *call, struct err *e);
bool command_run(struct command_call *call, struct err *e);
bool command_sync(struct command_call *call, struct err *e);
bool command_status(struct command_call *call, struct err *e);
bool command_log(struct command_call *call, struct err *e);
bool command_conflicts(struct command_call *call, struct err *e);
bool command_rules(struct command_call *call, struct err *e);
bool command_violations(struct command_call *call, struct err *e);
bool command_held(struct command_call *call, struct err *e);
bool command_quarantine(struct command_call *call, struct err *e);
bool command_receipts(struct command_call *call, struct err *e);
bool command_peers(struct command_call *call, struct err *e);
bool command_files(struct command_call *call, struct err *e);
bool command_bundle(struct command_call *call, struct err *e);
bool command_export(struct command_call *call, struct err *e);
bool command_at(struct command_call *call, struct err *e);
bool command_diff(struct command_call *call, struct err *e);
bool command_blame(struct command_call *call, struct err *e);
bool command_check(struct command_call *call, struct err *e);
bool command_write(struct command_call *call, struct err *e);
bool command_rebuild(struct command_call *call, struct err *e);
bool command_revoke(struct command_call *call, struct err *e);
bool command_inspect(struct command_call *call, struct err *e);
bool command_verify(struct command_call *call, struct err *e);
bool command_account(struct command_call *call, struct err *e);

#endif
