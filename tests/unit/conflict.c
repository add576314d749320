/* conflict.c - what stands in contested cells, and what a choice writes. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "ledger.h"
#include "merge/conflict.h"
#include "tap.h"

static void put_value(struct buf *out, const struct value *v)
{
	if (v == NULL)
		buf_text(out, "-");
	else if (v->type == VALUE_TEXT)
		buf_print(out, "%.*s", (int)v->len, (const char *)v->bytes);
	else
		buf_text(out, "?");
}

/* "x.a+b: *1,2 by NODE | 3,4 ...;" with * at what is shown; numbers and changesets are kept. */
struct list {
	struct buf text;
	int64_t no, n[8];
	size_t values;
};

static bool add(void *state, const struct conflict *c)
{
	struct list *l = state;

	put_value(&l->text, &c->key[0]);
	for (size_t i = 0; i < c->columns; i++)
		buf_print(&l->text, "%s%s", i == 0 ? "." : "+", c->column[i]);
	l->no = c->no;
	l->values = 0;
	for (size_t v = 0; v < c->values; v++) {
		buf_print(&l->text, "%s%s", v == 0 ? ": " : " | ", c->value[v].shown ? "*" : "");
		for (size_t i = 0; i < c->columns; i++) {
			buf_text(&l->text, i == 0 ? "" : ",");
			put_value(&l->text, c->value[v].value[i]);
		}
		if (l->values < 8)
			l->n[l->values++] = c->value[v].write.n;
	}
	buf_text(&l->text, ";");
	return true;
}

static bool list(struct ledger *l, struct list *ret, struct err *e)
{
	buf_reset(&ret->text);
	return conflict_list(&l->db, &l->catalog, add, ret, e);
}

static void list_done(struct list *l)
{
	buf_done(&l->text);
}

#define AUTO_LIST __attribute__((cleanup(list_done))) struct list

/* Two offices that wrote row x without knowing of each other; this node may write as ann. */
static bool contend(struct ledger *l, const char *by_ann, const char *by_ben, struct err *e)
{
	ledger_begin();
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	ledger_write(&ben, CHANGE_UPDATE, "x", by_ben, &ann, 20);
	ledger_write(&ann, CHANGE_UPDATE, "x", by_ann, NULL, 30);
	return ledger_open(l, "node", e) && ledger_take(l, 0, post.n, e) &&
	       db_exec(&l->db, "UPDATE simpul_chain SET own = 1 WHERE scope = '13.73'", e);
}

static bool choose(struct ledger *l, const struct conflict_choice *choice, struct buf *object,
		   struct err *e)
{
	AUTO_TXN txn = { 0 };

	return txn_begin(&txn, &l->db, e) &&
	       conflict_choose(&l->db, &l->catalog, &l->world, choice, object, e) && txn_commit(&txn, e);
}

static void values_that_agree_are_one(void)
{
	AUTO_LEDGER l = { 0 };
	AUTO_LIST found = { 0 };
	struct err e;

	CHECK_OK(contend(&l, "a=kiri b=sama", "a=kanan b=sama", &e) && list(&l, &found, &e), &e);
	CHECK(strcmp(buf_string(&found.text), "x.a: *kiri | kanan;") == 0);
	CHECK(found.n[0] != found.n[1] && found.n[0] > 0 && found.n[1] > 0);
}

static void the_value_of_a_changeset_is_written_with_a_hint(void)
{
	AUTO_LEDGER l = { 0 };
	AUTO_LIST found = { 0 };
	AUTO_BUF object = { 0 };
	struct conflict_choice choice;
	struct err e;

	CHECK_OK(contend(&l, "a=kiri", "a=kanan", &e) && list(&l, &found, &e), &e);
	choice = (struct conflict_choice){ .no = found.no, .n = found.n[1] };
	CHECK_OK(choose(&l, &choice, &object, &e), &e);
	CHECK(strcmp(buf_string(&object), "tab x a") == 0);
	CHECK(strcmp(ledger_rows(&l), "x|kanan|2|3;") == 0);
	CHECK(ledger_count(&l, "SELECT count(*) FROM simpul_log WHERE k1 = 'x' AND m <> 0 AND ts > 0") == 1);
}

static void choosing_what_is_shown_leaves_a_hint_all_the_same(void)
{
	AUTO_LEDGER l = { 0 };
	AUTO_LIST found = { 0 };
	AUTO_BUF object = { 0 };
	struct conflict_choice choice;
	struct err e;

	CHECK_OK(contend(&l, "a=kiri", "a=kanan", &e) && list(&l, &found, &e), &e);
	choice = (struct conflict_choice){ .no = found.no, .n = found.n[0] };
	CHECK_OK(choose(&l, &choice, &object, &e), &e);
	CHECK(strcmp(ledger_rows(&l), "x|kiri|2|3;") == 0);
	CHECK(ledger_count(&l, "SELECT count(*) FROM simpul_log WHERE k1 = 'x' AND m <> 0") == 1);
}

/* a and b win or lose together; c has nothing to do with them. */
static void a_group_is_shown_and_chosen_whole(void)
{
	AUTO_LEDGER l = { 0 };
	AUTO_LIST found = { 0 };
	AUTO_BUF object = { 0 };
	struct conflict_setting given[] = { { "B", "20" }, { "a", NULL } };
	struct conflict_choice choice;
	struct err e;

	CHECK_OK(contend(&l, "a=kiri b=sama", "a=kanan b=sama c=9", &e), &e);
	l.catalog.table[0].column[1].group = l.catalog.table[0].column[2].group = 1;
	CHECK_OK(list(&l, &found, &e), &e);
	CHECK(strcmp(buf_string(&found.text), "x.a+b: *kiri,sama | kanan,sama;") == 0);
	choice = (struct conflict_choice){ .no = found.no, .setting = given, .settings = 1 };
	CHECK(!choose(&l, &choice, &object, &e) && e.code == ERR_USAGE); /* half a group */
	choice.settings = 2;
	CHECK_OK(choose(&l, &choice, &object, &e), &e);
	CHECK(strcmp(ledger_rows(&l), "x|-|20|9;") == 0);
	CHECK(ledger_count(&l, "SELECT count(*) FROM simpul_log") == 1);
	choice = (struct conflict_choice){ .no = found.no, .n = found.n[1] };
	CHECK_OK(choose(&l, &choice, &object, &e), &e);
	CHECK(strcmp(ledger_rows(&l), "x|kanan|sama|9;") == 0);
}

static bool counts(struct ledger *l, int64_t want)
{
	struct err e;
	int64_t n;

	return conflict_count(&l->db, &l->catalog, &n, &e) && n == want;
}

/* However many of its columns are contested, and however many values stand there. */
static void a_group_is_one_conflict_and_counts_as_one(void)
{
	AUTO_LEDGER l = { 0 };
	AUTO_LIST found = { 0 };
	struct err e;

	CHECK_OK(contend(&l, "a=kiri b=atas c=8", "a=kanan b=bawah c=9", &e), &e);
	CHECK(counts(&l, 3));
	l.catalog.table[0].column[1].group = l.catalog.table[0].column[3].group = 1;
	CHECK_OK(list(&l, &found, &e), &e);
	CHECK(strcmp(buf_string(&found.text), "x.a+c: *kiri,8 | kanan,9;x.b: *atas | bawah;") == 0);
	CHECK(counts(&l, 2));
	ledger_write(&ann, CHANGE_DELETE, "x", "", &ben, 40);
	CHECK_OK(ledger_take(&l, post.n - 1, post.n, &e), &e);
	CHECK(counts(&l, 0));
}

static void a_choice_that_makes_no_sense_changes_nothing(void)
{
	AUTO_LEDGER l = { 0 };
	AUTO_LIST found = { 0 };
	AUTO_BUF object = { 0 };
	struct conflict_setting wrong = { "c", "1" }, twice[] = { { "a", "1" }, { "a", "2" } };
	struct conflict_choice choice;
	struct err e;

	CHECK_OK(contend(&l, "a=kiri", "a=kanan", &e) && list(&l, &found, &e), &e);
	choice = (struct conflict_choice){ .no = found.no, .n = 1 };
	CHECK(!choose(&l, &choice, &object, &e) && e.code == ERR_NOT_FOUND);
	choice = (struct conflict_choice){ .no = found.no + 1, .n = found.n[0] };
	CHECK(!choose(&l, &choice, &object, &e) && e.code == ERR_NOT_FOUND);
	choice = (struct conflict_choice){ .no = found.no, .setting = &wrong, .settings = 1 };
	CHECK(!choose(&l, &choice, &object, &e) && e.code == ERR_USAGE);
	choice = (struct conflict_choice){ .no = found.no, .setting = twice, .settings = 2 };
	CHECK(!choose(&l, &choice, &object, &e) && e.code == ERR_USAGE);
	CHECK_OK(db_exec(&l.db, "UPDATE simpul_chain SET role = 3 WHERE own = 1", &e), &e);
	choice = (struct conflict_choice){ .no = found.no, .n = found.n[0] };
	CHECK(!choose(&l, &choice, &object, &e) && e.code == ERR_FORBIDDEN);
	CHECK_OK(db_exec(&l.db, "UPDATE simpul_chain SET role = 1 WHERE own = 1; DELETE FROM tab", &e), &e);
	CHECK(!choose(&l, &choice, &object, &e) && e.code == ERR_NOT_FOUND); /* the row is kept out */
	CHECK(ledger_count(&l, "SELECT count(*) FROM simpul_log") == 0);
}

static bool add_past(void *state, const struct conflict_past *p)
{
	struct buf *out = state;

	buf_print(out, "%s.%s=", p->table, p->column);
	put_value(out, p->value);
	buf_print(out, " of %lld until %lld;", (long long)p->write.n, (long long)p->by.n);
	return true;
}

static void what_was_superseded_stays_in_the_ledger(void)
{
	AUTO_LEDGER l = { 0 };
	AUTO_LIST found = { 0 };
	AUTO_BUF past = { 0 };
	char want[100];
	struct err e;
	size_t before;

	CHECK_OK(contend(&l, "a=kiri", "a=kanan", &e) && list(&l, &found, &e), &e);
	CHECK_OK(conflict_ledger(&l.db, &l.catalog, add_past, &past, &e), &e);
	CHECK(past.len == 0);
	before = post.n;
	ledger_write(&ann, CHANGE_UPDATE, "x", "a=baru", &ben, 40);
	CHECK_OK(ledger_take(&l, before, post.n, &e), &e);
	CHECK_OK(conflict_ledger(&l.db, &l.catalog, add_past, &past, &e) && list(&l, &found, &e), &e);
	snprintf(want, sizeof(want), "tab.a=kanan of %lld until %lld;", (long long)found.n[1],
		 (long long)ledger_count(&l, "SELECT max(n) FROM simpul_changeset"));
	CHECK(strcmp(buf_string(&past), want) == 0);
	CHECK(found.text.len == 0);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(values_that_agree_are_one),
		TAP(the_value_of_a_changeset_is_written_with_a_hint),
		TAP(choosing_what_is_shown_leaves_a_hint_all_the_same),
		TAP(a_group_is_shown_and_chosen_whole),
		TAP(a_group_is_one_conflict_and_counts_as_one),
		TAP(a_choice_that_makes_no_sense_changes_nothing),
		TAP(what_was_superseded_stays_in_the_ledger),
	};
	int status = tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));

	post_done(&post);
	return status;
}
