/* workspace.c - a few files, from the program or from a directory, become tables that are replicated. */
#include <stdio.h>
#include <string.h>

#include "base/embedded.h"
#include "base/json.h"
#include "capture/attach.h"
#include "store/rules_file.h"
#include "store/tables.h"
#include "workspace/workspace.h"

#define FILE_BYTES_MAX (16u << 20)
#define PREFIX "workspace/"

static const char *const file_name[WORKSPACE_FILES] = {
	[WORKSPACE_SCHEMA] = "schema.sql",	 [WORKSPACE_RULES] = "rules.json",
	[WORKSPACE_VIEWS] = "views.sql",	 [WORKSPACE_REFERENCE] = "reference.sql",
	[WORKSPACE_SAMPLE] = "sample.sql",	 [WORKSPACE_ACCESS] = "access.json",
	[WORKSPACE_APP] = "app.json",
};

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

static bool open_directory(struct workspace *ws, const char *path, struct err *e)
{
	bool there[WORKSPACE_FILES];

	for (int i = 0; i < WORKSPACE_FILES; i++)
		if (!read_file(path, file_name[i], &ws->file[i], &there[i], e))
			return false;
	return (there[WORKSPACE_SCHEMA] && there[WORKSPACE_RULES]) ||
	       err_set(e, ERR_NOT_FOUND, "%s is no workspace: it needs schema.sql and rules.json", path);
}

static bool open_embedded(struct workspace *ws, const char *name)
{
	bool there[WORKSPACE_FILES];

	for (int i = 0; i < WORKSPACE_FILES; i++)
		there[i] = read_embedded(name, file_name[i], &ws->file[i]);
	return there[WORKSPACE_SCHEMA] && there[WORKSPACE_RULES];
}

bool workspace_open(struct workspace *ws, const char *name, struct err *e)
{
	AUTO_BUF known = { 0 };

	if (strlen(name) > WORKSPACE_NAME_BYTES)
		return err_set(e, ERR_USAGE, "the name of a workspace has at most %d bytes",
			       WORKSPACE_NAME_BYTES);
	snprintf(ws->name, sizeof(ws->name), "%s", name);
	if (strchr(name, '/') != NULL)
		return open_directory(ws, name, e);
	if (open_embedded(ws, name))
		return true;
	list_embedded(&known);
	return err_set(e, ERR_NOT_FOUND,
		       "there is no workspace %s; there are: %s; or a directory, with a / in its path", name,
		       buf_string(&known));
}

void workspace_close(struct workspace *ws)
{
	for (int i = 0; i < WORKSPACE_FILES; i++)
		buf_done(&ws->file[i]);
	ws->name[0] = '\0';
}

static bool run_sql(struct db *db, const struct workspace *ws, enum workspace_file file, struct err *e)
{
	const struct buf *sql = &ws->file[file];
	const char *what = file_name[file];
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

static bool text_put(struct db *db, const char *name, const struct buf *text, struct err *e)
{
	AUTO_BUF copy = { 0 };
	AUTO_RESET s = { 0 };

	buf_put(&copy, text->data, text->len);
	if (strlen(buf_string(&copy)) != text->len)
		return err_set(e, ERR_MALFORMED, "%s holds a NUL byte", name);
	if (!db_statement(db, "INSERT OR REPLACE INTO simpul_workspace(name, text) VALUES(?1, ?2)", &s, e))
		return false;
	stmt_text(&s, 1, name);
	stmt_text(&s, 2, buf_string(&copy));
	return stmt_done(&s, e);
}

static bool text_get(struct db *db, const char *name, struct buf *out, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT text FROM simpul_workspace WHERE name = ?1", &s, e))
		return false;
	stmt_text(&s, 1, name);
	if (!stmt_row(&s, &row, e))
		return false;
	if (row)
		buf_print(out, "%s", stmt_get_text(&s, 0));
	return true;
}

/* Only what the file cannot do without: the texts of the program's own workspaces are in the program. */
static bool remember(const struct workspace *ws, struct db *db, struct err *e)
{
	static const enum workspace_file kept[] = { WORKSPACE_VIEWS, WORKSPACE_ACCESS, WORKSPACE_APP };

	AUTO_BUF name = { 0 };

	buf_print(&name, "%s", ws->name);
	if (!text_put(db, "name", &name, e))
		return false;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		const struct buf *text = &ws->file[kept[i]];
		AUTO_JSON json = NULL;

		if (text->len == 0)
			continue;
		if (kept[i] != WORKSPACE_VIEWS && !json_parse(text->data, text->len, &json, e))
			return err_wrap(e, "%s", file_name[kept[i]]);
		if (!text_put(db, file_name[kept[i]], text, e))
			return false;
	}
	return true;
}

static bool fill(const struct workspace *ws, struct db *db, enum workspace_rows rows, struct err *e)
{
	if (rows == WORKSPACE_TO_PRACTISE && ws->file[WORKSPACE_SAMPLE].len == 0)
		return err_set(e, ERR_NOT_FOUND, "the workspace %s has no sample.sql", ws->name);
	return (rows == WORKSPACE_EMPTY || run_sql(db, ws, WORKSPACE_REFERENCE, e)) &&
	       (rows != WORKSPACE_TO_PRACTISE ||
		(run_sql(db, ws, WORKSPACE_SAMPLE, e) && meta_put_int(db, "practice", 1, e)));
}

bool workspace_install(const struct workspace *ws, struct db *db, enum workspace_rows rows,
		       const struct world *world, struct err *e)
{
	const struct buf *text = &ws->file[WORKSPACE_RULES];
	AUTO_JSON file = NULL;
	AUTO_TXN txn = { 0 };
	json_t *tables, *table;
	const char *name;

	if (text->len > RULES_FILE_BYTES)
		return err_set(e, ERR_TOO_LARGE, "rules.json is larger than 1 MiB");
	if (!json_parse(text->data, text->len, &file, e))
		return err_wrap(e, "rules.json");
	tables = json_object_get(file, "tables");
	if (!json_is_object(tables))
		return err_set(e, ERR_MALFORMED, "rules.json: \"tables\" is missing");
	if (!txn_begin(&txn, db, e) || !run_sql(db, ws, WORKSPACE_SCHEMA, e) ||
	    !run_sql(db, ws, WORKSPACE_VIEWS, e) || !fill(ws, db, rows, e) || !remember(ws, db, e))
		return false;
	json_object_foreach(tables, name, table)
		if (!attach(db, name, table, world, e))
			return false;
	return txn_alive(&txn, e) && txn_commit(&txn, e);
}

static bool empty_tables(struct db *db, struct err *e)
{
	static const char list[] = "SELECT group_concat(format('DELETE FROM \"%w\";', name), '')"
				   " FROM sqlite_schema WHERE type = 'table'"
				   " AND name NOT GLOB 'simpul_*' AND name NOT GLOB 'sqlite_*'";
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(db, list, &s, e) || !stmt_row(&s, &row, e))
		return false;
	if (row && !stmt_get_null(&s, 0))
		buf_print(&sql, "%s", stmt_get_text(&s, 0));
	stmt_reset(&s);
	return db_exec(db, buf_string(&sql), e);
}

bool workspace_practise_again(const struct workspace *ws, struct db *db, struct err *e)
{
	AUTO_TXN txn = { 0 };
	int64_t practice;

	if (!meta_get_int(db, "practice", 0, &practice, e))
		return false;
	if (practice == 0)
		return err_set(e, ERR_FORBIDDEN, "%s was not made for practice: its rows are real", db->path);
	/* Nothing of it was or will be sent, so what was noted about it goes too. */
	return txn_begin(&txn, db, e) && empty_tables(db, e) && fill(ws, db, WORKSPACE_TO_PRACTISE, e) &&
	       db_exec(db, "DELETE FROM simpul_log", e) && txn_commit(&txn, e);
}

bool workspace_stored(struct db *db, struct workspace *ret, struct err *e)
{
	static const enum workspace_file kept[] = { WORKSPACE_VIEWS, WORKSPACE_ACCESS, WORKSPACE_APP };
	AUTO_BUF name = { 0 };

	if (!text_get(db, "name", &name, e))
		return false;
	snprintf(ret->name, sizeof(ret->name), "%s", buf_string(&name));
	if (name.len == 0 || (strchr(ret->name, '/') == NULL && open_embedded(ret, ret->name)))
		return true;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (!text_get(db, file_name[kept[i]], &ret->file[kept[i]], e))
			return false;
	return true;
}

bool workspace_refresh(const struct workspace *ws, struct db *db, struct err *e)
{
	const struct buf *views = &ws->file[WORKSPACE_VIEWS];
	AUTO_BUF there = { 0 };
	AUTO_TXN txn = { 0 };

	if (!text_get(db, file_name[WORKSPACE_VIEWS], &there, e))
		return false;
	if (views->len == 0 || (views->len == there.len && memcmp(views->data, there.data, there.len) == 0))
		return true;
	return txn_begin(&txn, db, e) && run_sql(db, ws, WORKSPACE_VIEWS, e) &&
	       text_put(db, file_name[WORKSPACE_VIEWS], views, e) &&
	       txn_commit(&txn, e);
}
