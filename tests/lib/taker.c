/* taker.c - accepting, merging and looking at what came of it. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "capture/attach.h"
#include "merge/digest.h"
#include "store/tables.h"
#include "taker.h"
#include "tap.h"

bool taker_open(struct taker *n, const char *role, struct err *e)
{
	char hex[HEX_SIZE(32)];

	*n = (struct taker){ 0 };
	hex_encode(hub.key.bytes, sizeof(hub.key.bytes), hex);
	return db_open(&n->db, ":memory:", DB_NODE, true, e) && tables_create(&n->db, e) &&
	       meta_put_text(&n->db, "hub_key", hex, e) && meta_put_text(&n->db, "role", role, e) &&
	       inbox_open(&n->inbox, &n->db, world_real(), e);
}

void taker_close(struct taker *n)
{
	inbox_close(&n->inbox);
	if (n->db.handle != NULL)
		db_close(&n->db);
}

bool taker_give(struct taker *n, const struct letter *letter, enum inbox_state want, struct err *e)
{
	struct inbox_result result;

	if (!inbox_accept(&n->inbox, letter->bytes, letter->len, &result, e))
		return false;
	if (result.state == want)
		return true;
	if (result.state != INBOX_ACCEPTED && result.state != INBOX_DUPLICATE)
		*e = result.problem;
	return err_wrap(e, "state %d instead of %d", result.state, want);
}

bool taker_merge(struct taker *n, struct apply_stats *stats, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;

	return catalog_load(&n->db, &arena, &catalog, e) &&
	       apply_ready(&n->db, &catalog, world_real(), stats, e);
}

/* All of the post from `from` on, then a merge. */
bool taker_all(struct taker *n, size_t from, struct err *e)
{
	struct apply_stats stats;

	for (size_t i = from; i < post.n; i++) {
		struct inbox_result result;

		if (!inbox_accept(&n->inbox, post.letter[i].bytes, post.letter[i].len, &result, e))
			return false;
		if (result.state == INBOX_REFUSED) {
			*e = result.problem;
			return false;
		}
	}
	return taker_merge(n, &stats, e);
}

/* The rows as one text: id|a|b|c; ordered. */
static bool rows(struct taker *n, char *ret, size_t cap, struct err *e)
{
	AUTO_BUF text = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(&n->db,
			"SELECT quote(id)||'|'||quote(a)||'|'||quote(b)||'|'||quote(c) FROM tab"
			" ORDER BY id",
			&s, e))
		return false;
	while (stmt_row(&s, &row, e) && row)
		buf_print(&text, "%s;", stmt_get_text(&s, 0));
	snprintf(ret, cap, "%s", buf_string(&text));
	return true;
}

static bool siblings(struct taker *n, char *ret, size_t cap, struct err *e)
{
	AUTO_BUF text = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(&n->db,
			"SELECT c.name || '=' || quote(value) FROM simpul_sibling s"
			" JOIN simpul_column c ON c.table_no = s.table_no AND c.no = s.column_no"
			" WHERE superseded_n IS NULL ORDER BY 1",
			&s, e))
		return false;
	while (stmt_row(&s, &row, e) && row)
		buf_print(&text, "%s;", stmt_get_text(&s, 0));
	snprintf(ret, cap, "%s", buf_string(&text));
	return true;
}

const char *taker_rows(struct taker *n)
{
	static char text[2][4096];
	static int turn;
	struct err e;

	turn = !turn;
	if (!rows(n, text[turn], sizeof(text[0]), &e)) {
		tap_note("%s", e.text);
		return "";
	}
	return text[turn];
}

const char *taker_siblings(struct taker *n)
{
	static char text[2][4096];
	static int turn;
	struct err e;

	turn = !turn;
	if (!siblings(n, text[turn], sizeof(text[0]), &e)) {
		tap_note("%s", e.text);
		return "";
	}
	return text[turn];
}

int64_t taker_count(struct taker *n, const char *sql)
{
	struct err e;
	int64_t v;

	if (db_int(&n->db, sql, -1, &v, &e))
		return v;
	tap_note("%s", e.text);
	return -2;
}

/* The digest of 13.73 in hex. */
const char *taker_digest(struct taker *n)
{
	static char text[4][HEX_SIZE(32)];
	static unsigned turn;
	const struct scope scope = { "13.73" };
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;
	struct hash hash;
	struct err e;
	int64_t rows_seen;

	turn = (turn + 1) % 4;
	if (!catalog_load(&n->db, &arena, &catalog, &e) ||
	    !digest_scope(&n->db, &catalog, &scope, &hash, &rows_seen, &e)) {
		tap_note("%s", e.text);
		return "";
	}
	hex_encode(hash.bytes, sizeof(hash.bytes), text[turn]);
	return text[turn];
}

struct value taker_text(const char *s)
{
	return (struct value){ .type = VALUE_TEXT,
			       .len = (uint32_t)strlen(s),
			       .bytes = (const uint8_t *)s };
}

/* One change of the row with this key; values by column letter: "a=1 c=x". */
void taker_write_seen(struct author *by, enum change_op op, struct value key, const char *values,
		      const struct author *seen, uint64_t ms)
{
	static const uint8_t numbers[] = { 1, 2, 3 };
	struct value value[3];
	uint8_t column[3];
	struct change c = { .op = op,
			    .hlc = ms << 16,
			    .seen_own = CHANGE_SEEN_ALL,
			    .keys = 1,
			    .column = column,
			    .value = value };
	struct context_pair pair;
	static char parts[3][32];

	c.key[0] = key;
	for (const char *p = values; *p != '\0'; p += strcspn(p, " "), p += *p == ' ') {
		uint16_t i = c.columns++;

		column[i] = numbers[p[0] - 'a'];
		snprintf(parts[i], sizeof(parts[i]), "%.*s", (int)strcspn(p + 2, " "), p + 2);
		value[i] = taker_text(parts[i]);
		if (strcmp(parts[i], "NULL") == 0)
			value[i] = (struct value){ .type = VALUE_NULL };
	}
	if (seen != NULL)
		pair = (struct context_pair){ .chain = seen->chain, .seq = seen->seq };
	author_write(by, &c, 1, &pair, seen != NULL, &post);
}

void taker_write(struct author *by, enum change_op op, const char *id, const char *values,
		 const struct author *seen, uint64_t ms)
{
	taker_write_seen(by, op, taker_text(id), values, seen, ms);
}

void taker_write_key(struct author *by, enum change_op op, struct value key, const char *values,
		     uint64_t ms)
{
	taker_write_seen(by, op, key, values, NULL, ms);
}

/* A node whose table is its own, replicated for 13.73, or by its column `c`. */
bool taker_attach(struct taker *n, const char *sql, bool by_column, struct err *e)
{
	const struct attach_request request = { .scope = by_column ? NULL : "13.73",
						.scope_column = by_column ? "c" : NULL,
						.world = world_real() };
	const char *const names[] = { "tab" };
	AUTO_ATTACH_REPORT report = { 0 };

	return taker_open(n, "node", e) && db_exec(&n->db, sql, e) &&
	       attach_tables(&n->db, names, 1, &request, &report, e);
}
