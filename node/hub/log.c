/*
 * log.c - the hub's transparency log: append in the transaction, sign after it, prove from it.
 *
 * A changeset's index is n - 1, so the log and simpul_changeset cannot disagree about order.  A head is
 * signed only over what was read back after the commit and hashed anew: one flipped bit between memory
 * and disk would otherwise be signed for ever.
 *
 * Each head says when it was signed.  That is the proof of when the hub had the entries below it, so a
 * receipt stands on the oldest head that holds them: who asks late, because the answer was lost on the way,
 * is not made late by it.  The clock of the hub may be set back; the times that it signs are not.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "exchange/proof.h"
#include "hub/hub.h"
#include "simpul/seal.h"

static struct hub *hub_of(struct party *p)
{
	/* ops is the first member */
	return (struct hub *)(uintptr_t)p->hub;
}

static bool save_note(struct hub *hub, struct err *e)
{
	int64_t no;

	if (!hub->unsaved)
		return true;
	if (!proof_checkpoint_put(hub->party, &hub->note, &hub->signed_head, true, &no, e))
		return false;
	hub->unsaved = false; /* if the transaction fails, the next head takes its place */
	return true;
}

static bool append(struct party *p, struct err *e)
{
	struct hub *hub = hub_of(p);
	struct hash leaves[256];
	AUTO_RESET s = { 0 };
	uint64_t size, first;
	size_t n = 0;
	bool row = true;

	if (!save_note(hub, e) || !tile_size(p->db, &size, e) ||
	    !db_statement(p->db, "SELECT n, id FROM simpul_changeset WHERE n > ?1 ORDER BY n", &s, e))
		return false;
	stmt_int(&s, 1, (int64_t)size);
	first = size;
	while (row) {
		size_t len;
		const void *id;

		if (!stmt_row(&s, &row, e))
			return false;
		if (row) {
			id = stmt_get_blob(&s, 1, &len);
			if ((uint64_t)stmt_get_int(&s, 0) != first + n + 1 || len != sizeof(*leaves))
				return err_set(e, ERR_CORRUPT, "the log has a gap at entry %llu",
					       (unsigned long long)(first + n));
			memcpy(&leaves[n++], id, sizeof(*leaves));
		}
		if (n == 0 || (row && n < sizeof(leaves) / sizeof(*leaves)))
			continue;
		if (!tile_append(p->db, first, leaves, n, e))
			return false;
		first += n;
		n = 0;
	}
	return true;
}

/* Every new entry again from the file: header hashed anew, compared with the id and the tree's leaf. */
static bool read_back(struct hub *hub, uint64_t from, uint64_t to, struct err *e)
{
	struct tree_source source = tile_source(hub->tiles);
	AUTO_RESET s = { 0 };

	if (!db_statement(hub->party->db, "SELECT frame FROM simpul_changeset WHERE n > ?1 AND n <= ?2"
					  " ORDER BY n", &s, e))
		return false;
	stmt_int(&s, 1, (int64_t)from);
	stmt_int(&s, 2, (int64_t)to);
	for (uint64_t index = from; index < to; index++) {
		struct hash leaf;
		struct frame frame;
		const void *bytes;
		size_t len;
		bool row;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return err_set(e, ERR_CORRUPT, "log entry %llu is missing",
				       (unsigned long long)index);
		bytes = stmt_get_blob(&s, 0, &len);
		if (!seal_open(bytes, len, &frame, e) || !source.hash(source.owner, 0, index, &leaf, e))
			return err_wrap(e, "log entry %llu", (unsigned long long)index);
		if (!hash_equal(&frame.id, &leaf))
			return err_set(e, ERR_CORRUPT, "log entry %llu differs from its hash on disk",
				       (unsigned long long)index);
	}
	return true;
}

static bool sign(struct party *p, struct err *e)
{
	struct hub *hub = hub_of(p);
	struct tree_source source = tile_source(hub->tiles);
	struct checkpoint head = { 0 };
	uint64_t size;

	if (!tile_size(p->db, &size, e))
		return false;
	if (size == hub->signed_head.head.size)
		return true;
	memcpy(head.origin, p->origin, sizeof(head.origin));
	head.head.size = size;
	head.time = world_now_ms(p->world) / 1000;
	if (head.time < hub->time)
		head.time = hub->time;
	if (!read_back(hub, hub->signed_head.head.size, size, e) ||
	    !tree_root(&source, size, &head.head.root, e) ||
	    !note_checkpoint_sign(&head, &p->secret, &hub->note, e))
		return err_wrap(e, "the log's head is not signed");
	hub->signed_head = head;
	hub->time = head.time;
	hub->unsaved = true;
	return true;
}

/* The index of an item that is in the log as it is signed. */
static bool find_item(struct hub *hub, struct answer_item *item, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(hub->party->db, "SELECT n FROM simpul_changeset WHERE id = ?1", &s, e))
		return false;
	stmt_blob(&s, 1, item->id.bytes, sizeof(item->id.bytes));
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return true;
	item->index = (uint64_t)stmt_get_int(&s, 0) - 1;
	if (item->index >= hub->signed_head.head.size)
		return true;
	item->proven = true;
	item->state = ANSWER_LOGGED;
	return true;
}

/* The oldest head with at least `least` entries; the newest one may not be saved yet. */
static bool head_find(struct hub *hub, uint64_t least, struct note *ret_note, uint64_t *ret_size,
		      struct err *e)
{
	uint64_t size = hub->signed_head.head.size;

	if (!proof_oldest_note(hub->party, least, ret_note, &size, e))
		return false;
	if (ret_note->len == 0)
		*ret_note = hub->note;
	*ret_size = size;
	return true;
}

static bool prove(struct party *p, struct answer *answer, struct err *e)
{
	struct hub *hub = hub_of(p);
	struct tree_source source = tile_source(hub->tiles);
	uint64_t least = 0, size;

	if (hub->signed_head.head.size == 0)
		return true;
	for (size_t i = 0; i < answer->items; i++) {
		struct answer_item *item = &answer->item[i];

		if (!find_item(hub, item, e))
			return false;
		if (item->proven && item->index >= least)
			least = item->index + 1;
	}
	/* Nothing to prove: whoever asks wants the newest. */
	if (!head_find(hub, least > 0 ? least : hub->signed_head.head.size, &answer->checkpoint, &size, e))
		return false;
	for (size_t i = 0; i < answer->items; i++)
		if (answer->item[i].proven && !tree_inclusion(&source, answer->item[i].index, size,
							      &answer->item[i].proof, e))
			return false;
	return true;
}

/* A head that was signed and not saved may have had a later time than the newest saved one. */
static bool load_time(struct hub *hub, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(hub->party->db, "SELECT arrived_ms / 1000 FROM simpul_changeset"
					  " ORDER BY n DESC LIMIT 1", &s, e) ||
	    !stmt_row(&s, &row, e))
		return false;
	hub->time = hub->signed_head.time;
	if (row && (uint64_t)stmt_get_int(&s, 0) > hub->time)
		hub->time = (uint64_t)stmt_get_int(&s, 0);
	return true;
}

/* The newest head that was saved; what came after it is signed at once. */
static bool load(struct hub *hub, struct err *e)
{
	struct bytes text = { hub->note.text, 0 };

	if (!proof_newest_note(hub->party, &hub->note, e))
		return false;
	text.len = hub->note.len;
	if (text.len > 0 && !note_checkpoint_verify(&text, &hub->party->key, &hub->signed_head, e))
		return err_wrap(e, "the saved checkpoint");
	return load_time(hub, e);
}

bool hub_open(struct hub *hub, struct party *p, struct err *e)
{
	*hub = (struct hub){ .ops = { append, sign, prove }, .party = p };
	hub->tiles = tile_view_new(p->db);
	p->hub = &hub->ops;
	if (load(hub, e)) {
		AUTO_TXN txn = { 0 };

		if (txn_begin(&txn, p->db, e) && append(p, e) && txn_commit(&txn, e) && sign(p, e))
			return true;
	}
	hub_close(hub);
	return false;
}

void hub_close(struct hub *hub)
{
	if (hub->party != NULL)
		hub->party->hub = NULL;
	tile_view_free(&hub->tiles);
}

static uint64_t query_size(const struct http_request *request, const char *name)
{
	char text[24];

	if (!http_query(request, name, text, sizeof(text)) || text[0] < '0' || text[0] > '9')
		return 0;
	return strtoull(text, NULL, 10);
}

/* ?from= names one older size or several, with commas; an item in the answer for each. */
static bool consistency_finish(struct party *p, struct serve_job *job, struct err *e)
{
	struct hub *hub = hub_of(p);
	struct tree_source source = tile_source(hub->tiles);
	uint64_t to = query_size(job->request, "to");
	char list[PROOF_BATCH * 21], *save = NULL;
	AUTO_BUF body = { 0 };

	if (to > hub->signed_head.head.size)
		return err_set(e, ERR_PROOF, "the log has %llu signed entries, not %llu",
			       (unsigned long long)hub->signed_head.head.size, (unsigned long long)to);
	if (!http_query(job->request, "from", list, sizeof(list)))
		return err_set(e, ERR_MALFORMED, "the request needs ?from=");
	for (char *from = strtok_r(list, ",", &save); from != NULL;
	     from = strtok_r(NULL, ",", &save)) {
		struct answer_item *item;

		if (job->answer.items == PROOF_BATCH)
			return err_set(e, ERR_TOO_LARGE, "more than %d sizes", PROOF_BATCH);
		item = answer_add(&job->answer);
		if (!tree_consistency(&source, strtoull(from, NULL, 10), to, &item->proof, e))
			return false;
		item->proven = true;
	}
	answer_encode(&job->answer, &body);
	http_response_set(job->response, 200, "application/json", body.data, body.len);
	return true;
}

static bool checkpoint_finish(struct party *p, struct serve_job *job, struct err *e)
{
	struct hub *hub = hub_of(p);

	if (hub->signed_head.head.size == 0)
		return err_set(e, ERR_NOT_FOUND, "the log is empty");
	http_response_set(job->response, 200, "text/plain; charset=utf-8", hub->note.text, hub->note.len);
	return true;
}

static bool tile_finish(struct party *p, struct serve_job *job, struct err *e)
{
	const char *path = job->request->path + strlen("/v1/tile/");
	uint8_t bytes[TILE_BYTES];
	struct tile_name name;
	size_t len;

	if (!tile_path_decode(path, strlen(path), &name, e) ||
	    !tile_read(p->db, &name, bytes, &len, e))
		return false;
	http_response_set(job->response, 200, "application/octet-stream", bytes, len);
	return true;
}

const struct serve_route *hub_routes(void)
{
	static const struct serve_route routes[] = {
		{ "POST", "/v1/enrol", .writes = true, .begin = hub_enrol_begin,
		  .write = hub_enrol_write, .finish = hub_enrol_finish },
		{ "GET", "/v1/consistency", .finish = consistency_finish },
		{ "GET", "/v1/checkpoint", .open = true, .finish = checkpoint_finish },
		{ "GET", "/v1/tile/*", .open = true, .finish = tile_finish },
		{ .path = NULL },
	};

	return routes;
}
