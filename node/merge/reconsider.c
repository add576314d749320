/* reconsider.c - out of quarantine, or not. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "merge/admission.h"
#include "merge/reconsider.h"
#include "merge/takeback.h"

static bool set_state(struct db *db, const struct hash *id, int state, const char *reason, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "UPDATE simpul_changeset SET state = ?2, reason = ?3 WHERE id = ?1", &s, e))
		return false;
	stmt_blob(&s, 1, id->bytes, sizeof(id->bytes));
	stmt_int(&s, 2, state);
	if (reason == NULL)
		stmt_null(&s, 3);
	else
		stmt_text(&s, 3, reason);
	return stmt_done(&s, e);
}

/* The document that the chain had announced last before `seq`; "now" with INT64_MAX. */
static bool announce(struct db *db, int chain, int64_t seq, struct err *e)
{
	AUTO_RESET find = { 0 };
	AUTO_RESET put = { 0 };
	const uint8_t *bytes;
	struct frame f;
	size_t len;
	bool row;

	if (!db_statement(db,
			  "SELECT frame FROM simpul_changeset WHERE chain_no = ?1 AND seq < ?2 AND "
			  "kind = 7"
			  " AND state <> 2 ORDER BY seq DESC LIMIT 1",
			  &find, e))
		return false;
	stmt_int(&find, 1, chain);
	stmt_int(&find, 2, seq);
	if (!stmt_row(&find, &row, e))
		return false;
	if (!row)
		return true;
	bytes = stmt_get_blob(&find, 0, &len);
	if (!seal_open(bytes, len, &f, e))
		return err_wrap(e, "a changeset on file");
	/* The document is the body, so the body's hash names it. */
	if (!db_statement(db, "UPDATE simpul_chain SET schema_hash = ?2 WHERE no = ?1", &put, e))
		return false;
	stmt_int(&put, 1, chain);
	stmt_blob(&put, 2, f.changeset.body_hash.bytes, sizeof(f.changeset.body_hash.bytes));
	return stmt_done(&put, e);
}

bool reconsider_announce(struct db *db, int64_t chain_no, struct err *e)
{
	return announce(db, (int)chain_no, INT64_MAX, e);
}

/* Admission, with the chain as it stood before this changeset. */
static bool judge(struct db *db, const struct frame *f, const uint8_t *body, struct verdict *ret,
		  struct err *e)
{
	struct chain_state chain;
	bool found;

	if (!admission_chain(db, &f->changeset.chain, &chain, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_CORRUPT, "a changeset of an unknown chain");
	if (!announce(db, chain.no, (int64_t)f->changeset.seq, e) ||
	    !admission_check(db, f, body, &chain, ret, e))
		return false;
	/* If it is an announcement itself, it counts from now on; then what the chain announced last. */
	return (ret->admission != ADMIT || set_state(db, &f->id, 0, NULL, e)) &&
	       announce(db, chain.no, INT64_MAX, e);
}

static bool quarantined_frame(struct db *db, const struct hash *id, struct buf *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	const void *bytes;
	size_t len;
	bool row;

	if (!db_statement(db, "SELECT frame FROM simpul_changeset WHERE id = ?1 AND state = 2", &s, e))
		return false;
	stmt_blob(&s, 1, id->bytes, sizeof(id->bytes));
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "it is not in quarantine");
	bytes = stmt_get_blob(&s, 0, &len);
	buf_put(ret, bytes, len);
	return true;
}

bool reconsider_begin(struct db *db, const struct hash *id, bool *ret_good, struct err *ret_why,
		      struct err *e)
{
	struct verdict verdict = { 0 };
	AUTO_BUF frame = { 0 };
	AUTO_BUF body = { 0 };
	struct frame f;

	err_clear(ret_why);
	if (!quarantined_frame(db, id, &frame, e))
		return false;
	*ret_good = seal_open(frame.data, frame.len, &f, ret_why) &&
		    seal_unpack(&f, buf_reserve(&body, f.changeset.body_len + 1), f.changeset.body_len,
				ret_why);
	if (*ret_good) {
		if (!judge(db, &f, body.data, &verdict, e))
			return false;
		*ret_good = verdict.admission == ADMIT;
		*ret_why = verdict.problem;
	}
	return set_state(db, id, *ret_good ? 0 : 2, *ret_good ? NULL : ret_why->text, e);
}

/* Where merging left it; *ret_n for what is made anew. */
static bool look(struct db *db, const struct hash *id, struct reconsider_result *ret, int64_t *ret_n,
		 struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT state, coalesce(reason, ''), n FROM simpul_changeset WHERE id = ?1", &s,
			  e))
		return false;
	stmt_blob(&s, 1, id->bytes, sizeof(id->bytes));
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "it is not here");
	ret->outcome = stmt_get_int(&s, 0) == 0 ? RECONSIDER_WAITING :
		       stmt_get_int(&s, 0) == 1 ? RECONSIDER_MERGED : RECONSIDER_QUARANTINED;
	snprintf(ret->reason, sizeof(ret->reason), "%s", stmt_get_text(&s, 1));
	*ret_n = stmt_get_int(&s, 2);
	return true;
}

bool reconsider_end(struct db *db, const struct catalog *catalog, const struct hash *id,
		    struct reconsider_result *ret, struct err *e)
{
	AUTO_TABLES tables = { 0 };
	char which[40];
	int64_t n, rows;

	if (!look(db, id, ret, &n, e))
		return false;
	if (ret->outcome != RECONSIDER_MERGED)
		return true;
	snprintf(which, sizeof(which), "n = %" PRId64, n);
	return table_open_all(&tables, db, catalog, e) &&
	       takeback_rows(db, catalog, &tables, which, &rows, e);
}
