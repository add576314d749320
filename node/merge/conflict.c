/*
 * conflict.c - simpul_sibling for people: by cell or group, and the way from a choice to a write.
 *
 * simpul_sibling says which cells are contested; what stands in them comes from the version row and the
 * frames, for a group is shown and chosen whole, agreeing columns included.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "capture/drain.h"
#include "capture/trigger.h"
#include "merge/conflict.h"
#include "simpul/grant.h"
#include "store/history.h"
#include "store/version.h"

#define GROUPS_MAX 256 /* catalog_column.group is a byte */

struct lister {
	struct db *db;
	const struct catalog *catalog;
	struct history history;
	struct arena arena; /* one conflict */
	const struct catalog_table *table;
	struct version_table versions;
	conflict_call *call;
	void *state;
	bool stopped;
	int64_t counted;
};

#define AUTO_LISTER __attribute__((cleanup(lister_done))) struct lister

static void lister_done(struct lister *l)
{
	version_close(&l->versions);
	history_close(&l->history);
	arena_done(&l->arena);
}

static bool enter_table(struct lister *l, const struct catalog_table *table, struct err *e)
{
	struct version_shape shape;

	if (l->table == table)
		return true;
	version_close(&l->versions);
	l->table = table;
	version_shape_of(table, &shape);
	return version_open(&l->versions, l->db, &shape, e);
}

/* Who wrote it: node, changeset.  Texts live in the arena. */
static bool name_write(struct lister *l, int64_t chain, int64_t seq, struct conflict_write *ret,
		       struct err *e)
{
	AUTO_RESET s = { 0 };
	const void *id;
	size_t len;
	bool row;

	ret->node = ret->scope = ret->actor = "";
	if (!db_statement(l->db, "SELECT c.name, c.scope, s.n, s.id FROM simpul_chain c"
				 " LEFT JOIN simpul_changeset s ON s.chain_no = c.no AND s.seq = ?2"
				 " WHERE c.no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, chain);
	stmt_int(&s, 2, seq);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return true;
	ret->node = arena_text(&l->arena, stmt_get_text(&s, 0));
	ret->scope = arena_text(&l->arena, stmt_get_text(&s, 1));
	ret->n = stmt_get_int(&s, 2);
	id = stmt_get_blob(&s, 3, &len);
	if (len == sizeof(ret->id))
		memcpy(&ret->id, id, len);
	return true;
}

/* The columns that are contested together with this one. */
static bool columns_of(struct lister *l, int column_no, struct conflict *c, struct err *e)
{
	const struct catalog_column *seed = catalog_column_by_no(l->table, column_no);
	int *no = arena_take(&l->arena, LIMIT_COLUMNS * sizeof(*no));
	const char **name = arena_take(&l->arena, LIMIT_COLUMNS * sizeof(*name));
	AUTO_RESET s = { 0 };
	bool row;

	c->column_no = no;
	c->column = name;
	for (int i = 0; seed != NULL && i < l->table->columns; i++) {
		const struct catalog_column *other = &l->table->column[i];

		if (other != seed && (seed->group == 0 || other->group != seed->group))
			continue;
		no[c->columns] = other->no;
		name[c->columns++] = other->name;
	}
	if (seed != NULL)
		return true;
	/* A column that only newer versions of the table have. */
	if (!db_statement(l->db, "SELECT name FROM simpul_column WHERE table_no = ?1 AND no = ?2", &s, e))
		return false;
	stmt_int(&s, 1, l->table->no);
	stmt_int(&s, 2, column_no);
	if (!stmt_row(&s, &row, e))
		return false;
	no[0] = column_no;
	name[0] = arena_text(&l->arena, row ? stmt_get_text(&s, 0) : "");
	c->columns = 1;
	return true;
}

static bool stands(const struct merge_entry *entry, const struct conflict *c)
{
	for (size_t i = 0; i < c->columns; i++)
		if (column_set_has(&entry->columns, (unsigned)c->column_no[i]))
			return !entry->tally;
	return false;
}

/* What the write of this entry says in each column. */
static bool read_values(struct lister *l, const struct conflict *c, const struct merge_entry *entry,
			const struct value ***ret, struct err *e)
{
	*ret = arena_take(&l->arena, c->columns * sizeof(**ret));
	for (size_t i = 0; i < c->columns; i++) {
		struct history_cell cell = { .chain = entry->chain, .seq = entry->seq, .hlc = entry->hlc,
					     .tally = entry->tally, .table = c->table, .key = c->key,
					     .column_no = c->column_no[i] };
		struct value *v = arena_take(&l->arena, sizeof(*v));
		bool found;

		if (!history_value(&l->history, &cell, v, &found, e))
			return false;
		(*ret)[i] = found ? v : NULL;
		if (found && v->type >= VALUE_TEXT)
			v->bytes = arena_copy(&l->arena, v->bytes, v->len);
	}
	return true;
}

/* Who at that node wrote the first of the columns that it wrote. */
static bool name_actor(struct lister *l, const struct conflict *c, const struct merge_entry *entry,
		       const char **ret, struct err *e)
{
	const struct history_set *set;
	const struct value *ignored;

	if (!history_set_find(&l->history, entry->chain, entry->seq, &set, e))
		return false;
	for (size_t i = 0; set != NULL && i < c->columns; i++) {
		const struct history_cell cell = { .chain = entry->chain, .seq = entry->seq,
						   .hlc = entry->hlc, .table = c->table, .key = c->key,
						   .column_no = c->column_no[i] };
		const struct change *change = history_change(set, &cell, &ignored);

		if (change == NULL)
			continue;
		if (change->actor > 0 && change->actor <= set->actors)
			*ret = arena_print(&l->arena, "%.*s", (int)set->actor[change->actor - 1].len,
					   set->actor[change->actor - 1].text);
		return true;
	}
	return true;
}

static bool same_values(const struct conflict *c, const struct value *const *a, const struct value *const *b)
{
	for (size_t i = 0; i < c->columns; i++)
		if (a[i] == NULL || b[i] == NULL || !value_equal(a[i], b[i]))
			return false;
	return true;
}

/* All standing writes with their values, the greatest first; of several that agree, the greatest. */
static bool values_of(struct lister *l, const struct version *v, struct conflict *c, struct err *e)
{
	const struct catalog_column *first = catalog_column_by_no(c->table, c->column_no[0]);
	const bool manual = first != NULL && first->policy == POLICY_MANUAL; /* the table shows none */
	struct conflict_value *value = arena_take(&l->arena, (v->n + 1) * sizeof(*value));
	const struct merge_entry **order = arena_take(&l->arena, (v->n + 1) * sizeof(*order));
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++) {
		const struct merge_entry *entry = &v->entry[i];
		size_t at = n;

		if (!stands(entry, c))
			continue;
		for (; at > 0 && merge_beats(entry, order[at - 1], l->history.id); at--)
			order[at] = order[at - 1];
		order[at] = entry;
		n++;
	}
	c->value = value;
	for (size_t i = 0; i < n; i++) {
		struct conflict_value *to = &value[c->values];
		const struct value **said;
		bool known = false;

		if (!read_values(l, c, order[i], &said, e))
			return false;
		for (size_t k = 0; k < c->values && !known; k++)
			known = same_values(c, value[k].value, said);
		if (known)
			continue;
		*to = (struct conflict_value){ .value = said, .shown = i == 0 && !manual };
		to->write.hlc = order[i]->hlc;
		if (!name_write(l, order[i]->chain, (int64_t)order[i]->seq, &to->write, e) ||
		    !name_actor(l, c, order[i], &to->write.actor, e))
			return false;
		c->values++;
	}
	return true;
}

struct contested { /* the first contested column of a conflict */
	int64_t no, k;
	int column_no;
};

/* The conflict around one contested cell, handed to the callback unless the row is deleted. */
static bool hand_out(struct lister *l, const struct contested *at, struct err *e)
{
	struct version_row *row = arena_take(&l->arena, sizeof(*row));
	struct conflict c = { .no = at->no, .table = l->table, .k = at->k };

	if (!version_at(&l->versions, at->k, row, e))
		return false;
	if (row->version.state != VERSION_ALIVE)
		return true;
	/* Looking up values reads other versions into the same buffers. */
	row->version.entry = arena_copy(&l->arena, row->version.entry,
					row->version.n * sizeof(*row->version.entry));
	for (int i = 0; i < l->versions.shape.keys; i++)
		if (row->key[i].type >= VALUE_TEXT)
			row->key[i].bytes = arena_copy(&l->arena, row->key[i].bytes, row->key[i].len);
	c.scope = row->version.scope.name;
	c.key = row->key + l->table->scope_in_key;
	if (!columns_of(l, at->column_no, &c, e) || !values_of(l, &row->version, &c, e))
		return false;
	l->stopped = !l->call(l->state, &c);
	return true;
}

/* Is it the first of its conflict?  Columns of one row come one after the other; seen: groups of it. */
static bool begins(const struct lister *l, int column_no, bool seen[GROUPS_MAX])
{
	const struct catalog_column *column = catalog_column_by_no(l->table, column_no);
	bool first = column == NULL || column->group == 0 || !seen[column->group];

	if (column != NULL)
		seen[column->group] = true;
	return first;
}

/* Every conflict of a table that is here, by table, row and column. */
static bool walk(struct lister *l, bool (*visit)(struct lister *, const struct contested *, struct err *),
		 struct err *e)
{
	bool seen[GROUPS_MAX] = { false };
	struct contested at = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(l->db, "SELECT table_no, vkey, column_no, min(no) FROM simpul_sibling"
			       " WHERE superseded_n IS NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3", &s, e))
		return false;
	while (!l->stopped) {
		const struct catalog_table *table;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		arena_reset(&l->arena);
		table = catalog_by_no(l->catalog, (int)stmt_get_int(&s, 0));
		if (table == NULL)
			continue;
		if (l->table != table || at.k != stmt_get_int(&s, 1))
			memset(seen, 0, sizeof(seen));
		at = (struct contested){ .no = stmt_get_int(&s, 3), .k = stmt_get_int(&s, 1),
					 .column_no = (int)stmt_get_int(&s, 2) };
		if (!enter_table(l, table, e))
			return false;
		if (begins(l, at.column_no, seen) && !visit(l, &at, e))
			return false;
	}
	return true;
}

bool conflict_list(struct db *db, const struct catalog *catalog, conflict_call *call, void *state,
		   struct err *e)
{
	AUTO_LISTER l = { .db = db, .catalog = catalog, .call = call, .state = state };

	return history_open(&l.history, db, catalog, e) && walk(&l, hand_out, e);
}

static bool count(struct lister *l, const struct contested *at, struct err *e)
{
	struct version_row *row = arena_take(&l->arena, sizeof(*row));

	if (!version_at(&l->versions, at->k, row, e))
		return false;
	l->counted += row->version.state == VERSION_ALIVE;
	return true;
}

bool conflict_count(struct db *db, const struct catalog *catalog, int64_t *ret, struct err *e)
{
	AUTO_LISTER l = { .db = db, .catalog = catalog };

	if (!walk(&l, count, e))
		return false;
	*ret = l.counted;
	return true;
}

/* Does the callback get to see it? */
struct once {
	conflict_call *call;
	void *state;
	bool called;
};

static bool call_once(void *state, const struct conflict *conflict)
{
	struct once *once = state;

	once->called = true;
	return once->call(once->state, conflict);
}

bool conflict_find(struct db *db, const struct catalog *catalog, int64_t no, conflict_call *call,
		   void *state, struct err *e)
{
	struct once once = { .call = call, .state = state };
	AUTO_LISTER l = { .db = db, .catalog = catalog, .call = call_once, .state = &once };
	const struct catalog_table *table = NULL;
	struct contested at = { .no = no };
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT table_no, vkey, column_no FROM simpul_sibling WHERE no = ?1"
			      " AND superseded_n IS NULL", &s, e))
		return false;
	stmt_int(&s, 1, no);
	if (!stmt_row(&s, &row, e))
		return false;
	if (row) {
		table = catalog_by_no(catalog, (int)stmt_get_int(&s, 0));
		at.k = stmt_get_int(&s, 1);
		at.column_no = (int)stmt_get_int(&s, 2);
		stmt_reset(&s);
	}
	if (table != NULL &&
	    (!history_open(&l.history, db, catalog, e) || !enter_table(&l, table, e) ||
	     !hand_out(&l, &at, e)))
		return false;
	return once.called || err_set(e, ERR_NOT_FOUND, "there is no conflict %" PRId64 ", or it is settled",
				      no);
}

/* The choice while its conflict is open before us. */
struct chooser {
	struct db *db;
	const struct world *world;
	const struct conflict_choice *choice;
	struct buf *object;
	const struct value *value[LIMIT_COLUMNS]; /* to write, by place in conflict.column; NULL: as it is */
	struct value given[LIMIT_COLUMNS];
	size_t writes;
	struct err *e;
	bool ok;
};

static bool may_write(struct db *db, const char *scope, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT 1 FROM simpul_chain WHERE own = 1 AND scope = ?1 AND frozen = 0"
			      " AND void_after IS NULL AND role IN (?2, ?3, ?4)", &s, e))
		return false;
	stmt_text(&s, 1, scope);
	stmt_int(&s, 2, ROLE_WRITER);
	stmt_int(&s, 3, ROLE_REVIEWER);
	stmt_int(&s, 4, ROLE_HUB);
	if (!stmt_row(&s, &row, e))
		return false;
	return row || err_set(e, ERR_FORBIDDEN,
			      "this node may not write in scope %s: choose at an office that"
			      " may",
			      scope);
}

static bool pick_written(struct chooser *w, const struct conflict *c)
{
	const struct conflict_value *found = NULL;

	for (size_t i = 0; i < c->values; i++)
		if (c->value[i].write.n == w->choice->n && found == NULL)
			found = &c->value[i];
	if (found == NULL)
		return err_set(w->e, ERR_NOT_FOUND, "changeset %" PRId64 " has no value in conflict %" PRId64,
			       w->choice->n, c->no);
	for (size_t i = 0; i < c->columns; i++) {
		w->value[i] = found->value[i];
		w->writes += found->value[i] != NULL;
	}
	return w->writes > 0 || err_set(w->e, ERR_NOT_FOUND,
					"what changeset %" PRId64 " wrote is not here any"
					" more: give the value",
					w->choice->n);
}

static bool pick_given(struct chooser *w, const struct conflict *c)
{
	for (size_t i = 0; i < w->choice->settings; i++) {
		const struct conflict_setting *s = &w->choice->setting[i];
		size_t at = 0;

		if (s->column == NULL && c->columns > 1)
			return err_set(w->e, ERR_USAGE, "several columns are chosen together: COLUMN=TEXT for"
							" each");
		while (s->column != NULL && at < c->columns && sqlite3_stricmp(c->column[at], s->column) != 0)
			at++;
		if (at == c->columns || w->value[at] != NULL)
			return err_set(w->e, ERR_USAGE, "\"%s\" is no column of conflict %" PRId64
							", or is given twice", s->column, c->no);
		w->given[at] = (struct value){ .type = s->text == NULL ? VALUE_NULL : VALUE_TEXT };
		if (s->text != NULL) {
			w->given[at].bytes = (const uint8_t *)s->text;
			w->given[at].len = (uint32_t)strlen(s->text);
		}
		w->value[at] = &w->given[at];
		w->writes++;
	}
	return w->writes == c->columns || err_set(w->e, ERR_USAGE,
						  "conflict %" PRId64 " has %zu columns: give"
						  " a value for each",
						  c->no, c->columns);
}

static struct value scope_value(const struct conflict *c)
{
	return (struct value){ .type = VALUE_TEXT, .len = (uint32_t)strlen(c->scope),
			       .bytes = (const uint8_t *)c->scope };
}

/* The row as an ordinary program writes it: the application's triggers and rules have their say. */
static bool write_row(struct chooser *w, const struct conflict *c)
{
	const struct value scope = scope_value(c);
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	int at = 0;

	buf_text(&sql, "UPDATE ");
	sql_quote(&sql, c->table->name);
	for (size_t i = 0; i < c->columns; i++) {
		if (w->value[i] == NULL)
			continue;
		buf_text(&sql, at == 0 ? " SET " : ", ");
		sql_quote(&sql, c->column[i]);
		buf_print(&sql, " = ?%d", ++at);
	}
	for (int i = 0; i < c->table->keys; i++) {
		buf_text(&sql, i == 0 ? " WHERE " : " AND ");
		sql_quote(&sql, c->table->column[c->table->key[i]].name);
		buf_print(&sql, " = ?%d", ++at);
	}
	if (c->table->scope_in_key)
		buf_print(&sql, " AND " CATALOG_SCOPE_COLUMN " = ?%d", ++at);
	if (!db_prepare(w->db, buf_string(&sql), &s, w->e))
		return false;
	at = 0;
	for (size_t i = 0; i < c->columns; i++)
		if (w->value[i] != NULL)
			stmt_value(&s, ++at, w->value[i]);
	for (int i = 0; i < c->table->keys; i++)
		stmt_value(&s, ++at, &c->key[i]);
	if (c->table->scope_in_key)
		stmt_value(&s, ++at, &scope);
	if (!stmt_done(&s, w->e)) {
		if (w->e->code == ERR_INTERNAL) /* a rule or trigger of the application */
			w->e->code = ERR_USAGE;
		return err_wrap(w->e, "the table does not take this value");
	}
	if (db_changed_rows(w->db) == 1)
		return true;
	return err_set(w->e, ERR_NOT_FOUND, "the row is kept out of table %s: simpul violations says why",
		       c->table->name);
}

/* A value that stays as it is leaves no mark in the trigger's hint; it was chosen all the same. */
static bool leave_hint(struct chooser *w, const struct conflict *c)
{
	struct drain_row hint = { .table = c->table, .ms = world_now_ms(w->world) };

	for (int i = 0; i < c->table->keys; i++)
		hint.key[i] = c->key[i];
	if (c->table->scope_in_key)
		hint.scope_key = scope_value(c);
	for (size_t i = 0; i < c->columns; i++)
		if (w->value[i] != NULL)
			hint.mask |= trigger_bit(c->column_no[i]);
	return drain_put_back(w->db, &hint, w->e);
}

static void put_object(struct chooser *w, const struct conflict *c)
{
	buf_text(w->object, c->table->name);
	for (int i = 0; i < c->table->keys; i++) {
		const struct value *v = &c->key[i];

		if (v->type == VALUE_TEXT)
			buf_print(w->object, " %.*s", (int)v->len, (const char *)v->bytes);
		else if (v->type == VALUE_INT)
			buf_print(w->object, " %" PRId64, v->integer);
		else
			buf_text(w->object, " ?");
	}
	for (size_t i = 0; i < c->columns; i++)
		buf_print(w->object, "%s%s", i == 0 ? " " : ",", c->column[i]);
}

static bool choose(void *state, const struct conflict *c)
{
	struct chooser *w = state;

	for (size_t i = 0; i < c->columns; i++)
		if (catalog_column_by_no(c->table, c->column_no[i]) == NULL)
			return err_set(w->e, ERR_UNSUPPORTED, "table %s has no column %s here",
				       c->table->name, c->column[i]);
	put_object(w, c);
	w->ok = may_write(w->db, c->scope, w->e) &&
		(w->choice->n > 0 ? pick_written(w, c) : pick_given(w, c)) && write_row(w, c) &&
		leave_hint(w, c);
	return w->ok;
}

bool conflict_choose(struct db *app, const struct catalog *catalog, const struct world *world,
		     const struct conflict_choice *choice, struct buf *ret_object, struct err *e)
{
	struct chooser w = { .db = app, .world = world, .choice = choice, .object = ret_object, .e = e };

	return conflict_find(app, catalog, choice->no, choose, &w, e) && w.ok;
}

/* s stands on a row of the ledger's query. */
static bool describe_past(struct lister *l, struct stmt *s, struct conflict_past *p, struct err *e)
{
	struct version_row *row = arena_take(&l->arena, sizeof(*row));
	struct value *value = arena_take(&l->arena, sizeof(*value));

	*value = stmt_get_value(s, 6);
	*p = (struct conflict_past){ .of = catalog_by_no(l->catalog, (int)stmt_get_int(s, 0)),
				     .table = arena_text(&l->arena, stmt_get_text(s, 8)), .scope = "",
				     .column = arena_text(&l->arena, stmt_get_text(s, 9)),
				     .value = value };
	p->write.hlc = (uint64_t)stmt_get_int(s, 5);
	p->by.hlc = (uint64_t)stmt_get_int(s, 12);
	if (!name_write(l, stmt_get_int(s, 3), stmt_get_int(s, 4), &p->write, e) ||
	    !name_write(l, stmt_get_int(s, 10), stmt_get_int(s, 11), &p->by, e))
		return false;
	if (p->of == NULL)
		return true;
	p->table = p->of->name;
	if (!enter_table(l, p->of, e) || !version_at(&l->versions, stmt_get_int(s, 1), row, e))
		return false;
	p->key = row->key + l->table->scope_in_key;
	p->scope = row->version.scope.name;
	return true;
}

bool conflict_ledger(struct db *db, const struct catalog *catalog,
		     bool (*call)(void *state, const struct conflict_past *past), void *state,
		     struct err *e)
{
	static const char superseded[] =
		"SELECT s.table_no, s.vkey, s.column_no, s.chain_no, s.seq, s.hlc, s.value, s.superseded_n,"
		" coalesce(t.name, ''), coalesce(c.name, ''), cs.chain_no, cs.seq, cs.hlc"
		" FROM simpul_sibling s LEFT JOIN simpul_table t ON t.no = s.table_no"
		" LEFT JOIN simpul_column c ON c.table_no = s.table_no AND c.no = s.column_no"
		" LEFT JOIN simpul_changeset cs ON cs.n = s.superseded_n"
		" WHERE s.superseded_n IS NOT NULL ORDER BY s.superseded_n DESC, s.no DESC";
	AUTO_LISTER l = { .db = db, .catalog = catalog };
	AUTO_STMT s = { 0 };
	bool row;

	if (!history_open(&l.history, db, catalog, e) || !db_prepare(db, superseded, &s, e))
		return false;
	for (;;) {
		struct conflict_past past;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		arena_reset(&l.arena);
		if (!describe_past(&l, &s, &past, e))
			return false;
		if (!call(state, &past))
			return true;
	}
}
