/*
 * compare_frames.c - the log against itself: numbers without gaps, links, signatures, bodies.
 *
 * A frame is proven by its own bytes alone, so everything is computed again from them: the id from the
 * header, the signature with the key that the chain's first changeset brought, the body from its hash.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "merge/compare.h"

#define SHOWN_MAX 200

static void PRINTF_LIKE(3, 4) frame_fault(struct comparison *c, int64_t n, const char *fmt, ...)
{
	char text[SHOWN_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	compare_tell(c, "frame", n, text);
}

static bool same_bytes(struct stmt *s, int column, const void *bytes, size_t len)
{
	size_t have;
	const void *on_file = stmt_get_blob(s, column, &have);

	return have == len && memcmp(on_file, bytes, len) == 0;
}

/* n, id, chain_no, seq, kind, frame, chain id, chain key, id before it */
static const char frames_sql[] =
	"SELECT s.n, s.id, s.chain_no, s.seq, s.kind, s.frame, c.id, c.key, p.id, p.n FROM simpul_changeset s"
	" LEFT JOIN simpul_chain c ON c.no = s.chain_no LEFT JOIN simpul_changeset p"
	" ON p.chain_no = s.chain_no AND p.seq = s.seq - 1 ORDER BY s.n";

/* The body, and what it says beside the header. */
static bool check_body(const struct frame *f, struct err *why)
{
	AUTO_ARENA arena = { 0 };
	uint8_t *body = arena_take(&arena, f->changeset.body_len + 1);
	uint32_t changes;

	if (!seal_unpack(f, body, f->changeset.body_len, why))
		return false;
	return f->changeset.kind != CHANGESET_DATA ||
	       change_check(body, f->changeset.body_len, &changes, why);
}

/* Is what the frame says what its row says?  NULL: yes. */
static const char *check_row(struct stmt *s, const struct frame *f)
{
	const struct changeset *c = &f->changeset;

	if (!same_bytes(s, 1, f->id.bytes, sizeof(f->id.bytes)))
		return "its header is not the one that was accepted";
	if (!same_bytes(s, 6, c->chain.bytes, sizeof(c->chain.bytes)) ||
	    c->seq != (uint64_t)stmt_get_int(s, 3) || (int64_t)c->kind != stmt_get_int(s, 4))
		return "it is filed as another one's";
	if (c->seq > 1 && stmt_get_null(s, 8))
		return "the changeset before it in its chain is not on file";
	if (c->seq > 1 && !same_bytes(s, 8, c->prev.bytes, sizeof(c->prev.bytes)))
		return "it does not follow the one before it in its chain";
	if (c->seq > 1 && stmt_get_int(s, 9) >= stmt_get_int(s, 0))
		return "it stands before the one that it follows";
	return NULL;
}

static void check_frame(struct comparison *c, struct stmt *s)
{
	int64_t n = stmt_get_int(s, 0);
	struct public_key key = { 0 };
	const char *fault;
	struct frame f;
	const void *bytes;
	struct err why;
	size_t len;

	bytes = stmt_get_blob(s, 7, &len);
	if (len == sizeof(key.bytes))
		memcpy(key.bytes, bytes, len);
	bytes = stmt_get_blob(s, 5, &len);
	if (!seal_open(bytes, len, &f, &why)) {
		frame_fault(c, n, "%s", why.text);
		c->damaged++;
		return;
	}
	fault = check_row(s, &f);
	if (fault != NULL)
		frame_fault(c, n, "%s", fault);
	else if (!seal_verify(&f, &key, &why))
		frame_fault(c, n, "its signature does not hold: %s", why.text);
	if (!check_body(&f, &why)) {
		frame_fault(c, n, "its body is altered: %s", why.text);
		c->damaged++;
	} else if (fault != NULL) {
		c->damaged++;
	}
}

/* Numbers that are not there: fine if each is that of a changeset of ours that was set aside (anew.h). */
static bool check_gap(struct comparison *c, int64_t first, int64_t next, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(c->db, "SELECT count(DISTINCT need_seq) FROM simpul_held WHERE missing = 'fork'"
				 " AND need IS NOT NULL AND need_seq >= ?1 AND need_seq < ?2", &s, e))
		return false;
	stmt_int(&s, 1, first);
	stmt_int(&s, 2, next);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row || stmt_get_int(&s, 0) != next - first)
		frame_fault(c, first, "it is missing: the numbers have a gap before %lld", (long long)next);
	return true;
}

bool compare_frames(struct comparison *c, struct err *e)
{
	AUTO_STMT s = { 0 };
	int64_t before = 0, total;
	bool row;

	if (!db_int(c->db, "SELECT count(*) FROM simpul_changeset", 0, &total, e) ||
	    !db_prepare(c->db, frames_sql, &s, e))
		return false;
	while (true) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		if (stmt_get_int(&s, 0) != before + 1 &&
		    !check_gap(c, before + 1, stmt_get_int(&s, 0), e))
			return false;
		before = stmt_get_int(&s, 0);
		check_frame(c, &s);
		c->changesets++;
		if (c->progress != NULL && c->changesets % 256 == 0)
			c->progress(c->state, (uint64_t)c->changesets, (uint64_t)total);
	}
}
