/*
 * node.h - a node's file opened as a node: lock, database, keys, party, and the hub if it is one.
 *
 * Memory: node_close frees all.  Threads: open and close belong to one thread; in between the party's
 * lock says who uses the database.
 */
#ifndef NODE_H
#define NODE_H

#include "exchange/party.h"
#include "hub/hub.h"
#include "workspace/workspace.h"

struct node {
	char path[4096];
	int lock; /* of the one writer process; -1: opened for reading */
	struct db db;
	struct party party;
	struct hub hub;
	bool is_hub;
	struct arena catalog_arena;
	struct catalog catalog;
	pthread_mutex_t mutex;
};

struct node_plan { /* for node_make */
	const char *name;
	bool hub;
	const char *listen; /* NULL: none */
	const char *url;    /* how others reach it; NULL: from listen */
	const char *scope;  /* what this node is for, known before it is enrolled; NULL: not said */
	const struct workspace *workspace; /* its tables are made and attached; NULL: none */
	bool practice;			   /* with the workspace's sample; never enrolled */
};

/* Makes FILE (or the existing SQLite database FILE) a node: keys, tables, settings; all or nothing. */
MUST_USE bool node_make(const char *path, const struct node_plan *plan, const struct world *world,
			struct err *e);
/* For writing: takes the lock (ERR_RUNNING if another process has it), repairs lost triggers. */
MUST_USE bool node_open(struct node *node, const char *path, const struct world *world, struct err *e);
/* For reading only: works beside a running node; no lock, no secret key. */
MUST_USE bool node_view(struct node *node, const char *path, const struct world *world, struct err *e);
void node_close(struct node *node);

#define AUTO_NODE __attribute__((cleanup(node_close))) struct node

#endif
