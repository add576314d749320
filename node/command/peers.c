/* peers.c - `simpul peers`: whom a node exchanges with; at a hub also whom it enrolled. */
#include <inttypes.h>
#include <string.h>

#include "command.h"
#include "command/show.h"

static json_t *peers_json(struct db *db, struct err *e)
{
	AUTO_JSON array = json_array();
	AUTO_RESET s = { 0 };
	json_t *ret;
	bool row;

	if (!db_statement(db, "SELECT url, is_hub, key, contact_ms, try_ms, error, error_text, sent_bytes,"
			      " received_bytes FROM simpul_peer ORDER BY is_hub DESC, no", &s, e))
		return NULL;
	for (;;) {
		size_t len;
		const void *key;
		json_t *peer;

		if (!stmt_row(&s, &row, e))
			return NULL;
		if (!row)
			break;
		key = stmt_get_blob(&s, 2, &len);
		peer = json_pack("{s:s,s:b,s:o,s:I,s:I,s:I,s:I}", "url", stmt_get_text(&s, 0), "hub",
				 (int)stmt_get_int(&s, 1), "key",
				 key == NULL ? json_null() : show_hex(key, len), "contact_ms",
				 (json_int_t)stmt_get_int(&s, 3), "try_ms",
				 (json_int_t)stmt_get_int(&s, 4), "sent_bytes",
				 (json_int_t)stmt_get_int(&s, 7), "received_bytes",
				 (json_int_t)stmt_get_int(&s, 8));
		if (peer != NULL && !stmt_get_null(&s, 5)) {
			json_object_set_new(peer, "error", json_string(stmt_get_text(&s, 5)));
			json_object_set_new(peer, "error_text", show_line(stmt_get_text(&s, 6)));
		}
		json_array_append_new(array, peer);
	}
	ret = array;
	array = NULL;
	return ret;
}

/* The devices that a hub has granted something. */
static json_t *nodes_json(struct db *db, struct err *e)
{
	AUTO_JSON array = json_array();
	AUTO_RESET s = { 0 };
	json_t *ret;
	bool row;

	if (!db_statement(db, "SELECT g.name, g.scope, g.role, g.chain, g.key, g.void_after, c.head_seq,"
			      " (SELECT max(arrived_ms) FROM simpul_changeset cs WHERE cs.chain_no = c.no)"
			      " FROM simpul_grant g LEFT JOIN simpul_chain c ON c.id = g.chain"
			      " ORDER BY g.scope, g.name", &s, e))
		return NULL;
	for (;;) {
		size_t chain_len, key_len;
		const void *chain, *key;
		json_t *node;

		if (!stmt_row(&s, &row, e))
			return NULL;
		if (!row)
			break;
		chain = stmt_get_blob(&s, 3, &chain_len);
		key = stmt_get_blob(&s, 4, &key_len);
		node = json_pack("{s:s,s:s,s:s,s:o,s:o,s:I,s:I}", "name", stmt_get_text(&s, 0), "scope",
				 stmt_get_text(&s, 1), "role", role_name((enum role)stmt_get_int(&s, 2)),
				 "chain", show_hex(chain, chain_len), "key", show_hex(key, key_len), "seq",
				 (json_int_t)stmt_get_int(&s, 6), "last_ms", (json_int_t)stmt_get_int(&s, 7));
		if (node != NULL && !stmt_get_null(&s, 5))
			json_object_set_new(node, "revoked_after", json_integer(stmt_get_int(&s, 5)));
		json_array_append_new(array, node);
	}
	ret = array;
	array = NULL;
	return ret;
}

static void peers_print(const struct command_call *call, const json_t *peers)
{
	static const char *const id[] = { "MITRA", "JENIS", "TERAKHIR", "DIKIRIM", "DITERIMA", "MASALAH" };
	static const char *const en[] = { "PEER", "KIND", "LAST CONTACT", "SENT", "RECEIVED", "TROUBLE" };
	const struct screen *s = &call->screen;
	struct screen_table *t = screen_table_new(s, s->english ? en : id, 6);

	for (size_t i = 0; i < json_array_size(peers); i++) {
		const json_t *peer = json_array_get(peers, i);
		const char *error = json_text_or_empty(peer, "error_text");
		uint64_t contact_ms = (uint64_t)json_int_or_zero(peer, "contact_ms");
		char time[40] = "-", sent[32], received[32];

		if (contact_ms > 0)
			screen_time(time, sizeof(time), contact_ms);
		screen_bytes(sent, sizeof(sent), (uint64_t)json_int_or_zero(peer, "sent_bytes"));
		screen_bytes(received, sizeof(received), (uint64_t)json_int_or_zero(peer, "received_bytes"));
		screen_table_cell(t, SCREEN_BOLD, "%s", json_text_or_empty(peer, "url"));
		screen_table_cell(t, SCREEN_FAINT, "%s", json_is_true(json_object_get(peer, "hub")) ?
				  screen_say(s, "pusat", "hub") : screen_say(s, "tetangga", "neighbour"));
		screen_table_cell(t, SCREEN_PLAIN, "%s", time);
		screen_table_cell(t, SCREEN_PLAIN, "%s", sent);
		screen_table_cell(t, SCREEN_PLAIN, "%s", received);
		screen_table_cell(t, SCREEN_BAD, "%s", error[0] == '\0' ? "-" : error);
	}
	screen_table_print(&t);
}

static void nodes_print(const struct command_call *call, const json_t *nodes)
{
	static const char *const id[] = { "LINGKUP", "SIMPUL", "PERAN", "RANTAI", "NOMOR", "TERAKHIR" };
	static const char *const en[] = { "SCOPE", "NODE", "ROLE", "CHAIN", "NUMBER", "LAST" };
	const struct screen *s = &call->screen;
	struct screen_table *t = screen_table_new(s, s->english ? en : id, 6);

	for (size_t i = 0; i < json_array_size(nodes); i++) {
		const json_t *node = json_array_get(nodes, i);
		bool revoked = json_object_get(node, "revoked_after") != NULL;
		uint64_t last_ms = (uint64_t)json_int_or_zero(node, "last_ms");
		char time[40] = "-";

		if (last_ms > 0)
			screen_time(time, sizeof(time), last_ms);
		screen_table_cell(t, SCREEN_PLAIN, "%s", json_text_or_empty(node, "scope"));
		screen_table_cell(t, SCREEN_BOLD, "%s", json_text_or_empty(node, "name"));
		screen_table_cell(t, revoked ? SCREEN_BAD : SCREEN_PLAIN, "%s%s",
				  json_text_or_empty(node, "role"), revoked ? " (revoked)" : "");
		screen_table_cell(t, SCREEN_FAINT, "%s", json_text_or_empty(node, "chain"));
		screen_table_cell(t, SCREEN_PLAIN, "%" PRId64, json_int_or_zero(node, "seq"));
		screen_table_cell(t, SCREEN_PLAIN, "%s", time);
	}
	screen_table_print(&t);
}

static bool list(struct command_call *call, struct err *e)
{
	const struct screen *s = &call->screen;
	AUTO_JSON peers = peers_json(&call->node->db, e);
	AUTO_JSON nodes = NULL;
	AUTO_JSON both = NULL;

	if (peers == NULL)
		return false;
	if (call->node->is_hub && (nodes = nodes_json(&call->node->db, e)) == NULL)
		return false;
	if (s->json) {
		both = json_pack("{s:O}", "peers", peers);
		if (nodes != NULL)
			json_object_set(both, "nodes", nodes);
		screen_json(s, both);
		return true;
	}
	if (nodes != NULL)
		nodes_print(call, nodes);
	if (nodes == NULL || json_array_size(peers) > 0)
		peers_print(call, peers);
	return true;
}

static bool url_valid(const char *url)
{
	size_t len = strlen(url);

	return len < 256 && strncmp(url, "https://", 8) == 0 && len > 8 && url[len - 1] != '/' &&
	       strpbrk(url, " \t\r\n\"<>\\^`{|}#") == NULL && utf8_valid((const uint8_t *)url, len);
}

/* Number 1 is kept for the hub, which may be enrolled later. */
static bool add(struct command_call *call, const char *url, const char *hex, struct err *e)
{
	struct public_key key;
	AUTO_RESET s = { 0 };

	if (!url_valid(url))
		return err_set(e, ERR_USAGE, "a peer is https://HOST:PORT without a final slash, not \"%s\"",
			       url);
	if (hex != NULL && !hex_decode(hex, strlen(hex), key.bytes, sizeof(key.bytes)))
		return err_set(e, ERR_USAGE, "a key is 64 hex digits");
	if (hex != NULL && !crypto_key_check(&key, e))
		return false;
	if (!db_statement(&call->node->db,
			  "INSERT INTO simpul_peer(no, url, key)"
			  " SELECT 1 + max(1, coalesce(max(no), 1)), ?1, ?2 FROM simpul_peer"
			  " WHERE true ON CONFLICT(url) DO NOTHING", &s, e))
		return false;
	stmt_text(&s, 1, url);
	if (hex != NULL)
		stmt_blob(&s, 2, key.bytes, sizeof(key.bytes));
	if (!stmt_done(&s, e))
		return false;
	if (db_changed_rows(&call->node->db) == 0)
		return err_set(e, ERR_EXISTS, "%s is a peer already", url);
	screen_print(&call->screen, SCREEN_GOOD, "%s\n", url);
	return true;
}

static bool remove_peer(struct command_call *call, const char *url, struct err *e)
{
	AUTO_RESET s = { 0 };

	if (!db_statement(&call->node->db, "DELETE FROM simpul_peer WHERE url = ?1 AND is_hub = 0", &s, e))
		return false;
	stmt_text(&s, 1, url);
	if (!stmt_done(&s, e))
		return false;
	if (db_changed_rows(&call->node->db) == 0)
		return err_set(e, ERR_NOT_FOUND, "%s is no neighbour of this node", url);
	return true;
}

bool command_peers(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	const char *key = NULL;

	if (!options_text(o, "--key", &key, e) || !options_rest(o, 1, 3, e))
		return false;
	if (o->words == 1 && key == NULL)
		return list(call, e);
	if (o->words == 3 && strcmp(o->word[1], "add") == 0)
		return add(call, o->word[2], key, e);
	if (o->words == 3 && strcmp(o->word[1], "remove") == 0 && key == NULL)
		return remove_peer(call, o->word[2], e);
	return err_set(e, ERR_USAGE, "peers FILE, peers FILE add URL [--key HEX] or peers FILE remove URL");
}
