/*
 * events.c - /api/events: a long poll.
 *
 * A cursor is BOOT.SERIAL.  Each change gives its table the next serial; what is greater than the
 * cursor's has changed since.  Looking is cheap while nothing happens: the counters of the
 * connection and the file tell.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simpul/crypto.h"
#include "web/events.h"
#include "web/request.h"
#include "web/routes.h"

#define WAIT_S_MAX     50
#define TABLES_MAX     512
#define VERSION_PREFIX "simpul_version_"

struct changed {
	char name[LIMIT_NAME_BYTES + 1];
	uint64_t serial;
};

struct web_events {
	uint64_t serial;
	struct changed table[TABLES_MAX];
	int tables;
	uint64_t all; /* more tables than there is room for: all of them */
	uint64_t status;
	struct hash status_hash;
	uint8_t touched[TABLES_MAX]; /* by simpul_table.no: a version row was written */
	bool any_touched;
	int64_t hint;		  /* last one seen */
	int64_t changes, version; /* of the connection, of the file */
};

static void on_write(void *state, const char *table)
{
	struct web_events *ev = state;
	long no;

	if (strncmp(table, VERSION_PREFIX, strlen(VERSION_PREFIX)) != 0)
		return;
	no = strtol(table + strlen(VERSION_PREFIX), NULL, 10);
	if (no >= 0 && no < TABLES_MAX) {
		ev->touched[no] = 1;
		ev->any_touched = true;
	}
}

bool events_open(struct web *web, struct err *e)
{
	web->events = memory_new(sizeof(*web->events));
	web->events->serial = 1;
	db_on_write(web->party->db, on_write, web->events);
	return db_int(web->party->db, "SELECT max(seq) FROM simpul_log", 0, &web->events->hint, e);
}

void events_close(struct web *web)
{
	if (web->events != NULL && web->party->db->handle != NULL)
		db_on_write(web->party->db, NULL, NULL);
	memory_free(&web->events);
}

static void mark(struct web_events *ev, const char *name)
{
	ev->serial++;
	for (int i = 0; i < ev->tables; i++)
		if (strcmp(ev->table[i].name, name) == 0) {
			ev->table[i].serial = ev->serial;
			return;
		}
	if (ev->tables == TABLES_MAX) {
		ev->all = ev->serial;
		return;
	}
	snprintf(ev->table[ev->tables].name, sizeof(ev->table[0].name), "%s", name);
	ev->table[ev->tables++].serial = ev->serial;
}

void events_local(struct web *web, const char *table)
{
	mark(web->events, table);
}

static bool mark_touched(struct web_events *ev, const struct catalog *catalog)
{
	for (int i = 0; i < catalog->tables && ev->any_touched; i++)
		if (catalog->table[i].no < TABLES_MAX && ev->touched[catalog->table[i].no] != 0)
			mark(ev, catalog->table[i].name);
	memset(ev->touched, 0, sizeof(ev->touched));
	ev->any_touched = false;
	return true;
}

/* Numbers begin anew when the log was sealed: then every hint that is there counts. */
static bool look_at_hints(struct party *p, struct web_events *ev, const struct catalog *catalog,
			  struct err *e)
{
	AUTO_RESET s = { 0 };
	int64_t last;
	bool row;

	if (!db_int(p->db, "SELECT max(seq) FROM simpul_log", 0, &last, e))
		return false;
	if (last < ev->hint)
		ev->hint = 0;
	if (last == ev->hint)
		return true;
	if (!db_statement(p->db, "SELECT DISTINCT t FROM simpul_log WHERE seq > ?1", &s, e))
		return false;
	stmt_int(&s, 1, ev->hint);
	for (;;) {
		const struct catalog_table *table;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		table = catalog_by_no(catalog, (int)stmt_get_int(&s, 0));
		if (table != NULL)
			mark(ev, table->name);
	}
	ev->hint = last;
	return true;
}

/* What people are told of sending, as one hash. */
static bool look_at_status(struct party *p, struct web_events *ev, struct err *e)
{
	AUTO_RESET s = { 0 };
	struct hash hash;
	char text[512];
	bool row;

	if (!db_statement(
		    p->db,
		    "SELECT (SELECT count(*) FROM simpul_changeset WHERE custody < 2),"
		    " (SELECT count(*) FROM simpul_receipt), (SELECT count(*) FROM simpul_log) > 0,"
		    " (SELECT count(*) FROM simpul_sibling WHERE superseded_n IS NULL),"
		    " (SELECT count(*) FROM simpul_held), (SELECT count(*) FROM simpul_violation),"
		    " (SELECT group_concat(coalesce(error, '')) FROM simpul_peer)",
		    &s, e) ||
	    !stmt_row(&s, &row, e))
		return false;
	snprintf(text, sizeof(text), "%s.%s.%s.%s.%s.%s.%.200s", stmt_get_text(&s, 0),
		 stmt_get_text(&s, 1), stmt_get_text(&s, 2), stmt_get_text(&s, 3),
		 stmt_get_text(&s, 4), stmt_get_text(&s, 5), stmt_get_text(&s, 6));
	crypto_sha256(text, strlen(text), &hash);
	if (!hash_equal(&hash, &ev->status_hash))
		ev->status = ++ev->serial;
	ev->status_hash = hash;
	return true;
}

static bool look(struct party *p, struct web_events *ev, struct err *e)
{
	const int64_t changes = db_all_changes(p->db);
	const struct catalog *catalog;
	AUTO_RESET s = { 0 };
	int64_t version;
	bool row;

	if (!db_statement(p->db, "PRAGMA data_version", &s, e) || !stmt_row(&s, &row, e))
		return false;
	version = row ? stmt_get_int(&s, 0) : 0;
	stmt_reset(&s);
	if (changes == ev->changes && version == ev->version && !ev->any_touched)
		return true;
	if (!party_catalog(p, &catalog, e) || !mark_touched(ev, catalog) ||
	    !look_at_hints(p, ev, catalog, e) || !look_at_status(p, ev, e))
		return false;
	ev->changes = changes;
	ev->version = version;
	return true;
}

/* ---- the route ---- */

static uint64_t cursor_of(const struct serve_job *job)
{
	const struct web *web = request_of(job)->web;
	const size_t boot = strlen(web->boot);
	char text[64];

	if (!http_query(job->request, "after", text, sizeof(text)) ||
	    strncmp(text, web->boot, boot) != 0 || text[boot] != '.')
		return 0;
	return strtoull(text + boot + 1, NULL, 10);
}

static bool events_begin(struct party *p, struct serve_job *job, struct err *e)
{
	char text[8];
	long wait_s = 0;

	if (http_query(job->request, "wait", text, sizeof(text))) {
		char *end;

		wait_s = strtol(text, &end, 10);
		if (*end != '\0' || end == text || wait_s < 0 || wait_s > WAIT_S_MAX)
			return err_set(e, ERR_MALFORMED,
				       "?wait= is a number of seconds, %d at most", WAIT_S_MAX);
	}
	job->wait_until_ms = world_monotonic_ms(p->world) + (uint64_t)wait_s * 1000;
	job->restless = true; /* other programs write the file without a word to us */
	return true;
}

static json_t *changed_since(const struct serve_job *job, uint64_t after)
{
	const struct web_request *r = request_of(job);
	const struct web_events *ev = r->web->events;
	json_t *list = json_array();

	for (int i = 0; i < ev->tables; i++)
		if ((ev->table[i].serial > after || ev->all > after) &&
		    access_read(&r->access, ev->table[i].name))
			json_array_append_new(list, json_string(ev->table[i].name));
	return list;
}

static bool events_finish(struct party *p, struct serve_job *job, struct err *e)
{
	struct web_request *r = request_of(job);
	struct web_events *ev = r->web->events;
	const uint64_t after = cursor_of(job);
	AUTO_JSON json = NULL;
	char cursor[64];

	/* While it waited its account may have lost its rights: who asks is found anew. */
	if (job->parked && !job->door->admit(p, job, e))
		return false;
	job->parked = false;
	if (!look(p, ev, e))
		return false;
	if (after > 0 && ev->serial <= after && world_monotonic_ms(p->world) < job->wait_until_ms) {
		job->parked = true;
		return true;
	}
	snprintf(cursor, sizeof(cursor), "%s.%" PRIu64, r->web->boot, ev->serial);
	json = json_pack("{s:s,s:o,s:b,s:b}", "cursor", cursor, "tables", changed_since(job, after),
			 "status", ev->status > after, "all", after == 0);
	request_answer(job, 200, json_incref(json));
	return true;
}

const struct serve_route events_routes[] = {
	{ "GET", "/api/events", .begin = events_begin, .finish = events_finish },
	{ .path = NULL },
};
