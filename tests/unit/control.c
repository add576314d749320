/*
 * control.c - the door of a running node, and two programs that want one file at the same moment.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "control.h"
#include "engine.h"
#include "store/keys.h"
#include "tap.h"

static void make(const char *name, char path[256], struct err *e)
{
	struct node_plan plan = { .name = name };

	snprintf(path, 256, "%s/%s.db", tap_directory(), name);
	if (!node_make(path, &plan, world_real(), e))
		tap_note("%s", e->text);
}

struct running { /* what `simpul run` has open */
	struct node node;
	struct engine *engine;
	struct control *control;
};

static void running_close(struct running *r)
{
	control_close(r->control);
	engine_close(r->engine);
	node_close(&r->node);
}

#define AUTO_RUNNING __attribute__((cleanup(running_close))) struct running

static bool running_open(struct running *r, const char *path, struct err *e)
{
	return node_open(&r->node, path, world_real(), e) && engine_open(&r->node, &r->engine, e) &&
	       control_open(&r->node, r->engine, &r->control, e);
}

static void a_moment(void)
{
	struct timespec moment = { .tv_nsec = 300000000 };

	nanosleep(&moment, NULL);
}

struct opener {
	const char *path;
	pthread_t thread;
	bool ok;
	struct err e;
};

static void *open_run(void *arg)
{
	struct opener *o = arg;
	AUTO_NODE node = { .lock = -1 };

	o->ok = control_node_open(&node, o->path, world_real(), &o->e);
	return NULL;
}

static void who_comes_while_a_command_ends_gets_the_file(void)
{
	struct opener o = { 0 };
	char path[256];
	struct err e;
	int lock;

	make("ends", path, &e);
	o.path = path;
	CHECK_OK(keys_lock(path, &lock, &e), &e);
	CHECK(pthread_create(&o.thread, NULL, open_run, &o) == 0);
	a_moment(); /* mostly it has found the lock taken by now */
	keys_unlock(lock);
	pthread_join(o.thread, NULL);
	CHECK_OK(o.ok, &o.e);
}

static void who_comes_while_a_node_starts_finds_its_door(void)
{
	AUTO_RUNNING r = { .node.lock = -1 };
	struct opener o = { 0 };
	char path[256];
	struct err e;
	bool open;

	make("starts", path, &e);
	o.path = path;
	CHECK_OK(node_open(&r.node, path, world_real(), &e) && engine_open(&r.node, &r.engine, &e), &e);
	CHECK(pthread_create(&o.thread, NULL, open_run, &o) == 0);
	a_moment();
	open = control_open(&r.node, r.engine, &r.control, &e);
	pthread_join(o.thread, NULL);
	CHECK_OK(open, &e);
	CHECK(!o.ok && o.e.code == ERR_RUNNING && control_running(path));
}

/* The exit status of a command on the file, as typed; what it printed in *ret_out and *ret_err. */
static int typed(const char *path, char **ret_out, char **ret_err, const char *name, const char *option)
{
	char *argv[] = { (char *)(uintptr_t)name, (char *)(uintptr_t)path, (char *)(uintptr_t)option, NULL };
	size_t out_len, err_len;
	struct screen s;
	int status;

	screen_init(&s, open_memstream(ret_out, &out_len), open_memstream(ret_err, &err_len));
	s.english = true;
	status = control_forward(path, option == NULL ? 2 : 3, argv, &s);
	fclose(s.out);
	fclose(s.err);
	return status;
}

static void a_command_runs_inside_and_comes_back_whole(void)
{
	AUTO_RUNNING r = { .node.lock = -1 };
	char path[256], *out = NULL, *err = NULL;
	struct err e;
	int status;

	make("inside", path, &e);
	CHECK_OK(running_open(&r, path, &e), &e);
	status = typed(path, &out, &err, "status", "--json");
	tap_note("%s", err);
	CHECK(status == 0 && strstr(out, "\"inside\"") != NULL && strstr(out, "\"running\": true") != NULL);
	free(out);
	free(err);
	status = typed(path, &out, &err, "sync", NULL);
	CHECK(status == err_exit_status(ERR_NOT_ENROLLED) && out[0] == '\0' && strstr(err, path) != NULL);
	free(out);
	free(err);
	status = typed(path, &out, &err, "run", NULL);
	CHECK(status == err_exit_status(ERR_USAGE) && err[0] != '\0');
	free(out);
	free(err);
	status = typed(path, &out, &err, "nonesuch", NULL);
	CHECK(status == err_exit_status(ERR_USAGE));
	free(out);
	free(err);
}

static int knock(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct err e;

	if (!keys_path(path, "control", address.sun_path, sizeof(address.sun_path), &e) ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Whoever can open the door may still send anything; the next command must be served all the same. */
static void a_request_that_is_none_harms_nobody(void)
{
	static const char *const wrong[] = { "\n", "x\n", "{}\n", "[]\n", "{\"argv\":7}\n",
					     "{\"argv\":[7,null]}\n", "{\"argv\":[\"sync\"]}\n",
					     "{\"argv\":[\"status\"],\"width\":-1}\n", "no line end" };
	AUTO_RUNNING r = { .node.lock = -1 };
	char path[256], *out = NULL, *err = NULL;
	struct err e;

	make("anything", path, &e);
	CHECK_OK(running_open(&r, path, &e), &e);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char answer[64];
		int fd = knock(path);

		CHECK(fd >= 0);
		CHECK(send(fd, wrong[i], strlen(wrong[i]), MSG_NOSIGNAL) == (ssize_t)strlen(wrong[i]));
		shutdown(fd, SHUT_WR);
		while (read(fd, answer, sizeof(answer)) > 0)
			continue;
		close(fd);
	}
	CHECK(typed(path, &out, &err, "status", "--json") == 0);
	free(out);
	free(err);
}

static void the_door_is_its_owners_and_goes_with_the_node(void)
{
	char path[256], door[256], *out = NULL, *err = NULL;
	struct stat st;
	struct err e;

	make("owner", path, &e);
	CHECK(!control_running(path));
	{
		AUTO_RUNNING r = { .node.lock = -1 };

		CHECK_OK(running_open(&r, path, &e), &e);
		CHECK_OK(keys_path(path, "control", door, sizeof(door), &e), &e);
		CHECK(stat(door, &st) == 0 && S_ISSOCK(st.st_mode) && (st.st_mode & 0777) == 0600);
		CHECK(control_running(path));
	}
	CHECK(!control_running(path) && stat(door, &st) != 0);
	CHECK(typed(path, &out, &err, "status", NULL) == err_exit_status(ERR_NETWORK));
	free(out);
	free(err);
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(who_comes_while_a_command_ends_gets_the_file),
		TAP(who_comes_while_a_node_starts_finds_its_door),
		TAP(a_command_runs_inside_and_comes_back_whole),
		TAP(a_request_that_is_none_harms_nobody),
		TAP(the_door_is_its_owners_and_goes_with_the_node),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
