/*
 * spreadsheet.c - one sheet.  The library writes to a path; here that is a file that is only in memory.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "simpul/limits.h"
#include "web/spreadsheet.h"

#define CELL_BYTES_MAX 32767 /* of Excel: characters, so never more in bytes */
#define WIDTH_MIN 9
#define WIDTH_MAX 60
#define EXACT_MAX (1ll << 53) /* numbers are doubles there */

struct sheet {
	lxw_workbook *book;
	lxw_worksheet *sheet;
	lxw_format *bold, *wrap;
	unsigned width[LIMIT_COLUMNS + 1];
};

static void widen(struct sheet *sh, int column, size_t bytes)
{
	unsigned width = bytes + 2 > WIDTH_MAX ? WIDTH_MAX : (unsigned)bytes + 2;

	if (width > sh->width[column])
		sh->width[column] = width;
}

/* Cut where a character ends, and said so. */
static void text_write(struct sheet *sh, uint32_t row, int column, const char *bytes, size_t len)
{
	static const char cut[] = "…";
	char text[CELL_BYTES_MAX + 1];
	const size_t room = sizeof(text) - sizeof(cut);

	widen(sh, column, len);
	if (len > room) {
		for (len = room; len > 0 && ((unsigned char)bytes[len] & 0xc0) == 0x80;)
			len--;
		memcpy(text, bytes, len);
		memcpy(text + len, cut, sizeof(cut));
	} else {
		memcpy(text, bytes, len);
		text[len] = '\0';
	}
	worksheet_write_string(sh->sheet, row, (lxw_col_t)column, text, row == 0 ? sh->bold : sh->wrap);
}

static void value_write(struct sheet *sh, uint32_t row, int column, const struct value *v)
{
	char text[32];

	switch (v->type) {
	case VALUE_INT:
		if (v->integer < EXACT_MAX && v->integer > -EXACT_MAX) {
			worksheet_write_number(sh->sheet, row, (lxw_col_t)column, (double)v->integer, NULL);
			break;
		}
		snprintf(text, sizeof(text), "%lld", (long long)v->integer);
		text_write(sh, row, column, text, strlen(text));
		break;
	case VALUE_REAL:
		worksheet_write_number(sh->sheet, row, (lxw_col_t)column, v->real, NULL);
		break;
	case VALUE_TEXT:
		text_write(sh, row, column, (const char *)v->bytes, v->len);
		break;
	case VALUE_BLOB:
		snprintf(text, sizeof(text), "(%u byte)", v->len);
		text_write(sh, row, column, text, strlen(text));
		break;
	default:
		break;
	}
}

static bool rows_write(struct sheet *sh, struct stmt *s, const char *const *heading, uint32_t *ret_rows,
		       struct err *e)
{
	const int columns = stmt_columns(s);
	uint32_t n = 0;
	bool row;

	for (int i = 0; i < columns; i++) {
		sh->width[i] = WIDTH_MIN;
		text_write(sh, 0, i, heading[i], strlen(heading[i]));
	}
	for (;;) {
		if (!stmt_row(s, &row, e))
			return false;
		if (!row)
			break;
		if (++n > SPREADSHEET_ROWS_MAX)
			return err_set(e, ERR_TOO_LARGE, "a sheet has at most %d rows; filter them",
				       SPREADSHEET_ROWS_MAX);
		for (int i = 0; i < columns; i++) {
			const struct value v = stmt_get_value(s, i);

			value_write(sh, n, i, &v);
		}
	}
	*ret_rows = n;
	return true;
}

static void dress(struct sheet *sh, int columns, uint32_t rows)
{
	worksheet_freeze_panes(sh->sheet, 1, 0);
	worksheet_autofilter(sh->sheet, 0, 0, rows, (lxw_col_t)(columns - 1));
	for (int i = 0; i < columns; i++)
		worksheet_set_column(sh->sheet, (lxw_col_t)i, (lxw_col_t)i, sh->width[i], NULL);
	worksheet_repeat_rows(sh->sheet, 0, 0);
	worksheet_set_landscape(sh->sheet);
	worksheet_set_paper(sh->sheet, 9); /* A4 */
	worksheet_fit_to_pages(sh->sheet, 1, 0);
}

/* Excel takes 31 characters, without these. */
static void sheet_name(const char *title, char out[32])
{
	size_t n = 0;

	for (; title[n] != '\0' && n < 31; n++)
		out[n] = strchr("[]:*?/\\'", title[n]) != NULL || (unsigned char)title[n] >= 0x80 ? '_' :
												    title[n];
	out[n] = '\0';
}

static bool file_read(int fd, struct buf *out, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || st.st_size == 0)
		return err_set(e, ERR_INTERNAL, "the spreadsheet was not written");
	for (off_t at = 0; at < st.st_size;) {
		ssize_t n = pread(fd, buf_reserve(out, (size_t)(st.st_size - at)), (size_t)(st.st_size - at),
				  at);

		if (n <= 0)
			return err_set(e, ERR_STORAGE, "the spreadsheet cannot be read: %s", strerror(errno));
		out->len += (size_t)n;
		at += n;
	}
	return true;
}

static bool book_make(const char *path, struct stmt *s, const char *title, const char *const *heading,
		      struct err *e)
{
	struct sheet sh = { .book = workbook_new(path) };
	uint32_t rows = 0;
	char name[32];
	lxw_error problem;
	bool ok;

	if (sh.book == NULL)
		return err_set(e, ERR_INTERNAL, "no spreadsheet can be begun");
	sheet_name(title, name);
	sh.sheet = workbook_add_worksheet(sh.book, name);
	sh.bold = workbook_add_format(sh.book);
	sh.wrap = workbook_add_format(sh.book);
	format_set_bold(sh.bold);
	format_set_text_wrap(sh.wrap);
	format_set_align(sh.wrap, LXW_ALIGN_VERTICAL_TOP);
	ok = sh.sheet != NULL ? rows_write(&sh, s, heading, &rows, e) :
				err_set(e, ERR_INTERNAL, "\"%s\" is no name for a sheet", name);
	if (ok)
		dress(&sh, stmt_columns(s), rows);
	problem = workbook_close(sh.book);
	return ok && (problem == LXW_NO_ERROR || err_set(e, ERR_STORAGE, "the spreadsheet: %s",
							  lxw_strerror(problem)));
}

bool spreadsheet_make(struct stmt *s, const char *title, const char *const *heading, struct buf *out,
		      struct err *e)
{
	int fd = memfd_create("spreadsheet", MFD_CLOEXEC);
	char path[32];
	bool ok;

	if (fd < 0)
		return err_set(e, ERR_STORAGE, "no memory for a spreadsheet: %s", strerror(errno));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ok = stmt_columns(s) <= (int)LIMIT_COLUMNS ? book_make(path, s, title, heading, e) :
						     err_set(e, ERR_TOO_LARGE, "too many columns");
	ok = ok && file_read(fd, out, e);
	close(fd);
	return ok;
}
