/*
 * codec.c - bytes per change on the wire, and the speed of sealing and opening, without a database.
 *
 * Whole frames as sent, over the worksheet's 10,000 edits in the order they were made.  Prints
 * "key value" lines.  `codec FILE` writes the chain of the batches of 100 to FILE, for
 * tools/vectors.py chain.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dictionary.h"
#include "simpul/change.h"
#include "simpul/hlc.h"
#include "simpul/seal.h"
#include "worksheet.h"

#define BATCH_MAX 1000

static const struct secret_key secret = { { 42 } };
static struct worksheet *sheet;
static struct change change[BATCH_MAX];
static uint8_t body[1 << 20], back[1 << 20];

struct tally {
	uint64_t wire, raw,
		plain; /* bytes: frames as sent, bodies, frames with bodies as they are */
	double encode_s, seal_s, open_s, decode_s;
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	return change_group_compare(a, b);
}

static void must(bool ok, const struct err *e)
{
	if (ok)
		return;
	fprintf(stderr, "codec: %s\n", e->text);
	exit(1);
}

/*
 * A row written twice before a seal travels once, as the union of its columns; here the later edit
 * of a batch simply travels as a change of its own, which takes slightly more bytes.
 */
static void fill_batch(uint32_t first, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct worksheet_update *u = worksheet_update(sheet, first + i);

		change[i] = (struct change){ .table = 0,
					     .op = CHANGE_UPDATE,
					     .hlc = hlc_make(u->ms, 0),
					     .seen_own = CHANGE_SEEN_ALL,
					     .keys = 1,
					     .columns = u->columns,
					     .key = { worksheet_row(sheet, u->row)[0] },
					     .column = u->column,
					     .value = (struct value *)(uintptr_t)u->value };
	}
	qsort(change, n, sizeof(change[0]), compare);
}

/* The chain so far: its name, and the id of its last changeset. */
static struct genesis genesis = { .scope = { "13.73" }, .nonce = { 1 }, .name = "bench" };
static struct hash last;

static struct changeset header(uint64_t seq, uint32_t n, uint64_t first_ms, uint64_t last_ms)
{
	struct changeset c = { .kind = CHANGESET_DATA,
			       .seq = seq,
			       .prev = last,
			       .changes = n,
			       .hlc_min = hlc_make(first_ms, 0),
			       .hlc_max = hlc_make(last_ms, 0) };

	genesis_chain(&genesis.key, &genesis.scope, genesis.nonce, &c.chain);
	crypto_sha256(worksheet_sql, strlen(worksheet_sql), &c.body_hash);
	memcpy(c.schema, c.body_hash.bytes, sizeof(c.schema));
	return c;
}

static void open_chain(FILE *out)
{
	struct changeset c = { 0 };
	uint8_t frame[2048];
	struct err e;
	size_t len;

	crypto_public_key(&secret, &genesis.key);
	genesis_fill(&genesis, &c);
	must(seal_make(&c, NULL, 0, &secret, frame, sizeof(frame), &len, &last, &e), &e);
	if (out != NULL)
		fwrite(frame, 1, len, out);
}

static void open_frame(const uint8_t *bytes, size_t len, uint32_t n, struct tally *t)
{
	static struct public_key key;
	struct change_reader r;
	struct change c;
	struct frame f;
	struct err e;
	uint32_t counted;
	double start;

	crypto_public_key(&secret, &key);
	start = now_s();
	must(seal_open(bytes, len, &f, &e) && seal_verify(&f, &key, &e) &&
		     seal_unpack(&f, back, sizeof(back), &e),
	     &e);
	t->open_s += now_s() - start;
	start = now_s();
	must(change_check(back, f.changeset.body_len, &counted, &e) &&
		     change_reader_open(&r, back, f.changeset.body_len, &e),
	     &e);
	while (change_reader_next(&r, &c))
		counted--;
	must(change_reader_done(&r, &e), &e);
	t->decode_s += now_s() - start;
	if (counted != 0 || f.changeset.changes != n)
		exit(1);
}

static void one_batch(uint32_t first, uint32_t n, struct tally *t, FILE *out)
{
	static uint8_t frame[1 << 20];
	struct changeset c = header(2 + first / n, n, worksheet_update(sheet, first)->ms,
				    worksheet_update(sheet, first + n - 1)->ms);
	const struct change_body parts = { 0 };
	struct err e;
	size_t body_len, len;
	double start = now_s();

	fill_batch(first, n);
	must(change_encode(&parts, change, n, body, sizeof(body), &body_len, &e), &e);
	t->encode_s += now_s() - start;
	start = now_s();
	must(seal_make(&c, body, body_len, &secret, frame, sizeof(frame), &len, &last, &e), &e);
	t->seal_s += now_s() - start;
	t->wire += len;
	t->raw += body_len;
	if (out != NULL)
		fwrite(frame, 1, len, out);
	open_frame(frame, len, n, t);
}

static double words_outside(void)
{
	uint32_t n = 0, outside = 0;

	for (; worksheet_word(sheet, n) != NULL; n++) {
		char spaced[64];

		snprintf(spaced, sizeof(spaced), " %s ", worksheet_word(sheet, n));
		outside += strstr(dictionary_1, spaced) == NULL;
	}
	return 100.0 * outside / n;
}

int main(int argc, char **argv)
{
	static const uint32_t sizes[] = { 1, 10, 100, 1000 };
	FILE *out = argc > 1 ? fopen(argv[1], "wb") : NULL;

	sheet = worksheet_new(1);
	printf("wire.words_outside_dictionary_percent %.1f\n", words_outside());
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		uint32_t n = sizes[s], changes = 0;
		uint32_t limit =
			n == 1 ? 2000 : WORKSHEET_UPDATES; /* lone changes: bound by signing */
		struct tally t = { 0 };

		open_chain(n == 100 ? out : NULL);
		for (uint32_t i = 0; i + n <= limit; i += n, changes += n)
			one_batch(i, n, &t, n == 100 ? out : NULL);
		printf("wire.bytes_per_change_%u %.1f\n", n, (double)t.wire / changes);
		printf("wire.body_bytes_per_change_%u %.1f\n", n, (double)t.raw / changes);
		printf("codec.encode_us_per_change_%u %.3f\n", n, 1e6 * t.encode_s / changes);
		printf("codec.seal_us_per_change_%u %.3f\n", n, 1e6 * t.seal_s / changes);
		printf("codec.open_us_per_change_%u %.3f\n", n, 1e6 * t.open_s / changes);
		printf("codec.decode_us_per_change_%u %.3f\n", n, 1e6 * t.decode_s / changes);
		printf("codec.seal_changes_per_s_%u %.0f\n", n, changes / (t.encode_s + t.seal_s));
		printf("codec.open_changes_per_s_%u %.0f\n", n, changes / (t.open_s + t.decode_s));
	}
	worksheet_free(sheet);
	return out != NULL && fclose(out) != 0;
}
