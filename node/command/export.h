/*
 * export.h - one value as a field of CSV, safe to open in a spreadsheet.
 */
#ifndef COMMAND_EXPORT_H
#define COMMAND_EXPORT_H

#include "base/buf.h"
#include "screen.h"
#include "simpul/value.h"

/* RFC 4180.  NULL is nothing, an empty text "", binary is hex; a text that would be a formula gets a '. */
void export_csv_field(const struct value *value, struct buf *out);
void export_csv_text(const char *text, struct buf *out);
/* One line, its end included; on a terminal no control character of the data gets through. */
void export_csv_line(const struct screen *s, struct buf *line);

#endif
