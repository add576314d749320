/*
 * changeset.h - the signed header of a changeset: the only bytes that are signed.
 *
 * Strict CBOR array, fixed order; at most LIMIT_HEADER_BYTES.  The id of a changeset is its RFC
 * 6962 leaf hash SHA-256(0x00 || header): the same value is the next header's `prev`, the leaf in
 * the hub's log, and the changeset's name.  Identity is never the hash of the signature. Memory:
 * decoding borrows extension bytes from the header.
 */
#ifndef SIMPUL_CHANGESET_H
#define SIMPUL_CHANGESET_H

#include "simpul/crypto.h"

enum changeset_kind {
	CHANGESET_GENESIS = 0, /* opens a chain: scope, key, nonce, node name in ext */
	CHANGESET_DATA = 1,
	CHANGESET_ROTATE = 2,
	CHANGESET_CLOSE = 3,
	CHANGESET_GRANT = 4,  /* national chain of the hub only */
	CHANGESET_REVOKE = 5, /* national chain of the hub only */
	CHANGESET_SNAPSHOT = 6,
	CHANGESET_SCHEMA = 7,
};

enum changeset_ext {			  /* ids in `ext`, ascending, each at most once */
		     EXT_SCOPE = 1,	  /* genesis: scope text */
		     EXT_KEY = 2,	  /* genesis: Ed25519 public key, 32 bytes */
		     EXT_NONCE = 3,	  /* genesis: 16 bytes */
		     EXT_NAME = 4,	  /* genesis: node name, UTF-8 */
		     EXT_PREDECESSOR = 5, /* genesis: chain id that this one continues, 16 bytes */
};

struct changeset_ext_field {
	uint32_t id;
	bool critical; /* a reader that does not know the id must refuse the changeset */
	const uint8_t *bytes;
	uint32_t len;
};

struct changeset {
	enum changeset_kind kind;
	struct chain_id chain;
	uint64_t seq;	       /* 1.., contiguous; genesis is 1 */
	struct hash prev;      /* id of seq - 1; genesis: the predecessor chain's head, or zeros */
	struct hash body_hash; /* SHA-256 of the uncompressed body */
	uint32_t body_len;     /* bytes, uncompressed */
	uint32_t changes;
	uint64_t hlc_min;
	uint64_t hlc_max;
	uint8_t schema[8]; /* first 8 bytes of the schema document's hash; zeros if none */
	bool seen; /* the last checkpoint the author knew, when it moved since its last one */
	uint64_t seen_size;
	struct hash seen_root;
	uint32_t cut_left; /* changesets of the same cut that follow; 0 = last */
	uint8_t exts;
	struct changeset_ext_field ext[LIMIT_EXTS];
};

MUST_USE bool changeset_encode(const struct changeset *c, uint8_t *out, size_t cap, size_t *ret_len,
			       struct err *e);
/*
 * Strict: one header has one encoding, so encoding *ret again gives the same bytes. ERR_UNSUPPORTED
 * for a newer version, a kind or a critical id that this version does not know.
 */
MUST_USE bool changeset_decode(const uint8_t *header, size_t len, struct changeset *ret,
			       struct err *e);
void changeset_id(const uint8_t *header, size_t len, struct hash *ret_id);

/* Genesis fields, checked: key strength, scope form, and that chain =
 * SHA-256(key||scope||nonce)[:16]. */
struct genesis {
	struct public_key key;
	struct scope scope;
	uint8_t nonce[16];
	char name[LIMIT_NAME_BYTES + 1];
	bool has_predecessor;
	struct chain_id predecessor;
};
void genesis_chain(const struct public_key *key, const struct scope *scope, const uint8_t nonce[16],
		   struct chain_id *ret_chain);
/* Fills kind, chain, seq = 1 and ext of *c, which is zero else; ext borrows from *g. */
void genesis_fill(const struct genesis *g, struct changeset *c);
MUST_USE bool genesis_read(const struct changeset *c, struct genesis *ret, struct err *e);

#endif
