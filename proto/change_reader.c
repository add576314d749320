/*
 * change_reader.c - walking the body of a DATA changeset; change.c says what is in it.
 *
 * A group is opened by one pass over its items that finds where each column begins; then each
 * column has a cursor of its own and a row takes from the cursors of the columns that it writes.
 */
#include <string.h>

#include "cbor.h"
#include "simpul/change.h"
#include "simpul/hlc.h"

#define GROUP_ITEMS 9 /* before the key columns */

static void fault(struct change_reader *r, const char *why)
{
	if (r->fault == NULL)
		r->fault = why;
}

static struct reader rest(const struct change_reader *r)
{
	return (struct reader){ .p = r->at, .end = r->end, .failed = r->fault != NULL };
}

/* Takes over what was read; what says where it went wrong, if it did. */
static bool resume(struct change_reader *r, const struct reader *in, const char *what)
{
	r->at = in->p;
	if (in->failed)
		fault(r, what);
	return r->fault == NULL;
}

bool change_reader_open(struct change_reader *r, const uint8_t *body, size_t len, struct err *e)
{
	struct reader in = { .p = body, .end = body + len };
	uint64_t items;

	r->fault = NULL;
	r->end = body + len;
	r->actors = r->actors_left = r->groups_left = 0;
	r->changes = r->rows = r->row = 0;
	r->in_groups = false;
	memset(&r->chain, 0, sizeof(r->chain));
	in.failed |= cbor_array(&in, 4) != 4;
	items = cbor_array(&in, 2 * LIMIT_CONTEXT_PAIRS);
	in.failed |= items % 2 != 0;
	r->pairs_left = (uint32_t)(items / 2);
	if (r->pairs_left == 0) {
		r->actors = r->actors_left = (uint32_t)cbor_array(&in, LIMIT_ACTORS);
	}
	if (!resume(r, &in, "the context"))
		return err_set(e, ERR_MALFORMED, "the body is not one of changes");
	return true;
}

bool change_reader_pair(struct change_reader *r, struct context_pair *ret_pair)
{
	struct reader in = rest(r);
	struct context_pair pair;

	if (r->pairs_left == 0 || r->fault != NULL)
		return false;
	cbor_fixed(&in, pair.chain.bytes, sizeof(pair.chain.bytes));
	pair.seq = cbor_uint(&in, INT64_MAX);
	r->pairs_left--;
	if (r->pairs_left == 0)
		r->actors = r->actors_left = (uint32_t)cbor_array(&in, LIMIT_ACTORS);
	if (!resume(r, &in, "the context"))
		return false;
	/* A chain of zeros cannot be: so zeros before the first pair serve as "less than all". */
	if (pair.seq == 0 || chain_compare(&r->chain, &pair.chain) >= 0) {
		fault(r, "the order of the context");
		return false;
	}
	r->chain = pair.chain;
	*ret_pair = pair;
	return true;
}

bool change_reader_actor(struct change_reader *r, struct schema_text *ret_name)
{
	struct context_pair skipped;
	struct reader in;
	const uint8_t *text;
	size_t len;

	while (r->pairs_left > 0)
		if (!change_reader_pair(r, &skipped))
			return false;
	if (r->actors_left == 0 || r->fault != NULL)
		return false;
	in = rest(r);
	text = cbor_text(&in, LIMIT_NAME_BYTES, &len);
	in.failed |= text != NULL && !name_valid((const char *)text, len);
	if (!resume(r, &in, "a person's name"))
		return false;
	r->actors_left--;
	*ret_name = (struct schema_text){ (const char *)text, (uint32_t)len };
	return true;
}

static bool enter_groups(struct change_reader *r)
{
	struct schema_text skipped;
	struct reader in;

	while (r->pairs_left > 0 || r->actors_left > 0)
		if (!change_reader_actor(r, &skipped) && r->fault != NULL)
			return false;
	if (r->in_groups || r->fault != NULL)
		return r->fault == NULL;
	in = rest(r);
	r->base_ms = cbor_uint(&in, HLC_MS_MAX);
	r->groups_left = (uint32_t)cbor_array(&in, LIMIT_CHANGES);
	r->in_groups = true;
	return resume(r, &in, "the base time");
}

/* Numbers of 0 to width_max bytes for each of the group's rows; the least width that fits. */
static void take_planes(struct reader *in, uint32_t rows, size_t width_max,
			struct change_planes *ret)
{
	size_t len, at = 0;
	const uint8_t *bytes = cbor_bytes(in, rows * width_max, &len);

	ret->bytes = bytes;
	ret->width = (uint8_t)(len / rows);
	in->failed |= len % rows != 0;
	if (in->failed || len == 0)
		return;
	while (at < rows && bytes[at] == 0)
		at++;
	in->failed |= at == rows;
}

static uint64_t plane_number(const struct change_planes *p, uint32_t rows, uint32_t row)
{
	uint64_t v = 0;

	for (size_t plane = 0; plane < p->width; plane++)
		v = v << 8 | p->bytes[plane * rows + row];
	return v;
}

/* Which columns are written by which rows: exactly as many bytes as that takes, or none for all. */
static void take_sets(struct change_reader *r, struct reader *in)
{
	size_t width = (r->columns + 7u) / 8, len;

	r->sets.bytes = cbor_bytes(in, r->rows * width, &len);
	r->sets.width = (uint8_t)(len == 0 ? 0 : width);
	in->failed |= len != 0 && len != r->rows * width;
	if (in->failed || len == 0 || r->columns % 8 == 0)
		return;
	for (uint32_t row = 0; row < r->rows; row++) /* bits of no column */
		in->failed |= r->sets.bytes[(width - 1) * r->rows + row] >> r->columns % 8 != 0;
}

static bool row_writes(const struct change_reader *r, size_t k)
{
	return r->sets.width == 0 || (r->sets.bytes[k / 8 * r->rows + r->row] >> (k % 8) & 1) != 0;
}

static void take_key_column(struct change_reader *r, struct reader *in, size_t k)
{
	struct reader peek = *in;
	size_t len;
	const uint8_t *uuids = cbor_bytes(&peek, r->rows * 16u, &len);

	r->key_packed[k] = uuids != NULL;
	if (uuids != NULL) {
		r->key_at[k] = uuids;
		*in = peek;
		in->failed |= len != r->rows * 16u;
		return;
	}
	in->failed |= cbor_array(in, r->rows) != r->rows;
	r->key_at[k] = in->p;
	for (uint32_t i = 0; i < r->rows && !in->failed; i++)
		cbor_value_skip(in);
}

static void take_value_column(struct change_reader *r, struct reader *in, size_t k)
{
	uint64_t values = cbor_array(in, r->rows);

	r->value_at[k] = in->p;
	r->values_left[k] = (uint16_t)values;
	in->failed |= values == 0;
	for (uint64_t i = 0; i < values && !in->failed; i++)
		cbor_value_skip(in);
}

static void take_group_head(struct change_reader *r, struct reader *in)
{
	uint64_t items = cbor_array(in, GROUP_ITEMS + LIMIT_KEY_COLUMNS + LIMIT_COLUMNS);
	size_t len;

	r->table = (uint16_t)cbor_uint(in, LIMIT_TABLES - 1);
	r->op = (uint8_t)cbor_uint(in, CHANGE_DELETE);
	r->seen_own = cbor_is_null(in) ? CHANGE_SEEN_ALL : cbor_uint(in, INT64_MAX);
	r->rows = (uint32_t)cbor_uint(in, LIMIT_CHANGES - r->changes);
	r->numbers = cbor_bytes(in, LIMIT_COLUMNS, &len);
	r->columns = (uint16_t)len;
	for (size_t k = 1; k < len; k++)
		in->failed |= r->numbers[k] <= r->numbers[k - 1];
	in->failed |= r->rows == 0 || (r->op == CHANGE_DELETE && len > 0) ||
		      items <= GROUP_ITEMS + len || items > GROUP_ITEMS + LIMIT_KEY_COLUMNS + len;
	r->keys = (uint16_t)(items - GROUP_ITEMS - len);
}

static bool open_group(struct change_reader *r)
{
	struct reader in = rest(r);

	take_group_head(r, &in);
	if (in.failed)
		return resume(r, &in, "the head of a group");
	take_sets(r, &in);
	take_planes(&in, r->rows, 6, &r->times);
	take_planes(&in, r->rows, 2, &r->counters);
	take_planes(&in, r->rows, 2, &r->actor);
	for (size_t k = 0; k < r->keys && !in.failed; k++)
		take_key_column(r, &in, k);
	for (size_t k = 0; k < r->columns && !in.failed; k++)
		take_value_column(r, &in, k);
	r->row = 0;
	r->groups_left--;
	r->changes += r->rows;
	return resume(r, &in, "the columns of a group");
}

static void take_keys(struct change_reader *r, struct change *c)
{
	uint8_t uuid[16];

	for (size_t k = 0; k < r->keys; k++) {
		struct reader in = { .p = r->key_at[k], .end = r->at };

		if (!r->key_packed[k]) {
			if (!cbor_value(&in, LIMIT_TEXT_BYTES, r->key_text[k], &c->key[k]) ||
			    c->key[k].type == VALUE_NULL)
				fault(r, "a key");
			r->key_at[k] = in.p;
			continue;
		}
		for (size_t plane = 0; plane < sizeof(uuid); plane++)
			uuid[plane] = r->key_at[k][plane * r->rows + r->row];
		cbor_uuid_print(uuid, r->key_text[k]);
		c->key[k] = (struct value){ VALUE_TEXT,
					    CBOR_UUID_TEXT,
					    { .bytes = (const uint8_t *)r->key_text[k] } };
	}
}

static void take_values(struct change_reader *r, struct change *c)
{
	for (size_t k = 0; k < r->columns; k++) {
		struct reader in = { .p = r->value_at[k], .end = r->at };

		if (!row_writes(r, k))
			continue;
		if (r->values_left[k]-- == 0) {
			fault(r, "a column with too few values");
			return;
		}
		if (!cbor_value(&in, LIMIT_TEXT_BYTES, r->text[k], &r->value[c->columns])) {
			fault(r, "a value");
			return;
		}
		r->value_at[k] = in.p;
		r->column[c->columns++] = r->numbers[k];
	}
}

/* After the last row of a group nothing may be left in its columns. */
static void close_group(struct change_reader *r)
{
	for (size_t k = 0; k < r->columns; k++)
		if (r->values_left[k] != 0)
			fault(r, "a column with too many values");
}

bool change_reader_next(struct change_reader *r, struct change *ret_change)
{
	struct change c = { .column = r->column, .value = r->value };
	uint64_t ms;

	if (r->fault != NULL)
		return false;
	if (r->row == r->rows) {
		if (!enter_groups(r))
			return false;
		if (r->groups_left == 0) {
			if (r->at != r->end)
				fault(r, "bytes after the end");
			return false;
		}
		if (!open_group(r))
			return false;
	}
	c.table = r->table;
	c.op = (enum change_op)r->op;
	c.seen_own = r->seen_own;
	c.keys = r->keys;
	ms = r->base_ms + plane_number(&r->times, r->rows, r->row);
	c.hlc = hlc_make(ms, (uint16_t)plane_number(&r->counters, r->rows, r->row));
	c.actor = (uint16_t)plane_number(&r->actor, r->rows, r->row);
	if (ms > HLC_MS_MAX || c.actor > r->actors)
		fault(r, "a time or a person out of range");
	take_keys(r, &c);
	take_values(r, &c);
	if (++r->row == r->rows)
		close_group(r);
	if (r->fault != NULL)
		return false;
	*ret_change = c;
	return true;
}

bool change_reader_done(const struct change_reader *r, struct err *e)
{
	if (r->fault != NULL)
		return err_set(e, ERR_MALFORMED, "the body is malformed at %s", r->fault);
	return true;
}

bool change_check(const uint8_t *body, size_t len, uint32_t *ret_changes, struct err *e)
{
	struct change_reader r;
	struct change c;

	if (len > LIMIT_BODY_BYTES)
		return err_set(e, ERR_TOO_LARGE, "a body of %zu bytes is over the limit", len);
	if (!change_reader_open(&r, body, len, e))
		return false;
	while (change_reader_next(&r, &c))
		;
	if (!change_reader_done(&r, e))
		return false;
	*ret_changes = r.changes;
	return true;
}
