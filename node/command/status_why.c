/* status_why.c - what keeps work from moving, each with what to do about it. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command/show.h"
#include "command/status.h"
#include "simpul/hlc.h"

static void why(json_t *status, const char *code, const char *advice, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

static void why(json_t *status, const char *code, const char *advice, const char *fmt, ...)
{
	char line[700];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	json_array_append_new(json_object_get(status, "why"),
			      json_pack("{s:o,s:o,s:s}", "code", show_line(code), "text", show_line(line),
					"advice", advice));
}

/* The last reason in Indonesian; what the table of errors advises needs no words here. */
static void also(json_t *status, const char *advice, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void also(json_t *status, const char *advice, const char *fmt, ...)
{
	json_t *list = json_object_get(status, "why");
	json_t *last = json_array_get(list, json_array_size(list) - 1);
	char line[700];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	json_object_set_new(last, "text_id", show_line(line));
	if (advice != NULL)
		json_object_set_new(last, "advice_id", json_string(advice));
}

static long long number(const json_t *status, const char *name)
{
	return (long long)json_int_or_zero(status, name);
}

static bool is_true(const json_t *status, const char *name)
{
	return json_is_true(json_object_get(status, name));
}

static void why_reader(json_t *status, const char *scope)
{
	long long n = number(status, "pending");

	if (n == 0)
		return;
	why(status, "reader", "Ask the hub's operator for the role writer, if they should travel.",
	    "%lld changes were made here, but this node only reads scope %s: they stay here", n, scope);
	also(status, "Minta peran writer kepada pengelola pusat bila harus terkirim.",
	     "%lld perubahan dibuat di sini, tetapi simpul ini hanya membaca lingkup %s: tetap di sini", n,
	     scope);
}

static void why_membership(json_t *status)
{
	const json_t *scopes = json_object_get(status, "scopes");
	bool hub = strcmp(json_text_or_empty(status, "role"), "hub") == 0;

	if (!is_true(status, "enrolled")) {
		why(status, "not-enrolled", err_advice_en(ERR_NOT_ENROLLED),
		    "this node has no right from a hub yet");
		also(status, NULL, "simpul ini belum mendapat hak dari pusat");
	}
	for (size_t i = 0; i < json_array_size(scopes); i++) {
		const json_t *chain = json_array_get(scopes, i);
		const char *scope = json_text_or_empty(chain, "scope");

		if (json_is_integer(json_object_get(chain, "revoked"))) {
			why(status, "revoked", err_advice_en(ERR_REVOKED),
			    "the rights to scope %s were taken back behind changeset %lld", scope,
			    number(chain, "revoked"));
			also(status, NULL, "hak atas lingkup %s dicabut sesudah set perubahan %lld", scope,
			     number(chain, "revoked"));
		}
		if (is_true(chain, "frozen")) {
			why(status, "fork", err_advice_en(ERR_FORK),
			    "the chain of scope %s was written twice: this file was copied or restored",
			    scope);
			also(status, NULL, "rantai lingkup %s ditulis dua kali: berkas ini disalin atau "
					   "dipulihkan", scope);
		}
		if (!hub && strcmp(json_text_or_empty(chain, "role"), "reader") == 0)
			why_reader(status, scope);
	}
	if (json_array_size(json_object_get(status, "tables")) == 0 && !hub) {
		why(status, "no-table", "Name them: simpul attach FILE TABLE... --scope S",
		    "no table is replicated yet");
		also(status, "Sebutkan tabelnya: simpul attach BERKAS TABEL... --scope S",
		     "belum ada tabel yang direplikasi");
	}
}

/* The text may name the address already. */
static void why_trouble(json_t *status, const json_t *peer)
{
	const char *error = json_text_or_empty(peer, "error"), *url = json_text_or_empty(peer, "url");
	const char *text = json_text_or_empty(peer, "error_text");

	if (strncmp(text, url, strlen(url)) == 0)
		why(status, error, err_advice_en(err_from_slug(error)), "%s", text);
	else
		why(status, error, err_advice_en(err_from_slug(error)), "%s: %s", url, text);
}

static void why_connection(json_t *status)
{
	const json_t *peers = json_object_get(status, "peers");
	bool hub = strcmp(json_text_or_empty(status, "role"), "hub") == 0;
	bool waiting = number(status, "pending") + number(status, "unsent") > 0, has_hub = false;

	for (size_t i = 0; i < json_array_size(peers); i++) {
		const json_t *peer = json_array_get(peers, i);
		const char *error = json_text_or_empty(peer, "error");

		has_hub |= is_true(peer, "hub") && json_text_or_empty(peer, "url")[0] != '\0';
		if (error[0] != '\0')
			why_trouble(status, peer);
	}
	if (is_true(status, "enrolled") && !hub && !has_hub) {
		why(status, "no-hub-address", "Exchange by stick: simpul bundle export FILE OUT --unsent",
		    "no address of the hub is known");
		also(status, "Tukar lewat USB: simpul bundle export BERKAS TUJUAN --unsent",
		     "alamat pusat tidak diketahui");
	}
	if (!is_true(status, "running") && (waiting || hub)) {
		why(status, "not-running", "Start it: simpul run FILE; or once, now: simpul sync FILE",
		    "no Simpul is running on this file, so nothing moves by itself");
		also(status, "Jalankan: simpul run BERKAS; atau sekali, sekarang: simpul sync BERKAS",
		     "Simpul tidak berjalan pada berkas ini, jadi tidak ada yang bergerak sendiri");
	}
}

static const char *held_advice(const char *missing)
{
	if (strcmp(missing, "grant") == 0)
		return "It comes with the hub's own chain: sync, or import a newer bundle.";
	if (strcmp(missing, "schema") == 0)
		return "It comes with its author's chain: sync, or import the bundle before this one.";
	if (strcmp(missing, "fork") == 0)
		return err_advice_en(ERR_FORK);
	return err_advice_en(ERR_HELD);
}

static bool why_held(struct db *db, json_t *status, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT missing, count(*), min(detail) FROM simpul_held GROUP BY missing", &s,
			  e))
		return false;
	for (;;) {
		char code[64];

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		snprintf(code, sizeof(code), "held-%s", stmt_get_text(&s, 0));
		why(status, code, held_advice(stmt_get_text(&s, 0)), "%lld changesets wait: %s",
		    (long long)stmt_get_int(&s, 1), stmt_get_text(&s, 2));
		also(status, err_advice_id(strcmp(code, "held-fork") == 0 ? ERR_FORK : ERR_HELD),
		     "%lld set perubahan ditahan: %s", (long long)stmt_get_int(&s, 1), stmt_get_text(&s, 2));
	}
}

/* One line for each reason that a query groups by: reason, how many, an example. */
static bool why_grouped(struct db *db, json_t *status, const char *sql, const char *what,
			const char *advice, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, sql, &s, e))
		return false;
	for (;;) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		why(status, stmt_get_text(&s, 0), advice, "%lld %s: %s", (long long)stmt_get_int(&s, 1),
		    what, stmt_get_text(&s, 2));
	}
}

/* Does the file hold an ordinary table of this name that is not replicated? */
static bool is_unattached(struct db *db, const char *name, bool *ret, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND"
			      " name = ?1 COLLATE NOCASE AND NOT EXISTS (SELECT 1 FROM simpul_table t"
			      " WHERE t.name = ?1 COLLATE NOCASE)", &s, e))
		return false;
	stmt_text(&s, 1, name);
	if (!stmt_row(&s, &row, e))
		return false;
	*ret = row && stmt_get_int(&s, 0) > 0;
	return true;
}

/* Tables that others replicate and that this file has without replicating them. */
static bool unattached(struct db *db, struct buf *names, struct err *e)
{
	AUTO_STMT s = { 0 };
	bool row, here;

	if (!db_prepare(db, "SELECT document FROM simpul_schema", &s, e))
		return false;
	for (;;) {
		const struct schema *schema;
		AUTO_ARENA arena;
		const void *document;
		size_t len;

		arena_init(&arena);
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		document = stmt_get_blob(&s, 0, &len);
		schema = show_schema(&arena, document, len);
		for (unsigned i = 0; schema != NULL && i < schema->tables; i++) {
			char name[LIMIT_NAME_BYTES + 1];

			snprintf(name, sizeof(name), "%.*s", (int)schema->table[i].name.len,
				 schema->table[i].name.text);
			if (!is_unattached(db, name, &here, e))
				return false;
			if (here && (names->len == 0 || strstr(buf_string(names), name) == NULL))
				buf_print(names, "%s%s", names->len > 0 ? ", " : "", name);
		}
	}
}

/* Replicated tables that are not in the file any more, whatever name their triggers carry. */
static bool why_dropped(struct db *db, json_t *status, struct err *e)
{
	AUTO_RESET s = { 0 };
	bool row;

	if (!db_statement(db, "SELECT t.name FROM simpul_table t WHERE NOT EXISTS (SELECT 1 FROM"
			      " sqlite_schema s WHERE s.type = 'table' AND s.name = t.name COLLATE NOCASE)"
			      " AND NOT EXISTS (SELECT 1 FROM sqlite_schema s WHERE s.type = 'trigger'"
			      " AND s.name = 'simpul_' || t.no || '_i') ORDER BY t.name", &s, e))
		return false;
	for (;;) {
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			return true;
		why(status, "table-dropped",
		    "Create it again, its rows come back; or simpul detach FILE TABLE.",
		    "table %s was dropped here; its rows are not deleted for others, and what others"
		    " change in it waits", stmt_get_text(&s, 0));
		also(status, "Buat lagi tabelnya, barisnya kembali; atau simpul detach BERKAS TABEL.",
		     "tabel %s dihapus di sini; barisnya tidak dihapus di tempat lain, dan perubahan dari"
		     " tempat lain menunggu", stmt_get_text(&s, 0));
	}
}

static bool why_unmerged(struct db *db, json_t *status, struct err *e)
{
	AUTO_BUF names = { 0 };
	int64_t n;

	if (!db_int(db, "SELECT count(*) FROM simpul_changeset WHERE state = 0 AND kind = 1"
			" AND coalesce(reason, '') NOT LIKE 'table % was dropped here:%'", 0, &n, e) ||
	    (n > 0 && !unattached(db, &names, e)))
		return false;
	if (n > 0 && names.len > 0) {
		why(status, "not-attached",
		    "Attach it here as well: simpul attach FILE TABLE --scope S; or rename it. Then sync.",
		    "%" PRId64 " changesets are not merged: this file has a table %s of its own, which is not"
		    " replicated", n, buf_string(&names));
		also(status, "Ikutkan: simpul attach BERKAS TABEL --scope S; atau ganti namanya. Lalu sync.",
		     "%" PRId64 " set perubahan belum digabung: berkas ini punya tabel %s sendiri, yang tidak"
		     " direplikasi", n, buf_string(&names));
	} else if (n > 0) {
		why(status, "not-merged", "They are merged with the next sync.",
		    "%" PRId64 " changesets are not merged yet", n);
		also(status, "Digabung pada sync berikutnya.", "%" PRId64 " set perubahan belum digabung", n);
	}
	return true;
}

static bool why_clock(struct db *db, json_t *status, uint64_t now_ms, struct err *e)
{
	int64_t newest;

	if (!db_int(db, "SELECT max(head_hlc) FROM simpul_chain", 0, &newest, e))
		return false;
	if (hlc_ms((uint64_t)newest) > now_ms + LIMIT_HLC_AHEAD_MS) {
		why(status, "clock", err_advice_en(ERR_CLOCK),
		    "changes are stamped %" PRIu64 " minutes after this clock: here or there it is wrong",
		    (hlc_ms((uint64_t)newest) - now_ms) / 60000);
		also(status, NULL, "cap waktu perubahan %" PRIu64 " menit di depan jam ini",
		     (hlc_ms((uint64_t)newest) - now_ms) / 60000);
	}
	return true;
}

bool status_why(struct db *db, json_t *status, uint64_t now_ms, struct err *e)
{
	json_object_set_new(status, "why", json_array());
	why_membership(status);
	why_connection(status);
	return why_held(db, status, e) &&
	       why_grouped(db, status,
			   "SELECT 'quarantined', count(*), coalesce(reason, '') FROM simpul_changeset"
			   " WHERE state = 2 GROUP BY reason", "changesets are kept apart",
			   err_advice_en(ERR_QUARANTINE), e) &&
	       why_grouped(db, status,
			   "SELECT reason, count(*), min(detail) FROM simpul_violation GROUP BY reason",
			   "rows", "simpul conflicts FILE lists them.", e) &&
	       why_dropped(db, status, e) &&
	       why_unmerged(db, status, e) &&
	       why_clock(db, status, now_ms, e);
}
