/* state.c - versions, hints and siblings of a row, told as one word each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/trigger.h"
#include "simpul/hlc.h"
#include "web/state.h"

#define HINTS_MAX 20000

static int key_compare(const struct buf *x, const struct buf *y)
{
	size_t len = x->len < y->len ? x->len : y->len;
	int c = len == 0 ? 0 : memcmp(x->data, y->data, len);

	return c != 0 ? c : (x->len > y->len) - (x->len < y->len);
}

static int by_key(const void *a, const void *b)
{
	const struct state_hint *x = a, *y = b;
	int c = key_compare(&x->key, &y->key);

	return c != 0 ? c : (x->order > y->order) - (x->order < y->order);
}

static void add_hint(struct state *s, struct stmt *q)
{
	struct state_hint *h = &s->hint[s->hints];
	struct value key[RELATION_KEYS_MAX];
	size_t n = 0;

	*h = (struct state_hint){ .ms = (uint64_t)stmt_get_int(q, 0), .order = s->hints++ };
	snprintf(h->name, sizeof(h->name), "%s", stmt_get_text(q, 1));
	if (s->table->scope_in_key)
		key[n++] = stmt_get_value(q, 2);
	for (int i = 0; i < s->table->keys; i++)
		key[n++] = stmt_get_value(q, 3 + i);
	version_pack(key, n, &h->key);
}

#define HINTS                                                                                      \
	"SELECT " TRIGGER_MS ", coalesce(a.name, ''), s, k1, k2, k3, k4"                           \
	" FROM simpul_log l LEFT JOIN simpul_actor a ON a.no = l.a WHERE t = ?1"

static bool ask_hints(struct state *s, struct stmt *q, struct err *e)
{
	const int scoped = s->table->scope_in_key;

	if (!db_statement(s->p->db,
			  s->only == NULL ? HINTS " ORDER BY l.seq DESC LIMIT ?2"
					  : HINTS
				  " AND k1 IS ?3 AND k2 IS ?4 AND k3 IS ?5 AND k4 IS ?6 AND"
				  " s IS ?7 ORDER BY l.seq DESC LIMIT ?2",
			  q, e))
		return false;
	stmt_int(q, 1, s->table->no);
	stmt_int(q, 2, s->only == NULL ? HINTS_MAX : 1);
	if (s->only == NULL)
		return true;
	for (int i = 0; i < (int)LIMIT_KEY_COLUMNS; i++)
		i < s->table->keys ? stmt_value(q, 3 + i, &s->only[scoped + i])
				   : stmt_null(q, 3 + i);
	scoped ? stmt_value(q, 7, &s->only[0]) : stmt_null(q, 7);
	return true;
}

/* What nobody sealed yet, newest first. */
static bool read_hints(struct state *s, struct err *e)
{
	AUTO_RESET q = { 0 };
	size_t cap = 0;
	bool row;

	if (!ask_hints(s, &q, e))
		return false;
	for (;;) {
		if (!stmt_row(&q, &row, e))
			return false;
		if (!row)
			break;
		if (s->hints == cap) {
			cap = cap == 0 ? 64 : cap * 2;
			s->hint = memory_resize(s->hint, cap * sizeof(*s->hint));
		}
		add_hint(s, &q);
	}
	if (s->hints > 1)
		qsort(s->hint, s->hints, sizeof(*s->hint), by_key);
	return true;
}

/* The newest of a row. */
static const struct state_hint *find_hint(const struct state *s, const struct buf *key)
{
	size_t low = 0, high = s->hints;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (key_compare(&s->hint[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->hints && key_compare(&s->hint[low].key, key) == 0 ? &s->hint[low] : NULL;
}

static bool read_contested(struct state *s, struct err *e)
{
	AUTO_RESET q = { 0 };
	size_t cap = 0;
	bool row;

	if (!db_statement(s->p->db,
			  "SELECT DISTINCT vkey, column_no FROM simpul_sibling WHERE table_no = ?1"
			  " AND superseded_n IS NULL",
			  &q, e))
		return false;
	stmt_int(&q, 1, s->table->no);
	for (;;) {
		if (!stmt_row(&q, &row, e))
			return false;
		if (!row)
			return true;
		if (s->cells == cap) {
			cap = cap == 0 ? 16 : cap * 2;
			s->cell = memory_resize(s->cell, cap * sizeof(*s->cell));
		}
		s->cell[s->cells++] =
			(struct state_open_cell){ stmt_get_int(&q, 0), (int)stmt_get_int(&q, 1) };
	}
}

bool state_open(struct state *s, struct party *p, const struct relation *relation, struct err *e)
{
	const struct catalog *catalog;
	struct version_shape shape;

	s->p = p;
	if (relation->table == NULL || relation->local)
		return true;
	s->table = relation->table;
	version_shape_of(s->table, &shape);
	return party_catalog(p, &catalog, e) && version_open(&s->versions, p->db, &shape, e) &&
	       history_open(&s->history, p->db, catalog, e) && read_hints(s, e) &&
	       read_contested(s, e);
}

void state_close(struct state *s)
{
	if (s->table == NULL)
		return;
	for (size_t i = 0; i < s->hints; i++)
		buf_done(&s->hint[i].key);
	memory_free(&s->hint);
	memory_free(&s->cell);
	version_close(&s->versions);
	history_close(&s->history);
}

static json_t *contested(const struct state *s, int64_t k)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->cells; i++) {
		const struct catalog_column *c;

		if (s->cell[i].k != k)
			continue;
		c = catalog_column_by_no(s->table, s->cell[i].column_no);
		if (c != NULL)
			json_array_append_new(list, json_string(c->name));
	}
	return list;
}

static const struct merge_entry *last_write(const struct version *v)
{
	const struct merge_entry *last = NULL;

	for (size_t i = 0; i < v->n; i++)
		if (!v->entry[i].dead && (last == NULL || v->entry[i].hlc > last->hlc))
			last = &v->entry[i];
	return last;
}

static bool writer_of(struct state *s, const struct merge_entry *entry,
		      const struct state_writer **ret, struct err *e)
{
	const size_t room = sizeof(s->writer) / sizeof(s->writer[0]);
	struct state_writer *w;
	AUTO_RESET q = { 0 };
	bool row;

	for (size_t i = 0; i < room; i++)
		if (s->writer[i].chain == entry->chain && s->writer[i].seq == (int64_t)entry->seq) {
			*ret = &s->writer[i];
			return true;
		}
	if (!db_statement(s->p->db,
			  "SELECT cs.custody, c.own, c.name FROM simpul_changeset cs"
			  " JOIN simpul_chain c ON c.no = cs.chain_no"
			  " WHERE cs.chain_no = ?1 AND cs.seq = ?2",
			  &q, e))
		return false;
	stmt_int(&q, 1, entry->chain);
	stmt_int(&q, 2, (int64_t)entry->seq);
	if (!stmt_row(&q, &row, e))
		return false;
	w = &s->writer[s->turn++ % room];
	*w = (struct state_writer){ .chain = entry->chain,
				    .seq = (int64_t)entry->seq,
				    .custody = row ? (int)stmt_get_int(&q, 0) : 2,
				    .own = row && stmt_get_int(&q, 1) != 0 };
	snprintf(w->node, sizeof(w->node), "%s", row ? stmt_get_text(&q, 2) : "");
	*ret = w;
	return true;
}

/* The person in the frame; JSON's null: an application, or enough frames were opened. */
static bool name_of(struct state *s, const struct merge_entry *entry, const struct value *key,
		    json_t **ret, struct err *e)
{
	const struct history_set *set;
	const struct value *ignored;

	*ret = json_null();
	if (s->frames++ >= STATE_FRAMES)
		return true;
	if (!history_set_find(&s->history, entry->chain, entry->seq, &set, e))
		return false;
	for (int i = 0; set != NULL && i < s->table->columns; i++) {
		const struct history_cell cell = { .chain = entry->chain,
						   .seq = entry->seq,
						   .hlc = entry->hlc,
						   .tally = entry->tally,
						   .table = s->table,
						   .key = key + s->table->scope_in_key,
						   .column_no = s->table->column[i].no };
		const struct change *change;

		if (!column_set_has(&entry->columns, (unsigned)cell.column_no))
			continue;
		change = history_change(set, &cell, &ignored);
		if (change == NULL)
			continue;
		if (change->actor > 0 && change->actor <= set->actors)
			*ret = json_stringn(set->actor[change->actor - 1].text,
					    set->actor[change->actor - 1].len);
		return true;
	}
	return true;
}

static bool sealed_state(struct state *s, const struct version *v, const struct value *key,
			 json_t *json, struct err *e)
{
	const struct merge_entry *last = last_write(v),
				 copy = last == NULL ? (struct merge_entry){ 0 } : *last;
	const struct state_writer *w;
	json_t *by;

	if (last == NULL) {
		json_object_set_new(json, "at", json_null());
		json_object_set_new(json, "by", json_null());
		json_object_set_new(json, "sent", json_string("unsent"));
		return true;
	}
	if (!writer_of(s, &copy, &w, e) || !name_of(s, &copy, key, &by, e))
		return false;
	json_object_set_new(json, "at", request_time(hlc_ms(copy.hlc)));
	json_object_set_new(json, "by", by);
	json_object_set_new(json, "node", json_string(w->node));
	json_object_set_new(json, "sent",
			    json_string(s->p->hub != NULL || w->custody == 2 || !w->own
						? "receipted"
					: w->custody == 1 ? "sent"
							  : "unsent"));
	return true;
}

bool state_of(struct state *s, const struct value *key, json_t **ret, struct err *e)
{
	const struct state_hint *hint;
	AUTO_JSON json = NULL;
	AUTO_BUF packed = { 0 };
	struct version v;

	*ret = json_null();
	if (s->table == NULL)
		return true;
	json = json_object();
	version_pack(key, (size_t)s->table->keys + s->table->scope_in_key, &packed);
	hint = find_hint(s, &packed);
	if (!version_find(&s->versions, key, NULL, &v, e))
		return false;
	json_object_set_new(json, "contested", v.n > 0 ? contested(s, v.k) : json_array());
	if (hint != NULL) {
		json_object_set_new(json, "at", request_time(hint->ms));
		json_object_set_new(json, "by",
				    hint->name[0] == '\0' ? json_null() : json_string(hint->name));
		json_object_set_new(json, "node", json_string(s->p->name));
		json_object_set_new(json, "sent", json_string("unsent"));
	} else if (!sealed_state(s, &v, key, json, e)) {
		return false;
	}
	*ret = json_incref(json);
	return true;
}
