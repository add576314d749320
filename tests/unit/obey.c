/*
 * obey.c - the rules of tables against writers who keep to them, who do not know them, and who try to get
 * round them; in every case by two nodes that hear of everything in different orders.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "author.h"
#include "base/buf.h"
#include "merge/apply.h"
#include "merge/digest.h"
#include "merge/inbox.h"
#include "store/adopt.h"
#include "store/tables.h"
#include "tap.h"

#define NAME(text) { text, sizeof(text) - 1 }

struct node {
	struct db db;
	struct inbox inbox;
};

static struct author hub, ann, ben, rita; /* writers ann and ben, reviewer rita */
static struct post post;
static uint64_t ms;

static void node_close(struct node *n)
{
	inbox_close(&n->inbox);
	if (n->db.handle != NULL)
		db_close(&n->db);
}

#define AUTO_NODE __attribute__((cleanup(node_close))) struct node

static bool node_open(struct node *n, struct err *e)
{
	char hex[HEX_SIZE(32)];

	hex_encode(hub.key.bytes, sizeof(hub.key.bytes), hex);
	return db_open(&n->db, ":memory:", DB_NODE, true, e) && tables_create(&n->db, e) &&
	       meta_put_text(&n->db, "hub_key", hex, e) && meta_put_text(&n->db, "role", "node", e) &&
	       inbox_open(&n->inbox, &n->db, world_real(), e);
}

/* Table case(id, status, p, q, stock): the columns by number. */
enum { ID, STATUS, P, Q, STOCK, COLUMNS };

static struct schema_text states_early[] = { NAME(""), NAME("draft") };
static struct schema_text states_sent[] = { NAME("sent") };
static struct schema_text states_onward[] = { NAME("draft"), NAME("sent") };
static uint8_t review_columns[] = { STATUS };
static struct schema_write lines[] = {
	{ .role = ROLE_WRITER, .states = 2, .state = states_early, .tos = 2, .to = states_onward },
	{ .role = ROLE_REVIEWER, .states = 1, .state = states_sent, .columns = 1, .column = review_columns },
};

struct design { /* what of the rules a document has */
	bool ruled, append, grouped, counter, lines, frozen, scoped;
};

static struct schema_text frozen[] = { NAME("sent") };

static const struct schema *document(const struct design *d)
{
	static struct schema_column column[COLUMNS];
	static struct schema_rules rules;
	static struct schema_table table;
	static const struct schema schema = { .tables = 1, .table = &table };
	static const struct schema_column plain[COLUMNS] = {
		[ID] = { .name = NAME("id"), .type = NAME("TEXT") },
		[STATUS] = { .name = NAME("status"), .type = NAME("TEXT") },
		[P] = { .name = NAME("p") },
		[Q] = { .name = NAME("q") },
		[STOCK] = { .name = NAME("stock"), .type = NAME("INTEGER") },
	};

	memcpy(column, plain, sizeof(column));
	column[P].group = column[Q].group = d->grouped;
	column[STOCK].policy = d->counter ? POLICY_COUNTER : POLICY_LWW;
	rules = (struct schema_rules){ .append = d->append, .state = d->lines || d->frozen ? STATUS : -1,
				       .writes = d->lines ? 2 : 0, .write = lines, .frozens = d->frozen,
				       .frozen = frozen };
	table = (struct schema_table){ .name = NAME("case"), .columns = COLUMNS, .keys = 1, .column = column,
				       .rules = d->ruled ? &rules : NULL, .scope = P,
				       .flags = d->scoped ? SCHEMA_TABLE_SCOPED : 0 };
	return &schema;
}

static void begin(const struct design *approved)
{
	post_done(&post);
	ms = 1000;
	author_begin(&hub, 1, "national", &post);
	if (approved != NULL)
		author_schema(&hub, document(approved), &post);
	author_begin(&ann, 2, "13.73", &post);
	author_begin(&ben, 3, "13.73", &post);
	author_begin(&rita, 4, "13.73", &post);
	author_grant(&hub, &ann, ROLE_WRITER, &post);
	author_grant(&hub, &ben, ROLE_WRITER, &post);
	author_grant(&hub, &rita, ROLE_REVIEWER, &post);
}

static void announce(const struct design *d)
{
	author_schema(&ann, document(d), &post);
	author_schema(&ben, document(d), &post);
	author_schema(&rita, document(d), &post);
}

/* Values by column; NULL: not written.  "#5" is the integer. */
struct cells {
	const char *text[COLUMNS];
};

static void write(struct author *a, enum change_op op, const struct cells *cells, const struct author *saw)
{
	struct context_pair pair = { 0 };
	struct value value[COLUMNS];
	uint8_t column[COLUMNS];
	struct change c = { .op = op, .hlc = ++ms << 16, .seen_own = CHANGE_SEEN_ALL, .keys = 1,
			    .column = column, .value = value };

	for (uint8_t i = 0; i < COLUMNS; i++) {
		const char *text = cells->text[i];
		struct value v = { .type = VALUE_TEXT };

		if (text == NULL)
			continue;
		v.len = (uint32_t)strlen(text);
		v.bytes = (const uint8_t *)text;
		if (text[0] == '#')
			v = (struct value){ .type = VALUE_INT, .integer = atoi(text + 1) };
		if (i == ID) {
			c.key[0] = v;
			continue;
		}
		column[c.columns] = i;
		value[c.columns++] = v;
	}
	if (saw != NULL)
		pair = (struct context_pair){ saw->chain, saw->seq };
	author_write(a, &c, 1, &pair, saw != NULL, &post);
}

static void insert(struct author *a, const char *status)
{
	write(a, CHANGE_INSERT, &(struct cells){ { [ID] = "x", [STATUS] = status, [P] = "p", [Q] = "q",
						    [STOCK] = "#1" } }, NULL);
}

static void set_status(struct author *a, const char *status, const struct author *saw)
{
	write(a, CHANGE_UPDATE, &(struct cells){ { [ID] = "x", [STATUS] = status } }, saw);
}

static void set_p(struct author *a, const char *p, const struct author *saw)
{
	write(a, CHANGE_UPDATE, &(struct cells){ { [ID] = "x", [P] = p } }, saw);
}

/* step: merges after each frame, or once in the end; backwards: the last chain's frames first. */
static bool hear(struct node *n, bool backwards, bool step, struct err *e)
{
	struct apply_stats stats;

	for (size_t i = 0; i < post.n; i++) {
		const struct letter *l = &post.letter[backwards ? post.n - 1 - i : i];
		AUTO_ARENA arena = { 0 };
		struct inbox_result result;
		struct catalog catalog;

		if (!inbox_accept(&n->inbox, l->bytes, l->len, &result, e))
			return false;
		if (result.state == INBOX_REFUSED)
			return err_set(e, ERR_INTERNAL, "refused: %s", result.problem.text);
		if ((step || i + 1 == post.n) && (!catalog_load(&n->db, &arena, &catalog, e) ||
						  !apply_ready(&n->db, &catalog, world_real(), &stats, e)))
			return false;
	}
	return true;
}

static int64_t count(struct node *n, const char *sql)
{
	struct err e;
	int64_t v;

	return db_int(&n->db, sql, -1, &v, &e) ? v : -2;
}

static int64_t state_of(struct node *n, const struct author *a, int seq)
{
	char chain[HEX_SIZE(sizeof(a->chain.bytes))], sql[200];

	hex_encode(a->chain.bytes, sizeof(a->chain.bytes), chain);
	snprintf(sql, sizeof(sql), "SELECT state FROM simpul_changeset WHERE seq = %d AND"
				   " chain_no = (SELECT no FROM simpul_chain WHERE id = x'%s')", seq, chain);
	return count(n, sql);
}

/* In order, merged after each. */
static bool hear_all(struct node *n, struct err *e)
{
	struct apply_stats stats;

	for (size_t i = 0; i < post.n; i++) {
		const struct letter *l = &post.letter[i];
		AUTO_ARENA arena = { 0 };
		struct inbox_result result;
		struct catalog catalog;

		if (!inbox_accept(&n->inbox, l->bytes, l->len, &result, e) ||
		    !catalog_load(&n->db, &arena, &catalog, e) ||
		    !apply_ready(&n->db, &catalog, world_real(), &stats, e))
			return false;
	}
	return true;
}

static bool digest_of(struct node *n, struct hash *ret, struct err *e)
{
	const struct scope scope = { "13.73" };
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;
	int64_t rows;

	return catalog_load(&n->db, &arena, &catalog, e) &&
	       digest_scope(&n->db, &catalog, &scope, ret, &rows, e);
}

/*
 * What two nodes make of the post, which must be the same whatever the order: which changesets are
 * quarantined ("ann 3: why; ben 2: why"), and the digest.
 */
static bool verdict(char out[256], struct err *e)
{
	char last[256] = "";
	struct hash before = { { 0 } };

	for (int way = 0; way < 4; way++) {
		AUTO_NODE n = { 0 };
		AUTO_ARENA arena = { 0 };
		AUTO_STMT s = { 0 };
		struct catalog catalog;
		struct scope scope = { "13.73" };
		struct hash digest;
		size_t len = 0;
		bool row = true;
		int64_t rows;

		if (!node_open(&n, e) || !hear(&n, way & 1, way & 2, e) ||
		    !db_prepare(&n.db, "SELECT hex(substr(h.id, 1, 2)), c.seq, c.reason"
				       " FROM simpul_changeset c JOIN simpul_chain h"
				       " ON h.no = c.chain_no WHERE c.state <> 1"
				       " ORDER BY h.id, c.seq", &s, e))
			return false;
		out[0] = '\0';
		while (stmt_row(&s, &row, e) && row) {
			const struct author *all[] = { &hub, &ann, &ben, &rita };
			static const char *const name[] = { "hub", "ann", "ben", "rita" };

			for (int i = 0; i < 4; i++) {
				char hex[8];

				snprintf(hex, sizeof(hex), "%02X%02X", all[i]->chain.bytes[0],
					 all[i]->chain.bytes[1]);
				if (strcmp(hex, stmt_get_text(&s, 0)) == 0)
					len += (size_t)snprintf(out + len, 256 - len, "%s%s %lld: %.60s",
								len > 0 ? " | " : "", name[i],
								(long long)stmt_get_int(&s, 1),
								stmt_get_text(&s, 2));
			}
		}
		if (!catalog_load(&n.db, &arena, &catalog, e) ||
		    !digest_scope(&n.db, &catalog, &scope, &digest, &rows, e))
			return false;
		if (way > 0 && (strcmp(last, out) != 0 || !hash_equal(&digest, &before)))
			return err_set(e, ERR_INTERNAL, "way %d: \"%s\" after \"%s\"", way, out, last);
		snprintf(last, sizeof(last), "%s", out);
		before = digest;
	}
	return true;
}

/* The quarantined ones by name and seq, and nothing else. */
static bool guilty(const char *want, struct err *e)
{
	char got[256];

	if (!verdict(got, e))
		return false;
	if ((want[0] == '\0') != (got[0] == '\0') || strncmp(got, want, strlen(want)) != 0 ||
	    strstr(got, " | ") != NULL)
		return err_set(e, ERR_INTERNAL, "quarantined: \"%s\", not \"%s\"", got, want);
	return true;
}

static const struct design lax = { 0 }, append = { .ruled = true, .append = true },
			   grouped = { .ruled = true, .grouped = true },
			   counter = { .ruled = true, .counter = true },
			   states = { .ruled = true, .lines = true };

static void rows_of_an_append_table_never_change(void)
{
	struct err e;

	begin(&append);
	announce(&append);
	insert(&ann, "draft");
	CHECK_OK(guilty("", &e), &e);
	set_status(&ben, "sent", &ann);
	CHECK_OK(guilty("ben 3: rows of case never change and never go", &e), &e);
	begin(&append);
	announce(&append);
	insert(&ann, "draft");
	write(&ann, CHANGE_DELETE, &(struct cells){ { [ID] = "x" } }, NULL);
	CHECK_OK(guilty("ann 4: rows of case never change and never go", &e), &e);
	/* An INSERT of a row that it had seen is a change of it; of one that it had not, is none. */
	begin(&append);
	announce(&append);
	insert(&ann, "draft");
	insert(&ben, "draft");
	CHECK_OK(guilty("", &e), &e);
	insert(&ann, "sent");
	CHECK_OK(guilty("ann 4: rows of case never change: it had seen", &e), &e);
}

static void groups_are_written_whole(void)
{
	struct err e;

	begin(&grouped);
	announce(&grouped);
	insert(&ann, "draft");
	write(&ann, CHANGE_UPDATE, &(struct cells){ { [ID] = "x", [P] = "1", [Q] = "2" } }, NULL);
	set_status(&ann, "sent", NULL);
	CHECK_OK(guilty("", &e), &e);
	set_p(&ben, "1", &ann);
	CHECK_OK(guilty("ben 3: a change of case writes a part of a group: not q", &e), &e);
}

static void counters_hold_whole_numbers(void)
{
	struct err e;

	begin(&counter);
	announce(&counter);
	insert(&ann, "draft");
	write(&ann, CHANGE_UPDATE, &(struct cells){ { [ID] = "x", [STOCK] = "#5" } }, NULL);
	CHECK_OK(guilty("", &e), &e);
	write(&ben, CHANGE_UPDATE, &(struct cells){ { [ID] = "x", [STOCK] = "5" } }, &ann);
	CHECK_OK(guilty("ben 3: counter stock of case is set to what is no whole", &e), &e);
}

static void a_lax_document_of_ones_own_does_not_help(void)
{
	struct err e;

	begin(&append);
	announce(&lax);
	insert(&ann, "draft");
	set_status(&ann, "sent", NULL);
	CHECK_OK(guilty("ann 4: rows of case never change and never go", &e), &e);
	begin(&counter);
	announce(&lax);
	insert(&ann, "draft"); /* writes stock, as what its document says: no counter */
	CHECK_OK(guilty("ann 3: column stock of case is a counter by the rules", &e), &e);
	begin(&grouped);
	announce(&lax);
	insert(&ann, "draft");
	set_p(&ann, "1", NULL);
	CHECK_OK(guilty("ann 4: a change of case writes a part of a group", &e), &e);
	/* Nor does a stricter one bind others. */
	begin(&lax);
	author_schema(&ann, document(&append), &post);
	author_schema(&ben, document(&lax), &post);
	insert(&ann, "draft");
	set_status(&ben, "sent", &ann);
	CHECK_OK(guilty("", &e), &e);
	set_status(&ann, "sent", NULL);
	CHECK_OK(guilty("ann 4: rows of case never change and never go", &e), &e);
}

static void rules_bind_who_knew_them(void)
{
	struct err e;

	/* Approved after the grants: ann did not know, ben did. */
	begin(NULL);
	announce(&lax);
	insert(&ann, "draft");
	author_schema(&hub, document(&append), &post);
	set_status(&ann, "sent", NULL);
	CHECK_OK(guilty("", &e), &e);
	set_status(&ben, "again", &hub);
	CHECK_OK(guilty("ben 3: rows of case never change and never go", &e), &e);
	/* Who pretends not to have seen what stood there before its grant, is judged by that. */
	begin(&append);
	announce(&lax);
	insert(&ann, "draft");
	set_status(&ann, "sent", NULL);
	CHECK_OK(guilty("ann 4: rows of case never change and never go", &e), &e);
	/* The newest that it knew counts: the hub took its rules back. */
	begin(&append);
	author_schema(&hub, document(&(struct design){ .ruled = true }), &post);
	announce(&lax);
	insert(&ann, "draft");
	set_status(&ann, "sent", NULL);
	CHECK_OK(guilty("ann 4: rows of case never change and never go", &e), &e);
	set_status(&ben, "sent", &hub);
	CHECK_OK(guilty("ann 4: rows of case never change and never go", &e), &e);
}

static void who_may_depends_on_the_state(void)
{
	struct err e;

	begin(&states);
	announce(&states);
	insert(&ann, "draft");
	set_p(&ben, "1", &ann);
	set_status(&ann, "sent", NULL);
	set_status(&rita, "approved", &ann);
	CHECK_OK(guilty("", &e), &e);
	set_p(&ben, "2", &ann);
	CHECK_OK(guilty("ben 4: a writer may not write this of a row of case in state \"sent\"", &e), &e);
	begin(&states);
	announce(&states);
	insert(&ann, "draft");
	set_status(&rita, "approved", &ann);
	CHECK_OK(guilty("rita 3: a reviewer may not write this of a row of case in state", &e), &e);
	begin(&states);
	announce(&states);
	insert(&ann, "sent");
	set_p(&rita, "1", &ann);
	CHECK_OK(guilty("rita 3: a reviewer may not", &e), &e);
	begin(&states);
	announce(&states);
	insert(&ann, "draft");
	set_status(&ann, "approved", NULL); /* not for a writer to set */
	CHECK_OK(guilty("ann 4: a writer may not", &e), &e);
	begin(&states);
	announce(&states);
	insert(&ann, "approved");
	CHECK_OK(guilty("ann 3: a writer may not", &e), &e);
	begin(&states); /* an INSERT over the row that it had seen is judged by that row's state */
	announce(&states);
	insert(&ann, "sent");
	insert(&ann, "draft");
	CHECK_OK(guilty("ann 4: a writer may not", &e), &e);
	begin(&states);
	announce(&states);
	insert(&ann, "sent");
	write(&ann, CHANGE_DELETE, &(struct cells){ { [ID] = "x" } }, NULL);
	CHECK_OK(guilty("ann 4: a writer may not", &e), &e);
}

static void the_state_is_what_its_author_had_seen(void)
{
	struct err e;

	/* Ben edits a draft while ann sends it: neither knew of the other. */
	begin(&states);
	announce(&states);
	insert(&ann, "draft");
	set_p(&ben, "1", &ann);
	set_status(&ann, "sent", NULL);
	set_status(&rita, "approved", &ann);
	set_p(&ben, "2", NULL);
	CHECK_OK(guilty("", &e), &e);
	/* Having seen that it was sent, he may not; nor after a concurrent insert that he did not see. */
	set_p(&ben, "3", &ann);
	CHECK_OK(guilty("ben 5: a writer may not", &e), &e);
	begin(&states);
	announce(&states);
	insert(&ann, "draft");
	set_status(&ann, "sent", NULL);
	insert(&ben, "draft");
	set_p(&ann, "1", NULL);
	CHECK_OK(guilty("ann 5: a writer may not", &e), &e);
	/* Deleted by somebody while it is changed. */
	begin(&states);
	announce(&states);
	insert(&ann, "draft");
	set_p(&ben, "1", &ann);
	write(&ann, CHANGE_DELETE, &(struct cells){ { [ID] = "x" } }, NULL);
	set_status(&ben, "sent", NULL);
	set_p(&ben, "2", NULL);
	CHECK_OK(guilty("ben 5: a writer may not", &e), &e);
}

/* What a void changeset claims counts for nobody: neither for its chain nor for those that saw it. */
static void a_void_changeset_is_no_state(void)
{
	struct err e;

	begin(&states);
	announce(&states);
	insert(&ann, "draft");
	set_status(&ben, "approved", &ann); /* void */
	set_p(&ann, "1", &ben);
	set_p(&ben, "2", &ann);
	CHECK_OK(guilty("ben 3: a writer may not", &e), &e);
}

static void frozen_without_lines(void)
{
	static const struct design design = { .ruled = true, .frozen = true };
	struct err e;

	begin(&design);
	announce(&design);
	insert(&ann, "draft");
	set_status(&ann, "sent", NULL);
	CHECK_OK(guilty("", &e), &e);
	set_p(&rita, "1", &ann);
	CHECK_OK(guilty("rita 3: rows of case in state \"sent\" are frozen", &e), &e);
}

static void the_scope_column_is_told_by_the_document(void)
{
	static const struct design design = { .ruled = true, .scoped = true };
	struct err e;

	begin(&design);
	announce(&design);
	write(&ann, CHANGE_INSERT, &(struct cells){ { [ID] = "x", [P] = "13.73" } }, NULL);
	CHECK_OK(guilty("", &e), &e);
	set_p(&ben, "13.74", &ann);
	CHECK_OK(guilty("ben 3: a change of case puts a row into another scope", &e), &e);
}

#define GRANTED 8 /* letters: what begin() with a design writes */

/* Letters in this order; the revocation, which is the last one, first or last. */
static bool hear_revocation(struct node *n, bool early, struct err *e)
{
	struct letter revocation = post.letter[post.n - 1];
	bool ok;

	if (early) {
		memmove(&post.letter[GRANTED + 1], &post.letter[GRANTED],
			(post.n - GRANTED - 1) * sizeof(post.letter[0]));
		post.letter[GRANTED] = revocation;
	}
	ok = hear_all(n, e);
	if (early) {
		memmove(&post.letter[GRANTED], &post.letter[GRANTED + 1],
			(post.n - GRANTED - 1) * sizeof(post.letter[0]));
		post.letter[post.n - 1] = revocation;
	}
	return ok;
}

static void what_was_built_on_a_void_state_is_judged_again(void)
{
	AUTO_NODE late = { 0 };
	AUTO_NODE early = { 0 };
	struct hash a, b;
	struct err e;

	begin(&states);
	announce(&states);
	insert(&ann, "draft");
	set_status(&ben, "sent", &ann);	     /* ben 3: void in the end */
	set_status(&rita, "approved", &ann); /* rita 3: a draft, as she saw it: not hers to approve */
	set_status(&rita, "approved", &ben); /* rita 4: good only if it was sent */
	set_p(&ann, "1", &rita);	     /* ann 4: bad only if it was approved */
	set_p(&ann, "2", NULL);		     /* ann 5: likewise */
	author_revoke(&hub, &ben, 2, &post);
	CHECK_OK(node_open(&late, &e) && hear_revocation(&late, false, &e), &e);
	CHECK_OK(node_open(&early, &e) && hear_revocation(&early, true, &e), &e);
	CHECK(state_of(&early, &rita, 4) == 2);
	CHECK(state_of(&early, &ann, 5) == 1);
	CHECK(state_of(&late, &rita, 3) == 2);
	CHECK(state_of(&late, &rita, 4) == 2);
	CHECK(state_of(&late, &ann, 4) == 1);
	CHECK(state_of(&late, &ann, 5) == 1);
	CHECK(count(&late, "SELECT count(*) FROM simpul_changeset WHERE state IN (0, 4, 5)") == 0);
	CHECK(count(&late, "SELECT count(*) FROM \"case\" WHERE status = 'draft' AND p = '2'") == 1);
	CHECK_OK(digest_of(&late, &a, &e) && digest_of(&early, &b, &e), &e);
	CHECK(hash_equal(&a, &b));
}

static void many_guilty_ones_in_one_window(void)
{
	AUTO_NODE n = { 0 };
	struct err e;

	begin(&states);
	announce(&states);
	insert(&ann, "sent");
	for (int i = 0; i < 20; i++) {
		set_p(&ann, "1", NULL);
		set_p(&ben, "1", &ann);
	}
	CHECK_OK(node_open(&n, &e) && hear(&n, false, false, &e), &e);
	CHECK(count(&n, "SELECT count(*) FROM simpul_changeset WHERE state = 2"
			" AND reason LIKE 'a writer%'") == 40);
	CHECK(count(&n, "SELECT count(*) FROM simpul_changeset WHERE state = 0") == 0);
	CHECK(count(&n, "SELECT count(*) FROM \"case\" WHERE p = 'p'") == 1);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(rows_of_an_append_table_never_change),
		TAP(groups_are_written_whole),
		TAP(counters_hold_whole_numbers),
		TAP(a_lax_document_of_ones_own_does_not_help),
		TAP(rules_bind_who_knew_them),
		TAP(who_may_depends_on_the_state),
		TAP(the_state_is_what_its_author_had_seen),
		TAP(a_void_changeset_is_no_state),
		TAP(frozen_without_lines),
		TAP(the_scope_column_is_told_by_the_document),
		TAP(what_was_built_on_a_void_state_is_judged_again),
		TAP(many_guilty_ones_in_one_window),
	};

	int status = tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));

	post_done(&post);
	return status;
}
