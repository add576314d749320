/* request.c - bodies, answers and problem documents of the API. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "web/request.h"

struct web_request *request_of(const struct serve_job *job)
{
	return job->state;
}

const char *request_rest(const struct serve_job *job)
{
	return job->request->path + strlen(job->route->path) - 1;
}

void request_answer(struct serve_job *job, int status, json_t *json)
{
	AUTO_BUF body = { 0 };

	if (json != NULL)
		json_write(json, &body);
	json_decref(json);
	http_response_set(job->response, status, body.len > 0 ? "application/json" : "", body.data,
			  body.len);
}

void request_result(struct serve_job *job, int status, json_t *json)
{
	struct web_request *r = request_of(job);

	json_decref(r->result);
	r->result = json;
	r->status = status;
}

bool request_finish(struct party *p, struct serve_job *job, struct err *e)
{
	struct web_request *r = request_of(job);

	(void)p;
	if (r->failure.code != ERR_OK) {
		*e = r->failure;
		return false;
	}
	request_answer(job, r->status == 0 ? 204 : r->status, r->result);
	r->result = NULL;
	return true;
}

void request_fault(struct serve_job *job, const struct request_fault *fault)
{
	struct web_request *r = request_of(job);
	json_t *json =
		json_pack("{s:s,s:s,s:s}", "code", fault->code, "id", fault->id, "en", fault->en);

	if (json == NULL) /* a name in it is no UTF-8 */
		json = json_pack("{s:s,s:s,s:s}", "code", fault->code, "id", "?", "en", "?");
	json_object_set_new(json, "column",
			    fault->column == NULL ? json_null() : json_string(fault->column));
	if (fault->index >= 0)
		json_object_set_new(json, "index", json_integer(fault->index));
	if (r->faults == NULL)
		r->faults = json_array();
	json_array_append_new(r->faults, json);
}

bool request_valid(const struct serve_job *job, struct err *e)
{
	const struct web_request *r = request_of(job);
	const json_t *first = json_array_get(r->faults, 0);

	if (first == NULL)
		return true;
	return err_set(e, ERR_INVALID, "%s%s%.300s", json_text_or_empty(first, "column"),
		       json_text_or_empty(first, "column")[0] == '\0' ? "" : ": ",
		       json_text_or_empty(first, "en"));
}

bool request_body(const struct serve_job *job, const json_t **ret, struct err *e)
{
	*ret = request_of(job)->body;
	return *ret != NULL ||
	       err_set(e, ERR_MALFORMED, "the request needs a JSON object as its body");
}

static bool plain(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

const char *request_text(struct serve_job *job, const struct request_text *want)
{
	const json_t *value = json_object_get(request_of(job)->body, want->name);
	const char *text = json_string_value(value);
	struct request_fault fault = { .index = -1, .column = want->name };

	if (value == NULL || json_is_null(value)) {
		fault.code = "required";
		fault.id = "Harus diisi.";
		fault.en = "Must be given.";
		if (want->min > 0)
			request_fault(job, &fault);
		return NULL;
	}
	fault.code = "type";
	fault.id = "Harus berupa teks sebaris.";
	fault.en = "Must be a line of text.";
	if (text != NULL && plain(text)) {
		if (strlen(text) >= want->min && strlen(text) <= want->max)
			return text;
		fault.code = "length";
		fault.id = "Terlalu pendek atau terlalu panjang.";
		fault.en = "Too short or too long.";
	}
	request_fault(job, &fault);
	return NULL;
}

void request_refuse(struct serve_job *job, const struct err *e)
{
	struct web_request *r = request_of(job);
	AUTO_BUF body = { 0 };
	AUTO_JSON json = json_object();
	char type[64];

	snprintf(type, sizeof(type), "urn:simpul:problem:%s", err_slug(e->code));
	json_object_set_new(json, "type", json_string(type));
	json_object_set_new(json, "code", json_string(err_slug(e->code)));
	json_object_set_new(json, "status", json_integer(err_http_status(e->code)));
	json_object_set_new(json, "title", json_string(err_advice_en(e->code)));
	json_object_set_new(json, "detail", json_string(e->text));
	json_object_set_new(
		json, "advice",
		json_pack("{s:s,s:s}", "id", err_advice_id(e->code), "en", err_advice_en(e->code)));
	if (r != NULL && r->faults != NULL)
		json_object_set(json, "errors", r->faults);
	if (r != NULL && r->extra != NULL)
		json_object_update(json, r->extra);
	json_write(json, &body);
	http_response_set(job->response, err_http_status(e->code), "application/problem+json",
			  body.data, body.len);
	if (err_retry(e->code) && http_response_header(job->response, "Retry-After") == NULL)
		http_fields_put(&job->response->fields, "Retry-After", "5");
}

void request_dress(struct http_response *response, bool api)
{
	struct http_fields *f = &response->fields;

	/* Style and script come from files of ours only; pictures may be made by the page. */
	http_fields_put(f, "Content-Security-Policy",
			"default-src 'self'; img-src 'self' blob: data:; object-src 'none'; "
			"base-uri 'none';"
			" frame-ancestors 'none'; form-action 'self'");
	http_fields_put(f, "X-Content-Type-Options", "nosniff");
	http_fields_put(f, "Referrer-Policy", "no-referrer");
	http_fields_put(f, "Cross-Origin-Opener-Policy", "same-origin");
	http_fields_put(f, "Cross-Origin-Resource-Policy", "same-origin");
	if (api && http_response_header(response, "Cache-Control") == NULL)
		http_fields_put(f, "Cache-Control", "no-store");
}

void request_uuid(const struct world *world, char out[REQUEST_UUID_SIZE])
{
	uint64_t ms = world_now_ms(world);
	uint8_t b[16];
	char hex[HEX_SIZE(sizeof(b))];

	world_random(world, b, sizeof(b));
	for (int i = 0; i < 6; i++)
		b[i] = (uint8_t)(ms >> (40 - 8 * i));
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x70);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	hex_encode(b, sizeof(b), hex);
	snprintf(out, REQUEST_UUID_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
		 hex + 16, hex + 20);
}

json_t *request_time(uint64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	char text[40];
	struct tm tm;

	if (ms == 0 || gmtime_r(&seconds, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return json_null();
	return json_string(text);
}
