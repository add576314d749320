/* tally.c - how many attachments there are, and where. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "blob/refs.h"

struct hashes {
	struct hash *hash;
	size_t n, cap;
};

static void hashes_free(struct hashes *hashes)
{
	memory_free(&hashes->hash);
}

static bool add(void *arg, const struct blob_ref *ref, struct err *e)
{
	struct hashes *hashes = arg;

	(void)e;
	if (hashes->n == hashes->cap) {
		hashes->cap = hashes->cap * 2 + 64;
		hashes->hash = memory_resize(hashes->hash, hashes->cap * sizeof(struct hash));
	}
	hashes->hash[hashes->n++] = ref->hash;
	return true;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct hash));
}

bool blob_refs_at_hub(struct db *db, const struct hash *hash, const char *origin, bool *ret,
		      char ret_problem[BLOB_TYPE_BYTES], struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	*ret = false;
	ret_problem[0] = '\0';
	if (!db_statement(db, "SELECT origin, problem_text FROM simpul_file WHERE hash = ?1", &s, e))
		return false;
	stmt_blob(&s, 1, hash->bytes, sizeof(hash->bytes));
	if (!stmt_row(&s, &row, e))
		return false;
	if (row) {
		*ret = !stmt_get_null(&s, 0) && strcmp(stmt_get_text(&s, 0), origin) == 0;
		snprintf(ret_problem, BLOB_TYPE_BYTES, "%s", stmt_get_text(&s, 1));
	}
	return true;
}

bool blob_refs_tally(const struct blob_refs *refs, struct db *db, const struct blob_store *s,
		     const char *origin, struct blob_tally *ret, struct err *e)
{
	__attribute__((cleanup(hashes_free))) struct hashes hashes = { 0 };
	struct blob_tally tally = { 0 };

	if (!blob_refs_each(refs, db, add, &hashes, e))
		return false;
	if (hashes.n > 1)
		qsort(hashes.hash, hashes.n, sizeof(hashes.hash[0]), compare);
	for (size_t i = 0; i < hashes.n; i++) {
		char problem[BLOB_TYPE_BYTES];
		int64_t size;
		bool at_hub;

		if (i > 0 && hash_equal(&hashes.hash[i - 1], &hashes.hash[i]))
			continue;
		if (!blob_size(s, &hashes.hash[i], &size, e) ||
		    !blob_refs_at_hub(db, &hashes.hash[i], origin, &at_hub, problem, e))
			return false;
		tally.files++;
		tally.here += size != BLOB_ABSENT;
		tally.at_hub += at_hub;
		tally.refused += problem[0] != '\0';
	}
	*ret = tally;
	return true;
}
