/*
 * files.c - /api/files: attachments, from a browser and to it.
 *
 *	POST   /api/files?type=T&bytes=N	begins: {"id", "offset": 0}
 *	PUT    /api/files/ID?offset=N		a part of at most 1 MiB: {"id", "offset": where it stands}
 *	GET    /api/files/ID			where it stands, after a restart of either side
 *	POST   /api/files/ID?type=T		ends: {"sha256", "byte_size", "media_type"}
 *	DELETE /api/files/ID			never mind
 *	GET    /api/files/SHA256		the bytes, or with Range a part of them
 *	GET    /api/files/missing		which are referred to and not here
 *
 * A part whose offset is not where the file stands changes nothing: the answer says where to go on.  The row
 * that names the file is written afterwards, by /api/rows.
 *
 * What reads or writes the disk runs in `prepare`, in an HTTP worker: no change of anybody's waits for a
 * photo.  So who asks is admitted there, under the lock, before anything else.  What people uploaded is shown
 * in place only where it cannot run scripts on this app's address; the rest is a download.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "blob/refs.h"
#include "blob/writer.h"
#include "web/routes.h"
#include "web/session.h"

#define PART_BYTES (1u << 20)
#define ID_DIGITS (BLOB_ID_SIZE - 1)

static bool may_write(const struct access *a, const struct blob_refs *refs)
{
	const char *table;

	for (size_t i = 0; (table = blob_refs_table(refs, i)) != NULL; i++)
		if (access_write(a, table) != ACCESS_NONE)
			return true;
	return false;
}

/* Where this node's people write: its own scope, or for all. */
static bool own_scope(struct db *db, struct scope *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	const char *text;
	bool row;

	if (!db_statement(db, "SELECT scope FROM simpul_chain WHERE own = 1 ORDER BY scope = 'national'"
			      " LIMIT 1", &s, e) || !stmt_row(&s, &row, e))
		return false;
	text = row ? stmt_get_text(&s, 0) : SCOPE_NATIONAL;
	return scope_parse(text, strlen(text), ret, e);
}

/* Is whoever asks signed in, and may write rows that name files?  The scope's limits for what comes. */
static bool admit_writer(struct party *p, struct serve_job *job, int64_t bytes, struct err *e)
{
	PARTY_LOCKED(p);
	AUTO_BLOB_REFS refs = { 0 };
	char type[BLOB_TYPE_BYTES];
	struct scope scope;

	if (!job->door->admit(p, job, e) || !blob_refs_load(&refs, p->db, e))
		return false;
	if (!may_write(&request_of(job)->access, &refs))
		return err_set(e, ERR_NO_RIGHT, "this account writes no rows that name files");
	if (bytes < 0)
		return true;
	http_query(job->request, "type", type, sizeof(type));
	return own_scope(p->db, &scope, e) && blob_refs_allow(&refs, &scope, type, (uint64_t)bytes, e);
}

static bool query_bytes(const struct serve_job *job, const char *name, int64_t *ret, struct err *e)
{
	char text[24], *end;

	if (!http_query(job->request, name, text, sizeof(text)) || text[0] < '0' || text[0] > '9')
		return err_set(e, ERR_MALFORMED, "the request needs ?%s=", name);
	*ret = strtoll(text, &end, 10);
	return *end == '\0' || err_set(e, ERR_MALFORMED, "?%s= is not a number", name);
}

static void answer_offset(struct serve_job *job, const struct blob_writer *w, int status)
{
	request_result(job, status, json_pack("{s:s,s:I}", "id", w->id, "offset", (json_int_t)w->size));
}

static bool begin_prepare(struct party *p, struct serve_job *job, struct err *e)
{
	AUTO_BLOB_STORE store = { .directory = -1 };
	AUTO_BLOB_WRITER w = { .fd = -1 };
	int64_t bytes;

	if (!query_bytes(job, "bytes", &bytes, e) || !admit_writer(p, job, bytes, e) ||
	    !blob_open(&store, p->db->path, true, p->world, e) ||
	    !blob_room(&store, (uint64_t)bytes, e) || !blob_writer_begin(&store, &w, e))
		return false;
	answer_offset(job, &w, 201);
	return true;
}

static bool part_prepare(struct party *p, struct serve_job *job, struct err *e)
{
	const struct buf *body = &job->request->body;
	AUTO_BLOB_STORE store = { .directory = -1 };
	AUTO_BLOB_WRITER w = { .fd = -1 };
	int64_t offset;

	if (body->len > PART_BYTES)
		return err_set(e, ERR_TOO_LARGE, "a part has at most 1 MiB");
	if (!query_bytes(job, "offset", &offset, e) || !admit_writer(p, job, -1, e) ||
	    !blob_open(&store, p->db->path, true, p->world, e) ||
	    !blob_writer_resume(&store, request_rest(job), &w, e))
		return false;
	if ((uint64_t)offset == w.size && !blob_writer_append(&w, body->data, body->len, e))
		return false;
	answer_offset(job, &w, 200);
	return true;
}

static bool end_prepare(struct party *p, struct serve_job *job, struct err *e)
{
	AUTO_BLOB_STORE store = { .directory = -1 };
	AUTO_BLOB_WRITER w = { .fd = -1 };
	char hex[HEX_SIZE(sizeof(struct hash))], type[BLOB_TYPE_BYTES];
	struct hash hash;
	uint64_t size;

	if (!admit_writer(p, job, -1, e) || !blob_open(&store, p->db->path, true, p->world, e) ||
	    !blob_writer_resume(&store, request_rest(job), &w, e) ||
	    !admit_writer(p, job, (int64_t)w.size, e) || !blob_writer_finish(&w, &hash, &size, e))
		return false;
	hex_encode(hash.bytes, sizeof(hash.bytes), hex);
	http_query(job->request, "type", type, sizeof(type));
	request_result(job, 200, json_pack("{s:s,s:I,s:s}", "sha256", hex, "byte_size", (json_int_t)size,
					   "media_type", type));
	return true;
}

static bool drop_prepare(struct party *p, struct serve_job *job, struct err *e)
{
	AUTO_BLOB_STORE store = { .directory = -1 };
	AUTO_BLOB_WRITER w = { .fd = -1 };

	if (!admit_writer(p, job, -1, e) || !blob_open(&store, p->db->path, true, p->world, e) ||
	    !blob_writer_resume(&store, request_rest(job), &w, e))
		return false;
	blob_writer_abandon(&w);
	return true;
}

/* ---- out of here ---- */

static bool absent(struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "there is no such file");
}

/* The media type by a row that this account may read. */
static bool admit_reader(struct party *p, struct serve_job *job, struct blob_ref *ref, struct err *e)
{
	PARTY_LOCKED(p);
	AUTO_BLOB_REFS refs = { 0 };
	bool found;

	if (!job->door->admit(p, job, e) || !blob_refs_load(&refs, p->db, e) ||
	    !blob_refs_find(&refs, p->db, ref, true, &found, e))
		return false;
	found = found && access_read(&request_of(job)->access, ref->table);
	ref->table = NULL;
	return found || absent(e);
}

/* No browser runs anything in these. */
static bool harmless(const char *type)
{
	static const char *const types[] = { "image/png",  "image/jpeg", "image/gif",  "image/webp",
					     "video/mp4",  "video/webm", "audio/mpeg", "audio/mp4",
					     "audio/ogg",  "audio/wav",	 "text/plain", "application/pdf" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcasecmp(types[i], type) == 0)
			return true;
	return false;
}

struct part {
	uint64_t from, len;
	bool ranged;
};

/* "bytes=FROM-TO", "bytes=FROM-"; another form is as good as none. */
static bool part_of(const struct serve_job *job, uint64_t size, struct part *ret, struct err *e)
{
	const char *text = http_request_header(job->request, "Range");
	uint64_t to = size;
	char *end;

	*ret = (struct part){ .len = size };
	if (text != NULL && strncmp(text, "bytes=", 6) == 0 && text[6] >= '0' && text[6] <= '9') {
		ret->from = strtoull(text + 6, &end, 10);
		ret->ranged = *end == '-';
		if (ret->ranged && end[1] >= '0' && end[1] <= '9')
			to = strtoull(end + 1, &end, 10) + 1;
	}
	if (!ret->ranged) {
		ret->from = 0;
		return true;
	}
	if (ret->from >= size || to <= ret->from)
		return err_set(e, ERR_MALFORMED, "the range lies beyond the end");
	ret->len = (to > size ? size : to) - ret->from;
	return true;
}

static bool dress(struct serve_job *job, const struct blob_ref *ref, const struct part *part, uint64_t size)
{
	struct http_fields *f = &job->response->fields;
	char text[80];

	snprintf(text, sizeof(text), "bytes %llu-%llu/%llu", (unsigned long long)part->from,
		 (unsigned long long)(part->from + part->len - 1), (unsigned long long)size);
	return (!part->ranged || http_fields_put(f, "Content-Range", text)) &&
	       http_fields_put(f, "Accept-Ranges", "bytes") &&
	       http_fields_put(f, "Content-Disposition", harmless(ref->type) ? "inline" : "attachment");
}

static bool send_prepare(struct party *p, struct serve_job *job, struct err *e)
{
	AUTO_BLOB_STORE store = { .directory = -1 };
	AUTO_BLOB_READER reader = { .fd = -1 };
	struct blob_ref ref = { 0 };
	struct part part;

	if (!hex_decode(request_rest(job), strlen(request_rest(job)), ref.hash.bytes,
			sizeof(ref.hash.bytes)))
		return absent(e);
	if (!admit_reader(p, job, &ref, e) || !blob_open(&store, p->db->path, false, p->world, e) ||
	    !blob_reader_open(&store, &ref.hash, &reader, e) || !part_of(job, reader.size, &part, e))
		return false;
	http_response_set(job->response, part.ranged ? 206 : 200,
			  harmless(ref.type) ? ref.type : "application/octet-stream", NULL, 0);
	if (!dress(job, &ref, &part, reader.size))
		return err_set(e, ERR_INTERNAL, "no room for the fields of a file");
	http_response_file(job->response, reader.fd, part.from, part.len);
	reader.fd = -1;
	return true;
}

static bool where_prepare(struct party *p, struct serve_job *job, struct err *e)
{
	AUTO_BLOB_STORE store = { .directory = -1 };
	AUTO_BLOB_WRITER w = { .fd = -1 };

	if (strlen(request_rest(job)) != ID_DIGITS)
		return send_prepare(p, job, e);
	if (!admit_writer(p, job, -1, e) || !blob_open(&store, p->db->path, false, p->world, e) ||
	    !blob_writer_resume(&store, request_rest(job), &w, e))
		return false;
	answer_offset(job, &w, 200);
	return true;
}

/* The bytes are in the response already, or the JSON waits. */
static bool where_finish(struct party *p, struct serve_job *job, struct err *e)
{
	return request_of(job)->status == 0 || request_finish(p, job, e);
}

/* ---- what is missing ---- */

struct missing {
	const struct blob_store *store;
	const struct access *access;
	json_t *files;
};

static bool missing_take(void *arg, const struct blob_ref *ref, struct err *e)
{
	struct missing *m = arg;
	char hex[HEX_SIZE(sizeof(ref->hash))];
	int64_t size;

	if (!access_read(m->access, ref->table))
		return true;
	if (!blob_size(m->store, &ref->hash, &size, e))
		return false;
	hex_encode(ref->hash.bytes, sizeof(ref->hash.bytes), hex);
	if (size == BLOB_ABSENT)
		json_array_append_new(m->files,
				      json_pack("{s:s,s:s,s:I,s:s?}", "sha256", hex, "scope", ref->scope.name,
						"byte_size", (json_int_t)ref->size, "media_type", ref->type));
	return true;
}

static bool missing_finish(struct party *p, struct serve_job *job, struct err *e)
{
	AUTO_BLOB_STORE store = { .directory = -1 };
	AUTO_BLOB_REFS refs = { 0 };
	AUTO_JSON json = json_object();
	struct missing missing = { &store, &request_of(job)->access, json_array() };
	struct blob_tally tally;

	json_object_set_new(json, "files", missing.files);
	if (!blob_open(&store, p->db->path, false, p->world, e) || !blob_refs_load(&refs, p->db, e) ||
	    !blob_refs_each(&refs, p->db, missing_take, &missing, e) ||
	    !blob_refs_tally(&refs, p->db, &store, p->origin, &tally, e))
		return false;
	json_object_set_new(json, "present", json_integer((json_int_t)tally.here));
	json_object_set_new(json, "at_hub", json_integer((json_int_t)(request_of(job)->web->hub ?
								     tally.here : tally.at_hub)));
	json_object_set_new(json, "of", json_integer((json_int_t)tally.files));
	request_answer(job, 200, json_incref(json));
	return true;
}

const struct serve_route files_routes[] = {
	{ "GET", "/api/files/missing", .finish = missing_finish },
	{ "POST", "/api/files", .raw = true, .prepare = begin_prepare, .finish = request_finish },
	{ "PUT", "/api/files/*", .raw = true, .prepare = part_prepare, .finish = request_finish },
	{ "POST", "/api/files/*", .raw = true, .prepare = end_prepare, .finish = request_finish },
	{ "DELETE", "/api/files/*", .prepare = drop_prepare, .finish = request_finish },
	{ "GET", "/api/files/*", .prepare = where_prepare, .finish = where_finish },
	{ .path = NULL },
};
