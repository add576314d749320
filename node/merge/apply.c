/*
 * apply.c - two phases over a sorted window.
 *
 * Phase 1 sorts the changes by the key of their version rows and merges each into its version: that
 * tells which columns of the row it wins.  Phase 2 sorts the touched rows by the primary key of their
 * table and writes each once, only with what was won.  Sorting turns random access to two B-trees into
 * nearly sequential access, which on a large table matters more than everything else here.
 *
 * A row that comes back from the dead, or whose write breaks a rule of its table, takes the slow way
 * (row.c) at the end of the window, when all others are in place: in the middle of a window two rows may
 * both hold a value that only one of them will hold at its end.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "merge/apply.h"
#include "merge/branch.h"
#include "merge/obey.h"
#include "merge/policy.h"
#include "merge/row.h"
#include "merge/takeback.h"
#include "merge/window.h"
#include "simpul/hlc.h"
#include "store/tables.h"

#define AHEAD 4 /* items */

struct touched { /* all changes of the window to one row */
	struct window_item **item;
	size_t items;
	struct row row;
	uint64_t prefix; /* of the first key value: orders most rows without a look at their keys */
	bool slow;
};

struct place { /* what versions are sorted by, close together in memory */
	const struct table *table;
	int64_t k;
	struct window_item *item;
};

struct run { /* one call from outside */
	struct db *db;
	const struct world *world;
	struct apply_part *part;
	struct apply_stats *stats;
};

struct batch {
	struct window *window;
	struct window_item **sorted;
	struct touched *touched;
	size_t rows;
	struct apply_stats *stats;
	int64_t guilty; /* the first changeset that breaks a rule; 0: none */
	struct err why;
};

/* Items lie in the order in which they came. */
static int place_order(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	if (x->k != y->k)
		return x->k < y->k ? -1 : 1;
	return (x->item > y->item) - (x->item < y->item);
}

static void sort_items(struct batch *b)
{
	struct window *w = b->window;
	struct place *place = arena_take(&w->work, w->items * sizeof(*place) + 1);

	for (size_t i = 0; i < w->items; i++)
		place[i] = (struct place){ w->item[i].table, w->item[i].key.k, &w->item[i] };
	qsort(place, w->items, sizeof(*place), place_order);
	for (size_t i = 0; i < w->items; i++)
		b->sorted[i] = place[i].item;
}

/* In the order of value_compare, as far as 64 bits tell. */
static uint64_t value_prefix(const struct value *v)
{
	uint64_t bits = 0;

	if (v->type == VALUE_INT)
		bits = (uint64_t)v->integer ^ UINT64_C(1) << 63;
	for (unsigned i = 0; i < 8 && v->type >= VALUE_TEXT; i++)
		bits = bits << 8 | (i < v->len ? v->bytes[i] : 0);
	return (uint64_t)v->type << 60 | bits >> 4;
}

static int row_order(const void *a, const void *b)
{
	const struct touched *x = a, *y = b;

	if (x->row.table != y->row.table)
		return x->row.table < y->row.table ? -1 : 1;
	if (x->prefix != y->prefix)
		return x->prefix < y->prefix ? -1 : 1;
	for (int i = 0; i < x->row.table->table->keys; i++) {
		int order = value_compare(&x->row.key[i], &y->row.key[i]);

		if (order != 0)
			return order;
	}
	return strcmp(x->row.scope->name, y->row.scope->name);
}

static void find_guilty(struct batch *b, int64_t n, const struct err *why)
{
	if (b->guilty != 0 && b->guilty <= n)
		return;
	b->guilty = n;
	b->why = *why;
}

/*
 * Judges a change whose rules look at its row.  What a guilty changeset did to its rows may mislead the
 * judgement of those after it, never of those before: so the first one found guilty is, and the window is
 * merged again without it.
 */
static bool judge(struct batch *b, const struct window_item *item, const struct window_item *before,
		  struct err *e)
{
	struct obey_row r = { .rules = item->rules, .document = item->document, .role = item->role,
			      .change = item->change, .merge = &item->merge, .context = item->context,
			      .scope = item->scope, .n = item->n };
	struct value key[VERSION_KEYS_MAX];
	struct version version;
	struct err why;
	bool obeys;

	table_version_key(item->table, item->scope, item->change->key, key);
	if (!version_find(&item->table->versions, key, item->scope, &version, e))
		return false;
	r.row = (struct cell_row){ .table = item->table->table, .key = item->change->key, .k = version.k,
				   .entry = version.entry, .n = version.n };
	if (before != NULL && before->table == item->table && before->n == item->n &&
	    version.state != VERSION_NONE && before->key.k == version.k) {
		err_set(&why, ERR_FORBIDDEN, "it changes a row of %s twice", item->document->name);
		find_guilty(b, item->n, &why);
		return true;
	}
	if (!obey_row(b->window->history, &r, &obeys, &why, e))
		return false;
	if (!obeys)
		find_guilty(b, item->n, &why);
	return true;
}

/* Items lie in another order than they are gone through, and are larger than what a core keeps near. */
static void prefetch(const struct window_item *item)
{
	const char *at = (const char *)item;

	for (size_t i = 0; i < sizeof(*item); i += 64)
		__builtin_prefetch(at + i);
}

static bool merge_versions(struct batch *b, struct err *e)
{
	struct window *w = b->window;
	bool moved = false;

	b->sorted = arena_take(&w->work, w->items * sizeof(*b->sorted) + 1);
	sort_items(b);
	for (size_t i = 0; i < w->items; i++) {
		struct window_item *item = b->sorted[i];
		struct version_edit edit = { .change = &item->merge, .context = item->context };
		int64_t k = item->key.k;

		if (i + AHEAD < w->items)
			prefetch(b->sorted[i + AHEAD]);
		if (obey_needs_row(item->rules) &&
		    !judge(b, item, i > 0 ? b->sorted[i - 1] : NULL, e))
			return false;
		if (!version_edit(&item->table->versions, &item->key, &edit, e))
			return false;
		item->result = edit.result;
		moved |= k != item->key.k;
	}
	if (b->guilty != 0) {
		*e = b->why;
		return false;
	}
	if (moved) /* keys that share a hash: bring the changes of each row together again */
		sort_items(b);
	return true;
}

static void group_rows(struct batch *b)
{
	struct window *w = b->window;

	b->touched = arena_take(&w->work, w->items * sizeof(*b->touched));
	for (size_t i = 0; i < w->items; i++) {
		struct window_item *item = b->sorted[i];
		struct touched *last = b->rows > 0 ? &b->touched[b->rows - 1] : NULL;

		if (last != NULL && last->row.table == item->table && last->row.k == item->key.k) {
			last->items++;
			continue;
		}
		b->touched[b->rows++] = (struct touched){
			.item = &b->sorted[i],
			.items = 1,
			.prefix = value_prefix(item->change->key),
			.row = { .table = item->table, .scope = item->scope, .key = item->change->key,
				 .k = item->key.k },
		};
	}
	qsort(b->touched, b->rows, sizeof(*b->touched), row_order);
}

static bool settle(struct batch *b, const struct touched *t, struct err *e)
{
	struct column_set conflict = { 0 };
	int64_t n = 0;

	for (size_t i = 0; i < t->items; i++)
		for (size_t k = 0; k < COLUMN_SET_WORDS; k++) {
			conflict.word[k] |= t->item[i]->result.conflict.word[k];
			n = t->item[i]->n;
		}
	if (column_set_empty(&conflict))
		return true;
	b->stats->conflicts++;
	return row_settle(b->window->history, &t->row, &conflict, n, e);
}

/* Adds the columns that a change won, with their values; a later change of the window overwrites. */
static void collect(const struct window_item *item, struct table_row *row)
{
	const struct change *c = item->change;

	for (uint16_t i = 0; i < c->columns; i++) {
		int no = item->document->column_no[c->column[i]];

		if (no < 0 || !column_set_has(&item->result.won, (unsigned)no))
			continue;
		row->value[no] = &c->value[i];
		column_set_add(&row->columns, (unsigned)no);
	}
}

/*
 * Did it write a contested column that it does not show?  It may have superseded the write shown so far
 * without being the greatest of those that still stand: then a third write is shown from now on.
 */
static bool third_write_shown(const struct window_item *item)
{
	const struct merge_result *r = &item->result;
	uint64_t any = 0;

	for (size_t k = 0; k < COLUMN_SET_WORDS; k++)
		any |= item->merge.columns.word[k] & r->conflict.word[k] & ~r->won.word[k];
	return any != 0;
}

/* Does its table show something else than the greatest write of a column that it wrote? */
static bool policy_shows(const struct table *table, const struct window_item *item)
{
	const struct merge_result *r = &item->result;
	uint64_t any = r->tallied;

	for (size_t k = 0; k < COLUMN_SET_WORDS; k++)
		any |= table->contested.word[k] & r->conflict.word[k];
	return any != 0;
}

/*
 * The quick way: update what was won; or make a row that is new with this window's first change.  An
 * INSERT onto a row that was there takes back columns that it does not list, and a row that was dead
 * has values from before: both go the slow way.
 */
static bool write_row(struct touched *t, struct err *e)
{
	const struct merge_result *first = &t->item[0]->result, *last = &t->item[t->items - 1]->result;
	struct table_row row;
	enum table_outcome outcome = TABLE_WRITTEN;

	memset(&row.columns, 0, sizeof(row.columns));
	row.scope = t->row.scope;
	row.key = t->row.key;
	if (!last->alive) {
		if (!first->alive_before && t->items == 1)
			return true;
		if (!table_delete(t->row.table, &row, &outcome, e))
			return false;
		t->slow = outcome != TABLE_WRITTEN; /* it was kept out, perhaps */
		return true;
	}
	for (size_t i = 0; i < t->items; i++) {
		t->slow |= t->item[i]->change->op == CHANGE_INSERT && t->item[i]->result.n_before > 0;
		t->slow |= third_write_shown(t->item[i]) || policy_shows(t->row.table, t->item[i]);
		collect(t->item[i], &row);
	}
	t->slow |= !first->alive_before && first->n_before > 0;
	t->slow |= first->n_before == 0 && t->item[0]->change->op != CHANGE_INSERT;
	if (t->slow)
		return true;
	if (first->alive_before ? !table_update(t->row.table, &row, &outcome, e) :
				  !table_upsert(t->row.table, &row, &outcome, e))
		return false;
	t->slow = outcome != TABLE_WRITTEN;
	return true;
}

static bool write_rows(struct batch *b, struct err *e)
{
	for (size_t i = 0; i < b->rows; i++)
		if (!settle(b, &b->touched[i], e) || !write_row(&b->touched[i], e))
			return false;
	for (size_t i = 0; i < b->rows; i++) {
		bool withheld;

		if (b->touched[i].slow &&
		    !row_rebuild(b->window->history, &b->touched[i].row, &withheld, e))
			return false;
	}
	b->stats->rows += (int64_t)b->rows;
	return true;
}

/* Stamps far ahead of our clock move nobody's clock; they order values all the same. */
static bool advance_clock(struct window *w, struct err *e)
{
	uint64_t most = w->now.hlc_max;
	int64_t hlc;

	if (hlc_ms(most) > world_now_ms(w->world) + LIMIT_HLC_AHEAD_MS)
		return true;
	if (!meta_get_int(w->db, "hlc", 0, &hlc, e))
		return false;
	return (uint64_t)hlc >= most || meta_put_int(w->db, "hlc", (int64_t)most, e);
}

static bool merge_batch(struct batch *b, size_t most, bool *ret_any, struct err *e)
{
	if (!window_fill(b->window, most, ret_any, e) || !merge_versions(b, e))
		return false;
	group_rows(b);
	b->stats->changes += (int64_t)b->window->items;
	return write_rows(b, e);
}

/*
 * One window, in a savepoint.  What goes wrong with it, but not with the disk, is undone and told in
 * *ret_why: then the window is where it was before.
 */
static bool merge_window(struct window *w, size_t most, struct apply_stats *stats, bool *ret_any,
			 struct err *ret_why, struct err *e)
{
	struct apply_stats done = *stats;
	struct batch b = { .window = w, .stats = &done };
	AUTO_TXN txn = { 0 };

	ret_why->code = ERR_OK;
	if (!txn_begin(&txn, w->db, e))
		return false;
	if (merge_batch(&b, most, ret_any, ret_why)) {
		*stats = done;
		return txn_commit(&txn, e);
	}
	if (db_storage_failed(ret_why)) {
		*e = *ret_why;
		return false;
	}
	if (!txn_alive(&txn, e))
		return false;
	txn_rollback(&txn);
	*ret_any = true;
	if (b.guilty != 0)
		window_condemn(w, b.guilty, ret_why);
	return window_undo(w, e);
}

/*
 * Large windows; where one fails, its changesets one by one.  One that fails alone waits, with its reason,
 * and is tried alone from then on.  It is not made void: what breaks the rules was found before, by
 * checks that come out the same everywhere, and what fails here may fail on this node only.
 */
static bool merge_ready(struct window *w, const struct run *r, struct err *e)
{
	size_t part = r->part->changes_max, most = part < APPLY_WINDOW_CHANGES ? part : APPLY_WINDOW_CHANGES;
	struct apply_stats *stats = r->stats;
	int64_t alone_to = 0;
	bool any = true;

	while (any && !w->catalog_moved && !r->part->more) {
		bool alone = w->failed || (w->now.at < w->candidates &&
					   llabs(w->candidate[w->now.at]) <= alone_to);
		const struct window_guilt *guilty = w->guilty;
		struct err why;

		if (!merge_window(w, alone ? 0 : most, stats, &any, &why, e))
			return false;
		r->part->more = any && (size_t)stats->changes >= part;
		if (why.code == ERR_OK)
			continue;
		alone_to = w->last;
		if (alone && w->guilty == guilty && !window_fail(w, &why, e))
			return false;
	}
	stats->merged += w->now.merged;
	stats->quarantined += w->now.quarantined;
	stats->waiting += w->now.waiting;
	stats->tables_made += w->catalog_moved;
	return advance_clock(w, e);
}

/* Rows kept out may come in now.  If they cannot even be looked at, that stops nothing else. */
static bool retry_withheld(struct history *history, struct table_set *tables, struct apply_stats *stats,
			   struct err *e)
{
	AUTO_TXN txn = { 0 };

	if (!txn_begin(&txn, history->db, e))
		return false;
	if (row_retry_withheld(history, tables, &stats->withheld, e))
		return txn_commit(&txn, e);
	if (db_storage_failed(e))
		return false;
	log_once(LOG_ERROR, "merge", err_slug(e->code), "rows kept out were not looked at: %s", e->text);
	return txn_alive(&txn, e);
}

/* One catalog's worth: until nothing is ready.  *ret_again: a table was made or rules came, load it anew. */
static bool merge_with(const struct run *r, const struct catalog *catalog, bool *ret_again, struct err *e)
{
	struct apply_part *part = r->part;
	AUTO_HISTORY history = { 0 };
	AUTO_TABLES tables = { 0 };
	int64_t taken_back = 0, shown_anew = 0;
	bool done = false, judge = false;

	*ret_again = false;
	r->stats->waiting = 0;
	if (!history_open(&history, r->db, catalog, e) || !table_open_all(&tables, r->db, catalog, e) ||
	    (!part->tried && (!branch_mark(r->db, e) ||
			      !takeback_run(r->db, catalog, &tables, &taken_back, &judge, e) ||
			      !branch_leave(r->db, e))) ||
	    !policy_catch_up(&history, catalog, &tables, &shown_anew, e))
		return false;
	if (judge) /* rows were taken out that are to come back: not in a later transaction */
		part->changes_max = SIZE_MAX;
	while (!done && !part->more && !*ret_again) {
		bool failed = !part->tried; /* they may have got better */
		AUTO_WINDOW w = { 0 };

		if (!window_open(&w, &history, &tables, r->world, failed, e) || !merge_ready(&w, r, e))
			return false;
		*ret_again = w.catalog_moved;
		part->tried = !w.catalog_moved && (part->tried || !part->more);
		done = !failed;
	}
	r->stats->rows += taken_back + shown_anew;
	if (!part->more && !*ret_again && !catalog_stale(r->db, catalog, ret_again, e))
		return false;
	return part->more || retry_withheld(&history, &tables, r->stats, e);
}

bool apply_part(struct db *db, const struct catalog *catalog, const struct world *world,
		struct apply_part *part, struct apply_stats *ret, struct err *e)
{
	struct run r = { .db = db, .world = world, .part = part, .stats = ret };
	bool again;

	*ret = (struct apply_stats){ 0 };
	part->more = false;
	part->changes = 0;
	/* Windows touch pages all over two B-trees. */
	if (!db_exec(db, "PRAGMA ignore_check_constraints=ON", e) || !db_grow_cache(db, true, e) ||
	    !merge_with(&r, catalog, &again, e))
		return false;
	while (again && !part->more) { /* each round made a table, of which there is a limit */
		AUTO_ARENA arena = { 0 };
		struct catalog fresh;

		if (!catalog_load(db, &arena, &fresh, e) || !merge_with(&r, &fresh, &again, e))
			return false;
	}
	part->changes = (size_t)ret->changes;
	return true;
}

bool apply_ready(struct db *db, const struct catalog *catalog, const struct world *world,
		 struct apply_stats *ret, struct err *e)
{
	struct apply_part all = { .changes_max = SIZE_MAX };

	return apply_part(db, catalog, world, &all, ret, e) && db_grow_cache(db, false, e);
}
