/* workspace.c - three files, from the program or from a directory, become tables that are replicated. */
#include <stdio.h>
#include <string.h>

#include "base/embedded.h"
#include "base/json.h"
#include "capture/attach.h"
#include "store/rules_file.h"
#include "workspace/workspace.h"

#define FILE_BYTES_MAX (16u << 20)
#define PREFIX "workspace/"

static void file_close(FILE **f)
{
	if (*f != NULL)
		fclose(*f);
}

/* *ret_there is false if there is no such file. */
static bool read_file(const char *directory, const char *name, struct buf *out, bool *ret_there,
		      struct err *e)
{
	AUTO_BUF path = { 0 };
	__attribute__((cleanup(file_close))) FILE *f = NULL;

	buf_print(&path, "%s/%s", directory, name);
	f = fopen(buf_string(&path), "rbe");
	*ret_there = f != NULL;
	if (f == NULL)
		return true;
	out->len = fread(buf_reserve(out, FILE_BYTES_MAX + 1), 1, FILE_BYTES_MAX + 1, f);
	if (ferror(f) != 0)
		return err_set(e, ERR_STORAGE, "%s cannot be read", buf_string(&path));
	return out->len <= FILE_BYTES_MAX ||
	       err_set(e, ERR_TOO_LARGE, "%s is larger than 16 MiB", buf_string(&path));
}

static bool read_embedded(const char *workspace, const char *name, struct buf *out)
{
	const struct embedded_file *file;
	AUTO_BUF path = { 0 };

	buf_print(&path, PREFIX "%s/%s", workspace, name);
	file = embedded_find(buf_string(&path));
	if (file != NULL)
		buf_put(out, file->from, (size_t)(file->to - file->from));
	return file != NULL;
}

/* "inventory, masterplan": the directories that are part of the program. */
static void list_embedded(struct buf *out)
{
	const char *last = "";
	size_t last_len = 0;

	for (size_t i = 0; i < embedded_count; i++) {
		const char *name = embedded_files[i].name, *end;

		if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
			continue;
		name += strlen(PREFIX);
		end = strchr(name, '/');
		if (end == NULL || ((size_t)(end - name) == last_len && memcmp(name, last, last_len) == 0))
			continue;
		buf_print(out, "%s%.*s", last_len > 0 ? ", " : "", (int)(end - name), name);
		last = name;
		last_len = (size_t)(end - name);
	}
}

bool workspace_open(struct workspace *ws, const char *name, struct err *e)
{
	bool schema, rules, reference;
	AUTO_BUF known = { 0 };

	if (strchr(name, '/') != NULL) {
		if (!read_file(name, "schema.sql", &ws->schema, &schema, e) ||
		    !read_file(name, "rules.json", &ws->rules, &rules, e) ||
		    !read_file(name, "reference.sql", &ws->reference, &reference, e))
			return false;
		return (schema && rules) ||
		       err_set(e, ERR_NOT_FOUND, "%s is no workspace: it needs schema.sql and rules.json",
			       name);
	}
	if (read_embedded(name, "schema.sql", &ws->schema) &&
	    read_embedded(name, "rules.json", &ws->rules)) {
		read_embedded(name, "reference.sql", &ws->reference);
		return true;
	}
	list_embedded(&known);
	return err_set(e, ERR_NOT_FOUND,
		       "there is no workspace %s; there are: %s; or a directory, with a / in its path", name,
		       buf_string(&known));
}

void workspace_close(struct workspace *ws)
{
	buf_done(&ws->schema);
	buf_done(&ws->rules);
	buf_done(&ws->reference);
}

static bool run_sql(struct db *db, const struct buf *sql, const char *what, struct err *e)
{
	AUTO_BUF text = { 0 };

	if (sql->len == 0)
		return true;
	buf_put(&text, sql->data, sql->len);
	if (strlen(buf_string(&text)) != sql->len)
		return err_set(e, ERR_MALFORMED, "%s holds a NUL byte", what);
	if (db_exec_guarded(db, buf_string(&text), e))
		return true;
	if (!db_storage_failed(e) || e->code == ERR_STORAGE)
		e->code = strstr(e->text, "already exists") != NULL ? ERR_EXISTS : ERR_MALFORMED;
	return err_wrap(e, "%s", what);
}

static bool attach(struct db *db, const char *table, const json_t *rules, const struct world *world,
		   struct err *e)
{
	const json_t *scope = json_object_get(rules, "scope");
	struct attach_request request = { .world = world };
	AUTO_ATTACH_REPORT report = { 0 };

	if (json_is_string(scope))
		request.scope = json_string_value(scope);
	else if (json_is_object(scope))
		request.scope_column = json_string_value(json_object_get(scope, "column"));
	if (request.scope == NULL && request.scope_column == NULL)
		return err_set(e, ERR_MALFORMED, "rules.json: table %s needs a scope", table);
	return attach_tables(db, &table, 1, &request, &report, e);
}

bool workspace_install(const struct workspace *ws, struct db *db, bool hub, const struct world *world,
		       struct err *e)
{
	AUTO_JSON file = NULL;
	AUTO_TXN txn = { 0 };
	json_t *tables, *rules;
	const char *name;

	if (ws->rules.len > RULES_FILE_BYTES)
		return err_set(e, ERR_TOO_LARGE, "rules.json is larger than 1 MiB");
	if (!json_parse(ws->rules.data, ws->rules.len, &file, e))
		return err_wrap(e, "rules.json");
	tables = json_object_get(file, "tables");
	if (!json_is_object(tables))
		return err_set(e, ERR_MALFORMED, "rules.json: \"tables\" is missing");
	if (!txn_begin(&txn, db, e) || !run_sql(db, &ws->schema, "schema.sql", e) ||
	    (hub && !run_sql(db, &ws->reference, "reference.sql", e)))
		return false;
	json_object_foreach(tables, name, rules)
		if (!attach(db, name, rules, world, e))
			return false;
	return txn_alive(&txn, e) && txn_commit(&txn, e);
}
