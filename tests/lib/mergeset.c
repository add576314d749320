/* mergeset.c - sets of changesets from text. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mergeset.h"

struct mergeset mergeset;

/* The table of all sets: tests/merge/run has the same, TABLE. */
static const struct {
	const char *name, *type;
	uint8_t policy[2], group;
	struct value fallback;
} columns[MERGESET_COLUMNS] = {
	{ "id", "TEXT", { 0, 0 }, 0, { 0 } },
	{ "a", "", { POLICY_LWW, POLICY_LWW }, 0, { 0 } },
	{ "b", "", { POLICY_LWW, POLICY_LWW }, 0, { .type = VALUE_INT, .integer = 9 } },
	{ "g1", "", { POLICY_LWW, POLICY_LWW }, 1, { 0 } },
	{ "g2", "", { POLICY_LWW, POLICY_LWW }, 1, { 0 } },
	{ "m", "", { POLICY_MANUAL, POLICY_MANUAL }, 0,
	  { .type = VALUE_TEXT, .len = 4, .bytes = (const uint8_t *)"open" } },
	{ "h1", "", { POLICY_MANUAL, POLICY_MANUAL }, 2, { 0 } },
	{ "h2", "", { POLICY_MANUAL, POLICY_MANUAL }, 2, { .type = VALUE_INT, .integer = 0 } },
	{ "c", "INTEGER", { POLICY_COUNTER, POLICY_COUNTER }, 0, { .type = VALUE_INT, .integer = 0 } },
	{ "d", "INTEGER", { POLICY_COUNTER, POLICY_COUNTER }, 0, { 0 } },
	{ "t", "TEXT", { POLICY_TEXT, POLICY_TEXT }, 0, { 0 } },
	{ "u", "TEXT", { POLICY_TEXT, POLICY_TEXT }, 0,
	  { .type = VALUE_TEXT, .len = 2, .bytes = (const uint8_t *)"x\n" } },
	{ "x", "INTEGER", { POLICY_COUNTER, POLICY_LWW }, 0, { 0 } },
	{ "y", "INTEGER", { POLICY_LWW, POLICY_COUNTER }, 0, { .type = VALUE_INT, .integer = 7 } },
	{ "z", "TEXT", { POLICY_LWW, POLICY_TEXT }, 0, { 0 } },
};

const struct schema *mergeset_schema(unsigned rules_no)
{
	static struct schema_rules rules = { .state = -1 };
	static struct schema_column column[MERGESET_COLUMNS];
	static struct schema_table table = { .name = { "memo", 4 }, .columns = MERGESET_COLUMNS, .keys = 1,
					     .column = column, .rules = &rules };
	static const struct schema schema = { .tables = 1, .table = &table };

	for (size_t i = 0; i < MERGESET_COLUMNS; i++)
		column[i] = (struct schema_column){
			.name = { columns[i].name, (uint32_t)strlen(columns[i].name) },
			.type = { columns[i].type, (uint32_t)strlen(columns[i].type) },
			.fallback = columns[i].fallback,
			.policy = columns[i].policy[rules_no],
			.group = columns[i].group,
		};
	return &schema;
}

bool mergeset_counts(unsigned column, unsigned rules_no)
{
	return columns[column].policy[rules_no] == POLICY_COUNTER;
}

char *mergeset_word(void)
{
	return strtok(NULL, " \n");
}

uint64_t mergeset_number(void)
{
	const char *w = mergeset_word();

	assert(w != NULL);
	return strtoull(w, NULL, 10);
}

static struct value parse_bytes(enum value_type type, const char *hex)
{
	size_t len = strcmp(hex, "-") == 0 ? 0 : strlen(hex) / 2;
	uint8_t *bytes = arena_take(&mergeset.memory, len + 1);
	bool ok = len == 0 || hex_decode(hex, 2 * len, bytes, len);

	assert(ok);
	return (struct value){ .type = type, .len = (uint32_t)len, .bytes = bytes };
}

struct value mergeset_text(void)
{
	return parse_bytes(VALUE_TEXT, mergeset_word());
}

static struct value parse_value(const char *w)
{
	uint64_t bits;
	struct value v = { .type = VALUE_NULL };

	switch (*w) {
	case 'i':
		return (struct value){ .type = VALUE_INT, .integer = strtoll(w + 1, NULL, 10) };
	case 'r':
		bits = strtoull(w + 1, NULL, 16);
		v.type = VALUE_REAL;
		memcpy(&v.real, &bits, sizeof(bits));
		return v;
	case 't':
		return parse_bytes(VALUE_TEXT, w + 1);
	case 'b':
		return parse_bytes(VALUE_BLOB, w + 1);
	default:
		return v;
	}
}

void mergeset_changeset(void)
{
	struct mergeset_item *c = &mergeset.item[mergeset.items++];

	assert(mergeset.items <= MERGESET_SETS);
	memset(c, 0, sizeof(*c));
	c->chain = (unsigned)mergeset_number();
	c->seq = mergeset_number();
	c->rules = (unsigned)mergeset_number();
	c->names = (unsigned)mergeset_number();
	c->revoked = (unsigned)mergeset_number();
	c->is_void = c->revoked != 0;
	c->revoked &= 1;
	for (unsigned i = 0; i < MERGESET_CHAINS; i++)
		c->seen[i] = mergeset_number();
	for (unsigned i = 0; i < MERGESET_CHAINS; i++)
		c->context[i] = mergeset_number();
	c->tells_rules = mergeset_number() != 0;
}

void mergeset_change(void)
{
	static const uint8_t keys[MERGESET_ROWS][2] = { "k0", "k1", "k2", "k3" };
	struct mergeset_item *c = &mergeset.item[mergeset.items - 1];
	unsigned at = c->changes++;
	struct change *x = &c->change[at];
	const char *w;

	assert(mergeset.items > 0 && at < MERGESET_CHANGES);
	c->row[at] = (unsigned)mergeset_number();
	w = mergeset_word();
	*x = (struct change){ .op = *w == 'i' ? CHANGE_INSERT : *w == 'u' ? CHANGE_UPDATE : CHANGE_DELETE,
			      .hlc = mergeset_number(), .keys = 1, .column = c->column[at],
			      .value = c->value[at] };
	x->key[0] = (struct value){ .type = VALUE_TEXT, .len = 2, .bytes = keys[c->row[at]] };
	w = mergeset_word();
	x->seen_own = *w == '-' ? CHANGE_SEEN_ALL : strtoull(w, NULL, 10);
	while ((w = mergeset_word()) != NULL) {
		c->column[at][x->columns] = (uint8_t)strtoul(w, NULL, 10);
		c->value[at][x->columns++] = parse_value(mergeset_word());
	}
}

const char *mergeset_column(unsigned column)
{
	return columns[column].name;
}

void mergeset_reset(void)
{
	mergeset.items = 0;
	arena_reset(&mergeset.memory);
}
