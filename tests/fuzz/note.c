/*
 * note.c - any bytes as a signed note, as a checkpoint, and as the text of a checkpoint that we
 * sign.
 *
 * A foreign note must never verify; what we sign ourselves passes the signature, so that the
 * decoder behind it is reached too.
 */
#include <stdlib.h>
#include <string.h>

#include "simpul/note.h"

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* No kept input is signed with this key. */
static const struct secret_key secret = { { 0x66, 0x75, 0x7a } };
static struct public_key key;

static void as_note(const struct bytes *note)
{
	struct checkpoint c;
	struct err e;
	size_t text_len;

	MUST(!note_verify(note, "hub", &key, &text_len, &e) && e.code != ERR_OK);
	MUST(!note_checkpoint_verify(note, &key, &c, &e) && e.text[0] != '\0');
}

/* What we say about a time is read as we said it, and adds to the note without touching it. */
static void as_timed(struct checkpoint *c, const struct note *plain)
{
	struct checkpoint again;
	struct note made;
	struct bytes b;
	struct err e;

	memcpy(&c->time, c->head.root.bytes, sizeof(c->time));
	if (!note_checkpoint_sign(c, &secret, &made, &e)) {
		MUST(c->time > INT64_MAX && e.code == ERR_USAGE);
		return;
	}
	b = (struct bytes){ made.text, made.len };
	MUST(note_checkpoint_verify(&b, &key, &again, &e) && again.time == c->time);
	MUST(made.len >= plain->len && memcmp(made.text, plain->text, plain->len) == 0);
}

/* One spelling for each checkpoint without extensions: what is read is written back byte for byte.
 */
static void as_checkpoint(const char *text, size_t len)
{
	struct checkpoint c, again;
	struct note note, made;
	struct bytes b;
	struct err e;

	if (!note_checkpoint_decode(text, len, &c, &e)) {
		MUST(e.code == ERR_MALFORMED);
		return;
	}
	if (!note_sign(c.origin, &secret, text, len, &note, &e))
		return; /* too large with its signature */
	b = (struct bytes){ note.text, note.len };
	MUST(note_checkpoint_verify(&b, &key, &again, &e));
	MUST(strcmp(c.origin, again.origin) == 0 && c.head.size == again.head.size);
	MUST(hash_equal(&c.head.root, &again.head.root));
	MUST(note_checkpoint_sign(&c, &secret, &made, &e));
	if (made.len == note.len)
		MUST(memcmp(made.text, note.text, note.len) == 0);
	as_timed(&c, &made);
}

static void as_text(const char *text, size_t len)
{
	struct note note;
	struct bytes b;
	struct err e;
	size_t text_len;

	if (!note_sign("hub", &secret, text, len, &note, &e)) {
		MUST(e.code == ERR_USAGE || e.code == ERR_TOO_LARGE);
		return;
	}
	b = (struct bytes){ note.text, note.len };
	MUST(note_verify(&b, "hub", &key, &text_len, &e) && text_len == len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct bytes note = { data, len };
	const char *text = (const char *)data;

	crypto_public_key(&secret, &key);
	as_note(&note);
	as_checkpoint(text, len);
	as_text(text, len);
	return 0;
}
