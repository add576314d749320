/* cell.c - listing the values that did not win. */
#include <stdlib.h>
#include <string.h>

#include "store/cell.h"

struct standing {
	const struct merge_entry *entry;
	struct value value;
	bool known;  /* its frame is here */
	bool listed; /* in simpul_sibling already */
};

/* One column of one row being brought up to date. */
struct settling {
	struct history *h;
	const struct cell_row *row;
	int column_no;
	int64_t n;
	struct standing *w; /* greatest first; after choose: only those to be listed */
	size_t count;
	struct arena arena;
};

#define AUTO_SETTLING __attribute__((cleanup(settling_done))) struct settling

static void settling_done(struct settling *s)
{
	arena_done(&s->arena);
}

static struct history_cell cell_of(const struct cell_row *row, const struct merge_entry *entry,
				   int column_no)
{
	return (struct history_cell){ .chain = entry->chain, .seq = entry->seq, .hlc = entry->hlc,
				      .table = row->table, .key = row->key, .column_no = column_no };
}

bool cell_shown(struct history *h, const struct cell_row *row, int column_no, struct value *ret,
		bool *ret_found, struct err *e)
{
	const struct merge_entry *shown = merge_shown(row->entry, row->n, (unsigned)column_no, h->id);
	struct history_cell cell;

	*ret_found = false;
	if (shown == NULL)
		return true;
	cell = cell_of(row, shown, column_no);
	return history_value(h, &cell, ret, ret_found, e);
}

/* All standing writes of the column with their values, the greatest first. */
static bool collect(struct settling *s, struct err *e)
{
	s->w = arena_take(&s->arena, s->row->n * sizeof(*s->w) + 1);
	for (size_t i = 0; i < s->row->n; i++) {
		struct standing w = { .entry = &s->row->entry[i] };
		const struct history_cell cell = cell_of(s->row, w.entry, s->column_no);
		size_t at = s->count;

		if (!column_set_has(&w.entry->columns, (unsigned)s->column_no))
			continue;
		if (!history_value(s->h, &cell, &w.value, &w.known, e))
			return false;
		if (w.value.type >= VALUE_TEXT) /* the set it lies in may be dropped by the next fetch */
			w.value.bytes = arena_copy(&s->arena, w.value.bytes, w.value.len);
		for (; at > 0 && merge_beats(w.entry, s->w[at - 1].entry, s->h->id); at--)
			s->w[at] = s->w[at - 1];
		s->w[at] = w;
		s->count++;
	}
	return true;
}

/* Leaves one write per value other than the shown one. */
static void choose(struct settling *s)
{
	size_t kept = 1;

	for (size_t i = 1; i < s->count; i++) {
		bool known = s->w[i].known;

		for (size_t k = 0; k < kept && known; k++)
			known = !s->w[k].known || !value_equal(&s->w[k].value, &s->w[i].value);
		if (known)
			s->w[kept++] = s->w[i];
	}
	if (s->count > 0) {
		s->w++;
		s->count = kept - 1;
	}
}

static bool list_value(const struct settling *s, const struct standing *w, struct err *e)
{
	AUTO_RESET put = { 0 };

	if (!db_statement(s->h->db, "INSERT INTO simpul_sibling(table_no, vkey, column_no, chain_no, seq,"
				    " hlc, value) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)", &put, e))
		return false;
	stmt_int(&put, 1, s->row->table->no);
	stmt_int(&put, 2, s->row->k);
	stmt_int(&put, 3, s->column_no);
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
static bool stays(struct settling *s, uint32_t chain, uint64_t seq, uint64_t hlc)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct merge_entry *entry = s->w[i].entry;

		if (entry->chain == chain && entry->seq == seq && entry->hlc == hlc) {
			s->w[i].listed = true;
			return true;
		}
	}
	return false;
}

static bool strike(struct settling *s, struct err *e)
{
	AUTO_RESET find = { 0 };
	bool row;

	if (!db_statement(s->h->db, "SELECT no, chain_no, seq, hlc FROM simpul_sibling WHERE table_no = ?1"
				    " AND vkey = ?2 AND column_no = ?3 AND superseded_n IS NULL", &find, e))
		return false;
	stmt_int(&find, 1, s->row->table->no);
	stmt_int(&find, 2, s->row->k);
	stmt_int(&find, 3, s->column_no);
	while (true) {
		if (!stmt_row(&find, &row, e))
			return false;
		if (!row)
			return true;
		if (!stays(s, (uint32_t)stmt_get_int(&find, 1), (uint64_t)stmt_get_int(&find, 2),
			   (uint64_t)stmt_get_int(&find, 3)) &&
		    !supersede(s->h->db, stmt_get_int(&find, 0), s->n, e))
			return false;
	}
}

static bool settle_column(struct history *h, const struct cell_row *row, int column_no, int64_t n,
			  struct err *e)
{
	AUTO_SETTLING s = { .h = h, .row = row, .column_no = column_no, .n = n };

	if (!collect(&s, e))
		return false;
	choose(&s);
	if (!strike(&s, e))
		return false;
	for (size_t i = 0; i < s.count; i++)
		if (!s.w[i].listed && !list_value(&s, &s.w[i], e))
			return false;
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
