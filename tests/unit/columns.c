/* columns.c - a table has had all the columns that it can have: nothing is dropped, and others go on. */
#include <string.h>

#include "ledger.h"
#include "tap.h"

/* As author_table(), with one column more. */
static const struct schema *wider(void)
{
	static struct schema_column column[5];
	static struct schema_table table;
	static const struct schema schema = { .tables = 1, .table = &table };

	table = author_table()->table[0];
	memcpy(column, table.column, 4 * sizeof(column[0]));
	column[4] = (struct schema_column){ .name = { "d", 1 } };
	table.column = column;
	table.columns = 5;
	return &schema;
}

static void write_d(struct author *by)
{
	static const uint8_t at[] = { 4 };
	struct value v = { .type = VALUE_TEXT, .len = 3, .bytes = (const uint8_t *)"new" };
	struct change c = { .op = CHANGE_UPDATE, .hlc = 50 << 16, .seen_own = CHANGE_SEEN_ALL, .keys = 1,
			    .columns = 1, .column = at, .value = &v };

	c.key[0] = (struct value){ .type = VALUE_TEXT, .len = 1, .bytes = (const uint8_t *)"x" };
	author_write(by, &c, 1, NULL, 0, &post);
}

static void no_number_is_left(void)
{
	AUTO_LEDGER l = { 0 };
	struct err e;
	size_t first;

	ledger_begin();
	ledger_write(&ann, CHANGE_INSERT, "x", "a=1 b=2 c=3", NULL, 10);
	first = post.n;
	author_schema(&ben, wider(), &post);
	write_d(&ben);
	ledger_write(&ann, CHANGE_UPDATE, "x", "b=on", NULL, 60);
	CHECK_OK(ledger_open(&l, "node", &e) && ledger_take(&l, 0, first, &e), &e);
	CHECK_OK(db_exec(&l.db, "INSERT INTO simpul_column(table_no, no, name)"
				" SELECT DISTINCT table_no, 255, 'junk' FROM simpul_column", &e), &e);
	for (int round = 0; round < 2; round++) { /* the second time the name is looked up again */
		CHECK_OK(ledger_take(&l, first, post.n, &e), &e);
		CHECK(ledger_count(&l, "SELECT count(*) FROM simpul_changeset WHERE state = 0 AND"
				       " reason LIKE '%no number is left for d'") == 1);
		CHECK(strcmp(ledger_rows(&l), "x|1|on|3;") == 0);
		CHECK(ledger_count(&l, "SELECT max(no) FROM simpul_column") == 255);
	}
	CHECK_OK(db_exec(&l.db, "DELETE FROM simpul_column WHERE no = 255", &e), &e);
	CHECK_OK(ledger_take(&l, first, post.n, &e), &e);
	CHECK(ledger_count(&l, "SELECT count(*) FROM simpul_changeset WHERE state = 0") == 0);
	CHECK(ledger_count(&l, "SELECT count(*) FROM tab WHERE id = 'x' AND d = 'new' AND b = 'on'") == 1);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = { TAP(no_number_is_left) };
	int failures = tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));

	post_done(&post);
	return failures;
}
