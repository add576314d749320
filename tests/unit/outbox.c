/* outbox.c - what sealing tells is the truth of the tables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "merge/apply.h"
#include "office.h"
#include "replay.h"
#include "simpul/change.h"
#include "simpul/seal.h"
#include "tap.h"

#define ITEM                                                                                        \
	"CREATE TABLE item(id TEXT PRIMARY KEY, name TEXT, qty INTEGER DEFAULT 1, price REAL, photo BLOB," \
	" any)"

static bool seal_counts(struct office *o, int64_t changes, struct err *e)
{
	struct outbox_result result;

	if (!office_seal(o, &result, e))
		return false;
	if (result.changes != changes)
		return err_set(e, ERR_INTERNAL, "%lld changes sealed, not %lld",
			       (long long)result.changes, (long long)changes);
	return true;
}

static void tells_the_truth(void)
{
	AUTO_OFFICE o = { 0 };
	struct err e;

	CHECK_OK(office_open(&o, "truth", ITEM, &e), &e);
	CHECK_OK(db_exec(&o.app, "INSERT INTO item VALUES('old', 'before attach', 3, 1.5, x'00ff',"
				 " NULL)", &e), &e);
	CHECK_OK(office_attach(&o, "item", "13.73", &e), &e);
	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
	CHECK_OK(seal_counts(&o, 1, &e), &e);
	CHECK_OK(db_exec(&o.app, "INSERT INTO item(id, name) VALUES('a', 'satu'), ('b', NULL),"
				 " ('', 'kosong');"
				 "UPDATE item SET qty = 9223372036854775807, any = -9223372036854775808;"
				 "UPDATE item SET photo = zeroblob(1000), price = 1e300 WHERE id = 'a';"
				 "DELETE FROM item WHERE id = 'b'", &e), &e);
	CHECK_OK(seal_counts(&o, 3, &e), &e); /* b came and went unseen */
	CHECK_OK(office_agrees(&o, "item", &e), &e);
	CHECK_OK(db_exec(&o.app, "UPDATE item SET id = 'c' WHERE id = 'a';"
				 "INSERT OR REPLACE INTO item(id, any) VALUES('old', 'x');"
				 "INSERT OR IGNORE INTO item(id) VALUES('old');"
				 "INSERT INTO item(id) VALUES('old') ON CONFLICT(id)"
				 " DO UPDATE SET qty = 5", &e), &e);
	CHECK_OK(seal_counts(&o, 3, &e), &e); /* a deleted, c inserted, old updated */
	CHECK_OK(office_agrees(&o, "item", &e), &e);
	CHECK_OK(db_exec(&o.app, "DELETE FROM item", &e), &e);
	CHECK_OK(seal_counts(&o, 3, &e), &e);
	CHECK_OK(seal_counts(&o, 0, &e), &e);
	CHECK_OK(db_exec(&o.app, "INSERT INTO item(id) VALUES('old')", &e), &e);
	CHECK_OK(office_agrees(&o, "item", &e), &e);
}

static void an_update_tells_only_changed_columns(void)
{
	AUTO_OFFICE o = { 0 };
	struct replay_total total;
	AUTO_DB model = { 0 };
	struct err e;

	CHECK_OK(office_open(&o, "columns", ITEM, &e), &e);
	CHECK_OK(office_attach(&o, "item", "13.73", &e), &e);
	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
	CHECK_OK(db_exec(&o.app, "INSERT INTO item VALUES('a', 'n', 1, 2.0, x'01', 'y')", &e), &e);
	CHECK_OK(seal_counts(&o, 1, &e), &e);
	CHECK_OK(db_exec(&o.app, "UPDATE item SET name = 'N', qty = 1, photo = x'01'", &e), &e);
	CHECK_OK(seal_counts(&o, 1, &e), &e);
	CHECK_OK(db_exec(&o.app, "UPDATE item SET photo = x'02'", &e), &e);
	CHECK_OK(seal_counts(&o, 1, &e), &e);
	CHECK_OK(db_exec(&o.app, "UPDATE item SET name = 'N', any = 'y'", &e), &e);
	CHECK_OK(seal_counts(&o, 0, &e), &e);
	CHECK_OK(db_exec(&o.app, "UPDATE item SET qty = NULL; UPDATE item SET price = 3", &e), &e);
	CHECK_OK(seal_counts(&o, 1, &e), &e);
	CHECK_OK(db_open(&model, ":memory:", DB_NODE, true, &e), &e);
	CHECK_OK(replay_model(&o.node, &model, 0, &total, &e), &e);
	CHECK(total.inserts == 1 && total.updates == 3 && total.columns == 5 + 1 + 1 + 2);
	CHECK_OK(replay_same(&o.node, &model, "item", &e), &e);
}

static void without_a_right_nothing_is_sealed(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result result;
	int64_t hints;
	struct err e;

	CHECK_OK(office_open(&o, "right", ITEM, &e), &e);
	CHECK_OK(office_attach(&o, "item", "13.73", &e), &e);
	CHECK_OK(db_exec(&o.app, "INSERT INTO item(id) VALUES('a')", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 0 && result.changesets == 0);
	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
	CHECK_OK(db_exec(&o.node, "UPDATE simpul_chain SET role = 3", &e), &e); /* a reader */
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 0);
	CHECK_OK(office_hints(&o, &hints, &e), &e);
	CHECK(hints == 1);
	CHECK_OK(db_exec(&o.node, "UPDATE simpul_chain SET role = 1, frozen = 1", &e), &e);
	CHECK_OK(seal_counts(&o, 0, &e), &e);
	CHECK_OK(db_exec(&o.node, "UPDATE simpul_chain SET frozen = 0, void_after = 1", &e), &e);
	CHECK_OK(seal_counts(&o, 0, &e), &e);
	CHECK_OK(db_exec(&o.node, "UPDATE simpul_chain SET void_after = NULL", &e), &e);
	CHECK_OK(seal_counts(&o, 1, &e), &e);
	CHECK_OK(office_agrees(&o, "item", &e), &e);
}

static void rows_move_between_scopes(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result result;
	int64_t hints;
	struct err e;

	CHECK_OK(office_open(&o, "scopes", "CREATE TABLE t(id INTEGER PRIMARY KEY, region TEXT NOT NULL, v);"
					   "INSERT INTO t VALUES(1, '13.73', 'a'), (2, '32.04', 'b'),"
					   " (3, '51.71', 'c')", &e), &e);
	CHECK_OK(office_attach_by(&o, "t", "region", &e), &e);
	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
	CHECK_OK(office_enrol(&o, "32.04", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 2 && result.no_right == 1);
	CHECK_OK(db_int(&o.node, "SELECT count(*) FROM simpul_violation WHERE reason = 'not-allowed'"
				 " AND detail LIKE '%not enrolled for scope 51.71'", 0, &hints, &e), &e);
	CHECK(hints == 1);
	CHECK_OK(office_hints(&o, &hints, &e), &e);
	CHECK(hints == 1);
	CHECK_OK(db_exec(&o.app, "UPDATE t SET region = '32.04' WHERE id = 1", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 2 && result.changesets == 2 && result.no_right == 1);
	CHECK_OK(db_exec(&o.app, "DELETE FROM t WHERE id = 1", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 1);
	CHECK_OK(db_exec(&o.app, "UPDATE t SET region = 'Not A Scope' WHERE id = 2", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 0 && result.no_scope == 1 && result.no_right == 1);
	CHECK_OK(db_exec(&o.app, "UPDATE t SET region = '32.04' WHERE id = 2; DELETE FROM t WHERE id = 3",
			 &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.no_scope == 0 && result.no_right == 0);
	CHECK_OK(office_hints(&o, &hints, &e), &e);
	CHECK(hints == 0);
	CHECK_OK(office_agrees(&o, "t", &e), &e);
}

static void too_large_rows_hold_up_nothing(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result result;
	struct apply_stats merged;
	int64_t n;
	struct err e;

	CHECK_OK(office_open(&o, "large", ITEM, &e), &e);
	CHECK_OK(office_attach(&o, "item", "13.73", &e), &e);
	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
	CHECK_OK(db_exec(&o.app, "INSERT INTO item(id, any) VALUES('fits', zeroblob(262144)),"
				 " ('not', zeroblob(262145)), (NULL, 1), (zeroblob(262145), 2), ('small', 3)",
			 &e), &e);
	for (int round = 0; round < 2; round++) { /* the second finds what stayed, and nothing else */
		CHECK_OK(office_seal(&o, &result, &e), &e);
		CHECK(result.changes == (round == 0 ? 2 : 0));
		CHECK(result.too_large == 2 && result.null_key == 1);
		CHECK_OK(office_hints(&o, &n, &e), &e);
		CHECK(n == 3);
		/* None of them has a version row: merging leaves them to sealing. */
		CHECK_OK(apply_ready(&o.node, &o.catalog, &o.world, &merged, &e), &e);
	}
	CHECK_OK(db_int(&o.node, "SELECT count(*) FROM simpul_violation WHERE reason = 'too-large' AND"
				 " detail LIKE 'table item, key ''not'': a cell over %' OR"
				 " reason = 'too-large' AND detail LIKE 'table item, key a BLOB of 262145 %'"
				 " OR reason = 'null-key' AND detail LIKE 'table item, key NULL: %'", 0, &n,
			&e), &e);
	CHECK(n == 3);
	CHECK_OK(db_exec(&o.app, "UPDATE item SET any = 4 WHERE id = 'not'; DELETE FROM item WHERE id IS NULL"
				 " OR length(id) > 9", &e), &e);
	CHECK_OK(office_agrees(&o, "item", &e), &e);
	CHECK_OK(office_hints(&o, &n, &e), &e);
	CHECK(n == 0);
	CHECK_OK(db_int(&o.node, "SELECT count(*) FROM simpul_violation", 0, &n, &e), &e);
	CHECK(n == 0);
}

static void large_cuts_are_split_and_count_down(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result result;
	struct replay_total total;
	AUTO_DB model = { 0 };
	struct err e;

	CHECK_OK(office_open(&o, "split", ITEM, &e), &e);
	CHECK_OK(office_attach(&o, "item", "13.73", &e), &e);
	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
	CHECK_OK(db_exec(&o.app, "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2501)"
				 " INSERT INTO item(id, name, any) SELECT 'k' || i, 'name ' || i,"
				 " iif(i % 500 = 0, randomblob(200000), i) FROM n", &e), &e);
	o.changes_max = 100;
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK(result.changes == 2501 && result.changesets >= 27);
	CHECK_OK(db_open(&model, ":memory:", DB_NODE, true, &e), &e);
	CHECK_OK(replay_model(&o.node, &model, 0, &total, &e), &e);
	CHECK(total.cut_left_max >= 25 && total.changes == 2501);
	CHECK_OK(replay_same(&o.node, &model, "item", &e), &e);
}

/* Part by part, with a row in the first part that can never be sealed, and writes between the parts. */
static void a_log_can_be_sealed_in_parts(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_result result;
	struct replay_total total;
	int64_t newest, hints, listed, parts = 0;
	AUTO_DB model = { 0 };
	struct err e;

	CHECK_OK(office_open(&o, "parts", ITEM, &e), &e);
	CHECK_OK(office_attach(&o, "item", "13.73", &e), &e);
	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
	CHECK_OK(db_exec(&o.app, "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 95)"
				 " INSERT INTO item(id, name, any) SELECT 'k' || i, 'name ' || i,"
				 " iif(i = 3, zeroblob(300000), i) FROM n", &e), &e);
	CHECK_OK(db_int(&o.node, "SELECT max(seq) FROM simpul_log", 0, &newest, &e), &e);
	o.hints_max = 10;
	do {
		CHECK(++parts <= 10);
		CHECK_OK(office_seal(&o, &result, &e), &e);
		CHECK_OK(db_exec(&o.app, "UPDATE item SET name = name || '.' WHERE id IN ('k1', 'k90')",
				 &e), &e);
		CHECK_OK(db_int(&o.node, "SELECT count(*) FROM simpul_violation", 0, &listed, &e), &e);
		CHECK(listed == 1);
	} while (result.upto < newest);
	CHECK(parts == 10);
	o.hints_max = 0;
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK_OK(office_hints(&o, &hints, &e), &e);
	CHECK(result.too_large == 1 && hints == 1);
	CHECK_OK(db_exec(&o.app, "DELETE FROM item WHERE id = 'k3'", &e), &e);
	CHECK_OK(office_seal(&o, &result, &e), &e);
	CHECK_OK(db_open(&model, ":memory:", DB_NODE, true, &e), &e);
	CHECK_OK(replay_model(&o.node, &model, 0, &total, &e), &e);
	CHECK_OK(replay_same(&o.node, &model, "item", &e), &e);
}

static void receipts_empty_the_outbox(void)
{
	AUTO_OFFICE o = { 0 };
	struct outbox_receipt receipt = { .proof = "proof", .proof_len = 5 };
	struct outbox_pending pending;
	struct outbox_result result;
	int64_t first;
	struct err e;

	CHECK_OK(office_open(&o, "receipts", ITEM, &e), &e);
	CHECK_OK(office_attach(&o, "item", "13.73", &e), &e);
	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
	CHECK_OK(db_exec(&o.app, "INSERT INTO item(id) VALUES('a')", &e), &e);
	CHECK_OK(outbox_pending(&o.node, &pending, &e), &e);
	CHECK(pending.hints == 1 && pending.unsent == 1 && pending.unsent_own == 1);
	CHECK_OK(office_seal(&o, &result, &e), &e); /* a schema and the data */
	CHECK_OK(outbox_pending(&o.node, &pending, &e), &e);
	CHECK(pending.hints == 0 && pending.unsent == 3 && pending.oldest_unsent_ms == (int64_t)o.now_ms);
	static const int64_t order[] = { 2, 2, 1, 3 };
	static const int64_t first_left[] = { 1, 1, 3, 0 };

	for (int i = 0; i < 4; i++) {
		receipt.n = order[i];
		receipt.log_index = order[i] - 1;
		CHECK_OK(outbox_file_receipt(&o.node, &receipt, &o.world, &e), &e);
		CHECK_OK(db_int(&o.node, "SELECT min(n) FROM simpul_changeset WHERE custody < 2", 0, &first,
				&e), &e);
		CHECK(first == first_left[i]);
	}
	receipt.n = 4;
	CHECK(!outbox_file_receipt(&o.node, &receipt, &o.world, &e) && e.code == ERR_NOT_FOUND);
	CHECK_OK(outbox_pending(&o.node, &pending, &e), &e);
	CHECK(pending.unsent == 0 && pending.oldest_unsent_ms == 0);
}

static bool frame_at(struct office *o, int64_t n, struct buf *ret_bytes, struct frame *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	const void *bytes;
	size_t len;
	bool row;

	if (!db_statement(&o->node, "SELECT frame FROM simpul_changeset WHERE n = ?1", &s, e))
		return false;
	stmt_int(&s, 1, n);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "no changeset %lld", (long long)n);
	bytes = stmt_get_blob(&s, 0, &len);
	buf_reset(ret_bytes);
	buf_put(ret_bytes, bytes, len);
	return seal_open(ret_bytes->data, ret_bytes->len, ret, e);
}

static int context_pairs(const struct frame *f, struct context_pair *ret, int cap)
{
	static uint8_t body[1 << 16];
	static struct change_reader r;
	struct err e;
	int n = 0;

	if (!seal_unpack(f, body, sizeof(body), &e) ||
	    !change_reader_open(&r, body, f->changeset.body_len, &e))
		return -1;
	while (n < cap && change_reader_pair(&r, &ret[n]))
		n++;
	return n;
}

static void context_tells_what_moved(void)
{
	AUTO_OFFICE o = { 0 };
	struct context_pair pair[8];
	AUTO_BUF bytes = { 0 };
	struct frame f;
	struct err e;

	CHECK_OK(office_open(&o, "context", ITEM, &e), &e);
	CHECK_OK(office_attach(&o, "item", "13.73", &e), &e);
	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
	CHECK_OK(db_exec(&o.node,
			 "INSERT INTO simpul_chain(id, scope, key, name, merged_seq) VALUES"
			 "(x'02020202020202020202020202020202', '13.73', x'00', 'same', 5),"
			 "(x'01010101010101010101010101010101', 'national', x'00', 'hub', 7),"
			 "(x'03030303030303030303030303030303', '32.04', x'00', 'other', 9),"
			 "(x'04040404040404040404040404040404', '13.73', x'00', 'unmerged', 0);"
			 "INSERT INTO simpul_checkpoint(origin, size, root, consistent, note)"
			 " VALUES('hub', 12, x'11111111111111111111111111111111"
			 "11111111111111111111111111111111', 1, '')",
			 &e), &e);
	CHECK_OK(db_exec(&o.app, "INSERT INTO item(id) VALUES('a')", &e), &e);
	CHECK_OK(seal_counts(&o, 1, &e), &e);
	CHECK_OK(frame_at(&o, 3, &bytes, &f, &e), &e);
	CHECK(context_pairs(&f, pair, 8) == 2 && pair[0].seq == 7 && pair[1].seq == 5);
	CHECK(f.changeset.seen && f.changeset.seen_size == 12 && f.changeset.seen_root.bytes[0] == 0x11);
	CHECK_OK(db_exec(&o.node, "UPDATE simpul_chain SET merged_seq = 6 WHERE name = 'same'", &e), &e);
	CHECK_OK(db_exec(&o.app, "INSERT INTO item(id) VALUES('b')", &e), &e);
	CHECK_OK(seal_counts(&o, 1, &e), &e);
	CHECK_OK(frame_at(&o, 4, &bytes, &f, &e), &e);
	CHECK(context_pairs(&f, pair, 8) == 1 && pair[0].seq == 6 && pair[0].chain.bytes[0] == 2);
	CHECK(!f.changeset.seen);
	CHECK_OK(db_exec(&o.app, "INSERT INTO item(id) VALUES('c')", &e), &e);
	CHECK_OK(seal_counts(&o, 1, &e), &e);
	CHECK_OK(frame_at(&o, 5, &bytes, &f, &e), &e);
	CHECK(context_pairs(&f, pair, 8) == 0);
}

static void clocks_may_jump_back(void)
{
	AUTO_OFFICE o = { 0 };
	AUTO_BUF bytes = { 0 };
	struct frame f;
	uint64_t before;
	struct err e;

	CHECK_OK(office_open(&o, "clock", ITEM, &e), &e);
	CHECK_OK(office_attach(&o, "item", "13.73", &e), &e);
	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
	CHECK_OK(db_exec(&o.node, "UPDATE simpul_chain SET head_hlc = 9000000000000000000", &e), &e);
	CHECK_OK(db_exec(&o.app, "INSERT INTO item(id) VALUES('a')", &e), &e);
	CHECK_OK(seal_counts(&o, 1, &e), &e);
	CHECK_OK(frame_at(&o, 3, &bytes, &f, &e), &e);
	before = f.changeset.hlc_max;
	CHECK(f.changeset.hlc_min > 9000000000000000000u);
	CHECK_OK(db_exec(&o.app, "UPDATE item SET qty = 7", &e), &e);
	CHECK_OK(seal_counts(&o, 1, &e), &e);
	CHECK_OK(frame_at(&o, 4, &bytes, &f, &e), &e);
	CHECK(f.changeset.hlc_min > before);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(tells_the_truth),		     TAP(an_update_tells_only_changed_columns),
		TAP(without_a_right_nothing_is_sealed), TAP(rows_move_between_scopes),
		TAP(too_large_rows_hold_up_nothing), TAP(large_cuts_are_split_and_count_down),
		TAP(receipts_empty_the_outbox),	     TAP(context_tells_what_moved),
		TAP(clocks_may_jump_back),	     TAP(a_log_can_be_sealed_in_parts),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
