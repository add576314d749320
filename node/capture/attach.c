/* attach.c - triggers, numbers and the first cut, all in one transaction. */
#include <string.h>

#include "capture/attach.h"
#include "capture/check.h"
#include "capture/shape.h"
#include "capture/trigger.h"
#include "store/version.h"

void attach_report_done(struct attach_report *report)
{
	buf_done(&report->reasons);
	buf_done(&report->warnings);
}

/* A number that no table has or had: version rows and the log may still speak of old ones. */
static bool new_number(struct db *db, int *ret, struct err *e)
{
	int64_t last, highest;

	if (!db_int(db, "SELECT max(no) FROM simpul_table", 0, &highest, e) ||
	    !db_int(db, "SELECT value FROM simpul_meta WHERE key = 'table_no'", 0, &last, e))
		return false;
	*ret = (int)(highest > last ? highest : last) + 1;
	return true;
}

static bool put_number(struct db *db, int no, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "INSERT OR REPLACE INTO simpul_meta(key, value) VALUES('table_no', ?1)", &s,
			  e))
		return false;
	stmt_int(&s, 1, no);
	return stmt_done(&s, e);
}

static bool put_table(struct db *db, const struct catalog_table *table,
		      const struct attach_request *request, struct err *e)
{
	AUTO_RESET s = { 0 };
	AUTO_RESET c = { 0 };
	AUTO_BUF key = { 0 };

	if (!db_statement(db, "INSERT INTO simpul_table(no, name, scope, scope_column, made, columns, key)"
			      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)", &s, e) ||
	    !db_statement(db, "INSERT INTO simpul_column(table_no, no, name, at) VALUES(?1, ?2, ?3, ?2)",
			  &c, e))
		return false;
	stmt_int(&s, 1, table->no);
	stmt_text(&s, 2, table->name);
	request->scope == NULL ? stmt_null(&s, 3) : stmt_text(&s, 3, request->scope);
	request->scope_column == NULL ? stmt_null(&s, 4) : stmt_text(&s, 4, request->scope_column);
	stmt_int(&s, 5, request->made);
	stmt_int(&s, 6, table->columns);
	shape_text(table, &key);
	stmt_text(&s, 7, buf_string(&key));
	if (!stmt_done(&s, e))
		return false;
	for (int i = 0; i < table->columns; i++) {
		stmt_int(&c, 1, table->no);
		stmt_int(&c, 2, i);
		stmt_text(&c, 3, table->column[i].name);
		if (!stmt_done(&c, e))
			return false;
	}
	return true;
}

/* One statement for any number of rows: a million present rows take seconds, not minutes. */
static bool first_cut(struct db *db, const struct catalog_table *table, uint64_t now_ms,
		      struct attach_report *report, struct err *e)
{
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };

	trigger_look_again(&sql, table, TRIGGER_MASK_INSERTED, NULL);
	if (!db_prepare(db, buf_string(&sql), &s, e))
		return false;
	stmt_int(&s, 1, (int64_t)now_ms);
	if (!stmt_done(&s, e))
		return false;
	report->rows += db_changed_rows(db);
	return true;
}

static bool attach_one(struct db *db, struct arena *arena, struct catalog_table *table,
		       const struct attach_request *request, struct attach_report *report,
		       struct err *e)
{
	struct trigger_set plan;

	return new_number(db, &table->no, e) && put_number(db, table->no, e) &&
	       put_table(db, table, request, e) &&
	       version_table_create(db, table->no, request->world, e) &&
	       trigger_plan(db, arena, table, &plan, e) &&
	       trigger_install(db, table->no, &plan, e) &&
	       first_cut(db, table, world_now_ms(request->world), report, e);
}

static bool refused(const struct attach_report *report, struct err *e)
{
	const char *text = (const char *)report->reasons.data;
	int first = (int)((const char *)memchr(text, '\n', report->reasons.len) - text);

	if (report->reason_count == 1)
		return err_set(e, report->code, "%.*s", first, text);
	return err_set(e, report->code, "%.*s (and %d more reasons)", first, text,
		       report->reason_count - 1);
}

bool attach_tables(struct db *db, const char *const *names, int count,
		   const struct attach_request *request, struct attach_report *report, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	AUTO_TXN txn = { 0 };
	struct catalog_table *tables = arena_take(&arena, ((size_t)count + 1) * sizeof(*tables));
	struct check check = { db, &arena, request, report };
	struct catalog catalog;
	int64_t present;

	if (!txn_begin(&txn, db, e) ||
	    !db_int(db, "SELECT count(*) FROM simpul_table", 0, &present, e))
		return false;
	for (int i = 0; i < count; i++)
		if (!check_table(&check, names[i], &tables[i], e))
			return false;
	if (report->reason_count > 0)
		return refused(report, e);
	if (present + count > (int64_t)LIMIT_TABLES)
		return err_set(e, ERR_CANNOT_ATTACH, "at most %u tables can be attached", LIMIT_TABLES);
	for (int i = 0; i < count; i++)
		if (!attach_one(db, &arena, &tables[i], request, report, e))
			return err_wrap(e, "attach %s", names[i]);
	/* The document of all tables must encode, else nothing could be sealed any more. */
	return catalog_load(db, &arena, &catalog, e) && check_file(db, report, e) &&
	       txn_commit(&txn, e);
}

static bool count_unsent(struct db *db, int64_t *ret, struct err *e)
{
	static const char find[] =
		"SELECT (SELECT count(*) FROM simpul_log) + (SELECT count(*) FROM simpul_changeset c"
		" JOIN simpul_chain h ON h.no = c.chain_no WHERE h.own = 1 AND c.custody < 2)";

	return db_int(db, find, 0, ret, e);
}

static bool forget_rows(struct db *db, int no, struct err *e)
{
	static const char *const deletes[] = {
		"DELETE FROM simpul_log WHERE t = ?1",
		"DELETE FROM simpul_column WHERE table_no = ?1",
		"DELETE FROM simpul_sibling WHERE table_no = ?1",
		"DELETE FROM simpul_violation WHERE table_no = ?1",
		"DELETE FROM simpul_table WHERE no = ?1",
	};

	for (size_t i = 0; i < sizeof(deletes) / sizeof(deletes[0]); i++) {
		AUTO_RESET s = { 0 };

		if (!db_statement(db, deletes[i], &s, e))
			return false;
		stmt_int(&s, 1, no);
		if (!stmt_done(&s, e))
			return false;
	}
	return true;
}

static bool find_attached(struct db *db, const char *name, int *ret_no, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT t.no FROM simpul_table t LEFT JOIN sqlite_schema s"
			      " ON s.type = 'trigger' AND s.name = 'simpul_' || t.no || '_i'"
			      " WHERE coalesce(s.tbl_name, t.name) = ?1 COLLATE NOCASE", &s, e))
		return false;
	stmt_text(&s, 1, name);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "%s is not attached", name);
	*ret_no = (int)stmt_get_int(&s, 0);
	return true;
}

static bool detach_one(struct db *db, const char *name, struct err *e)
{
	int no;

	/* Dropping forgets all cached statements, so none may be in hand any more. */
	return find_attached(db, name, &no, e) && trigger_drop(db, no, e) &&
	       forget_rows(db, no, e) && version_table_drop(db, no, e);
}

bool detach_tables(struct db *db, const char *const *names, int count, bool abandon, struct err *e)
{
	AUTO_TXN txn = { 0 };
	int64_t unsent;
	int no;

	if (!txn_begin(&txn, db, e) || !count_unsent(db, &unsent, e))
		return false;
	for (int i = 0; i < count; i++)
		if (!find_attached(db, names[i], &no, e))
			return false;
	if (unsent > 0 && !abandon)
		return err_set(e, ERR_UNSENT, "%lld changes have no receipt yet", (long long)unsent);
	for (int i = 0; i < count; i++)
		if (!detach_one(db, names[i], e))
			return err_wrap(e, "detach %s", names[i]);
	return txn_commit(&txn, e);
}
