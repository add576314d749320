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

#endif
