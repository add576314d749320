/* conflicts.c - `simpul conflicts`: cells with several values side by side, and choosing one. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "command.h"
#include "command/export.h"
#include "command/review.h"
#include "command/show.h"
#include "merge/conflict.h"
#include "simpul/hlc.h"

#define COLUMNS_BESIDE 6 /* of a conflict in one table; more stand below each other */

static json_t *write_json(const struct conflict_write *w)
{
	json_t *json = json_pack("{s:I,s:o,s:o,s:s,s:I}", "changeset", (json_int_t)w->n, "id",
				 show_hex(w->id.bytes, w->n > 0 ? sizeof(w->id.bytes) : 0), "node",
				 show_line(w->node), "scope", w->scope, "time_ms",
				 (json_int_t)hlc_ms(w->hlc));

	return json;
}

static json_t *value_json(const struct conflict *c, const struct conflict_value *v)
{
	json_t *json = write_json(&v->write), *values = json_object();
	const char *actor = v->write.actor;

	json_object_set_new(json, "actor", actor[0] == '\0' ? json_null() : show_line(actor));

	for (size_t i = 0; i < c->columns; i++)
		if (v->value[i] != NULL)
			json_object_set_new(values, c->column[i], show_value(v->value[i]));
	json_object_set_new(json, "shown", json_boolean(v->shown));
	json_object_set_new(json, "values", values);
	return json;
}

static json_t *conflict_json(const struct conflict *c)
{
	json_t *json = json_pack("{s:I,s:s,s:s,s:o}", "number", (json_int_t)c->no, "table", c->table->name,
				 "scope", c->scope, "key", review_key(c->table, c->key));
	json_t *columns = json_array(), *values = json_array();

	for (size_t i = 0; i < c->columns; i++)
		json_array_append_new(columns, json_string(c->column[i]));
	for (size_t i = 0; i < c->values; i++)
		json_array_append_new(values, value_json(c, &c->value[i]));
	json_object_set_new(json, "columns", columns);
	json_object_set_new(json, "values", values);
	return json;
}

static bool add_conflict(void *state, const struct conflict *c)
{
	json_array_append_new(state, conflict_json(c));
	return true;
}

static bool add_past(void *state, const struct conflict_past *p)
{
	json_t *json = write_json(&p->write);

	json_object_set_new(json, "table", json_string(p->table));
	json_object_set_new(json, "row_scope", json_string(p->scope));
	json_object_set_new(json, "key", review_key(p->of, p->key));
	json_object_set_new(json, "column", json_string(p->column));
	json_object_set_new(json, "value", show_value(p->value));
	json_object_set_new(json, "superseded_by", write_json(&p->by));
	json_array_append_new(state, json);
	return true;
}

/* "program.percent", or "program.volume + price" for a group. */
static void print_title(const struct screen *s, const json_t *conflict)
{
	const json_t *columns = json_object_get(conflict, "columns");
	AUTO_BUF key = { 0 };

	screen_print(s, SCREEN_WARN, "%" PRId64 "  ", json_int_or_zero(conflict, "number"));
	screen_print(s, SCREEN_BOLD, "%s.", json_text_or_empty(conflict, "table"));
	for (size_t i = 0; i < json_array_size(columns); i++)
		screen_print(s, SCREEN_BOLD, "%s%s", i == 0 ? "" : " + ",
			     json_string_value(json_array_get(columns, i)));
	review_key_print(json_object_get(conflict, "key"), &key);
	screen_print(s, SCREEN_PLAIN, "  %s", buf_string(&key));
	screen_print(s, SCREEN_FAINT, "  (%s)\n", json_text_or_empty(conflict, "scope"));
}

static const char *shown_word(const struct screen *s, const json_t *value)
{
	return json_is_true(json_object_get(value, "shown")) ? screen_say(s, "tampil", "shown") :
							       screen_say(s, "juga", "also");
}

static void print_write(const struct screen *s, const json_t *write)
{
	const char *actor = json_text_or_empty(write, "actor");
	char time[40];

	screen_time(time, sizeof(time), (uint64_t)json_int_or_zero(write, "time_ms"));
	screen_print(s, SCREEN_PLAIN, "  %s%s", actor, actor[0] == '\0' ? "" : ", ");
	screen_print(s, SCREEN_FAINT, screen_say(s, "%s, %s, set perubahan %" PRId64 "\n",
						 "%s, %s, changeset %" PRId64 "\n"),
		     json_text_or_empty(write, "node"), time, json_int_or_zero(write, "changeset"));
}

static void print_values(const struct screen *s, const json_t *conflict)
{
	const json_t *values = json_object_get(conflict, "values");

	for (size_t i = 0; i < json_array_size(values); i++) {
		const json_t *value = json_array_get(values, i);
		json_t *said = json_object_get(value, "values"), *one;
		AUTO_BUF text = { 0 };
		const char *name;

		json_object_foreach(said, name, one) {
			buf_text(&text, text.len > 0 ? ", " : "");
			if (json_object_size(said) > 1)
				buf_print(&text, "%s = ", name);
			show_value_print(one, &text);
		}
		screen_print(s, json_is_true(json_object_get(value, "shown")) ? SCREEN_GOOD : SCREEN_WARN,
			     "  %-7s %s", shown_word(s, value), buf_string(&text));
		print_write(s, value);
	}
}

static void print_list(const struct screen *s, const json_t *conflicts)
{
	for (size_t i = 0; i < json_array_size(conflicts); i++) {
		print_title(s, json_array_get(conflicts, i));
		print_values(s, json_array_get(conflicts, i));
	}
	if (!s->terminal)
		return;
	if (json_array_size(conflicts) == 0)
		screen_print(s, SCREEN_GOOD, "%s\n", screen_say(s, "Tidak ada yang perlu dipilih.",
								"Nothing to choose."));
	else
		screen_print(
			s, SCREEN_FAINT, "%s\n",
			screen_say(
				s,
				"Untuk memilih: simpul conflicts BERKAS choose NOMOR SET-PERUBAHAN,"
				" atau tulis nilai yang benar dengan program apa pun.",
				"To choose: simpul conflicts FILE choose NUMBER CHANGESET, or "
				"write the"
				" right value with any program."));
}

static void print_superseded(const struct screen *s, const json_t *list)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *p = json_array_get(list, i);
		AUTO_BUF key = { 0 };
		AUTO_BUF value = { 0 };

		review_key_print(json_object_get(p, "key"), &key);
		show_value_print(json_object_get(p, "value"), &value);
		screen_print(s, SCREEN_BOLD, "%s.%s", json_text_or_empty(p, "table"),
			     json_text_or_empty(p, "column"));
		screen_print(s, SCREEN_PLAIN, "  %s", buf_string(&key));
		screen_print(s, SCREEN_FAINT, "  (%s)\n", json_text_or_empty(p, "row_scope"));
		screen_print(s, SCREEN_PLAIN, "  %-7s %s", screen_say(s, "dulu", "was"), buf_string(&value));
		print_write(s, p);
		screen_print(s, SCREEN_PLAIN, "  %s", screen_say(s, "sampai", "until"));
		print_write(s, json_object_get(p, "superseded_by"));
	}
}

static void print_beside(const struct screen *s, const json_t *conflict)
{
	static const char *const id[] = { "SET", "SIMPUL", "WAKTU", "ID", "" };
	static const char *const en[] = { "CHANGESET", "NODE", "TIME", "ID", "" };
	const json_t *columns = json_object_get(conflict, "columns"), *values;
	const char *title[COLUMNS_BESIDE + 5];
	size_t n = json_array_size(columns);
	struct screen_table *t;

	title[0] = (s->english ? en : id)[0];
	for (size_t i = 0; i < n; i++)
		title[1 + i] = json_string_value(json_array_get(columns, i));
	for (size_t i = 1; i < 5; i++)
		title[n + i] = (s->english ? en : id)[i];
	t = screen_table_new(s, title, (int)n + 5);
	values = json_object_get(conflict, "values");
	for (size_t i = 0; i < json_array_size(values); i++) {
		const json_t *value = json_array_get(values, i);
		enum screen_colour colour = json_is_true(json_object_get(value, "shown")) ? SCREEN_GOOD :
											    SCREEN_WARN;
		char time[40];

		screen_table_cell(t, SCREEN_BOLD, "%" PRId64,
				  json_int_or_zero(value, "changeset"));
		for (size_t k = 0; k < n; k++) {
			const json_t *one = json_object_get(json_object_get(value, "values"), title[1 + k]);
			AUTO_BUF text = { 0 };

			if (one != NULL)
				show_value_print(one, &text);
			screen_table_cell(t, colour, "%s", buf_string(&text));
		}
		screen_time(time, sizeof(time), (uint64_t)json_int_or_zero(value, "time_ms"));
		screen_table_cell(t, SCREEN_PLAIN, "%s%s%s", json_text_or_empty(value, "actor"),
				  json_is_string(json_object_get(value, "actor")) ? ", " : "",
				  json_text_or_empty(value, "node"));
		screen_table_cell(t, SCREEN_FAINT, "%s", time);
		screen_table_cell(t, SCREEN_FAINT, "%.8s", json_text_or_empty(value, "id"));
		screen_table_cell(t, colour, "%s", shown_word(s, value));
	}
	screen_table_print(&t);
}

static bool number(const char *word, const char *what, int64_t *ret, struct err *e)
{
	char *end;
	long long n = strtoll(word, &end, 10);

	if (*end != '\0' || n <= 0 || word[strspn(word, "0123456789")] != '\0')
		return err_set(e, ERR_USAGE, "\"%.80s\" is not the number of a %s", word, what);
	*ret = n;
	return true;
}

static bool show(struct command_call *call, const struct catalog *catalog, struct err *e)
{
	const struct screen *s = &call->screen;
	AUTO_JSON found = json_array();
	const json_t *conflict;
	int64_t no;

	if (!options_rest(&call->options, 3, 3, e) ||
	    !number(call->options.word[2], "conflict", &no, e) ||
	    !conflict_find(&call->node->db, catalog, no, add_conflict, found, e))
		return false;
	conflict = json_array_get(found, 0);
	if (s->json) {
		screen_json(s, conflict);
		return true;
	}
	print_title(s, conflict);
	if (json_array_size(json_object_get(conflict, "columns")) > COLUMNS_BESIDE)
		print_values(s, conflict);
	else
		print_beside(s, conflict);
	if (s->terminal)
		screen_print(s, SCREEN_FAINT,
			     screen_say(s, "Untuk memilih: simpul conflicts %s choose %s SET-PERUBAHAN\n",
					"To choose: simpul conflicts %s choose %s CHANGESET\n"),
			     call->options.word[0], call->options.word[2]);
	return true;
}

/* --value TEXT, --null, or words "COLUMN=TEXT". */
static bool read_settings(struct command_call *call, struct arena *arena, struct conflict_choice *choice,
			  struct err *e)
{
	struct conflict_setting *setting = arena_take(arena, LIMIT_COLUMNS * sizeof(*setting));
	struct options *o = &call->options;
	const char *value = NULL;
	bool null = false;

	if (!options_text(o, "--value", &value, e) || !options_flag(o, "--null", &null, e))
		return false;
	choice->setting = setting;
	if (value != NULL || null)
		setting[choice->settings++] = (struct conflict_setting){ .text = value };
	for (int i = 3; i < o->words; i++) {
		const char *is = strchr(o->word[i], '=');

		if (is == NULL || value != NULL || null || choice->settings == LIMIT_COLUMNS)
			return err_set(e, ERR_USAGE, "\"%.80s\" is one word too many", o->word[i]);
		setting[choice->settings++] = (struct conflict_setting){
			.column = arena_print(arena, "%.*s", (int)(is - o->word[i]), o->word[i]),
			.text = is + 1,
		};
	}
	if (choice->settings == 0 || (value != NULL && null))
		return err_set(e, ERR_USAGE, "choose one: a changeset, --value TEXT, --null or COLUMN=TEXT");
	return true;
}

/* The write, on a connection like any program's; then it is sealed like any program's. */
static bool choose(struct command_call *call, const struct catalog *catalog,
		   const struct conflict_choice *choice, struct err *e)
{
	const struct screen *s = &call->screen;
	struct node *node = call->node;
	AUTO_BUF object = { 0 };
	AUTO_TXN seal = { 0 };
	AUTO_DB app = { 0 };
	int64_t open;

	{
		AUTO_TXN txn = { 0 };

		if (!db_open(&app, node->path, DB_APP, false, e) || !txn_begin(&txn, &app, e) ||
		    !conflict_choose(&app, catalog, call->world, choice, &object, e) ||
		    !review_note(call, &app, ACT_CHOOSE, buf_string(&object), "", e) || !txn_commit(&txn, e))
			return false;
	}
	if (!txn_begin(&seal, &node->db, e) || !review_settle(call, &seal, e) ||
	    !conflict_count(&node->db, catalog, &open, e))
		return false;
	screen_print(s, SCREEN_GOOD, "%s", buf_string(&object));
	screen_print(s, SCREEN_PLAIN, screen_say(s, ": dipilih; masih perlu dipilih: %" PRId64 "\n",
						 ": chosen; still to choose: %" PRId64 "\n"), open);
	return true;
}

/* choose NUMBER CHANGESET | NUMBER --value TEXT | NUMBER COLUMN=TEXT... */
static bool run_choose(struct command_call *call, const struct catalog *catalog, struct err *e)
{
	struct conflict_choice choice = { 0 };
	struct options *o = &call->options;
	AUTO_ARENA arena = { 0 };

	if (o->words == 4 && strncmp(o->word[3], "--", 2) != 0 && strchr(o->word[3], '=') == NULL) {
		if (!number(o->word[3], "changeset", &choice.n, e))
			return false;
	} else if (!read_settings(call, &arena, &choice, e)) {
		return false;
	}
	return options_rest(o, 3, -1, e) && number(o->word[2], "conflict", &choice.no, e) &&
	       choose(call, catalog, &choice, e);
}

/* One line per value and column. */
static bool csv_conflict(void *state, const struct conflict *c)
{
	const struct screen *s = state;
	AUTO_BUF key = { 0 };
	AUTO_JSON keys = review_key(c->table, c->key);

	review_key_print(keys, &key);
	for (size_t v = 0; v < c->values; v++)
		for (size_t i = 0; i < c->columns; i++) {
			const struct conflict_write *w = &c->value[v].write;
			AUTO_BUF line = { 0 };
			char time[40];

			screen_time(time, sizeof(time), hlc_ms(w->hlc));
			buf_print(&line, "%" PRId64 ",", c->no);
			export_csv_text(c->table->name, &line);
			buf_text(&line, ",");
			export_csv_text(c->scope, &line);
			buf_text(&line, ",");
			export_csv_text(buf_string(&key), &line);
			buf_text(&line, ",");
			export_csv_text(c->column[i], &line);
			buf_text(&line, ",");
			if (c->value[v].value[i] != NULL)
				export_csv_field(c->value[v].value[i], &line);
			buf_print(&line, ",%d,", c->value[v].shown);
			export_csv_text(w->node, &line);
			buf_print(&line, ",%s,%" PRId64, time, w->n);
			export_csv_line(s, &line);
		}
	return true;
}

static bool csv(struct command_call *call, const struct catalog *catalog, struct err *e)
{
	AUTO_BUF line = { 0 };

	buf_text(&line, "number,table,scope,key,column,value,shown,node,time,changeset");
	export_csv_line(&call->screen, &line);
	return conflict_list(&call->node->db, catalog, csv_conflict, &call->screen, e);
}

static bool list(struct command_call *call, const struct catalog *catalog, bool all, struct err *e)
{
	AUTO_JSON conflicts = json_array();
	AUTO_JSON superseded = json_array();
	AUTO_JSON json = json_object();

	if (!conflict_list(&call->node->db, catalog, add_conflict, conflicts, e) ||
	    (all && !conflict_ledger(&call->node->db, catalog, add_past, superseded, e)))
		return false;
	if (!call->screen.json) {
		print_list(&call->screen, conflicts);
		print_superseded(&call->screen, superseded);
		return true;
	}
	json_object_set(json, "conflicts", conflicts);
	if (all)
		json_object_set(json, "superseded", superseded);
	screen_json(&call->screen, json);
	return true;
}

bool command_conflicts(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	bool all = false, as_csv = false, acts = false;
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;
	const char *verb;

	if (!options_flag(o, "--all", &all, e) || !options_flag(o, "--csv", &as_csv, e) ||
	    !options_flag(o, "--acts", &acts, e) || !catalog_load(&call->node->db, &arena, &catalog, e))
		return false;
	if (all + as_csv + acts > 1)
		return err_set(e, ERR_USAGE, "one of --all, --csv and --acts");
	verb = o->words > 1 ? o->word[1] : "";
	if (strcmp(verb, "show") == 0)
		return show(call, &catalog, e);
	if (strcmp(verb, "choose") == 0)
		return run_choose(call, &catalog, e);
	if (!options_rest(o, 1, 1, e))
		return false;
	return acts ? review_acts(call, e) : as_csv ? csv(call, &catalog, e) : list(call, &catalog, all, e);
}
