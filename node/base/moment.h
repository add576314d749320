/*
 * moment.h - a point in time as a person types it, ISO 8601, local unless it says otherwise; and as it is
 * told to people of several time zones.
 *
 *	2026-11-22			that day's beginning here
 *	2026-11-22 16:04		or with T, with seconds, with a fraction of them
 *	2026-11-22T09:04:00Z		UTC; or +07:00, +0700, +07
 */
#ifndef BASE_MOMENT_H
#define BASE_MOMENT_H

#include "simpul/err.h"

/* ms since 1970 UTC.  ERR_USAGE for anything else, and for times before 1970. */
MUST_USE bool moment_parse(const char *text, uint64_t *ret_ms, struct err *e);

#define MOMENT_SIZE	  32
#define MOMENT_ZONES_SIZE 96
/* "2026-11-22T09:04:00Z", with ".250" before the Z where there are fractions of a second. */
void moment_rfc3339(uint64_t ms, char ret[MOMENT_SIZE]);
/* "2026-11-22 16:04 WIB, 17:04 WITA, 18:04 WIT"; the date again where it is another day already. */
void moment_zones(uint64_t ms, char ret[MOMENT_ZONES_SIZE]);

#endif
