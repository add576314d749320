/* err.c - the error table as data, and filling struct err. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "simpul/err.h"

static const struct {
	const char *slug;
	bool retry;
	int http;
	int exit_status;
	const char *advice_id;
	const char *advice_en;
} table[ERR_COUNT] = {
#define X(code, slug, retry, http, exit_status, advice_id, advice_en)                               \
	[code] = { slug, retry, http, exit_status, advice_id, advice_en },
	ERR_TABLE(X)
#undef X
};

bool(err_set)(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	assert(code > ERR_OK && code < ERR_COUNT);
	e->code = code;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return false;
}

bool(err_wrap)(struct err *e, const char *fmt, ...)
{
	char inner[sizeof(e->text)];
	va_list ap;
	size_t len;

	memcpy(inner, e->text, sizeof(inner));
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	len = strlen(e->text);
	snprintf(e->text + len, sizeof(e->text) - len, ": %s", inner);
	return false;
}

void err_clear(struct err *e)
{
	e->code = ERR_OK;
	e->text[0] = '\0';
}

const char *err_slug(enum err_code code)
{
	return table[code].slug;
}

enum err_code err_from_slug(const char *slug)
{
	for (int i = 0; i < ERR_COUNT; i++)
		if (strcmp(table[i].slug, slug) == 0)
			return (enum err_code)i;
	return ERR_INTERNAL;
}

bool err_retry(enum err_code code)
{
	return table[code].retry;
}

int err_http_status(enum err_code code)
{
	return table[code].http;
}

int err_exit_status(enum err_code code)
{
	return table[code].exit_status;
}

const char *err_advice_id(enum err_code code)
{
	return table[code].advice_id;
}

const char *err_advice_en(enum err_code code)
{
	return table[code].advice_en;
}
