/*
 * cluster.h - a hub and its nodes in one process: for the simulator and for fault tests.
 *
 * Each member has a file of its own, a clock of its own and one application connection.  Calls between
 * members go through one function, cluster_call, where a network with faults may be put in between.  The
 * VFS below the files tells SQLite's triggers the member's clock, so a run depends on nothing outside.
 *
 *	AUTO_CLUSTER c = { 0 };
 *
 *	cluster_begin(&c, seed);
 *	CHECK_OK(cluster_add(&c, "hub", NULL, &e) && cluster_add(&c, "a", "13.73", &e), &e);
 *	CHECK_OK(cluster_enrol(&c, 1, &e), &e);
 *	CHECK_OK(cluster_sync(&c, 1, 0, &e), &e);
 *
 * A member dies when crash_in commits and calls are over: the commit at hand is rolled back, and nothing
 * of it works any more until cluster_restart.
 *
 * Memory: the cluster owns all; cluster_end frees.  Threads: one.
 */
#ifndef TESTS_CLUSTER_H
#define TESTS_CLUSTER_H

#include "exchange/sync.h"
#include "hub/hub.h"

#define CLUSTER_MEMBERS 6
#define CLUSTER_EPOCH_MS UINT64_C(1790000000000)

struct cluster;
struct member {
	struct cluster *cluster;
	unsigned no;	  /* 0 is the hub */
	char name[16];
	char path[256];
	char url[32];
	char scope[16];	  /* "" for the hub */
	int64_t skew_ms;
	uint64_t random;
	struct world world;
	bool open;
	struct db db, app;
	struct party party;
	struct hub hub;
	struct arena arena;
	struct catalog catalog;
	struct transport transport;
	struct sync sync[CLUSTER_MEMBERS]; /* with each other member */
	bool greeted[CLUSTER_MEMBERS];	   /* sync[i] is in use */
	unsigned crash_in;		   /* 0: never */
	bool dead;
};

struct cluster {
	unsigned members;
	struct member member[CLUSTER_MEMBERS];
	char directory[200]; /* of the files; set by _begin, may be changed before the first _add */
	const char *vfs;     /* whose files; NULL: the system's.  Before the first _add */
	uint64_t now_ms;
	/* NULL: cluster_deliver at once. */
	bool (*call)(struct cluster *c, struct member *from, struct member *to,
		     const struct transport_call *call, struct http_response *ret, struct err *e);
	/* In place of serve_alone; NULL: serve_alone. */
	void (*serve)(struct member *to, const struct http_request *request,
		      struct http_response *response);
	void *arg;
};

#define AUTO_CLUSTER __attribute__((cleanup(cluster_end))) struct cluster

void cluster_begin(struct cluster *c, uint64_t seed);
void cluster_end(struct cluster *c);

/* The next member: a hub if scope is NULL, else a node with the tables of cluster_sql attached. */
MUST_USE bool cluster_add(struct cluster *c, const char *name, const char *scope, struct err *e);
extern const char cluster_sql[];

/* Opens a member's file as it is; closes it without a word.  restart: both, and it lives again. */
MUST_USE bool cluster_open(struct member *m, struct err *e);
void cluster_close(struct member *m);
MUST_USE bool cluster_restart(struct member *m, struct err *e);

/* Invites at the hub, enrols over the network: as a writer, or as what is said. */
MUST_USE bool cluster_enrol(struct cluster *c, unsigned no, struct err *e);
MUST_USE bool cluster_enrol_as(struct cluster *c, unsigned no, enum role role, struct err *e);
/* Tells a node of a neighbour. */
MUST_USE bool cluster_peer(struct cluster *c, unsigned from, unsigned to, struct err *e);
/* One round; the state of the last one with that member is kept, as a running node keeps it. */
MUST_USE bool cluster_sync(struct cluster *c, unsigned from, unsigned to, struct err *e);
/* Everybody with the hub, often enough for all to know all. */
MUST_USE bool cluster_settle(struct cluster *c, struct err *e);

/* A program of the office writes: in one statement or more, with the member's clock. */
MUST_USE bool cluster_write(struct member *m, const char *sql, struct err *e);

/* One request, served: what a network does at the end.  Counts as a step of both. */
MUST_USE bool cluster_deliver(struct member *from, struct member *to, const struct transport_call *call,
			      struct http_response *ret, struct err *e);
/* A step in a member's life; false if it is dead. */
bool cluster_step(struct member *m);

/* The present contents of a scope: rows, versions and siblings, the same wherever they are the same. */
MUST_USE bool cluster_digest(struct member *m, const char *scope, struct hash *ret, struct buf *text,
			     struct err *e);

#endif
