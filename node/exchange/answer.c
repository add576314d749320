/* answer.c - results and receipts as JSON, with each proof hash sent once. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base64.h"
#include "exchange/answer.h"

static const char *const state_names[] = { "logged", "kept", "held", "refused" };

/* The hashes of one answer, with an open-addressed index from hash to position. */
struct hash_set {
	struct hash *hash;
	size_t n;
	int32_t *slot;
	size_t slots; /* power of two */
};

static void hash_set_done(struct hash_set *set)
{
	free(set->hash);
	free(set->slot);
}

static void hash_set_init(struct hash_set *set, size_t most)
{
	for (set->slots = 64; set->slots < 2 * most;)
		set->slots *= 2;
	set->n = 0;
	set->hash = memory_new(most * sizeof(struct hash));
	set->slot = memory_new(set->slots * sizeof(int32_t));
	memset(set->slot, 0xff, set->slots * sizeof(int32_t));
}

static int32_t hash_set_add(struct hash_set *set, const struct hash *h)
{
	size_t at;

	memcpy(&at, h->bytes, sizeof(at)); /* SHA-256 output is evenly spread */
	for (at &= set->slots - 1; set->slot[at] >= 0; at = (at + 1) & (set->slots - 1))
		if (hash_equal(&set->hash[set->slot[at]], h))
			return set->slot[at];
	set->slot[at] = (int32_t)set->n;
	set->hash[set->n] = *h;
	return (int32_t)set->n++;
}

struct answer_item *answer_add(struct answer *answer)
{
	struct answer_item *item;

	if (answer->items == answer->cap) {
		answer->cap = answer->cap == 0 ? 16 : answer->cap * 2;
		answer->item = memory_resize(answer->item, answer->cap * sizeof(*answer->item));
	}
	item = &answer->item[answer->items++];
	memset(item, 0, sizeof(*item));
	return item;
}

void answer_done(struct answer *answer)
{
	free(answer->item);
	*answer = (struct answer){ 0 };
}

static json_t *item_encode(const struct answer_item *item, struct hash_set *set)
{
	json_t *json = json_object();

	json_put_hex(json, "id", item->id.bytes, sizeof(item->id.bytes));
	json_object_set_new(json, "state", json_string(state_names[item->state]));
	if (item->problem != ERR_OK) {
		json_object_set_new(json, "problem", json_string(err_slug(item->problem)));
		json_object_set_new(json, "detail", json_string(item->detail));
	}
	if (item->proven) {
		json_t *proof = json_array();

		for (uint32_t i = 0; i < item->proof.count; i++)
			json_array_append_new(
				proof, json_integer(hash_set_add(set, &item->proof.hashes[i])));
		json_object_set_new(json, "index", json_integer((json_int_t)item->index));
		json_object_set_new(json, "proof", proof);
	}
	return json;
}

void answer_encode(const struct answer *answer, struct buf *out)
{
	__attribute__((cleanup(hash_set_done))) struct hash_set set = { 0 };
	AUTO_JSON json = json_object();
	json_t *results = json_array(), *hashes = json_array();
	size_t most = 1;

	for (size_t i = 0; i < answer->items; i++)
		most += answer->item[i].proof.count;
	hash_set_init(&set, most);
	for (size_t i = 0; i < answer->items; i++)
		json_array_append_new(results, item_encode(&answer->item[i], &set));
	for (size_t i = 0; i < set.n; i++) {
		char text[BASE64_LEN(sizeof(struct hash))];
		size_t len = base64_encode(BASE64, set.hash[i].bytes, sizeof(struct hash), text);

		json_array_append_new(hashes, json_stringn(text, len));
	}
	json_object_set_new(json, "results", results);
	json_object_set_new(json, "hashes", hashes);
	if (answer->checkpoint.len > 0)
		json_object_set_new(json, "checkpoint",
				    json_stringn(answer->checkpoint.text, answer->checkpoint.len));
	json_write(json, out);
}

static bool proof_decode(const json_t *proof, const json_t *hashes, struct answer_item *item,
			 struct err *e)
{
	size_t n = json_array_size(proof);

	if (n > LIMIT_PROOF_HASHES)
		return err_set(e, ERR_TOO_LARGE, "a proof of %zu hashes", n);
	for (size_t i = 0; i < n; i++) {
		json_int_t at = json_integer_value(json_array_get(proof, i));
		const json_t *text = at < 0 ? NULL : json_array_get(hashes, (size_t)at);

		if (!json_is_integer(json_array_get(proof, i)) || !json_is_string(text) ||
		    !base64_decode_exact(json_string_value(text), json_string_length(text),
					 item->proof.hashes[i].bytes, sizeof(struct hash)))
			return err_set(e, ERR_MALFORMED, "a proof names a hash that is not there");
	}
	item->proof.count = (uint32_t)n;
	return true;
}

static bool item_decode(const json_t *json, const json_t *hashes, struct answer_item *item,
			struct err *e)
{
	const char *state;
	int64_t index;
	size_t s = 0;

	if (!json_member_hex(json, "id", item->id.bytes, sizeof(item->id.bytes), e) ||
	    !json_member_text(json, "state", &state, e))
		return false;
	while (s < 4 && strcmp(state, state_names[s]) != 0)
		s++;
	if (s == 4)
		return err_set(e, ERR_UNSUPPORTED, "unknown state \"%.40s\"", state);
	item->state = (enum answer_state)s;
	if (item->state >= ANSWER_HELD) {
		item->problem = err_from_slug(json_text_or_empty(json, "problem"));
		snprintf(item->detail, sizeof(item->detail), "%s", json_text_or_empty(json, "detail"));
	}
	if (json_object_get(json, "proof") == NULL)
		return true;
	if (!json_member_int(json, "index", &index, e))
		return false;
	if (index < 0)
		return err_set(e, ERR_MALFORMED, "a negative log index");
	item->index = (uint64_t)index;
	item->proven = true;
	return proof_decode(json_object_get(json, "proof"), hashes, item, e);
}

bool answer_decode(const void *bytes, size_t len, struct answer *ret, struct err *e)
{
	AUTO_JSON json = NULL;
	AUTO_ANSWER answer = { 0 };
	const json_t *results, *hashes, *note;

	if (!json_parse(bytes, len, &json, e) || !json_member_array(json, "results", &results, e) ||
	    !json_member_array(json, "hashes", &hashes, e))
		return false;
	if (json_array_size(results) > LIMIT_REQUEST_FRAMES)
		return err_set(e, ERR_TOO_LARGE, "%zu results in one answer",
			       json_array_size(results));
	for (size_t i = 0; i < json_array_size(results); i++)
		if (!item_decode(json_array_get(results, i), hashes, answer_add(&answer), e))
			return false;
	note = json_object_get(json, "checkpoint");
	if (note != NULL) {
		if (!json_is_string(note) || json_string_length(note) > LIMIT_NOTE_BYTES)
			return err_set(e, ERR_MALFORMED, "the checkpoint is not a note");
		answer.checkpoint.len = json_string_length(note);
		memcpy(answer.checkpoint.text, json_string_value(note), answer.checkpoint.len);
	}
	*ret = answer;
	answer = (struct answer){ 0 };
	return true;
}
