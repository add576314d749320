/*
 * openapi.c - one line per route: method, path, what it is for; its query, body and answer by the
 * names of their members.
 *
 * A path ends with {name} where the route ends with '*'.
 */
#include <stdio.h>
#include <string.h>

#include "web/openapi.h"
#include "web/request.h"
#include "web/routes.h"

#define LIST                                                                                       \
	"q order limit after total state {column} {column}.in {column}.null {column}.min "         \
	"{column}.max"

static const struct about {
	const char *method, *path, *summary;
	const char *query; /* names, a '!' behind what must be there */
	const char *body;  /* members of the JSON object; NULL: no body; "-": bytes */
	int status;
	const char *answer; /* members; NULL: no body; "-": bytes */
} abouts[] = {
	{ "GET", "/api/session", "Who is signed in; whether the first account is still to be made",
	  "", NULL, 200, "user csrf setup node" },
	{ "POST", "/api/session", "Sign in", "", "login! password!", 200, "user csrf setup node" },
	{ "DELETE", "/api/session", "Sign out", "", NULL, 204, NULL },
	{ "PATCH", "/api/session", "Change one's own language or password", "",
	  "language password old_password", 200, "user csrf setup node" },
	{ "POST", "/api/setup", "Make the first account, with the code that simpul run shows", "",
	  "code! login! name! password!", 201, "user csrf setup node" },
	{ "GET", "/api/accounts", "All accounts; for whoever may manage", "", NULL, 200,
	  "accounts" },
	{ "POST", "/api/accounts", "Make an account", "",
	  "login! name! role! password! org_id language", 201,
	  "id login name role org_id language" },
	{ "PATCH", "/api/accounts/{id}", "Change an account", "",
	  "name role org_id disabled password", 200, "id login name role org_id language" },
	{ "GET", "/api/tokens", "One's own personal access tokens", "", NULL, 200, "tokens" },
	{ "POST", "/api/tokens", "Make a token; the secret is shown this once", "",
	  "name! days! role", 201, "id secret name role expires" },
	{ "DELETE", "/api/tokens/{id}", "Take a token back", "", NULL, 204, NULL },
	{ "GET", "/api/meta", "Tables, columns, views, roles, and what this account may do", "",
	  NULL, 200, "workspace hub scope role may tables views roles app" },
	{ "GET", "/api/rows/{table}", "Rows of a table", LIST, NULL, 200, "rows next total seen" },
	{ "POST", "/api/rows/{table}", "Make a row", "", "values!", 201, "row seen contested" },
	{ "GET", "/api/row/{table}", "One row", "key!", NULL, 200, "row seen" },
	{ "PATCH", "/api/row/{table}", "Change a row", "key!", "values! seen", 200,
	  "row seen contested" },
	{ "DELETE", "/api/row/{table}", "Delete a row", "key! seen", NULL, 204, NULL },
	{ "POST", "/api/batch", "Several writes, all or none; or only their verdict", "",
	  "writes! seen dry_run", 200, "rows seen valid errors" },
	{ "GET", "/api/views/{view}", "Rows of a view", LIST, NULL, 200, "rows next total seen" },
	{ "GET", "/api/events", "Waits until something changed", "after wait", NULL, 200,
	  "cursor tables status all" },
	{ "GET", "/api/status", "How sending stands, and why", "", NULL, 200,
	  "line reasons waiting unsealed sent receipted contested last_contact last_receipt peers "
	  "clock_skew_ms" },
	{ "GET", "/api/openapi.json", "This document", "", NULL, 200, "openapi info paths" },
	{ "GET", "/api/conflicts", "Values that wait for a choice", "", NULL, 200, "conflicts" },
	{ "POST", "/api/conflicts/{no}", "Choose one of the values, or write another", "",
	  "n values", 200, "" },
	{ "GET", "/api/violations", "Rows that break a rule", "", NULL, 200, "" },
	{ "GET", "/api/held", "Changesets that wait for something earlier", "", NULL, 200, "" },
	{ "GET", "/api/quarantine", "Changesets that break a rule", "", NULL, 200, "" },
	{ "GET", "/api/ledger", "Values that were superseded", "", NULL, 200, "" },
	{ "GET", "/api/submissions", "What was submitted", "", NULL, 200, "" },
	{ "POST", "/api/submissions", "Seal a version of an object", "", "object! code!", 200, "" },
	{ "GET", "/api/submissions/check", "Is it complete?", "object! code!", NULL, 200,
	  "complete missing warnings" },
	{ "GET", "/api/submissions/{id}", "One submission, with its receipt", "", NULL, 200, "" },
	{ "GET", "/api/history/{table}", "Every write of a row, or of one of its cells",
	  "key! column", NULL, 200, "changes" },
	{ "GET", "/api/export/datapackage.zip", "What is public, as a Data Package", "", NULL, 200,
	  "-" },
	{ "GET", "/api/export/{file}",
	  "A table or view as NAME.csv or NAME.xlsx, filtered as its list is", LIST, NULL, 200,
	  "-" },
	{ "GET", "/api/hub/nodes", "At a hub: the nodes that it enrolled", "", NULL, 200, "" },
	{ "GET", "/api/hub/requests", "At a hub: offices that ask to be enrolled", "", NULL, 200,
	  "" },
	{ "POST", "/api/hub/requests", "At a hub: approve or refuse one", "", "", 200, "" },
	{ "POST", "/api/hub/invitations", "At a hub: make an invitation", "", "scope! role!", 200,
	  "" },
	{ "POST", "/api/hub/revoke", "At a hub: take back a chain's rights", "", "", 204, NULL },
	{ "GET", "/api/files/missing", "Files that rows name and that are not here", "", NULL, 200,
	  "" },
	{ "POST", "/api/files", "Begin to upload a file", "name type", "-", 200, "" },
	{ "PUT", "/api/files/{part}", "A part of a file", "", "-", 200, "" },
	{ "POST", "/api/files/{part}", "End an upload", "", "-", 200, "" },
	{ "DELETE", "/api/files/{part}", "Give an upload up", "", NULL, 204, NULL },
	{ "GET", "/api/files/{sha256}", "A file", "", NULL, 200, "-" },
};

const char *openapi_path(const char *method, const char *route)
{
	const size_t len = strlen(route);
	const bool prefix = route[len - 1] == '*';

	for (size_t i = 0; i < sizeof(abouts) / sizeof(abouts[0]); i++) {
		const char *path = abouts[i].path, *brace = strchr(path, '{');
		const bool same = prefix ? brace != NULL && (size_t)(brace - path) == len - 1 &&
						   strncmp(path, route, len - 1) == 0
					 : strcmp(path, route) == 0;

		if (same && strcmp(abouts[i].method, method) == 0)
			return path;
	}
	return NULL;
}

/* Calls for each word of the list; must: it had a '!'. */
static void each_word(const char *list, void (*call)(json_t *to, const char *word, bool must),
		      json_t *to)
{
	char word[64];

	for (size_t len; *list != '\0'; list += len + (list[len] == ' ')) {
		bool must;

		len = strcspn(list, " ");
		must = len > 0 && list[len - 1] == '!';
		snprintf(word, sizeof(word), "%.*s", (int)(len - must), list);
		if (len > 0)
			call(to, word, must);
	}
}

static void put_query(json_t *to, const char *word, bool must)
{
	json_array_append_new(to, json_pack("{s:s,s:s,s:b,s:{s:s}}", "name", word, "in", "query",
					    "required", must, "schema", "type", "string"));
}

static void put_member(json_t *to, const char *word, bool must)
{
	json_object_set_new(json_object_get(to, "properties"), word, json_object());
	if (must)
		json_array_append_new(json_object_get(to, "required"), json_string(word));
}

static json_t *content(const char *members)
{
	json_t *schema;

	if (strcmp(members, "-") == 0)
		return json_pack("{s:{}}", "application/octet-stream");
	schema = json_pack("{s:s,s:{},s:[]}", "type", "object", "properties", "required");
	each_word(members, put_member, schema);
	return json_pack("{s:{s:o}}", "application/json", "schema", schema);
}

static json_t *operation(const struct about *a)
{
	json_t *json = json_pack("{s:s,s:[]}", "summary", a->summary, "parameters");
	json_t *parameters = json_object_get(json, "parameters"), *answer;
	const char *brace = strchr(a->path, '{');
	char name[32], status[8];

	if (brace != NULL) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(brace + 1, "}"), brace + 1);
		json_array_append_new(parameters,
				      json_pack("{s:s,s:s,s:b,s:{s:s}}", "name", name, "in", "path",
						"required", 1, "schema", "type", "string"));
	}
	each_word(a->query, put_query, parameters);
	if (a->body != NULL)
		json_object_set_new(
			json, "requestBody",
			json_pack("{s:b,s:o}", "required", 1, "content", content(a->body)));
	answer = json_pack("{s:s}", "description", "done");
	if (a->answer != NULL)
		json_object_set_new(answer, "content", content(a->answer));
	snprintf(status, sizeof(status), "%d", a->status);
	json_object_set_new(json, "responses",
			    json_pack("{s:o,s:{s:s}}", status, answer, "default", "$ref",
				      "#/components/responses/Problem"));
	return json;
}

static json_t *components(void)
{
	json_t *problem = json_pack("{s:s,s:{},s:[]}", "type", "object", "properties", "required");

	each_word("type! code! status! title! detail! advice! errors", put_member, problem);
	return json_pack("{s:{s:{s:s,s:{s:{s:o}}}},s:{s:{s:s,s:s,s:s},s:{s:s,s:s}}}", "responses",
			 "Problem", "description",
			 "RFC 9457; code is a word of ours, advice is in Indonesian and English",
			 "content", "application/problem+json", "schema", problem,
			 "securitySchemes", "session", "type", "apiKey", "in", "cookie", "name",
			 "__Host-simpul", "token", "type", "http", "scheme", "bearer");
}

json_t *openapi_document(const char *version)
{
	json_t *paths = json_object();

	for (size_t i = 0; i < sizeof(abouts) / sizeof(abouts[0]); i++) {
		json_t *path = json_object_get(paths, abouts[i].path);
		char method[HTTP_METHOD_SIZE];

		if (path == NULL) {
			path = json_object();
			json_object_set_new(paths, abouts[i].path, path);
		}
		snprintf(method, sizeof(method), "%s", abouts[i].method);
		for (char *c = method; *c != '\0'; c++)
			*c = (char)(*c | 0x20);
		json_object_set_new(path, method, operation(&abouts[i]));
	}
	return json_pack("{s:s,s:{s:s,s:s},s:[{s:[]},{s:[]}],s:o,s:o}", "openapi", "3.1.0", "info",
			 "title", "Simpul", "version", version, "security", "session", "token",
			 "paths", paths, "components", components());
}

static bool document_finish(struct party *p, struct serve_job *job, struct err *e)
{
	(void)p;
	(void)e;
	request_answer(job, 200, openapi_document(request_of(job)->web->version));
	return true;
}

const struct serve_route openapi_routes[] = {
	{ "GET", "/api/openapi.json", .open = true, .finish = document_finish },
	{ .path = NULL },
};
