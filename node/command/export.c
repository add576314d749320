/*
 * export.c - `simpul export`: replicated rows as CSV or JSON.
 *
 * A spreadsheet runs a cell that begins with = + - @ as a formula, and the text may be anybody's.  So such
 * a text gets a ' in front, which spreadsheets show as text.  Fields with a semicolon or a tab are quoted
 * as well, for in many countries those separate fields, and the rest of the text would begin a cell.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "command/export.h"
#include "command/show.h"

/* The fullwidth forms of = + - @ are taken for them by some spreadsheets. */
static bool is_formula(const uint8_t *text, size_t len)
{
	static const char *const wide[] = { "＝", "＋", "－", "＠" };

	if (len == 0)
		return false;
	if (text[0] == '\0' || strchr("=+-@\t\r\n", text[0]) != NULL)
		return true;
	for (size_t i = 0; i < 4; i++)
		if (len >= 3 && memcmp(text, wide[i], 3) == 0)
			return true;
	return false;
}

static void text_put(const uint8_t *text, size_t len, struct buf *out)
{
	bool formula = is_formula(text, len), quoted = len == 0 || text[0] == ' ' || text[len - 1] == ' ';

	for (size_t i = 0; i < len && !quoted; i++)
		quoted = text[i] < 0x20 || strchr(",;\"", text[i]) != NULL;
	if (quoted)
		buf_text(out, "\"");
	if (formula)
		buf_text(out, "'");
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			buf_text(out, "\"");
		buf_put(out, &text[i], 1);
	}
	if (quoted)
		buf_text(out, "\"");
}

/* The fewest digits that read back as the same number. */
static void real_put(double real, struct buf *out)
{
	char text[40];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, real);
		if (strtod(text, NULL) == real)
			break;
	}
	buf_text(out, text);
}

void export_csv_field(const struct value *value, struct buf *out)
{
	char hex[HEX_SIZE(1)];

	switch (value->type) {
	case VALUE_INT:
		buf_print(out, "%" PRId64, value->integer);
		return;
	case VALUE_REAL:
		real_put(value->real, out);
		return;
	case VALUE_TEXT:
		text_put(value->bytes, value->len, out);
		return;
	case VALUE_BLOB:
		for (uint32_t i = 0; i < value->len; i++) {
			hex_encode(&value->bytes[i], 1, hex);
			buf_text(out, hex);
		}
		return;
	case VALUE_NULL:
		return;
	}
}

void export_csv_text(const char *text, struct buf *out)
{
	text_put((const uint8_t *)text, strlen(text), out);
}

void export_csv_line(const struct screen *s, struct buf *line)
{
	AUTO_BUF shown = { 0 };

	if (s->terminal) {
		screen_escape(line->data, line->len, &shown);
		fprintf(s->out, "%s\n", buf_string(&shown));
		return;
	}
	buf_text(line, "\r\n");
	fwrite(line->data, 1, line->len, s->out);
}

static const char *column_name(const struct catalog_table *table, int column)
{
	return table->scope_in_key ? (column == 0 ? CATALOG_SCOPE_COLUMN : table->column[column - 1].name) :
				     table->column[column].name;
}

static bool rows_select(struct db *db, const struct catalog_table *table, struct stmt *ret, struct err *e)
{
	int columns = table->columns + table->scope_in_key;
	AUTO_BUF sql = { 0 };

	for (int i = 0; i < columns; i++) {
		buf_text(&sql, i == 0 ? "SELECT " : ", ");
		sql_quote(&sql, column_name(table, i));
	}
	buf_text(&sql, " FROM ");
	sql_quote(&sql, table->name);
	for (int i = 0; i < table->keys; i++) {
		buf_text(&sql, i > 0 ? ", " : table->scope_in_key ? " ORDER BY " CATALOG_SCOPE_COLUMN ", " :
								    " ORDER BY ");
		sql_quote(&sql, table->column[table->key[i]].name);
	}
	return db_prepare(db, buf_string(&sql), ret, e);
}

static bool table_csv(struct command_call *call, const struct catalog_table *table, struct err *e)
{
	int columns = table->columns + table->scope_in_key;
	AUTO_BUF line = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	if (!rows_select(&call->node->db, table, &s, e))
		return false;
	for (int i = 0; i < columns; i++) {
		const char *name = column_name(table, i);

		buf_text(&line, i > 0 ? "," : "");
		text_put((const uint8_t *)name, strlen(name), &line);
	}
	export_csv_line(&call->screen, &line);
	for (;;) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		buf_reset(&line);
		for (int i = 0; i < columns; i++) {
			struct value v = stmt_get_value(&s, i);

			buf_text(&line, i > 0 ? "," : "");
			export_csv_field(&v, &line);
		}
		export_csv_line(&call->screen, &line);
	}
}

/* One row per line, so that a large table is never in memory. */
static bool table_json(struct command_call *call, const struct catalog_table *table, struct err *e)
{
	int columns = table->columns + table->scope_in_key;
	const struct screen *s = &call->screen;
	const char *between = "";
	AUTO_STMT rows = { 0 };
	bool row;

	if (!rows_select(&call->node->db, table, &rows, e))
		return false;
	for (;;) {
		AUTO_JSON object = json_object();
		char *text;

		if (!stmt_row(&rows, &row, e))
			return false;
		if (!row)
			return true;
		for (int i = 0; i < columns; i++) {
			struct value v = stmt_get_value(&rows, i);

			json_object_set_new(object, column_name(table, i), show_value(&v));
		}
		text = json_dumps(object, s->terminal ? JSON_ENSURE_ASCII : 0);
		fprintf(s->out, "%s\n    %s", between, text == NULL ? "null" : text);
		free(text);
		between = ",";
	}
}

static bool all_json(struct command_call *call, const struct catalog *catalog,
		     const struct catalog_table *only, struct err *e)
{
	FILE *out = call->screen.out;
	const char *between = "";

	fputs("{", out);
	for (int i = 0; i < catalog->tables; i++) {
		const struct catalog_table *table = &catalog->table[i];
		AUTO_JSON name = json_string(table->name);
		char *text;

		if (only != NULL && table != only)
			continue;
		text = json_dumps(name, JSON_ENCODE_ANY);
		fprintf(out, "%s\n  %s: [", between, text == NULL ? "\"\"" : text);
		free(text);
		if (!table_json(call, table, e))
			return false;
		fputs("\n  ]", out);
		between = ",";
	}
	fputs("\n}\n", out);
	return true;
}

static bool run(struct command_call *call, const char *name, bool json, struct err *e)
{
	const struct catalog_table *table = NULL;
	struct catalog catalog;
	AUTO_ARENA arena;

	arena_init(&arena);
	if (!catalog_load(&call->node->db, &arena, &catalog, e))
		return false;
	if (name != NULL && (table = catalog_by_name(&catalog, name)) == NULL)
		return err_set(e, ERR_NOT_FOUND, "no table \"%s\" is attached", name);
	if (json)
		return all_json(call, &catalog, table, e);
	if (table == NULL && catalog.tables == 1)
		table = &catalog.table[0];
	if (table == NULL)
		return err_set(e, ERR_USAGE, catalog.tables == 0 ? "no table is attached" :
			       "several tables are attached: say which one with --table T");
	return table_csv(call, table, e);
}

bool command_export(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	const char *name = NULL, *format = "csv";

	if (!options_text(o, "--table", &name, e) || !options_text(o, "--format", &format, e) ||
	    !options_rest(o, 1, 1, e))
		return false;
	if (strcmp(format, "csv") != 0 && strcmp(format, "json") != 0)
		return err_set(e, ERR_USAGE, "--format is csv or json, not \"%s\"", format);
	return run(call, name, call->screen.json || strcmp(format, "json") == 0, e);
}
