/* export.c - CSV fields: quoting, NULL and empty, numbers that read back, formulas that stay text. */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/export.h"
#include "tap.h"

static const char *field(const struct value *v)
{
	static char out[256];
	AUTO_BUF buf = { 0 };

	export_csv_field(v, &buf);
	snprintf(out, sizeof(out), "%s", buf_string(&buf));
	return out;
}

static const char *text(const char *bytes, size_t len)
{
	const struct value v = { .type = VALUE_TEXT, .len = (uint32_t)len, .bytes = (const uint8_t *)bytes };

	return field(&v);
}

#define GIVES(in, out) CHECK(strcmp(text(in, sizeof(in) - 1), out) == 0)

static void quoting(void)
{
	GIVES("Jalan", "Jalan");
	GIVES("", "\"\"");
	GIVES("a,b", "\"a,b\"");
	GIVES("a;b", "\"a;b\"");
	GIVES("kata \"baru\"", "\"kata \"\"baru\"\"\"");
	GIVES("a\r\nb", "\"a\r\nb\"");
	GIVES(" a", "\" a\"");
	GIVES("a ", "\"a \"");
	GIVES("3-4", "3-4");
	GIVES("a=b", "a=b");
}

static void formulas_stay_text(void)
{
	GIVES("=1+1", "'=1+1");
	GIVES("+62 751", "'+62 751");
	GIVES("-1", "'-1");
	GIVES("@SUM(A1)", "'@SUM(A1)");
	GIVES("\t=1", "\"'\t=1\"");
	GIVES("\r=1", "\"'\r=1\"");
	GIVES("\n=1", "\"'\n=1\"");
	GIVES("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0");
	GIVES("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
	GIVES("＝1+1", "'＝1+1");
	GIVES("＋1", "'＋1");
	GIVES("－1", "'－1");
	GIVES("＠x", "'＠x");
	GIVES("a;=1", "\"a;=1\"");
}

static void a_leading_nul_too(void)
{
	const struct value v = { .type = VALUE_TEXT, .len = 3, .bytes = (const uint8_t *)"\0=1" };
	AUTO_BUF buf = { 0 };

	export_csv_field(&v, &buf);
	CHECK(buf.len == 6 && memcmp(buf.data, "\"'\0=1\"", 6) == 0);
}

static void numbers_stay_numbers(void)
{
	static const double reals[] = { 0.1, -2.5, 1e300, DBL_MAX, DBL_MIN, 1.0 / 3, 123456789.123456789 };
	struct value v = { .type = VALUE_INT, .integer = -5 };

	CHECK(strcmp(field(&v), "-5") == 0);
	v.integer = INT64_MIN;
	CHECK(strcmp(field(&v), "-9223372036854775808") == 0);
	for (size_t i = 0; i < sizeof(reals) / sizeof(reals[0]); i++) {
		v = (struct value){ .type = VALUE_REAL, .real = reals[i] };
		CHECK(strtod(field(&v), NULL) == reals[i]);
	}
	v = (struct value){ .type = VALUE_REAL, .real = 0.1 };
	CHECK(strcmp(field(&v), "0.1") == 0);
}

static void null_and_binary(void)
{
	struct value v = { .type = VALUE_NULL };

	CHECK(strcmp(field(&v), "") == 0);
	v = (struct value){ .type = VALUE_BLOB, .len = 3, .bytes = (const uint8_t *)"\x00=\xff" };
	CHECK(strcmp(field(&v), "003dff") == 0);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(quoting), TAP(formulas_stay_text), TAP(a_leading_nul_too), TAP(numbers_stay_numbers),
		TAP(null_and_binary),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
