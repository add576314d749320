/* proof.c - receipts between the wire, the tables and the text that people keep. */
#include <stdio.h>
#include <string.h>

#include "exchange/proof.h"
#include "outbox/outbox.h"

static bool note_get(struct stmt *s, struct note *ret, struct err *e)
{
	const char *text = stmt_get_text(s, 0);
	size_t len = strlen(text);

	if (len > sizeof(ret->text))
		return err_set(e, ERR_CORRUPT, "a saved checkpoint has %zu bytes", len);
	ret->len = len;
	memcpy(ret->text, text, len);
	return true;
}

static bool checkpoint_note(struct party *p, int64_t no, struct note *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(p->db, "SELECT note FROM simpul_checkpoint WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, no);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_CORRUPT, "checkpoint %lld is missing", (long long)no);
	return note_get(&s, ret, e);
}

bool proof_newest_note(struct party *p, struct note *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(p->db, "SELECT note FROM simpul_checkpoint WHERE origin = ?1"
				 " ORDER BY size DESC LIMIT 1", &s, e))
		return false;
	stmt_text(&s, 1, p->origin);
	if (!stmt_row(&s, &row, e))
		return false;
	ret->len = 0;
	return !row || note_get(&s, ret, e);
}

bool proof_oldest_note(struct party *p, uint64_t least, struct note *ret, uint64_t *size, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(p->db, "SELECT note, size FROM simpul_checkpoint WHERE origin = ?1 AND size >= ?2"
				 " ORDER BY size LIMIT 1", &s, e))
		return false;
	stmt_text(&s, 1, p->origin);
	stmt_int(&s, 2, (int64_t)least);
	if (!stmt_row(&s, &row, e))
		return false;
	ret->len = 0;
	if (!row)
		return true;
	*size = (uint64_t)stmt_get_int(&s, 1);
	return note_get(&s, ret, e);
}

bool proof_time(struct party *p, int64_t no, uint64_t *ret_time, struct err *e)
{
	struct checkpoint checkpoint = { 0 };
	struct note note;

	if (no != 0) {
		if (!checkpoint_note(p, no, &note, e))
			return false;
		if (!note_checkpoint_verify(&(struct bytes){ note.text, note.len }, &p->hub_key, &checkpoint,
					    e))
			return err_wrap(e, "checkpoint %lld", (long long)no);
	}
	*ret_time = checkpoint.time;
	return true;
}

static bool proof_from_blob(struct stmt *s, int column, struct tree_proof *ret, struct err *e)
{
	size_t len;
	const void *bytes = stmt_get_blob(s, column, &len);

	if (len % sizeof(struct hash) != 0 || len / sizeof(struct hash) > LIMIT_PROOF_HASHES)
		return err_set(e, ERR_CORRUPT, "a filed proof has %zu bytes", len);
	ret->count = (uint32_t)(len / sizeof(struct hash));
	if (len > 0)
		memcpy(ret->hashes, bytes, len);
	return true;
}

/* What a node hands on: the receipts that it filed, as far as they share one checkpoint. */
static bool fill_filed(struct party *p, struct answer *answer, struct err *e)
{
	static const char find[] =
		"SELECT r.log_index, r.checkpoint_no, r.proof FROM simpul_changeset cs"
		" JOIN simpul_receipt r ON r.n = cs.n WHERE cs.id = ?1";
	int64_t checkpoint_no = 0;

	for (size_t i = 0; i < answer->items; i++) {
		struct answer_item *item = &answer->item[i];
		AUTO_RESET s = { 0 };
		bool row;

		if (!db_statement(p->db, find, &s, e))
			return false;
		stmt_blob(&s, 1, item->id.bytes, sizeof(item->id.bytes));
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row || (checkpoint_no != 0 && stmt_get_int(&s, 1) != checkpoint_no))
			continue;
		if (!proof_from_blob(&s, 2, &item->proof, e))
			return false;
		checkpoint_no = stmt_get_int(&s, 1);
		item->index = (uint64_t)stmt_get_int(&s, 0);
		item->proven = true;
		item->state = ANSWER_LOGGED;
	}
	return checkpoint_no == 0 || checkpoint_note(p, checkpoint_no, &answer->checkpoint, e);
}

bool proof_fill(struct party *p, struct answer *answer, struct err *e)
{
	return p->hub != NULL ? p->hub->prove(p, answer, e) : fill_filed(p, answer, e);
}

static bool file_one(struct party *p, const struct answer_item *item,
		     const struct checkpoint *checkpoint, int64_t checkpoint_no, size_t *filed,
		     struct err *e)
{
	struct outbox_receipt filing;
	AUTO_RESET s = { 0 };
	int64_t n;
	bool row;

	if (!tree_verify_inclusion(&item->id, item->index, &checkpoint->head, &item->proof, e))
		return err_wrap(e, "receipt for log entry %llu", (unsigned long long)item->index);
	if (!db_statement(p->db, "SELECT n FROM simpul_changeset WHERE id = ?1", &s, e))
		return false;
	stmt_blob(&s, 1, item->id.bytes, sizeof(item->id.bytes));
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return true; /* a receipt for something that we do not hold proves nothing here */
	n = stmt_get_int(&s, 0);
	stmt_reset(&s);
	filing = (struct outbox_receipt){ n, (int64_t)item->index, checkpoint_no, item->proof.hashes,
					  item->proof.count * sizeof(struct hash) };
	if (!outbox_file_receipt(p->db, &filing, p->world, e))
		return false;
	++*filed;
	return true;
}

bool proof_file(struct party *p, const struct answer *answer, size_t *ret_filed, struct err *e)
{
	struct checkpoint checkpoint;
	struct tree_head known;
	int64_t no = 0;
	size_t filed = 0;

	if (answer->checkpoint.len == 0) {
		*ret_filed = 0;
		return true;
	}
	if (!proof_checkpoint_offer(p, &answer->checkpoint, &checkpoint, &known, e) ||
	    !proof_checkpoint_put(p, &answer->checkpoint, &checkpoint, known.size == 0, &no, e))
		return false;
	for (size_t i = 0; i < answer->items; i++)
		if (answer->item[i].proven &&
		    !file_one(p, &answer->item[i], &checkpoint, no, &filed, e))
			return false;
	*ret_filed = filed;
	return true;
}

bool proof_receipt(struct party *p, uint64_t n, struct receipt_text *ret, struct err *e)
{
	AUTO_ANSWER answer = { 0 };
	struct answer_item *item = answer_add(&answer);
	struct receipt receipt;
	AUTO_RESET s = { 0 };
	const void *id;
	bool row;
	size_t len;

	if (!db_statement(p->db, "SELECT id FROM simpul_changeset WHERE n = ?1", &s, e))
		return false;
	stmt_int(&s, 1, (int64_t)n);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "there is no changeset %llu", (unsigned long long)n);
	id = stmt_get_blob(&s, 0, &len);
	memcpy(item->id.bytes, id, sizeof(item->id.bytes));
	stmt_reset(&s);
	item->index = n - 1;
	item->state = ANSWER_KEPT;
	if (!proof_fill(p, &answer, e))
		return false;
	if (!item->proven)
		return err_set(e, ERR_NOT_FOUND, "changeset %llu has no receipt yet",
			       (unsigned long long)n);
	receipt.id = item->id;
	receipt.index = item->index;
	receipt.proof = item->proof;
	receipt.checkpoint = (struct bytes){ answer.checkpoint.text, answer.checkpoint.len };
	return receipt_encode(&receipt, ret, e);
}

/* The hub's newest head is saved with the next batch: until then only a proof against it tells its time. */
static bool newest_time(struct party *p, uint64_t n, uint64_t *ret_time, struct err *e)
{
	const struct receipt_expect expect = { .hub = &p->hub_key };
	struct receipt_details details;
	struct receipt_text text;

	*ret_time = 0;
	if (!proof_receipt(p, n, &text, e))
		return e->code == ERR_NOT_FOUND;
	if (!receipt_verify(&(struct bytes){ text.text, text.len }, &expect, &details, e))
		return false;
	*ret_time = details.checkpoint.time;
	return true;
}

bool proof_received(struct party *p, uint64_t n, uint64_t *ret_time, struct err *e)
{
	static const char at_hub[] = "SELECT no FROM simpul_checkpoint WHERE origin = ?2 AND size >= ?1"
				     " ORDER BY size LIMIT 1";
	static const char filed[] = "SELECT checkpoint_no FROM simpul_receipt WHERE n = ?1";
	AUTO_RESET s = { 0 };
	int64_t no;
	bool row;

	if (!db_statement(p->db, p->hub != NULL ? at_hub : filed, &s, e))
		return false;
	stmt_int(&s, 1, (int64_t)n);
	if (p->hub != NULL)
		stmt_text(&s, 2, p->origin);
	if (!stmt_row(&s, &row, e))
		return false;
	no = row ? stmt_get_int(&s, 0) : 0;
	stmt_reset(&s);
	return no == 0 && p->hub != NULL ? newest_time(p, n, ret_time, e) : proof_time(p, no, ret_time, e);
}

static void head_get(struct stmt *s, struct tree_head *ret)
{
	size_t len;
	const void *root = stmt_get_blob(s, 1, &len);

	*ret = (struct tree_head){ .size = (uint64_t)stmt_get_int(s, 0) };
	if (len == sizeof(ret->root.bytes))
		memcpy(ret->root.bytes, root, len);
}

/* One size, two roots: what the hub signed before against what it signed now. */
static bool same_root(struct party *p, const struct checkpoint *checkpoint, struct err *e)
{
	struct tree_head known;
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(p->db, "SELECT size, root FROM simpul_checkpoint WHERE origin = ?1 AND size = ?2",
			  &s, e))
		return false;
	stmt_text(&s, 1, p->origin);
	stmt_int(&s, 2, (int64_t)checkpoint->head.size);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return true;
	head_get(&s, &known);
	return hash_equal(&known.root, &checkpoint->head.root) ||
	       err_set(e, ERR_PROOF, "the hub signed two different logs of size %llu",
		       (unsigned long long)known.size);
}

bool proof_checkpoint_offer(struct party *p, const struct note *note, struct checkpoint *ret_checkpoint,
			    struct tree_head *ret_known, struct err *e)
{
	static const char find[] = "SELECT size, root FROM simpul_checkpoint WHERE origin = ?1 AND"
				   " consistent ORDER BY size DESC LIMIT 1";
	struct bytes text = { note->text, note->len };
	struct tree_head known = { 0 };
	struct checkpoint checkpoint;
	AUTO_RESET s = { 0 };
	bool row;

	if (!note_checkpoint_verify(&text, &p->hub_key, &checkpoint, e))
		return err_wrap(e, "checkpoint");
	if (strcmp(checkpoint.origin, p->origin) != 0)
		return err_set(e, ERR_PROOF, "the checkpoint is of the log %s, ours is %s",
			       checkpoint.origin, p->origin);
	if (!same_root(p, &checkpoint, e) || !db_statement(p->db, find, &s, e))
		return false;
	stmt_text(&s, 1, p->origin);
	if (!stmt_row(&s, &row, e))
		return false;
	if (row)
		head_get(&s, &known);
	*ret_checkpoint = checkpoint;
	*ret_known = known;
	return true;
}

bool proof_origin_known(struct party *p, const char *origin, bool *ret, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(p->db, "SELECT 1 FROM simpul_checkpoint WHERE origin = ?1 LIMIT 1", &s, e))
		return false;
	stmt_text(&s, 1, origin);
	return stmt_row(&s, ret, e);
}

bool proof_newest_size(struct party *p, uint64_t *ret_size, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(p->db, "SELECT coalesce(max(size), 0) FROM simpul_checkpoint WHERE origin = ?1",
			  &s, e))
		return false;
	stmt_text(&s, 1, p->origin);
	if (!stmt_row(&s, &row, e))
		return false;
	*ret_size = row ? (uint64_t)stmt_get_int(&s, 0) : 0;
	return true;
}

bool proof_checkpoint_put(struct party *p, const struct note *note, const struct checkpoint *checkpoint,
			  bool consistent, int64_t *ret_no, struct err *e)
{
	static const char put[] =
		"INSERT INTO simpul_checkpoint(origin, size, root, note, consistent)"
		" VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(origin, size) DO UPDATE"
		" SET consistent = max(consistent, excluded.consistent) RETURNING no";
	char text[LIMIT_NOTE_BYTES + 1];
	AUTO_RESET s = { 0 };
	bool row;

	memcpy(text, note->text, note->len);
	text[note->len] = '\0';
	if (!db_statement(p->db, put, &s, e))
		return false;
	stmt_text(&s, 1, checkpoint->origin);
	stmt_int(&s, 2, (int64_t)checkpoint->head.size);
	stmt_blob(&s, 3, checkpoint->head.root.bytes, sizeof(checkpoint->head.root.bytes));
	stmt_text(&s, 4, text);
	stmt_int(&s, 5, consistent);
	if (!stmt_row(&s, &row, e))
		return false;
	*ret_no = row ? stmt_get_int(&s, 0) : 0;
	/* RETURNING rows come before the statement is done. */
	return stmt_done(&s, e);
}

bool proof_unproven(struct party *p, struct tree_head *ret_newest, struct tree_head *ret_old, size_t cap,
		    size_t *ret_n, struct err *e)
{
	AUTO_RESET newest = { 0 };
	AUTO_RESET s = { 0 };
	size_t n = 0;
	bool row;

	*ret_n = 0;
	if (!db_statement(p->db, "SELECT size, root FROM simpul_checkpoint WHERE origin = ?1 AND consistent"
				 " ORDER BY size DESC LIMIT 1", &newest, e))
		return false;
	stmt_text(&newest, 1, p->origin);
	if (!stmt_row(&newest, &row, e))
		return false;
	if (!row)
		return true;
	head_get(&newest, ret_newest);
	if (!db_statement(p->db, "SELECT size, root FROM simpul_checkpoint WHERE origin = ?1 AND"
				 " NOT consistent AND size < ?2 ORDER BY size LIMIT ?3", &s, e))
		return false;
	stmt_text(&s, 1, p->origin);
	stmt_int(&s, 2, (int64_t)ret_newest->size);
	stmt_int(&s, 3, (int64_t)cap);
	while (n < cap) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		head_get(&s, &ret_old[n++]);
	}
	*ret_n = n;
	return true;
}

bool proof_proven(struct party *p, const struct tree_head *old, size_t n, struct err *e)
{
	AUTO_TXN txn = { 0 };

	if (!txn_begin(&txn, p->db, e))
		return false;
	for (size_t i = 0; i < n; i++) {
		AUTO_RESET s = { 0 };

		if (!db_statement(p->db, "UPDATE simpul_checkpoint SET consistent = 1 WHERE origin = ?1 AND"
					 " size = ?2 AND root = ?3", &s, e))
			return false;
		stmt_text(&s, 1, p->origin);
		stmt_int(&s, 2, (int64_t)old[i].size);
		stmt_blob(&s, 3, old[i].root.bytes, sizeof(old[i].root.bytes));
		if (!stmt_done(&s, e))
			return false;
	}
	return txn_commit(&txn, e);
}
