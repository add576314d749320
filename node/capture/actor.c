/* actor.c - people by number, their marks on hints, and whose hints meet in a cell. */
#include <string.h>

#include "capture/actor.h"
#include "capture/trigger.h"

bool actor_begin(struct db *db, const char *name, struct actor *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!name_valid(name, strlen(name)))
		return err_set(e, ERR_USAGE, "a person's name has 1 to %u bytes of UTF-8 and no control"
					     " characters", LIMIT_NAME_BYTES);
	if (!db_statement(db, "INSERT OR IGNORE INTO simpul_actor(name) VALUES(?1)", &s, e))
		return false;
	stmt_text(&s, 1, name);
	if (!stmt_done(&s, e) || !db_statement(db, "SELECT no FROM simpul_actor WHERE name = ?1", &s, e))
		return false;
	stmt_text(&s, 1, name);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_CORRUPT, "a person was noted and is not there");
	*ret = (struct actor){ .no = stmt_get_int(&s, 0) };
	return true;
}

bool actor_seen(struct db *db, const char *scope, uint64_t *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT head_seq FROM simpul_chain WHERE own = 1 AND scope = ?1"
			      " ORDER BY no DESC LIMIT 1", &s, e))
		return false;
	stmt_text(&s, 1, scope);
	if (!stmt_row(&s, &row, e))
		return false;
	*ret = row ? (uint64_t)stmt_get_int(&s, 0) : 0;
	return true;
}

/* m of two hints of one row: 0, it may be gone; below, all columns. */
static bool masks_meet(const struct catalog_table *table, int64_t a, int64_t b)
{
	return a <= 0 || b <= 0 || (trigger_whole_groups(table, a) & trigger_whole_groups(table, b)) != 0;
}

static void bind_author(struct stmt *s, const struct actor *actor)
{
	stmt_int(s, 1, actor->no);
	actor->stale ? stmt_int(s, 2, (int64_t)actor->seen_own) : stmt_null(s, 2);
}

bool actor_must_seal(struct db *db, const struct drain_row *write, const struct actor *actor,
		     bool *ret_must, struct err *e)
{
	const int64_t mask = write->look ? 0 : write->inserted ? TRIGGER_MASK_INSERTED : write->mask;
	AUTO_RESET s = { 0 };
	bool row;

	*ret_must = false;
	if (!db_statement(db, "SELECT m FROM simpul_log WHERE (a IS NOT ?1 OR o IS NOT ?2) AND t = ?3"
			      " AND k1 IS ?4 AND k2 IS ?5 AND k3 IS ?6 AND k4 IS ?7 AND s IS ?8", &s, e))
		return false;
	bind_author(&s, actor);
	stmt_int(&s, 3, write->table->no);
	for (int i = 0; i < (int)LIMIT_KEY_COLUMNS; i++)
		i < write->table->keys ? stmt_value(&s, 4 + i, &write->key[i]) : stmt_null(&s, 4 + i);
	stmt_value(&s, 8, &write->scope_key);
	while (!*ret_must) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		*ret_must = masks_meet(write->table, mask, stmt_get_int(&s, 0));
	}
	return true;
}

bool actor_met_others(struct db *db, const struct catalog *catalog, int64_t since,
		      const struct actor *actor, bool *ret_met, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	*ret_met = false;
	if (!db_statement(db, "SELECT n.t, n.m, p.m FROM simpul_log n JOIN simpul_log p ON p.t = n.t"
			      " AND p.k1 IS n.k1 AND p.k2 IS n.k2 AND p.k3 IS n.k3 AND p.k4 IS n.k4"
			      " AND p.s IS n.s WHERE n.seq > ?3 AND p.seq <= ?3"
			      " AND (p.a IS NOT ?1 OR p.o IS NOT ?2)", &s, e))
		return false;
	bind_author(&s, actor);
	stmt_int(&s, 3, since);
	while (!*ret_met) {
		const struct catalog_table *table;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		table = catalog_by_no(catalog, (int)stmt_get_int(&s, 0));
		*ret_met = table != NULL && masks_meet(table, stmt_get_int(&s, 1), stmt_get_int(&s, 2));
	}
	return true;
}

bool actor_since(struct db *db, int64_t *ret, struct err *e)
{
	return db_int(db, "SELECT max(seq) FROM simpul_log", 0, ret, e);
}

bool actor_mark(struct db *db, int64_t since, const struct actor *actor, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "UPDATE simpul_log SET a = ?1, o = ?2 WHERE seq > ?3", &s, e))
		return false;
	bind_author(&s, actor);
	stmt_int(&s, 3, since);
	return stmt_done(&s, e);
}

bool actor_name(struct db *db, int64_t no, struct arena *arena, struct schema_text *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT name FROM simpul_actor WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, no);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_CORRUPT, "person %lld is in the log and nowhere else", (long long)no);
	ret->text = arena_text(arena, stmt_get_text(&s, 0));
	ret->len = (uint32_t)strlen(ret->text);
	return true;
}
