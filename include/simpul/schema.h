/*
 * schema.h - the schema document: which tables and columns the numbers in a changeset mean.
 *
 * A changeset names tables and columns by number, and the numbers mean nothing but within the
 * document whose hash its header carries.  The document is data (names, types, keys), never SQL
 * text; a node that lacks a table makes it from here.  It travels as the body of a SCHEMA changeset
 * in the chain of the node that attached the tables, before the first data that uses it.
 *
 * Encoding: strict CBOR [1, table...]; table = [name, flags, [column...], [key column numbers...]];
 * column = [name, declared type text, flags, default value or null].  The hash is SHA-256 of that.
 *
 * A declared type is words of [A-Za-z0-9_] with one space between them, then perhaps "(n)" or
 * "(n,m)". Words may still be SQL keywords: whoever makes a table quotes each ("VARCHAR" (20)).
 *
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

struct schema_column {
	struct schema_text name;
	struct schema_text type; /* as declared, "" for none */
	uint8_t flags;
	struct value fallback; /* literal DEFAULT, VALUE_NULL if none */
};

#define SCHEMA_TABLE_STRICT	   1u
#define SCHEMA_TABLE_WITHOUT_ROWID 2u

struct schema_table {
	struct schema_text name;
	uint8_t flags;
	uint16_t columns;
	uint8_t keys;
	uint16_t key[LIMIT_KEY_COLUMNS]; /* column numbers, in key order */
	struct schema_column *column;	 /* [columns], in declared order */
};

struct schema {
	uint16_t tables;
	struct schema_table *table;
};

/*
 * Strict: names valid, unique without regard to ASCII case; no table sqlite_*, no table or column
 * simpul_*; at least one table, column and key column each.  ERR_CANNOT_ATTACH says what is wrong,
 * ERR_TOO_LARGE what is over a limit.
 */
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

#endif
