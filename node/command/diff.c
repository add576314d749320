/* diff.c - `simpul diff`: what became of a table between two times. */
#include <string.h>

#include "base/moment.h"
#include "command.h"
#include "command/export.h"
#include "command/show.h"
#include "merge/past.h"
#include "simpul/hlc.h"

struct differ {
	const struct catalog_table *table;
	struct replay before, after;
	const char **node; /* names, by simpul_chain.no */
	struct arena arena;
	json_t *list;
};

static void differ_done(struct differ *d)
{
	replay_close(&d->before);
	replay_close(&d->after);
	arena_done(&d->arena);
}

static bool load_nodes(struct differ *d, struct db *db, struct err *e)
{
	size_t chains = d->after.history.chains;
	AUTO_RESET s = { 0 };
	bool row;

	d->node = arena_take(&d->arena, chains * sizeof(*d->node));
	for (size_t i = 0; i < chains; i++)
		d->node[i] = "";
	if (!db_statement(db, "SELECT no, name FROM simpul_chain", &s, e))
		return false;
	while (true) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		if ((size_t)stmt_get_int(&s, 0) < chains)
			d->node[stmt_get_int(&s, 0)] = arena_text(&d->arena, stmt_get_text(&s, 1));
	}
}

static void add_who(const struct differ *d, const struct replay_write *w, json_t *json)
{
	const struct schema_text *actor = NULL;

	if (w == NULL)
		return;
	if (w->actor > 0 && w->actor <= w->set->actors)
		actor = &w->set->actor[w->actor - 1];
	json_object_set_new(json, "node", show_line(d->node[w->set->chain]));
	json_object_set_new(json, "actor", actor == NULL ? json_null() : show_text(actor->text, actor->len));
	json_object_set_new(json, "time_ms", json_integer((json_int_t)hlc_ms(w->hlc)));
	json_object_set_new(json, "changeset", json_integer(w->set->n));
}

static bool alive(const struct replay_row *row)
{
	return row != NULL && merge_alive(row->entry, row->n);
}

/* NULL in a row that is not there. */
static bool shown(struct replay *r, struct replay_row *row, const struct catalog_column *column,
		  struct value *ret, struct err *e)
{
	bool found;

	*ret = (struct value){ .type = VALUE_NULL };
	if (!alive(row) || column->no >= (int)LIMIT_COLUMNS)
		return true;
	if (!replay_shown(r, row, column->no, ret, &found, e))
		return false;
	if (!found)
		*ret = column->fallback;
	return true;
}

static const struct replay_write *writer(const struct replay *r, const struct replay_row *row, int column_no)
{
	const struct merge_entry *entry = merge_shown(row->entry, row->n, (unsigned)column_no,
						      r->history.id);
	const struct value *ignored;

	return entry == NULL ? NULL : replay_write_of(row, entry, column_no, &ignored);
}

static const struct replay_write *last(const struct replay_row *row, enum change_op op)
{
	const struct replay_write *w = row->newest;

	while (w != NULL && w->op != op)
		w = w->older;
	return w == NULL ? row->newest : w;
}

/* Adds {"old", "new", who} per column that differs; *ret_any: one does. */
static bool add_columns(struct differ *d, struct replay_row *old, struct replay_row *now, json_t *columns,
			struct err *e)
{
	for (int i = 0; i < d->table->columns; i++) {
		const struct catalog_column *column = &d->table->column[i];
		struct value before, after;
		json_t *json;

		if (catalog_is_key(d->table, i))
			continue;
		if (!shown(&d->before, old, column, &before, e) || !shown(&d->after, now, column, &after, e))
			return false;
		if (value_equal(&before, &after))
			continue;
		json = json_object();
		json_object_set_new(json, "old", show_value(&before));
		json_object_set_new(json, "new", show_value(&after));
		if (alive(now))
			add_who(d, writer(&d->after, now, column->no), json);
		json_object_set_new(columns, column->name, json);
	}
	return true;
}

static bool add_row(struct differ *d, struct replay_row *old, struct replay_row *now, struct err *e)
{
	const char *op = !alive(old) ? "insert" : alive(now) ? "update" : "delete";
	AUTO_JSON columns = json_object();
	json_t *json, *key;
	struct replay_key k;

	if (!alive(old) && !alive(now))
		return true;
	if (!add_columns(d, old, now, columns, e))
		return false;
	if (strcmp(op, "update") == 0 && json_object_size(columns) == 0)
		return true;
	json = json_object();
	key = json_object();
	replay_key(now != NULL ? now : old, &k);
	for (int i = 0; i < d->table->keys; i++)
		json_object_set_new(key, d->table->column[d->table->key[i]].name, show_value(&k.value[i]));
	json_object_set_new(json, "op", json_string(op));
	json_object_set_new(json, "scope", json_string((now != NULL ? now : old)->scope->name));
	json_object_set_new(json, "key", key);
	if (now != NULL && strcmp(op, "update") != 0)
		add_who(d, last(now, strcmp(op, "insert") == 0 ? CHANGE_INSERT : CHANGE_DELETE), json);
	json_object_set(json, "columns", columns);
	json_array_append_new(d->list, json);
	return true;
}

static bool compare(struct differ *d, struct err *e)
{
	for (struct replay_row *now = d->after.first; now != NULL; now = now->next) {
		struct replay_key key;

		replay_key(now, &key);
		if (!add_row(d, replay_find(&d->before, d->table, now->scope, key.value), now, e))
			return false;
	}
	/* A revocation in between may have left nothing at all of a row. */
	for (struct replay_row *old = d->before.first; old != NULL; old = old->next) {
		struct replay_key key;

		replay_key(old, &key);
		if (replay_find(&d->after, d->table, old->scope, key.value) == NULL &&
		    !add_row(d, old, NULL, e))
			return false;
	}
	return true;
}

static void key_put(const json_t *row, struct buf *out)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)json_object_get(row, "key"), name, value) {
		buf_text(out, out->len > 0 ? ", " : "");
		show_value_print(value, out);
	}
}

/* One line per column that differs, or one for a row without any. */
static void line(const struct screen *s, struct screen_table *t, const json_t *row, const char *column,
		 const json_t *cell)
{
	const json_t *who = json_object_get(cell, "node") != NULL ? cell : row;
	AUTO_BUF key = { 0 };
	AUTO_BUF old = { 0 };
	AUTO_BUF now = { 0 };
	char time[40] = "";

	(void)s;
	key_put(row, &key);
	if (cell != NULL) {
		show_value_print(json_object_get(cell, "old"), &old);
		show_value_print(json_object_get(cell, "new"), &now);
	}
	if (json_object_get(who, "time_ms") != NULL)
		screen_time(time, sizeof(time), (uint64_t)json_int_or_zero(who, "time_ms"));
	screen_table_cell(t, SCREEN_BOLD, "%s", json_text_or_empty(row, "op"));
	screen_table_cell(t, SCREEN_PLAIN, "%s", buf_string(&key));
	screen_table_cell(t, SCREEN_PLAIN, "%s", column);
	screen_table_cell(t, SCREEN_FAINT, "%s", buf_string(&old));
	screen_table_cell(t, SCREEN_PLAIN, "%s", buf_string(&now));
	screen_table_cell(t, SCREEN_PLAIN, "%s", json_text_or_empty(who, "actor"));
	screen_table_cell(t, SCREEN_PLAIN, "%s", json_text_or_empty(who, "node"));
	screen_table_cell(t, SCREEN_PLAIN, "%s", time);
	screen_table_cell(t, SCREEN_FAINT, "%lld", (long long)json_int_or_zero(who, "changeset"));
}

static void csv_text(const char *text, struct buf *out)
{
	const struct value v = { .type = VALUE_TEXT, .len = (uint32_t)strlen(text),
				 .bytes = (const uint8_t *)text };

	buf_text(out, out->len > 0 ? "," : "");
	export_csv_field(&v, out);
}

static void csv_line(const struct screen *s, const json_t *row, const char *column, const json_t *cell)
{
	const json_t *who = json_object_get(cell, "node") != NULL ? cell : row;
	AUTO_BUF out = { 0 };
	AUTO_BUF key = { 0 };
	AUTO_BUF old = { 0 };
	AUTO_BUF now = { 0 };

	key_put(row, &key);
	if (cell != NULL) {
		show_value_print(json_object_get(cell, "old"), &old);
		show_value_print(json_object_get(cell, "new"), &now);
	}
	csv_text(json_text_or_empty(row, "op"), &out);
	csv_text(buf_string(&key), &out);
	csv_text(column, &out);
	csv_text(buf_string(&old), &out);
	csv_text(buf_string(&now), &out);
	csv_text(json_text_or_empty(who, "actor"), &out);
	csv_text(json_text_or_empty(who, "node"), &out);
	buf_print(&out, ",%lld,%lld", (long long)json_int_or_zero(who, "time_ms"),
		  (long long)json_int_or_zero(who, "changeset"));
	export_csv_line(s, &out);
}

static void print(const struct screen *s, const json_t *list, bool csv)
{
	static const char *const id[] = { "APA", "KUNCI", "KOLOM", "DULU", "KINI", "OLEH", "SIMPUL", "WAKTU",
					  "N" };
	static const char *const en[] = { "WHAT", "KEY", "COLUMN", "OLD", "NEW", "BY", "NODE", "TIME", "N" };
	struct screen_table *t = csv ? NULL : screen_table_new(s, s->english ? en : id, 9);
	AUTO_BUF head = { 0 };
	json_t *row, *cell;
	const char *column;
	size_t i;

	buf_text(&head, "op,key,column,old,new,actor,node,time_ms,changeset");
	if (csv)
		export_csv_line(s, &head);
	json_array_foreach(list, i, row) {
		json_t *columns = json_object_get(row, "columns");

		if (json_object_size(columns) == 0)
			csv ? csv_line(s, row, "", NULL) : line(s, t, row, "", NULL);
		json_object_foreach(columns, column, cell)
			csv ? csv_line(s, row, column, cell) : line(s, t, row, column, cell);
	}
	if (!csv)
		screen_table_print(&t);
}

bool command_diff(struct command_call *call, struct err *e)
{
	__attribute__((cleanup(differ_done))) struct differ d = { 0 };
	struct options *o = &call->options;
	struct db *db = &call->node->db;
	struct replay_plan plan = { .table = &d.table, .tables = 1 };
	AUTO_JSON list = json_array();
	struct catalog catalog;
	uint64_t from, to;
	bool csv = false;

	d.list = list;
	if (!options_flag(o, "--csv", &csv, e) || !options_rest(o, 4, 4, e) ||
	    !moment_parse(o->word[1], &from, e) || !moment_parse(o->word[2], &to, e))
		return false;
	if (from > to)
		return err_set(e, ERR_USAGE, "the first time is the earlier one");
	if (!db_exec(db, "BEGIN", e) || !catalog_load(db, &d.arena, &catalog, e))
		return false;
	d.table = catalog_by_name(&catalog, o->word[3]);
	if (d.table == NULL)
		return err_set(e, ERR_NOT_FOUND, "no table \"%s\" is attached", o->word[3]);
	if (!past_replay(&d.before, db, &catalog, &plan, from, e) ||
	    !past_replay(&d.after, db, &catalog, &plan, to, e) || !load_nodes(&d, db, e) ||
	    !compare(&d, e) || !db_exec(db, "COMMIT", e))
		return false;
	if (call->screen.json)
		screen_json(&call->screen, list);
	else
		print(&call->screen, list, csv);
	return true;
}
