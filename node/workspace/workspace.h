/*
 * workspace.h - an application on top of a node, as data: its tables, its rules, its reference data.
 *
 * A workspace is a directory of three files, one that is part of the program ("masterplan", "inventory")
 * or one on disk:
 *
 *	schema.sql	the tables and views
 *	rules.json	which tables are replicated, by which scope, and their rules (store/rules_file.h);
 *			a table that it does not name stays on this computer
 *	reference.sql	may be missing: rows that a hub begins with
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

struct workspace {
	struct buf schema, rules, reference; /* reference.len is 0 if there is none */
};

#define AUTO_WORKSPACE __attribute__((cleanup(workspace_close))) struct workspace

/* A name without "/" is one of the program's, else a directory.  ERR_NOT_FOUND lists what there is. */
MUST_USE bool workspace_open(struct workspace *ws, const char *name, struct err *e);
void workspace_close(struct workspace *ws);

/*
 * Makes the tables, fills in the reference data on a hub, and attaches what the rules name; in the
 * caller's transaction or its own.  Filing the rules is the caller's next step (command/rules.h).
 * ERR_EXISTS if the file has one of the tables already; ERR_MALFORMED for SQL or JSON that is wrong.
 */
MUST_USE bool workspace_install(const struct workspace *ws, struct db *db, bool hub,
				const struct world *world, struct err *e);

#endif
