/* right.c - the four questions before a row is written. */
#include <stdio.h>
#include <string.h>

#include "simpul/grant.h"
#include "store/rules.h"
#include "store/tables.h"
#include "web/manifest.h"
#include "web/right.h"

static void fault(struct serve_job *job, struct write *w, const char *column,
		  const struct request_fault *f)
{
	struct request_fault said = *f;

	said.index = w->index;
	said.column = column;
	w->wrong = true;
	request_fault(job, &said);
}

const char *right_scope(struct arena *arena, const struct relation *relation,
			const struct value *const *row)
{
	const struct catalog_table *table = relation->table;
	int at = table->scope_in_key ? 0 : table->scope_at;

	if (table->scope != NULL)
		return table->scope;
	if (at < 0 || row[at] == NULL || row[at]->type != VALUE_TEXT)
		return NULL;
	return arena_print(arena, "%.*s", (int)row[at]->len, (const char *)row[at]->bytes);
}

bool right_own_scope(struct party *p, char out[LIMIT_SCOPE_BYTES + 1], struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	out[0] = '\0';
	if (!db_statement(
		    p->db,
		    "SELECT scope FROM simpul_chain WHERE own = 1 AND scope <> '" SCOPE_NATIONAL
		    "' AND frozen = 0 ORDER BY no DESC LIMIT 1",
		    &s, e) ||
	    !stmt_row(&s, &row, e))
		return false;
	if (row) {
		snprintf(out, LIMIT_SCOPE_BYTES + 1, "%s", stmt_get_text(&s, 0));
		return true;
	}
	return meta_get_text(p->db, "scope", out, LIMIT_SCOPE_BYTES + 1, e);
}

/* The role of our chain there; -1: none.  A node that was never enrolled prepares what it will
 * write. */
static bool node_role(struct party *p, const char *scope, int *ret, struct err *e)
{
	char own[LIMIT_SCOPE_BYTES + 1];
	AUTO_RESET s = { 0 };
	int64_t chains;
	bool row;

	*ret = -1;
	if (!db_statement(
		    p->db,
		    "SELECT role FROM simpul_chain WHERE own = 1 AND scope = ?1 AND frozen = 0"
		    " AND void_after IS NULL ORDER BY no DESC LIMIT 1",
		    &s, e))
		return false;
	stmt_text(&s, 1, scope);
	if (!stmt_row(&s, &row, e))
		return false;
	if (row) {
		*ret = stmt_get_null(&s, 0) ? ROLE_WRITER : (int)stmt_get_int(&s, 0);
		return true;
	}
	if (!db_int(p->db, "SELECT count(*) FROM simpul_chain WHERE own = 1", 0, &chains, e) ||
	    !meta_get_text(p->db, "scope", own, sizeof(own), e))
		return false;
	if (chains == 0 && strcmp(scope, SCOPE_NATIONAL) != 0 &&
	    (own[0] == '\0' || strcmp(own, scope) == 0))
		*ret = ROLE_WRITER;
	return true;
}

bool right_node(struct party *p, const struct catalog_table *table, const char *scope,
		int *ret_role, struct err *e)
{
	struct rules_table rules;
	bool named = false;
	AUTO_ARENA arena = { 0 };

	if (!node_role(p, scope, ret_role, e))
		return false;
	if (*ret_role != ROLE_WRITER && *ret_role != ROLE_REVIEWER && *ret_role != ROLE_HUB)
		*ret_role = -1;
	rules_here(table, &arena, &rules);
	for (size_t i = 0; rules.rules != NULL && i < rules.rules->writes; i++)
		named |= rules.rules->write[i].role == *ret_role;
	if (rules.rules != NULL && rules.rules->writes > 0 && !named)
		*ret_role = -1;
	return true;
}

/* ---- whose row ---- */

static bool says_org(const struct value *v, const struct account *who)
{
	return v != NULL && v->type == VALUE_TEXT && who->org_id[0] != '\0' &&
	       v->len == strlen(who->org_id) && memcmp(v->bytes, who->org_id, v->len) == 0;
}

static const struct value *at_column(const struct value *const *row, int column)
{
	return row == NULL || column < 0 ? NULL : row[column];
}

/* The row of another table that says whose it is: by id, and in the same scope where that has one. */
static bool through_own(struct party *p, struct serve_job *job, const struct access_own *own,
			const struct value *const key[2], bool *ret, struct err *e)
{
	const struct relation *other;
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	struct value v;
	bool row;

	if (!relation_table(p, job, own->through, &other, e))
		return err_wrap(e, "access.json: own");
	if (relation_column(other, own->column) < 0 || relation_column(other, "id") < 0)
		return err_set(e, ERR_NOT_FOUND, "access.json: own: %s has no such column", own->through);
	buf_text(&sql, "SELECT ");
	sql_quote(&sql, own->column);
	buf_text(&sql, " FROM ");
	sql_quote(&sql, other->name);
	buf_text(&sql, " WHERE id = ?1");
	if (other->table->scope_column != NULL && key[1] != NULL) {
		buf_text(&sql, " AND ");
		sql_quote(&sql, other->table->scope_column);
		buf_text(&sql, " = ?2");
	}
	if (!db_prepare(p->db, buf_string(&sql), &s, e))
		return false;
	stmt_value(&s, 1, key[0]);
	if (key[1] != NULL)
		stmt_value(&s, 2, key[1]);
	if (!stmt_row(&s, &row, e))
		return false;
	v = row ? stmt_get_value(&s, 0) : (struct value){ .type = VALUE_NULL };
	*ret = says_org(&v, &request_of(job)->who);
	return true;
}

/* One row: as it stood, or as it is to be. */
static bool row_own(struct party *p, struct serve_job *job, const struct relation *relation,
		    const struct value *const *row, bool *ret, struct err *e)
{
	struct web_request *r = request_of(job);
	const struct value *key[2];
	struct access_own own;

	*ret = false;
	if (!access_own(r->web->access, relation->name, &own))
		return true;
	if (own.through == NULL) {
		*ret = says_org(at_column(row, relation_column(relation, own.column)), &r->who);
		return true;
	}
	key[0] = at_column(row, relation_column(relation, own.by));
	key[1] = at_column(row, relation->table->scope_at);
	return key[0] == NULL || through_own(p, job, &own, key, ret, e);
}

/* The row as it will be: what is given over what stood. */
static const struct value *const *row_after(struct arena *arena, const struct write *w)
{
	const struct value **row = arena_take(arena, (size_t)w->relation->columns * sizeof(*row));

	for (int i = 0; i < w->relation->columns; i++)
		row[i] = w->value != NULL && w->value[i] != NULL ? w->value[i]
								 : at_column(w->before, i);
	return row;
}

static bool check_own(struct party *p, struct serve_job *job, struct write *w, struct err *e)
{
	static const struct request_fault not_own = {
		.code = "no-right",
		.id = "Hanya baris unit Anda sendiri yang dapat Anda ubah.",
		.en = "You may write the rows of your own unit only."
	};
	struct web_request *r = request_of(job);
	struct access_own own;
	bool before = true, after = true;

	if (w->op == WRITE_INSERT && access_own(r->web->access, w->relation->name, &own) &&
	    own.through == NULL) {
		int at = relation_column(w->relation, own.column);

		if (at >= 0 && w->value[at] == NULL && r->who.org_id[0] != '\0') {
			struct value v = { .type = VALUE_TEXT,
					   .len = (uint32_t)strlen(r->who.org_id),
					   .bytes = (const uint8_t *)r->who.org_id };

			w->value[at] = arena_copy(&r->arena, &v, sizeof(v));
		}
	}
	if ((w->before != NULL && !row_own(p, job, w->relation, w->before, &before, e)) ||
	    (w->op != WRITE_DELETE &&
	     !row_own(p, job, w->relation, row_after(&r->arena, w), &after, e)))
		return false;
	if (!before || !after)
		fault(job, w, NULL, &not_own);
	return true;
}

/* ---- the table's rules ---- */

static bool check_rules(struct serve_job *job, struct write *w, int role)
{
	struct web_request *r = request_of(job);
	const struct relation *relation = w->relation;
	struct rules_table rules;
	struct column_set columns = { 0 };
	char digits[2][24];
	struct rules_act act = { .role = role, .columns = &columns };
	struct schema_text to;
	struct err why;

	rules_here(relation->table, &r->arena, &rules);
	if (rules.rules == NULL)
		return true;
	if (rules.rules->append && w->op != WRITE_INSERT) {
		fault(job, w, NULL,
		      &(struct request_fault){
			      .code = "append",
			      .id = "Baris di sini hanya dapat ditambah; koreksi"
				    " adalah baris baru.",
			      .en = "Rows here can only be added; a correction is a new row." });
		return false;
	}
	act.state = (struct schema_text){ "", 0 };
	for (int i = 0; i < relation->columns; i++) {
		const struct catalog_column *c = relation->column[i].of;

		if (c == NULL)
			continue;
		if (w->op != WRITE_DELETE && w->value[i] != NULL)
			column_set_add(&columns, (unsigned)c->no);
		if (c->no != rules.state)
			continue;
		if (w->before != NULL)
			act.state = rules_state(w->before[i], digits[0]);
		if (w->op != WRITE_DELETE && w->value[i] != NULL) {
			to = rules_state(w->value[i], digits[1]);
			act.to = &to;
		}
	}
	if (w->op == WRITE_DELETE)
		act.columns = NULL;
	if (rules_allow(&rules, &act, &why))
		return true;
	fault(job, w, NULL,
	      &(struct request_fault){ .code = "rule",
				       .id = "Aturan tabel ini tidak mengizinkannya.",
				       .en = why.text });
	return false;
}

static bool check_node(struct party *p, struct serve_job *job, struct write *w, struct err *e)
{
	struct web_request *r = request_of(job);
	const struct relation *relation = w->relation;
	const char *from = w->before == NULL ? NULL : right_scope(&r->arena, relation, w->before);
	const char *to = w->op == WRITE_DELETE
				 ? from
				 : right_scope(&r->arena, relation, row_after(&r->arena, w));
	struct scope scope;
	struct err why;
	int role;

	if (to == NULL || !scope_parse(to, strlen(to), &scope, &why)) {
		fault(job, w, relation->table->scope_column,
		      &(struct request_fault){ .code = "scope",
					       .id = "Daerah baris ini harus diisi.",
					       .en = "The row's scope must be given." });
		return true;
	}
	if (!node_role(p, to, &role, e))
		return false;
	if (role != ROLE_WRITER && role != ROLE_REVIEWER && role != ROLE_HUB) {
		fault(job, w, relation->table->scope_column,
		      &(struct request_fault){
			      .code = "no-right",
			      .id = "Simpul ini tidak berhak menulis di lingkup ini.",
			      .en = "This node has no right to write in that scope." });
		return true;
	}
	if (from != NULL && strcmp(from, to) != 0) {
		fault(job, w, relation->table->scope_column,
		      &(struct request_fault){
			      .code = "scope",
			      .id = "Baris tidak dapat pindah lingkup; buat baris baru.",
			      .en = "A row stays in its scope; make a new one." });
		return true;
	}
	check_rules(job, w, role);
	return true;
}

/* Who wrote it is not for the browser to say. */
static void sign(struct serve_job *job, struct write *w)
{
	struct web_request *r = request_of(job);
	const char *name = access_signed(r->web->access, w->relation->name);
	int at = name == NULL || w->op == WRITE_DELETE ? -1 : relation_column(w->relation, name);
	struct value v = { .type = VALUE_TEXT,
			   .len = (uint32_t)strlen(r->who.name),
			   .bytes = (const uint8_t *)r->who.name };

	if (at >= 0 && w->op == WRITE_INSERT)
		w->value[at] = arena_copy(&r->arena, &v, sizeof(v));
	if (at >= 0 && w->op == WRITE_UPDATE && w->value[at] != NULL &&
	    !value_equal(w->value[at], w->before[at]))
		fault(job, w, name,
		      &(struct request_fault){ .code = "signed",
					       .id = "Siapa yang mencatatnya tidak dapat diganti.",
					       .en = "Who wrote it first stays." });
}

/* What was handed over is sealed by POST /api/submissions alone: it checks, counts and hashes. */
static bool is_submission(const struct web_request *r, const struct write *w)
{
	const char *table = manifest_table(r->web->app);

	return table != NULL && strcmp(table, w->relation->name) == 0;
}

bool right_check(struct party *p, struct serve_job *job, struct write *w, struct err *e)
{
	static const struct request_fault no_right = {
		.code = "no-right",
		.id = "Peran Anda tidak mengizinkan perubahan di tabel ini.",
		.en = "Your role does not allow changes in this table."
	};
	struct web_request *r = request_of(job);
	enum access_write may = access_write(&r->access, w->relation->name);

	if (may == ACCESS_NONE || is_submission(r, w)) {
		fault(job, w, NULL, &no_right);
		return true;
	}
	sign(job, w);
	if (may == ACCESS_OWN && !check_own(p, job, w, e))
		return false;
	return w->relation->local || check_node(p, job, w, e);
}
