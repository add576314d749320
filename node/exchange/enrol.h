/*
 * enrol.h - a node's first contact with its hub: a token for a grant.
 */
#ifndef EXCHANGE_ENROL_H
#define EXCHANGE_ENROL_H

#include "exchange/party.h"
#include "simpul/invitation.h"

/*
 * Sends genesis and token, files what the hub answers.  All or nothing; after a broken link it can be
 * repeated with the same invitation.
 */
MUST_USE bool enrol_at_hub(struct party *p, struct transport *transport,
			   const struct invitation *invitation, struct err *e);

/*
 * Without an invitation: the node makes one itself, with a token of its own, and the hub's operator
 * approves it.  enrol_meet asks the party at url for its key, which a person compares; then
 *
 *	enrol_ask_put      keeps the request in the file
 *	enrol_ask_again    again and again: ERR_PENDING until the operator has answered
 */
MUST_USE bool enrol_meet(struct party *p, struct transport *transport, const char *url,
			 struct invitation *ret, struct err *e);
/* Of *invitation url, hub and origin are there (enrol_meet), and the scope. */
MUST_USE bool enrol_ask_put(struct party *p, struct invitation *invitation, struct err *e);
/* ERR_NOT_FOUND: nothing was asked.  Done: the node is enrolled, the request is gone. */
MUST_USE bool enrol_ask_again(struct party *p, struct transport *transport, struct err *e);
/* The file holds a request that is not answered yet. */
MUST_USE bool enrol_asks(struct party *p, bool *ret, struct err *e);

#endif
