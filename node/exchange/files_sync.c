/* files_sync.c - what to move, and moving it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "base64.h"
#include "exchange/call.h"
#include "exchange/files_serve.h"
#include "exchange/files_sync.h"

#define PLAN_AT_ONCE 64u /* a list of so many blocks is sent without asking whether it is known */
#define BUSY_LOOK_MS 100

void files_sync_init(struct files_sync *f, struct sync *sync, struct blob_store *store)
{
	*f = (struct files_sync){ .sync = sync, .store = store, .piece_bytes = 4 * FILES_PIECE_MIN };
}

void files_sync_done(struct files_sync *f)
{
	blob_part_close(&f->part);
}

/* ---- what to move ---- */

struct item {
	struct hash hash;
	int64_t size;	  /* here; BLOB_ABSENT */
	int64_t row_size; /* as the row says */
	uint8_t state;	  /* at the hub: enum files_state */
};

struct items {
	struct files_sync *f;
	struct item *item;
	size_t n, cap;
};

static void items_free(struct items *items)
{
	memory_free(&items->item);
}

#define AUTO_ITEMS __attribute__((cleanup(items_free))) struct items

static bool item_add(void *arg, const struct blob_ref *ref, struct err *e)
{
	struct items *items = arg;
	struct item item = { .hash = ref->hash, .row_size = ref->size, .state = FILES_UNKNOWN };

	if (!blob_size(items->f->store, &ref->hash, &item.size, e))
		return false;
	if (items->n == items->cap) {
		items->cap = items->cap * 2 + 64;
		items->item = memory_resize(items->item, items->cap * sizeof(item));
	}
	items->item[items->n++] = item;
	return true;
}

/* By size, what is not here by the size that its row tells; equal ones side by side. */
static int item_compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int64_t xs = x->size == BLOB_ABSENT ? x->row_size : x->size;
	int64_t ys = y->size == BLOB_ABSENT ? y->row_size : y->size;

	if (xs != ys)
		return xs < ys ? -1 : 1;
	return memcmp(x->hash.bytes, y->hash.bytes, sizeof(x->hash.bytes));
}

/* Here, and the hub said so under its present log; or refused a short while ago. */
static bool settled(struct party *p, const struct item *item, bool *ret, struct err *e)
{
	static const char find[] = "SELECT origin, problem IS NOT NULL, tried_ms FROM simpul_file"
				   " WHERE hash = ?1";
	int64_t now_ms = (int64_t)world_now_ms(p->world);
	AUTO_RESET s = { 0 };
	bool row;

	*ret = false;
	if (!db_statement(p->db, find, &s, e))
		return false;
	stmt_blob(&s, 1, item->hash.bytes, sizeof(item->hash.bytes));
	if (!stmt_row(&s, &row, e))
		return false;
	if (row)
		*ret = (item->size != BLOB_ABSENT && strcmp(stmt_get_text(&s, 0), p->origin) == 0) ||
		       (stmt_get_int(&s, 1) != 0 && now_ms - stmt_get_int(&s, 2) < FILES_REFUSED_MS);
	return true;
}

static bool collect(struct files_sync *f, struct items *items, struct err *e)
{
	struct party *p = f->sync->party;
	PARTY_LOCKED(p);
	AUTO_BLOB_REFS refs = { 0 };
	size_t kept = 0;

	items->f = f;
	if (!blob_refs_load(&refs, p->db, e) || !blob_refs_each(&refs, p->db, item_add, items, e))
		return false;
	if (items->n > 1)
		qsort(items->item, items->n, sizeof(items->item[0]), item_compare);
	for (size_t i = 0; i < items->n; i++) {
		bool done;

		if (kept > 0 && hash_equal(&items->item[kept - 1].hash, &items->item[i].hash))
			continue;
		if (!settled(p, &items->item[i], &done, e))
			return false;
		if (!done)
			items->item[kept++] = items->item[i];
	}
	items->n = kept;
	return true;
}

/* problem NULL: the hub has it. */
static bool note(struct files_sync *f, const struct hash *hash, const struct err *problem, struct err *e)
{
	struct party *p = f->sync->party;
	PARTY_LOCKED(p);
	AUTO_RESET s = { 0 };

	if (!db_statement(p->db, "INSERT OR REPLACE INTO simpul_file(hash, origin, problem, problem_text,"
				 " tried_ms) VALUES(?1, ?2, ?3, ?4, ?5)", &s, e))
		return false;
	stmt_blob(&s, 1, hash->bytes, sizeof(hash->bytes));
	if (problem == NULL) {
		stmt_text(&s, 2, p->origin);
	} else {
		stmt_text(&s, 3, err_slug(problem->code));
		stmt_text(&s, 4, problem->text);
	}
	stmt_int(&s, 5, (int64_t)world_now_ms(p->world));
	return stmt_done(&s, e);
}

static bool ask(struct files_sync *f, struct items *items, struct err *e)
{
	for (size_t at = 0; at < items->n; at += FILES_ASK_MAX) {
		size_t n = items->n - at < FILES_ASK_MAX ? items->n - at : FILES_ASK_MAX;
		AUTO_RESPONSE response = { 0 };
		AUTO_BUF body = { 0 };

		for (size_t i = 0; i < n; i++)
			buf_put(&body, items->item[at + i].hash.bytes, sizeof(struct hash));
		if (!call_now(f->sync, "POST", FILES_PREFIX "have", &body, &response, e))
			return false;
		if (response.body.len != n)
			return err_set(e, ERR_MALFORMED, "the answer has %zu states for %zu files",
				       response.body.len, n);
		for (size_t i = 0; i < n; i++)
			items->item[at + i].state = response.body.data[i];
	}
	return true;
}

/* ---- one piece ---- */

static bool may_go_on(struct files_sync *f, struct err *e)
{
	while (f->busy != NULL && f->busy(f->arg) && (f->stop == NULL || !f->stop(f->arg)))
		world_pause(f->sync->party->world, BUSY_LOOK_MS);
	if (f->stop != NULL && f->stop(f->arg))
		return err_set(e, ERR_NETWORK, "stopped");
	return true;
}

/* A piece arrived, or not: the next is as long as the link carries in FILES_PIECE_MS. */
static void adapt(struct files_sync *f, bool ok, uint64_t took_ms)
{
	size_t bytes = f->piece_bytes;

	if (!ok || took_ms > FILES_PIECE_MS)
		bytes /= 2;
	else if (took_ms < FILES_PIECE_MS / 4)
		bytes *= 2;
	f->piece_bytes = bytes > BLOB_BLOCK_BYTES ? BLOB_BLOCK_BYTES :
			 bytes < FILES_PIECE_MIN ? FILES_PIECE_MIN : bytes;
}

static bool carry(struct files_sync *f, struct call *c, const char *method, const char *target,
		  struct err *e)
{
	uint64_t begun_ms = world_monotonic_ms(f->sync->party->world);
	bool ok;

	ok = may_go_on(f, e) && call_begin(c, f->sync, method, target, e) && call_end(c, e);
	adapt(f, ok || e->code != ERR_NETWORK,
	      world_monotonic_ms(f->sync->party->world) - begun_ms);
	return ok;
}

static void target_of(const struct hash *hash, const char *what, char out[160])
{
	char hex[HEX_SIZE(sizeof(*hash))];

	hex_encode(hash->bytes, sizeof(hash->bytes), hex);
	snprintf(out, 160, FILES_PREFIX "%s%s", hex, what);
}

/* ---- sending ---- */

/* What the other side has of a file, by its answer; the part is a stand-in without a file. */
static bool have_read(const struct http_response *response, struct blob_part *ret, bool *ret_complete,
		      struct err *e)
{
	AUTO_JSON json = NULL;
	const char *have;
	size_t len;

	if (!json_parse(response->body.data, response->body.len, &json, e))
		return false;
	*ret_complete = json_is_true(json_object_get(json, "complete"));
	if (*ret_complete)
		return true;
	have = json_text_or_empty(json, "have");
	if (!json_member_hex(json, "plan", ret->plan_hash.bytes, sizeof(ret->plan_hash.bytes), e))
		return false;
	if (!base64_decode(BASE64, have, strlen(have), ret->have, sizeof(ret->have), &len) ||
	    json_int_or_zero(json, "filling") < 0 || json_int_or_zero(json, "filled") < 0 ||
	    json_int_or_zero(json, "filled") >= BLOB_BLOCK_BYTES)
		return err_set(e, ERR_MALFORMED, "the answer does not say what is there");
	ret->filling = (uint32_t)json_int_or_zero(json, "filling");
	ret->filled_bytes = (uint32_t)json_int_or_zero(json, "filled");
	if (ret->filled_bytes > 0 &&
	    (uint64_t)ret->filling * BLOB_BLOCK_BYTES + ret->filled_bytes >= ret->plan.size)
		return err_set(e, ERR_MALFORMED, "the answer goes beyond the file");
	return true;
}

/* Both sides know the list of blocks, and this one what the other has. */
static bool agree(struct files_sync *f, const struct hash *hash, struct blob_part *there,
		  bool *ret_complete, struct err *e)
{
	struct hash plan_hash;
	char target[160];

	blob_plan_hash(&there->plan, &plan_hash);
	if (there->plan.blocks > PLAN_AT_ONCE) {
		AUTO_RESPONSE response = { 0 };

		target_of(hash, "/have", target);
		if (!call_now(f->sync, "GET", target, NULL, &response, e) ||
		    !have_read(&response, there, ret_complete, e))
			return false;
		if (*ret_complete || hash_equal(&plan_hash, &there->plan_hash))
			return true;
	}
	AUTO_RESPONSE response = { 0 };
	AUTO_BUF body = { 0 };

	blob_plan_encode(&there->plan, &body);
	target_of(hash, "/plan", target);
	return call_now(f->sync, "PUT", target, &body, &response, e) &&
	       have_read(&response, there, ret_complete, e);
}

/* The bits of `there` are moved on as the other side moves its own. */
static void delivered(struct blob_part *there, uint64_t offset, size_t len)
{
	uint32_t block = (uint32_t)(offset / BLOB_BLOCK_BYTES);
	uint64_t end = offset + len;

	there->filling = block;
	there->filled_bytes = (uint32_t)(end % BLOB_BLOCK_BYTES);
	if (there->filled_bytes == 0 || end == there->plan.size) {
		there->have[block / 8] |= (uint8_t)(0x80 >> block % 8);
		there->filled_bytes = 0;
	}
}

static bool send_piece(struct files_sync *f, const struct item *item, const struct blob_reader *reader,
		       struct blob_part *there, bool *ret_complete, struct err *e)
{
	AUTO_CALL c = { 0 };
	char target[160], what[40];
	uint64_t offset;
	size_t len;

	if (!blob_part_next(there, f->piece_bytes, &offset, &len))
		return err_set(e, ERR_HASH, "all of it is there, and it is not complete");
	if (!blob_reader_read(reader, offset, buf_reserve(&c.body, len), len, e))
		return false;
	c.body.len = len;
	snprintf(what, sizeof(what), "/data?offset=%llu", (unsigned long long)offset);
	target_of(&item->hash, what, target);
	if (!carry(f, &c, "PUT", target, e))
		return false;
	delivered(there, offset, len);
	*ret_complete = c.response.body.len > 0 &&
			strstr(buf_string(&c.response.body), "\"complete\":true") != NULL;
	return true;
}

static bool send(struct files_sync *f, const struct item *item, struct err *e)
{
	AUTO_BLOB_READER reader = { .fd = -1 };
	AUTO_MEMORY struct blob_part *there = memory_new(sizeof(*there));
	AUTO_MEMORY struct hash *list = NULL;
	bool complete = false;

	if (!may_go_on(f, e) || !blob_reader_open(f->store, &item->hash, &reader, e) ||
	    !blob_plan_make(&reader, &there->plan, e))
		return false;
	list = there->plan.list;
	if (!agree(f, &item->hash, there, &complete, e))
		return false;
	while (!complete)
		if (!send_piece(f, item, &reader, there, &complete, e))
			return false;
	f->sent++;
	return note(f, &item->hash, NULL, e);
}

/* ---- fetching ---- */

static bool fetch_begin(struct files_sync *f, const struct item *item, struct err *e)
{
	AUTO_RESPONSE response = { 0 };
	struct blob_plan plan;
	char target[160];
	bool ok;

	if (f->part != NULL && hash_equal(&f->part->hash, &item->hash))
		return true;
	blob_part_close(&f->part);
	if (blob_part_open(f->store, &item->hash, NULL, NULL, &f->part, e))
		return true;
	if (e->code != ERR_NOT_FOUND)
		return false;
	target_of(&item->hash, "/plan", target);
	if (!call_now(f->sync, "GET", target, NULL, &response, e) ||
	    !blob_plan_decode(response.body.data, response.body.len, &plan, e))
		return false;
	ok = blob_part_open(f->store, &item->hash, NULL, &plan, &f->part, e);
	memory_free(&plan.list);
	return ok;
}

static bool fetch_piece(struct files_sync *f, const struct item *item, uint64_t offset, size_t len,
			struct err *e)
{
	AUTO_CALL c = { 0 };
	char target[160], range[64];

	target_of(&item->hash, "", target);
	snprintf(range, sizeof(range), "bytes=%llu-%llu", (unsigned long long)offset,
		 (unsigned long long)(offset + len - 1));
	if (!http_fields_put(&c.fields, "Range", range))
		return err_set(e, ERR_INTERNAL, "no room for the range");
	if (!carry(f, &c, "GET", target, e))
		return false;
	if (c.response.body.len != len)
		return err_set(e, ERR_MALFORMED, "asked for %zu bytes of a file, got %zu", len,
			       c.response.body.len);
	return blob_part_put(f->part, offset, c.response.body.data, len, e);
}

static bool fetch(struct files_sync *f, const struct item *item, struct err *e)
{
	uint64_t offset;
	size_t len;
	bool ok;

	if (!may_go_on(f, e) || !fetch_begin(f, item, e))
		return false;
	while (blob_part_next(f->part, f->piece_bytes, &offset, &len))
		if (!fetch_piece(f, item, offset, len, e))
			return false;
	ok = blob_part_check(f->part, e) && blob_part_adopt(f->part, e);
	blob_part_close(&f->part);
	if (!ok)
		return false;
	f->fetched++;
	return note(f, &item->hash, NULL, e);
}

/* ---- the round ---- */

/* Nothing will change by trying again soon. */
static bool lasting(const struct err *e)
{
	return e->code == ERR_FILE_REFUSED || e->code == ERR_HASH || e->code == ERR_TOO_LARGE ||
	       e->code == ERR_CORRUPT;
}

/* Is it this one file that cannot be moved?  Else nothing can. */
static bool of_the_file(const struct err *e)
{
	return lasting(e) || e->code == ERR_NOT_FOUND || e->code == ERR_MALFORMED;
}

static bool move(struct files_sync *f, const struct item *item, struct err *e)
{
	bool here = item->size != BLOB_ABSENT;
	struct err why;

	if (here && item->state == FILES_COMPLETE)
		return note(f, &item->hash, NULL, e);
	if (!here && item->state != FILES_COMPLETE) {
		f->nowhere++;
		return true;
	}
	if (here && item->state != FILES_WANTED) { /* its row is not there yet */
		f->left++;
		return true;
	}
	if (here ? send(f, item, &why) : fetch(f, item, &why))
		return true;
	f->left++;
	if (!of_the_file(&why)) {
		*e = why;
		return false;
	}
	log_once(LOG_WARNING, "files", err_slug(why.code), "%s", why.text);
	f->trouble = why;
	return !lasting(&why) || note(f, &item->hash, &why, e);
}

bool files_sync_round(struct files_sync *f, struct err *e)
{
	AUTO_ITEMS items = { 0 };

	f->sent = f->fetched = f->left = f->nowhere = 0;
	err_clear(&f->trouble);
	if (!collect(f, &items, e))
		return false;
	if (items.n == 0)
		return true;
	f->left = items.n;
	if (!f->sync->greeted && !sync_greet(f->sync, e))
		return false;
	if (!ask(f, &items, e)) {
		f->sync->greeted = false;
		return false;
	}
	f->left = 0;
	for (size_t i = 0; i < items.n; i++)
		if (!move(f, &items.item[i], e)) {
			f->left += items.n - i - 1;
			f->sync->greeted = false;
			return false;
		}
	return true;
}
