/*
 * admission.c - content rules.  Each is a function of the changeset and its ancestors, so that every
 * node comes to the same verdict whenever it looks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "merge/admission.h"
#include "simpul/change.h"
#include "store/adopt.h"
#include "store/document.h"
#include "store/tables.h"

static void take_bytes(struct stmt *s, int column, void *to, size_t len)
{
	size_t have;
	const void *bytes = stmt_get_blob(s, column, &have);

	memset(to, 0, len);
	if (have == len)
		memcpy(to, bytes, len);
}

bool admission_chain(struct db *db, const struct chain_id *id, struct chain_state *ret, bool *ret_found,
		struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "SELECT no, scope, key, role, head_seq, head_id, coalesce(void_after, -1),"
			      " frozen FROM simpul_chain WHERE id = ?1", &s, e))
		return false;
	stmt_blob(&s, 1, id->bytes, sizeof(id->bytes));
	if (!stmt_row(&s, ret_found, e))
		return false;
	if (!*ret_found)
		return true;
	*ret = (struct chain_state){ .no = (int)stmt_get_int(&s, 0), .id = *id,
				     .role = (int)stmt_get_int(&s, 3),
				     .head_seq = (uint64_t)stmt_get_int(&s, 4),
				     .void_after = stmt_get_int(&s, 6),
				     .frozen = stmt_get_int(&s, 7) != 0 && stmt_get_int(&s, 7) != 2,
				     .leaves = stmt_get_int(&s, 7) > 2,
				     .ours_aside = stmt_get_int(&s, 7) == 2 };
	snprintf(ret->scope.name, sizeof(ret->scope.name), "%s", stmt_get_text(&s, 1));
	take_bytes(&s, 2, ret->key.bytes, sizeof(ret->key.bytes));
	take_bytes(&s, 5, ret->head_id.bytes, sizeof(ret->head_id.bytes));
	return true;
}

bool admission_hold(struct verdict *v, const char *missing, const void *need, size_t need_len,
		  uint64_t need_seq)
{
	char hex[HEX_SIZE(16)];

	v->admission = ADMIT_HOLD;
	v->missing = missing;
	v->need_len = need_len;
	memcpy(v->need, need, need_len);
	v->need_seq = need_seq;
	hex_encode(need, need_len, hex);
	err_set(&v->problem, ERR_HELD, "%s %s %llu is not here yet", missing, hex,
		(unsigned long long)need_seq);
	return true;
}

static bool quarantine(struct verdict *v, const struct err *why)
{
	v->admission = ADMIT_QUARANTINE;
	v->problem = *why;
	return true;
}

static bool forbid(struct verdict *v, enum err_code code, const char *why)
{
	v->admission = ADMIT_QUARANTINE;
	err_set(&v->problem, code, "%s", why);
	return true;
}

/*
 * The scope of a chain that is not here, as the hub granted it: every node knows all grants, and so comes
 * to the verdict of those who have that chain.  *ret_known is false before the grant is here.
 */
static bool granted_scope(struct db *db, const struct chain_id *id, struct scope *ret, bool *ret_known,
			  struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "SELECT scope FROM simpul_grant WHERE chain = ?1 AND length(key) > 0", &s, e))
		return false;
	stmt_blob(&s, 1, id->bytes, sizeof(id->bytes));
	if (!stmt_row(&s, ret_known, e))
		return false;
	if (*ret_known)
		snprintf(ret->name, sizeof(ret->name), "%s", stmt_get_text(&s, 0));
	return true;
}

static bool in_scope(const struct scope *about, const struct chain_state *chain)
{
	return scope_equal(about, &chain->scope) || strcmp(about->name, SCOPE_NATIONAL) == 0;
}

/* One context pair: of the same scope or the national one, and here. */
static bool check_pair(struct db *db, const struct chain_state *chain, const struct context_pair *pair,
		       struct verdict *v, struct err *e)
{
	struct chain_state about;
	uint64_t need;
	bool found, known;

	if (chain_compare(&pair->chain, &chain->id) == 0)
		return forbid(v, ERR_MALFORMED, "its context names its own chain");
	if (!admission_chain(db, &pair->chain, &about, &found, e))
		return false;
	known = found;
	if (!found && !granted_scope(db, &pair->chain, &about.scope, &known, e))
		return false;
	if (known && !in_scope(&about.scope, chain))
		return forbid(v, ERR_FORBIDDEN, "its context names a chain of another scope");
	if (!found) /* looked at again when the grant comes (0), then when the changeset does */
		return admission_hold(v, "ancestor", pair->chain.bytes, sizeof(pair->chain.bytes),
				      known ? pair->seq : 0);
	need = pair->seq;
	if (about.void_after >= 0 && need > (uint64_t)about.void_after)
		need = (uint64_t)about.void_after; /* what follows is known, and void */
	if (need <= about.head_seq)
		return true;
	return admission_hold(v, "ancestor", pair->chain.bytes, sizeof(pair->chain.bytes), need);
}

/*
 * The document that this chain announced last, and no other: one that came by another chain is here or
 * not, depending on who looks.
 */
static bool check_schema(struct db *db, const struct frame *f, const struct chain_state *chain,
			 struct verdict *v, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool announced;

	if (!db_statement(db, "SELECT 1 FROM simpul_chain WHERE no = ?1 AND substr(schema_hash, 1, 8) = ?2",
			  &s, e))
		return false;
	stmt_int(&s, 1, chain->no);
	stmt_blob(&s, 2, f->changeset.schema, sizeof(f->changeset.schema));
	if (!stmt_row(&s, &announced, e))
		return false;
	return announced || forbid(v, ERR_MALFORMED, "its chain has not announced its schema document");
}

static bool check_data(struct db *db, const struct frame *f, const uint8_t *body,
		       const struct chain_state *chain, struct verdict *v, struct err *e)
{
	struct change_reader r;
	struct context_pair pair;
	uint32_t changes;
	struct err why;

	if (chain->role == ROLE_READER || chain->role == ROLE_RELAY)
		return forbid(v, ERR_FORBIDDEN, "its author may read but not write");
	if (!change_check(body, f->changeset.body_len, &changes, &why))
		return quarantine(v, &why);
	if (changes != f->changeset.changes)
		return forbid(v, ERR_MALFORMED, "its header counts its changes wrong");
	if (!change_reader_open(&r, body, f->changeset.body_len, &why))
		return quarantine(v, &why);
	while (change_reader_pair(&r, &pair)) {
		if (!check_pair(db, chain, &pair, v, e))
			return false;
		if (v->admission != ADMIT)
			return true;
	}
	return check_schema(db, f, chain, v, e);
}

/* What stands on this chain, all nodes get and obey. */
static bool by_hub(const struct chain_state *chain)
{
	return chain->role == ROLE_HUB && strcmp(chain->scope.name, SCOPE_NATIONAL) == 0;
}

static bool check_document(struct db *db, const struct frame *f, const uint8_t *body,
			   const struct chain_state *chain, struct verdict *v, struct err *e)
{
	const struct adopt_place place = { .chain_no = chain->no, .seq = f->changeset.seq,
					   .hlc = f->changeset.hlc_max };
	AUTO_RESET s = { 0 };
	struct hash hash;
	size_t len = f->changeset.body_len, cap = schema_memory(len);
	AUTO_ARENA arena = { 0 };
	struct schema schema;
	struct err why;
	bool rules = false;

	if (!schema_decode(body, len, arena_take(&arena, cap), cap, &schema, &why))
		return quarantine(v, &why);
	crypto_sha256(body, len, &hash);
	if (!db_statement(db, "UPDATE simpul_chain SET schema_hash = ?2 WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, chain->no);
	stmt_blob(&s, 2, hash.bytes, sizeof(hash.bytes));
	if (!stmt_done(&s, e) || !document_put(db, body, len, e))
		return false;
	for (uint16_t i = 0; i < schema.tables; i++)
		rules |= schema.table[i].rules != NULL;
	return !rules || !by_hub(chain) || adopt_approve(db, &hash, &place, e);
}

/* The first grant of a chain stands: a change of role takes a new chain, so no order matters. */
static bool file_grant(struct db *db, const struct frame *f, const uint8_t *body,
		       const struct chain_state *chain, struct verdict *v, struct err *e)
{
	AUTO_RESET s = { 0 };
	struct grant g;
	struct err why;

	if (!grant_decode(body, f->changeset.body_len, &g, &why))
		return quarantine(v, &why);
	if (!db_statement(db, "INSERT INTO simpul_grant(chain, key, scope, role, name, by_no, by_seq)"
			      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(chain) DO UPDATE SET key ="
			      " excluded.key, scope = excluded.scope, role = excluded.role, name ="
			      " excluded.name, by_no = excluded.by_no, by_seq = excluded.by_seq"
			      " WHERE length(key) = 0", &s, e))
		return false;
	stmt_blob(&s, 1, g.chain.bytes, sizeof(g.chain.bytes));
	stmt_blob(&s, 2, g.key.bytes, sizeof(g.key.bytes));
	stmt_text(&s, 3, g.scope.name);
	stmt_int(&s, 4, g.role);
	stmt_text(&s, 5, g.name);
	stmt_int(&s, 6, chain->no);
	stmt_int(&s, 7, (int64_t)f->changeset.seq);
	return stmt_done(&s, e);
}

/*
 * A revocation voids what comes after its sequence number, wherever it stands in the log.  What was
 * merged before the revocation arrived is marked here; the next merge takes its effects back out of the
 * tables (takeback.c).
 */
static bool revoke_step(struct db *db, const char *sql, const struct revocation *r, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, sql, &s, e))
		return false;
	stmt_blob(&s, 1, r->chain.bytes, sizeof(r->chain.bytes));
	stmt_int(&s, 2, (int64_t)r->last_good_seq);
	if (sqlite3_bind_parameter_count(s.handle) > 2)
		stmt_text(&s, 3, r->reason);
	return stmt_done(&s, e);
}

static bool file_revocation(struct db *db, const struct frame *f, const uint8_t *body,
			    struct verdict *v, struct err *e)
{
	struct revocation r;
	struct err why;

	if (!revocation_decode(body, f->changeset.body_len, &r, &why))
		return quarantine(v, &why);
	if (r.last_good_seq > INT64_MAX)
		return forbid(v, ERR_MALFORMED, "its sequence number is out of range");
	return revoke_step(db,
			   "INSERT INTO simpul_grant(chain, key, scope, role, name, void_after, reason)"
			   " VALUES(?1, x'', '', 0, '', ?2, ?3) ON CONFLICT(chain) DO UPDATE SET reason = ?3,"
			   " void_after = min(coalesce(void_after, ?2), ?2)", &r, e) &&
	       revoke_step(db,
			   "UPDATE simpul_chain SET void_after = min(coalesce(void_after, ?2), ?2)"
			   " WHERE id = ?1", &r, e) &&
	       revoke_step(db,
			   "UPDATE simpul_changeset SET reason = CASE state WHEN 1 THEN"
			   " '" ADMISSION_VOID_MERGED "' ELSE 'revoked: ' END || ?3,"
			   " state = CASE state WHEN 1 THEN 4 ELSE 3 END WHERE state < 3 AND seq > ?2 AND"
			   " chain_no = (SELECT no FROM simpul_chain WHERE id = ?1)", &r, e) &&
	       meta_put_int(db, ADMISSION_TAKEBACK, 1, e);
}

bool admission_check(struct db *db, const struct frame *f, const uint8_t *body,
		     const struct chain_state *chain, struct verdict *ret, struct err *e)
{
	*ret = (struct verdict){ .admission = ADMIT };
	switch (f->changeset.kind) {
	case CHANGESET_DATA:
		return check_data(db, f, body, chain, ret, e);
	case CHANGESET_SCHEMA:
		return check_document(db, f, body, chain, ret, e);
	case CHANGESET_GRANT:
	case CHANGESET_REVOKE:
		if (!by_hub(chain))
			return forbid(ret, ERR_FORBIDDEN, "only the hub grants and revokes");
		return f->changeset.kind == CHANGESET_GRANT ? file_grant(db, f, body, chain, ret, e) :
							      file_revocation(db, f, body, ret, e);
	case CHANGESET_GENESIS:
		if (f->changeset.seq != 1)
			return forbid(ret, ERR_MALFORMED, "a second genesis");
		return true;
	case CHANGESET_ROTATE:
	case CHANGESET_CLOSE:
	case CHANGESET_SNAPSHOT:
		return true;
	}
	return true;
}
