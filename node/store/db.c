/* db.c - the one file in which SQLite's conventions become ours. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "store/db.h"
#include "store/gather.h"

#define BUSY_TIMEOUT_MS 5000
/* Room for small blocks without malloc: prepared statements take the default of 100 slots and keep them. */
#define LOOKASIDE_BYTES 1200
#define LOOKASIDE_SLOTS 1000

static const char *vfs_name;
static const char *vfs_sql;

struct db_cached {
	struct db_cached *next;
	sqlite3_stmt *handle;
	char sql[];
};

static enum err_code code_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_FULL:
		return ERR_DISK_FULL;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		return ERR_READ_ONLY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_CORRUPT;
	case SQLITE_IOERR:
		return ERR_STORAGE;
	case SQLITE_TOOBIG:
		return ERR_TOO_LARGE;
	default:
		return ERR_INTERNAL;
	}
}

bool(db_error)(struct db *db, struct err *e, const char *doing)
{
	enum err_code code = code_of(sqlite3_extended_errcode(db->handle));

	/* To SQLite a journal it may read but not write, or a full quota, is an I/O error like any. */
	if (code == ERR_STORAGE) {
		int cause = sqlite3_system_errno(db->handle);

		if (cause == EBADF || cause == EACCES || cause == EPERM || cause == EROFS)
			code = ERR_READ_ONLY;
		else if (cause == ENOSPC || cause == EDQUOT)
			code = ERR_DISK_FULL;
	}
	return err_set(e, code, "%s: %s", doing, sqlite3_errmsg(db->handle));
}

bool db_storage_failed(const struct err *e)
{
	return e->code == ERR_DISK_FULL || e->code == ERR_BUSY || e->code == ERR_READ_ONLY ||
	       e->code == ERR_CORRUPT || e->code == ERR_STORAGE;
}

/*
 * trusted_schema is on: with it off, SQLite 3.40 takes its own JSON functions for unsafe, and any file with
 * CHECK (json_valid(...)) for damaged.  What it guards against is closed otherwise: no extension is loaded,
 * triggers are off, and functions of ours are registered as DIRECTONLY.
 */
static bool configure(struct db *db, enum db_mode mode, struct err *e)
{
	static const char pragmas[] = "PRAGMA trusted_schema=ON; PRAGMA foreign_keys=OFF;"
				      "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
				      "PRAGMA synchronous=FULL;";
	int triggers = mode == DB_APP;

	if (sqlite3_db_config(db->handle, SQLITE_DBCONFIG_LOOKASIDE, NULL, LOOKASIDE_BYTES,
			      LOOKASIDE_SLOTS) != SQLITE_OK)
		return db_error(db, e, "configure");
	sqlite3_busy_timeout(db->handle, BUSY_TIMEOUT_MS);
	sqlite3_extended_result_codes(db->handle, 1);
	if (sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, triggers, NULL) != SQLITE_OK ||
	    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) != SQLITE_OK ||
	    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL) !=
		    SQLITE_OK ||
	    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL) != SQLITE_OK)
		return db_error(db, e, "configure");
	/*
	 * What the node sorts stays off the disk.  Ordinary programs have the default, and keep a statement's
	 * journal in one piece, not in a dozen of 1 KiB: a captured INSERT costs a quarter less.
	 */
	if (!db_exec(db, pragmas, e) ||
	    (mode != DB_APP && !db_exec(db, "PRAGMA temp_store=MEMORY", e)))
		return false;
	/* Reading the schema now turns "not a database" into an error at open. */
	if (!db_exec(db, "SELECT count(*) FROM sqlite_schema", e))
		return false;
	return mode == DB_READ_ONLY || db_exec(db, "PRAGMA journal_mode=TRUNCATE", e);
}

void db_program_begin(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

void db_set_vfs(const char *name, const char *planted_sql)
{
	vfs_name = name;
	vfs_sql = planted_sql;
}

static int open_handle(const char *path, int flags, sqlite3 **ret)
{
	const char *gather = gather_vfs(vfs_name);

	return sqlite3_open_v2(path, ret, flags | SQLITE_OPEN_NOMUTEX, gather == NULL ? vfs_name : gather);
}

/*
 * A program that was killed in a transaction leaves a journal that whoever comes next rolls back, and a
 * connection that may only read cannot.  Another one does it, and changes nothing else.  If that may not
 * write either, the reader says so.
 */
static void roll_back_for_reader(const char *path)
{
	sqlite3 *handle = NULL;

	if (open_handle(path, SQLITE_OPEN_READWRITE, &handle) == SQLITE_OK) {
		sqlite3_busy_timeout(handle, BUSY_TIMEOUT_MS);
		sqlite3_exec(handle, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
	}
	sqlite3_close(handle);
}

static bool configure_reader(struct db *db, const char *path, struct err *e)
{
	if (configure(db, DB_READ_ONLY, e))
		return true;
	if (sqlite3_extended_errcode(db->handle) != SQLITE_READONLY_ROLLBACK)
		return false;
	roll_back_for_reader(path);
	return configure(db, DB_READ_ONLY, e);
}

bool db_open(struct db *db, const char *path, enum db_mode mode, bool create, struct err *e)
{
	int flags = mode == DB_READ_ONLY ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	int rc;

	if (create)
		flags |= SQLITE_OPEN_CREATE;
	*db = (struct db){ .path = memory_text(path) };
	rc = open_handle(path, flags, &db->handle);
	if (rc != SQLITE_OK) {
		db_error(db, e, "open");
		if (e->code == ERR_READ_ONLY && !create && rc == SQLITE_CANTOPEN)
			e->code = ERR_NOT_FOUND;
	} else if ((mode == DB_READ_ONLY ? configure_reader(db, path, e) : configure(db, mode, e)) &&
		   (vfs_sql == NULL || db_exec(db, vfs_sql, e))) {
		return true;
	}
	err_wrap(e, "%s", path);
	db_close(db);
	return false;
}

void db_forget_statements(struct db *db)
{
	while (db->cache != NULL) {
		struct db_cached *next = db->cache->next;

		sqlite3_finalize(db->cache->handle);
		free(db->cache);
		db->cache = next;
	}
}

void db_close(struct db *db)
{
	int rc;

	db_forget_statements(db);
	rc = sqlite3_close(db->handle);
	assert(rc == SQLITE_OK); /* else a statement leaked */
	free(db->path);
	*db = (struct db){ 0 };
}

void db_release_memory(struct db *db)
{
	sqlite3_db_release_memory(db->handle);
}

bool db_grow_cache(struct db *db, bool grow, struct err *e)
{
	if (!grow)
		db_release_memory(db);
	return db_exec(db, grow ? "PRAGMA cache_size=-32768" : "PRAGMA cache_size=-2000", e);
}

bool db_exec(struct db *db, const char *sql, struct err *e)
{
	if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_error(db, e, "execute");
	return true;
}

static int within(void *state, int action, const char *a, const char *b, const char *c, const char *d)
{
	(void)state, (void)a, (void)b, (void)c, (void)d;
	switch (action) {
	case SQLITE_TRANSACTION:
	case SQLITE_SAVEPOINT:
	case SQLITE_ATTACH:
	case SQLITE_DETACH:
	case SQLITE_PRAGMA:
		return SQLITE_DENY;
	default:
		return SQLITE_OK;
	}
}

bool db_exec_guarded(struct db *db, const char *sql, struct err *e)
{
	bool ok;

	sqlite3_set_authorizer(db->handle, within, NULL);
	ok = db_exec(db, sql, e);
	sqlite3_set_authorizer(db->handle, NULL, NULL);
	return ok;
}

bool db_int(struct db *db, const char *sql, int64_t missing, int64_t *ret, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(db, sql, &s, e) || !stmt_row(&s, &row, e))
		return false;
	*ret = row && !stmt_get_null(&s, 0) ? stmt_get_int(&s, 0) : missing;
	return true;
}

static bool ours(const char *name)
{
	return name != NULL && sqlite3_strnicmp(name, "simpul_", 7) == 0;
}

/* An sqlite3_set_authorizer callback.  by: the trigger that does it. */
static int only_its_tables(void *state, int action, const char *a, const char *b, const char *schema,
			   const char *by)
{
	(void)state;
	(void)schema;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return ours(b) && !ours(by) ? SQLITE_DENY : SQLITE_OK;
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		return ours(a) && !ours(by) ? SQLITE_DENY : SQLITE_OK;
	default:
		return SQLITE_DENY;
	}
}

void db_fire_triggers(struct db *db, bool fire)
{
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, fire ? 1 : 0, NULL);
}

static void end_application(struct db **db)
{
	sqlite3_set_authorizer((*db)->handle, NULL, NULL);
	sqlite3_db_config((*db)->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
}

bool db_exec_application(struct db *db, const char *sql, struct err *e)
{
	__attribute__((cleanup(end_application))) struct db *application = db;

	if (sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL) != SQLITE_OK ||
	    sqlite3_set_authorizer(db->handle, only_its_tables, NULL) != SQLITE_OK)
		return db_error(application, e, "configure");
	if (db_exec(db, sql, e))
		return true;
	if (sqlite3_errcode(db->handle) == SQLITE_AUTH)
		return err_set(e, ERR_USAGE, "these statements may read and write the application's"
						 " tables, and nothing else");
	if (e->code == ERR_INTERNAL) /* SQL that is wrong, or a rule of the application's */
		e->code = ERR_USAGE;
	return false;
}

bool db_step_application(struct stmt *s, struct err *e)
{
	struct db *db = s->db;
	bool ok;

	if (sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL) != SQLITE_OK)
		return db_error(db, e, "configure");
	ok = stmt_done(s, e);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	if (ok)
		return true;
	if (e->code == ERR_INTERNAL)
		e->code = ERR_USAGE;
	return false;
}

bool db_idle(const struct db *db)
{
	sqlite3_stmt *s = NULL;

	while ((s = sqlite3_next_stmt(db->handle, s)) != NULL)
		if (sqlite3_stmt_busy(s))
			return false;
	return sqlite3_get_autocommit(db->handle);
}

int64_t db_last_rowid(struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

int64_t db_changed_rows(struct db *db)
{
	return sqlite3_changes64(db->handle);
}

int64_t db_all_changes(struct db *db)
{
	return sqlite3_total_changes64(db->handle);
}

static void on_update(void *state, int action, const char *schema, const char *table, sqlite3_int64 rowid)
{
	const struct db *db = state;

	(void)action;
	(void)schema;
	(void)rowid;
	db->on_write(db->on_write_state, table);
}

void db_on_write(struct db *db, void (*call)(void *state, const char *table), void *state)
{
	db->on_write = call;
	db->on_write_state = state;
	sqlite3_update_hook(db->handle, call == NULL ? NULL : on_update, db);
}

bool db_prepare(struct db *db, const char *sql, struct stmt *ret, struct err *e)
{
	sqlite3_stmt *handle = NULL;

	if (sqlite3_prepare_v3(db->handle, sql, -1, 0, &handle, NULL) != SQLITE_OK)
		return db_error(db, e, "prepare");
	ret->handle = handle;
	ret->db = db;
	return true;
}

bool db_statement(struct db *db, const char *sql, struct stmt *ret, struct err *e)
{
	struct db_cached **at = &db->cache;
	struct db_cached *found;
	size_t len;

	for (; *at != NULL; at = &(*at)->next)
		if (strcmp((*at)->sql, sql) == 0)
			break;
	found = *at;
	if (found != NULL) { /* to the front: the next call is likely the same */
		assert(!sqlite3_stmt_busy(found->handle));
		*at = found->next;
	} else {
		struct stmt fresh = { 0 };

		if (!db_prepare(db, sql, &fresh, e))
			return false;
		len = strlen(sql) + 1;
		found = memory_new(sizeof(*found) + len);
		memcpy(found->sql, sql, len);
		found->handle = fresh.handle;
	}
	found->next = db->cache;
	db->cache = found;
	ret->handle = found->handle;
	ret->db = db;
	return true;
}

void stmt_null(struct stmt *s, int at)
{
	sqlite3_bind_null(s->handle, at);
}

void stmt_int(struct stmt *s, int at, int64_t value)
{
	sqlite3_bind_int64(s->handle, at, value);
}

void stmt_text(struct stmt *s, int at, const char *text)
{
	sqlite3_bind_text(s->handle, at, text, -1, SQLITE_TRANSIENT);
}

void stmt_blob(struct stmt *s, int at, const void *bytes, size_t len)
{
	sqlite3_bind_blob64(s->handle, at, len == 0 ? "" : bytes, len, SQLITE_STATIC);
}

void stmt_value(struct stmt *s, int at, const struct value *value)
{
	const void *bytes = value->type >= VALUE_TEXT && value->len > 0 ? value->bytes : (const void *)"";

	switch (value->type) {
	case VALUE_NULL:
		sqlite3_bind_null(s->handle, at);
		break;
	case VALUE_INT:
		sqlite3_bind_int64(s->handle, at, value->integer);
		break;
	case VALUE_REAL:
		sqlite3_bind_double(s->handle, at, value->real);
		break;
	case VALUE_TEXT:
		sqlite3_bind_text64(s->handle, at, bytes, value->len, SQLITE_STATIC, SQLITE_UTF8);
		break;
	case VALUE_BLOB:
		sqlite3_bind_blob64(s->handle, at, bytes, value->len, SQLITE_STATIC);
		break;
	}
}

bool stmt_row(struct stmt *s, bool *ret_row, struct err *e)
{
	int rc = sqlite3_step(s->handle);

	if (rc == SQLITE_ROW) {
		*ret_row = true;
		return true;
	}
	if (rc != SQLITE_DONE) {
		db_error(s->db, e, "step");
		sqlite3_reset(s->handle);
		return false;
	}
	sqlite3_reset(s->handle);
	*ret_row = false;
	return true;
}

bool stmt_done(struct stmt *s, struct err *e)
{
	bool row;

	if (!stmt_row(s, &row, e))
		return false;
	if (row)
		sqlite3_reset(s->handle);
	return true;
}

void stmt_reset(struct stmt *s)
{
	if (s->handle != NULL)
		sqlite3_reset(s->handle);
}

void stmt_close(struct stmt *s)
{
	sqlite3_finalize(s->handle);
	s->handle = NULL;
}

int64_t stmt_get_int(struct stmt *s, int column)
{
	return sqlite3_column_int64(s->handle, column);
}

const char *stmt_get_text(struct stmt *s, int column)
{
	const unsigned char *text = sqlite3_column_text(s->handle, column);

	return text == NULL ? "" : (const char *)text;
}

const void *stmt_get_blob(struct stmt *s, int column, size_t *ret_len)
{
	const void *bytes = sqlite3_column_blob(s->handle, column);

	*ret_len = (size_t)sqlite3_column_bytes(s->handle, column);
	return bytes;
}

bool stmt_get_null(struct stmt *s, int column)
{
	return sqlite3_column_type(s->handle, column) == SQLITE_NULL;
}

void stmt_text_named(struct stmt *s, const char *name, const char *text)
{
	int at = sqlite3_bind_parameter_index(s->handle, name);

	if (at > 0)
		stmt_text(s, at, text);
}

bool stmt_reads_only(const struct stmt *s)
{
	return s->handle != NULL && sqlite3_stmt_readonly(s->handle) != 0;
}

int stmt_columns(const struct stmt *s)
{
	return sqlite3_column_count(s->handle);
}

const char *stmt_column(const struct stmt *s, int column)
{
	return sqlite3_column_name(s->handle, column);
}

/* The value is fetched once; each sqlite3_column_ call would find it anew. */
struct value stmt_get_value(struct stmt *s, int column)
{
	sqlite3_value *at = sqlite3_column_value(s->handle, column);
	struct value v = { .type = VALUE_NULL };

	switch (sqlite3_value_type(at)) {
	case SQLITE_INTEGER:
		v.type = VALUE_INT;
		v.integer = sqlite3_value_int64(at);
		break;
	case SQLITE_FLOAT:
		v.type = VALUE_REAL;
		v.real = sqlite3_value_double(at);
		break;
	case SQLITE_TEXT:
		v.type = VALUE_TEXT;
		v.bytes = sqlite3_value_text(at);
		v.len = (uint32_t)sqlite3_value_bytes(at);
		break;
	case SQLITE_BLOB:
		v.type = VALUE_BLOB;
		v.bytes = sqlite3_value_blob(at);
		v.len = (uint32_t)sqlite3_value_bytes(at);
		break;
	default:
		break;
	}
	return v;
}

bool txn_begin(struct txn *txn, struct db *db, struct err *e)
{
	bool outermost = sqlite3_get_autocommit(db->handle);

	assert(txn->db == NULL);
	if (!db_exec(db, outermost ? "BEGIN IMMEDIATE" : "SAVEPOINT simpul_txn", e))
		return false;
	txn->db = db;
	txn->depth = outermost ? 0 : 1;
	return true;
}

bool txn_commit(struct txn *txn, struct err *e)
{
	if (!db_exec(txn->db, txn->depth == 0 ? "COMMIT" : "RELEASE simpul_txn", e))
		return false; /* the clean-up rolls back */
	txn->db = NULL;
	return true;
}

bool txn_alive(const struct txn *txn, struct err *e)
{
	if (txn->db != NULL && !sqlite3_get_autocommit(txn->db->handle))
		return true;
	return err_set(e, ERR_STORAGE, "an error rolled back the whole transaction");
}

void txn_rollback(struct txn *txn)
{
	struct err ignored;

	if (txn->db == NULL)
		return;
	/* A failed statement may have rolled back already; then there is nothing to undo. */
	if (!sqlite3_get_autocommit(txn->db->handle) &&
	    !db_exec(txn->db,
		     txn->depth == 0 ? "ROLLBACK" : "ROLLBACK TO simpul_txn; RELEASE simpul_txn",
		     &ignored))
		assert(sqlite3_get_autocommit(txn->db->handle));
	txn->db = NULL;
}

void sql_quote(struct buf *out, const char *name)
{
	buf_put(out, "\"", 1);
	for (; *name != '\0'; name++) {
		if (*name == '"')
			buf_put(out, "\"", 1);
		buf_put(out, name, 1);
	}
	buf_put(out, "\"", 1);
}
