/*
 * rules.c - finding the rules in effect, and what a role may do under them.
 *
 * "Newest" is by (HLC, chain id, seq) of the SCHEMA changeset: within one national chain that is its
 * order, and a hub that had to begin another chain goes on with later stamps.
 */
#include <stdio.h>
#include <string.h>

#include "simpul/grant.h"
#include "store/rules.h"

struct rules_known {
	uint32_t chain;
	uint64_t seq;
	uint8_t prefix[8];
};

struct rules_made {
	struct rules_made *next;
	struct rules_table table;
};

bool rules_open(struct rules *rules, struct document_set *documents, struct err *e)
{
	AUTO_STMT s = { 0 };
	int64_t count;
	bool row;

	*rules = (struct rules){ .documents = documents };
	if (!db_int(documents->db, "SELECT count(*) FROM simpul_approved", 0, &count, e))
		return false;
	if (count == 0)
		return true;
	rules->known = arena_take(documents->arena, (size_t)count * sizeof(*rules->known));
	if (!db_prepare(documents->db, "SELECT a.chain_no, a.seq, a.hash FROM simpul_approved a"
				       " JOIN simpul_chain c ON c.no = a.chain_no"
				       " WHERE a.seq <= coalesce(c.void_after, a.seq)"
				       " ORDER BY a.hlc DESC, c.id DESC, a.seq DESC", &s, e))
		return false;
	while (true) {
		struct rules_known *k = &rules->known[rules->knowns];
		const void *hash;
		size_t len;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		hash = stmt_get_blob(&s, 2, &len);
		if (len != sizeof(struct hash))
			return err_set(e, ERR_CORRUPT, "an approved document has no hash");
		k->chain = (uint32_t)stmt_get_int(&s, 0);
		k->seq = (uint64_t)stmt_get_int(&s, 1);
		memcpy(k->prefix, hash, sizeof(k->prefix));
		rules->knowns++;
	}
}

bool rules_author_load(struct db *db, uint32_t chain, struct rules_author *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT coalesce(c.role, 0), coalesce(g.by_no, 0), coalesce(g.by_seq, 0)"
			      " FROM simpul_chain c LEFT JOIN simpul_grant g ON g.chain = c.id"
			      " WHERE c.no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, chain);
	if (!stmt_row(&s, &row, e))
		return false;
	ret->chain = chain;
	ret->role = row ? (int)stmt_get_int(&s, 0) : 0;
	ret->granted_by = row ? (uint32_t)stmt_get_int(&s, 1) : 0;
	ret->granted_at = row ? (uint64_t)stmt_get_int(&s, 2) : 0;
	return true;
}

static bool knew(const struct rules_author *a, const struct rules_known *k)
{
	if (k->chain == a->chain)
		return k->seq < a->seq;
	if (k->chain == a->granted_by && k->seq <= a->granted_at)
		return true;
	if (a->context == NULL || a->context->seen == NULL)
		return true;
	return k->chain < a->context->chains && k->seq <= a->context->seen[k->chain];
}

static const struct document_table *table_named(const struct document *d, const char *name)
{
	for (uint16_t i = 0; i < d->schema.tables; i++)
		if (sqlite3_stricmp(d->table[i].name, name) == 0)
			return &d->table[i];
	return NULL;
}

static void fill(struct rules_table *t, const struct document_table *d, bool approved)
{
	const struct schema_table *schema = d->schema;

	*t = (struct rules_table){ .document = d, .approved = approved, .rules = schema->rules, .state = -1 };
	if (t->rules == NULL || d->table == NULL)
		return;
	for (uint16_t i = 0; i < schema->columns; i++) {
		int no = d->column_no[i];

		if (no < 0)
			continue;
		t->policy[no] = schema->column[i].policy;
		t->group[no] = schema->column[i].group;
		t->grouped |= t->group[no] != 0;
		if (t->policy[no] == POLICY_COUNTER)
			column_set_add(&t->counters, (unsigned)no);
		if (t->rules->state == i)
			t->state = no;
	}
}

static const struct rules_table *make(struct rules *rules, const struct document_table *d, bool approved)
{
	struct rules_made *m;

	for (m = rules->made; m != NULL; m = m->next)
		if (m->table.document == d && m->table.approved == approved)
			return &m->table;
	m = arena_take(rules->documents->arena, sizeof(*m));
	fill(&m->table, d, approved);
	m->next = rules->made;
	rules->made = m;
	return &m->table;
}

void rules_here(const struct catalog_table *table, struct arena *arena, struct rules_table *ret)
{
	struct document_table *d = arena_take(arena, sizeof(*d));
	struct schema_table *schema = arena_take(arena, sizeof(*schema));

	catalog_schema(table, arena, schema);
	*d = (struct document_table){ .name = table->name, .schema = schema, .table = table,
				      .same_key = true };
	d->column_no = arena_take(arena, (size_t)table->columns * sizeof(*d->column_no));
	for (int i = 0; i < table->columns; i++)
		d->column_no[i] = (int16_t)table->column[i].no;
	for (int i = 0; i < table->keys; i++)
		column_set_add(&d->keys, (unsigned)table->column[table->key[i]].no);
	fill(ret, d, table->approved);
}

bool rules_find(struct rules *rules, const struct rules_author *author,
		const struct document_table *own, const struct rules_table **ret, struct err *e)
{
	for (size_t i = 0; i < rules->knowns; i++) {
		const struct document_table *d;
		const struct document *document;

		if (!knew(author, &rules->known[i]))
			continue;
		if (!document_find(rules->documents, rules->known[i].prefix, &document, e))
			return err_wrap(e, "approved rules");
		d = table_named(document, own->name);
		if (d != NULL && d->schema->rules != NULL) {
			*ret = make(rules, d, true);
			return true;
		}
	}
	*ret = make(rules, own, false);
	return true;
}

struct schema_text rules_state(const struct value *v, char digits[24])
{
	switch (v->type) {
	case VALUE_TEXT:
		return (struct schema_text){ (const char *)v->bytes, v->len };
	case VALUE_INT:
		return (struct schema_text){ digits,
					     (uint32_t)snprintf(digits, 24, "%lld", (long long)v->integer) };
	case VALUE_REAL: /* in no list: only lines for any state match */
	case VALUE_BLOB:
		return (struct schema_text){ "\xff", 1 };
	case VALUE_NULL:
		break;
	}
	return (struct schema_text){ "", 0 };
}

static bool listed(const struct schema_text *list, size_t n, const struct schema_text *t)
{
	for (size_t i = 0; i < n; i++)
		if (schema_text_compare(&list[i], t) == 0)
			return true;
	return false;
}

/* The line's columns are all that is written. */
static bool covers_columns(const struct rules_table *t, const struct schema_write *w,
			   const struct column_set *columns)
{
	struct column_set left;

	if (w->columns == 0)
		return true;
	if (columns == NULL)
		return false;
	left = *columns;
	for (size_t i = 0; i < w->columns; i++) {
		int no = t->document->column_no[w->column[i]];

		if (no >= 0)
			left.word[no / 64] &= ~(UINT64_C(1) << no % 64);
	}
	return column_set_empty(&left);
}

static bool line_allows(const struct rules_table *t, const struct schema_write *w,
			const struct rules_act *act)
{
	if (w->role != act->role || !covers_columns(t, w, act->columns))
		return false;
	if (w->states > 0 ? !listed(w->state, w->states, &act->state) :
			    listed(t->rules->frozen, t->rules->frozens, &act->state))
		return false;
	return w->tos == 0 || act->to == NULL || listed(w->to, w->tos, act->to);
}

/* "reviewer, hub", as far as one of their lines is about this state; "nobody". */
static void who_may(const struct rules_table *t, const struct schema_text *state, char *out, size_t cap)
{
	unsigned told = 0;
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < t->rules->writes; i++) {
		const struct schema_write *w = &t->rules->write[i];

		if (told & 1u << w->role ||
		    (w->states > 0 ? !listed(w->state, w->states, state) :
				     listed(t->rules->frozen, t->rules->frozens, state)))
			continue;
		told |= 1u << w->role;
		len += (size_t)snprintf(out + len, cap - len, "%s%s", len > 0 ? ", " : "",
					role_name((enum role)w->role));
	}
	if (told == 0)
		snprintf(out, cap, "nobody");
}

bool rules_allow(const struct rules_table *t, const struct rules_act *act, struct err *why)
{
	const struct schema_rules *rules = t->rules;
	int len = act->state.len > 64 ? 64 : (int)act->state.len;
	char who[96];

	if (rules == NULL)
		return true;
	if (rules->writes == 0) {
		if (!listed(rules->frozen, rules->frozens, &act->state))
			return true;
		return err_set(why, ERR_FORBIDDEN, "rows of %s in state \"%.*s\" are frozen",
			       t->document->name, len, act->state.text);
	}
	for (size_t i = 0; i < rules->writes; i++)
		if (line_allows(t, &rules->write[i], act))
			return true;
	who_may(t, &act->state, who, sizeof(who));
	return err_set(why, ERR_FORBIDDEN,
		       "a %s may not write this of a row of %s in state \"%.*s\"; who may write there: %s",
		       role_name((enum role)act->role), t->document->name, len, act->state.text, who);
}
