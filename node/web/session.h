/*
 * session.h - who asks: sessions by cookie, and personal access tokens.
 *
 * A session is 32 random bytes in the cookie __Host-simpul; the file keeps their SHA-256.  It ends
 * after SESSION_IDLE_MS without a request, after SESSION_MS in any case, and when its account is
 * disabled or gets a new password.  Each sign-in makes a new one and ends the one that the browser
 * brought.  What writes by a session must bring the session's CSRF token in the field X-CSRF-Token;
 * it is told by GET /api/session.
 *
 * A personal access token is for programs: "Authorization: Bearer simpul_pat_...".
 */
#ifndef WEB_SESSION_H
#define WEB_SESSION_H

#include "web/request.h"

#define SESSION_IDLE_MS	    (8 * 3600000ull)
#define SESSION_MS	    (7 * 24 * 3600000ull)
#define SESSION_TOUCH_MS    300000u /* so seldom is its use noted */
#define SESSION_PER_ACCOUNT 20
#define SESSION_PAT	    "simpul_pat_"

/* Fills in who asks, if that can be told.  ERR_LOGIN: a token that is not valid. */
MUST_USE bool session_find(struct party *p, struct serve_job *job, struct err *e);
/* A new session for the account; its cookie goes into the answer.  In a transaction. */
MUST_USE bool session_start(struct party *p, struct serve_job *job, const struct account *account,
			    struct err *e);
/* What GET /api/session says of whoever asks now. */
MUST_USE bool session_describe(struct party *p, struct serve_job *job, json_t **ret, struct err *e);
/* A random secret in base64url; size: of out, with its NUL. */
void session_secret(const struct world *world, char *out, size_t size);

#endif
