/* actor.c - people who share one node: nobody's value goes unseen, and each change has its author. */
#include <stdio.h>
#include <string.h>

#include "capture/actor.h"
#include "office.h"
#include "store/history.h"
#include "tap.h"

#define TABLES "CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, n, note TEXT)"

static bool open_office(struct office *o, const char *name, struct err *e)
{
	struct outbox_result r;

	return office_open(o, name, TABLES, e) && office_attach(o, "item", "13.73", e) &&
	       office_enrol(o, "13.73", e) &&
	       db_exec(&o->app, "INSERT INTO item VALUES(1, 'first', 1, ''), (2, 'second', 2, '')", e) &&
	       office_seal(o, &r, e);
}

/* Writes as that person; `seen` < 0: everything.  *ret_met: others' unsealed values were met. */
static bool write_as(struct office *o, const char *who, int64_t seen, const char *sql, bool *ret_met,
		     struct err *e)
{
	AUTO_TXN txn = { 0 };
	struct actor actor;
	int64_t since;

	o->now_ms += 1000;
	if (!txn_begin(&txn, &o->app, e) || !actor_begin(&o->app, who, &actor, e) ||
	    !actor_since(&o->app, &since, e))
		return false;
	actor.stale = seen >= 0;
	actor.seen_own = seen >= 0 ? (uint64_t)seen : 0;
	return db_exec(&o->app, sql, e) &&
	       actor_met_others(&o->app, &o->catalog, since, &actor, ret_met, e) &&
	       actor_mark(&o->app, since, &actor, e) && txn_commit(&txn, e);
}

static void tell_change(const struct history_set *set, const struct change *c, struct buf *out)
{
	static const char *const op[] = { "insert", "update", "delete" };
	const struct schema_text none = { "-", 1 };
	const struct schema_text *who = c->actor > 0 ? &set->actor[c->actor - 1] : &none;

	buf_print(out, "%s %.*s %lld", op[c->op], (int)who->len, who->text, (long long)c->key[0].integer);
	for (int k = 0; k < c->columns && c->op == CHANGE_UPDATE; k++) {
		const struct value *v = &c->value[k];
		bool text = v->type == VALUE_TEXT;

		buf_print(out, " %d=%.*s", c->column[k], text ? (int)v->len : 1,
			  text ? (const char *)v->bytes : "?");
	}
	if (c->seen_own != CHANGE_SEEN_ALL)
		buf_print(out, " seen %llu", (unsigned long long)c->seen_own);
	buf_text(out, "; ");
}

/* "update Ana 1 2=a seen 3; ..." of all changes after that changeset, in order. */
static bool tell(struct office *o, int64_t after, char *ret, size_t cap, struct err *e)
{
	AUTO_HISTORY h = { 0 };
	AUTO_STMT s = { 0 };
	AUTO_BUF out = { 0 };
	bool row;

	if (!history_open(&h, &o->node, &o->catalog, e) ||
	    !db_prepare(&o->node, "SELECT chain_no, seq FROM simpul_changeset WHERE kind = 1 AND n > ?1"
				  " ORDER BY n", &s, e))
		return false;
	stmt_int(&s, 1, after);
	while (true) {
		const struct history_set *set;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		if (!history_set_find(&h, (uint32_t)stmt_get_int(&s, 0), (uint64_t)stmt_get_int(&s, 1), &set,
				      e))
			return false;
		for (size_t i = 0; i < set->changes; i++)
			tell_change(set, &set->change[i], &out);
		buf_text(&out, "| ");
	}
	snprintf(ret, cap, "%s", buf_string(&out));
	return true;
}

static bool same(const char *told, const char *want)
{
	if (strcmp(told, want) != 0)
		printf("# %s\n# %s\n", told, want);
	return strcmp(told, want) == 0;
}

static int64_t count(struct office *o, const char *sql)
{
	struct err e;
	int64_t v;

	return db_int(&o->node, sql, -1, &v, &e) ? v : -2;
}

#define LAST_N "SELECT max(n) FROM simpul_changeset"
#define HEAD "SELECT max(head_seq) FROM simpul_chain"
#define SIBLINGS "SELECT count(*) FROM simpul_sibling WHERE superseded_n IS NULL"

/* The second person asks, so the first value is sealed; having seen it, the second takes its place. */
static void two_people_in_one_cell_are_two_changes(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result r;
	struct drain_row write = { .mask = 2 };
	struct actor budi, ana;
	char told[400];
	bool must;
	int64_t n;
	struct err e;

	CHECK_OK(open_office(&o, "two", &e), &e);
	n = count(&o, LAST_N);
	CHECK_OK(write_as(&o, "Ana", -1, "UPDATE item SET name = 'a' WHERE id = 1", &must, &e), &e);
	CHECK(!must);
	write.table = catalog_by_name(&o.catalog, "item");
	write.key[0] = (struct value){ .type = VALUE_INT, .integer = 1 };
	CHECK_OK(actor_begin(&o.app, "Budi", &budi, &e) && actor_begin(&o.app, "Ana", &ana, &e), &e);
	CHECK(ana.no > 0 && budi.no > 0 && ana.no != budi.no);
	CHECK_OK(actor_must_seal(&o.app, &write, &budi, &must, &e), &e);
	CHECK(must);
	CHECK_OK(actor_must_seal(&o.app, &write, &ana, &must, &e), &e);
	CHECK(!must);
	ana.stale = true; /* on another view of the row she would lose her own value */
	CHECK_OK(actor_must_seal(&o.app, &write, &ana, &must, &e), &e);
	CHECK(must);
	write.mask = 4;
	CHECK_OK(actor_must_seal(&o.app, &write, &budi, &must, &e), &e);
	CHECK(!must);
	write.look = true; /* a delete */
	CHECK_OK(actor_must_seal(&o.app, &write, &budi, &must, &e), &e);
	CHECK(must);
	write.key[0].integer = 2;
	CHECK_OK(actor_must_seal(&o.app, &write, &budi, &must, &e), &e);
	CHECK(!must);

	CHECK_OK(office_seal(&o, &r, &e), &e);
	CHECK_OK(write_as(&o, "Budi", -1, "UPDATE item SET name = 'b' WHERE id = 1", &must, &e), &e);
	CHECK(!must);
	CHECK_OK(office_seal(&o, &r, &e) && tell(&o, n, told, sizeof(told), &e), &e);
	CHECK(same(told, "update Ana 1 1=a; | update Budi 1 1=b; | "));
	CHECK(count(&o, SIBLINGS) == 0);
	CHECK_OK(office_agrees(&o, "item", &e), &e);
}

static void a_stale_write_stands_beside_what_it_had_not_seen(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result r;
	char told[400], want[200];
	int64_t n, seen;
	uint64_t form;
	bool met;
	struct err e;

	CHECK_OK(open_office(&o, "stale", &e), &e);
	n = count(&o, LAST_N);
	seen = count(&o, HEAD);
	CHECK_OK(actor_seen(&o.node, "13.73", &form, &e), &e);
	CHECK(form == (uint64_t)seen);
	CHECK_OK(actor_seen(&o.node, "13.74", &form, &e), &e);
	CHECK(form == 0);
	CHECK_OK(write_as(&o, "Ana", seen, "UPDATE item SET name = 'a' WHERE id = 1", &met, &e), &e);
	CHECK_OK(office_seal(&o, &r, &e), &e);
	CHECK(count(&o, SIBLINGS) == 0);
	CHECK_OK(write_as(&o, "Budi", seen, "UPDATE item SET name = 'b', n = 7 WHERE id = 1", &met, &e), &e);
	CHECK_OK(office_seal(&o, &r, &e) && tell(&o, n, told, sizeof(told), &e), &e);
	snprintf(want, sizeof(want), "update Ana 1 1=a; | update Budi 1 1=b 2=? seen %lld; | ",
		 (long long)seen);
	CHECK(same(told, want)); /* Ana had seen all there was: that is no stale write */
	CHECK(count(&o, SIBLINGS) == 1);
	CHECK(count(&o, SIBLINGS " AND value = 'a'") == 1);
	CHECK(count(&o, "SELECT name = 'b' FROM item WHERE id = 1") == 1);
	/* Whoever has seen both settles it. */
	CHECK_OK(write_as(&o, "Ana", -1, "UPDATE item SET name = 'c' WHERE id = 1", &met, &e), &e);
	CHECK_OK(office_seal(&o, &r, &e), &e);
	CHECK(count(&o, SIBLINGS) == 0);
}

static void different_columns_of_one_row_stay_apart(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result r;
	char told[400];
	int64_t n;
	bool met;
	struct err e;

	CHECK_OK(open_office(&o, "apart", &e), &e);
	n = count(&o, LAST_N);
	CHECK_OK(write_as(&o, "Ana", -1, "UPDATE item SET name = 'a' WHERE id = 2", &met, &e), &e);
	CHECK_OK(write_as(&o, "Budi", -1, "UPDATE item SET note = 'b' WHERE id = 2", &met, &e), &e);
	CHECK(!met);
	o.now_ms += 1000;
	CHECK_OK(db_exec(&o.app, "UPDATE item SET n = 9 WHERE id = 2", &e), &e);
	CHECK_OK(db_exec(&o.app, "UPDATE item SET n = 8 WHERE id = 1", &e), &e);
	CHECK_OK(write_as(&o, "Ana", -1, "UPDATE item SET name = 'a2' WHERE id = 2", &met, &e), &e);
	CHECK(!met);
	CHECK_OK(office_seal(&o, &r, &e) && tell(&o, n, told, sizeof(told), &e), &e);
	CHECK(r.changes == 4);
	CHECK(same(told, "update Ana 2 1=a2; update - 1 2=?; |"
			 " update Budi 2 3=b; | update - 2 2=?; | "));
	CHECK_OK(office_agrees(&o, "item", &e), &e);
}

/* Nobody asked: what stands there is told as whose it is, and by nobody else. */
static void a_column_belongs_to_whoever_wrote_it_last(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result r;
	char told[400];
	int64_t n;
	bool met;
	struct err e;

	CHECK_OK(open_office(&o, "last", &e), &e);
	n = count(&o, LAST_N);
	CHECK_OK(write_as(&o, "Ana", -1, "UPDATE item SET name = 'a', note = 'a' WHERE id = 1", &met, &e),
		 &e);
	CHECK_OK(write_as(&o, "Budi", -1, "UPDATE item SET name = 'b' WHERE id = 1", &met, &e), &e);
	CHECK(met);
	CHECK_OK(write_as(&o, "Ana", -1, "UPDATE item SET n = 5 WHERE id = 2", &met, &e), &e);
	CHECK_OK(write_as(&o, "Budi", -1, "DELETE FROM item WHERE id = 2", &met, &e), &e);
	CHECK(met);
	CHECK_OK(write_as(&o, "Ana", -1, "INSERT INTO item VALUES(3, 'a', 1, '')", &met, &e), &e);
	CHECK_OK(write_as(&o, "Budi", -1, "UPDATE item SET note = 'b' WHERE id = 3", &met, &e), &e);
	CHECK(met);
	CHECK_OK(office_seal(&o, &r, &e) && tell(&o, n, told, sizeof(told), &e), &e);
	CHECK(same(told, "insert Ana 3; update Ana 1 3=a; delete Budi 2; | update Budi 1 1=b; update Budi 3"
			 " 3=b; | "));
	CHECK_OK(office_agrees(&o, "item", &e), &e);
	CHECK(count(&o, "SELECT count(*) FROM simpul_log") == 0);
}

/* What its author had not seen is not deleted: the row is listed, and the next merge puts it back. */
static void a_stale_delete_leaves_what_it_had_not_seen(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result r;
	int64_t seen;
	bool met;
	struct err e;

	CHECK_OK(open_office(&o, "gone", &e), &e);
	seen = count(&o, HEAD);
	CHECK_OK(write_as(&o, "Ana", -1, "UPDATE item SET name = 'a' WHERE id = 1", &met, &e), &e);
	CHECK_OK(office_seal(&o, &r, &e), &e);
	CHECK_OK(write_as(&o, "Budi", seen, "DELETE FROM item WHERE id IN (1, 2)", &met, &e), &e);
	CHECK_OK(office_seal(&o, &r, &e), &e);
	CHECK(r.changes == 2);
	CHECK(count(&o, "SELECT count(*) FROM simpul_violation") == 1);
	CHECK(count(&o, "SELECT vkey FROM simpul_violation WHERE reason = 'missing'") == 1);
	CHECK_OK(office_seal(&o, &r, &e), &e);
	CHECK(r.changes == 0 && count(&o, "SELECT count(*) FROM simpul_violation") == 1);
}

/* Their marks stay with hints that cannot be sealed yet; and a changeset names so many and no more. */
static void many_people_wait_for_a_right_to_write(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result r;
	char sql[100], who[20];
	bool met;
	struct err e;

	CHECK_OK(office_open(&o, "many", TABLES, &e) && office_attach(&o, "item", "13.73", &e) &&
		 office_seal(&o, &r, &e), &e);
	for (int i = 1; i <= 300; i++) {
		snprintf(who, sizeof(who), "Orang %d", i);
		snprintf(sql, sizeof(sql), "INSERT INTO item VALUES(%d, 'x', 1, '')", i);
		CHECK_OK(write_as(&o, who, -1, sql, &met, &e), &e);
	}
	CHECK_OK(office_seal(&o, &r, &e), &e);
	CHECK(r.changes == 0);
	CHECK_OK(office_enrol(&o, "13.74", &e) && office_seal(&o, &r, &e), &e); /* not the right one */
	CHECK(r.changes == 0 && r.no_right == 300);
	CHECK(count(&o, "SELECT count(DISTINCT a) FROM simpul_log") == 300);
	CHECK_OK(office_enrol(&o, "13.73", &e) && office_seal(&o, &r, &e), &e);
	CHECK(r.changes == 300);
	CHECK(count(&o, "SELECT count(*) FROM simpul_changeset WHERE kind = 1") == 2);
	CHECK(count(&o, "SELECT count(*) FROM simpul_changeset WHERE kind = 1 AND changes = 256") == 1);
	CHECK_OK(office_agrees(&o, "item", &e), &e);
}

static void names_are_checked(void)
{
	AUTO_OFFICE o = { 0 };
	struct actor a, b;
	char name[140];
	struct err e;

	CHECK_OK(open_office(&o, "names", &e), &e);
	memset(name, 'x', sizeof(name));
	name[129] = '\0';
	CHECK(!actor_begin(&o.app, name, &a, &e) && e.code == ERR_USAGE);
	name[128] = '\0';
	CHECK_OK(actor_begin(&o.app, name, &a, &e) && actor_begin(&o.app, name, &b, &e), &e);
	CHECK(a.no == b.no && !a.stale);
	CHECK(!actor_begin(&o.app, "", &a, &e) && e.code == ERR_USAGE);
	CHECK(!actor_begin(&o.app, "a\nb", &a, &e) && e.code == ERR_USAGE);
	CHECK(!actor_begin(&o.app, "\xff", &a, &e) && e.code == ERR_USAGE);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(two_people_in_one_cell_are_two_changes),
		TAP(a_stale_write_stands_beside_what_it_had_not_seen),
		TAP(different_columns_of_one_row_stay_apart),
		TAP(a_column_belongs_to_whoever_wrote_it_last),
		TAP(a_stale_delete_leaves_what_it_had_not_seen),
		TAP(many_people_wait_for_a_right_to_write),
		TAP(names_are_checked),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
