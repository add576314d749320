/*
 * sync.h - one round with one other party: greet, send what it lacks, fetch what we lack.
 *
 *	struct sync s;
 *
 *	sync_init(&s, party, transport, &peer);
 *	if (!sync_round(&s, &stats, e))
 *		...
 *
 * The same round talks to the hub (which gives receipts) and to a neighbour (which relays).  Every step
 * that the other side confirmed is committed before the next begins, so a round that breaks off anywhere
 * has lost nothing and the next one goes on from there.  Requests are as long as about ten seconds of
 * the link take, so a link of 500 bytes a second makes progress as well.
 *
 * Memory: borrows party and transport.  Threads: one thread; takes the party's lock around each use of
 * the database, never around a call.
 */
#ifndef EXCHANGE_SYNC_H
#define EXCHANGE_SYNC_H

#include "exchange/hello.h"
#include "exchange/transport.h"

struct sync_peer {
	int64_t no; /* simpul_peer.no; 0: not stored yet */
	char url[256];
	bool is_hub;
	bool has_key;
	struct public_key key;
	bool has_pin;
	struct hash pin;
	uint64_t cursor;
};

struct sync_stats {
	uint64_t sent;	   /* changesets */
	uint64_t received; /* changesets new here */
	uint64_t receipts; /* filed */
	uint64_t refused;  /* by the other side */
	uint64_t held;	   /* by the other side */
	uint64_t sent_bytes;
	uint64_t received_bytes;
};

struct sync {
	struct party *party;
	struct transport *transport;
	struct sync_peer peer;
	bool greeted;
	char origin[LIMIT_NAME_BYTES + 1]; /* of the log that the other side answers for */
	bool own_known;		 /* its heads of our own chains were compared with ours */
	bool resend;		 /* compare heads: the other side may have lost something */
	bool caught_up;		 /* one full pull has been done: from now on it pays to wait */
	int64_t clock_offset_ms; /* theirs less ours */
	struct note unproven;	 /* the newest checkpoint that still wants its consistency proof */
	uint64_t proven_ms;	 /* monotonic: when the last one was proven, 0 never */
	unsigned silent_s_max;	 /* of the next call: transport.h */
	size_t request_bytes;	 /* of the next push */
	void (*progress)(void *arg, const struct sync_stats *stats); /* NULL: nobody looks */
	void *progress_arg;
	struct sync_stats stats;
	struct err trouble; /* the last refusal or hold of the other side; ERR_OK if none */
	struct err damage;  /* bytes that are not what their author signed: on file here, or as they came */
};

void sync_init(struct sync *s, struct party *party, struct transport *transport,
	       const struct sync_peer *peer);

/* All peers of the file, the hub first.  *ret_peers from the arena. */
MUST_USE bool sync_peers(struct party *p, struct arena *arena, struct sync_peer **ret_peers,
			 size_t *ret_n, struct err *e);

/* Exchanges hellos and makes sure who answers; pins the TLS key; takes a newer checkpoint. */
MUST_USE bool sync_greet(struct sync *s, struct err *e);

/* Greets if need be, then pushes and pulls until neither side has anything more for the other. */
MUST_USE bool sync_round(struct sync *s, struct err *e);
/* For the background, each on a connection of its own: send what waits ... */
MUST_USE bool sync_send(struct sync *s, struct err *e);
/* ... and a pull that the other side holds up to wait_s until there is news. */
MUST_USE bool sync_wait(struct sync *s, unsigned wait_s, struct err *e);

#endif
