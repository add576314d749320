/* violations.c - `simpul violations`: rows that break a rule, and the way back for local ones. */
#include <inttypes.h>
#include <string.h>

#include "base/memory.h"
#include "command.h"
#include "command/review.h"
#include "command/show.h"
#include "merge/violation.h"

struct listing {
	const char *scope; /* only these; NULL: all */
	json_t *list;
};

static bool add(void *state, const struct violation *v)
{
	const struct listing *l = state;

	if (l->scope != NULL && strcmp(l->scope, v->scope) != 0)
		return true;
	json_array_append_new(
		l->list,
		json_pack("{s:s,s:o,s:o,s:s,s:o,s:b,s:s,s:s}", "table", v->table, "key",
			  v->of == NULL ? json_null() : review_key(v->of, v->key), "scope",
			  show_line(v->scope), "rule", v->rule, "detail", show_line(v->detail),
			  "local", v->local, "remedy", violation_remedy(v->rule, true), "remedy_id",
			  violation_remedy(v->rule, false)));
	return true;
}

static void print(const struct screen *s, const json_t *list)
{
	const char *before = "";

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *v = json_array_get(list, i);
		const char *remedy = json_text_or_empty(v, s->english ? "remedy" : "remedy_id");
		AUTO_BUF key = { 0 };

		review_key_print(json_object_get(v, "key"), &key);
		screen_print(s, SCREEN_BOLD, "%s", json_text_or_empty(v, "table"));
		screen_print(s, SCREEN_PLAIN, "  %s", buf_string(&key));
		screen_print(s, SCREEN_FAINT, "  (%s)\n", json_text_or_empty(v, "scope"));
		screen_print(s, SCREEN_BAD, "  %s", json_text_or_empty(v, "rule"));
		screen_print(s, SCREEN_PLAIN, "  %s\n", json_text_or_empty(v, "detail"));
		/* Rows of one kind stand together: what to do is said once. */
		if (i + 1 == json_array_size(list) ||
		    strcmp(json_text_or_empty(json_array_get(list, i + 1), "rule"),
			   json_text_or_empty(v, "rule")) != 0)
			before = remedy;
		else
			before = "";
		if (before[0] != '\0')
			screen_print(s, SCREEN_FAINT, "  %s\n", before);
	}
	if (json_array_size(list) == 0 && s->terminal)
		screen_print(s, SCREEN_GOOD, "%s\n", screen_say(s, "Semua baris sesuai aturan.",
								"All rows keep the rules."));
}

static bool list(struct command_call *call, const struct catalog *catalog, const char *scope, struct err *e)
{
	AUTO_JSON found = json_array();
	struct listing l = { scope, found };

	if (!violation_list(&call->node->db, catalog, add, &l, e))
		return false;
	if (call->screen.json)
		screen_json(&call->screen, found);
	else
		print(&call->screen, found);
	return true;
}

static bool put_back(struct command_call *call, const struct catalog *catalog, const char *table,
		     struct err *e)
{
	struct options *o = &call->options;
	const struct violation_name name = { table, o->word + 1, o->words - 1 };
	struct db *db = &call->node->db;
	AUTO_BUF object = { 0 };
	AUTO_TXN txn = { 0 };

	if (!options_rest(o, 2, 1 + (int)LIMIT_KEY_COLUMNS, e) || !txn_begin(&txn, db, e) ||
	    !violation_put_back(db, catalog, &name, &object, e) ||
	    !review_note(call, db, ACT_PUT_BACK, buf_string(&object), "", e) ||
	    !review_settle(call, &txn, e))
		return false;
	screen_print(&call->screen, SCREEN_GOOD, "%s", buf_string(&object));
	screen_print(&call->screen, SCREEN_PLAIN, "%s\n",
		     screen_say(&call->screen, ": kembali seperti semula", ": as it was before"));
	return true;
}

bool command_violations(struct command_call *call, struct err *e)
{
	const char *table = NULL, *scope = NULL;
	struct options *o = &call->options;
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;
	bool acts = false;

	if (!options_text(o, "--put-back", &table, e) || !options_text(o, "--scope", &scope, e) ||
	    !options_flag(o, "--acts", &acts, e) || !catalog_load(&call->node->db, &arena, &catalog, e))
		return false;
	if (table != NULL)
		return put_back(call, &catalog, table, e);
	if (!options_rest(o, 1, 1, e) || !show_scope_known(&call->node->db, scope, e))
		return false;
	return acts ? review_acts(call, e) : list(call, &catalog, scope, e);
}
