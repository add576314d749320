/*
 * receipt.c - any bytes as a receipt; and any proof over a root that we sign to fit or not to fit
 * it.
 */
#include <stdlib.h>
#include <string.h>

#include "simpul/receipt.h"

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* No kept input is signed with this key. */
static const struct secret_key secret = { { 0x66, 0x75, 0x7a } };
static struct public_key key;

/* What is taken is written back byte for byte, and never verifies without our signature. */
static void as_receipt(const struct bytes *text)
{
	struct receipt_expect expect = { .hub = &key };
	struct receipt_details d;
	struct receipt_text made;
	struct receipt receipt;
	struct err e;

	MUST(!receipt_verify(text, &expect, &d, &e) && e.text[0] != '\0');
	if (!receipt_decode(text, &receipt, &e)) {
		MUST(e.code == ERR_MALFORMED || e.code == ERR_TOO_LARGE);
		return;
	}
	if (receipt.index >= TREE_SIZE_MAX)
		return;
	MUST(receipt_encode(&receipt, &made, &e));
	MUST(made.len == text->len && memcmp(made.text, text->data, text->len) == 0);
}

/* size, index and hashes from the input, under a signed checkpoint: verified only by chance of
 * 2^-256. */
static void as_proof(const uint8_t *data, size_t len)
{
	struct checkpoint c = { .origin = "hub" };
	struct receipt receipt = { 0 };
	struct receipt_expect expect = { .hub = &key };
	struct receipt_details d;
	struct receipt_text made;
	struct note note;
	struct bytes b;
	struct err e;

	if (len < 16)
		return;
	memcpy(&c.head.size, data, 8);
	memcpy(&receipt.index, data + 8, 8);
	c.head.size %= TREE_SIZE_MAX;
	receipt.index %= TREE_SIZE_MAX;
	for (size_t at = 16; at + 32 <= len && receipt.proof.count < LIMIT_PROOF_HASHES; at += 32)
		memcpy(&receipt.proof.hashes[receipt.proof.count++], data + at, 32);
	if (!note_checkpoint_sign(&c, &secret, &note, &e))
		abort();
	receipt.checkpoint = (struct bytes){ note.text, note.len };
	MUST(receipt_encode(&receipt, &made, &e));
	b = (struct bytes){ made.text, made.len };
	if (receipt_verify(&b, &expect, &d,
			   &e)) /* one leaf, whose hash is the root: all zeroes here */
		MUST(c.head.size == 1 && receipt.index == 0 && receipt.proof.count == 0);
	else
		MUST(e.code == ERR_PROOF);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct bytes text = { data, len };

	crypto_public_key(&secret, &key);
	as_receipt(&text);
	as_proof(data, len);
	return 0;
}
