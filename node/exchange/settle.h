/*
 * settle.h - party_settle for whoever has no transaction open: in parts, so that a long merge keeps no other
 * program and no other thread from the file.
 *
 * The caller holds neither the party's lock nor a transaction.  Each part seals first, merges some of what
 * waits, and is committed; at the hub it is logged and the log's head signed, too.
 */
#ifndef EXCHANGE_SETTLE_H
#define EXCHANGE_SETTLE_H

#include "exchange/party.h"

/* Until nothing waits that can be merged.  What failed leaves the parts before it as they are. */
MUST_USE bool settle_parts(struct party *p, struct err *e);
/*
 * One part, and the pause after it, for who has other work in between: part->more tells whether there may be
 * another.  Begin with { .more = true }.  After the last one it gives the memory back.
 */
struct apply_part;
MUST_USE bool settle_some(struct party *p, struct apply_part *part, struct err *e);
/* After any part of a long job: leaves the file to others for as long as is fair (turn.h). */
MUST_USE bool settle_pause(struct party *p, struct err *e);

#endif
