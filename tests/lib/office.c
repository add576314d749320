/* office.c - see office.h. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "capture/attach.h"
#include "capture/repair.h"
#include "office.h"
#include "replay.h"
#include "simpul/grant.h"
#include "store/tables.h"
#include "tap.h"

static uint64_t office_now_ms(void *state)
{
	return ((struct office *)state)->now_ms;
}

static void office_random(void *state, void *ret_bytes, size_t len)
{
	struct office *o = state;
	uint8_t *p = ret_bytes;

	for (size_t i = 0; i < len; i++) {
		o->random = o->random * 6364136223846793005u + 1442695040888963407u;
		p[i] = (uint8_t)(o->random >> 33);
	}
}

static bool connect_both(struct office *o, const char *name, bool create, struct err *e)
{
	snprintf(o->path, sizeof(o->path), "%s/%s.db", tap_directory(), name);
	o->now_ms = 1790000000000;
	o->world = (struct world){ office_now_ms, office_now_ms, office_random, o, NULL };
	memset(o->key.bytes, 7, sizeof(o->key.bytes));
	return db_open(&o->node, o->path, DB_NODE, create, e) &&
	       db_open(&o->app, o->path, DB_APP, false, e) &&
	       (o->durable || (db_exec(&o->app, "PRAGMA synchronous=OFF", e) &&
			       db_exec(&o->node, "PRAGMA synchronous=OFF", e)));
}

bool office_open(struct office *o, const char *name, const char *sql, struct err *e)
{
	snprintf(o->path, sizeof(o->path), "%s/%s.db", tap_directory(), name);
	unlink(o->path);
	return connect_both(o, name, true, e) && db_exec(&o->node, sql, e) && tables_create(&o->node, e);
}

bool office_reopen(struct office *o, const char *name, struct err *e)
{
	return connect_both(o, name, false, e);
}

static void close_one(struct db *db)
{
	if (db->handle != NULL)
		db_close(db);
}

void office_close(struct office *o)
{
	close_one(&o->app);
	close_one(&o->node);
	arena_done(&o->arena);
	buf_done(&o->repaired);
}

static bool attach(struct office *o, const char *table, const struct attach_request *request,
		   struct err *e)
{
	AUTO_ATTACH_REPORT report = { 0 };

	return attach_tables(&o->node, &table, 1, request, &report, e);
}

bool office_attach(struct office *o, const char *table, const char *scope, struct err *e)
{
	struct attach_request request = { .scope = scope, .world = &o->world };

	return attach(o, table, &request, e);
}

bool office_attach_by(struct office *o, const char *table, const char *column, struct err *e)
{
	struct attach_request request = { .scope_column = column, .world = &o->world };

	return attach(o, table, &request, e);
}

static struct outbox_author author_of(struct office *o)
{
	return (struct outbox_author){ .key = &o->key, .world = &o->world, .name = "office",
				       .changes_max = o->changes_max, .hints_max = o->hints_max };
}

bool office_enrol(struct office *o, const char *scope_name, struct err *e)
{
	struct outbox_author author = author_of(o);
	AUTO_TXN txn = { 0 };
	AUTO_RESET s = { 0 };
	struct scope scope;
	int64_t no;

	if (!scope_parse(scope_name, strlen(scope_name), &scope, e) || !txn_begin(&txn, &o->node, e) ||
	    !outbox_open_chain(&o->node, &author, &scope, NULL, &no, e) ||
	    !db_statement(&o->node, "UPDATE simpul_chain SET role = ?2 WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, no);
	stmt_int(&s, 2, ROLE_WRITER);
	return stmt_done(&s, e) && txn_commit(&txn, e);
}

bool office_seal(struct office *o, struct outbox_result *ret, struct err *e)
{
	struct outbox_author author = author_of(o);
	bool stale = true;
	AUTO_TXN txn = { 0 };

	if (!txn_begin(&txn, &o->node, e) ||
	    (o->catalog.schema_version != 0 && !catalog_stale(&o->node, &o->catalog, &stale, e)))
		return false;
	if (stale) {
		arena_reset(&o->arena);
		if (!repair_run(&o->node, &o->world, &o->repaired, e) ||
		    !catalog_load(&o->node, &o->arena, &o->catalog, e))
			return false;
	}
	return outbox_seal(&o->node, &o->catalog, &author, ret, e) && txn_commit(&txn, e);
}

bool office_agrees(struct office *o, const char *table, struct err *e)
{
	struct outbox_result result;
	struct replay_total total;
	AUTO_DB model = { 0 };
	bool ok;

	ok = office_seal(o, &result, e) && db_open(&model, ":memory:", DB_NODE, true, e) &&
	     replay_model(&o->node, &model, 0, &total, e) && replay_same(&o->node, &model, table, e);
	return ok;
}

bool office_hints(struct office *o, int64_t *ret, struct err *e)
{
	return db_int(&o->node, "SELECT count(*) FROM simpul_log", 0, ret, e);
}
