/*
 * browser.h - a node with the web's door, and somebody who asks it, without sockets.
 *
 *	AUTO_BROWSER b = { 0 };
 *
 *	CHECK_OK(browser_open(&b, "name", "inventory", &e), &e);
 *	CHECK(browser_setup(&b, "ana", "Ana Putri"));
 *	CHECK(browser_says(&b, "POST", "/api/rows/item", "{\"values\":{...}}", 201));
 *	... b.json ...
 *
 * The clock stands still until a test moves it.  Passwords cost next to nothing here.
 */
#ifndef TESTS_BROWSER_H
#define TESTS_BROWSER_H

#include "base/json.h"
#include "node.h"
#include "web/web.h"

#define BROWSER_HOST	 "127.0.0.1:8080"
#define BROWSER_PASSWORD "kuda besar kuning"

struct browser {
	struct node node;
	struct party *party; /* of another node that a test has opened itself; NULL: of `node` */
	struct web *web;
	struct world world;
	uint64_t now_ms;
	uint64_t random;
	char cookie[128]; /* the whole field; "" if none */
	char csrf[64];
	char token[128]; /* "Bearer ..." instead; "" if none */
	const char *host, *origin, *csrf_sent,
		*cookie_sent; /* instead of the right ones; "-" leaves it out */
	int status;
	json_t *json; /* of the last answer; NULL if it had none */
	char set_cookie[256];
	char retry_after[24];
};

#define AUTO_BROWSER __attribute__((cleanup(browser_close))) struct browser

/* A new node in tap_directory() for the scope 13.73, not enrolled; workspace NULL: none. */
MUST_USE bool browser_open(struct browser *b, const char *name, const char *workspace,
			   struct err *e);
MUST_USE bool browser_open_hub(struct browser *b, const char *name, const char *workspace,
			       struct err *e);
/* The door of a node that is open already; close the browser before it. */
MUST_USE bool browser_beside(struct browser *b, struct party *party, struct err *e);
void browser_close(struct browser *b);
/* Opens a chain for the scope and grants it the writer's role. */
MUST_USE bool browser_enrol(struct browser *b, const char *scope, struct err *e);
/* Seals and merges what there is. */
MUST_USE bool browser_settle(struct browser *b, struct err *e);

/* The status; b->json is the body.  body NULL: none. */
int browser_ask(struct browser *b, const char *method, const char *target, const char *body);
/* The same; is the status as wanted?  Notes the answer if not. */
bool browser_says(struct browser *b, const char *method, const char *target, const char *body,
		  int wanted);
/* The first account, signed in; and another one, made by it, then signed in. */
bool browser_setup(struct browser *b, const char *login, const char *name);
bool browser_add(struct browser *b, const char *login, const char *name, const char *role,
		 const char *org);
bool browser_login(struct browser *b, const char *login);
/* "a.b.0.c" in b->json: as text ("" if it is not there); numbers and truths in JSON's words. */
const char *browser_told(const struct browser *b, const char *path);

#endif
