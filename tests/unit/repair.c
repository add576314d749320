/* repair.c - schemas move under a running node: numbers follow, triggers come back, nothing escapes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/repair.h"
#include "merge/apply.h"
#include "office.h"
#include "tap.h"

#define ITEM                                                                                        \
	"CREATE TABLE item(id TEXT PRIMARY KEY, name TEXT, qty INT DEFAULT 1);"                     \
	"INSERT INTO item VALUES('a', 'satu', 1), ('b', 'dua', 2), ('c', 'tiga', 3)"

static bool open_sealed(struct office *o, const char *name, struct err *e)
{
	return office_open(o, name, ITEM, e) && office_attach(o, "item", "13.73", e) &&
	       office_enrol(o, "13.73", e) && office_agrees(o, "item", e);
}

static bool reported(struct office *o, const char *words)
{
	if (strstr(buf_string(&o->repaired), words) != NULL)
		return true;
	tap_note("reported: %s", buf_string(&o->repaired));
	return false;
}

/* Seals what repair found, then merges, as a node does. */
static bool settle(struct office *o, struct outbox_result *ret, struct err *e)
{
	struct apply_stats stats;
	AUTO_TXN txn = { 0 };

	return office_seal(o, ret, e) && txn_begin(&txn, &o->node, e) &&
	       apply_ready(&o->node, &o->catalog, &o->world, &stats, e) && txn_commit(&txn, e);
}

static void a_new_column_widens_waiting_hints(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result result;
	struct err e;

	CHECK_OK(open_sealed(&o, "add", &e), &e);
	CHECK_OK(db_exec(&o.app, "UPDATE item SET qty = 7 WHERE id = 'b';"
				 "ALTER TABLE item ADD COLUMN place TEXT DEFAULT 'here';"
				 "ALTER TABLE item ADD COLUMN photo BLOB;"
				 "UPDATE item SET place = 'there' WHERE id = 'a';"
				 "UPDATE item SET photo = x'01' WHERE id = 'b'", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 2 && result.changesets == 2);
	CHECK(reported(&o, "new column place") && reported(&o, "new column photo"));
	CHECK_OK(db_exec(&o.app, "UPDATE item SET photo = x'02', place = 'x' WHERE id = 'c'", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 1 && result.changesets == 1);
}

static void renames_keep_their_numbers(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result result;
	int64_t before, after;
	struct err e;

	CHECK_OK(open_sealed(&o, "rename", &e), &e);
	CHECK_OK(db_int(&o.node, "SELECT no FROM simpul_column WHERE name = 'qty'", -1, &before, &e), &e);
	CHECK_OK(db_exec(&o.app, "UPDATE item SET qty = 9 WHERE id = 'a';"
				 "ALTER TABLE item RENAME COLUMN qty TO \"the amount\";"
				 "ALTER TABLE item RENAME TO \"all items\";"
				 "UPDATE \"all items\" SET \"the amount\" = 8 WHERE id = 'b'", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 2);
	CHECK(reported(&o, "qty is called the amount") && reported(&o, "item: is called all items"));
	CHECK_OK(db_int(&o.node, "SELECT no FROM simpul_column WHERE name = 'the amount'", -2, &after, &e),
		 &e);
	CHECK(before == after);
	CHECK_OK(db_int(&o.node, "SELECT count(*) FROM simpul_table WHERE name = 'all items'", 0, &after, &e),
		 &e);
	CHECK(after == 1);
}

static void two_tables_exchange_their_names(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result result;
	int64_t n;
	struct err e;

	CHECK_OK(office_open(&o, "exchange", "CREATE TABLE a(k PRIMARY KEY);"
					     "CREATE TABLE b(k PRIMARY KEY, v)", &e), &e);
	CHECK_OK(office_attach(&o, "a", "13.73", &e) && office_attach(&o, "b", "13.73", &e), &e);
	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
	CHECK_OK(db_exec(&o.app, "ALTER TABLE a RENAME TO c; ALTER TABLE b RENAME TO a;"
				 "ALTER TABLE c RENAME TO b; INSERT INTO a VALUES(1, 2)", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 1);
	CHECK_OK(db_int(&o.node, "SELECT no FROM simpul_table WHERE name = 'a'", 0, &n, &e), &e);
	CHECK(n == 2);
}

/* The way the SQLite manual tells to change a table, with changes in between that no trigger saw. */
static void a_rebuilt_table_is_compared(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result result;
	int64_t n;
	struct err e;

	CHECK_OK(open_sealed(&o, "rebuild", &e), &e);
	CHECK_OK(db_exec(&o.app,
			 "CREATE TABLE item_new(id TEXT PRIMARY KEY, qty INT, name TEXT,"
			 " note TEXT DEFAULT 'n');"
			 "INSERT INTO item_new(id, qty, name) SELECT id, qty, name FROM item;"
			 "DROP TABLE item; ALTER TABLE item_new RENAME TO item;"
			 "UPDATE item SET qty = 20, note = 'other' WHERE id = 'b';"
			 "DELETE FROM item WHERE id = 'c';"
			 "INSERT INTO item VALUES('d', 4, 'empat', 'baru')", &e), &e);
	CHECK_OK(settle(&o, &result, &e), &e);
	CHECK(reported(&o, "triggers were gone"));
	CHECK(reported(&o, "1 rows are new, 1 are missing, 2 have other values"));
	CHECK(result.changes == 2); /* a, which is as it was, is not told again; c is put back */
	CHECK_OK(office_agrees(&o, "item", &e), &e);
	CHECK_OK(db_int(&o.node, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'", 0, &n, &e), &e);
	CHECK(n == 4);
	CHECK_OK(db_exec(&o.app, "UPDATE item SET note = 'x' WHERE id = 'a'", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 1);
	CHECK_OK(office_agrees(&o, "item", &e), &e);
}

static void a_dropped_trigger_comes_back(void)
{
	static const char *const drops[] = { "i", "u", "k", "d" };
	struct err e;

	for (size_t i = 0; i < sizeof(drops) / sizeof(drops[0]); i++) {
		AUTO_OFFICE o = { 0 };
		struct outbox_result result;
		char sql[256];
		int64_t n;

		CHECK_OK(open_sealed(&o, "trigger", &e), &e);
		snprintf(sql, sizeof(sql), "DROP TRIGGER simpul_1_%s; INSERT INTO item(id) VALUES('z');"
			 "UPDATE item SET qty = 0 WHERE id = 'a'; DELETE FROM item WHERE id = 'b';"
			 "UPDATE item SET id = 'y' WHERE id = 'c'", drops[i]);
		CHECK_OK(db_exec(&o.app, sql, &e), &e);
		CHECK_OK(settle(&o, &result, &e), &e);
		CHECK_OK(office_agrees(&o, "item", &e), &e);
		CHECK(reported(&o, "triggers were gone"));
		CHECK_OK(db_int(&o.node, "SELECT count(*) FROM item WHERE id = 'b'", -1, &n, &e), &e);
		CHECK(n == (drops[i][0] == 'd')); /* a captured DELETE is one, another is not believed */
	}
}

static bool missing(struct office *o, int64_t want, struct err *e)
{
	int64_t n;

	return db_int(&o->node, "SELECT count(*) FROM simpul_violation WHERE reason = 'missing'", -1, &n,
		      e) &&
	       (n == want || err_set(e, ERR_INTERNAL, "%lld rows are missing", (long long)n));
}

static void a_dropped_table_is_no_delete(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result result;
	int64_t n;
	struct err e;

	CHECK_OK(open_sealed(&o, "drop", &e), &e);
	CHECK_OK(db_exec(&o.app, "DROP TABLE item", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 0 && reported(&o, "item: the table is gone"));
	CHECK_OK(db_exec(&o.app, "CREATE TABLE item(id TEXT PRIMARY KEY, name TEXT, qty INT);"
				 "INSERT INTO item VALUES('a', 'satu', 1)", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 0 && reported(&o, "2 are missing"));
	CHECK_OK(missing(&o, 2, &e), &e);
	CHECK_OK(settle(&o, &result, &e), &e);
	CHECK(result.changes == 0);
	CHECK_OK(missing(&o, 0, &e), &e);
	CHECK_OK(office_agrees(&o, "item", &e), &e); /* all three are there again */
	CHECK_OK(db_int(&o.node, "SELECT count(*) FROM item WHERE name IN ('dua', 'tiga')", 0, &n, &e), &e);
	CHECK(n == 2);
	CHECK_OK(db_exec(&o.app, "DELETE FROM item WHERE id = 'b'", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 1); /* they can be deleted like any row */
}

/* DROP and CREATE at once, with hints in the log from before: only the DELETE among them is one. */
static void a_table_made_anew_deletes_only_what_was_deleted(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result result;
	int64_t n;
	struct err e;

	CHECK_OK(open_sealed(&o, "anew", &e), &e);
	CHECK_OK(db_exec(&o.app, "UPDATE item SET qty = 9 WHERE id < 'c';"
				 "DELETE FROM item WHERE id = 'b'; DELETE FROM item WHERE id = 'c';"
				 "INSERT INTO item VALUES('c', 'lagi', 5);"
				 "DROP TABLE item;"
				 "CREATE TABLE item(id TEXT PRIMARY KEY, name TEXT, qty INT)",
			 &e), &e);
	CHECK_OK(settle(&o, &result, &e), &e);
	CHECK(result.changes == 1 && reported(&o, "2 are missing"));
	CHECK_OK(office_agrees(&o, "item", &e), &e);
	CHECK_OK(db_int(&o.node, "SELECT group_concat(id, '') = 'ac' FROM (SELECT id FROM item ORDER BY id)",
			0, &n, &e), &e);
	CHECK(n == 1);
}

static void new_indexes_get_their_triggers(void)
{
	AUTO_OFFICE o = { 0 };
	struct err e;

	CHECK_OK(open_sealed(&o, "index", &e), &e);
	CHECK_OK(db_exec(&o.app, "CREATE UNIQUE INDEX by_name ON item(name COLLATE NOCASE)", &e), &e);
	CHECK_OK(office_agrees(&o, "item", &e), &e);
	CHECK_OK(db_exec(&o.app, "INSERT OR REPLACE INTO item VALUES('new', 'SATU', 5);"
				 "UPDATE OR REPLACE item SET name = 'TIGA' WHERE id = 'b'", &e), &e);
	CHECK_OK(office_agrees(&o, "item", &e), &e);
	CHECK_OK(db_exec(&o.app, "DROP INDEX by_name; INSERT INTO item VALUES('again', 'satu', 5)", &e), &e);
	CHECK_OK(office_agrees(&o, "item", &e), &e);
}

static void captured_columns_cannot_be_dropped_unnoticed(void)
{
	AUTO_OFFICE o = { 0 };
	struct err e;

	CHECK_OK(open_sealed(&o, "column", &e), &e);
	CHECK(!db_exec(&o.app, "ALTER TABLE item DROP COLUMN qty", &e));
	CHECK(strstr(e.text, "simpul_1_u") != NULL);
	CHECK_OK(office_agrees(&o, "item", &e), &e);
}

static void nothing_to_repair_changes_nothing(void)
{
	AUTO_OFFICE o = { 0 };
	AUTO_BUF report = { 0 };
	int64_t before, after, hints;
	struct err e;

	CHECK_OK(open_sealed(&o, "nothing", &e), &e);
	CHECK_OK(db_int(&o.node, "PRAGMA schema_version", 0, &before, &e), &e);
	CHECK_OK(repair_run(&o.node, &o.world, &report, &e), &e);
	CHECK(report.len == 0);
	CHECK_OK(db_int(&o.node, "PRAGMA schema_version", 0, &after, &e), &e);
	CHECK_OK(office_hints(&o, &hints, &e), &e);
	CHECK(before == after && hints == 0);
}

static void a_lost_log_stops_writers(void)
{
	AUTO_OFFICE o = { 0 };
	struct err e;

	CHECK_OK(open_sealed(&o, "log", &e), &e);
	CHECK_OK(db_exec(&o.app, "DROP TABLE simpul_log", &e), &e);
	CHECK(!db_exec(&o.app, "UPDATE item SET qty = 1", &e)); /* rather than escape capture */
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(a_new_column_widens_waiting_hints),
		TAP(renames_keep_their_numbers),
		TAP(two_tables_exchange_their_names),
		TAP(a_rebuilt_table_is_compared),
		TAP(a_dropped_trigger_comes_back),
		TAP(a_dropped_table_is_no_delete),
		TAP(a_table_made_anew_deletes_only_what_was_deleted),
		TAP(new_indexes_get_their_triggers),
		TAP(captured_columns_cannot_be_dropped_unnoticed),
		TAP(nothing_to_repair_changes_nothing),
		TAP(a_lost_log_stops_writers),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
