/* answer.c - answers there and back, and everything that an answer from outside may not be. */
#include <stdio.h>
#include <string.h>

#include "exchange/answer.h"
#include "tap.h"

static void fill(struct answer *a, size_t items, uint32_t hashes)
{
	for (size_t i = 0; i < items; i++) {
		struct answer_item *item = answer_add(a);

		memset(item->id.bytes, (int)i + 1, sizeof(item->id.bytes));
		item->state = ANSWER_LOGGED;
		item->proven = true;
		item->index = i;
		item->proof.count = hashes;
		for (uint32_t h = 0; h < hashes; h++) /* neighbours share all but the first */
			memset(item->proof.hashes[h].bytes, h == 0 ? 0x80 + (int)i : (int)h,
			       sizeof(struct hash));
	}
}

static void every_member_comes_back(void)
{
	AUTO_ANSWER a = { 0 };
	AUTO_ANSWER b = { 0 };
	AUTO_BUF bytes = { 0 };
	struct answer_item *item;
	struct err e;

	fill(&a, 3, 5);
	item = answer_add(&a);
	item->state = ANSWER_REFUSED;
	item->problem = ERR_FORK;
	memcpy(item->detail, "dua", 4);
	answer_add(&a)->state = ANSWER_KEPT;
	a.checkpoint.len = 4;
	memcpy(a.checkpoint.text, "note", 4);
	answer_encode(&a, &bytes);
	CHECK_OK(answer_decode(bytes.data, bytes.len, &b, &e), &e);
	CHECK(b.items == 5 && b.checkpoint.len == 4 && memcmp(b.checkpoint.text, "note", 4) == 0);
	for (size_t i = 0; i < 3; i++) {
		CHECK(hash_equal(&b.item[i].id, &a.item[i].id) && b.item[i].state == ANSWER_LOGGED);
		CHECK(b.item[i].proven && b.item[i].index == i && b.item[i].problem == ERR_OK);
		CHECK(b.item[i].proof.count == 5 &&
		      memcmp(b.item[i].proof.hashes, a.item[i].proof.hashes, 5 * sizeof(struct hash)) == 0);
	}
	CHECK(b.item[3].state == ANSWER_REFUSED && b.item[3].problem == ERR_FORK && !b.item[3].proven);
	CHECK(strcmp(b.item[3].detail, "dua") == 0);
	CHECK(b.item[4].state == ANSWER_KEPT && !b.item[4].proven);
}

/* Receipts of a whole batch must not cost a proof each: 33 hashes are 44 bytes of base64 each. */
static void shared_hashes_are_sent_once(void)
{
	AUTO_ANSWER one = { 0 };
	AUTO_ANSWER many = { 0 };
	AUTO_BUF small = { 0 };
	AUTO_BUF large = { 0 };

	fill(&one, 1, LIMIT_PROOF_HASHES);
	fill(&many, 100, LIMIT_PROOF_HASHES);
	answer_encode(&one, &small);
	answer_encode(&many, &large);
	CHECK(large.len < small.len + 99 * (size_t)(44 + 100 + 64 + 4 * LIMIT_PROOF_HASHES));
	CHECK(large.len < 20 * small.len);
}

#define ID "\"id\":\"0101010101010101010101010101010101010101010101010101010101010101\""
#define LOGGED "{\"results\":[{" ID ",\"state\":\"logged\","
#define HASH "\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\""

struct wrong {
	const char *json;
	enum err_code code;
};

static void an_answer_from_outside_is_checked(void)
{
	static const struct wrong wrong[] = {
		{ "", ERR_MALFORMED },
		{ "[]", ERR_MALFORMED },
		{ "{\"results\":[]}", ERR_MALFORMED },
		{ "{\"results\":7,\"hashes\":[]}", ERR_MALFORMED },
		{ "{\"results\":[7],\"hashes\":[]}", ERR_MALFORMED },
		{ "{\"results\":[{}],\"hashes\":[]}", ERR_MALFORMED },
		{ "{\"results\":[{\"id\":\"01\",\"state\":\"kept\"}],\"hashes\":[]}", ERR_MALFORMED },
		{ "{\"results\":[{" ID "}],\"hashes\":[]}", ERR_MALFORMED },
		{ "{\"results\":[{" ID ",\"state\":\"eaten\"}],\"hashes\":[]}", ERR_UNSUPPORTED },
		{ LOGGED "\"proof\":[]}],\"hashes\":[]}", ERR_MALFORMED },
		{ LOGGED "\"index\":-1,\"proof\":[]}],\"hashes\":[]}",
		  ERR_MALFORMED },
		{ LOGGED "\"index\":0,\"proof\":[0]}],\"hashes\":[]}",
		  ERR_MALFORMED },
		{ LOGGED "\"index\":0,\"proof\":[-1]}],\"hashes\":[" HASH "]}",
		  ERR_MALFORMED },
		{ LOGGED "\"index\":0,\"proof\":[1]}],\"hashes\":[" HASH "]}",
		  ERR_MALFORMED },
		{ LOGGED "\"index\":0,\"proof\":[\"0\"]}],\"hashes\":[" HASH
		  "]}", ERR_MALFORMED },
		{ LOGGED "\"index\":0,\"proof\":[0]}],\"hashes\":[\"AQE=\"]}",
		  ERR_MALFORMED },
		{ "{\"results\":[],\"hashes\":[],\"checkpoint\":7}", ERR_MALFORMED },
		{ "{\"results\":[],\"hashes\":[]}x", ERR_MALFORMED },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		AUTO_ANSWER a = { 0 };
		struct err e;

		tap_note("%s", wrong[i].json);
		CHECK(!answer_decode(wrong[i].json, strlen(wrong[i].json), &a, &e));
		CHECK(e.code == wrong[i].code && a.item == NULL && a.items == 0);
	}
}

static void too_much_is_refused(void)
{
	AUTO_ANSWER a = { 0 };
	AUTO_BUF bytes = { 0 };
	struct err e;

	buf_text(&bytes, "{\"results\":[");
	for (unsigned i = 0; i <= LIMIT_REQUEST_FRAMES; i++)
		buf_print(&bytes, "%s{" ID ",\"state\":\"kept\"}", i > 0 ? "," : "");
	buf_text(&bytes, "],\"hashes\":[]}");
	CHECK(!answer_decode(bytes.data, bytes.len, &a, &e) && e.code == ERR_TOO_LARGE);
	bytes.len = 0;
	buf_text(&bytes, LOGGED "\"index\":0,\"proof\":[0");
	for (unsigned i = 0; i < LIMIT_PROOF_HASHES; i++)
		buf_text(&bytes, ",0");
	buf_text(&bytes, "]}],\"hashes\":[" HASH "]}");
	CHECK(!answer_decode(bytes.data, bytes.len, &a, &e) && e.code == ERR_TOO_LARGE);
	bytes.len = 0;
	buf_text(&bytes, "{\"results\":[],\"hashes\":[],\"checkpoint\":\"");
	for (unsigned i = 0; i <= LIMIT_NOTE_BYTES; i++)
		buf_text(&bytes, "n");
	buf_text(&bytes, "\"}");
	CHECK(!answer_decode(bytes.data, bytes.len, &a, &e) && e.code == ERR_MALFORMED);
}

/* A word of a newer version is no reason to lose the answer; the problem is then ours to call internal. */
static void an_unknown_problem_is_a_problem_all_the_same(void)
{
	static const char json[] = "{\"results\":[{" ID ",\"state\":\"refused\",\"problem\":\"of-tomorrow\","
				   "\"detail\":\"x\"}],\"hashes\":[]}";
	AUTO_ANSWER a = { 0 };
	struct err e;

	CHECK_OK(answer_decode(json, strlen(json), &a, &e), &e);
	CHECK(a.items == 1 && a.item[0].state == ANSWER_REFUSED && a.item[0].problem != ERR_OK);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(every_member_comes_back),
		TAP(shared_hashes_are_sent_once),
		TAP(an_answer_from_outside_is_checked),
		TAP(too_much_is_refused),
		TAP(an_unknown_problem_is_a_problem_all_the_same),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
