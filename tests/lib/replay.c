/* replay.c - frames into a model. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "replay.h"
#include "simpul/change.h"
#include "simpul/seal.h"

struct replay {
	struct db *node, *model;
	struct arena arena;
	struct schema schema;
	uint8_t schema_prefix[8];
	struct replay_total total;
	struct { /* per chain */
		bool known;
		uint64_t seq, cut_left;
		struct hash head;
		struct public_key key;
	} chain[64];
};

static void column_list(const struct schema_table *t, struct buf *sql)
{
	for (int i = 0; i < t->columns; i++) {
		char *name = strndup(t->column[i].name.text, t->column[i].name.len);

		buf_text(sql, i == 0 ? "" : ",");
		sql_quote(sql, name);
		free(name);
	}
}

static void table_name(const struct schema_table *t, struct buf *sql)
{
	char *name = strndup(t->name.text, t->name.len);

	sql_quote(sql, name);
	free(name);
}

static void column_name(const struct schema_table *t, int i, struct buf *sql)
{
	char *name = strndup(t->column[i].name.text, t->column[i].name.len);

	sql_quote(sql, name);
	free(name);
}

/* Makes model tables, and columns that came with a newer document; their rows have the default. */
static bool take_schema(struct replay *r, const uint8_t *body, size_t len, struct err *e)
{
	size_t cap = schema_memory(len);
	uint8_t *bytes = arena_copy(&r->arena, body, len);
	struct hash hash;

	if (!schema_decode(bytes, len, arena_take(&r->arena, cap), cap, &r->schema, e))
		return false;
	crypto_sha256(bytes, len, &hash);
	memcpy(r->schema_prefix, hash.bytes, sizeof(r->schema_prefix));
	for (int i = 0; i < r->schema.tables; i++) {
		const struct schema_table *t = &r->schema.table[i];
		AUTO_BUF sql = { 0 };

		buf_text(&sql, "CREATE TABLE IF NOT EXISTS ");
		table_name(t, &sql);
		buf_text(&sql, "(");
		column_list(t, &sql);
		buf_text(&sql, ", PRIMARY KEY(");
		for (int k = 0; k < t->keys; k++) {
			buf_text(&sql, k == 0 ? "" : ",");
			column_name(t, t->key[k], &sql);
		}
		buf_text(&sql, "))");
		if (!db_exec(r->model, buf_string(&sql), e))
			return false;
		for (int c = 0; c < t->columns; c++) {
			struct err ignored;
			AUTO_STMT s = { 0 };

			buf_reset(&sql);
			buf_text(&sql, "SELECT ");
			column_name(t, c, &sql);
			buf_text(&sql, " FROM ");
			table_name(t, &sql);
			if (db_prepare(r->model, buf_string(&sql), &s, &ignored))
				continue;
			buf_reset(&sql);
			buf_text(&sql, "ALTER TABLE ");
			table_name(t, &sql);
			buf_text(&sql, " ADD COLUMN ");
			column_name(t, c, &sql);
			if (t->column[c].fallback.type == VALUE_INT)
				buf_print(&sql, " DEFAULT %lld", (long long)t->column[c].fallback.integer);
			if (t->column[c].fallback.type == VALUE_TEXT)
				buf_print(&sql, " DEFAULT '%.*s'", (int)t->column[c].fallback.len,
					  (const char *)t->column[c].fallback.bytes);
			if (!db_exec(r->model, buf_string(&sql), e))
				return false;
		}
	}
	return true;
}

static void where_key(const struct schema_table *t, struct buf *sql)
{
	for (int k = 0; k < t->keys; k++) {
		buf_text(sql, k == 0 ? " WHERE " : " AND ");
		column_name(t, t->key[k], sql);
		buf_print(sql, "=?%d", k + 1);
	}
}

static void change_sql(const struct schema_table *t, const struct change *c, struct buf *sql)
{
	if (c->op == CHANGE_INSERT) {
		buf_text(sql, "INSERT INTO ");
		table_name(t, sql);
		buf_text(sql, "(");
		for (int k = 0; k < t->keys; k++) {
			buf_text(sql, k == 0 ? "" : ",");
			column_name(t, t->key[k], sql);
		}
		for (int i = 0; i < c->columns; i++) {
			buf_text(sql, ",");
			column_name(t, c->column[i], sql);
		}
		buf_text(sql, ") VALUES(?1");
		for (int i = 1; i < c->keys + c->columns; i++)
			buf_print(sql, ",?%d", i + 1);
		buf_text(sql, ")");
		return;
	}
	buf_text(sql, c->op == CHANGE_DELETE ? "DELETE FROM " : "UPDATE ");
	table_name(t, sql);
	for (int i = 0; i < c->columns; i++) {
		buf_text(sql, i == 0 ? " SET " : ",");
		column_name(t, c->column[i], sql);
		buf_print(sql, "=?%d", c->keys + i + 1);
	}
	where_key(t, sql);
}

/* Telling an insert of a row that is there, or anything of one that is not, is a fault. */
static bool take_change(struct replay *r, const struct change *c, struct err *e)
{
	const struct schema_table *t = &r->schema.table[c->table];
	AUTO_BUF sql = { 0 };
	AUTO_RESET s = { 0 };

	if (c->table >= r->schema.tables || c->keys != t->keys)
		return err_set(e, ERR_MALFORMED, "a change of table %d", c->table);
	if (c->op == CHANGE_UPDATE && c->columns == 0)
		return err_set(e, ERR_MALFORMED, "an update of nothing");
	change_sql(t, c, &sql);
	if (!db_statement(r->model, buf_string(&sql), &s, e))
		return false;
	for (int k = 0; k < c->keys; k++)
		stmt_value(&s, k + 1, &c->key[k]);
	for (int i = 0; i < c->columns; i++)
		stmt_value(&s, c->keys + i + 1, &c->value[i]);
	if (!stmt_done(&s, e))
		return err_wrap(e, "model, %s", buf_string(&sql));
	if (db_changed_rows(r->model) != 1)
		return err_set(e, ERR_MALFORMED, "the model has no such row: %s", buf_string(&sql));
	r->total.changes++;
	r->total.columns += c->columns;
	r->total.inserts += c->op == CHANGE_INSERT;
	r->total.updates += c->op == CHANGE_UPDATE;
	r->total.deletes += c->op == CHANGE_DELETE;
	return true;
}

static bool take_data(struct replay *r, const struct frame *f, const uint8_t *body, struct err *e)
{
	struct change_reader *reader = memory_new(sizeof(*reader));
	struct context_pair pair;
	struct change c;
	uint32_t changes;
	bool ok;

	ok = change_check(body, f->changeset.body_len, &changes, e) &&
	     (changes == f->changeset.changes ||
	      err_set(e, ERR_MALFORMED, "%u changes in a changeset of %u", changes, f->changeset.changes)) &&
	     (memcmp(f->changeset.schema, r->schema_prefix, 8) == 0 ||
	      err_set(e, ERR_MALFORMED, "data of a schema that was not announced last")) &&
	     change_reader_open(reader, body, f->changeset.body_len, e);
	while (ok && change_reader_pair(reader, &pair))
		;
	while (ok && change_reader_next(reader, &c))
		ok = take_change(r, &c, e);
	ok = ok && change_reader_done(reader, e);
	free(reader);
	return ok;
}

static bool take_place(struct replay *r, int no, const struct frame *f, struct err *e)
{
	const struct changeset *c = &f->changeset;
	struct genesis g;

	if (no < 0 || no >= 64)
		return err_set(e, ERR_INTERNAL, "too many chains for this test");
	if (c->kind == CHANGESET_GENESIS) {
		if (!genesis_read(c, &g, e))
			return false;
		r->chain[no].key = g.key;
		r->chain[no].known = true;
	} else if (!r->chain[no].known || c->seq != r->chain[no].seq + 1 ||
		   !hash_equal(&c->prev, &r->chain[no].head)) {
		return err_set(e, ERR_CHAIN, "chain %d does not link at seq %llu", no,
			       (unsigned long long)c->seq);
	}
	if (r->chain[no].cut_left > 0 && c->cut_left != r->chain[no].cut_left - 1)
		return err_set(e, ERR_CHAIN, "the countdown of a cut is broken");
	r->chain[no].cut_left = c->cut_left;
	r->chain[no].seq = c->seq;
	r->chain[no].head = f->id;
	if ((int64_t)c->cut_left > r->total.cut_left_max)
		r->total.cut_left_max = c->cut_left;
	return seal_verify(f, &r->chain[no].key, e);
}

static bool take_frame(struct replay *r, struct stmt *s, bool apply, struct err *e)
{
	uint8_t *body;
	struct frame f;
	size_t len;
	const void *bytes = stmt_get_blob(s, 2, &len);
	bool ok;

	if (!seal_open(bytes, len, &f, e) || !take_place(r, (int)stmt_get_int(s, 1), &f, e))
		return false;
	body = memory_new(f.changeset.body_len + 1);
	ok = seal_unpack(&f, body, f.changeset.body_len + 1, e);
	if (ok && f.changeset.kind == CHANGESET_SCHEMA)
		ok = take_schema(r, body, f.changeset.body_len, e);
	if (ok && f.changeset.kind == CHANGESET_DATA && apply)
		ok = take_data(r, &f, body, e);
	free(body);
	r->total.changesets += apply;
	return ok;
}

bool replay_model(struct db *node, struct db *model, int64_t after_n, struct replay_total *ret,
		struct err *e)
{
	struct replay *r = memory_new(sizeof(*r));
	AUTO_STMT s = { 0 };
	bool row = true, ok;

	r->node = node;
	r->model = model;
	ok = db_prepare(node, "SELECT c.n, c.chain_no, c.frame FROM simpul_changeset c"
			      " JOIN simpul_chain h ON h.no = c.chain_no AND h.own = 1 ORDER BY c.n", &s, e);
	while (ok) {
		ok = stmt_row(&s, &row, e);
		if (!ok || !row)
			break;
		ok = take_frame(r, &s, stmt_get_int(&s, 0) > after_n, e) ||
		     err_wrap(e, "changeset %lld", (long long)stmt_get_int(&s, 0));
	}
	*ret = r->total;
	arena_done(&r->arena);
	free(r);
	return ok;
}

static bool columns_of(struct db *db, const char *table, struct buf *ret_list, struct buf *ret_key,
		       struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(db, "SELECT name, pk FROM pragma_table_xinfo(?1) WHERE hidden = 0 ORDER BY cid", &s,
			e))
		return false;
	stmt_text(&s, 1, table);
	while (true) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		buf_text(ret_list, ret_list->len == 0 ? "" : ",");
		sql_quote(ret_list, stmt_get_text(&s, 0));
		if (stmt_get_int(&s, 1) > 0) {
			buf_text(ret_key, ret_key->len == 0 ? "" : ",");
			sql_quote(ret_key, stmt_get_text(&s, 0));
		}
	}
}

/* The first column in which the rows differ, -1 for none. */
static int row_differs(struct stmt *a, struct stmt *b, int columns)
{
	for (int i = 0; i < columns; i++) {
		struct value va = stmt_get_value(a, i), vb = stmt_get_value(b, i);

		if (!value_equal(&va, &vb))
			return i;
	}
	return -1;
}

bool replay_same(struct db *node, struct db *model, const char *table, struct err *e)
{
	AUTO_BUF list = { 0 };
	AUTO_BUF key = { 0 };
	AUTO_BUF sql = { 0 };
	AUTO_STMT a = { 0 };
	AUTO_STMT b = { 0 };
	bool row_a = true, row_b = true;
	int at;

	if (!columns_of(node, table, &list, &key, e))
		return false;
	buf_print(&sql, "SELECT %s FROM ", buf_string(&list));
	sql_quote(&sql, table);
	buf_print(&sql, " ORDER BY %s", buf_string(&key));
	if (!db_prepare(node, buf_string(&sql), &a, e))
		return false;
	if (!db_prepare(model, buf_string(&sql), &b, e)) /* nothing was told yet: right if nothing is there */
		return stmt_row(&a, &row_a, e) && (!row_a || err_wrap(e, "the model"));
	for (int64_t n = 0; row_a && row_b; n++) {
		if (!stmt_row(&a, &row_a, e) || !stmt_row(&b, &row_b, e))
			return false;
		if (row_a != row_b)
			return err_set(e, ERR_INTERNAL, "%s: only the %s has row %lld: %.60s", table,
				       row_a ? "table" : "model", (long long)n,
				       stmt_get_text(row_a ? &a : &b, 0));
		at = row_a ? row_differs(&a, &b, sqlite3_column_count(a.handle)) : -1;
		if (at >= 0)
			return err_set(e, ERR_INTERNAL, "%s: row %lld, %s: the table has %.60s,"
				       " the model %.60s",
				       table, (long long)n, sqlite3_column_name(a.handle, at),
				       stmt_get_text(&a, at), stmt_get_text(&b, at));
	}
	return true;
}
