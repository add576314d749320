/*
 * digest.c - the state digest.
 *
 *	digest = SHA-256("simpul-state-1" || row hashes in ascending order)
 *	row hash = SHA-256(name(table) || u8 key values || key values || column...)
 *	column = name(column) || u16 writes || write...	 columns with a standing write, by name
 *	write  = chain id (16) || u64 seq || u64 HLC || u8 flags	 by (chain id, seq, HLC, flags)
 *	flags  = 1 dead, 2 tally
 *	name   = u16 length || bytes, ASCII letters in lower case
 *
 * Integers are big-endian; key values are packed as in version.c.  Sorting hashes instead of rows needs no
 * common collation and no index.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "merge/digest.h"
#include "simpul/crypto.h"
#include "store/history.h"
#include "store/version.h"

#define MAGIC "simpul-state-1"

struct digest {
	struct db *db;
	const struct scope *scope; /* NULL: all */
	const struct chain_id *id;
	const struct catalog_table *table;
	struct version_table versions;
	const char *name[LIMIT_COLUMNS];  /* by stable number; NULL: no such column */
	uint8_t by_name[LIMIT_COLUMNS];	  /* stable numbers, in the order of names */
	size_t columns;
	struct arena arena;
	struct buf row, hashes;
};

#define AUTO_DIGEST __attribute__((cleanup(digest_done))) struct digest

static void digest_done(struct digest *d)
{
	version_close(&d->versions);
	arena_done(&d->arena);
	buf_done(&d->row);
	buf_done(&d->hashes);
}

static void put_uint(struct buf *out, uint64_t v, size_t bytes)
{
	uint8_t *p = buf_reserve(out, bytes);

	for (size_t i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
	out->len += bytes;
}

static void put_name(struct buf *out, const char *name)
{
	size_t len = strlen(name);

	put_uint(out, len, 2);
	for (size_t i = 0; i < len; i++)
		put_uint(out, (uint8_t)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] | 32 : name[i]), 1);
}

static bool load_names(struct digest *d, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	memset(d->name, 0, sizeof(d->name));
	d->columns = 0;
	if (!db_statement(d->db, "SELECT no, coalesce(replicated, name) FROM simpul_column"
				 " WHERE table_no = ?1 AND no < 256", &s, e))
		return false;
	stmt_int(&s, 1, d->table->no);
	while (true) {
		size_t at = d->columns;
		uint8_t no;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		no = (uint8_t)stmt_get_int(&s, 0);
		d->name[no] = arena_text(&d->arena, stmt_get_text(&s, 1));
		for (; at > 0 && sqlite3_stricmp(d->name[d->by_name[at - 1]], d->name[no]) > 0; at--)
			d->by_name[at] = d->by_name[at - 1];
		d->by_name[at] = no;
		d->columns++;
	}
}

struct write { /* of one column, ready to sort */
	struct chain_id chain;
	uint64_t seq, hlc;
	unsigned flags;
};

#define DEAD 1u
#define TALLY 2u

static int write_order(const void *a, const void *b)
{
	const struct write *x = a, *y = b;
	int order = chain_compare(&x->chain, &y->chain);

	if (order != 0)
		return order;
	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	if (x->hlc != y->hlc)
		return x->hlc < y->hlc ? -1 : 1;
	return x->flags < y->flags ? -1 : x->flags > y->flags;
}

static void put_column(struct digest *d, const struct version *v, uint8_t no, struct arena *arena)
{
	struct write *w = arena_take(arena, v->n * sizeof(*w) + 1);
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		if (column_set_has(&v->entry[i].columns, no))
			w[n++] = (struct write){ d->id[v->entry[i].chain], v->entry[i].seq,
						 v->entry[i].hlc,
						 (v->entry[i].dead ? DEAD : 0) |
							 (v->entry[i].tally ? TALLY : 0) };
	if (n == 0)
		return;
	qsort(w, n, sizeof(*w), write_order);
	put_name(&d->row, d->name[no]);
	put_uint(&d->row, n, 2);
	for (size_t i = 0; i < n; i++) {
		buf_put(&d->row, w[i].chain.bytes, sizeof(w[i].chain.bytes));
		put_uint(&d->row, w[i].seq, 8);
		put_uint(&d->row, w[i].hlc, 8);
		put_uint(&d->row, w[i].flags, 1);
	}
}

static bool add_row(struct digest *d, int64_t k, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	struct version_row v;
	struct hash hash;

	if (!version_at(&d->versions, k, &v, e))
		return false;
	/* No entries: all that was ever written was revoked, as if the row had never been. */
	if (v.version.n == 0 || (d->scope != NULL && !scope_equal(&v.version.scope, d->scope)))
		return true;
	buf_reset(&d->row);
	put_name(&d->row, d->table->replicated);
	put_uint(&d->row, (uint64_t)d->table->keys, 1);
	version_pack(v.key + d->table->scope_in_key, (size_t)d->table->keys, &d->row);
	for (size_t i = 0; i < d->columns; i++)
		put_column(d, &v.version, d->by_name[i], &arena);
	crypto_sha256(d->row.data, d->row.len, &hash);
	buf_put(&d->hashes, hash.bytes, sizeof(hash.bytes));
	return true;
}

static bool add_table(struct digest *d, const struct catalog_table *table, struct err *e)
{
	struct version_shape shape;
	char sql[80];
	AUTO_STMT s = { 0 };
	bool row;

	d->table = table;
	version_close(&d->versions);
	version_shape_of(table, &shape);
	snprintf(sql, sizeof(sql), "SELECT k FROM simpul_version_%d", table->no);
	if (!version_open(&d->versions, d->db, &shape, e) || !load_names(d, e) ||
	    !db_prepare(d->db, sql, &s, e))
		return false;
	while (true) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		if (!add_row(d, stmt_get_int(&s, 0), e))
			return false;
	}
}

static int hash_order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct hash));
}

static void finish(struct digest *d, struct hash *ret, int64_t *ret_rows)
{
	struct bytes parts[2] = { { MAGIC, sizeof(MAGIC) - 1 } };

	if (d->hashes.len > 0)
		qsort(d->hashes.data, d->hashes.len / sizeof(*ret), sizeof(*ret), hash_order);
	parts[1] = (struct bytes){ d->hashes.data, d->hashes.len };
	crypto_sha256_parts(parts, 2, ret);
	*ret_rows = (int64_t)(d->hashes.len / sizeof(*ret));
}

bool digest_scope(struct db *db, const struct catalog *catalog, const struct scope *scope,
		  struct hash *ret, int64_t *ret_rows, struct err *e)
{
	AUTO_DIGEST d = { .db = db, .scope = scope };
	AUTO_HISTORY chains = { 0 };

	if (!history_open(&chains, db, catalog, e))
		return false;
	d.id = chains.id;
	for (int i = 0; i < catalog->tables; i++)
		if (!add_table(&d, &catalog->table[i], e))
			return false;
	finish(&d, ret, ret_rows);
	return true;
}

bool digest_table(struct db *db, const struct catalog *catalog, const struct catalog_table *table,
		  struct hash *ret, int64_t *ret_rows, struct err *e)
{
	AUTO_DIGEST d = { .db = db };
	AUTO_HISTORY chains = { 0 };

	if (!history_open(&chains, db, catalog, e))
		return false;
	d.id = chains.id;
	if (!add_table(&d, table, e))
		return false;
	finish(&d, ret, ret_rows);
	return true;
}
