/*
 * counter.h - what a program wrote into a counter column, told as what this chain added to it.
 *
 * Memory: as row_look's.
 */
#ifndef OUTBOX_COUNTER_H
#define OUTBOX_COUNTER_H

#include "outbox/row.h"
#include "store/cell.h"

/*
 * After row_look found a row that changed: the values of its counter columns become those that travel
 * (proto/PROTOCOL.md, "Merge"), for a change of this chain in look->scope.  A column that need not be told
 * is taken out; look->finding is ROW_NO_COUNT if one cannot be told.
 */
MUST_USE bool counter_look(struct history *h, struct row_source *source, uint32_t chain,
			   struct row_look *look, struct err *e);
/* Once it is sealed: the counters in look->zero are NULL in the table here, and shown as 0 everywhere. */
MUST_USE bool counter_zero(struct row_source *source, const struct row_look *look, struct err *e);

#endif
