/*
 * sim.c - a hub and its nodes, a bad network, crashes, wrong clocks; then peace, and a look at everything.
 *
 *	build/test/sim/sim		the normal run
 *	SEEDS=1000 build/test/sim/sim	a longer one
 *	build/test/sim/sim 17		one seed again, told step by step
 *
 * Nothing but the seed decides what happens.  Each seed runs twice, and both runs must leave the same
 * trace: a hash over every message and every final state.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/memory.h"
#include "audit.h"
#include "cluster.h"
#include "merge/apply.h"
#include "simpul/hlc.h"
#include "store/tables.h"
#include "tap.h"

#define STEPS 60
#define KEYS 5
#define RECORDS 24
#define TOKENS 4000
#define YEAR_MS (INT64_C(365) * 86400 * 1000)

enum plant {
	PLANT_NONE,
	PLANT_EARLY_ANSWER, /* the hub answers before it commits */
	PLANT_CURSOR_FIRST, /* a node moves its cursor before it has the frames */
	PLANT_MERGE_FIRST,  /* a node merges before it seals what its programs wrote */
};

struct record { /* a request that somebody kept, to send it again */
	unsigned from, to;
	char method[8];
	char url[MESSAGE_URI_MAX];
	struct http_fields fields;
	struct buf body;
};

struct token { /* a value that a program wrote; unique in the run */
	char text[20];
	unsigned member;
	bool sealed; /* it stood in the table when the log was empty: it must be on a chain */
	bool standing;
};

struct sim {
	struct cluster cluster;
	uint64_t seed, random;
	enum plant plant;
	bool verbose, peace;
	struct hash trace;
	bool cut[CLUSTER_MEMBERS][CLUSTER_MEMBERS];
	struct record record[RECORDS];
	unsigned records;
	struct token *token;
	unsigned tokens;
	uint64_t peak_ms[CLUSTER_MEMBERS]; /* the latest time that a clock has shown */
	struct {
		unsigned calls, dropped, doubled, replayed, crashes, rounds, failed, writes;
	} count;
	struct err problem;
};

static uint64_t any(struct sim *s, uint64_t below)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return s->random % below;
}

static bool chance(struct sim *s, unsigned percent)
{
	return any(s, 100) < percent;
}

static void PRINTF_LIKE(2, 3) tell(struct sim *s, const char *fmt, ...)
{
	va_list ap;

	if (!s->verbose)
		return;
	printf("# %9.1f s  ", (double)(s->cluster.now_ms - CLUSTER_EPOCH_MS) / 1000);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

static void trace(struct sim *s, const void *bytes, size_t len)
{
	struct bytes parts[] = { { s->trace.bytes, sizeof(s->trace.bytes) }, { bytes, len } };

	crypto_sha256_parts(parts, 2, &s->trace);
}

static void note_clock(struct sim *s, const struct member *m)
{
	uint64_t now_ms = s->cluster.now_ms + (uint64_t)m->skew_ms;

	if (now_ms > s->peak_ms[m->no])
		s->peak_ms[m->no] = now_ms;
}

/* Programs of the office: small statements on few keys, so that offices meet. */

static const char *new_token(struct sim *s, unsigned member)
{
	struct token *t = &s->token[s->tokens < TOKENS - 1 ? s->tokens++ : TOKENS - 1];

	*t = (struct token){ .member = member };
	snprintf(t->text, sizeof(t->text), "v%u.%u", member, s->tokens);
	return t->text;
}

static void write_plan(struct sim *s, struct member *m, struct buf *sql)
{
	unsigned id = (unsigned)any(s, KEYS), other = (unsigned)any(s, KEYS);
	const char *a = new_token(s, m->no), *b = new_token(s, m->no);

	switch (any(s, 8)) {
	case 0:
	case 1:
		buf_print(sql, "INSERT OR REPLACE INTO plan VALUES('p%u', '%s', %u, '%s');", id, a,
			  (unsigned)any(s, 100), b);
		break;
	case 2:
		buf_print(sql, "INSERT OR IGNORE INTO plan(id, title) VALUES('p%u', '%s');", id, a);
		break;
	case 3:
		buf_print(sql, "UPDATE plan SET title = '%s' WHERE id = 'p%u';", a, id);
		break;
	case 4:
		buf_print(sql, "UPDATE plan SET note = '%s', amount = %u;", b, (unsigned)any(s, 9));
		break;
	case 5:
		buf_print(sql, "DELETE FROM plan WHERE id = 'p%u';", id);
		break;
	case 6:
		buf_print(sql, "UPDATE OR IGNORE plan SET id = 'p%u' WHERE id = 'p%u';", id, other);
		break;
	default:
		buf_print(sql, "INSERT INTO plan(id, note) VALUES('p%u', '%s') ON CONFLICT(id) DO UPDATE"
			       " SET note = excluded.note;", id, b);
	}
}

static void write_visit(struct sim *s, struct member *m, struct buf *sql)
{
	unsigned place = (unsigned)any(s, 3), day = (unsigned)any(s, 3);
	const char *who = new_token(s, m->no);

	switch (any(s, 4)) {
	case 0:
		buf_print(sql, "DELETE FROM visit WHERE place = 'x%u' AND day = %u;", place, day);
		break;
	case 1:
		buf_print(sql, "UPDATE OR REPLACE visit SET day = %u WHERE place = 'x%u';", day, place);
		break;
	default:
		buf_print(sql, "INSERT OR REPLACE INTO visit VALUES('x%u', %u, '%s');", place, day, who);
	}
}

/* A text of five lines, a choice, a counter. */
static void write_memo(struct sim *s, struct buf *sql)
{
	unsigned id = (unsigned)any(s, 2), n = (unsigned)any(s, 5), value = (unsigned)any(s, 100);

	switch (any(s, 8)) {
	case 0:
		buf_print(sql, "DELETE FROM memo WHERE id = 'm%u';", id);
		break;
	case 1:
		buf_print(sql, "INSERT OR REPLACE INTO memo(id, stock) VALUES('m%u', %u);", id, value);
		break;
	case 2:
		buf_print(sql, "UPDATE memo SET pick = %u WHERE id = 'm%u';", n, id);
		break;
	case 3:
	case 4:
		buf_print(sql, "UPDATE memo SET note = replace(note, '%c', '%u' || char(97 + %u)) WHERE id ="
			       " 'm%u';", 'a' + (int)n, value, n, id);
		break;
	case 5:
		buf_print(sql, "INSERT OR IGNORE INTO memo(id, note) VALUES('m%u', 'a' || char(10) || 'b' ||"
			       " char(10) || 'c' || char(10) || 'd' || char(10) || 'e');", id);
		break;
	default:
		buf_print(sql, "UPDATE memo SET stock = stock + %u - 50 WHERE id = 'm%u';", value, id);
	}
}

/* Marks which of the member's tokens stand in its tables. */
static bool look_at_tokens(struct sim *s, struct member *m, struct err *e)
{
	static const char find[] = "SELECT 1 FROM plan WHERE title = ?1 OR note = ?1 UNION ALL"
				   " SELECT 1 FROM visit WHERE who = ?1";

	for (unsigned i = 0; i < s->tokens; i++) {
		struct token *t = &s->token[i];
		AUTO_RESET q = { 0 };

		if (t->member != m->no || t->sealed)
			continue;
		if (!db_statement(&m->app, find, &q, e))
			return false;
		stmt_text(&q, 1, t->text);
		if (!stmt_row(&q, &t->standing, e))
			return false;
	}
	return true;
}

/* With nothing in the log, all that stood after the last write is sealed now. */
static bool promote_tokens(struct sim *s, struct member *m, struct err *e)
{
	int64_t hints;

	if (!db_int(&m->app, "SELECT count(*) FROM simpul_log", 0, &hints, e))
		return false;
	for (unsigned i = 0; hints == 0 && i < s->tokens; i++)
		if (s->token[i].member == m->no && s->token[i].standing)
			s->token[i].sealed = true;
	return true;
}

static bool office_writes(struct sim *s, struct member *m, struct err *e)
{
	AUTO_BUF sql = { 0 };

	if (!promote_tokens(s, m, e))
		return false;
	buf_text(&sql, "BEGIN IMMEDIATE;");
	for (uint64_t n = 1 + any(s, 3); n > 0; n--)
		if (chance(s, 30))
			write_memo(s, &sql);
		else if (chance(s, 65))
			write_plan(s, m, &sql);
		else
			write_visit(s, m, &sql);
	buf_text(&sql, "COMMIT");
	tell(s, "%s writes %s", m->name, buf_string(&sql));
	s->count.writes++;
	return cluster_write(m, buf_string(&sql), e) && look_at_tokens(s, m, e);
}

/* The network. */

static void record_done(struct record *r)
{
	http_fields_done(&r->fields);
	buf_done(&r->body);
	*r = (struct record){ 0 };
}

static void keep_record(struct sim *s, const struct member *from, const struct member *to,
			const struct transport_call *call)
{
	struct record *r = &s->record[s->records++ % RECORDS];

	record_done(r);
	r->from = from->no;
	r->to = to->no;
	snprintf(r->method, sizeof(r->method), "%s", call->method);
	snprintf(r->url, sizeof(r->url), "%s", call->url);
	for (size_t i = 0; call->fields != NULL && i < call->fields->n; i++)
		if (!http_fields_put(&r->fields, call->fields->at[i].name, call->fields->at[i].value))
			return;
	buf_put(&r->body, call->body.data, call->body.len);
}

static bool revive(struct sim *s, struct member *m, struct err *e)
{
	if (!m->dead)
		return true;
	tell(s, "%s died and starts again", m->name);
	s->count.crashes++;
	return cluster_restart(m, e);
}

static bool plant_cursor(struct member *from, const struct http_response *ret)
{
	const char *cursor = http_response_header(ret, "Simpul-Cursor");
	AUTO_BUF sql = { 0 };
	struct err ignored;

	if (cursor == NULL)
		return true;
	buf_print(&sql, "UPDATE simpul_peer SET cursor = %s WHERE is_hub", cursor);
	return db_exec(&from->db, buf_string(&sql), &ignored);
}

/* Takes the feed in and merges it at once, although the office's programs have written meanwhile. */
static bool plant_merge(struct member *from, const struct http_response *ret, struct err *e)
{
	const uint8_t *at = ret->body.data, *end = at + ret->body.len;
	const struct catalog *catalog;
	struct apply_stats stats;
	AUTO_TXN txn = { 0 };
	bool more = true;

	if (strcmp(ret->content_type, FEED_TYPE) != 0)
		return true;
	if (!party_catalog(&from->party, &catalog, e) || !txn_begin(&txn, &from->db, e))
		return false;
	while (more) {
		struct inbox_result result;
		struct feed_entry entry;

		if (!feed_next(&at, end, &entry, &more, e) ||
		    (more && !party_accept(&from->party, entry.frame, entry.len, &result, e)))
			return false;
	}
	return apply_ready(&from->db, catalog, &from->world, &stats, e) && txn_commit(&txn, e);
}

static bool network(struct cluster *c, struct member *from, struct member *to,
		    const struct transport_call *call, struct http_response *ret, struct err *e)
{
	struct sim *s = c->arg;
	unsigned fate = s->peace ? 99 : (unsigned)any(s, 100);
	bool ok, feed = strstr(call->url, "/v1/changesets?") != NULL;

	s->count.calls++;
	c->now_ms += 20 + any(s, 3000);
	note_clock(s, from);
	note_clock(s, to);
	trace(s, call->url, strlen(call->url));
	trace(s, call->body.data, call->body.len);
	if (s->cut[from->no][to->no])
		return err_set(e, ERR_NETWORK, "%s is cut off from %s", from->name, to->name);
	keep_record(s, from, to, call);
	if (fate < 4) {
		s->count.dropped++;
		tell(s, "%s -> %s: %s %s is lost", from->name, to->name, call->method, call->url);
		return err_set(e, ERR_NETWORK, "request lost");
	}
	ok = cluster_deliver(from, to, call, ret, e);
	if (to->dead) {
		struct err why;

		if (!revive(s, to, &why))
			s->problem = why;
		http_response_done(ret);
		return err_set(e, ERR_NETWORK, "%s crashed", to->name);
	}
	tell(s, "%s -> %s: %s %s (%zu bytes) = %d %s", from->name, to->name, call->method, call->url,
	     call->body.len, ret->status, ret->status >= 300 ? buf_string(&ret->body) : "");
	if (fate < 8 && ok) { /* twice: the second answer is what arrives */
		s->count.doubled++;
		ok = cluster_deliver(from, to, call, ret, e);
		tell(s, "... and again = %d", ret->status);
		if (to->dead && !revive(s, to, &s->problem))
			return false;
	} else if (fate < 14) {
		s->count.dropped++;
		tell(s, "... the answer is lost");
		http_response_done(ret);
		return err_set(e, ERR_NETWORK, "answer lost");
	}
	if (ok)
		trace(s, ret->body.data, ret->body.len);
	/* Programs do not wait for the network. */
	if (!s->peace && chance(s, 15) && from->no != 0 && !office_writes(s, from, &s->problem))
		return err_set(e, ERR_NETWORK, "the office could not write");
	if (ok && feed && !s->peace && s->plant == PLANT_CURSOR_FIRST)
		ok = plant_cursor(from, ret);
	if (ok && feed && s->plant == PLANT_MERGE_FIRST)
		ok = plant_merge(from, ret, e);
	return ok;
}

/* The planted hub: its answer is on the way before its commit, and it crashes now and then between. */
static void serve_early(struct member *to, const struct http_request *request,
			struct http_response *response)
{
	struct sim *s = to->cluster->arg;
	struct serve_job job = { .request = request, .response = response };
	struct party *p = &to->party;
	struct txn txn = { 0 };
	struct err e;

	if (p->hub == NULL || strcmp(request->method, "POST") != 0 || s->peace) {
		serve_alone(p, p->hub != NULL ? hub_routes() : NULL, request, response);
		return;
	}
	serve_begin(p, hub_routes(), &job);
	if (!job.done && txn_begin(&txn, p->db, &e)) {
		turn_begin(&p->turn, p->world);
		serve_write(p, &job);
		if (!party_settle(p, &e) || !p->hub->sign(p, &e))
			serve_fail(&job, &e);
		serve_finish(p, &job);
		if (chance(s, 30)) {
			txn_rollback(&txn);
			if (!cluster_restart(to, &e))
				s->problem = e;
		} else if (!txn_commit(&txn, &e)) {
			serve_fail(&job, &e);
		}
	}
	serve_done(&job);
}

static bool replay_record(struct sim *s)
{
	struct record *r = &s->record[any(s, RECORDS)];
	struct cluster *c = &s->cluster;
	struct transport_call call = { .method = r->method, .url = r->url, .fields = &r->fields,
				       .body = { r->body.data, r->body.len } };
	struct http_response ret = { 0 };
	struct err e;

	if (r->method[0] == '\0')
		return true;
	s->count.replayed++;
	if (cluster_deliver(&c->member[r->from], &c->member[r->to], &call, &ret, &e)) {
		tell(s, "an old %s %s is sent to %s again = %d", r->method, r->url,
		     c->member[r->to].name, ret.status);
		if (ret.status == 200 && strstr(r->url, "/v1/hello") == NULL &&
		    strstr(r->url, "/v1/checkpoint") == NULL)
			tell(s, "... it was taken");
	}
	http_response_done(&ret);
	return revive(s, &c->member[r->to], &s->problem);
}

/* A node sends old frames again, in any order, freshly signed: whoever relays may do that. */
static bool send_again(struct sim *s, struct member *m, struct member *to, struct err *e)
{
	struct http_fields fields = { 0 };
	struct http_response ret = { 0 };
	struct transport_call call = { .method = "POST", .fields = &fields };
	char url[64];
	AUTO_BUF body = { 0 };
	struct err ignored;

	for (unsigned i = 0; i < 8; i++) {
		AUTO_RESET q = { 0 };
		bool row;
		const void *frame;
		size_t len;

		if (!db_statement(&m->db, "SELECT frame FROM simpul_changeset ORDER BY n LIMIT 1 OFFSET ?1 %"
					  " (SELECT count(*) FROM simpul_changeset)", &q, e))
			return false;
		stmt_int(&q, 1, (int64_t)any(s, 1 << 20));
		if (!stmt_row(&q, &row, e))
			return false;
		if (!row)
			return true;
		frame = stmt_get_blob(&q, 0, &len);
		buf_put(&body, frame, len);
	}
	snprintf(url, sizeof(url), "%s/v1/changesets", to->url);
	call.url = url;
	call.body = (struct bytes){ body.data, body.len };
	if (party_sign_request(&m->party, &call, -m->skew_ms, &fields, &ignored) &&
	    cluster_deliver(m, to, &call, &ret, &ignored))
		tell(s, "%s sends 8 old changesets to %s = %d", m->name, to->name, ret.status);
	http_fields_done(&fields);
	http_response_done(&ret);
	return revive(s, to, e);
}

static void turn_clock(struct sim *s, struct member *m)
{
	static const int64_t most[] = { 2000, 300000, 3600000, 86400000, YEAR_MS, 10 * YEAR_MS };
	int64_t most_ms = most[any(s, sizeof(most) / sizeof(*most))];

	m->skew_ms = (int64_t)any(s, (uint64_t)(2 * most_ms)) - most_ms;
	note_clock(s, m);
	tell(s, "the clock of %s is now %lld s off", m->name, (long long)(m->skew_ms / 1000));
}

static bool round_of(struct sim *s, unsigned from, unsigned to, struct err *e)
{
	struct member *m = &s->cluster.member[from];
	struct err why;
	bool ok;

	s->count.rounds++;
	ok = cluster_sync(&s->cluster, from, to, &why);
	tell(s, "%s had a round with %s: %s", m->name, s->cluster.member[to].name,
	     ok ? "fine" : why.text);
	s->count.failed += !ok;
	if (s->problem.code != ERR_OK) {
		*e = s->problem;
		return false;
	}
	if (!ok && (why.code == ERR_PROOF || why.code == ERR_CORRUPT || why.code == ERR_INTERNAL) &&
	    !m->dead && !s->cluster.member[to].dead) {
		*e = why;
		return err_wrap(e, "%s with %s", m->name, s->cluster.member[to].name);
	}
	return revive(s, m, e) && promote_tokens(s, m, e);
}

static bool step(struct sim *s, struct err *e)
{
	struct cluster *c = &s->cluster;
	unsigned from = 1 + (unsigned)any(s, c->members - 1), to = (unsigned)any(s, c->members);
	struct member *m = &c->member[from];
	uint64_t what = any(s, 100);

	c->now_ms += any(s, 60000);
	note_clock(s, m);
	if (what < 35)
		return office_writes(s, m, e);
	if (what < 65)
		return round_of(s, from, 0, e);
	if (what < 75)
		return to == from || to == 0 || round_of(s, from, to, e);
	if (what < 80) { /* somebody dies within the next few steps */
		struct member *who = &c->member[any(s, c->members)];

		who->crash_in = 1 + (unsigned)any(s, 12);
		tell(s, "%s will die in %u steps", who->name, who->crash_in);
		return true;
	}
	if (what < 84) {
		bool cut = chance(s, 50);

		tell(s, "%s and %s are %s", m->name, c->member[to].name, cut ? "cut off" : "joined");
		s->cut[from][to] = s->cut[to][from] = cut;
		return true;
	}
	if (what < 89) {
		turn_clock(s, m);
		return true;
	}
	if (what < 95)
		return replay_record(s);
	if (to != 0 && strcmp(m->scope, c->member[to].scope) != 0)
		return true;
	return send_again(s, m, &c->member[to], e);
}

/* After the chaos. */

static bool make_peace(struct sim *s, struct err *e)
{
	struct cluster *c = &s->cluster;

	s->peace = true;
	memset(s->cut, 0, sizeof(s->cut));
	for (unsigned i = 0; i < c->members; i++)
		c->member[i].crash_in = 0;
	tell(s, "peace");
	for (unsigned turn = 0; turn < 6; turn++) {
		c->now_ms += 60000;
		for (unsigned i = 1; i < c->members; i++)
			if (!cluster_sync(c, i, 0, e) && (e->code != ERR_CLOCK || !cluster_sync(c, i, 0, e)))
				return err_wrap(e, "in peace, %s", c->member[i].name);
	}
	for (unsigned i = 0; i < c->members; i++)
		if (!promote_tokens(s, i == 0 ? &c->member[1] : &c->member[i], e) ||
		    !audit_done(&c->member[i], e))
			return false;
	return true;
}

static bool same_everywhere(struct sim *s, struct err *e)
{
	for (unsigned i = 1; i < s->cluster.members; i++) {
		struct hash digest;

		if (!audit_same(&s->cluster, i, s->verbose, &digest, e))
			return false;
		trace(s, &digest, sizeof(digest));
	}
	return true;
}

/* A node holds its own scope's and the national changesets, and nothing of others. */
static bool only_its_own(struct sim *s, struct err *e)
{
	for (unsigned i = 1; i < s->cluster.members; i++) {
		struct member *m = &s->cluster.member[i];
		AUTO_BUF sql = { 0 };

		for (unsigned k = 1; k < s->cluster.members; k++)
			if (strcmp(s->cluster.member[k].scope, m->scope) != 0) {
				buf_reset(&sql);
				buf_print(&sql, "SELECT count(*) FROM plan WHERE title GLOB 'v%u.*' OR"
						" note GLOB 'v%u.*'", k, k);
				if (!audit_count(m, buf_string(&sql), 0, "values of another scope", e))
					return false;
			}
	}
	return true;
}

static bool no_value_lost(struct sim *s, struct err *e)
{
	AUTO_BUF values = { 0 };

	if (!audit_values(&s->cluster.member[0], &values, e))
		return false;
	for (unsigned i = 0; i < s->tokens; i++) {
		char want[32];

		snprintf(want, sizeof(want), "|%s|", s->token[i].text);
		if (s->token[i].sealed && strstr(buf_string(&values), want) == NULL)
			return err_set(e, ERR_INCOMPLETE, "the value %s of %s is on no chain",
				       s->token[i].text, s->cluster.member[s->token[i].member].name);
	}
	return true;
}

/* Nobody's clock is dragged along by others': not beyond what its own has shown, and ten minutes. */
static bool clocks_are_bounded(struct sim *s, struct err *e)
{
	for (unsigned i = 0; i < s->cluster.members; i++) {
		struct member *m = &s->cluster.member[i];
		int64_t hlc;

		if (!meta_get_int(&m->db, "hlc", 0, &hlc, e))
			return false;
		if (hlc_ms((uint64_t)hlc) > s->peak_ms[i] + LIMIT_HLC_AHEAD_MS + 1000)
			return err_set(e, ERR_CLOCK, "%s: its logical clock is %llu s ahead", m->name,
				       (unsigned long long)(hlc_ms((uint64_t)hlc) - s->peak_ms[i]) / 1000);
	}
	return true;
}

static bool look_at_all(struct sim *s, struct err *e)
{
	return make_peace(s, e) && same_everywhere(s, e) && only_its_own(s, e) &&
	       audit_log(&s->cluster, e) && audit_receipts(&s->cluster, e) && no_value_lost(s, e) &&
	       clocks_are_bounded(s, e);
}

/* Two scopes with one to three nodes each. */
static bool set_up(struct sim *s, struct err *e)
{
	struct cluster *c = &s->cluster;
	unsigned nodes = 2 + (unsigned)any(s, 3), first = 1 + (unsigned)any(s, nodes);

	if (!cluster_add(c, "hub", NULL, e))
		return false;
	for (unsigned i = 1; i <= nodes; i++) {
		const char *const names[] = { "ayu", "budi", "citra", "dewi" };

		if (!cluster_add(c, names[i - 1], i <= first ? "13.7" : "13.73", e))
			return false;
		note_clock(s, &c->member[i]);
		if (chance(s, 50))
			turn_clock(s, &c->member[i]);
		if (chance(s, 50) && !office_writes(s, &c->member[i], e))
			return false;
	}
	s->peace = true;
	for (unsigned i = 1; i <= nodes; i++)
		if (!cluster_enrol(c, i, e))
			return err_wrap(e, "enrol %s", c->member[i].name);
	s->peace = false;
	for (unsigned i = 1; i <= nodes; i++)
		for (unsigned k = 1; k <= nodes; k++)
			if (i != k && !cluster_peer(c, i, k, e))
				return false;
	return true;
}

static bool run_steps(struct sim *s, struct err *e)
{
	if (!set_up(s, e))
		return false;
	for (unsigned i = 0; i < STEPS; i++)
		if (!step(s, e))
			return err_wrap(e, "step %u", i);
	return look_at_all(s, e);
}

static bool run_seed(uint64_t seed, enum plant plant, bool verbose, struct hash *ret_trace,
		     struct err *e)
{
	struct sim *s = memory_new(sizeof(*s));
	bool ok;

	s->seed = seed;
	s->random = seed * 0x9e3779b97f4a7c15u + 0x1234567;
	s->plant = plant;
	s->verbose = verbose;
	s->token = memory_new(TOKENS * sizeof(*s->token));
	cluster_begin(&s->cluster, seed);
	s->cluster.call = network;
	s->cluster.serve = plant == PLANT_EARLY_ANSWER ? serve_early : NULL;
	s->cluster.arg = s;
	ok = run_steps(s, e);
	if (verbose)
		printf("# %u calls, %u lost, %u doubled, %u replayed, %u crashes, %u rounds (%u failed), %u"
		       " writes\n", s->count.calls, s->count.dropped, s->count.doubled, s->count.replayed,
		       s->count.crashes, s->count.rounds, s->count.failed, s->count.writes);
	cluster_end(&s->cluster);
	for (unsigned i = 0; i < RECORDS; i++)
		record_done(&s->record[i]);
	*ret_trace = s->trace;
	memory_free(&s->token);
	memory_free(&s);
	return ok;
}

static bool twice(uint64_t seed, struct err *e)
{
	struct hash first, second;

	return run_seed(seed, PLANT_NONE, false, &first, e) &&
	       run_seed(seed, PLANT_NONE, false, &second, e) &&
	       (hash_equal(&first, &second) ||
		err_set(e, ERR_INTERNAL, "two runs of one seed differ"));
}

/* As many as fit in the time, or as many as were asked for. */
static void seeds(void)
{
	const char *asked = getenv("SEEDS");
	uint64_t n = asked == NULL ? 0 : strtoull(asked, NULL, 10), seed = 1;
	time_t end = time(NULL) + 22;
	struct err e;

	for (; n > 0 ? seed <= n : seed <= 20 || time(NULL) < end; seed++)
		if (!twice(seed, &e)) {
			tap_note("seed %llu: %s: %s", (unsigned long long)seed, err_slug(e.code), e.text);
			CHECK(!"this seed");
		}
	tap_note("%llu seeds, each twice", (unsigned long long)seed - 1);
}

static void planted(enum plant plant)
{
	struct hash trace;
	struct err e;

	for (uint64_t seed = 1; seed <= 100; seed++)
		if (!run_seed(seed, plant, false, &trace, &e)) {
			tap_note("found with seed %llu: %s", (unsigned long long)seed, e.text);
			return;
		}
	CHECK(!"the planted bug is found");
}

static void finds_an_answer_before_the_commit(void)
{
	planted(PLANT_EARLY_ANSWER);
}

static void finds_a_cursor_before_the_frames(void)
{
	planted(PLANT_CURSOR_FIRST);
}

static void finds_merging_before_sealing(void)
{
	planted(PLANT_MERGE_FIRST);
}

static int replay(const char *seed)
{
	struct hash trace;
	char hex[65];
	struct err e;

	if (!run_seed(strtoull(seed, NULL, 10), PLANT_NONE, true, &trace, &e)) {
		printf("not ok - seed %s: %s: %s\n", seed, err_slug(e.code), e.text);
		return 1;
	}
	hex_encode(trace.bytes, sizeof(trace.bytes), hex);
	printf("ok - seed %s, trace %.16s\n", seed, hex);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(seeds),
		TAP(finds_an_answer_before_the_commit),
		TAP(finds_a_cursor_before_the_frames),
		TAP(finds_merging_before_sealing),
	};

	log_set_level(LOG_ERROR);
	if (argc > 1 && isdigit((unsigned char)argv[1][0]))
		return replay(argv[1]);
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
