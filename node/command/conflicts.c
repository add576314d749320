/* conflicts.c - `simpul conflicts`: cells with several values, and rows that a rule keeps out. */
#include <inttypes.h>
#include <string.h>

#include "command.h"
#include "command/show.h"
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

/* What the application's table holds in that cell now; JSON null if the row is not there. */
static bool shown(struct finder *f, const struct catalog_table *table, const struct row_key *key,
		  const char *column, json_t **ret, struct err *e)
{
	const struct value *values = key_values(table, key);
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	*ret = json_null();
	if (values == NULL)
		return true;
	buf_text(&sql, "SELECT ");
	sql_quote(&sql, column);
	buf_text(&sql, " FROM ");
	sql_quote(&sql, table->name);
	buf_text(&sql, " WHERE true");
	for (int i = 0; i < table->keys; i++) {
		buf_text(&sql, " AND ");
		sql_quote(&sql, table->column[table->key[i]].name);
		buf_print(&sql, " IS ?%d", i + 1);
	}
	if (table->scope_in_key && key->n > (size_t)table->keys)
		buf_print(&sql, " AND " CATALOG_SCOPE_COLUMN " IS ?%d", table->keys + 1);
	if (!db_prepare(f->db, buf_string(&sql), &s, e))
		return false;
	for (int i = 0; i < table->keys; i++)
		stmt_value(&s, i + 1, &values[i]);
	if (table->scope_in_key && key->n > (size_t)table->keys)
		stmt_value(&s, table->keys + 1, &key->value[0]);
	if (!stmt_row(&s, &row, e))
		return false;
	if (row) {
		struct value v = stmt_get_value(&s, 0);

		*ret = show_value(&v);
	}
	return true;
}

static bool siblings_json(struct finder *f, json_t *cell, int table_no, int64_t vkey, int column_no,
			  struct err *e)
{
	static const char find[] =
		"SELECT s.value, s.hlc, ch.name, ch.own, s.seq FROM simpul_sibling s"
		" LEFT JOIN simpul_chain ch ON ch.no = s.chain_no"
		" WHERE s.table_no = ?1 AND s.vkey = ?2 AND s.column_no = ?3 AND"
		" s.superseded_n IS NULL ORDER BY s.hlc DESC";
	json_t *others = json_array();
	AUTO_RESET s = { 0 };
	bool row;

	json_object_set_new(cell, "others", others);
	if (!db_statement(f->db, find, &s, e))
		return false;
	stmt_int(&s, 1, table_no);
	stmt_int(&s, 2, vkey);
	stmt_int(&s, 3, column_no);
	for (;;) {
		struct value v;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		v = stmt_get_value(&s, 0);
		json_array_append_new(others,
				      json_pack("{s:o,s:I,s:s,s:b}", "value", show_value(&v), "time_ms",
						(json_int_t)hlc_ms((uint64_t)stmt_get_int(&s, 1)), "node",
						stmt_get_text(&s, 2), "own", (int)stmt_get_int(&s, 3)));
	}
}

struct place {
	int table_no, column_no;
	int64_t vkey;
};

static bool cell_json(struct finder *f, const struct place *at, json_t *cells, struct err *e)
{
	const struct catalog_table *table = catalog_by_no(&f->catalog, at->table_no);
	const struct catalog_column *column =
		table == NULL ? NULL : catalog_column_by_no(table, at->column_no);
	json_t *cell = json_object(), *value;
	AUTO_ROW_KEY key = { 0 };

	json_array_append_new(cells, cell);
	if (table == NULL || column == NULL) {
		json_object_set_new(cell, "table", json_sprintf("#%d", at->table_no));
		json_object_set_new(cell, "column", json_sprintf("#%d", at->column_no));
		return siblings_json(f, cell, at->table_no, at->vkey, at->column_no, e);
	}
	json_object_set_new(cell, "table", json_string(table->name));
	json_object_set_new(cell, "column", json_string(column->name));
	if (!row_key_find(f, table, at->vkey, &key, e))
		return false;
	json_object_set_new(cell, "key", key_json(table, &key));
	if (!shown(f, table, &key, column->name, &value, e))
		return false;
	json_object_set_new(cell, "shown", value);
	return siblings_json(f, cell, at->table_no, at->vkey, at->column_no, e);
}

static bool cells_json(struct finder *f, json_t *cells, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(f->db, "SELECT DISTINCT table_no, vkey, column_no FROM simpul_sibling WHERE"
			       " superseded_n IS NULL ORDER BY table_no, vkey, column_no", &s, e))
		return false;
	for (;;) {
		struct place at;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		at = (struct place){ (int)stmt_get_int(&s, 0), (int)stmt_get_int(&s, 2),
				     stmt_get_int(&s, 1) };
		if (!cell_json(f, &at, cells, e))
			return false;
	}
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
		json = json_pack("{s:s,s:s}", "reason", stmt_get_text(&s, 2), "detail", stmt_get_text(&s, 3));
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

static void cell_print(const struct screen *s, const json_t *cell)
{
	const json_t *others = json_object_get(cell, "others");
	AUTO_BUF key = { 0 };
	AUTO_BUF value = { 0 };

	key_print(cell, &key);
	show_value_print(json_object_get(cell, "shown"), &value);
	screen_print(s, SCREEN_BOLD, "%s.%s", json_text_or_empty(cell, "table"),
		     json_text_or_empty(cell, "column"));
	screen_print(s, SCREEN_FAINT, "  %s\n", buf_string(&key));
	screen_print(s, SCREEN_GOOD, "  %s %s\n", screen_say(s, "tampil  ", "shown   "),
		     buf_string(&value));
	for (size_t i = 0; i < json_array_size(others); i++) {
		const json_t *other = json_array_get(others, i);
		AUTO_BUF text = { 0 };
		char time[40];

		show_value_print(json_object_get(other, "value"), &text);
		screen_time(time, sizeof(time), (uint64_t)json_int_or_zero(other, "time_ms"));
		screen_print(s, SCREEN_WARN, "  %s %s", screen_say(s, "juga    ", "also    "),
			     buf_string(&text));
		screen_print(s, SCREEN_FAINT, "  %s%s, %s\n", json_text_or_empty(other, "node"),
			     json_is_true(json_object_get(other, "own")) ?
				     screen_say(s, " (di sini)", " (here)") : "", time);
	}
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

	arena_init(&f.arena);
	if (!options_rest(&call->options, 1, 1, e) || !catalog_load(f.db, &f.arena, &f.catalog, e) ||
	    !cells_json(&f, cells, e) || !violations_json(&f, violations, e))
		return false;
	if (!call->screen.json) {
		print(&call->screen, cells, violations);
		return true;
	}
	both = json_pack("{s:O,s:O}", "conflicts", cells, "violations", violations);
	screen_json(&call->screen, both);
	return true;
}
