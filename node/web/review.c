/*
 * review.c - what waits for a person: /api/conflicts, /violations, /held, /quarantine; and /ledger, the
 * values that were superseded.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/actor.h"
#include "merge/conflict.h"
#include "merge/violation.h"
#include "simpul/hlc.h"
#include "store/act.h"
#include "web/question.h"
#include "web/request.h"
#include "web/routes.h"

/* A key as the API has it: an array, the scope first where the table has it there. */
static json_t *key_json(const struct catalog_table *table, const char *scope, const struct value *key)
{
	json_t *list = key == NULL ? json_null() : json_array();

	if (key != NULL && table->scope_in_key)
		json_array_append_new(list, json_string(scope));
	for (int i = 0; key != NULL && i < table->keys; i++)
		json_array_append_new(list, question_value(&key[i]));
	return list;
}

static json_t *text_json(const char *text)
{
	return text == NULL || text[0] == '\0' ? json_null() : json_string(text);
}

/* Who, where and when; n is the number of the changeset. */
static void write_tell(const struct conflict_write *w, json_t *json)
{
	json_object_set_new(json, "n", json_integer(w->n));
	json_object_set_new(json, "by", text_json(w->actor));
	json_object_set_new(json, "node", text_json(w->node));
	json_object_set_new(json, "at", request_time(hlc_ms(w->hlc)));
	if (w->n > 0)
		json_put_hex(json, "changeset", &w->id, sizeof(w->id));
}

/* What the reader may not read is not told. */
struct listing {
	const struct access *access;
	json_t *list;
};

static bool add_conflict(void *state, const struct conflict *c)
{
	const struct listing *l = state;
	json_t *columns = json_array(), *values = json_array();

	for (size_t i = 0; i < c->columns; i++)
		json_array_append_new(columns, json_string(c->column[i]));
	for (size_t i = 0; i < c->values; i++) {
		json_t *json = json_object(), *said = json_object();

		write_tell(&c->value[i].write, json);
		for (size_t k = 0; k < c->columns; k++)
			if (c->value[i].value[k] != NULL)
				json_object_set_new(said, c->column[k],
						    question_value(c->value[i].value[k]));
		json_object_set_new(json, "shown", json_boolean(c->value[i].shown));
		json_object_set_new(json, "values", said);
		json_array_append_new(values, json);
	}
	if (access_read(l->access, c->table->name))
		json_array_append_new(l->list, json_pack("{s:I,s:s,s:s,s:O,s:O,s:O}", "no",
							 (json_int_t)c->no, "table", c->table->name,
							 "scope", c->scope, "key",
							 key_json(c->table, c->scope, c->key), "columns",
							 columns, "values", values));
	json_decref(columns);
	json_decref(values);
	return true;
}

static bool conflicts_finish(struct party *p, struct serve_job *job, struct err *e)
{
	AUTO_JSON list = json_array();
	struct listing l = { &request_of(job)->access, list };
	const struct catalog *catalog;

	if (!party_catalog(p, &catalog, e) || !conflict_list(p->db, catalog, add_conflict, &l, e))
		return false;
	request_answer(job, 200, json_pack("{s:O}", "conflicts", list));
	return true;
}

/* A value of the request as the text that conflict_choose takes; false: it is none. */
static bool value_text(struct arena *arena, const json_t *value, const char **ret)
{
	*ret = NULL;
	if (json_is_string(value))
		*ret = json_string_value(value);
	else if (json_is_integer(value))
		*ret = arena_print(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		*ret = arena_print(arena, "%.17g", json_real_value(value));
	else
		return json_is_null(value);
	return true;
}

/* {"n": N}, or {"values": {column: value}}. */
static bool choice_read(struct serve_job *job, struct conflict_choice *choice, struct err *e)
{
	struct web_request *r = request_of(job);
	struct conflict_setting *setting = arena_take(&r->arena, LIMIT_COLUMNS * sizeof(*setting));
	json_t *values = json_object_get(r->body, "values"), *value;
	const char *name;
	char *end;

	choice->no = strtoll(request_rest(job), &end, 10);
	if (*end != '\0' || choice->no <= 0)
		return err_set(e, ERR_NOT_FOUND, "there is no such conflict");
	choice->n = json_int_or_zero(r->body, "n");
	choice->setting = setting;
	json_object_foreach(values, name, value) {
		if (choice->settings == LIMIT_COLUMNS)
			return err_set(e, ERR_TOO_LARGE, "more than %u values", LIMIT_COLUMNS);
		setting[choice->settings].column = name;
		if (!value_text(&r->arena, value, &setting[choice->settings++].text))
			return err_set(e, ERR_MALFORMED, "\"%.80s\" is no value", name);
	}
	return (choice->n > 0) != (choice->settings > 0) ||
	       err_set(e, ERR_MALFORMED, "either n, a value that stands there, or values");
}

static bool note_choice(struct party *p, const char *who, const char *object, struct err *e)
{
	const struct act act = { .who = who, .what = ACT_CHOOSE, .object = object, .reason = "" };

	return act_put(p->db, p->world, &act, e);
}

static bool take_table(void *state, const struct conflict *c)
{
	const char **table = state;

	*table = c->table->name; /* the catalog's */
	return true;
}

/* Who may choose may do so in tables of which they may write every row. */
static bool may_choose(struct party *p, struct serve_job *job, const struct catalog *catalog, int64_t no,
		       struct err *e)
{
	const struct access *access = &request_of(job)->access;
	const char *table = NULL;

	if (!conflict_find(p->db, catalog, no, take_table, &table, e))
		return false;
	if (table == NULL || !access_read(access, table))
		return err_set(e, ERR_NOT_FOUND, "there is no such conflict");
	return (access_may(access, "choose") && access_write(access, table) == ACCESS_ALL) ||
	       err_set(e, ERR_NO_RIGHT, "this account may not choose in \"%s\"", table);
}

static void triggers_off(struct db **db)
{
	db_fire_triggers(*db, false);
}

/* A choice is a write like any other: of the person who chose, captured by triggers, sealed at once. */
static bool choose_write(struct party *p, struct serve_job *job, struct err *e)
{
	const char *who = request_of(job)->who.name;
	struct conflict_choice choice = { 0 };
	const struct catalog *catalog;
	AUTO_BUF object = { 0 };
	struct actor actor;
	int64_t since;

	if (!choice_read(job, &choice, e) || !party_catalog(p, &catalog, e) ||
	    !may_choose(p, job, catalog, choice.no, e) || !actor_begin(p->db, who, &actor, e) ||
	    !actor_since(p->db, &since, e))
		return false;
	{
		__attribute__((cleanup(triggers_off))) struct db *db = p->db;

		db_fire_triggers(db, true);
		if (!conflict_choose(db, catalog, p->world, &choice, &object, e))
			return false;
	}
	if (!actor_mark(p->db, since, &actor, e) || !note_choice(p, who, buf_string(&object), e))
		return false;
	job->settles = true;
	request_result(job, 200, json_pack("{s:s}", "object", buf_string(&object)));
	return true;
}

static bool add_violation(void *state, const struct violation *v)
{
	const struct listing *l = state;
	json_t *json;

	if (!access_read(l->access, v->table))
		return true;
	json = json_pack("{s:s,s:o,s:s,s:s,s:s,s:b,s:{s:s,s:s}}", "table", v->table, "key",
			 v->of == NULL ? json_null() : key_json(v->of, v->scope, v->key), "scope", v->scope,
			 "rule", v->rule, "detail", v->detail, "local", v->local, "remedy", "id",
			 violation_remedy(v->rule, false), "en", violation_remedy(v->rule, true));
	if (json != NULL) /* else a detail that is no UTF-8 */
		json_array_append_new(l->list, json);
	return true;
}

static bool violations_finish(struct party *p, struct serve_job *job, struct err *e)
{
	AUTO_JSON list = json_array();
	struct listing l = { &request_of(job)->access, list };
	const struct catalog *catalog;

	if (!party_catalog(p, &catalog, e) || !violation_list(p->db, catalog, add_violation, &l, e))
		return false;
	request_answer(job, 200, json_pack("{s:O}", "violations", list));
	return true;
}

static bool add_past(void *state, const struct conflict_past *past)
{
	const struct listing *l = state;
	json_t *json = json_object(), *by = json_object();

	write_tell(&past->write, json);
	write_tell(&past->by, by);
	json_object_set_new(json, "table", json_string(past->table));
	json_object_set_new(json, "scope", json_string(past->scope));
	json_object_set_new(json, "key", past->of == NULL ? json_null() :
			    key_json(past->of, past->scope, past->key));
	json_object_set_new(json, "column", json_string(past->column));
	json_object_set_new(json, "value", question_value(past->value));
	json_object_set_new(json, "superseded_by", by);
	if (access_read(l->access, past->table))
		json_array_append(l->list, json);
	json_decref(json);
	return json_array_size(l->list) < 10000;
}

static bool ledger_finish(struct party *p, struct serve_job *job, struct err *e)
{
	AUTO_JSON list = json_array();
	struct listing l = { &request_of(job)->access, list };
	const struct catalog *catalog;

	if (!party_catalog(p, &catalog, e) || !conflict_ledger(p->db, catalog, add_past, &l, e))
		return false;
	request_answer(job, 200, json_pack("{s:O}", "ledger", list));
	return true;
}

/* Of these columns: id, chain (as bytes), then texts and numbers by their names. */
static bool frames_answer(struct party *p, struct serve_job *job, const char *sql, const char *name,
			  struct err *e)
{
	AUTO_JSON list = json_array();
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(p->db, sql, &s, e))
		return false;
	for (;;) {
		json_t *json;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		json = json_object();
		for (int i = 0; i < stmt_columns(&s); i++) {
			const char *column = stmt_column(&s, i);
			struct value value = stmt_get_value(&s, i);

			if (value.type == VALUE_BLOB)
				json_put_hex(json, column, value.bytes, value.len);
			else if (strcmp(column, "dismissed") == 0)
				json_object_set_new(json, column, json_boolean(value.integer != 0));
			else if (strcmp(column, "arrived") == 0)
				json_object_set_new(json, column, request_time((uint64_t)value.integer));
			else
				json_object_set_new(json, column, question_value(&value));
		}
		json_array_append_new(list, json);
	}
	request_answer(job, 200, json_pack("{s:O}", name, list));
	return true;
}

static bool held_finish(struct party *p, struct serve_job *job, struct err *e)
{
	return frames_answer(p, job,
			     "SELECT h.id, h.chain, h.seq, h.missing, h.detail, h.arrived_ms AS arrived,"
			     " length(h.frame) AS bytes, coalesce(c.name, g.name, '') AS node,"
			     " coalesce(c.scope, g.scope, '') AS scope, " ACT_DISMISSED("h.id")
			     " AS dismissed FROM simpul_held h LEFT JOIN simpul_chain c ON c.id = h.chain"
			     " LEFT JOIN simpul_grant g ON g.chain = h.chain"
			     " ORDER BY h.arrived_ms, h.chain, h.seq",
			     "held", e);
}

static bool quarantine_finish(struct party *p, struct serve_job *job, struct err *e)
{
	return frames_answer(p, job,
			     "SELECT cs.id, ch.id AS chain, cs.n, cs.seq, cs.scope, cs.changes,"
			     " coalesce(cs.reason, '') AS reason, ch.name AS node,"
			     " cs.arrived_ms AS arrived, " ACT_DISMISSED("cs.id") " AS dismissed"
			     " FROM simpul_changeset cs JOIN simpul_chain ch ON ch.no = cs.chain_no"
			     " WHERE cs.state = 2 ORDER BY cs.n DESC",
			     "quarantine", e);
}

const struct serve_route review_routes[] = {
	{ "GET", "/api/conflicts", .finish = conflicts_finish },
	{ "POST", "/api/conflicts/*", .writes = true, .write = choose_write, .finish = request_finish },
	{ "GET", "/api/violations", .finish = violations_finish },
	{ "GET", "/api/held", .finish = held_finish },
	{ "GET", "/api/quarantine", .finish = quarantine_finish },
	{ "GET", "/api/ledger", .finish = ledger_finish },
	{ .path = NULL },
};
