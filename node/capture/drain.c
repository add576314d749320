/* drain.c - hints sorted by table and key, and those of one row and author made one. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "capture/drain.h"
#include "capture/trigger.h"

#define ROWS_AT_ONCE (1u << 17)

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

/* Hints of one row in the order in which they were left. */
static int by_hint(const void *pa, const void *pb)
{
	const struct drain_row *a = pa, *b = pb;
	int order = by_row(a, b);

	return order != 0 ? order : (a->seq > b->seq) - (a->seq < b->seq);
}

/* trigger.h: a Julian day, or ms since 1970; 0: a hint without a time. */
static uint64_t ms_of(struct stmt *s, int column)
{
	struct value ts = stmt_get_value(s, column);
	double ms;

	if (ts.type == VALUE_INT && ts.integer >= TRIGGER_DAY_MAX)
		return (uint64_t)ts.integer;
	if (ts.type != VALUE_INT && ts.type != VALUE_REAL)
		return 0;
	ms = ((ts.type == VALUE_INT ? (double)ts.integer : ts.real) - TRIGGER_DAY_1970) * TRIGGER_DAY_MS;
	return ms > 0 && ms < TRIGGER_DAY_MAX * TRIGGER_DAY_MS ? (uint64_t)(ms + 0.5) : 0;
}

static void read_hint(struct stmt *s, struct arena *arena, struct drain_row *row)
{
	int64_t m = stmt_get_int(s, 2);
	struct value o = stmt_get_value(s, 10);

	for (int i = 0; i < row->table->keys; i++)
		row->key[i] = copied(arena, stmt_get_value(s, 4 + i));
	if (row->table->scope_in_key)
		row->scope_key = copied(arena, stmt_get_value(s, 8));
	row->inserted = m < 0;
	row->mask = m < 0 ? 0 : m;
	row->look = m == 0;
	row->actor = stmt_get_int(s, 9);
	row->stale = o.type != VALUE_NULL;
	row->seen_own = o.type == VALUE_INT && o.integer > 0 ? (uint64_t)o.integer : 0;
	row->ms = ms_of(s, 3);
}

/* What of a row decides most comparisons, so that sorting seldom goes to the rows themselves. */
struct place {
	uint64_t prefix; /* ascending with the first key among keys of one type */
	struct drain_row *row;
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
	return by_hint(a->row, b->row);
}

/* Bulk work leaves hints in key order already: looking costs less than sorting. */
static bool sorted(const struct drain_row *row, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (by_hint(&row[i - 1], &row[i]) > 0)
			return false;
	return true;
}

/* Each row to its place, cycle by cycle: a copy of all of them would double what a cut takes. */
static void permute(struct drain_row *row, struct place *place, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct drain_row first = row[i];
		size_t to = i;

		while (place[to].row != &row[i]) {
			struct drain_row *from = place[to].row;

			row[to] = *from;
			place[to].row = &row[to];
			to = (size_t)(from - row);
		}
		row[to] = first;
		place[to].row = &row[to];
	}
}

static void sort(struct drain_row *row, size_t n)
{
	struct place *place;

	if (sorted(row, n))
		return;
	place = memory_new(n * sizeof(*place));
	for (size_t i = 0; i < n; i++)
		place[i] = (struct place){ prefix_of(&row[i].key[0]), &row[i] };
	qsort(place, n, sizeof(*place), by_place);
	permute(row, place, n);
	memory_free(&place);
}

static bool same_author(const struct drain_row *a, const struct drain_row *b)
{
	return a->actor == b->actor && a->stale == b->stale && a->seen_own == b->seen_own;
}

static void join(struct drain_row *to, const struct drain_row *hint)
{
	to->inserted |= hint->inserted;
	to->look |= hint->look;
	to->mask |= hint->mask;
	to->seq = hint->seq;
	if (hint->ms > to->ms)
		to->ms = hint->ms;
}

/* What others wrote of it before is not what stands there now. */
static void take_over(struct drain_row *other, const struct drain_row *hint)
{
	other->mask = hint->inserted ? 0 : other->mask & ~hint->mask;
	other->inserted &= !hint->inserted;
	other->look &= !hint->inserted && !hint->look;
}

/* The hints of one row, hint[0..n), as one entry per author, first to be looked at first. */
static size_t by_author(struct drain_row *hint, size_t n)
{
	size_t authors = 0, kept = 0;

	for (size_t i = 0; i < n; i++) {
		const struct drain_row now = hint[i];
		size_t mine = 0;

		while (mine < authors && !same_author(&hint[mine], &now))
			mine++;
		for (size_t k = 0; k < authors; k++)
			if (k != mine)
				take_over(&hint[k], &now);
		if (mine < authors)
			join(&hint[mine], &now);
		else
			hint[authors++] = now;
	}
	for (size_t i = 0; i < authors; i++)
		if (hint[i].inserted || hint[i].look || hint[i].mask != 0)
			hint[kept++] = hint[i];
	/* Whoever deleted it comes first, so that the delete is theirs; should it be there, nothing is. */
	for (size_t i = 1; i < kept; i++)
		if (hint[i].look) {
			const struct drain_row first = hint[i];

			memmove(&hint[1], &hint[0], i * sizeof(*hint));
			hint[0] = first;
		}
	return kept;
}

static void coalesce(struct drain *drain)
{
	struct drain_row *row = drain->row;
	size_t kept = 0, next;

	drain->rounds = drain->rows > 0;
	for (size_t i = 0; i < drain->rows; i = next) {
		bool one_author = true;
		size_t authors = 1;

		for (next = i + 1; next < drain->rows && by_row(&row[i], &row[next]) == 0; next++)
			one_author &= same_author(&row[i], &row[next]);
		if (one_author)
			for (size_t k = i + 1; k < next; k++)
				join(&row[i], &row[k]);
		else
			authors = by_author(&row[i], next - i);
		for (size_t k = 0; k < authors; k++) {
			row[kept] = row[i + k];
			row[kept++].round = (uint32_t)k;
		}
		if (authors > drain->rounds)
			drain->rounds = (uint32_t)authors;
	}
	drain->rows = kept;
}

/* As many as there are numbers in the range: seldom a gap is in it, and untouched memory costs nothing. */
static size_t rows_likely(const struct drain_range *range)
{
	uint64_t numbers = (uint64_t)range->upto - (uint64_t)range->after;

	if (range->most > 0 && numbers > (uint64_t)range->most)
		numbers = (uint64_t)range->most;
	return numbers > ROWS_AT_ONCE ? ROWS_AT_ONCE : numbers + 1;
}

bool drain_take(struct db *db, struct arena *arena, const struct catalog *catalog,
		const struct drain_range *range, struct drain *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	struct drain drain = { 0 };
	size_t cap = 0;
	bool row;

	if (!db_statement(db, "SELECT seq, t, m, ts, k1, k2, k3, k4, s, a, o FROM simpul_log"
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

			cap = cap == 0 ? rows_likely(range) : cap * 2;
			more = arena_take(arena, cap * sizeof(*more));
			if (drain.rows > 0)
				memcpy(more, drain.row, drain.rows * sizeof(*more));
			drain.row = more;
		}
		drain.row[drain.rows] = (struct drain_row){ .table = table, .seq = drain.last_seq };
		read_hint(&s, arena, &drain.row[drain.rows++]);
	}
	sort(drain.row, drain.rows);
	coalesce(&drain);
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

bool drain_has(struct db *db, const struct drain_row *row, bool *ret, struct err *e)
{
	AUTO_BUF sql = { 0 };
	AUTO_RESET s = { 0 };

	buf_text(&sql, "SELECT 1 FROM simpul_log WHERE t = ?1 AND s IS ?2");
	for (int i = 0; i < row->table->keys; i++)
		buf_print(&sql, " AND k%d IS ?%d", i + 1, i + 3);
	if (!db_statement(db, buf_string(&sql), &s, e))
		return false;
	stmt_int(&s, 1, row->table->no);
	stmt_value(&s, 2, &row->scope_key);
	for (int i = 0; i < row->table->keys; i++)
		stmt_value(&s, i + 3, &row->key[i]);
	return stmt_row(&s, ret, e);
}

bool drain_put_back(struct db *db, const struct drain_row *row, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "INSERT INTO simpul_log(t, m, ts, k1, k2, k3, k4, s, a, o)"
			      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", &s, e))
		return false;
	stmt_int(&s, 1, row->table->no);
	stmt_int(&s, 2, row->inserted ? -1 : row->mask);
	row->ms > 0 ? stmt_int(&s, 3, (int64_t)row->ms) : stmt_null(&s, 3);
	for (int i = 0; i < (int)LIMIT_KEY_COLUMNS; i++)
		i < row->table->keys ? stmt_value(&s, 4 + i, &row->key[i]) : stmt_null(&s, 4 + i);
	stmt_value(&s, 8, &row->scope_key);
	row->actor > 0 ? stmt_int(&s, 9, row->actor) : stmt_null(&s, 9);
	row->stale ? stmt_int(&s, 10, (int64_t)row->seen_own) : stmt_null(&s, 10);
	return stmt_done(&s, e);
}
