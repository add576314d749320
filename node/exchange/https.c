/* https.c - transport calls as HTTP client calls. */
#include "exchange/https.h"
#include "net/http_client.h"

static bool https_call(void *state, const struct transport_call *call, struct http_response *ret,
		       struct err *e)
{
	struct https *h = state;
	struct http_call c = { .method = call->method, .url = call->url, .body = call->body };
	struct http_call_stats stats = { 0 };
	bool ok;

	c.fields = *call->fields; /* borrowed for the call */
	c.trust = call->pin != NULL ? HTTP_TRUST_PIN : HTTP_TRUST_ANY;
	if (call->pin != NULL)
		c.pin = *call->pin;
	c.silent_s_max = call->silent_s_max;
	c.abort = h->abort;
	ok = http_client_call(h->client, &c, ret, &stats, e);
	h->transport.bytes.sent += stats.sent_bytes + stats.handshake_sent_bytes;
	h->transport.bytes.received += stats.received_bytes + stats.handshake_received_bytes;
	if (ok && call->ret_pin != NULL)
		*call->ret_pin = stats.spki;
	return ok;
}

bool https_open(struct https *h, const atomic_bool *abort, struct err *e)
{
	struct http_client_config config = { .user_agent = "simpul/1" };

	*h = (struct https){ .transport = { .call = https_call, .concurrent = true }, .abort = abort };
	h->transport.state = h;
	return http_client_open(&config, &h->client, e);
}

void https_close(struct https *h)
{
	http_client_close(h->client);
	h->client = NULL;
}
