/* status_why.c - what keeps work from moving, each with what to do about it. */
#include <inttypes.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "command/show.h"
#include "command/status.h"
#include "simpul/hlc.h"
#include "store/act.h"
#include "store/tables.h"

#define DISK_BYTES_LEAST (1u << 20) /* less is as good as nothing */

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
	    "%lld change%s made here, but this node only reads scope %s: what is written stays here", n,
	    n == 1 ? " was" : "s were", scope);
	also(status, "Minta peran writer kepada pengelola pusat bila harus terkirim.",
	     "%lld perubahan dibuat di sini, tetapi simpul ini hanya membaca lingkup %s: tetap di sini", n,
	     scope);
}

/* Whoever enrolled again writes onto a new chain: the old one stays frozen, and keeps nobody. */
static bool is_newest(const json_t *scopes, size_t at)
{
	const char *scope = json_text_or_empty(json_array_get(scopes, at), "scope");

	for (size_t i = at + 1; i < json_array_size(scopes); i++)
		if (strcmp(json_text_or_empty(json_array_get(scopes, i), "scope"), scope) == 0)
			return false;
	return true;
}

static void why_frozen(json_t *status, const json_t *chain)
{
	const char *scope = json_text_or_empty(chain, "scope");

	why(status, "fork",
	    "Run only one of the copies, and enrol it again: simpul enrol FILE INVITATION; what is written"
	    " until then waits here.",
	    "the hub froze the chain of scope %s: two copies of this file wrote changeset after changeset"
	    " under one number, so it takes no more from either", scope);
	also(status, "Jalankan hanya satu salinan dan daftarkan lagi: simpul enrol BERKAS UNDANGAN; tulisan"
		     " sampai saat itu menunggu di sini.",
	     "pusat membekukan rantai lingkup %s: dua salinan berkas ini menulis dengan nomor yang sama,"
	     " jadi tidak ada lagi yang diterima dari keduanya", scope);
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
		if (is_true(chain, "frozen") && is_newest(scopes, i))
			why_frozen(status, chain);
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

const char *status_why_held(const char *missing, bool english)
{
	if (strcmp(missing, "grant") == 0 && english)
		return "It comes with the hub's own chain: sync, or import a newer bundle.";
	if (strcmp(missing, "schema") == 0 && english)
		return "It comes with its author's chain: sync, or import the bundle before this one.";
	if (strcmp(missing, "fork") == 0)
		return english ? err_advice_en(ERR_FORK) : err_advice_id(ERR_FORK);
	return english ? err_advice_en(ERR_HELD) : err_advice_id(ERR_HELD);
}

static void held_row(void *arg, struct stmt *s)
{
	const char *missing = stmt_get_text(s, 0);
	long long n = stmt_get_int(s, 1);
	char code[64];

	snprintf(code, sizeof(code), "held-%s", missing);
	why(arg, code, status_why_held(missing, true), "%lld changeset%s waiting: %s", n,
	    n == 1 ? " is" : "s are", stmt_get_text(s, 2));
	also(arg, status_why_held(missing, false), "%lld set perubahan ditahan: %s", n,
	     stmt_get_text(s, 2));
}

static void quarantined_row(void *arg, struct stmt *s)
{
	long long n = stmt_get_int(s, 0);

	why(arg, "quarantined", "simpul quarantine FILE lists them.",
	    "%lld changeset%s kept apart: %s", n, n == 1 ? " is" : "s are", stmt_get_text(s, 1));
	also(arg, "Daftarnya: simpul quarantine BERKAS.", "%lld set perubahan disisihkan: %s", n,
	     stmt_get_text(s, 1));
}

static void violation_row(void *arg, struct stmt *s)
{
	long long n = stmt_get_int(s, 1);

	why(arg, stmt_get_text(s, 0), "simpul violations FILE lists them.", "%lld row%s: %s", n,
	    n == 1 ? "" : "s", stmt_get_text(s, 2));
	also(arg, "Daftarnya: simpul violations BERKAS.", "%lld baris: %s", n, stmt_get_text(s, 2));
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

static void dropped_row(void *arg, struct stmt *s)
{
	why(arg, "table-dropped", "Create it again, its rows come back; or simpul detach FILE TABLE.",
	    "table %s was dropped here; its rows are not deleted for others, and what others change in it"
	    " waits", stmt_get_text(s, 0));
	also(arg, "Buat lagi tabelnya, barisnya kembali; atau simpul detach BERKAS TABEL.",
	     "tabel %s dihapus di sini; barisnya tidak dihapus di tempat lain, dan perubahan dari"
	     " tempat lain menunggu", stmt_get_text(s, 0));
}

static void aside_row(void *arg, struct stmt *s)
{
	why(arg, "table-aside",
	    "Give it the key that it had (simpul alter); or detach it, rename it, attach it by that name.",
	    "table %s is put aside: %s; what others change in it waits, and all other tables go on",
	    stmt_get_text(s, 0), stmt_get_text(s, 1));
	also(arg, "Kembalikan kunci utamanya (simpul alter); atau detach, ganti nama, lalu attach.",
	     "tabel %s dikesampingkan: %s; perubahan dari tempat lain menunggu, tabel lain jalan terus",
	     stmt_get_text(s, 0), stmt_get_text(s, 1));
}

static bool why_unmerged(struct db *db, json_t *status, struct err *e)
{
	AUTO_BUF names = { 0 };
	int64_t n;

	if (!db_int(db, "SELECT count(*) FROM simpul_changeset WHERE state = 0 AND kind = 1"
			" AND chain_no NOT IN " TABLES_CARRIED
			" AND coalesce(reason, '') NOT LIKE 'table % was dropped here:%'"
			" AND coalesce(reason, '') NOT LIKE 'table % is put aside here:%'", 0, &n, e) ||
	    (n > 0 && !unattached(db, &names, e)))
		return false;
	if (n > 0 && names.len > 0) {
		why(status, "not-attached",
		    "Attach it here as well: simpul attach FILE TABLE --scope S; or rename it. Then sync.",
		    "%" PRId64 " changeset%s not merged: this file has a table %s of its own, which is not"
		    " replicated", n, n == 1 ? " is" : "s are", buf_string(&names));
		also(status, "Ikutkan: simpul attach BERKAS TABEL --scope S; atau ganti namanya. Lalu sync.",
		     "%" PRId64 " set perubahan belum digabung: berkas ini punya tabel %s sendiri, yang tidak"
		     " direplikasi", n, buf_string(&names));
	} else if (n > 0) {
		why(status, "not-merged", "They are merged with the next sync.",
		    "%" PRId64 " changeset%s not merged yet", n, n == 1 ? " is" : "s are");
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

/* A node that cannot write cannot note that either: so it is looked at, by whoever owns the file. */
static void why_disk(json_t *status, const char *path)
{
	char directory[4096];
	struct statvfs disk;
	struct stat file;

	if (stat(path, &file) != 0 || statvfs(path, &disk) != 0)
		return;
	if ((uint64_t)disk.f_bavail * disk.f_frsize < DISK_BYTES_LEAST) {
		why(status, "disk-full", err_advice_en(ERR_DISK_FULL),
		    "the disk that holds this file is full: nothing can be sealed or received");
		also(status, NULL, "disk tempat berkas ini penuh: tidak ada yang disegel atau diterima");
	}
	snprintf(directory, sizeof(directory), "%s", path);
	if ((disk.f_flag & ST_RDONLY) != 0 ||
	    (file.st_uid == geteuid() &&
	     (access(path, W_OK) != 0 || access(dirname(directory), W_OK) != 0))) {
		why(status, "read-only", err_advice_en(ERR_READ_ONLY),
		    "this file or its directory cannot be written: nothing can be sealed or received");
		also(status, NULL, "berkas ini atau direktorinya tidak dapat ditulis: tidak ada yang dapat"
				   " disegel atau diterima");
	}
}

bool status_why(struct db *db, json_t *status, uint64_t now_ms, struct err *e)
{
	json_object_set_new(status, "why", json_array());
	why_disk(status, db->path);
	why_membership(status);
	why_connection(status);
	return status_rows(db, "SELECT missing, count(*), min(detail) FROM simpul_held WHERE NOT "
			       ACT_DISMISSED("simpul_held.id") " GROUP BY missing", held_row, status, e) &&
	       status_rows(db, "SELECT count(*), coalesce(reason, '') FROM simpul_changeset WHERE state = 2"
			       " AND NOT " ACT_DISMISSED("simpul_changeset.id") " GROUP BY reason",
			   quarantined_row, status, e) &&
	       status_rows(db, "SELECT reason, count(*), min(detail) FROM simpul_violation GROUP BY reason",
			   violation_row, status, e) &&
	       status_rows(db, "SELECT t.name FROM simpul_table t WHERE NOT EXISTS (SELECT 1 FROM"
			       " sqlite_schema s WHERE s.type = 'table' AND s.name = t.name COLLATE NOCASE)"
			       " AND NOT EXISTS (SELECT 1 FROM sqlite_schema s WHERE s.type = 'trigger'"
			       " AND s.name = 'simpul_' || t.no || '_i') ORDER BY t.name",
			   dropped_row, status, e) &&
	       status_rows(db, "SELECT name, aside FROM simpul_table WHERE aside IS NOT NULL ORDER BY name",
			   aside_row, status, e) &&
	       why_unmerged(db, status, e) &&
	       why_clock(db, status, now_ms, e);
}
