/* damage.c - bytes of a changeset that the disk has altered: told by whoever reads them, and no more. */
#include <string.h>

#include "base/buf.h"
#include "cluster.h"
#include "tap.h"

#define HUB 0

static bool three(struct cluster *c, struct err *e)
{
	cluster_begin(c, 1);
	return cluster_add(c, "hub", NULL, e) && cluster_add(c, "a", "13.73", e) &&
	       cluster_add(c, "b", "13.73", e) && cluster_enrol(c, 1, e) && cluster_enrol(c, 2, e) &&
	       cluster_write(&c->member[1], "INSERT INTO plan(id, title) VALUES('a', 'first')", e) &&
	       cluster_write(&c->member[2], "INSERT INTO plan(id, title) VALUES('b', 'first')", e) &&
	       cluster_settle(c, e);
}

static int64_t count(struct cluster *c, unsigned no, const char *sql)
{
	int64_t n = -1;
	struct err e;

	return db_int(&c->member[no].db, sql, 0, &n, &e) ? n : -1;
}

/* Flips a bit of the newest changeset of data, `from_end` bytes before its end. */
static bool flip(struct cluster *c, unsigned no, unsigned from_end, struct err *e)
{
	struct db *db = &c->member[no].db;
	AUTO_BUF frame = { 0 };
	AUTO_STMT put = { 0 };
	AUTO_STMT s = { 0 };
	const void *bytes;
	size_t len;
	bool row;

	if (!db_prepare(db, "SELECT frame, n FROM simpul_changeset WHERE kind = 1 ORDER BY n DESC LIMIT 1",
			&s, e) ||
	    !stmt_row(&s, &row, e) || !row ||
	    !db_prepare(db, "UPDATE simpul_changeset SET frame = ?1 WHERE n = ?2", &put, e))
		return false;
	bytes = stmt_get_blob(&s, 0, &len);
	buf_put(&frame, bytes, len);
	frame.data[len - from_end] ^= 4;
	stmt_blob(&put, 1, frame.data, frame.len);
	stmt_int(&put, 2, stmt_get_int(&s, 1));
	stmt_reset(&s);
	return stmt_done(&put, e);
}

/* It is sealed, and cannot be sent for now. */
static bool write_unsent(struct cluster *c, const char *sql, struct err *e)
{
	struct party *p = &c->member[1].party;
	AUTO_TXN txn = { 0 };

	return cluster_write(&c->member[1], sql, e) && txn_begin(&txn, p->db, e) && party_settle(p, e) &&
	       txn_commit(&txn, e);
}

static void a_damaged_changeset_is_not_sent_and_told(void)
{
	static const unsigned places[] = { 1, 12, 200 }; /* of the body, and of the header */

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		AUTO_CLUSTER c = { 0 };
		struct sync *sync;
		struct err e;

		CHECK_OK(three(&c, &e), &e);
		CHECK_OK(write_unsent(&c, "INSERT INTO plan(id, title) VALUES('x', 'some words')", &e) &&
				 flip(&c, 1, places[i], &e) &&
				 write_unsent(&c, "INSERT INTO plan(id, title) VALUES('y', 'ye')", &e), &e);
		CHECK(count(&c, 1, "SELECT count(*) FROM simpul_changeset WHERE custody = 0") == 2);
		CHECK_OK(cluster_sync(&c, 1, HUB, &e), &e);
		sync = &c.member[1].sync[HUB];
		tap_note("%s", sync->damage.text);
		CHECK(sync->damage.code == ERR_CORRUPT && strstr(sync->damage.text, "changeset ") != NULL);
		/* The one after it went, and waits there; nothing was refused. */
		CHECK(count(&c, HUB, "SELECT count(*) FROM simpul_held") == 1);
		CHECK(count(&c, HUB, "SELECT count(*) FROM simpul_refused") == 0);
		CHECK(count(&c, 1, "SELECT count(*) FROM simpul_changeset WHERE custody = 0") >= 1);
	}
}

static void what_came_damaged_is_told_and_the_others_are_taken(void)
{
	AUTO_CLUSTER c = { 0 };
	struct sync *sync;
	struct err e;

	CHECK_OK(three(&c, &e), &e);
	CHECK_OK(cluster_write(&c.member[1], "INSERT INTO plan(id, title) VALUES('x', 'some words')", &e) &&
			 cluster_sync(&c, 1, HUB, &e) && flip(&c, HUB, 1, &e), &e);
	CHECK_OK(cluster_write(&c.member[2], "INSERT INTO plan(id, title) VALUES('y', 'ye')", &e) &&
			 cluster_sync(&c, 2, HUB, &e), &e);
	sync = &c.member[2].sync[HUB];
	tap_note("%s", sync->damage.text);
	CHECK(sync->damage.code == ERR_HASH || sync->damage.code == ERR_MALFORMED);
	CHECK(sync->stats.receipts == 1);
	CHECK(count(&c, 2, "SELECT count(*) FROM plan") == 3);
	/* It is told of the round in which it came. */
	CHECK_OK(cluster_sync(&c, 2, HUB, &e), &e);
	CHECK(sync->damage.code == ERR_OK);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(a_damaged_changeset_is_not_sent_and_told),
		TAP(what_came_damaged_is_told_and_the_others_are_taken),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
