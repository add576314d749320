/* receipt.c - receipts: they verify with the hub's key alone, and nothing near them does. */
#include <stdio.h>
#include <string.h>

#include "golden.h"
#include "simpul/receipt.h"
#include "tap.h"

#define ORIGIN "hub.example/simpul"
#define LEAVES 70u
#define TIMED  1695286920 /* 2023-09-21 16:02 WIB */

static const struct secret_key hub = { { 1, 2, 3 } }, stranger = { { 4 } };

struct model {
	struct hash leaves[LEAVES];
};

static bool model_hash(void *owner, unsigned level, uint64_t index, struct hash *ret, struct err *e)
{
	struct model *m = owner;
	struct hash left, right;

	if (level == 0) {
		*ret = m->leaves[index];
		return true;
	}
	if (!model_hash(owner, level - 1, 2 * index, &left, e) ||
	    !model_hash(owner, level - 1, 2 * index + 1, &right, e))
		return false;
	tree_node_hash(&left, &right, ret);
	return true;
}

/* The receipt of leaf `index` in a log of `size`, signed by `secret` at `time` (0: it does not say). */
static bool timed_make(uint64_t index, uint64_t size, const struct secret_key *secret, uint64_t time,
		       struct receipt_text *ret)
{
	struct model m;
	struct tree_source source = { model_hash, &m };
	struct checkpoint c = { .origin = ORIGIN, .head = { .size = size }, .time = time };
	struct receipt receipt = { .index = index };
	struct note note;
	struct err e;

	for (uint8_t i = 0; i < LEAVES; i++)
		tree_leaf_hash(&i, 1, &m.leaves[i]);
	receipt.id = m.leaves[index];
	if (!tree_root(&source, size, &c.head.root, &e) ||
	    !note_checkpoint_sign(&c, secret, &note, &e) ||
	    !tree_inclusion(&source, index, size, &receipt.proof, &e))
		return false;
	receipt.checkpoint = (struct bytes){ note.text, note.len };
	return receipt_encode(&receipt, ret, &e);
}

static bool receipt_make(uint64_t index, uint64_t size, const struct secret_key *secret,
			 struct receipt_text *ret)
{
	return timed_make(index, size, secret, 0, ret);
}

static struct bytes bytes_of(const struct receipt_text *text)
{
	return (struct bytes){ text->text, text->len };
}

static bool verdict(const struct receipt_text *text, const struct receipt_expect *expect,
		    enum err_code code)
{
	struct bytes b = bytes_of(text);
	struct receipt_details d;
	struct err e = { 0 };

	if (receipt_verify(&b, expect, &d, &e))
		e.code = ERR_OK;
	if (e.code != code)
		tap_note("%s instead of %s: %s", err_slug(e.code), err_slug(code), e.text);
	return e.code == code;
}

static void verifies_with_the_key_alone(void)
{
	struct public_key key;
	struct receipt_expect expect = { .hub = &key };
	struct receipt_details d;
	struct receipt_text text;
	struct err e;
	struct hash id;

	crypto_public_key(&hub, &key);
	for (uint8_t size = 1; size <= LEAVES; size++)
		for (uint8_t i = 0; i < size; i += 7) {
			struct bytes b;

			CHECK(receipt_make(i, size, &hub, &text));
			b = bytes_of(&text);
			CHECK_OK(receipt_verify(&b, &expect, &d, &e), &e);
			tree_leaf_hash(&i, 1, &id);
			CHECK(hash_equal(&d.id, &id) && d.index == i);
			CHECK(d.checkpoint.head.size == size);
			CHECK(strcmp(d.checkpoint.origin, ORIGIN) == 0);
		}
}

static void expectations(void)
{
	struct public_key key, other;
	struct receipt_text text;
	struct hash id, other_id;
	struct receipt_expect expect = { &key, &id, ORIGIN };
	uint8_t at = 3;

	tree_leaf_hash(&at, 1, &id);
	tree_leaf_hash("other", 5, &other_id);
	crypto_public_key(&hub, &key);
	crypto_public_key(&stranger, &other);
	CHECK(receipt_make(at, 9, &hub, &text));
	CHECK(verdict(&text, &expect, ERR_OK));
	expect.id = &other_id;
	CHECK(verdict(&text, &expect, ERR_PROOF));
	expect.id = &id;
	expect.origin = ORIGIN "/2";
	CHECK(verdict(&text, &expect, ERR_PROOF));
	expect.origin = NULL;
	expect.hub = &other;
	CHECK(verdict(&text, &expect, ERR_SIGNATURE));
	expect.hub = &key;
	CHECK(receipt_make(at, 9, &stranger, &text));
	CHECK(verdict(&text, &expect, ERR_SIGNATURE));
}

/* Each altered bit and each cut: refused, and the code says what is wrong. */
static void every_change_is_refused(void)
{
	struct public_key key;
	struct receipt_expect expect = { .hub = &key };
	struct receipt_details d;
	struct receipt_text text;
	struct err e;
	unsigned proof = 0, signature = 0, malformed = 0;

	crypto_public_key(&hub, &key);
	CHECK(receipt_make(33, LEAVES, &hub, &text));
	struct bytes b = bytes_of(&text);

	for (size_t bit = 0; bit < text.len * 8; bit++) {
		text.text[bit / 8] ^= (char)(1u << bit % 8);
		CHECK(!receipt_verify(&b, &expect, &d, &e));
		proof += e.code == ERR_PROOF;
		signature += e.code == ERR_SIGNATURE;
		malformed += e.code == ERR_MALFORMED;
		text.text[bit / 8] ^= (char)(1u << bit % 8);
	}
	CHECK(proof > 100 && signature > 100 && malformed > 100);
	CHECK(proof + signature + malformed == text.len * 8);
	for (b.len = 0; b.len < text.len; b.len++)
		CHECK(!receipt_verify(&b, &expect, &d, &e) && e.code == ERR_MALFORMED);
	b.len = text.len;
	CHECK_OK(receipt_verify(&b, &expect, &d, &e), &e);
}

static void ill_formed(void)
{
	static const char id[] = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
	static const char *const bad[] = {
		"c2sp.org/tlog-proof@v2\nextra I\nindex 1\n\nx",
		"c2sp.org/tlog-proof@v1 \nextra I\nindex 1\n\nx",
		"c2sp.org/tlog-proof@v1\r\nextra I\r\nindex 1\r\n\r\nx",
		"c2sp.org/tlog-proof@v1\nindex 1\n\nx",
		"c2sp.org/tlog-proof@v1\nextra \nindex 1\n\nx",
		"c2sp.org/tlog-proof@v1\nextra I=\nindex 1\n\nx",
		"c2sp.org/tlog-proof@v1\nextra I\nextra I\nindex 1\n\nx",
		"c2sp.org/tlog-proof@v1\nextra I\nindex 01\n\nx",
		"c2sp.org/tlog-proof@v1\nextra I\nindex \n\nx",
		"c2sp.org/tlog-proof@v1\nextra I\nindex 9223372036854775808\n\nx",
		"c2sp.org/tlog-proof@v1\nextra I\nindex 1\nI=\n\nx",
		"c2sp.org/tlog-proof@v1\nextra I\nindex 1\nI\n\n",
		"c2sp.org/tlog-proof@v1\nextra I\nindex 1\nI\nx",
	};
	struct receipt receipt;
	struct err e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[512];
		size_t n = 0;

		for (const char *p = bad[i]; *p != '\0'; p++)
			if (*p == 'I')
				n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", id);
			else
				text[n++] = *p;
		struct bytes b = { text, n };
		CHECK(!receipt_decode(&b, &receipt, &e) && e.code == ERR_MALFORMED);
	}
}

static void limits(void)
{
	static char note[LIMIT_NOTE_BYTES];
	static char large[LIMIT_RECEIPT_BYTES + 1];
	struct receipt receipt = { .index = TREE_SIZE_MAX - 1 }, back;
	struct receipt_text text;
	struct err e;

	memset(note, 'n', sizeof(note));
	receipt.proof.count = LIMIT_PROOF_HASHES;
	receipt.checkpoint = (struct bytes){ note, sizeof(note) };
	CHECK_OK(receipt_encode(&receipt, &text, &e), &e);
	struct bytes b = bytes_of(&text);
	CHECK_OK(receipt_decode(&b, &back, &e), &e);
	CHECK(back.proof.count == LIMIT_PROOF_HASHES && back.checkpoint.len == sizeof(note));

	/* One hash more, put in by hand. */
	char *blank = memmem(text.text, text.len, "\n\n", 2);
	size_t head = (size_t)(blank + 1 - text.text);
	char *line = memmem(text.text, text.len, "AAAA", 4);

	memcpy(large, text.text, head);
	memcpy(large + head, line, 44);
	memcpy(large + head + 44, blank, text.len - (head - 1));
	b = (struct bytes){ large, text.len + 45 };
	CHECK(!receipt_decode(&b, &back, &e) && e.code == ERR_TOO_LARGE);
	b.len = sizeof(large);
	CHECK(!receipt_decode(&b, &back, &e) && e.code == ERR_TOO_LARGE);
	receipt.proof.count = LIMIT_PROOF_HASHES + 1;
	CHECK(!receipt_encode(&receipt, &text, &e) && e.code == ERR_USAGE);
	receipt.proof.count = 0;
	receipt.index = TREE_SIZE_MAX;
	CHECK(!receipt_encode(&receipt, &text, &e) && e.code == ERR_USAGE);
	receipt.index = 0;
	receipt.checkpoint = (struct bytes){ large, sizeof(large) };
	CHECK(!receipt_encode(&receipt, &text, &e) && e.code == ERR_TOO_LARGE);
}

/* The size of a receipt at a million entries, as documented. */
static void size_at_a_million(void)
{
	struct receipt receipt = { .index = 999999, .proof = { .count = 20 } };
	struct checkpoint c = { .origin = ORIGIN, .head = { .size = 1000000 }, .time = TIMED };
	struct receipt_text text;
	struct note note;
	struct err e;

	CHECK_OK(note_checkpoint_sign(&c, &hub, &note, &e), &e);
	receipt.checkpoint = (struct bytes){ note.text, note.len };
	CHECK_OK(receipt_encode(&receipt, &text, &e), &e);
	tap_note("%zu bytes", text.len);
	CHECK(text.len < 1400);
}

/* The text proves by when the hub had the changeset, and no altered bit proves another time. */
static void the_time_of_receipt(void)
{
	struct public_key key;
	struct receipt_expect expect = { .hub = &key };
	struct receipt_details d;
	struct receipt_text text;
	struct err e;

	crypto_public_key(&hub, &key);
	CHECK(timed_make(33, LEAVES, &hub, TIMED, &text));
	struct bytes b = bytes_of(&text);

	CHECK_OK(receipt_verify(&b, &expect, &d, &e), &e);
	CHECK(d.checkpoint.time == TIMED);
	for (size_t bit = 0; bit < text.len * 8; bit++) {
		text.text[bit / 8] ^= (char)(1u << bit % 8);
		CHECK(!receipt_verify(&b, &expect, &d, &e) || d.checkpoint.time == 0);
		text.text[bit / 8] ^= (char)(1u << bit % 8);
	}
	CHECK(receipt_make(33, LEAVES, &hub, &text));
	b = bytes_of(&text);
	CHECK_OK(receipt_verify(&b, &expect, &d, &e), &e);
	CHECK(d.checkpoint.time == 0);
}

static json_t *vector(uint8_t index, uint8_t size, uint64_t time)
{
	struct receipt_text text;
	struct public_key key;
	struct hash id;

	crypto_public_key(&hub, &key);
	tree_leaf_hash(&index, 1, &id);
	if (!timed_make(index, size, &hub, time, &text))
		return NULL;
	return json_pack("{s:i, s:i, s:I, s:s, s:o, s:o, s:o, s:o}", "index", index, "size", size,
			 "time", (json_int_t)time, "origin", ORIGIN, "seed", golden_hex(&hub, 32), "public",
			 golden_hex(&key, 32), "id", golden_hex(&id, 32), "receipt",
			 golden_text(text.text, text.len));
}

/* Leaf i of these logs is the hash of the one byte i. */
static json_t *vectors(void)
{
	return json_pack("{s:[o,o,o,o,o]}", "receipts", vector(0, 1, 0), vector(2, 3, 0),
			 vector(33, LEAVES, 0), vector(69, LEAVES, 0), vector(33, LEAVES, TIMED));
}

static void golden(void)
{
	AUTO_JSON *built = vectors();

	CHECK(built != NULL && golden_matches("receipt", built));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(verifies_with_the_key_alone),
		TAP(expectations),
		TAP(every_change_is_refused),
		TAP(ill_formed),
		TAP(limits),
		TAP(size_at_a_million),
		TAP(the_time_of_receipt),
		TAP(golden),
	};

	if (argc > 1 && strcmp(argv[1], "--write") == 0)
		return golden_write("receipt", vectors());
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
