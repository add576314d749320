/* restored.c - `simpul restored`: the operator says that the hub's file came from a backup. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "store/tables.h"

bool command_restored(struct command_call *call, struct err *e)
{
	struct party *p = &call->node->party;
	char origin[LIMIT_NAME_BYTES + 1], hex[HEX_SIZE(4)];
	const char *slash = strrchr(p->origin, '/');
	uint8_t epoch[4];

	if (!options_rest(&call->options, 1, 1, e))
		return false;
	if (!call->node->is_hub)
		return err_set(e, ERR_USAGE, "this is for hubs: a node notices by itself");
	if (call->running)
		return err_set(e, ERR_RUNNING, "stop the hub first");
	world_random(call->world, epoch, sizeof(epoch));
	hex_encode(epoch, sizeof(epoch), hex);
	snprintf(origin, sizeof(origin), "%.*s/%s",
		 slash == NULL ? (int)strlen(p->origin) : (int)(slash - p->origin), p->origin, hex);
	if (!meta_put_text(p->db, "origin", origin, e))
		return false;
	screen_print(&call->screen, SCREEN_GOOD, "a new epoch: %s", origin);
	screen_print(&call->screen, SCREEN_PLAIN, " (was %s)\n", p->origin);
	screen_print(&call->screen, SCREEN_FAINT,
		     "nodes send again what this file lacks; receipts of the old epoch stay valid\n");
	return true;
}
