/* status_screen.c - the line of state, and the status as a person sees it. */
#include <inttypes.h>
#include <string.h>

#include "command/status.h"

static long long number(const json_t *status, const char *name)
{
	return (long long)json_int_or_zero(status, name);
}

static bool is_hub(const json_t *status)
{
	return strcmp(json_text_or_empty(status, "role"), "hub") == 0;
}

/* The first peer that is the hub; NULL if there is none. */
static const json_t *hub_peer(const json_t *status)
{
	const json_t *peers = json_object_get(status, "peers");

	for (size_t i = 0; i < json_array_size(peers); i++)
		if (json_is_true(json_object_get(json_array_get(peers, i), "hub")))
			return json_array_get(peers, i);
	return NULL;
}

static bool has_why(const json_t *status, const char *code)
{
	const json_t *list = json_object_get(status, "why");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_text_or_empty(json_array_get(list, i), "code"), code) == 0)
			return true;
	return false;
}

/* Not every failed exchange is the line's fault: what is wrong here is not called "no connection". */
static const char *trouble_since(const struct screen *s, const json_t *peer)
{
	switch (err_exit_status(err_from_slug(json_text_or_empty(peer, "error")))) {
	case 7:
		return screen_say(s, "Tanpa sambungan sejak", "No connection since");
	case 8:
	case 9:
		return screen_say(s, "Gangguan di mesin ini sejak", "Trouble on this machine since");
	default:
		return screen_say(s, "Tanpa pertukaran sejak", "No exchange since");
	}
}

/* Reasons that stop everything, said in place of the connection. */
static const struct stop {
	const char *code, *id, *en;
} stops[] = {
	{ "revoked", "Hak perangkat ini dicabut", "This device was revoked" },
	{ "disk-full", "Disk penuh", "The disk is full" },
	{ "read-only", "Berkas tidak dapat ditulis", "The file cannot be written" },
	{ "fork", "Rantai dibekukan oleh pusat", "The hub froze this node's chain" },
};

static const struct stop *stopped(const json_t *status)
{
	for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++)
		if (has_why(status, stops[i].code))
			return &stops[i];
	return NULL;
}

static void line_connection(const struct screen *s, const json_t *status, struct buf *out)
{
	const struct stop *stop = stopped(status);
	const json_t *peer = hub_peer(status);
	char time[40];

	if (!json_is_true(json_object_get(status, "enrolled"))) {
		buf_text(out, screen_say(s, "Belum terdaftar", "Not enrolled"));
		return;
	}
	if (stop != NULL) {
		buf_text(out, screen_say(s, stop->id, stop->en));
		return;
	}
	if (peer == NULL || number(peer, "contact_ms") == 0) {
		buf_text(out, screen_say(s, "Terdaftar; belum ada pertukaran dengan pusat",
					 "Enrolled; nothing exchanged with the hub yet"));
		return;
	}
	screen_time(time, sizeof(time), (uint64_t)number(peer, "contact_ms"));
	if (json_is_string(json_object_get(peer, "error")))
		buf_print(out, "%s %s", trouble_since(s, peer), time);
	else if (json_is_true(json_object_get(status, "running")))
		buf_text(out, screen_say(s, "Tersambung", "Connected"));
	else
		buf_print(out, screen_say(s, "Tidak berjalan; terakhir tersambung %s",
					  "Not running; last connected %s"), time);
}

static void line_delivery(const struct screen *s, const json_t *status, struct buf *out)
{
	long long pending = number(status, "pending"), unsent = number(status, "unsent");
	char time[40];

	if (pending + unsent == 0) {
		if (number(status, "receipts") == 0)
			return;
		screen_time(time, sizeof(time), (uint64_t)number(status, "last_receipt_ms"));
		buf_print(out, screen_say(s, " · semua terkirim, tanda terima %s",
					  " · everything sent, receipt %s"), time);
		return;
	}
	if (pending > 0)
		buf_print(out, screen_say(s, " · belum disegel (%lld)", " · not sealed yet (%lld)"), pending);
	if (unsent > 0)
		buf_print(out, screen_say(s, " · belum terkirim (%lld)", " · not sent yet (%lld)"), unsent);
	buf_text(out, screen_say(s, " · pekerjaan tetap aman", " · the work is safe"));
}

static void line_attention(const struct screen *s, const json_t *status, struct buf *out)
{
	if (number(status, "conflicts") > 0)
		buf_print(out, screen_say(s, " · Perlu dipilih (%lld)", " · to choose (%lld)"),
			  number(status, "conflicts"));
	if (number(status, "held") > 0)
		buf_print(out, screen_say(s, " · Ditahan (%lld)", " · held (%lld)"),
			  number(status, "held"));
	if (number(status, "quarantined") > 0)
		buf_print(out, screen_say(s, " · Perlu diperiksa (%lld)", " · to look at (%lld)"),
			  number(status, "quarantined"));
}

static void line_hub(const struct screen *s, const json_t *status, struct buf *out)
{
	bool running = json_is_true(json_object_get(status, "running"));

	buf_text(out, running ? screen_say(s, "Pusat berjalan", "The hub is running") :
				screen_say(s, "Pusat tidak berjalan", "The hub is not running"));
	buf_print(out, screen_say(s, " · %lld set perubahan dalam log · simpul terdaftar: %lld",
				  " · %lld changesets in the log · nodes enrolled: %lld"),
		  number(status, "receipts"), number(status, "nodes"));
}

void status_screen_line(const struct screen *s, const json_t *status, struct buf *out,
		 enum screen_colour *ret_colour)
{
	if (is_hub(status)) {
		line_hub(s, status, out);
	} else {
		line_connection(s, status, out);
		line_delivery(s, status, out);
	}
	line_attention(s, status, out);
	*ret_colour = stopped(status) != NULL ? SCREEN_BAD :
		      json_array_size(json_object_get(status, "why")) > 0 ||
				      number(status, "conflicts") > 0 ? SCREEN_WARN : SCREEN_GOOD;
}

static void print_who(const struct screen *s, const json_t *status)
{
	const json_t *scopes = json_object_get(status, "scopes"), *tables = json_object_get(status, "tables");
	const char *origin = json_text_or_empty(status, "origin");

	screen_print(s, SCREEN_BOLD, "%s", json_text_or_empty(status, "name"));
	screen_print(s, SCREEN_FAINT, " · %s · %s\n",
		     is_hub(status) ? screen_say(s, "pusat", "hub") : screen_say(s, "simpul", "node"),
		     json_text_or_empty(status, "fingerprint"));
	for (size_t i = 0; i < json_array_size(scopes); i++) {
		const json_t *chain = json_array_get(scopes, i);
		const char *role = json_text_or_empty(chain, "role");

		screen_print(s, SCREEN_FAINT, "%s%s (%s)", i == 0 ? "" : ", ",
			     json_text_or_empty(chain, "scope"),
			     role[0] == '\0' ? screen_say(s, "tanpa hak", "no right yet") : role);
	}
	if (origin[0] != '\0')
		screen_print(s, SCREEN_FAINT, "%s%s", json_array_size(scopes) > 0 ? " · " : "", origin);
	if (json_array_size(scopes) > 0 || origin[0] != '\0')
		screen_print(s, SCREEN_PLAIN, "\n");
	for (size_t i = 0; i < json_array_size(tables) && i < 12; i++)
		screen_print(s, SCREEN_FAINT, "%s%s", i == 0 ? screen_say(s, "tabel ", "tables ") : ", ",
			     json_text_or_empty(json_array_get(tables, i), "name"));
	if (json_array_size(tables) > 12)
		screen_print(s, SCREEN_FAINT, " … (%zu)", json_array_size(tables));
	if (json_array_size(tables) > 0)
		screen_print(s, SCREEN_PLAIN, "\n");
}

static long long refusals(const json_t *status)
{
	json_t *object = json_object_get(status, "refused"), *value;
	const char *name;
	long long n = 0;

	json_object_foreach(object, name, value)
		n += json_integer_value(value);
	return n;
}

struct figure {
	const char *id, *en, *name;
	enum screen_colour colour; /* when it is not 0 */
	bool always;
};

/* Of those that rows refer to, how many are at the hub; at an office also how many are not here. */
static void print_attachments(const struct screen *s, const json_t *status, const char *between)
{
	const json_t *files = json_object_get(status, "files");
	long long all = number(files, "files"), at_hub = number(files, "at_hub");
	long long absent = all - number(files, "here");

	if (all == 0)
		return;
	screen_print(s, at_hub < all ? SCREEN_WARN : SCREEN_GOOD,
		     screen_say(s, "%slampiran %lld dari %lld di pusat",
				"%sattachments %lld of %lld at the hub"), between, at_hub, all);
	if (absent > 0)
		screen_print(s, SCREEN_WARN, screen_say(s, ", %lld belum di sini", ", %lld not here yet"),
			     absent);
}

/* Figures side by side, what is not 0 in colour; zeros only where they reassure. */
static void print_figures(const struct screen *s, const json_t *status)
{
	static const struct figure figures[] = {
		{ "belum disegel", "not sealed", "pending", SCREEN_WARN, true },
		{ "belum terkirim", "not sent", "unsent", SCREEN_WARN, true },
		{ "tanda terima", "receipts", "receipts", SCREEN_GOOD, true },
		{ "set perubahan", "changesets", "changesets", SCREEN_PLAIN, true },
		{ "ditahan", "held", "held", SCREEN_WARN, false },
		{ "belum digabung", "not merged", "unmerged", SCREEN_WARN, false },
		{ "dibawa", "carried", "carried", SCREEN_PLAIN, false },
		{ "perlu diperiksa", "quarantined", "quarantined", SCREEN_WARN, false },
		{ "batal", "void", "void", SCREEN_WARN, false },
		{ "perlu dipilih", "conflicts", "conflicts", SCREEN_WARN, true },
		{ "melanggar aturan", "violations", "violations", SCREEN_WARN, false },
		{ "kolom belum dikenal di sini", "columns not known here", "columns_not_here", SCREEN_PLAIN,
		  false },
	};
	const char *between = "";

	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		const struct figure *f = &figures[i];
		long long n = number(status, f->name);

		if (n == 0 && !f->always)
			continue;
		screen_print(s, n > 0 ? f->colour : SCREEN_FAINT, "%s%lld %s", between, n,
			     screen_say(s, f->id, f->en));
		between = "   ";
	}
	if (refusals(status) > 0)
		screen_print(s, SCREEN_WARN, "%s%lld %s", between, refusals(status),
			     screen_say(s, "ditolak", "refused"));
	print_attachments(s, status, between);
	screen_print(s, SCREEN_PLAIN, "\n");
}

static void print_peers(const struct screen *s, const json_t *status, uint64_t now_ms)
{
	static const char *const id[] = { "MITRA", "JENIS", "TERAKHIR", "DIKIRIM", "DITERIMA", "MASALAH" };
	static const char *const en[] = { "PEER", "KIND", "LAST CONTACT", "SENT", "RECEIVED", "TROUBLE" };
	const json_t *peers = json_object_get(status, "peers");
	struct screen_table *t;

	if (json_array_size(peers) == 0)
		return;
	t = screen_table_new(s, s->english ? en : id, 6);
	for (size_t i = 0; i < json_array_size(peers); i++) {
		const json_t *peer = json_array_get(peers, i);
		const char *error = json_text_or_empty(peer, "error");
		char when[40] = "-", sent[32], received[32];

		if (number(peer, "contact_ms") > 0 && s->english)
			screen_ago(when, sizeof(when), (uint64_t)number(peer, "contact_ms"), now_ms);
		else if (number(peer, "contact_ms") > 0)
			screen_time(when, sizeof(when), (uint64_t)number(peer, "contact_ms"));
		screen_bytes(sent, sizeof(sent), (uint64_t)number(peer, "sent_bytes"));
		screen_bytes(received, sizeof(received), (uint64_t)number(peer, "received_bytes"));
		screen_table_cell(t, SCREEN_PLAIN, "%s", json_text_or_empty(peer, "url"));
		screen_table_cell(t, SCREEN_FAINT, "%s",
				  json_is_true(json_object_get(peer, "hub")) ?
					  screen_say(s, "pusat", "hub") :
					  screen_say(s, "tetangga", "neighbour"));
		screen_table_cell(t, SCREEN_PLAIN, "%s", when);
		screen_table_cell(t, SCREEN_PLAIN, "%s", sent);
		screen_table_cell(t, SCREEN_PLAIN, "%s", received);
		screen_table_cell(t, error[0] == '\0' ? SCREEN_FAINT : SCREEN_BAD, "%s",
				  error[0] == '\0' ? "-" : error);
	}
	screen_print(s, SCREEN_PLAIN, "\n");
	screen_table_print(&t);
}

/* Words in lines that fit, from the third column on; the first line behind `mark`. */
static void print_wrapped(const struct screen *s, enum screen_colour colour, const char *mark,
			  const char *text)
{
	size_t used = 0, most = s->terminal ? s->width : SIZE_MAX;

	while (*text != '\0') {
		size_t len = strcspn(text, " ");
		AUTO_BUF word = { 0 };
		size_t columns;

		screen_escape(text, len, &word);
		columns = screen_columns(buf_string(&word));
		if (used > 0 && used + 1 + columns > most) {
			screen_print(s, SCREEN_PLAIN, "\n");
			used = 0;
		}
		if (used == 0)
			screen_print(s, colour, "%s", mark);
		screen_print(s, colour, "%s%.*s", used == 0 ? "" : " ", (int)len, text);
		used += (used == 0 ? 2 : 1) + columns;
		mark = "  ";
		text += len;
		text += strspn(text, " ");
	}
	screen_print(s, SCREEN_PLAIN, "\n");
}

/* What the table of errors advises in the screen's language, where the reason is one of them. */
static const char *advice_of(const struct screen *s, const json_t *why)
{
	const char *code = json_text_or_empty(why, "code"), *said = json_text_or_empty(why, "advice_id");
	enum err_code known = err_from_slug(code);

	if (!s->english && said[0] != '\0')
		return said;
	if (!s->english && strcmp(err_slug(known), code) == 0)
		return err_advice_id(known);
	return json_text_or_empty(why, "advice");
}

static void print_why(const struct screen *s, const json_t *status)
{
	const json_t *list = json_object_get(status, "why");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *why = json_array_get(list, i);

		if (i == 0)
			screen_print(s, SCREEN_PLAIN, "\n");
		print_wrapped(s, SCREEN_WARN, "! ",
			      !s->english && json_object_get(why, "text_id") != NULL ?
				      json_text_or_empty(why, "text_id") : json_text_or_empty(why, "text"));
		print_wrapped(s, SCREEN_PLAIN, "  ", advice_of(s, why));
	}
}

void status_screen_print(const struct screen *s, const json_t *status, uint64_t now_ms)
{
	enum screen_colour colour;
	AUTO_BUF line = { 0 };

	print_who(s, status);
	status_screen_line(s, status, &line, &colour);
	screen_print(s, SCREEN_PLAIN, "\n");
	print_wrapped(s, colour, "● ", buf_string(&line));
	print_figures(s, status);
	print_peers(s, status, now_ms);
	print_why(s, status);
}
