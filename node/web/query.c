/*
 * query.c - a query string taken apart.
 *
 * The cursor is base64url of a JSON array: the values of the order's columns in the last row, key
 *columns last. What comes after it in an order of several columns, NULL first as SQLite sorts:
 *
 *	a > ?1 OR (a IS ?1 AND (b < ?2 OR (b IS ?2 AND c > ?3)))
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "web/query.h"

#define WORDS_MAX    8
#define CURSOR_BYTES 6000

struct parse {
	struct serve_job *job;
	struct query *q;
	struct arena *arena;
	const char *after, *search;
	bool all;
};

static void fault(struct parse *p, const char *column, const char *code, const char *id,
		  const char *en)
{
	request_fault(p->job, &(struct request_fault){ -1, column, code, id, en });
}

/* "%41+b" decoded into the arena; NULL if it is wrong. */
static const char *decoded(struct arena *arena, const char *from, size_t len)
{
	char *out = arena_take(arena, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t byte = (uint8_t)from[i];

		if (byte == '%') {
			if (i + 2 >= len || !hex_decode(from + i + 1, 2, &byte, 1))
				return NULL;
			i += 2;
		} else if (byte == '+') {
			byte = ' ';
		}
		if (byte == '\0')
			return NULL;
		out[n++] = (char)byte;
	}
	out[n] = '\0';
	return utf8_valid((const uint8_t *)out, n) ? out : NULL;
}

/* ---- conditions ---- */

static int put(struct parse *p, const struct value *v)
{
	struct query *q = p->q;

	if (q->all_values == QUERY_VALUES_MAX) {
		if (json_array_size(request_of(p->job)->faults) == 0)
			fault(p, NULL, "too-many", "Terlalu banyak nilai dalam satu permintaan.",
			      "Too many values in one request.");
		return 1;
	}
	q->value[q->all_values++] = *v;
	return q->all_values;
}

static struct value text_value(const char *text, size_t len)
{
	return (struct value){ .type = VALUE_TEXT,
			       .len = (uint32_t)len,
			       .bytes = (const uint8_t *)text };
}

static void conjoin(struct query *q)
{
	buf_text(&q->where, q->where.len == 0 ? " WHERE " : " AND ");
}

static bool whole_number(const char *text, size_t len, struct value *ret)
{
	char digits[24], *end;

	if (len == 0 || len >= sizeof(digits) || strspn(text, "-0123456789") < len)
		return false;
	memcpy(digits, text, len);
	digits[len] = '\0';
	*ret = (struct value){ .type = VALUE_INT, .integer = strtoll(digits, &end, 10) };
	return *end == '\0';
}

/*
 * The column's affinity makes a number of a text that is one.  What a view computes has none, so
 * there the number is asked for beside the text.
 */
static void compare(struct parse *p, int column, const char *operator, const char * text,
		    size_t len)
{
	const struct relation_column *c = &p->q->relation->column[column];
	struct value number, v = text_value(text, len);

	buf_text(&p->q->where, "(");
	sql_quote(&p->q->where, c->name);
	buf_print(&p->q->where, " %s ?%d", operator, put(p, &v));
	if (p->q->relation->table == NULL && whole_number(text, len, &number)) {
		buf_text(&p->q->where, " OR typeof(");
		sql_quote(&p->q->where, c->name);
		buf_text(&p->q->where, ") IN ('integer', 'real') AND ");
		sql_quote(&p->q->where, c->name);
		buf_print(&p->q->where, " %s ?%d", operator, put(p, &number));
	}
	buf_text(&p->q->where, ")");
}

static void among(struct parse *p, int column, const char *list)
{
	const char *separator = "(";

	conjoin(p->q);
	for (size_t len; list != NULL; list = list[len] == ',' ? list + len + 1 : NULL) {
		len = strcspn(list, ",");
		buf_text(&p->q->where, separator);
		compare(p, column, "=", list, len);
		separator = " OR ";
	}
	buf_text(&p->q->where, ")");
}

static void is_null(struct parse *p, int column, const char *value)
{
	const char *name = p->q->relation->column[column].name;

	if (strcmp(value, "1") != 0 && strcmp(value, "0") != 0) {
		fault(p, name, "filter", "Isinya 1 atau 0.", "1 or 0.");
		return;
	}
	conjoin(p->q);
	sql_quote(&p->q->where, name);
	buf_text(&p->q->where, value[0] == '1' ? " IS NULL" : " IS NOT NULL");
}

static void filter(struct parse *p, const char *name, const char *value)
{
	static const struct {
		const char *ending, *operator;
	} operators[] = { { ".min", ">=" }, { ".max", "<=" } };
	int column = relation_column(p->q->relation, name);
	const char *dot = strrchr(name, '.');

	if (column >= 0) {
		conjoin(p->q);
		compare(p, column, "=", value, strlen(value));
		return;
	}
	if (dot != NULL)
		column = relation_column(p->q->relation,
					 arena_print(p->arena, "%.*s", (int)(dot - name), name));
	if (column >= 0 && strcmp(dot, ".in") == 0) {
		among(p, column, value);
		return;
	}
	if (column >= 0 && strcmp(dot, ".null") == 0) {
		is_null(p, column, value);
		return;
	}
	for (size_t i = 0; column >= 0 && i < sizeof(operators) / sizeof(operators[0]); i++)
		if (strcmp(dot, operators[i].ending) == 0) {
			conjoin(p->q);
			compare(p, column, operators[i].operator, value, strlen(value));
			return;
		}
	fault(p, name, "unknown-column", "Kolom ini tidak ada.", "There is no such column.");
}

/* Each word is in some text column. */
static void search(struct parse *p)
{
	const struct relation *r = p->q->relation;
	const char *at = p->search;

	for (int words = 0; at != NULL && words < WORDS_MAX; words++) {
		size_t len;
		char *pattern;
		struct value v;
		int n = 0, no;

		at += strspn(at, " \t");
		len = strcspn(at, " \t");
		if (len == 0)
			return;
		pattern = arena_take(p->arena, 2 * len + 3);
		pattern[n++] = '%';
		for (size_t i = 0; i < len; i++) {
			if (strchr("%_\\", at[i]) != NULL)
				pattern[n++] = '\\';
			pattern[n++] = at[i];
		}
		pattern[n++] = '%';
		v = text_value(pattern, (size_t)n);
		no = put(p, &v);
		conjoin(p->q);
		buf_text(&p->q->where, "(0");
		for (int i = 0; i < r->columns; i++) {
			if (r->table != NULL && strcmp(r->column[i].type, "TEXT") != 0)
				continue;
			buf_text(&p->q->where, " OR ");
			sql_quote(&p->q->where, r->column[i].name);
			buf_print(&p->q->where, " LIKE ?%d ESCAPE '\\'", no);
		}
		buf_text(&p->q->where, ")");
		at += len;
	}
}

static void order(struct parse *p, const char *list)
{
	struct query *q = p->q;

	for (size_t len; list != NULL; list = list[len] == ',' ? list + len + 1 : NULL) {
		const bool down = list[0] == '-';
		const char *name;
		int column;

		len = strcspn(list, ",");
		name = arena_print(p->arena, "%.*s", (int)(len - down), list + down);
		column = relation_column(q->relation, name);
		if (column < 0 || q->orders == QUERY_ORDER_MAX) {
			fault(p, "order", "unknown-column",
			      "Urutan memakai kolom yang tidak ada, atau terlalu"
			      " banyak kolom.",
			      "The order names a column that is not there, or too many.");
			return;
		}
		q->order[q->orders++] = (struct query_order){ column, down };
	}
}

static void number(struct parse *p, const char *name, const char *value)
{
	struct value v;

	if (!whole_number(value, strlen(value), &v) || v.integer < 1 ||
	    v.integer > QUERY_LIMIT_MAX) {
		fault(p, name, "range", "Antara 1 dan 1000.", "From 1 to 1000.");
		return;
	}
	p->q->limit = v.integer;
}

/* A column that has the name of one of ours is reached as "=name". */
static void parameter(struct parse *p, const char *name, const char *value)
{
	if (strcmp(name, "q") == 0)
		p->search = value;
	else if (strcmp(name, "order") == 0)
		order(p, value);
	else if (strcmp(name, "limit") == 0)
		number(p, name, value);
	else if (strcmp(name, "after") == 0)
		p->after = value;
	else if (strcmp(name, "total") == 0)
		p->q->total = strcmp(value, "1") == 0;
	else if (strcmp(name, "state") == 0)
		return; /* rows.c */
	else
		filter(p, name[0] == '=' ? name + 1 : name, value);
}

static bool parameters(struct parse *p, struct err *e)
{
	const char *at = p->job->request->query;

	while (*at != '\0') {
		size_t len = strcspn(at, "&"), name_len = 0;
		const char *name, *value;

		while (name_len < len && at[name_len] != '=')
			name_len++;
		if (name_len == 0 && len > 1) /* "==name": the name begins with '=' */
			for (name_len = 1; name_len < len && at[name_len] != '=';)
				name_len++;
		name = decoded(p->arena, at, name_len);
		value = name_len < len ? decoded(p->arena, at + name_len + 1, len - name_len - 1)
				       : "";
		if (name == NULL || value == NULL)
			return err_set(e, ERR_MALFORMED, "the query is not validly escaped UTF-8");
		if (len > 0)
			parameter(p, name, value);
		at += len + (at[len] == '&');
	}
	return true;
}

/* ---- the order and the place in it ---- */

static void whole_order(struct query *q)
{
	for (int i = 0; i < q->relation->keys; i++) {
		bool there = false;

		for (int k = 0; k < q->orders; k++)
			there |= q->order[k].column == q->relation->key[i];
		if (!there)
			q->order[q->orders++] = (struct query_order){ q->relation->key[i], false };
	}
}

static bool cursor_read(struct parse *p, struct value *ret, struct err *e)
{
	struct query *q = p->q;
	char *text = arena_take(p->arena, CURSOR_BYTES + 1);
	AUTO_JSON json = NULL;
	struct err why;
	size_t len;

	if (!base64_decode(BASE64_URL, p->after, strlen(p->after), text, CURSOR_BYTES, &len) ||
	    !json_parse(text, len, &json, &why) || !json_is_array(json) ||
	    json_array_size(json) != (size_t)(q->relation->keys > 0 ? q->orders : 1))
		return err_set(e, ERR_MALFORMED, "?after= is no cursor of this list");
	for (size_t i = 0; i < json_array_size(json); i++) {
		const struct relation_column any = { .type = "" };
		struct field_fault wrong;
		struct value v;

		if (!field_value(&any, json_array_get(json, i), p->arena, &v, &wrong))
			return err_set(e, ERR_MALFORMED, "?after= is no cursor of this list");
		ret[i] = field_keep(p->arena, &v);
	}
	return true;
}

/* Of one column: strictly behind the value of the cursor. */
static void behind(struct query *q, const struct query_order *o, const struct value *v, int no)
{
	const char *name = q->relation->column[o->column].name;

	if (v->type == VALUE_NULL) {
		buf_text(&q->sql, o->descending ? "0" : "");
		if (!o->descending) {
			sql_quote(&q->sql, name);
			buf_text(&q->sql, " IS NOT NULL");
		}
		return;
	}
	sql_quote(&q->sql, name);
	buf_print(&q->sql, " %s ?%d", o->descending ? "<" : ">", no);
	if (o->descending) {
		buf_text(&q->sql, " OR ");
		sql_quote(&q->sql, name);
		buf_text(&q->sql, " IS NULL");
	}
}

static void place(struct parse *p, const struct value *at)
{
	struct query *q = p->q;

	buf_text(&q->sql, q->where.len == 0 ? " WHERE (" : " AND (");
	for (int i = 0; i < q->orders; i++) {
		const int no = put(p, &at[i]);

		behind(q, &q->order[i], &at[i], no);
		if (i + 1 == q->orders)
			break;
		buf_text(&q->sql, " OR (");
		sql_quote(&q->sql, q->relation->column[q->order[i].column].name);
		buf_print(&q->sql, " IS ?%d AND (", no);
	}
	for (int i = 0; i + 1 < q->orders; i++)
		buf_text(&q->sql, "))");
	buf_text(&q->sql, ")");
}

static bool finish(struct parse *p, struct err *e)
{
	struct value at[QUERY_ORDER_MAX + RELATION_KEYS_MAX];
	struct query *q = p->q;

	whole_order(q);
	if (p->after != NULL && !cursor_read(p, at, e))
		return false;
	buf_text(&q->sql, "SELECT ");
	for (int i = 0; i < q->relation->columns; i++) {
		buf_text(&q->sql, i > 0 ? ", " : "");
		sql_quote(&q->sql, q->relation->column[i].name);
	}
	buf_text(&q->sql, " FROM ");
	sql_quote(&q->sql, q->relation->name);
	buf_put(&q->sql, q->where.data, q->where.len);
	if (p->after != NULL && q->relation->keys > 0)
		place(p, at);
	else if (p->after != NULL)
		q->offset = at[0].type == VALUE_INT && at[0].integer > 0 ? at[0].integer : 0;
	for (int i = 0; i < q->orders; i++) {
		buf_text(&q->sql, i == 0 ? " ORDER BY " : ", ");
		sql_quote(&q->sql, q->relation->column[q->order[i].column].name);
		buf_text(&q->sql, q->order[i].descending ? " DESC" : "");
	}
	if (!p->all)
		buf_print(&q->sql, " LIMIT %lld OFFSET %lld", (long long)q->limit + 1,
			  (long long)q->offset);
	return request_valid(p->job, e);
}

bool query_open(struct serve_job *job, const struct relation *relation, bool all, struct query *q,
		struct err *e)
{
	struct parse p = { .job = job, .q = q, .arena = &request_of(job)->arena, .all = all };

	q->relation = relation;
	q->limit = QUERY_LIMIT;
	if (!parameters(&p, e))
		return false;
	search(&p);
	q->values = q->all_values;
	return request_valid(job, e) && finish(&p, e);
}

void query_done(struct query *q)
{
	buf_done(&q->where);
	buf_done(&q->sql);
}

void query_bind(const struct query *q, struct stmt *s, int values)
{
	for (int i = 0; i < values; i++)
		stmt_value(s, i + 1, &q->value[i]);
}

json_t *query_cursor(const struct query *q, const struct value *row)
{
	AUTO_JSON json = json_array();
	AUTO_BUF text = { 0 };
	AUTO_BUF out = { 0 };

	if (q->relation->keys == 0)
		json_array_append_new(json, json_integer(q->offset + q->limit));
	for (int i = 0; i < q->orders && q->relation->keys > 0; i++)
		json_array_append_new(json, field_json(&row[q->order[i].column]));
	json_write(json, &text);
	if (text.len > CURSOR_BYTES)
		return json_null();
	out.len = base64_encode(BASE64_URL, text.data, text.len,
				(char *)buf_reserve(&out, BASE64_LEN(text.len)));
	return json_stringn((const char *)out.data, out.len);
}
