/* compare_receipts.c - every receipt on file verified again, as on the day it came. */
#include <stdio.h>
#include <string.h>

#include "merge/compare.h"
#include "simpul/receipt.h"
#include "store/tables.h"

#define TEXT_MAX 200

/* The proof of one receipt against its checkpoint, and that one's signature. */
static bool check_receipt(struct stmt *s, const struct public_key *hub, struct err *why)
{
	struct checkpoint checkpoint;
	struct tree_proof proof = { 0 };
	struct bytes note;
	struct hash id = { 0 };
	const void *bytes;
	size_t len;

	if (stmt_get_null(s, 1))
		return err_set(why, ERR_PROOF, "its changeset is not on file");
	if (stmt_get_null(s, 4))
		return err_set(why, ERR_PROOF, "its checkpoint is not on file");
	bytes = stmt_get_blob(s, 1, &len);
	if (len == sizeof(id.bytes))
		memcpy(id.bytes, bytes, len);
	bytes = stmt_get_blob(s, 3, &len);
	if (len % sizeof(struct hash) != 0 || len > sizeof(proof.hashes))
		return err_set(why, ERR_PROOF, "its proof is damaged");
	proof.count = (uint32_t)(len / sizeof(struct hash));
	memcpy(proof.hashes, bytes, len);
	note.data = stmt_get_text(s, 4);
	note.len = strlen(note.data);
	return note_checkpoint_verify(&note, hub, &checkpoint, why) &&
	       tree_verify_inclusion(&id, (uint64_t)stmt_get_int(s, 2), &checkpoint.head, &proof, why);
}

bool compare_receipts(struct comparison *c, struct err *e)
{
	char hex[HEX_SIZE(sizeof(struct public_key))];
	struct public_key hub;
	AUTO_STMT s = { 0 };
	bool row;

	if (!meta_get_text(c->db, "hub_key", hex, sizeof(hex), e) ||
	    !db_prepare(c->db, "SELECT r.n, s.id, r.log_index, r.proof, p.note FROM simpul_receipt r"
			       " LEFT JOIN simpul_changeset s ON s.n = r.n LEFT JOIN simpul_checkpoint p"
			       " ON p.no = r.checkpoint_no ORDER BY r.n", &s, e))
		return false;
	if (!hex_decode(hex, strlen(hex), hub.bytes, sizeof(hub.bytes)))
		memset(&hub, 0, sizeof(hub));
	while (true) {
		char text[TEXT_MAX];
		struct err why;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		if (check_receipt(&s, &hub, &why))
			continue;
		snprintf(text, sizeof(text), "%.*s", (int)sizeof(text) - 1, why.text);
		compare_tell(c, "receipt", stmt_get_int(&s, 0), text);
	}
}
