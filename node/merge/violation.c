/*
 * violation.c - one list of what breaks a rule, and the way back for changes that may not travel.
 *
 * simpul_violation names a row by the place of its version.  Rows that merging keeps out have one.  Rows
 * that sealing leaves in the log may have none yet: their hints tell the key.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "merge/constraint.h"
#include "merge/row.h"
#include "merge/violation.h"

static const struct {
	const char *rule, *id, *en;
	bool withheld; /* by merging; else by sealing */
} rules[] = {
	{ "unique", "Ubah nilai pada salah satu dari kedua baris; baris ini kembali sendiri.",
	  "Change the value in one of the two rows; this one comes back by itself.", true },
	{ "not-null", "Isi kolomnya di tempat baris itu ditulis; lalu baris ini datang sendiri.",
	  "Fill in the column where the row was written; then it comes by itself.", true },
	{ "rule", "Ubah nilainya di tempat baris itu ditulis; lalu baris ini datang sendiri.",
	  "Change the value where the row was written; then it comes by itself.", true },
	{ "key", "Beri salah satu baris kunci lain di tempat baris itu ditulis.",
	  "Give one of the rows another key where it was written.", true },
	{ "missing", "Kembali sendiri pada penggabungan berikutnya; hapus lagi bila memang harus hilang.",
	  "It comes back with the next merge; delete it again if it is to go.", true },
	{ "too-large", "Perpendek isinya; sebelum itu tidak dikirim.",
	  "Make it smaller; until then it is not sent.", false },
	{ "no-scope", "Isi kolom lingkup dengan kode wilayah; sebelum itu tidak dikirim.",
	  "Write a scope into the scope column; until then it is not sent.", false },
	{ "null-key", "Isi kunci baris itu; sebelum itu tidak dikirim.",
	  "Give the row a key; until then it is not sent.", false },
	{ "counter", "Isi penghitung dengan bilangan bulat; sebelum itu tidak dikirim.",
	  "Write a whole number into the counter; until then it is not sent.", false },
	{ "not-allowed", "Minta yang berhak mengubahnya, atau kembalikan: simpul violations BERKAS"
			 " --put-back TABEL KUNCI.",
	  "Ask who may change it, or take it back: simpul violations FILE --put-back TABLE KEY.", false },
	{ CONSTRAINT_FOREIGN_KEY, "Tambahkan baris yang dirujuk, atau ubah rujukannya.",
	  "Add the row that it refers to, or change the reference.", false },
	{ CONSTRAINT_CHECK, "Tulis nilai yang diperbolehkan aturan tabel itu.",
	  "Write values that the rule allows.", false },
};
#define RULES (sizeof(rules) / sizeof(rules[0]))

const char *violation_remedy(const char *rule, bool english)
{
	for (size_t i = 0; i < RULES; i++)
		if (strcmp(rules[i].rule, rule) == 0)
			return english ? rules[i].en : rules[i].id;
	return english ? "Change the row so that it keeps the rule." :
			 "Ubah baris itu supaya sesuai aturan.";
}

static bool is_withheld(const char *reason)
{
	for (size_t i = 0; i < RULES; i++)
		if (strcmp(rules[i].rule, reason) == 0)
			return rules[i].withheld;
	return false;
}

/* Merging notes what SQLite said; this much of it is worth a rule of its own. */
static const char *rule_of(const char *reason, const char *detail)
{
	return strcmp(reason, "rule") == 0 && strncmp(detail, "NOT NULL", 8) == 0 ? "not-null" : reason;
}

struct hint { /* of a table: where its row's version would be, and which hint it is */
	int64_t k, seq;
};

struct lister {
	struct db *db;
	const struct catalog *catalog;
	struct arena arena, row; /* of a table; of a row */
	const struct catalog_table *table;
	struct version_table versions;
	struct hint *hint; /* NULL: not read yet */
	size_t hints;
};

#define AUTO_LISTER __attribute__((cleanup(lister_done))) struct lister

static void lister_done(struct lister *l)
{
	version_close(&l->versions);
	arena_done(&l->arena);
	arena_done(&l->row);
}

static bool enter_table(struct lister *l, const struct catalog_table *table, struct err *e)
{
	struct version_shape shape;

	if (l->table == table)
		return true;
	version_close(&l->versions);
	arena_reset(&l->arena);
	l->table = table;
	l->hint = NULL;
	l->hints = 0;
	version_shape_of(table, &shape);
	return version_open(&l->versions, l->db, &shape, e);
}

static int hint_order(const void *a, const void *b)
{
	const struct hint *x = a, *y = b;

	return x->k != y->k ? (x->k < y->k ? -1 : 1) : (x->seq > y->seq) - (x->seq < y->seq);
}

/* A hint's key as versions count it: simpul_scope in front where the table has it. */
static void hint_key(const struct catalog_table *table, struct stmt *s, struct value key[VERSION_KEYS_MAX])
{
	int at = 0;

	if (table->scope_in_key)
		key[at++] = stmt_get_value(s, 5);
	for (int i = 0; i < table->keys; i++)
		key[at++] = stmt_get_value(s, 1 + i);
}

static bool read_hints(struct lister *l, struct err *e)
{
	static const struct scope any;
	AUTO_RESET s = { 0 };
	size_t cap = 0;
	bool row;

	if (l->hint != NULL)
		return true;
	if (!db_statement(l->db, "SELECT seq, k1, k2, k3, k4, s FROM simpul_log WHERE t = ?1", &s, e))
		return false;
	stmt_int(&s, 1, l->table->no);
	for (;;) {
		struct value key[VERSION_KEYS_MAX];
		struct version_key at;
		AUTO_BUF packed = { 0 };

		if (!stmt_row(&s, &row, e))
			return false;
		if (l->hints == cap) {
			struct hint *more = arena_take(&l->arena, (cap = cap * 2 + 64) * sizeof(*more));

			memcpy(more, l->hints == 0 ? more : l->hint, l->hints * sizeof(*more));
			l->hint = more;
		}
		if (!row)
			break;
		hint_key(l->table, &s, key);
		version_key_make(&l->versions, key, &any, &packed, &at);
		l->hint[l->hints++] = (struct hint){ at.k, stmt_get_int(&s, 0) };
	}
	qsort(l->hint, l->hints, sizeof(*l->hint), hint_order);
	return true;
}

static void keep_key(struct lister *l, struct value *key, int keys)
{
	for (int i = 0; i < keys; i++)
		if (key[i].type >= VALUE_TEXT)
			key[i].bytes = arena_copy(&l->row, key[i].bytes, key[i].len);
}

/* The key of a row that is still in the log; NULL in *ret if no hint fits. */
static bool key_by_hint(struct lister *l, int64_t k, struct value **ret, struct err *e)
{
	struct value *key = arena_take(&l->row, VERSION_KEYS_MAX * sizeof(*key));
	struct hint want = { k, INT64_MIN };
	size_t low = 0, high;
	AUTO_RESET s = { 0 };
	bool row;

	*ret = NULL;
	if (!read_hints(l, e))
		return false;
	for (high = l->hints; low < high;) {
		size_t mid = low + (high - low) / 2;

		if (hint_order(&l->hint[mid], &want) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == l->hints || l->hint[low].k != k)
		return true;
	if (!db_statement(l->db, "SELECT seq, k1, k2, k3, k4, s FROM simpul_log WHERE seq = ?1", &s, e))
		return false;
	stmt_int(&s, 1, l->hint[low].seq);
	if (!stmt_row(&s, &row, e) || !row)
		return !row;
	hint_key(l->table, &s, key);
	keep_key(l, key, l->table->keys + l->table->scope_in_key);
	*ret = key;
	return true;
}

/* The scope that the row in the table says, where a column says it. */
static bool scope_in_row(struct lister *l, const struct value *key, const char **ret, struct err *e)
{
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	catalog_select_row(l->table, &sql);
	if (!db_prepare(l->db, buf_string(&sql), &s, e))
		return false;
	for (int i = 0; i < l->table->keys; i++)
		stmt_value(&s, i + 1, &key[i]);
	if (!stmt_row(&s, &row, e))
		return false;
	if (row)
		*ret = arena_text(&l->row, stmt_get_text(&s, l->table->scope_at));
	return true;
}

/* A change made here: its key by the hints, its scope as far as one can tell. */
static bool describe_local(struct lister *l, int64_t k, struct violation *v, struct err *e)
{
	struct version version;
	struct value *key;

	v->local = true;
	if (!key_by_hint(l, k, &key, e) || key == NULL)
		return key == NULL;
	v->key = key + l->table->scope_in_key;
	if (l->table->scope != NULL)
		return true;
	if (l->table->scope_in_key) {
		v->scope = key[0].type != VALUE_TEXT ? "" :
			   arena_print(&l->row, "%.*s", (int)key[0].len, (const char *)key[0].bytes);
		return true;
	}
	if (!version_find(&l->versions, key, NULL, &version, e))
		return false;
	if (version.state != VERSION_NONE)
		v->scope = arena_text(&l->row, version.scope.name);
	return version.state != VERSION_NONE || scope_in_row(l, key, &v->scope, e);
}

static bool describe_withheld(struct lister *l, int64_t k, struct violation *v, struct err *e)
{
	struct version_row *row = arena_take(&l->row, sizeof(*row));

	if (!version_at(&l->versions, k, row, e))
		return false;
	keep_key(l, row->key, l->versions.shape.keys);
	v->key = row->key + l->table->scope_in_key;
	v->scope = row->version.scope.name;
	return true;
}

/* s stands on a row of simpul_violation joined with its table's name. */
static bool describe(struct lister *l, struct stmt *s, struct violation *v, struct err *e)
{
	const char *reason = arena_text(&l->row, stmt_get_text(s, 2));
	const char *detail = arena_text(&l->row, stmt_get_text(s, 3));

	*v = (struct violation){ .table = arena_text(&l->row, stmt_get_text(s, 4)), .scope = "",
				 .of = catalog_by_no(l->catalog, (int)stmt_get_int(s, 0)),
				 .rule = rule_of(reason, detail), .detail = detail };
	if (v->of == NULL)
		return true;
	v->table = v->of->name;
	if (v->of->scope != NULL)
		v->scope = v->of->scope;
	if (!enter_table(l, v->of, e))
		return false;
	return is_withheld(reason) ? describe_withheld(l, stmt_get_int(s, 1), v, e) :
				     describe_local(l, stmt_get_int(s, 1), v, e);
}

static const char noted[] =
	"SELECT v.table_no, v.vkey, v.reason, v.detail, coalesce(t.name, '') FROM simpul_violation v"
	" LEFT JOIN simpul_table t ON t.no = v.table_no ORDER BY t.name, v.vkey";

struct computed { /* hands breaches on as violations */
	bool (*call)(void *state, const struct violation *violation);
	void *state;
};

static bool hand_on(void *state, const struct constraint_breach *b)
{
	const struct computed *c = state;
	const struct violation v = { .table = b->table->name, .of = b->table, .scope = b->scope,
				     .key = b->key, .rule = b->rule, .detail = b->detail };

	return c->call(c->state, &v);
}

/* Those that merging and sealing noted. */
static bool list_noted(struct db *db, const struct catalog *catalog,
		       bool (*call)(void *state, const struct violation *violation), void *state,
		       bool *ret_stopped, struct err *e)
{
	AUTO_LISTER l = { .db = db, .catalog = catalog };
	AUTO_STMT s = { 0 };
	bool row;

	*ret_stopped = false;
	if (!db_prepare(db, noted, &s, e))
		return false;
	while (!*ret_stopped) {
		struct violation v;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		arena_reset(&l.row);
		if (!describe(&l, &s, &v, e))
			return false;
		*ret_stopped = !call(state, &v);
	}
	return true;
}

bool violation_list(struct db *db, const struct catalog *catalog,
		    bool (*call)(void *state, const struct violation *violation), void *state,
		    struct err *e)
{
	struct computed computed = { call, state };
	bool stopped;

	if (!list_noted(db, catalog, call, state, &stopped, e))
		return false;
	for (int i = 0; i < catalog->tables && !stopped; i++)
		if (!constraint_find(db, &catalog->table[i], hand_on, &computed, &stopped, e))
			return false;
	return true;
}

struct tally {
	const struct scope *scope;
	int64_t n;
};

static bool count_one(void *state, const struct violation *v)
{
	struct tally *t = state;

	t->n += t->scope == NULL || strcmp(t->scope->name, v->scope) == 0;
	return true;
}

bool violation_count(struct db *db, const struct catalog *catalog, const struct scope *scope,
		     int64_t *ret, struct err *e)
{
	struct tally t = { .scope = scope };

	if (!violation_list(db, catalog, count_one, &t, e))
		return false;
	*ret = t.n;
	return true;
}

static void put_value(struct buf *out, const struct value *v)
{
	char hex[HEX_SIZE(1)];

	switch (v->type) {
	case VALUE_NULL:
		buf_text(out, "NULL");
		return;
	case VALUE_INT:
		buf_print(out, "%" PRId64, v->integer);
		return;
	case VALUE_REAL:
		buf_print(out, "%.17g", v->real);
		return;
	case VALUE_TEXT:
		buf_put(out, v->bytes, v->len);
		return;
	case VALUE_BLOB:
		for (uint32_t i = 0; i < v->len; i++) {
			hex_encode(&v->bytes[i], 1, hex);
			buf_text(out, hex);
		}
		return;
	}
}

/* The row that is to be put back, while the list is searched for it. */
struct wanted {
	const struct violation_name *name;
	struct arena arena;
	const struct catalog_table *table;
	struct scope scope;
	struct value key[LIMIT_KEY_COLUMNS];
	int found;
};

static void wanted_done(struct wanted *w)
{
	arena_done(&w->arena);
}

#define AUTO_WANTED __attribute__((cleanup(wanted_done))) struct wanted

static bool is_meant(const struct violation_name *name, const struct violation *v)
{
	if (!v->local || v->key == NULL || v->of->keys != name->words ||
	    sqlite3_stricmp(v->table, name->table) != 0)
		return false;
	for (int i = 0; i < v->of->keys; i++) {
		AUTO_BUF text = { 0 };

		put_value(&text, &v->key[i]);
		if (strcmp(buf_string(&text), name->word[i]) != 0)
			return false;
	}
	return true;
}

static bool look_for(void *state, const struct violation *v)
{
	struct wanted *w = state;

	if (!is_meant(w->name, v))
		return true;
	w->found++;
	w->table = v->of;
	strncpy(w->scope.name, v->scope, sizeof(w->scope.name) - 1);
	for (int i = 0; i < v->of->keys; i++) {
		w->key[i] = v->key[i];
		if (v->key[i].type >= VALUE_TEXT)
			w->key[i].bytes = arena_copy(&w->arena, v->key[i].bytes, v->key[i].len);
	}
	return true;
}

/* Runs `sql` with the table's number or none, the key, and the scope where the key has it. */
static bool erase(struct db *db, const struct wanted *w, const char *sql, int table_no, struct err *e)
{
	const struct value scope = { .type = VALUE_TEXT, .len = (uint32_t)strlen(w->scope.name),
				     .bytes = (const uint8_t *)w->scope.name };
	AUTO_STMT s = { 0 };
	int at = 1;

	if (!db_prepare(db, sql, &s, e))
		return false;
	if (table_no > 0)
		stmt_int(&s, at++, table_no);
	for (int i = 0; i < w->table->keys; i++)
		stmt_value(&s, at++, &w->key[i]);
	if (w->table->scope_in_key)
		stmt_value(&s, at, &scope);
	return stmt_done(&s, e);
}

static bool erase_row(struct db *db, const struct wanted *w, struct err *e)
{
	AUTO_BUF sql = { 0 };

	buf_text(&sql, "DELETE FROM ");
	sql_quote(&sql, w->table->name);
	for (int i = 0; i < w->table->keys; i++) {
		buf_text(&sql, i == 0 ? " WHERE " : " AND ");
		sql_quote(&sql, w->table->column[w->table->key[i]].name);
		buf_print(&sql, " IS ?%d", i + 1);
	}
	if (w->table->scope_in_key)
		buf_print(&sql, " AND " CATALOG_SCOPE_COLUMN " = ?%d", w->table->keys + 1);
	return erase(db, w, buf_string(&sql), 0, e);
}

static bool erase_hints(struct db *db, const struct wanted *w, struct err *e)
{
	AUTO_BUF sql = { 0 };

	buf_text(&sql, "DELETE FROM simpul_log WHERE t = ?1");
	for (int i = 0; i < w->table->keys; i++)
		buf_print(&sql, " AND k%d IS ?%d", i + 1, i + 2);
	if (w->table->scope_in_key)
		buf_print(&sql, " AND s = ?%d", w->table->keys + 2);
	return erase(db, w, buf_string(&sql), w->table->no, e);
}

/* By the place that sealing noted it at: that of its key, whether or not a version is there. */
static bool forget(struct db *db, struct table *t, const struct wanted *w, struct err *e)
{
	struct value key[VERSION_KEYS_MAX];
	struct version_key at;
	AUTO_BUF packed = { 0 };
	AUTO_RESET s = { 0 };

	table_version_key(t, &w->scope, w->key, key);
	version_key_make(&t->versions, key, &w->scope, &packed, &at);
	if (!db_statement(db, "DELETE FROM simpul_violation WHERE table_no = ?1 AND vkey = ?2", &s, e))
		return false;
	stmt_int(&s, 1, w->table->no);
	stmt_int(&s, 2, at.k);
	return stmt_done(&s, e);
}

static bool restore(struct db *db, const struct catalog *catalog, const struct wanted *w, struct err *e)
{
	AUTO_HISTORY history = { 0 };
	AUTO_TABLES tables = { 0 };
	struct value key[VERSION_KEYS_MAX];
	struct version v;
	struct scope scope;
	struct table *t;
	bool withheld;

	if (!db_exec(db, "PRAGMA ignore_check_constraints=ON", e) ||
	    !history_open(&history, db, catalog, e) || !table_open_all(&tables, db, catalog, e))
		return false;
	t = table_find(&tables, w->table);
	table_version_key(t, &w->scope, w->key, key);
	if (!forget(db, t, w, e) || !version_find(&t->versions, key, NULL, &v, e))
		return false;
	if (v.state != VERSION_ALIVE)
		return true;
	scope = v.scope;
	return row_rebuild(&history, &(struct row){ .table = t, .scope = &scope, .key = w->key, .k = v.k },
			   &withheld, e);
}

bool violation_put_back(struct db *db, const struct catalog *catalog, const struct violation_name *name,
			struct buf *ret_object, struct err *e)
{
	AUTO_WANTED w = { .name = name };
	bool stopped;

	if (!list_noted(db, catalog, look_for, &w, &stopped, e))
		return false;
	if (w.found == 0)
		return err_set(e, ERR_NOT_FOUND,
			       "no row of %s with this key is listed as changed here and not"
			       " sealed",
			       name->table);
	if (w.found > 1)
		return err_set(e, ERR_USAGE, "%d rows of %s have this key: as text and as a number, or in"
			       " several scopes", w.found, name->table);
	buf_text(ret_object, w.table->name);
	for (int i = 0; i < w.table->keys; i++) {
		buf_text(ret_object, " ");
		put_value(ret_object, &w.key[i]);
	}
	return erase_row(db, &w, e) && erase_hints(db, &w, e) && restore(db, catalog, &w, e);
}
