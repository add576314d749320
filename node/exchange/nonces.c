/*
 * nonces.c - per key, what it used; the oldest goes, and takes everything as old with it.
 *
 * A ring that forgets whatever came first lets a flood push out a request that can still be sent again.  Here
 * the one that goes has the least `created` of its key, and the floor rises to that: a copy of it is refused
 * by its date from then on.
 */
#include <string.h>

#include "base/memory.h"
#include "exchange/nonces.h"
#include "simpul/crypto.h"

#define CAP_FIRST 64

struct nonces_key {
	struct public_key key;
	uint64_t newest_s, floor_s;
	size_t cap;
	uint64_t *mark;
	uint32_t *created_s; /* 0: free */
};

static void key_done(struct nonces_key *k)
{
	memory_free(&k->mark);
	memory_free(&k->created_s);
}

void nonces_done(struct nonces *n)
{
	for (size_t i = 0; i < n->keys; i++)
		key_done(&n->key[i]);
	memory_free(&n->key);
	n->keys = 0;
}

static struct nonces_key *key_find(struct nonces *n, const struct public_key *key,
				   const struct nonces_time *time)
{
	struct nonces_key *silent = NULL;

	for (size_t i = 0; i < n->keys; i++) {
		if (key_equal(&n->key[i].key, key))
			return &n->key[i];
		if (n->key[i].newest_s + time->apart_s < time->now_s)
			silent = &n->key[i];
	}
	if (silent == NULL) {
		n->key = memory_resize(n->key, (n->keys + 1) * sizeof(*n->key));
		silent = &n->key[n->keys++];
	} else {
		key_done(silent);
	}
	*silent = (struct nonces_key){ .key = *key };
	return silent;
}

static void grow(struct nonces_key *k)
{
	size_t cap = k->cap == 0 ? CAP_FIRST : 4 * k->cap;

	k->mark = memory_resize(k->mark, cap * sizeof(*k->mark));
	k->created_s = memory_resize(k->created_s, cap * sizeof(*k->created_s));
	memset(k->created_s + k->cap, 0, (cap - k->cap) * sizeof(*k->created_s));
	k->cap = cap;
}

static uint64_t mark_of(const struct public_key *key, const char *nonce)
{
	struct bytes parts[] = { { key->bytes, sizeof(key->bytes) }, { nonce, strlen(nonce) } };
	struct hash hash;
	uint64_t mark;

	crypto_sha256_parts(parts, 2, &hash);
	memcpy(&mark, hash.bytes, sizeof(mark));
	return mark;
}

/* A place for one more: a free one, or the oldest one's.  *ret_used: it has been seen. */
static size_t place(struct nonces_key *k, uint64_t mark, const struct nonces_time *time, bool *ret_used)
{
	size_t least = 0;

	*ret_used = false;
	for (size_t i = 0; i < k->cap; i++) {
		if (k->created_s[i] + time->apart_s < time->now_s)
			k->created_s[i] = 0; /* too old to be served by anybody */
		*ret_used |= k->created_s[i] != 0 && k->mark[i] == mark;
		if (k->created_s[i] < k->created_s[least])
			least = i;
	}
	if (k->cap > 0 && k->created_s[least] == 0)
		return least;
	if (k->cap < NONCES_EACH) {
		least = k->cap;
		grow(k);
	}
	return least;
}

bool nonces_take(struct nonces *n, const struct public_key *key, const char *nonce,
		 const struct nonces_time *time, struct err *e)
{
	struct nonces_key *k = key_find(n, key, time);
	uint64_t mark = mark_of(key, nonce);
	bool used;
	size_t at = place(k, mark, time, &used);

	if (used)
		return err_set(e, ERR_FORBIDDEN, "the request was used before");
	if (time->created_s <= k->floor_s || time->created_s <= k->created_s[at])
		return err_set(e, ERR_BUSY, "too many requests: one that was signed then may have been used");
	if (k->created_s[at] != 0)
		k->floor_s = k->created_s[at];
	k->mark[at] = mark;
	k->created_s[at] = (uint32_t)time->created_s;
	if (k->newest_s < time->created_s)
		k->newest_s = time->created_s;
	return true;
}
