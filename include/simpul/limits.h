/*
 * limits.h - every limit on what comes from outside, in one place.
 *
 * No size from outside reaches an allocator or a loop bound before it passed one of these.  Each has
 * a boundary test on both sides.  Units are in the name or the comment.
 */
#ifndef SIMPUL_LIMITS_H
#define SIMPUL_LIMITS_H

#define LIMIT_HEADER_BYTES 1024		      /* signed changeset header */
#define LIMIT_BODY_BYTES (4u << 20)	      /* changeset body, inflated */
#define LIMIT_BODY_PACKED_BYTES (2u << 20)    /* changeset body as sent */
#define LIMIT_CHANGES 10000u		      /* changes in one changeset */
#define LIMIT_CONTEXT_PAIRS 4096u	      /* (chain, seq) pairs in one body */
#define LIMIT_TEXT_BYTES (256u << 10)	      /* one TEXT or BLOB cell */
#define LIMIT_TABLES 256u		      /* tables in one schema document */
#define LIMIT_COLUMNS 256u		      /* columns in one table, key included */
#define LIMIT_KEY_COLUMNS 4u		      /* columns in a primary key */
#define LIMIT_STATES 32u		      /* states in one list of a table's rules */
#define LIMIT_WRITE_RULES 64u		      /* lines of who may write what, per table */
#define LIMIT_LANGUAGES 8u		      /* labels of one table or column */
#define LIMIT_LANGUAGE_BYTES 8u
#define LIMIT_NAME_BYTES 128u		      /* a table, column, node or person name, UTF-8 */
#define LIMIT_SCOPE_BYTES 64u		      /* a scope name */
#define LIMIT_ACTORS 256u		      /* people named in one changeset */
#define LIMIT_EXTS 8u			      /* extensions in a header */
#define LIMIT_EXT_BYTES 256u		      /* one header extension */
#define LIMIT_CBOR_DEPTH 5u
#define LIMIT_FRAME_BYTES (LIMIT_HEADER_BYTES + LIMIT_BODY_PACKED_BYTES + 128u)
#define LIMIT_REQUEST_BYTES (8u << 20)	      /* one HTTP body */
#define LIMIT_REQUEST_FRAMES 1000u
#define LIMIT_HTTP_HEAD_BYTES (16u << 10)
#define LIMIT_HTTP_FIELDS 64u
#define LIMIT_PENDING_CHANGESETS 10000u	      /* held or unmerged, per chain */
#define LIMIT_PENDING_BYTES (256u << 20)
#define LIMIT_PROOF_HASHES 64u		      /* inclusion or consistency proof */
#define LIMIT_NOTE_BYTES 4096u		      /* signed note (checkpoint) */
#define LIMIT_RECEIPT_BYTES 8192u	      /* tlog-proof text */
#define LIMIT_INVITATION_BYTES 1024u
#define LIMIT_BUNDLE_FRAMES 1000000u
#define LIMIT_CUT_ATOMIC_PARTS 10u	      /* cuts of so many changesets are merged as one */
#define LIMIT_HLC_AHEAD_MS (10u * 60u * 1000u) /* stamps further ahead advance nobody's clock */

#endif
