/* moment.c - times as people type them. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/moment.h"
#include "tap.h"

static uint64_t at(const char *text)
{
	struct err e;
	uint64_t ms;

	return moment_parse(text, &ms, &e) ? ms : UINT64_MAX;
}

static void with_a_zone(void)
{
	CHECK(at("2026-11-22T09:04:00Z") == 1795338240000);
	CHECK(at("2026-11-22 09:04Z") == 1795338240000);
	CHECK(at("2026-11-22T16:04+07:00") == 1795338240000);
	CHECK(at("2026-11-22T16:04+0700") == 1795338240000);
	CHECK(at("2026-11-22T16:04+07") == 1795338240000);
	CHECK(at("2026-11-21T23:34-09:30") == 1795338240000);
	CHECK(at("2026-11-22T09:04:00.25Z") == 1795338240250);
	CHECK(at("2026-11-22T09:04:00.1234567Z") == 1795338240123);
	CHECK(at("1970-01-01T00:00Z") == 0);
	CHECK(at("2028-02-29T00:00Z") == 1835395200000);
}

static void local(void)
{
	setenv("TZ", "WIB-7", 1);
	tzset();
	CHECK(at("2026-11-22T16:04") == 1795338240000);
	CHECK(at("2026-11-22 16:04:00") == 1795338240000);
	CHECK(at("2026-11-22") == 1795338240000 - (16 * 60 + 4) * 60000);
}

static void refused(void)
{
	static const char *const bad[] = {
		"", "yesterday", "2026", "2026-11", "2026-13-01", "2026-00-01", "2026-11-31",
		"2027-02-29T00:00Z", "2026-11-22T", "2026-11-22T24:00", "2026-11-22T09:60",
		"2026-11-22T09:04:61", "2026-11-22T9:04", "2026-11-22T09:04X", "2026-11-22T09:04+7",
		"2026-11-22T09:04+25:00", "2026-11-22T09:04:00.", "2026-11-22T09:04Z ", " 2026-11-22",
		"1969-12-31", "1970-01-01T00:00+07:00", "-2026-11-22",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		tap_note("%s", bad[i]);
		CHECK(at(bad[i]) == UINT64_MAX);
	}
}

static void told(void)
{
	char text[MOMENT_ZONES_SIZE];

	moment_rfc3339(1795338240000, text);
	CHECK(strcmp(text, "2026-11-22T09:04:00Z") == 0);
	moment_rfc3339(1795338240050, text);
	CHECK(strcmp(text, "2026-11-22T09:04:00.050Z") == 0);
	moment_rfc3339(0, text);
	CHECK(strcmp(text, "1970-01-01T00:00:00Z") == 0);
	moment_rfc3339(UINT64_MAX, text);
	CHECK(strlen(text) < MOMENT_SIZE);
	moment_zones(1695286920000, text);
	CHECK(strcmp(text, "2023-09-21 16:02 WIB, 17:02 WITA, 18:02 WIT") == 0);
	moment_zones(1696093140000, text); /* a deadline at the end of September */
	CHECK(strcmp(text, "2023-09-30 23:59 WIB, 2023-10-01 00:59 WITA, 01:59 WIT") == 0);
	moment_zones(UINT64_MAX, text);
	CHECK(strlen(text) < MOMENT_ZONES_SIZE);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = { TAP(with_a_zone), TAP(local), TAP(refused), TAP(told) };

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
