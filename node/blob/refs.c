/* refs.c - the declarations, as SQL over the application's tables. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/embedded.h"
#include "base/json.h"
#include "blob/part.h"
#include "blob/refs.h"

#define HASH_DIGITS (2 * sizeof(struct hash))
#define TYPES_MAX 64

struct blob_ref_table {
	const char *name;
	const char *find;	/* size, type, scope of a row; ?1 the hash, ?2 the scope */
	const char *find_any;	/* ?1 */
	const char *each;	/* hash, size, type, scope */
	const char *scope;	/* fixed; NULL: in a column */
};

struct blob_limit {
	const char *scope; /* NULL: every one */
	const char *type[TYPES_MAX];
	size_t types; /* 0: any */
	uint64_t bytes_max, scope_bytes_max;
};

/* The name in this file of a replicated column; NULL if there is none. */
static bool column_find(struct db *db, int64_t table_no, const char *name, struct arena *arena,
			const char **ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	*ret = NULL;
	if (name[0] == '\0')
		return true;
	if (!db_statement(db, "SELECT name FROM simpul_column WHERE table_no = ?1 AND at IS NOT NULL"
			      " AND coalesce(replicated, name) = ?2 COLLATE NOCASE", &s, e))
		return false;
	stmt_int(&s, 1, table_no);
	stmt_text(&s, 2, name);
	if (!stmt_row(&s, &row, e))
		return false;
	if (row)
		*ret = arena_text(arena, stmt_get_text(&s, 0));
	return true;
}

struct place { /* of a table and its columns in this file */
	const char *name; /* as declared */
	const char *table, *hash, *size, *type, *scope, *scope_column;
};

static bool table_find(struct db *db, const json_t *entry, struct arena *arena, struct place *ret,
		       struct err *e)
{
	AUTO_RESET s = { 0 };
	struct place place = { 0 };
	const char *table, *hash;
	int64_t no;
	bool row;

	if (!json_member_text(entry, "table", &table, e) || !json_member_text(entry, "hash", &hash, e))
		return err_wrap(e, "app.json: files");
	if (!db_statement(db, "SELECT no, name, scope, scope_column FROM simpul_table WHERE aside IS NULL"
			      " AND coalesce(replicated, name) = ?1 COLLATE NOCASE", &s, e))
		return false;
	stmt_text(&s, 1, table);
	if (!stmt_row(&s, &row, e))
		return false;
	*ret = place;
	if (!row)
		return true;
	no = stmt_get_int(&s, 0);
	place.name = arena_text(arena, table);
	place.table = arena_text(arena, stmt_get_text(&s, 1));
	if (!stmt_get_null(&s, 2))
		place.scope = arena_text(arena, stmt_get_text(&s, 2));
	else
		place.scope_column = arena_text(arena, stmt_get_text(&s, 3));
	stmt_reset(&s);
	if (!column_find(db, no, hash, arena, &place.hash, e) ||
	    !column_find(db, no, json_text_or_empty(entry, "bytes"), arena, &place.size, e) ||
	    !column_find(db, no, json_text_or_empty(entry, "type"), arena, &place.type, e))
		return false;
	*ret = place;
	return true;
}

static void put_column(struct buf *sql, const char *column, const char *missing)
{
	if (column == NULL)
		buf_text(sql, missing);
	else
		sql_quote(sql, column);
}

/* " FROM t WHERE hash = ?1", behind the columns that every query wants. */
static void query(const struct place *p, const char *head, const char *where, struct buf *sql)
{
	buf_reset(sql);
	buf_text(sql, head);
	put_column(sql, p->size, "NULL");
	buf_text(sql, ", ");
	put_column(sql, p->type, "''");
	buf_text(sql, ", ");
	put_column(sql, p->scope_column, "NULL");
	buf_text(sql, " FROM ");
	sql_quote(sql, p->table);
	buf_text(sql, where);
	sql_quote(sql, p->hash);
}

static void table_init(struct blob_ref_table *t, const struct place *p, struct arena *arena)
{
	AUTO_BUF sql = { 0 };

	t->name = p->name;
	t->scope = p->scope;
	query(p, "SELECT ", " WHERE ", &sql);
	buf_text(&sql, " = ?1 LIMIT 1");
	t->find_any = arena_text(arena, buf_string(&sql));
	query(p, "SELECT ", " WHERE ", &sql);
	buf_text(&sql, " = ?1 AND ");
	if (p->scope_column == NULL) {
		buf_text(&sql, "?2 = ?2");
	} else {
		sql_quote(&sql, p->scope_column);
		buf_text(&sql, " = ?2");
	}
	buf_text(&sql, " LIMIT 1");
	t->find = arena_text(arena, buf_string(&sql));
	buf_reset(&sql);
	buf_text(&sql, "SELECT DISTINCT ");
	sql_quote(&sql, p->hash);
	buf_text(&sql, ", ");
	{
		AUTO_BUF rest = { 0 };

		query(p, "", " WHERE length(", &rest);
		buf_put(&sql, rest.data, rest.len);
	}
	buf_print(&sql, ") = %zu", HASH_DIGITS);
	t->each = arena_text(arena, buf_string(&sql));
}

static bool bytes_member(const json_t *entry, const char *name, uint64_t *ret, struct err *e)
{
	const json_t *value = json_object_get(entry, name);

	*ret = UINT64_MAX;
	if (value == NULL)
		return true;
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return err_set(e, ERR_MALFORMED, "app.json: file_limits: %s is not a number of bytes", name);
	*ret = (uint64_t)json_integer_value(value);
	return true;
}

static bool limit_init(struct blob_limit *limit, const json_t *entry, struct arena *arena, struct err *e)
{
	const json_t *types = json_object_get(entry, "types"), *type;
	const char *scope = json_text_or_empty(entry, "scope");
	size_t i;

	*limit = (struct blob_limit){ .scope = scope[0] == '\0' ? NULL : arena_text(arena, scope) };
	if (!bytes_member(entry, "bytes_max", &limit->bytes_max, e) ||
	    !bytes_member(entry, "scope_bytes_max", &limit->scope_bytes_max, e))
		return false;
	json_array_foreach(types, i, type) {
		if (!json_is_string(type) || limit->types == TYPES_MAX)
			return err_set(e, ERR_MALFORMED, "app.json: file_limits: types are at most %d texts",
				       TYPES_MAX);
		limit->type[limit->types++] = arena_text(arena, json_string_value(type));
	}
	return true;
}

static bool declarations(struct blob_refs *refs, struct db *db, const json_t *app, struct err *e)
{
	const json_t *files = json_object_get(app, "files"), *limits = json_object_get(app, "file_limits");
	const json_t *entry;
	size_t i;

	refs->table = arena_take(&refs->arena, (json_array_size(files) + 1) * sizeof(*refs->table));
	refs->limit = arena_take(&refs->arena, (json_array_size(limits) + 1) * sizeof(*refs->limit));
	json_array_foreach(files, i, entry) {
		struct place place;

		if (!table_find(db, entry, &refs->arena, &place, e))
			return false;
		if (place.table != NULL && place.hash != NULL)
			table_init(&refs->table[refs->tables++], &place, &refs->arena);
	}
	json_array_foreach(limits, i, entry)
		if (!limit_init(&refs->limit[refs->limits++], entry, &refs->arena, e))
			return false;
	return true;
}

/* The file's own text, or, of a workspace that is part of the program, the program's. */
static bool app_text(struct db *db, struct buf *out, struct err *e)
{
	const struct embedded_file *file = NULL;
	AUTO_RESET s = { 0 };
	AUTO_BUF path = { 0 };
	bool row;

	if (!db_statement(db, "SELECT name, text FROM simpul_workspace WHERE name IN ('app', 'name')"
			      " ORDER BY name", &s, e) || !stmt_row(&s, &row, e))
		return false;
	if (!row)
		return true;
	if (strcmp(stmt_get_text(&s, 0), "app") == 0) {
		buf_text(out, stmt_get_text(&s, 1));
		return true;
	}
	buf_print(&path, "workspace/%s/app.json", stmt_get_text(&s, 1));
	file = embedded_find(buf_string(&path));
	if (file != NULL)
		buf_put(out, file->from, (size_t)(file->to - file->from));
	return true;
}

static bool load(struct blob_refs *refs, struct db *db, struct err *e)
{
	AUTO_JSON app = NULL;
	AUTO_BUF text = { 0 };

	if (!app_text(db, &text, e))
		return false;
	if (text.len == 0)
		return true;
	if (!json_parse(text.data, text.len, &app, e))
		return err_wrap(e, "app.json");
	return declarations(refs, db, app, e);
}

bool blob_refs_load(struct blob_refs *ret, struct db *db, struct err *e)
{
	struct blob_refs refs = { 0 };

	arena_init(&refs.arena);
	if (!load(&refs, db, e)) {
		blob_refs_close(&refs);
		return false;
	}
	*ret = refs;
	return true;
}

void blob_refs_close(struct blob_refs *refs)
{
	arena_done(&refs->arena);
	*refs = (struct blob_refs){ 0 };
}

/* Columns size, type, scope from `at` on. */
static bool ref_fill(const struct blob_ref_table *t, struct stmt *s, int at, struct blob_ref *ref)
{
	const char *scope = t->scope != NULL ? t->scope : stmt_get_text(s, at + 2);
	struct err ignored;

	ref->table = t->name;
	ref->size = stmt_get_null(s, at) ? -1 : stmt_get_int(s, at);
	snprintf(ref->type, sizeof(ref->type), "%s", stmt_get_text(s, at + 1));
	return scope_parse(scope, strlen(scope), &ref->scope, &ignored);
}

const char *blob_refs_table(const struct blob_refs *refs, size_t n)
{
	return n < refs->tables ? refs->table[n].name : NULL;
}

bool blob_refs_find(const struct blob_refs *refs, struct db *db, struct blob_ref *ref, bool any_scope,
		    bool *ret_found, struct err *e)
{
	char hex[HASH_DIGITS + 1];

	hex_encode(ref->hash.bytes, sizeof(ref->hash.bytes), hex);
	*ret_found = false;
	for (size_t i = 0; i < refs->tables && !*ret_found; i++) {
		const struct blob_ref_table *t = &refs->table[i];
		AUTO_RESET s = { 0 };
		bool row;

		if (!any_scope && t->scope != NULL && strcmp(t->scope, ref->scope.name) != 0)
			continue;
		if (!db_statement(db, any_scope ? t->find_any : t->find, &s, e))
			return false;
		stmt_text(&s, 1, hex);
		if (!any_scope)
			stmt_text(&s, 2, ref->scope.name);
		if (!stmt_row(&s, &row, e))
			return false;
		*ret_found = row && ref_fill(t, &s, 0, ref);
	}
	return true;
}

bool blob_refs_each(const struct blob_refs *refs, struct db *db, blob_ref_take *take, void *arg,
		    struct err *e)
{
	for (size_t i = 0; i < refs->tables; i++) {
		AUTO_RESET s = { 0 };

		if (!db_statement(db, refs->table[i].each, &s, e))
			return false;
		for (;;) {
			struct blob_ref ref;
			const char *hex;
			bool row;

			if (!stmt_row(&s, &row, e))
				return false;
			if (!row)
				break;
			hex = stmt_get_text(&s, 0);
			if (!hex_decode(hex, strlen(hex), ref.hash.bytes, sizeof(ref.hash.bytes)) ||
			    strpbrk(hex, "ABCDEF") != NULL || !ref_fill(&refs->table[i], &s, 1, &ref))
				continue;
			if (!take(arg, &ref, e))
				return false;
		}
	}
	return true;
}

/* "image/png" is of the type "image/<star>"; letters in either case. */
static bool type_fits(const char *pattern, const char *type)
{
	size_t len = strcspn(pattern, "*"), own = strcspn(type, ";");

	if (pattern[len] == '*')
		return own >= len && strncasecmp(pattern, type, len) == 0;
	return own == len && strncasecmp(pattern, type, len) == 0;
}

static const struct blob_limit *limit_of(const struct blob_refs *refs, const struct scope *scope)
{
	for (size_t i = 0; i < refs->limits; i++)
		if (refs->limit[i].scope == NULL || strcmp(refs->limit[i].scope, scope->name) == 0)
			return &refs->limit[i];
	return NULL;
}

bool blob_refs_allow(const struct blob_refs *refs, const struct scope *scope, const char *type,
		     uint64_t size, struct err *e)
{
	const struct blob_limit *limit = limit_of(refs, scope);
	bool fits;

	if (size > BLOB_BYTES_MAX)
		return err_set(e, ERR_FILE_REFUSED, "an attachment has at most 1 GiB");
	if (limit == NULL)
		return true;
	if (size > limit->bytes_max)
		return err_set(e, ERR_FILE_REFUSED, "%llu bytes; an attachment of scope %s has at most %llu",
			       (unsigned long long)size, scope->name,
			       (unsigned long long)limit->bytes_max);
	fits = limit->types == 0;
	for (size_t i = 0; i < limit->types; i++)
		fits |= type_fits(limit->type[i], type);
	return fits || err_set(e, ERR_FILE_REFUSED, "scope %s takes no attachments of type \"%.60s\"",
			       scope->name, type);
}

struct coming {
	const struct blob_store *store;
	const struct blob_ref *but; /* the one that is to come */
	uint64_t bytes;
};

/* What is being received counts as if it were here. */
static bool count(void *arg, const struct blob_ref *ref, struct err *e)
{
	struct coming *coming = arg;
	int64_t size;

	if (!scope_equal(&ref->scope, &coming->but->scope) || hash_equal(&ref->hash, &coming->but->hash))
		return true;
	if (!blob_part_size(coming->store, &ref->hash, &ref->scope, &size, e))
		return false;
	coming->bytes += size == BLOB_ABSENT ? 0 : (uint64_t)size;
	return true;
}

bool blob_refs_quota(const struct blob_refs *refs, struct db *db, const struct blob_store *s,
		     const struct blob_ref *ref, uint64_t size, struct err *e)
{
	const struct blob_limit *limit = limit_of(refs, &ref->scope);
	struct coming coming = { .store = s, .but = ref };
	AUTO_RESET q = { 0 };
	bool row;

	if (limit == NULL || limit->scope_bytes_max == UINT64_MAX)
		return true;
	if (!blob_refs_each(refs, db, count, &coming, e) ||
	    !db_statement(db, "SELECT sum(size) FROM simpul_file_from WHERE scope = ?1 AND hash <> ?2", &q,
			  e))
		return false;
	stmt_text(&q, 1, ref->scope.name);
	stmt_blob(&q, 2, ref->hash.bytes, sizeof(ref->hash.bytes));
	if (!stmt_row(&q, &row, e))
		return false;
	coming.bytes += row ? (uint64_t)stmt_get_int(&q, 0) : 0;
	return coming.bytes + size <= limit->scope_bytes_max ||
	       err_set(e, ERR_FILE_REFUSED, "the attachments of scope %s would have more than %llu bytes",
		       ref->scope.name, (unsigned long long)limit->scope_bytes_max);
}
