/*
 * access.h - who may do what by the web: the one place that says so.
 *
 * A workspace's access.json has it: roles, the tables that each may write ("all", or "own": the
 * row's own column equals the account's organization) and read, tables that stay on this node, and
 * who may have them. A file without one has two roles: operator (everything) and reader.  What the
 * node itself may write in a scope (its grant, the table's rules) binds all the same; write.c asks
 * that.
 *
 * Memory: borrows the parsed file, which the web keeps.
 */
#ifndef WEB_ACCESS_H
#define WEB_ACCESS_H

#include "base/json.h"

enum access_write { ACCESS_NONE, ACCESS_OWN, ACCESS_ALL };

/* A personal access token has a role of its own; its account's binds as well, whatever either
 * becomes. */
struct access {
	const json_t *file;
	int roles;
	const json_t *role[2]; /* NULL: one that is not there: may nothing */
	const char *name[2];
};

/* Parses access.json, or what stands for an empty one. */
struct buf;
MUST_USE bool access_parse(const struct buf *text, json_t **ret_file, struct err *e);

/* role must live as long as *ret; a role that is not for this kind of node may nothing. */
void access_open(const json_t *file, bool hub, const char *role, struct access *ret);
void access_add(struct access *a, bool hub, const char *role);
/* May a node of this kind have accounts of that role? */
bool access_role_exists(const json_t *file, bool hub, const char *name);
/* The role of the first account. */
const char *access_first_role(const json_t *file, bool hub);

/* A right that is no table's: "manage" (accounts), "choose", "submit", "enrol"; no other names. */
bool access_may(const struct access *a, const char *what);
enum access_write access_write(const struct access *a, const char *table);
bool access_read(const struct access *a, const char *table);
/*
 * How to tell whose a row is: its own column; or that of the row of table `through` which its
 * column `by` names by id.  False: nobody's.
 */
struct access_own {
	const char *through; /* NULL: itself */
	const char *by;
	const char *column;
};
bool access_own(const json_t *file, const char *table, struct access_own *ret);
/* The column that holds the name of whoever wrote the row: filled in here, never by the browser.
 * NULL: none. */
const char *access_signed(const json_t *file, const char *table);
/* Is it one that stays on this node? */
bool access_local(const json_t *file, const char *table);

#endif
