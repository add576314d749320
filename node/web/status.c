/* status.c - /api/status: one honest line, the reasons behind it, and the counts. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "merge/conflict.h"
#include "outbox/outbox.h"
#include "simpul/hlc.h"
#include "store/act.h"
#include "store/tables.h"
#include "web/request.h"
#include "web/routes.h"

#define SKEW_MS 300000 /* a clock that is further off is worth a word */

struct standing {
	struct party *p;
	struct db *db;
	uint64_t now_ms;
	bool hub, enrolled, practice;
	struct outbox_pending pending;
	int64_t waiting, sent, receipted, contested, held, quarantined, violations;
	int64_t contact_ms, try_ms, receipt_ms, skew_ms, revoked, frozen;
	char error[64], error_text[300];
	json_t *reasons;
};

static bool count(struct standing *s, const char *sql, int64_t *ret, struct err *e)
{
	return db_int(s->db, sql, 0, ret, e);
}

static bool read_hub(struct standing *s, struct err *e)
{
	AUTO_RESET q = { 0 };
	bool row;

	if (!db_statement(s->db,
			  "SELECT contact_ms, try_ms, coalesce(error, ''), coalesce(error_text, '')"
			  " FROM simpul_peer ORDER BY is_hub DESC, contact_ms DESC LIMIT 1",
			  &q, e) ||
	    !stmt_row(&q, &row, e))
		return false;
	if (!row)
		return true;
	s->contact_ms = stmt_get_int(&q, 0);
	s->try_ms = stmt_get_int(&q, 1);
	snprintf(s->error, sizeof(s->error), "%s", stmt_get_text(&q, 2));
	snprintf(s->error_text, sizeof(s->error_text), "%s", stmt_get_text(&q, 3));
	return true;
}

static bool read_all(struct standing *s, struct err *e)
{
	const struct catalog *catalog;
	int64_t granted, practice;

	if (!count(s, "SELECT count(*) FROM simpul_chain WHERE own = 1 AND role IS NOT NULL",
		   &granted, e) ||
	    !meta_get_int(s->db, "practice", 0, &practice, e) ||
	    !outbox_pending(s->db, &s->pending, e) || !party_catalog(s->p, &catalog, e) ||
	    !conflict_count(s->db, catalog, &s->contested, e) ||
	    !count(s, "SELECT count(*) FROM simpul_changeset WHERE custody = 1", &s->sent, e) ||
	    !count(s,
		   "SELECT sum(cs.changes) FROM simpul_changeset cs JOIN simpul_chain c ON c.no = "
		   "cs.chain_no"
		   " WHERE c.own = 1 AND cs.custody = 0 AND cs.kind = 1",
		   &s->waiting, e) ||
	    !count(s, "SELECT count(*) FROM simpul_receipt", &s->receipted, e) ||
	    !count(s, "SELECT max(filed_ms) FROM simpul_receipt", &s->receipt_ms, e) ||
	    !count(s, "SELECT count(*) FROM simpul_held WHERE NOT " ACT_DISMISSED("simpul_held.id"),
		   &s->held, e) ||
	    !count(s,
		   "SELECT count(*) FROM simpul_changeset WHERE state = 2 AND NOT " ACT_DISMISSED(
			   "simpul_changeset.id"),
		   &s->quarantined, e) ||
	    !count(s, "SELECT count(*) FROM simpul_violation", &s->violations, e) ||
	    !count(s, "SELECT count(*) FROM simpul_chain WHERE own = 1 AND void_after IS NOT NULL",
		   &s->revoked, e) ||
	    !count(s,
		   "SELECT count(*) FROM simpul_chain c WHERE own = 1 AND frozen > 0 AND NOT "
		   "EXISTS (SELECT 1"
		   " FROM simpul_chain d WHERE d.own = 1 AND d.scope = c.scope AND d.no > c.no)",
		   &s->frozen, e))
		return false;
	s->waiting += s->pending.hints;
	s->enrolled = s->hub || granted > 0;
	s->practice = practice != 0;
	return read_hub(s, e);
}

static void reason(struct standing *s, const char *code, const char *id, const char *en)
{
	json_t *json = json_pack("{s:s,s:s,s:s}", "code", code, "id", id, "en", en);

	if (json != NULL) /* else a text from elsewhere was cut within a character */
		json_array_append_new(s->reasons, json);
}

static void counted(struct standing *s, int64_t n, const char *code, const char *id, const char *en)
{
	char said_id[160], said_en[160];

	if (n == 0)
		return;
	snprintf(said_id, sizeof(said_id), "%" PRId64 " %s", n, id);
	snprintf(said_en, sizeof(said_en), "%" PRId64 " %s", n, en);
	reason(s, code, said_id, said_en);
}

static void skew_reason(struct standing *s)
{
	const int64_t minutes = (s->skew_ms < 0 ? -s->skew_ms : s->skew_ms) / 60000;
	char id[120], en[120];

	if (s->skew_ms > -SKEW_MS && s->skew_ms < SKEW_MS)
		return;
	snprintf(id, sizeof(id), "Jam komputer ini %" PRId64 " menit terlalu %s", minutes,
		 s->skew_ms < 0 ? "cepat" : "lambat");
	snprintf(en, sizeof(en), "This computer's clock is %" PRId64 " minutes too %s", minutes,
		 s->skew_ms < 0 ? "fast" : "slow");
	reason(s, "clock", id, en);
}

static void all_reasons(struct standing *s)
{
	if (!s->enrolled && !s->practice)
		reason(s, "not-enrolled",
		       "Simpul ini belum terdaftar di pusat: pekerjaan aman di sini, belum"
		       " dikirim.",
		       "This node is not enrolled: the work is safe here and is not sent yet.");
	if (s->revoked > 0)
		reason(s, "revoked", err_advice_id(ERR_REVOKED), err_advice_en(ERR_REVOKED));
	if (s->frozen > 0)
		reason(s, "fork", err_advice_id(ERR_FORK), err_advice_en(ERR_FORK));
	if (s->error[0] != '\0')
		reason(s, s->error, err_advice_id(err_from_slug(s->error)),
		       err_advice_en(err_from_slug(s->error)));
	counted(s, s->contested, "contested", "nilai perlu dipilih", "values wait for a choice");
	counted(s, s->held, "held", "set perubahan ditahan", "changesets are held");
	counted(s, s->quarantined, "quarantined", "set perubahan perlu diperiksa",
		"changesets must be looked at");
	counted(s, s->violations, "violations", "baris melanggar aturan", "rows break a rule");
	skew_reason(s);
}

struct line {
	const char *code, *id, *en;
	uint64_t since_ms;
};

static struct line connection(const struct standing *s)
{
	const uint64_t contact = (uint64_t)s->contact_ms;

	if (s->practice)
		return (struct line){ "practice", "Berkas latihan: tidak pernah dikirim",
				      "A file to practise with: it is never sent", 0 };
	if (s->hub)
		return (struct line){ "hub", "Pusat berjalan", "The hub runs", 0 };
	if (!s->enrolled)
		return (struct line){ "not-enrolled", "Belum terdaftar di pusat",
				      "Not enrolled yet", 0 };
	if (s->revoked > 0)
		return (struct line){ "revoked", "Hak perangkat ini dicabut",
				      "This device was revoked", 0 };
	if (s->frozen > 0)
		return (struct line){ "fork", "Rantai dibekukan oleh pusat",
				      "The hub froze this node's chain", 0 };
	if (contact == 0)
		return (struct line){ "no-contact", "Belum ada pertukaran dengan pusat",
				      "Nothing exchanged with the hub yet", 0 };
	if (s->error[0] == '\0')
		return (struct line){ "connected", "Tersambung", "Connected", contact };
	if (err_exit_status(err_from_slug(s->error)) == 7)
		return (struct line){ "offline", "Tanpa internet", "Offline", contact };
	return (struct line){ "trouble", "Tanpa pertukaran", "No exchange", contact };
}

static json_t *line_json(const struct standing *s)
{
	const struct line line = connection(s);
	const int64_t waiting = s->waiting;
	char id[200], en[200];

	if (s->hub || s->practice) {
		snprintf(id, sizeof(id), "%s", line.id);
		snprintf(en, sizeof(en), "%s", line.en);
	} else if (waiting > 0) {
		snprintf(id, sizeof(id), "%s · %" PRId64 " belum terkirim · pekerjaan tetap aman",
			 line.id, waiting);
		snprintf(en, sizeof(en), "%s · %" PRId64 " not sent yet · the work is safe",
			 line.en, waiting);
	} else {
		snprintf(id, sizeof(id), "%s%s", line.id,
			 s->receipted > 0 ? " · semua terkirim" : "");
		snprintf(en, sizeof(en), "%s%s", line.en,
			 s->receipted > 0 ? " · everything sent" : "");
	}
	return json_pack("{s:s,s:s,s:s,s:o}", "code", line.code, "id", id, "en", en, "since",
			 request_time(line.since_ms));
}

static bool put_peers(struct standing *s, json_t *list, struct err *e)
{
	AUTO_RESET q = { 0 };
	bool row;

	if (!db_statement(s->db,
			  "SELECT url, is_hub, contact_ms, try_ms, coalesce(error, ''), sent_bytes,"
			  " received_bytes FROM simpul_peer ORDER BY is_hub DESC, no",
			  &q, e))
		return false;
	for (;;) {
		if (!stmt_row(&q, &row, e))
			return false;
		if (!row)
			return true;
		json_array_append_new(
			list,
			json_pack("{s:s,s:b,s:o,s:o,s:o,s:I,s:I}", "url", stmt_get_text(&q, 0),
				  "hub", stmt_get_int(&q, 1) != 0, "contact",
				  request_time((uint64_t)stmt_get_int(&q, 2)), "tried",
				  request_time((uint64_t)stmt_get_int(&q, 3)), "error",
				  stmt_get_text(&q, 4)[0] == '\0'
					  ? json_null()
					  : json_string(stmt_get_text(&q, 4)),
				  "sent_bytes", (json_int_t)stmt_get_int(&q, 5), "received_bytes",
				  (json_int_t)stmt_get_int(&q, 6)));
	}
}

static bool status_finish(struct party *p, struct serve_job *job, struct err *e)
{
	AUTO_JSON json = json_pack("{s:[],s:[]}", "reasons", "peers");
	struct standing s = { .p = p,
			      .db = p->db,
			      .now_ms = world_now_ms(p->world),
			      .hub = p->hub != NULL,
			      .skew_ms = p->clock_offset_ms,
			      .reasons = json_object_get(json, "reasons") };

	if (!read_all(&s, e) || !put_peers(&s, json_object_get(json, "peers"), e))
		return false;
	all_reasons(&s);
	json_object_set_new(json, "line", line_json(&s));
	json_object_set_new(json, "waiting", json_integer(s.waiting));
	json_object_set_new(json, "unsealed", json_integer(s.pending.hints));
	json_object_set_new(json, "sent", json_integer(s.sent));
	json_object_set_new(json, "receipted", json_integer(s.receipted));
	json_object_set_new(json, "contested", json_integer(s.contested));
	json_object_set_new(json, "last_contact", request_time((uint64_t)s.contact_ms));
	json_object_set_new(json, "last_receipt", request_time((uint64_t)s.receipt_ms));
	json_object_set_new(json, "clock_skew_ms", json_integer(-s.skew_ms));
	request_answer(job, 200, json_incref(json));
	return true;
}

const struct serve_route status_routes[] = {
	{ "GET", "/api/status", .finish = status_finish },
	{ .path = NULL },
};
