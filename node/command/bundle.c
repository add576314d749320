/* bundle.c - `simpul bundle`: changes on a stick. */
#include <inttypes.h>
#include <string.h>

#include "command.h"
#include "command/show.h"
#include "exchange/bundle.h"

static void stats_json(const struct screen *s, const struct bundle_stats *stats, bool import)
{
	AUTO_JSON json = json_object();

	json_object_set_new(json, "changesets", json_integer((json_int_t)stats->frames));
	json_object_set_new(json, "receipts", json_integer((json_int_t)stats->receipts));
	json_object_set_new(json, "bytes", json_integer((json_int_t)stats->bytes));
	if (import) {
		json_object_set_new(json, "accepted", json_integer((json_int_t)stats->accepted));
		json_object_set_new(json, "known", json_integer((json_int_t)stats->known));
		json_object_set_new(json, "held", json_integer((json_int_t)stats->held));
		json_object_set_new(json, "refused", json_integer((json_int_t)stats->refused));
	}
	screen_json(s, json);
}

static bool run_export(struct command_call *call, const struct bundle_plan *plan, struct err *e)
{
	const struct screen *s = &call->screen;
	const char *path = call->options.word[2];
	struct bundle_stats stats;
	char size[32];

	if (!show_scope_known(&call->node->db, plan->scope, e))
		return false;
	if (!bundle_export(&call->node->party, plan, path, &stats, e))
		return false;
	if (s->json) {
		stats_json(s, &stats, false);
		return true;
	}
	screen_bytes(size, sizeof(size), stats.bytes);
	screen_print(s, SCREEN_GOOD, "%s", path);
	screen_print(s, SCREEN_PLAIN,
		     screen_say(s, ": %" PRIu64 " set perubahan, %" PRIu64 " tanda terima, %s\n",
				": %" PRIu64 " changesets, %" PRIu64 " receipts, %s\n"),
		     stats.frames, stats.receipts, size);
	return true;
}

static bool run_import(struct command_call *call, struct err *e)
{
	const struct screen *s = &call->screen;
	struct bundle_stats stats;

	if (!bundle_import(&call->node->party, call->options.word[2], &stats, e))
		return false;
	if (s->json)
		stats_json(s, &stats, true);
	else
		screen_print(s, SCREEN_PLAIN,
			     screen_say(s,
					"%" PRIu64 " set perubahan baru, %" PRIu64 " sudah ada, %" PRIu64
					" ditahan, %" PRIu64 " tanda terima\n",
					"%" PRIu64 " new changesets, %" PRIu64 " known, %" PRIu64
					" held, %" PRIu64 " receipts\n"),
			     stats.accepted, stats.known, stats.held, stats.receipts);
	if (stats.refused == 0)
		return true;
	*e = stats.trouble;
	return err_wrap(e, "%" PRIu64 " parts were refused, the rest is taken in; the last", stats.refused);
}

bool command_bundle(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	struct bundle_plan plan = { 0 };

	if (!options_text(o, "--scope", &plan.scope, e) ||
	    !options_flag(o, "--unsent", &plan.unsent, e) || !options_rest(o, 3, 3, e))
		return false;
	if (strcmp(o->word[0], "export") == 0)
		return run_export(call, &plan, e);
	if (strcmp(o->word[0], "import") != 0)
		return err_set(e, ERR_USAGE, "bundle export or bundle import, not \"%s\"", o->word[0]);
	if (plan.scope != NULL || plan.unsent)
		return err_set(e, ERR_USAGE, "bundle import takes in all that is in the bundle");
	return run_import(call, e);
}
