/*
 * spreadsheet.h - rows as an Excel file: the one door to libxlsxwriter.
 *
 * Texts are written as texts, whatever they begin with; numbers as numbers.  The heading is bold, stays in
 * sight, and filters; columns are about as wide as what is in them.
 */
#ifndef WEB_SPREADSHEET_H
#define WEB_SPREADSHEET_H

#include "base/buf.h"
#include "store/db.h"

#define SPREADSHEET_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#define SPREADSHEET_ROWS_MAX 1048575 /* of Excel, without the heading */

/* Reads the statement to its end; heading: one per column.  ERR_TOO_LARGE. */
MUST_USE bool spreadsheet_make(struct stmt *s, const char *title, const char *const *heading, struct buf *out,
			       struct err *e);

#endif
