/*
 * version.c - finding a row's version by an integer, and the packed key that makes sure.
 *
 * k is the INTEGER PRIMARY KEY where the table has one and belongs to one scope; key is NULL then.  Else
 * k is a 64-bit hash of the packed key, keyed with a secret of this file so that nobody can choose keys
 * that collide.  Two keys with one hash: the second takes the next free k.  As version rows are never
 * removed, a search may stop at the first free k.  A UUIDv7 keeps the upper bits of its time in k, so
 * rows made about the same time lie together.
 *
 * An integer key beats a key column of text: the rows are half as large and are found without comparing
 * text, which is most of the cost of a merge.
 *
 * Where the scope is a column beside the key, the scope is packed before the key but not hashed: all
 * lives of one key, in whatever scope, are found from the same k.
 *
 * Packed value: a tag byte, then
 *	0 NULL  -
 *	1 INT   n bytes, n in the tag's upper half: big-endian two's complement, shortest
 *	2 REAL  8 bytes
 *	3 TEXT  varint length, bytes
 *	4 BLOB  varint length, bytes
 *	5 TEXT that is a lower-case UUID: its 16 bytes
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "store/tables.h"
#include "store/version.h"

#define TAG_UUID 5
#define SALT_HEX 33

/* SipHash-2-4 (Aumasson and Bernstein, 2012). */
static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static uint64_t load64(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

static uint64_t sip_hash(const uint8_t key[16], const uint8_t *p, size_t len)
{
	uint64_t k0 = load64(key), k1 = load64(key + 8), tail = (uint64_t)len << 56;
	uint64_t v[4] = { k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
			  k1 ^ 0x7465646279746573 };
	size_t i = 0;

	for (; i + 8 <= len; i += 8) {
		uint64_t m = load64(p + i);

		v[3] ^= m;
		sip_round(v);
		sip_round(v);
		v[0] ^= m;
	}
	for (size_t k = 0; i + k < len; k++)
		tail |= (uint64_t)p[i + k] << (8 * k);
	v[3] ^= tail;
	sip_round(v);
	sip_round(v);
	v[0] ^= tail;
	v[2] ^= 0xff;
	for (int round = 0; round < 4; round++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static void uuid_print(const uint8_t bytes[16], char text[37])
{
	static const char digits[] = "0123456789abcdef";
	size_t at = 0;

	for (size_t i = 0; i < 16; i++) {
		if (at == 8 || at == 13 || at == 18 || at == 23)
			text[at++] = '-';
		text[at++] = digits[bytes[i] >> 4];
		text[at++] = digits[bytes[i] & 15];
	}
	text[at] = '\0';
}

static void pack_int(struct buf *out, int64_t v)
{
	uint8_t bytes[9];
	int n = 8;

	while (n > 0 && (n == 1 ? v == 0 : v >> (8 * (n - 1) - 1) == (v < 0 ? -1 : 0)))
		n--;
	bytes[0] = (uint8_t)(VALUE_INT | n << 4);
	for (int i = 0; i < n; i++)
		bytes[1 + i] = (uint8_t)((uint64_t)v >> 8 * (n - 1 - i));
	buf_put(out, bytes, (size_t)n + 1);
}

static void pack_bytes(struct buf *out, const struct value *v)
{
	uint8_t head[20] = { TAG_UUID };
	size_t n = 1;

	if (v->type == VALUE_TEXT && uuid_parse(v->bytes, v->len, head + 1)) {
		buf_put(out, head, 17);
		return;
	}
	head[0] = (uint8_t)v->type;
	for (uint32_t left = v->len; n == 1 || left > 0; left >>= 7)
		head[n++] = (uint8_t)((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
	buf_put(out, head, n);
	buf_put(out, v->bytes, v->len);
}

void version_pack(const struct value *values, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct value *v = &values[i];
		uint8_t tag = (uint8_t)v->type, bits[8];

		switch (v->type) {
		case VALUE_NULL:
			buf_put(out, &tag, 1);
			break;
		case VALUE_INT:
			pack_int(out, v->integer);
			break;
		case VALUE_REAL:
			memcpy(bits, &v->real, 8);
			buf_put(out, &tag, 1);
			buf_put(out, bits, 8);
			break;
		case VALUE_TEXT:
		case VALUE_BLOB:
			pack_bytes(out, v);
			break;
		}
	}
}

static bool unpack_length(const uint8_t **p, const uint8_t *end, uint32_t *ret)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 35 && *p < end; shift += 7) {
		uint8_t byte = *(*p)++;

		v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*ret = (uint32_t)v;
			return v <= (uint64_t)(end - *p);
		}
	}
	return false;
}

/* The value at *p, which it moves on; false on damage. */
static bool unpack_value(const uint8_t **p, const uint8_t *end, struct value *v, char uuid[37])
{
	uint8_t tag = *(*p)++;
	size_t left = (size_t)(end - *p), n = tag >> 4;

	*v = (struct value){ .type = tag & 15 };
	switch (tag & 15) {
	case VALUE_NULL:
		return true;
	case VALUE_INT:
		if (n > 8 || left < n)
			return false;
		v->integer = n > 0 && (*p)[0] >= 0x80 ? -1 : 0;
		for (size_t i = 0; i < n; i++)
			v->integer = (int64_t)((uint64_t)v->integer << 8 | *(*p)++);
		return true;
	case VALUE_REAL:
		if (left < 8)
			return false;
		memcpy(&v->real, *p, 8);
		*p += 8;
		return true;
	case TAG_UUID:
		if (left < 16)
			return false;
		uuid_print(*p, uuid);
		*p += 16;
		*v = (struct value){ .type = VALUE_TEXT, .len = 36, .bytes = (uint8_t *)uuid };
		return true;
	case VALUE_TEXT:
	case VALUE_BLOB:
		if (!unpack_length(p, end, &v->len))
			return false;
		v->bytes = *p;
		*p += v->len;
		return true;
	default:
		return false;
	}
}

bool version_unpack(const uint8_t *bytes, size_t len, struct value *ret, size_t cap, char (*uuid)[37],
		    size_t *ret_n)
{
	const uint8_t *p = bytes, *end = bytes + len;
	size_t n = 0;

	while (p < end) {
		if (n == cap || !unpack_value(&p, end, &ret[n], uuid[n]))
			return false;
		n++;
	}
	*ret_n = n;
	return true;
}

static void table_name(int no, char out[40])
{
	snprintf(out, 40, "simpul_version_%d", no);
}

static bool salt_make(struct db *db, const struct world *world, struct err *e)
{
	char hex[SALT_HEX];
	uint8_t salt[16];

	if (!meta_get_text(db, "salt", hex, sizeof(hex), e))
		return false;
	if (hex[0] != '\0')
		return true;
	world_random(world, salt, sizeof(salt));
	hex_encode(salt, sizeof(salt), hex);
	return meta_put_text(db, "salt", hex, e);
}

bool version_table_create(struct db *db, int no, const struct world *world, struct err *e)
{
	char name[40], sql[160];

	table_name(no, name);
	snprintf(sql, sizeof(sql), "CREATE TABLE %s(k INTEGER PRIMARY KEY, key BLOB, v BLOB NOT NULL)",
		 name);
	return salt_make(db, world, e) && db_exec(db, sql, e);
}

bool version_table_drop(struct db *db, int no, struct err *e)
{
	char name[40], sql[160];

	table_name(no, name);
	snprintf(sql, sizeof(sql), "DROP TABLE IF EXISTS %s", name);
	db_forget_statements(db);
	return db_exec(db, sql, e);
}

void version_shape_of(const struct catalog_table *table, struct version_shape *ret)
{
	*ret = (struct version_shape){ .no = table->no,
				       .keys = (uint16_t)(table->keys + table->scope_in_key),
				       .integer_key = table->integer_key };
	if (table->scope_in_key) {
		ret->by = VERSION_SCOPE_KEY;
		return;
	}
	if (table->scope_column == NULL) {
		snprintf(ret->scope.name, sizeof(ret->scope.name), "%s", table->scope);
		return;
	}
	ret->by = VERSION_SCOPE_COLUMN;
	for (int i = 0; i < table->keys; i++)
		if (table->key[i] == table->scope_at) {
			ret->by = VERSION_SCOPE_KEY;
			ret->scope_key = (uint16_t)i;
		}
}

/* What passes through the SQL function: the edit in hand, and what became of it. */
struct edit_call {
	struct version_table *t;
	struct version_edit *edit;
	const struct version_key *key;
	bool other_key; /* another row sits at this k */
	bool damaged;
};

static void entries_reserve(struct version_table *t, size_t n)
{
	if (n <= t->cap)
		return;
	t->cap = n + 8;
	t->entry = memory_resize(t->entry, t->cap * sizeof(*t->entry));
}

/* Applies the edit to a packed version; the new one is in t->blob. */
static bool edit_packed(struct version_table *t, const uint8_t *v, size_t len, struct version_edit *edit)
{
	size_t n = 0;

	entries_reserve(t, merge_count_max(len) + MERGE_ADDS);
	if (len > 0 && !merge_decode(v, len, t->entry, &n))
		return false;
	merge_apply(t->entry, n, edit->change, edit->context, &edit->result);
	buf_reset(&t->blob);
	t->blob.len = merge_encode(t->entry, edit->result.n,
				   buf_reserve(&t->blob, merge_size_max(edit->result.n) + 1));
	return true;
}

/* simpul_version_edit(pointer, key, v): the new v. */
static void edit_function(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	struct edit_call *call = sqlite3_value_pointer(argv[0], "version");
	const uint8_t *key = sqlite3_value_blob(argv[1]), *v = sqlite3_value_blob(argv[2]);
	size_t key_len = (size_t)sqlite3_value_bytes(argv[1]), len = (size_t)sqlite3_value_bytes(argv[2]);

	(void)argc;
	if (call == NULL) {
		sqlite3_result_error(context, "not for use in SQL", -1);
		return;
	}
	call->other_key = key_len != call->key->len ||
			  (key_len > 0 && memcmp(key, call->key->packed, key_len) != 0);
	if (call->other_key) {
		sqlite3_result_value(context, argv[2]);
		return;
	}
	call->damaged = !edit_packed(call->t, v, len, call->edit);
	if (call->damaged)
		sqlite3_result_error(context, "a version row is damaged", -1);
	else
		sqlite3_result_blob64(context, call->t->blob.data, call->t->blob.len, SQLITE_STATIC);
}

static bool function_register(struct db *db, struct err *e)
{
	AUTO_STMT s = { 0 };

	if (db_prepare(db, "SELECT simpul_version_edit(NULL, NULL, NULL)", &s, e))
		return true; /* this connection has it already */
	if (sqlite3_create_function_v2(db->handle, "simpul_version_edit", 3,
				       SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL, edit_function, NULL, NULL,
				       NULL) != SQLITE_OK)
		return db_error(db, e, "register version function");
	return true;
}

static bool salt_read(struct version_table *t, struct err *e)
{
	char hex[SALT_HEX];

	if (!meta_get_text(t->db, "salt", hex, sizeof(hex), e))
		return false;
	if (!hex_decode(hex, strlen(hex), t->salt, sizeof(t->salt)))
		return err_set(e, ERR_CORRUPT, "the file has no salt for its version tables");
	return true;
}

static bool prepare_seal(struct version_table *t, const char *name, struct err *e)
{
	char sql[160];

	snprintf(sql, sizeof(sql), "INSERT INTO %s(k, key, v) VALUES(?1, ?2, ?3)", name);
	if (!db_prepare(t->db, sql, &t->insert, e))
		return false;
	snprintf(sql, sizeof(sql), "UPDATE %s SET v = ?2 WHERE k = ?1", name);
	return db_prepare(t->db, sql, &t->update, e);
}

bool version_open(struct version_table *t, struct db *db, const struct version_shape *shape,
		  struct err *e)
{
	char name[40], sql[256];

	assert(shape->keys > 0 && shape->keys <= VERSION_KEYS_MAX);
	*t = (struct version_table){ .db = db, .shape = *shape };
	table_name(shape->no, name);
	if (!salt_read(t, e) || !function_register(db, e))
		return false;
	snprintf(sql, sizeof(sql), "SELECT key, v FROM %s WHERE k = ?1", name);
	if (!db_prepare(db, sql, &t->find, e))
		return false;
	snprintf(sql, sizeof(sql),
		 "INSERT INTO %s(k, key, v) VALUES(?1, ?2, ?3)"
		 " ON CONFLICT(k) DO UPDATE SET v = simpul_version_edit(?4, key, v)",
		 name);
	if (db_prepare(db, sql, &t->put, e) && prepare_seal(t, name, e))
		return true;
	version_close(t);
	return false;
}

void version_close(struct version_table *t)
{
	stmt_close(&t->find);
	stmt_close(&t->put);
	stmt_close(&t->insert);
	stmt_close(&t->update);
	memory_free(&t->entry);
	buf_done(&t->packed);
	buf_done(&t->blob);
	*t = (struct version_table){ 0 };
}

static int64_t key_hash(const struct version_table *t, const uint8_t *packed, size_t len)
{
	uint64_t hash = sip_hash(t->salt, packed, len);
	uint64_t upper = 0;

	/* One UUIDv7: 32 bits of its 48-bit ms (steps of 65 s) before 32 bits of hash. */
	if (len < 17 || packed[len - 17] != TAG_UUID || packed[len - 10] >> 4 != 7 || t->shape.keys > 2)
		return (int64_t)hash;
	for (size_t i = 0; i < 4; i++)
		upper = upper << 8 | packed[len - 16 + i];
	return (int64_t)(upper << 32 | hash >> 32);
}

void version_key_make(const struct version_table *t, const struct value *key,
		      const struct scope *scope, struct buf *out, struct version_key *ret)
{
	size_t from = out->len, hashed = from;

	if (t->shape.by == VERSION_SCOPE_FIXED && t->shape.integer_key && key->type == VALUE_INT) {
		*ret = (struct version_key){ .k = key->integer };
		return;
	}
	if (t->shape.by == VERSION_SCOPE_COLUMN) {
		const struct value v = { .type = VALUE_TEXT, .len = (uint32_t)strlen(scope->name),
					 .bytes = (const uint8_t *)scope->name };

		version_pack(&v, 1, out);
		hashed = out->len;
	}
	version_pack(key, t->shape.keys, out);
	*ret = (struct version_key){ .packed = out->data + from, .len = out->len - from };
	ret->k = key_hash(t, out->data + hashed, out->len - hashed);
}

/* The following k; after the greatest integer comes the least. */
static int64_t next_k(int64_t k, bool move)
{
	return (int64_t)((uint64_t)k + move);
}

static void put_bind(struct version_table *t, const struct version_key *key, struct edit_call *call)
{
	stmt_int(&t->put, 1, key->k);
	if (key->packed == NULL)
		stmt_null(&t->put, 2);
	else
		stmt_blob(&t->put, 2, key->packed, key->len);
	stmt_blob(&t->put, 3, t->blob.data, t->blob.len);
	sqlite3_bind_pointer(t->put.handle, 4, call, "version", NULL);
}

bool version_edit(struct version_table *t, struct version_key *key, struct version_edit *edit,
		  struct err *e)
{
	struct edit_call call = { .t = t, .edit = edit, .key = key };

	do {
		uint8_t fresh[256];
		size_t len;

		if (!edit_packed(t, NULL, 0, edit))
			return err_set(e, ERR_INTERNAL, "an empty version row is damaged");
		len = t->blob.len; /* the function reuses blob while SQLite still reads ?3 */
		assert(len <= sizeof(fresh));
		memcpy(fresh, t->blob.data, len);
		call.other_key = false;
		put_bind(t, key, &call);
		stmt_blob(&t->put, 3, fresh, len);
		if (!stmt_done(&t->put, e))
			return call.damaged ? err_set(e, ERR_CORRUPT, "version row %lld is damaged",
						      (long long)key->k) :
					      false;
		key->k = next_k(key->k, call.other_key);
	} while (call.other_key);
	return true;
}

/* Moves key->k on to the row that has this key, or to the first free place. */
static bool place_find(struct version_table *t, struct version_key *key, struct err *e)
{
	for (;; key->k = next_k(key->k, true)) {
		const uint8_t *packed;
		size_t len;
		bool row, same;

		stmt_reset(&t->find);
		stmt_int(&t->find, 1, key->k);
		if (!stmt_row(&t->find, &row, e))
			return false;
		packed = row ? stmt_get_blob(&t->find, 0, &len) : NULL;
		same = !row || key->packed == NULL ||
		       (len == key->len && memcmp(packed, key->packed, len) == 0);
		stmt_reset(&t->find);
		if (same)
			return true;
	}
}

bool version_put(struct version_table *t, struct version_key *key, const struct merge_entry *entry,
		 size_t n, struct err *e)
{
	AUTO_RESET s = { 0 };
	char name[40], sql[160];

	table_name(t->shape.no, name);
	snprintf(sql, sizeof(sql), "INSERT INTO %s(k, key, v) VALUES(?1, ?2, ?3)"
				   " ON CONFLICT(k) DO UPDATE SET v = ?3", name);
	if (!place_find(t, key, e) || !db_statement(t->db, sql, &s, e))
		return false;
	buf_reset(&t->blob);
	t->blob.len = merge_encode(entry, n, buf_reserve(&t->blob, merge_size_max(n) + 1));
	stmt_int(&s, 1, key->k);
	if (key->packed == NULL)
		stmt_null(&s, 2);
	else
		stmt_blob(&s, 2, key->packed, key->len);
	stmt_blob(&s, 3, t->blob.data, t->blob.len);
	return stmt_done(&s, e);
}

/* Is this packed key that of the row?  With the scope before it, only behind the scope. */
static bool key_matches(const struct version_table *t, const struct version_key *key,
			const uint8_t *packed, size_t len, bool any_scope)
{
	size_t scope = 0;

	if (key->packed == NULL)
		return true;
	if (any_scope && t->shape.by == VERSION_SCOPE_COLUMN) {
		/* "key" is the bare key here; what is stored has TEXT scope before it. */
		if (len < 2)
			return false;
		scope = 2 + (size_t)packed[1]; /* a scope is shorter than 128 bytes */
	}
	return len >= scope && len - scope == key->len &&
	       (key->len == 0 || memcmp(packed + scope, key->packed, key->len) == 0);
}

static void scope_take(struct scope *ret, const uint8_t *bytes, size_t len)
{
	if (len > LIMIT_SCOPE_BYTES)
		len = 0;
	memcpy(ret->name, bytes, len);
	ret->name[len] = '\0';
}

/* The scope, where table or key tell it; false where only the version row does. */
static bool scope_told(const struct version_table *t, const struct value *key, struct scope *ret)
{
	if (t->shape.by == VERSION_SCOPE_COLUMN)
		return false;
	key += t->shape.scope_key;
	if (t->shape.by == VERSION_SCOPE_FIXED)
		*ret = t->shape.scope;
	else if (key->type == VALUE_TEXT)
		scope_take(ret, key->bytes, key->len);
	return true;
}

/* Fills *ret from the row under the find statement. */
static bool version_load(struct version_table *t, const struct value *key, int64_t k,
			 struct version *ret, struct err *e)
{
	size_t len, n = 0;
	const uint8_t *packed = stmt_get_blob(&t->find, 0, &len);

	*ret = (struct version){ .k = k };
	if (!scope_told(t, key, &ret->scope) && len > 2)
		scope_take(&ret->scope, packed + 2, packed[1]);
	packed = stmt_get_blob(&t->find, 1, &len);
	entries_reserve(t, merge_count_max(len) + MERGE_ADDS);
	if (len > 0 && !merge_decode(packed, len, t->entry, &n))
		return err_set(e, ERR_CORRUPT, "version row %lld is damaged", (long long)k);
	ret->entry = t->entry;
	ret->n = n;
	ret->state = merge_alive(t->entry, n) ? VERSION_ALIVE : VERSION_DEAD;
	return true;
}

/* No version yet; k is free. */
static void found_none(struct version_table *t, const struct value *key, const struct scope *scope,
		       int64_t k, struct version *ret)
{
	*ret = (struct version){ .state = VERSION_NONE, .k = k };
	entries_reserve(t, MERGE_ADDS);
	ret->entry = t->entry;
	if (!scope_told(t, key, &ret->scope) && scope != NULL)
		ret->scope = *scope;
}

bool version_find(struct version_table *t, const struct value *key, const struct scope *scope,
		  struct version *ret, struct err *e)
{
	bool any = scope == NULL && t->shape.by == VERSION_SCOPE_COLUMN;
	struct version found = { .state = VERSION_NONE };
	struct version_key at;
	bool row = true;

	buf_reset(&t->packed);
	if (any) {
		version_pack(key, t->shape.keys, &t->packed);
		at = (struct version_key){ .packed = t->packed.data, .len = t->packed.len };
		at.k = key_hash(t, at.packed, at.len);
	} else {
		version_key_make(t, key, scope, &t->packed, &at);
	}
	for (;; at.k = next_k(at.k, true)) {
		const uint8_t *packed;
		size_t len;

		stmt_reset(&t->find);
		stmt_int(&t->find, 1, at.k);
		if (!stmt_row(&t->find, &row, e))
			return false;
		if (!row)
			break;
		packed = stmt_get_blob(&t->find, 0, &len);
		if (!key_matches(t, &at, packed, len, any))
			continue;
		if (!version_load(t, key, at.k, &found, e)) {
			stmt_reset(&t->find);
			return false;
		}
		if (!any || found.state == VERSION_ALIVE)
			break;
	}
	stmt_reset(&t->find);
	if (found.state == VERSION_NONE)
		found_none(t, key, scope, at.k, &found);
	t->at = at;
	*ret = found;
	return true;
}

bool version_at(struct version_table *t, int64_t k, struct version_row *ret, struct err *e)
{
	struct value values[VERSION_KEYS_MAX + 1] = { { .type = VALUE_INT, .integer = k } };
	size_t before = t->shape.by == VERSION_SCOPE_COLUMN, len, n = 1;
	const void *packed;
	bool row;

	stmt_reset(&t->find);
	stmt_int(&t->find, 1, k);
	if (!stmt_row(&t->find, &row, e))
		return false;
	if (!row)
		return err_set(e, ERR_CORRUPT, "there is no version row %lld", (long long)k);
	packed = stmt_get_blob(&t->find, 0, &len);
	buf_reset(&t->packed);
	buf_put(&t->packed, packed, len);
	if (len > 0 && !version_unpack(t->packed.data, len, values, VERSION_KEYS_MAX + 1, ret->uuid, &n))
		n = 0;
	if (n != t->shape.keys + before || (before && values[0].type != VALUE_TEXT))
		return err_set(e, ERR_CORRUPT, "version row %lld has a damaged key", (long long)k);
	memcpy(ret->key, values + before, t->shape.keys * sizeof(*values));
	if (!version_load(t, ret->key, k, &ret->version, e))
		return false;
	stmt_reset(&t->find);
	return true;
}

bool version_seal(struct version_table *t, const struct version *at, const struct merge_change *change,
		  struct merge_result *ret, struct err *e)
{
	static const struct merge_context everything = { 0 };
	bool fresh = at->state == VERSION_NONE;
	struct stmt *s = fresh ? &t->insert : &t->update;
	struct merge_result result;

	/* Else what is in t->entry, or the key in t->at, is another row's. */
	assert(at->entry == t->entry && (!fresh || at->k == t->at.k));
	merge_apply(t->entry, at->n, change, &everything, &result);
	buf_reset(&t->blob);
	t->blob.len = merge_encode(t->entry, result.n,
				   buf_reserve(&t->blob, merge_size_max(result.n) + 1));
	stmt_int(s, 1, at->k);
	if (!fresh)
		stmt_blob(s, 2, t->blob.data, t->blob.len);
	else if (t->at.packed == NULL)
		stmt_null(s, 2);
	else
		stmt_blob(s, 2, t->at.packed, t->at.len);
	if (fresh)
		stmt_blob(s, 3, t->blob.data, t->blob.len);
	if (!stmt_done(s, e))
		return false;
	*ret = result;
	return true;
}
