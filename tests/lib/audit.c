/* audit.c - see audit.h. */
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "exchange/proof.h"
#include "simpul/change.h"
#include "simpul/seal.h"

bool audit_count(struct member *m, const char *sql, int64_t want, const char *what, struct err *e)
{
	int64_t n;

	if (!db_int(&m->db, sql, 0, &n, e))
		return false;
	if (n == want)
		return true;
	return err_set(e, ERR_INCOMPLETE, "%s: %lld %s", m->name, (long long)n, what);
}

bool audit_done(struct member *m, struct err *e)
{
	return audit_count(m, "SELECT count(*) FROM simpul_log", 0, "hints in the log", e) &&
	       audit_count(m, "SELECT count(*) FROM simpul_held", 0, "changesets held", e) &&
	       audit_count(m, "SELECT count(*) FROM simpul_changeset WHERE state <> 1", 0,
			"changesets not merged", e) &&
	       audit_count(m, "SELECT count(*) FROM simpul_chain WHERE frozen", 0, "chains frozen", e) &&
	       (m->no == 0 ||
		audit_count(m, "SELECT count(*) FROM simpul_changeset WHERE custody < 2", 0,
			 "changesets without a receipt", e)) &&
	       audit_count(m, "SELECT count(*) FROM simpul_checkpoint WHERE NOT consistent", 0,
			"checkpoints unproven", e);
}

bool audit_same(struct cluster *c, unsigned no, bool verbose, struct hash *ret, struct err *e)
{
	AUTO_BUF here = { 0 }, there = { 0 };
	struct member *m = &c->member[no];
	struct hash hub;

	if (!cluster_digest(&c->member[0], m->scope, &hub, &there, e) ||
	    !cluster_digest(m, m->scope, ret, &here, e))
		return false;
	if (hash_equal(&hub, ret))
		return true;
	if (verbose)
		printf("# --- hub\n%s# --- %s\n%s", buf_string(&there), m->name, buf_string(&here));
	return err_set(e, ERR_INTERNAL, "%s and the hub differ in scope %s", m->name, m->scope);
}

/* RFC 6962's definition, word by word, as the other opinion. */
static void naive_root(const struct hash *leaf, uint64_t n, struct hash *ret)
{
	struct hash left, right;
	uint64_t k = 1;

	if (n == 1) {
		*ret = leaf[0];
		return;
	}
	while (2 * k < n)
		k *= 2;
	naive_root(leaf, k, &left);
	naive_root(leaf + k, n - k, &right);
	tree_node_hash(&left, &right, ret);
}

bool audit_log(struct cluster *c, struct err *e)
{
	struct member *hub = &c->member[0];
	struct hash leaf[3000], root;
	AUTO_RESET q = { 0 };
	uint64_t n = 0;
	bool row = true;

	if (!db_statement(&hub->db, "SELECT frame FROM simpul_changeset ORDER BY n", &q, e))
		return false;
	while (row && n < 3000) {
		struct frame f;
		const void *frame;
		size_t len;

		if (!stmt_row(&q, &row, e))
			return false;
		if (!row)
			break;
		frame = stmt_get_blob(&q, 0, &len);
		if (!seal_open(frame, len, &f, e))
			return false;
		leaf[n++] = f.id;
	}
	naive_root(leaf, n, &root);
	if (hub->hub.signed_head.head.size != n || !hash_equal(&hub->hub.signed_head.head.root, &root))
		return err_set(e, ERR_PROOF, "the signed head is not that of the %llu entries",
			       (unsigned long long)n);
	return true;
}

/* The receipt of each changeset that `find` names, as text, against the hub's key and its own file. */
static bool receipts_hold(struct cluster *c, const char *find, struct err *e)
{
	struct member *hub = &c->member[0];

	for (unsigned i = 1; i < c->members; i++) {
		struct member *m = &c->member[i];
		AUTO_RESET q = { 0 };
		bool row = true;

		if (!db_statement(&m->db, find, &q, e))
			return false;
		while (row) {
			struct receipt_text text;
			struct receipt_expect expect = { .hub = &hub->party.key, .origin = "hub/1" };
			struct receipt_details details;
			struct bytes bytes = { text.text, 0 };
			struct hash id;
			AUTO_RESET at = { 0 };
			size_t len;
			const void *there;

			if (!stmt_row(&q, &row, e))
				return false;
			if (!row)
				break;
			memcpy(id.bytes, stmt_get_blob(&q, 1, &len), sizeof(id.bytes));
			expect.id = &id;
			if (!proof_receipt(&m->party, (uint64_t)stmt_get_int(&q, 0), &text, e))
				return err_wrap(e, "%s", m->name);
			bytes.len = text.len;
			if (!receipt_verify(&bytes, &expect, &details, e) ||
			    !db_statement(&hub->db, "SELECT id FROM simpul_changeset WHERE n = ?1", &at, e))
				return err_wrap(e, "%s", m->name);
			stmt_int(&at, 1, (int64_t)details.index + 1);
			if (!stmt_row(&at, &row, e))
				return false;
			there = row ? stmt_get_blob(&at, 0, &len) : NULL;
			if (!row || memcmp(there, id.bytes, sizeof(id.bytes)) != 0)
				return err_set(e, ERR_INCOMPLETE, "acknowledged to %s, but not at the hub",
					       m->name);
		}
	}
	return true;
}

bool audit_receipts(struct cluster *c, struct err *e)
{
	return receipts_hold(c, "SELECT cs.n, cs.id FROM simpul_changeset cs JOIN simpul_chain ch"
				" ON ch.no = cs.chain_no WHERE ch.own AND cs.kind <> 0", e);
}

bool audit_filed(struct cluster *c, struct err *e)
{
	return receipts_hold(c, "SELECT n, id FROM simpul_changeset WHERE n IN"
				" (SELECT n FROM simpul_receipt)", e);
}

/* All values on all chains, as one text to search. */
bool audit_values(struct member *hub, struct buf *out, struct err *e)
{
	AUTO_RESET q = { 0 };
	bool row;

	if (!db_statement(&hub->db, "SELECT frame FROM simpul_changeset WHERE kind = 1", &q, e))
		return false;
	for (;;) {
		AUTO_BUF body = { 0 };
		struct change_reader r;
		struct context_pair pair;
		struct change change;
		struct frame f;
		const void *frame;
		size_t len;

		if (!stmt_row(&q, &row, e))
			return false;
		if (!row)
			return true;
		frame = stmt_get_blob(&q, 0, &len);
		if (!seal_open(frame, len, &f, e) ||
		    !seal_unpack(&f, buf_reserve(&body, f.changeset.body_len + 1), f.changeset.body_len, e) ||
		    !change_reader_open(&r, body.data, f.changeset.body_len, e))
			return false;
		while (change_reader_pair(&r, &pair))
			;
		while (change_reader_next(&r, &change))
			for (uint16_t i = 0; i < change.columns; i++)
				if (change.value[i].type == VALUE_TEXT) {
					buf_text(out, "|");
					buf_put(out, change.value[i].bytes, change.value[i].len);
				}
		buf_text(out, "|");
		if (!change_reader_done(&r, e))
			return false;
	}
}
