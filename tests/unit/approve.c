/* approve.c - rules that a hub was given before it had the table: they wait, and hold when it comes. */
#include <string.h>

#include "base/buf.h"
#include "cluster.h"
#include "exchange/approve.h"
#include "tap.h"

#define HUB 0

static const char early[] =
	"{\"tables\": {\"plan\": {\"policy\": {\"title\": \"manual\"}}, \"visit\": {\"append\": true}}}";

static bool file(struct cluster *c, const char *json, struct approve_result *ret, struct err *e)
{
	struct party *p = &c->member[HUB].party;
	AUTO_BUF text = { 0 };
	AUTO_TXN txn = { 0 };

	buf_text(&text, json);
	return txn_begin(&txn, p->db, e) && approve_file(p, &text, ret, e) && party_settle(p, e) &&
	       txn_commit(&txn, e) && p->hub->sign(p, e);
}

static bool region_open(struct cluster *c, struct err *e)
{
	cluster_begin(c, 1);
	return cluster_add(c, "hub", NULL, e) && cluster_add(c, "a", "13.73", e) &&
	       cluster_add(c, "b", "13.73", e) && cluster_enrol(c, 1, e) && cluster_enrol(c, 2, e);
}

static int64_t count(struct cluster *c, unsigned no, const char *sql)
{
	int64_t n = -1;
	struct err e;

	return db_int(&c->member[no].db, sql, 0, &n, &e) ? n : -1;
}

static size_t waiting(struct cluster *c)
{
	AUTO_JSON list = NULL;
	struct err e;

	return approve_list(&c->member[HUB].db, &list, &e) ? json_object_size(list) : 99;
}

static void rules_wait_for_their_table(void)
{
	struct approve_result filed;
	AUTO_CLUSTER c = { 0 };
	struct err e;

	CHECK_OK(region_open(&c, &e) && file(&c, early, &filed, &e), &e);
	CHECK(filed.tables == 0 && filed.waiting == 2 && filed.changed && waiting(&c) == 2);
	CHECK(count(&c, HUB, "SELECT count(*) FROM simpul_approved") == 0);
	CHECK_OK(file(&c, early, &filed, &e), &e);
	CHECK(!filed.changed);
	/* The document of an office brings all its tables. */
	CHECK_OK(cluster_write(&c.member[1], "INSERT INTO plan(id, title) VALUES('x', 'one');"
					     "INSERT INTO visit VALUES('here', 1, 'ani')", &e) &&
			 cluster_settle(&c, &e) && cluster_settle(&c, &e), &e);
	CHECK(waiting(&c) == 0 && count(&c, HUB, "SELECT count(*) FROM simpul_approved") > 0);
	/* From here on they are obeyed: what is appended stays, and two titles wait for a person. */
	CHECK_OK(cluster_write(&c.member[1], "UPDATE visit SET who = 'budi'", &e) && cluster_settle(&c, &e),
		 &e);
	CHECK(count(&c, HUB, "SELECT count(*) FROM visit WHERE who = 'ani'") == 1);
	CHECK(count(&c, 1, "SELECT count(*) FROM simpul_violation WHERE reason = 'not-allowed'") == 1);
	CHECK_OK(cluster_write(&c.member[1], "UPDATE plan SET title = 'ann'", &e) &&
			 cluster_write(&c.member[2], "UPDATE plan SET title = 'ben'", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(count(&c, 2, "SELECT count(*) FROM plan WHERE title IS NULL") == 1);
	CHECK(count(&c, HUB, "SELECT count(*) FROM plan WHERE title IS NULL") == 1);
}

static void what_can_never_be_right_does_not_wait(void)
{
	struct approve_result filed;
	AUTO_CLUSTER c = { 0 };
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK(!file(&c, "{\"tables\": {\"plan\": {\"polcy\": {}}}}", &filed, &e) && e.code == ERR_RULES);
	CHECK(strstr(e.text, "plan: unknown member \"polcy\"") != NULL && waiting(&c) == 0);
	CHECK(!file(&c, "{\"plan\": {}}", &filed, &e) && e.code == ERR_RULES);
	/* A column that is not there shows when the table comes: told, and nothing hangs on it. */
	CHECK_OK(file(&c, "{\"tables\": {\"plan\": {\"policy\": {\"titel\": \"text\"}}}}", &filed, &e), &e);
	CHECK(filed.waiting == 1);
	CHECK_OK(cluster_write(&c.member[1], "INSERT INTO plan(id, title) VALUES('x', 'one')", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(waiting(&c) == 0 && count(&c, HUB, "SELECT count(*) FROM plan") == 1);
	CHECK(count(&c, HUB, "SELECT count(*) FROM simpul_approved") == 0);
}

/* What is filed when the table is here takes the place of what waited. */
static void the_last_word_holds(void)
{
	struct approve_result filed;
	AUTO_CLUSTER c = { 0 };
	struct err e;

	CHECK_OK(region_open(&c, &e) && file(&c, early, &filed, &e) &&
			 file(&c, "{\"tables\": {\"visit\": {}}}", &filed, &e), &e);
	CHECK(filed.waiting == 1 && waiting(&c) == 2);
	CHECK_OK(cluster_write(&c.member[1], "INSERT INTO visit VALUES('here', 1, 'ani')", &e) &&
			 cluster_settle(&c, &e) && cluster_settle(&c, &e) &&
			 cluster_write(&c.member[1], "UPDATE visit SET who = 'budi'", &e) &&
			 cluster_settle(&c, &e), &e);
	CHECK(count(&c, HUB, "SELECT count(*) FROM visit WHERE who = 'budi'") == 1);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(rules_wait_for_their_table),
		TAP(what_can_never_be_right_does_not_wait),
		TAP(the_last_word_holds),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
