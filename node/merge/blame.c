/* blame.c - the standing writes of a row and the changesets that they came in. */
#include <string.h>

#include "capture/drain.h"
#include "merge/blame.h"
#include "merge/replay.h"
#include "merge/table.h"
#include "store/tables.h"

struct asking {
	struct db *db;
	const struct blame_row *row;
	struct history history;
	struct version_table versions;
	struct arena arena;
	bool is_hub;
	bool (*call)(void *state, const struct blame *b);
	void *state;
};

#define AUTO_ASKING __attribute__((cleanup(asking_done))) struct asking

static void asking_done(struct asking *a)
{
	history_close(&a->history);
	version_close(&a->versions);
	arena_done(&a->arena);
}

static bool asking_open(struct asking *a, const struct catalog *catalog, struct err *e)
{
	struct version_shape shape;
	char role[8];

	version_shape_of(a->row->table, &shape);
	if (!history_open(&a->history, a->db, catalog, e) ||
	    !version_open(&a->versions, a->db, &shape, e) ||
	    !meta_get_text(a->db, "role", role, sizeof(role), e))
		return false;
	a->is_hub = strcmp(role, "hub") == 0;
	return true;
}

static void take_bytes(struct stmt *s, int column, void *to, size_t len)
{
	size_t have;
	const void *bytes = stmt_get_blob(s, column, &have);

	if (have == len)
		memcpy(to, bytes, len);
}

static bool signature_holds(struct stmt *s, const struct blame_write *w)
{
	struct public_key key = { 0 };
	struct frame f;
	struct err why;
	const void *bytes;
	size_t len;

	take_bytes(s, 3, key.bytes, sizeof(key.bytes));
	bytes = stmt_get_blob(s, 4, &len);
	return seal_open(bytes, len, &f, &why) && hash_equal(&f.id, &w->id) && seal_verify(&f, &key, &why);
}

/* Fills all but the change itself: op, actor, hlc. */
static bool describe_set(struct asking *a, uint32_t chain, uint64_t seq, struct blame_write *w, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	*w = (struct blame_write){ .seq = seq, .node = "" };
	if (!db_statement(a->db, "SELECT s.n, s.id, c.id, c.key, s.frame, c.name, c.own, r.log_index"
				 " FROM simpul_changeset s JOIN simpul_chain c ON c.no = s.chain_no"
				 " LEFT JOIN simpul_receipt r ON r.n = s.n"
				 " WHERE s.chain_no = ?1 AND s.seq = ?2", &s, e))
		return false;
	stmt_int(&s, 1, chain);
	stmt_int(&s, 2, (int64_t)seq);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return true;
	w->n = stmt_get_int(&s, 0);
	take_bytes(&s, 1, w->id.bytes, sizeof(w->id.bytes));
	take_bytes(&s, 2, w->chain.bytes, sizeof(w->chain.bytes));
	w->signature_ok = signature_holds(&s, w);
	w->node = arena_text(&a->arena, stmt_get_text(&s, 5));
	w->own = stmt_get_int(&s, 6) != 0;
	w->receipt = a->is_hub || !stmt_get_null(&s, 7) ? BLAME_RECEIPT : BLAME_NO_RECEIPT;
	w->log_index = a->is_hub ? w->n - 1 : stmt_get_int(&s, 7);
	return true;
}

/* The value and author of an entry in a column. */
static bool describe(struct asking *a, const struct merge_entry *entry, int column_no, struct blame *ret,
		     struct err *e)
{
	const struct history_cell cell = { .chain = entry->chain, .seq = entry->seq, .hlc = entry->hlc,
					   .tally = entry->tally, .table = a->row->table,
					   .key = a->row->key, .column_no = column_no };
	const struct history_set *set;
	const struct change *change;
	const struct value *value;

	if (!describe_set(a, entry->chain, entry->seq, &ret->by, e) ||
	    !history_set_find(&a->history, entry->chain, entry->seq, &set, e))
		return false;
	ret->dead = entry->dead;
	ret->by.hlc = entry->hlc;
	change = set == NULL ? NULL : history_change(set, &cell, &value);
	if (change == NULL)
		return true;
	ret->value = *value;
	ret->by.op = change->op;
	if (change->actor > 0 && change->actor <= set->actors)
		ret->by.actor = set->actor[change->actor - 1];
	return true;
}

static bool describe_column(struct asking *a, const struct version *v, const struct catalog_column *column,
			    bool *ret_more, struct err *e)
{
	const struct merge_entry *shown = merge_shown(v->entry, v->n, (unsigned)column->no, a->history.id);

	for (int beside = 0; beside < 2; beside++)
		for (size_t i = 0; i < v->n && *ret_more; i++) {
			struct blame b = { .column = column->name, .shown = &v->entry[i] == shown };

			if (b.shown == beside || !column_set_has(&v->entry[i].columns, (unsigned)column->no))
				continue;
			if (!describe(a, &v->entry[i], column->no, &b, e))
				return false;
			*ret_more = a->call(a->state, &b);
		}
	return true;
}

bool blame_unsealed(struct db *db, const struct blame_row *row, bool *ret, struct err *e)
{
	struct drain_row hint = { .table = row->table };

	memcpy(hint.key, row->key, (size_t)row->table->keys * sizeof(*row->key));
	if (row->table->scope_in_key && row->scope != NULL)
		hint.scope_key = (struct value){ .type = VALUE_TEXT,
						 .len = (uint32_t)strlen(row->scope->name),
						 .bytes = (const uint8_t *)row->scope->name };
	return drain_has(db, &hint, ret, e);
}

static bool find(struct asking *a, struct version *ret, struct err *e)
{
	const struct table t = { .table = a->row->table };
	struct value whole[VERSION_KEYS_MAX];
	bool unsealed;

	if (a->row->table->scope_in_key && a->row->scope == NULL)
		return err_set(e, ERR_USAGE, "%s holds several scopes here: say which one with --scope S",
			       a->row->table->name);
	table_version_key(&t, a->row->scope, a->row->key, whole);
	if (!version_find(&a->versions, whole, a->row->scope, ret, e))
		return false;
	if (ret->state != VERSION_NONE && ret->n > 0)
		return true;
	if (!blame_unsealed(a->db, a->row, &unsealed, e))
		return false;
	if (unsealed)
		return err_set(e, ERR_INCOMPLETE,
			       "this row of %s was written here and is not sealed yet: simpul sync seals it",
			       a->row->table->name);
	return err_set(e, ERR_NOT_FOUND, "nobody ever wrote such a row of %s", a->row->table->name);
}

bool blame_row(struct db *db, const struct catalog *catalog, const struct blame_row *row,
	       bool (*call)(void *state, const struct blame *b), void *state, struct err *e)
{
	AUTO_ASKING a = { .db = db, .row = row, .call = call, .state = state };
	struct version v;
	bool more = true;

	if (!asking_open(&a, catalog, e) || !find(&a, &v, e))
		return false;
	for (int i = 0; i < row->table->columns && more; i++)
		if (row->table->column[i].no < (int)LIMIT_COLUMNS && !catalog_is_key(row->table, i) &&
		    !describe_column(&a, &v, &row->table->column[i], &more, e))
			return false;
	return true;
}

static const struct value *written(const struct replay_write *w, int column_no)
{
	for (uint16_t i = 0; i < w->columns; i++)
		if (w->column[i] == column_no)
			return &w->value[i];
	return NULL;
}

static bool stands(const struct replay_row *row, const struct replay_write *w, int column_no)
{
	const struct value *ignored;

	for (size_t i = 0; i < row->n; i++)
		if (column_set_has(&row->entry[i].columns, (unsigned)column_no) &&
		    replay_write_of(row, &row->entry[i], column_no, &ignored) == w)
			return true;
	return false;
}

bool blame_cell(struct db *db, const struct catalog *catalog, const struct blame_row *row,
		bool (*call)(void *state, const struct blame_past *b), void *state, struct err *e)
{
	const struct replay_plan plan = { .table = &row->table, .tables = 1 };
	AUTO_ASKING a = { .db = db, .row = row };
	AUTO_REPLAY r = { 0 };
	const struct replay_row *found;
	struct version v;

	if (!asking_open(&a, catalog, e) || !find(&a, &v, e) || !replay_open(&r, db, catalog, &plan, e))
		return false;
	found = replay_want(&r, row->table, &v.scope, row->key);
	if (found == NULL || !replay_run(&r, e))
		return found == NULL ? err_set(e, ERR_NOT_FOUND, "no chain has that scope") : false;
	for (const struct replay_write *w = found->newest; w != NULL; w = w->older) {
		const struct value *value = written(w, row->column_no);
		struct blame_past b = { .written = value != NULL };

		if (value == NULL && w->op == CHANGE_UPDATE)
			continue;
		if (!describe_set(&a, w->set->chain, w->set->seq, &b.by, e))
			return false;
		if (value != NULL)
			b.value = *value;
		b.stands = value != NULL && stands(found, w, row->column_no);
		b.by.hlc = w->hlc;
		b.by.op = w->op;
		if (w->actor > 0 && w->actor <= w->set->actors)
			b.by.actor = w->set->actor[w->actor - 1];
		if (!call(state, &b))
			return true;
	}
	return true;
}
