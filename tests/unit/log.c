/* log.c - one event is one line on stderr, levels are obeyed, repeats are held back. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "tap.h"

struct capture {
	FILE *file;
	int saved;
};

static char caught[8192];

static struct capture capture_begin(void)
{
	struct capture c = { tmpfile(), dup(STDERR_FILENO) };

	fflush(stderr);
	dup2(fileno(c.file), STDERR_FILENO);
	return c;
}

/* Puts stderr back; what was written is in caught, the number of lines is returned. */
static unsigned capture_end(struct capture *c)
{
	unsigned lines = 0;
	size_t len;

	fflush(stderr);
	dup2(c->saved, STDERR_FILENO);
	close(c->saved);
	rewind(c->file);
	len = fread(caught, 1, sizeof(caught) - 1, c->file);
	caught[len] = '\0';
	fclose(c->file);
	for (size_t i = 0; i < len; i++)
		lines += caught[i] == '\n';
	return lines;
}

static void line_has_time_level_area(void)
{
	struct capture c = capture_begin();
	unsigned lines;
	int used = 0;

	log_line(LOG_WARNING, "outbox", "%d left", 3);
	lines = capture_end(&c);
	CHECK(lines == 1);
	CHECK(sscanf(caught, "%*4d-%*2d-%*2dT%*2d:%*2d:%*2dZ %n", &used) == 0 && used == 21);
	CHECK(strcmp(caught + used, "warning outbox: 3 left\n") == 0);
}

static void level_is_obeyed(void)
{
	struct capture c = capture_begin();
	unsigned lines;

	log_line(LOG_DEBUG, "net", "unseen");
	log_set_level(LOG_DEBUG);
	log_line(LOG_DEBUG, "net", "seen");
	log_set_level(LOG_ERROR);
	log_line(LOG_WARNING, "net", "unseen");
	log_line(LOG_ERROR, "net", "seen");
	log_set_level(LOG_NOTICE);
	lines = capture_end(&c);
	CHECK(lines == 2 && strstr(caught, "unseen") == NULL);
}

static void repeats_are_held_back(void)
{
	struct capture c = capture_begin();
	unsigned lines;

	for (int i = 0; i < 1000; i++)
		log_once(LOG_NOTICE, "net", "hub-gone", "no answer (%d)", i);
	log_once(LOG_NOTICE, "net", "other", "another cause");
	lines = capture_end(&c);
	CHECK(lines == 2);
	CHECK(strstr(caught, "no answer (0)") != NULL && strstr(caught, "another cause") != NULL);
}

/* More causes than there are slots: still one line each, never fewer. */
static void many_causes_are_all_written(void)
{
	struct capture c = capture_begin();
	unsigned lines;
	char key[20];

	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "cause-%d", i);
		log_once(LOG_NOTICE, "net", key, "%s", key);
	}
	lines = capture_end(&c);
	CHECK(lines == 100);
}

static void long_line_is_cut_to_one(void)
{
	struct capture c;
	char wide[3000];
	unsigned lines;

	memset(wide, 'w', sizeof(wide) - 1);
	wide[sizeof(wide) - 1] = '\0';
	c = capture_begin();
	log_line(LOG_NOTICE, "net", "%s", wide);
	lines = capture_end(&c);
	CHECK(lines == 1 && strlen(caught) < 1200);
}

/* A text from outside must not be able to forge a line of its own. */
static void text_with_a_newline_stays_one_line(void)
{
	struct capture c = capture_begin();
	unsigned lines;

	log_line(LOG_NOTICE, "net", "peer says: %s", "x\n2026-01-01T00:00:00Z error hub: forged\r\x1b[2J");
	lines = capture_end(&c);
	CHECK(lines == 1);
	CHECK(strchr(caught, '\x1b') == NULL && strchr(caught, '\r') == NULL);
	CHECK(strstr(caught, "x\\n2026-01-01T00:00:00Z error hub: forged\\x0d\\x1b[2J\n") != NULL);
}

/* A report of several lines is one event: its lines stay apart, and nothing hangs at its end. */
static void several_lines_are_told_apart(void)
{
	struct capture c = capture_begin();
	char newlines[3000];
	unsigned lines;

	log_line(LOG_WARNING, "repair", "%s", "a: was gone\nb: is back\n");
	memset(newlines, '\n', sizeof(newlines) - 2);
	memcpy(newlines + sizeof(newlines) - 2, "x", 2);
	log_line(LOG_WARNING, "repair", "%s", newlines);
	lines = capture_end(&c);
	CHECK(lines == 2);
	CHECK(strstr(caught, " repair: a: was gone\\nb: is back\n") != NULL);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(line_has_time_level_area),	  TAP(level_is_obeyed),
		TAP(repeats_are_held_back),	  TAP(many_causes_are_all_written),
		TAP(long_line_is_cut_to_one),	  TAP(text_with_a_newline_stays_one_line),
		TAP(several_lines_are_told_apart),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
