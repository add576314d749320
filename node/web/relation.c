/* relation.c - from a name in a request to columns that are really there. */
#include <string.h>
#include <strings.h>

#include "web/limit.h"
#include "web/relation.h"

/* What SQLite makes of a declared type; "" where it keeps any value as it is. */
static const char *type_of(const char *declared)
{
	const struct schema_text type = { declared, (uint32_t)strlen(declared) };

	if (declared[0] == '\0' || strcasecmp(declared, "ANY") == 0)
		return "";
	if (schema_type_integer(&type))
		return "INTEGER";
	if (schema_type_text(&type))
		return "TEXT";
	if (strcasecmp(declared, "BLOB") == 0)
		return "BLOB";
	return "REAL";
}

static bool ours(const char *name)
{
	return strncasecmp(name, "simpul_", strlen("simpul_")) == 0 ||
	       strncasecmp(name, "sqlite_", strlen("sqlite_")) == 0;
}

/* The CREATE statement of a table or view with exactly this name; NULL in *ret_sql: there is none.
 */
static bool find_sql(struct party *p, struct arena *arena, const char *type, const char *name,
		     const char **ret_sql, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(p->db, "SELECT sql FROM sqlite_schema WHERE type = ?1 AND name = ?2", &s,
			  e))
		return false;
	stmt_text(&s, 1, type);
	stmt_text(&s, 2, name);
	if (!stmt_row(&s, &row, e))
		return false;
	*ret_sql = row ? arena_text(arena, stmt_get_text(&s, 0)) : NULL;
	return true;
}

/* Which columns have a DEFAULT that SQLite fills in: not all are literals that the catalog knows.
 */
static bool find_defaults(struct party *p, struct relation *r, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(p->db,
			  "SELECT name FROM pragma_table_info(?1) WHERE dflt_value IS NOT NULL", &s,
			  e))
		return false;
	stmt_text(&s, 1, r->name);
	for (;;) {
		int at;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		at = relation_column(r, stmt_get_text(&s, 0));
		if (at >= 0)
			r->column[at].has_default = true;
	}
}

static bool make_table(struct party *p, struct arena *arena, const struct catalog_table *table,
		       bool local, struct relation **ret, struct err *e)
{
	struct relation *r = arena_take(arena, sizeof(*r));
	const int hidden = table->scope_in_key ? 1 : 0;
	const char *sql;

	*r = (struct relation){ .name = table->name,
				.table = table,
				.local = local,
				.columns = table->columns + hidden };
	r->column = arena_take(arena, (size_t)r->columns * sizeof(*r->column));
	if (hidden != 0) {
		r->column[0] = (struct relation_column){ .name = CATALOG_SCOPE_COLUMN,
							 .type = "TEXT",
							 .not_null = true,
							 .hidden = true };
		r->key[r->keys++] = 0;
	}
	for (int i = 0; i < table->columns; i++) {
		const struct catalog_column *c = &table->column[i];

		r->column[i + hidden] = (struct relation_column){
			.name = c->name,
			.type = type_of(c->type),
			.of = c,
			.not_null = (c->flags & SCHEMA_COLUMN_NOT_NULL) != 0,
		};
	}
	for (int i = 0; i < table->keys; i++)
		r->key[r->keys++] = table->key[i] + hidden;
	if (!find_sql(p, arena, "table", table->name, &sql, e) || !find_defaults(p, r, e))
		return false;
	if (sql != NULL)
		limit_read(sql, arena, r->column, r->columns);
	*ret = r;
	return true;
}

/* A local table is described as attach would see it; *ret is NULL if it cannot be. */
static bool make_local(struct party *p, struct arena *arena, const char *name,
		       struct relation **ret, struct err *e)
{
	struct catalog_table *table = arena_take(arena, sizeof(*table));
	struct err why;
	int keys;

	*ret = NULL;
	*table = (struct catalog_table){ 0 };
	if (!catalog_describe(p->db, arena, name, table, &keys, &why)) {
		if (why.code == ERR_NOT_FOUND)
			return true;
		*e = why;
		return false;
	}
	if (table->keys == 0 || keys > (int)LIMIT_KEY_COLUMNS)
		return true;
	return make_table(p, arena, table, true, ret, e);
}

static bool make_view(struct party *p, struct arena *arena, const char *name, struct relation **ret,
		      struct err *e)
{
	struct relation *r = arena_take(arena, sizeof(*r));
	AUTO_RESET s = { 0 };
	int room = 0;
	bool row;

	*r = (struct relation){ .name = arena_text(arena, name) };
	if (!db_statement(p->db, "SELECT name, type FROM pragma_table_info(?1) ORDER BY cid", &s,
			  e))
		return false;
	stmt_text(&s, 1, name);
	r->column = arena_take(arena, (LIMIT_COLUMNS + 1) * sizeof(*r->column));
	for (room = (int)LIMIT_COLUMNS;; room--) {
		if (!stmt_row(&s, &row, e))
			return err_wrap(e, "view %.100s", name);
		if (!row || room == 0)
			break;
		r->column[r->columns++] = (struct relation_column){
			.name = arena_text(arena, stmt_get_text(&s, 0)),
			.type = arena_text(arena, type_of(stmt_get_text(&s, 1))),
		};
	}
	*ret = r;
	return true;
}

static bool no_such(const char *name, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "there is no table or view %.100s", name);
}
#define no_such(...) err_false(no_such(__VA_ARGS__))

bool relation_table(struct party *p, struct serve_job *job, const char *name,
		    const struct relation **ret, struct err *e)
{
	struct web_request *r = request_of(job);
	const struct catalog_table *table;
	const struct catalog *catalog;
	struct relation *relation = NULL;

	if (!party_catalog(p, &catalog, e))
		return false;
	if (!access_read(&r->access, name) || ours(name))
		return no_such(name, e);
	table = catalog_by_name(catalog, name);
	if (table != NULL && strcmp(table->name, name) == 0) {
		if (!make_table(p, &r->arena, table, false, &relation, e))
			return false;
	} else if (table == NULL && access_local(r->web->access, name)) {
		if (!make_local(p, &r->arena, name, &relation, e))
			return false;
	}
	*ret = relation;
	return relation != NULL || no_such(name, e);
}

bool relation_view(struct party *p, struct serve_job *job, const char *name,
		   const struct relation **ret, struct err *e)
{
	struct web_request *r = request_of(job);
	struct relation *relation;
	const char *sql;

	if (!access_read(&r->access, name) || ours(name))
		return no_such(name, e);
	if (!find_sql(p, &r->arena, "view", name, &sql, e))
		return false;
	if (sql == NULL)
		return no_such(name, e);
	if (!make_view(p, &r->arena, name, &relation, e))
		return false;
	*ret = relation;
	return true;
}

/* The names of all views of the application, in the arena. */
static bool view_names(struct party *p, struct arena *arena, const char ***ret, size_t *ret_n,
		       struct err *e)
{
	const size_t max = 512;
	AUTO_RESET s = { 0 };
	bool row;

	*ret = arena_take(arena, max * sizeof(**ret));
	*ret_n = 0;
	if (!db_statement(p->db, "SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name",
			  &s, e))
		return false;
	while (*ret_n < max) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		(*ret)[(*ret_n)++] = arena_text(arena, stmt_get_text(&s, 0));
	}
	return true;
}

bool relation_each(struct party *p, struct serve_job *job,
		   void (*call)(void *state, const struct relation *relation), void *state,
		   struct err *e)
{
	struct web_request *r = request_of(job);
	const struct catalog *catalog;
	struct relation *relation;
	const char **views, *name;
	json_t *local = json_object_get(r->web->access, "local"), *ignored;
	size_t n;

	if (!party_catalog(p, &catalog, e) || !view_names(p, &r->arena, &views, &n, e))
		return false;
	for (int i = 0; i < catalog->tables; i++) {
		if (!access_read(&r->access, catalog->table[i].name))
			continue;
		if (!make_table(p, &r->arena, &catalog->table[i], false, &relation, e))
			return false;
		call(state, relation);
	}
	json_object_foreach(local, name, ignored)
	{
		if (!access_read(&r->access, name) || ours(name) ||
		    catalog_by_name(catalog, name) != NULL)
			continue;
		if (!make_local(p, &r->arena, name, &relation, e))
			return false;
		if (relation != NULL)
			call(state, relation);
	}
	for (size_t i = 0; i < n; i++) {
		if (ours(views[i]) || !access_read(&r->access, views[i]))
			continue;
		if (!make_view(p, &r->arena, views[i], &relation, e))
			return false;
		call(state, relation);
	}
	return true;
}

int relation_column(const struct relation *relation, const char *name)
{
	for (int i = 0; i < relation->columns; i++)
		if (strcmp(relation->column[i].name, name) == 0)
			return i;
	return -1;
}

bool relation_is_key(const struct relation *relation, int column)
{
	for (int i = 0; i < relation->keys; i++)
		if (relation->key[i] == column)
			return true;
	return false;
}

void relation_where_key(const struct relation *relation, int first, struct buf *sql)
{
	for (int i = 0; i < relation->keys; i++) {
		buf_text(sql, i == 0 ? " WHERE " : " AND ");
		sql_quote(sql, relation->column[relation->key[i]].name);
		buf_print(sql, " IS ?%d", first + i);
	}
}
