/* command.c - dispatch: which command, which file, how it is opened, and where it runs. */
#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "command.h"
#include "control.h"
#include "help.h"

const struct command *command_find(const char *name)
{
	for (const struct command *c = command_table; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

/*
 * The usage line is written for people in a fixed form: "FILE TABLE... --scope S [--hub]".  An option
 * followed by a word that is no option has a value, so the table cannot disagree with what is shown.
 */
bool command_takes_value(const struct command *command, const char *option)
{
	size_t len = strcspn(option, "=");

	for (const char *p = command->usage; (p = strstr(p, "--")) != NULL; p += 2) {
		if (strncmp(p, option, len) != 0 || strchr(" ]|", p[len]) == NULL || p[len] == '\0')
			continue;
		return p[len] == ' ' && isalnum((unsigned char)p[len + 1]);
	}
	return false;
}

/* The nth word (from 0) of the usage that is neither an option nor optional; length 0: none. */
static size_t usage_word(const struct command *command, int nth, const char **ret)
{
	const char *p = command->usage;

	for (;;) {
		size_t len = strcspn(p, " ");

		if (len == 0 || *p == '[' || *p == '|' || *p == '-')
			return 0;
		if (nth-- == 0) {
			*ret = p;
			return len;
		}
		p += len;
		p += strspn(p, " ");
	}
}

static bool word_is(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(word, name, len) == 0;
}

/* The place of FILE among the plain words of the command; -1: it has none. */
static int file_at(const struct command *command)
{
	const char *word;
	size_t len;

	for (int i = 0; (len = usage_word(command, i, &word)) > 0; i++)
		if (word_is(word, len, "FILE") || word_is(word, len, "HUBFILE"))
			return i;
	return -1;
}

/* The index in options.word of the nth plain word; -1 if there are not so many. */
static int plain_word(const struct command *command, const struct options *o, int nth)
{
	for (int i = 0; i < o->words; i++) {
		const char *word = o->word[i];

		if (o->literal[i] || word[0] != '-' || word[1] == '\0') {
			if (nth-- == 0)
				return i;
		} else if (strchr(word, '=') == NULL && command_takes_value(command, word)) {
			i++;
		}
	}
	return -1;
}

/* Does what is typed behind FILE do something? */
static bool acts(const struct options *o)
{
	static const char *const verbs[] = { "choose", "retry", "discard" };

	for (int i = 1; i < o->words; i++)
		if (strcmp(o->word[i], "--put-back") == 0)
			return true;
	for (size_t v = 0; o->words > 1 && v < sizeof(verbs) / sizeof(verbs[0]); v++)
		if (strcmp(o->word[1], verbs[v]) == 0)
			return true;
	return false;
}

/* --json has been taken out. */
static enum command_access access_of(const struct command *command, const struct options *o)
{
	if (command->access == COMMAND_REVIEW)
		return acts(o) ? COMMAND_WRITE : COMMAND_VIEW;
	if (command->access != COMMAND_EDIT)
		return command->access;
	return o->words > 1 ? COMMAND_WRITE : COMMAND_VIEW;
}

/* What could not be written is not done, except for a reader that had seen enough. */
static int flushed(const struct screen *s, int status)
{
	struct err e;

	errno = 0;
	if (fflush(s->out) == 0 && !ferror(s->out))
		return status;
	if (errno == EPIPE || status != 0)
		return status;
	err_set(&e, errno == ENOSPC ? ERR_DISK_FULL : ERR_STORAGE, "the output could not be written%s%s",
		errno == 0 ? "" : ": ", errno == 0 ? "" : strerror(errno));
	return screen_error(s, &e);
}

static int run(const struct command *command, struct command_call *call)
{
	struct err e;

	err_clear(&e);
	if (!command->run(call, &e))
		return flushed(&call->screen, screen_error(&call->screen, &e));
	return flushed(&call->screen, 0);
}

static int run_viewing(const struct command *command, struct command_call *call)
{
	AUTO_NODE node = { .lock = -1 };
	struct err e;

	if (!node_view(&node, call->file, call->world, &e))
		return screen_error(&call->screen, &e);
	/* cppcheck-suppress autoVariables ; used by run() only */
	call->node = &node;
	return run(command, call);
}

static int run_writing(const struct command *command, struct command_call *call, int argc, char **argv)
{
	AUTO_NODE node = { .lock = -1 };
	struct err e;

	if (control_running(call->file))
		return control_forward(call->file, argc, argv, &call->screen);
	if (!control_node_open(&node, call->file, call->world, &e)) {
		/* It may have opened its door meanwhile. */
		if (e.code == ERR_RUNNING && control_running(call->file))
			return control_forward(call->file, argc, argv, &call->screen);
		return screen_error(&call->screen, &e);
	}
	/* cppcheck-suppress autoVariables ; used by run() only */
	call->node = &node;
	return run(command, call);
}

/* Fills in options, --json and file. */
static bool call_init(const struct command *command, struct command_call *call, int argc, char **argv,
		      struct err *e)
{
	int place = file_at(command), at;

	call->world = world_real();
	if (!options_init(&call->options, argc - 1, argv + 1, e) ||
	    !options_flag(&call->options, "--json", &call->screen.json, e))
		return false;
	at = place < 0 ? -1 : plain_word(command, &call->options, place);
	call->file = at < 0 ? NULL : call->options.word[at];
	if (command->access != COMMAND_NONE && call->file == NULL)
		return err_set(e, ERR_USAGE, "which file?  simpul %s %s", command->name, command->usage);
	return true;
}

static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

/* How many letters two names differ by, roughly: a common start counts most. */
static const char *nearest(const char *name)
{
	const char *best = NULL;
	size_t best_len = 1;

	for (const struct command *c = command_table; c->name != NULL; c++) {
		size_t same = 0;

		while (name[same] != '\0' && name[same] == c->name[same])
			same++;
		if (same > best_len) {
			best_len = same;
			best = c->name;
		}
	}
	return best;
}

static int unknown(const struct screen *s, const char *name)
{
	const char *like = nearest(name);
	struct err e;

	err_set(&e, ERR_USAGE, "there is no command \"%s\"%s%s%s", name,
		like == NULL ? "" : "; did you mean ", like == NULL ? "" : like, like == NULL ? "" : "?");
	return screen_error(s, &e);
}

/* help [--man | --names] [COMMAND] */
static int help(const struct screen *s, int argc, char **argv)
{
	bool man = argc > 1 && strcmp(argv[1], "--man") == 0;
	const char *name = argc > 1 + man ? argv[1 + man] : NULL;
	const struct command *command = name == NULL ? NULL : command_find(name);

	if (name != NULL && strcmp(name, "--names") == 0) {
		for (command = command_table; command->name != NULL; command++)
			fprintf(s->out, "%s\n", command->name);
		return flushed(s, 0);
	}
	if (name != NULL && command == NULL)
		return unknown(s, name);
	if (command == NULL)
		(man ? help_man_overview : help_overview)(s->out);
	else
		(man ? help_man : help_text)(s->out, command);
	return flushed(s, 0);
}

static int dispatch(const struct command *command, struct command_call *call, int argc, char **argv)
{
	struct err e;

	if (!call_init(command, call, argc, argv, &e))
		return screen_error(&call->screen, &e);
	switch (access_of(command, &call->options)) {
	case COMMAND_VIEW:
		return run_viewing(command, call);
	case COMMAND_WRITE:
	case COMMAND_SYNC:
		return run_writing(command, call, argc, argv);
	default:
		return run(command, call);
	}
}

/* What sudo says of itself is no proof; but whoever can type this command can write the file as well. */
void command_who(char out[COMMAND_WHO])
{
	const struct passwd *user = getpwuid(getuid());
	const char *sudo = getenv("SUDO_USER");

	if (user == NULL)
		snprintf(out, COMMAND_WHO, "uid %u", (unsigned)getuid());
	else if (sudo == NULL || sudo[0] == '\0' || strcmp(sudo, user->pw_name) == 0)
		snprintf(out, COMMAND_WHO, "%s", user->pw_name);
	else
		snprintf(out, COMMAND_WHO, "%.40s (sudo %.40s)", user->pw_name, sudo);
}

int command_main(int argc, char **argv)
{
	char who[COMMAND_WHO];
	struct command_call call = { .who = who };
	const struct command *command;

	command_who(who);
	screen_init(&call.screen, stdout, stderr);
	if (argc < 1) {
		help_overview(stderr);
		return err_exit_status(ERR_USAGE);
	}
	if (strcmp(argv[0], "--version") == 0) {
		fprintf(stdout, "simpul " COMMAND_VERSION "\n");
		return flushed(&call.screen, 0);
	}
	if (strcmp(argv[0], "help") == 0 || strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)
		return help(&call.screen, argc, argv);
	command = command_find(argv[0]);
	if (command == NULL)
		return unknown(&call.screen, argv[0]);
	if (wants_help(argc, argv)) {
		help_text(stdout, command);
		return flushed(&call.screen, 0);
	}
	return dispatch(command, &call, argc, argv);
}

int command_forwarded(int argc, char **argv, struct screen *screen, struct node *node, const char *who)
{
	struct command_call call = { .screen = *screen, .node = node, .who = who, .running = true };
	const struct command *command = argc < 1 ? NULL : command_find(argv[0]);
	enum command_access access;
	struct err e;

	if (command == NULL)
		return unknown(screen, argc < 1 ? "" : argv[0]);
	if (!call_init(command, &call, argc, argv, &e))
		return screen_error(screen, &e);
	access = access_of(command, &call.options);
	if (access == COMMAND_NONE || access == COMMAND_RUN) {
		err_set(&e, ERR_USAGE, "%s does not run inside a running node", command->name);
		return screen_error(screen, &e);
	}
	return run(command, &call);
}
