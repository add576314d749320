/*
 * contest.c - three offices of one region and their hub: counters, choices and texts edited at once.
 *
 * Programs write plain SQL and see plain values; after everybody has met everybody, all four files hold
 * the same rows and list the same values.
 */
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "base/buf.h"
#include "tap.h"

#define SCOPE "13.73"

static bool begin(struct cluster *c, struct err *e)
{
	static const char *const names[] = { "hub", "ann", "ben", "cem" };

	cluster_begin(c, 7);
	for (unsigned i = 0; i < 4; i++)
		if (!cluster_add(c, names[i], i == 0 ? NULL : SCOPE, e) ||
		    (i > 0 && !cluster_enrol(c, i, e)))
			return false;
	return true;
}

/* At peace, with nothing left in any log; *ret: ann's memos and what is listed of them. */
static bool settle(struct cluster *c, struct buf *ret, struct err *e)
{
	struct member *ann = &c->member[1];
	struct hash first, hash;
	AUTO_STMT s = { 0 };
	bool row;

	if (!cluster_settle(c, e))
		return false;
	for (unsigned i = 1; i < 4; i++) {
		if (!audit_done(&c->member[i], e) || !audit_same(c, i, true, i == 1 ? &first : &hash, e))
			return false;
		if (i > 1 && !hash_equal(&first, &hash))
			return err_set(e, ERR_CORRUPT, "member %u differs", i);
	}
	buf_reset(ret);
	if (!db_prepare(&ann->db, "SELECT id||'|'||quote(note)||'|'||quote(pick)||'|'||quote(stock)||';'"
				  " FROM memo UNION ALL SELECT * FROM (SELECT ' '||c.name||'='||quote(value)"
				  " FROM simpul_sibling s JOIN simpul_column c ON c.table_no = s.table_no"
				  " AND c.no = s.column_no WHERE superseded_n IS NULL ORDER BY 1)", &s, e))
		return false;
	while (stmt_row(&s, &row, e) && row)
		buf_text(ret, stmt_get_text(&s, 0));
	return true;
}

static bool comes_to(struct cluster *c, const char *want)
{
	AUTO_BUF text = { 0 };
	struct err e;

	if (!settle(c, &text, &e))
		tap_note("%s", e.text);
	else if (strcmp(buf_string(&text), want) != 0)
		tap_note("'%s' instead of '%s'", buf_string(&text), want);
	else
		return true;
	return false;
}

static bool write(struct cluster *c, unsigned who, const char *sql, struct err *e)
{
	c->now_ms += 1000;
	return cluster_write(&c->member[who], sql, e);
}

static void counters_lose_no_increment(void)
{
	AUTO_CLUSTER c = { 0 };
	struct err e;
	int64_t n;

	CHECK_OK(begin(&c, &e) && write(&c, 1, "INSERT INTO memo(id, stock) VALUES('a', 100)", &e), &e);
	CHECK(comes_to(&c, "a|NULL|'open'|100;"));
	for (unsigned round = 0; round < 4; round++)
		for (unsigned who = 1; who < 4; who++) {
			CHECK_OK(write(&c, who, "UPDATE memo SET stock = stock + 1", &e), &e);
			CHECK_OK(write(&c, who, "UPDATE memo SET stock = stock + 10", &e), &e);
			if (round % 2 == 1 && who == 2)
				CHECK_OK(cluster_sync(&c, who, 0, &e), &e);
		}
	CHECK(comes_to(&c, "a|NULL|'open'|232;"));
	CHECK_OK(write(&c, 1, "UPDATE memo SET stock = 0", &e), &e); /* takes 232 away, no more */
	CHECK_OK(write(&c, 2, "UPDATE memo SET stock = stock - 2", &e), &e);
	CHECK(comes_to(&c, "a|NULL|'open'|-2;"));
	CHECK_OK(db_int(&c.member[3].db, "SELECT count(*) FROM simpul_sibling", 0, &n, &e), &e);
	CHECK(n == 0); /* not even for a moment */
}

static void counters_live_through_delete_and_insert(void)
{
	AUTO_CLUSTER c = { 0 };
	struct err e;

	CHECK_OK(begin(&c, &e) && write(&c, 1, "INSERT INTO memo(id, stock) VALUES('a', 100)", &e), &e);
	CHECK(comes_to(&c, "a|NULL|'open'|100;"));
	CHECK_OK(write(&c, 2, "UPDATE memo SET stock = stock + 7", &e), &e);
	CHECK_OK(write(&c, 3, "UPDATE memo SET stock = stock - 3", &e), &e);
	CHECK(comes_to(&c, "a|NULL|'open'|104;"));
	CHECK_OK(write(&c, 1, "DELETE FROM memo", &e), &e);
	CHECK(comes_to(&c, ""));
	CHECK_OK(write(&c, 2, "INSERT INTO memo(id, stock) VALUES('a', 10)", &e), &e);
	CHECK(comes_to(&c, "a|NULL|'open'|10;"));
	CHECK_OK(write(&c, 3, "UPDATE memo SET stock = stock + 5", &e), &e);
	CHECK_OK(write(&c, 1, "DELETE FROM memo; INSERT INTO memo(id, stock) VALUES('a', 20)", &e), &e);
	CHECK(comes_to(&c, "a|NULL|'open'|25;")); /* one edit, as nobody else saw the row gone */
	CHECK_OK(write(&c, 1, "DELETE FROM memo", &e) && cluster_settle(&c, &e), &e);
	CHECK_OK(write(&c, 1, "INSERT INTO memo(id) VALUES('a')", &e), &e);
	CHECK(comes_to(&c, "a|NULL|'open'|0;")); /* no NULL on top of tallies, here or there */
	CHECK_OK(write(&c, 1, "INSERT INTO memo(id) VALUES('b')", &e), &e);
	CHECK(comes_to(&c, "a|NULL|'open'|0;b|NULL|'open'|NULL;"));
	CHECK_OK(write(&c, 2, "UPDATE memo SET stock = coalesce(stock, 0) + 4", &e), &e);
	CHECK_OK(write(&c, 3, "UPDATE memo SET stock = coalesce(stock, 0) + 5", &e), &e);
	CHECK(comes_to(&c, "a|NULL|'open'|9;b|NULL|'open'|9;"));
}

static void what_is_no_count_is_listed_and_not_sent(void)
{
	AUTO_CLUSTER c = { 0 };
	struct err e;
	int64_t n;

	CHECK_OK(begin(&c, &e) && write(&c, 1, "INSERT INTO memo(id, stock) VALUES('a', 100)", &e), &e);
	CHECK(comes_to(&c, "a|NULL|'open'|100;"));
	CHECK_OK(write(&c, 1, "UPDATE memo SET stock = 'many'", &e), &e);
	CHECK_OK(write(&c, 2, "UPDATE memo SET stock = 1.5", &e), &e);
	CHECK_OK(cluster_settle(&c, &e), &e);
	for (unsigned who = 1; who < 3; who++) {
		CHECK_OK(db_int(&c.member[who].db, "SELECT count(*) FROM simpul_violation WHERE reason ="
						   " 'counter'", 0, &n, &e), &e);
		CHECK(n == 1);
	}
	CHECK_OK(db_int(&c.member[3].db, "SELECT stock FROM memo", 0, &n, &e), &e);
	CHECK(n == 100);
	CHECK_OK(write(&c, 1, "UPDATE memo SET stock = 101", &e), &e);
	CHECK_OK(write(&c, 2, "UPDATE memo SET stock = 102", &e), &e);
	CHECK(comes_to(&c, "a|NULL|'open'|103;"));
	CHECK_OK(write(&c, 3, "UPDATE memo SET stock = NULL", &e), &e); /* is 0 */
	CHECK_OK(write(&c, 2, "UPDATE memo SET stock = stock + 1", &e), &e);
	CHECK(comes_to(&c, "a|NULL|'open'|1;"));
	CHECK_OK(write(&c, 1, "DELETE FROM memo; INSERT INTO memo(id) VALUES('a')", &e), &e);
	CHECK(comes_to(&c, "a|NULL|'open'|0;"));
}

static void texts_grow_together_or_wait(void)
{
	AUTO_CLUSTER c = { 0 };
	struct err e;

	CHECK_OK(begin(&c, &e) && write(&c, 1, "INSERT INTO memo(id, note) VALUES('a', 'satu\ndua\ntiga\n')",
					&e), &e);
	CHECK(comes_to(&c, "a|'satu\ndua\ntiga\n'|'open'|NULL;"));
	CHECK_OK(write(&c, 1, "UPDATE memo SET note = 'SATU\ndua\ntiga\n'", &e), &e);
	CHECK_OK(write(&c, 2, "UPDATE memo SET note = 'satu\ndua\nTIGA\n'", &e), &e);
	CHECK_OK(write(&c, 3, "UPDATE memo SET note = note || 'empat\n'", &e), &e);
	CHECK(comes_to(&c, "a|'satu\ndua\ntiga\nempat\n'|'open'|NULL; note='SATU\ndua\ntiga\n'"
			   " note='satu\ndua\nTIGA\n'"));
	CHECK_OK(write(&c, 2, "UPDATE memo SET note = 'SATU\ndua\nTIGA\nempat\n'", &e), &e);
	CHECK(comes_to(&c, "a|'SATU\ndua\nTIGA\nempat\n'|'open'|NULL;"));
	CHECK_OK(write(&c, 1, "UPDATE memo SET note = replace(note, 'SATU', '1')", &e), &e);
	CHECK_OK(write(&c, 3, "UPDATE memo SET note = replace(note, 'empat', '4')", &e), &e);
	CHECK(comes_to(&c, "a|'1\ndua\nTIGA\n4\n'|'open'|NULL;"));
	CHECK_OK(write(&c, 2, "UPDATE memo SET note = note || '5\n'", &e), &e); /* on top of what is shown */
	CHECK(comes_to(&c, "a|'1\ndua\nTIGA\n4\n5\n'|'open'|NULL;"));
}

static void a_choice_waits_for_a_person(void)
{
	AUTO_CLUSTER c = { 0 };
	struct err e;

	CHECK_OK(begin(&c, &e) && write(&c, 1, "INSERT INTO memo(id, pick) VALUES('a', 'x')", &e), &e);
	CHECK(comes_to(&c, "a|NULL|'x'|NULL;"));
	for (unsigned who = 1; who < 4; who++) {
		char sql[60];

		snprintf(sql, sizeof(sql), "UPDATE memo SET pick = '%u'", who % 2);
		CHECK_OK(write(&c, who, sql, &e), &e);
	}
	CHECK(comes_to(&c, "a|NULL|'open'|NULL; pick='0' pick='1'"));
	CHECK_OK(write(&c, 3, "UPDATE memo SET stock = 1", &e), &e); /* touches the row, not the choice */
	CHECK(comes_to(&c, "a|NULL|'open'|1; pick='0' pick='1'"));
	CHECK_OK(write(&c, 3, "UPDATE memo SET pick = '0'", &e), &e);
	CHECK(comes_to(&c, "a|NULL|'0'|1;"));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(counters_lose_no_increment), TAP(counters_live_through_delete_and_insert),
		TAP(what_is_no_count_is_listed_and_not_sent), TAP(texts_grow_together_or_wait),
		TAP(a_choice_waits_for_a_person),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
