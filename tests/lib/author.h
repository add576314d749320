/*
 * author.h - chains without a node: signed frames for tests of whoever receives them.
 *
 *	AUTO_POST post = { 0 };
 *	struct author hub, a;
 *
 *	author_begin(&hub, 1, "national", &post);
 *	author_begin(&a, 2, "13.73", &post);
 *	author_grant(&hub, &a, ROLE_WRITER, &post);
 *	author_schema(&a, document, len, &post);
 *	author_write(&a, &change, 1, NULL, 0, &post);
 *
 * Each call appends one frame to the post.  Every failure is an assertion: the tests' own mistake.
 */
#ifndef TESTS_AUTHOR_H
#define TESTS_AUTHOR_H

#include "simpul/change.h"
#include "simpul/grant.h"
#include "simpul/schema.h"
#include "simpul/seal.h"

struct letter {
	uint8_t *bytes;
	size_t len;
};
struct post {
	struct letter *letter;
	size_t n;
};

#define AUTO_POST __attribute__((cleanup(post_done))) struct post
void post_done(struct post *post);

struct author {
	struct secret_key secret;
	struct public_key key;
	struct scope scope;
	struct chain_id chain;
	uint64_t seq;
	struct hash head;
	uint8_t schema[8];
	uint32_t cut_left; /* of the next data changeset */
};

void author_begin(struct author *a, uint8_t seed, const char *scope, struct post *post);
void author_grant(struct author *hub, const struct author *to, enum role role, struct post *post);
void author_revoke(struct author *hub, const struct author *from, uint64_t last_good, struct post *post);
void author_schema(struct author *a, const struct schema *schema, struct post *post);
/* Uses a's schema; sorts the changes.  seq and head move on. */
void author_write(struct author *a, struct change *changes, size_t n, const struct context_pair *pair,
		  size_t pairs, struct post *post);
/* Any kind with any body. */
void author_seal(struct author *a, enum changeset_kind kind, const void *body, size_t len,
		 uint32_t changes, struct post *post);

/* "tab" with the columns id TEXT (key), then a, b, c without a type. */
const struct schema *author_table(void);

#endif
