/* web.c - what every request goes through: whose name it calls, where it comes from, which route it
 * is for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "web/events.h"
#include "web/routes.h"
#include "web/session.h"
#include "web/static.h"

/* clang-format off: a line each, so that two who add one do not meet */
const struct serve_route *const web_tables[] = {
	session_routes,
	accounts_routes,
	tokens_routes,
	rows_routes,
	review_routes,
	submissions_routes,
	package_routes, /* before the prefix of exports */
	export_routes,
	history_routes,
	nodes_routes,
	files_routes,
	meta_routes,
	events_routes,
	status_routes,
	openapi_routes,
	NULL,
};
/* clang-format on */

/* ---- open, close, where we are ---- */

static void names_put(struct web *web, const char *name, size_t len)
{
	if (len > 0 && len < sizeof(web->name[0]) && web->names < WEB_NAMES)
		snprintf(web->name[web->names++], sizeof(web->name[0]), "%.*s", (int)len, name);
}

static bool read_file(struct web *web, struct err *e)
{
	struct db *db = web->party->db;
	const struct buf *app = &web->workspace.file[WORKSPACE_APP];
	int64_t accounts;

	if (!workspace_stored(db, &web->workspace, e) ||
	    !access_parse(&web->workspace.file[WORKSPACE_ACCESS], &web->access, e) ||
	    (app->len > 0 && !json_parse(app->data, app->len, &web->app, e)) ||
	    !account_count(db, &accounts, e))
		return err_wrap(e, "the web app");
	if (accounts == 0)
		session_secret(web->party->world, web->code, sizeof(web->code));
	return true;
}

bool web_open(const struct web_config *config, struct web **ret, struct err *e)
{
	struct web *web = memory_new(sizeof(*web));
	const char *names = config->names == NULL ? "" : config->names;
	bool ok;

	web->party = config->party;
	web->hub = config->hub;
	web->submit = config->submit;
	web->engine = config->engine;
	web->version = config->version;
	session_secret(config->party->world, web->boot, sizeof(web->boot));
	password_open(&web->passwords, config->party->world, config->password_cost);
	for (size_t len; names[0] != '\0'; names += len + (names[len] == ',')) {
		len = strcspn(names, ",");
		names_put(web, names, len);
	}
	party_lock(web->party);
	ok = read_file(web, e) && events_open(web, e);
	party_unlock(web->party);
	if (!ok) {
		web_close(web);
		return false;
	}
	*ret = web;
	return true;
}

void web_close(struct web *web)
{
	if (web == NULL)
		return;
	events_close(web);
	password_close(&web->passwords);
	workspace_close(&web->workspace);
	json_drop(&web->access);
	json_drop(&web->app);
	memory_free(&web);
}

void web_listening(struct web *web, const char *address, bool secure)
{
	const char *colon = strrchr(address, ':');
	size_t len = colon == NULL ? strlen(address) : (size_t)(colon - address);

	web->port = colon == NULL ? 0 : (unsigned)strtoul(colon + 1, NULL, 10);
	web->secure = secure;
	web->anywhere = strncmp(address, "0.0.0.0:", 8) == 0 || strncmp(address, "[::]:", 5) == 0;
	if (!web->anywhere)
		names_put(web, address, len);
	names_put(web, "localhost", strlen("localhost"));
	atomic_store(&web->listening, true);
}

void web_url(struct web *web, char *out, size_t size)
{
	int at = web->names > 1 ? web->names - 2 : 0; /* the address, before localhost */
	const char *host = web->anywhere ? "localhost" : web->name[at];

	party_lock(web->party);
	snprintf(out, size, "%s://%s:%u/%s%s", web->secure ? "https" : "http", host, web->port,
		 web->code[0] == '\0' ? "" : "#mulai=", web->code);
	party_unlock(web->party);
}

/* ---- Host and Origin ---- */

/* A numeric address is nobody's name, so no other site can have it: digits and dots, or in
 * brackets. */
static bool numeric(const char *host, size_t len)
{
	if (len > 2 && host[0] == '[' && host[len - 1] == ']')
		return strspn(host + 1, "0123456789abcdefABCDEF:.") == len - 2;
	return strspn(host, "0123456789.") == len;
}

/* A page of another site can have its own name resolve to this machine; its name is not one of
 * ours. */
static bool host_ours(const struct web *web, const char *host)
{
	const char *end = host == NULL ? NULL : strrchr(host, ':');
	size_t len;

	if (host == NULL || host[0] == '\0')
		return false;
	if (end != NULL && strchr(end, ']') != NULL) /* [::1] without a port */
		end = NULL;
	len = end == NULL ? strlen(host) : (size_t)(end - host);
	if (strtoul(end == NULL ? (web->secure ? "443" : "80") : end + 1, NULL, 10) != web->port &&
	    end != NULL)
		return false;
	if (web->anywhere && numeric(host, len))
		return end != NULL;
	for (int i = 0; i < web->names; i++)
		if (strlen(web->name[i]) == len && strncasecmp(web->name[i], host, len) == 0)
			return true;
	return false;
}

static bool reads(const struct http_request *request)
{
	return strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
}

static bool origin_ours(const struct web *web, const struct http_request *request)
{
	const char *origin = http_request_header(request, "Origin");
	const char *host = http_request_header(request, "Host");
	const char *scheme = web->secure ? "https://" : "http://";

	if (origin == NULL) /* no browser: it shows a token that no browser sends by itself */
		return http_request_header(request, "Authorization") != NULL;
	return strncmp(origin, scheme, strlen(scheme)) == 0 &&
	       strcasecmp(origin + strlen(scheme), host) == 0;
}

/* ---- the door (exchange/serve.h) ---- */

static bool csrf_right(const struct web_request *r, const struct http_request *request)
{
	const char *token = http_request_header(request, "X-CSRF-Token");

	return token != NULL && strlen(token) == strlen(r->csrf) &&
	       crypto_equal(token, r->csrf, strlen(r->csrf));
}

static bool admit(struct party *p, struct serve_job *job, struct err *e)
{
	struct web_request *r = request_of(job);

	if (!session_find(p, job, e))
		return false;
	access_open(r->web->access, r->web->hub, r->who.role, &r->access);
	if (r->by_token)
		access_add(&r->access, r->web->hub, r->token_role);
	if (job->route->open)
		return true;
	if (r->who.id[0] == '\0')
		return err_set(e, ERR_LOGIN, "nobody is signed in");
	return reads(job->request) || r->by_token || csrf_right(r, job->request) ||
	       err_set(e, ERR_ORIGIN, "the field X-CSRF-Token is missing or wrong");
}

static void request_done(struct serve_job *job)
{
	struct web_request *r = job->state;

	request_dress(job->response, true);
	json_drop(&r->body);
	json_drop(&r->faults);
	json_drop(&r->extra);
	json_drop(&r->result);
	arena_done(&r->arena);
	crypto_wipe(r->stored, sizeof(r->stored));
	memory_free(&r);
}

static const struct serve_door door = { admit, request_refuse, request_done };

static bool body_read(struct serve_job *job, struct err *e)
{
	const struct buf *body = &job->request->body;
	const char *type = http_request_header(job->request, "Content-Type");

	if (body->len == 0 || job->route->raw)
		return true;
	if (body->len > WEB_BODY_BYTES)
		return err_set(e, ERR_TOO_LARGE, "a body has at most 1 MiB");
	if (type == NULL || strncasecmp(type, "application/json", strlen("application/json")) != 0)
		return err_set(e, ERR_MALFORMED, "the body must be application/json");
	if (!json_parse(body->data, body->len, &request_of(job)->body, e))
		return false;
	return json_is_object(request_of(job)->body) ||
	       err_set(e, ERR_MALFORMED, "the body must be a JSON object");
}

static bool find_route(struct serve_job *job, struct err *e)
{
	const char *method = job->request->method, *path = job->request->path;
	bool path_known = false;

	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	for (int i = 0; web_tables[i] != NULL && job->route == NULL; i++)
		job->route = serve_find(web_tables[i], method, path, &path_known);
	return job->route != NULL ||
	       err_set(e, path_known ? ERR_METHOD : ERR_NOT_FOUND, "%.10s %.200s", method, path);
}

static bool take_apart(struct web *web, struct serve_job *job, struct err *e)
{
	const struct http_request *request = job->request;

	if (!reads(request) && !origin_ours(web, request))
		return err_set(e, ERR_ORIGIN, "the field Origin is not this app's address");
	return find_route(job, e) && body_read(job, e) &&
	       (job->route->prepare == NULL || job->route->prepare(web->party, job, e));
}

/* Before anything else: a foreign name must not even learn what there is. */
static bool called_rightly(const struct web *web, const struct http_request *request,
			   struct http_response *response)
{
	if (!atomic_load(&web->listening)) {
		http_response_print(response, 503, "text/plain", "starting\n");
		return false;
	}
	if (host_ours(web, http_request_header(request, "Host")))
		return true;
	http_response_print(response, 403, "text/plain",
			    "This is not the name of this app; use its own address, or run it with "
			    "--web-name.\n");
	return false;
}

bool web_begin(struct web *web, const struct http_request *request, struct http_response *response,
	       struct serve_job *job)
{
	struct web_request *r;
	struct err e;

	*job = (struct serve_job){ .request = request, .response = response, .door = &door };
	if (!called_rightly(web, request, response)) {
		request_dress(response, false);
		return false;
	}
	if (strncmp(request->path, "/api/", strlen("/api/")) != 0) {
		static_answer(request, response);
		request_dress(response, false);
		return false;
	}
	r = memory_new(sizeof(*r));
	r->web = web;
	arena_init(&r->arena);
	job->state = r;
	if (take_apart(web, job, &e))
		return true;
	serve_fail(job, &e);
	serve_done(job);
	return false;
}

void web_handle(void *arg, struct http_exchange *exchange)
{
	struct web *web = arg;
	struct http_response response = { 0 };
	struct serve_job job;

	if (web_begin(web, &exchange->request, &response, &job))
		web->submit(web->engine, exchange, &job);
	else
		http_server_answer(exchange, &response);
}
