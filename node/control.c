/* control.c - both sides of the control socket. */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "command.h"
#include "control.h"
#include "engine.h"
#include "store/keys.h"

#define SOCKET_NAME "control"
#define LINE_BYTES_MAX (1u << 20)
#define ARGS_MAX 1024
#define LOOK_MS 500 /* how late the door notices that it is to close */
#define AGAIN_MS 50 /* between two tries for the lock */

struct control {
	struct node *node;
	struct engine *engine;
	pthread_t thread;
	int socket;
	atomic_bool stop;
};

static void descriptor_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

#define AUTO_CLOSE __attribute__((cleanup(descriptor_close))) int

/* It is somebody else's from now on. */
static int descriptor_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static bool address_of(const char *file, struct sockaddr_un *ret, struct err *e)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	return keys_path(file, SOCKET_NAME, ret->sun_path, sizeof(ret->sun_path), e);
}

static bool line_read(int fd, struct buf *line, struct err *e)
{
	while (line->len == 0 || line->data[line->len - 1] != '\n') {
		ssize_t n;

		if (line->len > LINE_BYTES_MAX)
			return err_set(e, ERR_TOO_LARGE, "the control line is too long");
		n = read(fd, buf_reserve(line, 4096), 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(e, ERR_NETWORK, "the running node broke off");
		line->len += (size_t)n;
	}
	return true;
}

static bool line_write(int fd, const json_t *json)
{
	AUTO_BUF line = { 0 };
	size_t done = 0;

	json_write(json, &line);
	buf_text(&line, "\n");
	while (done < line.len) {
		ssize_t n = send(fd, line.data + done, line.len - done, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

/* The command's words from the request; borrowed from it. */
static int words_of(const json_t *request, char **argv)
{
	const json_t *list = json_object_get(request, "argv");
	int argc = 0;

	for (size_t i = 0; i < json_array_size(list) && argc < ARGS_MAX; i++) {
		const char *word = json_string_value(json_array_get(list, i));

		if (word != NULL)
			argv[argc++] = (char *)(uintptr_t)word;
	}
	argv[argc] = NULL;
	return argc;
}

static void run_command(struct control *control, const json_t *request, json_t *reply)
{
	char *argv[ARGS_MAX + 1], *out = NULL, *err = NULL;
	struct party *p = &control->node->party;
	size_t out_len = 0, err_len = 0;
	const struct command *command;
	int argc = words_of(request, argv), exit_status;
	struct screen screen;
	bool locked;

	screen_init(&screen, open_memstream(&out, &out_len), open_memstream(&err, &err_len));
	screen.terminal = json_is_true(json_object_get(request, "terminal"));
	screen.colour = json_is_true(json_object_get(request, "colour"));
	screen.english = json_is_true(json_object_get(request, "english"));
	screen.width = (unsigned)json_int_or_zero(request, "width");
	command = argc > 0 ? command_find(argv[0]) : NULL;
	locked = command != NULL && command->access != COMMAND_SYNC;
	/* File names in the command are relative to where it was typed; see work(). */
	if (chdir(json_text_or_empty(request, "directory")) != 0)
		log_line(LOG_WARNING, "control", "the command's directory: %s", strerror(errno));
	if (locked)
		party_lock(p);
	exit_status = command_forwarded(argc, argv, &screen, control->node,
					json_text_or_empty(request, "who"));
	if (locked)
		party_unlock(p);
	fclose(screen.out);
	fclose(screen.err);
	json_object_set_new(reply, "exit", json_integer(exit_status));
	json_object_set_new(reply, "out", json_stringn_nocheck(out, out_len));
	json_object_set_new(reply, "err", json_stringn_nocheck(err, err_len));
	memory_free(&out);
	memory_free(&err);
	engine_wake(control->engine);
}

static void serve_one(struct control *control, int fd)
{
	struct timeval patience = { .tv_sec = 10 };
	AUTO_JSON request = NULL;
	AUTO_JSON reply = json_object();
	AUTO_BUF line = { 0 };
	struct err e;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (!line_read(fd, &line, &e) || !json_parse(line.data, line.len, &request, &e))
		return; /* whoever asked whether we are here has its answer */
	run_command(control, request, reply);
	line_write(fd, reply);
}

static void *work(void *arg)
{
	struct control *control = arg;

	/* This thread gets a working directory of its own, so that it can stand where the caller does. */
	if (unshare(CLONE_FS) != 0)
		log_line(LOG_WARNING, "control", "unshare: %s", strerror(errno));
	while (!atomic_load(&control->stop)) {
		struct pollfd look = { .fd = control->socket, .events = POLLIN };
		AUTO_CLOSE fd = -1;

		if (poll(&look, 1, LOOK_MS) <= 0)
			continue;
		fd = accept4(control->socket, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			serve_one(control, fd);
	}
	return NULL;
}

bool control_open(struct node *node, struct engine *engine, struct control **ret, struct err *e)
{
	AUTO_CLOSE fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;
	struct control *control;
	mode_t mask;
	int bound;

	if (!address_of(node->path, &address, e))
		return false;
	/* We hold the node's lock, so a socket that is there was left by a process that is gone. */
	unlink(address.sun_path);
	mask = umask(0177);
	bound = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (bound != 0 || listen(fd, 16) != 0)
		return err_set(e, ERR_READ_ONLY, "%s: %s", address.sun_path, strerror(errno));
	control = memory_new(sizeof(*control));
	control->node = node;
	control->engine = engine;
	control->socket = fd;
	if (pthread_create(&control->thread, NULL, work, control) != 0) {
		memory_free(&control);
		return err_set(e, ERR_STORAGE, "the system gives no more threads");
	}
	descriptor_take(&fd);
	*ret = control;
	return true;
}

void control_close(struct control *control)
{
	struct sockaddr_un address;
	struct err e;

	if (control == NULL)
		return;
	atomic_store(&control->stop, true);
	pthread_join(control->thread, NULL);
	close(control->socket);
	if (address_of(control->node->path, &address, &e))
		unlink(address.sun_path);
	memory_free(&control);
}

static int knock(const char *file)
{
	AUTO_CLOSE fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;
	struct err e;

	if (fd < 0 || !address_of(file, &address, &e) ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		return -1;
	return descriptor_take(&fd);
}

bool control_running(const char *file)
{
	AUTO_CLOSE fd = knock(file);

	return fd >= 0;
}

bool control_node_open(struct node *node, const char *file, const struct world *world, struct err *e)
{
	static const struct timespec pause = { .tv_nsec = AGAIN_MS * 1000000L };

	/* Counted, not timed: the world's clock may stand still. */
	for (unsigned waited_ms = 0;; waited_ms += AGAIN_MS) {
		if (node_open(node, file, world, e))
			return true;
		if (e->code != ERR_RUNNING || waited_ms >= CONTROL_PATIENCE_MS || control_running(file))
			return false;
		nanosleep(&pause, NULL);
	}
}

int control_forward(const char *file, int argc, char **argv, const struct screen *s)
{
	AUTO_JSON request = json_object();
	AUTO_JSON reply = NULL;
	char *directory = getcwd(NULL, 0), who[COMMAND_WHO];
	json_t *list = json_array();
	AUTO_CLOSE fd = knock(file);
	AUTO_BUF line = { 0 };
	struct err e;

	for (int i = 0; i < argc; i++)
		json_array_append_new(list, json_string_nocheck(argv[i]));
	json_object_set_new(request, "argv", list);
	json_object_set_new(request, "directory",
			    json_string_nocheck(directory == NULL ? "/" : directory));
	free(directory);
	command_who(who);
	json_object_set_new(request, "who", json_string(who));
	json_object_set_new(request, "terminal", json_boolean(s->terminal));
	json_object_set_new(request, "colour", json_boolean(s->colour));
	json_object_set_new(request, "english", json_boolean(s->english));
	json_object_set_new(request, "width", json_integer(s->width));
	if (fd < 0 || !line_write(fd, request)) {
		err_set(&e, ERR_NETWORK, "the running node does not answer");
		return screen_error(s, &e);
	}
	if (!line_read(fd, &line, &e) || !json_parse(line.data, line.len, &reply, &e))
		return screen_error(s, &e);
	fputs(json_text_or_empty(reply, "out"), s->out);
	fputs(json_text_or_empty(reply, "err"), s->err);
	return (int)json_int_or_zero(reply, "exit");
}
