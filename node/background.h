/*
 * background.h - the syncing of a running node: one thread per direction and party, each patient.
 *
 * With the hub: one thread seals and sends, one waits for news, one moves attachments while the first sends
 * nothing.  With each neighbour: one thread that
 * makes a round now and then.  At the hub itself: one thread seals what its own programs wrote.  Edits are
 * sealed 3 s after the last of them, at 100 changes, or 30 s after the first; a link that is down is tried
 * again after 1, 2, 4 s and then every 4 s, each spread by a quarter either way, so that work goes out
 * within 5 s of the link's return and 500 offices do not knock at once.
 *
 * When another program changed the schema, the catalog is loaded anew and lost triggers are put back, 3 s
 * after that program's last commit or 30 s after the first, whether the hub can be reached or not.
 *
 * Threads: all of its own; they take the party's lock around each use of the database.
 */
#ifndef BACKGROUND_H
#define BACKGROUND_H

#include "engine.h"

#define BACKGROUND_SEAL_QUIET_MS 3000
#define BACKGROUND_SEAL_LATEST_MS 30000
#define BACKGROUND_SEAL_CHANGES 100
#define BACKGROUND_RETRY_MS_MAX 4000
#define BACKGROUND_BUSY_MS 30000     /* after the hub said that it has too much to do */
#define BACKGROUND_ASK_MS 5000	     /* between two questions whether the hub's operator has answered */
#define BACKGROUND_NEIGHBOUR_MS 5000 /* between two rounds with a neighbour */
#define BACKGROUND_FILES_MS 60000    /* between two looks for attachments, if there is no news */
#define BACKGROUND_WAIT_S 50	     /* of a long poll */

struct background;

MUST_USE bool background_open(struct node *node, struct engine *engine, struct background **ret,
			      struct err *e);
/* Starts what is missing: call it every second or so; peers come and go while the node runs. */
void background_tend(struct background *b);
/* Ends calls that are under way (about a second) and the threads. */
void background_close(struct background *b);

#endif
