/*
 * script.h - somebody else's SQL, run statement by statement as an ordinary program would, but fenced in.
 *
 *	AUTO_SCRIPT s = { 0 };
 *
 *	script_open(&s, db);
 *	while (script_left(sql))
 *		if (!script_step(&s, sql, &sql, why))
 *			...
 *
 * While it is open the connection fires triggers, and SQL may not end the transaction, reach other files or
 * touch tables simpul_*.  The node's own work on the connection is done while it is closed.
 */
#ifndef STORE_SCRIPT_H
#define STORE_SCRIPT_H

#include "store/db.h"

#define SCRIPT_WHY 300

struct script {
	struct db *db;
	const char *denied; /* what the SQL may not do, once it tried; else NULL */
};

#define AUTO_SCRIPT __attribute__((cleanup(script_close))) struct script

void script_open(struct script *s, struct db *db);
void script_close(struct script *s); /* may be opened again */
/* Is there anything but white space in front of the end? */
bool script_left(const char *sql);
/* One statement; *ret_tail behind it.  False: `why` is what SQLite says. */
MUST_USE bool script_step(struct script *s, const char *sql, const char **ret_tail, char why[SCRIPT_WHY]);

#endif
