/*
 * replay.h - what a node's own changesets tell, told to a model; to be compared with the node's tables.
 *
 * Every changeset of our own chains is opened, its signature, its place in the chain and its countdown
 * are checked, and its changes are applied to plain tables in the model: columns without types, so that
 * each value stays what it was told to be.
 *
 *	CHECK_OK(replay_model(&node, &model, &total, &e), &e);
 *	CHECK_OK(replay_same(&node, &model, "item", &e), &e);
 */
#ifndef TESTS_REPLAY_H
#define TESTS_REPLAY_H

#include "store/db.h"

struct replay_total {
	int64_t changesets;
	int64_t changes;
	int64_t inserts, updates, deletes;
	int64_t columns; /* values told */
	int64_t cut_left_max;
};

/* Applies own changesets with n > after_n; *ret is zeroed first. */
MUST_USE bool replay_model(struct db *node, struct db *model, int64_t after_n, struct replay_total *ret,
			 struct err *e);
/* False with the first difference in *e. */
MUST_USE bool replay_same(struct db *node, struct db *model, const char *table, struct err *e);

#endif
