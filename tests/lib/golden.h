/*
 * golden.h - golden vectors: proto/vectors/NAME.json, built by a C test, compared with the stored
 * file.
 *
 * A test builds its vectors from fixed inputs with golden_* and CHECKs golden_matches; `program
 * --write` stores them anew after a wanted change of format.  tools/vectors_log.py checks the same
 * files without sharing code with us.  Memory: the JSON is owned (AUTO_JSON).
 */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "simpul/value.h"

void golden_free(json_t **json);
#define AUTO_JSON __attribute__((cleanup(golden_free))) json_t

json_t *golden_hex(const void *bytes, size_t len);
json_t *golden_text(const char *text, size_t len);
/* ["null"], ["int", decimal], ["real", hex of its 8 bytes], ["text" or "blob", hex]. */
json_t *golden_value(const struct value *v);
/* Prints the first difference of top-level members when they differ. */
bool golden_matches(const char *name, const json_t *built);
/* Takes `built` over; an exit status. */
int golden_write(const char *name, json_t *built);

#endif
