/*
 * writer.h - a file that comes to be here, piece after piece, and at the end gets its SHA-256 as its name.
 *
 *	AUTO_BLOB_WRITER w = { .fd = -1 };
 *
 *	if (!blob_writer_begin(&store, &w, e))
 *		return false;
 *	while (...)
 *		if (!blob_writer_append(&w, bytes, len, e))
 *			return false;
 *	if (!blob_writer_finish(&w, &hash, &size, e))
 *		return false;
 *
 * One that takes several requests is closed in between and goes on by its id; where it stands is w.size, on
 * disk too, so a browser may go on after a restart of the node.  After a day without any it is removed.
 *
 * Memory: constant; blob_writer_close closes, what was written so far stays.  Threads: a writer is one's.
 */
#ifndef BLOB_WRITER_H
#define BLOB_WRITER_H

#include "blob/store.h"

#define BLOB_ID_SIZE HEX_SIZE(16)
#define BLOB_WRITER_HOURS 24 /* an unfinished one is kept for */

struct blob_writer {
	const struct blob_store *store;
	int fd;	       /* -1: closed */
	int directory; /* new/ */
	char id[BLOB_ID_SIZE];
	uint64_t size; /* so far */
};

#define AUTO_BLOB_WRITER __attribute__((cleanup(blob_writer_close))) struct blob_writer

MUST_USE bool blob_writer_begin(const struct blob_store *s, struct blob_writer *ret, struct err *e);
/* ERR_NOT_FOUND: no unfinished file has this id. */
MUST_USE bool blob_writer_resume(const struct blob_store *s, const char *id, struct blob_writer *ret,
				 struct err *e);
/* ERR_TOO_LARGE beyond BLOB_BYTES_MAX. */
MUST_USE bool blob_writer_append(struct blob_writer *w, const void *bytes, size_t len, struct err *e);
/* On disk for good, under its name, when it returns. */
MUST_USE bool blob_writer_finish(struct blob_writer *w, struct hash *ret_hash, uint64_t *ret_size,
				 struct err *e);
void blob_writer_abandon(struct blob_writer *w); /* removes what was written */
void blob_writer_close(struct blob_writer *w);
/* Removes what was abandoned without a word. */
void blob_writer_sweep(const struct blob_store *s);

#endif
