/*
 * screen.c - printing for people.
 *
 * A terminal obeys what is written to it: escape sequences move the cursor, change colours, rename the
 * window, and on some terminals type commands.  Bidirectional controls show a text in another order than
 * it is stored.  So everything that did not come from this program is made visible first.
 */
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "base/memory.h"
#include "screen.h"

#define WIDTH_PLAIN 80
#define WIDTH_COLUMN_MIN 6
#define TEXT_MAX 4096

static const char *const colours[] = {
	[SCREEN_PLAIN] = "",	   [SCREEN_BOLD] = "\033[1m",  [SCREEN_FAINT] = "\033[2m",
	[SCREEN_GOOD] = "\033[32m", [SCREEN_WARN] = "\033[33m", [SCREEN_BAD] = "\033[31m",
};

static unsigned terminal_width(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	long n = columns == NULL ? 0 : strtol(columns, NULL, 10);

	if (n >= 20 && n <= 1000)
		return (unsigned)n;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
		return size.ws_col;
	return WIDTH_PLAIN;
}

static bool speaks_english(void)
{
	static const char *const names[] = { "SIMPUL_LANG", "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && value[0] != '\0')
			return strcmp(value, "id") != 0 && strncmp(value, "id_", 3) != 0;
	}
	return true;
}

void screen_init(struct screen *s, FILE *out, FILE *err)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
	int fd = fileno(out);

	*s = (struct screen){ .out = out, .err = err, .width = WIDTH_PLAIN };
	s->terminal = fd >= 0 && isatty(fd) == 1;
	s->colour = s->terminal && (no_colour == NULL || no_colour[0] == '\0') &&
		    (term == NULL || strcmp(term, "dumb") != 0);
	s->english = speaks_english();
	if (s->terminal)
		s->width = terminal_width(fd);
}

/* The character at p[0..len): its bytes, and its code point in *ret; 0 bytes if it is not UTF-8. */
static size_t utf8_take(const uint8_t *p, size_t len, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	uint32_t c;

	*ret = p[0];
	if (n == 1)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4 || n > len)
		return 0;
	c = p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	*ret = c;
	return c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : n;
}

/* Line breaks of other kinds, marks that turn the direction of writing, and invisible joins. */
static bool deceives(uint32_t c)
{
	return (c >= 0x80 && c < 0xa0) || c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
	       (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

static void escape_control(uint8_t c, struct buf *out)
{
	static const struct {
		uint8_t c;
		const char *text;
	} known[] = { { '\n', "\\n" }, { '\t', "\\t" }, { '\r', "\\r" } };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].c == c) {
			buf_text(out, known[i].text);
			return;
		}
	buf_print(out, "\\x%02x", c);
}

/* exact: a backslash is doubled, so that the text can be read back. */
static void escape(const void *text, size_t len, bool exact, struct buf *out)
{
	const uint8_t *p = text, *end = p + len;

	while (p < end) {
		uint32_t c;
		size_t n = utf8_take(p, (size_t)(end - p), &c);

		if (n == 0 || c < 0x20 || c == 0x7f)
			escape_control(*p, out);
		else if (deceives(c))
			buf_print(out, "\\u%04x", c);
		else if (c == '\\' && exact)
			buf_text(out, "\\\\");
		else
			buf_put(out, p, n);
		p += n == 0 ? 1 : n;
	}
}

void screen_escape(const void *text, size_t len, struct buf *out)
{
	escape(text, len, false, out);
}

/* Bytes and columns of the character at text, which is UTF-8. */
static size_t step(const char *text, size_t *ret_columns)
{
	uint32_t c;
	size_t n = utf8_take((const uint8_t *)text, strlen(text), &c);
	int width = wcwidth((wchar_t)c);

	*ret_columns = width < 0 ? 1 : (size_t)width;
	return n == 0 ? 1 : n;
}

size_t screen_columns(const char *text)
{
	size_t columns = 0, width;

	while (*text != '\0') {
		text += step(text, &width);
		columns += width;
	}
	return columns;
}

/* What a format and its arguments make, escaped; newlines at the format's own end are not part of it. */
static size_t format(struct buf *out, bool exact, const char *fmt, va_list ap)
{
	char text[TEXT_MAX];
	size_t newlines = 0, len = strlen(fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	bool cut = n >= (int)sizeof(text);

	while (newlines < len && fmt[len - 1 - newlines] == '\n')
		newlines++;
	if (n < 0)
		return newlines;
	escape(text, cut ? sizeof(text) - 1 : (size_t)n - newlines, exact, out);
	if (cut)
		buf_text(out, "…");
	return newlines;
}

static void put_coloured(const struct screen *s, FILE *to, enum screen_colour colour, const char *text)
{
	bool on = s->colour && colour != SCREEN_PLAIN && text[0] != '\0';

	fprintf(to, "%s%s%s", on ? colours[colour] : "", text, on ? "\033[0m" : "");
}

void screen_print(const struct screen *s, enum screen_colour colour, const char *fmt, ...)
{
	AUTO_BUF text = { 0 };
	size_t newlines;
	va_list ap;

	va_start(ap, fmt);
	newlines = format(&text, false, fmt, ap);
	va_end(ap);
	put_coloured(s, s->out, colour, buf_string(&text));
	while (newlines-- > 0)
		fputc('\n', s->out);
}

void screen_json(const struct screen *s, const json_t *json)
{
	char *text = json_dumps(json, JSON_INDENT(2) | (s->terminal ? JSON_ENSURE_ASCII : 0));
	AUTO_BUF line = { 0 };

	if (text == NULL)
		return;
	/* jansson escapes C0 controls and, for a terminal, everything beyond ASCII; DEL is left. */
	for (const char *p = text; *p != '\0'; p++)
		buf_print(&line, *p == 0x7f ? "\\u%04x" : "%c", *p);
	fprintf(s->out, "%s\n", buf_string(&line));
	free(text);
}

int screen_error(const struct screen *s, const struct err *e)
{
	AUTO_BUF text = { 0 };

	fflush(s->out);
	screen_escape(e->text, strlen(e->text), &text);
	put_coloured(s, s->err, SCREEN_BAD, "simpul:");
	fprintf(s->err, " %s\n", buf_string(&text));
	if (err_advice_id(e->code)[0] != '\0')
		fprintf(s->err, "  %s\n  %s\n", err_advice_id(e->code), err_advice_en(e->code));
	return err_exit_status(e->code);
}

struct cell {
	char *text; /* owned */
	enum screen_colour colour;
};

struct screen_table {
	const struct screen *screen;
	int columns;
	size_t cells, cap;
	struct cell *cell; /* the titles first */
};

struct screen_table *screen_table_new(const struct screen *s, const char *const *titles, int columns)
{
	struct screen_table *t = memory_new(sizeof(*t));

	t->screen = s;
	t->columns = columns;
	for (int i = 0; i < columns; i++)
		screen_table_cell(t, SCREEN_BOLD, "%s", titles[i]);
	return t;
}

void screen_table_cell(struct screen_table *t, enum screen_colour colour, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	/* Tab-separated text has one reading. */
	format(&text, !t->screen->terminal, fmt, ap);
	va_end(ap);
	if (t->cells == t->cap) {
		t->cap = t->cap == 0 ? 64 : t->cap * 2;
		t->cell = memory_resize(t->cell, t->cap * sizeof(*t->cell));
	}
	t->cell[t->cells++] = (struct cell){ memory_text(buf_string(&text)), colour };
	buf_done(&text);
}

static void print_tabs(const struct screen_table *t)
{
	for (size_t i = 0; i < t->cells; i++)
		fprintf(t->screen->out, "%s%c", t->cell[i].text,
			(i + 1) % (size_t)t->columns == 0 ? '\n' : '\t');
}

/* A column of numbers is easier to compare when it ends at one place. */
static bool is_number(const char *text)
{
	return text[strspn(text, "0123456789.,-")] == '\0';
}

struct layout {
	size_t width[SCREEN_COLUMNS_MAX];
	bool right[SCREEN_COLUMNS_MAX];
	bool digits[SCREEN_COLUMNS_MAX];
};

static void measure(const struct screen_table *t, struct layout *ret)
{
	for (int c = 0; c < t->columns; c++) {
		ret->width[c] = 0;
		ret->right[c] = true;
		ret->digits[c] = false;
	}
	for (size_t i = 0; i < t->cells; i++) {
		size_t c = i % (size_t)t->columns, width = screen_columns(t->cell[i].text);

		ret->width[c] = width > ret->width[c] ? width : ret->width[c];
		if (i < (size_t)t->columns)
			continue;
		ret->right[c] &= is_number(t->cell[i].text);
		ret->digits[c] |= strpbrk(t->cell[i].text, "0123456789") != NULL;
	}
	for (int c = 0; c < t->columns; c++)
		ret->right[c] &= ret->digits[c];
}

/* The widest columns give way until the table fits. */
static void fit(const struct screen_table *t, struct layout *layout)
{
	for (;;) {
		size_t sum = 2 * (size_t)(t->columns - 1);
		int widest = 0;

		for (int c = 0; c < t->columns; c++) {
			sum += layout->width[c];
			if (layout->width[c] > layout->width[widest])
				widest = c;
		}
		if (sum <= t->screen->width || layout->width[widest] <= WIDTH_COLUMN_MIN)
			return;
		layout->width[widest]--;
	}
}

static void spaces(FILE *out, size_t n)
{
	fprintf(out, "%*s", (int)n, "");
}

/* The text in exactly `width` columns, or less at the end of a line. */
static void print_cell(const struct screen_table *t, const struct cell *cell, size_t width, bool right,
		       bool last)
{
	size_t columns = screen_columns(cell->text), used = 0, take = 0;
	AUTO_BUF text = { 0 };

	if (columns <= width) {
		buf_text(&text, cell->text);
		used = columns;
	} else {
		for (size_t w, n = step(cell->text, &w); used + w < width; n = step(cell->text + take, &w)) {
			used += w;
			take += n;
		}
		buf_put(&text, cell->text, take);
		buf_text(&text, "…");
		used++;
	}
	if (right)
		spaces(t->screen->out, width - used);
	put_coloured(t->screen, t->screen->out, cell->colour, buf_string(&text));
	if (!right && !last)
		spaces(t->screen->out, width - used);
}

static void print_aligned(const struct screen_table *t)
{
	struct layout layout;

	measure(t, &layout);
	fit(t, &layout);
	for (size_t i = 0; i < t->cells; i++) {
		size_t c = i % (size_t)t->columns;
		bool last = c + 1 == (size_t)t->columns;

		print_cell(t, &t->cell[i], layout.width[c], layout.right[c], last);
		fputs(last ? "\n" : "  ", t->screen->out);
	}
}

void screen_table_print(struct screen_table **table)
{
	struct screen_table *t = *table;

	if (t->screen->terminal)
		print_aligned(t);
	else
		print_tabs(t);
	screen_table_free(table);
}

void screen_table_free(struct screen_table **table)
{
	struct screen_table *t = *table;

	if (t == NULL)
		return;
	for (size_t i = 0; i < t->cells; i++)
		free(t->cell[i].text);
	free(t->cell);
	free(t);
	*table = NULL;
}

void screen_progress(const struct screen *s, const char *what, uint64_t done, uint64_t total)
{
	if (!s->terminal)
		return;
	fprintf(s->out, "\r\033[K%s %llu", what, (unsigned long long)done);
	if (total > 0)
		fprintf(s->out, "/%llu (%llu %%)", (unsigned long long)total,
			(unsigned long long)(done * 100 / total));
	fflush(s->out);
}

void screen_progress_end(const struct screen *s)
{
	if (s->terminal)
		fputs("\r\033[K", s->out);
}

void screen_ago(char *out, size_t size, uint64_t then_ms, uint64_t now_ms)
{
	uint64_t s = (now_ms > then_ms ? now_ms - then_ms : then_ms - now_ms) / 1000;
	const char *when = then_ms > now_ms ? "ahead" : "ago";
	unsigned long long n = s;
	const char *unit = "s";

	if (s >= 2 * 86400) {
		n = s / 86400;
		unit = "days";
	} else if (s >= 2 * 3600) {
		n = s / 3600;
		unit = "h";
	} else if (s >= 120) {
		n = s / 60;
		unit = "min";
	}
	snprintf(out, size, "%llu %s %s", n, unit, when);
}

void screen_bytes(char *out, size_t size, uint64_t bytes)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
	double value = (double)bytes / 1000;
	int unit = 0;

	if (bytes < 1000) {
		snprintf(out, size, "%u B", (unsigned)bytes);
		return;
	}
	for (; value >= 999.95 && unit < 5; unit++)
		value /= 1000;
	snprintf(out, size, "%.1f %s", value, units[unit]);
}

void screen_time(char *out, size_t size, uint64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;

	if (localtime_r(&s, &tm) == NULL || strftime(out, size, "%Y-%m-%d %H:%M %Z", &tm) == 0)
		snprintf(out, size, "?");
}
