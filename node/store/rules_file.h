/*
 * rules_file.h - the rules of tables as people write them: a JSON file, and back.
 *
 *	{"tables": {"quick_win": {
 *		"label": {"id": "...", "en": "..."}, "labels": {"volume": {"id": "..."}},
 *		"scope": "13.73",                          or {"column": "region"}: must be as attached
 *		"groups": [["volume", "price", "total"]],  columns that win or lose together
 *		"policy": {"note": "text", "priority": "manual", "stock": "counter"},
 *		"append": true,                            rows never change, never go
 *		"state": "status", "frozen": ["approved"], in these states nothing changes, unless
 *		"write": [                                 a line here names the state
 *			{"role": "writer", "states": ["", "draft"], "to": ["draft", "submitted"]},
 *			{"role": "reviewer", "states": ["submitted"], "columns": ["review", "status"]}]
 *	}}}
 *
 * State "": the row is not there, or its state is empty.  A member may be absent; {} means that there is
 * nothing to obey.  What is unknown, of the wrong type, twice, or against another of the rules is refused,
 * with its place.
 *
 * Memory: what is read lives in the arena, and borrows from the catalog.
 */
#ifndef STORE_RULES_FILE_H
#define STORE_RULES_FILE_H

#include "base/json.h"
#include "store/catalog.h"

#define RULES_FILE_BYTES (1u << 20)

/* The file as JSON, and its member "tables", borrowed from it.  ERR_RULES: it is no file of rules. */
MUST_USE bool rules_file_open(const void *bytes, size_t len, json_t **ret_file, json_t **ret_tables,
			      struct err *e);
/* As far as one can say without the table: an object of known members.  ERR_RULES. */
MUST_USE bool rules_file_plausible(const json_t *rules, struct err *e);
/* The tables of the file as schema tables with these rules.  ERR_RULES; ERR_NOT_FOUND: it is not here. */
MUST_USE bool rules_file_read(const void *bytes, size_t len, const struct catalog *catalog,
			      struct arena *arena, struct schema *ret, struct err *e);
/* The rules of one table, as they stand under its name in such a file; owned by the caller. */
json_t *rules_file_table(const struct catalog_table *table);

#endif
