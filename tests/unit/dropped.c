/* dropped.c - a replicated table vanishes under a node that others send changes to, and comes back. */
#include <string.h>

#include "author.h"
#include "base/buf.h"
#include "capture/repair.h"
#include "merge/apply.h"
#include "merge/inbox.h"
#include "store/tables.h"
#include "tap.h"

struct node {
	struct db db;
	struct inbox inbox;
	size_t given; /* letters of the post */
};

static struct author hub, ann;
static struct post post;

static void node_close(struct node *n)
{
	inbox_close(&n->inbox);
	if (n->db.handle != NULL)
		db_close(&n->db);
	post_done(&post);
}

#define AUTO_NODE __attribute__((cleanup(node_close))) struct node

static bool node_open(struct node *n, struct err *e)
{
	char hex[HEX_SIZE(32)];

	author_begin(&hub, 1, "national", &post);
	author_begin(&ann, 2, "13.73", &post);
	author_grant(&hub, &ann, ROLE_WRITER, &post);
	author_schema(&ann, author_table(), &post);
	hex_encode(hub.key.bytes, sizeof(hub.key.bytes), hex);
	return db_open(&n->db, ":memory:", DB_NODE, true, e) && tables_create(&n->db, e) &&
	       meta_put_text(&n->db, "hub_key", hex, e) && meta_put_text(&n->db, "role", "node", e) &&
	       inbox_open(&n->inbox, &n->db, world_real(), e);
}

/* A row with this id and 'v' in its column a. */
static void insert(const char *id, uint64_t ms)
{
	static const uint8_t column[] = { 1 };
	struct value value = { .type = VALUE_TEXT, .len = 1, .bytes = (const uint8_t *)"v" };
	struct change c = { .op = CHANGE_INSERT, .hlc = ms << 16, .seen_own = CHANGE_SEEN_ALL, .keys = 1,
			    .columns = 1, .column = column, .value = &value };

	c.key[0] = (struct value){ .type = VALUE_TEXT, .len = (uint32_t)strlen(id),
				   .bytes = (const uint8_t *)id };
	author_write(&ann, &c, 1, NULL, 0, &post);
}

/* What is new in the post, then what a node does in each round. */
static bool settle(struct node *n, struct apply_stats *stats, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	AUTO_BUF report = { 0 };
	struct inbox_result result;
	struct catalog catalog;

	for (; n->given < post.n; n->given++) {
		const struct letter *l = &post.letter[n->given];

		if (!inbox_accept(&n->inbox, l->bytes, l->len, &result, e))
			return false;
		if (result.state == INBOX_REFUSED)
			return err_set(e, ERR_INTERNAL, "refused: %s", result.problem.text);
	}
	return repair_run(&n->db, world_real(), &report, e) && catalog_load(&n->db, &arena, &catalog, e) &&
	       apply_ready(&n->db, &catalog, world_real(), stats, e);
}

static int64_t count(struct node *n, const char *sql)
{
	struct err e;
	int64_t v;

	return db_int(&n->db, sql, -1, &v, &e) ? v : -2;
}

static void its_changes_wait_and_all_rows_come_back(void)
{
	struct apply_stats stats;
	AUTO_NODE n = { 0 };
	struct err e;

	CHECK_OK(node_open(&n, &e), &e);
	insert("x", 10);
	CHECK_OK(settle(&n, &stats, &e), &e);
	CHECK(count(&n, "SELECT count(*) FROM tab") == 1);
	CHECK_OK(db_exec(&n.db, "DROP TABLE tab", &e), &e);
	insert("y", 11);
	CHECK_OK(settle(&n, &stats, &e), &e);
	CHECK(stats.waiting == 1 && stats.tables_made == 0);
	CHECK(count(&n, "SELECT count(*) FROM simpul_changeset WHERE state = 0"
			" AND reason LIKE 'table tab was dropped here%'") == 1);
	CHECK_OK(db_exec(&n.db, "CREATE TABLE tab(id TEXT PRIMARY KEY, a, b, c)", &e), &e);
	CHECK_OK(settle(&n, &stats, &e), &e);
	CHECK(stats.waiting == 0);
	CHECK(count(&n, "SELECT count(*) FROM tab WHERE id IN ('x', 'y') AND a = 'v'") == 2);
	CHECK(count(&n, "SELECT count(*) FROM simpul_violation") == 0);
	CHECK(count(&n, "SELECT count(*) FROM simpul_log") == 0); /* nothing to tell anybody */
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(its_changes_wait_and_all_rows_come_back),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
