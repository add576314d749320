/* bundle.c - the file on the stick: there and back with receipts, every cut, every altered byte. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "capture/attach.h"
#include "exchange/bundle.h"
#include "exchange/enrol.h"
#include "exchange/proof.h"
#include "exchange/sync.h"
#include "merge/digest.h"
#include "node.h"
#include "tap.h"

#define HUB_URL "https://hub"

static char stick[300], other[300];

/* A hub and an office in one process; calls go from one to the other by function. */
static bool deliver(void *state, const struct transport_call *call, struct http_response *ret,
		    struct err *e)
{
	struct node *hub = state;
	struct http_request request = { 0 };
	bool ok = http_request_init(&request, call->method, call->url + strlen(HUB_URL), e) &&
		  http_fields_put(&request.fields, "Host", HUB_URL + strlen("https://"));

	request.secure = true;
	for (size_t i = 0; ok && call->fields != NULL && i < call->fields->n; i++)
		ok = http_fields_put(&request.fields, call->fields->at[i].name, call->fields->at[i].value);
	buf_put(&request.body, call->body.data, call->body.len);
	http_response_done(ret);
	if (ok)
		serve_alone(&hub->party, hub_routes(), &request, ret);
	http_request_done(&request);
	return ok || err_set(e, ERR_NETWORK, "not delivered");
}

static void path_of(const char *name, char out[300])
{
	snprintf(out, 300, "%s/%s", tap_directory(), name);
}

static bool make(struct node *node, const char *test, const char *name, bool hub, struct err *e)
{
	struct node_plan plan = { .name = name, .hub = hub, .url = hub ? HUB_URL : NULL };
	char path[300], file[100];

	snprintf(file, sizeof(file), "%s-%s.db", test, name);
	path_of(file, path);
	if (!hub) {
		AUTO_DB db = { 0 };

		if (!db_open(&db, path, DB_APP, true, e) ||
		    !db_exec(&db, "CREATE TABLE item(id TEXT PRIMARY KEY, n)", e))
			return false;
	}
	snprintf(file, sizeof(file), "%s.simpul-bundle", test);
	path_of(file, stick);
	snprintf(file, sizeof(file), "%s-other.simpul-bundle", test);
	path_of(file, other);
	return node_make(path, &plan, world_real(), e) && node_open(node, path, world_real(), e);
}

static bool enrol(struct node *node, struct node *hub, struct err *e)
{
	struct transport transport = { .call = deliver, .state = hub };
	const char *const table[] = { "item" };
	struct attach_request request = { .scope = "13.73", .world = world_real() };
	AUTO_ATTACH_REPORT report = { 0 };
	struct invitation_text text;
	struct invitation invitation = { .url = HUB_URL, .scope = { "13.73" }, .role = ROLE_WRITER };

	return hub_invite(&hub->party, &invitation, 60000, &text, e) &&
	       invitation_decode(text.text, strlen(text.text), &invitation, e) &&
	       enrol_at_hub(&node->party, &transport, &invitation, e) &&
	       attach_tables(&node->db, table, 1, &request, &report, e);
}

/* As a program of the office would write. */
static bool write_row(struct node *node, const char *sql, struct err *e)
{
	AUTO_DB app = { 0 };

	return db_open(&app, node->path, DB_APP, false, e) && db_exec(&app, sql, e);
}

static bool digest(struct node *node, struct hash *ret, struct err *e)
{
	const struct catalog *catalog;
	const struct scope scope = { "13.73" };
	int64_t rows;

	return party_catalog(&node->party, &catalog, e) &&
	       digest_scope(&node->db, catalog, &scope, ret, &rows, e);
}

/* Everything that an import could change, as one number. */
static int64_t weight(struct node *node)
{
	int64_t n = -1;
	struct err e;

	if (!db_int(&node->db, "SELECT (SELECT count(*) FROM simpul_changeset) * 1000000 +"
			       " (SELECT count(*) FROM simpul_receipt) * 10000 +"
			       " (SELECT count(*) FROM simpul_held) * 100 +"
			       " (SELECT count(*) FROM simpul_checkpoint) +"
			       " (SELECT count(*) FROM simpul_refused)",
		    -1, &n, &e))
		return -1;
	return n;
}

static bool file_take(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "rb");

	if (file == NULL)
		return false;
	out->len = fread(buf_reserve(out, 1u << 20), 1, 1u << 20, file);
	fclose(file);
	return true;
}

static bool file_put(const char *path, const void *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");
	bool ok = file != NULL && fwrite(bytes, 1, len, file) == len;

	return file != NULL && fclose(file) == 0 && ok;
}

static void there_and_back(void)
{
	AUTO_NODE hub = { .lock = -1 }, office = { .lock = -1 }, second = { .lock = -1 };
	struct bundle_plan all = { .scope = "13.73" }, unsent = { .unsent = true };
	struct bundle_stats out, in;
	struct hash a, b, c;
	int64_t n;
	struct err e;

	CHECK_OK(make(&hub, "there", "hub", true, &e) && make(&office, "there", "office", false, &e) &&
			 make(&second, "there", "second", false, &e) && enrol(&office, &hub, &e) &&
			 enrol(&second, &hub, &e), &e);
	CHECK_OK(write_row(&office, "INSERT INTO item VALUES('a', 1), ('b', x'00ff')", &e), &e);

	/* To the hub: what waits in the log is sealed first. */
	CHECK_OK(bundle_export(&office.party, &unsent, stick, &out, &e), &e);
	CHECK(out.frames == 2 && out.receipts == 0 && out.bytes > 0);
	CHECK_OK(bundle_import(&hub.party, stick, &in, &e), &e);
	CHECK(in.accepted == 2 && in.refused == 0 && in.held == 0);
	CHECK_OK(bundle_import(&hub.party, stick, &in, &e), &e);
	CHECK(in.accepted == 0 && in.known == 2);

	/* And back, with receipts for the first office and the changes for the second. */
	CHECK(!bundle_export(&hub.party, &all, stick, &out, &e) && e.code == ERR_EXISTS);
	CHECK_OK(bundle_export(&hub.party, &all, other, &out, &e), &e);
	CHECK(out.receipts == out.frames);
	CHECK_OK(bundle_import(&office.party, other, &in, &e), &e);
	CHECK(in.refused == 0 && in.receipts >= 2);
	CHECK_OK(db_int(&office.db, "SELECT count(*) FROM simpul_changeset cs JOIN simpul_chain ch ON ch.no ="
				    " cs.chain_no WHERE ch.own = 1 AND cs.custody < 2", -1, &n, &e), &e);
	CHECK(n == 0);
	CHECK_OK(bundle_import(&second.party, other, &in, &e), &e);
	CHECK_OK(db_int(&second.db, "SELECT count(*) FROM item WHERE (id, n) IN"
				    " (VALUES('a', 1), ('b', x'00ff'))", -1, &n, &e), &e);
	CHECK(n == 2);
	CHECK_OK(digest(&office, &a, &e) && digest(&second, &b, &e) && digest(&hub, &c, &e), &e);
	CHECK(hash_equal(&a, &b) && hash_equal(&a, &c));

	/* Once more: nothing. */
	n = weight(&second);
	CHECK_OK(bundle_import(&second.party, other, &in, &e), &e);
	CHECK(in.accepted == 0 && weight(&second) == n);
}

static void in_any_order(void)
{
	AUTO_NODE hub = { .lock = -1 }, office = { .lock = -1 }, second = { .lock = -1 };
	struct bundle_plan all = { 0 }, unsent = { .unsent = true };
	struct bundle_stats stats;
	struct hash a, b;
	struct err e;

	CHECK_OK(make(&hub, "order", "hub", true, &e) && make(&office, "order", "office", false, &e) &&
			 make(&second, "order", "second", false, &e) && enrol(&office, &hub, &e) &&
			 enrol(&second, &hub, &e), &e);
	CHECK_OK(write_row(&office, "INSERT INTO item VALUES('a', 1)", &e), &e);
	CHECK_OK(bundle_export(&office.party, &all, stick, &stats, &e), &e);
	CHECK_OK(bundle_import(&hub.party, stick, &stats, &e), &e);
	CHECK_OK(bundle_export(&hub.party, &all, other, &stats, &e) &&
			 bundle_import(&office.party, other, &stats, &e), &e);
	CHECK_OK(write_row(&office, "UPDATE item SET n = 2", &e), &e);
	CHECK(unlink(other) == 0);
	CHECK_OK(bundle_export(&office.party, &unsent, other, &stats, &e), &e);
	CHECK(stats.frames == 1);
	/* The later one first: it waits for the earlier one. */
	CHECK_OK(bundle_import(&second.party, other, &stats, &e), &e);
	CHECK(stats.held == 1 && stats.accepted == 0);
	CHECK_OK(bundle_import(&second.party, stick, &stats, &e), &e);
	CHECK_OK(digest(&office, &a, &e) && digest(&second, &b, &e), &e);
	CHECK(hash_equal(&a, &b));
}

/* A small bundle with everything in it, and an office that has none of it yet. */
static bool lay_out(struct node *hub, struct node *second, const char *test, struct buf *ret, struct err *e)
{
	AUTO_NODE office = { .lock = -1 };
	struct bundle_plan all = { .scope = "13.73" }, unsent = { .unsent = true };
	struct bundle_stats stats;

	return make(hub, test, "hub", true, e) && make(&office, test, "office", false, e) &&
	       make(second, test, "second", false, e) && enrol(&office, hub, e) && enrol(second, hub, e) &&
	       write_row(&office, "INSERT INTO item VALUES('a', 1)", e) &&
	       bundle_export(&office.party, &unsent, stick, &stats, e) &&
	       bundle_import(&hub->party, stick, &stats, e) &&
	       bundle_export(&hub->party, &all, other, &stats, e) && file_take(other, ret);
}

static void every_cut_is_refused_whole(void)
{
	AUTO_NODE hub = { .lock = -1 }, second = { .lock = -1 };
	struct bundle_stats stats;
	AUTO_BUF whole = { 0 };
	int64_t before;
	struct err e;

	CHECK_OK(lay_out(&hub, &second, "cut", &whole, &e), &e);
	before = weight(&second);
	for (size_t len = 0; len < whole.len; len++) {
		CHECK(file_put(stick, whole.data, len));
		CHECK(!bundle_import(&second.party, stick, &stats, &e) && e.code == ERR_MALFORMED);
		CHECK(weight(&second) == before);
	}
	buf_put(&whole, "x", 1);
	CHECK(file_put(stick, whole.data, whole.len));
	CHECK(!bundle_import(&second.party, stick, &stats, &e) && e.code == ERR_MALFORMED);
	CHECK(weight(&second) == before);
	CHECK(file_put(stick, whole.data, whole.len - 1));
	CHECK_OK(bundle_import(&second.party, stick, &stats, &e), &e);
	CHECK(weight(&second) != before);
}

static void every_altered_byte_is_refused_whole(void)
{
	AUTO_NODE hub = { .lock = -1 }, second = { .lock = -1 };
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };
	struct bundle_stats stats;
	AUTO_BUF whole = { 0 };
	int64_t before;
	struct err e;

	CHECK_OK(lay_out(&hub, &second, "flip", &whole, &e), &e);
	before = weight(&second);
	for (size_t at = 0; at < whole.len; at++) {
		whole.data[at] ^= flips[at % 3];
		CHECK(file_put(stick, whole.data, whole.len));
		CHECK(!bundle_import(&second.party, stick, &stats, &e));
		CHECK(e.code == ERR_HASH || e.code == ERR_MALFORMED || e.code == ERR_TOO_LARGE ||
		      e.code == ERR_UNSUPPORTED);
		CHECK(weight(&second) == before);
		whole.data[at] ^= flips[at % 3];
	}
}

/* Sections may be taken from a bundle and put in a new one, with a hash that fits. */
static bool rebundle(const char *from, const char *to, int leave_out, uint8_t flip, struct err *e)
{
	FILE *file = fopen(from, "rb");
	AUTO_BUNDLE_READER r = { 0 };
	AUTO_BUNDLE_WRITER w = { 0 };
	struct bundle_section section;
	bool more = true, ok = file != NULL && bundle_reader_open(&r, file, e) &&
			       bundle_writer_open(&w, to, e);

	while (ok && (ok = bundle_reader_next(&r, &section, &more, e)) && more) {
		AUTO_BUF copy = { 0 };

		if ((int)section.type == leave_out)
			continue;
		buf_put(&copy, section.bytes, section.len);
		if (section.type == BUNDLE_FRAME)
			copy.data[copy.len / 2] ^= flip;
		ok = bundle_writer_put(&w, section.type, copy.data, copy.len, e);
	}
	if (file != NULL)
		fclose(file);
	return ok && bundle_writer_commit(&w, e);
}

static void a_forged_changeset_in_a_whole_bundle_is_refused(void)
{
	AUTO_NODE hub = { .lock = -1 }, second = { .lock = -1 };
	struct bundle_stats stats;
	AUTO_BUF whole = { 0 };
	int64_t n;
	struct err e;

	CHECK_OK(lay_out(&hub, &second, "forged", &whole, &e), &e);
	CHECK(unlink(stick) == 0);
	CHECK_OK(rebundle(other, stick, -1, 0x10, &e), &e);
	CHECK_OK(bundle_import(&second.party, stick, &stats, &e), &e);
	CHECK(stats.refused > 0 && stats.accepted == 0 && stats.trouble.code != ERR_OK);
	CHECK_OK(db_int(&second.db, "SELECT count(*) FROM item", -1, &n, &e), &e);
	CHECK(n == 0);
	/* Without the receipts the changes come in all the same. */
	CHECK(unlink(stick) == 0);
	CHECK_OK(rebundle(other, stick, BUNDLE_RECEIPTS, 0, &e), &e);
	CHECK_OK(bundle_import(&second.party, stick, &stats, &e), &e);
	CHECK(stats.receipts == 0);
	CHECK_OK(db_int(&second.db, "SELECT count(*) FROM item", -1, &n, &e), &e);
	CHECK(n == 1);
}

static void lengths_that_lie(void)
{
	static const uint8_t types[] = { 0, 1, 2, 3, 4, 5, 254, 255 };
	struct bundle_stats stats;
	AUTO_NODE hub = { .lock = -1 };
	struct err e;

	CHECK_OK(make(&hub, "lies", "hub", true, &e), &e);
	for (size_t i = 0; i < sizeof(types); i++) {
		uint8_t file[BUNDLE_MAGIC_LEN + 5] = BUNDLE_MAGIC;

		file[BUNDLE_MAGIC_LEN] = types[i];
		memset(file + BUNDLE_MAGIC_LEN + 1, 0xff, 4);
		CHECK(file_put(stick, file, sizeof(file)));
		CHECK(!bundle_import(&hub.party, stick, &stats, &e));
		CHECK(e.code == ERR_TOO_LARGE || e.code == ERR_UNSUPPORTED);
	}
	CHECK(!bundle_import(&hub.party, tap_directory(), &stats, &e) && e.code == ERR_USAGE);
	CHECK(!bundle_import(&hub.party, "/nowhere/at/all", &stats, &e) && e.code == ERR_NOT_FOUND);
}

static void an_export_that_fails_leaves_nothing(void)
{
	AUTO_NODE hub = { .lock = -1 };
	struct bundle_plan all = { 0 };
	struct bundle_stats stats;
	char temporary[310];
	struct err e;

	CHECK_OK(make(&hub, "fails", "hub", true, &e), &e);
	CHECK(!bundle_export(&hub.party, &all, "/nowhere/at/all", &stats, &e) && e.code == ERR_NOT_FOUND);
	{
		AUTO_BUNDLE_WRITER w = { 0 };

		CHECK_OK(bundle_writer_open(&w, stick, &e) && bundle_writer_put(&w, BUNDLE_INFO, "{}", 2, &e),
			 &e);
	}
	snprintf(temporary, sizeof(temporary), "%s.tmp", stick);
	CHECK(access(stick, F_OK) != 0 && access(temporary, F_OK) != 0);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(there_and_back), TAP(in_any_order), TAP(every_cut_is_refused_whole),
		TAP(every_altered_byte_is_refused_whole),
		TAP(a_forged_changeset_in_a_whole_bundle_is_refused), TAP(lengths_that_lie),
		TAP(an_export_that_fails_leaves_nothing),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
