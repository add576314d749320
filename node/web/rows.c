/* rows.c - /api/rows, /api/row, /api/views, /api/batch: rows read and written. */
#include <stdio.h>
#include <string.h>

#include "web/routes.h"
#include "web/rows.h"
#include "web/write.h"

bool rows_row(struct state *state, const struct relation *relation, const struct value *values,
	      json_t **ret, struct err *e)
{
	json_t *object = json_object(), *row, *word = NULL;
	struct value key[RELATION_KEYS_MAX];

	for (int i = 0; i < relation->keys; i++)
		key[i] = values[relation->key[i]];
	if (state != NULL && !state_of(state, key, &word, e)) {
		json_decref(object);
		return false;
	}
	for (int i = 0; i < relation->columns; i++)
		json_object_set_new(object, relation->column[i].name, field_json(&values[i]));
	row = json_pack("{s:o,s:o}", "key", field_key_json(key, relation->keys), "values", object);
	if (word != NULL)
		json_object_set_new(row, "state", word);
	*ret = row;
	return true;
}

static bool find_with(struct state *state, struct serve_job *job, const struct relation *relation,
		      const struct value *key, json_t **ret, struct err *e)
{
	struct arena *arena = &request_of(job)->arena;
	struct value *values = arena_take(arena, (size_t)relation->columns * sizeof(*values));
	const struct value **read;

	if (!write_read(state->p, job, relation, key, &read, e))
		return false;
	if (read == NULL) {
		*ret = json_null();
		return true;
	}
	for (int i = 0; i < relation->columns; i++)
		values[i] = *read[i];
	return rows_row(state, relation, values, ret, e);
}

bool rows_find(struct party *p, struct serve_job *job, const struct relation *relation,
	       const struct value *key, json_t **ret, struct err *e)
{
	AUTO_STATE state = { .only = key };

	return state_open(&state, p, relation, e) && find_with(&state, job, relation, key, ret, e);
}

static bool seen_put(struct party *p, struct serve_job *job, json_t *json, struct err *e)
{
	char seen[SEEN_SIZE];

	if (!seen_now(p, request_of(job)->web, seen, e))
		return false;
	json_object_set_new(json, "seen", json_string(seen));
	return true;
}

/* ---- lists ---- */

static bool count_all(struct party *p, const struct query *q, json_t *json, struct err *e)
{
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	if (!q->total)
		return true;
	buf_text(&sql, "SELECT count(*) FROM ");
	sql_quote(&sql, q->relation->name);
	buf_put(&sql, q->where.data, q->where.len);
	if (!db_prepare(p->db, buf_string(&sql), &s, e))
		return false;
	query_bind(q, &s, q->values);
	if (!stmt_row(&s, &row, e))
		return false;
	json_object_set_new(json, "total", json_integer(row ? stmt_get_int(&s, 0) : 0));
	return true;
}

/* Of a view the bare object; else with key and state. */
static bool add_row(const struct query *q, struct state *state, const struct value *values,
		    json_t *list, struct err *e)
{
	json_t *row;

	if (!rows_row(state, q->relation, values, &row, e))
		return false;
	if (q->relation->table != NULL) {
		json_array_append_new(list, row);
		return true;
	}
	json_array_append(list, json_object_get(row, "values"));
	json_decref(row);
	return true;
}

static bool read_rows(struct party *p, struct query *q, struct state *state, json_t *json,
		      struct err *e)
{
	const int columns = q->relation->columns;
	AUTO_MEMORY struct value *values = memory_new((size_t)columns * sizeof(*values) + 1);
	json_t *list = json_object_get(json, "rows");
	AUTO_JSON cursor = NULL;
	AUTO_STMT s = { 0 };
	bool row;

	json_object_set_new(json, "next", json_null());
	if (!db_prepare(p->db, buf_string(&q->sql), &s, e))
		return false;
	query_bind(q, &s, q->all_values);
	for (int64_t n = 0;; n++) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		if (n == q->limit) { /* one more than asked for: there is a next page */
			json_object_set(json, "next", cursor);
			return true;
		}
		for (int i = 0; i < columns; i++)
			values[i] = stmt_get_value(&s, i);
		if (!add_row(q, state, values, list, e))
			return false;
		if (n + 1 == q->limit)
			cursor = query_cursor(q, values);
	}
}

static bool list(struct party *p, struct serve_job *job, const struct relation *relation,
		 struct err *e)
{
	AUTO_JSON json = json_pack("{s:[]}", "rows");
	AUTO_STATE state = { 0 };
	AUTO_QUERY q = { 0 };
	char word[4];
	bool stated =
		relation->table != NULL &&
		!(http_query(job->request, "state", word, sizeof(word)) && strcmp(word, "0") == 0);

	/* The token first: what comes while we read counts as not seen. */
	if (!seen_put(p, job, json, e) || !query_open(job, relation, false, &q, e) ||
	    (stated && !state_open(&state, p, relation, e)) ||
	    !read_rows(p, &q, stated ? &state : NULL, json, e) || !count_all(p, &q, json, e))
		return false;
	request_answer(job, 200, json_incref(json));
	return true;
}

static bool list_finish(struct party *p, struct serve_job *job, struct err *e)
{
	const struct relation *relation;

	return relation_table(p, job, request_rest(job), &relation, e) && list(p, job, relation, e);
}

static bool view_finish(struct party *p, struct serve_job *job, struct err *e)
{
	const struct relation *relation;

	return relation_view(p, job, request_rest(job), &relation, e) && list(p, job, relation, e);
}

static bool row_finish(struct party *p, struct serve_job *job, struct err *e)
{
	const struct relation *relation;
	struct value key[RELATION_KEYS_MAX];
	AUTO_JSON json = json_object();
	json_t *row;

	if (!relation_table(p, job, request_rest(job), &relation, e) ||
	    !field_query_key(job, relation, key, e) || !seen_put(p, job, json, e) ||
	    !rows_find(p, job, relation, key, &row, e))
		return false;
	if (json_is_null(row))
		return err_set(e, ERR_NOT_FOUND, "there is no such row in %.100s", relation->name);
	json_object_set_new(json, "row", row);
	request_answer(job, 200, json_incref(json));
	return true;
}

/* ---- writes ---- */

static bool token_of(struct serve_job *job, struct write_batch *b, struct err *e)
{
	struct web_request *r = request_of(job);
	char text[SEEN_SIZE];

	if (r->body == NULL && http_query(job->request, "seen", text, sizeof(text)))
		return seen_parse(r->web, text, &b->token, e);
	return seen_parse(r->web, json_string_value(json_object_get(r->body, "seen")), &b->token,
			  e);
}

/* For a form that is to show both: the row as it is now. */
static bool show_moved(struct party *p, struct write_batch *b, struct err *e)
{
	struct web_request *r = request_of(b->job);
	const struct write *w = &b->write[0];
	struct err why;
	json_t *row;

	if (e->code != ERR_CHANGED || w->index >= 0)
		return false;
	if (!rows_find(p, b->job, w->relation, w->key, &row, &why))
		return false;
	r->extra = json_pack("{s:o}", "row", row);
	if (!seen_put(p, b->job, r->extra, &why))
		json_drop(&r->extra);
	return false;
}

/* A row that is gone is one problem of its own. */
static bool refused(struct party *p, struct write_batch *b, struct err *e)
{
	const json_t *first = json_array_get(request_of(b->job)->faults, 0);
	const char *code = json_text_or_empty(first, "code");

	if (e->code == ERR_INVALID && b->write[0].index < 0 && strcmp(code, "gone") == 0)
		return err_set(e, ERR_NOT_FOUND, "there is no such row");
	if (e->code == ERR_INVALID && b->write[0].index < 0 && strcmp(code, "exists") == 0)
		e->code = ERR_EXISTS;
	if (e->code == ERR_INVALID && b->write[0].index < 0 && strcmp(code, "no-right") == 0)
		e->code = ERR_NO_RIGHT;
	return show_moved(p, b, e);
}

static bool answer_row(struct party *p, struct write_batch *b, int status, struct err *e)
{
	const struct write *w = &b->write[0];
	AUTO_JSON json = json_object();
	json_t *row;

	if (!rows_find(p, b->job, w->relation, w->key, &row, e))
		return false;
	json_object_set_new(json, "row", row);
	json_object_set(json, "contested",
			json_object_get(json_object_get(row, "state"), "contested"));
	if (!seen_put(p, b->job, json, e))
		return false;
	request_result(b->job, status, json_incref(json));
	return true;
}

static bool insert_write(struct party *p, struct serve_job *job, struct err *e)
{
	struct web_request *r = request_of(job);
	struct write_batch b = { .job = job };
	struct write_said said = { .index = -1,
				   .op = WRITE_INSERT,
				   .table = request_rest(job),
				   .values = json_object_get(r->body, "values") };

	if (!write_add(p, &b, &said, e))
		return false;
	return write_run(p, &b, e) ? answer_row(p, &b, 201, e) : refused(p, &b, e);
}

static bool change(struct party *p, struct serve_job *job, enum write_op op, struct write_batch *b,
		   struct err *e)
{
	struct write_said said = { .index = -1,
				   .op = op,
				   .table = request_rest(job),
				   .values = json_object_get(request_of(job)->body, "values") };
	const struct relation *relation;
	struct value key[RELATION_KEYS_MAX];
	AUTO_JSON json = NULL;

	if (!token_of(job, b, e) || !relation_table(p, job, said.table, &relation, e) ||
	    !field_query_key(job, relation, key, e))
		return false;
	json = field_key_json(key, relation->keys);
	said.key = json;
	if (!write_add(p, b, &said, e))
		return false;
	for (int i = 0; i < relation->keys; i++) /* the JSON goes, the arena stays */
		b->write[0].key[i] = key[i];
	return write_run(p, b, e) || refused(p, b, e);
}

static bool update_write(struct party *p, struct serve_job *job, struct err *e)
{
	struct write_batch b = { .job = job };

	return change(p, job, WRITE_UPDATE, &b, e) && answer_row(p, &b, 200, e);
}

static bool delete_write(struct party *p, struct serve_job *job, struct err *e)
{
	struct write_batch b = { .job = job };

	return change(p, job, WRITE_DELETE, &b, e);
}

/* ---- batches ---- */

static bool op_of(const json_t *json, enum write_op *ret)
{
	static const char *const names[] = { [WRITE_INSERT] = "insert",
					     [WRITE_UPDATE] = "update",
					     [WRITE_PUT] = "put",
					     [WRITE_DELETE] = "delete" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(json_text_or_empty(json, "op"), names[i]) == 0) {
			*ret = (enum write_op)i;
			return true;
		}
	return false;
}

static bool read_batch(struct party *p, struct write_batch *b, struct err *e)
{
	const json_t *body, *writes;

	if (!request_body(b->job, &body, e) || !json_member_array(body, "writes", &writes, e))
		return false;
	b->dry = json_is_true(json_object_get(body, "dry_run"));
	for (size_t i = 0; i < json_array_size(writes); i++) {
		const json_t *json = json_array_get(writes, i);
		struct write_said said = { .index = (int)i,
					   .table = json_text_or_empty(json, "table"),
					   .key = json_object_get(json, "key"),
					   .values = json_object_get(json, "values") };

		if (!op_of(json, &said.op))
			return err_set(e, ERR_MALFORMED,
				       "writes[%zu].op is insert, update, put or delete", i);
		if (!write_add(p, b, &said, e))
			return err_wrap(e, "writes[%zu]", i);
	}
	return true;
}

static json_t *verdict(const struct write_batch *b)
{
	json_t *faults = request_of(b->job)->faults;

	return json_pack("{s:b,s:o}", "valid", json_array_size(faults) == 0, "errors",
			 faults == NULL ? json_array() : json_incref(faults));
}

static bool answer_batch(struct party *p, struct write_batch *b, struct err *e)
{
	AUTO_JSON json = json_pack("{s:[]}", "rows");
	json_t *list = json_object_get(json, "rows");
	const char *name = "";
	AUTO_STATE state = { 0 };

	for (size_t i = 0; i < b->writes; i++) {
		const struct write *w = &b->write[i];
		json_t *row = NULL;

		if (strcmp(name, w->relation->name) != 0) {
			state_close(&state);
			state = (struct state){ 0 };
			name = w->relation->name;
			if (!state_open(&state, p, w->relation, e))
				return false;
		}
		if (w->op == WRITE_DELETE)
			row = json_null();
		else if (!find_with(&state, b->job, w->relation, w->key, &row, e))
			return false;
		json_array_append_new(list, row);
	}
	if (!seen_put(p, b->job, json, e))
		return false;
	request_result(b->job, 200, json_incref(json));
	return true;
}

static bool batch_write(struct party *p, struct serve_job *job, struct err *e)
{
	struct write_batch b = { .job = job };

	if (!token_of(job, &b, e) || !read_batch(p, &b, e) || !write_run(p, &b, e))
		return false;
	if (!b.dry)
		return answer_batch(p, &b, e);
	request_result(job, 200, verdict(&b));
	return true;
}

const struct serve_route rows_routes[] = {
	{ "GET", "/api/rows/*", .finish = list_finish },
	{ "GET", "/api/row/*", .finish = row_finish },
	{ "GET", "/api/views/*", .finish = view_finish },
	{ "POST", "/api/rows/*", .writes = true, .write = insert_write, .finish = request_finish },
	{ "PATCH", "/api/row/*", .writes = true, .write = update_write, .finish = request_finish },
	{ "DELETE", "/api/row/*", .writes = true, .write = delete_write, .finish = request_finish },
	{ "POST", "/api/batch", .writes = true, .write = batch_write, .finish = request_finish },
	{ .path = NULL },
};
