/* main.c - argv to the command table. */
#include <locale.h>
#include <signal.h>

#include "command.h"

int main(int argc, char **argv)
{
	/* Column widths need UTF-8 whatever the user's locale; numbers keep the C form. */
	setlocale(LC_CTYPE, "C.UTF-8");
	/* A reader that closed its end is an error to report, not a reason to die unheard. */
	signal(SIGPIPE, SIG_IGN);
	db_program_begin();
	return command_main(argc - 1, argv + 1);
}
