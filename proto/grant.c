/* grant.c - grants and revocations as CBOR: [1, chain, key, scope, role, name], [1, chain, seq,
 * reason]. */
#include <string.h>

#include "cbor.h"
#include "simpul/crypto.h"
#include "simpul/grant.h"

#define VERSION 1

static const char *const names[] = {
	[ROLE_WRITER] = "writer", [ROLE_REVIEWER] = "reviewer", [ROLE_READER] = "reader",
	[ROLE_RELAY] = "relay",	  [ROLE_HUB] = "hub",
};

static bool role_valid(uint64_t role)
{
	return role >= ROLE_WRITER && role <= ROLE_HUB;
}

const char *role_name(enum role role)
{
	return role_valid(role) ? names[role] : "unknown";
}

bool role_parse(const char *text, enum role *ret_role, struct err *e)
{
	for (int i = ROLE_WRITER; i <= ROLE_HUB; i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret_role = (enum role)i;
			return true;
		}
	}
	return err_set(e, ERR_USAGE, "a role is writer, reviewer, reader, relay or hub, not \"%s\"",
		       text);
}

/* Version first, so that a newer document is named as such and not as damaged. */
static bool open_document(struct reader *r, uint64_t items, const char *what, struct err *e)
{
	uint64_t n = cbor_array(r, UINT8_MAX), version = cbor_uint(r, UINT32_MAX);

	if (!r->failed && version > VERSION)
		return err_set(e, ERR_UNSUPPORTED, "%s of format %u is newer than this program",
			       what, (unsigned)version);
	r->failed |= n != items || version != VERSION;
	return true;
}

/* A name into a zeroed array of LIMIT_NAME_BYTES + 1. */
static void take_name(struct reader *r, char *out)
{
	size_t len;
	const uint8_t *text = cbor_text(r, LIMIT_NAME_BYTES, &len);

	if (text != NULL && name_valid((const char *)text, len))
		memcpy(out, text, len);
	else
		r->failed = true;
}

bool grant_encode(const struct grant *g, uint8_t *out, size_t cap, size_t *ret_len, struct err *e)
{
	struct writer w = { .p = out, .cap = cap };
	struct scope scope;

	if (!scope_parse(g->scope.name, strlen(g->scope.name), &scope, e) ||
	    !crypto_key_check(&g->key, e))
		return false;
	if (!role_valid(g->role) || !name_valid(g->name, strlen(g->name)))
		return err_set(e, ERR_USAGE, "a grant needs a role and a valid node name");
	cbor_put_array(&w, 6);
	cbor_put_uint(&w, VERSION);
	cbor_put_bytes(&w, g->chain.bytes, sizeof(g->chain.bytes));
	cbor_put_bytes(&w, g->key.bytes, sizeof(g->key.bytes));
	cbor_put_text(&w, g->scope.name, strlen(g->scope.name));
	cbor_put_uint(&w, g->role);
	cbor_put_text(&w, g->name, strlen(g->name));
	if (w.failed)
		return err_set(e, ERR_TOO_LARGE, "the grant does not fit in %zu bytes", cap);
	*ret_len = w.len;
	return true;
}

bool grant_decode(const uint8_t *bytes, size_t len, struct grant *ret, struct err *e)
{
	struct reader r = { .p = bytes, .end = bytes + len };
	struct grant g = { 0 };
	const uint8_t *scope;
	size_t scope_len;

	if (!open_document(&r, 6, "a grant", e))
		return false;
	cbor_fixed(&r, g.chain.bytes, sizeof(g.chain.bytes));
	cbor_fixed(&r, g.key.bytes, sizeof(g.key.bytes));
	scope = cbor_text(&r, LIMIT_SCOPE_BYTES, &scope_len);
	g.role = (enum role)cbor_uint(&r, ROLE_HUB);
	take_name(&r, g.name);
	if (r.failed || reader_left(&r) != 0 || !role_valid(g.role) ||
	    !scope_parse((const char *)scope, scope_len, &g.scope, e))
		return err_set(e, ERR_MALFORMED, "the grant is malformed");
	if (!crypto_key_check(&g.key, e))
		return false;
	*ret = g;
	return true;
}

bool revocation_encode(const struct revocation *r, uint8_t *out, size_t cap, size_t *ret_len,
		       struct err *e)
{
	struct writer w = { .p = out, .cap = cap };

	if (r->last_good_seq > INT64_MAX || !name_valid(r->reason, strlen(r->reason)))
		return err_set(e, ERR_USAGE, "a revocation needs a reason of one line");
	cbor_put_array(&w, 4);
	cbor_put_uint(&w, VERSION);
	cbor_put_bytes(&w, r->chain.bytes, sizeof(r->chain.bytes));
	cbor_put_uint(&w, r->last_good_seq);
	cbor_put_text(&w, r->reason, strlen(r->reason));
	if (w.failed)
		return err_set(e, ERR_TOO_LARGE, "the revocation does not fit in %zu bytes", cap);
	*ret_len = w.len;
	return true;
}

bool revocation_decode(const uint8_t *bytes, size_t len, struct revocation *ret, struct err *e)
{
	struct reader r = { .p = bytes, .end = bytes + len };
	struct revocation v = { 0 };

	if (!open_document(&r, 4, "a revocation", e))
		return false;
	cbor_fixed(&r, v.chain.bytes, sizeof(v.chain.bytes));
	v.last_good_seq = cbor_uint(&r, INT64_MAX);
	take_name(&r, v.reason);
	if (r.failed || reader_left(&r) != 0)
		return err_set(e, ERR_MALFORMED, "the revocation is malformed");
	*ret = v;
	return true;
}
