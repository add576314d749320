/*
 * takeback.c - which rows, the replay of these alone, and the three places where the result goes.
 *
 * A void changeset that had been merged has state 4 until this is done (admission.c), so that a crash
 * between the revocation and this loses nothing.  All versions are put right before the first base row,
 * for a UNIQUE rule of the table compares rows by their versions.
 *
 * Where the rules of a table look at its rows, a later changeset may have been found good, or void, for the
 * state in which a void one had left a row; and what builds on that one likewise.  So all that came after
 * the first void one in its scope is taken out with it (state 5), and then waits to be merged again in the
 * order in which it came.  Those who got the revocation before the rest come to the same.
 */
#include <string.h>

#include "merge/admission.h"
#include "merge/reconsider.h"
#include "merge/replay.h"
#include "merge/row.h"
#include "merge/takeback.h"
#include "store/tables.h"

static bool chain_scope(struct db *db, int64_t no, struct scope *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	const char *text;
	bool row;

	if (!db_statement(db, "SELECT scope FROM simpul_chain WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, no);
	if (!stmt_row(&s, &row, e))
		return false;
	text = row ? stmt_get_text(&s, 0) : "";
	return scope_parse(text, strlen(text), ret, e);
}

/* Every row that these changesets touched. */
static bool want_rows(struct replay *r, const char *which, struct err *e)
{
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	r->only_wanted = true;
	buf_print(&sql, "SELECT chain_no, frame FROM simpul_changeset WHERE kind = 1 AND %s", which);
	if (!db_prepare(r->db, buf_string(&sql), &s, e))
		return false;
	while (true) {
		struct history_set set = { 0 };
		struct scope scope;
		const uint8_t *bytes;
		size_t len;
		bool ok;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		bytes = stmt_get_blob(&s, 1, &len);
		ok = chain_scope(r->db, stmt_get_int(&s, 0), &scope, e) &&
		     history_unpack(&r->history.documents, bytes, len, &set, e);
		for (size_t i = 0; ok && i < set.changes; i++) {
			const struct document_table *d = &set.document->table[set.change[i].table];

			if (d->table != NULL && d->same_key)
				replay_want(r, d->table, &scope, set.change[i].key);
		}
		history_set_done(&set);
		if (!ok)
			return err_wrap(e, "a changeset whose rows are made anew");
	}
}

static void add_columns(struct column_set *to, const struct merge_entry *entry, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < COLUMN_SET_WORDS; k++)
			to->word[k] |= entry[i].columns.word[k];
}

/* The version and the list of siblings; row->k is set. */
static bool put_version(struct replay *r, struct table *t, struct replay_row *row, int64_t n,
			struct err *e)
{
	struct column_set touched = { 0 };
	struct value key[VERSION_KEYS_MAX];
	AUTO_BUF packed = { 0 };
	struct version_key at;
	struct version before;
	struct replay_key plain;
	struct row target = { .table = t, .scope = row->scope, .key = plain.value };

	replay_key(row, &plain);
	table_version_key(t, row->scope, plain.value, key);
	if (!version_find(&t->versions, key, row->scope, &before, e))
		return false;
	add_columns(&touched, before.entry, before.state == VERSION_NONE ? 0 : before.n);
	add_columns(&touched, row->entry, row->n);
	version_key_make(&t->versions, key, row->scope, &packed, &at);
	if (!version_put(&t->versions, &at, row->entry, row->n, e))
		return false;
	row->k = target.k = at.k;
	return row_settle(&r->history, &target, &touched, n, e);
}

static bool put_versions(struct replay *r, struct table_set *tables, struct err *e)
{
	int64_t n;

	if (!db_int(r->db, "SELECT max(n) FROM simpul_changeset", 0, &n, e))
		return false;
	for (struct replay_row *row = r->first; row != NULL; row = row->next)
		if (!put_version(r, table_find(tables, row->table), row, n, e))
			return false;
	return true;
}

static bool put_rows(struct replay *r, struct table_set *tables, struct err *e)
{
	for (struct replay_row *row = r->first; row != NULL; row = row->next) {
		struct replay_key key;
		struct row target = { .table = table_find(tables, row->table), .scope = row->scope,
				      .key = key.value, .k = row->k };
		bool withheld;

		replay_key(row, &key);
		if (!row_rebuild(&r->history, &target, &withheld, e))
			return false;
	}
	return true;
}

static bool make_anew(struct replay *r, const char *which, int64_t *ret_rows, struct err *e)
{
	if (!want_rows(r, which, e))
		return false;
	*ret_rows = (int64_t)r->rows;
	return r->rows == 0 || replay_run(r, e);
}

bool takeback_versions(struct db *db, const struct catalog *catalog, struct table_set *tables,
		       const char *which, int64_t *ret_rows, struct err *e)
{
	const struct replay_plan plan = { 0 };
	AUTO_REPLAY r = { 0 };

	*ret_rows = 0;
	return replay_open(&r, db, catalog, &plan, e) && make_anew(&r, which, ret_rows, e) &&
	       put_versions(&r, tables, e);
}

bool takeback_rows(struct db *db, const struct catalog *catalog, struct table_set *tables,
		   const char *which, int64_t *ret_rows, struct err *e)
{
	const struct replay_plan plan = { 0 };
	AUTO_REPLAY r = { 0 };

	*ret_rows = 0;
	return replay_open(&r, db, catalog, &plan, e) && make_anew(&r, which, ret_rows, e) &&
	       put_versions(&r, tables, e) && put_rows(&r, tables, e);
}

static bool looks_at_rows(const struct schema *schema)
{
	for (uint16_t i = 0; i < schema->tables; i++) {
		const struct schema_rules *rules = schema->table[i].rules;

		if (rules != NULL && (rules->append || rules->writes > 0 || rules->frozens > 0))
			return true;
	}
	return false;
}

/* Does any document that is here have rules that look at rows?  Whose they are does not matter. */
static bool rows_are_judged(struct db *db, bool *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT document FROM simpul_schema", &s, e))
		return false;
	for (*ret = false; !*ret;) {
		AUTO_ARENA arena = { 0 };
		const uint8_t *bytes;
		struct schema schema;
		size_t len, cap;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		bytes = stmt_get_blob(&s, 0, &len);
		cap = schema_memory(len);
		if (!schema_decode(bytes, len, arena_take(&arena, cap), cap, &schema, e))
			return err_wrap(e, "a schema document on file");
		*ret = looks_at_rows(&schema);
	}
	return true;
}

#define LATER "kind = 1 AND n > (SELECT min(n) FROM simpul_changeset v WHERE v.state = 4 AND" \
	      " v.scope = simpul_changeset.scope)"

/* Void by their rows, or by their content alone?  The latter stay so. */
static bool reconsider_quarantined(struct db *db, struct err *e)
{
	AUTO_BUF ids = { 0 };
	AUTO_STMT s = { 0 };
	bool row = true;

	if (!db_prepare(db, "SELECT id FROM simpul_changeset WHERE state = 2 AND " LATER " ORDER BY n", &s,
			e))
		return false;
	while (row) {
		const void *id;
		size_t len;

		if (!stmt_row(&s, &row, e))
			return false;
		id = row ? stmt_get_blob(&s, 0, &len) : NULL;
		if (id != NULL && len == sizeof(struct hash))
			buf_put(&ids, id, len);
	}
	for (size_t at = 0; at < ids.len; at += sizeof(struct hash)) {
		struct hash id;
		struct err why;
		bool good;

		memcpy(&id, ids.data + at, sizeof(id));
		if (!reconsider_begin(db, &id, &good, &why, e))
			return false;
	}
	return true;
}

bool takeback_run(struct db *db, const struct catalog *catalog, struct table_set *tables,
		  int64_t *ret_rows, bool *ret_judge, struct err *e)
{
	int64_t waiting, merged;

	*ret_rows = 0;
	*ret_judge = false;
	if (!meta_get_int(db, ADMISSION_TAKEBACK, 0, &waiting, e))
		return false;
	if (waiting == 0)
		return true;
	if (!db_int(db, "SELECT count(*) FROM simpul_changeset WHERE state = 4", 0, &merged, e) ||
	    (merged > 0 && !rows_are_judged(db, ret_judge, e)))
		return false;
	if (*ret_judge &&
	    (!reconsider_quarantined(db, e) ||
	     !db_exec(db, "UPDATE simpul_changeset SET state = 5 WHERE state = 1 AND " LATER, e)))
		return false;
	return takeback_rows(db, catalog, tables, "state IN (4, 5)", ret_rows, e) &&
	       db_exec(db, "UPDATE simpul_changeset SET state = 3 WHERE state = 4;"
			   "UPDATE simpul_changeset SET state = 0 WHERE state = 5", e) &&
	       meta_put_int(db, ADMISSION_TAKEBACK, 0, e);
}
