/* verify_statement.c - `simpul verify` of a proof that carries its statement: a book that was handed over. */
#include <inttypes.h>
#include <string.h>

#include "base/moment.h"
#include "command/show.h"
#include "command/verify.h"
#include "exchange/evidence.h"
#include "simpul/invitation.h"
#include "web/manifest.h"

/* The manifest, if the statement is one; else NULL. */
static json_t *manifest_of(const struct evidence *found)
{
	json_t *json = NULL;
	struct err e;

	if (!json_parse(found->statement.data, found->statement.len, &json, &e))
		return NULL;
	if (json_is_object(json) && json_is_string(json_object_get(json, "object")))
		return json;
	json_decref(json);
	return NULL;
}

static json_t *found_json(const struct evidence *found, const struct public_key *hub, json_t *manifest)
{
	const struct receipt_details *d = &found->receipt;
	json_t *json = json_pack("{s:b,s:o,s:o,s:o,s:s,s:s,s:o,s:I,s:I,s:s,s:I,s:o}", "valid", 1, "sha256",
				 show_hex(&found->hash, sizeof(found->hash)), "changeset",
				 show_hex(&d->id, sizeof(d->id)), "received_at",
				 show_time(d->checkpoint.time), "scope", found->scope.name, "node",
				 found->node, "actor", show_line(found->actor), "seq",
				 (json_int_t)found->seq, "index", (json_int_t)d->index, "origin",
				 d->checkpoint.origin, "size", (json_int_t)d->checkpoint.head.size,
				 "hub_key", show_hex(hub, sizeof(*hub)));
	const char *how = manifest_timeliness(json_object_get(manifest, "deadline"), d->checkpoint.time);

	json_object_set_new(json, "timeliness", how == NULL ? json_null() : json_string(how));
	if (manifest != NULL)
		json_object_set(json, "manifest", manifest);
	else
		json_object_set_new(json, "statement",
				    show_text(found->statement.data, found->statement.len));
	return json;
}

/* "Kota Sawahlunto, Buku 1, versi 1" */
static void title_print(const struct screen *s, const json_t *manifest)
{
	const json_t *about = json_object_get(manifest, "about");
	const char *place = json_text_or_empty(about, "place");
	const char *title = json_text_or_empty(about, s->english ? "en" : "id");

	screen_print(s, SCREEN_BOLD, "%s, %s %" PRId64 "\n",
		     place[0] != '\0' ? place : json_text_or_empty(manifest, "scope"),
		     title[0] != '\0' ? title : json_text_or_empty(manifest, "code"),
		     json_int_or_zero(manifest, "version"));
}

static const char *timeliness_say(const struct screen *s, const char *how)
{
	if (how == NULL)
		return screen_say(s, "tenggatnya tidak tercatat", "no deadline is on record");
	if (strcmp(how, "on_time") == 0)
		return screen_say(s, "tepat waktu", "on time");
	return strcmp(how, "in_grace") == 0 ? screen_say(s, "dalam masa toleransi", "in the time of grace") :
					      screen_say(s, "terlambat", "late");
}

static void deadline_print(const struct screen *s, const json_t *manifest, uint64_t received)
{
	const json_t *deadline = json_object_get(manifest, "deadline");
	const char *due = json_text_or_empty(deadline, "due_ts");
	char zones[MOMENT_ZONES_SIZE];
	uint64_t due_ms;
	struct err e;

	if (received == 0 || !moment_parse(due, &due_ms, &e))
		return;
	moment_zones(due_ms, zones);
	screen_print(s, SCREEN_BOLD, "  %s\n", timeliness_say(s, manifest_timeliness(deadline, received)));
	screen_print(s, SCREEN_PLAIN, "             deadline %s, as known when it was sealed\n", zones);
}

static void author_print(const struct screen *s, const struct evidence *found, const json_t *manifest)
{
	const char *by = json_text_or_empty(manifest, "sealed_by");
	char hex[HEX_SIZE(32)];

	screen_print(s, SCREEN_PLAIN, "  sealed     by %s%s%s\n", by[0] != '\0' ? by : "an application",
		     ", at the node ", found->node);
	screen_print(s, SCREEN_PLAIN, "             of scope %s, number %" PRIu64 " of its chain\n",
		     found->scope.name, found->seq);
	hex_encode(&found->hash, sizeof(found->hash), hex);
	screen_print(s, SCREEN_PLAIN, "  sha256     %s\n", hex);
}

bool verify_statement(const struct screen *s, const struct bytes *text, const struct public_key *hub,
		      const char *origin, struct err *e)
{
	char words[INVITATION_WORDS_SIZE];
	AUTO_EVIDENCE found = { 0 };
	AUTO_JSON manifest = NULL;
	const struct checkpoint *c;

	if (!evidence_verify(text, hub, &found, e))
		return false;
	c = &found.receipt.checkpoint;
	if (origin != NULL && strcmp(origin, c->origin) != 0)
		return err_set(e, ERR_PROOF, "the receipt is from the log %s, not from %s", c->origin,
			       origin);
	manifest = manifest_of(&found);
	if (s->json) {
		AUTO_JSON json = found_json(&found, hub, manifest);

		screen_json(s, json);
		return true;
	}
	invitation_words(hub, words);
	screen_print(s, SCREEN_GOOD, "SAH / VALID\n");
	if (manifest != NULL)
		title_print(s, manifest);
	verify_received(s, c->time);
	deadline_print(s, manifest, c->time);
	author_print(s, &found, manifest);
	screen_print(s, SCREEN_PLAIN, "  is entry   %" PRIu64 " of the log \"%s\", which had %" PRIu64
				      " entries when this was signed\n", found.receipt.index, c->origin,
		     c->head.size);
	screen_print(s, SCREEN_PLAIN, "  signed by  %s\n", words);
	return true;
}
