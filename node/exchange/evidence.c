/*
 * evidence.c - what leads from the hub's signature to a text in a row.
 *
 *	hub's key -> checkpoint -> log entry = id of the changeset = hash of its header
 *	header -> hash of the body, first bytes of the schema document's hash, chain
 *	chain = hash of (key, scope, nonce) in the genesis; that key signed the header
 *	body, read by the document -> the row -> the hash of the statement, and the statement
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base64.h"
#include "bytes.h"
#include "exchange/evidence.h"
#include "exchange/proof.h"
#include "line.h"
#include "simpul/change.h"
#include "simpul/seal.h"

/* The parts of a text, decoded; each its own bytes. */
struct parts {
	struct evidence_row row;
	struct hash hash;
	struct buf genesis, schema, changeset;
	struct bytes receipt; /* borrowed */
};

static void parts_done(struct parts *parts)
{
	buf_done(&parts->genesis);
	buf_done(&parts->schema);
	buf_done(&parts->changeset);
}

bool evidence_recognise(const struct bytes *text)
{
	static const char first[] = EVIDENCE_FIRST_LINE "\n";

	return text->len >= strlen(first) && memcmp(text->data, first, strlen(first)) == 0;
}

void evidence_done(struct evidence *evidence)
{
	buf_done(&evidence->statement);
}

static void name_write(const char *name, struct buf *out)
{
	bool plain = true;

	for (const char *p = name; *p != '\0'; p++)
		plain &= isalnum((unsigned char)*p) || *p == '_';
	buf_text(out, plain ? " " : " #");
	for (const char *p = name; *p != '\0'; p++)
		buf_print(out, plain ? "%c" : "%02x", (unsigned char)*p);
}

static void base64_write(const char *label, const void *bytes, size_t len, struct buf *out)
{
	buf_text(out, label);
	out->len += base64_encode(BASE64, bytes, len, (char *)buf_reserve(out, BASE64_LEN(len) + 1));
	buf_text(out, "\n");
}

/* The frame of a changeset by its n, or the genesis of the same chain. */
static bool frame_write(struct party *p, uint64_t n, bool genesis, struct buf *out, uint8_t ret_schema[8],
			struct err *e)
{
	static const char own[] = "SELECT frame FROM simpul_changeset WHERE n = ?1";
	static const char first[] = "SELECT frame FROM simpul_changeset WHERE seq = 1 AND chain_no ="
				    " (SELECT chain_no FROM simpul_changeset WHERE n = ?1)";
	AUTO_RESET s = { 0 };
	const void *bytes;
	struct frame f;
	size_t len;
	bool row;

	if (!db_statement(p->db, genesis ? first : own, &s, e))
		return false;
	stmt_int(&s, 1, (int64_t)n);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "changeset %llu is not here", (unsigned long long)n);
	bytes = stmt_get_blob(&s, 0, &len);
	if (!seal_open(bytes, len, &f, e))
		return false;
	memcpy(ret_schema, f.changeset.schema, 8);
	base64_write(genesis ? "genesis " : "changeset ", bytes, len, out);
	return true;
}

static bool schema_write(struct party *p, const uint8_t prefix[8], struct buf *out, struct err *e)
{
	AUTO_RESET s = { 0 };
	const void *bytes;
	size_t len;
	bool row;

	if (!db_statement(p->db, "SELECT document FROM simpul_schema WHERE substr(hash, 1, 8) = ?1", &s, e))
		return false;
	stmt_blob(&s, 1, prefix, 8);
	if (!stmt_row(&s, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_NOT_FOUND, "the schema document of the changeset is not here");
	bytes = stmt_get_blob(&s, 0, &len);
	base64_write("schema ", bytes, len, out);
	return true;
}

bool evidence_make(struct party *p, uint64_t n, const struct evidence_row *row, const struct hash *hash,
		   struct buf *out, struct err *e)
{
	struct receipt_text receipt;
	uint8_t schema[8], none[8];
	AUTO_BUF changeset = { 0 };
	char hex[HEX_SIZE(32)];

	if (!proof_receipt(p, n, &receipt, e) || !frame_write(p, n, false, &changeset, schema, e))
		return false;
	hex_encode(hash, sizeof(*hash), hex);
	buf_text(out, EVIDENCE_FIRST_LINE "\nrow");
	name_write(row->table, out);
	name_write(row->statement, out);
	name_write(row->sha256, out);
	buf_print(out, "\nsha256 %s\n", hex);
	if (!frame_write(p, n, true, out, none, e) || !schema_write(p, schema, out, e))
		return false;
	buf_put(out, changeset.data, changeset.len);
	buf_text(out, "\n");
	buf_put(out, receipt.text, receipt.len);
	return out->len <= EVIDENCE_BYTES ||
	       err_set(e, ERR_TOO_LARGE, "the changeset is too large for a proof of its own");
}

/* The next word of the line as a name. */
static bool name_take(struct line *line, char ret[LIMIT_NAME_BYTES + 1])
{
	const char *end = memchr(line->text, ' ', line->len);
	size_t len = end == NULL ? line->len : (size_t)(end - line->text);
	bool hex = len > 0 && line->text[0] == '#';
	size_t bytes = hex ? (len - 1) / 2 : len;

	if (bytes == 0 || bytes > LIMIT_NAME_BYTES)
		return false;
	if (hex && !hex_decode(line->text + 1, len - 1, ret, bytes))
		return false;
	if (!hex)
		memcpy(ret, line->text, bytes);
	ret[bytes] = '\0';
	line->text += end == NULL ? len : len + 1;
	line->len -= end == NULL ? len : len + 1;
	return name_valid(ret, bytes);
}

static bool base64_take(struct reader *r, const char *label, struct buf *out)
{
	struct line line;
	size_t len;

	if (!line_take(r, &line) || !line_skip(&line, label) ||
	    !base64_decode(BASE64, line.text, line.len, buf_reserve(out, line.len + 1), line.len, &len))
		return false;
	out->len = len;
	return true;
}

static bool parts_read(const struct bytes *text, struct parts *parts, struct err *e)
{
	struct reader r = { text->data, (const uint8_t *)text->data + text->len, false };
	struct line line;

	if (text->len > EVIDENCE_BYTES)
		return err_set(e, ERR_TOO_LARGE, "a proof has at most %u bytes", EVIDENCE_BYTES);
	if (!evidence_recognise(text) || !line_take(&r, &line))
		return err_set(e, ERR_MALFORMED, "not a proof of a statement");
	if (!line_take(&r, &line) || !line_skip(&line, "row ") || !name_take(&line, parts->row.table) ||
	    !name_take(&line, parts->row.statement) || !name_take(&line, parts->row.sha256) ||
	    line.len != 0)
		return err_set(e, ERR_MALFORMED, "the proof does not name a row's columns");
	if (!line_take(&r, &line) || !line_skip(&line, "sha256 ") ||
	    !hex_decode(line.text, line.len, parts->hash.bytes, sizeof(parts->hash.bytes)))
		return err_set(e, ERR_MALFORMED, "the proof has no proper SHA-256");
	if (!base64_take(&r, "genesis ", &parts->genesis) || !base64_take(&r, "schema ", &parts->schema) ||
	    !base64_take(&r, "changeset ", &parts->changeset) || !line_take(&r, &line) || line.len != 0)
		return err_set(e, ERR_MALFORMED, "a part of the proof is missing or ill-formed");
	parts->receipt = (struct bytes){ r.p, reader_left(&r) };
	return true;
}

/* Who sealed: the chain's own word, which its id commits to. */
static bool author_verify(const struct parts *parts, const struct frame *f, struct evidence *ret,
			  struct err *e)
{
	struct genesis g;
	struct frame first;

	if (!seal_open(parts->genesis.data, parts->genesis.len, &first, e) ||
	    !genesis_read(&first.changeset, &g, e) || !seal_verify(&first, &g.key, e))
		return err_wrap(e, "the genesis in the proof");
	if (chain_compare(&first.changeset.chain, &f->changeset.chain) != 0)
		return err_set(e, ERR_PROOF, "the changeset is of another chain than the genesis");
	if (!seal_verify(f, &g.key, e))
		return err_wrap(e, "the changeset in the proof");
	memcpy(ret->node, g.name, sizeof(ret->node));
	ret->scope = g.scope;
	ret->key = g.key;
	ret->seq = f->changeset.seq;
	return true;
}

static struct schema_text text_of(const char *name)
{
	return (struct schema_text){ name, (uint32_t)strlen(name) };
}

static bool same(const struct schema_text *a, const struct schema_text *b)
{
	return schema_text_compare(a, b) == 0;
}

/* The value that a change wrote into a column of this name; NULL: none. */
static const struct value *written(const struct schema_table *table, const struct change *change,
				   const struct schema_text *name)
{
	for (unsigned i = 0; i < change->keys; i++)
		if (same(&table->column[table->key[i]].name, name))
			return &change->key[i];
	for (unsigned i = 0; i < change->columns; i++)
		if (same(&table->column[change->column[i]].name, name))
			return &change->value[i];
	return NULL;
}

/* Is it the row: its hash column says this hash, and its scope column the chain's scope? */
static bool row_matches(const struct schema_table *table, const struct change *change,
			const struct parts *parts, const struct scope *scope)
{
	const struct schema_text name = text_of(parts->row.sha256);
	const struct value *hash = written(table, change, &name), *in;
	char hex[HEX_SIZE(32)];

	hex_encode(&parts->hash, sizeof(parts->hash), hex);
	if (hash == NULL || hash->type != VALUE_TEXT || hash->len != 64 || memcmp(hash->bytes, hex, 64) != 0)
		return false;
	if (!(table->flags & SCHEMA_TABLE_SCOPED))
		return true;
	in = written(table, change, &table->column[table->scope].name);
	return in != NULL && in->type == VALUE_TEXT && in->len == strlen(scope->name) &&
	       memcmp(in->bytes, scope->name, in->len) == 0;
}

static bool statement_take(const struct schema_table *table, const struct change *change,
			   const struct parts *parts, struct evidence *ret, struct err *e)
{
	const struct schema_text name = text_of(parts->row.statement);
	const struct value *statement = written(table, change, &name);
	struct hash hash;

	if (statement == NULL || statement->type != VALUE_TEXT)
		return err_set(e, ERR_HASH, "the row has no statement");
	crypto_sha256(statement->bytes, statement->len, &hash);
	if (!hash_equal(&hash, &parts->hash))
		return err_set(e, ERR_HASH, "the statement in the row has another SHA-256");
	buf_put(&ret->statement, statement->bytes, statement->len);
	return true;
}

/* In the body: the actors stand before the changes. */
static bool body_search(const uint8_t *body, size_t len, const struct schema *schema,
			const struct parts *parts, struct evidence *ret, struct err *e)
{
	struct schema_text actor, actors[LIMIT_ACTORS];
	const struct schema_text wanted = text_of(parts->row.table);
	struct context_pair pair;
	struct change_reader r;
	struct change change;
	unsigned n = 0;

	if (!change_reader_open(&r, body, len, e))
		return false;
	while (change_reader_pair(&r, &pair))
		continue;
	while (change_reader_actor(&r, &actor))
		if (n < LIMIT_ACTORS)
			actors[n++] = actor;
	while (change_reader_next(&r, &change)) {
		const struct schema_table *table;

		if (change.op == CHANGE_DELETE || change.table >= schema->tables)
			continue;
		table = &schema->table[change.table];
		if (!same(&table->name, &wanted) ||
		    !row_matches(table, &change, parts, &ret->scope))
			continue;
		if (change.actor > 0 && change.actor <= n && actors[change.actor - 1].len <= LIMIT_NAME_BYTES)
			memcpy(ret->actor, actors[change.actor - 1].text, actors[change.actor - 1].len);
		return statement_take(table, &change, parts, ret, e);
	}
	return change_reader_done(&r, e) &&
	       err_set(e, ERR_HASH, "no row of the changeset holds that SHA-256 in its own scope");
}

/* Column numbers in the body must exist in the document, key columns be as many as it has. */
static bool body_fits(const uint8_t *body, size_t len, const struct schema *schema, struct err *e)
{
	struct context_pair pair;
	struct schema_text actor;
	struct change_reader r;
	struct change change;

	if (!change_reader_open(&r, body, len, e))
		return false;
	while (change_reader_pair(&r, &pair))
		continue;
	while (change_reader_actor(&r, &actor))
		continue;
	while (change_reader_next(&r, &change)) {
		const struct schema_table *table =
			change.table < schema->tables ? &schema->table[change.table] : NULL;

		if (table == NULL || change.keys != table->keys ||
		    (change.columns > 0 && change.column[change.columns - 1] >= table->columns))
			return err_set(e, ERR_MALFORMED, "the changeset does not fit its schema document");
	}
	return change_reader_done(&r, e);
}

static bool body_verify(const struct parts *parts, const struct frame *f, struct evidence *ret,
			struct err *e)
{
	const struct changeset *c = &f->changeset;
	AUTO_BUF body = { 0 };
	AUTO_ARENA arena;
	struct schema schema;
	struct hash hash;
	size_t room = schema_memory(parts->schema.len);
	uint32_t changes;

	arena_init(&arena);
	crypto_sha256(parts->schema.data, parts->schema.len, &hash);
	if (memcmp(hash.bytes, c->schema, sizeof(c->schema)) != 0)
		return err_set(e, ERR_PROOF, "the schema document is not the one of the changeset");
	if (c->kind != CHANGESET_DATA || c->body_len > LIMIT_BODY_BYTES)
		return err_set(e, ERR_MALFORMED, "the changeset holds no rows");
	if (!schema_decode(parts->schema.data, parts->schema.len, arena_take(&arena, room), room, &schema, e))
		return err_wrap(e, "the schema document");
	buf_reserve(&body, c->body_len + 1);
	return seal_unpack(f, body.data, c->body_len, e) &&
	       change_check(body.data, c->body_len, &changes, e) &&
	       body_fits(body.data, c->body_len, &schema, e) &&
	       body_search(body.data, c->body_len, &schema, parts, ret, e);
}

bool evidence_verify(const struct bytes *text, const struct public_key *hub, struct evidence *ret,
		     struct err *e)
{
	__attribute__((cleanup(parts_done))) struct parts parts = { 0 };
	struct receipt_expect expect = { .hub = hub };
	struct evidence found = { 0 };
	struct frame f;

	if (!parts_read(text, &parts, e))
		return false;
	if (!seal_open(parts.changeset.data, parts.changeset.len, &f, e))
		return err_wrap(e, "the changeset in the proof");
	expect.id = &f.id;
	if (!receipt_verify(&parts.receipt, &expect, &found.receipt, e) ||
	    !author_verify(&parts, &f, &found, e) || !body_verify(&parts, &f, &found, e)) {
		evidence_done(&found);
		return false;
	}
	found.row = parts.row;
	found.hash = parts.hash;
	*ret = found;
	return true;
}
