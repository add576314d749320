/*
 * evidence.h - a statement that stands in a row, proven to have been sealed by a node and received by the
 * hub: one text that anybody with the hub's public key can check, offline and for ever.
 *
 * A receipt proves a changeset, not what is in it.  This text carries the changeset too, and what is needed
 * to read it: so it proves one text in one row (a manifest, say), whose it is, and by when the hub had it.
 *
 *	simpul-evidence@v1
 *	row <table> <column of the statement> <column of its SHA-256>
 *	sha256 <64 hex digits>
 *	genesis <base64>        the frame that opens the chain: scope, node and key of who sealed
 *	schema <base64>         the schema document that names the columns
 *	changeset <base64>      the frame
 *	                        an empty line
 *	c2sp.org/tlog-proof@v1  the hub's receipt for the changeset
 *	...
 *
 * Names of tables and columns stand in hex if they have other characters than [A-Za-z0-9_]: "#6f7264".
 *
 * It proves that the owner of the chain, which the hub let into that scope, sealed this statement, and that
 * the hub had it by the time told.  It does not prove that it was merged: rules of the hub may keep it out.
 *
 *	AUTO_EVIDENCE found = { 0 };
 *
 *	if (!evidence_verify(&text, &hub_key, &found, e))
 *		return err_wrap(e, "%s", path);
 *
 * Memory: a verified text owns its copies; evidence_done.
 */
#ifndef EXCHANGE_EVIDENCE_H
#define EXCHANGE_EVIDENCE_H

#include "base/buf.h"
#include "exchange/party.h"
#include "simpul/receipt.h"

#define EVIDENCE_FIRST_LINE "simpul-evidence@v1"
#define EVIDENCE_BYTES	    (4u << 20)

struct evidence_row {
	char table[LIMIT_NAME_BYTES + 1];
	char statement[LIMIT_NAME_BYTES + 1]; /* the column */
	char sha256[LIMIT_NAME_BYTES + 1];
};

struct evidence {
	struct evidence_row row;
	struct hash hash; /* of the statement */
	struct buf statement;
	char node[LIMIT_NAME_BYTES + 1];
	struct scope scope;
	struct public_key key; /* of who sealed */
	uint64_t seq;
	char actor[LIMIT_NAME_BYTES + 1]; /* who at that node; "": an application */
	struct receipt_details receipt;
};

#define AUTO_EVIDENCE __attribute__((cleanup(evidence_done))) struct evidence

/* Is it such a text, by its first line? */
bool evidence_recognise(const struct bytes *text);

/*
 * The text for the row of changeset n whose column row->sha256 holds this hash in hex.  ERR_NOT_FOUND: no
 * such changeset, or it has no receipt yet.
 */
MUST_USE bool evidence_make(struct party *p, uint64_t n, const struct evidence_row *row,
			    const struct hash *hash, struct buf *out, struct err *e);
/*
 * ERR_MALFORMED, ERR_TOO_LARGE; ERR_SIGNATURE: not this hub's, or not that node's; ERR_PROOF: the parts do
 * not belong together; ERR_HASH: the statement is not the one with that hash, or no row holds it.
 */
MUST_USE bool evidence_verify(const struct bytes *text, const struct public_key *hub, struct evidence *ret,
			      struct err *e);
void evidence_done(struct evidence *evidence);

#endif
