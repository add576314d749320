/* err.c - the table is complete and consistent; texts are cut, never overrun. */
#include <stdio.h>
#include <string.h>

#include "simpul/err.h"
#include "tap.h"

static void every_code_is_complete(void)
{
	for (int i = ERR_OK + 1; i < ERR_COUNT; i++) {
		enum err_code code = (enum err_code)i;

		CHECK(err_slug(code)[0] != '\0');
		CHECK(strspn(err_slug(code), "abcdefghijklmnopqrstuvwxyz-") == strlen(err_slug(code)));
		CHECK(err_advice_id(code)[0] != '\0' && err_advice_en(code)[0] != '\0');
		CHECK(strcmp(err_advice_id(code), err_advice_en(code)) != 0);
		CHECK(err_exit_status(code) >= 1 && err_exit_status(code) <= 12);
		CHECK(err_http_status(code) >= 202 && err_http_status(code) < 600);
	}
	CHECK(err_exit_status(ERR_OK) == 0 && err_http_status(ERR_OK) == 200);
}

/* Unclear error texts help nobody: what is tried again says so, all else names what a person does. */
static void every_advice_says_who_must_act(void)
{
	static const char *const acts[] = {
		"report", "heck", "ask ", "get ", "send", "pgrade", "tell", "call", "must", "nrol",
		"contact", "run ", "close", "use ", "hoose", "Free", "Give", "put ", "restore",
		"see ", "add ", "Fill", "ync", "set ", "chmod", "start", "operator", "by itself",
	};

	for (int i = ERR_OK + 1; i < ERR_COUNT; i++) {
		const char *en = err_advice_en((enum err_code)i), *id = err_advice_id((enum err_code)i);
		bool says = false;

		for (size_t k = 0; k < sizeof(acts) / sizeof(acts[0]); k++)
			says |= strstr(en, acts[k]) != NULL;
		if (!says || en[strlen(en) - 1] != '.' || id[strlen(id) - 1] != '.')
			tap_note("%s: %s | %s", err_slug((enum err_code)i), en, id);
		CHECK(says && en[strlen(en) - 1] == '.' && id[strlen(id) - 1] == '.');
		CHECK(strlen(id) >= 10); /* a reason and an act, not a word */
	}
}

static void slugs_are_unique_and_read_back(void)
{
	for (int i = 0; i < ERR_COUNT; i++)
		CHECK(err_from_slug(err_slug((enum err_code)i)) == (enum err_code)i);
	CHECK(err_from_slug("from-the-future") == ERR_INTERNAL);
	CHECK(err_from_slug("") == ERR_INTERNAL);
}

/* What was altered on purpose is not worth a retry; what the network did is. */
static void retry_fits_the_cause(void)
{
	CHECK(!err_retry(ERR_SIGNATURE) && !err_retry(ERR_CHAIN) && !err_retry(ERR_REVOKED));
	CHECK(err_retry(ERR_NETWORK) && err_retry(ERR_OVERLOADED) && err_retry(ERR_DISK_FULL));
}

static void wrap_puts_context_before(void)
{
	struct err e;

	CHECK(!err_set(&e, ERR_BUSY, "row %d", 7));
	CHECK(e.code == ERR_BUSY && strcmp(e.text, "row 7") == 0);
	CHECK(!err_wrap(&e, "table %s", "kota"));
	CHECK(e.code == ERR_BUSY && strcmp(e.text, "table kota: row 7") == 0);
	err_clear(&e);
	CHECK(e.code == ERR_OK && e.text[0] == '\0');
}

static void long_texts_are_cut(void)
{
	char wide[2000];
	struct err e;

	memset(wide, 'w', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	err_set(&e, ERR_INTERNAL, "%s", wide);
	CHECK(strlen(e.text) == sizeof(e.text) - 1);
	err_wrap(&e, "outer");
	CHECK(strlen(e.text) == sizeof(e.text) - 1);
	CHECK(strncmp(e.text, "outer: www", 10) == 0);
	err_wrap(&e, "%s", wide);
	CHECK(strlen(e.text) == sizeof(e.text) - 1);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(every_code_is_complete), TAP(every_advice_says_who_must_act),
		TAP(slugs_are_unique_and_read_back),
		TAP(retry_fits_the_cause),   TAP(wrap_puts_context_before),
		TAP(long_texts_are_cut),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
