/*
 * keys.h - the directory FILE.simpul/ beside a node's file: its key, and the lock of the running node.
 *
 * The key never enters the database, so that a copy or backup of the file gives nobody the right to
 * sign.  The directory is 0700, the key file 0600; keys that others can read are refused, not repaired,
 * because nobody knows who has read them.
 *
 * Memory: crypto_wipe() the secret key when done.  Threads: safe.
 */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include "base/world.h"
#include "simpul/ident.h"

#define KEYS_DIRECTORY_SUFFIX ".simpul"

/*
 * Makes the directory (if missing) and a new node key; on disk for good when it returns.  ERR_EXISTS
 * if there is a key already, which is left alone.
 */
MUST_USE bool keys_make(const char *file, const struct world *world, struct secret_key *ret,
			struct err *e);
/* ERR_NOT_FOUND, ERR_PERMISSIONS (mode wider than 0700/0600, another owner, a symlink), ERR_MALFORMED. */
MUST_USE bool keys_load(const char *file, struct secret_key *ret, struct err *e);

/*
 * Writes and reads other small secret files of the node in the same directory under the same rules
 * (a TLS key, an invitation).  name: plain file name.  keys_write replaces atomically.
 */
MUST_USE bool keys_write(const char *file, const char *name, const void *bytes, size_t len,
			 struct err *e);
MUST_USE bool keys_read(const char *file, const char *name, void *ret_bytes, size_t cap,
			size_t *ret_len, struct err *e);

/* Copies "FILE.simpul/name" into out.  ERR_USAGE if it does not fit. */
MUST_USE bool keys_path(const char *file, const char *name, char *out, size_t cap, struct err *e);

/*
 * The one writer's lock on FILE.  Held until keys_unlock or the end of the process, however it ends.
 * ERR_RUNNING, with the holder's process id in the text.  *ret_lock is a descriptor.
 */
MUST_USE bool keys_lock(const char *file, int *ret_lock, struct err *e);
void keys_unlock(int lock);

#endif
