/* quarantine.c - `simpul quarantine`: changesets that are kept and receipted, but void for the merge. */
#include <inttypes.h>
#include <string.h>

#include "command.h"
#include "command/review.h"
#include "command/show.h"
#include "merge/reconsider.h"
#include "simpul/hlc.h"

#define ENTRY                                                                                        \
	"SELECT cs.id, cs.n, cs.seq, cs.scope, cs.kind, cs.changes, cs.hlc, cs.arrived_ms,"           \
	" coalesce(cs.reason, ''), ch.name, ch.id, " ACT_DISMISSED("cs.id")                            \
	" FROM simpul_changeset cs JOIN simpul_chain ch ON ch.no = cs.chain_no WHERE cs.state = 2 "

static json_t *entry_json(struct stmt *s)
{
	json_t *json = json_object();
	const void *bytes;
	size_t len;

	bytes = stmt_get_blob(s, 0, &len);
	json_object_set_new(json, "id", show_hex(bytes, len));
	json_object_set_new(json, "n", json_integer(stmt_get_int(s, 1)));
	json_object_set_new(json, "seq", json_integer(stmt_get_int(s, 2)));
	json_object_set_new(json, "scope", show_line(stmt_get_text(s, 3)));
	json_object_set_new(json, "kind", json_string(show_kind((enum changeset_kind)stmt_get_int(s, 4))));
	json_object_set_new(json, "changes", json_integer(stmt_get_int(s, 5)));
	json_object_set_new(json, "time_ms",
			    json_integer((json_int_t)hlc_ms((uint64_t)stmt_get_int(s, 6))));
	json_object_set_new(json, "arrived_ms", json_integer(stmt_get_int(s, 7)));
	json_object_set_new(json, "reason", show_line(stmt_get_text(s, 8)));
	json_object_set_new(json, "node", show_line(stmt_get_text(s, 9)));
	bytes = stmt_get_blob(s, 10, &len);
	json_object_set_new(json, "chain", show_hex(bytes, len));
	json_object_set_new(json, "dismissed", json_boolean(stmt_get_int(s, 11) != 0));
	return json;
}

static void entry_row(struct screen_table *t, const json_t *entry)
{
	char time[40];

	screen_time(time, sizeof(time), (uint64_t)json_int_or_zero(entry, "arrived_ms"));
	screen_table_cell(t, SCREEN_BOLD, "%.8s", json_text_or_empty(entry, "id"));
	screen_table_cell(t, SCREEN_PLAIN, "%" PRId64, json_int_or_zero(entry, "n"));
	screen_table_cell(t, SCREEN_PLAIN, "%s", json_text_or_empty(entry, "node"));
	screen_table_cell(t, SCREEN_PLAIN, "%s", json_text_or_empty(entry, "scope"));
	screen_table_cell(t, SCREEN_PLAIN, "%" PRId64, json_int_or_zero(entry, "changes"));
	screen_table_cell(t, SCREEN_FAINT, "%s", time);
	screen_table_cell(t, SCREEN_WARN, "%s", json_text_or_empty(entry, "reason"));
}

static const char beginning[] =
	"SELECT id FROM simpul_changeset WHERE state = 2 AND " REVIEW_BEGINS("id") " LIMIT 2";

static bool find(struct command_call *call, const char *digits, struct hash *ret, struct err *e)
{
	return review_id(&call->node->db, beginning, digits, ret, e);
}

static void print_why(const struct screen *s, const json_t *entry)
{
	char written[40], arrived[40];

	screen_time(written, sizeof(written), (uint64_t)json_int_or_zero(entry, "time_ms"));
	screen_time(arrived, sizeof(arrived), (uint64_t)json_int_or_zero(entry, "arrived_ms"));
	screen_print(s, SCREEN_BOLD, "%s\n", json_text_or_empty(entry, "id"));
	screen_print(s, SCREEN_PLAIN,
		     screen_say(s, "  nomor %" PRId64 " dari rantai %s, \"%s\", lingkup %s\n",
				"  number %" PRId64 " of chain %s, \"%s\", scope %s\n"),
		     json_int_or_zero(entry, "seq"), json_text_or_empty(entry, "chain"),
		     json_text_or_empty(entry, "node"), json_text_or_empty(entry, "scope"));
	screen_print(s, SCREEN_PLAIN, screen_say(s, "  %s, %" PRId64 " perubahan, ditulis %s, tiba %s\n",
						 "  %s, %" PRId64 " changes, written %s, arrived %s\n"),
		     json_text_or_empty(entry, "kind"), json_int_or_zero(entry, "changes"), written, arrived);
	screen_print(s, SCREEN_WARN, "  %s", json_text_or_empty(entry, "reason"));
	screen_print(s, SCREEN_PLAIN, "\n  %s\n",
		     screen_say(s, "Isinya tidak digabungkan di mana pun; yang lain dari perangkat itu tetap"
				   " berjalan. Penulisnya perlu menulisnya lagi sesuai aturan.",
				"Its content is merged nowhere; everything else of that device goes on. Its"
				" author has to write it again in keeping with the rules."));
	screen_print(s, SCREEN_FAINT, screen_say(s, "  Isinya: simpul log BERKAS %" PRId64 "\n",
						 "  What is in it: simpul log FILE %" PRId64 "\n"),
		     json_int_or_zero(entry, "n"));
}

static bool why(struct command_call *call, struct err *e)
{
	AUTO_JSON json = NULL;
	AUTO_STMT q = { 0 };
	struct hash id;
	bool row;

	if (!options_rest(&call->options, 3, 3, e) || !find(call, call->options.word[2], &id, e) ||
	    !db_prepare(&call->node->db, ENTRY "AND cs.id = ?1", &q, e))
		return false;
	stmt_blob(&q, 1, id.bytes, sizeof(id.bytes));
	if (!stmt_row(&q, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "it is not in quarantine any more");
	json = entry_json(&q);
	if (call->screen.json)
		screen_json(&call->screen, json);
	else
		print_why(&call->screen, json);
	return true;
}

/* Judges it, merges if it is good, and says what came of it; in one transaction. */
static bool judge_again(struct command_call *call, const struct hash *id, struct reconsider_result *ret,
			struct err *e)
{
	struct party *p = &call->node->party;
	const struct catalog *catalog;
	char hex[HEX_SIZE(32)];
	AUTO_TXN txn = { 0 };
	struct err why;
	bool good;

	hex_encode(id->bytes, sizeof(id->bytes), hex);
	*ret = (struct reconsider_result){ .outcome = RECONSIDER_QUARANTINED };
	if (!txn_begin(&txn, p->db, e) || !reconsider_begin(p->db, id, &good, &why, e))
		return false;
	if (good) {
		if (!party_settle(p, e) || !party_catalog(p, &catalog, e) ||
		    !reconsider_end(p->db, catalog, id, ret, e))
			return false;
	} else {
		snprintf(ret->reason, sizeof(ret->reason), "%s", why.text);
	}
	return review_note(call, p->db, ACT_RETRY, hex,
			   ret->outcome == RECONSIDER_MERGED ? "merged" : ret->reason, e) &&
	       review_settle(call, &txn, e);
}

static bool retry(struct command_call *call, struct err *e)
{
	static const char *const names[] = { "merged", "waiting", "quarantined" };
	const struct screen *s = &call->screen;
	struct reconsider_result result;
	char name[REVIEW_SHORT];
	struct hash id;

	if (!options_rest(&call->options, 3, 3, e) || !find(call, call->options.word[2], &id, e) ||
	    !judge_again(call, &id, &result, e))
		return false;
	review_short(&id, name);
	if (s->json) {
		AUTO_JSON json = json_pack(
			"{s:o,s:s,s:o}", "id", show_hex(id.bytes, sizeof(id.bytes)), "state",
			names[result.outcome], "reason", show_line(result.reason));

		screen_json(s, json);
		return true;
	}
	screen_print(s, SCREEN_BOLD, "%s  ", name);
	if (result.outcome == RECONSIDER_MERGED)
		screen_print(s, SCREEN_GOOD, "%s\n", screen_say(s, "sekarang baik: digabungkan",
								"good now: merged"));
	else if (result.outcome == RECONSIDER_WAITING)
		screen_print(s, SCREEN_WARN, screen_say(s, "baik, tetapi menunggu: %s\n",
							"good, but it waits: %s\n"), result.reason);
	else
		screen_print(s, SCREEN_BAD,
			     screen_say(s, "tetap dikarantina: %s\n", "still in quarantine: %s\n"),
			     result.reason);
	return true;
}

bool command_quarantine(struct command_call *call, struct err *e)
{
	static const char *const id[] = { "ID", "N", "SIMPUL", "LINGKUP", "PERUBAHAN", "TIBA", "ALASAN" };
	static const char *const en[] = { "ID", "N", "NODE", "SCOPE", "CHANGES", "ARRIVED", "REASON" };
	static const struct review_matter quarantined = {
		.rows = ENTRY "ORDER BY cs.n DESC",
		.dismissed = 11,
		.beginning = beginning,
		.titles = 7,
		.title = { id, en },
		.json = entry_json,
		.print = entry_row,
		.nothing = { "Tidak ada yang perlu diperiksa.", "Nothing is in quarantine." },
		.discarded = { ": tidak ditampilkan lagi; tetap disimpan, lihat --all",
			       ": off the list; it is kept, see --all" },
		.why = why,
		.retry = retry,
	};

	return review_command(call, &quarantined, e);
}
