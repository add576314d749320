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
#include "store/tables.h"

#define ROW_ALL (-1)
#define PROBES 8

bool row_open(struct row_source *source, struct db *db, struct arena *arena,
	      const struct catalog_table *table, struct err *e)
{
	struct version_shape shape;

	version_shape_of(table, &shape);
	if (!version_open(&source->versions, db, &shape, e))
		return false;
	source->table = table;
	source->db = db;
	source->arena = arena;
	source->keys = shape.keys;
	for (int i = 0; i < table->columns; i++)
		if (table->column[i].policy == POLICY_COUNTER) {
			column_set_add(&source->counters, (unsigned)table->column[i].no);
			source->counts = true;
		}
	source->select = arena_take(arena, ROW_SELECTS * sizeof(*source->select));
	memset(source->select, 0, ROW_SELECTS * sizeof(*source->select));
	source->column = arena_take(arena, LIMIT_COLUMNS);
	source->value = arena_take(arena, LIMIT_COLUMNS * sizeof(*source->value));
	return true;
}

void row_close(struct row_source *source)
{
	stmt_close(&source->all.stmt);
	for (int i = 0; i < ROW_SELECTS; i++)
		stmt_close(&source->select[i].stmt);
	version_close(&source->versions);
}

static bool hinted(int64_t mask, const struct catalog_column *column)
{
	return mask == ROW_ALL || (mask & trigger_bit(column->no)) != 0;
}

static void put_column(const struct catalog_table *table, int at, struct buf *sql)
{
	buf_text(sql, sql->len == 0 ? "SELECT " : ",");
	sql_quote(sql, table->column[at].name);
}

static bool prepare(struct row_source *source, int64_t mask, struct row_select *ret, struct err *e)
{
	const struct catalog_table *table = source->table;
	struct row_select made = { .mask = mask };
	AUTO_BUF sql = { 0 };

	made.column = arena_take(source->arena, (size_t)table->columns);
	for (int i = 0; i < table->keys; i++)
		put_column(table, table->key[i], &sql);
	if (table->scope_at >= 0)
		put_column(table, table->scope_at, &sql);
	for (int i = 0; i < table->columns; i++) {
		if (catalog_is_key(table, i) || !hinted(mask, &table->column[i]))
			continue;
		put_column(table, i, &sql);
		made.column[made.columns++] = (uint8_t)i;
	}
	catalog_where_key(table, &sql);
	if (!db_prepare(source->db, buf_string(&sql), &made.stmt, e))
		return false;
	*ret = made;
	return true;
}

/*
 * The statement for one set of columns.  People edit the same few fields together, so there are not many
 * sets; should there be, what finds no place reads all columns.
 */
static bool select_for(struct row_source *source, int64_t mask, struct row_select **ret, struct err *e)
{
	uint64_t hash = (uint64_t)mask * UINT64_C(0x9e3779b97f4a7c15) >> 32;

	*ret = &source->all;
	for (unsigned i = 0; mask != ROW_ALL && i < PROBES; i++) {
		struct row_select *select = &source->select[(hash + i) % ROW_SELECTS];

		if (select->stmt.handle == NULL && !prepare(source, mask, select, e))
			return false;
		if (select->mask == mask) {
			*ret = select;
			return true;
		}
	}
	return source->all.stmt.handle != NULL || prepare(source, ROW_ALL, &source->all, e);
}

/*
 * Finds the row; then source->at stands on it.  A row whose key is equal but of another type (1 and 1.0 in
 * an untyped key) is another row.
 */
static bool find(struct row_source *source, const struct row_look *look, int64_t mask, bool *ret_there,
		 struct err *e)
{
	const struct catalog_table *table = source->table;
	struct stmt *s;

	if (!select_for(source, mask, &source->at, e))
		return false;
	s = &source->at->stmt;
	stmt_reset(s);
	for (int i = 0; i < source->keys; i++)
		stmt_value(s, i + 1, &look->key[i]);
	if (!stmt_row(s, ret_there, e))
		return false;
	for (int i = 0; *ret_there && i < table->keys; i++) {
		struct value v = stmt_get_value(s, i);

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
	v = table->scope_in_key ? look->key[0] : stmt_get_value(&source->at->stmt, table->keys);
	return v.type == VALUE_TEXT && scope_parse((const char *)v.bytes, v.len, ret, &ignored);
}

/* Reads the columns to tell; false if one is over a limit, or the key is. */
static bool read_columns(struct row_source *source, const struct drain_row *row, int64_t mask,
			 struct row_look *look)
{
	const struct row_select *select = source->at;
	int first = source->table->keys + (source->table->scope_at >= 0);
	size_t bytes = 256;

	look->columns = 0;
	for (int i = 0; i < select->columns; i++) {
		struct value v;

		if (!hinted(mask, &source->table->column[select->column[i]]))
			continue;
		v = stmt_get_value(&source->at->stmt, first + i);
		if (v.type >= VALUE_TEXT && v.len > LIMIT_TEXT_BYTES)
			return false;
		bytes += 16 + (v.type >= VALUE_TEXT ? v.len : 0);
		source->column[look->columns] = select->column[i];
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
			  " AND vkey = ?2 AND reason NOT IN " TABLES_UNSEALED, &s, e))
		return false;
	stmt_int(&s, 1, source->table->no);
	stmt_int(&s, 2, version->k);
	return stmt_row(&s, ret, e);
}

static bool look_gone(struct row_source *source, struct row_look *look, struct err *e)
{
	bool kept_out;

	look->finding = ROW_UNCHANGED;
	if (look->version.state != VERSION_ALIVE)
		return true;
	if (!withheld(source, &look->version, &kept_out, e))
		return false;
	if (kept_out)
		return true;
	look->finding = ROW_CHANGED;
	look->leaves = true;
	look->from = look->version.scope;
	return true;
}

static bool look_there(struct row_source *source, const struct drain_row *row, int64_t mask,
		       struct row_look *look, struct err *e)
{
	bool alive = look->version.state == VERSION_ALIVE;

	for (int i = 0; i < source->table->keys; i++)
		if (row->key[i].type == VALUE_NULL) {
			look->finding = ROW_NULL_KEY;
			return true;
		}
	if (!scope_of(source, look, &look->scope)) {
		look->finding = ROW_NO_SCOPE;
		return true;
	}
	if (alive && !scope_equal(&look->version.scope, &look->scope)) {
		bool there;

		look->leaves = true;
		look->from = look->version.scope;
		alive = false;
		if (mask != ROW_ALL && !find(source, look, mask = ROW_ALL, &there, e))
			return false;
	}
	look->op = alive ? CHANGE_UPDATE : CHANGE_INSERT;
	if (!read_columns(source, row, mask, look)) {
		look->finding = ROW_TOO_LARGE;
		return true;
	}
	look->writes = !alive || look->columns > 0;
	look->finding = look->writes ? ROW_CHANGED : ROW_UNCHANGED;
	return true;
}

bool row_look(struct row_source *source, const struct drain_row *row, struct row_look *ret,
	      struct err *e)
{
	int64_t mask;
	bool there;
	int keys = 0;

	*ret = (struct row_look){ 0 };
	if (source->at != NULL)
		stmt_reset(&source->at->stmt);
	if (source->table->scope_in_key)
		ret->key[keys++] = row->scope_key;
	for (int i = 0; i < source->table->keys; i++)
		ret->key[keys++] = row->key[i];
	if (!version_find(&source->versions, ret->key, NULL, &ret->version, e))
		return false;
	mask = ROW_ALL;
	if (!row->inserted && ret->version.state == VERSION_ALIVE)
		mask = trigger_whole_groups(source->table, row->mask);
	if (!find(source, ret, mask, &there, e))
		return false;
	return there ? look_there(source, row, mask, ret, e) :
		       look_gone(source, ret, e);
}
