/* drain.c - hints sorted by table and key, and those of one row made one. */
#include <stdlib.h>
#include <string.h>

#include "capture/drain.h"
#include "capture/trigger.h"

static struct value copied(struct arena *arena, struct value v)
{
	if (v.type >= VALUE_TEXT)
		v.bytes = arena_copy(arena, v.bytes, v.len);
	return v;
}

static int by_row(const void *pa, const void *pb)
{
	const struct drain_row *a = pa, *b = pb;
	int order;

	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	for (int i = 0; i < a->table->keys; i++) {
		order = value_compare(&a->key[i], &b->key[i]);
		if (order != 0)
			return order;
	}
	return a->table->scope_in_key ? value_compare(&a->scope_key, &b->scope_key) : 0;
}

static void read_hint(struct stmt *s, struct arena *arena, struct drain_row *row)
{
	int64_t m = stmt_get_int(s, 2);

	for (int i = 0; i < row->table->keys; i++)
		row->key[i] = copied(arena, stmt_get_value(s, 4 + i));
	if (row->table->scope_in_key)
		row->scope_key = copied(arena, stmt_get_value(s, 8));
	row->inserted = m < 0;
	row->mask = m < 0 ? 0 : m;
	row->ms = stmt_get_int(s, 3) > 0 ? (uint64_t)stmt_get_int(s, 3) : 0;
}

/* What of a row decides most comparisons, so that sorting seldom goes to the rows themselves. */
struct place {
	uint64_t prefix; /* ascending with the first key among keys of one type */
	const struct drain_row *row;
};

static uint64_t prefix_of(const struct value *key)
{
	uint64_t prefix = 0;

	if (key->type == VALUE_INT)
		return (uint64_t)key->integer ^ UINT64_C(1) << 63;
	if (key->type < VALUE_TEXT)
		return 0;
	for (uint32_t i = 0; i < sizeof(prefix); i++)
		prefix = prefix << 8 | (i < key->len ? key->bytes[i] : 0);
	return prefix;
}

static int by_place(const void *pa, const void *pb)
{
	const struct place *a = pa, *b = pb;

	if (a->prefix != b->prefix && a->row->table == b->row->table &&
	    a->row->key[0].type == b->row->key[0].type)
		return a->prefix < b->prefix ? -1 : 1;
	return by_row(a->row, b->row);
}

/* Bulk work leaves hints in key order already: looking costs less than sorting. */
static bool sorted(const struct drain_row *row, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (by_row(&row[i - 1], &row[i]) > 0)
			return false;
	return true;
}

static struct drain_row *sort(struct arena *arena, struct drain_row *row, size_t n)
{
	struct drain_row *ret;
	struct place *place;

	if (sorted(row, n))
		return row;
	place = memory_new(n * sizeof(*place));
	for (size_t i = 0; i < n; i++)
		place[i] = (struct place){ prefix_of(&row[i].key[0]), &row[i] };
	qsort(place, n, sizeof(*place), by_place);
	ret = arena_take(arena, n * sizeof(*ret));
	for (size_t i = 0; i < n; i++)
		ret[i] = *place[i].row;
	memory_free(&place);
	return ret;
}

static size_t coalesce(struct drain_row *row, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct drain_row *last = kept == 0 ? NULL : &row[kept - 1];

		if (last == NULL || by_row(last, &row[i]) != 0) {
			row[kept++] = row[i];
			continue;
		}
		last->inserted |= row[i].inserted;
		last->mask |= row[i].mask;
		if (row[i].ms > last->ms)
			last->ms = row[i].ms;
	}
	return kept;
}

bool drain_take(struct db *db, struct arena *arena, const struct catalog *catalog,
		const struct drain_range *range, struct drain *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	struct drain drain = { 0 };
	size_t cap = 0;
	bool row;

	if (!db_statement(db, "SELECT seq, t, m, " TRIGGER_MS ", k1, k2, k3, k4, s FROM simpul_log"
			      " WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3", &s, e))
		return false;
	stmt_int(&s, 1, range->after);
	stmt_int(&s, 2, range->upto);
	stmt_int(&s, 3, range->most);
	while (true) {
		const struct catalog_table *table;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		drain.last_seq = stmt_get_int(&s, 0);
		table = catalog_by_no(catalog, (int)stmt_get_int(&s, 1));
		if (table == NULL) {
			drain.skipped++;
			continue;
		}
		if (drain.rows == cap) {
			struct drain_row *more;

			cap = cap == 0 ? 64 : cap * 2;
			more = arena_take(arena, cap * sizeof(*more));
			if (drain.rows > 0)
				memcpy(more, drain.row, drain.rows * sizeof(*more));
			drain.row = more;
		}
		drain.row[drain.rows] = (struct drain_row){ .table = table };
		read_hint(&s, arena, &drain.row[drain.rows++]);
	}
	drain.row = sort(arena, drain.row, drain.rows);
	drain.rows = coalesce(drain.row, drain.rows);
	*ret = drain;
	return true;
}

bool drain_drop(struct db *db, const struct catalog *catalog, int64_t after, int64_t upto,
		struct err *e)
{
	AUTO_RESET s = { 0 };

	for (int i = 0; i < catalog->tables; i++) {
		if (!db_statement(db, "DELETE FROM simpul_log WHERE seq > ?1 AND seq <= ?2 AND t = ?3",
				  &s, e))
			return false;
		stmt_int(&s, 1, after);
		stmt_int(&s, 2, upto);
		stmt_int(&s, 3, catalog->table[i].no);
		if (!stmt_done(&s, e))
			return false;
	}
	return true;
}

bool drain_put_back(struct db *db, const struct drain_row *row, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "INSERT INTO simpul_log(t, m, ts, k1, k2, k3, k4, s)"
			      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", &s, e))
		return false;
	stmt_int(&s, 1, row->table->no);
	stmt_int(&s, 2, row->inserted ? -1 : row->mask);
	row->ms > 0 ? stmt_int(&s, 3, (int64_t)row->ms) : stmt_null(&s, 3);
	for (int i = 0; i < (int)LIMIT_KEY_COLUMNS; i++)
		i < row->table->keys ? stmt_value(&s, 4 + i, &row->key[i]) : stmt_null(&s, 4 + i);
	stmt_value(&s, 8, &row->scope_key);
	return stmt_done(&s, e);
}
