/* inspect.c - `simpul inspect`: which kind of file it is, its parts in order, and what each is worth. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "command.h"
#include "command/inspect.h"
#include "command/show.h"
#include "exchange/answer.h"
#include "exchange/bundle.h"
#include "exchange/feed.h"
#include "simpul/invitation.h"
#include "simpul/receipt.h"

#define WHOLE_BYTES_MAX (64u << 20) /* of anything but a bundle */
#define SCHEMAS_MAX 64

struct known { /* a chain whose key the file itself tells */
	struct chain_id chain;
	struct public_key key;
	bool granted; /* by the hub whose key was given */
};

struct inspection {
	const struct inspect_plan *plan;
	const struct screen *screen;
	struct known *known; /* owned */
	size_t knowns, known_cap;
	struct arena arena; /* schema documents */
	struct {
		uint8_t hash[8];
		const struct schema *schema;
	} schema[SCHEMAS_MAX];
	size_t schemas;
	size_t shown;
	bool unverified;
	struct err forged; /* the first thing that is wrong; ERR_OK: nothing */
};

static void inspection_done(struct inspection *in)
{
	memory_free(&in->known);
	arena_done(&in->arena);
}

static bool is_forgery(enum err_code code)
{
	return err_exit_status(code) == err_exit_status(ERR_SIGNATURE);
}

static void blame(struct inspection *in, const struct err *problem)
{
	if (in->forged.code == ERR_OK || (is_forgery(problem->code) && !is_forgery(in->forged.code)))
		in->forged = *problem;
}

static void verdict(struct inspection *in, json_t *json, bool ok, const char *detail)
{
	json_object_set_new(json, "verified", json_boolean(ok));
	json_object_set_new(json, ok ? "with" : "why", show_line(detail));
	if (!ok)
		in->unverified = true;
}

static void forged(struct inspection *in, json_t *json, const struct err *problem)
{
	json_object_set_new(json, "verified", json_false());
	json_object_set_new(json, "forged", json_boolean(is_forgery(problem->code)));
	json_object_set_new(json, "why", show_line(problem->text));
	blame(in, problem);
}

static void verdict_print(const struct screen *s, const json_t *json)
{
	if (json_is_true(json_object_get(json, "verified")))
		screen_print(s, SCREEN_GOOD, "  verified: %s\n", json_text_or_empty(json, "with"));
	else if (json_is_true(json_object_get(json, "forged")))
		screen_print(s, SCREEN_BAD, "  FORGED OR ALTERED: %s\n", json_text_or_empty(json, "why"));
	else
		screen_print(s, SCREEN_WARN, "  NOT verified: %s\n", json_text_or_empty(json, "why"));
}

/* A part that is no changeset: its members as they are. */
static void part_print(const struct screen *s, json_t *json)
{
	const char *name;
	json_t *value;

	screen_print(s, SCREEN_BOLD, "%s\n", json_text_or_empty(json, "type"));
	json_object_foreach(json, name, value) {
		AUTO_BUF text = { 0 };

		if (strcmp(name, "type") == 0 || strcmp(name, "verified") == 0 ||
		    strcmp(name, "with") == 0 || strcmp(name, "why") == 0 || strcmp(name, "forged") == 0)
			continue;
		if (json_is_string(value))
			buf_text(&text, json_string_value(value));
		else
			show_value_print(value, &text);
		screen_print(s, SCREEN_PLAIN, "  %-12s %s\n", name, buf_string(&text));
	}
	if (json_object_get(json, "verified") != NULL)
		verdict_print(s, json);
}

static void emit(struct inspection *in, json_t *json)
{
	const struct screen *s = in->screen;

	if (s->json) {
		fputs(in->shown++ == 0 ? "[\n" : ",\n", s->out);
		screen_json(s, json);
	} else if (strcmp(json_text_or_empty(json, "type"), "changeset") == 0) {
		show_frame_print(s, json);
		verdict_print(s, json);
	} else {
		part_print(s, json);
	}
}

static struct known *known_find(struct inspection *in, const struct chain_id *chain)
{
	for (size_t i = 0; i < in->knowns; i++)
		if (chain_compare(&in->known[i].chain, chain) == 0)
			return &in->known[i];
	return NULL;
}

/* What the hub grants counts more than what a chain says of itself. */
static void known_add(struct inspection *in, const struct chain_id *chain, const struct public_key *key,
		      bool granted)
{
	struct known *known = known_find(in, chain);

	if (known != NULL) {
		if (granted)
			*known = (struct known){ *chain, *key, true };
		return;
	}
	if (in->knowns == in->known_cap) {
		in->known_cap = in->known_cap == 0 ? 64 : in->known_cap * 2;
		in->known = memory_resize(in->known, in->known_cap * sizeof(*in->known));
	}
	assert(in->known != NULL);
	in->known[in->knowns++] = (struct known){ *chain, *key, granted };
}

static const struct schema *schema_find(struct inspection *in, const uint8_t hash[8])
{
	for (size_t i = 0; i < in->schemas; i++)
		if (memcmp(in->schema[i].hash, hash, 8) == 0)
			return in->schema[i].schema;
	return NULL;
}

/* Remembers what later parts of the file need of this changeset. */
static void learn(struct inspection *in, const struct frame *f, bool by_hub)
{
	AUTO_BUF body = { 0 };
	struct changeset c = f->changeset;
	struct grant grant;
	struct hash hash;
	struct err e;

	if (c.body_len == 0 || c.body_len > LIMIT_BODY_BYTES ||
	    (c.kind != CHANGESET_SCHEMA && c.kind != CHANGESET_GRANT) ||
	    !seal_unpack(f, buf_reserve(&body, c.body_len), c.body_len, &e))
		return;
	if (c.kind == CHANGESET_GRANT) {
		if (grant_decode(body.data, c.body_len, &grant, &e) && by_hub)
			known_add(in, &grant.chain, &grant.key, true);
		return;
	}
	if (in->schemas == SCHEMAS_MAX)
		return;
	crypto_sha256(body.data, c.body_len, &hash);
	memcpy(in->schema[in->schemas].hash, hash.bytes, 8);
	in->schema[in->schemas].schema = show_schema(&in->arena, body.data, c.body_len);
	in->schemas++;
}

/* The key that must have signed the frame, and how it is known; NULL if nothing tells. */
static const struct public_key *key_of(struct inspection *in, const struct frame *f, const char **ret_from)
{
	bool hub_only = f->changeset.kind == CHANGESET_GRANT || f->changeset.kind == CHANGESET_REVOKE;
	const struct known *known = known_find(in, &f->changeset.chain);

	if (hub_only && in->plan->has_hub) {
		*ret_from = "the hub's key, as given";
		return &in->plan->hub;
	}
	if (known != NULL) {
		*ret_from = known->granted ? "the key that the hub granted this chain" :
					     "the chain's own first changeset; no grant of the hub seen";
		return &known->key;
	}
	*ret_from = "the key as given";
	return in->plan->has_key ? &in->plan->key : NULL;
}

static void frame_verify(struct inspection *in, const struct frame *f, json_t *json)
{
	const struct public_key *key;
	const char *from;
	struct genesis g;
	struct err problem;

	if (f->changeset.kind == CHANGESET_GENESIS) {
		if (!genesis_read(&f->changeset, &g, &problem)) {
			forged(in, json, &problem);
			return;
		}
		known_add(in, &f->changeset.chain, &g.key,
			  in->plan->has_hub && key_equal(&g.key, &in->plan->hub));
	}
	key = key_of(in, f, &from);
	if (key == NULL) {
		verdict(in, json, false, "neither a grant nor the first changeset of this chain came before "
					 "it; give --key");
		return;
	}
	json_put_hex(json, "key", key->bytes, sizeof(key->bytes));
	if (!seal_verify(f, key, &problem)) {
		forged(in, json, &problem);
		return;
	}
	verdict(in, json, true, from);
	learn(in, f, in->plan->has_hub && key_equal(key, &in->plan->hub));
}

static bool frame_inspect(struct inspection *in, const uint8_t *bytes, size_t len, struct err *e)
{
	AUTO_JSON json = json_object();
	struct err problem;
	struct frame f;

	json_object_set_new(json, "type", json_string("changeset"));
	if (!seal_open(bytes, len, &f, e))
		return false;
	frame_verify(in, &f, json);
	if (!show_frame(&f, schema_find(in, f.changeset.schema), json, &problem))
		forged(in, json, &problem);
	emit(in, json);
	return true;
}

static bool frames_inspect(struct inspection *in, const uint8_t *at, size_t len, bool feed, struct err *e)
{
	const uint8_t *end = at + len;

	while (at < end) {
		struct feed_entry entry;
		bool more;

		if (feed) {
			if (!feed_next(&at, end, &entry, &more, e) ||
			    !frame_inspect(in, entry.frame, entry.len, e))
				return false;
			continue;
		}
		if (!seal_length(at, (size_t)(end - at), &entry.len, e))
			return false;
		if (entry.len == 0 || entry.len > (size_t)(end - at))
			return err_set(e, ERR_MALFORMED, "the changeset is cut off");
		if (!frame_inspect(in, at, entry.len, e))
			return false;
		at += entry.len;
	}
	return true;
}

static void checkpoint_json(json_t *json, const struct checkpoint *c)
{
	json_object_set_new(json, "origin", json_string(c->origin));
	json_object_set_new(json, "size", json_integer((json_int_t)c->head.size));
	json_object_set_new(json, "root", show_hex(&c->head.root, sizeof(c->head.root)));
}

/* What a note says, without looking at its signatures. */
static bool note_text(const struct bytes *note, struct checkpoint *ret, struct err *e)
{
	const char *end = memmem(note->data, note->len, "\n\n", 2);

	if (end == NULL)
		return err_set(e, ERR_MALFORMED, "this is no signed note");
	return note_checkpoint_decode(note->data, (size_t)(end + 1 - (const char *)note->data), ret, e);
}

static bool note_inspect(struct inspection *in, const uint8_t *bytes, size_t len, struct err *e)
{
	const struct bytes note = { bytes, len };
	AUTO_JSON json = json_object();
	struct checkpoint checkpoint;
	struct err problem;

	json_object_set_new(json, "type", json_string("checkpoint"));
	if (!note_text(&note, &checkpoint, e))
		return false;
	checkpoint_json(json, &checkpoint);
	if (!in->plan->has_hub)
		verdict(in, json, false, "give the hub's key with --hub-key");
	else if (note_checkpoint_verify(&note, &in->plan->hub, &checkpoint, &problem)) {
		json_object_set_new(json, "signed_at", show_time(checkpoint.time));
		verdict(in, json, true, "the hub's key, as given");
	} else {
		forged(in, json, &problem);
	}
	emit(in, json);
	return true;
}

static bool receipt_inspect(struct inspection *in, const uint8_t *bytes, size_t len, struct err *e)
{
	const struct bytes text = { bytes, len };
	const struct receipt_expect expect = { .hub = &in->plan->hub };
	AUTO_JSON json = json_object();
	struct receipt_details details;
	struct checkpoint checkpoint;
	struct receipt receipt;
	struct err problem;

	json_object_set_new(json, "type", json_string("receipt"));
	if (!receipt_decode(&text, &receipt, e))
		return false;
	json_object_set_new(json, "changeset", show_hex(&receipt.id, sizeof(receipt.id)));
	json_object_set_new(json, "index", json_integer((json_int_t)receipt.index));
	if (note_text(&receipt.checkpoint, &checkpoint, &problem))
		checkpoint_json(json, &checkpoint);
	if (!in->plan->has_hub)
		verdict(in, json, false, "give the hub's key with --hub-key");
	else if (receipt_verify(&text, &expect, &details, &problem)) {
		json_object_set_new(json, "received_at", show_time(details.checkpoint.time));
		verdict(in, json, true, "the hub's key, as given");
	} else {
		forged(in, json, &problem);
	}
	emit(in, json);
	return true;
}

static void answer_verify(struct inspection *in, const struct answer *answer, json_t *json)
{
	const struct bytes note = { answer->checkpoint.text, answer->checkpoint.len };
	struct checkpoint checkpoint;
	struct err problem;

	if (!in->plan->has_hub) {
		verdict(in, json, false, "give the hub's key with --hub-key");
		return;
	}
	if (!note_checkpoint_verify(&note, &in->plan->hub, &checkpoint, &problem)) {
		forged(in, json, &problem);
		return;
	}
	for (size_t i = 0; i < answer->items; i++) {
		const struct answer_item *item = &answer->item[i];

		if (item->proven && !tree_verify_inclusion(&item->id, item->index, &checkpoint.head,
							   &item->proof, &problem)) {
			forged(in, json, &problem);
			return;
		}
	}
	verdict(in, json, true, "the hub's key, as given");
}

static bool receipts_inspect(struct inspection *in, const uint8_t *bytes, size_t len, struct err *e)
{
	AUTO_JSON json = json_object();
	AUTO_ANSWER answer = { 0 };
	json_t *list = json_array();
	struct checkpoint checkpoint;
	struct err problem;

	json_object_set_new(json, "type", json_string("receipts"));
	json_object_set_new(json, "list", list);
	if (!answer_decode(bytes, len, &answer, e))
		return false;
	for (size_t i = 0; i < answer.items; i++)
		json_array_append_new(list, json_pack("{s:o,s:I}", "changeset",
						      show_hex(&answer.item[i].id, sizeof(struct hash)),
						      "index", (json_int_t)answer.item[i].index));
	if (!in->screen->json) {
		json_object_del(json, "list");
		json_object_set_new(json, "receipts", json_integer((json_int_t)answer.items));
	}
	if (note_text(&(struct bytes){ answer.checkpoint.text, answer.checkpoint.len }, &checkpoint,
		      &problem))
		checkpoint_json(json, &checkpoint);
	answer_verify(in, &answer, json);
	emit(in, json);
	return true;
}

/* The token stays hidden: a screen is seen by others, and it works once for anybody. */
static bool invitation_inspect(struct inspection *in, const uint8_t *bytes, size_t len, struct err *e)
{
	AUTO_JSON json = json_object();
	struct invitation invitation;
	char words[INVITATION_WORDS_SIZE], time[40];

	if (!invitation_decode((const char *)bytes, len, &invitation, e))
		return false;
	invitation_words(&invitation.hub, words);
	screen_time(time, sizeof(time), invitation.expires_ms);
	json_object_set_new(json, "type", json_string("invitation"));
	json_object_set_new(json, "url", json_string(invitation.url));
	json_object_set_new(json, "origin", json_string(invitation.origin));
	json_object_set_new(json, "hub_key", show_hex(&invitation.hub, sizeof(invitation.hub)));
	json_object_set_new(json, "fingerprint", json_string(words));
	json_object_set_new(json, "scope", json_string(invitation.scope.name));
	json_object_set_new(json, "role", json_string(role_name((enum role)invitation.role)));
	json_object_set_new(json, "expires", json_string(time));
	json_object_set_new(json, "expires_ms", json_integer((json_int_t)invitation.expires_ms));
	emit(in, json);
	crypto_wipe(&invitation, sizeof(invitation));
	return true;
}

static bool info_inspect(struct inspection *in, const uint8_t *bytes, size_t len, struct err *e)
{
	AUTO_JSON json = NULL;

	if (!json_parse(bytes, len, &json, e))
		return false;
	if (!json_is_object(json))
		return err_set(e, ERR_MALFORMED, "what the bundle says of itself is no object");
	json_object_set_new(json, "type", json_string("bundle"));
	json_object_del(json, "verified");
	emit(in, json);
	return true;
}

static bool section_inspect(struct inspection *in, const struct bundle_section *section, struct err *e)
{
	switch (section->type) {
	case BUNDLE_INFO:
		return info_inspect(in, section->bytes, section->len, e);
	case BUNDLE_FRAME:
		return frame_inspect(in, section->bytes, section->len, e);
	case BUNDLE_RECEIPTS:
		return receipts_inspect(in, section->bytes, section->len, e);
	case BUNDLE_CHECKPOINT:
		return note_inspect(in, section->bytes, section->len, e);
	default:
		return true;
	}
}

static bool bundle_inspect(struct inspection *in, FILE *file, struct err *e)
{
	AUTO_BUNDLE_READER r = { 0 };
	struct bundle_section section;
	bool more;

	if (!bundle_reader_open(&r, file, e))
		return false;
	for (;;) {
		if (!bundle_reader_next(&r, &section, &more, e))
			return false;
		if (!more)
			return true;
		if (!section_inspect(in, &section, e))
			return false;
	}
}

static bool starts(const struct buf *bytes, size_t at, const char *with)
{
	size_t len = strlen(with);

	return bytes->len >= at + len && memcmp(bytes->data + at, with, len) == 0;
}

static bool bytes_inspect(struct inspection *in, const struct buf *bytes, struct err *e)
{
	size_t blank = 0;

	while (blank < bytes->len && strchr(" \t\r\n", bytes->data[blank]) != NULL &&
	       bytes->data[blank] != '\0')
		blank++;
	if (starts(bytes, 0, "SMP"))
		return frames_inspect(in, bytes->data, bytes->len, false, e);
	if (starts(bytes, 8, "SMP"))
		return frames_inspect(in, bytes->data, bytes->len, true, e);
	if (starts(bytes, 0, "c2sp.org/tlog-proof@"))
		return receipt_inspect(in, bytes->data, bytes->len, e);
	if (starts(bytes, blank, INVITATION_PREFIX))
		return invitation_inspect(in, bytes->data, bytes->len, e);
	if (bytes->len > 0 && memmem(bytes->data, bytes->len, "\n\n\xe2\x80\x94 ", 6) != NULL)
		return note_inspect(in, bytes->data, bytes->len, e);
	return err_set(e, ERR_MALFORMED, "this is no changeset, bundle, receipt, checkpoint or invitation");
}

static bool read_all(FILE *file, struct buf *out, struct err *e)
{
	for (;;) {
		size_t n = fread(buf_reserve(out, 65536), 1, 65536, file);

		out->len += n;
		if (out->len > WHOLE_BYTES_MAX)
			return err_set(e, ERR_TOO_LARGE, "more than %u MiB", WHOLE_BYTES_MAX >> 20);
		if (n == 0)
			return !ferror(file) || err_set(e, ERR_STORAGE, "the file cannot be read");
	}
}

static bool parts_inspect(struct inspection *in, FILE *file, struct err *e)
{
	AUTO_BUF bytes = { 0 };
	char magic[4];
	size_t n = fread(magic, 1, sizeof(magic), file);

	rewind(file);
	if (n == sizeof(magic) && memcmp(magic, BUNDLE_MAGIC, sizeof(magic)) == 0)
		return bundle_inspect(in, file, e);
	return read_all(file, &bytes, e) && bytes_inspect(in, &bytes, e);
}

bool inspect_stream(FILE *file, const struct inspect_plan *plan, const struct screen *s, struct err *e)
{
	__attribute__((cleanup(inspection_done))) struct inspection in = { .plan = plan, .screen = s };
	bool ok;

	arena_init(&in.arena);
	ok = parts_inspect(&in, file, e);
	if (s->json)
		fputs(in.shown == 0 ? "[]\n" : "]\n", s->out);
	if (in.forged.code != ERR_OK && (ok || is_forgery(in.forged.code))) {
		*e = in.forged;
		return false;
	}
	if (ok && in.unverified && (plan->has_hub || plan->has_key))
		return err_set(e, ERR_INCOMPLETE, "some parts could not be verified with this key");
	return ok;
}

static void file_close(FILE **file)
{
	if (*file != NULL && *file != stdin)
		fclose(*file);
}

#define AUTO_FILE __attribute__((cleanup(file_close))) FILE

/* Standard input or a pipe, as a file that can be read from the start again. */
static FILE *spooled(FILE *in)
{
	FILE *out = tmpfile();
	char block[65536];
	size_t n;

	while (out != NULL && (n = fread(block, 1, sizeof(block), in)) > 0)
		if (fwrite(block, 1, n, out) != n) {
			fclose(out);
			return NULL;
		}
	if (out != NULL)
		rewind(out);
	return out;
}

static bool key_option(struct options *o, const char *name, struct public_key *ret, bool *ret_has,
		       struct err *e)
{
	const char *hex = NULL;

	if (!options_text(o, name, &hex, e))
		return false;
	if (hex == NULL)
		return true;
	if (!hex_decode(hex, strlen(hex), ret->bytes, sizeof(ret->bytes)))
		return err_set(e, ERR_USAGE, "%s is 64 hex digits", name);
	*ret_has = true;
	return crypto_key_check(ret, e);
}

bool command_inspect(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	struct inspect_plan plan = { 0 };
	AUTO_FILE *file = NULL;
	AUTO_FILE *copy = NULL;
	const char *path;

	if (!key_option(o, "--hub-key", &plan.hub, &plan.has_hub, e) ||
	    !key_option(o, "--key", &plan.key, &plan.has_key, e) || !options_rest(o, 1, 1, e))
		return false;
	path = o->word[0];
	file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
	if (file == NULL)
		return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_STORAGE, "%s: %s", path,
			       strerror(errno));
	if (fseek(file, 0, SEEK_SET) != 0) {
		copy = spooled(file);
		if (copy == NULL)
			return err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
	}
	return inspect_stream(copy == NULL ? file : copy, &plan, &call->screen, e) || err_wrap(e, "%s", path);
}
