/*
 * web_session.c - who gets in: names, origins, CSRF, the setup code, passwords and lockout,
 * sessions that end, tokens that may no more than their owner; and who manages whom.
 */
#include <stdio.h>
#include <string.h>

#include "browser.h"
#include "tap.h"
#include "web/session.h"

#define ITEM "{\"values\":{\"name\":\"Kursi\"}}"

static bool is(struct browser *b, const char *path, const char *wanted)
{
	if (strcmp(browser_told(b, path), wanted) == 0)
		return true;
	tap_note("%s is \"%s\", not \"%s\"", path, browser_told(b, path), wanted);
	return false;
}

static int64_t number(struct browser *b, const char *sql)
{
	struct err e;
	int64_t n;

	return db_int(&b->node.db, sql, -1, &n, &e) ? n : -2;
}

static bool begin(struct browser *b, struct err *e)
{
	return browser_open(b, "session", "inventory", e) && browser_setup(b, "ana", "Ana");
}

static void a_foreign_name_learns_nothing(void)
{
	static const char *const foreign[] = { "evil.example",
					       "evil.example:8080",
					       "127.0.0.1:8081",
					       "127.0.0.1.evil.example:8080",
					       "localhost:80",
					       "10.0.0.1:8080",
					       "localhost:8080:8080",
					       "[::1]:8080",
					       "-" };
	static const char *const ours[] = { "127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080",
					    "balai.local:8080", "balai.local" };
	AUTO_BROWSER b = { 0 };
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		b.host = foreign[i];
		CHECK(browser_says(&b, "GET", "/api/session", NULL, 403) && b.json == NULL);
		CHECK(browser_says(&b, "GET", "/", NULL, 403));
	}
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		b.host = ours[i];
		CHECK(browser_says(&b, "GET", "/api/session", NULL, 200));
	}
}

static void what_writes_comes_from_our_own_pages(void)
{
	static const char *const foreign[] = { "-",
					       "null",
					       "http://evil.example",
					       "https://127.0.0.1:8080",
					       "http://127.0.0.1:8081",
					       "http://127.0.0.1:8080.evil.example",
					       "http://localhost:8080",
					       "" };
	AUTO_BROWSER b = { 0 };
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	for (size_t i = 0; i + 1 < sizeof(foreign) / sizeof(foreign[0]); i++) {
		b.origin = foreign[i];
		CHECK(browser_says(&b, "POST", "/api/rows/item", ITEM, 403) &&
		      is(&b, "code", "foreign-origin"));
		CHECK(browser_says(&b, "POST", "/api/session",
				   "{\"login\":\"ana\",\"password\":\"x\"}", 403));
	}
	b.origin = NULL;
	for (int i = 0; i < 3; i++) {
		b.csrf_sent = i == 0 ? "-" : i == 1 ? "wrong" : "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
		CHECK(browser_says(&b, "POST", "/api/rows/item", ITEM, 403) &&
		      is(&b, "code", "foreign-origin"));
		CHECK(browser_says(&b, "DELETE", "/api/session", NULL, 403));
	}
	b.csrf_sent = NULL;
	CHECK(number(&b, "SELECT count(*) FROM item") == 0);
	CHECK(browser_says(&b, "POST", "/api/rows/item", ITEM, 201));
}

static void nobody_in_particular_gets_nothing(void)
{
	static const char *const routes[] = {
		"/api/meta",   "/api/rows/item", "/api/accounts",	 "/api/tokens",
		"/api/events", "/api/status",	 "/api/views/item_value"
	};
	static const char *const cookies[] = {
		"-", "__Host-simpul=", "__Host-simpul=xxxx",
		"simpul=1; __Host-simpul=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	};
	AUTO_BROWSER b = { 0 };
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	for (size_t c = 0; c < sizeof(cookies) / sizeof(cookies[0]); c++)
		for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
			b.cookie_sent = cookies[c];
			CHECK(browser_says(&b, "GET", routes[i], NULL, 401) &&
			      is(&b, "code", "login"));
		}
	CHECK(browser_says(&b, "GET", "/api/session", NULL, 200) && is(&b, "user", "null") &&
	      is(&b, "setup", "false"));
}

static void the_setup_code_works_once(void)
{
	AUTO_BROWSER b = { 0 };
	char code[WEB_CODE_SIZE], body[300];
	struct err e;

	CHECK_OK(browser_open(&b, "setup", "inventory", &e), &e);
	CHECK(browser_says(&b, "GET", "/api/session", NULL, 200) && is(&b, "setup", "true"));
	snprintf(code, sizeof(code), "%s", b.web->code);
	CHECK(strlen(code) == 12);
	CHECK(browser_says(
		&b, "POST", "/api/setup",
		"{\"code\":\"\",\"login\":\"a\",\"name\":\"A\",\"password\":\"panjang sekali\"}",
		422));
	CHECK(browser_says(
		&b, "POST", "/api/setup",
		"{\"code\":\"x\",\"login\":\"a\",\"name\":\"A\",\"password\":\"panjang sekali\"}",
		401));
	snprintf(body, sizeof(body),
		 "{\"code\":\"%s\",\"login\":\"a\",\"name\":\"A\",\"password\":\"12345678\"}",
		 code);
	CHECK(browser_says(&b, "POST", "/api/setup", body, 422) &&
	      is(&b, "errors.0.code", "too-common"));
	snprintf(body, sizeof(body),
		 "{\"code\":\"%s\",\"login\":\"a b\",\"name\":\"A\",\"password\":\"%s\"}", code,
		 BROWSER_PASSWORD);
	CHECK(browser_says(&b, "POST", "/api/setup", body, 422) &&
	      is(&b, "errors.0.column", "login"));
	CHECK(browser_setup(&b, "Ana", "Ana Putri"));
	CHECK(is(&b, "user.login", "ana") && is(&b, "user.role", "keeper"));
	snprintf(body, sizeof(body),
		 "{\"code\":\"%s\",\"login\":\"b\",\"name\":\"B\",\"password\":\"%s\"}", code,
		 BROWSER_PASSWORD);
	CHECK(browser_says(&b, "POST", "/api/setup", body, 409));
	CHECK(number(&b, "SELECT count(*) FROM simpul_account") == 1);
}

static void guessing_the_setup_code_ends_it(void)
{
	AUTO_BROWSER b = { 0 };
	char code[WEB_CODE_SIZE], body[300];
	struct err e;

	CHECK_OK(browser_open(&b, "guess", "inventory", &e), &e);
	snprintf(code, sizeof(code), "%s", b.web->code);
	for (int i = 0; i < 10; i++)
		browser_ask(&b, "POST", "/api/setup",
			    "{\"code\":\"x\",\"login\":\"a\",\"name\":\"A\",\"password\":\"panjang "
			    "sekali\"}");
	CHECK(b.status == 429);
	snprintf(body, sizeof(body),
		 "{\"code\":\"%s\",\"login\":\"b\",\"name\":\"B\",\"password\":\"%s\"}", code,
		 BROWSER_PASSWORD);
	CHECK(browser_says(&b, "POST", "/api/setup", body, 401));
}

static void the_cookie_is_for_this_host_and_no_script(void)
{
	AUTO_BROWSER b = { 0 };
	char first[256];
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	CHECK(strncmp(b.set_cookie, "__Host-simpul=", 14) == 0 &&
	      strstr(b.set_cookie, "; Secure") != NULL &&
	      strstr(b.set_cookie, "; HttpOnly") != NULL &&
	      strstr(b.set_cookie, "; SameSite=Strict") != NULL &&
	      strstr(b.set_cookie, "; Path=/") != NULL && strstr(b.set_cookie, "Domain") == NULL);
	CHECK(strlen(b.cookie) == strlen("__Host-simpul=") + 44);
	snprintf(first, sizeof(first), "%s", b.cookie);
	/* Whoever plants a session in a browser has nothing of it: signing in makes another and
	 * ends this one. */
	CHECK(browser_says(&b, "POST", "/api/session",
			   "{\"login\":\"ana\",\"password\":\"" BROWSER_PASSWORD "\"}", 200));
	CHECK(strcmp(first, b.cookie) != 0);
	b.cookie_sent = first;
	CHECK(browser_says(&b, "GET", "/api/meta", NULL, 401));
	b.cookie_sent = NULL;
	CHECK(browser_says(&b, "GET", "/api/meta", NULL, 200));
	/* What is kept is a hash. */
	CHECK(number(&b, "SELECT count(*) FROM simpul_session WHERE length(hash) = 32 AND "
			 "typeof(hash) = 'blob'") == 1);
	snprintf(first, sizeof(first), "%s", b.cookie);
	CHECK(browser_says(&b, "DELETE", "/api/session", NULL, 204) &&
	      strstr(b.set_cookie, "Max-Age=0") != NULL);
	b.cookie_sent = first;
	CHECK(browser_says(&b, "GET", "/api/meta", NULL, 401));
}

static void sessions_end_idle_and_in_any_case(void)
{
	AUTO_BROWSER b = { 0 };
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	b.now_ms += SESSION_IDLE_MS - 1000;
	CHECK(browser_says(&b, "GET", "/api/meta", NULL, 200));
	b.now_ms += SESSION_IDLE_MS - 1000;
	CHECK(browser_says(&b, "GET", "/api/meta", NULL, 200));
	b.now_ms += SESSION_IDLE_MS + 1000;
	CHECK(browser_says(&b, "GET", "/api/meta", NULL, 401));
	CHECK(browser_login(&b, "ana"));
	for (uint64_t ms = 0; ms + SESSION_IDLE_MS < SESSION_MS; ms += SESSION_IDLE_MS / 2) {
		CHECK(browser_says(&b, "GET", "/api/meta", NULL, 200));
		b.now_ms += SESSION_IDLE_MS / 2;
	}
	b.now_ms += SESSION_IDLE_MS - 1000;
	browser_ask(&b, "GET", "/api/meta", NULL);
	b.now_ms += SESSION_IDLE_MS - 1000;
	CHECK(browser_says(&b, "GET", "/api/meta", NULL, 401));
}

static void wrong_passwords_lock_for_longer_and_longer(void)
{
	static const char wrong[] = "{\"login\":\"ana\",\"password\":\"bukan ini\"}";
	static const char right[] = "{\"login\":\"ana\",\"password\":\"" BROWSER_PASSWORD "\"}";
	AUTO_BROWSER b = { 0 };
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	for (int i = 0; i < ACCOUNT_FAILURES; i++)
		CHECK(browser_says(&b, "POST", "/api/session", wrong, 401));
	CHECK(browser_says(&b, "POST", "/api/session", right, 429) && is(&b, "code", "locked"));
	CHECK(strcmp(b.retry_after, "60") == 0);
	b.now_ms += ACCOUNT_LOCK_MS + 1;
	CHECK(browser_says(&b, "POST", "/api/session", wrong, 401));
	CHECK(browser_says(&b, "POST", "/api/session", right, 429) &&
	      strcmp(b.retry_after, "120") == 0);
	for (int i = 0; i < 12; i++) {
		b.now_ms += ACCOUNT_LOCK_MS_MAX + 1;
		CHECK(browser_says(&b, "POST", "/api/session", wrong, 401));
	}
	CHECK(browser_says(&b, "POST", "/api/session", right, 429) &&
	      strcmp(b.retry_after, "3600") == 0);
	b.now_ms += ACCOUNT_LOCK_MS_MAX + 1;
	CHECK(browser_says(&b, "POST", "/api/session", right, 200));
	CHECK(number(&b, "SELECT failures FROM simpul_account") == 0);
	/* A login that nobody has is told apart by nothing. */
	CHECK(browser_says(&b, "POST", "/api/session", "{\"login\":\"nobody\",\"password\":\"x\"}",
			   401));
	CHECK(is(&b, "detail", "login or password is wrong"));
	CHECK(browser_says(&b, "POST", "/api/session",
			   "{\"login\":\"a' OR 1=1\",\"password\":\"x\"}", 401));
}

static void one_changes_ones_own_password_and_language(void)
{
	AUTO_BROWSER b = { 0 };
	char other[256];
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	snprintf(other, sizeof(other), "%s", b.cookie);
	CHECK(browser_login(&b, "ana"));
	CHECK(browser_says(&b, "PATCH", "/api/session", "{\"language\":\"en\"}", 200) &&
	      is(&b, "user.language", "en"));
	CHECK(browser_says(&b, "PATCH", "/api/session", "{\"password\":\"yang lain lagi\"}", 422));
	CHECK(browser_says(&b, "PATCH", "/api/session",
			   "{\"password\":\"yang lain lagi\",\"old_password\":\"salah\"}", 401));
	CHECK(number(&b, "SELECT failures FROM simpul_account") == 1);
	CHECK(browser_says(&b, "PATCH", "/api/session",
			   "{\"password\":\"yang lain lagi\",\"old_password\":\"" BROWSER_PASSWORD
			   "\"}",
			   200));
	CHECK(browser_says(&b, "GET", "/api/meta", NULL, 200));
	b.cookie_sent = other;
	CHECK(browser_says(&b, "GET", "/api/meta", NULL, 401));
	CHECK(browser_says(&b, "POST", "/api/session",
			   "{\"login\":\"ana\",\"password\":\"" BROWSER_PASSWORD "\"}", 401));
}

static void accounts_are_managed_by_whoever_may(void)
{
	AUTO_BROWSER b = { 0 };
	char id[64], target[128];
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	snprintf(id, sizeof(id), "%s", browser_told(&b, "user.id"));
	snprintf(target, sizeof(target), "/api/accounts/%s", id);
	CHECK(browser_says(&b, "PATCH", target, "{\"disabled\":true}", 403));
	CHECK(browser_says(&b, "PATCH", target, "{\"role\":\"reader\"}", 403));
	CHECK(browser_says(&b, "PATCH", target, "{\"role\":\"king\"}", 422) &&
	      is(&b, "errors.0.column", "role"));
	CHECK(browser_says(&b, "POST", "/api/accounts",
			   "{\"login\":\"c\",\"name\":\"C\",\"role\":\"king\",\"password\":"
			   "\"panjang sekali\"}",
			   422));
	CHECK(browser_says(&b, "POST", "/api/accounts",
			   "{\"login\":\"ana\",\"name\":\"C\",\"role\":\"reader\",\"password\":"
			   "\"panjang sekali\"}",
			   409));
	CHECK(browser_says(&b, "POST", "/api/accounts",
			   "{\"login\":\"c\",\"name\":\"ANA\",\"role\":\"reader\",\"password\":"
			   "\"panjang sekali\"}",
			   409));
	CHECK(browser_add(&b, "cici", "Cici", "reader", "dinas-x"));
	CHECK(is(&b, "user.org_id", "dinas-x"));
	CHECK(browser_says(&b, "GET", "/api/accounts", NULL, 403) && is(&b, "code", "no-right"));
	CHECK(browser_says(&b, "PATCH", target, "{\"disabled\":true}", 403));
	CHECK(browser_says(&b, "POST", "/api/accounts",
			   "{\"login\":\"d\",\"name\":\"D\",\"role\":\"keeper\",\"password\":"
			   "\"panjang sekali\"}",
			   403));
	snprintf(target, sizeof(target), "/api/accounts/%s",
		 "01800000-0000-7000-8000-000000000000");
	CHECK(browser_login(&b, "ana") &&
	      browser_says(&b, "PATCH", target, "{\"disabled\":true}", 404));
	CHECK(number(&b, "SELECT count(*) FROM simpul_account") == 2);
}

static void who_is_disabled_is_out_at_once(void)
{
	AUTO_BROWSER b = { 0 };
	char target[128], cookie[256];
	struct err e;

	CHECK_OK(begin(&b, &e) && browser_add(&b, "cici", "Cici", "reader", NULL), &e);
	snprintf(target, sizeof(target), "/api/accounts/%s", browser_told(&b, "user.id"));
	snprintf(cookie, sizeof(cookie), "%s", b.cookie);
	CHECK(browser_login(&b, "ana") &&
	      browser_says(&b, "PATCH", target, "{\"disabled\":true}", 200));
	b.cookie_sent = cookie;
	CHECK(browser_says(&b, "GET", "/api/meta", NULL, 401));
	b.cookie_sent = NULL;
	CHECK(browser_says(&b, "POST", "/api/session",
			   "{\"login\":\"cici\",\"password\":\"" BROWSER_PASSWORD "\"}", 401));
}

static bool take_token(struct browser *b, const char *role)
{
	char body[200];

	snprintf(body, sizeof(body), "{\"name\":\"skrip\",\"role\":\"%s\",\"days\":30}", role);
	b->token[0] = '\0';
	if (!browser_says(b, "POST", "/api/tokens", body, 201))
		return false;
	snprintf(b->token, sizeof(b->token), "Bearer %s", browser_told(b, "secret"));
	return true;
}

static void a_token_may_no_more_than_its_role_and_its_owner(void)
{
	AUTO_BROWSER b = { 0 };
	char id[64], target[128], good[128];
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	CHECK(take_token(&b, "reader"));
	snprintf(id, sizeof(id), "%s", browser_told(&b, "id"));
	CHECK(browser_says(&b, "GET", "/api/rows/item", NULL, 200));
	CHECK(browser_says(&b, "POST", "/api/rows/item", ITEM, 403));
	CHECK(take_token(&b, "keeper") && browser_says(&b, "POST", "/api/rows/item", ITEM, 201));
	/* It neither makes accounts nor further tokens, and changes no password. */
	CHECK(browser_says(&b, "POST", "/api/accounts",
			   "{\"login\":\"d\",\"name\":\"D\",\"role\":\"keeper\",\"password\":"
			   "\"panjang sekali\"}",
			   403));
	CHECK(browser_says(&b, "POST", "/api/tokens", "{\"name\":\"x\",\"days\":1}", 403));
	CHECK(browser_says(&b, "PATCH", "/api/session",
			   "{\"password\":\"yang lain lagi\",\"old_password\":\"" BROWSER_PASSWORD
			   "\"}",
			   401));
	/* A reader's token that names a greater role is a reader's. */
	b.token[0] = '\0';
	CHECK(browser_add(&b, "cici", "Cici", "reader", NULL) && take_token(&b, "keeper"));
	CHECK(browser_says(&b, "POST", "/api/rows/item", ITEM, 403));
	snprintf(good, sizeof(good), "%s", b.token);
	b.token[0] = '\0';
	snprintf(target, sizeof(target), "/api/tokens/%s", id); /* somebody else's */
	CHECK(browser_says(&b, "DELETE", target, NULL, 404));
	snprintf(b.token, sizeof(b.token), "%s", good);
	b.now_ms += 31 * 86400000ull;
	CHECK(browser_says(&b, "GET", "/api/rows/item", NULL, 401));
	snprintf(b.token, sizeof(b.token), "Bearer simpul_pat_wrong");
	CHECK(browser_says(&b, "GET", "/api/rows/item", NULL, 401));
	snprintf(b.token, sizeof(b.token), "Basic YW5hOng=");
	CHECK(browser_says(&b, "GET", "/api/rows/item", NULL, 401));
}

static void paths_that_are_no_api_are_the_app(void)
{
	AUTO_BROWSER b = { 0 };
	struct err e;

	CHECK_OK(begin(&b, &e), &e);
	CHECK(browser_says(&b, "GET", "/", NULL, 200) &&
	      browser_says(&b, "GET", "/isu/2023", NULL, 200));
	CHECK(browser_says(&b, "GET", "/v1/hello", NULL,
			   200)); /* the app, not the other nodes' door */
	CHECK(b.json == NULL);
	CHECK(browser_says(&b, "GET", "/assets/none-0000.js", NULL, 404));
	CHECK(browser_says(&b, "POST", "/isu", "{}", 405));
	CHECK(browser_says(&b, "GET", "/api/", NULL, 404) && is(&b, "code", "not-found"));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(a_foreign_name_learns_nothing),
		TAP(what_writes_comes_from_our_own_pages),
		TAP(nobody_in_particular_gets_nothing),
		TAP(the_setup_code_works_once),
		TAP(guessing_the_setup_code_ends_it),
		TAP(the_cookie_is_for_this_host_and_no_script),
		TAP(sessions_end_idle_and_in_any_case),
		TAP(wrong_passwords_lock_for_longer_and_longer),
		TAP(one_changes_ones_own_password_and_language),
		TAP(accounts_are_managed_by_whoever_may),
		TAP(who_is_disabled_is_out_at_once),
		TAP(a_token_may_no_more_than_its_role_and_its_owner),
		TAP(paths_that_are_no_api_are_the_app),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
