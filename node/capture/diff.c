/*
 * diff.c - four questions to a table whose triggers were away.
 *
 *	which rows does it have that no version knows?		hint: all columns
 *	which cells hold something that nobody ever wrote?	hint: those columns
 *	which rows are alive by their version, and not there?	listed as missing; no hint
 *	which cells show another value than the write that	hint: those columns
 *	should show there?
 *
 * The last reads every changeset on file once.  A changeset that is not on file any more (a snapshot stands
 * for it) cannot be compared with; its cells are taken as right.
 *
 * A row that is not there is never taken as deleted: a table that was dropped and made anew, or restored
 * from some old copy, would delete everybody's rows.  It is listed in simpul_violation, which keeps the
 * sealing from telling a delete and lets the next merge put it back from the frames.  Only where the
 * last hint of the log about it is a DELETE, which a trigger saw while it was there, is it deleted.
 */
#include <string.h>

#include "capture/diff.h"
#include "capture/drain.h"
#include "capture/trigger.h"
#include "store/cell.h"

struct diff {
	struct db *db;
	const struct catalog_table *table;
	struct stmt select;
	struct version_table versions;
	struct history history;
	uint64_t now_ms;
	int64_t rows, gone, changed;
};

static void diff_done(struct diff *d)
{
	stmt_close(&d->select);
	version_close(&d->versions);
	history_close(&d->history);
}

#define AUTO_DIFF __attribute__((cleanup(diff_done))) struct diff

static bool hint(struct diff *d, const struct value *key, bool inserted, int64_t mask, struct err *e)
{
	struct drain_row row = { .table = d->table, .inserted = inserted, .mask = mask,
				 .ms = inserted || mask != 0 ? d->now_ms : 0 };

	if (d->table->scope_in_key)
		row.scope_key = *key++;
	for (int i = 0; i < d->table->keys; i++)
		row.key[i] = key[i];
	return drain_put_back(d->db, &row, e);
}

static bool alive(struct diff *d, const struct value *key, const struct scope *scope,
		  struct version *ret, bool *ret_alive, struct err *e)
{
	if (!version_find(&d->versions, key, scope, ret, e))
		return false;
	*ret_alive = ret->state == VERSION_ALIVE;
	return true;
}

/*
 * A cell without any write belongs to a column that is newer than the row: it should hold the default.
 */
static int64_t unwritten(struct diff *d, struct stmt *s, const struct version *version)
{
	int64_t mask = 0;

	for (int i = 0; i < d->table->columns; i++) {
		const struct catalog_column *c = &d->table->column[i];
		struct value v = stmt_get_value(s, i);

		if (!catalog_is_key(d->table, i) && !value_equal(&v, &c->fallback) &&
		    merge_shown(version->entry, version->n, (unsigned)c->no, d->history.id) == NULL &&
		    !merge_tallied(version->entry, version->n, (unsigned)c->no))
			mask |= trigger_bit(c->no);
	}
	return mask;
}

static bool check_row(struct diff *d, struct stmt *s, struct err *e)
{
	struct value key[VERSION_KEYS_MAX];
	struct version version;
	int64_t mask = 0;
	bool known;
	int n = 0;

	if (d->table->scope_in_key)
		key[n++] = stmt_get_value(s, d->table->columns);
	for (int i = 0; i < d->table->keys; i++)
		key[n++] = stmt_get_value(s, d->table->key[i]);
	if (!alive(d, key, NULL, &version, &known, e))
		return false;
	if (known)
		mask = unwritten(d, s, &version);
	d->rows += !known;
	d->changed += mask != 0;
	return (known && mask == 0) || hint(d, key, !known, mask, e);
}

static bool look_at_rows(struct diff *d, struct err *e)
{
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	for (int i = 0; i < d->table->columns; i++) {
		buf_text(&sql, i == 0 ? "SELECT " : ",");
		sql_quote(&sql, d->table->column[i].name);
	}
	if (d->table->scope_in_key)
		buf_text(&sql, "," CATALOG_SCOPE_COLUMN);
	buf_text(&sql, " FROM ");
	sql_quote(&sql, d->table->name);
	if (!db_prepare(d->db, buf_string(&sql), &s, e))
		return false;
	do {
		if (!stmt_row(&s, &row, e) || (row && !check_row(d, &s, e)))
			return false;
	} while (row);
	return true;
}

/* Stands on the row with this key, if it is there. */
static bool select_row(struct diff *d, const struct value *key, bool *ret_there, struct err *e)
{
	stmt_reset(&d->select);
	for (int i = 0; i < d->versions.shape.keys; i++)
		stmt_value(&d->select, i + 1, &key[i]);
	return stmt_row(&d->select, ret_there, e);
}

static bool note_missing(struct diff *d, int64_t k, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(d->db, "INSERT OR REPLACE INTO simpul_violation(table_no, vkey, reason, detail)"
				 " VALUES(?1, ?2, '" DIFF_MISSING "', 'gone from the table without a"
				 " DELETE; not deleted for others, put back with the next sync')", &s, e))
		return false;
	stmt_int(&s, 1, d->table->no);
	stmt_int(&s, 2, k);
	return stmt_done(&s, e);
}

static bool forget_missing(struct diff *d, int64_t k, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(d->db, "DELETE FROM simpul_violation WHERE table_no = ?1 AND vkey = ?2"
				 " AND reason = '" DIFF_MISSING "'", &s, e))
		return false;
	stmt_int(&s, 1, d->table->no);
	stmt_int(&s, 2, k);
	return stmt_done(&s, e);
}

static bool check_gone(struct diff *d, struct stmt *s, struct err *e)
{
	struct value key[VERSION_KEYS_MAX + 1];
	char uuid[VERSION_KEYS_MAX + 1][37];
	size_t len, n = 1, front;
	struct version version;
	const void *packed = stmt_get_blob(s, 1, &len);
	bool there;

	key[0] = (struct value){ .type = VALUE_INT, .integer = stmt_get_int(s, 0) };
	if (packed != NULL && !version_unpack(packed, len, key, VERSION_KEYS_MAX + 1, uuid, &n))
		return err_set(e, ERR_CORRUPT, "a version row of %s has a damaged key", d->table->name);
	front = n - d->versions.shape.keys; /* the scope, where it is a column beside the key */
	if (n < d->versions.shape.keys || front > 1)
		return err_set(e, ERR_CORRUPT, "a version row of %s has %zu keys", d->table->name, n);
	if (!alive(d, key + front, NULL, &version, &there, e))
		return false;
	if (!there)
		return true;
	if (!select_row(d, key + front, &there, e))
		return false;
	if (there)
		return true;
	return note_missing(d, version.k, e);
}

static bool find_gone(struct diff *d, struct err *e)
{
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	buf_print(&sql, "SELECT k, key FROM simpul_version_%d", d->table->no);
	if (!db_prepare(d->db, buf_string(&sql), &s, e))
		return false;
	do {
		if (!stmt_row(&s, &row, e) || (row && !check_gone(d, &s, e)))
			return false;
	} while (row);
	return true;
}

/* Hints in the order of the log, so that the last one about a row decides. */
static bool heed_hint(struct diff *d, struct stmt *s, struct err *e)
{
	struct value key[VERSION_KEYS_MAX];
	struct version version;
	bool there;
	int n = 0;

	if (d->table->scope_in_key)
		key[n++] = stmt_get_value(s, 5);
	for (int i = 0; i < d->table->keys; i++)
		key[n++] = stmt_get_value(s, 1 + i);
	if (!alive(d, key, NULL, &version, &there, e))
		return false;
	if (!there)
		return true;
	if (!select_row(d, key, &there, e))
		return false;
	if (there)
		return true;
	return stmt_get_int(s, 0) != 0 ? forget_missing(d, version.k, e) : note_missing(d, version.k, e);
}

static bool heed_deletes(struct diff *d, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(d->db, "SELECT m = 0 AND ts IS NULL, k1, k2, k3, k4, s FROM simpul_log"
			       " WHERE t = ?1 ORDER BY seq", &s, e))
		return false;
	stmt_int(&s, 1, d->table->no);
	do {
		if (!stmt_row(&s, &row, e) || (row && !heed_hint(d, &s, e)))
			return false;
	} while (row);
	return true;
}

static bool count_missing(struct diff *d, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(d->db, "SELECT count(*) FROM simpul_violation WHERE table_no = ?1"
				 " AND reason = '" DIFF_MISSING "'", &s, e))
		return false;
	stmt_int(&s, 1, d->table->no);
	if (!stmt_row(&s, &row, e))
		return false;
	d->gone = stmt_get_int(&s, 0);
	return true;
}

/* Does the table show what one column of the row comes to?  `written`: by the change that is looked at. */
static bool shows(struct diff *d, const struct cell_row *row, const struct catalog_column *column,
		  const struct value *written, bool *ret, struct err *e)
{
	struct value v = stmt_get_value(&d->select, column->document_no), want = *written;
	bool found = true;

	if ((column->policy != POLICY_LWW || merge_tallied(row->entry, row->n, (unsigned)column->no)) &&
	    !cell_shown(&d->history, row, column->no, &want, &found, e))
		return false;
	*ret = value_equal(&v, found ? &want : &column->fallback);
	return true;
}

/* The columns in which this write should show, and does not. */
static bool differing(struct diff *d, const struct history_set *set, const struct change *c,
		      const struct cell_row *row, int64_t *ret, struct err *e)
{
	const struct document_table *document = &set->document->table[c->table];

	*ret = 0;
	for (int i = 0; i < c->columns; i++) {
		int no = document->column_no[c->column[i]];
		const struct catalog_column *column = no < 0 ? NULL : catalog_column_by_no(d->table, no);
		const struct merge_entry *shown;
		bool same, tallied;

		if (column == NULL)
			continue;
		shown = merge_shown(row->entry, row->n, (unsigned)no, d->history.id);
		tallied = merge_tallied(row->entry, row->n, (unsigned)no);
		if (!tallied && (shown == NULL || shown->chain != set->chain || shown->seq != set->seq))
			continue;
		if (!shows(d, row, column, &c->value[i], &same, e))
			return false;
		if (!same)
			*ret |= trigger_bit(no);
	}
	return true;
}

/* Merging kept a rule of the table and the row apart: what the table shows is then no local write. */
static bool withheld(struct diff *d, int64_t k, bool *ret, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(d->db, "SELECT 1 FROM simpul_violation WHERE table_no = ?1 AND vkey = ?2", &s, e))
		return false;
	stmt_int(&s, 1, d->table->no);
	stmt_int(&s, 2, k);
	return stmt_row(&s, ret, e);
}

static bool compare_change(struct diff *d, const struct history_set *set, const struct scope *scope,
			   const struct change *c, struct err *e)
{
	const struct document_table *document = &set->document->table[c->table];
	struct value key[VERSION_KEYS_MAX] = { { .type = VALUE_TEXT,
						 .len = (uint32_t)strlen(scope->name),
						 .bytes = (const uint8_t *)scope->name } };
	struct cell_row cells;
	struct version version;
	int64_t mask;
	bool there, kept_out;

	if (c->op == CHANGE_DELETE || document->table == NULL || document->table->no != d->table->no ||
	    !document->same_key)
		return true;
	memcpy(key + d->table->scope_in_key, c->key, (size_t)d->table->keys * sizeof(*key));
	if (!alive(d, key, scope, &version, &there, e))
		return false;
	if (!there)
		return true;
	if (!select_row(d, key, &there, e))
		return false;
	if (!there)
		return true;
	cells = (struct cell_row){ .table = d->table, .key = key + d->table->scope_in_key, .k = version.k,
				   .entry = version.entry, .n = version.n };
	if (!differing(d, set, c, &cells, &mask, e))
		return false;
	if (mask == 0)
		return true;
	if (!withheld(d, version.k, &kept_out, e))
		return false;
	if (kept_out)
		return true;
	d->changed++;
	return hint(d, key, false, mask, e);
}

static bool compare_frame(struct diff *d, struct stmt *s, struct err *e)
{
	struct history_set set = { 0 };
	struct scope scope;
	const void *frame;
	size_t len;
	bool ok;

	if (!scope_parse(stmt_get_text(s, 1), strlen(stmt_get_text(s, 1)), &scope, e))
		return false;
	frame = stmt_get_blob(s, 2, &len);
	ok = history_unpack(&d->history.documents, frame, len, &set, e);
	set.chain = (uint32_t)stmt_get_int(s, 0);
	for (size_t i = 0; ok && i < set.changes; i++)
		ok = compare_change(d, &set, &scope, &set.change[i], e);
	history_set_done(&set);
	return ok;
}

static bool find_changed(struct diff *d, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(d->db, "SELECT chain_no, scope, frame FROM simpul_changeset"
			       " WHERE state = 1 AND kind = ?1 AND length(frame) > 0 ORDER BY n", &s, e))
		return false;
	stmt_int(&s, 1, CHANGESET_DATA);
	do {
		if (!stmt_row(&s, &row, e) || (row && !compare_frame(d, &s, e)))
			return false;
	} while (row);
	return true;
}

bool diff_table(struct db *db, const struct catalog *catalog, const struct catalog_table *table,
		const struct world *world, struct buf *report, struct err *e)
{
	AUTO_DIFF d = { .db = db, .table = table, .now_ms = world_now_ms(world) };
	AUTO_BUF sql = { 0 };
	struct version_shape shape;

	version_shape_of(table, &shape);
	catalog_select_row(table, &sql);
	if (!history_open(&d.history, db, catalog, e) ||
	    !db_prepare(db, buf_string(&sql), &d.select, e) ||
	    !version_open(&d.versions, db, &shape, e) || !find_gone(&d, e) || !heed_deletes(&d, e) ||
	    !count_missing(&d, e) || !look_at_rows(&d, e) || !find_changed(&d, e))
		return err_wrap(e, "compare %s", table->name);
	buf_print(report, "%s: compared with what was sealed and merged: %lld rows are new,"
			  " %lld are missing, %lld have other values\n", table->name,
		  (long long)d.rows, (long long)d.gone, (long long)d.changed);
	if (d.gone > 0)
		buf_print(report, "%s: the missing rows are not taken as deleted; the next sync puts"
				  " them back\n", table->name);
	return true;
}
