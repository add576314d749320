/* limit.c - a scanner for SQL's words, and the few shapes of CHECK that forms can use. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "web/limit.h"

#define WORDS_MAX 256 /* of one CHECK */

enum kind { WORD_NAME, WORD_TEXT, WORD_NUMBER, WORD_SIGN };

struct word {
	enum kind kind;
	const char *from; /* as written, quotes left out */
	size_t len;
	char quote;
};

static const char *skip_blanks(const char *at)
{
	for (;;) {
		at += strspn(at, " \t\r\n");
		if (strncmp(at, "--", 2) == 0)
			at += strcspn(at, "\n");
		else if (strncmp(at, "/*", 2) == 0 && strstr(at + 2, "*/") != NULL)
			at = strstr(at + 2, "*/") + 2;
		else
			return at;
	}
}

static const char *quoted(const char *at, struct word *ret)
{
	char end = *at == '[' ? ']' : *at;
	const char *from = ++at;

	while (*at != '\0' && (*at != end || (end != ']' && at[1] == end)))
		at += *at == end ? 2 : 1;
	ret->kind = end == '\'' ? WORD_TEXT : WORD_NAME;
	ret->from = from;
	ret->len = (size_t)(at - from);
	ret->quote = end;
	return *at == '\0' ? at : at + 1;
}

/* The next word; false at the end. */
static bool next(const char **at, struct word *ret)
{
	const char *from = skip_blanks(*at);
	const char *end = from;

	*ret = (struct word){ .kind = WORD_SIGN, .from = from };
	if (*from == '\0')
		return false;
	if (*from == '\'' || *from == '"' || *from == '`' || *from == '[') {
		*at = quoted(from, ret);
		return true;
	}
	if (isdigit((unsigned char)*from) || (*from == '-' && isdigit((unsigned char)from[1]))) {
		ret->kind = WORD_NUMBER;
		for (end = from + 1; isalnum((unsigned char)*end) || *end == '.'; end++)
			;
	} else if (isalpha((unsigned char)*from) || *from == '_' || (*from & 0x80) != 0) {
		ret->kind = WORD_NAME;
		while (isalnum((unsigned char)*end) || *end == '_' || *end == '$' ||
		       (*end & 0x80) != 0)
			end++;
	} else {
		end = from + ((*from == '<' || *from == '>' || *from == '|' || *from == '!') &&
					      (from[1] == '=' || from[1] == '|')
				      ? 2
				      : 1);
	}
	ret->len = (size_t)(end - from);
	*at = end;
	return true;
}

static bool is(const struct word *w, const char *text)
{
	return w->quote == '\0' && w->kind != WORD_TEXT && w->len == strlen(text) &&
	       strncasecmp(w->from, text, w->len) == 0;
}

struct checks {
	struct arena *arena;
	struct relation_column *column;
	int columns;
	struct word word[WORDS_MAX + 1];
	size_t words;
};

static struct relation_column *column_of(const struct checks *c, const struct word *w)
{
	for (int i = 0; w->kind == WORD_NAME && i < c->columns; i++)
		if (strlen(c->column[i].name) == w->len &&
		    strncasecmp(c->column[i].name, w->from, w->len) == 0)
			return &c->column[i];
	return NULL;
}

/* The text of a literal, '' made one '. */
static const char *literal(const struct checks *c, const struct word *w)
{
	char *out = arena_take(c->arena, w->len + 1);
	size_t n = 0;

	for (size_t i = 0; i < w->len; i++) {
		out[n++] = w->from[i];
		if (w->kind == WORD_TEXT && w->from[i] == '\'')
			i++;
	}
	out[n] = '\0';
	return out;
}

/* IN ( 'a' , 'b' ) from word `at` to the end. */
static void read_choices(const struct checks *c, size_t at, struct relation_limit *limit)
{
	const char **choice = arena_take(c->arena, c->words * sizeof(*choice));
	size_t n = 0;

	if (at + 1 >= c->words || !is(&c->word[at], "(") || !is(&c->word[c->words - 1], ")"))
		return;
	for (at++; at + 1 < c->words; at += 2) {
		const struct word *w = &c->word[at];

		if ((w->kind != WORD_TEXT && w->kind != WORD_NUMBER) ||
		    (!is(&c->word[at + 1], ",") && at + 2 != c->words))
			return;
		choice[n++] = literal(c, w);
	}
	limit->choice = choice;
	limit->choices = n;
}

static int64_t number(const struct word *w)
{
	return w->kind == WORD_NUMBER ? strtoll(w->from, NULL, 10) : 0;
}

/* From the word behind the column on. */
static void read_limit(const struct checks *c, size_t at, bool of_length,
		       struct relation_limit *limit)
{
	const struct word *w = &c->word[at];
	size_t left = c->words - at;

	if (left >= 2 && is(&w[0], "IN") && !of_length) {
		read_choices(c, at + 1, limit);
		return;
	}
	if (left == 4 && is(&w[0], "BETWEEN") && w[1].kind == WORD_NUMBER && is(&w[2], "AND") &&
	    w[3].kind == WORD_NUMBER) {
		limit->has_min = limit->has_max = true;
		limit->min = number(&w[1]);
		limit->max = number(&w[3]);
	} else if (left == 2 && w[1].kind == WORD_NUMBER && (is(&w[0], ">=") || is(&w[0], ">"))) {
		limit->has_min = true;
		limit->min = number(&w[1]) + is(&w[0], ">");
	} else if (left == 2 && w[1].kind == WORD_NUMBER && (is(&w[0], "<=") || is(&w[0], "<"))) {
		limit->has_max = true;
		limit->max = number(&w[1]) - is(&w[0], "<");
	} else if (left == 2 && of_length && is(&w[0], "=") && w[1].kind == WORD_NUMBER) {
		limit->has_min = limit->has_max = true;
		limit->min = limit->max = number(&w[1]);
	} else {
		return;
	}
	limit->of_length = of_length;
}

static void read_check(const struct checks *c)
{
	struct relation_column *column = c->words > 0 ? column_of(c, &c->word[0]) : NULL;
	size_t at = 0;

	if (column != NULL && c->words > 4 && is(&c->word[1], "IS") && is(&c->word[2], "NULL") &&
	    is(&c->word[3], "OR"))
		at = 4;
	column = at < c->words ? column_of(c, &c->word[at]) : NULL;
	if (column != NULL) {
		read_limit(c, at + 1, false, &column->limit);
		return;
	}
	if (c->words < at + 5 || !is(&c->word[at], "length") || !is(&c->word[at + 1], "(") ||
	    !is(&c->word[at + 3], ")"))
		return;
	column = column_of(c, &c->word[at + 2]);
	if (column != NULL)
		read_limit(c, at + 4, true, &column->limit);
}

void limit_read(const char *sql, struct arena *arena, struct relation_column *column, int columns)
{
	struct checks *c = arena_take(arena, sizeof(*c));
	struct word w;

	*c = (struct checks){ .arena = arena, .column = column, .columns = columns };
	while (next(&sql, &w)) {
		int depth = 1;

		if (!is(&w, "CHECK") || !next(&sql, &w) || !is(&w, "("))
			continue;
		for (c->words = 0; depth > 0 && next(&sql, &c->word[c->words]);) {
			const struct word *last = &c->word[c->words];

			depth += is(last, "(") - is(last, ")");
			if (depth > 0 && c->words < WORDS_MAX)
				c->words++;
		}
		if (c->words < WORDS_MAX)
			read_check(c);
	}
}
