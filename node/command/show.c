/* show.c - one description of a changeset for programs and people. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/moment.h"
#include "command/show.h"
#include "simpul/change.h"
#include "simpul/grant.h"
#include "simpul/hlc.h"
#include "store/db.h"

#define CHANGES_SHOWN 1000 /* in one changeset on a screen */
#define VALUE_SHOWN 200	   /* bytes of a value on a screen */

const char *show_kind(enum changeset_kind kind)
{
	static const char *const names[] = {
		[CHANGESET_GENESIS] = "genesis", [CHANGESET_DATA] = "data",
		[CHANGESET_ROTATE] = "rotate",	 [CHANGESET_CLOSE] = "close",
		[CHANGESET_GRANT] = "grant",	 [CHANGESET_REVOKE] = "revoke",
		[CHANGESET_SNAPSHOT] = "snapshot", [CHANGESET_SCHEMA] = "schema",
	};

	return (size_t)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "unknown";
}

json_t *show_hex(const void *bytes, size_t len)
{
	AUTO_BUF hex = { 0 };

	hex_encode(bytes, len, (char *)buf_reserve(&hex, 2 * len + 1));
	return json_stringn((const char *)hex.data, 2 * len);
}

json_t *show_time(uint64_t seconds)
{
	char text[MOMENT_SIZE];

	if (seconds == 0)
		return json_null();
	moment_rfc3339(seconds * 1000, text);
	return json_string(text);
}

json_t *show_text(const void *text, size_t len)
{
	json_t *json = utf8_valid(text, len) ? json_stringn(text, len) : NULL;

	return json != NULL ? json : json_pack("{s:o}", "hex", show_hex(text, len));
}

json_t *show_line(const char *text)
{
	AUTO_BUF visible = { 0 };

	if (utf8_valid((const uint8_t *)text, strlen(text)))
		return json_string(text);
	screen_escape(text, strlen(text), &visible);
	return json_string(buf_string(&visible));
}

json_t *show_value(const struct value *value)
{
	switch (value->type) {
	case VALUE_INT:
		return json_integer(value->integer);
	case VALUE_REAL:
		/* JSON has no infinities. */
		return isfinite(value->real) ? json_real(value->real) :
					       json_pack("{s:s}", "real", value->real < 0 ? "-inf" : "inf");
	case VALUE_TEXT:
		return show_text(value->bytes, value->len);
	case VALUE_BLOB:
		return json_pack("{s:o}", "hex", show_hex(value->bytes, value->len));
	default:
		return json_null();
	}
}

const struct schema *show_schema(struct arena *arena, const uint8_t *document, size_t len)
{
	struct schema *schema = arena_take(arena, sizeof(*schema));
	size_t cap = schema_memory(len);
	struct err e;

	if (!schema_decode(arena_copy(arena, document, len), len, arena_take(arena, cap), cap, schema, &e))
		return NULL;
	return schema;
}

/* "name", or "#3" where the document is not known or has no such number. */
static const char *name_of(const struct schema_text *name, unsigned number, char out[LIMIT_NAME_BYTES + 1])
{
	if (name != NULL)
		snprintf(out, LIMIT_NAME_BYTES + 1, "%.*s", (int)name->len, name->text);
	else
		snprintf(out, LIMIT_NAME_BYTES + 1, "#%u", number);
	return out;
}

static const struct schema_table *table_of(const struct schema *schema, uint16_t table)
{
	return schema != NULL && table < schema->tables ? &schema->table[table] : NULL;
}

static const struct schema_text *column_of(const struct schema_table *table, unsigned column)
{
	return table != NULL && column < table->columns ? &table->column[column].name : NULL;
}

static json_t *change_json(const struct change *c, const struct schema *schema, const json_t *actors)
{
	static const char *const ops[] = { "insert", "update", "delete" };
	const struct schema_table *table = table_of(schema, c->table);
	json_t *json = json_object(), *key = json_object(), *columns = json_object();
	char name[LIMIT_NAME_BYTES + 1];

	json_object_set_new(json, "op", json_string(ops[c->op]));
	json_object_set_new(json, "table",
			    json_string(name_of(table == NULL ? NULL : &table->name, c->table, name)));
	for (unsigned i = 0; i < c->keys; i++) {
		unsigned number = table != NULL && i < table->keys ? table->key[i] : i;

		json_object_set_new(key, name_of(column_of(table, number), i, name),
				    show_value(&c->key[i]));
	}
	json_object_set_new(json, "key", key);
	for (unsigned i = 0; i < c->columns; i++)
		json_object_set_new(columns, name_of(column_of(table, c->column[i]), c->column[i], name),
				    show_value(&c->value[i]));
	json_object_set_new(json, "columns", columns);
	json_object_set_new(json, "time_ms", json_integer((json_int_t)hlc_ms(c->hlc)));
	if (c->actor > 0)
		json_object_set(json, "actor", json_array_get(actors, c->actor - 1));
	return json;
}

static bool changes_json(const uint8_t *body, size_t len, const struct schema *schema, json_t *out,
			 struct err *e)
{
	struct change_reader *r = memory_new(sizeof(*r));
	AUTO_MEMORY void *memory = r;
	json_t *context = json_array(), *actors = json_array(), *changes = json_array();
	struct context_pair pair;
	struct schema_text actor;
	struct change c;

	json_object_set_new(out, "context", context);
	json_object_set_new(out, "actors", actors);
	json_object_set_new(out, "list", changes);
	if (!change_reader_open(r, body, len, e))
		return false;
	while (change_reader_pair(r, &pair))
		json_array_append_new(context, json_pack("{s:o,s:I}", "chain",
							 show_hex(&pair.chain, sizeof(pair.chain)), "seq",
							 (json_int_t)pair.seq));
	while (change_reader_actor(r, &actor))
		json_array_append_new(actors, show_text(actor.text, actor.len));
	while (change_reader_next(r, &c))
		json_array_append_new(changes, change_json(&c, schema, actors));
	return change_reader_done(r, e);
}

static bool grant_json(const uint8_t *body, size_t len, json_t *out, struct err *e)
{
	struct grant g;

	if (!grant_decode(body, len, &g, e))
		return false;
	json_object_set_new(out, "grant",
			    json_pack("{s:o,s:o,s:s,s:s,s:s}", "chain", show_hex(&g.chain, sizeof(g.chain)),
				      "key", show_hex(&g.key, sizeof(g.key)), "scope", g.scope.name, "role",
				      role_name(g.role), "name", g.name));
	return true;
}

static bool revocation_json(const uint8_t *body, size_t len, json_t *out, struct err *e)
{
	struct revocation r;

	if (!revocation_decode(body, len, &r, e))
		return false;
	json_object_set_new(out, "revocation",
			    json_pack("{s:o,s:I,s:s}", "chain", show_hex(&r.chain, sizeof(r.chain)),
				      "last_good_seq", (json_int_t)r.last_good_seq, "reason", r.reason));
	return true;
}

static bool schema_json(const uint8_t *body, size_t len, json_t *out, struct err *e)
{
	AUTO_ARENA arena;
	const struct schema *schema;
	json_t *tables = json_object();
	char name[LIMIT_NAME_BYTES + 1];

	arena_init(&arena);
	json_object_set_new(out, "tables", tables);
	schema = show_schema(&arena, body, len);
	if (schema == NULL)
		return err_set(e, ERR_MALFORMED, "the schema document is damaged");
	for (unsigned t = 0; t < schema->tables; t++) {
		json_t *columns = json_array();

		for (unsigned c = 0; c < schema->table[t].columns; c++)
			json_array_append_new(columns,
					      json_string(name_of(column_of(&schema->table[t], c), c, name)));
		json_object_set_new(tables, name_of(&schema->table[t].name, t, name), columns);
	}
	return true;
}

static bool body_json(const struct frame *f, const uint8_t *body, const struct schema *schema, json_t *out,
		      struct err *e)
{
	size_t len = f->changeset.body_len;

	switch (f->changeset.kind) {
	case CHANGESET_DATA:
		return changes_json(body, len, schema, out, e);
	case CHANGESET_GRANT:
		return grant_json(body, len, out, e);
	case CHANGESET_REVOKE:
		return revocation_json(body, len, out, e);
	case CHANGESET_SCHEMA:
		return schema_json(body, len, out, e);
	default:
		return true;
	}
}

static void header_json(const struct frame *f, json_t *out)
{
	const struct changeset *c = &f->changeset;
	static const char *const codecs[] = { "none", "deflate", "deflate with dictionary" };
	static const uint8_t none[8];

	json_object_set_new(out, "id", show_hex(&f->id, sizeof(f->id)));
	json_object_set_new(out, "kind", json_string(show_kind(c->kind)));
	json_object_set_new(out, "chain", show_hex(&c->chain, sizeof(c->chain)));
	json_object_set_new(out, "seq", json_integer((json_int_t)c->seq));
	json_object_set_new(out, "prev", show_hex(&c->prev, sizeof(c->prev)));
	json_object_set_new(out, "changes", json_integer(c->changes));
	json_object_set_new(out, "from_ms", json_integer((json_int_t)hlc_ms(c->hlc_min)));
	json_object_set_new(out, "to_ms", json_integer((json_int_t)hlc_ms(c->hlc_max)));
	json_object_set_new(out, "bytes", json_integer((json_int_t)f->len));
	json_object_set_new(out, "body_bytes", json_integer(c->body_len));
	json_object_set_new(out, "codec", json_string(f->codec < 3 ? codecs[f->codec] : "unknown"));
	json_object_set_new(out, "cut_left", json_integer(c->cut_left));
	if (memcmp(c->schema, none, sizeof(none)) != 0)
		json_object_set_new(out, "schema", show_hex(c->schema, sizeof(c->schema)));
	if (c->seen)
		json_object_set_new(out, "seen_checkpoint",
				    json_pack("{s:I,s:o}", "size", (json_int_t)c->seen_size, "root",
					      show_hex(&c->seen_root, sizeof(c->seen_root))));
}

bool show_frame(const struct frame *f, const struct schema *schema, json_t *out, struct err *e)
{
	AUTO_BUF body = { 0 };
	struct genesis g;

	header_json(f, out);
	if (f->changeset.body_len > LIMIT_BODY_BYTES)
		return err_set(e, ERR_TOO_LARGE, "a body of %u bytes", f->changeset.body_len);
	if (f->changeset.kind == CHANGESET_GENESIS) {
		if (!genesis_read(&f->changeset, &g, e))
			return false;
		json_object_set_new(out, "genesis",
				    json_pack("{s:s,s:s,s:o}", "name", g.name, "scope", g.scope.name, "key",
					      show_hex(&g.key, sizeof(g.key))));
		if (g.has_predecessor)
			json_object_set_new(json_object_get(out, "genesis"), "predecessor",
					    show_hex(&g.predecessor, sizeof(g.predecessor)));
	}
	if (!seal_unpack(f, buf_reserve(&body, f->changeset.body_len + 1), f->changeset.body_len, e))
		return false;
	return body_json(f, body.data, schema, out, e);
}

void show_value_print(const json_t *value, struct buf *out)
{
	const char *text = json_string_value(value);
	size_t len = json_string_length(value), cut = len;

	if (text != NULL) {
		if (cut > VALUE_SHOWN)
			for (cut = VALUE_SHOWN; cut > 0 && (text[cut] & 0xc0) == 0x80;)
				cut--;
		buf_text(out, "'");
		buf_put(out, text, cut);
		buf_text(out, cut < len ? "…'" : "'");
	} else if (json_is_object(value)) {
		const char *hex = json_text_or_empty(value, "hex");

		buf_print(out, "x'%.*s%s'%s", VALUE_SHOWN, hex, strlen(hex) > VALUE_SHOWN ? "…" : "",
			  json_text_or_empty(value, "real"));
	} else if (json_is_integer(value)) {
		buf_print(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	} else if (json_is_real(value)) {
		buf_print(out, "%.15g", json_real_value(value));
	} else {
		buf_text(out, json_is_true(value) ? "yes" : json_is_false(value) ? "no" : "NULL");
	}
}

static void pairs_print(json_t *object, struct buf *out)
{
	const char *name;
	json_t *value;
	int n = 0;

	json_object_foreach(object, name, value) {
		buf_print(out, "%s%s = ", n++ > 0 ? ", " : "", name);
		show_value_print(value, out);
	}
}

static void change_print(const struct screen *s, const json_t *change)
{
	static const enum screen_colour colours[] = { SCREEN_GOOD, SCREEN_WARN, SCREEN_BAD };
	const char *op = json_text_or_empty(change, "op"), *actor = json_text_or_empty(change, "actor");
	json_t *columns = json_object_get(change, "columns"), *value;
	AUTO_BUF key = { 0 };
	const char *name;
	char time[40];

	pairs_print(json_object_get(change, "key"), &key);
	screen_time(time, sizeof(time), (uint64_t)json_int_or_zero(change, "time_ms"));
	screen_print(s, colours[op[0] == 'i' ? 0 : op[0] == 'u' ? 1 : 2], "  %s", op);
	screen_print(s, SCREEN_BOLD, " %s", json_text_or_empty(change, "table"));
	screen_print(s, SCREEN_PLAIN, " %s", buf_string(&key));
	screen_print(s, SCREEN_FAINT, "  %s%s%s\n", time, actor[0] == '\0' ? "" : " by ", actor);
	json_object_foreach(columns, name, value) {
		AUTO_BUF text = { 0 };

		show_value_print(value, &text);
		screen_print(s, SCREEN_PLAIN, "      %s = %s\n", name, buf_string(&text));
	}
}

static void special_print(const struct screen *s, const json_t *frame)
{
	const json_t *g = json_object_get(frame, "genesis"), *grant = json_object_get(frame, "grant");
	const json_t *revoked = json_object_get(frame, "revocation");
	json_t *tables = json_object_get(frame, "tables");
	const char *name;
	json_t *columns;

	if (g != NULL)
		screen_print(s, SCREEN_PLAIN, "  opens the chain of \"%s\" for scope %s, key %s\n",
			     json_text_or_empty(g, "name"), json_text_or_empty(g, "scope"),
			     json_text_or_empty(g, "key"));
	if (grant != NULL)
		screen_print(s, SCREEN_PLAIN, "  \"%s\" may be %s of scope %s: chain %s, key %s\n",
			     json_text_or_empty(grant, "name"), json_text_or_empty(grant, "role"),
			     json_text_or_empty(grant, "scope"), json_text_or_empty(grant, "chain"),
			     json_text_or_empty(grant, "key"));
	if (revoked != NULL)
		screen_print(s, SCREEN_WARN, "  chain %s is void behind changeset %lld: %s\n",
			     json_text_or_empty(revoked, "chain"),
			     (long long)json_int_or_zero(revoked, "last_good_seq"),
			     json_text_or_empty(revoked, "reason"));
	json_object_foreach(tables, name, columns) {
		screen_print(s, SCREEN_PLAIN, "  table %s of %zu columns\n", name,
			     json_array_size(columns));
	}
}

void show_frame_print(const struct screen *s, const json_t *frame)
{
	const json_t *list = json_object_get(frame, "list");
	size_t n = json_array_size(list);
	char from[40], to[40];

	screen_time(from, sizeof(from), (uint64_t)json_int_or_zero(frame, "from_ms"));
	screen_time(to, sizeof(to), (uint64_t)json_int_or_zero(frame, "to_ms"));
	screen_print(s, SCREEN_BOLD, "changeset %.16s", json_text_or_empty(frame, "id"));
	screen_print(s, SCREEN_PLAIN, "  %s, number %lld of chain %s\n", json_text_or_empty(frame, "kind"),
		     (long long)json_int_or_zero(frame, "seq"), json_text_or_empty(frame, "chain"));
	screen_print(s, SCREEN_FAINT, "  %lld changes, %lld bytes (%lld unpacked, %s)%s%s%s%s\n",
		     (long long)json_int_or_zero(frame, "changes"),
		     (long long)json_int_or_zero(frame, "bytes"),
		     (long long)json_int_or_zero(frame, "body_bytes"), json_text_or_empty(frame, "codec"),
		     json_int_or_zero(frame, "to_ms") == 0 ? "" : ", ",
		     json_int_or_zero(frame, "to_ms") == 0 ? "" : from, strcmp(from, to) == 0 ? "" : " to ",
		     strcmp(from, to) == 0 ? "" : to);
	special_print(s, frame);
	for (size_t i = 0; i < n && i < CHANGES_SHOWN; i++)
		change_print(s, json_array_get(list, i));
	if (n > CHANGES_SHOWN)
		screen_print(s, SCREEN_FAINT, "  and %zu more; --json has all\n", n - CHANGES_SHOWN);
}

bool show_scope_known(struct db *db, const char *scope, struct err *e)
{
	AUTO_RESET s = { 0 };
	struct scope parsed;
	bool known;

	if (scope == NULL)
		return true;
	if (!scope_parse(scope, strlen(scope), &parsed, e) ||
	    !db_statement(db, "SELECT 1 FROM simpul_chain WHERE scope = ?1 UNION ALL"
			      " SELECT 1 FROM simpul_table WHERE scope = ?1", &s, e))
		return false;
	stmt_text(&s, 1, scope);
	if (!stmt_row(&s, &known, e))
		return false;
	return known || err_set(e, ERR_NOT_FOUND, "there is no scope \"%s\" here", scope);
}
