/*
 * serve.h - what a party answers: the routes under /v1/ that every node has.
 *
 * A request is served in steps, so that many writes can share one commit and a long poll can wait:
 *
 *	serve_begin    authenticate, authorize, take the request apart; no transaction needed
 *	serve_write    only if job->writes: within the transaction, in a savepoint of its own; leaves
 *		       job->more set if it has taken its turn (turn.h): call it again in another transaction
 *	(at the hub: append to the log; commit; at the hub: sign the head)
 *	serve_finish   the answer, after the commit; may leave job->parked set: nothing new yet,
 *	               call it again when something was accepted, or when job->wait_ms is over
 *
 * What was accepted is merged after the answer (settle.h): custody is not merge.
 *
 * Each step either goes on or fills job->response with a problem document and sets job->done.
 *
 * Requests that do not come from nodes (the web) come by a door: who asks is admitted in place of a
 * signature, a refusal looks as it should there, and job->state is the door's own.
 * Memory: the job borrows request and response; serve_done frees what it holds.
 */
#ifndef EXCHANGE_SERVE_H
#define EXCHANGE_SERVE_H

#include "exchange/answer.h"
#include "exchange/feed.h"
#include "exchange/party.h"

#define SERVE_WAIT_MS_MAX 55000 /* of a long poll, below the usual idle timeouts of gateways */
#define SERVE_FEED_BYTES (1u << 20)

struct serve_route;
struct serve_job;

struct serve_door {
	bool (*admit)(struct party *p, struct serve_job *job, struct err *e); /* before begin */
	void (*refuse)(struct serve_job *job, const struct err *e);
	void (*done)(struct serve_job *job); /* last; the response may still get fields */
};

struct serve_job {
	const struct http_request *request;
	struct http_response *response;
	const struct serve_route *route;
	const struct serve_door *door; /* NULL: asked by a node */
	void *state;		 /* the door's */
	bool writes;
	bool settles;		 /* what is accepted is to be merged, and what was written here sealed */
	bool more;		 /* to write, in another transaction */
	bool written;		 /* all of it, and committed: for serve_part */
	bool done;
	bool parked;
	bool restless;		 /* parked, but to be asked again at each tick, news or not */
	size_t at;		 /* how much of the request's body is taken in */
	uint64_t wait_until_ms;	 /* monotonic */
	struct public_key key;	 /* of who asks, authenticated */
	struct answer answer;
	struct feed_query feed;
};

/* Routes: method, path, and the steps (NULL: nothing to do). */
struct serve_route {
	const char *method;
	const char *path; /* ends with '*': a prefix */
	bool writes;
	bool open;	  /* asks for no signature; of a door: for no account */
	bool raw;	  /* of a door: the body is not JSON */
	/* Of a door, before the request is queued: what takes long and needs no lock (it may take it). */
	bool (*prepare)(struct party *p, struct serve_job *job, struct err *e);
	bool (*begin)(struct party *p, struct serve_job *job, struct err *e);
	bool (*write)(struct party *p, struct serve_job *job, struct err *e);
	bool (*finish)(struct party *p, struct serve_job *job, struct err *e);
};

/* In a table that ends with an entry whose path is NULL; may be NULL.  *path_known: another method fits. */
const struct serve_route *serve_find(const struct serve_route *table, const char *method, const char *path,
				     bool *path_known);
/* `more`: a table, or NULL; not asked if job->route is set already. */
void serve_begin(struct party *p, const struct serve_route *more, struct serve_job *job);
void serve_write(struct party *p, struct serve_job *job);
void serve_finish(struct party *p, struct serve_job *job);
/* Answers with a problem: the commit failed, say. */
void serve_fail(struct serve_job *job, const struct err *e);
void serve_done(struct serve_job *job);

/*
 * The writes of these jobs, or as many as a turn allows, in one transaction: committed, logged, signed.
 * *ret_more: call it again, after a pause (settle_pause).  What failed has no job->written.
 */
MUST_USE bool serve_part(struct party *p, struct serve_job *const *job, size_t jobs, bool *ret_more,
			 struct err *e);

/*
 * All steps at once, the merge included: for simulations and tests.  Without the party's lock.  If the merge
 * fails, that is logged: what was answered stands.
 */
void serve_alone(struct party *p, const struct serve_route *more, const struct http_request *request,
		 struct http_response *response);
/* The same of a job that is filled in already; what would wait is answered at once. */
void serve_job_alone(struct party *p, const struct serve_route *more, struct serve_job *job);

#endif
