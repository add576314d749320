/*
 * row.c - the slow and always right way to bring a base row in line, and what a table's rules forbid.
 *
 * Merging never refuses a write because of a rule of the application's table: nodes would come to
 * different ends.  The versions take every write; only the base table, which cannot hold a row that
 * breaks NOT NULL or UNIQUE, goes without it until the rule is no longer broken.  Which of two rows goes
 * depends on their versions alone, so all nodes keep out the same one.
 */
#include <stdio.h>
#include <string.h>

#include "capture/diff.h"
#include "merge/row.h"
#include "store/tables.h"

#define RETRY_MAX 1000 /* withheld rows that one merge tries again */

static bool forget_violation(struct db *db, const struct row *row, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "DELETE FROM simpul_violation WHERE table_no = ?1 AND vkey = ?2", &s, e))
		return false;
	stmt_int(&s, 1, row->table->table->no);
	stmt_int(&s, 2, row->k);
	return stmt_done(&s, e);
}

static bool note_violation(struct db *db, const struct row *row, const char *reason, const char *detail,
			   struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "INSERT OR REPLACE INTO simpul_violation(table_no, vkey, reason, detail)"
			      " VALUES(?1, ?2, ?3, ?4)", &s, e))
		return false;
	stmt_int(&s, 1, row->table->table->no);
	stmt_int(&s, 2, row->k);
	stmt_text(&s, 3, reason);
	stmt_text(&s, 4, detail);
	return stmt_done(&s, e);
}

static bool find_version(const struct row *row, struct version *ret, struct err *e)
{
	struct value key[VERSION_KEYS_MAX];

	table_version_key(row->table, row->scope, row->key, key);
	return version_find(&row->table->versions, key, row->scope, ret, e);
}

bool row_settle(struct history *h, const struct row *row, const struct column_set *conflict, int64_t n,
		struct err *e)
{
	struct version v;
	struct cell_row cells = { .table = row->table->table, .key = row->key };

	if (!find_version(row, &v, e))
		return false;
	cells.k = v.k;
	cells.entry = v.entry;
	cells.n = v.n;
	return cell_settle(h, &cells, conflict, n, e);
}

/* Every column's shown value; a column that nobody wrote has its default. */
static bool gather(struct history *h, const struct row *row, const struct version *v,
		   struct arena *arena, struct table_row *ret, struct err *e)
{
	const struct catalog_table *t = row->table->table;
	const struct cell_row cells = { .table = t, .key = row->key, .k = v->k, .entry = v->entry,
					.n = v->n };

	*ret = (struct table_row){ .scope = row->scope, .key = row->key };
	for (int i = 0; i < t->columns; i++) {
		struct value *value = arena_take(arena, sizeof(*value));
		bool found;

		if (catalog_is_key(t, i) || t->column[i].no >= (int)LIMIT_COLUMNS)
			continue;
		if (!cell_shown(h, &cells, t->column[i].no, value, &found, e))
			return false;
		if (!found)
			*value = t->column[i].fallback;
		else if (value->type >= VALUE_TEXT)
			value->bytes = arena_copy(arena, value->bytes, value->len);
		ret->value[t->column[i].no] = value;
		column_set_add(&ret->columns, (unsigned)t->column[i].no);
	}
	return true;
}

/* The greatest write of a row: what rows are compared by when only one of them may stay. */
static struct merge_entry greatest(const struct version *v, const struct chain_id *id)
{
	struct merge_entry best = v->entry[0];

	for (size_t i = 1; i < v->n; i++)
		if (merge_beats(&v->entry[i], &best, id))
			best = v->entry[i];
	return best;
}

/* The columns of a UNIQUE index, as "a = ?1 AND b = ?2", and their values in some row. */
struct condition {
	struct buf sql;
	struct value value[LIMIT_COLUMNS];
	int n; /* 0: not a rule that we look into */
};

#define AUTO_CONDITION __attribute__((cleanup(condition_done))) struct condition

static void condition_done(struct condition *c)
{
	buf_done(&c->sql);
}

static bool condition_make(const struct table *t, const char *index, const struct table_row *row,
			   struct condition *ret, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool more;

	ret->n = 0;
	if (!db_prepare(t->versions.db, "SELECT name, coll FROM pragma_index_xinfo(?1) WHERE key = 1", &s, e))
		return false;
	stmt_text(&s, 1, index);
	while (true) {
		const struct catalog_column *c;
		const char *name;

		if (!stmt_row(&s, &more, e))
			return false;
		if (!more)
			return true;
		name = stmt_get_text(&s, 0);
		c = catalog_column_by_name(t->table, name, strlen(name));
		if (c == NULL) { /* an expression, or simpul_scope */
			ret->n = 0;
			return true;
		}
		buf_text(&ret->sql, ret->n == 0 ? "" : " AND ");
		sql_quote(&ret->sql, name);
		buf_print(&ret->sql, " = ?%d COLLATE %s", ret->n + 1, stmt_get_text(&s, 1));
		if (catalog_is_key(t->table, c->document_no)) {
			for (int k = 0; k < t->table->keys; k++)
				if (t->table->key[k] == c->document_no)
					ret->value[ret->n] = row->key[k];
		} else {
			ret->value[ret->n] = *row->value[c->no];
		}
		ret->n++;
	}
}

/* The row that sits where another one should: its key, copied, and in which index. */
struct rival {
	struct arena arena;
	struct value key[LIMIT_KEY_COLUMNS];
	char index[LIMIT_NAME_BYTES * 2];
	bool found;
};

#define AUTO_RIVAL __attribute__((cleanup(rival_done))) struct rival

static void rival_done(struct rival *r)
{
	arena_done(&r->arena);
}

static bool rival_query(const struct table *t, struct condition *condition, struct rival *ret,
			struct err *e)
{
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };

	buf_text(&sql, "SELECT ");
	for (int i = 0; i < t->table->keys; i++) {
		buf_text(&sql, i > 0 ? ", " : "");
		sql_quote(&sql, t->table->column[t->table->key[i]].name);
	}
	buf_text(&sql, " FROM ");
	sql_quote(&sql, t->table->name);
	buf_print(&sql, " WHERE %s", buf_string(&condition->sql));
	if (!db_prepare(t->versions.db, buf_string(&sql), &s, e))
		return false;
	for (int i = 0; i < condition->n; i++)
		stmt_value(&s, i + 1, &condition->value[i]);
	if (!stmt_row(&s, &ret->found, e))
		return false;
	for (int i = 0; i < t->table->keys && ret->found; i++) {
		ret->key[i] = stmt_get_value(&s, i);
		if (ret->key[i].type >= VALUE_TEXT)
			ret->key[i].bytes = arena_copy(&ret->arena, ret->key[i].bytes, ret->key[i].len);
	}
	return true;
}

static bool same_key(const struct row *row, const struct value *key)
{
	for (int i = 0; i < row->table->table->keys; i++)
		if (!value_equal(&row->key[i], &key[i]))
			return false;
	return true;
}

/* Looks through the UNIQUE indexes for another row that holds the values of this one. */
static bool rival_find(const struct row *row, const struct table_row *wanted, struct rival *ret,
		       struct err *e)
{
	const struct table *t = row->table;
	AUTO_STMT s = { 0 };
	bool more;

	if (!db_prepare(t->versions.db, "SELECT name FROM pragma_index_list(?1) WHERE \"unique\" = 1"
					" AND origin <> 'pk' AND partial = 0 ORDER BY name", &s, e))
		return false;
	stmt_text(&s, 1, t->table->name);
	while (true) {
		AUTO_CONDITION condition = { 0 };

		if (!stmt_row(&s, &more, e))
			return false;
		if (!more)
			return true;
		snprintf(ret->index, sizeof(ret->index), "%s", stmt_get_text(&s, 0));
		if (!condition_make(t, ret->index, wanted, &condition, e))
			return false;
		if (condition.n == 0)
			continue;
		if (!rival_query(t, &condition, ret, e))
			return false;
		if (ret->found && !same_key(row, ret->key))
			return true;
		ret->found = false;
	}
}

/* Whose row that is, in tables whose rows belong to several scopes: its version knows. */
static bool rival_version(const struct row *row, const struct rival *rival, struct version *ret,
			  struct err *e)
{
	struct value key[VERSION_KEYS_MAX];

	table_version_key(row->table, row->scope, rival->key, key);
	return version_find(&row->table->versions, key, NULL, ret, e);
}

/* Takes the rival out if it is the lesser of the two.  *ret_gone: try this row again. */
static bool rival_yield(struct history *h, const struct row *row, const struct rival *rival,
			bool *ret_gone, struct err *e)
{
	struct row other = *row;
	struct table_row base = { 0 };
	struct merge_entry mine, theirs;
	enum table_outcome outcome;
	struct version v;
	struct scope scope;

	*ret_gone = false;
	if (!find_version(row, &v, e))
		return false;
	mine = greatest(&v, h->id);
	if (!rival_version(row, rival, &v, e))
		return false;
	if (v.state != VERSION_ALIVE) /* a row that nobody sealed: it was here first */
		return true;
	theirs = greatest(&v, h->id);
	if (!merge_beats(&mine, &theirs, h->id))
		return true;
	scope = v.scope;
	other.scope = &scope;
	other.key = rival->key;
	other.k = v.k;
	base.scope = other.scope;
	base.key = other.key;
	if (!table_delete(row->table, &base, &outcome, e))
		return false;
	*ret_gone = outcome == TABLE_WRITTEN;
	return !*ret_gone || note_violation(h->db, &other, "unique", rival->index, e);
}

/* Keeps the row out of its table and says why. */
static bool withhold(struct history *h, const struct row *row, const struct table_row *wanted,
		     const char *reason, const char *detail, struct err *e)
{
	enum table_outcome ignored;

	return table_delete(row->table, wanted, &ignored, e) &&
	       note_violation(h->db, row, reason, detail, e);
}

/* Writes the row; while a lesser row stands in its way, that one goes. */
static bool place(struct history *h, const struct row *row, const struct table_row *wanted,
		  bool *ret_withheld, struct err *e)
{
	enum table_outcome outcome;
	bool again = true;
	char why[200];

	while (again) {
		AUTO_RIVAL rival = { 0 };

		if (!table_upsert(row->table, wanted, &outcome, e))
			return false;
		*ret_withheld = outcome != TABLE_WRITTEN;
		if (outcome == TABLE_WRITTEN)
			return forget_violation(h->db, row, e);
		if (outcome == TABLE_MISSING)
			return note_violation(h->db, row, "key", "the key is in use in another scope", e);
		if (row->table->table->integer_key && row->key->type != VALUE_INT)
			return note_violation(h->db, row, "key", "the key here holds integers only", e);
		snprintf(why, sizeof(why), "%s", sqlite3_errmsg(h->db->handle));
		if (!rival_find(row, wanted, &rival, e))
			return false;
		if (!rival.found)
			return withhold(h, row, wanted, "rule", why, e);
		if (!rival_yield(h, row, &rival, &again, e))
			return false;
	}
	return withhold(h, row, wanted, "unique", why, e);
}

bool row_rebuild(struct history *h, const struct row *row, bool *ret_withheld, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	struct table_row wanted;
	enum table_outcome ignored;
	struct version v;

	*ret_withheld = false;
	if (!find_version(row, &v, e))
		return false;
	if (v.state != VERSION_ALIVE) {
		wanted = (struct table_row){ .scope = row->scope, .key = row->key };
		return table_delete(row->table, &wanted, &ignored, e) && forget_violation(h->db, row, e);
	}
	return gather(h, row, &v, &arena, &wanted, e) && place(h, row, &wanted, ret_withheld, e);
}

static bool retry_one(struct history *h, struct table *t, int64_t k, bool *ret_withheld, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	struct version_row v;
	struct row row = { .table = t, .k = k };

	if (!version_at(&t->versions, k, &v, e))
		return false;
	/* The key lies in the version table's buffer, which the next search overwrites. */
	for (int i = 0; i < t->versions.shape.keys; i++)
		if (v.key[i].type >= VALUE_TEXT)
			v.key[i].bytes = arena_copy(&arena, v.key[i].bytes, v.key[i].len);
	row.scope = &v.version.scope;
	row.key = v.key + t->table->scope_in_key;
	return row_rebuild(h, &row, ret_withheld, e);
}

/*
 * Rows that vanished without a DELETE (capture/diff.h), up to RETRY_MAX.  Each is there again or listed
 * with another reason afterwards, so that asking again comes to an end.
 */
static bool put_back(struct history *h, struct table *t, size_t *ret_tried, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	int64_t *found = arena_take(&arena, RETRY_MAX * sizeof(*found));
	AUTO_RESET s = { 0 };
	bool row, withheld;
	size_t n = 0;

	if (!db_statement(h->db, "SELECT vkey FROM simpul_violation WHERE table_no = ?1"
				 " AND reason = '" DIFF_MISSING "'", &s, e))
		return false;
	stmt_int(&s, 1, t->table->no);
	while (n < RETRY_MAX) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		found[n++] = stmt_get_int(&s, 0);
	}
	stmt_reset(&s);
	for (size_t i = 0; i < n; i++)
		if (!retry_one(h, t, found[i], &withheld, e))
			return false;
	*ret_tried = n;
	return true;
}

bool row_retry_withheld(struct history *h, struct table_set *tables, int64_t *ret_withheld,
			struct err *e)
{
	AUTO_ARENA arena = { 0 };
	AUTO_RESET s = { 0 };
	int64_t(*found)[2] = arena_take(&arena, RETRY_MAX * sizeof(*found));
	size_t n = 0, tried;
	bool row;

	*ret_withheld = 0;
	for (size_t t = 0; t < tables->tables; t++)
		do {
			if (!put_back(h, &tables->table[t], &tried, e))
				return false;
		} while (tried > 0);
	/* What sealing lists may have no version yet: sealing itself looks at those rows again. */
	if (!db_statement(h->db, "SELECT table_no, vkey FROM simpul_violation WHERE reason NOT IN"
				 " " TABLES_UNSEALED " ORDER BY table_no, vkey", &s, e))
		return false;
	while (n < RETRY_MAX) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		found[n][0] = stmt_get_int(&s, 0);
		found[n++][1] = stmt_get_int(&s, 1);
	}
	stmt_reset(&s);
	for (size_t i = 0; i < n; i++)
		for (size_t t = 0; t < tables->tables; t++) {
			bool withheld;

			if (tables->table[t].table->no != found[i][0])
				continue;
			if (!retry_one(h, &tables->table[t], found[i][1], &withheld, e))
				return false;
			*ret_withheld += withheld;
		}
	return true;
}
