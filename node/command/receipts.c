/* receipts.c - `simpul receipts`: what the hub has confirmed, and receipts as files that people keep. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "command/show.h"
#include "exchange/proof.h"

static const char filed_sql[] =
	"SELECT cs.n, cs.scope, cs.seq, ch.name, r.log_index, cp.size, r.filed_ms, cp.no"
	" FROM simpul_receipt r"
	" JOIN simpul_changeset cs ON cs.n = r.n JOIN simpul_chain ch ON ch.no = cs.chain_no"
	" LEFT JOIN simpul_checkpoint cp ON cp.no = r.checkpoint_no ORDER BY r.n DESC";
/* At the hub everything is in the signed log; the oldest head that holds it says since when. */
static const char logged_sql[] =
	"SELECT cs.n, cs.scope, cs.seq, ch.name, cs.n - 1,"
	" (SELECT max(n) FROM simpul_changeset), cs.arrived_ms, (SELECT no FROM simpul_checkpoint cp"
	"  WHERE cp.origin = ?1 AND cp.size >= cs.n ORDER BY cp.size LIMIT 1) FROM simpul_changeset cs"
	" JOIN simpul_chain ch ON ch.no = cs.chain_no ORDER BY cs.n DESC";

/* Neighbours in the list stand on one head: its signatures are checked once. */
struct received {
	int64_t no;
	uint64_t time; /* in seconds; 0: not told */
};

static bool received_at(struct party *p, struct stmt *s, struct received *known, struct err *e)
{
	int64_t no = stmt_get_int(s, 7);

	if (no == known->no)
		return true;
	if (!proof_time(p, no, &known->time, e))
		return false;
	known->no = no;
	return true;
}

static json_t *receipt_json(struct stmt *s, uint64_t received)
{
	return json_pack("{s:I,s:s,s:I,s:s,s:I,s:I,s:I,s:o}", "n", (json_int_t)stmt_get_int(s, 0), "scope",
			 stmt_get_text(s, 1), "seq", (json_int_t)stmt_get_int(s, 2), "node",
			 stmt_get_text(s, 3), "index", (json_int_t)stmt_get_int(s, 4), "size",
			 (json_int_t)stmt_get_int(s, 5), "filed_ms", (json_int_t)stmt_get_int(s, 6),
			 "received_at", show_time(received));
}

static void receipt_row(struct screen_table *t, struct stmt *s, uint64_t received)
{
	char time[40], hub_time[40] = "-";

	if (received != 0)
		screen_time(hub_time, sizeof(hub_time), received * 1000);
	screen_time(time, sizeof(time), (uint64_t)stmt_get_int(s, 6));
	screen_table_cell(t, SCREEN_BOLD, "%" PRId64, stmt_get_int(s, 0));
	screen_table_cell(t, SCREEN_PLAIN, "%s", stmt_get_text(s, 1));
	screen_table_cell(t, SCREEN_PLAIN, "%" PRId64, stmt_get_int(s, 2));
	screen_table_cell(t, SCREEN_PLAIN, "%s", stmt_get_text(s, 3));
	screen_table_cell(t, SCREEN_GOOD, "%" PRId64, stmt_get_int(s, 4));
	screen_table_cell(t, SCREEN_FAINT, "%" PRId64, stmt_get_int(s, 5));
	screen_table_cell(t, SCREEN_PLAIN, "%s", hub_time);
	screen_table_cell(t, SCREEN_FAINT, "%s", time);
}

static bool list(struct command_call *call, struct err *e)
{
	static const char *const id[] = { "N", "LINGKUP", "NOMOR", "SIMPUL", "INDEKS LOG", "LOG SAAT ITU",
					  "DI PUSAT", "DITERIMA" };
	static const char *const en[] = { "N", "SCOPE", "NUMBER", "NODE", "LOG INDEX", "LOG SIZE",
					  "AT HUB BY", "FILED" };
	const struct screen *s = &call->screen;
	struct screen_table *t = screen_table_new(s, s->english ? en : id, 8);
	__attribute__((cleanup(screen_table_free))) struct screen_table *owned = t;
	AUTO_JSON array = json_array();
	struct party *p = &call->node->party;
	struct received received = { 0 };
	AUTO_RESET rows = { 0 };
	bool row;

	if (!db_statement(p->db, call->node->is_hub ? logged_sql : filed_sql, &rows, e))
		return false;
	if (call->node->is_hub)
		stmt_text(&rows, 1, p->origin);
	for (;;) {
		if (!stmt_row(&rows, &row, e))
			return false;
		if (!row)
			break;
		if (!received_at(p, &rows, &received, e))
			return false;
		if (s->json)
			json_array_append_new(array, receipt_json(&rows, received.time));
		else
			receipt_row(t, &rows, received.time);
	}
	if (s->json)
		screen_json(s, array);
	else
		screen_table_print(&owned);
	return true;
}

/* A new file, complete or not there.  ERR_EXISTS: receipts are never overwritten. */
static bool file_write(const char *path, const struct receipt_text *text, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	bool ok;

	if (fd < 0)
		return err_set(e, errno == EEXIST ? ERR_EXISTS : errno == ENOENT ? ERR_NOT_FOUND :
				  ERR_READ_ONLY, "%s: %s", path, strerror(errno));
	ok = write(fd, text->text, text->len) == (ssize_t)text->len && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	if (ok)
		return true;
	err_set(e, errno == ENOSPC ? ERR_DISK_FULL : ERR_STORAGE, "%s: %s", path, strerror(errno));
	unlink(path);
	return false;
}

static bool save(struct command_call *call, const char *number, const char *path, struct err *e)
{
	struct receipt_text text;
	char *end;
	unsigned long long n = strtoull(number, &end, 10);

	if (*end != '\0' || n == 0 || number[0] == '-')
		return err_set(e, ERR_USAGE, "\"%s\" is not the number of a changeset", number);
	if (!proof_receipt(&call->node->party, n, &text, e))
		return false;
	if (strcmp(path, "-") == 0) {
		fwrite(text.text, 1, text.len, call->screen.out);
		return true;
	}
	if (!file_write(path, &text, e))
		return false;
	screen_print(&call->screen, SCREEN_GOOD, "%s\n", path);
	return true;
}

static bool save_one(struct command_call *call, uint64_t n, const char *directory, int *saved, struct err *e)
{
	struct receipt_text text;
	char path[4096];

	if ((size_t)snprintf(path, sizeof(path), "%s/receipt-%" PRIu64 ".txt", directory, n) >= sizeof(path))
		return err_set(e, ERR_USAGE, "the path is too long");
	if (access(path, F_OK) == 0)
		return true;
	if (!proof_receipt(&call->node->party, n, &text, e) || !file_write(path, &text, e))
		return false;
	++*saved;
	return true;
}

static bool save_all(struct command_call *call, const char *directory, struct err *e)
{
	int64_t after = 0;
	int saved = 0;

	if (mkdir(directory, 0755) != 0 && errno != EEXIST)
		return err_set(e, ERR_READ_ONLY, "%s: %s", directory, strerror(errno));
	for (;;) {
		AUTO_RESET s = { 0 };
		bool row;

		if (!db_statement(&call->node->db, call->node->is_hub ?
				  "SELECT n FROM simpul_changeset WHERE n > ?1 ORDER BY n LIMIT 1" :
				  "SELECT n FROM simpul_receipt WHERE n > ?1 ORDER BY n LIMIT 1", &s, e))
			return false;
		stmt_int(&s, 1, after);
		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		after = stmt_get_int(&s, 0);
		stmt_reset(&s);
		if (!save_one(call, (uint64_t)after, directory, &saved, e))
			return false;
	}
	screen_print(&call->screen, SCREEN_GOOD, "%d", saved);
	screen_print(&call->screen, SCREEN_PLAIN,
		     screen_say(&call->screen, " tanda terima baru di %s\n", " new receipts in %s\n"),
		     directory);
	return true;
}

bool command_receipts(struct command_call *call, struct err *e)
{
	struct options *o = &call->options;
	const char *number = NULL, *directory = NULL;

	if (!options_text(o, "--save", &number, e) || !options_text(o, "--save-all", &directory, e) ||
	    !options_rest(o, number == NULL ? 1 : 2, number == NULL ? 1 : 2, e))
		return false;
	if (number != NULL && directory != NULL)
		return err_set(e, ERR_USAGE, "either --save or --save-all");
	if (number != NULL)
		return save(call, number, o->word[1], e);
	return directory != NULL ? save_all(call, directory, e) : list(call, e);
}
