/* check.c - `simpul check`: does the file agree with its own log, and what to do where it does not. */
#include <string.h>

#include "command.h"
#include "command/show.h"
#include "hub/tile.h"
#include "merge/compare.h"

#define SHOWN_MAX 100 /* differences on a screen; JSON has all */

struct checking {
	struct command_call *call;
	json_t *list;
};

struct remedy {
	const char *kind;
	const char *id, *en;
};

static const struct remedy remedies[] = {
	{ "frame", "pulihkan berkas dari cadangan, lalu simpul sync melengkapinya",
	  "restore the file from a backup, then simpul sync completes it" },
	{ "version", "simpul rebuild --force membuatnya lagi dari log",
	  "simpul rebuild --force makes it anew from the log" },
	{ "row", "simpul rebuild menulisnya lagi dari log; yang tidak dikenal log disimpan",
	  "simpul rebuild writes it from the log; what the log does not know is kept" },
	{ "sibling", "simpul rebuild membuat daftarnya lagi", "simpul rebuild makes the list anew" },
	{ "receipt", "simpul sync; bila tetap, simpan berkasnya dan hubungi auditor",
	  "simpul sync; if it stays, keep the file and call an auditor" },
	{ "log", "hentikan pusat, pulihkan dari cadangan, lalu simpul restored",
	  "stop the hub, restore it from a backup, then simpul restored" },
};

static const struct remedy *remedy_of(const char *kind)
{
	for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
		if (strcmp(remedies[i].kind, kind) == 0)
			return &remedies[i];
	return &remedies[0];
}

static void add(void *state, const struct difference *d)
{
	struct checking *c = state;
	json_t *json = json_object(), *key;

	json_object_set_new(json, "kind", json_string(d->kind));
	if (d->n > 0)
		json_object_set_new(json, "changeset", json_integer(d->n));
	if (d->table != NULL) {
		json_object_set_new(json, "table", json_string(d->table->name));
		json_object_set_new(json, "scope", json_string(d->scope));
	}
	if (d->key != NULL) {
		key = json_object();
		for (int i = 0; i < d->table->keys; i++)
			json_object_set_new(key, d->table->column[d->table->key[i]].name,
					    show_value(&d->key[i]));
		json_object_set_new(json, "key", key);
	}
	if (d->column != NULL)
		json_object_set_new(json, "column", json_string(d->column));
	json_object_set_new(json, "text", show_line(d->text));
	json_object_set_new(json, "remedy", json_string(remedy_of(d->kind)->en));
	json_array_append_new(c->list, json);
}

static void progress(void *state, uint64_t done, uint64_t total)
{
	const struct checking *c = state;

	screen_progress(&c->call->screen, "changesets", done, total);
}

/* A hub: each leaf is the changeset's id, the tree is the root of its leaves, and so was what it signed. */
static bool check_log(struct comparison *c, struct err *e)
{
	struct tree_edge edge = { 0 };
	struct tree_head head;
	AUTO_TILE_VIEW view = tile_view_new(c->db);
	struct tree_source source = tile_source(view);
	AUTO_STMT s = { 0 };
	uint64_t size;
	struct hash root, leaf, id, ignored[63];
	struct err why;
	bool row;

	if (!tile_size(c->db, &size, e) ||
	    !db_prepare(c->db, "SELECT n, id FROM simpul_changeset ORDER BY n", &s, e))
		return false;
	while (true) {
		size_t len;
		const void *bytes;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row || edge.size == size)
			break;
		bytes = stmt_get_blob(&s, 1, &len);
		memset(&id, 0, sizeof(id));
		memcpy(&id, bytes, len == sizeof(id) ? len : 0);
		if (!source.hash(source.owner, 0, edge.size, &leaf, &why))
			compare_tell(c, "log", stmt_get_int(&s, 0), why.text);
		else if (!hash_equal(&leaf, &id))
			compare_tell(c, "log", stmt_get_int(&s, 0), "its leaf in the log is another one");
		tree_edge_add(&edge, &id, ignored);
	}
	if (size == 0)
		return true;
	tree_edge_head(&edge, &head);
	if (edge.size < size)
		compare_tell(c, "log", (int64_t)edge.size + 1, "the log is longer than what is on file");
	else if (!tile_root(c->db, size, &root, &why))
		compare_tell(c, "log", 0, why.text);
	else if (!hash_equal(&root, &head.root))
		compare_tell(c, "log", 0, "the tree's root is not that of its entries");
	return true;
}

static void line(const struct screen *s, const json_t *d)
{
	const json_t *key = json_object_get(d, "key");
	AUTO_BUF text = { 0 };
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)key, name, value) {
		buf_text(&text, text.len > 0 ? ", " : " ");
		show_value_print(value, &text);
	}
	screen_print(s, SCREEN_BAD, "%-8s", json_text_or_empty(d, "kind"));
	if (json_object_get(d, "changeset") != NULL)
		screen_print(s, SCREEN_BOLD, " %lld", (long long)json_int_or_zero(d, "changeset"));
	if (json_object_get(d, "table") != NULL)
		screen_print(s, SCREEN_BOLD, " %s%s", json_text_or_empty(d, "table"), buf_string(&text));
	if (json_object_get(d, "column") != NULL)
		screen_print(s, SCREEN_BOLD, " .%s", json_text_or_empty(d, "column"));
	screen_print(s, SCREEN_PLAIN, ": %s\n", json_text_or_empty(d, "text"));
}

static void print(const struct screen *s, const json_t *list, const struct comparison *c)
{
	const char *last = "";

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *d = json_array_get(list, i);
		const char *kind = json_text_or_empty(d, "kind");

		if (i < SHOWN_MAX)
			line(s, d);
		if (i == SHOWN_MAX)
			screen_print(s, SCREEN_FAINT, "... %zu more (--json has all)\n",
				     json_array_size(list) - i);
		if (strcmp(kind, last) != 0 && i < SHOWN_MAX)
			screen_print(s, SCREEN_FAINT, "         %s\n",
				     screen_say(s, remedy_of(kind)->id, remedy_of(kind)->en));
		last = kind;
	}
	if (c->damaged > 0)
		screen_print(s, SCREEN_WARN, "%s\n",
			     screen_say(s, "baris tidak dibandingkan: lognya tidak utuh",
					"rows were not compared: the log is not whole"));
	if (json_array_size(list) == 0)
		screen_print(s, SCREEN_GOOD, "%lld %s, %lld %s: %s\n", (long long)c->changesets,
			     screen_say(s, "set perubahan", "changesets"), (long long)c->rows,
			     screen_say(s, "baris", "rows"), screen_say(s, "semua cocok", "all agree"));
}

bool command_check(struct command_call *call, struct err *e)
{
	AUTO_JSON list = json_array();
	AUTO_JSON all = NULL;
	AUTO_ARENA arena = { 0 };
	struct checking state = { .call = call, .list = list };
	struct catalog catalog;
	AUTO_COMPARISON c = { .db = &call->node->db, .catalog = &catalog, .call = add, .progress = progress,
			      .state = &state };
	bool ok;

	if (!options_rest(&call->options, 1, 1, e) || !db_exec(c.db, "BEGIN", e) ||
	    !catalog_load(c.db, &arena, &catalog, e))
		return false;
	ok = compare_frames(&c, e) && compare_rows(&c, e) && compare_receipts(&c, e) &&
	     (!call->node->is_hub || check_log(&c, e));
	screen_progress_end(&call->screen);
	if (!ok || !db_exec(c.db, "COMMIT", e))
		return false;
	if (call->screen.json) {
		all = json_pack("{s:I,s:I,s:b,s:O}", "changesets", (json_int_t)c.changesets, "rows",
				(json_int_t)c.rows, "rows_compared", c.damaged == 0, "differences", list);
		screen_json(&call->screen, all);
	} else {
		print(&call->screen, list, &c);
	}
	return c.differences == 0 ||
	       err_set(e, ERR_DIFFERENT, "%lld differences between the log and what the file holds",
		       (long long)c.differences);
}
