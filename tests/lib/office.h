/*
 * office.h - one office's node on a file of its own, for tests: two connections, a key, a clock.
 *
 * `app` is an ordinary program's connection (triggers on), `node` is Simpul's.  The clock stands still
 * until a test moves it.
 *
 *	AUTO_OFFICE o = { 0 };
 *
 *	CHECK_OK(office_open(&o, "name", "CREATE TABLE item(id TEXT PRIMARY KEY, n)", &e), &e);
 *	CHECK_OK(office_attach(&o, "item", "13.73", &e), &e);
 *	CHECK_OK(office_enrol(&o, "13.73", &e), &e);
 *	... db_exec(&o.app, ...) ...
 *	CHECK_OK(office_seal(&o, &result, &e), &e);
 */
#ifndef TESTS_OFFICE_H
#define TESTS_OFFICE_H

#include "base/buf.h"
#include "outbox/outbox.h"

struct office {
	char path[256];
	bool durable; /* set before opening: commits are synced, as in real life */
	struct db node, app;
	struct secret_key key;
	struct world world;
	uint64_t now_ms;
	uint64_t random;
	int64_t hints_max;
	uint32_t changes_max;
	struct arena arena; /* of the catalog */
	struct catalog catalog;
	struct buf repaired; /* what repair reported, all together */
};

#define AUTO_OFFICE __attribute__((cleanup(office_close))) struct office

/* A new file in tap_directory() with these tables and a node in it. */
MUST_USE bool office_open(struct office *o, const char *name, const char *sql, struct err *e);
/* The file as it is, with what an earlier office_open of that name left. */
MUST_USE bool office_reopen(struct office *o, const char *name, struct err *e);
void office_close(struct office *o);

MUST_USE bool office_attach(struct office *o, const char *table, const char *scope, struct err *e);
MUST_USE bool office_attach_by(struct office *o, const char *table, const char *column, struct err *e);
/* Opens a chain and grants it the writer's role. */
MUST_USE bool office_enrol(struct office *o, const char *scope, struct err *e);
/* In a transaction of its own: repair if stale, then seal. */
MUST_USE bool office_seal(struct office *o, struct outbox_result *ret, struct err *e);
/* Seals, tells everything to a new model and compares the table with it. */
MUST_USE bool office_agrees(struct office *o, const char *table, struct err *e);
MUST_USE bool office_hints(struct office *o, int64_t *ret, struct err *e);

#endif
