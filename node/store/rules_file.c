/*
 * rules_file.c - a strict reader: every member is known and of its type, or the file is refused.
 *
 * What rules may be together (a counter is INTEGER, no rule for key columns) is checked in one place for
 * everybody, schema_check; here it is only said for which table.
 */
#include <stdlib.h>
#include <string.h>

#include "simpul/grant.h"
#include "store/rules_file.h"

struct place { /* one table of the file */
	struct arena *arena;
	const struct catalog_table *table;
	struct schema_table *to;
};

static bool wrong(struct err *e, const char *want)
{
	return err_set(e, ERR_RULES, "is not %s", want);
}

static struct schema_text text_of(const struct place *p, const json_t *string)
{
	size_t len = json_string_length(string);

	return (struct schema_text){ arena_copy(p->arena, json_string_value(string), len), (uint32_t)len };
}

static bool column_of(const struct place *p, const json_t *name, int *ret, struct err *e)
{
	const struct catalog_column *c;

	if (!json_is_string(name))
		return wrong(e, "the name of a column");
	c = catalog_column_by_name(p->table, json_string_value(name), json_string_length(name));
	if (c == NULL)
		return err_set(e, ERR_NOT_FOUND, "there is no column \"%.128s\"", json_string_value(name));
	*ret = c->document_no;
	return true;
}

static int text_order(const void *a, const void *b)
{
	return schema_text_compare(a, b);
}

/* A list of texts, sorted; at most 255 so that counts fit, the true limits are schema_check's. */
static bool read_texts(const struct place *p, const json_t *list, struct schema_text **ret, uint8_t *ret_n,
		       struct err *e)
{
	size_t n = json_array_size(list);
	struct schema_text *text;

	if (!json_is_array(list) || n > UINT8_MAX)
		return wrong(e, "a short list of texts");
	text = arena_take(p->arena, n * sizeof(*text) + 1);
	for (size_t i = 0; i < n; i++) {
		if (!json_is_string(json_array_get(list, i)))
			return wrong(e, "a list of texts");
		text[i] = text_of(p, json_array_get(list, i));
	}
	qsort(text, n, sizeof(*text), text_order);
	for (size_t i = 1; i < n; i++)
		if (text_order(&text[i - 1], &text[i]) == 0)
			return err_set(e, ERR_RULES, "\"%.*s\" is listed twice",
				       text[i].len > 64 ? 64 : (int)text[i].len, text[i].text);
	*ret = text;
	*ret_n = (uint8_t)n;
	return true;
}

static int label_order(const void *a, const void *b)
{
	return schema_text_compare(&((const struct schema_label *)a)->language,
				   &((const struct schema_label *)b)->language);
}

static bool read_label(const struct place *p, const json_t *object, struct schema_label **ret,
		       uint16_t *ret_n, struct err *e)
{
	void *at = json_object_iter((json_t *)(uintptr_t)object);
	size_t n = json_object_size(object), i = 0;
	struct schema_label *label;

	if (!json_is_object(object) || n > UINT8_MAX)
		return wrong(e, "an object of languages and texts");
	label = arena_take(p->arena, n * sizeof(*label) + 1);
	for (; at != NULL; at = json_object_iter_next((json_t *)(uintptr_t)object, at), i++) {
		const char *language = json_object_iter_key(at);

		if (!json_is_string(json_object_iter_value(at)))
			return wrong(e, "an object of languages and texts");
		label[i].language = (struct schema_text){ arena_text(p->arena, language),
							  (uint32_t)strlen(language) };
		label[i].text = text_of(p, json_object_iter_value(at));
	}
	qsort(label, n, sizeof(*label), label_order);
	*ret = label;
	*ret_n = (uint16_t)n;
	return true;
}

static bool read_own_label(const struct place *p, const json_t *v, struct err *e)
{
	return read_label(p, v, &p->to->rules->label, &p->to->rules->labels, e);
}

/* Calls `each` for every column named in an object. */
static bool for_columns(const struct place *p, const json_t *object, const char *what,
			bool (*each)(const struct place *, struct schema_column *, const json_t *,
				     struct err *),
			struct err *e)
{
	json_t *members = (json_t *)(uintptr_t)object, *v;
	const char *name;

	if (!json_is_object(object))
		return wrong(e, what);
	json_object_foreach(members, name, v) {
		const struct catalog_column *c = catalog_column_by_name(p->table, name, strlen(name));

		if (c == NULL)
			return err_set(e, ERR_NOT_FOUND, "there is no column \"%.128s\"", name);
		if (!each(p, &p->to->column[c->document_no], v, e))
			return err_wrap(e, "%.128s", name);
	}
	return true;
}

static bool column_label(const struct place *p, struct schema_column *c, const json_t *v, struct err *e)
{
	return c->label == NULL ? read_label(p, v, &c->label, &c->labels, e) :
				  err_set(e, ERR_RULES, "is named twice");
}

static bool read_labels(const struct place *p, const json_t *v, struct err *e)
{
	return for_columns(p, v, "an object of columns and labels", column_label, e);
}

static bool column_policy(const struct place *p, struct schema_column *c, const json_t *v, struct err *e)
{
	(void)p;
	if (!json_is_string(v))
		return wrong(e, "the name of a policy");
	for (unsigned policy = POLICY_LWW; policy <= POLICY_TEXT; policy++)
		if (strcmp(json_string_value(v), schema_policy_name((enum schema_policy)policy)) == 0) {
			c->policy = (uint8_t)policy;
			return true;
		}
	return err_set(e, ERR_RULES, "\"%.64s\" is not a policy: lww, manual, counter or text",
		       json_string_value(v));
}

static bool read_policy(const struct place *p, const json_t *v, struct err *e)
{
	return for_columns(p, v, "an object of columns and policies", column_policy, e);
}

/* Groups in any order; they get their numbers by their first columns at the end. */
static bool read_groups(const struct place *p, const json_t *v, struct err *e)
{
	uint8_t number[LIMIT_COLUMNS + 1] = { 0 }, groups = 0;

	if (!json_is_array(v) || json_array_size(v) > LIMIT_COLUMNS / 2)
		return wrong(e, "a list of groups");
	for (size_t g = 0; g < json_array_size(v); g++) {
		const json_t *group = json_array_get(v, g);

		if (json_array_size(group) < 2)
			return err_set(e, ERR_RULES, "group %zu is not a list of two or more columns",
				       g + 1);
		for (size_t i = 0; i < json_array_size(group); i++) {
			int column;

			if (!column_of(p, json_array_get(group, i), &column, e))
				return false;
			if (p->to->column[column].group != 0)
				return err_set(e, ERR_RULES,
					       "column \"%s\" is in two groups, or twice in one",
					       p->table->column[column].name);
			p->to->column[column].group = (uint8_t)(g + 1);
		}
	}
	for (int i = 0; i < p->table->columns; i++) {
		uint8_t *group = &p->to->column[i].group;

		if (*group != 0 && number[*group] == 0)
			number[*group] = ++groups;
		*group = number[*group];
	}
	return true;
}

static bool read_append(const struct place *p, const json_t *v, struct err *e)
{
	p->to->rules->append = json_is_true(v);
	return json_is_boolean(v) || wrong(e, "true or false");
}

static bool read_state(const struct place *p, const json_t *v, struct err *e)
{
	int column;

	if (!column_of(p, v, &column, e))
		return false;
	p->to->rules->state = (int16_t)column;
	return true;
}

static bool read_frozen(const struct place *p, const json_t *v, struct err *e)
{
	return read_texts(p, v, &p->to->rules->frozen, &p->to->rules->frozens, e);
}

/* It is attached one way; the file may only say the same. */
static bool read_scope(const struct place *p, const json_t *v, struct err *e)
{
	const char *fixed = json_string_value(v), *column = json_text_or_empty(v, "column");

	if (json_is_string(v)) {
		if (p->table->scope == NULL || strcmp(fixed, p->table->scope) != 0)
			return err_set(e, ERR_RULES, "the table is attached with scope %s%s",
				       p->table->scope == NULL ? "column " : "",
				       p->table->scope == NULL ? p->table->scope_column : p->table->scope);
		return true;
	}
	if (!json_is_object(v) || json_object_size(v) != 1 || column[0] == '\0')
		return wrong(e, "a scope, or {\"column\": NAME}");
	if (p->table->scope_column == NULL || sqlite3_stricmp(column, p->table->scope_column) != 0)
		return err_set(e, ERR_RULES, "the table is not attached with scope column %.128s",
			       column);
	return true;
}

static int byte_order(const void *a, const void *b)
{
	return *(const uint8_t *)a - *(const uint8_t *)b;
}

static bool read_columns(const struct place *p, const json_t *list, struct schema_write *to, struct err *e)
{
	size_t n = json_array_size(list);

	if (!json_is_array(list) || n > LIMIT_COLUMNS)
		return wrong(e, "a list of columns");
	to->column = arena_take(p->arena, n + 1);
	for (size_t i = 0; i < n; i++) {
		int column;

		if (!column_of(p, json_array_get(list, i), &column, e))
			return false;
		to->column[i] = (uint8_t)column;
	}
	qsort(to->column, n, 1, byte_order);
	for (size_t i = 1; i < n; i++)
		if (to->column[i - 1] == to->column[i])
			return err_set(e, ERR_RULES, "column \"%s\" is listed twice",
				       p->table->column[to->column[i]].name);
	to->columns = (uint16_t)n;
	return true;
}

static bool read_role(const json_t *v, uint8_t *ret, struct err *e)
{
	enum role role;

	if (!json_is_string(v) || !role_parse(json_string_value(v), &role, e) || role == ROLE_READER ||
	    role == ROLE_RELAY)
		return err_set(e, ERR_RULES, "is not writer, reviewer or hub");
	*ret = (uint8_t)role;
	return true;
}

/* An empty list would mean all, which is written by leaving the member out. */
static bool not_empty(const json_t *v, struct err *e)
{
	return !json_is_array(v) || json_array_size(v) > 0 ||
	       err_set(e, ERR_RULES, "is empty; leave it out to mean all");
}

static bool read_line(const struct place *p, const json_t *line, struct schema_write *to, struct err *e)
{
	json_t *members = (json_t *)(uintptr_t)line, *v;
	const char *name;
	bool ok;

	*to = (struct schema_write){ 0 };
	if (!json_is_object(line) || json_object_get(line, "role") == NULL)
		return wrong(e, "an object with a role");
	json_object_foreach(members, name, v) {
		if (strcmp(name, "role") == 0)
			ok = read_role(v, &to->role, e);
		else if (strcmp(name, "states") == 0)
			ok = not_empty(v, e) && read_texts(p, v, &to->state, &to->states, e);
		else if (strcmp(name, "to") == 0)
			ok = not_empty(v, e) && read_texts(p, v, &to->to, &to->tos, e);
		else if (strcmp(name, "columns") == 0)
			ok = not_empty(v, e) && read_columns(p, v, to, e);
		else
			return err_set(e, ERR_RULES, "unknown member \"%.64s\"", name);
		if (!ok)
			return err_wrap(e, "%s", name);
	}
	return true;
}

static bool read_write(const struct place *p, const json_t *v, struct err *e)
{
	struct schema_rules *rules = p->to->rules;
	size_t n = json_array_size(v);

	if (!json_is_array(v) || n > LIMIT_WRITE_RULES)
		return wrong(e, "a list of who may write");
	if (n == 0)
		return err_set(e, ERR_RULES, "is empty; leave it out to let every writer write");
	rules->write = arena_take(p->arena, n * sizeof(*rules->write) + 1);
	for (size_t i = 0; i < n; i++)
		if (!read_line(p, json_array_get(v, i), &rules->write[i], e))
			return err_wrap(e, "[%zu]", i);
	rules->writes = (uint8_t)n;
	return true;
}

static bool may_set(const struct schema_write *w, int column)
{
	for (int i = 0; i < w->columns; i++)
		if (w->column[i] == column)
			return true;
	return w->columns == 0;
}

/* What no write could ever keep, or what says nothing: the one who wrote it meant something else. */
static bool no_contradiction(const struct place *p, struct err *e)
{
	const struct schema_rules *rules = p->to->rules;

	for (int i = 0; i < p->table->columns && rules->append; i++)
		if (p->to->column[i].policy == POLICY_COUNTER)
			return err_set(e, ERR_RULES,
				       "append and policy: rows never change, so \"%s\" cannot be a counter",
				       p->table->column[i].name);
	if (rules->append && rules->frozens > 0)
		return err_set(e, ERR_RULES, "append and frozen: rows never change in any state");
	for (int i = 0; i < rules->writes; i++)
		if (rules->write[i].tos > 0 && !may_set(&rules->write[i], rules->state))
			return err_set(e, ERR_RULES,
				       "write: [%d]: \"to\" names states to set, and \"columns\" leaves out"
				       " the state column", i);
	return true;
}

static const struct {
	const char *name;
	bool (*read)(const struct place *p, const json_t *v, struct err *e);
} member[] = {
	{ "label", read_own_label }, { "labels", read_labels }, { "scope", read_scope },
	{ "groups", read_groups },   { "policy", read_policy }, { "append", read_append },
	{ "state", read_state },     { "frozen", read_frozen }, { "write", read_write },
};
#define MEMBERS (sizeof(member) / sizeof(member[0]))

/* Its index; MEMBERS: there is none. */
static size_t find_member(const char *name, struct err *e)
{
	size_t i = 0;

	while (i < MEMBERS && strcmp(member[i].name, name) != 0)
		i++;
	if (i == MEMBERS)
		(void)err_set(e, ERR_RULES, "unknown member \"%.64s\"", name);
	return i;
}

bool rules_file_plausible(const json_t *rules, struct err *e)
{
	json_t *members = (json_t *)(uintptr_t)rules, *v;
	const char *name;

	if (!json_is_object(rules))
		return wrong(e, "an object");
	json_object_foreach(members, name, v)
		if (find_member(name, e) == MEMBERS)
			return false;
	return true;
}

static bool read_table(const struct place *p, const json_t *object, struct err *e)
{
	json_t *members = (json_t *)(uintptr_t)object, *v;
	const char *name;

	if (!json_is_object(object))
		return wrong(e, "an object");
	json_object_foreach(members, name, v) {
		size_t i = find_member(name, e);

		if (i == MEMBERS)
			return false;
		if (!member[i].read(p, v, e))
			return err_wrap(e, "%s", name);
	}
	if (schema_check(&(struct schema){ 1, p->to }, e))
		return no_contradiction(p, e);
	e->code = ERR_RULES;
	return false;
}

static void clear_rules(struct schema_table *t, struct arena *arena)
{
	t->rules = arena_take(arena, sizeof(*t->rules));
	*t->rules = (struct schema_rules){ .state = -1 };
	for (uint16_t i = 0; i < t->columns; i++) {
		t->column[i].policy = t->column[i].group = 0;
		t->column[i].labels = 0;
		t->column[i].label = NULL;
	}
}

static bool read_tables(const json_t *tables, const struct catalog *catalog, struct arena *arena,
			struct schema *ret, struct err *e)
{
	json_t *members = (json_t *)(uintptr_t)tables, *v;
	const char *name;

	*ret = (struct schema){ .table = arena_take(arena, ((size_t)catalog->tables + 1) *
							    sizeof(*ret->table)) };
	json_object_foreach(members, name, v) {
		struct place p = { .arena = arena, .table = catalog_by_name(catalog, name),
				   .to = &ret->table[ret->tables] };

		if (p.table == NULL)
			return err_set(e, ERR_NOT_FOUND, "table \"%.128s\" is not replicated here", name);
		for (uint16_t i = 0; i < ret->tables; i++)
			if (strcmp(ret->table[i].name.text, p.table->replicated) == 0)
				return err_set(e, ERR_RULES, "table \"%.128s\" is there twice", name);
		catalog_schema(p.table, arena, p.to);
		clear_rules(p.to, arena);
		if (!read_table(&p, v, e))
			return err_wrap(e, "%.128s", name);
		ret->tables++;
	}
	return true;
}

bool rules_file_open(const void *bytes, size_t len, json_t **ret_file, json_t **ret_tables, struct err *e)
{
	AUTO_JSON json = NULL;
	json_t *tables;

	if (len > RULES_FILE_BYTES)
		return err_set(e, ERR_TOO_LARGE, "rules of %zu bytes are over the limit", len);
	if (!json_parse(bytes, len, &json, e)) {
		e->code = ERR_RULES;
		return false;
	}
	tables = json_object_get(json, "tables");
	if (!json_is_object(tables) || json_object_size(json) != 1)
		return err_set(e, ERR_RULES, "not rules: want {\"tables\": {...}} and nothing else");
	*ret_tables = tables;
	*ret_file = json;
	json = NULL;
	return true;
}

bool rules_file_read(const void *bytes, size_t len, const struct catalog *catalog, struct arena *arena,
		     struct schema *ret, struct err *e)
{
	AUTO_JSON json = NULL;
	json_t *tables;

	return rules_file_open(bytes, len, &json, &tables, e) &&
	       (read_tables(tables, catalog, arena, ret, e) || err_wrap(e, "tables"));
}

static json_t *texts_json(const struct schema_text *text, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_stringn(text[i].text, text[i].len));
	return list;
}

static json_t *label_json(const struct schema_label *label, size_t n)
{
	json_t *object = json_object();

	for (size_t i = 0; i < n; i++)
		json_object_setn_new(object, label[i].language.text, label[i].language.len,
				     json_stringn(label[i].text.text, label[i].text.len));
	return object;
}

/* Sets a member, unless it is empty. */
static void put(json_t *object, const char *name, json_t *v)
{
	if (json_object_size(v) + json_array_size(v) > 0)
		json_object_set(object, name, v);
	json_decref(v);
}

static void put_columns(json_t *object, const struct catalog_table *t)
{
	json_t *labels = json_object(), *policy = json_object(), *groups = json_array();

	for (int i = 0; i < t->columns; i++) {
		const struct catalog_column *c = &t->column[i];

		put(labels, c->name, label_json(c->label, c->labels));
		if (c->policy != POLICY_LWW)
			json_object_set_new(policy, c->name,
					    json_string(schema_policy_name((enum schema_policy)c->policy)));
		while (c->group > json_array_size(groups))
			json_array_append_new(groups, json_array());
		if (c->group > 0)
			json_array_append_new(json_array_get(groups, c->group - 1u), json_string(c->name));
	}
	put(object, "labels", labels);
	put(object, "groups", groups);
	put(object, "policy", policy);
}

static json_t *line_json(const struct catalog_table *t, const struct schema_write *w)
{
	json_t *line = json_object(), *columns = json_array();

	json_object_set_new(line, "role", json_string(role_name((enum role)w->role)));
	put(line, "states", texts_json(w->state, w->states));
	for (size_t i = 0; i < w->columns; i++)
		json_array_append_new(columns, json_string(t->column[w->column[i]].name));
	put(line, "columns", columns);
	put(line, "to", texts_json(w->to, w->tos));
	return line;
}

json_t *rules_file_table(const struct catalog_table *t)
{
	json_t *object = json_object(), *lines = json_array();

	if (t->rules == NULL) {
		json_decref(lines);
		return object;
	}
	put(object, "label", label_json(t->rules->label, t->rules->labels));
	put_columns(object, t);
	if (t->rules->append)
		json_object_set_new(object, "append", json_true());
	if (t->rules->state >= 0)
		json_object_set_new(object, "state", json_string(t->column[t->rules->state].name));
	put(object, "frozen", texts_json(t->rules->frozen, t->rules->frozens));
	for (size_t i = 0; i < t->rules->writes; i++)
		json_array_append_new(lines, line_json(t, &t->rules->write[i]));
	put(object, "write", lines);
	return object;
}
