/*
 * merge.c - taking frames in and merging them, with every I/O call failing or the process dying there.
 *
 * One transaction accepts four frames and merges them.  Whatever happens, the file holds all of it or
 * nothing; what was acknowledged is there; and giving the same frames again ends in the same state.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "author.h"
#include "fault.h"
#include "merge/apply.h"
#include "merge/digest.h"
#include "merge/inbox.h"
#include "store/tables.h"
#include "tap.h"

#define FIRST 7 /* letters that are on file before: chains, grants, documents */

static struct author hub, ann, ben;
static struct post post;
static char path[256], end_state[HEX_SIZE(32)];

static void write_row(struct author *by, enum change_op op, const char *id, const char *value,
		      const struct author *seen)
{
	static const uint8_t column[] = { 1, 2, 3 };
	struct value v[3] = { { .type = VALUE_TEXT, .len = (uint32_t)strlen(value),
				.bytes = (const uint8_t *)value } };
	struct change c = { .op = op, .hlc = (100 + by->seq) << 16, .seen_own = CHANGE_SEEN_ALL, .keys = 1,
			    .columns = op == CHANGE_INSERT ? 3 : 1, .column = column, .value = v };
	struct context_pair pair;

	c.key[0] = (struct value){ .type = VALUE_TEXT, .len = (uint32_t)strlen(id),
				   .bytes = (const uint8_t *)id };
	if (seen != NULL)
		pair = (struct context_pair){ .chain = seen->chain, .seq = seen->seq };
	author_write(by, &c, 1, &pair, seen != NULL, &post);
}

static void post_fill(void)
{
	if (post.n > 0)
		return;
	author_begin(&hub, 1, "national", &post);
	author_begin(&ann, 2, "13.73", &post);
	author_begin(&ben, 3, "13.73", &post);
	author_grant(&hub, &ann, ROLE_WRITER, &post);
	author_grant(&hub, &ben, ROLE_WRITER, &post);
	author_schema(&ann, author_table(), &post);
	author_schema(&ben, author_table(), &post);
	write_row(&ann, CHANGE_INSERT, "x", "first", NULL);
	write_row(&ben, CHANGE_UPDATE, "x", "ben's", &ann);
	write_row(&ann, CHANGE_UPDATE, "x", "ann's", NULL);
	write_row(&ann, CHANGE_INSERT, "y", "second", NULL);
}

static bool take_in(struct db *db, size_t from, size_t to, struct err *e)
{
	struct inbox_result result;
	struct apply_stats stats;
	struct catalog catalog;
	AUTO_ARENA arena = { 0 };
	AUTO_INBOX in = { 0 };
	AUTO_TXN txn = { 0 };

	if (!txn_begin(&txn, db, e) || !inbox_open(&in, db, world_real(), e))
		return false;
	for (size_t i = from; i < to; i++)
		if (!inbox_accept(&in, post.letter[i].bytes, post.letter[i].len, &result, e))
			return false;
	return catalog_load(db, &arena, &catalog, e) &&
	       apply_ready(db, &catalog, world_real(), &stats, e) && txn_commit(&txn, e);
}

static bool digest(struct db *db, char ret[HEX_SIZE(32)], struct err *e)
{
	const struct scope scope = { "13.73" };
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;
	struct hash hash;
	int64_t rows;

	if (!catalog_load(db, &arena, &catalog, e) || !digest_scope(db, &catalog, &scope, &hash, &rows, e))
		return false;
	hex_encode(hash.bytes, sizeof(hash.bytes), ret);
	return true;
}

static void set_up(void *state)
{
	char hex[HEX_SIZE(32)], journal[300];
	struct err e;
	AUTO_DB db = { 0 };

	(void)state;
	post_fill();
	snprintf(path, sizeof(path), "%s/merge.db", tap_directory());
	snprintf(journal, sizeof(journal), "%s-journal", path);
	unlink(path);
	unlink(journal);
	hex_encode(hub.key.bytes, sizeof(hub.key.bytes), hex);
	CHECK_OK(db_open(&db, path, DB_NODE, true, &e), &e);
	CHECK_OK(tables_create(&db, &e) && meta_put_text(&db, "hub_key", hex, &e) &&
			 take_in(&db, 0, FIRST, &e),
		 &e);
}

static bool act(void *state)
{
	struct err e;
	AUTO_DB db = { 0 };

	(void)state;
	return db_open(&db, path, DB_NODE, false, &e) && take_in(&db, FIRST, post.n, &e);
}

static void check(void *state, enum fault_outcome outcome)
{
	char now[HEX_SIZE(32)];
	struct err e;
	int64_t n, siblings, rows;
	AUTO_DB db = { 0 };

	(void)state;
	CHECK_OK(db_open(&db, path, DB_NODE, false, &e), &e);
	CHECK_OK(db_int(&db, "SELECT count(*) FROM simpul_changeset", 0, &n, &e), &e);
	CHECK(n == FIRST || n == (int64_t)post.n);
	CHECK(outcome != FAULT_DONE || n == (int64_t)post.n);
	CHECK_OK(take_in(&db, FIRST, post.n, &e), &e);
	CHECK(db_int(&db, "SELECT count(*) FROM simpul_changeset WHERE state = 1", 0, &n, &e));
	CHECK(n == (int64_t)post.n);
	CHECK(db_int(&db, "SELECT count(*) FROM simpul_sibling", 0, &siblings, &e) && siblings == 1);
	CHECK(db_int(&db, "SELECT count(*) FROM tab WHERE id || a IN ('xann''s', 'ysecond')", 0, &rows, &e));
	CHECK(rows == 2);
	CHECK(db_int(&db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'", 0, &n,
		     &e));
	CHECK(n == 1);
	CHECK_OK(digest(&db, now, &e), &e);
	if (end_state[0] == '\0')
		memcpy(end_state, now, sizeof(now));
	CHECK(strcmp(end_state, now) == 0);
}

static const struct fault_sweep sweep = { .setup = set_up, .act = act, .check = check };

static void a_call_fails(void)
{
	CHECK(fault_sweep(&sweep, FAULT_FAIL, NULL));
}

static void the_disk_is_full(void)
{
	CHECK(fault_sweep(&sweep, FAULT_DISK_FULL, NULL));
}

static void the_process_dies(void)
{
	CHECK(fault_sweep(&sweep, FAULT_CRASH, NULL));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = { TAP(a_call_fails), TAP(the_disk_is_full),
						 TAP(the_process_dies) };
	int failures = tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));

	post_done(&post);
	return failures;
}
