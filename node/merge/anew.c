/*
 * anew.c - one forked chain after the other: its branch sealed again, its state set back.
 *
 * A changeset is sealed again as it was, not from what the tables show: a value that stands as a sibling
 * keeps standing, and each write keeps the context in which it was made.  The first names all that the
 * old chain had seen by the fork, and the old chain up to there; the rest follow by the new chain's own
 * order.  Only tallies change: what the old chain had added by the fork stays its own.  While a stale write
 * is to come, which had not seen all of the old chain, no more of it is named than that write had seen:
 * others then stand beside more than they had to, and nothing is covered that should not be.
 *
 * simpul_chain.frozen becomes 2: forked, and what was here alone set aside (merge/inbox.c takes the rest
 * of it from others).  Base rows are not written, for they may hold what is not sealed yet; they show the
 * right values already, as no write's time changed.
 */
#include <stdio.h>
#include <string.h>

#include "merge/anew.h"
#include "merge/replay.h"
#include "merge/takeback.h"
#include "outbox/pack.h"
#include "simpul/grant.h"
#include "store/act.h"
#include "store/tables.h"

struct anew {
	struct db *db;
	const struct catalog *catalog;
	struct pack_run run;
	int64_t old_no;
	struct chain_id old_id;
	uint64_t common; /* the last seq that the hub has of ours */
	uint64_t last;
	uint64_t *seen;	 /* [last - common]: how much of the old chain each changeset names */
	uint64_t *seq;	 /* likewise: where it went */
	uint64_t before; /* the new chain's head before */
	int64_t after_n; /* of the last changeset before */
	struct pack to;	 /* the chain that is written now */
	struct hash announced; /* on it */
	struct replay replay;  /* without what is sealed anew: the tallies before */
	struct buf frame;
};

static void anew_done(struct anew *a)
{
	replay_close(&a->replay);
	pack_done(&a->to);
	memory_free(&a->seen);
	memory_free(&a->seq);
	buf_done(&a->run.body);
	buf_done(&a->run.frame);
	buf_done(&a->frame);
}

#define AUTO_ANEW __attribute__((cleanup(anew_done))) struct anew

static void copy_blob(struct stmt *s, int column, void *to, size_t size)
{
	size_t len;
	const void *bytes = stmt_get_blob(s, column, &len);

	memset(to, 0, size);
	if (len == size)
		memcpy(to, bytes, len);
}

/* A frozen chain of ours whose scope has a newer one that we may write. */
static bool find_forked(struct anew *a, bool *ret_found, struct err *e)
{
	static const char find[] =
		"SELECT c.no, c.id, c.head_seq, d.no, d.id, d.scope, d.head_seq, d.head_id, d.head_hlc,"
		" d.schema_hash, (SELECT max(seq) FROM simpul_changeset WHERE chain_no = c.no"
		" AND custody > 0) AS common FROM simpul_chain c JOIN simpul_chain d ON d.no ="
		" (SELECT max(no) FROM simpul_chain WHERE own = 1 AND scope = c.scope)"
		" WHERE c.own = 1 AND c.frozen = 1 AND c.void_after IS NULL"
		" AND c.no <> d.no AND d.frozen = 0 AND d.void_after IS NULL AND d.role IN (?1, ?2, ?3)"
		" AND common IS NOT NULL ORDER BY c.no LIMIT 1";
	AUTO_RESET s = { 0 };
	const char *scope;

	if (!db_statement(a->db, find, &s, e))
		return false;
	stmt_int(&s, 1, ROLE_WRITER);
	stmt_int(&s, 2, ROLE_REVIEWER);
	stmt_int(&s, 3, ROLE_HUB);
	if (!stmt_row(&s, ret_found, e))
		return false;
	if (!*ret_found)
		return true;
	a->old_no = stmt_get_int(&s, 0);
	copy_blob(&s, 1, a->old_id.bytes, sizeof(a->old_id.bytes));
	a->last = (uint64_t)stmt_get_int(&s, 2);
	a->to.no = stmt_get_int(&s, 3);
	copy_blob(&s, 4, a->to.id.bytes, sizeof(a->to.id.bytes));
	a->to.head_seq = (uint64_t)stmt_get_int(&s, 6);
	copy_blob(&s, 7, a->to.head_id.bytes, sizeof(a->to.head_id.bytes));
	a->to.head_hlc = (uint64_t)stmt_get_int(&s, 8);
	copy_blob(&s, 9, a->announced.bytes, sizeof(a->announced.bytes));
	a->common = (uint64_t)stmt_get_int(&s, 10);
	scope = stmt_get_text(&s, 5);
	return scope_parse(scope, strlen(scope), &a->to.scope, e);
}

/* A statement about the old chain (?1) and the last changeset that both copies share (?2). */
static bool about_old(struct anew *a, const char *sql, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(a->db, sql, &s, e))
		return false;
	stmt_int(&s, 1, a->old_no);
	if (sqlite3_bind_parameter_count(s.handle) > 1)
		stmt_int(&s, 2, (int64_t)a->common);
	return stmt_done(&s, e);
}

struct stranded { /* a row of simpul_changeset; the frame is in anew.frame */
	int64_t n;
	int kind;
	struct hash id;
};

static bool read_changeset(struct anew *a, uint64_t seq, struct stranded *ret, bool *ret_found,
			   struct err *e)
{
	AUTO_RESET s = { 0 };
	const void *frame;
	size_t len;

	if (!db_statement(a->db, "SELECT n, kind, id, frame FROM simpul_changeset WHERE chain_no = ?1 AND"
				 " seq = ?2", &s, e))
		return false;
	stmt_int(&s, 1, a->old_no);
	stmt_int(&s, 2, (int64_t)seq);
	if (!stmt_row(&s, ret_found, e))
		return false;
	if (!*ret_found)
		return true;
	ret->n = stmt_get_int(&s, 0);
	ret->kind = (int)stmt_get_int(&s, 1);
	copy_blob(&s, 2, ret->id.bytes, sizeof(ret->id.bytes));
	frame = stmt_get_blob(&s, 3, &len);
	buf_reset(&a->frame);
	buf_put(&a->frame, frame, len);
	return true;
}

/* Only as much of a chain as others can come to see: nothing of our branches that were set aside. */
static bool clamp(struct anew *a, struct context_pair *pair, struct err *e)
{
	static const char find[] =
		"SELECT min(h.seq) - 1 FROM simpul_held h JOIN simpul_chain c ON c.id = h.chain"
		" WHERE h.chain = ?1 AND h.missing = 'fork' AND h.need IS NOT NULL AND c.own = 1";
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(a->db, find, &s, e))
		return false;
	stmt_blob(&s, 1, pair->chain.bytes, sizeof(pair->chain.bytes));
	if (!stmt_row(&s, &row, e))
		return false;
	if (row && !stmt_get_null(&s, 0) && (uint64_t)stmt_get_int(&s, 0) < pair->seq)
		pair->seq = (uint64_t)stmt_get_int(&s, 0);
	return true;
}

static bool context_put(struct anew *a, int64_t chain_no, const struct context_pair *pair, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(a->db,
			  "INSERT INTO simpul_context(chain_no, about_no, seq) SELECT ?1, no, ?3 FROM"
			  " simpul_chain WHERE id = ?2 ON CONFLICT DO UPDATE"
			  " SET seq = max(seq, excluded.seq)",
			  &s, e))
		return false;
	stmt_int(&s, 1, chain_no);
	stmt_blob(&s, 2, pair->chain.bytes, sizeof(pair->chain.bytes));
	stmt_int(&s, 3, (int64_t)pair->seq);
	return stmt_done(&s, e);
}

/* What the old chain had seen by the fork: the other copy's next changeset builds on that, not on ours. */
static bool set_back_context(struct anew *a, struct err *e)
{
	if (!about_old(a, "DELETE FROM simpul_context WHERE chain_no = ?1", e))
		return false;
	for (uint64_t seq = 1; seq <= a->common; seq++) {
		struct history_set set = { 0 };
		struct stranded old;
		bool found, ok;

		if (!read_changeset(a, seq, &old, &found, e))
			return false;
		if (!found || old.kind != CHANGESET_DATA)
			continue;
		ok = history_unpack(&a->replay.history.documents, a->frame.data, a->frame.len, &set, e);
		for (size_t i = 0; ok && i < set.pairs; i++)
			ok = clamp(a, &set.pair[i], e) && context_put(a, a->old_no, &set.pair[i], e);
		history_set_done(&set);
		if (!ok)
			return err_wrap(e, "changeset %llu of a forked chain", (unsigned long long)seq);
	}
	return true;
}

static void note_change(struct anew *a, uint64_t *seen, const struct document_table *d,
			const struct change *c)
{
	if (c->seen_own < *seen)
		*seen = c->seen_own;
	if (d->table != NULL && d->same_key && d->counters != NULL && c->op == CHANGE_UPDATE)
		replay_want(&a->replay, d->table, &a->to.scope, c->key);
}

/* Rows in which the branch counts, for the tallies before; and how much was seen of the old chain. */
static bool look_ahead(struct anew *a, struct err *e)
{
	size_t n = (size_t)(a->last - a->common);

	a->seen = memory_new((n + 1) * sizeof(*a->seen));
	a->seq = memory_new((n + 1) * sizeof(*a->seq));
	for (uint64_t seq = a->common + 1; seq <= a->last; seq++) {
		struct history_set set = { 0 };
		struct stranded old;
		uint64_t *seen = &a->seen[seq - a->common - 1];
		bool found, ok;

		*seen = a->common;
		if (!read_changeset(a, seq, &old, &found, e))
			return false;
		if (!found || old.kind != CHANGESET_DATA)
			continue;
		ok = history_unpack(&a->replay.history.documents, a->frame.data, a->frame.len, &set, e);
		for (size_t i = 0; ok && i < set.changes; i++)
			note_change(a, seen, &set.document->table[set.change[i].table], &set.change[i]);
		history_set_done(&set);
		if (!ok)
			return false;
	}
	for (size_t i = n; i-- > 1;)
		if (a->seen[i] < a->seen[i - 1])
			a->seen[i - 1] = a->seen[i];
	return true;
}

/* What a chain had added to a cell by then. */
static int64_t tally_of(const struct replay_row *row, int64_t chain, int column_no)
{
	for (size_t i = 0; row != NULL && i < row->n; i++) {
		const struct merge_entry *entry = &row->entry[i];
		const struct value *value;

		if (entry->tally && entry->chain == chain &&
		    column_set_has(&entry->columns, (unsigned)column_no) &&
		    replay_write_of(row, entry, column_no, &value) != NULL && value->type == VALUE_INT)
			return value->integer;
	}
	return 0;
}

/* What a change had seen of its own chain, in the new chain's numbers. */
static uint64_t seen_anew(const struct anew *a, uint64_t seen_own)
{
	if (seen_own == CHANGE_SEEN_ALL || seen_own > a->last)
		return CHANGE_SEEN_ALL;
	return seen_own <= a->common ? a->before : a->seq[seen_own - a->common - 1];
}

static void count_anew(struct anew *a, const struct document_table *d, struct change *c)
{
	const struct replay_row *row;

	if (d->table == NULL || !d->same_key || d->counters == NULL || c->op != CHANGE_UPDATE)
		return;
	row = replay_find(&a->replay, d->table, &a->to.scope, c->key);
	for (uint16_t i = 0; i < c->columns; i++) {
		int no = d->column_no[c->column[i]];
		__int128 sum;

		if (no < 0 || !column_set_has(d->counters, (unsigned)no) || c->value[i].type != VALUE_INT)
			continue;
		sum = (__int128)c->value[i].integer - tally_of(row, a->old_no, no) +
		      tally_of(row, a->to.no, no);
		sum = sum > INT64_MAX ? INT64_MAX : sum < INT64_MIN ? INT64_MIN : sum;
		c->value[i].integer = (int64_t)sum;
	}
}

/*
 * What the new chain has not told of all that the old chain had seen when it wrote the changeset in hand,
 * and of that chain itself up to `seen`.
 */
static bool full_context(struct anew *a, uint64_t seen, struct arena *arena, struct history_set *set,
			 struct err *e)
{
	static const char find[] =
		"SELECT c.id, max(k.seq) FROM (SELECT about_no AS no, seq FROM simpul_context WHERE"
		" chain_no = ?1 UNION ALL SELECT ?1, ?2) k JOIN simpul_chain c ON c.no = k.no LEFT JOIN"
		" simpul_context x ON x.chain_no = ?3 AND x.about_no = k.no WHERE k.no <> ?3 AND"
		" k.seq > coalesce(x.seq, 0) GROUP BY c.id ORDER BY c.id LIMIT ?4";
	AUTO_RESET s = { 0 };
	bool row;

	for (size_t i = 0; i < set->pairs; i++)
		if (!context_put(a, a->old_no, &set->pair[i], e))
			return false;
	if (!db_statement(a->db, find, &s, e))
		return false;
	stmt_int(&s, 1, a->old_no);
	stmt_int(&s, 2, (int64_t)seen);
	stmt_int(&s, 3, a->to.no);
	stmt_int(&s, 4, LIMIT_CONTEXT_PAIRS);
	set->pair = arena_take(arena, LIMIT_CONTEXT_PAIRS * sizeof(*set->pair));
	for (set->pairs = 0;; set->pairs++) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		copy_blob(&s, 0, set->pair[set->pairs].chain.bytes, sizeof(set->pair->chain.bytes));
		set->pair[set->pairs].seq = (uint64_t)stmt_get_int(&s, 1);
	}
}

static bool put_announced(struct anew *a, const struct hash *hash, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(a->db, "UPDATE simpul_chain SET schema_hash = ?2 WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, a->to.no);
	stmt_blob(&s, 2, hash->bytes, sizeof(hash->bytes));
	a->announced = *hash;
	return stmt_done(&s, e);
}

static bool announce(struct anew *a, const struct changeset *like, const void *document, size_t len,
		     struct err *e)
{
	struct changeset c = { .kind = CHANGESET_SCHEMA, .hlc_min = like->hlc_min,
			       .hlc_max = like->hlc_min };
	struct hash hash;

	crypto_sha256(document, len, &hash);
	memcpy(c.schema, hash.bytes, sizeof(c.schema));
	return pack_seal(&a->run, &a->to, &c, document, len, e) && put_announced(a, &hash, e);
}

/* The document of the changeset in hand, unless the new chain told it last. */
static bool announce_for(struct anew *a, const struct changeset *c, struct err *e)
{
	AUTO_BUF document = { 0 };
	AUTO_RESET s = { 0 };
	const void *bytes;
	size_t len;
	bool row;

	if (memcmp(a->announced.bytes, c->schema, sizeof(c->schema)) == 0)
		return true;
	if (!db_statement(a->db, "SELECT document FROM simpul_schema WHERE substr(hash, 1, 8) = ?1", &s, e))
		return false;
	stmt_blob(&s, 1, c->schema, sizeof(c->schema));
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "its schema document is not on file");
	bytes = stmt_get_blob(&s, 0, &len);
	buf_put(&document, bytes, len);
	stmt_reset(&s);
	return announce(a, c, document.data, document.len, e);
}

static bool seal_data(struct anew *a, const struct changeset *header, struct err *e)
{
	uint64_t seen = a->seen[header->seq - a->common - 1];
	struct changeset c = *header;
	struct history_set set = { 0 };
	struct change_body body;
	AUTO_ARENA arena = { 0 };
	size_t len;
	bool ok;

	ok = history_unpack(&a->replay.history.documents, a->frame.data, a->frame.len, &set, e) &&
	     announce_for(a, header, e);
	for (size_t i = 0; ok && i < set.pairs; i++)
		ok = clamp(a, &set.pair[i], e);
	ok = ok && full_context(a, seen, &arena, &set, e);
	for (size_t i = 0; ok && i < set.pairs; i++)
		ok = context_put(a, a->to.no, &set.pair[i], e);
	for (size_t i = 0; ok && i < set.changes; i++) {
		struct change *change = &set.change[i];

		count_anew(a, &set.document->table[change->table], change);
		change->seen_own = seen_anew(a, change->seen_own);
	}
	body = (struct change_body){ .context = set.pair, .pairs = set.pairs, .actor = set.actor,
				     .actors = set.actors };
	buf_reset(&a->run.body);
	buf_reserve(&a->run.body, LIMIT_BODY_BYTES);
	ok = ok && change_encode(&body, set.change, set.changes, a->run.body.data, a->run.body.cap, &len,
				 e) &&
	     pack_seal(&a->run, &a->to, &c, a->run.body.data, len, e);
	history_set_done(&set);
	return ok;
}

static bool seal_schema(struct anew *a, const struct frame *f, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	uint8_t *document = arena_take(&arena, f->changeset.body_len + 1);

	return seal_unpack(f, document, f->changeset.body_len, e) &&
	       announce(a, &f->changeset, document, f->changeset.body_len, e);
}

/* Siblings, also those settled long ago, stand for the changeset as it is now. */
static bool rename_siblings(struct anew *a, uint64_t seq, int64_t n, struct err *e)
{
	AUTO_RESET s = { 0 }, t = { 0 };

	if (!db_statement(a->db, "UPDATE simpul_sibling SET chain_no = ?3, seq = ?4 WHERE chain_no = ?1 AND"
				 " seq = ?2", &s, e))
		return false;
	stmt_int(&s, 1, a->old_no);
	stmt_int(&s, 2, (int64_t)seq);
	stmt_int(&s, 3, a->to.no);
	stmt_int(&s, 4, (int64_t)a->to.head_seq);
	if (!stmt_done(&s, e) ||
	    !db_statement(a->db, "UPDATE simpul_sibling SET superseded_n = ?2 WHERE superseded_n = ?1",
			  &t, e))
		return false;
	stmt_int(&t, 1, n);
	stmt_int(&t, 2, a->run.n);
	return stmt_done(&t, e);
}

/* From the log to the evidence, off the open list with the reason. */
static bool set_aside(struct anew *a, uint64_t seq, const struct stranded *old, struct err *e)
{
	char chain[HEX_SIZE(sizeof(a->to.id.bytes))], id[HEX_SIZE(sizeof(old->id.bytes))], detail[160];
	struct act act = { .who = "simpul", .what = ACT_DISCARD, .object = id, .reason = detail };
	AUTO_RESET s = { 0 }, d = { 0 };

	hex_encode(a->to.id.bytes, sizeof(a->to.id.bytes), chain);
	hex_encode(old->id.bytes, sizeof(old->id.bytes), id);
	snprintf(detail, sizeof(detail), "its chain forked; sealed anew as %s %llu", chain,
		 (unsigned long long)a->to.head_seq);
	if (!db_statement(a->db, "INSERT OR REPLACE INTO simpul_held(id, chain, seq, missing, detail,"
				 " arrived_ms, frame, need, need_seq) SELECT id, ?2, seq, 'fork', ?3, ?4,"
				 " frame, ?5, ?6 FROM simpul_changeset WHERE n = ?1", &s, e))
		return false;
	stmt_int(&s, 1, old->n);
	stmt_blob(&s, 2, a->old_id.bytes, sizeof(a->old_id.bytes));
	stmt_text(&s, 3, detail);
	stmt_int(&s, 4, (int64_t)a->run.now_ms);
	stmt_blob(&s, 5, a->to.id.bytes, sizeof(a->to.id.bytes));
	stmt_int(&s, 6, old->n);
	if (!stmt_done(&s, e) || !act_put(a->db, a->run.author->world, &act, e) ||
	    !rename_siblings(a, seq, old->n, e) ||
	    !db_statement(a->db, "DELETE FROM simpul_changeset WHERE n = ?1", &d, e))
		return false;
	stmt_int(&d, 1, old->n);
	return stmt_done(&d, e);
}

static bool seal_one(struct anew *a, uint64_t seq, struct err *e)
{
	struct stranded old;
	struct frame f;
	bool found;

	if (!read_changeset(a, seq, &old, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_CORRUPT, "it is not on file");
	if (!seal_open(a->frame.data, a->frame.len, &f, e))
		return false;
	if ((old.kind == CHANGESET_DATA && !seal_data(a, &f.changeset, e)) ||
	    (old.kind == CHANGESET_SCHEMA && !seal_schema(a, &f, e)))
		return false;
	a->seq[seq - a->common - 1] = a->to.head_seq;
	return set_aside(a, seq, &old, e);
}

/* The old chain as it was at the fork.  What the other copy made of it is fetched from the beginning. */
static bool set_back_chain(struct anew *a, struct err *e)
{
	AUTO_RESET s = { 0 };
	const uint8_t *bytes;
	struct frame f;
	size_t len;
	bool row;

	if (!about_old(a, "UPDATE simpul_chain SET frozen = 2, head_seq = ?2,"
			  " merged_seq = min(merged_seq, ?2),"
			  " head_id = (SELECT id FROM simpul_changeset WHERE chain_no = ?1 AND seq = ?2)"
			  " WHERE no = ?1", e) ||
	    !db_exec(a->db, "UPDATE simpul_peer SET cursor = 0", e) ||
	    !db_statement(a->db, "SELECT frame FROM simpul_changeset WHERE chain_no = ?1 AND kind = 7"
				 " ORDER BY seq DESC LIMIT 1", &s, e))
		return false;
	stmt_int(&s, 1, a->old_no);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return about_old(a, "UPDATE simpul_chain SET schema_hash = NULL WHERE no = ?1", e);
	bytes = stmt_get_blob(&s, 0, &len);
	if (!seal_open(bytes, len, &f, e))
		return false;
	stmt_reset(&s);
	if (!db_statement(a->db, "UPDATE simpul_chain SET schema_hash = (SELECT hash FROM simpul_schema WHERE"
				 " substr(hash, 1, 8) = ?2) WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, a->old_no);
	stmt_blob(&s, 2, f.changeset.schema, sizeof(f.changeset.schema));
	return stmt_done(&s, e);
}

/* The rows' versions, as everybody will compute them. */
static bool stamp_rows(struct anew *a, struct err *e)
{
	AUTO_TABLES tables = { 0 };
	char which[40];
	int64_t rows;

	snprintf(which, sizeof(which), "n > %lld", (long long)a->after_n);
	return table_open_all(&tables, a->db, a->catalog, e) &&
	       takeback_versions(a->db, a->catalog, &tables, which, &rows, e);
}

static bool prepare(struct anew *a, struct err *e)
{
	const struct replay_plan plan = { 0 };

	if (!db_int(a->db, "SELECT max(n) FROM simpul_changeset", 0, &a->after_n, e))
		return false;
	a->run.n = a->after_n;
	a->before = a->to.head_seq;
	/* Evidence of the other branch is in the way of it: it is the hub's, and comes back accepted. */
	return about_old(a, "DELETE FROM simpul_held WHERE missing = 'fork' AND need IS NULL AND"
			    " chain = (SELECT id FROM simpul_chain WHERE no = ?1)", e) &&
	       about_old(a, "UPDATE simpul_changeset SET state = 3, custody = 2 WHERE chain_no = ?1"
			    " AND seq > ?2", e) &&
	       replay_open(&a->replay, a->db, a->catalog, &plan, e) && look_ahead(a, e) &&
	       (a->replay.rows == 0 || replay_run(&a->replay, e)) && set_back_context(a, e);
}

static bool seal_branch(struct anew *a, struct err *e)
{
	if (!prepare(a, e))
		return false;
	for (uint64_t seq = a->common + 1; seq <= a->last; seq++)
		if (!seal_one(a, seq, e))
			return err_wrap(e, "changeset %llu of a forked chain", (unsigned long long)seq);
	return set_back_context(a, e) && set_back_chain(a, e) && stamp_rows(a, e);
}

bool anew_run(struct db *db, const struct catalog *catalog, const struct outbox_author *author,
	      int64_t *ret_changesets, struct err *e)
{
	for (*ret_changesets = 0;;) {
		struct outbox_result result = { 0 };
		AUTO_ANEW a = { .db = db, .catalog = catalog };
		bool found;

		a.run = (struct pack_run){ .db = db, .catalog = catalog, .author = author, .result = &result,
					   .now_ms = world_now_ms(author->world) };
		if (!find_forked(&a, &found, e))
			return false;
		if (!found)
			return true;
		if (!seal_branch(&a, e))
			return err_wrap(e, "sealing anew what a fork left here");
		*ret_changesets += result.changesets;
	}
}
