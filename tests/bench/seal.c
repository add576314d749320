/*
 * seal.c - from hints to sealed changesets: changes a second on one core, everything included.
 *
 * Reading the log and the rows, stamping versions, encoding, compressing, signing, storing.  The
 * worksheet's rows are inserted and sealed, then 2 of 12 columns of each are updated and sealed.  CPU time,
 * medians.  Prints "key value" lines.
 *
 *	RUNS=9 seal
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "office.h"
#include "tap.h"
#include "worksheet.h"

#define RUNS_MAX 31

static struct worksheet *sheet;

static void must(bool ok, const struct err *e)
{
	if (ok)
		return;
	fprintf(stderr, "seal: %s\n", e->text);
	exit(1);
}

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void insert_rows(struct office *o)
{
	AUTO_STMT s = { 0 };
	struct err e;

	must(db_exec(&o->app, "BEGIN IMMEDIATE", &e) &&
	     db_prepare(&o->app, "INSERT INTO worksheet VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
				 " ?12)", &s, &e), &e);
	for (uint32_t i = 0; i < WORKSHEET_ROWS; i++) {
		for (int c = 0; c < (int)WORKSHEET_COLUMNS; c++)
			stmt_value(&s, c + 1, &worksheet_row(sheet, i)[c]);
		must(stmt_done(&s, &e), &e);
	}
	must(db_exec(&o->app, "COMMIT", &e), &e);
}

static double seal_rate(struct office *o, struct outbox_result *result)
{
	double from = cpu_s();
	struct err e;

	must(office_seal(o, result, &e), &e);
	return (double)result->changes / (cpu_s() - from);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void bench_batch(uint32_t batch, int runs)
{
	double insert[RUNS_MAX], update[RUNS_MAX];
	struct outbox_result result;

	for (int run = 0; run < runs; run++) {
		AUTO_OFFICE o = { 0 };
		struct err e;

		must(office_open(&o, "bench", worksheet_sql, &e) &&
		     office_attach(&o, "worksheet", "13.73", &e) && office_enrol(&o, "13.73", &e), &e);
		o.changes_max = batch;
		insert_rows(&o);
		insert[run] = seal_rate(&o, &result);
		must(db_exec(&o.app, "UPDATE worksheet SET volume = volume + 1, budget = budget * 2", &e),
		     &e);
		update[run] = seal_rate(&o, &result);
	}
	qsort(insert, (size_t)runs, sizeof(insert[0]), by_value);
	qsort(update, (size_t)runs, sizeof(update[0]), by_value);
	printf("seal.inserts_per_s_core_batch%u %.0f\n", batch, insert[runs / 2]);
	printf("seal.changes_per_s_core_batch%u %.0f\n", batch, update[runs / 2]);
	printf("seal.bytes_per_change_batch%u %.1f\n", batch, (double)result.bytes / (double)result.changes);
}

int main(void)
{
	static const uint32_t batches[] = { 10, 100, 1000 };
	const char *wanted = getenv("RUNS");
	int runs = wanted == NULL ? 5 : atoi(wanted);

	if (runs < 1 || runs > RUNS_MAX)
		runs = 5;
	sheet = worksheet_new(1);
	for (size_t i = 0; i < sizeof(batches) / sizeof(batches[0]); i++)
		bench_batch(batches[i], runs);
	worksheet_free(sheet);
	return 0;
}
