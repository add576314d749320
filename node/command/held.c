/* held.c - `simpul held`: changesets kept aside until something earlier comes. */
#include <inttypes.h>
#include <string.h>

#include "command.h"
#include "command/review.h"
#include "command/show.h"
#include "command/status.h"
#include "merge/inbox.h"
#include "simpul/hlc.h"
#include "simpul/seal.h"

/* What is known of the chain comes from itself, or from its grant if the chain is not here yet. */
#define HELD                                                                                         \
	"SELECT h.id, h.chain, h.seq, h.missing, h.detail, h.arrived_ms, length(h.frame)," \
	" coalesce(c.name, g.name, ''), coalesce(c.scope, g.scope, ''), c.head_seq, "                 \
	ACT_DISMISSED("h.id") ", h.frame FROM simpul_held h LEFT JOIN simpul_chain c ON c.id = h.chain" \
	" LEFT JOIN simpul_grant g ON g.chain = h.chain "

static json_t *held_json(struct stmt *s)
{
	json_t *json = json_object();
	const void *bytes;
	size_t len;

	bytes = stmt_get_blob(s, 0, &len);
	json_object_set_new(json, "id", show_hex(bytes, len));
	bytes = stmt_get_blob(s, 1, &len);
	json_object_set_new(json, "chain", show_hex(bytes, len));
	json_object_set_new(json, "seq", json_integer(stmt_get_int(s, 2)));
	json_object_set_new(json, "missing", show_line(stmt_get_text(s, 3)));
	json_object_set_new(json, "detail", show_line(stmt_get_text(s, 4)));
	json_object_set_new(json, "arrived_ms", json_integer(stmt_get_int(s, 5)));
	json_object_set_new(json, "bytes", json_integer(stmt_get_int(s, 6)));
	json_object_set_new(json, "node", show_line(stmt_get_text(s, 7)));
	json_object_set_new(json, "scope", show_line(stmt_get_text(s, 8)));
	json_object_set_new(json, "dismissed", json_boolean(stmt_get_int(s, 10) != 0));
	return json;
}

static void held_row(struct screen_table *t, const json_t *held)
{
	char time[40];

	screen_time(time, sizeof(time), (uint64_t)json_int_or_zero(held, "arrived_ms"));
	screen_table_cell(t, SCREEN_BOLD, "%.8s", json_text_or_empty(held, "id"));
	screen_table_cell(t, SCREEN_PLAIN, "%s", json_text_or_empty(held, "node"));
	screen_table_cell(t, SCREEN_PLAIN, "%s", json_text_or_empty(held, "scope"));
	screen_table_cell(t, SCREEN_PLAIN, "%" PRId64, json_int_or_zero(held, "seq"));
	screen_table_cell(t, SCREEN_WARN, "%s", json_text_or_empty(held, "missing"));
	screen_table_cell(t, SCREEN_FAINT, "%s", time);
	screen_table_cell(t, SCREEN_PLAIN, "%s", json_text_or_empty(held, "detail"));
}

static const char beginning[] = "SELECT id FROM simpul_held WHERE " REVIEW_BEGINS("id") " LIMIT 2";

static bool find(struct command_call *call, const char *digits, struct hash *ret, struct err *e)
{
	return review_id(&call->node->db, beginning, digits, ret, e);
}

/* Adds what its header says; a frame that cannot be opened says nothing. */
static void add_header(struct stmt *s, json_t *json)
{
	struct err ignored;
	const uint8_t *bytes;
	struct frame f;
	size_t len;

	bytes = stmt_get_blob(s, 11, &len);
	if (!seal_open(bytes, len, &f, &ignored))
		return;
	json_object_set_new(json, "kind", json_string(show_kind(f.changeset.kind)));
	json_object_set_new(json, "changes", json_integer(f.changeset.changes));
	json_object_set_new(json, "time_ms", json_integer((json_int_t)hlc_ms(f.changeset.hlc_max)));
}

static void print_why(const struct screen *s, const json_t *held, bool has_chain, int64_t head)
{
	const char *missing = json_text_or_empty(held, "missing");
	char time[40];

	screen_time(time, sizeof(time), (uint64_t)json_int_or_zero(held, "arrived_ms"));
	screen_print(s, SCREEN_BOLD, "%s\n", json_text_or_empty(held, "id"));
	screen_print(s, SCREEN_PLAIN,
		     screen_say(s, "  nomor %" PRId64 " dari rantai %s, \"%s\", lingkup %s\n",
				"  number %" PRId64 " of chain %s, \"%s\", scope %s\n"),
		     json_int_or_zero(held, "seq"), json_text_or_empty(held, "chain"),
		     json_text_or_empty(held, "node"), json_text_or_empty(held, "scope"));
	screen_print(s, SCREEN_PLAIN, screen_say(s, "  %s, %" PRId64 " perubahan, tiba %s\n",
						 "  %s, %" PRId64 " changes, arrived %s\n"),
		     json_text_or_empty(held, "kind"), json_int_or_zero(held, "changes"), time);
	if (has_chain)
		screen_print(s, SCREEN_PLAIN,
			     screen_say(s, "  dari rantai ini sudah ada sampai nomor %" PRId64 "\n",
					"  of this chain everything up to number %" PRId64
					" is here\n"),
			     head);
	screen_print(s, SCREEN_WARN, "  %s", json_text_or_empty(held, "detail"));
	screen_print(s, SCREEN_PLAIN, "\n  %s\n", status_why_held(missing, s->english));
}

static bool why(struct command_call *call, struct err *e)
{
	const struct screen *s = &call->screen;
	AUTO_JSON json = NULL;
	AUTO_STMT q = { 0 };
	const char *missing;
	struct hash id;
	bool row;

	if (!options_rest(&call->options, 3, 3, e) || !find(call, call->options.word[2], &id, e) ||
	    !db_prepare(&call->node->db, HELD "WHERE h.id = ?1", &q, e))
		return false;
	stmt_blob(&q, 1, id.bytes, sizeof(id.bytes));
	if (!stmt_row(&q, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "it is not held any more");
	json = held_json(&q);
	add_header(&q, json);
	missing = json_text_or_empty(json, "missing");
	json_object_set_new(json, "advice", json_string(status_why_held(missing, true)));
	json_object_set_new(json, "advice_id", json_string(status_why_held(missing, false)));
	if (s->json)
		screen_json(s, json);
	else
		print_why(s, json, !stmt_get_null(&q, 9), stmt_get_int(&q, 9));
	return true;
}

struct trial {
	int64_t accepted, held, refused;
};

static bool try_one(struct command_call *call, struct inbox *in, const struct hash *id, struct trial *t,
		    struct err *e)
{
	const struct screen *s = &call->screen;
	struct inbox_result r;
	char hex[HEX_SIZE(32)], name[REVIEW_SHORT];

	if (!inbox_retry(in, id, &r, e))
		return false;
	hex_encode(id->bytes, sizeof(id->bytes), hex);
	review_short(id, name);
	t->accepted += (r.state == INBOX_ACCEPTED || r.state == INBOX_DUPLICATE) + r.released;
	t->held += r.state == INBOX_HELD;
	t->refused += r.state == INBOX_REFUSED;
	if (!s->json) {
		screen_print(s, SCREEN_BOLD, "%s  ", name);
		if (r.state == INBOX_HELD)
			screen_print(s, SCREEN_WARN, screen_say(s, "tetap ditahan: %s\n", "still held: %s\n"),
				     r.problem.text);
		else if (r.state == INBOX_REFUSED)
			screen_print(s, SCREEN_BAD, screen_say(s, "ditolak: %s\n", "refused: %s\n"),
				     r.problem.text);
		else
			screen_print(s, SCREEN_GOOD, "%s\n", screen_say(s, "diterima", "accepted"));
	}
	return review_note(
		call, &call->node->db, ACT_RETRY, hex,
		r.state == INBOX_HELD || r.state == INBOX_REFUSED ? r.problem.text : "accepted", e);
}

/* The ids of all that is held, in the order of their chains; taken first, for trying changes the list. */
static bool all_ids(struct db *db, struct buf *ret, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(db, "SELECT id FROM simpul_held WHERE missing <> 'fork' ORDER BY chain, seq", &s, e))
		return false;
	for (;;) {
		const void *id;
		size_t len;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		id = stmt_get_blob(&s, 0, &len);
		if (len == sizeof(struct hash))
			buf_put(ret, id, len);
	}
}

static bool still_held(struct db *db, const struct hash *id, bool *ret, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "SELECT 1 FROM simpul_held WHERE id = ?1", &s, e))
		return false;
	stmt_blob(&s, 1, id->bytes, sizeof(id->bytes));
	return stmt_row(&s, ret, e);
}

static bool retry(struct command_call *call, struct err *e)
{
	struct db *db = &call->node->db;
	struct options *o = &call->options;
	struct trial t = { 0 };
	AUTO_INBOX in = { 0 };
	AUTO_BUF ids = { 0 };
	AUTO_TXN txn = { 0 };

	if (!options_rest(o, 2, 3, e) || !inbox_open(&in, db, call->world, e) || !txn_begin(&txn, db, e))
		return false;
	if (o->words == 3) {
		struct hash id;

		if (!find(call, o->word[2], &id, e))
			return false;
		buf_put(&ids, id.bytes, sizeof(id.bytes));
	} else if (!all_ids(db, &ids, e)) {
		return false;
	}
	for (size_t at = 0; at < ids.len; at += sizeof(struct hash)) {
		struct hash id;
		bool held;

		memcpy(&id, ids.data + at, sizeof(id));
		if (!still_held(db, &id, &held, e) || (held && !try_one(call, &in, &id, &t, e)))
			return false;
	}
	if (!review_settle(call, &txn, e))
		return false;
	if (call->screen.json) {
		AUTO_JSON json = json_pack("{s:I,s:I,s:I}", "accepted", (json_int_t)t.accepted, "held",
					   (json_int_t)t.held, "refused", (json_int_t)t.refused);
		screen_json(&call->screen, json);
	}
	return true;
}

bool command_held(struct command_call *call, struct err *e)
{
	static const char *const id[] = { "ID", "SIMPUL", "LINGKUP", "NOMOR", "MENUNGGU", "TIBA", "RINCIAN" };
	static const char *const en[] = { "ID", "NODE", "SCOPE", "NUMBER", "WAITS FOR", "ARRIVED", "DETAIL" };
	static const struct review_matter held = {
		.rows = HELD "ORDER BY h.arrived_ms, h.chain, h.seq",
		.dismissed = 10,
		.beginning = beginning,
		.titles = 7,
		.title = { id, en },
		.json = held_json,
		.print = held_row,
		.nothing = { "Tidak ada yang ditahan.", "Nothing is held." },
		.discarded = { ": tidak ditampilkan lagi; tetap disimpan, dan diterima bila yang ditunggu"
			       " datang",
			       ": off the list; it is kept, and taken in should what it waits for come" },
		.why = why,
		.retry = retry,
	};

	return review_command(call, &held, e);
}
