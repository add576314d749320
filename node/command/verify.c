/* verify.c - `simpul verify`: a receipt or a proof, the hub's public key, and nothing else. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/moment.h"
#include "command.h"
#include "command/show.h"
#include "command/verify.h"
#include "exchange/evidence.h"
#include "simpul/invitation.h"
#include "simpul/receipt.h"

static bool stream_read(FILE *file, const char *path, size_t most, struct buf *out, struct err *e)
{
	out->len = fread(buf_reserve(out, most + 1), 1, most + 1, file);
	if (ferror(file))
		return err_set(e, ERR_STORAGE, "%s cannot be read", path);
	if (out->len > most)
		return err_set(e, ERR_TOO_LARGE, "%s is larger than %zu bytes", path, most);
	return true;
}

static bool file_read(const char *path, size_t most, struct buf *out, struct err *e)
{
	FILE *file = fopen(path, "rbe");
	bool ok;

	if (file == NULL)
		return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_STORAGE, "%s: %s", path,
			       strerror(errno));
	ok = stream_read(file, path, most, out, e);
	fclose(file);
	return ok;
}

/* The changeset's id, once its content is the one that was signed. */
static bool changeset_read(const char *path, struct hash *ret_id, struct err *e)
{
	AUTO_BUF bytes = { 0 };
	AUTO_BUF body = { 0 };
	struct frame f;

	if (!file_read(path, LIMIT_FRAME_BYTES, &bytes, e) || !seal_open(bytes.data, bytes.len, &f, e))
		return err_wrap(e, "%s", path);
	if (!seal_unpack(&f, buf_reserve(&body, f.changeset.body_len + 1), f.changeset.body_len, e))
		return err_wrap(e, "%s", path);
	*ret_id = f.id;
	return true;
}

void verify_received(const struct screen *s, uint64_t time)
{
	char utc[MOMENT_SIZE], zones[MOMENT_ZONES_SIZE];

	if (time == 0) {
		screen_print(s, SCREEN_FAINT, "  received   at a time that this receipt does not tell\n");
		return;
	}
	moment_rfc3339(time * 1000, utc);
	moment_zones(time * 1000, zones);
	screen_print(s, SCREEN_BOLD, "  received   by %s\n", zones);
	screen_print(s, SCREEN_PLAIN, "             (%s), by the hub's clock\n", utc);
}

static void valid_print(const struct screen *s, const struct receipt_details *details,
			const struct public_key *hub)
{
	char words[INVITATION_WORDS_SIZE];
	AUTO_JSON json = json_pack("{s:b,s:o,s:I,s:s,s:I,s:o,s:o}", "valid", 1, "changeset",
				   show_hex(&details->id, sizeof(details->id)), "index",
				   (json_int_t)details->index, "origin", details->checkpoint.origin, "size",
				   (json_int_t)details->checkpoint.head.size, "root",
				   show_hex(&details->checkpoint.head.root, sizeof(struct hash)), "hub_key",
				   show_hex(hub, sizeof(*hub)));

	if (s->json) {
		json_object_set_new(json, "received_at", show_time(details->checkpoint.time));
		screen_json(s, json);
		return;
	}
	invitation_words(hub, words);
	screen_print(s, SCREEN_GOOD, "SAH / VALID\n");
	screen_print(s, SCREEN_PLAIN, "  changeset  %s\n", json_text_or_empty(json, "changeset"));
	verify_received(s, details->checkpoint.time);
	screen_print(s, SCREEN_PLAIN, "  is entry   %" PRIu64 " of the log \"%s\", which had %" PRIu64
				      " entries when this was signed\n", details->index,
		     details->checkpoint.origin, details->checkpoint.head.size);
	screen_print(s, SCREEN_PLAIN, "  signed by  %s\n", words);
}

bool command_verify(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	const char *hex = NULL, *changeset = NULL;
	struct receipt_expect expect = { 0 };
	struct receipt_details details;
	struct public_key hub;
	AUTO_BUF text = { 0 };
	struct hash id;

	if (!options_text(o, "--hub-key", &hex, e) || !options_text(o, "--changeset", &changeset, e) ||
	    !options_text(o, "--origin", &expect.origin, e) || !options_rest(o, 1, 1, e))
		return false;
	if (hex == NULL)
		return err_set(e, ERR_USAGE, "verify needs --hub-key KEY: a receipt cannot vouch for itself");
	if (!hex_decode(hex, strlen(hex), hub.bytes, sizeof(hub.bytes)))
		return err_set(e, ERR_USAGE, "--hub-key is 64 hex digits");
	if (!file_read(o->word[0], EVIDENCE_BYTES, &text, e))
		return false;
	if (evidence_recognise(&(struct bytes){ text.data, text.len }))
		return verify_statement(&call->screen, &(struct bytes){ text.data, text.len }, &hub,
					expect.origin, e) || err_wrap(e, "%s", o->word[0]);
	if (changeset != NULL) {
		if (!changeset_read(changeset, &id, e))
			return false;
		expect.id = &id;
	}
	expect.hub = &hub;
	if (!receipt_verify(&(struct bytes){ text.data, text.len }, &expect, &details, e))
		return err_wrap(e, "%s", o->word[0]);
	valid_print(&call->screen, &details, &hub);
	return true;
}
