/*
 * allow.h - may this node seal that change, by the rules of its table?
 *
 * Other nodes would void the whole changeset, so a change that breaks a rule is not sealed: it is listed,
 * and stays in the log until it is taken back, or allowed.
 */
#ifndef OUTBOX_ALLOW_H
#define OUTBOX_ALLOW_H

#include "outbox/row.h"
#include "store/history.h"

struct rules_table;

/* Does the table have rules about who may change what of it? */
bool allow_needed(const struct catalog_table *table);
struct allow {
	struct history *history;
	const struct rules_table *rules;
	int role; /* as granted to the chain of the change */
	uint32_t chain;
	uint64_t seen_own; /* change.h */
};
/* *ret_allowed false: *why says which rule, and who may. */
MUST_USE bool allow_change(const struct allow *a, const struct row_look *look, bool *ret_allowed,
			   struct err *why, struct err *e);

#endif
