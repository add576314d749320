/*
 * pack.c - parts of a cut.
 *
 * A cut of several changesets counts down in cut_left.  Only the first of them carries the context and the
 * checkpoint: within one transaction neither moves.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "capture/actor.h"
#include "outbox/pack.h"
#include "simpul/grant.h"
#include "simpul/hlc.h"
#include "simpul/seal.h"
#include "store/adopt.h"

#define CHANGE_BYTES 48 /* its share of a group: table, operation, time, actor, seen_own, lengths */
#define COLUMN_BYTES 12 /* number in the group's list, head of the value, or the value if it is short */
#define PAIR_BYTES 32
#define ACTOR_BYTES (LIMIT_NAME_BYTES + 3)

size_t pack_size_max(const struct change *c)
{
	size_t size = CHANGE_BYTES + (size_t)(c->keys + c->columns) * COLUMN_BYTES;

	for (int i = 0; i < c->keys; i++)
		size += c->key[i].type >= VALUE_TEXT ? c->key[i].len : 0;
	for (int i = 0; i < c->columns; i++)
		size += c->value[i].type >= VALUE_TEXT ? c->value[i].len : 0;
	return size;
}

static bool insert_changeset(struct pack_run *run, const struct pack *pack, const struct changeset *c,
			     const struct hash *id, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(run->db,
			  "INSERT INTO simpul_changeset(n, id, chain_no, seq, scope, kind, state, changes,"
			  " hlc, arrived_ms, frame) VALUES(?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8, ?9, ?10)",
			  &s, e))
		return false;
	stmt_int(&s, 1, run->n + 1);
	stmt_blob(&s, 2, id->bytes, sizeof(id->bytes));
	stmt_int(&s, 3, pack->no);
	stmt_int(&s, 4, (int64_t)c->seq);
	stmt_text(&s, 5, pack->scope.name);
	stmt_int(&s, 6, c->kind);
	stmt_int(&s, 7, c->changes);
	stmt_int(&s, 8, (int64_t)c->hlc_max);
	stmt_int(&s, 9, (int64_t)run->now_ms);
	stmt_blob(&s, 10, run->frame.data, run->frame.len);
	if (!stmt_done(&s, e))
		return false;
	run->n++;
	return true;
}

static bool update_chain(struct pack_run *run, const struct pack *pack, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(run->db, "UPDATE simpul_chain SET head_seq = ?2, head_id = ?3, head_hlc = ?4,"
				   " merged_seq = ?2 WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, pack->no);
	stmt_int(&s, 2, (int64_t)pack->head_seq);
	stmt_blob(&s, 3, pack->head_id.bytes, sizeof(pack->head_id.bytes));
	stmt_int(&s, 4, (int64_t)pack->head_hlc);
	return stmt_done(&s, e);
}

bool pack_seal(struct pack_run *run, struct pack *pack, struct changeset *c, const uint8_t *body,
	       size_t body_len, struct err *e)
{
	struct hash id;

	c->chain = pack->id;
	c->seq = pack->head_seq + 1;
	if (c->kind != CHANGESET_GENESIS)
		c->prev = pack->head_id;
	buf_reset(&run->frame);
	buf_reserve(&run->frame, seal_size_max(body_len));
	if (!seal_make(c, body, body_len, run->author->key, run->frame.data, run->frame.cap,
		       &run->frame.len, &id, e) ||
	    !insert_changeset(run, pack, c, &id, e))
		return false;
	pack->head_seq = c->seq;
	pack->head_id = id;
	if (c->hlc_max > pack->head_hlc)
		pack->head_hlc = c->hlc_max;
	run->result->changes += c->changes;
	run->result->changesets++;
	run->result->bytes += (int64_t)run->frame.len;
	return update_chain(run, pack, e);
}

/* What the hub announces on its national chain, it approves: everybody else takes it for that. */
static bool approve(struct pack_run *run, const struct pack *pack, struct err *e)
{
	const struct adopt_place place = { .chain_no = (int)pack->no, .seq = pack->head_seq,
					   .hlc = pack->head_hlc };
	AUTO_RESET s = { 0 };
	bool hub, rules = false;

	for (int i = 0; i < run->catalog->tables; i++)
		rules |= run->catalog->table[i].rules != NULL;
	if (!rules || strcmp(pack->scope.name, SCOPE_NATIONAL) != 0)
		return true;
	if (!db_statement(run->db, "SELECT 1 FROM simpul_chain WHERE no = ?1 AND role = ?2", &s, e))
		return false;
	stmt_int(&s, 1, pack->no);
	stmt_int(&s, 2, ROLE_HUB);
	if (!stmt_row(&s, &hub, e))
		return false;
	return !hub || adopt_approve(run->db, &run->catalog->schema_hash, &place, e);
}

/* The numbers in a chain's changes mean nothing before the document they refer to is in that chain. */
static bool announce_schema(struct pack_run *run, struct pack *pack, struct err *e)
{
	const struct hash *hash = &run->catalog->schema_hash;
	uint64_t hlc = hlc_next(pack->hlc_before, run->now_ms);
	struct changeset c = { .kind = CHANGESET_SCHEMA, .hlc_min = hlc, .hlc_max = hlc };
	AUTO_RESET s = { 0 };
	bool told;

	if (!db_statement(run->db, "SELECT 1 FROM simpul_chain WHERE no = ?1 AND schema_hash = ?2", &s, e))
		return false;
	stmt_int(&s, 1, pack->no);
	stmt_blob(&s, 2, hash->bytes, sizeof(hash->bytes));
	if (!stmt_row(&s, &told, e))
		return false;
	stmt_reset(&s);
	if (told)
		return true;
	memcpy(c.schema, hash->bytes, sizeof(c.schema));
	if (!pack_seal(run, pack, &c, run->catalog->document, run->catalog->document_len, e) ||
	    !db_statement(run->db, "UPDATE simpul_chain SET schema_hash = ?2 WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, pack->no);
	stmt_blob(&s, 2, hash->bytes, sizeof(hash->bytes));
	if (!stmt_done(&s, e) ||
	    !db_statement(run->db, "INSERT OR IGNORE INTO simpul_schema(hash, document) VALUES(?1, ?2)", &s,
			  e))
		return false;
	stmt_blob(&s, 1, hash->bytes, sizeof(hash->bytes));
	stmt_blob(&s, 2, run->catalog->document, run->catalog->document_len);
	return stmt_done(&s, e) && approve(run, pack, e);
}

/* Chains of the same scope, and the national ones, of which more is known than this chain has told. */
static bool collect_context(struct pack_run *run, struct pack *pack, struct err *e)
{
	AUTO_RESET s = { 0 };
	size_t cap = 0;
	bool row;

	if (!db_statement(run->db,
			  "SELECT c.id, CASE WHEN c.scope = '" SCOPE_NATIONAL "' THEN " ADOPT_KNOWN("c")
			  " ELSE c.merged_seq END AS known FROM simpul_chain c LEFT JOIN simpul_context x"
			  " ON x.chain_no = ?1 AND x.about_no = c.no"
			  " WHERE c.scope IN (?2, '" SCOPE_NATIONAL "') AND c.no <> ?1"
			  " AND known > coalesce(x.seq, 0) ORDER BY c.id LIMIT ?3", &s, e))
		return false;
	stmt_int(&s, 1, pack->no);
	stmt_text(&s, 2, pack->scope.name);
	stmt_int(&s, 3, LIMIT_CONTEXT_PAIRS);
	while (true) {
		struct context_pair *pair;
		const void *id;
		size_t len;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		id = stmt_get_blob(&s, 0, &len);
		if (len != sizeof(pair->chain.bytes))
			return err_set(e, ERR_CORRUPT, "a chain id has %zu bytes", len);
		if (pack->pairs == cap) {
			cap = cap == 0 ? 16 : cap * 2;
			pack->pair = memory_resize(pack->pair, cap * sizeof(*pack->pair));
		}
		pair = &pack->pair[pack->pairs++];
		memcpy(pair->chain.bytes, id, len);
		pair->seq = (uint64_t)stmt_get_int(&s, 1);
	}
}

static bool announce(struct pack_run *run, struct pack *pack, struct err *e)
{
	if (!announce_schema(run, pack, e) || !collect_context(run, pack, e))
		return false;
	pack->announced = true;
	return true;
}

/* Its number in the part, from 1; 0 for an application.  False: the part names as many as it may. */
static bool find_actor(const struct pack_part *part, int64_t actor, uint16_t *ret)
{
	*ret = 0;
	if (actor == 0)
		return true;
	for (uint16_t i = 0; i < part->actors; i++)
		if (part->actor[i] == actor)
			*ret = (uint16_t)(i + 1);
	return *ret > 0 || part->actors < LIMIT_ACTORS;
}

static uint16_t add_actor(struct pack_part *part, int64_t actor)
{
	if (part->actor == NULL)
		part->actor = memory_new(LIMIT_ACTORS * sizeof(*part->actor));
	part->actor[part->actors++] = actor;
	part->bytes += ACTOR_BYTES;
	return part->actors;
}

bool pack_place(struct pack_run *run, struct pack *pack, struct change *change, int64_t actor,
		uint64_t *ret_seq, struct err *e)
{
	const size_t bytes = pack_size_max(change) + (actor > 0 ? ACTOR_BYTES : 0);
	uint32_t most = run->author->changes_max == 0 ? OUTBOX_CHANGES : run->author->changes_max;
	struct pack_part *last;

	if (!pack->announced && !announce(run, pack, e))
		return false;
	last = pack->parts == 0 ? NULL : &pack->part[pack->parts - 1];
	if (last == NULL || last->changes == most || last->bytes + bytes > OUTBOX_BODY_BYTES ||
	    !find_actor(last, actor, &change->actor)) {
		if (pack->parts == pack->parts_cap) {
			pack->parts_cap = pack->parts_cap == 0 ? 16 : pack->parts_cap * 2;
			pack->part = memory_resize(pack->part, pack->parts_cap * sizeof(*pack->part));
		}
		last = &pack->part[pack->parts++];
		*last = (struct pack_part){ .first = pack->changes,
					    .bytes = 64 + (pack->context_told ? 0 :
							   pack->pairs * PAIR_BYTES) };
	}
	last->bytes += pack_size_max(change);
	if (!find_actor(last, actor, &change->actor) || (actor > 0 && change->actor == 0))
		change->actor = add_actor(last, actor);
	*ret_seq = pack->head_seq + pack->parts;
	return true;
}

void pack_put(struct pack *pack, const struct change *change)
{
	assert(pack->parts > 0);
	if (pack->changes == pack->cap) {
		pack->cap = pack->cap == 0 ? 256 : pack->cap * 2;
		pack->change = memory_resize(pack->change, pack->cap * sizeof(*pack->change));
	}
	pack->change[pack->changes++] = *change;
	pack->part[pack->parts - 1].changes++;
}

static int by_group(const void *a, const void *b)
{
	return change_group_compare(a, b);
}

static bool put_context(struct pack_run *run, const struct pack *pack, struct err *e)
{
	AUTO_RESET s = { 0 };

	for (size_t i = 0; i < pack->pairs; i++) {
		if (!db_statement(run->db,
				  "INSERT OR REPLACE INTO simpul_context(chain_no, about_no, seq)"
				  " SELECT ?1, no, ?3 FROM simpul_chain WHERE id = ?2", &s, e))
			return false;
		stmt_int(&s, 1, pack->no);
		stmt_blob(&s, 2, pack->pair[i].chain.bytes, sizeof(pack->pair[i].chain.bytes));
		stmt_int(&s, 3, (int64_t)pack->pair[i].seq);
		if (!stmt_done(&s, e))
			return false;
	}
	return true;
}

/* The last checkpoint that we know goes into the header once: so others see which log we were shown. */
static bool put_seen(struct pack_run *run, const struct pack *pack, struct changeset *c, struct err *e)
{
	AUTO_RESET s = { 0 };
	const void *root;
	size_t len;
	bool row;

	if (!db_statement(run->db,
			  "SELECT p.size, p.root FROM simpul_checkpoint p, simpul_chain c WHERE c.no = ?1"
			  " AND p.no = (SELECT max(no) FROM simpul_checkpoint) AND p.size <> c.told_size",
			  &s, e))
		return false;
	stmt_int(&s, 1, pack->no);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return true;
	root = stmt_get_blob(&s, 1, &len);
	if (len != sizeof(c->seen_root.bytes))
		return err_set(e, ERR_CORRUPT, "a checkpoint root has %zu bytes", len);
	c->seen = true;
	c->seen_size = (uint64_t)stmt_get_int(&s, 0);
	memcpy(c->seen_root.bytes, root, len);
	stmt_reset(&s);
	if (!db_statement(run->db, "UPDATE simpul_chain SET told_size = ?2 WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, pack->no);
	stmt_int(&s, 2, (int64_t)c->seen_size);
	return stmt_done(&s, e);
}

static void hlc_range(const struct change *change, size_t n, struct changeset *c)
{
	c->hlc_min = c->hlc_max = change[0].hlc;
	for (size_t i = 1; i < n; i++) {
		if (change[i].hlc < c->hlc_min)
			c->hlc_min = change[i].hlc;
		if (change[i].hlc > c->hlc_max)
			c->hlc_max = change[i].hlc;
	}
}

static bool actor_names(struct pack_run *run, const struct pack_part *part, struct arena *arena,
			struct change_body *body, struct err *e)
{
	struct schema_text *name;

	if (part->actors == 0)
		return true;
	name = arena_take(arena, part->actors * sizeof(*name));
	for (uint16_t i = 0; i < part->actors; i++)
		if (!actor_name(run->db, part->actor[i], arena, &name[i], e))
			return false;
	body->actor = name;
	body->actors = part->actors;
	return true;
}

static bool seal_part(struct pack_run *run, struct pack *pack, size_t at, struct err *e)
{
	const struct pack_part *part = &pack->part[at];
	struct change *change = &pack->change[part->first];
	struct change_body body = { 0 };
	AUTO_ARENA arena = { 0 };
	struct changeset c = { .kind = CHANGESET_DATA, .changes = (uint32_t)part->changes,
			       .cut_left = (uint32_t)(pack->parts - 1 - at) };
	size_t len;

	memcpy(c.schema, run->catalog->schema_hash.bytes, sizeof(c.schema));
	if (!pack->context_told) {
		body.context = pack->pair;
		body.pairs = pack->pairs;
		if (!put_context(run, pack, e) || !put_seen(run, pack, &c, e))
			return false;
		pack->context_told = true;
	}
	if (!actor_names(run, part, &arena, &body, e))
		return false;
	qsort(change, part->changes, sizeof(*change), by_group);
	hlc_range(change, part->changes, &c);
	buf_reset(&run->body);
	buf_reserve(&run->body, part->bytes + 1024);
	return change_encode(&body, change, part->changes, run->body.data, run->body.cap, &len, e) &&
	       pack_seal(run, pack, &c, run->body.data, len, e);
}

static void forget_actors(struct pack *pack)
{
	for (size_t i = 0; i < pack->parts; i++)
		free(pack->part[i].actor);
}

bool pack_flush(struct pack_run *run, struct pack *pack, int64_t *ret_first_n, struct err *e)
{
	*ret_first_n = run->n + 1;
	for (size_t i = 0; i < pack->parts; i++)
		if (!seal_part(run, pack, i, e))
			return err_wrap(e, "seal %s", pack->scope.name);
	forget_actors(pack);
	pack->parts = pack->changes = 0;
	return true;
}

void pack_done(struct pack *pack)
{
	forget_actors(pack);
	free(pack->pair);
	free(pack->change);
	free(pack->part);
	*pack = (struct pack){ 0 };
}
