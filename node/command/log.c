/* log.c - `simpul log`: changesets, and what is in one. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "command.h"
#include "command/show.h"
#include "simpul/hlc.h"

#define LIMIT_USUAL 50

static const char *state_name(int64_t state)
{
	static const char *const names[] = { "accepted", "merged", "quarantined", "void", "void" };

	return state >= 0 && state < 5 ? names[state] : "unknown";
}

#define ENTRY                                                                                      \
	"SELECT cs.n, cs.id, cs.seq, cs.scope, cs.kind, cs.state, cs.changes, cs.hlc, cs.arrived_ms," \
	" cs.reason, ch.id, ch.name, ch.own, cs.custody, r.log_index, cs.frame"                        \
	" FROM simpul_changeset cs JOIN simpul_chain ch ON ch.no = cs.chain_no"                        \
	" LEFT JOIN simpul_receipt r ON r.n = cs.n "

/* At the hub everything is in the signed log, and n - 1 is its index. */
static json_t *entry_json(struct stmt *s, bool is_hub)
{
	int64_t n = stmt_get_int(s, 0), hlc = stmt_get_int(s, 7);
	json_t *json = json_object();
	size_t len;
	const void *bytes;

	json_object_set_new(json, "n", json_integer(n));
	bytes = stmt_get_blob(s, 1, &len);
	json_object_set_new(json, "id", show_hex(bytes, len));
	bytes = stmt_get_blob(s, 10, &len);
	json_object_set_new(json, "chain", show_hex(bytes, len));
	json_object_set_new(json, "seq", json_integer(stmt_get_int(s, 2)));
	json_object_set_new(json, "scope", json_string(stmt_get_text(s, 3)));
	json_object_set_new(json, "node", show_text(stmt_get_text(s, 11), strlen(stmt_get_text(s, 11))));
	json_object_set_new(json, "own", json_boolean(stmt_get_int(s, 12) != 0));
	json_object_set_new(json, "kind", json_string(show_kind((enum changeset_kind)stmt_get_int(s, 4))));
	json_object_set_new(json, "changes", json_integer(stmt_get_int(s, 6)));
	json_object_set_new(json, "state", json_string(state_name(stmt_get_int(s, 5))));
	json_object_set_new(json, "time_ms", json_integer(hlc > 0 ? (json_int_t)hlc_ms((uint64_t)hlc) :
								    stmt_get_int(s, 8)));
	json_object_set_new(json, "arrived_ms", json_integer(stmt_get_int(s, 8)));
	if (stmt_get_text(s, 9)[0] != '\0')
		json_object_set_new(json, "reason",
				    show_text(stmt_get_text(s, 9), strlen(stmt_get_text(s, 9))));
	if (is_hub)
		json_object_set_new(json, "receipt", json_integer(n - 1));
	else if (!stmt_get_null(s, 14))
		json_object_set_new(json, "receipt", json_integer(stmt_get_int(s, 14)));
	return json;
}

static void list_row(struct screen_table *t, const json_t *entry)
{
	const char *state = json_text_or_empty(entry, "state");
	bool good = strcmp(state, "merged") == 0 || strcmp(state, "accepted") == 0;
	char time[40], receipt[24] = "-";

	screen_time(time, sizeof(time), (uint64_t)json_int_or_zero(entry, "time_ms"));
	if (json_object_get(entry, "receipt") != NULL)
		snprintf(receipt, sizeof(receipt), "%" PRId64, json_int_or_zero(entry, "receipt"));
	screen_table_cell(t, SCREEN_BOLD, "%" PRId64, json_int_or_zero(entry, "n"));
	screen_table_cell(t, SCREEN_PLAIN, "%s", time);
	screen_table_cell(t, SCREEN_PLAIN, "%s", json_text_or_empty(entry, "scope"));
	screen_table_cell(t, SCREEN_PLAIN, "%s", json_text_or_empty(entry, "node"));
	screen_table_cell(t, SCREEN_FAINT, "%s", json_text_or_empty(entry, "kind"));
	screen_table_cell(t, SCREEN_PLAIN, "%" PRId64, json_int_or_zero(entry, "changes"));
	screen_table_cell(t, good ? SCREEN_FAINT : SCREEN_WARN, "%s", state);
	screen_table_cell(t, SCREEN_GOOD, "%s", receipt);
}

static void list_print(const struct screen *s, const json_t *entries)
{
	static const char *const id[] = { "N", "WAKTU", "LINGKUP", "SIMPUL", "JENIS", "PERUBAHAN", "KEADAAN",
					  "TANDA TERIMA" };
	static const char *const en[] = { "N", "TIME", "SCOPE", "NODE", "KIND", "CHANGES", "STATE",
					  "RECEIPT" };
	struct screen_table *t = screen_table_new(s, s->english ? en : id, 8);

	for (size_t i = 0; i < json_array_size(entries); i++)
		list_row(t, json_array_get(entries, i));
	screen_table_print(&t);
}

static bool list(struct command_call *call, const char *scope, int64_t limit, struct err *e)
{
	AUTO_JSON entries = json_array();
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(&call->node->db, ENTRY "WHERE ?1 IS NULL OR cs.scope = ?1 ORDER BY cs.n DESC"
						 " LIMIT ?2", &s, e))
		return false;
	if (scope != NULL)
		stmt_text(&s, 1, scope);
	stmt_int(&s, 2, limit);
	for (;;) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		json_array_append_new(entries, entry_json(&s, call->node->is_hub));
	}
	if (call->screen.json)
		screen_json(&call->screen, entries);
	else if (json_array_size(entries) == 0 && call->screen.terminal)
		screen_print(&call->screen, SCREEN_FAINT, "%s\n",
			     screen_say(&call->screen, "Belum ada perubahan.", "No changes yet."));
	else
		list_print(&call->screen, entries);
	return true;
}

static bool document_find(struct db *db, struct arena *arena, const uint8_t hash[8],
			  const struct schema **ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	const void *document;
	size_t len;
	bool row;

	*ret = NULL;
	if (!db_statement(db, "SELECT document FROM simpul_schema WHERE substr(hash, 1, 8) = ?1", &s, e))
		return false;
	stmt_blob(&s, 1, hash, 8);
	if (!stmt_row(&s, &row, e))
		return false;
	document = row ? stmt_get_blob(&s, 0, &len) : NULL;
	if (document != NULL)
		*ret = show_schema(arena, document, len);
	return true;
}

static bool one(struct command_call *call, int64_t n, struct err *e)
{
	const struct screen *s = &call->screen;
	const struct schema *schema;
	AUTO_JSON json = NULL;
	AUTO_ARENA arena;
	AUTO_RESET row_of = { 0 };
	AUTO_BUF bytes = { 0 };
	struct frame frame;
	const void *blob;
	size_t len;
	bool row;

	arena_init(&arena);
	if (!db_statement(&call->node->db, ENTRY "WHERE cs.n = ?1", &row_of, e))
		return false;
	stmt_int(&row_of, 1, n);
	if (!stmt_row(&row_of, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "there is no changeset %" PRId64, n);
	json = entry_json(&row_of, call->node->is_hub);
	blob = stmt_get_blob(&row_of, 15, &len);
	buf_put(&bytes, blob, len);
	if (!seal_open(bytes.data, bytes.len, &frame, e) ||
	    !document_find(&call->node->db, &arena, frame.changeset.schema, &schema, e) ||
	    !show_frame(&frame, schema, json, e))
		return false;
	if (s->json) {
		screen_json(s, json);
		return true;
	}
	screen_print(s, SCREEN_FAINT, "%" PRId64 "  %s  \"%s\"  %s", n, json_text_or_empty(json, "scope"),
		     json_text_or_empty(json, "node"), json_text_or_empty(json, "state"));
	if (json_object_get(json, "receipt") != NULL)
		screen_print(s, SCREEN_GOOD, "  receipt %" PRId64, json_int_or_zero(json, "receipt"));
	screen_print(s, SCREEN_PLAIN, "\n");
	if (json_object_get(json, "reason") != NULL)
		screen_print(s, SCREEN_WARN, "  %s\n", json_text_or_empty(json, "reason"));
	show_frame_print(s, json);
	return true;
}

bool command_log(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	const char *scope = NULL;
	int64_t limit = LIMIT_USUAL;
	long long n;
	char *end;

	if (!options_text(o, "--scope", &scope, e) ||
	    !options_int(o, "--limit", 1, INT32_MAX, &limit, e) || !options_rest(o, 1, 2, e) ||
	    !show_scope_known(&call->node->db, scope, e))
		return false;
	if (o->words == 1)
		return list(call, scope, limit, e);
	n = strtoll(o->word[1], &end, 10);
	if (*end != '\0' || n < 1)
		return err_set(e, ERR_USAGE, "\"%s\" is not the number of a changeset", o->word[1]);
	return one(call, n, e);
}
