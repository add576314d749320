/* account.c - `simpul account`: people of the web app, from the command line. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "command/review.h"
#include "command/show.h"
#include "web/access.h"
#include "web/account.h"
#include "web/session.h"
#include "workspace/workspace.h"

#define PASSWORD_CHARS 17 /* 12 random bytes in base64url, and the NUL */

static bool list(struct command_call *call, struct err *e)
{
	const struct screen *s = &call->screen;
	AUTO_JSON all = json_array();
	AUTO_RESET q = { 0 };
	bool row;

	if (!db_statement(&call->node->db,
			  "SELECT " ACCOUNT_COLUMNS " FROM simpul_account a ORDER BY a.login", &q,
			  e))
		return false;
	for (;;) {
		struct account a;
		json_t *json;

		if (!stmt_row(&q, &row, e))
			return false;
		if (!row)
			break;
		account_read(&q, 0, &a);
		json = account_json(&a);
		json_object_set_new(json, "disabled", json_boolean(a.disabled));
		json_array_append_new(all, json);
		if (!s->json)
			screen_print(
				s, a.disabled ? SCREEN_BAD : SCREEN_PLAIN, "%s · %s · %s%s%s%s\n",
				a.login, a.name, a.role, a.org_id[0] == '\0' ? "" : " · ", a.org_id,
				a.disabled ? screen_say(s, " · dinonaktifkan", " · disabled") : "");
	}
	if (s->json)
		screen_json(s, all);
	else if (json_array_size(all) == 0)
		screen_print(s, SCREEN_PLAIN, "%s\n",
			     screen_say(s, "Belum ada akun.", "There is no account yet."));
	return true;
}

/* A password that nobody chose; it is said once, here, and kept as its hash. */
static bool make_password(struct command_call *call, char text[PASSWORD_CHARS],
			  char stored[PASSWORD_SIZE], struct err *e)
{
	struct password_desk desk;
	bool ok;

	session_secret(call->world, text, PASSWORD_CHARS);
	password_open(&desk, call->world, 0);
	ok = password_make(&desk, text, stored, e);
	password_close(&desk);
	return ok;
}

static void tell_password(struct command_call *call, const struct account *a,
			  char text[PASSWORD_CHARS])
{
	const struct screen *s = &call->screen;
	AUTO_JSON json = account_json(a);

	json_object_set_new(json, "password", json_string(text));
	if (s->json)
		screen_json(s, json);
	else
		screen_print(s, SCREEN_GOOD, "%s · %s · %s: %s\n", a->login, a->name, a->role,
			     text);
	crypto_wipe(text, PASSWORD_CHARS);
}

static bool role_right(struct command_call *call, const char **role, struct err *e)
{
	AUTO_WORKSPACE ws = { 0 };
	AUTO_JSON file = NULL;
	AUTO_BUF known = { 0 };
	json_t *roles, *ignored;
	const char *name;

	if (!workspace_stored(&call->node->db, &ws, e) ||
	    !access_parse(&ws.file[WORKSPACE_ACCESS], &file, e))
		return false;
	if (*role != NULL && access_role_exists(file, call->node->is_hub, *role))
		return true;
	roles = json_object_get(file, "roles");
	json_object_foreach(roles, name,
			    ignored) if (access_role_exists(file, call->node->is_hub, name))
		buf_print(&known, "%s%s", known.len > 0 ? ", " : "", name);
	return err_set(e, ERR_USAGE, "--role: one of %s", buf_string(&known));
}

static bool add(struct command_call *call, struct account *a, const char *role, struct err *e)
{
	char text[PASSWORD_CHARS], stored[PASSWORD_SIZE];

	if (!account_login_valid(a->login))
		return err_set(e, ERR_USAGE, "a login has letters, digits, dot, - and _ only");
	if (!name_valid(a->name, strlen(a->name)))
		return err_set(e, ERR_USAGE, "--name: 1 to %u bytes", LIMIT_NAME_BYTES);
	if (!role_right(call, &role, e))
		return false;
	snprintf(a->role, sizeof(a->role), "%s", role);
	if (!make_password(call, text, stored, e) ||
	    !account_add(&call->node->db, call->world, a, stored, e))
		return false;
	tell_password(call, a, text);
	return true;
}

static bool find(struct command_call *call, struct account *a, struct err *e)
{
	char login[ACCOUNT_LOGIN_BYTES + 1];
	bool found = false;

	snprintf(login, sizeof(login), "%s", a->login);
	if (account_login_valid(login) &&
	    !account_by_login(&call->node->db, login, a, NULL, &found, e))
		return false;
	return found || err_set(e, ERR_NOT_FOUND, "there is no account %s", login);
}

static bool reset(struct command_call *call, struct account *a, struct err *e)
{
	char text[PASSWORD_CHARS], stored[PASSWORD_SIZE];

	if (!find(call, a, e) || !make_password(call, text, stored, e) ||
	    !account_set_password(&call->node->db, a->id, stored, NULL, e))
		return false;
	tell_password(call, a, text);
	return true;
}

static bool set_disabled(struct command_call *call, struct account *a, bool disabled, struct err *e)
{
	AUTO_RESET s = { 0 };
	AUTO_RESET ends = { 0 };

	if (!find(call, a, e) ||
	    !db_statement(&call->node->db, "UPDATE simpul_account SET disabled = ?2 WHERE id = ?1",
			  &s, e))
		return false;
	stmt_text(&s, 1, a->id);
	stmt_int(&s, 2, disabled);
	if (!stmt_done(&s, e) ||
	    !db_statement(&call->node->db, "DELETE FROM simpul_session WHERE account = ?1", &ends,
			  e))
		return false;
	stmt_text(&ends, 1, a->id);
	return stmt_done(&ends, e);
}

bool command_account(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	const char *role = NULL, *org = NULL, *name = NULL, *what;
	struct account a = { .language = "id" };
	AUTO_TXN txn = { 0 };
	bool ok;

	if (!options_text(o, "--role", &role, e) || !options_text(o, "--org", &org, e) ||
	    !options_text(o, "--name", &name, e) || !options_rest(o, 1, 3, e))
		return false;
	if (o->words == 1)
		return list(call, e);
	what = o->word[1];
	if (o->words != 3)
		return err_set(e, ERR_USAGE,
			       "account FILE, or account FILE add|reset|disable|enable LOGIN");
	if (strlen(o->word[2]) > ACCOUNT_LOGIN_BYTES ||
	    (org != NULL && strlen(org) > LIMIT_NAME_BYTES))
		return err_set(e, ERR_USAGE, "a login has at most %d bytes", ACCOUNT_LOGIN_BYTES);
	snprintf(a.login, sizeof(a.login), "%s", o->word[2]);
	snprintf(a.name, sizeof(a.name), "%s", name == NULL ? a.login : name);
	snprintf(a.org_id, sizeof(a.org_id), "%s", org == NULL ? "" : org);
	if (!txn_begin(&txn, &call->node->db, e))
		return false;
	if (strcmp(what, "add") == 0)
		ok = add(call, &a, role, e);
	else if (strcmp(what, "reset") == 0)
		ok = reset(call, &a, e);
	else if (strcmp(what, "disable") == 0 || strcmp(what, "enable") == 0)
		ok = set_disabled(call, &a, what[0] == 'd', e);
	else
		ok = err_set(e, ERR_USAGE, "add, reset, disable or enable, not %.40s", what);
	return ok && txn_commit(&txn, e);
}
