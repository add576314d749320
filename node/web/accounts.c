/*
 * accounts.c - /api/accounts: whoever may manage makes and changes accounts.
 *
 * By a session only: a token that got into other hands must not make itself an account.  The last
 * account that may manage can neither be disabled nor get another role.
 */
#include <stdio.h>
#include <string.h>

#include "web/request.h"
#include "web/routes.h"

static bool may_manage(const struct web_request *r, struct err *e)
{
	if (r->by_token)
		return err_set(e, ERR_NO_RIGHT,
			       "accounts are managed by whoever is signed in, not by a token");
	return access_may(&r->access, "manage") ||
	       err_set(e, ERR_NO_RIGHT, "the role %s may not manage accounts", r->who.role);
}

static bool manage_begin(struct party *p, struct serve_job *job, struct err *e)
{
	(void)p;
	return may_manage(request_of(job), e);
}

static json_t *row_json(struct stmt *s, const struct world *world)
{
	struct account a;
	json_t *json;

	account_read(s, 0, &a);
	json = account_json(&a);
	json_object_set_new(json, "disabled", json_boolean(a.disabled));
	json_object_set_new(
		json, "locked_until",
		request_time(a.locked_until_ms > world_now_ms(world) ? a.locked_until_ms : 0));
	json_object_set_new(json, "created", request_time((uint64_t)stmt_get_int(s, 9)));
	json_object_set_new(json, "last_used", request_time((uint64_t)stmt_get_int(s, 10)));
	return json;
}

static bool list_finish(struct party *p, struct serve_job *job, struct err *e)
{
	json_t *list = json_array();
	AUTO_JSON json = json_pack("{s:o}", "accounts", list);
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(p->db,
			  "SELECT " ACCOUNT_COLUMNS ", a.created_ms, (SELECT max(used_ms) FROM"
			  " simpul_session s WHERE s.account = a.id) FROM simpul_account a"
			  " ORDER BY a.name COLLATE NOCASE",
			  &s, e))
		return false;
	for (;;) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		json_array_append_new(list, row_json(&s, p->world));
	}
	request_answer(job, 200, json_incref(json));
	return true;
}

/* ---- what a body says of an account ---- */

static void fault(struct serve_job *job, const char *column, const char *code, const char *id,
		  const char *en)
{
	request_fault(job, &(struct request_fault){ -1, column, code, id, en });
}

static bool role_exists(struct serve_job *job, const char *role)
{
	const struct web *web = request_of(job)->web;

	if (access_role_exists(web->access, web->hub, role))
		return true;
	fault(job, "role", "choice", "Peran ini tidak ada di sini.", "There is no such role here.");
	return false;
}

static bool hash_password(struct serve_job *job, const char *login, const char *name, struct err *e)
{
	struct web_request *r = request_of(job);
	const char *password =
		request_text(job, &(struct request_text){ "password", 1, PASSWORD_BYTES_MAX });
	const struct password_fault *weak =
		password == NULL ? NULL : password_weak(password, login, name);

	if (weak != NULL)
		fault(job, "password", weak->code, weak->id, weak->en);
	return request_valid(job, e) && password_make(&r->web->passwords, password, r->stored, e);
}

/* Whoever has no right to it makes nobody compute. */
static bool admitted(struct party *p, struct serve_job *job, struct err *e)
{
	bool ok;

	party_lock(p);
	ok = job->door->admit(p, job, e);
	party_unlock(p);
	return ok && may_manage(request_of(job), e);
}

static bool add_prepare(struct party *p, struct serve_job *job, struct err *e)
{
	const char *login, *name;

	if (!admitted(p, job, e))
		return false;
	login = request_text(job, &(struct request_text){ "login", 1, ACCOUNT_LOGIN_BYTES });
	name = request_text(job, &(struct request_text){ "name", 1, LIMIT_NAME_BYTES });
	return hash_password(job, login == NULL ? "" : login, name == NULL ? "" : name, e);
}

static void take(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text == NULL ? "" : text);
}

static bool add_write(struct party *p, struct serve_job *job, struct err *e)
{
	struct web_request *r = request_of(job);
	const char *role =
		request_text(job, &(struct request_text){ "role", 1, ACCOUNT_ROLE_BYTES });
	struct account a = { .language = "id" };
	const char *language =
		request_text(job, &(struct request_text){ "language", 0, LIMIT_LANGUAGE_BYTES });

	take(a.login, sizeof(a.login), json_text_or_empty(r->body, "login"));
	take(a.name, sizeof(a.name), json_text_or_empty(r->body, "name"));
	take(a.role, sizeof(a.role), role);
	take(a.org_id, sizeof(a.org_id),
	     request_text(job, &(struct request_text){ "org_id", 0, LIMIT_NAME_BYTES }));
	if (language != NULL)
		take(a.language, sizeof(a.language), language);
	if (!account_login_valid(a.login))
		fault(job, "login", "characters", "Hanya huruf, angka, titik, - dan _.",
		      "Letters, digits, dot, - and _ only.");
	if (role != NULL)
		role_exists(job, role);
	if (!request_valid(job, e) || !account_add(p->db, p->world, &a, r->stored, e))
		return false;
	request_result(job, 201, account_json(&a));
	return true;
}

/* ---- PATCH /api/accounts/ID ---- */

static bool change_prepare(struct party *p, struct serve_job *job, struct err *e)
{
	if (json_object_get(request_of(job)->body, "password") == NULL)
		return true;
	return admitted(p, job, e) && hash_password(job, "", "", e);
}

/* Is there another enabled account that may manage? */
static bool another_manager(struct party *p, struct web *web, const char *id, bool *ret,
			    struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	*ret = false;
	if (!db_statement(
		    p->db,
		    "SELECT DISTINCT role FROM simpul_account WHERE id <> ?1 AND disabled = 0", &s,
		    e))
		return false;
	stmt_text(&s, 1, id);
	while (!*ret) {
		struct access access;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		access_open(web->access, web->hub, stmt_get_text(&s, 0), &access);
		*ret = access_may(&access, "manage");
	}
	return true;
}

static bool name_taken(struct party *p, const struct account *a, bool *ret, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(
		    p->db,
		    "SELECT 1 FROM simpul_account WHERE name = ?1 COLLATE NOCASE AND id <> ?2", &s,
		    e))
		return false;
	stmt_text(&s, 1, a->name);
	stmt_text(&s, 2, a->id);
	return stmt_row(&s, ret, e);
}

static bool account_put(struct party *p, const struct account *a, struct err *e)
{
	AUTO_RESET s = { 0 };
	AUTO_RESET ends = { 0 };

	if (!db_statement(p->db,
			  "UPDATE simpul_account SET name = ?2, role = ?3, org_id = nullif(?4, ''),"
			  " disabled = ?5 WHERE id = ?1",
			  &s, e))
		return false;
	stmt_text(&s, 1, a->id);
	stmt_text(&s, 2, a->name);
	stmt_text(&s, 3, a->role);
	stmt_text(&s, 4, a->org_id);
	stmt_int(&s, 5, a->disabled);
	if (!stmt_done(&s, e))
		return false;
	if (!a->disabled)
		return true;
	if (!db_statement(p->db, "DELETE FROM simpul_session WHERE account = ?1", &ends, e))
		return false;
	stmt_text(&ends, 1, a->id);
	return stmt_done(&ends, e);
}

static void read_changes(struct serve_job *job, struct account *a)
{
	const json_t *body = request_of(job)->body, *disabled = json_object_get(body, "disabled");
	const char *text;

	if (json_object_get(body, "name") != NULL &&
	    (text = request_text(job, &(struct request_text){ "name", 1, LIMIT_NAME_BYTES })) !=
		    NULL)
		take(a->name, sizeof(a->name), text);
	if (json_object_get(body, "role") != NULL &&
	    (text = request_text(job, &(struct request_text){ "role", 1, ACCOUNT_ROLE_BYTES })) !=
		    NULL &&
	    role_exists(job, text))
		take(a->role, sizeof(a->role), text);
	if (json_object_get(body, "org_id") != NULL)
		take(a->org_id, sizeof(a->org_id),
		     request_text(job, &(struct request_text){ "org_id", 0, LIMIT_NAME_BYTES }));
	if (disabled != NULL && !json_is_boolean(disabled))
		fault(job, "disabled", "type", "Harus true atau false.", "Must be true or false.");
	else if (disabled != NULL)
		a->disabled = json_is_true(disabled);
}

static bool change_write(struct party *p, struct serve_job *job, struct err *e)
{
	struct web_request *r = request_of(job);
	struct access then;
	bool found, other, taken;
	struct account a;

	if (!account_by_id(p->db, request_rest(job), &a, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "there is no such account");
	read_changes(job, &a);
	if (!request_valid(job, e) || !name_taken(p, &a, &taken, e) ||
	    !another_manager(p, r->web, a.id, &other, e))
		return false;
	if (taken)
		return err_set(e, ERR_EXISTS, "another account has the name %s", a.name);
	access_open(r->web->access, r->web->hub, a.role, &then);
	if (!other && (a.disabled || !access_may(&then, "manage")))
		return err_set(e, ERR_NO_RIGHT, "this is the last account that may manage others");
	if (!account_put(p, &a, e) ||
	    (r->stored[0] != '\0' && !account_set_password(p->db, a.id, r->stored, NULL, e)))
		return false;
	request_result(job, 200, account_json(&a));
	return true;
}

const struct serve_route accounts_routes[] = {
	{ "GET", "/api/accounts", .begin = manage_begin, .finish = list_finish },
	{ "POST", "/api/accounts", .writes = true, .prepare = add_prepare, .begin = manage_begin,
	  .write = add_write, .finish = request_finish },
	{ "PATCH", "/api/accounts/*", .writes = true, .prepare = change_prepare,
	  .begin = manage_begin, .write = change_write, .finish = request_finish },
	{ .path = NULL },
};
