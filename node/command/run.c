/* run.c - `simpul run`: serve, sync and wait for a signal. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "background.h"
#include "base/log.h"
#include "command.h"
#include "control.h"
#include "files.h"
#include "simpul/invitation.h"
#include "store/keys.h"
#include "store/tables.h"
#include "web/web.h"

#define WEB_PORT_FIRST 8080
#define WEB_PORT_LAST 8089
#define WEB_WORKERS 4 /* two of them may be at passwords (web/password.h) */

struct run_options {
	const char *listen, *web, *web_names; /* NULL: not given */
	int64_t changes_max;
};

struct run {
	struct node node;
	struct web *web;
	struct http_server *web_server;
	struct engine *engine;
	struct files *files;
	struct control *control;
	struct http_server *server;
	struct background *background;
	char address[128]; /* ADDR:PORT that we really have */
	struct stat file;  /* the one that is open, whatever its name comes to mean */
};

static void run_close(struct run *r)
{
	background_close(r->background);
	control_close(r->control);
	http_server_close(r->web_server);
	http_server_close(r->server);
	files_close(r->files);
	engine_close(r->engine);
	web_close(r->web);
	node_close(&r->node);
}

/* "127.0.0.1:0" and the port that the system gave. */
static void address_print(const char *listen, unsigned port, char *out, size_t size)
{
	const char *colon = strrchr(listen, ':');

	snprintf(out, size, "%.*s:%u", colon == NULL ? 0 : (int)(colon - listen), listen, port);
}

static bool listen_start(struct run *r, const char *listen, struct err *e)
{
	char directory[4096];
	struct http_server_config config = { .listen = listen, .tls_directory = directory,
					     .handler = files_submit, .arg = r->files,
					     .workers = 1 };

	if (!keys_path(r->node.path, "", directory, sizeof(directory), e) ||
	    !http_server_open(&config, &r->server, e))
		return false;
	http_server_pin(r->server, &r->node.party.pin);
	address_print(listen, http_server_port(r->server), r->address, sizeof(r->address));
	party_lock(&r->node.party);
	bool ok = meta_put_text(&r->node.db, "address", r->address, e);
	party_unlock(&r->node.party);
	return ok;
}

/* What other machines can reach is encrypted. */
static bool web_listen(struct run *r, const char *listen, struct err *e)
{
	bool local = strncmp(listen, "127.", 4) == 0 || strncmp(listen, "[::1]:", 6) == 0;
	char directory[4096], address[128];
	struct http_server_config config = { .listen = listen, .tls_directory = local ? NULL : directory,
					     .handler = web_handle, .arg = r->web, .workers = WEB_WORKERS };

	if (!keys_path(r->node.path, "", directory, sizeof(directory), e) ||
	    !http_server_open(&config, &r->web_server, e))
		return false;
	address_print(listen, http_server_port(r->web_server), address, sizeof(address));
	web_listening(r->web, address, !local);
	party_lock(&r->node.party);
	bool ok = meta_put_text(&r->node.db, "web", address, e);
	party_unlock(&r->node.party);
	return ok;
}

/* Where it was the last time, else the first free port; without one, the node runs all the same. */
static bool web_listen_somewhere(struct run *r, struct err *e)
{
	char address[128];
	bool ok;

	party_lock(&r->node.party);
	ok = meta_get_text(&r->node.db, "web", address, sizeof(address), e);
	party_unlock(&r->node.party);
	if (!ok)
		return false;
	if (strncmp(address, "127.0.0.1:", 10) == 0 && web_listen(r, address, e))
		return true;
	for (unsigned port = WEB_PORT_FIRST; port <= WEB_PORT_LAST; port++) {
		snprintf(address, sizeof(address), "127.0.0.1:%u", port);
		if (web_listen(r, address, e))
			return true;
		if (e->code != ERR_PORT)
			return false;
	}
	log_line(LOG_WARNING, "web",
		 "no free port from %d to %d for the web app; choose one: --web ADDR:PORT",
		 WEB_PORT_FIRST, WEB_PORT_LAST);
	return true;
}

static bool web_start(struct run *r, const struct run_options *how, struct err *e)
{
	struct web_config config = { .party = &r->node.party, .hub = r->node.is_hub,
				     .names = how->web_names, .submit = engine_submit_job,
				     .engine = r->engine, .version = COMMAND_VERSION };

	if (how->web != NULL && strcmp(how->web, "off") == 0)
		return true;
	if (!web_open(&config, &r->web, e))
		return false;
	if (how->web != NULL)
		return web_listen(r, how->web, e);
	return r->web->workspace.name[0] == '\0' || web_listen_somewhere(r, e);
}

static void say_hello(const struct run *r, const struct screen *s)
{
	char url[256];
	const struct party *p = &r->node.party;
	char words[INVITATION_WORDS_SIZE];

	invitation_words(&p->key, words);
	screen_print(s, SCREEN_BOLD, "%s", p->name);
	screen_print(s, SCREEN_PLAIN, " · %s · %s\n", r->node.is_hub ? "hub" : "node", words);
	if (r->server != NULL)
		screen_print(s, SCREEN_GOOD, "listening on https://%s\n", r->address);
	if (r->web_server != NULL) {
		web_url(r->web, url, sizeof(url));
		screen_print(s, SCREEN_GOOD, "%s %s\n", screen_say(s, "aplikasi di", "web app at"), url);
	}
	fflush(s->out);
}

/* What is written to a file that has lost its name is lost with us. */
static bool file_is_there(const struct run *r, struct err *e)
{
	struct stat now;

	if (stat(r->node.path, &now) != 0)
		return err_set(e, ERR_FILE_GONE, "%s: %s", r->node.path, strerror(errno));
	return (now.st_dev == r->file.st_dev && now.st_ino == r->file.st_ino) ||
	       err_set(e, ERR_FILE_GONE, "%s is another file now", r->node.path);
}

/* Until SIGTERM or SIGINT; the signals are blocked in all threads, so they arrive here. */
static bool wait_for_signal(struct run *r, const sigset_t *signals, struct err *e)
{
	struct timespec second = { .tv_sec = 1 };

	for (;;) {
		int signal = sigtimedwait(signals, NULL, &second);

		if (signal == SIGTERM || signal == SIGINT)
			return true;
		if (!file_is_there(r, e))
			return false;
		if (signal < 0 && errno == EAGAIN)
			background_tend(r->background);
	}
}

static bool run_node(struct run *r, struct command_call *call, const struct run_options *how, struct err *e)
{
	const char *listen = how->listen;
	char kept[128];
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (!control_node_open(&r->node, call->file, call->world, e) ||
	    !engine_open(&r->node, &r->engine, e) ||
	    !files_open(&r->node, r->engine, &r->files, e))
		return false;
	if (stat(r->node.path, &r->file) != 0)
		return err_set(e, ERR_FILE_GONE, "%s: %s", r->node.path, strerror(errno));
	r->node.party.changes_max = (uint32_t)how->changes_max;
	if (!meta_get_text(&r->node.db, "listen", kept, sizeof(kept), e))
		return false;
	if (listen == NULL)
		listen = kept[0] != '\0' ? kept : r->node.is_hub ? "127.0.0.1:8443" : NULL;
	if ((listen != NULL && !listen_start(r, listen, e)) || !web_start(r, how, e) ||
	    !control_open(&r->node, r->engine, &r->control, e))
		return false;
	say_hello(r, &call->screen);
	if (!background_open(&r->node, r->engine, &r->background, e))
		return false;
	if (!wait_for_signal(r, &signals, e))
		return false;
	log_line(LOG_NOTICE, "run", "stopping: no new requests, those under way are answered");
	return true;
}

bool command_run(struct command_call *call, struct err *e)
{
	__attribute__((cleanup(run_close))) struct run r = { .node.lock = -1 };
	struct run_options how = { 0 };

	if (!options_text(&call->options, "--listen", &how.listen, e) ||
	    !options_text(&call->options, "--web", &how.web, e) ||
	    !options_text(&call->options, "--web-name", &how.web_names, e) ||
	    !options_int(&call->options, "--changes-max", 1, LIMIT_CHANGES, &how.changes_max, e) ||
	    !options_rest(&call->options, 1, 1, e))
		return false;
	return run_node(&r, call, &how, e);
}
