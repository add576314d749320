/*
 * constraint.c - the rules of a table as queries for the rows that break them.
 *
 * SQLite tells what foreign keys a table has, but its CHECKs only as the text of CREATE TABLE.  CHECK is
 * a reserved word, so outside of quotes and comments it begins nothing else; the expression behind it, in
 * its parentheses, is asked as WHERE NOT (expression).  That is SQLite's own meaning: a CHECK is broken
 * where it is false, and not where it is NULL.
 *
 * A foreign key compares with the collation and the affinity of the parent's column: the parent stands
 * at the left, which gives the collation, and the child's column behind a unary +, which takes its
 * affinity away.  (PRAGMA foreign_key_check names rows by rowid, which not every table has.)
 */
#include <string.h>

#include "base/buf.h"
#include "merge/constraint.h"

#define EXPRESSION_SHOWN 200 /* bytes of a CHECK in a detail */

struct search {
	struct db *db;
	const struct catalog_table *table;
	bool (*call)(void *state, const struct constraint_breach *breach);
	void *state;
	const char *rule;
	bool stopped;
};

enum piece { PIECE_END, PIECE_GAP, PIECE_WORD, PIECE_QUOTED, PIECE_OPEN, PIECE_CLOSE, PIECE_OTHER };

static bool in_word(unsigned char c)
{
	return c >= 0x80 || c == '_' || c == '$' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

static const char *behind(const char *from, const char *mark)
{
	const char *end = strstr(from, mark);

	return end == NULL ? from + strlen(from) : end + strlen(mark);
}

/* The piece of SQL at p; returns where the next one begins.  'it''s' is two pieces, which does no harm. */
static const char *piece_at(const char *p, enum piece *ret)
{
	static const char quotes[] = "'\"`";

	*ret = PIECE_GAP;
	if (strchr(" \t\r\n\f", *p) != NULL && *p != '\0')
		return p + strspn(p, " \t\r\n\f");
	if (strncmp(p, "--", 2) == 0)
		return behind(p, "\n");
	if (strncmp(p, "/*", 2) == 0)
		return behind(p + 2, "*/");
	*ret = PIECE_QUOTED;
	if (*p == '[')
		return behind(p, "]");
	if (*p != '\0' && strchr(quotes, *p) != NULL)
		return behind(p + 1, (const char[]){ *p, '\0' });
	*ret = PIECE_WORD;
	if (in_word((unsigned char)*p)) {
		while (in_word((unsigned char)*p))
			p++;
		return p;
	}
	*ret = *p == '\0' ? PIECE_END : *p == '(' ? PIECE_OPEN : *p == ')' ? PIECE_CLOSE : PIECE_OTHER;
	return p + (*p != '\0');
}

/* "(...)" at p, its parentheses included; NULL if it does not end. */
static const char *expression_end(const char *p)
{
	int depth = 0;

	for (;;) {
		enum piece kind;

		p = piece_at(p, &kind);
		depth += (kind == PIECE_OPEN) - (kind == PIECE_CLOSE);
		if (kind == PIECE_END)
			return NULL;
		if (depth == 0)
			return p;
	}
}

/* The next CHECK at or after *at, as the text of its expression. */
static bool next_check(const char **at, struct buf *ret)
{
	bool check = false;
	const char *p = *at;

	for (;;) {
		const char *start = p, *end;
		enum piece kind;

		p = piece_at(p, &kind);
		if (kind == PIECE_END)
			return false;
		if (kind == PIECE_OPEN && check && (end = expression_end(start)) != NULL) {
			buf_reset(ret);
			buf_put(ret, start, (size_t)(end - start));
			*at = end;
			return true;
		}
		if (kind != PIECE_GAP)
			check = kind == PIECE_WORD && p - start == 5 &&
				sqlite3_strnicmp(start, "CHECK", 5) == 0;
	}
}

/* SELECT key..., scope FROM "table"; `as` is "" or an alias with its dot. */
static void put_select(const struct catalog_table *table, const char *as, struct buf *sql)
{
	const char *scope = table->scope_in_key ? CATALOG_SCOPE_COLUMN :
			    table->scope_at >= 0 ? table->column[table->scope_at].name : NULL;

	buf_text(sql, "SELECT ");
	for (int i = 0; i < table->keys; i++) {
		buf_text(sql, as);
		sql_quote(sql, table->column[table->key[i]].name);
		buf_text(sql, ", ");
	}
	if (scope == NULL) {
		buf_text(sql, "NULL");
	} else {
		buf_text(sql, as);
		sql_quote(sql, scope);
	}
}

static void put_order(const struct catalog_table *table, struct buf *sql)
{
	buf_text(sql, " ORDER BY ");
	for (int i = 0; i <= table->keys; i++)
		buf_print(sql, i == 0 ? "%d" : ", %d", i + 1);
}

static void tell(struct search *s, struct stmt *row, const char *detail)
{
	const struct catalog_table *table = s->table;
	struct value key[LIMIT_KEY_COLUMNS];
	struct constraint_breach b = { .table = table, .rule = s->rule, .detail = detail,
				       .scope = table->scope == NULL ? "" : table->scope };

	for (int i = 0; row != NULL && i < table->keys; i++)
		key[i] = stmt_get_value(row, i);
	if (row != NULL) {
		b.key = key;
		if (table->scope == NULL)
			b.scope = stmt_get_text(row, table->keys);
	}
	s->stopped = !s->call(s->state, &b);
}

/* A rule that SQLite cannot evaluate here is told as one breach; what ails the disk is an error. */
static bool cannot(struct search *s, const char *rule, struct err *e)
{
	AUTO_BUF detail = { 0 };

	if (e->code != ERR_INTERNAL)
		return false;
	buf_print(&detail, "%s cannot be evaluated here: %s", rule, e->text);
	tell(s, NULL, buf_string(&detail));
	return true;
}

/* Each row of the query is a breach; behind key and scope stands the detail, unless it is given. */
static bool ask(struct search *s, const char *sql, const char *rule, const char *detail, struct err *e)
{
	AUTO_STMT rows = { 0 };
	bool row;

	if (!db_prepare(s->db, sql, &rows, e))
		return cannot(s, rule, e);
	while (!s->stopped) {
		if (!stmt_row(&rows, &row, e))
			return cannot(s, rule, e);
		if (!row)
			return true;
		tell(s, &rows, detail != NULL ? detail : stmt_get_text(&rows, s->table->keys + 1));
	}
	return true;
}

/* "CHECK (percent >= 0)" with single spaces, and not too long. */
static void put_rule(const struct buf *expression, struct buf *out)
{
	size_t len = 0;

	buf_text(out, "CHECK ");
	for (size_t i = 0; i < expression->len && len < EXPRESSION_SHOWN; i++) {
		char c = (char)expression->data[i];
		bool gap = strchr(" \t\r\n\f", c) != NULL;

		if (gap && i > 0 && strchr(" \t\r\n\f", expression->data[i - 1]) != NULL)
			continue;
		buf_print(out, "%c", gap ? ' ' : c);
		len++;
	}
	/* Not in the middle of a character. */
	while (len == EXPRESSION_SHOWN && out->len > 0 && (out->data[out->len - 1] & 0xc0) == 0x80)
		out->len--;
	if (len == EXPRESSION_SHOWN)
		buf_text(out, "...");
}

static bool find_checks(struct search *s, const char *create, struct err *e)
{
	AUTO_BUF expression = { 0 };
	bool ok = true;

	s->rule = CONSTRAINT_CHECK;
	while (ok && !s->stopped && next_check(&create, &expression)) {
		AUTO_BUF rule = { 0 };
		AUTO_BUF sql = { 0 };

		put_rule(&expression, &rule);
		put_select(s->table, "", &sql);
		buf_text(&sql, " FROM ");
		sql_quote(&sql, s->table->name);
		buf_print(&sql, " WHERE NOT %s", buf_string(&expression));
		put_order(s->table, &sql);
		/* In the text of a table "x" may be a string, as SQLite reads it there. */
		sqlite3_db_config(s->db->handle, SQLITE_DBCONFIG_DQS_DML, 1, NULL);
		ok = ask(s, buf_string(&sql), buf_string(&rule), buf_string(&rule), e);
		sqlite3_db_config(s->db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	}
	return ok;
}

static bool table_text(struct search *s, struct buf *ret, struct err *e)
{
	AUTO_RESET q = { 0 };
	bool row;

	if (!db_statement(s->db, "SELECT sql FROM sqlite_schema WHERE type = 'table'"
				 " AND name = ?1 COLLATE NOCASE", &q, e))
		return false;
	stmt_text(&q, 1, s->table->name);
	if (!stmt_row(&q, &row, e))
		return false;
	if (row)
		buf_text(ret, stmt_get_text(&q, 0));
	return true;
}

/* One foreign key while its columns are read. */
struct foreign {
	char parent[LIMIT_NAME_BYTES + 1];
	bool there; /* the parent table is */
	bool named; /* all of the parent's columns are known */
	int columns;
	struct buf filled, match, said, to;
};

static void foreign_done(struct foreign *f)
{
	buf_done(&f->filled);
	buf_done(&f->match);
	buf_done(&f->said);
	buf_done(&f->to);
}

#define AUTO_FOREIGN __attribute__((cleanup(foreign_done))) struct foreign

/* Column `seq` of the parent's primary key, which a foreign key without names means. */
static bool parent_key(struct db *db, const char *parent, int64_t seq, struct buf *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT name FROM pragma_table_info(?1) WHERE pk = ?2", &s, e))
		return false;
	stmt_text(&s, 1, parent);
	stmt_int(&s, 2, seq + 1);
	if (!stmt_row(&s, &row, e))
		return false;
	if (row)
		buf_text(ret, stmt_get_text(&s, 0));
	return true;
}

static bool table_there(struct db *db, const char *name, bool *ret, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE",
			  &s, e))
		return false;
	stmt_text(&s, 1, name);
	return stmt_row(&s, ret, e);
}

/* q stands on a row of pragma_foreign_key_list: id, seq, table, from, to. */
static bool add_column(struct search *s, struct foreign *f, struct stmt *q, struct err *e)
{
	const char *from = stmt_get_text(q, 3), *and = f->columns == 0 ? "" : " AND ";
	const char *comma = f->columns == 0 ? "" : " || ', ' || ";
	AUTO_BUF to = { 0 };
	AUTO_BUF literal = { 0 };

	buf_text(&to, stmt_get_text(q, 4));
	if (f->columns == 0) {
		strncpy(f->parent, stmt_get_text(q, 2), sizeof(f->parent) - 1);
		f->named = true;
		if (!table_there(s->db, f->parent, &f->there, e))
			return false;
	}
	if (to.len == 0 && !parent_key(s->db, f->parent, stmt_get_int(q, 1), &to, e))
		return false;
	f->named &= to.len > 0;
	buf_text(&f->filled, and);
	buf_text(&f->filled, "c.");
	sql_quote(&f->filled, from);
	buf_text(&f->filled, " IS NOT NULL");
	buf_text(&f->match, and);
	buf_text(&f->match, "p.");
	sql_quote(&f->match, to.len > 0 ? buf_string(&to) : "");
	buf_text(&f->match, " = +c.");
	sql_quote(&f->match, from);
	buf_print(&f->to, "%s%s", f->columns == 0 ? "" : ", ", buf_string(&to));
	buf_text(&f->said, comma);
	for (const char *p = from; *p != '\0'; p++)
		buf_print(&literal, *p == '\'' ? "''" : "%c", *p);
	buf_print(&f->said, "'%s = ' || substr(quote(c.", buf_string(&literal));
	sql_quote(&f->said, from);
	buf_text(&f->said, "), 1, 80)");
	f->columns++;
	return true;
}

static bool find_orphans(struct search *s, struct foreign *f, struct err *e)
{
	AUTO_BUF sql = { 0 };
	AUTO_BUF rule = { 0 };
	AUTO_BUF target = { 0 };

	for (const char *p = f->parent; *p != '\0'; p++)
		buf_print(&target, *p == '\'' ? "''" : "%c", *p);
	buf_text(&target, f->there ? "(" : ", which is not there");
	for (const char *p = buf_string(&f->to); f->there && *p != '\0'; p++)
		buf_print(&target, *p == '\'' ? "''" : "%c", *p);
	buf_text(&target, f->there ? ")" : "");
	buf_print(&rule, "the foreign key to %s", f->parent);
	if (f->there && !f->named) {
		err_set(e, ERR_INTERNAL, "table %s has no primary key", f->parent);
		return cannot(s, buf_string(&rule), e);
	}
	put_select(s->table, "c.", &sql);
	buf_print(&sql, ", %s || ' is not in %s' FROM ", buf_string(&f->said), buf_string(&target));
	sql_quote(&sql, s->table->name);
	buf_print(&sql, " c WHERE %s", buf_string(&f->filled));
	if (f->there) {
		buf_text(&sql, " AND NOT EXISTS (SELECT 1 FROM ");
		sql_quote(&sql, f->parent);
		buf_print(&sql, " p WHERE %s)", buf_string(&f->match));
	}
	put_order(s->table, &sql);
	return ask(s, buf_string(&sql), buf_string(&rule), NULL, e);
}

static bool find_foreign(struct search *s, int64_t id, struct err *e)
{
	AUTO_FOREIGN f = { 0 };
	AUTO_STMT q = { 0 };
	bool row = true;

	if (!db_prepare(s->db, "SELECT id, seq, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1)"
			       " WHERE id = ?2 ORDER BY seq", &q, e))
		return false;
	stmt_text(&q, 1, s->table->name);
	stmt_int(&q, 2, id);
	while (row)
		if (!stmt_row(&q, &row, e) || (row && !add_column(s, &f, &q, e)))
			return false;
	stmt_reset(&q);
	return f.columns == 0 || find_orphans(s, &f, e);
}

static bool find_foreigns(struct search *s, struct err *e)
{
	AUTO_STMT q = { 0 };
	int64_t most = -1;
	bool row;

	if (!db_prepare(s->db, "SELECT max(id) FROM pragma_foreign_key_list(?1)", &q, e))
		return false;
	stmt_text(&q, 1, s->table->name);
	if (!stmt_row(&q, &row, e))
		return false;
	if (row && !stmt_get_null(&q, 0))
		most = stmt_get_int(&q, 0);
	stmt_reset(&q);
	s->rule = CONSTRAINT_FOREIGN_KEY;
	/* SQLite counts them from the last to the first. */
	for (int64_t id = most; id >= 0 && !s->stopped; id--)
		if (!find_foreign(s, id, e))
			return false;
	return true;
}

bool constraint_find(struct db *db, const struct catalog_table *table,
		     bool (*call)(void *state, const struct constraint_breach *breach), void *state,
		     bool *ret_stopped, struct err *e)
{
	struct search s = { .db = db, .table = table, .call = call, .state = state };
	AUTO_BUF create = { 0 };

	if (!table_text(&s, &create, e) || !find_checks(&s, buf_string(&create), e) ||
	    (!s.stopped && !find_foreigns(&s, e)))
		return false;
	if (ret_stopped != NULL)
		*ret_stopped = s.stopped;
	return true;
}
