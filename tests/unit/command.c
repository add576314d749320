/* command.c - the table: each command can be explained, exemplified, and found; and `inspect` on anything. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "command/inspect.h"
#include "help.h"
#include "simpul/seal.h"
#include "tap.h"

static size_t occurrences(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *p = text; (p = strstr(p, what)) != NULL; p += strlen(what))
		n++;
	return n;
}

static void every_command_is_explained(void)
{
	char needle[64];

	for (const struct command *c = command_table; c->name != NULL; c++) {
		tap_note("%s", c->name);
		CHECK(command_find(c->name) == c && c->run != NULL);
		CHECK(c->usage[0] != '\0' && c->summary[0] != '\0' && strlen(c->summary) < 64);
		snprintf(needle, sizeof(needle), "simpul %s", c->name);
		CHECK(strstr(c->help, "Examples:\n\n  $ ") != NULL);
		CHECK(occurrences(strstr(c->help, "Examples:"), needle) >= 2);
		CHECK(c->help[strlen(c->help) - 1] == '\n');
	}
	CHECK(command_find("none") == NULL && command_find("") == NULL);
}

/* What the usage line shows must be explained, and nothing else. */
static void every_option_is_explained(void)
{
	for (const struct command *c = command_table; c->name != NULL; c++) {
		for (const char *p = c->usage; (p = strstr(p, "--")) != NULL; p += 2) {
			size_t len = strspn(p, "-abcdefghijklmnopqrstuvwxyz");
			char option[40];

			snprintf(option, sizeof(option), "\n  %.*s ", (int)len, p);
			tap_note("%s %.*s", c->name, (int)len, p);
			CHECK(strstr(c->help, option) != NULL);
		}
	}
}

static void which_options_have_values(void)
{
	CHECK(command_takes_value(command_find("init"), "--name"));
	CHECK(!command_takes_value(command_find("init"), "--hub"));
	CHECK(command_takes_value(command_find("attach"), "--scope"));
	CHECK(command_takes_value(command_find("attach"), "--scope-column"));
	CHECK(command_takes_value(command_find("attach"), "--scope=13.73"));
	CHECK(command_takes_value(command_find("invite"), "--role"));
	CHECK(!command_takes_value(command_find("detach"), "--abandon"));
	CHECK(!command_takes_value(command_find("bundle"), "--unsent"));
	CHECK(!command_takes_value(command_find("bundle"), "--un"));
	CHECK(!command_takes_value(command_find("sync"), "--name"));
}

static void file_close(FILE **file)
{
	if (*file != NULL)
		fclose(*file);
}

#define AUTO_FILE __attribute__((cleanup(file_close))) FILE

static void text_free(char **text)
{
	free(*text);
}

#define AUTO_TEXT __attribute__((cleanup(text_free))) char

static void manual_pages_are_troff(void)
{
	for (const struct command *c = command_table; c->name != NULL; c++) {
		AUTO_TEXT *text = NULL;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		help_man(out, c);
		fclose(out);
		CHECK(strncmp(text, ".TH SIMPUL", 10) == 0);
		CHECK(strstr(text, ".SH EXAMPLES\n") != NULL && strstr(text, ".SH EXIT STATUS\n") != NULL);
		CHECK(occurrences(text, "\n.EX\n") == occurrences(text, "\n.EE\n"));
		for (const char *p = text; (p = strstr(p, "\n.")) != NULL; p++)
			CHECK(strchr("TSPBEI", p[2]) != NULL); /* only requests that we mean */
	}
}

/* In one page for all commands, not in each. */
static void the_overview_has_the_exit_statuses(void)
{
	AUTO_TEXT *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	help_man_overview(out);
	fclose(out);
	CHECK(strstr(text, ".SH EXIT STATUS\n") != NULL && strstr(text, "file\\-gone") != NULL);
}

static void exit_statuses_come_from_the_error_table(void)
{
	AUTO_TEXT *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	help_text(out, command_find("sync"));
	fclose(out);
	for (int code = ERR_OK; code < ERR_COUNT; code++)
		CHECK(strstr(text, err_slug((enum err_code)code)) != NULL);
}

/* inspect on these bytes; the exit status, what it printed in *ret_out. */
static int inspect(const void *bytes, size_t len, const struct inspect_plan *plan, char **ret_out)
{
	AUTO_FILE *in = tmpfile();
	struct screen s;
	size_t out_len;
	bool ok;
	struct err e;

	err_clear(&e);
	if (in == NULL || fwrite(bytes, 1, len, in) != len)
		return -1;
	rewind(in);
	screen_init(&s, open_memstream(ret_out, &out_len), stderr);
	ok = inspect_stream(in, plan, &s, &e);
	fclose(s.out);
	return ok ? 0 : err_exit_status(e.code);
}

struct letter {
	uint8_t bytes[2048];
	size_t len;
	struct public_key key;
};

/* The first changeset of a chain, which vouches for itself. */
static bool genesis(const char *name, struct letter *ret)
{
	static const struct secret_key secret = { { 9, 9, 9 } };
	struct genesis g = { .scope = { "13.73" }, .nonce = { 1, 2, 3 } };
	struct changeset c = { 0 };
	struct hash id;
	struct err e;

	crypto_public_key(&secret, &g.key);
	ret->key = g.key;
	snprintf(g.name, sizeof(g.name), "%s", name);
	genesis_fill(&g, &c);
	return seal_make(&c, (const uint8_t *)"", 0, &secret, ret->bytes, sizeof(ret->bytes), &ret->len, &id,
			 &e);
}

static void a_changeset_is_shown_and_judged(void)
{
	struct inspect_plan none = { 0 };
	struct letter letter;
	AUTO_TEXT *good = NULL;
	AUTO_TEXT *bad = NULL;

	CHECK(genesis("Kota Sawahlunto", &letter));
	CHECK(inspect(letter.bytes, letter.len, &none, &good) == 0);
	CHECK(strstr(good, "Kota Sawahlunto") != NULL && strstr(good, "verified:") != NULL);
	letter.bytes[letter.len - 10] ^= 1; /* in the signature, for the body is empty */
	CHECK(inspect(letter.bytes, letter.len, &none, &bad) == 4);
	CHECK(strstr(bad, "FORGED") != NULL && strstr(bad, "verified:") == NULL);
}

static void every_flip_of_a_changeset_is_noticed(void)
{
	struct inspect_plan none = { 0 };
	struct letter letter;

	CHECK(genesis("Kota", &letter));
	for (size_t at = 0; at < letter.len; at++) {
		AUTO_TEXT *out = NULL;

		letter.bytes[at] ^= 0x04;
		CHECK(inspect(letter.bytes, letter.len, &none, &out) != 0);
		letter.bytes[at] ^= 0x04;
	}
	for (size_t len = 0; len < letter.len; len++) {
		AUTO_TEXT *out = NULL;

		CHECK(inspect(letter.bytes, len, &none, &out) == 3);
	}
}

static void what_cannot_be_verified_is_not_called_good(void)
{
	struct inspect_plan hub = { .has_hub = true };
	static const char note[] = "hub/1\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n"
				   "\xe2\x80\x94 hub/1 AAAAAAAA\n";
	struct inspect_plan none = { 0 };
	struct letter letter;
	AUTO_TEXT *first = NULL;
	AUTO_TEXT *second = NULL;

	CHECK(inspect(note, sizeof(note) - 1, &none, &first) == 0);
	CHECK(strstr(first, "NOT verified") != NULL);
	CHECK(genesis("x", &letter));
	hub.hub = letter.key;
	CHECK(inspect(note, sizeof(note) - 1, &hub, &second) != 0);
	CHECK(strstr(second, "  verified:") == NULL);
}

static void names_from_outside_do_not_reach_the_terminal(void)
{
	struct inspect_plan none = { 0 };
	static const char note[] = "hub\x1b[2J\n1\nAAAA\n\n\xe2\x80\x94 hub AAAA\n";
	AUTO_TEXT *out = NULL;

	CHECK(inspect(note, sizeof(note) - 1, &none, &out) != 0);
	CHECK(strchr(out == NULL ? "" : out, '\x1b') == NULL);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(every_command_is_explained), TAP(every_option_is_explained),
		TAP(which_options_have_values), TAP(manual_pages_are_troff),
		TAP(the_overview_has_the_exit_statuses),
		TAP(exit_statuses_come_from_the_error_table), TAP(a_changeset_is_shown_and_judged),
		TAP(every_flip_of_a_changeset_is_noticed), TAP(what_cannot_be_verified_is_not_called_good),
		TAP(names_from_outside_do_not_reach_the_terminal),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
