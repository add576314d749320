/* account.c - simpul_account. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "simpul/ident.h"
#include "web/account.h"
#include "web/request.h"

static void copy(struct stmt *s, int at, char *to, size_t size)
{
	snprintf(to, size, "%s", stmt_get_text(s, at));
}

void account_read(struct stmt *s, int at, struct account *ret)
{
	*ret = (struct account){ .disabled = stmt_get_int(s, at + 6) != 0,
				 .locked_until_ms = (uint64_t)stmt_get_int(s, at + 7),
				 .failures = (int)stmt_get_int(s, at + 8) };
	copy(s, at, ret->id, sizeof(ret->id));
	copy(s, at + 1, ret->login, sizeof(ret->login));
	copy(s, at + 2, ret->name, sizeof(ret->name));
	copy(s, at + 3, ret->role, sizeof(ret->role));
	copy(s, at + 4, ret->org_id, sizeof(ret->org_id));
	copy(s, at + 5, ret->language, sizeof(ret->language));
}

#define FIND "SELECT " ACCOUNT_COLUMNS ", a.password FROM simpul_account a WHERE "

static bool find(struct stmt *s, struct account *ret, char ret_stored[PASSWORD_SIZE],
		 bool *ret_found, struct err *e)
{
	if (!stmt_row(s, ret_found, e))
		return false;
	if (ret_stored != NULL)
		ret_stored[0] = '\0';
	if (!*ret_found)
		return true;
	account_read(s, 0, ret);
	if (ret_stored != NULL)
		copy(s, 9, ret_stored, PASSWORD_SIZE);
	return true;
}

bool account_by_login(struct db *db, const char *login, struct account *ret,
		      char ret_stored[PASSWORD_SIZE], bool *ret_found, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, FIND "a.login = ?1", &s, e))
		return false;
	stmt_text(&s, 1, login);
	return find(&s, ret, ret_stored, ret_found, e);
}

bool account_by_id(struct db *db, const char *id, struct account *ret, bool *ret_found,
		   struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, FIND "a.id = ?1", &s, e))
		return false;
	stmt_text(&s, 1, id);
	return find(&s, ret, NULL, ret_found, e);
}

bool account_count(struct db *db, int64_t *ret, struct err *e)
{
	return db_int(db, "SELECT count(*) FROM simpul_account", 0, ret, e);
}

bool account_login_valid(char *login)
{
	for (char *c = login; *c != '\0'; c++) {
		*c = (char)tolower((unsigned char)*c);
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789._@-", *c) == NULL)
			return false;
	}
	return login[0] != '\0' && strlen(login) <= ACCOUNT_LOGIN_BYTES;
}

bool account_add(struct db *db, const struct world *world, struct account *account,
		 const char *stored, struct err *e)
{
	AUTO_RESET taken = { 0 };
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db,
			  "SELECT login = ?1 FROM simpul_account WHERE login = ?1"
			  " OR name = ?2 COLLATE NOCASE ORDER BY 1 DESC",
			  &taken, e))
		return false;
	stmt_text(&taken, 1, account->login);
	stmt_text(&taken, 2, account->name);
	if (!stmt_row(&taken, &row, e))
		return false;
	if (row)
		return err_set(e, ERR_EXISTS, "there is an account with the %s %s",
			       stmt_get_int(&taken, 0) != 0 ? "login" : "name",
			       stmt_get_int(&taken, 0) != 0 ? account->login : account->name);
	if (!db_statement(
		    db,
		    "INSERT INTO simpul_account(id, login, name, role, org_id, language, password,"
		    " created_ms) VALUES(?1, ?2, ?3, ?4, nullif(?5, ''), ?6, ?7, ?8)",
		    &s, e))
		return false;
	request_uuid(world, account->id);
	stmt_text(&s, 1, account->id);
	stmt_text(&s, 2, account->login);
	stmt_text(&s, 3, account->name);
	stmt_text(&s, 4, account->role);
	stmt_text(&s, 5, account->org_id);
	stmt_text(&s, 6, account->language);
	stmt_text(&s, 7, stored);
	stmt_int(&s, 8, (int64_t)world_now_ms(world));
	return stmt_done(&s, e);
}

bool account_failed(struct db *db, const struct account *account, uint64_t now_ms, struct err *e)
{
	AUTO_RESET s = { 0 };

	/* Counted from what the row says now: several guesses may be under way. */
	if (!db_statement(
		    db,
		    "UPDATE simpul_account SET failures = failures + 1, locked_until_ms = CASE WHEN"
		    " failures + 1 < ?2 THEN locked_until_ms ELSE"
		    " ?3 + min(?4 << min(failures + 1 - ?2, 10), ?5) END WHERE id = ?1",
		    &s, e))
		return false;
	stmt_text(&s, 1, account->id);
	stmt_int(&s, 2, ACCOUNT_FAILURES);
	stmt_int(&s, 3, (int64_t)now_ms);
	stmt_int(&s, 4, ACCOUNT_LOCK_MS);
	stmt_int(&s, 5, ACCOUNT_LOCK_MS_MAX);
	return stmt_done(&s, e);
}

bool account_succeeded(struct db *db, const struct account *account, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(
		    db, "UPDATE simpul_account SET failures = 0, locked_until_ms = 0 WHERE id = ?1",
		    &s, e))
		return false;
	stmt_text(&s, 1, account->id);
	return stmt_done(&s, e);
}

bool account_set_password(struct db *db, const char *id, const char *stored,
			  const struct hash *keep, struct err *e)
{
	AUTO_RESET s = { 0 };
	AUTO_RESET ends = { 0 };

	if (!db_statement(
		    db,
		    "UPDATE simpul_account SET password = ?2, failures = 0, locked_until_ms = 0"
		    " WHERE id = ?1",
		    &s, e))
		return false;
	stmt_text(&s, 1, id);
	stmt_text(&s, 2, stored);
	if (!stmt_done(&s, e) ||
	    !db_statement(db, "DELETE FROM simpul_session WHERE account = ?1 AND hash IS NOT ?2",
			  &ends, e))
		return false;
	stmt_text(&ends, 1, id);
	keep == NULL ? stmt_null(&ends, 2) : stmt_blob(&ends, 2, keep->bytes, sizeof(keep->bytes));
	return stmt_done(&ends, e);
}

json_t *account_json(const struct account *account)
{
	json_t *org = account->org_id[0] == '\0' ? json_null() : json_string(account->org_id);

	return json_pack("{s:s,s:s,s:s,s:s,s:o,s:s}", "id", account->id, "login", account->login,
			 "name", account->name, "role", account->role, "org_id", org, "language",
			 account->language);
}
