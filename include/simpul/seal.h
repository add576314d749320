/*
 * seal.h - the frame: a changeset as it is stored and sent, sealed by its author's key.
 *
 *	magic (8: "SMP" version 0D 0A 1A 0A)
 *	u16 header_len  header  signature (64)
 *	u8 codec (0 none, 1 deflate, 2 deflate with preset dictionary 1)
 *	u32 packed_len  packed body
 *
 * The order of trust: seal_open finds the parts by bounds alone; seal_verify checks the signature
 *over the raw header; seal_unpack inflates to exactly body_len and checks the hash; only then is a
 *body decoded.  A body that does not match its hash condemns that copy, never the id. Memory: a
 *struct frame borrows from the bytes it was opened on.
 */
#ifndef SIMPUL_SEAL_H
#define SIMPUL_SEAL_H

#include "simpul/changeset.h"

#define SEAL_TYPE	      "application/vnd.simpul.changeset.v1+cbor" /* DSSE payload type */
#define SEAL_CODEC_NONE	      0
#define SEAL_CODEC_DEFLATE    1
#define SEAL_CODEC_DICTIONARY 2

struct frame {
	const uint8_t *bytes; /* the whole frame */
	size_t len;
	const uint8_t *header;
	size_t header_len;
	struct signature signature;
	uint8_t codec;
	const uint8_t *packed;
	size_t packed_len;
	struct hash id;
	struct changeset changeset; /* decoded header; its ext borrow from bytes */
};

/* Bytes that the frame at the front of a stream takes; 0 while fewer than needed to tell are there.
 */
MUST_USE bool seal_length(const uint8_t *bytes, size_t len, size_t *ret_frame_len, struct err *e);
/* The frame at bytes[0..len), which must be exactly one frame.  Parses the header, verifies
 * nothing. */
MUST_USE bool seal_open(const uint8_t *bytes, size_t len, struct frame *ret, struct err *e);
MUST_USE bool seal_verify(const struct frame *f, const struct public_key *key, struct err *e);
/* Inflates into out, whose cap must be >= changeset.body_len; checks length and hash.  ERR_HASH. */
MUST_USE bool seal_unpack(const struct frame *f, uint8_t *out, size_t cap, struct err *e);

/*
 * Seals: fills body_len and body_hash of *c from the body, encodes, signs, packs (the smallest
 * codec wins).  out needs at most seal_size_max(body_len).  *ret_id is the changeset's id.
 */
size_t seal_size_max(size_t body_len);
MUST_USE bool seal_make(struct changeset *c, const uint8_t *body, size_t body_len,
			const struct secret_key *key, uint8_t *out, size_t cap, size_t *ret_len,
			struct hash *ret_id, struct err *e);

#endif
