/*
 * adopt.c - rules find their table by its name, and their columns by theirs.
 *
 * The hub's documents and the table here may be of different ages.  Of rules for a column that is not here
 * nothing is left: a group keeps the members that are here, if two are; a line that may write some
 * columns keeps those; a line left without any goes, since an empty list would mean all.  Without its state
 * column a table has neither frozen states nor lines.  None of this loosens anything: what is merged is
 * judged by the hub's documents themselves (rules.h), not by what is adopted here.
 */
#include <string.h>

#include "simpul/crypto.h"
#include "store/adopt.h"
#include "store/tables.h"

/* Known here, or before the grant of a chain of ours: what our changesets are judged by. */
#define KNOWN                                                                                        \
	"a.seq <= coalesce(c.void_after, a.seq) AND (a.seq <= " ADOPT_KNOWN("c")                      \
	" OR a.seq <= (SELECT max(g.by_seq) FROM simpul_grant g JOIN simpul_chain o ON o.id = g.chain" \
	" WHERE o.own = 1 AND g.by_no = a.chain_no))"

struct source { /* rules, and the columns here that theirs are */
	const struct schema_table *schema;
	struct catalog_table *table;
	int *here; /* [schema->columns]: index in table->column, or -1 */
	struct arena *arena;
};

static bool same_name(const struct schema_text *a, const char *b)
{
	return strlen(b) == a->len && sqlite3_strnicmp(a->text, b, (int)a->len) == 0;
}

static void adopt_columns(const struct source *s)
{
	uint8_t number[LIMIT_COLUMNS] = { 0 }; /* of a group there, here */
	uint16_t members[LIMIT_COLUMNS] = { 0 };
	uint8_t groups = 0;

	for (int i = 0; i < s->schema->columns; i++) {
		const struct schema_column *from = &s->schema->column[i];

		if (s->here[i] < 0)
			continue;
		s->table->column[s->here[i]].policy = from->policy;
		s->table->column[s->here[i]].group = from->group;
		s->table->column[s->here[i]].labels = from->labels;
		s->table->column[s->here[i]].label = from->label;
		members[from->group]++;
	}
	for (int i = 0; i < s->table->columns; i++) { /* groups count by their first columns here */
		uint8_t *group = &s->table->column[i].group;

		if (*group != 0 && number[*group] == 0 && members[*group] >= 2)
			number[*group] = ++groups;
		*group = *group != 0 && members[*group] >= 2 ? number[*group] : 0;
	}
}

static bool adopt_line(const struct source *s, const struct schema_write *from, struct schema_write *to)
{
	*to = *from;
	if (from->columns == 0)
		return true;
	to->column = arena_take(s->arena, from->columns);
	to->columns = 0;
	for (int at = 0; at < s->table->columns; at++) /* ascending here */
		for (int i = 0; i < from->columns; i++)
			if (s->here[from->column[i]] == at)
				to->column[to->columns++] = (uint8_t)at;
	return to->columns > 0;
}

static void adopt_table(const struct source *s)
{
	const struct schema_rules *from = s->schema->rules;
	struct schema_rules *to = arena_take(s->arena, sizeof(*to));
	bool stateless;

	*to = *from;
	to->state = from->state < 0 ? -1 : (int16_t)s->here[from->state];
	stateless = to->state < from->state && to->state < 0;
	to->writes = 0;
	to->write = arena_take(s->arena, from->writes * sizeof(*to->write) + 1);
	for (int i = 0; i < from->writes && !stateless; i++)
		to->writes += adopt_line(s, &from->write[i], &to->write[to->writes]);
	if (stateless)
		to->frozens = 0;
	s->table->rules = to;
	adopt_columns(s);
}

static void adopt_nothing(struct catalog_table *table)
{
	table->rules = NULL;
	for (int i = 0; i < table->columns; i++) {
		struct catalog_column *c = &table->column[i];

		c->policy = c->group = 0;
		c->labels = 0;
		c->label = NULL;
	}
}

/*
 * Rules that the table here cannot have (its column is of another type by now) are left out, all of
 * them: a catalog that cannot be loaded would stop the node.
 */
static void adopt_from(struct arena *arena, const struct schema *schema, bool approved,
		       struct catalog *catalog)
{
	for (uint16_t t = 0; t < schema->tables; t++) {
		struct source s = { .schema = &schema->table[t], .arena = arena };
		struct schema_table made;
		struct err why;

		if (s.schema->rules == NULL)
			continue;
		for (int i = 0; i < catalog->tables; i++)
			if (same_name(&s.schema->name, catalog->table[i].replicated))
				s.table = &catalog->table[i];
		if (s.table == NULL || s.table->rules != NULL || s.table->approved)
			continue;
		s.here = arena_take(arena, s.schema->columns * sizeof(*s.here));
		for (int i = 0; i < s.schema->columns; i++) {
			s.here[i] = -1;
			for (int k = 0; k < s.table->columns; k++)
				if (same_name(&s.schema->column[i].name, s.table->column[k].replicated))
					s.here[i] = k;
		}
		adopt_table(&s);
		catalog_schema(s.table, arena, &made);
		s.table->approved = approved;
		if (!schema_check(&(struct schema){ 1, &made }, &why))
			adopt_nothing(s.table);
	}
}

/* All documents that a statement yields, the first that has rules for a table first. */
static bool adopt_each(struct stmt *s, struct arena *arena, bool approved, struct catalog *catalog,
		       struct err *e)
{
	while (true) {
		struct schema schema;
		size_t len, cap;
		const void *bytes;
		bool row;

		if (!stmt_row(s, &row, e))
			return false;
		if (!row)
			return true;
		bytes = stmt_get_blob(s, 0, &len);
		cap = schema_memory(len);
		bytes = arena_copy(arena, bytes, len);
		if (!schema_decode(bytes, len, arena_take(arena, cap), cap, &schema, e))
			return err_wrap(e, "rules on file");
		adopt_from(arena, &schema, approved, catalog);
	}
}

bool adopt_rules(struct db *db, struct arena *arena, struct catalog *catalog, struct err *e)
{
	AUTO_STMT approved = { 0 };
	AUTO_STMT own = { 0 };

	return adopt_version(db, &catalog->rules_version, e) &&
	       db_prepare(db, "SELECT d.document FROM simpul_approved a JOIN simpul_schema d USING (hash)"
			      " JOIN simpul_chain c ON c.no = a.chain_no"
			      " WHERE " KNOWN " ORDER BY a.hlc DESC,"
			      " c.id DESC, a.seq DESC", &approved, e) &&
	       adopt_each(&approved, arena, true, catalog, e) &&
	       db_prepare(db, "SELECT document FROM simpul_rule", &own, e) &&
	       adopt_each(&own, arena, false, catalog, e);
}

bool adopt_version(struct db *db, int64_t *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	int64_t filed;
	bool row;

	if (!meta_get_int(db, "rules", 0, &filed, e) ||
	    !db_statement(db, "SELECT count(*) FROM simpul_approved a JOIN simpul_chain c"
			      " ON c.no = a.chain_no WHERE " KNOWN, &s, e) ||
	    !stmt_row(&s, &row, e))
		return false;
	*ret = filed + stmt_get_int(&s, 0);
	return true;
}

static bool moved(struct db *db, struct err *e)
{
	int64_t filed;

	return meta_get_int(db, "rules", 0, &filed, e) && meta_put_int(db, "rules", filed + 1, e);
}

bool adopt_encode(const struct schema *schema, struct buf *out, struct err *e)
{
	size_t cap = 4096;

	while (true) {
		buf_reset(out);
		buf_reserve(out, cap);
		if (schema_encode(schema, out->data, cap, &out->len, e))
			return true;
		if (e->code != ERR_TOO_LARGE || cap >= LIMIT_BODY_BYTES)
			return false;
		cap *= 4;
	}
}

bool adopt_file(struct db *db, const struct schema_table *schema, struct err *e)
{
	struct schema_table table = *schema;
	AUTO_BUF bytes = { 0 };
	AUTO_RESET s = { 0 };
	const struct value name = { .type = VALUE_TEXT, .len = schema->name.len,
				    .bytes = (const uint8_t *)schema->name.text };

	if (!db_statement(db, schema->rules == NULL ? "DELETE FROM simpul_rule WHERE name = ?1" :
			  "INSERT OR REPLACE INTO simpul_rule(name, document) VALUES(?1, ?2)", &s, e))
		return false;
	stmt_value(&s, 1, &name);
	if (schema->rules != NULL) {
		if (!adopt_encode(&(struct schema){ 1, &table }, &bytes, e))
			return false;
		stmt_blob(&s, 2, bytes.data, bytes.len);
	}
	return stmt_done(&s, e) && moved(db, e);
}

bool adopt_approve(struct db *db, const struct hash *hash, const struct adopt_place *place,
		   struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(db, "INSERT OR IGNORE INTO simpul_approved(chain_no, seq, hlc, hash)"
			      " VALUES(?1, ?2, ?3, ?4)", &s, e))
		return false;
	stmt_int(&s, 1, place->chain_no);
	stmt_int(&s, 2, (int64_t)place->seq);
	stmt_int(&s, 3, (int64_t)place->hlc);
	stmt_blob(&s, 4, hash->bytes, sizeof(hash->bytes));
	return stmt_done(&s, e) && moved(db, e);
}
