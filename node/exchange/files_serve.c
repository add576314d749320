/* files_serve.c - who may, then what. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "base64.h"
#include "exchange/feed.h"
#include "exchange/files_serve.h"

void files_serve_open(struct files_server *f, struct party *p, struct blob_store *store)
{
	*f = (struct files_server){ .party = p, .store = store };
}

void files_serve_close(struct files_server *f)
{
	for (size_t i = 0; i < FILES_PARTS; i++)
		blob_part_close(&f->part[i]);
	memory_free(&f->plan.list);
	blob_refs_close(&f->refs);
}

/* ---- who may ---- */

static bool refs_fresh(struct files_server *f, struct err *e)
{
	uint64_t now_ms = world_monotonic_ms(f->party->world);
	struct blob_refs refs = { 0 };

	if (f->refs_loaded && now_ms - f->refs_ms < FILES_REFS_MS)
		return true;
	if (!blob_refs_load(&refs, f->party->db, e))
		return false;
	blob_refs_close(&f->refs);
	f->refs = refs;
	f->refs_loaded = true;
	f->refs_ms = now_ms;
	return true;
}

struct asker {
	bool hub; /* reads all */
	struct scope scope[FEED_SCOPES_MAX];
	size_t scopes;
};

static bool asker_init(struct files_server *f, const struct public_key *key, struct asker *ret,
		       struct err *e)
{
	struct party *p = f->party;
	AUTO_RESET s = { 0 };
	enum role role;
	bool row = true;

	*ret = (struct asker){ .hub = key_equal(key, &p->hub_key), .scopes = 1 };
	snprintf(ret->scope[0].name, sizeof(ret->scope[0].name), "%s", SCOPE_NATIONAL);
	if (!party_authorize(p, key, SCOPE_NATIONAL, &role, e) || !refs_fresh(f, e))
		return false;
	if (!db_statement(p->db, "SELECT DISTINCT scope FROM simpul_grant WHERE key = ?1"
				 " AND void_after IS NULL", &s, e))
		return false;
	stmt_blob(&s, 1, key->bytes, sizeof(key->bytes));
	while (ret->scopes < FEED_SCOPES_MAX) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		snprintf(ret->scope[ret->scopes++].name, sizeof(ret->scope[0].name), "%s",
			 stmt_get_text(&s, 0));
	}
	return true;
}

/* Complete here, and brought for this scope or put here by people at this node.  BLOB_ABSENT else. */
static bool available(struct files_server *f, const struct asker *asker, const struct blob_ref *ref,
		      int64_t *ret_size, struct err *e)
{
	static const char find[] = "SELECT 1 FROM simpul_file_from WHERE hash = ?1 AND scope = ?2";
	AUTO_RESET s = { 0 };
	bool row, own;

	if (!blob_size(f->store, &ref->hash, ret_size, e) || !blob_own(f->store, &ref->hash, &own, e) ||
	    !db_statement(f->party->db, find, &s, e))
		return false;
	stmt_blob(&s, 1, ref->hash.bytes, sizeof(ref->hash.bytes));
	stmt_text(&s, 2, ref->scope.name);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row && !own && !asker->hub)
		*ret_size = BLOB_ABSENT;
	return true;
}

/*
 * Looks in every scope of the asker for a row with this hash.  One of another scope is not among them, so
 * it is the same work as for one that is nowhere.
 */
static bool ref_find(struct files_server *f, const struct asker *asker, struct blob_ref *ref,
		     bool *ret_found, int64_t *ret_size, struct err *e)
{
	bool found = false;

	*ret_found = false;
	*ret_size = BLOB_ABSENT;
	if (asker->hub)
		return blob_refs_find(&f->refs, f->party->db, ref, true, ret_found, e) &&
		       available(f, asker, ref, ret_size, e);
	for (size_t i = 0; i < asker->scopes && *ret_size == BLOB_ABSENT; i++) {
		struct blob_ref at = { .hash = ref->hash, .scope = asker->scope[i] };

		if (!blob_refs_find(&f->refs, f->party->db, &at, false, &found, e))
			return false;
		if (!found)
			continue;
		*ref = at;
		*ret_found = true;
		if (!available(f, asker, ref, ret_size, e))
			return false;
	}
	return true;
}

static bool absent(struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "there is no such file");
}

/* ---- what is being received ---- */

static size_t part_slot(struct files_server *f, const struct hash *hash, const struct scope *scope)
{
	size_t oldest = 0;

	for (size_t i = 0; i < FILES_PARTS; i++) {
		if (f->part[i] != NULL && hash_equal(&f->part[i]->hash, hash) &&
		    scope_equal(&f->part_scope[i], scope))
			return i;
		if (f->used[i] < f->used[oldest])
			oldest = i;
	}
	return oldest;
}

static void part_drop(struct files_server *f, size_t i)
{
	blob_part_close(&f->part[i]);
	f->used[i] = 0;
}

/* plan: NULL, or one that the sender tells; its list is taken over. */
static bool part_find(struct files_server *f, const struct blob_ref *ref, struct blob_plan *plan,
		      size_t *ret, struct err *e)
{
	size_t i = part_slot(f, &ref->hash, &ref->scope);
	struct blob_part *open = f->part[i];
	struct hash plan_hash;

	if (plan != NULL)
		blob_plan_hash(plan, &plan_hash);
	if (open == NULL || !hash_equal(&open->hash, &ref->hash) ||
	    !scope_equal(&f->part_scope[i], &ref->scope) ||
	    (plan != NULL && !hash_equal(&open->plan_hash, &plan_hash))) {
		part_drop(f, i);
		if (!blob_part_open(f->store, &ref->hash, &ref->scope, plan, &f->part[i], e))
			return false;
		f->part_scope[i] = ref->scope;
	}
	f->used[i] = ++f->uses;
	*ret = i;
	return true;
}

/* {"complete":false,"plan":HEX32,"have":BASE64,"filling":B,"filled":N} */
static void have_answer(const struct blob_part *part, struct http_response *response)
{
	char bits[BASE64_LEN(sizeof(part->have)) + 1];
	AUTO_JSON json = json_object();
	AUTO_BUF body = { 0 };

	json_object_set_new(json, "complete", json_boolean(part == NULL));
	if (part != NULL) {
		bits[base64_encode(BASE64, part->have, (part->plan.blocks + 7) / 8, bits)] = '\0';
		json_put_hex(json, "plan", part->plan_hash.bytes, sizeof(part->plan_hash.bytes));
		json_object_set_new(json, "have", json_string(bits));
		json_object_set_new(json, "filling", json_integer(part->filling));
		json_object_set_new(json, "filled", json_integer(part->filled_bytes));
	}
	json_write(json, &body);
	http_response_set(response, 200, "application/json", body.data, body.len);
}

struct files_ask {
	const struct http_request *request;
	struct http_response *response;
	struct public_key key;
	const char *what; /* behind the hash: "", "have", "plan", "data" */
	struct blob_ref ref;
	int64_t size; /* of the complete file, for this asker; or BLOB_ABSENT */
};

/* Before the file has its name, so that no crash makes it be sent a second time. */
static bool origin_note(struct files_server *f, const struct files_ask *ask, uint64_t size, struct err *e)
{
	PARTY_LOCKED(f->party);
	AUTO_RESET s = { 0 };

	if (!db_statement(f->party->db, "INSERT OR IGNORE INTO simpul_file_from(hash, scope, size, key,"
					" arrived_ms) VALUES(?1, ?2, ?3, ?4, ?5)", &s, e))
		return false;
	stmt_blob(&s, 1, ask->ref.hash.bytes, sizeof(ask->ref.hash.bytes));
	stmt_text(&s, 2, ask->ref.scope.name);
	stmt_int(&s, 3, (int64_t)size);
	stmt_blob(&s, 4, ask->key.bytes, sizeof(ask->key.bytes));
	stmt_int(&s, 5, (int64_t)world_now_ms(f->party->world));
	return stmt_done(&s, e);
}

static bool finish_if_full(struct files_server *f, const struct files_ask *ask, size_t slot,
			   bool *ret_complete, struct err *e)
{
	struct blob_part *part = f->part[slot];
	char hex[HEX_SIZE(sizeof(part->hash))];
	bool ok;

	*ret_complete = blob_part_full(part);
	if (!*ret_complete)
		return true;
	ok = blob_part_check(part, e) && origin_note(f, ask, part->plan.size, e) &&
	     blob_part_adopt(part, e);
	hex_encode(part->hash.bytes, sizeof(part->hash.bytes), hex);
	if (ok)
		log_line(LOG_NOTICE, "files", "%s: complete, %llu bytes", hex,
			 (unsigned long long)part->plan.size);
	else
		log_line(LOG_WARNING, "files", "%s: %s", hex, e->text);
	part_drop(f, slot);
	return ok;
}

/* ---- the routes ---- */

static bool get_have(struct files_server *f, struct files_ask *ask, struct err *e)
{
	static const struct blob_part nothing;
	size_t slot;

	if (ask->size != BLOB_ABSENT) {
		have_answer(NULL, ask->response);
		return true;
	}
	if (part_find(f, &ask->ref, NULL, &slot, e))
		have_answer(f->part[slot], ask->response);
	else if (e->code == ERR_NOT_FOUND)
		have_answer(&nothing, ask->response);
	else
		return false;
	return true;
}

static bool plan_take(struct files_server *f, struct files_ask *ask, struct blob_plan *plan,
		      size_t *ret_slot, struct err *e)
{
	{
		PARTY_LOCKED(f->party);
		if (!blob_refs_allow(&f->refs, &ask->ref.scope, ask->ref.type, plan->size, e) ||
		    !blob_refs_quota(&f->refs, f->party->db, f->store, &ask->ref, plan->size, e))
			return false;
	}
	return part_find(f, &ask->ref, plan, ret_slot, e);
}

static bool put_plan(struct files_server *f, struct files_ask *ask, struct err *e)
{
	const struct buf *body = &ask->request->body;
	bool ok, complete = true;
	struct blob_plan plan;
	size_t slot = 0;

	if (ask->size == BLOB_ABSENT) {
		if (!blob_plan_decode(body->data, body->len, &plan, e))
			return false;
		ok = plan_take(f, ask, &plan, &slot, e);
		memory_free(&plan.list);
		/* A crash may have left no more to do than the last test. */
		if (!ok || !finish_if_full(f, ask, slot, &complete, e))
			return false;
	}
	have_answer(complete ? NULL : f->part[slot], ask->response);
	return true;
}

static bool put_data(struct files_server *f, struct files_ask *ask, struct err *e)
{
	const struct buf *body = &ask->request->body;
	bool complete = true;
	char offset[24];
	size_t slot;

	if (!http_query(ask->request, "offset", offset, sizeof(offset)) || offset[0] < '0' ||
	    offset[0] > '9')
		return err_set(e, ERR_MALFORMED, "the request needs ?offset=");
	if (ask->size == BLOB_ABSENT &&
	    (!part_find(f, &ask->ref, NULL, &slot, e) ||
	     !blob_part_put(f->part[slot], strtoull(offset, NULL, 10), body->data, body->len, e) ||
	     !finish_if_full(f, ask, slot, &complete, e)))
		return false;
	http_response_print(ask->response, 200, "application/json", "{\"complete\":%s}",
			    complete ? "true" : "false");
	return true;
}

/* "bytes=FROM-TO" or "bytes=FROM-"; others are as good as none. */
static bool range_parse(const char *text, uint64_t *ret_from, uint64_t *ret_to)
{
	uint64_t from, to = UINT64_MAX;
	char *end;

	if (text == NULL || strncmp(text, "bytes=", 6) != 0 || text[6] < '0' || text[6] > '9')
		return false;
	from = strtoull(text + 6, &end, 10);
	if (*end++ != '-')
		return false;
	if (*end >= '0' && *end <= '9')
		to = strtoull(end, &end, 10);
	if (*end != '\0' || to < from)
		return false;
	*ret_from = from;
	*ret_to = to;
	return true;
}

static bool get_data(struct files_server *f, struct files_ask *ask, struct err *e)
{
	const char *range = http_request_header(ask->request, "Range");
	AUTO_BLOB_READER reader = { .fd = -1 };
	char text[80], digest[MESSAGE_DIGEST_SIZE];
	uint64_t from = 0, to = 0;
	bool part;
	size_t len;

	if (ask->size == BLOB_ABSENT || !blob_reader_open(f->store, &ask->ref.hash, &reader, e))
		return absent(e);
	part = range_parse(range, &from, &to);
	if (part && from >= reader.size) {
		http_response_print(ask->response, 416, "text/plain", "beyond the end\n");
		snprintf(text, sizeof(text), "bytes */%llu", (unsigned long long)reader.size);
		return http_fields_put(&ask->response->fields, "Content-Range", text);
	}
	len = (size_t)(!part ? reader.size : (to < reader.size ? to + 1 : reader.size) - from);
	if (!part && reader.size > FILES_READ_BYTES)
		return err_set(e, ERR_TOO_LARGE, "ask for a file of %llu bytes in parts, with Range",
			       (unsigned long long)reader.size);
	if (len > FILES_READ_BYTES)
		len = FILES_READ_BYTES;
	http_response_set(ask->response, part ? 206 : 200, "application/octet-stream", NULL, 0);
	if (!blob_reader_read(&reader, from, buf_reserve(&ask->response->body, len + 1), len, e))
		return false;
	ask->response->body.len = len;
	message_digest(ask->response->body.data, len, digest);
	snprintf(text, sizeof(text), "bytes %llu-%llu/%llu", (unsigned long long)from,
		 (unsigned long long)(from + len - 1), (unsigned long long)reader.size);
	return http_fields_put(&ask->response->fields, "Content-Digest", digest) &&
	       http_fields_put(&ask->response->fields, "Accept-Ranges", "bytes") &&
	       (!part || http_fields_put(&ask->response->fields, "Content-Range", text));
}

/* The list of the last one is kept: a link that breaks again and again asks again and again. */
static bool get_plan(struct files_server *f, struct files_ask *ask, struct err *e)
{
	AUTO_BLOB_READER reader = { .fd = -1 };
	AUTO_BUF body = { 0 };

	if (ask->size == BLOB_ABSENT || !blob_reader_open(f->store, &ask->ref.hash, &reader, e))
		return absent(e);
	if (f->plan.list == NULL || !hash_equal(&f->planned, &ask->ref.hash)) {
		struct blob_plan plan;

		if (!blob_plan_make(&reader, &plan, e))
			return false;
		memory_free(&f->plan.list);
		f->plan = plan;
		f->planned = ask->ref.hash;
	}
	blob_plan_encode(&f->plan, &body);
	http_response_set(ask->response, 200, "application/octet-stream", body.data, body.len);
	return true;
}

static bool have_many(struct files_server *f, const struct asker *asker, const struct buf *body,
		      struct http_response *response, struct err *e)
{
	size_t n = body->len / sizeof(struct hash);
	AUTO_BUF states = { 0 };

	if (body->len % sizeof(struct hash) != 0)
		return err_set(e, ERR_MALFORMED, "the request is not a list of hashes");
	if (n > FILES_ASK_MAX)
		return err_set(e, ERR_TOO_LARGE, "more than %u files in one request", FILES_ASK_MAX);
	for (size_t i = 0; i < n; i++) {
		struct blob_ref ref = { 0 };
		uint8_t state = FILES_UNKNOWN;
		int64_t size;
		bool found;

		memcpy(ref.hash.bytes, body->data + i * sizeof(struct hash), sizeof(struct hash));
		if (!ref_find(f, asker, &ref, &found, &size, e))
			return false;
		if (found)
			state = size == BLOB_ABSENT ? FILES_WANTED : FILES_COMPLETE;
		buf_put(&states, &state, 1);
	}
	http_response_set(response, 200, "text/plain", states.data, states.len);
	return true;
}

struct files_route {
	const char *method, *what;
	bool (*answer)(struct files_server *f, struct files_ask *ask, struct err *e);
};

static const struct files_route routes[] = {
	{ "GET", "", get_data },      { "HEAD", "", get_data },	    { "GET", "plan", get_plan },
	{ "GET", "have", get_have },  { "PUT", "plan", put_plan },  { "PUT", "data", put_data },
};

static const struct files_route *route_find(const char *method, const char *what, struct err *e)
{
	bool known = false;

	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (strcmp(routes[i].what, what) != 0)
			continue;
		known = true;
		if (strcmp(routes[i].method, method) == 0)
			return &routes[i];
	}
	err_set(e, known ? ERR_METHOD : ERR_NOT_FOUND, "%s %s", method, what);
	return NULL;
}

/* "HASH" or "HASH/what", behind the prefix. */
static bool path_read(const char *path, struct files_ask *ask)
{
	size_t digits = strcspn(path, "/");

	ask->what = path[digits] == '/' ? path + digits + 1 : path + digits;
	return digits == 2 * sizeof(ask->ref.hash) &&
	       hex_decode(path, digits, ask->ref.hash.bytes, sizeof(ask->ref.hash.bytes));
}

static bool answer(struct files_server *f, struct files_ask *ask, struct err *e)
{
	const char *path = ask->request->path + strlen(FILES_PREFIX);
	const struct files_route *route = NULL;
	struct asker asker;
	bool found;

	{
		PARTY_LOCKED(f->party);
		if (!party_authenticate(f->party, ask->request, &ask->key, e) ||
		    !asker_init(f, &ask->key, &asker, e))
			return false;
		if (strcmp(path, "have") == 0 && strcmp(ask->request->method, "POST") == 0)
			return have_many(f, &asker, &ask->request->body, ask->response, e);
		if (!path_read(path, ask))
			return absent(e);
		route = route_find(ask->request->method, ask->what, e);
		if (route == NULL)
			return false;
		if (!ref_find(f, &asker, &ask->ref, &found, &ask->size, e))
			return false;
		if (!found)
			return absent(e);
	}
	return route->answer(f, ask, e);
}

void files_serve(struct files_server *f, const struct http_request *request,
		 struct http_response *response)
{
	struct files_ask ask = { .request = request, .response = response, .size = BLOB_ABSENT };
	struct err e;

	if (answer(f, &ask, &e))
		return;
	if (e.code == ERR_INTERNAL || err_http_status(e.code) == 507)
		log_once(LOG_ERROR, "files", err_slug(e.code), "%s %s: %s", request->method, request->path,
			 e.text);
	http_fields_done(&response->fields);
	party_problem(response, &e);
}
