/* at.c - `simpul at`: SQL over the tables as this node had them at a time. */
#include <string.h>

#include "base/moment.h"
#include "command.h"
#include "command/export.h"
#include "command/show.h"
#include "merge/past.h"

static bool rows_json(const struct screen *s, struct stmt *rows, struct err *e)
{
	int columns = past_columns(rows);
	AUTO_JSON list = json_array();
	bool row;

	while (true) {
		json_t *object;

		if (!stmt_row(rows, &row, e))
			return false;
		if (!row)
			break;
		object = json_object();
		for (int i = 0; i < columns; i++) {
			struct value v = stmt_get_value(rows, i);

			json_object_set_new(object, past_column(rows, i), show_value(&v));
		}
		json_array_append_new(list, object);
	}
	screen_json(s, list);
	return true;
}

static bool rows_csv(const struct screen *s, struct stmt *rows, struct err *e)
{
	int columns = past_columns(rows);
	bool row = true, head = true;

	while (row) {
		AUTO_BUF line = { 0 };

		if (!head && !stmt_row(rows, &row, e))
			return false;
		if (!row)
			break;
		for (int i = 0; i < columns; i++) {
			const char *name = past_column(rows, i);
			struct value v = { .type = VALUE_TEXT, .len = (uint32_t)strlen(name),
					   .bytes = (const uint8_t *)name };

			if (!head)
				v = stmt_get_value(rows, i);
			buf_text(&line, i > 0 ? "," : "");
			export_csv_field(&v, &line);
		}
		export_csv_line(s, &line);
		head = false;
	}
	return true;
}

/* More columns than a screen has room for: one below the other. */
static bool rows_records(const struct screen *s, struct stmt *rows, struct err *e)
{
	int columns = past_columns(rows);
	bool row;

	while (true) {
		if (!stmt_row(rows, &row, e))
			return false;
		if (!row)
			return true;
		for (int i = 0; i < columns; i++) {
			struct value v = stmt_get_value(rows, i);
			AUTO_JSON json = show_value(&v);
			AUTO_BUF text = { 0 };

			show_value_print(json, &text);
			screen_print(s, SCREEN_FAINT, "%s: ", past_column(rows, i));
			screen_print(s, SCREEN_PLAIN, "%s\n", buf_string(&text));
		}
		screen_print(s, SCREEN_PLAIN, "\n");
	}
}

static bool rows_table(const struct screen *s, struct stmt *rows, struct err *e)
{
	int columns = past_columns(rows);
	const char *titles[SCREEN_COLUMNS_MAX];
	__attribute__((cleanup(screen_table_free))) struct screen_table *t = NULL;
	bool row;

	if (columns > SCREEN_COLUMNS_MAX)
		return rows_records(s, rows, e);
	for (int i = 0; i < columns; i++)
		titles[i] = past_column(rows, i);
	t = screen_table_new(s, titles, columns);
	while (true) {
		if (!stmt_row(rows, &row, e))
			return false;
		if (!row)
			break;
		for (int i = 0; i < columns; i++) {
			struct value v = stmt_get_value(rows, i);
			AUTO_BUF text = { 0 };

			export_csv_field(&v, &text);
			screen_table_cell(t, v.type == VALUE_NULL ? SCREEN_FAINT : SCREEN_PLAIN, "%s",
					  v.type == VALUE_NULL ? "NULL" :
					  v.type == VALUE_TEXT ? stmt_get_text(rows, i) :
								 buf_string(&text));
		}
	}
	screen_table_print(&t);
	return true;
}

bool command_at(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	AUTO_ARENA arena = { 0 };
	AUTO_BUF sql = { 0 };
	struct catalog catalog;
	AUTO_PAST past = { 0 };
	AUTO_STMT rows = { 0 };
	bool csv = false;
	uint64_t ms;

	if (!options_flag(o, "--csv", &csv, e) || !options_rest(o, 3, -1, e) ||
	    !moment_parse(o->word[1], &ms, e))
		return false;
	for (int i = 2; i < o->words; i++)
		buf_print(&sql, "%s%s", i > 2 ? " " : "", o->word[i]);
	if (!db_exec(&call->node->db, "BEGIN", e) ||
	    !catalog_load(&call->node->db, &arena, &catalog, e) ||
	    !past_open(&past, &call->node->db, &catalog, ms, e) ||
	    !past_query(&past, buf_string(&sql), &rows, e) || !db_exec(&call->node->db, "COMMIT", e))
		return false;
	if (call->screen.json)
		return rows_json(&call->screen, &rows, e);
	return csv ? rows_csv(&call->screen, &rows, e) : rows_table(&call->screen, &rows, e);
}
