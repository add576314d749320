/* hello.c - the first word: only the right key, with this very nonce, and nothing changed on the way. */
#include <stdio.h>
#include <string.h>

#include "cluster.h"
#include "exchange/hello.h"
#include "tap.h"

#define NONCE "0123456789abcdef"

static void response_free(struct http_response *r)
{
	http_response_done(r);
}

#define AUTO_RESPONSE __attribute__((cleanup(response_free))) struct http_response

static bool region_open(struct cluster *c, struct err *e)
{
	cluster_begin(c, 1);
	return cluster_add(c, "hub", NULL, e) && cluster_add(c, "ayu", "13.7", e) && cluster_enrol(c, 1, e) &&
	       cluster_sync(c, 1, 0, e);
}

static void a_hub_and_a_node_say_who_they_are(void)
{
	AUTO_CLUSTER c = { 0 };
	struct hello h;
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	for (unsigned i = 0; i < 2; i++) {
		struct party *p = &c.member[i].party;
		struct checkpoint checkpoint;
		AUTO_RESPONSE r = { 0 };
		struct bytes note;

		CHECK_OK(hello_answer(p, NONCE, &r, &e) && hello_read(&r, NONCE, &h, &e), &e);
		CHECK(key_equal(&h.key, &p->key) && h.is_hub == (i == 0) && strcmp(h.name, p->name) == 0);
		CHECK(strcmp(h.origin, c.member[0].party.origin) == 0 && h.head > 0);
		note = (struct bytes){ h.checkpoint.text, h.checkpoint.len };
		CHECK_OK(note_checkpoint_verify(&note, &c.member[0].party.key, &checkpoint, &e), &e);
		CHECK(checkpoint.head.size > 0 && checkpoint.head.size <= h.head);
	}
}

static void a_nonce_has_a_form(void)
{
	static const char *const wrong[] = { "", "0123456789abcde", "0123456789abcde\"", "0123456789abcde\n",
					     "0123456789 abcdef",
					     NULL /* stands for a long one */ };
	char far_too_long[MESSAGE_NONCE_MAX + 2] = "";
	AUTO_CLUSTER c = { 0 };
	struct err e;

	memset(far_too_long, 'a', MESSAGE_NONCE_MAX + 1);
	CHECK_OK(region_open(&c, &e), &e);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *nonce = wrong[i] == NULL ? far_too_long : wrong[i];
		AUTO_RESPONSE r = { 0 };

		tap_note("%s", nonce);
		CHECK(!hello_answer(&c.member[0].party, nonce, &r, &e) && e.code == ERR_MALFORMED);
	}
}

static void an_old_answer_is_none(void)
{
	AUTO_CLUSTER c = { 0 };
	AUTO_RESPONSE r = { 0 };
	struct hello h = { .head = 77 };
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(hello_answer(&c.member[0].party, NONCE, &r, &e), &e);
	CHECK(!hello_read(&r, "0123456789abcdeF", &h, &e) && h.head == 77);
}

static void every_byte_is_signed(void)
{
	AUTO_CLUSTER c = { 0 };
	AUTO_RESPONSE r = { 0 };
	struct hello h;
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	CHECK_OK(hello_answer(&c.member[0].party, NONCE, &r, &e), &e);
	for (size_t i = 0; i < r.body.len; i++) {
		r.body.data[i] ^= 1;
		CHECK(!hello_read(&r, NONCE, &h, &e));
		r.body.data[i] ^= 1;
	}
	CHECK_OK(hello_read(&r, NONCE, &h, &e), &e);
	r.status = 201; /* the status is under the signature too */
	CHECK(!hello_read(&r, NONCE, &h, &e) && e.code == ERR_PIN);
}

/* Whoever signs with a key of its own may only speak for that key. */
static void nobody_speaks_for_another(void)
{
	AUTO_CLUSTER c = { 0 };
	AUTO_RESPONSE r = { 0 };
	struct party *hub, *node;
	struct public_key own;
	struct hello h;
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	hub = &c.member[0].party;
	node = &c.member[1].party;
	own = node->key;
	node->key = hub->key; /* its secret stays its own */
	CHECK_OK(hello_answer(node, NONCE, &r, &e), &e);
	node->key = own;
	CHECK(!hello_read(&r, NONCE, &h, &e));
}

static void a_login_page_is_not_a_hello(void)
{
	static const char page[] = "<html>Welcome</html>";
	AUTO_RESPONSE r = { 0 };
	struct hello h;
	struct err e;

	http_response_set(&r, 200, "text/html", page, sizeof(page) - 1);
	CHECK(!hello_read(&r, NONCE, &h, &e) && e.code == ERR_PIN);
	CHECK(http_fields_put(&r.fields, "Signature-Input", "x"));
	CHECK(http_fields_put(&r.fields, "Signature", "x"));
	CHECK(http_fields_put(&r.fields, "Content-Digest", "x"));
	CHECK(!hello_read(&r, NONCE, &h, &e));
}

#define MEMBERS(protocol, name, time, head)                                                         \
	"{\"protocol\":" protocol ",\"role\":\"hub\",\"name\":\"" name "\",\"origin\":\"\","         \
	"\"key\":\"%s\",\"pin\":\"%s\",\"time_ms\":" time ",\"head\":" head ",\"checkpoint\":\"\"}"

/* Signed properly, and still not what a hello is. */
static void members_are_in_range(void)
{
	static const char *const wrong[] = {
		"{}", "[]", "x", "{\"protocol\":1}",
		MEMBERS("2", "a", "1", "1"),	   MEMBERS("1", "", "1", "1"), MEMBERS("1", "a", "-1", "1"),
		MEMBERS("1", "a", "1", "-1"),	   MEMBERS("1", "a\\u0007", "1", "1"),
	};
	char hex[HEX_SIZE(32)];
	AUTO_CLUSTER c = { 0 };
	struct party *hub;
	struct hello h;
	struct err e;

	CHECK_OK(region_open(&c, &e), &e);
	hub = &c.member[0].party;
	hex_encode(hub->key.bytes, sizeof(hub->key.bytes), hex);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		AUTO_RESPONSE r = { 0 };
		AUTO_BUF body = { 0 };

		for (const char *p = wrong[i]; *p != '\0'; p++)
			if (*p == '%')
				buf_text(&body, hex), p++;
			else
				buf_put(&body, p, 1);
		http_response_set(&r, 200, "application/json", body.data, body.len);
		CHECK_OK(party_sign_response(hub, NONCE, &r, &e), &e);
		tap_note("%s", wrong[i]);
		CHECK(!hello_read(&r, NONCE, &h, &e));
		CHECK(e.code == (i == 4 ? ERR_UNSUPPORTED : ERR_MALFORMED));
	}
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(a_hub_and_a_node_say_who_they_are),
		TAP(a_nonce_has_a_form),
		TAP(an_old_answer_is_none),
		TAP(every_byte_is_signed),
		TAP(nobody_speaks_for_another),
		TAP(a_login_page_is_not_a_hello),
		TAP(members_are_in_range),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
