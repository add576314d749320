/* cluster.c - see cluster.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture/attach.h"
#include "capture/repair.h"
#include "cluster.h"
#include "exchange/enrol.h"
#include "outbox/outbox.h"
#include "store/adopt.h"
#include "store/tables.h"
#include "store/version.h"
#include "tap.h"

const char cluster_sql[] =
	"CREATE TABLE plan(id TEXT PRIMARY KEY, title, amount, note);"
	"CREATE TABLE visit(place TEXT, day INT, who, PRIMARY KEY(place, day)) WITHOUT ROWID;"
	"CREATE TABLE memo(id TEXT PRIMARY KEY, note TEXT, pick TEXT DEFAULT 'open', stock INTEGER);";

static const char *const tables[] = { "plan", "visit", "memo" };

/* memo: a text, a choice and a counter. */
static bool file_rules(struct db *db, struct err *e)
{
	struct schema_rules rules = { .state = -1 };
	struct schema_column columns[] = {
		{ .name = { "id", 2 }, .type = { "TEXT", 4 } },
		{ .name = { "note", 4 }, .type = { "TEXT", 4 }, .policy = POLICY_TEXT },
		{ .name = { "pick", 4 }, .type = { "TEXT", 4 }, .policy = POLICY_MANUAL },
		{ .name = { "stock", 5 }, .type = { "INTEGER", 7 }, .policy = POLICY_COUNTER },
	};
	const struct schema_table memo = { .name = { "memo", 4 }, .columns = 4, .keys = 1, .key = { 0 },
					   .column = columns, .rules = &rules };

	return adopt_file(db, &memo, e);
}

/* Whose clock SQLite tells; one thread, so one at a time. */
static const struct world *telling;
static sqlite3_vfs clock_vfs;

static int vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *ret)
{
	(void)vfs;
	*ret = 210866760000000 + (sqlite3_int64)(telling == NULL ? CLUSTER_EPOCH_MS :
								   world_now_ms(telling));
	return SQLITE_OK;
}

/* A harness with a VFS of its own has set it; triggers then tell the real time. */
static void use_clock_vfs(const char *base)
{
	if (base != NULL)
		return;
	if (clock_vfs.zName == NULL) {
		clock_vfs = *sqlite3_vfs_find(NULL);
		clock_vfs.zName = "cluster";
		clock_vfs.xCurrentTimeInt64 = vfs_time;
		sqlite3_vfs_register(&clock_vfs, 0);
	}
	db_set_vfs("cluster", NULL);
}

static uint64_t member_now_ms(void *state)
{
	struct member *m = state;

	return m->cluster->now_ms + (uint64_t)m->skew_ms;
}

static uint64_t member_monotonic_ms(void *state)
{
	return ((struct member *)state)->cluster->now_ms;
}

static void member_random(void *state, void *ret_bytes, size_t len)
{
	struct member *m = state;
	uint8_t *p = ret_bytes;

	for (size_t i = 0; i < len; i++) {
		m->random = m->random * 6364136223846793005u + 1442695040888963407u;
		p[i] = (uint8_t)(m->random >> 33);
	}
}

bool cluster_step(struct member *m)
{
	if (m->crash_in > 0 && --m->crash_in == 0)
		m->dead = true;
	return !m->dead;
}

/* Not zero: the commit becomes a rollback. */
static int on_commit(void *arg)
{
	return !cluster_step(arg);
}

void cluster_begin(struct cluster *c, uint64_t seed)
{
	memset(c, 0, sizeof(*c));
	c->now_ms = CLUSTER_EPOCH_MS;
	snprintf(c->directory, sizeof(c->directory), "%s", tap_directory());
	for (unsigned i = 0; i < CLUSTER_MEMBERS; i++) {
		struct member *m = &c->member[i];

		m->cluster = c;
		m->no = i;
		m->random = seed * 31 + i * 7919 + 1;
		m->world = (struct world){ member_now_ms, member_monotonic_ms, member_random, m,
					    NULL };
	}
}

void cluster_end(struct cluster *c)
{
	for (unsigned i = 0; i < c->members; i++) {
		cluster_close(&c->member[i]);
		if (c->vfs == NULL)
			unlink(c->member[i].path);
	}
	if (c->vfs == NULL)
		db_set_vfs(NULL, NULL);
	telling = NULL;
}

bool cluster_deliver(struct member *from, struct member *to, const struct transport_call *call,
		     struct http_response *ret, struct err *e)
{
	const char *target = call->url + strlen(to->url);
	struct http_request request = { 0 };
	bool ok;

	if (!to->open || to->dead)
		return err_set(e, ERR_NETWORK, "%s does not answer", to->name);
	telling = &to->world;
	ok = http_request_init(&request, call->method, target, e) &&
	     http_fields_put(&request.fields, "Host", to->url + strlen("https://"));
	request.secure = true;
	for (size_t i = 0; ok && call->fields != NULL && i < call->fields->n; i++)
		ok = http_fields_put(&request.fields, call->fields->at[i].name,
				     call->fields->at[i].value);
	buf_put(&request.body, call->body.data, call->body.len);
	http_response_done(ret);
	if (ok) {
		if (to->cluster->serve != NULL)
			to->cluster->serve(to, &request, ret);
		else
			serve_alone(&to->party, to->party.hub != NULL ? hub_routes() : NULL, &request, ret);
	}
	http_request_done(&request);
	telling = &from->world;
	if (!cluster_step(to)) { /* it died with the answer in hand */
		http_response_done(ret);
		return err_set(e, ERR_NETWORK, "%s went away", to->name);
	}
	return ok || err_set(e, ERR_NETWORK, "the request could not be delivered");
}

static struct member *find_member(struct cluster *c, const char *url)
{
	for (unsigned i = 0; i < c->members; i++)
		if (strncmp(url, c->member[i].url, strlen(c->member[i].url)) == 0)
			return &c->member[i];
	return NULL;
}

static bool transport_call(void *state, const struct transport_call *call, struct http_response *ret,
			   struct err *e)
{
	struct member *from = state, *to = find_member(from->cluster, call->url);
	struct cluster *c = from->cluster;
	bool ok;

	if (!cluster_step(from) || to == NULL)
		return err_set(e, ERR_NETWORK, "no way to %s", call->url);
	from->transport.bytes.sent += call->body.len;
	ok = c->call != NULL ? c->call(c, from, to, call, ret, e) :
			       cluster_deliver(from, to, call, ret, e);
	telling = &from->world;
	from->transport.bytes.received += ret->body.len;
	if (!cluster_step(from))
		return err_set(e, ERR_NETWORK, "%s died while it waited", from->name);
	return ok;
}

static bool party_begin(struct member *m, struct err *e)
{
	struct party *p = &m->party;
	char hex[HEX_SIZE(32)];

	memset(p, 0, sizeof(*p));
	p->db = &m->db;
	p->world = &m->world;
	p->catalog = &m->catalog;
	p->catalog_arena = &m->arena;
	memset(p->secret.bytes, (int)(m->no + 1), sizeof(p->secret.bytes));
	crypto_public_key(&p->secret, &p->key);
	snprintf(p->name, sizeof(p->name), "%s", m->name);
	if (!meta_get_text(&m->db, "origin", p->origin, sizeof(p->origin), e) ||
	    !meta_get_text(&m->db, "hub_key", hex, sizeof(hex), e))
		return false;
	if (hex[0] != '\0' && !hex_decode(hex, strlen(hex), p->hub_key.bytes, 32))
		return err_set(e, ERR_CORRUPT, "%s: the hub's key is damaged", m->name);
	m->transport = (struct transport){ .call = transport_call, .state = m };
	return true;
}

bool cluster_open(struct member *m, struct err *e)
{
	AUTO_BUF report = { 0 };

	use_clock_vfs(m->cluster->vfs);
	telling = &m->world;
	memset(m->greeted, 0, sizeof(m->greeted));
	m->crash_in = 0;
	m->dead = false;
	m->open = true;
	arena_init(&m->arena);
	if (!db_open(&m->db, m->path, DB_NODE, false, e) ||
	    !db_open(&m->app, m->path, DB_APP, false, e) || !party_begin(m, e) ||
	    !repair_run(&m->db, &m->world, &report, e) ||
	    (m->scope[0] == '\0' && !hub_open(&m->hub, &m->party, e)))
		return false;
	sqlite3_commit_hook(m->db.handle, on_commit, m);
	return true;
}

void cluster_close(struct member *m)
{
	if (!m->open)
		return;
	if (m->hub.party != NULL)
		hub_close(&m->hub);
	memset(&m->hub, 0, sizeof(m->hub));
	party_close(&m->party);
	if (m->app.handle != NULL)
		db_close(&m->app);
	if (m->db.handle != NULL)
		db_close(&m->db);
	arena_done(&m->arena);
	m->open = false;
}

bool cluster_restart(struct member *m, struct err *e)
{
	cluster_close(m);
	return cluster_open(m, e);
}

static bool make_hub(struct member *m, struct db *db, struct err *e)
{
	struct secret_key secret;
	struct public_key key;
	struct outbox_author author = { .key = &secret, .world = &m->world, .name = m->name };
	struct scope national = { SCOPE_NATIONAL };
	char hex[HEX_SIZE(32)];
	int64_t no;

	memset(secret.bytes, (int)(m->no + 1), sizeof(secret.bytes));
	crypto_public_key(&secret, &key);
	hex_encode(key.bytes, sizeof(key.bytes), hex);
	return meta_put_text(db, "hub_key", hex, e) && meta_put_text(db, "origin", "hub/1", e) &&
	       outbox_open_chain(db, &author, &national, NULL, &no, e) &&
	       db_exec(db, "UPDATE simpul_chain SET role = 5", e);
}

static bool make_node(struct member *m, struct db *db, struct err *e)
{
	struct attach_request request = { .scope = m->scope, .world = &m->world };
	AUTO_ATTACH_REPORT report = { 0 };

	return db_exec(db, cluster_sql, e) && attach_tables(db, tables, 3, &request, &report, e);
}

bool cluster_add(struct cluster *c, const char *name, const char *scope, struct err *e)
{
	struct member *m = &c->member[c->members++];
	AUTO_DB db = { 0 };
	AUTO_TXN txn = { 0 };

	snprintf(m->name, sizeof(m->name), "%s", name);
	snprintf(m->path, sizeof(m->path), "%s/%s.db", c->directory, name);
	snprintf(m->url, sizeof(m->url), "https://%s.test", name);
	snprintf(m->scope, sizeof(m->scope), "%s", scope == NULL ? "" : scope);
	if (c->vfs == NULL)
		unlink(m->path);
	use_clock_vfs(c->vfs);
	telling = &m->world;
	return db_open(&db, m->path, DB_NODE, true, e) && txn_begin(&txn, &db, e) &&
	       tables_create(&db, e) && meta_put_text(&db, "role", scope == NULL ? "hub" : "node", e) &&
	       (scope == NULL ? make_hub(m, &db, e) : make_node(m, &db, e)) && file_rules(&db, e) &&
	       txn_commit(&txn, e) &&
	       cluster_open(m, e);
}

bool cluster_enrol(struct cluster *c, unsigned no, struct err *e)
{
	return cluster_enrol_as(c, no, ROLE_WRITER, e);
}

bool cluster_enrol_as(struct cluster *c, unsigned no, enum role role, struct err *e)
{
	struct member *hub = &c->member[0], *m = &c->member[no];
	struct invitation invitation = { .role = (uint8_t)role };
	struct invitation_text text;

	telling = &hub->world;
	snprintf(invitation.url, sizeof(invitation.url), "%s", hub->url);
	if (!scope_parse(m->scope, strlen(m->scope), &invitation.scope, e) ||
	    !hub_invite(&hub->party, &invitation, 86400000, &text, e) ||
	    !invitation_decode(text.text, strlen(text.text), &invitation, e))
		return false;
	telling = &m->world;
	return enrol_at_hub(&m->party, &m->transport, &invitation, e);
}

bool cluster_peer(struct cluster *c, unsigned from, unsigned to, struct err *e)
{
	struct member *m = &c->member[from];
	AUTO_RESET s = { 0 };

	if (!db_statement(&m->db, "INSERT INTO simpul_peer(no, url) VALUES(?1, ?2)", &s, e))
		return false;
	stmt_int(&s, 1, to + 1);
	stmt_text(&s, 2, c->member[to].url);
	return stmt_done(&s, e);
}

/* The peer as the file has it; no = 1 is the hub, others stand at their number + 1. */
static bool greet(struct member *m, unsigned to, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	struct sync_peer *peers;
	size_t n;

	if (!sync_peers(&m->party, &arena, &peers, &n, e))
		return false;
	for (size_t i = 0; i < n; i++)
		if (peers[i].no == (int64_t)to + 1) {
			sync_init(&m->sync[to], &m->party, &m->transport, &peers[i]);
			m->greeted[to] = true;
			return true;
		}
	return err_set(e, ERR_NOT_FOUND, "%s does not know %s", m->name, m->cluster->member[to].name);
}

bool cluster_sync(struct cluster *c, unsigned from, unsigned to, struct err *e)
{
	struct member *m = &c->member[from];

	telling = &m->world;
	return (m->greeted[to] || greet(m, to, e)) && sync_round(&m->sync[to], e);
}

bool cluster_settle(struct cluster *c, struct err *e)
{
	for (unsigned turn = 0; turn < 2; turn++)
		for (unsigned i = 1; i < c->members; i++)
			if (!cluster_sync(c, i, 0, e))
				return err_wrap(e, "%s", c->member[i].name);
	return true;
}

bool cluster_write(struct member *m, const char *sql, struct err *e)
{
	const struct world *before = telling;
	bool ok;

	telling = &m->world;
	ok = db_exec(&m->app, sql, e);
	telling = before;
	return ok;
}

static void put_value(struct buf *out, struct value v)
{
	char hex[3];

	switch (v.type) {
	case VALUE_NULL:
		buf_text(out, "null");
		return;
	case VALUE_INT:
		buf_print(out, "%lld", (long long)v.integer);
		return;
	case VALUE_REAL:
		buf_print(out, "%.17g", v.real);
		return;
	default:
		buf_print(out, "%d:", (int)v.type);
		for (uint32_t i = 0; i < v.len; i++) {
			hex_encode(v.bytes + i, 1, hex);
			buf_text(out, v.bytes[i] >= ' ' && v.bytes[i] < 127 ?
					      (char[]){ (char)v.bytes[i], '\0' } : hex);
		}
	}
}

static bool put_query(struct db *db, const char *sql, const char *scope, struct buf *out, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row;

	if (!db_prepare(db, sql, &s, e))
		return false;
	if (sqlite3_bind_parameter_count(s.handle) > 0)
		stmt_text(&s, 1, scope);
	for (;;) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		for (int i = 0; i < sqlite3_column_count(s.handle); i++) {
			put_value(out, stmt_get_value(&s, i));
			buf_text(out, i + 1 < sqlite3_column_count(s.handle) ? " " : "\n");
		}
	}
}

static bool chain_hex(struct db *db, int64_t no, char hex[HEX_SIZE(16)], struct err *e)
{
	AUTO_RESET s = { 0 };
	const void *id;
	size_t len;
	bool row;

	if (!db_statement(db, "SELECT id FROM simpul_chain WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, no);
	if (!stmt_row(&s, &row, e))
		return false;
	id = row ? stmt_get_blob(&s, 0, &len) : "";
	hex_encode(id, row ? len : 0, hex);
	return true;
}

/* One version row as lines of text: key, state, and each standing write. */
static bool put_version(struct member *m, struct version_table *t, int64_t k, const char *scope,
			struct buf *out, struct err *e)
{
	const struct catalog_table *table = catalog_by_no(&m->catalog, t->shape.no);
	struct version_row row;
	char hex[HEX_SIZE(16)];
	AUTO_BUF line = { 0 };
	int from = table->scope_in_key;

	if (!version_at(t, k, &row, e))
		return false;
	if (strcmp(row.version.scope.name, scope) != 0)
		return true;
	buf_print(&line, "version %s", table->replicated);
	for (int i = from; i < from + table->keys; i++) {
		buf_text(&line, " ");
		put_value(&line, row.key[i]);
	}
	buf_print(&line, " %d\n", (int)row.version.state);
	for (size_t i = 0; i < row.version.n; i++) {
		const struct merge_entry *w = &row.version.entry[i];

		for (int column = 0; column < table->columns; column++) {
			int no = table->column[column].no;

			if (no < 0 || !column_set_has(&w->columns, (unsigned)no))
				continue;
			if (!chain_hex(&m->db, w->chain, hex, e))
				return false;
			buf_print(&line, "write %s", table->replicated);
			for (int key = from; key < from + table->keys; key++) {
				buf_text(&line, " ");
				put_value(&line, row.key[key]);
			}
			buf_print(&line, " %s %s %llu %llu%s\n", table->column[column].replicated, hex,
				  (unsigned long long)w->seq, (unsigned long long)w->hlc,
				  w->dead ? " dead" : "");
		}
	}
	buf_put(out, line.data, line.len);
	return true;
}

static bool put_table(struct member *m, const struct catalog_table *table, const char *scope,
		      struct buf *out, struct err *e)
{
	AUTO_VERSION versions = { 0 };
	struct version_shape shape;
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	buf_text(&sql, "SELECT ");
	buf_print(&sql, "'row', '%s'", table->name);
	for (int i = 0; i < table->columns; i++)
		buf_print(&sql, ", %s", table->column[i].name);
	buf_print(&sql, " FROM %s", table->name);
	if (table->scope_in_key)
		buf_print(&sql, " WHERE simpul_scope = ?1");
	version_shape_of(table, &shape);
	if (!put_query(&m->db, buf_string(&sql), scope, out, e) ||
	    !version_open(&versions, &m->db, &shape, e))
		return false;
	buf_reset(&sql);
	buf_print(&sql, "SELECT k FROM simpul_version_%d", table->no);
	if (!db_prepare(&m->db, buf_string(&sql), &s, e))
		return false;
	for (;;) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		if (!put_version(m, &versions, stmt_get_int(&s, 0), scope, out, e))
			return false;
	}
}

static int line_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Lines in order, so that neither local numbers nor the order of arrival matter. */
static void sort_lines(struct buf *text)
{
	AUTO_ARENA arena = { 0 };
	size_t n = 0, cap = 1;
	char *copy, *save = NULL, **line;

	arena_init(&arena);
	copy = arena_text(&arena, buf_string(text));
	for (size_t i = 0; i < text->len; i++)
		cap += text->data[i] == '\n';
	line = arena_take(&arena, cap * sizeof(*line));
	for (char *p = strtok_r(copy, "\n", &save); p != NULL; p = strtok_r(NULL, "\n", &save))
		line[n++] = p;
	qsort(line, n, sizeof(*line), line_order);
	buf_reset(text);
	for (size_t i = 0; i < n; i++)
		buf_print(text, "%s\n", line[i]);
}

bool cluster_digest(struct member *m, const char *scope, struct hash *ret, struct buf *text,
		    struct err *e)
{
	static const char siblings[] =
		"SELECT 'sibling', t.name, c.name, hex(ch.id), s.seq, s.hlc, s.value FROM simpul_sibling s"
		" JOIN simpul_table t ON t.no = s.table_no JOIN simpul_column c ON c.table_no = s.table_no"
		" AND c.no = s.column_no JOIN simpul_chain ch ON ch.no = s.chain_no"
		" WHERE s.superseded_n IS NULL AND ch.scope = ?1";
	static const char sets[] =
		"SELECT 'changeset', hex(cs.id), cs.seq, cs.state FROM simpul_changeset cs"
		" WHERE cs.scope IN ('national', ?1)";
	const struct catalog *catalog;

	buf_reset(text);
	if (!party_catalog(&m->party, &catalog, e))
		return false;
	for (int i = 0; i < catalog->tables; i++)
		if (!put_table(m, &catalog->table[i], scope, text, e))
			return false;
	if (!put_query(&m->db, siblings, scope, text, e) || !put_query(&m->db, sets, scope, text, e))
		return false;
	sort_lines(text);
	crypto_sha256(text->data, text->len, ret);
	return true;
}
