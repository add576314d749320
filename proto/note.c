/*
 * note.c - signed notes and checkpoints.
 *
 *	hub.example/log                          the text: for a checkpoint origin,
 *	109482                                   size in decimal
 *	sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=   and root
 *	                                         an empty line, the last one of the note
 *	— hub.example/log AzgrlgtzPICa5OS8np...  key name, base64(key id (4) || signature)
 *
 * The signature covers the text with its final newline, nothing else.  The key id tells lines of
 * one name apart; it is four bytes of a hash, so nothing is believed because of it.
 */
#include <string.h>

#include "base64.h"
#include "bytes.h"
#include "line.h"
#include "simpul/note.h"

#define DASH	"\xe2\x80\x94 " /* U+2014 EM DASH and a space */
#define ED25519 0x01		/* signature type */

struct note_line {
	uint8_t id[4];
	struct signature signature;
};

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

void note_key_id(const char *name, const struct public_key *key, uint8_t ret_id[4])
{
	const uint8_t type[] = { '\n', ED25519 };
	const struct bytes parts[] = { { name, strlen(name) },
				       { type, sizeof(type) },
				       { key->bytes, sizeof(key->bytes) } };
	struct hash hash;

	crypto_sha256_parts(parts, 3, &hash);
	memcpy(ret_id, hash.bytes, 4);
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

/* One signature line in its form; *ret_ours if name and key id are those of the known key. */
static bool line_parse(struct line line, const char *name, const uint8_t id[4],
		       struct signature *ret_signature, bool *ret_ours)
{
	struct foreign found;
	const char *space;
	size_t name_len, len;

	if (!line_skip(&line, DASH) || (space = memchr(line.text, ' ', line.len)) == NULL)
		return false;
	name_len = (size_t)(space - line.text);
	if (!note_name_valid(line.text, name_len) ||
	    !base64_decode(BASE64, space + 1, line.len - name_len - 1, found.bytes,
			   sizeof(found.bytes), &len) ||
	    len < 5)
		return false;
	*ret_ours = name_len == strlen(name) && memcmp(line.text, name, name_len) == 0 &&
		    memcmp(found.bytes, id, 4) == 0;
	if (!*ret_ours)
		return true;
	if (len != sizeof(struct note_line))
		return false;
	memcpy(ret_signature->bytes, found.bytes + 4, sizeof(ret_signature->bytes));
	return true;
}

bool note_verify(const struct bytes *note, const char *name, const struct public_key *key,
		 size_t *ret_text_len, struct err *e)
{
	struct reader r;
	struct line line;
	size_t text_len;
	unsigned lines = 0, verified = 0;
	uint8_t id[4];

	if (note->len > LIMIT_NOTE_BYTES)
		return err_set(e, ERR_TOO_LARGE, "a note has at most %u bytes", LIMIT_NOTE_BYTES);
	if (!line_text_valid(note->data, note->len) || !text_end(note, &text_len))
		return err_set(e, ERR_MALFORMED, "not a signed note");
	note_key_id(name, key, id);
	r = (struct reader){ (const uint8_t *)note->data + text_len + 1,
			     (const uint8_t *)note->data + note->len, false };
	while (reader_left(&r) > 0) {
		struct signature signature;
		bool ours;

		if (++lines > NOTE_SIGNATURES_MAX)
			return err_set(e, ERR_TOO_LARGE, "a note has at most %u signatures",
				       NOTE_SIGNATURES_MAX);
		if (!line_take(&r, &line) || !line_parse(line, name, id, &signature, &ours))
			return err_set(e, ERR_MALFORMED, "an ill-formed signature line");
		if (!ours)
			continue;
		if (!crypto_verify(key, note->data, text_len, &signature, e))
			return err_wrap(e, "note of %s", name);
		verified++;
	}
	if (lines == 0)
		return err_set(e, ERR_MALFORMED, "a note without signatures");
	if (verified == 0)
		return err_set(e, ERR_SIGNATURE, "the note is not signed by %s with the known key",
			       name);
	*ret_text_len = text_len;
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
	return note_sign(checkpoint->origin, secret, text, w.len, ret_note, e);
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
	    !note_verify(note, c.origin, hub, &verified_len, e))
		return false;
	*ret_checkpoint = c;
	return true;
}
