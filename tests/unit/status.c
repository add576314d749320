/* status.c - what `simpul status` says of a node that cannot go on: why, and what to do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/status.h"
#include "tap.h"

struct bench {
	char path[256];
	struct node node;
};

static void bench_done(struct bench *b)
{
	if (b->node.path[0] != '\0')
		node_close(&b->node);
}

#define AUTO_BENCH __attribute__((cleanup(bench_done))) struct bench

/* A node that was enrolled for 13.7 by a hub it met at 1000 s, and this SQL on top. */
static bool bench_open(struct bench *b, const char *sql, struct err *e)
{
	static const char enrolled[] =
		"INSERT INTO simpul_chain(id, key, scope, name, role, own, head_seq)"
		" VALUES(zeroblob(16), zeroblob(32), '13.7', 'ayu', 1, 1, 3);"
		"INSERT INTO simpul_peer(no, url, is_hub, contact_ms) VALUES(1, 'https://hub', 1, 1000000);";
	struct node_plan plan = { .name = "ayu" };
	static int number;

	snprintf(b->path, sizeof(b->path), "%s/%d.db", tap_directory(), number++);
	return node_make(b->path, &plan, world_real(), e) &&
	       node_open(&b->node, b->path, world_real(), e) && db_exec(&b->node.db, enrolled, e) &&
	       db_exec(&b->node.db, sql, e);
}

/* The command's output; NULL if it failed.  The caller frees. */
static char *said(struct bench *b, const char *option, bool english)
{
	char *argv[] = { (char *)(uintptr_t) "status", b->path, (char *)(uintptr_t)option, NULL };
	char *out = NULL, *err = NULL;
	size_t out_len, err_len;
	struct screen s;
	int status;

	screen_init(&s, open_memstream(&out, &out_len), open_memstream(&err, &err_len));
	s.english = english;
	status = command_forwarded(option == NULL ? 2 : 3, argv, &s, &b->node, "ani");
	fclose(s.out);
	fclose(s.err);
	if (status != 0)
		tap_note("%s", err);
	free(err);
	if (status == 0)
		return out;
	free(out);
	return NULL;
}

static bool tells(struct bench *b, const char *option, bool english, const char *words)
{
	char *out = said(b, option, english);
	bool ok = out != NULL && strstr(out, words) != NULL;

	if (!ok)
		tap_note("\"%s\" is not in: %s", words, out == NULL ? "" : out);
	free(out);
	return ok;
}

static bool is_silent_about(struct bench *b, const char *words)
{
	char *out = said(b, NULL, true);
	bool ok = out != NULL && strstr(out, words) == NULL;

	if (!ok)
		tap_note("\"%s\" is in: %s", words, out == NULL ? "" : out);
	free(out);
	return ok;
}

static void only_the_line_is_called_no_connection(void)
{
	static const struct {
		const char *slug, *says;
	} faults[] = {
		{ "network", "No connection since" },	  { "overloaded", "No connection since" },
		{ "disk-full", "The disk is full" }, { "busy", "Trouble on this machine" },
		{ "storage", "Trouble on this machine" }, { "forbidden", "No exchange since" },
		{ "proof", "No exchange since" },
	};
	AUTO_BENCH b = { 0 };
	struct err e;

	CHECK_OK(bench_open(&b, "", &e), &e);
	CHECK(tells(&b, NULL, true, "Connected"));
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		char sql[120];

		snprintf(sql, sizeof(sql), "UPDATE simpul_peer SET error = '%s', error_text = 'so'",
			 faults[i].slug);
		CHECK_OK(db_exec(&b.node.db, sql, &e), &e);
		CHECK(tells(&b, NULL, true, faults[i].says));
		CHECK(tells(&b, NULL, true, err_advice_en(err_from_slug(faults[i].slug))));
		CHECK(tells(&b, NULL, false, err_advice_id(err_from_slug(faults[i].slug))));
	}
}

static void a_frozen_chain_is_told_until_a_newer_one_is_there(void)
{
	static const char again[] = "INSERT INTO simpul_chain(id, key, scope, name, role, own,"
				    " head_seq) VALUES(x'01', zeroblob(32), '13.7', 'ayu', 1, 1, 1)";
	AUTO_BENCH b = { 0 };
	struct err e;

	CHECK_OK(bench_open(&b, "UPDATE simpul_chain SET frozen = 1", &e), &e);
	CHECK(tells(&b, "--json", true, "\"code\": \"fork\""));
	CHECK(tells(&b, NULL, true, "The hub froze this node's chain"));
	CHECK(tells(&b, NULL, true, "simpul enrol FILE INVITATION"));
	CHECK(tells(&b, NULL, false, "simpul enrol BERKAS UNDANGAN"));
	CHECK_OK(db_exec(&b.node.db, again, &e), &e);
	CHECK(is_silent_about(&b, "froze"));
}

static void one_is_not_called_many(void)
{
	static const char held[] = "INSERT INTO simpul_held(id, chain, seq, frame, missing, detail,"
				   " arrived_ms) VALUES(randomblob(32), x'01', 1, x'00', 'grant',"
				   " 'of 13.7', 1)";
	AUTO_BENCH b = { 0 };
	struct err e;

	CHECK_OK(bench_open(&b, held, &e), &e);
	CHECK(tells(&b, NULL, true, "1 changeset is waiting: of 13.7"));
	CHECK(tells(&b, "--json", true, "held-grant"));
	CHECK_OK(db_exec(&b.node.db, held, &e), &e);
	CHECK(tells(&b, NULL, true, "2 changesets are waiting: of 13.7"));
}

static void a_dropped_table_is_named(void)
{
	AUTO_BENCH b = { 0 };
	struct err e;

	CHECK_OK(bench_open(&b, "INSERT INTO simpul_table(name, scope) VALUES('kota', '13.7')", &e), &e);
	CHECK(tells(&b, NULL, true, "table kota was dropped here"));
	CHECK(tells(&b, NULL, false, "tabel kota dihapus di sini"));
}

/* Words from elsewhere are shown as words. */
static void what_the_other_side_says_reaches_no_terminal(void)
{
	AUTO_BENCH b = { 0 };
	struct err e;

	CHECK_OK(bench_open(&b, "UPDATE simpul_peer SET error = 'network', error_text = 'a' || char(27) ||"
				" '[2Jb' || char(10) || 'c'", &e), &e);
	CHECK(is_silent_about(&b, "\x1b"));
	CHECK(tells(&b, NULL, true, "[2Jb"));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(only_the_line_is_called_no_connection),
		TAP(a_frozen_chain_is_told_until_a_newer_one_is_there),
		TAP(one_is_not_called_many),
		TAP(a_dropped_table_is_named),
		TAP(what_the_other_side_says_reaches_no_terminal),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
