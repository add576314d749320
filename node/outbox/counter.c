/*
 * counter.c - counters: a program says "now it is 12", what travels is "this office added 7 so far".
 *
 * The table shows base + all tallies, so what this chain has added in all is the number that stands there
 * now, less the base, less what others added.  An INSERT of a row of which tallies stand (it was deleted)
 * sets the base instead: the number less all tallies.
 *
 * NULL is no number.  A new row may have it, and keeps it until somebody counts.  A counter that shows a
 * number, or on which tallies stand from an earlier life of the row, cannot be NULL again: NULL written
 * there is told as 0, and is 0 in the table here as well.
 */
#include "outbox/counter.h"

static bool put_zero(struct row_source *source, const struct row_look *look, const char *column,
		     struct err *e)
{
	const struct catalog_table *table = source->table;
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };

	buf_text(&sql, "UPDATE ");
	sql_quote(&sql, table->name);
	buf_text(&sql, " SET ");
	sql_quote(&sql, column);
	buf_text(&sql, " = 0 WHERE ");
	if (table->scope_in_key)
		buf_text(&sql, CATALOG_SCOPE_COLUMN " IS ? AND ");
	for (int i = 0; i < table->keys; i++) {
		buf_text(&sql, i > 0 ? " AND " : "");
		sql_quote(&sql, table->column[table->key[i]].name);
		buf_text(&sql, " IS ?");
	}
	if (!db_prepare(source->db, buf_string(&sql), &s, e))
		return false;
	for (int i = 0; i < source->keys; i++)
		stmt_value(&s, i + 1, &look->key[i]);
	return stmt_done(&s, e);
}

bool counter_zero(struct row_source *source, const struct row_look *look, struct err *e)
{
	for (int i = 0; i < source->table->columns; i++)
		if (column_set_has(&look->zero, (unsigned)i) &&
		    !put_zero(source, look, source->table->column[i].name, e))
			return false;
	return true;
}

enum told {
	TOLD,
	TOLD_NOTHING, /* NULL, and it was NULL */
	TOLD_NOT,     /* it cannot be told */
};

struct counting {
	struct history *h;
	struct row_source *source;
	struct row_look *look;
	struct cell_row row;
	uint32_t chain; /* 0: an INSERT */
};

/* Is a NULL there news?  Where it is not, the column shows NULL as it is. */
static bool null_is_zero(struct counting *c, const struct catalog_column *column, bool *ret, struct err *e)
{
	struct value shown;
	bool found;

	*ret = merge_tallied(c->row.entry, c->row.n, (unsigned)column->no);
	if (*ret || c->chain == 0)
		return true;
	if (!cell_shown(c->h, &c->row, column->no, &shown, &found, e))
		return false;
	*ret = (found ? &shown : &column->fallback)->type != VALUE_NULL;
	return true;
}

static bool count_column(struct counting *c, int at, enum told *ret, struct err *e)
{
	const struct catalog_column *column = &c->source->table->column[c->source->column[at]];
	struct value *v = &c->source->value[at];
	struct cell_count count = { .column_no = column->no, .chain = c->chain };
	bool zero = false, fits = false;
	int64_t told;

	if (v->type == VALUE_NULL && !null_is_zero(c, column, &zero, e))
		return false;
	if (v->type == VALUE_NULL && !zero) {
		*ret = c->chain == 0 ? TOLD : TOLD_NOTHING;
		return true;
	}
	if (zero)
		column_set_add(&c->look->zero, c->source->column[at]);
	count.want = zero ? 0 : v->integer;
	if ((zero || v->type == VALUE_INT) && !cell_count(c->h, &c->row, &count, &told, &fits, e))
		return false;
	*ret = fits ? TOLD : TOLD_NOT;
	if (fits)
		*v = (struct value){ .type = VALUE_INT, .integer = told };
	return true;
}

static bool count_columns(struct counting *c, struct err *e)
{
	struct row_look *look = c->look;
	uint16_t kept = 0;

	for (int i = 0; i < look->columns; i++) {
		enum told told = TOLD;

		if (c->source->table->column[look->column[i]].policy == POLICY_COUNTER &&
		    !count_column(c, i, &told, e))
			return false;
		if (told == TOLD_NOT)
			look->finding = ROW_NO_COUNT;
		if (told == TOLD_NOTHING)
			continue;
		c->source->column[kept] = c->source->column[i];
		c->source->value[kept++] = c->source->value[i];
	}
	look->columns = kept;
	look->writes = look->op == CHANGE_INSERT || kept > 0;
	return true;
}

bool counter_look(struct history *h, struct row_source *source, uint32_t chain, struct row_look *look,
		  struct err *e)
{
	bool elsewhere = !scope_equal(&look->version.scope, &look->scope);
	struct counting c = { .h = h, .source = source, .look = look,
			      .chain = look->op == CHANGE_INSERT ? 0 : chain };
	struct version version = look->version;

	if (elsewhere && !version_find(&source->versions, look->key, &look->scope, &version, e))
		return false;
	c.row = (struct cell_row){ .table = source->table, .key = look->key + source->table->scope_in_key,
				   .k = version.k, .entry = version.entry, .n = version.n };
	if (!count_columns(&c, e))
		return false;
	/* The versions lend one row at a time: give back what was there before. */
	return !elsewhere || version_find(&source->versions, look->key, NULL, &look->version, e);
}
