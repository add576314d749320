/*
 * receipt.c - a receipt is a c2sp.org/tlog-proof@v1 file.
 *
 *	c2sp.org/tlog-proof@v1
 *	extra 0lEB5Yl...=                 base64 of the changeset's id, 32 bytes
 *	index 73894                       its position in the log, from 0
 *	gSKyXoYZUgZ6jduWYrkDOARinO...=    the inclusion proof, from the leaf's sibling upwards
 *	...
 *	                                  an empty line
 *	hub.example/log                   the signed checkpoint, as the hub gave it
 *	...
 *
 * The format calls `extra` untrusted.  Here it is the leaf hash itself, so an altered one cannot
 * lead to the signed root, and the file needs no companion to be checked.
 */
#include <assert.h>
#include <string.h>

#include "base64.h"
#include "bytes.h"
#include "line.h"
#include "simpul/receipt.h"

#define FIRST_LINE "c2sp.org/tlog-proof@v1"

static_assert(64 + BASE64_LEN(32) + 32 + LIMIT_PROOF_HASHES * (BASE64_LEN(32) + 1) +
			      LIMIT_NOTE_BYTES <=
		      LIMIT_RECEIPT_BYTES,
	      "a receipt with the longest proof and checkpoint must fit");

bool receipt_encode(const struct receipt *receipt, struct receipt_text *ret_text, struct err *e)
{
	struct writer w = { (uint8_t *)ret_text->text, 0, sizeof(ret_text->text), false };

	if (receipt->proof.count > LIMIT_PROOF_HASHES || receipt->index >= TREE_SIZE_MAX)
		return err_set(e, ERR_USAGE, "an impossible inclusion proof");
	line_put(&w, FIRST_LINE "\nextra ");
	line_put_base64(&w, receipt->id.bytes, sizeof(receipt->id.bytes));
	line_put(&w, "index ");
	line_put_decimal(&w, receipt->index);
	line_put(&w, "\n");
	for (uint32_t i = 0; i < receipt->proof.count; i++)
		line_put_base64(&w, receipt->proof.hashes[i].bytes, sizeof(struct hash));
	line_put(&w, "\n");
	writer_put(&w, receipt->checkpoint.data, receipt->checkpoint.len);
	if (w.failed)
		return err_set(e, ERR_TOO_LARGE, "a receipt has at most %u bytes",
			       LIMIT_RECEIPT_BYTES);
	ret_text->len = w.len;
	return true;
}

static bool take_hash(struct line line, struct hash *ret_hash)
{
	return base64_decode_exact(line.text, line.len, ret_hash->bytes, sizeof(ret_hash->bytes));
}

bool receipt_decode(const struct bytes *text, struct receipt *ret_receipt, struct err *e)
{
	struct reader r = { text->data, (const uint8_t *)text->data + text->len, false };
	struct receipt receipt = { 0 };
	struct line line;

	if (text->len > LIMIT_RECEIPT_BYTES)
		return err_set(e, ERR_TOO_LARGE, "a receipt has at most %u bytes",
			       LIMIT_RECEIPT_BYTES);
	if (!line_take(&r, &line) || !line_skip(&line, FIRST_LINE) || line.len != 0)
		return err_set(e, ERR_MALFORMED, "not a receipt");
	if (!line_take(&r, &line) || !line_skip(&line, "extra ") || !take_hash(line, &receipt.id))
		return err_set(e, ERR_MALFORMED, "the receipt does not name a changeset");
	if (!line_take(&r, &line) || !line_skip(&line, "index ") ||
	    !line_decimal(&line, &receipt.index))
		return err_set(e, ERR_MALFORMED, "the receipt has no proper index");
	while (line_take(&r, &line) && line.len > 0) {
		if (receipt.proof.count == LIMIT_PROOF_HASHES)
			return err_set(e, ERR_TOO_LARGE, "a proof has at most %u hashes",
				       LIMIT_PROOF_HASHES);
		if (!take_hash(line, &receipt.proof.hashes[receipt.proof.count++]))
			return err_set(e, ERR_MALFORMED, "an ill-formed hash in the receipt");
	}
	if (r.failed || reader_left(&r) == 0)
		return err_set(e, ERR_MALFORMED, "the receipt has no checkpoint");
	receipt.checkpoint = (struct bytes){ r.p, reader_left(&r) };
	*ret_receipt = receipt;
	return true;
}

bool receipt_verify(const struct bytes *text, const struct receipt_expect *expect,
		    struct receipt_details *ret_details, struct err *e)
{
	struct receipt receipt;
	struct checkpoint c;

	if (!receipt_decode(text, &receipt, e) ||
	    !note_checkpoint_verify(&receipt.checkpoint, expect->hub, &c, e))
		return false;
	if (expect->origin != NULL && strcmp(expect->origin, c.origin) != 0)
		return err_set(e, ERR_PROOF, "the receipt is from the log %s, not from %s",
			       c.origin, expect->origin);
	if (expect->id != NULL && !hash_equal(expect->id, &receipt.id))
		return err_set(e, ERR_PROOF, "the receipt is for another changeset");
	if (!tree_verify_inclusion(&receipt.id, receipt.index, &c.head, &receipt.proof, e))
		return false;
	*ret_details = (struct receipt_details){ receipt.id, receipt.index, c };
	return true;
}
