/*
 * tokens.c - /api/tokens: personal access tokens, for programs that act for a person.
 *
 * The secret is shown once; the file keeps its hash.  What a token may is what its own role may and
 * its account's role may, too, at the time it is used.  Tokens are made by whoever is signed in,
 * never by a token.
 */
#include <stdio.h>
#include <string.h>

#include "web/routes.h"
#include "web/session.h"

#define DAYS_MAX   366
#define TOKENS_MAX 50
#define DAY_MS	   86400000ull

static bool session_only(struct party *p, struct serve_job *job, struct err *e)
{
	(void)p;
	return !request_of(job)->by_token ||
	       err_set(e, ERR_NO_RIGHT,
		       "tokens are managed by whoever is signed in, not by a token");
}

static bool list_finish(struct party *p, struct serve_job *job, struct err *e)
{
	json_t *list = json_array();
	AUTO_JSON json = json_pack("{s:o}", "tokens", list);
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(p->db,
			  "SELECT id, name, role, created_ms, expires_ms FROM simpul_token"
			  " WHERE account = ?1 ORDER BY created_ms",
			  &s, e))
		return false;
	stmt_text(&s, 1, request_of(job)->who.id);
	for (;;) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		json_array_append_new(
			list, json_pack("{s:s,s:s,s:s,s:o,s:o}", "id", stmt_get_text(&s, 0), "name",
					stmt_get_text(&s, 1), "role", stmt_get_text(&s, 2),
					"created", request_time((uint64_t)stmt_get_int(&s, 3)),
					"expires", request_time((uint64_t)stmt_get_int(&s, 4))));
	}
	request_answer(job, 200, json_incref(json));
	return true;
}

static bool room(struct party *p, const char *account, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(p->db, "SELECT count(*) FROM simpul_token WHERE account = ?1", &s, e))
		return false;
	stmt_text(&s, 1, account);
	if (!stmt_row(&s, &row, e))
		return false;
	return stmt_get_int(&s, 0) < TOKENS_MAX ||
	       err_set(e, ERR_TOO_LARGE, "more than %d tokens", TOKENS_MAX);
}

struct fresh {
	char id[REQUEST_UUID_SIZE];
	char secret[64];
	const char *name, *role;
	uint64_t expires_ms;
};

static bool insert(struct party *p, const char *account, const struct fresh *t, struct err *e)
{
	AUTO_RESET s = { 0 };
	struct hash hash;

	if (!db_statement(p->db,
			  "INSERT INTO simpul_token(id, hash, account, name, role, created_ms, "
			  "expires_ms)"
			  " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
			  &s, e))
		return false;
	crypto_sha256(t->secret, strlen(t->secret), &hash);
	stmt_text(&s, 1, t->id);
	stmt_blob(&s, 2, hash.bytes, sizeof(hash.bytes));
	stmt_text(&s, 3, account);
	stmt_text(&s, 4, t->name);
	stmt_text(&s, 5, t->role);
	stmt_int(&s, 6, (int64_t)world_now_ms(p->world));
	stmt_int(&s, 7, (int64_t)t->expires_ms);
	return stmt_done(&s, e);
}

static bool add_write(struct party *p, struct serve_job *job, struct err *e)
{
	struct web_request *r = request_of(job);
	const json_t *days = json_object_get(r->body, "days");
	struct fresh t = { 0 };

	t.name = request_text(job, &(struct request_text){ "name", 1, LIMIT_NAME_BYTES });
	t.role = request_text(job, &(struct request_text){ "role", 0, ACCOUNT_ROLE_BYTES });
	if (t.role == NULL)
		t.role = r->who.role;
	if (!access_role_exists(r->web->access, r->web->hub, t.role))
		request_fault(job, &(struct request_fault){ -1, "role", "choice",
							    "Peran ini tidak ada di sini.",
							    "There is no such role here." });
	if (!json_is_integer(days) || json_integer_value(days) < 1 ||
	    json_integer_value(days) > DAYS_MAX)
		request_fault(job, &(struct request_fault){ -1, "days", "range",
							    "Antara 1 dan 366 hari.",
							    "From 1 to 366 days." });
	if (!request_valid(job, e) || !room(p, r->who.id, e))
		return false;
	t.expires_ms = world_now_ms(p->world) + (uint64_t)json_integer_value(days) * DAY_MS;
	request_uuid(p->world, t.id);
	memcpy(t.secret, SESSION_PAT, strlen(SESSION_PAT));
	session_secret(p->world, t.secret + strlen(SESSION_PAT), 45);
	if (!insert(p, r->who.id, &t, e))
		return false;
	request_result(job, 201,
		       json_pack("{s:s,s:s,s:s,s:s,s:o}", "id", t.id, "secret", t.secret, "name",
				 t.name, "role", t.role, "expires", request_time(t.expires_ms)));
	return true;
}

static bool remove_write(struct party *p, struct serve_job *job, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(p->db, "DELETE FROM simpul_token WHERE id = ?1 AND account = ?2", &s, e))
		return false;
	stmt_text(&s, 1, request_rest(job));
	stmt_text(&s, 2, request_of(job)->who.id);
	if (!stmt_done(&s, e))
		return false;
	return db_changed_rows(p->db) > 0 ||
	       err_set(e, ERR_NOT_FOUND, "there is no such token of yours");
}

const struct serve_route tokens_routes[] = {
	{ "GET", "/api/tokens", .begin = session_only, .finish = list_finish },
	{ "POST", "/api/tokens", .writes = true, .begin = session_only, .write = add_write,
	  .finish = request_finish },
	{ "DELETE", "/api/tokens/*", .writes = true, .begin = session_only, .write = remove_write,
	  .finish = request_finish },
	{ .path = NULL },
};
