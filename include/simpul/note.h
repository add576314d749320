/*
 * note.h - signed notes (c2sp.org/signed-note) and the hub's checkpoints
 * (c2sp.org/tlog-checkpoint) with the time when it signed them (c2sp.org/tlog-cosignature).
 *
 * A note is text, an empty line and signature lines.  A checkpoint is a note whose text is origin,
 * tree size and root; its key name is its origin, so hub key and text are all that a check needs.
 * Lines of unknown keys (witnesses, a future algorithm) are ignored; a line of the known key that
 * does not verify refuses the note.  A second line of the hub is a cosignature/v1: it says when the hub
 * had that head.  A checkpoint without one proves what is in the log, not since when.
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
	uint64_t time; /* seconds since 1970 UTC at which the signer had this head; 0: it did not say */
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

/* With checkpoint->time the time line is added.  ERR_USAGE, ERR_TOO_LARGE. */
MUST_USE bool note_checkpoint_sign(const struct checkpoint *checkpoint,
				   const struct secret_key *secret, struct note *ret_note,
				   struct err *e);
/*
 * Decodes and verifies.  The caller compares the origin with the one it expects, and the size and
 * root with what it saw before (tree_verify_consistency).  Extension lines are accepted and
 * dropped.  A time line of the hub that does not verify refuses the note; of several the earliest
 * counts, because each is a true statement about this head.
 */
MUST_USE bool note_checkpoint_verify(const struct bytes *note, const struct public_key *hub,
				     struct checkpoint *ret_checkpoint, struct err *e);
/* Decodes the text (without signatures, so without time); strict: one spelling for each checkpoint. */
MUST_USE bool note_checkpoint_decode(const char *text, size_t len,
				     struct checkpoint *ret_checkpoint, struct err *e);

#endif
