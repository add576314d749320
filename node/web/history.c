/*
 * history.c - /api/history/TABLE?key=[...]&column=: who wrote what stands in a row, or each write of a cell.
 *
 * Of a row the standing writes, column by column, from a few frames.  Of one cell all that the log has,
 * newest first: for that it is read through.
 */
#include <string.h>

#include "merge/blame.h"
#include "simpul/hlc.h"
#include "web/field.h"
#include "web/routes.h"

#define CHANGES_MAX 1000

struct telling {
	json_t *list;
	const char *column; /* NULL: as the write says */
};

static json_t *write_json(const struct blame_write *w)
{
	static const char *const ops[] = { "insert", "update", "delete" };
	json_t *json = json_pack("{s:o,s:s,s:b,s:I,s:s,s:b}", "at", request_time(hlc_ms(w->hlc)), "node",
				 w->node, "own", w->own, "n", (json_int_t)w->n, "op", ops[w->op], "signature",
				 w->signature_ok);
	json_t *by = w->actor.len == 0 ? json_null() : json_stringn(w->actor.text, w->actor.len);

	json_object_set_new(json, "by", by != NULL ? by : json_null());
	json_put_hex(json, "changeset", &w->id, sizeof(w->id));
	json_object_set_new(json, "sent", json_string(w->receipt == BLAME_RECEIPT ? "receipted" : "unsent"));
	return json;
}

static bool add_standing(void *state, const struct blame *b)
{
	struct telling *t = state;
	json_t *json = write_json(&b->by);

	json_object_set_new(json, "column", json_string(b->column));
	json_object_set_new(json, "value", b->dead ? json_null() : field_json(&b->value));
	json_object_set_new(json, "shown", json_boolean(b->shown));
	json_array_append_new(t->list, json);
	return true;
}

static bool add_past(void *state, const struct blame_past *b)
{
	struct telling *t = state;
	json_t *json = write_json(&b->by);

	json_object_set_new(json, "column", json_string(t->column));
	json_object_set_new(json, "value", b->written ? field_json(&b->value) : json_null());
	json_object_set_new(json, "shown", json_boolean(b->stands));
	json_array_append_new(t->list, json);
	return json_array_size(t->list) < CHANGES_MAX;
}

/* The key without the scope that a made table has in front of it. */
static bool row_of(struct serve_job *job, const struct relation *relation, struct value *key,
		   struct blame_row *ret, struct scope *scope, struct err *e)
{
	const struct catalog_table *table = relation->table;
	const int front = table->scope_in_key ? 1 : 0;

	if (!field_query_key(job, relation, key, e))
		return false;
	*ret = (struct blame_row){ .table = table, .key = key + front };
	if (front == 0)
		return true;
	if (key[0].type != VALUE_TEXT || !scope_parse((const char *)key[0].bytes, key[0].len, scope, e))
		return err_set(e, ERR_NOT_FOUND, "the key begins with the scope of the row");
	ret->scope = scope;
	return true;
}

static bool history_finish(struct party *p, struct serve_job *job, struct err *e)
{
	char column[LIMIT_NAME_BYTES + 1];
	const struct catalog_column *found;
	struct value key[RELATION_KEYS_MAX];
	const struct relation *relation;
	const struct catalog *catalog;
	AUTO_JSON list = json_array();
	struct telling telling = { .list = list };
	struct blame_row row;
	struct scope scope;
	bool ok;

	if (!party_catalog(p, &catalog, e) || !relation_table(p, job, request_rest(job), &relation, e))
		return false;
	if (relation->local || relation->table == NULL)
		return err_set(e, ERR_NOT_FOUND, "\"%s\" stays on this node: nobody keeps its history",
			       relation->name);
	if (!row_of(job, relation, key, &row, &scope, e))
		return false;
	if (http_query(job->request, "column", column, sizeof(column)) && column[0] != '\0') {
		found = catalog_column_by_name(relation->table, column, strlen(column));
		if (found == NULL)
			return err_set(e, ERR_NOT_FOUND, "there is no column \"%.80s\"", column);
		row.column_no = found->no;
		telling.column = found->name;
		ok = blame_cell(p->db, catalog, &row, add_past, &telling, e);
	} else {
		ok = blame_row(p->db, catalog, &row, add_standing, &telling, e);
	}
	if (!ok && e->code != ERR_NOT_FOUND) /* nothing of it is sealed yet: no changes */
		return false;
	request_answer(job, 200, json_pack("{s:O}", "changes", list));
	return true;
}

const struct serve_route history_routes[] = {
	{ "GET", "/api/history/*", .finish = history_finish },
	{ .path = NULL },
};
