/* submission.c - the rows of sealed versions, and the changesets and receipts that carried them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/moment.h"
#include "blob/refs.h"
#include "capture/actor.h"
#include "exchange/evidence.h"
#include "exchange/proof.h"
#include "store/version.h"
#include "web/question.h"
#include "web/submission.h"

/* The columns that a row is read by, in the order of the query. */
static const char *const columns[] = { "id", "scope", "object", "code", "version", "supersedes", "sha256",
				       "at", "by", "manifest" };
enum { ID, SCOPE, OBJECT, CODE, VERSION, SUPERSEDES, SHA256, AT, BY, MANIFEST, COLUMNS };
_Static_assert(COLUMNS == sizeof(columns) / sizeof(columns[0]), "a name for each");

struct desk {
	struct party *party;
	const json_t *app;
	const struct catalog_table *table;
	struct version_table versions;
};

#define AUTO_DESK __attribute__((cleanup(desk_done))) struct desk

static void desk_done(struct desk *d)
{
	version_close(&d->versions);
}

static bool desk_open(struct desk *d, struct party *p, const json_t *app, struct err *e)
{
	const struct catalog *catalog;
	const char *name = manifest_table(app);
	struct version_shape shape;

	d->party = p;
	d->app = app;
	if (name == NULL)
		return err_set(e, ERR_NOT_FOUND, "nothing is submitted in this workspace");
	for (int i = 0; i < COLUMNS; i++)
		if (manifest_column(app, columns[i]) == NULL)
			return err_set(e, ERR_MALFORMED, "app.json: submissions: no column for \"%s\"",
				       columns[i]);
	if (!party_catalog(p, &catalog, e))
		return false;
	d->table = catalog_by_name(catalog, name);
	if (d->table == NULL)
		return err_set(e, ERR_NOT_FOUND, "table \"%s\" is not attached", name);
	version_shape_of(d->table, &shape);
	return version_open(&d->versions, p->db, &shape, e);
}

/* SELECT ... FROM table, `tail` behind it. */
static void select_sql(const struct desk *d, const char *tail, struct buf *sql)
{
	for (int i = 0; i < COLUMNS; i++) {
		buf_text(sql, i == 0 ? "SELECT " : ", ");
		sql_quote(sql, manifest_column(d->app, columns[i]));
	}
	buf_text(sql, " FROM ");
	sql_quote(sql, d->table->name);
	buf_text(sql, tail);
}

/* Which changeset carried the row; 0: it is not sealed yet.  An append-only row has one write. */
static bool changeset_of(struct desk *d, const char *scope, const char *id, int64_t *ret_n, struct err *e)
{
	struct value key[VERSION_KEYS_MAX];
	struct version version;
	AUTO_RESET s = { 0 };
	bool row;

	*ret_n = 0;
	for (int i = 0; i < d->table->keys; i++) {
		const char *name = d->table->column[d->table->key[i]].name;
		const char *text = strcmp(name, manifest_column(d->app, "scope")) == 0 ? scope :
				   strcmp(name, manifest_column(d->app, "id")) == 0    ? id : NULL;

		if (text == NULL || d->table->scope_in_key)
			return err_set(e, ERR_MALFORMED, "the key of \"%s\" is not scope and id",
				       d->table->name);
		key[i] = (struct value){ VALUE_TEXT, (uint32_t)strlen(text),
					 { .bytes = (const uint8_t *)text } };
	}
	if (!version_find(&d->versions, key, NULL, &version, e))
		return false;
	if (version.state != VERSION_ALIVE || version.n == 0)
		return true;
	if (!db_statement(d->party->db, "SELECT n FROM simpul_changeset WHERE chain_no = ?1 AND seq = ?2", &s,
			  e))
		return false;
	stmt_int(&s, 1, version.entry[0].chain);
	stmt_int(&s, 2, (int64_t)version.entry[0].seq);
	if (!stmt_row(&s, &row, e))
		return false;
	*ret_n = row ? stmt_get_int(&s, 0) : 0;
	return true;
}

static json_t *time_json(uint64_t seconds)
{
	char text[MOMENT_SIZE];

	if (seconds == 0)
		return json_null();
	moment_rfc3339(seconds * 1000, text);
	return json_string(text);
}

/* Where its changeset is: "changeset" and "sent". */
static bool sent_tell(struct desk *d, int64_t n, json_t *json, struct err *e)
{
	static const char *const sent[] = { "unsent", "sent", "receipted" };
	AUTO_RESET s = { 0 };
	const void *id;
	int64_t custody = 0;
	size_t len;
	bool row = false;

	if (!db_statement(d->party->db, "SELECT id, custody FROM simpul_changeset WHERE n = ?1", &s, e))
		return false;
	stmt_int(&s, 1, n);
	if (!stmt_row(&s, &row, e))
		return false;
	if (row) {
		id = stmt_get_blob(&s, 0, &len);
		json_put_hex(json, "changeset", id, len);
		custody = d->party->hub != NULL ? 2 : stmt_get_int(&s, 1);
	} else {
		json_object_set_new(json, "changeset", json_null());
	}
	json_object_set_new(json, "sent", json_string(sent[custody < 0 || custody > 2 ? 0 : custody]));
	return true;
}

/* By when the hub had it, and whether that was in time. */
static bool received_tell(struct desk *d, int64_t n, const struct manifest_ask *ask, json_t *json,
			  struct err *e)
{
	AUTO_JSON deadline = NULL;
	uint64_t received = 0;
	const char *how;

	if ((n > 0 && !proof_received(d->party, (uint64_t)n, &received, e)) ||
	    !manifest_row(d->party->db, d->app, ask, "deadline", &deadline, e))
		return false;
	how = manifest_timeliness(deadline, received);
	json_object_set_new(json, "received_at", time_json(received));
	json_object_set_new(json, "timeliness", how == NULL ? json_null() : json_string(how));
	json_object_set_new(json, "due_at", json_is_object(deadline) ?
			    json_string(json_text_or_empty(deadline, "due_ts")) : json_null());
	json_object_set(json, "deadline", deadline);
	return true;
}

static bool row_tell(struct desk *d, struct stmt *s, json_t **ret, int64_t *ret_n, struct err *e)
{
	const struct manifest_ask ask = { stmt_get_text(s, SCOPE), stmt_get_text(s, OBJECT),
					  stmt_get_text(s, CODE) };
	const json_t *plan;
	AUTO_JSON json = NULL;
	struct err none;

	json = json_pack("{s:s,s:s,s:s,s:s,s:I,s:s,s:s,s:s}", "id", stmt_get_text(s, ID), "scope", ask.scope,
			 "object", ask.object, "code", ask.code, "version",
			 (json_int_t)stmt_get_int(s, VERSION), "manifest_sha256", stmt_get_text(s, SHA256),
			 "sealed_at", stmt_get_text(s, AT), "sealed_by", stmt_get_text(s, BY));
	if (json == NULL)
		return err_set(e, ERR_CORRUPT, "a row of \"%s\" that is no UTF-8", d->table->name);
	json_object_set_new(json, "supersedes", stmt_get_null(s, SUPERSEDES) ? json_null() :
			    json_string(stmt_get_text(s, SUPERSEDES)));
	if (!changeset_of(d, ask.scope, stmt_get_text(s, ID), ret_n, e) || !sent_tell(d, *ret_n, json, e))
		return false;
	/* A kind that this workspace knows no more keeps its rows. */
	if (manifest_plan(d->app, ask.object, &plan, &none) &&
	    !received_tell(d, *ret_n, &ask, json, e))
		return false;
	*ret = json;
	json = NULL;
	return true;
}

static bool readable(const struct submission_reader *reader, const char *scope)
{
	return reader == NULL || reader->may(reader->state, scope);
}

bool submission_list(struct party *p, const json_t *app, const struct submission_reader *reader, json_t **ret,
		     struct err *e)
{
	AUTO_DESK d = { 0 };
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	AUTO_JSON list = json_array();
	bool row;

	if (!desk_open(&d, p, app, e))
		return false;
	select_sql(&d, " ORDER BY 8 DESC, 2, 1", &sql);
	if (!db_prepare(p->db, buf_string(&sql), &s, e))
		return false;
	for (;;) {
		json_t *json;
		int64_t n;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		if (!readable(reader, stmt_get_text(&s, SCOPE)))
			continue;
		if (!row_tell(&d, &s, &json, &n, e))
			return false;
		json_array_append_new(list, json);
	}
	*ret = list;
	list = NULL;
	return true;
}

/* What proves it, where a receipt is filed. */
static bool proof_tell(struct desk *d, int64_t n, const char *sha256, json_t *json, struct err *e)
{
	struct receipt_expect expect = { .hub = &d->party->hub_key };
	struct receipt_details details;
	struct evidence_row row = { 0 };
	struct receipt_text receipt;
	AUTO_BUF proof = { 0 };
	struct hash hash;
	struct err none;

	json_put_hex(json, "hub_key", &d->party->hub_key, sizeof(d->party->hub_key));
	if (n == 0 || !proof_receipt(d->party, (uint64_t)n, &receipt, &none)) {
		json_object_set_new(json, "proof", json_null());
		json_object_set_new(json, "number", json_null());
		json_object_set_new(json, "log", json_null());
		if (n == 0 || none.code == ERR_NOT_FOUND)
			return true;
		*e = none;
		return false;
	}
	if (!receipt_verify(&(struct bytes){ receipt.text, receipt.len }, &expect, &details, e))
		return err_wrap(e, "the filed receipt");
	snprintf(row.table, sizeof(row.table), "%s", d->table->replicated);
	snprintf(row.statement, sizeof(row.statement), "%s", manifest_column(d->app, "manifest"));
	snprintf(row.sha256, sizeof(row.sha256), "%s", manifest_column(d->app, "sha256"));
	if (!hex_decode(sha256, strlen(sha256), hash.bytes, sizeof(hash.bytes)))
		return err_set(e, ERR_CORRUPT, "\"%.80s\" is no SHA-256", sha256);
	if (!evidence_make(d->party, (uint64_t)n, &row, &hash, &proof, e))
		return false;
	json_object_set_new(json, "proof", json_stringn((const char *)proof.data, proof.len));
	json_object_set_new(json, "number", json_sprintf("%s/%s/%" PRId64 "/%" PRIu64,
							 json_text_or_empty(json, "scope"),
							 json_text_or_empty(json, "code"),
							 json_int_or_zero(json, "version"), details.index));
	json_object_set_new(json, "log", json_pack("{s:s,s:I,s:I}", "origin", details.checkpoint.origin,
						   "index", (json_int_t)details.index, "size",
						   (json_int_t)details.checkpoint.head.size));
	return true;
}

/* Of the files that the manifest names, those that the hub has: as it said, or at the hub as it is. */
static bool files_tell(struct desk *d, json_t *json, const json_t *manifest, struct err *e)
{
	struct party *p = d->party;
	const json_t *files = json_object_get(manifest, "files"), *file;
	char problem[BLOB_TYPE_BYTES];
	AUTO_BLOB_STORE store = { .directory = -1 };
	json_int_t present = 0;
	size_t i;

	if (!blob_open(&store, p->db->path, false, p->world, e))
		return false;
	json_array_foreach(files, i, file) {
		const char *hex = json_text_or_empty(file, "sha256");
		int64_t size = BLOB_ABSENT;
		struct hash hash;
		bool there;

		if (!hex_decode(hex, strlen(hex), hash.bytes, sizeof(hash.bytes)))
			continue;
		if (p->hub != NULL ? !blob_size(&store, &hash, &size, e) :
				     !blob_refs_at_hub(p->db, &hash, p->origin, &there, problem, e))
			return false;
		present += p->hub != NULL ? size != BLOB_ABSENT : there;
	}
	json_object_set_new(json, "files", json_pack("{s:I,s:I}", "present", present, "of",
						     (json_int_t)json_array_size(files)));
	return true;
}

bool submission_receipt(struct party *p, const json_t *app, const char *id,
			const struct submission_reader *reader, json_t **ret, struct err *e)
{
	AUTO_DESK d = { 0 };
	AUTO_BUF sql = { 0 };
	AUTO_BUF tail = { 0 };
	AUTO_STMT s = { 0 };
	AUTO_JSON json = NULL;
	json_t *manifest = NULL;
	int64_t n;
	bool row;

	if (!desk_open(&d, p, app, e))
		return false;
	buf_text(&tail, " WHERE ");
	sql_quote(&tail, manifest_column(app, "id"));
	buf_text(&tail, " = ?1");
	select_sql(&d, buf_string(&tail), &sql);
	if (!db_prepare(p->db, buf_string(&sql), &s, e))
		return false;
	stmt_text(&s, 1, id);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row || !readable(reader, stmt_get_text(&s, SCOPE)))
		return err_set(e, ERR_NOT_FOUND, "there is no submission \"%.80s\"", id);
	if (!row_tell(&d, &s, &json, &n, e) ||
	    !json_parse(stmt_get_text(&s, MANIFEST), strlen(stmt_get_text(&s, MANIFEST)), &manifest, e))
		return false;
	json_object_set_new(json, "manifest", manifest);
	if (!files_tell(&d, json, manifest, e) ||
	    !proof_tell(&d, n, json_text_or_empty(json, "manifest_sha256"), json, e))
		return false;
	*ret = json;
	json = NULL;
	return true;
}

/* The highest version so far, and its id. */
static bool version_last(struct desk *d, const struct manifest_ask *ask, int64_t *ret_version,
			 struct buf *ret_id, struct err *e)
{
	AUTO_BUF sql = { 0 };
	AUTO_STMT s = { 0 };
	bool row;

	buf_text(&sql, "SELECT ");
	sql_quote(&sql, manifest_column(d->app, "version"));
	buf_text(&sql, ", ");
	sql_quote(&sql, manifest_column(d->app, "id"));
	buf_text(&sql, " FROM ");
	sql_quote(&sql, d->table->name);
	for (int i = SCOPE; i <= CODE; i++) {
		buf_text(&sql, i == SCOPE ? " WHERE " : " AND ");
		sql_quote(&sql, manifest_column(d->app, columns[i]));
		buf_print(&sql, " = ?%d", i);
	}
	buf_text(&sql, " ORDER BY 1 DESC, 2 DESC LIMIT 1");
	if (!db_prepare(d->party->db, buf_string(&sql), &s, e))
		return false;
	stmt_text(&s, SCOPE, ask->scope);
	stmt_text(&s, OBJECT, ask->object);
	stmt_text(&s, CODE, ask->code);
	if (!stmt_row(&s, &row, e))
		return false;
	*ret_version = row ? stmt_get_int(&s, 0) : 0;
	buf_text(ret_id, row ? stmt_get_text(&s, 1) : "");
	return true;
}

/* A random UUID of version 7 (RFC 9562). */
static void id_make(const struct world *world, char out[37])
{
	uint64_t ms = world_now_ms(world);
	uint8_t b[16];

	world_random(world, b, sizeof(b));
	for (int i = 0; i < 6; i++)
		b[i] = (uint8_t)(ms >> (40 - 8 * i));
	b[6] = (uint8_t)(0x70 | (b[6] & 0x0f));
	b[8] = (uint8_t)(0x80 | (b[8] & 0x3f));
	snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		 b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

static void literal(struct buf *sql, const char *text)
{
	buf_text(sql, "'");
	for (size_t run; *text != '\0'; text += run) {
		run = strcspn(text, "'");
		buf_put(sql, text, run);
		if (text[run] == '\'') {
			buf_text(sql, "''");
			run++;
		}
	}
	buf_text(sql, "'");
}

static bool literal_json(struct buf *sql, const json_t *value)
{
	if (json_is_string(value))
		literal(sql, json_string_value(value));
	else if (json_is_integer(value))
		buf_print(sql, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_null(value))
		buf_text(sql, "NULL");
	else
		return false;
	return true;
}

/* INSERT of the row, {column: value}. */
static bool insert(struct desk *d, json_t *row, struct err *e)
{
	AUTO_BUF sql = { 0 };
	AUTO_BUF values = { 0 };
	const char *name;
	json_t *value;

	buf_text(&sql, "INSERT INTO ");
	sql_quote(&sql, d->table->name);
	json_object_foreach(row, name, value) {
		buf_text(&sql, values.len > 0 ? ", " : " (");
		buf_text(&values, values.len > 0 ? ", " : "");
		if (!name_valid(name, strlen(name)) || !literal_json(&values, value))
			return err_set(e, ERR_MALFORMED, "app.json: column \"%.80s\" of a submission",
				       name);
		sql_quote(&sql, name);
	}
	buf_text(&sql, ") VALUES (");
	buf_put(&sql, values.data, values.len);
	buf_text(&sql, ")");
	return db_exec_application(d->party->db, buf_string(&sql), e);
}

static json_t *row_make(const struct desk *d, const struct manifest_ask *ask,
			const struct manifest_seal *seal, const char *supersedes, const struct buf *manifest)
{
	char id[37], at[MOMENT_SIZE], hex[HEX_SIZE(32)];
	const json_t *app = d->app;
	struct hash hash;

	id_make(d->party->world, id);
	moment_rfc3339(seal->now_ms - seal->now_ms % 1000, at);
	crypto_sha256(manifest->data, manifest->len, &hash);
	hex_encode(&hash, sizeof(hash), hex);
	return json_pack("{s:s,s:s,s:s,s:s,s:I,s:o,s:s%,s:s,s:s,s:s}", manifest_column(app, "id"), id,
			 manifest_column(app, "scope"), ask->scope, manifest_column(app, "object"),
			 ask->object, manifest_column(app, "code"), ask->code,
			 manifest_column(app, "version"), (json_int_t)seal->version,
			 manifest_column(app, "supersedes"),
			 supersedes[0] == '\0' ? json_null() : json_string(supersedes),
			 manifest_column(app, "manifest"), (const char *)manifest->data, manifest->len,
			 manifest_column(app, "sha256"), hex, manifest_column(app, "at"), at,
			 manifest_column(app, "by"), seal->by);
}

/* What was written before it goes into changesets before it. */
static bool seal_the_rest(struct party *p, struct err *e)
{
	int64_t upto;

	return p->behind || party_seal_some(p, 0, &upto, e);
}

bool submission_seal(struct party *p, const json_t *app, const struct manifest_ask *ask, const char *by,
		     json_t **ret, struct err *e)
{
	struct manifest_seal seal = { .by = by, .now_ms = world_now_ms(p->world) };
	AUTO_DESK d = { 0 };
	AUTO_BUF manifest = { 0 };
	AUTO_BUF before = { 0 };
	AUTO_JSON row = NULL;
	AUTO_JSON also = NULL;
	struct actor actor;
	int64_t since;

	if (!seal_the_rest(p, e) || !desk_open(&d, p, app, e) ||
	    !version_last(&d, ask, &seal.version, &before, e))
		return false;
	seal.version++;
	if (!manifest_make(p->db, app, ask, &seal, &manifest, e) ||
	    !manifest_row(p->db, app, ask, "also", &also, e))
		return false;
	row = row_make(&d, ask, &seal, buf_string(&before), &manifest);
	if (row == NULL || (json_is_object(also) && json_object_update_missing(row, also) != 0))
		return err_set(e, ERR_INTERNAL, "the row of a submission");
	if (!actor_begin(p->db, by, &actor, e) || !actor_since(p->db, &since, e) || !insert(&d, row, e) ||
	    !actor_mark(p->db, since, &actor, e))
		return false;
	*ret = row;
	row = NULL;
	return true;
}
