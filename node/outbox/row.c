/*
 * row.c - hints say where to look; this looks.
 *
 *	in its table	version		so
 *	yes		none, dead	insert, all columns
 *	yes		alive		update of the hinted columns; nothing if there are none
 *	yes, other scope alive		delete in the old scope, insert in the new one
 *	no		alive		delete in its last scope; nothing if merging withheld the row
 *	no		none, dead	nothing: it came and went unseen
 */
#include <string.h>

#include "base/buf.h"
#include "capture/trigger.h"
#include "outbox/outbox.h"
#include "outbox/row.h"

bool row_open(struct row_source *source, struct db *db, struct arena *arena,
	      const struct catalog_table *table, struct err *e)
{
	AUTO_BUF sql = { 0 };
	struct version_shape shape;

	catalog_select_row(table, &sql);
	version_shape_of(table, &shape);
	if (!db_prepare(db, buf_string(&sql), &source->select, e) ||
	    !version_open(&source->versions, db, &shape, e))
		return false;
	source->table = table;
	source->keys = shape.keys;
	source->all = arena_take(arena, LIMIT_COLUMNS);
	source->column = arena_take(arena, LIMIT_COLUMNS);
	source->value = arena_take(arena, LIMIT_COLUMNS * sizeof(*source->value));
	for (int i = 0; i < table->columns; i++)
		if (!catalog_is_key(table, i))
			source->all[source->all_count++] = (uint8_t)i;
	return true;
}

void row_close(struct row_source *source)
{
	stmt_close(&source->select);
	version_close(&source->versions);
}

/*
 * Finds the row; then the statement stands on it.  A row whose key is equal but of another type (1 and
 * 1.0 in an untyped key) is another row.
 */
static bool find(struct row_source *source, const struct row_look *look, bool *ret_there, struct err *e)
{
	const struct catalog_table *table = source->table;
	struct stmt *s = &source->select;

	for (int i = 0; i < source->keys; i++)
		stmt_value(s, i + 1, &look->key[i]);
	if (!stmt_row(s, ret_there, e))
		return false;
	for (int i = 0; *ret_there && i < table->keys; i++) {
		struct value v = stmt_get_value(s, table->key[i]);

		*ret_there = value_equal(&v, &look->key[i + table->scope_in_key]);
	}
	return true;
}

/* The scope that the row says it belongs to. */
static bool scope_of(struct row_source *source, const struct row_look *look, struct scope *ret)
{
	const struct catalog_table *table = source->table;
	struct err ignored;
	struct value v;

	if (table->scope != NULL) {
		*ret = source->versions.shape.scope;
		return true;
	}
	v = table->scope_in_key ? look->key[0] : stmt_get_value(&source->select, table->scope_at);
	return v.type == VALUE_TEXT && scope_parse((const char *)v.bytes, v.len, ret, &ignored);
}

static bool hinted(const struct drain_row *row, const struct catalog_column *column)
{
	return row->inserted || (row->mask & trigger_bit(column->no)) != 0;
}

/* Reads the columns to tell; false if one is over a limit, or the key is. */
static bool read_columns(struct row_source *source, const struct drain_row *row, bool all,
			 struct row_look *look)
{
	size_t bytes = 256;

	look->columns = 0;
	for (int i = 0; i < source->all_count; i++) {
		int at = source->all[i];
		struct value v;

		if (!all && !hinted(row, &source->table->column[at]))
			continue;
		v = stmt_get_value(&source->select, at);
		if (v.type >= VALUE_TEXT && v.len > LIMIT_TEXT_BYTES)
			return false;
		bytes += 16 + (v.type >= VALUE_TEXT ? v.len : 0);
		source->column[look->columns] = (uint8_t)at;
		source->value[look->columns++] = v;
	}
	look->column = source->column;
	look->value = source->value;
	for (int i = 0; i < source->table->keys; i++) {
		if (row->key[i].type < VALUE_TEXT)
			continue;
		if (row->key[i].len > LIMIT_TEXT_BYTES)
			return false;
		bytes += row->key[i].len;
	}
	return bytes <= OUTBOX_ROW_BYTES;
}

/* Merging may have kept a row out of its table (a UNIQUE clash): its absence is then no delete. */
static bool withheld(struct row_source *source, const struct version *version, bool *ret, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(source->versions.db, "SELECT 1 FROM simpul_violation WHERE table_no = ?1"
			  " AND vkey = ?2 AND reason NOT IN ('too-large', 'no-scope', 'null-key')", &s, e))
		return false;
	stmt_int(&s, 1, source->table->no);
	stmt_int(&s, 2, version->k);
	return stmt_row(&s, ret, e);
}

static bool look_gone(struct row_source *source, const struct version *version, struct row_look *look,
		      struct err *e)
{
	bool kept_out;

	look->finding = ROW_UNCHANGED;
	if (version->state != VERSION_ALIVE)
		return true;
	if (!withheld(source, version, &kept_out, e))
		return false;
	if (kept_out)
		return true;
	look->finding = ROW_CHANGED;
	look->leaves = true;
	look->from = version->scope;
	return true;
}

static void look_there(struct row_source *source, const struct drain_row *row,
		       const struct version *version, struct row_look *look)
{
	bool alive = version->state == VERSION_ALIVE;

	for (int i = 0; i < source->table->keys; i++)
		if (row->key[i].type == VALUE_NULL) {
			look->finding = ROW_NULL_KEY;
			return;
		}
	if (!scope_of(source, look, &look->scope)) {
		look->finding = ROW_NO_SCOPE;
		return;
	}
	if (alive && !scope_equal(&version->scope, &look->scope)) {
		look->leaves = true;
		look->from = version->scope;
		alive = false;
	}
	look->op = alive ? CHANGE_UPDATE : CHANGE_INSERT;
	if (!read_columns(source, row, !alive, look)) {
		look->finding = ROW_TOO_LARGE;
		return;
	}
	look->writes = !alive || look->columns > 0;
	look->finding = look->writes ? ROW_CHANGED : ROW_UNCHANGED;
}

bool row_look(struct row_source *source, const struct drain_row *row, struct row_look *ret,
	      struct err *e)
{
	struct version version;
	bool there;
	int keys = 0;

	*ret = (struct row_look){ 0 };
	stmt_reset(&source->select);
	if (source->table->scope_in_key)
		ret->key[keys++] = row->scope_key;
	for (int i = 0; i < source->table->keys; i++)
		ret->key[keys++] = row->key[i];
	if (!find(source, ret, &there, e) ||
	    !version_find(&source->versions, ret->key, NULL, &version, e))
		return false;
	if (!there)
		return look_gone(source, &version, ret, e);
	look_there(source, row, &version, ret);
	return true;
}
