/*
 * policy.c - which columns have another policy than before, and their contested cells settled anew.
 *
 * simpul_meta "policies" says by which policies the cells were settled: " 2.5=1" for column 5 of table 2,
 * nothing where it is lww.  What it says of a table or column that is not here now is kept, for its cells
 * are as they were left.
 *
 * Only the columns concerned are written, and not in a row of which a local change is not sealed: that
 * change is a write and will settle the cell itself.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "capture/drain.h"
#include "merge/policy.h"
#include "merge/row.h"
#include "store/tables.h"

#define POLICIES "policies"

static bool read_settled(struct db *db, struct buf *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT value FROM simpul_meta WHERE key = '" POLICIES "'", &s, e) ||
	    !stmt_row(&s, &row, e))
		return false;
	if (row)
		buf_text(ret, stmt_get_text(&s, 0));
	return true;
}

/* The policy by which the cells of a column were settled. */
static unsigned settled_by(const char *settled, int table, int column)
{
	AUTO_BUF name = { 0 };
	const char *at;

	buf_print(&name, " %d.%d=", table, column);
	at = strstr(settled, buf_string(&name));
	return at == NULL ? POLICY_LWW : (unsigned)strtoul(at + name.len, NULL, 10);
}

static void keep_absent(const char *settled, const struct catalog *catalog, struct buf *out)
{
	for (const char *at = settled; *at == ' '; at += 1 + strcspn(at + 1, " ")) {
		const struct catalog_table *table;
		char *end;
		int table_no = (int)strtol(at, &end, 10);
		int column_no = *end == '.' ? (int)strtol(end + 1, &end, 10) : -1;

		table = catalog_by_no(catalog, table_no);
		if (table == NULL || catalog_column_by_no(table, column_no) == NULL)
			buf_put(out, at, 1 + strcspn(at + 1, " "));
	}
}

static void list_policies(const struct catalog *catalog, struct buf *out)
{
	for (int t = 0; t < catalog->tables; t++)
		for (int c = 0; c < catalog->table[t].columns; c++) {
			const struct catalog_column *column = &catalog->table[t].column[c];

			if (column->policy != POLICY_LWW)
				buf_print(out, " %d.%d=%u", catalog->table[t].no, column->no, column->policy);
		}
}

static bool changed_columns(const struct catalog_table *table, const char *settled, struct column_set *ret)
{
	*ret = (struct column_set){ 0 };
	for (int c = 0; c < table->columns; c++) {
		int no = table->column[c].no;

		if (no < (int)LIMIT_COLUMNS && !catalog_is_key(table, c) &&
		    settled_by(settled, table->no, no) != table->column[c].policy)
			column_set_add(ret, (unsigned)no);
	}
	return !column_set_empty(ret);
}

/* Those of the columns in which several writes stand. */
static struct column_set contested(const struct version *v, const struct column_set *columns)
{
	struct column_set once = { 0 }, twice = { 0 };

	for (size_t i = 0; i < v->n; i++)
		for (size_t k = 0; k < COLUMN_SET_WORDS; k++) {
			uint64_t word = v->entry[i].columns.word[k] & columns->word[k];

			twice.word[k] |= once.word[k] & word;
			once.word[k] |= word;
		}
	return twice;
}

/* Is there a hint of the row that is not sealed? */
static bool has_hint(struct db *db, const struct row *row, bool *ret, struct err *e)
{
	const struct catalog_table *t = row->table->table;
	struct drain_row hint = { .table = t };

	memcpy(hint.key, row->key, (size_t)t->keys * sizeof(*row->key));
	if (t->scope_in_key)
		hint.scope_key = (struct value){ .type = VALUE_TEXT,
						 .len = (uint32_t)strlen(row->scope->name),
						 .bytes = (const uint8_t *)row->scope->name };
	return drain_has(db, &hint, ret, e);
}

static bool show(struct history *h, const struct row *row, const struct version *v,
		 const struct column_set *columns, struct err *e)
{
	const struct catalog_table *t = row->table->table;
	const struct cell_row cells = { .table = t, .key = row->key, .k = v->k, .entry = v->entry,
					.n = v->n };
	struct table_row wanted = { .scope = row->scope, .key = row->key, .columns = *columns };
	enum table_outcome outcome;
	AUTO_ARENA arena = { 0 };
	bool found, withheld;

	for (int c = 0; c < t->columns; c++) {
		int no = t->column[c].no;
		struct value *value = arena_take(&arena, sizeof(*value));

		if (no >= (int)LIMIT_COLUMNS || !column_set_has(columns, (unsigned)no))
			continue;
		if (!cell_shown(h, &cells, no, value, &found, e))
			return false;
		if (!found)
			*value = t->column[c].fallback;
		else if (value->type >= VALUE_TEXT)
			value->bytes = arena_copy(&arena, value->bytes, value->len);
		wanted.value[no] = value;
	}
	/* A row that is kept out of its table gets the value when it comes in. */
	if (!table_update(row->table, &wanted, &outcome, e))
		return false;
	return outcome != TABLE_FORBIDDEN || row_rebuild(h, row, &withheld, e);
}

/* v borrows from the version table: a search overwrites it. */
static void keep(struct arena *arena, const struct table *t, struct version_row *v)
{
	v->version.entry = arena_copy(arena, v->version.entry, v->version.n * sizeof(*v->version.entry));
	for (int i = 0; i < t->versions.shape.keys; i++)
		if (v->key[i].type >= VALUE_TEXT)
			v->key[i].bytes = arena_copy(arena, v->key[i].bytes, v->key[i].len);
}

static bool settle_row(struct history *h, struct table *t, int64_t k, const struct column_set *changed,
		       int64_t *rows, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	struct version_row v;
	struct row row = { .table = t, .k = k, .scope = &v.version.scope };
	struct column_set columns;
	bool hint;

	if (!version_at(&t->versions, k, &v, e))
		return false;
	if (v.version.state != VERSION_ALIVE || v.version.n < 2)
		return true;
	columns = contested(&v.version, changed);
	if (column_set_empty(&columns))
		return true;
	keep(&arena, t, &v);
	row.key = v.key + t->table->scope_in_key;
	if (!row_settle(h, &row, &columns, 0, e) || !has_hint(h->db, &row, &hint, e))
		return false;
	*rows += !hint;
	return hint || show(h, &row, &v.version, &columns, e);
}

static bool settle_table(struct history *h, struct table *t, const struct column_set *changed, int64_t *rows,
			 struct err *e)
{
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	buf_print(&sql, "SELECT k FROM simpul_version_%d ORDER BY k", t->table->no);
	if (!db_prepare(h->db, buf_string(&sql), &s, e))
		return false;
	do {
		if (!stmt_row(&s, &row, e) ||
		    (row && !settle_row(h, t, stmt_get_int(&s, 0), changed, rows, e)))
			return false;
	} while (row);
	return true;
}

bool policy_catch_up(struct history *h, const struct catalog *catalog, struct table_set *tables,
		     int64_t *ret_rows, struct err *e)
{
	AUTO_BUF settled = { 0 };
	AUTO_BUF now = { 0 };

	*ret_rows = 0;
	if (!read_settled(h->db, &settled, e))
		return false;
	list_policies(catalog, &now);
	keep_absent(buf_string(&settled), catalog, &now);
	if (strcmp(buf_string(&settled), buf_string(&now)) == 0)
		return true;
	for (size_t i = 0; i < tables->tables; i++) {
		struct column_set changed;

		if (changed_columns(tables->table[i].table, buf_string(&settled), &changed) &&
		    !settle_table(h, &tables->table[i], &changed, ret_rows, e))
			return false;
	}
	/* Nobody superseded what is not listed any more: row_settle was given no changeset. */
	return db_exec(h->db, "DELETE FROM simpul_sibling WHERE superseded_n = 0", e) &&
	       meta_put_text(h->db, POLICIES, buf_string(&now), e);
}
