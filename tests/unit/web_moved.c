/*
 * web_moved.c - a form that was open while the same row came from another office: it is shown both
 * values, and whoever decides then supersedes knowingly.
 */
#include <stdio.h>
#include <string.h>

#include "browser.h"
#include "cluster.h"
#include "tap.h"

#define P1 "/api/row/plan?key=[%22p1%22]"

static bool is(struct browser *b, const char *path, const char *wanted)
{
	if (strcmp(browser_told(b, path), wanted) == 0)
		return true;
	tap_note("%s is \"%s\", not \"%s\"", path, browser_told(b, path), wanted);
	return false;
}

static bool sync_both(struct cluster *c, struct err *e)
{
	for (unsigned round = 0; round < 2; round++)
		for (unsigned i = 1; i <= 2; i++)
			if (!cluster_sync(c, i, 0, e))
				return false;
	return true;
}

/* Two offices of one scope with the row p1, and Ana before a form at the first. */
static bool begin(struct cluster *c, struct browser *b, struct err *e)
{
	cluster_begin(c, 1);
	return cluster_add(c, "hub", NULL, e) && cluster_add(c, "a", "13.73", e) &&
	       cluster_add(c, "b", "13.73", e) && cluster_enrol(c, 1, e) &&
	       cluster_enrol(c, 2, e) && cluster_settle(c, e) &&
	       cluster_write(&c->member[1],
			     "INSERT INTO plan(id, title, note) VALUES('p1', 'one', 'n')", e) &&
	       sync_both(c, e) && browser_beside(b, &c->member[1].party, e) &&
	       browser_setup(b, "ana", "Ana");
}

static void patch_body(char out[300], const char *column, const char *value, const char *seen)
{
	snprintf(out, 300, "{\"values\":{\"%s\":\"%s\"},\"seen\":\"%s\"}", column, value, seen);
}

static void what_came_from_elsewhere_meanwhile_is_shown_first(void)
{
	AUTO_CLUSTER c = { 0 };
	AUTO_BROWSER b = { 0 };
	char seen[128], body[300];
	int64_t n;
	struct err e;

	CHECK_OK(begin(&c, &b, &e), &e);
	CHECK(browser_says(&b, "GET", P1, NULL, 200) && is(&b, "row.values.title", "one"));
	snprintf(seen, sizeof(seen), "%s", browser_told(&b, "seen"));
	c.now_ms += 60000;
	CHECK_OK(cluster_write(&c.member[2], "UPDATE plan SET title = 'two' WHERE id = 'p1'", &e) &&
			 sync_both(&c, &e),
		 &e);
	patch_body(body, "title", "three", seen);
	CHECK(browser_says(&b, "PATCH", P1, body, 409) && is(&b, "code", "changed-meanwhile"));
	CHECK(is(&b, "row.values.title", "two"));
	CHECK_OK(db_int(&c.member[1].db, "SELECT count(*) FROM simpul_log", -1, &n, &e), &e);
	CHECK(n == 0);
	/* With what the answer brought, the decision is made knowingly. */
	patch_body(body, "title", "three", browser_told(&b, "seen"));
	CHECK(browser_says(&b, "PATCH", P1, body, 200) && is(&b, "row.values.title", "three"));
	CHECK_OK(sync_both(&c, &e), &e);
	CHECK_OK(db_int(&c.member[2].db, "SELECT count(*) FROM plan WHERE title = 'three'", -1, &n,
			&e),
		 &e);
	CHECK(n == 1);
	CHECK_OK(db_int(&c.member[2].db,
			"SELECT count(*) FROM simpul_sibling WHERE superseded_n IS NULL", -1, &n,
			&e),
		 &e);
	CHECK(n == 0);
}

static void another_column_of_the_row_is_no_obstacle(void)
{
	AUTO_CLUSTER c = { 0 };
	AUTO_BROWSER b = { 0 };
	char seen[128], body[300];
	struct err e;

	CHECK_OK(begin(&c, &b, &e), &e);
	CHECK(browser_says(&b, "GET", P1, NULL, 200));
	snprintf(seen, sizeof(seen), "%s", browser_told(&b, "seen"));
	c.now_ms += 60000;
	CHECK_OK(cluster_write(&c.member[2], "UPDATE plan SET title = 'two' WHERE id = 'p1'", &e) &&
			 sync_both(&c, &e),
		 &e);
	patch_body(body, "note", "mine", seen);
	CHECK(browser_says(&b, "PATCH", P1, body, 200) && is(&b, "row.values.title", "two"));
	CHECK_OK(sync_both(&c, &e), &e);
	CHECK(browser_says(&b, "GET", P1, NULL, 200) && is(&b, "row.state.sent", "receipted") &&
	      is(&b, "row.state.by", "Ana"));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(what_came_from_elsewhere_meanwhile_is_shown_first),
		TAP(another_column_of_the_row_is_no_obstacle),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
