/* write.c - `simpul write`: a person's statements, marked as that person's (capture/actor.h). */
#include <inttypes.h>

#include "base/buf.h"
#include "capture/actor.h"
#include "command.h"
#include "command/review.h"
#include "command/show.h"

struct writing {
	struct command_call *call;
	const char *sql;
	struct actor actor;
	int64_t rows;	   /* noted as changed */
	bool sealed_first; /* what others wrote there */
	bool replaced;	   /* it could not be sealed: theirs is gone */
};

/* Two scopes are two chains: one number cannot say what was seen of both. */
static bool check_seen(struct db *db, int64_t seen, struct err *e)
{
	int64_t scopes, head;

	if (!db_int(db, "SELECT count(DISTINCT scope) FROM simpul_chain WHERE own = 1", 0, &scopes, e) ||
	    !db_int(db, "SELECT head_seq FROM simpul_chain WHERE own = 1 ORDER BY no DESC LIMIT 1", 0, &head,
		    e))
		return false;
	if (scopes > 1)
		return err_set(e, ERR_USAGE, "--seen is for a node with one scope; this one has %" PRId64,
			       scopes);
	return seen <= head ||
	       err_set(e, ERR_USAGE, "--seen %" PRId64 ": the chain of this node ends with %" PRId64, seen,
		       head);
}

/* *ret_met: it would take the place of what others wrote, so it was not done; unless that must be. */
static bool attempt(struct writing *w, bool must, bool *ret_met, struct err *e)
{
	struct party *p = &w->call->node->party;
	const struct catalog *catalog;
	AUTO_TXN txn = { 0 };
	int64_t since, last;

	*ret_met = false;
	if (!party_catalog(p, &catalog, e) || !txn_begin(&txn, p->db, e) ||
	    !actor_since(p->db, &since, e) || !db_exec_application(p->db, w->sql, e) ||
	    !txn_alive(&txn, e) || !actor_since(p->db, &last, e) ||
	    !actor_met_others(p->db, catalog, since, &w->actor, ret_met, e))
		return false;
	if (*ret_met && !must)
		return true;
	w->rows = last - since;
	return actor_mark(p->db, since, &w->actor, e) && txn_commit(&txn, e);
}

/* What cannot be sealed (no right yet, against a rule) never became a change: it holds up nobody. */
static bool seal_and_attempt(struct writing *w, struct err *e)
{
	struct party *p = &w->call->node->party;
	int64_t upto;
	bool met;

	if (p->behind)
		return err_set(e, ERR_INCOMPLETE, "somebody else's change of the same cell waits to be"
						  " sealed, and this file is still being completed: sync"
						  " first");
	if (!party_seal_some(p, 0, &upto, e) || !attempt(w, true, &met, e))
		return false;
	p->log_left = 0; /* numbers of hints begin anew */
	w->sealed_first = !met;
	w->replaced = met;
	return true;
}

static bool write_all(struct writing *w, const char *name, int64_t seen, struct err *e)
{
	struct party *p = &w->call->node->party;
	AUTO_TXN txn = { 0 };
	bool met;

	if (!txn_begin(&txn, p->db, e) || (seen >= 0 && !check_seen(p->db, seen, e)) ||
	    !actor_begin(p->db, name, &w->actor, e))
		return false;
	w->actor.stale = seen >= 0;
	w->actor.seen_own = seen >= 0 ? (uint64_t)seen : 0;
	if (!attempt(w, false, &met, e) || (met && !seal_and_attempt(w, e)))
		return false;
	/* What a hub seals goes into its signed log at once. */
	return met && p->hub != NULL ? review_settle(w->call, &txn, e) : txn_commit(&txn, e);
}

bool command_write(struct command_call *call, struct err *e)
{
	struct writing w = { .call = call };
	struct options *o = &call->options;
	const struct screen *s = &call->screen;
	const char *name = NULL;
	AUTO_BUF sql = { 0 };
	int64_t seen = -1;

	if (!options_text(o, "--as", &name, e) || !options_int(o, "--seen", 0, INT64_MAX, &seen, e) ||
	    !options_rest(o, 2, -1, e))
		return false;
	if (name == NULL)
		return err_set(e, ERR_USAGE, "--as NAME: on whose behalf?");
	for (int i = 1; i < o->words; i++)
		buf_print(&sql, "%s%s", i > 1 ? " " : "", o->word[i]);
	w.sql = buf_string(&sql);
	if (!write_all(&w, name, seen, e))
		return err_wrap(e, "nothing was written");
	if (s->json) {
		AUTO_JSON json = json_pack("{s:o,s:I,s:b,s:b}", "actor", show_line(name), "rows",
					   (json_int_t)w.rows, "sealed_first", w.sealed_first,
					   "replaced_unsealed", w.replaced);

		screen_json(s, json);
		return true;
	}
	screen_print(s, SCREEN_GOOD, "%s", name);
	screen_print(s, SCREEN_PLAIN,
		     screen_say(s, ": %" PRId64 " baris ditulis\n", ": rows written: %" PRId64 "\n"), w.rows);
	if (w.sealed_first)
		screen_print(s, SCREEN_PLAIN, "%s\n",
			     screen_say(s, "Nilai orang lain disegel lebih dulu; keduanya tersimpan.",
					"What somebody else wrote was sealed first; both are kept."));
	if (w.replaced)
		screen_print(s, SCREEN_BAD, "%s\n",
			     screen_say(s, "Nilai yang belum bisa disegel sudah diganti.",
					"What stood there could not be sealed yet and is replaced."));
	return true;
}
