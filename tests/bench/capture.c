/*
 * capture.c - what the triggers cost a writer: CPU time with them, over CPU time without, same statements.
 *
 * 100,000 rows of the worksheet with UUIDv7 text keys, each kind of statement in one transaction; medians of
 * alternated runs.  Then 10,000 transactions of one row.  Prints "key value" lines.
 *
 * People edit here and there, so update1 and update3 visit the rows in a shuffled order, the same in all
 * runs.  The _seq keys beside them are the same statements in key order: what a bulk job does that walks
 * the table.  That is the cheapest way to write with SQLite, each page is touched once for all its rows;
 * the triggers cost the same there, so their share is the largest.  Inserts are in key order, because
 * UUIDv7 keys grow with time, and so are deletes.
 *
 *	RUNS=9 capture
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "capture/attach.h"
#include "store/tables.h"
#include "tap.h"
#include "worksheet.h"

#define ROWS 100000u
#define SINGLES 10000u
#define RUNS_MAX 31

#define UPDATE_1_SQL "UPDATE worksheet SET budget = ?2 WHERE id = ?1"
#define UPDATE_3_SQL "UPDATE worksheet SET budget = ?2, volume = ?3, status = ?4 WHERE id = ?1"

enum phase { INSERT, SINGLE, UPDATE_1_SEQ, UPDATE_3_SEQ, UPDATE_1, UPDATE_3, DELETE, PHASES };

static const char *const phase_name[PHASES] = {
	"insert", "single", "update1_seq", "update3_seq", "update1", "update3", "delete",
};
static const char *const phase_sql[PHASES] = {
	"INSERT INTO worksheet VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
	"UPDATE worksheet SET volume = ?2 WHERE id = ?1",
	UPDATE_1_SQL,
	UPDATE_3_SQL,
	UPDATE_1_SQL,
	UPDATE_3_SQL,
	"DELETE FROM worksheet WHERE id = ?1",
};
static struct worksheet *sheet;
static char (*id)[37];
static uint32_t *shuffled; /* the rows' numbers */
static double seconds[2][PHASES][RUNS_MAX];
static double log_bytes;

static void must(bool ok, const struct err *e)
{
	if (ok)
		return;
	fprintf(stderr, "capture: %s\n", e->text);
	exit(1);
}

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void bind(struct stmt *s, enum phase phase, uint32_t row)
{
	struct value key = { .type = VALUE_TEXT, .len = 36, .bytes = (const uint8_t *)id[row] };
	const struct value *v = worksheet_row(sheet, row % WORKSHEET_ROWS);
	const struct value *other = worksheet_row(sheet, (row + 7 * phase) % WORKSHEET_ROWS);

	stmt_value(s, 1, &key);
	if (phase == INSERT)
		for (int i = 1; i < (int)WORKSHEET_COLUMNS; i++)
			stmt_value(s, i + 1, &v[i]);
	if (phase != INSERT && phase != DELETE)
		stmt_int(s, 2, (int64_t)row + phase);
	if (phase == UPDATE_3 || phase == UPDATE_3_SEQ) {
		stmt_int(s, 3, (int64_t)row * 3 + phase);
		stmt_value(s, 4, &other[10]);
	}
}

static double run_phase(struct db *db, enum phase phase)
{
	uint32_t n = phase == SINGLE ? SINGLES : ROWS;
	AUTO_STMT s = { 0 };
	struct err e;
	double from = cpu_s();

	if (phase != SINGLE)
		must(db_exec(db, "BEGIN IMMEDIATE", &e), &e);
	must(db_prepare(db, phase_sql[phase], &s, &e), &e);
	for (uint32_t i = 0; i < n; i++) {
		bind(&s, phase, phase == UPDATE_1 || phase == UPDATE_3 ? shuffled[i] : i);
		must(stmt_done(&s, &e), &e);
	}
	if (phase != SINGLE)
		must(db_exec(db, "COMMIT", &e), &e);
	return cpu_s() - from;
}

static int64_t page_bytes(struct db *db)
{
	int64_t pages, size;
	struct err e;

	must(db_int(db, "PRAGMA page_count", 0, &pages, &e) && db_int(db, "PRAGMA page_size", 0, &size, &e),
	     &e);
	return pages * size;
}

static void one_run(bool captured, int run)
{
	static const char *const names[] = { "worksheet" };
	struct attach_request request = { .scope = "13.73", .world = world_real() };
	AUTO_ATTACH_REPORT report = { 0 };
	char path[256];
	AUTO_DB node = { 0 };
	AUTO_DB app = { 0 };
	struct err e;

	snprintf(path, sizeof(path), "%s/bench.db", tap_directory());
	unlink(path);
	must(db_open(&node, path, DB_NODE, true, &e) && db_exec(&node, worksheet_sql, &e), &e);
	if (captured)
		must(tables_create(&node, &e) && attach_tables(&node, names, 1, &request, &report, &e), &e);
	must(db_open(&app, path, DB_APP, false, &e), &e);
	for (enum phase p = 0; p < PHASES; p++) {
		int64_t before = page_bytes(&app);

		seconds[captured][p][run] = run_phase(&app, p);
		if (captured && p == UPDATE_1_SEQ) /* updates of numbers make no other page grow */
			log_bytes = (double)(page_bytes(&app) - before) / ROWS;
	}
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), by_value);
	return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* Fisher and Yates; the numbers are splitmix64's. */
static void shuffle(void)
{
	uint64_t state = 1;

	shuffled = malloc(ROWS * sizeof(*shuffled));
	for (uint32_t i = 0; i < ROWS; i++) {
		uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
		uint32_t at;

		z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
		at = (uint32_t)((z ^ z >> 31) % (i + 1));
		shuffled[i] = shuffled[at];
		shuffled[at] = i;
	}
}

static void bench(void)
{
	const char *wanted = getenv("RUNS");
	int runs = wanted == NULL ? 5 : atoi(wanted);

	if (runs < 1 || runs > RUNS_MAX)
		runs = 5;
	sheet = worksheet_new(1);
	id = malloc(ROWS * sizeof(*id));
	for (uint32_t i = 0; i < ROWS; i++) { /* UUIDv7: time first, then noise */
		uint64_t noise = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

		snprintf(id[i], sizeof(id[i]), "01930000-%04x-7%03x-%04x-%012llx", i >> 8,
			 (i & 0xff) << 4 | (unsigned)(noise & 15), 0x8000u | (unsigned)(noise >> 8 & 0x3fff),
			 (unsigned long long)(noise >> 16));
	}
	shuffle();
	for (int run = 0; run < runs; run++) {
		one_run(run % 2 == 0, run);
		one_run(run % 2 != 0, run);
	}
	for (int p = 0; p < PHASES; p++) {
		double plain = median(seconds[0][p], runs), captured = median(seconds[1][p], runs);
		uint32_t n = p == SINGLE ? SINGLES : ROWS;

		printf("capture.%s_ratio %.2f\n", phase_name[p], captured / plain);
		printf("capture.%s_us_plain %.2f\n", phase_name[p], plain / n * 1e6);
		printf("capture.%s_us_captured %.2f\n", phase_name[p], captured / n * 1e6);
	}
	printf("capture.log_bytes_per_hint %.1f\n", log_bytes);
	free(shuffled);
	free(id);
	worksheet_free(sheet);
}

int main(void)
{
	tap_directory();
	bench();
	return 0;
}
