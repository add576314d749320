/*
 * changeset.c - the signed header, and the genesis that opens a chain.
 *
 *	[version 1, kind, chain (16), seq, prev (32, or empty: zeros), body_hash (32), body_len,
 *	 changes, hlc_min, hlc_max - hlc_min, schema (8, or empty: zeros), null or [size, root
 *(32)], cut_left, [critical id...], [[id, bytes]...]]
 *
 * What is usually zero is written short, and the long form of zero is refused: one header has one
 * encoding.  Integers stay below 2^63, which is what SQLite can store and compare.
 */
#include <string.h>

#include "cbor.h"
#include "simpul/changeset.h"
#include "simpul/hlc.h"

#define VERSION	     1
#define HEADER_ITEMS 15

static bool all_zero(const uint8_t *bytes, size_t len)
{
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++)
		any |= bytes[i];
	return any == 0;
}

static bool ext_known(uint32_t id)
{
	return id >= EXT_SCOPE && id <= EXT_PREDECESSOR;
}

/* What both directions demand beyond the form of the items. */
static bool check(const struct changeset *c, struct err *e)
{
	if (c->kind > CHANGESET_SCHEMA)
		return err_set(e, ERR_UNSUPPORTED, "changeset of unknown kind %d", (int)c->kind);
	if (c->seq == 0 || c->seq > INT64_MAX)
		return err_set(e, ERR_MALFORMED, "changeset number out of range");
	if ((c->kind == CHANGESET_GENESIS) != (c->seq == 1))
		return err_set(e, ERR_MALFORMED, "a chain opens with its genesis, and only there");
	if (c->seq > 1 && all_zero(c->prev.bytes, sizeof(c->prev.bytes)))
		return err_set(e, ERR_MALFORMED, "the changeset names no previous one");
	if (c->body_len > LIMIT_BODY_BYTES)
		return err_set(e, ERR_TOO_LARGE, "a body of %u bytes is over the limit",
			       c->body_len);
	if (c->changes > LIMIT_CHANGES)
		return err_set(e, ERR_TOO_LARGE, "%u changes are over the limit", c->changes);
	if (c->hlc_min > c->hlc_max || c->hlc_max > HLC_MAX)
		return err_set(e, ERR_MALFORMED, "time stamps out of range");
	if (c->seen_size > INT64_MAX)
		return err_set(e, ERR_MALFORMED, "log size out of range");
	for (size_t i = 0; i < c->exts; i++) {
		if (i > 0 && c->ext[i].id <= c->ext[i - 1].id)
			return err_set(e, ERR_MALFORMED, "extensions out of order");
		if (c->ext[i].critical && !ext_known(c->ext[i].id))
			return err_set(e, ERR_UNSUPPORTED, "unknown critical extension %u",
				       c->ext[i].id);
	}
	return true;
}

static void put_unless_zero(struct writer *w, const uint8_t *bytes, size_t len)
{
	cbor_put_bytes(w, bytes, all_zero(bytes, len) ? 0 : len);
}

static void put_exts(struct writer *w, const struct changeset *c)
{
	unsigned criticals = 0;

	for (size_t i = 0; i < c->exts; i++)
		criticals += c->ext[i].critical;
	cbor_put_array(w, criticals);
	for (size_t i = 0; i < c->exts; i++)
		if (c->ext[i].critical)
			cbor_put_uint(w, c->ext[i].id);
	cbor_put_array(w, c->exts);
	for (size_t i = 0; i < c->exts; i++) {
		cbor_put_array(w, 2);
		cbor_put_uint(w, c->ext[i].id);
		cbor_put_bytes(w, c->ext[i].bytes, c->ext[i].len);
	}
}

bool changeset_encode(const struct changeset *c, uint8_t *out, size_t cap, size_t *ret_len,
		      struct err *e)
{
	struct writer w = { .p = out, .cap = cap < LIMIT_HEADER_BYTES ? cap : LIMIT_HEADER_BYTES };

	if (c->exts > LIMIT_EXTS)
		return err_set(e, ERR_TOO_LARGE, "%u extensions are over the limit", c->exts);
	for (size_t i = 0; i < c->exts; i++)
		if (c->ext[i].len > LIMIT_EXT_BYTES)
			return err_set(e, ERR_TOO_LARGE, "extension %u is over the limit",
				       c->ext[i].id);
	if (!check(c, e))
		return false;
	cbor_put_array(&w, HEADER_ITEMS);
	cbor_put_uint(&w, VERSION);
	cbor_put_uint(&w, c->kind);
	cbor_put_bytes(&w, c->chain.bytes, sizeof(c->chain.bytes));
	cbor_put_uint(&w, c->seq);
	put_unless_zero(&w, c->prev.bytes, sizeof(c->prev.bytes));
	cbor_put_bytes(&w, c->body_hash.bytes, sizeof(c->body_hash.bytes));
	cbor_put_uint(&w, c->body_len);
	cbor_put_uint(&w, c->changes);
	cbor_put_uint(&w, c->hlc_min);
	cbor_put_uint(&w, c->hlc_max - c->hlc_min);
	put_unless_zero(&w, c->schema, sizeof(c->schema));
	if (c->seen) {
		cbor_put_array(&w, 2);
		cbor_put_uint(&w, c->seen_size);
		cbor_put_bytes(&w, c->seen_root.bytes, sizeof(c->seen_root.bytes));
	} else {
		cbor_put_null(&w);
	}
	cbor_put_uint(&w, c->cut_left);
	put_exts(&w, c);
	if (w.failed)
		return err_set(e, ERR_TOO_LARGE, "the header does not fit in %zu bytes", w.cap);
	*ret_len = w.len;
	return true;
}

/* The counterpart of put_unless_zero; *out is zero before. */
static void take_unless_zero(struct reader *r, uint8_t *out, size_t size)
{
	size_t len;
	const uint8_t *bytes = cbor_bytes(r, size, &len);

	if (bytes == NULL || len == 0)
		return;
	r->failed |= len != size || all_zero(bytes, len);
	if (!r->failed)
		memcpy(out, bytes, size);
}

static void take_exts(struct reader *r, struct changeset *c)
{
	uint32_t critical[LIMIT_EXTS];
	size_t criticals = (size_t)cbor_array(r, LIMIT_EXTS), marked = 0;

	for (size_t i = 0; i < criticals; i++)
		critical[i] = (uint32_t)cbor_uint(r, UINT32_MAX);
	c->exts = (uint8_t)cbor_array(r, LIMIT_EXTS);
	for (size_t i = 0; i < c->exts; i++) {
		struct changeset_ext_field *x = &c->ext[i];
		size_t len;

		r->failed |= cbor_array(r, 2) != 2;
		x->id = (uint32_t)cbor_uint(r, UINT32_MAX);
		x->bytes = cbor_bytes(r, LIMIT_EXT_BYTES, &len);
		x->len = (uint32_t)len;
		/* Both lists ascend (check() demands it of ext), so one walk pairs them. */
		x->critical = marked < criticals && critical[marked] == x->id;
		marked += x->critical;
	}
	r->failed |= marked != criticals;
}

static void take_fields(struct reader *r, struct changeset *c)
{
	c->kind = (enum changeset_kind)cbor_uint(r, UINT8_MAX);
	cbor_fixed(r, c->chain.bytes, sizeof(c->chain.bytes));
	c->seq = cbor_uint(r, INT64_MAX);
	take_unless_zero(r, c->prev.bytes, sizeof(c->prev.bytes));
	cbor_fixed(r, c->body_hash.bytes, sizeof(c->body_hash.bytes));
	c->body_len = (uint32_t)cbor_uint(r, UINT32_MAX);
	c->changes = (uint32_t)cbor_uint(r, UINT32_MAX);
	c->hlc_min = cbor_uint(r, HLC_MAX);
	c->hlc_max = c->hlc_min + cbor_uint(r, HLC_MAX);
	take_unless_zero(r, c->schema, sizeof(c->schema));
	c->seen = !cbor_is_null(r);
	if (c->seen) {
		r->failed |= cbor_array(r, 2) != 2;
		c->seen_size = cbor_uint(r, INT64_MAX);
		cbor_fixed(r, c->seen_root.bytes, sizeof(c->seen_root.bytes));
	}
	c->cut_left = (uint32_t)cbor_uint(r, UINT32_MAX);
	take_exts(r, c);
}

bool changeset_decode(const uint8_t *header, size_t len, struct changeset *ret, struct err *e)
{
	struct reader r = { .p = header, .end = header + len };
	struct changeset c = { 0 };
	uint64_t items, version;

	if (len > LIMIT_HEADER_BYTES)
		return err_set(e, ERR_TOO_LARGE, "a header of %zu bytes is over the limit", len);
	items = cbor_array(&r, UINT8_MAX);
	version = cbor_uint(&r, UINT32_MAX);
	if (!r.failed && version > VERSION)
		return err_set(e, ERR_UNSUPPORTED, "changeset format %u is newer than this program",
			       (unsigned)version);
	r.failed |= items != HEADER_ITEMS || version != VERSION;
	take_fields(&r, &c);
	if (r.failed || reader_left(&r) != 0)
		return err_set(e, ERR_MALFORMED, "the header is not a changeset header");
	if (!check(&c, e))
		return false;
	*ret = c;
	return true;
}

void changeset_id(const uint8_t *header, size_t len, struct hash *ret_id)
{
	struct bytes parts[] = { { "", 1 },
				 { header, len } }; /* "" has the byte 0 that marks a leaf */

	crypto_sha256_parts(parts, 2, ret_id);
}

void genesis_chain(const struct public_key *key, const struct scope *scope, const uint8_t nonce[16],
		   struct chain_id *ret_chain)
{
	struct bytes parts[] = { { key->bytes, sizeof(key->bytes) },
				 { scope->name, strlen(scope->name) },
				 { nonce, 16 } };
	struct hash hash;

	crypto_sha256_parts(parts, 3, &hash);
	memcpy(ret_chain->bytes, hash.bytes, sizeof(ret_chain->bytes));
}

static void add_ext(struct changeset *c, enum changeset_ext id, const void *bytes, size_t len)
{
	c->ext[c->exts++] = (struct changeset_ext_field){ id, true, bytes, (uint32_t)len };
}

void genesis_fill(const struct genesis *g, struct changeset *c)
{
	c->kind = CHANGESET_GENESIS;
	c->seq = 1;
	c->exts = 0;
	genesis_chain(&g->key, &g->scope, g->nonce, &c->chain);
	add_ext(c, EXT_SCOPE, g->scope.name, strlen(g->scope.name));
	add_ext(c, EXT_KEY, g->key.bytes, sizeof(g->key.bytes));
	add_ext(c, EXT_NONCE, g->nonce, sizeof(g->nonce));
	add_ext(c, EXT_NAME, g->name, strlen(g->name));
	if (g->has_predecessor)
		add_ext(c, EXT_PREDECESSOR, g->predecessor.bytes, sizeof(g->predecessor.bytes));
}

static const struct changeset_ext_field *find_ext(const struct changeset *c, enum changeset_ext id)
{
	for (size_t i = 0; i < c->exts; i++)
		if (c->ext[i].id == id)
			return &c->ext[i];
	return NULL;
}

/* A field of exactly size bytes. */
static bool read_ext(const struct changeset *c, enum changeset_ext id, uint8_t *out, size_t size)
{
	const struct changeset_ext_field *x = find_ext(c, id);

	if (x == NULL || x->len != size)
		return false;
	memcpy(out, x->bytes, size);
	return true;
}

bool genesis_read(const struct changeset *c, struct genesis *ret, struct err *e)
{
	const struct changeset_ext_field *scope = find_ext(c, EXT_SCOPE);
	const struct changeset_ext_field *name = find_ext(c, EXT_NAME);
	struct genesis g = { .has_predecessor = find_ext(c, EXT_PREDECESSOR) != NULL };
	struct chain_id chain;

	if (c->kind != CHANGESET_GENESIS || scope == NULL || name == NULL ||
	    !read_ext(c, EXT_KEY, g.key.bytes, sizeof(g.key.bytes)) ||
	    !read_ext(c, EXT_NONCE, g.nonce, sizeof(g.nonce)))
		return err_set(e, ERR_MALFORMED, "not a genesis, or one that lacks a field");
	if (g.has_predecessor &&
	    !read_ext(c, EXT_PREDECESSOR, g.predecessor.bytes, sizeof(g.predecessor.bytes)))
		return err_set(e, ERR_MALFORMED, "the genesis misstates its predecessor");
	if (!g.has_predecessor && !all_zero(c->prev.bytes, sizeof(c->prev.bytes)))
		return err_set(e, ERR_MALFORMED,
			       "the genesis continues a chain that it does not name");
	if (!scope_parse((const char *)scope->bytes, scope->len, &g.scope, e)) {
		e->code = ERR_MALFORMED;
		return false;
	}
	if (!name_valid((const char *)name->bytes, name->len))
		return err_set(e, ERR_MALFORMED, "the genesis has no valid node name");
	memcpy(g.name, name->bytes, name->len);
	if (!crypto_key_check(&g.key, e))
		return false;
	genesis_chain(&g.key, &g.scope, g.nonce, &chain);
	if (chain_compare(&chain, &c->chain) != 0)
		return err_set(e, ERR_CHAIN, "the chain's name is not that of its key and scope");
	*ret = g;
	return true;
}
