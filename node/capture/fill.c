/*
 * fill.c - two passes: which rows have something to show, then one row after the other.
 *
 *	the row holds		a write stands there	so
 *	the default		no			nothing to do
 *	the default		yes			what it comes to is written, with triggers off
 *	something else		no			hint: written here since
 *	what should show	yes			nothing to do
 *	something else		yes			hint: written here since, by somebody who could not
 *							see the value from elsewhere.  A write is a write:
 *							it is sealed, both are in the history, and the
 *							report tells
 *
 * A value that a rule of the table forbids is listed, and tried again with each merge like any other.
 */
#include <string.h>

#include "capture/drain.h"
#include "capture/fill.h"
#include "capture/trigger.h"

struct waiting { /* a row in which a new column has a write */
	struct waiting *next;
	struct value key[VERSION_KEYS_MAX];
};

struct fill {
	struct db *db;
	const struct catalog_table *table;
	const struct column_set *appeared;
	struct arena arena, cells; /* of waiting rows; of the row in hand */
	struct version_table versions;
	struct history history;
	struct stmt select;
	struct waiting *first;
	uint64_t now_ms;
	int64_t filled, written, over, forbidden;
};

static void fill_done(struct fill *f)
{
	stmt_close(&f->select);
	version_close(&f->versions);
	history_close(&f->history);
	arena_done(&f->arena);
	arena_done(&f->cells);
}

#define AUTO_FILL __attribute__((cleanup(fill_done))) struct fill

static bool appeared(const struct fill *f, int column)
{
	int no = f->table->column[column].no;

	return no < (int)LIMIT_COLUMNS && column_set_has(f->appeared, (unsigned)no);
}

static bool stands(const struct version *v, int no)
{
	bool any = false;

	for (size_t i = 0; i < v->n; i++)
		any |= column_set_has(&v->entry[i].columns, (unsigned)no);
	return any;
}

static bool hint(struct fill *f, const struct value *key, int64_t mask, struct err *e)
{
	struct drain_row row = { .table = f->table, .mask = mask, .ms = f->now_ms };

	if (f->table->scope_in_key)
		row.scope_key = *key++;
	for (int i = 0; i < f->table->keys; i++)
		row.key[i] = key[i];
	return drain_put_back(f->db, &row, e);
}

static void put_waiting(struct fill *f, const struct value *key)
{
	struct waiting *w = arena_take(&f->arena, sizeof(*w));

	for (int i = 0; i < f->versions.shape.keys; i++) {
		w->key[i] = key[i];
		if (key[i].type >= VALUE_TEXT)
			w->key[i].bytes = arena_copy(&f->arena, key[i].bytes, key[i].len);
	}
	w->next = f->first;
	f->first = w;
}

static bool look(struct fill *f, struct stmt *s, struct err *e)
{
	struct value key[VERSION_KEYS_MAX];
	struct version version;
	int64_t mask = 0;
	bool waits = false;
	int n = 0;

	if (f->table->scope_in_key)
		key[n++] = stmt_get_value(s, f->table->columns);
	for (int i = 0; i < f->table->keys; i++)
		key[n++] = stmt_get_value(s, f->table->key[i]);
	if (!version_find(&f->versions, key, NULL, &version, e))
		return false;
	if (version.state != VERSION_ALIVE) /* new: its insert tells all columns */
		return true;
	for (int i = 0; i < f->table->columns; i++) {
		struct value v = stmt_get_value(s, i);

		if (!appeared(f, i))
			continue;
		if (stands(&version, f->table->column[i].no))
			waits = true;
		else if (!value_equal(&v, &f->table->column[i].fallback))
			mask |= trigger_bit(f->table->column[i].no);
	}
	if (waits)
		put_waiting(f, key);
	f->written += mask != 0;
	return mask == 0 || hint(f, key, mask, e);
}

static bool look_at_rows(struct fill *f, struct err *e)
{
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	for (int i = 0; i < f->table->columns; i++) {
		buf_text(&sql, i == 0 ? "SELECT " : ",");
		sql_quote(&sql, f->table->column[i].name);
	}
	if (f->table->scope_in_key)
		buf_text(&sql, "," CATALOG_SCOPE_COLUMN);
	buf_text(&sql, " FROM ");
	sql_quote(&sql, f->table->name);
	if (!db_prepare(f->db, buf_string(&sql), &s, e))
		return false;
	do {
		if (!stmt_row(&s, &row, e) || (row && !look(f, &s, e)))
			return false;
	} while (row);
	return true;
}

static bool list_forbidden(struct fill *f, int64_t k, struct err *e)
{
	AUTO_RESET s = { 0 };

	f->forbidden++;
	if (!db_statement(f->db, "INSERT OR IGNORE INTO simpul_violation(table_no, vkey, reason, detail)"
				 " VALUES(?1, ?2, 'rule', 'a value that waited for a column')", &s, e))
		return false;
	stmt_int(&s, 1, f->table->no);
	stmt_int(&s, 2, k);
	return stmt_done(&s, e);
}

struct fix { /* one cell of the row in hand */
	int column;
	struct value value;
};

/* UPDATE t SET c = ?5 WHERE key = ?1..: of the row that was just read. */
static bool put_value(struct fill *f, const struct cell_row *row, const struct value *key,
		      const struct fix *fix, struct err *e)
{
	const struct catalog_table *t = f->table;
	AUTO_BUF sql = { 0 };
	AUTO_RESET s = { 0 };
	int n = 0;

	buf_text(&sql, "UPDATE ");
	sql_quote(&sql, t->name);
	buf_text(&sql, " SET ");
	sql_quote(&sql, t->column[fix->column].name);
	buf_print(&sql, " = ?%d WHERE ", VERSION_KEYS_MAX + 1);
	if (t->scope_in_key)
		buf_print(&sql, CATALOG_SCOPE_COLUMN " = ?%d AND ", ++n);
	for (int i = 0; i < t->keys; i++) {
		buf_text(&sql, i > 0 ? " AND " : "");
		sql_quote(&sql, t->column[t->key[i]].name);
		buf_print(&sql, " = ?%d", ++n);
	}
	if (!db_statement(f->db, buf_string(&sql), &s, e))
		return false;
	for (int i = 0; i < n; i++)
		stmt_value(&s, i + 1, &key[i]);
	stmt_value(&s, VERSION_KEYS_MAX + 1, &fix->value);
	if (stmt_done(&s, e)) {
		f->filled++;
		return true;
	}
	if (db_storage_failed(e))
		return false;
	return list_forbidden(f, row->k, e);
}

/* The row may say that it belongs to another scope than the one whose write lives. */
static bool same_scope(struct fill *f, const struct version *version)
{
	struct value v;

	if (f->table->scope_at < 0)
		return true;
	v = stmt_get_value(&f->select, f->table->scope_at);
	return v.type == VALUE_TEXT && v.len == strlen(version->scope.name) &&
	       memcmp(v.bytes, version->scope.name, v.len) == 0;
}

/* What to do about one column of the row on which f->select stands. */
static bool judge(struct fill *f, const struct cell_row *row, int column, struct fix *ret_fix,
		  int64_t *ret_mask, struct err *e)
{
	const struct catalog_column *c = &f->table->column[column];
	struct value here = stmt_get_value(&f->select, column), want;
	bool found;

	*ret_mask = 0;
	ret_fix->column = -1;
	if (!cell_shown(&f->history, row, c->no, &want, &found, e))
		return false;
	if (!found)
		want = c->fallback;
	if (value_equal(&here, &want))
		return true;
	if (!value_equal(&here, &c->fallback)) {
		*ret_mask = trigger_bit(c->no);
		return true;
	}
	if (want.type >= VALUE_TEXT)
		want.bytes = arena_copy(&f->cells, want.bytes, want.len);
	*ret_fix = (struct fix){ column, want };
	return true;
}

/* Reads all before it writes any: what was read borrows from the row. */
static bool fill_found(struct fill *f, const struct value *key, const struct version *version,
		       struct err *e)
{
	const struct cell_row row = { .table = f->table, .key = key + f->table->scope_in_key,
				      .k = version->k, .entry = version->entry, .n = version->n };
	struct fix fix[LIMIT_COLUMNS];
	int64_t mask = 0, bit;
	int fixes = 0;

	arena_reset(&f->cells);
	for (int i = 0; i < f->table->columns && fixes < (int)LIMIT_COLUMNS; i++) {
		if (!appeared(f, i) || !stands(version, f->table->column[i].no))
			continue;
		if (!judge(f, &row, i, &fix[fixes], &bit, e))
			return false;
		fixes += fix[fixes].column >= 0;
		mask |= bit;
	}
	stmt_reset(&f->select);
	for (int i = 0; i < fixes; i++)
		if (!put_value(f, &row, key, &fix[i], e))
			return false;
	f->over += mask != 0;
	return mask == 0 || hint(f, key, mask, e);
}

static bool fill_row(struct fill *f, const struct value *key, struct err *e)
{
	struct version version;
	bool there;

	stmt_reset(&f->select);
	for (int i = 0; i < f->versions.shape.keys; i++)
		stmt_value(&f->select, i + 1, &key[i]);
	if (!version_find(&f->versions, key, NULL, &version, e) || !stmt_row(&f->select, &there, e))
		return false;
	if (!there || !same_scope(f, &version)) {
		stmt_reset(&f->select);
		return true;
	}
	return fill_found(f, key, &version, e);
}

static void tell(const struct fill *f, struct buf *report)
{
	if (f->filled > 0)
		buf_print(report, "%s: %lld values that waited for their column are shown now\n",
			  f->table->name, (long long)f->filled);
	if (f->written > 0)
		buf_print(report, "%s: %lld rows were written in their new columns; they are sent\n",
			  f->table->name, (long long)f->written);
	if (f->over > 0)
		buf_print(report, "%s: %lld rows were written here in a new column before its values from"
				  " elsewhere could be seen; what was written here counts now, and the other"
				  " values are in the history (simpul blame)\n",
			  f->table->name, (long long)f->over);
	if (f->forbidden > 0)
		buf_print(report, "%s: %lld values that waited for their column break a rule of the table;"
				  " they are listed (simpul violations)\n",
			  f->table->name, (long long)f->forbidden);
}

bool fill_columns(struct db *db, const struct fill_plan *plan, struct buf *report, struct err *e)
{
	AUTO_FILL f = { .db = db, .table = plan->table, .appeared = plan->appeared,
			.now_ms = world_now_ms(plan->world) };
	struct version_shape shape;
	AUTO_BUF sql = { 0 };

	arena_init(&f.arena);
	arena_init(&f.cells);
	version_shape_of(plan->table, &shape);
	catalog_select_row(plan->table, &sql);
	if (!db_exec(db, "PRAGMA ignore_check_constraints=ON", e) ||
	    !history_open(&f.history, db, plan->catalog, e) ||
	    !db_prepare(db, buf_string(&sql), &f.select, e) ||
	    !version_open(&f.versions, db, &shape, e) || !look_at_rows(&f, e))
		return err_wrap(e, "look into %s", plan->table->name);
	for (const struct waiting *w = f.first; w != NULL; w = w->next)
		if (!fill_row(&f, w->key, e))
			return err_wrap(e, "fill %s", plan->table->name);
	tell(&f, report);
	return true;
}
