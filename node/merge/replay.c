/*
 * replay.c - the log in memory, one pass over the frames.
 *
 * Rows sit in a hash table by (table, scope, packed key).  The hash is seeded anew each time, so that
 * nobody can choose keys that all fall into one bucket.  Changes are not copied but read straight from
 * the unpacked bodies, which stay; a write keeps its values as references into them.
 *
 * The order of acceptance is causal, so a chain's context vector is right when its next changeset comes.
 * A small cut counts from its last part on, as it does when it is merged.
 */
#include <stdio.h>
#include <string.h>

#include "merge/admission.h"
#include "merge/replay.h"
#include "merge/table.h"

#define BUCKETS_FIRST 4096u

struct replay_chain {
	const struct scope *scope; /* chains of one scope share the pointer */
	struct scope own;
	int64_t void_after; /* -1: good to the end */
	uint64_t *seen;	    /* [history.chains] */
};

static bool load_scopes(struct replay *r, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(r->db, "SELECT no, scope, coalesce(void_after, -1) FROM simpul_chain", &s, e))
		return false;
	while (true) {
		struct replay_chain *c;
		size_t i = 0;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		if (stmt_get_int(&s, 0) < 0 || stmt_get_int(&s, 0) >= (int64_t)r->history.chains)
			continue;
		c = &r->chain[stmt_get_int(&s, 0)];
		snprintf(c->own.name, sizeof(c->own.name), "%s", stmt_get_text(&s, 1));
		c->void_after = r->plan.as_then ? -1 : stmt_get_int(&s, 2);
		while (r->chain[i].scope == NULL || !scope_equal(r->chain[i].scope, &c->own))
			if (++i == r->history.chains)
				break;
		c->scope = i < r->history.chains ? r->chain[i].scope : &c->own;
	}
}

static uint32_t chain_number(const struct replay *r, const struct chain_id *id)
{
	for (size_t i = 1; i < r->history.chains; i++)
		if (chain_compare(&r->history.id[i], id) == 0)
			return (uint32_t)i;
	return 0;
}

static bool read_revocation(struct replay *r, const uint8_t *bytes, size_t len, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	struct replay_chain *c;
	struct revocation v;
	struct frame f;
	uint8_t *body;
	uint32_t no;

	if (!seal_open(bytes, len, &f, e))
		return false;
	body = arena_take(&arena, f.changeset.body_len + 1);
	if (!seal_unpack(&f, body, f.changeset.body_len, e) ||
	    !revocation_decode(body, f.changeset.body_len, &v, e))
		return false;
	no = chain_number(r, &v.chain);
	c = &r->chain[no];
	if (no > 0 && (c->void_after < 0 || v.last_good_seq < (uint64_t)c->void_after))
		c->void_after = (int64_t)v.last_good_seq;
	return true;
}

/* What was revoked by then, where that is not the same as now. */
static bool load_revocations(struct replay *r, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	if (!r->plan.as_then)
		return true;
	if (!db_prepare(r->db, "SELECT n, frame FROM simpul_changeset WHERE kind = 5 AND state < 2"
			       " AND n <= ?1", &s, e))
		return false;
	stmt_int(&s, 1, r->plan.upto);
	while (true) {
		const uint8_t *bytes;
		size_t len;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		bytes = stmt_get_blob(&s, 1, &len);
		if (!read_revocation(r, bytes, len, e))
			return err_wrap(e, "revocation %lld", (long long)stmt_get_int(&s, 0));
	}
}

static uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_key(const struct replay *r, const struct catalog_table *table,
			 const struct scope *scope, const uint8_t *key, size_t len)
{
	uint64_t h = r->secret ^ (uint64_t)(uintptr_t)table, word = 0;

	h = fold(h ^ 0x9e3779b97f4a7c15, (uint64_t)(uintptr_t)scope ^ r->secret);
	for (; len > 8; key += 8, len -= 8) {
		memcpy(&word, key, 8);
		h = fold(h ^ word, r->secret | 1);
	}
	word = 0;
	memcpy(&word, key, len);
	return fold(h ^ word, r->secret ^ (0xe7037ed1a0b428db + len));
}

static struct replay_row *look_up(const struct replay *r, const struct catalog_table *table,
				  const struct scope *scope, uint64_t hash)
{
	struct replay_row *row = r->bucket[hash & (r->buckets - 1)];

	while (row != NULL && (row->table != table || row->scope != scope ||
			       row->key_len != r->packed.len ||
			       memcmp(row->key, r->packed.data, row->key_len) != 0))
		row = row->chained;
	return row;
}

static uint64_t hash_row(const struct replay *r, const struct replay_row *row)
{
	return hash_key(r, row->table, row->scope, row->key, row->key_len);
}

static void grow(struct replay *r)
{
	r->buckets *= 4;
	r->bucket = memory_resize(r->bucket, r->buckets * sizeof(struct replay_row *));
	memset(r->bucket, 0, r->buckets * sizeof(struct replay_row *));
	for (struct replay_row *row = r->first; row != NULL; row = row->next) {
		struct replay_row **at = &r->bucket[hash_row(r, row) & (r->buckets - 1)];

		row->chained = *at;
		*at = row;
	}
}

static struct replay_row *add_row(struct replay *r, const struct catalog_table *table,
				  const struct scope *scope, uint64_t hash)
{
	struct replay_row *row = arena_take(&r->arena, sizeof(*row));
	struct replay_row **at;

	if (r->rows++ > r->buckets)
		grow(r);
	at = &r->bucket[hash & (r->buckets - 1)];
	*row = (struct replay_row){ .table = table, .scope = scope, .key_len = r->packed.len,
				    .chained = *at };
	row->key = arena_copy(&r->arena, r->packed.data, r->packed.len);
	*at = row;
	if (r->last == NULL)
		r->first = row;
	else
		r->last->next = row;
	r->last = row;
	return row;
}

/* The pointer that all chains of this scope share; NULL: no chain has it. */
static const struct scope *scope_shared(const struct replay *r, const struct scope *scope)
{
	for (size_t i = 1; i < r->history.chains; i++)
		if (r->chain[i].scope != NULL && scope_equal(r->chain[i].scope, scope))
			return r->chain[i].scope;
	return NULL;
}

static struct replay_row *row_of(struct replay *r, const struct catalog_table *table,
				 const struct scope *scope, const struct value *key, bool add)
{
	struct replay_row *row;
	uint64_t hash;

	buf_reset(&r->packed);
	version_pack(key, (size_t)table->keys, &r->packed);
	hash = hash_key(r, table, scope, r->packed.data, r->packed.len);
	row = look_up(r, table, scope, hash);
	return row != NULL || !add ? row : add_row(r, table, scope, hash);
}

struct replay_row *replay_find(struct replay *r, const struct catalog_table *table,
			       const struct scope *scope, const struct value *key)
{
	const struct scope *shared = scope_shared(r, scope);

	return shared == NULL ? NULL : row_of(r, table, shared, key, false);
}

struct replay_row *replay_want(struct replay *r, const struct catalog_table *table,
			       const struct scope *scope, const struct value *key)
{
	const struct scope *shared = scope_shared(r, scope);

	r->only_wanted = true;
	return shared == NULL ? NULL : row_of(r, table, shared, key, true);
}

void replay_key(const struct replay_row *row, struct replay_key *ret)
{
	size_t n;
	bool ok = version_unpack(row->key, row->key_len, ret->value, LIMIT_KEY_COLUMNS, ret->uuid, &n);

	for (size_t i = ok ? n : 0; i < LIMIT_KEY_COLUMNS; i++)
		ret->value[i] = (struct value){ .type = VALUE_NULL };
}

/* In one changeset a plain write and a tally of a row may have the same time. */
static bool is_tally(const struct replay_write *w, int column_no)
{
	return w->op == CHANGE_UPDATE && w->counters != NULL &&
	       column_set_has(w->counters, (unsigned)column_no);
}

const struct replay_write *replay_write_of(const struct replay_row *row, const struct merge_entry *entry,
					   int column_no, const struct value **ret_value)
{
	for (const struct replay_write *w = row->newest; w != NULL; w = w->older) {
		if (w->hlc != entry->hlc || w->set->seq != entry->seq || w->set->chain != entry->chain)
			continue;
		for (uint16_t i = 0; i < w->columns; i++)
			if (w->column[i] == column_no && is_tally(w, column_no) == entry->tally) {
				*ret_value = &w->value[i];
				return w;
			}
	}
	return NULL;
}

/* The source of values for store/history.h. */
static bool source_value(void *owner, const struct history_cell *cell, struct value *ret)
{
	const struct merge_entry entry = { .chain = cell->chain, .seq = cell->seq, .hlc = cell->hlc,
					   .tally = cell->tally };
	struct replay *r = owner;
	struct replay_row *row = r->current;
	const struct value *value;

	if (row == NULL && cell->chain < r->history.chains && r->chain[cell->chain].scope != NULL)
		row = row_of(r, cell->table, r->chain[cell->chain].scope, cell->key, false);
	if (row == NULL || replay_write_of(row, &entry, cell->column_no, &value) == NULL)
		return false;
	*ret = *value;
	return true;
}

bool replay_shown(struct replay *r, struct replay_row *row, int column_no, struct value *ret,
		  bool *ret_found, struct err *e)
{
	struct replay_key key;
	struct cell_row cells = { .table = row->table, .key = key.value, .entry = row->entry, .n = row->n };
	bool ok;

	if (row->n > 1) /* who had seen which is looked up by the key */
		replay_key(row, &key);
	r->current = row;
	ok = cell_shown(&r->history, &cells, column_no, ret, ret_found, e);
	r->current = NULL;
	/* A merged text is made for the moment; here values stay. */
	if (ok && *ret_found && ret->type >= VALUE_TEXT && ret->bytes == r->history.made.data)
		ret->bytes = arena_copy(&r->arena, ret->bytes, ret->len);
	return ok;
}

bool replay_open(struct replay *r, struct db *db, const struct catalog *catalog,
		 const struct replay_plan *plan, struct err *e)
{
	*r = (struct replay){ .db = db, .catalog = catalog, .plan = *plan, .buckets = BUCKETS_FIRST };
	arena_init(&r->arena);
	if (r->plan.upto == 0)
		r->plan.upto = INT64_MAX;
	world_random(world_real(), &r->secret, sizeof(r->secret));
	r->bucket = memory_new(r->buckets * sizeof(struct replay_row *));
	if (!history_open(&r->history, db, catalog, e))
		return false;
	r->history.source = (struct history_source){ source_value, r };
	r->chain = arena_take(&r->arena, r->history.chains * sizeof(*r->chain));
	memset(r->chain, 0, r->history.chains * sizeof(*r->chain));
	return load_scopes(r, e) && load_revocations(r, e);
}

void replay_close(struct replay *r)
{
	history_close(&r->history);
	arena_done(&r->arena);
	memory_free(&r->bucket);
	buf_done(&r->packed);
	*r = (struct replay){ 0 };
}

static bool table_wanted(const struct replay *r, const struct catalog_table *table)
{
	for (size_t i = 0; i < r->plan.tables; i++)
		if (r->plan.table[i] == table)
			return true;
	return r->plan.table == NULL;
}

/* Remembers the change as a write of the row, with references to its values. */
static void keep_write(struct replay *r, struct replay_row *row, const struct replay_set *set,
		       const struct change *c, const struct document_table *d,
		       const struct change_reader *reader)
{
	size_t values = c->columns * sizeof(struct value), numbers = c->columns * sizeof(int16_t);
	struct replay_write *w = arena_take(&r->arena, sizeof(*w) + values + numbers);
	struct value *value = (struct value *)(w + 1);
	int16_t *column = (int16_t *)(value + c->columns);

	*w = (struct replay_write){ .older = row->newest, .set = set, .hlc = c->hlc, .op = c->op,
				    .actor = c->actor, .columns = c->columns, .counters = d->counters,
				    .column = column, .value = value };
	memcpy(value, c->value, values);
	for (uint16_t i = 0; i < c->columns; i++) {
		history_keep(&r->arena, &value[i], reader);
		column[i] = d->column_no[c->column[i]];
	}
	row->newest = w;
}

static void merge_write(struct replay *r, struct replay_row *row, const struct replay_set *set,
			const struct change *c, const struct document_table *d)
{
	const struct merge_context context = { .seen = r->chain[set->chain].seen,
					       .chains = r->history.chains, .id = r->history.id };
	struct merge_change m = { .op = c->op, .chain = set->chain, .seq = set->seq, .hlc = c->hlc,
				  .seen_own = c->seen_own, .counters = d->counters };
	struct merge_result result;

	if (c->op == CHANGE_INSERT)
		m.columns = d->keys;
	for (uint16_t i = 0; i < c->columns; i++)
		if (d->column_no[c->column[i]] >= 0)
			column_set_add(&m.columns, (unsigned)d->column_no[c->column[i]]);
	if (row->n + MERGE_ADDS > row->cap) {
		struct merge_entry *old = row->entry;

		row->cap = 2 * row->cap + MERGE_ADDS;
		row->entry = arena_take(&r->arena, row->cap * sizeof(*old));
		if (row->n > 0)
			memcpy(row->entry, old, row->n * sizeof(*old));
	}
	merge_apply(row->entry, row->n, &m, &context, &result);
	row->n = result.n;
}

static bool play_change(struct replay *r, const struct replay_set *set, const struct document *document,
			const struct change *c, const struct change_reader *reader, struct err *e)
{
	const struct document_table *d = c->table < document->schema.tables ? &document->table[c->table] :
									      NULL;
	struct replay_row *row;

	if (d == NULL || c->keys != d->schema->keys)
		return err_set(e, ERR_MALFORMED, "a change names an unknown table");
	for (uint16_t i = 0; i < c->columns; i++)
		if (c->column[i] >= d->schema->columns)
			return err_set(e, ERR_MALFORMED, "a change of %s names an unknown column", d->name);
	if (d->table == NULL || !d->same_key || !table_wanted(r, d->table))
		return true;
	row = row_of(r, d->table, r->chain[set->chain].scope, c->key, !r->only_wanted);
	if (row == NULL)
		return true;
	r->changes++;
	keep_write(r, row, set, c, d, reader);
	merge_write(r, row, set, c, d);
	return true;
}

static void read_context(struct replay *r, struct replay_chain *chain, struct change_reader *reader)
{
	struct context_pair pair;

	if (chain->seen == NULL) {
		chain->seen = arena_take(&r->arena, r->history.chains * sizeof(*chain->seen));
		memset(chain->seen, 0, r->history.chains * sizeof(*chain->seen));
	}
	while (change_reader_pair(reader, &pair)) {
		uint32_t about = chain_number(r, &pair.chain);

		if (about > 0 && chain->seen[about] < pair.seq)
			chain->seen[about] = pair.seq;
	}
}

static bool play_body(struct replay *r, const struct replay_set *in_hand, const uint8_t *body,
		      const struct frame *f, struct err *e)
{
	struct replay_set *set = arena_copy(&r->arena, in_hand, sizeof(*in_hand));
	const struct document *document;
	struct change_reader reader;
	struct schema_text name;
	struct change c;

	if (!document_find(&r->history.documents, f->changeset.schema, &document, e) ||
	    !change_reader_open(&reader, body, f->changeset.body_len, e))
		return false;
	read_context(r, &r->chain[set->chain], &reader);
	if (reader.actors_left > 0) {
		struct schema_text *actor = arena_take(&r->arena, reader.actors_left * sizeof(name));

		set->actor = actor;
		while (change_reader_actor(&reader, &name))
			actor[set->actors++] = name;
	}
	while (change_reader_next(&reader, &c))
		if (!play_change(r, set, document, &c, &reader, e))
			return false;
	return change_reader_done(&reader, e);
}

/* Is the end of its small cut not accepted yet? */
static bool cut_is_open(struct replay *r, const struct replay_set *set, const struct changeset *header,
			bool *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	uint64_t left;
	bool row;

	*ret = false;
	if (!history_cut_rest(r->db, set->chain, header, &left, e))
		return false;
	if (left == 0)
		return true;
	if (!db_statement(r->db, "SELECT n FROM simpul_changeset WHERE chain_no = ?1 AND seq = ?2", &s, e))
		return false;
	stmt_int(&s, 1, set->chain);
	stmt_int(&s, 2, (int64_t)(set->seq + left));
	if (!stmt_row(&s, &row, e))
		return false;
	*ret = row && stmt_get_int(&s, 0) > r->plan.upto;
	return true;
}

static bool play(struct replay *r, const struct replay_set *set, struct stmt *s, struct err *e)
{
	const uint8_t *bytes;
	const void *id;
	struct frame f;
	size_t len, id_len;
	uint8_t *body;
	bool open;

	id = stmt_get_blob(s, 3, &id_len);
	bytes = stmt_get_blob(s, 4, &len);
	if (!seal_open(bytes, len, &f, e))
		return false;
	if (id_len != sizeof(f.id) || memcmp(id, f.id.bytes, id_len) != 0 || f.changeset.seq != set->seq)
		return err_set(e, ERR_HASH, "its header is not the one that was accepted");
	if (!cut_is_open(r, set, &f.changeset, &open, e))
		return false;
	if (open)
		return true;
	body = arena_take(&r->arena, f.changeset.body_len + 1);
	r->changesets++;
	return seal_unpack(&f, body, f.changeset.body_len, e) && play_body(r, set, body, &f, e);
}

/* The changeset under the statement. */
static bool play_next(struct replay *r, struct stmt *s, struct err *e)
{
	struct replay_set set = { .n = stmt_get_int(s, 0), .chain = (uint32_t)stmt_get_int(s, 1),
				  .seq = (uint64_t)stmt_get_int(s, 2) };
	int64_t limit;

	if (set.chain >= r->history.chains || r->chain[set.chain].scope == NULL)
		return err_set(e, ERR_CORRUPT, "its chain is not on file");
	if (r->plan.seen != NULL && set.seq > r->plan.seen[set.chain])
		return true;
	limit = r->chain[set.chain].void_after;
	return (limit >= 0 && set.seq > (uint64_t)limit) || play(r, &set, s, e);
}

bool replay_run(struct replay *r, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(r->db, "SELECT n, chain_no, seq, id, frame FROM simpul_changeset WHERE kind = 1"
			       " AND (state = 1 OR (?2 AND state IN (3, 4) AND substr(reason, 1, ?3) = ?4))"
			       " AND n <= ?1 ORDER BY n", &s, e))
		return false;
	stmt_int(&s, 1, r->plan.upto);
	stmt_int(&s, 2, r->plan.as_then);
	stmt_int(&s, 3, (int64_t)strlen(ADMISSION_VOID_MERGED));
	stmt_text(&s, 4, ADMISSION_VOID_MERGED);
	while (true) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		if (!play_next(r, &s, e))
			return err_wrap(e, "changeset %lld on file", (long long)stmt_get_int(&s, 0));
	}
}

bool replay_moment(struct db *db, uint64_t ms, int64_t *ret_n, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	/* The clock may have been set back in between: the last one that had arrived, and all before it. */
	if (!db_statement(db, "SELECT max(n) FROM simpul_changeset WHERE arrived_ms <= ?1", &s, e))
		return false;
	stmt_int(&s, 1, (int64_t)ms);
	if (!stmt_row(&s, &row, e))
		return false;
	*ret_n = row ? stmt_get_int(&s, 0) : 0;
	return true;
}
