/*
 * alter.c - `simpul alter`.
 *
 * Each statement runs with the triggers on, as in any other program: what it writes is captured, and a
 * renamed column is recognised (capture/repair.h).  Only where SQLite refuses because one of our triggers
 * reads what would go are they taken off for this one statement, and put back before the next.
 */
#include "command/alter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "capture/repair.h"
#include "capture/trigger.h"
#include "command.h"
#include "command/review.h"
#include "store/script.h"

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

static const char *key_name(const struct catalog_table *table, int key)
{
	return key < table->keys ? table->column[table->key[key]].name : CATALOG_SCOPE_COLUMN;
}

static int keys_of(const struct catalog_table *table)
{
	return table->keys + table->scope_in_key;
}

/* All keys, with the columns' own types: a row that no version knows yet is a row as well. */
static bool remember_rows(struct db *db, const struct catalog_table *table, struct err *e)
{
	AUTO_BUF sql = { 0 };

	buf_print(&sql, "INSERT INTO simpul_alter_row(table_no");
	for (int i = 0; i < keys_of(table); i++)
		buf_print(&sql, ", k%d", i + 1);
	buf_print(&sql, ") SELECT %d", table->no);
	for (int i = 0; i < keys_of(table); i++) {
		buf_text(&sql, ", ");
		sql_quote(&sql, key_name(table, i));
	}
	buf_text(&sql, " FROM main.");
	sql_quote(&sql, table->name);
	return db_exec(db, buf_string(&sql), e);
}

/*
 * What there was before, in temporary tables, since the SQL may do anything; but for these, whose names
 * are fenced in like those of all our tables.
 */
static bool remember(struct db *db, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;

	if (!db_exec(db,
		     "CREATE TEMP TABLE IF NOT EXISTS simpul_alter_table(no, aside, there);"
		     "CREATE TEMP TABLE IF NOT EXISTS simpul_alter_column(table_no, no, name);"
		     "CREATE TEMP TABLE IF NOT EXISTS simpul_alter_row(table_no, k1, k2, k3, k4, k5);"
		     "DELETE FROM simpul_alter_table; DELETE FROM simpul_alter_column;"
		     "DELETE FROM simpul_alter_row;"
		     "INSERT INTO simpul_alter_table SELECT t.no, t.aside, EXISTS (SELECT 1 FROM"
		     " main.sqlite_schema s WHERE s.type = 'table' AND s.name = t.name COLLATE NOCASE)"
		     " FROM simpul_table t;"
		     "INSERT INTO simpul_alter_column SELECT table_no, no, name FROM simpul_column"
		     " WHERE at IS NOT NULL", e) ||
	    !catalog_load(db, &arena, &catalog, e))
		return false;
	for (int i = 0; i < catalog.tables; i++)
		if (!remember_rows(db, &catalog.table[i], e))
			return false;
	return true;
}

/* The first line that a question yields is the reason against it. */
static bool refuse_if(struct db *db, const char *question, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(db, question, &s, e) || !stmt_row(&s, &row, e))
		return false;
	return !row || err_set(e, ERR_WOULD_LOSE, "%s; nothing was changed", stmt_get_text(&s, 0));
}

/* A key that was there and is not: deleted, left behind by a rebuild, or written over. */
static bool compare_rows(struct db *db, const struct catalog_table *table, struct err *e)
{
	AUTO_BUF sql = { 0 };
	int64_t lost;

	buf_print(&sql, "SELECT count(*) FROM simpul_alter_row b WHERE b.table_no = %d AND NOT EXISTS"
			" (SELECT 1 FROM main.", table->no);
	sql_quote(&sql, table->name);
	for (int i = 0; i < keys_of(table); i++) {
		buf_text(&sql, i == 0 ? " WHERE " : " AND ");
		sql_quote(&sql, key_name(table, i));
		buf_print(&sql, " IS b.k%d", i + 1);
	}
	buf_text(&sql, ")");
	if (!db_int(db, buf_string(&sql), 0, &lost, e))
		return false;
	return lost == 0 ||
	       err_set(e, ERR_WOULD_LOSE,
		       "%" PRId64 " rows of table %s would be lost; nothing was changed."
		       "  If they should go, delete them first, with simpul write or any other program",
		       lost, table->name);
}

static bool compare_tables(struct db *db, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;

	if (!catalog_load(db, &arena, &catalog, e))
		return false;
	for (int i = 0; i < catalog.tables; i++)
		if (!compare_rows(db, &catalog.table[i], e))
			return false;
	return true;
}

static bool compare(struct db *db, bool yes, struct err *e)
{
	static const char gone[] =
		"SELECT 'table ' || t.name || ' would be gone: simpul detach it first' FROM simpul_table t"
		" JOIN simpul_alter_table b USING (no) WHERE b.there AND NOT EXISTS (SELECT 1 FROM"
		" main.sqlite_schema s WHERE s.type = 'table' AND s.name = t.name COLLATE NOCASE)";
	static const char aside[] =
		"SELECT 'table ' || t.name || ' could not be replicated any more: ' || t.aside"
		" FROM simpul_table t JOIN simpul_alter_table b USING (no) WHERE t.aside IS NOT NULL"
		" AND b.aside IS NULL";
	static const char columns[] =
		"SELECT 'column ' || b.name || ' of table ' || t.name || ' would go from this file; its"
		" values stay in the history and with others: --yes if that is meant'"
		" FROM simpul_alter_column b JOIN simpul_table t ON t.no = b.table_no"
		" JOIN simpul_column c ON c.table_no = b.table_no AND c.no = b.no WHERE c.at IS NULL";

	return refuse_if(db, gone, e) && refuse_if(db, aside, e) && compare_tables(db, e) &&
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
