/*
 * text.h - two edits of one text put together, line by line, against what both began with.
 *
 *	void *work = arena_take(&arena, text_memory());
 *	uint8_t *out = arena_take(&arena, LIMIT_TEXT_BYTES);
 *
 *	if (text_merge(&(struct text_edits){ base, ann, ben }, work, out, &len)) ... clean ...
 *
 * Exact and symmetric: every implementation of PROTOCOL.md's "Text merge" gives the same bytes, and the
 * two sides may change places.  Texts are bytes; CR LF and a last line without its LF stay as they are.
 *
 * Memory: the caller's; nothing is kept.  Work is bounded by the limits below: about 70 million steps.
 */
#ifndef SIMPUL_TEXT_H
#define SIMPUL_TEXT_H

#include "simpul/crypto.h"
#include "simpul/limits.h"

#define TEXT_LINES_MAX 16384u /* in each of the three texts */
#define TEXT_EDITS_MAX 1024u  /* lines that one side takes away and adds, together */

struct text_edits {
	struct bytes base, a, b;
};

size_t text_memory(void);
/* False: a conflict, or over a limit.  work: text_memory() bytes, aligned; out: LIMIT_TEXT_BYTES. */
MUST_USE bool text_merge(const struct text_edits *edits, void *work, uint8_t *out, size_t *ret_len);

#endif
