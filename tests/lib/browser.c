/* browser.c - requests made up, served in one thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "browser.h"
#include "command/rules.h"
#include "outbox/outbox.h"
#include "simpul/grant.h"
#include "tap.h"

static uint64_t now(void *state)
{
	return ((struct browser *)state)->now_ms;
}

static void chance(void *state, void *ret, size_t len)
{
	struct browser *b = state;
	uint8_t *out = ret;

	for (size_t i = 0; i < len; i++) {
		b->random = b->random * 6364136223846793005u + 1442695040888963407u;
		out[i] = (uint8_t)(b->random >> 56);
	}
}

static bool open_node(struct browser *b, const char *name, const char *workspace, bool hub,
		      struct err *e)
{
	AUTO_WORKSPACE ws = { 0 };
	char path[256];
	struct node_plan plan = { .name = name,
				  .hub = hub,
				  .scope = hub ? NULL : "13.73",
				  .workspace = workspace == NULL ? NULL : &ws };
	struct web_config config = { .party = &b->node.party,
				     .hub = hub,
				     .version = "test",
				     .names = "balai.local",
				     .password_cost = 2 };

	static unsigned files;
	struct approve_result filed;

	b->now_ms = 1700000000000;
	b->random = 7;
	b->world = (struct world){ now, now, chance, b, NULL };
	b->node.lock = -1;
	snprintf(path, sizeof(path), "%s/%s-%u.db", tap_directory(), name, files++);
	if ((workspace != NULL && !workspace_open(&ws, workspace, e)) ||
	    !node_make(path, &plan, &b->world, e) || !node_open(&b->node, path, &b->world, e) ||
	    (workspace != NULL &&
	     !rules_put(&b->node, "rules.json", &ws.file[WORKSPACE_RULES], &filed, e)) ||
	    !web_open(&config, &b->web, e))
		return false;
	web_listening(b->web, BROWSER_HOST, false);
	return true;
}

bool browser_open(struct browser *b, const char *name, const char *workspace, struct err *e)
{
	return open_node(b, name, workspace, false, e);
}

bool browser_open_hub(struct browser *b, const char *name, const char *workspace, struct err *e)
{
	return open_node(b, name, workspace, true, e);
}

bool browser_beside(struct browser *b, struct party *party, struct err *e)
{
	struct web_config config = { .party = party, .version = "test", .password_cost = 2 };

	b->party = party;
	b->node.lock = -1;
	if (!web_open(&config, &b->web, e))
		return false;
	web_listening(b->web, BROWSER_HOST, false);
	return true;
}

void browser_close(struct browser *b)
{
	json_drop(&b->json);
	web_close(b->web);
	if (b->node.db.handle != NULL)
		node_close(&b->node);
}

bool browser_enrol(struct browser *b, const char *scope, struct err *e)
{
	struct outbox_author author = { .key = &b->node.party.secret,
					.world = &b->world,
					.name = b->node.party.name };
	AUTO_RESET s = { 0 };
	AUTO_TXN txn = { 0 };
	struct scope parsed;
	int64_t no;

	if (!scope_parse(scope, strlen(scope), &parsed, e) || !txn_begin(&txn, &b->node.db, e) ||
	    !outbox_open_chain(&b->node.db, &author, &parsed, NULL, &no, e) ||
	    !db_statement(&b->node.db, "UPDATE simpul_chain SET role = ?2 WHERE no = ?1", &s, e))
		return false;
	stmt_int(&s, 1, no);
	stmt_int(&s, 2, ROLE_WRITER);
	return stmt_done(&s, e) && txn_commit(&txn, e);
}

bool browser_settle(struct browser *b, struct err *e)
{
	AUTO_TXN txn = { 0 };

	return txn_begin(&txn, &b->node.db, e) && party_settle(&b->node.party, e) &&
	       txn_commit(&txn, e);
}

static void field(struct http_request *request, const char *name, const char *right,
		  const char *instead)
{
	const char *value = instead == NULL ? right : instead;

	if (value[0] != '\0' && strcmp(value, "-") != 0)
		http_fields_put(&request->fields, name, value);
}

static void make_request(struct browser *b, struct http_request *request, const char *body)
{
	const bool reads =
		strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;

	field(request, "Host", BROWSER_HOST, b->host);
	field(request, "Authorization", b->token, NULL);
	if (b->token[0] == '\0')
		field(request, "Cookie", b->cookie, b->cookie_sent);
	if (!reads && b->token[0] == '\0')
		field(request, "Origin", "http://" BROWSER_HOST, b->origin);
	if (!reads)
		field(request, "X-CSRF-Token", b->csrf, b->csrf_sent);
	if (body == NULL)
		return;
	http_fields_put(&request->fields, "Content-Type", "application/json");
	buf_put(&request->body, body, strlen(body));
}

/* A browser keeps what it was told: cookie and CSRF token. */
static void remember(struct browser *b, const struct http_response *response)
{
	const char *cookie = http_response_header(response, "Set-Cookie");
	const char *after = http_response_header(response, "Retry-After");

	snprintf(b->set_cookie, sizeof(b->set_cookie), "%s", cookie == NULL ? "" : cookie);
	snprintf(b->retry_after, sizeof(b->retry_after), "%s", after == NULL ? "" : after);
	if (cookie != NULL)
		snprintf(b->cookie, sizeof(b->cookie), "%.*s", (int)strcspn(cookie, ";"), cookie);
	if (json_is_string(json_object_get(b->json, "csrf")))
		snprintf(b->csrf, sizeof(b->csrf), "%s", json_text_or_empty(b->json, "csrf"));
}

int browser_ask(struct browser *b, const char *method, const char *target, const char *body)
{
	struct http_request request = { 0 };
	struct http_response response = { 0 };
	struct serve_job job;
	struct err e;

	json_drop(&b->json);
	if (!http_request_init(&request, method, target, &e))
		return b->status = -1;
	make_request(b, &request, body);
	if (web_begin(b->web, &request, &response, &job))
		serve_job_alone(b->web->party, NULL, &job);
	b->status = response.status;
	if (strstr(response.content_type, "json") != NULL &&
	    !json_parse(response.body.data, response.body.len, &b->json, &e))
		b->status = -2;
	if (b->status < 400)
		remember(b, &response);
	else if (http_response_header(&response, "Retry-After") != NULL)
		snprintf(b->retry_after, sizeof(b->retry_after), "%s",
			 http_response_header(&response, "Retry-After"));
	http_request_done(&request);
	http_response_done(&response);
	return b->status;
}

static bool say(struct browser *b, int wanted)
{
	AUTO_BUF body = { 0 };

	if (b->status == wanted)
		return true;
	if (b->json != NULL)
		json_write(b->json, &body);
	tap_note("HTTP %d, not %d: %s", b->status, wanted, buf_string(&body));
	return false;
}

bool browser_says(struct browser *b, const char *method, const char *target, const char *body,
		  int wanted)
{
	browser_ask(b, method, target, body);
	if (b->status != wanted)
		tap_note("%s %s", method, target);
	return say(b, wanted);
}

bool browser_setup(struct browser *b, const char *login, const char *name)
{
	char body[400];

	snprintf(body, sizeof(body),
		 "{\"code\":\"%s\",\"login\":\"%s\",\"name\":\"%s\",\"password\":\"%s\"}",
		 b->web->code, login, name, BROWSER_PASSWORD);
	browser_ask(b, "POST", "/api/setup", body);
	return say(b, 201);
}

bool browser_login(struct browser *b, const char *login)
{
	char body[200];

	snprintf(body, sizeof(body), "{\"login\":\"%s\",\"password\":\"%s\"}", login,
		 BROWSER_PASSWORD);
	b->cookie[0] = b->csrf[0] = '\0';
	browser_ask(b, "POST", "/api/session", body);
	return say(b, 200);
}

bool browser_add(struct browser *b, const char *login, const char *name, const char *role,
		 const char *org)
{
	char body[500];

	snprintf(body, sizeof(body),
		 "{\"login\":\"%s\",\"name\":\"%s\",\"role\":\"%s\",\"org_id\":%s%s%s,\"password\":"
		 "\"%s\"}",
		 login, name, role, org == NULL ? "" : "\"", org == NULL ? "null" : org,
		 org == NULL ? "" : "\"", BROWSER_PASSWORD);
	browser_ask(b, "POST", "/api/accounts", body);
	return say(b, 201) && browser_login(b, login);
}

const char *browser_told(const struct browser *b, const char *path)
{
	static char text[512];
	const json_t *at = b->json;

	while (at != NULL && *path != '\0') {
		char name[64];
		size_t len = strcspn(path, ".");

		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		at = json_is_array(at) ? json_array_get(at, (size_t)atoi(name))
				       : json_object_get(at, name);
		path += len + (path[len] == '.');
	}
	if (json_is_string(at))
		return json_string_value(at);
	if (json_is_integer(at))
		snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(at));
	else
		snprintf(text, sizeof(text), "%s",
			 at == NULL	     ? ""
			 : json_is_true(at)  ? "true"
			 : json_is_false(at) ? "false"
			 : json_is_null(at)  ? "null"
					     : "{}");
	return text;
}
