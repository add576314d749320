/* rules_file.c - rules as JSON: there and back, and every mistake refused with its place. */
#include <string.h>

#include "simpul/grant.h"
#include "store/adopt.h"
#include "store/rules_file.h"
#include "store/tables.h"
#include "tap.h"

static bool open_file(struct db *db, struct arena *arena, struct catalog *catalog, struct err *e)
{
	return db_open(db, ":memory:", DB_NODE, true, e) && tables_create(db, e) &&
	       db_exec(db, "CREATE TABLE qw(id INTEGER PRIMARY KEY, status TEXT, volume, price, note TEXT,"
			   " stock INTEGER, prio, must NOT NULL);"
			   "INSERT INTO simpul_table(no, name, scope) VALUES(1, 'qw', '13.73');"
			   "INSERT INTO simpul_column(table_no, no, name, at) SELECT 1, cid, name, cid"
			   " FROM pragma_table_info('qw')", e) &&
	       catalog_load(db, arena, catalog, e);
}

static bool read(const struct catalog *catalog, struct arena *arena, const char *text,
		 struct schema *ret, struct err *e)
{
	return rules_file_read(text, strlen(text), catalog, arena, ret, e);
}

static const char full[] =
	"{\"tables\":{\"qw\":{"
	"\"label\":{\"en\":\"Quick win\",\"id\":\"Langkah cepat\"},"
	"\"labels\":{\"note\":{\"id\":\"Catatan\"}},"
	"\"groups\":[[\"volume\",\"price\"]],"
	"\"policy\":{\"note\":\"text\",\"stock\":\"counter\",\"prio\":\"manual\"},"
	"\"state\":\"status\",\"frozen\":[\"approved\",\"sent\"],"
	"\"write\":[{\"role\":\"writer\",\"states\":[\"\",\"draft\"],\"to\":[\"draft\",\"sent\"]},"
	"{\"role\":\"reviewer\",\"states\":[\"sent\"],\"columns\":[\"status\",\"note\"]},"
	"{\"role\":\"hub\"}]}}}";

static void there_and_back(void)
{
	AUTO_ARENA arena = { 0 };
	AUTO_DB db = { 0 };
	AUTO_JSON all = json_object();
	AUTO_BUF out = { 0 };
	struct catalog catalog;
	struct schema s;
	struct err e;

	CHECK_OK(open_file(&db, &arena, &catalog, &e) && read(&catalog, &arena, full, &s, &e), &e);
	CHECK(s.tables == 1 && s.table[0].rules->writes == 3);
	CHECK(s.table[0].column[5].policy == POLICY_COUNTER);
	CHECK(s.table[0].column[2].group == 1 && s.table[0].column[3].group == 1);
	CHECK(s.table[0].rules->write[1].role == ROLE_REVIEWER && s.table[0].rules->write[1].columns == 2);
	CHECK_OK(adopt_file(&db, &s.table[0], &e) && catalog_load(&db, &arena, &catalog, &e), &e);
	CHECK(catalog.tables == 1 && catalog.table[0].rules != NULL && !catalog.table[0].approved);
	json_object_set_new(all, "qw", rules_file_table(&catalog.table[0]));
	{
		AUTO_JSON file = json_pack("{s:O}", "tables", all);

		json_write(file, &out);
	}
	CHECK(strcmp(buf_string(&out), full) == 0);
	CHECK_OK(read(&catalog, &arena, "{\"tables\":{\"qw\":{\"append\":true}}}", &s, &e), &e);
	CHECK(s.table[0].rules->append);
	/* Empty rules are rules: they say that there is nothing to obey. */
	CHECK_OK(read(&catalog, &arena, "{\"tables\":{\"QW\":{}}}", &s, &e), &e);
	CHECK_OK(adopt_file(&db, &s.table[0], &e) && catalog_load(&db, &arena, &catalog, &e), &e);
	CHECK(catalog.table[0].rules != NULL && catalog.table[0].rules->writes == 0);
	CHECK(catalog.table[0].column[5].policy == POLICY_LWW);
	s.table[0].rules = NULL;
	CHECK_OK(adopt_file(&db, &s.table[0], &e) && catalog_load(&db, &arena, &catalog, &e), &e);
	CHECK(catalog.table[0].rules == NULL);
}

static void the_catalog_is_stale_when_rules_came(void)
{
	AUTO_ARENA arena = { 0 };
	AUTO_DB db = { 0 };
	struct catalog catalog;
	struct schema s;
	struct err e;
	bool stale;

	CHECK_OK(open_file(&db, &arena, &catalog, &e) && read(&catalog, &arena, full, &s, &e), &e);
	CHECK_OK(catalog_stale(&db, &catalog, &stale, &e), &e);
	CHECK(!stale);
	CHECK_OK(adopt_file(&db, &s.table[0], &e) && catalog_stale(&db, &catalog, &stale, &e), &e);
	CHECK(stale);
}

static void mistakes_are_refused_with_their_place(void)
{
	static const struct {
		const char *table; /* the rules of qw, in single quotes */
		enum err_code code;
		const char *says;
	} bad[] = {
		{ "{'polcy':{}}", ERR_RULES, "qw: unknown member \"polcy\"" },
		{ "[]", ERR_RULES, "qw: is not an object" },
		{ "{'policy':{'note':'txt'}}", ERR_RULES, "policy: note: \"txt\" is not a policy" },
		{ "{'policy':{'noet':'text'}}", ERR_NOT_FOUND, "policy: there is no column \"noet\"" },
		{ "{'policy':['note']}", ERR_RULES, "policy: is not an object" },
		{ "{'policy':{'price':'counter'}}", ERR_RULES, "\"price\" is a counter" },
		{ "{'policy':{'stock':'text'}}", ERR_RULES, "\"stock\" is to be merged as text" },
		{ "{'policy':{'must':'manual'}}", ERR_RULES, "neither NULL nor a default" },
		{ "{'policy':{'id':'manual'}}", ERR_RULES, "\"id\" belongs to the key" },
		{ "{'groups':[['id','note']]}", ERR_RULES, "\"id\" belongs to the key" },
		{ "{'groups':[['note']]}", ERR_RULES, "groups: group 1" },
		{ "{'groups':[['note','price'],['price','volume']]}", ERR_RULES, "\"price\" is in two" },
		{ "{'groups':[['note','note']]}", ERR_RULES, "\"note\" is in two groups" },
		{ "{'groups':[['note',3]]}", ERR_RULES, "groups: is not the name of a column" },
		{ "{'state':'sttaus'}", ERR_NOT_FOUND, "state: there is no column" },
		{ "{'frozen':['a']}", ERR_RULES, "without a state column" },
		{ "{'state':'status','frozen':['a','a']}", ERR_RULES, "frozen: \"a\" is listed twice" },
		{ "{'state':'status','frozen':['']}", ERR_RULES, "frozen: a state has a name" },
		{ "{'append':1}", ERR_RULES, "append: is not true or false" },
		{ "{'scope':'13.74'}", ERR_RULES, "scope: the table is attached with scope 13.73" },
		{ "{'scope':{'column':'note'}}", ERR_RULES, "scope: the table is not attached with" },
		{ "{'write':[{}]}", ERR_RULES, "write: [0]: is not an object with a role" },
		{ "{'write':[{'role':'hub'},{'role':'reader'}]}", ERR_RULES, "[1]: role: is not writer" },
		{ "{'write':[{'role':'hub','columns':[]}]}", ERR_RULES, "columns: is empty" },
		{ "{'write':[{'role':'hub','columns':['note','note']}]}", ERR_RULES, "listed twice" },
		{ "{'write':[{'role':'hub','states':['a']}]}", ERR_RULES, "without a state column" },
		{ "{'write':[{'role':'hub','stats':['a']}]}", ERR_RULES, "unknown member \"stats\"" },
		{ "{'label':{'id':3}}", ERR_RULES, "label: is not an object of languages" },
		{ "{'label':{'ID':'x'}}", ERR_RULES, "a label cannot be used" },
		{ "{'labels':{'note':'x'}}", ERR_RULES, "labels: note: is not an object" },
		{ "{'write':[]}", ERR_RULES, "qw: write: is empty; leave it out" },
		{ "{'append':true,'policy':{'stock':'counter'}}", ERR_RULES, "\"stock\" cannot be" },
		{ "{'append':true,'state':'status','frozen':['a']}", ERR_RULES, "append and frozen" },
		{ "{'state':'status','write':[{'role':'hub','to':['a'],'columns':['note']}]}", ERR_RULES,
		  "write: [0]: \"to\" names states to set" },
		{ "{'append':true,'append':true}", ERR_RULES, "line 1" },
	};
	AUTO_ARENA arena = { 0 };
	AUTO_DB db = { 0 };
	struct catalog catalog;
	struct schema s;
	struct err e;

	CHECK_OK(open_file(&db, &arena, &catalog, &e), &e);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text), "{'tables':{'qw':%s}}", bad[i].table);
		for (char *p = text; *p != '\0'; p++)
			if (*p == '\'')
				*p = '"';
		CHECK(!read(&catalog, &arena, text, &s, &e));
		if (e.code != bad[i].code || strstr(e.text, bad[i].says) == NULL)
			printf("# %s: %s\n", text, e.text);
		CHECK(e.code == bad[i].code && strstr(e.text, bad[i].says) != NULL);
	}
	CHECK(!read(&catalog, &arena, "{\"tables\":{\"x\":{}}}", &s, &e) && e.code == ERR_NOT_FOUND);
	CHECK(!read(&catalog, &arena, "{\"tables\":{},\"x\":1}", &s, &e) && e.code == ERR_RULES);
	CHECK(!read(&catalog, &arena, "{\"tables\":\n{,}}", &s, &e) && strstr(e.text, "line 2") != NULL);
	CHECK(!rules_file_read(full, RULES_FILE_BYTES + 1, &catalog, &arena, &s, &e) &&
	      e.code == ERR_TOO_LARGE);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(there_and_back),
		TAP(the_catalog_is_stale_when_rules_came),
		TAP(mistakes_are_refused_with_their_place),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
