/* rules.h - filing the rules of tables; for `simpul rules` and for `simpul init --workspace`. */
#ifndef COMMAND_RULES_H
#define COMMAND_RULES_H

#include "exchange/approve.h"
#include "node.h"

/*
 * Files the rules: on a hub approved, for all nodes, else this node's own.  `path` is for messages.  In its
 * own transaction.
 */
MUST_USE bool rules_put(struct node *node, const char *path, const struct buf *json,
			struct approve_result *ret, struct err *e);

#endif
