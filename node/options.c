/* options.c - named options out of a command's words. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

bool options_init(struct options *o, int argc, char *const *argv, struct err *e)
{
	bool literal = false;

	memset(o, 0, sizeof(*o));
	for (int i = 0; i < argc; i++) {
		if (!literal && strcmp(argv[i], "--") == 0) {
			literal = true;
			continue;
		}
		if (o->words == OPTIONS_MAX)
			return err_set(e, ERR_USAGE, "more than %d words", OPTIONS_MAX);
		o->literal[o->words] = literal;
		o->word[o->words++] = argv[i];
	}
	return true;
}

static void take(struct options *o, int at)
{
	o->words--;
	for (int i = at; i < o->words; i++) {
		o->word[i] = o->word[i + 1];
		o->literal[i] = o->literal[i + 1];
	}
	o->word[o->words] = NULL;
}

/* "-" alone is a word: it stands for standard input.  So is "-5". */
static bool is_option(const struct options *o, int at)
{
	const char *word = o->word[at];

	return !o->literal[at] && word[0] == '-' && word[1] != '\0' && !(word[1] >= '0' && word[1] <= '9');
}

/* The place of the option, its value behind "=" or NULL; -1 if it is not there. */
static int find(const struct options *o, const char *name, const char **value)
{
	size_t len = strlen(name);

	for (int i = 0; i < o->words; i++) {
		if (!is_option(o, i) || strncmp(o->word[i], name, len) != 0)
			continue;
		if (o->word[i][len] != '\0' && o->word[i][len] != '=')
			continue;
		*value = o->word[i][len] == '=' ? o->word[i] + len + 1 : NULL;
		return i;
	}
	return -1;
}

bool options_text(struct options *o, const char *name, const char **value, struct err *e)
{
	const char *found, *again;
	int at = find(o, name, &found);

	if (at < 0)
		return true;
	take(o, at);
	if (found == NULL) {
		if (at >= o->words || o->literal[at] || is_option(o, at))
			return err_set(e, ERR_USAGE, "%s needs a value", name);
		found = o->word[at];
		take(o, at);
	}
	if (found[0] == '\0')
		return err_set(e, ERR_USAGE, "%s needs a value", name);
	if (find(o, name, &again) >= 0)
		return err_set(e, ERR_USAGE, "%s is given twice", name);
	*value = found;
	return true;
}

bool options_int(struct options *o, const char *name, int64_t min, int64_t max, int64_t *value,
		 struct err *e)
{
	const char *text = NULL;
	long long n;
	char *end;

	if (!options_text(o, name, &text, e))
		return false;
	if (text == NULL)
		return true;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno != 0 || *end != '\0' || n < min || n > max || text[strspn(text, "-0123456789")] != '\0')
		return err_set(e, ERR_USAGE, "%s is a number from %lld to %lld, not \"%s\"", name,
			       (long long)min, (long long)max, text);
	*value = n;
	return true;
}

bool options_flag(struct options *o, const char *name, bool *value, struct err *e)
{
	const char *text;
	int at = find(o, name, &text);

	if (at < 0)
		return true;
	if (text != NULL)
		return err_set(e, ERR_USAGE, "%s takes no value", name);
	take(o, at);
	if (find(o, name, &text) >= 0)
		return err_set(e, ERR_USAGE, "%s is given twice", name);
	*value = true;
	return true;
}

bool options_rest(struct options *o, int min, int max, struct err *e)
{
	for (int i = 0; i < o->words; i++)
		if (is_option(o, i))
			return err_set(e, ERR_USAGE, "unknown option %s", o->word[i]);
	if (o->words < min)
		return err_set(e, ERR_USAGE, "%d more %s needed", min - o->words,
			       min - o->words == 1 ? "word is" : "words are");
	if (max >= 0 && o->words > max)
		return err_set(e, ERR_USAGE, "\"%s\" is one word too many", o->word[max]);
	return true;
}
