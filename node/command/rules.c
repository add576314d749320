/* rules.c - `simpul rules`: what wins in a merge and who may write what, shown or filed. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "command/rules.h"
#include "store/adopt.h"
#include "store/rules_file.h"

static void file_close(FILE **f)
{
	if (*f != NULL)
		fclose(*f);
}

static bool read_file(const char *path, struct buf *out, struct err *e)
{
	__attribute__((cleanup(file_close))) FILE *f = fopen(path, "rb");

	if (f == NULL)
		return err_set(e, ERR_NOT_FOUND, "there is no file %s that can be read", path);
	out->len = fread(buf_reserve(out, RULES_FILE_BYTES + 1), 1, RULES_FILE_BYTES + 1, f);
	return ferror(f) == 0 || err_set(e, ERR_STORAGE, "%s cannot be read", path);
}

/* All tables of the hub, those of the file with the new rules: one document, put on the national chain. */
static bool approve(struct party *p, const struct catalog *catalog, struct arena *arena,
		    const struct schema *filed, bool *ret_changed, struct err *e)
{
	struct schema all = { .tables = (uint16_t)catalog->tables };
	AUTO_BUF bytes = { 0 };

	all.table = arena_take(arena, (size_t)catalog->tables * sizeof(*all.table) + 1);
	for (int i = 0; i < catalog->tables; i++) {
		catalog_schema(&catalog->table[i], arena, &all.table[i]);
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

static bool file_own(struct db *db, const struct catalog *catalog, const struct schema *filed,
		     struct err *e)
{
	for (uint16_t i = 0; i < filed->tables; i++) {
		const struct schema_table *t = &filed->table[i];

		if (catalog_by_replicated(catalog, t->name.text)->approved)
			return err_set(e, ERR_FORBIDDEN,
				       "the hub has approved rules for table %s, which are changed there",
				       t->name.text);
		if (!adopt_file(db, t, e))
			return false;
	}
	return true;
}

bool rules_put(struct node *node, const char *path, const struct buf *json, unsigned *ret_tables,
	       bool *ret_changed, struct err *e)
{
	struct party *p = &node->party;
	const struct catalog *catalog;
	AUTO_ARENA arena = { 0 };
	AUTO_TXN txn = { 0 };
	struct schema filed;

	*ret_changed = true;
	if (!txn_begin(&txn, p->db, e) || !party_settle(p, e) || !party_catalog(p, &catalog, e))
		return false;
	if (!rules_file_read(json->data, json->len, catalog, &arena, &filed, e))
		return err_wrap(e, "%s", path);
	if (node->is_hub ? !approve(p, catalog, &arena, &filed, ret_changed, e) :
			   !file_own(p->db, catalog, &filed, e))
		return false;
	*ret_tables = filed.tables;
	return party_settle(p, e) && txn_commit(&txn, e) && (p->hub == NULL || p->hub->sign(p, e));
}

static bool file_rules(struct command_call *call, const char *path, struct err *e)
{
	AUTO_BUF bytes = { 0 };
	unsigned tables;
	bool changed;

	if (!read_file(path, &bytes, e) || !rules_put(call->node, path, &bytes, &tables, &changed, e))
		return false;
	screen_print(&call->screen, SCREEN_GOOD, "%u table%s", tables, tables == 1 ? "" : "s");
	screen_print(&call->screen, SCREEN_PLAIN, "%s\n",
		     !changed ? ": these rules are approved already" :
		     call->node->is_hub ? ": rules approved; every node gets them with its next sync" :
		     ": rules filed for this node; they hold until the hub approves others");
	return true;
}

static void print_lines(const struct screen *s, const json_t *lines)
{
	for (size_t i = 0; i < json_array_size(lines); i++) {
		json_t *line = json_array_get(lines, i), *v;
		AUTO_BUF text = { 0 };
		const char *name;

		json_object_foreach(line, name, v) {
			if (strcmp(name, "role") == 0)
				continue;
			buf_print(&text, "  %s ", name);
			json_write(v, &text);
		}
		screen_print(s, SCREEN_PLAIN, "  write  %s%s\n", json_text_or_empty(line, "role"),
			     buf_string(&text));
	}
}

static void print_table(const struct screen *s, const struct catalog_table *t, json_t *rules)
{
	const char *name;
	json_t *v;

	screen_print(s, SCREEN_BOLD, "%s", t->name);
	screen_print(s, SCREEN_FAINT, "  %s\n",
		     t->rules == NULL ? screen_say(s, "tanpa aturan", "no rules") :
		     t->approved ? screen_say(s, "disetujui pusat", "approved by the hub") :
				   screen_say(s, "diajukan di sini", "filed here"));
	json_object_foreach(rules, name, v) {
		AUTO_BUF text = { 0 };

		if (strcmp(name, "write") == 0)
			continue;
		if (json_is_boolean(v))
			buf_text(&text, json_is_true(v) ? "true" : "false");
		else if (json_is_string(v))
			buf_text(&text, json_string_value(v));
		else
			json_write(v, &text);
		screen_print(s, SCREEN_PLAIN, "  %s  %s\n", name, buf_string(&text));
	}
	print_lines(s, json_object_get(rules, "write"));
}

bool command_rules(struct command_call *call, struct err *e)
{
	AUTO_JSON tables = json_object();
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;

	if (!options_rest(&call->options, 1, 2, e))
		return false;
	if (call->options.words == 2)
		return file_rules(call, call->options.word[1], e);
	if (!catalog_load(&call->node->db, &arena, &catalog, e))
		return false;
	for (int i = 0; i < catalog.tables; i++) {
		json_t *rules = rules_file_table(&catalog.table[i]);

		json_object_set_new(tables, catalog.table[i].name, rules);
		if (!call->screen.json)
			print_table(&call->screen, &catalog.table[i], rules);
	}
	if (call->screen.json) {
		AUTO_JSON all = json_pack("{s:O}", "tables", tables);

		screen_json(&call->screen, all);
	}
	return true;
}
