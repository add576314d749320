/* export.c - /api/export: tables and views as CSV and XLSX. */
#include <stdio.h>
#include <string.h>

#include "web/export.h"
#include "web/query.h"
#include "web/question.h"
#include "web/routes.h"
#include "web/spreadsheet.h"

static const char byte_order_mark[] = "\xef\xbb\xbf";

/* "-12.5", "+62", "1e3": what a spreadsheet reads as a number and nothing more. */
static bool number_like(const char *text, size_t len)
{
	bool digits = false;

	for (size_t i = 0; i < len; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';
		bool sign = (text[i] == '-' || text[i] == '+') && i == 0;

		if (!digit && !sign && text[i] != '.')
			return false;
		digits |= digit;
	}
	return digits;
}

bool export_formula(const char *text, size_t len)
{
	return len > 0 && memchr("=+-@\t\r", text[0], 6) != NULL && !number_like(text, len);
}

static void text_put(const char *text, size_t len, struct buf *out)
{
	const bool apostrophe = export_formula(text, len);
	bool quoted = apostrophe || (len > 0 && (text[0] == ' ' || text[len - 1] == ' '));

	for (size_t i = 0; i < len && !quoted; i++)
		quoted = strchr(",;\"\r\n", text[i]) != NULL;
	buf_text(out, quoted ? "\"" : "");
	buf_text(out, apostrophe ? "'" : "");
	for (size_t i = 0; i < len; i++)
		buf_put(out, text[i] == '"' ? "\"\"" : text + i, text[i] == '"' ? 2 : 1);
	buf_text(out, quoted ? "\"" : "");
}

static void value_put(const struct value *v, struct buf *out)
{
	switch (v->type) {
	case VALUE_INT:
		buf_print(out, "%lld", (long long)v->integer);
		break;
	case VALUE_REAL:
		buf_print(out, "%.15g", v->real);
		break;
	case VALUE_TEXT:
		text_put((const char *)v->bytes, v->len, out);
		break;
	case VALUE_BLOB:
		for (uint32_t i = 0; i < v->len; i++)
			buf_print(out, "%02x", v->bytes[i]);
		break;
	default:
		break;
	}
}

bool export_csv(struct stmt *s, const char *const *heading, struct buf *out, struct err *e)
{
	const int columns = stmt_columns(s);
	bool row;

	buf_text(out, byte_order_mark);
	for (int i = 0; i < columns; i++) {
		const char *name = heading == NULL ? stmt_column(s, i) : heading[i];

		buf_text(out, i > 0 ? "," : "");
		text_put(name, strlen(name), out);
	}
	buf_text(out, "\r\n");
	for (;;) {
		if (!stmt_row(s, &row, e))
			return false;
		if (!row)
			return true;
		for (int i = 0; i < columns; i++) {
			const struct value v = stmt_get_value(s, i);

			buf_text(out, i > 0 ? "," : "");
			value_put(&v, out);
		}
		buf_text(out, "\r\n");
		if (out->len > EXPORT_BYTES_MAX)
			return err_set(e, ERR_TOO_LARGE, "the export has more than %u bytes; filter it",
				       EXPORT_BYTES_MAX);
	}
}

static const char *label_of(const struct relation_column *column, const char *language)
{
	for (int i = 0; column->of != NULL && i < column->of->labels; i++) {
		const struct schema_label *label = &column->of->label[i];

		if (label->language.len == strlen(language) &&
		    memcmp(label->language.text, language, label->language.len) == 0)
			return label->text.text;
	}
	return NULL;
}

struct headings {
	const struct relation *relation;
	struct arena *arena;
	const char **heading;
	const char *language;
};

static bool take_heading(void *state, json_t *row, struct err *e)
{
	struct headings *h = state;
	int at = relation_column(h->relation, json_text_or_empty(row, "column"));
	const char *text = json_text_or_empty(row, h->language);

	(void)e;
	if (at >= 0 && text[0] != '\0')
		h->heading[at] = arena_text(h->arena, text);
	return true;
}

/* What people call the columns: as app.json's "headings" says, else the rules' labels, else their names. */
static bool headings_find(struct party *p, struct serve_job *job, struct headings *h, struct err *e)
{
	const json_t *sql = json_object_get(request_of(job)->web->app, "headings");
	const struct question q = { json_string_value(sql), { { ":table", h->relation->name } } };
	const char *language = request_of(job)->who.language;

	h->arena = &request_of(job)->arena;
	h->language = strcmp(language, "en") == 0 ? "en" : "id";
	h->heading = arena_take(h->arena, (size_t)h->relation->columns * sizeof(*h->heading));
	for (int i = 0; i < h->relation->columns; i++) {
		const struct relation_column *column = &h->relation->column[i];
		const char *label = label_of(column, h->language);

		h->heading[i] = label != NULL ? label : column->name;
	}
	return q.sql == NULL || question_ask(p->db, &q, take_heading, h, e);
}

static void named(struct http_response *response, const char *name)
{
	char field[300];

	/* Names of relations hold whatever SQL lets them; a header only this. */
	if (strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
		    strlen(name) &&
	    (size_t)snprintf(field, sizeof(field), "attachment; filename=\"%s\"", name) < sizeof(field))
		http_fields_put(&response->fields, "Content-Disposition", field);
}

static bool answer(struct party *p, struct serve_job *job, const struct relation *relation, bool xlsx,
		   struct err *e)
{
	struct headings h = { .relation = relation };
	AUTO_QUERY q = { 0 };
	AUTO_BUF body = { 0 };
	AUTO_STMT s = { 0 };

	if (!query_open(job, relation, true, &q, e) || !db_prepare(p->db, buf_string(&q.sql), &s, e))
		return false;
	query_bind(&q, &s, q.all_values);
	if (!xlsx) {
		if (!export_csv(&s, NULL, &body, e))
			return false;
		http_response_set(job->response, 200, "text/csv; charset=utf-8", body.data, body.len);
		return true;
	}
	if (!headings_find(p, job, &h, e) || !spreadsheet_make(&s, relation->name, h.heading, &body, e))
		return false;
	http_response_set(job->response, 200, SPREADSHEET_TYPE, body.data, body.len);
	return true;
}

static bool export_finish(struct party *p, struct serve_job *job, struct err *e)
{
	const char *rest = request_rest(job), *dot = strrchr(rest, '.');
	const struct relation *relation;
	const char *name;
	bool xlsx;

	if (dot == NULL || (strcmp(dot, ".csv") != 0 && strcmp(dot, ".xlsx") != 0))
		return err_set(e, ERR_NOT_FOUND, "an export is NAME.csv or NAME.xlsx");
	xlsx = strcmp(dot, ".xlsx") == 0;
	name = arena_print(&request_of(job)->arena, "%.*s", (int)(dot - rest), rest);
	if (!relation_table(p, job, name, &relation, e) &&
	    (e->code != ERR_NOT_FOUND || !relation_view(p, job, name, &relation, e)))
		return false;
	if (!answer(p, job, relation, xlsx, e))
		return false;
	named(job->response, rest);
	return true;
}

const struct serve_route export_routes[] = {
	{ "GET", "/api/export/*", .finish = export_finish },
	{ .path = NULL },
};
