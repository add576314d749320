/* ledger.c - letters in, rows out. */
#include <stdio.h>
#include <string.h>

#include "ledger.h"
#include "merge/apply.h"
#include "merge/digest.h"
#include "store/tables.h"
#include "tap.h"

#define TURNS 6

struct author hub, ann, ben;
struct post post;

void ledger_begin(void)
{
	post_done(&post);
	author_begin(&hub, 1, "national", &post);
	author_begin(&ann, 2, "13.73", &post);
	author_begin(&ben, 3, "13.73", &post);
	author_grant(&hub, &ann, ROLE_WRITER, &post);
	author_grant(&hub, &ben, ROLE_WRITER, &post);
	author_schema(&ann, author_table(), &post);
	author_schema(&ben, author_table(), &post);
}

static uint64_t clock_ms(void *state)
{
	struct ledger *l = state;

	return l->now_ms += 1000;
}

static void random_bytes(void *state, void *ret, size_t len)
{
	(void)state;
	world_random(world_real(), ret, len);
}

bool ledger_open(struct ledger *l, const char *role, struct err *e)
{
	char hex[HEX_SIZE(32)];

	*l = (struct ledger){ .world = { .now_ms = clock_ms, .monotonic_ms = clock_ms,
					 .random = random_bytes, .state = l } };
	arena_init(&l->arena);
	hex_encode(hub.key.bytes, sizeof(hub.key.bytes), hex);
	return db_open(&l->db, ":memory:", DB_NODE, true, e) && tables_create(&l->db, e) &&
	       meta_put_text(&l->db, "hub_key", hex, e) && meta_put_text(&l->db, "role", role, e) &&
	       inbox_open(&l->inbox, &l->db, &l->world, e);
}

void ledger_close(struct ledger *l)
{
	inbox_close(&l->inbox);
	arena_done(&l->arena);
	if (l->db.handle != NULL)
		db_close(&l->db);
}

static struct value text(const char *s)
{
	return (struct value){ .type = VALUE_TEXT, .len = (uint32_t)strlen(s), .bytes = (const uint8_t *)s };
}

void ledger_write(struct author *by, enum change_op op, const char *id, const char *values,
		  const struct author *seen, uint64_t ms)
{
	struct value value[3];
	uint8_t column[3];
	char parts[3][32];
	struct change c = { .op = op, .hlc = ms << 16, .seen_own = CHANGE_SEEN_ALL, .keys = 1,
			    .column = column, .value = value };
	struct context_pair pair;

	c.key[0] = text(id);
	for (const char *p = values; *p != '\0'; p += strcspn(p, " "), p += *p == ' ') {
		uint16_t i = c.columns++;

		column[i] = (uint8_t)(1 + p[0] - 'a');
		snprintf(parts[i], sizeof(parts[i]), "%.*s", (int)strcspn(p + 2, " "), p + 2);
		value[i] = text(parts[i]);
		if (strcmp(parts[i], "NULL") == 0)
			value[i] = (struct value){ .type = VALUE_NULL };
	}
	if (seen != NULL)
		pair = (struct context_pair){ .chain = seen->chain, .seq = seen->seq };
	author_write(by, &c, 1, &pair, seen != NULL, &post);
}

bool ledger_take(struct ledger *l, size_t from, size_t to, struct err *e)
{
	struct apply_stats stats;

	for (size_t i = from; i < to; i++) {
		struct inbox_result result;

		if (!inbox_accept(&l->inbox, post.letter[i].bytes, post.letter[i].len, &result, e))
			return false;
	}
	arena_reset(&l->arena);
	return catalog_load(&l->db, &l->arena, &l->catalog, e) &&
	       apply_ready(&l->db, &l->catalog, &l->world, &stats, e) &&
	       catalog_load(&l->db, &l->arena, &l->catalog, e);
}

static const char *lines(struct ledger *l, const char *sql)
{
	static char out[TURNS][4096];
	static unsigned turn;
	char *to = out[++turn % TURNS];
	AUTO_BUF all = { 0 };
	AUTO_STMT s = { 0 };
	struct err e;
	bool row;

	if (!db_prepare(&l->db, sql, &s, &e)) {
		tap_note("%s", e.text);
		return "";
	}
	while (stmt_row(&s, &row, &e) && row)
		buf_print(&all, "%s;", stmt_get_text(&s, 0));
	snprintf(to, sizeof(out[0]), "%s", buf_string(&all));
	return to;
}

const char *ledger_rows(struct ledger *l)
{
	return lines(l, "SELECT id||'|'||ifnull(a,'-')||'|'||ifnull(b,'-')||'|'||ifnull(c,'-') FROM tab"
			" ORDER BY id");
}

const char *ledger_siblings(struct ledger *l)
{
	return lines(l, "SELECT c.name || '=' || quote(value) FROM simpul_sibling s"
			" JOIN simpul_column c ON c.table_no = s.table_no AND c.no = s.column_no"
			" WHERE superseded_n IS NULL ORDER BY 1");
}

const char *ledger_digest(struct ledger *l)
{
	static char text_of[TURNS][HEX_SIZE(32)];
	static unsigned turn;
	const struct scope scope = { "13.73" };
	struct hash hash;
	struct err e;
	int64_t rows;

	if (!digest_scope(&l->db, &l->catalog, &scope, &hash, &rows, &e)) {
		tap_note("%s", e.text);
		return "";
	}
	hex_encode(hash.bytes, sizeof(hash.bytes), text_of[++turn % TURNS]);
	return text_of[turn % TURNS];
}

int64_t ledger_count(struct ledger *l, const char *sql)
{
	struct err e;
	int64_t v;

	if (db_int(&l->db, sql, -1, &v, &e))
		return v;
	tap_note("%s", e.text);
	return -2;
}
