/*
 * byzantine.c - a writer with a valid key who writes others' rows, lies about what it saw, forks and floods.
 *
 * ayu (13.7) is hostile; budi (13.7) and citra (13.73) are honest.  Each seed is another mixture of hostile
 * changesets, all correctly signed, between honest work.  In the end nothing of scope 13.73 has moved, the
 * hub goes on, the honest agree with it, and the evidence is on file.
 *
 *	build/test/sim/byzantine 17	one seed again
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit.h"
#include "author.h"
#include "base/log.h"
#include "base/memory.h"
#include "cluster.h"
#include "simpul/hlc.h"
#include "store/tables.h"
#include "tap.h"

enum { HUB, AYU, BUDI, CITRA };

#define ACTS 30
#define TEN_YEARS_MS (UINT64_C(10) * 365 * 86400 * 1000)

struct hostile {
	struct cluster region;
	struct author ayu;   /* as the hub knows its chain */
	struct author stray; /* the same key and chain, before the last change: for forks */
	bool can_fork, forked;
	uint64_t random;
	unsigned honest; /* rows that honest programs wrote */
	unsigned quarantined;
};

static uint64_t any(struct hostile *h, uint64_t below)
{
	h->random ^= h->random << 13;
	h->random ^= h->random >> 7;
	h->random ^= h->random << 17;
	return h->random % below;
}

static bool chain_of(struct member *m, const char *scope, struct author *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	const void *bytes;
	size_t len;
	bool row;

	if (!db_statement(&m->db, "SELECT id, head_seq, head_id, schema_hash FROM simpul_chain WHERE own"
				  " AND scope = ?1", &s, e))
		return false;
	stmt_text(&s, 1, scope);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "%s has no chain", m->name);
	*ret = (struct author){ .secret = m->party.secret, .key = m->party.key };
	snprintf(ret->scope.name, sizeof(ret->scope.name), "%s", scope);
	bytes = stmt_get_blob(&s, 0, &len);
	memcpy(ret->chain.bytes, bytes, sizeof(ret->chain.bytes));
	ret->seq = (uint64_t)stmt_get_int(&s, 1);
	bytes = stmt_get_blob(&s, 2, &len);
	memcpy(ret->head.bytes, bytes, sizeof(ret->head.bytes));
	bytes = stmt_get_blob(&s, 3, &len);
	if (len < sizeof(ret->schema))
		return err_set(e, ERR_NOT_FOUND, "%s announced no schema", m->name);
	memcpy(ret->schema, bytes, sizeof(ret->schema));
	return true;
}

/* Everything in the post goes to the hub, freshly signed. */
static bool deliver(struct hostile *h, const struct post *post, struct err *e)
{
	struct member *hub = &h->region.member[HUB], *ayu = &h->region.member[AYU];
	struct http_fields fields = { 0 };
	struct http_response response = { 0 };
	struct transport_call call = { .method = "POST", .url = "https://hub.test/v1/changesets",
				       .fields = &fields };
	AUTO_BUF body = { 0 };
	bool ok;

	for (size_t i = 0; i < post->n; i++)
		buf_put(&body, post->letter[i].bytes, post->letter[i].len);
	call.body = (struct bytes){ body.data, body.len };
	ok = party_sign_request(&ayu->party, &call, 0, &fields, e) &&
	     cluster_deliver(ayu, hub, &call, &response, e);
	if (ok && response.status != 200)
		ok = err_set(e, ERR_INTERNAL, "the hub said %d", response.status);
	http_fields_done(&fields);
	http_response_done(&response);
	return ok;
}

static struct value text(const char *s)
{
	return (struct value){ .type = VALUE_TEXT, .len = (uint32_t)strlen(s), .bytes = (const uint8_t *)s };
}

struct lie {
	const char *id; /* of the row in plan */
	enum change_op op;
	uint16_t table;
	uint8_t column;
	uint64_t ahead_ms;
	const struct context_pair *pair;
};

static void write_lie(struct hostile *h, struct author *by, const struct lie *lie, struct post *post)
{
	struct value value = text("hostile");
	struct change c = { .table = lie->table, .op = lie->op, .seen_own = CHANGE_SEEN_ALL, .keys = 1,
			    .columns = lie->op != CHANGE_DELETE, .column = &lie->column, .value = &value };

	c.key[0] = text(lie->id);
	c.hlc = hlc_next(0, h->region.now_ms + lie->ahead_ms);
	author_write(by, &c, 1, lie->pair, lie->pair != NULL, post);
}

/* One more changeset of the hostile chain; what a true fork would need is kept. */
static void remember(struct hostile *h)
{
	h->stray = h->ayu;
	h->can_fork = true;
}

static bool others_rows(struct hostile *h, struct post *post)
{
	const struct lie lie = { .id = any(h, 2) ? "c1" : "b1", .op = (enum change_op)any(h, 3),
				 .column = 1 };

	remember(h);
	write_lie(h, &h->ayu, &lie, post);
	return true;
}

static bool wrong_numbers(struct hostile *h, struct post *post)
{
	const struct lie lie = { .id = "x", .op = CHANGE_UPDATE, .table = any(h, 2) ? 9 : 0,
				 .column = any(h, 2) ? 77 : 0 };

	if (lie.table == 0 && lie.column != 77 && lie.column != 0)
		return true;
	remember(h);
	write_lie(h, &h->ayu, &lie, post);
	h->quarantined++;
	return true;
}

/* The context names citra's chain, which is of another scope. */
static bool foreign_context(struct hostile *h, struct post *post)
{
	struct author citra;
	struct context_pair pair;
	struct lie lie = { .id = "x", .op = CHANGE_INSERT, .column = 1, .pair = &pair };
	struct err e;

	if (!chain_of(&h->region.member[CITRA], "13.73", &citra, &e))
		return false;
	pair = (struct context_pair){ .chain = citra.chain, .seq = 1 };
	remember(h);
	write_lie(h, &h->ayu, &lie, post);
	h->quarantined++;
	return true;
}

/* The context names a changeset of budi that will never be: this one waits, and so do those behind it. */
static bool context_of_the_future(struct hostile *h, struct post *post)
{
	struct author budi, liar = h->ayu;
	struct context_pair pair;
	struct lie lie = { .id = "x", .op = CHANGE_INSERT, .column = 1, .pair = &pair };
	struct err e;

	if (!chain_of(&h->region.member[BUDI], "13.7", &budi, &e))
		return false;
	pair = (struct context_pair){ .chain = budi.chain, .seq = 1000000 };
	write_lie(h, &liar, &lie, post);
	lie.pair = NULL;
	write_lie(h, &liar, &lie, post);
	return true; /* what waits is no fork: the chain may go on from before it, as it does here */
}

static bool far_future(struct hostile *h, struct post *post)
{
	const struct lie lie = { .id = "future", .op = CHANGE_INSERT, .column = 1, .ahead_ms = TEN_YEARS_MS };

	remember(h);
	write_lie(h, &h->ayu, &lie, post);
	return true;
}

/* A grant for everything, by somebody who is not the hub. */
static bool own_grant(struct hostile *h, struct post *post)
{
	struct author wish = h->ayu;

	snprintf(wish.scope.name, sizeof(wish.scope.name), "13.73");
	remember(h);
	author_grant(&h->ayu, &wish, ROLE_WRITER, post);
	h->quarantined++;
	return true;
}

static bool garbage(struct hostile *h, struct post *post)
{
	size_t len = 1 + any(h, any(h, 8) == 0 ? LIMIT_BODY_BYTES : 300);
	uint8_t *body = memory_new(len);

	for (size_t i = 0; i < len && i < 300; i++)
		body[i] = (uint8_t)any(h, 256);
	remember(h);
	author_seal(&h->ayu, CHANGESET_DATA, body, len, (uint32_t)any(h, 3), post);
	memory_free(&body);
	h->quarantined++;
	return true;
}

/* A schema document that this chain never announced, though others may have. */
static bool borrowed_schema(struct hostile *h, struct post *post)
{
	const struct lie lie = { .id = "x", .op = CHANGE_INSERT, .column = 1 };
	uint8_t true_one[sizeof(h->ayu.schema)];

	memcpy(true_one, h->ayu.schema, sizeof(true_one));
	h->ayu.schema[0] ^= 1;
	remember(h);
	write_lie(h, &h->ayu, &lie, post);
	memcpy(h->ayu.schema, true_one, sizeof(true_one));
	memcpy(h->stray.schema, true_one, sizeof(true_one));
	h->quarantined++;
	return true;
}

/* citra's chain, continued with ayu's key. */
static bool stolen_chain(struct hostile *h, struct post *post)
{
	struct author thief;
	const struct lie lie = { .id = "c1", .op = CHANGE_UPDATE, .column = 1 };
	struct err e;

	if (!chain_of(&h->region.member[CITRA], "13.73", &thief, &e))
		return false;
	thief.secret = h->ayu.secret;
	write_lie(h, &thief, &lie, post);
	return true;
}

static bool fork_chain(struct hostile *h, struct post *post)
{
	const struct lie lie = { .id = "fork", .op = CHANGE_INSERT, .column = 1, .ahead_ms = 1 + any(h, 99) };

	if (!h->can_fork || any(h, 3) != 0)
		return true;
	write_lie(h, &h->stray, &lie, post);
	h->forked = true;
	return true;
}

static bool hostile_act(struct hostile *h, struct err *e)
{
	static bool (*const acts[])(struct hostile *h, struct post *post) = {
		others_rows, others_rows, wrong_numbers, foreign_context, context_of_the_future,
		far_future,  own_grant,	  garbage,	 stolen_chain,	  fork_chain,
		borrowed_schema,
	};
	AUTO_POST post = { 0 };

	if (!acts[any(h, sizeof(acts) / sizeof(*acts))](h, &post))
		return err_set(e, ERR_INTERNAL, "the act could not be made up");
	return post.n == 0 || deliver(h, &post, e);
}

static bool honest_act(struct hostile *h, struct err *e)
{
	unsigned who = any(h, 2) ? BUDI : CITRA;
	char sql[200];

	snprintf(sql, sizeof(sql), "INSERT INTO plan(id, title) VALUES('h%u', '%s'); UPDATE plan SET note ="
				   " 'n%u' WHERE id = '%c1'", h->honest, h->region.member[who].name,
		 h->honest, who == BUDI ? 'b' : 'c');
	h->honest++;
	return cluster_write(&h->region.member[who], sql, e) && cluster_sync(&h->region, who, HUB, e);
}

static bool verbose;

static bool set_up(struct hostile *h, struct err *e)
{
	struct cluster *c = &h->region;

	return cluster_add(c, "hub", NULL, e) && cluster_add(c, "ayu", "13.7", e) &&
	       cluster_add(c, "budi", "13.7", e) && cluster_add(c, "citra", "13.73", e) &&
	       cluster_enrol(c, AYU, e) && cluster_enrol(c, BUDI, e) && cluster_enrol(c, CITRA, e) &&
	       cluster_write(&c->member[AYU], "INSERT INTO plan(id, title) VALUES('a1', 'ayu')", e) &&
	       cluster_write(&c->member[BUDI], "INSERT INTO plan(id, title) VALUES('b1', 'budi')", e) &&
	       cluster_write(&c->member[CITRA], "INSERT INTO plan(id, title) VALUES('c1', 'citra')", e) &&
	       cluster_settle(c, e) && chain_of(&c->member[AYU], "13.7", &h->ayu, e);
}

/* The honest agree with the hub; nothing hostile is where it may not be; what happened can be seen. */
static bool look(struct hostile *h, struct err *e)
{
	struct cluster *c = &h->region;
	struct member *hub = &c->member[HUB];
	struct hash digest;
	int64_t hlc;

	for (int i = 0; i < 2; i++)
		if (!cluster_sync(c, BUDI, HUB, e) || !cluster_sync(c, CITRA, HUB, e))
			return false;
	if (!audit_same(c, CITRA, verbose, &digest, e) ||
	    !audit_same(c, BUDI, verbose, &digest, e) ||
	    !audit_log(c, e) || !audit_filed(c, e) || !audit_done(&c->member[CITRA], e))
		return false;
	if (!audit_count(&c->member[CITRA], "SELECT count(*) FROM plan WHERE title NOT IN ('citra')", 0,
			 "rows that are not citra's", e) ||
	    !audit_count(hub, "SELECT count(*) FROM plan WHERE simpul_scope = '13.73' AND title <> 'citra'",
			 0, "rows of 13.73 that are not citra's", e) ||
	    (!h->forked && !audit_count(hub, "SELECT count(*) FROM simpul_changeset WHERE state = 2",
					h->quarantined, "quarantined, not as many as broke a rule", e)) ||
	    !audit_count(hub, "SELECT count(*) FROM simpul_grant", 3, "grants, not 3", e) ||
	    !audit_count(hub, "SELECT count(*) FROM simpul_chain WHERE frozen", h->forked, "chains frozen",
			 e) ||
	    !audit_count(hub, "SELECT count(*) > 0 FROM simpul_held WHERE missing = 'fork'", h->forked,
			 "forks on file", e))
		return false;
	if (!meta_get_int(&c->member[BUDI].db, "hlc", 0, &hlc, e))
		return false;
	if (hlc_ms((uint64_t)hlc) > c->now_ms + LIMIT_HLC_AHEAD_MS)
		return err_set(e, ERR_CLOCK, "budi's clock was dragged along");
	return true;
}

static bool run_seed(uint64_t seed, unsigned *ret_quarantined, struct err *e)
{
	struct hostile *h = memory_new(sizeof(*h));
	bool ok;

	h->random = seed * 0x9e3779b97f4a7c15u + 99;
	cluster_begin(&h->region, seed);
	ok = set_up(h, e);
	for (unsigned i = 0; ok && i < ACTS; i++) {
		h->region.now_ms += any(h, 30000);
		ok = any(h, 3) == 0 ? honest_act(h, e) : hostile_act(h, e);
		if (!ok)
			err_wrap(e, "act %u", i);
	}
	ok = ok && look(h, e);
	*ret_quarantined = h->quarantined;
	cluster_end(&h->region);
	memory_free(&h);
	return ok;
}

static void hostile_writers(void)
{
	const char *asked = getenv("SEEDS");
	uint64_t n = asked == NULL ? 0 : strtoull(asked, NULL, 10), seed = 1;
	time_t end = time(NULL) + 8;
	unsigned quarantined, all = 0;
	struct err e;

	for (; n > 0 ? seed <= n : seed <= 5 || time(NULL) < end; seed++) {
		if (!run_seed(seed, &quarantined, &e)) {
			tap_note("seed %llu: %s: %s", (unsigned long long)seed, err_slug(e.code), e.text);
			CHECK(!"this seed");
		}
		all += quarantined;
	}
	tap_note("%llu seeds, %u changesets that break the rules", (unsigned long long)seed - 1, all);
	CHECK(all > 0);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = { TAP(hostile_writers) };
	unsigned quarantined;
	struct err e;

	log_set_level(LOG_ERROR);
	if (argc > 1 && isdigit((unsigned char)argv[1][0])) {
		bool ok;

		verbose = true;
		ok = run_seed(strtoull(argv[1], NULL, 10), &quarantined, &e);

		printf("%s - seed %s%s%s\n", ok ? "ok" : "not ok", argv[1], ok ? "" : ": ", ok ? "" : e.text);
		return !ok;
	}
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
