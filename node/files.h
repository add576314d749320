/*
 * files.h - the thread that answers requests about attachments, so that no request about changesets waits
 * for the disk that an attachment keeps busy.
 *
 *	struct http_server_config config = { .handler = files_submit, .arg = files, ... };
 *
 * What is under /v1/files/ is answered here, at a hub; everything else is handed to the engine.
 *
 * Threads: files_submit from any; the files thread takes the party's lock for its questions to the database.
 */
#ifndef FILES_H
#define FILES_H

#include "engine.h"
#include "exchange/files_serve.h"

#define FILES_QUEUE_MAX 64u /* requests; each may have a block with it */

struct files;

MUST_USE bool files_open(struct node *node, struct engine *engine, struct files **ret, struct err *e);
/* An http_server handler: arg is the struct files. */
void files_submit(void *arg, struct http_exchange *exchange);
/* Answers all that waits and ends the thread. */
void files_close(struct files *files);

#endif
