/*
 * submission.h - versions of a book or a worksheet, sealed and handed over: one row each, never altered.
 *
 * The row holds the manifest (manifest.h) and travels like any other row: so its changeset is signed by the
 * node, and the hub's receipt for it says by when the hub had it.  It is sealed in a changeset of its own,
 * after everything that was written before it, so its proof (exchange/evidence.h) shows nothing else, and
 * the chain itself says what the tables held then.
 *
 * Memory: returned JSON is owned by the caller.
 */
#ifndef WEB_SUBMISSION_H
#define WEB_SUBMISSION_H

#include "exchange/party.h"
#include "web/manifest.h"

/*
 * Seals the next version, in the caller's transaction, which then settles (party_settle).  *ret: the row.
 * ERR_NOT_FOUND: nothing of that kind is submitted here.  Whether it is complete is the caller's question
 * (manifest_check).
 */
MUST_USE bool submission_seal(struct party *p, const json_t *app, const struct manifest_ask *ask,
			      const char *by, json_t **ret, struct err *e);

/* Who asks, and whether they may see rows of a scope. */
struct submission_reader {
	bool (*may)(void *state, const char *scope);
	void *state;
};

/*
 * All versions, newest first: [{id, scope, object, code, version, supersedes, manifest_sha256, sealed_at,
 * sealed_by, changeset, sent, received_at, timeliness, due_at}].  reader NULL: all scopes.
 */
MUST_USE bool submission_list(struct party *p, const json_t *app, const struct submission_reader *reader,
			      json_t **ret, struct err *e);
/*
 * One of them, with number, log, hub_key, manifest, files {present, of} and proof, the text for a file; the
 * last and number are null while there is no receipt.  ERR_NOT_FOUND.
 */
MUST_USE bool submission_receipt(struct party *p, const json_t *app, const char *id,
				 const struct submission_reader *reader, json_t **ret, struct err *e);

#endif
