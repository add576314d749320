/*
 * bundle.c - the file on the stick.
 *
 *	"SMPB" 01 0D 0A 1A
 *	section*		u8 type, u32 length (big-endian), bytes
 *	end section		type 255, length 32: the running hash
 *
 * The running hash begins as SHA-256(magic) and becomes SHA-256(hash || type || length || bytes) with each
 * section, so that a bundle of any size is checked with one section in memory, and no section can be
 * changed, left out, repeated or moved.  It guards against bad sticks and cut copies; against forgery the
 * signatures inside do.
 *
 * The reader takes a bundle twice: once to see that it is whole, so that of a bad one nothing is taken in,
 * and once to take it in, in parts between which other programs write (turn.h).  The hash is checked again
 * then: a stick can answer differently the second time.  What was accepted before that is seen stays: each
 * changeset and each receipt was verified by itself, and a bundle that is taken in again finds it here.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "bytes.h"
#include "exchange/bundle.h"
#include "exchange/proof.h"
#include "exchange/settle.h"
#include "simpul/seal.h"

#define HEAD_BYTES 5
#define RECEIPTS_PER_SECTION 500
#define FRAMES_AT_ONCE_BYTES (4u << 20)

static size_t limit_of(unsigned type)
{
	switch (type) {
	case BUNDLE_INFO:
		return BUNDLE_INFO_BYTES_MAX;
	case BUNDLE_FRAME:
		return LIMIT_FRAME_BYTES;
	case BUNDLE_RECEIPTS:
		return LIMIT_REQUEST_BYTES;
	case BUNDLE_CHECKPOINT:
		return LIMIT_NOTE_BYTES;
	case BUNDLE_END:
		return sizeof(struct hash);
	default:
		return 0;
	}
}

static void hash_on(struct hash *hash, const void *head, const void *bytes, size_t len)
{
	struct bytes parts[] = { { hash->bytes, sizeof(hash->bytes) }, { head, HEAD_BYTES }, { bytes, len } };
	struct hash next;

	crypto_sha256_parts(parts, 3, &next);
	*hash = next;
}

static bool read_exactly(FILE *file, void *out, size_t len, struct err *e)
{
	errno = 0;
	if (fread(out, 1, len, file) == len)
		return true;
	if (ferror(file))
		return err_set(e, ERR_STORAGE, "the bundle cannot be read: %s", strerror(errno));
	return err_set(e, ERR_MALFORMED, "the bundle is cut off; copy it again");
}

bool bundle_reader_open(struct bundle_reader *r, FILE *file, struct err *e)
{
	char magic[BUNDLE_MAGIC_LEN];

	*r = (struct bundle_reader){ .file = file };
	if (!read_exactly(file, magic, sizeof(magic), e))
		return false;
	if (memcmp(magic, BUNDLE_MAGIC, 4) != 0)
		return err_set(e, ERR_MALFORMED, "this is not a bundle");
	if (memcmp(magic, BUNDLE_MAGIC, sizeof(magic)) != 0)
		return err_set(e, magic[4] != BUNDLE_MAGIC[4] ? ERR_UNSUPPORTED : ERR_MALFORMED,
			       magic[4] != BUNDLE_MAGIC[4] ? "a bundle of a later version" :
			       "the bundle was changed by a program that took it for text");
	crypto_sha256(magic, sizeof(magic), &r->hash);
	return true;
}

static bool end_check(struct bundle_reader *r, struct err *e)
{
	if (memcmp(r->bytes.data, r->hash.bytes, sizeof(r->hash.bytes)) != 0)
		return err_set(e, ERR_HASH, "the bundle was altered or damaged");
	if (fgetc(r->file) != EOF)
		return err_set(e, ERR_MALFORMED, "something follows the end of the bundle");
	r->ended = true;
	return true;
}

bool bundle_reader_next(struct bundle_reader *r, struct bundle_section *ret, bool *ret_more,
			struct err *e)
{
	uint8_t head[HEAD_BYTES];
	struct reader in = { .p = head + 1, .end = head + HEAD_BYTES };
	size_t len;

	if (!read_exactly(r->file, head, sizeof(head), e))
		return false;
	len = reader_uint(&in, 4);
	if (limit_of(head[0]) == 0)
		return err_set(e, ERR_UNSUPPORTED, "the bundle has a section of type %u", head[0]);
	if (len > limit_of(head[0]) || (head[0] == BUNDLE_END && len != sizeof(struct hash)))
		return err_set(e, ERR_TOO_LARGE, "a section of %zu bytes", len);
	if (head[0] == BUNDLE_FRAME && ++r->frames > LIMIT_BUNDLE_FRAMES)
		return err_set(e, ERR_TOO_LARGE, "more than %u changesets", LIMIT_BUNDLE_FRAMES);
	buf_reset(&r->bytes);
	if (!read_exactly(r->file, buf_reserve(&r->bytes, len + 1), len, e))
		return false;
	*ret_more = head[0] != BUNDLE_END;
	if (!*ret_more)
		return end_check(r, e);
	hash_on(&r->hash, head, r->bytes.data, len);
	*ret = (struct bundle_section){ (enum bundle_type)head[0], r->bytes.data, len };
	return true;
}

void bundle_reader_close(struct bundle_reader *r)
{
	buf_done(&r->bytes);
}

static bool write_error(const char *path, struct err *e)
{
	enum err_code code = errno == ENOSPC || errno == EDQUOT ? ERR_DISK_FULL :
			     errno == EACCES || errno == EROFS || errno == EPERM ? ERR_READ_ONLY :
			     errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_STORAGE;

	return err_set(e, code, "%s: %s", path, strerror(errno));
}

static bool write_exactly(struct bundle_writer *w, const void *bytes, size_t len, struct err *e)
{
	if (fwrite(bytes, 1, len, w->file) != len)
		return write_error(w->path, e);
	w->bytes += len;
	return true;
}

bool bundle_writer_open(struct bundle_writer *w, const char *path, struct err *e)
{
	*w = (struct bundle_writer){ 0 };
	if ((size_t)snprintf(w->path, sizeof(w->path), "%s", path) >= sizeof(w->path))
		return err_set(e, ERR_USAGE, "the path of the bundle is too long");
	snprintf(w->temporary, sizeof(w->temporary), "%s.tmp", path);
	if (access(path, F_OK) == 0)
		return err_set(e, ERR_EXISTS, "%s is there already", path);
	w->file = fopen(w->temporary, "wbe");
	if (w->file == NULL)
		return write_error(w->temporary, e);
	crypto_sha256(BUNDLE_MAGIC, BUNDLE_MAGIC_LEN, &w->hash);
	return write_exactly(w, BUNDLE_MAGIC, BUNDLE_MAGIC_LEN, e);
}

bool bundle_writer_put(struct bundle_writer *w, enum bundle_type type, const void *bytes, size_t len,
		       struct err *e)
{
	uint8_t head[HEAD_BYTES] = { (uint8_t)type };
	struct writer out = { .p = head, .len = 1, .cap = sizeof(head) };

	if (len > limit_of(type))
		return err_set(e, ERR_TOO_LARGE, "a section of %zu bytes", len);
	writer_uint(&out, len, 4);
	if (!write_exactly(w, head, sizeof(head), e) || !write_exactly(w, bytes, len, e))
		return false;
	hash_on(&w->hash, head, bytes, len);
	return true;
}

/* The directory entry too, or a power cut may take the file back.  FAT on a stick cannot: no matter. */
static void sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char directory[4096];
	FILE *file;

	snprintf(directory, sizeof(directory), "%.*s", slash == NULL ? 1 : (int)(slash - path + 1),
		 slash == NULL ? "." : path);
	file = fopen(directory, "re");
	if (file == NULL)
		return;
	(void)!fsync(fileno(file));
	fclose(file);
}

bool bundle_writer_commit(struct bundle_writer *w, struct err *e)
{
	struct hash hash = w->hash;
	bool ok;

	if (!bundle_writer_put(w, BUNDLE_END, hash.bytes, sizeof(hash.bytes), e))
		return false;
	ok = fflush(w->file) == 0 && fsync(fileno(w->file)) == 0;
	ok = fclose(w->file) == 0 && ok;
	w->file = NULL;
	if (!ok || rename(w->temporary, w->path) != 0) {
		write_error(w->path, e);
		unlink(w->temporary);
		return false;
	}
	sync_directory(w->path);
	return true;
}

void bundle_writer_close(struct bundle_writer *w)
{
	if (w->file == NULL)
		return;
	fclose(w->file);
	unlink(w->temporary);
	w->file = NULL;
}

/*
 * The changesets of one pass: first the national chain, then the others, each in the order of
 * acceptance, so that whoever takes them in knows every grant before it is needed.
 */
struct pass {
	struct party *p;
	const struct bundle_plan *plan;
	struct bundle_writer *writer;
	struct bundle_stats *stats;
	int64_t upto; /* n: what is accepted later goes into the next bundle */
	bool national;
};

#define PASS_WHERE                                                                                  \
	" FROM simpul_changeset cs WHERE cs.n > ?1 AND cs.n <= ?2 AND (cs.scope = 'national') = ?3" \
	" AND (?3 OR ?4 IS NULL OR cs.scope = ?4) AND (?5 = 0 OR cs.custody < 2)"

static bool pass_statement(struct pass *pass, const char *sql, int64_t after, struct stmt *s,
			   struct err *e)
{
	if (!db_statement(pass->p->db, sql, s, e))
		return false;
	stmt_int(s, 1, after);
	stmt_int(s, 2, pass->upto);
	stmt_int(s, 3, pass->national);
	if (pass->plan->scope != NULL)
		stmt_text(s, 4, pass->plan->scope);
	else
		stmt_null(s, 4);
	stmt_int(s, 5, pass->plan->unsent);
	return true;
}

/*
 * Some frames into memory, so that no lock on the database is held while the stick is slow; each behind
 * its length.  *after moves on; *ret_more tells whether it did.
 */
static bool frames_take(struct pass *pass, int64_t *after, struct buf *out, bool *ret_more, struct err *e)
{
	PARTY_LOCKED(pass->p);
	AUTO_RESET s = { 0 };
	bool row = false;

	*ret_more = false;
	if (!pass_statement(pass, "SELECT cs.n, cs.frame" PASS_WHERE " ORDER BY cs.n", *after, &s, e))
		return false;
	while (out->len < FRAMES_AT_ONCE_BYTES) {
		const void *frame;
		uint32_t len;
		size_t n;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row)
			break;
		frame = stmt_get_blob(&s, 1, &n);
		len = (uint32_t)n;
		buf_put(out, &len, sizeof(len));
		buf_put(out, frame, len);
		*after = stmt_get_int(&s, 0);
		*ret_more = true;
	}
	return true;
}

static bool frames_write(struct pass *pass, struct err *e)
{
	AUTO_BUF frames = { 0 };
	int64_t after = 0;
	bool more;

	for (;;) {
		buf_reset(&frames);
		if (!frames_take(pass, &after, &frames, &more, e))
			return false;
		if (!more)
			return true;
		for (size_t at = 0; at < frames.len;) {
			uint32_t len;

			memcpy(&len, frames.data + at, sizeof(len));
			if (!bundle_writer_put(pass->writer, BUNDLE_FRAME, frames.data + at + sizeof(len),
					       len, e))
				return false;
			at += sizeof(len) + len;
			pass->stats->frames++;
		}
	}
}

static bool receipts_prove(struct pass *pass, struct answer *answer, struct err *e)
{
	PARTY_LOCKED(pass->p);
	return proof_fill(pass->p, answer, e);
}

/* Proofs of one section are against one checkpoint; a node holds them against those that came with them. */
static bool receipts_put(struct pass *pass, struct answer *answer, struct err *e)
{
	AUTO_ANSWER proven = { 0 };
	AUTO_BUF bytes = { 0 };

	if (answer->items == 0 || !receipts_prove(pass, answer, e))
		return answer->items == 0;
	for (size_t i = 0; i < answer->items; i++)
		if (answer->item[i].proven)
			*answer_add(&proven) = answer->item[i];
	proven.checkpoint = answer->checkpoint;
	if (proven.items == 0)
		return true;
	answer_encode(&proven, &bytes);
	pass->stats->receipts += proven.items;
	return bundle_writer_put(pass->writer, BUNDLE_RECEIPTS, bytes.data, bytes.len, e);
}

/* The ids of the next section's receipts: those that share a checkpoint, in order of acceptance. */
static bool receipts_take(struct pass *pass, int64_t *checkpoint, int64_t *after, struct answer *out,
			  struct err *e)
{
	static const char filed[] =
		"SELECT cs.n, cs.id, r.checkpoint_no FROM simpul_receipt r JOIN simpul_changeset cs"
		" ON cs.n = r.n WHERE (r.checkpoint_no, r.n) > (?5, ?1) AND cs.n <= ?2 AND"
		" (?4 IS NULL OR cs.scope = ?4 OR cs.scope = 'national') AND ?3 = ?3"
		" ORDER BY r.checkpoint_no, r.n LIMIT 500";
	static const char logged[] =
		"SELECT cs.n, cs.id, 0 FROM simpul_changeset cs WHERE cs.n > ?1 AND cs.n <= ?2 AND"
		" (?4 IS NULL OR cs.scope = ?4 OR cs.scope = 'national') AND ?3 = ?3 AND ?5 = ?5"
		" ORDER BY cs.n LIMIT 500";
	bool hub = pass->p->hub != NULL, row;
	PARTY_LOCKED(pass->p);
	AUTO_RESET s = { 0 };

	if (!pass_statement(pass, hub ? logged : filed, *after, &s, e))
		return false;
	stmt_int(&s, 5, *checkpoint);
	for (;;) {
		struct answer_item *item;
		const void *id;
		size_t len;

		if (!stmt_row(&s, &row, e))
			return false;
		if (!row || (out->items > 0 && stmt_get_int(&s, 2) != *checkpoint))
			return true;
		*after = stmt_get_int(&s, 0);
		*checkpoint = stmt_get_int(&s, 2);
		id = stmt_get_blob(&s, 1, &len);
		item = answer_add(out);
		item->state = ANSWER_LOGGED;
		item->index = (uint64_t)*after - 1;
		if (len != sizeof(item->id.bytes))
			return err_set(e, ERR_CORRUPT, "changeset %" PRId64 " has a damaged id", *after);
		memcpy(item->id.bytes, id, len);
	}
}

static bool receipts_write(struct pass *pass, struct err *e)
{
	int64_t checkpoint = 0, after = 0;

	for (;;) {
		AUTO_ANSWER answer = { 0 };

		if (!receipts_take(pass, &checkpoint, &after, &answer, e) ||
		    !receipts_put(pass, &answer, e))
			return false;
		if (answer.items == 0)
			return true;
	}
}

static bool info_write(struct pass *pass, struct err *e)
{
	AUTO_JSON json = json_object();
	AUTO_BUF bytes = { 0 };

	json_object_set_new(json, "made_ms", json_integer((json_int_t)world_now_ms(pass->p->world)));
	json_object_set_new(json, "by", json_string(pass->p->name));
	json_put_hex(json, "key", pass->p->key.bytes, sizeof(pass->p->key.bytes));
	json_object_set_new(json, "origin", json_string(pass->p->origin));
	if (pass->plan->scope != NULL)
		json_object_set_new(json, "scope", json_string(pass->plan->scope));
	json_object_set_new(json, "unsent", json_boolean(pass->plan->unsent));
	json_write(json, &bytes);
	return bundle_writer_put(pass->writer, BUNDLE_INFO, bytes.data, bytes.len, e);
}

/* The newest one, or an empty text. */
static bool checkpoint_take(struct party *p, char note[LIMIT_NOTE_BYTES + 1], struct err *e)
{
	PARTY_LOCKED(p);
	AUTO_RESET s = { 0 };
	bool row;

	note[0] = '\0';
	if (!db_statement(p->db, "SELECT note FROM simpul_checkpoint WHERE origin = ?1"
				 " ORDER BY size DESC LIMIT 1", &s, e))
		return false;
	stmt_text(&s, 1, p->origin);
	if (!stmt_row(&s, &row, e))
		return false;
	if (row)
		snprintf(note, LIMIT_NOTE_BYTES + 1, "%s", stmt_get_text(&s, 0));
	return true;
}

static bool checkpoint_write(struct pass *pass, struct err *e)
{
	char note[LIMIT_NOTE_BYTES + 1];

	return checkpoint_take(pass->p, note, e) &&
	       (note[0] == '\0' ||
		bundle_writer_put(pass->writer, BUNDLE_CHECKPOINT, note, strlen(note), e));
}

static bool newest(struct party *p, int64_t *ret_n, struct err *e)
{
	PARTY_LOCKED(p);
	return db_int(p->db, "SELECT max(n) FROM simpul_changeset", 0, ret_n, e);
}

bool bundle_export(struct party *p, const struct bundle_plan *plan, const char *path,
		   struct bundle_stats *ret, struct err *e)
{
	AUTO_BUNDLE_WRITER writer = { 0 };
	struct bundle_stats stats = { 0 };
	struct pass pass = { .p = p, .plan = plan, .writer = &writer, .stats = &stats, .national = true };
	struct pass others = pass;

	if (!bundle_writer_open(&writer, path, e) || !settle_parts(p, e) || !newest(p, &pass.upto, e))
		return false;
	others.national = false;
	others.upto = pass.upto;
	if (!info_write(&pass, e) || !frames_write(&pass, e) || !frames_write(&others, e) ||
	    !checkpoint_write(&pass, e) || (!plan->unsent && !receipts_write(&pass, e)) ||
	    !bundle_writer_commit(&writer, e))
		return false;
	stats.bytes = writer.bytes;
	*ret = stats;
	return true;
}

struct import {
	struct party *party;
	struct bundle_reader reader;
	struct bundle_stats stats;
	bool more;
};

#define AUTO_IMPORT __attribute__((cleanup(import_done))) struct import

static void import_done(struct import *in)
{
	bundle_reader_close(&in->reader);
}

static bool frame_import(struct import *in, const struct bundle_section *section, struct err *e)
{
	struct bundle_stats *stats = &in->stats;
	struct inbox_result result;

	if (!party_accept(in->party, section->bytes, section->len, &result, e))
		return false;
	stats->frames++;
	switch (result.state) {
	case INBOX_ACCEPTED:
		stats->accepted++;
		return true;
	case INBOX_DUPLICATE:
		stats->known++;
		return true;
	case INBOX_HELD:
		stats->held++;
		return true;
	default:
		stats->refused++;
		stats->trouble = result.problem;
		return true;
	}
}

/* A receipt that does not hold is not filed; it says nothing against the changesets beside it. */
static bool is_refusal(enum err_code code)
{
	return code == ERR_PROOF || code == ERR_SIGNATURE || code == ERR_WEAK_KEY ||
	       code == ERR_MALFORMED || code == ERR_TOO_LARGE || code == ERR_UNSUPPORTED;
}

static bool proven_file(struct party *p, const struct bundle_section *section, size_t *ret_filed,
			struct err *e)
{
	AUTO_ANSWER answer = { 0 };
	AUTO_TXN txn = { 0 };

	if (section->type == BUNDLE_RECEIPTS) {
		if (!answer_decode(section->bytes, section->len, &answer, e))
			return false;
	} else {
		answer.checkpoint.len = section->len;
		memcpy(answer.checkpoint.text, section->bytes, section->len);
	}
	return txn_begin(&txn, p->db, e) && proof_file(p, &answer, ret_filed, e) && txn_commit(&txn, e);
}

static bool proven_import(struct import *in, const struct bundle_section *section, struct err *e)
{
	static const struct public_key none;
	struct party *p = in->party;
	struct err problem;
	size_t filed = 0;

	/* The hub has its own log, and who is not enrolled has no hub's key to check against. */
	if (p->hub != NULL || key_equal(&p->hub_key, &none))
		return true;
	if (proven_file(p, section, &filed, &problem)) {
		in->stats.receipts += filed;
		return true;
	}
	if (!is_refusal(problem.code)) {
		*e = problem;
		return false;
	}
	in->stats.refused++;
	in->stats.trouble = problem;
	return true;
}

static bool section_import(struct import *in, const struct bundle_section *section, struct err *e)
{
	switch (section->type) {
	case BUNDLE_FRAME:
		return frame_import(in, section, e);
	case BUNDLE_RECEIPTS:
	case BUNDLE_CHECKPOINT:
		return proven_import(in, section, e);
	default:
		return true;
	}
}

/* Is the file whole? */
static bool look_through(FILE *file, struct err *e)
{
	AUTO_BUNDLE_READER r = { 0 };
	struct bundle_section section;
	bool more = true;

	if (!bundle_reader_open(&r, file, e))
		return false;
	while (more)
		if (!bundle_reader_next(&r, &section, &more, e))
			return false;
	return true;
}

static bool import_part(struct import *in, struct err *e)
{
	struct party *p = in->party;
	PARTY_LOCKED(p);
	AUTO_TXN txn = { 0 };

	if (!txn_begin(&txn, p->db, e))
		return false;
	turn_begin(&p->turn, p->world);
	do {
		struct bundle_section section;

		if (!bundle_reader_next(&in->reader, &section, &in->more, e) ||
		    (in->more && !section_import(in, &section, e)))
			return false;
	} while (in->more && !turn_over(&p->turn, p->world));
	if (p->hub != NULL && !p->hub->append(p, e))
		return false;
	turn_worked(&p->turn, p->world, 0);
	return txn_commit(&txn, e) && (p->hub == NULL || p->hub->sign(p, e));
}

static void file_close(FILE **file)
{
	if (*file != NULL)
		fclose(*file);
}

bool bundle_import(struct party *p, const char *path, struct bundle_stats *ret, struct err *e)
{
	AUTO_IMPORT in = { .party = p, .more = true };
	__attribute__((cleanup(file_close))) FILE *file = fopen(path, "rbe");
	struct stat st;

	if (file == NULL)
		return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_STORAGE, "%s: %s", path,
			       strerror(errno));
	if (fstat(fileno(file), &st) != 0 || !S_ISREG(st.st_mode))
		return err_set(e, ERR_USAGE, "%s is not a file", path);
	if (!look_through(file, e))
		return err_wrap(e, "%s", path);
	rewind(file);
	if (!bundle_reader_open(&in.reader, file, e))
		return err_wrap(e, "%s", path);
	while (in.more)
		if (!import_part(&in, e) || !settle_pause(p, e))
			return err_wrap(e, "%s", path);
	if (!settle_parts(p, e))
		return false;
	in.stats.bytes = (uint64_t)st.st_size;
	*ret = in.stats;
	return true;
}
