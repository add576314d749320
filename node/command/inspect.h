/*
 * inspect.h - any file of Simpul, taken apart and checked, without a node.
 *
 * Memory: borrows stream and screen.
 */
#ifndef COMMAND_INSPECT_H
#define COMMAND_INSPECT_H

#include "screen.h"
#include "simpul/crypto.h"

struct inspect_plan {
	bool has_hub, has_key;
	struct public_key hub; /* --hub-key */
	struct public_key key; /* --key: of chains that the file does not explain */
};

/*
 * Prints everything in the stream, which must be seekable.  False when something is forged or altered
 * (exit status 4), damaged (3), or, if a key was given, could not be verified (10).
 */
MUST_USE bool inspect_stream(FILE *in, const struct inspect_plan *plan, const struct screen *s,
			     struct err *e);

#endif
