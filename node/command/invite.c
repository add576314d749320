/* invite.c - `simpul invite`, `simpul revoke`: what the hub's operator gives and takes. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "store/tables.h"

#define VALID_HOURS 24

/* Where others reach the hub: what the operator said, else the address it listens on. */
static bool url_find(struct db *db, const char *said, char *out, size_t size, struct err *e)
{
	char url[256], address[128], listen[128];

	if (!meta_get_text(db, "url", url, sizeof(url), e) ||
	    !meta_get_text(db, "address", address, sizeof(address), e) ||
	    !meta_get_text(db, "listen", listen, sizeof(listen), e))
		return false;
	if (said != NULL) {
		snprintf(out, size, "%s", said);
		return true;
	}
	if (url[0] != '\0') {
		snprintf(out, size, "%s", url);
		return true;
	}
	if (address[0] == '\0' || (listen[0] != '\0' && strstr(listen, ":0") == NULL))
		memcpy(address, listen, sizeof(address));
	if (address[0] == '\0')
		memcpy(address, "127.0.0.1:8443", 15);
	if (strncmp(address, "0.0.0.0:", 8) == 0 || strncmp(address, "[::]:", 5) == 0)
		return err_set(e, ERR_USAGE, "say where others reach this hub: --url https://HOST:PORT");
	snprintf(out, size, "https://%s", address);
	return true;
}

bool command_invite(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	const char *scope_text = NULL, *role_text = NULL, *said = NULL;
	struct invitation invitation = { 0 };
	struct invitation_text text;
	int64_t hours = VALID_HOURS;
	enum role role;

	if (!options_text(o, "--scope", &scope_text, e) || !options_text(o, "--role", &role_text, e) ||
	    !options_text(o, "--url", &said, e) ||
	    !options_int(o, "--hours", 1, 24 * 30, &hours, e) || !options_rest(o, 1, 1, e))
		return false;
	if (scope_text == NULL || role_text == NULL)
		return err_set(e, ERR_USAGE, "invite needs --scope S and --role"
					    " writer|reviewer|reader|relay");
	if (!call->node->is_hub)
		return err_set(e, ERR_FORBIDDEN, "%s is not a hub: only a hub invites", call->file);
	if (!scope_parse(scope_text, strlen(scope_text), &invitation.scope, e) ||
	    !role_parse(role_text, &role, e) ||
	    !url_find(call->node->party.db, said, invitation.url, sizeof(invitation.url), e))
		return false;
	if (role == ROLE_HUB)
		return err_set(e, ERR_USAGE, "the role hub cannot be given away");
	invitation.role = (uint8_t)role;
	if (!hub_invite(&call->node->party, &invitation, (uint64_t)hours * 3600 * 1000, &text, e))
		return false;
	screen_print(&call->screen, SCREEN_PLAIN, "for scope %s as %s at %s, once, within %lld hours; "
						  "keep it like a password:\n",
		     invitation.scope.name, role_name(role), invitation.url, (long long)hours);
	screen_print(&call->screen, SCREEN_BOLD, "%s", text.text);
	screen_print(&call->screen, SCREEN_PLAIN, "\n");
	return true;
}

bool command_revoke(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	const char *reason = "no reason given";
	struct chain_id chain;
	int64_t after = -1;

	if (!options_int(o, "--after", 0, INT64_MAX, &after, e) ||
	    !options_text(o, "--reason", &reason, e) || !options_rest(o, 2, 2, e))
		return false;
	if (after < 0)
		return err_set(e, ERR_USAGE, "revoke needs --after SEQ, the last changeset that is good");
	if (!hex_decode(o->word[1], strlen(o->word[1]), chain.bytes, sizeof(chain.bytes)))
		return err_set(e, ERR_USAGE, "a chain is 32 hex digits, as simpul log shows them");
	if (!call->node->is_hub)
		return err_set(e, ERR_FORBIDDEN, "%s is not a hub: only a hub revokes", call->file);
	if (!hub_revoke(&call->node->party, &chain, (uint64_t)after, reason, e))
		return false;
	screen_print(&call->screen, SCREEN_WARN, "revoked behind changeset %lld\n", (long long)after);
	return true;
}
