/*
 * skew.c - offices of different versions of one application: nothing is lost, all come to the same.
 *
 * A hub without the application, an office that is ahead and one that is behind, over real rounds.
 */
#include <stdio.h>
#include <string.h>

#include "cluster.h"
#include "command/alter.h"
#include "merge/digest.h"
#include "tap.h"

enum { HUB, AHEAD, BEHIND };

static bool region_open(struct cluster *c, struct err *e)
{
	cluster_begin(c, 1);
	return cluster_add(c, "hub", NULL, e) && cluster_add(c, "ahead", "13.73", e) &&
	       cluster_add(c, "behind", "13.73", e) && cluster_enrol(c, AHEAD, e) &&
	       cluster_enrol(c, BEHIND, e) &&
	       cluster_write(&c->member[AHEAD], "INSERT INTO plan VALUES('a', 'satu', 1, ''),"
						" ('b', 'dua', 2, ''), ('c', 'tiga', 3, '')", e) &&
	       cluster_settle(c, e);
}

static bool write_at(struct cluster *c, unsigned no, const char *sql, struct err *e)
{
	return cluster_write(&c->member[no], sql, e);
}

/* One value of the file as text; "?" if the statement cannot be run. */
static const char *text(struct cluster *c, unsigned no, const char *sql)
{
	static char out[4][200];
	static unsigned turn;
	char *to = out[turn++ % 4];
	AUTO_STMT s = { 0 };
	struct err e;
	bool row;

	if (!db_prepare(&c->member[no].db, sql, &s, &e) || !stmt_row(&s, &row, &e)) {
		tap_note("%s", e.text);
		return "?";
	}
	snprintf(to, sizeof(out[0]), "%s", row ? stmt_get_text(&s, 0) : "");
	return to;
}

static bool shows(struct cluster *c, unsigned no, const char *sql, const char *want)
{
	const char *got = text(c, no, sql);

	if (strcmp(got, want) == 0)
		return true;
	tap_note("%s: %s shows %s, not %s", c->member[no].name, sql, got, want);
	return false;
}

/* Versions are equal everywhere, by the digest that nodes compare. */
static bool agree(struct cluster *c)
{
	struct hash first, other;
	struct scope scope;
	int64_t rows;
	struct err e;

	if (!scope_parse("13.73", 5, &scope, &e))
		return false;
	for (unsigned i = 0; i < c->members; i++) {
		const struct catalog *catalog;

		if (!party_catalog(&c->member[i].party, &catalog, &e) ||
		    !digest_scope(&c->member[i].db, catalog, &scope, i == 0 ? &first : &other, &rows, &e)) {
			tap_note("%s", e.text);
			return false;
		}
		if (i > 0 && memcmp(&first, &other, sizeof(first)) != 0) {
			tap_note("%s has another digest than the hub", c->member[i].name);
			return false;
		}
	}
	return true;
}

#define OWN                                                                                         \
	"SELECT count(*) FROM simpul_changeset s JOIN simpul_chain c ON c.no = s.chain_no"          \
	" WHERE c.own AND s.kind = 1"

static void a_column_of_one_office_is_kept_and_shown_after_the_upgrade(void)
{
	AUTO_CLUSTER c = { 0 };
	const char *before;
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(write_at(&c, AHEAD, "ALTER TABLE plan ADD COLUMN place TEXT NOT NULL DEFAULT 'unknown';"
				     "UPDATE plan SET place = 'Sawahlunto' WHERE id = 'a';"
				     "INSERT INTO plan VALUES('d', 'empat', 4, '', 'Padang')", &e) &&
			 cluster_settle(&c, &e), &e);
	/* The hub has no application: its table grows. */
	CHECK(shows(&c, HUB, "SELECT group_concat(place, ',') FROM (SELECT place FROM plan ORDER BY id)",
		    "Sawahlunto,unknown,unknown,Padang"));
	CHECK(shows(&c, BEHIND, "SELECT count(*) || max(title) FROM plan", "4tiga"));
	CHECK(shows(&c, BEHIND, "SELECT name FROM simpul_column WHERE at IS NULL", "place"));
	CHECK(agree(&c));
	/* The old version goes on writing the same rows. */
	CHECK_OK(write_at(&c, BEHIND, "UPDATE plan SET title = 'uno' WHERE id = 'a';"
				      "INSERT OR REPLACE INTO plan VALUES('d', 'cuatro', 4, 'x')", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(shows(&c, AHEAD, "SELECT title || place FROM plan WHERE id = 'a'", "unoSawahlunto"));
	CHECK(shows(&c, AHEAD, "SELECT title || place FROM plan WHERE id = 'd'", "cuatroPadang"));
	/* Its upgrade, with a write that is not sealed yet: nothing of the default is told as news. */
	CHECK_OK(write_at(&c, BEHIND, "UPDATE plan SET amount = 7 WHERE id = 'a'", &e) &&
			 cluster_settle(&c, &e), &e);
	before = text(&c, BEHIND, OWN);
	CHECK_OK(write_at(&c, BEHIND, "ALTER TABLE plan ADD COLUMN place TEXT NOT NULL DEFAULT 'unknown'",
			  &e) && cluster_settle(&c, &e), &e);
	CHECK(shows(&c, BEHIND, "SELECT group_concat(place, ',') FROM (SELECT place FROM plan ORDER BY id)",
		    "Sawahlunto,unknown,unknown,Padang"));
	CHECK(shows(&c, BEHIND, OWN, before));
	CHECK(agree(&c));
}

static void a_pending_write_does_not_carry_the_default(void)
{
	AUTO_CLUSTER c = { 0 };
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(write_at(&c, AHEAD, "ALTER TABLE plan ADD COLUMN place TEXT;"
				     "UPDATE plan SET place = 'Padang' WHERE id IN ('a', 'b')", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK_OK(write_at(&c, BEHIND, "UPDATE plan SET title = 'uno' WHERE id = 'a';"
				      "INSERT OR REPLACE INTO plan VALUES('b', 'dos', 2, '');"
				      "ALTER TABLE plan ADD COLUMN place TEXT;"
				      "UPDATE plan SET amount = 9 WHERE id = 'a'", &e) &&
			 cluster_settle(&c, &e), &e);
	for (unsigned i = 0; i < c.members; i++) {
		CHECK(shows(&c, i, "SELECT title || amount || place FROM plan WHERE id = 'a'", "uno9Padang"));
		CHECK(shows(&c, i, "SELECT title || place FROM plan WHERE id = 'b'", "dosPadang"));
	}
	CHECK(agree(&c));
}

/* What the upgrade itself writes is a write; where nobody else wrote the column it travels. */
static void an_upgrade_that_writes_its_new_column_is_heard(void)
{
	AUTO_CLUSTER c = { 0 };
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(write_at(&c, AHEAD, "ALTER TABLE plan ADD COLUMN place TEXT;"
				     "UPDATE plan SET place = 'Padang' WHERE id = 'a'", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK_OK(write_at(&c, BEHIND, "ALTER TABLE plan ADD COLUMN place TEXT;"
				      "UPDATE plan SET place = 'Solok' WHERE id IN ('b', 'a')", &e) &&
			 cluster_settle(&c, &e), &e);
	for (unsigned i = 0; i < c.members; i++)
		CHECK(shows(&c, i, "SELECT group_concat(coalesce(place, '-'), ',')"
				   " FROM (SELECT place FROM plan ORDER BY id)", "Solok,Solok,-"));
	CHECK(agree(&c));
}

static void an_upgrade_that_writes_what_is_there_says_nothing(void)
{
	AUTO_CLUSTER c = { 0 };
	const char *before;
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(write_at(&c, AHEAD, "ALTER TABLE plan ADD COLUMN place TEXT;"
				     "UPDATE plan SET place = 'Padang' WHERE id = 'a'", &e) &&
			 cluster_settle(&c, &e), &e);
	before = text(&c, BEHIND, OWN);
	CHECK_OK(write_at(&c, BEHIND, "ALTER TABLE plan ADD COLUMN place TEXT;"
				      "UPDATE plan SET place = 'Padang' WHERE id = 'a'", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(shows(&c, BEHIND, OWN, before));
	CHECK(agree(&c));
}

/* The column comes with a rebuilt table, as the SQLite manual tells to do it. */
static void a_rebuilt_table_gets_what_waited(void)
{
	AUTO_CLUSTER c = { 0 };
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(write_at(&c, AHEAD, "ALTER TABLE plan ADD COLUMN place TEXT DEFAULT '-';"
				     "UPDATE plan SET place = 'Padang' WHERE id = 'a'", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK_OK(write_at(&c, BEHIND, "CREATE TABLE plan_new(id TEXT PRIMARY KEY, place TEXT DEFAULT '-',"
				      " title, amount, note);"
				      "INSERT INTO plan_new(id, title, amount, note) SELECT id, title,"
				      " amount, note FROM plan;"
				      "DROP TABLE plan; ALTER TABLE plan_new RENAME TO plan;"
				      "UPDATE plan SET title = 'dos' WHERE id = 'b'", &e) &&
			 cluster_settle(&c, &e), &e);
	for (unsigned i = 0; i < c.members; i++)
		CHECK(shows(&c, i, "SELECT group_concat(title || place, ',')"
				   " FROM (SELECT title, place FROM plan ORDER BY id)",
			    "satuPadang,dos-,tiga-"));
	CHECK(agree(&c));
}

/* Pain of all others: a node three versions behind sends everything and receives everything. */
static void three_versions_behind_loses_nothing(void)
{
	static const char *const version[] = {
		"ALTER TABLE plan ADD COLUMN place TEXT",
		"ALTER TABLE plan ADD COLUMN owner TEXT DEFAULT 'dinas'",
		"ALTER TABLE plan ADD COLUMN photo BLOB",
	};
	static const char *const work[] = {
		"UPDATE plan SET place = 'Padang', title = 'v1' WHERE id = 'a'",
		"INSERT INTO plan(id, title, owner) VALUES('new', 'v2', 'camat')",
		"UPDATE plan SET photo = x'ff00', owner = 'wali' WHERE id IN ('b', 'new')",
	};
	static const char all[] =
		"SELECT group_concat(id || title || coalesce(place, '-') || owner"
		" || hex(coalesce(photo, '')), ' ') FROM (SELECT * FROM plan ORDER BY id)";
	AUTO_CLUSTER c = { 0 };
	char want[200];
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	/* Offline, it works on; the others move three versions on. */
	CHECK_OK(write_at(&c, BEHIND, "UPDATE plan SET note = 'offline' WHERE id IN ('a', 'c');"
				      "INSERT INTO plan VALUES('mine', 'lokal', 5, 'n')", &e), &e);
	for (int v = 0; v < 3; v++)
		CHECK_OK(write_at(&c, AHEAD, version[v], &e) && write_at(&c, AHEAD, work[v], &e) &&
				 cluster_sync(&c, AHEAD, HUB, &e), &e);
	CHECK_OK(cluster_settle(&c, &e), &e);
	CHECK(agree(&c));
	CHECK(shows(&c, AHEAD, "SELECT group_concat(note, ',') FROM (SELECT note FROM plan WHERE id IN"
			       " ('a', 'c', 'mine') ORDER BY id)", "offline,offline,n"));
	CHECK(shows(&c, BEHIND, "SELECT group_concat(title, ',') FROM (SELECT title FROM plan ORDER BY id)",
		    "v1,dua,tiga,lokal,v2"));
	snprintf(want, sizeof(want), "%s", text(&c, AHEAD, all));
	CHECK(strstr(want, "aXv1") == NULL && strstr(want, "newv2-waliFF00") != NULL);
	CHECK(shows(&c, HUB, all, want));
	/* Version after version, with a round in between and work of its own. */
	for (int v = 0; v < 3; v++) {
		CHECK_OK(write_at(&c, BEHIND, version[v], &e) && cluster_settle(&c, &e), &e);
		CHECK(agree(&c));
	}
	CHECK(shows(&c, BEHIND, all, want));
	CHECK(shows(&c, BEHIND, "SELECT count(*) FROM simpul_column WHERE at IS NULL", "0"));
}

static void a_renamed_column_goes_on_under_its_old_name(void)
{
	AUTO_CLUSTER c = { 0 };
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(write_at(&c, BEHIND, "UPDATE plan SET amount = 10 WHERE id = 'a';"
				      "ALTER TABLE plan RENAME COLUMN amount TO total;"
				      "UPDATE plan SET total = 20 WHERE id = 'b'", &e) &&
			 write_at(&c, AHEAD, "UPDATE plan SET amount = 30 WHERE id = 'c'", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(shows(&c, AHEAD, "SELECT group_concat(amount, ',') FROM (SELECT amount FROM plan ORDER BY id)",
		    "10,20,30"));
	CHECK(shows(&c, BEHIND, "SELECT group_concat(total, ',') FROM (SELECT total FROM plan ORDER BY id)",
		    "10,20,30"));
	CHECK(shows(&c, HUB, "SELECT count(*) FROM pragma_table_info('plan') WHERE name = 'total'", "0"));
	CHECK(agree(&c));
	/* Everybody's upgrade renames it, one after the other. */
	CHECK_OK(write_at(&c, AHEAD, "ALTER TABLE plan RENAME COLUMN amount TO total;"
				     "UPDATE plan SET total = 11 WHERE id = 'a'", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(shows(&c, BEHIND, "SELECT total FROM plan WHERE id = 'a'", "11"));
	CHECK(agree(&c));
	/* The old name cannot mean two columns. */
	CHECK_OK(write_at(&c, BEHIND, "ALTER TABLE plan ADD COLUMN amount INT;"
				      "UPDATE plan SET amount = 99, total = 12 WHERE id = 'a'", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(shows(&c, AHEAD, "SELECT total FROM plan WHERE id = 'a'", "12"));
	CHECK(shows(&c, BEHIND, "SELECT amount FROM plan WHERE id = 'a'", "99"));
	CHECK(agree(&c));
}

static void a_renamed_table_goes_on_under_its_old_name(void)
{
	AUTO_CLUSTER c = { 0 };
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(write_at(&c, BEHIND, "ALTER TABLE plan RENAME TO rencana;"
				      "UPDATE rencana SET title = 'baru' WHERE id = 'a'", &e) &&
			 write_at(&c, AHEAD, "UPDATE plan SET title = 'juga' WHERE id = 'b'", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(shows(&c, AHEAD, "SELECT group_concat(title, ',') FROM (SELECT title FROM plan ORDER BY id)",
		    "baru,juga,tiga"));
	CHECK(shows(&c, BEHIND, "SELECT group_concat(title, ',')"
				" FROM (SELECT title FROM rencana ORDER BY id)", "baru,juga,tiga"));
	CHECK(shows(&c, HUB, "SELECT count(*) FROM sqlite_schema WHERE name = 'rencana'", "0"));
	CHECK(agree(&c));
	CHECK_OK(write_at(&c, BEHIND, "ALTER TABLE rencana RENAME TO plan", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(shows(&c, BEHIND, "SELECT count(*) FROM simpul_table WHERE replicated IS NOT NULL", "0"));
	CHECK(agree(&c));
}

/* A document's column is data: whatever it is called and defaults to, the hub's table gets it. */
static void tables_made_here_grow_by_any_column(void)
{
	static const char rest[] =
		"SELECT group_concat(\"odd \"\"name\"\"; --\" || \"select\" || must || two, ' ') FROM"
		" (SELECT * FROM plan ORDER BY id)";
	AUTO_CLUSTER c = { 0 };
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(write_at(&c, AHEAD,
			  "CREATE TABLE plan_new(id TEXT PRIMARY KEY, title, amount, note,"
			  " \"odd \"\"name\"\"; --\" REAL DEFAULT 1.5,"
			  " \"select\" VARCHAR(10) DEFAULT 'it''s' COLLATE NOCASE,"
			  " must TEXT NOT NULL, two INT DEFAULT (1 + 1));"
			  "INSERT INTO plan_new(id, title, amount, note, must) SELECT *, 'm' FROM plan;"
			  "DROP TABLE plan; ALTER TABLE plan_new RENAME TO plan;"
			  "UPDATE plan SET \"select\" = 'it', must = 'n' WHERE id = 'b'", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(shows(&c, AHEAD, rest, "1.5it'sm2 1.5itn2 1.5it'sm2"));
	CHECK(shows(&c, HUB, rest, "1.5it'sm2 1.5itn2 1.5it'sm2"));
	CHECK(shows(&c, HUB, "SELECT count(*) FROM simpul_violation", "0"));
	CHECK(agree(&c));
	CHECK_OK(write_at(&c, AHEAD, "INSERT INTO plan(id, title, must) VALUES('z', 'z', 'o')", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(shows(&c, HUB, "SELECT \"select\" || must FROM plan WHERE id = 'z'", "it'so"));
	CHECK(agree(&c));
}

#define REBUILD(key)                                                                                \
	"CREATE TABLE plan_new(id TEXT, title, amount, note, " key ");"                              \
	"INSERT INTO plan_new SELECT id, title, amount, note FROM plan;"                             \
	"DROP TABLE plan; ALTER TABLE plan_new RENAME TO plan"

static void a_table_with_another_key_is_put_aside(void)
{
	AUTO_CLUSTER c = { 0 };
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(write_at(&c, BEHIND, REBUILD("PRIMARY KEY(id, title)"), &e) &&
			 write_at(&c, BEHIND, "INSERT INTO visit VALUES('Solok', 1, 'ani')", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(strstr(text(&c, BEHIND, "SELECT aside FROM simpul_table WHERE name = 'plan'"),
		     "was (id) and is (id, title) now") != NULL);
	/* What was to be sent of the other table is; what comes for this one waits. */
	CHECK(shows(&c, AHEAD, "SELECT who FROM visit", "ani"));
	CHECK_OK(write_at(&c, AHEAD, "INSERT INTO visit VALUES('Solok', 2, 'ben')", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(shows(&c, BEHIND, "SELECT group_concat(who, ',') FROM visit", "ani,ben"));
	CHECK_OK(write_at(&c, AHEAD, "UPDATE plan SET title = 'x' WHERE id = 'a'", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(strstr(text(&c, BEHIND, "SELECT reason FROM simpul_changeset WHERE state = 0"),
		     "put aside") != NULL);
	/* The key is as it was: all goes on, with what was written in between. */
	CHECK_OK(write_at(&c, BEHIND, "UPDATE plan SET note = 'between' WHERE id = 'b'", &e) &&
			 write_at(&c, BEHIND, REBUILD("PRIMARY KEY(id)"), &e) && cluster_settle(&c, &e), &e);
	CHECK(shows(&c, BEHIND, "SELECT title FROM plan WHERE id = 'a'", "x"));
	CHECK(shows(&c, AHEAD, "SELECT note FROM plan WHERE id = 'b'", "between"));
	CHECK(shows(&c, BEHIND, "SELECT count(*) FROM simpul_table WHERE aside IS NOT NULL", "0"));
	CHECK(agree(&c));
}

/* A key that no document can hold would stop the node, not only the table. */
static void a_key_that_cannot_travel_is_put_aside(void)
{
	AUTO_CLUSTER c = { 0 };
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(write_at(&c, BEHIND, "CREATE TABLE plan_new(id TEXT PRIMARY KEY COLLATE NOCASE, title,"
				      " amount, note); INSERT INTO plan_new SELECT * FROM plan;"
				      "DROP TABLE plan; ALTER TABLE plan_new RENAME TO plan;"
				      "INSERT INTO visit VALUES('Solok', 1, 'ani')", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(shows(&c, BEHIND, "SELECT count(*) FROM simpul_table WHERE aside IS NOT NULL", "1"));
	CHECK(shows(&c, AHEAD, "SELECT who FROM visit", "ani"));
	CHECK_OK(write_at(&c, BEHIND, "DROP TABLE plan; CREATE TABLE plan(id TEXT, title, amount, note)",
			  &e) && cluster_settle(&c, &e), &e);
	CHECK(shows(&c, BEHIND, "SELECT aside FROM simpul_table WHERE name = 'plan'",
		    "it has no primary key now"));
}

static bool alter(struct cluster *c, unsigned no, const char *sql, bool yes, struct err *e)
{
	struct party *p = &c->member[no].party;
	AUTO_BUF report = { 0 };
	AUTO_TXN txn = { 0 };
	bool ok = txn_begin(&txn, p->db, e) && alter_run(p, sql, yes, &report, e) && party_settle(p, e) &&
		  txn_commit(&txn, e);

	if (report.len > 0)
		tap_note("%s", buf_string(&report));
	return ok;
}

static void a_column_goes_by_alter_and_its_values_stay_elsewhere(void)
{
	AUTO_CLUSTER c = { 0 };
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(write_at(&c, BEHIND, "UPDATE plan SET note = 'last words' WHERE id = 'a'", &e), &e);
	CHECK(!write_at(&c, BEHIND, "ALTER TABLE plan DROP COLUMN note", &e));
	CHECK(!alter(&c, BEHIND, "ALTER TABLE plan DROP COLUMN note", false, &e) &&
	      e.code == ERR_WOULD_LOSE && strstr(e.text, "column note of table plan") != NULL);
	CHECK(shows(&c, BEHIND, "SELECT note FROM plan WHERE id = 'a'", "last words"));
	CHECK_OK(alter(&c, BEHIND, "ALTER TABLE plan RENAME COLUMN amount TO total;"
				   "ALTER TABLE plan DROP COLUMN note; -- and so\n"
				   "UPDATE plan SET total = 5 WHERE id = 'b'", true, &e), &e);
	CHECK_OK(write_at(&c, BEHIND, "UPDATE plan SET title = 'uno' WHERE id = 'a'", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(shows(&c, AHEAD, "SELECT title || note FROM plan WHERE id = 'a'", "unolast words"));
	CHECK(shows(&c, AHEAD, "SELECT amount FROM plan WHERE id = 'b'", "5"));
	CHECK(agree(&c));
	/* It comes back with what others wrote meanwhile. */
	CHECK_OK(write_at(&c, AHEAD, "UPDATE plan SET note = 'news' WHERE id = 'b'", &e) &&
			 cluster_settle(&c, &e) &&
			 alter(&c, BEHIND, "ALTER TABLE plan ADD COLUMN note", false, &e), &e);
	CHECK(shows(&c, BEHIND, "SELECT group_concat(note, ',') FROM (SELECT note FROM plan ORDER BY id)",
		    "last words,news,"));
	CHECK(agree(&c));
}

static void alter_refuses_what_would_lose_or_lock(void)
{
	static const struct {
		const char *sql, *words;
	} bad[] = {
		{ REBUILD("PRIMARY KEY(id, title)"), "could not be replicated any more" },
		{ "DROP TABLE plan", "simpul detach it first" },
		{ "CREATE TABLE other AS SELECT * FROM plan; ALTER TABLE plan RENAME TO old; DROP TABLE old;"
		  "ALTER TABLE other RENAME TO plan", "it has no primary key now" },
		{ "CREATE TABLE plan_new(id TEXT PRIMARY KEY, title, amount, note); INSERT INTO plan_new"
		  " SELECT * FROM plan WHERE id > 'a'; DROP TABLE plan; ALTER TABLE plan_new RENAME TO plan",
		  "1 rows of table plan would be lost" },
		{ "DELETE FROM plan", "3 rows of table plan would be lost" },
		{ "DELETE FROM plan WHERE id = 'a'; INSERT INTO plan VALUES('q', 'kuu', 1, '')",
		  "1 rows of table plan would be lost" },
		{ "UPDATE plan SET id = 'A' || id WHERE id = 'b'", "1 rows of table plan would be lost" },
		{ "ALTER TABLE plan RENAME TO scheme; DELETE FROM scheme WHERE id = 'c'",
		  "1 rows of table scheme would be lost" },
		{ "UPDATE plan SET title = 'x'; COMMIT", "leave out BEGIN and COMMIT" },
		{ "SAVEPOINT a", "leave out BEGIN and COMMIT" },
		{ "ATTACH 'x.db' AS x", "this file only" },
		{ "DELETE FROM simpul_log", "not to be touched" },
		{ "DROP TABLE simpul_changeset", "not to be touched" },
		{ "ALTER TABLE simpul_meta ADD COLUMN x", "not to be touched" },
		{ "PRAGMA journal_mode = WAL", "cannot run here" },
		{ "ALTER TABEL plan", "syntax error" },
	};
	AUTO_CLUSTER c = { 0 };
	int64_t version, now;
	struct err e;

	CHECK_OK(region_open(&c, &e) &&
			 db_int(&c.member[BEHIND].db, "PRAGMA schema_version", 0, &version, &e), &e);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		bool done = alter(&c, BEHIND, bad[i].sql, false, &e);

		tap_note("%s: %s", bad[i].sql, done ? "done" : e.text);
		CHECK(!done && strstr(e.text, bad[i].words) != NULL);
	}
	CHECK_OK(db_int(&c.member[BEHIND].db, "SELECT count(*) FROM plan WHERE title <> 'x'", 0, &now, &e),
		 &e);
	CHECK(now == 3);
	/* Triggers and authorizer are as they were. */
	CHECK_OK(write_at(&c, BEHIND, "UPDATE plan SET title = 'still' WHERE id = 'a'", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(shows(&c, AHEAD, "SELECT title FROM plan WHERE id = 'a'", "still"));
	CHECK(agree(&c));
}

/* What no version knows yet is a row as well. */
static void alter_loses_no_row_that_is_not_sealed(void)
{
	AUTO_CLUSTER c = { 0 };
	struct err e;

	cluster_begin(&c, 4);
	CHECK_OK(cluster_add(&c, "hub", NULL, &e) && cluster_add(&c, "new", "13.73", &e) &&
			 write_at(&c, 1, "INSERT INTO plan(id, title) VALUES('a', 'satu')", &e), &e);
	CHECK(!alter(&c, 1, "DELETE FROM plan", false, &e) && strstr(e.text, "1 rows of table plan") != NULL);
	CHECK(!alter(&c, 1, "REPLACE INTO plan(id) VALUES('a'); DELETE FROM plan", true, &e));
	CHECK_OK(alter(&c, 1, "INSERT INTO plan(id) VALUES('b'); DELETE FROM plan WHERE id = 'b';"
			      "REPLACE INTO plan(id, title) VALUES('a', 'siji')", false, &e), &e);
	CHECK(shows(&c, 1, "SELECT group_concat(id || title) FROM plan", "asiji"));
}

/* A new type and a CHECK: the table is rebuilt, and what the copying changed is sent. */
static void a_table_is_rebuilt_by_alter(void)
{
	AUTO_CLUSTER c = { 0 };
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(write_at(&c, BEHIND, "UPDATE plan SET amount = '7.5' WHERE id = 'a'", &e), &e);
	CHECK_OK(alter(&c, BEHIND, "PRAGMA foreign_keys=OFF;"
				   "CREATE TABLE plan_new(id TEXT PRIMARY KEY, title TEXT NOT NULL,"
				   " amount REAL CHECK(amount >= 0), note);"
				   "INSERT INTO plan_new SELECT * FROM plan;"
				   "DROP TABLE plan; ALTER TABLE plan_new RENAME TO plan", false, &e), &e);
	CHECK_OK(cluster_settle(&c, &e), &e);
	CHECK(shows(&c, AHEAD, "SELECT typeof(amount) || amount FROM plan WHERE id = 'a'", "real7.5"));
	CHECK_OK(write_at(&c, BEHIND, "INSERT INTO plan VALUES('z', 'zet', 1, '')", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(shows(&c, AHEAD, "SELECT title FROM plan WHERE id = 'z'", "zet"));
	CHECK(agree(&c));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(a_column_of_one_office_is_kept_and_shown_after_the_upgrade),
		TAP(a_pending_write_does_not_carry_the_default),
		TAP(an_upgrade_that_writes_its_new_column_is_heard),
		TAP(an_upgrade_that_writes_what_is_there_says_nothing),
		TAP(a_rebuilt_table_gets_what_waited),
		TAP(three_versions_behind_loses_nothing),
		TAP(a_renamed_column_goes_on_under_its_old_name),
		TAP(a_renamed_table_goes_on_under_its_old_name),
		TAP(tables_made_here_grow_by_any_column),
		TAP(a_table_with_another_key_is_put_aside),
		TAP(a_key_that_cannot_travel_is_put_aside),
		TAP(a_column_goes_by_alter_and_its_values_stay_elsewhere),
		TAP(alter_refuses_what_would_lose_or_lock),
		TAP(alter_loses_no_row_that_is_not_sealed),
		TAP(a_table_is_rebuilt_by_alter),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
