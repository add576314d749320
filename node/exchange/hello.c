/* hello.c - the hello as JSON, encode and decode side by side. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "exchange/hello.h"
#include "exchange/proof.h"

/* A hub signs after it commits, so its newest head is on file only with the next commit: ask for it. */
static bool checkpoint_newest(struct party *p, struct note *ret, struct err *e)
{
	AUTO_ANSWER answer = { 0 };

	if (p->hub == NULL)
		return proof_newest_note(p, ret, e);
	if (!p->hub->prove(p, &answer, e))
		return false;
	*ret = answer.checkpoint;
	return true;
}

static bool nonce_valid(const char *nonce)
{
	size_t len = strlen(nonce);

	return len >= MESSAGE_NONCE_MIN && len <= MESSAGE_NONCE_MAX &&
	       strspn(nonce, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == len;
}

bool hello_answer(struct party *p, const char *nonce, struct http_response *response, struct err *e)
{
	AUTO_JSON json = json_object();
	AUTO_BUF body = { 0 };
	struct note checkpoint;
	int64_t head;

	if (!nonce_valid(nonce))
		return err_set(e, ERR_MALFORMED, "a hello needs ?nonce= of %d to %d characters",
			       MESSAGE_NONCE_MIN, MESSAGE_NONCE_MAX);
	if (!checkpoint_newest(p, &checkpoint, e) ||
	    !db_int(p->db, "SELECT max(n) FROM simpul_changeset", 0, &head, e))
		return false;
	json_object_set_new(json, "protocol", json_integer(HELLO_PROTOCOL));
	json_object_set_new(json, "role", json_string(p->hub != NULL ? "hub" : "node"));
	json_object_set_new(json, "name", json_string(p->name));
	json_put_hex(json, "key", p->key.bytes, sizeof(p->key.bytes));
	json_object_set_new(json, "origin", json_string(p->origin));
	json_object_set_new(json, "time_ms", json_integer((json_int_t)world_now_ms(p->world)));
	json_put_hex(json, "pin", p->pin.bytes, sizeof(p->pin.bytes));
	json_object_set_new(json, "head", json_integer(head));
	json_object_set_new(json, "checkpoint", json_stringn(checkpoint.text, checkpoint.len));
	json_write(json, &body);
	http_response_set(response, 200, "application/json", body.data, body.len);
	return party_sign_response(p, nonce, response, e);
}

static bool hello_decode(const json_t *json, struct hello *h, struct err *e)
{
	const char *role, *name, *origin, *note;
	int64_t protocol, time_ms, head;

	if (!json_member_int(json, "protocol", &protocol, e) ||
	    !json_member_text(json, "role", &role, e) || !json_member_text(json, "name", &name, e) ||
	    !json_member_text(json, "origin", &origin, e) ||
	    !json_member_hex(json, "key", h->key.bytes, sizeof(h->key.bytes), e) ||
	    !json_member_hex(json, "pin", h->pin.bytes, sizeof(h->pin.bytes), e) ||
	    !json_member_int(json, "time_ms", &time_ms, e) ||
	    !json_member_int(json, "head", &head, e) ||
	    !json_member_text(json, "checkpoint", &note, e))
		return false;
	if (protocol != HELLO_PROTOCOL)
		return err_set(e, ERR_UNSUPPORTED, "the other side speaks protocol %lld, this one %d",
			       (long long)protocol, HELLO_PROTOCOL);
	if (!name_valid(name, strlen(name)) || strlen(origin) > LIMIT_NAME_BYTES || time_ms < 0 ||
	    head < 0 || strlen(note) > LIMIT_NOTE_BYTES)
		return err_set(e, ERR_MALFORMED, "a member of the hello is out of range");
	h->protocol = (int)protocol;
	h->is_hub = strcmp(role, "hub") == 0;
	snprintf(h->name, sizeof(h->name), "%s", name);
	snprintf(h->origin, sizeof(h->origin), "%s", origin);
	h->time_ms = (uint64_t)time_ms;
	h->head = (uint64_t)head;
	h->checkpoint.len = strlen(note);
	memcpy(h->checkpoint.text, note, h->checkpoint.len);
	return true;
}

bool hello_read(const struct http_response *response, const char *nonce, struct hello *ret,
		struct err *e)
{
	const char *input = http_response_header(response, "Signature-Input");
	const char *signature = http_response_header(response, "Signature");
	const char *digest = http_response_header(response, "Content-Digest");
	struct message_response message = { .status = (unsigned)response->status, .digest = digest };
	struct message_signer signer;
	AUTO_JSON json = NULL;
	struct hello h;

	if (response->status != 200 || input == NULL || signature == NULL || digest == NULL)
		return err_set(e, ERR_PIN, "the answer (HTTP %d) is not a signed hello of a Simpul node",
			       response->status);
	if (!message_digest_check(digest, response->body.data, response->body.len, e) ||
	    !message_response_verify(&message, input, signature, &signer, e) ||
	    !json_parse(response->body.data, response->body.len, &json, e) ||
	    !hello_decode(json, &h, e) || !message_signer_check(&signer, &h.key, nonce, e))
		return err_wrap(e, "hello");
	*ret = h;
	return true;
}
