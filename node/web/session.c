/* session.c - /api/session and /api/setup. */
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "simpul/invitation.h"
#include "store/tables.h"
#include "web/routes.h"
#include "web/session.h"

#define COOKIE	      "__Host-simpul"
#define SECRET_BYTES  32
#define SECRET_SIZE   (BASE64_LEN(SECRET_BYTES) + 1)
#define CODE_FAILURES 10

void session_secret(const struct world *world, char *out, size_t size)
{
	uint8_t bytes[64];
	size_t n = (size - 1) / 4 * 3;

	world_random(world, bytes, n);
	out[base64_encode(BASE64_URL, bytes, n, out)] = '\0';
	crypto_wipe(bytes, sizeof(bytes));
}

/* The value of our cookie; false if there is none of the right length. */
static bool cookie_value(const struct http_request *request, char out[SECRET_SIZE])
{
	const char *at = http_request_header(request, "Cookie");

	for (; at != NULL; at = strchr(at, ';')) {
		const char *end;

		at += strspn(at, "; ");
		if (strncmp(at, COOKIE "=", strlen(COOKIE) + 1) != 0)
			continue;
		at += strlen(COOKIE) + 1;
		end = at + strcspn(at, "; ");
		if ((size_t)(end - at) >= SECRET_SIZE)
			return false;
		snprintf(out, SECRET_SIZE, "%.*s", (int)(end - at), at);
		return true;
	}
	return false;
}

static bool touch(struct party *p, const struct hash *session, uint64_t now_ms, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(p->db, "UPDATE simpul_session SET used_ms = ?2 WHERE hash = ?1", &s, e))
		return false;
	stmt_blob(&s, 1, session->bytes, sizeof(session->bytes));
	stmt_int(&s, 2, (int64_t)now_ms);
	return stmt_done(&s, e);
}

static bool by_cookie(struct party *p, struct serve_job *job, struct err *e)
{
	struct web_request *r = request_of(job);
	uint64_t now_ms = world_now_ms(p->world), used_ms;
	char secret[SECRET_SIZE];
	AUTO_RESET s = { 0 };
	struct hash hash;
	bool row;

	if (!cookie_value(job->request, secret))
		return true;
	crypto_sha256(secret, strlen(secret), &hash);
	if (!db_statement(p->db,
			  "SELECT " ACCOUNT_COLUMNS ", s.csrf, s.used_ms FROM simpul_session s"
			  " JOIN simpul_account a ON a.id = s.account WHERE s.hash = ?1"
			  " AND s.used_ms > ?2 AND s.created_ms > ?3 AND a.disabled = 0",
			  &s, e))
		return false;
	stmt_blob(&s, 1, hash.bytes, sizeof(hash.bytes));
	stmt_int(&s, 2, (int64_t)now_ms - (int64_t)SESSION_IDLE_MS);
	stmt_int(&s, 3, (int64_t)now_ms - (int64_t)SESSION_MS);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return true;
	account_read(&s, 0, &r->who);
	snprintf(r->csrf, sizeof(r->csrf), "%s", stmt_get_text(&s, 9));
	used_ms = (uint64_t)stmt_get_int(&s, 10);
	r->session = hash;
	stmt_reset(&s);
	return now_ms < used_ms + SESSION_TOUCH_MS || touch(p, &hash, now_ms, e);
}

static bool by_bearer(struct party *p, struct serve_job *job, const char *secret, struct err *e)
{
	struct web_request *r = request_of(job);
	AUTO_RESET s = { 0 };
	struct hash hash;
	bool row;

	crypto_sha256(secret, strlen(secret), &hash);
	if (!db_statement(p->db,
			  "SELECT " ACCOUNT_COLUMNS
			  ", t.role FROM simpul_token t JOIN simpul_account a"
			  " ON a.id = t.account WHERE t.hash = ?1 AND t.expires_ms > ?2"
			  " AND a.disabled = 0",
			  &s, e))
		return false;
	stmt_blob(&s, 1, hash.bytes, sizeof(hash.bytes));
	stmt_int(&s, 2, (int64_t)world_now_ms(p->world));
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_LOGIN, "the token is unknown, has expired or was taken back");
	account_read(&s, 0, &r->who);
	snprintf(r->token_role, sizeof(r->token_role), "%s", stmt_get_text(&s, 9));
	r->by_token = true;
	return true;
}

bool session_find(struct party *p, struct serve_job *job, struct err *e)
{
	const char *field = http_request_header(job->request, "Authorization");

	if (field == NULL)
		return by_cookie(p, job, e);
	if (strncmp(field, "Bearer " SESSION_PAT, strlen("Bearer " SESSION_PAT)) != 0)
		return err_set(e, ERR_LOGIN, "the field Authorization holds no token of ours");
	return by_bearer(p, job, field + strlen("Bearer "), e);
}

/* What has ended goes, and so does the oldest of too many. */
static bool sweep(struct party *p, const char *account, uint64_t now_ms, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(
		    p->db,
		    "DELETE FROM simpul_session WHERE used_ms <= ?2 OR created_ms <= ?3 OR hash IN"
		    " (SELECT hash FROM simpul_session WHERE account = ?1"
		    " ORDER BY used_ms DESC LIMIT -1 OFFSET ?4)",
		    &s, e))
		return false;
	stmt_text(&s, 1, account);
	stmt_int(&s, 2, (int64_t)now_ms - (int64_t)SESSION_IDLE_MS);
	stmt_int(&s, 3, (int64_t)now_ms - (int64_t)SESSION_MS);
	stmt_int(&s, 4, SESSION_PER_ACCOUNT - 1);
	return stmt_done(&s, e);
}

static bool session_end(struct party *p, const struct hash *hash, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(p->db, "DELETE FROM simpul_session WHERE hash = ?1", &s, e))
		return false;
	stmt_blob(&s, 1, hash->bytes, sizeof(hash->bytes));
	return stmt_done(&s, e);
}

static void cookie_put(struct serve_job *job, const char *secret, unsigned seconds)
{
	char field[SECRET_SIZE + 128];

	snprintf(field, sizeof(field),
		 COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=%u", secret,
		 seconds);
	http_fields_put(&job->response->fields, "Set-Cookie", field);
}

bool session_start(struct party *p, struct serve_job *job, const struct account *account,
		   struct err *e)
{
	struct web_request *r = request_of(job);
	uint64_t now_ms = world_now_ms(p->world);
	char secret[SECRET_SIZE], csrf[CSRF_SIZE];
	AUTO_RESET s = { 0 };
	struct hash hash;

	if ((r->csrf[0] != '\0' && !session_end(p, &r->session, e)) ||
	    !sweep(p, account->id, now_ms, e) ||
	    !db_statement(p->db,
			  "INSERT INTO simpul_session(hash, account, csrf, created_ms, used_ms)"
			  " VALUES(?1, ?2, ?3, ?4, ?4)",
			  &s, e))
		return false;
	session_secret(p->world, secret, sizeof(secret));
	session_secret(p->world, csrf, sizeof(csrf));
	crypto_sha256(secret, strlen(secret), &hash);
	stmt_blob(&s, 1, hash.bytes, sizeof(hash.bytes));
	stmt_text(&s, 2, account->id);
	stmt_text(&s, 3, csrf);
	stmt_int(&s, 4, (int64_t)now_ms);
	if (!stmt_done(&s, e))
		return false;
	cookie_put(job, secret, (unsigned)(SESSION_MS / 1000));
	r->who = *account;
	r->session = hash;
	snprintf(r->csrf, sizeof(r->csrf), "%s", csrf);
	return true;
}

static bool scope_of(struct party *p, json_t **ret, struct err *e)
{
	char scope[LIMIT_SCOPE_BYTES + 1];
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(
		    p->db,
		    "SELECT scope FROM simpul_chain WHERE own = 1 AND scope <> '" SCOPE_NATIONAL
		    "' ORDER BY no DESC LIMIT 1",
		    &s, e) ||
	    !stmt_row(&s, &row, e))
		return false;
	if (row)
		snprintf(scope, sizeof(scope), "%s", stmt_get_text(&s, 0));
	stmt_reset(&s);
	if (!row && !meta_get_text(p->db, "scope", scope, sizeof(scope), e))
		return false;
	*ret = scope[0] == '\0' ? json_null() : json_string(scope);
	return true;
}

bool session_describe(struct party *p, struct serve_job *job, json_t **ret, struct err *e)
{
	const struct web_request *r = request_of(job);
	const struct web *web = r->web;
	char words[INVITATION_WORDS_SIZE];
	json_t *scope, *node;
	int64_t accounts;

	if (!account_count(p->db, &accounts, e) || !scope_of(p, &scope, e))
		return false;
	invitation_words(&p->key, words);
	node = json_pack("{s:s,s:b,s:o,s:s,s:o,s:s}", "name", p->name, "hub", web->hub, "scope",
			 scope, "words", words, "workspace",
			 web->workspace.name[0] == '\0' ? json_null()
							: json_string(web->workspace.name),
			 "version", web->version);
	*ret = json_pack("{s:o,s:o,s:b,s:o}", "user",
			 r->who.id[0] == '\0' ? json_null() : account_json(&r->who), "csrf",
			 r->csrf[0] == '\0' ? json_null() : json_string(r->csrf), "setup",
			 accounts == 0, "node", node);
	return true;
}

static bool show_finish(struct party *p, struct serve_job *job, struct err *e)
{
	json_t *json;

	if (!session_describe(p, job, &json, e))
		return false;
	request_answer(job, 200, json);
	return true;
}

/* ---- signing in ---- */

static bool locked(const struct account *account, uint64_t now_ms, struct serve_job *job,
		   struct err *e)
{
	char seconds[24];

	if (account->locked_until_ms <= now_ms)
		return false;
	snprintf(seconds, sizeof(seconds), "%llu",
		 (unsigned long long)(account->locked_until_ms - now_ms + 999) / 1000);
	http_fields_put(&job->response->fields, "Retry-After", seconds);
	err_set(e, ERR_LOCKED, "too many wrong passwords for this account; again in %s s", seconds);
	return true;
}

/* A login that nobody has costs as much time as a wrong password. */
static bool login_prepare(struct party *p, struct serve_job *job, struct err *e)
{
	struct web_request *r = request_of(job);
	const char *login, *password;
	char stored[PASSWORD_SIZE] = "", lower[ACCOUNT_LOGIN_BYTES + 1];
	struct account account = { 0 };
	bool found = false, ok;

	login = request_text(job, &(struct request_text){ "login", 1, ACCOUNT_LOGIN_BYTES });
	password = request_text(job, &(struct request_text){ "password", 1, PASSWORD_BYTES_MAX });
	if (!request_valid(job, e))
		return false;
	snprintf(lower, sizeof(lower), "%s", login);
	if (account_login_valid(lower)) {
		party_lock(p);
		ok = account_by_login(p->db, lower, &account, stored, &found, e);
		party_unlock(p);
		if (!ok || (found && locked(&account, world_now_ms(p->world), job, e)))
			return false;
	}
	if (!password_check(&r->web->passwords, stored, password, &r->right, e))
		return false;
	snprintf(r->account, sizeof(r->account), "%s", found ? account.id : "");
	crypto_wipe(stored, sizeof(stored));
	return true;
}

static bool login_write(struct party *p, struct serve_job *job, struct err *e)
{
	struct web_request *r = request_of(job);
	uint64_t now_ms = world_now_ms(p->world);
	struct account account;
	bool found;
	json_t *json;

	if (!account_by_id(p->db, r->account, &account, &found, e))
		return false;
	/* Many may have been tried at once before the first of them was counted. */
	if (found && locked(&account, now_ms, job, e))
		return false;
	if (!found || !r->right || account.disabled) {
		err_set(&r->failure, ERR_LOGIN, "login or password is wrong");
		return !found || r->right || account_failed(p->db, &account, now_ms, e);
	}
	if (!account_succeeded(p->db, &account, e) || !session_start(p, job, &account, e) ||
	    !session_describe(p, job, &json, e))
		return false;
	request_result(job, 200, json);
	return true;
}

static bool logout_write(struct party *p, struct serve_job *job, struct err *e)
{
	struct web_request *r = request_of(job);

	cookie_put(job, "", 0);
	return r->csrf[0] == '\0' || session_end(p, &r->session, e);
}

/* ---- one's own settings ---- */

static bool change_prepare(struct party *p, struct serve_job *job, struct err *e)
{
	struct web_request *r = request_of(job);
	const struct password_fault *weak;
	const char *fresh, *old;
	char stored[PASSWORD_SIZE];
	struct account account;
	bool found, ok;

	if (json_object_get(r->body, "password") == NULL)
		return true;
	old = request_text(job, &(struct request_text){ "old_password", 1, PASSWORD_BYTES_MAX });
	fresh = request_text(job, &(struct request_text){ "password", 1, PASSWORD_BYTES_MAX });
	if (!request_valid(job, e))
		return false;
	party_lock(p);
	ok = session_find(p, job, e) &&
	     account_by_login(p->db, r->who.login, &account, stored, &found, e);
	party_unlock(p);
	if (!ok)
		return false;
	if (!found || r->by_token)
		return err_set(e, ERR_LOGIN,
			       "a password is changed by whoever is signed in with it");
	if (locked(&account, world_now_ms(p->world), job, e) ||
	    !password_check(&r->web->passwords, stored, old, &r->right, e))
		return false;
	snprintf(r->account, sizeof(r->account), "%s", account.id);
	weak = password_weak(fresh, account.login, account.name);
	if (weak != NULL)
		request_fault(job, &(struct request_fault){ -1, "password", weak->code, weak->id,
							    weak->en });
	return request_valid(job, e) && password_make(&r->web->passwords, fresh, r->stored, e);
}

static bool set_language(struct party *p, const char *id, const char *language, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(p->db, "UPDATE simpul_account SET language = ?2 WHERE id = ?1", &s, e))
		return false;
	stmt_text(&s, 1, id);
	stmt_text(&s, 2, language);
	return stmt_done(&s, e);
}

static bool change_write(struct party *p, struct serve_job *job, struct err *e)
{
	struct web_request *r = request_of(job);
	const char *language =
		request_text(job, &(struct request_text){ "language", 0, LIMIT_LANGUAGE_BYTES });
	json_t *json;

	if (!request_valid(job, e))
		return false;
	if (r->stored[0] != '\0' && !r->right) {
		err_set(&r->failure, ERR_LOGIN, "the old password is wrong");
		return account_failed(p->db, &r->who, world_now_ms(p->world), e);
	}
	if ((language != NULL && !set_language(p, r->who.id, language, e)) ||
	    (r->stored[0] != '\0' &&
	     !account_set_password(p->db, r->who.id, r->stored, &r->session, e)))
		return false;
	if (language != NULL)
		snprintf(r->who.language, sizeof(r->who.language), "%s", language);
	if (!session_describe(p, job, &json, e))
		return false;
	request_result(job, 200, json);
	return true;
}

/* ---- the first account ---- */

static bool code_right(struct web *web, const char *code, struct err *e)
{
	bool right;

	if (web->code[0] == '\0')
		return err_set(e, ERR_EXISTS,
			       "this node has accounts; sign in, or ask whoever may make one");
	right = strlen(code) == strlen(web->code) && crypto_equal(code, web->code, strlen(code));
	if (right)
		return true;
	if (++web->code_failures >= CODE_FAILURES) {
		web->code_failures = 0;
		session_secret(web->party->world, web->code, sizeof(web->code));
		return err_set(e, ERR_LOCKED,
			       "too many wrong setup codes: a new one is shown at the next start");
	}
	return err_set(e, ERR_LOGIN,
		       "the setup code is wrong; it is in the address that simpul run shows");
}

static bool setup_prepare(struct party *p, struct serve_job *job, struct err *e)
{
	struct web_request *r = request_of(job);
	const char *code = request_text(job, &(struct request_text){ "code", 1, 64 });
	const char *login =
		request_text(job, &(struct request_text){ "login", 1, ACCOUNT_LOGIN_BYTES });
	const char *name = request_text(job, &(struct request_text){ "name", 1, LIMIT_NAME_BYTES });
	const char *password =
		request_text(job, &(struct request_text){ "password", 1, PASSWORD_BYTES_MAX });
	const struct password_fault *weak;
	bool ok;

	if (code != NULL) {
		party_lock(p);
		ok = code_right(r->web, code, e);
		party_unlock(p);
		if (!ok)
			return false;
	}
	if (!request_valid(job, e))
		return false;
	weak = password_weak(password, login, name);
	if (weak != NULL)
		request_fault(job, &(struct request_fault){ -1, "password", weak->code, weak->id,
							    weak->en });
	return request_valid(job, e) && password_make(&r->web->passwords, password, r->stored, e);
}

static bool setup_write(struct party *p, struct serve_job *job, struct err *e)
{
	struct web_request *r = request_of(job);
	struct web *web = r->web;
	struct account account = { .language = "id" };
	int64_t accounts;
	json_t *json;

	if (!account_count(p->db, &accounts, e))
		return false;
	if (accounts > 0)
		return err_set(e, ERR_EXISTS, "this node has an account by now");
	snprintf(account.login, sizeof(account.login), "%s", json_text_or_empty(r->body, "login"));
	snprintf(account.name, sizeof(account.name), "%s", json_text_or_empty(r->body, "name"));
	snprintf(account.role, sizeof(account.role), "%s",
		 access_first_role(web->access, web->hub));
	if (!account_login_valid(account.login))
		request_fault(job,
			      &(struct request_fault){ -1, "login", "characters",
						       "Hanya huruf, angka, titik, - dan _.",
						       "Letters, digits, dot, - and _ only." });
	if (!request_valid(job, e) || !account_add(p->db, p->world, &account, r->stored, e) ||
	    !session_start(p, job, &account, e) || !session_describe(p, job, &json, e))
		return false;
	request_result(job, 201, json);
	return true;
}

/* The code is used up once the account is on disk, not before. */
static bool setup_finish(struct party *p, struct serve_job *job, struct err *e)
{
	request_of(job)->web->code[0] = '\0';
	return request_finish(p, job, e);
}

const struct serve_route session_routes[] = {
	{ "GET", "/api/session", .open = true, .finish = show_finish },
	{ "POST", "/api/session", .open = true, .writes = true, .prepare = login_prepare,
	  .write = login_write, .finish = request_finish },
	{ "DELETE", "/api/session", .writes = true, .write = logout_write,
	  .finish = request_finish },
	{ "PATCH", "/api/session", .writes = true, .prepare = change_prepare, .write = change_write,
	  .finish = request_finish },
	{ "POST", "/api/setup", .open = true, .writes = true, .prepare = setup_prepare,
	  .write = setup_write, .finish = setup_finish },
	{ .path = NULL },
};
