/* allow.c - what this node's programs write against the rules: listed, kept in the log, not sealed. */
#include <string.h>

#include "office.h"
#include "simpul/change.h"
#include "simpul/seal.h"
#include "store/adopt.h"
#include "store/rules_file.h"
#include "tap.h"

/* An office with one table of these columns and rules, enrolled. */
static bool open_with(struct office *o, const char *name, const char *rules, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	struct outbox_result result;
	struct catalog catalog;
	struct schema s;
	char text[512];

	snprintf(text, sizeof(text), "{\"tables\":{\"t\":%s}}", rules);
	for (char *p = text; *p != '\0'; p++)
		if (*p == '\'')
			*p = '"';
	return office_open(o, name, "CREATE TABLE t(id TEXT PRIMARY KEY, status TEXT, p, q, r)", e) &&
	       office_attach(o, "t", "13.73", e) && office_enrol(o, "13.73", e) &&
	       office_seal(o, &result, e) && catalog_load(&o->node, &arena, &catalog, e) &&
	       rules_file_read(text, strlen(text), &catalog, &arena, &s, e) &&
	       adopt_file(&o->node, &s.table[0], e);
}

static int64_t count(struct office *o, const char *sql)
{
	struct err e;
	int64_t v;

	return db_int(&o->node, sql, -1, &v, &e) ? v : -2;
}

#define LISTED "SELECT count(*) FROM simpul_violation WHERE reason = 'not-allowed'"

/* Runs the SQL as an application, seals; the changes sealed, or -1. */
static int64_t run(struct office *o, const char *sql, struct outbox_result *ret)
{
	struct err e;

	o->now_ms += 1000;
	if (db_exec(&o->app, sql, &e) && office_seal(o, ret, &e))
		return ret->changes;
	printf("# %s\n", e.text);
	return -1;
}

static void append_tables_only_grow(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result r;
	struct err e;

	CHECK_OK(open_with(&o, "append", "{'append':true}", &e), &e);
	CHECK(run(&o, "INSERT INTO t(id, p) VALUES('x', 1), ('y', 1)", &r) == 2);
	CHECK(run(&o, "UPDATE t SET p = 2 WHERE id = 'x'; INSERT INTO t(id) VALUES('z')", &r) == 1);
	CHECK(r.not_allowed == 1 && count(&o, LISTED) == 1);
	CHECK(count(&o, "SELECT count(*) FROM simpul_log") == 1);
	CHECK(count(&o, LISTED " AND detail LIKE 'table t, key ''x'': rows of t never change%'") == 1);
	CHECK(run(&o, "DELETE FROM t WHERE id = 'y'", &r) == 0);
	CHECK(r.not_allowed == 2 && count(&o, LISTED) == 2);
}

static void groups_travel_whole(void)
{
	AUTO_OFFICE o = { 0 };
	AUTO_STMT s = { 0 };
	struct outbox_result r;
	static uint8_t body[4096];
	struct change_reader reader;
	struct change c;
	struct frame f;
	const uint8_t *bytes;
	size_t len;
	struct err e;
	bool row;

	CHECK_OK(open_with(&o, "groups", "{'groups':[['p','r']]}", &e), &e);
	CHECK(run(&o, "INSERT INTO t VALUES('x', 'draft', 1, 2, 3)", &r) == 1);
	CHECK(run(&o, "UPDATE t SET p = 7", &r) == 1);
	CHECK_OK(db_prepare(&o.node, "SELECT frame FROM simpul_changeset ORDER BY n DESC LIMIT 1", &s,
			    &e) &&
		 stmt_row(&s, &row, &e), &e);
	bytes = stmt_get_blob(&s, 0, &len);
	CHECK_OK(seal_open(bytes, len, &f, &e) && seal_unpack(&f, body, sizeof(body), &e), &e);
	CHECK_OK(change_reader_open(&reader, body, f.changeset.body_len, &e), &e);
	CHECK(change_reader_next(&reader, &c) && c.op == CHANGE_UPDATE && c.columns == 2);
	CHECK(c.column[0] == 2 && c.value[0].integer == 7 && c.column[1] == 4 && c.value[1].integer == 3);
	stmt_reset(&s);
	CHECK(run(&o, "UPDATE t SET q = 8", &r) == 1);
}

#define LINES                                                                                        \
	"{'state':'status','write':[{'role':'writer','states':['','draft'],'to':['draft','sent']},"  \
	"{'role':'reviewer','states':['sent'],'columns':['status']}]}"

static void the_role_and_the_state_decide(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result r;
	struct err e;

	CHECK_OK(open_with(&o, "states", LINES, &e), &e);
	CHECK(run(&o, "INSERT INTO t VALUES('x', 'draft', 1, 2, 3)", &r) == 1);
	CHECK(run(&o, "INSERT INTO t VALUES('y', 'approved', 1, 2, 3)", &r) == 0 && r.not_allowed == 1);
	CHECK(run(&o, "DELETE FROM t WHERE id = 'y'", &r) == 0 && r.not_allowed == 0);
	CHECK(count(&o, LISTED) == 0);
	CHECK(run(&o, "UPDATE t SET p = 2, status = 'sent'", &r) == 1);
	CHECK(run(&o, "UPDATE t SET p = 3", &r) == 0 && r.not_allowed == 1);
	CHECK(count(&o, LISTED " AND detail LIKE '%a writer may not%\"sent\"%who may%: reviewer'") == 1);
	/* It stays listed, and is sealed once it is allowed. */
	CHECK(run(&o, "SELECT 1", &r) == 0 && r.not_allowed == 1 && count(&o, LISTED) == 1);
	CHECK_OK(db_exec(&o.node, "UPDATE simpul_chain SET role = 2", &e), &e);
	CHECK(run(&o, "SELECT 1", &r) == 0 && r.not_allowed == 1); /* not that column */
	CHECK_OK(db_exec(&o.node, "DELETE FROM simpul_log", &e), &e);
	CHECK(run(&o, "UPDATE t SET status = 'approved'", &r) == 1 && count(&o, LISTED) == 0);
	CHECK(run(&o, "DELETE FROM t", &r) == 0 && r.not_allowed == 1);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(append_tables_only_grow),
		TAP(groups_travel_whole),
		TAP(the_role_and_the_state_decide),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
