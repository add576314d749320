/* manifest.c - queries become rows, rows one hash per part, and the parts one text. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/moment.h"
#include "simpul/crypto.h"
#include "web/manifest.h"
#include "web/question.h"

#define FORMAT "simpul-manifest-1"

bool manifest_plan(const json_t *app, const char *object, const json_t **ret, struct err *e)
{
	const json_t *submissions = json_object_get(app, "submissions");
	const json_t *plan = json_object_get(json_object_get(submissions, "objects"), object);

	if (!json_is_object(plan))
		return err_set(e, ERR_NOT_FOUND, "\"%.80s\" is nothing that is submitted here", object);
	*ret = plan;
	return true;
}

const char *manifest_table(const json_t *app)
{
	return json_string_value(json_object_get(json_object_get(app, "submissions"), "table"));
}

const char *manifest_column(const json_t *app, const char *what)
{
	const json_t *columns = json_object_get(json_object_get(app, "submissions"), "columns");

	return json_string_value(json_object_get(columns, what));
}

static struct question question_of(const char *sql, const struct manifest_ask *ask)
{
	return (struct question){ sql, { { ":scope", ask->scope }, { ":object", ask->object },
					 { ":code", ask->code } } };
}

bool manifest_row(struct db *db, const json_t *app, const struct manifest_ask *ask, const char *what,
		  json_t **ret, struct err *e)
{
	const json_t *plan;
	struct question q;
	json_t *row = NULL;

	if (!manifest_plan(app, ask->object, &plan, e))
		return false;
	q = question_of(json_string_value(json_object_get(plan, what)), ask);
	if (q.sql != NULL && !question_one(db, &q, &row, e))
		return err_wrap(e, "%s of a %s", what, ask->object);
	*ret = row != NULL ? row : json_null();
	return true;
}

/* The rows of each query in a list of them. */
static bool list_ask(struct db *db, const json_t *plan, const char *what, const struct manifest_ask *ask,
		     json_t **ret, struct err *e)
{
	const json_t *list = json_object_get(plan, what);
	AUTO_JSON rows = json_array();

	for (size_t i = 0; i < json_array_size(list); i++) {
		struct question q = question_of(json_string_value(json_array_get(list, i)), ask);

		if (q.sql == NULL)
			return err_set(e, ERR_MALFORMED, "%s: a text with SQL is expected", what);
		if (!question_all(db, &q, &rows, e))
			return err_wrap(e, "%s of a %s", what, ask->object);
	}
	*ret = rows;
	rows = NULL;
	return true;
}

bool manifest_check(struct db *db, const json_t *app, const struct manifest_ask *ask, json_t **ret,
		    struct err *e)
{
	AUTO_JSON missing = NULL;
	AUTO_JSON warnings = NULL;
	const json_t *plan;

	if (!manifest_plan(app, ask->object, &plan, e) ||
	    !list_ask(db, plan, "missing", ask, &missing, e) ||
	    !list_ask(db, plan, "warnings", ask, &warnings, e))
		return false;
	*ret = json_pack("{s:b,s:O,s:O}", "complete", json_array_size(missing) == 0, "missing", missing,
			 "warnings", warnings);
	return true;
}

/* The rows of one part, each as its own text. */
struct part {
	struct buf text;
	struct buf ends; /* size_t: where each row ends */
	size_t rows;
};

static void part_done(struct part *part)
{
	buf_done(&part->text);
	buf_done(&part->ends);
}

static bool part_add(void *state, json_t *row, struct err *e)
{
	struct part *part = state;

	(void)e;
	question_canonical(row, &part->text);
	buf_text(&part->text, "\n");
	buf_put(&part->ends, &part->text.len, sizeof(part->text.len));
	part->rows++;
	return true;
}

static int by_bytes(const void *a, const void *b)
{
	const struct bytes *x = a, *y = b;
	int order = memcmp(x->data, y->data, x->len < y->len ? x->len : y->len);

	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

/* Sorted, so that the hash does not depend on the order in which the database finds them. */
static void part_hash(const struct part *part, struct hash *ret)
{
	AUTO_MEMORY struct bytes *row = memory_new((part->rows + 1) * sizeof(*row));
	size_t from = 0;

	for (size_t i = 0; i < part->rows; i++) {
		size_t end;

		memcpy(&end, part->ends.data + i * sizeof(end), sizeof(end));
		row[i] = (struct bytes){ part->text.data + from, end - from };
		from = end;
	}
	qsort(row, part->rows, sizeof(*row), by_bytes);
	crypto_sha256_parts(row, part->rows, ret);
}

static bool part_make(struct db *db, const json_t *of, const struct manifest_ask *ask, json_t *content,
		      struct err *e)
{
	__attribute__((cleanup(part_done))) struct part part = { 0 };
	struct question q = question_of(json_string_value(json_object_get(of, "sql")), ask);
	const char *name = json_text_or_empty(of, "name");
	struct hash hash;
	json_t *json;

	if (q.sql == NULL || name[0] == '\0')
		return err_set(e, ERR_MALFORMED, "content of a %s: name and sql are expected", ask->object);
	if (!question_ask(db, &q, part_add, &part, e))
		return err_wrap(e, "content \"%s\" of a %s", name, ask->object);
	part_hash(&part, &hash);
	json = json_pack("{s:s,s:s,s:I}", "name", name, "sql", q.sql, "rows", (json_int_t)part.rows);
	json_put_hex(json, "sha256", &hash, sizeof(hash));
	json_array_append_new(content, json);
	return true;
}

static bool content_make(struct db *db, const json_t *plan, const struct manifest_ask *ask, json_t *manifest,
			 struct err *e)
{
	const json_t *list = json_object_get(plan, "content");
	const char *files = json_string_value(json_object_get(plan, "files"));
	struct question q = question_of(files, ask);
	AUTO_JSON content = json_array();
	AUTO_JSON file_rows = json_array();

	for (size_t i = 0; i < json_array_size(list); i++)
		if (!part_make(db, json_array_get(list, i), ask, content, e))
			return false;
	if (json_array_size(content) == 0)
		return err_set(e, ERR_MALFORMED, "a %s has no content in app.json", ask->object);
	if (files != NULL && !question_all(db, &q, &file_rows, e))
		return err_wrap(e, "files of a %s", ask->object);
	json_object_set(manifest, "content", content);
	json_object_set(manifest, "files", file_rows);
	return true;
}

bool manifest_make(struct db *db, const json_t *app, const struct manifest_ask *ask,
		   const struct manifest_seal *seal, struct buf *out, struct err *e)
{
	char at[MOMENT_SIZE];
	AUTO_JSON manifest = json_object();
	AUTO_JSON about = NULL;
	AUTO_JSON deadline = NULL;
	const json_t *plan;

	moment_rfc3339(seal->now_ms - seal->now_ms % 1000, at);
	if (!manifest_plan(app, ask->object, &plan, e) ||
	    !manifest_row(db, app, ask, "about", &about, e) ||
	    !manifest_row(db, app, ask, "deadline", &deadline, e) ||
	    !content_make(db, plan, ask, manifest, e))
		return false;
	json_object_set_new(manifest, "format", json_string(FORMAT));
	json_object_set_new(manifest, "scope", json_string(ask->scope));
	json_object_set_new(manifest, "object", json_string(ask->object));
	json_object_set_new(manifest, "code", json_string(ask->code));
	json_object_set_new(manifest, "version", json_integer(seal->version));
	json_object_set_new(manifest, "sealed_at", json_string(at));
	json_object_set_new(manifest, "sealed_by", json_string(seal->by));
	json_object_set(manifest, "about", about);
	json_object_set(manifest, "deadline", deadline);
	question_canonical(manifest, out);
	return out->len <= LIMIT_TEXT_BYTES ||
	       err_set(e, ERR_TOO_LARGE, "the manifest has %zu bytes, at most %u fit", out->len,
		       LIMIT_TEXT_BYTES);
}

const char *manifest_timeliness(const json_t *deadline, uint64_t received)
{
	const char *due = json_string_value(json_object_get(deadline, "due_ts"));
	uint64_t due_ms, grace_ms = (uint64_t)json_int_or_zero(deadline, "grace_hours") * 3600000;
	struct err e;

	if (received == 0 || due == NULL || !moment_parse(due, &due_ms, &e))
		return NULL;
	/* The minute of the deadline counts: 16:59:00Z is met until 16:59:59Z. */
	due_ms += due_ms % 60000 == 0 ? 59999 : 999;
	if (received * 1000 <= due_ms)
		return "on_time";
	return received * 1000 <= due_ms + grace_ms ? "in_grace" : "late";
}
