/* script.c - the fence is SQLite's authorizer: it sees what a statement would do before it does it. */
#include <stdio.h>
#include <string.h>

#include "store/script.h"

static bool ours(const char *name)
{
	return name != NULL && sqlite3_strnicmp(name, "simpul_", 7) == 0;
}

/* Harmless in a transaction, and usual in scripts that rebuild a table. */
static bool pragma_allowed(const char *name, const char *value)
{
	return value == NULL || sqlite3_stricmp(name, "foreign_keys") == 0 ||
	       sqlite3_stricmp(name, "defer_foreign_keys") == 0 ||
	       sqlite3_strnicmp(name, "foreign_key_", 12) == 0 || sqlite3_strnicmp(name, "table_", 6) == 0 ||
	       sqlite3_strnicmp(name, "index_", 6) == 0;
}

/* Our triggers may go with their table: they come back.  What they write is theirs. */
static int authorize(void *state, int action, const char *a, const char *b, const char *database,
		     const char *by)
{
	struct script *s = state;
	bool allowed;

	(void)database;
	switch (action) {
	case SQLITE_TRANSACTION:
	case SQLITE_SAVEPOINT:
		s->denied = "leave out BEGIN and COMMIT: all of it is one transaction";
		return SQLITE_DENY;
	case SQLITE_ATTACH:
	case SQLITE_DETACH:
		s->denied = "it concerns this file only: no ATTACH or DETACH";
		return SQLITE_DENY;
	case SQLITE_PRAGMA:
		if (pragma_allowed(a, b))
			return SQLITE_OK;
		s->denied = "a PRAGMA that sets something cannot run here";
		return SQLITE_DENY;
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
	case SQLITE_DROP_TABLE:
	case SQLITE_CREATE_TABLE:
	case SQLITE_CREATE_TRIGGER:
		allowed = ours(by) || !ours(a);
		break;
	case SQLITE_ALTER_TABLE:
	case SQLITE_CREATE_INDEX:
		allowed = !ours(b);
		break;
	default:
		return SQLITE_OK;
	}
	if (!allowed)
		s->denied = "tables simpul_* are not to be touched";
	return allowed ? SQLITE_OK : SQLITE_DENY;
}

void script_open(struct script *s, struct db *db)
{
	*s = (struct script){ .db = db };
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
	sqlite3_set_authorizer(db->handle, authorize, s);
}

void script_close(struct script *s)
{
	if (s->db == NULL)
		return;
	sqlite3_set_authorizer(s->db->handle, NULL, NULL);
	sqlite3_db_config(s->db->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	s->db = NULL;
}

bool script_left(const char *sql)
{
	return sql[strspn(sql, " \t\r\n;")] != '\0';
}

bool script_step(struct script *s, const char *sql, const char **ret_tail, char why[SCRIPT_WHY])
{
	AUTO_STMT one = { .db = s->db };
	int rc = sqlite3_prepare_v2(s->db->handle, sql, -1, &one.handle, ret_tail);

	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		if (one.handle == NULL) /* a comment, or nothing */
			return true;
		rc = sqlite3_step(one.handle);
	}
	if (rc != SQLITE_DONE)
		snprintf(why, SCRIPT_WHY, "%s",
			 s->denied != NULL ? s->denied : sqlite3_errmsg(s->db->handle));
	return rc == SQLITE_DONE;
}
