/*
 * history.c - frames read back.
 *
 * The version tables say who wrote a cell but not what: the winner's value is in the base table, and all
 * others are in the frames, which are kept.  Looking there is slow (inflate, decode, search), so only
 * conflicts and rows that come back from the dead do it; changesets read lately stay unpacked.
 */
#include <stdlib.h>
#include <string.h>

#include "store/history.h"

bool history_chains(struct history *h, struct err *e)
{
	AUTO_RESET s = { 0 };
	int64_t most;
	bool row;

	if (!db_int(h->db, "SELECT max(no) FROM simpul_chain", 0, &most, e))
		return false;
	h->chains = (size_t)most + 1;
	h->id = arena_take(&h->arena, h->chains * sizeof(*h->id));
	memset(h->id, 0, h->chains * sizeof(*h->id));
	if (!db_statement(h->db, "SELECT no, id FROM simpul_chain", &s, e))
		return false;
	while (true) {
		const void *id;
		size_t len;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		id = stmt_get_blob(&s, 1, &len);
		if (len == sizeof(h->id[0].bytes))
			memcpy(h->id[stmt_get_int(&s, 0)].bytes, id, len);
	}
}

bool history_open(struct history *h, struct db *db, const struct catalog *catalog, struct err *e)
{
	*h = (struct history){ .db = db };
	arena_init(&h->arena);
	h->documents = (struct document_set){ .db = db, .catalog = catalog, .arena = &h->arena };
	return history_chains(h, e);
}

void history_set_done(struct history_set *set)
{
	arena_done(&set->arena);
	*set = (struct history_set){ 0 };
}

void history_close(struct history *h)
{
	for (size_t i = 0; i < HISTORY_SETS; i++)
		history_set_done(&h->set[i]);
	arena_done(&h->arena);
	buf_done(&h->made);
	*h = (struct history){ 0 };
}

void history_keep(struct arena *arena, struct value *v, const struct change_reader *r)
{
	const uint8_t *from = (const uint8_t *)r, *to = (const uint8_t *)(r + 1);

	if (v->type >= VALUE_TEXT && v->len > 0 && v->bytes >= from && v->bytes < to)
		v->bytes = arena_copy(arena, v->bytes, v->len);
}

static bool read_changes(struct history_set *set, struct change_reader *r, struct err *e)
{
	size_t n = 0;
	struct change c;

	while (n < set->changes && change_reader_next(r, &c)) {
		struct change *to = &set->change[n++];
		struct value *value = arena_copy(&set->arena, c.value, c.columns * sizeof(*value));

		*to = c;
		to->column = arena_copy(&set->arena, c.column, c.columns);
		to->value = value;
		for (uint16_t i = 0; i < c.keys; i++)
			history_keep(&set->arena, &to->key[i], r);
		for (uint16_t i = 0; i < c.columns; i++)
			history_keep(&set->arena, &value[i], r);
	}
	if (n == set->changes && change_reader_next(r, &c))
		return err_set(e, ERR_MALFORMED, "more changes than the header says");
	if (n < set->changes)
		set->changes = n;
	return change_reader_done(r, e);
}

static void read_head(struct history_set *set, struct change_reader *r)
{
	struct context_pair pair;
	struct schema_text actor;

	set->pair = arena_take(&set->arena, r->pairs_left * sizeof(pair) + 1);
	while (change_reader_pair(r, &pair))
		set->pair[set->pairs++] = pair;
	set->actor = arena_take(&set->arena, r->actors_left * sizeof(actor) + 1);
	while (change_reader_actor(r, &actor))
		set->actor[set->actors++] = actor;
}

bool history_unpack(struct document_set *documents, const uint8_t *frame, size_t len,
		    struct history_set *ret, struct err *e)
{
	struct change_reader r;
	struct frame f;
	uint8_t *body;

	if (!seal_open(frame, len, &f, e))
		return false;
	if (f.changeset.changes > LIMIT_CHANGES)
		return err_set(e, ERR_MALFORMED, "more changes than a changeset may have");
	body = arena_take(&ret->arena, f.changeset.body_len + 1);
	if (!seal_unpack(&f, body, f.changeset.body_len, e) ||
	    !document_find(documents, f.changeset.schema, &ret->document, e) ||
	    !change_reader_open(&r, body, f.changeset.body_len, e))
		return false;
	ret->seq = f.changeset.seq;
	ret->changes = f.changeset.changes;
	ret->change = arena_take(&ret->arena, ret->changes * sizeof(*ret->change) + 1);
	read_head(ret, &r);
	return read_changes(ret, &r, e);
}

bool history_cut_rest(struct db *db, uint32_t chain, const struct changeset *header, uint64_t *ret,
		      struct err *e)
{
	uint64_t back = LIMIT_CUT_ATOMIC_PARTS - (uint64_t)header->cut_left;
	AUTO_RESET s = { 0 };
	const void *bytes;
	struct frame frame;
	size_t len;
	bool row;

	*ret = header->cut_left < LIMIT_CUT_ATOMIC_PARTS ? header->cut_left : 0;
	if (*ret == 0 || header->seq <= back)
		return true;
	/* A long cut counts down to its last part as well: was there one of more to come before this one? */
	if (!db_statement(db, "SELECT frame FROM simpul_changeset WHERE chain_no = ?1 AND seq = ?2"
			      " AND kind = 1", &s, e))
		return false;
	stmt_int(&s, 1, chain);
	stmt_int(&s, 2, (int64_t)(header->seq - back));
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return true;
	bytes = stmt_get_blob(&s, 0, &len);
	if (!seal_open(bytes, len, &frame, e))
		return err_wrap(e, "a changeset on file");
	if (frame.changeset.cut_left == LIMIT_CUT_ATOMIC_PARTS)
		*ret = 0;
	return true;
}

static int change_order(const void *a, const void *b)
{
	const struct change *x = *(struct change *const *)a, *y = *(struct change *const *)b;

	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	for (uint16_t i = 0; i < x->keys && i < y->keys; i++) {
		int order = value_compare(&x->key[i], &y->key[i]);

		if (order != 0)
			return order;
	}
	return x->keys < y->keys ? -1 : x->keys > y->keys;
}

static void sort_changes(struct history_set *set)
{
	set->sorted = arena_take(&set->arena, set->changes * sizeof(*set->sorted) + 1);
	for (size_t i = 0; i < set->changes; i++)
		set->sorted[i] = &set->change[i];
	qsort(set->sorted, set->changes, sizeof(*set->sorted), change_order);
}

bool history_set_find(struct history *h, uint32_t chain, uint64_t seq, const struct history_set **ret,
		      struct err *e)
{
	AUTO_RESET s = { 0 };
	struct history_set *set;
	const uint8_t *frame;
	size_t len;
	bool row;

	*ret = NULL;
	for (size_t i = 0; i < HISTORY_SETS; i++)
		if (h->set[i].sorted != NULL && h->set[i].chain == chain && h->set[i].seq == seq) {
			*ret = &h->set[i];
			return true;
		}
	if (!db_statement(h->db, "SELECT frame FROM simpul_changeset WHERE chain_no = ?1 AND seq = ?2"
				 " AND kind = 1", &s, e))
		return false;
	stmt_int(&s, 1, chain);
	stmt_int(&s, 2, (int64_t)seq);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return true;
	frame = stmt_get_blob(&s, 0, &len);
	set = &h->set[h->turn++ % HISTORY_SETS];
	history_set_done(set);
	if (!history_unpack(&h->documents, frame, len, set, e)) {
		history_set_done(set);
		return err_wrap(e, "a changeset on file");
	}
	set->chain = chain;
	sort_changes(set);
	*ret = set;
	return true;
}

static const struct value *value_in(const struct change *c, const struct document_table *table,
				    int column_no)
{
	for (uint16_t i = 0; i < c->columns; i++)
		if (table->column_no[c->column[i]] == column_no)
			return &c->value[i];
	return NULL;
}

/* The first of the changes to a row, by bisection. */
static size_t lower_bound(const struct history_set *set, const struct change *want)
{
	size_t low = 0, high = set->changes;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (change_order(&set->sorted[mid], &want) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* A walk through the changes of one row. */
struct walk {
	const struct history_set *set;
	struct change want;
	const struct document_table *table;
	size_t at;
};

/* False if the changeset's document does not have the table. */
static bool walk_begin(struct walk *w, const struct history_set *set, const struct history_cell *cell)
{
	*w = (struct walk){ .set = set, .want = { .keys = (uint16_t)cell->table->keys } };
	memcpy(w->want.key, cell->key, (size_t)cell->table->keys * sizeof(*cell->key));
	for (uint16_t t = 0; t < set->document->schema.tables && w->table == NULL; t++)
		if (set->document->table[t].table == cell->table) {
			w->want.table = t;
			w->table = &set->document->table[t];
		}
	if (w->table != NULL)
		w->at = lower_bound(set, &w->want);
	return w->table != NULL;
}

static const struct change *walk_next(struct walk *w)
{
	const struct change *c, *want = &w->want;

	if (w->at == w->set->changes)
		return NULL;
	c = w->set->sorted[w->at++];
	return change_order(&c, &want) == 0 ? c : NULL;
}

/* In one changeset a plain write and a tally of a row may have the same time. */
static bool is_tally(const struct change *c, const struct document_table *table, int column_no)
{
	return c->op == CHANGE_UPDATE && table->counters != NULL &&
	       column_set_has(table->counters, (unsigned)column_no);
}

const struct change *history_change(const struct history_set *set, const struct history_cell *cell,
				    const struct value **ret_value)
{
	const struct change *c, *found = NULL;
	struct walk w;

	if (!walk_begin(&w, set, cell))
		return NULL;
	while ((c = walk_next(&w)) != NULL) {
		const struct value *v = value_in(c, w.table, cell->column_no);

		if (c->hlc != cell->hlc || v == NULL ||
		    is_tally(c, w.table, cell->column_no) != cell->tally)
			continue;
		*ret_value = v;
		found = c;
	}
	return found;
}

const struct change *history_last_write(const struct history_set *set, const struct history_cell *cell,
					const struct value **ret_value)
{
	const struct change *c, *found = NULL;
	struct walk w;

	if (!walk_begin(&w, set, cell))
		return NULL;
	while ((c = walk_next(&w)) != NULL) {
		const struct value *v = value_in(c, w.table, cell->column_no);

		if (c < found || (v == NULL && c->op != CHANGE_INSERT)) /* changes lie in the body's order */
			continue;
		*ret_value = v;
		found = c;
	}
	return found;
}

bool history_value(struct history *h, const struct history_cell *cell, struct value *ret,
		   bool *ret_found, struct err *e)
{
	const struct history_set *set;
	const struct value *value;

	if (h->source.value != NULL) {
		*ret_found = h->source.value(h->source.owner, cell, ret);
		return true;
	}
	*ret_found = false;
	if (!history_set_find(h, cell->chain, cell->seq, &set, e))
		return false;
	if (set == NULL || history_change(set, cell, &value) == NULL)
		return true;
	*ret = *value;
	*ret_found = true;
	return true;
}
