/*
 * exchange.c - sealing and taking in, as a node and its hub do it, on files that the program made.
 *
 *	exchange fill FILE ROWS			a new database with a worksheet of so many rows
 *	exchange edit FILE ROWS CHANGES ROUND	edits of 2 or 3 columns, each of another row
 *	exchange seal FILE BATCH		seals what `edit` left, BATCH changes per changeset
 *	exchange ingest HUB FILE		HUB takes in what FILE holds unsent, and files receipts
 *
 * Times are CPU time of this one thread, commits with a full sync included; `seal` and `ingest` use up
 * what they measure, so they are given copies.  Prints "key value" lines.  tools/bench drives it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "exchange/outgoing.h"
#include "exchange/serve.h"
#include "node.h"
#include "outbox/outbox.h"
#include "worksheet.h"

#define REQUEST_BYTES (4u << 20) /* as much as an engine merges at once */
#define REQUESTS_MAX 64
#define ID_SIZE 37
#define STRIDE 7919u /* a prime: steps over the rows in an order that looks random */

static void must(bool ok, const struct err *e)
{
	if (ok)
		return;
	fprintf(stderr, "exchange: %s\n", e->text);
	exit(1);
}

static void require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "exchange: %s\n", what);
	exit(1);
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* UUIDv7: ascending time, then what looks like chance; the same for the same row in every run. */
static void id_print(uint32_t row, char out[ID_SIZE])
{
	uint64_t ms = UINT64_C(1772900000000) + (uint64_t)row * 389000, x = row + 1;

	x *= UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	snprintf(out, ID_SIZE, "%08x-%04x-7%03x-8%03x-%012llx", (unsigned)(ms >> 16),
		 (unsigned)(ms & 0xffff), (unsigned)(x & 0xfff), (unsigned)(x >> 12 & 0xfff),
		 (unsigned long long)(x >> 16));
}

static void fill(const char *path, uint32_t rows)
{
	struct worksheet *w = worksheet_new(1);
	AUTO_DB db = { 0 };
	AUTO_TXN txn = { 0 };
	AUTO_STMT s = { 0 };
	char id[ID_SIZE];
	struct err e;

	must(db_open(&db, path, DB_APP, true, &e) && db_exec(&db, worksheet_sql, &e) &&
		     txn_begin(&txn, &db, &e) &&
		     db_prepare(&db, "INSERT INTO worksheet VALUES(?,?,?,?,?,?,?,?,?,?,?,?)", &s, &e),
	     &e);
	for (uint32_t row = 0; row < rows; row++) {
		const struct value *v = worksheet_row(w, row % WORKSHEET_ROWS);

		id_print(row, id);
		stmt_text(&s, 1, id);
		for (int i = 1; i < (int)WORKSHEET_COLUMNS; i++)
			stmt_value(&s, i + 1, &v[i]);
		must(stmt_done(&s, &e), &e);
	}
	must(txn_commit(&txn, &e), &e);
	worksheet_free(w);
}

static void edit_one(struct db *db, uint32_t row, const struct worksheet_update *u)
{
	AUTO_BUF sql = { 0 };
	AUTO_RESET s = { 0 };
	char id[ID_SIZE];
	struct err e;

	for (int i = 0; i < u->columns; i++)
		buf_print(&sql, "%s%s = ?%d", i == 0 ? "UPDATE worksheet SET " : ", ",
			  worksheet_column[u->column[i]], i + 2);
	buf_text(&sql, " WHERE id = ?1");
	must(db_statement(db, buf_string(&sql), &s, &e), &e);
	id_print(row, id);
	stmt_text(&s, 1, id);
	for (int i = 0; i < u->columns; i++)
		stmt_value(&s, i + 2, &u->value[i]);
	must(stmt_done(&s, &e), &e);
	require(db_changed_rows(db) == 1, "an edit met no row");
}

static void edit(const char *path, uint32_t rows, uint32_t changes, uint32_t round)
{
	struct worksheet *w = worksheet_new(1);
	AUTO_DB db = { 0 };
	AUTO_TXN txn = { 0 };
	struct err e;

	require(changes <= rows && rows % STRIDE != 0, "each row is edited once at most");
	must(db_open(&db, path, DB_APP, false, &e) && txn_begin(&txn, &db, &e), &e);
	for (uint32_t i = 0; i < changes; i++) {
		uint32_t row = (uint32_t)(((uint64_t)i * STRIDE + round * 31) % rows);

		edit_one(&db, row, worksheet_update(w, (i + round * 1009) % WORKSHEET_UPDATES));
	}
	must(txn_commit(&txn, &e), &e);
	worksheet_free(w);
}

static void seal(const char *path, uint32_t batch)
{
	const struct catalog *catalog;
	struct outbox_result result;
	struct outbox_author author;
	AUTO_NODE node = { .lock = -1 };
	AUTO_TXN txn = { 0 };
	struct err e;
	double from;

	must(node_open(&node, path, world_real(), &e), &e);
	author = (struct outbox_author){ .key = &node.party.secret, .world = world_real(),
					 .name = node.party.name, .changes_max = batch };
	from = now_s();
	must(txn_begin(&txn, &node.db, &e) && party_catalog(&node.party, &catalog, &e) &&
		     outbox_seal(&node.db, catalog, &author, &result, &e) && txn_commit(&txn, &e),
	     &e);
	from = now_s() - from;
	require(result.changes > 0 && result.no_right == 0, "nothing was sealed");
	printf("seal.changes %lld\nseal.changesets %lld\n", (long long)result.changes,
	       (long long)result.changesets);
	printf("seal.bytes_per_change %.1f\n", (double)result.bytes / (double)result.changes);
	printf("seal.changes_per_s_core %.0f\n", (double)result.changes / from);
}

/* What a sync would send: signed requests, made before the clock starts. */
static size_t requests_make(struct node *office, const struct party *hub,
			    struct http_request request[REQUESTS_MAX])
{
	const char *target = "/v1/changesets";
	struct outgoing_part part = { .bytes_max = REQUEST_BYTES };
	struct err e;
	size_t n = 0;

	for (; n < REQUESTS_MAX; n++) {
		struct transport_call call = { .method = "POST" };
		AUTO_BUF url = { 0 };

		must(http_request_init(&request[n], "POST", target, &e) &&
			     outgoing_unsent(&office->db, &part, &request[n].body, &e),
		     &e);
		if (part.frames == 0)
			return n;
		request[n].secure = true;
		require(http_fields_put(&request[n].fields, "Host", "hub.example"), "no room");
		if (hub->public_url[0] != '\0')
			buf_print(&url, "%s%s", hub->public_url, target);
		else
			buf_print(&url, "https://hub.example%s", target);
		call.url = buf_string(&url);
		call.body = (struct bytes){ request[n].body.data, request[n].body.len };
		must(party_sign_request(&office->party, &call, 0, &request[n].fields, &e), &e);
	}
	require(false, "more is unsent than this program takes");
	return 0;
}

/* Every changeset has a receipt, or the rate means nothing. */
static void answer_check(const struct http_response *response, size_t *receipts)
{
	AUTO_ANSWER answer = { 0 };
	struct err e;

	require(response->status == 200, buf_string((struct buf *)(uintptr_t)&response->body));
	must(answer_decode(response->body.data, response->body.len, &answer, &e), &e);
	for (size_t i = 0; i < answer.items; i++)
		require(answer.item[i].state == ANSWER_LOGGED && answer.item[i].proven,
			answer.item[i].detail);
	*receipts += answer.items;
}

static int64_t merged_changes(struct db *db)
{
	struct err e;
	int64_t n;

	must(db_int(db, "SELECT sum(changes) FROM simpul_changeset WHERE state = 1", 0, &n, &e), &e);
	return n;
}

static void ingest(const char *hub_path, const char *office_path)
{
	static struct http_request request[REQUESTS_MAX];
	AUTO_NODE hub = { .lock = -1 };
	AUTO_NODE office = { .lock = -1 };
	double spent = 0, longest = 0;
	size_t n, receipts = 0;
	struct err e;
	int64_t changes;

	must(node_open(&hub, hub_path, world_real(), &e) &&
		     node_open(&office, office_path, world_real(), &e),
	     &e);
	n = requests_make(&office, &hub.party, request);
	changes = merged_changes(&hub.db);
	for (size_t i = 0; i < n; i++) {
		struct http_response response = { 0 };
		double from = now_s();

		serve_alone(&hub.party, hub_routes(), &request[i], &response);
		from = now_s() - from;
		spent += from;
		longest = from > longest ? from : longest;
		answer_check(&response, &receipts);
		http_response_done(&response);
	}
	changes = merged_changes(&hub.db) - changes;
	require(changes > 0, "nothing was merged");
	printf("ingest.changes %lld\ningest.commits %zu\ningest.receipts %zu\n", (long long)changes, n,
	       receipts);
	printf("ingest.longest_commit_s %.2f\n", longest);
	printf("ingest.changes_per_s_core %.0f\n", (double)changes / spent);
	for (size_t i = 0; i <= n && i < REQUESTS_MAX; i++)
		http_request_done(&request[i]);
}

static uint32_t number(const char *text)
{
	return (uint32_t)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	db_program_begin(); /* as the program does */
	if (strcmp(what, "fill") == 0 && argc == 4)
		fill(argv[2], number(argv[3]));
	else if (strcmp(what, "edit") == 0 && argc == 6)
		edit(argv[2], number(argv[3]), number(argv[4]), number(argv[5]));
	else if (strcmp(what, "seal") == 0 && argc == 4)
		seal(argv[2], number(argv[3]));
	else if (strcmp(what, "ingest") == 0 && argc == 4)
		ingest(argv[2], argv[3]);
	else {
		fputs("usage: see the top of tests/bench/exchange.c\n", stderr);
		return 2;
	}
	return 0;
}
