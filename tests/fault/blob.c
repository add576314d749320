/*
 * blob.c - an attachment is written and one is received while the disk fails, fills up, or the process dies,
 * at every call: what has the name of a file is that file.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "blob/part.h"
#include "blob/writer.h"
#include "fault.h"
#include "simpul/crypto.h"
#include "store/keys.h"
#include "tap.h"

#define SIZE (BLOB_BLOCK_BYTES + 1000u)

static char file[256];
static uint8_t written[SIZE], received[SIZE];
static unsigned run; /* each with files of its own: of one that is there already nothing would be seen */

static void lay_out(void *state)
{
	struct secret_key key;
	struct err e;

	(void)state;
	run++;
	memset(written, (int)(run % 251) + 1, sizeof(written));
	memset(received, (int)(run % 251) + 2, sizeof(received));
	memcpy(written, &run, sizeof(run));
	memcpy(received, &run, sizeof(run));
	snprintf(file, sizeof(file), "%s/f%u.db", tap_directory(), run);
	CHECK_OK(keys_make(file, world_real(), &key, &e), &e);
}

static struct blob_plan plan_of(void)
{
	struct blob_plan plan = { .size = SIZE, .blocks = 2, .list = memory_new(2 * sizeof(struct hash)) };

	crypto_sha256(received, BLOB_BLOCK_BYTES, &plan.list[0]);
	crypto_sha256(received + BLOB_BLOCK_BYTES, 1000, &plan.list[1]);
	return plan;
}

static bool receive(struct blob_store *s, struct err *e)
{
	struct blob_plan plan = plan_of();
	struct blob_part *part = NULL;
	struct hash hash;
	bool ok;

	crypto_sha256(received, SIZE, &hash);
	ok = blob_part_open(s, &hash, NULL, &plan, &part, e);
	memory_free(&plan.list);
	ok = ok && blob_part_put(part, 0, received, 1000, e) &&
	     blob_part_put(part, 1000, received + 1000, BLOB_BLOCK_BYTES - 1000, e) &&
	     blob_part_put(part, BLOB_BLOCK_BYTES, received + BLOB_BLOCK_BYTES, 1000, e) &&
	     blob_part_check(part, e) && blob_part_adopt(part, e);
	blob_part_close(&part);
	return ok;
}

static bool write_and_receive(void *state)
{
	AUTO_BLOB_STORE s = { .directory = -1 };
	AUTO_BLOB_WRITER w = { .fd = -1 };
	struct hash hash;
	uint64_t size;
	struct err e;

	(void)state;
	return blob_open(&s, file, true, world_real(), &e) && blob_writer_begin(&s, &w, &e) &&
	       blob_writer_append(&w, written, 500, &e) &&
	       blob_writer_append(&w, written + 500, SIZE - 500, &e) &&
	       blob_writer_finish(&w, &hash, &size, &e) && receive(&s, &e);
}

/* Complete and right, or not there. */
static bool whole_or_absent(const struct blob_store *s, const uint8_t *bytes, bool *ret_there)
{
	AUTO_BLOB_READER r = { .fd = -1 };
	struct hash hash, is;
	int64_t size;
	struct err e;

	crypto_sha256(bytes, SIZE, &hash);
	if (!blob_size(s, &hash, &size, &e))
		return false;
	*ret_there = size != BLOB_ABSENT;
	return !*ret_there || (blob_reader_open(s, &hash, &r, &e) && blob_reader_hash(&r, NULL, &is, &e) &&
			       hash_equal(&is, &hash));
}

static void no_half_file(void *state, enum fault_outcome outcome)
{
	AUTO_BLOB_STORE s = { .directory = -1 };
	bool wrote, got;
	struct err e;

	(void)state;
	CHECK_OK(blob_open(&s, file, true, world_real(), &e), &e);
	CHECK(whole_or_absent(&s, written, &wrote) && whole_or_absent(&s, received, &got));
	CHECK(outcome != FAULT_DONE || (wrote && got));
	CHECK_OK(got || receive(&s, &e), &e); /* what was begun can be ended */
	CHECK(whole_or_absent(&s, received, &got) && got);
}

static const struct fault_sweep sweep = { .setup = lay_out, .act = write_and_receive, .check = no_half_file };

static void failing_disk(void)
{
	CHECK(fault_sweep(&sweep, FAULT_FAIL, NULL));
}

static void full_disk(void)
{
	CHECK(fault_sweep(&sweep, FAULT_DISK_FULL, NULL));
}

static void killed_process(void)
{
	CHECK(fault_sweep(&sweep, FAULT_CRASH, NULL));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = { TAP(failing_disk), TAP(full_disk), TAP(killed_process) };

	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
