/* write.c - from what a request says to rows that are written, step by step. */
#include <stdio.h>
#include <string.h>

#include "capture/trigger.h"
#include "web/events.h"
#include "web/right.h"
#include "web/write.h"

static void fault(struct write_batch *b, struct write *w, const char *column, const char *code,
		  const char *id, const char *en)
{
	w->wrong = true;
	request_fault(b->job, &(struct request_fault){ w->index, column, code, id, en });
}

/* ---- what the request says ---- */

static struct write *room(struct write_batch *b)
{
	if (b->writes == b->cap) {
		struct arena *arena = &request_of(b->job)->arena;
		size_t cap = b->cap == 0 ? 8 : b->cap * 2;
		struct write *more = arena_take(arena, cap * sizeof(*more));

		if (b->writes > 0)
			memcpy(more, b->write, b->writes * sizeof(*more));
		b->write = more;
		b->cap = cap;
	}
	b->write[b->writes] = (struct write){ 0 };
	return &b->write[b->writes++];
}

static void take_value(struct write_batch *b, struct write *w, const char *name, const json_t *json)
{
	struct arena *arena = &request_of(b->job)->arena;
	const int at = relation_column(w->relation, name);
	const struct relation_column *column = at < 0 ? NULL : &w->relation->column[at];
	struct field_fault wrong;
	struct value *v;

	if (column == NULL) {
		fault(b, w, name, "unknown-column", "Kolom ini tidak ada.",
		      "There is no such column.");
		return;
	}
	/* A key that is an alias of the rowid is made by the database. */
	if (json_is_null(json) && w->relation->table->integer_key &&
	    relation_is_key(w->relation, at))
		return;
	v = arena_take(arena, sizeof(*v));
	if (field_value(column, json, arena, v, &wrong))
		w->value[at] = v;
	else
		fault(b, w, name, wrong.code, wrong.id, wrong.en);
}

static bool take_values(struct write_batch *b, struct write *w, const json_t *values, struct err *e)
{
	struct arena *arena = &request_of(b->job)->arena;
	const size_t bytes = (size_t)w->relation->columns * sizeof(*w->value);
	const char *name;
	json_t *value;

	w->value = arena_take(arena, bytes);
	memset(w->value, 0, bytes);
	if (values == NULL && w->op == WRITE_DELETE)
		return true;
	if (!json_is_object(values))
		return err_set(e, ERR_MALFORMED, "a write needs the member values, an object");
	json_object_foreach((json_t *)(uintptr_t)values, name, value) take_value(b, w, name, value);
	return true;
}

bool write_add(struct party *p, struct write_batch *b, const struct write_said *said, struct err *e)
{
	struct arena *arena = &request_of(b->job)->arena;
	struct write *w;
	struct err why;

	if (b->writes >= WRITE_BATCH_MAX)
		return err_set(e, ERR_TOO_LARGE, "more than %d writes in one request",
			       WRITE_BATCH_MAX);
	w = room(b);
	w->index = said->index;
	w->op = said->op;
	if (!relation_table(p, b->job, said->table, &w->relation, &why)) {
		if (why.code != ERR_NOT_FOUND || said->index < 0) {
			*e = why;
			return false;
		}
		fault(b, w, NULL, "unknown-table", "Tabel ini tidak ada.",
		      "There is no such table.");
		return true;
	}
	if (!take_values(b, w, said->values, e))
		return false;
	if (said->key == NULL)
		return w->op == WRITE_INSERT || w->op == WRITE_PUT ||
		       err_set(e, ERR_MALFORMED, "to change or delete a row takes its key");
	if (!field_key(w->relation, said->key, arena, w->key, e))
		return false;
	w->keyed = true;
	return true;
}

/* ---- the key of a row that is to be made ---- */

static void give(struct write_batch *b, struct write *w, int at, const char *text)
{
	struct arena *arena = &request_of(b->job)->arena;
	struct value v = { .type = VALUE_TEXT,
			   .len = (uint32_t)strlen(text),
			   .bytes = (const uint8_t *)arena_text(arena, text) };

	w->value[at] = arena_copy(arena, &v, sizeof(v));
}

/* The scope column without a value: this node's.  A text key named id: made here. */
static bool fill_key(struct party *p, struct write_batch *b, struct write *w, struct err *e)
{
	const struct relation *relation = w->relation;
	const struct catalog_table *table = relation->table;
	const int scope_at = table->scope_in_key ? 0 : table->scope_at;
	char scope[LIMIT_SCOPE_BYTES + 1], uuid[REQUEST_UUID_SIZE];
	const int id = relation_column(relation, "id");

	if (scope_at >= 0 && w->value[scope_at] == NULL) {
		if (!right_own_scope(p, scope, e))
			return false;
		if (scope[0] != '\0')
			give(b, w, scope_at, scope);
	}
	if (id >= 0 && w->value[id] == NULL && relation_is_key(relation, id) &&
	    strcmp(relation->column[id].type, "TEXT") == 0) {
		request_uuid(p->world, uuid);
		give(b, w, id, uuid);
	}
	return true;
}

/* The key is what the values say, and the other way round. */
static bool join_key(struct party *p, struct write_batch *b, struct write *w, struct err *e)
{
	const struct relation *relation = w->relation;
	bool whole = true;

	for (int i = 0; i < relation->keys && w->keyed; i++) {
		const int at = relation->key[i];

		if (w->value[at] != NULL && !value_equal(w->value[at], &w->key[i])) {
			fault(b, w, relation->column[at].name, "key",
			      "Kunci baris tidak dapat diubah.",
			      "The key of a row does not change.");
			return true;
		}
		w->value[at] = &w->key[i];
	}
	if (w->keyed)
		return true;
	if (!fill_key(p, b, w, e))
		return false;
	for (int i = 0; i < relation->keys; i++) {
		const struct value *v = w->value[relation->key[i]];

		whole &= v != NULL;
		if (v != NULL)
			w->key[i] = *v;
	}
	w->keyed = whole;
	return true;
}

bool write_read(struct party *p, struct serve_job *job, const struct relation *relation,
		const struct value *key, const struct value ***ret, struct err *e)
{
	struct arena *arena = &request_of(job)->arena;
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	buf_text(&sql, "SELECT ");
	for (int i = 0; i < relation->columns; i++) {
		buf_text(&sql, i > 0 ? ", " : "");
		sql_quote(&sql, relation->column[i].name);
	}
	buf_text(&sql, " FROM ");
	sql_quote(&sql, relation->name);
	relation_where_key(relation, 1, &sql);
	if (!db_prepare(p->db, buf_string(&sql), &s, e))
		return false;
	for (int i = 0; i < relation->keys; i++)
		stmt_value(&s, i + 1, &key[i]);
	if (!stmt_row(&s, &row, e))
		return false;
	*ret = NULL;
	if (!row)
		return true;
	*ret = arena_take(arena, (size_t)relation->columns * sizeof(**ret));
	for (int i = 0; i < relation->columns; i++) {
		struct value v = stmt_get_value(&s, i);

		v = field_keep(arena, &v);
		(*ret)[i] = arena_copy(arena, &v, sizeof(v));
	}
	return true;
}

/* ---- before the first write: what others did in the same cells ---- */

static int64_t mask_of(const struct write *w)
{
	int64_t mask = 0;

	if (w->op == WRITE_DELETE)
		return 0;
	for (int i = 0; i < w->relation->columns; i++)
		if (w->relation->column[i].of != NULL && w->value[i] != NULL &&
		    !value_equal(w->value[i], w->before[i]))
			mask |= trigger_bit(w->relation->column[i].of->no);
	return mask;
}

static struct actor actor_as(const struct actor *who, const struct write *w)
{
	struct actor actor = *who;

	actor.stale = w->seen == SEEN_STALE;
	actor.seen_own = w->seen_own;
	return actor;
}

static bool judge(struct party *p, struct write_batch *b, struct write *w, const struct actor *who,
		  bool *ret_seal, struct err *e)
{
	const struct catalog_table *table = w->relation->table;
	const struct value *scope_key = table->scope_in_key ? &w->key[0] : NULL;
	const char *scope = right_scope(&request_of(b->job)->arena, w->relation, w->before);
	struct seen_write write = { .table = table,
				    .key = w->key + table->scope_in_key,
				    .mask = mask_of(w),
				    .scope_key = scope_key,
				    .scope = scope == NULL ? "" : scope,
				    .name = request_of(b->job)->who.name };
	struct drain_row row = { .table = table,
				 .mask = write.mask,
				 .look = w->op == WRITE_DELETE };
	struct actor actor;
	bool must;

	if (w->op != WRITE_DELETE && write.mask == 0) /* nothing would change */
		return true;
	for (int i = 0; i < table->keys; i++)
		row.key[i] = write.key[i];
	if (scope_key != NULL)
		row.scope_key = *scope_key;
	if (!seen_judge(p, &b->token, &write, &w->seen, &w->seen_own, e))
		return false;
	if (w->seen == SEEN_MOVED) {
		b->moved = true;
		fault(b, w, NULL, "changed-meanwhile",
		      "Diubah di tempat lain sementara Anda mengisi.",
		      "Changed elsewhere while you were typing.");
		return true;
	}
	actor = actor_as(who, w);
	if (!actor_must_seal(p->db, &row, &actor, &must, e))
		return false;
	*ret_seal |= must;
	return true;
}

static bool look_ahead(struct party *p, struct write_batch *b, const struct actor *who,
		       struct err *e)
{
	bool seal = false;
	int64_t upto;

	for (size_t i = 0; i < b->writes; i++) {
		struct write *w = &b->write[i];

		if (w->wrong)
			continue;
		if (!join_key(p, b, w, e))
			return false;
		if (w->wrong || !w->keyed || w->relation->local)
			continue;
		if (!write_read(p, b->job, w->relation, w->key, &w->before, e))
			return false;
		if (w->before != NULL && w->op != WRITE_INSERT && !judge(p, b, w, who, &seal, e))
			return false;
	}
	if (!seal || b->dry)
		return true;
	if (p->behind)
		return err_set(e, ERR_INCOMPLETE,
			       "somebody else's change of the same cell waits to be sealed,"
			       " and this file is still being completed");
	b->job->settles = p->hub != NULL;
	p->log_left = 0; /* numbers of hints begin anew */
	return party_seal_some(p, 0, &upto, e);
}

/* ---- one write ---- */

static bool settle_op(struct write_batch *b, struct write *w)
{
	if (w->op == WRITE_PUT)
		w->op = w->before == NULL ? WRITE_INSERT : WRITE_UPDATE;
	if (w->op == WRITE_INSERT && w->before != NULL)
		fault(b, w, NULL, "exists", "Baris dengan kunci ini sudah ada.",
		      "There is a row with this key already.");
	if (w->op != WRITE_INSERT && w->before == NULL)
		fault(b, w, NULL, "gone", "Baris ini tidak ada lagi.",
		      "This row is not there any more.");
	return !w->wrong;
}

static void check_given(struct write_batch *b, struct write *w)
{
	for (int i = 0; i < w->relation->columns; i++) {
		const struct relation_column *c = &w->relation->column[i];
		const bool made =
			w->relation->table->integer_key && relation_is_key(w->relation, i);

		if (w->value[i] == NULL && (c->not_null || relation_is_key(w->relation, i)) &&
		    !c->has_default && !made)
			fault(b, w, c->name, "required", "Harus diisi.", "Must be given.");
	}
}

static void make_insert(const struct write *w, struct buf *sql)
{
	int n = 0;

	buf_text(sql, "INSERT INTO ");
	sql_quote(sql, w->relation->name);
	for (int i = 0; i < w->relation->columns; i++) {
		if (w->value[i] == NULL)
			continue;
		buf_text(sql, n++ == 0 ? "(" : ", ");
		sql_quote(sql, w->relation->column[i].name);
	}
	buf_text(sql, n == 0 ? " DEFAULT VALUES" : ") VALUES(");
	for (int i = 0; i < n; i++)
		buf_print(sql, "%s?%d", i == 0 ? "" : ", ", i + 1);
	buf_text(sql, n == 0 ? "" : ")");
}

static bool alters(const struct write *w, int column)
{
	return w->value[column] != NULL && !value_equal(w->value[column], w->before[column]);
}

/* Only what differs: a value that stands there already is nobody's new write. */
static void make_update(const struct write *w, struct buf *sql)
{
	int n = 0;

	buf_text(sql, "UPDATE ");
	sql_quote(sql, w->relation->name);
	for (int i = 0; i < w->relation->columns; i++) {
		if (!alters(w, i))
			continue;
		buf_text(sql, n++ == 0 ? " SET " : ", ");
		sql_quote(sql, w->relation->column[i].name);
		buf_print(sql, " = ?%d", n);
	}
	if (n > 0)
		relation_where_key(w->relation, n + 1, sql);
	else
		buf_reset(sql);
}

static void bind(struct stmt *s, const struct write *w)
{
	int n = 0;

	for (int i = 0; i < w->relation->columns && w->op != WRITE_DELETE; i++)
		if (w->op == WRITE_INSERT ? w->value[i] != NULL : alters(w, i))
			stmt_value(s, ++n, w->value[i]);
	for (int i = 0; i < w->relation->keys && w->op != WRITE_INSERT; i++)
		stmt_value(s, ++n, &w->key[i]);
}

/* Which column is a CHECK about?  The first of its names that is one. */
static const char *column_in(const struct relation *relation, const char *text)
{
	const char *best = NULL, *found = NULL;

	for (int i = 0; i < relation->columns; i++) {
		const char *name = relation->column[i].name;

		for (const char *at = strstr(text, name); at != NULL; at = strstr(at + 1, name)) {
			const char *after = at + strlen(name);
			const bool whole = (at == text || strchr(" (.,\"", at[-1]) != NULL) &&
					   (*after == '\0' || strchr(" ),\"<>=!", *after) != NULL);

			if (whole && (best == NULL || at < best)) {
				best = at;
				found = name;
			}
		}
	}
	return found;
}

/* What SQLite said, as a fault of a field. */
static void explain(struct write_batch *b, struct write *w, const struct err *why)
{
	static const struct {
		const char *says, *code, *id, *en;
	} kinds[] = {
		{ "CHECK constraint failed: ", "check", "Nilai ini tidak memenuhi aturan kolom.",
		  "This value breaks a rule of the column." },
		{ "UNIQUE constraint failed: ", "exists", "Sudah ada baris dengan nilai ini.",
		  "There is a row with this value already." },
		{ "NOT NULL constraint failed: ", "required", "Harus diisi.", "Must be given." },
		{ "cannot store ", "type", "Jenis nilainya tidak cocok.",
		  "A value of another type." },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const char *at = strstr(why->text, kinds[i].says);

		if (at == NULL)
			continue;
		fault(b, w, column_in(w->relation, at + strlen(kinds[i].says)), kinds[i].code,
		      kinds[i].id, kinds[i].en);
		return;
	}
	fault(b, w, NULL, "rule", "Aturan aplikasi menolaknya.", why->text);
}

static bool execute(struct party *p, struct write_batch *b, struct write *w, struct err *e)
{
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };

	if (w->op == WRITE_INSERT) {
		make_insert(w, &sql);
	} else if (w->op == WRITE_UPDATE) {
		make_update(w, &sql);
	} else {
		buf_text(&sql, "DELETE FROM ");
		sql_quote(&sql, w->relation->name);
		relation_where_key(w->relation, 1, &sql);
	}
	if (sql.len == 0)
		return true;
	if (!db_prepare(p->db, buf_string(&sql), &s, e))
		return false;
	bind(&s, w);
	if (!db_step_application(&s, e)) {
		if (e->code != ERR_USAGE)
			return false;
		explain(b, w, e);
		return true;
	}
	if (w->op == WRITE_INSERT && !w->keyed) {
		w->key[0] = (struct value){ .type = VALUE_INT, .integer = db_last_rowid(p->db) };
		w->keyed = true;
	}
	return true;
}

/* ---- what the workspace says must hold ---- */

static const json_t *rules_of(const struct write_batch *b)
{
	return json_object_get(request_of(b->job)->web->app, "must_hold");
}

/* A column's value as text; NULL if it has none. */
static const char *text_at(struct arena *arena, const struct relation *relation,
			   const struct value *const *row, const char *column)
{
	const int at = relation_column(relation, column);

	if (at < 0 || row[at] == NULL || row[at]->type != VALUE_TEXT)
		return NULL;
	return arena_print(arena, "%.*s", (int)row[at]->len, (const char *)row[at]->bytes);
}

struct breach {
	const json_t *rule; /* of must_hold */
	bool there;
	char id[200], en[200];
};

/* Is the object that this row is about in the view of those that break the rule? */
static bool look_up(struct party *p, struct write_batch *b, const struct write *w,
		    const struct value *const *row, struct breach *breach, struct err *e)
{
	struct arena *arena = &request_of(b->job)->arena;
	const char *kind = json_text_or_empty(breach->rule, "kind");
	const char *id = text_at(arena, w->relation, row, json_text_or_empty(breach->rule, "id"));
	const char *scope = right_scope(arena, w->relation, row);
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };

	breach->there = false;
	if (kind[0] == '\0')
		kind = w->relation->name;
	else
		kind = kind[0] == '=' ? kind + 1 : text_at(arena, w->relation, row, kind);
	if (id == NULL || kind == NULL)
		return true;
	buf_text(&sql, "SELECT message_id, message_en FROM ");
	sql_quote(&sql, json_text_or_empty(breach->rule, "view"));
	buf_text(&sql,
		 " WHERE object_kind = ?1 AND object_id = ?2 AND (scope = ?3 OR ?3 = '') LIMIT 1");
	if (!db_prepare(p->db, buf_string(&sql), &s, e))
		return err_wrap(e, "must_hold in app.json");
	stmt_text(&s, 1, kind);
	stmt_text(&s, 2, id);
	stmt_text(&s, 3, scope == NULL ? "" : scope);
	if (!stmt_row(&s, &breach->there, e))
		return false;
	if (breach->there) {
		snprintf(breach->id, sizeof(breach->id), "%s", stmt_get_text(&s, 0));
		snprintf(breach->en, sizeof(breach->en), "%s", stmt_get_text(&s, 1));
	}
	return true;
}

static const struct value *const *row_about(struct arena *arena, const struct write *w)
{
	const struct value **row = arena_take(arena, (size_t)w->relation->columns * sizeof(*row));

	for (int i = 0; i < w->relation->columns; i++)
		row[i] = w->op != WRITE_DELETE && w->value[i] != NULL ? w->value[i]
			 : w->before != NULL			      ? w->before[i]
								      : NULL;
	return row;
}

/* Before: *held gets a bit for each rule that is broken already, for that is not this write's
 * doing. */
static bool must_hold(struct party *p, struct write_batch *b, struct write *w, uint64_t *held,
		      bool before, struct err *e)
{
	const json_t *rules = rules_of(b);

	for (size_t i = 0; i < json_array_size(rules) && i < 64; i++) {
		struct breach breach = { .rule = json_array_get(rules, i) };

		if (strcmp(json_text_or_empty(breach.rule, "table"), w->relation->name) != 0)
			continue;
		if (!look_up(p, b, w, row_about(&request_of(b->job)->arena, w), &breach, e))
			return false;
		if (before && breach.there)
			*held |= UINT64_C(1) << i;
		if (!before && breach.there && (*held >> i & 1) == 0)
			fault(b, w, NULL, "must-hold", breach.id, breach.en);
	}
	return true;
}

/* ---- all of them ---- */

static bool write_one(struct party *p, struct write_batch *b, struct write *w,
		      const struct actor *who, struct err *e)
{
	const struct actor actor = actor_as(who, w);
	int64_t since;

	if (w->keyed && !write_read(p, b->job, w->relation, w->key, &w->before, e))
		return false;
	/* Who may write nothing there is told no more than that. */
	if (access_write(&request_of(b->job)->access, w->relation->name) != ACCESS_NONE &&
	    !settle_op(b, w))
		return true;
	if (!right_check(p, b->job, w, e))
		return false;
	if (w->op == WRITE_INSERT)
		check_given(b, w);
	if (w->wrong)
		return true;
	if (!actor_since(p->db, &since, e) || !execute(p, b, w, e))
		return false;
	if (w->relation->local && !b->dry)
		events_local(request_of(b->job)->web, w->relation->name);
	return w->wrong || actor_mark(p->db, since, &actor, e);
}

static bool write_all(struct party *p, struct write_batch *b, const struct actor *who,
		      uint64_t *held, struct err *e)
{
	for (size_t i = 0; i < b->writes; i++)
		if (!b->write[i].wrong && (!must_hold(p, b, &b->write[i], &held[i], true, e)))
			return false;
	for (size_t i = 0; i < b->writes; i++)
		if (!b->write[i].wrong && !write_one(p, b, &b->write[i], who, e))
			return false;
	for (size_t i = 0; i < b->writes; i++)
		if (!b->write[i].wrong && !must_hold(p, b, &b->write[i], &held[i], false, e))
			return false;
	return true;
}

/* Each by itself, rolled back. */
static bool try_each(struct party *p, struct write_batch *b, const struct actor *who, struct err *e)
{
	for (size_t i = 0; i < b->writes; i++) {
		struct write *w = &b->write[i];
		uint64_t held = 0;
		AUTO_TXN txn = { 0 };

		if (w->wrong)
			continue;
		if (!txn_begin(&txn, p->db, e) || !must_hold(p, b, w, &held, true, e) ||
		    !write_one(p, b, w, who, e) ||
		    (!w->wrong && !must_hold(p, b, w, &held, false, e)))
			return false;
	}
	return true;
}

bool write_run(struct party *p, struct write_batch *b, struct err *e)
{
	struct web_request *r = request_of(b->job);
	uint64_t *held = arena_take(&r->arena, (b->writes + 1) * sizeof(*held));
	struct actor who;

	memset(held, 0, (b->writes + 1) * sizeof(*held));
	if (!actor_begin(p->db, r->who.name, &who, e) || !look_ahead(p, b, &who, e))
		return false;
	if (b->dry ? !try_each(p, b, &who, e) : !write_all(p, b, &who, held, e))
		return false;
	if (b->dry)
		return true;
	if (b->moved && json_array_size(r->faults) > 0) {
		const json_t *first = json_array_get(r->faults, 0);

		if (strcmp(json_text_or_empty(first, "code"), "changed-meanwhile") == 0)
			return err_set(e, ERR_CHANGED,
				       "the row was changed elsewhere since it was read");
	}
	return request_valid(b->job, e);
}
