/* schema.c - schema documents: round trips, names and types that must be refused, limits, memory.
 */
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "simpul/crypto.h"
#include "simpul/schema.h"
#include "tap.h"

#define NAME(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}
#define UUID "0190f5fe-7c00-7a00-8000-00000000abcd"
#define TEXT(literal)                                                                              \
	{                                                                                          \
		VALUE_TEXT, sizeof(literal) - 1,                                                   \
		{                                                                                  \
			.bytes = (const uint8_t *)(literal)                                        \
		}                                                                                  \
	}

static struct schema_column items[] = {
	{ NAME("id"), NAME("TEXT"), SCHEMA_COLUMN_NOT_NULL, { .type = VALUE_NULL } },
	{ NAME("nama"), NAME("VARCHAR(40)"), SCHEMA_COLUMN_NOCASE, TEXT("tanpa nama") },
	{ NAME("harga"), NAME("DECIMAL(10,2)"), 0, { VALUE_INT, 0, { .integer = -5 } } },
	{ NAME("luas"), NAME("double precision"), 0, { VALUE_REAL, 0, { .real = 0.5 } } },
	{ NAME("induk"), NAME(""), SCHEMA_COLUMN_RTRIM, TEXT(UUID) },
	{ NAME("isi"), NAME("BLOB"), 0, { VALUE_BLOB, 2, { .bytes = (const uint8_t *)"\0\1" } } },
	{ NAME("aneh"), NAME("T3XT_"), 0, TEXT("\xff") },
};
static struct schema_column pairs[] = {
	{ NAME("a"), NAME("INTEGER"), 0, { .type = VALUE_NULL } },
	{ NAME("b"), NAME("INTEGER"), 0, { .type = VALUE_NULL } },
};
static struct schema_table tables[] = {
	{ NAME("barang"), 0, 7, 1, { 0 }, items },
	{ NAME("Pasangan \"x\""),
	  SCHEMA_TABLE_STRICT | SCHEMA_TABLE_WITHOUT_ROWID,
	  2,
	  2,
	  { 1, 0 },
	  pairs },
};
static const struct schema sample = { 2, tables };

static bool same_text(const struct schema_text *a, const struct schema_text *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

static bool same(const struct schema *a, const struct schema *b)
{
	if (a->tables != b->tables)
		return false;
	for (size_t t = 0; t < a->tables; t++) {
		const struct schema_table *x = &a->table[t], *y = &b->table[t];

		if (!same_text(&x->name, &y->name) || x->flags != y->flags ||
		    x->columns != y->columns || x->keys != y->keys ||
		    memcmp(x->key, y->key, x->keys * sizeof(x->key[0])) != 0)
			return false;
		for (size_t c = 0; c < x->columns; c++)
			if (!same_text(&x->column[c].name, &y->column[c].name) ||
			    !same_text(&x->column[c].type, &y->column[c].type) ||
			    x->column[c].flags != y->column[c].flags ||
			    !value_equal(&x->column[c].fallback, &y->column[c].fallback))
				return false;
	}
	return true;
}

/* ERR_OK only if it comes back the same, from exactly the memory that schema_memory promises. */
static enum err_code round_trip(const struct schema *s)
{
	static uint8_t bytes[1 << 20];
	struct schema out;
	size_t len;
	struct err e = { 0 };
	void *memory;
	bool ok;

	if (!schema_encode(s, bytes, sizeof(bytes), &len, &e))
		return e.code;
	memory = malloc(schema_memory(len));
	ok = schema_decode(bytes, len, memory, schema_memory(len), &out, &e) && same(s, &out);
	free(memory);
	return ok ? ERR_OK : ERR_INTERNAL;
}

static void round_trips(void)
{
	CHECK(round_trip(&sample) == ERR_OK);
}

static void cuts_and_changed_bytes(void)
{
	static uint8_t bytes[4096], again[4096];
	static max_align_t memory[65536 / sizeof(max_align_t)];
	struct schema out;
	size_t len, again_len, read = 0;
	struct err e;

	CHECK(schema_encode(&sample, bytes, sizeof(bytes), &len, &e));
	for (size_t cut = 0; cut < len; cut++)
		CHECK(!schema_decode(bytes, cut, memory, sizeof(memory), &out, &e) &&
		      e.code == ERR_MALFORMED);
	for (size_t cap = 0; cap < len; cap++)
		CHECK(!schema_encode(&sample, again, cap, &again_len, &e) && e.code == ERR_TOO_LARGE);
	CHECK(!schema_decode(bytes, len + 1, memory, sizeof(memory), &out, &e));
	CHECK(!schema_decode(bytes, len, memory, 300, &out, &e) && e.code == ERR_TOO_LARGE);
	for (size_t at = 0; at < len; at++) {
		uint8_t was = bytes[at];

		for (int v = 0; v < 256; v++) {
			bytes[at] = (uint8_t)v;
			if (!schema_decode(bytes, len, memory, schema_memory(len), &out, &e))
				continue;
			read++;
			CHECK_OK(schema_encode(&out, again, sizeof(again), &again_len, &e), &e);
			/* A UUID as a plain text string is read, and written packed. */
			CHECK(again_len <= len);
			CHECK(again_len < len || memcmp(bytes, again, len) == 0);
		}
		bytes[at] = was;
	}
	CHECK(read > 1000);
	bytes[1] = 2;
	CHECK(!schema_decode(bytes, len, memory, sizeof(memory), &out, &e) &&
	      e.code == ERR_UNSUPPORTED);
}

static enum err_code with_type(const char *type)
{
	struct schema_column c = {
		NAME("id"), { type, (uint32_t)strlen(type) }, 0, { .type = VALUE_NULL }
	};
	struct schema_table t = { NAME("t"), 0, 1, 1, { 0 }, &c };

	return round_trip(&(struct schema){ 1, &t });
}

static void declared_types_cannot_carry_sql(void)
{
	static const char *const good[] = { "", "TEXT", "unsigned big int", "NUMERIC(10)",
					    "A1 (3)" };
	static const char *const bad[] = {
		" TEXT",   "TEXT ",	   "A  B",	   "TEXT(", "TEXT()",	"TEXT(a)",
		"TEXT(1",  "TEXT(1,)",	   "(1)",	   "T(1)x", "T(1,2,3)", "T;",
		"T\"",	   "T DEFAULT(x)", "T'a'",	   "T\n",   "T,u",	"T--",
		"T(1)(2)", "T/**/",	   "T CHECK(1)>0", "T(-1)", "\xc3\xa9", "T[1]",
	};
	char longest[LIMIT_NAME_BYTES + 2] = "";

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]) - 1; i++)
		CHECK(with_type(good[i]) == ERR_OK);
	CHECK(with_type("A1 (3)") == ERR_CANNOT_ATTACH);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(with_type(bad[i]) == ERR_CANNOT_ATTACH);
	memset(longest, 'T', LIMIT_NAME_BYTES);
	CHECK(with_type(longest) == ERR_OK);
	longest[LIMIT_NAME_BYTES] = 'T';
	CHECK(with_type(longest) == ERR_CANNOT_ATTACH);
}

static enum err_code with_names(const char *table, const char *a, const char *b)
{
	struct schema_column c[] = {
		{ { a, (uint32_t)strlen(a) }, NAME(""), 0, { .type = VALUE_NULL } },
		{ { b, (uint32_t)strlen(b) }, NAME(""), 0, { .type = VALUE_NULL } }
	};
	struct schema_table t[] = { { { table, (uint32_t)strlen(table) }, 0, 2, 1, { 0 }, c },
				    { NAME("other"), 0, 2, 1, { 1 }, c } };

	return round_trip(&(struct schema){ 2, t });
}

static void names(void)
{
	CHECK(with_names("t", "a", "b") == ERR_OK);
	CHECK(with_names("sqlit", "sqlite_a", "simpu") == ERR_OK);
	CHECK(with_names("SQLite_x", "a", "b") == ERR_CANNOT_ATTACH);
	CHECK(with_names("Simpul_x", "a", "b") == ERR_CANNOT_ATTACH);
	CHECK(with_names("t", "simpul_scope", "b") == ERR_CANNOT_ATTACH);
	CHECK(with_names("t", "a", "A") == ERR_CANNOT_ATTACH);
	CHECK(with_names("Other", "a", "b") == ERR_CANNOT_ATTACH);
	CHECK(with_names("", "a", "b") == ERR_CANNOT_ATTACH);
	CHECK(with_names("t", "a\n", "b") == ERR_CANNOT_ATTACH);
	CHECK(with_names("t", "\xc3\xa9", "\xc3\x89") == ERR_OK); /* only ASCII has case here */
}

static void keys_and_flags(void)
{
	struct schema_column c[LIMIT_KEY_COLUMNS + 1];
	struct schema_table t = { NAME("t"),	  0, LIMIT_KEY_COLUMNS + 1, LIMIT_KEY_COLUMNS,
				  { 0, 1, 2, 3 }, c };
	const struct schema s = { 1, &t };
	static char name[LIMIT_KEY_COLUMNS + 1][2];

	for (size_t i = 0; i <= LIMIT_KEY_COLUMNS; i++) {
		name[i][0] = (char)('a' + i);
		c[i] = (struct schema_column){
			{ name[i], 1 }, NAME(""), 0, { .type = VALUE_NULL }
		};
	}
	CHECK(round_trip(&s) == ERR_OK);
	t.keys++;
	CHECK(round_trip(&s) == ERR_CANNOT_ATTACH);
	t.keys = 0;
	CHECK(round_trip(&s) == ERR_NO_KEY);
	t.keys = 2;
	t.key[1] = 0;
	CHECK(round_trip(&s) == ERR_CANNOT_ATTACH);
	t.key[1] = LIMIT_KEY_COLUMNS;
	CHECK(round_trip(&s) == ERR_OK);
	t.key[1]++;
	CHECK(round_trip(&s) == ERR_CANNOT_ATTACH);
	t.keys = 1;
	c[0].flags = SCHEMA_COLUMN_NOCASE;
	CHECK(round_trip(&s) == ERR_CANNOT_ATTACH);
	c[0].flags = 0;
	c[1].flags = SCHEMA_COLUMN_NOCASE | SCHEMA_COLUMN_RTRIM;
	CHECK(round_trip(&s) == ERR_CANNOT_ATTACH);
	c[1].flags = 8;
	CHECK(round_trip(&s) == ERR_CANNOT_ATTACH);
	c[1].flags = 0;
	t.flags = 4;
	CHECK(round_trip(&s) == ERR_CANNOT_ATTACH);
	t.flags = 3;
	CHECK(round_trip(&s) == ERR_OK);
}

static void counts(void)
{
	static struct schema_column c[LIMIT_COLUMNS + 1];
	static char column_name[LIMIT_COLUMNS + 1][8], table_name[LIMIT_TABLES + 1][8];
	static struct schema_table t[LIMIT_TABLES + 1];
	static uint8_t big[LIMIT_TEXT_BYTES + 1];
	struct schema s = { LIMIT_TABLES, t };

	for (size_t i = 0; i <= LIMIT_COLUMNS; i++) {
		uint32_t len = (uint32_t)snprintf(column_name[i], 8, "c%zu", i);

		c[i] = (struct schema_column){
			{ column_name[i], len }, NAME(""), 0, { .type = VALUE_NULL }
		};
		len = (uint32_t)snprintf(table_name[i], 8, "t%zu", i);
		t[i] = (struct schema_table){ { table_name[i], len }, 0, 1, 1, { 0 }, c };
	}
	CHECK(round_trip(&s) == ERR_OK);
	s.tables++;
	CHECK(round_trip(&s) == ERR_TOO_LARGE);
	s.tables = 0;
	CHECK(round_trip(&s) == ERR_CANNOT_ATTACH);
	s.tables = 1;
	t[0].columns = LIMIT_COLUMNS;
	CHECK(round_trip(&s) == ERR_OK);
	t[0].columns++;
	CHECK(round_trip(&s) == ERR_TOO_LARGE);
	t[0].columns = 0;
	CHECK(round_trip(&s) == ERR_CANNOT_ATTACH);
	t[0].columns = 2;
	c[1].fallback = (struct value){ VALUE_BLOB, LIMIT_TEXT_BYTES, { .bytes = big } };
	CHECK(round_trip(&s) == ERR_OK);
	c[1].fallback.len++;
	CHECK(round_trip(&s) == ERR_TOO_LARGE);
}

static json_t *golden_table(const struct schema_table *t)
{
	json_t *columns = json_array(), *key = json_array();

	for (size_t i = 0; i < t->columns; i++)
		json_array_append_new(
			columns,
			json_pack("[s%s%io]", t->column[i].name.text, (size_t)t->column[i].name.len,
				  t->column[i].type.text, (size_t)t->column[i].type.len,
				  t->column[i].flags, golden_value(&t->column[i].fallback)));
	for (size_t i = 0; i < t->keys; i++)
		json_array_append_new(key, json_integer(t->key[i]));
	return json_pack("{ss% si so so}", "name", t->name.text, (size_t)t->name.len, "flags",
			 t->flags, "columns", columns, "key", key);
}

static json_t *vectors(void)
{
	uint8_t bytes[4096];
	struct hash hash;
	size_t len;
	struct err e;

	if (!schema_encode(&sample, bytes, sizeof(bytes), &len, &e))
		return NULL;
	crypto_sha256(bytes, len, &hash);
	return json_pack("{s[{s[oo] so so}]}", "documents", "tables", golden_table(&tables[0]),
			 golden_table(&tables[1]), "bytes", golden_hex(bytes, len), "hash",
			 golden_hex(&hash, sizeof(hash)));
}

static void golden(void)
{
	AUTO_JSON *built = vectors();

	CHECK(built != NULL && golden_matches("schema", built));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(round_trips), TAP(cuts_and_changed_bytes), TAP(declared_types_cannot_carry_sql),
		TAP(names),	  TAP(keys_and_flags),	       TAP(counts),
		TAP(golden),
	};

	if (argc > 1 && strcmp(argv[1], "--write") == 0)
		return golden_write("schema", vectors());
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
