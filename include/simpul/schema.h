/*
 * schema.h - the schema document: which tables and columns the numbers in a changeset mean.
 *
 * A changeset names tables and columns by number, and the numbers mean nothing but within the
 * document whose hash its header carries.  The document is data (names, types, keys), never SQL
 * text; a node that lacks a table makes it from here.  It travels as the body of a SCHEMA changeset
 * in the chain of the node that attached the tables, before the first data that uses it.
 *
 * A table may also carry rules (schema_rules): what of it wins in a merge, and who may write what.
 *
 * Encoding: strict CBOR, proto/PROTOCOL.md.  Format 1 has tables and columns; format 2, written only
 * where it is needed, the scope column and the rules too.  The hash is SHA-256 of that.
 * A declared type is words of [A-Za-z0-9_] with one space between them, then perhaps "(n)" or
 * "(n,m)". Words may still be SQL keywords: whoever makes a table quotes each ("VARCHAR" (20)).
 * Memory: decoding borrows names from the encoded bytes and fills arrays that the caller owns.
 */
#ifndef SIMPUL_SCHEMA_H
#define SIMPUL_SCHEMA_H

#include "simpul/ident.h"
#include "simpul/value.h"

struct schema_text { /* borrowed UTF-8, not NUL-terminated */
	const char *text;
	uint32_t len;
};

#define SCHEMA_COLUMN_NOT_NULL 1u
#define SCHEMA_COLUMN_NOCASE   2u /* COLLATE NOCASE (never on a key column) */
#define SCHEMA_COLUMN_RTRIM    4u

/* How concurrent writes of one column come together. */
enum schema_policy {
	POLICY_LWW,	/* the latest is shown, the others are listed */
	POLICY_MANUAL,	/* none is shown until a person picks one */
	POLICY_COUNTER, /* INTEGER: contributions are added up */
	POLICY_TEXT,	/* TEXT: lines are merged */
};

struct schema_label {
	struct schema_text language; /* 2..LIMIT_LANGUAGE_BYTES of [a-z-] */
	struct schema_text text;
};

struct schema_column {
	struct schema_text name;
	struct schema_text type; /* as declared, "" for none */
	uint8_t flags;
	struct value fallback; /* literal DEFAULT, VALUE_NULL if none */
	uint8_t policy; /* enum schema_policy; this and what follows: 0 without rules */
	uint8_t group;	/* columns of one group win or lose together; 0: none; 1.. in order */
	uint16_t labels;
	struct schema_label *label; /* ascending by language */
};

/* A line of who may write what: a change is allowed if some line matches it. */
struct schema_write {
	uint8_t role; /* ROLE_WRITER, ROLE_REVIEWER or ROLE_HUB */
	uint8_t states, tos;
	uint16_t columns;
	struct schema_text *state; /* [states] that the row is in, "": it is not there; 0: not frozen */
	uint8_t *column;	   /* [columns] that it may write; 0: any, and delete */
	struct schema_text *to;	   /* [tos] that it may set the state column to; 0: any */
};

struct schema_rules {
	bool append;	/* rows never change, never go */
	int16_t state;	/* column that holds a row's state, or -1 */
	uint8_t frozens, writes;
	uint16_t labels;
	struct schema_text *frozen; /* states in which only a line that names the state allows */
	struct schema_write *write; /* none: writer, reviewer and hub, in states that are not frozen */
	struct schema_label *label;
};

#define SCHEMA_TABLE_STRICT	   1u
#define SCHEMA_TABLE_WITHOUT_ROWID 2u
#define SCHEMA_TABLE_SCOPED	   4u /* the column `scope` holds the scope of each row */

struct schema_table {
	struct schema_text name;
	uint8_t flags;
	uint16_t columns;
	uint8_t keys;
	uint16_t key[LIMIT_KEY_COLUMNS]; /* column numbers, in key order */
	struct schema_column *column;	 /* [columns], in declared order */
	uint16_t scope;			 /* column number; see SCHEMA_TABLE_SCOPED */
	struct schema_rules *rules;	 /* NULL: nobody filed any, which is not the same as empty ones */
};

struct schema {
	uint16_t tables;
	struct schema_table *table;
};

/*
 * Strict: names valid, unique without regard to ASCII case; no table sqlite_*, no table or column
 * simpul_*; at least one table, column and key column each; lists of rules sorted, and such that they
 * can be kept (a counter is INTEGER, manual can be empty, no rule for key columns).
 * ERR_CANNOT_ATTACH says what is wrong, ERR_TOO_LARGE what is over a limit.
 */
MUST_USE bool schema_check(const struct schema *schema, struct err *e);
MUST_USE bool schema_encode(const struct schema *schema, uint8_t *out, size_t cap, size_t *ret_len,
			    struct err *e);
/*
 * Decodes into `memory` (aligned, from an arena): ERR_TOO_LARGE if cap does not suffice; a document
 * of b bytes needs at most schema_memory(b).  Strings borrow from `bytes` (a DEFAULT that is a
 * UUID: from `memory`).  ERR_MALFORMED for what schema_encode would not write.
 */
size_t schema_memory(size_t bytes);
MUST_USE bool schema_decode(const uint8_t *bytes, size_t len, void *memory, size_t cap,
			    struct schema *ret_schema, struct err *e);

const char *schema_policy_name(enum schema_policy policy);
bool schema_type_integer(const struct schema_text *type); /* the affinity that SQLite gives it */
bool schema_type_text(const struct schema_text *type);
/* Byte order: how lists of texts are sorted. */
int schema_text_compare(const struct schema_text *a, const struct schema_text *b);

#endif
