/* blame.c - who wrote what stands, beside what, and whether its signature holds. */
#include <stdio.h>
#include <string.h>

#include "ledger.h"
#include "merge/blame.h"
#include "tap.h"

static bool note(void *state, const struct blame *b)
{
	buf_print(state, "%s=%.*s %s%s%s n%lld;", b->column, (int)b->value.len,
		  (const char *)b->value.bytes, b->shown ? "shown" : "also", b->dead ? " dead" : "",
		  b->by.signature_ok ? "" : " forged", (long long)b->by.n);
	return true;
}

static bool note_past(void *state, const struct blame_past *b)
{
	buf_print(state, "%d%.*s%s;", (int)b->by.op, b->written ? (int)b->value.len : 0,
		  b->written ? (const char *)b->value.bytes : "", b->stands ? "!" : "");
	return true;
}

static const char *blamed(struct ledger *l, const char *id, int column_no)
{
	static char text[2][1024];
	static int turn;
	const struct value key = { .type = VALUE_TEXT, .len = (uint32_t)strlen(id),
				   .bytes = (const uint8_t *)id };
	const struct blame_row row = { .table = &l->catalog.table[0], .key = &key, .column_no = column_no };
	AUTO_BUF out = { 0 };
	struct err e;
	bool ok = column_no == 0 ? blame_row(&l->db, &l->catalog, &row, note, &out, &e) :
				   blame_cell(&l->db, &l->catalog, &row, note_past, &out, &e);

	turn = !turn;
	snprintf(text[turn], sizeof(text[0]), "%s", ok ? buf_string(&out) : err_slug(e.code));
	return text[turn];
}

static void what_stands(void)
{
	AUTO_LEDGER l = { 0 };
	struct err e;

	ledger_begin();
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	ledger_write(&ben, CHANGE_UPDATE, "x", "b=ben", &ann, 20);
	ledger_write(&ann, CHANGE_UPDATE, "x", "b=ann", NULL, 15);
	ledger_write(&ann, CHANGE_DELETE, "y", "", NULL, 16);
	CHECK_OK(ledger_open(&l, "node", &e) && ledger_take(&l, 0, post.n, &e), &e);
	tap_note("%s", blamed(&l, "x", 0));
	CHECK(strcmp(blamed(&l, "x", 0), "a=1 shown n8;b=ben shown n9;b=ann also n10;c=3 shown n8;") == 0);
	CHECK(strcmp(blamed(&l, "x", 2), "1ann!;1ben!;02;") == 0);
	CHECK(strcmp(blamed(&l, "never", 0), "not-found") == 0);
	CHECK_OK(db_exec(&l.db, "UPDATE simpul_chain SET key = zeroblob(32) WHERE id ="
				" (SELECT c.id FROM simpul_chain c JOIN simpul_changeset s"
				" ON s.chain_no = c.no WHERE s.n = 9)", &e), &e);
	CHECK(strstr(blamed(&l, "x", 0), "b=ben shown forged n9;") != NULL);
	CHECK(strstr(blamed(&l, "x", 0), "a=1 shown n8;") != NULL);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = { TAP(what_stands) };
	int status = tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));

	post_done(&post);
	return status;
}
