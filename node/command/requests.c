/* requests.c - `simpul requests`: offices that ask this hub to be enrolled. */
#include <string.h>

#include "command.h"
#include "command/review.h"
#include "command/show.h"

#define VALID_HOURS (24 * 7)

static bool collect(void *state, const struct hub_request *r)
{
	json_array_append_new(state,
			      json_pack("{s:s,s:s,s:o,s:s,s:I}", "words", r->words, "scope", r->scope, "name",
					show_line(r->name), "state",
					r->waiting ? "waiting" : r->approved ? "approved" : "refused",
					"asked_ms", (json_int_t)r->asked_ms));
	return true;
}

static bool list(struct command_call *call, struct err *e)
{
	static const char *const en[] = { "words", "scope", "name", "state", "asked" };
	static const char *const id[] = { "kata", "wilayah", "nama", "keadaan", "meminta" };
	const struct screen *s = &call->screen;
	uint64_t now_ms = world_now_ms(call->world);
	AUTO_JSON array = json_array();
	struct screen_table *t;
	char ago[64];
	json_t *r;
	size_t i;

	if (!hub_request_list(&call->node->party, collect, array, e))
		return false;
	if (s->json) {
		screen_json(s, array);
		return true;
	}
	if (json_array_size(array) == 0) {
		screen_print(s, SCREEN_PLAIN, "%s\n",
			     screen_say(s, "Tidak ada yang meminta.", "Nobody has asked."));
		return true;
	}
	t = screen_table_new(s, s->english ? en : id, 5);
	json_array_foreach(array, i, r) {
		bool waiting = strcmp(json_text_or_empty(r, "state"), "waiting") == 0;

		screen_ago(ago, sizeof(ago), (uint64_t)json_int_or_zero(r, "asked_ms"), now_ms);
		screen_table_cell(t, SCREEN_BOLD, "%s", json_text_or_empty(r, "words"));
		screen_table_cell(t, SCREEN_PLAIN, "%s", json_text_or_empty(r, "scope"));
		screen_table_cell(t, SCREEN_PLAIN, "%s", json_text_or_empty(r, "name"));
		screen_table_cell(t, waiting ? SCREEN_WARN : SCREEN_FAINT, "%s",
				  json_text_or_empty(r, "state"));
		screen_table_cell(t, SCREEN_FAINT, "%s", ago);
	}
	screen_table_print(&t);
	return true;
}

bool command_requests(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	struct hub_answer answer = { .role = ROLE_WRITER };
	const char *role = NULL;
	int64_t hours = VALID_HOURS;

	if (!options_text(o, "--scope", &answer.scope, e) || !options_text(o, "--role", &role, e) ||
	    !options_int(o, "--hours", 1, 24 * 30, &hours, e) || !options_rest(o, 1, 3, e))
		return false;
	if (!call->node->is_hub)
		return err_set(e, ERR_FORBIDDEN, "%s is not a hub: nobody asks it", call->file);
	if (o->words == 1)
		return list(call, e);
	answer.approve = strcmp(o->word[1], "approve") == 0;
	if (o->words != 3 || (!answer.approve && strcmp(o->word[1], "refuse") != 0))
		return err_set(e, ERR_USAGE, "approve WORDS or refuse WORDS");
	answer.words = o->word[2];
	answer.valid_ms = (uint64_t)hours * 3600 * 1000;
	if ((role != NULL && !role_parse(role, &answer.role, e)) ||
	    !hub_request_answer(&call->node->party, &answer, e) ||
	    !review_note(call, call->node->party.db, answer.approve ? ACT_APPROVE : ACT_REFUSE,
			 answer.words, "", e))
		return false;
	screen_print(&call->screen, answer.approve ? SCREEN_GOOD : SCREEN_WARN, "%s\n",
		     answer.approve ? screen_say(&call->screen, "disetujui; perangkat itu masuk sendiri",
						 "approved; the device comes in by itself") :
				      screen_say(&call->screen, "ditolak", "refused"));
	return true;
}
