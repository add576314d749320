/*
 * alter.c - `simpul alter`.
 *
 * Each statement runs with the triggers on, as in any other program: what it writes is captured, and a
 * renamed column is recognised (capture/repair.h).  Only where SQLite refuses because one of our triggers
 * reads what would go are they taken off for this one statement, and put back before the next.
 */
#include "command/alter.h"

#include <stdio.h>
#include <string.h>

#include "capture/diff.h"
#include "capture/repair.h"
#include "capture/trigger.h"
#include "command.h"
#include "command/review.h"
#include "store/script.h"

#define MISSING                                                                                     \
	"(SELECT count(*) FROM simpul_violation v WHERE v.table_no = t.no"                          \
	" AND v.reason = '" DIFF_MISSING "')"

static bool drop_triggers(struct db *db, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;

	if (!catalog_load(db, &arena, &catalog, e))
		return false;
	for (int i = 0; i < catalog.tables; i++)
		if (!trigger_drop(db, catalog.table[i].no, e))
			return false;
	return true;
}

/* The statement again without our triggers, which are back when it is done. */
static bool run_without(struct party *p, const char *sql, const char **ret_tail, struct buf *report,
			struct err *e)
{
	AUTO_SCRIPT script = { 0 };
	char why[SCRIPT_WHY];

	/* While they are there a renamed column can be told from a new one. */
	if (!repair_run(p->db, p->world, report, e) || !drop_triggers(p->db, e))
		return false;
	script_open(&script, p->db);
	if (!script_step(&script, sql, ret_tail, why))
		return err_set(e, ERR_USAGE, "the SQL: %s", why);
	script_close(&script);
	return repair_run(p->db, p->world, report, e);
}

static bool run_one(struct party *p, const char *sql, const char **ret_tail, struct buf *report,
		    struct err *e)
{
	AUTO_SCRIPT script = { 0 };
	char why[SCRIPT_WHY];

	script_open(&script, p->db);
	if (script_step(&script, sql, ret_tail, why))
		return true;
	if (script.denied != NULL || strstr(why, "trigger simpul_") == NULL)
		return err_set(e, ERR_USAGE, "the SQL: %s", why);
	script_close(&script);
	return run_without(p, sql, ret_tail, report, e);
}

/* What there was before, in temporary tables: the SQL may do anything. */
static bool remember(struct db *db, struct err *e)
{
	return db_exec(db,
		       "CREATE TEMP TABLE IF NOT EXISTS alter_table(no, aside, missing, there);"
		       "CREATE TEMP TABLE IF NOT EXISTS alter_column(table_no, no, name);"
		       "DELETE FROM alter_table; DELETE FROM alter_column;"
		       "INSERT INTO alter_table SELECT t.no, t.aside, " MISSING ", EXISTS (SELECT 1 FROM"
		       " main.sqlite_schema s WHERE s.type = 'table' AND s.name = t.name COLLATE NOCASE)"
		       " FROM simpul_table t;"
		       "INSERT INTO alter_column SELECT table_no, no, name FROM simpul_column"
		       " WHERE at IS NOT NULL", e);
}

/* The first line that a question yields is the reason against it. */
static bool refuse_if(struct db *db, const char *question, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(db, question, &s, e) || !stmt_row(&s, &row, e))
		return false;
	return !row || err_set(e, ERR_FORBIDDEN, "%s; nothing was changed", stmt_get_text(&s, 0));
}

static bool compare(struct db *db, bool yes, struct err *e)
{
	static const char gone[] =
		"SELECT 'table ' || t.name || ' would be gone: simpul detach it first' FROM simpul_table t"
		" JOIN alter_table b USING (no) WHERE b.there AND NOT EXISTS (SELECT 1 FROM"
		" main.sqlite_schema s WHERE s.type = 'table' AND s.name = t.name COLLATE NOCASE)";
	static const char aside[] =
		"SELECT 'table ' || t.name || ' could not be replicated any more: ' || t.aside"
		" FROM simpul_table t JOIN alter_table b USING (no) WHERE t.aside IS NOT NULL"
		" AND b.aside IS NULL";
	static const char missing[] =
		"SELECT (" MISSING " - b.missing) || ' rows of table ' || t.name || ' would be missing:"
		" DELETE them first if they should go' FROM simpul_table t JOIN alter_table b USING (no)"
		" WHERE " MISSING " > b.missing";
	static const char columns[] =
		"SELECT 'column ' || b.name || ' of table ' || t.name || ' would go from this file; its"
		" values stay in the history and with others: --yes if that is meant' FROM alter_column b"
		" JOIN simpul_table t ON t.no = b.table_no JOIN simpul_column c ON c.table_no = b.table_no"
		" AND c.no = b.no WHERE c.at IS NULL";

	return refuse_if(db, gone, e) && refuse_if(db, aside, e) && refuse_if(db, missing, e) &&
	       (yes || refuse_if(db, columns, e));
}

bool alter_run(struct party *p, const char *sql, bool yes, struct buf *report, struct err *e)
{
	if (p->behind)
		return err_set(e, ERR_BUSY, "this file is behind its own chain: simpul sync first");
	if (!party_settle(p, e) || !remember(p->db, e))
		return false;
	db_forget_statements(p->db);
	while (script_left(sql))
		if (!run_one(p, sql, &sql, report, e))
			return false;
	db_forget_statements(p->db);
	return repair_run(p->db, p->world, report, e) && compare(p->db, yes, e);
}

static void print_report(const struct screen *s, struct buf *report)
{
	char *save = NULL, *text = (char *)(uintptr_t)buf_string(report);

	for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
		screen_print(s, SCREEN_PLAIN, "%s\n", line);
}

bool command_alter(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	struct party *p = &call->node->party;
	AUTO_BUF report = { 0 };
	AUTO_BUF sql = { 0 };
	AUTO_TXN txn = { 0 };
	bool yes = false;

	if (!options_flag(o, "--yes", &yes, e) || !options_rest(o, 2, -1, e))
		return false;
	for (int i = 1; i < o->words; i++)
		buf_print(&sql, i == 1 ? "%s" : ";\n%s", o->word[i]);
	if (!txn_begin(&txn, p->db, e) || !alter_run(p, buf_string(&sql), yes, &report, e) ||
	    !review_note(call, p->db, ACT_ALTER, buf_string(&sql), "", e) ||
	    !review_settle(call, &txn, e))
		return false;
	print_report(&call->screen, &report);
	screen_print(&call->screen, SCREEN_GOOD, "%s\n",
		     screen_say(&call->screen, "sudah diubah", "done"));
	return true;
}
