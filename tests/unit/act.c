/* act.c - acts are kept with who and why; and files of the version before get the table for them. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/act.h"
#include "store/tables.h"
#include "tap.h"

static bool list_one(void *state, const struct act *act)
{
	char *text = state;
	size_t len = strlen(text);

	snprintf(text + len, 400 - len, "%lld %s %s %s (%s);", (long long)act->no, act->who, act->what,
		 act->object, act->reason);
	return strcmp(act->reason, "stop") != 0;
}

static void acts_are_listed_newest_first(void)
{
	AUTO_DB db = { 0 };
	char text[400] = "";
	struct err e;
	const struct act acts[] = { { .who = "andi", .what = ACT_RETRY, .object = "ab", .reason = "" },
				    { .who = "budi", .what = ACT_DISCARD, .object = "0c", .reason = "uji" } };
	const struct act stop = { .who = "c", .what = ACT_CHOOSE, .object = "t", .reason = "stop" };

	CHECK_OK(db_open(&db, ":memory:", DB_NODE, true, &e) && tables_create(&db, &e), &e);
	for (int i = 0; i < 2; i++)
		CHECK_OK(act_put(&db, world_real(), &acts[i], &e), &e);
	CHECK_OK(act_list(&db, list_one, text, &e), &e);
	CHECK(strcmp(text, "2 budi discard 0c (uji);1 andi retry ab ();") == 0);
	text[0] = '\0';
	CHECK_OK(act_put(&db, world_real(), &stop, &e) && act_list(&db, list_one, text, &e), &e);
	CHECK(strcmp(text, "3 c choose t (stop);") == 0);
}

static void only_a_discard_dismisses(void)
{
	AUTO_DB db = { 0 };
	int64_t n;
	struct err e;
	struct act act = { .who = "andi", .what = ACT_RETRY, .object = "0caf", .reason = "" };
	static const char open[] = "SELECT count(*) FROM (SELECT x'0caf' AS id UNION SELECT x'0cae') AS t"
				   " WHERE NOT " ACT_DISMISSED("t.id");

	CHECK_OK(db_open(&db, ":memory:", DB_NODE, true, &e) && tables_create(&db, &e), &e);
	CHECK_OK(act_put(&db, world_real(), &act, &e) && db_int(&db, open, 0, &n, &e), &e);
	CHECK(n == 2);
	act.what = ACT_DISCARD;
	CHECK_OK(act_put(&db, world_real(), &act, &e) && db_int(&db, open, 0, &n, &e), &e);
	CHECK(n == 1);
}

static void a_file_of_the_first_version_is_brought_up_to_date(void)
{
	const struct act act = { .who = "andi", .what = ACT_RETRY, .object = "ab", .reason = "" };
	char path[300];
	int64_t version;
	bool old;
	struct err e;
	/* What later versions added, taken away again. */
	static const char first_version[] =
		"DROP TABLE simpul_act; DROP TABLE simpul_rule; DROP TABLE simpul_approved;"
		"ALTER TABLE simpul_grant DROP COLUMN by_no; ALTER TABLE simpul_grant DROP COLUMN by_seq;"
		"ALTER TABLE simpul_column DROP COLUMN replicated;"
		"ALTER TABLE simpul_table DROP COLUMN replicated; ALTER TABLE simpul_table DROP COLUMN key;"
		"ALTER TABLE simpul_table DROP COLUMN aside;"
		"DROP TABLE simpul_actor; ALTER TABLE simpul_log DROP COLUMN a;"
		"ALTER TABLE simpul_log DROP COLUMN o; DROP TABLE simpul_workspace;"
		"DROP TABLE simpul_account; DROP TABLE simpul_session; DROP TABLE simpul_token;"
		"DROP TABLE simpul_request; DROP TABLE simpul_file; DROP TABLE simpul_file_from;"
		"DROP TABLE simpul_contact";

	snprintf(path, sizeof(path), "%s/old.db", tap_directory());
	{
		AUTO_DB db = { 0 };

		CHECK_OK(db_open(&db, path, DB_NODE, true, &e) && tables_create(&db, &e), &e);
		CHECK_OK(tables_old(&db, &old, &e), &e);
		CHECK(!old);
		CHECK_OK(db_exec(&db, first_version, &e) && meta_put_int(&db, "version", 1, &e), &e);
	}
	{
		AUTO_DB db = { 0 };

		CHECK_OK(db_open(&db, path, DB_READ_ONLY, false, &e) && tables_old(&db, &old, &e), &e);
		CHECK(old);
		CHECK(!tables_upgrade(&db, &e) && e.code == ERR_READ_ONLY);
	}
	{
		AUTO_DB db = { 0 };

		CHECK_OK(db_open(&db, path, DB_NODE, false, &e) && tables_upgrade(&db, &e), &e);
		CHECK_OK(tables_old(&db, &old, &e) && meta_get_int(&db, "version", 0, &version, &e), &e);
		CHECK(!old && version == TABLES_VERSION);
		CHECK_OK(act_put(&db, world_real(), &act, &e), &e);
		CHECK_OK(db_exec(&db, "INSERT INTO simpul_actor(name) VALUES('Ana');"
				      "INSERT INTO simpul_log(t, m, a, o) VALUES(1, 2, 1, 5)", &e), &e);
		CHECK_OK(tables_upgrade(&db, &e), &e);
	}
	unlink(path);
}

static void a_file_of_a_newer_version_is_left_alone(void)
{
	AUTO_DB db = { 0 };
	struct err e;

	CHECK_OK(db_open(&db, ":memory:", DB_NODE, true, &e) && tables_create(&db, &e), &e);
	CHECK_OK(meta_put_int(&db, "version", TABLES_VERSION + 1, &e), &e);
	CHECK(!tables_upgrade(&db, &e) && e.code == ERR_UNSUPPORTED);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(acts_are_listed_newest_first), TAP(only_a_discard_dismisses),
		TAP(a_file_of_the_first_version_is_brought_up_to_date),
		TAP(a_file_of_a_newer_version_is_left_alone),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
