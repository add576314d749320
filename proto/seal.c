/*
 * seal.c - frames: sealing, finding the parts, verifying, unpacking.
 *
 *	offset  0  magic "SMP" 01 0D 0A 1A 0A (as in PNG: damage by a text-mode copy shows at once)
 *	        8  u16 header_len, header (signed), signature (64)
 *	           u8 codec, u32 packed_len, packed body
 *
 * Neither codec nor packed bytes are signed: they are a way to carry the body, whose hash is.
 *Setting up zlib costs more than packing a small body, so each thread keeps one stream of either
 *direction and resets it; that is the only state in proto/ and no result depends on it.
 */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "bytes.h"
#include "dictionary.h"
#include "simpul/seal.h"

static const uint8_t magic[8] = { 'S', 'M', 'P', 1, 0x0d, 0x0a, 0x1a, 0x0a };

#define HEADER_AT	(sizeof(magic) + 2)
#define SIGNATURE_BYTES sizeof(((struct signature *)0)->bytes)
#define PACKED_HEAD	5 /* codec, packed_len */

/*
 * Measured on frames of 100 worksheet changes: packed bytes, and time.  Level 5, memory 5: 4,173, 313 us;
 * level 4, memory 6: 4,276, 214 us; level 3, memory 6: 4,317, 201 us; level 1, memory 6: 4,469, 159 us.
 * Less memory makes shorter deflate blocks, which fit the unlike parts of a body (keys, numbers, text)
 * better, and each costs the making of its code.
 */
#define PACK_LEVEL  3
#define PACK_MEMORY 6
#define WINDOW_BITS (-15) /* negative: raw deflate */

struct streams {
	z_stream deflate;
	z_stream inflate;
};

static pthread_key_t streams_key;
static pthread_once_t streams_once = PTHREAD_ONCE_INIT;

static void streams_free(void *p)
{
	struct streams *s = p;

	deflateEnd(&s->deflate);
	inflateEnd(&s->inflate);
	free(s);
}

static void streams_key_make(void)
{
	int rc = pthread_key_create(&streams_key, streams_free);

	assert(rc == 0);
}

static struct streams *streams_get(void)
{
	struct streams *s;
	int rc;

	pthread_once(&streams_once, streams_key_make);
	s = pthread_getspecific(streams_key);
	if (s != NULL)
		return s;
	s = calloc(1, sizeof(*s));
	assert(s !=
	       NULL); /* memory ran out: the process ends, SQLite transactions are the recovery */
	rc = deflateInit2(&s->deflate, PACK_LEVEL, Z_DEFLATED, WINDOW_BITS, PACK_MEMORY,
			  Z_DEFAULT_STRATEGY);
	assert(rc == Z_OK);
	rc = inflateInit2(&s->inflate, WINDOW_BITS);
	assert(rc == Z_OK);
	rc = pthread_setspecific(streams_key, s);
	assert(rc == 0);
	return s;
}

/* Deflates with dictionary 1; false if the result would not be smaller than cap. */
static bool pack(const uint8_t *body, size_t len, uint8_t *out, size_t cap, size_t *ret_len)
{
	z_stream *z = &streams_get()->deflate;

	if (deflateReset(z) != Z_OK ||
	    deflateSetDictionary(z, (const Bytef *)dictionary_1, (uInt)dictionary_1_len) != Z_OK)
		return false;
	z->next_in = (Bytef *)(uintptr_t)body;
	z->avail_in = (uInt)len;
	z->next_out = out;
	z->avail_out = (uInt)cap;
	if (deflate(z, Z_FINISH) != Z_STREAM_END || z->avail_out == 0)
		return false;
	*ret_len = cap - z->avail_out;
	return true;
}

/*
 * Inflates to exactly body_len bytes.  inflate works up to the point where it lacks room or input,
 * so a stream that holds one byte more, or one less, or is followed by anything, ends otherwise.
 */
static bool unpack(const struct frame *f, uint8_t *out)
{
	z_stream *z = &streams_get()->inflate;

	if (inflateReset(z) != Z_OK)
		return false;
	if (f->codec == SEAL_CODEC_DICTIONARY &&
	    inflateSetDictionary(z, (const Bytef *)dictionary_1, (uInt)dictionary_1_len) != Z_OK)
		return false;
	z->next_in = (Bytef *)(uintptr_t)f->packed;
	z->avail_in = (uInt)f->packed_len;
	z->next_out = out;
	z->avail_out = f->changeset.body_len;
	return inflate(z, Z_FINISH) == Z_STREAM_END && z->avail_in == 0 && z->avail_out == 0;
}

bool seal_length(const uint8_t *bytes, size_t len, size_t *ret_frame_len, struct err *e)
{
	struct reader r = { .p = bytes, .end = bytes + len };
	size_t header_len, packed_len;

	if (memcmp(bytes, magic, len < sizeof(magic) ? len : sizeof(magic)) != 0)
		return err_set(e, ERR_MALFORMED, "not a changeset, or damaged by a text-mode copy");
	reader_take(&r, sizeof(magic));
	header_len = (size_t)reader_uint(&r, 2);
	if (header_len > LIMIT_HEADER_BYTES)
		return err_set(e, ERR_TOO_LARGE, "a header of %zu bytes is over the limit",
			       header_len);
	reader_take(&r, header_len + SIGNATURE_BYTES + 1);
	packed_len = (size_t)reader_uint(&r, 4);
	if (packed_len > LIMIT_BODY_PACKED_BYTES)
		return err_set(e, ERR_TOO_LARGE, "a packed body of %zu bytes is over the limit",
			       packed_len);
	*ret_frame_len =
		r.failed ? 0 : HEADER_AT + header_len + SIGNATURE_BYTES + PACKED_HEAD + packed_len;
	return true;
}

/* What the unsigned part may say, given the signed one. */
static bool check_packed(const struct frame *f, struct err *e)
{
	if (f->codec > SEAL_CODEC_DICTIONARY)
		return err_set(e, ERR_UNSUPPORTED, "a body packed by codec %u", f->codec);
	if (f->codec == SEAL_CODEC_NONE ? f->packed_len != f->changeset.body_len
					: f->packed_len >= f->changeset.body_len)
		return err_set(e, ERR_MALFORMED,
			       "the packed body does not have the length it must have");
	return true;
}

bool seal_open(const uint8_t *bytes, size_t len, struct frame *ret, struct err *e)
{
	struct reader r = { .p = bytes, .end = bytes + len };
	struct frame f = { .bytes = bytes, .len = len };
	const uint8_t *signature;
	size_t frame_len;

	if (!seal_length(bytes, len, &frame_len, e))
		return false;
	if (frame_len == 0 || frame_len != len)
		return err_set(e, ERR_MALFORMED, "the changeset is cut off, or bytes follow it");
	reader_take(&r, sizeof(magic));
	f.header_len = (size_t)reader_uint(&r, 2);
	f.header = reader_take(&r, f.header_len);
	signature = reader_take(&r, SIGNATURE_BYTES);
	memcpy(f.signature.bytes, signature, SIGNATURE_BYTES);
	f.codec = (uint8_t)reader_uint(&r, 1);
	f.packed_len = (size_t)reader_uint(&r, 4);
	f.packed = reader_take(&r, f.packed_len);
	if (!changeset_decode(f.header, f.header_len, &f.changeset, e) || !check_packed(&f, e))
		return false;
	changeset_id(f.header, f.header_len, &f.id);
	*ret = f;
	return true;
}

bool seal_verify(const struct frame *f, const struct public_key *key, struct err *e)
{
	return crypto_verify_dsse(key, SEAL_TYPE, f->header, f->header_len, &f->signature, e);
}

bool seal_unpack(const struct frame *f, uint8_t *out, size_t cap, struct err *e)
{
	struct hash hash;

	if (cap < f->changeset.body_len)
		return err_set(e, ERR_TOO_LARGE, "no room for a body of %u bytes",
			       f->changeset.body_len);
	if (f->codec == SEAL_CODEC_NONE) {
		if (f->packed_len > 0)
			memcpy(out, f->packed, f->packed_len);
	} else if (!unpack(f, out)) {
		return err_set(e, ERR_HASH, "the packed body does not unpack to its signed length");
	}
	crypto_sha256(out, f->changeset.body_len, &hash);
	if (!hash_equal(&hash, &f->changeset.body_hash))
		return err_set(e, ERR_HASH, "the body is not the one that was signed");
	return true;
}

size_t seal_size_max(size_t body_len)
{
	return HEADER_AT + LIMIT_HEADER_BYTES + SIGNATURE_BYTES + PACKED_HEAD + body_len;
}

/* Codec, length and packed body; the body as it is unless packing makes it smaller. */
static void put_packed(struct writer *w, const uint8_t *body, size_t len)
{
	size_t room = w->cap - w->len, packed_len = len;
	uint8_t *at = w->p + w->len + PACKED_HEAD;

	if (w->failed || room < PACKED_HEAD + len) {
		w->failed = true;
		return;
	}
	if (len > 0 && pack(body, len, at, len, &packed_len)) {
		writer_uint(w, SEAL_CODEC_DICTIONARY, 1);
		writer_uint(w, packed_len, 4);
		w->len += packed_len;
		return;
	}
	writer_uint(w, SEAL_CODEC_NONE, 1);
	writer_uint(w, len, 4);
	writer_put(w, body, len);
}

bool seal_make(struct changeset *c, const uint8_t *body, size_t body_len,
	       const struct secret_key *key, uint8_t *out, size_t cap, size_t *ret_len,
	       struct hash *ret_id, struct err *e)
{
	struct writer w = { .p = out, .cap = cap };
	uint8_t header[LIMIT_HEADER_BYTES];
	struct signature signature;
	size_t header_len;

	if (body_len > LIMIT_BODY_BYTES)
		return err_set(e, ERR_TOO_LARGE, "a body of %zu bytes is over the limit", body_len);
	c->body_len = (uint32_t)body_len;
	crypto_sha256(body, body_len, &c->body_hash);
	if (!changeset_encode(c, header, sizeof(header), &header_len, e))
		return false;
	crypto_sign_dsse(key, SEAL_TYPE, header, header_len, &signature);
	writer_put(&w, magic, sizeof(magic));
	writer_uint(&w, header_len, 2);
	writer_put(&w, header, header_len);
	writer_put(&w, signature.bytes, sizeof(signature.bytes));
	put_packed(&w, body, body_len);
	if (w.failed)
		return err_set(e, ERR_TOO_LARGE, "the changeset does not fit in %zu bytes", cap);
	if (w.len >
	    HEADER_AT + header_len + SIGNATURE_BYTES + PACKED_HEAD + LIMIT_BODY_PACKED_BYTES)
		return err_set(e, ERR_TOO_LARGE, "the packed body is over the limit");
	changeset_id(header, header_len, ret_id);
	*ret_len = w.len;
	return true;
}
