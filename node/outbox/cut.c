/*
 * cut.c - outbox_seal: one consistent state of the log becomes changesets.
 *
 * Rows are looked at in the order of table and key.  Each is stamped into its version row at once, with
 * the number of the changeset in which it is going to stand.  Long logs are sealed in cuts of CUT_HINTS
 * hints or CUT_BYTES of values, so that memory stays bounded however much there is.
 */
#include <stdlib.h>
#include <string.h>

#include "capture/diff.h"
#include "outbox/allow.h"
#include "outbox/counter.h"
#include "outbox/pack.h"
#include "outbox/row.h"
#include "simpul/grant.h"
#include "simpul/hlc.h"
#include "store/cell.h"
#include "store/rules.h"
#include "store/tables.h"

#define CUT_HINTS 100000
#define CUT_BYTES (32u << 20)
#define DETAIL_KEY_BYTES 60

struct settle { /* a change that met siblings: they are settled once its changeset is on file */
	struct row_source *source;
	size_t pack;
	uint64_t part;
	struct value key[VERSION_KEYS_MAX];
	struct column_set conflict;
};

struct cut {
	struct pack_run run;
	struct arena *sources_arena;
	struct row_source *source; /* [catalog.tables]; table NULL: not open yet */
	struct pack *pack;
	size_t packs;
	struct settle *settle;
	size_t settles, settles_cap;
	struct history *history; /* open once something had to be settled */
	struct drain_row *stay; /* rows that cannot be sealed */
	size_t stays, stays_cap;
	size_t bytes; /* of values held */
};

static void cut_done(struct cut *cut)
{
	for (size_t i = 0; i < cut->packs; i++)
		pack_done(&cut->pack[i]);
	for (int i = 0; cut->source != NULL && i < cut->run.catalog->tables; i++)
		if (cut->source[i].table != NULL)
			row_close(&cut->source[i]);
	if (cut->history != NULL)
		history_close(cut->history);
	free(cut->history);
	free(cut->pack);
	free(cut->source);
	free(cut->settle);
	free(cut->stay);
	buf_done(&cut->run.body);
	buf_done(&cut->run.frame);
}

#define AUTO_CUT __attribute__((cleanup(cut_done))) struct cut

static bool read_blob(struct stmt *s, int column, void *ret, size_t want, const char *what,
		      struct err *e)
{
	size_t len;
	const void *bytes = stmt_get_blob(s, column, &len);

	if (len != want)
		return err_set(e, ERR_CORRUPT, "%s has %zu bytes", what, len);
	memcpy(ret, bytes, len);
	return true;
}

/* The newest of our chains with a grant in each scope; of those that may only read, nothing is packed. */
static bool load_chains(struct cut *cut, struct err *e)
{
	static const char find[] =
		"SELECT no, id, scope, head_seq, head_id, head_hlc, role, (SELECT min(seq) - 1 FROM"
		" simpul_changeset WHERE chain_no = c.no AND state = 0) FROM simpul_chain c WHERE own = 1"
		" AND frozen = 0 AND void_after IS NULL AND role > 0"
		" AND no = (SELECT max(no) FROM simpul_chain d WHERE d.own = 1 AND d.scope = c.scope)";
	AUTO_STMT s = { 0 };
	int64_t count, hlc;
	bool row;

	if (!meta_get_int(cut->run.db, "hlc", 0, &hlc, e) ||
	    !db_int(cut->run.db, "SELECT count(*) FROM simpul_chain WHERE own = 1", 0, &count, e) ||
	    !db_prepare(cut->run.db, find, &s, e))
		return false;
	cut->pack = memory_new((size_t)count * sizeof(*cut->pack));
	while (true) {
		struct pack *p = &cut->pack[cut->packs];

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		p->no = stmt_get_int(&s, 0);
		p->head_seq = (uint64_t)stmt_get_int(&s, 3);
		p->head_hlc = (uint64_t)stmt_get_int(&s, 5);
		p->role = (int)stmt_get_int(&s, 6);
		p->seen = stmt_get_null(&s, 7) ? CHANGE_SEEN_ALL : (uint64_t)stmt_get_int(&s, 7);
		p->hlc_before = p->head_hlc > (uint64_t)hlc ? p->head_hlc : (uint64_t)hlc;
		if (!read_blob(&s, 1, p->id.bytes, sizeof(p->id.bytes), "a chain id", e) ||
		    !read_blob(&s, 4, p->head_id.bytes, sizeof(p->head_id.bytes), "a chain head", e) ||
		    !scope_parse(stmt_get_text(&s, 2), strlen(stmt_get_text(&s, 2)), &p->scope, e))
			return false;
		cut->packs++;
	}
}

static struct pack *pack_for(struct cut *cut, const struct scope *scope)
{
	for (size_t i = 0; i < cut->packs; i++)
		if (scope_equal(&cut->pack[i].scope, scope))
			return &cut->pack[i];
	return NULL;
}

/* What this node may only read or carry it does not change: *why tells it, and who may. */
static bool reads_only(struct cut *cut, const struct scope *scope, struct err *why)
{
	const struct pack *pack = pack_for(cut, scope);

	if (pack == NULL || (pack->role != ROLE_READER && pack->role != ROLE_RELAY))
		return false;
	return !err_set(why, ERR_FORBIDDEN, "this node is a %s of scope %s: writers and reviewers may change"
					    " it", role_name((enum role)pack->role), scope->name);
}

/* Copies what must outlast the row: the change is encoded when its part is full. */
static void keep(struct cut *cut, struct change *c, const struct row_look *look)
{
	struct arena *arena = cut->run.arena;
	struct value *value = arena_take(arena, c->columns * sizeof(*value));

	c->column = arena_copy(arena, look->column, c->columns);
	for (int i = 0; i < c->columns; i++) {
		value[i] = look->value[i];
		if (value[i].type >= VALUE_TEXT) {
			value[i].bytes = arena_copy(arena, value[i].bytes, value[i].len);
			cut->bytes += value[i].len;
		}
	}
	c->value = value;
	cut->bytes += 256 + c->columns * sizeof(*value);
}

static void columns_of(const struct catalog_table *table, const struct change *c,
		       struct column_set *ret)
{
	for (int i = 0; i < c->columns; i++)
		column_set_add(ret, (unsigned)table->column[c->column[i]].no);
	for (int i = 0; c->op == CHANGE_INSERT && i < table->keys; i++)
		column_set_add(ret, (unsigned)table->column[table->key[i]].no);
}

static void note_settle(struct cut *cut, struct pack *pack, struct row_source *source,
			const struct row_look *look, const struct column_set *conflict)
{
	struct settle *s;

	if (column_set_empty(conflict))
		return;
	if (cut->settles == cut->settles_cap) {
		cut->settles_cap = cut->settles_cap == 0 ? 16 : cut->settles_cap * 2;
		cut->settle = memory_resize(cut->settle, cut->settles_cap * sizeof(*cut->settle));
	}
	s = &cut->settle[cut->settles++];
	*s = (struct settle){ .source = source, .pack = (size_t)(pack - cut->pack),
			      .part = pack->parts - 1, .conflict = *conflict };
	memcpy(s->key, look->key, sizeof(s->key)); /* the drained row's: good until it is flushed */
}

static bool need_history(struct cut *cut, struct err *e)
{
	if (cut->history != NULL)
		return true;
	cut->history = memory_new(sizeof(*cut->history));
	return history_open(cut->history, cut->run.db, cut->run.catalog, e);
}

static bool settle(struct cut *cut, const struct settle *s, int64_t n, struct err *e)
{
	struct row_source *source = s->source;
	struct cell_row row = { .table = source->table, .key = s->key + source->table->scope_in_key };
	struct version version;

	if (!need_history(cut, e))
		return false;
	if (!version_find(&source->versions, s->key, &cut->pack[s->pack].scope, &version, e))
		return false;
	row.k = version.k;
	row.entry = version.entry;
	row.n = version.n;
	return cell_settle(cut->history, &row, &s->conflict, n, e);
}

/*
 * How much of its own chain the author of the row had seen.  Rounds are sealed one by one, so what stands of
 * this row in the chain is in what is sealed already: whoever had seen that had seen all.  But in a file that
 * was restored from a backup nobody had seen what it fetched of its own chain and has not merged.
 */
static uint64_t seen_own(const struct drain_row *row, const struct pack *pack)
{
	uint64_t seen = row->stale && row->seen_own < pack->head_seq ? row->seen_own : CHANGE_SEEN_ALL;

	return seen < pack->seen ? seen : pack->seen;
}

/*
 * A stale write stands beside what its author had not seen, and a stale delete leaves that standing.  So the
 * table need not show what was written into it: merging writes such a row again (merge/row.h).
 */
static bool show_again(struct cut *cut, struct row_source *source, int64_t k,
		       const struct merge_result *result, enum change_op op, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (op == CHANGE_DELETE ? !result->alive : column_set_empty(&result->conflict))
		return true;
	if (!db_statement(cut->run.db, "INSERT OR REPLACE INTO simpul_violation(table_no, vkey, reason,"
				       " detail) VALUES(?1, ?2, '" DIFF_MISSING "', '')", &s, e))
		return false;
	stmt_int(&s, 1, source->table->no);
	stmt_int(&s, 2, k);
	return stmt_done(&s, e);
}

/* One change into its chain's pack and its row's version. */
static bool put_change(struct cut *cut, const struct drain_row *row, struct row_look *look,
		       struct pack *pack, struct change *c, struct err *e)
{
	struct row_source *source = &cut->source[row->table->document_no];
	struct merge_change m = { .op = c->op, .chain = (uint32_t)pack->no, .hlc = c->hlc,
				  .seen_own = seen_own(row, pack),
				  .counters = source->counts ? &source->counters : NULL };
	struct merge_result result;

	c->seen_own = m.seen_own;
	columns_of(source->table, c, &m.columns);
	if (!scope_equal(&look->version.scope, &pack->scope) && /* it was found in another, or in none */
	    !version_find(&source->versions, look->key, &pack->scope, &look->version, e))
		return false;
	if (!pack_place(&cut->run, pack, c, row->actor, &m.seq, e) ||
	    !version_seal(&source->versions, &look->version, &m, &result, e) ||
	    (m.seen_own != CHANGE_SEEN_ALL && !show_again(cut, source, look->version.k, &result, c->op, e)))
		return false;
	note_settle(cut, pack, source, look, &result.conflict);
	pack_put(pack, c);
	return true;
}

static struct change change_of(const struct drain_row *row)
{
	struct change c = { .table = (uint16_t)row->table->document_no,
			    .keys = (uint16_t)row->table->keys };

	for (int i = 0; i < row->table->keys; i++)
		c.key[i] = row->key[i];
	return c;
}

static bool put_row(struct cut *cut, const struct drain_row *row, struct row_look *look, struct err *e)
{
	struct pack *from = look->leaves ? pack_for(cut, &look->from) : NULL;
	struct pack *to = look->writes ? pack_for(cut, &look->scope) : NULL;
	struct change c;

	if (look->writes) { /* kept first: stamping may move the row that the values borrow from */
		c = change_of(row);
		c.op = look->op;
		c.columns = look->columns;
		c.hlc = hlc_next(to->hlc_before, row->ms > 0 ? row->ms : cut->run.now_ms);
		keep(cut, &c, look);
	}
	if (look->leaves) {
		struct change gone = change_of(row);

		gone.op = CHANGE_DELETE;
		gone.hlc = hlc_next(from->hlc_before, cut->run.now_ms);
		if (!put_change(cut, row, look, from, &gone, e))
			return false;
	}
	return !look->writes || put_change(cut, row, look, to, &c, e);
}

static void stay(struct cut *cut, const struct drain_row *row)
{
	struct arena *arena = cut->sources_arena; /* outlives the cut that the row was in */
	struct drain_row *kept;

	if (cut->stays == cut->stays_cap) {
		cut->stays_cap = cut->stays_cap == 0 ? 16 : cut->stays_cap * 2;
		cut->stay = memory_resize(cut->stay, cut->stays_cap * sizeof(*cut->stay));
	}
	kept = &cut->stay[cut->stays++];
	*kept = *row;
	for (int i = 0; i < row->table->keys; i++)
		if (row->key[i].type >= VALUE_TEXT)
			kept->key[i].bytes = arena_copy(arena, row->key[i].bytes, row->key[i].len);
	if (row->scope_key.type >= VALUE_TEXT)
		kept->scope_key.bytes = arena_copy(arena, row->scope_key.bytes, row->scope_key.len);
}

static const struct {
	const char *reason, *detail;
} violation[] = {
	[ROW_TOO_LARGE] = { "too-large", "a cell over 256 KiB, or a row over 1.9 MiB" },
	[ROW_NO_SCOPE] = { "no-scope", "the scope column holds no scope" },
	[ROW_NULL_KEY] = { "null-key", "the primary key is NULL" },
	[ROW_NO_RIGHT] = { "not-allowed", "" },
	[ROW_NOT_ALLOWED] = { "not-allowed", "" }, /* the rule says why */
	[ROW_NO_COUNT] = { "counter", "a counter holds no whole number, or counts too far" },
};

/* As much of a key as helps a person to find the row; what would break the line is left out. */
static void put_key(struct buf *out, const struct value *v)
{
	switch (v->type) {
	case VALUE_NULL:
		buf_text(out, "NULL");
		return;
	case VALUE_INT:
		buf_print(out, "%lld", (long long)v->integer);
		return;
	case VALUE_REAL:
		buf_print(out, "%.17g", v->real);
		return;
	case VALUE_BLOB:
		buf_print(out, "a BLOB of %u bytes", v->len);
		return;
	case VALUE_TEXT:
		buf_text(out, "'");
		for (uint32_t i = 0; i < v->len && i < DETAIL_KEY_BYTES; i++)
			buf_print(out, "%c", v->bytes[i] >= ' ' && v->bytes[i] < 0x7f ? v->bytes[i] : '?');
		buf_text(out, v->len > DETAIL_KEY_BYTES ? "...'" : "'");
		return;
	}
}

/* "table item, key 'x': a cell over ..."; a row without a version is named nowhere else. */
static void put_detail(struct buf *out, const struct drain_row *row, enum row_finding finding,
		       const char *why)
{
	buf_print(out, "table %s, key ", row->table->name);
	for (int i = 0; i < row->table->keys; i++) {
		buf_text(out, i > 0 ? ", " : "");
		put_key(out, &row->key[i]);
	}
	buf_print(out, ": %s", why != NULL ? why : violation[finding].detail);
}

/* Listed until it is sealed after all, and kept in the log. */
static bool refuse(struct cut *cut, struct row_source *source, const struct drain_row *row,
		   const struct row_look *look, const char *why, struct err *e)
{
	struct version_key at;
	AUTO_BUF packed = { 0 };
	AUTO_BUF detail = { 0 };
	AUTO_RESET s = { 0 };

	put_detail(&detail, row, look->finding, why);
	cut->run.result->too_large += look->finding == ROW_TOO_LARGE;
	cut->run.result->no_scope += look->finding == ROW_NO_SCOPE;
	cut->run.result->no_right += look->finding == ROW_NO_RIGHT;
	cut->run.result->not_allowed += look->finding == ROW_NOT_ALLOWED;
	cut->run.result->null_key += look->finding == ROW_NULL_KEY;
	cut->run.result->no_count += look->finding == ROW_NO_COUNT;
	stay(cut, row);
	if (!db_statement(cut->run.db, "INSERT OR REPLACE INTO simpul_violation(table_no, vkey, reason,"
				       " detail) VALUES(?1, ?2, ?3, ?4)", &s, e))
		return false;
	version_key_make(&source->versions, look->key, look->leaves ? &look->from : &look->scope, &packed,
			 &at);
	stmt_int(&s, 1, source->table->no);
	stmt_int(&s, 2, at.k);
	stmt_text(&s, 3, violation[look->finding].reason);
	stmt_text(&s, 4, buf_string(&detail));
	return stmt_done(&s, e);
}

/* The delete, if it leaves its scope, is the old chain's; of one node, both chains mostly have one role. */
static bool allowed_by_rules(struct cut *cut, const struct drain_row *row, struct row_look *look,
			     bool *ret_allowed, struct err *why, struct err *e)
{
	struct row_source *source = &cut->source[row->table->document_no];
	const struct pack *pack = pack_for(cut, look->writes ? &look->scope : &look->from);

	if (source->rules == NULL) {
		source->rules = arena_take(cut->sources_arena, sizeof(*source->rules));
		rules_here(source->table, cut->sources_arena, source->rules);
	}
	if (!need_history(cut, e))
		return false;
	return allow_change(&(struct allow){ .history = cut->history, .rules = source->rules,
					     .role = pack->role, .chain = (uint32_t)pack->no,
					     .seen_own = seen_own(row, pack) }, look, ret_allowed, why, e);
}

/*
 * A change in a scope without a chain that may be written.  It waits for the grant, or for the new enrolment
 * after a fork; who never asked to be enrolled for the scope is told.
 */
static bool no_right(struct cut *cut, struct row_source *source, const struct drain_row *row,
		     struct row_look *look, struct err *e)
{
	const struct scope *scope = look->writes && pack_for(cut, &look->scope) == NULL ? &look->scope :
											  &look->from;
	AUTO_RESET s = { 0 };
	struct err why;
	bool asked;

	if (!db_statement(cut->run.db, "SELECT 1 FROM simpul_chain WHERE own = 1 AND scope = ?1", &s, e))
		return false;
	stmt_text(&s, 1, scope->name);
	if (!stmt_row(&s, &asked, e))
		return false;
	if (asked) {
		cut->run.result->no_right++;
		stay(cut, row);
		return true;
	}
	err_set(&why, ERR_FORBIDDEN, "this node is not enrolled for scope %s", scope->name);
	look->finding = ROW_NO_RIGHT;
	return refuse(cut, source, row, look, why.text, e);
}

/* *ret_ready: it may be packed.  What may not is kept, and listed if a person can do something about it. */
static bool check_right(struct cut *cut, struct row_source *source, const struct drain_row *row,
			struct row_look *look, bool *ret_ready, struct err *e)
{
	bool allowed = true;
	struct err why;

	*ret_ready = false;
	if ((look->leaves && pack_for(cut, &look->from) == NULL) ||
	    (look->writes && pack_for(cut, &look->scope) == NULL))
		return no_right(cut, source, row, look, e);
	if ((look->leaves && reads_only(cut, &look->from, &why)) ||
	    (look->writes && reads_only(cut, &look->scope, &why)))
		allowed = false;
	else if (allow_needed(row->table) &&
		 !allowed_by_rules(cut, row, look, &allowed, &why, e))
		return false;
	*ret_ready = allowed;
	if (allowed)
		return true;
	look->finding = ROW_NOT_ALLOWED;
	return refuse(cut, source, row, look, why.text, e);
}

static bool take_row(struct cut *cut, const struct drain_row *row, struct err *e)
{
	struct row_source *source = &cut->source[row->table->document_no];
	struct row_look look;
	bool ready;

	if (source->table == NULL &&
	    !row_open(source, cut->run.db, cut->sources_arena, row->table, e))
		return false;
	if (!row_look(source, row, &look, e))
		return err_wrap(e, "table %s", row->table->name);
	if (look.finding == ROW_UNCHANGED)
		return true;
	if (look.finding != ROW_CHANGED)
		return refuse(cut, source, row, &look, NULL, e);
	if (!check_right(cut, source, row, &look, &ready, e))
		return err_wrap(e, "table %s", row->table->name);
	if (!ready)
		return true;
	if (source->counts && look.writes) {
		if (!need_history(cut, e) ||
		    !counter_look(cut->history, source, (uint32_t)pack_for(cut, &look.scope)->no, &look, e))
			return err_wrap(e, "table %s", row->table->name);
		if (look.finding == ROW_NO_COUNT)
			return refuse(cut, source, row, &look, NULL, e);
	}
	return put_row(cut, row, &look, e) &&
	       (column_set_empty(&look.zero) || counter_zero(source, &look, e));
}

static bool flush(struct cut *cut, struct err *e)
{
	for (size_t p = 0; p < cut->packs; p++) {
		int64_t first_n;

		if (!pack_flush(&cut->run, &cut->pack[p], &first_n, e))
			return false;
		for (size_t i = 0; i < cut->settles; i++) {
			const struct settle *s = &cut->settle[i];

			if (s->pack == p && !settle(cut, s, first_n + (int64_t)s->part, e))
				return false;
		}
	}
	cut->settles = 0;
	cut->bytes = 0;
	arena_reset(cut->run.arena);
	return true;
}

static bool take_batch(struct cut *cut, const struct drain_range *range, struct drain *ret,
		       struct err *e)
{
	AUTO_ARENA arena = { 0 };

	if (!drain_take(cut->run.db, &arena, cut->run.catalog, range, ret, e))
		return false;
	for (uint32_t round = 0; round < ret->rounds; round++) {
		for (size_t i = 0; i < ret->rows; i++)
			if (ret->row[i].round == round &&
			    (!take_row(cut, &ret->row[i], e) || (cut->bytes > CUT_BYTES && !flush(cut, e))))
				return false;
		if (!flush(cut, e)) /* so no changeset has two changes of one row */
			return false;
	}
	return true;
}

static bool put_hlc(struct cut *cut, struct err *e)
{
	int64_t hlc;

	if (!meta_get_int(cut->run.db, "hlc", 0, &hlc, e))
		return false;
	for (size_t i = 0; i < cut->packs; i++)
		if (cut->pack[i].head_hlc > (uint64_t)hlc)
			hlc = (int64_t)cut->pack[i].head_hlc;
	return meta_put_int(cut->run.db, "hlc", hlc, e);
}

/* Which hints to take: the oldest, as many as the author wants. */
static bool choose(struct cut *cut, int64_t newest, int64_t *ret_upto, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	*ret_upto = newest;
	if (cut->run.author->hints_max == 0)
		return true;
	if (!db_statement(cut->run.db, "SELECT seq FROM simpul_log ORDER BY seq LIMIT 1 OFFSET ?1", &s, e))
		return false;
	stmt_int(&s, 1, cut->run.author->hints_max - 1);
	if (!stmt_row(&s, &row, e))
		return false;
	if (row)
		*ret_upto = stmt_get_int(&s, 0);
	return true;
}

/* All of the log goes at once where it can: then SQLite drops pages, not rows. */
static bool drop(struct cut *cut, bool all, int64_t upto, struct err *e)
{
	return all ? db_exec(cut->run.db, "DELETE FROM simpul_log", e) :
		     drain_drop(cut->run.db, cut->run.catalog, 0, upto, e);
}

/* They are found again.  Whoever takes a part looks at few of those rows again: they stay listed. */
static bool forget_violations(struct cut *cut, struct err *e)
{
	return cut->run.author->hints_max > 0 ||
	       db_exec(cut->run.db, "DELETE FROM simpul_violation WHERE reason IN " TABLES_UNSEALED, e);
}

static bool take_log(struct cut *cut, int64_t newest, struct err *e)
{
	struct drain_range range = { .most = CUT_HINTS };
	int64_t skipped = 0;
	struct drain drain;

	if (!choose(cut, newest, &range.upto, e) ||
	    !db_int(cut->run.db, "SELECT max(n) FROM simpul_changeset", 0, &cut->run.n, e))
		return false;
	while (range.after < range.upto) {
		if (!take_batch(cut, &range, &drain, e))
			return false;
		if (drain.last_seq == 0)
			break;
		range.after = drain.last_seq;
		skipped += drain.skipped;
	}
	if (!drop(cut, skipped == 0 && range.upto == newest, range.upto, e))
		return false;
	for (size_t i = 0; i < cut->stays; i++)
		if (!drain_put_back(cut->run.db, &cut->stay[i], e))
			return false;
	cut->run.result->upto = range.upto;
	return put_hlc(cut, e);
}

bool outbox_seal(struct db *db, const struct catalog *catalog, const struct outbox_author *author,
		 struct outbox_result *ret, struct err *e)
{
	AUTO_ARENA changes = { 0 };
	AUTO_ARENA sources = { 0 };
	AUTO_CUT cut = { .sources_arena = &sources };
	int64_t newest;

	*ret = (struct outbox_result){ .upto = INT64_MAX };
	cut.run = (struct pack_run){ .db = db, .catalog = catalog, .author = author, .arena = &changes,
				     .now_ms = world_now_ms(author->world), .result = ret };
	if (!load_chains(&cut, e))
		return false;
	if (cut.packs == 0 || catalog->tables == 0)
		return true;
	if (!forget_violations(&cut, e) || !db_int(db, "SELECT max(seq) FROM simpul_log", 0, &newest, e))
		return false;
	if (newest == 0) {
		ret->upto = 0;
		return true;
	}
	cut.source = memory_new((size_t)catalog->tables * sizeof(*cut.source));
	/* Rows, versions and the log: pages are visited in order, but those written must stay to the end. */
	return db_grow_cache(db, true, e) && take_log(&cut, newest, e) && db_grow_cache(db, false, e);
}
