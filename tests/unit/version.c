/* version.c - version rows: keys, probing, scopes, sizes. */
#include <stdio.h>
#include <string.h>

#include "base/world.h"
#include "store/tables.h"
#include "store/version.h"
#include "tap.h"

static bool file_open(struct db *db, struct err *e)
{
	return db_open(db, ":memory:", DB_NODE, true, e) && tables_create(db, e) &&
	       version_table_create(db, 1, world_real(), e);
}

static struct value text(const char *s)
{
	return (struct value){ .type = VALUE_TEXT, .len = (uint32_t)strlen(s), .bytes = (const uint8_t *)s };
}

static struct value integer(int64_t i)
{
	return (struct value){ .type = VALUE_INT, .integer = i };
}

static struct merge_change change_of(enum change_op op, uint64_t seq)
{
	struct merge_change c = { .op = op, .chain = 1, .seq = seq, .hlc = (1763800000000 + seq) << 16,
				  .seen_own = CHANGE_SEEN_ALL };

	c.columns.word[0] = op == CHANGE_INSERT ? 0xfff : 0x6;
	return c;
}

static bool seal(struct version_table *t, const struct value *key, const char *scope,
		 struct merge_change change, struct err *e)
{
	struct merge_result result;
	struct version found;
	struct scope s;

	snprintf(s.name, sizeof(s.name), "%s", scope);
	return version_find(t, key, &s, &found, e) && version_seal(t, &found, &change, &result, e);
}

static void life_of_a_row(void)
{
	const struct version_shape shape = { .no = 1, .keys = 1, .scope = { "13.73" } };
	const struct value key = text("0191c2a0-1111-7abc-8def-0123456789ab");
	struct version v;
	struct err e;
	AUTO_DB db = { 0 };
	AUTO_VERSION t = { 0 };

	CHECK_OK(file_open(&db, &e) && version_open(&t, &db, &shape, &e), &e);
	CHECK(version_find(&t, &key, NULL, &v, &e) && v.state == VERSION_NONE);
	CHECK_OK(seal(&t, &key, "13.73", change_of(CHANGE_INSERT, 1), &e), &e);
	CHECK(version_find(&t, &key, NULL, &v, &e) && v.state == VERSION_ALIVE && v.n == 1);
	CHECK(strcmp(v.scope.name, "13.73") == 0);
	CHECK(seal(&t, &key, "13.73", change_of(CHANGE_UPDATE, 2), &e));
	CHECK(version_find(&t, &key, NULL, &v, &e) && v.n == 2 && v.entry[0].columns.word[0] == 0xff9);
	CHECK(seal(&t, &key, "13.73", change_of(CHANGE_DELETE, 3), &e));
	CHECK(version_find(&t, &key, NULL, &v, &e) && v.state == VERSION_DEAD && v.n == 2);
	CHECK(seal(&t, &key, "13.73", change_of(CHANGE_INSERT, 4), &e));
	CHECK(version_find(&t, &key, NULL, &v, &e) && v.state == VERSION_ALIVE && v.n == 1);
}

static void integer_keys_are_their_own_address(void)
{
	const struct version_shape shape = { .no = 1, .keys = 1, .integer_key = true };
	const struct value keys[] = { integer(0), integer(-7), integer(INT64_MAX), integer(INT64_MIN) };
	struct version v;
	struct err e;
	int64_t n;
	AUTO_DB db = { 0 };
	AUTO_VERSION t = { 0 };

	CHECK_OK(file_open(&db, &e) && version_open(&t, &db, &shape, &e), &e);
	for (size_t i = 0; i < 4; i++)
		CHECK(seal(&t, &keys[i], "a", change_of(CHANGE_INSERT, 1), &e));
	for (size_t i = 0; i < 4; i++)
		CHECK(version_find(&t, &keys[i], NULL, &v, &e) && v.k == keys[i].integer);
	CHECK(db_int(&db, "SELECT count(*) FROM simpul_version_1 WHERE key IS NULL", 0, &n, &e) && n == 4);
}

/* Every k of this key and its successors is taken by other keys: the search has to walk, and wrap. */
static void keys_that_collide_are_told_apart(void)
{
	const struct version_shape shape = { .no = 1, .keys = 1 };
	const struct value a = text("a"), b = text("b");
	struct version_key at;
	struct version v;
	struct err e;
	AUTO_BUF packed = { 0 };
	AUTO_DB db = { 0 };
	AUTO_STMT s = { 0 };
	AUTO_VERSION t = { 0 };

	CHECK_OK(file_open(&db, &e) && version_open(&t, &db, &shape, &e), &e);
	CHECK(seal(&t, &a, "x", change_of(CHANGE_INSERT, 1), &e));
	version_key_make(&t, &b, NULL, &packed, &at);
	CHECK_OK(db_prepare(&db, "UPDATE simpul_version_1 SET k = ?1", &s, &e), &e);
	stmt_int(&s, 1, at.k);
	CHECK(stmt_done(&s, &e));
	CHECK(version_find(&t, &b, NULL, &v, &e) && v.state == VERSION_NONE);
	CHECK_OK(seal(&t, &b, "x", change_of(CHANGE_INSERT, 5), &e), &e);
	CHECK(version_find(&t, &b, NULL, &v, &e) && v.entry[0].seq == 5);
	CHECK((uint64_t)v.k == (uint64_t)at.k + 1);
	CHECK(seal(&t, &b, "x", change_of(CHANGE_DELETE, 6), &e));
	CHECK(version_find(&t, &b, NULL, &v, &e) && v.state == VERSION_DEAD);
}

static void scope_is_part_of_the_identity(void)
{
	const struct version_shape by_column = { .no = 1, .keys = 1, .by = VERSION_SCOPE_COLUMN };
	const struct scope first = { "13.73" };
	const struct value key = integer(1);
	struct version v;
	struct err e;
	AUTO_DB db = { 0 };
	AUTO_VERSION t = { 0 };

	CHECK_OK(file_open(&db, &e) && version_open(&t, &db, &by_column, &e), &e);
	CHECK(seal(&t, &key, "13.73", change_of(CHANGE_INSERT, 1), &e));
	CHECK(seal(&t, &key, "13.73", change_of(CHANGE_DELETE, 2), &e));
	CHECK(seal(&t, &key, "13.75", change_of(CHANGE_INSERT, 3), &e));
	CHECK(version_find(&t, &key, NULL, &v, &e) && v.state == VERSION_ALIVE);
	CHECK(strcmp(v.scope.name, "13.75") == 0);
	CHECK(version_find(&t, &key, &first, &v, &e) && v.state == VERSION_DEAD);
	CHECK(strcmp(v.scope.name, "13.73") == 0);
}

static void scope_within_the_key(void)
{
	const struct version_shape shape = { .no = 1, .keys = 2, .by = VERSION_SCOPE_KEY };
	const struct value mine[] = { text("13.73"), integer(1) }, other[] = { text("13.75"), integer(1) };
	struct version v;
	struct err e;
	AUTO_DB db = { 0 };
	AUTO_VERSION t = { 0 };

	CHECK_OK(file_open(&db, &e) && version_open(&t, &db, &shape, &e), &e);
	CHECK(seal(&t, mine, "", change_of(CHANGE_INSERT, 1), &e));
	CHECK(version_find(&t, other, NULL, &v, &e) && v.state == VERSION_NONE);
	CHECK(version_find(&t, mine, NULL, &v, &e) && v.state == VERSION_ALIVE);
	CHECK(strcmp(v.scope.name, "13.73") == 0);
}

static void keys_survive_packing(void)
{
	static const int64_t ints[] = { 0, 1, -1, 127, 128, -128, -129, 255, 65535, 1 << 30, INT64_MAX,
					INT64_MIN };
	char uuid[4][37];
	struct value back[4];
	struct err e;
	size_t n;
	AUTO_BUF b = { 0 };

	(void)e;
	for (size_t i = 0; i < sizeof(ints) / sizeof(ints[0]); i++) {
		struct value v = integer(ints[i]);

		buf_reset(&b);
		version_pack(&v, 1, &b);
		CHECK(version_unpack(b.data, b.len, back, 4, uuid, &n) && n == 1);
		CHECK(value_equal(&v, &back[0]));
	}
	{
		const struct value v[4] = { text("0191c2a0-1111-7abc-8def-0123456789ab"),
					    text("0191C2A0-1111-7ABC-8DEF-0123456789AB"), text(""),
					    { .type = VALUE_REAL, .real = -0.0 } };

		buf_reset(&b);
		version_pack(v, 4, &b);
		CHECK(b.len == 17 + 38 + 2 + 9);
		CHECK(version_unpack(b.data, b.len, back, 4, uuid, &n) && n == 4);
		for (size_t i = 0; i < 4; i++)
			CHECK(value_equal(&v[i], &back[i]));
		CHECK(!version_unpack(b.data, b.len - 1, back, 4, uuid, &n));
		CHECK(!version_unpack(b.data, b.len, back, 3, uuid, &n));
	}
}

static void a_version_row_is_small(void)
{
	const struct version_shape shape = { .no = 1, .keys = 1 };
	struct err e;
	int64_t bytes;
	AUTO_DB db = { 0 };
	AUTO_VERSION t = { 0 };

	CHECK_OK(file_open(&db, &e) && version_open(&t, &db, &shape, &e), &e);
	CHECK(db_exec(&db, "BEGIN", &e));
	for (int i = 0; i < 10000; i++) {
		char uuid[40];
		struct value key;

		snprintf(uuid, sizeof(uuid), "0191c2a0-%04x-7abc-8def-01%02d56789abc", i, i % 100);
		key = text(uuid);
		CHECK_OK(seal(&t, &key, "x", change_of(CHANGE_INSERT, 100 + (uint64_t)i / 100), &e), &e);
	}
	CHECK(db_exec(&db, "COMMIT", &e));
	CHECK(db_int(&db, "SELECT sum(length(key) + length(v)) / 10000 FROM simpul_version_1", 0, &bytes,
		     &e));
	tap_note("fresh version row: %lld bytes of key and value", (long long)bytes);
	CHECK(bytes <= 45 - 13); /* header 4, k 9 */
}

static void only_for_this_program(void)
{
	const struct version_shape shape = { .no = 1, .keys = 1 };
	struct err e;
	AUTO_DB db = { 0 };
	AUTO_VERSION t = { 0 };

	CHECK_OK(file_open(&db, &e) && version_open(&t, &db, &shape, &e), &e);
	CHECK(!db_exec(&db, "SELECT simpul_version_edit(1, 2, 3)", &e));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(life_of_a_row), TAP(integer_keys_are_their_own_address),
		TAP(keys_that_collide_are_told_apart), TAP(scope_is_part_of_the_identity),
		TAP(scope_within_the_key), TAP(keys_survive_packing), TAP(a_version_row_is_small),
		TAP(only_for_this_program),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
