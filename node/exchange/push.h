/*
 * push.h - what the other side lacks, sent in requests, and its receipts filed.
 *
 * While one request is under way the next is read, and for a long backlog sealed; receipts are filed while
 * the next is under way.  So node, line and hub work at the same time.  Requests leave one after the other,
 * in the order of acceptance; at most two of them, each of at most 2 MiB and never more than about ten
 * seconds of the line, are in memory.  A changeset leaves only after the commit that sealed it, and counts
 * as sent only when its receipt is filed: what breaks off in between is sent again.
 */
#ifndef EXCHANGE_PUSH_H
#define EXCHANGE_PUSH_H

#include "exchange/answer.h"
#include "exchange/sync.h"

#define PUSH_BYTES_FIRST (64u << 10) /* of the first request, when the line is not known yet */

/*
 * If the hub is the other side and the log is long: seals it part by part and sends each while the next is
 * sealed.  The caller settles afterwards: what is merged must wait until all is sealed.
 */
MUST_USE bool push_backlog(struct sync *s, struct err *e);
/* To the hub: the outbox.  To a neighbour, or a hub that was restored: what its heads lack. */
MUST_USE bool push_all(struct sync *s, struct err *e);
/* The size of the next request, of either direction, by how long the line took for the last one. */
#define PUSH_FAILED UINT64_MAX
void push_adapt(struct sync *s, uint64_t took_ms);
/* Files the receipts of an answer. */
MUST_USE bool push_file(struct sync *s, const struct answer *answer, struct err *e);

#endif
