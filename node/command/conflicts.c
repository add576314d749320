/* conflicts.c - `simpul conflicts`: cells with several values, and rows that a rule keeps out. */
#include <string.h>

#include "command.h"
#include "command/show.h"
#include "merge/sibling.h"
#include "simpul/hlc.h"
#include "store/version.h"

struct finder {
	struct db *db;
	struct catalog catalog;
	struct arena arena;
};

static void finder_close(struct finder *f)
{
	arena_done(&f->arena);
}

/* The key as it stands in the version row, behind the scope if one is there; *ret_n 0: not known. */
struct row_key {
	struct buf packed;
	struct value value[VERSION_KEYS_MAX + 1];
	char uuid[VERSION_KEYS_MAX + 1][37];
	size_t n;
};

static void row_key_done(struct row_key *key)
{
	buf_done(&key->packed);
}

#define AUTO_ROW_KEY __attribute__((cleanup(row_key_done))) struct row_key

static bool row_key_find(struct finder *f, const struct catalog_table *table, int64_t vkey,
			 struct row_key *ret, struct err *e)
{
	AUTO_STMT s = { 0 };
	char sql[96];
	const void *packed;
	size_t len;
	bool row;

	ret->n = 0;
	snprintf(sql, sizeof(sql), "SELECT key FROM simpul_version_%d WHERE k = ?1", table->no);
	if (!db_prepare(f->db, sql, &s, e))
		return false;
	stmt_int(&s, 1, vkey);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return true;
	packed = stmt_get_blob(&s, 0, &len);
	if (packed == NULL) {
		ret->value[0] = (struct value){ .type = VALUE_INT, .integer = vkey };
		ret->n = 1;
		return true;
	}
	buf_put(&ret->packed, packed, len);
	if (!version_unpack(ret->packed.data, len, ret->value, VERSION_KEYS_MAX + 1, ret->uuid, &ret->n))
		return err_set(e, ERR_CORRUPT, "the key of a row of %s is damaged", table->name);
	return true;
}

/* The key columns' values: the last ones, for a scope stands in front. */
static const struct value *key_values(const struct catalog_table *table, const struct row_key *key)
{
	return key->n >= (size_t)table->keys ? key->value + (key->n - (size_t)table->keys) : NULL;
}

static json_t *key_json(const struct catalog_table *table, const struct row_key *key)
{
	const struct value *values = key_values(table, key);
	json_t *json = json_object();

	for (int i = 0; values != NULL && i < table->keys; i++)
		json_object_set_new(json, table->column[table->key[i]].name, show_value(&values[i]));
	return json;
}

/* Consecutive siblings of one cell become one object with several others. */
struct gather {
	json_t *cells;
	const struct catalog_table *table;
	const char *column;
	json_t *key;   /* of the last cell; borrowed */
	json_t *others; /* of the last cell; borrowed */
};

static json_t *sibling_key(const struct sibling *s)
{
	json_t *json = json_object();

	for (int i = 0; i < s->table->keys; i++)
		json_object_set_new(json, s->table->column[s->table->key[i]].name, show_value(&s->key[i]));
	return json;
}

static json_t *write_json(const struct sibling_write *w)
{
	json_t *json = json_pack("{s:o,s:s,s:I,s:I}", "value", show_value(&w->value), "node", w->node,
				 "time_ms", (json_int_t)hlc_ms(w->hlc), "n", (json_int_t)w->n);

	return json;
}

static bool gather(void *state, const struct sibling *s)
{
	struct gather *g = state;
	AUTO_JSON key = sibling_key(s);

	if (g->key == NULL || g->table != s->table || strcmp(g->column, s->column) != 0 ||
	    !json_equal(g->key, key)) {
		json_t *cell = json_pack("{s:s,s:s,s:O,s:s,s:o,s:[]}", "table", s->table->name, "scope",
					 s->scope, "key", key, "column", s->column, "shown",
					 write_json(&s->shown), "others");

		json_array_append_new(g->cells, cell);
		*g = (struct gather){ g->cells, s->table, s->column, json_object_get(cell, "key"),
				      json_object_get(cell, "others") };
	}
	json_array_append_new(g->others, write_json(&s->other));
	return true;
}

static bool violations_json(struct finder *f, json_t *list, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(f->db, "SELECT table_no, vkey, reason, detail FROM simpul_violation"
			       " ORDER BY table_no, vkey", &s, e))
		return false;
	for (;;) {
		const struct catalog_table *table;
		AUTO_ROW_KEY key = { 0 };
		json_t *json;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		table = catalog_by_no(&f->catalog, (int)stmt_get_int(&s, 0));
		json = json_pack("{s:o,s:o}", "reason", show_line(stmt_get_text(&s, 2)), "detail",
				 show_line(stmt_get_text(&s, 3)));
		json_array_append_new(list, json);
		if (table == NULL)
			continue;
		json_object_set_new(json, "table", json_string(table->name));
		if (!row_key_find(f, table, stmt_get_int(&s, 1), &key, e))
			return false;
		json_object_set_new(json, "key", key_json(table, &key));
	}
}

static void key_print(const json_t *object, struct buf *out)
{
	json_t *values = json_object_get(object, "key"), *value;
	const char *name;

	json_object_foreach(values, name, value) {
		buf_print(out, "%s%s = ", out->len > 0 ? ", " : "", name);
		show_value_print(value, out);
	}
}

static void write_print(const struct screen *s, enum screen_colour colour, const char *what,
			const json_t *write)
{
	AUTO_BUF text = { 0 };
	char time[40];

	show_value_print(json_object_get(write, "value"), &text);
	screen_time(time, sizeof(time), (uint64_t)json_int_or_zero(write, "time_ms"));
	screen_print(s, colour, "  %-7s %s", what, buf_string(&text));
	screen_print(s, SCREEN_FAINT, "  %s, %s\n", json_text_or_empty(write, "node"), time);
}

static void cell_print(const struct screen *s, const json_t *cell)
{
	const json_t *others = json_object_get(cell, "others");
	AUTO_BUF key = { 0 };

	key_print(cell, &key);
	screen_print(s, SCREEN_BOLD, "%s.%s", json_text_or_empty(cell, "table"),
		     json_text_or_empty(cell, "column"));
	screen_print(s, SCREEN_FAINT, "  %s  (%s)\n", buf_string(&key), json_text_or_empty(cell, "scope"));
	write_print(s, SCREEN_GOOD, screen_say(s, "tampil", "shown"), json_object_get(cell, "shown"));
	for (size_t i = 0; i < json_array_size(others); i++)
		write_print(s, SCREEN_WARN, screen_say(s, "juga", "also"), json_array_get(others, i));
}

static void print(const struct screen *s, const json_t *cells, const json_t *violations)
{
	for (size_t i = 0; i < json_array_size(cells); i++)
		cell_print(s, json_array_get(cells, i));
	if (json_array_size(cells) > 0 && s->terminal)
		screen_print(s, SCREEN_FAINT, "%s\n",
			     screen_say(s, "Untuk memilih, tulis nilai yang benar ke sel itu dengan program"
					   " apa pun.",
					"To choose, write the right value into the cell with any program."));
	for (size_t i = 0; i < json_array_size(violations); i++) {
		const json_t *v = json_array_get(violations, i);
		AUTO_BUF key = { 0 };

		key_print(v, &key);
		screen_print(s, SCREEN_BAD, "%s", json_text_or_empty(v, "table"));
		screen_print(s, SCREEN_FAINT, "  %s", buf_string(&key));
		screen_print(s, SCREEN_PLAIN, "  %s: %s\n", json_text_or_empty(v, "reason"),
			     json_text_or_empty(v, "detail"));
	}
	if (json_array_size(cells) + json_array_size(violations) == 0 && s->terminal)
		screen_print(s, SCREEN_GOOD, "%s\n", screen_say(s, "Tidak ada yang perlu dipilih.",
								"Nothing to choose."));
}

bool command_conflicts(struct command_call *call, struct err *e)
{
	__attribute__((cleanup(finder_close))) struct finder f = { .db = &call->node->db };
	AUTO_JSON cells = json_array();
	AUTO_JSON violations = json_array();
	AUTO_JSON both = NULL;
	struct gather g = { .cells = cells };

	arena_init(&f.arena);
	if (!options_rest(&call->options, 1, 1, e) || !catalog_load(f.db, &f.arena, &f.catalog, e) ||
	    !sibling_list(f.db, &f.catalog, gather, &g, e) || !violations_json(&f, violations, e))
		return false;
	if (!call->screen.json) {
		print(&call->screen, cells, violations);
		return true;
	}
	both = json_pack("{s:O,s:O}", "conflicts", cells, "violations", violations);
	screen_json(&call->screen, both);
	return true;
}
