/* feed.c - reading changesets out in order, and taking a received stream apart. */
#include <string.h>

#include "bytes.h"
#include "exchange/feed.h"
#include "simpul/seal.h"

static bool wanted(const struct feed_query *q, struct stmt *s)
{
	const char *scope = stmt_get_text(s, 2);
	size_t len;
	const void *chain = stmt_get_blob(s, 3, &len);
	bool in_scope = false;

	for (size_t i = 0; i < q->scopes; i++)
		in_scope |= strcmp(q->scope[i].name, scope) == 0;
	for (size_t i = 0; i < q->excepts; i++)
		if (len == sizeof(q->except[i].bytes) && memcmp(chain, q->except[i].bytes, len) == 0)
			return false;
	return in_scope;
}

/* One statement per scope count would be faster to plan; the index on (scope, n) serves this one. */
static const char collect_sql[] =
	"SELECT cs.n, cs.frame, cs.scope, ch.id FROM simpul_changeset cs"
	" JOIN simpul_chain ch ON ch.no = cs.chain_no WHERE cs.n > ?1 ORDER BY cs.n";

bool feed_collect(struct db *db, const struct feed_query *query, struct buf *out,
		  struct feed_result *ret, struct err *e)
{
	struct feed_result result = { .cursor = query->after };
	size_t start = out->len;
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, collect_sql, &s, e))
		return false;
	stmt_int(&s, 1, (int64_t)query->after);
	for (;;) {
		struct writer w;
		const void *frame;
		uint64_t n;
		size_t len;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		n = (uint64_t)stmt_get_int(&s, 0);
		if (!wanted(query, &s)) {
			result.cursor = n;
			continue;
		}
		frame = stmt_get_blob(&s, 1, &len);
		if (result.frames > 0 && (out->len - start + len > query->bytes_max ||
					  result.frames >= LIMIT_REQUEST_FRAMES)) {
			result.more = true;
			break;
		}
		w = (struct writer){ .p = buf_reserve(out, 8), .cap = 8 };
		writer_uint(&w, n, 8);
		out->len += 8;
		buf_put(out, frame, len);
		result.cursor = n;
		result.frames++;
	}
	*ret = result;
	return true;
}

bool feed_next(const uint8_t **at, const uint8_t *end, struct feed_entry *ret, bool *ret_more,
	       struct err *e)
{
	struct reader r = { .p = *at, .end = end };
	struct feed_entry entry;

	*ret_more = *at < end;
	if (!*ret_more)
		return true;
	entry.n = reader_uint(&r, 8);
	if (r.failed || !seal_length(r.p, reader_left(&r), &entry.len, e))
		return r.failed ? err_set(e, ERR_MALFORMED, "the feed is cut off") : false;
	entry.frame = entry.len == 0 ? NULL : reader_take(&r, entry.len);
	if (entry.frame == NULL)
		return err_set(e, ERR_MALFORMED, "the feed is cut off");
	*at = r.p;
	*ret = entry;
	return true;
}
