/*
 * files_serve.h - what a party answers about attachments: the routes under /v1/files/.
 *
 *	POST /v1/files/have		which of many files are wanted or complete here
 *	GET  /v1/files/HASH		the bytes, or with Range a part of them
 *	GET  /v1/files/HASH/plan	size and the SHA-256 of each block
 *	GET  /v1/files/HASH/have	how much of it has been received
 *	PUT  /v1/files/HASH/plan	begins to send it, or goes on; answers as have
 *	PUT  /v1/files/HASH/data?offset=N	a piece
 *
 * Every request is signed.  Who may read a row that refers to the file may bring it: its name proves the
 * bytes.  And read it, if it was brought for the scope of that row, or put here at the hub itself: else who
 * guessed or overheard a hash would need no more than a row of its own to get the file of another scope, or
 * to learn that it is here.  To everybody else there is no such file: the answer is the same bytes.
 *
 * A request reads or writes a megabyte at most, the last piece of a file excepted, which reads all of it
 * once: so the caller has a thread of its own for these.
 *
 * Memory: borrows party and store; files_serve_close frees.  Threads: one; takes the party's lock for the
 * questions to the database, and never holds it during I/O on an attachment.
 */
#ifndef EXCHANGE_FILES_SERVE_H
#define EXCHANGE_FILES_SERVE_H

#include "blob/part.h"
#include "blob/refs.h"
#include "exchange/party.h"

#define FILES_PREFIX "/v1/files/"
#define FILES_PARTS 32		      /* being received at a time, kept open */
#define FILES_ASK_MAX 1000u	      /* in one POST /v1/files/have */
#define FILES_READ_BYTES (1u << 20)   /* in one answer */
#define FILES_REFS_MS 2000	      /* for how long the declarations are believed */

/* An answer of POST have, a byte per file. */
enum files_state {
	FILES_UNKNOWN = '0', /* no such file, for you */
	FILES_WANTED = '1',  /* referred to, and not complete here */
	FILES_COMPLETE = '2',
};

struct files_server {
	struct party *party;
	struct blob_store *store;
	struct blob_refs refs;
	bool refs_loaded;
	uint64_t refs_ms;
	struct blob_part *part[FILES_PARTS];
	struct scope part_scope[FILES_PARTS]; /* for which it is received */
	uint64_t used[FILES_PARTS]; /* when last, as a count */
	uint64_t uses;
	struct hash planned; /* whose plan was asked for last */
	struct blob_plan plan;
};

void files_serve_open(struct files_server *f, struct party *p, struct blob_store *store);
void files_serve_close(struct files_server *f);
/* Answers any request; the response is zeroed before. */
void files_serve(struct files_server *f, const struct http_request *request, struct http_response *response);

#endif
