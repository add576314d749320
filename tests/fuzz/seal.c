/*
 * seal.c - any bytes as a frame, and as what follows the signed part of a frame of ours.
 *
 * A foreign frame never verifies under our key.  Whatever codec and packed bytes stand behind a
 * signed header, unpacking gives the signed body or fails, and writes no byte beyond its length.
 */
#include <stdlib.h>
#include <string.h>

#include "simpul/seal.h"

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct secret_key secret = { { 0x66, 0x75, 0x7a } };
static struct public_key key;

static void as_frame(const uint8_t *data, size_t len)
{
	static uint8_t body[1 << 16];
	struct frame f;
	size_t frame_len;
	struct err e;

	if (!seal_open(data, len, &f, &e))
		return;
	MUST(seal_length(data, len, &frame_len, &e) && frame_len == len);
	MUST(!seal_verify(&f, &key, &e) && e.code == ERR_SIGNATURE);
	if (f.changeset.body_len <= sizeof(body) && seal_unpack(&f, body, sizeof(body), &e)) {
		struct hash hash;

		crypto_sha256(body, f.changeset.body_len, &hash);
		MUST(hash_equal(&hash, &f.changeset.body_hash));
	}
}

/* data takes the place of codec, length and packed body; then of the packed body alone. */
static void as_packed(const uint8_t *data, size_t len)
{
	static const uint8_t body[] = "peningkatan jalan, peningkatan jembatan, peningkatan jalan";
	static uint8_t frame[1 << 17], back[sizeof(body) + 1];
	struct changeset c = { .kind = CHANGESET_DATA, .seq = 2, .prev = { { 1 } } };
	struct hash id;
	struct frame f;
	size_t frame_len, at;
	struct err e;

	MUST(seal_make(&c, body, sizeof(body), &secret, frame, sizeof(frame), &frame_len, &id, &e));
	MUST(seal_open(frame, frame_len, &f, &e) && seal_verify(&f, &key, &e));
	at = (size_t)(f.packed - frame);
	if (len == 0 || len > sizeof(frame) - at)
		return;
	frame[at - 5] = data[0] % 3;
	for (int i = 0; i < 4; i++)
		frame[at - 4 + i] = (uint8_t)((len - 1) >> (24 - 8 * i));
	memcpy(frame + at, data + 1, len - 1);
	back[sizeof(body)] = 0x5a;
	if (seal_open(frame, at + len - 1, &f, &e) && seal_unpack(&f, back, sizeof(body), &e))
		MUST(memcmp(back, body, sizeof(body)) == 0 && hash_equal(&f.id, &id));
	MUST(back[sizeof(body)] == 0x5a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	crypto_public_key(&secret, &key);
	as_frame(data, len);
	as_packed(data, len);
	return 0;
}
