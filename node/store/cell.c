/*
 * cell.c - what a cell shows and what is listed beside it.
 *
 * A column with one standing write, and one whose policy is lww, needs nothing but the greatest write.
 * The other policies look at all values that stand, which are in the frames.
 */
#include <stdlib.h>
#include <string.h>

#include "simpul/text.h"
#include "store/ancestor.h"

struct standing {
	const struct merge_entry *entry;
	struct value value;
	bool known;  /* its frame is here */
	bool listed; /* in simpul_sibling already */
};

/* One column of one row, its plain writes collected. */
struct cell {
	struct history *h;
	const struct cell_row *row;
	int column_no;
	const struct catalog_column *column; /* NULL: the table here does not have it */
	bool tallied;
	struct standing *w; /* all of them, the greatest first */
	size_t count;
	struct standing *value; /* each distinct value once, as of its greatest write */
	size_t values;
	struct arena arena;
};

#define AUTO_CELL __attribute__((cleanup(cell_done))) struct cell

static void cell_done(struct cell *c)
{
	arena_done(&c->arena);
}

static struct history_cell cell_of(const struct cell_row *row, const struct merge_entry *entry,
				   int column_no)
{
	return (struct history_cell){ .chain = entry->chain, .seq = entry->seq, .hlc = entry->hlc,
				      .tally = entry->tally, .table = row->table, .key = row->key,
				      .column_no = column_no };
}

static enum schema_policy policy_of(const struct cell *c)
{
	return c->column == NULL ? POLICY_LWW : c->column->policy;
}

/* All plain writes that stand in the column with their values, the greatest first. */
static bool collect(struct cell *c, struct err *e)
{
	c->w = arena_take(&c->arena, c->row->n * sizeof(*c->w) + 1);
	for (size_t i = 0; i < c->row->n; i++) {
		struct standing w = { .entry = &c->row->entry[i] };
		const struct history_cell cell = cell_of(c->row, w.entry, c->column_no);
		size_t at = c->count;

		if (w.entry->tally || !column_set_has(&w.entry->columns, (unsigned)c->column_no))
			continue;
		if (!history_value(c->h, &cell, &w.value, &w.known, e))
			return false;
		if (w.value.type >= VALUE_TEXT) /* the set it lies in may be dropped by the next fetch */
			w.value.bytes = arena_copy(&c->arena, w.value.bytes, w.value.len);
		for (; at > 0 && merge_beats(w.entry, c->w[at - 1].entry, c->h->id); at--)
			c->w[at] = c->w[at - 1];
		c->w[at] = w;
		c->count++;
	}
	return true;
}

/* Which of the values are distinct; what is not known, unless it is the greatest, is left out. */
static void distinguish(struct cell *c)
{
	c->value = arena_take(&c->arena, c->count * sizeof(*c->value) + 1);
	for (size_t i = 0; i < c->count; i++) {
		bool fresh = c->w[i].known || i == 0;

		for (size_t k = 0; k < c->values && fresh && i > 0; k++)
			fresh = !c->value[k].known || !value_equal(&c->value[k].value, &c->w[i].value);
		if (fresh)
			c->value[c->values++] = c->w[i];
	}
}

static bool cell_open(struct cell *c, struct err *e)
{
	c->column = catalog_column_by_no(c->row->table, c->column_no);
	c->tallied = merge_tallied(c->row->entry, c->row->n, (unsigned)c->column_no);
	if (!collect(c, e))
		return false;
	distinguish(c);
	return true;
}

/* The sum of the tallies that stand, but for those of one chain (0: all of them). */
static bool add_tallies(struct cell *c, uint32_t but, __int128 *total, struct err *e)
{
	for (size_t i = 0; i < c->row->n; i++) {
		const struct merge_entry *t = &c->row->entry[i];
		const struct history_cell cell = cell_of(c->row, t, c->column_no);
		struct value v;
		bool found;

		if (!t->tally || t->chain == but || !column_set_has(&t->columns, (unsigned)c->column_no))
			continue;
		if (!history_value(c->h, &cell, &v, &found, e))
			return false;
		if (found && v.type == VALUE_INT)
			*total += v.integer;
	}
	return true;
}

static struct value base_of(const struct cell *c)
{
	if (c->count > 0)
		return c->w[0].value;
	return c->column != NULL ? c->column->fallback : (struct value){ .type = VALUE_NULL };
}

/* The exact sum, then clamped: no order of adding matters. */
static bool sum(struct cell *c, struct value *ret, bool *ret_found, struct err *e)
{
	__int128 total;

	*ret_found = true;
	*ret = base_of(c);
	if (ret->type != VALUE_INT && ret->type != VALUE_NULL)
		return true;
	total = ret->type == VALUE_INT ? ret->integer : 0;
	if (!add_tallies(c, 0, &total, e))
		return false;
	total = total < INT64_MIN ? INT64_MIN : total > INT64_MAX ? INT64_MAX : total;
	*ret = (struct value){ .type = VALUE_INT, .integer = (int64_t)total };
	return true;
}

bool cell_count(struct history *h, const struct cell_row *row, const struct cell_count *count,
		int64_t *ret, bool *ret_fits, struct err *e)
{
	AUTO_CELL c = { .h = h, .row = row, .column_no = count->column_no };
	__int128 total = 0;

	*ret_fits = true;
	if (!cell_open(&c, e))
		return false;
	if (count->chain != 0) {
		const struct value base = base_of(&c);

		*ret_fits = base.type == VALUE_INT || base.type == VALUE_NULL;
		total = base.type == VALUE_INT ? base.integer : 0;
	}
	if (!add_tallies(&c, count->chain, &total, e))
		return false;
	total = count->want - total;
	*ret_fits &= total >= INT64_MIN && total <= INT64_MAX;
	*ret = (int64_t)total;
	return true;
}

/* What all writes began with; false in *ret_found also if not all of them are texts that are here. */
static bool find_base(struct cell *c, struct value *ret, bool *ret_found, struct err *e)
{
	const struct merge_entry **entry = arena_take(&c->arena, c->count * sizeof(*entry) + 1);
	const struct ancestor_question q = { .row = c->row, .column_no = c->column_no, .entry = entry,
					     .n = c->count };

	*ret_found = false;
	for (size_t i = 0; i < c->count; i++) {
		if (!c->w[i].known || c->w[i].value.type != VALUE_TEXT)
			return true;
		entry[i] = c->w[i].entry;
	}
	return ancestor_text(c->h, &q, &c->arena, ret, ret_found, e);
}

/* The distinct values folded into one text, which is left in h->made. */
static bool fold(struct cell *c, struct value *ret, bool *ret_clean, struct err *e)
{
	struct value base;
	uint8_t *out[2];
	struct bytes so_far;
	void *work;

	if (!find_base(c, &base, ret_clean, e))
		return false;
	if (!*ret_clean)
		return true;
	work = arena_take(&c->arena, text_memory());
	out[0] = arena_take(&c->arena, LIMIT_TEXT_BYTES);
	out[1] = arena_take(&c->arena, LIMIT_TEXT_BYTES);
	so_far = (struct bytes){ c->value[c->values - 1].value.bytes, c->value[c->values - 1].value.len };
	for (size_t i = c->values - 1; i-- > 0 && *ret_clean;) {
		const struct value *next = &c->value[i].value;
		const struct text_edits edits = { { base.bytes, base.len }, so_far,
						  { next->bytes, next->len } };

		*ret_clean = text_merge(&edits, work, out[i % 2], &so_far.len);
		so_far.data = out[i % 2];
	}
	if (!*ret_clean)
		return true;
	*ret = (struct value){ .type = VALUE_TEXT, .len = (uint32_t)so_far.len, .bytes = so_far.data };
	return true;
}

/* A value that outlives the cell. */
static void lend(struct cell *c, struct value *v)
{
	if (v->type < VALUE_TEXT)
		return;
	buf_reset(&c->h->made);
	memcpy(buf_reserve(&c->h->made, v->len + 1), v->bytes, v->len);
	v->bytes = c->h->made.data;
}

static bool show(struct cell *c, struct value *ret, bool *ret_found, struct err *e)
{
	if (c->tallied)
		return sum(c, ret, ret_found, e);
	*ret_found = false;
	if (policy_of(c) == POLICY_MANUAL && c->values > 1)
		return true;
	if (policy_of(c) == POLICY_TEXT && c->values > 1 && !fold(c, ret, ret_found, e))
		return false;
	if (*ret_found)
		return true;
	*ret_found = c->w[0].known;
	*ret = c->w[0].value;
	return true;
}

static size_t count_writes(const struct cell_row *row, int column_no)
{
	size_t n = 0;

	for (size_t i = 0; i < row->n; i++)
		n += column_set_has(&row->entry[i].columns, (unsigned)column_no);
	return n;
}

bool cell_shown(struct history *h, const struct cell_row *row, int column_no, struct value *ret,
		bool *ret_found, struct err *e)
{
	const struct merge_entry *shown = merge_shown(row->entry, row->n, (unsigned)column_no, h->id);
	AUTO_CELL c = { .h = h, .row = row, .column_no = column_no };
	size_t writes = count_writes(row, column_no);
	struct history_cell cell;

	*ret_found = false;
	if (writes > 1 || (writes == 1 && shown == NULL)) {
		if (!cell_open(&c, e) || !show(&c, ret, ret_found, e))
			return false;
		if (*ret_found)
			lend(&c, ret);
		return true;
	}
	if (shown == NULL)
		return true;
	cell = cell_of(row, shown, column_no);
	return history_value(h, &cell, ret, ret_found, e);
}

/* Of two writes of one changeset: does the tally stand further on in the body? */
static bool added_later(struct cell *c, const struct merge_entry *tally, const struct merge_entry *plain,
			bool *ret, struct err *e)
{
	const struct history_cell of_tally = cell_of(c->row, tally, c->column_no);
	const struct history_cell of_plain = cell_of(c->row, plain, c->column_no);
	const struct change *late, *early;
	const struct history_set *set;
	const struct value *ignored;

	*ret = false;
	if (!history_set_find(c->h, tally->chain, tally->seq, &set, e))
		return false;
	if (set == NULL)
		return true;
	late = history_change(set, &of_tally, &ignored);
	early = history_change(set, &of_plain, &ignored);
	*ret = late != NULL && early != NULL && early < late; /* they lie in the body's order */
	return true;
}

/* Of the writes that tallies joined, those that some tally's author had seen: they were added to. */
static bool settled_by_tally(struct cell *c, const struct standing *w, bool *ret, struct err *e)
{
	*ret = false;
	for (size_t i = 0; i < c->row->n && !*ret; i++) {
		const struct merge_entry *t = &c->row->entry[i];
		struct ancestor_write tally;

		if (!t->tally || !column_set_has(&t->columns, (unsigned)c->column_no))
			continue;
		if (t->chain == w->entry->chain && t->seq == w->entry->seq) {
			if (!added_later(c, t, w->entry, ret, e))
				return false;
			continue;
		}
		if (!ancestor_write(c->h, c->row, t, c->column_no, &tally, e))
			return false;
		*ret = ancestor_covers(&tally, w->entry->chain, w->entry->seq);
	}
	return true;
}

/* Leaves in c->value what people are to see beside the shown value. */
static bool choose(struct cell *c, struct err *e)
{
	struct value ignored;
	bool clean = false, settled;
	size_t kept = 0;

	if (!c->tallied && policy_of(c) == POLICY_TEXT && c->values > 1 && !fold(c, &ignored, &clean, e))
		return false;
	if (c->values == 0 || (!c->tallied && policy_of(c) == POLICY_MANUAL && c->values > 1))
		return true;
	c->value++; /* the greatest is shown */
	c->values = clean ? 0 : c->values - 1;
	for (size_t i = 0; i < c->values; i++) {
		settled = false;
		if (c->tallied && !settled_by_tally(c, &c->value[i], &settled, e))
			return false;
		if (!settled)
			c->value[kept++] = c->value[i];
	}
	c->values = kept;
	return true;
}

static bool list_value(const struct cell *c, const struct standing *w, struct err *e)
{
	AUTO_RESET put = { 0 };

	if (!db_statement(c->h->db, "INSERT INTO simpul_sibling(table_no, vkey, column_no, chain_no, seq,"
				    " hlc, value) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)", &put, e))
		return false;
	stmt_int(&put, 1, c->row->table->no);
	stmt_int(&put, 2, c->row->k);
	stmt_int(&put, 3, c->column_no);
	stmt_int(&put, 4, w->entry->chain);
	stmt_int(&put, 5, (int64_t)w->entry->seq);
	stmt_int(&put, 6, (int64_t)w->entry->hlc);
	stmt_value(&put, 7, &w->value);
	return stmt_done(&put, e);
}

static bool supersede(struct db *db, int64_t no, int64_t n, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "UPDATE simpul_sibling SET superseded_n = ?2 WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, no);
	stmt_int(&s, 2, n);
	return stmt_done(&s, e);
}

/* Is this write to stay on the list?  Notes that it is on it. */
static bool stays(struct cell *c, uint32_t chain, uint64_t seq, uint64_t hlc)
{
	for (size_t i = 0; i < c->values; i++) {
		const struct merge_entry *entry = c->value[i].entry;

		if (entry->chain == chain && entry->seq == seq && entry->hlc == hlc) {
			c->value[i].listed = true;
			return true;
		}
	}
	return false;
}

static bool strike(struct cell *c, int64_t n, struct err *e)
{
	AUTO_RESET find = { 0 };
	bool row;

	if (!db_statement(c->h->db, "SELECT no, chain_no, seq, hlc FROM simpul_sibling WHERE table_no = ?1"
				    " AND vkey = ?2 AND column_no = ?3 AND superseded_n IS NULL", &find, e))
		return false;
	stmt_int(&find, 1, c->row->table->no);
	stmt_int(&find, 2, c->row->k);
	stmt_int(&find, 3, c->column_no);
	while (true) {
		if (!stmt_row(&find, &row, e))
			return false;
		if (!row)
			return true;
		if (!stays(c, (uint32_t)stmt_get_int(&find, 1), (uint64_t)stmt_get_int(&find, 2),
			   (uint64_t)stmt_get_int(&find, 3)) &&
		    !supersede(c->h->db, stmt_get_int(&find, 0), n, e))
			return false;
	}
}

static bool settle_column(struct history *h, const struct cell_row *row, int column_no, int64_t n,
			  struct err *e)
{
	AUTO_CELL c = { .h = h, .row = row, .column_no = column_no };

	if (!cell_open(&c, e) || !choose(&c, e) || !strike(&c, n, e))
		return false;
	for (size_t i = 0; i < c.values; i++)
		if (!c.value[i].listed && !list_value(&c, &c.value[i], e))
			return false;
	return true;
}

bool cell_listed(struct history *h, const struct cell_row *row, int column_no,
		 const struct merge_entry **ret, size_t *ret_n, struct err *e)
{
	AUTO_CELL c = { .h = h, .row = row, .column_no = column_no };

	if (!cell_open(&c, e) || !choose(&c, e))
		return false;
	for (size_t i = 0; i < c.values; i++)
		ret[i] = c.value[i].entry;
	*ret_n = c.values;
	return true;
}

bool cell_settle(struct history *h, const struct cell_row *row, const struct column_set *conflict,
		 int64_t n, struct err *e)
{
	for (unsigned no = 0; no < LIMIT_COLUMNS; no++) {
		const struct catalog_column *column;

		if (conflict->word[no / 64] == 0) {
			no |= 63;
			continue;
		}
		if (!column_set_has(conflict, no))
			continue;
		column = catalog_column_by_no(row->table, (int)no);
		if (column != NULL && catalog_is_key(row->table, column->document_no))
			continue;
		if (!settle_column(h, row, (int)no, n, e))
			return false;
	}
	return true;
}
