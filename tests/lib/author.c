/* author.c - frames made to order. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "author.h"

#define BODY_MAX (1u << 20)

void post_done(struct post *post)
{
	for (size_t i = 0; i < post->n; i++)
		free(post->letter[i].bytes);
	free(post->letter);
	*post = (struct post){ 0 };
}

static void post_put(struct post *post, uint8_t *bytes, size_t len)
{
	post->letter = realloc(post->letter, (post->n + 1) * sizeof(*post->letter));
	assert(post->letter != NULL);
	post->letter[post->n++] = (struct letter){ .bytes = bytes, .len = len };
}

static void seal(struct author *a, struct changeset *c, const void *body, size_t len, struct post *post)
{
	size_t cap = seal_size_max(len), out_len;
	uint8_t *out = malloc(cap);
	struct err e;
	bool ok;

	assert(out != NULL);
	ok = seal_make(c, body, len, &a->secret, out, cap, &out_len, &a->head, &e);
	assert(ok);
	a->seq = c->seq;
	post_put(post, out, out_len);
}

void author_begin(struct author *a, uint8_t seed, const char *scope, struct post *post)
{
	struct genesis g = { .name = "test" };
	struct changeset c = { 0 };
	struct err e;
	bool ok;

	*a = (struct author){ 0 };
	memset(a->secret.bytes, seed, sizeof(a->secret.bytes));
	crypto_public_key(&a->secret, &a->key);
	ok = scope_parse(scope, strlen(scope), &a->scope, &e);
	assert(ok);
	g.key = a->key;
	g.scope = a->scope;
	g.nonce[0] = seed;
	genesis_chain(&g.key, &g.scope, g.nonce, &a->chain);
	genesis_fill(&g, &c);
	seal(a, &c, "", 0, post);
}

void author_seal(struct author *a, enum changeset_kind kind, const void *body, size_t len,
		 uint32_t changes, struct post *post)
{
	struct changeset c = { .kind = kind, .chain = a->chain, .seq = a->seq + 1, .prev = a->head,
			       .changes = changes, .hlc_min = 1, .hlc_max = 1 };

	memcpy(c.schema, a->schema, sizeof(c.schema));
	seal(a, &c, body, len, post);
}

void author_grant(struct author *hub, const struct author *to, enum role role, struct post *post)
{
	struct grant g = { .chain = to->chain, .key = to->key, .scope = to->scope, .role = role,
			   .name = "granted" };
	uint8_t out[GRANT_BYTES_MAX];
	struct err e;
	size_t len;
	bool ok = grant_encode(&g, out, sizeof(out), &len, &e);

	assert(ok);
	author_seal(hub, CHANGESET_GRANT, out, len, 0, post);
}

void author_revoke(struct author *hub, const struct author *from, uint64_t last_good, struct post *post)
{
	struct revocation r = { .chain = from->chain, .last_good_seq = last_good, .reason = "stolen" };
	uint8_t out[GRANT_BYTES_MAX];
	struct err e;
	size_t len;
	bool ok = revocation_encode(&r, out, sizeof(out), &len, &e);

	assert(ok);
	author_seal(hub, CHANGESET_REVOKE, out, len, 0, post);
}

void author_schema(struct author *a, const struct schema *schema, struct post *post)
{
	static uint8_t out[1 << 16];
	struct hash hash;
	struct err e;
	size_t len;
	bool ok = schema_encode(schema, out, sizeof(out), &len, &e);

	assert(ok);
	author_seal(a, CHANGESET_SCHEMA, out, len, 0, post);
	crypto_sha256(out, len, &hash);
	memcpy(a->schema, hash.bytes, sizeof(a->schema));
}

static int order(const void *a, const void *b)
{
	return change_group_compare(a, b);
}

void author_write(struct author *a, struct change *changes, size_t n, const struct context_pair *pair,
		  size_t pairs, struct post *post)
{
	const struct change_body body = { .context = pair, .pairs = pairs };
	struct changeset c = { .kind = CHANGESET_DATA, .chain = a->chain, .seq = a->seq + 1,
			       .prev = a->head, .changes = (uint32_t)n, .hlc_min = UINT64_MAX,
			       .cut_left = a->cut_left };
	uint8_t *out = malloc(BODY_MAX);
	struct err e;
	size_t len;
	bool ok;

	assert(out != NULL);
	memcpy(c.schema, a->schema, sizeof(c.schema));
	for (size_t i = 0; i < n; i++) {
		c.hlc_min = changes[i].hlc < c.hlc_min ? changes[i].hlc : c.hlc_min;
		c.hlc_max = changes[i].hlc > c.hlc_max ? changes[i].hlc : c.hlc_max;
	}
	qsort(changes, n, sizeof(*changes), order);
	ok = change_encode(&body, changes, n, out, BODY_MAX, &len, &e);
	assert(ok);
	seal(a, &c, out, len, post);
	free(out);
}

const struct schema *author_table(void)
{
	static struct schema_column columns[] = {
		{ .name = { "id", 2 }, .type = { "TEXT", 4 } },
		{ .name = { "a", 1 }, .type = { "", 0 } },
		{ .name = { "b", 1 }, .type = { "", 0 } },
		{ .name = { "c", 1 }, .type = { "", 0 } },
	};
	static struct schema_table table = { .name = { "tab", 3 }, .columns = 4, .keys = 1,
					     .key = { 0 }, .column = columns };
	static const struct schema schema = { .tables = 1, .table = &table };

	return &schema;
}
