/* options.c - words of a command line: values, flags, what is left, and what is refused. */
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "tap.h"

/* Words from one string, split at single spaces. */
static bool words(struct options *o, const char *line, struct err *e)
{
	static char copy[512];
	char *argv[64], *save = NULL;
	int argc = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok_r(copy, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	return options_init(o, argc, argv, e);
}

static void values_and_flags(void)
{
	const char *name = NULL, *scope = "as it was";
	bool hub = false, other = false;
	struct options o;
	int64_t n = 7;
	struct err e;

	CHECK_OK(words(&o, "file.db --name Kota --hub --limit=12 rest", &e), &e);
	CHECK_OK(options_text(&o, "--name", &name, &e) && strcmp(name, "Kota") == 0, &e);
	CHECK_OK(options_text(&o, "--scope", &scope, &e) && strcmp(scope, "as it was") == 0, &e);
	CHECK_OK(options_flag(&o, "--hub", &hub, &e) && hub, &e);
	CHECK_OK(options_flag(&o, "--other", &other, &e) && !other, &e);
	CHECK_OK(options_int(&o, "--limit", 1, 12, &n, &e) && n == 12, &e);
	CHECK_OK(options_rest(&o, 2, 2, &e), &e);
	CHECK(strcmp(o.word[0], "file.db") == 0 && strcmp(o.word[1], "rest") == 0 && o.word[2] == NULL);
}

/* No option begins with a digit, so it is what somebody counts with. */
static void a_negative_number_is_a_word(void)
{
	struct options o;
	int64_t n = 7;
	struct err e;

	CHECK_OK(words(&o, "f -5 --from -3", &e) && options_int(&o, "--from", -9, 9, &n, &e) && n == -3, &e);
	CHECK_OK(options_rest(&o, 2, 2, &e), &e);
	CHECK(strcmp(o.word[1], "-5") == 0);
	CHECK_OK(words(&o, "f --seen -1", &e), &e);
	CHECK(!options_int(&o, "--seen", 0, 9, &n, &e) && strstr(e.text, "not \"-1\"") != NULL);
}

static void one_name_is_not_the_start_of_another(void)
{
	const char *scope = NULL, *column = NULL;
	struct options o;
	struct err e;

	CHECK_OK(words(&o, "f --scope-column c", &e), &e);
	CHECK_OK(options_text(&o, "--scope", &scope, &e) && scope == NULL, &e);
	CHECK_OK(options_text(&o, "--scope-column", &column, &e) && strcmp(column, "c") == 0, &e);
}

static void behind_two_dashes_all_is_literal(void)
{
	const char *name = NULL;
	struct options o;
	struct err e;

	CHECK_OK(words(&o, "f -- --name --", &e), &e);
	CHECK_OK(options_text(&o, "--name", &name, &e) && name == NULL, &e);
	CHECK_OK(options_rest(&o, 3, 3, &e), &e);
	CHECK(strcmp(o.word[1], "--name") == 0 && strcmp(o.word[2], "--") == 0);
	CHECK_OK(words(&o, "f --name -- x", &e), &e);
	CHECK(!options_text(&o, "--name", &name, &e) && e.code == ERR_USAGE);
}

static void a_lone_dash_is_a_word(void)
{
	struct options o;
	const char *name = NULL;
	struct err e;

	CHECK_OK(words(&o, "- --name -", &e), &e);
	CHECK_OK(options_text(&o, "--name", &name, &e) && strcmp(name, "-") == 0, &e);
	CHECK_OK(options_rest(&o, 1, 1, &e), &e);
}

static void refuses(void)
{
	static const char *const no_value[] = { "--name", "--name --hub", "--name=", "f --name" };
	static const char *const no_number[] = { "--n x", "--n 1x", "--n 0", "--n 11", "--n -1", "--n=+5",
						 "--n 99999999999999999999", "--n 0x5" };
	const char *text = NULL;
	bool flag = false;
	struct options o;
	int64_t n = 3;
	struct err e;

	for (size_t i = 0; i < sizeof(no_value) / sizeof(no_value[0]); i++) {
		CHECK_OK(words(&o, no_value[i], &e), &e);
		CHECK(!options_text(&o, "--name", &text, &e) && e.code == ERR_USAGE && text == NULL);
	}
	for (size_t i = 0; i < sizeof(no_number) / sizeof(no_number[0]); i++) {
		CHECK_OK(words(&o, no_number[i], &e), &e);
		tap_note("%s", no_number[i]);
		CHECK(!options_int(&o, "--n", 1, 10, &n, &e) && e.code == ERR_USAGE && n == 3);
	}
	CHECK_OK(words(&o, "--a 1 --a 2", &e), &e);
	CHECK(!options_text(&o, "--a", &text, &e) && e.code == ERR_USAGE);
	CHECK_OK(words(&o, "--a --a", &e), &e);
	CHECK(!options_flag(&o, "--a", &flag, &e) && e.code == ERR_USAGE);
	CHECK_OK(words(&o, "--a=1", &e), &e);
	CHECK(!options_flag(&o, "--a", &flag, &e) && e.code == ERR_USAGE);
}

static void what_is_left_is_counted_and_named(void)
{
	struct options o;
	struct err e;

	CHECK_OK(words(&o, "a b --oops", &e), &e);
	CHECK(!options_rest(&o, 0, -1, &e) && strstr(e.text, "--oops") != NULL);
	CHECK_OK(words(&o, "a b c", &e), &e);
	CHECK(!options_rest(&o, 0, 2, &e) && strstr(e.text, "\"c\"") != NULL);
	CHECK(!options_rest(&o, 4, -1, &e) && e.code == ERR_USAGE);
	CHECK_OK(options_rest(&o, 3, 3, &e) && options_rest(&o, 0, -1, &e), &e);
}

static void too_many_words(void)
{
	static char *many[OPTIONS_MAX + 1];
	struct options o;
	struct err e;

	for (int i = 0; i <= OPTIONS_MAX; i++)
		many[i] = (char *)(uintptr_t)"w";
	CHECK_OK(options_init(&o, OPTIONS_MAX, many, &e) && o.words == OPTIONS_MAX, &e);
	CHECK(!options_init(&o, OPTIONS_MAX + 1, many, &e) && e.code == ERR_USAGE);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(values_and_flags), TAP(a_negative_number_is_a_word),
		TAP(one_name_is_not_the_start_of_another),
		TAP(behind_two_dashes_all_is_literal), TAP(a_lone_dash_is_a_word), TAP(refuses),
		TAP(what_is_left_is_counted_and_named), TAP(too_many_words),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
