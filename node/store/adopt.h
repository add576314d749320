/*
 * adopt.h - which rules a replicated table has here: the hub's where it approved some, else our own.
 *
 * Rules are kept as schema documents, so that they name columns and not numbers.  The hub's are those of
 * the newest document on its national chain that has rules for the table, even empty ones; they win over
 * rules filed here.  What names a column that the table here does not have is left out.
 *
 * Every change of either moves adopt_version, and with it the catalog.  Memory: the catalog's arena.
 */
#ifndef STORE_ADOPT_H
#define STORE_ADOPT_H

#include "base/buf.h"
#include "store/catalog.h"

/*
 * SQL: up to where a national chain (a row of simpul_chain with this alias) is known here: all that is
 * accepted before its first data that is still to be merged.  What is not data writes no row, so that
 * who seals may say that it has seen it; and seals by its rules.
 */
#define ADOPT_KNOWN(c)                                                                               \
	"max(" c ".merged_seq, coalesce((SELECT min(seq) - 1 FROM simpul_changeset WHERE chain_no = " \
	c ".no AND state = 0 AND kind = 1), " c ".head_seq))"

/* Gives the tables of the catalog their rules; to be called once, by catalog_load. */
MUST_USE bool adopt_rules(struct db *db, struct arena *arena, struct catalog *catalog, struct err *e);
MUST_USE bool adopt_version(struct db *db, int64_t *ret, struct err *e);

/* Files rules for one table (schema->rules; NULL: takes them back), as this node's own. */
MUST_USE bool adopt_file(struct db *db, const struct schema_table *schema, struct err *e);
/* A document with rules of some table stands on the hub's national chain. */
struct adopt_place {
	int chain_no;
	uint64_t seq, hlc;
};
MUST_USE bool adopt_approve(struct db *db, const struct hash *hash, const struct adopt_place *place,
			    struct err *e);

/* schema_encode, into as much room as it takes. */
MUST_USE bool adopt_encode(const struct schema *schema, struct buf *out, struct err *e);

#endif
