/* web_rows.c - rows by the API: read with filters and pages, written field by field, never on top
 * of others. */
#include <stdio.h>
#include <string.h>

#include "browser.h"
#include "tap.h"

static bool begin(struct browser *b, struct err *e)
{
	return browser_open(b, "rows", "inventory", e) && browser_enrol(b, "13.73", e) &&
	       browser_setup(b, "ana", "Ana");
}

static bool add_item(struct browser *b, const char *id, const char *name, int price)
{
	char body[300];

	snprintf(body, sizeof(body), "{\"values\":{\"id\":\"%s\",\"name\":\"%s\",\"price_rp\":%d}}",
		 id, name, price);
	return browser_says(b, "POST", "/api/rows/item", body, 201);
}

static const char *told(struct browser *b, const char *path)
{
	return browser_told(b, path);
}

static bool is(struct browser *b, const char *path, const char *wanted)
{
	if (strcmp(told(b, path), wanted) == 0)
		return true;
	tap_note("%s is \"%s\", not \"%s\"", path, told(b, path), wanted);
	return false;
}

static int64_t number(struct browser *b, const char *sql)
{
	struct err e;
	int64_t n;

	return db_int(&b->node.db, sql, -1, &n, &e) ? n : -2;
}

static void a_row_is_made_read_changed_and_deleted(void)
{
	AUTO_BROWSER b = { 0 };
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	CHECK(browser_says(&b, "POST", "/api/rows/item", "{\"values\":{\"name\":\"Kursi\"}}", 201));
	CHECK(is(&b, "row.values.scope", "13.73") && is(&b, "row.key.0", "13.73"));
	CHECK(strlen(told(&b, "row.values.id")) == 36 && told(&b, "row.values.id")[14] == '7');
	CHECK(is(&b, "row.values.unit", "buah") && is(&b, "row.values.stock", "0"));
	CHECK(is(&b, "row.state.by", "Ana") && is(&b, "row.state.sent", "unsent"));
	CHECK(told(&b, "seen")[0] != '\0');
	CHECK(add_item(&b, "meja", "Meja", 100));
	CHECK(browser_says(&b, "GET", "/api/row/item?key=%5B%2213.73%22,%22meja%22%5D", NULL, 200));
	CHECK(is(&b, "row.values.price_rp", "100"));
	CHECK(browser_says(&b, "PATCH", "/api/row/item?key=[%2213.73%22,%22meja%22]",
			   "{\"values\":{\"name\":\"Meja besar\",\"place\":null}}", 200));
	CHECK(is(&b, "row.values.name", "Meja besar"));
	CHECK(number(&b, "SELECT count(*) FROM simpul_log l JOIN simpul_actor a ON a.no = l.a"
			 " WHERE a.name = 'Ana'") == 3);
	CHECK(browser_says(&b, "DELETE", "/api/row/item?key=[%2213.73%22,%22meja%22]", NULL, 204));
	CHECK(browser_says(&b, "GET", "/api/row/item?key=[%2213.73%22,%22meja%22]", NULL, 404));
	CHECK(browser_says(&b, "PATCH", "/api/row/item?key=[%2213.73%22,%22meja%22]",
			   "{\"values\":{\"name\":\"x\"}}", 404));
	CHECK_OK(browser_settle(&b, &e), &e);
	CHECK(browser_says(&b, "GET", "/api/rows/item", NULL, 200));
	CHECK(is(&b, "rows.0.state.by", "Ana") && is(&b, "rows.0.state.node", "rows"));
	CHECK(is(&b, "rows.0.state.sent", "unsent"));
}

static void each_wrong_field_is_named_in_two_languages(void)
{
	static const struct {
		const char *values, *column, *code;
	} wrong[] = {
		{ "{}", "name", "required" },
		{ "{\"name\":null}", "name", "required" },
		{ "{\"name\":5}", "name", "type" },
		{ "{\"name\":\"\"}", "name", "length" },
		{ "{\"name\":\"x\",\"stock\":\"3\"}", "stock", "type" },
		{ "{\"name\":\"x\",\"stock\":1.5}", "stock", "type" },
		{ "{\"name\":\"x\",\"stock\":true}", "stock", "type" },
		{ "{\"name\":\"x\",\"stock\":[1]}", "stock", "type" },
		{ "{\"name\":\"x\",\"stock\":null}", "stock", "required" },
		{ "{\"name\":\"x\",\"price_rp\":-1}", "price_rp", "range" },
		{ "{\"name\":\"x\",\"colour\":\"red\"}", "colour", "unknown-column" },
		{ "{\"name\":\"x\",\"name\\\" = 1 --\":1}", "name\" = 1 --", "unknown-column" },
		{ "{\"name\":\"x\",\"simpul_scope\":\"1\"}", "simpul_scope", "unknown-column" },
		{ "{\"name\":\"x\",\"scope\":\"13.74\"}", "scope", "no-right" },
		{ "{\"name\":\"x\",\"scope\":\"A B\"}", "scope", "scope" },
		{ "{\"name\":\"x\",\"scope\":\"national\"}", "scope", "no-right" },
	};
	AUTO_BROWSER b = { 0 };
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char body[200];

		snprintf(body, sizeof(body), "{\"values\":%s}", wrong[i].values);
		browser_ask(&b, "POST", "/api/rows/item", body);
		CHECK(b.status == (strcmp(wrong[i].code, "no-right") == 0 ? 403 : 422));
		CHECK(is(&b, "errors.0.column", wrong[i].column) &&
		      is(&b, "errors.0.code", wrong[i].code));
		CHECK(told(&b, "errors.0.id")[0] != '\0' && told(&b, "errors.0.en")[0] != '\0');
		CHECK(is(&b, "code",
			 strcmp(wrong[i].code, "no-right") == 0 ? "no-right" : "invalid"));
	}
	CHECK(number(&b, "SELECT count(*) FROM item") == 0);
}

static void what_is_not_there_cannot_be_told_from_what_is_not_to_be_seen(void)
{
	static const char *const targets[] = {
		"/api/rows/nothing",
		"/api/rows/simpul_account",
		"/api/rows/sqlite_schema",
		"/api/rows/",
		"/api/rows/ITEM",
		"/api/rows/item_list;",
		"/api/views/simpul_log",
		"/api/views/item",
		"/api/rows/%22item%22",
		"/api/row/nothing?key=[1]",
		"/api/row/simpul_session?key=[1]",
	};
	AUTO_BROWSER b = { 0 };
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		CHECK(browser_says(&b, "GET", targets[i], NULL, 404) &&
		      is(&b, "code", "not-found"));
	}
	CHECK(browser_says(&b, "POST", "/api/rows/simpul_account", "{\"values\":{\"id\":\"x\"}}",
			   404));
}

static void a_request_that_is_malformed_says_so(void)
{
	static const struct {
		const char *method, *target, *body;
		int status;
	} bad[] = {
		{ "GET", "/api/row/item", NULL, 400 },
		{ "GET", "/api/row/item?key=", NULL, 400 },
		{ "GET", "/api/row/item?key=meja", NULL, 400 },
		{ "GET", "/api/row/item?key=[]", NULL, 400 },
		{ "GET", "/api/row/item?key=[%2213.73%22]", NULL, 400 },
		{ "GET", "/api/row/item?key=[%2213.73%22,5]", NULL, 400 },
		{ "GET", "/api/row/item?key=[%2213.73%22,null]", NULL, 400 },
		{ "GET", "/api/row/item?key=[%2213.73%22,[]]", NULL, 400 },
		{ "GET", "/api/rows/item?name=%ff", NULL, 400 },
		{ "GET", "/api/rows/item?name=%00", NULL, 400 },
		{ "GET", "/api/rows/item?colour=red", NULL, 422 },
		{ "GET", "/api/rows/item?name.like=x", NULL, 422 },
		{ "GET", "/api/rows/item?name%22%20OR%201=1", NULL, 422 },
		{ "GET", "/api/rows/item?order=colour", NULL, 422 },
		{ "GET", "/api/rows/item?order=name;--", NULL, 422 },
		{ "GET", "/api/rows/item?order=name,id,unit,place,note", NULL, 422 },
		{ "GET", "/api/rows/item?limit=0", NULL, 422 },
		{ "GET", "/api/rows/item?limit=1001", NULL, 422 },
		{ "GET", "/api/rows/item?limit=ten", NULL, 422 },
		{ "GET", "/api/rows/item?name.null=yes", NULL, 422 },
		{ "GET", "/api/rows/item?after=xyz!", NULL, 400 },
		{ "GET", "/api/rows/item?after=W10", NULL, 400 },
		{ "GET", "/api/rows/item?after=bnVsbA", NULL, 400 },
		{ "POST", "/api/rows/item", NULL, 400 },
		{ "POST", "/api/rows/item", "{\"values\":", 400 },
		{ "POST", "/api/rows/item", "[]", 400 },
		{ "POST", "/api/rows/item", "{\"values\":[]}", 400 },
		{ "POST", "/api/rows/item", "{\"values\":{\"name\":\"a\",\"name\":\"b\"}}", 400 },
		{ "POST", "/api/rows/item", "{\"values\":{\"name\":\"a\\u0000b\"}}", 400 },
		{ "PATCH", "/api/row/item", "{\"values\":{}}", 400 },
		{ "PATCH", "/api/row/item?key=[%2213.73%22,%22a%22]",
		  "{\"values\":{},\"seen\":\"x\"}", 400 },
		{ "PATCH", "/api/row/item?key=[%2213.73%22,%22a%22]",
		  "{\"values\":{},\"seen\":\"a.1.2.3\"}", 400 },
		{ "PUT", "/api/rows/item", "{}", 405 },
		{ "POST", "/api/batch", "{}", 400 },
		{ "POST", "/api/batch", "{\"writes\":[{}]}", 400 },
		{ "POST", "/api/batch",
		  "{\"writes\":[{\"op\":\"update\",\"table\":\"item\",\"values\":{}}]}", 400 },
		{ "GET", "/api/nothing", NULL, 404 },
	};
	AUTO_BROWSER b = { 0 };
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(browser_says(&b, bad[i].method, bad[i].target, bad[i].body, bad[i].status));
		CHECK(told(&b, "code")[0] != '\0' && told(&b, "advice.id")[0] != '\0');
	}
}

static void a_body_over_a_mebibyte_is_refused(void)
{
	AUTO_BROWSER b = { 0 };
	AUTO_BUF body = { 0 };
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	buf_text(&body, "{\"values\":{\"name\":\"");
	while (body.len < WEB_BODY_BYTES)
		buf_text(&body, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	buf_text(&body, "\"}}");
	CHECK(browser_says(&b, "POST", "/api/rows/item", buf_string(&body), 413));
	CHECK(is(&b, "code", "too-large"));
}

static void lists_are_filtered_searched_ordered_and_paged(void)
{
	AUTO_BROWSER b = { 0 };
	char target[2000];
	int pages = 0, rows = 0;
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	for (int i = 0; i < 25; i++) {
		char id[16], name[40];

		snprintf(id, sizeof(id), "i%02d", i);
		snprintf(name, sizeof(name), "%s nomor %d", i % 2 == 0 ? "Kursi" : "Meja", i);
		CHECK(add_item(&b, id, name, i % 5 * 10));
	}
	CHECK(browser_says(&b, "GET", "/api/rows/item?id=i03&total=1", NULL, 200));
	CHECK(is(&b, "total", "1") && is(&b, "rows.0.values.id", "i03") && is(&b, "rows.1", ""));
	CHECK(browser_says(&b, "GET", "/api/rows/item?id.in=i03,i04,zz&total=1", NULL, 200) &&
	      is(&b, "total", "2"));
	CHECK(browser_says(&b, "GET", "/api/rows/item?price_rp=10&total=1", NULL, 200) &&
	      is(&b, "total", "5"));
	CHECK(browser_says(&b, "GET", "/api/rows/item?price_rp.min=30&total=1", NULL, 200));
	CHECK(is(&b, "total", "10"));
	CHECK(browser_says(&b, "GET", "/api/rows/item?place.null=1&note.null=0&total=1", NULL,
			   200));
	CHECK(is(&b, "total", "0"));
	CHECK(browser_says(&b, "GET", "/api/rows/item?q=kursi+nomor+4&total=1", NULL, 200));
	CHECK(is(&b, "total", "3")); /* 4, 14 and 24 */
	CHECK(browser_says(&b, "GET", "/api/rows/item?q=%25&total=1", NULL, 200) &&
	      is(&b, "total", "0"));
	CHECK(browser_says(&b, "GET", "/api/rows/item?q=x%27%29%20OR%201=1--&total=1", NULL, 200));
	CHECK(is(&b, "total", "0"));
	snprintf(target, sizeof(target), "/api/rows/item?order=-price_rp,name&limit=7");
	for (char last[16] = "99"; target[0] != '\0'; pages++) {
		CHECK(browser_says(&b, "GET", target, NULL, 200));
		for (size_t i = 0; i < json_array_size(json_object_get(b.json, "rows"));
		     i++, rows++) {
			char path[64];

			snprintf(path, sizeof(path), "rows.%zu.values.price_rp", i);
			CHECK(strcmp(told(&b, path), last) <= 0 ||
			      (strcmp(told(&b, path), "0") == 0));
			snprintf(last, sizeof(last), "%s", told(&b, path));
		}
		if (json_is_null(json_object_get(b.json, "next")))
			target[0] = '\0';
		else
			snprintf(target, sizeof(target),
				 "/api/rows/item?order=-price_rp,name&limit=7&after=%s",
				 told(&b, "next"));
	}
	CHECK(pages == 4 && rows == 25);
}

static void pages_go_on_behind_null_in_both_directions(void)
{
	static const char *const orders[] = { "place", "-place", "place,-name", "-place,name" };
	AUTO_BROWSER b = { 0 };
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	for (int i = 0; i < 9; i++) {
		char body[200];

		snprintf(body, sizeof(body),
			 "{\"values\":{\"id\":\"i%d\",\"name\":\"n%d\",\"place\":%s}}", i, i / 2,
			 i % 3 == 0   ? "null"
			 : i % 3 == 1 ? "\"a\""
				      : "\"b\"");
		CHECK(browser_says(&b, "POST", "/api/rows/item", body, 201));
	}
	for (size_t o = 0; o < sizeof(orders) / sizeof(orders[0]); o++) {
		char target[1000], all[9][8];
		int n = 0;

		snprintf(target, sizeof(target), "/api/rows/item?order=%s", orders[o]);
		CHECK(browser_says(&b, "GET", target, NULL, 200));
		for (int i = 0; i < 9; i++) {
			char path[64];

			snprintf(path, sizeof(path), "rows.%d.values.id", i);
			snprintf(all[i], sizeof(all[i]), "%s", told(&b, path));
		}
		snprintf(target, sizeof(target), "/api/rows/item?order=%s&limit=1", orders[o]);
		for (; n < 9; n++) {
			CHECK(browser_says(&b, "GET", target, NULL, 200));
			CHECK(is(&b, "rows.0.values.id", all[n]));
			snprintf(target, sizeof(target), "/api/rows/item?order=%s&limit=1&after=%s",
				 orders[o], told(&b, "next"));
		}
		CHECK(is(&b, "next", "null"));
	}
}

#define MEJA "/api/row/item?key=[%2213.73%22,%22meja%22]"

static bool read_as(struct browser *b, const char *who, char seen[128])
{
	if (!browser_login(b, who) || browser_ask(b, "GET", MEJA, NULL) != 200)
		return false;
	snprintf(seen, 128, "%s", told(b, "seen"));
	return true;
}

static int patch(struct browser *b, const char *who, const char *seen, const char *place)
{
	char body[300];

	if (!browser_login(b, who))
		return -1;
	snprintf(body, sizeof(body), "{\"values\":{\"place\":\"%s\"},\"seen\":\"%s\"}", place,
		 seen);
	return browser_ask(b, "PATCH", MEJA, body);
}

static bool two_people(struct browser *b, struct err *e)
{
	return begin(b, e) && browser_add(b, "budi", "Budi", "keeper", NULL) &&
	       browser_login(b, "ana") && add_item(b, "meja", "Meja", 100) && browser_settle(b, e);
}

static void who_had_not_seen_a_colleagues_value_writes_beside_it(void)
{
	AUTO_BROWSER b = { 0 };
	char ana[128], budi[128];
	struct err e;

	CHECK_OK(two_people(&b, &e), &e);
	CHECK(read_as(&b, "ana", ana) && read_as(&b, "budi", budi));
	b.now_ms += 1000;
	CHECK(patch(&b, "ana", ana, "gudang") == 200 && is(&b, "contested.0", ""));
	b.now_ms += 1000;
	CHECK(patch(&b, "budi", budi, "aula") == 200);
	CHECK(is(&b, "row.values.place", "aula"));
	CHECK_OK(browser_settle(&b, &e), &e);
	CHECK(number(&b, "SELECT count(*) FROM simpul_sibling WHERE superseded_n IS NULL") == 1);
	CHECK(browser_says(&b, "GET", MEJA, NULL, 200) && is(&b, "row.state.contested.0", "place"));
}

static void who_had_seen_it_takes_its_place(void)
{
	AUTO_BROWSER b = { 0 };
	char ana[128], budi[128];
	struct err e;

	CHECK_OK(two_people(&b, &e), &e);
	CHECK(read_as(&b, "ana", ana));
	CHECK(patch(&b, "ana", ana, "gudang") == 200); /* nobody seals in between */
	CHECK(read_as(&b, "budi", budi));
	CHECK(patch(&b, "budi", budi, "aula") == 200);
	CHECK_OK(browser_settle(&b, &e), &e);
	CHECK(number(&b, "SELECT count(*) FROM simpul_sibling WHERE superseded_n IS NULL") == 0);
	/* Both are in the log: Ana's value was sealed before Budi's took its place. */
	CHECK(number(&b, "SELECT count(*) FROM simpul_changeset WHERE kind = 1") == 3);
	/* Ana goes on with what she read first; what she wrote herself does not stand in her way.
	 */
	b.now_ms += 1000;
	CHECK(patch(&b, "ana", budi, "kantor") == 200);
	CHECK_OK(browser_settle(&b, &e), &e);
	CHECK(number(&b, "SELECT count(*) FROM simpul_sibling WHERE superseded_n IS NULL") == 1);
}

static void ones_own_earlier_write_counts_as_seen(void)
{
	AUTO_BROWSER b = { 0 };
	char ana[128];
	struct err e;

	CHECK_OK(two_people(&b, &e), &e);
	CHECK(read_as(&b, "ana", ana));
	for (int i = 0; i < 3; i++) {
		b.now_ms += 1000;
		CHECK(patch(&b, "ana", ana, i == 0 ? "a" : i == 1 ? "b" : "c") == 200);
		CHECK_OK(browser_settle(&b, &e), &e);
	}
	CHECK(number(&b, "SELECT count(*) FROM simpul_sibling WHERE superseded_n IS NULL") == 0);
}

static void other_columns_of_a_row_are_no_conflict(void)
{
	AUTO_BROWSER b = { 0 };
	char ana[128], budi[128], body[300];
	struct err e;

	CHECK_OK(two_people(&b, &e), &e);
	CHECK(read_as(&b, "ana", ana) && read_as(&b, "budi", budi));
	CHECK(patch(&b, "ana", ana, "gudang") == 200 && browser_login(&b, "budi"));
	snprintf(body, sizeof(body), "{\"values\":{\"unit\":\"set\"},\"seen\":\"%s\"}", budi);
	CHECK(browser_says(&b, "PATCH", MEJA, body, 200));
	CHECK_OK(browser_settle(&b, &e), &e);
	CHECK(number(&b, "SELECT count(*) FROM simpul_sibling") == 0);
	CHECK(browser_says(&b, "GET", MEJA, NULL, 200) && is(&b, "row.values.place", "gudang") &&
	      is(&b, "row.values.unit", "set"));
}

static void a_batch_is_all_or_nothing_and_can_be_tried(void)
{
	static const char good[] =
		"{\"writes\":[{\"op\":\"insert\",\"table\":\"item\",\"values\":{\"id\":\"a\","
		"\"name\":\"A\"}},"
		"{\"op\":\"put\",\"table\":\"item\",\"values\":{\"id\":\"b\",\"name\":\"B\"}},"
		"{\"op\":\"put\",\"table\":\"item\",\"key\":[\"13.73\",\"a\"],\"values\":{\"name\":"
		"\"A2\"}},"
		"{\"op\":\"delete\",\"table\":\"item\",\"key\":[\"13.73\",\"b\"]}]}";
	static const char bad[] = "{\"writes\":[{\"op\":\"insert\",\"table\":\"item\",\"values\":{"
				  "\"id\":\"c\",\"name\":\"C\"}},"
				  "{\"op\":\"insert\",\"table\":\"item\",\"values\":{\"id\":\"a\","
				  "\"name\":\"twice\"}},"
				  "{\"op\":\"insert\",\"table\":\"nothing\",\"values\":{}},"
				  "{\"op\":\"update\",\"table\":\"item\",\"key\":[\"13.73\",\"zz\"]"
				  ",\"values\":{\"name\":\"x\"}},"
				  "{\"op\":\"insert\",\"table\":\"item\",\"values\":{\"id\":\"d\","
				  "\"stock\":\"many\"}}]%s}";
	AUTO_BROWSER b = { 0 };
	char body[1000];
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	CHECK(browser_says(&b, "POST", "/api/batch", good, 200));
	CHECK(is(&b, "rows.0.values.name", "A2") && is(&b, "rows.3", "null"));
	CHECK(number(&b, "SELECT count(*) FROM item") == 1);
	snprintf(body, sizeof(body), bad, "");
	CHECK(browser_says(&b, "POST", "/api/batch", body, 422));
	CHECK(json_array_size(json_object_get(b.json, "errors")) == 4);
	CHECK(number(&b, "SELECT count(*) FROM item") == 1);
	snprintf(body, sizeof(body), bad, ",\"dry_run\":true");
	CHECK(browser_says(&b, "POST", "/api/batch", body, 200) && is(&b, "valid", "false"));
	CHECK(json_array_size(json_object_get(b.json, "errors")) == 4);
	CHECK(number(&b, "SELECT count(*) FROM item") == 1 &&
	      number(&b, "SELECT count(*) FROM simpul_log") == 4);
}

static void rows_that_may_only_be_added_stay(void)
{
	AUTO_BROWSER b = { 0 };
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	CHECK(browser_says(&b, "POST", "/api/rows/movement",
			   "{\"values\":{\"id\":\"m\",\"item_id\":\"a\",\"amount\":1,\"reason\":"
			   "\"r\",\"ts\":\"t\"}}",
			   201));
	CHECK(browser_says(&b, "PATCH", "/api/row/movement?key=[%2213.73%22,%22m%22]",
			   "{\"values\":{\"amount\":2}}", 422));
	CHECK(is(&b, "errors.0.code", "append"));
	CHECK(browser_says(&b, "DELETE", "/api/row/movement?key=[%2213.73%22,%22m%22]", NULL, 422));
	CHECK(number(&b, "SELECT sum(amount) FROM movement") == 1);
}

static void a_reader_reads(void)
{
	AUTO_BROWSER b = { 0 };
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	CHECK(add_item(&b, "meja", "Meja", 1) && browser_add(&b, "cici", "Cici", "reader", NULL));
	CHECK(browser_says(&b, "GET", "/api/rows/item", NULL, 200) &&
	      is(&b, "rows.0.values.id", "meja"));
	CHECK(browser_says(&b, "POST", "/api/rows/item", "{\"values\":{\"name\":\"x\"}}", 403));
	CHECK(is(&b, "code", "no-right"));
	CHECK(browser_says(&b, "PATCH", MEJA, "{\"values\":{\"name\":\"x\"}}", 403));
	CHECK(browser_says(&b, "DELETE", MEJA, NULL, 403));
	CHECK(number(&b, "SELECT count(*) FROM item WHERE name = 'Meja'") == 1);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(a_row_is_made_read_changed_and_deleted),
		TAP(each_wrong_field_is_named_in_two_languages),
		TAP(what_is_not_there_cannot_be_told_from_what_is_not_to_be_seen),
		TAP(a_request_that_is_malformed_says_so),
		TAP(a_body_over_a_mebibyte_is_refused),
		TAP(lists_are_filtered_searched_ordered_and_paged),
		TAP(pages_go_on_behind_null_in_both_directions),
		TAP(who_had_not_seen_a_colleagues_value_writes_beside_it),
		TAP(who_had_seen_it_takes_its_place),
		TAP(ones_own_earlier_write_counts_as_seen),
		TAP(other_columns_of_a_row_are_no_conflict),
		TAP(a_batch_is_all_or_nothing_and_can_be_tried),
		TAP(rows_that_may_only_be_added_stay),
		TAP(a_reader_reads),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
