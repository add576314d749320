/*
 * identity.c - a row is known by scope, table and key: what a writer of another scope can do to it at the
 * hub, in a table that the hub made and in one of its own with a scope column.  Nothing.
 */
#include <stdio.h>
#include <string.h>

#include "author.h"
#include "base/log.h"
#include "capture/attach.h"
#include "cluster.h"
#include "tap.h"

#define VICTIM "13.73"
#define HOSTILE "13.76"

enum { HUB, CARRIER };
enum { MADE, OWN }; /* tables, as the documents number them: by name */

static struct cluster region;
static struct author victim, eve;

static void finish(int *unused)
{
	(void)unused;
	cluster_end(&region);
}

#define REGION __attribute__((cleanup(finish), unused)) int ends = 0

/* kabar, which the hub makes, and plot, which it has, each row's scope in its column wilayah. */
static const struct schema *document(void)
{
	static struct schema_column kabar[] = { { .name = { "id", 2 }, .type = { "TEXT", 4 } },
						{ .name = { "isi", 3 } } };
	static struct schema_column plot[] = { { .name = { "id", 2 }, .type = { "TEXT", 4 } },
					       { .name = { "isi", 3 } }, { .name = { "wilayah", 7 } } };
	static struct schema_table tables[] = {
		{ .name = { "kabar", 5 }, .columns = 2, .keys = 1, .key = { 0 }, .column = kabar },
		{ .name = { "plot", 4 }, .columns = 3, .keys = 1, .key = { 0 }, .column = plot },
	};
	static const struct schema schema = { .tables = 2, .table = tables };

	return &schema;
}

/* As any node may: over the wire, in a request of its own. */
static bool push(const struct post *post, struct err *e)
{
	struct member *from = &region.member[CARRIER];
	struct http_fields fields = { 0 };
	struct http_response response = { 0 };
	struct transport_call call = { .method = "POST", .url = "https://hub.test/v1/changesets",
				       .fields = &fields };
	AUTO_BUF body = { 0 };
	bool ok;

	for (size_t i = 0; i < post->n; i++)
		buf_put(&body, post->letter[i].bytes, post->letter[i].len);
	call.body = (struct bytes){ body.data, body.len };
	ok = party_sign_request(&from->party, &call, 0, &fields, e) &&
	     cluster_deliver(from, &region.member[HUB], &call, &response, e);
	if (ok && (response.status != 200 || strstr(buf_string(&response.body), "refused") != NULL ||
		   strstr(buf_string(&response.body), "held") != NULL))
		ok = err_set(e, ERR_INTERNAL, "the hub said %d: %.200s", response.status,
			     buf_string(&response.body));
	http_fields_done(&fields);
	http_response_done(&response);
	return ok;
}

static bool grant(const struct author *to, struct err *e)
{
	struct party *hub = &region.member[HUB].party;
	struct grant g = { .chain = to->chain, .key = to->key, .scope = to->scope, .role = ROLE_WRITER,
			   .name = "writer" };
	uint8_t body[GRANT_BYTES_MAX];
	AUTO_TXN txn = { 0 };
	size_t len;

	return grant_encode(&g, body, sizeof(body), &len, e) && txn_begin(&txn, hub->db, e) &&
	       party_record(hub, CHANGESET_GRANT, body, len, e) && party_settle(hub, e) &&
	       txn_commit(&txn, e) && hub->hub->sign(hub, e);
}

static struct value text(const char *s)
{
	return (struct value){ .type = VALUE_TEXT, .len = (uint32_t)strlen(s), .bytes = (const uint8_t *)s };
}

/* On key "a" of a table; wilayah NULL: not written. */
struct deed {
	uint16_t table;
	enum change_op op;
	const char *isi, *wilayah;
};

static void write_seeing(struct author *by, struct deed d, const struct context_pair *pair, struct post *post)
{
	static const uint8_t columns[] = { 1, 2 };
	struct value values[2] = { text(d.isi), text(d.wilayah == NULL ? "" : d.wilayah) };
	struct change c = { .table = d.table, .op = d.op, .seen_own = CHANGE_SEEN_ALL, .keys = 1,
			    .columns = d.op == CHANGE_DELETE ? 0 : d.wilayah == NULL ? 1 : 2,
			    .column = columns, .value = values, .hlc = (region.now_ms << 16) + by->seq };

	c.key[0] = text("a");
	author_write(by, &c, 1, pair, pair != NULL, post);
}

static void write(struct author *by, struct deed d, struct post *post)
{
	write_seeing(by, d, NULL, post);
}

static bool own_table(struct err *e)
{
	static const char *const names[] = { "plot" };
	struct member *hub = &region.member[HUB];
	struct attach_request request = { .scope_column = "wilayah", .world = &hub->world };
	AUTO_ATTACH_REPORT report = { 0 };
	AUTO_TXN txn = { 0 };

	return txn_begin(&txn, &hub->db, e) &&
	       db_exec(&hub->db, "CREATE TABLE plot(id TEXT PRIMARY KEY, isi, wilayah)", e) &&
	       attach_tables(&hub->db, names, 1, &request, &report, e) && txn_commit(&txn, e);
}

static bool begin(bool victim_first, struct err *e)
{
	AUTO_POST post = { 0 };

	cluster_begin(&region, 5);
	if (!cluster_add(&region, "hub", NULL, e) || !cluster_add(&region, "kurir", HOSTILE, e) ||
	    !cluster_enrol(&region, CARRIER, e) || !own_table(e))
		return false;
	author_begin(&victim, 21, VICTIM, &post);
	author_begin(&eve, 66, HOSTILE, &post);
	author_schema(&victim, document(), &post);
	author_schema(&eve, document(), &post);
	if (victim_first) {
		write(&victim, (struct deed){ MADE, CHANGE_INSERT, "asli", NULL }, &post);
		write(&victim, (struct deed){ OWN, CHANGE_INSERT, "asli", VICTIM }, &post);
	}
	return grant(&victim, e) && grant(&eve, e) && push(&post, e);
}

static int64_t number(const char *sql)
{
	int64_t n = -1;
	struct err e;

	if (!db_int(&region.member[HUB].db, sql, -1, &n, &e))
		tap_note("%s: %s", sql, e.text);
	return n;
}

#define MADE_STANDS                                                                                \
	"SELECT count(*) FROM kabar WHERE simpul_scope = '" VICTIM "' AND id = 'a' AND isi = 'asli'"
#define OWN_STANDS "SELECT count(*) FROM plot WHERE wilayah = '" VICTIM "' AND id = 'a' AND isi = 'asli'"
#define VOID "SELECT count(*) FROM simpul_changeset WHERE state = 2"

static bool digest(struct hash *ret, struct buf *lines, struct err *e)
{
	return cluster_digest(&region.member[HUB], VICTIM, ret, lines, e);
}

/* Every operation on the same key, in both tables, claiming a scope or none. */
static void the_same_key_in_another_scope(void)
{
	REGION;
	static const enum change_op ops[] = { CHANGE_INSERT, CHANGE_UPDATE, CHANGE_DELETE };
	struct hash before, after;
	AUTO_BUF was = { 0 };
	AUTO_BUF is = { 0 };
	struct err e;

	CHECK_OK(begin(true, &e) && digest(&before, &was, &e), &e);
	CHECK(number(MADE_STANDS) == 1 && number(OWN_STANDS) == 1 && number(VOID) == 0);
	for (unsigned table = MADE; table <= OWN; table++)
		for (unsigned op = 0; op < 3; op++) {
			AUTO_POST post = { 0 };

			region.now_ms += 1000;
			write(&eve, (struct deed){ (uint16_t)table, ops[op], "palsu", NULL }, &post);
			CHECK_OK(push(&post, &e) && digest(&after, &is, &e), &e);
			CHECK(hash_equal(&before, &after));
			CHECK(number(MADE_STANDS) == 1 && number(OWN_STANDS) == 1);
			/* What it did in its own scope took place. */
			CHECK(table == OWN || number("SELECT count(*) FROM kabar WHERE isi = 'palsu'") ==
						      (ops[op] != CHANGE_DELETE));
		}
	CHECK(number("SELECT count(*) FROM simpul_changeset WHERE state = 0") == 0);
	CHECK(number(VOID) == 0); /* in its own scope it may use any key */
}

/* Whoever says that a row is in a scope that is not its chain's: quarantined. */
static void a_scope_that_is_not_the_chains(void)
{
	REGION;
	static const enum change_op ops[] = { CHANGE_INSERT, CHANGE_UPDATE };
	struct hash before, after;
	AUTO_BUF was = { 0 };
	AUTO_BUF is = { 0 };
	struct err e;

	CHECK_OK(begin(true, &e) && digest(&before, &was, &e), &e);
	for (unsigned op = 0; op < 2; op++) {
		AUTO_POST post = { 0 };

		write(&eve, (struct deed){ OWN, ops[op], "palsu", VICTIM }, &post);
		CHECK_OK(push(&post, &e) && digest(&after, &is, &e), &e);
		CHECK(hash_equal(&before, &after));
		CHECK(number(OWN_STANDS) == 1);
		CHECK(number(VOID) == (int64_t)op + 1);
	}
}

/* To have seen the row, it would have to name its chain: quarantined, and the next one is fine again. */
static void a_context_that_covers_anothers_row(void)
{
	REGION;
	struct context_pair pair;
	struct hash before, after;
	AUTO_POST post = { 0 };
	AUTO_BUF was = { 0 };
	AUTO_BUF is = { 0 };
	struct err e;

	CHECK_OK(begin(true, &e) && digest(&before, &was, &e), &e);
	pair = (struct context_pair){ .chain = victim.chain, .seq = victim.seq };
	write_seeing(&eve, (struct deed){ MADE, CHANGE_UPDATE, "palsu", NULL }, &pair, &post);
	write_seeing(&eve, (struct deed){ MADE, CHANGE_DELETE, "", NULL }, &pair, &post);
	write(&eve, (struct deed){ MADE, CHANGE_INSERT, "sendiri", NULL }, &post);
	CHECK_OK(push(&post, &e) && digest(&after, &is, &e), &e);
	CHECK(hash_equal(&before, &after));
	CHECK(number(VOID) == 2 && number(MADE_STANDS) == 1);
	CHECK(number("SELECT count(*) FROM kabar WHERE simpul_scope = '" HOSTILE "'"
		     " AND isi = 'sendiri'") == 1);
}

/* A key taken before its owner comes: kept apart by scope; where a table has room for one, it is listed. */
static void a_key_that_was_taken_first(void)
{
	REGION;
	AUTO_POST squat = { 0 };
	AUTO_POST post = { 0 };
	struct err e;

	CHECK_OK(begin(false, &e), &e);
	write(&eve, (struct deed){ MADE, CHANGE_INSERT, "palsu", NULL }, &squat);
	write(&eve, (struct deed){ OWN, CHANGE_INSERT, "palsu", HOSTILE }, &squat);
	CHECK_OK(push(&squat, &e), &e);
	write(&victim, (struct deed){ MADE, CHANGE_INSERT, "asli", NULL }, &post);
	write(&victim, (struct deed){ OWN, CHANGE_INSERT, "asli", VICTIM }, &post);
	CHECK_OK(push(&post, &e), &e);
	CHECK(number(MADE_STANDS) == 1);
	CHECK(number("SELECT count(*) FROM kabar") == 2 && number("SELECT count(*) FROM plot") == 1);
	CHECK(number("SELECT count(*) FROM simpul_violation WHERE reason = 'key'") == 1);
	CHECK(number(VOID) == 0);
	{
		AUTO_POST gone = { 0 };

		write(&eve, (struct deed){ OWN, CHANGE_DELETE, "", NULL }, &gone);
		CHECK_OK(push(&gone, &e), &e);
	}
	CHECK(number(OWN_STANDS) == 1);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(the_same_key_in_another_scope),
		TAP(a_scope_that_is_not_the_chains),
		TAP(a_context_that_covers_anothers_row),
		TAP(a_key_that_was_taken_first),
	};

	log_set_level(LOG_ERROR);
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
