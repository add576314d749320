/*
 * merge.c - the speed of taking in and merging remote changes, beside plain SQLite doing the same writes.
 *
 *	merge ROWS [ROUNDS [DIRECTORY [rules]]]
 *
 * A table of ROWS worksheet rows (12 columns, UUIDv7 text keys).  Each round merges 100,000 remote
 * updates of 2 or 3 columns of random rows, in changesets of 100; then another file without Simpul takes
 * the same updates through prepared UPSERTs, one per set of columns, in one transaction, with a page
 * cache of the same size.  CPU time, alternated, medians.  merge.ratio = plain / merge: 1 is as fast as
 * plain SQLite.
 * With 10,000 rows and 11 rounds or more: merge.growth_10k_1m, the time of a change after a million of
 * them, beside that of the first.
 * With `rules` the table has a group of columns, a column whose policy is text, states, and lines of who
 * may write in which state; all updates obey them.  There are 10,000 in a round, as they take longer; no
 * column is a counter, as a plain UPSERT does not add.
 * The last part takes frames in (verify, unpack, check, archive, merge) and commits at least each second.
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
#include "merge/inbox.h"
#include "store/tables.h"
#include "worksheet.h"

#define UPDATES_MAX 100000u
#define UPDATES_RULED 10000u
#define BATCH 100u
#define LOAD 10000u
#define ROUNDS_MAX 15

enum { PROGRAM = 3, ACTIVITY = 4, STATUS = 10, NOTE = 11 }; /* columns of the worksheet */

static struct worksheet *sheet;
static bool ruled;
static uint32_t updates = UPDATES_MAX;
static uint32_t rows;
static char (*id)[37];
static uint64_t state = 88172645463325252u;
static struct author hub, office;
static struct db merged, plain;
static double accept_s;

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

static uint64_t pick(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

static void ids_make(void)
{
	uint64_t ms = 1760000000000;

	id = malloc(rows * sizeof(*id));
	assert(id != NULL);
	for (uint32_t i = 0; i < rows; i++) {
		uint64_t low = pick(UINT64_MAX);

		ms += pick(20000);
		snprintf(id[i], sizeof(id[i]), "%08x-%04x-7%03x-8%03x-%012llx", (unsigned)(ms >> 16),
			 (unsigned)(ms & 0xffff), (unsigned)(low & 0xfff), (unsigned)(low >> 12 & 0xfff),
			 (unsigned long long)(low >> 16));
	}
}

static struct value key_of(uint32_t row)
{
	return (struct value){ .type = VALUE_TEXT, .len = 36, .bytes = (const uint8_t *)id[row] };
}

static const struct schema *document(void)
{
	static const char *const types[] = { "TEXT", "TEXT", "TEXT", "TEXT", "TEXT", "TEXT",
					     "TEXT", "INTEGER", "INTEGER", "TEXT", "TEXT", "TEXT" };
	static struct schema_column column[WORKSHEET_COLUMNS];
	static struct schema_table table = { .name = { "worksheet", 9 }, .columns = WORKSHEET_COLUMNS,
					     .keys = 1, .column = column };
	static const struct schema schema = { .tables = 1, .table = &table };
	static struct schema_text done[] = { { "arsip", 5 } };
	static struct schema_write line[] = { { .role = ROLE_WRITER }, { .role = ROLE_REVIEWER } };
	static struct schema_rules rules = { .state = STATUS, .frozens = 1, .frozen = done, .writes = 2,
					     .write = line };

	for (size_t i = 0; i < WORKSHEET_COLUMNS; i++)
		column[i] = (struct schema_column){
			.name = { worksheet_column[i], (uint32_t)strlen(worksheet_column[i]) },
			.type = { types[i], (uint32_t)strlen(types[i]) },
		};
	if (ruled) {
		table.rules = &rules;
		column[PROGRAM].group = column[ACTIVITY].group = 1;
		column[NOTE].policy = POLICY_TEXT;
	}
	return &schema;
}

static void file_open(struct db *db, const char *path)
{
	char hex[HEX_SIZE(32)];
	struct err e;

	unlink(path);
	must(db_open(db, path, DB_NODE, true, &e), &e);
	hex_encode(hub.key.bytes, sizeof(hub.key.bytes), hex);
	must(tables_create(db, &e) && meta_put_text(db, "hub_key", hex, &e) &&
		     meta_put_text(db, "role", "node", &e),
	     &e);
}

/* In one transaction: takes letters in, and merges. */
static void take_in(const struct post *post, size_t from, size_t to, bool accept, bool merge)
{
	struct apply_stats stats;
	struct catalog catalog;
	struct inbox_result result;
	struct err e;
	AUTO_ARENA arena = { 0 };
	AUTO_TXN txn = { 0 };
	AUTO_INBOX in = { 0 };

	must(inbox_open(&in, &merged, world_real(), &e) && txn_begin(&txn, &merged, &e), &e);
	for (size_t i = from; i < to && accept; i++) {
		must(inbox_accept(&in, post->letter[i].bytes, post->letter[i].len, &result, &e), &e);
		must(result.state != INBOX_REFUSED, &result.problem);
	}
	if (merge) {
		must(catalog_load(&merged, &arena, &catalog, &e) &&
			     apply_ready(&merged, &catalog, world_real(), &stats, &e),
		     &e);
		assert(stats.quarantined == 0 && stats.waiting == 0 && stats.withheld == 0);
	}
	must(txn_commit(&txn, &e), &e);
}

static void load_merged(void)
{
	static struct change change[LOAD];
	static uint8_t column[WORKSHEET_COLUMNS - 1];

	for (uint8_t i = 1; i < WORKSHEET_COLUMNS; i++)
		column[i - 1] = i;
	for (uint32_t at = 0; at < rows; at += LOAD) {
		AUTO_POST post = { 0 };
		uint32_t n = rows - at < LOAD ? rows - at : LOAD;

		for (uint32_t i = 0; i < n; i++) {
			const struct value *row = worksheet_row(sheet, (at + i) % WORKSHEET_ROWS);

			change[i] = (struct change){ .op = CHANGE_INSERT, .hlc = (1 + at + i) << 16,
						     .seen_own = CHANGE_SEEN_ALL, .keys = 1,
						     .columns = WORKSHEET_COLUMNS - 1, .column = column };
			change[i].key[0] = key_of(at + i);
			change[i].value = malloc(sizeof(struct value) * (WORKSHEET_COLUMNS - 1));
			memcpy(change[i].value, row + 1, sizeof(struct value) * (WORKSHEET_COLUMNS - 1));
		}
		for (uint32_t from = 0; from < n; from += 1000) /* bodies under the limit */
			author_write(&office, change + from, n - from < 1000 ? n - from : 1000, NULL, 0,
				     &post);
		take_in(&post, 0, post.n, true, true);
		for (uint32_t i = 0; i < n; i++)
			free(change[i].value);
	}
}

static void load_plain(void)
{
	struct err e;
	AUTO_TXN txn = { 0 };
	AUTO_STMT s = { 0 };
	AUTO_STMT from = { 0 };
	bool row;

	must(db_prepare(&merged, "SELECT sql FROM sqlite_schema WHERE name = 'worksheet'", &from, &e) &&
		     stmt_row(&from, &row, &e) && row,
	     &e);
	must(db_exec(&plain, stmt_get_text(&from, 0), &e), &e);
	must(txn_begin(&txn, &plain, &e), &e);
	must(db_prepare(&plain, "INSERT INTO worksheet VALUES(?,?,?,?,?,?,?,?,?,?,?,?)", &s, &e), &e);
	for (uint32_t i = 0; i < rows; i++) {
		const struct value *v = worksheet_row(sheet, i % WORKSHEET_ROWS), key = key_of(i);

		stmt_value(&s, 1, &key);
		for (int k = 1; k < (int)WORKSHEET_COLUMNS; k++)
			stmt_value(&s, k + 1, &v[k]);
		must(stmt_done(&s, &e), &e);
	}
	must(txn_commit(&txn, &e), &e);
}

struct update {
	uint32_t row;
	const struct worksheet_update *edit;
};

/* A row that is not among the last n updates: a changeset holds one change per row. */
static uint32_t pick_row(const struct update *u, uint32_t n)
{
	uint32_t row = (uint32_t)pick(rows);

	for (uint32_t i = 1; i <= n; i++)
		if (u[-(int64_t)i].row == row)
			return pick_row(u, n);
	return row;
}

/* An edit that writes all of a group or nothing of it. */
static const struct worksheet_update *pick_edit(void)
{
	const struct worksheet_update *edit = worksheet_update(sheet, (uint32_t)pick(WORKSHEET_UPDATES));
	int of_group = 0;

	for (int i = 0; i < edit->columns; i++)
		of_group += edit->column[i] == PROGRAM || edit->column[i] == ACTIVITY;
	return ruled && of_group == 1 ? pick_edit() : edit;
}

static void updates_make(struct update *u, struct post *post, uint64_t ms)
{
	static struct change change[BATCH];

	for (uint32_t i = 0; i < updates; i++) {
		struct change *c = &change[i % BATCH];

		u[i] = (struct update){ pick_row(&u[i], i % BATCH), pick_edit() };
		*c = (struct change){ .op = CHANGE_UPDATE, .hlc = (ms + i) << 16 | 1,
				      .seen_own = CHANGE_SEEN_ALL, .keys = 1,
				      .columns = u[i].edit->columns, .column = u[i].edit->column };
		c->key[0] = key_of(u[i].row);
		c->value = malloc(sizeof(u[i].edit->value));
		memcpy(c->value, u[i].edit->value, sizeof(u[i].edit->value));
		if (i % BATCH < BATCH - 1)
			continue;
		author_write(&office, change, BATCH, NULL, 0, post);
		for (uint32_t k = 0; k < BATCH; k++)
			free(change[k].value);
	}
}

static sqlite3_stmt *upsert(const struct worksheet_update *u)
{
	static struct stmt cache[1 << 12];
	unsigned at = 0;
	AUTO_BUF sql = { 0 };
	struct err e;

	if (u == NULL) {
		for (size_t i = 0; i < sizeof(cache) / sizeof(cache[0]); i++)
			stmt_close(&cache[i]);
		return NULL;
	}
	for (int i = 0; i < u->columns; i++)
		at |= 1u << u->column[i];
	if (cache[at].handle != NULL)
		return cache[at].handle;
	buf_text(&sql, "INSERT INTO worksheet(id");
	for (int i = 0; i < u->columns; i++)
		buf_print(&sql, ", %s", worksheet_column[u->column[i]]);
	buf_text(&sql, u->columns == 2 ? ") VALUES(?,?,?)" : ") VALUES(?,?,?,?)");
	buf_text(&sql, " ON CONFLICT(id) DO UPDATE SET ");
	for (int i = 0; i < u->columns; i++)
		buf_print(&sql, "%s%s = excluded.%s", i > 0 ? ", " : "", worksheet_column[u->column[i]],
			  worksheet_column[u->column[i]]);
	must(db_prepare(&plain, buf_string(&sql), &cache[at], &e), &e);
	return cache[at].handle;
}

static double plain_round(const struct update *u)
{
	double from = now_s();
	struct err e;
	AUTO_TXN txn = { 0 };

	must(txn_begin(&txn, &plain, &e), &e);
	for (uint32_t i = 0; i < updates; i++) {
		struct stmt s = { .handle = upsert(u[i].edit), .db = &plain };
		const struct value key = key_of(u[i].row);

		stmt_value(&s, 1, &key);
		for (int k = 0; k < u[i].edit->columns; k++)
			stmt_value(&s, k + 2, &u[i].edit->value[k]);
		must(stmt_done(&s, &e), &e);
	}
	must(txn_commit(&txn, &e), &e);
	return now_s() - from;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), by_size);
	return v[n / 2];
}

/* Both files must hold the same rows, or the numbers mean nothing. */
static void compare(void)
{
	AUTO_STMT a = { 0 };
	AUTO_STMT b = { 0 };
	struct err e;
	bool row = true, other = true;

	must(db_prepare(&merged, "SELECT * FROM worksheet ORDER BY id", &a, &e) &&
		     db_prepare(&plain, "SELECT * FROM worksheet ORDER BY id", &b, &e),
	     &e);
	while (row) {
		must(stmt_row(&a, &row, &e) && stmt_row(&b, &other, &e), &e);
		assert(row == other);
		for (int i = 0; row && i < (int)WORKSHEET_COLUMNS; i++) {
			struct value x = stmt_get_value(&a, i), y = stmt_get_value(&b, i);

			assert(value_equal(&x, &y));
		}
	}
}

/* Group commit: one transaction per second of work, or less. */
static void ingest(struct update *u, uint64_t ms)
{
	AUTO_POST post = { 0 };
	struct apply_stats stats;
	struct catalog catalog;
	struct inbox_result result;
	struct err e;
	size_t at = 0;
	int commits = 0;
	double from, begun;
	AUTO_ARENA arena = { 0 };
	AUTO_INBOX in = { 0 };

	updates_make(u, &post, ms);
	must(inbox_open(&in, &merged, world_real(), &e) && catalog_load(&merged, &arena, &catalog, &e), &e);
	from = now_s();
	while (at < post.n) {
		AUTO_TXN txn = { 0 };

		must(txn_begin(&txn, &merged, &e), &e);
		for (begun = now_s(); at < post.n && now_s() - begun < 0.4; at++) {
			must(inbox_accept(&in, post.letter[at].bytes, post.letter[at].len, &result, &e), &e);
			must(result.state == INBOX_ACCEPTED, &result.problem);
		}
		accept_s += now_s() - begun;
		must(apply_ready(&merged, &catalog, world_real(), &stats, &e) && txn_commit(&txn, &e), &e);
		commits++;
	}
	printf("ingest.changes_per_s_core_batch100 %.0f\ningest.commits %d\n", updates / (now_s() - from),
	       commits);
	printf("ingest.accept_us_per_change %.2f\n", accept_s / updates * 1e6);
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[2]) : 5;
	double plain_s[ROUNDS_MAX], merge_s[ROUNDS_MAX];
	struct update *u = malloc(UPDATES_MAX * sizeof(*u));
	const char *const dir = argc > 3 ? argv[3] : "/tmp";
	char path[2][256];
	AUTO_POST first = { 0 };
	struct err e;

	ruled = argc > 4 && strcmp(argv[4], "rules") == 0;
	if (ruled)
		updates = UPDATES_RULED;
	rows = argc > 1 ? (uint32_t)atoi(argv[1]) : 100000;
	assert(u != NULL && rounds > 0 && rounds <= ROUNDS_MAX && rows > 0);
	sheet = worksheet_new(1);
	ids_make();
	author_begin(&hub, 1, "national", &first);
	author_begin(&office, 2, "13.73", &first);
	author_grant(&hub, &office, ROLE_WRITER, &first);
	author_schema(&office, document(), &first);
	snprintf(path[0], sizeof(path[0]), "%s/simpul-bench-merged-%d.db", dir, (int)getpid());
	snprintf(path[1], sizeof(path[1]), "%s/simpul-bench-plain-%d.db", dir, (int)getpid());
	file_open(&merged, path[0]);
	file_open(&plain, path[1]);
	must(db_exec(&plain, "PRAGMA cache_size=-32768", &e), &e); /* as large as apply.c makes ours */
	take_in(&first, 0, first.n, true, true);
	load_merged();
	load_plain();
	for (int r = 0; r < rounds; r++) {
		AUTO_POST post = { 0 };
		double from;

		updates_make(u, &post, 1770000000000 + (uint64_t)r * updates);
		take_in(&post, 0, post.n, true, false);
		from = now_s();
		take_in(&post, 0, 0, false, true);
		merge_s[r] = now_s() - from;
		plain_s[r] = plain_round(u);
	}
	compare();
	if (rows == 10000 && rounds > 10) /* the rows are the first 10,000 */
		printf("merge.growth_10k_1m %.2f\n", merge_s[10] / merge_s[0]);
	printf("merge.us_per_change_%u %.2f\nplain.us_per_change_%u %.2f\n", rows,
	       median(merge_s, rounds) / updates * 1e6, rows, median(plain_s, rounds) / updates * 1e6);
	if (ruled)
		printf("merge.ratio_rules_%uk %.3f\n", rows / 1000,
		       median(plain_s, rounds) / median(merge_s, rounds));
	else if (rows >= 100000)
		printf(rows == 1000000 ? "merge.ratio_1m %.2f\n" : "merge.ratio_100k %.2f\n",
		       median(plain_s, rounds) / median(merge_s, rounds));
	if (!ruled)
		ingest(u, 1780000000000);
	upsert(NULL);
	db_close(&merged);
	db_close(&plain);
	unlink(path[0]);
	unlink(path[1]);
	free(u);
	free(id);
	worksheet_free(sheet);
	return 0;
}
