/*
 * pains.c - what users of other sync programs complain of, one test each, on a simulated network.
 *
 * Here is what needs many rounds or wrong clocks; tests/system/pains_test.py has what needs real processes.
 */
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "base/log.h"
#include "tap.h"

#define YEARS_MS (INT64_C(3652) * 86400 * 1000)
#define SEEDS 12
#define STEPS 40

static uint64_t seed = 1;

static unsigned any(unsigned below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed % below);
}

/* What the line does to answers; requests always arrive. */
struct line {
	enum { LINE_GOOD, LINE_DROPS, LINE_GARBLES } fault;
	size_t at;
	unsigned faults;
};

static bool deliver(struct cluster *c, struct member *from, struct member *to,
		    const struct transport_call *call, struct http_response *ret, struct err *e)
{
	struct line *line = c->arg;
	bool post = strcmp(call->method, "POST") == 0;

	c->now_ms += 100;
	if (!cluster_deliver(from, to, call, ret, e))
		return false;
	if (line->fault == LINE_GOOD || !(post || strstr(call->url, "/v1/receipts") != NULL))
		return true;
	line->faults++;
	if (line->fault == LINE_DROPS) {
		http_response_done(ret);
		return err_set(e, ERR_NETWORK, "the answer is lost");
	}
	if (ret->body.len > 0)
		ret->body.data[line->at % ret->body.len] ^= 0x41;
	return true;
}

static bool offices(struct cluster *c, struct line *line, unsigned n, uint64_t with_seed, struct err *e)
{
	const char *const names[] = { "ayu", "budi", "citra" };

	cluster_begin(c, with_seed);
	c->call = deliver;
	c->arg = line;
	if (!cluster_add(c, "hub", NULL, e))
		return false;
	for (unsigned i = 0; i < n; i++)
		if (!cluster_add(c, names[i], "13.73", e) || !cluster_enrol(c, i + 1, e))
			return false;
	return cluster_settle(c, e);
}

static int64_t count(struct member *m, const char *sql)
{
	struct err e;
	int64_t n;

	return db_int(&m->db, sql, -1, &n, &e) ? n : -2;
}

/* What the status shows as delivered, and is not proven by a receipt on file; and the reverse. */
static int64_t shown_without_proof(struct member *m)
{
	return count(m, "SELECT count(*) FROM simpul_changeset c JOIN simpul_chain h ON h.no = c.chain_no"
			" WHERE h.own = 1 AND c.kind <> 0 AND (c.custody = 2) <>"
			" EXISTS(SELECT 1 FROM simpul_receipt r WHERE r.n = c.n)");
}

static void synced_is_shown_only_where_a_verified_receipt_says_so(void)
{
	struct line line = { LINE_GOOD };
	AUTO_CLUSTER c = { 0 };
	struct member *ayu = &c.member[1];
	struct err e;

	CHECK_OK(offices(&c, &line, 1, 2, &e), &e);
	CHECK_OK(cluster_write(ayu, "INSERT INTO plan(id, title) VALUES('p', 'satu')", &e), &e);
	line.fault = LINE_GARBLES;
	for (line.at = 0; line.at < 400; line.at += 7) {
		(void)!cluster_sync(&c, 1, 0, &e);
		CHECK(shown_without_proof(ayu) == 0);
		CHECK_OK(audit_filed(&c, &e), &e); /* each that counts verifies, and its data is there */
	}
	CHECK(line.faults > 50);
	line.fault = LINE_GOOD;
	CHECK_OK(cluster_settle(&c, &e) && audit_done(ayu, &e) && audit_receipts(&c, &e), &e);
}

static void a_failed_change_stays_in_the_outbox(void)
{
	static const char own[] = "SELECT count(*) FROM simpul_changeset c JOIN simpul_chain h ON"
				  " h.no = c.chain_no WHERE h.own = 1";
	static const char unsent[] = "SELECT count(*) FROM simpul_changeset c JOIN simpul_chain h ON"
				     " h.no = c.chain_no WHERE h.own = 1 AND c.custody < 2";
	int64_t before;
	struct line line = { LINE_GOOD };
	AUTO_CLUSTER c = { 0 };
	struct member *ayu = &c.member[1];
	AUTO_BUF sql = { 0 };
	struct err e;

	CHECK_OK(offices(&c, &line, 1, 7, &e), &e);
	CHECK(count(ayu, unsent) == 0);
	before = count(ayu, own);
	line.fault = LINE_DROPS;
	for (int i = 1; i <= 20; i++) {
		buf_reset(&sql);
		buf_print(&sql, "INSERT INTO plan(id, title) VALUES('p%d', 'x')", i);
		CHECK_OK(cluster_write(ayu, buf_string(&sql), &e), &e);
		CHECK(!cluster_sync(&c, 1, 0, &e));
		CHECK_OK(cluster_restart(ayu, &e), &e);
		CHECK(count(ayu, own) >= before + i && count(ayu, unsent) == count(ayu, own) - before);
		CHECK(shown_without_proof(ayu) == 0);
	}
	line.fault = LINE_GOOD;
	CHECK_OK(cluster_settle(&c, &e) && audit_done(ayu, &e) && audit_receipts(&c, &e), &e);
	CHECK(count(ayu, unsent) == 0);
}

static void lost_acknowledgements_make_no_duplicates(void)
{
	struct line line = { LINE_GOOD };
	AUTO_CLUSTER c = { 0 };
	struct member *ayu = &c.member[1], *hub = &c.member[0];
	AUTO_BUF text = { 0 };
	struct hash first, now;
	int64_t entries;
	struct err e;

	CHECK_OK(offices(&c, &line, 1, 8, &e), &e);
	CHECK_OK(cluster_write(ayu, "INSERT INTO plan(id, title, amount) VALUES('p', 'satu', 1),"
				    " ('q', 'dua', 2); UPDATE plan SET amount = amount + 1;", &e), &e);
	line.fault = LINE_DROPS;
	CHECK(!cluster_sync(&c, 1, 0, &e));
	CHECK_OK(cluster_digest(hub, "13.73", &first, &text, &e), &e);
	entries = count(hub, "SELECT count(*) FROM simpul_changeset");
	CHECK(count(hub, "SELECT sum(amount) FROM plan") == 5);
	for (int i = 0; i < 20; i++) {
		CHECK(!cluster_sync(&c, 1, 0, &e));
		CHECK_OK(cluster_digest(hub, "13.73", &now, &text, &e), &e);
		CHECK(hash_equal(&first, &now));
		CHECK(count(hub, "SELECT count(*) FROM simpul_changeset") == entries);
	}
	CHECK(line.faults >= 21);
	line.fault = LINE_GOOD;
	CHECK_OK(cluster_settle(&c, &e) && audit_done(ayu, &e) && audit_log(&c, &e), &e);
	CHECK(count(hub, "SELECT count(*) FROM simpul_changeset") == entries);
}

/* Who has seen a value and writes another is right, whatever either clock says. */
static void wall_clocks_lose_no_edit(void)
{
	static const int64_t skew_ms[] = { -YEARS_MS, 0, YEARS_MS };
	struct line line = { LINE_GOOD };

	for (int pair = 0; pair < 9; pair++) {
		AUTO_CLUSTER c = { 0 };
		AUTO_BUF sql = { 0 };
		struct err e;

		CHECK_OK(offices(&c, &line, 2, 9, &e), &e);
		c.member[1].skew_ms = skew_ms[pair / 3];
		c.member[2].skew_ms = skew_ms[pair % 3];
		for (unsigned k = 1; k <= 2; k++) /* the hub says that the clock has moved */
			(void)!cluster_sync(&c, k, 0, &e);
		CHECK_OK(cluster_write(&c.member[1], "INSERT INTO plan(id, title) VALUES('p', 't0')", &e) &&
				 cluster_settle(&c, &e), &e);
		for (int i = 1; i <= 6; i++) {
			buf_reset(&sql);
			buf_print(&sql, "UPDATE plan SET title = 't%d' WHERE id = 'p'", i);
			CHECK_OK(cluster_write(&c.member[1 + i % 2], buf_string(&sql), &e) &&
					 cluster_settle(&c, &e), &e);
			buf_reset(&sql);
			buf_print(&sql, "SELECT count(*) FROM plan WHERE title = 't%d'", i);
			for (unsigned k = 0; k <= 2; k++)
				CHECK(count(&c.member[k], buf_string(&sql)) == 1);
			CHECK(count(&c.member[0], "SELECT count(*) FROM simpul_sibling WHERE"
						  " superseded_n IS NULL") == 0);
		}
	}
}

static bool rename_or_delete(struct member *m, struct err *e)
{
	unsigned a = any(3), b = any(3);
	AUTO_BUF sql = { 0 };

	switch (any(6)) {
	case 0:
		buf_print(&sql, "DELETE FROM plan WHERE id = 'p%u'", a);
		break;
	case 1:
		buf_print(&sql, "UPDATE OR REPLACE plan SET id = 'p%u' WHERE id = 'p%u'", a, b);
		break;
	case 2:
		buf_print(&sql, "UPDATE OR REPLACE visit SET place = 'x%u' WHERE day = %u", a, b);
		break;
	case 3:
		buf_print(&sql, "DELETE FROM visit WHERE day = %u", a);
		break;
	case 4:
		buf_print(&sql, "INSERT OR REPLACE INTO plan VALUES('p%u', 'r%u', %u, NULL)", a, any(99), b);
		break;
	default:
		buf_print(&sql, "INSERT OR REPLACE INTO visit VALUES('x%u', %u, 'r%u')", a, b, any(99));
	}
	return cluster_write(m, buf_string(&sql), e);
}

static void key_changes_and_deletes_do_not_diverge(void)
{
	struct line line = { LINE_GOOD };

	for (unsigned run = 1; run <= SEEDS; run++) {
		AUTO_CLUSTER c = { 0 };
		struct hash digest;
		struct err e;

		seed = run * 0x9e3779b97f4a7c15u;
		CHECK_OK(offices(&c, &line, 3, run, &e), &e);
		for (unsigned i = 0; i < STEPS; i++) {
			unsigned who = 1 + any(3);

			c.now_ms += any(2000);
			CHECK_OK(any(100) < 75 ? rename_or_delete(&c.member[who], &e) :
						 cluster_sync(&c, who, 0, &e), &e);
		}
		CHECK_OK(cluster_settle(&c, &e) && cluster_settle(&c, &e), &e);
		for (unsigned i = 1; i <= 3; i++) {
			if (!audit_same(&c, i, true, &digest, &e))
				tap_note("seed %u", run);
			CHECK_OK(audit_same(&c, i, false, &digest, &e) && audit_done(&c.member[i], &e), &e);
		}
	}
}

/* Instructions of SQLite's machine: what grows with the size of a table shows here, without a clock. */
static int64_t instructions;

static int tick(void *arg)
{
	(void)arg;
	instructions++;
	return 0;
}

static bool rows_travel(struct cluster *c, unsigned from, unsigned to, int64_t *ret_ticks, struct err *e)
{
	struct member *hub = &c->member[0];
	AUTO_BUF sql = { 0 };
	bool ok;

	buf_print(&sql, "WITH RECURSIVE n(i) AS (VALUES(%u) UNION ALL SELECT i + 1 FROM n WHERE i < %u)"
			" INSERT INTO plan(id, title) SELECT printf('%%08x', i * 2654435761 %% 4294967296),"
			" 'rencana' FROM n", from, to - 1);
	if (!cluster_write(&c->member[1], buf_string(&sql), e))
		return false;
	instructions = 0;
	sqlite3_progress_handler(hub->db.handle, 50, tick, NULL);
	ok = cluster_sync(c, 1, 0, e);
	sqlite3_progress_handler(hub->db.handle, 0, NULL, NULL);
	*ret_ticks = instructions;
	return ok;
}

static void the_work_per_change_does_not_grow_with_the_table(void)
{
	struct line line = { LINE_GOOD };
	AUTO_CLUSTER c = { 0 };
	int64_t first, load, last;
	struct err e;

	CHECK_OK(offices(&c, &line, 1, 12, &e), &e);
	c.member[1].party.changes_max = 50;
	CHECK_OK(rows_travel(&c, 0, 1000, &load, &e) && rows_travel(&c, 1000, 2000, &first, &e) &&
			 rows_travel(&c, 2000, 20000, &load, &e) &&
			 rows_travel(&c, 20000, 21000, &last, &e),
		 &e);
	tap_note("%lld for 1,000 changes after 1,000; %lld after 20,000", (long long)first, (long long)last);
	CHECK(first > 100 && last * 4 <= first * 5);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(synced_is_shown_only_where_a_verified_receipt_says_so),
		TAP(a_failed_change_stays_in_the_outbox),
		TAP(lost_acknowledgements_make_no_duplicates),
		TAP(wall_clocks_lose_no_edit),
		TAP(key_changes_and_deletes_do_not_diverge),
		TAP(the_work_per_change_does_not_grow_with_the_table),
	};

	log_set_level(LOG_ERROR);
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
