/*
 * request.h - one request to the API on its way: who asks, what it brought, what it is answered.
 *
 * A route that reads answers in finish:
 *
 *	static bool list_finish(struct party *p, struct serve_job *job, struct err *e)
 *	{
 *		...
 *		request_answer(job, 200, json_pack("{s:o}", "rows", rows));
 *		return true;
 *	}
 *
 * One that writes leaves its answer in write, and has request_finish as its finish:
 *
 *		request_result(job, 201, json);
 *		return true;
 *
 * Returning false with an error rolls back what the route wrote and answers a problem document (RFC
 *9457). What is wrong with single fields is collected by request_fault; request_valid then says so.
 *
 * Memory: everything in the request's arena, and the body, lives until the answer is sent.
 */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include "base/json.h"
#include "base/memory.h"
#include "exchange/serve.h"
#include "web/access.h"
#include "web/account.h"
#include "web/web.h"

struct web_request {
	struct web *web;
	struct arena arena;
	struct account who;   /* who asks; who.id "": nobody */
	struct access access; /* what they may do; of admitted requests */
	bool by_token;	      /* with a personal access token, not a session */
	char token_role[ACCOUNT_ROLE_BYTES + 1];
	char csrf[CSRF_SIZE]; /* of the session; "" without one */
	struct hash session;  /* its key, if csrf is set */
	json_t *body;	      /* the JSON object that came; NULL if none did */
	json_t *faults;	      /* see request_fault; NULL: none */
	json_t *extra;	      /* members for a problem document; NULL: none */
	int status;	      /* of the result; 0: none yet */
	json_t *result;
	struct err failure;	       /* answer this after the commit: what was written stays */
	char stored[PASSWORD_SIZE];    /* what prepare computed or read of a password */
	char account[ACCOUNT_ID_SIZE]; /* of whom */
	bool right;
};

struct web_request *request_of(const struct serve_job *job);
/* What stands behind the '*' of the route's path. */
const char *request_rest(const struct serve_job *job);

/* Takes the JSON over; NULL: no body. */
void request_answer(struct serve_job *job, int status, json_t *json);
void request_result(struct serve_job *job, int status, json_t *json);
bool request_finish(struct party *p, struct serve_job *job, struct err *e);

/* A fault of one field.  index: of the write in a batch, -1 without one.  column NULL: of all of
 * it. */
struct request_fault {
	int index;
	const char *column;
	const char *code;
	const char *id; /* a sentence for a person */
	const char *en;
};
void request_fault(struct serve_job *job, const struct request_fault *fault);
/* ERR_INVALID if there was a fault. */
MUST_USE bool request_valid(const struct serve_job *job, struct err *e);

/* The JSON body, which must be there.  ERR_MALFORMED. */
MUST_USE bool request_body(const struct serve_job *job, const json_t **ret, struct err *e);
/*
 * A text member of the body of min..max bytes, without control characters; a fault if it is not
 * (or, with min > 0, if it is missing).  NULL if it is missing or null.
 */
struct request_text {
	const char *name;
	size_t min, max;
};
const char *request_text(struct serve_job *job, const struct request_text *want);

/* The problem document of an error: serve_door.refuse. */
void request_refuse(struct serve_job *job, const struct err *e);
/* The fields that every answer of the web has. */
void request_dress(struct http_response *response, bool api);

/* A random UUID of version 7 (RFC 9562), in text. */
#define REQUEST_UUID_SIZE 37
void request_uuid(const struct world *world, char out[REQUEST_UUID_SIZE]);
/* "2026-11-22T15:04:05Z"; for a missing time JSON's null. */
json_t *request_time(uint64_t ms);

#endif
