/*
 * approve.h - a hub approves the rules of tables: as a document on its national chain.
 *
 * A hub has no tables before an office has sent some, and its rules should hold from the first change on.  So
 * rules of a table that is not here wait, and are approved in the settling that brings the table.
 *
 * Memory: nothing is kept.
 */
#ifndef EXCHANGE_APPROVE_H
#define EXCHANGE_APPROVE_H

#include "base/json.h"
#include "exchange/party.h"

struct approve_result {
	unsigned tables; /* approved now */
	unsigned waiting;
	bool changed; /* false: all were approved already, and none waits that did not before */
};

/* A file of rules (store/rules_file.h), at a hub; the caller settles afterwards. */
MUST_USE bool approve_file(struct party *p, const struct buf *json, struct approve_result *ret,
			   struct err *e);
/* Approves what waited for a table that is here by now; *ret_any: then there is something new to merge. */
MUST_USE bool approve_waiting(struct party *p, bool *ret_any, struct err *e);
/* {table: rules} of those that wait; owned by the caller. */
MUST_USE bool approve_list(struct db *db, json_t **ret, struct err *e);

#endif
