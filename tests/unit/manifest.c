/* manifest.c - what a sealed version consists of: of the sample region, and of tables that change. */
#include <stdio.h>
#include <string.h>

#include "node.h"
#include "tap.h"
#include "web/manifest.h"
#include "web/question.h"

/* The masterplan with its sample, and its app.json. */
struct region {
	struct node node;
	json_t *app;
};

static void region_close(struct region *r)
{
	node_close(&r->node);
	json_drop(&r->app);
}

#define AUTO_REGION __attribute__((cleanup(region_close))) struct region

static bool region_open(struct region *r, struct err *e)
{
	AUTO_WORKSPACE ws = { 0 };
	struct node_plan plan = { .name = "kota", .workspace = &ws, .practice = true, .scope = "13.73" };
	static int turn;
	char path[4200];

	*r = (struct region){ .node = { .lock = -1 } };
	snprintf(path, sizeof(path), "%s/r%d.db", tap_directory(), turn++);
	return workspace_open(&ws, "masterplan", e) && node_make(path, &plan, world_real(), e) &&
	       json_parse(ws.file[WORKSPACE_APP].data, ws.file[WORKSPACE_APP].len, &r->app, e) &&
	       node_open(&r->node, path, world_real(), e);
}

static json_t *make(struct region *r, const struct manifest_ask *ask, struct buf *text)
{
	const struct manifest_seal seal = { 3, "Yulia Rahman", 1695286680123 };
	json_t *json = NULL;
	struct err e = { 0 };

	buf_reset(text);
	if (!manifest_make(&r->node.db, r->app, ask, &seal, text, &e) ||
	    !json_parse(text->data, text->len, &json, &e))
		tap_note("%s", e.text);
	return json;
}

static const char book[] = "book";
static const char region_sql[] =
	"INSERT OR REPLACE INTO region(code, province_code, name, kind, tz) VALUES('13.73', '13',"
	" 'Sawahlunto', 'kota', 'WIB')";

static void each_book_and_worksheet_of_the_sample(void)
{
	static const char *const codes[] = { "B1", "B2" };
	AUTO_REGION r;
	AUTO_BUF text = { 0 };
	struct manifest_ask sheet = { "13.73", "worksheet",
				      "2023/13.73/1/KK-ISU/018a6d67-d03a-73b5-90b2-48b1449db3e4/--" };
	struct err e;

	CHECK_OK(region_open(&r, &e), &e);
	CHECK_OK(db_exec(&r.node.db, region_sql, &e), &e);
	for (size_t i = 0; i < 2; i++) {
		const struct manifest_ask ask = { "13.73", book, codes[i] };
		AUTO_JSON json = make(&r, &ask, &text);
		const json_t *about = json_object_get(json, "about");
		const json_t *due = json_object_get(json, "deadline");

		CHECK(json != NULL);
		CHECK(strcmp(json_text_or_empty(json, "format"), "simpul-manifest-1") == 0);
		CHECK(strcmp(json_text_or_empty(json, "sealed_at"), "2023-09-21T08:58:00Z") == 0);
		CHECK(strcmp(json_text_or_empty(about, "place"), "Kota Sawahlunto") == 0);
		CHECK(strcmp(json_text_or_empty(about, "zone"), "WIB") == 0);
		CHECK(json_int_or_zero(json, "version") == 3);
		CHECK(json_array_size(json_object_get(json, "content")) > 10);
		CHECK(json_text_or_empty(due, "due_ts")[0] != '\0');
		CHECK(text.len < 20000);
	}
	AUTO_JSON json = make(&r, &sheet, &text);
	const json_t *issues = json_array_get(json_object_get(json, "content"), 1);

	CHECK(json_int_or_zero(issues, "rows") > 0);
	CHECK(strcmp(json_text_or_empty(issues, "name"), "issue") == 0);
}

static const char fill_sql[] =
	"INSERT OR REPLACE INTO book_section_text SELECT '13.73', '2023/13.73/1', section_code,"
	" printf('%.*c', 1000, 'x') FROM book_section WHERE book_no = 1";
static const char turn_round_sql[] =
	"CREATE TEMP TABLE t AS SELECT * FROM issue; DELETE FROM issue;"
	" INSERT INTO issue SELECT * FROM t ORDER BY id DESC;";
static const char one_letter_sql[] =
	"UPDATE issue SET statement = statement || '.' WHERE id = (SELECT min(id) FROM issue)";
static const char values_sql[] =
	"SELECT :scope AS s, x'00ff' AS b, 9e999 AS inf, NULL AS n, CAST(x'ff' AS TEXT) AS t";

/* Each query of app.json is one that this schema understands, and reads only. */
static void what_is_missing_is_said(void)
{
	const struct manifest_ask ask = { "13.73", book, "B1" }, none = { "13.73", book, "B9" },
				  other = { "13.73", "spaceship", "B1" };
	AUTO_REGION r;
	AUTO_JSON first = NULL;
	AUTO_JSON second = NULL;
	struct err e;
	size_t before;
	const json_t *one;

	CHECK_OK(region_open(&r, &e), &e);
	CHECK_OK(manifest_check(&r.node.db, r.app, &ask, &first, &e), &e);
	CHECK(json_is_false(json_object_get(first, "complete")));
	before = json_array_size(json_object_get(first, "missing"));
	CHECK(before > 0);
	one = json_array_get(json_object_get(first, "missing"), 0);
	CHECK(json_text_or_empty(one, "message_id")[0] != '\0');
	CHECK(json_text_or_empty(one, "message_en")[0] != '\0');
	CHECK_OK(db_exec(&r.node.db, fill_sql, &e), &e);
	CHECK_OK(manifest_check(&r.node.db, r.app, &ask, &second, &e), &e);
	CHECK(json_array_size(json_object_get(second, "missing")) == 0);
	CHECK(json_is_true(json_object_get(second, "complete")));
	json_drop(&second);
	CHECK_OK(manifest_check(&r.node.db, r.app, &none, &second, &e), &e);
	CHECK(json_is_false(json_object_get(second, "complete")));
	json_drop(&second);
	CHECK(!manifest_check(&r.node.db, r.app, &other, &second, &e) && e.code == ERR_NOT_FOUND);
}

/* The same rows have the same hash however they lie in the file; another letter has another. */
static void the_hash_is_that_of_the_content(void)
{
	const struct manifest_ask ask = { "13.73", book, "B1" };
	AUTO_REGION r;
	AUTO_BUF first = { 0 };
	AUTO_BUF again = { 0 };
	struct err e;

	CHECK_OK(region_open(&r, &e), &e);
	json_decref(make(&r, &ask, &first));
	CHECK_OK(db_exec(&r.node.db, turn_round_sql, &e), &e);
	json_decref(make(&r, &ask, &again));
	CHECK(first.len > 1000 && first.len == again.len && memcmp(first.data, again.data, first.len) == 0);
	/* Quick wins do not stand in this book, issues do. */
	CHECK_OK(db_exec(&r.node.db, "UPDATE quick_win SET benefit = 'lain'", &e), &e);
	json_decref(make(&r, &ask, &again));
	CHECK(first.len == again.len && memcmp(first.data, again.data, first.len) == 0);
	CHECK_OK(db_exec(&r.node.db, one_letter_sql, &e), &e);
	json_decref(make(&r, &ask, &again));
	CHECK(again.len > 1000);
	CHECK(first.len != again.len || memcmp(first.data, again.data, first.len) != 0);
}

static bool canonical_is(const char *json, const char *text)
{
	json_error_t problem;
	AUTO_JSON value = json_loads(json, JSON_DECODE_ANY, &problem);
	AUTO_BUF out = { 0 };

	question_canonical(value, &out);
	if (strcmp(buf_string(&out), text) != 0)
		tap_note("%s", buf_string(&out));
	return strcmp(buf_string(&out), text) == 0;
}

static void one_text_for_one_value(void)
{
	CHECK(canonical_is("{ \"b\" : 1, \"a\":[ null, true ] }", "{\"a\":[null,true],\"b\":1}"));
	CHECK(canonical_is("{\"é\":\"\\u00e9/\\u0001\\n\"}", "{\"é\":\"é/\\u0001\\n\"}"));
	CHECK(canonical_is("[0.5, 1e3, -0]", "[0.5,1000.0,0]"));
	CHECK(canonical_is("\"a\\\"\\\\\"", "\"a\\\"\\\\\""));
}

static void queries_only_read(void)
{
	AUTO_REGION r;
	struct question q = { .sql = "DELETE FROM issue" };
	AUTO_JSON rows = NULL;
	struct err e;
	int64_t n;

	CHECK_OK(region_open(&r, &e), &e);
	CHECK(!question_all(&r.node.db, &q, &rows, &e) && e.code == ERR_USAGE);
	CHECK_OK(db_int(&r.node.db, "SELECT count(*) FROM issue", 0, &n, &e), &e);
	CHECK(n > 0);
	q.sql = "SELECT nothing FROM nowhere";
	CHECK(!question_all(&r.node.db, &q, &rows, &e));
	q = (struct question){ values_sql, { { ":scope", "13.73" }, { ":code", "unused" } } };
	json_drop(&rows);
	CHECK_OK(question_all(&r.node.db, &q, &rows, &e), &e);
	AUTO_BUF out = { 0 };

	question_canonical(rows, &out);
	CHECK(strcmp(buf_string(&out), "[{\"b\":{\"hex\":\"00ff\"},\"inf\":{\"real\":\"inf\"},\"n\":null,"
				       "\"s\":\"13.73\",\"t\":{\"hex\":\"ff\"}}]") == 0);
}

static void in_time_or_late(void)
{
	const uint64_t due = 1696093140; /* 2023-09-30 23:59 WIB */
	AUTO_JSON deadline = json_pack("{s:s,s:i}", "due_ts", "2023-09-30T16:59:00Z", "grace_hours", 2);
	AUTO_JSON none = json_null();

	CHECK(strcmp(manifest_timeliness(deadline, due - 1), "on_time") == 0);
	CHECK(strcmp(manifest_timeliness(deadline, due + 59), "on_time") == 0);
	CHECK(strcmp(manifest_timeliness(deadline, due + 60), "in_grace") == 0);
	CHECK(strcmp(manifest_timeliness(deadline, due + 7200 + 59), "in_grace") == 0);
	CHECK(strcmp(manifest_timeliness(deadline, due + 7200 + 60), "late") == 0);
	CHECK(manifest_timeliness(deadline, 0) == NULL);
	CHECK(manifest_timeliness(none, due) == NULL);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(each_book_and_worksheet_of_the_sample),
		TAP(what_is_missing_is_said),
		TAP(the_hash_is_that_of_the_content),
		TAP(one_text_for_one_value),
		TAP(queries_only_read),
		TAP(in_time_or_late),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
