/*
 * account.h - the people who use this node by the web: local to its file, never replicated.
 *
 * An account's name is what its writes are marked with (capture/actor.h), on every node; so no two
 * accounts of a node have the same.  After ACCOUNT_FAILURES wrong passwords it is locked for a
 * minute, and for twice as long after each further one, an hour at most.
 */
#ifndef WEB_ACCOUNT_H
#define WEB_ACCOUNT_H

#include "base/json.h"
#include "store/db.h"
#include "web/password.h"

#define ACCOUNT_ID_SIZE	    37
#define ACCOUNT_LOGIN_BYTES 64
#define ACCOUNT_ROLE_BYTES  64
#define CSRF_SIZE	    33
#define ACCOUNT_FAILURES    5
#define ACCOUNT_LOCK_MS	    60000
#define ACCOUNT_LOCK_MS_MAX 3600000

struct account {
	char id[ACCOUNT_ID_SIZE];
	char login[ACCOUNT_LOGIN_BYTES + 1];
	char name[LIMIT_NAME_BYTES + 1];
	char role[ACCOUNT_ROLE_BYTES + 1];
	char org_id[LIMIT_NAME_BYTES + 1]; /* "": of no organization */
	char language[LIMIT_LANGUAGE_BYTES + 1];
	bool disabled;
	uint64_t locked_until_ms;
	int failures;
};

/* What a query that begins with these columns of simpul_account says; in this order, from column
 * `at` on. */
#define ACCOUNT_COLUMNS                                                                            \
	"a.id, a.login, a.name, a.role, coalesce(a.org_id, ''), a.language, a.disabled,"           \
	" a.locked_until_ms, a.failures"
void account_read(struct stmt *s, int at, struct account *ret);
/* *ret_found; *ret_stored (may be NULL): the password as it is stored. */
MUST_USE bool account_by_login(struct db *db, const char *login, struct account *ret,
			       char ret_stored[PASSWORD_SIZE], bool *ret_found, struct err *e);
MUST_USE bool account_by_id(struct db *db, const char *id, struct account *ret, bool *ret_found,
			    struct err *e);
MUST_USE bool account_count(struct db *db, int64_t *ret, struct err *e);

/* A login is 1..64 of [a-z0-9._@-]: made lower case in place.  False: it is none. */
bool account_login_valid(char *login);
/* Adds it, with this password; fills in its id.  ERR_EXISTS if login or name are taken. */
MUST_USE bool account_add(struct db *db, const struct world *world, struct account *account,
			  const char *stored, struct err *e);
/* A wrong or a right password was given. */
MUST_USE bool account_failed(struct db *db, const struct account *account, uint64_t now_ms,
			     struct err *e);
MUST_USE bool account_succeeded(struct db *db, const struct account *account, struct err *e);
/* A new password; lockouts end, and so do all sessions but `keep` (NULL: none). */
struct hash;
MUST_USE bool account_set_password(struct db *db, const char *id, const char *stored,
				   const struct hash *keep, struct err *e);
/* {id, login, name, role, org_id, language} */
json_t *account_json(const struct account *account);

#endif
