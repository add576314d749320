/*
 * show.h - changesets as JSON, and that JSON on the screen: what `log` and `inspect` have in common.
 *
 * One description serves programs and people, so the two cannot differ.  Text that is not UTF-8, and
 * binary, appear as {"hex": "..."}.
 *
 * Memory: returned JSON is owned by the caller.
 */
#ifndef COMMAND_SHOW_H
#define COMMAND_SHOW_H

#include "base/json.h"
#include "screen.h"
#include "simpul/schema.h"
#include "simpul/seal.h"

const char *show_kind(enum changeset_kind kind);
json_t *show_value(const struct value *value);
json_t *show_text(const void *text, size_t len);
/* Always a string: what is not UTF-8 in it (a text that was cut, say) is made visible. */
json_t *show_line(const char *text);
json_t *show_hex(const void *bytes, size_t len);
/* Seconds since 1970 as RFC 3339; null for 0. */
json_t *show_time(uint64_t seconds);

/*
 * Adds to `out` everything that is in the frame, changes with names where the schema document is known
 * (schema may be NULL).  False if the body is not the one that was signed, or not well-formed; the
 * header is described all the same.  Does not look at the signature.
 */
MUST_USE bool show_frame(const struct frame *f, const struct schema *schema, json_t *out, struct err *e);
void show_frame_print(const struct screen *s, const json_t *frame);
/* A value or key as one piece of text: 12, 'text', NULL, x'00ff'. */
void show_value_print(const json_t *value, struct buf *out);

/* ERR_NOT_FOUND: neither a chain nor a table here is of that scope.  NULL: none was asked for. */
struct db;
MUST_USE bool show_scope_known(struct db *db, const char *scope, struct err *e);

/* The document as a schema, in memory of the arena.  NULL if it is damaged. */
struct arena;
const struct schema *show_schema(struct arena *arena, const uint8_t *document, size_t len);

#endif
