/*
 * bundle.h - changesets and receipts in one file, for the way without a network.
 *
 * What is inside is signed exactly as on the wire, so whoever carries the file need not be trusted.  It is
 * read through before anything is taken in: a file that is cut short or altered changes nothing, and the
 * same bundle twice, or several in any order, changes nothing more.  Then it is taken in, and merged, in
 * parts between which other programs write: what a kill leaves out comes in with the same bundle again.
 *
 *	struct bundle_stats stats;
 *
 *	if (!bundle_export(party, &(struct bundle_plan){ .scope = "13.73" }, path, &stats, e))
 *		return false;
 *	if (!bundle_import(party, path, &stats, e))
 *		return false;
 *
 * Memory: a reader owns its section buffer; sections borrow from it until the next one.  Threads: export and
 * import take the party's lock when they need it; the caller does not hold it.
 */
#ifndef EXCHANGE_BUNDLE_H
#define EXCHANGE_BUNDLE_H

#include <stdio.h>

#include "base/buf.h"
#include "exchange/party.h"

enum bundle_type {
	BUNDLE_INFO = 1,       /* JSON: who made it and when; for people, proves nothing */
	BUNDLE_FRAME = 2,      /* one changeset: seal.h */
	BUNDLE_RECEIPTS = 3,   /* answer.h, at most LIMIT_REQUEST_FRAMES items */
	BUNDLE_CHECKPOINT = 4, /* a signed note */
	BUNDLE_END = 255,      /* the hash of everything before it */
};

#define BUNDLE_MAGIC "SMPB\x01\r\n\x1a"
#define BUNDLE_MAGIC_LEN 8
#define BUNDLE_INFO_BYTES_MAX 4096

struct bundle_section {
	enum bundle_type type;
	const uint8_t *bytes;
	size_t len;
};

struct bundle_reader {
	FILE *file; /* borrowed */
	struct hash hash;
	struct buf bytes;
	uint64_t frames;
	bool ended;
};

/* Reads from where the file stands.  ERR_MALFORMED unless it is a bundle. */
MUST_USE bool bundle_reader_open(struct bundle_reader *r, FILE *file, struct err *e);
/*
 * The next section; *ret_more is false behind the last one, and then the hash fitted and nothing
 * followed.  ERR_MALFORMED (cut), ERR_HASH (altered), ERR_TOO_LARGE, ERR_UNSUPPORTED, ERR_STORAGE.
 */
MUST_USE bool bundle_reader_next(struct bundle_reader *r, struct bundle_section *ret, bool *ret_more,
				 struct err *e);
void bundle_reader_close(struct bundle_reader *r);
#define AUTO_BUNDLE_READER __attribute__((cleanup(bundle_reader_close))) struct bundle_reader

/* Writing: PATH appears, complete and on disk, at _commit; until then PATH.tmp. */
struct bundle_writer {
	FILE *file;
	struct hash hash;
	char path[4096], temporary[4104];
	uint64_t bytes;
};
/* ERR_EXISTS: an export never overwrites. */
MUST_USE bool bundle_writer_open(struct bundle_writer *w, const char *path, struct err *e);
MUST_USE bool bundle_writer_put(struct bundle_writer *w, enum bundle_type type, const void *bytes,
				size_t len, struct err *e);
MUST_USE bool bundle_writer_commit(struct bundle_writer *w, struct err *e);
void bundle_writer_close(struct bundle_writer *w); /* removes what was not committed */
#define AUTO_BUNDLE_WRITER __attribute__((cleanup(bundle_writer_close))) struct bundle_writer

struct bundle_plan {
	const char *scope; /* and national; NULL: all that is here */
	bool unsent;	   /* only what has no receipt */
};

struct bundle_stats {
	uint64_t frames;
	uint64_t receipts; /* carried; at import: filed */
	uint64_t bytes;
	uint64_t accepted; /* new here */
	uint64_t known;
	uint64_t held;
	uint64_t refused;
	struct err trouble; /* the last refusal; ERR_OK: none */
};

/* Seals what waits in the log first. */
MUST_USE bool bundle_export(struct party *p, const struct bundle_plan *plan, const char *path,
			    struct bundle_stats *ret, struct err *e);
MUST_USE bool bundle_import(struct party *p, const char *path, struct bundle_stats *ret, struct err *e);

#endif
