/*
 * note.c - signed notes and checkpoints.
 *
 *	hub.example/log                          the text: for a checkpoint origin,
 *	109482                                   size in decimal
 *	sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=   and root
 *	                                         an empty line, the last one of the note
 *	— hub.example/log AzgrlgtzPICa5OS8np...  key name, base64(key id (4) || signature)
 *	— hub.example/log x2Xl/EQi08AAAAAGUMS... key name, base64(key id (4) || time (8) || signature)
 *
 * The signature covers the text with its final newline, nothing else.  The key id tells lines of
 * one name apart; it is four bytes of a hash, so nothing is believed because of it.
 *
 * The second line is a cosignature: the same key, another type byte in the key id, and a signature
 * over "cosignature/v1", a line with the time, and the text.  No checkpoint starts with these two
 * lines (its second line is a size), so neither signature can be passed off as the other.
 */
#include <string.h>

#include "base64.h"
#include "bytes.h"
#include "line.h"
#include "simpul/note.h"

#define DASH	"\xe2\x80\x94 " /* U+2014 EM DASH and a space */
#define ED25519 0x01		/* signature type */
#define ED25519_TIMED 0x04	/* that of a cosignature */
#define TIME_MAX INT64_MAX

struct note_line {
	uint8_t id[4];
	struct signature signature;
};

struct time_line {
	uint8_t id[4];
	uint8_t time[8]; /* big-endian */
	struct signature signature;
};

/* The message of a cosignature: two lines and the text of the note. */
struct timed_text {
	size_t len;
	uint8_t bytes[LIMIT_NOTE_BYTES + 64];
};

/* Whose lines count, and how they are recognised. */
struct signer {
	const char *name;
	const struct public_key *key;
	uint8_t id[4], time_id[4];
};

enum line_kind { LINE_FOREIGN, LINE_PLAIN, LINE_TIMED };

/* A signature line is as long as the whole note at most, so any foreign one fits here. */
struct foreign {
	uint8_t bytes[LIMIT_NOTE_BYTES];
};

/* Unicode's White_Space beyond ASCII, as UTF-8: what "no spaces" means in a key name. */
static bool space_at(const uint8_t *p, size_t left)
{
	static const char *const spaces[] = {
		"\xc2\x85",	"\xc2\xa0",	"\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
		"\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
		"\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
		"\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
	};

	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
		size_t len = strlen(spaces[i]);

		if (len <= left && memcmp(p, spaces[i], len) == 0)
			return true;
	}
	return false;
}

bool note_name_valid(const char *name, size_t len)
{
	const uint8_t *p = (const uint8_t *)name;

	if (!name_valid(name, len))
		return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] == ' ' || name[i] == '+' || space_at(p + i, len - i))
			return false;
	return true;
}

static void key_id(const char *name, const struct public_key *key, uint8_t signature_type,
		   uint8_t ret_id[4])
{
	const uint8_t type[] = { '\n', signature_type };
	const struct bytes parts[] = { { name, strlen(name) },
				       { type, sizeof(type) },
				       { key->bytes, sizeof(key->bytes) } };
	struct hash hash;

	crypto_sha256_parts(parts, 3, &hash);
	memcpy(ret_id, hash.bytes, 4);
}

void note_key_id(const char *name, const struct public_key *key, uint8_t ret_id[4])
{
	key_id(name, key, ED25519, ret_id);
}

bool note_sign(const char *name, const struct secret_key *secret, const char *text, size_t text_len,
	       struct note *ret_note, struct err *e)
{
	struct writer w = { (uint8_t *)ret_note->text, 0, sizeof(ret_note->text), false };
	struct public_key key;
	struct note_line line;

	if (!note_name_valid(name, strlen(name)))
		return err_set(e, ERR_USAGE, "a key name has no spaces and no plus sign");
	if (text_len == 0 || text[text_len - 1] != '\n' || !line_text_valid(text, text_len))
		return err_set(e, ERR_USAGE, "a note is lines of text");
	crypto_public_key(secret, &key);
	note_key_id(name, &key, line.id);
	crypto_sign(secret, text, text_len, &line.signature);

	writer_put(&w, text, text_len);
	line_put(&w, "\n" DASH);
	line_put(&w, name);
	line_put(&w, " ");
	line_put_base64(&w, &line, sizeof(line));
	if (w.failed)
		return err_set(e, ERR_TOO_LARGE, "a note has at most %u bytes", LIMIT_NOTE_BYTES);
	ret_note->len = w.len;
	return true;
}

/* The last empty line ends the text; *ret_text_len counts the newline before it. */
static bool text_end(const struct bytes *note, size_t *ret_text_len)
{
	const char *p = note->data;

	for (size_t i = note->len; i >= 2; i--)
		if (p[i - 1] == '\n' && p[i - 2] == '\n') {
			*ret_text_len = i - 1;
			return true;
		}
	return false;
}

/* One signature line in its form, and whether it is one that counts. */
static bool line_parse(struct line line, const struct signer *signer, struct foreign *ret_found,
		       enum line_kind *ret_kind)
{
	const char *space;
	size_t name_len, len;
	bool named;

	if (!line_skip(&line, DASH) || (space = memchr(line.text, ' ', line.len)) == NULL)
		return false;
	name_len = (size_t)(space - line.text);
	if (!note_name_valid(line.text, name_len) ||
	    !base64_decode(BASE64, space + 1, line.len - name_len - 1, ret_found->bytes,
			   sizeof(ret_found->bytes), &len) ||
	    len < 5)
		return false;
	named = name_len == strlen(signer->name) && memcmp(line.text, signer->name, name_len) == 0;
	*ret_kind = LINE_FOREIGN;
	if (named && memcmp(ret_found->bytes, signer->id, 4) == 0)
		*ret_kind = LINE_PLAIN;
	else if (named && memcmp(ret_found->bytes, signer->time_id, 4) == 0)
		*ret_kind = LINE_TIMED;
	return *ret_kind == LINE_FOREIGN ||
	       len == (*ret_kind == LINE_PLAIN ? sizeof(struct note_line) : sizeof(struct time_line));
}

static void timed_text(uint64_t time, const char *text, size_t len, struct timed_text *ret)
{
	struct writer w = { ret->bytes, 0, sizeof(ret->bytes), false };

	line_put(&w, "cosignature/v1\ntime ");
	line_put_decimal(&w, time);
	line_put(&w, "\n");
	writer_put(&w, text, len);
	ret->len = w.len;
}

static uint64_t time_read(const uint8_t bytes[8])
{
	uint64_t time = 0;

	for (int i = 0; i < 8; i++)
		time = time << 8 | bytes[i];
	return time;
}

/* *time: the earliest one so far, 0 if there is none. */
static bool timed_verify(const struct signer *signer, const struct foreign *found, const char *text,
			 size_t text_len, uint64_t *time, struct err *e)
{
	struct time_line line;
	struct timed_text timed;
	uint64_t stated;

	memcpy(&line, found->bytes, sizeof(line));
	stated = time_read(line.time);
	if (stated == 0 || stated > TIME_MAX)
		return err_set(e, ERR_MALFORMED, "a time line without a proper time");
	timed_text(stated, text, text_len, &timed);
	if (!crypto_verify(signer->key, timed.bytes, timed.len, &line.signature, e))
		return err_wrap(e, "time line of %s", signer->name);
	if (*time == 0 || stated < *time)
		*time = stated;
	return true;
}

static bool plain_verify(const struct signer *signer, const struct foreign *found, const char *text,
			 size_t text_len, struct err *e)
{
	struct note_line line;

	memcpy(&line, found->bytes, sizeof(line));
	return crypto_verify(signer->key, text, text_len, &line.signature, e) ||
	       err_wrap(e, "note of %s", signer->name);
}

/* Every line behind the text; *ret_time as above. */
static bool lines_verify(const struct bytes *note, size_t text_len, const struct signer *signer,
			 uint64_t *ret_time, struct err *e)
{
	const char *text = note->data;
	struct reader r = { (const uint8_t *)text + text_len + 1, (const uint8_t *)text + note->len,
			    false };
	unsigned lines = 0, verified = 0;
	uint64_t time = 0;

	while (reader_left(&r) > 0) {
		struct foreign found;
		enum line_kind kind;
		struct line line;

		if (++lines > NOTE_SIGNATURES_MAX)
			return err_set(e, ERR_TOO_LARGE, "a note has at most %u signatures",
				       NOTE_SIGNATURES_MAX);
		if (!line_take(&r, &line) || !line_parse(line, signer, &found, &kind))
			return err_set(e, ERR_MALFORMED, "an ill-formed signature line");
		if (kind == LINE_TIMED && !timed_verify(signer, &found, text, text_len, &time, e))
			return false;
		if (kind == LINE_PLAIN && !plain_verify(signer, &found, text, text_len, e))
			return false;
		verified += kind == LINE_PLAIN;
	}
	if (lines == 0)
		return err_set(e, ERR_MALFORMED, "a note without signatures");
	if (verified == 0)
		return err_set(e, ERR_SIGNATURE, "the note is not signed by %s with the known key",
			       signer->name);
	*ret_time = time;
	return true;
}

static bool note_read(const struct bytes *note, const char *name, const struct public_key *key,
		      size_t *ret_text_len, uint64_t *ret_time, struct err *e)
{
	struct signer signer = { .name = name, .key = key };
	size_t text_len;

	if (note->len > LIMIT_NOTE_BYTES)
		return err_set(e, ERR_TOO_LARGE, "a note has at most %u bytes", LIMIT_NOTE_BYTES);
	if (!line_text_valid(note->data, note->len) || !text_end(note, &text_len))
		return err_set(e, ERR_MALFORMED, "not a signed note");
	key_id(name, key, ED25519, signer.id);
	key_id(name, key, ED25519_TIMED, signer.time_id);
	if (!lines_verify(note, text_len, &signer, ret_time, e))
		return false;
	*ret_text_len = text_len;
	return true;
}

bool note_verify(const struct bytes *note, const char *name, const struct public_key *key,
		 size_t *ret_text_len, struct err *e)
{
	uint64_t time;

	return note_read(note, name, key, ret_text_len, &time, e);
}

/* Behind the note: a line that says when its text, of text_len bytes, was true. */
static bool time_add(struct note *note, size_t text_len, const struct checkpoint *checkpoint,
		     const struct secret_key *secret, struct err *e)
{
	struct writer w = { (uint8_t *)note->text, note->len, sizeof(note->text), false };
	struct timed_text timed;
	struct public_key key;
	struct time_line line;

	if (checkpoint->time > TIME_MAX)
		return err_set(e, ERR_USAGE, "a time beyond 2^63 seconds");
	crypto_public_key(secret, &key);
	key_id(checkpoint->origin, &key, ED25519_TIMED, line.id);
	for (int i = 0; i < 8; i++)
		line.time[i] = (uint8_t)(checkpoint->time >> (56 - 8 * i));
	timed_text(checkpoint->time, note->text, text_len, &timed);
	crypto_sign(secret, timed.bytes, timed.len, &line.signature);
	line_put(&w, DASH);
	line_put(&w, checkpoint->origin);
	line_put(&w, " ");
	line_put_base64(&w, &line, sizeof(line));
	if (w.failed)
		return err_set(e, ERR_TOO_LARGE, "a note has at most %u bytes", LIMIT_NOTE_BYTES);
	note->len = w.len;
	return true;
}

bool note_checkpoint_sign(const struct checkpoint *checkpoint, const struct secret_key *secret,
			  struct note *ret_note, struct err *e)
{
	char text[LIMIT_NAME_BYTES + 96];
	struct writer w = { (uint8_t *)text, 0, sizeof(text), false };

	if (checkpoint->head.size > TREE_SIZE_MAX)
		return err_set(e, ERR_USAGE, "a log has at most 2^62 leaves");
	line_put(&w, checkpoint->origin);
	line_put(&w, "\n");
	line_put_decimal(&w, checkpoint->head.size);
	line_put(&w, "\n");
	line_put_base64(&w, checkpoint->head.root.bytes, sizeof(struct hash));
	if (w.failed)
		return err_set(e, ERR_USAGE, "the origin is too long");
	if (!note_sign(checkpoint->origin, secret, text, w.len, ret_note, e))
		return false;
	return checkpoint->time == 0 || time_add(ret_note, w.len, checkpoint, secret, e);
}

bool note_checkpoint_decode(const char *text, size_t len, struct checkpoint *ret_checkpoint,
			    struct err *e)
{
	struct reader r = { (const uint8_t *)text, (const uint8_t *)text + len, false };
	struct line origin, size, root, more;
	struct checkpoint c = { 0 };

	if (!line_take(&r, &origin) || !note_name_valid(origin.text, origin.len))
		return err_set(e, ERR_MALFORMED, "the checkpoint has no proper origin");
	if (!line_take(&r, &size) || !line_decimal(&size, &c.head.size) ||
	    c.head.size > TREE_SIZE_MAX)
		return err_set(e, ERR_MALFORMED, "the checkpoint has no proper size");
	if (!line_take(&r, &root) ||
	    !base64_decode_exact(root.text, root.len, c.head.root.bytes, sizeof(struct hash)))
		return err_set(e, ERR_MALFORMED, "the checkpoint has no proper root");
	while (reader_left(&r) > 0)
		if (!line_take(&r, &more) || more.len == 0 || !line_text_valid(more.text, more.len))
			return err_set(e, ERR_MALFORMED, "an ill-formed line in the checkpoint");
	memcpy(c.origin, origin.text, origin.len);
	*ret_checkpoint = c;
	return true;
}

/* The key name must be the origin, which therefore has to be read before it is verified. */
bool note_checkpoint_verify(const struct bytes *note, const struct public_key *hub,
			    struct checkpoint *ret_checkpoint, struct err *e)
{
	struct checkpoint c;
	size_t text_len, verified_len;

	if (note->len > LIMIT_NOTE_BYTES)
		return err_set(e, ERR_TOO_LARGE, "a note has at most %u bytes", LIMIT_NOTE_BYTES);
	if (!text_end(note, &text_len))
		return err_set(e, ERR_MALFORMED, "not a signed note");
	if (!note_checkpoint_decode(note->data, text_len, &c, e) ||
	    !note_read(note, c.origin, hub, &verified_len, &c.time, e))
		return false;
	*ret_checkpoint = c;
	return true;
}
