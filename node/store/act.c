/* act.c - simpul_act. */
#include "store/act.h"

bool act_put(struct db *db, const struct world *world, const struct act *act, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "INSERT INTO simpul_act(at_ms, who, what, object, reason)"
			      " VALUES(?1, ?2, ?3, ?4, ?5)", &s, e))
		return false;
	stmt_int(&s, 1, (int64_t)world_now_ms(world));
	stmt_text(&s, 2, act->who);
	stmt_text(&s, 3, act->what);
	stmt_text(&s, 4, act->object);
	stmt_text(&s, 5, act->reason);
	return stmt_done(&s, e);
}

bool act_list(struct db *db, bool (*call)(void *state, const struct act *act), void *state, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT no, at_ms, who, what, object, reason FROM simpul_act ORDER BY no DESC",
			  &s, e))
		return false;
	for (;;) {
		struct act act;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		act = (struct act){ stmt_get_int(&s, 0), stmt_get_int(&s, 1), stmt_get_text(&s, 2),
				    stmt_get_text(&s, 3), stmt_get_text(&s, 4), stmt_get_text(&s, 5) };
		if (!call(state, &act))
			return true;
	}
}
