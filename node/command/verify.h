/*
 * verify.h - what `simpul verify` says of receipts, and of proofs that carry their statement.
 */
#ifndef COMMAND_VERIFY_H
#define COMMAND_VERIFY_H

#include "screen.h"
#include "simpul/receipt.h"

/* By when the hub had it (0: not told), in the time zones of whoever may ask. */
void verify_received(const struct screen *s, uint64_t time);
/* Verifies and prints; origin NULL: of any log of that hub.  Errors as evidence_verify. */
MUST_USE bool verify_statement(const struct screen *s, const struct bytes *text, const struct public_key *hub,
			       const char *origin, struct err *e);

#endif
