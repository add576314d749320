/*
 * pack.h - one chain's share of a cut: collects changes, splits them, seals each part.
 *
 * The number of the changeset in which a change will stand must be known before the change is stamped
 * into its row's version, so splitting goes by an upper bound of the encoded size, at once.
 */
#ifndef OUTBOX_PACK_H
#define OUTBOX_PACK_H

#include "base/buf.h"
#include "base/memory.h"
#include "outbox/outbox.h"
#include "simpul/change.h"

struct pack_part { /* will be one changeset */
	size_t first;  /* of pack.change */
	size_t changes;
	size_t bytes;  /* at most, encoded */
	int64_t *actor; /* [actors] of LIMIT_ACTORS: simpul_actor.no; NULL until there is one */
	uint16_t actors;
};

struct pack { /* one own chain */
	int64_t no;
	struct chain_id id;
	struct scope scope;
	int role; /* enum role, as granted */
	uint64_t head_seq;
	uint64_t seen;		/* CHANGE_SEEN_ALL; or what is merged, if a restored file fetched the rest */
	struct hash head_id;
	uint64_t head_hlc;
	uint64_t hlc_before;	/* of node and chain, when the cut was taken */
	bool announced;		/* its schema, its context and the checkpoint: in this transaction */
	bool context_told;
	struct context_pair *pair;
	size_t pairs;
	struct change *change;
	size_t changes, cap;
	struct pack_part *part;
	size_t parts, parts_cap;
};

struct pack_run { /* what all chains of one sealing share */
	struct db *db;
	const struct catalog *catalog;
	const struct outbox_author *author;
	struct arena *arena; /* changes and their values, until pack_flush */
	uint64_t now_ms;
	int64_t n;	     /* of the last changeset on file */
	struct outbox_result *result;
	struct buf body, frame;
};

/*
 * Where the next change will stand: its seq.  Announces the schema first if due.  actor: simpul_actor.no, or
 * 0; change->actor is then its number there.
 */
MUST_USE bool pack_place(struct pack_run *run, struct pack *pack, struct change *change, int64_t actor,
			 uint64_t *ret_seq, struct err *e);
void pack_put(struct pack *pack, const struct change *change);
/* Seals all parts as one cut, and empties the pack.  *ret_first_n: of its first changeset. */
MUST_USE bool pack_flush(struct pack_run *run, struct pack *pack, int64_t *ret_first_n, struct err *e);
/* Seals c (chain, seq, prev are filled in) and puts it on file and at the head of the chain. */
MUST_USE bool pack_seal(struct pack_run *run, struct pack *pack, struct changeset *c,
			const uint8_t *body, size_t body_len, struct err *e);
void pack_done(struct pack *pack);

/* The bytes that a change takes in a body, at most. */
size_t pack_size_max(const struct change *change);

#endif
