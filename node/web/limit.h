/*
 * limit.h - what the CHECKs of a table say of single columns, read from its SQL.
 *
 * Only simple ones are understood: c IN ('a', 'b'), c BETWEEN 0 AND 100, c >= 0, c <= 9, the same
 * of length(c), each perhaps behind "c IS NULL OR".  What is not understood says nothing here;
 * SQLite judges it all the same.
 */
#ifndef WEB_LIMIT_H
#define WEB_LIMIT_H

#include "web/relation.h"

/* Fills in the limits of the columns (column[columns]) from CREATE TABLE text. */
void limit_read(const char *sql, struct arena *arena, struct relation_column *column, int columns);

#endif
