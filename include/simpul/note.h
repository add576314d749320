/*
 * note.h - signed notes (c2sp.org/signed-note) and the hub's checkpoints
 * (c2sp.org/tlog-checkpoint).
 *
 * A note is text, an empty line and signature lines.  A checkpoint is a note whose text is origin,
 * tree size and root; its key name is its origin, so hub key and text are all that a check needs.
 * Lines of unknown keys (witnesses, a future algorithm) are ignored; a line of the known key that
 * does not verify refuses the note.
 *
 * Memory: texts are borrowed or written to the caller's array.  Threads: pure.
 */
#ifndef SIMPUL_NOTE_H
#define SIMPUL_NOTE_H

#include "simpul/crypto.h"
#include "simpul/tree.h"

#define NOTE_SIGNATURES_MAX 32

struct note { /* a note as written or received; not NUL-terminated */
	size_t len;
	char text[LIMIT_NOTE_BYTES];
};

struct checkpoint {
	char origin[LIMIT_NAME_BYTES + 1];
	struct tree_head head;
};

/* A key name or origin: 1..LIMIT_NAME_BYTES bytes of UTF-8; no spaces, controls or '+'. */
bool note_name_valid(const char *name, size_t len);
/* SHA-256(name || 0A || 01 || key)[:4]: says which key a signature line is for, proves nothing. */
void note_key_id(const char *name, const struct public_key *key, uint8_t ret_id[4]);

/* Text must end in a newline, without other control characters.  ERR_USAGE, ERR_TOO_LARGE. */
MUST_USE bool note_sign(const char *name, const struct secret_key *secret, const char *text,
			size_t text_len, struct note *ret_note, struct err *e);
/*
 * Checks the form of the whole note and the signature of (name, key).  *ret_text_len: how much of
 * `note` is the signed text.  ERR_MALFORMED, ERR_TOO_LARGE, ERR_SIGNATURE, ERR_WEAK_KEY.
 */
MUST_USE bool note_verify(const struct bytes *note, const char *name, const struct public_key *key,
			  size_t *ret_text_len, struct err *e);

MUST_USE bool note_checkpoint_sign(const struct checkpoint *checkpoint,
				   const struct secret_key *secret, struct note *ret_note,
				   struct err *e);
/*
 * Decodes and verifies.  The caller compares the origin with the one it expects, and the size and
 * root with what it saw before (tree_verify_consistency).  Extension lines are accepted and
 * dropped.
 */
MUST_USE bool note_checkpoint_verify(const struct bytes *note, const struct public_key *hub,
				     struct checkpoint *ret_checkpoint, struct err *e);
/* Decodes the text (without signatures); strict: one spelling for each checkpoint. */
MUST_USE bool note_checkpoint_decode(const char *text, size_t len,
				     struct checkpoint *ret_checkpoint, struct err *e);

#endif
