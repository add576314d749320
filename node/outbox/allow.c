/*
 * allow.c - what other nodes will judge by (merge/obey.c), asked here first.
 *
 * A change made here is on top of all that was merged here, so the state of its row is what the version
 * shows now.
 */
#include <string.h>

#include "outbox/allow.h"
#include "store/cell.h"
#include "store/rules.h"

bool allow_needed(const struct catalog_table *table)
{
	return table->rules != NULL &&
	       (table->rules->append || table->rules->writes > 0 || table->rules->frozens > 0);
}

/*
 * Others judge a stale write by the state that its author had seen.  Where that is not the state of now, who
 * is right cannot be told from here for certain: such a write has to be made again on what is there now.
 */
static bool state_is_stale(const struct allow *a, const struct row_look *look)
{
	const struct catalog_table *table = a->rules->document->table;
	struct column_set columns = { 0 };

	if (a->rules->state >= 0)
		column_set_add(&columns, (unsigned)a->rules->state);
	for (int i = 0; i < table->keys; i++)
		column_set_add(&columns, (unsigned)table->column[table->key[i]].no);
	for (size_t i = 0; a->seen_own != CHANGE_SEEN_ALL && i < look->version.n; i++) {
		const struct merge_entry *w = &look->version.entry[i];

		for (size_t k = 0; w->chain == a->chain && w->seq > a->seen_own && k < COLUMN_SET_WORDS; k++)
			if ((w->columns.word[k] & columns.word[k]) != 0)
				return true;
	}
	return false;
}

/* "" where the row is not there. */
static bool state_of(struct history *h, const struct rules_table *rules, const struct row_look *look,
		     char digits[24], struct schema_text *ret, struct err *e)
{
	const struct catalog_table *table = rules->document->table;
	struct cell_row row = { .table = table, .key = look->key + table->scope_in_key,
				.k = look->version.k, .entry = look->version.entry, .n = look->version.n };
	struct value v;
	bool found;

	*ret = (struct schema_text){ "", 0 };
	if (rules->state < 0 || look->version.state != VERSION_ALIVE ||
	    (look->writes && look->op == CHANGE_INSERT && !look->leaves))
		return true;
	if (!cell_shown(h, &row, rules->state, &v, &found, e))
		return false;
	if (found)
		*ret = rules_state(&v, digits);
	return true;
}

bool allow_change(const struct allow *a, const struct row_look *look, bool *ret_allowed,
		  struct err *why, struct err *e)
{
	const struct rules_table *rules = a->rules;
	const struct document_table *d = rules->document;
	struct rules_act act = { .role = a->role };
	char digits[24], to_digits[24];
	struct column_set written = { 0 };
	struct schema_text to;

	*ret_allowed = false;
	if (rules->rules->append && (look->leaves || look->op == CHANGE_UPDATE))
		return !err_set(why, ERR_FORBIDDEN, "rows of %s never change and never go", d->name);
	if (state_is_stale(a, look))
		return !err_set(why, ERR_FORBIDDEN, "the state of this row of %s changed since it was read",
				d->name);
	if (!state_of(a->history, rules, look, digits, &act.state, e))
		return false;
	*ret_allowed = true;
	if (look->leaves) { /* a delete where it was, then perhaps an insert where it goes */
		*ret_allowed = rules_allow(rules, &act, why);
		act.state = (struct schema_text){ "", 0 };
	}
	if (!look->writes || !*ret_allowed)
		return true;
	act.columns = &written;
	for (uint16_t i = 0; i < look->columns; i++) {
		column_set_add(&written, (unsigned)d->column_no[look->column[i]]);
		if (d->column_no[look->column[i]] == rules->state) {
			to = rules_state(&look->value[i], to_digits);
			act.to = &to;
		}
	}
	*ret_allowed = rules_allow(rules, &act, why);
	return true;
}
