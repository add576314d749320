/* violation.c - the list of what breaks a rule, and rows that are put back. */
#include <stdio.h>
#include <string.h>

#include "author.h"
#include "capture/attach.h"
#include "merge/apply.h"
#include "merge/inbox.h"
#include "merge/violation.h"
#include "office.h"
#include "simpul/limits.h"
#include "store/tables.h"
#include "tap.h"

struct list {
	struct buf text; /* "rule table key @scope;" each, + where it was changed here */
	bool stop;
};

static bool add(void *state, const struct violation *v)
{
	struct list *l = state;

	buf_print(&l->text, "%s%s %s", v->local ? "+" : "", v->rule, v->table);
	for (int i = 0; v->key != NULL && i < v->of->keys; i++) {
		const struct value *k = &v->key[i];

		if (k->type == VALUE_INT)
			buf_print(&l->text, " %lld", (long long)k->integer);
		else
			buf_print(&l->text, " '%.*s'", (int)k->len, (const char *)k->bytes);
	}
	buf_print(&l->text, "%s%s;", v->scope[0] == '\0' ? "" : " @", v->scope);
	return !l->stop;
}

static const char *list_of(struct db *db, const struct catalog *catalog)
{
	static char text[2000];
	struct list l = { 0 };
	struct err e;

	snprintf(text, sizeof(text), "%s",
		 violation_list(db, catalog, add, &l, &e) ? buf_string(&l.text) : e.text);
	buf_done(&l.text);
	return text;
}

static int64_t count_of(struct db *db, const struct catalog *catalog, const char *name)
{
	struct scope scope = { 0 };
	struct err e;
	int64_t n;

	if (name != NULL)
		snprintf(scope.name, sizeof(scope.name), "%s", name);
	return violation_count(db, catalog, name == NULL ? NULL : &scope, &n, &e) ? n : -1;
}

/* What may not travel: one row too large, one without a scope, and rows that break rules in the file. */
static const char plan[] =
	"CREATE TABLE kota(id INTEGER PRIMARY KEY, name TEXT, up INT REFERENCES kota(id));"
	"CREATE TABLE plan(a TEXT, b INT, scope TEXT, n INT CHECK (n < 10), PRIMARY KEY(a, b)) "
	"WITHOUT ROWID;";

static bool open_office(struct office *o, struct err *e)
{
	struct outbox_result result;

	return office_open(o, "violation", plan, e) && office_attach(o, "kota", "13.73", e) &&
	       office_attach_by(o, "plan", "scope", e) && office_enrol(o, "13.73", e) &&
	       office_seal(o, &result, e);
}

static bool write_and_seal(struct office *o, const char *sql, struct err *e)
{
	struct outbox_result result;

	return db_exec(&o->app, sql, e) && office_seal(o, &result, e);
}

static void all_sorts_in_one_list(void)
{
	AUTO_OFFICE o = { 0 };
	struct err e;

	CHECK_OK(open_office(&o, &e), &e);
	CHECK(strcmp(list_of(&o.node, &o.catalog), "") == 0 && count_of(&o.node, &o.catalog, NULL) == 0);
	CHECK_OK(write_and_seal(&o, "INSERT INTO kota VALUES (1, 'Padang', 2), (7, zeroblob(300000), 7);"
				    "PRAGMA ignore_check_constraints=ON;"
				    "INSERT INTO plan VALUES ('x', 1, '13.73', 99), ('y', 2, 'nowhere!', 1)",
				&e), &e);
	CHECK(strcmp(list_of(&o.node, &o.catalog),
		     "+too-large kota 7 @13.73;+no-scope plan 'y' 2 @nowhere!;"
		     "foreign-key kota 1 @13.73;check plan 'x' 1 @13.73;") == 0);
	CHECK(count_of(&o.node, &o.catalog, NULL) == 4);
	CHECK(count_of(&o.node, &o.catalog, "13.73") == 3);
	CHECK(count_of(&o.node, &o.catalog, "13.71") == 0);
	CHECK_OK(write_and_seal(&o,
				"INSERT INTO kota VALUES (2, 'Solok', NULL); UPDATE plan SET n = 9;"
				"UPDATE plan SET scope = '13.73'; UPDATE kota SET name = 'Kecil' "
				"WHERE id = 7",
				&e),
		 &e);
	CHECK(strcmp(list_of(&o.node, &o.catalog), "") == 0);
}

static void the_list_stops_when_told(void)
{
	AUTO_OFFICE o = { 0 };
	struct list l = { .stop = true };
	struct err e;

	CHECK_OK(open_office(&o, &e), &e);
	CHECK_OK(write_and_seal(&o, "INSERT INTO kota VALUES (1, 'a', 8), (7, zeroblob(300000), 7)", &e), &e);
	CHECK_OK(violation_list(&o.node, &o.catalog, add, &l, &e), &e);
	CHECK(strcmp(buf_string(&l.text), "+too-large kota 7 @13.73;") == 0);
	buf_done(&l.text);
}

static bool put_back(struct office *o, const char *table, const char *one, const char *two,
		     struct buf *object, struct err *e)
{
	const char *const words[] = { one, two };
	const struct violation_name name = { table, words, two == NULL ? 1 : 2 };
	AUTO_TXN txn = { 0 };

	return txn_begin(&txn, &o->node, e) &&
	       violation_put_back(&o->node, &o->catalog, &name, object, e) && txn_commit(&txn, e);
}

static int64_t number(struct office *o, const char *sql)
{
	struct err e;
	int64_t n;

	return db_int(&o->node, sql, -1, &n, &e) ? n : -2;
}

static void a_changed_row_becomes_what_it_was(void)
{
	AUTO_OFFICE o = { 0 };
	AUTO_BUF object = { 0 };
	struct err e;

	CHECK_OK(open_office(&o, &e), &e);
	CHECK_OK(write_and_seal(
			 &o, "INSERT INTO kota VALUES (7, 'Padang', NULL), (8, 'Solok', NULL)", &e),
		 &e);
	CHECK_OK(write_and_seal(&o, "UPDATE kota SET name = zeroblob(300000), up = 8 WHERE id = 7", &e), &e);
	CHECK(number(&o, "SELECT count(*) FROM simpul_log") == 1);
	CHECK(!put_back(&o, "kota", "8", NULL, &object, &e) && e.code == ERR_NOT_FOUND);
	CHECK(!put_back(&o, "plan", "7", NULL, &object, &e) && e.code == ERR_NOT_FOUND);
	CHECK(!put_back(&o, "kota", "7", "7", &object, &e) && e.code == ERR_NOT_FOUND);
	CHECK_OK(put_back(&o, "KOTA", "7", NULL, &object, &e), &e);
	CHECK(strcmp(buf_string(&object), "kota 7") == 0);
	CHECK(number(&o, "SELECT count(*) FROM kota WHERE id = 7 AND name = 'Padang' AND up IS NULL") == 1);
	CHECK(number(&o, "SELECT count(*) FROM simpul_log") == 0);
	CHECK(strcmp(list_of(&o.node, &o.catalog), "") == 0);
	CHECK_OK(office_agrees(&o, "kota", &e), &e);
}

static void a_row_that_was_never_sealed_goes(void)
{
	AUTO_OFFICE o = { 0 };
	AUTO_BUF object = { 0 };
	struct err e;

	CHECK_OK(open_office(&o, &e), &e);
	CHECK_OK(write_and_seal(
			 &o,
			 "INSERT INTO plan VALUES ('x', 1, 'nowhere!', 1), ('x', 2, '13.73', 1)",
			 &e),
		 &e);
	CHECK_OK(put_back(&o, "plan", "x", "1", &object, &e), &e);
	CHECK(number(&o, "SELECT count(*) FROM plan") == 1);
	CHECK(number(&o, "SELECT count(*) FROM simpul_log") == 0);
	CHECK(number(&o, "SELECT count(*) FROM simpul_violation") == 0);
	CHECK_OK(office_agrees(&o, "plan", &e), &e);
}

static void a_row_whose_scope_was_spoilt_comes_back_in_its_scope(void)
{
	AUTO_OFFICE o = { 0 };
	AUTO_BUF object = { 0 };
	struct err e;

	CHECK_OK(open_office(&o, &e), &e);
	CHECK_OK(write_and_seal(&o, "INSERT INTO plan VALUES ('x', 1, '13.73', 1)", &e), &e);
	CHECK_OK(write_and_seal(&o, "UPDATE plan SET scope = NULL, n = 2", &e), &e);
	CHECK(strcmp(list_of(&o.node, &o.catalog), "+no-scope plan 'x' 1 @13.73;") == 0);
	CHECK_OK(put_back(&o, "plan", "x", "1", &object, &e), &e);
	CHECK(number(&o, "SELECT count(*) FROM plan WHERE scope = '13.73' AND n = 1") == 1);
	CHECK(strcmp(list_of(&o.node, &o.catalog), "") == 0);
}

static void a_key_that_is_text_here_and_a_number_there_is_not_guessed(void)
{
	AUTO_OFFICE o = { 0 };
	AUTO_BUF object = { 0 };
	struct outbox_result result;
	struct err e;

	CHECK_OK(office_open(&o, "twice", "CREATE TABLE t(k PRIMARY KEY, v)", &e) &&
		 office_attach(&o, "t", "13.73", &e) && office_enrol(&o, "13.73", &e), &e);
	CHECK_OK(db_exec(&o.app, "INSERT INTO t VALUES (7, zeroblob(300000)), ('7', zeroblob(300000))", &e) &&
		 office_seal(&o, &result, &e), &e);
	CHECK(!put_back(&o, "t", "7", NULL, &object, &e) && e.code == ERR_USAGE);
	CHECK(number(&o, "SELECT count(*) FROM t") == 2);
}

/* A row that merging keeps out is listed with its key, and is nothing to put back. */
static void rows_that_merging_keeps_out(void)
{
	struct author hub, ann;
	AUTO_POST post = { 0 };
	AUTO_DB db = { 0 };
	AUTO_ARENA arena = { 0 };
	AUTO_INBOX inbox = { 0 };
	AUTO_ATTACH_REPORT report = { 0 };
	AUTO_BUF object = { 0 };
	struct attach_request request = { .scope = "13.73", .world = world_real() };
	const char *table = "tab", *const word = "two";
	const struct violation_name name = { "tab", &word, 1 };
	static const uint8_t column[] = { 1 };
	struct value same = { .type = VALUE_INT, .integer = 5 };
	struct change change[2] = { 0 };
	struct apply_stats stats;
	struct catalog catalog;
	char hex[HEX_SIZE(32)];
	struct err e;

	author_begin(&hub, 1, "national", &post);
	author_begin(&ann, 2, "13.73", &post);
	author_grant(&hub, &ann, ROLE_WRITER, &post);
	author_schema(&ann, author_table(), &post);
	for (int i = 0; i < 2; i++)
		change[i] = (struct change){
			.op = CHANGE_INSERT, .hlc = (uint64_t)(i + 1) << 16, .seen_own = CHANGE_SEEN_ALL,
			.keys = 1, .columns = 1, .column = column, .value = &same,
			.key = { { .type = VALUE_TEXT, .len = 3,
				   .bytes = (const uint8_t *)(i == 0 ? "one" : "two") } },
		};
	author_write(&ann, change, 2, NULL, 0, &post);
	hex_encode(hub.key.bytes, sizeof(hub.key.bytes), hex);
	CHECK_OK(db_open(&db, ":memory:", DB_NODE, true, &e) && tables_create(&db, &e) &&
			 meta_put_text(&db, "hub_key", hex, &e) &&
			 db_exec(&db,
				 "CREATE TABLE tab(id TEXT PRIMARY KEY, a UNIQUE, b, c NOT NULL "
				 "DEFAULT 0)",
				 &e) &&
			 attach_tables(&db, &table, 1, &request, &report, &e) &&
			 inbox_open(&inbox, &db, world_real(), &e),
		 &e);
	for (size_t i = 0; i < post.n; i++) {
		struct inbox_result result;

		CHECK_OK(inbox_accept(&inbox, post.letter[i].bytes, post.letter[i].len, &result, &e), &e);
	}
	CHECK_OK(catalog_load(&db, &arena, &catalog, &e) &&
		 apply_ready(&db, &catalog, world_real(), &stats, &e), &e);
	CHECK(strcmp(list_of(&db, &catalog), "unique tab 'one' @13.73;") == 0);
	CHECK(count_of(&db, &catalog, "13.73") == 1);
	CHECK(!violation_put_back(&db, &catalog, &name, &object, &e) && e.code == ERR_NOT_FOUND);
}

static void each_rule_has_a_remedy_in_both_languages(void)
{
	static const char *const rules[] = { "unique",	    "not-null", "too-large",
					     "not-allowed", "check",	"other" };

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		CHECK(strlen(violation_remedy(rules[i], true)) > 10);
		CHECK(strcmp(violation_remedy(rules[i], true), violation_remedy(rules[i], false)) != 0);
	}
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(all_sorts_in_one_list), TAP(the_list_stops_when_told),
		TAP(a_changed_row_becomes_what_it_was), TAP(a_row_that_was_never_sealed_goes),
		TAP(a_row_whose_scope_was_spoilt_comes_back_in_its_scope),
		TAP(a_key_that_is_text_here_and_a_number_there_is_not_guessed),
		TAP(rows_that_merging_keeps_out), TAP(each_rule_has_a_remedy_in_both_languages),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
