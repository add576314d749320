/*
 * rebuild.c - one table after the other: versions, siblings, rows.
 *
 * Version rows get the k that their key gives them, which is the same as before unless rows were damaged
 * (version.c: of two keys with one hash the later takes the next place).  Siblings that were settled long
 * ago name rows by k, so they move along.
 */
#include <stdio.h>
#include <string.h>

#include "capture/drain.h"
#include "merge/compare.h"
#include "merge/digest.h"
#include "merge/rebuild.h"
#include "merge/row.h"
#include "store/tables.h"

#define NO_K INT64_MIN
#define PROGRESS_EVERY 1024

struct rebuild {
	struct db *db;
	const struct catalog *catalog;
	const struct rebuild_plan *plan;
	struct rebuild_result *result;
	struct replay replay;
	struct table_set tables;
	uint64_t done;
	int64_t last_n;
};

#define AUTO_REBUILD __attribute__((cleanup(rebuild_done))) struct rebuild

static void rebuild_done(struct rebuild *b)
{
	replay_close(&b->replay);
	table_close_all(&b->tables);
}

static void step(struct rebuild *b)
{
	if (++b->done % PROGRESS_EVERY == 0 && b->plan->progress != NULL)
		b->plan->progress(b->plan->state, b->done, 2 * b->replay.rows);
}

static bool refuse_unsealed(struct db *db, struct err *e)
{
	int64_t hints, chains;

	static const char granted[] = "SELECT count(*) FROM simpul_chain WHERE own = 1 AND role IS NOT NULL";

	if (!db_int(db, "SELECT count(*) FROM simpul_log", 0, &hints, e) ||
	    !db_int(db, granted, 0, &chains, e))
		return false;
	if (hints == 0)
		return true;
	if (chains == 0)
		return err_set(e, ERR_NOT_ENROLLED, "%lld changes are noted and not in the log yet: enrol"
						    " first", (long long)hints);
	return err_set(e, ERR_INCOMPLETE, "%lld changes are noted that cannot be sealed (simpul conflicts"
					  " says why): they would be lost", (long long)hints);
}

static struct row row_of(struct rebuild *b, const struct replay_row *row, struct replay_key *key)
{
	replay_key(row, key);
	return (struct row){ .table = table_find(&b->tables, row->table), .scope = row->scope,
			     .key = key->value, .k = row->k };
}

/* Where each row's version is now; a version that cannot be read has no place. */
static bool note_places(struct rebuild *b, struct table *t, struct err *e)
{
	for (struct replay_row *row = b->replay.first; row != NULL; row = row->next) {
		struct value whole[VERSION_KEYS_MAX];
		struct replay_key key;
		struct version v;

		if (row->table != t->table)
			continue;
		replay_key(row, &key);
		table_version_key(t, row->scope, key.value, whole);
		row->k = NO_K;
		if (version_find(&t->versions, whole, row->scope, &v, e))
			row->k = v.state == VERSION_NONE ? NO_K : v.k;
		else if (e->code != ERR_CORRUPT)
			return false;
	}
	return true;
}

/* Under a number that no table has until all have moved: two rows may have changed places. */
static bool move_siblings(struct db *db, int table_no, int64_t from, int64_t to, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "UPDATE simpul_sibling SET table_no = -1 - table_no, vkey = ?3"
			      " WHERE table_no = ?1 AND vkey = ?2", &s, e))
		return false;
	stmt_int(&s, 1, table_no);
	stmt_int(&s, 2, from);
	stmt_int(&s, 3, to);
	return stmt_done(&s, e);
}

static bool for_table(struct db *db, const char *sql, int table_no, struct err *e)
{
	AUTO_STMT s = { 0 };

	if (!db_prepare(db, sql, &s, e))
		return false;
	stmt_int(&s, 1, table_no);
	return stmt_done(&s, e);
}

static bool put_versions(struct rebuild *b, struct table *t, struct err *e)
{
	for (struct replay_row *row = b->replay.first; row != NULL; row = row->next) {
		struct value whole[VERSION_KEYS_MAX];
		AUTO_BUF packed = { 0 };
		struct replay_key key;
		struct version_key at;

		if (row->table != t->table)
			continue;
		replay_key(row, &key);
		table_version_key(t, row->scope, key.value, whole);
		version_key_make(&t->versions, whole, row->scope, &packed, &at);
		if (!version_put(&t->versions, &at, row->entry, row->n, e))
			return false;
		if (row->k != at.k && row->k != NO_K &&
		    !move_siblings(b->db, t->table->no, row->k, at.k, e))
			return false;
		row->k = at.k;
		b->result->versions++;
		step(b);
	}
	return for_table(b->db, "UPDATE simpul_sibling SET table_no = ?1 WHERE table_no = -1 - ?1",
			 t->table->no, e);
}

static bool settle(struct rebuild *b, struct table *t, struct err *e)
{
	if (!for_table(b->db, "DELETE FROM simpul_sibling WHERE superseded_n IS NULL AND table_no = ?1",
		       t->table->no, e))
		return false;
	for (struct replay_row *row = b->replay.first; row != NULL; row = row->next) {
		struct column_set columns = { 0 };
		struct replay_key key;
		struct row target;

		if (row->table != t->table || row->n < 2)
			continue;
		for (size_t i = 0; i < row->n; i++)
			for (size_t k = 0; k < COLUMN_SET_WORDS; k++)
				columns.word[k] |= row->entry[i].columns.word[k];
		target = row_of(b, row, &key);
		if (!row_settle(&b->replay.history, &target, &columns, b->last_n, e))
			return false;
	}
	return true;
}

/* There though it is deleted: nobody sealed it, so it is a local change. */
static bool keep_row(struct rebuild *b, const struct catalog_table *t, const struct value *key,
		     const struct scope *scope, struct err *e)
{
	struct drain_row hint = { .table = t, .inserted = true, .mask = -1,
				  .ms = world_now_ms(b->plan->world) };

	memcpy(hint.key, key, (size_t)t->keys * sizeof(*key));
	if (t->scope_in_key)
		hint.scope_key = (struct value){ .type = VALUE_TEXT, .len = (uint32_t)strlen(scope->name),
						 .bytes = (const uint8_t *)scope->name };
	b->result->kept++;
	return drain_put_back(b->db, &hint, e);
}

static bool put_rows(struct rebuild *b, struct table *t, struct err *e)
{
	for (struct replay_row *row = b->replay.first; row != NULL; row = row->next) {
		struct replay_key key;
		const char *column;
		struct row target;
		bool withheld;

		if (row->table != t->table)
			continue;
		step(b);
		if (!compare_base(&b->replay, row, &column, e))
			return false;
		if (column == NULL)
			continue;
		target = row_of(b, row, &key);
		if (!merge_alive(row->entry, row->n)) {
			if (!keep_row(b, t->table, key.value, row->scope, e))
				return false;
			continue;
		}
		if (!row_rebuild(&b->replay.history, &target, &withheld, e))
			return false;
		b->result->rows += !withheld;
		b->result->withheld += withheld;
	}
	return true;
}

struct unknown { /* rows that the log does not know: the walk over the table ends before any is noted */
	struct arena arena;
	struct compare_walk *row;
	size_t n, cap;
};

static void unknown_done(struct unknown *u)
{
	arena_done(&u->arena);
	memory_free(&u->row);
}

static void unknown_add(struct unknown *u, const struct catalog_table *t, const struct compare_walk *at)
{
	if (u->n == u->cap) {
		u->cap = 2 * u->cap + 16;
		u->row = memory_resize(u->row, u->cap * sizeof(*u->row));
	}
	u->row[u->n] = *at;
	for (int i = 0; i < t->keys; i++) {
		struct value *v = &u->row[u->n].key[i];

		if (v->type >= VALUE_TEXT)
			v->bytes = arena_copy(&u->arena, v->bytes, v->len);
	}
	u->n++;
}

static bool keep_unknown(struct rebuild *b, struct table *t, struct err *e)
{
	__attribute__((cleanup(unknown_done))) struct unknown u = { 0 };
	struct compare_walk walk = { 0 };
	AUTO_STMT s = { 0 };
	bool more;

	if (!compare_keys(b->db, t->table, &s, e))
		return false;
	while (true) {
		if (!compare_key_next(&s, t->table, &walk, &more, e))
			return false;
		if (!more)
			break;
		if (replay_find(&b->replay, t->table, &walk.scope, walk.key) == NULL)
			unknown_add(&u, t->table, &walk);
	}
	for (size_t i = 0; i < u.n; i++)
		if (!keep_row(b, t->table, u.row[i].key, &u.row[i].scope, e))
			return false;
	return true;
}

static bool rebuild_table(struct rebuild *b, struct table *t, struct err *e)
{
	char sql[80];

	snprintf(sql, sizeof(sql), "DELETE FROM simpul_version_%d", t->table->no);
	return note_places(b, t, e) && db_exec(b->db, sql, e) && put_versions(b, t, e) && settle(b, t, e) &&
	       put_rows(b, t, e) && keep_unknown(b, t, e);
}

static bool digests(struct rebuild *b, bool after, struct err *e)
{
	for (int i = 0; i < b->catalog->tables; i++) {
		struct rebuild_table *t = &b->result->table[i];

		t->table = &b->catalog->table[i];
		if (after) {
			if (!digest_table(b->db, b->catalog, t->table, &t->after, &t->rows, e))
				return false;
			b->result->same &= t->readable && hash_equal(&t->before, &t->after);
			continue;
		}
		t->readable = digest_table(b->db, b->catalog, t->table, &t->before, &t->rows, e);
		if (!t->readable && e->code != ERR_CORRUPT)
			return false;
	}
	return true;
}

bool rebuild_run(struct db *db, const struct catalog *catalog, const struct rebuild_plan *plan,
		 struct arena *arena, struct rebuild_result *ret, struct err *e)
{
	const struct replay_plan all = { 0 };
	AUTO_REBUILD b = { .db = db, .catalog = catalog, .plan = plan, .result = ret };
	AUTO_COMPARISON frames = { .db = db, .catalog = catalog };

	*ret = (struct rebuild_result){ .same = true };
	ret->table = arena_take(arena, (size_t)catalog->tables * sizeof(*ret->table) + 1);
	memset(ret->table, 0, (size_t)catalog->tables * sizeof(*ret->table));
	if (!refuse_unsealed(db, e) || !compare_frames(&frames, e))
		return false;
	if (frames.damaged > 0)
		return err_set(e, ERR_CORRUPT, "%lld changesets on file are damaged (simpul check names"
					       " them): without them the tables would lose what they wrote",
			       (long long)frames.damaged);
	if (!db_exec(db, "PRAGMA ignore_check_constraints=ON", e) ||
	    !db_int(db, "SELECT max(n) FROM simpul_changeset", 0, &b.last_n, e) || !digests(&b, false, e) ||
	    !table_open_all(&b.tables, db, catalog, e) || !replay_open(&b.replay, db, catalog, &all, e) ||
	    !replay_run(&b.replay, e))
		return false;
	for (size_t i = 0; i < b.tables.tables; i++)
		if (!rebuild_table(&b, &b.tables.table[i], e))
			return false;
	return digests(&b, true, e);
}
