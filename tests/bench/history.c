/*
 * history.c - the log of a million changes asked: the tables at a time, who wrote a row, the metadata.
 *
 *	history [CHANGESETS]
 *
 * Worksheet rows (12 columns) are inserted, then updated in 2 or 3 columns, 100 changes to a changeset,
 * 10,000 changesets without an argument.  CPU time of one thread.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "author.h"
#include "base/buf.h"
#include "merge/apply.h"
#include "merge/blame.h"
#include "merge/inbox.h"
#include "merge/past.h"
#include "store/tables.h"
#include "worksheet.h"

#define BATCH 100u
#define BLAMES 200

static struct worksheet *sheet;
static struct author hub, office;
static struct db db;
static struct arena arena;
static struct catalog catalog;

static void must(bool ok, const struct err *e)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", e->text);
	exit(1);
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static const struct schema *document(void)
{
	static struct schema_column column[WORKSHEET_COLUMNS];
	static struct schema_table table = { .name = { "worksheet", 9 }, .columns = WORKSHEET_COLUMNS,
					     .keys = 1, .column = column };
	static const struct schema schema = { .tables = 1, .table = &table };

	for (size_t i = 0; i < WORKSHEET_COLUMNS; i++)
		column[i] = (struct schema_column){
			.name = { worksheet_column[i], (uint32_t)strlen(worksheet_column[i]) },
			.type = { i == 7 || i == 8 ? "INTEGER" : "TEXT", i == 7 || i == 8 ? 7 : 4 },
		};
	return &schema;
}

/* Changeset i: 100 inserts while there are rows left, then 100 updates. */
static void write_one(uint32_t i, struct post *post)
{
	static struct change change[BATCH];
	static uint8_t all[WORKSHEET_COLUMNS - 1];

	for (uint32_t k = 0; k < BATCH; k++) {
		uint32_t at = i * BATCH + k, row = at % WORKSHEET_ROWS;
		const struct worksheet_update *u = worksheet_update(sheet, at % WORKSHEET_UPDATES);
		bool insert = at < WORKSHEET_ROWS;

		if (k > 0 && k < WORKSHEET_COLUMNS)
			all[k - 1] = (uint8_t)k;
		change[k] = (struct change){ .op = insert ? CHANGE_INSERT : CHANGE_UPDATE,
					     .hlc = (1770000000000 + at) << 16, .keys = 1,
					     .seen_own = CHANGE_SEEN_ALL };
		change[k].key[0] = *worksheet_row(sheet, row);
		change[k].columns = insert ? WORKSHEET_COLUMNS - 1 : u->columns;
		change[k].column = insert ? all : u->column;
		change[k].value = malloc(sizeof(struct value) * WORKSHEET_COLUMNS);
		memcpy(change[k].value, insert ? worksheet_row(sheet, row) + 1 : u->value,
		       sizeof(struct value) * change[k].columns);
	}
	author_write(&office, change, BATCH, NULL, 0, post);
	for (uint32_t k = 0; k < BATCH; k++)
		free(change[k].value);
}

static void take_in(const struct post *post)
{
	struct apply_stats stats;
	struct inbox_result result;
	struct err e;
	AUTO_TXN txn = { 0 };
	AUTO_INBOX in = { 0 };

	must(inbox_open(&in, &db, world_real(), &e) && txn_begin(&txn, &db, &e), &e);
	for (size_t i = 0; i < post->n; i++) {
		must(inbox_accept(&in, post->letter[i].bytes, post->letter[i].len, &result, &e), &e);
		must(result.state != INBOX_REFUSED, &result.problem);
	}
	arena_reset(&arena);
	must(catalog_load(&db, &arena, &catalog, &e) &&
		     apply_ready(&db, &catalog, world_real(), &stats, &e) && txn_commit(&txn, &e),
	     &e);
	assert(stats.quarantined == 0 && stats.waiting == 0);
	arena_reset(&arena);
	must(catalog_load(&db, &arena, &catalog, &e), &e);
}

static void fill(const char *path, uint32_t changesets)
{
	char hex[HEX_SIZE(32)];
	AUTO_POST first = { 0 };
	struct err e;

	author_begin(&hub, 1, "national", &first);
	author_begin(&office, 2, "13.73", &first);
	author_grant(&hub, &office, ROLE_WRITER, &first);
	author_schema(&office, document(), &first);
	hex_encode(hub.key.bytes, sizeof(hub.key.bytes), hex);
	must(db_open(&db, path, DB_NODE, true, &e) && tables_create(&db, &e) &&
		     meta_put_text(&db, "hub_key", hex, &e) && meta_put_text(&db, "role", "node", &e),
	     &e);
	take_in(&first);
	for (uint32_t i = 0; i < changesets;) {
		AUTO_POST post = { 0 };

		for (uint32_t k = 0; k < 500 && i < changesets; k++)
			write_one(i++, &post);
		take_in(&post);
	}
}

static bool count(void *state, const struct blame *b)
{
	assert(b->by.signature_ok && b->by.n > 0);
	++*(int *)state;
	return true;
}

static double blame_ms(uint32_t rows)
{
	double from = now_s();
	struct err e;
	int writes = 0;

	for (uint32_t i = 0; i < BLAMES; i++) {
		const struct blame_row row = { .table = &catalog.table[0],
					       .key = worksheet_row(sheet, i * 7919 % rows) };

		must(blame_row(&db, &catalog, &row, count, &writes, &e), &e);
	}
	assert(writes == BLAMES * (int)(WORKSHEET_COLUMNS - 1));
	return (now_s() - from) / BLAMES * 1e3;
}

static double replay_ms(void)
{
	const struct replay_plan plan = { 0 };
	double from = now_s();
	AUTO_REPLAY r = { 0 };
	struct err e;

	must(replay_open(&r, &db, &catalog, &plan, &e) && replay_run(&r, &e), &e);
	return (now_s() - from) * 1e3;
}

static double at_ms(int64_t rows)
{
	double from = now_s();
	AUTO_PAST p = { 0 };
	AUTO_STMT s = { 0 };
	struct err e;
	bool row;

	must(past_open(&p, &db, &catalog, world_now_ms(world_real()), &e) &&
		     past_query(&p, "SELECT count(*) FROM worksheet", &s, &e) && stmt_row(&s, &row, &e),
	     &e);
	assert(stmt_get_int(&s, 0) == rows);
	return (now_s() - from) * 1e3;
}

int main(int argc, char **argv)
{
	uint32_t changesets = argc > 1 ? (uint32_t)atoi(argv[1]) : 10000;
	uint32_t rows = changesets * BATCH < WORKSHEET_ROWS ? changesets * BATCH : WORKSHEET_ROWS;
	char path[256];
	int64_t bytes;
	struct err e;

	assert(changesets > 0);
	sheet = worksheet_new(1);
	snprintf(path, sizeof(path), "%s/simpul-bench-history-%d.db", argc > 2 ? argv[2] : "/tmp",
		 (int)getpid());
	unlink(path);
	fill(path, changesets);
	printf("history.replay_ms %.0f\n", replay_ms());
	printf("history.at_ms %.0f\n", at_ms(rows));
	printf("history.blame_ms %.2f\n", blame_ms(rows));
	/* What a row costs beside its own data: its key and k (up to 9 bytes) and the packed version. */
	must(db_int(&db, "SELECT sum(length(key) + length(v) + 9) FROM simpul_version_1", 0, &bytes, &e), &e);
	printf("merge.metadata_bytes_per_row %.1f\n", (double)bytes / rows);
	db_close(&db);
	arena_done(&arena);
	unlink(path);
	worksheet_free(sheet);
	return 0;
}
