/* db.c - the SQLite door: how it opens, the statement cache, nested transactions, errors by name. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "fault.h"
#include "simpul/ident.h"
#include "store/db.h"
#include "tap.h"

static char path[160];

/* A path for a new file of this name, nothing there. */
static const char *fresh(const char *name)
{
	char journal[200];

	snprintf(path, sizeof(path), "%s/%s", tap_directory(), name);
	snprintf(journal, sizeof(journal), "%s-journal", path);
	unlink(path);
	unlink(journal);
	return path;
}

static bool open_with_table(struct db *db, struct err *e)
{
	return db_open(db, fresh("t.db"), DB_NODE, true, e) &&
	       db_exec(db, "CREATE TABLE t (id INTEGER PRIMARY KEY, v)", e);
}

static int64_t count(struct db *db)
{
	struct err e;
	int64_t n;

	return db_int(db, "SELECT count(*) FROM t", -1, &n, &e) ? n : -2;
}

static void opens_the_safe_way(void)
{
	static const struct {
		const char *sql;
		int64_t expected;
	} settings[] = {
		{ "SELECT journal_mode = 'truncate' FROM pragma_journal_mode", 1 },
		{ "PRAGMA synchronous", 2 },
		{ "PRAGMA foreign_keys", 0 },
		{ "PRAGMA cell_size_check", 1 },
	};
	AUTO_DB db = { 0 };
	struct err e;
	int64_t n;

	CHECK_OK(db_open(&db, fresh("safe.db"), DB_NODE, true, &e), &e);
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		CHECK_OK(db_int(&db, settings[i].sql, -1, &n, &e), &e);
		CHECK(n == settings[i].expected);
	}
	/* What applications have in their schema; SQLite 3.40 refuses it where it trusts no schema. */
	CHECK_OK(db_exec(&db, "CREATE TABLE j (v CHECK (json_valid(v)), k AS (v ->> 'k'));"
			      "CREATE INDEX jk ON j (json_extract(v, '$.k'));"
			      "INSERT INTO j VALUES ('{\"k\": 1}')", &e), &e);
	/* DEFENSIVE: nobody edits the schema table; no extension is loaded; "x" is never a string. */
	CHECK(!db_exec(&db, "PRAGMA writable_schema=ON; DELETE FROM sqlite_schema", &e));
	CHECK(!db_exec(&db, "SELECT load_extension('libc.so.6')", &e));
	CHECK(!db_exec(&db, "SELECT \"no such column\"", &e));
}

static void triggers_fire_for_applications_only(void)
{
	static const char schema[] = "CREATE TABLE t (id INTEGER PRIMARY KEY, v); CREATE TABLE seen (id);"
				     "CREATE TRIGGER s AFTER INSERT ON t BEGIN"
				     " INSERT INTO seen VALUES (new.id); END";
	AUTO_DB node = { 0 };
	AUTO_DB app = { 0 };
	struct err e;
	int64_t n;

	CHECK_OK(db_open(&node, fresh("trigger.db"), DB_NODE, true, &e), &e);
	CHECK_OK(db_exec(&node, schema, &e), &e);
	CHECK_OK(db_open(&app, path, DB_APP, false, &e), &e);
	CHECK_OK(db_exec(&node, "INSERT INTO t VALUES (1, NULL)", &e), &e);
	CHECK_OK(db_exec(&app, "INSERT INTO t VALUES (2, NULL)", &e), &e);
	CHECK_OK(db_int(&node, "SELECT sum(id) FROM seen", 0, &n, &e), &e);
	CHECK(n == 2);
}

static void missing_file_is_not_made(void)
{
	AUTO_DB db = { 0 };
	struct err e;

	CHECK(!db_open(&db, fresh("none.db"), DB_NODE, false, &e) && e.code == ERR_NOT_FOUND);
	CHECK(strstr(e.text, "none.db") != NULL);
	CHECK(access(path, F_OK) != 0);
	CHECK(!db_open(&db, fresh("none.db"), DB_READ_ONLY, false, &e) && e.code == ERR_NOT_FOUND);
	CHECK(db.handle == NULL && db.path == NULL);
}

static bool write_file(const char *text, size_t len)
{
	FILE *out = fopen(path, "wb");
	bool ok = out != NULL && fwrite(text, 1, len, out) == len;

	return out != NULL && fclose(out) == 0 && ok;
}

static void not_a_database_is_corrupt(void)
{
	AUTO_DB db = { 0 };
	char text[4096];
	struct err e;

	memset(text, 'x', sizeof(text));
	fresh("text.db");
	CHECK(write_file(text, sizeof(text)));
	CHECK(!db_open(&db, path, DB_NODE, false, &e) && e.code == ERR_CORRUPT);
	CHECK(!db_open(&db, path, DB_READ_ONLY, false, &e) && e.code == ERR_CORRUPT);
}

static void directory_is_refused(void)
{
	AUTO_DB db = { 0 };
	struct err e;

	CHECK(!db_open(&db, tap_directory(), DB_NODE, true, &e) && e.code == ERR_READ_ONLY);
}

static void read_only_connection_writes_nothing(void)
{
	AUTO_DB db = { 0 };
	AUTO_DB reader = { 0 };
	struct err e;

	CHECK_OK(open_with_table(&db, &e), &e);
	CHECK_OK(db_open(&reader, path, DB_READ_ONLY, false, &e), &e);
	CHECK(!db_exec(&reader, "INSERT INTO t VALUES (1, 1)", &e) && e.code == ERR_READ_ONLY);
	CHECK(count(&reader) == 0);
}

/* Another program, killed when its transaction had outgrown its cache: in the file, but not committed. */
static bool killed_program_wrote(void)
{
	static const char much[] = "PRAGMA cache_size = 1; BEGIN; UPDATE t SET v = 'half';"
				   "INSERT INTO t SELECT id + 1000, zeroblob(4000) FROM t;";
	pid_t child = fork();
	int status;

	if (child == 0) {
		sqlite3 *handle;

		if (sqlite3_open(path, &handle) != SQLITE_OK ||
		    sqlite3_exec(handle, much, NULL, NULL, NULL) != SQLITE_OK)
			_exit(1);
		_exit(0);
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static void what_a_killed_program_left_is_rolled_back_for_a_reader(void)
{
	AUTO_DB db = { 0 };
	AUTO_DB reader = { 0 };
	char journal[200];
	struct stat st;
	struct err e;
	int64_t n;

	CHECK_OK(open_with_table(&db, &e), &e);
	CHECK_OK(db_exec(&db, "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
			      " INSERT INTO t SELECT i, 'whole' FROM n", &e), &e);
	db_close(&db);
	CHECK(killed_program_wrote());
	snprintf(journal, sizeof(journal), "%s-journal", path);
	CHECK(stat(journal, &st) == 0 && st.st_size > 0);
	CHECK_OK(db_open(&reader, path, DB_READ_ONLY, false, &e), &e);
	CHECK_OK(db_int(&reader, "SELECT count(*) FROM t WHERE v = 'whole'", -1, &n, &e), &e);
	CHECK(n == 500 && count(&reader) == 500);
}

static bool insert_is_refused(const char *file)
{
	AUTO_DB db = { 0 };
	struct err e;

	if (db_open(&db, file, DB_NODE, false, &e) && db_exec(&db, "INSERT INTO t VALUES (1, 1)", &e))
		return false;
	tap_note("%s: %s", err_slug(e.code), e.text);
	return e.code == ERR_READ_ONLY;
}

/* Root may write anywhere, so the child gives up root meanwhile. */
static bool insert_as_nobody(void *state)
{
	uid_t user = geteuid();
	bool refused;

	if (user == 0 && seteuid(65534) != 0)
		return false;
	refused = insert_is_refused(state);
	/* The leak checker traces us, which the kernel forbids after a change of user. */
	return seteuid(user) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0 && refused;
}

/* The file may be written, but not its journal, which is there, empty, or cannot be made. */
static bool journal_stays;

static void lay_out_for_nobody(void *state)
{
	char directory[160], file[200];
	AUTO_DB db = { 0 };
	struct err e;

	snprintf(directory, sizeof(directory), "%s/locked", tap_directory());
	snprintf(file, sizeof(file), "%s/t.db", directory);
	chmod(tap_directory(), 0755);
	chmod(directory, 0755);
	mkdir(directory, 0755);
	unlink(file);
	CHECK_OK(db_open(&db, file, DB_NODE, true, &e), &e);
	CHECK_OK(db_exec(&db, "CREATE TABLE t (id INTEGER PRIMARY KEY, v)", &e), &e);
	CHECK(chmod(file, 0666) == 0);
	snprintf(state, 200, "%s", file);
	snprintf(file, sizeof(file), "%s/t.db-journal", directory);
	CHECK(chmod(file, 0444) == 0);
	CHECK(journal_stays || unlink(file) == 0);
	CHECK(chmod(directory, 0555) == 0);
}

static void nothing_written(void *state, enum fault_outcome outcome)
{
	AUTO_DB db = { 0 };
	struct err e;

	*strrchr(state, '/') = '\0';
	chmod(state, 0755);
	((char *)state)[strlen(state)] = '/';
	CHECK(outcome == FAULT_DONE);
	CHECK_OK(db_open(&db, state, DB_READ_ONLY, false, &e), &e);
	CHECK(count(&db) == 0);
}

static void read_only_directory(void)
{
	static const struct fault_sweep once = { .setup = lay_out_for_nobody, .act = insert_as_nobody,
						 .check = nothing_written };
	char file[200];

	journal_stays = false;
	CHECK(fault_once(&once, file));
	journal_stays = true;
	CHECK(fault_once(&once, file));
}

static void full_disk_is_named(void)
{
	AUTO_DB db = { 0 };
	struct err e;
	bool ok;

	CHECK_OK(open_with_table(&db, &e), &e);
	fault_arm(FAULT_DISK_FULL, 1);
	ok = db_exec(&db, "INSERT INTO t VALUES (1, zeroblob(50000))", &e);
	fault_disarm();
	CHECK(!ok && e.code == ERR_DISK_FULL);
	CHECK(count(&db) == 0);
}

static void failing_disk_is_storage(void)
{
	AUTO_DB db = { 0 };
	struct err e;
	bool ok;

	CHECK_OK(open_with_table(&db, &e), &e);
	CHECK_OK(db_exec(&db, "BEGIN IMMEDIATE; INSERT INTO t VALUES (1, 1)", &e), &e);
	fault_arm(FAULT_FAIL, 1);
	ok = db_exec(&db, "COMMIT", &e);
	fault_disarm();
	CHECK(!ok && e.code == ERR_STORAGE);
}

/* A second writer waits for the busy timeout and is then told; here the timeout is taken away. */
static void second_writer_is_busy(void)
{
	AUTO_DB one = { 0 };
	AUTO_DB two = { 0 };
	struct err e;

	CHECK_OK(open_with_table(&one, &e), &e);
	CHECK_OK(db_open(&two, path, DB_NODE, false, &e), &e);
	CHECK_OK(db_exec(&two, "PRAGMA busy_timeout=0", &e), &e);
	AUTO_TXN held = { 0 };
	AUTO_TXN refused = { 0 };

	CHECK_OK(txn_begin(&held, &one, &e), &e);
	CHECK(!txn_begin(&refused, &two, &e) && e.code == ERR_BUSY);
	CHECK(refused.db == NULL);
	CHECK_OK(txn_commit(&held, &e), &e);
	CHECK_OK(txn_begin(&refused, &two, &e), &e);
}

static void constraint_and_syntax_have_no_other_name(void)
{
	AUTO_DB db = { 0 };
	struct err e;

	CHECK_OK(open_with_table(&db, &e), &e);
	CHECK_OK(db_exec(&db, "INSERT INTO t VALUES (1, 1)", &e), &e);
	CHECK(!db_exec(&db, "INSERT INTO t VALUES (1, 1)", &e) && e.code == ERR_INTERNAL);
	CHECK(strstr(e.text, "UNIQUE") != NULL);
	CHECK(!db_exec(&db, "SELEKT", &e) && e.code == ERR_INTERNAL);
}

static void statements_are_prepared_once(void)
{
	static const char insert[] = "INSERT INTO t (v) VALUES (?1)";
	AUTO_DB db = { 0 };
	struct stmt s, again, other;
	struct err e;

	CHECK_OK(open_with_table(&db, &e), &e);
	CHECK_OK(db_statement(&db, insert, &s, &e), &e);
	CHECK_OK(db_statement(&db, "SELECT 1", &other, &e), &e);
	for (int64_t i = 0; i < 10; i++) {
		char text[64]; /* the same SQL at another address */

		snprintf(text, sizeof(text), "%s", insert);
		CHECK_OK(db_statement(&db, text, &again, &e), &e);
		CHECK(again.handle == s.handle && again.handle != other.handle);
		stmt_int(&again, 1, i);
		CHECK_OK(stmt_done(&again, &e), &e);
	}
	CHECK(count(&db) == 10);
	CHECK(db_last_rowid(&db) == 10);
	CHECK_OK(db_exec(&db, "UPDATE t SET v = 0 WHERE id > 4", &e), &e);
	CHECK(db_changed_rows(&db) == 6);
	db_forget_statements(&db);
	CHECK_OK(db_statement(&db, insert, &again, &e), &e);
	stmt_int(&again, 1, 11);
	CHECK_OK(stmt_done(&again, &e), &e);
	CHECK(!db_statement(&db, "SELECT * FROM missing", &again, &e));
}

static void a_failed_statement_can_be_used_again(void)
{
	AUTO_DB db = { 0 };
	struct stmt s;
	struct err e;

	CHECK_OK(open_with_table(&db, &e), &e);
	CHECK_OK(db_statement(&db, "INSERT INTO t VALUES (?1, 0)", &s, &e), &e);
	stmt_int(&s, 1, 1);
	CHECK_OK(stmt_done(&s, &e), &e);
	CHECK(!stmt_done(&s, &e));
	stmt_int(&s, 1, 2);
	CHECK_OK(stmt_done(&s, &e), &e);
	CHECK(count(&db) == 2);
}

static void values_of_every_class_come_back(void)
{
	static const struct value values[] = {
		{ .type = VALUE_NULL },
		{ .type = VALUE_INT, .integer = INT64_MIN },
		{ .type = VALUE_REAL, .real = -0.5 },
		{ .type = VALUE_TEXT, .len = 3, .bytes = (const uint8_t *)"a\0b" },
		{ .type = VALUE_TEXT, .len = 0, .bytes = (const uint8_t *)"" },
		{ .type = VALUE_TEXT, .len = 2, .bytes = (const uint8_t *)"\xff\xfe" },
		{ .type = VALUE_BLOB, .len = 0, .bytes = (const uint8_t *)"" },
		{ .type = VALUE_BLOB, .len = 4, .bytes = (const uint8_t *)"\0\1\2\3" },
	};
	AUTO_DB db = { 0 };
	struct err e;

	CHECK_OK(open_with_table(&db, &e), &e);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct stmt put, get;
		struct value back;
		bool row;

		CHECK_OK(db_statement(&db, "INSERT INTO t (v) VALUES (?1)", &put, &e), &e);
		stmt_value(&put, 1, &values[i]);
		CHECK_OK(stmt_done(&put, &e), &e);
		CHECK_OK(db_statement(&db, "SELECT v FROM t ORDER BY id DESC", &get, &e), &e);
		CHECK_OK(stmt_row(&get, &row, &e), &e);
		CHECK(row);
		back = stmt_get_value(&get, 0);
		CHECK(value_equal(&values[i], &back));
		stmt_reset(&get);
	}
}

static void int_of_nothing_is_the_missing_value(void)
{
	AUTO_DB db = { 0 };
	struct err e;
	int64_t n = 5;

	CHECK_OK(open_with_table(&db, &e), &e);
	CHECK_OK(db_int(&db, "SELECT id FROM t", -7, &n, &e), &e);
	CHECK(n == -7);
	CHECK_OK(db_int(&db, "SELECT max(id) FROM t", -8, &n, &e), &e);
	CHECK(n == -8);
	CHECK(!db_int(&db, "SELECT x FROM t", -9, &n, &e));
	CHECK(n == -8);
}

static bool insert_in_txn(struct db *db, bool commit, bool commit_inner, struct err *e)
{
	AUTO_TXN outer = { 0 };

	if (!txn_begin(&outer, db, e) || !db_exec(db, "INSERT INTO t (v) VALUES ('outer')", e))
		return false;
	{
		AUTO_TXN inner = { 0 };

		if (!txn_begin(&inner, db, e) || !db_exec(db, "INSERT INTO t (v) VALUES ('inner')", e))
			return false;
		if (commit_inner && !txn_commit(&inner, e))
			return false;
	}
	return !commit || txn_commit(&outer, e);
}

static void nested_transactions(void)
{
	AUTO_DB db = { 0 };
	struct err e;

	CHECK_OK(open_with_table(&db, &e), &e);
	CHECK_OK(insert_in_txn(&db, false, true, &e), &e); /* the outer one rolls back both */
	CHECK(count(&db) == 0);
	CHECK_OK(insert_in_txn(&db, true, false, &e), &e); /* the inner one only itself */
	CHECK(count(&db) == 1);
	CHECK_OK(insert_in_txn(&db, true, true, &e), &e);
	CHECK(count(&db) == 3);
}

static void three_deep_rolls_back_one_level_at_a_time(void)
{
	AUTO_DB db = { 0 };
	struct err e;

	CHECK_OK(open_with_table(&db, &e), &e);
	AUTO_TXN one = { 0 };
	AUTO_TXN two = { 0 };
	AUTO_TXN three = { 0 };

	CHECK_OK(txn_begin(&one, &db, &e), &e);
	CHECK_OK(db_exec(&db, "INSERT INTO t VALUES (1, 0)", &e), &e);
	CHECK_OK(txn_begin(&two, &db, &e), &e);
	CHECK_OK(db_exec(&db, "INSERT INTO t VALUES (2, 0)", &e), &e);
	CHECK_OK(txn_begin(&three, &db, &e), &e);
	CHECK_OK(db_exec(&db, "INSERT INTO t VALUES (3, 0)", &e), &e);
	txn_rollback(&three);
	CHECK(count(&db) == 2);
	CHECK_OK(txn_commit(&two, &e), &e);
	CHECK_OK(txn_commit(&one, &e), &e);
	CHECK(count(&db) == 2);
	txn_rollback(&one); /* nothing left to undo */
	CHECK(count(&db) == 2);
}

/* A statement still at work must not keep a scope's rollback from happening. */
static void rollback_with_a_read_in_progress(void)
{
	AUTO_DB db = { 0 };
	struct stmt s;
	struct err e;
	bool row;

	CHECK_OK(open_with_table(&db, &e), &e);
	CHECK_OK(db_exec(&db, "INSERT INTO t VALUES (1, 0), (2, 0)", &e), &e);
	{
		AUTO_TXN txn = { 0 };

		CHECK_OK(txn_begin(&txn, &db, &e), &e);
		CHECK_OK(db_exec(&db, "INSERT INTO t VALUES (3, 0)", &e), &e);
		CHECK_OK(db_statement(&db, "SELECT id FROM t", &s, &e), &e);
		CHECK_OK(stmt_row(&s, &row, &e), &e);
	}
	stmt_reset(&s);
	CHECK(count(&db) == 2);
}

static unsigned draw(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % n;
}

/* A name made of what breaks quoting: quotes of all kinds, keywords, SQL, letters of other scripts. */
static size_t random_name(unsigned *seed, char *out, size_t size)
{
	static const char *const pieces[] = {
		"\"", "\"\"", "'", "`", "[", "]", ";", "--", "/*", "*/", " ", "select", "TABLE", "x", "9",
		"); DROP TABLE t; --", "\\", "%s", "?1", ":a", "$", "\xc3\xa9", "\xe0\xa4\x85",
		"\xf0\x9f\x8c\x8f", "kota", ".", ",", "(", ")", "\" (a); DROP TABLE t; --",
	};
	size_t len = 0, most = 1 + draw(seed, 12);

	for (size_t i = 0; i < most; i++) {
		const char *piece = pieces[draw(seed, sizeof(pieces) / sizeof(pieces[0]))];
		size_t more = strlen(piece);

		if (len + more >= size)
			break;
		memcpy(out + len, piece, more);
		len += more;
	}
	out[len] = '\0';
	return len;
}

/* CREATE TABLE <name> is exactly one statement, which makes exactly that table. */
static bool quotes_well(struct db *db, const char *name, struct err *e)
{
	AUTO_BUF sql = { 0 };
	AUTO_BUF drop = { 0 };
	AUTO_STMT create = { 0 };
	AUTO_STMT find = { 0 };
	const char *rest;
	bool row;

	buf_text(&sql, "CREATE TABLE ");
	sql_quote(&sql, name);
	buf_text(&sql, " (a)");
	if (sqlite3_prepare_v2(db->handle, buf_string(&sql), -1, &create.handle, &rest) != SQLITE_OK)
		return db_error(db, e, "prepare");
	create.db = db;
	if (*rest != '\0')
		return err_set(e, ERR_INTERNAL, "left over: %s", rest);
	if (!stmt_done(&create, e) ||
	    !db_prepare(db, "SELECT name FROM sqlite_schema WHERE name <> 't'", &find, e) ||
	    !stmt_row(&find, &row, e))
		return false;
	if (!row || strcmp(stmt_get_text(&find, 0), name) != 0)
		return err_set(e, ERR_INTERNAL, "made another table");
	stmt_reset(&find);
	buf_text(&drop, "DROP TABLE ");
	sql_quote(&drop, name);
	return db_exec(db, buf_string(&drop), e);
}

static void quoted_names_are_only_names(void)
{
	AUTO_DB db = { 0 };
	unsigned seed = 1373;
	struct err e;

	CHECK_OK(open_with_table(&db, &e), &e);
	for (int i = 0; i < 3000; i++) {
		char name[LIMIT_NAME_BYTES + 1];
		size_t len = random_name(&seed, name, sizeof(name));

		CHECK(name_valid(name, len));
		if (strncmp(name, "sqlite_", 7) == 0 || strcmp(name, "t") == 0)
			continue;
		if (!tap_check_ok(quotes_well(&db, name, &e), __FILE__, __LINE__, name, &e))
			return;
	}
	CHECK(count(&db) == 0); /* t is still there */
}

/* The harness's own hook: an unknown disk is an error, planted SQL runs after our settings. */
static void planted_settings_come_last(void)
{
	AUTO_DB db = { 0 };
	struct err e;
	int64_t n;
	bool ok;

	db_set_vfs("no-such-vfs", NULL);
	ok = db_open(&db, fresh("vfs.db"), DB_NODE, true, &e);
	db_set_vfs(NULL, "PRAGMA synchronous=OFF");
	CHECK(!ok);
	ok = db_open(&db, fresh("vfs.db"), DB_NODE, true, &e);
	db_set_vfs(NULL, NULL);
	CHECK_OK(ok, &e);
	CHECK_OK(db_int(&db, "PRAGMA synchronous", -1, &n, &e), &e);
	CHECK(n == 0);
}

/* Some errors roll back all of a transaction, although they happen in a savepoint. */
static void a_transaction_may_end_by_itself(void)
{
	AUTO_DB db = { 0 };
	AUTO_TXN outer = { 0 };
	struct err e;

	CHECK_OK(db_open(&db, ":memory:", DB_NODE, true, &e), &e);
	CHECK_OK(db_exec(&db, "CREATE TABLE t(n UNIQUE)", &e), &e);
	CHECK_OK(txn_begin(&outer, &db, &e), &e);
	CHECK_OK(txn_alive(&outer, &e), &e);
	{
		AUTO_TXN inner = { 0 };

		CHECK_OK(txn_begin(&inner, &db, &e), &e);
		CHECK_OK(db_exec(&db, "INSERT INTO t VALUES(1)", &e), &e);
		CHECK(!db_exec(&db, "INSERT OR ROLLBACK INTO t VALUES(1)", &e));
	}
	CHECK(!txn_alive(&outer, &e) && e.code == ERR_STORAGE);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(opens_the_safe_way),
		TAP(triggers_fire_for_applications_only),
		TAP(missing_file_is_not_made),
		TAP(not_a_database_is_corrupt),
		TAP(directory_is_refused),
		TAP(read_only_connection_writes_nothing),
		TAP(what_a_killed_program_left_is_rolled_back_for_a_reader),
		TAP(read_only_directory),
		TAP(full_disk_is_named),
		TAP(failing_disk_is_storage),
		TAP(second_writer_is_busy),
		TAP(constraint_and_syntax_have_no_other_name),
		TAP(statements_are_prepared_once),
		TAP(a_failed_statement_can_be_used_again),
		TAP(values_of_every_class_come_back),
		TAP(int_of_nothing_is_the_missing_value),
		TAP(nested_transactions),
		TAP(a_transaction_may_end_by_itself),
		TAP(three_deep_rolls_back_one_level_at_a_time),
		TAP(rollback_with_a_read_in_progress),
		TAP(quoted_names_are_only_names),
		TAP(planted_settings_come_last),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
