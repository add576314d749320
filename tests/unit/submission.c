/* submission.c - versions are sealed, travel, get their receipts; and their proofs prove that and no more. */
#include <stdio.h>
#include <string.h>

#include "capture/attach.h"
#include "cluster.h"
#include "exchange/evidence.h"
#include "tap.h"
#include "web/submission.h"

#define HOUR_MS 3600000
/* An hour and a half after the cluster's beginning, 2026-09-21T14:13:20Z. */
#define DUE "2026-09-21T15:43:00Z"

static const char app_text[] =
	"{\"submissions\": {\"table\": \"handed\", \"columns\": {\"id\": \"id\", \"scope\": \"scope\","
	" \"object\": \"object\", \"code\": \"code\", \"version\": \"version\", \"supersedes\": \"before\","
	" \"manifest\": \"manifest\", \"sha256\": \"sha256\", \"at\": \"at\", \"by\": \"who\"},"
	" \"objects\": {\"book\": {\"about\": \"SELECT 'Kota Sawahlunto' AS place, 'Buku ' || :code AS id\","
	"\"also\": \"SELECT '2023' AS cohort\","
	"\"deadline\": \"SELECT '" DUE "' AS due_ts, 1 AS grace_hours\","
	"\"missing\": [\"SELECT 'kosong' AS message_id, 'empty' AS message_en WHERE NOT EXISTS (SELECT 1"
	" FROM plan)\"], \"files\": \"SELECT printf('%064d', id) AS sha256, 5 AS bytes, 'f' AS name FROM"
	" (SELECT 1 AS id UNION SELECT 2)\", \"content\": ["
	"{\"name\": \"plan\", \"sql\": \"SELECT id, title FROM plan\"}]}}}}";

static const char handed_sql[] =
	"CREATE TABLE handed(scope TEXT NOT NULL, id TEXT NOT NULL, object TEXT NOT NULL, code TEXT NOT NULL,"
	" version INTEGER NOT NULL, before TEXT, manifest TEXT NOT NULL, sha256 TEXT NOT NULL,"
	" at TEXT NOT NULL, who TEXT NOT NULL, cohort TEXT, PRIMARY KEY(scope, id)) STRICT, WITHOUT ROWID";

static const struct manifest_ask ask = { "13.73", "book", "B1" };

struct office {
	struct cluster cluster;
	json_t *app;
};

static void office_close(struct office *o)
{
	cluster_end(&o->cluster);
	json_drop(&o->app);
}

#define AUTO_OFFICES __attribute__((cleanup(office_close))) struct office

static bool table_add(struct member *m, struct err *e)
{
	static const char *const name[] = { "handed" };
	const struct attach_request request = { .scope_column = "scope", .world = &m->world };
	AUTO_ATTACH_REPORT report = { 0 };
	AUTO_TXN txn = { 0 };

	return txn_begin(&txn, &m->db, e) && db_exec(&m->db, handed_sql, e) &&
	       attach_tables(&m->db, name, 1, &request, &report, e) && txn_commit(&txn, e);
}

static bool offices_open(struct office *o, struct err *e)
{
	struct cluster *c = &o->cluster;

	cluster_begin(c, 11);
	if (!json_parse(app_text, strlen(app_text), &o->app, e) || !cluster_add(c, "hub", NULL, e) ||
	    !cluster_add(c, "ayu", "13.73", e) || !cluster_add(c, "budi", "13.73", e))
		return false;
	for (unsigned i = 0; i < 3; i++)
		if (!table_add(&c->member[i], e))
			return false;
	return cluster_enrol(c, 1, e) && cluster_enrol(c, 2, e) && cluster_settle(c, e) &&
	       cluster_write(&c->member[1], "INSERT INTO plan(id, title) VALUES('p', 'satu')", e);
}

/* As the web does it: one transaction. */
static bool seal(struct office *o, struct member *m, json_t **ret, struct err *e)
{
	AUTO_TXN txn = { 0 };

	return txn_begin(&txn, &m->db, e) &&
	       submission_seal(&m->party, o->app, &ask, "Yulia 'Uni' Rahman", ret, e) &&
	       party_settle(&m->party, e) && txn_commit(&txn, e);
}

static json_t *newest(struct office *o, struct member *m)
{
	json_t *list = NULL, *first;
	struct err e = { 0 };

	if (!submission_list(&m->party, o->app, NULL, &list, &e)) {
		tap_note("%s", e.text);
		return NULL;
	}
	first = json_incref(json_array_get(list, 0));
	json_decref(list);
	return first;
}

static json_t *receipt(struct office *o, struct member *m, const char *id)
{
	json_t *json = NULL;
	struct err e = { 0 };

	if (!submission_receipt(&m->party, o->app, id, NULL, &json, &e))
		tap_note("%s", e.text);
	return json;
}

static bool is(const json_t *json, const char *name, const char *text)
{
	if (strcmp(json_text_or_empty(json, name), text) == 0)
		return true;
	tap_note("%s is \"%s\"", name, json_text_or_empty(json, name));
	return false;
}

static void sealed_sent_received(void)
{
	AUTO_OFFICES o = { 0 };
	struct cluster *c = &o.cluster;
	struct member *ayu = &c->member[1];
	AUTO_JSON row = NULL;
	struct err e;

	CHECK_OK(offices_open(&o, &e), &e);
	CHECK_OK(seal(&o, ayu, &row, &e), &e);
	CHECK(json_int_or_zero(row, "version") == 1 && is(row, "cohort", "2023"));
	const char *id = json_text_or_empty(row, "id");
	AUTO_JSON before = receipt(&o, ayu, id);

	CHECK(json_int_or_zero(json_object_get(before, "files"), "of") == 2);
	CHECK(json_int_or_zero(json_object_get(before, "files"), "present") == 0);
	CHECK(is(before, "sent", "unsent") && json_is_null(json_object_get(before, "proof")));
	CHECK(json_is_null(json_object_get(before, "received_at")));
	CHECK(json_is_null(json_object_get(before, "timeliness")));
	c->now_ms += HOUR_MS;
	CHECK_OK(cluster_sync(c, 1, 0, &e), &e);
	AUTO_JSON after = receipt(&o, ayu, id);

	CHECK(is(after, "sent", "receipted") && is(after, "received_at", "2026-09-21T15:13:20Z"));
	CHECK(is(after, "timeliness", "on_time") && is(after, "due_at", DUE));
	CHECK(is(after, "sealed_by", "Yulia 'Uni' Rahman") && is(after, "sealed_at", "2026-09-21T14:13:20Z"));
	CHECK(strncmp(json_text_or_empty(after, "number"), "13.73/B1/1/", 11) == 0);
	/* The hub says the same, and so does a neighbour, once it heard of it. */
	CHECK_OK(cluster_settle(c, &e), &e);
	AUTO_JSON hub = receipt(&o, &c->member[0], id);

	CHECK(is(hub, "received_at", "2026-09-21T15:13:20Z") && is(hub, "timeliness", "on_time"));
	CHECK(is(hub, "number", json_text_or_empty(after, "number")));
	CHECK(is(hub, "changeset", json_text_or_empty(after, "changeset")));
	AUTO_JSON listed = newest(&o, &c->member[2]);

	CHECK(is(listed, "id", id));
	CHECK(is(listed, "manifest_sha256", json_text_or_empty(after, "manifest_sha256")));
}

static void a_line_that_is_down_costs_time_and_nothing_else(void)
{
	AUTO_OFFICES o = { 0 };
	struct member *ayu = &o.cluster.member[1];
	AUTO_JSON first = NULL;
	AUTO_JSON second = NULL;
	struct err e;

	CHECK_OK(offices_open(&o, &e), &e);
	CHECK_OK(seal(&o, ayu, &first, &e), &e);
	o.cluster.now_ms += 2 * HOUR_MS; /* within the hour of grace */
	CHECK_OK(cluster_sync(&o.cluster, 1, 0, &e), &e);
	AUTO_JSON grace = receipt(&o, ayu, json_text_or_empty(first, "id"));

	CHECK(is(grace, "timeliness", "in_grace") && is(grace, "sealed_at", "2026-09-21T14:13:20Z"));
	CHECK_OK(cluster_write(ayu, "UPDATE plan SET title = 'dua'", &e), &e);
	CHECK_OK(seal(&o, ayu, &second, &e), &e);
	CHECK(json_int_or_zero(second, "version") == 2);
	CHECK(is(second, "before", json_text_or_empty(first, "id")));
	o.cluster.now_ms += HOUR_MS;
	CHECK_OK(cluster_sync(&o.cluster, 1, 0, &e), &e);
	AUTO_JSON late = receipt(&o, ayu, json_text_or_empty(second, "id"));
	AUTO_JSON still = receipt(&o, ayu, json_text_or_empty(first, "id"));

	CHECK(is(late, "timeliness", "late"));
	CHECK(!is(late, "manifest_sha256", json_text_or_empty(first, "sha256")));
	CHECK(is(still, "manifest_sha256", json_text_or_empty(first, "sha256")));
	CHECK(is(still, "timeliness", "in_grace"));
}

static bool refused(const char *text, size_t len, const struct public_key *hub)
{
	AUTO_EVIDENCE found = { 0 };
	struct err e;

	return !evidence_verify(&(struct bytes){ text, len }, hub, &found, &e);
}

/* What an altered byte may leave: all of it, or all but the time. */
static bool same(const struct evidence *a, const struct evidence *b)
{
	uint64_t time = a->receipt.checkpoint.time;

	return hash_equal(&a->hash, &b->hash) && a->statement.len == b->statement.len &&
	       memcmp(a->statement.data, b->statement.data, a->statement.len) == 0 &&
	       scope_equal(&a->scope, &b->scope) && key_equal(&a->key, &b->key) &&
	       strcmp(a->node, b->node) == 0 && strcmp(a->actor, b->actor) == 0 &&
	       (time == 0 || time == b->receipt.checkpoint.time);
}

/* Whoever has the text and the hub's key knows who sealed what, and by when the hub had it. */
static void the_proof_stands_alone(void)
{
	AUTO_OFFICES o = { 0 };
	struct cluster *c = &o.cluster;
	AUTO_EVIDENCE found = { 0 };
	AUTO_JSON row = NULL;
	struct public_key hub, other = { { 1 } };
	struct err e;

	CHECK_OK(offices_open(&o, &e), &e);
	CHECK_OK(seal(&o, &c->member[1], &row, &e), &e);
	c->now_ms += HOUR_MS;
	CHECK_OK(cluster_sync(c, 1, 0, &e), &e);
	hub = c->member[0].party.key;
	AUTO_JSON told = receipt(&o, &c->member[1], json_text_or_empty(row, "id"));
	AUTO_MEMORY char *text = memory_text(json_text_or_empty(told, "proof"));
	const size_t len = strlen(text);

	CHECK(len > 1000 && strstr(text, "satu") == NULL);
	CHECK_OK(evidence_verify(&(struct bytes){ text, len }, &hub, &found, &e), &e);
	CHECK(strcmp(found.scope.name, "13.73") == 0 && strcmp(found.node, "ayu") == 0);
	CHECK(strcmp(found.actor, "Yulia 'Uni' Rahman") == 0);
	CHECK(found.receipt.checkpoint.time == CLUSTER_EPOCH_MS / 1000 + 3600);
	CHECK(memcmp(found.statement.data, json_text_or_empty(row, "manifest"), found.statement.len) == 0);
	CHECK(refused(text, len, &other));
	/* Any digit of the hash, and any byte of the rest: never another statement, author or time. */
	char *hash = strstr(text, "\nsha256 ") + 8;

	for (int i = 0; i < 64; i++) {
		const char was = hash[i];

		hash[i] = was == '0' ? '1' : '0';
		CHECK(refused(text, len, &hub));
		hash[i] = was;
	}
	for (size_t i = 0; i < len; i += 3) {
		const char was = text[i];
		AUTO_EVIDENCE again = { 0 };

		text[i] = was == 'A' ? 'B' : 'A';
		if (evidence_verify(&(struct bytes){ text, len }, &hub, &again, &e))
			CHECK(same(&again, &found));
		text[i] = was;
	}
	for (size_t cut = 0; cut < len; cut += 7)
		CHECK(refused(text, cut, &hub));
}

/* The parts of two proofs do not make a third. */
static void parts_of_different_proofs_do_not_mix(void)
{
	static const char *const parts[] = { "\ngenesis ", "\nchangeset ", "\n\nc2sp" };
	AUTO_OFFICES o = { 0 };
	struct cluster *c = &o.cluster;
	AUTO_JSON one = NULL;
	AUTO_JSON two = NULL;
	struct err e;

	CHECK_OK(offices_open(&o, &e), &e);
	CHECK_OK(seal(&o, &c->member[1], &one, &e), &e);
	CHECK_OK(cluster_settle(c, &e), &e);
	CHECK_OK(seal(&o, &c->member[2], &two, &e), &e);
	CHECK_OK(cluster_settle(c, &e), &e);
	AUTO_JSON first = receipt(&o, &c->member[1], json_text_or_empty(one, "id"));
	AUTO_JSON second = receipt(&o, &c->member[2], json_text_or_empty(two, "id"));
	const char *a = json_text_or_empty(first, "proof"), *b = json_text_or_empty(second, "proof");

	const struct public_key *hub = &c->member[0].party.key;

	CHECK(!refused(a, strlen(a), hub) && !refused(b, strlen(b), hub));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		AUTO_BUF mixed = { 0 };

		buf_put(&mixed, a, (size_t)(strstr(a, parts[i]) - a));
		buf_text(&mixed, strstr(b, parts[i]));
		CHECK(refused((const char *)mixed.data, mixed.len, hub));
	}
}

static bool only_1372(void *state, const char *scope)
{
	(void)state;
	return strcmp(scope, "13.72") == 0;
}

static void who_may_not_read_the_scope_finds_nothing(void)
{
	const struct submission_reader reader = { only_1372, NULL };
	AUTO_OFFICES o = { 0 };
	struct party *party = &o.cluster.member[1].party;
	AUTO_JSON row = NULL;
	AUTO_JSON list = NULL;
	json_t *none = NULL;
	struct err e;

	CHECK_OK(offices_open(&o, &e), &e);
	CHECK_OK(seal(&o, &o.cluster.member[1], &row, &e), &e);
	CHECK_OK(submission_list(party, o.app, &reader, &list, &e), &e);
	CHECK(json_array_size(list) == 0);
	CHECK(!submission_receipt(party, o.app, json_text_or_empty(row, "id"), &reader, &none, &e));
	CHECK(e.code == ERR_NOT_FOUND);
	CHECK(!submission_receipt(party, o.app, "nothing", NULL, &none, &e) && e.code == ERR_NOT_FOUND);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(sealed_sent_received),
		TAP(a_line_that_is_down_costs_time_and_nothing_else),
		TAP(the_proof_stands_alone),
		TAP(parts_of_different_proofs_do_not_mix),
		TAP(who_may_not_read_the_scope_finds_nothing),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
