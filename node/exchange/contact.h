/*
 * contact.h - at the hub: when a node spoke last, with what program, and how far off its clock is.
 *
 * Noted in memory with each signed request of a key that has a grant; filed with what is settled, so seldom
 * that it costs nothing, and when the party is closed.  What a node says of itself (its program, its clock)
 * stands in fields that nobody signed: it is shown to the operator, and nothing is decided by it.
 */
#ifndef EXCHANGE_CONTACT_H
#define EXCHANGE_CONTACT_H

#include "exchange/party.h"

#define CONTACT_VERSION	     "0.1.0" /* of this program */
#define CONTACT_VERSION_SIZE 40
#define CONTACT_MAX	     10000
#define CONTACT_FILE_MS	     60000 /* filed at most so often, per node */

struct contact {
	struct public_key key;
	uint64_t at_ms;			    /* by the hub's clock; 0: never */
	bool skewed;			    /* skew_ms is known: */
	int64_t skew_ms;		    /* how far its clock is ahead of the hub's */
	char version[CONTACT_VERSION_SIZE]; /* "" if it did not say */
	uint64_t filed_ms;
};

/* The fields that a node adds to its requests.  offset_ms: what it adds to its clock for the hub's. */
void contact_tell(struct http_fields *fields, int64_t offset_ms);
/* Of a request whose signature holds. */
MUST_USE bool contact_note(struct party *p, const struct public_key *key, const struct http_request *request,
			   struct err *e);
/* In the caller's transaction; all: also what was filed a moment ago. */
MUST_USE bool contact_file(struct party *p, bool all, struct err *e);
/* at_ms 0 in *ret: it never spoke. */
MUST_USE bool contact_find(struct party *p, const struct public_key *key, struct contact *ret, struct err *e);
void contact_close(struct party *p);

#endif
