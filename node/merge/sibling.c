/* sibling.c - simpul_sibling in words. */
#include <string.h>

#include "merge/sibling.h"
#include "store/cell.h"

struct lister {
	struct db *db;
	struct history history;
	struct arena arena; /* one row of the list */
	const struct catalog_table *table;
	struct version_table versions;
};

#define AUTO_LISTER __attribute__((cleanup(lister_done))) struct lister

static void lister_done(struct lister *l)
{
	version_close(&l->versions);
	history_close(&l->history);
	arena_done(&l->arena);
}

static bool enter_table(struct lister *l, const struct catalog_table *table, struct err *e)
{
	struct version_shape shape;

	if (l->table == table)
		return true;
	version_close(&l->versions);
	l->table = table;
	version_shape_of(table, &shape);
	return version_open(&l->versions, l->db, &shape, e);
}

/* Node name and changeset of a write. */
static bool name_write(struct lister *l, int64_t chain, int64_t seq, struct sibling_write *ret,
		       struct err *e)
{
	AUTO_RESET s = { 0 };
	const void *id;
	size_t len;
	bool row;

	ret->node = "";
	if (!db_statement(l->db, "SELECT c.name, s.n, s.id FROM simpul_chain c LEFT JOIN simpul_changeset s"
				 " ON s.chain_no = c.no AND s.seq = ?2 WHERE c.no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, chain);
	stmt_int(&s, 2, seq);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return true;
	ret->node = arena_text(&l->arena, stmt_get_text(&s, 0));
	ret->n = stmt_get_int(&s, 1);
	id = stmt_get_blob(&s, 2, &len);
	if (len == sizeof(ret->id))
		memcpy(&ret->id, id, len);
	return true;
}

static bool find_shown(struct lister *l, const struct version_row *v, int column_no, struct sibling *ret,
		       struct err *e)
{
	const struct cell_row cells = { .table = l->table, .key = ret->key, .k = v->version.k,
					.entry = v->version.entry, .n = v->version.n };
	const struct merge_entry *shown = merge_shown(cells.entry, cells.n, (unsigned)column_no,
						      l->history.id);
	const struct catalog_column *column = catalog_column_by_no(l->table, column_no);
	bool found;

	ret->shown.node = "";
	if (shown == NULL)
		return true;
	if (!cell_shown(&l->history, &cells, column_no, &ret->shown.value, &found, e))
		return false;
	if (!found && column != NULL && column->policy == POLICY_MANUAL) {
		ret->shown.value = column->fallback; /* nobody's: a person has to choose */
		return true;
	}
	ret->shown.hlc = shown->hlc;
	return name_write(l, shown->chain, (int64_t)shown->seq, &ret->shown, e);
}

/* Fills *ret from a row of the list; *ret_listed is false for a row that is deleted. */
static bool describe(struct lister *l, struct stmt *s, struct version_row *v, struct sibling *ret,
		     bool *ret_listed, struct err *e)
{
	const struct catalog_column *column;

	*ret_listed = false;
	if (!version_at(&l->versions, stmt_get_int(s, 1), v, e))
		return false;
	if (v->version.state != VERSION_ALIVE)
		return true;
	*ret_listed = true;
	column = catalog_column_by_no(l->table, (int)stmt_get_int(s, 2));
	*ret = (struct sibling){ .table = l->table, .scope = v->version.scope.name,
				 .key = v->key + l->table->scope_in_key,
				 .column = column == NULL ? arena_text(&l->arena, stmt_get_text(s, 7)) :
							    column->name };
	ret->other.hlc = (uint64_t)stmt_get_int(s, 5);
	ret->other.value = stmt_get_value(s, 6);
	return name_write(l, stmt_get_int(s, 3), stmt_get_int(s, 4), &ret->other, e) &&
	       find_shown(l, v, (int)stmt_get_int(s, 2), ret, e);
}

bool sibling_list(struct db *db, const struct catalog *catalog,
		  bool (*call)(void *state, const struct sibling *sibling), void *state, struct err *e)
{
	AUTO_LISTER l = { .db = db };
	AUTO_STMT s = { 0 };
	bool row;

	if (!history_open(&l.history, db, catalog, e) ||
	    !db_prepare(db, "SELECT s.table_no, s.vkey, s.column_no, s.chain_no, s.seq, s.hlc,"
			    " s.value, c.name FROM simpul_sibling s LEFT JOIN simpul_column c"
			    " ON c.table_no = s.table_no AND c.no = s.column_no WHERE s.superseded_n IS NULL"
			    " ORDER BY s.table_no, s.vkey, s.column_no, s.hlc DESC", &s, e))
		return false;
	while (true) {
		const struct catalog_table *table;
		struct version_row v;
		struct sibling sibling;
		bool listed;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		arena_reset(&l.arena);
		table = catalog_by_no(catalog, (int)stmt_get_int(&s, 0));
		if (table == NULL)
			continue;
		if (!enter_table(&l, table, e) || !describe(&l, &s, &v, &sibling, &listed, e))
			return false;
		if (listed && !call(state, &sibling))
			return true;
	}
}

bool sibling_count(struct db *db, int64_t *ret, struct err *e)
{
	return db_int(db, "SELECT count(*) FROM simpul_sibling WHERE superseded_n IS NULL", 0, ret, e);
}
