/*
 * branch.c - chains that are frozen for the hub's sake: void, then out, then open again.
 *
 * The context that the chain had gathered is computed anew from what is left of it: the hub's branch had
 * not seen what ours had.  Of the evidence only our frames stay; the hub's come back accepted.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "merge/admission.h"
#include "merge/branch.h"
#include "merge/reconsider.h"
#include "simpul/change.h"
#include "simpul/seal.h"
#include "store/tables.h"

#define OURS "chain_no IN (SELECT no FROM simpul_chain c WHERE c.frozen > 2 AND" \
	     " simpul_changeset.seq >= c.frozen - 2)"

bool branch_mark(struct db *db, struct err *e)
{
	int64_t n;

	if (!db_int(db, "SELECT count(*) FROM simpul_chain WHERE frozen > 2", 0, &n, e))
		return false;
	return n == 0 ||
	       (db_exec(db, "UPDATE simpul_changeset SET state = CASE state WHEN 1 THEN 4 ELSE 3 END,"
			    " reason = 'the hub has another changeset with this number' WHERE " OURS, e) &&
		meta_put_int(db, ADMISSION_TAKEBACK, 1, e));
}

static bool context_put(struct db *db, int64_t no, const struct context_pair *pair, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "INSERT INTO simpul_context(chain_no, about_no, seq) SELECT ?1, no, ?3 FROM"
			      " simpul_chain WHERE id = ?2 ON CONFLICT DO UPDATE"
			      " SET seq = max(seq, excluded.seq)", &s, e))
		return false;
	stmt_int(&s, 1, no);
	stmt_blob(&s, 2, pair->chain.bytes, sizeof(pair->chain.bytes));
	stmt_int(&s, 3, (int64_t)pair->seq);
	return stmt_done(&s, e);
}

static bool context_add(struct db *db, int64_t no, const void *bytes, size_t len, struct err *e)
{
	struct change_reader reader;
	struct context_pair pair;
	AUTO_BUF body = { 0 };
	struct frame f;

	if (!seal_open(bytes, len, &f, e))
		return false;
	len = f.changeset.body_len;
	if (!seal_unpack(&f, buf_reserve(&body, len + 1), len, e) ||
	    !change_reader_open(&reader, body.data, len, e))
		return false;
	while (change_reader_pair(&reader, &pair))
		if (!context_put(db, no, &pair, e))
			return false;
	return true;
}

static bool context_anew(struct db *db, int64_t no, struct err *e)
{
	AUTO_RESET drop = { 0 }, s = { 0 };
	bool row;

	if (!db_statement(db, "DELETE FROM simpul_context WHERE chain_no = ?1", &drop, e))
		return false;
	stmt_int(&drop, 1, no);
	if (!stmt_done(&drop, e) ||
	    !db_statement(db, "SELECT frame FROM simpul_changeset WHERE chain_no = ?1 AND kind = 1"
			      " AND state = 1", &s, e))
		return false;
	stmt_int(&s, 1, no);
	while (true) {
		const void *bytes;
		size_t len;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		bytes = stmt_get_blob(&s, 0, &len);
		if (!context_add(db, no, bytes, len, e))
			return err_wrap(e, "a changeset of a forked chain");
	}
}

/* One statement about the chain (?1) and the last number that both branches have (?2). */
static bool step(struct db *db, const char *sql, int64_t no, int64_t common, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, sql, &s, e))
		return false;
	stmt_int(&s, 1, no);
	if (sqlite3_bind_parameter_count(s.handle) > 1)
		stmt_int(&s, 2, common);
	return stmt_done(&s, e);
}

static bool set_back(struct db *db, int64_t no, int64_t common, struct err *e)
{
	return step(db, "DELETE FROM simpul_held WHERE missing = 'fork' AND need IS NULL AND"
			" chain = (SELECT id FROM simpul_chain WHERE no = ?1)", no, common, e) &&
	       step(db, "INSERT OR REPLACE INTO simpul_held(id, chain, seq, missing, detail, arrived_ms,"
			" frame, need, need_seq) SELECT s.id, c.id, s.seq, 'fork', s.reason, s.arrived_ms,"
			" s.frame, c.id, s.n FROM simpul_changeset s JOIN simpul_chain c ON c.no = s.chain_no"
			" WHERE c.no = ?1 AND s.seq > ?2", no, common, e) &&
	       step(db, "DELETE FROM simpul_changeset WHERE chain_no = ?1 AND seq > ?2", no, common, e) &&
	       step(db, "UPDATE simpul_chain SET frozen = 0, head_seq = ?2, merged_seq = min(merged_seq, ?2),"
			" head_id = (SELECT id FROM simpul_changeset WHERE chain_no = ?1 AND seq = ?2),"
			" schema_hash = NULL WHERE no = ?1", no, common, e) &&
	       reconsider_announce(db, no, e) && context_anew(db, no, e);
}

bool branch_leave(struct db *db, struct err *e)
{
	while (true) {
		AUTO_RESET s = { 0 };
		int64_t no, common;
		bool row;

		if (!db_statement(db, "SELECT no, frozen - 3 FROM simpul_chain WHERE frozen > 2 LIMIT 1", &s,
				  e) || !stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		no = stmt_get_int(&s, 0);
		common = stmt_get_int(&s, 1);
		stmt_reset(&s);
		if (!set_back(db, no, common, e) ||
		    !db_exec(db, "UPDATE simpul_peer SET cursor = 0 WHERE is_hub", e))
			return err_wrap(e, "leaving a branch that the hub has not");
	}
}
