/*
 * bundle.c - any bytes as a file to inspect, and as the sections of a bundle.
 *
 * A fuzzer cannot guess the hash at the end of a bundle, so the input also goes in as what stands inside
 * one that is whole.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "command/inspect.h"
#include "exchange/bundle.h"

#define MUST(condition) \
	do { if (!(condition)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void inspect(const uint8_t *data, size_t len)
{
	static const struct inspect_plan plans[] = { { 0 }, { .has_hub = true, .hub = { { 0x58, 0x66 } } } };
	FILE *in = fmemopen((void *)(uintptr_t)data, len, "r");
	struct screen s;
	size_t out_len = 0;
	char *out = NULL;
	struct err e;

	MUST(in != NULL);
	for (size_t i = 0; i < 2; i++) {
		rewind(in);
		screen_init(&s, open_memstream(&out, &out_len), stderr);
		s.terminal = true; /* nothing that a terminal would obey */
		s.json = i == 1;
		(void)!inspect_stream(in, &plans[i], &s, &e);
		fclose(s.out);
		for (size_t j = 0; j < out_len; j++)
			MUST(out[j] == '\n' || ((unsigned char)out[j] >= 0x20 && out[j] != 0x7f));
		free(out);
	}
	fclose(in);
}

/* type, u16 length, bytes: what there is of it. */
static void as_sections(const uint8_t *data, size_t len)
{
	struct reader r = { .p = data, .end = data + len };
	struct hash hash;
	uint8_t *file = malloc(len * 8 + 64);
	struct writer w = { .p = file, .cap = len * 8 + 64 };

	MUST(file != NULL);
	writer_put(&w, BUNDLE_MAGIC, BUNDLE_MAGIC_LEN);
	crypto_sha256(BUNDLE_MAGIC, BUNDLE_MAGIC_LEN, &hash);
	while (reader_left(&r) > 3) {
		uint8_t head[5] = { (uint8_t)(1 + reader_uint(&r, 1) % 4) };
		size_t most, size = reader_uint(&r, 2);
		struct bytes parts[3] = { { hash.bytes, sizeof(hash.bytes) }, { head, sizeof(head) } };

		most = reader_left(&r);
		parts[2] = (struct bytes){ r.p, size < most ? size : most };
		(void)reader_take(&r, parts[2].len);
		head[3] = (uint8_t)(parts[2].len >> 8);
		head[4] = (uint8_t)parts[2].len;
		writer_put(&w, head, sizeof(head));
		writer_put(&w, parts[2].data, parts[2].len);
		crypto_sha256_parts(parts, 3, &hash);
	}
	writer_uint(&w, BUNDLE_END, 1);
	writer_uint(&w, sizeof(hash.bytes), 4);
	writer_put(&w, hash.bytes, sizeof(hash.bytes));
	MUST(!w.failed);
	inspect(file, w.len);
	free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len == 0)
		return 0;
	inspect(data, len);
	as_sections(data, len);
	return 0;
}
