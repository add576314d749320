/* init.c - `simpul init`: a new node or hub; the file may be an application's database already. */
#include "command.h"
#include "simpul/invitation.h"

bool command_init(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	const struct screen *s = &call->screen;
	struct node_plan plan = { 0 };
	char words[INVITATION_WORDS_SIZE];
	AUTO_NODE node = { .lock = -1 };

	if (!options_text(o, "--name", &plan.name, e) || !options_flag(o, "--hub", &plan.hub, e) ||
	    !options_text(o, "--listen", &plan.listen, e) || !options_text(o, "--url", &plan.url, e) ||
	    !options_rest(o, 1, 1, e))
		return false;
	if (plan.name == NULL)
		return err_set(e, ERR_USAGE, "init needs --name NAME, the name that others see");
	if (!node_make(o->word[0], &plan, call->world, e) ||
	    !node_view(&node, o->word[0], call->world, e))
		return false;
	invitation_words(&node.party.key, words);
	screen_print(s, SCREEN_GOOD, "%s", o->word[0]);
	screen_print(s, SCREEN_PLAIN, " is now the %s \"%s\"\n", plan.hub ? "hub" : "node", plan.name);
	screen_print(s, SCREEN_PLAIN, "key fingerprint: %s\n", words);
	if (plan.hub)
		screen_print(s, SCREEN_FAINT, "next: simpul run %s, then simpul invite %s --scope S --role "
					      "writer\n", o->word[0], o->word[0]);
	else
		screen_print(s, SCREEN_FAINT, "next: simpul attach %s TABLE... --scope S, then simpul enrol "
					      "%s INVITATION\n", o->word[0], o->word[0]);
	return true;
}
