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

static bool file_own(struct party *p, const struct buf *json, struct approve_result *ret, struct err *e)
{
	const struct catalog *catalog;
	AUTO_ARENA arena = { 0 };
	struct schema filed;

	if (!party_catalog(p, &catalog, e) ||
	    !rules_file_read(json->data, json->len, catalog, &arena, &filed, e))
		return false;
	for (uint16_t i = 0; i < filed.tables; i++) {
		const struct schema_table *t = &filed.table[i];

		if (catalog_by_replicated(catalog, t->name.text)->approved)
			return err_set(e, ERR_FORBIDDEN,
				       "the hub has approved rules for table %s, which are changed there",
				       t->name.text);
		if (!adopt_file(p->db, t, e))
			return false;
	}
	*ret = (struct approve_result){ .tables = filed.tables, .changed = true };
	return true;
}

bool rules_put(struct node *node, const char *path, const struct buf *json, struct approve_result *ret,
	       struct err *e)
{
	struct party *p = &node->party;
	AUTO_TXN txn = { 0 };

	if (!txn_begin(&txn, p->db, e) || !party_settle(p, e))
		return false;
	if (node->is_hub ? !approve_file(p, json, ret, e) : !file_own(p, json, ret, e))
		return err_wrap(e, "%s", path);
	return party_settle(p, e) && txn_commit(&txn, e) && (p->hub == NULL || p->hub->sign(p, e));
}

static bool file_rules(struct command_call *call, const char *path, struct err *e)
{
	const struct screen *s = &call->screen;
	struct approve_result filed;
	AUTO_BUF bytes = { 0 };

	if (!read_file(path, &bytes, e) || !rules_put(call->node, path, &bytes, &filed, e))
		return false;
	if (filed.tables > 0 || filed.waiting == 0) {
		screen_print(s, SCREEN_GOOD, "%u table%s", filed.tables, filed.tables == 1 ? "" : "s");
		screen_print(s, SCREEN_PLAIN, "%s\n",
			     !filed.changed	? ": these rules are approved already" :
			     call->node->is_hub ? ": rules approved; every node gets them with its"
						  " next sync" :
						  ": rules filed for this node; they hold until the hub"
						  " approves others");
	}
	if (filed.waiting > 0) {
		screen_print(s, SCREEN_WARN, "%u table%s", filed.waiting, filed.waiting == 1 ? "" : "s");
		screen_print(s, SCREEN_PLAIN, " not here yet: the rules wait, and are approved when an office"
					      " sends its first rows\n");
	}
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

static const char *whose(const struct screen *s, const struct catalog_table *t)
{
	return t->rules == NULL ? screen_say(s, "tanpa aturan", "no rules") :
	       t->approved ? screen_say(s, "disetujui pusat", "approved by the hub") :
			     screen_say(s, "diajukan di sini", "filed here");
}

static void print_table(const struct screen *s, const char *table, const char *from, json_t *rules)
{
	const char *name;
	json_t *v;

	screen_print(s, SCREEN_BOLD, "%s", table);
	screen_print(s, SCREEN_FAINT, "  %s\n", from);
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

static bool show(struct command_call *call, struct err *e)
{
	const struct screen *s = &call->screen;
	AUTO_JSON tables = json_object();
	AUTO_JSON waiting = NULL;
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;
	const char *name;
	json_t *rules;

	if (!catalog_load(&call->node->db, &arena, &catalog, e) ||
	    !approve_list(&call->node->db, &waiting, e))
		return false;
	for (int i = 0; i < catalog.tables; i++) {
		rules = rules_file_table(&catalog.table[i]);
		json_object_set_new(tables, catalog.table[i].name, rules);
		if (!s->json)
			print_table(s, catalog.table[i].name, whose(s, &catalog.table[i]), rules);
	}
	json_object_foreach(waiting, name, rules) {
		json_object_set(tables, name, rules);
		if (!s->json)
			print_table(s, name, screen_say(s, "menunggu tabelnya", "waits for the table"),
				    rules);
	}
	if (s->json) {
		AUTO_JSON all = json_pack("{s:O}", "tables", tables);

		screen_json(s, all);
	}
	return true;
}

bool command_rules(struct command_call *call, struct err *e)
{
	if (!options_rest(&call->options, 1, 2, e))
		return false;
	return call->options.words == 2 ? file_rules(call, call->options.word[1], e) : show(call, e);
}
