/* rebuild.c - `simpul rebuild`: the tables made anew from the log. */
#include "command.h"
#include "exchange/party.h"
#include "merge/rebuild.h"

static void progress(void *state, uint64_t done, uint64_t total)
{
	const struct command_call *call = state;

	screen_progress(&call->screen, "rows", done, total);
}

static json_t *table_json(const struct rebuild_table *t)
{
	char before[HEX_SIZE(32)] = "", after[HEX_SIZE(32)];

	if (t->readable)
		hex_encode(t->before.bytes, sizeof(t->before.bytes), before);
	hex_encode(t->after.bytes, sizeof(t->after.bytes), after);
	return json_pack("{s:s,s:I,s:s,s:s,s:b}", "table", t->table->name, "rows", (json_int_t)t->rows,
			 "before", before, "after", after, "same",
			 t->readable && hash_equal(&t->before, &t->after));
}

static void print(const struct screen *s, const json_t *tables, const struct rebuild_result *r)
{
	static const char *const id[] = { "TABEL", "BARIS", "DIGES SEBELUMNYA", "DIGES SESUDAHNYA", "SAMA" };
	static const char *const en[] = { "TABLE", "ROWS", "DIGEST BEFORE", "DIGEST AFTER", "SAME" };
	struct screen_table *t = screen_table_new(s, s->english ? en : id, 5);
	const json_t *table;
	size_t i;

	json_array_foreach(tables, i, table) {
		bool same = json_is_true(json_object_get(table, "same"));
		const char *before = json_text_or_empty(table, "before");

		screen_table_cell(t, SCREEN_BOLD, "%s", json_text_or_empty(table, "table"));
		screen_table_cell(t, SCREEN_PLAIN, "%lld", (long long)json_int_or_zero(table, "rows"));
		screen_table_cell(t, SCREEN_FAINT, "%.16s", before[0] == '\0' ? "unreadable" : before);
		screen_table_cell(t, SCREEN_FAINT, "%.16s", json_text_or_empty(table, "after"));
		screen_table_cell(t, same ? SCREEN_GOOD : SCREEN_BAD, "%s", same ? "yes" : "no");
	}
	screen_table_print(&t);
	screen_print(s, SCREEN_PLAIN, "%lld version rows made anew, %lld rows mended, %lld kept that the"
		     " log does not know, %lld kept out by rules\n", (long long)r->versions,
		     (long long)r->rows, (long long)r->kept, (long long)r->withheld);
}

static void report(struct command_call *call, const struct rebuild_result *r, int tables, bool kept)
{
	AUTO_JSON list = json_array();
	AUTO_JSON all = NULL;

	screen_progress_end(&call->screen);
	for (int i = 0; i < tables; i++)
		json_array_append_new(list, table_json(&r->table[i]));
	if (!call->screen.json) {
		print(&call->screen, list, r);
		return;
	}
	all = json_pack("{s:O,s:b,s:I,s:I,s:I,s:I,s:b}", "tables", list, "same", r->same, "versions",
			(json_int_t)r->versions, "mended", (json_int_t)r->rows, "kept", (json_int_t)r->kept,
			"withheld", (json_int_t)r->withheld, "written", kept);
	screen_json(&call->screen, all);
}

bool command_rebuild(struct command_call *call, struct err *e)
{
	const struct rebuild_plan plan = { .world = call->world, .progress = progress, .state = call };
	struct party *p = &call->node->party;
	bool dry = false, force = false;
	const struct catalog *catalog;
	struct rebuild_result result;
	AUTO_ARENA arena = { 0 };
	AUTO_TXN txn = { 0 };

	if (!options_flag(&call->options, "--dry-run", &dry, e) ||
	    !options_flag(&call->options, "--force", &force, e) || !options_rest(&call->options, 1, 1, e))
		return false;
	if (!txn_begin(&txn, p->db, e) || !party_settle(p, e) || !party_catalog(p, &catalog, e) ||
	    !rebuild_run(p->db, catalog, &plan, &arena, &result, e))
		return false;
	report(call, &result, catalog->tables, !dry && (result.same || force));
	if (dry)
		return true;
	if (!result.same && !force)
		return err_set(e, ERR_CORRUPT, "the versions on file are not what the log comes to; nothing"
					       " was changed: --force takes what the log says");
	return txn_commit(&txn, e) && (p->hub == NULL || p->hub->sign(p, e));
}
