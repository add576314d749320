/* meta.c - /api/meta: what there is, what of it this account may write, and what forms should know.
 */
#include <string.h>

#include "simpul/schema.h"
#include "web/right.h"
#include "web/routes.h"

static json_t *labels(const struct schema_label *label, size_t n)
{
	json_t *json = json_object();

	for (size_t i = 0; i < n; i++) {
		char language[LIMIT_LANGUAGE_BYTES + 1] = "";

		memcpy(language, label[i].language.text, label[i].language.len);
		json_object_set_new(json, language,
				    json_stringn(label[i].text.text, label[i].text.len));
	}
	return json;
}

static void put_limits(json_t *json, const struct relation_limit *limit)
{
	json_t *choices = json_array();

	for (size_t i = 0; i < limit->choices; i++)
		json_array_append_new(choices, json_string(limit->choice[i]));
	if (limit->choices > 0)
		json_object_set(json, "choices", choices);
	json_decref(choices);
	if (limit->has_min)
		json_object_set_new(json, limit->of_length ? "min_length" : "min",
				    json_integer(limit->min));
	if (limit->has_max)
		json_object_set_new(json, limit->of_length ? "max_length" : "max",
				    json_integer(limit->max));
}

static json_t *column_json(const struct relation_column *c, bool append)
{
	json_t *json =
		json_pack("{s:s,s:s,s:b}", "name", c->name, "type", c->type, "null", !c->not_null);
	const struct catalog_column *of = c->of;

	json_object_set_new(json, "default", of == NULL ? json_null() : field_json(&of->fallback));
	json_object_set_new(json, "has_default", json_boolean(c->has_default));
	json_object_set_new(
		json, "policy",
		json_string(append	 ? "append"
			    : of == NULL ? "lww"
					 : schema_policy_name((enum schema_policy)of->policy)));
	json_object_set_new(json, "group", json_integer(of == NULL ? 0 : of->group));
	if (of != NULL && of->labels > 0)
		json_object_set_new(json, "label", labels(of->label, of->labels));
	put_limits(json, &c->limit);
	return json;
}

struct listing {
	struct party *p;
	struct serve_job *job;
	json_t *tables, *views;
	struct err *e;
	bool failed;
};

/* Of all rows, of one's own, of none: by the account's role, and by the node's right in its own
 * scope. */
static const char *may_write(struct listing *l, const struct relation *relation)
{
	static const char *const words[] = {
		[ACCESS_NONE] = "none", [ACCESS_OWN] = "own", [ACCESS_ALL] = "all"
	};
	enum access_write may = access_write(&request_of(l->job)->access, relation->name);
	char scope[LIMIT_SCOPE_BYTES + 1];
	int role = 0;

	if (!relation->local && may != ACCESS_NONE) {
		const char *where = relation->table->scope;

		if (where == NULL && !right_own_scope(l->p, scope, l->e))
			l->failed = true;
		else if (!right_node(l->p, relation->table, where == NULL ? scope : where, &role,
				     l->e))
			l->failed = true;
	}
	return role < 0 ? "none" : words[may];
}

static void put_table(struct listing *l, const struct relation *relation)
{
	const struct web_request *r = request_of(l->job);
	const struct catalog_table *table = relation->table;
	const struct schema_rules *rules = table->rules;
	const bool append = rules != NULL && rules->append;
	json_t *columns = json_array(), *key = json_array(), *json;
	const char *signer = access_signed(r->web->access, relation->name);
	struct access_own own;

	for (int i = 0; i < relation->columns; i++)
		json_array_append_new(columns, column_json(&relation->column[i], append));
	for (int i = 0; i < relation->keys; i++)
		json_array_append_new(key, json_string(relation->column[relation->key[i]].name));
	json = json_pack("{s:s,s:b,s:b,s:o,s:s,s:o}", "name", relation->name, "append", append,
			 "local", relation->local, "key", key, "write", may_write(l, relation),
			 "columns", columns);
	if (rules != NULL && rules->labels > 0)
		json_object_set_new(json, "label", labels(rules->label, rules->labels));
	json_object_set_new(json, "scope",
			    table->scope != NULL ? json_string(table->scope)
			    : table->scope_column != NULL
				    ? json_pack("{s:s}", "column", table->scope_column)
				    : json_null());
	json_object_set_new(json, "own",
			    access_own(r->web->access, relation->name, &own) && own.through == NULL
				    ? json_string(own.column)
				    : json_null());
	json_object_set_new(json, "signed", signer == NULL ? json_null() : json_string(signer));
	json_array_append_new(l->tables, json);
}

static void put_relation(void *state, const struct relation *relation)
{
	struct listing *l = state;
	json_t *columns;

	if (relation->table != NULL) {
		put_table(l, relation);
		return;
	}
	columns = json_array();
	for (int i = 0; i < relation->columns; i++)
		json_array_append_new(columns, json_string(relation->column[i].name));
	json_array_append_new(l->views,
			      json_pack("{s:s,s:o}", "name", relation->name, "columns", columns));
}

static json_t *roles_json(const struct web *web)
{
	json_t *list = json_array(), *all = json_object_get(web->access, "roles"), *role;
	const char *name;

	json_object_foreach(all, name, role)
	{
		json_t *label = json_object_get(role, "label");
		json_t *json = json_pack("{s:s,s:b}", "name", name, "manage",
					 json_is_true(json_object_get(role, "manage")));

		json_object_set(json, "label", label == NULL ? json_null() : label);
		if (access_role_exists(web->access, web->hub, name))
			json_array_append(list, json);
		json_decref(json);
	}
	return list;
}

static json_t *rights_json(const struct web_request *r)
{
	static const char *const names[] = { "manage", "choose", "submit", "enrol" };
	json_t *json = json_object();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_object_set_new(json, names[i], json_boolean(access_may(&r->access, names[i])));
	return json;
}

static bool meta_finish(struct party *p, struct serve_job *job, struct err *e)
{
	const struct web_request *r = request_of(job);
	const struct web *web = r->web;
	AUTO_JSON json = json_pack("{s:[],s:[]}", "tables", "views");
	struct listing l = {
		p, job, json_object_get(json, "tables"), json_object_get(json, "views"), e, false
	};
	char scope[LIMIT_SCOPE_BYTES + 1];

	if (!relation_each(p, job, put_relation, &l, e) || l.failed ||
	    !right_own_scope(p, scope, e))
		return false;
	json_object_set_new(json, "workspace",
			    web->workspace.name[0] == '\0' ? json_null()
							   : json_string(web->workspace.name));
	json_object_set_new(json, "hub", json_boolean(web->hub));
	json_object_set_new(json, "scope", scope[0] == '\0' ? json_null() : json_string(scope));
	json_object_set_new(json, "role", json_string(r->who.role));
	json_object_set_new(json, "may", rights_json(r));
	json_object_set_new(json, "roles", roles_json(web));
	json_object_set(json, "app", web->app == NULL ? json_null() : web->app);
	request_answer(job, 200, json_incref(json));
	return true;
}

const struct serve_route meta_routes[] = {
	{ "GET", "/api/meta", .finish = meta_finish },
	{ .path = NULL },
};
