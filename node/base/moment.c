/* moment.c - strict: a field that is out of range is an error, never the day after. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/moment.h"

/* Exactly `digits` digits at *p, which it moves on; -1 if they are not there or not in min..max. */
static int number(const char **p, int digits, int min, int max)
{
	int v = 0;

	for (int i = 0; i < digits; i++, (*p)++) {
		if (!isdigit((unsigned char)**p))
			return -1;
		v = 10 * v + (**p - '0');
	}
	return v >= min && v <= max ? v : -1;
}

static bool expect(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

static bool date_read(const char **p, struct tm *tm)
{
	tm->tm_year = number(p, 4, 1970, 9999) - 1900;
	if (!expect(p, '-'))
		return false;
	tm->tm_mon = number(p, 2, 1, 12) - 1;
	if (!expect(p, '-'))
		return false;
	tm->tm_mday = number(p, 2, 1, 31);
	return tm->tm_year >= 70 && tm->tm_mon >= 0 && tm->tm_mday > 0;
}

/* "T16:04", ":05", ".678": what is there of it. */
static bool clock_read(const char **p, struct tm *tm, int *ret_ms)
{
	if (**p != 'T' && **p != ' ')
		return true;
	(*p)++;
	tm->tm_hour = number(p, 2, 0, 23);
	if (!expect(p, ':'))
		return false;
	tm->tm_min = number(p, 2, 0, 59);
	if (expect(p, ':'))
		tm->tm_sec = number(p, 2, 0, 60);
	if (tm->tm_hour < 0 || tm->tm_min < 0 || tm->tm_sec < 0)
		return false;
	if (!expect(p, '.'))
		return true;
	if (!isdigit((unsigned char)**p))
		return false;
	for (int unit = 100; isdigit((unsigned char)**p); (*p)++, unit /= 10)
		*ret_ms += unit * (**p - '0');
	return true;
}

/* "Z" or an offset; *ret_local if neither is there. */
static bool zone_read(const char **p, bool *ret_local, int *ret_minutes)
{
	int sign = **p == '-' ? -1 : 1, hours, minutes = 0;

	*ret_minutes = 0;
	*ret_local = **p == '\0';
	if (*ret_local || expect(p, 'Z'))
		return true;
	if (**p != '+' && **p != '-')
		return false;
	(*p)++;
	hours = number(p, 2, 0, 23);
	if (expect(p, ':') || **p != '\0')
		minutes = number(p, 2, 0, 59);
	*ret_minutes = sign * (60 * hours + minutes);
	return hours >= 0 && minutes >= 0;
}

bool moment_parse(const char *text, uint64_t *ret_ms, struct err *e)
{
	struct tm tm = { .tm_isdst = -1 }, made;
	int ms = 0, minutes = 0;
	const char *p = text;
	bool local;
	time_t t;

	if (!date_read(&p, &tm) || !clock_read(&p, &tm, &ms) || !zone_read(&p, &local, &minutes) ||
	    *p != '\0')
		return err_set(e, ERR_USAGE, "\"%s\" is no time; write 2026-11-22, 2026-11-22T16:04 or"
					     " 2026-11-22T09:04:00Z", text);
	made = tm;
	t = local ? mktime(&made) : timegm(&made);
	if (made.tm_mday != tm.tm_mday || t < 0)
		return err_set(e, ERR_USAGE, "there is no such time as \"%s\"", text);
	t -= 60 * minutes;
	if (t < 0)
		return err_set(e, ERR_USAGE, "\"%s\" is before 1970", text);
	*ret_ms = (uint64_t)t * 1000 + (uint64_t)ms;
	return true;
}

void moment_rfc3339(uint64_t ms, char ret[MOMENT_SIZE])
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	size_t n;

	if (gmtime_r(&t, &tm) == NULL || (n = strftime(ret, 24, "%Y-%m-%dT%H:%M:%S", &tm)) == 0) {
		snprintf(ret, MOMENT_SIZE, "9999-12-31T23:59:59Z"); /* beyond what can be written */
		return;
	}
	if (ms % 1000 == 0)
		snprintf(ret + n, MOMENT_SIZE - n, "Z");
	else
		snprintf(ret + n, MOMENT_SIZE - n, ".%03uZ", (unsigned)(ms % 1000));
}

/* Indonesia has three zones and no summer time. */
void moment_zones(uint64_t ms, char ret[MOMENT_ZONES_SIZE])
{
	static const char *const zones[] = { "WIB", "WITA", "WIT" };
	int day = -1;
	size_t n = 0;

	ret[0] = '\0';
	for (int i = 0; i < 3; i++) {
		time_t t = (time_t)(ms / 1000) + (7 + i) * 3600;
		char text[24];
		struct tm tm;

		if (gmtime_r(&t, &tm) == NULL)
			return;
		if (strftime(text, sizeof(text), tm.tm_yday == day ? "%H:%M" : "%Y-%m-%d %H:%M", &tm) == 0)
			return;
		day = tm.tm_yday;
		n += (size_t)snprintf(ret + n, MOMENT_ZONES_SIZE - n, "%s%s %s", i > 0 ? ", " : "",
				      text, zones[i]);
	}
}
