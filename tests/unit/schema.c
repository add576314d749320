/* schema.c - schema documents: round trips, names and types that must be refused, limits, memory.
 */
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "simpul/crypto.h"
#include "simpul/grant.h"
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

#define COLUMN(n, t, f, ...) { .name = NAME(n), .type = NAME(t), .flags = (f), .fallback = __VA_ARGS__ }
#define NONE { .type = VALUE_NULL }

static struct schema_column items[] = {
	COLUMN("id", "TEXT", SCHEMA_COLUMN_NOT_NULL, NONE),
	COLUMN("nama", "VARCHAR(40)", SCHEMA_COLUMN_NOCASE, TEXT("tanpa nama")),
	COLUMN("harga", "DECIMAL(10,2)", 0, { VALUE_INT, 0, { .integer = -5 } }),
	COLUMN("luas", "double precision", 0, { VALUE_REAL, 0, { .real = 0.5 } }),
	COLUMN("induk", "", SCHEMA_COLUMN_RTRIM, TEXT(UUID)),
	COLUMN("isi", "BLOB", 0, { VALUE_BLOB, 2, { .bytes = (const uint8_t *)"\0\1" } }),
	COLUMN("aneh", "T3XT_", 0, TEXT("\xff")),
};
static struct schema_column pairs[] = {
	COLUMN("a", "INTEGER", 0, NONE),
	COLUMN("b", "INTEGER", 0, NONE),
};
static struct schema_table tables[] = {
	{ .name = NAME("barang"), .columns = 7, .keys = 1, .column = items },
	{ .name = NAME("Pasangan \"x\""), .flags = SCHEMA_TABLE_STRICT | SCHEMA_TABLE_WITHOUT_ROWID,
	  .columns = 2, .keys = 2, .key = { 1, 0 }, .column = pairs },
};
static const struct schema sample = { 2, tables };

/* Every kind of rule at once; then a table whose rules are empty; then one that only tells its scope. */
enum { ID, WILAYAH, STATUS, NILAI, HARGA, JUMLAH, MULAI, AKHIR, CATATAN, STOK, PRIORITAS, RULED };
static struct schema_label status_label[] = { { NAME("en"), NAME("state") }, { NAME("id"), NAME("status") } };
static struct schema_label stock_label[] = { { NAME("id"), NAME("persediaan") } };
static struct schema_label ruled_label[] = {
	{ NAME("en"), NAME("quick win") }, { NAME("id"), NAME("langkah cepat") }
};
static const struct schema_column ruled_good[RULED] = {
	[ID] = COLUMN("id", "INTEGER", 0, NONE),
	[WILAYAH] = COLUMN("wilayah", "TEXT", SCHEMA_COLUMN_NOT_NULL, NONE),
	[STATUS] = { .name = NAME("status"), .type = NAME("TEXT"), .labels = 2, .label = status_label },
	[NILAI] = { .name = NAME("nilai"), .group = 1 },
	[HARGA] = { .name = NAME("harga"), .group = 1 },
	[JUMLAH] = { .name = NAME("jumlah"), .group = 1 },
	[MULAI] = { .name = NAME("mulai"), .group = 2, .policy = POLICY_MANUAL },
	[AKHIR] = { .name = NAME("akhir"), .group = 2, .policy = POLICY_MANUAL },
	[CATATAN] = { .name = NAME("catatan"), .type = NAME("clob"), .policy = POLICY_TEXT },
	[STOK] = { .name = NAME("stok"), .type = NAME("unsigned bigint"), .policy = POLICY_COUNTER,
		   .labels = 1, .label = stock_label },
	[PRIORITAS] = { .name = NAME("prioritas"), .flags = SCHEMA_COLUMN_NOT_NULL, .policy = POLICY_MANUAL,
			.fallback = { VALUE_INT, 0, { .integer = 3 } } },
};
static struct schema_text frozen[] = { NAME("disetujui"), NAME("dikirim") }; /* sorted where it is used */
static struct schema_text early[] = { NAME(""), NAME("konsep") };
static struct schema_text sent[] = { NAME("dikirim") };
static struct schema_text onward[] = { NAME("dikirim"), NAME("konsep") };
static uint8_t review[] = { STATUS, CATATAN };
static struct schema_write lines[] = {
	{ .role = ROLE_WRITER, .states = 2, .state = early, .tos = 2, .to = onward },
	{ .role = ROLE_REVIEWER, .states = 1, .state = sent, .columns = 2, .column = review },
	{ .role = ROLE_HUB },
};
static const struct schema_rules rules_good = {
	.append = true, .state = STATUS, .frozens = 2, .frozen = frozen, .writes = 3, .write = lines,
	.labels = 2, .label = ruled_label,
};
static struct schema_column ruled[RULED];
static struct schema_rules rules, rules_empty = { .state = -1 };
static struct schema_table ruled_tables[] = {
	{ .name = NAME("quick_win"), .flags = SCHEMA_TABLE_SCOPED, .columns = RULED, .keys = 1,
	  .column = ruled, .scope = WILAYAH, .rules = &rules },
	{ .name = NAME("pasangan"), .columns = 2, .keys = 1, .column = pairs, .rules = &rules_empty },
	{ .name = NAME("wilayah"), .flags = SCHEMA_TABLE_SCOPED, .columns = 2, .keys = 1,
	  .column = pairs, .scope = 0 },
};

/* The sample anew, for a case to spoil. */
static const struct schema *ruled_sample(void)
{
	static const struct schema s = { 3, ruled_tables };

	memcpy(ruled, ruled_good, sizeof(ruled));
	rules = rules_good;
	frozen[0] = (struct schema_text)NAME("dikirim");
	frozen[1] = (struct schema_text)NAME("disetujui");
	return &s;
}

static bool same_text(const struct schema_text *a, const struct schema_text *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->text, b->text, a->len) == 0);
}

static bool same_texts(const struct schema_text *a, size_t n, const struct schema_text *b, size_t m)
{
	for (size_t i = 0; n == m && i < n; i++)
		if (!same_text(&a[i], &b[i]))
			return false;
	return n == m;
}

static bool same_labels(const struct schema_label *a, size_t n, const struct schema_label *b, size_t m)
{
	for (size_t i = 0; n == m && i < n; i++)
		if (!same_text(&a[i].language, &b[i].language) || !same_text(&a[i].text, &b[i].text))
			return false;
	return n == m;
}

static bool same_rules(const struct schema_rules *a, const struct schema_rules *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (a->append != b->append || a->state != b->state || a->writes != b->writes ||
	    !same_texts(a->frozen, a->frozens, b->frozen, b->frozens) ||
	    !same_labels(a->label, a->labels, b->label, b->labels))
		return false;
	for (size_t i = 0; i < a->writes; i++) {
		const struct schema_write *x = &a->write[i], *y = &b->write[i];

		if (x->role != y->role || !same_texts(x->state, x->states, y->state, y->states) ||
		    !same_texts(x->to, x->tos, y->to, y->tos) || x->columns != y->columns ||
		    (x->columns > 0 && memcmp(x->column, y->column, x->columns) != 0))
			return false;
	}
	return true;
}

static bool same_column(const struct schema_column *x, const struct schema_column *y)
{
	return same_text(&x->name, &y->name) && same_text(&x->type, &y->type) && x->flags == y->flags &&
	       value_equal(&x->fallback, &y->fallback) && x->policy == y->policy &&
	       x->group == y->group && same_labels(x->label, x->labels, y->label, y->labels);
}

static bool same(const struct schema *a, const struct schema *b)
{
	if (a->tables != b->tables)
		return false;
	for (size_t t = 0; t < a->tables; t++) {
		const struct schema_table *x = &a->table[t], *y = &b->table[t];

		if (!same_text(&x->name, &y->name) || x->flags != y->flags ||
		    x->columns != y->columns || x->keys != y->keys || x->scope != y->scope ||
		    memcmp(x->key, y->key, x->keys * sizeof(x->key[0])) != 0 ||
		    !same_rules(x->rules, y->rules))
			return false;
		for (size_t c = 0; c < x->columns; c++)
			if (!same_column(&x->column[c], &y->column[c]))
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
	CHECK(round_trip(ruled_sample()) == ERR_OK);
}

/* What needs no rules keeps the format that all readers know, and its hash. */
static void the_older_format_is_kept_where_it_suffices(void)
{
	static max_align_t memory[65536 / sizeof(max_align_t)];
	uint8_t bytes[4096];
	struct schema_table table = ruled_tables[2];
	struct schema s = { 1, &table }, out;
	size_t len;
	struct err e;

	CHECK(schema_encode(&sample, bytes, sizeof(bytes), &len, &e) && bytes[1] == 1);
	CHECK(schema_encode(&s, bytes, sizeof(bytes), &len, &e) && bytes[1] == 2);
	table.flags = 0;
	CHECK(schema_encode(&s, bytes, sizeof(bytes), &len, &e) && bytes[1] == 1);
	table.rules = &rules_empty;
	CHECK(schema_encode(&s, bytes, sizeof(bytes), &len, &e) && bytes[1] == 2);
	/* [2, [name, flags, columns, key, null]]: nothing in it that format 1 could not say. */
	table.rules = NULL;
	CHECK(schema_encode(&s, bytes, sizeof(bytes), &len, &e));
	bytes[1] = 2;
	bytes[2]++;
	bytes[len++] = 0xf6;
	CHECK(!schema_decode(bytes, len, memory, sizeof(memory), &out, &e) && e.code == ERR_MALFORMED);
	bytes[len - 1] = 0; /* the scope column: now it says something */
	CHECK_OK(schema_decode(bytes, len, memory, sizeof(memory), &out, &e), &e);
	CHECK(out.table[0].flags == SCHEMA_TABLE_SCOPED && out.table[0].scope == 0);
}

static void cuts_and_changed_bytes_of(const struct schema *s)
{
	static uint8_t bytes[4096], again[4096];
	static max_align_t memory[65536 / sizeof(max_align_t)];
	struct schema out;
	size_t len, again_len, read = 0;
	struct err e;

	CHECK(schema_encode(s, bytes, sizeof(bytes), &len, &e));
	for (size_t cut = 0; cut < len; cut++)
		CHECK(!schema_decode(bytes, cut, memory, sizeof(memory), &out, &e) &&
		      e.code == ERR_MALFORMED);
	for (size_t cap = 0; cap < len; cap++)
		CHECK(!schema_encode(s, again, cap, &again_len, &e) && e.code == ERR_TOO_LARGE);
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
	bytes[1] = 3;
	CHECK(!schema_decode(bytes, len, memory, sizeof(memory), &out, &e) &&
	      e.code == ERR_UNSUPPORTED);
	bytes[1] = 0;
	CHECK(!schema_decode(bytes, len, memory, sizeof(memory), &out, &e) && e.code == ERR_MALFORMED);
}

static void cuts_and_changed_bytes(void)
{
	cuts_and_changed_bytes_of(&sample);
	cuts_and_changed_bytes_of(ruled_sample());
}

static enum err_code spoiled(void)
{
	enum err_code code = round_trip(&(struct schema){ 3, ruled_tables });

	(void)ruled_sample();
	return code;
}

static void policies_fit_their_columns(void)
{
	(void)ruled_sample();
	ruled[ID].policy = POLICY_MANUAL;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* a key column */
	ruled[WILAYAH].policy = POLICY_MANUAL;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* the scope column */
	ruled[STATUS].policy = POLICY_TEXT;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* the state column */
	ruled[NILAI].policy = POLICY_TEXT + 1;
	CHECK(spoiled() == ERR_CANNOT_ATTACH);
	ruled[STOK].type = (struct schema_text)NAME("NUMERIC");
	CHECK(spoiled() == ERR_CANNOT_ATTACH);
	ruled[CATATAN].type = (struct schema_text)NAME("BLOB");
	CHECK(spoiled() == ERR_CANNOT_ATTACH);
	ruled[CATATAN].type = (struct schema_text)NAME("POINTTEXT"); /* INT comes first in SQLite */
	CHECK(spoiled() == ERR_CANNOT_ATTACH);
	ruled[PRIORITAS].fallback.type = VALUE_NULL;
	CHECK(spoiled() == ERR_CANNOT_ATTACH);
	ruled[PRIORITAS].fallback.type = VALUE_NULL;
	ruled[PRIORITAS].flags = 0;
	CHECK(spoiled() == ERR_OK);
	ruled_tables[0].rules = NULL;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* policies, and no rules */
	ruled_tables[0].rules = &rules;
	ruled_tables[0].scope = RULED;
	CHECK(spoiled() == ERR_CANNOT_ATTACH);
	ruled_tables[0].scope = WILAYAH;
	CHECK(spoiled() == ERR_OK);
}

static void groups_stand_in_order(void)
{
	(void)ruled_sample();
	ruled[ID].group = 1;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* a key column */
	ruled[WILAYAH].group = 1;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* the scope column */
	ruled[STOK].group = 1;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* a counter */
	ruled[CATATAN].group = 1;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* merged text */
	ruled[PRIORITAS].group = 1;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* manual among lww */
	ruled[PRIORITAS].group = 2;
	CHECK(spoiled() == ERR_OK);
	ruled[PRIORITAS].group = 3;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* alone */
	ruled[MULAI].group = ruled[AKHIR].group = 3;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* there is no 2 */
	ruled[NILAI].group = ruled[HARGA].group = ruled[JUMLAH].group = 2;
	ruled[MULAI].group = ruled[AKHIR].group = 1;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* 2 before 1 */
	ruled[STATUS].group = 1;
	CHECK(spoiled() == ERR_OK);
}

static void states_and_lines(void)
{
	struct schema_text empty = NAME(""), twice[] = { NAME("a"), NAME("a") };
	struct schema_write line = { .role = ROLE_WRITER };
	uint8_t column[] = { STATUS, STATUS };

	(void)ruled_sample();
	rules.state = RULED;
	CHECK(spoiled() == ERR_CANNOT_ATTACH);
	rules.state = ID;
	CHECK(spoiled() == ERR_CANNOT_ATTACH);
	rules.state = -1;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* frozen, without a state */
	rules.state = -1;
	rules.frozens = 0;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* lines with states, without a state */
	rules.state = -1;
	rules.frozens = rules.writes = 0;
	CHECK(spoiled() == ERR_OK);
	rules.frozen = &empty;
	rules.frozens = 1;
	CHECK(spoiled() == ERR_CANNOT_ATTACH);
	rules.frozen = twice;
	CHECK(spoiled() == ERR_CANNOT_ATTACH);
	rules.write = &line;
	rules.writes = 1;
	line.role = ROLE_READER;
	CHECK(spoiled() == ERR_CANNOT_ATTACH);
	for (int role = ROLE_WRITER; role <= ROLE_HUB; role++) {
		rules.write = &line;
		rules.writes = 1;
		line.role = (uint8_t)role;
		CHECK(spoiled() == (role == ROLE_READER || role == ROLE_RELAY ? ERR_CANNOT_ATTACH : ERR_OK));
	}
	line.columns = 2;
	line.column = column;
	rules.write = &line;
	rules.writes = 1;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* a column twice */
	column[0] = ID;
	rules.write = &line;
	rules.writes = 1;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* a key column */
	column[0] = WILAYAH;
	rules.write = &line;
	rules.writes = 1;
	CHECK(spoiled() == ERR_OK);
	column[1] = RULED;
	rules.write = &line;
	rules.writes = 1;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* no column */
}

static void limits_of_rules(void)
{
	static struct schema_text state[LIMIT_STATES + 1];
	static struct schema_write line[LIMIT_WRITE_RULES + 1];
	static struct schema_label label[LIMIT_LANGUAGES + 1];
	static char name[LIMIT_STATES + 1][4], longest[LIMIT_NAME_BYTES + 2];

	(void)ruled_sample();
	for (size_t i = 0; i <= LIMIT_STATES; i++)
		state[i] = (struct schema_text){ name[i], (uint32_t)snprintf(name[i], 4, "a%02zu", i) };
	for (size_t i = 0; i <= LIMIT_WRITE_RULES; i++)
		line[i].role = ROLE_HUB;
	for (size_t i = 0; i <= LIMIT_LANGUAGES; i++) {
		label[i].language = (struct schema_text){ &"aabacadaeafagahai"[2 * i], 2 };
		label[i].text = state[i];
	}
	for (unsigned over = 0; over < 2; over++) {
		enum err_code want = over ? ERR_TOO_LARGE : ERR_OK;

		rules.frozen = state;
		rules.frozens = (uint8_t)(LIMIT_STATES + over);
		CHECK(spoiled() == want);
		rules.write = line;
		rules.writes = (uint8_t)(LIMIT_WRITE_RULES + over);
		CHECK(spoiled() == want);
		line[0].state = state;
		line[0].states = (uint8_t)(LIMIT_STATES + over);
		rules.write = line;
		rules.writes = 1;
		CHECK(spoiled() == want);
		line[0].states = 0;
		rules.label = label;
		rules.labels = (uint16_t)(LIMIT_LANGUAGES + over);
		CHECK(spoiled() == want);
		ruled[NILAI].label = label;
		ruled[NILAI].labels = (uint16_t)(LIMIT_LANGUAGES + over);
		CHECK(spoiled() == want);
		memset(longest, 'x', sizeof(longest));
		state[0] = (struct schema_text){ longest, LIMIT_NAME_BYTES + over };
		rules.frozen = state;
		rules.frozens = 1;
		CHECK(spoiled() == (over ? ERR_CANNOT_ATTACH : ERR_OK));
		state[0] = (struct schema_text){ name[0], 3 };
		label[0].language = (struct schema_text){ "aaaaaaaaa", LIMIT_LANGUAGE_BYTES + over };
		rules.label = label;
		rules.labels = 1;
		CHECK(spoiled() == (over ? ERR_CANNOT_ATTACH : ERR_OK));
		label[0].language.len = 1 + !over;
		rules.label = label;
		rules.labels = 1;
		CHECK(spoiled() == (over ? ERR_CANNOT_ATTACH : ERR_OK));
	}
	label[0].language = (struct schema_text)NAME("id");
	rules.label = label;
	rules.labels = 2;
	CHECK(spoiled() == ERR_CANNOT_ATTACH); /* out of order */
}

static enum err_code with_type(const char *type)
{
	struct schema_column c = { .name = NAME("id"), .type = { type, (uint32_t)strlen(type) } };
	struct schema_table t = { .name = NAME("t"), .columns = 1, .keys = 1, .column = &c };

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
	struct schema_column c[] = { { .name = { a, (uint32_t)strlen(a) } },
				     { .name = { b, (uint32_t)strlen(b) } } };
	struct schema_table t[] = {
		{ .name = { table, (uint32_t)strlen(table) }, .columns = 2, .keys = 1, .column = c },
		{ .name = NAME("other"), .columns = 2, .keys = 1, .key = { 1 }, .column = c }
	};

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
	struct schema_table t = { .name = NAME("t"), .columns = LIMIT_KEY_COLUMNS + 1,
				  .keys = LIMIT_KEY_COLUMNS, .key = { 0, 1, 2, 3 }, .column = c };
	const struct schema s = { 1, &t };
	static char name[LIMIT_KEY_COLUMNS + 1][2];

	for (size_t i = 0; i <= LIMIT_KEY_COLUMNS; i++) {
		name[i][0] = (char)('a' + i);
		c[i] = (struct schema_column){ .name = { name[i], 1 } };
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
	t.flags = 8;
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

		c[i] = (struct schema_column){ .name = { column_name[i], len } };
		len = (uint32_t)snprintf(table_name[i], 8, "t%zu", i);
		t[i] = (struct schema_table){ .name = { table_name[i], len }, .columns = 1, .keys = 1,
					      .column = c };
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

static json_t *golden_texts(const struct schema_text *text, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_stringn(text[i].text, text[i].len));
	return list;
}

static json_t *golden_labels(const struct schema_label *label, size_t n)
{
	json_t *labels = json_object();

	for (size_t i = 0; i < n; i++)
		json_object_setn_new(labels, label[i].language.text, label[i].language.len,
				     json_stringn(label[i].text.text, label[i].text.len));
	return labels;
}

static json_t *golden_write_line(const struct schema_write *w)
{
	json_t *columns = json_array();

	for (size_t i = 0; i < w->columns; i++)
		json_array_append_new(columns, json_integer(w->column[i]));
	return json_pack("{si so so so}", "role", w->role, "states", golden_texts(w->state, w->states),
			 "columns", columns, "to", golden_texts(w->to, w->tos));
}

static json_t *golden_rules(const struct schema_table *t)
{
	json_t *writes, *columns;

	if (t->rules == NULL)
		return json_null();
	writes = json_array();
	columns = json_array();
	for (size_t i = 0; i < t->rules->writes; i++)
		json_array_append_new(writes, golden_write_line(&t->rules->write[i]));
	for (size_t i = 0; i < t->columns; i++)
		json_array_append_new(columns,
				      json_pack("[iio]", t->column[i].policy, t->column[i].group,
						golden_labels(t->column[i].label, t->column[i].labels)));
	return json_pack("{si so si so so so}", "append", (int)t->rules->append, "columns", columns,
			 "state", (int)t->rules->state, "frozen",
			 golden_texts(t->rules->frozen, t->rules->frozens), "write", writes, "label",
			 golden_labels(t->rules->label, t->rules->labels));
}

static json_t *golden_table(const struct schema_table *t)
{
	json_t *columns = json_array(), *key = json_array();

	for (size_t i = 0; i < t->columns; i++)
		json_array_append_new(
			columns,
			json_pack("[s%s%io]", t->column[i].name.text, (size_t)t->column[i].name.len,
				  t->column[i].type.text == NULL ? "" : t->column[i].type.text,
				  (size_t)t->column[i].type.len,
				  t->column[i].flags, golden_value(&t->column[i].fallback)));
	for (size_t i = 0; i < t->keys; i++)
		json_array_append_new(key, json_integer(t->key[i]));
	return json_pack("{ss% si so so si so}", "name", t->name.text, (size_t)t->name.len, "flags",
			 t->flags & ~SCHEMA_TABLE_SCOPED, "columns", columns, "key", key, "scope",
			 t->flags & SCHEMA_TABLE_SCOPED ? t->scope : -1, "rules", golden_rules(t));
}

static json_t *golden_document(const struct schema *s, int format)
{
	json_t *list = json_array();
	uint8_t bytes[4096];
	struct hash hash;
	size_t len;
	struct err e;

	if (!schema_encode(s, bytes, sizeof(bytes), &len, &e))
		return NULL;
	crypto_sha256(bytes, len, &hash);
	for (size_t i = 0; i < s->tables; i++)
		json_array_append_new(list, golden_table(&s->table[i]));
	return json_pack("{si so so so}", "format", format, "tables", list, "bytes",
			 golden_hex(bytes, len), "hash", golden_hex(&hash, sizeof(hash)));
}

static json_t *vectors(void)
{
	return json_pack("{s[oo]}", "documents", golden_document(&sample, 1),
			 golden_document(ruled_sample(), 2));
}

static void golden(void)
{
	AUTO_JSON *built = vectors();

	CHECK(built != NULL && golden_matches("schema", built));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(round_trips),
		TAP(the_older_format_is_kept_where_it_suffices),
		TAP(cuts_and_changed_bytes),
		TAP(declared_types_cannot_carry_sql),
		TAP(names),
		TAP(keys_and_flags),
		TAP(counts),
		TAP(policies_fit_their_columns),
		TAP(groups_stand_in_order),
		TAP(states_and_lines),
		TAP(limits_of_rules),
		TAP(golden),
	};

	if (argc > 1 && strcmp(argv[1], "--write") == 0)
		return golden_write("schema", vectors());
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
