/*
 * background.c - running nodes in one process, over real TLS: what is written travels by itself, and no
 * long poll sleeps through news.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "background.h"
#include "base/log.h"
#include "capture/attach.h"
#include "exchange/enrol.h"
#include "exchange/https.h"
#include "exchange/sync.h"
#include "outbox/outbox.h"
#include "store/keys.h"
#include "tap.h"

#define WAIT_S 30	 /* of a poll: far longer than any news takes here */
#define PATIENCE_MS 60000 /* the end of a test that would else never end */

struct site {
	char path[256];
	struct node node;
	struct db app;
	struct engine *engine;
	struct http_server *server;
	struct background *background;
};

static void site_close(struct site *site)
{
	background_close(site->background);
	http_server_close(site->server);
	engine_close(site->engine);
	if (site->app.handle != NULL)
		db_close(&site->app);
	if (site->node.path[0] != '\0')
		node_close(&site->node);
}

#define AUTO_SITE __attribute__((cleanup(site_close))) struct site

static const char item[] = "CREATE TABLE item(id INTEGER PRIMARY KEY, text TEXT)";

static bool site_open(struct site *site, const char *name, bool hub, const char *scope, struct err *e)
{
	struct attach_request request = { .scope = scope, .world = world_real() };
	struct node_plan plan = { .name = name, .hub = hub };
	const char *tables[] = { "item" };
	AUTO_ATTACH_REPORT report = { 0 };

	snprintf(site->path, sizeof(site->path), "%s/%s.db", tap_directory(), name);
	return node_make(site->path, &plan, world_real(), e) &&
	       db_open(&site->app, site->path, DB_APP, false, e) &&
	       (scope == NULL || db_exec(&site->app, item, e)) &&
	       node_open(&site->node, site->path, world_real(), e) &&
	       (scope == NULL || attach_tables(&site->node.db, tables, 1, &request, &report, e));
}

/* A hub that serves; *ret_url is what it is called by. */
static bool hub_serve(struct site *hub, char url[64], struct err *e)
{
	char directory[300];
	struct http_server_config config = { .listen = "127.0.0.1:0", .tls_directory = directory,
					     .handler = engine_submit, .workers = 1 };

	if (!keys_path(hub->path, "", directory, sizeof(directory), e) ||
	    !engine_open(&hub->node, &hub->engine, e))
		return false;
	config.arg = hub->engine;
	if (!http_server_open(&config, &hub->server, e))
		return false;
	http_server_pin(hub->server, &hub->node.party.pin);
	snprintf(url, 64, "https://127.0.0.1:%u", http_server_port(hub->server));
	return true;
}

static bool enrol(struct site *hub, struct site *site, const char *scope, const char *url, struct err *e)
{
	struct invitation invitation = { .role = ROLE_WRITER };
	struct invitation_text text;
	struct https https;
	bool ok;

	snprintf(invitation.url, sizeof(invitation.url), "%s", url);
	if (!scope_parse(scope, strlen(scope), &invitation.scope, e))
		return false;
	party_lock(&hub->node.party);
	ok = hub_invite(&hub->node.party, &invitation, 3600000, &text, e);
	party_unlock(&hub->node.party);
	if (!ok || !https_open(&https, NULL, e))
		return false;
	ok = invitation_decode(text.text, strlen(text.text), &invitation, e) &&
	     enrol_at_hub(&site->node.party, &https.transport, &invitation, e);
	https_close(&https);
	return ok;
}

static void pause_us(unsigned us)
{
	struct timespec ts = { us / 1000000, (long)(us % 1000000) * 1000 };

	nanosleep(&ts, NULL);
}

/* How many rows the application sees; -1: no such table yet. */
static int64_t rows(struct site *site)
{
	struct err e;
	int64_t n;

	return db_int(&site->app, "SELECT count(*) FROM item", -1, &n, &e) ? n : -1;
}

static bool come(struct site *site, int64_t wanted)
{
	for (unsigned ms = 0; ms < PATIENCE_MS; ms += 50) {
		if (rows(site) == wanted)
			return true;
		pause_us(50000);
	}
	tap_note("%s has %lld rows, not %lld", site->path, (long long)rows(site), (long long)wanted);
	return false;
}

static void what_is_written_travels_by_itself(void)
{
	AUTO_SITE hub = { 0 };
	AUTO_SITE a = { 0 };
	AUTO_SITE b = { 0 };
	char url[64];
	struct err e;

	CHECK_OK(site_open(&hub, "pusat", true, NULL, &e) && hub_serve(&hub, url, &e), &e);
	CHECK_OK(site_open(&a, "ayu", false, "13.7", &e) && enrol(&hub, &a, "13.7", url, &e), &e);
	CHECK_OK(site_open(&b, "budi", false, "13.7", &e) && enrol(&hub, &b, "13.7", url, &e), &e);
	CHECK_OK(engine_open(&a.node, &a.engine, &e) && engine_open(&b.node, &b.engine, &e), &e);
	CHECK_OK(background_open(&hub.node, hub.engine, &hub.background, &e) &&
		 background_open(&a.node, a.engine, &a.background, &e) &&
		 background_open(&b.node, b.engine, &b.background, &e), &e);
	CHECK_OK(db_exec(&a.app, "INSERT INTO item VALUES(1, 'dari ayu')", &e), &e);
	CHECK(come(&b, 1));
	CHECK_OK(db_exec(&b.app, "INSERT INTO item VALUES(2, 'dari budi')", &e), &e);
	CHECK(come(&a, 2));
	background_tend(a.background); /* peers that are there already are not started twice */
	CHECK_OK(db_exec(&a.app, "DELETE FROM item WHERE id = 1", &e), &e);
	CHECK(come(&b, 1));
}

/* Nobody answers there: the rest goes on, and the end does not wait for the calls that are under way. */
static void a_hub_that_is_gone_keeps_nobody(void)
{
	AUTO_SITE hub = { 0 };
	AUTO_SITE a = { 0 };
	char url[64];
	int64_t hints = 1;
	struct err e;

	CHECK_OK(site_open(&hub, "hilang", true, NULL, &e) && hub_serve(&hub, url, &e), &e);
	CHECK_OK(site_open(&a, "sendiri", false, "13.7", &e) && enrol(&hub, &a, "13.7", url, &e), &e);
	http_server_close(hub.server);
	hub.server = NULL;
	CHECK_OK(engine_open(&a.node, &a.engine, &e), &e);
	CHECK_OK(background_open(&a.node, a.engine, &a.background, &e), &e);
	CHECK_OK(db_exec(&a.app, "INSERT INTO item VALUES(1, 'tanpa pusat')", &e), &e);
	for (unsigned ms = 0; ms < PATIENCE_MS && hints > 0; ms += 50) {
		pause_us(50000);
		CHECK_OK(db_int(&a.app, "SELECT (SELECT error IS NULL FROM simpul_peer)", 1, &hints, &e), &e);
	}
	CHECK(hints == 0); /* the failure is on file, for the status */
	background_close(a.background);
	a.background = NULL;
	CHECK(rows(&a) == 1);
}

#define POLLERS 3
#define ROUNDS 60

struct poller {
	struct site site;
	pthread_t thread;
	bool started;
	atomic_uint reached;	    /* news that it has */
	unsigned slept;		    /* polls that ended empty although news came */
	unsigned failed;
	struct err e;
};

static void *poll_run(void *arg)
{
	struct poller *p = arg;
	AUTO_ARENA arena = { 0 };
	struct sync_peer *peers;
	struct https https;
	struct sync sync;
	size_t n;

	if (!sync_peers(&p->site.node.party, &arena, &peers, &n, &p->e) || n != 1 ||
	    !https_open(&https, NULL, &p->e)) {
		p->failed++;
		return NULL;
	}
	sync_init(&sync, &p->site.node.party, &https.transport, &peers[0]);
	while (atomic_load(&p->reached) < ROUNDS && p->failed == 0 && p->slept == 0) {
		bool first = !sync.caught_up;

		if (!sync_wait(&sync, first ? 0 : WAIT_S, &p->e))
			p->failed++;
		else if (sync.stats.received == 0 && !first)
			p->slept++;
		else
			atomic_store(&p->reached, (unsigned)rows(&p->site));
	}
	/* Whoever waits for this one need not wait any more. */
	atomic_store(&p->reached, ROUNDS);
	https_close(&https);
	return NULL;
}

/*
 * The next news is written at the very moment when the pollers have had the last: so it falls before, into
 * and after the making of their next request, its look at the log, and its parking.
 */
static void no_poll_sleeps_through_news(void)
{
	static struct poller poller[POLLERS];
	AUTO_SITE hub = { 0 };
	AUTO_SITE a = { 0 };
	AUTO_ARENA arena = { 0 };
	struct sync_peer *peers;
	struct https https;
	struct sync sync;
	bool ok = true;
	char url[64];
	struct err e;
	size_t n;

	CHECK_OK(site_open(&hub, "warta", true, NULL, &e) && hub_serve(&hub, url, &e), &e);
	CHECK_OK(site_open(&a, "penulis", false, "13.7", &e) && enrol(&hub, &a, "13.7", url, &e), &e);
	CHECK_OK(sync_peers(&a.node.party, &arena, &peers, &n, &e) && https_open(&https, NULL, &e), &e);
	sync_init(&sync, &a.node.party, &https.transport, &peers[0]);
	for (unsigned i = 0; i < POLLERS && ok; i++) {
		char name[16];

		snprintf(name, sizeof(name), "pembaca%u", i);
		ok = site_open(&poller[i].site, name, false, "13.7", &e) &&
		     enrol(&hub, &poller[i].site, "13.7", url, &e);
		poller[i].started = ok && pthread_create(&poller[i].thread, NULL, poll_run, &poller[i]) == 0;
		ok &= poller[i].started;
	}
	for (unsigned round = 1; round <= ROUNDS && ok; round++) {
		char sql[80];

		snprintf(sql, sizeof(sql), "INSERT INTO item VALUES(%u, 'warta')", round);
		ok = db_exec(&a.app, sql, &e) && sync_send(&sync, &e);
		for (unsigned i = 0; i < POLLERS && ok; i++)
			while (atomic_load(&poller[i].reached) < round)
				pause_us(round * 37 % 500);
		pause_us(round * 971 % 3000);
	}
	https_close(&https);
	for (unsigned i = 0; i < POLLERS; i++) {
		struct poller *p = &poller[i];

		if (p->started)
			pthread_join(p->thread, NULL);
		if (p->failed > 0)
			tap_note("poller %u: %s", i, p->e.text);
		ok = ok && p->failed == 0 && p->slept == 0 && rows(&p->site) == ROUNDS;
		site_close(&p->site);
	}
	CHECK_OK(ok, &e);
}

#define CALLERS 4
#define CALLS 2000

static bool nobody_there(void *state, const struct transport_call *call, struct http_response *ret,
			 struct err *e)
{
	(void)state;
	(void)ret;
	return err_set(e, ERR_NETWORK, "%s: nobody", call->url);
}

struct caller {
	struct sync sync;
	pthread_t thread;
	unsigned wrong; /* calls that did not fail as they must */
	struct err e;
};

static void *call_run(void *arg)
{
	struct caller *c = arg;

	for (unsigned i = 0; i < CALLS && c->wrong == 0; i++) {
		bool ok = i % 2 == 0 ? sync_wait(&c->sync, 0, &c->e) : sync_send(&c->sync, &c->e);

		c->wrong += ok || c->e.code != ERR_NETWORK;
	}
	return NULL;
}

/*
 * Each call notes how it ended, through one statement on one connection: whoever let go of the lock before
 * the statement would have it reset under the next one's feet.
 */
static void threads_of_one_node_share_its_connection(void)
{
	struct transport transport = { .call = nobody_there };
	struct caller caller[CALLERS] = { 0 };
	AUTO_SITE hub = { 0 };
	AUTO_SITE a = { 0 };
	AUTO_ARENA arena = { 0 };
	struct sync_peer *peers;
	int64_t noted = 0;
	char url[64];
	struct err e;
	size_t n;

	CHECK_OK(site_open(&hub, "jauh", true, NULL, &e) && hub_serve(&hub, url, &e), &e);
	CHECK_OK(site_open(&a, "ramai", false, "13.7", &e) && enrol(&hub, &a, "13.7", url, &e), &e);
	CHECK_OK(sync_peers(&a.node.party, &arena, &peers, &n, &e), &e);
	for (unsigned i = 0; i < CALLERS; i++) {
		sync_init(&caller[i].sync, &a.node.party, &transport, &peers[0]);
		CHECK(pthread_create(&caller[i].thread, NULL, call_run, &caller[i]) == 0);
	}
	for (unsigned i = 0; i < CALLERS; i++)
		pthread_join(caller[i].thread, NULL);
	for (unsigned i = 0; i < CALLERS; i++)
		CHECK_OK(caller[i].wrong == 0, &caller[i].e);
	CHECK_OK(db_int(&a.app, "SELECT error_text LIKE '%nobody' FROM simpul_peer", 0, &noted, &e), &e);
	CHECK(noted == 1);
	CHECK_OK(db_exec(&a.app, "INSERT INTO item VALUES(1, 'masih bisa ditulis')", &e), &e);
}

struct flaky { /* the line breaks in the answer to some call: the hub has it, the node does not know */
	struct transport transport;
	struct https *https;
	int posts, breaks_at;
};

static bool flaky_call(void *state, const struct transport_call *call, struct http_response *ret,
		       struct err *e)
{
	struct flaky *f = state;

	if (!f->https->transport.call(f->https->transport.state, call, ret, e))
		return false;
	if (strcmp(call->method, "POST") != 0 || ++f->posts != f->breaks_at)
		return true;
	http_response_done(ret);
	return err_set(e, ERR_NETWORK, "the line broke");
}

#define LONG_LOG 80000 /* by the second request at most 60,000 are sealed, however fast the line */

static void a_long_log_is_sent_while_it_is_sealed(void)
{
	static const char write[] = "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 80000)"
				    " INSERT INTO item SELECT i * 7919 % 100003, 'barang ' || i FROM n";
	struct outbox_pending left = { 0 }, pending = { 0 };
	struct https https;
	struct flaky line = { .https = &https, .breaks_at = 2 };
	AUTO_SITE hub = { 0 };
	AUTO_SITE a = { 0 };
	AUTO_ARENA arena = { 0 };
	struct sync_peer *peers;
	struct sync sync;
	bool broke, ok;
	char url[64];
	struct err e;
	size_t n;

	CHECK_OK(site_open(&hub, "induk", true, NULL, &e) && hub_serve(&hub, url, &e), &e);
	CHECK_OK(site_open(&a, "gudang-barang", false, "13.7", &e) && enrol(&hub, &a, "13.7", url, &e), &e);
	CHECK_OK(db_exec(&a.app, write, &e), &e);
	CHECK_OK(sync_peers(&a.node.party, &arena, &peers, &n, &e) && https_open(&https, NULL, &e), &e);
	line.transport = (struct transport){ .call = flaky_call, .state = &line, .concurrent = true };
	sync_init(&sync, &a.node.party, &line.transport, &peers[0]);
	broke = !sync_round(&sync, &e) && e.code == ERR_NETWORK &&
		outbox_pending(&a.node.db, &left, &e) && left.hints > 0;
	ok = sync_round(&sync, &e) && outbox_pending(&a.node.db, &pending, &e);
	https_close(&https);
	CHECK(broke);
	CHECK_OK(ok, &e);
	CHECK(pending.hints == 0 && pending.unsent == 0);
	CHECK(sync.stats.held == 0 && sync.stats.refused == 0 && rows(&hub) == LONG_LOG);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(what_is_written_travels_by_itself),
		TAP(a_hub_that_is_gone_keeps_nobody),
		TAP(no_poll_sleeps_through_news),
		TAP(a_long_log_is_sent_while_it_is_sealed),
		TAP(threads_of_one_node_share_its_connection),
	};

	log_set_level(LOG_ERROR);
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
