/*
 * files.c - attachments between parties: who gets what answer, and a line that loses every third call.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "blob/writer.h"
#include "cluster.h"
#include "exchange/files_serve.h"
#include "exchange/files_sync.h"
#include "simpul/crypto.h"
#include "tap.h"

#define SIZE (2 * (size_t)BLOB_BLOCK_BYTES + 5000)

static struct cluster region; /* a hub; ayu and ani of 13.7, budi of 13.73 */
static struct blob_store store[4];
static struct files_server server;
static uint8_t content[SIZE];
static struct hash whole, nowhere;
static unsigned calls, drops, runs;
static size_t piece_bytes; /* that went out in PUT data */

static void serve(struct member *to, const struct http_request *request, struct http_response *response)
{
	if (to->no == 0 && strncmp(request->path, FILES_PREFIX, strlen(FILES_PREFIX)) == 0)
		files_serve(&server, request, response);
	else
		serve_alone(&to->party, to->party.hub != NULL ? hub_routes() : NULL, request, response);
}

/* Of the calls about files every third is lost, now the request, now the answer. */
static bool call(struct cluster *c, struct member *from, struct member *to,
		 const struct transport_call *tc, struct http_response *ret, struct err *e)
{
	bool files = strstr(tc->url, FILES_PREFIX) != NULL;

	(void)c;
	if (files && strstr(tc->url, "/data?") != NULL)
		piece_bytes += tc->body.len;
	if (!files || drops == 0 || ++calls % 3 != 0)
		return cluster_deliver(from, to, tc, ret, e);
	drops++;
	if (drops % 2 == 0) {
		struct http_response lost = { 0 };

		if (!cluster_deliver(from, to, tc, &lost, e))
			return false;
		http_response_done(&lost);
	}
	return err_set(e, ERR_NETWORK, "the line broke");
}

static void finish(int *unused)
{
	(void)unused;
	files_serve_close(&server);
	for (int i = 0; i < 4; i++)
		blob_close(&store[i]);
	cluster_end(&region);
}

#define REGION __attribute__((cleanup(finish), unused)) int ends = 0

static bool declare(unsigned no, const char *app, struct err *e)
{
	struct member *m = &region.member[no];
	AUTO_RESET s = { 0 };

	if (!db_statement(&m->db, "INSERT OR REPLACE INTO simpul_workspace(name, text) VALUES('app', ?1)", &s,
			  e))
		return false;
	stmt_text(&s, 1, app);
	return stmt_done(&s, e);
}

static const char app[] = "{\"files\": [{\"table\": \"plan\", \"hash\": \"title\", \"bytes\": \"amount\","
			  " \"type\": \"note\"}]}";

static bool store_open(unsigned no, struct err *e)
{
	char path[300];

	snprintf(path, sizeof(path), "%s.simpul", region.member[no].path);
	if (mkdir(path, 0700) != 0)
		return err_set(e, ERR_STORAGE, "no directory %s", path);
	return blob_open(&store[no], region.member[no].path, true, world_real(), e) && declare(no, app, e);
}

static bool row(unsigned no, const char *id, const struct hash *hash, struct err *e)
{
	char hex[HEX_SIZE(sizeof(*hash))], sql[300];

	hex_encode(hash->bytes, sizeof(hash->bytes), hex);
	snprintf(sql, sizeof(sql), "INSERT INTO plan VALUES('%s', '%s', %zu, 'image/png')", id, hex, SIZE);
	return cluster_write(&region.member[no], sql, e);
}

static bool file_put(unsigned no, struct err *e)
{
	struct blob_writer w;
	struct hash hash;
	uint64_t size;

	return blob_writer_begin(&store[no], &w, e) && blob_writer_append(&w, content, SIZE, e) &&
	       blob_writer_finish(&w, &hash, &size, e);
}

static bool move(unsigned no, struct files_sync *ret, struct err *e)
{
	struct member *m = &region.member[no];
	bool ok;

	files_sync_init(ret, &m->sync[0], &store[no]);
	ok = files_sync_round(ret, e);
	files_sync_done(ret);
	return ok;
}

/* Everybody enrolled; ayu has a file and the row that names it, and the hub has the row. */
static bool begin(struct err *e)
{
	uint32_t x = 3;

	for (size_t i = 0; i < SIZE; i++) {
		x = x * 1664525u + 1013904223u;
		content[i] = (uint8_t)(x >> 24);
	}
	crypto_sha256(content, SIZE, &whole);
	crypto_sha256("nowhere", 7, &nowhere);
	log_set_level(LOG_ERROR);
	calls = drops = 0;
	piece_bytes = 0;
	for (int i = 0; i < 4; i++)
		store[i].directory = -1;
	cluster_begin(&region, 1);
	snprintf(region.directory, sizeof(region.directory), "%s/%u", tap_directory(), ++runs);
	if (mkdir(region.directory, 0700) != 0)
		return err_set(e, ERR_STORAGE, "no directory %s", region.directory);
	region.serve = serve;
	region.call = call;
	files_serve_open(&server, &region.member[0].party, &store[0]);
	return cluster_add(&region, "hub", NULL, e) && cluster_add(&region, "ayu", "13.7", e) &&
	       cluster_add(&region, "budi", "13.73", e) && cluster_add(&region, "ani", "13.7", e) &&
	       cluster_enrol(&region, 1, e) && cluster_enrol(&region, 2, e) &&
	       cluster_enrol(&region, 3, e) && store_open(0, e) && store_open(1, e) && store_open(2, e) &&
	       store_open(3, e) && row(1, "a", &whole, e) && file_put(1, e) && cluster_settle(&region, e);
}

static bool complete(unsigned no)
{
	AUTO_BLOB_READER r = { .fd = -1 };
	AUTO_MEMORY uint8_t *bytes = memory_new(SIZE);
	struct err e;

	return blob_reader_open(&store[no], &whole, &r, &e) && r.size == SIZE &&
	       blob_reader_read(&r, 0, bytes, SIZE, &e) && memcmp(bytes, content, SIZE) == 0;
}

/* ---- single requests ---- */

struct ask {
	const char *method, *target; /* $ in it: the hash */
	const struct hash *hash;
	unsigned member; /* 0: nobody signs */
	const void *body;
	size_t body_len;
	const char *range;
};

static int answer_to(const struct ask *ask, struct http_response *response)
{
	char hex[HEX_SIZE(sizeof(struct hash))], target[200], url[260];
	struct http_request request = { 0 };
	struct transport_call tc = { .method = ask->method, .url = url,
				     .body = { ask->body, ask->body_len } };
	const char *rest = strchr(ask->target, '$');
	struct err e;
	bool ok;

	hex_encode(ask->hash->bytes, sizeof(ask->hash->bytes), hex);
	if (rest == NULL)
		snprintf(target, sizeof(target), "%s", ask->target);
	else
		snprintf(target, sizeof(target), "%.*s%s%s", (int)(rest - ask->target), ask->target, hex,
			 rest + 1);
	snprintf(url, sizeof(url), "https://hub.test%s", target);
	if (!http_request_init(&request, ask->method, target, &e))
		return -1;
	request.secure = true;
	buf_put(&request.body, ask->body, ask->body_len);
	ok = http_fields_put(&request.fields, "Host", "hub.test") &&
	     (ask->range == NULL || http_fields_put(&request.fields, "Range", ask->range)) &&
	     (ask->member == 0 ||
	      party_sign_request(&region.member[ask->member].party, &tc, 0, &request.fields, &e));
	if (ok)
		files_serve(&server, &request, response);
	http_request_done(&request);
	return ok ? response->status : -1;
}

static bool says(const struct ask *ask, int status, const char *text)
{
	struct http_response response = { 0 };
	int got = answer_to(ask, &response);
	bool ok = got == status && strstr(buf_string(&response.body), text) != NULL;

	if (!ok)
		tap_note("%s %s: %d %s", ask->method, ask->target, got, buf_string(&response.body));
	http_response_done(&response);
	return ok;
}

static bool answers_equal(struct ask *ask)
{
	struct http_response a = { 0 }, b = { 0 };
	int first, second;
	bool same;

	ask->hash = &whole;
	first = answer_to(ask, &a);
	ask->hash = &nowhere;
	second = answer_to(ask, &b);
	same = first == 404 && second == 404 && a.body.len == b.body.len && a.fields.n == b.fields.n &&
	       memcmp(a.body.data, b.body.data, a.body.len) == 0;
	if (!same)
		tap_note("%s %s: %d %s\n%d %s", ask->method, ask->target, first, buf_string(&a.body), second,
			 buf_string(&b.body));
	http_response_done(&a);
	http_response_done(&b);
	return same;
}

static void a_file_of_another_scope_is_none(void)
{
	static const char *const asks[][2] = {
		{ "GET", FILES_PREFIX "$" },	   { "HEAD", FILES_PREFIX "$" },
		{ "GET", FILES_PREFIX "$/plan" }, { "GET", FILES_PREFIX "$/have" },
		{ "PUT", FILES_PREFIX "$/plan" }, { "PUT", FILES_PREFIX "$/data?offset=0" },
	};
	REGION;
	struct files_sync f;
	struct err e;

	CHECK_OK(begin(&e) && move(1, &f, &e), &e);
	CHECK(f.sent == 1 && complete(0));
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		struct ask ask = { asks[i][0], asks[i][1], &whole, 2, "x", asks[i][0][0] == 'P', NULL };

		CHECK(answers_equal(&ask));
		ask.member = 0;
		ask.hash = &whole;
		CHECK(says(&ask, 403, "not signed"));
	}
	CHECK(says(&(struct ask){ "POST", FILES_PREFIX "have", &whole, 2, whole.bytes, 32, NULL }, 200, "0"));
	CHECK(says(&(struct ask){ "POST", FILES_PREFIX "have", &whole, 3, whole.bytes, 32, NULL }, 200, "2"));
	CHECK_OK(move(3, &f, &e), &e); /* ani, of the same scope */
	CHECK(f.fetched == 1 && complete(3));
}

/* The hash alone is no right: a row of budi's own that names ayu's file is an offer to bring it. */
static void a_row_of_ones_own_is_an_offer(void)
{
	REGION;
	struct files_sync f;
	struct err e;

	CHECK_OK(begin(&e) && move(1, &f, &e) && row(2, "b", &whole, &e) && cluster_settle(&region, &e), &e);
	CHECK(says(&(struct ask){ "POST", FILES_PREFIX "have", &whole, 2, whole.bytes, 32, NULL }, 200, "1"));
	CHECK(says(&(struct ask){ "GET", FILES_PREFIX "$", &whole, 2, NULL, 0, NULL }, 404, "not-found"));
	CHECK(says(&(struct ask){ "GET", FILES_PREFIX "$/have", &whole, 2, NULL, 0, NULL }, 200,
		   "\"complete\":false"));
	CHECK_OK(move(2, &f, &e), &e);
	CHECK(f.fetched == 0 && f.nowhere == 1 && !complete(2));
	piece_bytes = 0;
	CHECK_OK(file_put(2, &e) && move(2, &f, &e), &e);
	CHECK(f.sent == 1 && piece_bytes == SIZE);
	CHECK(says(&(struct ask){ "GET", FILES_PREFIX "$", &whole, 2, NULL, 0, "bytes=0-1" }, 206, ""));
}

static void requests_are_strict(void)
{
	static uint8_t many[(FILES_ASK_MAX + 1) * 32];
	REGION;
	struct files_sync f;
	struct err e;

	CHECK_OK(begin(&e) && move(1, &f, &e), &e);
	CHECK(says(&(struct ask){ "POST", FILES_PREFIX "have", &whole, 1, many, 33, NULL }, 400,
		   "malformed"));
	CHECK(says(&(struct ask){ "POST", FILES_PREFIX "have", &whole, 1, many, sizeof(many), NULL }, 413,
		   "too-large"));
	CHECK(says(&(struct ask){ "POST", FILES_PREFIX "have", &whole, 1, many, sizeof(many) - 32, NULL },
		   200, "000"));
	CHECK(says(&(struct ask){ "GET", FILES_PREFIX "$0", &whole, 1, NULL, 0, NULL }, 404,
		   "no such file"));
	CHECK(says(&(struct ask){ "GET", FILES_PREFIX "$/other", &whole, 1, NULL, 0, NULL }, 404, ""));
	CHECK(says(&(struct ask){ "PUT", FILES_PREFIX "$", &whole, 1, "x", 1, NULL }, 405, "method"));
	CHECK_OK(row(1, "n", &nowhere, &e) && cluster_settle(&region, &e), &e);
	CHECK(says(&(struct ask){ "PUT", FILES_PREFIX "$/plan", &nowhere, 1, "x", 1, NULL }, 400,
		   "malformed"));
	CHECK(says(&(struct ask){ "PUT", FILES_PREFIX "$/data", &nowhere, 1, "x", 1, NULL }, 400, "offset"));
	CHECK(says(&(struct ask){ "PUT", FILES_PREFIX "$/data?offset=0", &nowhere, 1, "x", 1, NULL }, 404,
		   "not-found"));
}

static void ranges_are_answered_as_they_should(void)
{
	static const struct {
		const char *range;
		int status;
		size_t from, len;
	} table[] = {
		{ "bytes=0-0", 206, 0, 1 },
		{ "bytes=10-19", 206, 10, 10 },
		{ "bytes=524288-", 206, 524288, SIZE - 524288 },
		{ "bytes=524288-99999999", 206, 524288, SIZE - 524288 },
		{ NULL, 200, 0, SIZE },
		{ "bytes=-5", 200, 0, SIZE }, /* others are as good as none */
		{ "bytes=5-2", 200, 0, SIZE },
		{ "bytes=1-2,4-5", 200, 0, SIZE },
		{ "lines=1-2", 200, 0, SIZE },
		{ "bytes=529288-", 416, 0, 0 },
		{ "bytes=18446744073709551615-", 416, 0, 0 },
	};
	REGION;
	struct files_sync f;
	struct err e;

	CHECK_OK(begin(&e) && move(1, &f, &e), &e);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct ask ask = { "GET", FILES_PREFIX "$", &whole, 3, NULL, 0, table[i].range };
		struct http_response response = { 0 };
		int status = answer_to(&ask, &response);
		bool right = status == table[i].status &&
			     (status == 416 || (response.body.len == table[i].len &&
						memcmp(response.body.data, content + table[i].from,
						       table[i].len) == 0));

		if (!right)
			tap_note("%s: %d, %zu bytes", table[i].range, status, response.body.len);
		http_response_done(&response);
		CHECK(right);
	}
}

/* ---- a line that breaks ---- */

static bool until_moved(unsigned no, struct files_sync *f, unsigned *ret_rounds)
{
	struct err e;

	files_sync_init(f, &region.member[no].sync[0], &store[no]);
	f->piece_bytes = BLOB_BLOCK_BYTES;
	for (*ret_rounds = 1; *ret_rounds < 200; ++*ret_rounds)
		if (files_sync_round(f, &e) && f->left == 0) {
			files_sync_done(f);
			return true;
		}
	tap_note("%s", e.text);
	files_sync_done(f);
	return false;
}

static void over_a_line_that_breaks_little_is_sent_twice(void)
{
	REGION;
	struct files_sync f;
	unsigned rounds, lost;
	struct err e;

	CHECK_OK(begin(&e), &e);
	drops = 1;
	CHECK(until_moved(1, &f, &rounds) && complete(0));
	lost = drops - 1;
	tap_note("%u rounds, %u calls lost, %zu bytes of pieces for %zu", rounds, lost, piece_bytes, SIZE);
	CHECK(lost > 3 && piece_bytes <= SIZE + lost * (size_t)BLOB_BLOCK_BYTES);
	CHECK(until_moved(3, &f, &rounds) && complete(3));
	CHECK(drops > lost + 1);
}

/* What a bad disk made of a file is not sent as the file. */
static void a_damaged_file_arrives_nowhere(void)
{
	char hex[HEX_SIZE(sizeof(whole))], path[512];
	REGION;
	struct files_sync f;
	int64_t noted, size;
	struct err e;
	int fd;

	CHECK_OK(begin(&e), &e);
	hex_encode(whole.bytes, sizeof(whole.bytes), hex);
	snprintf(path, sizeof(path), "%s.simpul/files/%.2s/%s", region.member[1].path, hex, hex);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0 && pwrite(fd, "damage", 6, 1000) == 6 && close(fd) == 0);
	CHECK_OK(move(1, &f, &e), &e);
	CHECK(f.sent == 0 && f.left == 1 && f.trouble.code == ERR_HASH);
	CHECK_OK(blob_size(&store[0], &whole, &size, &e), &e);
	CHECK(size == BLOB_ABSENT);
	CHECK_OK(db_int(&region.member[1].db, "SELECT problem = 'hash-mismatch' FROM simpul_file", 0, &noted,
			&e), &e);
	CHECK(noted == 1);
	CHECK_OK(db_int(&region.member[0].db, "SELECT count(*) FROM simpul_file_from", 0, &noted, &e), &e);
	CHECK(noted == 0);
}

static void what_a_scope_may_not_have_is_refused(void)
{
	static const char *const limits[][2] = {
		{ "{\"bytes_max\": 529287}", "has at most 529287" },
		{ "{\"types\": [\"image/jpeg\", \"video/*\"]}", "image/png" },
		{ "{\"scope_bytes_max\": 529287}", "more than 529287" },
		{ "{\"scope\": \"13.7\", \"bytes_max\": 1}, {}", "has at most 1" },
	};
	REGION;
	struct files_sync f;
	char text[400];
	struct err e;

	CHECK_OK(begin(&e), &e);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		snprintf(text, sizeof(text), "%.*s, \"file_limits\": [%s]}", (int)strlen(app) - 1, app,
			 limits[i][0]);
		CHECK_OK(declare(0, text, &e) && db_exec(&region.member[1].db, "DELETE FROM simpul_file", &e),
			 &e);
		server.refs_loaded = false;
		CHECK_OK(move(1, &f, &e), &e);
		if (f.trouble.code != ERR_FILE_REFUSED)
			tap_note("%s: %s", limits[i][0], f.trouble.text);
		CHECK(f.trouble.code == ERR_FILE_REFUSED && strstr(f.trouble.text, limits[i][1]) != NULL);
	}
	snprintf(text, sizeof(text), "%.*s, \"file_limits\": [{\"scope\": \"13.73\", \"bytes_max\": 1},"
				     " {\"types\": [\"IMAGE/*\"], \"bytes_max\": 529288,"
				     " \"scope_bytes_max\": 529288}]}", (int)strlen(app) - 1, app);
	CHECK_OK(declare(0, text, &e) && db_exec(&region.member[1].db, "DELETE FROM simpul_file", &e), &e);
	server.refs_loaded = false;
	CHECK_OK(move(1, &f, &e), &e);
	CHECK(f.sent == 1 && complete(0));
}

static void a_declaration_that_is_wrong_is_told(void)
{
	static const char *const wrong[] = {
		"{\"files\": [{\"hash\": \"title\"}]}",
		"{\"files\": [{\"table\": \"plan\"}]}",
		"{\"files\": [], \"file_limits\": [{\"bytes_max\": -1}]}",
		"{\"files\": [], \"file_limits\": [{\"types\": [1]}]}",
		"{\"files\": [",
	};
	REGION;
	struct blob_refs refs = { 0 };
	struct err e;

	CHECK_OK(begin(&e), &e);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CHECK_OK(declare(0, wrong[i], &e), &e);
		CHECK(!blob_refs_load(&refs, &region.member[0].db, &e) && e.code == ERR_MALFORMED);
	}
	CHECK_OK(declare(0, "{\"files\": [{\"table\": \"none\", \"hash\": \"x\"}]}", &e), &e);
	CHECK_OK(blob_refs_load(&refs, &region.member[0].db, &e), &e);
	CHECK(refs.tables == 0);
	blob_refs_close(&refs);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(a_file_of_another_scope_is_none),
		TAP(a_row_of_ones_own_is_an_offer),
		TAP(requests_are_strict),
		TAP(ranges_are_answered_as_they_should),
		TAP(over_a_line_that_breaks_little_is_sent_twice),
		TAP(a_damaged_file_arrives_nowhere),
		TAP(what_a_scope_may_not_have_is_refused),
		TAP(a_declaration_that_is_wrong_is_told),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
