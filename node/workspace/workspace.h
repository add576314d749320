/*
 * workspace.h - an application on top of a node, as data: its tables, its rules, its reference data.
 *
 * A workspace is a directory of files, one that is part of the program ("masterplan", "inventory") or one
 * on disk:
 *
 *	schema.sql	the tables
 *	rules.json	which tables are replicated, by which scope, and their rules (store/rules_file.h);
 *			a table that it does not name stays on this computer
 *	views.sql	views, each dropped first: run again when the program brings another text
 *	reference.sql	rows that a hub begins with
 *	sample.sql	rows to practise with, of one region: for a file made with --sample
 *	access.json	who may do what in the web app (web/access.h)
 *	app.json	what the web app is to know: its name, what must hold, what is public
 *
 * All but the first two may be missing.
 *
 *	AUTO_WORKSPACE ws = { 0 };
 *
 *	if (!workspace_open(&ws, "masterplan", e) || !workspace_install(&ws, db, true, world, e))
 *		return false;
 *
 * Memory: a workspace owns its texts.
 */
#ifndef WORKSPACE_WORKSPACE_H
#define WORKSPACE_WORKSPACE_H

#include "base/buf.h"
#include "base/world.h"
#include "store/db.h"

#define WORKSPACE_NAME_BYTES 255

enum workspace_file {
	WORKSPACE_SCHEMA,
	WORKSPACE_RULES,
	WORKSPACE_VIEWS,
	WORKSPACE_REFERENCE,
	WORKSPACE_SAMPLE,
	WORKSPACE_ACCESS,
	WORKSPACE_APP,
	WORKSPACE_FILES,
};

struct workspace {
	char name[WORKSPACE_NAME_BYTES + 1]; /* "": none */
	struct buf file[WORKSPACE_FILES];    /* len 0: there is none */
};

#define AUTO_WORKSPACE __attribute__((cleanup(workspace_close))) struct workspace

enum workspace_rows { /* what a new file begins with */
	WORKSPACE_EMPTY,      /* a region: the hub sends the reference data */
	WORKSPACE_AS_HUB,     /* reference data */
	WORKSPACE_TO_PRACTISE /* reference data and sample rows */
};

/* A name without "/" is one of the program's, else a directory.  ERR_NOT_FOUND lists what there is. */
MUST_USE bool workspace_open(struct workspace *ws, const char *name, struct err *e);
void workspace_close(struct workspace *ws);

/*
 * Makes the tables, fills in the rows, and attaches what the rules name; in the caller's transaction or its
 * own.  Filing the rules is the caller's next step (command/rules.h).  ERR_EXISTS if the file has one of
 * the tables already; ERR_MALFORMED for SQL or JSON that is wrong, ERR_NOT_FOUND if it has no sample.
 */
MUST_USE bool workspace_install(const struct workspace *ws, struct db *db, enum workspace_rows rows,
				const struct world *world, struct err *e);
/*
 * A file to practise with begins anew: all rows of the workspace's tables go, local ones too, and those of
 * the sample come; in a transaction of its own.  ERR_FORBIDDEN unless the file was made for practice.
 */
MUST_USE bool workspace_practise_again(const struct workspace *ws, struct db *db, struct err *e);

/*
 * The workspace that a file was made with; ret->name is "" if with none.  One of the program's comes as
 * this program has it; of another one only views, access and app.
 */
MUST_USE bool workspace_stored(struct db *db, struct workspace *ret, struct err *e);
/* Makes the views anew if the workspace has others than the file; in a transaction of its own. */
MUST_USE bool workspace_refresh(const struct workspace *ws, struct db *db, struct err *e);

#endif
