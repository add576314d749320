/*
 * engine.h - the one thread that answers requests: group commit, and long polls that wait for news.
 *
 * The HTTP server's workers only queue.  The engine takes what is queued (at most ENGINE_JOBS or
 * ENGINE_BYTES), serves all writes of it in one transaction, each in its own savepoint, commits once with
 * a full disk sync, and only then answers.  No delay is added: a batch fills while the previous one is
 * being synced.  A queue that is full refuses with Retry-After before the request is looked at.
 *
 * What was accepted is merged after the answers, in parts (exchange/settle.h), between which the next
 * batches are served and other programs write.  A batch is taken in in parts as well while others write.
 *
 * Threads: engine_submit from any; the engine thread holds the party's lock while it serves.
 */
#ifndef ENGINE_H
#define ENGINE_H

#include "net/http_server.h"
#include "node.h"

#define ENGINE_JOBS 256
#define ENGINE_BYTES (4u << 20)
#define ENGINE_QUEUE_MAX 4096
#define ENGINE_PARKED_MAX 4096

struct engine;

MUST_USE bool engine_open(struct node *node, struct engine **ret, struct err *e);
/* An http_server handler: arg is the engine. */
void engine_submit(void *arg, struct http_exchange *exchange);
/* A request that came by a door and was taken apart there; job and response are taken over. */
void engine_submit_job(void *arg, struct http_exchange *exchange, const struct serve_job *job);
/* Something was accepted or sealed outside the engine: long polls look again. */
void engine_wake(struct engine *engine);
/* Answers all that waits and ends the thread.  Close the server after it has stopped accepting. */
void engine_close(struct engine *engine);

#endif
