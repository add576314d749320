/*
 * web.h - the door for browsers and programs: the app's files, and the JSON API under /api/.
 *
 * It has a listener of its own.  Its workers answer files themselves; a request to the API is taken
 *apart there (Host, Origin, JSON, passwords), then handed to the thread that serves all that
 *touches the database (exchange/serve.h), where the account that asks is looked up, and what it may
 *do (access.h).
 *
 *	struct web_config config = { .party = p, .submit = engine_submit_job, .engine = engine };
 *
 *	if (!web_open(&config, &web, e) || !http_server_open(... .handler = web_handle, .arg = web
 *...)) return false; web_listening(web, "127.0.0.1:8080", false);
 *
 * More routes: a table in a file of its own, named in web.c (docs/API.md).
 *
 * Threads: web_handle from any; routes run as serve.h says.  Memory: web_close after server and
 *engine.
 */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include <stdatomic.h>

#include "base/json.h"
#include "exchange/serve.h"
#include "net/http_server.h"
#include "web/password.h"
#include "workspace/workspace.h"

#define WEB_BODY_BYTES (1u << 20) /* of a JSON request */
#define WEB_NAMES      16
#define WEB_CODE_SIZE  13 /* of the setup code, with its NUL */

struct web_events;

struct web_config {
	struct party *party;
	bool hub;
	const char *names; /* host names that are ours too, comma-separated; NULL: none */
	void (*submit)(void *engine, struct http_exchange *exchange, const struct serve_job *job);
	void *engine;
	const char *version;
	unsigned password_cost; /* of new passwords (crypto.h); 0: the usual */
};

struct web {
	struct party *party;
	bool hub;
	void (*submit)(void *engine, struct http_exchange *exchange, const struct serve_job *job);
	void *engine;
	const char *version;
	struct workspace workspace; /* that the file was made with */
	json_t *access;		    /* access.json (access.h) */
	json_t *app;		    /* app.json; NULL: none */
	atomic_bool listening;	    /* what follows is filled in */
	bool secure;
	bool anywhere; /* we listen on every address of this machine */
	unsigned port;
	int names;
	char name[WEB_NAMES][128]; /* without the port */
	struct password_desk passwords;
	char code[WEB_CODE_SIZE]; /* makes the first account; "" once there is one: under the
				     party's lock */
	unsigned code_failures;
	char boot[17]; /* of this start of the program */
	struct web_events *events;
};

/* Looks whether there is an account; makes the setup code if not.  Takes the party's lock. */
MUST_USE bool web_open(const struct web_config *config, struct web **ret, struct err *e);
void web_close(struct web *web); /* NULL is fine */
/* Where the listener is: until then every request is refused.  address: with its real port. */
void web_listening(struct web *web, const char *address, bool secure);
/* "http://127.0.0.1:8080/", with "#mulai=CODE" while there is no account.  Takes the party's lock.
 */
void web_url(struct web *web, char *out, size_t size);

/* An http_server handler; arg is the web. */
void web_handle(void *web, struct http_exchange *exchange);
/*
 * The first half of that, for tests: true if *job is now to be served (serve_job_alone), false if
 * *response is the answer already.
 */
MUST_USE bool web_begin(struct web *web, const struct http_request *request,
			struct http_response *response, struct serve_job *job);

/* All tables of routes; ends with NULL. */
extern const struct serve_route *const web_tables[];

#endif
