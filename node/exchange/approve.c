/* approve.c - what waits is kept in simpul_meta "rules_waiting" as {table: rules}, as it was filed. */
#include <string.h>

#include "base/log.h"
#include "exchange/approve.h"
#include "store/adopt.h"
#include "store/rules_file.h"
#include "store/tables.h"

#define WAITING "rules_waiting"

/* All tables of the hub, those of the file with the new rules: one document, put on the national chain. */
static bool approve(struct party *p, const struct catalog *catalog, const struct schema *filed,
		    bool *ret_changed, struct err *e)
{
	struct schema all = { .tables = (uint16_t)catalog->tables };
	AUTO_ARENA arena = { 0 };
	AUTO_BUF bytes = { 0 };

	all.table = arena_take(&arena, (size_t)catalog->tables * sizeof(*all.table) + 1);
	for (int i = 0; i < catalog->tables; i++) {
		catalog_schema(&catalog->table[i], &arena, &all.table[i]);
		for (uint16_t k = 0; k < filed->tables; k++)
			if (schema_text_compare(&filed->table[k].name, &all.table[i].name) == 0)
				all.table[i] = filed->table[k];
	}
	if (!adopt_encode(&all, &bytes, e))
		return false;
	*ret_changed = bytes.len != catalog->document_len ||
		       memcmp(bytes.data, catalog->document, bytes.len) != 0;
	for (uint16_t k = 0; k < filed->tables; k++)
		*ret_changed |= !catalog_by_replicated(catalog, filed->table[k].name.text)->approved;
	return !*ret_changed || party_record(p, CHANGESET_SCHEMA, bytes.data, bytes.len, e);
}

/* tables: {table: rules} of tables that are here. */
static bool approve_tables(struct party *p, json_t *tables, struct approve_result *ret, struct err *e)
{
	AUTO_JSON file = json_pack("{s:O}", "tables", tables);
	const struct catalog *catalog;
	AUTO_ARENA arena = { 0 };
	struct schema filed;
	AUTO_BUF text = { 0 };

	json_write(file, &text);
	if (!party_catalog(p, &catalog, e) ||
	    !rules_file_read(text.data, text.len, catalog, &arena, &filed, e))
		return false;
	ret->tables = filed.tables;
	return filed.tables == 0 || approve(p, catalog, &filed, &ret->changed, e);
}

bool approve_list(struct db *db, json_t **ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	const char *text;
	bool row;

	if (!db_statement(db, "SELECT value FROM simpul_meta WHERE key = '" WAITING "'", &s, e) ||
	    !stmt_row(&s, &row, e))
		return false;
	if (!row) {
		*ret = json_object();
		return true;
	}
	text = stmt_get_text(&s, 0);
	return json_parse(text, strlen(text), ret, e) || err_wrap(e, "rules that wait");
}

static bool put_waiting(struct db *db, const json_t *waiting, struct err *e)
{
	AUTO_BUF text = { 0 };

	if (json_object_size(waiting) == 0)
		return db_exec(db, "DELETE FROM simpul_meta WHERE key = '" WAITING "'", e);
	json_write(waiting, &text);
	return meta_put_text(db, WAITING, buf_string(&text), e);
}

bool approve_file(struct party *p, const struct buf *json, struct approve_result *ret, struct err *e)
{
	AUTO_JSON here = json_object();
	AUTO_JSON waiting = NULL;
	const struct catalog *catalog;
	AUTO_JSON file = NULL;
	const char *name;
	json_t *rules, *tables;
	bool later = false;

	*ret = (struct approve_result){ 0 };
	if (!rules_file_open(json->data, json->len, &file, &tables, e) || !party_catalog(p, &catalog, e) ||
	    !approve_list(p->db, &waiting, e))
		return false;
	json_object_foreach(tables, name, rules) {
		bool absent = catalog_by_name(catalog, name) == NULL;

		if (absent && !rules_file_plausible(rules, e))
			return err_wrap(e, "tables: %.128s", name);
		later |= absent && !json_equal(json_object_get(waiting, name), rules);
		json_object_set(absent ? waiting : here, name, rules);
		ret->waiting += absent;
		if (!absent)
			json_object_del(waiting, name);
	}
	if (!put_waiting(p->db, waiting, e) || !approve_tables(p, here, ret, e))
		return false;
	ret->changed |= later;
	return true;
}

bool approve_waiting(struct party *p, bool *ret_any, struct err *e)
{
	AUTO_JSON still = json_object();
	AUTO_JSON waiting = NULL;
	const struct catalog *catalog;
	const char *name;
	json_t *rules;

	*ret_any = false;
	if (!approve_list(p->db, &waiting, e))
		return false;
	if (json_object_size(waiting) == 0)
		return true;
	if (!party_catalog(p, &catalog, e))
		return false;
	json_object_foreach(waiting, name, rules) {
		AUTO_JSON one = json_pack("{s:O}", name, rules);
		struct approve_result done = { 0 };

		if (catalog_by_name(catalog, name) == NULL) {
			json_object_set(still, name, rules);
			continue;
		}
		if (approve_tables(p, one, &done, e)) {
			*ret_any |= done.changed;
			log_line(LOG_NOTICE, "rules", "%s: its rules, which waited, are approved", name);
			continue;
		}
		if (e->code != ERR_RULES && e->code != ERR_NOT_FOUND)
			return false;
		log_line(LOG_ERROR, "rules", "%s: its rules, which waited, do not fit and are dropped: %s",
			 name, e->text);
	}
	return json_object_size(still) == json_object_size(waiting) || put_waiting(p->db, still, e);
}
