/*
 * change.c - any bytes as the body of a DATA changeset.
 *
 * What change_check passes, a reader walks without fault, and what it gave out encodes again to a
 * body that reads the same.
 */
#include <stdlib.h>
#include <string.h>

#include "simpul/change.h"

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void same(const struct change *a, const struct change *b)
{
	MUST(a->table == b->table && a->op == b->op && a->hlc == b->hlc && a->actor == b->actor);
	MUST(a->seen_own == b->seen_own && a->keys == b->keys && a->columns == b->columns);
	for (size_t i = 0; i < a->keys; i++)
		MUST(value_equal(&a->key[i], &b->key[i]));
	for (size_t i = 0; i < a->columns; i++)
		MUST(a->column[i] == b->column[i] && value_equal(&a->value[i], &b->value[i]));
}

/* One change, encoded alone and read back. */
static void again(const struct change *c, size_t actors)
{
	static struct schema_text names[LIMIT_ACTORS];
	static uint8_t bytes[1 << 20];
	struct change_body body = { .actor = names, .actors = actors };
	struct change_reader r;
	struct change back;
	uint32_t n;
	size_t len;
	struct err e;

	for (size_t i = 0; i < actors; i++)
		names[i] = (struct schema_text){ "a", 1 };
	MUST(change_encode(&body, c, 1, bytes, sizeof(bytes), &len, &e));
	MUST(change_check(bytes, len, &n, &e) && n == 1);
	MUST(change_reader_open(&r, bytes, len, &e) && change_reader_next(&r, &back));
	same(c, &back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct change_reader r;
	struct context_pair pair;
	struct schema_text name;
	struct change c;
	uint32_t n, walked = 0;
	size_t actors = 0;
	struct err e;
	bool ok = change_check(data, len, &n, &e);

	MUST(ok || e.code == ERR_MALFORMED || e.code == ERR_TOO_LARGE);
	if (!change_reader_open(&r, data, len, &e)) {
		MUST(!ok);
		return 0;
	}
	while (change_reader_pair(&r, &pair))
		;
	while (change_reader_actor(&r, &name))
		actors++;
	while (change_reader_next(&r, &c) && walked++ < 1000)
		if (ok && walked < 8)
			again(&c, actors);
	MUST(ok == change_reader_done(&r, &e) || walked >= 1000);
	MUST(!ok || walked == n || walked >= 1000);
	return 0;
}
