/*
 * options.h - a command's words: named options taken out one by one, what is left is positional.
 *
 *	const char *name = NULL;
 *	bool hub = false;
 *
 *	if (!options_text(o, "--name", &name, e) || !options_flag(o, "--hub", &hub, e) ||
 *	    !options_rest(o, 1, 1, e))     exactly one positional
 *		return false;
 *	file = o->word[0];
 *
 * "--name VALUE" and "--name=VALUE" are the same; "--" ends the options.  Unknown options are named in
 * ERR_USAGE by options_rest.  Memory: borrows argv.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "simpul/err.h"

#define OPTIONS_MAX 1024

struct options {
	int words;
	const char *word[OPTIONS_MAX + 1]; /* NULL at the end */
	bool literal[OPTIONS_MAX]; /* stood behind "--" */
};

MUST_USE bool options_init(struct options *o, int argc, char *const *argv, struct err *e);
/* *value stays as it is if the option is absent.  ERR_USAGE: no value, or given twice. */
MUST_USE bool options_text(struct options *o, const char *name, const char **value, struct err *e);
MUST_USE bool options_int(struct options *o, const char *name, int64_t min, int64_t max,
			  int64_t *value, struct err *e);
MUST_USE bool options_flag(struct options *o, const char *name, bool *value, struct err *e);
/* All options have been taken: what is left must be min..max positional words (max -1: any). */
MUST_USE bool options_rest(struct options *o, int min, int max, struct err *e);

#endif
