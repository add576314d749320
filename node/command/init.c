/* init.c - `simpul init`: a new node or hub; the file may be an application's database already. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "command/rules.h"
#include "simpul/invitation.h"

/* By bytes 18 and 19 of the file, without opening it as a database: opening for writing ends that mode. */
static bool in_wal_mode(const char *path)
{
	unsigned char head[20] = { 0 };
	FILE *file = fopen(path, "rbe");

	if (file == NULL)
		return false;
	if (fread(head, 1, sizeof(head), file) != sizeof(head))
		head[18] = 0;
	fclose(file);
	return memcmp(head, "SQLite format 3", 16) == 0 && head[18] == 2 && head[19] == 2;
}

/* The rules are filed once the node stands: on a hub they are signed and go to all. */
static bool file_rules(const char *path, const struct workspace *ws, const struct world *world,
		       struct err *e)
{
	AUTO_NODE node = { .lock = -1 };
	struct approve_result filed;

	return node_open(&node, path, world, e) &&
	       rules_put(&node, "rules.json", &ws->file[WORKSPACE_RULES], &filed, e);
}

bool command_init(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	const struct screen *s = &call->screen;
	struct node_plan plan = { 0 };
	AUTO_WORKSPACE workspace = { 0 };
	const char *workspace_name;
	char words[INVITATION_WORDS_SIZE];
	AUTO_NODE node = { .lock = -1 };
	bool wal;

	if (!options_text(o, "--name", &plan.name, e) || !options_flag(o, "--hub", &plan.hub, e) ||
	    !options_text(o, "--listen", &plan.listen, e) || !options_text(o, "--url", &plan.url, e) ||
	    !options_text(o, "--scope", &plan.scope, e) ||
	    !options_flag(o, "--sample", &plan.practice, e) ||
	    !options_text(o, "--workspace", &workspace_name, e) || !options_rest(o, 1, 1, e))
		return false;
	if (plan.name == NULL)
		return err_set(e, ERR_USAGE, "init needs --name NAME, the name that others see");
	if (workspace_name != NULL && !workspace_open(&workspace, workspace_name, e))
		return false;
	plan.workspace = workspace_name == NULL ? NULL : &workspace;
	wal = in_wal_mode(o->word[0]);
	if (!node_make(o->word[0], &plan, call->world, e) ||
	    (workspace_name != NULL && !file_rules(o->word[0], &workspace, call->world, e)) ||
	    !node_view(&node, o->word[0], call->world, e))
		return false;
	invitation_words(&node.party.key, words);
	screen_print(s, SCREEN_GOOD, "%s", o->word[0]);
	screen_print(s, SCREEN_PLAIN, " is now the %s \"%s\"\n", plan.hub ? "hub" : "node", plan.name);
	screen_print(s, SCREEN_PLAIN, "key fingerprint: %s\n", words);
	if (wal && !in_wal_mode(o->word[0])) {
		screen_print(s, SCREEN_WARN, "the file was in WAL mode and has a rollback journal now\n");
		screen_print(s, SCREEN_FAINT, "why: with some versions of SQLite, two programs that write in "
					      "WAL mode damage a file; do not set it back\n");
	}
	if (workspace_name != NULL)
		screen_print(s, SCREEN_PLAIN, "workspace: %s\n", workspace_name);
	if (plan.hub)
		screen_print(s, SCREEN_FAINT, "next: simpul run %s, then simpul invite %s --scope S --role "
					      "writer\n", o->word[0], o->word[0]);
	else if (plan.practice)
		screen_print(s, SCREEN_FAINT,
			     "to practise with; nothing of it is ever sent.  next: simpul run %s\n",
			     o->word[0]);
	else if (workspace_name != NULL)
		screen_print(s, SCREEN_FAINT, "next: simpul enrol %s INVITATION\n", o->word[0]);
	else
		screen_print(s, SCREEN_FAINT, "next: simpul attach %s TABLE... --scope S, then simpul enrol "
					      "%s INVITATION\n", o->word[0], o->word[0]);
	return true;
}
