/*
 * db.h - one SQLite connection: open, transactions, statements, and SQLite's errors as ours.
 *
 * The only header that includes sqlite3.h.  Every connection is opened the same safe way: rollback
 * journal TRUNCATE with synchronous=FULL (an acknowledged commit survives a power cut), DEFENSIVE,
 * no trusted schema, no extensions, foreign_keys off.  A DB_NODE connection fires no triggers, so what
 * the node merges is never captured as a local change; a DB_APP connection is an ordinary program's.
 *
 *	AUTO_TXN txn = { 0 };
 *	struct stmt s;
 *
 *	if (!txn_begin(&txn, db, e) || !db_statement(db, "SELECT ...", &s, e))
 *		return false;
 *	stmt_int(&s, 1, id);
 *	while (stmt_row(&s, &row, e) && row) ...
 *	return txn_commit(&txn, e);
 *
 * Memory: rows borrow from the statement until its next step.  Threads: a connection belongs to one
 * thread at a time.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <sqlite3.h>

#include "simpul/err.h"
#include "simpul/value.h"

enum db_mode {
	DB_NODE,      /* the node itself: triggers off */
	DB_APP,	      /* an application of ours: triggers on, captured like any other */
	DB_READ_ONLY, /* no writes, triggers off */
};

struct db_cached;
struct db {
	sqlite3 *handle;
	char *path;
	struct db_cached *cache; /* prepared once, by SQL text */
	void (*on_write)(void *state, const char *table); /* db_on_write */
	void *on_write_state;
};

struct stmt {
	sqlite3_stmt *handle; /* borrowed from the connection's cache, or owned: AUTO_STMT */
	struct db *db;
};

struct txn {
	struct db *db; /* NULL: none open */
	int depth;     /* 0 outermost, else a savepoint */
};

#define AUTO_DB __attribute__((cleanup(db_close))) struct db
#define AUTO_STMT __attribute__((cleanup(stmt_close))) struct stmt
#define AUTO_RESET __attribute__((cleanup(stmt_reset))) struct stmt
#define AUTO_TXN __attribute__((cleanup(txn_rollback))) struct txn

/*
 * ERR_READ_ONLY, ERR_NOT_FOUND (create is false), ERR_CORRUPT, ERR_STORAGE.  *db must be zeroed or
 * closed.  create: make the file if it is missing.
 */
MUST_USE bool db_open(struct db *db, const char *path, enum db_mode mode, bool create, struct err *e);
void db_close(struct db *db);
void db_release_memory(struct db *db); /* cached pages that nobody uses */
/* Room for the pages of a large transaction, or the usual room again with the memory given back. */
MUST_USE bool db_grow_cache(struct db *db, bool grow, struct err *e);
/* First in a program: SQLite counts no memory then (a lock each time); tests find leaks by that count. */
void db_program_begin(void);
/*
 * For tests: every later db_open uses the SQLite VFS of this name and then runs this SQL, so that a
 * harness can put a disk of its own under any code, or plant a fault.  NULL, NULL: the normal state.
 */
void db_set_vfs(const char *name, const char *planted_sql);

/* Runs any number of statements without parameters or rows. */
MUST_USE bool db_exec(struct db *db, const char *sql, struct err *e);
/* SQL of others, in our transaction: what ends it, or touches another file or a setting, is refused. */
MUST_USE bool db_exec_guarded(struct db *db, const char *sql, struct err *e);
/*
 * Runs statements as an application would that is nothing but an application: triggers fire, and what is
 * not a read or a write of the application's own tables is refused: BEGIN and COMMIT, DDL, PRAGMA, ATTACH,
 * Simpul's tables and functions.  On a DB_NODE connection, in the caller's transaction.  ERR_USAGE also for
 * what SQLite or the application's rules do not take.
 */
MUST_USE bool db_exec_application(struct db *db, const char *sql, struct err *e);
/* Steps a statement of ours with triggers on.  ERR_USAGE if a rule of the application forbids it. */
MUST_USE bool db_step_application(struct stmt *s, struct err *e);
/* On a DB_NODE connection, around a write of our own that is to be captured like an application's. */
void db_fire_triggers(struct db *db, bool fire);
/* The first column of the first row as an integer; `missing` if there is no row or it is NULL. */
MUST_USE bool db_int(struct db *db, const char *sql, int64_t missing, int64_t *ret, struct err *e);
bool db_idle(const struct db *db); /* no transaction open, no statement in the middle */
int64_t db_last_rowid(struct db *db);
int64_t db_changed_rows(struct db *db); /* by the last statement */
int64_t db_all_changes(struct db *db);	/* by this connection since it was opened */
/* Calls with the table's name for each row written here in a table with a rowid; NULL: no more. */
void db_on_write(struct db *db, void (*call)(void *state, const char *table), void *state);
/* Our word for what SQLite last reported on this connection; returns false. */
bool db_error(struct db *db, struct err *e, const char *doing);
/* Is it the disk, the file or a lock that failed?  Else it is what was asked for. */
bool db_storage_failed(const struct err *e);
#define db_error(...) err_false(db_error(__VA_ARGS__))

/* A statement that stays prepared with the connection; use AUTO_RESET or stmt_reset when done. */
MUST_USE bool db_statement(struct db *db, const char *sql, struct stmt *ret, struct err *e);
/* A statement of its own, for generated SQL used now and then; hold it in AUTO_STMT. */
MUST_USE bool db_prepare(struct db *db, const char *sql, struct stmt *ret, struct err *e);
/* Forgets all cached statements; after tables were dropped or rebuilt. */
void db_forget_statements(struct db *db);

void stmt_null(struct stmt *s, int at);
void stmt_int(struct stmt *s, int at, int64_t value);
void stmt_text(struct stmt *s, int at, const char *text);		   /* copied */
void stmt_blob(struct stmt *s, int at, const void *bytes, size_t len);  /* borrowed until reset */
void stmt_value(struct stmt *s, int at, const struct value *value);	   /* bytes borrowed until reset */

/* A parameter with a name (":scope"), copied; nothing if the statement has none of that name. */
void stmt_text_named(struct stmt *s, const char *name, const char *text);
bool stmt_reads_only(const struct stmt *s);
int stmt_columns(const struct stmt *s);
const char *stmt_column(const struct stmt *s, int column); /* its name */

/* Steps; *ret_row says whether there is a row.  After the last row the statement is reset. */
MUST_USE bool stmt_row(struct stmt *s, bool *ret_row, struct err *e);
/* Steps a statement that returns no rows, and resets it. */
MUST_USE bool stmt_done(struct stmt *s, struct err *e);
void stmt_reset(struct stmt *s);
void stmt_close(struct stmt *s);

int64_t stmt_get_int(struct stmt *s, int column);
const char *stmt_get_text(struct stmt *s, int column); /* "" for NULL */
const void *stmt_get_blob(struct stmt *s, int column, size_t *ret_len);
struct value stmt_get_value(struct stmt *s, int column);
bool stmt_get_null(struct stmt *s, int column);

/* BEGIN IMMEDIATE, or a SAVEPOINT inside another txn.  ERR_BUSY after the busy timeout (5 s). */
MUST_USE bool txn_begin(struct txn *txn, struct db *db, struct err *e);
MUST_USE bool txn_commit(struct txn *txn, struct err *e);
/*
 * ERR_STORAGE if it is not open any more: after a full disk or an I/O error SQLite rolls back all of it,
 * also where only a part in a savepoint failed.  Whoever goes on after such a part failed asks first: what
 * follows would be committed piece by piece.
 */
MUST_USE bool txn_alive(const struct txn *txn, struct err *e);
void txn_rollback(struct txn *txn); /* no-op after commit */

/*
 * Appends the identifier in double quotes, inner quotes doubled: the one function that quotes names.
 * The caller has checked name_valid().
 */
struct buf;
void sql_quote(struct buf *out, const char *name);

#endif
