/*
 * right.h - may this write be: by the account's role, by whose row it is, by the node's grant, by
 * the table's rules?
 */
#ifndef WEB_RIGHT_H
#define WEB_RIGHT_H

#include "web/write.h"

/*
 * What is not allowed becomes a fault.  The write's op is insert, update or delete, its `before` is
 * read; an account that may write its own organization's rows only gets that filled in where it was
 * left out.
 */
MUST_USE bool right_check(struct party *p, struct serve_job *job, struct write *w, struct err *e);
/* The scope that a row with these values belongs to; NULL: it does not say. */
const char *right_scope(struct arena *arena, const struct relation *relation,
			const struct value *const *row);
/* The node's own scope, for rows that do not say; "" if it has none. */
MUST_USE bool right_own_scope(struct party *p, char out[LIMIT_SCOPE_BYTES + 1], struct err *e);
/* May this node write there at all, whoever asks?  For meta. */
MUST_USE bool right_node(struct party *p, const struct catalog_table *table, const char *scope,
			 int *ret_role, struct err *e);

#endif
