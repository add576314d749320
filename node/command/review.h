/*
 * review.h - what the commands share that show what waits for a person, and record what the person did:
 * conflicts, violations, held, quarantine.
 */
#ifndef COMMAND_REVIEW_H
#define COMMAND_REVIEW_H

#include "command.h"
#include "simpul/ident.h"
#include "store/act.h"

/* {column: value} of a row's key; null if the key is not known. */
json_t *review_key(const struct catalog_table *table, const struct value *key);
void review_key_print(const json_t *key, struct buf *out); /* "id = 'p1', year = 2026" */

/* `simpul COMMAND FILE --acts`: what people did, newest first. */
MUST_USE bool review_acts(struct command_call *call, struct err *e);
/* Notes an act of the caller, in the transaction of what it did. */
MUST_USE bool review_note(struct command_call *call, struct db *db, const char *what, const char *object,
			  const char *reason, struct err *e);

/* Seals and merges at once, in the caller's transaction, commits it, and signs the log at a hub. */
MUST_USE bool review_settle(struct command_call *call, struct txn *txn, struct err *e);

/*
 * The one id that begins with these hex digits (four or more), among those that `sql` selects; ?1 is bound
 * to the digits.  ERR_USAGE: no hex digits, too few, or several ids begin so.  ERR_NOT_FOUND.
 */
MUST_USE bool review_id(struct db *db, const char *sql, const char *digits, struct hash *ret,
			struct err *e);
#define REVIEW_BEGINS(id) "lower(hex(" id ")) LIKE lower(?1) || '%'"

/*
 * A list of changesets that wait for a person, and its command: `simpul NAME FILE [why ID | retry [ID] |
 * discard ID --reason TEXT] [--all] [--acts]`.  Texts are Indonesian, English.
 */
struct review_matter {
	const char *rows;     /* SQL of the list */
	int dismissed;	      /* its column that says: discarded, and shown with --all only */
	const char *beginning; /* SQL for review_id */
	int titles;
	const char *const *title[2];
	json_t *(*json)(struct stmt *row);
	void (*print)(struct screen_table *table, const json_t *json);
	const char *nothing[2];	  /* when the list is empty */
	const char *discarded[2]; /* what became of it, after its id */
	bool (*why)(struct command_call *call, struct err *e);
	bool (*retry)(struct command_call *call, struct err *e);
};
MUST_USE bool review_command(struct command_call *call, const struct review_matter *matter, struct err *e);

/* "5068b5fc" */
#define REVIEW_SHORT 9
void review_short(const struct hash *id, char out[REVIEW_SHORT]);

#endif
