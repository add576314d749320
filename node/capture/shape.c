/* shape.c - keys by the numbers of their columns, so that a renamed key is the same key. */
#include <string.h>

#include "capture/shape.h"

void shape_text(const struct catalog_table *table, struct buf *ret)
{
	buf_reset(ret);
	buf_text(ret, table->integer_key ? "i" : "");
	buf_text(ret, table->scope_in_key ? "s" : "");
	for (int i = 0; i < table->keys; i++)
		buf_print(ret, i == 0 ? "%d" : ",%d", table->column[table->key[i]].no);
}

static bool recorded(struct db *db, int table_no, struct buf *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT coalesce(key, '') FROM simpul_table WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, table_no);
	if (!stmt_row(&s, &row, e))
		return false;
	if (row)
		buf_text(ret, stmt_get_text(&s, 0));
	return true;
}

static bool record(struct db *db, int table_no, const char *key, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "UPDATE simpul_table SET key = ?2 WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, table_no);
	stmt_text(&s, 2, key);
	return stmt_done(&s, e);
}

static void put_now(const struct catalog_table *table, struct buf *out)
{
	for (int i = 0; i < table->keys; i++)
		buf_print(out, i == 0 ? "(%s" : ", %s", table->column[table->key[i]].name);
	buf_text(out, table->integer_key ? ", an alias of the rowid)" : ")");
}

/* "i0" or "0,2" as "(id, an alias of the rowid)" or "(id, year)". */
static bool put_then(struct db *db, int table_no, const char *key, struct buf *out, struct err *e)
{
	const char *list = key + strspn(key, "is"), *joint = "(";
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(db, "SELECT c.name FROM simpul_column c, json_each('[' || ?2 || ']') k"
			    " WHERE c.table_no = ?1 AND c.no = k.value ORDER BY k.key", &s, e))
		return false;
	stmt_int(&s, 1, table_no);
	stmt_text(&s, 2, list);
	while (true) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		buf_print(out, "%s%s", joint, stmt_get_text(&s, 0));
		joint = ", ";
	}
	buf_text(out, key[0] == 'i' ? ", an alias of the rowid)" : ")");
	return true;
}

/* Leaves only columns that have a number, with it; false in *ret_whole_key: a key column has none. */
static bool number(struct db *db, struct catalog_table *table, bool *ret_whole_key, struct err *e)
{
	int kept = 0, keys = 0;

	for (int i = 0; i < table->columns; i++) {
		AUTO_RESET s = { 0 };
		bool row;

		if (!db_statement(db, "SELECT no FROM simpul_column WHERE table_no = ?1 AND at IS NOT NULL"
				      " AND name = ?2 COLLATE NOCASE", &s, e))
			return false;
		stmt_int(&s, 1, table->no);
		stmt_text(&s, 2, table->column[i].name);
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			continue;
		table->column[i].no = (int)stmt_get_int(&s, 0);
		for (int k = 0; k < table->keys; k++)
			if (table->key[k] == i) {
				table->key[k] = kept;
				keys++;
			}
		table->column[kept++] = table->column[i];
	}
	table->columns = kept;
	*ret_whole_key = keys == table->keys;
	return true;
}

static bool check_key(struct db *db, const struct catalog_table *table, struct buf *ret_why, struct err *e)
{
	AUTO_BUF then = { 0 };
	AUTO_BUF now = { 0 };

	shape_text(table, &now);
	if (!recorded(db, table->no, &then, e))
		return false;
	if (then.len == 0)
		return record(db, table->no, buf_string(&now), e);
	if (strcmp(buf_string(&then), buf_string(&now)) == 0)
		return true;
	buf_text(ret_why, "its primary key was ");
	if (!put_then(db, table->no, buf_string(&then), ret_why, e))
		return false;
	buf_text(ret_why, " and is ");
	put_now(table, ret_why);
	buf_text(ret_why, " now");
	return true;
}

bool shape_check(struct db *db, struct arena *arena, int table_no, const char *name, struct buf *ret_why,
		 struct err *e)
{
	struct schema_table schema;
	struct catalog_table table;
	bool whole_key;
	struct err why;
	int keys;

	if (!catalog_describe(db, arena, name, &table, &keys, e)) /* gone is not misshapen */
		return e->code == ERR_NOT_FOUND;
	if (keys == 0 || keys > (int)LIMIT_KEY_COLUMNS) {
		buf_text(ret_why, keys == 0 ? "it has no primary key now" :
					      "its primary key has too many columns now");
		return true;
	}
	table.no = table_no;
	if (!number(db, &table, &whole_key, e))
		return false;
	if (!whole_key) {
		buf_text(ret_why, "a column of its primary key cannot be replicated");
		return true;
	}
	if (!check_key(db, &table, ret_why, e))
		return false;
	if (ret_why->len > 0)
		return true;
	catalog_schema(&table, arena, &schema);
	if (!schema_check(&(struct schema){ 1, &schema }, &why))
		buf_text(ret_why, why.text);
	return true;
}
