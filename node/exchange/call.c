/* call.c - signing, the thread that carries a request, and what its end tells about the peer. */
#include <stdio.h>

#include "exchange/call.h"
#include "exchange/contact.h"

void call_response_done(struct http_response *response)
{
	http_response_done(response);
}

static bool prepare(struct call *c, struct sync *s, const char *method, const char *target,
		    struct err *e)
{
	if (snprintf(c->url, sizeof(c->url), "%s%s", s->peer.url, target) >= (int)sizeof(c->url))
		return err_set(e, ERR_TOO_LARGE, "the request's URI is too long");
	c->request.method = method;
	c->request.url = c->url;
	c->request.fields = &c->fields;
	c->request.pin = s->peer.has_pin ? &s->peer.pin : NULL;
	c->request.silent_s_max = s->silent_s_max;
	c->before = s->transport->bytes;
	contact_tell(&c->fields, s->clock_offset_ms);
	return party_sign_request(s->party, &c->request, s->clock_offset_ms, &c->fields, e);
}

static void *carry(void *arg)
{
	struct call *c = arg;
	struct transport *transport = c->sync->transport;
	uint64_t start_ms = world_monotonic_ms(c->sync->party->world);

	c->ok = transport->call(transport->state, &c->request, &c->response, &c->problem) &&
		party_problem_read(&c->response, &c->problem);
	c->took_ms = world_monotonic_ms(c->sync->party->world) - start_ms;
	return NULL;
}

bool call_begin(struct call *c, struct sync *s, const char *method, const char *target, struct err *e)
{
	c->request.body = (struct bytes){ c->body.data, c->body.len };
	if (!prepare(c, s, method, target, e))
		return false;
	c->sync = s;
	c->threaded = s->transport->concurrent && pthread_create(&c->thread, NULL, carry, c) == 0;
	if (!c->threaded)
		carry(c);
	return true;
}

static void wait_for(struct call *c)
{
	if (c->threaded)
		pthread_join(c->thread, NULL);
	c->threaded = false;
}

bool call_end(struct call *c, struct err *e)
{
	struct sync *s = c->sync;

	wait_for(c);
	s->stats.sent_bytes += s->transport->bytes.sent - c->before.sent;
	s->stats.received_bytes += s->transport->bytes.received - c->before.received;
	if (!c->ok)
		*e = c->problem;
	if (!c->ok && e->code == ERR_CLOCK)
		s->greeted = false; /* their clock moved: ask again */
	c->sync = NULL;
	return c->ok;
}

void call_done(struct call *c)
{
	wait_for(c);
	http_fields_done(&c->fields);
	http_response_done(&c->response);
	buf_done(&c->body);
	*c = (struct call){ 0 };
}

bool call_now(struct sync *s, const char *method, const char *target, const struct buf *body,
	      struct http_response *ret, struct err *e)
{
	AUTO_CALL c = { 0 };

	if (body != NULL)
		c.request.body = (struct bytes){ body->data, body->len };
	if (!prepare(&c, s, method, target, e))
		return false;
	c.sync = s;
	carry(&c);
	if (!call_end(&c, e))
		return false;
	*ret = c.response;
	c.response = (struct http_response){ 0 };
	return true;
}
