/* later.c - commands whose own file has not landed yet; goes with the last of them. */
#include "command.h"

#define LATER(name)                                                                                 \
	__attribute__((weak)) bool command_##name(struct command_call *call, struct err *e)         \
	{                                                                                           \
		(void)call;                                                                         \
		return err_set(e, ERR_UNSUPPORTED, #name " is not in this build");                  \
	}

LATER(inspect)
LATER(verify)
