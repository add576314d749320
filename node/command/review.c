/* review.c - keys, ids and acts of what waits for a person. */
#include <inttypes.h>
#include <string.h>

#include "command/review.h"
#include "command/show.h"

#define DIGITS_MIN 4 /* of an abbreviated id */

json_t *review_key(const struct catalog_table *table, const struct value *key)
{
	json_t *json = key == NULL ? json_null() : json_object();

	for (int i = 0; key != NULL && i < table->keys; i++)
		json_object_set_new(json, table->column[table->key[i]].name, show_value(&key[i]));
	return json;
}

void review_key_print(const json_t *key, struct buf *out)
{
	/* Iteration does not change what is iterated over; jansson's type says otherwise. */
	json_t *values = (json_t *)(uintptr_t)key, *value;
	const char *name;

	json_object_foreach(values, name, value) {
		buf_print(out, "%s%s = ", out->len > 0 ? ", " : "", name);
		show_value_print(value, out);
	}
}

static bool add_act(void *state, const struct act *act)
{
	json_array_append_new(state, json_pack("{s:I,s:I,s:o,s:s,s:o,s:o}", "act", (json_int_t)act->no,
					       "time_ms", (json_int_t)act->at_ms, "who", show_line(act->who),
					       "what", act->what, "object", show_line(act->object), "reason",
					       show_line(act->reason)));
	return true;
}

static const char *what_said(const struct screen *s, const char *what)
{
	static const char *const words[][2] = { { ACT_CHOOSE, "memilih" }, { ACT_PUT_BACK, "mengembalikan" },
						{ ACT_RETRY, "mencoba lagi" },
						{ ACT_DISCARD, "mengesampingkan" },
						{ ACT_ALTER, "mengubah tabel" } };

	for (size_t i = 0; !s->english && i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i][0], what) == 0)
			return words[i][1];
	return what;
}

bool review_acts(struct command_call *call, struct err *e)
{
	static const char *const id[] = { "WAKTU", "SIAPA", "TINDAKAN", "PADA", "ALASAN" };
	static const char *const en[] = { "TIME", "WHO", "ACT", "ON", "REASON" };
	const struct screen *s = &call->screen;
	struct screen_table *t = screen_table_new(s, s->english ? en : id, 5);
	__attribute__((cleanup(screen_table_free))) struct screen_table *owned = t;
	AUTO_JSON acts = json_array();

	if (!act_list(&call->node->db, add_act, acts, e))
		return false;
	if (s->json) {
		screen_json(s, acts);
		return true;
	}
	for (size_t i = 0; i < json_array_size(acts); i++) {
		const json_t *act = json_array_get(acts, i);
		char time[40];

		screen_time(time, sizeof(time), (uint64_t)json_int_or_zero(act, "time_ms"));
		screen_table_cell(t, SCREEN_FAINT, "%s", time);
		screen_table_cell(t, SCREEN_PLAIN, "%s", json_text_or_empty(act, "who"));
		screen_table_cell(t, SCREEN_BOLD, "%s", what_said(s, json_text_or_empty(act, "what")));
		screen_table_cell(t, SCREEN_PLAIN, "%s", json_text_or_empty(act, "object"));
		screen_table_cell(t, SCREEN_PLAIN, "%s", json_text_or_empty(act, "reason"));
	}
	screen_table_print(&owned);
	return true;
}

bool review_note(struct command_call *call, struct db *db, const char *what, const char *object,
		 const char *reason, struct err *e)
{
	const struct act act = { .who = call->who, .what = what, .object = object, .reason = reason };

	return act_put(db, call->world, &act, e);
}

bool review_settle(struct command_call *call, struct txn *txn, struct err *e)
{
	struct party *p = &call->node->party;

	return party_settle(p, e) && txn_commit(txn, e) && (p->hub == NULL || p->hub->sign(p, e));
}

bool review_id(struct db *db, const char *sql, const char *digits, struct hash *ret, struct err *e)
{
	size_t count = strlen(digits);
	AUTO_STMT s = { 0 };
	const void *id;
	size_t len;
	bool row;

	if (digits[strspn(digits, "0123456789abcdefABCDEF")] != '\0' || count < DIGITS_MIN ||
	    count > 2 * sizeof(ret->bytes))
		return err_set(e, ERR_USAGE, "\"%.80s\" is no id: %d to %zu hex digits", digits, DIGITS_MIN,
			       2 * sizeof(ret->bytes));
	if (!db_prepare(db, sql, &s, e))
		return false;
	stmt_text(&s, 1, digits);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "nothing here has an id that begins with %s", digits);
	id = stmt_get_blob(&s, 0, &len);
	if (len != sizeof(ret->bytes))
		return err_set(e, ERR_CORRUPT, "an id of %zu bytes", len);
	memcpy(ret->bytes, id, len);
	if (!stmt_row(&s, &row, e))
		return false;
	return !row || err_set(e, ERR_USAGE, "several ids begin with %s: more digits, please", digits);
}

void review_short(const struct hash *id, char out[REVIEW_SHORT])
{
	hex_encode(id->bytes, (REVIEW_SHORT - 1) / 2, out);
}

static const char *said(const struct screen *s, const char *const text[2])
{
	return screen_say(s, text[0], text[1]);
}

static bool list(struct command_call *call, const struct review_matter *m, bool all, struct err *e)
{
	const struct screen *s = &call->screen;
	struct screen_table *t = screen_table_new(s, m->title[s->english], m->titles);
	__attribute__((cleanup(screen_table_free))) struct screen_table *owned = t;
	AUTO_JSON array = json_array();
	AUTO_STMT rows = { 0 };
	bool row;

	if (!db_prepare(&call->node->db, m->rows, &rows, e))
		return false;
	for (;;) {
		if (!stmt_row(&rows, &row, e))
			return false;
		if (!row)
			break;
		if (!all && stmt_get_int(&rows, m->dismissed) != 0)
			continue;
		json_array_append_new(array, m->json(&rows));
		m->print(t, json_array_get(array, json_array_size(array) - 1));
	}
	if (s->json)
		screen_json(s, array);
	else if (json_array_size(array) > 0)
		screen_table_print(&owned);
	else if (s->terminal)
		screen_print(s, SCREEN_GOOD, "%s\n", said(s, m->nothing));
	return true;
}

static bool discard(struct command_call *call, const struct review_matter *m, const char *reason,
		    struct err *e)
{
	struct db *db = &call->node->db;
	char hex[HEX_SIZE(32)];
	struct hash id;
	AUTO_TXN txn = { 0 };

	if (!options_rest(&call->options, 3, 3, e))
		return false;
	if (reason == NULL)
		return err_set(e, ERR_USAGE, "why?  discard ID --reason TEXT");
	if (!txn_begin(&txn, db, e) || !review_id(db, m->beginning, call->options.word[2], &id, e))
		return false;
	hex_encode(id.bytes, sizeof(id.bytes), hex);
	if (!review_note(call, db, ACT_DISCARD, hex, reason, e) || !txn_commit(&txn, e))
		return false;
	screen_print(&call->screen, SCREEN_GOOD, "%.8s", hex);
	screen_print(&call->screen, SCREEN_PLAIN, "%s\n", said(&call->screen, m->discarded));
	return true;
}

bool review_command(struct command_call *call, const struct review_matter *m, struct err *e)
{
	struct options *o = &call->options;
	bool all = false, acts = false;
	const char *reason = NULL, *verb;

	if (!options_flag(o, "--all", &all, e) || !options_flag(o, "--acts", &acts, e) ||
	    !options_text(o, "--reason", &reason, e))
		return false;
	verb = o->words > 1 ? o->word[1] : "";
	if (strcmp(verb, "why") == 0)
		return m->why(call, e);
	if (strcmp(verb, "retry") == 0)
		return m->retry(call, e);
	if (strcmp(verb, "discard") == 0)
		return discard(call, m, reason, e);
	if (!options_rest(o, 1, 1, e))
		return false;
	return acts ? review_acts(call, e) : list(call, m, all, e);
}
