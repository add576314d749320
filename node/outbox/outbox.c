/* outbox.c - opening a chain, what waits for a receipt, and filing receipts. */
#include <string.h>

#include "capture/trigger.h"
#include "outbox/outbox.h"
#include "outbox/pack.h"
#include "simpul/hlc.h"
#include "store/tables.h"

static bool insert_chain(struct db *db, const struct genesis *g, const struct chain_id *id,
			 int64_t *ret_no, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "INSERT INTO simpul_chain(id, scope, key, name, own) VALUES(?1, ?2, ?3, ?4, 1)",
			  &s, e))
		return false;
	stmt_blob(&s, 1, id->bytes, sizeof(id->bytes));
	stmt_text(&s, 2, g->scope.name);
	stmt_blob(&s, 3, g->key.bytes, sizeof(g->key.bytes));
	stmt_text(&s, 4, g->name);
	if (!stmt_done(&s, e))
		return false;
	*ret_no = db_last_rowid(db);
	return true;
}

static bool read_predecessor(struct db *db, int64_t no, struct genesis *g, struct changeset *c,
			     struct err *e)
{
	AUTO_RESET s = { 0 };
	const void *id, *head;
	size_t id_len, head_len;
	bool row;

	if (!db_statement(db, "SELECT id, head_id FROM simpul_chain WHERE no = ?1 AND own = 1", &s, e))
		return false;
	stmt_int(&s, 1, no);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "there is no own chain %lld", (long long)no);
	id = stmt_get_blob(&s, 0, &id_len);
	head = stmt_get_blob(&s, 1, &head_len);
	if (id_len != sizeof(g->predecessor.bytes) || head_len != sizeof(c->prev.bytes))
		return err_set(e, ERR_CORRUPT, "chain %lld has no head", (long long)no);
	g->has_predecessor = true;
	memcpy(g->predecessor.bytes, id, id_len);
	memcpy(c->prev.bytes, head, head_len);
	return true;
}

bool outbox_open_chain(struct db *db, const struct outbox_author *author, const struct scope *scope,
		       const int64_t *predecessor, int64_t *ret_chain_no, struct err *e)
{
	struct outbox_result result = { 0 };
	struct pack_run run = { .db = db, .author = author, .now_ms = world_now_ms(author->world),
				.result = &result };
	struct pack pack = { .scope = *scope };
	struct changeset c = { .kind = CHANGESET_GENESIS };
	struct genesis g = { .scope = *scope };
	int64_t hlc;
	bool ok;

	if (!name_valid(author->name, strlen(author->name)))
		return err_set(e, ERR_USAGE, "a node's name has 1 to %u bytes", LIMIT_NAME_BYTES);
	memcpy(g.name, author->name, strlen(author->name) + 1);
	crypto_public_key(author->key, &g.key);
	world_random(author->world, g.nonce, sizeof(g.nonce));
	genesis_chain(&g.key, &g.scope, g.nonce, &pack.id);
	if ((predecessor != NULL && !read_predecessor(db, *predecessor, &g, &c, e)) ||
	    !meta_get_int(db, "hlc", 0, &hlc, e) ||
	    !db_int(db, "SELECT max(n) FROM simpul_changeset", 0, &run.n, e) ||
	    /* What somebody had seen of a chain of ours is no number of this one: of this one, nothing. */
	    !db_exec(db, "UPDATE simpul_log SET o = 0 WHERE o > 0", e) ||
	    !insert_chain(db, &g, &pack.id, &pack.no, e))
		return false;
	genesis_fill(&g, &c);
	c.hlc_min = c.hlc_max = hlc_next((uint64_t)hlc, run.now_ms);
	ok = pack_seal(&run, &pack, &c, NULL, 0, e);
	buf_done(&run.frame);
	if (!ok)
		return err_wrap(e, "genesis");
	*ret_chain_no = pack.no;
	return true;
}

bool outbox_pending(struct db *db, struct outbox_pending *ret, struct err *e)
{
	static const char find[] =
		"SELECT count(*), sum(h.own), min(c.arrived_ms) FROM simpul_changeset c"
		" JOIN simpul_chain h ON h.no = c.chain_no WHERE c.custody < 2";
	struct outbox_pending pending = { 0 };
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT count(*), min(" TRIGGER_MS ") FROM simpul_log", &s, e) ||
	    !stmt_row(&s, &row, e))
		return false;
	pending.hints = stmt_get_int(&s, 0);
	pending.oldest_hint_ms = stmt_get_int(&s, 1);
	stmt_reset(&s);
	if (!db_statement(db, find, &s, e))
		return false;
	if (!stmt_row(&s, &row, e))
		return false;
	pending.unsent = stmt_get_int(&s, 0);
	pending.unsent_own = stmt_get_int(&s, 1);
	pending.oldest_unsent_ms = stmt_get_int(&s, 2);
	*ret = pending;
	return true;
}

bool outbox_file_receipt(struct db *db, const struct outbox_receipt *receipt, const struct world *world,
			 struct err *e)
{
	AUTO_TXN txn = { 0 };
	AUTO_RESET s = { 0 };
	bool row;

	if (!txn_begin(&txn, db, e) ||
	    !db_statement(db, "SELECT 1 FROM simpul_changeset WHERE n = ?1", &s, e))
		return false;
	stmt_int(&s, 1, receipt->n);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "there is no changeset %lld", (long long)receipt->n);
	stmt_reset(&s);
	if (!db_statement(db, "INSERT OR IGNORE INTO simpul_receipt(n, log_index, checkpoint_no, proof,"
			      " filed_ms) VALUES(?1, ?2, ?3, ?4, ?5)", &s, e))
		return false;
	stmt_int(&s, 1, receipt->n);
	stmt_int(&s, 2, receipt->log_index);
	stmt_int(&s, 3, receipt->checkpoint_no);
	stmt_blob(&s, 4, receipt->proof, receipt->proof_len);
	stmt_int(&s, 5, (int64_t)world_now_ms(world));
	if (!stmt_done(&s, e) ||
	    !db_statement(db, "UPDATE simpul_changeset SET custody = 2 WHERE n = ?1", &s, e))
		return false;
	stmt_int(&s, 1, receipt->n);
	return stmt_done(&s, e) && txn_commit(&txn, e);
}
