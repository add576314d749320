/* blame.c - `simpul blame`: who wrote what stands in a row. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "command/show.h"
#include "merge/blame.h"
#include "simpul/hlc.h"

/* A key as typed: by the column's type, as SQLite would take it; without one, integers if they look so. */
static struct value key_value(const struct catalog_column *column, const char *word)
{
	struct value text = { .type = VALUE_TEXT, .len = (uint32_t)strlen(word),
			      .bytes = (const uint8_t *)word };
	AUTO_BUF upper = { 0 };
	long long integer;
	char *end;

	for (const char *p = column->type; *p != '\0'; p++) {
		char c = *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;

		buf_put(&upper, &c, 1);
	}
	if (strstr(buf_string(&upper), "INT") == NULL &&
	    (strstr(buf_string(&upper), "CHAR") != NULL || strstr(buf_string(&upper), "TEXT") != NULL ||
	     strstr(buf_string(&upper), "CLOB") != NULL))
		return text;
	integer = strtoll(word, &end, 10);
	if (*word != '\0' && *end == '\0')
		return (struct value){ .type = VALUE_INT, .integer = integer };
	return text;
}

static json_t *write_json(const struct blame_write *w)
{
	json_t *json = json_object();

	json_object_set_new(json, "node", show_line(w->node));
	json_object_set_new(json, "own", json_boolean(w->own));
	json_object_set_new(json, "actor",
			    w->actor.len == 0 ? json_null() : show_text(w->actor.text, w->actor.len));
	json_object_set_new(json, "time_ms", json_integer((json_int_t)hlc_ms(w->hlc)));
	json_object_set_new(json, "changeset", json_integer(w->n));
	json_object_set_new(json, "id", show_hex(&w->id, sizeof(w->id)));
	json_object_set_new(json, "chain", show_hex(&w->chain, sizeof(w->chain)));
	json_object_set_new(json, "seq", json_integer((json_int_t)w->seq));
	json_object_set_new(json, "signature", json_string(w->signature_ok ? "verified" : "does not hold"));
	json_object_set_new(json, "receipt",
			    w->receipt == BLAME_RECEIPT ? json_integer(w->log_index) : json_null());
	return json;
}

static bool add_write(void *state, const struct blame *b)
{
	json_t *list = state, *json = write_json(&b->by);

	json_object_set_new(json, "column", show_line(b->column));
	json_object_set_new(json, "value", show_value(&b->value));
	json_object_set_new(json, "shown", json_boolean(b->shown));
	json_object_set_new(json, "deleted", json_boolean(b->dead));
	json_array_append_new(list, json);
	return true;
}

static bool add_past(void *state, const struct blame_past *b)
{
	static const char *const ops[] = { "insert", "update", "delete" };
	json_t *list = state, *json = write_json(&b->by);

	json_object_set_new(json, "op", json_string(ops[b->by.op]));
	if (b->written)
		json_object_set_new(json, "value", show_value(&b->value));
	json_object_set_new(json, "stands", json_boolean(b->stands));
	json_array_append_new(list, json);
	return true;
}

static void who_cell(struct screen_table *t, const struct screen *s, const json_t *w)
{
	const char *actor = json_text_or_empty(w, "actor");

	if (actor[0] != '\0')
		screen_table_cell(t, SCREEN_PLAIN, "%s", actor);
	else
		screen_table_cell(t, SCREEN_FAINT, "%s",
				  json_is_true(json_object_get(w, "own")) ?
					  screen_say(s, "aplikasi di simpul ini",
						     "an application on this node") :
					  screen_say(s, "aplikasi di sana", "an application there"));
}

static void print(const struct screen *s, const json_t *list, bool past)
{
	static const char *const id[] = { "KOLOM", "NILAI", "OLEH", "SIMPUL", "WAKTU", "N", "SEGEL",
					  "TANDA TERIMA", "KEADAAN" };
	static const char *const en[] = { "COLUMN", "VALUE", "BY", "NODE", "TIME", "N", "SIGNATURE",
					  "RECEIPT", "STATE" };
	struct screen_table *t = screen_table_new(s, s->english ? en : id, 9);
	const json_t *w;
	size_t i;

	json_array_foreach(list, i, w) {
		const char *state = past ? (json_is_true(json_object_get(w, "stands")) ? "stands" : "") :
				    json_is_true(json_object_get(w, "shown")) ? "shown" : "also";
		const char *seal = json_text_or_empty(w, "signature");
		AUTO_BUF value = { 0 };
		char time[40];

		if (json_object_get(w, "value") != NULL)
			show_value_print(json_object_get(w, "value"), &value);
		screen_time(time, sizeof(time), (uint64_t)json_int_or_zero(w, "time_ms"));
		screen_table_cell(t, SCREEN_BOLD, "%s", json_text_or_empty(w, past ? "op" : "column"));
		screen_table_cell(t, SCREEN_PLAIN, "%s", buf_string(&value));
		who_cell(t, s, w);
		screen_table_cell(t, SCREEN_PLAIN, "%s", json_text_or_empty(w, "node"));
		screen_table_cell(t, SCREEN_PLAIN, "%s", time);
		screen_table_cell(t, SCREEN_PLAIN, "%lld", (long long)json_int_or_zero(w, "changeset"));
		screen_table_cell(t, strcmp(seal, "verified") == 0 ? SCREEN_GOOD : SCREEN_BAD, "%s", seal);
		if (json_is_integer(json_object_get(w, "receipt")))
			screen_table_cell(t, SCREEN_GOOD, "%lld", (long long)json_int_or_zero(w, "receipt"));
		else
			screen_table_cell(t, SCREEN_WARN, "-");
		screen_table_cell(t, strcmp(state, "also") == 0 ? SCREEN_WARN : SCREEN_PLAIN, "%s", state);
	}
	screen_table_print(&t);
}

static bool run(struct command_call *call, const struct catalog *catalog, const char *scope_name,
		json_t *list, bool *ret_unsealed, struct err *e)
{
	const struct options *o = &call->options;
	const struct catalog_table *table = catalog_by_name(catalog, o->word[1]);
	struct blame_row row = { .table = table };
	const struct catalog_column *column;
	struct value key[LIMIT_KEY_COLUMNS];
	struct scope scope;

	if (table == NULL)
		return err_set(e, ERR_NOT_FOUND, "no table \"%s\" is attached", o->word[1]);
	if (o->words != 2 + table->keys && o->words != 3 + table->keys)
		return err_set(e, ERR_USAGE, "the key of %s has %d values; then perhaps a column",
			       table->name, table->keys);
	if (scope_name != NULL && !scope_parse(scope_name, strlen(scope_name), &scope, e))
		return false;
	row.scope = scope_name == NULL ? NULL : &scope;
	row.key = key;
	for (int i = 0; i < table->keys; i++)
		key[i] = key_value(&table->column[table->key[i]], o->word[2 + i]);
	if (!blame_unsealed(&call->node->db, &row, ret_unsealed, e))
		return false;
	if (o->words == 2 + table->keys)
		return blame_row(&call->node->db, catalog, &row, add_write, list, e);
	column = catalog_column_by_name(table, o->word[o->words - 1], strlen(o->word[o->words - 1]));
	if (column == NULL || catalog_is_key(table, column->document_no))
		return err_set(e, ERR_NOT_FOUND, "%s has no column \"%s\" beside its key", table->name,
			       o->word[o->words - 1]);
	row.column_no = column->no;
	return blame_cell(&call->node->db, catalog, &row, add_past, list, e);
}

bool command_blame(struct command_call *call, struct err *e)
{
	const char *scope = NULL;
	AUTO_JSON list = json_array();
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;
	const json_t *first;
	bool unsealed;

	if (!options_text(&call->options, "--scope", &scope, e) || !options_rest(&call->options, 3, -1, e) ||
	    !catalog_load(&call->node->db, &arena, &catalog, e) ||
	    !run(call, &catalog, scope, list, &unsealed, e))
		return false;
	if (call->screen.json) {
		screen_json(&call->screen, list);
		return true;
	}
	first = json_array_get(list, 0);
	print(&call->screen, list, json_object_get(first, "op") != NULL);
	if (unsealed)
		screen_print(&call->screen, SCREEN_WARN, "%s\n",
			     screen_say(&call->screen,
					"Baris ini ditulis lagi di sini dan belum disegel: simpul sync"
					" menyegelnya.",
					"This row was written again here and is not sealed yet: simpul"
					" sync seals it."));
	return true;
}
