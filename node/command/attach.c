/* attach.c - `simpul attach` and `simpul detach`: begin and end the replication of tables. */
#include "capture/attach.h"

#include <string.h>

#include "command.h"
#include "store/tables.h"

/* Each line of a report on a line of its own, after a mark. */
static void report_print(const struct screen *s, enum screen_colour colour, const char *mark,
			 struct buf *lines)
{
	char *save = NULL, *text;

	if (lines->len == 0)
		return;
	text = (char *)(uintptr_t)buf_string(lines);
	for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
		screen_print(s, colour, "%s%s\n", mark, line);
}

bool command_attach(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	struct attach_request request = { .world = call->world };
	AUTO_ATTACH_REPORT report = { 0 };
	struct scope scope;
	bool ok;

	if (!options_text(o, "--scope", &request.scope, e) ||
	    !options_text(o, "--scope-column", &request.scope_column, e) ||
	    !options_rest(o, 2, -1, e))
		return false;
	if ((request.scope == NULL) == (request.scope_column == NULL))
		return err_set(e, ERR_USAGE, "attach needs either --scope S or --scope-column C");
	if (request.scope != NULL && !scope_parse(request.scope, strlen(request.scope), &scope, e))
		return false;
	ok = attach_tables(call->node->party.db, o->word + 1, o->words - 1, &request, &report, e);
	report_print(&call->screen, SCREEN_WARN, "warning: ", &report.warnings);
	if (!ok) {
		if (report.reason_count > 1)
			report_print(&call->screen, SCREEN_BAD, "not attached: ", &report.reasons);
		return false;
	}
	db_forget_statements(call->node->party.db);
	screen_print(&call->screen, SCREEN_GOOD, "%d table%s attached",
		     o->words - 1, o->words == 2 ? "" : "s");
	screen_print(&call->screen, SCREEN_PLAIN, "; %lld existing row%s will be sent\n",
		     (long long)report.rows, report.rows == 1 ? "" : "s");
	return true;
}

static bool detach_all(struct command_call *call, bool abandon, struct err *e)
{
	static const char unsent[] =
		"SELECT (SELECT count(*) FROM simpul_log) + (SELECT count(*) FROM simpul_changeset cs"
		" JOIN simpul_chain ch ON ch.no = cs.chain_no WHERE ch.own = 1 AND cs.custody < 2)";
	struct db *db = call->node->party.db;
	AUTO_TXN txn = { 0 };
	int64_t waiting;

	if (!txn_begin(&txn, db, e) || !db_int(db, unsent, 0, &waiting, e))
		return false;
	if (waiting > 0 && !abandon)
		return err_set(e, ERR_UNSENT, "%lld changes or changesets have no receipt yet",
			       (long long)waiting);
	db_forget_statements(db);
	return tables_drop(db, e) && txn_commit(&txn, e);
}

bool command_detach(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	bool abandon = false, all = false;

	if (!options_flag(o, "--abandon", &abandon, e) || !options_flag(o, "--all", &all, e) ||
	    !options_rest(o, all ? 1 : 2, all ? 1 : -1, e))
		return false;
	if (all && call->running)
		return err_set(e, ERR_RUNNING, "stop the running node before detach --all");
	if (all ? !detach_all(call, abandon, e) :
		  !detach_tables(call->node->party.db, o->word + 1, o->words - 1, abandon, e))
		return false;
	db_forget_statements(call->node->party.db);
	screen_print(&call->screen, SCREEN_GOOD,
		     all ? "this file is an ordinary database again\n" : "detached\n");
	return true;
}
