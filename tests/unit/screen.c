/* screen.c - what reaches a terminal: nothing that it would obey; tables that fit. */
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "screen.h"
#include "tap.h"

struct capture {
	struct screen screen;
	char *out, *err;
	size_t out_len, err_len;
};

static void begin(struct capture *c, bool terminal, unsigned width)
{
	*c = (struct capture){ 0 };
	screen_init(&c->screen, open_memstream(&c->out, &c->out_len), open_memstream(&c->err, &c->err_len));
	c->screen.terminal = terminal;
	c->screen.english = true;
	c->screen.width = width;
}

static const char *end(struct capture *c)
{
	fflush(c->screen.out);
	fflush(c->screen.err);
	return c->out;
}

static void capture_done(struct capture *c)
{
	fclose(c->screen.out);
	fclose(c->screen.err);
	free(c->out);
	free(c->err);
}

#define CAPTURE __attribute__((cleanup(capture_done))) struct capture

static const char *escaped(const char *text, size_t len)
{
	static char out[512];
	AUTO_BUF buf = { 0 };

	screen_escape(text, len, &buf);
	snprintf(out, sizeof(out), "%s", buf_string(&buf));
	return out;
}

#define ESCAPES(text, want) CHECK(strcmp(escaped(text, sizeof(text) - 1), want) == 0)

static void what_a_terminal_obeys_is_made_visible(void)
{
	ESCAPES("\x1b[2J\x1b]0;judul\x07", "\\x1b[2J\\x1b]0;judul\\x07");
	ESCAPES("a\nb\tc\rd\0e\x7f", "a\\nb\\tc\\rd\\x00e\\x7f");
	ESCAPES("\xc2\x9b" "31m", "\\u009b31m");	    /* CSI as one C1 character */
	ESCAPES("\xe2\x80\xae" "fdp.exe", "\\u202efdp.exe"); /* turns the direction */
	ESCAPES("\xe2\x80\xa8|\xef\xbb\xbf|\xe2\x81\xa6", "\\u2028|\\ufeff|\\u2066");
	ESCAPES("\xff\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80",
		"\\xff\\xc0\\x80\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80");
	ESCAPES("\xe2\x82", "\\xe2\\x82");
	ESCAPES("Kota Sawahlunto · Rp 1.000 – 日本 🎉", "Kota Sawahlunto · Rp 1.000 – 日本 🎉");
}

static void every_byte_alone_is_harmless(void)
{
	for (int c = 0; c < 256; c++) {
		char byte = (char)c;
		const char *out = escaped(&byte, 1);

		for (const char *p = out; *p != '\0'; p++)
			CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
		CHECK(c >= 0x80 ? strlen(out) == 4 : true);
	}
}

static void a_format_keeps_its_own_newline_only(void)
{
	CAPTURE c;

	begin(&c, true, 80);
	screen_print(&c.screen, SCREEN_PLAIN, "%s\n\n", "a\nb\x1b[1m\n");
	CHECK(strcmp(end(&c), "a\\nb\\x1b[1m\\n\n\n") == 0);
}

static void colour_only_where_it_is_wanted(void)
{
	CAPTURE plain, coloured;

	begin(&plain, true, 80);
	begin(&coloured, true, 80);
	coloured.screen.colour = true;
	screen_print(&coloured.screen, SCREEN_GOOD, "ok\n");
	screen_print(&plain.screen, SCREEN_GOOD, "ok\n");
	CHECK(strcmp(end(&coloured), "\033[32mok\033[0m\n") == 0);
	CHECK(strcmp(end(&plain), "ok\n") == 0);
}

static void fd_close(int *fd)
{
	close(*fd);
}

static void file_close(FILE **file)
{
	if (*file != NULL)
		fclose(*file);
}

static void a_terminal_is_asked_what_it_is(void)
{
	struct winsize size = { .ws_row = 24, .ws_col = 123 };
	__attribute__((cleanup(fd_close))) int controller = posix_openpt(O_RDWR | O_NOCTTY);
	__attribute__((cleanup(file_close))) FILE *file = NULL;
	struct screen s;

	CHECK(controller >= 0 && grantpt(controller) == 0 && unlockpt(controller) == 0);
	CHECK(ioctl(controller, TIOCSWINSZ, &size) == 0);
	/* O_NOCTTY: a session leader would be hung up with this terminal */
	file = fdopen(open(ptsname(controller), O_RDWR | O_NOCTTY | O_CLOEXEC), "r+");
	CHECK(file != NULL);
	unsetenv("NO_COLOR");
	unsetenv("COLUMNS");
	setenv("TERM", "xterm", 1);
	screen_init(&s, file, file);
	CHECK(s.terminal && s.colour && s.width == 123);
	setenv("NO_COLOR", "1", 1);
	setenv("COLUMNS", "60", 1);
	screen_init(&s, file, file);
	CHECK(s.terminal && !s.colour && s.width == 60);
	setenv("NO_COLOR", "", 1);
	setenv("COLUMNS", "nonsense", 1);
	screen_init(&s, file, file);
	CHECK(s.colour && s.width == 123);
	setenv("TERM", "dumb", 1);
	screen_init(&s, file, file);
	CHECK(!s.colour);
}

static void a_pipe_is_no_terminal(void)
{
	struct screen s;
	FILE *file = tmpfile();

	CHECK(file != NULL);
	unsetenv("NO_COLOR");
	screen_init(&s, file, file);
	fclose(file);
	CHECK(!s.terminal && !s.colour && s.width == 80);
}

static void the_language(void)
{
	struct screen s;

	setenv("SIMPUL_LANG", "id", 1);
	screen_init(&s, stdout, stderr);
	CHECK(!s.english);
	setenv("SIMPUL_LANG", "en", 1);
	setenv("LC_ALL", "id_ID.UTF-8", 1);
	screen_init(&s, stdout, stderr);
	CHECK(s.english);
	unsetenv("SIMPUL_LANG");
	screen_init(&s, stdout, stderr);
	CHECK(!s.english);
	unsetenv("LC_ALL");
}

static const char *const titles[] = { "NAME", "N", "TEXT" };

static void rows(const struct screen *s)
{
	struct screen_table *t = screen_table_new(s, titles, 3);

	screen_table_cell(t, SCREEN_PLAIN, "%s", "日本");
	screen_table_cell(t, SCREEN_PLAIN, "%d", 7);
	screen_table_cell(t, SCREEN_PLAIN, "%s", "satu\tdua\\tiga");
	screen_table_cell(t, SCREEN_PLAIN, "%s", "a");
	screen_table_cell(t, SCREEN_PLAIN, "%d", 1234);
	screen_table_cell(t, SCREEN_PLAIN, "%s", "");
	screen_table_print(&t);
}

static void tables_align_by_what_is_seen(void)
{
	CAPTURE c;

	begin(&c, true, 80);
	rows(&c.screen);
	CHECK(strcmp(end(&c), "NAME     N  TEXT\n"
			      "日本     7  satu\\tdua\\tiga\n"
			      "a     1234  \n") == 0);
}

static void tables_in_a_pipe_have_one_reading(void)
{
	CAPTURE c;

	begin(&c, false, 80);
	rows(&c.screen);
	CHECK(strcmp(end(&c), "NAME\tN\tTEXT\n"
			      "日本\t7\tsatu\\tdua\\\\tiga\n"
			      "a\t1234\t\n") == 0);
}

static void tables_fit_the_terminal(void)
{
	struct screen_table *t;
	char *save = NULL;
	CAPTURE c;

	begin(&c, true, 30);
	t = screen_table_new(&c.screen, titles, 3);
	screen_table_cell(t, SCREEN_PLAIN, "%s", "日本日本日本日本日本日本日本日本日本");
	screen_table_cell(t, SCREEN_PLAIN, "%d", 1);
	screen_table_cell(t, SCREEN_PLAIN, "%s", "a text that is much too long for this terminal");
	screen_table_print(&t);
	end(&c);
	for (char *line = strtok_r(c.out, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		tap_note("%s", line);
		CHECK(screen_columns(line) <= 30);
	}
}

static void errors_say_what_and_what_to_do(void)
{
	struct err e;
	CAPTURE c;

	begin(&c, false, 80);
	err_set(&e, ERR_SIGNATURE, "berkas \x1b[2J");
	CHECK(screen_error(&c.screen, &e) == 4);
	end(&c);
	CHECK(strncmp(c.err, "simpul: berkas \\x1b[2J\n", 23) == 0);
	CHECK(strstr(c.err, err_advice_id(ERR_SIGNATURE)) != NULL);
	CHECK(strstr(c.err, err_advice_en(ERR_SIGNATURE)) != NULL);
	CHECK(c.out == NULL || c.out[0] == '\0');
}

static void json_on_a_terminal_is_ascii(void)
{
	static const char text[] = "\x1b[2J \xe2\x80\xae \x7f \xc2\x9b";
	json_t *json = json_pack("{s:s}", "a", text);
	CAPTURE c;

	begin(&c, true, 80);
	screen_json(&c.screen, json);
	json_decref(json);
	for (const char *p = end(&c); *p != '\0'; p++)
		CHECK(*p == '\n' || (*p >= 0x20 && *p < 0x7f));
	json = json_loads(c.out, 0, NULL);
	CHECK(json != NULL);
	CHECK(strcmp(json_string_value(json_object_get(json, "a")), text) == 0);
	json_decref(json);
}

static void progress_is_silent_in_a_pipe(void)
{
	CAPTURE c;

	begin(&c, false, 80);
	screen_progress(&c.screen, "x", 1, 2);
	screen_progress_end(&c.screen);
	end(&c);
	CHECK(c.out_len == 0);
}

static void sizes_and_times(void)
{
	char out[40];

	screen_bytes(out, sizeof(out), 999);
	CHECK(strcmp(out, "999 B") == 0);
	screen_bytes(out, sizeof(out), 1000);
	CHECK(strcmp(out, "1.0 kB") == 0);
	screen_bytes(out, sizeof(out), 999950);
	CHECK(strcmp(out, "1.0 MB") == 0);
	screen_bytes(out, sizeof(out), UINT64_MAX);
	CHECK(strcmp(out, "18.4 EB") == 0);
	screen_ago(out, sizeof(out), 1000, 1000 + 119999);
	CHECK(strcmp(out, "119 s ago") == 0);
	screen_ago(out, sizeof(out), 1000, 1000 + 120000);
	CHECK(strcmp(out, "2 min ago") == 0);
	screen_ago(out, sizeof(out), 7200000, 0);
	CHECK(strcmp(out, "2 h ahead") == 0);
	setenv("TZ", "UTC-7", 1);
	screen_time(out, sizeof(out), UINT64_C(1694070300000));
	CHECK(strncmp(out, "2023-09-07 14:05", 16) == 0);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(what_a_terminal_obeys_is_made_visible), TAP(every_byte_alone_is_harmless),
		TAP(a_format_keeps_its_own_newline_only),   TAP(colour_only_where_it_is_wanted),
		TAP(a_terminal_is_asked_what_it_is),
		TAP(a_pipe_is_no_terminal),		    TAP(the_language),
		TAP(tables_align_by_what_is_seen),	    TAP(tables_in_a_pipe_have_one_reading),
		TAP(tables_fit_the_terminal),		    TAP(errors_say_what_and_what_to_do),
		TAP(json_on_a_terminal_is_ascii),	    TAP(progress_is_silent_in_a_pipe),
		TAP(sizes_and_times),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
