/* drain.c - the time of a hint is exact to the millisecond, whichever version of the triggers wrote it. */
#include <stdio.h>
#include <string.h>

#include "capture/drain.h"
#include "office.h"
#include "tap.h"

#define DAY_MS INT64_C(86400000)
#define FIRST_MS (INT64_C(20606) * DAY_MS) /* 2026-06-02 */

static bool open_office(struct office *o, const char *name, struct err *e)
{
	return office_open(o, name, "CREATE TABLE item(id INTEGER PRIMARY KEY, a TEXT, b)", e) &&
	       office_attach(o, "item", "13.73", e);
}

static bool take(struct office *o, struct drain *ret, struct err *e)
{
	struct drain_range range = { .upto = INT64_MAX, .most = INT64_MAX };

	return catalog_load(&o->node, &o->arena, &o->catalog, e) &&
	       drain_take(&o->node, &o->arena, &o->catalog, &range, ret, e);
}

static bool time_of(struct office *o, const char *ts, uint64_t *ret, struct err *e)
{
	struct drain drain;
	char sql[200];

	snprintf(sql, sizeof(sql), "DELETE FROM simpul_log; INSERT INTO simpul_log(t, m, ts, k1)"
				   " VALUES(1, -1, %s, 7)", ts);
	if (!db_exec(&o->node, sql, e) || !take(o, &drain, e))
		return false;
	*ret = drain.rows == 1 ? drain.row[0].ms : UINT64_MAX;
	return true;
}

/* A row a millisecond: 10,000 of them, a prime step through two days. */
static void a_julian_day_is_exact_to_the_millisecond(void)
{
	AUTO_OFFICE o = { 0 };
	struct drain drain;
	char sql[512];
	struct err e;

	CHECK_OK(open_office(&o, "exact", &e), &e);
	snprintf(sql, sizeof(sql),
		 "WITH RECURSIVE n(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM n WHERE i < 9999)"
		 " INSERT INTO simpul_log(t, m, ts, k1) SELECT 1, -1, julianday('2026-06-02', '+' ||"
		 " (i * 17293 / 1000) || ' seconds', '+0.' || substr('00' || (i * 17293 %% 1000), -3)"
		 " || ' seconds'), i FROM n");
	CHECK_OK(db_exec(&o.node, sql, &e), &e);
	CHECK_OK(take(&o, &drain, &e), &e);
	CHECK(drain.rows == 10000);
	for (size_t i = 0; i < drain.rows; i++)
		CHECK(drain.row[i].ms == (uint64_t)(FIRST_MS + drain.row[i].key[0].integer * 17293));
}

static void times_of_all_versions_are_read(void)
{
	AUTO_OFFICE o = { 0 };
	uint64_t ms;
	struct err e;

	CHECK_OK(open_office(&o, "versions", &e), &e);
	CHECK_OK(time_of(&o, "1780358400123", &ms, &e), &e);
	CHECK(ms == UINT64_C(1780358400123));
	/* Noon is a whole number of days, which a column of integers keeps as one. */
	CHECK_OK(time_of(&o, "julianday('2026-06-02 12:00:00')", &ms, &e), &e);
	CHECK(ms == (uint64_t)(FIRST_MS + DAY_MS / 2));
	CHECK_OK(time_of(&o, "NULL", &ms, &e), &e);
	CHECK(ms == 0);
	/* A clock before 1970, and what no trigger writes. */
	CHECK_OK(time_of(&o, "julianday('1969-12-31 23:59:59')", &ms, &e), &e);
	CHECK(ms == 0);
	CHECK_OK(time_of(&o, "-9e999", &ms, &e), &e);
	CHECK(ms == 0);
	CHECK_OK(time_of(&o, "'text'", &ms, &e), &e);
	CHECK(ms == 0);
}

/* Between two looks at the same clock. */
static void triggers_note_the_time(void)
{
	uint64_t before, after;
	AUTO_OFFICE o = { 0 };
	struct outbox_pending pending;
	struct drain drain;
	struct err e;

	CHECK_OK(open_office(&o, "time", &e), &e);
	before = world_now_ms(world_real());
	CHECK_OK(db_exec(&o.app, "INSERT INTO item VALUES(1, 'a', 1), (2, 'b', 2), (3, 'c', 3)", &e), &e);
	after = world_now_ms(world_real());
	CHECK_OK(take(&o, &drain, &e), &e);
	CHECK(drain.rows == 3);
	for (size_t i = 0; i < 3; i++)
		CHECK(drain.row[i].ms >= before && drain.row[i].ms <= after);
	CHECK_OK(db_exec(&o.node, "DELETE FROM simpul_log", &e), &e);
	before = world_now_ms(world_real());
	CHECK_OK(db_exec(&o.app, "UPDATE item SET a = 'z' WHERE id = 2; DELETE FROM item WHERE id = 3", &e),
		 &e);
	after = world_now_ms(world_real());
	CHECK_OK(take(&o, &drain, &e), &e);
	CHECK(drain.rows == 2);
	CHECK(drain.row[0].ms >= before && drain.row[0].ms <= after && drain.row[0].mask == 2);
	CHECK(drain.row[1].ms == 0);
	CHECK_OK(outbox_pending(&o.node, &pending, &e), &e);
	CHECK(pending.oldest_hint_ms == (int64_t)drain.row[0].ms);
}

/* Equal to SQL, but another value: in a column that converts neither it stays what it is. */
static void an_integer_that_becomes_a_real_is_noted(void)
{
	static const struct {
		const char *from, *to;
		int64_t mask;
	} rows[] = {
		{ "1", "1.0", 4 },  { "1.0", "1", 4 },	     { "0", "-0.0", 4 },
		{ "1", "1", 0 },    { "2.5", "2.5", 0 },     { "1000000000000000", "1e15", 4 },
		{ "'1'", "1", 4 },  { "x'31'", "'1'", 4 },   { "NULL", "NULL", 0 },
		{ "NULL", "''", 4 }, { "x'00ff'", "x'00ff'", 0 },
	};
	struct err e;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO_OFFICE o = { 0 };
		struct drain drain;
		char sql[200], name[16];

		snprintf(name, sizeof(name), "type%zu", i);
		CHECK_OK(open_office(&o, name, &e), &e);
		snprintf(sql, sizeof(sql), "INSERT INTO item VALUES(1, 'a', %s); DELETE FROM simpul_log;"
					   "UPDATE item SET b = %s", rows[i].from, rows[i].to);
		CHECK_OK(db_exec(&o.app, sql, &e), &e);
		CHECK_OK(take(&o, &drain, &e), &e);
		CHECK(drain.rows == 1);
		CHECK(drain.row[0].mask == rows[i].mask);
	}
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(a_julian_day_is_exact_to_the_millisecond),
		TAP(times_of_all_versions_are_read),
		TAP(triggers_note_the_time),
		TAP(an_integer_that_becomes_a_real_is_noted),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
