/* workspace.c - applications as data: those of the program install, and broken ones leave nothing. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node.h"
#include "store/rules_file.h"
#include "tap.h"
#include "workspace/workspace.h"

static const char *in_dir(const char *name)
{
	static char path[4][4200];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[0]), "%s/%s", tap_directory(), name);
	return path[turn];
}

static bool put(const char *directory, const char *name, const char *text)
{
	char path[4300];
	FILE *f;
	bool ok;

	mkdir(directory, 0700);
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	f = fopen(path, "we");
	if (f == NULL)
		return false;
	ok = fputs(text, f) >= 0;
	return fclose(f) == 0 && ok;
}

static bool make(const char *path, const struct workspace *ws, bool hub, struct err *e)
{
	struct node_plan plan = { .name = "kota", .hub = hub, .workspace = ws,
				  .listen = hub ? "127.0.0.1:7799" : NULL };

	return node_make(path, &plan, world_real(), e);
}

static void those_of_the_program_install_on_hub_and_node(void)
{
	static const char *const names[] = { "masterplan", "inventory" };
	char file[64];
	struct err e;

	for (int i = 0; i < 4; i++) {
		AUTO_WORKSPACE ws = { 0 };
		AUTO_NODE node = { .lock = -1 };
		AUTO_ARENA arena = { 0 };
		struct catalog catalog;
		struct schema filed;

		CHECK_OK(workspace_open(&ws, names[i / 2], &e), &e);
		snprintf(file, sizeof(file), "w%d.db", i);
		CHECK_OK(make(in_dir(file), &ws, i % 2 == 1, &e), &e);
		CHECK_OK(node_open(&node, in_dir(file), world_real(), &e), &e);
		CHECK_OK(catalog_load(&node.db, &arena, &catalog, &e), &e);
		CHECK_OK(rules_file_read(ws.file[WORKSPACE_RULES].data, ws.file[WORKSPACE_RULES].len,
					 &catalog, &arena, &filed, &e), &e);
		CHECK(filed.tables == catalog.tables && filed.tables > 0);
	}
}

static void the_masterplan_keeps_citizens_names_at_home(void)
{
	AUTO_WORKSPACE ws = { 0 };
	AUTO_NODE node = { .lock = -1 };
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;
	struct err e;
	int64_t n;

	CHECK_OK(workspace_open(&ws, "masterplan", &e), &e);
	CHECK_OK(make(in_dir("home.db"), &ws, true, &e), &e);
	CHECK_OK(node_open(&node, in_dir("home.db"), world_real(), &e), &e);
	CHECK_OK(catalog_load(&node.db, &arena, &catalog, &e), &e);
	CHECK(catalog_by_name(&catalog, "citizen_report") != NULL);
	CHECK(catalog_by_name(&catalog, "local_reporter") == NULL);
	CHECK_OK(db_int(&node.db, "SELECT count(*) FROM local_reporter", -1, &n, &e), &e);
	CHECK(n == 0);
	CHECK_OK(db_int(&node.db, "SELECT count(*) FROM dimension", 0, &n, &e), &e);
	CHECK(n == 6);
	/* The capital's parts without a council of their own count; towns of one name are two regions. */
	CHECK_OK(db_int(&node.db, "SELECT count(*) FROM region", 0, &n, &e), &e);
	CHECK(n == 514);
	CHECK_OK(db_int(&node.db, "SELECT count(*) FROM region WHERE (code, name, kind, tz) IN"
				  " (VALUES('13.73', 'Sawahlunto', 'kota', 'WIB'),"
				  " ('13.02', 'Solok', 'kabupaten', 'WIB'),"
				  " ('13.72', 'Solok', 'kota', 'WIB'),"
				  " ('62.02', 'Kotawaringin Timur', 'kabupaten', 'WIB'),"
				  " ('71.71', 'Manado', 'kota', 'WITA'), ('96.71', 'Sorong', 'kota', 'WIT'))",
			 0, &n, &e), &e);
	CHECK(n == 6);
}

static void reference_data_is_the_hubs(void)
{
	AUTO_WORKSPACE ws = { 0 };
	AUTO_NODE node = { .lock = -1 };
	struct err e;
	int64_t n;

	CHECK_OK(workspace_open(&ws, "masterplan", &e), &e);
	CHECK_OK(make(in_dir("region.db"), &ws, false, &e), &e);
	CHECK_OK(node_open(&node, in_dir("region.db"), world_real(), &e), &e);
	CHECK_OK(db_int(&node.db, "SELECT count(*) FROM dimension", -1, &n, &e), &e);
	CHECK(n == 0);
}

static void the_file_remembers_its_workspace(void)
{
	AUTO_WORKSPACE own = { 0 }, stored = { 0 }, none = { 0 };
	AUTO_NODE node = { .lock = -1 };
	struct err e;
	int64_t n;

	CHECK(put(in_dir("mine"), "schema.sql", "CREATE TABLE t(id TEXT PRIMARY KEY, v);"));
	CHECK(put(in_dir("mine"), "rules.json", "{\"tables\":{\"t\":{\"scope\":\"13.73\"}}}"));
	CHECK(put(in_dir("mine"), "views.sql", "DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT 1 AS one;"));
	CHECK(put(in_dir("mine"), "app.json", "{\"app\":\"tables\"}"));
	CHECK_OK(workspace_open(&own, in_dir("mine"), &e), &e);
	CHECK_OK(make(in_dir("mine.db"), &own, false, &e), &e);
	CHECK_OK(node_open(&node, in_dir("mine.db"), world_real(), &e), &e);
	CHECK_OK(workspace_stored(&node.db, &stored, &e), &e);
	CHECK(strcmp(stored.name, own.name) == 0 && stored.file[WORKSPACE_ACCESS].len == 0);
	CHECK(strcmp(buf_string(&stored.file[WORKSPACE_APP]), "{\"app\":\"tables\"}") == 0);

	/* The next version of it has another view; the same again changes nothing. */
	stored.file[WORKSPACE_VIEWS].len = 0;
	buf_print(&stored.file[WORKSPACE_VIEWS], "DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT 2 AS two;");
	for (int i = 0; i < 2; i++) {
		CHECK_OK(workspace_refresh(&stored, &node.db, &e), &e);
		CHECK_OK(db_int(&node.db, "SELECT two FROM v", 0, &n, &e), &e);
		CHECK(n == 2);
	}
	stored.file[WORKSPACE_VIEWS].len = 0;
	buf_print(&stored.file[WORKSPACE_VIEWS], "DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT;");
	CHECK(!workspace_refresh(&stored, &node.db, &e) && e.code == ERR_MALFORMED);
	CHECK_OK(db_int(&node.db, "SELECT two FROM v", 0, &n, &e), &e);
	node_close(&node);

	CHECK_OK(make(in_dir("none.db"), NULL, false, &e), &e);
	CHECK_OK(node_open(&node, in_dir("none.db"), world_real(), &e), &e);
	CHECK_OK(workspace_stored(&node.db, &none, &e), &e);
	CHECK(none.name[0] == '\0');
}

static void who_practises_can_begin_anew(void)
{
	AUTO_WORKSPACE ws = { 0 };
	AUTO_NODE node = { .lock = -1 };
	struct node_plan plan = { .name = "latihan", .workspace = &ws, .scope = "13.73", .practice = true };
	static const char look[] = "SELECT (SELECT count(*) FROM organization) * 1000"
				   " + (SELECT count(*) FROM local_reporter) * 100"
				   " + (SELECT count(*) FROM quick_win)";
	struct err e;
	int64_t n;

	CHECK_OK(workspace_open(&ws, "masterplan", &e), &e);
	CHECK_OK(node_make(in_dir("practice.db"), &plan, world_real(), &e), &e);
	CHECK_OK(node_open(&node, in_dir("practice.db"), world_real(), &e), &e);
	CHECK_OK(db_int(&node.db, look, 0, &n, &e), &e);
	CHECK(n == 38012);
	CHECK_OK(db_exec(&node.db, "DELETE FROM quick_win; UPDATE organization SET name = 'X y';"
				   " INSERT INTO local_reporter VALUES('r', 'A', '1', 'c', 't', NULL, NULL)",
			 &e), &e);
	CHECK_OK(workspace_practise_again(&ws, &node.db, &e), &e);
	CHECK_OK(db_int(&node.db, look, 0, &n, &e), &e);
	CHECK(n == 38012);
	CHECK_OK(db_int(&node.db, "SELECT count(*) FROM organization WHERE name = 'X y'", 0, &n, &e), &e);
	CHECK(n == 0);
	node_close(&node);

	/* Real rows are not touched. */
	CHECK_OK(make(in_dir("real.db"), &ws, true, &e), &e);
	CHECK_OK(node_open(&node, in_dir("real.db"), world_real(), &e), &e);
	CHECK(!workspace_practise_again(&ws, &node.db, &e) && e.code == ERR_FORBIDDEN);
	CHECK_OK(db_int(&node.db, "SELECT count(*) FROM dimension", 0, &n, &e), &e);
	CHECK(n == 6);
}

static void what_is_not_there_is_named(void)
{
	AUTO_WORKSPACE ws = { 0 };
	struct err e;

	CHECK(!workspace_open(&ws, "nope", &e) && e.code == ERR_NOT_FOUND);
	CHECK(strstr(e.text, "inventory, masterplan") != NULL);
	CHECK(!workspace_open(&ws, in_dir("no-such-directory"), &e) && e.code == ERR_NOT_FOUND);
	CHECK(!workspace_open(&ws, "../workspace/masterplan", &e) && e.code == ERR_NOT_FOUND);
}

static void a_broken_one_leaves_nothing(void)
{
	static const struct {
		const char *schema, *rules;
		enum err_code code;
	} broken[] = {
		{ "CREATE TABLE t(id TEXT PRIMARY KEY", "{\"tables\":{}}", ERR_MALFORMED },
		{ "CREATE TABLE t(id TEXT PRIMARY KEY)", "{\"tables\":{\"t\":{}}}", ERR_MALFORMED },
		{ "CREATE TABLE t(id TEXT PRIMARY KEY)", "{\"tables\":[]}", ERR_MALFORMED },
		{ "CREATE TABLE t(id TEXT PRIMARY KEY)", "{\"tables\":", ERR_MALFORMED },
		{ "CREATE TABLE t(a TEXT)", "{\"tables\":{\"t\":{\"scope\":\"13.73\"}}}", ERR_NO_KEY },
		{ "CREATE TABLE t(id TEXT PRIMARY KEY)",
		  "{\"tables\":{\"other\":{\"scope\":\"13.73\"}}}", ERR_NOT_FOUND },
		{ "CREATE TABLE t(id TEXT PRIMARY KEY); CREATE TABLE t(a)", "{\"tables\":{}}", ERR_EXISTS },
		{ "CREATE TABLE t(id TEXT PRIMARY KEY); COMMIT; CREATE TABLE u(a); BEGIN; SELECT nope",
		  "{\"tables\":{}}", ERR_MALFORMED },
	};
	struct err e;

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		AUTO_WORKSPACE ws = { 0 };

		CHECK(put(in_dir("own"), "schema.sql", broken[i].schema));
		CHECK(put(in_dir("own"), "rules.json", broken[i].rules));
		CHECK_OK(workspace_open(&ws, in_dir("own"), &e), &e);
		CHECK(!make(in_dir("broken.db"), &ws, false, &e));
		CHECK(e.code == broken[i].code);
		CHECK(access(in_dir("broken.db"), F_OK) != 0);
		CHECK(access(in_dir("broken.db-journal"), F_OK) != 0);
		CHECK(access(in_dir("broken.db.simpul"), F_OK) != 0);
	}
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(those_of_the_program_install_on_hub_and_node),
		TAP(the_masterplan_keeps_citizens_names_at_home),
		TAP(reference_data_is_the_hubs), TAP(the_file_remembers_its_workspace),
		TAP(who_practises_can_begin_anew),
		TAP(what_is_not_there_is_named),
		TAP(a_broken_one_leaves_nothing),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
