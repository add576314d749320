/*
 * rules.h - the rules by which a changeset is judged.
 *
 * In effect is the newest document with rules for the table that the hub has approved, that is, put on its
 * national chain, and that the changeset's author knew: it stands before the grant of its chain, or the
 * changeset's context covers it.  If there is none, the document that the changeset itself names.  So the
 * verdict depends on the changeset and its ancestors only: rules that came later change nothing of what
 * an office did offline, and an author who announces a lax document of its own, or claims to have seen
 * nothing since its grant, is judged by what it was granted under.
 *
 *	struct rules rules;
 *
 *	if (!rules_open(&rules, &documents, e) || !rules_find(&rules, &author, own, &table, e))
 *		return false;
 *	if (table->rules != NULL && table->rules->append) ...
 *
 * Memory: everything lives in the arena of the document set.  Good for one catalog.
 */
#ifndef STORE_RULES_H
#define STORE_RULES_H

#include "store/document.h"

/* The rules of one table, by this file's stable column numbers. */
struct rules_table {
	const struct schema_rules *rules; /* of `document`; NULL: none were filed */
	const struct document_table *document;
	bool approved;
	uint8_t policy[LIMIT_COLUMNS]; /* enum schema_policy */
	uint8_t group[LIMIT_COLUMNS];  /* 0: none */
	bool grouped;		       /* some column has a group */
	struct column_set counters;
	int state;		       /* number of the state column; -1: none */
};

struct rules_known; /* an approved document */
struct rules_made;

struct rules {
	struct document_set *documents;
	struct rules_known *known; /* newest first */
	size_t knowns;
	struct rules_made *made;
};

struct rules_author {
	uint32_t chain; /* simpul_chain.no */
	uint64_t seq;	/* of the changeset */
	int role;	/* enum role, as granted */
	uint32_t granted_by; /* the chain its grant stands on, and where: rules_author_load */
	uint64_t granted_at;
	const struct merge_context *context; /* seen == NULL: has seen all that is here */
};

/* Reads which documents are approved. */
MUST_USE bool rules_open(struct rules *rules, struct document_set *documents, struct err *e);
/* Fills role, granted_by and granted_at for a chain. */
MUST_USE bool rules_author_load(struct db *db, uint32_t chain, struct rules_author *ret, struct err *e);
/* own: the table in the document that the changeset names. */
MUST_USE bool rules_find(struct rules *rules, const struct rules_author *author,
			 const struct document_table *own, const struct rules_table **ret,
			 struct err *e);

/* The rules that the table has here, which this node's own changes will be judged by. */
void rules_here(const struct catalog_table *table, struct arena *arena, struct rules_table *ret);

/*
 * May this role write these columns (stable numbers; NULL: the whole row goes) of a row in this state?
 * The state is a text, "" for none; to: what the state column is set to, NULL if it is not written.
 * On refusal *why says which rule, and who may.
 */
struct rules_act {
	int role;
	struct schema_text state;
	const struct column_set *columns;
	const struct schema_text *to;
};
MUST_USE bool rules_allow(const struct rules_table *table, const struct rules_act *act, struct err *why);
/* A state column's value as a state: text as it is, NULL as "", a number in digits (into `digits`). */
struct schema_text rules_state(const struct value *v, char digits[24]);

#endif
