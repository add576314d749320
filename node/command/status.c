/* status.c - `simpul status`: the facts. */
#include <string.h>

#include "blob/refs.h"
#include "command/show.h"
#include "command/status.h"
#include "control.h"
#include "merge/conflict.h"
#include "merge/digest.h"
#include "merge/violation.h"
#include "outbox/outbox.h"
#include "simpul/invitation.h"
#include "store/act.h"
#include "store/tables.h"

static void put_int(json_t *json, const char *name, int64_t value)
{
	json_object_set_new(json, name, json_integer(value));
}

/* One number under a name. */
static bool count(struct db *db, json_t *json, const char *name, const char *sql, struct err *e)
{
	int64_t n;

	if (!db_int(db, sql, 0, &n, e))
		return false;
	put_int(json, name, n);
	return true;
}

bool status_rows(struct db *db, const char *sql, status_row *take, void *arg, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, sql, &s, e))
		return false;
	for (;;) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		take(arg, &s);
	}
}

static void map_row(void *arg, struct stmt *s)
{
	put_int(arg, stmt_get_text(s, 0), stmt_get_int(s, 1));
}

/* {first column: second column} of each row. */
static bool map(struct db *db, json_t *json, const char *name, const char *sql, struct err *e)
{
	json_t *object = json_object();

	json_object_set_new(json, name, object);
	return status_rows(db, sql, map_row, object, e);
}

/* An object per row; values by their type, binary as hex; a name with a '?' is a truth. */
static json_t *row_json(struct stmt *s, const char *const *names)
{
	json_t *object = json_object();

	for (int i = 0; names[i] != NULL; i++) {
		struct value v = stmt_get_value(s, i);
		const char *name = names[i];

		if (name[0] == '?')
			json_object_set_new(object, name + 1, json_boolean(v.type == VALUE_INT && v.integer));
		else if (v.type == VALUE_INT)
			put_int(object, name, v.integer);
		else if (v.type == VALUE_TEXT)
			json_object_set_new(object, name, show_line(stmt_get_text(s, i)));
		else if (v.type == VALUE_BLOB) {
			char hex[HEX_SIZE(64)];

			hex_encode(v.bytes, v.len > 64 ? 64 : v.len, hex);
			json_object_set_new(object, name, json_string(hex));
		} else
			json_object_set_new(object, name, json_null());
	}
	return object;
}

struct list {
	json_t *array;
	const char *const *names;
};

static void list_row(void *arg, struct stmt *s)
{
	struct list *list = arg;

	json_array_append_new(list->array, row_json(s, list->names));
}

static bool list(struct db *db, json_t *json, const char *name, const char *const *names, const char *sql,
		 struct err *e)
{
	struct list list = { json_array(), names };

	json_object_set_new(json, name, list.array);
	return status_rows(db, sql, list_row, &list, e);
}

static bool identity(struct command_call *call, json_t *json, struct err *e)
{
	static const char *const chain[] = { "scope", "role", "chain", "seq", "revoked", "?frozen", NULL };
	static const char *const table[] = { "name", "scope", "scope_column", "replicated", "aside", NULL };
	const struct party *p = &call->node->party;
	char words[INVITATION_WORDS_SIZE];
	int64_t granted;
	bool enrolled;

	if (!db_int(p->db, "SELECT count(*) FROM simpul_chain WHERE own = 1 AND role IS NOT NULL", 0,
		    &granted, e))
		return false;
	enrolled = call->node->is_hub || granted > 0;
	invitation_words(&p->key, words);
	json_object_set_new(json, "name", json_string(p->name));
	json_object_set_new(json, "role", json_string(call->node->is_hub ? "hub" : "node"));
	json_put_hex(json, "key", p->key.bytes, sizeof(p->key.bytes));
	json_object_set_new(json, "fingerprint", json_string(words));
	json_object_set_new(json, "enrolled", json_boolean(enrolled));
	json_object_set_new(json, "origin", json_string(p->origin));
	json_put_hex(json, "hub_key", p->hub_key.bytes, p->origin[0] == '\0' ? 0 : 32);
	json_object_set_new(json, "running", json_boolean(call->running || control_running(call->file)));
	return list(p->db, json, "scopes", chain,
		    "SELECT scope, CASE role WHEN 1 THEN 'writer' WHEN 2 THEN 'reviewer' WHEN 3 THEN 'reader'"
		    " WHEN 4 THEN 'relay' WHEN 5 THEN 'hub' END, id, head_seq, void_after, frozen"
		    " FROM simpul_chain WHERE own = 1 ORDER BY no", e) &&
	       list(p->db, json, "tables", table,
		    "SELECT name, scope, scope_column, coalesce(replicated, name), aside"
		    " FROM simpul_table ORDER BY name", e);
}

static bool outgoing(struct command_call *call, json_t *json, struct err *e)
{
	struct db *db = call->node->party.db;
	struct outbox_pending pending;

	if (!outbox_pending(db, &pending, e))
		return false;
	put_int(json, "pending", pending.hints);
	put_int(json, "pending_since_ms", pending.oldest_hint_ms);
	if (!call->node->is_hub) {
		put_int(json, "unsent", pending.unsent);
		put_int(json, "unsent_own", pending.unsent_own);
		put_int(json, "unsent_since_ms", pending.oldest_unsent_ms);
		return count(db, json, "receipts", "SELECT count(*) FROM simpul_receipt", e) &&
		       count(db, json, "last_receipt_ms", "SELECT max(filed_ms) FROM simpul_receipt", e);
	}
	/* The hub signs its log with every commit, so all that is in it has its receipt by that. */
	return count(db, json, "receipts", "SELECT count(*) FROM simpul_changeset", e) &&
	       count(db, json, "unsent", "SELECT 0", e) &&
	       count(db, json, "unsent_own", "SELECT 0", e) &&
	       count(db, json, "last_receipt_ms", "SELECT max(arrived_ms) FROM simpul_changeset", e) &&
	       count(db, json, "nodes", "SELECT count(DISTINCT key) FROM simpul_grant", e);
}

static bool holdings(struct db *db, json_t *json, struct err *e)
{
	static const char *const column[] = { "table", "column", NULL };

	return count(db, json, "columns_not_here",
		     "SELECT count(*) FROM simpul_column WHERE at IS NULL", e) &&
	       list(db, json, "not_here", column,
		    "SELECT t.name, coalesce(c.replicated, c.name) FROM simpul_column c JOIN simpul_table t"
		    " ON t.no = c.table_no WHERE c.at IS NULL ORDER BY 1, 2", e) &&
	       count(db, json, "changesets", "SELECT count(*) FROM simpul_changeset", e) &&
	       count(db, json, "merged", "SELECT count(*) FROM simpul_changeset WHERE state = 1", e) &&
	       count(db, json, "quarantined", "SELECT count(*) FROM simpul_changeset WHERE state = 2"
		     " AND NOT " ACT_DISMISSED("simpul_changeset.id"), e) &&
	       count(db, json, "void", "SELECT count(*) FROM simpul_changeset WHERE state >= 3", e) &&
	       count(db, json, "unmerged", "SELECT count(*) FROM simpul_changeset WHERE state = 0"
		     " AND chain_no NOT IN " TABLES_CARRIED, e) &&
	       count(db, json, "carried", "SELECT count(*) FROM simpul_changeset WHERE state = 0"
		     " AND chain_no IN " TABLES_CARRIED, e) &&
	       count(db, json, "held", "SELECT count(*) FROM simpul_held WHERE NOT "
		     ACT_DISMISSED("simpul_held.id"), e) &&
	       map(db, json, "held_for", "SELECT missing, count(*) FROM simpul_held WHERE NOT "
		   ACT_DISMISSED("simpul_held.id") " GROUP BY missing", e) &&
	       map(db, json, "refused", "SELECT problem, count FROM simpul_refused ORDER BY problem", e);
}

/* What waits for people; the rows against a CHECK or foreign key are counted anew. */
static bool open_matters(struct db *db, json_t *json, struct err *e)
{
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;
	int64_t n;

	if (!catalog_load(db, &arena, &catalog, e) || !conflict_count(db, &catalog, &n, e))
		return false;
	put_int(json, "conflicts", n);
	if (!violation_count(db, &catalog, NULL, &n, e))
		return false;
	put_int(json, "violations", n);
	return true;
}

static bool contacts(struct db *db, json_t *json, struct err *e)
{
	static const char *const peer[] = { "url", "?hub", "contact_ms", "try_ms", "error", "error_text",
					    "sent_bytes", "received_bytes", NULL };

	return count(db, json, "last_contact_ms",
		     "SELECT contact_ms FROM simpul_peer ORDER BY is_hub DESC, contact_ms DESC LIMIT 1", e) &&
	       list(db, json, "peers", peer,
		    "SELECT url, is_hub, contact_ms, try_ms, error, error_text, sent_bytes, received_bytes"
		    " FROM simpul_peer ORDER BY is_hub DESC, no", e);
}

/* One state digest per scope that is here; reads every version row. */
static bool digests(struct db *db, json_t *json, struct err *e)
{
	json_t *object = json_object();
	AUTO_ARENA arena = { 0 };
	struct catalog catalog;
	AUTO_STMT s = { 0 };
	bool row;

	json_object_set_new(json, "digest", object);
	if (!catalog_load(db, &arena, &catalog, e) ||
	    !db_prepare(db, "SELECT DISTINCT scope FROM simpul_chain ORDER BY scope", &s, e))
		return false;
	for (;;) {
		struct scope scope;
		struct hash hash;
		const char *name;
		int64_t rows;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		name = stmt_get_text(&s, 0);
		if (!scope_parse(name, strlen(name), &scope, e) ||
		    !digest_scope(db, &catalog, &scope, &hash, &rows, e))
			return false;
		json_put_hex(object, scope.name, hash.bytes, sizeof(hash.bytes));
	}
}

/* Attachments, where an application has any. */
static bool attachments(struct command_call *call, json_t *json, struct err *e)
{
	struct party *p = &call->node->party;
	AUTO_BLOB_STORE store = { .directory = -1 };
	AUTO_BLOB_REFS refs = { 0 };
	struct blob_tally tally;
	json_t *files;

	if (!blob_refs_load(&refs, p->db, e) ||
	    !blob_open(&store, call->node->path, false, call->world, e) ||
	    !blob_refs_tally(&refs, p->db, &store, p->origin, &tally, e))
		return false;
	if (refs.tables == 0)
		return true;
	files = json_object();
	put_int(files, "files", (int64_t)tally.files);
	put_int(files, "here", (int64_t)tally.here);
	put_int(files, "at_hub", (int64_t)(call->node->is_hub ? tally.here : tally.at_hub));
	put_int(files, "refused", (int64_t)tally.refused);
	json_object_set_new(json, "files", files);
	return true;
}

bool command_status(struct command_call *call, struct err *e)
{
	AUTO_JSON json = json_object();
	struct db *db = call->node->party.db;
	uint64_t now_ms = world_now_ms(call->world);
	enum screen_colour colour;
	AUTO_BUF line = { 0 };

	if (!options_rest(&call->options, 1, 1, e) || !identity(call, json, e) ||
	    !outgoing(call, json, e) || !holdings(db, json, e) || !open_matters(db, json, e) ||
	    !contacts(db, json, e) || !attachments(call, json, e) ||
	    !status_why(db, json, now_ms, e))
		return false;
	/* A pass over all rows, which nobody waits for at a screen. */
	if (call->screen.json && !digests(db, json, e))
		return false;
	status_screen_line(&call->screen, json, &line, &colour);
	json_object_set_new(json, "state", json_string(buf_string(&line)));
	if (call->screen.json)
		screen_json(&call->screen, json);
	else
		status_screen_print(&call->screen, json, now_ms);
	return true;
}
