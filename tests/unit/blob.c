/* blob.c - the store of attachments: complete under its name or not there; parts that survive anything. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "blob/part.h"
#include "blob/writer.h"
#include "simpul/crypto.h"
#include "store/keys.h"
#include "tap.h"

#define BLOCK ((size_t)BLOB_BLOCK_BYTES)
#define SIZE (3 * BLOCK + 100)

static char file[256];
static uint8_t content[SIZE];
static struct hash whole;

static bool fresh(const char *name, struct blob_store *s, struct err *e)
{
	struct secret_key key;
	uint32_t x = 7;

	for (size_t i = 0; i < SIZE; i++) {
		x = x * 1664525u + 1013904223u;
		content[i] = (uint8_t)(x >> 24);
	}
	crypto_sha256(content, SIZE, &whole);
	snprintf(file, sizeof(file), "%s/%s.db", tap_directory(), name);
	return keys_make(file, world_real(), &key, e) && blob_open(s, file, true, world_real(), e);
}

static void path_of(const char *what, const struct hash *hash, char out[512])
{
	char hex[HEX_SIZE(sizeof(*hash))];

	hex_encode(hash->bytes, sizeof(hash->bytes), hex);
	if (strcmp(what, "") == 0)
		snprintf(out, 512, "%s.simpul/files/%.2s/%s", file, hex, hex);
	else
		snprintf(out, 512, "%s.simpul/files/%s/%s", file, what, hex);
}

/* The plan of `content`. */
static struct blob_plan plan_of(void)
{
	struct blob_plan plan = { .size = SIZE, .blocks = blob_blocks(SIZE) };

	plan.list = memory_new(plan.blocks * sizeof(struct hash));
	for (uint32_t i = 0; i < plan.blocks; i++)
		crypto_sha256(content + i * BLOCK, i == 3 ? 100 : BLOCK, &plan.list[i]);
	return plan;
}

static bool same_as_content(const struct blob_store *s)
{
	AUTO_BLOB_READER r = { .fd = -1 };
	AUTO_MEMORY uint8_t *bytes = memory_new(SIZE);
	struct err e;

	return blob_reader_open(s, &whole, &r, &e) && r.size == SIZE &&
	       blob_reader_read(&r, 0, bytes, SIZE, &e) && memcmp(bytes, content, SIZE) == 0;
}

static void what_is_written_is_read(void)
{
	AUTO_BLOB_STORE s = { .directory = -1 };
	AUTO_BLOB_WRITER w = { .fd = -1 };
	char path[512], id[BLOB_ID_SIZE];
	struct hash hash;
	struct stat st;
	struct err e;
	uint64_t size;
	int64_t there;
	bool own;

	CHECK_OK(fresh("write", &s, &e), &e);
	CHECK_OK(blob_size(&s, &whole, &there, &e), &e);
	CHECK(there == BLOB_ABSENT);
	CHECK_OK(blob_writer_begin(&s, &w, &e), &e);
	CHECK_OK(blob_writer_append(&w, content, 1000, &e), &e);
	memcpy(id, w.id, sizeof(id));
	blob_writer_close(&w);
	CHECK(!blob_writer_resume(&s, "../../node.key", &w, &e) && e.code == ERR_NOT_FOUND);
	CHECK(!blob_writer_resume(&s, "00112233445566778899aabbccddeeff", &w, &e) &&
	      e.code == ERR_NOT_FOUND);
	CHECK_OK(blob_writer_resume(&s, id, &w, &e), &e);
	CHECK(w.size == 1000);
	CHECK_OK(blob_writer_append(&w, content + 1000, SIZE - 1000, &e), &e);
	CHECK_OK(blob_writer_finish(&w, &hash, &size, &e), &e);
	CHECK(hash_equal(&hash, &whole) && size == SIZE && same_as_content(&s));
	CHECK(!blob_writer_resume(&s, id, &w, &e)); /* nothing is left of it */
	path_of("", &whole, path);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600);
	CHECK_OK(blob_own(&s, &whole, &own, &e), &e);
	CHECK(own);
}

static void a_file_without_bytes_is_one(void)
{
	AUTO_BLOB_STORE s = { .directory = -1 };
	AUTO_BLOB_WRITER w = { .fd = -1 };
	struct hash hash, nothing;
	struct err e;
	uint64_t size;

	crypto_sha256("", 0, &nothing);
	CHECK_OK(fresh("empty", &s, &e) && blob_writer_begin(&s, &w, &e), &e);
	CHECK_OK(blob_writer_finish(&w, &hash, &size, &e), &e);
	CHECK(size == 0 && hash_equal(&hash, &nothing));
}

static void at_most_one_gibibyte(void)
{
	AUTO_BLOB_STORE s = { .directory = -1 };
	AUTO_BLOB_WRITER w = { .fd = -1 };
	struct err e;

	CHECK_OK(fresh("limit", &s, &e) && blob_writer_begin(&s, &w, &e), &e);
	CHECK(ftruncate(w.fd, (off_t)BLOB_BYTES_MAX - 1) == 0); /* a hole, not a gibibyte */
	w.size = BLOB_BYTES_MAX - 1;
	CHECK(!blob_writer_append(&w, "ab", 2, &e) && e.code == ERR_TOO_LARGE);
	CHECK_OK(blob_writer_append(&w, "a", 1, &e), &e);
	CHECK(!blob_writer_append(&w, "b", 1, &e) && e.code == ERR_TOO_LARGE);
	blob_writer_abandon(&w);
}

static void plans_are_strict(void)
{
	AUTO_BUF bytes = { 0 };
	struct blob_plan plan = plan_of(), back;
	struct err e;

	blob_plan_encode(&plan, &bytes);
	memory_free(&plan.list);
	CHECK(bytes.len == 8 + 4 * 32);
	CHECK_OK(blob_plan_decode(bytes.data, bytes.len, &back, &e), &e);
	CHECK(back.size == SIZE && back.blocks == 4);
	memory_free(&back.list);
	for (size_t len = 0; len < bytes.len; len++)
		CHECK(!blob_plan_decode(bytes.data, len, &back, &e) && e.code == ERR_MALFORMED);
	buf_put(&bytes, "x", 1);
	CHECK(!blob_plan_decode(bytes.data, bytes.len, &back, &e) && e.code == ERR_MALFORMED);
	bytes.data[4] = 0x40; /* 1 GiB and more */
	CHECK(!blob_plan_decode(bytes.data, bytes.len, &back, &e) && e.code == ERR_TOO_LARGE);
	bytes.data[0] = 0xff;
	CHECK(!blob_plan_decode(bytes.data, bytes.len, &back, &e) && e.code == ERR_TOO_LARGE);
}

static bool put(struct blob_part *part, size_t from, size_t len, struct err *e)
{
	return blob_part_put(part, from, content + from, len, e);
}

#define AUTO_PART __attribute__((cleanup(blob_part_close))) struct blob_part

/* Opens the part of `content`, as one who has just been told its plan, or (told false) as after a restart. */
static bool part_open(struct blob_store *s, bool told, struct blob_part **ret, struct err *e)
{
	struct blob_plan plan = plan_of();
	bool ok = blob_part_open(s, &whole, NULL, told ? &plan : NULL, ret, e);

	memory_free(&plan.list);
	return ok;
}

static void pieces_come_in_order_within_a_block(void)
{
	AUTO_BLOB_STORE s = { .directory = -1 };
	AUTO_PART *part = NULL;
	uint64_t at;
	struct err e;
	size_t len;

	CHECK_OK(fresh("pieces", &s, &e), &e);
	CHECK(!part_open(&s, false, &part, &e) && e.code == ERR_NOT_FOUND);
	CHECK_OK(part_open(&s, true, &part, &e), &e);
	CHECK(blob_part_next(part, 1000, &at, &len) && at == 0 && len == 1000);
	CHECK_OK(put(part, 0, 1000, &e), &e);
	CHECK(blob_part_next(part, BLOCK, &at, &len) && at == 1000 && len == BLOCK - 1000);
	CHECK(!put(part, 2000, 10, &e) && e.code == ERR_MALFORMED);	   /* a gap */
	CHECK(!put(part, 1000, BLOCK, &e) && e.code == ERR_MALFORMED);	   /* over the block's end */
	CHECK(!put(part, SIZE, 1, &e) && e.code == ERR_MALFORMED);
	CHECK(!blob_part_put(part, UINT64_MAX - 5, content, 10, &e) && e.code == ERR_MALFORMED);
	CHECK(!put(part, 1000, 0, &e) && e.code == ERR_MALFORMED);
	CHECK_OK(put(part, 1000, BLOCK - 1000, &e), &e);
	CHECK(part->have_n == 1 && blob_part_has(part, 0));
	CHECK_OK(put(part, 0, BLOCK, &e), &e); /* again: fine */
	CHECK_OK(put(part, 3 * BLOCK, 100, &e), &e);
	CHECK_OK(put(part, 2 * BLOCK, BLOCK, &e), &e);
	CHECK(!blob_part_full(part) && !blob_part_check(part, &e) && e.code == ERR_INCOMPLETE);
	CHECK(blob_part_next(part, BLOCK, &at, &len) && at == BLOCK);
	CHECK_OK(put(part, BLOCK, BLOCK, &e), &e);
	CHECK(blob_part_full(part) && !blob_part_next(part, BLOCK, &at, &len));
	CHECK_OK(blob_part_check(part, &e) && blob_part_adopt(part, &e), &e);
	CHECK(same_as_content(&s));
	blob_part_close(&part);
	CHECK(!part_open(&s, false, &part, &e) && e.code == ERR_NOT_FOUND); /* nothing is left of it */
}

static void a_wrong_block_is_forgotten(void)
{
	AUTO_BLOB_STORE s = { .directory = -1 };
	AUTO_PART *part = NULL;
	AUTO_MEMORY uint8_t *bad = memory_new(BLOCK);
	struct err e;

	CHECK_OK(fresh("wrong", &s, &e) && part_open(&s, true, &part, &e), &e);
	memcpy(bad, content, BLOCK);
	bad[BLOCK - 1] ^= 1;
	CHECK(!blob_part_put(part, 0, bad, BLOCK, &e) && e.code == ERR_HASH);
	CHECK(part->have_n == 0 && !blob_part_has(part, 0) && part->filled_bytes == 0);
	CHECK_OK(put(part, 0, BLOCK, &e), &e);
	CHECK(part->have_n == 1);
}

/* The list fits the blocks, but both are of another file than the name says. */
static void a_plan_that_lies_comes_to_nothing(void)
{
	AUTO_BLOB_STORE s = { .directory = -1 };
	AUTO_PART *part = NULL;
	struct blob_plan plan;
	int64_t size;
	struct err e;
	bool ok;

	CHECK_OK(fresh("lie", &s, &e), &e);
	plan = plan_of();
	crypto_sha256("other", 5, &plan.list[3]);
	plan.size = 3 * BLOCK + 5;
	ok = blob_part_open(&s, &whole, NULL, &plan, &part, &e);
	memory_free(&plan.list);
	CHECK_OK(ok, &e);
	CHECK_OK(put(part, 0, BLOCK, &e) && put(part, BLOCK, BLOCK, &e) && put(part, 2 * BLOCK, BLOCK, &e),
		 &e);
	CHECK_OK(blob_part_put(part, 3 * BLOCK, "other", 5, &e), &e);
	CHECK(blob_part_full(part) && !blob_part_check(part, &e) && e.code == ERR_HASH);
	CHECK_OK(blob_size(&s, &whole, &size, &e), &e);
	CHECK(size == BLOB_ABSENT);
	blob_part_close(&part);
	CHECK_OK(blob_part_size(&s, &whole, NULL, &size, &e), &e);
	CHECK(size == BLOB_ABSENT); /* and the next one begins anew */
}

/* What a power cut does: blocks that never reached the disk, half of one, a list that is gone or torn. */
static void a_part_knows_after_anything_which_blocks_it_has(void)
{
	AUTO_BLOB_STORE s = { .directory = -1 };
	AUTO_PART *part = NULL;
	char path[512], list[520];
	struct err e;
	int fd;

	CHECK_OK(fresh("torn", &s, &e) && part_open(&s, true, &part, &e), &e);
	CHECK_OK(put(part, 0, BLOCK, &e) && put(part, BLOCK, BLOCK, &e) && put(part, 2 * BLOCK, BLOCK, &e) &&
		 put(part, 3 * BLOCK, 50, &e), &e);
	blob_part_close(&part);
	path_of("part", &whole, path);
	snprintf(list, sizeof(list), "%s.list", path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0 && pwrite(fd, "\0\0\0\0", 4, (off_t)BLOCK + 512) == 4 && close(fd) == 0);
	CHECK_OK(part_open(&s, false, &part, &e), &e);
	CHECK(part->have_n == 2 && !blob_part_has(part, 1) && !blob_part_has(part, 3));
	CHECK_OK(put(part, BLOCK, BLOCK, &e), &e);
	blob_part_close(&part);
	CHECK(truncate(path, (off_t)BLOCK + 1) == 0); /* the rest is a hole from now on */
	CHECK_OK(part_open(&s, false, &part, &e), &e);
	CHECK(part->have_n == 1 && blob_part_has(part, 0));
	blob_part_close(&part);
	CHECK(truncate(list, 50) == 0);
	CHECK(!part_open(&s, false, &part, &e) && e.code == ERR_NOT_FOUND);
	CHECK_OK(part_open(&s, true, &part, &e), &e);
	CHECK(part->have_n == 1);
	CHECK_OK(put(part, BLOCK, BLOCK, &e) && put(part, 2 * BLOCK, BLOCK, &e) &&
		 put(part, 3 * BLOCK, 100, &e), &e);
	CHECK_OK(blob_part_check(part, &e) && blob_part_adopt(part, &e), &e);
	CHECK(same_as_content(&s));
}

static void two_scopes_have_a_part_each(void)
{
	AUTO_BLOB_STORE s = { .directory = -1 };
	AUTO_PART *part = NULL;
	AUTO_PART *other = NULL;
	struct scope a = { "13.71" }, b = { "12.71" };
	struct blob_plan plan;
	struct err e;
	bool ok;

	CHECK_OK(fresh("scopes", &s, &e), &e);
	plan = plan_of();
	ok = blob_part_open(&s, &whole, &a, &plan, &part, &e) && put(part, 0, BLOCK, &e);
	memory_free(&plan.list);
	CHECK_OK(ok, &e);
	CHECK(!blob_part_open(&s, &whole, &b, NULL, &other, &e) && e.code == ERR_NOT_FOUND);
	plan = plan_of();
	ok = blob_part_open(&s, &whole, &b, &plan, &other, &e);
	memory_free(&plan.list);
	CHECK_OK(ok, &e);
	CHECK(part->have_n == 1 && other->have_n == 0);
}

/* A link in the place of a file leads nowhere. */
static void links_are_not_followed(void)
{
	AUTO_BLOB_STORE s = { .directory = -1 };
	AUTO_BLOB_READER r = { .fd = -1 };
	char path[512], target[300];
	int64_t size;
	struct err e;

	CHECK_OK(fresh("links", &s, &e), &e);
	path_of("", &whole, path);
	*strrchr(path, '/') = '\0';
	CHECK(mkdir(path, 0700) == 0);
	path_of("", &whole, path);
	snprintf(target, sizeof(target), "%s.simpul/node.key", file);
	CHECK(symlink(target, path) == 0);
	CHECK_OK(blob_size(&s, &whole, &size, &e), &e);
	CHECK(size == BLOB_ABSENT);
	CHECK(!blob_reader_open(&s, &whole, &r, &e));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(what_is_written_is_read),
		TAP(a_file_without_bytes_is_one),
		TAP(at_most_one_gibibyte),
		TAP(plans_are_strict),
		TAP(pieces_come_in_order_within_a_block),
		TAP(a_wrong_block_is_forgotten),
		TAP(a_plan_that_lies_comes_to_nothing),
		TAP(a_part_knows_after_anything_which_blocks_it_has),
		TAP(two_scopes_have_a_part_each),
		TAP(links_are_not_followed),
	};

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
