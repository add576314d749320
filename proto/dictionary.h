/*
 * dictionary.h - the preset dictionary of codec 2: what changesets are likely to contain.
 *
 * A lone change is too short for deflate to learn from, so both sides start from this text.  It is
 * named by its number in the frame and never changes: a better one gets the next number.
 */
#ifndef PROTO_DICTIONARY_H
#define PROTO_DICTIONARY_H

#include <stddef.h>

extern const char dictionary_1[];
extern const size_t dictionary_1_len;

#endif
