/*
 * driver.c - the C code's answer to sets of changes that tests/merge/run makes up.
 *
 *	driver [PLANT]
 *
 * Reads lines on stdin, one set after the other, and prints one line for each:
 *
 *	S ID SEED HOW		a set begins; HOW: nodes that it is delivered to
 *	C CHAIN SEQ RULES NAMES VOID SEEN*4 CONTEXT*4 HUB	a changeset: chains 0..3, the document whose
 *				rules are in effect and the one it names, 1 revoked or 2 breaks a
 *				rule, what its author had seen, and what of it this changeset tells
 *	H ROW OP HLC OWN [COLUMN VALUE]...		a change of it; OP i u d; OWN a seq or -
 *	E			the set ends: `ID pure ... node ...`, or `ID error what`
 *	T BASE A B		three texts in hex, `-` if empty: the merged one, or `conflict`
 *
 * A set goes two ways.  pure: merge_apply alone, in every causal order of up to PURE_ALL changesets, else in
 * random ones; all must leave the same writes standing.  node: real frames, delivered in random orders,
 * causal or not, to real nodes in memory, which merge whenever it pleases them; tables, siblings and digests
 * must agree.  Each node is rolled back to its beginning after a set, so a set costs no new file.
 *
 * Values: n, i-5, r and 16 hex digits, t or b and hex.  PLANT makes the driver wrong on purpose, to prove
 * that the harness finds it; the code under test is not touched.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "author.h"
#include "base/buf.h"
#include "base/log.h"
#include "merge/apply.h"
#include "merge/digest.h"
#include "merge/inbox.h"
#include "merge/replay.h"
#include "mergeset.h"
#include "simpul/text.h"
#include "store/tables.h"
#include "store/version.h"

#define ENTRIES 512
#define PURE_ALL 6
#define PURE_SHUFFLES 40
#define SCOPE "13.73"

static uint64_t state;
static const char *plant = "";
static char trouble[600];

static struct author hub, author[MERGESET_CHAINS];
static struct chain_id id[MERGESET_CHAINS];
static uint64_t rules_seq; /* of the second rules, on the hub's chain */
static uint8_t document[2][8]; /* how changesets name the first rules and the second */
static struct post begun;
static struct db db;
static struct arena catalog_arena;
static struct catalog catalog;

static bool planted(const char *name)
{
	return strcmp(plant, name) == 0;
}

static uint64_t pick(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

static void must(bool ok, const struct err *e)
{
	if (ok)
		return;
	fprintf(stderr, "driver: %s\n", e->text);
	exit(2);
}

/* ---- the pure rules ---- */

struct pure {
	size_t n[MERGESET_ROWS];
	struct merge_entry entry[MERGESET_ROWS][ENTRIES];
	bool arrived[MERGESET_SETS];
};

static char *append(char *out, char *end, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static char *append(char *out, char *end, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(out, (size_t)(end - out), fmt, args);
	va_end(args);
	assert(n >= 0 && n < end - out);
	return out + n;
}

static void pure_apply(struct pure *p, const struct mergeset_item *c)
{
	struct column_set counters = { 0 };
	const struct merge_context context = { .seen = c->seen, .chains = MERGESET_CHAINS, .id = id };
	struct merge_result ignored;

	for (unsigned i = 0; i < MERGESET_COLUMNS; i++)
		if (mergeset_counts(i, c->rules))
			column_set_add(&counters, i);
	for (unsigned i = 0; i < c->changes && !c->is_void; i++) {
		const struct change *x = &c->change[i];
		unsigned row = c->row[i];
		struct merge_change m = { .op = x->op, .chain = c->chain, .seq = c->seq, .hlc = x->hlc,
					  .seen_own = planted("own") ? CHANGE_SEEN_ALL : x->seen_own,
					  .counters = planted("tally") ? NULL : &counters };

		for (uint16_t k = 0; k < x->columns; k++)
			column_set_add(&m.columns, x->column[k]);
		if (x->op == CHANGE_INSERT)
			column_set_add(&m.columns, 0);
		assert(p->n[row] + MERGE_ADDS <= ENTRIES);
		merge_apply(p->entry[row], p->n[row], &m, &context, &ignored);
		p->n[row] = ignored.n;
	}
}

static int entry_order(const void *a, const void *b)
{
	const struct merge_entry *x = *(struct merge_entry *const *)a, *y = *(struct merge_entry *const *)b;

	if (x->chain != y->chain)
		return x->chain < y->chain ? -1 : 1;
	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return x->hlc != y->hlc ? (x->hlc < y->hlc ? -1 : 1) : (int)x->tally - (int)y->tally;
}

static char *print_column(char *out, char *end, const struct merge_entry *const *sorted, size_t n,
			  unsigned column)
{
	const char *comma = "";

	out = append(out, end, " %s[", mergeset_column(column));
	for (size_t i = 0; i < n; i++) {
		const struct merge_entry *w = sorted[i];

		if (!column_set_has(&w->columns, column))
			continue;
		out = append(out, end, "%s%u:%llu:%llu:%d", comma, w->chain, (unsigned long long)w->seq,
			     (unsigned long long)w->hlc, w->dead + 2 * w->tally);
		comma = ",";
	}
	return append(out, end, "]");
}

/* Through the packed form and back, as it is kept in a file. */
static bool packs(const struct merge_entry *entries, size_t n)
{
	static uint8_t bytes[ENTRIES * 64];
	static struct merge_entry back[ENTRIES];
	size_t len = merge_encode(entries, n, bytes), count;

	if (!merge_decode(bytes, len, back, &count) || count != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (entries[i].chain != back[i].chain || entries[i].seq != back[i].seq ||
		    entries[i].hlc != back[i].hlc || entries[i].dead != back[i].dead ||
		    entries[i].tally != back[i].tally ||
		    memcmp(&entries[i].columns, &back[i].columns, sizeof(back[i].columns)) != 0)
			return false;
	return true;
}

static void pure_print(const struct pure *p, char *out, char *end)
{
	static const struct chain_id swapped[MERGESET_CHAINS] = { 0 }; /* planted: ties go by seq alone */

	*out = '\0';
	for (unsigned row = 0; row < MERGESET_ROWS; row++) {
		const struct merge_entry *sorted[ENTRIES];

		if (p->n[row] == 0)
			continue;
		for (size_t i = 0; i < p->n[row]; i++)
			sorted[i] = &p->entry[row][i];
		qsort(sorted, p->n[row], sizeof(sorted[0]), entry_order);
		out = append(out, end, " R%u %d", row, merge_alive(p->entry[row], p->n[row]));
		for (unsigned column = 0; column < MERGESET_COLUMNS; column++) {
			const struct merge_entry *shown =
				merge_shown(p->entry[row], p->n[row], column,
					    planted("tie") ? swapped : id);

			if (shown == NULL && !merge_tallied(p->entry[row], p->n[row], column))
				continue;
			out = print_column(out, end, sorted, p->n[row], column);
			if (shown != NULL)
				out = append(out, end, "%u:%llu", shown->chain,
					     (unsigned long long)shown->seq);
		}
		if (!packs(p->entry[row], p->n[row]))
			out = append(out, end, " not-packed");
	}
}

static bool is_ready(const struct pure *p, size_t i)
{
	const struct mergeset_item *c = &mergeset.item[i];

	if (p->arrived[i])
		return false;
	for (size_t k = 0; k < mergeset.items && !planted("order"); k++)
		if (!p->arrived[k] && k != i &&
		    (mergeset.item[k].chain == c->chain ? mergeset.item[k].seq < c->seq :
						 mergeset.item[k].seq <= c->seen[mergeset.item[k].chain]))
			return false;
	return true;
}

static char pure_first[1 << 16], pure_now[1 << 16];
static bool pure_differs;

static void pure_end(const struct pure *p)
{
	char *out = pure_first[0] == '\0' ? pure_first : pure_now;

	pure_print(p, out + 1, out + sizeof(pure_first));
	*out = '.';
	if (out == pure_now && strcmp(pure_first, pure_now) != 0) {
		pure_differs = true;
		snprintf(trouble, sizeof(trouble), "pure orders differ:%.200s ---%.200s", pure_first + 1,
			 pure_now + 1);
	}
}

/* Copies what is used of it. */
static void pure_copy(struct pure *to, const struct pure *from)
{
	memcpy(to->arrived, from->arrived, sizeof(to->arrived));
	for (unsigned row = 0; row < MERGESET_ROWS; row++) {
		to->n[row] = from->n[row];
		memcpy(to->entry[row], from->entry[row], from->n[row] * sizeof(from->entry[row][0]));
	}
}

static void pure_all(const struct pure *p, size_t depth)
{
	static struct pure level[PURE_ALL + 1];

	if (depth == mergeset.items) {
		pure_end(p);
		return;
	}
	for (size_t i = 0; i < mergeset.items && !pure_differs; i++) {
		if (!is_ready(p, i))
			continue;
		pure_copy(&level[depth], p);
		level[depth].arrived[i] = true;
		pure_apply(&level[depth], &mergeset.item[i]);
		pure_all(&level[depth], depth + 1);
	}
}

static void pure_shuffle(struct pure *p)
{
	for (size_t done = 0; done < mergeset.items;) {
		size_t i = (size_t)pick(mergeset.items);

		if (!is_ready(p, i))
			continue;
		p->arrived[i] = true;
		pure_apply(p, &mergeset.item[i]);
		done++;
	}
	pure_end(p);
}

static bool pure_run(void)
{
	static struct pure p;

	pure_first[0] = '\0';
	pure_differs = false;
	for (unsigned i = 0; i < PURE_SHUFFLES && !pure_differs; i++) {
		memset(p.n, 0, sizeof(p.n));
		memset(p.arrived, 0, sizeof(p.arrived));
		if (mergeset.items > PURE_ALL) {
			pure_shuffle(&p);
			continue;
		}
		pure_all(&p, 0);
		break;
	}
	return !pure_differs;
}

/* ---- real nodes ---- */

static struct post post;
static struct hash written[MERGESET_SETS];
static bool may_refuse[2 * MERGESET_SETS + 1]; /* by letter: behind a revocation that may come first */

static int pair_order(const void *a, const void *b)
{
	return chain_compare(&((const struct context_pair *)a)->chain,
			     &((const struct context_pair *)b)->chain);
}

/* Beside the set's changesets a chain has those that announce documents. */
static uint64_t real_seq[MERGESET_CHAINS][MERGESET_SETS + 1];

static size_t context_pairs(const struct mergeset_item *c, struct context_pair *ret)
{
	size_t n = 0;

	for (unsigned x = 0; x < MERGESET_CHAINS; x++)
		if (x != c->chain && c->context[x] > 0)
			ret[n++] = (struct context_pair){ id[x], real_seq[x][c->context[x]] };
	if (c->tells_rules)
		ret[n++] = (struct context_pair){ hub.chain, rules_seq };
	qsort(ret, n, sizeof(*ret), pair_order);
	return n;
}

/* author_write would sort the changes; a reader accepts any order, and here it matters. */
static void seal_item(struct author *a, const struct mergeset_item *c, const struct change_body *body)
{
	static uint8_t bytes[1 << 18];
	struct changeset set = { .kind = CHANGESET_DATA, .chain = a->chain, .seq = a->seq + 1,
				 .prev = a->head, .changes = c->changes, .hlc_min = UINT64_MAX };
	struct change change[MERGESET_CHANGES];
	struct letter letter;
	struct err e;
	size_t len, cap;

	memcpy(set.schema, a->schema, sizeof(set.schema));
	for (unsigned i = 0; i < c->changes; i++) {
		change[i] = c->change[i];
		if (change[i].seen_own != CHANGE_SEEN_ALL)
			change[i].seen_own = real_seq[c->chain][change[i].seen_own];
		set.hlc_min = change[i].hlc < set.hlc_min ? change[i].hlc : set.hlc_min;
		set.hlc_max = change[i].hlc > set.hlc_max ? change[i].hlc : set.hlc_max;
	}
	must(change_encode(body, change, c->changes, bytes, sizeof(bytes), &len, &e), &e);
	cap = seal_size_max(len);
	letter.bytes = malloc(cap);
	assert(letter.bytes != NULL);
	must(seal_make(&set, bytes, len, &a->secret, letter.bytes, cap, &letter.len, &a->head, &e), &e);
	a->seq = set.seq;
	post.letter = realloc(post.letter, (post.n + 1) * sizeof(letter));
	assert(post.letter != NULL);
	post.letter[post.n++] = letter;
}

/* Letters of all changesets, in the set's order; then the revocation, if some are void. */
static void write_letters(void)
{
	struct author by[MERGESET_CHAINS], office = hub;
	int revoked = -1;
	uint64_t last_good = 0;

	memcpy(by, author, sizeof(by));
	post_done(&post);
	for (size_t i = 0; i < mergeset.items; i++) {
		const struct mergeset_item *c = &mergeset.item[i];
		struct context_pair pair[MERGESET_CHAINS + 1];
		struct author *a = &by[c->chain];
		const struct change_body body = { .context = pair, .pairs = context_pairs(c, pair) };

		if (memcmp(a->schema, document[c->names], sizeof(a->schema)) != 0) {
			may_refuse[post.n] = c->revoked;
			author_schema(a, mergeset_schema(c->names), &post);
		}
		real_seq[c->chain][c->seq] = a->seq + 1;
		may_refuse[post.n] = c->revoked;
		seal_item(a, c, &body);
		written[i] = a->head;
		if (c->revoked && revoked < 0) {
			revoked = (int)c->chain;
			last_good = real_seq[c->chain][c->seq] - 1;
		}
	}
	if (revoked >= 0) {
		may_refuse[post.n] = false;
		author_revoke(&office, &by[revoked], last_good, &post);
	}
}

static bool give(struct inbox *in, size_t letter, struct err *e)
{
	struct inbox_result result;

	if (!inbox_accept(in, post.letter[letter].bytes, post.letter[letter].len, &result, e))
		return false;
	if (result.state != INBOX_REFUSED || may_refuse[letter])
		return true;
	*e = result.problem;
	return false;
}

static bool merge_all(struct err *e)
{
	struct apply_stats stats;

	return apply_ready(&db, &catalog, world_real(), &stats, e);
}

static void print_value(struct buf *out, const struct value *v)
{
	uint64_t bits;

	switch (v->type) {
	case VALUE_NULL:
		buf_text(out, "n");
		break;
	case VALUE_INT:
		buf_print(out, "i%lld", (long long)v->integer);
		break;
	case VALUE_REAL:
		memcpy(&bits, &v->real, sizeof(bits));
		buf_print(out, "r%016llx", (unsigned long long)bits);
		break;
	default:
		buf_text(out, v->type == VALUE_TEXT ? "t" : "b");
		for (uint32_t i = 0; i < v->len; i++)
			buf_print(out, "%02x", v->bytes[i]);
		if (v->len == 0)
			buf_text(out, "-");
	}
}

/* Does the log, played again in memory, show what the table shows?  s stands on the row. */
static bool replay_agrees(struct replay *r, struct stmt *s, struct err *e)
{
	const struct value key = stmt_get_value(s, 0);
	const struct scope scope = { SCOPE };
	const struct catalog_table *table = catalog_by_name(&catalog, "memo");
	struct replay_row *row = replay_find(r, table, &scope, &key);

	if (row == NULL)
		return err_set(e, ERR_CORRUPT, "played again, a row is missing");
	for (int i = 1; i < table->columns; i++) {
		struct value v = stmt_get_value(s, i), want;
		bool found;

		if (!replay_shown(r, row, table->column[i].no, &want, &found, e))
			return false;
		if (!value_equal(&v, found ? &want : &table->column[i].fallback))
			return err_set(e, ERR_CORRUPT, "played again, %s is another", mergeset_column(i));
	}
	return true;
}

static bool print_rows(struct buf *out, struct err *e)
{
	AUTO_REPLAY r = { 0 };
	AUTO_RESET s = { 0 };
	const struct replay_plan plan = { 0 };
	bool row;

	if (!replay_open(&r, &db, &catalog, &plan, e) || !replay_run(&r, e) ||
	    !db_statement(&db, "SELECT * FROM memo ORDER BY id", &s, e))
		return false;
	while (true) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		buf_print(out, " R%s", stmt_get_text(&s, 0) + 1);
		for (int i = 1; i < MERGESET_COLUMNS; i++) {
			struct value v = stmt_get_value(&s, i);

			buf_print(out, " %s=", mergeset_column(i));
			print_value(out, &v);
		}
		if (!replay_agrees(&r, &s, e))
			return false;
	}
}

struct lines { /* of siblings, to be sorted */
	char *line[256];
	size_t n;
};

/* s stands on a row of simpul_sibling; which row of the table it is of, its version says. */
static bool keep_sibling(struct version_table *versions, struct stmt *s, struct lines *lines, struct err *e)
{
	struct value value = stmt_get_value(s, 3);
	struct version_row row;
	AUTO_BUF out = { 0 };
	struct hash set;
	size_t len, i = 0;

	memcpy(&set, stmt_get_blob(s, 2, &len), sizeof(set));
	while (i < mergeset.items && !hash_equal(&written[i], &set))
		i++;
	assert(len == sizeof(set) && i < mergeset.items && lines->n < 256);
	if (!version_at(versions, stmt_get_int(s, 0), &row, e))
		return false;
	if (row.version.state != VERSION_ALIVE)
		return true;
	buf_print(&out, " %.1s:%s:%u:%llu:", (const char *)row.key[versions->shape.keys - 1].bytes + 1,
		  stmt_get_text(s, 1), mergeset.item[i].chain, (unsigned long long)mergeset.item[i].seq);
	print_value(&out, &value);
	lines->line[lines->n++] = strdup(buf_string(&out));
	return true;
}

static bool read_siblings(struct lines *lines, struct err *e)
{
	AUTO_VERSION versions = { 0 };
	struct version_shape shape;
	AUTO_STMT s = { 0 };
	bool row;

	version_shape_of(catalog_by_name(&catalog, "memo"), &shape);
	if (!version_open(&versions, &db, &shape, e) ||
	    !db_prepare(&db, "SELECT l.vkey, c.name, n.id, l.value FROM simpul_sibling l JOIN simpul_column c"
			     " ON c.table_no = l.table_no AND c.no = l.column_no JOIN simpul_changeset n"
			     " ON n.chain_no = l.chain_no AND n.seq = l.seq WHERE l.superseded_n IS NULL",
			&s, e))
		return false;
	while (stmt_row(&s, &row, e)) {
		if (!row)
			return true;
		if (!keep_sibling(&versions, &s, lines, e))
			return false;
	}
	return false;
}

static int line_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool print_siblings(struct buf *out, struct err *e)
{
	struct lines lines = { .n = 0 };
	bool ok = read_siblings(&lines, e);

	qsort(lines.line, lines.n, sizeof(lines.line[0]), line_order);
	buf_text(out, " siblings");
	for (size_t i = planted("sibling"); i < lines.n; i++)
		buf_text(out, lines.line[i]);
	for (size_t i = 0; i < lines.n; i++)
		free(lines.line[i]);
	return ok;
}

static bool print_digest(struct buf *out, struct err *e)
{
	const struct scope scope = { SCOPE };
	char hex[HEX_SIZE(32)];
	struct hash hash;
	int64_t rows;

	if (!digest_scope(&db, &catalog, &scope, &hash, &rows, e))
		return false;
	hex_encode(hash.bytes, sizeof(hash.bytes), hex);
	buf_print(out, " digest %s", hex);
	return true;
}

/* One node, one order of arrival; merges at random moments, and at the end. */
static bool one_node(struct buf *out, struct err *e)
{
	size_t order[2 * MERGESET_SETS + 1];
	uint64_t eager = pick(4);
	AUTO_TXN txn = { 0 };
	AUTO_INBOX in = { 0 };

	for (size_t i = 0; i < post.n; i++) {
		size_t at = (size_t)pick(i + 1);

		order[i] = order[at];
		order[at] = i;
	}
	if (!txn_begin(&txn, &db, e) || !inbox_open(&in, &db, world_real(), e))
		return false;
	for (size_t i = 0; i < post.n; i++) {
		if (planted("lose") && i == 3)
			continue;
		if (!give(&in, order[i], e) || (pick(4) < eager && !merge_all(e)))
			return false;
	}
	return merge_all(e) && print_rows(out, e) && print_siblings(out, e) && print_digest(out, e);
}

static bool nodes_run(uint64_t how, struct buf *first, struct err *e)
{
	write_letters();
	if (!one_node(first, e))
		return false;
	for (uint64_t i = 1; i < how; i++) {
		AUTO_BUF next = { 0 };

		if (!one_node(&next, e))
			return false;
		if (strcmp(buf_string(first), buf_string(&next)) != 0)
			return err_set(e, ERR_CORRUPT, "nodes differ:%.200s ---%.200s", buf_string(first),
				       buf_string(&next));
	}
	return true;
}

static int author_order(const void *a, const void *b)
{
	return chain_compare(&((const struct author *)a)->chain, &((const struct author *)b)->chain);
}

static void begin(void)
{
	char hex[HEX_SIZE(32)];
	struct err e;
	struct apply_stats stats;
	struct inbox_result result;
	AUTO_INBOX in = { 0 };

	author_begin(&hub, 1, "national", &begun);
	author_schema(&hub, mergeset_schema(0), &begun);
	memcpy(document[0], hub.schema, sizeof(document[0]));
	for (uint8_t i = 0; i < MERGESET_CHAINS; i++) {
		author_begin(&author[i], (uint8_t)(2 + i), SCOPE, &begun);
		author_grant(&hub, &author[i], ROLE_WRITER, &begun);
		author_schema(&author[i], mergeset_schema(0), &begun);
	}
	author_schema(&hub, mergeset_schema(1), &begun);
	memcpy(document[1], hub.schema, sizeof(document[1]));
	rules_seq = hub.seq;
	qsort(author, MERGESET_CHAINS, sizeof(author[0]), author_order);
	for (unsigned i = 0; i < MERGESET_CHAINS; i++)
		id[i] = author[i].chain;
	hex_encode(hub.key.bytes, sizeof(hub.key.bytes), hex);
	must(db_open(&db, ":memory:", DB_NODE, true, &e) && tables_create(&db, &e) &&
		     meta_put_text(&db, "hub_key", hex, &e) && meta_put_text(&db, "role", "node", &e) &&
		     inbox_open(&in, &db, world_real(), &e),
	     &e);
	for (size_t i = 0; i < begun.n; i++) {
		must(inbox_accept(&in, begun.letter[i].bytes, begun.letter[i].len, &result, &e), &e);
		must(result.state != INBOX_REFUSED, &result.problem);
		must(catalog_load(&db, &catalog_arena, &catalog, &e) &&
			     apply_ready(&db, &catalog, world_real(), &stats, &e),
		     &e);
	}
	must(catalog_load(&db, &catalog_arena, &catalog, &e), &e);
}

/* What the Python side needs for digests. */
static void hello(void)
{
	printf("chains");
	for (unsigned i = 0; i < MERGESET_CHAINS; i++) {
		char hex[HEX_SIZE(sizeof(id[i].bytes))];

		hex_encode(id[i].bytes, sizeof(id[i].bytes), hex);
		printf(" %s:%llu", hex, (unsigned long long)author[i].seq);
	}
	printf("\n");
	fflush(stdout);
}

static void answer_set(const char *name, uint64_t how)
{
	AUTO_BUF out = { 0 };
	struct err e;

	if (!pure_run())
		printf("%s error %s\n", name, trouble);
	else if (how > 0 && !nodes_run(how, &out, &e))
		printf("%s error %s\n", name, e.text);
	else if (how > 0)
		printf("%s pure%s node%s\n", name, pure_first + 1, buf_string(&out));
	else
		printf("%s pure%s\n", name, pure_first + 1);
}

static void answer_text(void)
{
	static uint8_t out[LIMIT_TEXT_BYTES];
	struct value v[3];
	struct text_edits edits;
	void *work = arena_take(&mergeset.memory, text_memory());
	size_t len;

	for (int i = 0; i < 3; i++)
		v[i] = mergeset_text();
	edits = (struct text_edits){ { v[0].bytes, v[0].len }, { v[1].bytes, v[1].len },
				     { v[2].bytes, v[2].len } };
	if (!text_merge(&edits, work, out, &len)) {
		printf("conflict\n");
		return;
	}
	printf("t");
	for (size_t i = 0; i < len; i++)
		printf("%02x", out[i]);
	printf("\n");
}

int main(int argc, char **argv)
{
	AUTO_BUF name = { 0 };
	char *line = NULL;
	size_t cap = 0;
	uint64_t how = 0;

	plant = argc > 1 ? argv[1] : "";
	log_set_level(LOG_ERROR);
	begin();
	hello();
	while (getline(&line, &cap, stdin) > 0) {
		switch (*strtok(line, " \n")) {
		case 'S':
			buf_reset(&name);
			buf_text(&name, mergeset_word());
			state = mergeset_number() * 2654435761u + 88172645463325252u;
			how = mergeset_number();
			mergeset_reset();
			break;
		case 'C':
			mergeset_changeset();
			break;
		case 'H':
			mergeset_change();
			break;
		case 'E':
			answer_set(buf_string(&name), how);
			fflush(stdout);
			break;
		case 'T':
			mergeset_reset();
			answer_text();
			fflush(stdout);
			break;
		}
	}
	free(line);
	post_done(&post);
	post_done(&begun);
	db_close(&db);
	arena_done(&mergeset.memory);
	arena_done(&catalog_arena);
	return 0;
}
