/* note.c - signed notes and checkpoints: a published note, every altered byte, other people's
 * lines. */
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "golden.h"
#include "simpul/note.h"
#include "tap.h"

#define DASH   "\xe2\x80\x94 "
#define ORIGIN "hub.example/simpul"

/* From the documentation of the Go package golang.org/x/mod/sumdb/note. */
#define GO_TEXT                                                                                    \
	"If you think cryptography is the answer to your problem,\n"                               \
	"then you don't know what your problem is.\n"
#define GO_NAME "PeterNeumann"
#define GO_KEY	"ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
#define GO_LINE                                                                                    \
	DASH GO_NAME " x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngo"  \
		     "tpRZb6KE6RyyBwJnAM=\n"

static const struct secret_key hub = { { 1, 2, 3 } }, witness = { { 9 } };

static struct bytes text_of(const char *text)
{
	return (struct bytes){ text, strlen(text) };
}

static struct bytes note_of(const struct note *note)
{
	return (struct bytes){ note->text, note->len };
}

static bool refused(const struct bytes *note, const struct public_key *key, enum err_code code)
{
	struct checkpoint c;
	struct err e = { 0 };

	if (note_checkpoint_verify(note, key, &c, &e))
		return false;
	if (e.code != code)
		tap_note("%s: %s", err_slug(e.code), e.text);
	return e.code == code;
}

static void published_note(void)
{
	struct bytes note = text_of(GO_TEXT "\n" GO_LINE);
	uint8_t typed[33], id[4];
	struct public_key key;
	struct err e;
	size_t len;

	CHECK(base64_decode_exact(GO_KEY, strlen(GO_KEY), typed, sizeof(typed)) && typed[0] == 1);
	memcpy(key.bytes, typed + 1, 32);
	note_key_id(GO_NAME, &key, id);
	CHECK(memcmp(id, "\xc7\x4f\x20\xa3", 4) == 0);
	CHECK_OK(note_verify(&note, GO_NAME, &key, &len, &e), &e);
	CHECK(len == strlen(GO_TEXT));
	CHECK(!note_verify(&note, "PeterNeuman", &key, &len, &e) && e.code == ERR_SIGNATURE);
	note = text_of("f you think" GO_TEXT "\n" GO_LINE);
	CHECK(!note_verify(&note, GO_NAME, &key, &len, &e) && e.code == ERR_SIGNATURE);
}

static bool checkpoint_make(uint64_t size, struct note *ret, struct public_key *ret_key)
{
	struct checkpoint c = { .origin = ORIGIN, .head = { .size = size } };
	struct err e;

	tree_leaf_hash("x", 1, &c.head.root);
	crypto_public_key(&hub, ret_key);
	return note_checkpoint_sign(&c, &hub, ret, &e);
}

static void checkpoint_round_trip(void)
{
	static const uint64_t sizes[] = { 0, 1, 10, 109482, TREE_SIZE_MAX };
	struct public_key key;
	struct checkpoint c;
	struct note note;
	struct hash root;
	struct err e;

	tree_leaf_hash("x", 1, &root);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct bytes b;

		CHECK(checkpoint_make(sizes[i], &note, &key));
		b = note_of(&note);
		CHECK_OK(note_checkpoint_verify(&b, &key, &c, &e), &e);
		CHECK(strcmp(c.origin, ORIGIN) == 0 && c.head.size == sizes[i]);
		CHECK(hash_equal(&c.head.root, &root));
	}
	c.head.size = TREE_SIZE_MAX + 1;
	CHECK(!note_checkpoint_sign(&c, &hub, &note, &e) && e.code == ERR_USAGE);
}

/* No single altered bit, no cut and no added byte leaves a note that verifies. */
static void every_change_is_refused(void)
{
	struct public_key key;
	struct checkpoint c;
	struct note note;
	struct err e;

	CHECK(checkpoint_make(109482, &note, &key));
	struct bytes b = note_of(&note);

	for (size_t bit = 0; bit < note.len * 8; bit++) {
		note.text[bit / 8] ^= (char)(1u << bit % 8);
		CHECK(!note_checkpoint_verify(&b, &key, &c, &e));
		CHECK(e.code == ERR_SIGNATURE || e.code == ERR_MALFORMED);
		note.text[bit / 8] ^= (char)(1u << bit % 8);
	}
	for (b.len = 0; b.len < note.len; b.len++)
		CHECK(refused(&b, &key, ERR_MALFORMED));
	note.text[note.len] = '\n';
	b.len = note.len + 1;
	CHECK(refused(&b, &key, ERR_MALFORMED));
	note.text[note.len] = 'x';
	CHECK(refused(&b, &key, ERR_MALFORMED));
	b.len = note.len;
	CHECK_OK(note_checkpoint_verify(&b, &key, &c, &e), &e); /* the original still does */
}

static size_t signature_start(const struct note *note)
{
	size_t at = note->len - 1;

	while (memcmp(note->text + at, DASH, strlen(DASH)) != 0)
		at--;
	return at;
}

/* Where the first signature line starts: behind the empty line. */
static size_t first_line(const struct note *note)
{
	const char *blank = memmem(note->text, note->len, "\n\n", 2);

	return (size_t)(blank + 2 - note->text);
}

static void other_lines_are_ignored(void)
{
	struct public_key key, other;
	struct note note, second;
	struct checkpoint c;
	struct err e;
	char text[2 * LIMIT_NOTE_BYTES];
	struct bytes b = { text, 0 };
	size_t start, other_start;

	CHECK(checkpoint_make(7, &note, &key));
	start = signature_start(&note);
	CHECK_OK(note_sign("witness.example", &witness, note.text, start - 1, &second, &e), &e);
	other_start = signature_start(&second);
	b.len = (size_t)snprintf(text, sizeof(text), "%.*s%.*s%s%.*s", (int)start, note.text,
				 (int)(second.len - other_start), second.text + other_start,
				 DASH "unknown.example AAAAAAA=\n", (int)(note.len - start),
				 note.text + start);
	CHECK_OK(note_checkpoint_verify(&b, &key, &c, &e), &e);
	/* The witness alone does not make it the hub's. */
	crypto_public_key(&witness, &other);
	CHECK(refused(&b, &other, ERR_SIGNATURE));
	b = note_of(&second);
	CHECK(refused(&b, &key, ERR_SIGNATURE));
	/* Ill-formed lines are not "unknown": whole note refused. */
	static const char *const bad[] = {
		DASH "unknown.example AAAAAA=\n",
		DASH "unknown.example AAAAAA==\n",
		DASH " AAAAAAA=\n",
		DASH "unknown.example  AAAAAAA=\n",
		DASH "un+known AAAAAAA=\n",
		"- unknown.example AAAAAAA=\n",
		DASH "unknown.example AAAAAAA=",
		DASH "un\xe2\x80\x89known AAAAAAA=\n",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		b = (struct bytes){ text, (size_t)snprintf(text, sizeof(text), "%.*s%s",
							   (int)note.len, note.text, bad[i]) };
		CHECK(refused(&b, &key, ERR_MALFORMED));
	}
}

/* A line of the known key that does not verify condemns the note, wherever it stands. */
static void a_false_line_of_the_known_key(void)
{
	struct public_key key;
	struct note note, altered;
	char text[2 * LIMIT_NOTE_BYTES];
	size_t start;
	struct bytes b = { text, 0 };

	CHECK(checkpoint_make(7, &note, &key) && checkpoint_make(8, &altered, &key));
	start = signature_start(&note);
	b.len = (size_t)snprintf(text, sizeof(text), "%.*s%.*s", (int)note.len, note.text,
				 (int)(altered.len - start), altered.text + start);
	CHECK(refused(&b, &key, ERR_SIGNATURE));
}

static void signature_limit(void)
{
	static const char line[] = DASH "w AAAAAAA=\n";
	struct public_key key;
	struct note note;
	struct checkpoint c;
	struct err e;

	CHECK(checkpoint_make(7, &note, &key));
	for (int i = 1; i < NOTE_SIGNATURES_MAX; i++) {
		memcpy(note.text + note.len, line, strlen(line));
		note.len += strlen(line);
	}
	struct bytes b = note_of(&note);
	CHECK_OK(note_checkpoint_verify(&b, &key, &c, &e), &e);
	memcpy(note.text + note.len, line, strlen(line));
	b.len += strlen(line);
	CHECK(refused(&b, &key, ERR_TOO_LARGE));
	b.len = LIMIT_NOTE_BYTES + 1;
	CHECK(refused(&b, &key, ERR_TOO_LARGE));
}

static void size_limit(void)
{
	static char text[LIMIT_NOTE_BYTES];
	struct public_key key;
	struct note note;
	struct err e;
	size_t fits = LIMIT_NOTE_BYTES - strlen("\n" DASH "n ") - BASE64_LEN(68) - 1, len;

	memset(text, 'a', sizeof(text));
	crypto_public_key(&hub, &key);
	text[fits - 1] = '\n';
	CHECK_OK(note_sign("n", &hub, text, fits, &note, &e), &e);
	CHECK(note.len == LIMIT_NOTE_BYTES);
	struct bytes b = note_of(&note);
	CHECK_OK(note_verify(&b, "n", &key, &len, &e), &e);
	CHECK(len == fits);
	text[fits - 1] = 'a';
	text[fits] = '\n';
	CHECK(!note_sign("n", &hub, text, fits + 1, &note, &e) && e.code == ERR_TOO_LARGE);
	b.len = LIMIT_NOTE_BYTES + 1;
	CHECK(!note_verify(&b, "n", &key, &len, &e) && e.code == ERR_TOO_LARGE);
}

static void ill_formed_checkpoints(void)
{
	static const char root[] = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
	static const char *const bad[] = {
		"",
		"o\n1\n",
		"o\n1\n%s",
		"\n1\n%s\n",
		"o o\n1\n%s\n",
		"o+o\n1\n%s\n",
		"o\xc2\xa0o\n1\n%s\n",
		"o\n01\n%s\n",
		"o\n\n%s\n",
		"o\n-1\n%s\n",
		"o\n+1\n%s\n",
		"o\n1 \n%s\n",
		"o\n0x1\n%s\n",
		"o\n4611686018427387905\n%s\n",
		"o\n9223372036854775808\n%s\n",
		"o\n18446744073709551617\n%s\n",
		"o\n1\n%s=\n",
		"o\n1\nA%s\n",
		"o\n1\n%s\n\n",
		"o\n1\n%s\nx\x01\n",
		"o\n1\n%s\r\n",
	};
	char text[256];
	struct checkpoint c;
	struct err e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *hole = strstr(bad[i], "%s");
		size_t at = hole == NULL ? strlen(bad[i]) : (size_t)(hole - bad[i]);

		snprintf(text, sizeof(text), "%.*s%s%s", (int)at, bad[i], hole == NULL ? "" : root,
			 hole == NULL ? "" : hole + 2);
		CHECK(!note_checkpoint_decode(text, strlen(text), &c, &e));
		CHECK(e.code == ERR_MALFORMED);
	}
	snprintf(text, sizeof(text), "o\n4611686018427387904\n%s\nextension\n", root);
	CHECK_OK(note_checkpoint_decode(text, strlen(text), &c, &e), &e);
	CHECK(strcmp(c.origin, "o") == 0 && c.head.size == TREE_SIZE_MAX);
}

static void names_and_texts(void)
{
	char longest[LIMIT_NAME_BYTES + 1];
	struct note note;
	struct err e;

	memset(longest, 'n', sizeof(longest));
	CHECK(note_name_valid(longest, LIMIT_NAME_BYTES));
	CHECK(!note_name_valid(longest, LIMIT_NAME_BYTES + 1));
	CHECK(note_name_valid("pusat.example/épok", strlen("pusat.example/épok")));
	CHECK(!note_name_valid("", 0) && !note_name_valid("a b", 3) && !note_name_valid("a+b", 3));
	CHECK(!note_name_valid("a\xe3\x80\x80", 4) && !note_name_valid("a\xc2\x85", 3));
	CHECK(!note_sign("a b", &hub, "x\n", 2, &note, &e) && e.code == ERR_USAGE);
	CHECK(!note_sign("a", &hub, "x", 1, &note, &e) && e.code == ERR_USAGE);
	CHECK(!note_sign("a", &hub, "", 0, &note, &e) && e.code == ERR_USAGE);
	CHECK(!note_sign("a", &hub, "x\t\n", 3, &note, &e) && e.code == ERR_USAGE);
	CHECK(!note_sign("a", &hub, "\xff\n", 2, &note, &e) && e.code == ERR_USAGE);
}

/* A text may hold empty lines: the last one of the note ends it. */
static void empty_lines_in_the_text(void)
{
	static const char text[] = "one\n\n" DASH "hub AAAA\n\nthree\n";
	struct public_key key;
	struct note note;
	struct err e;
	size_t len;

	crypto_public_key(&hub, &key);
	CHECK_OK(note_sign("hub", &hub, text, strlen(text), &note, &e), &e);
	struct bytes b = note_of(&note);
	CHECK_OK(note_verify(&b, "hub", &key, &len, &e), &e);
	CHECK(len == strlen(text));
}

#define TIMED_SIZE 109482
#define TIMED	   1695286920 /* 2023-09-21 16:02 WIB */

static bool timed_make(uint64_t time, struct note *ret, struct public_key *ret_key)
{
	struct checkpoint c = { .origin = ORIGIN, .head = { .size = TIMED_SIZE }, .time = time };
	struct err e;

	tree_leaf_hash("x", 1, &c.head.root);
	crypto_public_key(&hub, ret_key);
	return note_checkpoint_sign(&c, &hub, ret, &e);
}

static void the_time_is_told(void)
{
	static const uint64_t times[] = { 1, TIMED, INT64_MAX };
	struct public_key key, other;
	struct note note, plain;
	struct checkpoint c;
	struct err e;

	CHECK(checkpoint_make(TIMED_SIZE, &plain, &key));
	struct bytes without = note_of(&plain);

	CHECK_OK(note_checkpoint_verify(&without, &key, &c, &e), &e);
	CHECK(c.time == 0);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		CHECK(timed_make(times[i], &note, &key));
		struct bytes b = note_of(&note);

		CHECK_OK(note_checkpoint_verify(&b, &key, &c, &e), &e);
		CHECK(c.time == times[i] && c.head.size == TIMED_SIZE);
		/* The first line is the same as ever: who knows no times reads it as before. */
		CHECK(note.len > plain.len && memcmp(note.text, plain.text, plain.len) == 0);
	}
	c.time = (uint64_t)INT64_MAX + 1;
	CHECK(!note_checkpoint_sign(&c, &hub, &note, &e) && e.code == ERR_USAGE);
	crypto_public_key(&witness, &other);
	CHECK(timed_make(TIMED, &note, &key));
	struct bytes b = note_of(&note);
	CHECK(refused(&b, &other, ERR_SIGNATURE));
}

/*
 * A bit in the time line either makes the note worthless, or the line one of nobody: then no time is told.
 * No bit makes it another time.
 */
static void no_change_tells_another_time(void)
{
	unsigned lost = 0, refused_ = 0;
	struct public_key key;
	struct checkpoint c;
	struct note note;
	struct err e;

	CHECK(timed_make(TIMED, &note, &key));
	struct bytes b = note_of(&note);

	for (size_t bit = 0; bit < note.len * 8; bit++) {
		note.text[bit / 8] ^= (char)(1u << bit % 8);
		if (note_checkpoint_verify(&b, &key, &c, &e)) {
			CHECK(c.time == 0 && c.head.size == TIMED_SIZE);
			lost++;
		} else {
			CHECK(e.code == ERR_SIGNATURE || e.code == ERR_MALFORMED);
			refused_++;
		}
		note.text[bit / 8] ^= (char)(1u << bit % 8);
	}
	tap_note("%u refused, %u without a time", refused_, lost);
	CHECK(lost > 0 && refused_ > 1000);
}

/* A time of another head, or of another hub, is none of this one. */
static void a_time_line_of_something_else(void)
{
	struct public_key key, other_key;
	struct note note, other, both;
	struct checkpoint c = { .origin = ORIGIN, .head = { .size = 7 }, .time = TIMED };
	struct err e;
	size_t at;

	CHECK(timed_make(TIMED, &note, &key));
	CHECK_OK(note_checkpoint_sign(&c, &hub, &other, &e), &e);
	at = signature_start(&note);
	both = note;
	both.len = at + (other.len - signature_start(&other));
	memcpy(both.text + at, other.text + signature_start(&other), other.len - signature_start(&other));
	struct bytes b = note_of(&both);
	CHECK(refused(&b, &key, ERR_SIGNATURE));
	/* The same head, signed by someone else under the hub's name: not the hub's key, so ignored. */
	CHECK_OK(note_checkpoint_verify(&(struct bytes){ note.text, note.len }, &key, &c, &e), &e);
	CHECK_OK(note_checkpoint_sign(&c, &witness, &other, &e), &e);
	crypto_public_key(&witness, &other_key);
	memcpy(both.text + at, other.text + signature_start(&other), other.len - signature_start(&other));
	both.len = at + (other.len - signature_start(&other));
	b = note_of(&both);
	CHECK_OK(note_checkpoint_verify(&b, &key, &c, &e), &e);
	CHECK(c.time == 0);
	/* A time line alone makes no checkpoint. */
	memmove(note.text + first_line(&note), note.text + at, note.len - at);
	b = (struct bytes){ note.text, note.len - (at - first_line(&note)) };
	CHECK(refused(&b, &key, ERR_SIGNATURE));
}

/* Two true statements about one head: it was there at the earlier. */
static void the_earliest_time_counts(void)
{
	struct public_key key;
	struct note early, late;
	struct checkpoint c;
	struct err e;
	size_t at;

	CHECK(timed_make(TIMED, &early, &key) && timed_make(TIMED + 60, &late, &key));
	at = signature_start(&early);
	memcpy(late.text + late.len, early.text + at, early.len - at);
	late.len += early.len - at;
	struct bytes b = note_of(&late);
	CHECK_OK(note_checkpoint_verify(&b, &key, &c, &e), &e);
	CHECK(c.time == TIMED);
}

static json_t *vector(const char *origin, uint64_t size, uint64_t time)
{
	struct checkpoint c = { .head = { .size = size }, .time = time };
	struct public_key key;
	struct note note = { 0 };
	struct err e;
	uint8_t id[4];

	snprintf(c.origin, sizeof(c.origin), "%s", origin);
	if (size == 0)
		tree_empty_root(&c.head.root);
	else
		tree_leaf_hash(origin, strlen(origin), &c.head.root);
	crypto_public_key(&hub, &key);
	note_key_id(origin, &key, id);
	if (!note_checkpoint_sign(&c, &hub, &note, &e))
		return NULL;
	return json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "origin", origin, "size",
			 (json_int_t)size, "time", (json_int_t)time, "root",
			 golden_hex(&c.head.root, 32), "seed",
			 golden_hex(&hub, 32), "public", golden_hex(&key, 32), "key_id",
			 golden_hex(id, 4), "note", golden_text(note.text, note.len));
}

static json_t *vectors(void)
{
	return json_pack("{s:[o,o,o,o,o,o], s:[{s:s, s:s, s:s, s:s}]}", "checkpoints",
			 vector(ORIGIN, 0, 0), vector(ORIGIN, 1, 0), vector(ORIGIN "/2", 109482, 0),
			 vector("pusat.example/épok", TREE_SIZE_MAX, 0), vector(ORIGIN, 1, TIMED),
			 vector("pusat.example/épok", TREE_SIZE_MAX, INT64_MAX), "published", "name", GO_NAME,
			 "key", GO_KEY, "text", GO_TEXT, "note", GO_TEXT "\n" GO_LINE);
}

static void golden(void)
{
	AUTO_JSON *built = vectors();

	CHECK(built != NULL && golden_matches("note", built));
}

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		TAP(published_note),
		TAP(checkpoint_round_trip),
		TAP(every_change_is_refused),
		TAP(other_lines_are_ignored),
		TAP(a_false_line_of_the_known_key),
		TAP(signature_limit),
		TAP(size_limit),
		TAP(ill_formed_checkpoints),
		TAP(names_and_texts),
		TAP(empty_lines_in_the_text),
		TAP(the_time_is_told),
		TAP(no_change_tells_another_time),
		TAP(a_time_line_of_something_else),
		TAP(the_earliest_time_counts),
		TAP(golden),
	};

	if (argc > 1 && strcmp(argv[1], "--write") == 0)
		return golden_write("note", vectors());
	return tap_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
