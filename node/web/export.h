/*
 * export.h - rows as CSV, for spreadsheets and for whoever builds on open data.
 *
 * RFC 4180: commas, CRLF, quotes where needed; UTF-8 with a byte order mark, without which Excel takes it for
 * something else.  A text that a spreadsheet would take for a formula (it begins with = + - @, a tab or a CR)
 * gets an apostrophe in front, unless it is a plain number.
 */
#ifndef WEB_EXPORT_H
#define WEB_EXPORT_H

#include "base/buf.h"
#include "store/db.h"

#define EXPORT_BYTES_MAX (256u << 20)

/* Reads the statement to its end.  heading: one per column, NULL: the columns' names. */
MUST_USE bool export_csv(struct stmt *s, const char *const *heading, struct buf *out, struct err *e);
/* Would a spreadsheet take this text for a formula? */
bool export_formula(const char *text, size_t len);

#endif
