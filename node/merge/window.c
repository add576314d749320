/*
 * window.c - picking changesets in causal order, and checking each before anything of it is merged.
 *
 * The order of acceptance is causal already, so one pass in that order finds everything that is ready:
 * a changeset waits only for a table that is not attached here, for the rest of its cut, or for one that
 * waits.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "merge/obey.h"
#include "merge/window.h"
#include "simpul/grant.h"
#include "simpul/hlc.h"
#include "store/tables.h"

static bool load_candidates(struct window *w, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;
	int64_t count;

	if (!db_int(w->db, "SELECT count(*) FROM simpul_changeset WHERE state = 0", 0, &count, e))
		return false;
	w->candidate = arena_take(&w->arena, (size_t)count * sizeof(*w->candidate) + 1);
	if (!db_statement(w->db, "SELECT n FROM simpul_changeset WHERE state = 0 AND"
				 " chain_no NOT IN " TABLES_CARRIED
				 " AND (coalesce(reason, '') GLOB '" WINDOW_FAILED "*') = ?1 ORDER BY n",
			  &s, e))
		return false;
	stmt_int(&s, 1, w->failed);
	while (true) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		w->candidate[w->candidates++] = stmt_get_int(&s, 0);
	}
}

/* The least number of the chain from `from` up that waits to be merged. */
static bool next_waiting(struct window *w, size_t no, uint64_t from, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(w->db, "SELECT min(seq) FROM simpul_changeset WHERE state = 0 AND chain_no = ?1"
				 " AND seq >= ?2", &s, e))
		return false;
	stmt_int(&s, 1, (int64_t)no);
	stmt_int(&s, 2, (int64_t)from);
	if (!stmt_row(&s, &row, e))
		return false;
	w->chain[no].next = stmt_get_null(&s, 0) ? w->chain[no].head + 1 : (uint64_t)stmt_get_int(&s, 0);
	return true;
}

static bool load_chains(struct window *w, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	w->chains = w->history->chains;
	if (w->chain == NULL)
		w->chain = arena_take(&w->arena, w->chains * sizeof(*w->chain));
	memset(w->chain, 0, w->chains * sizeof(*w->chain));
	if (!db_statement(w->db, "SELECT no, scope, coalesce(role, 0), head_seq, coalesce(void_after, -1)"
				 " FROM simpul_chain", &s, e))
		return false;
	while (true) {
		struct window_chain *c;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		c = &w->chain[stmt_get_int(&s, 0)];
		strncpy(c->scope.name, stmt_get_text(&s, 1), sizeof(c->scope.name) - 1);
		c->role = (int)stmt_get_int(&s, 2);
		c->head = (uint64_t)stmt_get_int(&s, 3);
		c->void_after = stmt_get_int(&s, 4);
		if (!next_waiting(w, (size_t)(c - w->chain), 1, e))
			return false;
	}
}

bool window_open(struct window *w, struct history *history, struct table_set *tables,
		 const struct world *world, bool failed, struct err *e)
{
	*w = (struct window){ .db = history->db, .world = world, .history = history, .tables = tables,
			      .failed = failed };
	arena_init(&w->arena);
	if (!load_candidates(w, e))
		return false;
	return w->candidates == 0 || (rules_open(&w->rules, &history->documents, e) && load_chains(w, e));
}

void window_done(struct window *w)
{
	memory_free(&w->item);
	arena_done(&w->work);
	arena_done(&w->arena);
}

/* The chain's number in this file; 0 if it is not here. */
static uint32_t chain_number(const struct window *w, const struct chain_id *id)
{
	for (size_t i = 1; i < w->chains; i++)
		if (chain_compare(&w->history->id[i], id) == 0)
			return (uint32_t)i;
	return 0;
}

static bool load_context(struct window *w, uint32_t no, struct err *e)
{
	struct window_chain *c = &w->chain[no];
	AUTO_RESET s = { 0 };
	bool row;

	c->seen = arena_take(&w->work, w->chains * sizeof(*c->seen));
	memset(c->seen, 0, w->chains * sizeof(*c->seen));
	if (!db_statement(w->db, "SELECT about_no, seq FROM simpul_context WHERE chain_no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, no);
	while (true) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		if (stmt_get_int(&s, 0) < (int64_t)w->chains)
			c->seen[stmt_get_int(&s, 0)] = (uint64_t)stmt_get_int(&s, 1);
	}
}

static bool put_context(struct window *w, uint32_t no, uint32_t about, uint64_t seq, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(w->db, "INSERT INTO simpul_context(chain_no, about_no, seq) VALUES(?1, ?2, ?3)"
				 " ON CONFLICT(chain_no, about_no) DO UPDATE SET seq = max(seq, ?3)", &s, e))
		return false;
	stmt_int(&s, 1, no);
	stmt_int(&s, 2, about);
	stmt_int(&s, 3, (int64_t)seq);
	return stmt_done(&s, e);
}

static bool pairs_ready(const struct window *w, const struct history_set *set)
{
	for (size_t i = 0; i < set->pairs; i++) {
		uint32_t about = chain_number(w, &set->pair[i].chain);
		const struct window_chain *c = &w->chain[about];
		bool is_void = about != 0 && c->void_after >= 0 &&
			       set->pair[i].seq > (uint64_t)c->void_after;

		if (about == 0 || (set->pair[i].seq >= c->next && !is_void))
			return false;
	}
	return true;
}

/* The chain's context with this changeset's additions: not kept yet, it may break the rules. */
static bool extend_context(struct window *w, uint32_t no, const struct history_set *set,
			   uint64_t **ret_seen, struct err *e)
{
	struct window_chain *c = &w->chain[no];
	uint64_t *seen;

	if (c->seen == NULL && !load_context(w, no, e))
		return false;
	seen = set->pairs == 0 ? c->seen : arena_copy(&w->work, c->seen, w->chains * sizeof(*c->seen));
	for (size_t i = 0; i < set->pairs; i++) {
		uint32_t about = chain_number(w, &set->pair[i].chain);

		if (seen[about] < set->pair[i].seq)
			seen[about] = set->pair[i].seq;
	}
	*ret_seen = seen;
	return true;
}

/* For the changesets that follow in the chain. */
static bool keep_context(struct window *w, uint32_t no, const struct history_set *set, uint64_t *seen,
			 struct err *e)
{
	w->chain[no].seen = seen;
	for (size_t i = 0; i < set->pairs; i++)
		if (!put_context(w, no, chain_number(w, &set->pair[i].chain), set->pair[i].seq, e))
			return false;
	return true;
}

static bool set_state(struct window *w, int64_t n, int state, const char *reason, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(w->db, "UPDATE simpul_changeset SET state = ?2, reason = ?3 WHERE n = ?1", &s, e))
		return false;
	stmt_int(&s, 1, n);
	stmt_int(&s, 2, state);
	if (reason == NULL)
		stmt_null(&s, 3);
	else
		stmt_text(&s, 3, reason);
	return stmt_done(&s, e);
}

bool window_undo(struct window *w, struct err *e)
{
	struct window_mark now = w->mark;

	arena_reset(&w->work);
	w->items = 0;
	w->now = now;
	w->catalog_moved = false;
	for (size_t i = now.at; i < w->candidates; i++)
		if (w->candidate[i] < 0)
			w->candidate[i] = -w->candidate[i];
	return load_chains(w, e);
}

bool window_fail(struct window *w, const struct err *why, struct err *e)
{
	char reason[sizeof(why->text) + sizeof(WINDOW_FAILED)];

	while (w->now.at < w->candidates && w->candidate[w->now.at++] != w->first)
		;
	w->now.waiting++;
	log_once(LOG_ERROR, "merge", err_slug(why->code), "changeset %lld " WINDOW_FAILED "%s",
		 (long long)w->first, why->text);
	snprintf(reason, sizeof(reason), WINDOW_FAILED "%s", why->text);
	return set_state(w, w->first, 0, reason, e);
}

void window_condemn(struct window *w, int64_t n, const struct err *why)
{
	struct window_guilt *g = arena_take(&w->arena, sizeof(*g));

	g->next = w->guilty;
	g->n = n;
	snprintf(g->reason, sizeof(g->reason), "%s", why->text);
	w->guilty = g;
}

/* What the checks of one changeset come to. */
struct finding {
	enum { FINDING_GOOD, FINDING_WAIT, FINDING_QUARANTINE } kind;
	char reason[480];
	const struct schema_table *make; /* wait: this table has to be made first */
	const struct document_table *grow; /* wait: columns of its table have to be added first */
};

static void PRINTF_LIKE(3, 4) find_fault(struct finding *f, int kind, const char *fmt, ...)
{
	va_list ap;

	f->kind = kind;
	va_start(ap, fmt);
	vsnprintf(f->reason, sizeof(f->reason), fmt, ap);
	va_end(ap);
}

static bool table_present(struct db *db, const char *name, bool *ret, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "SELECT 1 FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE", &s, e))
		return false;
	stmt_text(&s, 1, name);
	return stmt_row(&s, ret, e);
}

/*
 * Replicated here by its name, though it is not in the catalog: the file has no such table any more, or
 * repair put it aside (then f says so).
 */
static bool table_dropped(struct db *db, const char *name, struct finding *f, bool *ret, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "SELECT aside FROM simpul_table WHERE coalesce(replicated, name) = ?1"
			      " COLLATE NOCASE", &s, e))
		return false;
	stmt_text(&s, 1, name);
	if (!stmt_row(&s, ret, e))
		return false;
	if (*ret && !stmt_get_null(&s, 0))
		find_fault(f, FINDING_WAIT, "table %s is put aside here: %s.  Give it the key that it had"
			   " (simpul alter)", name, stmt_get_text(&s, 0));
	return true;
}

/* Has the document a column that a table made here has not? */
static bool grows(const struct document_table *d)
{
	if (!d->table->made)
		return false;
	for (uint16_t i = 0; i < d->schema->columns; i++)
		if (d->column_no[i] >= 0 && catalog_column_by_no(d->table, d->column_no[i]) == NULL)
			return true;
	return false;
}

/* Which of the tables it writes are not ready here? */
static bool check_table(struct window *w, const struct document_table *d, const struct scope *scope,
			struct finding *f, struct err *e)
{
	bool present, dropped;

	if (d->table != NULL) {
		if (!d->same_key)
			find_fault(f, FINDING_WAIT, "table %s has another primary key here", d->name);
		else if (d->table->scope != NULL && strcmp(d->table->scope, scope->name) != 0)
			find_fault(f, FINDING_WAIT, "table %s belongs to another scope here", d->name);
		else if (grows(d))
			f->grow = d;
		return true;
	}
	if (!table_present(w->db, d->name, &present, e) || !table_dropped(w->db, d->name, f, &dropped, e))
		return false;
	if (f->kind == FINDING_WAIT)
		return true;
	if (dropped && !present) {
		find_fault(f, FINDING_WAIT, "table %s was dropped here: create it again, or simpul detach",
			   d->name);
		return true;
	}
	find_fault(f, FINDING_WAIT, "table %s is not replicated here: simpul attach", d->name);
	if (!present)
		f->make = d->schema;
	return true;
}

static bool scope_agrees(const struct document_table *d, const struct change *c,
			 const struct scope *scope)
{
	const struct value want = { .type = VALUE_TEXT, .len = (uint32_t)strlen(scope->name),
				    .bytes = (const uint8_t *)scope->name };
	int at = d->table->scope_at, no;

	if (at < 0)
		return true;
	no = d->table->column[at].no;
	for (int i = 0; i < c->keys; i++)
		if (d->table->key[i] == at && !value_equal(&c->key[i], &want))
			return false;
	for (uint16_t i = 0; i < c->columns; i++)
		if (d->column_no[c->column[i]] == no && !value_equal(&c->value[i], &want))
			return false;
	return true;
}

/* A function of the change, its document and its scope. */
static void check_change(const struct document *document, const struct change *c,
			 const struct scope *scope, struct finding *f)
{
	const struct document_table *d = &document->table[c->table];

	if (c->keys != d->schema->keys) {
		find_fault(f, FINDING_QUARANTINE, "a change of %s has a key of the wrong size", d->name);
		return;
	}
	for (uint16_t i = 0; i < c->columns; i++) {
		if (c->column[i] >= d->schema->columns) {
			find_fault(f, FINDING_QUARANTINE, "a change of %s names an unknown column", d->name);
			return;
		}
		for (uint8_t k = 0; k < d->schema->keys; k++)
			if (d->schema->key[k] == c->column[i])
				find_fault(f, FINDING_QUARANTINE, "a change of %s writes its key", d->name);
	}
	for (uint16_t i = 0; i < c->keys; i++)
		if (c->key[i].type == VALUE_NULL)
			find_fault(f, FINDING_QUARANTINE, "a change of %s has no key", d->name);
	if (f->kind == FINDING_GOOD && d->table != NULL && !scope_agrees(d, c, scope))
		find_fault(f, FINDING_QUARANTINE, "a change of %s puts a row into another scope", d->name);
}

/* A value for which there is no room waits: merging the rest of its changeset would drop it in silence. */
static void check_numbers(const struct document_table *d, const struct change *c, struct finding *f)
{
	for (uint16_t i = 0; d->table != NULL && i < c->columns && f->kind == FINDING_GOOD; i++)
		if (d->column_no[c->column[i]] < 0)
			find_fault(f, FINDING_WAIT,
				   "table %s has had %u columns here, no number is left for %.*s", d->name,
				   LIMIT_COLUMNS, (int)d->schema->column[c->column[i]].name.len,
				   d->schema->column[c->column[i]].name.text);
}

static bool check_set(struct window *w, const struct history_set *set, const struct rules_author *author,
		      struct finding *f, struct err *e)
{
	const struct scope *scope = &w->chain[author->chain].scope;
	const struct document_table *last = NULL;
	const struct rules_table *rules = NULL;
	struct err why;

	for (size_t i = 0; i < set->changes && f->kind != FINDING_QUARANTINE; i++) {
		const struct change *c = &set->change[i];
		const struct document_table *d = &set->document->table[c->table];

		if (c->table >= set->document->schema.tables) {
			find_fault(f, FINDING_QUARANTINE, "a change names an unknown table");
			break;
		}
		check_change(set->document, c, scope, f);
		if (f->kind == FINDING_QUARANTINE)
			break;
		if (last != d && ((f->kind == FINDING_GOOD && !check_table(w, d, scope, f, e)) ||
				  !rules_find(&w->rules, author, d, &rules, e)))
			return false;
		last = d;
		check_numbers(d, c, f);
		if (d->table != NULL && d->same_key && !obey_change(rules, d, c, scope, &why))
			find_fault(f, FINDING_QUARANTINE, "%s", why.text);
	}
	return true;
}

static void add_item(struct window *w, const struct history_set *set, const struct change *c,
		     struct window_item *item)
{
	const struct document_table *d = &set->document->table[c->table];
	struct merge_change *m = &item->merge;
	struct value key[VERSION_KEYS_MAX];
	AUTO_BUF packed = { 0 };

	item->document = d;
	item->change = c;
	item->order = w->items;
	item->table = table_find(w->tables, d->table);
	m->op = c->op;
	m->seq = set->seq;
	m->hlc = c->hlc;
	m->seen_own = c->seen_own;
	m->counters = d->counters;
	if (c->op == CHANGE_INSERT)
		m->columns = d->keys;
	for (uint16_t i = 0; i < c->columns; i++)
		if (d->column_no[c->column[i]] >= 0)
			column_set_add(&m->columns, (unsigned)d->column_no[c->column[i]]);
	table_version_key(item->table, item->scope, c->key, key);
	version_key_make(&item->table->versions, key, item->scope, &packed, &item->key);
	if (item->key.packed != NULL)
		item->key.packed = arena_copy(&w->work, packed.data, packed.len);
	if (c->hlc > w->now.hlc_max)
		w->now.hlc_max = c->hlc;
}

static bool add_items(struct window *w, int64_t n, const struct history_set *set,
		      const struct rules_author *author, struct err *e)
{
	const struct document_table *last = NULL, *d;
	const struct rules_table *rules = NULL;
	uint32_t no = author->chain;

	if (w->items + set->changes > w->cap) {
		w->cap = 2 * (w->items + set->changes);
		w->item = memory_resize(w->item, w->cap * sizeof(*w->item));
	}
	for (size_t i = 0; i < set->changes; i++) {
		struct window_item *item = &w->item[w->items];

		*item = (struct window_item){ .n = n, .context = author->context, .role = author->role,
					      .scope = &w->chain[no].scope };
		d = &set->document->table[set->change[i].table];
		if (d != last && !rules_find(&w->rules, author, d, &rules, e))
			return false;
		last = d;
		item->rules = rules;
		item->merge.chain = no;
		add_item(w, set, &set->change[i], item);
		w->items++;
	}
	return true;
}

struct taking { /* the changeset in hand */
	uint32_t no; /* of its chain */
	int64_t n;
	uint64_t seq;
};

/* It is done with: the chain goes on behind it. */
static bool taken(struct window *w, const struct taking *t, int state, const char *reason, struct err *e)
{
	AUTO_RESET s = { 0 };

	w->now.merged += state == 1;
	w->now.quarantined += state == 2;
	if (!set_state(w, t->n, state, reason, e) || !next_waiting(w, t->no, t->seq + 1, e) ||
	    !db_statement(w->db, "UPDATE simpul_chain SET merged_seq = ?2 WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, t->no);
	stmt_int(&s, 2, (int64_t)w->chain[t->no].next - 1);
	return stmt_done(&s, e);
}

/* How many changesets behind it are to be merged with it, as one. */
static bool cut_rest(struct window *w, const struct taking *t, const struct changeset *header,
		     uint64_t *ret, struct err *e)
{
	*ret = header->cut_left;
	return w->chain[t->no].cut_left > 0 || history_cut_rest(w->db, t->no, header, ret, e);
}

/*
 * Makes the table that f names.  A table that cannot be made is no error of the merge, whose other
 * changesets have nothing to do with it: *ret_made is false then, and f says why.
 */
static bool make_table(struct window *w, struct finding *f, const struct scope *scope, bool *ret_made,
		       struct err *e)
{
	const struct schema_text *name = &f->make->name;
	AUTO_TXN txn = { 0 };
	struct err why;

	if (!txn_begin(&txn, w->db, e))
		return false;
	*ret_made = table_make(w->db, f->make, scope, w->world, &why);
	if (*ret_made) {
		w->catalog_moved = true;
		return txn_commit(&txn, e);
	}
	*e = why;
	if (db_storage_failed(&why) || !txn_alive(&txn, e))
		return false;
	find_fault(f, FINDING_WAIT, "table %.*s cannot be made here: %.300s", (int)name->len, name->text,
		   why.text);
	return true;
}

static bool grow_table(struct window *w, const struct document_table *d, bool *ret_grown, struct err *e)
{
	if (w->stunted == d || !table_make_columns(w->db, d, w->world, ret_grown, e))
		return w->stunted == d;
	w->stunted = *ret_grown ? NULL : d;
	w->catalog_moved |= *ret_grown;
	return true;
}

/* A changeset that is next of its chain, all ancestors taken: its changes become items. */
static bool take_data(struct window *w, const struct taking *t, const struct history_set *set,
		      struct err *e)
{
	const struct scope *scope = &w->chain[t->no].scope;
	struct merge_context *context = arena_take(&w->work, sizeof(*context));
	struct rules_author author = { .chain = t->no, .seq = t->seq, .context = context };
	struct finding f = { .kind = FINDING_GOOD };
	bool made = false;
	uint64_t *seen;

	for (const struct window_guilt *g = w->guilty; g != NULL; g = g->next)
		if (g->n == t->n)
			return taken(w, t, 2, g->reason, e);
	if (!extend_context(w, t->no, set, &seen, e) || !rules_author_load(w->db, t->no, &author, e))
		return false;
	*context = (struct merge_context){ .seen = seen, .chains = w->chains, .id = w->history->id };
	if (!check_set(w, set, &author, &f, e))
		return false;
	if (f.kind == FINDING_GOOD && f.grow != NULL && !grow_table(w, f.grow, &made, e))
		return false;
	if (made) /* taken again with the new catalog */
		return true;
	switch (f.kind) {
	case FINDING_QUARANTINE:
		return taken(w, t, 2, f.reason, e);
	case FINDING_WAIT:
		w->now.waiting++;
		if (f.make != NULL && !make_table(w, &f, scope, &made, e))
			return false;
		return made || set_state(w, t->n, 0, f.reason, e);
	case FINDING_GOOD:
		break;
	}
	return keep_context(w, t->no, set, seen, e) && add_items(w, t->n, set, &author, e) &&
	       taken(w, t, 1, NULL, e);
}

/*
 * The tables of a schema document, as far as they are not here: an office may write into them first.  Not
 * of a national one: it may be there for its rules, about tables of any scope; data will tell.
 */
static bool take_schema(struct window *w, const struct taking *t, const struct changeset *header,
			struct err *e)
{
	const struct scope *scope = &w->chain[t->no].scope;
	const struct document *document;

	if (strcmp(scope->name, SCOPE_NATIONAL) == 0)
		return taken(w, t, 1, NULL, e);
	/* The document is the body, so its hash names it. */
	if (!document_find(&w->history->documents, header->body_hash.bytes, &document, e))
		return false;
	for (uint16_t i = 0; i < document->schema.tables; i++) {
		struct finding f = { .kind = FINDING_GOOD };
		bool made;

		if (!check_table(w, &document->table[i], scope, &f, e) ||
		    (f.make != NULL && !make_table(w, &f, scope, &made, e)) ||
		    (f.grow != NULL && !grow_table(w, f.grow, &made, e)))
			return false;
	}
	return taken(w, t, 1, NULL, e);
}

static bool unpack(struct window *w, const uint8_t *frame, size_t len, struct history_set *set,
		   struct err *e)
{
	bool ok;

	set->arena = w->work; /* the set lives as long as the window's work */
	ok = history_unpack(&w->history->documents, frame, len, set, e);
	w->work = set->arena;
	return ok;
}

/* The candidate, if it is ready.  only_open: only if it goes on with a cut that is begun. */
static bool take(struct window *w, int64_t n, bool only_open, bool *ret_taken, struct err *e)
{
	struct history_set set = { 0 };
	AUTO_RESET s = { 0 };
	const uint8_t *bytes;
	struct frame frame;
	struct taking t;
	struct window_chain *chain;
	uint64_t left;
	size_t len;
	bool row;

	*ret_taken = false;
	if (!db_statement(w->db, "SELECT chain_no, seq, frame FROM simpul_changeset WHERE n = ?1", &s, e))
		return false;
	stmt_int(&s, 1, n);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return true;
	t = (struct taking){ .no = (uint32_t)stmt_get_int(&s, 0), .n = n,
			     .seq = (uint64_t)stmt_get_int(&s, 1) };
	chain = &w->chain[t.no];
	if (t.seq != chain->next || (only_open && chain->cut_left == 0))
		return true;
	bytes = stmt_get_blob(&s, 2, &len);
	if (!seal_open(bytes, len, &frame, e))
		return err_wrap(e, "changeset %lld on file", (long long)n);
	if (!cut_rest(w, &t, &frame.changeset, &left, e))
		return false;
	if (chain->void_after < 0 && chain->head < t.seq + left) /* the rest is still on its way */
		return true;
	*ret_taken = true;
	if (frame.changeset.kind == CHANGESET_SCHEMA)
		return take_schema(w, &t, &frame.changeset, e);
	if (frame.changeset.kind != CHANGESET_DATA)
		return taken(w, &t, 1, NULL, e);
	if (!unpack(w, bytes, len, &set, e))
		return err_wrap(e, "changeset %lld on file", (long long)n);
	*ret_taken = pairs_ready(w, &set);
	if (!*ret_taken)
		return true;
	w->open_cuts += (left > 0) - (chain->cut_left > 0);
	chain->cut_left = left;
	return take_data(w, &t, &set, e);
}

static void work_reset(struct window *w)
{
	arena_reset(&w->work);
	w->items = 0;
	w->open_cuts = 0;
	for (size_t i = 0; i < w->chains; i++) {
		w->chain[i].seen = NULL;
		w->chain[i].cut_left = 0;
	}
}

/* The rest of cuts that are begun, from wherever it lies. */
static bool fill_cuts(struct window *w, struct err *e)
{
	for (size_t at = w->now.at; at < w->candidates && w->open_cuts > 0; at++) {
		bool got;

		if (w->candidate[at] < 0)
			continue;
		if (!take(w, w->candidate[at], true, &got, e))
			return false;
		if (got)
			w->candidate[at] = -w->candidate[at];
	}
	return true;
}

bool window_fill(struct window *w, size_t most, bool *ret_any, struct err *e)
{
	bool got;

	work_reset(w);
	w->mark = w->now;
	*ret_any = false;
	for (; w->now.at < w->candidates && !w->catalog_moved; w->now.at++) {
		int64_t n = w->candidate[w->now.at];

		if (most == 0 ? *ret_any : w->items >= most)
			break;
		if (n < 0) /* taken with the cut before */
			continue;
		if (!*ret_any)
			w->first = n;
		w->last = n;
		if (!take(w, n, false, &got, e))
			return false;
		*ret_any |= got;
	}
	return fill_cuts(w, e);
}
