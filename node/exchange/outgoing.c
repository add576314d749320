/* outgoing.c - the outbox and the difference of heads, as statements. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "exchange/outgoing.h"
#include "simpul/seal.h"

/* Is it one of the list "a,b"?  13.7 is not in "13.73". */
static bool listed(struct buf *list, const char *scope)
{
	size_t len = strlen(scope);

	for (const char *at = buf_string(list); (at = strstr(at, scope)) != NULL; at += len)
		if ((at == buf_string(list) || at[-1] == ',') && (at[len] == ',' || at[len] == '\0'))
			return true;
	return false;
}

bool outgoing_scopes(struct db *db, struct buf *out, struct buf *except, struct err *e)
{
	AUTO_RESET q = { 0 };
	bool row;

	buf_text(out, SCOPE_NATIONAL);
	if (!db_statement(db, "SELECT DISTINCT scope, id, frozen = 2 FROM simpul_chain WHERE own = 1", &q,
			  e))
		return false;
	for (;;) {
		char hex[HEX_SIZE(sizeof(struct chain_id))];
		const void *id;
		size_t len;

		if (!stmt_row(&q, &row, e))
			return false;
		if (!row)
			return true;
		if (!listed(out, stmt_get_text(&q, 0)))
			buf_print(out, ",%s", stmt_get_text(&q, 0));
		if (stmt_get_int(&q, 2) != 0) /* merge/anew.h: the rest comes from the hub */
			continue;
		id = stmt_get_blob(&q, 1, &len);
		if (len != sizeof(struct chain_id))
			return err_set(e, ERR_CORRUPT, "a chain id of %zu bytes", len);
		hex_encode(id, len, hex);
		buf_print(except, "%s%s", except->len > 0 ? "," : "", hex);
	}
}

/* Are these the bytes that were accepted?  All but the signature, which whoever gets them checks. */
static bool whole(struct arena *arena, const struct bytes *frame, const struct bytes *id, struct err *why)
{
	struct frame f;

	arena_reset(arena);
	if (!seal_open(frame->data, frame->len, &f, why))
		return false;
	if (id->len != sizeof(f.id.bytes) || memcmp(id->data, f.id.bytes, id->len) != 0)
		return err_set(why, ERR_HASH, "its header is not the one that was accepted");
	return seal_unpack(&f, arena_take(arena, f.changeset.body_len + 1), f.changeset.body_len, why);
}

static void note_damage(struct outgoing_part *part, int64_t n, const struct err *why)
{
	struct err e;

	err_set(&e, ERR_CORRUPT, "changeset %" PRId64 " is damaged in this file and is not sent (%s): simpul"
				 " check names all", n, why->text);
	log_once(LOG_ERROR, "sync", "damaged", "%s", e.text);
	if (part->damage.code == ERR_OK)
		part->damage = e;
}

/* Takes (n, frame, id) rows until the request is full. */
static bool collect(struct stmt *s, struct outgoing_part *part, struct buf *out, struct err *e)
{
	size_t start = out->len;
	AUTO_ARENA arena = { 0 };

	part->frames = 0;
	while (part->frames < LIMIT_REQUEST_FRAMES) {
		struct bytes frame, id;
		struct err why;
		bool row;

		if (!stmt_row(s, &row, e))
			return false;
		if (!row)
			break;
		frame.data = stmt_get_blob(s, 1, &frame.len);
		id.data = stmt_get_blob(s, 2, &id.len);
		if (part->frames > 0 && out->len - start + frame.len > part->bytes_max)
			break;
		part->after = (uint64_t)stmt_get_int(s, 0);
		if (!whole(&arena, &frame, &id, &why)) {
			note_damage(part, stmt_get_int(s, 0), &why);
			continue;
		}
		buf_put(out, frame.data, frame.len);
		part->frames++;
	}
	return true;
}

bool outgoing_unsent(struct db *db, struct outgoing_part *part, struct buf *out, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "SELECT n, frame, id FROM simpul_changeset WHERE custody = 0 AND n > ?1"
			      " ORDER BY n", &s, e))
		return false;
	stmt_int(&s, 1, (int64_t)part->after);
	return collect(&s, part, out, e);
}

static bool heads_put(struct db *db, int64_t peer, const struct chain_id *chain, int64_t seq,
		      struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "INSERT OR REPLACE INTO temp.simpul_heads(peer, chain, seq) VALUES(?1, ?2, ?3)",
			  &s, e))
		return false;
	stmt_int(&s, 1, peer);
	stmt_blob(&s, 2, chain->bytes, sizeof(chain->bytes));
	stmt_int(&s, 3, seq);
	return stmt_done(&s, e);
}

static bool heads_forget(struct db *db, int64_t peer, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_exec(db, "CREATE TEMP TABLE IF NOT EXISTS simpul_heads(peer INT, chain BLOB, seq INT,"
			 " PRIMARY KEY(peer, chain)) WITHOUT ROWID", e) ||
	    !db_statement(db, "DELETE FROM temp.simpul_heads WHERE peer = ?1", &s, e))
		return false;
	stmt_int(&s, 1, peer);
	return stmt_done(&s, e);
}

bool outgoing_heads_take(struct db *db, int64_t peer, const json_t *heads, struct err *e)
{
	if (!heads_forget(db, peer, e))
		return false;
	for (size_t i = 0; i < json_array_size(heads); i++) {
		const json_t *head = json_array_get(heads, i);
		struct chain_id chain;
		int64_t seq;

		if (!json_member_hex(head, "chain", chain.bytes, sizeof(chain.bytes), e) ||
		    !json_member_int(head, "seq", &seq, e) || !heads_put(db, peer, &chain, seq, e))
			return false;
	}
	return true;
}

bool outgoing_behind(struct db *db, int64_t peer, bool *ret, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "SELECT 1 FROM temp.simpul_heads h JOIN simpul_chain ch ON ch.id = h.chain"
			      " WHERE h.peer = ?1 AND ch.own = 1 AND ch.frozen <> 2"
			      " AND h.seq > ch.head_seq", &s, e))
		return false;
	stmt_int(&s, 1, peer);
	return stmt_row(&s, ret, e);
}

bool outgoing_missing(struct db *db, const char *scopes, struct outgoing_part *part, struct buf *out,
		      struct err *e)
{
	static const char find[] =
		"SELECT cs.n, cs.frame, cs.id FROM simpul_chain ch"
		" JOIN simpul_changeset cs ON cs.chain_no = ch.no"
		" LEFT JOIN temp.simpul_heads h ON h.chain = ch.id AND h.peer = ?3"
		" WHERE instr(',' || ?1 || ',', ',' || ch.scope || ',') > 0"
		" AND ch.head_seq > coalesce(h.seq, 0) AND cs.seq > coalesce(h.seq, 0) AND cs.n > ?2"
		" ORDER BY cs.n";
	AUTO_RESET s = { 0 };

	if (!db_statement(db, find, &s, e))
		return false;
	stmt_text(&s, 1, scopes);
	stmt_int(&s, 2, (int64_t)part->after);
	stmt_int(&s, 3, part->peer);
	return collect(&s, part, out, e);
}

bool outgoing_at_hub(struct db *db, const struct hash *id, struct err *e)
{
	static const char mark[] =
		"UPDATE simpul_changeset SET custody = CASE WHEN (SELECT own FROM simpul_chain"
		" WHERE no = chain_no) THEN 1 ELSE 2 END WHERE id = ?1 AND custody = 0";
	AUTO_RESET s = { 0 };

	if (!db_statement(db, mark, &s, e))
		return false;
	stmt_blob(&s, 1, id->bytes, sizeof(id->bytes));
	return stmt_done(&s, e);
}

bool outgoing_waiting(struct db *db, struct outgoing_waiting *ret, size_t cap, size_t *ret_n,
		      struct err *e)
{
	static const char find[] =
		"SELECT ch.id, ch.scope, min(cs.seq) - 1 FROM simpul_changeset cs"
		" JOIN simpul_chain ch ON ch.no = cs.chain_no WHERE cs.custody < 2 AND ch.own = 1"
		" GROUP BY ch.no";
	AUTO_RESET s = { 0 };
	size_t n = 0;

	if (!db_statement(db, find, &s, e))
		return false;
	while (n < cap) {
		const void *id;
		size_t len;
		bool row;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		id = stmt_get_blob(&s, 0, &len);
		if (len != sizeof(ret[n].chain.bytes))
			return err_set(e, ERR_CORRUPT, "a chain id of %zu bytes", len);
		memcpy(ret[n].chain.bytes, id, len);
		snprintf(ret[n].scope.name, sizeof(ret[n].scope.name), "%s", stmt_get_text(&s, 1));
		ret[n].after_seq = (uint64_t)stmt_get_int(&s, 2);
		n++;
	}
	*ret_n = n;
	return true;
}
