/* help.c - help texts for a terminal and as troff. */
#include <ctype.h>
#include <string.h>

#include "help.h"

void help_overview(FILE *out)
{
	fprintf(out, "usage: simpul COMMAND ...\n\n"
		     "Keeps an office working on its own SQLite file and carries the changes to a central\n"
		     "hub, signed and with receipts, over whatever path there is.\n\n");
	for (const struct command *c = command_table; c->name != NULL; c++)
		fprintf(out, "  %-10s %s\n", c->name, c->summary);
	fprintf(out, "\nsimpul COMMAND --help explains one.  First steps:\n\n"
		     "  $ simpul init office.db --name \"Bappeda Kota Sawahlunto\"\n"
		     "  $ simpul enrol office.db simpul1:...     the invitation from the hub's operator\n"
		     "  $ simpul attach office.db program --scope 13.73\n"
		     "  $ simpul run office.db\n"
		     "  $ simpul status office.db\n");
}

/* "malformed, too-large, ..." for one exit status; 0 if no code has it. */
static int exit_words(int status, char *out, size_t size)
{
	size_t len = 0;
	int n = 0;

	out[0] = '\0';
	for (int code = ERR_OK; code < ERR_COUNT; code++) {
		if (err_exit_status((enum err_code)code) != status)
			continue;
		len += (size_t)snprintf(out + len, len < size ? size - len : 0, "%s%s", n++ > 0 ? ", " : "",
					err_slug((enum err_code)code));
		if (len >= size)
			return n;
	}
	return n;
}

#define STATUS_MAX 32

void help_text(FILE *out, const struct command *command)
{
	char words[400];

	fprintf(out, "usage: simpul %s %s\n\n%s\n\n%s", command->name, command->usage, command->summary,
		command->help);
	fprintf(out, "\nExit status:\n\n");
	for (int status = 0; status < STATUS_MAX; status++)
		if (exit_words(status, words, sizeof(words)) > 0)
			fprintf(out, "  %-4d %s\n", status, words);
}

/* Troff takes '.' and ''' at the start of a line and '\' anywhere for its own; '-' would be a hyphen. */
static void troff(FILE *out, const char *text, size_t len)
{
	if (len > 0 && (text[0] == '.' || text[0] == '\''))
		fputs("\\&", out);
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\')
			fputs("\\e", out);
		else if (text[i] == '-')
			fputs("\\-", out);
		else
			fputc(text[i], out);
	}
}

static void troff_section(FILE *out, const char *text, size_t len)
{
	fputs(".SH ", out);
	for (size_t i = 0; i < len; i++)
		fputc(toupper((unsigned char)text[i]), out);
	fputc('\n', out);
}

enum man_state { MAN_TEXT, MAN_EXAMPLE, MAN_GAP };

struct man {
	FILE *out;
	enum man_state state;
};

/* Lines of one example keep their breaks. */
static void man_example(struct man *m, const char *line, size_t len)
{
	if (m->state != MAN_EXAMPLE)
		fputs(".PP\n.EX\n", m->out);
	m->state = MAN_EXAMPLE;
	troff(m->out, line, len);
	fputc('\n', m->out);
}

static void man_term(struct man *m, const char *line, size_t len)
{
	const char *gap = memmem(line, len, "  ", 2);
	size_t term = gap == NULL ? len : (size_t)(gap - line), text = term;

	while (text < len && line[text] == ' ')
		text++;
	fputs(".TP\n.B ", m->out);
	troff(m->out, line, term);
	fputc('\n', m->out);
	if (text < len) {
		troff(m->out, line + text, len - text);
		fputc('\n', m->out);
	}
	m->state = MAN_TEXT;
}

static void man_line(struct man *m, const char *line, size_t len)
{
	bool example = len > 3 && (memcmp(line, "  $ ", 4) == 0 || memcmp(line, "  {", 3) == 0);

	if (m->state == MAN_EXAMPLE && !example && !(len > 4 && memcmp(line, "    ", 4) == 0)) {
		fputs(".EE\n", m->out);
		m->state = MAN_GAP;
	}
	if (len == 0) {
		m->state = MAN_GAP;
	} else if (line[0] != ' ' && line[len - 1] == ':' && m->state == MAN_GAP && len < 30) {
		troff_section(m->out, line, len - 1);
		m->state = MAN_TEXT;
	} else if (example || m->state == MAN_EXAMPLE) {
		man_example(m, line + 2, len - 2);
	} else if (len > 2 && line[0] == ' ' && line[2] != ' ') {
		man_term(m, line + 2, len - 2);
	} else {
		if (m->state == MAN_GAP)
			fputs(".PP\n", m->out);
		while (len > 0 && *line == ' ') {
			line++;
			len--;
		}
		troff(m->out, line, len);
		fputc('\n', m->out);
		m->state = MAN_TEXT;
	}
}

static void man_body(FILE *out, const char *text)
{
	struct man m = { .out = out, .state = MAN_GAP };

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		man_line(&m, text, len);
		text += len + (text[len] == '\n');
	}
	if (m.state == MAN_EXAMPLE)
		fputs(".EE\n", out);
}

static void man_head(FILE *out, const char *name, const char *summary)
{
	fprintf(out, ".TH SIMPUL%s%s 1 \"\" \"simpul " COMMAND_VERSION "\" \"Simpul\"\n.SH NAME\nsimpul",
		name[0] == '\0' ? "" : "\\-", name);
	fprintf(out, "%s%s \\- ", name[0] == '\0' ? "" : "\\-", name);
	troff(out, summary, strlen(summary));
	fputs("\n.SH SYNOPSIS\n.B simpul", out);
}

void help_man(FILE *out, const struct command *command)
{
	man_head(out, command->name, command->summary);
	fprintf(out, " %s\n", command->name);
	troff(out, command->usage, strlen(command->usage));
	fputs("\n.SH DESCRIPTION\n", out);
	man_body(out, command->help);
	fputs(".SH EXIT STATUS\n0: done.  The others mean the same for all commands: see\n", out);
	fputs(".BR simpul (1).\n", out);
	fputs(".SH SEE ALSO\n.BR simpul (1)\n", out);
}

static void man_exit(FILE *out)
{
	char words[400];

	fputs(".SH EXIT STATUS\n", out);
	for (int status = 0; status < STATUS_MAX; status++)
		if (exit_words(status, words, sizeof(words)) > 0) {
			fprintf(out, ".TP\n.B %d\n", status);
			troff(out, words, strlen(words));
			fputc('\n', out);
		}
}

void help_man_overview(FILE *out)
{
	man_head(out, "", "offline-first replication of SQLite files with signed receipts");
	fputs("\n.I COMMAND\n\\&...\n.SH DESCRIPTION\n"
	      "Keeps an office working on its own SQLite file and carries the changes to a central hub,\n"
	      "signed and with receipts, over whatever path there is.\n.SH COMMANDS\n", out);
	for (const struct command *c = command_table; c->name != NULL; c++) {
		fprintf(out, ".TP\n.BR simpul\\-%s (1)\n", c->name);
		troff(out, c->summary, strlen(c->summary));
		fputc('\n', out);
	}
	man_exit(out);
}
