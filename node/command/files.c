/* files.c - `simpul files`: attachments that rows refer to; putting one here, and getting one out. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "blob/part.h"
#include "blob/refs.h"
#include "blob/writer.h"
#include "command.h"
#include "command/show.h"

struct listing {
	struct command_call *call;
	struct blob_store *store;
	struct db *db;
	struct screen_table *table;
	json_t *array;
	bool missing;
};

static void print_row(struct listing *l, const struct blob_ref *ref, int64_t size, bool at_hub,
		      const char *problem)
{
	const struct screen *s = &l->call->screen;
	bool here = size != BLOB_ABSENT;
	char hex[HEX_SIZE(sizeof(ref->hash))];

	hex_encode(ref->hash.bytes, sizeof(ref->hash.bytes), hex);
	screen_table_cell(l->table, SCREEN_BOLD, "%s", hex);
	screen_table_cell(l->table, SCREEN_PLAIN, "%s", ref->scope.name);
	screen_table_cell(l->table, SCREEN_PLAIN, "%" PRId64, here ? size : ref->size);
	screen_table_cell(l->table, SCREEN_FAINT, "%s", ref->type);
	screen_table_cell(l->table, here ? SCREEN_GOOD : SCREEN_WARN, "%s",
			  here ? screen_say(s, "ada", "yes") : screen_say(s, "belum", "no"));
	screen_table_cell(l->table, problem[0] != '\0' ? SCREEN_BAD : SCREEN_PLAIN, "%s",
			  problem[0] != '\0' ? problem :
			  at_hub || (here && l->call->node->is_hub) ? screen_say(s, "ada", "yes") :
								       screen_say(s, "belum", "no"));
}

static void add_json(struct listing *l, const struct blob_ref *ref, int64_t size, bool at_hub,
		     const char *problem)
{
	json_t *object = json_object();

	json_put_hex(object, "sha256", ref->hash.bytes, sizeof(ref->hash.bytes));
	json_object_set_new(object, "scope", json_string(ref->scope.name));
	json_object_set_new(object, "byte_size", json_integer(size != BLOB_ABSENT ? size : ref->size));
	json_object_set_new(object, "media_type", show_line(ref->type));
	json_object_set_new(object, "here", json_boolean(size != BLOB_ABSENT));
	json_object_set_new(object, "hub",
			    json_boolean(l->call->node->is_hub ? size != BLOB_ABSENT : at_hub));
	if (problem[0] != '\0')
		json_object_set_new(object, "problem", show_line(problem));
	json_array_append_new(l->array, object);
}

static bool list_one(void *arg, const struct blob_ref *ref, struct err *e)
{
	struct listing *l = arg;
	char problem[BLOB_TYPE_BYTES];
	int64_t size;
	bool at_hub;

	if (!blob_size(l->store, &ref->hash, &size, e) ||
	    !blob_refs_at_hub(l->db, &ref->hash, l->call->node->party.origin, &at_hub, problem, e))
		return false;
	if (l->missing && size != BLOB_ABSENT)
		return true;
	if (l->call->screen.json)
		add_json(l, ref, size, at_hub, problem);
	else
		print_row(l, ref, size, at_hub, problem);
	return true;
}

static bool list(struct command_call *call, struct blob_store *store, bool missing, struct err *e)
{
	static const char *const id[] = { "SHA-256", "LINGKUP", "BYTE", "JENIS", "DI SINI", "DI PUSAT" };
	static const char *const en[] = { "SHA-256", "SCOPE", "BYTES", "TYPE", "HERE", "AT HUB" };
	const struct screen *s = &call->screen;
	struct screen_table *t = screen_table_new(s, s->english ? en : id, 6);
	__attribute__((cleanup(screen_table_free))) struct screen_table *owned = t;
	struct db *db = &call->node->db;
	AUTO_BLOB_REFS refs = { 0 };
	AUTO_JSON array = json_array();
	struct listing listing = { call, store, db, t, array, missing };
	struct blob_tally tally;

	if (!blob_refs_load(&refs, db, e) ||
	    !blob_refs_tally(&refs, db, store, call->node->party.origin, &tally, e) ||
	    !blob_refs_each(&refs, db, list_one, &listing, e))
		return false;
	if (s->json) {
		screen_json(s, array);
		return true;
	}
	screen_table_print(&owned);
	screen_print(s, SCREEN_FAINT, screen_say(s, "lampiran %llu dari %llu ada di sini\n",
						 "%llu of %llu attachments are here\n"),
		     (unsigned long long)tally.here, (unsigned long long)tally.files);
	return true;
}

static bool read_into(int fd, const char *path, struct blob_writer *w, struct err *e)
{
	AUTO_MEMORY uint8_t *block = memory_new(BLOB_BLOCK_BYTES);

	for (;;) {
		ssize_t n = read(fd, block, BLOB_BLOCK_BYTES);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, ERR_STORAGE, "%s: %s", path, strerror(errno));
		if (n == 0)
			return true;
		if (!blob_writer_append(w, block, (size_t)n, e))
			return false;
	}
}

static bool add(struct command_call *call, struct blob_store *store, const char *path, struct err *e)
{
	AUTO_BLOB_WRITER w = { .fd = -1 };
	AUTO_BLOB_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	char hex[HEX_SIZE(sizeof(struct hash))];
	struct hash hash;
	uint64_t size;

	if (fd < 0)
		return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_READ_ONLY, "%s: %s", path,
			       strerror(errno));
	if (!blob_writer_begin(store, &w, e))
		return false;
	if (!read_into(fd, path, &w, e) || !blob_writer_finish(&w, &hash, &size, e)) {
		blob_writer_abandon(&w);
		return false;
	}
	hex_encode(hash.bytes, sizeof(hash.bytes), hex);
	if (call->screen.json) {
		AUTO_JSON json = json_pack("{s:s,s:I}", "sha256", hex, "byte_size", (json_int_t)size);

		screen_json(&call->screen, json);
	} else {
		screen_print(&call->screen, SCREEN_PLAIN, "%s %" PRIu64 "\n", hex, size);
	}
	return true;
}

/* A new file, complete or not there. */
static bool get(struct blob_store *store, const char *name, const char *path, struct err *e)
{
	AUTO_BLOB_READER reader = { .fd = -1 };
	AUTO_MEMORY uint8_t *block = memory_new(BLOB_BLOCK_BYTES);
	AUTO_BLOB_FD fd = -1;
	struct hash hash, whole;
	bool ok = true;

	if (!hex_decode(name, strlen(name), hash.bytes, sizeof(hash.bytes)))
		return err_set(e, ERR_USAGE, "\"%s\" is not a SHA-256", name);
	if (!blob_reader_open(store, &hash, &reader, e) || !blob_reader_hash(&reader, NULL, &whole, e))
		return false;
	if (!hash_equal(&hash, &whole))
		return err_set(e, ERR_CORRUPT, "the file here is damaged: its SHA-256 is another");
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set(e, errno == EEXIST ? ERR_EXISTS : errno == ENOENT ? ERR_NOT_FOUND :
				  ERR_READ_ONLY, "%s: %s", path, strerror(errno));
	for (uint64_t at = 0; at < reader.size && ok; at += BLOB_BLOCK_BYTES) {
		uint64_t left = reader.size - at;
		size_t len = left < BLOB_BLOCK_BYTES ? (size_t)left : BLOB_BLOCK_BYTES;

		ok = blob_reader_read(&reader, at, block, len, e) && blob_write_all(fd, block, len, at, e);
	}
	if (ok && fsync(fd) != 0)
		ok = blob_failed(e, "sync", path);
	if (!ok)
		unlink(path);
	return ok;
}

bool command_files(struct command_call *call, struct err *e)
{
	AUTO_BLOB_STORE store = { .directory = -1 };
	struct options *o = &call->options;
	const char *verb;
	bool missing = false, adds;

	if (!options_flag(o, "--missing", &missing, e) || !options_rest(o, 1, 4, e))
		return false;
	verb = o->words > 1 ? o->word[1] : NULL;
	adds = verb != NULL && strcmp(verb, "add") == 0 && o->words == 3;
	if (verb != NULL && !adds && (strcmp(verb, "get") != 0 || o->words != 4))
		return err_set(e, ERR_USAGE, "simpul files FILE, FILE add PATH or FILE get SHA256 OUT");
	if (!blob_open(&store, call->node->path, adds, call->world, e))
		return false;
	if (verb == NULL)
		return list(call, &store, missing, e);
	return adds ? add(call, &store, o->word[2], e) : get(&store, o->word[2], o->word[3], e);
}
