/* enrol.c - `simpul enrol`: by the hub's invitation, or by asking its operator. */
#include <string.h>

#include "command.h"
#include "exchange/enrol.h"
#include "exchange/https.h"

static void say_enrolled(const struct command_call *call)
{
	screen_print(&call->screen, SCREEN_GOOD, "enrolled");
	screen_print(&call->screen, SCREEN_PLAIN, " at %s\n", call->node->party.origin);
}

static bool by_invitation(struct command_call *call, struct transport *transport, const char *text,
			  struct err *e)
{
	struct invitation invitation;

	if (!invitation_decode(text, strlen(text), &invitation, e))
		return false;
	if (invitation.url[0] == '\0')
		return err_set(e, ERR_INVITATION, "the invitation names no address of the hub");
	if (!enrol_at_hub(&call->node->party, transport, &invitation, e))
		return false;
	screen_print(&call->screen, SCREEN_GOOD, "enrolled");
	screen_print(&call->screen, SCREEN_PLAIN, " at %s for scope %s as %s\n", invitation.origin,
		     invitation.scope.name, role_name((enum role)invitation.role));
	return true;
}

static bool again(struct command_call *call, struct transport *transport, struct err *e)
{
	if (!enrol_ask_again(&call->node->party, transport, e))
		return false;
	say_enrolled(call);
	return true;
}

/* Without words to compare with nothing is asked: who answers at that address may be anybody. */
static bool show_words(struct command_call *call, const char *url, const char *scope, const char *words,
		       struct err *e)
{
	const struct screen *s = &call->screen;

	(void)e;
	screen_print(s, SCREEN_PLAIN, "%s\n",
		     screen_say(s, "Yang menjawab di sana bernama:", "Who answers there goes by the words:"));
	screen_print(s, SCREEN_BOLD, "  %s\n", words);
	screen_print(s, SCREEN_PLAIN, "%s\n",
		     screen_say(s, "Cocokkan lewat telepon dengan pengelola pusat, lalu jalankan:",
				"Compare them with the hub's operator by telephone, then run:"));
	screen_print(s, SCREEN_PLAIN, "  simpul enrol %s --ask %s --scope %s --hub-words %s\n", call->file,
		     url, scope, words);
	return true;
}

static bool ask(struct command_call *call, struct transport *transport, const char *url, const char *scope,
		const char *expected, struct err *e)
{
	struct party *p = &call->node->party;
	char words[INVITATION_WORDS_SIZE];
	struct invitation invitation;

	if (!enrol_meet(p, transport, url, &invitation, e) ||
	    !scope_parse(scope, strlen(scope), &invitation.scope, e))
		return false;
	invitation_words(&invitation.hub, words);
	if (expected == NULL)
		return show_words(call, url, scope, words, e);
	if (strcmp(expected, words) != 0)
		return err_set(e, ERR_PIN, "who answers at %s goes by %s, not by %s", url, words, expected);
	if (!enrol_ask_put(p, &invitation, e) || !enrol_ask_again(p, transport, e)) {
		invitation_words(&p->key, words);
		return e->code == ERR_PENDING ? err_wrap(e, "this device is %s", words) : false;
	}
	say_enrolled(call);
	return true;
}

bool command_enrol(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	const char *url = NULL, *scope = NULL, *words = NULL;
	AUTO_HTTPS https = { 0 };

	if (!options_text(o, "--ask", &url, e) || !options_text(o, "--scope", &scope, e) ||
	    !options_text(o, "--hub-words", &words, e) || !options_rest(o, 1, url == NULL ? 2 : 1, e))
		return false;
	if ((url == NULL) != (scope == NULL) || (url == NULL && words != NULL))
		return err_set(e, ERR_USAGE, "--ask URL and --scope S go together, with --hub-words");
	if (!https_open(&https, NULL, e))
		return false;
	if (url != NULL)
		return ask(call, &https.transport, url, scope, words, e);
	return o->words == 2 ? by_invitation(call, &https.transport, o->word[1], e) :
			       again(call, &https.transport, e);
}
