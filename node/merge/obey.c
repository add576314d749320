/*
 * obey.c - the state of a row as an author had seen it.
 *
 * "As seen" means: merge the changesets that the change's context covers, and all that those cover in turn,
 * and no others.  The version row has the merge of everything that is here, which may be more: somebody
 * else's concurrent write.  But if every write that stands in the state column and in the key columns is
 * covered, then nothing uncovered ever touched that column: it would still stand there, or something that
 * superseded it would, which then has it as an ancestor.  (Key columns, because an INSERT supersedes
 * columns that it does not list, and stands in the key.)  So the state is what the version row shows: that
 * is the quick way, and nearly always open.  A write that is dead may have been killed by a delete that
 * the author had not seen, so with a dead one standing the way is closed.
 *
 * Else the ancestors are found, from the newest to the oldest, and replayed for this one row.
 */
#include <stdio.h>
#include <string.h>

#include "merge/obey.h"
#include "merge/replay.h"
#include "simpul/changeset.h"

static bool check_groups(const struct rules_table *rules, const struct document_table *d,
			 const struct column_set *written, struct err *why)
{
	bool touched[LIMIT_COLUMNS] = { false };

	for (uint16_t i = 0; i < d->schema->columns; i++)
		if (d->column_no[i] >= 0 && column_set_has(written, (unsigned)d->column_no[i]))
			touched[rules->group[d->column_no[i]]] = true;
	for (uint16_t i = 0; i < d->schema->columns; i++) {
		int no = d->column_no[i];

		if (no >= 0 && rules->group[no] != 0 && touched[rules->group[no]] &&
		    !column_set_has(written, (unsigned)no))
			return err_set(why, ERR_FORBIDDEN,
				       "a change of %s writes a part of a group: not %.*s", d->name,
				       (int)d->schema->column[i].name.len, d->schema->column[i].name.text);
	}
	return true;
}

/* The author's document must call a column a counter where the rules do: it says what the number means. */
static bool check_counter(const struct rules_table *rules, const struct document_table *d,
			  const struct change *c, uint16_t i, struct err *why)
{
	const struct schema_column *own = &d->schema->column[c->column[i]];
	int no = d->column_no[c->column[i]];
	bool counter = no >= 0 && column_set_has(&rules->counters, (unsigned)no);

	if (counter != (own->policy == POLICY_COUNTER) && no >= 0)
		return err_set(why, ERR_FORBIDDEN,
			       "column %.*s of %s is %s by the rules, and not by its author's",
			       (int)own->name.len, own->name.text, d->name,
			       counter ? "a counter" : "no counter");
	if (counter && c->value[i].type != VALUE_INT &&
	    !(c->op == CHANGE_INSERT && c->value[i].type == VALUE_NULL))
		return err_set(why, ERR_FORBIDDEN, "counter %.*s of %s is set to what is no whole number",
			       (int)own->name.len, own->name.text, d->name);
	return true;
}

static bool scope_is(const struct value *v, const struct scope *scope)
{
	return v->type == VALUE_TEXT && v->len == strlen(scope->name) &&
	       memcmp(v->bytes, scope->name, v->len) == 0;
}

/* The scope column as a document tells it: its own, or that of the rules. */
static bool check_scope(const struct document_table *told, const struct document_table *d,
			const struct change *c, const struct scope *scope, struct err *why)
{
	int no;

	if (!(told->schema->flags & SCHEMA_TABLE_SCOPED))
		return true;
	no = told->column_no[told->schema->scope];
	for (uint16_t i = 0; i < c->keys; i++)
		if (d->column_no[d->schema->key[i]] == no && !scope_is(&c->key[i], scope))
			return err_set(why, ERR_FORBIDDEN, "a change of %s puts a row into another scope",
				       d->name);
	for (uint16_t i = 0; i < c->columns; i++)
		if (d->column_no[c->column[i]] == no && !scope_is(&c->value[i], scope))
			return err_set(why, ERR_FORBIDDEN, "a change of %s puts a row into another scope",
				       d->name);
	return true;
}

static void written_columns(const struct document_table *d, const struct change *c, struct column_set *ret)
{
	*ret = (struct column_set){ 0 };
	for (uint16_t i = 0; i < c->columns; i++)
		if (d->column_no[c->column[i]] >= 0)
			column_set_add(ret, (unsigned)d->column_no[c->column[i]]);
}

bool obey_change(const struct rules_table *rules, const struct document_table *d, const struct change *c,
		 const struct scope *scope, struct err *why)
{
	struct column_set written;

	if (!check_scope(d, d, c, scope, why) || !check_scope(rules->document, d, c, scope, why))
		return false;
	if (rules->rules == NULL)
		return true;
	if (rules->rules->append && c->op != CHANGE_INSERT)
		return err_set(why, ERR_FORBIDDEN, "rows of %s never change and never go", d->name);
	for (uint16_t i = 0; i < c->columns; i++)
		if (!check_counter(rules, d, c, i, why))
			return false;
	if (c->op != CHANGE_UPDATE || !rules->grouped)
		return true;
	written_columns(d, c, &written);
	return check_groups(rules, d, &written, why);
}

bool obey_needs_row(const struct rules_table *t)
{
	return t->rules != NULL && (t->rules->append || t->rules->writes > 0 || t->rules->frozens > 0);
}

static bool covered(const struct obey_row *r, const struct merge_entry *w)
{
	if (w->chain == r->merge->chain)
		return w->seq < r->merge->seq && w->seq <= r->merge->seen_own;
	return w->chain < r->context->chains && w->seq <= r->context->seen[w->chain];
}

static bool stands_in_any(const struct merge_entry *w, const struct column_set *columns)
{
	uint64_t any = 0;

	for (size_t k = 0; k < COLUMN_SET_WORDS; k++)
		any |= w->columns.word[k] & columns->word[k];
	return any != 0;
}

/* Is the quick way open?  See above. */
static bool all_covered(const struct obey_row *r)
{
	struct column_set columns = r->document->keys;

	if (r->rules->state >= 0)
		column_set_add(&columns, (unsigned)r->rules->state);
	for (size_t i = 0; i < r->row.n; i++)
		if (stands_in_any(&r->row.entry[i], &columns) &&
		    (r->row.entry[i].dead || !covered(r, &r->row.entry[i])))
			return false;
	return true;
}

struct seen { /* the row, as the author had seen it */
	bool there;
	bool found; /* a write stands in the state column */
	struct value state;
};

/* Some write stands in the key columns, or the row was never inserted but written all the same. */
static bool look_quickly(struct history *h, const struct obey_row *r, struct seen *ret, struct err *e)
{
	for (size_t i = 0; i < r->row.n; i++)
		ret->there |= !r->row.entry[i].dead && covered(r, &r->row.entry[i]);
	return r->rules->state < 0 ||
	       cell_shown(h, &r->row, r->rules->state, &ret->state, &ret->found, e);
}

static uint32_t chain_number(const struct history *h, const struct chain_id *id)
{
	for (size_t i = 1; i < h->chains; i++)
		if (chain_compare(&h->id[i], id) == 0)
			return (uint32_t)i;
	return 0;
}

/* What this changeset had seen is seen too. */
static bool add_ancestors(struct history *h, struct stmt *s, uint64_t *need, struct err *e)
{
	AUTO_BUF body = { 0 };
	struct change_reader reader;
	struct context_pair pair;
	struct frame f;
	const uint8_t *bytes;
	size_t len;

	bytes = stmt_get_blob(s, 2, &len);
	if (!seal_open(bytes, len, &f, e))
		return false;
	len = f.changeset.body_len;
	if (!seal_unpack(&f, buf_reserve(&body, len + 1), len, e) ||
	    !change_reader_open(&reader, body.data, len, e))
		return false;
	while (change_reader_pair(&reader, &pair)) {
		uint32_t about = chain_number(h, &pair.chain);

		if (about > 0 && need[about] < pair.seq)
			need[about] = pair.seq;
	}
	return true;
}

/* need: from what the change's context says to what follows from it.  Ancestors come before, so go back. */
static bool close_over(struct history *h, const struct obey_row *r, uint64_t *need, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(h->db, "SELECT chain_no, seq, frame FROM simpul_changeset WHERE scope = ?1"
			       " AND kind = 1 AND state = 1 AND n < ?2 ORDER BY n DESC", &s, e))
		return false;
	stmt_text(&s, 1, r->scope->name);
	stmt_int(&s, 2, r->n);
	while (true) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		if (stmt_get_int(&s, 0) < (int64_t)h->chains &&
		    (uint64_t)stmt_get_int(&s, 1) <= need[stmt_get_int(&s, 0)] &&
		    !add_ancestors(h, &s, need, e))
			return err_wrap(e, "changeset %lld of a chain on file",
					(long long)stmt_get_int(&s, 1));
	}
}

static bool look_back(struct history *h, const struct obey_row *r, struct seen *ret, struct arena *arena,
		      struct err *e)
{
	uint64_t *need = arena_take(arena, h->chains * sizeof(*need));
	const struct catalog_table *const table[] = { r->row.table };
	struct replay_plan plan = { .upto = r->n - 1, .table = table, .tables = 1, .seen = need };
	AUTO_REPLAY replay = { 0 };
	struct replay_row *row;

	for (size_t i = 0; i < h->chains; i++)
		need[i] = i < r->context->chains ? r->context->seen[i] : 0;
	need[r->merge->chain] = r->merge->seq - 1;
	if (r->merge->seen_own < need[r->merge->chain])
		need[r->merge->chain] = r->merge->seen_own;
	if (!close_over(h, r, need, e) || !replay_open(&replay, h->db, h->documents.catalog, &plan, e))
		return false;
	row = replay_want(&replay, r->row.table, r->scope, r->row.key);
	if (!replay_run(&replay, e))
		return false;
	ret->there = merge_alive(row->entry, row->n);
	if (r->rules->state >= 0 &&
	    !replay_shown(&replay, row, r->rules->state, &ret->state, &ret->found, e))
		return false;
	if (ret->found && ret->state.type >= VALUE_TEXT)
		ret->state.bytes = arena_copy(arena, ret->state.bytes, ret->state.len);
	return true;
}

static bool judge(const struct obey_row *r, const struct seen *seen, struct err *why)
{
	const struct change *c = r->change;
	char digits[24], to_digits[24];
	struct schema_text to;
	struct column_set written;
	struct rules_act act = { .role = r->role, .state = { "", 0 } };

	if (r->rules->rules->append && seen->there)
		return err_set(why, ERR_FORBIDDEN, "rows of %s never change: it had seen this one",
			       r->document->name);
	if (seen->there && seen->found)
		act.state = rules_state(&seen->state, digits);
	written_columns(r->document, c, &written);
	if (c->op != CHANGE_DELETE)
		act.columns = &written;
	for (uint16_t i = 0; i < c->columns; i++)
		if (r->rules->state >= 0 && r->document->column_no[c->column[i]] == r->rules->state) {
			to = rules_state(&c->value[i], to_digits);
			act.to = &to;
		}
	return rules_allow(r->rules, &act, why);
}

bool obey_row(struct history *h, const struct obey_row *row, bool *ret_obeys, struct err *why,
	      struct err *e)
{
	AUTO_ARENA arena = { 0 };
	struct seen seen = { 0 };

	if (all_covered(row) ? !look_quickly(h, row, &seen, e) : !look_back(h, row, &seen, &arena, e))
		return false;
	*ret_obeys = judge(row, &seen, why);
	return true;
}
