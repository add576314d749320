/*
 * reconsider.h - a quarantined changeset judged again, by the rules of the program as it is now.
 *
 * A verdict is a function of the changeset and its ancestors, so it changes only with the program: a
 * newer version may know what an older one did not.  If it is good now, it counts as if it always had:
 * merged, and every row that it touches made anew from all frames, for what others wrote later must
 * still stand above it.
 *
 *	if (!txn_begin(...) || !reconsider_begin(db, &id, &why, &good, e) ||
 *	    (good && (!party_settle(p, e) || !reconsider_end(db, catalog, &id, &result, e))))
 *		return false;
 */
#ifndef MERGE_RECONSIDER_H
#define MERGE_RECONSIDER_H

#include "store/catalog.h"

/*
 * Asks admission.  *ret_good: it passed, and is for the next merge to check and take; else it stays, with
 * *ret_why as its new reason.  ERR_NOT_FOUND: nothing with this id is in quarantine.
 */
MUST_USE bool reconsider_begin(struct db *db, const struct hash *id, bool *ret_good, struct err *ret_why,
			       struct err *e);

/* simpul_chain.schema_hash is again the document that the chain announced last, of what is on file. */
MUST_USE bool reconsider_announce(struct db *db, int64_t chain_no, struct err *e);

enum reconsider { RECONSIDER_MERGED, RECONSIDER_WAITING, RECONSIDER_QUARANTINED };
struct reconsider_result {
	enum reconsider outcome;
	char reason[480]; /* "" for none */
};
/* After the merge. */
MUST_USE bool reconsider_end(struct db *db, const struct catalog *catalog, const struct hash *id,
			     struct reconsider_result *ret, struct err *e);

#endif
